/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees, intrusive; the caller searches and compares:
 *
 *	struct rb_node **link = &root->node, *parent = NULL;
 *	while (*link) { parent = *link; link = less ? &parent->left
 *						    : &parent->right; }
 *	rb_link_node(&new->node, parent, link);
 *	rb_insert_color(&new->node, root);
 *
 * Augmented trees keep a value computed from the subtree (interval ends,
 * gaps): after rb_link_node the caller updates the ancestors' values for the
 * new leaf (rb_propagate does that), then calls rb_insert_augmented.
 * The caller locks. No allocation. Context: any.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include "lib/types.h"

struct rb_node {
	unsigned long parent_color;	/* parent | 1 when black */
	struct rb_node *left, *right;
};

struct rb_root {
	struct rb_node *node;
};

/* root with the leftmost node remembered: timers, run queues */
struct rb_root_cached {
	struct rb_root root;
	struct rb_node *leftmost;
};

/*
 * propagate: recompute from n upwards until stop (exclusive; NULL = root),
 *            may end early when a value does not change
 * copy:      to takes over the place and the value of from
 * rotate:    to is the new subtree root in place of from, its former
 *            parent: to gets from's value, from is recomputed
 */
struct rb_augment_ops {
	void (*propagate)(struct rb_node *n, struct rb_node *stop);
	void (*copy)(struct rb_node *from, struct rb_node *to);
	void (*rotate)(struct rb_node *from, struct rb_node *to);
};

#define RB_ROOT			(struct rb_root){ NULL }
#define RB_ROOT_CACHED		(struct rb_root_cached){ { NULL }, NULL }
#define rb_entry(p, type, member) container_of(p, type, member)
#define rb_entry_safe(p, type, member) ({ \
	__typeof__(p) p_ = (p); \
	p_ ? rb_entry(p_, type, member) : NULL; })

static inline struct rb_node *
rb_parent(const struct rb_node *n)
{
	return (struct rb_node *)(n->parent_color & ~3UL);
}

/* A node marked empty is its own parent; only meaningful for nodes that the
 * user clears before the first insertion and after each erase. */
static inline void
rb_clear_node(struct rb_node *n)
{
	n->parent_color = (unsigned long)n;
}

static inline bool
rb_node_empty(const struct rb_node *n)
{
	return n->parent_color == (unsigned long)n;
}

static inline bool
rb_root_empty(const struct rb_root *r)
{
	return !READ_ONCE(r->node);
}

static inline void
rb_link_node(struct rb_node *n, struct rb_node *parent, struct rb_node **link)
{
	n->parent_color = (unsigned long)parent;
	n->left = NULL;
	n->right = NULL;
	*link = n;
}

void rb_insert_color(struct rb_node *n, struct rb_root *root);
void rb_erase(struct rb_node *n, struct rb_root *root);
void rb_insert_augmented(struct rb_node *n, struct rb_root *root,
			 const struct rb_augment_ops *ops);
void rb_erase_augmented(struct rb_node *n, struct rb_root *root,
			const struct rb_augment_ops *ops);
/* n takes the place of old; the order must allow it */
void rb_replace_node(struct rb_node *old, struct rb_node *n,
		     struct rb_root *root);

struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *n);

static inline struct rb_node *
rb_first_cached(const struct rb_root_cached *r)
{
	return r->leftmost;
}

/* leftmost: whether the search never went right */
static inline void
rb_insert_color_cached(struct rb_node *n, struct rb_root_cached *r,
		       bool leftmost)
{
	if (leftmost)
		r->leftmost = n;
	rb_insert_color(n, &r->root);
}

static inline void
rb_erase_cached(struct rb_node *n, struct rb_root_cached *r)
{
	if (r->leftmost == n)
		r->leftmost = rb_next(n);
	rb_erase(n, &r->root);
}

/* postorder: the node may be freed in the body */
#define rb_for_each_postorder_safe(n, next, root) \
	for ((n) = rb_first_postorder(root); \
	     (n) && ({ (next) = rb_next_postorder(n); 1; }); (n) = (next))

#endif
