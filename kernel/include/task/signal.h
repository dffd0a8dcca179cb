/* SPDX-License-Identifier: MIT */
/*
 * Signals: generation, queueing, delivery; signal(7).
 * Context of all: T or A with irqs any, unless said; they take sighand lock.
 */
#ifndef TASK_SIGNAL_H
#define TASK_SIGNAL_H

#include <abi/signal.h>
#include <task/task.h>

/* Special info values for "from the kernel" and "kill(2) by current". */
#define SEND_SIG_PRIV	((const struct abi_siginfo *)1)
#define SEND_SIG_USER	((const struct abi_siginfo *)0)

/* signal_send - to the process of t (group) or to the thread t. */
int signal_send_group(struct task *t, int sig, const struct abi_siginfo *info);
int signal_send_thread(struct task *t, int sig, const struct abi_siginfo *info);
/* to every process of a group; 0 if at least one got it, else -ESRCH/-EPERM */
int signal_pgrp(struct pid *pgrp, int sig, bool check_perm);
int signal_session_leader_hup(struct pid *session);
/* permission of current to signal t: 0 or -EPERM (kill(2)) */
int signal_may_send(struct task *t, int sig);
/* kill(2), tkill/tgkill(2), rt_sigqueueinfo(2) inner halves */
int signal_kill(pid_t pid, int sig, const struct abi_siginfo *info);
/* the same for a process at hand: pidfd_send_signal(2) */
int signal_kill_task(struct task *t, int sig, const struct abi_siginfo *info);
int signal_tgkill(pid_t tgid, pid_t tid, int sig, const struct abi_siginfo *info);

static inline bool
signal_pending(struct task *t)
{
	return tif_test(&t->thread, TIF_SIGPENDING);
}
bool fatal_signal_pending(struct task *t);
/* recalculate TIF_SIGPENDING of current; sighand lock held */
void signal_recalc(void);
/* set_current_blocked - new mask (KILL and STOP taken out). */
void signal_set_blocked(u64 mask);
/* temporary mask for sigsuspend, ppoll, pselect; restored on return to user */
void signal_set_user_mask(u64 mask);
void signal_restore_saved(bool interrupted);
/* is sig ignored or blocked by current (tty job control)? */
bool signal_ignored(int sig);
bool signal_blocked(int sig);
/* dequeue one of mask for sigtimedwait/signalfd; sig or 0 */
int signal_dequeue(u64 mask, struct abi_siginfo *out);
/* a user id for a siginfo that t will get. tasklist lock or RCU */
uid_t uid_for(struct task *t, uid_t kuid);
/* new program: handlers to default, ignored kept; execve(2) */
void signal_exec_reset(struct task *t);
/* deliver all to the current task; called from exit_to_user_work */
void signal_deliver(struct pt_regs *regs);
/* the current process ends by sig */
void signal_flush_all(struct task *t);
struct sighand *sighand_create(void);
void sighand_put(struct sighand *s);
void signal_pending_free(struct sigpending *p);
/* stop/continue notification to the parent, exit notification */
void signal_notify_parent_stop(struct task *t, bool continued);
bool signal_notify_exit(struct task *t, int sig);	/* true: reap at once */
/* pending sets for /proc/PID/status */
void signal_sets(struct task *t, u64 *pnd, u64 *shpnd, u64 *blk, u64 *ign, u64 *cgt);
/* itimers: cpu time rules, run at ticks; itimer.c */
void itimer_tick(struct task *t);
void rlimit_cpu_tick(struct task *t);

#endif
