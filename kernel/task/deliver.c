/* SPDX-License-Identifier: MIT */
/*
 * Delivering signals on the way to user mode: stopping, dying, or a frame on
 * the user stack; restarting the interrupted call; telling the parent.
 *
 * Group stop: the thread that dequeues a stop signal marks every other with
 * JOBCTL_STOP_PENDING and counts them; each stops at its next exit to user
 * mode; the last one sets SIGNAL_STOP_STOPPED and notifies the parent.
 */
#include <abi/errno.h>
#include <arch/sigframe.h>
#include <arch/upcall.h>
#include <core/log.h>
#include <proc/proc.h>
#include <task/local.h>
#include <task/signal.h>

LOG_MODULE_DEFINE(signal);

#define MASK_STOP	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | \
			 sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define MASK_IGNORE	(sigmask(SIGCONT) | sigmask(SIGCHLD) | \
			 sigmask(SIGWINCH) | sigmask(SIGURG))

static void
chld_times(struct task *t, struct abi_siginfo *info)
{
	u64 ut, st;

	thread_times(&t->thread, &ut, &st);
	info->chld.utime = (ut + t->signal->utime_ns) / (NSEC_PER_SEC / HZ_USER);
	info->chld.stime = (st + t->signal->stime_ns) / (NSEC_PER_SEC / HZ_USER);
}

/* SIGCHLD for a stop or continuation. Takes tasklist lock. */
void
signal_notify_parent_stop(struct task *t, bool continued)
{
	struct abi_siginfo info = { .si_signo = SIGCHLD };
	const struct cred *c = task_cred_get(t);
	struct task *leader, *parent;
	struct sighand *s;
	unsigned long f, g;

	f = spin_lock_irqsave(&tasklist_lock);
	leader = t->group_leader;
	parent = leader->real_parent;
	info.chld.pid = task_tgid(leader);
	info.chld.uid = c->uid;
	chld_times(leader, &info);
	if (continued) {
		info.si_code = CLD_CONTINUED;
		info.chld.status = SIGCONT;
	} else {
		info.si_code = CLD_STOPPED;
		info.chld.status = t->signal->stop_sig & 0x7f;
	}
	s = sighand_lock(parent, &g);
	if (s) {
		bool tell = s->action[SIGCHLD - 1].handler != SIG_IGN &&
			!(s->action[SIGCHLD - 1].flags & SA_NOCLDSTOP);

		spin_unlock_irqrestore(&s->lock, g);
		if (tell)
			signal_send_group(parent, SIGCHLD, &info);
	}
	waitq_wake_all(&parent->signal->child_wq);
	spin_unlock_irqrestore(&tasklist_lock, f);
	cred_put(c);
}

/*
 * signal_notify_exit - tell t's parent that its whole group has ended.
 * Returns true when nobody will wait for it. tasklist lock held.
 */
bool
signal_notify_exit(struct task *t)
{
	struct abi_siginfo info = { .si_signo = t->exit_signal };
	struct task *parent = t->parent;
	const struct cred *c;
	bool autoreap = false;
	struct sighand *s;
	int sig = t->exit_signal;
	unsigned long f;

	c = task_cred_get(t);
	info.chld.pid = task_tid(t);
	info.chld.uid = c->uid;
	cred_put(c);
	chld_times(t, &info);
	info.chld.status = t->exit_code & 0x7f;
	if (t->exit_code & 0x80)
		info.si_code = CLD_DUMPED;
	else if (t->exit_code & 0x7f)
		info.si_code = CLD_KILLED;
	else {
		info.si_code = CLD_EXITED;
		info.chld.status = t->exit_code >> 8;
	}
	s = sighand_lock(parent, &f);
	if (s) {
		const struct abi_sigaction *a = &s->action[SIGCHLD - 1];

		if (sig == SIGCHLD && (a->handler == SIG_IGN ||
				       (a->flags & SA_NOCLDWAIT))) {
			autoreap = true;
			if (a->handler == SIG_IGN)
				sig = 0;
		}
		spin_unlock_irqrestore(&s->lock, f);
	} else {
		sig = 0;
	}
	if (sig > 0 && sig <= NSIG)
		signal_send_group(parent, sig, &info);
	waitq_wake_all(&parent->signal->child_wq);
	return autoreap;
}

/* ---- group stop ---- */

