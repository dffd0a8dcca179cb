/* SPDX-License-Identifier: MIT */
/*
 * The owner of a file, whom SIGIO and SIGURG go to: fcntl(2), F_SETOWN,
 * F_SETOWN_EX, F_SETSIG. f->lock guards it; the pid is counted.
 */
#include <task/pid.h>
#include <task/signal.h>
#include "internal.h"

static const u8 pid_types[] = {
	[F_OWNER_TID] = PIDTYPE_PID,
	[F_OWNER_PID] = PIDTYPE_TGID,
	[F_OWNER_PGRP] = PIDTYPE_PGID,
};

void
file_set_owner(struct file *f, struct pid *pid, int type)
{
	const struct cred *c = current_cred();
	struct pid *old;

	if (pid)
		pid_get(pid);
	spin_lock(&f->lock);
	old = f->owner.pid;
	f->owner.pid = pid;
	f->owner.type = type;
	f->owner.uid = c->uid;
	f->owner.euid = c->euid;
	spin_unlock(&f->lock);
	if (old)
		pid_put(old);
}

int
file_owner_set(struct file *f, int type, pid_t who)
{
	struct pid *p = NULL;

	if (type < F_OWNER_TID || type > F_OWNER_PGRP)
		return -EINVAL;
	if (who) {
		p = pid_find_get(who);
		if (!p)
			return -ESRCH;
	}
	file_set_owner(f, p, type);
	if (p)
		pid_put(p);
	return 0;
}

void
file_owner_get(struct file *f, int *type, pid_t *who)
{
	spin_lock(&f->lock);
	*type = f->owner.type;
	*who = pid_vnr(f->owner.pid);
	spin_unlock(&f->lock);
}

/* may the one who set the owner signal t? fcntl(2), F_SETOWN */
static bool
sigio_allowed(struct task *t, uid_t uid, uid_t euid)
{
	const struct cred *c = t->cred;

	return euid == 0 || euid == c->suid || euid == c->uid ||
		uid == c->suid || uid == c->uid;
}

static void
send_sigio(struct file *f, struct abi_siginfo *si)
{
	struct pid *pid;
	struct task *t;
	unsigned long flags;
	int type, sig;
	uid_t uid, euid;

	spin_lock(&f->lock);
	pid = f->owner.pid;
	type = f->owner.type;
	sig = f->owner.sig;
	uid = f->owner.uid;
	euid = f->owner.euid;
	if (pid)
		pid_get(pid);
	spin_unlock(&f->lock);
	if (!pid)
		return;
	si->si_signo = sig ? sig : SIGIO;
	flags = spin_lock_irqsave(&tasklist_lock);
	pid_for_each_task(pid, pid_types[type], t) {
		if (!sigio_allowed(t, uid, euid))
			continue;
		if (type == F_OWNER_TID)
			signal_send_thread(t, si->si_signo,
					   sig ? si : SEND_SIG_PRIV);
		else
			signal_send_group(t, si->si_signo,
					  sig ? si : SEND_SIG_PRIV);
	}
	spin_unlock_irqrestore(&tasklist_lock, flags);
	pid_put(pid);
}

void
file_send_sigio(struct file *f, int band)
{
	struct abi_siginfo si = { .si_code = band };

	send_sigio(f, &si);
}

void
file_send_sigio_fd(struct file *f, int code, u32 events, int fd)
{
	struct abi_siginfo si = { .si_code = code };

	si.poll.band = events;
	si.poll.fd = fd;
	send_sigio(f, &si);
}
