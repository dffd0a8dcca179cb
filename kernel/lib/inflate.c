/* SPDX-License-Identifier: MIT */
/*
 * DEFLATE and gzip decoding, RFC 1951 and 1952.
 *
 * Bits are held low first in a 64-bit word, refilled eight bytes at a time
 * while the piece lasts. Codes are looked up in a root table by the next 11
 * (9) bits, longer ones through a second table; an entry is
 *
 *	bits 0-4 bits of the code, 5-7 kind, 8-15 extra bits (or the index
 *	bits of the second table), 16-31 literal, base or table offset
 *
 * The window is circular and is also the output buffer: it is handed to out()
 * whenever it fills and at the end. Matches that do not cross the end of the
 * window are copied by words.
 *
 * Rejected with -EINVAL: reserved block types, over-subscribed codes,
 * incomplete codes (but for the single distance code that encoders emit),
 * missing end-of-block code, distances before the start, stored lengths that
 * do not match, and input that ends early.
 */
#include "lib/inflate.h"
#include "lib/bitops.h"
#include "lib/crc.h"
#include "lib/string.h"
#include "abi/errno.h"

enum { K_LITERAL, K_BASE, K_TABLE, K_END, K_BAD };

#define ENTRY(kind, extra, value) \
	((u32)(kind) << 5 | (u32)(extra) << 8 | (u32)(value) << 16)
#define E_BITS(e)	((e) & 31)
#define E_KIND(e)	((e) >> 5 & 7)
#define E_EXTRA(e)	((e) >> 8 & 255)
#define E_VALUE(e)	((e) >> 16)

#define MAX_BITS	15
#define NR_LEN		286
#define NR_DIST		30

/* -- input --------------------------------------------------------------- */

/* Next piece when the current one is used up; false at the end. */
static __noinline bool
next_piece(struct inflate *s)
{
	const u8 *p;
	ssize_t n;

	if (s->error)
		return false;
	n = s->in(s->ctx, &p);
	if (n < 0)
		s->error = n;
	if (n <= 0)
		return false;
	s->piece = p;
	s->next = p;
	s->end = p + n;
	return true;
}

/* Up to 56 bits or more, as far as there is input. */
static inline void
refill(struct inflate *s)
{
	if (likely(s->end - s->next >= 8)) {
		s->hold |= get_le64(s->next) << s->nbits;
		s->next += (63 - s->nbits) >> 3;
		s->nbits |= 56;
		return;
	}
	while (s->nbits <= 56) {
		if (s->next == s->end && !next_piece(s))
			return;
		s->hold |= (u64)*s->next++ << s->nbits;
		s->nbits += 8;
	}
}

static inline void
drop(struct inflate *s, unsigned n)
{
	s->hold >>= n;
	s->nbits -= n;
}

static inline int
malformed(struct inflate *s)
{
	return s->error ? s->error : -EINVAL;
}

/* n <= 32 bits to *v; 0 or an error */
static inline int
take(struct inflate *s, unsigned n, u32 *v)
{
	if (s->nbits < n) {
		refill(s);
		if (s->nbits < n)
			return malformed(s);
	}
	*v = s->hold & ((1UL << n) - 1);
	drop(s, n);
	return 0;
}

/* Bits above nbits may repeat input not yet counted; forget them, and give
 * whole bytes back to the piece when they came from it. */
static void
unread(struct inflate *s)
{
	unsigned n = min_t(size_t, s->nbits / 8, s->next - s->piece);

	s->next -= n;
	s->nbits -= n * 8;
	s->hold &= s->nbits ? ~0UL >> (64 - s->nbits) : 0;
}

/* -- output -------------------------------------------------------------- */

static int
flush(struct inflate *s)
{
	u32 n = s->pos - s->flushed;
	int err = 0;

	if (n) {
		s->crc = crc32(s->crc, s->win + s->flushed, n);
		s->isize += n;
		err = s->out(s->ctx, s->win + s->flushed, n);
	}
	if (s->pos == INFLATE_WINDOW) {
		s->pos = 0;
		s->wrapped = true;
	}
	s->flushed = s->pos;
	return err;
}

static int
copy_match(struct inflate *s, u32 len, u32 dist)
{
	if (dist > s->pos && !s->wrapped)
		return malformed(s);
	while (len) {
		u32 from = (s->pos - dist) & (INFLATE_WINDOW - 1);
		u32 n = min(len, INFLATE_WINDOW - max(from, s->pos));
		u8 *d = s->win + s->pos;
		const u8 *p = s->win + from;

		s->pos += n;
		len -= n;
		if (dist == 1) {
			memset(d, *p, n);
		} else {
			if (dist >= 8 && from < s->pos) {
				for (; n >= 8; n -= 8, d += 8, p += 8)
					put_le64(d, get_le64(p));
			}
			for (; n; n--)
				*d++ = *p++;
		}
		if (s->pos == INFLATE_WINDOW) {
			int err = flush(s);

			if (err)
				return err;
		}
	}
	return 0;
}

