/* SPDX-License-Identifier: MIT */
/* Rank checks of sleeping locks; nothing in release builds. */
#ifndef SCHED_LOCKRANK_H
#define SCHED_LOCKRANK_H

#include <lib/types.h>

#if CONFIG_DEBUG
void lock_check_acquire(const void *lock, u8 rank, bool nested,
			const void *site);
void lock_check_release(const void *lock);
#define lock_acquire(l, r, nested) \
	lock_check_acquire((l), (r), (nested), __builtin_return_address(0))
#define lock_release(l)	lock_check_release(l)
#else
#define lock_acquire(l, r, nested)	do { } while (0)
#define lock_release(l)			do { } while (0)
#endif

#endif
