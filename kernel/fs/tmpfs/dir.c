/* SPDX-License-Identifier: MIT */
/*
 * tmpfs names: making and moving. A new name is a pinned dentry with an inode;
 * the VFS holds the directory's lock and has checked permission.
 */
#include "tmpfs.h"

#define DIR_SIZE_ENTRY	20

static void
dir_changed(struct inode *dir, int names, const struct timespec64 *t)
{
	dir->size += names * DIR_SIZE_ENTRY;
	dir->mtime = *t;
	dir->ctime = *t;
}

static int
make(struct inode *dir, struct dentry *d, mode_t mode, dev_t rdev,
     struct inode **out)
{
	struct inode *i = tmpfs_inode_new(dir->sb, dir, mode, rdev);

	if (!i)
		return -ENOSPC;
	dir_changed(dir, 1, &i->ctime);
	*out = i;
	return 0;
}

static void
link_in(struct dentry *d, struct inode *i)
{
	d_instantiate(d, i);
	d_pin(d);
}

static int
tmpfs_mknod(struct inode *dir, struct dentry *d, mode_t mode, dev_t rdev)
{
	struct inode *i;
	int err = make(dir, d, mode, rdev, &i);

	if (!err)
		link_in(d, i);
	return err;
}

static int
tmpfs_create(struct inode *dir, struct dentry *d, mode_t mode)
{
	return tmpfs_mknod(dir, d, mode | S_IFREG, 0);
}

static int
tmpfs_mkdir(struct inode *dir, struct dentry *d, mode_t mode)
{
	int err = tmpfs_mknod(dir, d, mode | S_IFDIR, 0);

	if (!err)
		inode_inc_nlink(dir);
	return err;
}

static int
tmpfs_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	size_t n = strlen(target);
	struct inode *i;
	char *text = kmemdup(target, n + 1, GFP_KERNEL);
	int err;

	if (!text)
		return -ENOMEM;
	err = make(dir, d, S_IFLNK | S_IRWXUGO, 0, &i);
	if (err) {
		kfree(text);
		return err;
	}
	i->link = text;
	i->size = n;
	link_in(d, i);
	return 0;
}

static int
tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	int err = simple_link(old, dir, d);

	if (!err)
		dir->size += DIR_SIZE_ENTRY;
	return err;
}

static int
tmpfs_unlink(struct inode *dir, struct dentry *d)
{
	simple_unlink(dir, d);
	dir->size -= DIR_SIZE_ENTRY;
	return 0;
}

static int
tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
	int err = simple_rmdir(dir, d);

	if (!err)
		dir->size -= DIR_SIZE_ENTRY;
	return err;
}

/*
 * The old name becomes a whiteout (character device 0,0): a second dentry of
 * that name is hashed beside od, which d_move() takes away right after; both
 * directories are locked, so nobody can tell.
 */
static int
make_whiteout(struct inode *dir, struct dentry *od)
{
	struct dentry *w = d_alloc(od->parent, &od->name);
	struct inode *i;
	int err;

	if (!w)
		return -ENOMEM;
	err = make(dir, w, S_IFCHR, 0, &i);
	if (err) {
		dentry_put(w);
		return err;
	}
	d_add(w, i);
	d_pin(w);
	dentry_put(w);
	return 0;
}

static int
tmpfs_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	     struct dentry *nd, u32 flags)
{
	bool replaced = nd->inode;
	int err;

	if (!(flags & RENAME_EXCHANGE) && replaced &&
	    S_ISDIR(nd->inode->mode) && !d_is_empty_dir(nd))
		return -ENOTEMPTY;
	if (flags & RENAME_WHITEOUT) {
		err = make_whiteout(odir, od);
		if (err)
			return err;
	}
	err = simple_rename(odir, od, ndir, nd, flags & ~RENAME_WHITEOUT);
	if (err || flags & RENAME_EXCHANGE)
		return err;
	odir->size -= DIR_SIZE_ENTRY;
	if (!replaced)
		ndir->size += DIR_SIZE_ENTRY;
	return 0;
}

static int
tmpfs_tmpfile(struct inode *dir, struct dentry *d, mode_t mode)
{
	struct inode *i = tmpfs_inode_new(dir->sb, dir, mode | S_IFREG, 0);

	if (!i)
		return -ENOSPC;
	i->nlink = 0;
	d_instantiate(d, i);
	return 0;
}

const struct inode_ops tmpfs_dir_iops = {
	.lookup = simple_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
	.tmpfile = tmpfs_tmpfile,
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
};

const struct inode_ops tmpfs_file_iops = {
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
};

const struct inode_ops tmpfs_special_iops = {
	.setattr = tmpfs_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
};

/* the text is i->link, which path walk reads itself */
const struct inode_ops tmpfs_symlink_iops = {
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
};
