/* SPDX-License-Identifier: MIT */
/*
 * The iterator over user and kernel memory: import checks in the order of
 * readv(2), copies that stop at a fault and say where, moving there and back.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <lib/string.h>
#include <mm/iov_iter.h>
#include <mm/slab.h>
#include "check.h"

#define FAST 4

void test_iter_import(void);
void test_iter_import_errors(void);
void test_iter_copy(void);
void test_iter_faults(void);
void test_iter_move(void);
void test_iter_kvec(void);
void test_iter_fault_in(void);

static u8 mem[4096], back[4096];

static struct iovec __user *
user_vec(const struct iovec *v, size_t n)
{
	struct iovec __user *u = user_alloc(n * sizeof(*v));

	user_fill(u, v, n * sizeof(*v));
	return u;
}

void
test_iter_import(void)
{
	struct iovec v[10], fast[FAST], *more;
	struct iov_iter it;
	u8 __user *data = user_alloc(1000);
	ssize_t r;

	for (u32 nr = 0; nr <= 10; nr++) {
		for (u32 i = 0; i < nr; i++)
			v[i] = (struct iovec){ data + i * 20, i * 7 };
		r = iter_import(&it, ITER_SOURCE, nr ? user_vec(v, nr) : NULL,
				nr, fast, FAST, &more);
		if (!CHECK(r == (ssize_t)(nr * (nr - 1) / 2 * 7) ||
			   (!nr && r == 0))) {
			ALWAYS(r == -ENOMEM || r == -EFAULT);
			ALWAYS(!more);
			continue;
		}
		CHECK(!!more == (nr > FAST) && it.count == (size_t)r);
		kfree(more);
	}
}

void
test_iter_import_errors(void)
{
	struct iovec v[3], fast[FAST], *more = (void *)1;
	struct iov_iter it;
	u8 __user *data = user_alloc(100);

	CHECK(iter_import(&it, ITER_DEST, user_hole(16), IOV_MAX + 1, fast,
			  FAST, &more) == -EINVAL && !more);
	CHECK(iter_import(&it, ITER_DEST, user_hole(16), 1, fast, FAST,
			  &more) == -EFAULT && !more);
	CHECK(iter_import(&it, ITER_DEST, user_hole(16), 20, fast, FAST,
			  &more) == -EFAULT && !more);
	v[0] = (struct iovec){ data, 5 };
	v[1] = (struct iovec){ data, ~0UL };
	CHECK(iter_import(&it, ITER_DEST, user_vec(v, 2), 2, fast, FAST,
			  &more) == -EINVAL);
	v[1] = (struct iovec){ (void __user *)~0UL, 5 };
	CHECK(iter_import(&it, ITER_DEST, user_vec(v, 2), 2, fast, FAST,
			  &more) == -EFAULT);
	/* the sum is cut, not refused */
	v[0] = (struct iovec){ data, 0x7fffff00 };
	v[1] = v[0];
	CHECK(iter_import(&it, ITER_DEST, user_vec(v, 2), 2, fast, FAST,
			  &more) == (ssize_t)MAX_RW_COUNT);
	CHECK(it.count == MAX_RW_COUNT);
}

/* a vector over one user block in pieces of these sizes */
static const size_t piece[] = { 1, 0, 7, 64, 0, 0, 33, 200, 1, 94 };
#define TOTAL 400

static void
make_iter(struct iov_iter *it, int dir, u8 __user *u, struct iovec *v,
	  bool flat)
{
	size_t at = 0;

	if (flat) {
		iter_ubuf(it, dir, u, TOTAL);
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(piece); i++) {
		v[i] = (struct iovec){ u + at, piece[i] };
		at += piece[i];
	}
	*it = (struct iov_iter){ .kind = ITER_IOVEC, .dir = dir, .iov = v,
		.count = at, .nr_segs = ARRAY_SIZE(piece) };
}

void
test_iter_copy(void)
{
	struct iovec v[ARRAY_SIZE(piece)];

	for (u32 i = 0; i < TOTAL; i++)
		mem[i] = unit_random();
	for (u32 flat = 0; flat < 2; flat++) {
		u8 __user *u = user_alloc(TOTAL);
		struct iov_iter it;
		size_t done, n;

		if (unit_injecting())
			return;
		make_iter(&it, ITER_DEST, u, v, flat);
		for (done = 0; done < TOTAL; done += n) {
			n = min(unit_below(60), (u64)TOTAL - done);
			CHECK(copy_to_iter(mem + done, n, &it) == n);
			CHECK(it.count == TOTAL - done - n);
		}
		CHECK(copy_to_iter(mem, 5, &it) == 0);
		user_peek(back, u, TOTAL);
		CHECK(!memcmp(back, mem, TOTAL));
		make_iter(&it, ITER_SOURCE, u, v, flat);
		memset(back, 0, TOTAL);
		for (done = 0; done < TOTAL; done += n) {
			n = unit_below(60);
			n = copy_from_iter(back + done, n, &it);
		}
		CHECK(done == TOTAL && !memcmp(back, mem, TOTAL));
		make_iter(&it, ITER_SOURCE, u, v, flat);
		CHECK(copy_from_iter_full(back, TOTAL + 1, &it) == -EFAULT);
		CHECK(it.count == TOTAL);
		CHECK(copy_from_iter_full(back, 100, &it) == 0);
		CHECK(copy_from_iter_nofault(back, 1000, &it) == 300);
		make_iter(&it, ITER_DEST, u, v, flat);
		iter_advance(&it, 70);
		CHECK(zero_to_iter(40, &it) == 40);
		user_peek(back, u, TOTAL);
		CHECK(!memchr_inv(back + 70, 0, 40) &&
		      !memcmp(back, mem, 70) &&
		      !memcmp(back + 110, mem + 110, TOTAL - 110));
	}
}

