/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer semaphores.
 *
 * count = readers * RW_READER + RW_WAITERS (the queue is not empty)
 *	 + RW_WRITER (a writer has it).
 *
 * A reader adds itself with one locked instruction and is in if no flag was
 * set; else it takes itself out and queues. A writer is in if it can swap 0
 * for RW_WRITER. Because a waiting writer sets RW_WAITERS, new readers queue
 * behind it: the queue is served in order, all readers at its head together.
 *
 * Whoever releases last while RW_WAITERS is set grants from the queue
 * (rwsem_grant, under waiters.lock): it changes count for the waiters it
 * picked and marks them granted, so a woken waiter already holds the lock. A
 * reader on its way out of a failed attempt makes count look busy for a
 * moment; it therefore grants too, when it has queued.
 */
#include <abi/errno.h>
#include <core/irq.h>
#include <sched/mutex.h>

#include "lockrank.h"
#include "rq.h"

#define RW_WRITER	1L
#define RW_WAITERS	2L
#define RW_FLAGS	3L
#define RW_READER	4L

struct rw_waiter {
	struct list_head link;
	struct thread *thread;
	bool writer;
	bool granted;			/* waiters.lock */
};

void
rwsem_init(struct rwsem *s, enum lock_rank rank)
{
	s->count = 0;
	waitq_init(&s->waiters);
	s->rank = rank;
}

static void
grant_one(struct rw_waiter *w)
{
	list_del_init(&w->link);
	w->granted = true;
	thread_wake(w->thread);
}

/* waiters.lock held: let in who may come in now */
static void
rwsem_grant(struct rwsem *s)
{
	struct rw_waiter *w;
	s64 c;

	while (!list_empty(&s->waiters.head)) {
		w = list_first_entry(&s->waiters.head, struct rw_waiter, link);
		if (w->writer) {
			c = RW_WAITERS;
			if (!__atomic_compare_exchange_n(&s->count, &c,
					RW_WAITERS | RW_WRITER, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
				return;
			grant_one(w);
			break;
		}
		c = __atomic_add_fetch(&s->count, RW_READER, __ATOMIC_SEQ_CST);
		if (c & RW_WRITER) {
			__atomic_sub_fetch(&s->count, RW_READER,
					   __ATOMIC_SEQ_CST);
			return;
		}
		grant_one(w);
	}
	if (list_empty(&s->waiters.head))
		__atomic_and_fetch(&s->count, ~RW_WAITERS, __ATOMIC_SEQ_CST);
}

static void __noinline
rwsem_wake(struct rwsem *s)
{
	unsigned long f = spin_lock_irqsave(&s->waiters.lock);

	rwsem_grant(s);
	spin_unlock_irqrestore(&s->waiters.lock, f);
}

/* queue and sleep until granted; a reader has undone its attempt before */
static int __noinline
rwsem_wait(struct rwsem *s, bool writer, u32 state)
{
	struct rw_waiter w = { .thread = current_thread, .writer = writer };
	int err = 0;

	spin_lock_irq(&s->waiters.lock);
	list_add_tail(&w.link, &s->waiters.head);
	__atomic_or_fetch(&s->count, RW_WAITERS, __ATOMIC_SEQ_CST);
	rwsem_grant(s);
	while (!w.granted) {
		if ((state & TS_KILLABLE) && fatal_signal_pending_current()) {
			list_del(&w.link);
			err = -EINTR;
			if (list_empty(&s->waiters.head))
				__atomic_and_fetch(&s->count, ~RW_WAITERS,
						   __ATOMIC_SEQ_CST);
			else
				rwsem_grant(s);	/* we were in the way */
			break;
		}
		WRITE_ONCE(w.thread->state, state);
		spin_unlock_irq(&s->waiters.lock);
		schedule();
		spin_lock_irq(&s->waiters.lock);
	}
	WRITE_ONCE(w.thread->state, TS_RUNNING);
	spin_unlock_irq(&s->waiters.lock);
	return err;
}

void
rwsem_read_lock(struct rwsem *s)
{
	s64 c;

	assert_can_sleep();
	lock_acquire(s, s->rank, false);
	c = __atomic_add_fetch(&s->count, RW_READER, __ATOMIC_ACQUIRE);
	if (unlikely(c & RW_FLAGS)) {
		__atomic_sub_fetch(&s->count, RW_READER, __ATOMIC_SEQ_CST);
		(void)rwsem_wait(s, false, TS_UNINTERRUPTIBLE);
	}
}

bool
rwsem_read_trylock(struct rwsem *s)
{
	s64 c = READ_ONCE(s->count);

	do {
		if (c & RW_FLAGS)
			return false;
	} while (!__atomic_compare_exchange_n(&s->count, &c, c + RW_READER,
			false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	lock_acquire(s, s->rank, true);
	return true;
}

void
rwsem_read_unlock(struct rwsem *s)
{
	s64 c;

	lock_release(s);
	c = __atomic_sub_fetch(&s->count, RW_READER, __ATOMIC_RELEASE);
	if (unlikely(c == RW_WAITERS))
		rwsem_wake(s);
}

static __always_inline bool
write_try_fast(struct rwsem *s)
{
	s64 none = 0;

	return __atomic_compare_exchange_n(&s->count, &none, RW_WRITER, false,
			__ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void
rwsem_write_lock(struct rwsem *s)
{
	assert_can_sleep();
	lock_acquire(s, s->rank, false);
	if (unlikely(!write_try_fast(s)))
		(void)rwsem_wait(s, true, TS_UNINTERRUPTIBLE);
}

void
rwsem_write_lock_nested(struct rwsem *s)
{
	assert_can_sleep();
	lock_acquire(s, s->rank, true);
	if (unlikely(!write_try_fast(s)))
		(void)rwsem_wait(s, true, TS_UNINTERRUPTIBLE);
}

int
rwsem_write_lock_killable(struct rwsem *s)
{
	int err = 0;

	assert_can_sleep();
	lock_acquire(s, s->rank, false);
	if (unlikely(!write_try_fast(s))) {
		err = rwsem_wait(s, true, TS_UNINTERRUPTIBLE | TS_KILLABLE);
		if (err)
			lock_release(s);
	}
	return err;
}

bool
rwsem_write_trylock(struct rwsem *s)
{
	if (!write_try_fast(s))
		return false;
	lock_acquire(s, s->rank, true);
	return true;
}

void
rwsem_write_unlock(struct rwsem *s)
{
	s64 c;

	lock_release(s);
	c = __atomic_sub_fetch(&s->count, RW_WRITER, __ATOMIC_RELEASE);
	if (unlikely(c & RW_WAITERS))
		rwsem_wake(s);
}

void
rwsem_downgrade(struct rwsem *s)
{
	s64 c = __atomic_add_fetch(&s->count, RW_READER - RW_WRITER,
				   __ATOMIC_SEQ_CST);

	if (unlikely(c & RW_WAITERS))
		rwsem_wake(s);
}

bool
rwsem_held(const struct rwsem *s)
{
	return (READ_ONCE(s->count) & ~RW_WAITERS) != 0;
}
