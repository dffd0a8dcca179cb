/* SPDX-License-Identifier: MIT */
/*
 * Where entry.S arrives with an interrupt, and the choice of interrupt
 * hardware: ACPI's MADT, else the MP table, else the 8259s alone.
 *
 * Runs on the interrupt stack with interrupts off.
 */
#define LOG_MODULE irq
#include "arch.h"

#include <arch/init.h>
#include <arch/irqchip.h>
#include <arch/irqflags.h>
#include <arch/upcall.h>
#include <boot/cmdline.h>
#include <core/irq_chip.h>
#include <core/log.h>
#include <core/timer.h>

DEFINE_PERCPU(u32, irq_depth);
DEFINE_PERCPU(struct pt_regs *, irq_regs);

static bool no_apic;

static int
noapic_param(const char *v)
{
	(void)v;
	no_apic = true;
	return 0;
}
KPARAM("noapic", noapic_param);


void
irq_entry(struct pt_regs *regs, u32 vector)
{
	this_cpu(irq_depth)++;
	this_cpu(irq_regs) = regs;
	rcu_irq_enter();
	switch (vector) {
	case VEC_TIMER:
		apic_eoi();
		timer_interrupt();
		sched_tick(regs_user(regs));
		break;
#if CONFIG_SMP
	case VEC_RESCHED:	/* the flag is set; it is looked at on return */
		apic_eoi();
		break;
	case VEC_CALL:
		apic_eoi();
		smp_ipi_call();
		break;
#endif
	case VEC_ERROR:
		apic_eoi();
		apic_error_interrupt();
		break;
	case VEC_SPURIOUS:
		break;
	default:
		if (vector < VEC_DEV_FIRST && pic_spurious(vector))
			break;
		irq_dispatch(regs, vector);
		break;
	}
	this_cpu(irq_depth)--;
}

void
arch_irq_ack(void)
{
	if (apic_on)
		apic_eoi();
}

bool
arch_msi_possible(void)
{
	return apic_on;
}

void
arch_irq_init(void)
{
	bool tables = false, ioapic = false;

	pic_init();
	if (!no_apic && cpu_has(CPU_APIC)) {
		tables = acpi_madt_init() || mptable_init();
		if (tables)
			ioapic = ioapic_init();
		if (!apic_init_boot(ioapic))
			log_warn(irq, "no local APIC\n");
	}
	if (!ioapic || !apic_on) {
		if (!pic_exists)
			log_err(irq, "no interrupt controller found\n");
		else
			log_info(irq, "irq: using the 8259 interrupt controllers");
		pic_use();
	}
}
