/* SPDX-License-Identifier: MIT */
/*
 * Mounts by descriptor: open_tree(2), move_mount(2), mount_setattr(2).
 *
 * A tree that hangs nowhere yet is an anonymous namespace of its own, kept by
 * an O_PATH file at its root; when the file is closed before the tree was
 * moved to a place, all of it goes.
 */
#include <task/cred.h>
#include <vfs/mount_api.h>
#include <vfs/nsfs.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

static void
tree_release(struct file *f)
{
	mnt_ns_put(f->private);
}

static const struct file_ops tree_fops = { .release = tree_release };

/* a descriptor for m (consumed always), which is in no namespace yet */
int
mount_tree_fd(struct vfsmount *m, bool cloexec)
{
	struct path p = { m, m->root };
	struct mnt_ns *ns;
	struct file *f;
	int err = mnt_ns_create_anon(&ns);

	if (err) {
		ns_lock();
		mnt_drop_tree(m);
		ns_unlock();
		return err;
	}
	path_get(&p);
	ns_lock();
	ns->root = m;
	mnt_tree_set_ns(m, ns);
	ns_unlock();
	err = vfs_open_path(&p, O_PATH, &f);
	path_put(&p);
	if (err) {
		mnt_ns_put(ns);
		return err;
	}
	f->op = &tree_fops;
	f->private = ns;
	return fd_install_new(f, cloexec ? O_CLOEXEC : 0);
}

