/* SPDX-License-Identifier: MIT */
/*
 * TLB shootdown and address-space switching. An mm embeds struct mm_arch.
 *
 * tlb_cpus has a bit for each CPU that may hold translations of the mm (it
 * runs it, or kept it lazily). A shootdown sends IPIs to those other CPUs and
 * waits; idle CPUs in lazy mode are told by a generation count only and flush
 * when they next switch.
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <arch/atomic.h>
#include <arch/paging.h>
#include <lib/types.h>

struct mm_arch {
	pte_t *pml4;			/* owned; top half copied from kernel_pml4 */
	atomic64_t tlb_gen;		/* raised by each shootdown */
	u64 ctx_id;			/* never reused; keys PCID slots */
	unsigned long tlb_cpus[(CONFIG_MAX_CPUS + 63) / 64];	/* atomic bits */
};

/* mm_arch_init - allocate the PML4. 0 or -ENOMEM. Context: T. */
int __must_check mm_arch_init(struct mm_arch *m);
/* mm_arch_destroy - free the PML4 page; lower tables are already gone. */
void mm_arch_destroy(struct mm_arch *m);
/*
 * mm_arch_switch - make m the current address space of this CPU; NULL keeps
 * the present one lazily (kernel threads). Context: irqs off, from switch.
 */
void mm_arch_switch(struct mm_arch *m);
/* mm_arch_leave - drop lazy use of m on every CPU before it is destroyed. */
void mm_arch_leave(struct mm_arch *m);

/*
 * tlb_flush_range - drop user translations [start, end) of m on every CPU
 * that may have them; whole mm when the range is large. Returns when done.
 * Context: T with irqs on (spin locks below tlb may be held).
 */
void tlb_flush_range(struct mm_arch *m, vaddr_t start, vaddr_t end);
/* tlb_flush_page - one page. */
void tlb_flush_page(struct mm_arch *m, vaddr_t va);
/* tlb_flush_mm - everything of the user half. */
void tlb_flush_mm(struct mm_arch *m);
/* tlb_flush_kernel - kernel-half range, on every CPU. */
void tlb_flush_kernel(vaddr_t start, vaddr_t end);

#endif
