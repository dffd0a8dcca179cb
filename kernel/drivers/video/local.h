/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_LOCAL_H
#define VIDEO_LOCAL_H

#include <boot/bootinfo.h>
#include <lib/types.h>

/* 0 when the screen can be used; it is registered then. */
int vgacon_init(const struct boot_screen *s);
int fbcon_init(const struct boot_screen *s);

#endif
