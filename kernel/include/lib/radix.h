/* SPDX-License-Identifier: MIT */
/*
 * Radix tree from a u64 index to a non-NULL pointer (aligned to 2), with
 * three tags per entry; made for the page cache.
 *
 * Writers are serialised by the caller (the page cache's pagetree lock).
 * radix_lookup, radix_next and radix_gang may run without that lock inside
 * an RCU read section when the root's free callback delays the release of
 * nodes by a grace period; such a reader may see an entry that was removed
 * meanwhile and must revalidate what it found. Tag queries need the lock.
 *
 * Nodes come from radix_ops.alloc, called with the writer's lock held, so it
 * must not sleep; a caller that can sleep fills a radix_pool first.
 */
#ifndef LIB_RADIX_H
#define LIB_RADIX_H

#include "lib/list.h"
#include "lib/types.h"

#define RADIX_SHIFT	6
#define RADIX_SLOTS	(1U << RADIX_SHIFT)
#define RADIX_LEVELS	11	/* ceil(64 / 6) */
/* most nodes one insertion can need: a new path and the growth to its top */
#define RADIX_POOL_MAX	(2 * RADIX_LEVELS)

enum radix_tag {
	RADIX_TAG_DIRTY,
	RADIX_TAG_WRITEBACK,
	RADIX_TAG_TOWRITE,
	RADIX_NR_TAGS,
};

struct radix_node {
	u8 shift;		/* index bits below this node's slot number */
	u8 offset;		/* slot in the parent */
	u8 count;		/* slots in use, 0..64 */
	struct radix_node *parent;
	void *reclaim[2];	/* for the free callback (an rcu_head fits) */
	u64 tags[RADIX_NR_TAGS];
	void *slots[RADIX_SLOTS];
};

struct radix_ops {
	/* uninitialised node or NULL; does not sleep */
	struct radix_node *(*alloc)(void);
	/* no writer will touch n again; readers may until a grace period */
	void (*free)(struct radix_node *n);
};

/* Nodes set aside before taking the lock, chained by reclaim[0]. */
struct radix_pool {
	struct radix_node *first;
	unsigned nr;
};

struct radix_root {
	void *head;		/* NULL, entry of index 0, or node | 1 */
	u8 tags;		/* bit t: some entry has tag t */
	const struct radix_ops *ops;
};

static inline void
radix_init(struct radix_root *r, const struct radix_ops *ops)
{
	r->head = NULL;
	r->tags = 0;
	r->ops = ops;
}

static inline bool
radix_empty(const struct radix_root *r)
{
	return !READ_ONCE(r->head);
}

static inline void *
radix_lookup(const struct radix_root *r, u64 index)
{
	void *p = rcu_peek(r->head);

	if (!((unsigned long)p & 1))
		return index ? NULL : p;
	struct radix_node *n = (void *)((unsigned long)p - 1);
	unsigned shift = n->shift;

	/* two shifts: one of 66 would be undefined */
	if (index >> shift >> (RADIX_SHIFT - 1) >> 1)
		return NULL;
	for (;;) {
		p = rcu_peek(n->slots[index >> shift & (RADIX_SLOTS - 1)]);
		if (!shift || !p)
			return p;
		n = p;
		shift = n->shift;
	}
}

/* 0, -EEXIST, or -ENOMEM. pool may be NULL; its nodes are used first. */
int __must_check radix_insert(struct radix_root *r, u64 index, void *entry,
			      struct radix_pool *pool);
/* Replaces a present entry, keeping its tags; returns the old, or NULL (and
 * does nothing) when there is none. */
void *radix_replace(struct radix_root *r, u64 index, void *entry);
/* Removes with all tags; returns the old entry or NULL. */
void *radix_delete(struct radix_root *r, u64 index);
/* Frees all nodes, forgets all entries. */
void radix_destroy(struct radix_root *r);

/* No-op (false) when there is no entry at index. */
bool radix_tag_set(struct radix_root *r, u64 index, enum radix_tag tag);
bool radix_tag_clear(struct radix_root *r, u64 index, enum radix_tag tag);
bool radix_tag_get(const struct radix_root *r, u64 index,
		   enum radix_tag tag);

static inline bool
radix_tagged(const struct radix_root *r, enum radix_tag tag)
{
	return READ_ONCE(r->tags) >> tag & 1;
}

/* First entry at or after *index; *index is set to its index. NULL: none.
 * To go on, increment *index and stop when it wraps to 0. */
void *radix_next(const struct radix_root *r, u64 *index);
void *radix_next_tagged(const struct radix_root *r, u64 *index,
			enum radix_tag tag);
/* Up to max entries from *index on, in order; *index becomes the index after
 * the last one (0 when it wrapped). idx may be NULL. Returns the number. */
unsigned radix_gang(const struct radix_root *r, u64 *index, void **out,
		    u64 *idx, unsigned max);
/* First index >= start, < start + max, without entry; start + max if none. */
u64 radix_next_hole(const struct radix_root *r, u64 start, u64 max);

/* Give a node to / take all nodes back from a pool. */
static inline void
radix_pool_add(struct radix_pool *p, struct radix_node *n)
{
	n->reclaim[0] = p->first;
	p->first = n;
	p->nr++;
}

static inline struct radix_node *
radix_pool_take(struct radix_pool *p)
{
	struct radix_node *n = p->first;

	if (n) {
		p->first = n->reclaim[0];
		p->nr--;
	}
	return n;
}

#endif
