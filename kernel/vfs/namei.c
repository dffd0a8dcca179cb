/* SPDX-License-Identifier: MIT */
/*
 * Path walk: a name becomes a (mount, dentry).
 *
 * walk_path() first runs with LOOKUP_RCU: from root or cwd component by
 * component through the dentry hash, with no lock, reference or store to
 * shared memory. Each step notes the sequence count of the new dentry before
 * it trusts what it read there and compares the old dentry's after it, so the
 * chain was true at some moment. At the end walk_complete() takes one
 * reference on the mount and one on the dentry, if they are still unchanged.
 *
 * What RCU mode cannot do (a name that is not cached, a revalidation, a link
 * whose text must be read) turns into reference mode on the spot (unlazy), or
 * gives -ECHILD, on which the caller starts again without LOOKUP_RCU. In
 * reference mode w->path is counted at each step.
 *
 * Symlinks: a link in the middle saves the rest of the name and its text's
 * resources on a stack of SYMLINK_MAX_NEST (two entries inline, the others
 * allocated); a link at the end replaces the previous one in w->trail.
 *
 * openat2(2)'s RESOLVE_BENEATH and RESOLVE_IN_ROOT make the starting directory
 * the root; a rename or mount that happened during a walk that used ".." gives
 * -EAGAIN.
 */
#include <core/assert.h>
#include <task/cred.h>
#include "internal.h"

#define LOOKUP_SCOPED	(LOOKUP_BENEATH | LOOKUP_IN_ROOT)

/* -- begin and end ------------------------------------------------------- */

static void
put_link(struct link_res *l)
{
	if (!l->text)
		return;
	if (l->done)
		l->done(l->text);
	if (l->link.mnt)
		path_put(&l->link);
	l->text = NULL;
}

void
walk_init(struct walk *w, int dfd, const struct path *base, u32 flags)
{
	w->path.mnt = NULL;
	w->flags = flags;
	w->last_type = LAST_ROOT;
	w->last_slash = false;
	w->root_held = false;
	w->depth = 0;
	w->links = 0;
	w->root.mnt = NULL;
	w->dirfd = (struct fd){ NULL, false };
	w->base = base;
	w->dfd = dfd;
	w->trail.text = NULL;
	w->stack = w->inline_stack;
	w->heap = NULL;
}

void
walk_end(struct walk *w)
{
	while (unlikely(w->depth))
		put_link(&w->stack[--w->depth]);
	if (unlikely(w->trail.text))
		put_link(&w->trail);
	if (!(w->flags & LOOKUP_RCU)) {
		if (w->path.mnt)
			path_put(&w->path);
		if (w->root_held)
			path_put(&w->root);
	}
	if (unlikely(w->heap))
		kfree(w->heap);
	fdput(w->dirfd);
}

static __always_inline void
set_root(struct walk *w)
{
	struct fs_context *fs = current->fs;
	u32 seq;

	if (w->root.mnt)
		return;
	if (!(w->flags & LOOKUP_RCU)) {
		fs_context_root(fs, &w->root);
		w->root_held = true;
		return;
	}
	do {
		seq = seq_begin(&fs->seq);
		w->root = fs->root;
		w->root_seq = seq_begin(&w->root.dentry->seq);
	} while (seq_retry(&fs->seq, seq));
}

static void
start_cwd(struct walk *w)
{
	struct fs_context *fs = current->fs;
	u32 seq;

	if (!(w->flags & LOOKUP_RCU)) {
		fs_context_cwd(fs, &w->path);
		return;
	}
	do {
		seq = seq_begin(&fs->seq);
		w->path = fs->cwd;
		w->seq = seq_begin(&w->path.dentry->seq);
	} while (seq_retry(&fs->seq, seq));
}

int
walk_start(struct walk *w, const char *name, const char **rest)
{
	w->m_seq = seq_begin(&mount_seq);
	w->r_seq = seq_begin(&rename_seq);
	*rest = name;
	if (*name == '/' && unlikely(w->flags & LOOKUP_BENEATH))
		return -EXDEV;
	if (*name == '/' && likely(!(w->flags & LOOKUP_IN_ROOT))) {
		set_root(w);
		w->path = w->root;
		w->seq = w->root_seq;
		if (!(w->flags & LOOKUP_RCU))
			path_get(&w->path);
	} else if (w->base || w->dfd != AT_FDCWD) {
		const struct path *p = w->base;

		if (!p) {
			w->dirfd = fdget_raw(w->dfd);
			if (!w->dirfd.file)
				return -EBADF;
			p = &w->dirfd.file->path;
			if (*name && !S_ISDIR(w->dirfd.file->inode->mode))
				return -ENOTDIR;
		}
		w->path = *p;
		w->seq = seq_begin(&p->dentry->seq);
		if (!(w->flags & LOOKUP_RCU))
			path_get(p);
	} else {
		start_cwd(w);
	}
	w->inode = w->path.dentry->inode;
	if (unlikely(w->flags & LOOKUP_SCOPED)) {
		w->root = w->path;
		w->root_seq = w->seq;
		if (!(w->flags & LOOKUP_RCU)) {
			path_get(&w->root);
			w->root_held = true;
		}
	}
	return 0;
}