/* -- codes --------------------------------------------------------------- */

static u32
reverse_bits(u32 v, unsigned n)
{
	v = (v & 0x5555) << 1 | (v >> 1 & 0x5555);
	v = (v & 0x3333) << 2 | (v >> 2 & 0x3333);
	v = (v & 0x0f0f) << 4 | (v >> 4 & 0x0f0f);
	v = (v & 0x00ff) << 8 | (v >> 8 & 0x00ff);
	return v >> (16 - n);
}

/*
 * Tables for n code lengths. sym[] gives the entry (without code bits) for
 * each symbol. 0, or -EINVAL when the lengths are no prefix code.
 */
static int
build(u32 *tab, unsigned size, unsigned root, const u8 *lens, unsigned n,
      u32 (*symbol)(unsigned))
{
	u16 count[MAX_BITS + 1] = { 0 }, next[MAX_BITS + 2];
	unsigned used = 1U << root, i, len, max = 0;
	int left = 1;

	for (i = 0; i < n; i++)
		count[lens[i]]++;
	count[0] = 0;
	next[1] = 0;
	for (len = 1; len <= MAX_BITS; len++) {
		left = (left << 1) - count[len];
		if (left < 0)
			return -EINVAL;
		next[len + 1] = (next[len] + count[len]) << 1;
		if (count[len])
			max = len;
	}
	/* incomplete is allowed for no code at all and for one of 1 bit */
	if (left && max > 1)
		return -EINVAL;
	for (i = 0; i < used; i++)
		tab[i] = ENTRY(K_BAD, 0, 0);

	for (i = 0; i < n; i++) {
		u32 code, e;

		len = lens[i];
		if (!len)
			continue;
		code = reverse_bits(next[len]++, len);
		e = symbol(i);
		if (len <= root) {
			for (; code < 1U << root; code += 1U << len)
				tab[code] = e | len;
			continue;
		}
		u32 *slot = &tab[code & ((1U << root) - 1)];

		if (E_KIND(*slot) != K_TABLE) {
			unsigned sub = max - root;

			if (used + (1U << sub) > size)
				return -EINVAL;
			*slot = ENTRY(K_TABLE, sub, used) | root;
			for (u32 k = 0; k < 1U << sub; k++)
				tab[used + k] = ENTRY(K_BAD, 0, 0);
			used += 1U << sub;
		}
		for (u32 k = code >> root; k < 1U << E_EXTRA(*slot);
		     k += 1U << (len - root))
			tab[E_VALUE(*slot) + k] = e | (len - root);
	}
	return 0;
}

static const u16 len_base[29] = {
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51,
	59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
};
static const u8 len_extra[29] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4,
	4, 5, 5, 5, 5, 0,
};

static u32
len_symbol(unsigned i)
{
	if (i < 256)
		return ENTRY(K_LITERAL, 0, i);
	if (i == 256)
		return ENTRY(K_END, 0, 0);
	i -= 257;
	return i < 29 ? ENTRY(K_BASE, len_extra[i], len_base[i]) :
	       ENTRY(K_BAD, 0, 0);
}

static u32
dist_symbol(unsigned i)
{
	unsigned extra = i < 4 ? 0 : i / 2 - 1;

	if (i >= NR_DIST)
		return ENTRY(K_BAD, 0, 0);
	return ENTRY(K_BASE, extra, i < 2 ? i + 1 :
		     ((2 + (i & 1)) << extra) + 1);
}

static u32
plain_symbol(unsigned i)
{
	return ENTRY(K_LITERAL, 0, i);
}

/* One code of tab from the bit buffer; the entry, or K_BAD at the end. */
static __always_inline u32
decode(struct inflate *s, const u32 *tab, unsigned root)
{
	u32 e = tab[s->hold & ((1U << root) - 1)];

	if (unlikely(E_KIND(e) == K_TABLE)) {
		drop(s, root);
		e = tab[E_VALUE(e) + (s->hold & ((1U << E_EXTRA(e)) - 1))];
	}
	if (unlikely((int)s->nbits < (int)E_BITS(e)))
		return ENTRY(K_BAD, 0, 0);
	drop(s, E_BITS(e));
	return e;
}

/* -- blocks -------------------------------------------------------------- */

