/* SPDX-License-Identifier: MIT */
/*
 * Page frames: a binary buddy (Knuth, TAOCP 1, 2.5) with a per-CPU stack of
 * single frames in front of it.
 *
 * States of a frame, told by its flags and count:
 *
 *	reserved	PG_RESERVED, refcount >= 1; never freed
 *	buddy head	PG_BUDDY, refcount 0, order valid, on a free list
 *	inside a block	flags 0, refcount 0
 *	in a CPU's stack PG_PCP, refcount 0, chained by lru.next
 *	allocated	refcount >= 1; the head of 2^n frames has n in the
 *			top byte of flags; tails have refcount 0
 *
 * One zone; its free lists come in two halves, below and above 4 GiB, so that
 * GFP_DMA32 finds low memory and everything else prefers high memory. Blocks
 * are aligned to their size, so they never cross the border.
 *
 * Almost all requests are for one frame and are met by the CPU's stack: a few
 * instructions with interrupts off. The stack is filled 16 frames at a time,
 * from one block when it can, and drained by half when it is too high.
 *
 * Reserves: below page_wm_min free frames only GFP_ATOMIC (to a quarter of it)
 * and a thread that the OOM killer chose (to nothing) get any. GFP_KERNEL
 * reclaims, then asks the OOM killer, then fails: order 0..3 after the
 * killer has run dry, larger ones as soon as reclaim does not help.
 *
 * A frame may be referenced for a moment by a page-cache lookup that read a
 * stale pointer (page_find). Hence the last reference, whoever drops it,
 * frees, by the order in flags; page_free() is a put that says what it
 * expects.
 *
 * Locking: zone.lock (irqsave) for lists and block states; the stacks belong
 * to their CPU with interrupts off.
 */
#include <core/irq.h>
#include <core/log.h>
#include <core/smp.h>
#include <core/time.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <sched/waitq.h>

#include "internal.h"

LOG_MODULE_DEFINE(mm);

#define PCP_BATCH	16
#define PCP_ORDER	4		/* 2^4 == PCP_BATCH */
#define DMA32_PFN	(1UL << (32 - PAGE_SHIFT))
#define COSTLY_ORDER	3
#define OOM_WAIT_NS	(10 * NSEC_PER_MSEC)
#define OOM_TRIES	1024U	/* 10 s: a few victims' time */

static struct zone {
	struct spinlock lock;			/* rank zone, irqsave */
	struct list_head free[2][NR_ORDERS];	/* lock: [pfn >= 4 GiB] */
	u32 avail[2];				/* lock: bit per nonempty list */
	u64 nr_free;				/* lock: frames in the lists */
	u64 managed;				/* lock: all that were ever free */
} zone = { .lock = SPINLOCK_INIT(RANK_ZONE) };

struct pcp { struct page *head; u32 n; };
DEFINE_PERCPU(struct pcp, pcp);
DEFINE_PERCPU(s64, mem_counters[MC_COUNT]);

static u32 pcp_high = 32;
#define WM_LEAST	32UL
u64 page_wm_min = WM_LEAST;

/* ---- free lists; lock held ---- */

static void
list_put(struct page *p, unsigned int half, unsigned int order)
{
	p->flags = BIT(PG_BUDDY);
	p->order = order;
	list_add(&p->buddy, &zone.free[half][order]);
	zone.avail[half] |= 1U << order;
}

static void
list_take(struct page *p, unsigned int half, unsigned int order)
{
	list_del(&p->buddy);
	p->flags = 0;
	if (list_empty(&zone.free[half][order]))
		zone.avail[half] &= ~(1U << order);
}

static void
buddy_free(struct page *p, unsigned int order)
{
	pfn_t pfn = page_to_pfn(p);
	unsigned int half = pfn >= DMA32_PFN;

	zone.nr_free += 1UL << order;
	while (order < PAGE_MAX_ORDER) {
		struct page *b = pfn_to_page(pfn ^ (1UL << order));

		if (b->flags != BIT(PG_BUDDY) || b->order != order)
			break;
		list_take(b, half, order);
		pfn &= ~(1UL << order);
		order++;
	}
	list_put(pfn_to_page(pfn), half, order);
}