static __always_inline bool
legitimize(const struct path *p, u32 d_seq, u32 m_seq)
{
	if (!mnt_legitimize(p->mnt, m_seq))
		return false;
	if (!dentry_get_live(p->dentry)) {
		mnt_put(p->mnt);
		return false;
	}
	if (unlikely(seq_retry(&p->dentry->seq, d_seq))) {
		path_put(p);
		return false;
	}
	return true;
}

/* RCU mode to reference mode where we stand. -ECHILD: start again. */
static int
unlazy(struct walk *w)
{
	if (w->depth || w->trail.text)
		return -ECHILD;		/* texts are only RCU's */
	if (!legitimize(&w->path, w->seq, w->m_seq))
		return -ECHILD;
	if (w->root.mnt) {
		if (!legitimize(&w->root, w->root_seq, w->m_seq)) {
			path_put(&w->path);
			return -ECHILD;
		}
		w->root_held = true;
	}
	w->flags &= ~LOOKUP_RCU;
	return 0;
}

int
walk_complete(struct walk *w)
{
	if (unlikely(w->trail.text))
		put_link(&w->trail);
	if (!(w->flags & LOOKUP_RCU))
		return 0;
	w->root.mnt = NULL;
	return unlazy(w);
}

/* -- one component ------------------------------------------------------- */

static __always_inline int
may_lookup(struct walk *w)
{
	struct inode *i = w->inode;

	if (likely((i->mode & S_IXUGO) == S_IXUGO && !i->op->permission))
		return 0;
	return inode_permission(i, MAY_EXEC |
				(w->flags & LOOKUP_RCU ? MAY_NOT_BLOCK : 0));
}

/*
 * lookup_locked - dir's rwsem held exclusive: what q names in parent, asked
 * from the file system if it is not cached. *out may be negative.
 */
int
lookup_locked(struct dentry *parent, const struct qstr *q, u32 flags,
	      struct dentry **out)
{
	struct inode *dir = parent->inode, *i = NULL;
	struct dentry *d;
	int err;

	d = d_lookup(parent, q);
	if (d && unlikely(d->flags & D_OP_REVALIDATE)) {
		err = d->op->revalidate(d, flags);
		if (err <= 0) {
			d_drop(d);
			dentry_put(d);
			if (err < 0)
				return err;
			d = NULL;
		}
	}
	if (d) {
		*out = d;
		return 0;
	}
	if (dir->flags & S_DEAD_F)
		return -ENOENT;
	if (q->len > NAME_MAX)
		return -ENAMETOOLONG;
	d = d_alloc(parent, q);
	if (!d)
		return -ENOMEM;
	if (!(parent->sb->flags & SB_DCACHE_TREE)) {
		if (!dir->op->lookup) {
			dentry_put(d);
			return -ENOTDIR;
		}
		err = dir->op->lookup(dir, d, &i);
		if (err) {
			dentry_put(d);
			return err;
		}
	}
	d_add(d, i);
	*out = d;
	return 0;
}

/* reference mode: the dentry of w->last, counted */
static int
lookup_ref(struct walk *w, struct dentry **out)
{
	struct dentry *parent = w->path.dentry, *d;
	struct inode *dir = w->inode;
	int r;

	d = d_lookup(parent, &w->last);
	if (d && unlikely(d->flags & D_OP_REVALIDATE)) {
		r = d->op->revalidate(d, w->flags);
		if (r <= 0) {
			if (!r)
				d_invalidate_tree(d);
			dentry_put(d);
			if (r)
				return r;
			d = NULL;
		}
	}
	if (d) {
		*out = d;
		return 0;
	}
	if (w->flags & LOOKUP_CACHED)
		return -EAGAIN;
	rwsem_write_lock(&dir->rwsem);
	r = lookup_locked(parent, &w->last, w->flags, out);
	rwsem_write_unlock(&dir->rwsem);
	return r;
}

