/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and seeking: what is common to all files before and after
 * their operation runs. The system calls' own fast paths are in
 * syscall/sys_file_rw.c and use the checks here.
 */
#include <abi/uio.h>
#include <task/rlimit.h>
#include <task/signal.h>
#include <vfs/notify.h>
#include "internal.h"

int
rw_verify_area(struct file *f, const loff_t *pos, size_t count)
{
	(void)f;
	if (unlikely(*pos < 0 || (s64)count < 0 ||
		     (loff_t)count > LOFF_MAX - *pos))
		return -EINVAL;
	return 0;
}

/* the file's operations understand RWF_NOWAIT themselves */
int
rwf_to_io(struct file *f, u32 rwf, u32 *io)
{
	if (rwf & ~RWF_SUPPORTED)
		return -EOPNOTSUPP;
	*io = rwf & RWF_NOWAIT;
	if (rwf & RWF_NOWAIT && !(f->op->flags & FOP_NOWAIT))
		return -EOPNOTSUPP;
	if (rwf & (RWF_DSYNC | RWF_SYNC))
		*io |= IO_DSYNC;
	if (rwf & RWF_APPEND)
		*io |= IO_APPEND;
	return 0;
}

u32
file_io_flags_slow(const struct file *f)
{
	u32 o = READ_ONCE(f->flags), r = 0;

	if (o & O_NONBLOCK)
		r |= IO_NONBLOCK;
	if (o & O_APPEND)
		r |= IO_APPEND;
	if (o & O_DSYNC)
		r |= IO_DSYNC;
	return r;
}

static int
cannot(const struct file *f)
{
	return S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
}

ssize_t
vfs_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	ssize_t n;

	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (unlikely(!f->op->read_iter))
		return cannot(f);
	if (!(f->mode & FMODE_STREAM)) {
		n = rw_verify_area(f, pos, to->count);
		if (n)
			return n;
	}
	n = f->op->read_iter(f, to, pos, flags | file_io_flags(f));
	if (n > 0) {
		current->rchar += n;
		notify_file(f, IN_ACCESS);
	}
	current->syscr++;
	return n;
}

ssize_t
vfs_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	ssize_t n;

	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (unlikely(!f->op->write_iter))
		return cannot(f);
	if (!(f->mode & FMODE_STREAM)) {
		n = rw_verify_area(f, pos, from->count);
		if (n)
			return n;
	}
	n = f->op->write_iter(f, from, pos, flags | file_io_flags(f));
	if (n > 0) {
		current->wchar += n;
		notify_file(f, IN_MODIFY);
	}
	current->syscw++;
	return n;
}

ssize_t
kernel_read(struct file *f, void *buf, size_t len, loff_t *pos)
{
	struct kvec v = { buf, len };
	struct iov_iter it;

	if (unlikely(!f->op->read_iter))
		return cannot(f);
	iter_kvec(&it, ITER_DEST, &v, 1, len);
	return f->op->read_iter(f, &it, pos, 0);
}

ssize_t
kernel_write(struct file *f, const void *buf, size_t len, loff_t *pos)
{
	struct kvec v = { (void *)buf, len };
	struct iov_iter it;

	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (unlikely(!f->op->write_iter))
		return cannot(f);
	iter_kvec(&it, ITER_SOURCE, &v, 1, len);
	return f->op->write_iter(f, &it, pos, file_io_flags(f));
}

/*
 * write_checks - i_rwsem held: where a write may go and how much of it.
 * Bytes to write (iter shortened), 0, or -errno. RLIMIT_FSIZE: setrlimit(2).
 */
ssize_t
write_checks(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct inode *i = f->inode;
	u64 limit = rlimit_cur(RLIMIT_FSIZE), max = i->sb->maxbytes;

	if (!from->count)
		return 0;
	if (flags & IO_APPEND)
		*pos = inode_size(i);
	if (unlikely(limit < LOFF_MAX)) {
		if ((u64)*pos >= limit) {
			signal_send_thread(current, SIGXFSZ, SEND_SIG_PRIV);
			return -EFBIG;
		}
		from->count = min(from->count, limit - *pos);
	}
	if (unlikely((u64)*pos >= max))
		return -EFBIG;
	from->count = min(from->count, max - *pos);
	return from->count;
}

/* -- seeking ------------------------------------------------------------- */

static loff_t
set_pos(struct file *f, loff_t pos, loff_t max)
{
	if (pos < 0 || pos > max)
		return -EINVAL;
	f->pos = pos;
	return pos;
}

loff_t
generic_llseek(struct file *f, loff_t off, int whence)
{
	struct inode *i = f->mapping ? f->mapping->host : f->inode;
	loff_t size = inode_size(i), max = i->sb->maxbytes, base;

	switch (whence) {
	case SEEK_SET:
		return set_pos(f, off, max);
	case SEEK_CUR:
		if (!off)
			return f->pos;
		base = f->pos;
		break;
	case SEEK_END:
		base = size;
		break;
	case SEEK_DATA:
		if ((u64)off >= (u64)size)
			return -ENXIO;
		return set_pos(f, off, max);
	case SEEK_HOLE:
		if ((u64)off >= (u64)size)
			return -ENXIO;
		return set_pos(f, size, max);
	default:
		return -EINVAL;
	}
	if (add_overflow(base, off, &off))
		return -EINVAL;
	return set_pos(f, off, max);
}

loff_t
no_llseek(struct file *f, loff_t off, int whence)
{
	(void)f, (void)off, (void)whence;
	return -ESPIPE;
}

loff_t
noop_llseek(struct file *f, loff_t off, int whence)
{
	(void)off, (void)whence;
	return f->pos;
}

loff_t
vfs_llseek(struct file *f, loff_t off, int whence)
{
	if (!(f->mode & FMODE_LSEEK) && f->op->llseek != noop_llseek)
		return -ESPIPE;
	if (f->op->llseek)
		return f->op->llseek(f, off, whence);
	return generic_llseek(f, off, whence);
}

/* -- the rest ------------------------------------------------------------ */

int
vfs_fsync(struct file *f, loff_t from, loff_t to, bool datasync)
{
	if (!f->op->fsync)
		return -EINVAL;
	return f->op->fsync(f, from, to, datasync);
}

long
vfs_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct inode *i = f->inode;
	long r;

	if (off < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~0x7f)
		return -EOPNOTSUPP;
	if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) ==
	    (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (mode & ~FALLOC_FL_KEEP_SIZE && i->flags & S_APPEND_F)
		return -EPERM;
	if (i->flags & S_IMMUTABLE_F)
		return -EPERM;
	if (S_ISFIFO(i->mode))
		return -ESPIPE;
	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode) && !S_ISBLK(i->mode))
		return -ENODEV;
	if (len > i->sb->maxbytes - off)
		return -EFBIG;
	if (!f->op->fallocate)
		return -EOPNOTSUPP;
	r = f->op->fallocate(f, mode, off, len);
	if (!r)
		notify_file(f, IN_MODIFY);
	return r;
}

u32
vfs_poll(struct file *f, struct poll_table *pt)
{
	if (!f->op->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return f->op->poll(f, pt);
}

long
vfs_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	if (!f->op->ioctl)
		return -ENOTTY;
	return f->op->ioctl(f, cmd, arg);
}
