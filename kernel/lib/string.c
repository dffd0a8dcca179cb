/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions.
 *
 * The bulk routines are written for few instructions: sizes up to 32 are two
 * or four possibly overlapping words, larger ones `rep movsq`/`rep stosq`
 * (quadwords, because each iteration counts as an instruction where they are
 * counted, and because processors without fast short strings want few) with
 * the odd bytes moved as one overlapping word at the end. The words are read
 * before anything is written, so memcpy would even survive overlap there, but
 * only memmove promises it.
 *
 * strlen and strnlen read aligned words, which may touch bytes after the
 * terminator but never another page.
 */
#define LIB_STRING_NO_BUILTIN
#include "lib/string.h"
#include "lib/ctype.h"
#include "abi/errno.h"

/* Do not turn the loops below into calls of the functions they define. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

#define ONES	0x0101010101010101UL
#define HIGHS	0x8080808080808080UL

typedef u64 __attribute__((may_alias, aligned(1))) word_t;
typedef u32 __attribute__((may_alias, aligned(1))) half_t;
typedef u16 __attribute__((may_alias, aligned(1))) short_t;

/* 0..32 bytes: everything is loaded before anything is stored */
static __always_inline void
copy_small(u8 *d, const u8 *s, size_t n)
{
	if (n >= 16) {
		u64 a = *(const word_t *)s, b = *(const word_t *)(s + 8);
		u64 c = *(const word_t *)(s + n - 16);
		u64 e = *(const word_t *)(s + n - 8);

		*(word_t *)d = a;
		*(word_t *)(d + 8) = b;
		*(word_t *)(d + n - 16) = c;
		*(word_t *)(d + n - 8) = e;
	} else if (n >= 8) {
		u64 a = *(const word_t *)s, b = *(const word_t *)(s + n - 8);

		*(word_t *)d = a;
		*(word_t *)(d + n - 8) = b;
	} else if (n >= 4) {
		u32 a = *(const half_t *)s, b = *(const half_t *)(s + n - 4);

		*(half_t *)d = a;
		*(half_t *)(d + n - 4) = b;
	} else if (n >= 2) {
		u16 a = *(const short_t *)s;
		u8 b = s[n - 1];

		*(short_t *)d = a;
		d[n - 1] = b;
	} else if (n) {
		*d = *s;
	}
}

void *
memcpy(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if (n <= 32) {
		copy_small(d, s, n);
		return dst;
	}
	u64 last = *(const word_t *)(s + n - 8);
	u8 *end = d + n - 8;
	size_t words = (n - 1) / 8;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words)
			 : : "memory");
	*(word_t *)end = last;
	return dst;
}

void *
memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if (n <= 32) {
		copy_small(d, s, n);
		return dst;
	}
	if ((unsigned long)d - (unsigned long)s >= n)
		return memcpy(dst, src, n);
	/* dst lies inside src: from the end, by words, then the head */
	u64 a = *(const word_t *)s;

	while (n > 8) {
		n -= 8;
		*(word_t *)(d + n) = *(const word_t *)(s + n);
	}
	*(word_t *)d = a;
	return dst;
}

void *
memset(void *dst, int c, size_t n)
{
	u8 *d = dst;
	u64 w = (u8)c * ONES;

	if (n >= 8) {
		*(word_t *)(d + n - 8) = w;
		if (n <= 32) {
			*(word_t *)d = w;
			if (n > 16) {
				*(word_t *)(d + 8) = w;
				*(word_t *)(d + n - 16) = w;
			}
			return dst;
		}
		size_t words = (n - 1) / 8;

		__asm__ volatile("rep stosq" : "+D"(d), "+c"(words)
				 : "a"(w) : "memory");
		return dst;
	}
	if (n >= 4) {
		*(half_t *)d = w;
		*(half_t *)(d + n - 4) = w;
	} else if (n) {
		d[0] = w;
		d[n - 1] = w;
		d[n / 2] = w;
	}
	return dst;
}

void
memzero_explicit(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n >= 8; n -= 8, p += 8, q += 8) {
		u64 x = *(const word_t *)p, y = *(const word_t *)q;

		if (x != y) {
			x = __builtin_bswap64(x);
			y = __builtin_bswap64(y);
			return x < y ? -1 : 1;
		}
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *
memchr(const void *p, int c, size_t n)
{
	const u8 *s = p;
	u64 pat = (u8)c * ONES;

	for (; n >= 8; n -= 8, s += 8) {
		u64 x = *(const word_t *)s ^ pat;

		if ((x - ONES) & ~x & HIGHS)
			break;
	}
	for (; n; n--, s++)
		if (*s == (u8)c)
			return (void *)s;
	return NULL;
}

void *
memchr_inv(const void *p, int c, size_t n)
{
	const u8 *s = p;
	u64 pat = (u8)c * ONES;

	for (; n >= 8; n -= 8, s += 8)
		if (*(const word_t *)s != pat)
			break;
	for (; n; n--, s++)
		if (*s != (u8)c)
			return (void *)s;
	return NULL;
}

__attribute__((no_sanitize("address")))
size_t
strlen(const char *s)
{
	const char *p = s;

	for (; (unsigned long)p & 7; p++)
		if (!*p)
			return p - s;
	for (;; p += 8) {
		u64 x = *(const word_t *)p, z = (x - ONES) & ~x & HIGHS;

		if (z)
			return p - s + __builtin_ctzl(z) / 8;
	}
}

__attribute__((no_sanitize("address")))
size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	for (; n < max && ((unsigned long)(s + n) & 7); n++)
		if (!s[n])
			return n;
	for (; n < max; n += 8) {
		u64 x = *(const word_t *)(s + n), z = (x - ONES) & ~x & HIGHS;

		if (z) {
			n += __builtin_ctzl(z) / 8;
			return n < max ? n : max;
		}
	}
	return max;
}

int
strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (u8)*a - (u8)*b;
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

int
strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		int x = tolower((u8)*a), y = tolower((u8)*b);

		if (x != y || !x)
			return x - y;
	}
	return 0;
}

int
strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

char *
strchrnul(const char *s, int c)
{
	for (; *s && *s != (char)c; s++)
		;
	return (char *)s;
}

char *
strchr(const char *s, int c)
{
	s = strchrnul(s, c);
	return *s == (char)c ? (char *)s : NULL;
}

char *
strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

char *
strstr(const char *hay, const char *needle)
{
	size_t n = strlen(needle);

	if (!n)
		return (char *)hay;
	for (; (hay = strchr(hay, needle[0])); hay++)
		if (!strncmp(hay, needle, n))
			return (char *)hay;
	return NULL;
}

size_t
strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] && !strchr(reject, s[n]))
		n++;
	return n;
}

size_t
strspn(const char *s, const char *accept)
{
	size_t n = 0;

	while (s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

char *
strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

char *
strsep(char **sp, const char *delim)
{
	char *s = *sp, *end;

	if (!s)
		return NULL;
	end = s + strcspn(s, delim);
	if (*end)
		*end++ = '\0';
	else
		end = NULL;
	*sp = end;
	return s;
}

size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src);

	if (size) {
		size_t len = n < size ? n : size - 1;

		memcpy(dst, src, len);
		dst[len] = '\0';
	}
	return n;
}

size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(dst, size);

	return n + strlcpy(dst + n, src, size - n);
}

ssize_t
strscpy(char *dst, const char *src, size_t size)
{
	if (!size)
		return -E2BIG;
	size_t n = strnlen(src, size);

	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return n;
}

bool
str_has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}