/* reference mode: d (counted, consumed) becomes where we are */
static void
step_ref(struct walk *w, struct vfsmount *m, struct dentry *d)
{
	dentry_put(w->path.dentry);
	if (m != w->path.mnt)
		mnt_put(w->path.mnt);
	w->path.mnt = m;
	w->path.dentry = d;
	w->inode = d->inode;
}

/* through all mounts on d; m counted only if it is not w's own */
static int
cross_ref(struct walk *w, struct vfsmount **m, struct dentry **d)
{
	struct path p = { w->path.mnt, *d };

	mnt_get(p.mnt);
	path_follow_mounts(&p);
	*m = p.mnt;
	*d = p.dentry;
	if (p.mnt == w->path.mnt) {
		mnt_put(p.mnt);
	} else if (w->flags & LOOKUP_NO_XDEV) {
		path_put(&p);
		return -EXDEV;
	}
	return 0;
}

/*
 * A symlink is to be followed: d (counted in reference mode, consumed then).
 * WALK_LINK with w->link and w->link_text, or 0 when it jumped somewhere.
 */
static int
pick_link(struct walk *w, struct vfsmount *m, struct dentry *d,
	  struct inode *i, u32 seq)
{
	bool rcu = w->flags & LOOKUP_RCU;
	struct link_res *l = &w->link;
	struct path here = { m, d }, jump = { NULL, NULL };
	int err;

	*l = (struct link_res){ .text = i->link };
	err = -ELOOP;
	if (w->links++ >= SYMLINK_MAX_NEST || w->flags & LOOKUP_NO_SYMLINKS ||
	    m->flags & MNT_NOSYMFOLLOW)
		goto fail;
	if (rcu && (!l->text || seq_retry(&d->seq, seq)))
		return -ECHILD;
	if (unlikely(protected_symlinks) && w->flags & LOOKUP_TRAILING) {
		err = may_follow_link(w->inode, i);
		if (err)
			goto fail;
	}
	path_update_atime(&here);
	if (!l->text) {
		err = -EINVAL;
		if (!i->op->get_link)
			goto fail;
		err = i->op->get_link(d, i, &l->text, &l->done, &jump);
		if (err)
			goto fail;
	}
	if (!rcu) {
		if (m == w->path.mnt)
			mnt_get(m);
		l->link = here;
	}
	if (l->text) {
		if (*l->text) {
			w->link_text = l->text;
			return WALK_LINK;
		}
		put_link(l);
		return -ENOENT;
	}
	path_put(&here);		/* a magic link */
	err = -ELOOP;
	if (w->flags & LOOKUP_NO_MAGICLINKS)
		goto fail_jump;
	err = -EXDEV;
	if (w->flags & LOOKUP_SCOPED ||
	    (w->flags & LOOKUP_NO_XDEV && jump.mnt != w->path.mnt))
		goto fail_jump;
	path_put(&w->path);
	w->path = jump;
	w->inode = jump.dentry->inode;
	return 0;
fail_jump:
	path_put(&jump);
	return err;
fail:
	if (!rcu) {
		dentry_put(d);
		if (m != w->path.mnt)
			mnt_put(m);
	}
	return err;
}

static int
dotdot_rcu(struct walk *w)
{
	struct vfsmount *m = w->path.mnt;
	struct dentry *d = w->path.dentry, *up;
	u32 seq = w->seq, up_seq;

	for (;;) {
		if (d == w->root.dentry && m == w->root.mnt) {
			if (w->flags & LOOKUP_BENEATH)
				return -EXDEV;
			break;
		}
		if (d != m->root) {
			up = READ_ONCE(d->parent);
			up_seq = seq_begin(&up->seq);
			if (seq_retry(&d->seq, seq))
				return -ECHILD;
			if (unlikely(m->root != m->sb->root) &&
			    !d_is_ancestor(m->root, up))
				return -ECHILD;
			d = up;
			seq = up_seq;
			break;
		}
		struct vfsmount *pm = READ_ONCE(m->parent);

		up = READ_ONCE(m->mountpoint);
		up_seq = seq_begin(&up->seq);
		if (seq_retry(&mount_seq, w->m_seq))
			return -ECHILD;
		if (pm == m)
			break;
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		m = pm;
		d = up;
		seq = up_seq;
	}
	while (READ_ONCE(d->flags) & D_MOUNTED) {
		struct vfsmount *c = mnt_lookup_rcu(m, d);

		if (seq_retry(&mount_seq, w->m_seq))
			return -ECHILD;
		if (!c)
			break;
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		m = c;
		d = c->root;
		seq = seq_begin(&d->seq);
	}
	w->path.mnt = m;
	w->path.dentry = d;
	w->seq = seq;
	w->inode = READ_ONCE(d->inode);
	return w->inode ? 0 : -ECHILD;
}

