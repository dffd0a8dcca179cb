/* SPDX-License-Identifier: MIT */
/*
 * System calls that show and change attributes: stat(2), statx(2), statfs(2),
 * access(2), readlink(2), chmod(2), chown(2), utimensat(2).
 */
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <abi/stat.h>
#include <abi/statfs.h>
#include <abi/time.h>
#include <core/time.h>
#include <dev/dev.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <task/task.h>
#include <vfs/fdtable.h>
#include <vfs/inner.h>
#include <vfs/mount.h>

/* -- stat ---------------------------------------------------------------- */

static __noinline void
translate_ids(const struct user_ns *ns, struct abi_stat *s)
{
	s->st_uid = from_kuid_munged(ns, s->st_uid);
	s->st_gid = from_kgid_munged(ns, s->st_gid);
}

static int
put_stat(struct abi_stat __user *u, const struct kstat *k)
{
	const struct user_ns *ns = current_user_ns();
	struct abi_stat s;

	s.st_dev = dev_encode(k->dev);
	s.st_ino = k->ino;
	s.st_nlink = k->nlink;
	s.st_mode = k->mode;
	s.st_uid = k->uid;
	s.st_gid = k->gid;
	if (unlikely(ns != &init_user_ns))
		translate_ids(ns, &s);
	s.pad0 = 0;
	s.st_rdev = dev_encode(k->rdev);
	s.st_size = k->size;
	s.st_blksize = k->blksize;
	s.st_blocks = k->blocks;
	s.st_atime = k->atime.sec;
	s.st_atime_nsec = k->atime.nsec;
	s.st_mtime = k->mtime.sec;
	s.st_mtime_nsec = k->mtime.nsec;
	s.st_ctime = k->ctime.sec;
	s.st_ctime_nsec = k->ctime.nsec;
	s.unused[0] = 0;
	s.unused[1] = 0;
	s.unused[2] = 0;
	return copyout(u, &s, sizeof(s));
}

static int
stat_fd(int fd, struct kstat *k, u32 mask, struct stat_mount *sm)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = vfs_getattr(&f.file->path, k, mask);
	sm->id = f.file->path.mnt->id;
	sm->is_root = f.file->path.dentry == f.file->path.mnt->root;
	fdput(f);
	return err;
}

static int
stat_name(int dfd, const char __user *uname, int flags, u32 mask,
	  struct kstat *k, struct stat_mount *sm)
{
	u32 lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct pathname name;
	int err;

	if (unlikely(flags & AT_EMPTY_PATH))
		lookup |= LOOKUP_EMPTY;
	err = pathname_get(&name, uname, lookup);
	if (err)
		return err;
	if (unlikely(!name.len) && dfd >= 0)
		err = stat_fd(dfd, k, mask, sm);
	else
		err = path_stat(dfd, name.s, lookup, mask, k, sm);
	pathname_put(&name);
	return err;
}

long
sys_newfstatat(int dfd, const char __user *name, struct abi_stat __user *u,
	       int flags)
{
	struct stat_mount sm;
	struct kstat k;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = stat_name(dfd, name, flags, STATX_BASIC_STATS, &k, &sm);
	return err ? err : put_stat(u, &k);
}

long
sys_stat(const char __user *name, struct abi_stat __user *u)
{
	struct stat_mount sm;
	struct kstat k;
	int err = stat_name(AT_FDCWD, name, 0, STATX_BASIC_STATS, &k, &sm);

	return err ? err : put_stat(u, &k);
}

long
sys_lstat(const char __user *name, struct abi_stat __user *u)
{
	struct stat_mount sm;
	struct kstat k;
	int err = stat_name(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW,
			    STATX_BASIC_STATS, &k, &sm);

	return err ? err : put_stat(u, &k);
}

long
sys_fstat(int fd, struct abi_stat __user *u)
{
	struct file *f = fd_peek(fd);
	struct stat_mount sm;
	struct kstat k;
	int err;

	if (likely(f))
		err = vfs_getattr(&f->path, &k, STATX_BASIC_STATS);
	else
		err = stat_fd(fd, &k, STATX_BASIC_STATS, &sm);
	return err ? err : put_stat(u, &k);
}

static struct abi_statx_timestamp
statx_time(struct timespec64 t)
{
	return (struct abi_statx_timestamp){ .tv_sec = t.sec,
		.tv_nsec = t.nsec };
}

long
sys_statx(int dfd, const char __user *name, u32 flags, u32 mask,
	  struct abi_statx __user *u)
{
	struct stat_mount sm;
	struct kstat k;
	int err;

