/* SPDX-License-Identifier: MIT */
/*
 * Intrusive circular doubly linked lists (list_head) and lists with a
 * one-pointer head for hash tables (hlist). The caller locks writers; the
 * _rcu variants let readers walk without a lock: an added node is complete
 * before it is visible, and a deleted one keeps its next pointer.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)
#define LIST_POISON1		((void *)0xdead000000000100UL)
#define LIST_POISON2		((void *)0xdead000000000122UL)

#define rcu_publish(p, v)	__atomic_store_n(&(p), (v), __ATOMIC_RELEASE)
#define rcu_peek(p)		__atomic_load_n(&(p), __ATOMIC_CONSUME)

static inline void
list_init(struct list_head *h)
{
	h->next = h;
	h->prev = h;
}

#define INIT_LIST_HEAD(h)	list_init(h)

static inline void
list_insert_(struct list_head *n, struct list_head *prev,
	     struct list_head *next)
{
	next->prev = n;
	n->next = next;
	n->prev = prev;
	WRITE_ONCE(prev->next, n);
}

/* after h: a stack */
static inline void
list_add(struct list_head *n, struct list_head *h)
{
	list_insert_(n, h, h->next);
}

/* before h: a queue */
static inline void
list_add_tail(struct list_head *n, struct list_head *h)
{
	list_insert_(n, h->prev, h);
}

static inline void
list_unlink_(struct list_head *prev, struct list_head *next)
{
	next->prev = prev;
	WRITE_ONCE(prev->next, next);
}

static inline void
list_del(struct list_head *n)
{
	list_unlink_(n->prev, n->next);
	n->next = LIST_POISON1;
	n->prev = LIST_POISON2;
}

static inline void
list_del_init(struct list_head *n)
{
	list_unlink_(n->prev, n->next);
	list_init(n);
}

static inline void
list_replace(struct list_head *old, struct list_head *n)
{
	n->next = old->next;
	n->next->prev = n;
	n->prev = old->prev;
	n->prev->next = n;
}

static inline void
list_move(struct list_head *n, struct list_head *h)
{
	list_unlink_(n->prev, n->next);
	list_add(n, h);
}

static inline void
list_move_tail(struct list_head *n, struct list_head *h)
{
	list_unlink_(n->prev, n->next);
	list_add_tail(n, h);
}

static inline bool
list_empty(const struct list_head *h)
{
	return READ_ONCE(h->next) == h;
}

static inline bool
list_is_last(const struct list_head *n, const struct list_head *h)
{
	return n->next == h;
}

static inline bool
list_is_first(const struct list_head *n, const struct list_head *h)
{
	return n->prev == h;
}

static inline bool
list_is_singular(const struct list_head *h)
{
	return !list_empty(h) && h->next == h->prev;
}

static inline void
list_splice_(struct list_head *l, struct list_head *prev,
	     struct list_head *next)
{
	l->next->prev = prev;
	prev->next = l->next;
	l->prev->next = next;
	next->prev = l->prev;
}

/* all of l after h; l is left undefined */
static inline void
list_splice(struct list_head *l, struct list_head *h)
{
	if (!list_empty(l))
		list_splice_(l, h, h->next);
}

static inline void
list_splice_tail(struct list_head *l, struct list_head *h)
{
	if (!list_empty(l))
		list_splice_(l, h->prev, h);
}

static inline void
list_splice_init(struct list_head *l, struct list_head *h)
{
	list_splice(l, h);
	list_init(l);
}

static inline void
list_splice_tail_init(struct list_head *l, struct list_head *h)
{
	list_splice_tail(l, h);
	list_init(l);
}

/* the nodes of l up to and including n go to out (which is overwritten) */
static inline void
list_cut_position(struct list_head *out, struct list_head *l,
		  struct list_head *n)
{
	if (list_empty(l) || n == l) {
		list_init(out);
		return;
	}
	out->next = l->next;
	out->next->prev = out;
	l->next = n->next;
	l->next->prev = l;
	out->prev = n;
	n->next = out;
}

#define list_entry(p, type, member)	container_of(p, type, member)
#define list_first_entry(h, type, member) \
	list_entry((h)->next, type, member)
#define list_last_entry(h, type, member) \
	list_entry((h)->prev, type, member)
#define list_first_entry_or_null(h, type, member) \
	(list_empty(h) ? NULL : list_first_entry(h, type, member))
#define list_last_entry_or_null(h, type, member) \
	(list_empty(h) ? NULL : list_last_entry(h, type, member))
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)
#define list_entry_is_head(pos, h, member) (&(pos)->member == (h))

#define list_for_each(p, h) \
	for ((p) = (h)->next; (p) != (h); (p) = (p)->next)
#define list_for_each_safe(p, n, h) \
	for ((p) = (h)->next, (n) = (p)->next; (p) != (h); \
	     (p) = (n), (n) = (p)->next)
#define list_for_each_entry(pos, h, member) \
	for ((pos) = list_first_entry(h, __typeof__(*(pos)), member); \
	     !list_entry_is_head(pos, h, member); \
	     (pos) = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, h, member) \
	for ((pos) = list_last_entry(h, __typeof__(*(pos)), member); \
	     !list_entry_is_head(pos, h, member); \
	     (pos) = list_prev_entry(pos, member))
#define list_for_each_entry_continue(pos, h, member) \
	for ((pos) = list_next_entry(pos, member); \
	     !list_entry_is_head(pos, h, member); \
	     (pos) = list_next_entry(pos, member))
