/* SPDX-License-Identifier: MIT */
/*
 * Telling who watches files, inotify(7). While nobody watches anything a hook
 * is one load and a branch. Context of all: T, no spin lock held; directory
 * and file locks may be.
 */
#ifndef VFS_NOTIFY_H
#define VFS_NOTIFY_H

#include <abi/inotify.h>
#include <vfs/file.h>

extern u32 notify_watches;	/* a: how many there are */

static __always_inline bool
notify_any(void)
{
	return unlikely(READ_ONCE(notify_watches));
}

void notify_dentry_slow(struct dentry *d, u32 mask);
void notify_inode_slow(struct inode *i, u32 mask);
void notify_name_slow(struct inode *dir, const struct qstr *name, u32 mask,
		      u32 cookie);
void notify_gone_slow(struct inode *i);
void notify_unmount_slow(struct super_block *sb);
u32 notify_cookie(void);

/* something happened to d: told to its watches and its directory's */
static __always_inline void
notify_dentry(struct dentry *d, u32 mask)
{
	if (notify_any())
		notify_dentry_slow(d, mask);
}

static __always_inline void
notify_file(struct file *f, u32 mask)
{
	if (notify_any())
		notify_dentry_slow(f->path.dentry, mask);
}

/* to i's own watches only */
static __always_inline void
notify_inode(struct inode *i, u32 mask)
{
	if (notify_any())
		notify_inode_slow(i, mask);
}

/* a name in dir came or went; IN_ISDIR is the caller's */
static __always_inline void
notify_name(struct inode *dir, const struct qstr *name, u32 mask)
{
	if (notify_any())
		notify_name_slow(dir, name, mask, 0);
}

/* a name of i goes out of the cache: the last one means the end of the file */
static __always_inline void
notify_name_gone(struct inode *i)
{
	if (notify_any() && !i->nlink)
		notify_gone_slow(i);
}

static __always_inline void
notify_unmount(struct super_block *sb)
{
	if (notify_any())
		notify_unmount_slow(sb);
}

/* inotify.c, for the system calls; f may be any file: -EINVAL */
int inotify_create(u32 flags, struct file **out);
bool file_is_inotify(const struct file *f);
int inotify_add(struct file *f, const struct path *p, u32 mask);
int inotify_remove(struct file *f, int wd);

#endif
