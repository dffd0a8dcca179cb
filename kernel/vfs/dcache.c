/* SPDX-License-Identifier: MIT */
/*
 * The dentry cache: names of directories, present (with an inode) or known to
 * be absent (negative), as a tree of struct dentry found by a global hash of
 * (parent, name).
 *
 * Lookup runs under RCU: hash chains, names and inodes are freed after a
 * grace period, and each dentry has a sequence count that changes whenever its
 * name, parent, inode or hashing does. A reader takes the count, reads what it
 * needs and looks at the count again. Only a reader that wants to keep the
 * dentry takes a reference, one locked addition that fails on a dying one.
 *
 * References are an atomic count. At zero a hashed dentry stays, on one LRU
 * list, until the shrinker wants it; it is not taken off when used again but
 * when the shrinker meets it. An unhashed one is freed at once. A dying dentry
 * has a large negative count, so nobody revives it. A child counts as a
 * reference to its parent.
 *
 * In file systems whose directories live here (tmpfs and the like) each
 * present dentry holds one reference to itself (D_KEEP).
 *
 * Lock order, all of rank dcache: rename_lock, dentry (parent before child),
 * hash bucket, LRU. d->lock covers flags, seq and the children list;
 * the bucket lock its chain. Directory contents are under the directory's
 * i_rwsem, which outside callers hold for add, delete and move.
 *
 * Children hang in order of `off`, a number that only grows, which makes it a
 * readdir position that survives deletions.
 *
 * Hash salt: a boot-time secret, so chains cannot be made long from outside.
 */
#include <core/assert.h>
#include <core/random.h>
#include <vfs/notify.h>
#include <vfs/vfs.h>
#include "dcache.h"

#define HASH_LOCKS	256

static struct slab_cache *dentry_cache;
struct hlist_head *dcache_hash;
u32 dcache_shift;			/* 32 - log2 of its length */
static struct spinlock dhash_locks[HASH_LOCKS];
struct spinlock dcache_lru_lock = SPINLOCK_INIT(RANK_DCACHE);
struct list_head dcache_lru = LIST_HEAD_INIT(dcache_lru);
unsigned long dcache_nr_lru, dcache_nr_negative, dcache_max_negative = 1024;
u64 dcache_salt;

static DEFINE_PERCPU(s64, nr_dentries);

static inline struct spinlock *
bucket_lock(u32 hash)
{
	return &dhash_locks[(hash >> dcache_shift) & (HASH_LOCKS - 1)];
}

u64
name_load_slow(const char *p)
{
	u64 w = 0;

	for (unsigned int i = 0; i < 8 && p[i]; i++)
		w |= (u64)(u8)p[i] << i * 8;
	return w;
}

u32
full_name_hash(const struct dentry *parent, const char *name, u32 len)
{
	u64 h = (u64)parent ^ dcache_salt;
	u32 n = len;

	for (; n >= 8; n -= 8, name += 8)
		h = hash_mix(h, get_le64(name));
	if (n)
		h = hash_mix(h, hash_load_tail(name, n));
	return hash_fold(h + len);
}

static void
ext_name_free(struct rcu_head *r)
{
	kfree(container_of(r, struct ext_name, rcu));
}

void
dname_put(struct dentry *d)
{
	struct ext_name *e;

	if (!d->name_external)
		return;
	e = container_of(d->name.name, struct ext_name, s[0]);
	if (atomic_dec_and_test(&e->count))
		call_rcu(&e->rcu, ext_name_free);
}

static void
dentry_free(struct dentry *d)
{
	dname_put(d);
	this_cpu(nr_dentries)--;
	slab_free(dentry_cache, d);
}

static void
dentry_free_rcu(struct rcu_head *r)
{
	dentry_free(container_of(r, struct dentry, rcu));
}

