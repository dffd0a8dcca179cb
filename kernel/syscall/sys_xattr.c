/* SPDX-License-Identifier: MIT */
/* System calls on extended attributes: xattr(7). */
#include <abi/fcntl.h>
#include <abi/stat.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <vfs/inner.h>

/* what a call is about: a name that is followed or not, or a descriptor */
struct target { const char __user *name; int fd; u32 lookup; };

static int
target_path(const struct target *t, struct path *p)
{
	struct fd f;

	if (t->name)
		return path_lookup_user(AT_FDCWD, t->name, t->lookup, p);
	f = fdget(t->fd);
	if (!f.file)
		return -EBADF;
	*p = f.file->path;
	path_get(p);
	fdput(f);
	return 0;
}

static int
copy_name(char *name, const char __user *u)
{
	ssize_t n = copyinstr(name, u, XATTR_NAME_MAX + 1);

	if (n == -ENAMETOOLONG || n == 1)
		return -ERANGE;
	return n < 0 ? (int)n : 0;
}

static long
set(const struct target *t, const char __user *uname,
    const void __user *uvalue, size_t size, int flags)
{
	char name[XATTR_NAME_MAX + 1];
	void *value = NULL;
	struct path p;
	int err;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	err = copy_name(name, uname);
	if (err)
		return err;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (size) {
		value = kvmalloc(size, GFP_KERNEL);
		if (!value)
			return -ENOMEM;
		err = copyin(value, uvalue, size);
	}
	if (!err)
		err = target_path(t, &p);
	if (!err) {
		err = vfs_setxattr(&p, name, value, size, flags);
		path_put(&p);
	}
	kvfree(value);
	return err;
}

static long
get(const struct target *t, const char __user *uname, void __user *ubuf,
    size_t size)
{
	char name[XATTR_NAME_MAX + 1];
	void *buf = NULL;
	struct path p;
	ssize_t n = copy_name(name, uname);

	if (n)
		return n;
	size = min_t(size_t, size, XATTR_SIZE_MAX);
	if (size) {
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	n = target_path(t, &p);
	if (!n) {
		n = vfs_getxattr(&p, name, buf, size);
		path_put(&p);
		if (n > 0 && size && copyout(ubuf, buf, n))
			n = -EFAULT;
	}
	kvfree(buf);
	return n;
}

static long
list(const struct target *t, char __user *ubuf, size_t size)
{
	char *buf = NULL;
	struct path p;
	ssize_t n;

	size = min_t(size_t, size, XATTR_LIST_MAX);
	if (size) {
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	n = target_path(t, &p);
	if (!n) {
		n = vfs_listxattr(&p, buf, size);
		path_put(&p);
		if (n > 0 && size && copyout(ubuf, buf, n))
			n = -EFAULT;
	}
	kvfree(buf);
	return n;
}

static long
remove_one(const struct target *t, const char __user *uname)
{
	char name[XATTR_NAME_MAX + 1];
	struct path p;
	int err = copy_name(name, uname);

	if (err)
		return err;
	err = target_path(t, &p);
	if (!err) {
		err = vfs_removexattr(&p, name);
		path_put(&p);
	}
	return err;
}

#define FOLLOW(n)	(&(struct target){ .name = (n), .lookup = LOOKUP_FOLLOW })
#define NOFOLLOW(n)	(&(struct target){ .name = (n) })
#define FD(n)		(&(struct target){ .fd = (n) })

long
sys_setxattr(const char __user *path, const char __user *name,
	     const void __user *value, size_t size, int flags)
{
	return set(FOLLOW(path), name, value, size, flags);
}

long
sys_lsetxattr(const char __user *path, const char __user *name,
	      const void __user *value, size_t size, int flags)
{
	return set(NOFOLLOW(path), name, value, size, flags);
}

long
sys_fsetxattr(int fd, const char __user *name, const void __user *value,
	      size_t size, int flags)
{
	return set(FD(fd), name, value, size, flags);
}

long
sys_getxattr(const char __user *path, const char __user *name,
	     void __user *buf, size_t size)
{
	return get(FOLLOW(path), name, buf, size);
}

long
sys_lgetxattr(const char __user *path, const char __user *name,
	      void __user *buf, size_t size)
{
	return get(NOFOLLOW(path), name, buf, size);
}

long
sys_fgetxattr(int fd, const char __user *name, void __user *buf, size_t size)
{
	return get(FD(fd), name, buf, size);
}

long
sys_listxattr(const char __user *path, char __user *buf, size_t size)
{
	return list(FOLLOW(path), buf, size);
}

long
sys_llistxattr(const char __user *path, char __user *buf, size_t size)
{
	return list(NOFOLLOW(path), buf, size);
}

long
sys_flistxattr(int fd, char __user *buf, size_t size)
{
	return list(FD(fd), buf, size);
}

long
sys_removexattr(const char __user *path, const char __user *name)
{
	return remove_one(FOLLOW(path), name);
}

long
sys_lremovexattr(const char __user *path, const char __user *name)
{
	return remove_one(NOFOLLOW(path), name);
}

long
sys_fremovexattr(int fd, const char __user *name)
{
	return remove_one(FD(fd), name);
}
