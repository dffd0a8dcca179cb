/* SPDX-License-Identifier: MIT */
/*
 * Names of users and of the kernel looked up: copying a path in, and the
 * walks of namei.c from start to end, first under RCU, then with references.
 */
#include <mm/uaccess.h>
#include "internal.h"

static struct slab_cache *path_cache;

/* -- user strings -------------------------------------------------------- */

int
pathname_get(struct pathname *p, const char __user *u, u32 lookup_flags)
{
	ssize_t n = copyinstr(p->buf, u, sizeof(p->buf) - 8);

	p->heap = NULL;
	p->s = p->buf;
	if (unlikely(n == -ENAMETOOLONG)) {
		if (!path_cache)
			path_cache = slab_create("pathname", PATH_MAX + 8, 8,
						 0);
		p->heap = path_cache ? slab_alloc(path_cache, GFP_KERNEL) :
			NULL;
		if (!p->heap)
			return -ENOMEM;
		p->s = p->heap;
		n = copyinstr(p->heap, u, PATH_MAX);
		if (n < 0)
			slab_free(path_cache, p->heap);
	}
	if (unlikely(n < 0))
		return n;
	p->len = n - 1;
	if (unlikely(!p->len && !(lookup_flags & LOOKUP_EMPTY))) {
		pathname_put(p);
		return -ENOENT;
	}
	return 0;
}

void
pathname_put(struct pathname *p)
{
	if (unlikely(p->heap))
		slab_free(path_cache, p->heap);
}

/* -- whole lookups ------------------------------------------------------- */

static int
lookup_once(struct walk *w, int dfd, const struct path *base,
	    const char *name, u32 flags, struct path *out)
{
	int err;

	walk_init(w, dfd, base, flags);
	err = walk_path(w, name);
	if (!err)
		err = walk_complete(w);
	if (!err) {
		*out = w->path;
		w->path.mnt = NULL;
	}
	walk_end(w);
	return err;
}

static int
do_lookup(int dfd, const struct path *base, const char *name, u32 flags,
	  struct path *out)
{
	struct walk w;
	int err = lookup_once(&w, dfd, base, name, flags | LOOKUP_RCU, out);

	if (unlikely(err == -ECHILD))
		err = flags & LOOKUP_CACHED ? -EAGAIN :
			lookup_once(&w, dfd, base, name, flags, out);
	return err;
}

int
path_lookup(int dirfd, const char *name, u32 flags, struct path *out)
{
	return do_lookup(dirfd, NULL, name, flags, out);
}

int
path_lookup_at(const struct path *base, const char *name, u32 flags,
	       struct path *out)
{
	return do_lookup(AT_FDCWD, base, name, flags, out);
}

int
lookup_one(struct dentry *parent, const char *name, u32 len,
	   struct dentry **out)
{
	struct qstr q = { name, len, full_name_hash(parent, name, len) };

	return lookup_locked(parent, &q, 0, out);
}

int
path_lookup_user(int dirfd, const char __user *name, u32 flags,
		 struct path *out)
{
	struct pathname p;
	int err = pathname_get(&p, name, flags);

	if (err)
		return err;
	err = do_lookup(dirfd, NULL, p.s, flags, out);
	pathname_put(&p);
	return err;
}

/*
 * path_stat - stat without taking references when the attributes can be read
 * from the inode. *m gets the mount's id and root flag for statx(2).
 */
int
path_stat(int dfd, const char *name, u32 flags, u32 mask, struct kstat *st,
	  struct stat_mount *sm)
{
	struct walk w;
	struct path p;
	int err;

	walk_init(&w, dfd, NULL, flags | LOOKUP_RCU);
	err = walk_path(&w, name);
	if (likely(!err)) {
		if (w.flags & LOOKUP_RCU && !w.inode->op->getattr) {
			generic_fillattr(w.inode, st);
			sm->id = w.path.mnt->id;
			sm->is_root = w.path.dentry == w.path.mnt->root;
			if (likely(!seq_retry(&w.path.dentry->seq, w.seq) &&
				   !seq_retry(&mount_seq, w.m_seq))) {
				walk_end(&w);
				return 0;
			}
			err = -ECHILD;
		} else {
			err = walk_complete(&w);
		}
	}
	if (!err) {
		p = w.path;
		w.path.mnt = NULL;
	}
	walk_end(&w);
	if (err == -ECHILD)
		err = lookup_once(&w, dfd, NULL, name, flags, &p);
	if (err)
		return err;
	err = vfs_getattr(&p, st, mask);
	sm->id = p.mnt->id;
	sm->is_root = p.dentry == p.mnt->root;
	path_put(&p);
	return err;
}

/*
 * walk_parent - the directory that holds the last component: *parent counted
 * by w; w->last says what is left. walk_end() afterwards, also on error.
 */
int
walk_parent(struct walk *w, const char *name, struct path *parent)
{
	int dfd = w->dfd;
	const struct path *base = w->base;
	u32 flags = w->flags;
	int err;

	w->flags |= LOOKUP_RCU;
	err = walk_parents(w, name);
	if (!err)
		err = walk_complete(w);
	if (unlikely(err == -ECHILD)) {
		walk_end(w);
		walk_init(w, dfd, base, flags);
		err = walk_parents(w, name);
		if (!err)
			err = walk_complete(w);
	}
	if (err)
		return err;
	*parent = w->path;
	return 0;
}
