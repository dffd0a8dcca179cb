/* SPDX-License-Identifier: MIT */
/*
 * System calls that move data: read(2), write(2), readv(2), lseek(2),
 * sendfile(2), splice(2), copy_file_range(2), posix_fadvise(2).
 *
 * The file position is locked only for files where it matters and that
 * somebody else can reach at the same time: another thread through a shared
 * table, or another descriptor.
 */
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <abi/uio.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <task/signal.h>
#include <vfs/fdtable.h>
#include <vfs/inner.h>
#include <vfs/notify.h>

#define FAST_IOV 8

struct fd_pos { struct fd f; bool locked; };

static __always_inline struct fd_pos
fdget_pos(int fd)
{
	struct fd_pos p = { fdget(fd), false };

	if (p.f.file && p.f.file->mode & FMODE_ATOMIC_POS &&
	    unlikely(p.f.need_put || refcount_read(&p.f.file->count) > 1)) {
		mutex_lock(&p.f.file->pos_lock);
		p.locked = true;
	}
	return p;
}

static __always_inline void
fdput_pos(struct fd_pos p)
{
	if (unlikely(p.locked))
		mutex_unlock(&p.f.file->pos_lock);
	fdput(p.f);
}

/* vfs_read_iter on the file's own position; streams have none */
static __always_inline ssize_t
read_pos(struct file *f, struct iov_iter *it, u32 flags)
{
	loff_t pos = 0;
	ssize_t n;

	if (f->mode & FMODE_STREAM)
		return vfs_read_iter(f, it, &pos, flags);
	pos = f->pos;
	n = vfs_read_iter(f, it, &pos, flags);
	f->pos = pos;
	return n;
}

static __always_inline ssize_t
write_pos(struct file *f, struct iov_iter *it, u32 flags)
{
	loff_t pos = 0;
	ssize_t n;

	if (f->mode & FMODE_STREAM)
		return vfs_write_iter(f, it, &pos, flags);
	pos = f->pos;
	n = vfs_write_iter(f, it, &pos, flags);
	if (n >= 0)
		f->pos = pos;
	return n;
}

/* no restart of a read that a stop or handler broke after some bytes: n > 0 */

static __noinline long
read_slow(int fd, char __user *buf, size_t count)
{
	struct fd_pos p = fdget_pos(fd);
	struct iov_iter it;
	ssize_t n = -EBADF;

	if (unlikely(!p.f.file))
		return -EBADF;
	if (unlikely(!access_ok(buf, count))) {
		if (p.f.file->mode & FMODE_READ)
			n = -EFAULT;
		goto out;
	}
	iter_ubuf(&it, ITER_DEST, buf, min(count, MAX_RW_COUNT));
	n = read_pos(p.f.file, &it, 0);
out:
	fdput_pos(p);
	return n;
}

static __noinline long
write_slow(int fd, const char __user *buf, size_t count)
{
	struct fd_pos p = fdget_pos(fd);
	struct iov_iter it;
	ssize_t n = -EBADF;

	if (unlikely(!p.f.file))
		return -EBADF;
	if (unlikely(!access_ok(buf, count))) {
		if (p.f.file->mode & FMODE_WRITE)
			n = -EFAULT;
		goto out;
	}
	iter_ubuf(&it, ITER_SOURCE, (char __user *)buf,
		  min(count, MAX_RW_COUNT));
	n = write_pos(p.f.file, &it, 0);
out:
	fdput_pos(p);
	return n;
}

/*
 * The file when nobody else can reach its descriptor or its position, so that
 * neither needs a reference or lock; NULL: the slow way, which also finds the
 * error.
 */
static __always_inline struct file *
file_alone(int fd, u32 mode)
{
	struct file *f = fd_peek(fd);

	if (unlikely(!f || (f->mode & (FMODE_PATH | mode)) != mode))
		return NULL;
	if (f->mode & FMODE_ATOMIC_POS &&
	    unlikely(refcount_read(&f->count) > 1))
		return NULL;
	return f;
}