static struct dentry *
dentry_new(struct super_block *sb, const struct qstr *q)
{
	struct dentry *d = slab_alloc(dentry_cache, GFP_KERNEL);
	const struct dentry_ops *op;

	if (!d)
		return NULL;
	d->name_external = 0;
	d->name.len = q->len;
	d->name.hash = q->hash;
	if (likely(q->len < DNAME_INLINE_LEN)) {
		memcpy(d->iname, q->name, q->len);
		d->iname[q->len] = 0;
		d->name.name = d->iname;
	} else {
		struct ext_name *e = kmalloc(sizeof(*e) +
			ALIGN_UP(q->len + 1, 8), GFP_KERNEL);

		if (!e) {
			slab_free(dentry_cache, d);
			return NULL;
		}
		atomic_set(&e->count, 1);
		memcpy(e->s, q->name, q->len);
		e->s[q->len] = 0;
		d->name.name = e->s;
		d->name_external = 1;
	}
	d->flags = D_UNHASHED;
	d->hash.next = NULL;
	d->hash.pprev = NULL;
	d->parent = d;
	d->inode = NULL;
	d->seq.seq = 0;
	spin_init(&d->lock, RANK_DCACHE);
	atomic_set(&d->count, 1);
	d->sb = sb;
	op = sb->d_ops;
	d->op = op;
	if (op) {
		if (op->revalidate)
			d->flags |= D_OP_REVALIDATE;
		if (op->delete)
			d->flags |= D_OP_DELETE;
	}
	list_init(&d->child);
	list_init(&d->subdirs);
	d->off = 0;
	d->next_off = 0;
	d->fsdata = NULL;
	d->referenced = 0;
	this_cpu(nr_dentries)++;
	return d;
}

/* under parent->lock; positions 0 and 1 are . and .. */
void
d_link_child(struct dentry *parent, struct dentry *d)
{
	d->off = ++parent->next_off + 1;
	list_add_tail_rcu(&d->child, &parent->subdirs);
}

struct dentry *
d_alloc(struct dentry *parent, const struct qstr *q)
{
	struct dentry *d = dentry_new(parent->sb, q);

	if (!d)
		return NULL;
	atomic_inc(&parent->count);
	d->parent = parent;
	spin_lock(&parent->lock);
	d_link_child(parent, d);
	spin_unlock(&parent->lock);
	return d;
}

struct dentry *
d_make_root(struct inode *i)
{
	static const struct qstr slash = { "/", 1, 0 };
	struct dentry *d;

	if (!i)
		return NULL;
	d = dentry_new(i->sb, &slash);
	if (!d) {
		inode_put(i);
		return NULL;
	}
	d->inode = i;
	return d;
}

struct dentry *
d_alloc_pseudo(struct super_block *sb, const struct qstr *q)
{
	struct dentry *d = dentry_new(sb, q);

	if (d)
		d->flags |= D_DISCONNECTED;
	return d;
}

bool
d_is_negative(const struct dentry *d)
{
	return !READ_ONCE(d->inode);
}

void
d_instantiate(struct dentry *d, struct inode *i)
{
	if (d->flags & D_UNHASHED) {	/* no reader looks at it yet */
		smp_store_release(&d->inode, i);
		return;
	}
	spin_lock(&d->lock);
	seq_write_begin(&d->seq);
	d->inode = i;
	seq_write_end(&d->seq);
	if (d->flags & D_LRU) {
		spin_lock_nested(&dcache_lru_lock);
		dcache_nr_negative--;
		spin_unlock(&dcache_lru_lock);
	}
	spin_unlock(&d->lock);
}

void
d_hash_locked(struct dentry *d)
{
	struct spinlock *l = bucket_lock(d->name.hash);

	spin_lock_nested(l);
	d->flags &= ~D_UNHASHED;
	hlist_add_head_rcu(&d->hash, dcache_bucket(d->name.hash));
	spin_unlock(l);
}

/* the chain is found by the name, so before any change of it */
void
d_unhash_locked(struct dentry *d)
{
	struct spinlock *l;

	if (d->flags & D_UNHASHED)
		return;
	l = bucket_lock(d->name.hash);
	spin_lock_nested(l);
	hlist_del_rcu(&d->hash);
	d->flags |= D_UNHASHED;
	spin_unlock(l);
}

void
d_add(struct dentry *d, struct inode *i)
{
	if (i)
		d_instantiate(d, i);
	spin_lock(&d->lock);
	d_hash_locked(d);
	spin_unlock(&d->lock);
}

