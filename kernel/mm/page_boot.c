/* SPDX-License-Identifier: MIT */
/*
 * How the buddy starts: mapping the struct page array and handing over what
 * memblock has left.
 *
 * The array is virtual: only the parts that describe RAM (rounded to whole
 * maximal blocks, so that a buddy's neighbour can always be looked at) have
 * memory, in 2 MiB pages where a whole one is needed and 4 KiB pages at the
 * edges, as a small machine must not pay 2 MiB for 200 KiB.
 *
 * Clearing the array costs one store a word, 1.4 % of all RAM. So only the
 * first 256 MiB and the 128 MiB chunks that hold reservations are entered at
 * once; the other chunks wait in `runs` until the buddy runs low, when
 * page_grow_locked() clears their part of the array and frees them as whole
 * blocks. Until then their frames have no valid struct page.
 */
#include <boot/sections.h>
#include <core/log.h>
#include <core/smp.h>
#include <lib/string.h>
#include <mm/memblock.h>

#include "internal.h"

#define CHUNK_SHIFT	15			/* frames: 128 MiB */
#define CHUNK		(1UL << CHUNK_SHIFT)
#define EAGER_CHUNKS	2
#define BLOCK		(1UL << PAGE_MAX_ORDER)
#define MAX_RUNS	16

/* consecutive deferred chunks; zone lock after boot */
static struct { u64 chunk, n; } runs[MAX_RUNS];
static unsigned int nr_runs;
u64 page_deferred;

static u64 __init
boot_take(u64 size, u64 align)
{
	paddr_t pa = memblock_take(size, align, DIRECT_MAP_MAX);

	if (!pa)
		panic("no memory for the page array");
	return pa;
}

static pte_t * __init
table_below(pte_t *e)
{
	if (!(*e & PTE_P)) {
		paddr_t pa = boot_take(PAGE_SIZE, PAGE_SIZE);

		clear_page(phys_to_virt(pa));
		*e = pa | PTE_P | PTE_W | PTE_A;
	}
	return pde_table(*e);
}

