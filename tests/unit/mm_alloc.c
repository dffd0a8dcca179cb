/* SPDX-License-Identifier: MIT */
/* The buddy and the slabs: random operations, contents checked. */
#include <lib/string.h>
#include "mm_world.h"

void test_buddy(void);
void test_slab(void);

#define BLOCKS	2000

void
test_buddy(void)
{
	static struct { struct page *p; unsigned int order; u64 tag; } b[BLOCKS];
	unsigned int n = 0;
	u64 before;

	world_make();
	page_drain_local();
	before = page_nr_free();
	for (int it = 0; it < 20000; it++) {
		/* grows and shrinks in turn, over the edge of memory */
		bool grow = unit_below(100) < (it / 1000 % 2 ? 70 : 40);

		if (grow && n < BLOCKS) {
			unsigned int o = unit_below(3) ? 0 :
				unit_below(PAGE_MAX_ORDER + 1);
			struct page *p = page_alloc(o, GFP_ATOMIC |
				(unit_below(4) ? 0 : GFP_ZERO));

			if (!p)
				continue;
			REQUIRE(page_order(p) == o);
			b[n].p = p;
			b[n].order = o;
			b[n].tag = unit_random();
			for (unsigned int i = 0; i < 1U << o; i++)
				*(u64 *)page_to_virt(p + i) = b[n].tag;
			n++;
		} else if (n) {
			unsigned int i = unit_below(n);

			for (unsigned int j = 0; j < 1U << b[i].order; j++)
				REQUIRE(*(u64 *)page_to_virt(b[i].p + j) ==
					b[i].tag);
			if (unit_below(2))
				page_free(b[i].p, b[i].order);
			else
				page_put(b[i].p);
			b[i] = b[--n];
		}
	}
	while (n--)
		page_free(b[n].p, b[n].order);
	page_drain_local();
	CHECK(page_nr_free() == before);
	/* all has merged again: every maximal block can be had */
	for (n = 0; n < before >> PAGE_MAX_ORDER && n < BLOCKS; n++) {
		b[n].p = page_alloc(PAGE_MAX_ORDER, GFP_ATOMIC | GFP_NOWARN);
		if (!b[n].p)
			break;
	}
	CHECK(n + 2 >= before >> PAGE_MAX_ORDER);
	while (n--)
		page_free(b[n].p, PAGE_MAX_ORDER);
}

void
test_slab(void)
{
	static struct { u8 *p; u32 len; u8 tag; } o[4000];
	unsigned int n = 0, i;
	struct slab_stat st;
	u32 len;
	u8 *p;

	world_make();
	for (int it = 0; it < 40000; it++) {
		bool grow = unit_below(100) < (it / 3000 % 2 ? 70 : 40);

		len = 1 + unit_below(unit_below(4) ? 300 : 20000);
		if (grow && n < ARRAY_SIZE(o)) {
			p = unit_below(2) ? kmalloc(len, GFP_KERNEL) :
				kzalloc(len, GFP_KERNEL);
			if (!p)
				continue;
			REQUIRE(ksize(p) >= len);
			o[n].p = p;
			o[n].len = len;
			o[n].tag = unit_random();
			memset(p, o[n++].tag, len);
			continue;
		}
		if (!n)
			continue;
		i = unit_below(n);
		REQUIRE(!memchr_inv(o[i].p, o[i].tag, o[i].len));
		if (unit_below(8)) {
			kfree(o[i].p);
			o[i] = o[--n];
			continue;
		}
		p = krealloc(o[i].p, len, GFP_KERNEL);
		if (!p)
			continue;
		REQUIRE(!memchr_inv(p, o[i].tag, min(len, o[i].len)));
		o[i].p = p;
		o[i].len = len;
		memset(p, o[i].tag, len);
	}
	while (n--)
		kfree(o[n].p);
	world_settle();
	for (i = 0; slab_stat_get(i, &st); i++)
		if (!strncmp(st.name, "kmalloc", 7))
			CHECK(!st.active);
	CHECK(!kcalloc(~0UL / 2, 4, GFP_KERNEL));
}
