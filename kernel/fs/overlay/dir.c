/* SPDX-License-Identifier: MIT */
/*
 * overlayfs names. A name is what the topmost layer that has it says: a file
 * hides what is below, a whiteout (character device 0,0) hides it and shows
 * nothing, directories are merged downwards until an opaque one.
 *
 * Changes are made in the upper directory, copied up if need be. Where a lower
 * layer has the name, removing leaves a whiteout, and a new directory is
 * opaque. Directories with a lower part are not renamed (EXDEV), as Linux
 * without redirect_dir.
 *
 * Locks: the VFS holds our directories' rwsem; the real directory's is taken
 * inside (nested). A rename takes two real ones: the second is only tried, and
 * all begins again when somebody has it, as there is no order with those who
 * use the layer directly.
 */
#include <sched/sched.h>
#include "overlay.h"

/* -- looking up ---------------------------------------------------------- */

static int
real_lookup(struct dentry *dir, const struct qstr *q, struct dentry **out)
{
	struct inode *i = dir->inode;
	int err;

	rwsem_write_lock_nested(&i->rwsem);
	err = lookup_one(dir, q->name, q->len, out);
	rwsem_write_unlock(&i->rwsem);
	return err;
}

struct found {
	struct dentry *upper;
	u32 nr;
	struct ovl_lower lower[OVL_MAX_LOWER];
};

static void
found_put(struct found *f)
{
	dentry_put(f->upper);
	while (f->nr)
		dentry_put(f->lower[--f->nr].d);
}

/* from layer k of dir on down, below what is in f already */
static int
look_below(struct inode *dir, const struct qstr *q, struct found *f)
{
	struct ovl_inode *o = ovl_i(dir);
	struct dentry *d;
	int err;

	for (u32 k = 0; k < o->nr_lower; k++) {
		err = real_lookup(o->lower[k].d, q, &d);
		if (err)
			return err;
		if (!d->inode) {
			dentry_put(d);
			continue;
		}
		if (ovl_is_whiteout(d) ||
		    (!S_ISDIR(d->inode->mode) && (f->upper || f->nr))) {
			dentry_put(d);
			return 0;
		}
		f->lower[f->nr++] = (struct ovl_lower){ d, o->lower[k].layer };
		if (!S_ISDIR(d->inode->mode) || ovl_is_opaque(dir->sb, d))
			return 0;
	}
	return 0;
}

static int
look(struct inode *dir, const struct qstr *q, struct found *f)
{
	struct dentry *u = ovl_upper(dir);
	bool stop;
	int err;

	f->upper = NULL;
	f->nr = 0;
	if (u) {
		err = real_lookup(u, q, &u);
		if (err)
			return err;
		if (u->inode) {
			stop = ovl_is_whiteout(u);
			if (stop)
				dentry_put(u);
			else
				f->upper = u;
			if (stop || !S_ISDIR(u->inode->mode) ||
			    ovl_is_opaque(dir->sb, u))
				return 0;
		} else {
			dentry_put(u);
		}
	}
	return look_below(dir, q, f);
}

static int
ovl_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	struct found *f = kmalloc(sizeof(*f), GFP_KERNEL);
	int err;

	*out = NULL;
	if (!f)
		return -ENOMEM;
	err = look(dir, &d->name, f);
	if (!err && (f->upper || f->nr))
		err = ovl_inode_new(dir->sb, f->upper, f->nr, f->lower, out);
	else if (!err)
		goto out;
	if (err)
		found_put(f);
out:
	kfree(f);
	return err;
}

/* does a lower layer show something under this name? 1, 0, -errno */
static int
lower_has(struct inode *dir, const struct qstr *q)
{
	struct ovl_inode *o = ovl_i(dir);
	struct dentry *d;
	int r;

	for (u32 k = 0; k < o->nr_lower; k++) {
		r = real_lookup(o->lower[k].d, q, &d);
		if (r)
			return r;
		r = d->inode ? ovl_is_whiteout(d) ? 0 : 1 : -1;
		dentry_put(d);
		if (r >= 0)
			return r;
	}
	return 0;
}

