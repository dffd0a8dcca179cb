/* SPDX-License-Identifier: MIT */
/* The small ones: numbers, hashes, checksums, bitmaps, text, time, lists. */
#include <abi/errno.h>
#include <lib/bitmap.h>
#include <lib/chacha20.h>
#include <lib/civil.h>
#include <lib/crc.h>
#include <lib/ctype.h>
#include <lib/hash.h>
#include <lib/kstrto.h>
#include <lib/llist.h>
#include <lib/muldiv.h>
#include <lib/ring.h>
#include <lib/sha256.h>
#include <lib/sort.h>
#include <lib/string.h>
#include <lib/utf8.h>
#include "check.h"

void test_kstrto(void);
void test_memparse(void);
void test_sha256(void);
void test_chacha20(void);
void test_siphash(void);
void test_crc(void);
void test_sort(void);
void test_bitmap_model(void);
void test_bitmap_lists(void);
void test_bitops(void);
void test_utf8(void);
void test_civil(void);
void test_muldiv(void);
void test_ring(void);
void test_ctype(void);
void test_hash_name(void);
int fuzz_utf8(const u8 *data, size_t len);
int fuzz_bitmap_list(const u8 *data, size_t len);

void
test_kstrto(void)
{
	bool b;
	u64 u;
	s64 s;
	u32 w;
	s32 i;

	CHECK(kstrtou64("0", 10, &u) == 0 && u == 0);
	CHECK(kstrtou64("0x1fF\n", 0, &u) == 0 && u == 0x1ff);
	CHECK(kstrtou64("0755", 0, &u) == 0 && u == 0755);
	CHECK(kstrtou64("18446744073709551615", 10, &u) == 0 && u == U64_MAX);
	CHECK(kstrtou64("18446744073709551616", 10, &u) == -ERANGE);
	CHECK(kstrtou64("99999999999999999999999", 10, &u) == -ERANGE);
	CHECK(kstrtou64("", 10, &u) == -EINVAL);
	CHECK(kstrtou64("\n", 10, &u) == -EINVAL);
	CHECK(kstrtou64("1\n\n", 10, &u) == -EINVAL);
	CHECK(kstrtou64("12x", 10, &u) == -EINVAL);
	CHECK(kstrtou64(" 1", 10, &u) == -EINVAL);
	CHECK(kstrtou64("-1", 10, &u) == -EINVAL);
	CHECK(kstrtou64("0x", 0, &u) == -EINVAL);
	CHECK(kstrtou64("08", 0, &u) == -EINVAL);
	CHECK(kstrtos64("-9223372036854775808", 10, &s) == 0 &&
	      s == -S64_MAX - 1);
	CHECK(kstrtos64("-9223372036854775809", 10, &s) == -ERANGE);
	CHECK(kstrtos64("9223372036854775808", 10, &s) == -ERANGE);
	CHECK(kstrtou32("4294967295", 10, &w) == 0 && w == U32_MAX);
	CHECK(kstrtou32("4294967296", 10, &w) == -ERANGE);
	CHECK(kstrtos32("-2147483648", 10, &i) == 0 && i == INT_MIN);
	CHECK(kstrtos32("2147483648", 10, &i) == -ERANGE);
	CHECK(kstrtobool("on", &b) == 0 && b);
	CHECK(kstrtobool("0", &b) == 0 && !b);
	CHECK(kstrtobool("Y", &b) == 0 && b);
	CHECK(kstrtobool("", &b) == -EINVAL && kstrtobool("x", &b) == -EINVAL);
}

void
test_memparse(void)
{
	const char *e, *s = "64Mx";

	CHECK(memparse(s, &e) == 64 << 20 && e == s + 3);
	CHECK(memparse("0x10k", &e) == 0x4000);
	CHECK(memparse("3G", NULL) == 3UL << 30);
	s = "x";
	CHECK(kstrtoul_prefix(s, &e, 10) == 0 && e == s);
	s = "123abc";
	CHECK(kstrtoul_prefix(s, &e, 10) == 123 && e == s + 3);
	CHECK(kstrtoul_prefix("99999999999999999999", &e, 10) == U64_MAX);
}

static bool
hex_is(const u8 *p, size_t n, const char *hex)
{
	if (strlen(hex) != 2 * n)
		return false;
	for (; n--; hex += 2)
		if (*p++ != digit_value(hex[0]) * 16 + digit_value(hex[1]))
			return false;
	return true;
}

