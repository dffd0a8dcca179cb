/* SPDX-License-Identifier: MIT */
/* System calls on signals: signal(7) and the man pages named by each. */
#include <abi/errno.h>
#include <abi/time.h>
#include <arch/fpu.h>
#include <arch/sigframe.h>
#include <core/time.h>
#include <mm/uaccess.h>
#include <sched/waitq.h>
#include <syscall/entry.h>
#include <task/local.h>
#include <task/posix_timer.h>
#include <task/signal.h>
#include <task/user_ns.h>

#define KILL_STOP	(sigmask(SIGKILL) | sigmask(SIGSTOP))

long
sys_rt_sigaction(int sig, const struct abi_sigaction __user *new,
		 struct abi_sigaction __user *old, size_t size)
{
	struct sighand *s = current->sighand;
	struct abi_sigaction n, o;

	if (size != sizeof(u64))
		return -EINVAL;
	if (new && copyin(&n, new, sizeof(n)))
		return -EFAULT;
	if (sig < 1 || sig > NSIG || (new && (sigmask(sig) & KILL_STOP)))
		return -EINVAL;
	spin_lock_irq(&s->lock);
	o = s->action[sig - 1];
	if (new) {
		n.flags &= SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO |
			SA_RESTORER | SA_ONSTACK | SA_RESTART | SA_NODEFER |
			SA_RESETHAND | SA_EXPOSE_TAGBITS;
		n.mask &= ~KILL_STOP;
		s->action[sig - 1] = n;
		/* POSIX: ignoring a signal discards what is pending */
		if (n.handler == SIG_IGN || (n.handler == SIG_DFL &&
		    (sigmask(sig) & (sigmask(SIGCONT) | sigmask(SIGCHLD) |
				     sigmask(SIGWINCH) | sigmask(SIGURG)))))
			signal_drop_pending(current, sig);
		else if (unlikely(current->signal->posix_timers))
			posix_timers_unignore(current, sig);
	}
	spin_unlock_irq(&s->lock);
	return old ? copyout(old, &o, sizeof(o)) : 0;
}

long
sys_rt_sigprocmask(int how, const u64 __user *new, u64 __user *old, size_t size)
{
	u64 was = current->blocked, n;

	if (size != sizeof(u64))
		return -EINVAL;
	if (new) {
		if (get_user(n, new))
			return -EFAULT;
		n &= ~KILL_STOP;
		switch (how) {
		case SIG_BLOCK: n |= was; break;
		case SIG_UNBLOCK: n = was & ~n; break;
		case SIG_SETMASK: break;
		default: return -EINVAL;
		}
		signal_set_blocked(n);
	}
	return old ? put_user(was, old) : 0;
}

long
sys_rt_sigpending(u64 __user *out, size_t size)
{
	u64 set;

	if (size > sizeof(u64))
		return -EINVAL;
	spin_lock_irq(&current->sighand->lock);
	set = (current->pending.set | current->signal->shared.set) &
		current->blocked;
	spin_unlock_irq(&current->sighand->lock);
	return copyout(out, &set, size);
}

/* sigaltstack(2): EPERM while it is in use */
static int
altstack_set(const struct abi_stack *n, u64 sp)
{
	struct abi_stack *cur = &current->altstack;
	int mode = n->ss_flags & ~(int)SS_AUTODISARM;
	bool in_use = !(cur->ss_flags & (int)SS_AUTODISARM) &&
		sp > cur->ss_sp && sp - cur->ss_sp <= cur->ss_size;

	if (in_use)
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		*cur = (struct abi_stack){ .ss_flags = n->ss_flags };
		return 0;
	}
	if (n->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	*cur = *n;
	cur->ss_flags &= (int)SS_AUTODISARM;
	return 0;
}

long
sys_rt_sigreturn(void)
{
	struct pt_regs *regs = thread_regs(current_thread);
	struct abi_stack ss;
	u64 mask;

	/* not a system call any more: nothing to restart, all registers */
	tif_set(current_thread, TIF_IRET);
	if (sigframe_restore(regs, &mask, &ss)) {
		signal_force_info(SIGSEGV, &(struct abi_siginfo){
			.si_signo = SIGSEGV, .si_code = SI_KERNEL });
		return 0;
	}
	regs->orig_rax = -1UL;
	signal_set_blocked(mask);
	/* a handler may not have been on it: errors are ignored */
	(void)altstack_set(&ss, regs->rsp);
	return regs->rax;
}

long
sys_sigaltstack(const struct abi_stack __user *new, struct abi_stack __user *old)
{
	u64 sp = thread_regs(current_thread)->rsp;
	struct abi_stack n, o = current->altstack;
	int r;

	if (new && copyin(&n, new, sizeof(n)))
		return -EFAULT;
	if (!o.ss_size)
		o.ss_flags |= SS_DISABLE;
	else if (!(o.ss_flags & (int)SS_AUTODISARM) && sp > o.ss_sp &&
		 sp - o.ss_sp <= o.ss_size)
		o.ss_flags |= SS_ONSTACK;
	o.pad = 0;
	if (new) {
		r = altstack_set(&n, sp);
		if (r)
			return r;
	}
	return old ? copyout(old, &o, sizeof(o)) : 0;
}

