/* SPDX-License-Identifier: MIT */
/*
 * The machine's part of a thread, and switching between two.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include <arch/layout.h>
#include <arch/regs.h>
#include <lib/types.h>

struct thread;

struct arch_thread {
	u64 rsp;		/* saved kernel stack pointer while not running */
	u64 fs_base, gs_base;	/* user's; live in the CPU while running */
	void *fpu;		/* owned: state area, 64-byte aligned, or NULL */
	u32 fpu_cpu;		/* CPU whose registers hold it, or ~0 */
	u16 ds, es, fs, gs;	/* unused selectors a program may load */
	u64 trap_no, error_code, cr2;	/* of the last trap: for sigcontext */
	u64 dr[4];		/* ptrace's breakpoints, user addresses only */
	u64 dr6;		/* what they hit, with the single step bit */
	u32 dr7;		/* as the CPU is to have it; 0: none */
	u32 dr7_set;		/* as the tracer wrote it */
};

/*
 * arch_switch - save prev, load next: stack, FS/GS base, TSS rsp0, cr3 is
 * the caller's. Returns in the context of next with the thread that ran
 * before it. Context: irqs off, runqueue lock held.
 */
struct thread *arch_switch(struct thread *prev, struct thread *next);

/*
 * arch_thread_init_user - a new thread's first return is to user mode with a
 * copy of *regs (rax = 0). arch_thread_init_kernel - first runs fn(arg).
 * Both build the first frame at the top of the kernel stack; the new thread
 * starts in thread_start() (sched) which finishes the switch. fn of a kernel
 * thread returns only after arch_thread_exec() on thread_regs(): it then goes
 * to user mode. A thread with a user half has arch.fpu set before (zeroed
 * memory of fpu_state_size bytes).
 */
void arch_thread_init_user(struct thread *t, const struct pt_regs *regs);
void arch_thread_init_kernel(struct thread *t, void (*fn)(void *), void *arg);

/* arch_thread_exec - fresh user state at entry/stack after execve. */
void arch_thread_exec(struct pt_regs *regs, vaddr_t entry, vaddr_t sp);
/* arch_set_tls - FS base of t (arch_prctl, CLONE_SETTLS). */
void arch_set_tls(struct thread *t, u64 base);
/* arch_user_sync - what of the current thread's user half lives in the CPU */
void arch_user_sync(void);
/*
 * arch_debug_set - breakpoint addresses and DR7 of a thread that does not run;
 * the caller has checked them. arch_debug_clear - none, of the current one.
 */
void arch_debug_set(struct thread *t, const u64 dr[4], u32 dr7);
void arch_debug_clear(struct thread *t);
/* arch_selector_ok - may a program have it in DS, ES, FS or GS? */
bool arch_selector_ok(u64 sel);
long arch_prctl_call(int code, unsigned long addr);	/* arch_prctl(2) */

/* thread_regs - user registers of a thread that entered from user mode. */
#define thread_regs(t) \
	((struct pt_regs *)((t)->kstack + KSTACK_SIZE) - 1)

#endif