static int
codes_fixed(struct inflate *s)
{
	int err;

	memset(s->lens, 8, 144);
	memset(s->lens + 144, 9, 112);
	memset(s->lens + 256, 7, 24);
	memset(s->lens + 280, 8, 8);
	err = build(s->len_tab, ARRAY_SIZE(s->len_tab), INFLATE_LEN_BITS,
		    s->lens, 288, len_symbol);
	memset(s->lens, 5, 32);
	return err ? err : build(s->dist_tab, ARRAY_SIZE(s->dist_tab),
				 INFLATE_DIST_BITS, s->lens, 32, dist_symbol);
}

/* The code lengths, run-length coded by a code of their own: RFC 1951 3.2.7 */
static int
read_lengths(struct inflate *s, unsigned ncode, unsigned total)
{
	static const u8 order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11,
				      4, 12, 3, 13, 2, 14, 1, 15 };
	unsigned i, sym, rep;
	u8 prev = 0;
	u32 v;
	int err;

	memset(s->lens, 0, 19);
	for (i = 0; i < ncode; i++) {
		err = take(s, 3, &v);
		if (err)
			return err;
		s->lens[order[i]] = v;
	}
	err = build(s->dist_tab, ARRAY_SIZE(s->dist_tab), 7, s->lens, 19,
		    plain_symbol);
	for (i = 0; !err && i < total;) {
		refill(s);
		u32 e = decode(s, s->dist_tab, 7);

		if (E_KIND(e) != K_LITERAL)
			return malformed(s);
		sym = E_VALUE(e);
		if (sym < 16) {
			prev = s->lens[i++] = sym;
			continue;
		}
		if (sym == 16) {
			if (!i)
				return -EINVAL;
			err = take(s, 2, &v);
			rep = 3 + v;
		} else {
			prev = 0;
			err = take(s, sym == 17 ? 3 : 7, &v);
			rep = (sym == 17 ? 3 : 11) + v;
		}
		if (err)
			break;
		if (rep > total - i)
			return -EINVAL;
		memset(s->lens + i, prev, rep);
		i += rep;
	}
	return err;
}

static int
codes_dynamic(struct inflate *s)
{
	u32 hlit, hdist, hclen;
	int err;

	if ((err = take(s, 5, &hlit)) || (err = take(s, 5, &hdist)) ||
	    (err = take(s, 4, &hclen)))
		return err;
	hlit += 257;
	hdist += 1;
	if (hlit > NR_LEN || hdist > NR_DIST)
		return -EINVAL;
	err = read_lengths(s, hclen + 4, hlit + hdist);
	if (err)
		return err;
	if (!s->lens[256])
		return -EINVAL;
	err = build(s->len_tab, ARRAY_SIZE(s->len_tab), INFLATE_LEN_BITS,
		    s->lens, hlit, len_symbol);
	return err ? err : build(s->dist_tab, ARRAY_SIZE(s->dist_tab),
				 INFLATE_DIST_BITS, s->lens + hlit, hdist,
				 dist_symbol);
}

static int
block_coded(struct inflate *s)
{
	u32 e, len, dist, v;
	int err;

	for (;;) {
		/* 48 bits cover the longest length and distance pair */
		if (s->nbits < 48)
			refill(s);
		e = decode(s, s->len_tab, INFLATE_LEN_BITS);
		if (E_KIND(e) == K_LITERAL) {
			s->win[s->pos++] = E_VALUE(e);
			if (unlikely(s->pos == INFLATE_WINDOW)) {
				err = flush(s);
				if (err)
					return err;
			}
			continue;
		}
		if (E_KIND(e) == K_END)
			return 0;
		if (E_KIND(e) != K_BASE)
			return malformed(s);
		len = E_VALUE(e);
		err = take(s, E_EXTRA(e), &v);
		if (err)
			return err;
		len += v;
		e = decode(s, s->dist_tab, INFLATE_DIST_BITS);
		if (E_KIND(e) != K_BASE)
			return malformed(s);
		dist = E_VALUE(e);
		err = take(s, E_EXTRA(e), &v);
		if (!err)
			err = copy_match(s, len, dist + v);
		if (err)
			return err;
	}
}

