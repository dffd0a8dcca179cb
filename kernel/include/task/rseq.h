/* SPDX-License-Identifier: MIT */
/* Restartable sequences, rseq(2). Context of all: T, of the current thread. */
#ifndef TASK_RSEQ_H
#define TASK_RSEQ_H

#include <lib/types.h>

struct pt_regs;
struct task;

/* rseq_set - the area of t from now on, 0 for none; t is current or new. */
void rseq_set(struct task *t, vaddr_t area, u32 sig);
/* rseq_fork - c is a copy of current: it inherits unless memory is shared. */
void rseq_fork(struct task *c, bool shares_memory);
/*
 * rseq_resume - on the way to user mode with TIF_RSEQ: abort the section that
 * regs is in, tell the CPU. SIGSEGV when user space broke the rules.
 */
void rseq_resume(struct pt_regs *regs);
/* rseq_signal - the same before a signal frame is made: 0, or -EFAULT. */
int rseq_signal(struct pt_regs *regs);

#endif
