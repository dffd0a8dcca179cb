/* SPDX-License-Identifier: MIT */
/*
 * Giving dentries up: a subtree that is no longer valid, a whole tree at
 * unmount, and the shrinker, which goes over the LRU list from its old end and
 * passes those used since it last came by.
 *
 * shrink_mutex: one of the last two at a time, so unmount meets no dentry that
 * the shrinker is just freeing. The shrinker only tries it.
 */
#include <core/assert.h>
#include <vfs/vfs.h>
#include "dcache.h"

static struct mutex shrink_mutex = MUTEX_INIT(shrink_mutex, RANK_NONE);

/* next child after position `after` that can be referenced, or NULL */
static struct dentry *
next_child(struct dentry *d, u64 after)
{
	struct dentry *c;

	spin_lock(&d->lock);
	list_for_each_entry(c, &d->subdirs, child)
		if (c->off > after && dentry_get_live(c)) {
			spin_unlock(&d->lock);
			return c;
		}
	spin_unlock(&d->lock);
	return NULL;
}

struct dentry *
d_find_tree(struct dentry *root,
	    bool (*match)(const struct inode *i, const void *arg),
	    const void *arg)
{
	struct dentry *cur = dentry_get(root), *c;
	u64 after = 0;

	for (;;) {
		struct inode *i = READ_ONCE(cur->inode);

		if (!after && i && !(cur->flags & D_DEAD) && match(i, arg))
			return cur;
		c = next_child(cur, after);
		if (c) {
			dentry_put(cur);
			cur = c;
			after = 0;
			continue;
		}
		if (cur == root)
			break;
		after = cur->off;
		c = dentry_get(cur->parent);
		dentry_put(cur);
		cur = c;
		cond_resched();
	}
	dentry_put(cur);
	return NULL;
}

/*
 * Unhash root and what is below it; what is not in use goes. Depth first with
 * the position in each directory kept in the child that was visited last.
 */
void
d_invalidate_tree(struct dentry *root)
{
	struct dentry *cur = dentry_get(root), *c;
	u64 after = 0;

	mounts_detach_on(root);
	d_drop(root);
	for (;;) {
		c = next_child(cur, after);
		if (c) {
			dentry_put(cur);	/* c keeps it */
			cur = c;
			after = 0;
			continue;
		}
		if (cur == root)
			break;
		mounts_detach_on(cur);
		d_drop(cur);
		after = cur->off;
		c = dentry_get(cur->parent);
		dentry_put(cur);
		cur = c;
		cond_resched();
	}
	dentry_put(cur);
}

/*
 * The super block's last user is gone: every dentry must be unused but for
 * what the tree itself holds. Takes sb->root's reference.
 */
void
shrink_dcache_for_umount(struct super_block *sb)
{
	struct dentry *cur = sb->root, *c, *parent;

	sb->root = NULL;
	if (!cur)
		return;
	mutex_lock(&shrink_mutex);	/* nobody else frees dentries of ours */
	while (cur) {
		bool last;

		spin_lock(&cur->lock);
		c = list_first_entry_or_null(&cur->subdirs, struct dentry,
					     child);
		spin_unlock(&cur->lock);
		if (c) {
			cur = c;
			continue;
		}
		parent = cur->parent != cur ? cur->parent : NULL;
		spin_lock(&cur->lock);
		if (cur->flags & D_KEEP) {
			cur->flags &= ~D_KEEP;
			atomic_dec(&cur->count);
		}
		if (!parent)
			atomic_dec(&cur->count);	/* sb->root's */
		last = atomic_read(&cur->count) == 0;
		if (last) {
			if (dentry_kill(cur))
				atomic_dec(&parent->count);
		} else {
			log_err(vfs, "vfs: %s: busy dentry at unmount",
				sb->id);
			spin_unlock(&cur->lock);
			if (parent) {
				spin_lock(&parent->lock);
				list_del_init(&cur->child);
				cur->parent = cur;
				spin_unlock(&parent->lock);
				atomic_dec(&parent->count);
			}
		}
		cur = parent;
		cond_resched();
	}
	mutex_unlock(&shrink_mutex);
}

static unsigned long
dcache_count(void)
{
	return dcache_nr_lru;
}

unsigned long
dcache_scan(unsigned long nr)
{
	unsigned long freed = 0, looked = 0;

	if (!mutex_trylock(&shrink_mutex))
		return 0;
	while (freed < nr && looked++ < nr * 4 + 16) {
		struct dentry *d;

		spin_lock(&dcache_lru_lock);
		d = list_last_entry_or_null(&dcache_lru, struct dentry, lru);
		if (!d) {
			spin_unlock(&dcache_lru_lock);
			break;
		}
		list_move(&d->lru, &dcache_lru);
		if (!spin_trylock(&d->lock)) {
			spin_unlock(&dcache_lru_lock);
			continue;
		}
		if (atomic_read(&d->count) == 0 && d->referenced) {
			d->referenced = 0;
			spin_unlock(&dcache_lru_lock);
			spin_unlock(&d->lock);
			continue;
		}
		spin_unlock(&dcache_lru_lock);
		d_lru_del(d);
		if (atomic_read(&d->count)) {
			spin_unlock(&d->lock);
			continue;
		}
		/* its parent loses a reference too, which may free it */
		d = dentry_kill(d);
		freed++;
		if (d)
			dentry_put(d);
		cond_resched();
	}
	mutex_unlock(&shrink_mutex);
	return freed;
}

struct shrinker dcache_shrinker = {
	.name = "dentry",
	.count = dcache_count,
	.scan = dcache_scan,
};

void
vfs_drop_caches(void)
{
	while (dcache_scan(1024))
		cond_resched();
	while (inode_prune(NULL, 1024))
		cond_resched();
}
