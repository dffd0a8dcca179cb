/* SPDX-License-Identifier: MIT */
/* ASCII classification without tables or locales; any int is accepted. */
#ifndef LIB_CTYPE_H
#define LIB_CTYPE_H

#include "lib/types.h"

static inline bool
isdigit(int c)
{
	return (unsigned)c - '0' < 10;
}

static inline bool
isupper(int c)
{
	return (unsigned)c - 'A' < 26;
}

static inline bool
islower(int c)
{
	return (unsigned)c - 'a' < 26;
}

static inline bool
isalpha(int c)
{
	return ((unsigned)c | 32) - 'a' < 26;
}

static inline bool
isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}

static inline bool
isxdigit(int c)
{
	return isdigit(c) || ((unsigned)c | 32) - 'a' < 6;
}

static inline bool
isspace(int c)
{
	return c == ' ' || (unsigned)c - '\t' < 5;
}

static inline bool
isprint(int c)
{
	return (unsigned)c - 0x20 < 0x5f;
}

static inline bool
isgraph(int c)
{
	return (unsigned)c - 0x21 < 0x5e;
}

static inline bool
ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

static inline bool
iscntrl(int c)
{
	return (unsigned)c < 0x20 || c == 0x7f;
}

static inline int
tolower(int c)
{
	return isupper(c) ? c | 32 : c;
}

static inline int
toupper(int c)
{
	return islower(c) ? c & ~32 : c;
}

/* value of a digit in any base up to 36, or -1 */
static inline int
digit_value(int c)
{
	if (isdigit(c))
		return c - '0';
	if (isalpha(c))
		return (c | 32) - 'a' + 10;
	return -1;
}

#endif
