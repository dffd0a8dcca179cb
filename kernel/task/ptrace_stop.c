/* SPDX-License-Identifier: MIT */
/*
 * Tracing, the traced side: stopping for a tracer and going on; the links
 * between the two; who may look into whom. ptrace(2).
 *
 * A traced task stands in ptrace_stop() with state TS_TRACED: before a signal
 * is delivered, at a system call, at an event, for a group stop or because its
 * tracer asked. wait(2) shows exit_code, PTRACE_GETSIGINFO last_siginfo, which
 * points to the stack we stand on. A resuming request puts a code into
 * exit_code and wakes; so does a detach or SIGKILL. While a request works on
 * the task (JOBCTL_FROZEN) nothing wakes it.
 *
 * Group stops: an attached task stops with the signal as code; a seized one
 * with PTRACE_EVENT_STOP, again whenever the stop begins or ends
 * (JOBCTL_TRAP_NOTIFY), even while it is only listened to.
 *
 * Links: a tracer's list `ptraced`; the traced task's `parent` is the tracer,
 * `real_parent` stays. Under tasklist_lock; `ptrace` changes under it and the
 * sighand lock both.
 *
 * Nothing here runs for a task that is not traced, except the access check.
 */
#include <abi/errno.h>
#include <abi/signal.h>
#include <arch/irqflags.h>
#include <arch/upcall.h>
#include <mm/mm.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/signal.h>
#include <task/user_ns.h>

/* ---- access, ptrace(2) "Ptrace access mode checking" ---- */

static bool
same_user(const struct cred *me, const struct cred *c, bool fs)
{
	uid_t u = fs ? me->fsuid : me->uid;
	gid_t g = fs ? me->fsgid : me->gid;

	return u == c->euid && u == c->suid && u == c->uid &&
		g == c->egid && g == c->sgid && g == c->gid;
}

/* its memory: made, maybe, in a mightier user namespace than it is in now */
static bool
may_dump(struct task *t)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	bool r = !t->mm || ((t->mm->flags >> MMF_DUMPABLE) & 3) == 1 ||
		ns_capable(task_mm_user_ns(t->mm), CAP_SYS_PTRACE);

	spin_unlock_irqrestore(&tasklist_lock, f);
	return r;
}

int
ptrace_may_access(struct task *t, unsigned int mode)
{
	const struct cred *me = current_cred(), *c;
	bool fs = mode & PTRACE_MODE_FSCREDS, mighty, ok;

	if (t->signal == current->signal)
		return 0;
	c = task_cred_get(t);
	mighty = ns_capable(c->user_ns, CAP_SYS_PTRACE);
	ok = mighty || (same_user(me, c, fs) && me->user_ns == c->user_ns &&
		!(c->cap_permitted &
		  ~(fs ? me->cap_effective : me->cap_permitted)));
	cred_put(c);
	return ok && may_dump(t) ? 0 : -EPERM;
}

/* ---- waking ---- */

void
ptrace_wake(struct task *t, bool resume)
{
	u32 mask = TS_INTERRUPTIBLE;

	if (resume && !(t->jobctl & JOBCTL_FROZEN))
		mask |= TS_TRACED;
	tif_set(&t->thread, TIF_SIGPENDING);
	if (!thread_wake_mask(&t->thread, mask))
		thread_kick(&t->thread);
}

/* a group stop began or ended: a seized task tells */
void
ptrace_trap_notify(struct task *t)
{
	if (jobctl_set(t, JOBCTL_TRAP_NOTIFY))
		ptrace_wake(t, t->jobctl & JOBCTL_LISTENING);
}

/* ---- standing still ---- */

