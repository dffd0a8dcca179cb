/* SPDX-License-Identifier: MIT */
/*
 * unshare(2) and setns(2): a task leaves what it shares, or enters a
 * namespace that is there. All that can fail is made first, then it takes
 * effect. What each kind of namespace does is behind struct ns_ops.
 */
#include <abi/errno.h>
#include <ipc/ipc.h>
#include <mm/mm.h>
#include <proc/proc.h>
#include <task/nsproxy.h>
#include <task/task.h>
#include <vfs/file.h>
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

int
proc_unshare(u64 flags)
{
	struct fs_context *fs = current->fs, *new_fs = NULL;
	struct sem_undos *undos = NULL;
	struct nsproxy *p = NULL;
	int err;

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
	if (flags & ~(CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM |
		      CLONE_FILES | CLONE_SYSVSEM | NS_FLAGS_ALL))
		return -EINVAL;
	err = check_alone(flags);
	if (err)
		return err;
	if (flags & NS_FLAGS_ALL & ~CLONE_NEWUSER && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & CLONE_FILES) {	/* nothing is lost if the rest fails */
		err = files_unshare();
		if (err)
			return err;
	}
	err = flags & CLONE_SYSVSEM ? ipc_leave_prepare(&undos) : 0;
	if (err)
		return err;
	err = -ENOMEM;
	if (flags & CLONE_FS && refcount_read(&fs->count) > 1) {
		new_fs = fs_context_fork(fs);
		if (!new_fs)
			goto out_undos;
	}
	if (flags & NS_FLAGS_ALL) {
		err = nsproxy_copy(flags & NS_FLAGS_ALL, current->nsproxy,
				   new_fs ? new_fs : fs, &p);
		if (err)
			goto out_fs;
	}
	if (flags & CLONE_SYSVSEM)
		ipc_leave(undos, flags & CLONE_NEWIPC);
	if (new_fs)
		fs_context_put(task_swap_fs(current, new_fs));
	if (p)
		nsproxy_switch(p);
	return 0;

out_fs:
	fs_context_put(new_fs);
out_undos:
	ipc_leave_cancel(undos);
	return err;
}

int
proc_setns(struct file *f, u64 type)
{
	struct ns_common *n = dentry_ns(f->path.dentry);
	struct nsset s = { .flags = type, .fs = current->fs };
	struct sem_undos *undos = NULL;
	int err;

	if (!n || (type && type != n->ops->flag) || !n->ops->install)
		return -EINVAL;
	s.flags = n->ops->flag;
	if (s.flags == CLONE_NEWIPC) {
		err = ipc_leave_prepare(&undos);
		if (err)
			return err;
	}
	s.nsproxy = nsproxy_dup(current->nsproxy);
	err = s.nsproxy ? n->ops->install(&s, n) : -ENOMEM;
	if (err) {
		nsproxy_put(s.nsproxy);
		ipc_leave_cancel(undos);
		return err;
	}
	if (s.flags == CLONE_NEWIPC)
		ipc_leave(undos, true);
	nsproxy_switch(s.nsproxy);
	return 0;
}
