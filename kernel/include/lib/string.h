/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions with libc semantics, plus the bounded copies
 * the kernel uses in place of strcpy. Context: any.
 *
 * memcpy, memset, memcmp and strlen are routed through the compiler's
 * builtins so that small constant sizes become plain moves.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *p, int c, size_t n);
/* first byte that differs from c, or NULL */
void *memchr_inv(const void *p, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
/* like strchr, but the end of the string when c is absent */
char *strchrnul(const char *s, int c);
char *strstr(const char *hay, const char *needle);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
/* next token of *sp, cut at any of delim; *sp = NULL after the last */
char *strsep(char **sp, const char *delim);

/* Copy with truncation, always terminated when size > 0.
 * Returns strlen(src): the result was cut when that is >= size. */
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);
/* Same, but returns the bytes copied, or -E2BIG when cut. */
ssize_t strscpy(char *dst, const char *src, size_t size);

/* true when s begins with prefix */
bool str_has_prefix(const char *s, const char *prefix);
/* memset that the compiler must not remove: for secrets */
void memzero_explicit(void *p, size_t n);

#ifndef LIB_STRING_NO_BUILTIN
#define memcpy(d, s, n)	__builtin_memcpy(d, s, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define memset(d, c, n)	__builtin_memset(d, c, n)
#define memcmp(a, b, n)	__builtin_memcmp(a, b, n)
#define strlen(s)	__builtin_strlen(s)
#endif

#endif
