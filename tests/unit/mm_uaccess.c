/* SPDX-License-Identifier: MIT */
/*
 * arch/x86_64/uaccess.S as it is, with real page faults: every length against
 * every place where memory ends, for both sides.
 */
#include <arch/layout.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include "check.h"

#define BLOCK 200
#define MAXLEN 100

void test_uaccess_copyin(void);
void test_uaccess_copyout(void);
void test_uaccess_clear(void);
void test_uaccess_strings(void);
void test_uaccess_scalars(void);
void test_uaccess_ranges(void);
void test_uaccess_fault_in(void);
void test_uaccess_cmpxchg(void);
void test_uaccess_large(void);

static u8 pattern[BLOCK], k[BLOCK + 32];

static u8 __user *
make_block(void)
{
	u8 __user *u = user_alloc(BLOCK);

	for (u32 i = 0; i < BLOCK; i++)
		pattern[i] = i * 7 + 3;
	user_fill(u, pattern, BLOCK);
	return u;
}

/* how many of n bytes at offset at of a whole block are there */
static size_t
there(u32 at, size_t n)
{
	return min(n, (size_t)(BLOCK - at));
}

void
test_uaccess_copyin(void)
{
	u8 __user *u = make_block();

	if (unit_injecting())
		return;			/* all places are tried below */
	for (u32 n = 0; n < MAXLEN; n++)
		for (u32 at = BLOCK - MAXLEN; at < BLOCK; at++) {
			size_t have = there(at, n), left;

			memset(k, 0xcc, sizeof(k));
			left = raw_copyin(k + at % 8, u + at, n);
			CHECK(left == n - have);
			CHECK(!memcmp(k + at % 8, pattern + at, have));
			CHECK(!memchr_inv(k + at % 8 + n, 0xcc, 16));
			CHECK(copyin(k, u + at, n) == (left ? -EFAULT : 0));
			CHECK(raw_copyin_nofault(k, u + at, n) == left);
		}
}

void
test_uaccess_copyout(void)
{
	u8 __user *u = make_block();
	u8 back[BLOCK];

	if (unit_injecting())
		return;
	for (u32 n = 0; n < MAXLEN; n++)
		for (u32 at = BLOCK - MAXLEN; at < BLOCK; at++) {
			size_t have = there(at, n), left, i;

			user_fill(u, pattern, BLOCK);
			for (i = 0; i < n; i++)
				k[i] = ~pattern[at] + i;
			left = raw_copyout(u + at, k, n);
			CHECK(left == n - have);
			CHECK(user_peek(back, u, BLOCK) == BLOCK);
			CHECK(!memcmp(back, pattern, at));
			CHECK(!memcmp(back + at, k, have));
			CHECK(!memcmp(back + at + have, pattern + at + have,
				      BLOCK - at - have));
		}
}

void
test_uaccess_clear(void)
{
	u8 __user *u = make_block();
	u8 back[BLOCK];

	if (unit_injecting())
		return;
	for (u32 n = 0; n < MAXLEN; n++)
		for (u32 at = BLOCK - MAXLEN; at < BLOCK; at++) {
			size_t have = there(at, n);

			user_fill(u, pattern, BLOCK);
			CHECK(clear_user(u + at, n) == n - have);
			user_peek(back, u, BLOCK);
			CHECK(!memchr_inv(back + at, 0, have));
			CHECK(!memcmp(back, pattern, at));
			CHECK(!memcmp(back + at + have, pattern + at + have,
				      BLOCK - at - have));
		}
}

void
test_uaccess_strings(void)
{
	char __user *u = user_alloc(BLOCK);
	char s[BLOCK], d[BLOCK];

	if (unit_injecting())
		return;
	for (u32 len = 0; len < 60; len++)
		for (u32 gap = 0; gap < 12; gap++)	/* bytes behind the NUL */
			for (u32 max = 1; max < 70; max += max < 20 ? 1 : 7) {
				u32 at = BLOCK - len - 1 - gap;
				ssize_t want = max > len ? (ssize_t)len + 1 :
					-ENAMETOOLONG;

				memset(s, 'x', BLOCK);
				memset(s, 0x81, at);
				s[at + len] = 0;
				user_fill(u, s, BLOCK);
				memset(d, 'q', sizeof(d));
				CHECK(copyinstr(d, u + at, max) == want);
				if (want > 0)
					CHECK(!strcmp(d, s + at));
				CHECK(d[max] == 'q');
				CHECK(strnlen_user(u + at, max) == want);
			}
	/* no NUL before memory ends */
	memset(s, 'x', BLOCK);
	user_fill(u, s, BLOCK);
	for (u32 left = 0; left < 40; left++) {
		char __user *p = u + BLOCK - left;

		CHECK(copyinstr(d, p, 100) == -EFAULT);
		CHECK(strnlen_user(p, 100) == -EFAULT);
		if (left)
			CHECK(copyinstr(d, p, left) == -ENAMETOOLONG);
	}
}

