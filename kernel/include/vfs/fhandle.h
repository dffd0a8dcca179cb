/* SPDX-License-Identifier: MIT */
/* File handles: the inner halves of the system calls. */
#ifndef VFS_FHANDLE_H
#define VFS_FHANDLE_H

#include <vfs/file.h>

/* the handle's type, or -errno; *words: room in, need out. T */
int handle_encode(const struct path *p, u32 *fh, u32 *words);
/* the file that a handle of at's file system names, opened. T */
int handle_open(const struct path *at, int type, const u32 *fh, u32 words,
		u32 oflags, struct file **out);

#endif
