/* SPDX-License-Identifier: MIT */
/*
 * overlayfs: directories of other file systems laid over each other. The
 * topmost, if there is an upperdir, takes all changes; the others are only
 * read and may be many.
 *
 * Options: lowerdir= (with : between, backslash quotes), upperdir=, workdir=
 * (a directory of the upper's file system; nothing is kept in it here),
 * userxattr, and those that say no to what is not done: redirect_dir=off or
 * nofollow, index=off, xino=off, metacopy=off, nfs_export=off.
 *
 * Each layer is held by a private mount of its own, so it can be unmounted
 * elsewhere; what is mounted inside a layer is not seen.
 *
 * Limits: OVL_MAX_LOWER layers; STACK_MAX file systems of this kind on each
 * other. A layer that is changed directly while it is used gives ESTALE or
 * its new state, never more; so does an upper that two mounts share, which
 * Linux without index allows, too.
 */
#include <abi/statfs.h>
#include <lib/printf.h>
#include <task/cred.h>
#include <vfs/inner.h>
#include "overlay.h"

#define STACK_MAX	2

static struct slab_cache *inode_cache;

static struct inode *
ovl_alloc_inode(struct super_block *sb)
{
	struct ovl_inode *o = slab_alloc(inode_cache, GFP_KERNEL);

	if (!o)
		return NULL;
	o->upper = NULL;
	o->nr_lower = 0;
	o->lower = NULL;
	return &o->vfs;
}

static void
ovl_free_inode(struct inode *i)
{
	kfree(ovl_i(i)->lower);
	slab_free(inode_cache, ovl_i(i));
}

static void
ovl_evict_inode(struct inode *i)
{
	struct ovl_inode *o = ovl_i(i);

	dentry_put(o->upper);
	for (u32 k = 0; k < o->nr_lower; k++)
		dentry_put(o->lower[k].d);
	o->upper = NULL;
	o->nr_lower = 0;
}

static int
ovl_statfs(struct dentry *d, struct kstatfs *out)
{
	int err = vfs_statfs(ovl_real(d->sb->root->inode), out);

	out->f_type = OVERLAYFS_SUPER_MAGIC;
	return err;
}

static int
ovl_show_options(struct super_block *sb, char *buf, size_t len)
{
	const struct ovl_super *s = ovl_sb(sb);
	size_t n = scnprintf(buf, len, ",lowerdir=%s", s->lowerdir);

	if (s->upper)
		n += scnprintf(buf + n, len - n, ",upperdir=%s,workdir=%s",
			       s->upperdir, s->workdir);
	if (s->user_xattr)
		scnprintf(buf + n, len - n, ",userxattr");
	return 0;
}

static void
ovl_put_super(struct super_block *sb)
{
	struct ovl_super *s = ovl_sb(sb);

	if (!s)
		return;
	mnt_put(s->upper);
	if (s->work.mnt)
		path_put(&s->work);
	for (u32 k = 0; k < s->nr_lower; k++)
		mnt_put(s->lower[k]);
	kfree(s->lowerdir);
	kfree(s->upperdir);
	kfree(s->workdir);
	kfree(s);
}

static int
ovl_remount(struct super_block *sb, u32 *flags, const char *data)
{
	return ovl_sb(sb)->upper || *flags & SB_RDONLY ? 0 : -EROFS;
}

static const struct super_ops ovl_super_ops = {
	.alloc_inode = ovl_alloc_inode,
	.free_inode = ovl_free_inode,
	.evict_inode = ovl_evict_inode,
	.statfs = ovl_statfs,
	.remount = ovl_remount,
	.show_options = ovl_show_options,
	.put_super = ovl_put_super,
};

/* -- options ------------------------------------------------------------- */

static int
set_string(char **to, const char *v)
{
	kfree(*to);
	*to = NULL;
	if (!v || !*v)
		return -EINVAL;
	*to = kstrdup(v, GFP_KERNEL);
	return *to ? 0 : -ENOMEM;
}

static int
parse_one(struct ovl_super *s, const char *key, const char *v)
{
	static const struct { const char *key, *no; } off[] = {
		{ "redirect_dir", "off" }, { "redirect_dir", "nofollow" },
		{ "index", "off" }, { "xino", "off" }, { "metacopy", "off" },
		{ "nfs_export", "off" }, { "uuid", "on" },
	};

	if (!strcmp(key, "lowerdir"))
		return set_string(&s->lowerdir, v);
	if (!strcmp(key, "upperdir"))
		return set_string(&s->upperdir, v);
	if (!strcmp(key, "workdir"))
		return set_string(&s->workdir, v);
	if (!strcmp(key, "userxattr") && !v) {
		s->user_xattr = true;
		return 0;
	}
	if (!strcmp(key, "volatile") && !v)
		return 0;		/* memory is never synced */
	for (unsigned int k = 0; v && k < ARRAY_SIZE(off); k++)
		if (!strcmp(key, off[k].key) && !strcmp(v, off[k].no))
			return 0;
	return -EINVAL;
}

/* commas may be quoted by a backslash */
static char *
next_option(char **p)
{
	char *start = *p, *s;

	if (!start)
		return NULL;
	for (s = start; *s && *s != ','; s++)
		if (*s == '\\' && s[1])
			s++;
	*p = *s ? s + 1 : NULL;
	*s = 0;
	return start;
}

