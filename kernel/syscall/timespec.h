/* SPDX-License-Identifier: MIT */
/* struct timespec of system calls and nanoseconds. */
#ifndef SYSCALL_TIMESPEC_H
#define SYSCALL_TIMESPEC_H

#include <abi/time.h>
#include <core/time.h>

static inline struct abi_timespec
ts_from_ns(nsec_t ns)
{
	return (struct abi_timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
}

static inline bool
ts_valid(const struct abi_timespec *t)
{
	return t->tv_sec >= 0 && (u64)t->tv_nsec < NSEC_PER_SEC;
}

/* Saturates at NSEC_MAX: some 292 years. */
static inline nsec_t
ts_to_ns(const struct abi_timespec *t)
{
	if (t->tv_sec >= (s64)(NSEC_MAX / NSEC_PER_SEC))
		return NSEC_MAX;
	return t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

static inline bool
itimerspec_valid(const struct abi_itimerspec *t)
{
	return ts_valid(&t->it_value) && ts_valid(&t->it_interval);
}

#endif
