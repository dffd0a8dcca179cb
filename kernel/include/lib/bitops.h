/* SPDX-License-Identifier: MIT */
/* Bit arithmetic on plain integers; nothing here is atomic. */
#ifndef LIB_BITOPS_H
#define LIB_BITOPS_H

#include "lib/types.h"

#define BITS_PER_LONG	64

/* 1-based position of the last (most significant) set bit; 0 for 0 */
static inline int
fls(u32 x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int
fls64(u64 x)
{
	return x ? 64 - __builtin_clzl(x) : 0;
}

/* 1-based position of the first set bit; 0 for 0 */
static inline int
ffs(u32 x)
{
	return __builtin_ffs((int)x);
}

static inline int
ffs64(u64 x)
{
	return x ? __builtin_ctzl(x) + 1 : 0;
}

/* 0-based, undefined for 0 */
#define __ffs(x)	((unsigned)__builtin_ctzl(x))
#define __fls(x)	((unsigned)(63 - __builtin_clzl(x)))
#define ffz(x)		__ffs(~(x))

/* floor of log2; x > 0 */
#define ilog2(x)	((int)(63 - __builtin_clzl((u64)(x))))

static inline bool
is_pow2(u64 x)
{
	return x && !(x & (x - 1));
}

static inline u64
rounddown_pow2(u64 x)
{
	return x ? 1UL << ilog2(x) : 0;
}

/* smallest power of two >= x; 1 for 0; 0 when it does not fit */
static inline u64
roundup_pow2(u64 x)
{
	if (x <= 1)
		return 1;
	return x > 1UL << 63 ? 0 : 1UL << fls64(x - 1);
}

/* The builtin would call libgcc on the baseline CPU. */
static inline unsigned
popcount64(u64 x)
{
	x -= (x >> 1) & 0x5555555555555555UL;
	x = (x & 0x3333333333333333UL) + ((x >> 2) & 0x3333333333333333UL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (x * 0x0101010101010101UL) >> 56;
}

static inline u32
rol32(u32 x, unsigned n)
{
	return x << (n & 31) | x >> (-n & 31);
}

static inline u32
ror32(u32 x, unsigned n)
{
	return x >> (n & 31) | x << (-n & 31);
}

static inline u64
rol64(u64 x, unsigned n)
{
	return x << (n & 63) | x >> (-n & 63);
}

#define bswap16(x)	__builtin_bswap16(x)
#define bswap32(x)	__builtin_bswap32(x)
#define bswap64(x)	__builtin_bswap64(x)

static inline u16
get_le16(const void *p)
{
	u16 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u32
get_le32(const void *p)
{
	u32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u64
get_le64(const void *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline void
put_le32(void *p, u32 v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

static inline void
put_le64(void *p, u64 v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

static inline u32
get_be32(const void *p)
{
	return bswap32(get_le32(p));
}

static inline void
put_be32(void *p, u32 v)
{
	put_le32(p, bswap32(v));
}

static inline void
put_be64(void *p, u64 v)
{
	put_le64(p, bswap64(v));
}

#endif