/* Sleep stopped; sighand lock held on entry, dropped. */
static void
stop_self(struct task *t)
{
	struct signal_struct *s = t->signal;
	bool notify = false;

	if (t->jobctl & JOBCTL_STOP_CONSUME) {
		t->jobctl &= ~JOBCTL_STOP_CONSUME;
		if (s->group_stop_count > 0 && --s->group_stop_count == 0) {
			s->flags &= ~SIGNAL_STOP_CONTINUED;
			s->flags |= SIGNAL_STOP_STOPPED;
			notify = true;
		}
	}
	t->jobctl &= ~JOBCTL_STOP_PENDING;
	set_state(TS_STOPPED);
	spin_unlock_irq(&t->sighand->lock);
	if (notify)
		signal_notify_parent_stop(t, false);
	schedule();
}

/*
 * Begin a group stop for sig, or join the one that runs. sighand lock held;
 * dropped. Returns when continued.
 */
static void
do_signal_stop(struct task *t, int sig)
{
	struct signal_struct *s = t->signal;
	struct task *i;

	if (signal_group_exiting(s)) {
		spin_unlock_irq(&t->sighand->lock);
		return;
	}
	if (!(t->jobctl & JOBCTL_STOP_PENDING)) {
		if (!(s->flags & SIGNAL_STOP_STOPPED)) {
			s->group_exit_code = sig;
			s->stop_sig = sig;
		}
		s->group_stop_count = 0;
		list_for_each_entry(i, &s->threads, thread_link) {
			if ((i->flags & TASK_EXITING) ||
			    (READ_ONCE(i->thread.state) & TS_STOPPED))
				continue;
			i->jobctl |= JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
			s->group_stop_count++;
			if (i != t)
				signal_wake_up(i, false);
		}
	}
	stop_self(t);
}

/* ---- choosing what to do ---- */

static bool
coredump_signal(int sig)
{
	return sigmask(sig) & (sigmask(SIGQUIT) | sigmask(SIGILL) |
		sigmask(SIGTRAP) | sigmask(SIGABRT) | sigmask(SIGFPE) |
		sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGSYS) |
		sigmask(SIGXCPU) | sigmask(SIGXFSZ));
}

struct taken {
	int sig;
	struct abi_sigaction act;
	struct abi_siginfo info;
};

/*
 * Next signal with a handler; those without are dealt with here. False when
 * none is left. May not return at all.
 */
static bool
signal_take(struct taken *k)
{
	struct task *t = current;
	struct sighand *sh = t->sighand;
	struct signal_struct *s = t->signal;

relock:
	spin_lock_irq(&sh->lock);
	if (unlikely(s->flags & (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED))) {
		bool cont = s->flags & SIGNAL_CLD_CONTINUED;

		s->flags &= ~(SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED);
		spin_unlock_irq(&sh->lock);
		signal_notify_parent_stop(t, cont);
		goto relock;
	}
	for (;;) {
		struct abi_sigaction *a;

		if (unlikely((s->flags & SIGNAL_GROUP_EXIT) ||
			     (s->group_exec_task && s->group_exec_task != t))) {
			int code = s->group_exit_code;

			t->pending.set &= ~sigmask(SIGKILL);
			signal_recalc();
			spin_unlock_irq(&sh->lock);
			proc_exit_group(code);
		}
		if (unlikely(t->jobctl & JOBCTL_STOP_PENDING)) {
			do_signal_stop(t, s->group_exit_code);
			goto relock;
		}
		k->sig = signal_dequeue_locked(t, t->blocked, &k->info);
		if (!k->sig)
			break;
		a = &sh->action[k->sig - 1];
		if (a->handler == SIG_IGN)
			continue;
		if (a->handler != SIG_DFL) {
			k->act = *a;
			if (a->flags & SA_RESETHAND)
				a->handler = SIG_DFL;
			break;
		}
		if (sigmask(k->sig) & MASK_IGNORE)
			continue;
		if ((s->flags & SIGNAL_UNKILLABLE) && k->sig != SIGKILL)
			continue;
		if (sigmask(k->sig) & MASK_STOP) {
			if (k->sig != SIGSTOP) {
				bool orphaned;

				spin_unlock_irq(&sh->lock);
				orphaned = pgrp_is_orphaned(s->pgrp, NULL);
				spin_lock_irq(&sh->lock);
				if (orphaned)
					continue;
			}
			do_signal_stop(t, k->sig);
			goto relock;
		}
		spin_unlock_irq(&sh->lock);
		if (coredump_signal(k->sig))
			log_debug(signal, "%s[%d]: killed by signal %d, ip %lx",
				  t->thread.comm, task_tid(t), k->sig,
				  thread_regs(&t->thread)->rip);
		proc_exit_group(k->sig);
	}
	spin_unlock_irq(&sh->lock);
	return k->sig != 0;
}

