/* SPDX-License-Identifier: MIT */
/*
 * Lock-free singly linked stack: any number of adders, and consumers that
 * take the whole list at once. Context: any, including NMI.
 */
#ifndef LIB_LLIST_H
#define LIB_LLIST_H

#include "lib/types.h"

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD_INIT		{ NULL }

static inline void
llist_init(struct llist_head *h)
{
	h->first = NULL;
}

static inline bool
llist_empty(const struct llist_head *h)
{
	return !READ_ONCE(h->first);
}

/* the chain first..last; true when the list was empty before */
static inline bool
llist_add_batch(struct llist_node *first, struct llist_node *last,
		struct llist_head *h)
{
	struct llist_node *old = READ_ONCE(h->first);

	do {
		last->next = old;
	} while (!__atomic_compare_exchange_n(&h->first, &old, first, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return !old;
}

static inline bool
llist_add(struct llist_node *n, struct llist_head *h)
{
	return llist_add_batch(n, n, h);
}

/* everything, newest first */
static inline struct llist_node *
llist_del_all(struct llist_head *h)
{
	if (llist_empty(h))
		return NULL;
	return __atomic_exchange_n(&h->first, NULL, __ATOMIC_ACQUIRE);
}

static inline struct llist_node *
llist_reverse(struct llist_node *n)
{
	struct llist_node *out = NULL;

	while (n) {
		struct llist_node *next = n->next;

		n->next = out;
		out = n;
		n = next;
	}
	return out;
}

#define llist_entry(p, type, member)	container_of(p, type, member)
#define llist_for_each_safe(p, n, first_) \
	for ((p) = (first_); (p) && ({ (n) = (p)->next; 1; }); (p) = (n))

#endif
