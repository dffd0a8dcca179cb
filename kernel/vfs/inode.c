/* SPDX-License-Identifier: MIT */
/*
 * Inodes: what a name stands for.
 *
 * Two kinds. File systems that keep everything in memory make inodes with
 * inode_new(); these are in no table, live exactly as long as they are
 * referenced (their dentry holds one) and cost no lock. File systems on a
 * device use inode_get_locked(), which finds (sb, number) in a hash; those
 * stay cached unreferenced on an LRU list and are on their super block's list
 * for sync.
 *
 * The count is atomic. Only the step to zero of a hashed inode takes a lock
 * (hash_lock), under which lookups also revive it. An inode being freed has
 * I_FREEING; lookups wait for it to be gone. Memory is freed after a grace
 * period because path walks read inodes under RCU.
 *
 * Locks: hash_lock (rank dcache) for hash, LRU and sb list; i->lock for
 * state and i->blocks.
 */
#include <core/assert.h>
#include <dev/dev.h>
#include <sched/waitq.h>
#include <vfs/vfs.h>
#include "internal.h"

#define INO_BATCH	1024

static struct slab_cache *inode_cache;
static struct hlist_head *ihash;
static u32 ihash_bits;
static struct spinlock hash_lock = SPINLOCK_INIT(RANK_DCACHE);
static LIST_HEAD(lru_list);
static unsigned long nr_lru;
static DEFINE_PERCPU(s64, nr_inodes);
static DEFINE_PERCPU(u64, ino_next);
static atomic64_t ino_shared = ATOMIC_INIT(1);

