/* SPDX-License-Identifier: MIT */
/*
 * kill(2) and its kin: who may send a signal, and to whom a number means it.
 *
 * A number is looked up under RCU and the task counted; process groups and
 * "all" are walked under tasklist_lock, inside of which signal_send() takes the
 * sighand lock. A process that is there is found even while a thread of it
 * takes over its leader's number in execve.
 */
#include <abi/errno.h>
#include <task/local.h>
#include <task/pid_ns.h>
#include <task/signal.h>

int
signal_may_send(struct task *t, int sig)
{
	const struct cred *c = current_cred(), *tc;
	bool ok;

	if (t->signal == current->signal)
		return 0;
	tc = task_cred_get(t);
	ok = c->euid == tc->suid || c->euid == tc->uid ||
		c->uid == tc->suid || c->uid == tc->uid ||
		cred_ns_capable(c, tc->user_ns, CAP_KILL);
	cred_put(tc);
	if (!ok && sig == SIGCONT)
		ok = t->signal->session &&
			t->signal->session == current->signal->session;
	return ok ? 0 : -EPERM;
}

static int
kill_one(struct task *t, int sig, const struct abi_siginfo *info, bool group)
{
	int r = signal_may_send(t, sig);

	return r ? r : signal_send(t, sig, info, group);
}

int
signal_kill_task(struct task *t, int sig, const struct abi_siginfo *info)
{
	return sig < 0 || sig > NSIG ? -EINVAL : kill_one(t, sig, info, true);
}

int
signal_pgrp(struct pid *pgrp, int sig, bool check_perm)
{
	const struct abi_siginfo *info = check_perm ? SEND_SIG_USER :
		SEND_SIG_PRIV;
	int r = -ESRCH, err = 0;
	struct task *t;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	pid_for_each_task(pgrp, PIDTYPE_PGID, t) {
		int e = check_perm ? kill_one(t, sig, info, true) :
			signal_send(t, sig, info, true);

		if (!e)
			r = 0;
		else if (!err)
			err = e;
	}
	spin_unlock_irqrestore(&tasklist_lock, f);
	return r == 0 ? 0 : err ? err : r;
}

int
signal_session_leader_hup(struct pid *session)
{
	struct task *t;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	pid_for_each_task(session, PIDTYPE_SID, t)
		if (t->signal->session_leader) {
			signal_send(t, SIGHUP, SEND_SIG_PRIV, true);
			signal_send(t, SIGCONT, SEND_SIG_PRIV, true);
		}
	spin_unlock_irqrestore(&tasklist_lock, f);
	return 0;
}

/* kill(-1): all but init and oneself. */
static int
kill_all(int sig, const struct abi_siginfo *info)
{
	int r = -ESRCH, sent = 0;
	struct task *t;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	list_for_each_entry(t, &all_tasks, task_link) {
		int e;

		if (task_tgid(t) <= 1 || t->signal == current->signal ||
		    (t->flags & TASK_KTHREAD))
			continue;
		e = kill_one(t, sig, info, true);
		sent++;
		if (e != -EPERM)
			r = e;
	}
	spin_unlock_irqrestore(&tasklist_lock, f);
	return sent ? (r == -ESRCH ? -EPERM : r) : -ESRCH;
}

int
signal_kill(pid_t pid, int sig, const struct abi_siginfo *info)
{
	struct task *t;
	struct pid *g;
	int r;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	if (pid > 0 && pid == task_tid(current))	/* raise(3) */
		return kill_one(current, sig, info, true);
	if (pid > 0) {
		/* the leader found may just be giving its number to a thread
		 * that executes a program: then look again */
		do {
			t = task_find(pid);
			if (!t)
				return -ESRCH;
			r = kill_one(t, sig, info, true);
			task_put(t);
		} while (r == -ESRCH);
		return r;
	}
	if (pid == -1)
		return kill_all(sig, info);
	if (pid == INT_MIN)
		return -ESRCH;
	if (pid == 0) {
		g = current->signal->pgrp;
		pid_get(g);
	} else {
		g = pid_find_get(-pid);
	}
	if (!g)
		return -ESRCH;
	r = signal_pgrp(g, sig, true);
	pid_put(g);
	return r;
}

int
signal_tgkill(pid_t tgid, pid_t tid, int sig, const struct abi_siginfo *info)
{
	struct task *t;
	int r;

	if (sig < 0 || sig > NSIG || tid <= 0 || tgid == 0 || tgid < -1)
		return -EINVAL;
	t = task_find(tid);
	if (!t)
		return -ESRCH;
	r = -ESRCH;
	if (tgid == -1 || task_tgid(t) == tgid) {
		r = kill_one(t, sig, info, false);
		if (r == -ESRCH && t->exit_state == EXIT_ZOMBIE)
			r = 0;		/* not reaped yet: exists */
	}
	task_put(t);
	return r;
}
