/* SPDX-License-Identifier: MIT */
/*
 * The file systems nobody mounts: pipefs for pipes, anon_inodefs for epoll,
 * eventfd and the like. Their files have a mount, a dentry and an inode as all
 * others, so nothing else needs to know; the dentries are in no tree.
 */
#include <abi/statfs.h>
#include <core/assert.h>
#include <lib/set.h>
#include <lib/printf.h>
#include <vfs/vfs.h>
#include "internal.h"

struct vfsmount *pseudo_mnt, *pipe_mnt;
struct inode *pseudo_inode;

static const struct super_ops pseudo_super_ops = {
	.statfs = simple_statfs,
};

static int
pseudo_fill(struct super_block *sb, u64 magic)
{
	struct inode *i;

	sb->ops = &pseudo_super_ops;
	sb->magic = magic;
	i = inode_new(sb);
	if (!i)
		return -ENOMEM;
	i->mode = S_IFDIR | S_IRUSR | S_IWUSR;
	sb->root = d_make_root(i);
	return sb->root ? 0 : -ENOMEM;
}

static int
pipefs_fill(struct super_block *sb, const char *data)
{
	return pseudo_fill(sb, PIPEFS_MAGIC);
}

static int
anonfs_fill(struct super_block *sb, const char *data)
{
	return pseudo_fill(sb, ANON_INODE_FS_MAGIC);
}

static int
pipefs_mount(const struct fs_type *t, u32 flags, const char *source,
	     const char *data, struct super_block **out)
{
	return super_single(t, flags, data, pipefs_fill, out);
}

static int
anonfs_mount(const struct fs_type *t, u32 flags, const char *source,
	     const char *data, struct super_block **out)
{
	return super_single(t, flags, data, anonfs_fill, out);
}

static const struct fs_type pipefs = {
	.name = "pipefs", .flags = FS_NODEV, .mount = pipefs_mount,
};
static const struct fs_type anonfs = {
	.name = "anon_inodefs", .flags = FS_NODEV, .mount = anonfs_mount,
};

void
pseudo_init(void)
{
	if (kern_mount(&pipefs, &pipe_mnt) || kern_mount(&anonfs, &pseudo_mnt))
		panic("pseudo: no memory");
	pseudo_inode = inode_new(pseudo_mnt->sb);
	if (!pseudo_inode)
		panic("pseudo: no memory");
	pseudo_inode->mode = S_IRUSR | S_IWUSR;
	pseudo_inode->flags |= S_PRIVATE_F;
}

LOG_MODULE_DEFINE(vfs);

static void
hook_file_get(struct file *f)
{
	file_get(f);
}

void
vfs_init(void)
{
	mm_set_file_hooks(hook_file_get, file_put);
	mm_set_aio_hook(aio_exit);
	dcache_init();
	inode_init();
	mount_init();
	file_init();
	pipe_init();
	locks_init();
	epoll_init();
	pseudo_init();
	nsfs_init();
}
