/* SPDX-License-Identifier: MIT */
/* One task with a root file system: see fs_world.c. */
#ifndef FS_WORLD_H
#define FS_WORLD_H

#include <lib/types.h>
#include "check.h"

/* vfs_init, rootfs mounted, descriptor table; allocations here do not fail */
void world_make(void);
/* caches given back, so that what is left is what leaks */
void world_settle(void);
/* the call of this number, as the system call entry makes it */
long call6(u32 nr, long a, long b, long c, long d, long e, long f);
#define call(nr, ...) call_(nr, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define call_(nr, a, b, c, d, e, f, ...) call6(nr, (long)(a), (long)(b), \
	(long)(c), (long)(d), (long)(e), (long)(f))
/* the string as user memory, until the next that goes to this place 0..3 */
char __user *ustr(unsigned int place, const char *s);

#define NR_read 0
#define NR_write 1
#define NR_open 2
#define NR_close 3
#define NR_stat 4
#define NR_fstat 5
#define NR_lstat 6
#define NR_lseek 8
#define NR_pread64 17
#define NR_pwrite64 18
#define NR_access 21
#define NR_dup 32
#define NR_fcntl 72
#define NR_truncate 76
#define NR_ftruncate 77
#define NR_getcwd 79
#define NR_chdir 80
#define NR_rename 82
#define NR_mkdir 83
#define NR_rmdir 84
#define NR_link 86
#define NR_unlink 87
#define NR_symlink 88
#define NR_readlink 89
#define NR_chmod 90
#define NR_umask 95
#define NR_mknod 133
#define NR_getdents64 217
#define NR_openat 257
#define NR_unlinkat 263
#define NR_linkat 265
#define NR_fallocate 285
#define NR_renameat2 316
#define NR_openat2 437

#endif
