/* SPDX-License-Identifier: MIT */
/*
 * The order in which clean cache pages are given up: two lists, each with the
 * oldest page at its tail. Pages start inactive; a second use makes them
 * active; the active list's tail goes back when it outgrows the other. So one
 * pass over a large file does not push out what is used all the time.
 *
 * Pages of caches that are the only copy (tmpfs) and anonymous pages are not
 * here. Locking: lru_lock (rank objqueue); a page on a list has PG_LRU.
 */
#include "lru.h"

struct lru lru = {
	.lock = SPINLOCK_INIT(RANK_OBJQUEUE),
	.inactive = LIST_HEAD_INIT(lru.inactive),
	.active = LIST_HEAD_INIT(lru.active),
};

void
lru_add(struct page *p)
{
	spin_lock(&lru.lock);
	if (!page_test(p, PG_LRU)) {
		page_set(p, PG_LRU);
		list_add(&p->lru, &lru.inactive);
		lru.nr_inactive++;
	}
	spin_unlock(&lru.lock);
}

void
lru_del(struct page *p)
{
	spin_lock(&lru.lock);
	if (page_test(p, PG_LRU)) {
		list_del(&p->lru);
		if (page_test(p, PG_ACTIVE))
			lru.nr_active--;
		else
			lru.nr_inactive--;
		page_clear(p, PG_LRU);
	}
	spin_unlock(&lru.lock);
}

void
lru_activate(struct page *p)
{
	spin_lock(&lru.lock);
	if (page_test(p, PG_LRU) && !page_test(p, PG_ACTIVE)) {
		page_set(p, PG_ACTIVE);
		list_move(&p->lru, &lru.active);
		lru.nr_inactive--;
		lru.nr_active++;
	}
	spin_unlock(&lru.lock);
}

void
page_mark_accessed(struct page *p)
{
	unsigned long f = READ_ONCE(p->flags);

	if (!(f & BIT(PG_REFERENCED))) {
		page_set(p, PG_REFERENCED);
	} else if ((f & (BIT(PG_LRU) | BIT(PG_ACTIVE))) == BIT(PG_LRU)) {
		lru_activate(p);
		page_clear(p, PG_REFERENCED);
	}
}

/* up to n pages from the active list's tail become inactive */
void
lru_age(unsigned long n)
{
	spin_lock(&lru.lock);
	while (n-- && !list_empty(&lru.active)) {
		struct page *p = list_last_entry(&lru.active, struct page, lru);

		page_clear(p, PG_ACTIVE);
		list_move(&p->lru, &lru.inactive);
		lru.nr_active--;
		lru.nr_inactive++;
	}
	spin_unlock(&lru.lock);
}

struct page *
lru_oldest(void)
{
	struct page *p;

	spin_lock(&lru.lock);
	for (;;) {
		if (list_empty(&lru.inactive)) {
			p = NULL;
			break;
		}
		p = list_last_entry(&lru.inactive, struct page, lru);
		list_move(&p->lru, &lru.inactive);
		if (atomic_inc_unless(&p->refcount, 0))
			break;
		/* on its way out: whoever frees it waits for lru_lock */
		spin_unlock(&lru.lock);
		cpu_relax();
		spin_lock(&lru.lock);
	}
	spin_unlock(&lru.lock);
	return p;
}

void
lru_stat(struct mem_stat *s)
{
	s->active_file = lru.nr_active;
	s->inactive_file = lru.nr_inactive;
}