static int
dotdot_ref(struct walk *w)
{
	struct path *p = &w->path;
	struct dentry *up;

	for (;;) {
		if (p->dentry == w->root.dentry && p->mnt == w->root.mnt) {
			if (w->flags & LOOKUP_BENEATH)
				return -EXDEV;
			break;
		}
		if (p->dentry != p->mnt->root) {
			do {		/* a parent may die only after us */
				up = READ_ONCE(p->dentry->parent);
			} while (!dentry_get_live(up));
			dentry_put(p->dentry);
			p->dentry = up;
			if (p->mnt->root != p->mnt->sb->root &&
			    !d_is_ancestor(p->mnt->root, up))
				return -ENOENT;
			break;
		}
		if (w->flags & LOOKUP_NO_XDEV && p->mnt->parent != p->mnt)
			return -EXDEV;
		if (!path_follow_up(p))
			break;
	}
	if (!(w->flags & LOOKUP_NO_XDEV))
		path_follow_mounts(p);
	w->inode = p->dentry->inode;
	return 0;
}

static int
walk_dots(struct walk *w)
{
	if (w->last_type != LAST_DOTDOT)
		return 0;
	if (!w->root.mnt)
		set_root(w);
	if (unlikely(w->flags & LOOKUP_SCOPED) &&
	    (seq_retry(&mount_seq, w->m_seq) ||
	     seq_retry(&rename_seq, w->r_seq)))
		return -EAGAIN;
	return w->flags & LOOKUP_RCU ? dotdot_rcu(w) : dotdot_ref(w);
}

static __noinline int
component_slow(struct walk *w, bool follow)
{
	struct dentry *parent = w->path.dentry, *d;
	struct vfsmount *m = w->path.mnt;
	struct inode *i;
	u32 seq = 0;
	int err;

	if (unlikely(w->last_type != LAST_NORM))
		return walk_dots(w);
	if (likely(w->flags & LOOKUP_RCU)) {
		d = d_find_rcu(parent, &w->last, &seq);
		if (unlikely(!d)) {
			err = unlazy(w);
			if (err)
				return err;
			goto ref;
		}
		i = READ_ONCE(d->inode);
		if (unlikely(seq_retry(&parent->seq, w->seq)))
			return -ECHILD;
		if (unlikely(d->flags & D_OP_REVALIDATE) &&
		    d->op->revalidate(d, w->flags) != 1)
			return -ECHILD;
		if (unlikely(seq_retry(&d->seq, seq)))
			return -ECHILD;
		if (unlikely(!i))
			return -ENOENT;
		while (unlikely(READ_ONCE(d->flags) & D_MOUNTED)) {
			struct vfsmount *c = mnt_lookup_rcu(m, d);

			if (!c) {
				if (seq_retry(&mount_seq, w->m_seq))
					return -ECHILD;
				break;
			}
			if (w->flags & LOOKUP_NO_XDEV)
				return -EXDEV;
			m = c;
			d = c->root;
			seq = seq_begin(&d->seq);
			i = READ_ONCE(d->inode);
			if (!i)
				return -ECHILD;
		}
		if (unlikely(S_ISLNK(i->mode)) && follow)
			return pick_link(w, m, d, i, seq);
		w->path.mnt = m;
		w->path.dentry = d;
		w->inode = i;
		w->seq = seq;
		return 0;
	}
ref:
	err = lookup_ref(w, &d);
	if (err)
		return err;
	if (!d->inode) {
		dentry_put(d);
		return -ENOENT;
	}
	if (unlikely(READ_ONCE(d->flags) & D_MOUNTED)) {
		err = cross_ref(w, &m, &d);
		if (err)
			return err;
	}
	i = d->inode;
	if (S_ISLNK(i->mode) && follow)
		return pick_link(w, m, d, i, 0);
	step_ref(w, m, d);
	return 0;
}

/* what makes a dentry, or an absent one, more than a step of RCU mode */
#define D_NOT_PLAIN	(D_MOUNTED | D_OP_REVALIDATE)

/*
 * walk_component - go to what w->last names. WALK_LINK when it is a symlink
 * and follow is set (w->link, w->link_text), 0, or -errno.
 */
