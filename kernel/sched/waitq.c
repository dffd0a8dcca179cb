/* SPDX-License-Identifier: MIT */
/*
 * Wait queues, hashed wait queues, completions.
 *
 * A queue is a list under a spin lock; waiters for one wake-up at a time
 * (exclusive) stand at the end, the others in front, so that a waker passes all
 * of these and then as many of those as it wants. An entry made by
 * waitq_prepare() is taken off by the wake-up itself, so a woken thread as a
 * rule returns from waitq_finish() without the lock; one from waitq_add()
 * stays until waitq_del().
 *
 * Memory order of sleeping: state is written before the queue lock is taken,
 * whose locked instruction is the full barrier; the condition is tested after.
 * See core.c for the waker's half and waitq_active() for the third.
 */
#include <lib/hash.h>
#include <sched/waitq.h>

#include "rq.h"

#define WAITQ_HASH_BITS	7

static struct waitq waitq_table[1 << WAITQ_HASH_BITS];

void
waitq_init(struct waitq *q)
{
	spin_init(&q->lock, RANK_WAITQ);
	list_init(&q->head);
}

void
waitq_add(struct waitq *q, struct waitq_entry *e)
{
	unsigned long f = spin_lock_irqsave(&q->lock);

	e->flags &= ~(WQ_EXCLUSIVE | WQ_AUTOREMOVE);
	list_add(&e->link, &q->head);
	spin_unlock_irqrestore(&q->lock, f);
	smp_mb();		/* before the caller's test: see waitq_active() */
}

void
waitq_add_exclusive(struct waitq *q, struct waitq_entry *e)
{
	unsigned long f = spin_lock_irqsave(&q->lock);

	e->flags = (e->flags & ~WQ_AUTOREMOVE) | WQ_EXCLUSIVE;
	list_add_tail(&e->link, &q->head);
	spin_unlock_irqrestore(&q->lock, f);
	smp_mb();
}

void
waitq_del(struct waitq *q, struct waitq_entry *e)
{
	unsigned long f = spin_lock_irqsave(&q->lock);

	list_del_init(&e->link);
	spin_unlock_irqrestore(&q->lock, f);
}

void
waitq_prepare(struct waitq *q, struct waitq_entry *e, u32 state)
{
	unsigned long f;

	WRITE_ONCE(e->thread->state, state);
	f = spin_lock_irqsave(&q->lock);
	if (list_empty(&e->link)) {
		e->flags |= WQ_AUTOREMOVE;
		if (e->flags & WQ_EXCLUSIVE)
			list_add_tail(&e->link, &q->head);
		else
			list_add(&e->link, &q->head);
	}
	spin_unlock_irqrestore(&q->lock, f);
}

void
waitq_finish(struct waitq *q, struct waitq_entry *e)
{
	WRITE_ONCE(e->thread->state, TS_RUNNING);
	/*
	 * Both pointers: a waker that is taking us off writes next, then prev,
	 * and does not touch the entry again.
	 */
	if (READ_ONCE(e->link.next) != &e->link ||
	    READ_ONCE(e->link.prev) != &e->link)
		waitq_del(q, e);
}

static __always_inline void
wake_locked(struct waitq *q, int nr, unsigned long key, bool sync)
{
	struct waitq_entry *e, *n;

	list_for_each_entry_safe(e, n, &q->head, link) {
		u32 flags = e->flags;
		bool woke;

		if (e->func)
			woke = e->func(e, key);
		else if (sync)
			woke = thread_wake_sync(e->thread);
		else
			woke = thread_wake(e->thread);
		if (!woke)
			continue;
		if (flags & WQ_AUTOREMOVE)
			list_del_init(&e->link);
		if ((flags & WQ_EXCLUSIVE) && --nr == 0)
			break;
	}
}

void
waitq_wake(struct waitq *q, int nr, unsigned long key)
{
	unsigned long f = spin_lock_irqsave(&q->lock);

	wake_locked(q, nr, key, false);
	spin_unlock_irqrestore(&q->lock, f);
}

void
waitq_wake_one_sync(struct waitq *q, unsigned long key)
{
	unsigned long f = spin_lock_irqsave(&q->lock);

	wake_locked(q, 1, key, true);
	spin_unlock_irqrestore(&q->lock, f);
}

void
waitq_hash_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(waitq_table); i++)
		waitq_init(&waitq_table[i]);
}

struct waitq *
waitq_hashed(const void *addr)
{
	return &waitq_table[hash_ptr(addr, WAITQ_HASH_BITS)];
}

void
completion_init(struct completion *c)
{
	c->done = false;
	waitq_init(&c->q);
}

/*
 * The completion may be on a waiter's stack: a waiter must not return while
 * completion_done() still works on it, so done is written and read under the
 * lock.
 */
void
completion_done(struct completion *c)
{
	unsigned long f = spin_lock_irqsave(&c->q.lock);

	c->done = true;
	wake_locked(&c->q, 0, 0, false);
	spin_unlock_irqrestore(&c->q.lock, f);
}

static bool
completion_is_done(struct completion *c)
{
	unsigned long f = spin_lock_irqsave(&c->q.lock);
	bool done = c->done;

	spin_unlock_irqrestore(&c->q.lock, f);
	return done;
}

void
completion_wait(struct completion *c)
{
	wait_event(&c->q, completion_is_done(c));
}

int
completion_wait_killable(struct completion *c)
{
	return wait_event_killable(&c->q, completion_is_done(c));
}
