/* SPDX-License-Identifier: MIT */
/* ChaCha20, RFC 8439 2.1 to 2.3. */
#include "lib/chacha20.h"
#include "lib/bitops.h"
#include "lib/string.h"

void
chacha20_init(struct chacha20 *c, const u8 key[CHACHA20_KEY], u32 counter,
	      const u8 nonce[12])
{
	c->s[0] = 0x61707865;
	c->s[1] = 0x3320646e;
	c->s[2] = 0x79622d32;
	c->s[3] = 0x6b206574;
	for (int i = 0; i < 8; i++)
		c->s[4 + i] = get_le32(key + 4 * i);
	c->s[12] = counter;
	for (int i = 0; i < 3; i++)
		c->s[13 + i] = get_le32(nonce + 4 * i);
}

static __always_inline void
quarter(u32 *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 7);
}

void
chacha20_block(struct chacha20 *c, u8 out[CHACHA20_BLOCK])
{
	u32 x[16];

	memcpy(x, c->s, sizeof(x));
	for (int i = 0; i < 10; i++) {
		quarter(x, 0, 4, 8, 12);
		quarter(x, 1, 5, 9, 13);
		quarter(x, 2, 6, 10, 14);
		quarter(x, 3, 7, 11, 15);
		quarter(x, 0, 5, 10, 15);
		quarter(x, 1, 6, 11, 12);
		quarter(x, 2, 7, 8, 13);
		quarter(x, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		put_le32(out + 4 * i, x[i] + c->s[i]);
	if (!++c->s[12])
		c->s[13]++;
	memzero_explicit(x, sizeof(x));
}