static int
parse_options(struct ovl_super *s, const char *data)
{
	char *copy, *p, *word, *v;
	int err = 0;

	copy = kstrdup(data ? data : "", GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	p = copy;
	while (!err && (word = next_option(&p))) {
		if (!*word)
			continue;
		v = strchr(word, '=');
		if (v)
			*v++ = 0;
		err = parse_one(s, word, v);
	}
	kfree(copy);
	if (!err && !s->lowerdir)
		err = -EINVAL;
	if (!err && s->upperdir && !s->workdir)
		err = -EINVAL;
	return err;
}

/* -- layers -------------------------------------------------------------- */

/* the next name of lowerdir, unquoted in place; NULL at the end */
static char *
next_layer(char **p)
{
	char *start = *p, *from, *to;

	if (!start)
		return NULL;
	for (from = to = start; *from && *from != ':'; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*p = *from ? from + 1 : NULL;
	*to = 0;
	return start;
}

static int
find_dir(const char *name, struct path *out)
{
	int err;

	if (!*name)
		return -EINVAL;
	err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, out);
	if (!err && !S_ISDIR(out->dentry->inode->mode)) {
		path_put(out);
		err = -EINVAL;
	}
	return err;
}

static int
add_layer(struct super_block *sb, const struct path *p, struct vfsmount **out)
{
	struct super_block *real = p->mnt->sb;

	if (real->stack_depth >= STACK_MAX)
		return -EINVAL;
	sb->stack_depth = max_t(u8, sb->stack_depth, real->stack_depth + 1);
	return mnt_private_clone(p, out);
}

static int
open_lowers(struct super_block *sb, struct ovl_super *s)
{
	char *copy = kstrdup(s->lowerdir, GFP_KERNEL), *pos = copy, *name;
	struct path p;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (name = next_layer(&pos))) {
		if (s->nr_lower == OVL_MAX_LOWER) {
			err = -EINVAL;
			break;
		}
		err = find_dir(name, &p);
		if (err)
			break;
		err = add_layer(sb, &p, &s->lower[s->nr_lower]);
		if (!err)
			s->nr_lower++;
		path_put(&p);
	}
	kfree(copy);
	return err;
}

/* workdir: beside the upper, not in it nor around it */
static int
check_work(const struct path *up, const struct path *work)
{
	if (up->mnt != work->mnt ||
	    d_is_ancestor(up->dentry, work->dentry) ||
	    d_is_ancestor(work->dentry, up->dentry))
		return -EINVAL;
	return 0;
}

static int
open_upper(struct super_block *sb, struct ovl_super *s)
{
	struct path up;
	struct inode *i;
	int err = find_dir(s->upperdir, &up);

	if (err)
		return err;
	i = up.dentry->inode;
	err = find_dir(s->workdir, &s->work);
	if (err) {
		s->work.mnt = NULL;
		goto out;
	}
	err = check_work(&up, &s->work);
	if (err)
		goto out;
	err = -EINVAL;			/* it cannot hold what we need */
	if (!i->op->tmpfile || !i->op->setxattr || !i->op->mknod)
		goto out;
	if (up.mnt->sb->flags & SB_RDONLY || up.mnt->flags & MNT_READONLY)
		goto out;
	err = add_layer(sb, &up, &s->upper);
	if (!err)
		s->upper_root = s->upper->root;
out:
	path_put(&up);
	return err;
}

/* the root is the merge of all */
static int
make_root(struct super_block *sb, struct ovl_super *s)
{
	struct ovl_lower *l = kcalloc(s->nr_lower, sizeof(*l), GFP_KERNEL);
	struct dentry *u = NULL;
	struct inode *i;
	int err;

	if (!l)
		return -ENOMEM;
	s->same_fs = true;
	for (u32 k = 0; k < s->nr_lower; k++) {
		l[k] = (struct ovl_lower){ dentry_get(s->lower[k]->root), k };
		if (s->lower[k]->sb != s->lower[0]->sb)
			s->same_fs = false;
	}
	if (s->upper) {
		u = dentry_get(s->upper_root);
		if (s->upper->sb != s->lower[0]->sb)
			s->same_fs = false;
	}
	err = ovl_inode_new(sb, u, s->nr_lower, l, &i);
	if (err) {
		dentry_put(u);
		for (u32 k = 0; k < s->nr_lower; k++)
			dentry_put(l[k].d);
	}
	kfree(l);
	if (err)
		return err;
	sb->root = d_make_root(i);
	return sb->root ? 0 : -ENOMEM;
}

static int
ovl_fill(struct super_block *sb, const char *data)
{
	struct ovl_super *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int err;

	if (!s)
		return -ENOMEM;
	mutex_init(&s->copy_lock, RANK_NONE);
	sb->private = s;
	sb->ops = &ovl_super_ops;
	sb->magic = OVERLAYFS_SUPER_MAGIC;
	err = parse_options(s, data);
	if (!err && s->upperdir)
		err = open_upper(sb, s);
	if (!err)
		err = open_lowers(sb, s);
	if (!err && !s->upper) {
		sb->flags |= SB_RDONLY;
		if (s->nr_lower < 2)
			err = -EINVAL;	/* nothing is laid over anything */
	}
	return err ? err : make_root(sb, s);
}

static int
ovl_mount(const struct fs_type *t, u32 flags, const char *source,
	  const char *data, struct super_block **out)
{
	if (!inode_cache)
		inode_cache = slab_create("overlay_inode",
					  sizeof(struct ovl_inode), 64, 0);
	if (!inode_cache)
		return -ENOMEM;
	return super_nodev(t, flags, data, ovl_fill, out);
}

static const struct fs_type overlay_type = {
	.name = "overlay",
	.flags = FS_NODEV,
	.mount = ovl_mount,
};

SET_ADD(fs_type, overlay_type);
