/* SPDX-License-Identifier: MIT */
/*
 * mount(2), umount2(2), pivot_root(2): checks and the order of steps; the tree
 * itself is mount.c.
 *
 * All hold ns_mutex while they look and change. The mount point's inode lock
 * is taken around attaching, so that a directory being removed cannot become
 * one. MS_SHARED and MS_SLAVE give EINVAL: there is one namespace, and no
 * propagation is better than one that does nothing.
 */
#include <task/cred.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

static u32
mnt_flags_of(unsigned long ms)
{
	static const struct { u32 ms, mnt; } map[] = {
		{ MS_NOSUID, MNT_NOSUID }, { MS_NODEV, MNT_NODEV },
		{ MS_NOEXEC, MNT_NOEXEC }, { MS_NOATIME, MNT_NOATIME },
		{ MS_NODIRATIME, MNT_NODIRATIME },
		{ MS_RDONLY, MNT_READONLY },
		{ MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	u32 f = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(map); i++)
		if (ms & map[i].ms)
			f |= map[i].mnt;
	if (ms & MS_STRICTATIME)
		f = (f & ~MNT_NOATIME) | MNT_STRICTATIME;
	else if (!(f & MNT_NOATIME))
		f |= MNT_RELATIME;
	return f;
}

#define MS_SB_MASK	(MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | \
	MS_DIRSYNC | MS_SILENT | MS_POSIXACL | MS_LAZYTIME)

/* lock p's directory and see that it can carry a mount */
static int
mountpoint_lock(struct path *p)
{
	struct inode *i = p->dentry->inode;

	rwsem_write_lock(&i->rwsem);
	if (i->flags & S_DEAD_F || (p->dentry->flags & D_UNHASHED &&
				    p->dentry->parent != p->dentry)) {
		rwsem_write_unlock(&i->rwsem);
		return -ENOENT;
	}
	return 0;
}

static int
attach_checked(struct vfsmount *m, struct path *p)
{
	struct inode *at;
	int err;

	path_follow_mounts(p);		/* someone may have been quicker */
	if (!mnt_is_attached(p->mnt))
		return -EINVAL;
	if (S_ISDIR(m->root->inode->mode) != S_ISDIR(p->dentry->inode->mode))
		return -ENOTDIR;
	err = mountpoint_lock(p);
	if (err)
		return err;
	at = p->dentry->inode;
	mnt_attach(m, p->mnt, p->dentry);
	rwsem_write_unlock(&at->rwsem);
	mnt_changed();
	return 0;
}

static int
do_new_mount(struct path *p, const char *source, const char *fstype,
	     unsigned long flags, const char *data)
{
	const struct fs_type *t;
	struct super_block *sb;
	struct vfsmount *m;
	int err;

	if (!fstype)
		return -EINVAL;
	t = fs_type_find(fstype);
	if (!t)
		return -ENODEV;
	err = t->mount(t, flags & MS_SB_MASK, source, data, &sb);
	if (err)
		return err;
	m = mnt_new(sb, sb->root, source, mnt_flags_of(flags));
	super_put(sb);
	if (!m)
		return -ENOMEM;
	mutex_lock(&ns_mutex);
	path_follow_mounts(p);
	if (p->mnt->sb == sb && p->mnt->root == p->dentry &&
	    m->root == p->dentry)
		err = -EBUSY;		/* the same on the same place */
	else if (S_ISLNK(m->root->inode->mode))
		err = -EINVAL;
	else
		err = attach_checked(m, p);
	mutex_unlock(&ns_mutex);
	if (err)
		mnt_put(m);
	return err;
}

static struct vfsmount *
clone_one(struct vfsmount *m, struct dentry *root)
{
	return mnt_new(m->sb, root, m->source,
		       m->flags & (MNT_USER_MASK | MNT_LOCKED));
}

