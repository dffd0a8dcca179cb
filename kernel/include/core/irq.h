/* SPDX-License-Identifier: MIT */
/*
 * Device interrupts. A GSI (global system interrupt, ACPI 5.2.13) is routed
 * by the IOAPIC (or the 8259s when there is none) to a vector.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include <lib/types.h>

typedef enum { IRQ_NONE, IRQ_HANDLED } irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(void *arg);

#define IRQF_SHARED	BIT(0)
#define IRQF_LEVEL	BIT(1)
#define IRQF_EDGE	BIT(2)
#define IRQF_LOW	BIT(3)
#define IRQF_HIGH	BIT(4)

/*
 * irq_request - call handler(arg) on each interrupt of gsi, unmasked on
 * return. With no trigger flag the MADT override or bus default is used.
 * 0, -EBUSY (not shareable), -EINVAL, -ENOMEM. Context: T.
 */
int __must_check irq_request(u32 gsi, irq_handler_t handler, u32 flags,
			     const char *name, void *arg);
/* irq_free - no handler runs after it returns. Context: T. */
void irq_free(u32 gsi, void *arg);
/* irq_isa_to_gsi - ISA line 0..15 through the MADT source overrides. */
u32 irq_isa_to_gsi(unsigned int isa_irq);
/* counts for /proc/interrupts: iterate i from 0 until false. */
struct irq_stat { u32 gsi; const char *name, *chip; u64 per_cpu[CONFIG_MAX_CPUS]; };
bool irq_stat_get(unsigned int i, struct irq_stat *out);
u64 irq_total(void);

/* in_irq - this CPU runs an interrupt handler. in_atomic - may not sleep. */
bool in_irq(void);
bool in_atomic(void);
#define assert_can_sleep()	DEBUG_ASSERT(!in_atomic())

#endif
