/* SPDX-License-Identifier: MIT */
/*
 * Switching address spaces and keeping TLBs true. See arch/tlb.h.
 *
 * Each CPU remembers the mm in its CR3 (loaded) and whether only kernel
 * threads run on it since (lazy). A bit in mm->tlb_cpus means: this CPU may
 * have the mm loaded. The bit is set before loading and cleared lazily, by the
 * CPU itself, when a shootdown finds it does not have the mm (or has it lazily:
 * it then drops it, so an idle CPU is disturbed once at most).
 *
 * PCID. A CPU keeps NR_ASIDS address spaces' translations, keyed by ctx_id,
 * each with the tlb_gen up to which it is clean. A shootdown raises the mm's
 * tlb_gen first and then interrupts the CPUs in tlb_cpus; a CPU that had
 * switched away compares the generations when it comes back. Order: we set
 * our bit, then read tlb_gen; the flusher raises tlb_gen, then reads the bits.
 *
 * A range of up to RANGE_MAX pages goes page by page if it is the only flush
 * this CPU misses, otherwise all of the mm.
 */
#include "arch.h"

#include <arch/irqflags.h>
#include <arch/tlb.h>
#include <core/assert.h>
#include <core/irq.h>
#include <core/smp.h>
#include <lib/string.h>

#define NR_ASIDS	6
#define RANGE_MAX	33	/* pages */
#define CR3_NOFLUSH	BIT(63)

struct tlb_state {
	struct mm_arch *loaded;		/* in CR3; NULL: kernel_pml4 */
	bool lazy;
	u8 asid, next_asid;
	struct { u64 ctx_id, gen; } slot[NR_ASIDS];
};

struct flush_req {
	struct mm_arch *m;
	vaddr_t start, end;
	u64 gen;
};

static DEFINE_PERCPU(struct tlb_state, tlb_state);

static __always_inline bool
one_cpu(void)
{
	return !CONFIG_SMP || nr_cpus == 1;
}

static __always_inline void
cpu_bit_set(struct mm_arch *m)
{
	unsigned int c = cpu_id();

	if (one_cpu())
		m->tlb_cpus[0] |= BIT(c);
	else if (!test_bit(c, m->tlb_cpus))
		set_bit(c, m->tlb_cpus);
	else
		smp_mb();
}

/* PCID: find or take a slot. Returns the CR3 bits to add. */
static u64
asid_choose(struct tlb_state *s, struct mm_arch *m)
{
	u64 gen = atomic64_read(&m->tlb_gen);
	unsigned int i;

	for (i = 0; i < NR_ASIDS; i++) {
		if (s->slot[i].ctx_id == m->ctx_id) {
			bool clean = s->slot[i].gen == gen;

			s->slot[i].gen = gen;
			s->asid = i;
			return (i + 1) | (clean ? CR3_NOFLUSH : 0);
		}
	}
	i = s->next_asid;
	s->next_asid = i + 1 == NR_ASIDS ? 0 : i + 1;
	s->slot[i].ctx_id = m->ctx_id;
	s->slot[i].gen = gen;
	s->asid = i;
	return i + 1;
}

void
mm_arch_switch(struct mm_arch *m)
{
	struct tlb_state *s = this_cpu_ptr(tlb_state);

	if (!m) {
		s->lazy = true;
		return;
	}
	if (s->loaded != m) {
		u64 cr3 = virt_to_phys(m->pml4);

		cpu_bit_set(m);
		if (cr4_pcide)
			cr3 |= asid_choose(s, m);
		write_cr3(cr3);
		/* not before: the old one's tables may go once it is unnamed */
		barrier();
		WRITE_ONCE(s->loaded, m);
	}
	s->lazy = false;
}

/* irqs off: stop using whatever is loaded. */
static void
leave_loaded(struct tlb_state *s)
{
	if (s->loaded) {
		write_cr3(virt_to_phys(kernel_pml4));
		barrier();
		WRITE_ONCE(s->loaded, NULL);
	}
}

static void
flush_all_local(void)
{
	write_cr3(read_cr3());		/* reads back without NOFLUSH */
}

