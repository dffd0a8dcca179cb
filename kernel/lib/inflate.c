/* SPDX-License-Identifier: MIT */
/*
 * DEFLATE and gzip decoding, RFC 1951 and 1952.
 *
 * Bits are held low first in a 64-bit word, refilled eight bytes at a time
 * while the piece lasts. Codes are looked up in a root table by the next 11
 * (9) bits, longer ones through a second table; an entry is
 *
 *	bits 0-7   bits of the code to drop
 *	literal    bit 31 set, bits 8-15 the byte
 *	base       bits 8-12 extra bits, 16-30 the length or distance
 *	special    bit 15 set: second table (14; 8-12 its index bits, 16-28 its
 *		   place), end of block (13), or no code at all
 *
 * The window is linear: 32 KiB of history and 32 KiB of new bytes, with room
 * behind for the longest match, so that matches are copied by words without
 * looking for its end. When it is full, the new bytes are handed to out() and
 * the last 32 KiB move to the front.
 *
 * block_fast() does all but the edges: as many rounds as the input and the
 * window certainly have room for, without looking at their ends. Its bit buffer
 * is read anew from the place of the next bit, which is cheaper than to keep
 * the bits that are left. symbol_slow() decodes the few symbols around the ends
 * of pieces with all checks.
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

#define E_LITERAL	0x80000000
#define E_SPECIAL	0x8000
#define E_SUB		0x4000
#define E_END		0x2000
#define ENTRY_LITERAL(v)	(E_LITERAL | (u32)(v) << 8)
#define ENTRY_BASE(extra, v)	((u32)(extra) << 8 | (u32)(v) << 16)
#define ENTRY_SUB(bits, at)	(E_SPECIAL | E_SUB | ENTRY_BASE(bits, at))
#define ENTRY_END		(E_SPECIAL | E_END)
#define ENTRY_BAD		E_SPECIAL
#define E_BITS(e)	((e) & 255)
#define E_EXTRA(e)	((e) >> 8 & 31)
#define E_VALUE(e)	((e) >> 16)
#define E_BYTE(e)	((u8)((e) >> 8))

#define HISTORY		INFLATE_WINDOW
#define FULL		(2 * INFLATE_WINDOW)
#define MAX_MATCH	258
/* a round of block_fast(): literals of one bit, a match, the last word's rest */
#define ROUND_OUT	512
static_assert(INFLATE_SLACK >= ROUND_OUT && ROUND_OUT >= 64 + MAX_MATCH + 8,
	      "window");

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
	if (s->pos >= FULL) {
		memcpy(s->win, s->win + s->pos - HISTORY, HISTORY);
		s->pos = HISTORY;
	}
	s->flushed = s->pos;
	return err;
}

/* One match; at least 8 bytes behind its end may be overwritten. */
static __always_inline u8 *
copy_match(u8 *out, u64 len, u64 dist)
{
	const u8 *p = out - dist;
	u8 *end = out + len;

	if (likely(dist >= 8)) {
		put_le64(out, get_le64(p));
		while (unlikely(len > 8)) {
			out += 8;
			p += 8;
			len -= 8;
			put_le64(out, get_le64(p));
		}
	} else if (dist == 1) {
		u64 v = *p * 0x0101010101010101UL;

		for (; out < end; out += 8)
			put_le64(out, v);
	} else {
		while (out < end)
			*out++ = *p++;
	}
	return end;
}

/* -- codes --------------------------------------------------------------- */

/*
 * The next code of the same length, bits reversed: one more at the other end.
 * Of the last code, all ones, there is none.
 */
static inline u32
code_next(u32 code, unsigned len)
{
	u32 zeros = code ^ ((1U << len) - 1), bit;

	if (!zeros)
		return code;
	bit = 1U << (31 - __builtin_clz(zeros));
	return (code & (bit - 1)) | bit;
}

/* sym[] in the order of their codes; their number, or -EINVAL: no prefix code */
static int
sort_symbols(u16 *sym, const u8 *lens, unsigned n, u16 *count, unsigned *max)
{
	u16 at[MAX_BITS + 2];
	int left = 1;

	memset(count, 0, (MAX_BITS + 1) * sizeof(*count));
	for (unsigned i = 0; i < n; i++)
		count[lens[i]]++;
	count[0] = 0;
	*max = 0;
	at[1] = 0;
	for (unsigned len = 1; len <= MAX_BITS; len++) {
		left = (left << 1) - count[len];
		if (left < 0)
			return -EINVAL;
		at[len + 1] = at[len] + count[len];
		if (count[len])
			*max = len;
	}
	/* incomplete is allowed for no code at all and for one of 1 bit */
	if (left && *max > 1)
		return -EINVAL;
	for (unsigned i = 0; i < n; i++)
		if (lens[i])
			sym[at[lens[i]]++] = i;
	return at[MAX_BITS + 1];
}

