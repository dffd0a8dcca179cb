/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's core: giving up the CPU, waking, starting and ending
 * threads. Queues are in runqueue.c, placement in balance.c.
 *
 * A thread is, seen under the lock of the queue t->cpu names:
 *
 *	running		rq->curr == t, on_rq, on_cpu
 *	queued		on_rq, in the fair or RT queue
 *	asleep		!on_rq, state != TS_RUNNING; its registers are saved
 *	moving		!on_rq, state == TS_RUNNING: between two queues, owned by
 *			who detached it, who will attach it (no lock is held
 *			meanwhile; t->cpu already names the new queue)
 *	new		TS_NEW until sched_wake_new()
 *	dead		TS_DEAD
 *
 * t->cpu changes only under the lock of the queue it names before the change,
 * so thread_rq_lock() can lock, look again, and be sure. No two queue locks
 * are ever held together.
 *
 * t->state is written by t itself without the lock (set_state) and by wakers
 * with it. A running thread announces that it is going to sleep by its state
 * alone, so a waker that finds state set and on_rq still set just resets the
 * state - by compare-and-swap, for t may meanwhile have gone on to another,
 * special state.
 *
 * Hand-over. schedule() takes its queue's lock with interrupts off, decides,
 * and keeps the lock over arch_switch(); who runs next drops it on its own
 * stack, in finish_switch() (a new thread: thread_start()). A waker that got
 * the lock therefore never sees a sleeper that is half switched out, and may
 * put it on any queue at once. What has to wait until prev is off its stack
 * (freeing it, taking it to another CPU) is left in rq->after.
 *
 * No lost wake-up: a sleeper writes its state, passes a full barrier (set_state,
 * or the locked instruction of the wait queue's lock), then tests its
 * condition. A waker changes the condition, then takes the queue lock (a full
 * barrier), then reads the state. A signal is such a condition too: its sender
 * sets TIF_SIGPENDING, then wakes; schedule() looks at the flag under the lock.
 *
 * No lost kick: the CPU that takes t writes t->on_cpu under its lock, and t
 * reads its flags on the way to user mode. Who sets a flag and then, having
 * passed through that lock in thread_wake(), finds on_cpu clear, set it before t
 * came, so t sees it; else t's CPU gets an interrupt. x86 delays no store past
 * the one that releases the lock.
 *
 * An idle CPU has curr == idle; to wake it, TIF_NEED_RESCHED is set on the idle
 * thread, with an interrupt when it is not this CPU. The kernel is not
 * preemptible: the flag acts at the return to user mode, in cond_resched() and
 * in the idle loop.
 *
 * The idle thread counts as on_rq and never blocks; should the boot flow, which
 * is one, wait for something, schedule() lets others run and returns at once, a
 * spurious wake-up to the caller's loop.
 */
#include <arch/fpu.h>
#include <arch/irqflags.h>
#include <arch/tlb.h>
#include <core/irq.h>
#include <lib/string.h>
#include <sched/rcu.h>

#include "rq.h"

enum switch_mode { SWITCH_SLEEP, SWITCH_PREEMPT, SWITCH_YIELD };

struct idle_slot {
	struct thread thread;
	u8 room[IDLE_TASK_ROOM];
};

/* The boot CPU runs on the image's own copies: these hold from the start. */
DEFINE_PERCPU(struct idle_slot, idle_slot) = {
	.thread = { .on_cpu = true, .kernel_only = true, .comm = "swapper/0" },
};
DEFINE_PERCPU(struct thread *, cur_thread) = &idle_slot.thread;
DEFINE_PERCPU(struct rq, runqueue);

static void (*dead_hook)(struct thread *dead);

/* -- the switch ------------------------------------------------------------ */

static __noinline void
switch_after(struct thread *t)
{
	unsigned long f;

	if (t->state == TS_DEAD) {
		if (dead_hook)
			dead_hook(t);
		return;
	}
	f = irq_save();
	rq_attach(t);
	irq_restore(f);
}

static __always_inline void
finish_switch(void)
{
	struct rq *rq = this_rq();	/* again: we may have moved */
	struct thread *after = rq->after;

	smp_store_release(&rq->prev->on_cpu, false);
	if (unlikely(after))
		rq->after = NULL;
	spin_unlock_irq(&rq->lock);
	if (unlikely(after))
		switch_after(after);
}

void
thread_start(struct thread *prev)
{
	(void)prev;
	finish_switch();
}

static __always_inline struct thread *
pick_next(struct rq *rq)
{
	if (unlikely(rq->nr_rt) && !(rq->rt_throttled && rq->first)) {
		struct thread *t = rt_highest(rq);

		rt_dequeue(rq, t);
		return t;
	}
	if (likely(rq->first))
		return se_thread(fair_take_first(rq));
	return rq->idle;
}

/* prev stays runnable */
static __always_inline void
put_prev(struct rq *rq, struct thread *prev, unsigned int mode)
{
	if (unlikely(prev->migrate) && prev->state == TS_RUNNING) {
		rq->nr_running--;
		prev->se.on_rq = false;
		prev->se.vruntime -= rq->min_vruntime;
		prev->migrate = false;
		rq->after = prev;	/* rq_attach() finds where to */
		return;
	}
	if (likely(prev->se.class == SC_FAIR)) {
		if (mode == SWITCH_YIELD && rq->first &&
		    vruntime_before(prev->se.vruntime, rq->first->vruntime))
			prev->se.vruntime = rq->first->vruntime;
		fair_enqueue(rq, &prev->se);
	} else if (prev->se.class == SC_RT) {
		rt_enqueue(rq, prev, prev->rt_tail || mode == SWITCH_YIELD);
		prev->rt_tail = false;
	}
}

static __always_inline void
block_prev(struct rq *rq, struct thread *prev, u32 state)
{
	rq->nr_running--;
	prev->se.on_rq = false;
	if (state & TS_UNINTERRUPTIBLE && !prev->kernel_only)
		rq->nr_blocked++;
	if (unlikely(state == TS_DEAD))
		rq->after = prev;
}

static __always_inline void
context_switch(struct rq *rq, struct thread *prev, struct thread *next)
{
	rq->prev = prev;
	rq->curr = next;
	rq->curr_class = next->se.class;
	rq->nr_switches++;
	next->on_cpu = true;
	this_cpu(cur_thread) = next;
	if (!prev->kernel_only)
		fpu_switch_out(prev);
	if (unlikely(prev->rseq))
		tif_set(prev, TIF_RSEQ);
	if (next->mm_arch != prev->mm_arch)
		mm_arch_switch(next->mm_arch);
	arch_switch(prev, next);
	finish_switch();
}

static __noinline void
switch_threads(unsigned int mode)
{
	struct thread *prev = current_thread, *next;
	struct rq *rq;
	u32 state;
	u64 now;

	irq_disable();
	rq = this_rq();
	/* the lock is the full barrier that rcu.c wants behind this */
	WRITE_ONCE(rq->rcu_passes, rq->rcu_passes + 1);
	spin_lock(&rq->lock);
	now = sched_clock_ns();
	rq_update_curr(rq, prev, now);
	if (tif_test(prev, TIF_NEED_RESCHED))
		tif_clear(prev, TIF_NEED_RESCHED);

	state = READ_ONCE(prev->state);
	if (state == TS_RUNNING || mode != SWITCH_SLEEP) {
		put_prev(rq, prev, mode);
	} else if ((state & TS_INTERRUPTIBLE) &&
		   tif_test(prev, TIF_SIGPENDING)) {
		WRITE_ONCE(prev->state, TS_RUNNING);
		put_prev(rq, prev, mode);
	} else if (likely(prev != rq->idle)) {
		block_prev(rq, prev, state);
		mode = SWITCH_YIELD;		/* voluntary */
	}

	next = pick_next(rq);
	next->se.exec_start_ns = now;
	next->se.slice_start_ns = next->se.sum_exec_ns;
	if (next == prev) {
		spin_unlock_irq(&rq->lock);
		return;
	}
	if (mode == SWITCH_YIELD)
		prev->nvcsw++;
	else
		prev->nivcsw++;
	if (unlikely(!rq->tick_on) && next != rq->idle)
		tick_start(rq);
	context_switch(rq, prev, next);
}

void
schedule(void)
{
	assert_can_sleep();
	switch_threads(SWITCH_SLEEP);
}

void
cond_resched_slow(void)
{
	assert_can_sleep();
	switch_threads(SWITCH_PREEMPT);
}

void
sched_yield_now(void)
{
	/* racy, and good enough: who comes now was not there to yield to */
	if (READ_ONCE(this_rq()->nr_running) > 1)
		switch_threads(SWITCH_YIELD);
}

static void
sleep_expired(struct timer *tm)
{
	thread_wake(container_of(tm, struct thread, sleep_timer));
}

bool
schedule_until(nsec_t deadline_ns)
{
	struct thread *t = current_thread;

	if (deadline_ns >= NSEC_MAX) {
		schedule();
		return false;
	}
	if (deadline_ns <= clock_mono_ns()) {
		WRITE_ONCE(t->state, TS_RUNNING);
		return true;
	}
	timer_arm(&t->sleep_timer, deadline_ns);
	schedule();
	return !timer_cancel_sync(&t->sleep_timer);
}

/* -- waking ---------------------------------------------------------------- */

void
resched_curr(struct rq *rq)
{
	struct thread *c = rq->curr;

	if (tif_test(c, TIF_NEED_RESCHED))
		return;
	tif_set(c, TIF_NEED_RESCHED);
#if CONFIG_SMP
	if (rq->cpu != cpu_id())
		smp_send_resched(rq->cpu);
#endif
}

void
sched_kick_cpu(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long f = spin_lock_irqsave(&rq->lock);

	resched_curr(rq);
	spin_unlock_irqrestore(&rq->lock, f);
}

/* should t, just queued, run before the current thread goes on? */
void
check_preempt(struct rq *rq, struct thread *t)
{
	struct thread *c = rq->curr;

	if (c->se.class != t->se.class) {
		if (t->se.class > c->se.class)
			resched_curr(rq);
		return;
	}
	if (t->se.class == SC_RT) {
		if (t->se.prio > c->se.prio)
			resched_curr(rq);
		return;
	}
	if (unlikely(c->policy == SCHED_IDLE && t->policy != SCHED_IDLE &&
		     !c->boost_fair)) {
		resched_curr(rq);
		return;
	}
	if (t->policy != SCHED_OTHER || tif_test(c, TIF_NEED_RESCHED))
		return;
	rq_update_curr(rq, c, sched_clock_ns());
	if ((s64)(c->se.vruntime - t->se.vruntime) >
	    (s64)fair_scale(&t->se, FAIR_WAKE_GRAN_NS))
		resched_curr(rq);
}

/* credit for having slept, but no more than so much */
static __always_inline void
place_woken(struct rq *rq, struct sched_entity *se)
{
	u64 least = rq->min_vruntime - FAIR_BONUS_NS;

	if (vruntime_before(se->vruntime, least))
		se->vruntime = least;
}

void
rq_detach(struct rq *rq, struct thread *t, unsigned int cpu)
{
	rq_dequeue(rq, t);
	rq->nr_running--;
	t->se.on_rq = false;
	t->se.vruntime -= rq->min_vruntime;
	WRITE_ONCE(t->cpu, cpu);
}

void
rq_attach(struct thread *t)
{
	const s64 far = 10L * NSEC_PER_SEC;

	for (;;) {
		struct rq *rq = thread_rq_lock(t);
		unsigned int cpu;

		if (likely(cpu_allowed(t, rq->cpu))) {
			/* a change of policy on the way can leave any value */
			s64 lag = (s64)t->se.vruntime;

			lag = clamp_t(s64, lag, -(s64)FAIR_BONUS_NS, far);
			t->se.vruntime = rq->min_vruntime + (u64)lag;
			rq_activate(rq, t);
			check_preempt(rq, t);
			spin_unlock(&rq->lock);
			return;
		}
		cpu = select_cpu(t, rq->cpu);
		WRITE_ONCE(t->cpu, cpu);
		spin_unlock(&rq->lock);
	}
}

static __always_inline bool
wake(struct thread *t, u32 mask, bool sync)
{
	unsigned long f = irq_save();
	struct rq *rq = thread_rq_lock(t);
	u32 state = READ_ONCE(t->state);
	bool woke = false;

	if (!(state & mask))
		goto out;
	woke = true;
	if (unlikely(t->se.on_rq)) {
		woke = cmpxchg(&t->state, state, TS_RUNNING) == state;
		goto out;
	}
	if (state & TS_UNINTERRUPTIBLE && !t->kernel_only)
		rq->nr_blocked--;
	WRITE_ONCE(t->state, TS_RUNNING);
	place_woken(rq, &t->se);
#if CONFIG_SMP
	if (nr_cpus > 1) {
		unsigned int cpu = cpu_id();

		if (!sync || !cpu_allowed(t, cpu) ||
		    this_rq()->nr_running > 1)
			cpu = select_cpu(t, rq->cpu);
		if (cpu != rq->cpu) {
			t->se.vruntime -= rq->min_vruntime;
			WRITE_ONCE(t->cpu, cpu);
			spin_unlock(&rq->lock);
			rq_attach(t);
			irq_restore(f);
			return true;
		}
		sync = sync && cpu == cpu_id();
	}
#endif
	rq_activate(rq, t);
	if (!sync || rq->curr == rq->idle)
		check_preempt(rq, t);
out:
	spin_unlock_irqrestore(&rq->lock, f);
	return woke;
}

bool
thread_wake_mask(struct thread *t, u32 mask)
{
	return wake(t, mask, false);
}

bool
thread_wake_sync(struct thread *t)
{
	return wake(t, TS_INTERRUPTIBLE | TS_UNINTERRUPTIBLE, true);
}

void
thread_kick(struct thread *t)
{
#if CONFIG_SMP
	u32 cpu = READ_ONCE(t->cpu);

	/* its tif was set by a locked instruction: a barrier */
	if (READ_ONCE(t->on_cpu) && cpu != cpu_id())
		smp_send_resched(cpu);
#endif
}

/* -- birth and death ------------------------------------------------------- */

void
sched_fork(struct thread *child, const struct thread *parent)
{
	child->state = TS_NEW;
	child->cpu = cpu_id();
	child->on_cpu = false;
	if (!parent)
		parent = sched_idle_thread(0);
	child->policy = parent->policy;
	child->nice = parent->nice;
	child->rt_prio = parent->rt_prio;
	if (unlikely(parent->reset_on_fork)) {	/* sched(7) */
		if (child->policy == SCHED_FIFO || child->policy == SCHED_RR) {
			child->policy = SCHED_OTHER;
			child->rt_prio = 0;
		}
		if (child->nice < 0)
			child->nice = 0;
	}
	child->reset_on_fork = false;
	child->boost_rt = child->boost_fair = 0;
	child->migrate = false;
	child->rt_tail = false;
	child->se = (struct sched_entity){ 0 };
	sched_set_weight(child);
	memcpy(child->affinity, parent->affinity, sizeof(child->affinity));
	child->nvcsw = child->nivcsw = 0;
	child->utime_ns = child->stime_ns = 0;
	child->told_utime_ns = child->told_stime_ns = 0;
	timer_init(&child->sleep_timer, sleep_expired);
#if CONFIG_DEBUG
	child->nr_held = 0;
#endif
}

void
sched_wake_new(struct thread *t)
{
	unsigned long f = irq_save();
	struct rq *rq = thread_rq_lock(t);

	DEBUG_ASSERT(t->state == TS_NEW);
	WRITE_ONCE(t->state, TS_RUNNING);
	t->se.vruntime = fair_scale(&t->se, FAIR_FORK_DEBIT_NS);
#if CONFIG_SMP
	if (nr_cpus > 1)
		WRITE_ONCE(t->cpu, select_cpu(t, cpu_id()));
#endif
	spin_unlock(&rq->lock);
	rq_attach(t);
	irq_restore(f);
}

void
sched_set_dead_hook(void (*fn)(struct thread *dead))
{
	dead_hook = fn;
}

void __noreturn
sched_exit(void)
{
	struct thread *t = current_thread;

	irq_disable();
	fpu_drop(t);		/* nothing to save at the switch */
	irq_enable();
	set_state(TS_DEAD);
	schedule();
	panic("sched: a dead thread ran");
}

/* -- setting up ------------------------------------------------------------ */

struct thread *
sched_idle_thread(unsigned int cpu)
{
	return &per_cpu(idle_slot, cpu).thread;
}

struct thread *
sched_curr(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->curr);
}