static void __init
map_array(pfn_t first, pfn_t end)
{
	vaddr_t va = ALIGN_DOWN((vaddr_t)pfn_to_page(first), PAGE_SIZE);
	vaddr_t last = ALIGN_UP((vaddr_t)pfn_to_page(end), PAGE_SIZE);
	u64 bits = PTE_P | PTE_W | PTE_A | PTE_D | PTE_G | pte_nx;

	while (va < last) {
		pte_t *e = &kernel_pml4[PT_INDEX(va, 3)];

		e = table_below(e) + PT_INDEX(va, 2);
		e = table_below(e) + PT_INDEX(va, 1);
		if (*e & PTE_PS) {
			va = ALIGN_DOWN(va, LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE;
			continue;
		}
		if (!(*e & PTE_P) && IS_ALIGNED(va, LARGE_PAGE_SIZE) &&
		    last - va >= LARGE_PAGE_SIZE) {
			*e = boot_take(LARGE_PAGE_SIZE, LARGE_PAGE_SIZE) |
				bits | PTE_PS;
			va += LARGE_PAGE_SIZE;
			continue;
		}

		vaddr_t stop = min(last, ALIGN_DOWN(va, LARGE_PAGE_SIZE) +
				   LARGE_PAGE_SIZE);
		pte_t *t = table_below(e) + PT_INDEX(va, 0);

		for (; va < stop; va += PAGE_SIZE, t++)
			if (!(*t & PTE_P))
				*t = boot_take(PAGE_SIZE, PAGE_SIZE) | bits;
	}
}

/* by words: most of what the boot of a large machine costs */
static void
clear_array(pfn_t first, pfn_t end)
{
	static_assert(sizeof(struct page) % 8 == 0, "words");
	unsigned long n = (end - first) * sizeof(struct page) / 8;
	void *p = pfn_to_page(first);

	__asm__ volatile("rep stosq" : "+c"(n), "+D"(p) : "a"(0UL) : "memory");
}

static bool __init
chunk_reserved(u64 c)
{
	paddr_t s, e, cs = c << (CHUNK_SHIFT + PAGE_SHIFT);
	paddr_t ce = (c + 1) << (CHUNK_SHIFT + PAGE_SHIFT);

	for (unsigned int i = 0; memblock_taken(i, &s, &e); i++)
		if (s < ce && e > cs)
			return true;
	return false;
}

static bool __init
chunk_usable(u64 c)
{
	paddr_t s, e, cs = c << (CHUNK_SHIFT + PAGE_SHIFT);
	paddr_t ce = (c + 1) << (CHUNK_SHIFT + PAGE_SHIFT);

	for (unsigned int i = 0; memblock_range(i, &s, &e); i++)
		if (s <= cs && e >= ce)
			return true;
	return false;
}

static void __init
find_deferred(void)
{
	u64 last = memblock_end() >> (CHUNK_SHIFT + PAGE_SHIFT);

	for (u64 c = EAGER_CHUNKS; c < last; c++) {
		if (!chunk_usable(c) || chunk_reserved(c))
			continue;
		if (nr_runs && runs[nr_runs - 1].chunk +
		    runs[nr_runs - 1].n == c) {
			runs[nr_runs - 1].n++;
		} else {
			if (nr_runs == MAX_RUNS)
				return;
			runs[nr_runs].chunk = c;
			runs[nr_runs++].n = 1;
		}
		page_deferred += CHUNK;
	}
}

static bool
chunk_deferred(u64 c)
{
	for (unsigned int i = 0; i < nr_runs; i++)
		if (c >= runs[i].chunk && c < runs[i].chunk + runs[i].n)
			return true;
	return false;
}

bool
page_grow_locked(void)
{
	while (nr_runs) {
		u64 c = runs[0].chunk;

		if (!runs[0].n) {
			nr_runs--;
			memmove(&runs[0], &runs[1], nr_runs * sizeof(runs[0]));
			continue;
		}
		runs[0].chunk++;
		runs[0].n--;
		clear_array(c << CHUNK_SHIFT, (c + 1) << CHUNK_SHIFT);
		page_deferred -= CHUNK;
		page_add_frames_locked(c << CHUNK_SHIFT,
				       (c + 1) << CHUNK_SHIFT);
		return true;
	}
	return false;
}

bool
pfn_valid(pfn_t pfn)
{
	paddr_t s, e, pa = pfn << PAGE_SHIFT;

	for (unsigned int i = 0; memblock_range(i, &s, &e); i++)
		if (pa >= s && pa < e)
			return !chunk_deferred(pfn >> CHUNK_SHIFT);
	return false;
}

static void __init
free_piece(paddr_t start, paddr_t end)
{
	pfn_t n = start >> PAGE_SHIFT, last = end >> PAGE_SHIFT;

	/* deferred chunks lie whole inside a piece */
	while (n < last) {
		pfn_t stop = min(last, ((n >> CHUNK_SHIFT) + 1) << CHUNK_SHIFT);

		if (!chunk_deferred(n >> CHUNK_SHIFT))
			page_add_frames(n, stop);
		n = stop;
	}
}

static void __init
reserve_piece(paddr_t start, paddr_t end)
{
	for (pfn_t n = start >> PAGE_SHIFT; n < end >> PAGE_SHIFT; n++) {
		struct page *p = pfn_to_page(n);

		p->flags = BIT(PG_RESERVED);
		atomic_set(&p->refcount, 1);
	}
}

/* What there is and what the kernel itself takes of it. */
static void __init
report(void)
{
	u64 all = 0;
	paddr_t s, e;

	for (unsigned int i = 0; memblock_range(i, &s, &e); i++)
		all += e - s;
	log_info(mm, "Memory: %luK/%luK available (%luK code, %luK rodata, "
		 "%luK data, %luK bss, %luK init)", page_nr_free() * 4,
		 all >> 10, (u64)(_etext - _text) >> 10,
		 (u64)(_erodata - _rodata) >> 10, (u64)(_edata - _data) >> 10,
		 (u64)(__bss_stop - __bss_start) >> 10,
		 (u64)(__init_end - __init_begin) >> 10);
}

void __init
page_init(void)
{
	paddr_t s, e, ts, te;

	for (unsigned int i = 0; memblock_range(i, &s, &e); i++)
		map_array(ALIGN_DOWN(s >> PAGE_SHIFT, BLOCK),
			  ALIGN_UP(e >> PAGE_SHIFT, BLOCK));
	find_deferred();
	for (unsigned int i = 0; memblock_range(i, &s, &e); i++) {
		pfn_t n = ALIGN_DOWN(s >> PAGE_SHIFT, BLOCK);
		pfn_t last = ALIGN_UP(e >> PAGE_SHIFT, BLOCK);

		while (n < last) {
			pfn_t stop = min(last, ((n >> CHUNK_SHIFT) + 1) <<
					 CHUNK_SHIFT);

			if (!chunk_deferred(n >> CHUNK_SHIFT))
				clear_array(n, stop);
			n = stop;
		}
	}
	for (unsigned int i = 0; memblock_range(i, &s, &e); i++) {
		paddr_t at = s;

		for (unsigned int j = 0; memblock_taken(j, &ts, &te); j++) {
			if (te <= at || ts >= e)
				continue;
			if (ts > at)
				free_piece(at, ts);
			reserve_piece(max(ts, at), min(te, e));
			at = min(te, e);
		}
		if (at < e)
			free_piece(at, e);
	}
	kmap_use_buddy();
	page_set_watermarks();
	zero_page = page_alloc1(GFP_KERNEL | GFP_ZERO);
	if (!zero_page)
		panic("no memory");
	zero_pfn = page_to_pfn(zero_page);
	page_set(zero_page, PG_RESERVED);
	report();
}

void
page_init_free_boot(void)
{
	page_free_range(kimage_to_phys(__init_begin),
			kimage_to_phys(__init_end));
}
