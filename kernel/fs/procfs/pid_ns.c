/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/ns: a link for each kind of namespace that there is, leading to
 * the namespace's file in nsfs.
 */
#include <abi/dirent.h>
#include <vfs/nsfs.h>
#include "local.h"

static int
ns_get_link(struct dentry *d, struct inode *i, const char **text,
	    void (**done)(const char *), struct path *jump)
{
	const struct ns_ops *ops = ns_ops_of(proc_i(i)->lo);
	struct task *t = proc_task_get(i);
	struct ns_common *n;
	int err;

	if (!t)
		return -EACCES;
	err = proc_may_access(t);
	n = err ? NULL : task_ns(t, ops);
	task_put(t);
	if (err)
		return err;
	return n ? nsfs_path(n, jump) : -ENOENT;
}

static const struct inode_ops ns_link_iops = {
	.get_link = ns_get_link,
	.setattr = proc_setattr,
};

static bool
is_named(const struct ns_ops *ops, const struct qstr *q)
{
	return ops && strlen(ops->name) == q->len &&
		!memcmp(ops->name, q->name, q->len);
}

static int
ns_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	struct proc_inode *pi = proc_i(dir);
	struct task *t;
	struct inode *i;
	int k = 0;

	while (k < NS_KINDS && !is_named(ns_ops_of(k), &d->name))
		k++;
	t = k < NS_KINDS ? proc_task_get(dir) : NULL;
	if (!t)
		return -ENOENT;
	i = proc_pid_inode(dir->sb, pi->pid, NULL, pi->whole, S_IFLNK | 0777,
			   proc_pid_ino(pi->pid->nr, pi->whole, PINO_NS, k));
	if (i) {
		proc_i(i)->lo = k;
		i->op = &ns_link_iops;
		proc_pid_owner(t, i->mode, &i->uid, &i->gid);
	}
	task_put(t);
	*out = i;
	return i ? 0 : -ENOMEM;
}

static int
ns_iterate(struct file *f, struct dir_context *ctx)
{
	struct proc_inode *pi = proc_i(f->inode);
	const struct ns_ops *ops;

	if (!READ_ONCE(pi->pid->tasks[PIDTYPE_PID].first))
		return -ENOENT;
	if (!dir_emit_dots(f, ctx))
		return 0;
	for (u64 k = ctx->pos - 2; k < NS_KINDS; k++) {
		ctx->pos = k + 2;
		ops = ns_ops_of(k);
		if (ops && !dir_emit(ctx, ops->name, strlen(ops->name),
				     proc_pid_ino(pi->pid->nr, pi->whole,
						  PINO_NS, k), DT_LNK))
			return 0;
		ctx->pos = k + 3;
	}
	return 0;
}

const struct inode_ops pid_ns_iops = {
	.lookup = ns_lookup,
	.setattr = proc_setattr,
};
const struct file_ops pid_ns_fops = {
	.iterate = ns_iterate,
	.llseek = proc_dir_llseek,
};
