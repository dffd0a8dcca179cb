/* SPDX-License-Identifier: MIT */
/*
 * Changing a thread's policy, nice value and CPUs while it runs, waits or
 * sleeps: sched_setscheduler(2), setpriority(2), sched_setaffinity(2).
 * Permissions are the callers'. Priority inheritance (sched_set_boost) lends a
 * thread more than it has of its own; what it has is kept and told.
 *
 * A queued thread is taken out, changed and put back. A running one is changed
 * in place and its CPU told to look again; if it may no longer run there,
 * t->migrate makes the next switch take it away (core.c, put_prev). One that
 * sleeps is placed by its next wake-up.
 */
#include <abi/errno.h>
#include <arch/irqflags.h>
#include <lib/bitmap.h>
#include <lib/string.h>

#include "rq.h"

/* Is t in a queue (not running)? Then out it goes; true: put it back. */
static bool
take_out(struct rq *rq, struct thread *t)
{
	if (!t->se.on_rq || rq->curr == t)
		return false;
	rq_dequeue(rq, t);
	return true;
}

static void
put_back(struct rq *rq, struct thread *t, bool queued)
{
	if (queued) {
		rq_enqueue(rq, t);
		check_preempt(rq, t);
	} else if (rq->curr == t) {
		rq->curr_class = t->se.class;
		resched_curr(rq);
	}
}

/* class and weight by what t has now */
static void
weigh_anew(struct rq *rq, struct thread *t)
{
	bool was_rt = t->se.class == SC_RT;

	sched_set_weight(t);
	if (was_rt && t->se.class == SC_FAIR)
		t->se.vruntime = rq->min_vruntime;	/* a fresh start */
}

static int
policy_check(int policy, int rt_prio)
{
	switch (policy) {
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return rt_prio == 0 ? 0 : -EINVAL;
	case SCHED_FIFO:
	case SCHED_RR:
		return rt_prio >= 1 && rt_prio <= 99 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

int
sched_set_policy(struct thread *t, int policy, int rt_prio)
{
	bool reset = policy & SCHED_RESET_ON_FORK, queued;
	unsigned long f;
	struct rq *rq;
	int err;

	policy &= ~SCHED_RESET_ON_FORK;
	err = policy_check(policy, rt_prio);
	if (err)
		return err;
	f = irq_save();
	rq = thread_rq_lock(t);
	queued = take_out(rq, t);
	if (rq->curr == t)
		rq_update_curr(rq, t, sched_clock_ns());
	t->policy = policy;
	t->rt_prio = rt_prio;
	t->reset_on_fork = reset;
	t->se.rr_start_ns = t->se.sum_exec_ns;
	weigh_anew(rq, t);
	put_back(rq, t, queued);
	spin_unlock_irqrestore(&rq->lock, f);
	return 0;
}

bool
sched_set_boost(struct thread *t, u32 rt, u32 fair)
{
	unsigned long f;
	struct rq *rq;
	bool queued;

	if (t->boost_rt == rt && t->boost_fair == fair)
		return false;
	f = irq_save();
	rq = thread_rq_lock(t);
	queued = take_out(rq, t);
	if (rq->curr == t)
		rq_update_curr(rq, t, sched_clock_ns());
	t->boost_rt = rt;
	t->boost_fair = fair;
	weigh_anew(rq, t);
	put_back(rq, t, queued);
	spin_unlock_irqrestore(&rq->lock, f);
	return true;
}

void
sched_set_nice(struct thread *t, int nice)
{
	unsigned long f = irq_save();
	struct rq *rq = thread_rq_lock(t);
	bool queued = take_out(rq, t);

	if (rq->curr == t)
		rq_update_curr(rq, t, sched_clock_ns());
	t->nice = clamp_t(int, nice, -20, 19);
	sched_set_weight(t);
	put_back(rq, t, queued);
	spin_unlock_irqrestore(&rq->lock, f);
}

int
sched_set_affinity(struct thread *t, const unsigned long *mask)
{
	bool leave = false, moving = false;
	unsigned long f;
	struct rq *rq;

	if (!bitmap_intersects(mask, cpu_online_mask, CONFIG_MAX_CPUS))
		return -EINVAL;
	f = irq_save();
	rq = thread_rq_lock(t);
	memcpy(t->affinity, mask, sizeof(t->affinity));
	t->migrate = false;
	if (t->se.on_rq && !cpu_allowed(t, rq->cpu)) {
		if (rq->curr != t && t->state == TS_RUNNING) {
			rq_detach(rq, t, select_cpu(t, rq->cpu));
			moving = true;
		} else {
			t->migrate = true;
			if (rq->curr == t)
				resched_curr(rq);
			leave = t == current_thread;
		}
	}
	spin_unlock(&rq->lock);
	if (moving)
		rq_attach(t);
	irq_restore(f);
	if (leave)
		schedule();
	return 0;
}

int
sched_set_rt_limit(int period_us, int runtime_us)
{
	if (period_us < 1 || runtime_us < -1 || runtime_us > period_us)
		return -EINVAL;
	WRITE_ONCE(sched_rt_period_us, period_us);
	WRITE_ONCE(sched_rt_runtime_us, runtime_us);
	return 0;
}

nsec_t
sched_rr_interval(const struct thread *t)
{
	switch (t->policy) {
	case SCHED_FIFO:
		return 0;		/* no limit: sched_rr_get_interval(2) */
	case SCHED_RR:
		return READ_ONCE(sched_rr_slice_ns);
	default:
		return SCHED_TICK_NS;	/* when others wait */
	}
}
