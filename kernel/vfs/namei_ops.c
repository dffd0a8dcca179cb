/* SPDX-License-Identifier: MIT */
/*
 * Changing directories: create, mkdir, mknod, symlink, link, unlink, rmdir,
 * rename. vfs_*() are the inner halves: directories locked by the caller,
 * permission checked here, then the file system's operation.
 *
 * Lock order: s_rename_mutex (only for renames between directories), parent
 * before child, and two unrelated directories by address (under the mutex
 * nothing can make one the other's ancestor). Victims and linked files are
 * locked after directories, so nlink changes under its i_rwsem.
 */
#include <mm/uaccess.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <vfs/notify.h>
#include "internal.h"

static bool
sticky_forbids(const struct inode *dir, const struct inode *i)
{
	uid_t u = current_cred()->fsuid;

	return dir->mode & S_ISVTX && u != i->uid && u != dir->uid &&
		!inode_capable(i, CAP_FOWNER);
}

/* could what current makes there be said to be its own? */
static bool
owner_known(const struct super_block *sb)
{
	const struct cred *c = current_cred();

	return kuid_mapped(sb->user_ns, c->fsuid) &&
		kgid_mapped(sb->user_ns, c->fsgid);
}

int
may_create(struct inode *dir, const struct dentry *d)
{
	if (d->inode)
		return -EEXIST;
	if (dir->flags & S_DEAD_F)
		return -ENOENT;
	if (unlikely(!owner_known(dir->sb)))
		return -EOVERFLOW;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

int
may_delete(struct inode *dir, const struct dentry *d, bool is_dir)
{
	struct inode *i = d->inode;
	int err;

	if (!i)
		return -ENOENT;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (dir->flags & S_APPEND_F)
		return -EPERM;
	if (sticky_forbids(dir, i) || i->flags & (S_APPEND_F | S_IMMUTABLE_F))
		return -EPERM;
	if (is_dir) {
		if (!S_ISDIR(i->mode))
			return -ENOTDIR;
		if (d->parent == d)
			return -EBUSY;
	} else if (S_ISDIR(i->mode)) {
		return -EISDIR;
	}
	return dir->flags & S_DEAD_F ? -ENOENT : 0;
}

int
vfs_create(struct inode *dir, struct dentry *d, mode_t mode)
{
	int err = may_create(dir, d);

	if (err)
		return err;
	if (!dir->op->create)
		return -EACCES;
	err = dir->op->create(dir, d, (mode & S_IALLUGO) | S_IFREG);
	if (!err)
		notify_name(dir, &d->name, IN_CREATE);
	return err;
}

int
vfs_mkdir(struct inode *dir, struct dentry *d, mode_t mode)
{
	int err = may_create(dir, d);

	if (err)
		return err;
	if (!dir->op->mkdir)
		return -EPERM;
	err = dir->op->mkdir(dir, d, mode & (S_IRWXUGO | S_ISVTX));
	if (!err)
		notify_name(dir, &d->name, IN_CREATE | IN_ISDIR);
	return err;
}

int
vfs_mknod(struct inode *dir, struct dentry *d, mode_t mode, dev_t dev)
{
	bool whiteout = S_ISCHR(mode) && dev == 0;
	int err = may_create(dir, d);

	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !whiteout &&
	    !capable(CAP_MKNOD))
		return -EPERM;
	if (!dir->op->mknod)
		return -EPERM;
	err = dir->op->mknod(dir, d, mode, dev);
	if (!err)
		notify_name(dir, &d->name, IN_CREATE);
	return err;
}

int
vfs_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	int err = may_create(dir, d);

	if (err)
		return err;
	if (!dir->op->symlink)
		return -EPERM;
	err = dir->op->symlink(dir, d, target);
	if (!err)
		notify_name(dir, &d->name, IN_CREATE);
	return err;
}

int
vfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *i = old->inode;
	int err;

	if (!i)
		return -ENOENT;
	err = may_create(dir, d);
	if (err)
		return err;
	if (dir->sb != i->sb)
		return -EXDEV;
	if (i->flags & (S_APPEND_F | S_IMMUTABLE_F) || !dir->op->link ||
	    S_ISDIR(i->mode))
		return -EPERM;
	rwsem_write_lock_nested(&i->rwsem);
	if (!i->nlink && !(i->state & I_LINKABLE))
		err = -ENOENT;
	else
		err = dir->op->link(old, dir, d);
	if (!err)
		i->state &= ~I_LINKABLE;
	rwsem_write_unlock(&i->rwsem);
	if (!err) {
		notify_inode(i, IN_ATTRIB);	/* its link count */
		notify_name(dir, &d->name, IN_CREATE);
	}
	return err;
}

