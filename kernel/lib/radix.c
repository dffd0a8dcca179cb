/* SPDX-License-Identifier: MIT */
/*
 * Radix tree. The root holds either a single entry (index 0 only, no node at
 * all: most files of one page) or, marked by bit 0, the top node. A node
 * covers 6 bits of the index; its shift says which, so the height is that of
 * the top node. A node without entries is unlinked and freed at once, and a
 * top node with nothing but slot 0 is replaced by that child.
 *
 * A tag bit of a slot is set when the entry (shift 0) or anything below the
 * child has the tag; root->tags is the same for the whole tree.
 *
 * Lock-free readers: slots are published with release order after what they
 * point to is complete. A freed node keeps its slots, so a reader that stands
 * in it continues to valid memory (or to an entry just removed).
 */
#include "lib/radix.h"
#include "lib/bitops.h"
#include "lib/string.h"
#include "abi/errno.h"

#define SLOT_MASK	(RADIX_SLOTS - 1)

static inline struct radix_node *
head_node(const void *head)
{
	return (unsigned long)head & 1 ? (void *)((unsigned long)head - 1) :
	       NULL;
}

static inline void *
node_head(struct radix_node *n)
{
	return (void *)((unsigned long)n | 1);
}

static inline bool
index_fits(const struct radix_node *n, u64 index)
{
	return !(index >> n->shift >> (RADIX_SHIFT - 1) >> 1);
}

static inline unsigned
slot_of(const struct radix_node *n, u64 index)
{
	return index >> n->shift & SLOT_MASK;
}

static struct radix_node *
node_new(struct radix_root *r, struct radix_pool *pool)
{
	struct radix_node *n = pool ? radix_pool_take(pool) : NULL;

	if (!n)
		n = r->ops->alloc();
	if (n)
		memset(n, 0, sizeof(*n));
	return n;
}

/* Adds levels on top until index fits. 0 or -ENOMEM. */
static int
grow(struct radix_root *r, u64 index, struct radix_pool *pool)
{
	struct radix_node *top = head_node(r->head), *n;

	while (!top || !index_fits(top, index)) {
		n = node_new(r, pool);
		if (!n)
			return -ENOMEM;
		n->shift = top ? top->shift + RADIX_SHIFT : 0;
		if (r->head) {
			n->slots[0] = top ? (void *)top : r->head;
			n->count = 1;
			for (int t = 0; t < RADIX_NR_TAGS; t++)
				n->tags[t] = r->tags >> t & 1;
		}
		rcu_publish(r->head, node_head(n));
		if (top)
			top->parent = n;
		top = n;
	}
	return 0;
}

/* Unlinks and frees n and every ancestor that became empty; then shrinks. */
static void
prune(struct radix_root *r, struct radix_node *n)
{
	struct radix_node *p;

	while (n && !n->count) {
		p = n->parent;
		if (p) {
			WRITE_ONCE(p->slots[n->offset], NULL);
			p->count--;
		} else {
			WRITE_ONCE(r->head, NULL);
		}
		r->ops->free(n);
		n = p;
	}
	while ((n = head_node(r->head)) && n->count == 1 && n->slots[0]) {
		if (n->shift) {
			p = n->slots[0];
			p->parent = NULL;
			rcu_publish(r->head, node_head(p));
		} else {
			rcu_publish(r->head, n->slots[0]);
		}
		r->ops->free(n);
	}
}

int
radix_insert(struct radix_root *r, u64 index, void *entry,
	     struct radix_pool *pool)
{
	struct radix_node *n, *child;

	if (!index && !head_node(r->head)) {
		if (r->head)
			return -EEXIST;
		rcu_publish(r->head, entry);
		return 0;
	}
	n = head_node(r->head);
	if (!n || !index_fits(n, index)) {
		if (grow(r, index, pool)) {
			/* an empty top may be left over */
			prune(r, head_node(r->head));
			return -ENOMEM;
		}
		n = head_node(r->head);
	}
	while (n->shift) {
		unsigned s = slot_of(n, index);

		child = n->slots[s];
		if (!child) {
			child = node_new(r, pool);
			if (!child) {
				prune(r, n);
				return -ENOMEM;
			}
			child->shift = n->shift - RADIX_SHIFT;
			child->offset = s;
			child->parent = n;
			rcu_publish(n->slots[s], (void *)child);
			n->count++;
		}
		n = child;
	}
	if (n->slots[slot_of(n, index)])
		return -EEXIST;
	rcu_publish(n->slots[slot_of(n, index)], entry);
	n->count++;
	return 0;
}

/* The bottom node that has an entry at index, or NULL. */
static struct radix_node *
find_leaf(const struct radix_root *r, u64 index)
{
	struct radix_node *n = head_node(r->head);

	if (!n || !index_fits(n, index))
		return NULL;
	while (n && n->shift)
		n = n->slots[slot_of(n, index)];
	return n && n->slots[index & SLOT_MASK] ? n : NULL;
}

void *
radix_replace(struct radix_root *r, u64 index, void *entry)
{
	struct radix_node *n;
	void **slot, *old;

	if (!index && !head_node(r->head)) {
		slot = &r->head;
	} else {
		n = find_leaf(r, index);
		if (!n)
			return NULL;
		slot = &n->slots[index & SLOT_MASK];
	}
	old = *slot;
	if (old)
		rcu_publish(*slot, entry);
	return old;
}

