/* SPDX-License-Identifier: MIT */
/*
 * System calls that take a pidfd: pidfd_open(2), pidfd_send_signal(2),
 * pidfd_getfd(2), process_madvise(2), process_mrelease(2). The descriptor
 * itself is proc/pidfd.c's.
 *
 * Flags of kernels later than the one that uname(2) names (PIDFD_THREAD and
 * the PIDFD_SIGNAL_* of 6.9) are EINVAL.
 */
#include <abi/fcntl.h>
#include <abi/mman.h>
#include <abi/uio.h>
#include <mm/iov_iter.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <proc/pidfd.h>
#include <syscall/entry.h>
#include <task/ptrace.h>
#include <task/local.h>
#include <task/signal.h>
#include <vfs/file.h>

#define PIDFD_NONBLOCK	O_NONBLOCK
#define FAST_SEGS	8

long
sys_pidfd_open(pid_t nr, unsigned int flags)
{
	struct file *f;
	struct task *t;
	struct pid *p;
	int err;

	if ((flags & ~PIDFD_NONBLOCK) || nr <= 0)
		return -EINVAL;
	p = pid_find_get(nr);
	if (!p)
		return -ESRCH;
	t = pid_leader(p);
	err = t ? pidfd_create(p, flags | O_CLOEXEC, &f) : -EINVAL;
	if (t)
		task_put(t);
	pid_put(p);
	return err ? err : fd_install_new(f, O_CLOEXEC);
}

/* the process a pidfd or an open /proc/PID names, referenced; or NULL */
static struct pid *
named_by(int fd)
{
	struct fd f = fdget(fd);
	struct pid *p = NULL;

	if (f.file && f.file->op->pid)
		p = f.file->op->pid(f.file);
	if (p)
		pid_get(p);
	fdput(f);
	return p;
}

static int
signal_info(struct pid *p, int sig, const struct abi_siginfo __user *u,
	    struct abi_siginfo *info)
{
	if (copyin(info, u, sizeof(*info)))
		return -EFAULT;
	if (sig != info->si_signo)
		return -EINVAL;
	/* forged origins only to oneself, as rt_sigqueueinfo(2) */
	if (p != current->tgid && (info->si_code >= 0 ||
				   info->si_code == SI_TKILL))
		return -EPERM;
	return 0;
}

long
sys_pidfd_send_signal(int fd, int sig, const struct abi_siginfo __user *u,
		      unsigned int flags)
{
	struct abi_siginfo info;
	struct task *t;
	struct pid *p;
	int err = 0;

	if (flags)
		return -EINVAL;
	p = named_by(fd);
	if (!p)
		return -EBADF;
	if (u)
		err = signal_info(p, sig, u, &info);
	if (!err) {
		t = pid_leader(p);
		err = t ? signal_kill_task(t, sig, u ? &info : SEND_SIG_USER) :
			-ESRCH;
		if (t)
			task_put(t);
	}
	pid_put(p);
	return err;
}

long
sys_pidfd_getfd(int pidfd, int fd, unsigned int flags)
{
	struct mutex *guard;
	struct files *fs;
	struct file *f;
	struct task *t;
	bool cloexec;
	long r;

	if (flags)
		return -EINVAL;
	r = pidfd_task(pidfd, &t);
	if (r)
		return r;
	/* no execve in between: its files are then another program's */
	guard = &t->signal->cred_guard;
	r = mutex_lock_intr(guard);
	if (r) {
		task_put(t);
		return r;
	}
	r = ptrace_may_access(t, PTRACE_MODE_ATTACH |
			      PTRACE_MODE_REALCREDS);
	if (!r) {
		fs = files_of(t);
		f = fs ? files_file(fs, fd, &cloexec) : NULL;
		if (f)
			r = fd_install_new(f, O_CLOEXEC);
		else
			r = fs ? -EBADF : -ESRCH;
		if (fs)
			files_put(fs);
	}
	mutex_unlock(guard);
	task_put(t);
	return r;
}

/* ---- memory of another process ---- */

static int
advise_ranges(struct mm *m, const struct iovec *v, size_t nr, int advice,
	      size_t *done)
{
	for (size_t i = 0; i < nr; i++) {
		int err = mm_madvise(m, (vaddr_t)v[i].base, v[i].len, advice);

		if (err)
			return err;
		*done += v[i].len;
		cond_resched();
	}
	return 0;
}

static long
advise_task(struct task *t, const struct iovec *v, size_t nr, int advice)
{
	size_t done = 0;
	struct mm *m;
	long r;

	switch (advice) {
	case MADV_COLD: case MADV_PAGEOUT: case MADV_WILLNEED:
		break;
	default:
		return -EINVAL;
	}
	m = task_get_mm(t);
	if (!m)
		return -ESRCH;
	r = ptrace_may_access(t, PTRACE_MODE_READ |
			      PTRACE_MODE_FSCREDS) ? -EACCES : 0;
	/* it costs the other speed, not secrets */
	if (!r && m != current->mm && !capable(CAP_SYS_NICE))
		r = -EPERM;
	if (!r)
		r = advise_ranges(m, v, nr, advice, &done);
	mm_put_user(m);
	return done ? (long)done : r;
}

long
sys_process_madvise(int pidfd, const struct iovec __user *vec,
		    unsigned long nr, int advice, unsigned int flags)
{
	struct iovec fast[FAST_SEGS], *v = fast, *alloc = NULL;
	struct iov_iter it;
	struct task *t;
	long r;

	if (flags)
		return -EINVAL;
	r = iter_import(&it, ITER_SOURCE, vec, nr, fast, FAST_SEGS, &alloc);
	if (r < 0)
		return r;
	if (alloc)
		v = alloc;
	r = pidfd_task(pidfd, &t);
	if (!r) {
		r = advise_task(t, v, nr, advice);
		task_put(t);
	}
	kfree(alloc);
	return r;
}

/* Is every process that uses m being killed? tasklist lock held. */
static bool
only_dying_use(const struct mm *m)
{
	struct task *l, *t;

	list_for_each_entry(l, &all_tasks, task_link)
		list_for_each_entry(t, &l->signal->threads, thread_link)
			if (t->mm == m && !(t->flags & TASK_EXITING) &&
			    !(l->signal->flags & SIGNAL_GROUP_EXIT))
				return false;
	return true;
}

/*
 * The dying process's private anonymous memory is given back now instead of
 * when its threads get to it.
 */
long
sys_process_mrelease(int pidfd, unsigned int flags)
{
	unsigned long f;
	struct task *t;
	struct mm *m;
	long r;

	if (flags)
		return -EINVAL;
	r = pidfd_task(pidfd, &t);
	if (r)
		return r;
	m = task_get_mm(t);
	if (!m) {
		task_put(t);
		return -ESRCH;
	}
	f = spin_lock_irqsave(&tasklist_lock);
	r = only_dying_use(m) ? 0 : -EINVAL;
	spin_unlock_irqrestore(&tasklist_lock, f);
	if (!r)
		r = mm_reap(m);
	mm_put_user(m);
	task_put(t);
	return r;
}