/* with user byte n out of reach, exactly n bytes go through */
void
test_iter_faults(void)
{
	struct iovec v[ARRAY_SIZE(piece)];
	u8 __user *u = user_alloc(TOTAL);
	size_t have = user_peek(back, u, TOTAL);

	for (u32 flat = 0; flat < 2; flat++) {
		struct iov_iter it;

		make_iter(&it, ITER_DEST, u, v, flat);
		ALWAYS(copy_to_iter(mem, TOTAL, &it) == have);
		ALWAYS(it.count == TOTAL - have);
		make_iter(&it, ITER_SOURCE, u, v, flat);
		ALWAYS(copy_from_iter(back, TOTAL, &it) == have);
		ALWAYS(it.count == TOTAL - have);
		make_iter(&it, ITER_SOURCE, u, v, flat);
		ALWAYS(copy_from_iter_full(back, TOTAL, &it) ==
		       (have == TOTAL ? 0 : -EFAULT));
		ALWAYS(it.count == (have == TOTAL ? 0 : TOTAL));
		make_iter(&it, ITER_DEST, u, v, flat);
		ALWAYS(zero_to_iter(TOTAL, &it) == have);
		make_iter(&it, ITER_SOURCE, u, v, flat);
		ALWAYS(copy_from_iter_nofault(back, TOTAL, &it) == have);
	}
}

/* the byte under the cursor */
static size_t
where(struct iov_iter *it, u8 __user *u)
{
	struct iov_iter copy = *it;
	u8 b = 0;

	CHECK(copy_from_iter(&b, 1, &copy) == 1);
	return b;
}

void
test_iter_move(void)
{
	struct iovec v[ARRAY_SIZE(piece)];

	for (u32 i = 0; i < 256; i++)
		mem[i] = i;
	for (u32 flat = 0; flat < 2; flat++) {
		u8 __user *u = user_alloc(TOTAL);
		struct iov_iter it;
		size_t at = 0;

		if (unit_injecting())
			return;
		user_fill(u, mem, 256);
		make_iter(&it, ITER_SOURCE, u, v, flat);
		for (u32 i = 0; i < 3000; i++) {
			size_t n;

			if (unit_below(2)) {
				n = unit_below(256 - at);
				iter_advance(&it, n);
				at += n;
			} else {
				n = unit_below(at + 1);
				iter_revert(&it, n);
				at -= n;
			}
			CHECK(it.count == TOTAL - at);
			CHECK(where(&it, u) == at);
		}
		iter_revert(&it, at);
		iter_advance(&it, 100000);
		CHECK(it.count == 0);
		iter_revert(&it, TOTAL);
		CHECK(where(&it, u) == 0);
	}
}

void
test_iter_kvec(void)
{
	u8 a[10] = "0123456789", b[20];
	struct kvec v[3] = { { a, 10 }, { NULL, 0 }, { b, 20 } };
	struct iov_iter it;

	iter_kvec(&it, ITER_DEST, v, 3, 30);
	CHECK(copy_to_iter("abcdefghijklmnopqrstuvwxyzABCDEF", 32, &it) == 30);
	CHECK(!memcmp(a, "abcdefghij", 10) && !memcmp(b, "klmnopqrstuvwxyzABCD",
						       20));
	iter_kvec(&it, ITER_SOURCE, v, 3, 25);
	CHECK(copy_from_iter(back, 100, &it) == 25 &&
	      !memcmp(back, "abcdefghijklmnopqrstuvwxy", 25));
	iter_kvec(&it, ITER_DEST, v, 3, 30);
	iter_advance(&it, 5);
	CHECK(zero_to_iter(10, &it) == 10 && !memchr_inv(a + 5, 0, 5) &&
	      !b[4] && b[5] == 'p');
	CHECK(iter_fault_in(&it, 100) == 0);
}

void
test_iter_fault_in(void)
{
	struct iovec v[ARRAY_SIZE(piece)];
	u8 __user *u = user_alloc(TOTAL);
	size_t have = user_peek(back, u, TOTAL);

	for (u32 flat = 0; flat < 2; flat++)
		for (int dir = 0; dir < 2; dir++) {
			struct iov_iter it;

			make_iter(&it, dir, u, v, flat);
			ALWAYS(iter_fault_in(&it, TOTAL) == TOTAL - have);
			ALWAYS(iter_fault_in(&it, have) == 0);
		}
}
