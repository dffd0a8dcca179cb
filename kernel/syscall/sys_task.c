/* SPDX-License-Identifier: MIT */
/*
 * System calls on processes: making, ending, waiting, groups and sessions,
 * limits, usage. They copy arguments in and out; the work is in proc/.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/sched.h>
#include <abi/time.h>
#include <abi/wait.h>
#include <arch/cpu.h>
#include <core/time.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <proc/pidfd.h>
#include <proc/proc.h>
#include <syscall/entry.h>
#include <syscall/syscall.h>
#include <task/itimer.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/user_ns.h>
#include <vfs/file.h>
#include <vfs/namei.h>

long
sys_fork(void)
{
	return proc_clone(&(struct clone_args_k){ .exit_signal = SIGCHLD });
}

long
sys_vfork(void)
{
	return proc_clone(&(struct clone_args_k){
		.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD });
}

/* flags of a Linux that proc_clone() refuses are told */
static long
clone_told(const struct clone_args_k *a)
{
	long r = proc_clone(a);
	u64 f = a->flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
		CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
		CLONE_INTO_CGROUP);

	return unlikely(f && r == -EINVAL) ? syscall_refused("flags", f, r) : r;
}

long
sys_clone(unsigned long flags, unsigned long stack, int __user *ptid,
	  int __user *ctid, unsigned long tls)
{
	/* both would be written to one place */
	if ((flags & (CLONE_PIDFD | CLONE_PARENT_SETTID)) ==
	    (CLONE_PIDFD | CLONE_PARENT_SETTID))
		return -EINVAL;
	return clone_told(&(struct clone_args_k){
		.flags = (u32)flags & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = stack, .tls = tls,
		.parent_tid = ptid, .child_tid = ctid, .pidfd = ptid });
}

/* clone3(2): struct clone_args grows; what we do not know must be zero. */
long
sys_clone3(const void __user *uargs, size_t size)
{
	struct abi_clone_args a = { 0 };
	pid_t tids[CLONE_SET_TID_MAX];
	int r;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	r = copyin_struct_sized(&a, sizeof(a), uargs, size);
	if (r)
		return r;
	if (a.set_tid_size > CLONE_SET_TID_MAX ||
	    !a.set_tid != !a.set_tid_size)
		return -EINVAL;
	if ((a.exit_signal & ~CSIGNAL) || a.exit_signal > NSIG)
		return -EINVAL;
	if ((a.flags & CLONE_INTO_CGROUP) &&
	    (a.cgroup > INT_MAX || size < sizeof(a)))
		return -EINVAL;
	/* the innermost namespace's number comes first */
	if (a.set_tid_size && copyin(tids, (void __user *)a.set_tid,
				     a.set_tid_size * sizeof(tids[0])))
		return -EFAULT;
	if ((a.flags & ~(u64)(u32)~0 & ~(CLONE_CLEAR_SIGHAND |
					 CLONE_INTO_CGROUP)) ||
	    (a.flags & (CLONE_DETACHED | CSIGNAL)) ||
	    ((a.flags & (CLONE_THREAD | CLONE_PARENT)) && a.exit_signal) ||
	    !a.stack != !a.stack_size ||
	    (a.stack && !access_ok(a.stack, a.stack_size)))
		return -EINVAL;
	return clone_told(&(struct clone_args_k){
		.flags = a.flags, .exit_signal = a.exit_signal,
		.stack = a.stack ? a.stack + a.stack_size : 0, .tls = a.tls,
		.parent_tid = (int __user *)a.parent_tid,
		.child_tid = (int __user *)a.child_tid,
		.pidfd = (int __user *)a.pidfd,
		.set_tid = tids, .set_tid_size = a.set_tid_size });
}

