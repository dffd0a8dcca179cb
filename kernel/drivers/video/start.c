/* SPDX-License-Identifier: MIT */
/*
 * Terminals and consoles in the order they need: the tty core, ptys, the
 * screen with its virtual terminals, then serial lines. The log hears of the
 * serial consoles first: any real console ends its early one, which is serial.
 */
#include <drivers/serial.h>
#include <drivers/video.h>
#include <core/initcall.h>
#include <tty/tty.h>

static void
consoles_start(void)
{
	tty_init();
	pty_init();
	video_init();
	vt_init();
	serial_init();
	vt_register_consoles();
}
INITCALL(INIT_CORE, consoles_start);
