/* SPDX-License-Identifier: MIT */
/*
 * What firmware tables (ACPI MADT, MP table) tell arch about processors and
 * interrupt controllers, before arch_irq_init() turns them on. Context: E.
 */
#ifndef ARCH_IRQCHIP_H
#define ARCH_IRQCHIP_H

#include <lib/types.h>

#define APIC_DEFAULT_BASE	0xfee00000UL
#define NMI_ALL_CPUS		(~0U)

void arch_lapic_found(u32 apic_id, bool usable);
void arch_lapic_base(paddr_t base);
void arch_ioapic_found(u8 id, paddr_t base, u32 gsi_base);
/* local NMI input: lint 0 or 1 of one processor (by APIC id) or all */
void arch_lapic_nmi(u32 apic_id, u8 lint);

/* acpi_madt_init - drivers/acpi: walk the MADT through the calls above.
 * Returns false when there is no usable one. */
bool acpi_madt_init(void);

/* For core/irq.c: end of interrupt to the local APIC, if there is one. I. */
void arch_irq_ack(void);
bool arch_msi_possible(void);

#endif
