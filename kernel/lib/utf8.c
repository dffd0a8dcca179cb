/* SPDX-License-Identifier: MIT */
/* UTF-8, byte by byte, as a terminal or a keyboard sees it. */
#include "lib/utf8.h"

int
utf8_decode(struct utf8_state *s, u8 b)
{
	if (s->need) {
		if (!utf8_is_continuation(b)) {
			s->need = 0;
			return UTF8_BAD_AGAIN;
		}
		s->code = s->code << 6 | (b & 0x3f);
		if (--s->need)
			return UTF8_MORE;
		if (s->code < s->min || s->code > 0x10ffff ||
		    (s->code >> 11) == 0x1b)
			return UTF8_BAD;
		return s->code;
	}
	if (b < 0x80)
		return b;
	if (b < 0xc2)
		return UTF8_BAD;
	if (b < 0xe0) {
		s->code = b & 0x1f;
		s->min = 0x80;
		s->need = 1;
	} else if (b < 0xf0) {
		s->code = b & 0x0f;
		s->min = 0x800;
		s->need = 2;
	} else if (b < 0xf5) {
		s->code = b & 0x07;
		s->min = 0x10000;
		s->need = 3;
	} else {
		return UTF8_BAD;
	}
	return UTF8_MORE;
}

unsigned
utf8_encode(u32 c, u8 out[4])
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xc0 | c >> 6;
		out[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c > 0x10ffff || (c >> 11) == 0x1b)
		c = UTF8_REPLACEMENT;
	if (c < 0x10000) {
		out[0] = 0xe0 | c >> 12;
		out[1] = 0x80 | (c >> 6 & 0x3f);
		out[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | c >> 18;
	out[1] = 0x80 | (c >> 12 & 0x3f);
	out[2] = 0x80 | (c >> 6 & 0x3f);
	out[3] = 0x80 | (c & 0x3f);
	return 4;
}