long
sys_execveat(int dirfd, const char __user *path,
	     const char __user *const __user *argv,
	     const char __user *const __user *envp, int flags)
{
	struct exec_args a = { .uargv = argv, .uenvp = envp };
	struct pathname p;
	int r;

	r = pathname_get(&p, path, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	if (r)
		return r;
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		r = -EINVAL;
	else
		r = proc_execve(dirfd, p.s, flags, &a);
	pathname_put(&p);
	return r;
}

long
sys_execve(const char __user *path, const char __user *const __user *argv,
	   const char __user *const __user *envp)
{
	return sys_execveat(AT_FDCWD, path, argv, envp, 0);
}

long
sys_exit(int code)
{
	proc_exit((code & 0xff) << 8);
}

long
sys_exit_group(int code)
{
	proc_exit_group((code & 0xff) << 8);
}

/* ---- waiting ---- */

static void
rusage_out(struct abi_rusage *o, const struct rusage_k *k)
{
	*o = (struct abi_rusage){
		.ru_utime = { k->utime_ns / NSEC_PER_SEC,
			k->utime_ns % NSEC_PER_SEC / 1000 },
		.ru_stime = { k->stime_ns / NSEC_PER_SEC,
			k->stime_ns % NSEC_PER_SEC / 1000 },
		.ru_maxrss = k->maxrss_kib,
		.ru_minflt = k->minflt, .ru_majflt = k->majflt,
		.ru_inblock = k->inblock, .ru_oublock = k->oublock,
		.ru_nvcsw = k->nvcsw, .ru_nivcsw = k->nivcsw,
	};
}

long
sys_wait4(pid_t pid, int __user *status, int options, void __user *ru)
{
	struct wait_result w;
	struct abi_rusage o;
	struct pid *p = NULL;
	int type, r;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD |
			__WALL | (int)__WCLONE))
		return -EINVAL;
	if (pid == INT_MIN)
		return -ESRCH;
	if (pid == -1) {
		type = P_ALL;
	} else if (pid > 0) {
		type = P_PID;
		p = pid_find_get(pid);
	} else if (pid == 0) {
		type = P_PGID;
		p = current->signal->pgrp;
		if (p)
			pid_get(p);
	} else {
		type = P_PGID;
		p = pid_find_get(-pid);
	}
	r = proc_wait(type, p, options | WEXITED, &w);
	pid_put(p);
	if (r)
		return r;
	if (!w.pid)
		return 0;
	if (status && put_user(w.wait_status, status))
		return -EFAULT;
	if (ru) {
		rusage_out(&o, &w.ru);
		if (copyout(ru, &o, sizeof(o)))
			return -EFAULT;
	}
	return w.pid;
}

/*
 * Whom waitid(2) is for: the referenced pid, and P_PIDFD becomes P_PID. True in
 * *again: the descriptor does not block, so "none yet" is EAGAIN.
 */
static int
waitid_target(int *type, pid_t id, struct pid **out, bool *again)
{
	u32 oflags;
	int r;

	*out = NULL;
	*again = false;
	switch (*type) {
	case P_ALL:
		return 0;
	case P_PID:
		if (id <= 0)
			return -EINVAL;
		*out = pid_find_get(id);
		return 0;
	case P_PGID:
		if (id < 0)
			return -EINVAL;
		*out = id ? pid_find_get(id) : current->signal->pgrp;
		if (!id && *out)
			pid_get(*out);
		return 0;
	case P_PIDFD:
		if (id < 0)
			return -EINVAL;
		r = pidfd_pid(id, out, &oflags);
		if (!r)
			*again = oflags & O_NONBLOCK;
		*type = P_PID;
		return r;
	}
	return -EINVAL;
}

long
sys_waitid(int type, pid_t id, struct abi_siginfo __user *uinfo, int options,
	   void __user *ru)
{
	struct abi_siginfo info = { 0 };
	struct wait_result w;
	struct abi_rusage o;
	struct pid *p;
	bool again;
	int r;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
			__WNOTHREAD | __WALL | (int)__WCLONE))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	r = waitid_target(&type, id, &p, &again);
	if (r)
		return r;
	again = again && !(options & WNOHANG);
	if (again)
		options |= WNOHANG;
	r = proc_wait(type, p, options, &w);
	pid_put(p);
	if (!r && !w.pid && again)
		r = -EAGAIN;
	if (r)
		return r;
	if (ru && w.pid) {
		rusage_out(&o, &w.ru);
		if (copyout(ru, &o, sizeof(o)))
			return -EFAULT;
	}
	if (!uinfo)
		return 0;
	if (w.pid) {
		info.si_signo = SIGCHLD;
		info.si_code = w.cause;
		info.chld.pid = w.pid;
		info.chld.uid = from_kuid_munged(current_user_ns(), w.uid);
		info.chld.status = w.status;
	}
	/* only the fields waitid(2) defines are written */
	return copyout(uinfo, &info, offsetof(struct abi_siginfo, chld) +
		       offsetof(__typeof__(info.chld), pad));
}

/* ---- numbers ---- */

long sys_getpid(void) { return current->tgid->own; }
long sys_gettid(void) { return current->pid->own; }

long
sys_getppid(void)
{
	return task_ppid(current);
}

long
sys_setpgid(pid_t pid, pid_t pgid)
{
	return proc_setpgid(pid, pgid);
}

