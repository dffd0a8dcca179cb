/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks: KSTACK_SIZE mapped in the vmap area, so that the page below
 * is unmapped and an overflow faults instead of overwriting a neighbour.
 *
 * Mapping and unmapping cost page tables and a TLB flush on every CPU, so each
 * CPU keeps CACHE_MAX dead stacks for the next fork, without a lock. What is
 * more goes to one list for all, the limbo (linked through the stacks' lowest
 * words), from which forks take too. When LIMBO_MAX are in it they are given
 * back, BATCH_MAX for the price of one flush: a thousand threads that end
 * interrupt the other CPUs some thirty times, not a thousand. A stack may be
 * freed where that is not possible (interrupts off); then the next one freed in a
 * thread does it. Reclaim empties the limbo at any time.
 */
#include <arch/tlb.h>
#include <core/irq.h>
#include <core/spinlock.h>
#include <mm/vmap.h>

#include "internal.h"

#define CACHE_MAX	4
#define LIMBO_MAX	32
#define BATCH_MAX	32
#define NR_PAGES	(KSTACK_SIZE / PAGE_SIZE)

struct kstack_cache { u8 *stack[CACHE_MAX]; u32 n; };
DEFINE_PERCPU(struct kstack_cache, kstack_cache);

struct dead_stack { struct dead_stack *next; };
static struct spinlock limbo_lock = SPINLOCK_INIT(RANK_VMAP);
static struct dead_stack *limbo;	/* limbo_lock */
static u32 nr_limbo;			/* limbo_lock; read racy */

static void
limbo_push(u8 *s)
{
	unsigned long f = spin_lock_irqsave(&limbo_lock);
	struct dead_stack *d = (struct dead_stack *)s;

	d->next = limbo;
	limbo = d;
	nr_limbo++;
	spin_unlock_irqrestore(&limbo_lock, f);
}

/* up to n of them, in a chain */
static struct dead_stack *
limbo_take(u32 n)
{
	struct dead_stack *first, **end = &first;
	unsigned long f;

	if (!READ_ONCE(nr_limbo))
		return NULL;
	f = spin_lock_irqsave(&limbo_lock);
	first = limbo;
	for (; n && *end; n--) {
		end = &(*end)->next;
		nr_limbo--;
	}
	limbo = *end;
	*end = NULL;
	spin_unlock_irqrestore(&limbo_lock, f);
	return first;
}

/* The lowest pages of a stack go, unflushed yet, to the chain. */
static void
stack_unmap(u8 *s, size_t mapped, struct page **chain)
{
	for (size_t i = 0; i < mapped; i++) {
		struct page *p = phys_to_page(
			kpage_phys((vaddr_t)s + i * PAGE_SIZE));

		atomic_set(&p->refcount, 0);
		page_chain_push(chain, p);
	}
	kunmap_range_noflush((vaddr_t)s, mapped * PAGE_SIZE);
	mem_count(MC_KSTACK, -(long)mapped);
}

static u8 *
stack_create(void)
{
	vaddr_t va = vmap_alloc(KSTACK_SIZE, PAGE_SIZE);
	struct page *chain = NULL;

	if (!va)
		return NULL;
	for (size_t i = 0; i < NR_PAGES; i++) {
		struct page *p = page_alloc1(GFP_KERNEL);

		if (p && kmap_page(va + i * PAGE_SIZE, page_to_phys(p),
				   PTE_W | pte_nx)) {
			page_put(p);
			p = NULL;
		}
		if (!p) {
			stack_unmap((u8 *)va, i, &chain);
			if (i)
				tlb_flush_kernel(va, va + i * PAGE_SIZE);
			page_free_chain(chain);
			vmap_free(va, KSTACK_SIZE);
			return NULL;
		}
		mem_count(MC_KSTACK, 1);
	}
	return (u8 *)va;
}

u8 *
kstack_alloc(void)
{
	struct kstack_cache __seg_gs *c = &this_cpu(kstack_cache);
	unsigned long f = irq_save();
	u8 *s = NULL;

	if (c->n)
		s = c->stack[--c->n];
	irq_restore(f);
	if (!s)
		s = (u8 *)limbo_take(1);
	return s ? s : stack_create();
}

/* give back some of the limbo; how many. T. */
static u32
trim_batch(void)
{
	vaddr_t va[BATCH_MAX], low = ~0UL, high = 0;
	struct dead_stack *d = limbo_take(BATCH_MAX);
	struct page *chain = NULL;
	u32 n = 0;

	while (d) {
		vaddr_t s = (vaddr_t)d;

		d = d->next;		/* it is in the stack itself */
		va[n++] = s;
		low = min(low, s);
		high = max(high, s + KSTACK_SIZE);
		stack_unmap((u8 *)s, NR_PAGES, &chain);
	}
	if (!n)
		return 0;
	tlb_flush_kernel(low, high);
	page_free_chain(chain);
	for (u32 i = 0; i < n; i++)
		vmap_free(va[i], KSTACK_SIZE);
	return n;
}

/* T: the limbo's stacks are really given back; pages freed */
unsigned long
kstack_trim(void)
{
	unsigned long freed = 0;
	u32 n;

	while ((n = trim_batch()))
		freed += n * NR_PAGES;
	return freed;
}

void
kstack_free(u8 *s)
{
	struct kstack_cache __seg_gs *c = &this_cpu(kstack_cache);
	unsigned long f = irq_save();

	if (c->n < CACHE_MAX) {
		c->stack[c->n++] = s;
		s = NULL;
	}
	irq_restore(f);
	if (!s)
		return;
	limbo_push(s);
	if (READ_ONCE(nr_limbo) >= LIMBO_MAX && (f & RFLAGS_IF) &&
	    !in_atomic())
		trim_batch();
}

void
kstack_init_cpu(unsigned int cpu)
{
	per_cpu(kstack_cache, cpu).n = 0;
}
