/* SPDX-License-Identifier: MIT */
/*
 * ASSERT is for broken invariants of ours, in every build; DEBUG_ASSERT for
 * checks too dear for release builds. Never on user, disk, network or device
 * input.
 */
#ifndef CORE_ASSERT_H
#define CORE_ASSERT_H

#include <lib/types.h>

void __noreturn assert_fail(const char *expr, const char *file, int line)
	__cold;
/* panic - print reason, registers, backtrace; stop all CPUs; reboot or halt. */
void __noreturn panic(const char *fmt, ...) __printf(1, 2) __cold;

#define ASSERT(e) \
	do { if (unlikely(!(e))) assert_fail(#e, __FILE__, __LINE__); } while (0)
#if CONFIG_DEBUG
#define DEBUG_ASSERT(e)	ASSERT(e)
#else
#define DEBUG_ASSERT(e)	do { (void)sizeof(e); } while (0)
#endif

#endif
