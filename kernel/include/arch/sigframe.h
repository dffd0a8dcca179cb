/* SPDX-License-Identifier: MIT */
/*
 * The signal frame on the user stack: struct rt_sigframe of the x86_64 ABI
 * (ucontext with fpstate magic, siginfo), sigreturn(2).
 */
#ifndef ARCH_SIGFRAME_H
#define ARCH_SIGFRAME_H

#include <abi/signal.h>
#include <arch/regs.h>

struct sigframe_args {
	int sig;
	vaddr_t handler, restorer;
	unsigned long sa_flags;
	const struct abi_siginfo *info;
	u64 oldmask;			/* uc_sigmask */
	struct abi_stack altstack;	/* as configured; uc_stack */
	bool use_altstack;		/* switch to its top */
};

/*
 * sigframe_setup - push the frame and point regs at the handler.
 * Returns 0 or -EFAULT (the caller forces SIGSEGV). Context: T.
 */
int __must_check sigframe_setup(const struct sigframe_args *a,
				struct pt_regs *regs);
/*
 * sigframe_restore - rt_sigreturn(2): registers and FPU from the frame.
 * Only user-changeable RFLAGS bits are taken; selectors are fixed.
 * Returns 0 or -EFAULT. *mask and *altstack get what the frame holds.
 */
int __must_check sigframe_restore(struct pt_regs *regs, u64 *mask,
				  struct abi_stack *altstack);

/* sigframe_max_size - bytes a frame may take on the stack: AT_MINSIGSTKSZ. */
u32 sigframe_max_size(void);

#endif
