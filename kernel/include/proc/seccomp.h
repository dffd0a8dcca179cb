/* SPDX-License-Identifier: MIT */
/* System call filtering, seccomp(2). Context of all: T, current task. */
#ifndef PROC_SECCOMP_H
#define PROC_SECCOMP_H

#include <abi/seccomp.h>
#include <lib/types.h>

struct abi_sock_fprog;
struct file;
struct pt_regs;
struct task;

/*
 * seccomp_enter - a call is about to run, TIF_SECCOMP is set. True: run it;
 * false: it is not to run, regs->rax is its result. May not return.
 */
bool seccomp_enter(struct pt_regs *regs);
/* seccomp_strict - SECCOMP_MODE_STRICT from now on: 0 or -EINVAL */
int seccomp_strict(void);
/* seccomp_attach - one more filter; a descriptor with NEW_LISTENER, a thread
 * id when TSYNC finds one that cannot follow, else 0 or -errno. */
long seccomp_attach(u64 flags, const struct abi_sock_fprog *prog);
/* seccomp_fork - c, a copy of current, has the same. sighand lock held. */
void seccomp_fork(struct task *c);
/* seccomp_exit - t, current, makes no more calls. */
void seccomp_exit(struct task *t);

/* syscall user dispatch, prctl(2): part of the same slow path */
int syscall_dispatch_set(struct task *t, unsigned long mode, vaddr_t start,
			 u64 len, vaddr_t selector);

#endif
