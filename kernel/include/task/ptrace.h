/* SPDX-License-Identifier: MIT */
/*
 * What every room needs of tracing: where a traced task stops. The requests
 * of ptrace(2) are proc's.
 */
#ifndef TASK_PTRACE_H
#define TASK_PTRACE_H

#include <abi/ptrace.h>
#include <task/task.h>

/* task.ptrace */
#define PT_PTRACED		BIT(0)
#define PT_OPT_SHIFT		3
#define PT_EVENT(event)		BIT(PT_OPT_SHIFT + (event))
#define PT_TRACESYSGOOD		PT_EVENT(0)
#define PT_SEIZED		BIT(16)
#define PT_EXITKILL		(PTRACE_O_EXITKILL << PT_OPT_SHIFT)
#define PT_SUSPEND_SECCOMP	(PTRACE_O_SUSPEND_SECCOMP << PT_OPT_SHIFT)
#define PT_OPTIONS		(PTRACE_O_MASK << PT_OPT_SHIFT)

/* ptrace_may_access - "Ptrace access mode checking" of ptrace(2). */
#define PTRACE_MODE_READ	BIT(0)
#define PTRACE_MODE_ATTACH	BIT(1)
#define PTRACE_MODE_FSCREDS	BIT(2)
#define PTRACE_MODE_REALCREDS	BIT(3)
/* 0 or -EPERM. Context: T or A, tasklist lock not held. */
int ptrace_may_access(struct task *t, unsigned int mode);

static inline bool
ptrace_event_enabled(struct task *t, int event)
{
	return unlikely(t->ptrace & PT_EVENT(event));
}

/*
 * ptrace_event - the current task stops with PTRACE_EVENT_event and message if
 * its tracer asked for it. An exec that it did not ask for gives an attached
 * (not seized) task SIGTRAP. Context: T, no lock held.
 */
void ptrace_event_stop(int event, u64 message);
static inline void
ptrace_event(int event, u64 message)
{
	if (unlikely(current->ptrace))
		ptrace_event_stop(event, message);
}
/* ptrace_notify - stop with code (SIGTRAP in its low bits): what to go on with */
int ptrace_notify(int code, u64 message);

/*
 * Stops at system calls, of threads with TIF_PTRACE. ptrace_syscall_enter:
 * false when the call is not to be made; registers may have changed.
 */
bool ptrace_syscall_enter(struct pt_regs *regs);
void ptrace_syscall_exit(struct pt_regs *regs);

/* ---- for signals; sighand lock held, irqs off ---- */
/*
 * ptrace_stop - stand still until the tracer resumes: its exit code for us.
 * Drops the lock meanwhile. code is what wait shows, why CLD_TRAPPED or
 * CLD_STOPPED, info what PTRACE_GETSIGINFO shows or NULL.
 */
int ptrace_stop(int code, int why, u64 message, struct abi_siginfo *info);
/* the signal-delivery-stop: the signal to go on with, or 0 */
int ptrace_signal(int sig, struct abi_siginfo *info);
/* JOBCTL_TRAP_MASK is set: the stop it asks for */
void ptrace_jobctl_trap(void);
/* wake t for what jobctl now says; resume: out of a trap as well */
void ptrace_wake(struct task *t, bool resume);
void ptrace_trap_notify(struct task *t);
/* set bits of jobctl unless t dies: whether it was done */
bool jobctl_set(struct task *t, u32 bits);
void jobctl_clear(struct task *t, u32 bits);
void jobctl_trapping_done(struct task *t);	/* wakes who attaches */
/* t takes its part in a group stop; true: it was the last */
bool group_stop_participate(struct task *t);

/* ---- links; tasklist lock held, irqs off ---- */
void ptrace_link(struct task *t, struct task *tracer, const struct cred *c);
void ptrace_unlink(struct task *t);	/* t goes on if it stood */
/* a new child of the current task, which is traced */
void ptrace_fork_child(struct task *c);
static inline bool
ptrace_reparented(const struct task *t)
{
	return t->real_parent->signal != t->parent->signal;
}
/* tell t's tracer (or, for the whole group, the real parent) of a stop */
void signal_notify_stop_locked(struct task *t, bool tracer, int why);

/* RFLAGS.TF on behalf of a tracer; t is current or stands in a trap. */
void ptrace_step_enable(struct task *t);
void ptrace_step_disable(struct task *t);
/* TIF_PTRACE from its parts. */
void ptrace_tif_update(struct task *t);

#endif