int
ptrace_stop(int code, int why, u64 message, struct abi_siginfo *info)
{
	struct task *t = current;
	struct sighand *sh = t->sighand;
	bool group_done = false, work;

	if (!t->ptrace || (t->pending.set & sigmask(SIGKILL)))
		return code;
	set_state(TS_TRACED);
	t->last_siginfo = info;
	t->ptrace_message = message;
	t->exit_code = code;
	if (why == CLD_STOPPED && (t->jobctl & JOBCTL_STOP_PENDING))
		group_done = group_stop_participate(t);
	jobctl_clear(t, JOBCTL_TRAP_STOP);
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP)
		jobctl_clear(t, JOBCTL_TRAP_NOTIFY);
	jobctl_trapping_done(t);
	spin_unlock_irq(&sh->lock);

	spin_lock_irq(&tasklist_lock);
	if (t->ptrace)
		signal_notify_stop_locked(t, true, why);
	if (group_done && (!t->ptrace || ptrace_reparented(t)))
		signal_notify_stop_locked(t, false, why);
	spin_unlock_irq(&tasklist_lock);
	schedule();

	spin_lock_irq(&sh->lock);
	code = t->exit_code;
	t->exit_code = 0;
	t->last_siginfo = NULL;
	t->ptrace_message = 0;
	t->jobctl &= ~(JOBCTL_LISTENING | JOBCTL_FROZEN);
	tif_own_set(&t->thread, TIF_IRET);	/* any register may be new */
	/* a call that this stop interrupted must still get to its restart */
	work = signal_pending(t);
	signal_recalc();
	if (work)
		tif_set(&t->thread, TIF_SIGPENDING);
	return code;
}

static int
notify_locked(int sig, int code, int why, u64 message)
{
	struct abi_siginfo info = { .si_signo = sig, .si_code = code };

	info.kill.pid = current->pid->own;
	info.kill.uid = current_cred()->uid;
	return ptrace_stop(code, why, message, &info);
}

int
ptrace_notify(int code, u64 message)
{
	struct sighand *sh = current->sighand;

	spin_lock_irq(&sh->lock);
	code = notify_locked(SIGTRAP, code, CLD_TRAPPED, message);
	spin_unlock_irq(&sh->lock);
	return code;
}

void
ptrace_event_stop(int event, u64 message)
{
	struct task *t = current;

	if (ptrace_event_enabled(t, event))
		ptrace_notify(event << 8 | SIGTRAP, message);
	else if (event == PTRACE_EVENT_EXEC && !(t->ptrace & PT_SEIZED))
		signal_send_thread(t, SIGTRAP, SEND_SIG_USER);
}

void
ptrace_jobctl_trap(void)
{
	struct task *t = current;
	int sig = JOBCTL_STOPSIG(t->jobctl);

	if (!(t->ptrace & PT_SEIZED)) {
		ptrace_stop(sig, CLD_STOPPED, 0, NULL);
		return;
	}
	if (!t->signal->group_stop_count &&
	    !(t->signal->flags & SIGNAL_STOP_STOPPED))
		sig = SIGTRAP;
	notify_locked(sig, sig | PTRACE_EVENT_STOP << 8, CLD_STOPPED, 0);
}

int
ptrace_signal(int sig, struct abi_siginfo *info)
{
	struct task *t = current;

	/* a SIGCONT while we stand here takes a stop signal's effect away */
	t->jobctl |= JOBCTL_STOP_DEQUEUED;
	sig = ptrace_stop(sig, CLD_TRAPPED, 0, info);
	if (!sig)
		return 0;
	if (sig != info->si_signo) {
		*info = (struct abi_siginfo){ .si_signo = sig,
			.si_code = SI_USER };
		info->kill.pid = t->parent ? task_tid(t->parent) : 0;
		info->kill.uid = t->ptracer_cred ? t->ptracer_cred->uid : 0;
	}
	if ((t->blocked & sigmask(sig)) ||
	    (t->pending.set & sigmask(SIGKILL))) {
		signal_requeue_locked(t, sig, info);
		return 0;
	}
	return sig;
}

/* ---- system calls ---- */

/* false: we are being killed */
static bool
report_syscall(u64 message)
{
	struct task *t = current;
	int sig;

	if (!t->ptrace)
		return true;
	sig = ptrace_notify(SIGTRAP | (t->ptrace & PT_TRACESYSGOOD ? 0x80 : 0),
			    message);
	if (sig)
		signal_send_thread(t, sig, SEND_SIG_PRIV);
	return !fatal_signal_pending(t);
}

bool
ptrace_syscall_enter(struct pt_regs *regs)
{
	unsigned long tif = READ_ONCE(current_thread->tif);

	if (!(tif & (TIF_SYSCALL_STOP | TIF_SYSCALL_EMU)))
		return true;
	return report_syscall(PTRACE_EVENTMSG_SYSCALL_ENTRY) &&
		!(tif & TIF_SYSCALL_EMU) && regs->orig_rax != ~0UL;
}

