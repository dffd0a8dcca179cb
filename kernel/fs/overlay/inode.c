/* SPDX-License-Identifier: MIT */
/*
 * overlayfs inodes: attributes and extended attributes are the real inode's.
 * A copy of mode, owner, size and times is kept in ours, for the checks that
 * the VFS makes; it is renewed after each change made through us.
 *
 * Changes go to the upper file system's operations directly: the VFS has
 * checked them against our attributes, and below, the mounter's rights would
 * count, who is root. Each dentry has an inode of its own, also when two are
 * names of one file in the upper layer; locks on those do not meet.
 *
 * stat(2): with all layers on one file system files show its inode numbers and
 * our device, otherwise their own device; directories always ours.
 */
#include <lib/printf.h>
#include "overlay.h"

void
ovl_copy_attr(struct inode *i)
{
	struct inode *r = ovl_real(i)->inode;

	if (!r)
		return;
	i->mode = r->mode;
	i->uid = r->uid;
	i->gid = r->gid;
	i->atime = r->atime;
	i->mtime = r->mtime;
	i->ctime = r->ctime;
	i->btime = r->btime;
	i->blocks = r->blocks;
	inode_set_size(i, inode_size(r));
	i->nlink = r->nlink;
	i->mapping = r->mapping;
}

int
ovl_inode_new(struct super_block *sb, struct dentry *upper, u32 nr,
	      const struct ovl_lower *lower, struct inode **out)
{
	struct ovl_lower *copy = NULL;
	struct ovl_inode *o;
	struct inode *i, *r;

	if (nr) {
		copy = kcalloc(nr, sizeof(*copy), GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, lower, nr * sizeof(*copy));
	}
	i = inode_new(sb);
	if (!i) {
		kfree(copy);
		return -ENOMEM;
	}
	o = ovl_i(i);
	o->upper = upper;
	o->nr_lower = nr;
	o->lower = copy;
	r = ovl_real(i)->inode;
	/* the lowest is what stays when it is copied up */
	o->real_ino = nr ? copy[nr - 1].d->inode->ino : r->ino;
	o->real_dev = nr ? copy[nr - 1].d->sb->dev : r->sb->dev;
	ovl_copy_attr(i);
	switch (i->mode & S_IFMT) {
	case S_IFDIR:
		i->op = &ovl_dir_iops;
		i->fop = &ovl_dir_ops;
		break;
	case S_IFLNK:
		i->op = &ovl_link_iops;
		break;
	case S_IFREG:
		i->fop = &ovl_file_ops;
		__fallthrough;
	default:
		i->op = &ovl_file_iops;
		i->rdev = r->rdev;
	}
	*out = i;
	return 0;
}

/* -- what marks layers --------------------------------------------------- */

bool
ovl_is_whiteout(const struct dentry *d)
{
	const struct inode *i = d->inode;

	return i && S_ISCHR(i->mode) && !i->rdev;
}

static const char *
prefix(struct super_block *sb)
{
	return ovl_sb(sb)->user_xattr ? "user.overlay." : "trusted.overlay.";
}

bool
ovl_own_xattr(struct super_block *sb, const char *name)
{
	return !strncmp(name, prefix(sb), strlen(prefix(sb)));
}

bool
ovl_is_opaque(struct super_block *sb, struct dentry *d)
{
	struct inode *i = d->inode;
	char name[32], v = 0;
	ssize_t n;

	if (!S_ISDIR(i->mode) || !i->op->getxattr)
		return false;
	snprintf(name, sizeof(name), "%sopaque", prefix(sb));
	rwsem_write_lock_nested(&i->rwsem);
	n = i->op->getxattr(d, i, name, &v, 1);
	rwsem_write_unlock(&i->rwsem);
	return n == 1 && v == 'y';
}

/* d: real, in the upper layer */
int
ovl_set_opaque(struct super_block *sb, struct dentry *d)
{
	struct inode *i = d->inode;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "%sopaque", prefix(sb));
	rwsem_write_lock_nested(&i->rwsem);
	err = i->op->setxattr ? i->op->setxattr(d, i, name, "y", 1, 0) :
		-EOPNOTSUPP;
	rwsem_write_unlock(&i->rwsem);
	return err;
}

/* -- operations ---------------------------------------------------------- */

