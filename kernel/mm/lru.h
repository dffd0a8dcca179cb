/* SPDX-License-Identifier: MIT */
/* What lru.c and reclaim.c share. */
#ifndef MM_LRU_H
#define MM_LRU_H

#include "internal.h"

struct lru {
	struct spinlock lock;			/* rank objqueue */
	struct list_head inactive, active;	/* lock */
	u64 nr_inactive, nr_active;		/* lock; read racy */
};
extern struct lru lru;

void lru_activate(struct page *p);
void lru_age(unsigned long n);
/* lru_oldest - inactive tail, referenced and moved to the head; NULL: empty */
struct page *lru_oldest(void);

#endif
