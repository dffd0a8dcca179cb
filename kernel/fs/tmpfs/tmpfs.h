/* SPDX-License-Identifier: MIT */
/* Inside of tmpfs. */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <lib/string.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <vfs/file.h>
#include <vfs/fs.h>

struct tmpfs_super {
	atomic64_t used_blocks;		/* pages */
	atomic64_t used_inodes;
	u64 max_blocks, max_inodes;	/* 0: no limit; remount changes them */
	u64 default_blocks, default_inodes;
	u32 generation;			/* I: of handles; numbers never return */
	mode_t mode, default_mode;	/* of the root, I */
	uid_t uid;
	gid_t gid;
};

struct tmpfs_xattr;

struct tmpfs_inode {
	struct inode vfs;		/* first */
	u32 seals;			/* vfs.rwsem: F_SEAL_* */
	u32 xattr_bytes;		/* vfs.rwsem */
	struct tmpfs_xattr *xattrs;	/* vfs.rwsem */
};

static inline struct tmpfs_inode *
tmpfs_i(struct inode *i)
{
	return (struct tmpfs_inode *)i;
}

static inline struct tmpfs_super *
tmpfs_sb(const struct super_block *sb)
{
	return sb->private;
}

/* super.c */
struct inode *tmpfs_inode_new(struct super_block *sb, const struct inode *dir,
			      mode_t mode, dev_t rdev);
extern const struct fs_type tmpfs_type;

/* file.c */
extern const struct file_ops tmpfs_file_ops;
extern const struct aspace_ops tmpfs_aspace_ops;
int tmpfs_charge(struct inode *i, u64 pages);	/* 0 or -ENOSPC */
/* after pages were dropped: give back what is no longer cached */
void tmpfs_recharge(struct inode *i);
int tmpfs_setattr(struct dentry *d, struct iattr *a);

/* dir.c */
extern const struct inode_ops tmpfs_dir_iops, tmpfs_file_iops,
	tmpfs_symlink_iops, tmpfs_special_iops;

/* xattr.c */
ssize_t tmpfs_getxattr(struct dentry *d, struct inode *i, const char *name,
		       void *buf, size_t len);
int tmpfs_setxattr(struct dentry *d, struct inode *i, const char *name,
		   const void *buf, size_t len, int flags);
ssize_t tmpfs_listxattr(struct dentry *d, char *buf, size_t len);
void tmpfs_xattrs_free(struct tmpfs_inode *t);

#endif