#define list_for_each_entry_from(pos, h, member) \
	for (; !list_entry_is_head(pos, h, member); \
	     (pos) = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, h, member) \
	for ((pos) = list_first_entry(h, __typeof__(*(pos)), member), \
	     (n) = list_next_entry(pos, member); \
	     !list_entry_is_head(pos, h, member); \
	     (pos) = (n), (n) = list_next_entry(n, member))
#define list_for_each_entry_safe_reverse(pos, n, h, member) \
	for ((pos) = list_last_entry(h, __typeof__(*(pos)), member), \
	     (n) = list_prev_entry(pos, member); \
	     !list_entry_is_head(pos, h, member); \
	     (pos) = (n), (n) = list_prev_entry(n, member))

static inline void
list_insert_rcu_(struct list_head *n, struct list_head *prev,
		 struct list_head *next)
{
	n->next = next;
	n->prev = prev;
	rcu_publish(prev->next, n);
	next->prev = n;
}

static inline void
list_add_rcu(struct list_head *n, struct list_head *h)
{
	list_insert_rcu_(n, h, h->next);
}

static inline void
list_add_tail_rcu(struct list_head *n, struct list_head *h)
{
	list_insert_rcu_(n, h->prev, h);
}

/* readers may still stand on n: it must not be reused before they are gone */
static inline void
list_del_rcu(struct list_head *n)
{
	list_unlink_(n->prev, n->next);
	n->prev = LIST_POISON2;
}

#define list_for_each_entry_rcu(pos, h, member) \
	for ((pos) = list_entry(rcu_peek((h)->next), __typeof__(*(pos)), \
				member); \
	     !list_entry_is_head(pos, h, member); \
	     (pos) = list_entry(rcu_peek((pos)->member.next), \
				__typeof__(*(pos)), member))

/* -- hash lists ---------------------------------------------------------- */

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define HLIST_HEAD_INIT		{ NULL }

static inline void
hlist_init(struct hlist_head *h)
{
	h->first = NULL;
}

#define INIT_HLIST_HEAD(h)	hlist_init(h)

static inline void
hlist_node_init(struct hlist_node *n)
{
	n->next = NULL;
	n->pprev = NULL;
}

#define INIT_HLIST_NODE(n)	hlist_node_init(n)

static inline bool
hlist_empty(const struct hlist_head *h)
{
	return !READ_ONCE(h->first);
}

static inline bool
hlist_unhashed(const struct hlist_node *n)
{
	return !n->pprev;
}

static inline void
hlist_add_head(struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node *first = h->first;

	n->next = first;
	if (first)
		first->pprev = &n->next;
	WRITE_ONCE(h->first, n);
	n->pprev = &h->first;
}

/* n before next */
static inline void
hlist_add_before(struct hlist_node *n, struct hlist_node *next)
{
	n->pprev = next->pprev;
	n->next = next;
	next->pprev = &n->next;
	WRITE_ONCE(*n->pprev, n);
}

/* n behind prev */
static inline void
hlist_add_behind(struct hlist_node *n, struct hlist_node *prev)
{
	n->next = prev->next;
	WRITE_ONCE(prev->next, n);
	n->pprev = &prev->next;
	if (n->next)
		n->next->pprev = &n->next;
}

static inline void
hlist_unlink_(struct hlist_node *n)
{
	struct hlist_node *next = n->next, **pprev = n->pprev;

	WRITE_ONCE(*pprev, next);
	if (next)
		next->pprev = pprev;
}

static inline void
hlist_del(struct hlist_node *n)
{
	hlist_unlink_(n);
	n->next = LIST_POISON1;
	n->pprev = LIST_POISON2;
}

/* nothing when n is not on a list */
static inline void
hlist_del_init(struct hlist_node *n)
{
	if (!hlist_unhashed(n)) {
		hlist_unlink_(n);
		hlist_node_init(n);
	}
}

static inline void
hlist_add_head_rcu(struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node *first = h->first;

	n->next = first;
	n->pprev = &h->first;
	rcu_publish(h->first, n);
	if (first)
		first->pprev = &n->next;
}

static inline void
hlist_del_rcu(struct hlist_node *n)
{
	hlist_unlink_(n);
	n->pprev = LIST_POISON2;
}

/* as hlist_del_rcu, but hlist_unhashed() afterwards */
static inline void
hlist_del_init_rcu(struct hlist_node *n)
{
	if (!hlist_unhashed(n)) {
		hlist_unlink_(n);
		n->pprev = NULL;
	}
}

#define hlist_entry(p, type, member)	container_of(p, type, member)
#define hlist_entry_safe(p, type, member) ({ \
	__typeof__(p) p_ = (p); \
	p_ ? hlist_entry(p_, type, member) : NULL; })

#define hlist_for_each_entry(pos, h, member) \
	for ((pos) = hlist_entry_safe((h)->first, __typeof__(*(pos)), \
				      member); \
	     (pos); \
	     (pos) = hlist_entry_safe((pos)->member.next, \
				      __typeof__(*(pos)), member))
#define hlist_for_each_entry_safe(pos, n, h, member) \
	for ((pos) = hlist_entry_safe((h)->first, __typeof__(*(pos)), \
				      member); \
	     (pos) && ({ (n) = (pos)->member.next; 1; }); \
	     (pos) = hlist_entry_safe(n, __typeof__(*(pos)), member))
#define hlist_for_each_entry_rcu(pos, h, member) \
	for ((pos) = hlist_entry_safe(rcu_peek((h)->first), \
				      __typeof__(*(pos)), member); \
	     (pos); \
	     (pos) = hlist_entry_safe(rcu_peek((pos)->member.next), \
				      __typeof__(*(pos)), member))

#endif
