/* SPDX-License-Identifier: MIT */
/*
 * sysfs: a view of the device registry. Nothing is stored: inodes are made
 * when a name is looked up and forgotten with their dentry. What a name stands
 * for is a small key (struct sys_key); what is in a directory, tree.c says.
 * Names that are not there are not cached, and cached ones are asked for at
 * each use whether their device still is (ids are never used twice).
 *
 * Locking: the registry lock is taken inside directory locks. readdir first
 * gathers entries under it and then hands them out without it, because user
 * memory must not be touched under it.
 */
#include <abi/dirent.h>
#include <abi/statfs.h>
#include <core/log.h>
#include <fs/init.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <vfs/namei.h>
#include "local.h"

#define LINK_MAX	512
#define BATCH		32		/* entries gathered at once */

static struct slab_cache *inode_cache;
static const struct inode_ops dir_iops, file_iops, link_iops;
static const struct file_ops dir_fops;

static struct inode *
sys_inode_new(struct super_block *sb, const struct sys_key *key, mode_t mode,
	      u8 depth)
{
	struct inode *i = inode_new(sb);

	if (!i)
		return NULL;
	sys_i(i)->key = *key;
	sys_i(i)->depth = depth;
	i->mode = mode;
	i->ino = sys_ino(key);
	if (S_ISDIR(mode)) {
		i->op = &dir_iops;
		i->fop = &dir_fops;
		i->nlink = 2;
	} else if (S_ISLNK(mode)) {
		i->op = &link_iops;
	} else {
		i->op = &file_iops;
		i->fop = &sys_file_fops;
		i->size = PAGE_SIZE;
	}
	return i;
}

/* -- directories --------------------------------------------------------- */

struct find { const struct qstr *name; struct sys_child c; bool found; };

static bool
find_name(const struct sys_child *c, void *arg)
{
	struct find *f = arg;

	if (strncmp(c->name, f->name->name, f->name->len) ||
	    c->name[f->name->len])
		return false;
	f->c = *c;
	f->found = true;
	return true;
}

static int
sys_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	struct find f = { .name = &d->name };

	if (d->name.len >= sizeof(f.c.name))
		return -ENOENT;
	device_lock();
	sys_children(&sys_i(dir)->key, find_name, &f);
	device_unlock();
	if (!f.found)
		return -ENOENT;
	*out = sys_inode_new(dir->sb, &f.c.key, f.c.mode,
			     sys_i(dir)->depth + 1);
	return *out ? 0 : -ENOMEM;
}

struct batch {
	loff_t from;
	u32 n;
	struct { char name[72]; ino_t ino; loff_t pos; u8 type; } e[BATCH];
};

static bool
gather(const struct sys_child *c, void *arg)
{
	struct batch *b = arg;

	if (c->pos < b->from)
		return false;
	memcpy(b->e[b->n].name, c->name, sizeof(c->name));
	b->e[b->n].ino = sys_ino(&c->key);
	b->e[b->n].pos = c->pos;
	b->e[b->n].type = MODE_TO_DT(c->mode);
	return ++b->n == BATCH;
}

static int
sys_iterate(struct file *f, struct dir_context *ctx)
{
	struct batch *b;

	if (!dir_emit_dots(f, ctx))
		return 0;
	b = kmalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	do {
		b->from = ctx->pos;
		b->n = 0;
		device_lock();
		sys_children(&sys_i(f->inode)->key, gather, b);
		device_unlock();
		for (u32 i = 0; i < b->n; i++) {
			ctx->pos = b->e[i].pos;
			if (!dir_emit(ctx, b->e[i].name, strlen(b->e[i].name),
				      b->e[i].ino, b->e[i].type))
				goto out;
			ctx->pos = b->e[i].pos + 1;
		}
		cond_resched();
	} while (b->n == BATCH);
out:
	kfree(b);
	return 0;
}

static loff_t
sys_dir_llseek(struct file *f, loff_t off, int whence)
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

