/* SPDX-License-Identifier: MIT */
/* Heapsort and binary search over arrays of equal elements. */
#include "lib/sort.h"

static void
exchange(u8 *a, u8 *b, size_t size)
{
	for (; size >= 8; size -= 8, a += 8, b += 8) {
		u64 x, y;

		__builtin_memcpy(&x, a, 8);
		__builtin_memcpy(&y, b, 8);
		__builtin_memcpy(a, &y, 8);
		__builtin_memcpy(b, &x, 8);
	}
	for (; size; size--, a++, b++)
		swap(*a, *b);
}

/* element i sinks until no child is greater, in base[0..n) */
static void
sift_down(u8 *base, size_t i, size_t n, size_t size,
	  int (*cmp)(const void *, const void *))
{
	for (;;) {
		size_t c = 2 * i + 1;

		if (c >= n)
			return;
		if (c + 1 < n &&
		    cmp(base + c * size, base + (c + 1) * size) < 0)
			c++;
		if (cmp(base + i * size, base + c * size) >= 0)
			return;
		exchange(base + i * size, base + c * size, size);
		i = c;
	}
}

void
sort(void *base, size_t n, size_t size,
     int (*cmp)(const void *, const void *))
{
	size_t i;

	for (i = n / 2; i-- > 0;)
		sift_down(base, i, n, size, cmp);
	for (i = n; i-- > 1;) {
		exchange(base, (u8 *)base + i * size, size);
		sift_down(base, 0, i, size, cmp);
	}
}

void *
bsearch(const void *key, const void *base, size_t n, size_t size,
	int (*cmp)(const void *, const void *))
{
	const u8 *b = base;

	while (n) {
		const u8 *mid = b + n / 2 * size;
		int c = cmp(key, mid);

		if (!c)
			return (void *)mid;
		if (c > 0) {
			b = mid + size;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}