static u32
at_lookup(u32 flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
		(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

int
mount_open_tree(int dfd, const char *name, u32 flags)
{
	bool cloexec = flags & OPEN_TREE_CLOEXEC;
	struct vfsmount *m;
	struct path p;
	struct file *f;
	int err = path_lookup(dfd, name, at_lookup(flags), &p);

	if (err)
		return err;
	if (flags & OPEN_TREE_CLONE) {
		ns_lock();
		err = mount_bind_source(&p, flags & AT_RECURSIVE, &m);
		ns_unlock();
		path_put(&p);
		return err ? err : mount_tree_fd(m, cloexec);
	}
	err = vfs_open_path(&p, O_PATH, &f);
	path_put(&p);
	return err ? err : fd_install_new(f, cloexec ? O_CLOEXEC : 0);
}

/* -- moving -------------------------------------------------------------- */

/* to, private so far, gets the group and master that from has */
static int
set_group(const struct path *fp, const struct path *tp)
{
	struct vfsmount *from = fp->mnt, *to = tp->mnt;

	if (!mnt_is_ours(from) || !mnt_is_ours(to) ||
	    fp->dentry != from->root || tp->dentry != to->root)
		return -EINVAL;
	if (to->group || to->master || from->sb != to->sb ||
	    !d_is_ancestor(from->root, to->root) ||
	    mnt_has_locked_children(from, to->root))
		return -EINVAL;
	if (!from->group && !from->master)
		return -EINVAL;
	if (from->master) {
		to->master = from->master;
		list_add(&to->slave, &from->slave);
	}
	if (from->group) {
		to->group = from->group;
		list_add(&to->share, &from->share);
		to->flags &= ~MNT_UNBINDABLE;
	}
	return 0;
}

int
mount_move_at(int from_dfd, const char *from, int to_dfd, const char *to,
	      u32 flags)
{
	struct path fp, tp;
	int err;

	err = path_lookup(from_dfd, from,
			  (flags & MOVE_MOUNT_F_SYMLINKS ? LOOKUP_FOLLOW : 0) |
			  (flags & MOVE_MOUNT_F_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			  &fp);
	if (err)
		return err;
	err = path_lookup(to_dfd, to,
			  (flags & MOVE_MOUNT_T_SYMLINKS ? LOOKUP_FOLLOW : 0) |
			  (flags & MOVE_MOUNT_T_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			  &tp);
	if (err) {
		path_put(&fp);
		return err;
	}
	ns_lock();
	err = flags & MOVE_MOUNT_SET_GROUP ? set_group(&fp, &tp) :
		mount_move(&fp, &tp);
	ns_unlock();
	path_put(&tp);
	path_put(&fp);
	return err;
}

/* -- attributes ---------------------------------------------------------- */

static const struct { u32 attr, mnt; } attr_map[] = {
	{ MOUNT_ATTR_RDONLY, MNT_READONLY },
	{ MOUNT_ATTR_NOSUID, MNT_NOSUID },
	{ MOUNT_ATTR_NODEV, MNT_NODEV },
	{ MOUNT_ATTR_NOEXEC, MNT_NOEXEC },
	{ MOUNT_ATTR_NODIRATIME, MNT_NODIRATIME },
	{ MOUNT_ATTR_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
};

#define MNT_ATIME_MASK	(MNT_NOATIME | MNT_RELATIME | MNT_STRICTATIME)
#define ATTR_KNOWN	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | \
	MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME | \
	MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)

static int
atime_flag(u64 attr, u32 *f)
{
	switch (attr & MOUNT_ATTR__ATIME) {
	case MOUNT_ATTR_RELATIME:
		*f |= MNT_RELATIME;
		return 0;
	case MOUNT_ATTR_NOATIME:
		*f |= MNT_NOATIME;
		return 0;
	case MOUNT_ATTR_STRICTATIME:
		*f |= MNT_STRICTATIME;
		return 0;
	}
	return -EINVAL;
}

static u32
attr_flags(u64 attr)
{
	u32 f = 0;

	for (unsigned int k = 0; k < ARRAY_SIZE(attr_map); k++)
		if (attr & attr_map[k].attr)
			f |= attr_map[k].mnt;
	return f;
}

int
mount_attr_flags(u32 attrs, u32 *out)
{
	if (attrs & ~(u32)ATTR_KNOWN)
		return -EINVAL;
	*out = attr_flags(attrs);
	return atime_flag(attrs, out);
}

/* attributes to set and to clear as MNT_*; -EINVAL for what cannot be */
static int
parse_attr(const struct abi_mount_attr *a, u32 *set, u32 *clr)
{
	if (a->propagation & ~(MS_SHARED | MS_SLAVE | MS_PRIVATE |
			       MS_UNBINDABLE) ||
	    (a->propagation && !is_pow2(a->propagation)))
		return -EINVAL;
	/* no file system here can be mounted with mapped ids */
	if ((a->attr_set | a->attr_clr) & ~(u64)ATTR_KNOWN)
		return -EINVAL;
	*set = attr_flags(a->attr_set);
	*clr = attr_flags(a->attr_clr);
	if (a->attr_clr & MOUNT_ATTR__ATIME) {
		if ((a->attr_clr & MOUNT_ATTR__ATIME) != MOUNT_ATTR__ATIME)
			return -EINVAL;
		*clr |= MNT_ATIME_MASK;
		return atime_flag(a->attr_set, set);
	}
	return a->attr_set & MOUNT_ATTR__ATIME ? -EINVAL : 0;
}

/* on all of them or none */
static int
set_flags(struct vfsmount *m, bool recurse, u32 set, u32 clr)
{
	struct vfsmount *p, *bad = NULL;
	u32 before;
	int err = 0;

	/* first the only change that can fail */
	for (p = m; p && set & MNT_READONLY;
	     p = recurse ? mnt_next(p, m) : NULL) {
		before = p->flags & MNT_USER_MASK;
		p->scratch_flags &= ~SCRATCH_WAS_RO;
		if (before & MNT_READONLY)
			p->scratch_flags |= SCRATCH_WAS_RO;
		err = mnt_set_flags(p, before | MNT_READONLY);
		if (err) {
			bad = p;
			break;
		}
	}
	if (err) {
		for (p = m; p != bad; p = mnt_next(p, m))
			if (!(p->scratch_flags & SCRATCH_WAS_RO))
				WRITE_ONCE(p->flags, p->flags & ~MNT_READONLY);
		return err;
	}
	for (p = m; p; p = recurse ? mnt_next(p, m) : NULL)
		WRITE_ONCE(p->flags, (p->flags & ~clr) | set);
	return 0;
}

static int
apply_attr(struct vfsmount *m, bool recurse, const struct abi_mount_attr *a,
	   u32 set, u32 clr)
{
	int err = 0;

	if (a->propagation == MS_SHARED)
		err = mnt_groups_invent(m, recurse);
	if (err)
		return err;
	err = set_flags(m, recurse, set, clr);
	if (err) {
		mnt_groups_undo(m);
		return err;
	}
	mnt_groups_keep(m);
	for (struct vfsmount *p = m; a->propagation && p;
	     p = recurse ? mnt_next(p, m) : NULL)
		mnt_change_type(p, a->propagation);
	mnt_ns_changed(m->ns);
	return 0;
}

int
mount_set_attributes(int dfd, const char *name, u32 flags,
		     const struct abi_mount_attr *a)
{
	u32 set, clr;
	struct path p;
	int err;

	if (!a->attr_set && !a->attr_clr && !a->propagation)
		return 0;
	err = parse_attr(a, &set, &clr);
	if (err)
		return err;
	err = path_lookup(dfd, name, at_lookup(flags), &p);
	if (err)
		return err;
	ns_lock();
	if (p.dentry != p.mnt->root || !p.mnt->ns ||
	    !(mnt_is_ours(p.mnt) || mnt_ns_is_anon(p.mnt->ns)))
		err = -EINVAL;
	else
		err = apply_attr(p.mnt, flags & AT_RECURSIVE, a, set, clr);
	ns_unlock();
	path_put(&p);
	return err;
}
