/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update.
 *
 * call_rcu() pushes on a list of its CPU, with interrupts off and nothing
 * else. The CPU's tick (or synchronize_rcu(), rcu_barrier()) moves that list
 * to the global one and wakes the rcu thread; an idle CPU keeps its tick until
 * that has happened. The thread takes all of the global list, waits for one
 * grace period, and runs the callbacks, in T.
 *
 * A grace period ends when each CPU has passed a point outside any reader:
 * it switched threads or ticked in user mode (rq->rcu_passes changed), or it
 * idles (rq->rcu_idle). Readers do not sleep, so on one CPU there is nothing to
 * wait for: that the rcu thread runs is proof enough, and synchronize_rcu() is
 * empty.
 *
 * Order. A CPU that passes writes rcu_passes, then executes a locked
 * instruction (the queue lock) before it reads anything as a reader again; the
 * thread has a full barrier between taking the list and reading the counters.
 * So a reader that could still see a removed object makes its CPU's counter
 * look unchanged. TSO orders the reader's loads before the counter's store.
 *
 * CPUs that have not passed after two ticks, or at once when somebody waits in
 * synchronize_rcu(), are made to reschedule.
 */
#include <arch/irqflags.h>
#include <sched/rcu.h>
#include <sched/waitq.h>

#include "rq.h"

#define RCU_FN_OFFSET_MAX 4096UL	/* a fn below: offset for kfree_rcu */
#define RCU_POLL_NS	NSEC_PER_MSEC

struct rcu_list { struct rcu_head *head, *last; };

static DEFINE_PERCPU(struct rcu_list, rcu_new);	/* irqs off, own CPU */

static struct spinlock rcu_lock = SPINLOCK_INIT(RANK_TIMER);
static struct rcu_list rcu_waiting;	/* rcu_lock */
static atomic_t rcu_urgent;		/* waiters in synchronize_rcu() */
static struct waitq rcu_wq;
static struct thread *rcu_thread;
static void (*rcu_free)(const void *p);

void
rcu_init(void)
{
	waitq_init(&rcu_wq);
}

void
rcu_set_free(void (*fn)(const void *p))
{
	rcu_free = fn;
}

static void
rcu_append(struct rcu_list *l, struct rcu_head *first, struct rcu_head *last)
{
	if (l->head)
		l->last->next = first;
	else
		l->head = first;
	l->last = last;
}

void
call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *h))
{
	unsigned long f;

	h->fn = fn;
	h->next = NULL;
	f = irq_save();
	rcu_append(this_cpu_ptr(rcu_new), h, h);
	irq_restore(f);
}

void
kfree_rcu(void *p, struct rcu_head *h)
{
	unsigned long offset = (char *)h - (char *)p;

	ASSERT(offset < RCU_FN_OFFSET_MAX);
	call_rcu(h, (void (*)(struct rcu_head *))offset);
}

bool
rcu_cpu_pending(void)
{
	return this_cpu_ptr(rcu_new)->head != NULL;
}

/* this CPU's callbacks to the global list; irqs off */
static void
rcu_hand_over(void *unused)
{
	struct rcu_list *l = this_cpu_ptr(rcu_new);

	if (!l->head)
		return;
	spin_lock(&rcu_lock);
	rcu_append(&rcu_waiting, l->head, l->last);
	spin_unlock(&rcu_lock);
	l->head = NULL;
	waitq_wake_one(&rcu_wq);
}

void
rcu_quiescent(void)
{
	struct rq *rq = this_rq();

	WRITE_ONCE(rq->rcu_passes, rq->rcu_passes + 1);
	smp_mb();
}

void
rcu_tick(bool quiescent)
{
	struct rq *rq = this_rq();

	if (quiescent)		/* the tick takes the queue lock next */
		WRITE_ONCE(rq->rcu_passes, rq->rcu_passes + 1);
	if (unlikely(rcu_cpu_pending()))
		rcu_hand_over(NULL);
}

#if CONFIG_SMP
static bool
rcu_passed(unsigned int cpu, u64 before)
{
	const struct rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->rcu_passes) != before || READ_ONCE(rq->rcu_idle);
}

static void
rcu_wait_grace_period(void)
{
	static u64 before[CONFIG_MAX_CPUS];	/* rcu thread only */
	unsigned int n = nr_cpus, cpu = 0;

	if (n == 1)
		return;
	smp_mb();
	for (unsigned int c = 0; c < n; c++)
		before[c] = READ_ONCE(cpu_rq(c)->rcu_passes);
	before[cpu_id()]--;			/* here we are: passed */
	for (unsigned int round = 0; cpu < n; round++) {
		bool kick = round == 2 * SCHED_TICK_NS / RCU_POLL_NS ||
			    (round == 0 && atomic_read(&rcu_urgent));

		while (cpu < n && rcu_passed(cpu, before[cpu]))
			cpu++;
		if (cpu == n)
			break;
		if (kick)
			for (unsigned int c = cpu; c < n; c++)
				if (!rcu_passed(c, before[c]))
					sched_kick_cpu(c);
		set_state(TS_INTERRUPTIBLE);
		schedule_until(clock_mono_ns() + RCU_POLL_NS);
	}
	smp_mb();
}
#else
static void
rcu_wait_grace_period(void)
{
}
#endif

static void
rcu_run(struct rcu_head *h)
{
	while (h) {
		struct rcu_head *next = h->next;
		unsigned long fn = (unsigned long)h->fn;

		if (fn < RCU_FN_OFFSET_MAX)
			rcu_free((char *)h - fn);
		else
			h->fn(h);
		h = next;
		cond_resched();
	}
}

void __noreturn
rcu_thread_main(void *unused)
{
	ASSERT(rcu_free);
	rcu_thread = current_thread;
	for (;;) {
		struct rcu_head *h;

		(void)wait_event_intr(&rcu_wq, READ_ONCE(rcu_waiting.head));
		spin_lock_irq(&rcu_lock);
		h = rcu_waiting.head;
		rcu_waiting.head = NULL;
		spin_unlock_irq(&rcu_lock);
		rcu_wait_grace_period();
		rcu_run(h);
	}
}

struct rcu_sync {
	struct rcu_head h;
	struct completion done;
};

static void
rcu_sync_done(struct rcu_head *h)
{
	completion_done(&container_of(h, struct rcu_sync, h)->done);
}

static void
rcu_wait_callback(void)
{
	struct rcu_sync s;

	completion_init(&s.done);
	call_rcu(&s.h, rcu_sync_done);
	irq_disable();
	rcu_hand_over(NULL);
	irq_enable();
	completion_wait(&s.done);
}

void
synchronize_rcu(void)
{
	assert_can_sleep();
	if (nr_cpus == 1) {
		barrier();
		return;
	}
	atomic_inc(&rcu_urgent);
	rcu_wait_callback();
	atomic_dec(&rcu_urgent);
}

void
rcu_barrier(void)
{
	assert_can_sleep();
	ASSERT(rcu_thread && current_thread != rcu_thread);
#if CONFIG_SMP
	if (nr_cpus > 1)
		smp_call(cpu_online_mask, rcu_hand_over, NULL);
#endif
	/* the list is served in order, so ours is behind all of them */
	atomic_inc(&rcu_urgent);
	rcu_wait_callback();
	atomic_dec(&rcu_urgent);
}
