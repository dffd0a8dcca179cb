/* SPDX-License-Identifier: MIT */
/*
 * Bringing the machine up, in the order of init/main.c's calls. All run once,
 * on the boot CPU, context E unless said otherwise.
 *
 *	arch_early_init()	GDT, TSS, IDT, CPU features, stack guard: traps
 *				are reported and kprintf() works from here on
 *	cmdline_parse()		(boot) parameters
 *	log_init()		(core) consoles may print; early console
 *	memblock_init()		(mm)
 *	acpi_early_init()	finds the tables; direct map of 4 GiB suffices
 *	paging_init()		direct map of all RAM; uses memblock_alloc()
 *	page_init() slab_init()	(mm), and vmap: vmap_mmio() works
 *	random_init()		(core) with boot_info.seed
 *	sched_init()		(sched) boot thread is current_thread
 *	arch_irq_init()		MADT/MP table, LAPIC, IOAPIC or 8259; irq_request()
 *	time_init()		(core/time.h) calibration, clocksource, clock event, wall clock
 *	irq_enable()		context T from here on
 *	smp_boot()		(core/smp.h) application processors
 *	arch_late_init()	reboot methods, APIC error reports, log lines
 *	...			drivers, root, init
 *	kprotect_init()		(arch/paging.h) just before the first exec
 */
#ifndef ARCH_INIT_H
#define ARCH_INIT_H

#include <lib/types.h>

struct bootinfo;

void arch_early_init(const struct bootinfo *bi);
void acpi_early_init(const struct bootinfo *bi);
void arch_irq_init(void);
void arch_late_init(void);

/* Per-CPU halves, for smp.c: the running CPU becomes like the boot CPU. */
void cpu_init_features(void);
void desc_init_cpu(void);

#endif
