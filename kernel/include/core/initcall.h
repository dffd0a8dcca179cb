/* SPDX-License-Identifier: MIT */
/*
 * Places in the boot for rooms that only register themselves: INITCALL(level,
 * fn), last line of the file. Levels run in order, in T, by process 1, after
 * the root file system is mounted and before the initramfs is unpacked; inside
 * a level there is no order.
 */
#ifndef CORE_INITCALL_H
#define CORE_INITCALL_H

#include <lib/set.h>

enum {
	INIT_CORE,	/* registries, listeners: dev, devtmpfs, tty core */
	INIT_FS,	/* file systems that must know the others */
	INIT_BUS,	/* bus enumeration */
	INIT_DEVICE,	/* drivers */
	INIT_LATE,	/* what needs devices */
	INIT_LEVELS
};

struct initcall {
	const char *name;
	int level;
	void (*fn)(void);
};

#define INITCALL(lv, func) \
	static const struct initcall CONCAT(initcall_, func) = \
		{ .name = #func, .level = (lv), .fn = (func) }; \
	SET_ADD(initcall, CONCAT(initcall_, func))

#endif
