/* SPDX-License-Identifier: MIT */
/*
 * The mount calls by descriptor: arguments copied in and judged in the order
 * in which Linux does. The work is in vfs/fsopen.c and vfs/mount_fd.c.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <syscall/entry.h>
#include <task/cred.h>
#include <vfs/file.h>
#include <vfs/mount.h>
#include <vfs/mount_api.h>
#include <vfs/namei.h>

#define KEY_MAX		256

/* a string with its NUL in max bytes; -EINVAL when it is longer */
static int
copy_string(const char __user *u, size_t max, char **out)
{
	char *k = kmalloc(max, GFP_KERNEL);
	ssize_t n;

	if (!k)
		return -ENOMEM;
	n = copyinstr(k, u, max);
	if (n < 0) {
		kfree(k);
		return n == -ENAMETOOLONG ? -EINVAL : n;
	}
	*out = k;
	return 0;
}

long
sys_fsopen(const char __user *uname, unsigned int flags)
{
	char *name;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~FSOPEN_CLOEXEC)
		return -EINVAL;
	err = copy_string(uname, PAGE_SIZE, &name);
	if (err)
		return err;
	err = mount_fsopen(name, flags);
	kfree(name);
	return err;
}

long
sys_fspick(int dfd, const char __user *upath, unsigned int flags)
{
	struct pathname p;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~(FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW |
		      FSPICK_NO_AUTOMOUNT | FSPICK_EMPTY_PATH))
		return -EINVAL;
	err = pathname_get(&p, upath, flags & FSPICK_EMPTY_PATH ?
			   LOOKUP_EMPTY : 0);
	if (err)
		return err;
	err = mount_fspick(dfd, p.s, flags);
	pathname_put(&p);
	return err;
}

/* which of key, value and aux cmd takes: fsconfig(2) */
static int
fsconfig_check(int fd, unsigned int cmd, const void __user *key,
	       const void __user *value, int aux)
{
	if (fd < 0)
		return -EINVAL;
	switch (cmd) {
	case FSCONFIG_SET_FLAG:
		return !key || value || aux ? -EINVAL : 0;
	case FSCONFIG_SET_STRING:
		return !key || !value || aux ? -EINVAL : 0;
	case FSCONFIG_SET_BINARY:
		return !key || !value || aux <= 0 || aux > 1 << 20 ?
			-EINVAL : 0;
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		return !key || !value || (aux != AT_FDCWD && aux < 0) ?
			-EINVAL : 0;
	case FSCONFIG_SET_FD:
		return !key || value || aux < 0 ? -EINVAL : 0;
	case FSCONFIG_CMD_CREATE:
	case FSCONFIG_CMD_RECONFIGURE:
		return key || value || aux ? -EINVAL : 0;
	}
	return -EOPNOTSUPP;
}

static int
fsconfig_call(struct file *f, unsigned int cmd, const char __user *ukey,
	      const char __user *uvalue)
{
	char *key = NULL, *value = NULL;
	int err = 0;

	if (!file_is_fs_context(f))
		return -EINVAL;
	/* options here are words: none takes bytes, paths or descriptors */
	if (cmd >= FSCONFIG_SET_BINARY && cmd <= FSCONFIG_SET_FD)
		return -EOPNOTSUPP;
	if (ukey)
		err = copy_string(ukey, KEY_MAX, &key);
	if (!err && uvalue)
		err = copy_string(uvalue, KEY_MAX, &value);
	if (!err)
		err = mount_fsconfig(f, cmd, key, value);
	kfree(value);
	kfree(key);
	return err;
}

long
sys_fsconfig(int fd, unsigned int cmd, const char __user *ukey,
	     const void __user *uvalue, int aux)
{
	int err = fsconfig_check(fd, cmd, ukey, uvalue, aux);
	struct fd f;

	if (err)
		return err;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	err = fsconfig_call(f.file, cmd, ukey, uvalue);
	fdput(f);
	return err;
}

long
sys_fsmount(int fd, unsigned int flags, unsigned int attrs)
{
	u32 mnt_flags;
	struct fd f;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~FSMOUNT_CLOEXEC)
		return -EINVAL;
	err = mount_attr_flags(attrs, &mnt_flags);
	if (err)
		return err;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	err = file_is_fs_context(f.file) ?
		mount_fsmount(f.file, flags, mnt_flags) : -EINVAL;
	fdput(f);
	return err;
}

long
sys_open_tree(int dfd, const char __user *upath, unsigned int flags)
{
	struct pathname p;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE |
		      AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE |
		      OPEN_TREE_CLOEXEC))
		return -EINVAL;
	if ((flags & (AT_RECURSIVE | OPEN_TREE_CLONE)) == AT_RECURSIVE)
		return -EINVAL;
	if (flags & OPEN_TREE_CLONE && !may_mount())
		return -EPERM;
	err = pathname_get(&p, upath, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	if (err)
		return err;
	err = mount_open_tree(dfd, p.s, flags);
	pathname_put(&p);
	return err;
}

long
sys_move_mount(int from_dfd, const char __user *ufrom, int to_dfd,
	       const char __user *uto, unsigned int flags)
{
	struct pathname from, to;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~(MOVE_MOUNT_F_SYMLINKS | MOVE_MOUNT_F_AUTOMOUNTS |
		      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS |
		      MOVE_MOUNT_T_AUTOMOUNTS | MOVE_MOUNT_T_EMPTY_PATH |
		      MOVE_MOUNT_SET_GROUP))
		return -EINVAL;
	err = pathname_get(&from, ufrom, flags & MOVE_MOUNT_F_EMPTY_PATH ?
			   LOOKUP_EMPTY : 0);
	if (err)
		return err;
	err = pathname_get(&to, uto, flags & MOVE_MOUNT_T_EMPTY_PATH ?
			   LOOKUP_EMPTY : 0);
	if (!err) {
		err = mount_move_at(from_dfd, from.s, to_dfd, to.s, flags);
		pathname_put(&to);
	}
	pathname_put(&from);
	return err;
}

long
sys_mount_setattr(int dfd, const char __user *upath, unsigned int flags,
		  const void __user *uattr, size_t size)
{
	struct abi_mount_attr a = { 0 };
	struct pathname p;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW |
		      AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < MOUNT_ATTR_SIZE_VER0)
		return -EINVAL;
	if (!may_mount())
		return -EPERM;
	err = copyin_struct_sized(&a, sizeof(a), uattr, size);
	if (err)
		return err;
	err = pathname_get(&p, upath, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	if (err)
		return err;
	err = mount_set_attributes(dfd, p.s, flags, &a);
	pathname_put(&p);
	return err;
}
