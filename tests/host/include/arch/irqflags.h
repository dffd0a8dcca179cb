/* SPDX-License-Identifier: MIT */
/* Shadow of arch/irqflags.h for host tests: the interrupt flag is a variable. */
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

extern unsigned long host_irq_flags;

static __always_inline unsigned long
irq_flags(void)
{
	return host_irq_flags;
}

static __always_inline void
irq_disable(void)
{
	host_irq_flags = 0;
}

static __always_inline void
irq_enable(void)
{
	host_irq_flags = RFLAGS_IF;
}

static __always_inline bool
irq_disabled(void)
{
	return !host_irq_flags;
}

static __always_inline unsigned long
irq_save(void)
{
	unsigned long f = host_irq_flags;

	host_irq_flags = 0;
	return f;
}

static __always_inline void
irq_restore(unsigned long f)
{
	host_irq_flags = f;
}

void irq_enable_halt(void);

static __always_inline void
cpu_relax(void)
{
}

#endif
