/* SPDX-License-Identifier: MIT */
/* Limits that Linux user space relies on. */
#ifndef ABI_LIMITS_H
#define ABI_LIMITS_H

#define PATH_MAX	4096	/* bytes, NUL included */
#define NAME_MAX	255	/* bytes, NUL not included */
#define PIPE_BUF	4096
#define IOV_MAX		1024
#define NGROUPS_MAX	65536
#define MAX_RW_COUNT	0x7ffff000UL	/* most bytes of one read or write */
#define ARG_STRLEN_MAX	131072	/* execve(2): one string, NUL included */
#define HOST_NAME_MAX	64
#define SYMLINK_MAX_NEST 40

#endif
