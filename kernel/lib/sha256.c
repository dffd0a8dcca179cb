/* SPDX-License-Identifier: MIT */
/* SHA-256, straight from FIPS 180-4 section 6.2. */
#include "lib/sha256.h"
#include "lib/bitops.h"
#include "lib/string.h"

static const u32 K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
	0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152,
	0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
	0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void
sha256_init(struct sha256 *s)
{
	static const u32 iv[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(s->h, iv, sizeof(iv));
	s->len = 0;
}

static void
block(u32 h[8], const u8 *p)
{
	u32 w[64], v[8];
	int i;

	for (i = 0; i < 16; i++)
		w[i] = get_be32(p + 4 * i);
	for (; i < 64; i++) {
		u32 a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (ror32(a, 7) ^ ror32(a, 18) ^ a >> 3) +
		       (ror32(b, 17) ^ ror32(b, 19) ^ b >> 10);
	}
	memcpy(v, h, sizeof(v));
	for (i = 0; i < 64; i++) {
		u32 e = v[4], a = v[0];
		u32 t1 = v[7] + (ror32(e, 6) ^ ror32(e, 11) ^ ror32(e, 25)) +
			 ((e & v[5]) ^ (~e & v[6])) + K[i] + w[i];
		u32 t2 = (ror32(a, 2) ^ ror32(a, 13) ^ ror32(a, 22)) +
			 ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		v[7] = v[6];
		v[6] = v[5];
		v[5] = v[4];
		v[4] = v[3] + t1;
		v[3] = v[2];
		v[2] = v[1];
		v[1] = v[0];
		v[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		h[i] += v[i];
}

void
sha256_update(struct sha256 *s, const void *data, size_t n)
{
	const u8 *p = data;
	size_t have = s->len % SHA256_BLOCK;

	s->len += n;
	if (have) {
		size_t take = min(n, SHA256_BLOCK - have);

		memcpy(s->buf + have, p, take);
		if (have + take < SHA256_BLOCK)
			return;
		block(s->h, s->buf);
		p += take;
		n -= take;
	}
	for (; n >= SHA256_BLOCK; n -= SHA256_BLOCK, p += SHA256_BLOCK)
		block(s->h, p);
	memcpy(s->buf, p, n);
}

void
sha256_final(struct sha256 *s, u8 out[SHA256_SIZE])
{
	static const u8 pad[SHA256_BLOCK] = { 0x80 };
	u64 bits = s->len * 8;
	u8 tail[8];

	put_be64(tail, bits);
	sha256_update(s, pad, 1 + (119 - s->len % 64) % 64);
	sha256_update(s, tail, 8);
	for (int i = 0; i < 8; i++)
		put_be32(out + 4 * i, s->h[i]);
	memzero_explicit(s, sizeof(*s));
}

void
sha256(const void *p, size_t n, u8 out[SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, p, n);
	sha256_final(&s, out);
}