void
test_uaccess_scalars(void)
{
	u8 __user *u = make_block();
	u64 v8;
	u32 v4;
	u16 v2;
	u8 v1;
	s32 sv = -5;

	if (unit_injecting())
		return;
	for (u32 at = BLOCK - 16; at < BLOCK; at++) {
		bool ok8 = at + 8 <= BLOCK, ok4 = at + 4 <= BLOCK;
		bool ok2 = at + 2 <= BLOCK;

		CHECK(get_user(v1, u + at) == 0 && v1 == pattern[at]);
		v2 = 1, v4 = 1, v8 = 1;
		CHECK(get_user(v2, (u16 __user *)(u + at)) ==
		      (ok2 ? 0 : -EFAULT));
		CHECK(get_user(v4, (u32 __user *)(u + at)) ==
		      (ok4 ? 0 : -EFAULT));
		CHECK(get_user(v8, (u64 __user *)(u + at)) ==
		      (ok8 ? 0 : -EFAULT));
		CHECK(ok2 ? !memcmp(&v2, pattern + at, 2) : v2 == 0);
		CHECK(ok4 ? !memcmp(&v4, pattern + at, 4) : v4 == 0);
		CHECK(ok8 ? !memcmp(&v8, pattern + at, 8) : v8 == 0);
		CHECK(copyin(&v8, u + at, 8) == (ok8 ? 0 : -EFAULT));
		CHECK(put_user(0x1122334455667788UL, (u64 __user *)(u + at)) ==
		      (ok8 ? 0 : -EFAULT));
		if (ok8)
			CHECK(get_user(v8, (u64 __user *)(u + at)) == 0 &&
			      v8 == 0x1122334455667788UL);
		CHECK(copyout(u + at, &v4, 4) == (ok4 ? 0 : -EFAULT));
		user_fill(u, pattern, BLOCK);
	}
	CHECK(put_user(sv, (s32 __user *)u) == 0);
	sv = 0;
	CHECK(get_user(sv, (s32 __user *)u) == 0 && sv == -5);
}

void
test_uaccess_ranges(void)
{
	static const unsigned long bad[] = { USER_MAX, USER_MAX - 7,
		0xffff888000000000UL, ~0UL, ~0UL - 7, PAGE_OFFSET,
		0x800000000000UL };
	u8 kernel[16] = { 1, 2, 3 };
	u64 v;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		u8 __user *p = (u8 __user *)bad[i];

		CHECK(copyin(kernel, p, 16) == -EFAULT);
		CHECK(copyout(p, kernel, 16) == -EFAULT);
		CHECK(clear_user(p, 16) == 16);
		CHECK(get_user(v, (u64 __user *)p) == -EFAULT && !v);
		CHECK(put_user(v, (u64 __user *)p) == -EFAULT);
		CHECK(copyinstr((char *)kernel, (char __user *)p, 16) < 0);
		CHECK(fault_in_readable(p, 16) == 16);
		CHECK(fault_in_writeable(p, 16) == 16);
	}
	/* the kernel's own memory is not the user's */
	CHECK(copyin(&v, (u8 __user *)kernel, 8) == -EFAULT);
	CHECK(copyout((u8 __user *)kernel, &v, 8) == -EFAULT && kernel[0] == 1);
	/* lengths that wrap */
	CHECK(!access_ok(16, ~0UL) && !access_ok(16, ~0UL - 15));
	CHECK(access_ok(USER_MAX - 16, 16) && !access_ok(USER_MAX - 16, 17));
	CHECK(access_ok(0, 0) && !access_ok(USER_MAX + 1, 0));
	/* nothing is mapped there */
	CHECK(copyin(&v, user_hole(8), 8) == -EFAULT);
	CHECK(kernel_read_nofault(&v, kernel, 3) == 0);
	CHECK(kernel_read_nofault(&v, (void *)(VMAP_BASE + 4096), 8) ==
	      -EFAULT);
	CHECK(kernel_read_nofault(&v, user_hole(8), 8) == -EFAULT);
}

void
test_uaccess_fault_in(void)
{
	u8 __user *u = user_alloc(3 * PAGE_SIZE);

	if (unit_injecting())
		return;
	CHECK(fault_in_readable(u, 3 * PAGE_SIZE) == 0);
	CHECK(fault_in_writeable(u + 5, PAGE_SIZE) == 0);
	CHECK(fault_in_readable(u + 2 * PAGE_SIZE + 1, 2 * PAGE_SIZE) ==
	      PAGE_SIZE + 1);
	CHECK(fault_in_writeable(u + 2 * PAGE_SIZE + 1, 2 * PAGE_SIZE) ==
	      PAGE_SIZE + 1);
	CHECK(fault_in_readable(u + 3 * PAGE_SIZE, 9) == 9);
	CHECK(fault_in_readable(u + 3 * PAGE_SIZE, 0) == 0);
}

void
test_uaccess_cmpxchg(void)
{
	u32 __user *u = user_alloc(8);
	u32 cur = 77;

	if (unit_injecting())
		return;
	CHECK(user_cmpxchg32(u, 0, 5, &cur) == 0 && cur == 0);
	CHECK(user_cmpxchg32(u, 0, 9, &cur) == 0 && cur == 5);
	CHECK(user_cmpxchg32(u, 5, 9, &cur) == 0 && cur == 5);
	CHECK(get_user(cur, u) == 0 && cur == 9);
	CHECK(user_cmpxchg32(u + 2, 0, 1, &cur) == -EFAULT);
	CHECK(user_cmpxchg32((u32 __user *)USER_MAX, 0, 1, &cur) == -EFAULT);
}

void
test_uaccess_large(void)
{
	static u8 buf[5 * 4096];
	u8 __user *u = user_alloc(3 * PAGE_SIZE + 123);
	size_t len = 3 * PAGE_SIZE + 123;

	if (unit_injecting())
		return;
	for (u32 i = 0; i < 400; i++) {
		size_t at = unit_below(len), n = unit_below(sizeof(buf));
		size_t have = min(n, len - at);

		CHECK(raw_copyin(buf, u + at, n) == n - have);
		CHECK(raw_copyout(u + at, buf, n) == n - have);
		CHECK(clear_user(u + at, n) == n - have);
	}
}