/* smallest block of at least 2^order, cut down; NULL when there is none */
static struct page *
buddy_take(unsigned int order, gfp_t gfp)
{
	unsigned int half = gfp & GFP_DMA32 ? 0 : 1;
	u32 m;

	for (;; half--) {
		m = zone.avail[half] & ~((1U << order) - 1);
		if (m)
			break;
		if (!half)
			return NULL;
	}

	unsigned int o = __ffs(m);
	struct page *p = list_first_entry(&zone.free[half][o], struct page,
					  buddy);

	list_take(p, half, o);
	while (o > order) {
		o--;
		list_put(p + (1UL << o), half, o);
	}
	zone.nr_free -= 1UL << order;
	return p;
}

/* may `want` frames be taken? brings in deferred memory first */
static bool
reserve_ok(u64 want, gfp_t gfp)
{
	u64 keep = page_wm_min;

	while (unlikely(zone.nr_free < keep + keep / 4 + want) &&
	       page_deferred && page_grow_locked())
		;
	if (likely(zone.nr_free >= keep + want))
		return true;
	if (gfp & GFP_ATOMIC)
		keep /= 4;
	else if (tif_test(current_thread, TIF_OOM_VICTIM))
		keep = 0;
	return zone.nr_free >= keep + want;
}

/* ---- the stacks; interrupts off ---- */

static void
pcp_push(struct page *p)
{
	struct pcp __seg_gs *c = &this_cpu(pcp);

	p->flags = BIT(PG_PCP);
	p->lru.next = (struct list_head *)c->head;
	c->head = p;
	c->n++;
}

static void
pcp_drain(u32 keep)
{
	struct pcp __seg_gs *c = &this_cpu(pcp);

	spin_lock(&zone.lock);
	while (c->n > keep) {
		struct page *p = c->head;

		c->head = page_chain_next(p);
		c->n--;
		buddy_free(p, 0);
	}
	spin_unlock(&zone.lock);
}

static bool
pcp_fill(gfp_t gfp)
{
	unsigned int got = 0;

	spin_lock(&zone.lock);
	if (!reserve_ok(1, gfp))
		goto out;
	do {
		u32 m = zone.avail[1] ? zone.avail[1] : zone.avail[0];
		unsigned int o;
		struct page *p;

		if (!m)
			break;
		o = min_t(unsigned int, __ffs(m), PCP_ORDER);
		p = buddy_take(o, gfp);
		for (unsigned int i = 1U << o; i-- > 0;)
			pcp_push(p + i);
		got += 1U << o;
	} while (got < PCP_BATCH && reserve_ok(PCP_BATCH, gfp));
out:
	spin_unlock(&zone.lock);
	return got;
}

void
page_drain_local(void)
{
	unsigned long f = irq_save();

	pcp_drain(0);
	irq_restore(f);
}

static void
drain_ipi(void *arg)
{
	(void)arg;
	page_drain_local();
}

/* ---- allocation ---- */

#if CONFIG_DEBUG
#define POISON	0xaaaaaaaaaaaaaaaaUL
static void
poison(struct page *p, unsigned int order)
{
	u64 *w = page_to_virt(p);

	for (size_t i = 0; i < (PAGE_SIZE << order) / 8; i++)
		w[i] = POISON;
}
#endif

static struct page *
take_slow(unsigned int order, gfp_t gfp)
{
	unsigned long f = irq_save();
	struct page *p = NULL;

	if (!order && !(gfp & GFP_DMA32)) {
		if (this_cpu(pcp).n || pcp_fill(gfp)) {
			struct pcp __seg_gs *c = &this_cpu(pcp);

			p = c->head;
			c->head = page_chain_next(p);
			c->n--;
		}
	} else {
		spin_lock(&zone.lock);
		if (reserve_ok(1UL << order, gfp))
			p = buddy_take(order, gfp);
		spin_unlock(&zone.lock);
	}
	irq_restore(f);
	return p;
}

