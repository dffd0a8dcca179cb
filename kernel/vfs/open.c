/* SPDX-License-Identifier: MIT */
/*
 * open(2), openat2(2), O_TMPFILE, O_PATH.
 *
 * Without O_CREAT the name is looked up like any other, in RCU mode, and the
 * result opened. With it the walk stops at the directory: an existing name is
 * taken from the dcache if possible, otherwise the directory is locked, the
 * name looked up and the file made. Symlinks at the end start a new round
 * with the link's text.
 *
 * The struct file is allocated first: nothing can be lost once the name is
 * made, and the RCU walk does not end for an allocation.
 */
#include <mm/uaccess.h>
#include <task/cred.h>
#include <vfs/notify.h>
#include "internal.h"

/* what access the flags ask for, as MAY_* */
static int
acc_mode(u32 oflags)
{
	static const u8 map[4] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				   MAY_READ | MAY_WRITE };
	int m = map[oflags & O_ACCMODE];

	if (oflags & FILE_OPEN_EXEC)
		return MAY_EXEC;
	if (oflags & O_TRUNC)
		m |= MAY_WRITE;
	if (oflags & O_APPEND)
		m |= MAY_APPEND;
	return m;
}

static int
may_open(const struct path *p, u32 oflags, int acc)
{
	struct inode *i = p->dentry->inode;
	int err;

	switch (i->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (acc & MAY_WRITE)
			return -EISDIR;
		break;
	case S_IFBLK:
	case S_IFCHR:
		if (p->mnt->flags & MNT_NODEV ||
		    i->sb->flags & (SB_NODEV | SB_USER_NODEV))
			return -EACCES;
		__fallthrough;
	case S_IFIFO:
	case S_IFSOCK:
		break;
	}
	err = inode_permission(i, MAY_OPEN | acc);
	if (err)
		return err;
	if (unlikely(i->flags & S_APPEND_F)) {
		if ((oflags & O_ACCMODE) != O_RDONLY && !(oflags & O_APPEND))
			return -EPERM;
		if (oflags & O_TRUNC)
			return -EPERM;
	}
	if (oflags & O_NOATIME && !inode_owner_or_capable(i))
		return -EPERM;
	return 0;
}

static int
truncate_opened(struct file *f)
{
	struct iattr a = { .valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME |
		ATTR_KILL_SUID | ATTR_KILL_SGID, .size = 0, .file = f };

	if (!S_ISREG(f->inode->mode))
		return 0;
	return vfs_setattr(&f->path, &a);
}

/* p is counted and taken over on success */
static int
open_path(struct file *f, const struct path *p, u32 oflags, bool created)
{
	struct inode *i = p->dentry->inode;
	bool trunc = oflags & O_TRUNC && !created && S_ISREG(i->mode);
	int err;

	if (oflags & O_PATH)
		return file_open_path(f, p, false);
	if (oflags & O_CREAT && !created) {
		if (S_ISDIR(i->mode))
			return -EISDIR;
	}
	if (!created) {
		err = may_open(p, oflags, acc_mode(oflags));
		if (err)
			return err;
	}
	if (trunc) {
		err = mnt_want_write(p->mnt);
		if (err)
			return err;
		err = inode_write_access(i);
		if (err) {
			mnt_drop_write(p->mnt);
			return err;
		}
	}
	err = file_open_path(f, p, created);
	if (!err)
		notify_file(f, IN_OPEN);
	if (!err && trunc) {
		err = truncate_opened(f);
		if (err)
			path_get(p);	/* f has it, and the caller puts it */
	}
	if (trunc) {
		inode_write_access_put(i);
		mnt_drop_write(p->mnt);
	}
	return err;
}

/* make the name w->last in w->path (counted); 0 with *out and *created */
static int
create_last(struct walk *w, const struct open_args *oa, struct dentry **out,
	    bool *created)
{
	struct dentry *parent = w->path.dentry, *d = NULL;
	struct inode *dir = parent->inode;
	int err, ro;

	ro = mnt_want_write(w->path.mnt);
	rwsem_write_lock(&dir->rwsem);
	err = lookup_locked(parent, &w->last, 0, &d);
	if (!err && !d->inode) {
		mode_t mode = oa->mode & S_IALLUGO & ~current->fs->umask;

		err = ro ? ro : vfs_create(dir, d, mode);
		*created = !err;
	}
	rwsem_write_unlock(&dir->rwsem);
	if (!ro)
		mnt_drop_write(w->path.mnt);
	if (err)
		dentry_put(d);
	else
		*out = d;
	return err;
}

/*
 * The last component of an O_CREAT open; w->path is the counted directory.
 * 0: *p counted is the file; WALK_LINK: w->link is to be followed.
 */
