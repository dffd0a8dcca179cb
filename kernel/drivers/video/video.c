/* SPDX-License-Identifier: MIT */
/* Which screen to use. */
#include <boot/bootinfo.h>
#include <core/log.h>
#include <drivers/video.h>
#include <lib/set.h>
#include "local.h"

LOG_MODULE_DEFINE(video);

void
video_init(void)
{
	const struct boot_screen *s = &boot_info.screen;

	switch (s->type) {
	case BOOT_FB_LINEAR:
#if CONFIG_FRAMEBUFFER
		if (fbcon_init(s))
			log_warn(video, "framebuffer %ux%u-%u cannot be used",
				 s->width, s->height, s->bpp);
#endif
		break;
	case BOOT_FB_TEXT:
		(void)vgacon_init(s);
		break;
	default:
		break;
	}
}