int
ovl_getattr(const struct path *p, struct kstat *st, u32 mask)
{
	struct inode *i = p->dentry->inode;
	const struct ovl_super *s = ovl_sb(i->sb);
	struct path real = ovl_real_path(i);
	int err = vfs_getattr(&real, st, mask);

	if (err)
		return err;
	if (S_ISDIR(i->mode)) {
		st->dev = i->sb->dev;
		st->ino = s->same_fs ? ovl_i(i)->real_ino : i->ino;
		if (ovl_i(i)->nr_lower && ovl_upper(i))
			st->nlink = 1;	/* merged: not counted */
	} else {
		st->dev = s->same_fs ? i->sb->dev : ovl_i(i)->real_dev;
		st->ino = ovl_i(i)->real_ino;
	}
	return 0;
}

int
ovl_setattr(struct dentry *d, struct iattr *a)
{
	struct inode *i = d->inode, *r;
	struct dentry *u;
	int err = setattr_prepare(d, a);

	if (err)
		return err;
	err = ovl_copy_up(d);
	if (err)
		return err;
	u = ovl_upper(i);
	r = u->inode;
	rwsem_write_lock_nested(&r->rwsem);
	if (a->valid & ATTR_SIZE)
		err = r->op->setattr ? r->op->setattr(u, a) :
			generic_setattr(u, a);
	else
		setattr_copy(r, a);	/* the rules are checked above */
	rwsem_write_unlock(&r->rwsem);
	ovl_copy_attr(i);
	return err;
}

ssize_t
ovl_getxattr(struct dentry *d, struct inode *i, const char *name, void *buf,
	     size_t len)
{
	struct dentry *rd = ovl_real(i);
	struct inode *r = rd->inode;
	ssize_t n;

	if (!r->op->getxattr || ovl_own_xattr(i->sb, name))
		return -EOPNOTSUPP;
	rwsem_write_lock_nested(&r->rwsem);
	n = r->op->getxattr(rd, r, name, buf, len);
	rwsem_write_unlock(&r->rwsem);
	return n;
}

int
ovl_setxattr(struct dentry *d, struct inode *i, const char *name,
	     const void *buf, size_t len, int flags)
{
	struct dentry *u;
	struct inode *r;
	ssize_t n;
	int err;

	if (ovl_own_xattr(i->sb, name))
		return -EOPNOTSUPP;
	if (!buf && !ovl_upper(i)) {	/* nothing to copy up for */
		n = ovl_getxattr(d, i, name, NULL, 0);
		if (n < 0)
			return n;
	}
	err = ovl_copy_up(d);
	if (err)
		return err;
	u = ovl_upper(i);
	r = u->inode;
	if (!r->op->setxattr)
		return -EOPNOTSUPP;
	rwsem_write_lock_nested(&r->rwsem);
	err = r->op->setxattr(u, r, name, buf, len, flags);
	if (!err)
		inode_touch(r, ATTR_CTIME);
	rwsem_write_unlock(&r->rwsem);
	ovl_copy_attr(i);
	return err;
}

/* the names in [buf, buf + n) without our own */
static ssize_t
hide_own(struct super_block *sb, char *buf, ssize_t n)
{
	char *from = buf, *to = buf, *end = buf + n;

	while (from < end) {
		size_t len = strlen(from) + 1;

		if (!ovl_own_xattr(sb, from)) {
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	return to - buf;
}

ssize_t
ovl_listxattr(struct dentry *d, char *buf, size_t len)
{
	struct inode *i = d->inode, *r;
	struct dentry *rd = ovl_real(i);
	char *all;
	ssize_t n;

	r = rd->inode;
	if (!r->op->listxattr)
		return -EOPNOTSUPP;
	all = kvmalloc(XATTR_LIST_MAX, GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	rwsem_write_lock_nested(&r->rwsem);
	n = r->op->listxattr(rd, all, XATTR_LIST_MAX);
	rwsem_write_unlock(&r->rwsem);
	if (n > 0)
		n = hide_own(i->sb, all, n);
	if (n > 0 && len) {
		if ((size_t)n > len)
			n = -ERANGE;
		else
			memcpy(buf, all, n);
	}
	kvfree(all);
	return n;
}

static int
ovl_get_link(struct dentry *d, struct inode *i, const char **text,
	     void (**done)(const char *), struct path *jump)
{
	struct dentry *rd = ovl_real(i);
	struct inode *r = rd->inode;

	if (r->link) {			/* lives as long as the inode */
		*text = r->link;
		return 0;
	}
	return r->op->get_link ? r->op->get_link(rd, r, text, done, jump) :
		-EINVAL;
}

const struct inode_ops ovl_file_iops = { OVL_COMMON_OPS };
const struct inode_ops ovl_link_iops = {
	OVL_COMMON_OPS,
	.get_link = ovl_get_link,
};
