/* SPDX-License-Identifier: MIT */
/*
 * Path names from dentries: getcwd(2), /proc/PID/{cwd,fd,maps,exe}, mounts.
 *
 * The name is built from its end, going up under RCU; rename_seq and mount_seq
 * tell whether it was consistent. Nothing is locked or referenced.
 */
#include "internal.h"

struct back { char *start, *p; bool full; };

static void
put_back(struct back *b, const char *s, u32 len)
{
	if (b->full || (size_t)(b->p - b->start) < len) {
		b->full = true;
		return;
	}
	b->p -= len;
	memcpy(b->p, s, len);
}

/* "/name" in front; a name being changed is caught by rename_seq */
static void
put_name(struct back *b, const struct dentry *d)
{
	const char *s = READ_ONCE(d->name.name);

	put_back(b, s, strnlen(s, NAME_MAX));
	put_back(b, "/", 1);
}

enum reach { REACH_ROOT, REACH_NS, REACH_NOT };

/* from p up to root; tells whether root was met */
static enum reach
walk_up(struct back *b, const struct path *p, const struct path *root)
{
	const struct vfsmount *m = p->mnt;
	const struct dentry *d = p->dentry, *up;

	while (d != root->dentry || m != root->mnt) {
		if (d == m->root) {
			const struct vfsmount *pm = READ_ONCE(m->parent);

			if (pm == m)
				return m->flags & (MNT_DETACHED | MNT_INTERNAL) ?
					REACH_NOT : REACH_NS;
			d = READ_ONCE(m->mountpoint);
			m = pm;
			continue;
		}
		up = READ_ONCE(d->parent);
		if (up == d)
			return REACH_NOT;	/* moved out of a bind mount */
		put_name(b, d);
		d = up;
	}
	return REACH_ROOT;
}

static char *
path_text(const struct path *p, const struct path *root, char *buf,
	  size_t len, enum reach *reach, bool mark_deleted)
{
	struct back b;
	u32 rs, ms;

	do {
		rs = seq_begin(&rename_seq);
		ms = seq_begin(&mount_seq);
		b = (struct back){ buf, buf + len, false };
		put_back(&b, "", 1);
		if (mark_deleted && p->dentry->flags & D_UNHASHED &&
		    p->dentry->parent != p->dentry)
			put_back(&b, " (deleted)", 10);
		char *end = b.p;

		*reach = walk_up(&b, p, root);
		if (b.p == end)
			put_back(&b, "/", 1);
	} while (seq_retry(&rename_seq, rs) || seq_retry(&mount_seq, ms));
	return b.full ? NULL : b.p;
}

char *
d_path(const struct path *p, const struct path *root, char *buf, size_t len)
{
	const struct dentry *d = p->dentry;
	enum reach r;
	char *s;

	/* pipes, sockets and the like have names, not places */
	if (d->op && d->op->dname && d->flags & D_DISCONNECTED)
		return d->op->dname((struct dentry *)d, buf, len);
	if (d->flags & D_DISCONNECTED) {
		struct back b = { buf, buf + len, false };

		put_back(&b, "", 1);
		put_back(&b, d->name.name, d->name.len);
		return b.full ? NULL : b.p;
	}
	s = path_text(p, root, buf, len, &r, true);
	return s;
}

char *
d_path_current(const struct path *p, char *buf, size_t len)
{
	struct path root;
	char *s;

	fs_context_root(current->fs, &root);
	s = d_path(p, &root, buf, len);
	path_put(&root);
	return s;
}

char *
dentry_path(const struct dentry *d, char *buf, size_t len)
{
	struct back b;
	u32 rs;

	do {
		rs = seq_begin(&rename_seq);
		b = (struct back){ buf, buf + len, false };
		put_back(&b, "", 1);
		if (d->parent == d)
			put_back(&b, "/", 1);
		for (const struct dentry *c = d; c->parent != c;
		     c = READ_ONCE(c->parent))
			put_name(&b, c);
	} while (seq_retry(&rename_seq, rs));
	return b.full ? NULL : b.p;
}

int
vfs_getcwd(char *buf, size_t len)
{
	char *page = kmalloc(PATH_MAX + 16, GFP_KERNEL), *s;
	struct path root, cwd;
	enum reach r;
	int n;

	if (!page)
		return -ENOMEM;
	fs_context_root(current->fs, &root);
	fs_context_cwd(current->fs, &cwd);
	n = -ENOENT;
	if (cwd.dentry->flags & D_UNHASHED && cwd.dentry->parent != cwd.dentry)
		goto out;
	n = -ENAMETOOLONG;
	s = path_text(&cwd, &root, page + 13, PATH_MAX, &r, false);
	if (!s)
		goto out;
	if (r != REACH_ROOT) {		/* outside of our root: getcwd(3) */
		s -= 13;
		memcpy(s, "(unreachable)", 13);
	}
	n = strlen(s) + 1;
	if ((size_t)n > PATH_MAX)
		n = -ENAMETOOLONG;
	else if ((size_t)n > len)
		n = -ERANGE;
	else
		memcpy(buf, s, n);
out:
	path_put(&cwd);
	path_put(&root);
	kfree(page);
	return n;
}
