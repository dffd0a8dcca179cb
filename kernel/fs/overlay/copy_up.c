/* SPDX-License-Identifier: MIT */
/*
 * Copying up: what is only in a lower layer gets a copy in the upper one, with
 * its directories, before it is changed.
 *
 * A file's copy is made without a name (O_TMPFILE), filled through the page
 * caches, given attributes and extended attributes, and linked in last, so
 * nobody finds half of it. Pages that a file in memory does not have are holes
 * and stay so. Other kinds are made under the upper directory's lock.
 *
 * Locks: ovl_super.copy_lock, then real inodes' rwsem (nested, as the caller
 * may hold ours). An overlay inode's upper is set once, under copy_lock.
 */
#include <mm/pagecache.h>
#include "overlay.h"

/* -- contents ------------------------------------------------------------ */

/* page idx of the lower file, referenced; NULL: a hole; -errno */
static int
lower_page(struct aspace *a, u64 idx, struct page **out)
{
	struct page *p;

	if (!(a->ops->flags & AS_NO_RECLAIM))
		return page_read(a, idx, out);
	p = page_find(a, idx);
	if (p && !page_test(p, PG_UPTODATE)) {
		page_put(p);
		p = NULL;
	}
	*out = p;
	return 0;
}

/* to's rwsem held */
static int
copy_data(struct inode *from, struct inode *to)
{
	struct aspace *src = from->mapping, *dst = to->mapping;
	loff_t size = inode_size(from), pos;
	struct page *p, *q;
	int err;

	if (!dst->ops || !dst->ops->write_begin)
		return -EOPNOTSUPP;
	for (pos = 0; pos < size; pos += PAGE_SIZE) {
		u32 n = min_t(loff_t, PAGE_SIZE, size - pos);

		err = lower_page(src, pos >> PAGE_SHIFT, &p);
		if (err)
			return err;
		if (!p)
			continue;
		err = dst->ops->write_begin(dst, pos, n, &q);
		if (!err) {
			memcpy(page_to_virt(q), page_to_virt(p), n);
			err = dst->ops->write_end(dst, pos, n, n, q);
			err = err < 0 ? err : 0;
		}
		page_put(p);
		if (err)
			return err;
		cond_resched();
	}
	if (inode_size(to) < size)	/* it ends with a hole */
		inode_set_size(to, size);
	return 0;
}

/* -- attributes ---------------------------------------------------------- */

static int
copy_one_xattr(struct dentry *from, struct dentry *to, const char *name,
	       char *buf)
{
	ssize_t n = from->inode->op->getxattr(from, from->inode, name, buf,
					      XATTR_SIZE_MAX);

	if (n == -ENODATA)
		return 0;		/* removed meanwhile */
	if (n < 0)
		return n;
	return to->inode->op->setxattr(to, to->inode, name, buf, n, 0);
}

/* to's rwsem held */
static int
copy_xattrs(struct super_block *sb, struct dentry *from, struct dentry *to)
{
	struct inode *f = from->inode;
	char *names, *buf;
	ssize_t n;
	int err = 0;

	if (!f->op->listxattr || !f->op->getxattr || !to->inode->op->setxattr)
		return 0;
	rwsem_write_lock_nested(&f->rwsem);
	n = f->op->listxattr(from, NULL, 0);
	if (n <= 0) {
		rwsem_write_unlock(&f->rwsem);
		return n == -EOPNOTSUPP ? 0 : n;
	}
	names = kvmalloc(n, GFP_KERNEL);
	buf = kvmalloc(XATTR_SIZE_MAX, GFP_KERNEL);
	if (!names || !buf)
		err = -ENOMEM;
	else
		n = f->op->listxattr(from, names, n);
	for (char *s = names; !err && n > 0 && s < names + n; s += strlen(s) + 1)
		if (!ovl_own_xattr(sb, s))
			err = copy_one_xattr(from, to, s, buf);
	rwsem_write_unlock(&f->rwsem);
	kvfree(buf);
	kvfree(names);
	return err;
}

/* to's rwsem held */
static void
copy_attr(const struct inode *from, struct inode *to)
{
	struct iattr a = {
		.valid = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME |
			ATTR_MTIME | ATTR_ATIME_SET | ATTR_MTIME_SET,
		.mode = from->mode, .uid = from->uid, .gid = from->gid,
		.atime = from->atime, .mtime = from->mtime,
	};

	setattr_copy(to, &a);
}

