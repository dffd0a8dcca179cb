/* SPDX-License-Identifier: MIT */
/*
 * System calls on descriptors: close(2), dup(2), fcntl(2), flock(2), ioctl(2),
 * pipe(2), eventfd(2), memfd_create(2), truncation, sync.
 */
#include <abi/fcntl.h>
#include <abi/ioctl.h>
#include <abi/limits.h>
#include <mm/pagecache.h>
#include <syscall/entry.h>
#include <task/cred.h>
#include <task/rlimit.h>
#include <task/signal.h>
#include <task/user_ns.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include <vfs/vfs.h>

long
sys_close(int fd)
{
	int err = fd_close(fd);

	/* the descriptor is gone: a restart would close another's */
	if (unlikely(err == -ERESTARTSYS || err == -ERESTARTNOINTR ||
		     err == -ERESTARTNOHAND))
		err = -EINTR;
	return err;
}

long
sys_close_range(u32 first, u32 last, u32 flags)
{
	int err;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) ||
	    first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		err = flags & CLOSE_RANGE_CLOEXEC ? files_unshare() :
			files_unshare_range(first, last);
		if (err)
			return err;
	}
	fd_close_range(first, last, flags & CLOSE_RANGE_CLOEXEC);
	return 0;
}

/* -- duplicates ---------------------------------------------------------- */

static long
dup_min(int fd, int min, bool cloexec)
{
	struct fd f = fdget_raw(fd);
	int n;

	if (!f.file)
		return -EBADF;
	n = fd_alloc(min, cloexec);
	if (n >= 0) {
		file_get(f.file);
		fd_install(n, f.file);
	}
	fdput(f);
	return n;
}

long
sys_dup(int fd)
{
	return dup_min(fd, 0, false);
}

static long
dup_to(int oldfd, u32 newfd, bool cloexec)
{
	struct fd f;
	int r;

	if (newfd >= rlimit_cur(RLIMIT_NOFILE))
		return -EBADF;
	f = fdget_raw(oldfd);
	if (!f.file)
		return -EBADF;
	file_get(f.file);
	r = fd_replace(f.file, newfd, cloexec);
	fdput(f);
	return r == -EMFILE ? -EBADF : r;
}

long
sys_dup2(int oldfd, u32 newfd)
{
	if ((u32)oldfd == newfd) {
		struct fd f = fdget_raw(oldfd);

		if (!f.file)
			return -EBADF;
		fdput(f);
		return oldfd;
	}
	return dup_to(oldfd, newfd, false);
}

long
sys_dup3(int oldfd, u32 newfd, int flags)
{
	if (flags & ~O_CLOEXEC || (u32)oldfd == newfd)
		return -EINVAL;
	return dup_to(oldfd, newfd, flags & O_CLOEXEC);
}

/* -- fcntl --------------------------------------------------------------- */

#define SETFL_MASK	(O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_FASYNC)

static int
set_flags(struct file *f, u32 arg)
{
	int err = 0;

	if (f->inode->flags & S_APPEND_F && !(arg & O_APPEND))
		return -EPERM;
	if (arg & O_NOATIME && !(f->flags & O_NOATIME) &&
	    !inode_owner_or_capable(f->inode))
		return -EPERM;
	if (arg & O_DIRECT && S_ISREG(f->inode->mode))
		return -EINVAL;
	if ((arg ^ f->flags) & O_FASYNC) {
		if (!f->op->fasync)
			arg = (arg & ~O_FASYNC) | (f->flags & O_FASYNC);
		else
			err = f->op->fasync(f, arg & O_FASYNC);
		if (err < 0)
			return err;
	}
	spin_lock(&f->lock);
	f->flags = (arg & SETFL_MASK) | (f->flags & ~SETFL_MASK);
	spin_unlock(&f->lock);
	return 0;
}

