/* SPDX-License-Identifier: MIT */
/*
 * overlayfs regular files: an open one holds an open file of its layer, to
 * which everything is passed on. Opening for writing copies up first. A file
 * that was opened for reading before somebody else had it copied up reads the
 * copy from then on; mappings made before keep the lower one, as on Linux.
 */
#include "overlay.h"

static int
open_real(const struct inode *i, u32 oflags, struct file **out)
{
	struct path p = ovl_real_path(i);

	return vfs_open_real(&p, oflags & ~(O_CREAT | O_EXCL | O_TRUNC |
					    O_NOCTTY | O_NOFOLLOW), out);
}

static int
ovl_open(struct inode *i, struct file *f)
{
	struct file *real;
	int err;

	if (f->mode & FMODE_WRITE) {
		err = ovl_copy_up(f->path.dentry);
		if (err)
			return err;
	}
	err = open_real(i, f->flags, &real);
	if (err)
		return err;
	f->private = real;
	f->mapping = real->mapping;
	return 0;
}

static void
ovl_release(struct file *f)
{
	file_put(f->private);
}

/* the real file to use now; *own: to be put afterwards */
static int
real_get(struct file *f, struct file **out, bool *own)
{
	struct dentry *u = ovl_upper(f->inode);

	*out = f->private;
	*own = u && (*out)->inode != u->inode;
	return *own ? open_real(f->inode, O_RDONLY | O_LARGEFILE, out) : 0;
}

static ssize_t
ovl_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct file *real;
	bool own;
	ssize_t n = real_get(f, &real, &own);

	if (n)
		return n;
	n = real->op->read_iter ? real->op->read_iter(real, to, pos, flags) :
		-EINVAL;
	f->inode->atime = real->inode->atime;
	if (own)
		file_put(real);
	return n;
}

static ssize_t
ovl_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct file *real = f->private;
	ssize_t n;

	if (!real->op->write_iter)
		return -EINVAL;
	n = real->op->write_iter(real, from, pos, flags);
	ovl_copy_attr(f->inode);
	return n;
}

static loff_t
ovl_llseek(struct file *f, loff_t off, int whence)
{
	struct file *real;
	bool own;
	loff_t r = real_get(f, &real, &own);

	if (r)
		return r;
	real->pos = f->pos;		/* nobody else uses it */
	r = vfs_llseek(real, off, whence);
	if (r >= 0)
		f->pos = r;
	if (own)
		file_put(real);
	return r;
}

static int
ovl_mmap(struct file *f, struct vma *v)
{
	struct file *real;
	bool own;
	int err = real_get(f, &real, &own);

	if (err)
		return err;
	err = real->op->mmap ? real->op->mmap(real, v) : -ENODEV;
	if (own)
		file_put(real);
	return err;
}

static int
ovl_fsync(struct file *f, loff_t from, loff_t to, bool datasync)
{
	struct file *real = f->private;

	return real->op->fsync ? real->op->fsync(real, from, to, datasync) :
		-EINVAL;
}

static long
ovl_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct file *real = f->private;
	long r;

	if (!real->op->fallocate)
		return -EOPNOTSUPP;
	r = real->op->fallocate(real, mode, off, len);
	ovl_copy_attr(f->inode);
	return r;
}

const struct file_ops ovl_file_ops = {
	.open = ovl_open,
	.release = ovl_release,
	.read_iter = ovl_read_iter,
	.write_iter = ovl_write_iter,
	.llseek = ovl_llseek,
	.mmap = ovl_mmap,
	.fsync = ovl_fsync,
	.fallocate = ovl_fallocate,
};
