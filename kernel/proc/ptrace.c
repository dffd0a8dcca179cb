/* SPDX-License-Identifier: MIT */
/*
 * ptrace(2): beginning and ending to trace, and who may ask for what.
 *
 * A request works on a task that stands in a trap for the caller. For its time
 * the task is frozen: SIGKILL is noted and wakes it afterwards. The switch
 * away from it is waited for, so that its registers are all in memory.
 *
 * Locks: cred_guard of the traced process while attaching, against an execve
 * that is changing its rights; tasklist_lock for the links.
 */
#include <abi/errno.h>
#include <proc/local.h>
#include <sched/sched.h>
#include <sched/waitq.h>
#include <task/local.h>
#include <task/signal.h>

#include "ptrace.h"

/* ---- beginning ---- */

static int
traceme(void)
{
	struct task *t = current, *p;
	const struct cred *c;
	int r = -EPERM;

	spin_lock_irq(&tasklist_lock);
	p = t->real_parent;
	if (t->ptrace)
		goto out;
	c = task_cred_get(p);
	if ((t->cred->user_ns == c->user_ns &&
	     !(t->cred->cap_permitted & ~c->cap_permitted)) ||
	    cred_ns_capable(c, t->cred->user_ns, CAP_SYS_PTRACE)) {
		r = 0;
		if (!(p->flags & TASK_EXITING)) {
			spin_lock(&t->sighand->lock);
			t->ptrace = PT_PTRACED;
			spin_unlock(&t->sighand->lock);
			ptrace_link(t, p, c);
		}
	}
	cred_put(c);
out:
	spin_unlock_irq(&tasklist_lock);
	return r;
}

/* cred_guard held: link t to us. */
static int
attach_locked(struct task *t, u32 flags)
{
	int r = -EPERM;

	spin_lock_irq(&tasklist_lock);
	if (t->exit_state || t->ptrace || !t->sighand)
		goto out;
	r = 0;
	spin_lock(&t->sighand->lock);
	t->ptrace = flags;
	ptrace_link(t, current, current_cred());
	spin_unlock(&t->sighand->lock);
	/* not before: it would stop untraced, and then show no siginfo */
	if (!(flags & PT_SEIZED))
		signal_send_thread(t, SIGSTOP, SEND_SIG_PRIV);
	spin_lock(&t->sighand->lock);
	/* one that is stopped comes over to us */
	if ((READ_ONCE(t->thread.state) & TS_STOPPED) &&
	    jobctl_set(t, JOBCTL_TRAP_STOP | JOBCTL_TRAPPING)) {
		tif_set(&t->thread, TIF_SIGPENDING);
		thread_wake_mask(&t->thread, TS_STOPPED);
	}
	spin_unlock(&t->sighand->lock);
out:
	spin_unlock_irq(&tasklist_lock);
	return r;
}

static int
attach(struct task *t, bool seize, unsigned long addr, unsigned long opt)
{
	struct mutex *guard = &t->signal->cred_guard;
	u32 flags = PT_PTRACED;
	int r;

	if (seize) {
		if (addr)
			return -EIO;
		if (opt & ~(unsigned long)PTRACE_O_MASK)
			return -EIO;
		r = ptrace_check_options(opt);
		if (r)
			return r;
		flags |= PT_SEIZED | opt << PT_OPT_SHIFT;
	}
	if ((t->flags & TASK_KTHREAD) || t->signal == current->signal)
		return -EPERM;
	if (mutex_lock_intr(guard))
		return -ERESTARTNOINTR;
	r = ptrace_may_access(t, PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS);
	if (!r)
		r = attach_locked(t, flags);
	mutex_unlock(guard);
	if (!r)
		(void)wait_event_killable(waitq_hashed(&t->jobctl),
			!(READ_ONCE(t->jobctl) & JOBCTL_TRAPPING));
	return r;
}

/* ---- ending ---- */

