/* SPDX-License-Identifier: MIT */
/*
 * Reading directories. The file system's iterate() calls ctx->emit for each
 * entry from ctx->pos on, with the directory locked shared so that names stay
 * still; emit copies records to user memory, which may sleep.
 */
#include <abi/dirent.h>
#include <vfs/notify.h>
#include "internal.h"

int
vfs_iterate(struct file *f, struct dir_context *ctx)
{
	struct inode *dir = f->inode;
	int err;

	if (!f->op->iterate)
		return -ENOTDIR;
	rwsem_read_lock(&dir->rwsem);
	err = -ENOENT;
	if (!(dir->flags & S_DEAD_F)) {
		ctx->pos = f->pos;
		err = f->op->iterate(f, ctx);
		f->pos = ctx->pos;
		notify_file(f, IN_ACCESS);
		file_update_atime(f);
	}
	rwsem_read_unlock(&dir->rwsem);
	return err;
}

bool
dir_emit_dots(struct file *f, struct dir_context *c)
{
	struct dentry *d = f->path.dentry;

	if (c->pos == 0) {
		if (!dir_emit(c, ".", 1, d->inode->ino, DT_DIR))
			return false;
		c->pos = 1;
	}
	if (c->pos == 1) {
		struct dentry *up;
		ino_t ino;

		rcu_read_lock();
		up = READ_ONCE(d->parent);
		ino = up->inode ? up->inode->ino : d->inode->ino;
		rcu_read_unlock();
		if (!dir_emit(c, "..", 2, ino, DT_DIR))
			return false;
		c->pos = 2;
	}
	return true;
}
