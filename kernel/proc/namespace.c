/* SPDX-License-Identifier: MIT */
/*
 * unshare(2) and setns(2): a task leaves what it shares, or enters a
 * namespace that is there. All that can fail is made first, then it takes
 * effect. What each kind of namespace does is behind struct ns_ops.
 */
#include <abi/errno.h>
#include <ipc/ipc.h>
#include <mm/mm.h>
#include <proc/local.h>
#include <proc/pidfd.h>
#include <proc/proc.h>
#include <task/nsproxy.h>
#include <task/ptrace.h>
#include <task/task.h>
#include <task/user_ns.h>
#include <vfs/file.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include <vfs/nsfs.h>

/* alone in its thread group, and nobody else has its memory */
static int
check_alone(u64 flags)
{
	struct task *t = current;

	if (flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) &&
	    READ_ONCE(t->signal->nr_threads) > 1)
		return -EINVAL;
	if (flags & (CLONE_SIGHAND | CLONE_VM) &&
	    refcount_read(&t->sighand->count) > 1)
		return -EINVAL;
	if (flags & CLONE_VM && t->mm && refcount_read(&t->mm->users) > 1)
		return -EINVAL;
	return 0;
}

static u64
unshare_flags(u64 flags)
{
	if (flags & CLONE_NEWUSER)
		flags |= CLONE_THREAD | CLONE_FS;
	if (flags & CLONE_VM)
		flags |= CLONE_SIGHAND;
	if (flags & CLONE_SIGHAND)
		flags |= CLONE_THREAD;
	if (flags & CLONE_NEWNS)
		flags |= CLONE_FS;
	if (flags & CLONE_NEWIPC)
		flags |= CLONE_SYSVSEM;
	return flags;
}

int
new_user_ns(struct cred **out)
{
	struct cred *c;
	int err;

	/* it would be a way out of what the root hides */
	if (current_chrooted())
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	err = user_ns_create(c);
	if (err)
		cred_abort(c);
	else
		*out = c;
	return err;
}

/* what unshare(2) makes before any of it takes effect */
struct unshared {
	struct fs_context *fs;
	struct cred *cred;
	struct nsproxy *nsproxy;
	struct sem_undos *undos;
};

static int
unshare_prepare(u64 flags, struct unshared *n)
{
	struct fs_context *fs = current->fs;
	struct user_ns *owner;
	u64 kinds = flags & NS_FLAGS_ALL & ~CLONE_NEWUSER;
	int err;

	if (flags & CLONE_FS && refcount_read(&fs->count) > 1) {
		n->fs = fs_context_fork(fs);
		if (!n->fs)
			return -ENOMEM;
	}
	if (flags & CLONE_FILES) {	/* nothing is lost if the rest fails */
		err = files_unshare();
		if (err)
			return err;
	}
	if (flags & CLONE_SYSVSEM) {
		err = ipc_leave_prepare(&n->undos);
		if (err)
			return err;
	}
	if (flags & CLONE_NEWUSER) {
		err = new_user_ns(&n->cred);
		if (err)
			return err;
	}
	if (!kinds)
		return 0;
	owner = n->cred ? n->cred->user_ns : current_user_ns();
	if (!ns_capable(owner, CAP_SYS_ADMIN))
		return -EPERM;
	return nsproxy_copy(kinds, current->nsproxy, owner,
			    n->fs ? n->fs : fs, &n->nsproxy);
}

int
proc_unshare(u64 flags)
{
	struct unshared n = { NULL };
	int err;

	flags = unshare_flags(flags);
	if (flags & ~(CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM |
		      CLONE_FILES | CLONE_SYSVSEM | NS_FLAGS_ALL))
		return -EINVAL;
	err = check_alone(flags);
	if (!err)
		err = unshare_prepare(flags, &n);
	if (err) {
		fs_context_put(n.fs);
		ipc_leave_cancel(n.undos);
		if (n.cred)
			cred_abort(n.cred);
		return err;
	}
	if (flags & CLONE_SYSVSEM)
		ipc_leave(n.undos, flags & CLONE_NEWIPC);
	if (n.fs)
		fs_context_put(task_swap_fs(current, n.fs));
	if (n.nsproxy)
		nsproxy_switch(n.nsproxy);
	if (n.cred)
		cred_commit(n.cred);
	return 0;
}

/* ---- setns(2) ---- */

static int
nsset_prepare(struct nsset *s, u64 flags)
{
	s->flags = flags;
	s->fs = current->fs;
	s->alone = READ_ONCE(current->signal->nr_threads) == 1 &&
		refcount_read(&current->fs->count) == 1;
	s->nsproxy = nsproxy_dup(current->nsproxy);
	if (!s->nsproxy)
		return -ENOMEM;
	if (flags & CLONE_NEWUSER) {
		s->cred = cred_prepare();
		if (!s->cred)
			return -ENOMEM;
	}
	return flags & CLONE_NEWIPC ? ipc_leave_prepare(&s->undos) : 0;
}

static void
nsset_abort(struct nsset *s)
{
	nsproxy_put(s->nsproxy);
	ipc_leave_cancel(s->undos);
	if (s->cred)
		cred_abort(s->cred);
}

static void
nsset_commit(struct nsset *s)
{
	if (s->flags & CLONE_NEWIPC)
		ipc_leave(s->undos, true);
	nsproxy_switch(s->nsproxy);
	if (s->cred)
		cred_commit(s->cred);
}

/* all that flags name, of t's; the user's first, the mounts' last */
static int
install_of_task(struct nsset *s, struct task *t)
{
	const struct ns_ops *ops;
	struct ns_common *n;
	int err = 0;

	for (int k = 0; k < NS_KINDS && !err; k++) {
		ops = ns_ops_of(k);
		if (!ops || !(s->flags & ops->flag))
			continue;
		n = task_ns(t, ops);
		if (!n)
			return -ESRCH;
		err = ops->install(s, n);
		ns_put(n);
	}
	return err;
}

static u64
known_kinds(void)
{
	u64 flags = 0;

	for (int k = 0; k < NS_KINDS; k++)
		if (ns_ops_of(k))
			flags |= ns_ops_of(k)->flag;
	return flags;
}

int
proc_setns_pid(struct pid *p, u64 flags)
{
	struct nsset s = { 0 };
	struct task *t;
	int err;

	if (!flags || flags & ~known_kinds())
		return -EINVAL;
	t = pid_leader(p);
	if (!t)
		return -ESRCH;
	err = ptrace_may_access(t, PTRACE_MODE_READ |
				PTRACE_MODE_FSCREDS);
	if (!err)
		err = nsset_prepare(&s, flags);
	if (!err)
		err = install_of_task(&s, t);
	task_put(t);
	if (err)
		nsset_abort(&s);
	else
		nsset_commit(&s);
	return err;
}

int
proc_setns(struct file *f, u64 type)
{
	struct ns_common *n = dentry_ns(f->path.dentry);
	struct nsset s = { 0 };
	int err;

	if (!n || (type && type != n->ops->flag) || !n->ops->install)
		return -EINVAL;
	err = nsset_prepare(&s, n->ops->flag);
	if (!err)
		err = n->ops->install(&s, n);
	if (err)
		nsset_abort(&s);
	else
		nsset_commit(&s);
	return err;
}
