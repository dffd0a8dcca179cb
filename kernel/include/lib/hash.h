/* SPDX-License-Identifier: MIT */
/*
 * Hash functions. siphash13 is keyed and safe against chosen input; the
 * others are fast mixers for tables whose input is not hostile, or that are
 * salted (hash_name).
 */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include "lib/bitops.h"
#include "lib/types.h"

struct siphash_key {
	u64 k[2];
};

/* SipHash-1-3 (Aumasson, Bernstein 2012) of len bytes */
u64 siphash13(const void *data, size_t len, const struct siphash_key *key);
u64 siphash13_u64(u64 v, const struct siphash_key *key);

#define HASH_GOLDEN_64	0x61c8864680b583ebUL
#define HASH_GOLDEN_32	0x61c88647U

/* upper bits of a multiplicative hash; bits in 1..64 (or 1..32) */
static inline u64
hash_64(u64 v, unsigned bits)
{
	return (v * HASH_GOLDEN_64) >> (64 - bits);
}

static inline u32
hash_32(u32 v, unsigned bits)
{
	return (v * HASH_GOLDEN_32) >> (32 - bits);
}

#define hash_long(v, bits)	((u32)hash_64((u64)(v), bits))

static inline u32
hash_ptr(const void *p, unsigned bits)
{
	return hash_64((unsigned long)p, bits);
}

/* one step and the end of a word-at-a-time hash */
static inline u64
hash_mix(u64 h, u64 word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15UL;
	return h ^ h >> 32;
}

static inline u32
hash_fold(u64 h)
{
	h *= 0xff51afd7ed558ccdUL;
	return h >> 32;
}

/* 1..7 bytes at p as a little-endian number, zero padded */
static inline u64
hash_load_tail(const void *p, size_t len)
{
	const u8 *b = p;
	u64 w = 0;

	if (len & 4) {
		w = get_le32(b + (len & 3));
		w <<= (len & 3) * 8;
	}
	if (len & 2)
		w |= (u64)get_le16(b + (len & 1)) << ((len & 1) * 8);
	if (len & 1)
		w |= b[0];
	return w;
}

/* Name of len bytes, any content; salt is the parent directory (its address
 * or a key). The same name and salt always give the same value. */
static inline u32
hash_name(u64 salt, const char *name, size_t len)
{
	u64 h = salt ^ len;

	for (; len >= 8; len -= 8, name += 8)
		h = hash_mix(h, get_le64(name));
	if (len)
		h = hash_mix(h, hash_load_tail(name, len));
	return hash_fold(h);
}

#endif
