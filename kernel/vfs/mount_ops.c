/* SPDX-License-Identifier: MIT */
/*
 * mount(2), umount2(2), pivot_root(2): checks and the order of steps; the
 * trees are mount.c's and mount_tree.c's. What move_mount(2) and the other
 * calls by descriptor share with them is in mount.h.
 *
 * All hold ns_mutex while they look and change. The mount point's inode lock
 * is taken around attaching, so that a directory being removed cannot become
 * one.
 */
#include <task/cred.h>
#include <task/user_ns.h>
#include <vfs/nsfs.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

u32
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

/* m, ours, onto *p or what is on top of it; ns_mutex held */
int
mountpoint_attach(struct vfsmount *m, struct path *p)
{
	struct inode *at;
	int err;

	path_follow_mounts(p);		/* someone may have been quicker */
	if (!mnt_is_ours(p->mnt))
		return -EINVAL;
	if (S_ISDIR(m->root->inode->mode) != S_ISDIR(p->dentry->inode->mode))
		return -ENOTDIR;
	err = mountpoint_lock(p);
	if (err)
		return err;
	at = p->dentry->inode;
	err = mnt_graft(m, p->mnt, p->dentry);
	rwsem_write_unlock(&at->rwsem);
	return err;
}

/* not everybody's file system knows how to treat strange owners */
bool
fs_type_may_mount(const struct fs_type *t)
{
	return ns_capable(fs_type_owner(t), CAP_SYS_ADMIN);
}

static bool
shows_all(struct vfsmount *m, const struct super_block *sb, u32 flags)
{
	struct vfsmount *c;

	if (m->sb->type != sb->type || m->root != m->sb->root ||
	    (m->flags & MNT_LOCK_READONLY && !(flags & MNT_READONLY)))
		return false;
	list_for_each_entry(c, &m->children, child)
		if (c->flags & MNT_LOCKED)
			return false;
	return true;
}

bool
mount_reveals(const struct super_block *sb, u32 flags)
{
	struct mnt_ns *ns = current_mnt_ns();
	bool reveals = true;
	struct vfsmount *m;

	if (likely(ns->ns.owner == &init_user_ns) ||
	    !(sb->type->flags & FS_USERNS_VISIBLE))
		return false;
	ns_lock();
	list_for_each_entry(m, &ns->mounts, ns_link)
		if (shows_all(m, sb, flags)) {
			reveals = false;
			break;
		}
	ns_unlock();
	return reveals;
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
	if (!fs_type_may_mount(t))
		return -EPERM;
	err = t->mount(t, flags & MS_SB_MASK, source, data, &sb);
	if (err)
		return err;
	err = mount_reveals(sb, mnt_flags_of(flags)) ? -EPERM : 0;
	m = err ? NULL : mnt_new(sb, sb->root, source, mnt_flags_of(flags));
	super_put(sb);
	if (!m)
		return err ? err : -ENOMEM;
	ns_lock();
	path_follow_mounts(p);
	if (p->mnt->sb == sb && p->mnt->root == p->dentry &&
	    m->root == p->dentry)
		err = -EBUSY;		/* the same on the same place */
	else if (S_ISLNK(m->root->inode->mode))
		err = -EINVAL;
	else
		err = mountpoint_attach(m, p);
	ns_unlock();
	if (err)
		mnt_put(m);
	return err;
}

/* what a bind mount of *from is: ns_mutex held */
int
mount_bind_source(const struct path *from, bool recursive,
		  struct vfsmount **out)
{
	struct vfsmount *m = from->mnt;

