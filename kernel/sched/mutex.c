/* SPDX-License-Identifier: MIT */
/*
 * Mutexes.
 *
 * owner is the owning thread's address with two flag bits, or 0 when free:
 *
 *	MUTEX_WAITERS	the list is not empty: unlock takes the slow path
 *	MUTEX_HANDOFF	the first waiter lost its turn before: unlock gives the
 *			mutex to it by name
 *
 * Uncontended lock and unlock are one compare-and-swap each. A contended lock
 * spins as long as the owner runs on another CPU, then queues. Unlock frees
 * the mutex and wakes the first waiter; a passer-by may take it before that
 * one has woken up - that keeps the mutex busy - but only once, then the waiter
 * asks for a hand-off. So waiters are served in order, with one overtaker each
 * at most by luck of timing.
 *
 * Flags and list change under waiters.lock only. The spinner never follows the
 * owner pointer (that thread may be gone): it compares it with what runs on
 * the CPUs.
 */
#include <abi/errno.h>
#include <core/irq.h>
#include <sched/mutex.h>

#include "lockrank.h"
#include "rq.h"

#define MUTEX_WAITERS	1UL
#define MUTEX_HANDOFF	2UL
#define MUTEX_FLAGS	3UL

struct mutex_waiter {
	struct list_head link;
	struct thread *thread;
};

void
mutex_init(struct mutex *m, enum lock_rank rank)
{
	m->owner = 0;
	waitq_init(&m->waiters);
	m->rank = rank;
}

static __always_inline bool
mutex_try_fast(struct mutex *m)
{
	u64 none = 0;

	return __atomic_compare_exchange_n(&m->owner, &none,
			(u64)current_thread, false,
			__ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

#if CONFIG_SMP
static int
cpu_running(u64 owner)
{
	for_each_cpu(c)
		if ((u64)sched_curr(c) == owner)
			return (int)c;
	return -1;
}

/* true: got it. Gives up when the owner sleeps or somebody queued. */
static bool
mutex_spin(struct mutex *m)
{
	if (nr_cpus == 1)
		return false;
	while (!need_resched()) {
		u64 owner = READ_ONCE(m->owner);
		int cpu;

		if (owner & MUTEX_FLAGS)
			return false;
		if (!owner) {
			if (mutex_try_fast(m))
				return true;
			continue;
		}
		cpu = cpu_running(owner);
		if (cpu < 0)
			return false;
		while (READ_ONCE(m->owner) == owner && !need_resched() &&
		       (u64)sched_curr(cpu) == owner)
			cpu_relax();
	}
	return false;
}
#else
static bool
mutex_spin(struct mutex *m)
{
	return false;
}
#endif

/* waiters.lock held, w is queued; true: the mutex is ours */
static bool
mutex_try_queued(struct mutex *m, struct mutex_waiter *w, bool insist)
{
	u64 me = (u64)w->thread, o = READ_ONCE(m->owner), n;
	bool first = list_is_first(&w->link, &m->waiters.head);

	for (;;) {
		if ((o & ~MUTEX_FLAGS) == me)
			return true;		/* handed over */
		if (!(o & ~MUTEX_FLAGS))
			n = me | MUTEX_WAITERS;	/* mutex_leave() corrects it */
		else
			n = o | MUTEX_WAITERS |
				(insist && first ? MUTEX_HANDOFF : 0);
		if (n == o || __atomic_compare_exchange_n(&m->owner, &o, n,
				false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return !(o & ~MUTEX_FLAGS);
	}
}

/* w goes; the owner's flags are brought in line with the list */
static void
mutex_leave(struct mutex *m, struct mutex_waiter *w)
{
	list_del(&w->link);
	if (list_empty(&m->waiters.head))
		atomic_and(&m->owner, ~MUTEX_FLAGS);
}

static int __noinline
mutex_lock_slow(struct mutex *m, u32 state)
{
	struct mutex_waiter w = { .thread = current_thread };
	bool insist = false;
	int err = 0;

	if (mutex_spin(m))
		return 0;
	spin_lock_irq(&m->waiters.lock);
	list_add_tail(&w.link, &m->waiters.head);
	for (;;) {
		/* try first: who is woken and leaves for a signal would
		 * otherwise swallow the wake-up */
		if (mutex_try_queued(m, &w, insist))
			break;
		if ((state & TS_INTERRUPTIBLE) && signal_pending_current()) {
			err = -ERESTARTSYS;
			break;
		}
		/* unlock looks at the list under the lock: no barrier needed */
		WRITE_ONCE(w.thread->state, state);
		spin_unlock_irq(&m->waiters.lock);
		schedule();
		spin_lock_irq(&m->waiters.lock);
		insist = true;
	}
	WRITE_ONCE(w.thread->state, TS_RUNNING);
	mutex_leave(m, &w);
	spin_unlock_irq(&m->waiters.lock);
	return err;
}

void
mutex_lock(struct mutex *m)
{
	assert_can_sleep();
	lock_acquire(m, m->rank, false);
	if (unlikely(!mutex_try_fast(m)))
		(void)mutex_lock_slow(m, TS_UNINTERRUPTIBLE);
}

void
mutex_lock_nested(struct mutex *m)
{
	assert_can_sleep();
	lock_acquire(m, m->rank, true);
	if (unlikely(!mutex_try_fast(m)))
		(void)mutex_lock_slow(m, TS_UNINTERRUPTIBLE);
}

int
mutex_lock_intr(struct mutex *m)
{
	int err = 0;

	assert_can_sleep();
	lock_acquire(m, m->rank, false);
	if (unlikely(!mutex_try_fast(m))) {
		err = mutex_lock_slow(m, TS_INTERRUPTIBLE);
		if (err)
			lock_release(m);
	}
	return err;
}

bool
mutex_trylock(struct mutex *m)
{
	if (!mutex_try_fast(m))
		return false;
	lock_acquire(m, m->rank, true);
	return true;
}

static void __noinline
mutex_unlock_slow(struct mutex *m)
{
	unsigned long f = spin_lock_irqsave(&m->waiters.lock);
	u64 o = READ_ONCE(m->owner), next = 0;
	struct mutex_waiter *w;

	ASSERT((o & ~MUTEX_FLAGS) == (u64)current_thread);
	/* nobody else writes owner: it is taken, and its flags are ours */
	w = list_first_entry_or_null(&m->waiters.head, struct mutex_waiter,
				     link);
	if (w) {
		next = MUTEX_WAITERS;
		if (o & MUTEX_HANDOFF)
			next |= (u64)w->thread;
	}
	__atomic_store_n(&m->owner, next, __ATOMIC_RELEASE);
	if (w)
		thread_wake(w->thread);
	spin_unlock_irqrestore(&m->waiters.lock, f);
}

void
mutex_unlock(struct mutex *m)
{
	u64 me = (u64)current_thread;

	lock_release(m);
	if (unlikely(!__atomic_compare_exchange_n(&m->owner, &me, 0, false,
			__ATOMIC_RELEASE, __ATOMIC_RELAXED)))
		mutex_unlock_slow(m);
}

bool
mutex_held(const struct mutex *m)
{
	return (READ_ONCE(m->owner) & ~MUTEX_FLAGS) == (u64)current_thread;
}