static int
open_last(struct walk *w, const struct open_args *oa, struct path *p,
	  bool *created)
{
	struct dentry *d;
	int err;

	if (w->last_type != LAST_NORM) {
		if (oa->flags & O_EXCL)
			return -EEXIST;
		return -EISDIR;
	}
	if (w->last_slash)
		return -EISDIR;
	d = d_lookup(w->path.dentry, &w->last);
	if (d && (d->flags & D_OP_REVALIDATE || !d->inode)) {
		dentry_put(d);		/* have it looked up properly */
		d = NULL;
	}
	if (!d) {
		err = create_last(w, oa, &d, created);
		if (err)
			return err;
	}
	if (*created) {
		mnt_get(w->path.mnt);
		*p = (struct path){ w->path.mnt, d };
		return 0;
	}
	dentry_put(d);
	if (oa->flags & O_EXCL)
		return -EEXIST;
	w->flags |= LOOKUP_TRAILING;
	w->dir_mode = w->inode->mode;
	w->dir_uid = w->inode->uid;
	err = walk_component(w, !(oa->flags & O_NOFOLLOW));
	if (err)
		return err;
	err = may_open_sticky(w->dir_mode, w->dir_uid, w->inode);
	if (err && !(oa->flags & O_PATH))
		return err;
	*p = w->path;
	path_get(p);
	return 0;
}

static int
open_create(struct file *f, struct walk *w, const char *name,
	    const struct open_args *oa)
{
	struct path p;
	bool created = false;
	int err;

	err = walk_parents(w, name);
	for (;;) {
		if (err)
			return err;
		/* the text that w->last is part of must stay: no complete() */
		if (w->flags & LOOKUP_RCU) {
			if (w->trail.text)
				return -ECHILD;
			err = walk_complete(w);
			if (err)
				return err;
		}
		err = open_last(w, oa, &p, &created);
		if (err != WALK_LINK)
			break;
		err = walk_next_link(w);
	}
	if (err)
		return err;
	err = open_path(f, &p, oa->flags, created);
	if (err)
		path_put(&p);
	return err;
}

static int
open_tmpfile(struct file *f, struct walk *w, const char *name,
	     const struct open_args *oa)
{
	static const struct qstr none = { "#tmpfile", 8, 0 };
	struct inode *dir;
	struct dentry *d;
	struct path p;
	int err;

	err = walk_path(w, name);
	if (!err)
		err = walk_complete(w);
	if (err)
		return err;
	dir = w->path.dentry->inode;
	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	err = mnt_want_write(w->path.mnt);
	if (err)
		return err;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		goto out;
	err = -EOPNOTSUPP;
	if (!dir->op->tmpfile)
		goto out;
	err = -ENOMEM;
	d = d_alloc(w->path.dentry, &none);
	if (!d)
		goto out;
	err = dir->op->tmpfile(dir, d, (oa->mode & S_IALLUGO &
					~current->fs->umask) | S_IFREG);
	if (err) {
		dentry_put(d);
		goto out;
	}
	if (!(oa->flags & O_EXCL))
		d->inode->state |= I_LINKABLE;
	mnt_get(w->path.mnt);
	p = (struct path){ w->path.mnt, d };
	err = open_path(f, &p, oa->flags & ~O_EXCL, true);
	if (err)
		path_put(&p);
out:
	mnt_drop_write(w->path.mnt);
	return err;
}

static int
open_existing(struct file *f, struct walk *w, const char *name,
	      const struct open_args *oa)
{
	int err = walk_path(w, name);

	if (!err)
		err = walk_complete(w);
	if (!err)
		err = open_path(f, &w->path, oa->flags, false);
	if (!err)
		w->path.mnt = NULL;
	return err;
}

int
do_open(int dfd, const struct path *base, const char *name,
	const struct open_args *oa, struct file **out)
{
	u32 lookup = oa->lookup | (oa->flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
	u32 rcu = LOOKUP_RCU;
	struct walk w;
	struct file *f;
	int err;

	f = file_alloc_empty(oa->flags, &err);
	if (!f)
		return err;
	if (oa->flags & O_DIRECTORY)
		lookup |= LOOKUP_DIRECTORY;
	for (;;) {
		walk_init(&w, dfd, base, lookup | rcu);
		if (oa->flags & O_TMPFILE_BIT)
			err = open_tmpfile(f, &w, name, oa);
		else if (oa->flags & O_CREAT)
			err = open_create(f, &w, name, oa);
		else
			err = open_existing(f, &w, name, oa);
		walk_end(&w);
		if (likely(err != -ECHILD) || !rcu)
			break;
		if (lookup & LOOKUP_CACHED) {
			err = -EAGAIN;
			break;
		}
		rcu = 0;
	}
	if (err) {
		file_free_empty(f);
		return err;
	}
	*out = f;
	return 0;
}

int
vfs_open(int dirfd, const char *path, u32 oflags, mode_t mode,
	 struct file **out)
{
	struct open_args oa = { .flags = oflags | O_LARGEFILE, .mode = mode };

	return do_open(dirfd, NULL, path, &oa, out);
}

static int
open_at(const struct path *p, u32 oflags, bool granted, struct file **out)
{
	struct path own = *p;
	struct file *f;
	int err;

	f = file_alloc_empty(oflags | O_LARGEFILE, &err);
	if (!f)
		return err;
	path_get(&own);
	err = open_path(f, &own, oflags & ~(O_CREAT | O_EXCL), granted);
	if (err) {
		path_put(&own);
		file_free_empty(f);
		return err;
	}
	*out = f;
	return 0;
}

int
vfs_open_path(const struct path *p, u32 oflags, struct file **out)
{
	return open_at(p, oflags, false, out);
}

int
vfs_open_real(const struct path *p, u32 oflags, struct file **out)
{
	return open_at(p, oflags, true, out);
}
