/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees. A node is red or black, the root is black, a red node has
 * no red child, and every path to a leaf has the same number of black nodes.
 * The colour lives in bit 0 of the parent word (1 = black).
 *
 * One body serves plain and augmented trees: it is inlined twice, the plain
 * time with constant NULL callbacks, so plain users pay nothing.
 * See: Cormen et al., Introduction to Algorithms, chapter 13.
 */
#include "lib/rbtree.h"

#define BLACK	1UL

static inline bool
is_black(const struct rb_node *n)
{
	return n->parent_color & BLACK;
}

static inline bool
is_red(const struct rb_node *n)
{
	return n && !(n->parent_color & BLACK);
}

static inline void
set_black(struct rb_node *n)
{
	n->parent_color |= BLACK;
}

static inline void
set_red(struct rb_node *n)
{
	n->parent_color &= ~BLACK;
}

static inline void
set_parent(struct rb_node *n, struct rb_node *p)
{
	n->parent_color = (unsigned long)p | (n->parent_color & BLACK);
}

/* the link that points to old, below p or in the root */
static inline void
replace_child(struct rb_node *p, struct rb_node *old, struct rb_node *n,
	      struct rb_root *root)
{
	if (!p)
		WRITE_ONCE(root->node, n);
	else if (p->left == old)
		WRITE_ONCE(p->left, n);
	else
		WRITE_ONCE(p->right, n);
}

static __always_inline void
rotate_left(struct rb_node *x, struct rb_root *root,
	    const struct rb_augment_ops *ops)
{
	struct rb_node *y = x->right, *p = rb_parent(x);

	x->right = y->left;
	if (y->left)
		set_parent(y->left, x);
	y->left = x;
	set_parent(y, p);
	replace_child(p, x, y, root);
	set_parent(x, y);
	if (ops)
		ops->rotate(x, y);
}

static __always_inline void
rotate_right(struct rb_node *x, struct rb_root *root,
	     const struct rb_augment_ops *ops)
{
	struct rb_node *y = x->left, *p = rb_parent(x);

	x->left = y->right;
	if (y->right)
		set_parent(y->right, x);
	y->right = x;
	set_parent(y, p);
	replace_child(p, x, y, root);
	set_parent(x, y);
	if (ops)
		ops->rotate(x, y);
}

static __always_inline void
insert(struct rb_node *n, struct rb_root *root,
       const struct rb_augment_ops *ops)
{
	struct rb_node *p, *g, *u;

	/* rb_link_node left n red */
	while ((p = rb_parent(n)) && !is_black(p)) {
		g = rb_parent(p);
		u = g->left == p ? g->right : g->left;
		if (is_red(u)) {
			set_black(p);
			set_black(u);
			set_red(g);
			n = g;
			continue;
		}
		if (g->left == p) {
			if (p->right == n) {
				rotate_left(p, root, ops);
				p = n;
			}
			rotate_right(g, root, ops);
		} else {
			if (p->left == n) {
				rotate_right(p, root, ops);
				p = n;
			}
			rotate_left(g, root, ops);
		}
		set_black(p);
		set_red(g);
		break;
	}
	set_black(root->node);
}

/* the subtree at x (may be NULL), child of p, lacks one black */
static __always_inline void
erase_fix(struct rb_node *x, struct rb_node *p, struct rb_root *root,
	  const struct rb_augment_ops *ops)
{
	struct rb_node *s;

	while (p && !is_red(x)) {
		if (p->left == x) {
			s = p->right;
			if (!is_black(s)) {
				set_black(s);
				set_red(p);
				rotate_left(p, root, ops);
				s = p->right;
			}
			if (!is_red(s->left) && !is_red(s->right)) {
				set_red(s);
				x = p;
				p = rb_parent(x);
				continue;
			}
			if (!is_red(s->right)) {
				set_black(s->left);
				set_red(s);
				rotate_right(s, root, ops);
				s = p->right;
			}
			s->parent_color = (s->parent_color & ~BLACK) |
					  (p->parent_color & BLACK);
			set_black(p);
			set_black(s->right);
			rotate_left(p, root, ops);
			return;
		}
		s = p->left;
		if (!is_black(s)) {
			set_black(s);
			set_red(p);
			rotate_right(p, root, ops);
			s = p->left;
		}
		if (!is_red(s->left) && !is_red(s->right)) {
			set_red(s);
			x = p;
			p = rb_parent(x);
			continue;
		}
		if (!is_red(s->left)) {
			set_black(s->right);
			set_red(s);
			rotate_left(s, root, ops);
			s = p->left;
		}
		s->parent_color = (s->parent_color & ~BLACK) |
				  (p->parent_color & BLACK);
		set_black(p);
		set_black(s->left);
		rotate_right(p, root, ops);
		return;
	}
	if (x)
		set_black(x);
}