void
ptrace_syscall_exit(struct pt_regs *regs)
{
	unsigned long tif = READ_ONCE(current_thread->tif);

	/* TF was off in the call: the trap of the step over it is made here */
	if ((tif & TIF_SINGLESTEP) && !(tif & TIF_SYSCALL_EMU))
		signal_force(SIGTRAP, TRAP_BRKPT, regs->rip, 1, 0);
	else if (tif & TIF_SYSCALL_STOP)
		report_syscall(PTRACE_EVENTMSG_SYSCALL_EXIT);
}

/* ---- single steps ---- */

void
ptrace_tif_update(struct task *t)
{
	if (tif_test(&t->thread, TIF_PTRACE_ALL & ~TIF_PTRACE))
		tif_set(&t->thread, TIF_PTRACE);
	else
		tif_clear(&t->thread, TIF_PTRACE);
}

/* Is the next instruction one that itself sets or clears TF: POPF, IRET? */
static bool
sets_tf(struct task *t, const struct pt_regs *regs)
{
	u8 code[15];
	ssize_t n = t->mm ? mm_access(t->mm, regs->rip, code, sizeof(code),
				      false) : 0;

	for (ssize_t i = 0; i < n; i++)
		switch (code[i]) {
		case 0x9d: case 0xcf:
			return true;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64:
		case 0x65: case 0x66: case 0x67: case 0xf0: case 0xf2:
		case 0xf3: case 0x40 ... 0x4f:
			continue;	/* prefixes */
		default:
			return false;
		}
	return false;
}

void
ptrace_step_enable(struct task *t)
{
	struct pt_regs *regs = thread_regs(&t->thread);
	bool had = regs->rflags & RFLAGS_TF;

	tif_set(&t->thread, TIF_SINGLESTEP | TIF_PTRACE);
	regs->rflags |= RFLAGS_TF;
	/* TF that the program has, or is about to set, stays when we leave */
	if (sets_tf(t, regs))
		tif_clear(&t->thread, TIF_FORCED_TF);
	else if (!had)
		tif_set(&t->thread, TIF_FORCED_TF);
}

void
ptrace_step_disable(struct task *t)
{
	if (tif_test(&t->thread, TIF_FORCED_TF))
		thread_regs(&t->thread)->rflags &= ~RFLAGS_TF;
	tif_clear(&t->thread, TIF_SINGLESTEP | TIF_FORCED_TF);
	ptrace_tif_update(t);
}

/* ---- links ---- */

void
ptrace_link(struct task *t, struct task *tracer, const struct cred *c)
{
	t->parent = tracer;
	list_add_tail(&t->ptrace_entry, &tracer->ptraced);
	t->ptracer_cred = cred_get(c);
}

void
ptrace_unlink(struct task *t)
{
	const struct cred *c = t->ptracer_cred;

	tif_clear(&t->thread, TIF_SYSCALL_STOP | TIF_SYSCALL_EMU);
	ptrace_tif_update(t);
	t->parent = t->real_parent;
	list_del_init(&t->ptrace_entry);
	t->ptracer_cred = NULL;
	if (c)
		cred_put(c);
	if (!t->sighand) {
		t->ptrace = 0;
		return;
	}
	spin_lock(&t->sighand->lock);
	t->ptrace = 0;
	jobctl_clear(t, JOBCTL_TRAP_MASK);
	jobctl_trapping_done(t);
	/* a group stop is going on: it is to stand in that */
	if (!(t->flags & TASK_EXITING) &&
	    ((t->signal->flags & SIGNAL_STOP_STOPPED) ||
	     t->signal->group_stop_count))
		t->jobctl |= JOBCTL_STOP_PENDING;
	if ((t->jobctl & JOBCTL_STOP_PENDING) ||
	    (READ_ONCE(t->thread.state) & TS_TRACED)) {
		t->jobctl &= ~JOBCTL_FROZEN;
		ptrace_wake(t, true);
	}
	spin_unlock(&t->sighand->lock);
}

void
ptrace_fork_child(struct task *c)
{
	struct task *p = current;

	c->ptrace = p->ptrace;
	ptrace_link(c, p->parent, p->ptracer_cred);
	if (c->ptrace & PT_SEIZED)
		c->jobctl |= JOBCTL_TRAP_STOP;
	else
		c->pending.set |= sigmask(SIGSTOP);
	tif_set(&c->thread, TIF_SIGPENDING);
}
