/* SPDX-License-Identifier: MIT */
/* Processors: who is there, calling a function elsewhere, stopping. */
#ifndef CORE_SMP_H
#define CORE_SMP_H

#include <lib/types.h>

extern unsigned int nr_cpus;		/* online, numbered 0..nr_cpus-1 */
extern unsigned int nr_cpus_possible;
extern unsigned long cpu_online_mask[(CONFIG_MAX_CPUS + 63) / 64];

#define for_each_cpu(c)	for (unsigned int c = 0; c < nr_cpus; c++)

/* smp_boot - start the application processors (`nosmp`, `maxcpus=`). T once. */
void smp_boot(void);
/* smp_send_resched - IPI that makes cpu look at its TIF_NEED_RESCHED. */
void smp_send_resched(unsigned int cpu);
/*
 * smp_call - run fn(arg) on cpus in mask but this one, with irqs off there;
 * waits until all have run it. Context: T, irqs on.
 */
void smp_call(const unsigned long *mask, void (*fn)(void *), void *arg);
/* smp_stop_others - NMI-stop for panic and reboot; no waiting for ever. */
void smp_stop_others(void);
u32 cpu_apic_id(unsigned int cpu);

#endif