/* This CPU has r->m loaded, for user threads. Any irq state. */
static void
flush_local(struct tlb_state *s, const struct flush_req *r)
{
	vaddr_t va;

	if (cr4_pcide) {
		u64 have = s->slot[s->asid].gen;

		if (have >= r->gen)
			return;
		if (have + 1 != r->gen) {
			s->slot[s->asid].gen = atomic64_read(&r->m->tlb_gen);
			flush_all_local();
			return;
		}
		s->slot[s->asid].gen = r->gen;
	}
	if (r->end - r->start > RANGE_MAX * PAGE_SIZE) {
		flush_all_local();
		return;
	}
	for (va = r->start; va < r->end; va += PAGE_SIZE)
		invlpg(va);
}

#if CONFIG_SMP
static void
flush_remote(void *arg)
{
	const struct flush_req *r = arg;
	struct tlb_state *s = this_cpu_ptr(tlb_state);

	if (s->loaded == r->m && !s->lazy) {
		flush_local(s, r);
		return;
	}
	if (s->loaded == r->m)
		leave_loaded(s);
	clear_bit(cpu_id(), r->m->tlb_cpus);
}

/* Is a CPU but this one in m->tlb_cpus? */
static bool
others(const struct mm_arch *m)
{
	unsigned int c = cpu_id(), i;

	for (i = 0; i < ARRAY_SIZE(m->tlb_cpus); i++) {
		u64 w = READ_ONCE(m->tlb_cpus[i]);

		if (i == c / 64)
			w &= ~BIT(c % 64);
		if (w)
			return true;
	}
	return false;
}
#endif

void
tlb_flush_range(struct mm_arch *m, vaddr_t start, vaddr_t end)
{
	struct tlb_state *s = this_cpu_ptr(tlb_state);
	struct flush_req r = { m, ALIGN_DOWN(start, PAGE_SIZE), end, 0 };

	if (one_cpu())
		r.gen = ++m->tlb_gen.v;
	else
		r.gen = atomic64_add_return(&m->tlb_gen, 1);
	if (s->loaded == m)
		flush_local(s, &r);
#if CONFIG_SMP
	if (!one_cpu() && others(m))
		smp_call(m->tlb_cpus, flush_remote, &r);
#endif
}

void
tlb_flush_page(struct mm_arch *m, vaddr_t va)
{
	va = ALIGN_DOWN(va, PAGE_SIZE);
	if (one_cpu() && !cr4_pcide) {
		if (this_cpu(tlb_state).loaded == m)
			invlpg(va);
		return;
	}
	tlb_flush_range(m, va, va + PAGE_SIZE);
}

void
tlb_flush_mm(struct mm_arch *m)
{
	tlb_flush_range(m, 0, USER_MAX);
}

#if CONFIG_SMP
static void
leave_remote(void *arg)
{
	struct tlb_state *s = this_cpu_ptr(tlb_state);

	if (s->loaded == arg)
		leave_loaded(s);
}
#endif

void
mm_arch_leave(struct mm_arch *m)
{
	unsigned long f = irq_save();
	struct tlb_state *s = this_cpu_ptr(tlb_state);

	if (s->loaded == m)
		leave_loaded(s);
	irq_restore(f);
#if CONFIG_SMP
	if (!one_cpu()) {
		unsigned long mask[ARRAY_SIZE(cpu_online_mask)] = { 0 };
		bool any = false;

		/* nobody can load m any more: a CPU seen without stays so */
		for_each_cpu(c) {
			if (READ_ONCE(per_cpu(tlb_state, c).loaded) == m) {
				mask[c / 64] |= BIT(c % 64);
				any = true;
			}
		}
		if (any)
			smp_call(mask, leave_remote, m);
	}
#endif
}

struct kernel_req { vaddr_t start, end; };

static void
flush_kernel_local(void *arg)
{
	const struct kernel_req *r = arg;
	vaddr_t va;

	if (r->end - r->start > RANGE_MAX * PAGE_SIZE) {
		u64 cr4 = read_cr4();

		/* changing PGE drops everything, global and of all PCIDs */
		write_cr4(cr4 ^ CR4_PGE);
		write_cr4(cr4);
		return;
	}
	for (va = r->start; va < r->end; va += PAGE_SIZE)
		invlpg(va);
}

void
tlb_flush_kernel(vaddr_t start, vaddr_t end)
{
	struct kernel_req r = { start, end };

	flush_kernel_local(&r);
#if CONFIG_SMP
	if (!one_cpu())
		smp_call(cpu_online_mask, flush_kernel_local, &r);
#endif
}
