/* SPDX-License-Identifier: MIT */
/*
 * CRCs. The 32-bit ones use tables built at the first use: two CPUs may both
 * build them, writing the same values, and the ready flag is set after the
 * last. That keeps them out of the image. IEEE's has 16 (16 bytes a step), as
 * whole archives go through it; Castagnoli's 4.
 */
#include "lib/crc.h"
#include "lib/bitops.h"

struct crc_table {
	u32 poly;
	u16 nr;
	bool ready;
	u32 (*t)[256];
};

static u32 ieee_t[16][256], castagnoli_t[4][256];
static struct crc_table ieee = { .poly = 0xedb88320, .nr = 16, .t = ieee_t };
static struct crc_table castagnoli = { .poly = 0x82f63b78, .nr = 4,
	.t = castagnoli_t };

static __noinline void
table_build(struct crc_table *c)
{
	for (u32 i = 0; i < 256; i++) {
		u32 v = i;

		for (int k = 0; k < 8; k++)
			v = v >> 1 ^ (v & 1 ? c->poly : 0);
		c->t[0][i] = v;
	}
	for (u32 i = 0; i < 256; i++)
		for (int k = 1; k < c->nr; k++) {
			u32 v = c->t[k - 1][i];

			c->t[k][i] = v >> 8 ^ c->t[0][v & 255];
		}
	__atomic_store_n(&c->ready, true, __ATOMIC_RELEASE);
}

/*
 * Two bytes of v at a time, which is a move each on x86; the empty asm keeps
 * the compiler from taking the four apart with three shifts.
 */
static __always_inline u32
step4(const u32 (*t)[256], u32 crc, u64 v)
{
	crc ^= t[3][v & 255];
	crc ^= t[2][v >> 8 & 255];
	v >>= 16;
	__asm__("" : "+r"(v), "+r"(crc));
	crc ^= t[1][v & 255];
	return crc ^ t[0][v >> 8 & 255];
}

static u32
crc_run(struct crc_table *c, u32 crc, const u8 *p, size_t n)
{
	const u32 (*t)[256] = (const void *)c->t;

	if (unlikely(!__atomic_load_n(&c->ready, __ATOMIC_ACQUIRE)))
		table_build(c);
	if (c->nr == 16) {
		for (; n >= 16; n -= 16, p += 16) {
			u32 v = get_le32(p) ^ crc;

			crc = step4(t + 12, 0, v);
			crc = step4(t + 8, crc, get_le32(p + 4));
			crc = step4(t + 4, crc, get_le32(p + 8));
			crc = step4(t, crc, get_le32(p + 12));
		}
	}
	for (; n >= 4; n -= 4, p += 4)
		crc = step4(t, 0, get_le32(p) ^ crc);
	for (; n; n--, p++)
		crc = crc >> 8 ^ t[0][(crc ^ *p) & 255];
	return crc;
}

u32
crc32_raw(u32 crc, const void *p, size_t n)
{
	return crc_run(&ieee, crc, p, n);
}

u32
crc32(u32 crc, const void *p, size_t n)
{
	return ~crc_run(&ieee, ~crc, p, n);
}

u32
crc32c_raw(u32 crc, const void *p, size_t n)
{
	return crc_run(&castagnoli, crc, p, n);
}

u32
crc32c(u32 crc, const void *p, size_t n)
{
	return ~crc_run(&castagnoli, ~crc, p, n);
}

u16
crc16(u16 crc, const void *p, size_t n)
{
	static const u16 nibble[16] = {
		0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800,
		0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01,
		0x8801, 0x4400,
	};
	const u8 *b = p;

	for (; n; n--, b++) {
		crc ^= *b;
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}
