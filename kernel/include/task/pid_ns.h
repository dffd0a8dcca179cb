/* SPDX-License-Identifier: MIT */
/*
 * PID namespaces, pid_namespaces(7): tables of process numbers, one in the
 * other. A struct pid has a number in each from its own up to the initial one.
 */
#ifndef TASK_PID_NS_H
#define TASK_PID_NS_H

#include <task/nsproxy.h>
#include <task/pid.h>

#define PID_NS_LEVELS	32		/* below the initial one */

#define PID_SHIFT	9
#define PID_PER_PAGE	(1 << PID_SHIFT)
#define PID_LIMIT	(PID_PER_PAGE * PID_PER_PAGE)

struct pid_ns {
	struct ns_common ns;
	struct pid_ns *parent;		/* I: counted; NULL: initial */
	u32 level;			/* I */
	struct task *reaper;		/* T: its init; NULL: none yet */
	int end_signal;			/* reboot(2): how init shall seem to die */
	/* pid.c's, pid lock */
	struct pid **pages[PID_PER_PAGE];	/* R: made on first use, kept */
	pid_t cursor;			/* last number given */
	u32 nr_pids;			/* numbers in use */
	bool closed;			/* init has ended: no more processes */
	struct waitq emptied;		/* woken when closed and few are left */
	struct rcu_head rcu;
};

extern struct pid_ns init_pid_ns;
static inline struct pid_ns *
ns_to_pid(struct ns_common *n)
{
	return container_of(n, struct pid_ns, ns);
}
/* the one p was made in, borrowed from p */
static inline struct pid_ns *
pid_ns_of(const struct pid *p)
{
	return p->up[p->level].ns;
}
struct pid_ns *current_pid_ns(void);	/* borrowed */
/* no process is made in ns any more. Context: any. */
void pid_ns_close(struct pid_ns *ns);
/* first leader with a number of ns greater than nr, referenced, or NULL */
struct task *task_next_leader(struct pid_ns *ns, pid_t nr);

#endif
