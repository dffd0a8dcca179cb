/* SPDX-License-Identifier: MIT */
/*
 * Job control: controlling terminals, foreground groups, sessions; as
 * credentials(7), setsid(2) and ioctl_tty(2) describe.
 *
 * tty->session and tty->pgrp (under tty->ctrl) say whose terminal it is;
 * signal->tty (under the sighand lock) is each process's way back. A session
 * has at most one terminal and the reverse. The session leader takes it by
 * opening it or by TIOCSCTTY; it is lost by TIOCNOTTY, at the leader's exit,
 * by hangup and at the last close.
 *
 * Lock order: tasklist, sighand, ctrl.
 */
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <mm/uaccess.h>
#include <task/signal.h>
#include <task/task.h>
#include <task/tty.h>
#include <vfs/file.h>
#include "local.h"

/* -- who is who ---------------------------------------------------------- */

struct tty *
tty_current_get(void)
{
	struct tty *t;

	spin_lock_irq(&current->sighand->lock);
	t = current->signal->tty;
	if (t)
		tty_get(t);
	spin_unlock_irq(&current->sighand->lock);
	return t;
}

static struct pid *
pgrp_get(struct tty *t)
{
	unsigned long irq = spin_lock_irqsave(&t->ctrl);
	struct pid *p = t->pgrp;

	if (p)
		pid_get(p);
	spin_unlock_irqrestore(&t->ctrl, irq);
	return p;
}

dev_t
tty_of_task(struct task *task, pid_t *pgrp)
{
	unsigned long irq = spin_lock_irqsave(&tasklist_lock);
	struct sighand *sh = task->sighand;
	struct tty *t;
	dev_t num = 0;

	*pgrp = -1;
	if (sh) {
		spin_lock(&sh->lock);
		t = task->signal->tty;
		if (t) {
			num = t->num;
			spin_lock(&t->ctrl);
			*pgrp = t->pgrp ? pid_vnr(t->pgrp) : -1;
			spin_unlock(&t->ctrl);
		}
		spin_unlock(&sh->lock);
	}
	spin_unlock_irqrestore(&tasklist_lock, irq);
	return num;
}

void
tty_signal_pgrp(struct tty *t, int sig)
{
	struct pid *p = pgrp_get(t);

	if (p) {
		signal_pgrp(p, sig, false);
		pid_put(p);
	}
}

/*
 * An orphaned group has no member whose parent is in the same session but
 * another group: nobody could continue it if it were stopped.
 */
static bool
current_pgrp_orphaned(void)
{
	unsigned long irq = spin_lock_irqsave(&tasklist_lock);
	struct pid *pgrp = current->signal->pgrp;
	bool orphaned = true;
	struct task *t;

	pid_for_each_task(pgrp, PIDTYPE_PGID, t) {
		struct task *p = t->real_parent;

		if (t->exit_state != EXIT_NONE || task_is_init(p))
			continue;
		if (p->signal->pgrp != pgrp &&
		    p->signal->session == t->signal->session) {
			orphaned = false;
			break;
		}
	}
	spin_unlock_irqrestore(&tasklist_lock, irq);
	return orphaned;
}