/* -- changing the upper directory: its rwsem is held --------------------- */

static int
real_remove(struct dentry *up, struct dentry *d)
{
	struct inode *dir = up->inode, *i = d->inode;
	bool is_dir = S_ISDIR(i->mode);
	int err;

	rwsem_write_lock_nested(&i->rwsem);
	err = is_dir ? dir->op->rmdir(dir, d) : dir->op->unlink(dir, d);
	if (!err && is_dir)
		i->flags |= S_DEAD_F;
	rwsem_write_unlock(&i->rwsem);
	if (!err)
		d_delete(d);
	return err;
}

/* *out: negative dentry for the name; a whiteout there is removed */
static int
make_room(struct dentry *up, const struct qstr *q, struct dentry **out)
{
	int err = lookup_one(up, q->name, q->len, out);

	if (!err && ovl_is_whiteout(*out)) {
		err = real_remove(up, *out);
		dentry_put(*out);
		if (!err)
			err = lookup_one(up, q->name, q->len, out);
	}
	if (!err && (*out)->inode) {
		dentry_put(*out);
		err = -ESTALE;		/* the layer was changed under us */
	}
	return err;
}

static int
whiteout(struct dentry *up, const struct qstr *q)
{
	struct dentry *d;
	int err = lookup_one(up, q->name, q->len, &d);

	if (err)
		return err;
	if (!d->inode)
		err = up->inode->op->mknod(up->inode, d, S_IFCHR, 0);
	dentry_put(d);
	return err;
}

/* the upper directory of dir, copied up, locked */
static int
upper_lock(struct dentry *dir, struct dentry **out)
{
	int err = ovl_copy_up(dir);

	if (err)
		return err;
	*out = ovl_upper(dir->inode);
	rwsem_write_lock_nested(&(*out)->inode->rwsem);
	if ((*out)->inode->flags & S_DEAD_F) {
		rwsem_write_unlock(&(*out)->inode->rwsem);
		return -ENOENT;
	}
	return 0;
}

static void
upper_unlock(struct dentry *dir, struct dentry *up)
{
	rwsem_write_unlock(&up->inode->rwsem);
	ovl_copy_attr(dir->inode);
}

/* -- making -------------------------------------------------------------- */

struct make {
	mode_t mode;
	dev_t rdev;
	const char *target;		/* symlinks */
	struct dentry *link;		/* hard links: the real one */
};

static int
real_make(struct dentry *up, struct dentry *nd, const struct make *m)
{
	const struct inode_ops *op = up->inode->op;

	if (m->link)
		return op->link ? op->link(m->link, up->inode, nd) : -EPERM;
	switch (m->mode & S_IFMT) {
	case S_IFREG:
		return op->create ? op->create(up->inode, nd, m->mode) :
			-EPERM;
	case S_IFDIR:
		return op->mkdir ? op->mkdir(up->inode, nd,
			m->mode & ~(mode_t)S_IFMT) : -EPERM;
	case S_IFLNK:
		return op->symlink ? op->symlink(up->inode, nd, m->target) :
			-EPERM;
	}
	return op->mknod ? op->mknod(up->inode, nd, m->mode, m->rdev) : -EPERM;
}

static int
make(struct inode *dir, struct dentry *d, const struct make *m)
{
	struct dentry *up, *nd;
	struct inode *i;
	int err, hides = 0;

	if (S_ISDIR(m->mode)) {
		hides = lower_has(dir, &d->name);
		if (hides < 0)
			return hides;
	}
	err = upper_lock(d->parent, &up);
	if (err)
		return err;
	err = make_room(up, &d->name, &nd);
	if (!err) {
		err = real_make(up, nd, m);
		if (!err && hides) {
			err = ovl_set_opaque(dir->sb, nd);
			if (err)
				(void)real_remove(up, nd);
		}
		if (!err)
			err = ovl_inode_new(dir->sb, nd, 0, NULL, &i);
		if (err)
			dentry_put(nd);
		else
			d_instantiate(d, i);
	}
	upper_unlock(d->parent, up);
	return err;
}