/* in range, and the end is too: as rw_verify_area(), count being checked */
static __always_inline bool
pos_ok(const struct file *f, loff_t pos, size_t count)
{
	return f->mode & FMODE_STREAM || (u64)pos <= LOFF_MAX - count;
}

long
sys_read(int fd, char __user *buf, size_t count)
{
	struct file *f = file_alone(fd, FMODE_READ);
	struct task *t = current;
	struct iov_iter it;
	loff_t pos;
	ssize_t n;

	if (unlikely(!f || !access_ok(buf, count) || count > MAX_RW_COUNT ||
		     !f->op->read_iter || !pos_ok(f, f->pos, count)))
		return read_slow(fd, buf, count);
	iter_ubuf(&it, ITER_DEST, buf, count);
	pos = f->pos;			/* a stream's is and stays 0 */
	n = f->op->read_iter(f, &it, &pos, file_io_flags(f));
	if (n > 0) {
		t->rchar += n;
		notify_file(f, IN_ACCESS);
	}
	t->syscr++;
	if (!(f->mode & FMODE_STREAM))
		f->pos = pos;
	return n;
}

long
sys_write(int fd, const char __user *buf, size_t count)
{
	struct file *f = file_alone(fd, FMODE_WRITE);
	struct task *t = current;
	struct iov_iter it;
	loff_t pos;
	ssize_t n;

	if (unlikely(!f || !access_ok(buf, count) || count > MAX_RW_COUNT ||
		     !f->op->write_iter || !pos_ok(f, f->pos, count)))
		return write_slow(fd, buf, count);
	iter_ubuf(&it, ITER_SOURCE, (char __user *)buf, count);
	pos = f->pos;
	n = f->op->write_iter(f, &it, &pos, file_io_flags(f));
	if (n > 0) {
		t->wchar += n;
		notify_file(f, IN_MODIFY);
	}
	t->syscw++;
	if (n >= 0 && !(f->mode & FMODE_STREAM))
		f->pos = pos;
	return n;
}

static __noinline long
pread_slow(int fd, char __user *buf, size_t count, loff_t pos)
{
	struct iov_iter it;
	struct fd f;
	ssize_t n;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (!(f.file->mode & FMODE_PREAD)) {
		n = -ESPIPE;
	} else if (!access_ok(buf, count)) {
		n = f.file->mode & FMODE_READ ? -EFAULT : -EBADF;
	} else {
		iter_ubuf(&it, ITER_DEST, buf, min(count, MAX_RW_COUNT));
		n = vfs_read_iter(f.file, &it, &pos, 0);
	}
	fdput(f);
	return n;
}

long
sys_pread64(int fd, char __user *buf, size_t count, loff_t pos)
{
	struct file *f = fd_peek(fd);
	struct task *t = current;
	u32 mode = FMODE_READ | FMODE_PREAD;
	struct iov_iter it;
	ssize_t n;

	if (unlikely(!f || (f->mode & (mode | FMODE_PATH)) != mode ||
		     !access_ok(buf, count) || count > MAX_RW_COUNT ||
		     !f->op->read_iter || !pos_ok(f, pos, count) || pos < 0))
		return pread_slow(fd, buf, count, pos);
	iter_ubuf(&it, ITER_DEST, buf, count);
	n = f->op->read_iter(f, &it, &pos, file_io_flags(f));
	if (n > 0) {
		t->rchar += n;
		notify_file(f, IN_ACCESS);
	}
	t->syscr++;
	return n;
}

long
sys_pwrite64(int fd, const char __user *buf, size_t count, loff_t pos)
{
	struct iov_iter it;
	struct fd f;
	ssize_t n;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (!(f.file->mode & FMODE_PWRITE)) {
		n = -ESPIPE;
	} else if (!access_ok(buf, count)) {
		n = f.file->mode & FMODE_WRITE ? -EFAULT : -EBADF;
	} else {
		iter_ubuf(&it, ITER_SOURCE, (char __user *)buf,
			  min(count, MAX_RW_COUNT));
		n = vfs_write_iter(f.file, &it, &pos, 0);
	}
	fdput(f);
	return n;
}

