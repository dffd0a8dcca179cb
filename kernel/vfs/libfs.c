/* SPDX-License-Identifier: MIT */
/*
 * Parts for file systems whose directories are the dcache itself: every name
 * that exists is a pinned dentry (D_KEEP), what is not cached does not exist.
 *
 * readdir goes over the children, which hang in order of their `off`. The
 * directory is locked shared, so pinned children neither come nor go nor
 * change names; unpinned (negative) ones may be freed under us and are only
 * passed under RCU, without sleeping. Where the last call stopped is kept as a
 * referenced dentry in file->private; if that was deleted or moved since, the
 * place is found again by its number.
 */
#include <abi/dirent.h>
#include <core/assert.h>
#include "internal.h"

static bool
is_shown(const struct dentry *c)
{
	return READ_ONCE(c->inode) &&
		!(READ_ONCE(c->flags) & (D_UNHASHED | D_DEAD));
}

/* first shown child behind `from` (NULL: the first of all); RCU, no sleep */
static struct dentry *
next_shown(struct dentry *dir, struct dentry *from, u64 min_off)
{
	struct list_head *p = from ? &from->child : &dir->subdirs;

	for (;;) {
		struct dentry *c;

		p = rcu_peek(p->next);
		if (p == &dir->subdirs)
			return NULL;
		c = list_entry(p, struct dentry, child);
		if (c->off >= min_off && is_shown(c))
			return c;
	}
}

static int
simple_iterate(struct file *f, struct dir_context *ctx)
{
	struct dentry *dir = f->path.dentry, *at = f->private, *c;

	if (!dir_emit_dots(f, ctx))
		return 0;
	/* at was shown last; it still serves if it is where it was */
	if (at && (at->parent != dir || at->off + 1 != (u64)ctx->pos ||
		   !is_shown(at)))
		at = NULL;
	c = next_shown(dir, at, ctx->pos);
	at = NULL;
	while (c) {
		struct inode *i = c->inode;

		ctx->pos = c->off;
		if (!dir_emit(ctx, c->name.name, c->name.len, i->ino,
			      MODE_TO_DT(i->mode)))
			break;
		ctx->pos = c->off + 1;
		at = c;
		c = next_shown(dir, c, 0);
	}
	if (at) {
		dentry_get(at);
		dentry_put(f->private);
		f->private = at;
	}
	return 0;
}

static loff_t
simple_dir_llseek(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0)
		return -EINVAL;
	f->pos = off;
	return off;
}

static void
simple_dir_release(struct file *f)
{
	dentry_put(f->private);
}

static int
simple_fsync(struct file *f, loff_t from, loff_t to, bool datasync)
{
	return 0;		/* memory is all there is */
}

const struct file_ops simple_dir_ops = {
	.iterate = simple_iterate,
	.llseek = simple_dir_llseek,
	.release = simple_dir_release,
	.fsync = simple_fsync,
};

int
simple_statfs(struct dentry *d, struct kstatfs *out)
{
	out->f_type = d->sb->magic;
	out->f_bsize = PAGE_SIZE;
	out->f_namelen = NAME_MAX;
	return 0;
}

int
simple_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	*out = NULL;
	return 0;
}

int
simple_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *i = old->inode;

	inode_touch(i, ATTR_CTIME);
	inode_touch(dir, ATTR_CTIME | ATTR_MTIME);
	inode_inc_nlink(i);
	inode_get(i);
	d_instantiate(d, i);
	d_pin(d);
	return 0;
}

int
simple_unlink(struct inode *dir, struct dentry *d)
{
	struct inode *i = d->inode;
	struct timespec64 t = inode_now(dir);

	i->ctime = t;
	dir->ctime = t;
	dir->mtime = t;
	inode_drop_nlink(i);
	d_unpin(d);
	return 0;
}

int
simple_rmdir(struct inode *dir, struct dentry *d)
{
	if (!d_is_empty_dir(d))
		return -ENOTEMPTY;
	inode_drop_nlink(d->inode);		/* its "." */
	simple_unlink(dir, d);
	inode_drop_nlink(dir);			/* its ".." */
	return 0;
}

