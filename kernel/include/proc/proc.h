/* SPDX-License-Identifier: MIT */
/*
 * Making, changing and ending processes. Syscall files copy arguments in and
 * call these.
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <abi/clone.h>
#include <arch/regs.h>
#include <lib/types.h>
#include <task/task.h>

#define CSIGNAL			0x000000ffUL

void proc_init(void);			/* E */

struct clone_args_k {
	u64 flags;
	int exit_signal;
	vaddr_t stack;			/* 0: the parent's */
	u64 tls;
	int __user *parent_tid, *child_tid, *pidfd;
	const pid_t *set_tid;		/* in the innermost namespace first */
	u32 set_tid_size;		/* of how many; 0: any numbers */
};

/* proc_clone - fork family: new tid or -errno. Context: T. */
pid_t proc_clone(const struct clone_args_k *a);
/* kernel thread for task/kthread.c: does not run until woken */
struct task *proc_kernel_thread(void (*fn)(void *), void *arg, const char *name);

struct file;
/* argument strings of execve: a window on user vectors or kernel ones */
struct exec_args {
	const char __user *const __user *uargv, *const __user *uenvp;
	const char *const *kargv, *const *kenvp;	/* for init */
};
/* proc_execve - replace the current program; 0 and new user registers. */
int proc_execve(int dirfd, const char *path, int at_flags,
		const struct exec_args *a);

/* binfmt: recognised by the first bytes. */
struct exec_bin;	/* proc/exec.h */

/*
 * proc_coredump - the current process is about to end by sig: write its core
 * if it is to have one; group_exit_code then tells. Context: T.
 */
struct abi_siginfo;
void proc_coredump(const struct abi_siginfo *info, int sig);
void __noreturn proc_exit(int code);		/* this thread; code = wait status */
void __noreturn proc_exit_group(int code);
/* reap helpers for wait */
struct wait_opts;
struct rusage_k {
	u64 utime_ns, stime_ns, maxrss_kib, minflt, majflt, inblock, oublock,
	    nvcsw, nivcsw;
};
#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN	(-1)
#define RUSAGE_THREAD	1
void proc_rusage(struct task *t, int who, struct rusage_k *out);
struct wait_result {
	pid_t pid;
	uid_t uid;
	int cause, status;
	int wait_status;
	struct rusage_k ru;
};
/*
 * proc_wait - wait4/waitid. @type P_ALL, P_PID or P_PGID; @options W*.
 * pid > 0 in r when something was found, 0 for WNOHANG without; -errno.
 */
int proc_wait(int type, struct pid *pid, int options, struct wait_result *r);
/*
 * proc_ptrace - ptrace(2). @data may be an address in the caller's memory.
 * Context: T.
 */
long proc_ptrace(long request, pid_t pid, unsigned long addr,
		 unsigned long data);
/* sessions and groups */
int proc_setpgid(pid_t pid, pid_t pgid);
int proc_setsid(void);
bool pgrp_is_orphaned(struct pid *pgrp, struct task *ignored);

/* unshare(2), setns(2): namespace.c. T. */
struct file;
int proc_unshare(u64 flags);
int proc_setns_pid(struct pid *p, u64 flags);	/* those of a process */
int proc_setns(struct file *f, u64 type);

#endif
