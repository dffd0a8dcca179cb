/* SPDX-License-Identifier: MIT */
/*
 * The formatting core. One walk over the format string hands runs of
 * characters to an output function; snprintf and friends are outputs into a
 * bounded buffer. Numbers are formatted backwards into a small buffer on the
 * stack, padding is written from constant strings in runs, so a conversion
 * costs two or three calls of out() at most.
 *
 * A NULL string prints as (null). An unknown conversion is printed as it
 * stands: a log line with a wrong format must still come out.
 */
#include "lib/printf.h"
#include "lib/ctype.h"
#include "lib/hash.h"
#include "lib/string.h"

#define F_LEFT		BIT(0)
#define F_PLUS		BIT(1)
#define F_SPACE		BIT(2)
#define F_ALT		BIT(3)
#define F_ZERO		BIT(4)
#define F_UPPER		BIT(5)

/* padding in one conversion is bounded: a bad width must not flood a log */
#define PAD_MAX		4096

struct sink {
	printf_out_t out;
	void *ctx;
	size_t total;
};

struct spec {
	unsigned flags;
	int width;
	int prec;		/* -1: none given */
};

int (*printf_symbol_hook)(char *buf, size_t size, unsigned long addr);

__weak u64
printf_hash_ptr(const void *p)
{
	static const struct siphash_key key = {
		{ 0x4b65726c61202020UL, 0x706f696e74657273UL }
	};

	return siphash13_u64((unsigned long)p, &key);
}

static void
put(struct sink *k, const char *s, size_t n)
{
	if (n) {
		k->out(k->ctx, s, n);
		k->total += n;
	}
}

static void
put_pad(struct sink *k, char c, int n)
{
	static const char blanks[] = "                ";
	static const char zeros[] = "0000000000000000";
	const char *from = c == '0' ? zeros : blanks;

	for (n = min(n, PAD_MAX); n > 0; n -= 16)
		put(k, from, min(n, 16));
}

static void
put_string(struct sink *k, const struct spec *sp, const char *s, size_t n)
{
	int pad = sp->width > (int)n ? sp->width - (int)n : 0;

	if (!(sp->flags & F_LEFT))
		put_pad(k, ' ', pad);
	put(k, s, n);
	if (sp->flags & F_LEFT)
		put_pad(k, ' ', pad);
}

/* digits of v, ending at end; returns where they start */
static char *
format_digits(char *end, u64 v, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	switch (base) {
	case 10:
		for (; v; v /= 10)
			*--end = '0' + v % 10;
		break;
	case 16:
		for (; v; v >>= 4)
			*--end = digits[v & 15];
		break;
	default:
		for (; v; v >>= 3)
			*--end = '0' + (v & 7);
		break;
	}
	return end;
}

static void
put_number(struct sink *k, const struct spec *sp, u64 v, unsigned base,
	   const char *sign)
{
	char buf[24], prefix[4];
	char *end = buf + sizeof(buf);
	char *p = format_digits(end, v, base, sp->flags & F_UPPER);
	int n, np = 0, zeros, pad;

	if (*sign)
		prefix[np++] = *sign;
	if (sp->flags & F_ALT && v && base == 16) {
		prefix[np++] = '0';
		prefix[np++] = sp->flags & F_UPPER ? 'X' : 'x';
	}
	if (p == end && sp->prec != 0)
		*--p = '0';
	if (sp->flags & F_ALT && base == 8 && (p == end || *p != '0'))
		*--p = '0';
	n = end - p;
	zeros = sp->prec > n ? sp->prec - n : 0;
	pad = sp->width - n - np - zeros;
	if (pad > 0 && sp->prec < 0 && (sp->flags & (F_ZERO | F_LEFT)) ==
	    F_ZERO) {
		zeros = pad;
		pad = 0;
	}
	if (!(sp->flags & F_LEFT))
		put_pad(k, ' ', pad);
	put(k, prefix, np);
	put_pad(k, '0', zeros);
	put(k, p, n);
	if (sp->flags & F_LEFT)
		put_pad(k, ' ', pad);
}

/* %p and its suffixes; returns the characters of the suffix used up */
static int
put_pointer(struct sink *k, struct spec *sp, const char *suffix,
	    const void *p)
{
	char buf[128];
	int n;

	switch (*suffix) {
	case 'S':
		if (printf_symbol_hook) {
			n = printf_symbol_hook(buf, sizeof(buf),
					       (unsigned long)p);
			n = clamp_t(int, n, 0, (int)sizeof(buf) - 1);
		} else {
			n = scnprintf(buf, sizeof(buf), "0x%lx",
				      (unsigned long)p);
		}
		put_string(k, sp, buf, n);
		return 1;
	case 'V': {
		const struct va_format *vf = p;
		va_list ap;

		va_copy(ap, *vf->ap);
		k->total += vcprintf(k->out, k->ctx, vf->fmt, ap);
		va_end(ap);
		return 1;
	}
	case 'x':
		sp->prec = 16;
		put_number(k, sp, (unsigned long)p, 16, "");
		return 1;
	default:
		if (!p) {
			put_string(k, sp, "(null)", 6);
			return 0;
		}
		sp->prec = 16;
		put_number(k, sp, printf_hash_ptr(p), 16, "");
		return 0;
	}
}