void
test_sha256(void)
{
	/* FIPS 180-2, appendix B */
	static const char *const vec[][2] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		  "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		  "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039"
		  "a33ce45964ff2167f6ecedd419db06c1" },
	};
	static u8 m[1000];
	u8 h[32], h2[32];
	struct sha256 s;

	for (u32 i = 0; i < ARRAY_SIZE(vec); i++) {
		sha256(vec[i][0], strlen(vec[i][0]), h);
		CHECK(hex_is(h, 32, vec[i][1]));
	}
	memset(m, 'a', sizeof(m));
	sha256_init(&s);
	for (u32 i = 0; i < 1000; i++)
		sha256_update(&s, m, sizeof(m));
	sha256_final(&s, h);
	CHECK(hex_is(h, 32, "cdc76e5c9914fb9281a1c7e284d73e67"
			    "f1809a48a497200e046d39ccc7112cd0"));
	/* any cut gives the same */
	for (u32 n = 0; n < 200; n++) {
		u32 a = n ? unit_below(n) : 0;

		sha256(m, n, h);
		sha256_init(&s);
		sha256_update(&s, m, a);
		sha256_update(&s, m + a, n - a);
		sha256_final(&s, h2);
		CHECK(!memcmp(h, h2, 32));
	}
}

void
test_chacha20(void)
{
	/* RFC 8439 2.3.2 */
	static const u8 nonce[12] = { 0, 0, 0, 9, 0, 0, 0, 0x4a };
	struct chacha20 c;
	u8 key[32], out[64];

	for (u32 i = 0; i < 32; i++)
		key[i] = i;
	chacha20_init(&c, key, 1, nonce);
	chacha20_block(&c, out);
	CHECK(hex_is(out, 64,
		"10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
		"d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"));
	CHECK(c.s[12] == 2);
	/* A.1, test vector 1 */
	memset(key, 0, 32);
	chacha20_init(&c, key, 0, (const u8 *)"\0\0\0\0\0\0\0\0\0\0\0");
	chacha20_block(&c, out);
	CHECK(hex_is(out, 8, "76b8e0ada0f13d90"));
	c.s[12] = U32_MAX;
	chacha20_block(&c, out);
	CHECK(c.s[12] == 0 && c.s[13] == 1);
}

void
test_siphash(void)
{
	struct siphash_key k = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	u8 m[64];

	for (u32 i = 0; i < 64; i++)
		m[i] = i;
	CHECK(siphash13(m, 0, &k) == 0xabac0158050fc4dc);
	for (u32 i = 0; i < 50; i++) {
		u64 v = unit_random();

		CHECK(siphash13(&v, 8, &k) == siphash13_u64(v, &k));
	}
	CHECK(siphash13(m, 7, &k) != siphash13(m, 8, &k));
}

void
test_crc(void)
{
	u8 buf[100];

	CHECK(crc32(0, "123456789", 9) == 0xcbf43926);
	CHECK(crc32c(0, "123456789", 9) == 0xe3069283);
	CHECK(crc16(0, "123456789", 9) == 0xbb3d);
	for (u32 i = 0; i < sizeof(buf); i++)
		buf[i] = unit_random();
	for (u32 n = 0; n < sizeof(buf); n++) {
		CHECK(crc32(crc32(0, buf, n), buf + n, 100 - n) ==
		      crc32(0, buf, 100));
		CHECK(crc32c(0, buf + n, 100 - n) ==
		      ~crc32c_raw(~0U, buf + n, 100 - n));
		CHECK(crc32(0, buf, n) == ~crc32_raw(~0U, buf, n));
	}
}

