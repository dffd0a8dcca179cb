/* SPDX-License-Identifier: MIT */
/*
 * The mount trees: which mount sits on which (mount, dentry).
 *
 * Every mount but a root hangs from (parent, mountpoint) and is found there
 * by a hash; a second mount on the same place hangs from the first one's
 * root, so there is one child a place. Path walk reads the hash under RCU and
 * compares mount_seq, which changes with every change of any tree. A second
 * hash finds all mounts on a dentry, in whatever namespace.
 *
 * Counts: the tree holds one reference to each attached mount, a child one to
 * its parent; the rest are users. mnt_legitimize() takes one under RCU: it
 * adds, then looks at mount_seq. A walker that is quicker than a concurrent
 * umount keeps a mount that is no longer in the tree until it puts it.
 *
 * Writers: mnt_want_write() counts, then looks at the read-only flags;
 * remount sets the flag, then looks at the counts.
 *
 * Locks: ns_mutex (rank mount) for changes of all trees; mount_lock (rank
 * dcache) inside it for links and mount_seq. Trees of more than one mount are
 * mount_tree.c's, propagation is propagate.c's.
 */
#include <core/assert.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

#define MHASH_BITS	8

static struct hlist_head mhash[1 << MHASH_BITS];
static struct hlist_head mp_hash[1 << MHASH_BITS];
static struct slab_cache *mount_cache;
static int last_id;

struct spinlock mount_lock = SPINLOCK_INIT(RANK_DCACHE);
static struct mutex ns_mutex = MUTEX_INIT(ns_mutex, RANK_MOUNT);
static LIST_HEAD(put_later);		/* ns_mutex: by scratch */
struct seqcount mount_seq;

static struct hlist_head *
mbucket(const struct vfsmount *m, const struct dentry *d)
{
	return &mhash[hash_64(((u64)m >> 4) ^ ((u64)d << 8), MHASH_BITS)];
}

static struct hlist_head *
mp_bucket(const struct dentry *d)
{
	return &mp_hash[hash_64((u64)d >> 4, MHASH_BITS)];
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

void
ns_lock(void)
{
	mutex_lock(&ns_mutex);
}

void
ns_unlock(void)
{
	struct vfsmount *m;
	LIST_HEAD(gone);

	list_splice_init(&put_later, &gone);
	mutex_unlock(&ns_mutex);
	while (!list_empty(&gone)) {
		m = list_first_entry(&gone, struct vfsmount, scratch);
		list_del_init(&m->scratch);
		mnt_put(m);
	}
}

void
mnt_put_later(struct vfsmount *m)
{
	list_add_tail(&m->scratch, &put_later);
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
	list_init(&m->share);
	list_init(&m->slaves);
	list_init(&m->slave);
	list_init(&m->scratch);
	spin_lock(&mount_lock);
	m->id = ++last_id;
	list_add_tail(&m->sb_link, &sb->mounts);
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
	spin_lock(&mount_lock);
	list_del(&m->sb_link);
	spin_unlock(&mount_lock);
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

void
mnt_hang(struct vfsmount *m, struct vfsmount *parent, struct dentry *d)
{
	mnt_get(parent);
	dentry_get(d);
	d_set_mounted(d, true);
	spin_lock(&mount_lock);
	seq_write_begin(&mount_seq);
	m->parent = parent;
	m->mountpoint = d;
	hlist_add_head_rcu(&m->hash, mbucket(parent, d));
	hlist_add_head(&m->mp_link, mp_bucket(d));
	list_add_tail(&m->child, &parent->children);
	seq_write_end(&mount_seq);
	spin_unlock(&mount_lock);
}

static struct vfsmount *
any_on(const struct dentry *d, const struct mnt_ns *ns)
{
	struct vfsmount *m;

	hlist_for_each_entry(m, mp_bucket(d), mp_link)
		if (m->mountpoint == d && (!ns || m->ns == ns))
			return m;
	return NULL;
}

void
mnt_unhang(struct vfsmount *m)
{
	struct vfsmount *parent = m->parent;
	struct dentry *d = m->mountpoint;
	bool other;

	if (parent == m)
		return;
	spin_lock(&mount_lock);
	seq_write_begin(&mount_seq);
	hlist_del_init_rcu(&m->hash);
	hlist_del_init(&m->mp_link);
	list_del_init(&m->child);
	m->parent = m;
	m->mountpoint = m->root;
	other = any_on(d, NULL);
	seq_write_end(&mount_seq);
	spin_unlock(&mount_lock);
	if (!other)
		d_set_mounted(d, false);
	dentry_put(d);
	mnt_put(parent);
}

/* in order of ids, which is mostly at the end; mount_lock held */
static void
ns_insert(struct vfsmount *m, struct mnt_ns *ns)
{
	struct list_head *at = ns->mounts.prev;

	while (at != &ns->mounts &&
	       list_entry(at, struct vfsmount, ns_link)->id > m->id)
		at = at->prev;
	list_add(&m->ns_link, at);
}

void
mnt_set_ns(struct vfsmount *m, struct mnt_ns *ns)
{
	spin_lock(&mount_lock);
	if (m->ns) {
		list_del_init(&m->ns_link);
		m->ns->nr_mounts--;
		if (!ns)
			m->flags |= MNT_DETACHED;
	}
	m->ns = ns;
	if (ns) {
		m->flags &= ~MNT_DETACHED;
		ns_insert(m, ns);
		ns->nr_mounts++;
	}
	spin_unlock(&mount_lock);
}

void
mnt_tree_set_ns(struct vfsmount *m, struct mnt_ns *ns)
{
	for (struct vfsmount *p = m; p; p = mnt_next(p, m))
		mnt_set_ns(p, ns);
}

struct vfsmount *
mnt_child_at(struct vfsmount *m, struct dentry *d)
{
	return mnt_lookup_rcu(m, d);	/* ns_mutex keeps it */
}

bool
mnt_is_ours(const struct vfsmount *m)
{
	return m->ns && m->ns == current_mnt_ns();
}

struct vfsmount *
mnt_skip(struct vfsmount *p, struct vfsmount *top)
{
	for (; p != top; p = p->parent)
		if (!list_is_last(&p->child, &p->parent->children))
			return list_next_entry(p, child);
	return NULL;
}

struct vfsmount *
mnt_next(struct vfsmount *p, struct vfsmount *top)
{
	if (!list_empty(&p->children))
		return list_first_entry(&p->children, struct vfsmount, child);
	return mnt_skip(p, top);
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
	struct vfsmount *m;

	if (likely(!(READ_ONCE(d->flags) & D_MOUNTED)))
		return;
	ns_lock();
	while ((m = any_on(d, NULL)))
		mnt_umount_tree(m, 0);
	ns_unlock();
}

/* in the caller's namespace; mounts of others do not keep a name */
bool
d_is_mountpoint(const struct dentry *d)
{
	struct mnt_ns *ns = current_mnt_ns();
	bool found;

	if (likely(!(READ_ONCE(d->flags) & D_MOUNTED)))
		return false;
	spin_lock(&mount_lock);
	found = any_on(d, ns);
	spin_unlock(&mount_lock);
	return found;
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
	mnt_set_ns(m, &init_mnt_ns);
	init_mnt_ns.root = m;
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
	init_nsproxy.ns[NS_MNT] = &init_mnt_ns.ns;
}
