/* SPDX-License-Identifier: MIT */
/*
 * What a unit test may use of the harness. A test is `void test_NAME(void)`
 * in tests/unit/SUBJECT_*.c; a fuzz entry `int fuzz_NAME(data, len)`. Both are
 * found by name: the definition stands at the start of its line.
 *
 * A test that allocates runs again and again with one allocation failing. In
 * those runs CHECK() only tells, so a test goes on after a failed operation as
 * its caller in the kernel would, and cleans up: what is left allocated, or a
 * lock left held, fails it.
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <lib/types.h>

/* Counts; prints what, file and line when ok is false. Returns ok. */
bool unit_check(bool ok, const char *what, const char *file, int line);
/* the same in runs with injected failures too */
bool unit_always(bool ok, const char *what, const char *file, int line);

#define CHECK(e)	unit_check(!!(e), #e, __FILE__, __LINE__)
#define ALWAYS(e)	unit_always(!!(e), #e, __FILE__, __LINE__)
/* for what the rest of a test cannot do without: returns */
#define REQUIRE(e)	do { if (!CHECK(e)) return; } while (0)

/* is something made to fail in this run? */
bool unit_injecting(void);
/* this test leaves allocations behind (caches that stay warm) */
void unit_may_leak(void);
/*
 * What comes before the thing under test: between quiet(true) and quiet(false)
 * no failure is injected, nor into user memory made then, and what is allocated
 * may stay.
 */
void unit_quiet(bool on);
/* nothing to test here: reason is printed */
void unit_skip(const char *reason);

/*
 * A block of user memory, zeroed; the byte behind it is out of reach, and in
 * runs with injected failures some byte inside. user_fill and user_peek are
 * the test's own accesses, which see only what is within reach.
 */
void __user *user_alloc(size_t len);
void user_fill(void __user *to, const void *from, size_t len);
size_t user_peek(void *to, const void __user *from, size_t len);
/* len bytes of user addresses with nothing there */
void __user *user_hole(size_t len);

/* Reproducible random numbers; the seed is the test's name. */
u64 unit_random(void);
static inline u64
unit_below(u64 n)
{
	return unit_random() % n;
}

#endif