int
walk_component(struct walk *w, bool follow)
{
	struct dentry *parent = w->path.dentry, *d;
	struct inode *i;
	u32 seq;

	if (unlikely(w->last_type != LAST_NORM || !(w->flags & LOOKUP_RCU)))
		return component_slow(w, follow);
	d = d_find_rcu(parent, &w->last, &seq);
	if (unlikely(!d || READ_ONCE(d->flags) & D_NOT_PLAIN))
		return component_slow(w, follow);
	i = READ_ONCE(d->inode);
	if (unlikely((i && S_ISLNK(i->mode)) ||
		     seq_retry(&parent->seq, w->seq) ||
		     seq_retry(&d->seq, seq)))
		return component_slow(w, follow);
	if (unlikely(!i))
		return -ENOENT;
	w->path.dentry = d;
	w->inode = i;
	w->seq = seq;
	return 0;
}

/* -- the loop over components -------------------------------------------- */

#define WALK_PLAIN	(S_IFDIR | S_IXUGO)

/*
 * walk_fast - in RCU mode, through directories that anybody may search and
 * that nothing is special about; the same as link_path_walk()'s loop, which
 * takes over at the component returned. NULL: all done, w->last is set.
 */
static const char *
walk_fast(struct walk *w, const char *name)
{
	struct dentry *at = w->path.dentry, *d;
	struct inode *dir = w->inode, *i;
	u32 at_seq = w->seq, seq;
	const u64 salt = dcache_salt;

	for (;;) {
		const char *p = name, *dn;
		u64 h = (u64)at ^ salt, word, ends, mask;
		u32 hash, len;

		if (unlikely((dir->mode & (S_IFMT | S_IXUGO)) != WALK_PLAIN ||
			     dir->op->permission || *name == '.'))
			break;
		for (;; p += 8) {		/* name_hash() */
			if (unlikely(((unsigned long)p & 4095) > 4088))
				goto out;
			word = get_le64(p);
			ends = name_zero_bytes(word) |
				name_zero_bytes(word ^ NAME_ONES * '/');
			if (ends)
				break;
			h = hash_mix(h, word);
		}
		mask = ((ends & -ends) >> 7) - 1;
		word &= mask;
		if (mask)
			h = hash_mix(h, word);
		len = p - name + (__ffs(ends) >> 3);
		hash = hash_fold(h + len);
		if (unlikely(len > NAME_MAX))
			break;
		p = name + len;
		while (*p == '/')
			p++;
		if (!*p) {
			if (w->depth)		/* of a link's text only */
				break;
			w->last = (struct qstr){ name, len, hash };
			w->last_type = LAST_NORM;
			w->last_slash |= p != name + len;
			name = NULL;
			break;
		}

		hlist_for_each_entry_rcu(d, dcache_bucket(hash), hash) {
			if (!d_candidate(d, at, (u64)hash << 32 | len, &seq))
				continue;
			if (unlikely(d->flags & (D_UNHASHED |
						 D_OP_REVALIDATE)))
				goto out;
			dn = READ_ONCE(d->name.name);
			for (h = 0; unlikely(h + 8 <= len); h += 8)
				if (*(const u64 *)(dn + h) !=
				    get_le64(name + h))
					break;
			if (h + 8 <= len ||
			    (*(const u64 *)(dn + h) ^ word) & mask)
				continue;
			goto found;
		}
		break;
found:
		i = READ_ONCE(d->inode);
		if (unlikely(!i || !S_ISDIR(i->mode) ||
			     seq_retry(&at->seq, at_seq) ||
			     seq_retry(&d->seq, seq)))
			break;
		if (unlikely(READ_ONCE(d->flags) & D_MOUNTED)) {
			struct vfsmount *m = mnt_lookup_rcu(w->path.mnt, d);

			if (!m || w->flags & LOOKUP_NO_XDEV ||
			    READ_ONCE(m->root->flags) & D_MOUNTED)
				break;
			w->path.mnt = m;
			d = m->root;
			seq = seq_begin(&d->seq);
			i = READ_ONCE(d->inode);
		}
		at = d;
		dir = i;
		at_seq = seq;
		name = p;
	}
out:
	w->path.dentry = at;
	w->inode = dir;
	w->seq = at_seq;
	return name;
}

