/* SPDX-License-Identifier: MIT */
/* The kernel's printf: C99's forms, its own %p family, truncation. */
#include <lib/printf.h>
#include <lib/string.h>
#include "check.h"

void test_printf_forms(void);
void test_printf_truncation(void);
void test_printf_pointers(void);
void test_printf_pieces(void);

#define IS(want, ...) do { \
	char is_[256]; \
	int is_n_ = snprintf(is_, sizeof(is_), __VA_ARGS__); \
	if (!CHECK(!strcmp(is_, want) && is_n_ == (int)strlen(want))) \
		unit_check(false, is_, want, 0); } while (0)

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-overflow"

void
test_printf_forms(void)
{
	IS("42|   42|42   |00042|+42| 42", "%d|%5d|%-5d|%05d|%+d|% d", 42, 42,
	   42, 42, 42, 42);
	IS("-1|-0001|  -01", "%d|%05d|%5.2d", -1, -1, -1);
	IS("2a|0x2a|0X2A|052|52", "%x|%#x|%#X|%#o|%o", 42, 42, 42, 42, 42);
	IS("0|0|", "%x|%#x|%.0d", 0, 0, 0);
	IS("abc|  abc|abc  |ab|", "%s|%5s|%-5s|%.2s|%.0s", "abc", "abc", "abc",
	   "abc", "abc");
	IS("x       y|x  y|x    y", "x%*sy|x%-*sy|x%*sy", 7, "", 2, "", -4, "");
	IS("3.|00.", "%.*s.|%.*d.", 1, "34", 2, 0);
	IS("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, 255, 65535, 65535);
	IS("18446744073709551615 -9223372036854775808", "%lu %ld", -1L,
	   -S64_MAX - 1);
	IS("18446744073709551615 1 2 3", "%llu %zu %td %ju", -1LL, (size_t)1,
	   (ptrdiff_t)2, 3L);
	IS("c|%|    c", "%c|%%|%5c", 'c', 'c');
	IS("(null)", "%s", (char *)NULL);
	IS("0x00ff|000ff", "%#06x|%05x", 255, 255);
	IS("2147483647 -2147483648", "%d %d", INT_MAX, INT_MIN);
	IS("  00ff", "%6.4x", 255);
	/* a precision bounds the read: the string has no end */
	{
		static const char raw[3] = { 'a', 'b', 'c' };

		IS("abc", "%.3s", raw);
	}
}

void
test_printf_truncation(void)
{
	for (u32 size = 0; size < 20; size++) {
		char b[24];

		memset(b, 'z', sizeof(b));
		CHECK(snprintf(b, size, "%s-%04d", "abcdef", 7) == 11);
		for (u32 i = size; i < sizeof(b); i++)
			CHECK(b[i] == 'z');
		if (size)
			CHECK(strlen(b) == min(size - 1, 11U) &&
			      !strncmp(b, "abcdef-0007", strlen(b)));
		CHECK(scnprintf(b, size, "%s", "0123456789") ==
		      (int)(size ? min(size - 1, 10U) : 0));
	}
	CHECK(snprintf(NULL, 0, "%1000d", 1) == 1000);
}

static int
symbol(char *buf, size_t size, unsigned long addr)
{
	return scnprintf(buf, size, "sym+%lu", addr - 0x1000);
}

static int
nested(char *buf, size_t size, const char *fmt, ...)
{
	struct va_format v = { .fmt = fmt };
	va_list ap;
	int n;

	va_start(ap, fmt);
	v.ap = &ap;
	n = snprintf(buf, size, "<%pV>", &v);
	va_end(ap);
	return n;
}

void
test_printf_pointers(void)
{
	char b[64];

	IS("00000000deadbeef", "%px", (void *)0xdeadbeefUL);
	snprintf(b, sizeof(b), "%p", (void *)0x123456);
	CHECK(strlen(b) == 16 && strspn(b, "0123456789abcdef") == 16);
	printf_symbol_hook = symbol;
	IS("sym+4", "%pS", (void *)0x1004);
	printf_symbol_hook = NULL;
	snprintf(b, sizeof(b), "%pS", (void *)0x1004);
	CHECK(b[0]);
	CHECK(nested(b, sizeof(b), "%d/%s", 1, "x") == 5 &&
	      !strcmp(b, "<1/x>"));
}

static char joined[64];
static size_t pieces;

static void
collect(void *ctx, const char *s, size_t n)
{
	CHECK(ctx == joined && pieces + n < sizeof(joined));
	memcpy(joined + pieces, s, n);
	pieces += n;
}

void
test_printf_pieces(void)
{
	CHECK(cprintf(collect, joined, "%5d and %-4s|", 12, "ab") == 15);
	CHECK(pieces == 15 && !strcmp(joined, "   12 and ab  |"));
}