void
d_drop(struct dentry *d)
{
	if (d->flags & D_UNHASHED)
		return;
	spin_lock(&d->lock);
	seq_write_begin(&d->seq);
	d_unhash_locked(d);
	seq_write_end(&d->seq);
	spin_unlock(&d->lock);
}

void
d_pin(struct dentry *d)
{
	spin_lock(&d->lock);
	if (!(d->flags & D_KEEP)) {
		d->flags |= D_KEEP;
		atomic_inc(&d->count);
	}
	spin_unlock(&d->lock);
}

void
d_unpin(struct dentry *d)
{
	bool was;

	spin_lock(&d->lock);
	was = d->flags & D_KEEP;
	d->flags &= ~D_KEEP;
	spin_unlock(&d->lock);
	if (was)
		atomic_dec(&d->count);	/* the caller has another */
}

/*
 * After a successful unlink or rmdir. A dentry that only the caller uses
 * becomes a negative one, unless the directory lives here and the name is
 * therefore known to be absent when it is not found.
 */
void
d_delete(struct dentry *d)
{
	struct inode *i = NULL;

	spin_lock(&d->lock);
	seq_write_begin(&d->seq);
	if (atomic_read(&d->count) == 1 && !(d->sb->flags & SB_DCACHE_TREE)) {
		i = d->inode;
		d->inode = NULL;
		if (i && d->flags & D_LRU) {
			spin_lock_nested(&dcache_lru_lock);
			dcache_nr_negative++;
			spin_unlock(&dcache_lru_lock);
		}
	} else {
		d_unhash_locked(d);
	}
	seq_write_end(&d->seq);
	spin_unlock(&d->lock);
	if (i) {
		notify_name_gone(i);
		inode_put(i);
	}
}

/* -- the last reference -------------------------------------------------- */

void
d_lru_del(struct dentry *d)
{
	if (!(d->flags & D_LRU))
		return;
	spin_lock_nested(&dcache_lru_lock);
	list_del(&d->lru);
	dcache_nr_lru--;
	if (!d->inode)
		dcache_nr_negative--;
	spin_unlock(&dcache_lru_lock);
	d->flags &= ~D_LRU;
}

struct dentry *
dentry_kill(struct dentry *d)
{
	struct dentry *parent;
	struct inode *i;
	bool pseudo;
	s32 zero = 0;

	if (!atomic_try_cmpxchg(&d->count, &zero, D_DEAD_COUNT)) {
		spin_unlock(&d->lock);
		return NULL;
	}
	d->flags |= D_DEAD;
	pseudo = d->flags & D_DISCONNECTED;
	d_lru_del(d);
	seq_write_begin(&d->seq);
	d_unhash_locked(d);
	i = d->inode;
	d->inode = NULL;
	seq_write_end(&d->seq);
	spin_unlock(&d->lock);
	parent = d->parent;
	if (parent != d) {
		spin_lock(&parent->lock);
		list_del_rcu(&d->child);
		spin_unlock(&parent->lock);
	} else {
		parent = NULL;
	}
	if (d->op && d->op->release)
		d->op->release(d);
	if (i) {
		notify_name_gone(i);
		inode_put(i);
	}
	if (pseudo)		/* never in a hash chain */
		dentry_free(d);
	else
		call_rcu(&d->rcu, dentry_free_rcu);
	return parent;
}

/* count fell to zero; others may already have it again. NULL or the parent. */
static struct dentry *
dentry_put_zero(struct dentry *d)
{
	spin_lock(&d->lock);
	if (atomic_read(&d->count) != 0) {
		spin_unlock(&d->lock);
		return NULL;
	}
	if (d->flags & D_UNHASHED ||
	    (d->flags & D_OP_DELETE && d->op->delete(d)))
		return dentry_kill(d);
	d->referenced = 1;
	if (!(d->flags & D_LRU)) {
		d->flags |= D_LRU;
		spin_lock_nested(&dcache_lru_lock);
		list_add(&d->lru, &dcache_lru);
		dcache_nr_lru++;
		if (!d->inode)
			dcache_nr_negative++;
		spin_unlock(&dcache_lru_lock);
	}
	spin_unlock(&d->lock);
	return NULL;
}

