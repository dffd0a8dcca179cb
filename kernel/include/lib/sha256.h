/* SPDX-License-Identifier: MIT */
/* SHA-256, FIPS 180-4. */
#ifndef LIB_SHA256_H
#define LIB_SHA256_H

#include "lib/types.h"

#define SHA256_SIZE	32
#define SHA256_BLOCK	64

struct sha256 {
	u32 h[8];
	u64 len;		/* bytes so far */
	u8 buf[SHA256_BLOCK];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *p, size_t n);
/* writes the digest and wipes the state */
void sha256_final(struct sha256 *s, u8 out[SHA256_SIZE]);
void sha256(const void *p, size_t n, u8 out[SHA256_SIZE]);

#endif
