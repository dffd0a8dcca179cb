/* SPDX-License-Identifier: MIT */
/*
 * lib/string.c against plain loops, for every small length and alignment, and
 * with the last byte of each buffer the last of its page: these functions read
 * whole words, and the page behind is not there.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include "check.h"
#include "host.h"

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen

#define EDGE	0x120000001000UL	/* first byte that is not there */

void test_string_copy(void);
void test_string_compare(void);
void test_string_search(void);
void test_string_edges(void);
void test_string_bounded(void);
void test_string_tokens(void);

static u8 a[600], b[600], c[600];

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

static void
shuffle(void)
{
	for (u32 i = 0; i < sizeof(a); i++)
		a[i] = b[i] = c[i] = unit_random() >> 7;
}

static bool
same(const u8 *x, const u8 *y, size_t n)
{
	while (n--)
		if (*x++ != *y++)
			return false;
	return true;
}

void
test_string_copy(void)
{
	for (u32 n = 0; n < 150; n++)
		for (u32 d = 0; d < 18; d++)
			for (u32 s = 0; s < 18; s++) {
				u32 i;

				shuffle();
				CHECK(memmove(a + 64 + d, a + 64 + s, n) ==
				      a + 64 + d);
				for (i = 0; i < n; i++)
					c[64 + d + i] = b[64 + s + i];
				CHECK(same(a, c, sizeof(a)));
				if (s)
					continue;
				shuffle();
				CHECK(memcpy(a + d, b + 300, n) == a + d);
				for (i = 0; i < n; i++)
					c[d + i] = b[300 + i];
				CHECK(same(a, c, sizeof(a)));
				CHECK(memset(a + d, 0x1c7, n) == a + d);
				for (i = 0; i < n; i++)
					c[d + i] = 0xc7;
				CHECK(same(a, c, sizeof(a)));
			}
	/* overlap far and near, long */
	for (u32 n = 200; n < 400; n += 33)
		for (int by = -40; by <= 40; by++) {
			shuffle();
			memmove(a + 100 + by, a + 100, n);
			for (u32 i = 0; i < n; i++)
				c[100 + by + i] = b[100 + i];
			CHECK(same(a, c, sizeof(a)));
		}
}

void
test_string_compare(void)
{
	for (u32 n = 0; n < 70; n++)
		for (u32 o = 0; o < 9; o++)
			for (u32 at = 0; at <= n; at++) {
				int want = 0;

				shuffle();
				memcpy(b + o, a + 3, n);
				if (at < n) {
					b[o + at] ^= 1 << unit_below(8);
					want = sign(a[3 + at] - b[o + at]);
				}
				CHECK(sign(memcmp(a + 3, b + o, n)) == want);
			}
	CHECK(strcmp("", "") == 0 && strcmp("a", "") > 0);
	CHECK(strcmp("\x80", "\x7f") > 0);	/* as unsigned char */
	CHECK(strcmp("abcdefgh1", "abcdefgh2") < 0);
	CHECK(strncmp("abcX", "abcY", 3) == 0 && strncmp("a", "b", 0) == 0);
	CHECK(strncmp("ab", "abc", 5) < 0);
	CHECK(strcasecmp("HeLLo", "hEllO") == 0 && strcasecmp("a", "B") < 0);
	CHECK(strcasecmp("[", "a") < 0);
	CHECK(strncasecmp("ABx", "aby", 2) == 0);
	CHECK(memchr_inv("aaaab", 'a', 4) == NULL);
	{
		static const char s[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaab";

		CHECK(memchr_inv(s, 'a', 28) == s + 27);
	}
}

void
test_string_search(void)
{
	static const char hay[] = "abracadabra";

	CHECK(strchr(hay, 'c') == hay + 4 && !strchr(hay, 'z'));
	CHECK(strchr(hay, 0) == hay + 11 && strrchr(hay, 0) == hay + 11);
	CHECK(strrchr(hay, 'a') == hay + 10 && !strrchr(hay, 'z'));
	CHECK(strchrnul(hay, 'z') == hay + 11);
	CHECK(strstr(hay, "cad") == hay + 4 && strstr(hay, "") == hay);
	CHECK(strstr(hay, "abra") == hay && strstr(hay + 1, "abra") == hay + 7);
	CHECK(!strstr(hay, "abrac abra") && !strstr("a", "ab"));
	CHECK(strpbrk(hay, "dc") == hay + 4 && !strpbrk(hay, "xyz"));
	CHECK(strspn(hay, "abr") == 4 && strcspn(hay, "cd") == 4);
	CHECK(strspn(hay, "") == 0 && strcspn(hay, "") == 11);
	CHECK(memchr(hay, 'd', 6) == NULL && memchr(hay, 'd', 7) == hay + 6);
	CHECK(str_has_prefix(hay, "abra") && !str_has_prefix("ab", "abc"));
}

void
test_string_edges(void)
{
	char *end = (char *)EDGE;

	host_map(end - 4096, 4096, HOST_WRITE);
	for (u32 n = 0; n < 100; n++) {
		char *p = end - n;

		memset(p, 'x', n);
		CHECK(strnlen(p, n) == n);
		CHECK(!memchr(p, 'y', n) && !memchr_inv(p, 'x', n));
		CHECK(memcmp(p, p, n) == 0);
		memcpy(end - 4096, p, n);
		memmove(p, end - 4096, n);
		if (!n)
			continue;
		p[n - 1] = 0;
		CHECK(strlen(p) == n - 1 && strnlen(p, 9999) == n - 1);
		CHECK(!strchr(p, 'y') && strcmp(p, p) == 0);
		CHECK(strncmp(p, p, 9999) == 0 && !strstr(p, "yy"));
		CHECK(strlcpy(end - 4096, p, 200) == n - 1);
		CHECK(strscpy(end - 4096, p, 200) == (ssize_t)n - 1);
	}
	host_unmap(end - 4096, 4096);
}

void
test_string_bounded(void)
{
	char d[8];

	CHECK(strlcpy(d, "0123456789", 8) == 10 && !strcmp(d, "0123456"));
	CHECK(strlcpy(d, "abc", 8) == 3 && !strcmp(d, "abc"));
	d[0] = 'k';
	CHECK(strlcpy(d, "abc", 0) == 3 && d[0] == 'k');
	CHECK(strlcpy(d, "abc", 1) == 3 && d[0] == 0);
	strlcpy(d, "ab", 8);
	CHECK(strlcat(d, "cdefghij", 8) == 10 && !strcmp(d, "abcdefg"));
	CHECK(strlcat(d, "x", 3) == 4 && !strcmp(d, "abcdefg"));
	CHECK(strscpy(d, "1234567", 8) == 7 && !strcmp(d, "1234567"));
	CHECK(strscpy(d, "12345678", 8) == -E2BIG && !strcmp(d, "1234567"));
	CHECK(strscpy(d, "", 8) == 0 && !d[0]);
	CHECK(strscpy(d, "x", 0) == -E2BIG);
	memzero_explicit(d, sizeof(d));
	CHECK(!memchr_inv(d, 0, sizeof(d)));
}

void
test_string_tokens(void)
{
	char s[] = "one,two;;three";
	char *p = s, *t;

	t = strsep(&p, ",;");
	CHECK(t && !strcmp(t, "one"));
	t = strsep(&p, ",;");
	CHECK(t && !strcmp(t, "two"));
	t = strsep(&p, ",;");
	CHECK(t && !*t);
	t = strsep(&p, ",;");
	CHECK(t && !strcmp(t, "three") && !p);
	CHECK(!strsep(&p, ",;"));
}
