/* SPDX-License-Identifier: MIT */
/*
 * struct pid: a process number with what is known by it: a task (as thread),
 * a thread group, members of a process group and of a session. It outlives
 * the task while referenced; the number itself is free once it names nobody.
 *
 * In each PID namespace from the initial one to its own it has another number.
 * Numbers that user space gives or sees are those of current's namespace:
 * pid_find_get(), pid_vnr().
 */
#ifndef TASK_PID_H
#define TASK_PID_H

#include <core/refcount.h>
#include <lib/list.h>
#include <sched/rcu.h>
#include <sched/waitq.h>

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID,
	PIDTYPE_COUNT };

struct pid_ns;			/* task/pid_ns.h */
struct upid { struct pid_ns *ns; pid_t nr; };

struct pid {
	struct refcount count;
	pid_t nr;				/* I: in the initial namespace */
	pid_t own;				/* I: in its own */
	u32 level;				/* I: of that; 0: initial */
	struct hlist_head tasks[PIDTYPE_COUNT];	/* tasklist lock, R */
	struct waitq pidfd_wq;			/* woken when the group has ended */
	struct rcu_head rcu;
	struct upid up[];			/* I: by level; keeps the last ns */
};
struct pid_link { struct hlist_node node; struct pid *pid; };

struct task;
/*
 * pid_alloc - referenced, with free numbers in ns and those above, or the
 * numbers want[0..n_want), ns's first. 0, -EAGAIN none left, -ENOMEM (also: ns
 * is closed), and for those wanted -EINVAL, -EPERM, -EEXIST. T.
 */
int pid_alloc(struct pid_ns *ns, const pid_t *want, u32 n_want,
	      struct pid **out) __must_check;
void pid_get(struct pid *p);
void pid_put(struct pid *p);
/* by its number in current's namespace, in ns: referenced or NULL */
struct pid *pid_find_get(pid_t nr);
struct pid *pid_find_get_ns(pid_t nr, struct pid_ns *ns);
static inline pid_t pid_nr(const struct pid *p) { return p ? p->nr : 0; }
/* p's number in ns, 0: it has none there (or p is NULL) */
pid_t pid_nr_ns(const struct pid *p, const struct pid_ns *ns);
/* a number of the initial namespace as current has it; 0: not, or it ended */
pid_t pid_nr_here(pid_t nr);
/* under tasklist lock */
void pid_attach(struct task *t, enum pid_type type, struct pid *p);
void pid_detach(struct task *t, enum pid_type type);
struct task *pid_task(struct pid *p, enum pid_type type);	/* first, borrowed */
#define pid_for_each_task(p, type, t) \
	hlist_for_each_entry(t, &(p)->tasks[type], links[type].node)
extern int pid_max;

#endif