int
vfs_unlink(struct inode *dir, struct dentry *d)
{
	struct inode *i = d->inode;
	int err = may_delete(dir, d, false);

	if (err)
		return err;
	if (!dir->op->unlink)
		return -EPERM;
	rwsem_write_lock_nested(&i->rwsem);
	err = d_is_mountpoint(d) ? -EBUSY : dir->op->unlink(dir, d);
	rwsem_write_unlock(&i->rwsem);
	if (!err) {
		notify_inode(i, IN_ATTRIB);	/* its link count */
		d_delete(d);
	}
	return err;
}

int
vfs_rmdir(struct inode *dir, struct dentry *d)
{
	struct inode *i = d->inode;
	int err = may_delete(dir, d, true);

	if (err)
		return err;
	if (!dir->op->rmdir)
		return -EPERM;
	rwsem_write_lock_nested(&i->rwsem);
	err = d_is_mountpoint(d) ? -EBUSY : dir->op->rmdir(dir, d);
	if (!err)
		i->flags |= S_DEAD_F;
	rwsem_write_unlock(&i->rwsem);
	if (!err)
		d_delete(d);
	return err;
}

/* -- names that must not exist yet --------------------------------------- */

int
path_create(int dirfd, const char *name, u32 flags, struct path *parent,
	    struct dentry **out)
{
	struct dentry *d = NULL;
	struct walk w;
	int err, ro;

	walk_init(&w, dirfd, NULL, flags & ~LOOKUP_DIRECTORY);
	err = walk_parent(&w, name, parent);
	if (err)
		goto out;
	err = -EEXIST;
	if (w.last_type != LAST_NORM)
		goto out;
	ro = mnt_want_write(parent->mnt);
	rwsem_write_lock(&parent->dentry->inode->rwsem);
	err = lookup_locked(parent->dentry, &w.last, LOOKUP_PARENT, &d);
	if (!err && d->inode)
		err = -EEXIST;
	if (!err && w.last_slash && !(flags & LOOKUP_DIRECTORY))
		err = -ENOENT;
	if (!err && ro)
		err = ro;
	if (!err) {
		w.path.mnt = NULL;	/* path_create_done() puts it */
		*out = d;
		goto out;
	}
	dentry_put(d);
	rwsem_write_unlock(&parent->dentry->inode->rwsem);
	if (!ro)
		mnt_drop_write(parent->mnt);
out:
	walk_end(&w);
	return err;
}

void
path_create_done(struct path *parent, struct dentry *d)
{
	rwsem_write_unlock(&parent->dentry->inode->rwsem);
	dentry_put(d);
	mnt_drop_write(parent->mnt);
	path_put(parent);
}

/* -- names that must exist ----------------------------------------------- */

static int
remove_name(int dirfd, const char *name, bool is_dir)
{
	struct dentry *d = NULL;
	struct inode *dir;
	struct path parent;
	struct walk w;
	int err;

	walk_init(&w, dirfd, NULL, 0);
	err = walk_parent(&w, name, &parent);
	if (err)
		goto out;
	switch (w.last_type) {
	case LAST_NORM:
		break;
	case LAST_DOT:
		err = is_dir ? -EINVAL : -EISDIR;
		goto out;
	case LAST_DOTDOT:
		err = is_dir ? -ENOTEMPTY : -EISDIR;
		goto out;
	default:
		err = is_dir ? -EBUSY : -EISDIR;
		goto out;
	}
	err = mnt_want_write(parent.mnt);
	if (err)
		goto out;
	dir = parent.dentry->inode;
	rwsem_write_lock(&dir->rwsem);
	err = lookup_locked(parent.dentry, &w.last, 0, &d);
	if (err)
		goto unlock;
	if (!d->inode)
		err = -ENOENT;
	else if (is_dir)
		err = vfs_rmdir(dir, d);
	else if (w.last_slash)
		err = S_ISDIR(d->inode->mode) ? -EISDIR : -ENOTDIR;
	else
		err = vfs_unlink(dir, d);
unlock:
	rwsem_write_unlock(&dir->rwsem);
	if (d && !err)
		mounts_detach_on(d);	/* other namespaces' */
	dentry_put(d);			/* may free the file: unlocked */
	if (!err)
		notify_name(dir, &w.last, IN_DELETE | (is_dir ? IN_ISDIR : 0));
	mnt_drop_write(parent.mnt);
out:
	walk_end(&w);
	return err;
}

