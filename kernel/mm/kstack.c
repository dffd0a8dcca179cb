/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks: KSTACK_SIZE mapped in the vmap area, so that the page below
 * is unmapped and an overflow faults instead of overwriting a neighbour.
 *
 * Mapping and unmapping cost page tables and a TLB flush on every CPU, so
 * each CPU keeps a few dead stacks for the next fork. A stack freed where one
 * may not sleep (a dead thread's, in the switch) goes to a lock-free list from
 * which the next fork takes, and which kstack_free() in a thread, or reclaim,
 * cuts down.
 */
#include <core/irq.h>
#include <lib/llist.h>
#include <mm/vmap.h>

#include "internal.h"

#define CACHE_MAX	4
#define NR_PAGES	(KSTACK_SIZE / PAGE_SIZE)

struct kstack_cache { u8 *stack[CACHE_MAX]; u32 n; };
DEFINE_PERCPU(struct kstack_cache, kstack_cache);

static struct llist_head limbo;		/* node at the stack's low end */

static void
stack_destroy(u8 *s, size_t mapped)
{
	struct page *chain = NULL;

	for (size_t i = 0; i < mapped; i++) {
		struct page *p = phys_to_page(
			kpage_phys((vaddr_t)s + i * PAGE_SIZE));

		atomic_set(&p->refcount, 0);
		page_chain_push(&chain, p);
	}
	if (mapped)
		kunmap_range((vaddr_t)s, mapped * PAGE_SIZE);
	page_free_chain(chain);
	vmap_free((vaddr_t)s, KSTACK_SIZE);
	mem_count(MC_KSTACK, -(long)mapped);
}

static u8 *
stack_create(void)
{
	vaddr_t va = vmap_alloc(KSTACK_SIZE, PAGE_SIZE);

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
			stack_destroy((u8 *)va, i);
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
	struct llist_node *n, *next;
	u8 *s = NULL;

	if (c->n)
		s = c->stack[--c->n];
	irq_restore(f);
	if (s)
		return s;
	n = llist_del_all(&limbo);
	if (!n)
		return stack_create();
	next = n->next;
	while (next) {
		struct llist_node *after = next->next;

		llist_add(next, &limbo);
		next = after;
	}
	return (u8 *)n;
}

/* T: the limbo's stacks are really given back; pages freed */
unsigned long
kstack_trim(void)
{
	struct llist_node *n, *next;
	unsigned long freed = 0;

	llist_for_each_safe(n, next, llist_del_all(&limbo)) {
		stack_destroy((u8 *)n, NR_PAGES);
		freed += NR_PAGES;
	}
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
	if (s)
		llist_add((struct llist_node *)s, &limbo);
	if (!(f & RFLAGS_IF) || in_atomic())
		return;
	kstack_trim();
}

void
kstack_init_cpu(unsigned int cpu)
{
	per_cpu(kstack_cache, cpu).n = 0;
}
