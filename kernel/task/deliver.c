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
#include <abi/poll.h>
#include <arch/sigframe.h>
#include <arch/upcall.h>
#include <core/log.h>
#include <proc/proc.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/rseq.h>
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

/*
 * SIGCHLD for a stop or continuation: of the thread t to its tracer, or of its
 * whole process to the parent. tasklist lock held.
 */
void
signal_notify_stop_locked(struct task *t, bool tracer, int why)
{
	struct abi_siginfo info = { .si_signo = SIGCHLD, .si_code = why };
	const struct cred *c = task_cred_get(t);
	struct task *parent;
	struct sighand *s;
	unsigned long g;

	info.chld.status = why == CLD_CONTINUED ? SIGCONT :
		(why == CLD_TRAPPED ? t->exit_code : t->signal->stop_sig) & 0x7f;
	if (!tracer)
		t = t->group_leader;
	parent = tracer ? t->parent : t->real_parent;
	info.chld.pid = pid_nr_for(t->pid, parent);
	info.chld.uid = uid_for(parent, c->uid);
	chld_times(t, &info);
	s = sighand_lock(parent, &g);
	if (s) {
		bool tell = s->action[SIGCHLD - 1].handler != SIG_IGN &&
			!(s->action[SIGCHLD - 1].flags & SA_NOCLDSTOP);

		spin_unlock_irqrestore(&s->lock, g);
		if (tell)
			signal_send_group(parent, SIGCHLD, &info);
	}
	waitq_wake_all(&parent->signal->child_wq);
	cred_put(c);
}

/* The same to the real parent, of current's process. Takes tasklist lock. */
void
signal_notify_parent_stop(struct task *t, bool continued)
{
	int why = continued ? CLD_CONTINUED : CLD_STOPPED;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	signal_notify_stop_locked(t, false, why);
	if (continued && unlikely(ptrace_reparented(t->group_leader)))
		signal_notify_stop_locked(t->group_leader, true, why);
	spin_unlock_irqrestore(&tasklist_lock, f);
}

/*
 * signal_notify_exit - tell t's parent that its whole group has ended, or its
 * tracer that t has, by sig. Returns true when nobody will wait for it.
 * tasklist lock held.
 */
