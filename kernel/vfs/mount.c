/* SPDX-License-Identifier: MIT */
/*
 * The mount tree: which mount sits on which (mount, dentry).
 *
 * Every mount but the root hangs from (parent, mountpoint) and is found there
 * by a hash; a second mount on the same place hangs from the first one's
 * root, so there is one child a place. Path walk reads the hash under RCU and
 * compares mount_seq, which changes with every change of the tree.
 *
 * Counts: the tree holds one reference to each attached mount, a child one to
 * its parent; the rest are users. mnt_legitimize() takes one under RCU: it
 * adds, then looks at mount_seq. A walker that is quicker than a concurrent
 * umount keeps a mount that is no longer in the tree until it puts it.
 *
 * Writers: mnt_want_write() counts, then looks at the read-only flags;
 * remount sets the flag, then looks at the counts.
 *
 * Locks: ns_mutex (rank mount) for changes; mount_lock (rank dcache) inside it
 * for links and mount_seq. There is one namespace. Propagation (shared,
 * slave) is not supported and refused; see mount_ops.c.
 */
#include <core/assert.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

#define MHASH_BITS	8

static struct hlist_head mhash[1 << MHASH_BITS];
static struct spinlock mount_lock = SPINLOCK_INIT(RANK_DCACHE);
static struct slab_cache *mount_cache;
static int last_id;

struct mutex ns_mutex = MUTEX_INIT(ns_mutex, RANK_MOUNT);
struct seqcount mount_seq;
struct list_head ns_mounts = LIST_HEAD_INIT(ns_mounts);
struct vfsmount *ns_root;
u64 mount_event;
struct waitq mount_waitq = WAITQ_INIT(mount_waitq);

static struct hlist_head *
mbucket(const struct vfsmount *m, const struct dentry *d)
{
	return &mhash[hash_64(((u64)m >> 4) ^ ((u64)d << 8), MHASH_BITS)];
}

struct vfsmount *
mnt_lookup_rcu(const struct vfsmount *m, const struct dentry *d)
{
	struct vfsmount *c;

	hlist_for_each_entry_rcu(c, mbucket(m, d), hash)
		if (c->parent == m && c->mountpoint == d)
			return c;
	return NULL;
}

/* -- references ---------------------------------------------------------- */

struct vfsmount *
mnt_new(struct super_block *sb, struct dentry *root, const char *source,
	u32 flags)
{
	struct vfsmount *m = slab_alloc(mount_cache, GFP_KERNEL);

	if (!m)
		return NULL;
	memset(m, 0, sizeof(*m));
	m->source = kstrdup(source && *source ? source : "none", GFP_KERNEL);
	if (!m->source) {
		slab_free(mount_cache, m);
		return NULL;
	}
	m->sb = sb;
	super_get(sb);
	m->root = dentry_get(root);
	m->flags = flags;
	atomic_set(&m->count, 1);
	m->parent = m;
	m->mountpoint = root;
	list_init(&m->children);
	list_init(&m->child);
	list_init(&m->ns_link);
	spin_lock(&mount_lock);
	m->id = ++last_id;
	spin_unlock(&mount_lock);
	return m;
}

static void
mnt_free_rcu(struct rcu_head *r)
{
	slab_free(mount_cache, container_of(r, struct vfsmount, rcu));
}

void
mnt_put(struct vfsmount *m)
{
	if (!m || !atomic_dec_and_test(&m->count))
		return;
	dentry_put(m->root);
	super_put(m->sb);
	kfree(m->source);
	call_rcu(&m->rcu, mnt_free_rcu);
}

void
path_get(const struct path *p)
{
	mnt_get(p->mnt);
	dentry_get(p->dentry);
}

void
path_put(const struct path *p)
{
	dentry_put(p->dentry);
	mnt_put(p->mnt);
}

int
mnt_want_write(struct vfsmount *m)
{
	atomic_inc(&m->writers);	/* a full barrier before the look */
	if (unlikely(READ_ONCE(m->flags) & MNT_READONLY ||
		     READ_ONCE(m->sb->flags) & SB_RDONLY)) {
		atomic_dec(&m->writers);
		return -EROFS;
	}
	return 0;
}

void
mnt_drop_write(struct vfsmount *m)
{
	atomic_dec(&m->writers);
}

/* -- attaching: ns_mutex held -------------------------------------------- */

/* m's creator reference becomes the tree's */
void
mnt_attach(struct vfsmount *m, struct vfsmount *parent, struct dentry *d)
{
	mnt_get(parent);
	dentry_get(d);
	d_set_mounted(d, true);
	spin_lock(&mount_lock);
	seq_write_begin(&mount_seq);
	m->parent = parent;
	m->mountpoint = d;
	hlist_add_head_rcu(&m->hash, mbucket(parent, d));
	list_add_tail(&m->child, &parent->children);
	if (list_empty(&m->ns_link))
		list_add_tail(&m->ns_link, &ns_mounts);
	m->flags &= ~MNT_DETACHED;
	seq_write_end(&mount_seq);
	spin_unlock(&mount_lock);
}

/*
 * Takes m from its place; its tree reference is now the caller's. With
 * keep_listed it stays in the namespace's list, to be attached elsewhere.
 */
