/* SPDX-License-Identifier: MIT */
/*
 * Making, changing and ending processes. Syscall files copy arguments in and
 * call these.
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <arch/regs.h>
#include <lib/types.h>
#include <task/task.h>

#define CSIGNAL			0x000000ffUL
#define CLONE_VM		0x00000100UL
#define CLONE_FS		0x00000200UL
#define CLONE_FILES		0x00000400UL
#define CLONE_SIGHAND		0x00000800UL
#define CLONE_PIDFD		0x00001000UL
#define CLONE_PTRACE		0x00002000UL
#define CLONE_VFORK		0x00004000UL
#define CLONE_PARENT		0x00008000UL
#define CLONE_THREAD		0x00010000UL
#define CLONE_NEWNS		0x00020000UL
#define CLONE_SYSVSEM		0x00040000UL
#define CLONE_SETTLS		0x00080000UL
#define CLONE_PARENT_SETTID	0x00100000UL
#define CLONE_CHILD_CLEARTID	0x00200000UL
#define CLONE_DETACHED		0x00400000UL
#define CLONE_UNTRACED		0x00800000UL
#define CLONE_CHILD_SETTID	0x01000000UL
#define CLONE_NEWCGROUP		0x02000000UL
#define CLONE_NEWUTS		0x04000000UL
#define CLONE_NEWIPC		0x08000000UL
#define CLONE_NEWUSER		0x10000000UL
#define CLONE_NEWPID		0x20000000UL
#define CLONE_NEWNET		0x40000000UL
#define CLONE_IO		0x80000000UL
#define CLONE_CLEAR_SIGHAND	0x100000000UL
#define CLONE_INTO_CGROUP	0x200000000UL

void proc_init(void);			/* E */

struct clone_args_k {
	u64 flags;
	int exit_signal;
	vaddr_t stack;			/* 0: the parent's */
	u64 tls;
	int __user *parent_tid, *child_tid, *pidfd;
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
 * proc_wait - wait4/waitid. @type P_ALL/P_PID/P_PGID/P_PIDFD; @options W*.
 * pid > 0 in r when something was found, 0 for WNOHANG without; -errno.
 */
int proc_wait(int type, struct pid *pid, int options, struct wait_result *r);
/* sessions and groups */
int proc_setpgid(pid_t pid, pid_t pgid);
int proc_setsid(void);
bool pgrp_is_orphaned(struct pid *pgrp, struct task *ignored);

#endif