/* 0: current may use t; otherwise it has been sent sig. */
static int
check_foreground(struct tty *t, int sig)
{
	struct pid *pgrp = current->signal->pgrp, *fg;

	if (READ_ONCE(current->signal->tty) != t)
		return 0;
	fg = READ_ONCE(t->pgrp);	/* compared only */
	if (!fg || fg == pgrp)
		return 0;
	if (signal_ignored(sig) || signal_blocked(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (current_pgrp_orphaned())
		return -EIO;
	signal_pgrp(pgrp, sig, false);
	tif_set(current_thread, TIF_SIGPENDING);
	return -ERESTARTSYS;
}

int
tty_check_change(struct tty *t)
{
	return check_foreground(t, SIGTTOU);
}

int
tty_check_read(struct tty *t)
{
	return check_foreground(t, SIGTTIN);
}

/* -- taking and losing --------------------------------------------------- */

/* t becomes current's terminal; current leads its session and has none. */
static void
take(struct tty *t)
{
	struct signal_struct *s = current->signal;
	struct pid *old_pgrp, *old_session;
	unsigned long irq = spin_lock_irqsave(&tasklist_lock);

	spin_lock(&current->sighand->lock);
	spin_lock(&t->ctrl);
	old_pgrp = t->pgrp;
	old_session = t->session;
	pid_get(s->pgrp);
	pid_get(s->session);
	t->pgrp = s->pgrp;
	t->session = s->session;
	spin_unlock(&t->ctrl);
	tty_get(t);
	s->tty = t;
	spin_unlock(&current->sighand->lock);
	spin_unlock_irqrestore(&tasklist_lock, irq);
	if (old_pgrp)
		pid_put(old_pgrp);
	if (old_session)
		pid_put(old_session);
}

void
tty_take_control(struct tty *t, struct file *f)
{
	struct signal_struct *s = current->signal;

	mutex_lock(&tty_mutex);
	if (s->session_leader && !s->tty && !t->session &&
	    f->mode & FMODE_READ)
		take(t);
	mutex_unlock(&tty_mutex);
}

/*
 * Every process of the session forgets t. hup: the leader gets SIGHUP and
 * SIGCONT. Returns how many references were held.
 */
static u32
session_forget(struct pid *session, struct tty *t, bool hup)
{
	unsigned long irq = spin_lock_irqsave(&tasklist_lock);
	struct task *p;
	u32 refs = 0;
	bool leader = false;

	pid_for_each_task(session, PIDTYPE_SID, p) {
		if (!p->sighand)
			continue;
		spin_lock(&p->sighand->lock);
		if (p->signal->tty == t) {
			p->signal->tty = NULL;
			refs++;
		}
		leader |= p->signal->session_leader;
		spin_unlock(&p->sighand->lock);
	}
	spin_unlock_irqrestore(&tasklist_lock, irq);
	if (hup && leader)
		signal_session_leader_hup(session);
	return refs;
}

void
tty_release_session(struct tty *t, bool exit_session)
{
	struct pid *pgrp, *session;
	u32 refs;

	spin_lock_irq(&t->ctrl);
	pgrp = t->pgrp;
	session = t->session;
	t->pgrp = t->session = NULL;
	spin_unlock_irq(&t->ctrl);
	if (session) {
		refs = session_forget(session, t, exit_session);
		while (refs--)
			tty_put(t);
		pid_put(session);
	}
	if (pgrp) {
		if (exit_session)
			signal_pgrp(pgrp, SIGHUP, false);
		pid_put(pgrp);
	}
}

/*
 * The session leader gives its terminal up: by exit (a hangup, so that
 * background processes cannot go on with it; a pty only tells its foreground
 * group) or by TIOCNOTTY.
 */
static void
leader_disassociate(bool exiting)
{
	struct tty *t = tty_current_get();
	struct pid *pgrp;

	if (!t)
		return;
	if (exiting && t->drv->type != TTYD_PTY_SLAVE) {
		tty_hangup(t);
	} else {
		pgrp = pgrp_get(t);
		/* first: who gets the signal finds no terminal any more */
		mutex_lock(&tty_mutex);
		tty_release_session(t, false);
		mutex_unlock(&tty_mutex);
		if (pgrp) {
			signal_pgrp(pgrp, SIGHUP, false);
			if (!exiting)
				signal_pgrp(pgrp, SIGCONT, false);
			pid_put(pgrp);
		}
	}
	tty_put(t);
}

static void
session_leader_exit(void)
{
	leader_disassociate(true);
}

static const struct task_tty_ops ops = {
	.get = tty_get,
	.put = tty_put,
	.session_leader_exit = session_leader_exit,
};

void
tty_jobctl_init(void)
{
	task_tty_ops = &ops;
}

int
tty_vhangup_current(void)
{
	struct tty *t;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	t = tty_current_get();
	if (t) {
		tty_hangup(t);
		tty_put(t);
	}
	return 0;
}

/* -- requests ------------------------------------------------------------ */

static long
set_ctty(struct tty *t, struct file *f, unsigned long arg)
{
	struct signal_struct *s = current->signal;
	long err = 0;

	mutex_lock(&tty_mutex);
	if (s->session_leader && s->session == t->session)
		goto out;
	err = -EPERM;
	if (!s->session_leader || s->tty)
		goto out;
	if (t->session) {
		if (arg != 1 || !capable(CAP_SYS_ADMIN))
			goto out;
		tty_release_session(t, false);	/* stolen */
	}
	if (!(f->mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		goto out;
	take(t);
	err = 0;
out:
	mutex_unlock(&tty_mutex);
	return err;
}

static long
drop_ctty(struct tty *t)
{
	struct signal_struct *s = current->signal;

	if (READ_ONCE(s->tty) != t)
		return -ENOTTY;
	if (s->session_leader) {
		leader_disassociate(false);
		return 0;
	}
	spin_lock_irq(&current->sighand->lock);
	t = s->tty;
	s->tty = NULL;
	spin_unlock_irq(&current->sighand->lock);
	if (t)
		tty_put(t);
	return 0;
}

static bool
is_my_session(struct tty *t)
{
	return READ_ONCE(current->signal->tty) == t &&
	       READ_ONCE(t->session) == current->signal->session;
}

/* session of a group: that of any member; compared only */
static struct pid *
pgrp_session(struct pid *pgrp)
{
	unsigned long irq = spin_lock_irqsave(&tasklist_lock);
	struct task *p = pid_task(pgrp, PIDTYPE_PGID);
	struct pid *session = p ? p->signal->session : NULL;

	spin_unlock_irqrestore(&tasklist_lock, irq);
	return session;
}

static long
set_pgrp(struct tty *real, pid_t __user *arg)
{
	struct pid *pgrp, *old;
	pid_t nr;
	long err = tty_check_change(real);

	if (err == -EIO)
		return -ENOTTY;
	if (err)
		return err;
	if (get_user(nr, arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	if (!is_my_session(real))
		return -ENOTTY;
	pgrp = pid_find_get(nr);
	if (!pgrp)
		return -ESRCH;
	err = -EPERM;
	if (pgrp_session(pgrp) != current->signal->session) {
		pid_put(pgrp);
		return err;
	}
	spin_lock_irq(&real->ctrl);
	old = real->pgrp;
	real->pgrp = pgrp;
	spin_unlock_irq(&real->ctrl);
	if (old)
		pid_put(old);
	return 0;
}

long
tty_jobctl_ioctl(struct tty *t, struct tty *real, struct file *f, u32 cmd,
		 unsigned long arg)
{
	struct pid *p;
	pid_t nr;

	switch (cmd) {
	case TIOCSCTTY:
		return set_ctty(real, f, arg);
	case TIOCNOTTY:
		return drop_ctty(t);
	case TIOCGPGRP:
		if (t == real && READ_ONCE(current->signal->tty) != real)
			return -ENOTTY;
		p = pgrp_get(real);
		nr = pid_vnr(p);
		if (p)
			pid_put(p);
		return put_user(nr, (pid_t __user *)arg);
	case TIOCSPGRP:
		return set_pgrp(real, (pid_t __user *)arg);
	case TIOCGSID:
		if (t == real && READ_ONCE(current->signal->tty) != real)
			return -ENOTTY;
		spin_lock_irq(&real->ctrl);
		nr = real->session ? pid_vnr(real->session) : -1;
		spin_unlock_irq(&real->ctrl);
		if (nr < 0)
			return -ENOTTY;
		return put_user(nr, (pid_t __user *)arg);
	}
	return -ENOIOCTLCMD;
}
