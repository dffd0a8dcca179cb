/* SPDX-License-Identifier: MIT */
/* Interrupt flag and the few one-instruction CPU primitives. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include <lib/types.h>

#define RFLAGS_CF	BIT(0)
#define RFLAGS_TF	BIT(8)
#define RFLAGS_IF	BIT(9)
#define RFLAGS_DF	BIT(10)
#define RFLAGS_IOPL	(3UL << 12)
#define RFLAGS_NT	BIT(14)
#define RFLAGS_RF	BIT(16)
#define RFLAGS_AC	BIT(18)
#define RFLAGS_ID	BIT(21)

static __always_inline unsigned long
irq_flags(void)
{
	unsigned long f;

	__asm__ volatile("pushfq; popq %0" : "=rm"(f) : : "memory");
	return f;
}

static __always_inline void
irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static __always_inline void
irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static __always_inline bool
irq_disabled(void)
{
	return !(irq_flags() & RFLAGS_IF);
}

/* irq_save - disable interrupts, return what irq_restore() needs. */
static __always_inline unsigned long
irq_save(void)
{
	unsigned long f = irq_flags();

	irq_disable();
	return f;
}

static __always_inline void
irq_restore(unsigned long f)
{
	if (f & RFLAGS_IF)
		irq_enable();
}

/*
 * irq_enable_halt - wait for an interrupt; called with interrupts off. Nothing
 * comes between: sti takes effect after the instruction that follows it.
 */
static __always_inline void
irq_enable_halt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

static __always_inline void
cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

#endif