static int
block_stored(struct inflate *s)
{
	u32 len, nlen, v;
	int err;

	drop(s, s->nbits & 7);
	if ((err = take(s, 16, &len)) || (err = take(s, 16, &nlen)))
		return err;
	if (len != (nlen ^ 0xffff))
		return -EINVAL;
	while (len) {
		if (s->nbits) {
			/* the whole bytes still in the bit buffer first */
			err = take(s, 8, &v);
			if (err)
				return err;
			s->win[s->pos++] = v;
			len--;
			if (!s->nbits)
				s->hold = 0;
		} else {
			size_t n;

			s->hold = 0;
			if (s->next == s->end && !next_piece(s))
				return malformed(s);
			n = min_t(size_t, s->end - s->next, len);
			n = min_t(size_t, n, INFLATE_WINDOW - s->pos);
			memcpy(s->win + s->pos, s->next, n);
			s->next += n;
			s->pos += n;
			len -= n;
		}
		if (s->pos == INFLATE_WINDOW) {
			err = flush(s);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Blocks up to the last; the bit buffer is left as it is. */
static int
inflate_blocks(struct inflate *s)
{
	u32 last, type;
	int err;

	s->pos = s->flushed = 0;
	s->wrapped = false;
	s->crc = s->isize = 0;
	do {
		if ((err = take(s, 1, &last)) || (err = take(s, 2, &type)))
			return err;
		if (type == 0)
			err = block_stored(s);
		else if (type == 3)
			err = -EINVAL;
		else if (!(err = type == 1 ? codes_fixed(s) :
			   codes_dynamic(s)))
			err = block_coded(s);
		if (err)
			return err;
	} while (!last);
	return flush(s);
}

/* -- interface ----------------------------------------------------------- */

void
inflate_init(struct inflate *s, ssize_t (*in)(void *, const u8 **),
	     int (*out)(void *, const u8 *, size_t), void *ctx)
{
	s->in = in;
	s->out = out;
	s->ctx = ctx;
	s->piece = s->next = s->end = NULL;
	s->hold = 0;
	s->nbits = 0;
	s->error = 0;
}

int
inflate_raw(struct inflate *s)
{
	int err = inflate_blocks(s);

	if (!err) {
		drop(s, s->nbits & 7);
		unread(s);
	}
	return err;
}

static int
skip_string(struct inflate *s)
{
	u32 c;
	int err;

	do {
		err = take(s, 8, &c);
	} while (!err && c);
	return err;
}

/* RFC 1952 2.3 */
static int
gzip_header(struct inflate *s)
{
	u32 v, flags, method;
	int err;

	if (!s->nbits) {
		refill(s);
		if (!s->nbits)
			return s->error ? s->error : -ENODATA;
	}
	if ((err = take(s, 16, &v)))
		return err;
	if (v != 0x8b1f)
		return -EINVAL;
	if ((err = take(s, 8, &method)) || (err = take(s, 8, &flags)) ||
	    (err = take(s, 32, &v)) || (err = take(s, 16, &v)))
		return err;
	if (method != 8 || flags & 0xe0)
		return -EINVAL;
	if (flags & 4) {
		u32 n, c;

		err = take(s, 16, &n);
		while (!err && n--)
			err = take(s, 8, &c);
	}
	if (!err && flags & 8)
		err = skip_string(s);
	if (!err && flags & 16)
		err = skip_string(s);
	if (!err && flags & 2)
		err = take(s, 16, &v);
	return err;
}

int
inflate_gzip_member(struct inflate *s)
{
	u32 crc, isize;
	int err = gzip_header(s);

	if (!err)
		err = inflate_blocks(s);
	if (err)
		return err;
	drop(s, s->nbits & 7);
	if ((err = take(s, 32, &crc)) || (err = take(s, 32, &isize)))
		return err;
	return crc == s->crc && isize == s->isize ? 0 : -EINVAL;
}

int
inflate_gzip(struct inflate *s)
{
	bool any = false;
	int err;

	for (;;) {
		for (;;) {
			if (s->nbits < 8)
				refill(s);
			if (s->nbits < 8 || s->hold & 0xff)
				break;
			drop(s, 8);
		}
		err = inflate_gzip_member(s);
		if (err == -ENODATA)
			return any ? 0 : err;
		if (err)
			return err;
		any = true;
	}
}

struct one_buf {
	const u8 *buf;
	size_t len;
	int (*out)(void *, const u8 *, size_t);
	void *ctx;
};

static ssize_t
one_buf_in(void *ctx, const u8 **buf)
{
	struct one_buf *b = ctx;
	ssize_t n = b->len;

	*buf = b->buf;
	b->len = 0;
	return n;
}

static int
one_buf_out(void *ctx, const u8 *p, size_t n)
{
	struct one_buf *b = ctx;

	return b->out(b->ctx, p, n);
}

int
inflate_gzip_buf(struct inflate *s, const u8 *buf, size_t len, size_t *used,
		 int (*out)(void *, const u8 *, size_t), void *ctx)
{
	struct one_buf b = { buf, len, out, ctx };
	int err;

	inflate_init(s, one_buf_in, one_buf_out, &b);
	err = inflate_gzip_member(s);
	unread(s);
	*used = s->next ? s->next - buf : 0;
	return err;
}
