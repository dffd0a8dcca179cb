/* SPDX-License-Identifier: MIT */
/*
 * Bit arrays of unsigned long, bit n in word n / 64. Not atomic: the caller
 * locks. Searches return nbits when nothing is found.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/bitops.h"
#include "lib/types.h"

#define BITS_TO_LONGS(n)	(((n) + 63UL) / 64)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline void
bitmap_set_bit(unsigned long *map, size_t n)
{
	map[n / 64] |= 1UL << (n % 64);
}

static inline void
bitmap_clear_bit(unsigned long *map, size_t n)
{
	map[n / 64] &= ~(1UL << (n % 64));
}

static inline bool
bitmap_test_bit(const unsigned long *map, size_t n)
{
	return map[n / 64] >> (n % 64) & 1;
}

static inline bool
bitmap_test_and_set_bit(unsigned long *map, size_t n)
{
	bool was = bitmap_test_bit(map, n);

	bitmap_set_bit(map, n);
	return was;
}

static inline bool
bitmap_test_and_clear_bit(unsigned long *map, size_t n)
{
	bool was = bitmap_test_bit(map, n);

	bitmap_clear_bit(map, n);
	return was;
}

void bitmap_zero(unsigned long *map, size_t nbits);
void bitmap_fill(unsigned long *map, size_t nbits);
void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t nbits);
void bitmap_set(unsigned long *map, size_t start, size_t n);
void bitmap_clear(unsigned long *map, size_t start, size_t n);

size_t bitmap_find_next_bit(const unsigned long *map, size_t nbits,
			    size_t start);
size_t bitmap_find_next_zero(const unsigned long *map, size_t nbits,
			     size_t start);

static inline size_t
bitmap_find_first_bit(const unsigned long *map, size_t nbits)
{
	return bitmap_find_next_bit(map, nbits, 0);
}

static inline size_t
bitmap_find_first_zero(const unsigned long *map, size_t nbits)
{
	return bitmap_find_next_zero(map, nbits, 0);
}

/* First run of n clear bits at or after start whose first bit is a multiple
 * of align (a power of two, 1 for any); nbits when there is none. */
size_t bitmap_find_next_zero_area(const unsigned long *map, size_t nbits,
				  size_t start, size_t n, size_t align);

size_t bitmap_weight(const unsigned long *map, size_t nbits);
bool bitmap_empty(const unsigned long *map, size_t nbits);
bool bitmap_full(const unsigned long *map, size_t nbits);
bool bitmap_equal(const unsigned long *a, const unsigned long *b,
		  size_t nbits);
bool bitmap_subset(const unsigned long *sub, const unsigned long *of,
		   size_t nbits);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b,
		       size_t nbits);
void bitmap_and(unsigned long *dst, const unsigned long *a,
		const unsigned long *b, size_t nbits);
void bitmap_or(unsigned long *dst, const unsigned long *a,
	       const unsigned long *b, size_t nbits);
void bitmap_andnot(unsigned long *dst, const unsigned long *a,
		   const unsigned long *b, size_t nbits);

/* "0-3,5": the list format of sysfs. Returns the length as snprintf. */
int bitmap_print_list(char *buf, size_t size, const unsigned long *map,
		      size_t nbits);
/* The reverse; -EINVAL for bad text, -ERANGE for a bit >= nbits. */
int __must_check bitmap_parse_list(const char *s, unsigned long *map,
				   size_t nbits);

#define bitmap_for_each_bit(n, map, nbits) \
	for ((n) = bitmap_find_next_bit(map, nbits, 0); (n) < (nbits); \
	     (n) = bitmap_find_next_bit(map, nbits, (n) + 1))

#endif
