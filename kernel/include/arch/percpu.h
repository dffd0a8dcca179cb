/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU data: variables in section .percpu, one copy a CPU, found through
 * %gs. GS base of CPU n is (copy of n) - __percpu_start, so that %gs:symbol
 * is the CPU's own. The boot CPU starts on the image's own copy (GS base 0)
 * and keeps it.
 *
 * The kernel is not preemptible: a thread stays on its CPU until it sleeps,
 * so this_cpu() needs protection only against interrupts that use the same
 * variable.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <lib/types.h>

#define DEFINE_PERCPU(type, name)	__section(".percpu") __typeof__(type) name
#define DECLARE_PERCPU(type, name)	extern __typeof__(type) name

/* lvalue of this CPU's copy; one %gs-relative access */
#define this_cpu(v) (*(__typeof__(v) __seg_gs *)(uintptr_t)&(v))

extern unsigned long percpu_offset[CONFIG_MAX_CPUS];	/* constant after smp */
DECLARE_PERCPU(unsigned long, percpu_self);	/* own percpu_offset[] */
DECLARE_PERCPU(u32, percpu_cpu_id);		/* 0 .. nr_cpus-1 */

#define per_cpu(v, cpu) \
	(*(__typeof__(v) *)((char *)&(v) + percpu_offset[cpu]))
/* plain pointer to this CPU's copy */
#define this_cpu_ptr(v) \
	((__typeof__(v) *)((char *)&(v) + this_cpu(percpu_self)))
#define cpu_id()	((unsigned int)this_cpu(percpu_cpu_id))

#endif
