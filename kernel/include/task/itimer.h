/* SPDX-License-Identifier: MIT */
/* Interval timers of a process, setitimer(2). */
#ifndef TASK_ITIMER_H
#define TASK_ITIMER_H

#include <core/time.h>

struct task;
struct thread;

#define ITIMER_REAL	0
#define ITIMER_VIRTUAL	1
#define ITIMER_PROF	2

struct itimer_value { nsec_t interval_ns, value_ns; };

/* of the current process. -EINVAL. Context: T. */
int itimer_get(int which, struct itimer_value *out);
int itimer_set(int which, const struct itimer_value *new,
	       struct itimer_value *old);
/* task_tick - from the scheduler's tick while a user thread runs. Context: I */
void task_tick(struct thread *th);
/* group_cpu_times - user and system ns of t's process. Any context. */
void group_cpu_times(struct task *t, u64 *ut, u64 *st);

#endif