/* ---- system call restart ---- */

static void
restart_syscall(struct pt_regs *regs)
{
	regs->rax = regs->orig_rax;
	regs->rip -= 2;		/* back onto the syscall instruction */
	tif_set(current_thread, TIF_IRET);
}

/* A call was broken off; k is the handler about to run, NULL for none. */
static void
fix_restart(struct pt_regs *regs, const struct taken *k)
{
	if ((s64)regs->orig_rax < 0)
		return;		/* not from a system call */
	switch (-(s64)regs->rax) {
	case ERESTART_RESTARTBLOCK:
		if (k) {
			regs->rax = -EINTR;
		} else {
			regs->orig_rax = 219;	/* restart_syscall */
			restart_syscall(regs);
		}
		break;
	case ERESTARTNOHAND:
		if (k)
			regs->rax = -EINTR;
		else
			restart_syscall(regs);
		break;
	case ERESTARTSYS:
		if (k && !(k->act.flags & SA_RESTART))
			regs->rax = -EINTR;
		else
			restart_syscall(regs);
		break;
	case ERESTARTNOINTR:
		restart_syscall(regs);
		break;
	}
	regs->orig_rax = -1;
}

/* ---- the frame ---- */

static bool
on_altstack(const struct task *t, u64 sp)
{
	if (t->altstack.ss_flags & SS_AUTODISARM)
		return false;
	return sp > t->altstack.ss_sp &&
		sp - t->altstack.ss_sp <= t->altstack.ss_size;
}

static void
deliver_one(struct pt_regs *regs, struct taken *k)
{
	struct task *t = current;
	struct sigframe_args a;
	u64 mask;

	a.sig = k->sig;
	a.handler = k->act.handler;
	a.restorer = k->act.restorer;
	a.sa_flags = k->act.flags;
	a.info = &k->info;
	a.altstack = t->altstack;
	a.oldmask = t->blocked;
	if (tif_test(&t->thread, TIF_RESTORE_SIGMASK)) {
		tif_clear(&t->thread, TIF_RESTORE_SIGMASK);
		a.oldmask = t->saved_sigmask;
	}
	a.use_altstack = (k->act.flags & SA_ONSTACK) && t->altstack.ss_size &&
		!(t->altstack.ss_flags & SS_DISABLE) &&
		!on_altstack(t, regs->rsp);
	if (sigframe_setup(&a, regs)) {
		/* no room for a frame: SIGSEGV, fatal if that is the one */
		if (k->sig == SIGSEGV) {
			struct sighand *s = t->sighand;

			spin_lock_irq(&s->lock);
			s->action[SIGSEGV - 1].handler = SIG_DFL;
			spin_unlock_irq(&s->lock);
		}
		signal_force(SIGSEGV, SI_KERNEL, 0, 0, 0);
		return;
	}
	if (t->altstack.ss_flags & SS_AUTODISARM)
		t->altstack = (struct abi_stack){ .ss_flags = SS_DISABLE };
	mask = t->blocked | k->act.mask;
	if (!(k->act.flags & SA_NODEFER))
		mask |= sigmask(k->sig);
	signal_set_blocked(mask);
	tif_set(&t->thread, TIF_IRET);
}

void
signal_deliver(struct pt_regs *regs)
{
	struct taken k;

	if (signal_take(&k)) {
		fix_restart(regs, &k);
		deliver_one(regs, &k);
		return;
	}
	fix_restart(regs, NULL);
	signal_restore_saved(false);
}

/* ---- the way out ---- */

#define EXIT_LOOP	(TIF_NEED_RESCHED | TIF_SIGPENDING | TIF_NOTIFY | \
			 TIF_RESTORE_SIGMASK)

void
exit_to_user_work(struct pt_regs *regs)
{
	unsigned long tif;

	for (;;) {
		tif = READ_ONCE(current_thread->tif);
		if (!(tif & EXIT_LOOP))
			break;
		irq_enable();
		if (tif & TIF_NEED_RESCHED)
			schedule();
		if (tif & TIF_NOTIFY)
			task_work_run();
		if (tif & (TIF_SIGPENDING | TIF_RESTORE_SIGMASK))
			signal_deliver(regs);
		irq_disable();
	}
}
