/* SPDX-License-Identifier: MIT */
/*
 * Getting memory back: clean cache pages, what shrinkers give (dentries,
 * inodes), empty slabs, dead stacks; and asking the OOM killer.
 *
 * There is no background thread: who needs memory reclaims a batch himself
 * (page.c). Dirty pages are left to write-back. A mapped page is unmapped
 * first, unless it was used since the last look.
 *
 * Locks: none may be spinning on entry. The page at hand is only try-locked,
 * shrinkers must only try-lock what an allocating thread may hold.
 */
#include <core/log.h>
#include <sched/sched.h>

#include "lru.h"

static struct spinlock shrinkers_lock = SPINLOCK_INIT(RANK_OBJQUEUE);
static LIST_HEAD(shrinkers);
static bool (*oom_kill_one)(void);

void
shrinker_register(struct shrinker *s)
{
	spin_lock(&shrinkers_lock);
	list_add_tail_rcu(&s->link, &shrinkers);
	spin_unlock(&shrinkers_lock);
}

/* p has our reference: 1 when it was freed, else 0, reference dropped */
static unsigned long
reclaim_page(struct page *p)
{
	mem_count(MC_PGSCAN, 1);
	if (!page_trylock(p))
		goto out_put;
	if (!p->mapping || !page_test(p, PG_LRU) ||
	    (READ_ONCE(p->flags) & (BIT(PG_DIRTY) | BIT(PG_WRITEBACK))))
		goto out_unlock;
	if (page_referenced(p)) {
		lru_activate(p);
		goto out_unlock;
	}
	if (atomic_read(&p->mapcount))
		page_unmap_all(p);
	if (!page_remove_frozen(p))
		goto out_unlock;
	page_clear(p, PG_LOCKED);
	mem_count(MC_PGSTEAL, 1);
	page_put_last(p);
	return 1;

out_unlock:
	page_unlock(p);
out_put:
	page_put(p);
	return 0;
}

/* try every page of the inactive list about once, at most */
static unsigned long
reclaim_lru(unsigned long nr)
{
	unsigned long freed = 0, scan;

	if (lru.nr_active > lru.nr_inactive)
		lru_age(min(lru.nr_active - lru.nr_inactive, nr * 2 + 64));
	for (scan = lru.nr_inactive; scan && freed < nr; scan--) {
		struct page *p = lru_oldest();

		if (!p)
			break;
		freed += reclaim_page(p);
		cond_resched();
	}
	return freed;
}

static void
run_shrinkers(unsigned long nr)
{
	struct shrinker *s;

	/* they are never unregistered: the list can be walked while sleeping */
	list_for_each_entry_rcu(s, &shrinkers, link) {
		unsigned long have = s->count();

		if (have)
			s->scan(min(have, max(nr, 128UL)));
	}
}

unsigned long
reclaim_pages(unsigned long nr)
{
	unsigned long freed = reclaim_lru(nr), more;

	if (freed < nr && lru.nr_active) {
		lru_age(lru.nr_active);
		freed += reclaim_lru(nr - freed);
	}
	if (freed >= nr)
		return freed;
	run_shrinkers(nr);
	more = slab_trim() + kstack_trim();
	freed += more;
	if (more && freed < nr)		/* inodes gone: their pages too */
		freed += reclaim_lru(nr - freed);
	return freed;
}

void
mm_set_oom(bool (*kill_one)(void))
{
	oom_kill_one = kill_one;
}

bool
mm_oom(gfp_t gfp)
{
	(void)gfp;
	return oom_kill_one && oom_kill_one();
}
