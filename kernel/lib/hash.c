/* SPDX-License-Identifier: MIT */
/* SipHash-1-3: one round a word, three to finish. */
#include "lib/hash.h"

struct sip {
	u64 a, b, c, d;
};

static __always_inline void
sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rol64(s->b, 13) ^ s->a;
	s->a = rol64(s->a, 32);
	s->c += s->d;
	s->d = rol64(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rol64(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rol64(s->b, 17) ^ s->c;
	s->c = rol64(s->c, 32);
}

static __always_inline void
sip_word(struct sip *s, u64 w)
{
	s->d ^= w;
	sip_round(s);
	s->a ^= w;
}

static __always_inline u64
sip_finish(struct sip *s)
{
	s->c ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->a ^ s->b ^ s->c ^ s->d;
}

static __always_inline struct sip
sip_start(const struct siphash_key *key)
{
	return (struct sip){
		key->k[0] ^ 0x736f6d6570736575UL,
		key->k[1] ^ 0x646f72616e646f6dUL,
		key->k[0] ^ 0x6c7967656e657261UL,
		key->k[1] ^ 0x7465646279746573UL,
	};
}

u64
siphash13(const void *data, size_t len, const struct siphash_key *key)
{
	struct sip s = sip_start(key);
	const u8 *p = data;
	u64 last = (u64)len << 56;

	for (size_t n = len / 8; n; n--, p += 8)
		sip_word(&s, get_le64(p));
	if (len & 7)
		last |= hash_load_tail(p, len & 7);
	sip_word(&s, last);
	return sip_finish(&s);
}

u64
siphash13_u64(u64 v, const struct siphash_key *key)
{
	struct sip s = sip_start(key);

	sip_word(&s, v);
	sip_word(&s, 8UL << 56);
	return sip_finish(&s);
}
