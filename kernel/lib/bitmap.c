/* SPDX-License-Identifier: MIT */
/*
 * Bit arrays, searched and combined a word at a time. Bits beyond nbits in
 * the last word are never trusted and, by zero/fill/copy, kept clear.
 */
#include "lib/bitmap.h"
#include "lib/ctype.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "abi/errno.h"

/* the valid bits of the last word; all ones when it is full */
static inline unsigned long
last_mask(size_t nbits)
{
	return ~0UL >> (-nbits & 63);
}

void
bitmap_zero(unsigned long *map, size_t nbits)
{
	memset(map, 0, BITS_TO_LONGS(nbits) * 8);
}

void
bitmap_fill(unsigned long *map, size_t nbits)
{
	size_t n = BITS_TO_LONGS(nbits);

	memset(map, 0xff, n * 8);
	if (n)
		map[n - 1] &= last_mask(nbits);
}

void
bitmap_copy(unsigned long *dst, const unsigned long *src, size_t nbits)
{
	memcpy(dst, src, BITS_TO_LONGS(nbits) * 8);
}

void
bitmap_set(unsigned long *map, size_t start, size_t n)
{
	while (n) {
		size_t off = start % 64, run = min(n, 64 - off);

		map[start / 64] |= (~0UL >> (64 - run)) << off;
		start += run;
		n -= run;
	}
}

void
bitmap_clear(unsigned long *map, size_t start, size_t n)
{
	while (n) {
		size_t off = start % 64, run = min(n, 64 - off);

		map[start / 64] &= ~((~0UL >> (64 - run)) << off);
		start += run;
		n -= run;
	}
}

static __always_inline size_t
find_next(const unsigned long *map, size_t nbits, size_t start,
	  unsigned long invert)
{
	size_t i;
	unsigned long w;

	if (start >= nbits)
		return nbits;
	i = start / 64;
	w = (map[i] ^ invert) & (~0UL << (start % 64));
	while (!w) {
		if (++i * 64 >= nbits)
			return nbits;
		w = map[i] ^ invert;
	}
	i = i * 64 + __ffs(w);
	return i < nbits ? i : nbits;
}

size_t
bitmap_find_next_bit(const unsigned long *map, size_t nbits, size_t start)
{
	return find_next(map, nbits, start, 0);
}

size_t
bitmap_find_next_zero(const unsigned long *map, size_t nbits, size_t start)
{
	return find_next(map, nbits, start, ~0UL);
}

size_t
bitmap_find_next_zero_area(const unsigned long *map, size_t nbits,
			   size_t start, size_t n, size_t align)
{
	for (;;) {
		size_t at = bitmap_find_next_zero(map, nbits, start);
		size_t end;

		at = ALIGN_UP(at, align);
		if (at >= nbits || n > nbits - at)
			return nbits;
		end = bitmap_find_next_bit(map, at + n, at);
		if (end >= at + n)
			return at;
		start = end + 1;
	}
}

size_t
bitmap_weight(const unsigned long *map, size_t nbits)
{
	size_t i, sum = 0;

	for (i = 0; i < nbits / 64; i++)
		sum += popcount64(map[i]);
	if (nbits % 64)
		sum += popcount64(map[i] & last_mask(nbits));
	return sum;
}

bool
bitmap_empty(const unsigned long *map, size_t nbits)
{
	return bitmap_find_next_bit(map, nbits, 0) >= nbits;
}

bool
bitmap_full(const unsigned long *map, size_t nbits)
{
	return bitmap_find_next_zero(map, nbits, 0) >= nbits;
}

bool
bitmap_equal(const unsigned long *a, const unsigned long *b, size_t nbits)
{
	size_t i;

	for (i = 0; i < nbits / 64; i++)
		if (a[i] != b[i])
			return false;
	return !(nbits % 64) || !((a[i] ^ b[i]) & last_mask(nbits));
}

bool
bitmap_subset(const unsigned long *sub, const unsigned long *of, size_t nbits)
{
	size_t i;

	for (i = 0; i < nbits / 64; i++)
		if (sub[i] & ~of[i])
			return false;
	return !(nbits % 64) || !(sub[i] & ~of[i] & last_mask(nbits));
}

bool
bitmap_intersects(const unsigned long *a, const unsigned long *b,
		  size_t nbits)
{
	size_t i;

	for (i = 0; i < nbits / 64; i++)
		if (a[i] & b[i])
			return true;
	return nbits % 64 && (a[i] & b[i] & last_mask(nbits));
}

void
bitmap_and(unsigned long *dst, const unsigned long *a,
	   const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & b[i];
}

void
bitmap_or(unsigned long *dst, const unsigned long *a,
	  const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] | b[i];
}

void
bitmap_andnot(unsigned long *dst, const unsigned long *a,
	      const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & ~b[i];
}

int
bitmap_print_list(char *buf, size_t size, const unsigned long *map,
		  size_t nbits)
{
	size_t a, b = 0;
	int len = 0;

	if (size)
		buf[0] = '\0';
	for (;;) {
		size_t off = min((size_t)len, size);

		a = bitmap_find_next_bit(map, nbits, b);
		if (a >= nbits)
			return len;
		b = bitmap_find_next_zero(map, nbits, a);
		len += snprintf(buf + off, size - off, b - a > 1 ?
				"%s%zu-%zu" : "%s%zu", len ? "," : "",
				a, b - 1);
	}
}

int
bitmap_parse_list(const char *s, unsigned long *map, size_t nbits)
{
	bitmap_zero(map, nbits);
	for (;;) {
		size_t a = 0, b;

		if (*s == '\n' || !*s)
			return 0;
		if (!isdigit(*s))
			return -EINVAL;
		for (; isdigit(*s); s++)
			if ((a = a * 10 + *s - '0') >= nbits)
				return -ERANGE;
		b = a;
		if (*s == '-') {
			if (!isdigit(*++s))
				return -EINVAL;
			for (b = 0; isdigit(*s); s++)
				if ((b = b * 10 + *s - '0') >= nbits)
					return -ERANGE;
		}
		if (b < a)
			return -EINVAL;
		bitmap_set(map, a, b - a + 1);
		if (*s == ',')
			s++;
		else if (*s && *s != '\n')
			return -EINVAL;
	}
}