/* -- vectors ------------------------------------------------------------- */

/* pos NULL: the file's own */
static ssize_t
do_vec(struct file *f, const struct iovec __user *uvec, size_t nr, int dir,
       loff_t *pos, u32 rwf)
{
	struct iovec fast[FAST_IOV], *alloc = NULL;
	struct iov_iter it;
	ssize_t n;
	u32 io;

	if (!(f->mode & (dir == ITER_DEST ? FMODE_READ : FMODE_WRITE)))
		return -EBADF;
	n = iter_import(&it, dir, uvec, nr, fast, FAST_IOV, &alloc);
	if (n < 0)
		return n;
	n = rwf_to_io(f, rwf, &io);
	if (n)
		;
	else if (dir == ITER_DEST)
		n = pos ? vfs_read_iter(f, &it, pos, io) :
			read_pos(f, &it, io);
	else
		n = pos ? vfs_write_iter(f, &it, pos, io) :
			write_pos(f, &it, io);
	kfree(alloc);
	return n;
}

static long
vec_at_file_pos(int fd, const struct iovec __user *vec, size_t nr, int dir,
		u32 rwf)
{
	struct fd_pos p = fdget_pos(fd);
	ssize_t n;

	if (!p.f.file)
		return -EBADF;
	n = do_vec(p.f.file, vec, nr, dir, NULL, rwf);
	fdput_pos(p);
	return n;
}

static long
vec_at(int fd, const struct iovec __user *vec, size_t nr, int dir, loff_t pos,
       u32 rwf)
{
	struct fd f;
	ssize_t n = -ESPIPE;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (f.file->mode & (dir == ITER_DEST ? FMODE_PREAD : FMODE_PWRITE))
		n = do_vec(f.file, vec, nr, dir, &pos, rwf);
	fdput(f);
	return n;
}

long
sys_readv(int fd, const struct iovec __user *vec, unsigned long nr)
{
	return vec_at_file_pos(fd, vec, nr, ITER_DEST, 0);
}

long
sys_writev(int fd, const struct iovec __user *vec, unsigned long nr)
{
	return vec_at_file_pos(fd, vec, nr, ITER_SOURCE, 0);
}

long
sys_preadv(int fd, const struct iovec __user *vec, unsigned long nr,
	   loff_t pos)
{
	return vec_at(fd, vec, nr, ITER_DEST, pos, 0);
}

long
sys_pwritev(int fd, const struct iovec __user *vec, unsigned long nr,
	    loff_t pos)
{
	return vec_at(fd, vec, nr, ITER_SOURCE, pos, 0);
}

long
sys_preadv2(int fd, const struct iovec __user *vec, unsigned long nr,
	    loff_t pos, unsigned long pos_high, u32 rwf)
{
	(void)pos_high;
	if (pos == -1)
		return vec_at_file_pos(fd, vec, nr, ITER_DEST, rwf);
	return vec_at(fd, vec, nr, ITER_DEST, pos, rwf);
}

long
sys_pwritev2(int fd, const struct iovec __user *vec, unsigned long nr,
	     loff_t pos, unsigned long pos_high, u32 rwf)
{
	(void)pos_high;
	if (pos == -1)
		return vec_at_file_pos(fd, vec, nr, ITER_SOURCE, rwf);
	return vec_at(fd, vec, nr, ITER_SOURCE, pos, rwf);
}

long
sys_lseek(int fd, loff_t off, unsigned int whence)
{
	struct fd_pos p = fdget_pos(fd);
	loff_t r;

	if (!p.f.file)
		return -EBADF;
	r = whence > SEEK_HOLE ? -EINVAL : vfs_llseek(p.f.file, off, whence);
	fdput_pos(p);
	return r;
}

/* -- file to file -------------------------------------------------------- */

/* both ends of a transfer; *pos are what the caller says or the files' own */
static int
check_copy(struct file *in, struct file *out, const loff_t *in_pos,
	   const loff_t *out_pos, size_t *len)
{
	int err;

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	*len = min(*len, MAX_RW_COUNT);
	err = rw_verify_area(in, in_pos, *len);
	return err ? err : rw_verify_area(out, out_pos, *len);
}