long
sys_rt_sigsuspend(const u64 __user *umask, size_t size)
{
	u64 mask;

	if (size != sizeof(u64))
		return -EINVAL;
	if (get_user(mask, umask))
		return -EFAULT;
	signal_set_user_mask(mask);
	while (!signal_pending_current()) {
		set_state(TS_INTERRUPTIBLE);
		if (!signal_pending_current())
			schedule();
		set_state(TS_RUNNING);
	}
	return -ERESTARTNOHAND;
}

long
sys_pause(void)
{
	while (!signal_pending_current()) {
		set_state(TS_INTERRUPTIBLE);
		if (!signal_pending_current())
			schedule();
		set_state(TS_RUNNING);
	}
	return -ERESTARTNOHAND;
}

/*
 * sigtimedwait(2): the wanted signals are unblocked while asleep, so that
 * one of them wakes us; the mask is put back before anything is delivered.
 */
long
sys_rt_sigtimedwait(const u64 __user *uset, struct abi_siginfo __user *uinfo,
		    const struct abi_timespec __user *uts, size_t size)
{
	struct abi_siginfo info;
	struct abi_timespec ts;
	nsec_t deadline = NSEC_MAX;
	u64 set, saved = current->blocked;
	bool late = false;
	int sig;

	if (size != sizeof(u64))
		return -EINVAL;
	if (get_user(set, uset))
		return -EFAULT;
	set &= ~KILL_STOP;
	if (uts) {
		if (copyin(&ts, uts, sizeof(ts)))
			return -EFAULT;
		if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
			return -EINVAL;
		if (ts.tv_sec < (s64)(NSEC_MAX / NSEC_PER_SEC / 2))
			deadline = clock_mono_ns() + ts.tv_nsec +
				ts.tv_sec * NSEC_PER_SEC;
	}
	sig = signal_dequeue(set, &info);
	if (!sig && (!uts || ts.tv_sec || ts.tv_nsec)) {
		/* waiting for it must not make it act: see real_blocked */
		current->real_blocked = saved;
		signal_set_blocked(saved & ~set);
		set_state(TS_INTERRUPTIBLE);
		if (!signal_pending_current())
			late = schedule_until(deadline);
		set_state(TS_RUNNING);
		/* dequeue before blocking again, or another thread gets it */
		sig = signal_dequeue(set, &info);
		signal_set_blocked(saved);
		current->real_blocked = 0;
	}
	if (!sig)
		return late || (uts && !ts.tv_sec && !ts.tv_nsec) ?
			-EAGAIN : signal_pending_current() ? -EINTR : -EAGAIN;
	if (uinfo && copyout(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

/* ---- sending ---- */

long
sys_kill(pid_t pid, int sig)
{
	return signal_kill(pid, sig, SEND_SIG_USER);
}

static long
tkill(pid_t tgid, pid_t tid, int sig)
{
	struct abi_siginfo info = { .si_signo = sig, .si_code = SI_TKILL };

	info.kill.pid = current->tgid->own;
	info.kill.uid = from_kuid_munged(current_user_ns(),
					 current_cred()->uid);
	return signal_tgkill(tgid, tid, sig, &info);
}

long
sys_tkill(pid_t tid, int sig)
{
	return tid <= 0 ? -EINVAL : tkill(-1, tid, sig);
}

long
sys_tgkill(pid_t tgid, pid_t tid, int sig)
{
	return tgid <= 0 || tid <= 0 ? -EINVAL : tkill(tgid, tid, sig);
}

/* A program may not forge signals of the kernel or kill(2) to others. */
static int
queueinfo(const struct abi_siginfo __user *u, struct abi_siginfo *info, int sig,
	  pid_t to)
{
	if (copyin(info, u, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    to != task_tgid(current))
		return -EPERM;
	return 0;
}

long
sys_rt_sigqueueinfo(pid_t pid, int sig, const struct abi_siginfo __user *u)
{
	struct abi_siginfo info;
	int r = queueinfo(u, &info, sig, pid);

	if (r)
		return r;
	return pid <= 0 ? -ESRCH : signal_kill(pid, sig, &info);
}

long
sys_rt_tgsigqueueinfo(pid_t tgid, pid_t tid, int sig,
		      const struct abi_siginfo __user *u)
{
	struct abi_siginfo info;
	int r;

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	r = queueinfo(u, &info, sig, tgid);
	return r ? r : signal_tgkill(tgid, tid, sig, &info);
}

long
sys_restart_syscall(void)
{
	long (*fn)(struct task *) = current->restart_fn;

	current->restart_fn = NULL;
	return fn ? fn(current) : -EINTR;
}