	if (mask & STATX_RESERVED ||
	    flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	err = stat_name(dfd, name, flags, mask, &k, &sm);
	if (err)
		return err;
	struct abi_statx s = {
		.stx_mask = k.result_mask | STATX_BTIME | STATX_MNT_ID,
		.stx_blksize = k.blksize,
		.stx_attributes = k.attributes |
			(sm.is_root ? STATX_ATTR_MOUNT_ROOT : 0),
		.stx_nlink = k.nlink,
		.stx_uid = from_kuid_munged(current_user_ns(), k.uid),
		.stx_gid = from_kgid_munged(current_user_ns(), k.gid),
		.stx_mode = k.mode,
		.stx_ino = k.ino,
		.stx_size = k.size,
		.stx_blocks = k.blocks,
		.stx_attributes_mask = k.attributes_mask |
			STATX_ATTR_MOUNT_ROOT,
		.stx_atime = statx_time(k.atime),
		.stx_btime = statx_time(k.btime),
		.stx_ctime = statx_time(k.ctime),
		.stx_mtime = statx_time(k.mtime),
		.stx_rdev_major = MAJOR(k.rdev),
		.stx_rdev_minor = MINOR(k.rdev),
		.stx_dev_major = MAJOR((dev_t)k.dev),
		.stx_dev_minor = MINOR((dev_t)k.dev),
		.stx_mnt_id = sm.id,
	};
	if (!k.btime.sec && !k.btime.nsec)
		s.stx_mask &= ~STATX_BTIME;
	return copyout(u, &s, sizeof(s));
}

/* -- statfs -------------------------------------------------------------- */

static int
put_statfs(const struct path *p, struct abi_statfs __user *u)
{
	struct kstatfs k;
	u32 mf = p->mnt->flags;
	u64 sf = p->dentry->sb->flags, fl = ST_VALID;
	int err = vfs_statfs(p->dentry, &k);

	if (err)
		return err;
	/* ST_* have the values of MS_* but for relatime */
	if (mf & MNT_READONLY || sf & SB_RDONLY)
		fl |= 1;
	if (mf & MNT_NOSUID)
		fl |= 2;
	if (mf & MNT_NODEV)
		fl |= 4;
	if (mf & MNT_NOEXEC)
		fl |= 8;
	if (sf & SB_SYNCHRONOUS)
		fl |= 16;
	if (mf & MNT_NOATIME)
		fl |= 1024;
	if (mf & MNT_NODIRATIME)
		fl |= 2048;
	if (mf & MNT_RELATIME)
		fl |= 4096;
	struct abi_statfs s = {
		.f_type = k.f_type, .f_bsize = k.f_bsize,
		.f_blocks = k.f_blocks, .f_bfree = k.f_bfree,
		.f_bavail = k.f_bavail, .f_files = k.f_files,
		.f_ffree = k.f_ffree,
		.f_fsid = { (s32)k.f_fsid, (s32)(k.f_fsid >> 32) },
		.f_namelen = k.f_namelen, .f_frsize = k.f_frsize,
		.f_flags = fl,
	};
	return copyout(u, &s, sizeof(s));
}

long
sys_statfs(const char __user *name, struct abi_statfs __user *u)
{
	struct path p;
	int err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	err = put_statfs(&p, u);
	path_put(&p);
	return err;
}

long
sys_fstatfs(int fd, struct abi_statfs __user *u)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = put_statfs(&f.file->path, u);
	fdput(f);
	return err;
}

long
sys_ustat(u32 dev, struct abi_ustat __user *u)
{
	struct super_block *sb = super_find_dev(dev_decode(dev));
	struct abi_ustat s = { 0 };
	struct kstatfs k;
	int err;

	if (!sb)
		return -EINVAL;
	err = vfs_statfs(sb->root, &k);
	super_put(sb);
	if (err)
		return err;
	s.f_tfree = k.f_bfree;
	s.f_tinode = k.f_ffree;
	return copyout(u, &s, sizeof(s));
}

/* -- access -------------------------------------------------------------- */

/* credentials with the real ids in effect, or NULL when they are already */
static int
real_cred(struct cred **out)
{
	const struct cred *c = current_cred();
	bool fixup = !(c->securebits & SECBIT_NO_SETUID_FIXUP);
	u64 caps = !fixup ? c->cap_effective :
		c->uid != cred_root_uid(c) ? 0 : c->cap_permitted;
	struct cred *n;

	*out = NULL;
	if (c->fsuid == c->uid && c->fsgid == c->gid &&
	    c->cap_effective == caps)
		return 0;
	n = cred_prepare();
	if (!n)
		return -ENOMEM;
	n->fsuid = n->uid;
	n->fsgid = n->gid;
	n->cap_effective = caps;
	*out = n;
	return 0;
}

