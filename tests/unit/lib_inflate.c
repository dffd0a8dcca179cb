/* SPDX-License-Identifier: MIT */
/*
 * Inflate against the host's gzip: what it packs must come out as it went in,
 * fed in pieces of any size; cut or damaged input must end in an error, in
 * bounded time, without a step outside a buffer.
 */
#include <abi/errno.h>
#include <lib/crc.h>
#include <lib/inflate.h>
#include <lib/string.h>
#include "check.h"
#include "host.h"

void test_inflate_gzip(void);
void test_inflate_members(void);
void test_inflate_damaged(void);
void test_inflate_handmade(void);
void test_inflate_callbacks(void);
int fuzz_inflate(const u8 *data, size_t len);

#define MAX (1 << 20)
static u8 plain[MAX], out[2 * MAX + 32768];
static size_t out_len;
static struct inflate z;

static const u8 *in;
static size_t in_len, in_piece;

static ssize_t
feed(void *ctx, const u8 **buf)
{
	size_t n = min(in_len, in_piece);

	*buf = in;
	in += n;
	in_len -= n;
	return n;
}

static int
take(void *ctx, const u8 *buf, size_t n)
{
	if (n > sizeof(out) - out_len)
		return -ENOSPC;
	memcpy(out + out_len, buf, n);
	out_len += n;
	return 0;
}

static int
unpack(const u8 *data, size_t len, size_t piece)
{
	in = data;
	in_len = len;
	in_piece = piece;
	out_len = 0;
	inflate_init(&z, feed, take, NULL);
	return inflate_gzip(&z);
}

/* kinds of data that make gzip choose each of its block types */
static size_t
make(u32 kind)
{
	static const size_t size[] = { 0, 1, 40000, 65536, MAX, 300000, 2000 };
	size_t n = size[kind % ARRAY_SIZE(size)];

	for (size_t i = 0; i < n; i++)
		switch (kind) {
		case 2: plain[i] = unit_random() >> 9; break;	/* stored */
		case 3: plain[i] = 'a'; break;			/* one match */
		case 4: plain[i] = i * 7 >> 5 ^ i >> 9; break;
		case 5: plain[i] = unit_below(8) ? "the quick brown fox "
				[i % 20] : 'a' + unit_below(26); break;
		default: plain[i] = i % 251;
		}
	return n;
}

void
test_inflate_gzip(void)
{
	static const char *const how[] = { "gzip -1nc", "gzip -6nc",
		"gzip -9nc" };

	for (u32 kind = 0; kind < 7; kind++)
		for (u32 h = 0; h < ARRAY_SIZE(how); h++) {
			static const size_t piece[] = { SIZE_MAX, 1, 7, 4096 };
			size_t n = make(kind), used;
			void *packed;
			long len = host_filter(how[h], plain, n, &packed);

			if (len < 0) {
				unit_skip("no gzip on this machine");
				return;
			}
			for (u32 p = 0; p < ARRAY_SIZE(piece); p++) {
				if (p == 1 && len > 100000)
					continue;
				CHECK(unpack(packed, len, piece[p]) == 0);
				CHECK(out_len == n && !memcmp(out, plain, n));
			}
			out_len = 0;
			CHECK(inflate_gzip_buf(&z, packed, len, &used, take,
					       NULL) == 0);
			CHECK(used == (size_t)len && out_len == n);
			host_free(packed);
		}
}

void
test_inflate_members(void)
{
	void *packed;
	/* a name and a comment in the header, two members, zeros between */
	long len = host_filter("d=$(mktemp -d) && cat >$d/name && cd $d && "
		"gzip -c name && head -c 600 /dev/zero && gzip -nc name && "
		"rm -r $d", "hello, world\n", 13, &packed);

	if (len < 0) {
		unit_skip("no gzip on this machine");
		return;
	}
	CHECK(unpack(packed, len, 13) == 0);
	CHECK(out_len == 26 && !memcmp(out + 13, "hello, world\n", 13));
	in = packed;
	in_len = 0;
	inflate_init(&z, feed, take, NULL);
	CHECK(inflate_gzip_member(&z) == -ENODATA);
	/* garbage behind the first member is found by who unpacks one only */
	{
		size_t used;

		out_len = 0;
		CHECK(inflate_gzip_buf(&z, packed, len, &used, take, NULL) == 0);
		CHECK(used < (size_t)len && out_len == 13);
	}
	host_free(packed);
}

