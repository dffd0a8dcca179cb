/* SPDX-License-Identifier: MIT */
/* Text to number. See lib/kstrto.h for the contract. */
#include "lib/kstrto.h"
#include "lib/ctype.h"
#include "lib/string.h"
#include "abi/errno.h"

/* Digits at s; sets *end and *over, returns the (saturated) value. */
static u64
parse_digits(const char *s, const char **end, unsigned base, bool *over)
{
	const char *p = s;
	u64 v = 0;

	*over = false;
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 32) == 'x' &&
	    isxdigit(p[2])) {
		p += 2;
		base = 16;
	} else if (base == 0) {
		base = p[0] == '0' ? 8 : 10;
	}
	for (;; p++) {
		int d = digit_value((u8)*p);

		if (d < 0 || (unsigned)d >= base)
			break;
		if (mul_overflow(v, (u64)base, &v) ||
		    add_overflow(v, (u64)d, &v))
			*over = true;
		if (*over)
			v = U64_MAX;
	}
	*end = p;
	return v;
}

int
kstrtou64(const char *s, unsigned base, u64 *out)
{
	const char *end;
	bool over;
	u64 v;

	if (*s == '+')
		s++;
	v = parse_digits(s, &end, base, &over);
	if (end == s)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (over)
		return -ERANGE;
	*out = v;
	return 0;
}

int
kstrtos64(const char *s, unsigned base, s64 *out)
{
	bool neg = *s == '-';
	u64 v;
	int err;

	if (neg && s[1] == '+')
		return -EINVAL;
	err = kstrtou64(s + neg, base, &v);
	if (err)
		return err;
	if (v > (u64)S64_MAX + neg)
		return -ERANGE;
	*out = neg ? (s64)(0 - v) : (s64)v;
	return 0;
}

int
kstrtou32(const char *s, unsigned base, u32 *out)
{
	u64 v;
	int err = kstrtou64(s, base, &v);

	if (err)
		return err;
	if (v > U32_MAX)
		return -ERANGE;
	*out = v;
	return 0;
}

int
kstrtos32(const char *s, unsigned base, s32 *out)
{
	s64 v;
	int err = kstrtos64(s, base, &v);

	if (err)
		return err;
	if (v != (s32)v)
		return -ERANGE;
	*out = v;
	return 0;
}

int
kstrtobool(const char *s, bool *out)
{
	switch (s[0]) {
	case 'y': case 'Y': case 't': case 'T': case '1':
		*out = true;
		return 0;
	case 'n': case 'N': case 'f': case 'F': case '0':
		*out = false;
		return 0;
	case 'o': case 'O':
		if ((s[1] | 32) == 'n') {
			*out = true;
			return 0;
		}
		if ((s[1] | 32) == 'f') {
			*out = false;
			return 0;
		}
		break;
	}
	return -EINVAL;
}

u64
kstrtoul_prefix(const char *s, const char **end, unsigned base)
{
	const char *e;
	bool over;
	u64 v = parse_digits(s, &e, base, &over);

	if (end)
		*end = e;
	return v;
}

u64
memparse(const char *s, const char **end)
{
	const char *e;
	u64 v = kstrtoul_prefix(s, &e, 0);
	unsigned shift = 0;

	if (e != s) {
		switch (*e | 32) {
		case 'k': shift = 10; break;
		case 'm': shift = 20; break;
		case 'g': shift = 30; break;
		case 't': shift = 40; break;
		case 'p': shift = 50; break;
		case 'e': shift = 60; break;
		}
	}
	if (shift) {
		e++;
		v = v >> (64 - shift) ? U64_MAX : v << shift;
	}
	if (end)
		*end = e;
	return v;
}
