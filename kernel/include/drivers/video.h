/* SPDX-License-Identifier: MIT */
/* Screens: VGA text and linear framebuffers as the loader left them. */
#ifndef DRIVERS_VIDEO_H
#define DRIVERS_VIDEO_H

/*
 * video_init - choose the console driver from boot_info.screen and register
 * it; before vt_init(), after vmap works. Context: T or E, once.
 */
void video_init(void);

#endif