/*
 * Tables for n code lengths. symbol() gives the entry (without code bits) for
 * each symbol. 0, or -EINVAL when the lengths are no prefix code.
 *
 * Codes come in order of length; the table has room for the present length
 * only, and is doubled when that grows, which repeats all shorter codes.
 */
static int
build(u32 *tab, unsigned size, unsigned root, const u8 *lens, unsigned n,
      u32 (*symbol)(unsigned))
{
	u16 count[MAX_BITS + 1], sym[288];
	unsigned used = 1U << root, len = 1, max;
	u32 code = 0, *slot;
	int nr = sort_symbols(sym, lens, n, count, &max);

	if (nr < 0)
		return nr;
	tab[0] = tab[1] = ENTRY_BAD;
	for (int i = 0; i < nr; i++) {
		unsigned sub = max - root;
		u32 e = symbol(sym[i]);

		for (; len < lens[sym[i]]; len++)
			if (len < root)
				memcpy(tab + (1U << len), tab,
				       sizeof(*tab) << len);
		if (len <= root) {
			tab[code] = e | len;
			code = code_next(code, len);
			continue;
		}
		slot = &tab[code & ((1U << root) - 1)];
		if (!(code >> root)) {		/* the first behind it */
			if (used + (1U << sub) > size)
				return -EINVAL;
			*slot = ENTRY_SUB(sub, used) | root;
			used += 1U << sub;
		}
		for (u32 k = code >> root; k < 1U << sub;
		     k += 1U << (len - root))
			tab[E_VALUE(*slot) + k] = e | (len - root);
		code = code_next(code, len);
	}
	for (; len < root; len++)
		memcpy(tab + (1U << len), tab, sizeof(*tab) << len);
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
		return ENTRY_LITERAL(i);
	if (i == 256)
		return ENTRY_END;
	i -= 257;
	return i < 29 ? ENTRY_BASE(len_extra[i], len_base[i]) : ENTRY_BAD;
}

static u32
dist_symbol(unsigned i)
{
	unsigned extra = i < 4 ? 0 : i / 2 - 1;

	if (i >= NR_DIST)
		return ENTRY_BAD;
	return ENTRY_BASE(extra, i < 2 ? i + 1 : ((2 + (i & 1)) << extra) + 1);
}

static u32
plain_symbol(unsigned i)
{
	return ENTRY_LITERAL(i);
}

/* One code of tab from the bit buffer; the entry, or ENTRY_BAD at the end. */
static u32
decode(struct inflate *s, const u32 *tab, unsigned root)
{
	u32 e = tab[s->hold & ((1U << root) - 1)];

	if (e & E_SPECIAL && e & E_SUB && !(e & E_LITERAL)) {
		if (s->nbits < root)
			return ENTRY_BAD;
		drop(s, root);
		e = tab[E_VALUE(e) + (s->hold & ((1U << E_EXTRA(e)) - 1))];
	}
	if (s->nbits < E_BITS(e))
		return ENTRY_BAD;
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

		if (!(e & E_LITERAL))
			return malformed(s);
		sym = E_BYTE(e);
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

/* x & low_bits[n]: the lowest n bits */
static const u16 low_bits[16] = {
	0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 8191,
	16383, 32767,
};

/*
 * The bit buffer in registers: hold has what follows the first `taken` bits
 * from next on, of which there are less than 64; only the low byte counts.
 */
#define REFILL() do { \
		next += (u8)taken >> 3; \
		taken &= 7; \
		hold = get_le64(next) >> taken; \
	} while (0)
#define DROP(n)		do { hold >>= (n) & 63; taken += (n); } while (0)
#define LEFT(n)		((u8)taken <= 64 - (n))
#define LEN_AT(h)	len_tab[(h) & ((1U << INFLATE_LEN_BITS) - 1)]
#define DIST_AT(h)	dist_tab[(h) & ((1U << INFLATE_DIST_BITS) - 1)]

/* of input, a round takes 12 bytes at most and looks at 24 */
#define ROUND_IN	32

/* what is more than base plus nothing: second table, extra bits */
#define E_UNUSUAL	(E_SPECIAL | 0x1f00)

/*
 * As much as goes without looking at the ends. 1 at the end of the block, 0
 * when the input or the window is used up, or -EINVAL.
 *
 * A round begins with at least 57 bits: three literals from the root table
 * (33) and a length code with its extra bits (20), or more literals as long as
 * 20 bits are left. Before the distance (15 + 13 bits) it refills if need be.
 */