static int
cmp_int(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static int
cmp_odd(const void *a, const void *b)
{
	return memcmp(a, b, 2);
}

void
test_sort(void)
{
	static int v[600];
	static u8 odd[300][3];

	for (u32 n = 0; n < 600; n += n < 40 ? 1 : 37) {
		s64 sum = 0;
		int k;

		for (u32 i = 0; i < n; i++)
			sum += v[i] = (int)unit_below(n / 2 + 2) - 3;
		sort(v, n, sizeof(int), cmp_int);
		for (u32 i = 0; i < n; i++) {
			sum -= v[i];
			CHECK(!i || v[i - 1] <= v[i]);
			CHECK(*(int *)bsearch(&v[i], v, n, sizeof(int),
					      cmp_int) == v[i]);
		}
		CHECK(!sum);
		k = 100000;
		CHECK(!bsearch(&k, v, n, sizeof(int), cmp_int));
	}
	for (u32 i = 0; i < 300; i++)
		for (u32 j = 0; j < 3; j++)
			odd[i][j] = unit_random();
	sort(odd, 300, 3, cmp_odd);
	for (u32 i = 1; i < 300; i++)
		CHECK(memcmp(odd[i - 1], odd[i], 2) <= 0);
}

#define BITS 331
void
test_bitmap_model(void)
{
	static bool m[BITS];
	DECLARE_BITMAP(map, BITS);
	DECLARE_BITMAP(o, BITS);
	DECLARE_BITMAP(r, BITS);

	bitmap_zero(map, BITS);
	for (u32 round = 0; round < 3000; round++) {
		size_t at = unit_below(BITS), n = unit_below(BITS - at + 1), i;
		size_t start = unit_below(BITS + 1), w = 0, f, want, align;

		switch (unit_below(4)) {
		case 0: bitmap_set(map, at, n); break;
		case 1: bitmap_clear(map, at, n); break;
		case 2: n = 1; bitmap_set_bit(map, at); break;
		default:
			n = 1;
			CHECK(bitmap_test_and_clear_bit(map, at) == m[at]);
		}
		for (i = at; i < at + n; i++)
			m[i] = bitmap_test_bit(map, i);
		for (i = 0; i < BITS; i++) {
			CHECK(bitmap_test_bit(map, i) == m[i]);
			w += m[i];
		}
		CHECK(bitmap_weight(map, BITS) == w);
		CHECK(bitmap_empty(map, BITS) == !w);
		CHECK(bitmap_full(map, BITS) == (w == BITS));
		for (f = start; f < BITS && !m[f]; f++)
			;
		CHECK(bitmap_find_next_bit(map, BITS, start) == f);
		for (f = start; f < BITS && m[f]; f++)
			;
		CHECK(bitmap_find_next_zero(map, BITS, start) == f);
		n = 1 + unit_below(20);
		align = 1UL << unit_below(5);
		for (want = start; want < BITS; want++) {
			if (want % align || want + n > BITS)
				continue;
			for (i = want; i < want + n && !m[i]; i++)
				;
			if (i == want + n)
				break;
		}
		CHECK(bitmap_find_next_zero_area(map, BITS, start, n, align) ==
		      want);
	}
	bitmap_copy(o, map, BITS);
	CHECK(bitmap_equal(o, map, BITS) && bitmap_subset(o, map, BITS));
	bitmap_fill(o, BITS);
	CHECK(bitmap_full(o, BITS) && bitmap_subset(map, o, BITS));
	bitmap_andnot(r, o, map, BITS);
	CHECK(!bitmap_intersects(r, map, BITS));
	bitmap_or(r, r, map, BITS);
	CHECK(bitmap_equal(r, o, BITS));
	bitmap_and(r, o, map, BITS);
	CHECK(bitmap_equal(r, map, BITS));
}

void
test_bitmap_lists(void)
{
	DECLARE_BITMAP(map, BITS);
	DECLARE_BITMAP(back, BITS);
	char buf[2000], small[10];

	CHECK(bitmap_parse_list("0-3,5,330", map, BITS) == 0);
	CHECK(bitmap_weight(map, BITS) == 6);
	CHECK(bitmap_print_list(buf, sizeof(buf), map, BITS) == 9 &&
	      !strcmp(buf, "0-3,5,330"));
	CHECK(bitmap_parse_list("331", map, BITS) == -ERANGE);
	CHECK(bitmap_parse_list("5-3", map, BITS) == -EINVAL);
	CHECK(bitmap_parse_list("1,x", map, BITS) == -EINVAL);
	CHECK(bitmap_parse_list("1-", map, BITS) == -EINVAL);
	CHECK(bitmap_parse_list("99999999999999999999", map, BITS) < 0);
	for (u32 round = 0; round < 200; round++) {
		int n;

		bitmap_zero(map, BITS);
		for (u32 k = unit_below(90); k; k--)
			bitmap_set_bit(map, unit_below(BITS));
		n = bitmap_print_list(buf, sizeof(buf), map, BITS);
		CHECK(n == (int)strlen(buf));
		CHECK(bitmap_print_list(small, sizeof(small), map, BITS) == n &&
		      strlen(small) < sizeof(small));
		if (n)
			CHECK(bitmap_parse_list(buf, back, BITS) == 0 &&
			      bitmap_equal(map, back, BITS));
	}
}

int
fuzz_bitmap_list(const u8 *data, size_t len)
{
	DECLARE_BITMAP(map, BITS);
	char s[256];

	len = min(len, sizeof(s) - 1);
	memcpy(s, data, len);
	s[len] = 0;
	return bitmap_parse_list(s, map, BITS);
}

void
test_bitops(void)
{
	for (u32 i = 0; i < 64; i++) {
		u64 b = 1UL << i;

		CHECK(fls64(b) == (int)i + 1 && ffs64(b) == (int)i + 1);
		CHECK(fls64(b | 1) == (int)i + 1 && ilog2(b) == (int)i);
		CHECK(is_pow2(b) && rounddown_pow2(b) == b);
		CHECK(roundup_pow2(b) == b && popcount64(b - 1) == i);
		CHECK(popcount64(~b) == 63);
		if (i > 1)
			CHECK(!is_pow2(b | 1) && roundup_pow2(b - 1) == b &&
			      rounddown_pow2(b + 1) == b);
	}
	CHECK(!fls64(0) && !ffs64(0) && !is_pow2(0));
	CHECK(roundup_pow2((1UL << 63) + 1) == 0 && roundup_pow2(0) == 1);
	CHECK(rol32(0x80000001, 1) == 3 && ror32(3, 1) == 0x80000001);
	CHECK(rol32(5, 0) == 5 && rol64(1, 63) == 1UL << 63);
	CHECK(get_be32("\1\2\3\4") == 0x01020304 &&
	      get_le16("\1\2") == 0x0201);
}

void
test_utf8(void)
{
	static const struct { const char *s; int want[6]; } cases[] = {
		{ "\xe2\x82\xac", { -1, -1, 0x20ac } },
		{ "\xc0\x80", { -2, -2 } },			/* overlong */
		{ "\xe0\x80\x80", { -1, -2, -2 } },
		{ "\xff", { -2 } },
		{ "\x80", { -2 } },
	};
	struct utf8_state st = { 0 };
	u8 b[4];

	for (u32 c = 0; c < 0x110000; c++) {
		unsigned int n;
		int got = -1;

		if (c >> 11 == 0x1b)
			continue;
		n = utf8_encode(c, b);
		utf8_reset(&st);
		for (u32 i = 0; i < n; i++)
			got = utf8_decode(&st, b[i]);
		if (got != (int)c)
			CHECK(got == (int)c);
	}
	CHECK(utf8_encode(0xd800, b) == 3 && !memcmp(b, "\xef\xbf\xbd", 3));
	CHECK(utf8_encode(0x110000, b) == 3);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		utf8_reset(&st);
		for (u32 k = 0; cases[i].s[k]; k++) {
			int v = utf8_decode(&st, cases[i].s[k]);

			/* bad forms may be found early or late */
			if (cases[i].want[k] >= 0 || v >= 0)
				CHECK(v == cases[i].want[k]);
		}
	}
	/* a surrogate and a value above the end never come out */
	for (u32 k = 0; k < 3; k++) {
		static const char *const bad[] = { "\xed\xa0\x80",
			"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80" };
		const char *s;

		utf8_reset(&st);
		for (s = bad[k]; *s; s++)
			CHECK(utf8_decode(&st, *s) < 0x80);
	}
	/* what breaks a sequence is looked at again */
	utf8_reset(&st);
	CHECK(utf8_decode(&st, 0xe2) == UTF8_MORE);
	CHECK(utf8_decode(&st, 'a') == UTF8_BAD_AGAIN);
	CHECK(utf8_decode(&st, 'a') == 'a');
}