static __always_inline void
erase(struct rb_node *n, struct rb_root *root,
      const struct rb_augment_ops *ops)
{
	struct rb_node *child, *parent, *s;
	bool black;

	if (!n->left || !n->right) {
		child = n->left ? n->left : n->right;
		parent = rb_parent(n);
		black = is_black(n);
		if (child)
			set_parent(child, parent);
		replace_child(parent, n, child, root);
		if (ops && parent)
			ops->propagate(parent, NULL);
	} else {
		/* the successor moves into n's place */
		for (s = n->right; s->left; s = s->left)
			;
		child = s->right;
		parent = rb_parent(s);
		black = is_black(s);
		if (parent == n) {
			parent = s;
		} else {
			parent->left = child;
			if (child)
				set_parent(child, parent);
			s->right = n->right;
			set_parent(n->right, s);
		}
		s->left = n->left;
		set_parent(n->left, s);
		s->parent_color = n->parent_color;
		replace_child(rb_parent(n), n, s, root);
		if (ops) {
			ops->copy(n, s);
			if (parent != s)
				ops->propagate(parent, s);
			ops->propagate(s, NULL);
		}
	}
	if (black)
		erase_fix(child, parent, root, ops);
}

void
rb_insert_color(struct rb_node *n, struct rb_root *root)
{
	insert(n, root, NULL);
}

void
rb_erase(struct rb_node *n, struct rb_root *root)
{
	erase(n, root, NULL);
}

void
rb_insert_augmented(struct rb_node *n, struct rb_root *root,
		    const struct rb_augment_ops *ops)
{
	insert(n, root, ops);
}

void
rb_erase_augmented(struct rb_node *n, struct rb_root *root,
		   const struct rb_augment_ops *ops)
{
	erase(n, root, ops);
}

void
rb_replace_node(struct rb_node *old, struct rb_node *n, struct rb_root *root)
{
	*n = *old;
	if (n->left)
		set_parent(n->left, n);
	if (n->right)
		set_parent(n->right, n);
	replace_child(rb_parent(old), old, n, root);
}

struct rb_node *
rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->left)
		n = n->left;
	return n;
}

struct rb_node *
rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->right)
		n = n->right;
	return n;
}

struct rb_node *
rb_next(const struct rb_node *n)
{
	struct rb_node *p;

	if (n->right) {
		for (p = n->right; p->left; p = p->left)
			;
		return p;
	}
	while ((p = rb_parent(n)) && p->right == n)
		n = p;
	return p;
}

struct rb_node *
rb_prev(const struct rb_node *n)
{
	struct rb_node *p;

	if (n->left) {
		for (p = n->left; p->right; p = p->right)
			;
		return p;
	}
	while ((p = rb_parent(n)) && p->left == n)
		n = p;
	return p;
}

static struct rb_node *
deepest_left(struct rb_node *n)
{
	for (;;) {
		if (n->left)
			n = n->left;
		else if (n->right)
			n = n->right;
		else
			return n;
	}
}

struct rb_node *
rb_first_postorder(const struct rb_root *root)
{
	return root->node ? deepest_left(root->node) : NULL;
}

struct rb_node *
rb_next_postorder(const struct rb_node *n)
{
	struct rb_node *p = rb_parent(n);

	if (p && p->left == n && p->right)
		return deepest_left(p->right);
	return p;
}
