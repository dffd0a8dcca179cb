/* SPDX-License-Identifier: MIT */
/* The ChaCha20 block function, RFC 8439 2.3. */
#ifndef LIB_CHACHA20_H
#define LIB_CHACHA20_H

#include "lib/types.h"

#define CHACHA20_KEY	32
#define CHACHA20_BLOCK	64

struct chacha20 {
	u32 s[16];	/* constants, key, counter (s[12]), nonce */
};

void chacha20_init(struct chacha20 *c, const u8 key[CHACHA20_KEY],
		   u32 counter, const u8 nonce[12]);
/* 64 bytes of key stream; the 32-bit counter advances (and wraps into
 * s[13], so a CSPRNG may run on) */
void chacha20_block(struct chacha20 *c, u8 out[CHACHA20_BLOCK]);

#endif
