/* SPDX-License-Identifier: MIT */
/*
 * Sleeping on page flags: PG_LOCKED and PG_WRITEBACK.
 *
 * Waiters use a hashed queue and set PG_WAITERS before they look at the flag
 * again; who clears the flag takes PG_WAITERS off in the same operation and
 * wakes everybody if it was there. So an uncontended unlock is one locked
 * instruction and no queue is touched.
 */
#include <sched/waitq.h>

#include "internal.h"

bool
page_trylock(struct page *p)
{
	return !test_and_set_bit(PG_LOCKED, &p->flags);
}

static bool
lock_or_mark(struct page *p)
{
	page_set(p, PG_WAITERS);
	return page_trylock(p);
}

void
page_lock(struct page *p)
{
	if (!page_trylock(p))
		wait_event(waitq_hashed(p), lock_or_mark(p));
}

int
page_lock_killable(struct page *p)
{
	if (page_trylock(p))
		return 0;
	return wait_event_killable(waitq_hashed(p), lock_or_mark(p));
}

static void
clear_and_wake(struct page *p, unsigned long flag)
{
	unsigned long old = __atomic_fetch_and(&p->flags,
		~(flag | BIT(PG_WAITERS)), __ATOMIC_SEQ_CST);

	DEBUG_ASSERT(old & flag);
	if (unlikely(old & BIT(PG_WAITERS)))
		waitq_wake_all(waitq_hashed(p));
}

void
page_unlock(struct page *p)
{
	clear_and_wake(p, BIT(PG_LOCKED));
}

static bool
written_or_mark(struct page *p)
{
	page_set(p, PG_WAITERS);
	return !page_test(p, PG_WRITEBACK);
}

void
page_wait_writeback(struct page *p)
{
	if (page_test(p, PG_WRITEBACK))
		wait_event(waitq_hashed(p), written_or_mark(p));
}

/* The reference that write-out held is dropped: the page may be gone after. */
void
page_end_writeback(struct page *p)
{
	struct aspace *a = p->mapping;
	unsigned long f = spin_lock_irqsave(&a->tree_lock);

	radix_tag_clear(&a->tree, p->index, RADIX_TAG_WRITEBACK);
	spin_unlock_irqrestore(&a->tree_lock, f);
	mem_count(MC_WRITEBACK, -1);
	clear_and_wake(p, BIT(PG_WRITEBACK));
}
