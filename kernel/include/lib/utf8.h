/* SPDX-License-Identifier: MIT */
/* UTF-8, RFC 3629: no overlong forms, no surrogates, up to U+10FFFF. */
#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include "lib/types.h"

#define UTF8_REPLACEMENT	0xfffd
#define UTF8_MORE		(-1)	/* sequence not complete */
#define UTF8_BAD		(-2)	/* malformed; this byte is used up */
#define UTF8_BAD_AGAIN		(-3)	/* malformed; feed this byte again */

struct utf8_state {
	u32 code;
	u32 min;	/* least value the length may encode */
	u8 need;	/* continuation bytes missing */
};

/* One byte in; a code point >= 0 or one of the values above. */
int utf8_decode(struct utf8_state *s, u8 byte);

static inline void
utf8_reset(struct utf8_state *s)
{
	s->need = 0;
}

/* Writes 1..4 bytes, returns how many; U+FFFD for what is not encodable. */
unsigned utf8_encode(u32 code, u8 out[4]);

static inline bool
utf8_is_continuation(u8 b)
{
	return (b & 0xc0) == 0x80;
}

#endif