static int
access_path(const struct path *p, int mode)
{
	struct inode *i = p->dentry->inode;
	int err;

	if (mode & X_OK && S_ISREG(i->mode) &&
	    (p->mnt->flags & MNT_NOEXEC || i->sb->flags & SB_NOEXEC))
		return -EACCES;
	err = inode_permission(i, mode | MAY_ACCESS);
	if (!err && mode & W_OK && p->mnt->flags & MNT_READONLY &&
	    (S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode)))
		err = -EROFS;
	return err;
}

static long
do_access(int dfd, const char __user *name, int mode, int flags)
{
	u32 lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	const struct cred *old = current->cred;
	struct cred *tmp = NULL;
	struct path p;
	int err;

	if (mode & ~7 ||
	    flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	if (!(flags & AT_EACCESS)) {
		err = real_cred(&tmp);
		if (err)
			return err;
	}
	if (tmp)
		current->cred = tmp;
	err = path_lookup_user(dfd, name, lookup, &p);
	if (!err) {
		if (mode)
			err = access_path(&p, mode);
		path_put(&p);
	}
	if (tmp) {
		current->cred = old;
		cred_put(tmp);
	}
	return err;
}

long
sys_access(const char __user *name, int mode)
{
	return do_access(AT_FDCWD, name, mode, 0);
}

long
sys_faccessat(int dfd, const char __user *name, int mode)
{
	return do_access(dfd, name, mode, 0);
}

long
sys_faccessat2(int dfd, const char __user *name, int mode, int flags)
{
	return do_access(dfd, name, mode, flags);
}

/* -- readlink ------------------------------------------------------------ */

long
sys_readlinkat(int dfd, const char __user *uname, char __user *buf, int size)
{
	struct pathname name;
	struct path p;
	char *k;
	int n;

	if (size <= 0)
		return -EINVAL;
	n = pathname_get(&name, uname, LOOKUP_EMPTY);
	if (n)
		return n;
	n = path_lookup(dfd, name.s, LOOKUP_EMPTY, &p);
	if (!n) {
		k = kmalloc(PATH_MAX, GFP_KERNEL);
		n = k ? vfs_readlink(&p, k, min(size, PATH_MAX)) : -ENOMEM;
		if (n > 0 && copyout(buf, k, n))
			n = -EFAULT;
		/* an empty name is of an O_PATH descriptor or none at all */
		if (n == -EINVAL && !name.len)
			n = -ENOENT;
		if (n >= 0)
			path_update_atime(&p);
		kfree(k);
		path_put(&p);
	}
	pathname_put(&name);
	return n;
}

long
sys_readlink(const char __user *name, char __user *buf, int size)
{
	return sys_readlinkat(AT_FDCWD, name, buf, size);
}

/* -- changing ------------------------------------------------------------ */

static int
change(const struct path *p, struct iattr *a)
{
	int err = mnt_want_write(p->mnt);

	if (err)
		return err;
	err = vfs_setattr(p, a);
	mnt_drop_write(p->mnt);
	return err;
}

static long
change_fd(int fd, struct iattr *a)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = change(&f.file->path, a);
	fdput(f);
	return err;
}

static long
change_name(int dfd, const char __user *name, int flags, struct iattr *a)
{
	u32 lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	int err;

	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = path_lookup_user(dfd, name, lookup, &p);
	if (err)
		return err;
	if (S_ISLNK(p.dentry->inode->mode) && a->valid & ATTR_MODE)
		err = -EOPNOTSUPP;
	else
		err = change(&p, a);
	path_put(&p);
	return err;
}

long
sys_fchmodat2(int dfd, const char __user *name, mode_t mode, int flags)
{
	struct iattr a = { .valid = ATTR_MODE, .mode = mode & S_IALLUGO };

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_name(dfd, name, flags, &a);
}

long
sys_fchmodat(int dfd, const char __user *name, mode_t mode)
{
	return sys_fchmodat2(dfd, name, mode, 0);
}

long
sys_chmod(const char __user *name, mode_t mode)
{
	return sys_fchmodat2(AT_FDCWD, name, mode, 0);
}

long
sys_fchmod(int fd, mode_t mode)
{
	struct iattr a = { .valid = ATTR_MODE, .mode = mode & S_IALLUGO };

	return change_fd(fd, &a);
}

/* -1 leaves an id as it is; chown(2) on set-id bits */
static int
chown_attr(uid_t uid, gid_t gid, struct iattr *a)
{
	const struct user_ns *ns = current_user_ns();

	*a = (struct iattr){ .valid = ATTR_KILL_SUID | ATTR_KILL_SGID,
		.uid = make_kuid(ns, uid), .gid = make_kgid(ns, gid) };
	if (uid != (uid_t)-1) {
		a->valid |= ATTR_UID;
		if (a->uid == INVALID_ID)
			return -EINVAL;
	}
	if (gid != (gid_t)-1) {
		a->valid |= ATTR_GID;
		if (a->gid == INVALID_ID)
			return -EINVAL;
	}
	return 0;
}