/* frames sitting in other CPUs' stacks go back */
static void
drain_all(void)
{
	page_drain_local();
	if (nr_cpus > 1 && !irq_disabled())
		smp_call(cpu_online_mask, drain_ipi, NULL);
}

static struct page *
take_hard(unsigned int order, gfp_t gfp)
{
	struct page *p = take_slow(order, gfp);

	if (p || (gfp & (GFP_ATOMIC | GFP_NORECLAIM)))
		return p;
	assert_can_sleep();
	for (unsigned int tries = 0; tries < OOM_TRIES; tries++) {
		unsigned long got = reclaim_pages(max(32UL, 2UL << order));

		if (!got || order || !(tries & 3))
			drain_all();
		p = take_slow(order, gfp);
		if (p)
			return p;
		if (got && (order <= COSTLY_ORDER || tries < 8))
			continue;
		if (order > COSTLY_ORDER || (gfp & GFP_NORETRY) ||
		    tif_test(current_thread, TIF_OOM_VICTIM))
			break;
		if ((gfp & GFP_USER) && fatal_signal_pending_current())
			break;
		if (!mm_oom(gfp))
			break;
		set_state(TS_UNINTERRUPTIBLE);
		schedule_until(clock_mono_ns() + OOM_WAIT_NS);
	}
	return take_slow(order, gfp);
}

static __noinline struct page *
page_alloc_slow(unsigned int order, gfp_t gfp)
{
	struct page *p;

	if (unlikely(order > PAGE_MAX_ORDER))
		return NULL;
	p = take_hard(order, gfp);
	if (unlikely(!p)) {
		if (!(gfp & GFP_NOWARN))
			log_ratelimited(mm, LOG_WARNING,
				"no memory for order %u, flags %lx, %lu free",
				order, gfp, page_nr_free());
		return NULL;
	}
#if CONFIG_DEBUG
	for (unsigned int i = 0; i < 1U << order; i++)
		ASSERT(!atomic_read(&p[i].refcount) &&
		       !atomic_read(&p[i].mapcount));
#endif
	p->flags = (unsigned long)order << PAGE_ORDER_SHIFT;
	atomic_set(&p->refcount, 1);
	mem_count(MC_PGALLOC, 1L << order);
	if (gfp & GFP_ZERO)
		for (unsigned int i = 0; i < 1U << order; i++)
			clear_page(page_to_virt(p + i));
	return p;
}

struct page *
page_alloc(unsigned int order, gfp_t gfp)
{
	struct pcp __seg_gs *c = &this_cpu(pcp);
	unsigned long f;
	struct page *p;

	alloc_check(gfp);
	if (unlikely(order || (gfp & GFP_DMA32)))
		return page_alloc_slow(order, gfp);
	f = irq_save();
	p = c->head;
	if (unlikely(!p)) {
		irq_restore(f);
		return page_alloc_slow(order, gfp);
	}
	c->head = page_chain_next(p);
	c->n--;
	mem_count(MC_PGALLOC, 1);
	irq_restore(f);
	DEBUG_ASSERT(p->flags == BIT(PG_PCP) && !atomic_read(&p->refcount) &&
		     !atomic_read(&p->mapcount));
	p->flags = 0;
	atomic_set(&p->refcount, 1);
	if (gfp & GFP_ZERO)
		clear_page(page_to_virt(p));
	return p;
}

/* the frame's references are gone */
static void
frame_free(struct page *p, unsigned int order)
{
	unsigned long f;

#if CONFIG_DEBUG
	ASSERT(!(p->flags & (BIT(PG_BUDDY) | BIT(PG_PCP) | BIT(PG_RESERVED) |
			     BIT(PG_LRU) | BIT(PG_LOCKED))));
	ASSERT(!atomic_read(&p->mapcount));
	poison(p, order);
#endif
	f = irq_save();
	mem_count(MC_PGFREE, 1L << order);
	if (likely(!order)) {
		pcp_push(p);
		if (unlikely(this_cpu(pcp).n > pcp_high))
			pcp_drain(pcp_high / 2);
	} else {
		spin_lock(&zone.lock);
		p->flags = 0;
		buddy_free(p, order);
		spin_unlock(&zone.lock);
	}
	irq_restore(f);
}

