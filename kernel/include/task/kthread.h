/* SPDX-License-Identifier: MIT */
/* Kernel threads: tasks without a user half, children of kthreadd. */
#ifndef TASK_KTHREAD_H
#define TASK_KTHREAD_H

#include <lib/types.h>

struct task;

/*
 * kthread_run - start a thread that runs fn(arg) and ends when that returns.
 * fmt: its name, at most 15 characters. NULL when there is no memory. The task
 * is the thread's own: use it only while the thread cannot have ended.
 * kthread_run_on: never leaves cpu. Context: T.
 */
struct task *kthread_run(void (*fn)(void *), void *arg, const char *fmt, ...)
	__printf(3, 4);
struct task *kthread_run_on(unsigned int cpu, void (*fn)(void *), void *arg,
			    const char *fmt, ...) __printf(4, 5);

/* kthread_should_stop - has kthread_stop() been called for the current one? */
bool kthread_should_stop(void);
/*
 * kthread_stop - ask t to end, wake it, wait until its function has returned.
 * Once; t must not end by itself. Context: T.
 */
void kthread_stop(struct task *t);

#endif
