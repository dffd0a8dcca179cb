/* SPDX-License-Identifier: MIT */
/*
 * Handles that name a file without a path: name_to_handle_at(2),
 * open_by_handle_at(2). What is in one is the file system's affair
 * (super_ops.encode_handle, decode_handle); those without give EOPNOTSUPP.
 */
#include <vfs/fhandle.h>
#include "internal.h"

int
handle_encode(const struct path *p, u32 *fh, u32 *words)
{
	const struct super_ops *ops = p->dentry->sb->ops;

	if (!ops->encode_handle)
		return -EOPNOTSUPP;
	return ops->encode_handle(p->dentry->inode, fh, words);
}

int
handle_open(const struct path *at, int type, const u32 *fh, u32 words,
	    u32 oflags, struct file **out)
{
	struct super_block *sb = at->mnt->sb;
	struct path p = { at->mnt, NULL };
	int err;

	if (!sb->ops->decode_handle)
		return -ESTALE;
	err = sb->ops->decode_handle(sb, type, fh, words, &p.dentry);
	if (err)
		return err;
	err = vfs_open_path(&p, oflags, out);
	dentry_put(p.dentry);
	return err;
}
