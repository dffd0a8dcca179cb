/* SPDX-License-Identifier: MIT */
/* What the files of proc/ share. */
#ifndef PROC_LOCAL_H
#define PROC_LOCAL_H

#include <mm/mm.h>
#include <proc/proc.h>

/* reap a dead task: out of the tree, drop the tree's reference. T. */
void task_release(struct task *t);
/* give user memory back and wake who waits for it. T, own task. */
void exit_mm(struct task *t);
/* the first half: what user space expects of a task that leaves its memory,
 * while that is still loaded. T, own task that has an mm. */
void exit_mm_release(struct task *t);
void proc_vfork_release(struct task *t);
void proc_become_user(void);
void exec_init(void);
/*
 * ptrace_exit_tracer - t ends: whom it traces goes on or, with EXITKILL, dies.
 * Those that are to be released go on dead, by ptrace_entry. tasklist lock held.
 */
void ptrace_exit_tracer(struct task *t, struct list_head *dead);
/* the init of a PID namespace ends: with it all that is in there. T. */
void pid_ns_exit(struct task *t);
struct exec_bin;
struct cred;
/* current's credentials in a new user namespace: clone, unshare. T. */
int new_user_ns(struct cred **out);
/* exec_cred - b->cred and b->secure for b->file; -EPERM: see exec_cred.c. T. */
int exec_cred(struct exec_bin *b);


/* mm_rss_peak_kib - most memory that was resident at once. */
static inline u64
mm_rss_peak_kib(struct mm *m)
{
	u64 now = atomic64_read(&m->rss_anon) + atomic64_read(&m->rss_file) +
		atomic64_read(&m->rss_shmem);

	return max(now, m->hiwater_rss) * (PAGE_SIZE / 1024);
}

#endif
