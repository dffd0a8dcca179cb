/* SPDX-License-Identifier: MIT */
/*
 * What interrupt controllers implement for core/irq.c, and arch's vector
 * bookkeeping. Vectors are the same on every CPU.
 */
#ifndef CORE_IRQ_CHIP_H
#define CORE_IRQ_CHIP_H

#include <arch/percpu.h>
#include <core/irq.h>
#include <lib/types.h>

struct irq_chip {
	const char *name;
	/* does this chip take the gsi? */
	bool (*has)(u32 gsi);
	/* route to vector on cpu, masked; flags IRQF_LEVEL.. (0: default) */
	int (*setup)(u32 gsi, u8 vector, unsigned int cpu, u32 flags);
	void (*mask)(u32 gsi);
	void (*unmask)(u32 gsi);
	void (*eoi)(u32 gsi);
};

/* irq_chip_register - one controller for the GSIs it has. E or T. */
void irq_chip_register(const struct irq_chip *chip);
/* irq_override - MADT: ISA line `isa` is wired to gsi with these flags. E. */
void irq_override(unsigned int isa, u32 gsi, u32 flags);

/*
 * irq_request_msi - a vector for a message-signalled interrupt, to this CPU.
 * *addr and *data are what the device is to write. Returns a number for
 * irq_free(), or -ENOSPC. -ENODEV without a local APIC. Context: T.
 */
int __must_check irq_request_msi(irq_handler_t handler, const char *name,
				 void *arg, u64 *addr, u32 *data);
#define IRQ_MSI_BASE	0x10000		/* "gsi" of MSI vector v: BASE + v */

/* arch: registers of the interrupt now being handled on this CPU, or NULL */
struct pt_regs;
DECLARE_PERCPU(struct pt_regs *, irq_regs);
DECLARE_PERCPU(u32, irq_depth);	/* > 0: in a handler */

#endif