void
mnt_unhang(struct vfsmount *m, bool keep_listed)
{
	struct vfsmount *parent = m->parent, *o;
	struct dentry *d = m->mountpoint;
	bool other = false;

	spin_lock(&mount_lock);
	seq_write_begin(&mount_seq);
	if (parent != m) {
		hlist_del_init_rcu(&m->hash);
		list_del_init(&m->child);
	}
	m->parent = m;
	m->mountpoint = m->root;
	if (!keep_listed) {
		list_del_init(&m->ns_link);
		m->flags |= MNT_DETACHED;
	}
	list_for_each_entry(o, &ns_mounts, ns_link)
		if (o->parent != o && o->mountpoint == d) {
			other = true;
			break;
		}
	seq_write_end(&mount_seq);
	spin_unlock(&mount_lock);
	if (parent == m)
		return;
	if (!other)
		d_set_mounted(d, false);
	dentry_put(d);
	mnt_put(parent);
}

void
mnt_changed(void)
{
	mount_event++;
	waitq_wake(&mount_waitq, 0, POLLERR | POLLPRI);
}

/* take m and all below it out of the tree; users keep what they have */
void
mnt_detach_tree(struct vfsmount *m)
{
	struct vfsmount *top = m, *next;

	for (;;) {
		while (!list_empty(&m->children))
			m = list_first_entry(&m->children, struct vfsmount,
					     child);
		next = m == top ? NULL : m->parent;
		mnt_unhang(m, false);
		mnt_put(m);
		if (!next)
			break;
		m = next;
	}
	mnt_changed();
}

bool
mnt_is_attached(const struct vfsmount *m)
{
	return !list_empty(&m->ns_link);
}

/* is (m, d) the same as, or below, root in the tree? ns_mutex held */
bool
path_is_below(const struct path *p, const struct path *root)
{
	const struct vfsmount *m = p->mnt;
	const struct dentry *d = p->dentry;

	while (m != root->mnt) {
		if (m->parent == m)
			return false;
		d = m->mountpoint;
		m = m->parent;
	}
	return d_is_ancestor(root->dentry, d);
}

void
mounts_detach_on(struct dentry *d)
{
	struct vfsmount *m, *found;

	if (likely(!(READ_ONCE(d->flags) & D_MOUNTED)))
		return;
	mutex_lock(&ns_mutex);
	do {
		found = NULL;
		list_for_each_entry(m, &ns_mounts, ns_link)
			if (m->parent != m && m->mountpoint == d) {
				found = m;
				break;
			}
		if (found)
			mnt_detach_tree(found);
	} while (found);
	mutex_unlock(&ns_mutex);
}

bool
d_is_mountpoint(const struct dentry *d)
{
	return READ_ONCE(d->flags) & D_MOUNTED;
}

/* -- walking ------------------------------------------------------------- */

/* referenced child on (p->mnt, p->dentry) */
static struct vfsmount *
mnt_lookup(const struct path *p)
{
	struct vfsmount *m;
	u32 seq;

	for (;;) {
		seq = seq_begin(&mount_seq);
		m = mnt_lookup_rcu(p->mnt, p->dentry);
		if (!m && !seq_retry(&mount_seq, seq))
			return NULL;
		if (m && mnt_legitimize(m, seq))
			return m;
	}
}

void
path_follow_mounts(struct path *p)
{
	while (READ_ONCE(p->dentry->flags) & D_MOUNTED) {
		struct vfsmount *m = mnt_lookup(p);

		if (!m)
			break;
		path_put(p);
		p->mnt = m;
		p->dentry = dentry_get(m->root);
	}
}

bool
path_follow_up(struct path *p)
{
	struct vfsmount *m = p->mnt, *parent;
	struct dentry *d;

	spin_lock(&mount_lock);
	parent = m->parent;
	if (parent == m) {
		spin_unlock(&mount_lock);
		return false;
	}
	mnt_get(parent);
	d = dentry_get(m->mountpoint);
	spin_unlock(&mount_lock);
	path_put(p);
	p->mnt = parent;
	p->dentry = d;
	return true;
}

/* -- start --------------------------------------------------------------- */

int
kern_mount(const struct fs_type *t, struct vfsmount **out)
{
	struct super_block *sb;
	struct vfsmount *m;
	int err = t->mount(t, 0, t->name, NULL, &sb);

	if (err)
		return err;
	m = mnt_new(sb, sb->root, t->name, MNT_INTERNAL);
	super_put(sb);
	if (!m)
		return -ENOMEM;
	*out = m;
	return 0;
}

int
mount_init_rootfs(void)
{
	const struct fs_type *t = fs_type_find("rootfs");
	struct vfsmount *m;
	struct path p;
	int err;

	if (!t)
		return -ENODEV;
	err = kern_mount(t, &m);
	if (err)
		return err;
	m->flags = MNT_RELATIME;
	list_add_tail(&m->ns_link, &ns_mounts);
	ns_root = m;
	p = (struct path){ m, m->root };
	if (!current->fs) {
		current->fs = fs_context_create();
		if (!current->fs)
			return -ENOMEM;
	}
	fs_context_set_root(current->fs, &p);
	fs_context_set_cwd(current->fs, &p);
	return 0;
}

void
mount_init(void)
{
	mount_cache = slab_create("mount", sizeof(struct vfsmount), 64, 0);
	if (!mount_cache)
		panic("mount: no memory");
}
