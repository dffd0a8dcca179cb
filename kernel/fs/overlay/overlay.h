/* SPDX-License-Identifier: MIT */
/* Inside of overlayfs. "Real" is what belongs to a layer's file system. */
#ifndef FS_OVERLAY_H
#define FS_OVERLAY_H

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/mutex.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include <vfs/mount.h>
#include <vfs/namei.h>

#define OVL_MAX_LOWER	64

struct ovl_super {
	struct vfsmount *upper;		/* I: counted; NULL: read-only */
	struct dentry *upper_root;	/* I: upper->root, borrowed */
	struct path work;		/* I: counted; .mnt NULL as upper */
	u32 nr_lower;			/* I */
	struct vfsmount *lower[OVL_MAX_LOWER];	/* I: counted, topmost first */
	bool user_xattr;		/* I: user.overlay. not trusted. */
	bool same_fs;			/* I: all layers on one: its inode numbers */
	struct mutex copy_lock;		/* copying up, one at a time */
	char *lowerdir, *upperdir, *workdir;	/* I: as given, for show */
};

struct ovl_lower {
	struct dentry *d;		/* counted */
	u32 layer;
};

struct ovl_inode {
	struct inode vfs;		/* first */
	struct dentry *upper;		/* counted; set once: copied up */
	u32 nr_lower;			/* I */
	struct ovl_lower *lower;	/* I: those that are merged, or one file */
	u64 real_ino;			/* I: shown by stat(2) */
	dev_t real_dev;			/* I: the same, of a file */
};

static inline struct ovl_inode *
ovl_i(const struct inode *i)
{
	return (struct ovl_inode *)i;
}
static inline struct ovl_super *
ovl_sb(const struct super_block *sb)
{
	return sb->private;
}
static inline struct dentry *
ovl_upper(const struct inode *i)
{
	return smp_load_acquire(&ovl_i(i)->upper);
}
static inline struct dentry *
ovl_real(const struct inode *i)
{
	struct dentry *u = ovl_upper(i);

	return u ? u : ovl_i(i)->lower[0].d;
}
/* its name in the mount of its layer; borrowed from i */
static inline struct path
ovl_real_path(const struct inode *i)
{
	const struct ovl_super *s = ovl_sb(i->sb);
	struct dentry *u = ovl_upper(i);

	return u ? (struct path){ s->upper, u } :
		(struct path){ s->lower[ovl_i(i)->lower[0].layer],
			       ovl_i(i)->lower[0].d };
}

/* inode.c; upper and the lower dentries are consumed on success */
int ovl_inode_new(struct super_block *sb, struct dentry *upper, u32 nr,
		  const struct ovl_lower *lower, struct inode **out);
void ovl_copy_attr(struct inode *i);	/* from the real one */
bool ovl_is_whiteout(const struct dentry *d);
bool ovl_is_opaque(struct super_block *sb, struct dentry *d);
int ovl_set_opaque(struct super_block *sb, struct dentry *d);
bool ovl_own_xattr(struct super_block *sb, const char *name);
extern const struct inode_ops ovl_file_iops, ovl_link_iops;
#define OVL_COMMON_OPS \
	.getattr = ovl_getattr, .setattr = ovl_setattr, \
	.getxattr = ovl_getxattr, .setxattr = ovl_setxattr, \
	.listxattr = ovl_listxattr
int ovl_getattr(const struct path *p, struct kstat *st, u32 mask);
int ovl_setattr(struct dentry *d, struct iattr *a);
ssize_t ovl_getxattr(struct dentry *d, struct inode *i, const char *name,
		     void *buf, size_t len);
int ovl_setxattr(struct dentry *d, struct inode *i, const char *name,
		 const void *buf, size_t len, int flags);
ssize_t ovl_listxattr(struct dentry *d, char *buf, size_t len);

/* copy_up.c: d, and what it is in, have an upper afterwards. T, no real lock */
int ovl_copy_up(struct dentry *d);

/* dir.c */
extern const struct inode_ops ovl_dir_iops;

/* file.c, readdir.c */
extern const struct file_ops ovl_file_ops, ovl_dir_ops;
/* has the merged directory i no name but whiteouts? 0 or -ENOTEMPTY */
int ovl_check_empty(struct inode *i);

#endif