/* the mount at p and all below it that can be bound; not attached yet */
static int
clone_tree(struct vfsmount *m, struct dentry *root, struct vfsmount **out)
{
	struct vfsmount *top = clone_one(m, root), *src, *dst, *c;

	if (!top)
		return -ENOMEM;
	/* walk the source tree; dst shadows src */
	src = m;
	dst = top;
	c = list_empty(&src->children) ? NULL :
		list_first_entry(&src->children, struct vfsmount, child);
	for (;;) {
		if (!c) {
			struct vfsmount *up = src;

			if (src == m)
				break;
			src = src->parent;
			dst = dst->parent;
			c = list_is_last(&up->child, &src->children) ? NULL :
				list_next_entry(up, child);
			continue;
		}
		if (c->flags & MNT_UNBINDABLE ||
		    (src == m && !d_is_ancestor(root, c->mountpoint))) {
			c = list_is_last(&c->child, &src->children) ? NULL :
				list_next_entry(c, child);
			continue;
		}
		struct vfsmount *n = clone_one(c, c->root);

		if (!n) {
			mnt_detach_tree(top);
			return -ENOMEM;
		}
		mnt_attach(n, dst, c->mountpoint);
		src = c;
		dst = n;
		c = list_empty(&src->children) ? NULL :
			list_first_entry(&src->children, struct vfsmount,
					 child);
	}
	*out = top;
	return 0;
}

static int
do_bind(struct path *to, const char *source, bool recursive)
{
	struct vfsmount *m;
	struct path from;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	mutex_lock(&ns_mutex);
	err = -EINVAL;
	if (!mnt_is_attached(from.mnt) || from.mnt->flags & MNT_UNBINDABLE)
		goto out;
	err = -ENOMEM;
	if (recursive) {
		err = clone_tree(from.mnt, from.dentry, &m);
	} else {
		m = clone_one(from.mnt, from.dentry);
		err = m ? 0 : -ENOMEM;
	}
	if (err)
		goto out;
	err = attach_checked(m, to);
	if (err)
		mnt_detach_tree(m);
out:
	mutex_unlock(&ns_mutex);
	path_put(&from);
	return err;
}

/* read-only needs that nobody writes; see mount.c's head */
static int
make_readonly(struct vfsmount *only, struct super_block *sb)
{
	struct vfsmount *m;
	s32 writers = 0;

	smp_mb();
	list_for_each_entry(m, &ns_mounts, ns_link)
		if (only ? m == only : m->sb == sb)
			writers += atomic_read(&m->writers);
	return writers > 0 ? -EBUSY : 0;
}

static int
set_mnt_flags(struct vfsmount *m, u32 f)
{
	u32 old = m->flags;
	int err;

	WRITE_ONCE(m->flags, (old & ~MNT_USER_MASK) | f);
	if (f & MNT_READONLY && !(old & MNT_READONLY)) {
		err = make_readonly(m, NULL);
		if (err) {
			WRITE_ONCE(m->flags, old);
			return err;
		}
	}
	return 0;
}

/* atime settings stay as they are unless some are given: mount(2) */
static u32
remount_flags(struct vfsmount *m, unsigned long flags)
{
	u32 f = mnt_flags_of(flags);
	u32 atime = MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME |
		MNT_STRICTATIME;

	if (!(flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME |
		       MS_STRICTATIME)))
		f = (f & ~atime) | (m->flags & atime);
	return f;
}

