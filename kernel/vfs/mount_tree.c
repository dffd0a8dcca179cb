/* SPDX-License-Identifier: MIT */
/*
 * Trees of mounts: copying them, grafting one onto a place and wherever that
 * propagates to, taking one out.
 *
 * A tree that is being made hangs together but belongs to no namespace
 * (vfsmount.ns NULL), so mount_show() and the checks of mount_ops.c do not see
 * it. mnt_graft() first makes every copy that propagation asks for, counts
 * what each namespace would then have (fs.mount-max), and only then attaches,
 * which cannot fail. mnt_umount_tree() collects first, too: the tree, what
 * propagation adds, then takes all out and puts the references at the end.
 *
 * Locks: ns_mutex held by all.
 */
#include <task/cred.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

int sysctl_mount_max = 100000;

/* -- copies -------------------------------------------------------------- */

/* m's copy becomes a peer, a slave or neither: mount_namespaces(7) */
static int
clone_propagation(struct vfsmount *n, struct vfsmount *m, u32 cl)
{
	bool slave = cl & CL_SLAVE || (cl & CL_SHARED_TO_SLAVE && m->group);

	if (cl & CL_PRIVATE)
		return 0;
	if (slave && m->group) {
		n->master = m;
		list_add(&n->slave, &m->slaves);
	} else {
		if (m->group && !slave) {
			n->group = m->group;
			list_add(&n->share, &m->share);
		}
		if (m->master) {
			n->master = m->master;
			list_add(&n->slave, &m->slave);
		}
	}
	if (cl & CL_SHARED && !n->group)
		return mnt_group_alloc(n);
	return 0;
}

int
mnt_clone(struct vfsmount *m, struct dentry *root, u32 cl,
	  struct vfsmount **out)
{
	struct vfsmount *n = mnt_new(m->sb, root, m->source,
				     m->flags & (MNT_USER_MASK | MNT_UNBINDABLE |
						 MNT_LOCK_MASK));
	int err;

	if (!n)
		return -ENOMEM;
	err = clone_propagation(n, m, cl);
	if (err) {
		mnt_drop_tree(n);
		return err;
	}
	if (n->group)
		n->flags &= ~MNT_UNBINDABLE;
	*out = n;
	return 0;
}

int
mnt_private_clone(const struct path *p, struct vfsmount **out)
{
	int err;

	ns_lock();
	err = mnt_clone(p->mnt, p->dentry, CL_PRIVATE, out);
	if (!err)
		(*out)->flags = MNT_INTERNAL | MNT_NOATIME;
	ns_unlock();
	return err;
}

void
mnt_drop_tree(struct vfsmount *top)
{
	struct vfsmount *m = top, *next;

	for (;;) {
		while (!list_empty(&m->children))
			m = list_first_entry(&m->children, struct vfsmount,
					     child);
		next = m == top ? NULL : m->parent;
		mnt_change_type(m, MS_PRIVATE);
		mnt_unhang(m);
		mnt_put_later(m);
		if (!next)
			return;
		m = next;
	}
}

static bool
is_nsfile(const struct vfsmount *m)
{
	return dentry_mnt_ns(m->root);
}

static bool
copied(const struct vfsmount *c, u32 cl)
{
	if (c->flags & MNT_UNBINDABLE && !(cl & CL_UNBINDABLE))
		return false;
	return cl & CL_NSFILES || !is_nsfile(c);
}

/*
 * mnt_copy_tree - m from root on and all below it that the flags let through.
 * A locked mount cannot be left out: -EPERM.
 */
int
mnt_copy_tree(struct vfsmount *m, struct dentry *root, u32 cl,
	      struct vfsmount **out)
{
	struct vfsmount *top, *src, *dst, *c, *n;
	bool skip;
	int err;

	if (!(cl & CL_UNBINDABLE) && m->flags & MNT_UNBINDABLE)
		return -EINVAL;
	err = mnt_clone(m, root, cl, &top);
	if (err)
		return err;
	m->copy = top;		/* children find their copied parent so */
	for (c = mnt_next(m, m); c;) {
		src = c->parent;
		skip = src == m && !d_is_ancestor(root, c->mountpoint);
		if (skip || !copied(c, cl)) {
			err = -EPERM;
			if (!skip && c->flags & MNT_LOCKED)
				goto fail;
			c = mnt_skip(c, m);
			continue;
		}
		dst = src->copy;
		err = mnt_clone(c, c->root, cl, &n);
		if (err)
			goto fail;
		n->flags |= c->flags & MNT_LOCKED;
		mnt_hang(n, dst, c->mountpoint);
		c->copy = n;
		c = mnt_next(c, m);
	}
	for (c = m; c; c = mnt_next(c, m))
		c->copy = NULL;
	*out = top;
	return 0;
fail:
	for (c = m; c; c = mnt_next(c, m))
		c->copy = NULL;
	mnt_drop_tree(top);
	return err;
}

/* -- what a tree has ----------------------------------------------------- */

u32
mnt_count_tree(struct vfsmount *m)
{
	u32 n = 0;

	for (struct vfsmount *p = m; p; p = mnt_next(p, m))
		n++;
	return n;
}