/* pgrp or session of process pid, 0 for current's */
static long
get_group(pid_t pid, bool session)
{
	struct task *t;
	unsigned long f;
	long r = -ESRCH;

	t = pid ? task_find(pid) : current;
	if (!t)
		return -ESRCH;
	f = spin_lock_irqsave(&tasklist_lock);
	if (t->exit_state != EXIT_DEAD)
		r = pid_vnr(session ? t->signal->session : t->signal->pgrp);
	spin_unlock_irqrestore(&tasklist_lock, f);
	if (pid)
		task_put(t);
	return r;
}

long sys_getpgid(pid_t pid) { return get_group(pid, false); }
long sys_getpgrp(void) { return get_group(0, false); }
long sys_getsid(pid_t pid) { return get_group(pid, true); }
long sys_setsid(void) { return proc_setsid(); }

long
sys_set_tid_address(int __user *p)
{
	current->clear_child_tid = (vaddr_t)p;
	return task_tid(current);
}

/* ---- limits and usage ---- */

static int
rlimit_set(struct task *t, int which, const struct rlimit *new)
{
	struct rlimit *r = &t->signal->rlim[which];
	unsigned long f;
	struct sighand *s;
	int err = 0;

	if (new->cur > new->max)
		return -EINVAL;
	if (which == RLIMIT_NOFILE && new->max > sysctl_nr_open)
		return -EPERM;
	s = sighand_lock(t, &f);
	if (!s)
		return -ESRCH;
	if (new->max > r->max && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	else
		*r = *new;
	spin_unlock_irqrestore(&s->lock, f);
	if (!err && which == RLIMIT_CPU && new->cur != RLIM_INFINITY)
		sched_request_tick();
	return err;
}

/* prlimit(2), PERMISSIONS: same ids, or CAP_SYS_RESOURCE */
static int
may_prlimit(struct task *t)
{
	const struct cred *c = current_cred(), *tc;
	bool ok;

	if (t == current)
		return 0;
	tc = task_cred_get(t);
	ok = (c->uid == tc->euid && c->uid == tc->suid && c->uid == tc->uid &&
	      c->gid == tc->egid && c->gid == tc->sgid && c->gid == tc->gid) ||
		ns_capable(tc->user_ns, CAP_SYS_RESOURCE);
	cred_put(tc);
	return ok ? 0 : -EPERM;
}

long
sys_prlimit64(pid_t pid, unsigned int which, const struct rlimit __user *new,
	      struct rlimit __user *old)
{
	struct rlimit n, o;
	struct task *t;
	int r;

	if (new && copyin(&n, new, sizeof(n)))
		return -EFAULT;
	t = pid ? task_find(pid) : current;
	if (!t)
		return -ESRCH;
	r = may_prlimit(t);
	if (!r && which >= RLIM_NLIMITS)
		r = -EINVAL;
	if (!r)
		o = t->signal->rlim[which];
	if (!r && new)
		r = rlimit_set(t, which, &n);
	if (pid)
		task_put(t);
	if (!r && old && copyout(old, &o, sizeof(o)))
		r = -EFAULT;
	return r;
}

long
sys_getrlimit(unsigned int which, struct rlimit __user *out)
{
	return sys_prlimit64(0, which, NULL, out);
}

long
sys_setrlimit(unsigned int which, const struct rlimit __user *in)
{
	struct rlimit n;

	if (copyin(&n, in, sizeof(n)))
		return -EFAULT;
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	return rlimit_set(current, which, &n);
}

long
sys_getrusage(int who, struct abi_rusage __user *out)
{
	struct rusage_k k;
	struct abi_rusage o;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN &&
	    who != RUSAGE_THREAD)
		return -EINVAL;
	proc_rusage(current, who, &k);
	rusage_out(&o, &k);
	return copyout(out, &o, sizeof(o));
}

long
sys_times(struct abi_tms __user *out)
{
	const u64 tick = NSEC_PER_SEC / HZ_USER;
	struct abi_tms t;
	u64 ut, st;

	if (out) {
		group_cpu_times(current, &ut, &st);
		t = (struct abi_tms){
			ut / tick, st / tick,
			current->signal->cutime_ns / tick,
			current->signal->cstime_ns / tick,
		};
		if (copyout(out, &t, sizeof(t)))
			return -EFAULT;
	}
	return clock_mono_ns() / tick;
}

long
sys_personality(unsigned long p)
{
	u64 old = current->personality;

	if ((u32)p != 0xffffffff)
		current->personality = (u32)p;
	return old;
}

long
sys_arch_prctl(int code, unsigned long addr)
{
	return arch_prctl_call(code, addr);
}
