/* SPDX-License-Identifier: MIT */
/*
 * User FPU state as others see and set it: ptrace(2), core dumps.
 *
 * The area in memory has XSAVE's standard format, in which parts in their
 * initial state may not be written at all (xstate_bv says so); readers get
 * them filled in. What is set is checked so that XRSTOR cannot fault on it.
 */
#include "arch.h"

#include <abi/errno.h>
#include <arch/fpu.h>
#include <lib/string.h>
#include <sched/thread.h>

#define FCW_INIT	0x37f
#define MXCSR_INIT	0x1f80U
#define MXCSR_OFFSET	24
#define MXCSR_MASK_OFFSET 28
#define X87_REGS	32		/* st0..st7, 128 bytes */
#define XMM_REGS	160
#define HEADER		512
#define HEADER_SIZE	64
#define SW_RESERVED	464		/* 48 bytes */

#define XSTATE_X87	BIT(0)
#define XSTATE_SSE	BIT(1)
#define XSTATE_AVX	BIT(2)

/* MXCSR bits that exist; the others fault when loaded. */
static u32
mxcsr_mask(const void *area)
{
	u32 m = *(const u32 *)((const u8 *)area + MXCSR_MASK_OFFSET);

	return m ? m : 0xffbf;
}

static void
fill_initial(u8 *out, u64 bv)
{
	if (!(bv & XSTATE_X87)) {
		memset(out, 0, MXCSR_OFFSET);
		*(u16 *)out = FCW_INIT;
		memset(out + X87_REGS, 0, XMM_REGS - X87_REGS);
	}
	if (!(bv & (XSTATE_SSE | XSTATE_AVX)))
		*(u32 *)(out + MXCSR_OFFSET) = MXCSR_INIT;
	if (!(bv & XSTATE_SSE))
		memset(out + XMM_REGS, 0, 256);
	memset(out + XMM_REGS + 256, 0, HEADER - XMM_REGS - 256);
	for (u32 i = 2; i < 63; i++) {
		struct cpuid_regs r;

		if (!(fpu_xcr0 >> i & 1) || (bv >> i & 1))
			continue;
		r = cpuid(0xd, i);
		if ((u64)r.ebx + r.eax <= fpu_state_size)
			memset(out + r.ebx, 0, r.eax);
	}
}

void
fpu_get_state(struct thread *t, void *out)
{
	u64 bv = XSTATE_X87 | XSTATE_SSE;

	if (t == current_thread)
		fpu_flush(t);
	memcpy(out, t->arch.fpu, fpu_state_size);
	if (cpu_has(CPU_XSAVE)) {
		bv = *(u64 *)((u8 *)out + HEADER);
		memset((u8 *)out + HEADER + 8, 0, HEADER_SIZE - 8);
	}
	fill_initial(out, bv);
	*(u64 *)((u8 *)out + FPU_XCR0_OFFSET) = fpu_xcr0;
}

int
fpu_set_state(struct thread *t, const void *in, u32 len)
{
	const u8 *b = in;
	const u64 *h = (const u64 *)(b + HEADER);
	u8 *area = t->arch.fpu;
	u32 mask = mxcsr_mask(area);

	if (*(const u32 *)(b + MXCSR_OFFSET) & ~mask)
		return -EINVAL;
	if (len == FPU_FXSAVE_SIZE) {
		/* the other parts stay as they are */
		memcpy(area, b, SW_RESERVED);
		if (cpu_has(CPU_XSAVE))
			*(u64 *)(area + HEADER) |= XSTATE_X87 | XSTATE_SSE;
	} else {
		if (len != fpu_state_size || (h[0] & ~fpu_xcr0))
			return -EINVAL;
		for (int i = 1; i < 8; i++)
			if (h[i])
				return -EINVAL;
		memcpy(area, b, fpu_state_size);
	}
	memset(area + SW_RESERVED, 0, HEADER - SW_RESERVED);
	*(u32 *)(area + MXCSR_MASK_OFFSET) = mask;
	t->arch.fpu_cpu = ~0U;		/* loaded anew before it runs */
	return 0;
}
