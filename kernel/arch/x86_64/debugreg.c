/* SPDX-License-Identifier: MIT */
/*
 * Debug registers: hardware breakpoints that ptrace(2) sets in user memory.
 * The kernel has none of its own.
 *
 * They are loaded on the way to user mode, in fpu_load(), by which every
 * thread goes after a switch: nothing at all is done in the switch itself.
 * Until then the CPU keeps the last thread's; as all are user addresses, what
 * the kernel touches meanwhile at most makes a #DB that trap_paranoid()
 * passes over.
 */
#include "arch.h"

#include <arch/irqflags.h>
#include <arch/thread.h>
#include <lib/string.h>
#include <sched/thread.h>

#define DR6_INIT	0xffff0ff0UL
#define DR6_STEP	BIT(14)
#define DR7_FIXED	0x400U		/* SDM 3B 18.2.4: bit 10 is 1 */

DEFINE_PERCPU(u32, debug_dr7);

#define DR_SET(n, v)	__asm__ volatile("movq %0, %%dr" #n : : "r"((u64)(v)))

void
debug_load(struct thread *t)
{
	const struct arch_thread *a = &t->arch;

	if (this_cpu(debug_dr7))
		DR_SET(7, DR7_FIXED);
	if (a->dr7) {
		DR_SET(0, a->dr[0]);
		DR_SET(1, a->dr[1]);
		DR_SET(2, a->dr[2]);
		DR_SET(3, a->dr[3]);
		DR_SET(7, a->dr7 | DR7_FIXED);
	}
	this_cpu(debug_dr7) = a->dr7;
}

void
arch_debug_set(struct thread *t, const u64 dr[4], u32 dr7)
{
	memcpy(t->arch.dr, dr, sizeof(t->arch.dr));
	t->arch.dr7 = dr7;
}

void
arch_debug_clear(struct thread *t)
{
	unsigned long f = irq_save();

	memset(t->arch.dr, 0, sizeof(t->arch.dr));
	t->arch.dr7 = t->arch.dr7_set = 0;
	t->arch.dr6 = 0;
	debug_load(t);
	irq_restore(f);
}

/*
 * debug_trap_dr6 - what a #DB from user mode was about: step bit and the
 * breakpoints of this thread; remembered for the tracer.
 */
u64
debug_trap_dr6(struct pt_regs *regs)
{
	struct arch_thread *a = &current_thread->arch;
	u64 dr6, hit;

	__asm__ volatile("movq %%dr6, %0" : "=r"(dr6));
	DR_SET(6, DR6_INIT);
	hit = dr6 & DR6_STEP;
	for (int i = 0; i < 4; i++)
		if ((dr6 >> i & 1) && (a->dr7 >> (2 * i) & 3)) {
			hit |= BIT(i);
			/* of an instruction: it has not run, and shall now */
			if (!(a->dr7 >> (16 + 4 * i) & 3))
				regs->rflags |= RFLAGS_RF;
		}
	a->dr6 = hit;
	return hit;
}

/* Null, and the segments of programs in the GDT, which all can be read. */
bool
arch_selector_ok(u64 sel)
{
	return sel <= 3 || sel == USER_DS || sel == USER_CS;
}