static int
ovl_create(struct inode *dir, struct dentry *d, mode_t mode)
{
	return make(dir, d, &(struct make){ .mode = mode | S_IFREG });
}

static int
ovl_mkdir(struct inode *dir, struct dentry *d, mode_t mode)
{
	return make(dir, d, &(struct make){ .mode = mode | S_IFDIR });
}

static int
ovl_mknod(struct inode *dir, struct dentry *d, mode_t mode, dev_t rdev)
{
	if (S_ISCHR(mode) && !rdev)	/* it would be a whiteout */
		return -EPERM;
	return make(dir, d, &(struct make){ .mode = mode, .rdev = rdev });
}

static int
ovl_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	return make(dir, d, &(struct make){ .mode = S_IFLNK,
					    .target = target });
}

static int
ovl_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	int err = ovl_copy_up(old);

	if (!err)
		err = make(dir, d, &(struct make){
			.mode = old->inode->mode,
			.link = ovl_upper(old->inode) });
	if (!err)
		ovl_copy_attr(old->inode);
	return err;
}

static int
ovl_tmpfile(struct inode *dir, struct dentry *d, mode_t mode)
{
	static const struct qstr q = { "#tmpfile", 8, 0 };
	struct dentry *up, *t;
	struct inode *i;
	int err = ovl_copy_up(d->parent);

	if (err)
		return err;
	up = ovl_upper(dir);
	if (!up->inode->op->tmpfile)
		return -EOPNOTSUPP;
	t = d_alloc(up, &q);
	if (!t)
		return -ENOMEM;
	err = up->inode->op->tmpfile(up->inode, t, mode);
	if (!err) {
		t->inode->state |= I_LINKABLE;
		err = ovl_inode_new(dir->sb, t, 0, NULL, &i);
	}
	if (err)
		dentry_put(t);
	else
		d_instantiate(d, i);
	return err;
}

/* -- removing ------------------------------------------------------------ */

/* the names of a directory that shows none: whiteouts. up's rwsem is held */
static int
clear_whiteouts(struct dentry *dir)
{
	struct dentry *c;
	int err = 0;

	rwsem_write_lock_nested(&dir->inode->rwsem);
	while (!err && (c = d_first_child(dir))) {
		err = ovl_is_whiteout(c) ? real_remove(dir, c) : -ENOTEMPTY;
		dentry_put(c);
	}
	rwsem_write_unlock(&dir->inode->rwsem);
	return err;
}

static int
remove_name(struct inode *dir, struct dentry *d)
{
	struct inode *i = d->inode;
	struct dentry *up, *u;
	int hides = lower_has(dir, &d->name), err;

	if (hides < 0)
		return hides;
	err = upper_lock(d->parent, &up);
	if (err)
		return err;
	u = ovl_upper(i);
	if (u && (u->parent != up || u->flags & D_UNHASHED))
		err = -ESTALE;
	if (!err && u && S_ISDIR(i->mode))
		err = clear_whiteouts(u);
	if (!err && u)
		err = real_remove(up, u);
	if (!err && hides)
		err = whiteout(up, &d->name);
	upper_unlock(d->parent, up);
	if (err)
		return err;
	if (u && !S_ISDIR(i->mode))
		ovl_copy_attr(i);
	else if (S_ISDIR(i->mode))
		i->nlink = 0;
	else
		inode_drop_nlink(i);
	return 0;
}

static int
ovl_unlink(struct inode *dir, struct dentry *d)
{
	return remove_name(dir, d);
}

static int
ovl_rmdir(struct inode *dir, struct dentry *d)
{
	int err = ovl_check_empty(d->inode);

	return err ? err : remove_name(dir, d);
}

/* -- renaming ------------------------------------------------------------ */

static void
lock_uppers(struct dentry *a, struct dentry *b)
{
	rwsem_write_lock_nested(&a->inode->rwsem);
	while (b != a && !rwsem_write_trylock(&b->inode->rwsem)) {
		rwsem_write_unlock(&a->inode->rwsem);
		cond_resched();
		rwsem_write_lock_nested(&a->inode->rwsem);
	}
}