int
simple_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	      struct dentry *nd, u32 flags)
{
	struct inode *src = od->inode, *dst = nd->inode;
	bool is_dir = S_ISDIR(src->mode);
	struct timespec64 t = inode_now(odir);

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE) {
		bool dst_dir = S_ISDIR(dst->mode);

		if (odir != ndir && is_dir != dst_dir) {
			struct inode *from = is_dir ? odir : ndir;
			struct inode *to = is_dir ? ndir : odir;

			inode_drop_nlink(from);
			inode_inc_nlink(to);
		}
		dst->ctime = t;
	} else {
		if (dst && is_dir && !d_is_empty_dir(nd))
			return -ENOTEMPTY;
		if (dst) {
			simple_unlink(ndir, nd);
			if (is_dir) {
				inode_drop_nlink(dst);
				inode_drop_nlink(odir);
			}
		} else if (is_dir && odir != ndir) {
			inode_drop_nlink(odir);
			inode_inc_nlink(ndir);
		}
	}
	odir->ctime = t;
	odir->mtime = t;
	ndir->ctime = t;
	ndir->mtime = t;
	src->ctime = t;
	return 0;
}

int
simple_add(struct dentry *parent, const char *name, struct inode *i,
	   struct dentry **out)
{
	u32 len = strlen(name);
	struct qstr q = { name, len, full_name_hash(parent, name, len) };
	struct inode *dir = parent->inode;
	struct dentry *d;
	int err;

	rwsem_write_lock_nested(&dir->rwsem);
	err = -ENOENT;
	if (dir->flags & S_DEAD_F)
		goto fail;
	err = -ENOMEM;
	d = d_lookup(parent, &q);
	if (d && d->inode) {
		dentry_put(d);
		err = -EEXIST;
		goto fail;
	}
	if (d) {
		d_instantiate(d, i);
	} else {
		d = d_alloc(parent, &q);
		if (!d)
			goto fail;
		d_add(d, i);
	}
	d_pin(d);
	if (S_ISDIR(i->mode))
		inode_inc_nlink(dir);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	rwsem_write_unlock(&dir->rwsem);
	dentry_put(d);			/* the pin stays */
	if (out)
		*out = d;
	return 0;
fail:
	rwsem_write_unlock(&dir->rwsem);
	inode_put(i);
	return err;
}

struct dentry *
d_first_child(struct dentry *d)
{
	struct dentry *c;

	spin_lock(&d->lock);
	list_for_each_entry(c, &d->subdirs, child)
		if (is_shown(c) && dentry_get_live(c)) {
			spin_unlock(&d->lock);
			return c;
		}
	spin_unlock(&d->lock);
	return NULL;
}

void
simple_remove(struct dentry *top)
{
	struct dentry *d = dentry_get(top), *c;

	for (;;) {
		struct dentry *parent = d->parent;
		struct inode *i = d->inode, *dir = parent->inode;
		bool last = d == top;

		c = d_first_child(d);
		if (c) {
			dentry_put(d);
			d = c;
			continue;
		}
		mounts_detach_on(d);
		rwsem_write_lock(&dir->rwsem);
		if (i && d->flags & D_KEEP) {
			rwsem_write_lock_nested(&i->rwsem);
			if (S_ISDIR(i->mode)) {
				i->flags |= S_DEAD_F;
				inode_drop_nlink(i);
				inode_drop_nlink(dir);
			}
			simple_unlink(dir, d);
			rwsem_write_unlock(&i->rwsem);
			d_delete(d);
		}
		rwsem_write_unlock(&dir->rwsem);
		if (last) {
			dentry_put(d);
			return;
		}
		dentry_get(parent);
		dentry_put(d);
		d = parent;
	}
}

static int
simple_readlink_text(struct dentry *d, struct inode *i, const char **text,
		     void (**done)(const char *), struct path *jump)
{
	*text = i->link;
	return i->link ? 0 : -EINVAL;
}

const struct inode_ops simple_symlink_ops = {
	.get_link = simple_readlink_text,
};

const struct inode_ops simple_dir_inode_ops = {
	.lookup = simple_lookup,
};

const struct super_ops simple_super_ops = {
	.statfs = simple_statfs,
};