	if (m->flags & MNT_UNBINDABLE)
		return -EINVAL;
	/* ours, or one that only a descriptor holds, or a namespace's file */
	if (!mnt_is_ours(m) && !(m->ns && mnt_ns_is_anon(m->ns)) &&
	    !dentry_ns(from->dentry))
		return -EINVAL;
	if (!recursive && mnt_has_locked_children(m, from->dentry))
		return -EINVAL;
	if (mnt_ns_loop(from->dentry))
		return -EINVAL;
	return recursive ? mnt_copy_tree(m, from->dentry, CL_NSFILES, out) :
		mnt_clone(m, from->dentry, 0, out);
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
	ns_lock();
	err = mount_bind_source(&from, recursive, &m);
	if (!err) {
		err = mountpoint_attach(m, to);
		if (err)
			mnt_drop_tree(m);
	}
	ns_unlock();
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
	if (only)
		return atomic_read(&only->writers) > 0 ? -EBUSY : 0;
	spin_lock(&mount_lock);
	list_for_each_entry(m, &sb->mounts, sb_link)
		writers += atomic_read(&m->writers);
	spin_unlock(&mount_lock);
	return writers > 0 ? -EBUSY : 0;
}

/* does f keep what is locked on m? mount_namespaces(7) */
static bool
locked_flags_stay(const struct vfsmount *m, u32 f)
{
	u32 atime = MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME |
		MNT_STRICTATIME, l = m->flags;

	return !((l & MNT_LOCK_READONLY && !(f & MNT_READONLY)) ||
		 (l & MNT_LOCK_NODEV && !(f & MNT_NODEV)) ||
		 (l & MNT_LOCK_NOSUID && !(f & MNT_NOSUID)) ||
		 (l & MNT_LOCK_NOEXEC && !(f & MNT_NOEXEC)) ||
		 (l & MNT_LOCK_ATIME && (f ^ l) & atime));
}

