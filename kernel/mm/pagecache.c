/* SPDX-License-Identifier: MIT */
/*
 * The page cache: pages of a file by index, in a radix tree.
 *
 * Lookups take no lock. They read a slot under RCU, take a reference unless
 * the count is 0 (the frame is being freed), and then look whether the page
 * still is this file's page of that index; if not, the frame was reused in
 * between, and they start again. Tree nodes are freed after a grace period.
 * struct page is never freed, so a stale pointer can be looked at.
 *
 * Life of a cached page:
 *
 *	page_find_or_create	locked, in the tree, not uptodate, inactive LRU
 *	readpage		fills, sets PG_UPTODATE, unlocks
 *	page_set_dirty		PG_DIRTY, tagged in the tree (caches with a
 *				disk behind them only)
 *	aspace_writeback	PG_WRITEBACK while on its way (writeback.c)
 *	page_remove		truncation, invalidation or reclaim, page locked:
 *				out of the tree, mapping NULL
 *
 * The tree holds one reference. Whoever finds a page and locks it must look at
 * mapping again: it may have been removed while he waited.
 *
 * Locking: tree_lock (rank pagetree, irqsave since write-out ends in
 * interrupts) for the tree, its tags, mapping and nr_pages; the page lock as
 * above. Node memory comes from the reserves under tree_lock, or when that
 * fails is fetched outside and handed in.
 */
#include <abi/errno.h>
#include <sched/rcu.h>
#include <sched/sched.h>

#include "internal.h"

#define POOL_NODES	6

static struct slab_cache *node_cache;

static struct radix_node *
node_alloc(void)
{
	return slab_alloc(node_cache, GFP_ATOMIC | GFP_NOWARN);
}

static void
node_free_rcu(struct rcu_head *h)
{
	slab_free(node_cache, container_of((void *)h, struct radix_node,
					   reclaim));
}

static void
node_free(struct radix_node *n)
{
	static_assert(sizeof(n->reclaim) >= sizeof(struct rcu_head), "rcu");
	call_rcu((struct rcu_head *)n->reclaim, node_free_rcu);
}

static const struct radix_ops node_ops = {
	.alloc = node_alloc, .free = node_free,
};

void
pagecache_init(void)
{
	node_cache = slab_create("radix_node", sizeof(struct radix_node), 8,
				 SLAB_RECLAIM);
	if (!node_cache)
		panic("no memory");
}

void
aspace_init(struct aspace *a, const struct aspace_ops *ops, struct inode *host)
{
	radix_init(&a->tree, &node_ops);
	spin_init(&a->tree_lock, RANK_PAGETREE);
	a->nr_pages = 0;
	a->ops = ops;
	a->host = host;
	spin_init(&a->mmap_lock, RANK_PAGETREE);
	list_init(&a->i_mmap);
	a->wb_err = 0;
	a->writers_denied = 0;
}

void
aspace_destroy(struct aspace *a)
{
	ASSERT(!a->nr_pages && list_empty(&a->i_mmap));
	radix_destroy(&a->tree);
}

/* ---- lookup ---- */

struct page *
page_find(struct aspace *a, u64 index)
{
	struct page *p;

	for (;;) {
		p = radix_lookup(&a->tree, index);
		if (!p)
			return NULL;
		if (unlikely(!atomic_inc_unless(&p->refcount, 0)))
			continue;
		if (likely(READ_ONCE(p->mapping) == a && p->index == index))
			return p;
		page_put(p);
	}
}

unsigned int
page_find_range(struct aspace *a, u64 index, unsigned int n,
		struct page **pages)
{
	unsigned int got = 0;
	void *p;

	while (got < n) {
		p = radix_next(&a->tree, &index);
		if (!p)
			break;
		pages[got] = page_find(a, index);
		if (pages[got])
			got++;
		if (!++index)
			break;
	}
	return got;
}

/* the leaf node that holds index, NULL when there is none (or a lone root) */
static const struct radix_node *
leaf_of(const struct radix_root *r, u64 index)
{
	unsigned long e = (unsigned long)rcu_peek(r->head);
	const struct radix_node *n;

	if (!(e & 1))
		return NULL;
	n = (const void *)(e - 1);
	if (index >> n->shift >> (RADIX_SHIFT - 1) >> 1)
		return NULL;
	while (n && n->shift)
		n = rcu_peek(n->slots[index >> n->shift & (RADIX_SLOTS - 1)]);
	return n;
}

unsigned int
page_find_around(struct aspace *a, u64 index, unsigned int n,
		 struct page **pages)
{
	const struct radix_node *leaf = NULL;
	unsigned int used = 0;
	bool known = false;

	for (unsigned int i = 0; i < n; i++, index++) {
		struct page *p;

		pages[i] = NULL;
		if (!known || !(index & (RADIX_SLOTS - 1))) {
			leaf = leaf_of(&a->tree, index);
			known = true;
		}
		if (leaf)
			p = rcu_peek(leaf->slots[index & (RADIX_SLOTS - 1)]);
		else
			p = index ? NULL : radix_lookup(&a->tree, 0);
		if (!p || (READ_ONCE(p->flags) & (BIT(PG_UPTODATE) |
				BIT(PG_LOCKED))) != BIT(PG_UPTODATE))
			continue;
		if (!atomic_inc_unless(&p->refcount, 0))
			continue;
		if (p->mapping != a || p->index != index) {
			page_put(p);
			continue;
		}
		pages[i] = p;
		used = i + 1;
	}
	return used;
}

/* ---- adding ---- */

static int
fill_pool(struct radix_pool *pool, gfp_t gfp)
{
	while (pool->nr < POOL_NODES) {
		struct radix_node *n = slab_alloc(node_cache, gfp);

		if (!n)
			return -ENOMEM;
		radix_pool_add(pool, n);
	}
	return 0;
}

