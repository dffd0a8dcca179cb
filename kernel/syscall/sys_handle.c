/* SPDX-License-Identifier: MIT */
/* name_to_handle_at(2), open_by_handle_at(2). */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <mm/uaccess.h>
#include <syscall/entry.h>
#include <task/cred.h>
#include <task/task.h>
#include <vfs/fhandle.h>
#include <vfs/mount.h>
#include <vfs/namei.h>

long
sys_name_to_handle_at(int dfd, const char __user *uname,
		      struct abi_file_handle __user *uh, int __user *umount,
		      int flags)
{
	struct abi_file_handle h;
	u32 fh[MAX_HANDLE_SZ / 4] = { 0 }, words;
	struct path p;
	int type, err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = path_lookup_user(dfd, uname,
			       (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
			       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0), &p);
	if (err)
		return err;
	err = -EOPNOTSUPP;
	if (!p.dentry->sb->ops->encode_handle)
		goto out;
	err = -EFAULT;
	if (copyin(&h, uh, sizeof(h)))
		goto out;
	err = -EINVAL;
	if (h.handle_bytes > MAX_HANDLE_SZ)
		goto out;
	words = h.handle_bytes / 4;
	type = handle_encode(&p, fh, &words);
	err = type;
	if (type < 0 && type != -EOVERFLOW)
		goto out;
	h.handle_bytes = words * 4;
	h.handle_type = type < 0 ? 0 : type;
	if (put_user(p.mnt->id, umount) || copyout(uh, &h, sizeof(h)) ||
	    (type >= 0 && copyout((u8 __user *)uh + sizeof(h), fh, words * 4)))
		err = -EFAULT;
	else if (type >= 0)
		err = 0;
out:
	path_put(&p);
	return err;
}

/* the directory, or anything, of the file system that the handle is of */
static int
anchor_get(int fd, struct path *out)
{
	struct fd f;

	if (fd == AT_FDCWD) {
		fs_context_cwd(current->fs, out);
		return 0;
	}
	f = fdget_raw(fd);
	if (!f.file)
		return -EBADF;
	*out = f.file->path;
	path_get(out);
	fdput(f);
	return 0;
}

long
sys_open_by_handle_at(int mountfd, struct abi_file_handle __user *uh, int flags)
{
	u32 fh[MAX_HANDLE_SZ / 4] = { 0 };
	struct abi_file_handle h;
	struct file *f;
	struct path at;
	int err;

	if (!capable(CAP_DAC_READ_SEARCH))
		return -EPERM;
	if (copyin(&h, uh, sizeof(h)))
		return -EFAULT;
	if (h.handle_bytes > MAX_HANDLE_SZ || !h.handle_bytes)
		return -EINVAL;
	if (copyin(fh, (u8 __user *)uh + sizeof(h), h.handle_bytes))
		return -EFAULT;
	err = anchor_get(mountfd, &at);
	if (err)
		return err;
	flags &= ~(O_CREAT | O_EXCL | O_TMPFILE_BIT);
	err = handle_open(&at, h.handle_type, fh, h.handle_bytes / 4, flags,
			  &f);
	path_put(&at);
	return err ? err : fd_install_new(f, flags);
}