long
sys_sendfile(int out_fd, int in_fd, loff_t __user *uoff, size_t count)
{
	loff_t in_pos = 0, out_pos, zero = 0;
	ssize_t n = -EBADF;
	struct fd in, out;

	if (uoff && copyin(&in_pos, uoff, sizeof(in_pos)))
		return -EFAULT;
	in = fdget(in_fd);
	if (!in.file)
		return -EBADF;
	if (!(in.file->mode & FMODE_READ))
		goto put_in;
	n = -ESPIPE;
	if (uoff && !(in.file->mode & FMODE_PREAD))
		goto put_in;
	if (!uoff)
		in_pos = in.file->pos;
	n = -EBADF;
	out = fdget(out_fd);
	if (!out.file)
		goto put_in;
	out_pos = out.file->pos;
	n = check_copy(in.file, out.file, &in_pos,
		       out.file->mode & FMODE_STREAM ? &zero : &out_pos,
		       &count);
	if (n)
		goto put_out;
	n = -EINVAL;
	if (out.file->flags & O_APPEND)
		goto put_out;
	n = vfs_copy(in.file, &in_pos, out.file, &out_pos, count);
	if (n > 0) {
		if (!(out.file->mode & FMODE_STREAM))
			out.file->pos = out_pos;
		if (!uoff)
			in.file->pos = in_pos;
		current->rchar += n;
		current->wchar += n;
	}
	if (uoff && n >= 0 && copyout(uoff, &in_pos, sizeof(in_pos)))
		n = -EFAULT;
put_out:
	fdput(out);
put_in:
	fdput(in);
	return n;
}

static ssize_t
splice_files(struct file *in, loff_t __user *uin, struct file *out,
	     loff_t __user *uout, size_t len, u32 flags)
{
	loff_t in_pos = in->pos, out_pos = out->pos;
	ssize_t n;

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if ((file_is_pipe(in) && uin) || (file_is_pipe(out) && uout))
		return -ESPIPE;
	if ((uin && !(in->mode & FMODE_PREAD)) ||
	    (uout && !(out->mode & FMODE_PWRITE)))
		return -EINVAL;
	if ((uin && copyin(&in_pos, uin, sizeof(in_pos))) ||
	    (uout && copyin(&out_pos, uout, sizeof(out_pos))))
		return -EFAULT;
	if (in_pos < 0 || out_pos < 0)
		return -EINVAL;
	n = vfs_splice(in, &in_pos, out, &out_pos, min(len, MAX_RW_COUNT),
		       flags);
	if (n <= 0)
		return n;
	if (uin) {
		if (copyout(uin, &in_pos, sizeof(in_pos)))
			return -EFAULT;
	} else if (!(in->mode & FMODE_STREAM)) {
		in->pos = in_pos;
	}
	if (uout) {
		if (copyout(uout, &out_pos, sizeof(out_pos)))
			return -EFAULT;
	} else if (!(out->mode & FMODE_STREAM)) {
		out->pos = out_pos;
	}
	return n;
}

#define SPLICE_F_ALL	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | \
			 SPLICE_F_GIFT)

long
sys_splice(int fd_in, loff_t __user *off_in, int fd_out,
	   loff_t __user *off_out, size_t len, u32 flags)
{
	struct fd in, out;
	ssize_t n = -EBADF;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in = fdget(fd_in);
	if (!in.file)
		return -EBADF;
	out = fdget(fd_out);
	if (out.file) {
		n = splice_files(in.file, off_in, out.file, off_out, len,
				 flags);
		fdput(out);
	}
	fdput(in);
	return n;
}

long
sys_tee(int fd_in, int fd_out, size_t len, u32 flags)
{
	struct fd in, out;
	ssize_t n = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	in = fdget(fd_in);
	if (!in.file)
		return -EBADF;
	out = fdget(fd_out);
	if (out.file) {
		if (in.file->mode & FMODE_READ && out.file->mode & FMODE_WRITE)
			n = vfs_tee(in.file, out.file, len, flags);
		fdput(out);
	}
	fdput(in);
	return n;
}

