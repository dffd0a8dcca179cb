/* SPDX-License-Identifier: MIT */
/*
 * User FPU/SSE/AVX state. The kernel itself never uses these registers.
 *
 * Save is eager at a switch away from a user thread, restore lazy at the
 * return to user mode (TIF_FPU_LOAD), and skipped when the CPU still holds
 * this thread's registers. The state area follows the task in memory that
 * fpu_state_size() tells; layout is XSAVE standard format (or FXSAVE).
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include <lib/types.h>

struct thread;

extern u32 fpu_state_size;	/* bytes, 64-byte aligned; constant after boot */
extern u64 fpu_xcr0;		/* enabled components; 3 without XSAVE */

void fpu_init_boot(void);	/* probe; E */
void fpu_init_cpu(void);	/* enable on this CPU */

/* fpu_reset - initial state for a new image (execve). T, own thread. */
void fpu_reset(struct thread *t);
/* fpu_fork - child gets a copy of the current registers. T. */
void fpu_fork(struct thread *child, struct thread *parent);
/* fpu_flush - write live registers of the current thread to its area. */
void fpu_flush(struct thread *t);
/* fpu_switch_out - called by the switch with irqs off. */
void fpu_switch_out(struct thread *prev);
/* fpu_load - registers for return to user mode; exit path, irqs off. */
void fpu_load(struct thread *t);
/*
 * fpu_get_state - the whole state of t, which does not run or is current, in
 * XSAVE's standard format: fpu_state_size bytes, initial parts filled in.
 * fpu_set_state - the reverse, len 512 (FXSAVE image; the rest is left) or
 * fpu_state_size: -EINVAL for what the CPU would refuse. t does not run. T.
 */
void fpu_get_state(struct thread *t, void *out);
int fpu_set_state(struct thread *t, const void *in, u32 len);
#define FPU_FXSAVE_SIZE		512
#define FPU_XCR0_OFFSET		464	/* where XCR0 is told, as in signal frames */
/* fpu_drop - thread dies, its registers are not kept. */
void fpu_drop(struct thread *t);

#endif
