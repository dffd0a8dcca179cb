/* SPDX-License-Identifier: MIT */
/*
 * CPU time: of threads and of CPUs.
 *
 * se.sum_exec_ns is exact: the scheduler's clock at every switch. Its division
 * in user and system time is sampled: a tick adds itself to utime_ns or
 * stime_ns by where it hit, and thread_times() divides the exact sum in that
 * proportion. Reading the clock at every kernel entry would cost a null system
 * call a fifth of its time. Programs that never saw a tick (a few ms) count as
 * user time, kernel threads as system time. What was told once is never taken
 * back: both figures are monotone, though the proportion moves.
 *
 * A CPU's idle time is its idle thread's, so exact; its busy time since the
 * last sample goes where the next tick hits.
 */
#include <arch/irqflags.h>

#include "rq.h"

static u64
idle_ns_locked(const struct rq *rq, u64 now)
{
	const struct sched_entity *se = &rq->idle->se;
	u64 ns = se->sum_exec_ns;

	if (rq->curr == rq->idle && (s64)(now - se->exec_start_ns) > 0)
		ns += now - se->exec_start_ns;
	return ns;
}

void
acct_tick(struct rq *rq, struct thread *curr, bool user_mode, u64 now)
{
	u64 busy = now - rq->start_ns - idle_ns_locked(rq, now);
	s64 delta = (s64)(busy - rq->acct_busy_ns);

	if (delta > 0)
		rq->acct_busy_ns = busy;
	else
		delta = 0;
	if (!user_mode) {
		curr->stime_ns += SCHED_TICK_NS;
		rq->system_ns += (u64)delta;
	} else {
		curr->utime_ns += SCHED_TICK_NS;
		if (curr->nice > 0)
			rq->nice_ns += (u64)delta;
		else
			rq->user_ns += (u64)delta;
	}
}

static u64
cpu_ns_locked(const struct rq *rq, const struct thread *t)
{
	u64 ns = t->se.sum_exec_ns;
	s64 delta;

	if (rq->curr == t) {
		delta = (s64)(sched_clock_ns() - t->se.exec_start_ns);
		if (delta > 0)
			ns += (u64)delta;
	}
	return ns;
}

u64
thread_cpu_ns(struct thread *t)
{
	unsigned long f = irq_save();
	struct rq *rq = thread_rq_lock(t);
	u64 ns = cpu_ns_locked(rq, t);

	spin_unlock_irqrestore(&rq->lock, f);
	return ns;
}

void
thread_times(struct thread *t, u64 *utime_ns, u64 *stime_ns)
{
	unsigned long f = irq_save();
	struct rq *rq = thread_rq_lock(t);
	u64 total = cpu_ns_locked(rq, t);
	u64 ut = t->utime_ns, st = t->stime_ns;

	if (total < t->told_utime_ns + t->told_stime_ns)
		total = t->told_utime_ns + t->told_stime_ns;
	if (t->kernel_only)
		st = total;
	else if (st)
		st = mul_div_u64(total, st, st + ut);
	if (st < t->told_stime_ns)
		st = t->told_stime_ns;
	if (total - st < t->told_utime_ns)
		st = total - t->told_utime_ns;
	t->told_stime_ns = st;
	t->told_utime_ns = total - st;
	*stime_ns = st;
	*utime_ns = total - st;
	spin_unlock_irqrestore(&rq->lock, f);
}

void
sched_cpu_stat(unsigned int cpu, struct cpu_stat *out)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long f = spin_lock_irqsave(&rq->lock);

	out->user_ns = rq->user_ns;
	out->nice_ns = rq->nice_ns;
	out->system_ns = rq->system_ns;
	out->idle_ns = idle_ns_locked(rq, sched_clock_ns());
	out->irq_ns = 0;		/* counts for whom it interrupted */
	out->softirq_ns = 0;
	spin_unlock_irqrestore(&rq->lock, f);
}

u64
sched_idle_total_ns(void)
{
	struct cpu_stat st;
	u64 sum = 0;

	for_each_cpu(c) {
		sched_cpu_stat(c, &st);
		sum += st.idle_ns;
	}
	return sum;
}

u64
sched_nr_switches(void)
{
	u64 sum = 0;

	for_each_cpu(c)
		sum += READ_ONCE(cpu_rq(c)->nr_switches);
	return sum;
}

u32
sched_nr_running(void)
{
	u32 sum = 0;

	for_each_cpu(c)
		sum += READ_ONCE(cpu_rq(c)->nr_running);
	return sum;
}

u32
sched_nr_blocked(void)
{
	s64 sum = 0;

	for_each_cpu(c)
		sum += READ_ONCE(cpu_rq(c)->nr_blocked);
	return sum > 0 ? (u32)sum : 0;
}