static int
dress(struct super_block *sb, struct dentry *from, struct dentry *to)
{
	struct inode *i = to->inode;
	int err = 0;

	rwsem_write_lock_nested(&i->rwsem);
	if (S_ISREG(i->mode))
		err = copy_data(from->inode, i);
	if (!err)
		err = copy_xattrs(sb, from, to);
	if (!err)
		copy_attr(from->inode, i);
	rwsem_write_unlock(&i->rwsem);
	return err;
}

/* -- one object ---------------------------------------------------------- */

static int
make_temp(struct super_block *sb, struct dentry *dir, struct dentry *from,
	  struct dentry **out)
{
	static const struct qstr q = { "#overlay", 8, 0 };
	struct inode *i = dir->inode;
	struct dentry *t = d_alloc(dir, &q);
	int err;

	if (!t)
		return -ENOMEM;
	err = i->op->tmpfile ? i->op->tmpfile(i, t, S_IFREG | S_IRUSR) :
		-EOPNOTSUPP;
	if (!err)
		err = dress(sb, from, t);
	if (err) {
		dentry_put(t);
		return err;
	}
	*out = t;
	return 0;
}

/* the other kinds; dir's rwsem held */
static int
make_special(struct super_block *sb, struct dentry *dir, struct dentry *from,
	     struct dentry *nd)
{
	struct inode *f = from->inode, *i = dir->inode;
	void (*done)(const char *) = NULL;
	const char *text = f->link;
	struct path jump = { NULL, NULL };
	int err = 0;

	switch (f->mode & S_IFMT) {
	case S_IFDIR:
		err = i->op->mkdir(i, nd, f->mode & (S_IRWXUGO | S_ISVTX));
		break;
	case S_IFLNK:
		if (!text)
			err = f->op->get_link(from, f, &text, &done, &jump);
		if (!err && !text)
			err = -EINVAL;
		if (!err)
			err = i->op->symlink(i, nd, text);
		if (done)
			done(text);
		break;
	default:
		err = i->op->mknod(i, nd, f->mode, f->rdev);
	}
	return err ? err : dress(sb, from, nd);
}

/* copy_lock held; parent has an upper */
static int
copy_locked(struct dentry *d, struct dentry *parent)
{
	struct inode *i = d->inode, *udir;
	struct dentry *up = ovl_upper(parent->inode), *tmp = NULL, *nd = NULL;
	struct dentry *from = ovl_i(i)->lower[0].d;
	int err;

	if (S_ISREG(i->mode)) {
		err = make_temp(i->sb, up, from, &tmp);
		if (err)
			return err;
	}
	udir = up->inode;
	rwsem_write_lock_nested(&udir->rwsem);
	err = lookup_one(up, d->name.name, d->name.len, &nd);
	if (!err && (nd->inode || udir->flags & S_DEAD_F))
		err = -ESTALE;		/* the layer was changed under us */
	if (!err) {
		struct timespec64 m = udir->mtime, c = udir->ctime;

		err = tmp ? udir->op->link(tmp, udir, nd) :
			make_special(i->sb, up, from, nd);
		udir->mtime = m;	/* nothing new is seen in it */
		udir->ctime = c;
	}
	rwsem_write_unlock(&udir->rwsem);
	dentry_put(tmp);
	if (err) {
		dentry_put(nd);
		return err;
	}
	smp_store_release(&ovl_i(i)->upper, nd);
	ovl_copy_attr(i);
	return 0;
}

int
ovl_copy_up(struct dentry *d)
{
	struct ovl_super *s = ovl_sb(d->sb);
	struct dentry *t, *p;
	int err = 0;

	if (likely(ovl_upper(d->inode)))
		return 0;
	if (!s->upper)
		return -EROFS;
	mutex_lock(&s->copy_lock);
	/* what has no upper is not renamed, so the names up to one stay */
	while (!err && !ovl_upper(d->inode)) {
		t = d;
		while (p = t->parent, !ovl_upper(p->inode))
			t = p;
		err = copy_locked(t, p);
	}
	mutex_unlock(&s->copy_lock);
	return err;
}