int
path_unlink(int dirfd, const char *name)
{
	return remove_name(dirfd, name, false);
}

int
path_rmdir(int dirfd, const char *name)
{
	return remove_name(dirfd, name, true);
}

/* -- rename -------------------------------------------------------------- */

static __noinline void
notify_rename(struct inode *odir, const struct qstr *oname, struct inode *ndir,
	      struct dentry *moved, struct inode *replaced)
{
	u32 dir = S_ISDIR(moved->inode->mode) ? IN_ISDIR : 0;
	u32 cookie = notify_cookie();

	notify_name_slow(odir, oname, IN_MOVED_FROM | dir, cookie);
	notify_name_slow(ndir, &moved->name, IN_MOVED_TO | dir, cookie);
	if (replaced)
		notify_inode_slow(replaced, IN_ATTRIB);
	notify_inode_slow(moved->inode, IN_MOVE_SELF);
}

static int
may_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	   struct dentry *nd, bool exchange)
{
	struct inode *src = od->inode, *dst = nd->inode;
	bool is_dir = S_ISDIR(src->mode), new_is_dir = false;
	int err;

	err = may_delete(odir, od, is_dir);
	if (err)
		return err;
	if (!dst) {
		err = may_create(ndir, nd);
	} else {
		new_is_dir = S_ISDIR(dst->mode);
		err = may_delete(ndir, nd, exchange ? new_is_dir : is_dir);
	}
	if (err)
		return err;
	if (!odir->op->rename)
		return -EPERM;
	if (odir != ndir) {		/* .. of a directory changes */
		if (is_dir) {
			err = inode_permission(src, MAY_WRITE);
			if (err)
				return err;
		}
		if (exchange && new_is_dir)
			return inode_permission(dst, MAY_WRITE);
	}
	return 0;
}

/* the rename itself, directories and files locked */
static int
do_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	  struct dentry *nd, u32 flags)
{
	bool exchange = flags & RENAME_EXCHANGE;
	struct inode *dst = nd->inode;
	char buf[NAME_MAX + 1];
	struct qstr oname = { buf, 0, 0 };
	int err;

	if (d_is_mountpoint(od) || (dst && d_is_mountpoint(nd)))
		return -EBUSY;
	if (notify_any()) {
		oname.len = min_t(u32, od->name.len, NAME_MAX);
		memcpy(buf, od->name.name, oname.len);
	}
	err = odir->op->rename(odir, od, ndir, nd, flags);
	if (err)
		return err;
	if (exchange) {
		d_exchange(od, nd);
	} else {
		if (dst && S_ISDIR(od->inode->mode))
			dst->flags |= S_DEAD_F;
		d_move(od, nd);
	}
	if (oname.len) {
		notify_rename(odir, &oname, ndir, od, exchange ? NULL : dst);
		if (exchange)
			notify_rename(ndir, &od->name, odir, nd, NULL);
	}
	return 0;
}

/* what of od moves where nd is; flags: RENAME_* */
int
vfs_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	   struct dentry *nd, u32 flags)
{
	struct inode *src = od->inode, *dst = nd->inode;
	bool exchange = flags & RENAME_EXCHANGE;
	struct inode *a = NULL, *b = NULL;
	int err;

	if (src == dst)
		return 0;
	err = may_rename(odir, od, ndir, nd, exchange);
	if (err)
		return err;
	/* the files themselves; source directories stay unlocked as in Linux */
	if (!S_ISDIR(src->mode) || exchange)
		a = src;
	if (dst)
		b = dst;
	if (a && b && b < a)
		swap(a, b);
	if (a && a != odir && a != ndir)
		rwsem_write_lock_nested(&a->rwsem);
	if (b && b != odir && b != ndir)
		rwsem_write_lock_nested(&b->rwsem);
	err = do_rename(odir, od, ndir, nd, flags);
	if (b && b != odir && b != ndir)
		rwsem_write_unlock(&b->rwsem);
	if (a && a != odir && a != ndir)
		rwsem_write_unlock(&a->rwsem);
	return err;
}

/* both directories of one file system; returns the ancestor trap */
static void
lock_two(struct dentry *p, struct dentry *q)
{
	if (p == q) {
		rwsem_write_lock(&p->inode->rwsem);
		return;
	}
	mutex_lock(&p->sb->rename_mutex);
	if (d_is_ancestor(q, p) || (!d_is_ancestor(p, q) &&
				    q->inode < p->inode))
		swap(p, q);
	rwsem_write_lock(&p->inode->rwsem);
	rwsem_write_lock_nested(&q->inode->rwsem);
}

