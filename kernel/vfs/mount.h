/* SPDX-License-Identifier: MIT */
/* Inside of the mount tree, for mount*.c only. */
#ifndef VFS_PRIV_MOUNT_H
#define VFS_PRIV_MOUNT_H

#include <vfs/mount.h>

extern struct mutex ns_mutex;
extern struct list_head ns_mounts;
extern struct vfsmount *ns_root;

struct vfsmount *mnt_new(struct super_block *sb, struct dentry *root,
			 const char *source, u32 flags);
void mnt_attach(struct vfsmount *m, struct vfsmount *parent,
		struct dentry *d);
void mnt_unhang(struct vfsmount *m, bool keep_listed);
void mnt_detach_tree(struct vfsmount *m);
bool mnt_is_attached(const struct vfsmount *m);
bool path_is_below(const struct path *p, const struct path *root);
void mnt_changed(void);
/* every task whose root or cwd is old gets new: pivot_root(2) */
void fs_contexts_move(const struct path *old, const struct path *new);

#endif
