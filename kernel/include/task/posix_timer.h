/* SPDX-License-Identifier: MIT */
/*
 * POSIX timers of a process, timer_create(2).
 * Context of all: T, on the current process, unless said.
 */
#ifndef TASK_POSIX_TIMER_H
#define TASK_POSIX_TIMER_H

#include <abi/sigevent.h>
#include <task/task.h>

struct posix_timer_value { nsec_t interval_ns, value_ns; };

/* posix_timer_create - 0 and *id; -EINVAL, -EOPNOTSUPP, -EAGAIN, -EPERM */
int posix_timer_create(int clock, const struct abi_sigevent *ev, int *id);
int posix_timer_set(int id, bool absolute, const struct posix_timer_value *new,
		    struct posix_timer_value *old);		/* -EINVAL */
int posix_timer_get(int id, struct posix_timer_value *out);	/* -EINVAL */
int posix_timer_overrun(int id);				/* -EINVAL */
int posix_timer_delete(int id);					/* -EINVAL */
/* posix_timers_end - the process executes or has ended: delete all. */
void posix_timers_end(struct signal_struct *s);
/* posix_timers_tick - CPU-time timers of t's process. I, no lock held. */
void posix_timers_tick(struct task *t);

/* for /proc: the last with a number <= id; false: none. Any process's. */
struct posix_timer_info {
	int id, sig, notify, clock;
	u64 value;
	pid_t target;
};
bool posix_timer_prev(struct task *t, int id, struct posix_timer_info *out);

/* From signal.c, sighand lock held: q was taken off to be delivered as info, or
 * dropped since it is ignored; sig is ignored no more. */
void posix_timer_delivered(struct sigqueue_entry *q, struct abi_siginfo *info);
void posix_timer_flushed(struct sigqueue_entry *q);
void posix_timers_unignore(struct task *t, int sig);

#endif