int
fuzz_utf8(const u8 *data, size_t len)
{
	struct utf8_state st = { 0 };

	for (size_t i = 0; i < len; i++) {
		int v = utf8_decode(&st, data[i]);

		if (v == UTF8_BAD_AGAIN)
			v = utf8_decode(&st, data[i]);
		CHECK(v != UTF8_BAD_AGAIN && v < 0x110000 && v >> 11 != 0x1b);
	}
	return 0;
}

void
test_civil(void)
{
	static const struct { s64 t; int y, mo, d, h, wd, yd; } v[] = {
		{ 0, 1970, 1, 1, 0, 4, 0 },
		{ 951827696, 2000, 2, 29, 12, 2, 59 },
		{ -1, 1969, 12, 31, 23, 3, 364 },
		{ 4102444800, 2100, 1, 1, 0, 5, 0 },
		{ -2203891200, 1900, 3, 1, 0, 4, 59 },
	};
	struct civil c;

	for (u32 i = 0; i < ARRAY_SIZE(v); i++) {
		civil_from_unix(v[i].t, &c);
		CHECK(c.year == v[i].y && c.month == v[i].mo &&
		      c.day == v[i].d && c.hour == v[i].h &&
		      c.weekday == v[i].wd && c.yearday == v[i].yd);
		CHECK(unix_from_civil(&c) == v[i].t);
	}
	for (s64 t = -100000000000; t < 100000000000; t += 86400 * 41 + 12347) {
		civil_from_unix(t, &c);
		CHECK(unix_from_civil(&c) == t);
	}
	c = (struct civil){ .year = 1999, .month = 14, .day = 1 };
	CHECK(unix_from_civil(&c) == 949363200);	/* 2000-02-01 */
}