/* Clears the tag of slot s of n and of the ancestors it was the last of. */
static void
untag(struct radix_root *r, struct radix_node *n, unsigned s, int tag)
{
	for (; n; s = n->offset, n = n->parent) {
		if (!(n->tags[tag] & BIT(s)))
			return;
		n->tags[tag] &= ~BIT(s);
		if (n->tags[tag])
			return;
	}
	r->tags &= ~BIT(tag);
}

void *
radix_delete(struct radix_root *r, u64 index)
{
	struct radix_node *n;
	unsigned s = index & SLOT_MASK;
	void *old;

	if (!index && !head_node(r->head)) {
		old = r->head;
		WRITE_ONCE(r->head, NULL);
		r->tags = 0;
		return old;
	}
	n = find_leaf(r, index);
	if (!n)
		return NULL;
	if (r->tags)
		for (int t = 0; t < RADIX_NR_TAGS; t++)
			untag(r, n, s, t);
	old = n->slots[s];
	WRITE_ONCE(n->slots[s], NULL);
	n->count--;
	if (n->count <= 1)
		prune(r, n);
	return old;
}

void
radix_destroy(struct radix_root *r)
{
	struct radix_node *n = head_node(r->head), *p;
	unsigned s = 0;

	WRITE_ONCE(r->head, NULL);
	r->tags = 0;
	/* depth first by the parent links; the slots stay for readers */
	while (n) {
		while (n->shift && s < RADIX_SLOTS && !n->slots[s])
			s++;
		if (n->shift && s < RADIX_SLOTS) {
			n = n->slots[s];
			s = 0;
			continue;
		}
		p = n->parent;
		s = n->offset + 1;
		r->ops->free(n);
		n = p;
	}
}

bool
radix_tag_set(struct radix_root *r, u64 index, enum radix_tag tag)
{
	struct radix_node *n;
	unsigned s = index & SLOT_MASK;

	if (!index && !head_node(r->head)) {
		if (!r->head)
			return false;
		r->tags |= BIT(tag);
		return true;
	}
	n = find_leaf(r, index);
	if (!n)
		return false;
	for (; n; s = n->offset, n = n->parent) {
		if (n->tags[tag] & BIT(s))
			return true;
		n->tags[tag] |= BIT(s);
	}
	r->tags |= BIT(tag);
	return true;
}

bool
radix_tag_clear(struct radix_root *r, u64 index, enum radix_tag tag)
{
	struct radix_node *n;

	if (!index && !head_node(r->head)) {
		r->tags &= ~BIT(tag);
		return r->head;
	}
	n = find_leaf(r, index);
	if (!n)
		return false;
	untag(r, n, index & SLOT_MASK, tag);
	return true;
}

bool
radix_tag_get(const struct radix_root *r, u64 index, enum radix_tag tag)
{
	struct radix_node *n;

	if (!index && !head_node(r->head))
		return r->head && r->tags & BIT(tag);
	n = find_leaf(r, index);
	return n && n->tags[tag] & BIT(index & SLOT_MASK);
}

/*
 * First present slot at or after *index, with the tag when tag >= 0. Walks
 * down from the top each time the path has to change; within a node it scans
 * slots (or tag bits). Only the untagged form may run without the lock.
 */
static __always_inline void *
next_entry(const struct radix_root *r, u64 *index, int tag)
{
	void *head = rcu_peek(r->head);
	struct radix_node *top = head_node(head), *n;
	u64 i = *index;

	if (!top) {
		if (i || !head || (tag >= 0 && !(r->tags >> tag & 1)))
			return NULL;
		return head;
	}
restart:
	if (!index_fits(top, i))
		return NULL;
	for (n = top;;) {
		unsigned s = slot_of(n, i), from = s;
		void *p = NULL;
		u64 span;

		if (tag >= 0) {
			u64 bits = n->tags[tag] >> s;

			if (bits) {
				s += __ffs(bits);
				p = n->slots[s];
			} else {
				s = RADIX_SLOTS;
			}
		} else {
			for (; s < RADIX_SLOTS; s++)
				if ((p = rcu_peek(n->slots[s])))
					break;
		}
		span = 1UL << n->shift;
		if (s != from)	/* start of slot s (or past the node) */
			i = (i & ~(span - 1)) + (s - from) * span;
		if (s == RADIX_SLOTS) {
			/* i is the first index after n; 0: past the end */
			if (!i || n == top)
				return NULL;
			goto restart;
		}
		if (!n->shift) {
			*index = i;
			return p;
		}
		n = p;
	}
}

void *
radix_next(const struct radix_root *r, u64 *index)
{
	return next_entry(r, index, -1);
}

void *
radix_next_tagged(const struct radix_root *r, u64 *index, enum radix_tag tag)
{
	if (!radix_tagged(r, tag))
		return NULL;
	return next_entry(r, index, tag);
}

unsigned
radix_gang(const struct radix_root *r, u64 *index, void **out, u64 *idx,
	   unsigned max)
{
	unsigned n = 0;

	while (n < max) {
		void *p = radix_next(r, index);

		if (!p)
			break;
		out[n] = p;
		if (idx)
			idx[n] = *index;
		n++;
		if (!++*index)
			break;
	}
	return n;
}

u64
radix_next_hole(const struct radix_root *r, u64 start, u64 max)
{
	u64 i;

	for (i = start; i - start < max; i++)
		if (!radix_lookup(r, i))
			break;
	return i;
}