int
page_add(struct aspace *a, struct page *p, u64 index, gfp_t gfp)
{
	struct radix_pool pool = { NULL, 0 };
	struct radix_node *n;
	unsigned long f;
	int err;

	p->mapping = a;
	p->index = index;
	p->private = 0;
	if (a->ops->flags & AS_NO_RECLAIM)
		p->flags |= BIT(PG_SWAPBACKED);
	page_get(p);
	for (;;) {
		f = spin_lock_irqsave(&a->tree_lock);
		err = radix_insert(&a->tree, index, p, &pool);
		if (!err)
			a->nr_pages++;
		spin_unlock_irqrestore(&a->tree_lock, f);
		if (likely(err != -ENOMEM) || pool.nr || (gfp & GFP_ATOMIC) ||
		    fill_pool(&pool, gfp))
			break;
	}
	while (unlikely((n = radix_pool_take(&pool)) != NULL))
		slab_free(node_cache, n);
	if (unlikely(err)) {
		p->mapping = NULL;
		atomic_dec(&p->refcount);
		return err;
	}
	if (a->ops->flags & AS_NO_RECLAIM) {
		mem_count(MC_SHMEM, 1);
	} else {
		mem_count(MC_FILE, 1);
		lru_add(p);
	}
	return 0;
}

struct page *
page_find_or_create(struct aspace *a, u64 index, gfp_t gfp)
{
	struct page *p, *new = NULL;
	int err;

	for (;;) {
		p = page_find(a, index);
		if (p) {
			page_lock(p);
			if (likely(p->mapping == a))
				break;
			page_unlock(p);
			page_put(p);
			continue;
		}
		if (!new) {
			new = page_alloc1(gfp);
			if (!new)
				return NULL;
			new->flags |= BIT(PG_LOCKED);
		}
		err = page_add(a, new, index, gfp);
		if (!err)
			return new;
		if (err != -EEXIST) {
			p = NULL;
			break;
		}
	}
	if (new) {
		new->flags = 0;
		page_put(new);
	}
	return p;
}

int
page_read(struct aspace *a, u64 index, struct page **out)
{
	struct page *p;
	int err;

	for (;;) {
		p = page_find(a, index);
		if (p && page_test(p, PG_UPTODATE))
			break;
		if (p)
			page_put(p);
		p = page_find_or_create(a, index, GFP_USER);
		if (!p)
			return -ENOMEM;
		if (page_test(p, PG_UPTODATE)) {
			page_unlock(p);
			break;
		}
		page_clear(p, PG_ERROR);
		err = a->ops->readpage ? a->ops->readpage(a, p) : -EIO;
		if (err) {
			if (!a->ops->readpage)
				page_unlock(p);
			page_put(p);
			if (err == -EAGAIN)
				continue;
			return err;
		}
		/* unlocked when the data is there; truncated: start again */
		if (!page_test(p, PG_UPTODATE)) {
			page_lock(p);
			page_unlock(p);
		}
		if (page_test(p, PG_UPTODATE))
			break;
		err = p->mapping == a ? -EIO : 0;
		page_put(p);
		if (err)
			return err;
	}
	page_mark_accessed(p);
	*out = p;
	return 0;
}

/* ---- dirty, removal ---- */

bool
page_set_dirty(struct page *p)
{
	struct aspace *a = READ_ONCE(p->mapping);
	unsigned long f;

	if (page_test(p, PG_DIRTY) ||
	    test_and_set_bit(PG_DIRTY, &p->flags))
		return false;
	if (!a || (a->ops->flags & AS_NO_RECLAIM))
		return true;
	f = irq_save();
	spin_lock_nested(&a->tree_lock);
	if (likely(p->mapping == a)) {
		radix_tag_set(&a->tree, p->index, RADIX_TAG_DIRTY);
		mem_count(MC_DIRTY, 1);
	}
	spin_unlock(&a->tree_lock);
	irq_restore(f);
	return true;
}

/* tree_lock held: p's entry goes, with what was counted for it */
static void
unhook(struct aspace *a, struct page *p)
{
	radix_delete(&a->tree, p->index);
	a->nr_pages--;
	if (a->ops->flags & AS_NO_RECLAIM) {
		mem_count(MC_SHMEM, -1);
	} else {
		mem_count(MC_FILE, -1);
		if (page_test(p, PG_DIRTY))
			mem_count(MC_DIRTY, -1);
	}
	WRITE_ONCE(p->mapping, NULL);
}

void
page_remove(struct page *p)
{
	struct aspace *a = p->mapping;
	unsigned long f;

	if (p->private && a->ops->releasepage)
		a->ops->releasepage(p);
	f = spin_lock_irqsave(&a->tree_lock);
	unhook(a, p);
	spin_unlock_irqrestore(&a->tree_lock, f);
	page_clear(p, PG_DIRTY);
	/* a fault that raised mapcount before it saw mapping NULL: fault.c */
	smp_mb();
	if (unlikely(atomic_read(&p->mapcount)))
		aspace_unmap(a, p->index, 1);
	page_put(p);
}

bool
page_remove_frozen(struct page *p)
{
	struct aspace *a = p->mapping;
	unsigned long f;
	s32 two = 2;
	bool ok;

	if (p->private) {
		if (!a->ops->releasepage)
			return false;
		a->ops->releasepage(p);
	}
	f = spin_lock_irqsave(&a->tree_lock);
	ok = !page_test(p, PG_DIRTY) && !atomic_read(&p->mapcount) &&
		atomic_try_cmpxchg(&p->refcount, &two, 0);
	if (ok)
		unhook(a, p);
	spin_unlock_irqrestore(&a->tree_lock, f);
	return ok;
}
