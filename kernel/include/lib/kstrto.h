/* SPDX-License-Identifier: MIT */
/*
 * Text to number, strictly: the whole string must be a number, one trailing
 * newline is allowed. base 0 takes 0x.., 0.. and decimal.
 * Return 0, -EINVAL (not a number) or -ERANGE (does not fit).
 */
#ifndef LIB_KSTRTO_H
#define LIB_KSTRTO_H

#include "lib/types.h"

int __must_check kstrtou64(const char *s, unsigned base, u64 *out);
int __must_check kstrtos64(const char *s, unsigned base, s64 *out);
int __must_check kstrtou32(const char *s, unsigned base, u32 *out);
int __must_check kstrtos32(const char *s, unsigned base, s32 *out);
/* y/n, 1/0, on/off */
int __must_check kstrtobool(const char *s, bool *out);

/* Number at the start of s; *end is set to the first unused character. On
 * overflow the value saturates. No digits: 0 and *end == s. */
u64 kstrtoul_prefix(const char *s, const char **end, unsigned base);

/* Number with an optional K, M, G, T, P or E (1024-based) suffix. */
u64 memparse(const char *s, const char **end);

#endif
