/* SPDX-License-Identifier: MIT */
/*
 * fork(2), vfork(2), clone(2): one way to make a task.
 *
 * The child starts as a copy of the parent's struct task. Each thing that a
 * task refers to is then shared or duplicated as one flag says:
 *
 *	mm		CLONE_VM	share, else copy-on-write duplicate
 *	files		CLONE_FILES
 *	fs		CLONE_FS
 *	nsproxy		shared, but for what CLONE_NEW* names
 *	sighand		CLONE_SIGHAND
 *	signal		CLONE_THREAD
 *
 * Everything that can fail comes before the child is linked into the tree;
 * from then on it is visible and only woken. Undo runs in reverse.
 */
#include <abi/errno.h>
#include <arch/fpu.h>
#include <arch/irqflags.h>
#include <arch/thread.h>
#include <core/smp.h>
#include <ipc/ipc.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/uaccess.h>
#include <proc/local.h>
#include <proc/pidfd.h>
#include <proc/seccomp.h>
#include <sched/sched.h>
#include <task/itimer.h>
#include <task/local.h>
#include <task/pid_ns.h>
#include <task/ptrace.h>
#include <task/rseq.h>
#include <task/signal.h>
#include <task/tty.h>
#include <vfs/file.h>
#include <vfs/namei.h>

/* What clone(2) refuses; order as the man page's EINVAL list. */
static int
clone_check(const struct clone_args_k *a)
{
	u64 f = a->flags;

	if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
		return -EINVAL;
	if ((f & CLONE_CLEAR_SIGHAND) && (f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_FS) && (f & CLONE_NEWNS))
		return -EINVAL;
	if ((f & CLONE_SYSVSEM) && (f & CLONE_NEWIPC))
		return -EINVAL;
	if ((f & CLONE_NEWUSER) && (f & CLONE_FS))
		return -EINVAL;
	/* the threads of a process are in one of each */
	if ((f & CLONE_THREAD) && ((f & (CLONE_NEWUSER | CLONE_NEWPID)) ||
	    pid_ns_of(current->pid) !=
	    ns_to_pid(current->nsproxy->ns[NS_PID])))
		return -EINVAL;
	/* init's siblings would have no one to reap them */
	if ((f & CLONE_PARENT) &&
	    (current->signal->flags & SIGNAL_UNKILLABLE))
		return -EINVAL;
	if ((f & CLONE_PIDFD) && (f & (CLONE_THREAD | CLONE_DETACHED)))
		return -EINVAL;
	/* there are no cgroups */
	if (f & CLONE_INTO_CGROUP)
		return -EINVAL;
	return 0;
}

static int
copy_mm(struct task *c, u64 flags)
{
	int err = -ENOMEM;

	if (!c->mm)
		return 0;
	if (flags & CLONE_VM) {
		mm_get_user(c->mm);
	} else {
		c->mm = mm_fork(c->mm, &err);
		if (!c->mm)
			return err;
	}
	c->thread.mm_arch = &c->mm->arch;
	return 0;
}

static int
copy_files(struct task *c, u64 flags)
{
	if (!c->files)
		return 0;
	if (flags & CLONE_FILES) {
		files_get(c->files);
		return 0;
	}
	c->files = files_fork(c->files);
	return c->files ? 0 : -ENOMEM;
}

static int
copy_fs(struct task *c, u64 flags)
{
	if (!c->fs)
		return 0;
	if (flags & CLONE_FS) {
		refcount_get(&c->fs->count);
		return 0;
	}
	c->fs = fs_context_fork(c->fs);
	return c->fs ? 0 : -ENOMEM;
}