static void
unlock_uppers(struct dentry *a, struct dentry *b)
{
	if (a != b)
		rwsem_write_unlock(&b->inode->rwsem);
	rwsem_write_unlock(&a->inode->rwsem);
}

struct ren {
	struct dentry *od, *nd;		/* ours */
	struct dentry *oup, *nup;	/* real directories */
	int old_hides, new_hides;	/* lower layers have these names */
	bool exchange;
};

static bool
still_there(const struct dentry *u, const struct dentry *up)
{
	return u->parent == up && !(u->flags & D_UNHASHED);
}

static int
rename_real(struct ren *r, struct super_block *sb)
{
	struct dentry *u = ovl_upper(r->od->inode), *t = NULL;
	struct inode *odir = r->oup->inode, *ndir = r->nup->inode;
	int err;

	if (!still_there(u, r->oup) || !odir->op->rename)
		return -ESTALE;
	if (r->nd->inode && ovl_upper(r->nd->inode)) {
		t = dentry_get(ovl_upper(r->nd->inode));
		err = still_there(t, r->nup) ? 0 : -ESTALE;
		if (!err && S_ISDIR(t->inode->mode) && !r->exchange)
			err = clear_whiteouts(t);
	} else {
		err = make_room(r->nup, &r->nd->name, &t);
		if (err)
			return err;
	}
	if (!err && S_ISDIR(u->inode->mode) && r->new_hides)
		err = ovl_set_opaque(sb, u);
	if (!err && r->exchange && S_ISDIR(t->inode->mode) && r->old_hides)
		err = ovl_set_opaque(sb, t);
	if (!err)
		err = odir->op->rename(odir, u, ndir, t,
				       r->exchange ? RENAME_EXCHANGE : 0);
	if (!err && r->exchange) {
		d_exchange(u, t);
	} else if (!err) {
		if (t->inode && S_ISDIR(t->inode->mode))
			t->inode->flags |= S_DEAD_F;
		d_move(u, t);
		if (r->old_hides)
			err = whiteout(r->oup, &r->od->name);
	}
	dentry_put(t);
	return err;
}

/* directories that are not all in the upper layer stay where they are */
static bool
immovable(const struct dentry *d)
{
	return S_ISDIR(d->inode->mode) && ovl_i(d->inode)->nr_lower;
}

static int
ovl_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	   struct dentry *nd, u32 flags)
{
	struct ren r = { .od = od, .nd = nd,
			 .exchange = flags & RENAME_EXCHANGE };
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (immovable(od) || (r.exchange && immovable(nd)))
		return -EXDEV;
	if (!r.exchange && nd->inode && S_ISDIR(nd->inode->mode)) {
		err = ovl_check_empty(nd->inode);
		if (err)
			return err;
	}
	err = ovl_copy_up(od);
	if (!err)
		err = ovl_copy_up(nd->parent);
	if (!err && r.exchange)
		err = ovl_copy_up(nd);
	if (err)
		return err;
	r.old_hides = lower_has(odir, &od->name);
	r.new_hides = lower_has(ndir, &nd->name);
	if (r.old_hides < 0 || r.new_hides < 0)
		return min(r.old_hides, r.new_hides);
	r.oup = ovl_upper(odir);
	r.nup = ovl_upper(ndir);
	lock_uppers(r.oup, r.nup);
	err = rename_real(&r, odir->sb);
	unlock_uppers(r.oup, r.nup);
	ovl_copy_attr(odir);
	ovl_copy_attr(ndir);
	if (!err && nd->inode && !r.exchange)
		inode_drop_nlink(nd->inode);
	return err;
}

const struct inode_ops ovl_dir_iops = {
	OVL_COMMON_OPS,
	.lookup = ovl_lookup,
	.create = ovl_create,
	.link = ovl_link,
	.unlink = ovl_unlink,
	.symlink = ovl_symlink,
	.mkdir = ovl_mkdir,
	.rmdir = ovl_rmdir,
	.mknod = ovl_mknod,
	.rename = ovl_rename,
	.tmpfile = ovl_tmpfile,
};
