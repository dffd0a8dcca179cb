/* SPDX-License-Identifier: MIT */
/*
 * The vDSO: a small ELF library of ours, mapped into every program, with
 * clock_gettime and others that need no system call.
 *
 * exec maps, read-only, VDSO_VVAR_PAGES data pages and right behind them the
 * vdso_pages() pages of the library (read and execute); AT_SYSINFO_EHDR is the
 * address of the latter. All of them are kernel-image frames: no struct page
 * reference is held (VM_PFNMAP), and they are never written by user mode.
 */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H

#include <lib/types.h>

#define VDSO_VVAR_PAGES	1

#define VDSO_MODE_NONE	0	/* use the system call */
#define VDSO_MODE_TSC	1

/* The data page. seq is odd while the rest changes. */
struct vvar_data {
	u32 seq, mode;
	u64 tsc_base;		/* TSC at mono_base_ns */
	u64 mono_base_ns;
	u64 mult;		/* ns per TSC tick, 32 fraction bits */
	u64 real_offset_ns;	/* CLOCK_REALTIME - CLOCK_MONOTONIC */
};

unsigned int vdso_pages(void);
paddr_t vdso_page_phys(unsigned int i);
paddr_t vvar_page_phys(void);	/* of the first and only one */

/*
 * vdso_update_begin, _end - core/clock.c: new clock parameters; its lock is
 * held, irqs off. Programs that read the clock in between wait.
 */
void vdso_update_begin(void);
void vdso_update_end(const struct vvar_data *v);

#endif
