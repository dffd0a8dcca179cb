/* SPDX-License-Identifier: MIT */
/* Inside of the dentry cache, for dcache*.c only; see dcache.c's head. */
#ifndef VFS_PRIV_DCACHE_H
#define VFS_PRIV_DCACHE_H

#include "internal.h"

struct ext_name {		/* names that do not fit in iname */
	atomic_t count;
	struct rcu_head rcu;
	char s[] __aligned(8);
};

extern struct spinlock dcache_lru_lock;	/* rank dcache, after bucket locks */
extern struct list_head dcache_lru;
extern unsigned long dcache_nr_lru, dcache_nr_negative, dcache_max_negative;

void dname_put(struct dentry *d);
/* d->lock held */
void d_hash_locked(struct dentry *d);
void d_unhash_locked(struct dentry *d);
void d_lru_del(struct dentry *d);
/* under parent->lock: last child, next position */
void d_link_child(struct dentry *parent, struct dentry *d);
/*
 * dentry_kill - d->lock held, released here. Frees d if nobody has it.
 * Returns its parent, on which the caller owns d's reference, or NULL.
 */
struct dentry *dentry_kill(struct dentry *d);
/* dcache_scan - free up to nr unused dentries, oldest first. T. */
unsigned long dcache_scan(unsigned long nr);
extern struct shrinker dcache_shrinker;

#endif
