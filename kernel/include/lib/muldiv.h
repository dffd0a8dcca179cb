/* SPDX-License-Identifier: MIT */
/* 64-bit scaling through 128-bit products, without libgcc. */
#ifndef LIB_MULDIV_H
#define LIB_MULDIV_H

#include "lib/types.h"

/* a * b / c, rounded down; U64_MAX when that does not fit or c is 0 */
static inline u64
mul_div_u64(u64 a, u64 b, u64 c)
{
	unsigned __int128 p = (unsigned __int128)a * b;
	u64 hi = p >> 64, lo = (u64)p, q, r;

	if (!hi && c)
		return lo / c;
	if (hi >= c)
		return U64_MAX;
	__asm__("divq %4" : "=a"(q), "=d"(r) : "0"(lo), "1"(hi), "rm"(c)
		: "cc");
	return q;
}

/* (a * mul) >> shift, shift 0..63; the result must fit */
static inline u64
mul_shift_u64(u64 a, u64 mul, unsigned shift)
{
	return ((unsigned __int128)a * mul) >> shift;
}

/*
 * mult and shift so that (x * mult) >> shift converts x units at from_hz to
 * units at to_hz, as exact as 32 bits of mult allow while x up to
 * max_seconds * from_hz does not overflow 64 bits.
 */
static inline void
calc_mult_shift(u32 *mult, u32 *shift, u64 from_hz, u64 to_hz,
		u32 max_seconds)
{
	u64 span = (u64)max_seconds * from_hz >> 32;
	unsigned room = 32, sft;
	u64 m = 0;

	while (span) {
		span >>= 1;
		room--;
	}
	for (sft = 32; sft > 0; sft--) {
		m = mul_div_u64(to_hz, 1UL << sft, from_hz);
		if (m >> room == 0)
			break;
	}
	if (!sft)
		m = from_hz ? to_hz / from_hz : 0;
	*mult = m;
	*shift = sft;
}

#endif