static struct link_res *
stack_push(struct walk *w)
{
	if (w->depth == WALK_INLINE_LINKS && !w->heap) {
		w->heap = kmalloc((SYMLINK_MAX_NEST + 1) * sizeof(*w->heap),
				  w->flags & LOOKUP_RCU ? GFP_ATOMIC :
				  GFP_KERNEL);
		if (!w->heap)
			return NULL;
		memcpy(w->heap, w->inline_stack, sizeof(w->inline_stack));
		w->stack = w->heap;
	}
	return &w->stack[w->depth++];
}

/* start of a link's text: absolute ones go to the root */
static int
link_base(struct walk *w, const char *text)
{
	if (*text != '/')
		return 0;
	if (w->flags & LOOKUP_BENEATH)
		return -EXDEV;
	set_root(w);
	if (w->flags & LOOKUP_NO_XDEV && w->root.mnt != w->path.mnt)
		return -EXDEV;
	if (!(w->flags & LOOKUP_RCU)) {
		path_get(&w->root);
		path_put(&w->path);
	}
	w->path = w->root;
	w->seq = w->root_seq;
	w->inode = w->path.dentry->inode;
	return 0;
}

/*
 * Walk all components of name but the last, which is left in w->last. In RCU
 * mode the strings are read at most to their NUL or the end of a page.
 */
static int
link_path_walk(struct walk *w, const char *name)
{
	struct link_res *l;
	int err;

	while (*name == '/')
		name++;
	if (!*name) {
		w->last_type = LAST_ROOT;
		return 0;
	}
	for (;;) {
		const char *end;
		bool more;

		if (likely(w->flags & LOOKUP_RCU)) {
			name = walk_fast(w, name);
			if (likely(!name))
				return 0;
		}
		err = may_lookup(w);
		if (unlikely(err))
			return err;
		w->last.name = name;
		w->last.hash = name_hash(w->path.dentry, name, &w->last.len);
		w->last_type = LAST_NORM;
		if (unlikely(*name == '.')) {
			if (w->last.len == 1)
				w->last_type = LAST_DOT;
			else if (w->last.len == 2 && name[1] == '.')
				w->last_type = LAST_DOTDOT;
		}
		if (unlikely(w->last.len > NAME_MAX))
			return -ENAMETOOLONG;
		end = name + w->last.len;
		name = end;
		while (*name == '/')
			name++;
		more = *name;
		if (!more && !w->depth) {
			w->last_slash |= name != end;
			return 0;
		}
		err = walk_component(w, true);
		if (unlikely(err < 0))
			return err;
		if (unlikely(err == WALK_LINK)) {
			if (more) {
				l = stack_push(w);
				if (!l) {
					put_link(&w->link);
					return w->flags & LOOKUP_RCU ?
						-ECHILD : -ENOMEM;
				}
				w->link.rest = name;
			} else {	/* the end of a text: it is done with */
				l = &w->stack[w->depth - 1];
				w->link.rest = l->rest;
				put_link(l);
			}
			*l = w->link;
			name = w->link_text;
			err = link_base(w, name);
			if (err)
				return err;
			while (*name == '/')
				name++;
			if (*name)
				continue;
			more = false;
		}
		if (!more) {		/* go on behind the link */
			l = &w->stack[--w->depth];
			name = l->rest;
			put_link(l);
		}
		if (unlikely(!S_ISDIR(w->inode->mode)))
			return w->flags & LOOKUP_RCU &&
				seq_retry(&w->path.dentry->seq, w->seq) ?
				-ECHILD : -ENOTDIR;
	}
}

/* a link at the very end of the name: its text is walked next */
int
walk_next_link(struct walk *w)
{
	int err;

	put_link(&w->trail);
	w->trail = w->link;
	w->flags &= ~LOOKUP_TRAILING;
	err = link_base(w, w->link_text);
	return err ? err : link_path_walk(w, w->link_text);
}

int
walk_parents(struct walk *w, const char *name)
{
	const char *rest;
	int err = walk_start(w, name, &rest);

	return err ? err : link_path_walk(w, rest);
}

int
walk_path(struct walk *w, const char *name)
{
	int err = walk_parents(w, name);

	while (!err && w->last_type != LAST_ROOT) {
		w->flags |= LOOKUP_TRAILING;
		err = walk_component(w, w->flags & LOOKUP_FOLLOW ||
				     w->last_slash);
		if (err != WALK_LINK)
			break;
		err = walk_next_link(w);
	}
	if (unlikely(err))
		return err;
	if ((w->flags & LOOKUP_DIRECTORY || w->last_slash) &&
	    !S_ISDIR(w->inode->mode))
		return -ENOTDIR;
	return 0;
}
