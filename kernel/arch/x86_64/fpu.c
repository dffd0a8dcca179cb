/* SPDX-License-Identifier: MIT */
/*
 * User FPU state: x87, SSE, AVX, AVX-512. See arch/fpu.h for the policy.
 *
 * Where a thread's state is: in the registers of the CPU it runs on while its
 * TIF_FPU_LOAD is clear; else in its area, and possibly still in registers as
 * well: those of CPU fpu_cpu if that CPU's fpu_owner is the thread. A switch
 * away saves and leaves the registers alone, so that a thread that comes back
 * with nobody in between reloads nothing.
 *
 * Areas have XSAVE's standard format. XSAVEOPT leaves the parts that are in
 * their initial state unwritten; the header tells which. XSAVEOPT may also
 * skip what was not modified since the last XRSTOR from the same area; so an
 * area is only ever changed by others together with TIF_FPU_LOAD, fpu_cpu ~0.
 */
#include "arch.h"

#include <arch/fpu.h>
#include <core/assert.h>
#include <lib/string.h>
#include <sched/thread.h>

#define XSTATE_X87	BIT(0)
#define XSTATE_SSE	BIT(1)
#define XSTATE_AVX	BIT(2)
#define XSTATE_AVX512	(BIT(5) | BIT(6) | BIT(7))

#define FCW_INIT	0x37f
#define MXCSR_INIT	0x1f80
#define FXSAVE_SIZE	512
#define XSAVE_MIN	576

/* FXSAVE's layout up to what we touch, and the XSAVE header behind it. */
struct fxsave {
	u16 fcw, fsw;
	u8 ftw, pad;
	u16 fop;
	u64 rip, rdp;
	u32 mxcsr, mxcsr_mask;
	u8 regs[480];
	u64 xstate_bv, xcomp_bv, reserved[6];
};
static_assert(offsetof(struct fxsave, xstate_bv) == 512, "SDM 1 13.4.2");

u32 fpu_state_size __ro_after_init = FXSAVE_SIZE;
u64 fpu_xcr0 __ro_after_init = XSTATE_X87 | XSTATE_SSE;

/* whose state this CPU's registers hold; may be a dead thread's address */
static DEFINE_PERCPU(struct thread *, fpu_owner);

static __always_inline void
area_save(void *area)
{
	if (cpu_has(CPU_XSAVEOPT))
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(-1),
				 "d"(-1) : "memory");
	else if (cpu_has(CPU_XSAVE))
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(-1),
				 "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static __always_inline void
area_load(const void *area)
{
	if (cpu_has(CPU_XSAVE))
		__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(-1),
				 "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

static void
area_init(void *area)
{
	struct fxsave *f = area;

	/* all XSTATE_BV bits clear: every part but MXCSR comes up initial */
	if (!cpu_has(CPU_XSAVE))
		memset(f, 0, FXSAVE_SIZE);
	else
		memset(&f->xstate_bv, 0, 64);
	f->fcw = FCW_INIT;
	f->mxcsr = MXCSR_INIT;
}

__init void
fpu_init_boot(void)
{
	ASSERT(cpu_has(CPU_FPU_FXSR));
	if (cpu_has(CPU_XSAVE)) {
		struct cpuid_regs r = cpuid(0xd, 0);
		u64 have = r.eax | (u64)r.edx << 32;

		fpu_xcr0 |= have & XSTATE_AVX;
		if ((fpu_xcr0 & XSTATE_AVX) &&
		    (have & XSTATE_AVX512) == XSTATE_AVX512)
			fpu_xcr0 |= XSTATE_AVX512;
	}
	fpu_init_cpu();
	if (cpu_has(CPU_XSAVE))		/* EBX: for what XCR0 enables now */
		fpu_state_size = ALIGN_UP(max_t(u32, cpuid(0xd, 0).ebx,
						XSAVE_MIN), 64);
}

void
fpu_init_cpu(void)
{
	u32 mxcsr = MXCSR_INIT;

	if (cpu_has(CPU_XSAVE))
		__asm__ volatile("xsetbv" : : "c"(0), "a"((u32)fpu_xcr0),
				 "d"((u32)(fpu_xcr0 >> 32)));
	__asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr));
	this_cpu(fpu_owner) = NULL;
}

void
fpu_reset(struct thread *t)
{
	area_init(t->arch.fpu);
	t->arch.fpu_cpu = ~0U;
	tif_own_set(t, TIF_FPU_LOAD);
}

void
fpu_fork(struct thread *child, struct thread *parent)
{
	struct fxsave *c = child->arch.fpu;

	if (!c)
		return;
	if (!parent->arch.fpu) {
		area_init(c);
	} else if (tif_test(parent, TIF_FPU_LOAD)) {
		memcpy(c, parent->arch.fpu, fpu_state_size);
	} else {
		if (cpu_has(CPU_XSAVE))	/* the instructions write bv alone */
			memset(&c->xstate_bv, 0, 64);
		area_save(c);
	}
	child->arch.fpu_cpu = ~0U;
	tif_own_set(child, TIF_FPU_LOAD);
}

void
fpu_flush(struct thread *t)
{
	if (t->arch.fpu && !tif_test(t, TIF_FPU_LOAD))
		area_save(t->arch.fpu);
}

void
fpu_switch_out(struct thread *prev)
{
	if (!tif_test(prev, TIF_FPU_LOAD)) {
		area_save(prev->arch.fpu);
		tif_own_set(prev, TIF_FPU_LOAD);
	}
}

void
fpu_load(struct thread *t)
{
	unsigned int cpu = cpu_id();

	/* every thread passes here on its way to user mode after a switch */
	if (unlikely(t->arch.dr7 | this_cpu(debug_dr7)))
		debug_load(t);
	if (this_cpu(fpu_owner) != t || t->arch.fpu_cpu != cpu) {
		area_load(t->arch.fpu);
		this_cpu(fpu_owner) = t;
		t->arch.fpu_cpu = cpu;
	}
	tif_own_clear(t, TIF_FPU_LOAD);
}

void
fpu_drop(struct thread *t)
{
	t->arch.fpu_cpu = ~0U;
	tif_own_set(t, TIF_FPU_LOAD);	/* nothing to save at the switch */
}