static long
fcntl_lock(struct file *f, int cmd, void __user *arg)
{
	struct abi_flock fl;
	int err;

	if (copyin(&fl, arg, sizeof(fl)))
		return -EFAULT;
	err = locks_fcntl(f, cmd, &fl);
	if (!err && (cmd == F_GETLK || cmd == F_OFD_GETLK) &&
	    copyout(arg, &fl, sizeof(fl)))
		return -EFAULT;
	return err;
}

static long
set_owner(struct file *f, int arg)
{
	if (arg == INT_MIN)
		return -EINVAL;
	if (arg < 0)
		return file_owner_set(f, F_OWNER_PGRP, -arg);
	return file_owner_set(f, F_OWNER_PID, arg);
}

static long
owner_ex(struct file *f, int cmd, void __user *arg)
{
	struct abi_f_owner_ex ex;
	int err;

	if (cmd == F_SETOWN_EX) {
		if (copyin_struct(&ex, (struct abi_f_owner_ex __user *)arg))
			return -EFAULT;
		return file_owner_set(f, ex.type, ex.pid);
	}
	file_owner_get(f, &ex.type, &ex.pid);
	err = copyout_struct((struct abi_f_owner_ex __user *)arg, &ex);
	return err;
}

static long
owner_uids(struct file *f, u32 __user *arg)
{
	u32 ids[2];

	spin_lock(&f->lock);
	ids[0] = from_kuid_munged(current_user_ns(), f->owner.uid);
	ids[1] = from_kuid_munged(current_user_ns(), f->owner.euid);
	spin_unlock(&f->lock);
	return copyout(arg, ids, sizeof(ids));
}

static long
do_fcntl(int fd, struct file *f, u32 cmd, unsigned long arg)
{
	int type;
	pid_t who;

	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg >= rlimit_cur(RLIMIT_NOFILE))
			return -EINVAL;
		return dup_min(fd, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_get_cloexec(fd);
	case F_SETFD:
		return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return f->flags & ~O_CLOEXEC;
	}
	if (f->mode & FMODE_PATH)
		return -EBADF;
	switch (cmd) {
	case F_SETFL:
		return set_flags(f, arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(f, cmd, (void __user *)arg);
	case F_SETOWN:
		return set_owner(f, arg);
	case F_GETOWN:
		file_owner_get(f, &type, &who);
		return type == F_OWNER_PGRP ? -who : who;
	case F_SETOWN_EX:
	case F_GETOWN_EX:
		return owner_ex(f, cmd, (void __user *)arg);
	case F_GETOWNER_UIDS:
		return owner_uids(f, (u32 __user *)arg);
	case F_SETSIG:
		if (arg > NSIG)
			return -EINVAL;
		f->owner.sig = arg;
		return 0;
	case F_GETSIG:
		return f->owner.sig;
	case F_SETLEASE:
		return lease_set(f, fd, arg);
	case F_GETLEASE:
		return lease_get(f);
	case F_SETPIPE_SZ:
		return pipe_set_size(f, arg);
	case F_GETPIPE_SZ:
		return pipe_get_size(f);
	case F_ADD_SEALS:
		return arg > U32_MAX ? -EINVAL : file_add_seals(f, arg);
	case F_GET_SEALS:
		return file_get_seals(f);
	}
	return -EINVAL;
}

long
sys_fcntl(int fd, u32 cmd, unsigned long arg)
{
	struct fd f = fdget_raw(fd);
	long r;

	if (!f.file)
		return -EBADF;
	r = do_fcntl(fd, f.file, cmd, arg);
	fdput(f);
	return r;
}

