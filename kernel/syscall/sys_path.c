/* SPDX-License-Identifier: MIT */
/*
 * System calls that take path names: open(2), mkdir(2), mknod(2), link(2),
 * symlink(2), unlink(2), rename(2), chdir(2), chroot(2), getcwd(2), mount(2).
 */
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <abi/mount.h>
#include <dev/dev.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <task/cred.h>
#include <task/task.h>
#include <vfs/inner.h>
#include <vfs/mount.h>

/* -- open ---------------------------------------------------------------- */

static long
open_common(int dfd, const char __user *uname, struct open_args *oa)
{
	struct pathname name;
	struct file *f;
	int fd, err;

	err = pathname_get(&name, uname, 0);
	if (err)
		return err;
	fd = fd_alloc(0, oa->flags & O_CLOEXEC);
	if (fd < 0) {
		pathname_put(&name);
		return fd;
	}
	err = do_open(dfd, NULL, name.s, oa, &f);
	pathname_put(&name);
	if (err) {
		fd_free(fd);
		return err;
	}
	fd_install(fd, f);
	return fd;
}

/* flags that cannot go together, and those that others imply: open(2) */
static int
check_flags(struct open_args *oa)
{
	u32 f = oa->flags;

	if (f & O_PATH) {
		f &= O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
	} else if (f & O_TMPFILE_BIT) {
		if ((f & O_TMPFILE) != O_TMPFILE || f & O_CREAT ||
		    !(f & (O_WRONLY | O_RDWR)))
			return -EINVAL;
	}
	if ((f & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		f &= ~O_DIRECTORY;	/* as before Linux 6.4: ignored */
	if (!(f & (O_CREAT | O_TMPFILE_BIT)))
		oa->mode = 0;
	oa->flags = f;
	return 0;
}

long
sys_openat(int dfd, const char __user *name, int flags, mode_t mode)
{
	struct open_args oa = { .mode = mode & S_IALLUGO,
		.flags = (flags & O_VALID_FLAGS) | O_LARGEFILE };
	int err;

	if (flags & O_SYNC_BIT)
		oa.flags |= O_DSYNC;
	err = check_flags(&oa);
	return err ? err : open_common(dfd, name, &oa);
}

long
sys_open(const char __user *name, int flags, mode_t mode)
{
	return sys_openat(AT_FDCWD, name, flags, mode);
}

long
sys_creat(const char __user *name, mode_t mode)
{
	return sys_openat(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long
sys_openat2(int dfd, const char __user *name,
	    const struct abi_open_how __user *uhow, size_t size)
{
	static const struct { u32 resolve, lookup; } map[] = {
		{ RESOLVE_NO_XDEV, LOOKUP_NO_XDEV },
		{ RESOLVE_NO_MAGICLINKS, LOOKUP_NO_MAGICLINKS },
		{ RESOLVE_NO_SYMLINKS, LOOKUP_NO_SYMLINKS },
		{ RESOLVE_BENEATH, LOOKUP_BENEATH },
		{ RESOLVE_IN_ROOT, LOOKUP_IN_ROOT },
		{ RESOLVE_CACHED, LOOKUP_CACHED },
	};
	struct abi_open_how how = { 0 };
	struct open_args oa = { 0 };
	int err;

	if (size < sizeof(how))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copyin_struct_sized(&how, sizeof(how), uhow, size);
	if (err)
		return err;
	if (how.flags & ~(u64)O_VALID_FLAGS || how.resolve & ~0x3fUL)
		return -EINVAL;
	if ((how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) ==
	    (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how.flags & (O_CREAT | O_TMPFILE_BIT) ?
	    (how.mode & ~(u64)S_IALLUGO) != 0 : how.mode != 0)
		return -EINVAL;
	if (how.flags & O_PATH &&
	    how.flags & ~(u64)(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC))
		return -EINVAL;
	if (how.resolve & RESOLVE_CACHED &&
	    how.flags & (O_TRUNC | O_CREAT | O_TMPFILE_BIT))
		return -EAGAIN;
	for (unsigned int i = 0; i < ARRAY_SIZE(map); i++)
		if (how.resolve & map[i].resolve)
			oa.lookup |= map[i].lookup;
	oa.flags = how.flags | O_LARGEFILE;
	if (oa.flags & O_SYNC_BIT)
		oa.flags |= O_DSYNC;
	oa.mode = how.mode;
	err = check_flags(&oa);
	return err ? err : open_common(dfd, name, &oa);
}

/* -- making -------------------------------------------------------------- */

long
sys_mkdirat(int dfd, const char __user *uname, mode_t mode)
{
	struct pathname name;
	struct path parent;
	struct dentry *d;
	int err = pathname_get(&name, uname, 0);

	if (err)
		return err;
	err = path_create(dfd, name.s, LOOKUP_DIRECTORY, &parent, &d);
	if (!err) {
		err = vfs_mkdir(parent.dentry->inode, d,
				mode & ~current->fs->umask);
		path_create_done(&parent, d);
	}
	pathname_put(&name);
	return err;
}

long
sys_mkdir(const char __user *name, mode_t mode)
{
	return sys_mkdirat(AT_FDCWD, name, mode);
}

static int
check_mknod(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
	case 0:
		return 0;
	case S_IFDIR:
		return -EPERM;
	}
	return -EINVAL;
}

long
sys_mknodat(int dfd, const char __user *uname, mode_t mode, u32 dev)
{
	struct pathname name;
	struct path parent;
	struct dentry *d;
	int err = check_mknod(mode);

	if (err)
		return err;
	err = pathname_get(&name, uname, 0);
	if (err)
		return err;
	err = path_create(dfd, name.s, 0, &parent, &d);
	if (!err) {
		struct inode *dir = parent.dentry->inode;
		mode_t m = mode & ~current->fs->umask;

		if (!(mode & S_IFMT) || S_ISREG(mode))
			err = vfs_create(dir, d, m);
		else
			err = vfs_mknod(dir, d, m, S_ISCHR(mode) ||
					S_ISBLK(mode) ? dev_decode(dev) : 0);
		path_create_done(&parent, d);
	}
	pathname_put(&name);
	return err;
}

long
sys_mknod(const char __user *name, mode_t mode, u32 dev)
{
	return sys_mknodat(AT_FDCWD, name, mode, dev);
}

long
sys_symlinkat(const char __user *utarget, int dfd, const char __user *uname)
{
	struct pathname target, name;
	struct path parent;
	struct dentry *d;
	int err = pathname_get(&target, utarget, 0);

	if (err)
		return err;
	err = pathname_get(&name, uname, 0);
	if (err)
		goto out;
	err = path_create(dfd, name.s, 0, &parent, &d);
	if (!err) {
		err = vfs_symlink(parent.dentry->inode, d, target.s);
		path_create_done(&parent, d);
	}
	pathname_put(&name);
out:
	pathname_put(&target);
	return err;
}

long
sys_symlink(const char __user *target, const char __user *name)
{
	return sys_symlinkat(target, AT_FDCWD, name);
}

long
sys_linkat(int odfd, const char __user *uold, int ndfd,
	   const char __user *unew, int flags)
{
	struct path old, parent;
	struct pathname new;
	struct dentry *d;
	u32 lookup = 0;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		lookup |= LOOKUP_EMPTY;
	}
	if (flags & AT_SYMLINK_FOLLOW)
		lookup |= LOOKUP_FOLLOW;
	err = path_lookup_user(odfd, uold, lookup, &old);
	if (err)
		return err;
	err = pathname_get(&new, unew, 0);
	if (err)
		goto out;
	err = path_create(ndfd, new.s, 0, &parent, &d);
	if (!err) {
		err = old.mnt == parent.mnt ? may_linkat(old.dentry->inode) :
			-EXDEV;
		if (!err)
			err = vfs_link(old.dentry, parent.dentry->inode, d);
		path_create_done(&parent, d);
	}
	pathname_put(&new);
out:
	path_put(&old);
	return err;
}

long
sys_link(const char __user *old, const char __user *new)
{
	return sys_linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

/* -- removing and renaming ----------------------------------------------- */

static long
remove_at(int dfd, const char __user *uname, bool is_dir)
{
	struct pathname name;
	int err = pathname_get(&name, uname, 0);

	if (err)
		return err;
	err = is_dir ? path_rmdir(dfd, name.s) : path_unlink(dfd, name.s);
	pathname_put(&name);
	return err;
}

long
sys_unlink(const char __user *name)
{
	return remove_at(AT_FDCWD, name, false);
}

long
sys_rmdir(const char __user *name)
{
	return remove_at(AT_FDCWD, name, true);
}

long
sys_unlinkat(int dfd, const char __user *name, int flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_at(dfd, name, flags & AT_REMOVEDIR);
}

long
sys_renameat2(int odfd, const char __user *uold, int ndfd,
	      const char __user *unew, u32 flags)
{
	struct pathname old, new;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT) ||
	    (flags & RENAME_EXCHANGE &&
	     flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)))
		return -EINVAL;
	err = pathname_get(&old, uold, 0);
	if (err)
		return err;
	err = pathname_get(&new, unew, 0);
	if (!err) {
		err = path_rename(odfd, old.s, ndfd, new.s, flags);
		pathname_put(&new);
	}
	pathname_put(&old);
	return err;
}

long
sys_renameat(int odfd, const char __user *old, int ndfd,
	     const char __user *new)
{
	return sys_renameat2(odfd, old, ndfd, new, 0);
}

long
sys_rename(const char __user *old, const char __user *new)
{
	return sys_renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}

/* -- where we are -------------------------------------------------------- */

long
sys_chdir(const char __user *name)
{
	struct path p;
	int err = path_lookup_user(AT_FDCWD, name,
				   LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = path_permission(&p, MAY_EXEC | MAY_CHDIR);
	if (!err)
		fs_context_set_cwd(current->fs, &p);
	path_put(&p);
	return err;
}

long
sys_fchdir(int fd)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = -ENOTDIR;
	if (S_ISDIR(f.file->inode->mode))
		err = path_permission(&f.file->path, MAY_EXEC | MAY_CHDIR);
	if (!err)
		fs_context_set_cwd(current->fs, &f.file->path);
	fdput(f);
	return err;
}

long
sys_chroot(const char __user *name)
{
	struct path p;
	int err = path_lookup_user(AT_FDCWD, name,
				   LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = path_permission(&p, MAY_EXEC | MAY_CHDIR);
	if (!err)
		err = ns_capable(current_user_ns(), CAP_SYS_CHROOT) ? vfs_chroot_current(&p) :
			-EPERM;
	path_put(&p);
	return err;
}

long
sys_getcwd(char __user *buf, size_t size)
{
	char *k = kmalloc(PATH_MAX, GFP_KERNEL);
	int n;

	if (!k)
		return -ENOMEM;
	n = vfs_getcwd(k, min_t(size_t, size, PATH_MAX));
	if (n > 0 && copyout(buf, k, n))
		n = -EFAULT;
	kfree(k);
	return n;
}

long
sys_umask(mode_t mask)
{
	return (long)xchg(&current->fs->umask, mask & S_IRWXUGO);
}

/* -- mounts -------------------------------------------------------------- */

/* a string of the user's, NULL if he gave none; kfree it */
static int
copy_string(const char __user *u, char **out)
{
	ssize_t n;
	char *k;

	*out = NULL;
	if (!u)
		return 0;
	k = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	n = copyinstr(k, u, PATH_MAX);
	if (n < 0) {
		kfree(k);
		return n == -ENAMETOOLONG ? -EINVAL : n;
	}
	*out = k;
	return 0;
}

/* mount(2)'s data: up to a page, as much of it as is there */
static int
copy_data(const void __user *u, char **out)
{
	size_t left;
	char *k;

	*out = NULL;
	if (!u)
		return 0;
	k = kmalloc(PAGE_SIZE, GFP_KERNEL | GFP_ZERO);
	if (!k)
		return -ENOMEM;
	left = raw_copyin(k, u, PAGE_SIZE - 1);
	if (left == PAGE_SIZE - 1) {
		kfree(k);
		return -EFAULT;
	}
	memset(k + PAGE_SIZE - 1 - left, 0, left + 1);
	*out = k;
	return 0;
}

long
sys_mount(const char __user *usource, const char __user *utarget,
	  const char __user *utype, unsigned long flags,
	  const void __user *udata)
{
	char *source, *type, *data;
	struct pathname target;
	int err = copy_string(utype, &type);

	if (err)
		return err;
	err = copy_string(usource, &source);
	if (err)
		goto out_type;
	err = copy_data(udata, &data);
	if (err)
		goto out_source;
	err = pathname_get(&target, utarget, 0);
	if (err)
		goto out_data;
	err = vfs_mount(source, target.s, type, flags, data);
	pathname_put(&target);
out_data:
	kfree(data);
out_source:
	kfree(source);
out_type:
	kfree(type);
	return err;
}

long
sys_umount2(const char __user *uname, int flags)
{
	struct pathname name;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = pathname_get(&name, uname, 0);
	if (err)
		return err;
	err = vfs_umount(name.s, flags);
	pathname_put(&name);
	return err;
}

long
sys_pivot_root(const char __user *unew, const char __user *uold)
{
	struct pathname new, old;
	int err;

	if (!may_mount())
		return -EPERM;
	err = pathname_get(&new, unew, 0);
	if (err)
		return err;
	err = pathname_get(&old, uold, 0);
	if (!err) {
		err = vfs_pivot_root(new.s, old.s);
		pathname_put(&old);
	}
	pathname_put(&new);
	return err;
}
