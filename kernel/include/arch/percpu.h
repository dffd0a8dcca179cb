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

/*
 * Lvalue of this CPU's copy; one %gs-relative access. Not of an array: GCC
 * forgets the address space when it decays, and all CPUs would use the boot
 * CPU's; this_cpu_elem() is for those.
 */
#define this_cpu(v) \
	(*(__typeof__(v) __seg_gs *)((uintptr_t)&(v) + PERCPU_NO_ARRAY_(v)))
#define this_cpu_elem(v, i) \
	(*(__typeof__((v)[0]) __seg_gs *)(uintptr_t)&(v)[i])
/* 0, or no compilation: only an array changes type behind a comma */
#define PERCPU_NO_ARRAY_(v) \
	(0 * sizeof(struct { int a_ : __builtin_types_compatible_p( \
		__typeof__(v), __typeof__((void)0, (v))) ? 1 : -1; }))

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