bool
signal_notify_exit(struct task *t, int sig)
{
	struct abi_siginfo info = { .si_signo = sig };
	struct task *parent = t->parent;
	const struct cred *c;
	bool autoreap = false;
	struct sighand *s;
	unsigned long f;

	waitq_wake(&t->pid->pidfd_wq, 0, POLLIN | POLLRDNORM);
	c = task_cred_get(t);
	info.chld.pid = pid_nr_for(t->pid, parent);
	info.chld.uid = uid_for(parent, c->uid);
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

		if (!t->ptrace && sig == SIGCHLD &&
		    (a->handler == SIG_IGN || (a->flags & SA_NOCLDWAIT))) {
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
	bool notify = group_stop_participate(t);

	set_state(TS_STOPPED);
	spin_unlock_irq(&t->sighand->lock);
	if (notify)
		signal_notify_parent_stop(t, false);
	schedule();
}

/* All other threads are to stop as well. sighand lock held. */
static void
group_stop_begin(struct task *t, int sig)
{
	const u32 bits = JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME |
		(u32)sig << JOBCTL_STOPSIG_SHIFT;
	struct signal_struct *s = t->signal;
	struct task *i;

	if (!(s->flags & SIGNAL_STOP_STOPPED)) {
		s->group_exit_code = sig;
		s->stop_sig = sig;
	}
	s->group_stop_count = 0;
	list_for_each_entry(i, &s->threads, thread_link) {
		if ((READ_ONCE(i->thread.state) & TS_STOPPED) ||
		    !jobctl_set(i, bits))
			continue;
		s->group_stop_count++;
		if (i == t)
			continue;
		if (likely(!(i->ptrace & PT_SEIZED)))
			signal_wake_up(i, false);
		else
			ptrace_trap_notify(i);
	}
}

/*
 * Begin a group stop for sig, or join (sig 0) the one that runs. sighand lock
 * held; dropped. Returns when continued. A traced task does not stop here: it
 * will in the trap that is then pending.
 */
static void
do_signal_stop(struct task *t, int sig)
{
	struct signal_struct *s = t->signal;

	if (!(t->jobctl & JOBCTL_STOP_PENDING)) {
		if (signal_group_exiting(s) ||
		    !(t->jobctl & JOBCTL_STOP_DEQUEUED)) {
			spin_unlock_irq(&t->sighand->lock);
			return;
		}
		group_stop_begin(t, sig);
	}
	if (likely(!t->ptrace)) {
		stop_self(t);
		return;
	}
	(void)jobctl_set(t, JOBCTL_TRAP_STOP);
	spin_unlock_irq(&t->sighand->lock);
}

/* ---- choosing what to do ---- */

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
		if (unlikely(t->jobctl & JOBCTL_PENDING)) {
			/* traced: the trap is that stop */
			if (t->jobctl & JOBCTL_TRAP_MASK) {
				ptrace_jobctl_trap();
				spin_unlock_irq(&sh->lock);
			} else {
				do_signal_stop(t, 0);
			}
			goto relock;
		}
		k->sig = signal_dequeue_locked(t, t->blocked, &k->info);
		if (!k->sig) {
			/* woken for a stop or by who got it first */
			signal_recalc();
			break;
		}
		if (unlikely(t->ptrace) && k->sig != SIGKILL) {
			k->sig = ptrace_signal(k->sig, &k->info);
			if (!k->sig)
				continue;
		}
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
		if ((s->flags & SIGNAL_UNKILLABLE) &&
		    !(sigmask(k->sig) & (sigmask(SIGKILL) | sigmask(SIGSTOP))))
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
		if (sigmask(k->sig) & SIGS_CORE) {
			log_debug(signal, "%s[%d]: killed by signal %d, ip %lx",
				  t->thread.comm, pid_nr(t->pid), k->sig,
				  thread_regs(&t->thread)->rip);
			proc_coredump(&k->info, k->sig);
		}
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

/* signal_force_fatal - signal_force(), and a handler does not help either. */
void
signal_force_fatal(int sig)
{
	struct sighand *s = current->sighand;

	spin_lock_irq(&s->lock);
	s->action[sig - 1].handler = SIG_DFL;
	spin_unlock_irq(&s->lock);
	signal_force(sig, SI_KERNEL, 0, 0, 0);
}

static void
deliver_one(struct pt_regs *regs, struct taken *k)
{
	struct task *t = current;
	bool step = tif_test(&t->thread, TIF_SINGLESTEP);
	struct sigframe_args a;
	u64 mask;

	/* the frame shall not hold the tracer's TF */
	if (unlikely(step))
		ptrace_step_disable(t);
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
	if (rseq_signal(regs) || sigframe_setup(&a, regs)) {
		/* no room for a frame, a bad rseq: SIGSEGV, fatal if that is the one */
		if (k->sig == SIGSEGV)
			signal_force_fatal(SIGSEGV);
		else
			signal_force(SIGSEGV, SI_KERNEL, 0, 0, 0);
		return;
	}
	if (t->altstack.ss_flags & SS_AUTODISARM)
		t->altstack = (struct abi_stack){ .ss_flags = SS_DISABLE };
	mask = t->blocked | k->act.mask;
	if (!(k->act.flags & SA_NODEFER))
		mask |= sigmask(k->sig);
	signal_set_blocked(mask);
	tif_own_set(&t->thread, TIF_IRET);
	if (unlikely(step))
		ptrace_notify(SIGTRAP, 0);
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
			 TIF_RESTORE_SIGMASK | TIF_RSEQ)

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
		if (tif & TIF_RSEQ)
			rseq_resume(regs);
		irq_disable();
	}
}