struct timespec64
timespec_from_ns(nsec_t ns)
{
	return (struct timespec64){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
}

struct timespec64
inode_now(const struct inode *i)
{
	(void)i;
	return timespec_from_ns(clock_real_coarse_ns());
}

void
inode_touch(struct inode *i, u32 attr)
{
	struct timespec64 t = inode_now(i);

	if (attr & ATTR_ATIME)
		i->atime = t;
	if (attr & ATTR_MTIME)
		i->mtime = t;
	if (attr & ATTR_CTIME)
		i->ctime = t;
	inode_mark_dirty(i);
}

static const struct inode_ops no_inode_ops;
static const struct file_ops no_file_ops;

static struct inode *
inode_alloc(struct super_block *sb)
{
	struct inode *i;

	if (sb->ops->alloc_inode) {
		i = sb->ops->alloc_inode(sb);
		if (!i)
			return NULL;
	} else {
		i = slab_alloc(inode_cache, GFP_KERNEL);
		if (!i)
			return NULL;
	}
	memset(i, 0, sizeof(*i));
	i->sb = sb;
	i->op = &no_inode_ops;
	i->fop = &no_file_ops;
	i->nlink = 1;
	i->mapping = &i->aspace;
	i->blkbits = PAGE_SHIFT;
	aspace_init(&i->aspace, NULL, i);
	rwsem_init(&i->rwsem, RANK_INODE);
	spin_init(&i->lock, RANK_DCACHE);
	atomic_set(&i->count, 1);
	list_init(&i->sb_link);
	list_init(&i->lru);
	list_init(&i->wb_link);
	this_cpu(nr_inodes)++;
	return i;
}

static u64
ino_get(void)
{
	u64 n = this_cpu(ino_next);

	if (unlikely(n % INO_BATCH == 0))
		n = atomic64_fetch_add(&ino_shared, INO_BATCH) &
			~(INO_BATCH - 1UL);
	if (unlikely(!n))
		n = 1;
	this_cpu(ino_next) = n + 1;
	return n;
}

struct inode *
inode_new(struct super_block *sb)
{
	struct inode *i = inode_alloc(sb);
	struct timespec64 t;

	if (!i)
		return NULL;
	i->ino = ino_get();
	t = inode_now(i);
	i->atime = t;
	i->mtime = t;
	i->ctime = t;
	i->btime = t;
	return i;
}

static void
inode_free_rcu(struct rcu_head *r)
{
	struct inode *i = container_of(r, struct inode, rcu);

	if (i->sb->ops->free_inode)
		i->sb->ops->free_inode(i);
	else
		slab_free(inode_cache, i);
}

/*
 * The super block outlives this: inodes of it are evicted before it goes,
 * and super_put() lets callbacks run out before it frees the block.
 */
static void
inode_evict(struct inode *i)
{
	if (i->flctx)
		locks_inode_free(i);
	if (i->sb->ops->evict_inode)
		i->sb->ops->evict_inode(i);
	else if (i->aspace.nr_pages)
		aspace_truncate(&i->aspace, 0);
	aspace_destroy(&i->aspace);
	this_cpu(nr_inodes)--;
	call_rcu(&i->rcu, inode_free_rcu);
}

/* -- hashed inodes ------------------------------------------------------- */

static struct hlist_head *
ibucket(const struct super_block *sb, ino_t ino)
{
	return &ihash[hash_64((u64)sb ^ ino * HASH_GOLDEN_64, ihash_bits)];
}

/* hash_lock held */
static struct inode *
ihash_find(struct super_block *sb, ino_t ino)
{
	struct inode *i;

	hlist_for_each_entry(i, ibucket(sb, ino), hash)
		if (i->ino == ino && i->sb == sb)
			return i;
	return NULL;
}

static void
inode_hash_locked(struct inode *i)
{
	hlist_add_head(&i->hash, ibucket(i->sb, i->ino));
	list_add_tail(&i->sb_link, &i->sb->inodes);
}

void
inode_hash(struct inode *i)
{
	spin_lock(&hash_lock);
	inode_hash_locked(i);
	spin_unlock(&hash_lock);
}

struct inode *
inode_get_locked(struct super_block *sb, ino_t ino)
{
	struct inode *i, *fresh = NULL;
	struct waitq *wq;

again:
	spin_lock(&hash_lock);
	i = ihash_find(sb, ino);
	if (!i && fresh) {
		fresh->ino = ino;
		fresh->state = I_NEW;
		inode_hash_locked(fresh);
		spin_unlock(&hash_lock);
		return fresh;
	}
	if (!i) {
		spin_unlock(&hash_lock);
		fresh = inode_alloc(sb);
		if (!fresh)
			return NULL;
		goto again;
	}
	if (i->state & I_FREEING) {
		/* its memory is RCU's, its address serves as a key */
		spin_unlock(&hash_lock);
		wq = waitq_hashed(i);
		wait_event(wq, ({
			spin_lock(&hash_lock);
			bool gone = ihash_find(sb, ino) != i;
			spin_unlock(&hash_lock);
			gone; }));
		goto again;
	}
	atomic_inc(&i->count);
	spin_unlock(&hash_lock);
	if (fresh) {
		this_cpu(nr_inodes)--;
		aspace_destroy(&fresh->aspace);
		call_rcu(&fresh->rcu, inode_free_rcu);
	}
	wq = waitq_hashed(i);
	wait_event(wq, !(READ_ONCE(i->state) & I_NEW));
	if (hlist_unhashed(&i->hash)) {		/* filling it failed */
		inode_put(i);
		fresh = NULL;
		goto again;
	}
	return i;
}

void
inode_unlock_new(struct inode *i)
{
	spin_lock(&i->lock);
	i->state &= ~I_NEW;
	spin_unlock(&i->lock);
	waitq_wake_all(waitq_hashed(i));
}

static void
inode_unhash(struct inode *i)
{
	spin_lock(&hash_lock);
	if (!hlist_unhashed(&i->hash)) {
		hlist_del_init(&i->hash);
		list_del_init(&i->sb_link);
	}
	spin_unlock(&hash_lock);
}

void
inode_fail_new(struct inode *i)
{
	inode_unhash(i);
	i->nlink = 0;
	inode_unlock_new(i);
	inode_put(i);
}

void
inode_get(struct inode *i)
{
	atomic_inc(&i->count);
}

static bool
inode_keep(struct inode *i)
{
	if (i->sb->flags & SB_DEAD)
		return false;
	if (i->sb->ops->drop_inode)
		return !i->sb->ops->drop_inode(i);
	return i->nlink != 0;
}

static void
inode_freeing_done(struct inode *i)
{
	inode_unhash(i);
	waitq_wake_all(waitq_hashed(i));
	inode_evict(i);
}

static void
inode_put_hashed(struct inode *i)
{
	spin_lock(&hash_lock);
	if (!atomic_dec_and_test(&i->count)) {
		spin_unlock(&hash_lock);
		return;
	}
	if (inode_keep(i)) {
		if (list_empty(&i->lru)) {
			list_add(&i->lru, &lru_list);
			nr_lru++;
		}
		spin_unlock(&hash_lock);
		return;
	}
	i->state |= I_FREEING;
	if (!list_empty(&i->lru)) {
		list_del_init(&i->lru);
		nr_lru--;
	}
	spin_unlock(&hash_lock);
	if (i->nlink && i->state & I_DIRTY && i->sb->ops->write_inode)
		(void)i->sb->ops->write_inode(i, true);
	inode_freeing_done(i);
}

void
inode_put(struct inode *i)
{
	s32 c;

	if (!i)
		return;
	if (hlist_unhashed(&i->hash)) {
		if (atomic_dec_and_test(&i->count))
			inode_evict(i);
		return;
	}
	c = atomic_read(&i->count);
	while (c > 1)
		if (atomic_try_cmpxchg(&i->count, &c, c - 1))
			return;
	inode_put_hashed(i);
}

/* free up to nr unreferenced ones, of sb only when it is given */
unsigned long
inode_prune(struct super_block *sb, unsigned long nr)
{
	struct inode *i, *n;
	unsigned long freed = 0, looked = 0;

again:
	spin_lock(&hash_lock);
	list_for_each_entry_safe_reverse(i, n, &lru_list, lru) {
		if (sb && i->sb != sb)
			continue;
		list_del_init(&i->lru);
		nr_lru--;
		if (atomic_read(&i->count))	/* in use again */
			continue;
		if (!sb && (i->state & I_DIRTY || i->aspace.nr_pages) &&
		    looked++ < nr) {
			list_add(&i->lru, &lru_list);
			nr_lru++;
			continue;
		}
		i->state |= I_FREEING;
		spin_unlock(&hash_lock);
		if (i->state & I_DIRTY && i->sb->ops->write_inode)
			(void)i->sb->ops->write_inode(i, true);
		inode_freeing_done(i);
		cond_resched();
		if (++freed < nr)
			goto again;
		return freed;
	}
	spin_unlock(&hash_lock);
	return freed;
}

void
inode_put_sb_all(struct super_block *sb)
{
	inode_prune(sb, ~0UL);
}

void
inode_mark_dirty(struct inode *i)
{
	if (hlist_unhashed(&i->hash) || i->state & I_DIRTY)
		return;
	spin_lock(&i->lock);
	i->state |= I_DIRTY;
	spin_unlock(&i->lock);
}

/*
 * super_sync - data, then inodes, then whatever the file system keeps itself.
 * Walks the list by keeping the present inode referenced.
 */
int
super_sync(struct super_block *sb, bool wait)
{
	struct inode *i, *prev = NULL;
	int err = 0, e;

	spin_lock(&hash_lock);
	list_for_each_entry(i, &sb->inodes, sb_link) {
		if (i->state & (I_FREEING | I_NEW))
			continue;
		if (!(i->state & I_DIRTY) && !i->aspace.nr_pages)
			continue;
		atomic_inc(&i->count);
		spin_unlock(&hash_lock);
		inode_put(prev);
		prev = i;
		e = aspace_writeback(i->mapping, 0, LOFF_MAX, wait);
		if (e && !err)
			err = e;
		if (i->state & I_DIRTY && sb->ops->write_inode) {
			spin_lock(&i->lock);
			i->state &= ~I_DIRTY;
			spin_unlock(&i->lock);
			e = sb->ops->write_inode(i, wait);
			if (e && !err)
				err = e;
		}
		cond_resched();
		spin_lock(&hash_lock);
	}
	spin_unlock(&hash_lock);
	inode_put(prev);
	if (sb->ops->sync_fs) {
		e = sb->ops->sync_fs(sb, wait);
		if (e && !err)
			err = e;
	}
	return err;
}

/* -- what file systems set up -------------------------------------------- */

void
inode_init_owner(struct inode *i, const struct inode *dir, mode_t mode)
{
	const struct cred *c = current_cred();

	i->uid = c->fsuid;
	if (dir && dir->mode & S_ISGID) {
		i->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			 !cred_in_group(c, i->gid) && !inode_capable(dir, CAP_FSETID))
			mode &= ~S_ISGID;
	} else {
		i->gid = c->fsgid;
	}
	i->mode = mode;
}

