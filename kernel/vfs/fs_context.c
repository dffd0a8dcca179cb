/* SPDX-License-Identifier: MIT */
/*
 * Root, current directory and umask of a task, shared by CLONE_FS.
 *
 * Writers hold fs->lock (rank files) and raise fs->seq; path walk reads root
 * and cwd under RCU with the sequence count and takes references only if it
 * must. Paths that are replaced are put after the lock is released.
 */
#include <core/assert.h>
#include "internal.h"
#include "mount.h"

static struct fs_context *
fs_context_alloc(void)
{
	struct fs_context *f = kmalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	refcount_set(&f->count, 1);
	spin_init(&f->lock, RANK_FILES);
	f->seq.seq = 0;
	f->root = (struct path){ NULL, NULL };
	f->cwd = f->root;
	f->umask = S_IWGRP | S_IWOTH;
	return f;
}

/* of the first task: the root mount if there is one already */
struct fs_context *
fs_context_create(void)
{
	struct fs_context *f = fs_context_alloc();
	struct vfsmount *m = init_mnt_ns.root;

	if (f && m) {
		f->root = (struct path){ m, m->root };
		f->cwd = f->root;
		path_get(&f->root);
		path_get(&f->cwd);
	}
	return f;
}

struct fs_context *
fs_context_fork(struct fs_context *old)
{
	struct fs_context *f = fs_context_alloc();

	if (!f)
		return NULL;
	spin_lock(&old->lock);
	f->root = old->root;
	f->cwd = old->cwd;
	f->umask = old->umask;
	if (f->root.mnt)
		path_get(&f->root);
	if (f->cwd.mnt)
		path_get(&f->cwd);
	spin_unlock(&old->lock);
	return f;
}

void
fs_context_get(struct fs_context *f)
{
	refcount_get(&f->count);
}

void
fs_context_put(struct fs_context *f)
{
	struct path root, cwd;

	if (!f || !refcount_put(&f->count))
		return;
	spin_lock(&f->lock);		/* fs_contexts_move() may look at us */
	root = f->root;
	cwd = f->cwd;
	f->root.mnt = NULL;
	f->cwd.mnt = NULL;
	spin_unlock(&f->lock);
	if (root.mnt)
		path_put(&root);
	if (cwd.mnt)
		path_put(&cwd);
	kfree_rcu(f, &f->rcu);
}

/* t may be another task, exiting at this moment */
struct fs_context *
fs_context_of(struct task *t)
{
	struct fs_context *f;

	rcu_read_lock();
	f = READ_ONCE(t->fs);
	if (f && !refcount_get_live(&f->count))
		f = NULL;
	rcu_read_unlock();
	return f;
}

int
fs_context_unshare(void)
{
	struct fs_context *old = current->fs, *f;

	if (refcount_read(&old->count) == 1)
		return 0;
	f = fs_context_fork(old);
	if (!f)
		return -ENOMEM;
	task_swap_fs(current, f);
	fs_context_put(old);
	return 0;
}

void
fs_context_root(struct fs_context *f, struct path *out)
{
	spin_lock(&f->lock);
	*out = f->root;
	path_get(out);
	spin_unlock(&f->lock);
}

void
fs_context_cwd(struct fs_context *f, struct path *out)
{
	spin_lock(&f->lock);
	*out = f->cwd;
	path_get(out);
	spin_unlock(&f->lock);
}

static void
set_one(struct fs_context *f, struct path *which, const struct path *p)
{
	struct path old;

	path_get(p);
	spin_lock(&f->lock);
	seq_write_begin(&f->seq);
	old = *which;
	*which = *p;
	seq_write_end(&f->seq);
	spin_unlock(&f->lock);
	if (old.mnt)
		path_put(&old);
}

void
fs_context_set_root(struct fs_context *f, const struct path *p)
{
	set_one(f, &f->root, p);
}

void
fs_context_set_cwd(struct fs_context *f, const struct path *p)
{
	set_one(f, &f->cwd, p);
}

int
vfs_chroot_current(const struct path *p)
{
	fs_context_set_root(current->fs, p);
	return 0;
}

static unsigned int
replace(struct path *which, const struct path *old, const struct path *new)
{
	if (which->mnt != old->mnt || which->dentry != old->dentry)
		return 0;
	*which = *new;
	path_get(new);
	return 1;
}

static unsigned int
replace_in(struct fs_context *f, const struct path *old,
	   const struct path *new)
{
	unsigned int n;

	spin_lock(&f->lock);
	seq_write_begin(&f->seq);
	n = replace(&f->root, old, new) + replace(&f->cwd, old, new);
	seq_write_end(&f->seq);
	spin_unlock(&f->lock);
	return n;
}

void
fs_contexts_move(const struct path *old, const struct path *new)
{
	unsigned long flags = spin_lock_irqsave(&tasklist_lock);
	unsigned int n = 0;
	struct task *leader, *t;

	list_for_each_entry(leader, &all_tasks, task_link)
		list_for_each_entry(t, &leader->signal->threads, thread_link) {
			struct fs_context *f = READ_ONCE(t->fs);

			if (f)
				n += replace_in(f, old, new);
		}
	spin_unlock_irqrestore(&tasklist_lock, flags);
	while (n--)
		path_put(old);
}
