/* SPDX-License-Identifier: MIT */
/*
 * struct pid: a process number with what is known by it: a task (as thread),
 * a thread group, members of a process group and of a session. It outlives
 * the task while referenced; the number itself is free once it names nobody.
 */
#ifndef TASK_PID_H
#define TASK_PID_H

#include <core/refcount.h>
#include <lib/list.h>
#include <sched/rcu.h>
#include <sched/waitq.h>

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID,
	PIDTYPE_COUNT };

struct pid {
	struct refcount count;
	pid_t nr;				/* I */
	struct hlist_head tasks[PIDTYPE_COUNT];	/* tasklist lock, R */
	struct waitq pidfd_wq;			/* woken when the group has ended */
	struct rcu_head rcu;
};
struct pid_link { struct hlist_node node; struct pid *pid; };

struct task;
struct pid *pid_alloc(void);		/* referenced; NULL: none left or no memory */
/* pid_alloc_nr - the same with the number nr: -EINVAL, -EEXIST, -ENOMEM. T. */
int pid_alloc_nr(pid_t nr, struct pid **out);
void pid_get(struct pid *p);
void pid_put(struct pid *p);
struct pid *pid_find_get(pid_t nr);	/* referenced or NULL */
static inline pid_t pid_nr(const struct pid *p) { return p ? p->nr : 0; }
/* under tasklist lock */
void pid_attach(struct task *t, enum pid_type type, struct pid *p);
void pid_detach(struct task *t, enum pid_type type);
struct task *pid_task(struct pid *p, enum pid_type type);	/* first, borrowed */
#define pid_for_each_task(p, type, t) \
	hlist_for_each_entry(t, &(p)->tasks[type], links[type].node)
extern int pid_max;
pid_t pid_last(void);

#endif
