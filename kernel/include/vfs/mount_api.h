/* SPDX-License-Identifier: MIT */
/*
 * Inner halves of the mount calls by descriptor: fsopen(2), fsconfig(2),
 * fsmount(2), fspick(2), open_tree(2), move_mount(2), mount_setattr(2).
 * Strings are the kernel's. All T; the caller's rights are checked here.
 */
#ifndef VFS_MOUNT_API_H
#define VFS_MOUNT_API_H

#include <abi/mount.h>
#include <vfs/fs.h>

/* descriptors or -errno */
int mount_fsopen(const char *fstype, u32 flags);
int mount_fspick(int dfd, const char *name, u32 flags);
int mount_fsmount(struct file *ctx, u32 flags, u32 mnt_flags);
int mount_open_tree(int dfd, const char *name, u32 flags);

/* MOUNT_ATTR_* as MNT_*, or -EINVAL */
int mount_attr_flags(u32 attrs, u32 *out);
bool file_is_fs_context(const struct file *f);
/* fsconfig(2): key and value (a string) may be NULL, as cmd wants */
int mount_fsconfig(struct file *ctx, u32 cmd, const char *key,
		   const char *value);

int mount_move_at(int from_dfd, const char *from, int to_dfd, const char *to,
		  u32 flags);
int mount_set_attributes(int dfd, const char *name, u32 flags,
			 const struct abi_mount_attr *a);

#endif
