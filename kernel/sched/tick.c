/* SPDX-License-Identifier: MIT */
/*
 * The tick of a busy CPU.
 *
 * Each CPU has one timer, armed when the CPU leaves idle (tick_start, from the
 * switch) and re-armed every SCHED_TICK_NS while it is busy. Going idle does not
 * disarm it: it fires once more at most and then stays off. So a CPU that
 * alternates between short work and idling programs no timer at each turn, and
 * an idle one has no ticks. 250 ticks a second of about 600 instructions are
 * some 0.02 % of a CPU; for that, one thread alone also gets sampled times and
 * quiescent states for rcu, and there is no second, tickless mode.
 *
 * The timer's function, which runs among other due timers, only leaves a mark;
 * sched_tick(), called by arch at the end of each timer interrupt, does the
 * work because it knows what was interrupted.
 *
 * A tick takes the CPU from a fair thread when another one is behind it in
 * virtual time and it had its least slice; from a round-robin thread when its
 * slice is used up and an equal waits.
 *
 * RT threads together get at most sched_rt_runtime_us of each
 * sched_rt_period_us of a CPU while others wait (sched(7), "Limiting the CPU
 * usage of real-time"), so that a loop of one leaves something to a shell: when
 * a tick finds them above that and a fair thread waiting, fair threads go first
 * until the period is over. A period begins with the first tick that finds an
 * RT thread after the end of the one before. Their time is counted exactly,
 * the limit enforced to a tick.
 */
#include <arch/upcall.h>
#include <sched/rcu.h>

#include "rq.h"

int sched_rt_period_us = 1000000, sched_rt_runtime_us = 950000;
u64 sched_rr_slice_ns = RR_SLICE_NS;

static void (*tick_hook)(struct thread *t);

void
sched_set_tick_hook(void (*fn)(struct thread *t))
{
	tick_hook = fn;
}

static void
tick_fire(struct timer *tm)
{
	struct rq *rq = container_of(tm, struct rq, tick_timer);
	nsec_t now, next;

	rq->tick_due = true;
	if (rq->curr == rq->idle && !rcu_cpu_pending()) {
		rq->tick_on = false;
		return;
	}
	now = clock_mono_ns();
	next = tm->expires_ns + SCHED_TICK_NS;
	timer_arm(tm, next > now ? next : now + SCHED_TICK_NS);
}

void
tick_init(struct rq *rq)
{
	timer_init(&rq->tick_timer, tick_fire);
}

void
tick_start(struct rq *rq)
{
	rq->tick_on = true;
	timer_arm(&rq->tick_timer, clock_mono_ns() + SCHED_TICK_NS);
}

static void
fair_tick(struct rq *rq, struct thread *curr)
{
	struct sched_entity *se = &curr->se;

	if (!rq->first)
		return;
	if (vruntime_before(rq->first->vruntime, se->vruntime) &&
	    se->sum_exec_ns - se->slice_start_ns >= FAIR_SLICE_NS)
		resched_curr(rq);
}

static void
rt_tick(struct rq *rq, struct thread *curr, u64 now)
{
	int runtime_us = READ_ONCE(sched_rt_runtime_us);

	if (now - rq->rt_period_ns >=
	    (u64)READ_ONCE(sched_rt_period_us) * NSEC_PER_USEC) {
		rq->rt_period_ns = now;
		rq->rt_used_ns = 0;
		if (rq->rt_throttled) {
			rq->rt_throttled = false;
			if (rq->nr_rt)
				resched_curr(rq);
		}
	}
	if (curr->se.class != SC_RT)
		return;
	if (rq->first && runtime_us >= 0 &&
	    rq->rt_used_ns >= (u64)runtime_us * NSEC_PER_USEC) {
		rq->rt_throttled = true;
		resched_curr(rq);
	}
	/*
	 * A turn goes on after a preemption by a higher one. Such a one may
	 * have come with this very interrupt and wait before all equals.
	 */
	if (curr->policy == SCHED_RR &&
	    curr->se.sum_exec_ns - curr->se.rr_start_ns >=
	    READ_ONCE(sched_rr_slice_ns)) {
		curr->se.rr_start_ns = curr->se.sum_exec_ns;
		if (rt_queued(rq, curr->se.prio)) {
			curr->rt_tail = true;
			resched_curr(rq);
		}
	}
}

void
sched_tick(bool user_mode)
{
	struct rq *rq = this_rq();
	struct thread *curr;
	u64 now;

	if (!rq->tick_due)
		return;
	rq->tick_due = false;
	curr = rq->curr;
	rcu_tick(user_mode);
	spin_lock(&rq->lock);
	now = sched_clock_ns();
	rq_update_curr(rq, curr, now);
	if (curr != rq->idle) {
		acct_tick(rq, curr, user_mode, now);
		if (unlikely(rq->nr_rt || rq->rt_throttled ||
			     curr->se.class == SC_RT))
			rt_tick(rq, curr, now);
		if (curr->se.class == SC_FAIR)
			fair_tick(rq, curr);
	}
	spin_unlock(&rq->lock);
	loadavg_tick(now);
#if CONFIG_SMP
	if (nr_cpus > 1)
		balance_tick(rq);
#endif
	if (!curr->kernel_only && tick_hook)
		tick_hook(curr);
}
