/* SPDX-License-Identifier: MIT */
/* What task/ and proc/ share about the insides of a task. */
#ifndef TASK_LOCAL_H
#define TASK_LOCAL_H

#include <task/task.h>

/* signals whose default action ends the process with a core, signal(7) */
#define SIGS_CORE	(sigmask(SIGQUIT) | sigmask(SIGILL) | \
			 sigmask(SIGTRAP) | sigmask(SIGABRT) | \
			 sigmask(SIGFPE) | sigmask(SIGSEGV) | \
			 sigmask(SIGBUS) | sigmask(SIGSYS) | \
			 sigmask(SIGXCPU) | sigmask(SIGXFSZ))

struct task *task_alloc(void);
int task_alloc_fpu(struct task *t);
struct task *task_alloc_first(void);
void task_alloc_failed(struct task *t);
void task_count_fork(void);
void task_count_exit(void);
void task_work_exit(void);
void signal_init(void);
void cred_init(void);

struct signal_struct *signal_struct_create(const struct signal_struct *from);
void signal_struct_put(struct signal_struct *s);
struct sighand *sighand_copy(const struct sighand *from);
/*
 * signal_send - queue sig (0: only look whether t is there) for t, or with
 * group for its process; rights are the caller's to check. 0, -ESRCH, -EAGAIN.
 * Context: T, A; takes the sighand lock, tasklist lock may be held.
 */
int signal_send(struct task *t, int sig, const struct abi_siginfo *info,
		bool group);
/* lock t's sighand; NULL when it has exited. irqsave. */
struct sighand *sighand_lock(struct task *t, unsigned long *f);
/*
 * Queue entries that belong to a timer. prealloc counts it for current's user
 * (-EAGAIN); put: it is on no queue. queue puts it, which is on none, on t's
 * queue: false when the signal is ignored; unqueue takes it off again (t: the
 * thread, NULL when it is gone). Both: sighand lock held.
 */
int sigqueue_prealloc(struct sigqueue_entry *q);
void sigqueue_prealloc_put(struct sigqueue_entry *q);
bool signal_queue_prealloc(struct task *t, struct sigqueue_entry *q, bool group);
void signal_unqueue_prealloc(struct signal_struct *s, struct task *t,
			     struct sigqueue_entry *q, bool group);
void signal_wake_up(struct task *t, bool kill);
void signal_zap_others(struct task *t);	/* sighand lock held */
bool signal_group_exiting(const struct signal_struct *s);
void signal_requeue_locked(struct task *t, int sig,
			   const struct abi_siginfo *info);
int signal_dequeue_locked(struct task *t, u64 blocked, struct abi_siginfo *out);
bool signal_exit_thread(struct task *t);
void signal_force_info(int sig, const struct abi_siginfo *info);
/* signal_force_fatal - current dies of sig, come what may. T. */
void signal_force_fatal(int sig);
void signal_drop_pending(struct task *p, int sig);
void itimer_real_rearm(struct signal_struct *s);	/* sighand lock held */
void itimer_init(struct signal_struct *s);
void itimer_exec(struct signal_struct *s);
void itimer_exit(struct signal_struct *s);

/* ---- siginfo.c ---- */
struct abi_siginfo;
/* is info, not SEND_SIG_*, from a process, which put its ids in? */
bool siginfo_has_sender(const struct abi_siginfo *info);
/* what t gets of info; sighand lock held */
void siginfo_fill(struct task *t, struct abi_siginfo *out, int sig,
		  const struct abi_siginfo *info);

#endif