void
page_free(struct page *p, unsigned int order)
{
	DEBUG_ASSERT(page_order(p) == order);
	if (atomic_dec_and_test(&p->refcount))
		frame_free(p, order);
}

void
page_put_last(struct page *p)
{
	if (page_test(p, PG_LRU))
		lru_del(p);
	frame_free(p, page_order(p));
}

void
page_free_chain(struct page *first)
{
	while (first) {
		unsigned long f = irq_save();
		unsigned int i = 0;

		while (first && i++ < 64) {
			struct page *p = first;

			first = page_chain_next(p);
#if CONFIG_DEBUG
			ASSERT(!atomic_read(&p->refcount));
			poison(p, 0);
#endif
			pcp_push(p);
		}
		mem_count(MC_PGFREE, i);
		if (this_cpu(pcp).n > pcp_high)
			pcp_drain(pcp_high / 2);
		irq_restore(f);
	}
}

/* ---- growth ---- */

void
page_add_frames_locked(pfn_t first, pfn_t end)
{
	zone.managed += end - first;
	while (first < end) {
		unsigned int o = PAGE_MAX_ORDER;

		if (first)
			o = min_t(unsigned int, o, __ffs(first));
		o = min_t(unsigned int, o, __fls(end - first));
		buddy_free(pfn_to_page(first), o);
		first += 1UL << o;
	}
}

void
page_add_frames(pfn_t first, pfn_t end)
{
	unsigned long f = spin_lock_irqsave(&zone.lock);

	if (!zone.free[0][0].next)
		for (unsigned int h = 0; h < 2; h++)
			for (unsigned int o = 0; o < NR_ORDERS; o++)
				list_init(&zone.free[h][o]);
	page_add_frames_locked(first, end);
	spin_unlock_irqrestore(&zone.lock, f);
}

void
page_set_watermarks(void)
{
	u64 total = page_total();

	page_wm_min = clamp_t(u64, total / 128, WM_LEAST, 2048);
	pcp_high = clamp_t(u64, total / 64, 32, 2048);
}

u64
page_reserve(void)
{
	return page_wm_min;
}

int
page_reserve_set(u64 nr)
{
	if (nr > page_total() / 4)
		return -EINVAL;
	WRITE_ONCE(page_wm_min, max(nr, WM_LEAST));
	return 0;
}

void
page_free_range(paddr_t start, paddr_t end)
{
	pfn_t first = ALIGN_UP(start, PAGE_SIZE) >> PAGE_SHIFT;
	pfn_t last = end >> PAGE_SHIFT;

	for (pfn_t n = first; n < last; n++) {
		struct page *p = pfn_to_page(n);

		if (!pfn_valid(n) || !page_test(p, PG_RESERVED))
			continue;
		p->flags = 0;
		atomic_set(&p->refcount, 0);
		page_add_frames(n, n + 1);
	}
	page_set_watermarks();
}

u64
page_total(void)
{
	return zone.managed + page_deferred;
}

u64
page_nr_free(void)
{
	u64 n = zone.nr_free + page_deferred;

	for_each_cpu(cpu)
		n += per_cpu(pcp, cpu).n;
	return n;
}

s64
mem_sum(enum mem_counter c)
{
	s64 n = 0;

	for_each_cpu(cpu)
		n += per_cpu(mem_counters, cpu)[c];
	return n;
}

void
mm_init_cpu(unsigned int cpu)
{
	per_cpu(pcp, cpu) = (struct pcp){ NULL, 0 };
	memset(per_cpu(mem_counters, cpu), 0, sizeof(mem_counters));
	slab_init_cpu(cpu);
	kstack_init_cpu(cpu);
	pt_init_cpu(cpu);
}