int
mnt_set_flags(struct vfsmount *m, u32 f)
{
	u32 old = m->flags;
	int err;

	if (unlikely(old & MNT_LOCK_MASK) && !locked_flags_stay(m, f))
		return -EPERM;
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

/* options of the file system itself; ns_mutex held */
int
mount_reconfigure(struct super_block *sb, unsigned long flags,
		  const char *data)
{
	u64 old = sb->flags;
	u32 f = (old & ~MS_SB_MASK & U32_MAX) | (flags & MS_SB_MASK);
	int err;

	if (f & SB_RDONLY && !(old & SB_RDONLY)) {
		WRITE_ONCE(sb->flags, old | SB_RDONLY);
		err = make_readonly(NULL, sb);
		if (err) {
			WRITE_ONCE(sb->flags, old);
			return err;
		}
		(void)super_sync(sb, true);
	}
	err = sb->ops->remount ? sb->ops->remount(sb, &f, data) : 0;
	if (err)
		WRITE_ONCE(sb->flags, old);
	else
		WRITE_ONCE(sb->flags, (old & ~(u64)U32_MAX) | f);
	return err;
}

static int
do_remount(struct path *p, unsigned long flags, const char *data)
{
	int err = 0;

	if (p->dentry != p->mnt->root)
		return -EINVAL;
	ns_lock();
	if (!mnt_is_ours(p->mnt))
		err = -EINVAL;
	else if (!locked_flags_stay(p->mnt, remount_flags(p->mnt, flags)))
		err = -EPERM;
	else if (!(flags & MS_BIND) &&
		 !ns_capable(p->mnt->sb->user_ns, CAP_SYS_ADMIN))
		err = -EPERM;
	else if (!(flags & MS_BIND))
		err = mount_reconfigure(p->mnt->sb, flags, data);
	if (!err)
		err = mnt_set_flags(p->mnt, remount_flags(p->mnt, flags));
	if (!err)
		mnt_ns_changed(p->mnt->ns);
	ns_unlock();
	return err;
}

/* the mount at *from, of our tree or one that a descriptor holds, to *to */
int
mount_move(struct path *from, struct path *to)
{
	struct vfsmount *m = from->mnt;
	int err;

	path_follow_mounts(to);
	if (from->dentry != m->root || !mnt_is_ours(to->mnt) || !m->ns)
		return -EINVAL;
	if (mnt_is_ours(m) ? m->parent == m : !mnt_ns_is_anon(m->ns) ||
	    m->ns->root != m)
		return -EINVAL;
	if (m->flags & MNT_LOCKED || (m->parent != m && m->parent->group))
		return -EINVAL;
	if (S_ISDIR(m->root->inode->mode) != S_ISDIR(to->dentry->inode->mode))
		return -EINVAL;
	if (to->mnt->group && mnt_tree_has_unbindable(m))
		return -EINVAL;
	if (mnt_tree_has_nsfile(m))
		return -ELOOP;
	for (struct vfsmount *u = to->mnt;; u = u->parent) {
		if (u == m)
			return -ELOOP;	/* onto something below itself */
		if (u->parent == u)
			break;
	}
	err = mountpoint_lock(to);
	if (err)
		return err;
	err = mnt_graft(m, to->mnt, to->dentry);
	rwsem_write_unlock(&to->dentry->inode->rwsem);
	return err;
}

static int
do_move(struct path *to, const char *source)
{
	struct path from;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	ns_lock();
	err = mount_move(&from, to);
	ns_unlock();
	path_put(&from);
	return err;
}

static int
do_change_type(struct path *p, unsigned long flags)
{
	unsigned long type = flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE |
				      MS_UNBINDABLE);
	struct vfsmount *m = p->mnt;
	int err = 0;

	if (flags & ~(type | MS_REC | MS_SILENT) || !is_pow2(type))
		return -EINVAL;
	if (p->dentry != m->root)
		return -EINVAL;
	ns_lock();
	if (!m->ns)
		err = -EINVAL;
	if (!err && type == MS_SHARED) {
		err = mnt_groups_invent(m, flags & MS_REC);
		if (!err)
			mnt_groups_keep(m);
	}
	for (struct vfsmount *c = m; !err && c;
	     c = flags & MS_REC ? mnt_next(c, m) : NULL)
		mnt_change_type(c, type);
	if (!err)
		mnt_ns_changed(m->ns);
	ns_unlock();
	return err;
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
	if (!may_mount())
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
	ns_lock();
	if (!mnt_is_ours(m) || m == m->ns->root || m->flags & MNT_LOCKED) {
		err = -EINVAL;
		goto out;
	}
	if (!(flags & MNT_DETACH)) {
		/* the tree's reference and the caller's */
		if (propagate_busy(m, 2)) {
			err = -EBUSY;
			goto out;
		}
		if (flags & MNT_EXPIRE && !(m->flags & MNT_EXPIRED)) {
			m->flags |= MNT_EXPIRED;
			err = -EAGAIN;
			goto out;
		}
	}
	/* from here walkers find mount_seq changed; look again */
	mnt_umount_tree(m, UMOUNT_PROPAGATE);
out:
	ns_unlock();
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
	if (!may_mount())
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

	if (!may_mount())
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
	ns_lock();
	path_follow_mounts(&old);
	err = -EINVAL;
	if (old.mnt->group || new.mnt->parent->group ||
	    root.mnt->parent->group)
		goto out;
	if (!mnt_is_ours(root.mnt) || !mnt_is_ours(new.mnt) ||
	    !mnt_is_ours(old.mnt) || new.mnt->flags & MNT_LOCKED)
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
	mnt_unhang(new.mnt);
	mnt_unhang(root.mnt);
	mnt_hang(root.mnt, old.mnt, old.dentry);
	mnt_hang(new.mnt, root_parent, root_at);
	if (root.mnt->flags & MNT_LOCKED) {	/* what it hides stays so */
		new.mnt->flags |= MNT_LOCKED;
		root.mnt->flags &= ~MNT_LOCKED;
	}
	rwsem_write_unlock(&old.dentry->inode->rwsem);
	dentry_put(root_at);
	mnt_put(root_parent);
	top = (struct path){ new.mnt, new.mnt->root };
	fs_contexts_move(&root, &top);
	mnt_ns_changed(new.mnt->ns);
	err = 0;
out:
	ns_unlock();
	path_put(&root);
	path_put(&old);
out_new:
	path_put(&new);
	return err;
}