/* what was mounted by somebody mightier is not to be uncovered */
void
mnt_lock_tree(struct vfsmount *m)
{
	static const struct { u32 flag, lock; } map[] = {
		{ MNT_READONLY, MNT_LOCK_READONLY },
		{ MNT_NODEV, MNT_LOCK_NODEV },
		{ MNT_NOSUID, MNT_LOCK_NOSUID },
		{ MNT_NOEXEC, MNT_LOCK_NOEXEC },
	};

	for (struct vfsmount *p = m; p; p = mnt_next(p, m)) {
		p->flags |= MNT_LOCK_ATIME;
		for (unsigned int i = 0; i < ARRAY_SIZE(map); i++)
			if (p->flags & map[i].flag)
				p->flags |= map[i].lock;
		if (p != m)
			p->flags |= MNT_LOCKED;
	}
}

bool
mnt_has_locked_children(struct vfsmount *m, struct dentry *root)
{
	struct vfsmount *c;

	list_for_each_entry(c, &m->children, child)
		if (c->flags & MNT_LOCKED && d_is_ancestor(root, c->mountpoint))
			return true;
	return false;
}

bool
mnt_tree_has_unbindable(struct vfsmount *m)
{
	for (struct vfsmount *p = m; p; p = mnt_next(p, m))
		if (p->flags & MNT_UNBINDABLE)
			return true;
	return false;
}

bool
mnt_tree_has_nsfile(struct vfsmount *m)
{
	for (struct vfsmount *p = m; p; p = mnt_next(p, m))
		if (is_nsfile(p) && mnt_ns_loop(p->root))
			return true;
	return false;
}

/* -- putting in ---------------------------------------------------------- */

static int
count_for(struct mnt_ns *ns, struct vfsmount *tree)
{
	u32 n = mnt_count_tree(tree);

	if (ns->nr_mounts + ns->pending + n >
	    (u32)READ_ONCE(sysctl_mount_max))
		return -ENOSPC;
	ns->pending += n;
	return 0;
}

/*
 * c hangs where it is meant to; what was on that place before goes on top of
 * it, as if c had been there first.
 */
static void
attach_copy(struct vfsmount *c, struct vfsmount *parent, struct dentry *at)
{
	struct vfsmount *over = mnt_child_at(parent, at), *top, *up;

	if (over)
		mnt_get(over);
	if (over)
		mnt_unhang(over);
	mnt_hang(c, parent, at);
	mnt_tree_set_ns(c, parent->ns);
	if (!over)
		return;
	for (top = c; (up = mnt_child_at(top, top->root)); top = up)
		;
	if (over->flags & MNT_LOCKED) {	/* c covers now what over did */
		c->flags |= MNT_LOCKED;
		over->flags &= ~MNT_LOCKED;
	}
	mnt_hang(over, top, top->root);
	mnt_put(over);
}

static void
drop_copies(struct list_head *copies)
{
	struct vfsmount *c;

	while (!list_empty(copies)) {
		c = list_first_entry(copies, struct vfsmount, scratch);
		list_del_init(&c->scratch);
		mnt_drop_tree(c);
	}
}

int
mnt_graft(struct vfsmount *m, struct vfsmount *parent, struct dentry *at)
{
	struct mnt_ns *from = m->ns, *ns;
	struct vfsmount *c;
	LIST_HEAD(copies);
	int err = 0;

	if (parent->group) {
		err = mnt_groups_invent(m, true);
		if (!err)
			err = propagate_mount(m, parent, at, &copies);
		if (err)
			goto fail;
	}
	if (from != parent->ns)
		err = count_for(parent->ns, m);
	list_for_each_entry(c, &copies, scratch)
		if (!err)
			err = count_for(c->to->ns, c);
	parent->ns->pending = 0;
	list_for_each_entry(c, &copies, scratch)
		c->to->ns->pending = 0;
	if (err)
		goto fail;
	mnt_groups_keep(m);
	mnt_unhang(m);
	if (from && from != parent->ns)
		mnt_tree_set_ns(m, NULL);
	if (from && from->root == m)
		from->root = NULL;
	attach_copy(m, parent, at);
	mnt_ns_changed(parent->ns);
	while (!list_empty(&copies)) {
		c = list_first_entry(&copies, struct vfsmount, scratch);
		list_del_init(&c->scratch);
		ns = c->to->ns;
		if (ns->ns.owner != current_user_ns())
			mnt_lock_tree(c);
		attach_copy(c, c->to, at);
		c->to = NULL;
		mnt_ns_changed(ns);
	}
	return 0;
fail:
	drop_copies(&copies);
	mnt_groups_undo(m);
	return err;
}

/* -- taking out ---------------------------------------------------------- */

void
mnt_umount_tree(struct vfsmount *top, int how)
{
	struct vfsmount *m;
	struct mnt_ns *ns;
	LIST_HEAD(gone);

	for (m = top; m; m = mnt_next(m, top))
		list_add_tail(&m->scratch, &gone);
	if (how & UMOUNT_PROPAGATE)
		propagate_umount(&gone);
	list_for_each_entry(m, &gone, scratch) {
		ns = m->ns;
		if (ns) {
			if (ns->root == m)
				ns->root = NULL;
			mnt_set_ns(m, NULL);
			mnt_ns_changed(ns);
		}
	}
	while (!list_empty(&gone)) {	/* children before parents */
		m = list_last_entry(&gone, struct vfsmount, scratch);
		list_del_init(&m->scratch);
		mnt_change_type(m, MS_PRIVATE);
		m->flags &= ~MNT_LOCKED;
		mnt_unhang(m);
		mnt_put_later(m);
	}
}
