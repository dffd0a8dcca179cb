/* SPDX-License-Identifier: MIT */
/*
 * Formatted output: d i u x X o c s p %% with flags `-+ #0`, width,
 * precision, and length hh h l ll z t j.
 *
 * %p   prints a kernel pointer as 16 hex digits of a hash (printf_hash_ptr)
 * %px  prints it raw
 * %pS  prints symbol+0xoff/0xsize through printf_symbol_hook
 * %pV  recurses into a struct va_format
 *
 * Context: any; allocates nothing, takes no locks.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include "lib/types.h"

typedef void (*printf_out_t)(void *ctx, const char *s, size_t n);

struct va_format {
	const char *fmt;
	va_list *ap;
};

/* Core: calls out() with runs of characters. Returns the total. */
size_t vcprintf(printf_out_t out, void *ctx, const char *fmt, va_list ap)
	__printf(3, 0);
size_t cprintf(printf_out_t out, void *ctx, const char *fmt, ...)
	__printf(3, 4);

/* C99: returns the length the full result has, always terminates if size. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
/* Same, but returns the characters stored (NUL not counted). */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* Weak: identity-free mixing with a fixed key until core/random replaces it
 * by a keyed hash. */
u64 printf_hash_ptr(const void *p);

/* Set by core/ksyms; writes at most size bytes with NUL, returns length. */
extern int (*printf_symbol_hook)(char *buf, size_t size, unsigned long addr);

#endif