/* tasklist lock held. True: t is dead and to be released. */
static bool
detach_locked(struct task *tracer, struct task *t)
{
	bool dead;

	ptrace_unlink(t);
	if (t->exit_state != EXIT_ZOMBIE)
		return false;
	dead = t != t->group_leader;
	if (!dead && t->signal->nr_threads == 1) {
		if (t->real_parent->signal != tracer->signal) {
			dead = signal_notify_exit(t, t->exit_signal);
		} else {
			const struct abi_sigaction *a =
				&tracer->sighand->action[SIGCHLD - 1];

			dead = a->handler == SIG_IGN ||
				(a->flags & SA_NOCLDWAIT);
			waitq_wake_all(&tracer->signal->child_wq);
		}
	}
	if (dead)
		t->exit_state = EXIT_DEAD;
	return dead;
}

static int
detach(struct task *t, unsigned long sig)
{
	bool dead;

	if (sig > NSIG)
		return -EIO;
	ptrace_step_disable(t);
	spin_lock_irq(&tasklist_lock);
	/* SIGKILL may have got it out of the trap, but not past its end */
	t->exit_code = sig;
	dead = detach_locked(current, t);
	spin_unlock_irq(&tasklist_lock);
	if (dead)
		task_release(t);
	return 0;
}

void
ptrace_exit_tracer(struct task *tracer, struct list_head *dead)
{
	struct task *t, *n;

	list_for_each_entry_safe(t, n, &tracer->ptraced, ptrace_entry) {
		if (t->ptrace & PT_EXITKILL)
			signal_send_thread(t, SIGKILL, SEND_SIG_PRIV);
		if (detach_locked(tracer, t))
			list_add(&t->ptrace_entry, dead);
	}
}

/* ---- requests ---- */

/* Stands in a trap for us: then nothing wakes it until thaw(). */
static int
freeze(struct task *t, bool any_state)
{
	int r = -ESRCH;

	spin_lock_irq(&tasklist_lock);
	if (t->ptrace && t->parent == current) {
		spin_lock(&t->sighand->lock);
		if (any_state) {
			r = 0;
		} else if ((READ_ONCE(t->thread.state) & TS_TRACED) &&
			   !(t->jobctl & JOBCTL_LISTENING) &&
			   !(t->pending.set & sigmask(SIGKILL))) {
			t->jobctl |= JOBCTL_FROZEN;
			r = 0;
		}
		spin_unlock(&t->sighand->lock);
	}
	spin_unlock_irq(&tasklist_lock);
	/* it may be on its last steps to the switch */
	while (!r && !any_state &&
	       __atomic_load_n(&t->thread.on_cpu, __ATOMIC_ACQUIRE))
		cpu_relax();
	return r;
}

static void
thaw(struct task *t)
{
	unsigned long f;
	struct sighand *s = sighand_lock(t, &f);

	if (!s)
		return;
	if (t->jobctl & JOBCTL_FROZEN) {
		t->jobctl &= ~JOBCTL_FROZEN;
		if (t->pending.set & sigmask(SIGKILL))
			ptrace_wake(t, true);
	}
	spin_unlock_irqrestore(&s->lock, f);
}

long
proc_ptrace(long request, pid_t pid, unsigned long addr, unsigned long data)
{
	bool any_state = request == PTRACE_KILL ||
		request == PTRACE_INTERRUPT;
	struct task *t;
	long r;

	if (request == PTRACE_TRACEME)
		return traceme();
	t = task_find(pid);
	if (!t)
		return -ESRCH;
	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE) {
		r = attach(t, request == PTRACE_SEIZE, addr, data);
		goto out;
	}
	r = freeze(t, any_state);
	if (r)
		goto out;
	if (request == PTRACE_DETACH)
		r = detach(t, data);
	else
		r = ptrace_request(t, request, addr, data);
	if (!any_state && (r || request != PTRACE_DETACH))
		thaw(t);
out:
	task_put(t);
	return r;
}