long
sys_flock(int fd, u32 cmd)
{
	struct fd f;
	int type;
	long r;

	if (cmd & LOCK_MAND)
		return 0;	/* gone since Linux 5.15, and no error */
	switch (cmd & ~LOCK_NB) {
	case LOCK_SH:
		type = F_RDLCK;
		break;
	case LOCK_EX:
		type = F_WRLCK;
		break;
	case LOCK_UN:
		type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (type != F_UNLCK && !(f.file->mode & (FMODE_READ | FMODE_WRITE)))
		r = -EBADF;
	else
		r = locks_flock(f.file, type, !(cmd & LOCK_NB));
	fdput(f);
	return r;
}

/* -- ioctl --------------------------------------------------------------- */

static long
ioctl_flag(struct file *f, u32 flag, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	if (flag == O_FASYNC && (!on != !(f->flags & O_FASYNC))) {
		int err = f->op->fasync ? f->op->fasync(f, on) : -ENOTTY;

		if (err < 0)
			return err;
	}
	spin_lock(&f->lock);
	f->flags = on ? f->flags | flag : f->flags & ~flag;
	spin_unlock(&f->lock);
	return 0;
}

/* what every file answers: ioctl_list(2), "FIO*"; -ENOIOCTL form is 1 */
static long
do_ioctl(int fd, struct file *f, u32 cmd, unsigned long arg)
{
	struct inode *i = f->inode;
	s64 size;

	switch (cmd) {
	case FIOCLEX:
		return fd_set_cloexec(fd, true);
	case FIONCLEX:
		return fd_set_cloexec(fd, false);
	case FIONBIO:
		return ioctl_flag(f, O_NONBLOCK, (int __user *)arg);
	case FIOASYNC:
		return ioctl_flag(f, O_FASYNC, (int __user *)arg);
	case FIOQSIZE:
		if (!S_ISREG(i->mode) && !S_ISDIR(i->mode) &&
		    !S_ISLNK(i->mode))
			return -ENOTTY;
		size = inode_size(i);
		return copyout((void __user *)arg, &size, sizeof(size));
	case FIGETBSZ:
		if (!i->sb->blocksize)
			return -EINVAL;
		return put_user((int)i->sb->blocksize, (int __user *)arg);
	case FIONREAD:
		if (!S_ISREG(i->mode))
			break;
		return put_user((int)(inode_size(i) - f->pos),
				(int __user *)arg);
	}
	return vfs_ioctl(f, cmd, arg);
}

long
sys_ioctl(int fd, u32 cmd, unsigned long arg)
{
	struct fd f = fdget(fd);
	long r;

	if (!f.file)
		return -EBADF;
	r = do_ioctl(fd, f.file, cmd, arg);
	fdput(f);
	return r;
}

/* -- files of a kind ----------------------------------------------------- */

long
sys_pipe2(int __user *ufd, u32 flags)
{
	struct file *rd, *wr;
	int fd[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create(&rd, &wr, flags);
	if (err)
		return err;
	fd[0] = fd_alloc(0, flags & O_CLOEXEC);
	err = fd[0];
	if (err < 0)
		goto put;
	fd[1] = fd_alloc(0, flags & O_CLOEXEC);
	err = fd[1];
	if (err < 0)
		goto free_0;
	err = -EFAULT;
	if (copyout(ufd, fd, sizeof(fd)))
		goto free_1;
	fd_install(fd[0], rd);
	fd_install(fd[1], wr);
	return 0;
free_1:
	fd_free(fd[1]);
free_0:
	fd_free(fd[0]);
put:
	file_put(rd);
	file_put(wr);
	return err;
}

long
sys_pipe(int __user *ufd)
{
	return sys_pipe2(ufd, 0);
}

long
sys_eventfd2(u32 count, u32 flags)
{
	struct file *f;
	int err;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	err = eventfd_create(count, flags, &f);
	return err ? err : fd_install_new(f, flags);
}

long
sys_eventfd(u32 count)
{
	return sys_eventfd2(count, 0);
}

long
sys_memfd_create(const char __user *uname, u32 flags)
{
	char name[NAME_MAX + 1];
	struct file *f;
	ssize_t n;
	int err;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC |
		      MFD_NOEXEC_SEAL) ||
	    (flags & (MFD_EXEC | MFD_NOEXEC_SEAL)) ==
	    (MFD_EXEC | MFD_NOEXEC_SEAL))
		return -EINVAL;
	n = copyinstr(name, uname, 250);
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	err = memfd_create_file(name, flags, &f);
	if (err)
		return err;
	return fd_install_new(f, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

/* -- size ---------------------------------------------------------------- */

static long
do_truncate(const struct path *p, loff_t len, struct file *f)
{
	struct iattr a = { .valid = ATTR_SIZE | ATTR_KILL_SUID |
		ATTR_KILL_SGID, .size = len, .file = f };

	a.valid |= ATTR_MTIME;
	return vfs_setattr(p, &a);
}

long
sys_truncate(const char __user *name, loff_t len)
{
	struct inode *i;
	struct path p;
	long err;

	if (len < 0)
		return -EINVAL;
	err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	i = p.dentry->inode;
	err = S_ISDIR(i->mode) ? -EISDIR : !S_ISREG(i->mode) ? -EINVAL : 0;
	if (err)
		goto out;
	err = mnt_want_write(p.mnt);
	if (err)
		goto out;
	err = inode_permission(i, MAY_WRITE);
	if (!err && i->flags & S_APPEND_F)
		err = -EPERM;
	if (!err && atomic_read(&i->writecount) < 0)
		err = -ETXTBSY;
	if (!err)
		err = lease_break(i, O_WRONLY);
	if (!err)
		err = do_truncate(&p, len, NULL);
	mnt_drop_write(p.mnt);
out:
	path_put(&p);
	return err;
}

long
sys_ftruncate(int fd, loff_t len)
{
	struct fd f;
	long err;

	if (len < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (!S_ISREG(f.file->inode->mode) || !(f.file->mode & FMODE_WRITE))
		err = -EINVAL;
	else if (f.file->inode->flags & S_APPEND_F)
		err = -EPERM;
	else
		err = do_truncate(&f.file->path, len, f.file);
	fdput(f);
	return err;
}

long
sys_fallocate(int fd, int mode, loff_t off, loff_t len)
{
	struct fd f = fdget(fd);
	long r;

	if (!f.file)
		return -EBADF;
	r = vfs_fallocate(f.file, mode, off, len);
	fdput(f);
	return r;
}

/* -- sync ---------------------------------------------------------------- */

static long
do_fsync(int fd, bool datasync)
{
	struct fd f = fdget(fd);
	long r;

	if (!f.file)
		return -EBADF;
	r = vfs_fsync(f.file, 0, LOFF_MAX, datasync);
	fdput(f);
	return r;
}

long
sys_fsync(int fd)
{
	return do_fsync(fd, false);
}

long
sys_fdatasync(int fd)
{
	return do_fsync(fd, true);
}

long
sys_sync(void)
{
	vfs_sync_all();
	return 0;
}

long
sys_syncfs(int fd)
{
	struct fd f = fdget(fd);
	long r;

	if (!f.file)
		return -EBADF;
	r = super_sync(f.file->inode->sb, true);
	fdput(f);
	return r;
}

long
sys_sync_file_range(int fd, loff_t off, loff_t len, u32 flags)
{
	struct fd f;
	mode_t m;
	long r = 0;

	if (flags & ~7U || off < 0 || len < 0 || len > LOFF_MAX - off)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	m = f.file->inode->mode;
	if (!S_ISREG(m) && !S_ISBLK(m) && !S_ISDIR(m) && !S_ISLNK(m))
		r = -ESPIPE;
	else if (flags && f.file->mapping->ops &&
		 !(f.file->mapping->ops->flags & AS_NO_RECLAIM))
		r = aspace_writeback(f.file->mapping, off,
			len ? off + len - 1 : LOFF_MAX,
			flags & (SYNC_FILE_RANGE_WAIT_BEFORE |
				 SYNC_FILE_RANGE_WAIT_AFTER));
	fdput(f);
	return r;
}