void
inode_init_special(struct inode *i, mode_t mode, dev_t rdev)
{
	i->mode = mode;
	if (S_ISCHR(mode) || S_ISBLK(mode))
		i->rdev = rdev;
}

int
inode_write_access(struct inode *i)
{
	s32 c = atomic_read(&i->writecount);

	do {
		if (c < 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&i->writecount, &c, c + 1));
	return 0;
}

int
file_deny_write(struct file *f)
{
	struct inode *i = f->inode;
	s32 c = atomic_read(&i->writecount);

	do {
		if (c > 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&i->writecount, &c, c - 1));
	return 0;
}

void
file_allow_write(struct file *f)
{
	atomic_inc(&f->inode->writecount);
}

static unsigned long
inode_count(void)
{
	return nr_lru;
}

static unsigned long
inode_scan(unsigned long nr)
{
	return inode_prune(NULL, nr);
}

static struct shrinker inode_shrinker = {
	.name = "inode",
	.count = inode_count,
	.scan = inode_scan,
};

void
inode_stat(u64 *nr, u64 *unused)
{
	s64 n = 0;

	for_each_cpu(c)
		n += per_cpu(nr_inodes, c);
	*nr = n < 0 ? 0 : n;
	*unused = nr_lru;
}

void
inode_init(void)
{
	struct mem_stat ms;
	size_t n;

	mem_stat_get(&ms);
	n = clamp_t(size_t, roundup_pow2(ms.total / 64), 64, 1UL << 18);
	ihash = kvmalloc(n * sizeof(*ihash), GFP_KERNEL | GFP_ZERO);
	inode_cache = slab_create("inode", sizeof(struct inode), 64,
				  SLAB_RECLAIM);
	if (!ihash || !inode_cache)
		panic("inode: no memory");
	ihash_bits = ilog2(n);
	shrinker_register(&inode_shrinker);
}
