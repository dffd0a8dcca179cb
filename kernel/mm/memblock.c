/* SPDX-License-Identifier: MIT */
/*
 * Memory before the buddy.
 *
 * Two sorted arrays: what the boot map calls usable (cut by mem=), and what
 * is taken (kernel image, initrd, allocations). An allocation is the highest
 * free place below a limit, so low memory stays whole for devices and the
 * arrays stay short (neighbouring reservations merge). page_init() hands the
 * difference of the two to the buddy; the arrays are kept, as the deferred
 * part of the buddy's start and page_free_range() look at them.
 *
 * Boot CPU only, no lock.
 */
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <core/assert.h>
#include <lib/string.h>
#include <mm/memblock.h>

#include "internal.h"

#define MEMBLOCK_MAX	256
#define LOW_LIMIT	0x100000UL	/* nothing is allocated below 1 MiB */

struct range { paddr_t start, end; };

static struct range usable[BOOT_MAP_MAX];
static struct range taken[MEMBLOCK_MAX];
static unsigned int nr_usable, nr_taken;

/* "512M" as bytes; 0 when it is no number */
static u64
parse_size(const char *s)
{
	u64 v = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		if (mul_overflow(v, 10UL, &v) ||
		    add_overflow(v, (u64)(*s - '0'), &v))
			return 0;
	switch (*s | 0x20) {
	case 't': v <<= 10; __fallthrough;
	case 'g': v <<= 10; __fallthrough;
	case 'm': v <<= 10; __fallthrough;
	case 'k': v <<= 10;
	}
	return v;
}

void
memblock_init(const struct bootinfo *bi)
{
	paddr_t limit = DIRECT_MAP_MAX;
	char buf[32];

	if (cmdline_get(bi->cmdline, "mem", buf, sizeof(buf)) > 0) {
		u64 v = parse_size(buf);

		if (v >= 4 << 20)
			limit = min(limit, v);
	}
	for (u32 i = 0; i < bi->nr_map; i++) {
		const struct boot_mem_range *r = &bi->map[i];
		paddr_t start = ALIGN_UP(r->start, PAGE_SIZE);
		paddr_t end = ALIGN_DOWN(min(r->end, limit), PAGE_SIZE);

		if (r->type != BOOT_MEM_USABLE || start >= end)
			continue;
		usable[nr_usable++] = (struct range){ start, end };
	}
	memblock_reserve(bi->kernel_phys_start,
			 bi->kernel_phys_end - bi->kernel_phys_start);
	for (u32 i = 0; i < bi->nr_modules; i++)
		memblock_reserve(bi->modules[i].start, bi->modules[i].len);
	for (u32 i = 0; i < bi->nr_owned; i++)
		memblock_reserve(bi->owned[i].start, bi->owned[i].len);
}

void
memblock_reserve(paddr_t start, u64 len)
{
	paddr_t end = ALIGN_UP(start + len, PAGE_SIZE);
	unsigned int i, j;

	start = ALIGN_DOWN(start, PAGE_SIZE);
	if (start >= end)
		return;
	for (i = 0; i < nr_taken && taken[i].end < start; i++)
		;
	/* i: first that touches or follows; swallow all that touch */
	for (j = i; j < nr_taken && taken[j].start <= end; j++) {
		start = min(start, taken[j].start);
		end = max(end, taken[j].end);
	}
	if (j == i) {
		if (nr_taken == MEMBLOCK_MAX)
			panic("memblock: too many reservations");
		memmove(&taken[i + 1], &taken[i],
			(nr_taken - i) * sizeof(taken[0]));
		nr_taken++;
	} else if (j > i + 1) {
		memmove(&taken[i + 1], &taken[j],
			(nr_taken - j) * sizeof(taken[0]));
		nr_taken -= j - i - 1;
	}
	taken[i] = (struct range){ start, end };
}

/* highest taken range that begins below end and ends above start */
static const struct range *
overlap_below(paddr_t start, paddr_t end)
{
	for (unsigned int i = nr_taken; i-- > 0;)
		if (taken[i].start < end && taken[i].end > start)
			return &taken[i];
	return NULL;
}

paddr_t
memblock_take(u64 size, u64 align, paddr_t limit)
{
	size = ALIGN_UP(size, PAGE_SIZE);
	align = max(align, PAGE_SIZE);
	for (unsigned int i = nr_usable; i-- > 0;) {
		paddr_t lo = max(usable[i].start, LOW_LIMIT);
		paddr_t end = min(usable[i].end, limit);

		while (end > lo && end - lo >= size) {
			paddr_t start = ALIGN_DOWN(end - size, align);
			const struct range *r;

			if (start < lo)
				break;
			r = overlap_below(start, start + size);
			if (!r) {
				memblock_reserve(start, size);
				return start;
			}
			end = r->start;
		}
	}
	return 0;
}

paddr_t
memblock_alloc(size_t size, size_t align)
{
	paddr_t pa = memblock_take(size, align, 1UL << 32);

	if (!pa)
		panic("out of memory at boot (%lu bytes)", (u64)size);
	memset(phys_to_virt(pa), 0, ALIGN_UP(size, PAGE_SIZE));
	return pa;
}

u64
memblock_end(void)
{
	return nr_usable ? usable[nr_usable - 1].end : 0;
}

bool
memblock_range(unsigned int i, paddr_t *start, paddr_t *end)
{
	if (i >= nr_usable)
		return false;
	*start = usable[i].start;
	*end = usable[i].end;
	return true;
}

bool
memblock_taken(unsigned int i, paddr_t *start, paddr_t *end)
{
	if (i >= nr_taken)
		return false;
	*start = taken[i].start;
	*end = taken[i].end;
	return true;
}