static int
sys_setattr(struct dentry *d, struct iattr *a)
{
	int err = setattr_prepare(d, a);

	if (err)
		return err;
	a->valid &= ~ATTR_SIZE;		/* open with O_TRUNC */
	setattr_copy(d->inode, a);
	return 0;
}

/* -- links --------------------------------------------------------------- */

static void
text_free(const char *s)
{
	kfree(s);
}

/* "../" for each directory above the link's, then the path from the root */
static int
sys_get_link(struct dentry *d, struct inode *i, const char **text,
	     void (**done)(const char *), struct path *jump)
{
	const struct sys_key *k = &sys_i(i)->key;
	struct device *dev;
	size_t n = 0;
	char *s;
	int err = 0;

	s = kmalloc(LINK_MAX, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	for (u8 up = 1; up < sys_i(i)->depth; up++)
		n += scnprintf(s + n, LINK_MAX - n, "../");
	if (k->kind == SYS_LINK_DEVICE) {
		device_lock();
		dev = device_find(k->id);
		err = dev ? device_path(dev, s + n, LINK_MAX - n) :
			-ENOENT;
		device_unlock();
	} else {
		scnprintf(s + n, LINK_MAX - n, "%s/%s",
			  k->kind == SYS_LINK_CLASS ? "class" : "bus", k->str);
	}
	if (err < 0) {
		kfree(s);
		return err;
	}
	*text = s;
	*done = text_free;
	return 0;
}

/* -- dentries, super block ----------------------------------------------- */

static int
sys_revalidate(struct dentry *d, u32 flags)
{
	struct inode *i = READ_ONCE(d->inode);
	bool alive;

	if (!i)
		return 0;
	if (!sys_i(i)->key.id && !sys_i(i)->key.str)
		return 1;
	if (flags & LOOKUP_RCU)
		return -ECHILD;		/* the registry lock sleeps */
	device_lock();
	alive = sys_alive(&sys_i(i)->key);
	device_unlock();
	return alive;
}

static const struct dentry_ops sys_dops = { .revalidate = sys_revalidate };

static const struct inode_ops dir_iops = {
	.lookup = sys_lookup,
	.setattr = sys_setattr,
};
static const struct inode_ops file_iops = { .setattr = sys_setattr };
static const struct inode_ops link_iops = {
	.get_link = sys_get_link,
	.setattr = sys_setattr,
};
static const struct file_ops dir_fops = {
	.iterate = sys_iterate,
	.llseek = sys_dir_llseek,
};

static struct inode *
sys_alloc_inode(struct super_block *sb)
{
	struct sys_inode *si = slab_alloc(inode_cache, GFP_KERNEL);

	return si ? &si->vfs : NULL;
}

static void
sys_free_inode(struct inode *i)
{
	slab_free(inode_cache, sys_i(i));
}

static const struct super_ops sys_sops = {
	.alloc_inode = sys_alloc_inode,
	.free_inode = sys_free_inode,
	.statfs = simple_statfs,
};

static int
sys_mount(const struct fs_type *t, u32 flags, const char *source,
	  const char *data, struct super_block **out)
{
	static const struct sys_key root = { .kind = SYS_ROOT };
	struct super_block *sb = super_create(t, &sys_sops, flags);
	struct inode *i;

	if (!sb)
		return -ENOMEM;
	sb->magic = SYSFS_MAGIC;
	sb->d_ops = &sys_dops;
	i = sys_inode_new(sb, &root, S_IFDIR | 0555, 0);
	if (i)
		sb->root = d_make_root(i);
	if (!sb->root) {
		super_put(sb);
		return -ENOMEM;
	}
	*out = sb;
	return 0;
}

static const struct fs_type sysfs_type = {
	.name = "sysfs",
	.flags = FS_NODEV,
	.mount = sys_mount,
	.kill_sb = super_kill_anon,
};
SET_ADD(fs_type, sysfs_type);

void
sysfs_init(void)
{
	inode_cache = slab_create("sysfs_inode_cache",
				  sizeof(struct sys_inode), 64, SLAB_RECLAIM);
	if (!inode_cache)
		panic("sysfs: no memory");
}
