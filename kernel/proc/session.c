/* SPDX-License-Identifier: MIT */
/*
 * Process groups and sessions: setpgid(2), setsid(2), credentials(7).
 * Membership hangs on struct pid and changes under tasklist_lock.
 */
#include <abi/errno.h>
#include <mm/slab.h>
#include <proc/proc.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/tty.h>

/* tasklist lock held; consumes a reference of p, gives back the old one */
static struct pid *
change_pid(struct task *t, enum pid_type type, struct pid **slot, struct pid *p)
{
	struct pid *old = *slot;

	pid_detach(t, type);
	*slot = p;
	pid_attach(t, type, p);
	return old;
}

/* The checks of setpgid(2), in its order of errors; *out is the child. */
static int
setpgid_target(pid_t pid, struct task **out)
{
	struct task *t, *me = current->group_leader;
	struct pid *p = pid_find_get(pid);

	t = pid_task(p, PIDTYPE_TGID);
	pid_put(p);
	if (!t)
		return -ESRCH;
	if (t->real_parent && t->real_parent->signal == me->signal &&
	    t != me) {
		if (t->signal->session != me->signal->session)
			return -EPERM;
		if (!(t->flags & TASK_FORKNOEXEC))
			return -EACCES;
	} else if (t != me) {
		return -ESRCH;
	}
	if (t->signal->session_leader)
		return -EPERM;
	*out = t;
	return 0;
}

int
proc_setpgid(pid_t pid, pid_t pgid)
{
	struct task *t, *m;
	struct pid *grp, *old = NULL;
	unsigned long f;
	int r;

	if (!pid)
		pid = task_tgid(current);
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	grp = pid_find_get(pgid);
	f = spin_lock_irqsave(&tasklist_lock);
	r = setpgid_target(pid, &t);
	if (r)
		goto out;
	r = -EPERM;
	if (!grp)
		goto out;
	if (pgid != pid) {
		m = pid_task(grp, PIDTYPE_PGID);
		if (!m || m->signal->session != current->signal->session)
			goto out;
	}
	r = 0;
	if (t->signal->pgrp != grp) {
		old = change_pid(t, PIDTYPE_PGID, &t->signal->pgrp, grp);
		grp = NULL;
	}
out:
	spin_unlock_irqrestore(&tasklist_lock, f);
	pid_put(grp);
	pid_put(old);
	return r;
}

int
proc_setsid(void)
{
	struct task *t = current->group_leader;
	struct signal_struct *s = t->signal;
	struct pid *p = t->pid, *old_grp, *old_sid;
	struct tty *tty;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	/* a group with our number may exist only when we lead it: EPERM */
	if (s->session_leader || pid_task(p, PIDTYPE_PGID)) {
		spin_unlock_irqrestore(&tasklist_lock, f);
		return -EPERM;
	}
	s->session_leader = true;
	pid_get(p);
	old_sid = change_pid(t, PIDTYPE_SID, &s->session, p);
	pid_get(p);
	old_grp = change_pid(t, PIDTYPE_PGID, &s->pgrp, p);
	tty = s->tty;
	s->tty = NULL;
	spin_unlock_irqrestore(&tasklist_lock, f);
	pid_put(old_sid);
	pid_put(old_grp);
	if (tty)
		task_tty_ops->put(tty);
	return task_tgid(t);
}