/* after copy_fs(): a new mount namespace moves the child's root and cwd */
static int
copy_namespaces(struct task *c, u64 flags)
{
	struct nsproxy *old = current->nsproxy;

	if (likely(!(flags & NS_FLAGS_ALL))) {
		nsproxy_get(old);
		return 0;
	}
	flags &= NS_FLAGS_ALL & ~CLONE_NEWUSER;
	if (!flags) {
		nsproxy_get(old);
		return 0;
	}
	if (!ns_capable(c->cred->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	return nsproxy_copy(flags, old, c->cred->user_ns, c->fs,
			    &c->nsproxy);
}

static int
copy_cred(struct task *c, u64 flags)
{
	struct cred *new;
	int err;

	if (likely(!(flags & CLONE_NEWUSER))) {
		cred_get(c->cred);
		return 0;
	}
	err = new_user_ns(&new);
	if (!err)
		c->cred = new;
	return err;
}

static int
copy_sighand(struct task *c, u64 flags)
{
	if (flags & CLONE_SIGHAND) {
		refcount_get(&c->sighand->count);
		return 0;
	}
	c->sighand = sighand_copy(c->sighand);
	if (!c->sighand)
		return -ENOMEM;
	if (flags & CLONE_CLEAR_SIGHAND)
		for (int i = 0; i < NSIG; i++)
			if (c->sighand->action[i].handler != SIG_IGN)
				c->sighand->action[i] =
					(struct abi_sigaction){ 0 };
	return 0;
}

static_assert(IPC_CLONE_THREAD == CLONE_THREAD &&
	      IPC_CLONE_UNDOS == CLONE_SYSVSEM, "ipc_clone");

/* what the threads of a process share: signals, and undos of semaphores */
static int
copy_signal(struct task *c, u64 flags)
{
	int err;

	if (flags & CLONE_THREAD) {
		refcount_get(&c->signal->count);
	} else {
		c->signal = signal_struct_create(c->signal);
		if (!c->signal)
			return -ENOMEM;
		itimer_init(c->signal);
	}
	err = ipc_clone(c, flags);
	if (err)
		signal_struct_put(c->signal);
	return err;
}

static void
uncopy_signal(struct task *c)
{
	ipc_unclone(c);
	signal_struct_put(c->signal);
}

/* Fields of the copied task that a child does not inherit. */
static void
reset_child(struct task *c, const struct clone_args_k *a)
{
	c->pid = c->tgid = NULL;
	memset(c->links, 0, sizeof(c->links));
	/* what the parent has to do on its way out is not the child's */
	tif_clear(&c->thread, TIF_EXIT_WORK | TIF_OOM_VICTIM);
	INIT_LIST_HEAD(&c->children);
	INIT_LIST_HEAD(&c->sibling);
	INIT_LIST_HEAD(&c->ptraced);
	INIT_LIST_HEAD(&c->ptrace_entry);
	INIT_LIST_HEAD(&c->thread_link);
	INIT_LIST_HEAD(&c->task_link);
	INIT_LIST_HEAD(&c->pending.queue);
	c->pending.set = 0;
	c->real_blocked = 0;
	c->jobctl = 0;
	c->exit_state = EXIT_NONE;
	c->exit_code = 0;
	c->pdeath_signal = 0;
	c->clear_child_tid = a->flags & CLONE_CHILD_CLEARTID ?
		(vaddr_t)a->child_tid : 0;
	c->robust_list = 0;
	rseq_fork(c, a->flags & CLONE_VM);
	/* a thread must not run on its creator's alternate stack */
	if ((a->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
		c->altstack = (struct abi_stack){ .ss_flags = SS_DISABLE };
	c->vfork_done = NULL;
	c->works = NULL;
	c->start_ns = clock_mono_ns();
	c->min_flt = c->maj_flt = 0;
	c->rchar = c->wchar = c->syscr = c->syscw = 0;
	c->read_bytes = c->write_bytes = 0;
	c->flags &= ~(TASK_EXITING | TASK_VFORK | TASK_NPROC_EXCEEDED |
		      TASK_LOG_READER);
	c->flags |= TASK_FORKNOEXEC;
	c->ptrace = 0;
	c->ptracer_cred = NULL;
	c->last_siginfo = NULL;
	c->ptrace_message = 0;
	c->thread.arch.dr7 = c->thread.arch.dr7_set = 0;
	if (unlikely(tif_test(&c->thread, TIF_PTRACE_ALL | TIF_FORCED_TF)))
		tif_clear(&c->thread, TIF_PTRACE_ALL | TIF_FORCED_TF);
	c->in_execve = false;
	c->kthread = NULL;
	c->pi_held = NULL;
	c->pi_blocked = NULL;
	c->seccomp = NULL;		/* seccomp_fork() */
	c->dispatch.on = false;
	c->plug = NULL;
	c->restart_fn = NULL;
	c->link_count = 0;
}

static bool
over_nproc(void)
{
	const struct cred *c = current_cred();

	return (u64)atomic_read(&c->user->processes) >=
		rlimit_cur(RLIMIT_NPROC) && c->uid != 0 &&
		!capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

/*
 * Put the child in the tree. -EAGAIN/-EINTR when the parent is being killed:
 * then a fork must not escape it.
 */
static int
link_child(struct task *c, const struct clone_args_k *a, bool traced)
{
	struct task *p = current;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	if (a->flags & (CLONE_PARENT | CLONE_THREAD)) {
		c->real_parent = p->real_parent;
		c->exit_signal = a->flags & CLONE_THREAD ? -1 :
			p->group_leader->exit_signal;
	} else {
		/* the thread, for PR_SET_PDEATHSIG, and because the leader
		 * may have ended, and reparented, before */
		c->real_parent = p;
		c->exit_signal = a->exit_signal;
	}
	c->parent = c->real_parent;
	spin_lock(&p->sighand->lock);
	if (fatal_signal_pending(p) || signal_group_exiting(p->signal)) {
		spin_unlock(&p->sighand->lock);
		spin_unlock_irqrestore(&tasklist_lock, f);
		return -ERESTARTNOINTR;
	}
	if (unlikely(c->pid->level) && pid_ns_of(c->pid)->closed) {
		spin_unlock(&p->sighand->lock);
		spin_unlock_irqrestore(&tasklist_lock, f);
		return -ENOMEM;		/* its init has ended */
	}
	seccomp_fork(c);
	pid_attach(c, PIDTYPE_PID, c->pid);
	if (a->flags & CLONE_THREAD) {
		c->group_leader = p->group_leader;
		p->signal->nr_threads++;
		__atomic_add_fetch(&p->signal->nr_live, 1, __ATOMIC_SEQ_CST);
		list_add_tail(&c->thread_link, &p->signal->threads);
		/* a group stop that runs includes the newcomer */
		if (p->jobctl & JOBCTL_STOP_PENDING) {
			c->jobctl |= p->jobctl & (JOBCTL_STOP_PENDING |
				~0U << JOBCTL_STOPSIG_SHIFT);
			tif_set(&c->thread, TIF_SIGPENDING);
		}
	} else {
		struct signal_struct *s = c->signal;

		c->group_leader = c;
		if (unlikely(c->pid->own == 1)) {	/* the init of its own */
			s->flags |= SIGNAL_UNKILLABLE;
			WRITE_ONCE(pid_ns_of(c->pid)->reaper, c);
		}
		s->leader = c;
		s->leader_pid = c->pid;
		s->pgrp = p->signal->pgrp;
		s->session = p->signal->session;
		s->tty = p->signal->tty;
		if (s->tty)
			task_tty_ops->get(s->tty);
		list_add_tail(&c->thread_link, &s->threads);
		list_add_tail(&c->sibling, &c->real_parent->children);
		list_add_tail(&c->task_link, &all_tasks);
		pid_attach(c, PIDTYPE_TGID, c->pid);
		if (s->pgrp) {
			pid_get(s->pgrp);
			pid_attach(c, PIDTYPE_PGID, s->pgrp);
		}
		if (s->session) {
			pid_get(s->session);
			pid_attach(c, PIDTYPE_SID, s->session);
		}
	}
	if (unlikely(traced) && p->ptrace)
		ptrace_fork_child(c);
	spin_unlock(&p->sighand->lock);
	spin_unlock_irqrestore(&tasklist_lock, f);
	task_count_fork();
	return 0;
}

/* The child's number, where its parent's children are to be. */
static int
clone_pid(struct task *c, const struct clone_args_k *a)
{
	return pid_alloc(ns_to_pid(c->nsproxy->ns[NS_PID]), a->set_tid,
			 a->set_tid_size, &c->pid);
}

/*
 * A descriptor for the child, told to the user but not installed yet: fd, or
 * -errno with nothing left. *out is NULL when none is asked for.
 */
static int
clone_pidfd(struct task *c, const struct clone_args_k *a, struct file **out)
{
	int fd, err;

	*out = NULL;
	if (!(a->flags & CLONE_PIDFD))
		return 0;
	fd = fd_alloc(0, true);
	if (fd < 0)
		return fd;
	err = pidfd_create(c->pid, O_CLOEXEC, out);
	if (!err && put_user(fd, a->pidfd)) {
		file_put(*out);
		err = -EFAULT;
	}
	if (err)
		fd_free(fd);
	return err ? err : fd;
}

/* An unlinked child with everything but tree links; NULL and *err. */
static struct task *
clone_task(const struct clone_args_k *a, int *err)
{
	struct task *c;

	*err = -EAGAIN;
	if (over_nproc() || task_count() >= (u32)max_threads)
		return NULL;
	*err = -ENOMEM;
	c = task_alloc();
	if (!c)
		return NULL;
	fpu_fork(&c->thread, current_thread);
	reset_child(c, a);
	sched_fork(&c->thread, current_thread);
	*err = copy_cred(c, a->flags);
	if (*err)
		goto out_task;
	*err = copy_files(c, a->flags);
	if (*err)
		goto out_cred;
	*err = copy_fs(c, a->flags);
	if (*err)
		goto out_files;
	*err = copy_namespaces(c, a->flags);
	if (*err)
		goto out_fs;
	*err = copy_sighand(c, a->flags);
	if (*err)
		goto out_namespaces;
	*err = copy_signal(c, a->flags);
	if (*err)
		goto out_sighand;
	*err = copy_mm(c, a->flags);
	if (*err)
		goto out_signal;
	*err = clone_pid(c, a);
	if (*err)
		goto out_mm;
	c->tgid = a->flags & CLONE_THREAD ? current->tgid : c->pid;
	pid_get(c->tgid);
	atomic_inc(&c->cred->user->processes);
	return c;
out_mm:
	if (c->mm)
		mm_put_user(c->mm);
out_signal:
	uncopy_signal(c);
out_sighand:
	sighand_put(c->sighand);
out_namespaces:
	nsproxy_put(c->nsproxy);
out_fs:
	if (c->fs)
		fs_context_put(c->fs);
out_files:
	if (c->files)
		files_put(c->files);
out_cred:
	cred_put(c->cred);
out_task:
	task_alloc_failed(c);
	return NULL;
}

/* Undo clone_task() of a child that could not be linked. */
static void
unclone_task(struct task *c)
{
	atomic_dec(&c->cred->user->processes);
	pid_put(c->tgid);
	pid_put(c->pid);
	if (c->mm)
		mm_put_user(c->mm);
	uncopy_signal(c);
	sighand_put(c->sighand);
	nsproxy_put(c->nsproxy);
	if (c->fs)
		fs_context_put(c->fs);
	if (c->files)
		files_put(c->files);
	cred_put(c->cred);
	task_alloc_failed(c);
}

/*
 * vfork(2): sleep until the child has released our memory. Only SIGKILL ends
 * it early; then the child must forget the completion on our stack.
 */
static bool
wait_vfork(struct task *c, struct completion *done)
{
	unsigned long f;

	if (!completion_wait_killable(done))
		return true;
	f = spin_lock_irqsave(&tasklist_lock);
	c->vfork_done = NULL;
	spin_unlock_irqrestore(&tasklist_lock, f);
	return false;
}

/* proc_vfork_release - the memory is the parent's own again (exec, exit). */
void
proc_vfork_release(struct task *t)
{
	unsigned long f;

	if (likely(!READ_ONCE(t->vfork_done)))
		return;
	f = spin_lock_irqsave(&tasklist_lock);
	if (t->vfork_done)
		completion_done(t->vfork_done);
	t->vfork_done = NULL;
	spin_unlock_irqrestore(&tasklist_lock, f);
}

/* The PTRACE_EVENT_* current's tracer wants for this call, 0: none. */
static int
clone_event(const struct clone_args_k *a)
{
	int event = PTRACE_EVENT_FORK;

	if (likely(!current->ptrace) || (a->flags & CLONE_UNTRACED))
		return 0;
	if (a->flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if (a->exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	return ptrace_event_enabled(current, event) ? event : 0;
}

pid_t
proc_clone(const struct clone_args_k *a)
{
	struct completion vfork;
	struct pt_regs regs;
	struct file *pidfile;
	struct task *c;
	pid_t nr;
	int fd, err = clone_check(a), event;

	if (err)
		return err;
	c = clone_task(a, &err);
	if (!c)
		return err;
	fd = clone_pidfd(c, a, &pidfile);
	if (fd < 0) {
		unclone_task(c);
		return fd;
	}
	nr = pid_vnr(c->pid);
	event = clone_event(a);
	regs = *thread_regs(current_thread);
	if (unlikely(tif_test(current_thread, TIF_FORCED_TF)))
		regs.rflags &= ~RFLAGS_TF;
	if (a->stack)
		regs.rsp = a->stack;
	arch_thread_init_user(&c->thread, &regs);
	if (a->flags & CLONE_SETTLS)
		c->thread.arch.fs_base = a->tls;
	if ((a->flags & CLONE_CHILD_SETTID) && c->mm) {
		/* the child writes it itself when it first runs, if it can */
		mm_access(c->mm, (vaddr_t)a->child_tid, &c->pid->own,
			  sizeof(c->pid->own), true);
	}
	err = link_child(c, a, event || (a->flags & CLONE_PTRACE));
	if (err) {
		if (pidfile) {
			fd_free(fd);
			file_put(pidfile);
		}
		unclone_task(c);
		return err;
	}
	if (pidfile)
		fd_install(fd, pidfile);
	if (a->flags & CLONE_PARENT_SETTID)
		(void)put_user(nr, a->parent_tid);
	if (a->flags & CLONE_VFORK) {
		completion_init(&vfork);
		c->vfork_done = &vfork;
		task_get(c);
	}
	sched_wake_new(&c->thread);
	if (unlikely(event))
		ptrace_event(event, nr);
	if (a->flags & CLONE_VFORK) {
		if (wait_vfork(c, &vfork))
			ptrace_event(PTRACE_EVENT_VFORK_DONE, nr);
		task_put(c);
	}
	return nr;
}
