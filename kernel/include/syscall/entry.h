/* SPDX-License-Identifier: MIT */
/*
 * For the files that define sys_* entry points: they are named only by
 * syscalls.tbl, so there is no header with their prototypes; that the numbers of
 * parameters agree is a point of tests/lint.
 */
#ifndef SYSCALL_ENTRY_H
#define SYSCALL_ENTRY_H

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#include <abi/errno.h>
#include <lib/types.h>
#include <mm/uaccess.h>

/*
 * copyin_struct_sized - a struct that grows between versions (clone3,
 * openat2): bytes beyond ours must be zero (-E2BIG), missing ones read as 0.
 */
static inline int
copyin_struct_sized(void *dst, size_t have, const void __user *src, size_t size)
{
	const u8 __user *p = src;
	u8 b;

	for (size_t i = have; i < size; i++) {
		if (get_user(b, p + i))
			return -EFAULT;
		if (b)
			return -E2BIG;
	}
	return copyin(dst, src, min(have, size));
}

#endif