static int
do_remount(struct path *p, unsigned long flags, const char *data)
{
	struct super_block *sb = p->mnt->sb;
	u64 old = sb->flags;
	u32 f;
	int err;

	if (p->dentry != p->mnt->root)
		return -EINVAL;
	mutex_lock(&ns_mutex);
	err = -EINVAL;
	if (!mnt_is_attached(p->mnt))
		goto out;
	if (flags & MS_BIND) {
		err = set_mnt_flags(p->mnt, remount_flags(p->mnt, flags));
		goto out_changed;
	}
	f = (old & ~MS_SB_MASK & U32_MAX) | (flags & MS_SB_MASK);
	if (f & SB_RDONLY && !(old & SB_RDONLY)) {
		WRITE_ONCE(sb->flags, old | SB_RDONLY);
		err = make_readonly(NULL, sb);
		if (err) {
			WRITE_ONCE(sb->flags, old);
			goto out;
		}
		(void)super_sync(sb, true);
	}
	err = sb->ops->remount ? sb->ops->remount(sb, &f, data) : 0;
	if (err) {
		WRITE_ONCE(sb->flags, old);
		goto out;
	}
	WRITE_ONCE(sb->flags, (old & ~(u64)U32_MAX) | f);
	err = set_mnt_flags(p->mnt, remount_flags(p->mnt, flags));
out_changed:
	if (!err)
		mnt_changed();
out:
	mutex_unlock(&ns_mutex);
	return err;
}

static int
do_move(struct path *to, const char *source)
{
	struct path from;
	struct vfsmount *m;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	m = from.mnt;
	mutex_lock(&ns_mutex);
	path_follow_mounts(to);
	err = -EINVAL;
	if (!mnt_is_attached(m) || !mnt_is_attached(to->mnt) ||
	    from.dentry != m->root || m->parent == m ||
	    m->flags & MNT_LOCKED)
		goto out;
	if (S_ISDIR(m->root->inode->mode) != S_ISDIR(to->dentry->inode->mode))
		goto out;
	err = -ELOOP;
	for (struct vfsmount *u = to->mnt;; u = u->parent) {
		if (u == m)
			goto out;	/* onto something below itself */
		if (u->parent == u)
			break;
	}
	err = mountpoint_lock(to);
	if (err)
		goto out;
	mnt_unhang(m, true);
	mnt_attach(m, to->mnt, to->dentry);
	rwsem_write_unlock(&to->dentry->inode->rwsem);
	mnt_changed();
out:
	mutex_unlock(&ns_mutex);
	path_put(&from);
	return err;
}

static int
do_change_type(struct path *p, unsigned long flags)
{
	unsigned long type = flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE |
				      MS_UNBINDABLE);
	struct vfsmount *m = p->mnt;

	if (flags & ~(type | MS_REC | MS_SILENT) || !is_pow2(type))
		return -EINVAL;
	if (p->dentry != m->root || type == MS_SHARED || type == MS_SLAVE)
		return -EINVAL;
	mutex_lock(&ns_mutex);
	for (struct vfsmount *c = m;;) {
		if (type == MS_UNBINDABLE)
			c->flags |= MNT_UNBINDABLE;
		else
			c->flags &= ~MNT_UNBINDABLE;
		if (!(flags & MS_REC))
			break;
		if (!list_empty(&c->children)) {
			c = list_first_entry(&c->children, struct vfsmount,
					     child);
			continue;
		}
		while (c != m && list_is_last(&c->child, &c->parent->children))
			c = c->parent;
		if (c == m)
			break;
		c = list_next_entry(c, child);
	}
	mutex_unlock(&ns_mutex);
	return 0;
}