long
sys_fchownat(int dfd, const char __user *name, uid_t uid, gid_t gid,
	     int flags)
{
	struct iattr a;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = chown_attr(uid, gid, &a);
	return err ? err : change_name(dfd, name, flags, &a);
}

long
sys_chown(const char __user *name, uid_t uid, gid_t gid)
{
	return sys_fchownat(AT_FDCWD, name, uid, gid, 0);
}

long
sys_lchown(const char __user *name, uid_t uid, gid_t gid)
{
	return sys_fchownat(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long
sys_fchown(int fd, uid_t uid, gid_t gid)
{
	struct iattr a;
	int err = chown_attr(uid, gid, &a);

	return err ? err : change_fd(fd, &a);
}

/* -- times --------------------------------------------------------------- */

/* ts NULL: both now. utimensat(2) on UTIME_NOW and UTIME_OMIT */
static int
times_attr(const struct abi_timespec *ts, struct iattr *a)
{
	*a = (struct iattr){ .valid = ATTR_ATIME | ATTR_MTIME };
	if (!ts) {
		a->valid |= ATTR_TOUCH;
		return 0;
	}
	for (int i = 0; i < 2; i++)
		if (ts[i].tv_nsec != UTIME_NOW && ts[i].tv_nsec != UTIME_OMIT &&
		    (u64)ts[i].tv_nsec >= NSEC_PER_SEC)
			return -EINVAL;
	if (ts[0].tv_nsec == UTIME_NOW && ts[1].tv_nsec == UTIME_NOW) {
		a->valid |= ATTR_TOUCH;
		return 0;
	}
	if (ts[0].tv_nsec == UTIME_OMIT)
		a->valid &= ~ATTR_ATIME;
	else
		a->valid |= ATTR_ATIME_SET;
	if (ts[1].tv_nsec == UTIME_OMIT)
		a->valid &= ~ATTR_MTIME;
	else
		a->valid |= ATTR_MTIME_SET;
	a->atime = (struct timespec64){ ts[0].tv_sec, ts[0].tv_nsec };
	a->mtime = (struct timespec64){ ts[1].tv_sec, ts[1].tv_nsec };
	if (ts[0].tv_nsec == UTIME_NOW)
		a->atime = (struct timespec64){
			clock_real_ns() / NSEC_PER_SEC,
			clock_real_ns() % NSEC_PER_SEC };
	if (ts[1].tv_nsec == UTIME_NOW)
		a->mtime = (struct timespec64){
			clock_real_ns() / NSEC_PER_SEC,
			clock_real_ns() % NSEC_PER_SEC };
	return 0;
}

static long
do_utimes(int dfd, const char __user *name, const struct abi_timespec *ts,
	  int flags)
{
	struct iattr a;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (ts && ts[0].tv_nsec == UTIME_OMIT && ts[1].tv_nsec == UTIME_OMIT)
		return 0;
	err = times_attr(ts, &a);
	if (err)
		return err;
	if (!name && dfd != AT_FDCWD)
		return flags ? -EINVAL : change_fd(dfd, &a);
	return change_name(dfd, name, flags, &a);
}

long
sys_utimensat(int dfd, const char __user *name,
	      const struct abi_timespec __user *uts, int flags)
{
	struct abi_timespec ts[2];

	if (uts && copyin(ts, uts, sizeof(ts)))
		return -EFAULT;
	return do_utimes(dfd, name, uts ? ts : NULL, flags);
}

long
sys_futimesat(int dfd, const char __user *name,
	      const struct abi_timeval __user *utv)
{
	struct abi_timeval tv[2];
	struct abi_timespec ts[2];

	if (!utv)
		return do_utimes(dfd, name, NULL, 0);
	if (copyin(tv, utv, sizeof(tv)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		if ((u64)tv[i].tv_usec >= 1000000)
			return -EINVAL;
		ts[i] = (struct abi_timespec){ tv[i].tv_sec,
			tv[i].tv_usec * 1000 };
	}
	return do_utimes(dfd, name, ts, 0);
}

long
sys_utimes(const char __user *name, const struct abi_timeval __user *utv)
{
	return sys_futimesat(AT_FDCWD, name, utv);
}

long
sys_utime(const char __user *name, const s64 __user *utb)
{
	struct abi_timespec ts[2] = { { 0 } };
	s64 t[2];

	if (!utb)
		return do_utimes(AT_FDCWD, name, NULL, 0);
	if (copyin(t, utb, sizeof(t)))
		return -EFAULT;
	ts[0].tv_sec = t[0];
	ts[1].tv_sec = t[1];
	return do_utimes(AT_FDCWD, name, ts, 0);
}
