/* SPDX-License-Identifier: MIT */
/*
 * Wait queues. A waiter puts itself on the queue, sets its state, tests the
 * condition and sleeps; wakers change the condition first, then wake. An
 * entry with its own func serves poll, epoll and hand-off.
 */
#ifndef SCHED_WAITQ_H
#define SCHED_WAITQ_H

#include <abi/errno.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <lib/list.h>
#include <sched/sched.h>

struct waitq {
	struct spinlock lock;		/* rank waitq, irqsave */
	struct list_head head;
};

struct waitq_entry {
	struct list_head link;
	struct thread *thread;
	/*
	 * Wake this waiter; queue lock held, irqs off. @key: what happened
	 * (poll events) or 0 for all. Returns true when one exclusive waiter
	 * was served. NULL: thread_wake. With POLLFREE in @key the queue goes
	 * away: an entry that may outlive it takes itself off and forgets the
	 * queue, whose memory stays for an RCU period.
	 */
	bool (*func)(struct waitq_entry *e, unsigned long key);
	u32 flags;			/* WQ_* */
};
#define WQ_EXCLUSIVE	BIT(0)
#define WQ_AUTOREMOVE	BIT(1)	/* waking takes it off; set by waitq_prepare */

#define WAITQ_INIT(n)	{ .lock = SPINLOCK_INIT(RANK_WAITQ), \
			  .head = LIST_HEAD_INIT((n).head) }
void waitq_init(struct waitq *q);

/*
 * waitq_active - might somebody wait? smp_mb() before, by the caller. A sleeper
 * tests its condition after the locked instruction that took q->lock, maybe
 * before its list entry is visible; so a lock that is held counts as active.
 */
static __always_inline bool
waitq_active(const struct waitq *q)
{
#if CONFIG_SMP
	u32 w = READ_ONCE(q->lock.word);

	if (unlikely((u16)w != (u16)(w >> 16)))
		return true;
#endif
	return !list_empty(&q->head);
}

static __always_inline void
waitq_entry_init(struct waitq_entry *e)		/* for the current thread */
{
	*e = (struct waitq_entry){ .link = LIST_HEAD_INIT(e->link),
				   .thread = current_thread };
}
void waitq_add(struct waitq *q, struct waitq_entry *e);
void waitq_add_exclusive(struct waitq *q, struct waitq_entry *e);	/* tail */
void waitq_del(struct waitq *q, struct waitq_entry *e);	/* no-op if off */
/* waitq_wake - non-exclusive all, exclusive up to nr (0 = all). Any context. */
void waitq_wake(struct waitq *q, int nr, unsigned long key);
#define waitq_wake_one(q)	waitq_wake((q), 1, 0)
#define waitq_wake_all(q)	waitq_wake((q), 0, 0)
#define waitq_wake_key(q, k)	waitq_wake((q), 1, (k))
/* waitq_wake_one_sync - the waker sleeps next: run the woken here. */
void waitq_wake_one_sync(struct waitq *q, unsigned long key);

/* prepare/finish: set state and queue e; finish restores TS_RUNNING. */
void waitq_prepare(struct waitq *q, struct waitq_entry *e, u32 state);
void waitq_finish(struct waitq *q, struct waitq_entry *e);

/* signal_pending_current - a signal is to be handled (filled by task). */
static __always_inline bool
signal_pending_current(void)
{
	return tif_test(current_thread, TIF_SIGPENDING);
}
bool fatal_signal_pending_current(void);	/* SIGKILL; task/signal.c */

/*
 * Returns 0 when cond holds, -ERESTARTSYS on a signal, -ETIMEDOUT. Who leaves
 * for a signal or its deadline may in the same moment be chosen as the one
 * exclusive waiter to wake, which no other then is: so an exclusive one looks
 * again once it is off the queue, and takes what came.
 */
#define wait_event_common(q, cond, state, deadline, excl) ({ \
	int wr_ = 0; \
	if (!(cond)) { \
		struct waitq_entry we_ = { .link = LIST_HEAD_INIT(we_.link), \
			.thread = current_thread, .flags = (excl) }; \
		for (;;) { \
			waitq_prepare((q), &we_, (state)); \
			if (cond) \
				break; \
			if (((state) & TS_INTERRUPTIBLE) && \
			    signal_pending_current()) { \
				wr_ = -ERESTARTSYS; \
				break; \
			} \
			if (((state) & TS_KILLABLE) && \
			    fatal_signal_pending_current()) { \
				wr_ = -EINTR; \
				break; \
			} \
			if ((deadline) == NSEC_MAX) { \
				schedule(); \
			} else if (schedule_until(deadline)) { \
				wr_ = -ETIMEDOUT; \
				break; \
			} \
		} \
		waitq_finish((q), &we_); \
		if (unlikely(wr_) && ((excl) || wr_ == -ETIMEDOUT) && (cond)) \
			wr_ = 0; \
	} \
	wr_; })

#define wait_event(q, cond) \
	(void)wait_event_common(q, cond, TS_UNINTERRUPTIBLE, NSEC_MAX, 0)
#define wait_event_intr(q, cond) \
	wait_event_common(q, cond, TS_INTERRUPTIBLE, NSEC_MAX, 0)
#define wait_event_intr_excl(q, cond) \
	wait_event_common(q, cond, TS_INTERRUPTIBLE, NSEC_MAX, WQ_EXCLUSIVE)
#define wait_event_killable(q, cond) \
	wait_event_common(q, cond, TS_UNINTERRUPTIBLE | TS_KILLABLE, NSEC_MAX, 0)
#define wait_event_timeout(q, cond, deadline) \
	wait_event_common(q, cond, TS_UNINTERRUPTIBLE, deadline, 0)
#define wait_event_intr_timeout(q, cond, deadline) \
	wait_event_common(q, cond, TS_INTERRUPTIBLE, deadline, 0)

/*
 * One-page wait on a bit or word without a queue in the object: hashed queues.
 * Used for page locks and for vfork and similar.
 */
struct waitq *waitq_hashed(const void *addr);

/* Done once, stays done; any number of waiters. May live on a waiter's stack. */
struct completion { bool done; struct waitq q; };
#define COMPLETION_INIT(n) { .done = false, .q = WAITQ_INIT((n).q) }
void completion_init(struct completion *c);
void completion_wait(struct completion *c);
int __must_check completion_wait_killable(struct completion *c);	/* or -EINTR */
void completion_done(struct completion *c);	/* any context */

#endif