int
vfs_mount(const char *source, const char *target, const char *fstype,
	  unsigned long flags, const char *data)
{
	struct path p;
	int err;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~MS_MGC_MSK;
	if (flags & MS_KERNMOUNT)
		return -EINVAL;
	err = path_lookup(AT_FDCWD, target, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	if (!capable(CAP_SYS_ADMIN))
		err = -EPERM;
	else if (flags & MS_REMOUNT)
		err = do_remount(&p, flags, data);
	else if (flags & MS_BIND)
		err = do_bind(&p, source, flags & MS_REC);
	else if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		err = do_change_type(&p, flags);
	else if (flags & MS_MOVE)
		err = do_move(&p, source);
	else
		err = do_new_mount(&p, source, fstype, flags, data);
	path_put(&p);
	return err;
}

static int
do_umount(struct path *p, int flags)
{
	struct vfsmount *m = p->mnt;
	struct path root;
	bool is_root;
	int err = 0;

	fs_context_root(current->fs, &root);
	is_root = m == root.mnt;
	path_put(&root);
	if (flags & MNT_EXPIRE &&
	    (is_root || flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	if (is_root && !(flags & MNT_DETACH))
		return m->sb->flags & SB_RDONLY ? 0 :
			do_remount(p, MS_RDONLY | MS_REMOUNT, NULL);
	mutex_lock(&ns_mutex);
	if (!mnt_is_attached(m) || m == ns_root || m->flags & MNT_LOCKED) {
		err = -EINVAL;
		goto out;
	}
	if (!(flags & MNT_DETACH)) {
		/* the tree's reference and the caller's */
		if (!list_empty(&m->children) || atomic_read(&m->count) > 2) {
			err = -EBUSY;
			goto out;
		}
		if (flags & MNT_EXPIRE && !(m->flags & MNT_EXPIRED)) {
			m->flags |= MNT_EXPIRED;
			err = -EAGAIN;
			goto out;
		}
		/* from here walkers find mount_seq changed; look again */
		mnt_get(m);
		mnt_unhang(m, false);
		mnt_put(m);
		mnt_put(m);
		mnt_changed();
	} else {
		mnt_detach_tree(m);
	}
out:
	mutex_unlock(&ns_mutex);
	return err;
}

int
vfs_umount(const char *target, int flags)
{
	struct path p;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = path_lookup(AT_FDCWD, target,
			  flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	if (!capable(CAP_SYS_ADMIN))
		err = -EPERM;
	else if (p.dentry != p.mnt->root)
		err = -EINVAL;
	else
		err = do_umount(&p, flags);
	path_put(&p);
	return err;
}

int
vfs_pivot_root(const char *new_root, const char *put_old)
{
	struct path new, old, root, top;
	struct vfsmount *root_parent;
	struct dentry *root_at;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = path_lookup(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY,
			  &new);
	if (err)
		return err;
	err = path_lookup(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY,
			  &old);
	if (err)
		goto out_new;
	fs_context_root(current->fs, &root);
	mutex_lock(&ns_mutex);
	path_follow_mounts(&old);
	err = -EINVAL;
	if (!mnt_is_attached(root.mnt) || !mnt_is_attached(new.mnt) ||
	    !mnt_is_attached(old.mnt) || new.mnt->flags & MNT_LOCKED)
		goto out;
	err = -ENOENT;
	if (new.dentry->flags & D_UNHASHED && new.dentry->parent != new.dentry)
		goto out;
	err = -EBUSY;
	if (new.mnt == root.mnt || old.mnt == root.mnt)
		goto out;
	err = -EINVAL;
	if (root.mnt->root != root.dentry || root.mnt->parent == root.mnt ||
	    new.mnt->root != new.dentry || new.mnt->parent == new.mnt)
		goto out;
	if (!path_is_below(&old, &new) || !path_is_below(&new, &root))
		goto out;
	err = mountpoint_lock(&old);
	if (err)
		goto out;
	root_parent = root.mnt->parent;
	root_at = dentry_get(root.mnt->mountpoint);
	mnt_get(root_parent);
	mnt_unhang(new.mnt, true);
	mnt_unhang(root.mnt, true);
	mnt_attach(root.mnt, old.mnt, old.dentry);
	mnt_attach(new.mnt, root_parent, root_at);
	rwsem_write_unlock(&old.dentry->inode->rwsem);
	dentry_put(root_at);
	mnt_put(root_parent);
	top = (struct path){ new.mnt, new.mnt->root };
	fs_contexts_move(&root, &top);
	mnt_changed();
	err = 0;
out:
	mutex_unlock(&ns_mutex);
	path_put(&root);
	path_put(&old);
out_new:
	path_put(&new);
	return err;
}