static const char *
parse_flags(const char *f, struct spec *sp)
{
	for (sp->flags = 0;; f++) {
		switch (*f) {
		case '-': sp->flags |= F_LEFT; break;
		case '+': sp->flags |= F_PLUS; break;
		case ' ': sp->flags |= F_SPACE; break;
		case '#': sp->flags |= F_ALT; break;
		case '0': sp->flags |= F_ZERO; break;
		default: return f;
		}
	}
}

static const char *
parse_int(const char *f, int *out)
{
	int v = 0;

	for (; isdigit(*f); f++)
		v = v < PAD_MAX ? v * 10 + *f - '0' : PAD_MAX;
	*out = v;
	return f;
}

/* length modifiers to a shift: bytes of the argument, negative for signed
 * truncation below int */
static const char *
parse_length(const char *f, int *bytes)
{
	*bytes = 4;
	switch (*f) {
	case 'h':
		*bytes = 2;
		if (*++f == 'h') {
			*bytes = 1;
			f++;
		}
		break;
	case 'l':
		*bytes = 8;
		if (*++f == 'l')
			f++;
		break;
	case 'z': case 't': case 'j':
		*bytes = 8;
		f++;
		break;
	}
	return f;
}

size_t
vcprintf(printf_out_t out, void *ctx, const char *fmt, va_list ap0)
{
	struct sink k = { .out = out, .ctx = ctx };
	struct spec sp;
	va_list ap;

	va_copy(ap, ap0);
	for (;;) {
		const char *f = strchrnul(fmt, '%'), *start = f;
		unsigned base = 10;
		int bytes;
		char c;

		put(&k, fmt, f - fmt);
		if (!*f)
			break;
		f = parse_flags(f + 1, &sp);
		if (*f == '*') {
			int w = va_arg(ap, int);

			f++;
			if (w < 0)
				sp.flags |= F_LEFT;
			sp.width = w < -PAD_MAX || w > PAD_MAX ? PAD_MAX :
				   w < 0 ? -w : w;
		} else {
			f = parse_int(f, &sp.width);
		}
		sp.prec = -1;
		if (*f == '.') {
			if (*++f == '*') {
				int p = va_arg(ap, int);

				f++;
				sp.prec = p < 0 ? -1 : min(p, INT_MAX / 2);
			} else {
				f = parse_int(f, &sp.prec);
			}
		}
		f = parse_length(f, &bytes);
		switch (*f) {
		case 'd': case 'i': {
			s64 v = bytes == 8 ? va_arg(ap, s64) : va_arg(ap, int);

			if (bytes == 2)
				v = (s16)v;
			else if (bytes == 1)
				v = (s8)v;
			put_number(&k, &sp, v < 0 ? 0UL - (u64)v : (u64)v, 10,
				   v < 0 ? "-" : sp.flags & F_PLUS ? "+" :
				   sp.flags & F_SPACE ? " " : "");
			break;
		}
		case 'X':
			sp.flags |= F_UPPER;
			__fallthrough;
		case 'x':
			base = 16;
			goto number;
		case 'o':
			base = 8;
			__fallthrough;
		case 'u':
		number: {
			u64 v = bytes == 8 ? va_arg(ap, u64) :
				va_arg(ap, u32);

			if (bytes == 2)
				v = (u16)v;
			else if (bytes == 1)
				v = (u8)v;
			put_number(&k, &sp, v, base, "");
			break;
		}
		case 'c':
			c = va_arg(ap, int);
			put_string(&k, &sp, &c, 1);
			break;
		case 's': {
			const char *s = va_arg(ap, const char *);

			if (!s)
				s = "(null)";
			put_string(&k, &sp, s, sp.prec < 0 ? strlen(s) :
				   strnlen(s, sp.prec));
			break;
		}
		case 'p':
			f += put_pointer(&k, &sp, f + 1,
					 va_arg(ap, const void *));
			break;
		case '%':
			put(&k, "%", 1);
			break;
		default:
			/* unknown, or the string ends: show it */
			put(&k, start, f - start);
			fmt = f;
			continue;
		}
		fmt = f + 1;
	}
	va_end(ap);
	return k.total;
}

size_t
cprintf(printf_out_t out, void *ctx, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = vcprintf(out, ctx, fmt, ap);
	va_end(ap);
	return n;
}

struct bounded {
	char *p, *end;		/* end: room for the NUL is beyond it */
};

static void
bounded_out(void *ctx, const char *s, size_t n)
{
	struct bounded *b = ctx;
	size_t room = b->end - b->p;

	if (n > room)
		n = room;
	memcpy(b->p, s, n);
	b->p += n;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	char none[1];
	struct bounded b;
	size_t n;

	if (!size) {
		b.p = b.end = none;
	} else {
		b.p = buf;
		b.end = buf + size - 1;
	}
	n = vcprintf(bounded_out, &b, fmt, ap);
	if (size)
		*b.p = '\0';
	return n;
}

int
snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int
vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(buf, size, fmt, ap);

	if (!size)
		return 0;
	return (size_t)n < size ? n : (int)size - 1;
}

int
scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vscnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
