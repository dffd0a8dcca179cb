/* SPDX-License-Identifier: MIT */
/*
 * Page frames for units that need some but do not test the allocator: a fixed
 * stock of them, where page_to_virt() and vmemmap say they are. Freed frames
 * are poisoned and come back last.
 */
#include <core/assert.h>
#include <core/irq.h>
#include <lib/string.h>
#include <mm/page.h>
#include "unit.h"

#define FRAMES	4096UL
#define FIRST	16UL		/* frame numbers start here */

DEFINE_PERCPU(s64, mem_counters[MC_COUNT]);
static bool used[FRAMES];
static unsigned long next;

static void
ready(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	host_map((void *)PAGE_OFFSET, (FIRST + FRAMES) * PAGE_SIZE, HOST_WRITE);
	host_map((void *)VMEMMAP_BASE, ALIGN_UP((FIRST + FRAMES) *
		 sizeof(struct page), PAGE_SIZE), HOST_WRITE);
}

struct page *
page_alloc(unsigned int order, gfp_t gfp)
{
	unsigned long n = 1UL << order, at, i;
	struct page *p;

	ready();
	if (!(gfp & GFP_ATOMIC))
		assert_can_sleep();
	if (unit_alloc_fails() || n > FRAMES)
		return NULL;
	for (at = ALIGN_UP(next, n); at + n <= FRAMES; at += n) {
		for (i = 0; i < n && !used[at + i]; i++)
			;
		if (i == n)
			goto found;
	}
	for (at = 0; at + n <= FRAMES; at += n) {
		for (i = 0; i < n && !used[at + i]; i++)
			;
		if (i == n)
			goto found;
	}
	return NULL;
found:
	next = at + n;
	for (i = 0; i < n; i++)
		used[at + i] = true;
	p = pfn_to_page(FIRST + at);
	memset(p, 0, n * sizeof(*p));
	p->flags = (unsigned long)order << PAGE_ORDER_SHIFT;
	atomic_set(&p->refcount, 1);
	host_unpoison(page_to_virt(p), n * PAGE_SIZE);
	memset(page_to_virt(p), gfp & GFP_ZERO ? 0 : 0xa5, n * PAGE_SIZE);
	unit_live++;
	return p;
}

void
page_free(struct page *p, unsigned int order)
{
	unsigned long at = page_to_pfn(p) - FIRST, i;

	if (at >= FRAMES || atomic_read(&p->refcount) != 1 ||
	    page_order(p) != order)
		panic("page_free(%px, %u): refcount %d", p, order,
		      atomic_read(&p->refcount));
	for (i = 0; i < 1UL << order; i++) {
		if (!used[at + i])
			panic("page %px freed twice", p + i);
		used[at + i] = false;
	}
	atomic_set(&p->refcount, 0);
	host_poison(page_to_virt(p), PAGE_SIZE << order);
	unit_live--;
}

void
page_put_last(struct page *p)
{
	atomic_set(&p->refcount, 1);
	page_free(p, page_order(p));
}
