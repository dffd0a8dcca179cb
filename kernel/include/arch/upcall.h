/* SPDX-License-Identifier: MIT */
/*
 * The names by which arch code calls up. Everything else points down.
 */
#ifndef ARCH_UPCALL_H
#define ARCH_UPCALL_H

#include <arch/regs.h>
#include <lib/types.h>

/*
 * sys_call_table - indexed by number; C functions of up to 6 arguments.
 * entry.S calls it directly when no TIF_SYSCALL_WORK flag is set.
 */
extern void *const sys_call_table[];
extern const unsigned int sys_call_count;
/* syscall_dispatch - slow path: tracing, unknown number. Result to regs->rax */
void syscall_dispatch(struct pt_regs *regs);

/* irq_dispatch - device interrupt at a vector (core/irq.c). Context: I. */
void irq_dispatch(struct pt_regs *regs, u32 vector);
/* rcu_irq_enter - before any handler: this CPU no longer idles. Context: I. */
void rcu_irq_enter(void);
/* sched_tick - the timer interrupt has run expired timers. Context: I. */
void sched_tick(bool user_mode);

/*
 * mm_fault - resolve a page fault of the current mm.
 * @error: hardware error code (bit 0 present, 1 write, 2 user, 4 fetch)
 * Returns 0 when resolved, else si_code | sig << 16 for a user fault; a fault
 * in the kernel with a fixup makes arch resume at it on non-zero.
 * Context: T, irqs on; not when the faulting context could not sleep (arch
 * checks in_atomic() and does not call then).
 */
int mm_fault(struct pt_regs *regs, vaddr_t addr, u32 error);

/* signal_force - synchronous signal to the current task (trap). */
void signal_force(int sig, int si_code, vaddr_t addr, int trapno, u64 err);
/*
 * exit_to_user_work - run when leaving for user mode with any TIF_WORK flag
 * set: reschedule, deliver signals, task work; loops until clear.
 * Called with irqs on, returns with irqs off.
 */
void exit_to_user_work(struct pt_regs *regs);

/*
 * oops_exit_hook - set by proc: end the current task with SIGSEGV after a
 * kernel bug in its system call; does not return. NULL: an oops panics.
 */
extern void (*oops_exit_hook)(void);

#endif