/* vmsplice(2): memory is copied, also with SPLICE_F_GIFT, which allows that */
long
sys_vmsplice(int fd, const struct iovec __user *vec, unsigned long nr,
	     u32 flags)
{
	struct fd f;
	ssize_t n = -EBADF;
	int dir;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	dir = f.file->mode & FMODE_WRITE ? ITER_SOURCE : ITER_DEST;
	if (file_is_pipe(f.file))
		n = do_vec(f.file, vec, nr, dir, NULL,
			   flags & SPLICE_F_NONBLOCK ? RWF_NOWAIT : 0);
	fdput(f);
	return n;
}

static ssize_t
copy_range(struct file *in, loff_t __user *uin, struct file *out,
	   loff_t __user *uout, size_t len)
{
	loff_t in_pos = in->pos, out_pos = out->pos;
	ssize_t n;

	if ((uin && copyin(&in_pos, uin, sizeof(in_pos))) ||
	    (uout && copyin(&out_pos, uout, sizeof(out_pos))))
		return -EFAULT;
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	n = check_copy(in, out, &in_pos, &out_pos, &len);
	if (n)
		return n;
	if (out->flags & O_APPEND)
		return -EBADF;
	if (in->inode == out->inode && in_pos < out_pos + (loff_t)len &&
	    out_pos < in_pos + (loff_t)len)
		return -EINVAL;
	n = len ? vfs_copy(in, &in_pos, out, &out_pos, len) : 0;
	if (n <= 0)
		return n;
	if (!uin)
		in->pos = in_pos;
	else if (copyout(uin, &in_pos, sizeof(in_pos)))
		return -EFAULT;
	if (!uout)
		out->pos = out_pos;
	else if (copyout(uout, &out_pos, sizeof(out_pos)))
		return -EFAULT;
	return n;
}

long
sys_copy_file_range(int fd_in, loff_t __user *off_in, int fd_out,
		    loff_t __user *off_out, size_t len, u32 flags)
{
	struct fd in = fdget(fd_in), out;
	ssize_t n = -EBADF;

	if (!in.file)
		return -EBADF;
	out = fdget(fd_out);
	if (out.file) {
		n = flags ? -EINVAL : copy_range(in.file, off_in, out.file,
						 off_out, len);
		fdput(out);
	}
	fdput(in);
	return n;
}

/* -- hints --------------------------------------------------------------- */

long
sys_fadvise64(int fd, loff_t off, loff_t len, int advice)
{
	struct fd f = fdget(fd);
	long r = 0;

	if (!f.file)
		return -EBADF;
	if (S_ISFIFO(f.file->inode->mode)) {
		r = -ESPIPE;
	} else if (len < 0 || !f.file->mapping) {
		r = -EINVAL;
	} else {
		switch (advice) {
		case POSIX_FADV_NORMAL:
		case POSIX_FADV_RANDOM:
		case POSIX_FADV_SEQUENTIAL:
		case POSIX_FADV_WILLNEED:
		case POSIX_FADV_NOREUSE:
			break;		/* read-ahead finds out by itself */
		case POSIX_FADV_DONTNEED:
			if (S_ISREG(f.file->inode->mode) &&
			    f.file->mapping->ops &&
			    !(f.file->mapping->ops->flags & AS_NO_RECLAIM) &&
			    !off && !len)
				aspace_invalidate(f.file->mapping);
			break;
		default:
			r = -EINVAL;
		}
	}
	fdput(f);
	return r;
}

long
sys_readahead(int fd, loff_t off, size_t count)
{
	struct fd f = fdget(fd);
	long r = 0;

	(void)off, (void)count;
	if (!f.file)
		return -EBADF;
	if (!(f.file->mode & FMODE_READ))
		r = -EBADF;
	else if (!S_ISREG(f.file->inode->mode) || !f.file->mapping->ops)
		r = -EINVAL;
	fdput(f);
	return r;		/* a hint */
}