void
dentry_put(struct dentry *d)
{
	while (d) {
		/* no sleep between this and the look at flags: RCU keeps d */
		if (atomic_sub_return(&d->count, 1) != 0)
			return;
		if (likely((d->flags & (D_UNHASHED | D_LRU | D_OP_DELETE)) ==
			   D_LRU)) {
			d->referenced = 1;
			return;
		}
		d = dentry_put_zero(d);
	}
	if (unlikely(dcache_nr_negative > dcache_max_negative))
		dcache_scan(8);
}

/* -- lookup -------------------------------------------------------------- */

struct dentry *
d_lookup(struct dentry *parent, const struct qstr *q)
{
	struct dentry *d;
	u32 rs, seq;

again:
	rs = seq_begin(&rename_seq);
	d = d_find_rcu(parent, q, &seq);
	if (!d) {
		/* a move may have led us off the chain */
		if (seq_retry(&rename_seq, rs))
			goto again;
		return NULL;
	}
	if (!dentry_get_live(d)) {
		cpu_relax();
		goto again;
	}
	if (d->parent == parent && !seq_retry(&d->seq, seq))
		return d;
	dentry_put(d);
	goto again;
}

struct dentry *
d_lookup_name(struct dentry *parent, const char *name, u32 len)
{
	struct qstr q = { name, len, full_name_hash(parent, name, len) };

	return d_lookup(parent, &q);
}

/* -- looking at the tree -------------------------------------------------- */

bool
d_is_ancestor(const struct dentry *anc, const struct dentry *d)
{
	for (;;) {
		const struct dentry *p = READ_ONCE(d->parent);

		if (d == anc)
			return true;
		if (p == d)
			return false;
		d = p;
	}
}

bool
d_is_empty_dir(struct dentry *d)
{
	struct dentry *c;
	bool empty = true;

	spin_lock(&d->lock);
	list_for_each_entry(c, &d->subdirs, child)
		if (c->inode && !(c->flags & (D_UNHASHED | D_DEAD))) {
			empty = false;
			break;
		}
	spin_unlock(&d->lock);
	return empty;
}

void
d_set_mounted(struct dentry *d, bool on)
{
	spin_lock(&d->lock);
	if (on)
		d->flags |= D_MOUNTED;
	else
		d->flags &= ~D_MOUNTED;
	spin_unlock(&d->lock);
}

/* dcache_stat - for /proc/sys/fs/dentry-state. */
void
dcache_stat(u64 *nr, u64 *unused, u64 *negative)
{
	s64 n = 0;

	for_each_cpu(c)
		n += per_cpu(nr_dentries, c);
	*nr = n < 0 ? 0 : n;
	*unused = dcache_nr_lru;
	*negative = dcache_nr_negative;
}

void
dcache_init(void)
{
	struct mem_stat ms;
	size_t n;

	mem_stat_get(&ms);
	/* one chain a 8 pages of memory: 64 KiB in a 256 MiB machine */
	n = clamp_t(size_t, roundup_pow2(ms.total / 8), 512, 1UL << 20);
	for (;; n /= 2) {
		dcache_hash = kvmalloc(n * sizeof(*dcache_hash),
				       GFP_KERNEL | GFP_ZERO);
		if (dcache_hash)
			break;
		if (n == 1)
			panic("dcache: no memory");
	}
	if (n == 1)
		panic("dcache: no memory");
	dcache_shift = 32 - ilog2(n);
	dcache_max_negative = max_t(unsigned long, 512, ms.total / 32);
	for (unsigned int i = 0; i < HASH_LOCKS; i++)
		spin_init(&dhash_locks[i], RANK_DCACHE);
	dcache_salt = random_u64();
	dentry_cache = slab_create("dentry", sizeof(struct dentry), 64,
				   SLAB_RECLAIM);
	if (!dentry_cache)
		panic("dcache: no memory");
	shrinker_register(&dcache_shrinker);
}