void
test_inflate_damaged(void)
{
	for (u32 kind = 0; kind < 7; kind++) {
		size_t n = min(make(kind), (size_t)60000), used;
		void *packed;
		long len = host_filter("gzip -6nc", plain, n, &packed);
		u8 *bad;

		if (len < 0) {
			unit_skip("no gzip on this machine");
			return;
		}
		for (u32 i = 0; i < 250; i++) {
			size_t cut = i < 40 ? min((size_t)i, (size_t)len - 1) :
				unit_below(len);

			bad = host_malloc(cut);
			memcpy(bad, packed, cut);
			out_len = 0;
			CHECK(inflate_gzip_buf(&z, bad, cut, &used, take,
					       NULL) < 0);
			host_free(bad);
			bad = host_malloc(len);
			memcpy(bad, packed, len);
			for (u32 k = unit_below(4) + 1; k; k--)
				bad[unit_below(len)] ^= 1 << unit_below(8);
			/* header bytes nobody checks may have been hit */
			if (unpack(bad, len, 1 + unit_below(5000)) == 0)
				CHECK(out_len == n && !memcmp(out, plain, n));
			host_free(bad);
		}
		host_free(packed);
	}
}

static int
raw(const char *bytes, size_t len)
{
	in = (const u8 *)bytes;
	in_len = len;
	in_piece = SIZE_MAX;
	out_len = 0;
	inflate_init(&z, feed, take, NULL);
	return inflate_raw(&z);
}
#define RAW(s)	raw(s, sizeof(s) - 1)

void
test_inflate_handmade(void)
{
	/* RFC 1951: stored, fixed and dynamic blocks, good and bad */
	CHECK(RAW("\x01\x05\x00\xfa\xffHello") == 0 && out_len == 5);
	CHECK(RAW("\x01\x05\x00\xfa\xfeHello") == -EINVAL);	/* ~len */
	CHECK(RAW("\x01\x05\x00\xfa\xffHell") == -EINVAL);	/* cut */
	CHECK(RAW("\x01\x00\x00\xff\xff") == 0 && out_len == 0);
	CHECK(RAW("\x03\x00") == 0 && out_len == 0);		/* fixed, empty */
	CHECK(RAW("\x4b\x4c\x04\x00") == 0 && out_len == 2 &&
	      !memcmp(out, "aa", 2));
	CHECK(RAW("\x07") == -EINVAL);				/* type 3 */
	CHECK(RAW("") == -EINVAL);
	CHECK(RAW("\x4b\x04\x02\x00") == -EINVAL ||
	      out_len);						/* distance */
	CHECK(RAW("\x05\xe0\x81\x08\x00\x00\x00\x00\x20\xff\xea\x50") < 0 ||
	      out_len <= 2);
	/* a match that reaches before the start */
	CHECK(RAW("\x63\x00\x42\x00\x00\x00\x00") < 0 || out_len < 16);
}

static int stop_at;

static int
refuse(void *ctx, const u8 *buf, size_t n)
{
	return stop_at-- ? 0 : -EPIPE;
}

static ssize_t
broken(void *ctx, const u8 **buf)
{
	return -EIO;
}

void
test_inflate_callbacks(void)
{
	void *packed;
	long len;

	make(4);
	len = host_filter("gzip -1nc", plain, MAX, &packed);
	if (len < 0) {
		unit_skip("no gzip on this machine");
		return;
	}
	for (stop_at = 0; stop_at < 3;) {
		int at = stop_at;

		in = packed;
		in_len = len;
		in_piece = 1000;
		inflate_init(&z, feed, refuse, NULL);
		CHECK(inflate_gzip(&z) == -EPIPE);
		stop_at = at + 1;
	}
	inflate_init(&z, broken, take, NULL);
	CHECK(inflate_gzip(&z) == -EIO);
	host_free(packed);
}

int
fuzz_inflate(const u8 *data, size_t len)
{
	size_t used;

	unpack(data, len, 1 + len / 3);
	out_len = 0;
	raw((const char *)data, len);
	out_len = 0;
	return inflate_gzip_buf(&z, data, len, &used, take, NULL);
}
