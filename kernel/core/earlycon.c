/* SPDX-License-Identifier: MIT */
/*
 * A console before there are drivers: the first serial port, polled. Used
 * when the command line names a serial console (console=ttyS0) or says
 * earlycon; the serial driver's own console replaces it.
 */
#include <arch/io.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <core/log.h>

#define COM1	0x3f8
#define LSR	5
#define LSR_THRE 0x20

static bool wanted;

static int
earlycon_param(const char *v)
{
	(void)v;
	wanted = true;
	return 0;
}
KPARAM("earlycon", earlycon_param);

static void
putc_polled(char c)
{
	/* bounded: a port that never gets ready must not stop the boot */
	for (int i = 0; i < 20000 && !(inb(COM1 + LSR) & LSR_THRE); i++)
		;
	outb(c, COM1);
}

static void
early_write(struct console *c, const char *s, size_t n)
{
	(void)c;
	while (n--) {
		if (*s == '\n')
			putc_polled('\r');
		putc_polled(*s++);
	}
}

static struct console early = {
	.name = "early", .write = early_write, .flags = CON_BOOT,
};

void
log_init(void)
{
	const char *opt;

	if (!wanted && (!console_wanted_given() ||
			console_wanted("ttyS", 0, &opt) < 0))
		return;
	/* a port that is not there reads all ones */
	if (inb(COM1 + LSR) == 0xff)
		return;
	outb(0x00, COM1 + 1);	/* no interrupts */
	outb(0x80, COM1 + 3);	/* divisor latch: 115200 baud */
	outb(0x01, COM1);
	outb(0x00, COM1 + 1);
	outb(0x03, COM1 + 3);	/* 8n1 */
	outb(0x07, COM1 + 2);	/* FIFO on, cleared */
	outb(0x03, COM1 + 4);	/* DTR, RTS */
	console_register(&early);
}