void
sched_init_cpu(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	struct thread *idle = sched_idle_thread(cpu);

	memset(rq, 0, sizeof(*rq));
	spin_init(&rq->lock, RANK_RUNQUEUE);
	rq->cpu = cpu;
	rq->idle = rq->curr = rq->prev = idle;
	rq->start_ns = sched_clock_ns();
	tick_init(rq);

	idle->cpu = cpu;
	idle->on_cpu = true;
	idle->kernel_only = true;
	idle->policy = SCHED_OTHER;	/* what its children get */
	idle->se.class = SC_IDLE;
	idle->se.on_rq = true;		/* never asleep, see above */
	idle->se.weight = NICE_0_WEIGHT;
	idle->se.inv_weight = 0x100000000UL / NICE_0_WEIGHT;
	idle->se.exec_start_ns = rq->start_ns;
	memset(idle->affinity, 0xff, sizeof(idle->affinity));
	memcpy(idle->comm, "swapper/", 8);
	idle->comm[8] = cpu < 10 ? '0' + cpu : '0' + cpu / 10;
	idle->comm[9] = cpu < 10 ? 0 : '0' + cpu % 10;
	per_cpu(cur_thread, cpu) = idle;
}

void
sched_init(void)
{
	waitq_hash_init();
	rcu_init();
	sched_init_cpu(0);
}
