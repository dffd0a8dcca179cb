/* SPDX-License-Identifier: MIT */
/*
 * Reading merged directories: at the start all layers are read from the top
 * down into a list of names, in which a name counts once and whiteouts hide
 * what is below. The list belongs to the open file until it is rewound.
 *
 * Limits: the memory of the list is bounded by the directory's names.
 */
#include <abi/dirent.h>
#include <lib/hash.h>
#include "overlay.h"

#define BUCKETS	256

struct ovl_name {
	struct ovl_name *next;		/* in order */
	struct ovl_name *chain;		/* same bucket */
	u64 ino;
	u32 len;
	u8 type;
	bool hidden;			/* a whiteout */
	char name[];
};

struct ovl_list {
	struct ovl_name *first, **last;
	struct ovl_name *bucket[BUCKETS];
};

struct fill {
	struct dir_context ctx;
	struct ovl_list *l;
	struct dentry *dir;		/* real */
	u32 seen;
	int err;
};

static void
list_free(struct ovl_list *l)
{
	struct ovl_name *n;

	if (!l)
		return;
	while ((n = l->first)) {
		l->first = n->next;
		kfree(n);
	}
	kfree(l);
}

static u32
bucket_of(const char *name, u32 len)
{
	u64 h = len;

	for (u32 k = 0; k < len; k++)
		h = hash_mix(h, (u8)name[k]);
	return hash_fold(h) % BUCKETS;
}

static bool
fill_one(struct dir_context *c, const char *name, u32 len, loff_t off,
	 ino_t ino, u8 type)
{
	struct fill *f = container_of(c, struct fill, ctx);
	struct ovl_name **b, *n;

	f->seen++;
	if (len <= 2 && name[0] == '.' && (len == 1 || name[1] == '.'))
		return true;
	b = &f->l->bucket[bucket_of(name, len)];
	for (n = *b; n; n = n->chain)
		if (n->len == len && !memcmp(n->name, name, len))
			return true;
	n = kmalloc(sizeof(*n) + len + 1, GFP_KERNEL);
	if (!n) {
		f->err = -ENOMEM;
		return false;
	}
	*n = (struct ovl_name){ .chain = *b, .ino = ino, .len = len,
				.type = type };
	memcpy(n->name, name, len);
	n->name[len] = 0;
	*b = n;
	*f->l->last = n;
	f->l->last = &n->next;
	return true;
}

/* character devices of this layer: which are whiteouts? dir's rwsem held */
static int
mark_whiteouts(struct fill *f, struct ovl_name *from)
{
	struct dentry *d;
	int err;

	for (struct ovl_name *n = from; n; n = n->next) {
		if (n->type != DT_CHR)
			continue;
		err = lookup_one(f->dir, n->name, n->len, &d);
		if (err)
			return err;
		n->hidden = ovl_is_whiteout(d);
		dentry_put(d);
	}
	return 0;
}

static int
read_layer(const struct path *p, struct ovl_list *l)
{
	struct fill f = { .ctx = { .emit = fill_one }, .l = l,
			  .dir = p->dentry };
	struct inode *i = p->dentry->inode;
	struct ovl_name **start = l->last;
	struct file *file;
	int err = vfs_open_real(p, O_RDONLY | O_DIRECTORY, &file);

	if (err)
		return err;
	rwsem_write_lock_nested(&i->rwsem);
	err = file->op->iterate ? 0 : -ENOTDIR;
	do {
		f.seen = 0;
		if (!err)
			err = file->op->iterate(file, &f.ctx);
		if (!err)
			err = f.err;
	} while (!err && f.seen);
	if (!err)
		err = mark_whiteouts(&f, *start);
	rwsem_write_unlock(&i->rwsem);
	file_put(file);
	return err;
}

static int
list_make(struct inode *i, struct ovl_list **out)
{
	const struct ovl_super *s = ovl_sb(i->sb);
	struct ovl_inode *o = ovl_i(i);
	struct ovl_list *l = kzalloc(sizeof(*l), GFP_KERNEL);
	struct dentry *u = ovl_upper(i);
	int err = 0;

	if (!l)
		return -ENOMEM;
	l->last = &l->first;
	if (u)
		err = read_layer(&(struct path){ s->upper, u }, l);
	for (u32 k = 0; !err && k < o->nr_lower; k++)
		err = read_layer(&(struct path){ s->lower[o->lower[k].layer],
				 o->lower[k].d }, l);
	if (err) {
		list_free(l);
		return err;
	}
	*out = l;
	return 0;
}

int
ovl_check_empty(struct inode *i)
{
	struct ovl_list *l;
	int err = list_make(i, &l);

	if (err)
		return err;
	for (struct ovl_name *n = l->first; n && !err; n = n->next)
		if (!n->hidden)
			err = -ENOTEMPTY;
	list_free(l);
	return err;
}

static int
ovl_iterate(struct file *f, struct dir_context *ctx)
{
	struct ovl_list *l = f->private;
	struct ovl_name *n;
	loff_t at = 2;
	int err;

	if (ctx->pos == 0 && l) {	/* rewound: look again */
		list_free(l);
		f->private = l = NULL;
	}
	if (!dir_emit_dots(f, ctx))
		return 0;
	if (!l) {
		err = list_make(f->inode, &l);
		if (err)
			return err;
		f->private = l;
	}
	for (n = l->first; n; n = n->next) {
		if (n->hidden)
			continue;
		if (at++ < ctx->pos)
			continue;
		if (!dir_emit(ctx, n->name, n->len, n->ino, n->type))
			break;
		ctx->pos = at;
	}
	return 0;
}

static loff_t
ovl_dir_llseek(struct file *f, loff_t off, int whence)
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
ovl_dir_release(struct file *f)
{
	list_free(f->private);
}

static int
ovl_dir_fsync(struct file *f, loff_t from, loff_t to, bool datasync)
{
	return 0;		/* names are synced with their layer */
}

const struct file_ops ovl_dir_ops = {
	.iterate = ovl_iterate,
	.llseek = ovl_dir_llseek,
	.release = ovl_dir_release,
	.fsync = ovl_dir_fsync,
};