void
test_muldiv(void)
{
	u32 mult, shift;

	CHECK(mul_div_u64(1UL << 63, 10, 20) == 1UL << 62);
	for (u32 i = 0; i < 1000; i++) {
		u64 a = unit_random() >> unit_below(40);
		u64 b = unit_random() >> 34, d = 1 + (unit_random() >> 30);
		unsigned __int128 want = (unsigned __int128)a * b / d;

		CHECK(mul_div_u64(a, b, d) == (want > U64_MAX ? U64_MAX :
		      (u64)want));
	}
	for (u32 i = 0; i < 40; i++) {
		u32 from = 1000000 + unit_below(4000000000);
		u64 t = unit_below((u64)from * 500), ns, want;

		calc_mult_shift(&mult, &shift, from, 1000000000, 600);
		ns = mul_shift_u64(t, mult, shift);
		want = (unsigned __int128)t * 1000000000 / from;
		/* within a part in a million */
		CHECK(ns <= want + want / 1000000 + 2 &&
		      want <= ns + want / 1000000 + 2);
	}
}

void
test_ring(void)
{
	u8 buf[16], x[32];
	const u8 *p;
	struct ring r;
	u8 put = 0, got = 0;

	ring_init(&r, buf, sizeof(buf));
	r.head = r.tail = U32_MAX - 20;		/* over the wrap */
	for (u32 i = 0; i < 2000; i++) {
		u32 n = unit_below(20), k, did;

		for (k = 0; k < n; k++)
			x[k] = put + k;
		did = ring_put(&r, x, n);
		CHECK(did == min(n, 16 - (u32)(u8)(put - got)));
		put += did;
		n = unit_below(20);
		did = ring_get(&r, x, n);
		for (k = 0; k < did; k++)
			CHECK(x[k] == got++);
		CHECK(ring_used(&r) == (u8)(put - got));
	}
	ring_clear(&r);
	CHECK(ring_getc(&r) == -1 && ring_putc(&r, 7));
	CHECK(ring_peek(&r, &p) == 1 && *p == 7 && ring_getc(&r) == 7);
}

void
test_ctype(void)
{
	for (int c = -300; c < 600; c++) {
		CHECK(isdigit(c) == (c >= '0' && c <= '9'));
		CHECK(isalpha(c) == ((c >= 'a' && c <= 'z') ||
				     (c >= 'A' && c <= 'Z')));
		CHECK(isspace(c) == (c == ' ' || (c >= 9 && c <= 13)));
		CHECK(isprint(c) == (c >= 32 && c < 127));
		CHECK(isxdigit(c) == (isdigit(c) || (c >= 'a' && c <= 'f') ||
				      (c >= 'A' && c <= 'F')));
		CHECK(iscntrl(c) == ((c >= 0 && c < 32) || c == 127));
		CHECK(isupper(tolower(c)) == false);
	}
	CHECK(digit_value('z') == 35 && digit_value('/') == -1);
}

void
test_hash_name(void)
{
	u8 raw[40];

	/* the value depends on the bytes alone, not on where they are */
	for (u32 n = 0; n < 20; n++) {
		char name[24];

		for (u32 i = 0; i < n; i++)
			name[i] = unit_random();
		for (u32 o = 0; o < 9; o++) {
			memset(raw, o, sizeof(raw));
			memcpy(raw + o, name, n);
			CHECK(hash_name(5, (char *)raw + o, n) ==
			      hash_name(5, name, n));
		}
		CHECK(hash_load_tail(name, n & 7) >> ((n & 7) * 8) == 0 ||
		      (n & 7) == 0);
	}
	CHECK(hash_name(1, "a", 1) != hash_name(2, "a", 1));
	CHECK(hash_name(1, "a\0", 2) != hash_name(1, "a", 1));
}