static __noinline int
block_fast(struct inflate *s)
{
	const u32 *len_tab = s->len_tab, *dist_tab = s->dist_tab;
	const u8 *next = s->next - (s->nbits + 7) / 8;
	u8 *out = s->win + s->pos;
	u64 hold, len, dist;
	u32 taken = -s->nbits & 7, e, x, rounds;
	int ret = 0;

again:
	rounds = min((size_t)(s->end - next) / ROUND_IN,
		     (size_t)(s->win + FULL - out) / ROUND_OUT + 1);
	for (; rounds; rounds--) {
		REFILL();
		e = LEN_AT(hold);
		if (e & E_LITERAL) {
			DROP(e);
			*out++ = E_BYTE(e);
			e = LEN_AT(hold);
			if (!(e & E_LITERAL))
				goto match;
			DROP(e);
			*out++ = E_BYTE(e);
			e = LEN_AT(hold);
			if (!(e & E_LITERAL))
				goto match;
			do {
				DROP(e);
				*out++ = E_BYTE(e);
				if (unlikely(!LEFT(20)))
					goto next_round;
				e = LEN_AT(hold);
			} while (e & E_LITERAL);
		}
match:
		if (unlikely(e & E_UNUSUAL)) {
			if (e & E_SPECIAL && e & E_SUB) {
				DROP(INFLATE_LEN_BITS);
				e = len_tab[E_VALUE(e) +
					    (hold & low_bits[E_EXTRA(e)])];
			}
			DROP(e);
			if (e & E_LITERAL) {
				*out++ = E_BYTE(e);
				continue;
			}
			if (e & E_SPECIAL) {
				ret = e & E_END ? 1 : -EINVAL;
				goto done;
			}
			len = E_VALUE(e);
			x = E_EXTRA(e);
			len += hold & low_bits[x];
			DROP(x);
		} else {
			DROP(e);
			len = E_VALUE(e);
		}
		if (!LEFT(28))
			REFILL();
		e = DIST_AT(hold);
		if (unlikely(e & E_SPECIAL)) {
			if (e & E_SUB) {
				DROP(INFLATE_DIST_BITS);
				e = dist_tab[E_VALUE(e) +
					     (hold & low_bits[E_EXTRA(e)])];
			}
			if (e & E_SPECIAL) {
				ret = -EINVAL;
				goto done;
			}
		}
		x = E_BYTE(e);
		__asm__("" : "+r"(x));		/* taken out once */
		DROP(e);
		dist = E_VALUE(e) + (hold & low_bits[x]);
		DROP(x);
		if (unlikely(out - dist < s->win)) {
			ret = -EINVAL;
			goto done;
		}
		out = copy_match(out, len, dist);
next_round:	;
	}
	if (s->end - next >= 2 * ROUND_IN && out < s->win + FULL)
		goto again;
done:
	next += (u8)taken >> 3;
	taken &= 7;
	s->next = next;
	s->pos = out - s->win;
	s->hold = 0;
	s->nbits = 0;
	if (taken) {
		s->hold = *next >> taken;
		s->nbits = 8 - taken;
		s->next++;
	}
	return ret;
}

/* One symbol, or a match, with all the checks: as block_fast() */
static int
symbol_slow(struct inflate *s)
{
	u32 e, len, dist, v;
	int err;

	refill(s);
	e = decode(s, s->len_tab, INFLATE_LEN_BITS);
	if (e & E_LITERAL) {
		s->win[s->pos++] = E_BYTE(e);
		return 0;
	}
	if (e & E_SPECIAL)
		return e & E_END ? 1 : malformed(s);
	len = E_VALUE(e);
	err = take(s, E_EXTRA(e), &v);
	if (err)
		return err;
	len += v;
	refill(s);
	e = decode(s, s->dist_tab, INFLATE_DIST_BITS);
	if (e & E_SPECIAL)
		return malformed(s);
	dist = E_VALUE(e);
	err = take(s, E_EXTRA(e), &v);
	if (err)
		return err;
	dist += v;
	if (dist > s->pos)
		return -EINVAL;
	s->pos = copy_match(s->win + s->pos, len, dist) - s->win;
	return 0;
}

static int
block_coded(struct inflate *s)
{
	int r;

	for (;;) {
		/* the bits held are read again: they must be this piece's */
		if (s->end - s->next >= ROUND_IN &&
		    s->next - s->piece >= (s->nbits + 7) / 8)
			r = block_fast(s);
		else
			r = symbol_slow(s);
		if (r < 0)
			return r;
		if (s->pos >= FULL) {
			int err = flush(s);

			if (err)
				return err;
		}
		if (r)
			return 0;
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
			n = min_t(size_t, n, FULL - s->pos);
			memcpy(s->win + s->pos, s->next, n);
			s->next += n;
			s->pos += n;
			len -= n;
		}
		if (s->pos >= FULL) {
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
