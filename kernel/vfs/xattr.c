/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes, xattr(7): who may use which name space; the file system
 * stores them. Names and values are kernel copies.
 */
#include <abi/xattr.h>
#include <lib/string.h>
#include <task/cred.h>
#include <vfs/notify.h>
#include "internal.h"

/* permission for one attribute: attr(7), "Extended attribute namespaces" */
static int
xattr_permission(struct inode *i, const char *name, int mask)
{
	if (mask & MAY_WRITE && i->flags & (S_IMMUTABLE_F | S_APPEND_F))
		return -EPERM;
	if (!strcmp(name, XATTR_NAME_CAPS)) {
		if (mask & MAY_WRITE && !inode_capable(i, CAP_SETFCAP))
			return -EPERM;
		return 0;
	}
	if (!strncmp(name, "security.", 9) || !strncmp(name, "system.", 7)) {
		if (mask & MAY_WRITE && !capable(CAP_SYS_ADMIN))
			return -EPERM;
		return 0;
	}
	if (!strncmp(name, "trusted.", 8)) {
		if (capable(CAP_SYS_ADMIN))
			return 0;
		return mask & MAY_WRITE ? -EPERM : -ENODATA;
	}
	if (!strncmp(name, "user.", 5)) {
		if (!S_ISREG(i->mode) && !S_ISDIR(i->mode))
			return mask & MAY_WRITE ? -EPERM : -ENODATA;
		if (S_ISDIR(i->mode) && i->mode & S_ISVTX &&
		    mask & MAY_WRITE && !inode_owner_or_capable(i))
			return -EPERM;
	}
	return inode_permission(i, mask);
}

static int
set_or_remove(const struct path *p, const char *name, const void *value,
	      size_t size, int flags)
{
	struct inode *i = p->dentry->inode;
	int err = mnt_want_write(p->mnt);

	if (err)
		return err;
	err = xattr_permission(i, name, MAY_WRITE);
	if (!err) {
		rwsem_write_lock(&i->rwsem);
		err = i->op->setxattr ? i->op->setxattr(p->dentry, i, name,
				value, size, flags) : -EOPNOTSUPP;
		if (!err) {
			inode_touch(i, ATTR_CTIME);
			notify_dentry(p->dentry, IN_ATTRIB);
		}
		if (!err && !strcmp(name, XATTR_NAME_CAPS))
			i->flags |= S_FILECAPS_F;
		rwsem_write_unlock(&i->rwsem);
	}
	mnt_drop_write(p->mnt);
	return err;
}

/* a form of file capabilities that execve(2) will know */
static bool
caps_valid(const struct abi_vfs_cap *v, size_t size)
{
	u32 magic;

	if (size != XATTR_CAPS_SZ_2 && size != XATTR_CAPS_SZ_3)
		return false;
	memcpy(&magic, v, sizeof(magic));
	if (magic & ~(VFS_CAP_REVISION_MASK | VFS_CAP_FLAGS_EFFECTIVE))
		return false;
	magic &= VFS_CAP_REVISION_MASK;
	return magic == (size == XATTR_CAPS_SZ_2 ? VFS_CAP_REVISION_2 :
			 VFS_CAP_REVISION_3);
}

/* d's inode is changed by a write or a chown: rwsem held for writing */
void
xattr_drop_caps(struct dentry *d)
{
	struct inode *i = d->inode;

	if (!S_ISREG(i->mode) || !i->op->setxattr)
		return;
	i->flags &= ~S_FILECAPS_F;
	(void)i->op->setxattr(d, i, XATTR_NAME_CAPS, NULL, 0, XATTR_REPLACE);
}

int
vfs_setxattr(const struct path *p, const char *name, const void *value,
	     size_t size, int flags)
{
	if (size && !strcmp(name, XATTR_NAME_CAPS) && !caps_valid(value, size))
		return -EINVAL;
	return set_or_remove(p, name, value ? value : "", size, flags);
}

int
vfs_removexattr(const struct path *p, const char *name)
{
	return set_or_remove(p, name, NULL, 0, XATTR_REPLACE);
}

ssize_t
vfs_getxattr(const struct path *p, const char *name, void *buf, size_t size)
{
	struct inode *i = p->dentry->inode;
	ssize_t n = xattr_permission(i, name, MAY_READ);

	if (n)
		return n;
	if (!i->op->getxattr)
		return -EOPNOTSUPP;
	rwsem_read_lock(&i->rwsem);
	n = i->op->getxattr(p->dentry, i, name, buf, size);
	rwsem_read_unlock(&i->rwsem);
	return n;
}

ssize_t
vfs_listxattr(const struct path *p, char *buf, size_t size)
{
	struct inode *i = p->dentry->inode;
	ssize_t n;

	if (!i->op->listxattr)
		return -EOPNOTSUPP;
	rwsem_read_lock(&i->rwsem);
	n = i->op->listxattr(p->dentry, buf, size);
	rwsem_read_unlock(&i->rwsem);
	return n;
}