static void
unlock_two(struct dentry *p, struct dentry *q)
{
	rwsem_write_unlock(&p->inode->rwsem);
	if (p == q)
		return;
	rwsem_write_unlock(&q->inode->rwsem);
	mutex_unlock(&p->sb->rename_mutex);
}

static int
rename_locked(struct walk *ow, struct path *op, struct walk *nw,
	      struct path *np, u32 flags, struct dentry **odp,
	      struct dentry **ndp)
{
	struct dentry *od, *nd;
	int err;

	err = lookup_locked(op->dentry, &ow->last, 0, odp);
	if (err)
		return err;
	od = *odp;
	if (!od->inode)
		return -ENOENT;
	err = lookup_locked(np->dentry, &nw->last, 0, ndp);
	if (err)
		return err;
	nd = *ndp;
	if (flags & RENAME_NOREPLACE && nd->inode)
		return -EEXIST;
	if (flags & RENAME_EXCHANGE) {
		if (!nd->inode)
			return -ENOENT;
		if (!S_ISDIR(nd->inode->mode) && nw->last_slash)
			return -ENOTDIR;
	}
	if (!S_ISDIR(od->inode->mode)) {
		if (ow->last_slash)
			return -ENOTDIR;
		if (!(flags & RENAME_EXCHANGE) && nw->last_slash)
			return -ENOTDIR;
	}
	/* a directory into itself, or onto its own ancestor */
	if (d_is_ancestor(od, np->dentry))
		return -EINVAL;
	if (nd->inode && d_is_ancestor(nd, op->dentry))
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return vfs_rename(op->dentry->inode, od, np->dentry->inode, nd, flags);
}

int
path_rename(int odfd, const char *oname, int ndfd, const char *nname,
	    u32 flags)
{
	struct dentry *od = NULL, *nd = NULL;
	struct path op, np;
	struct walk ow, nw;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT) &&
	    flags & RENAME_EXCHANGE)
		return -EINVAL;
	walk_init(&ow, odfd, NULL, 0);
	walk_init(&nw, ndfd, NULL, 0);
	err = walk_parent(&ow, oname, &op);
	if (err)
		goto out;
	err = walk_parent(&nw, nname, &np);
	if (err)
		goto out;
	err = -EXDEV;
	if (op.mnt != np.mnt)
		goto out;
	err = -EBUSY;
	if (ow.last_type != LAST_NORM)
		goto out;
	if (flags & RENAME_NOREPLACE)
		err = -EEXIST;
	if (nw.last_type != LAST_NORM)
		goto out;
	err = mnt_want_write(op.mnt);
	if (err)
		goto out;
	lock_two(op.dentry, np.dentry);
	err = rename_locked(&ow, &op, &nw, &np, flags, &od, &nd);
	unlock_two(op.dentry, np.dentry);
	if (!err && nd && !(flags & RENAME_EXCHANGE))
		mounts_detach_on(nd);
	dentry_put(od);
	dentry_put(nd);
	mnt_drop_write(op.mnt);
out:
	walk_end(&nw);
	walk_end(&ow);
	return err;
}

/* -- reading a link ------------------------------------------------------ */

int
vfs_readlink(const struct path *p, char *buf, size_t len)
{
	struct inode *i = p->dentry->inode;
	void (*done)(const char *) = NULL;
	struct path jump = { NULL, NULL };
	const char *text = i->link;
	char *tmp, *s;
	size_t n;
	int err;

	if (i->op->readlink)
		return i->op->readlink(p->dentry, buf, len);
	if (!S_ISLNK(i->mode))
		return -EINVAL;
	if (text) {
		n = min(strlen(text), len);
		memcpy(buf, text, n);
		return n;
	}
	if (!i->op->get_link)
		return -EINVAL;
	err = i->op->get_link(p->dentry, i, &text, &done, &jump);
	if (err)
		return err;
	if (text) {
		n = min(strlen(text), len);
		memcpy(buf, text, n);
		if (done)
			done(text);
		return n;
	}
	tmp = kmalloc(PATH_MAX, GFP_KERNEL);
	s = tmp ? d_path_current(&jump, tmp, PATH_MAX) : NULL;
	err = tmp ? -ENAMETOOLONG : -ENOMEM;
	if (s) {
		err = min(strlen(s), len);
		memcpy(buf, s, err);
	}
	kfree(tmp);
	path_put(&jump);
	return err;
}
