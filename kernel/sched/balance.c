/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a thread runs on.
 *
 * Waking: back to where it ran if that CPU is idle, else here if here is idle
 * (an interrupt woke it: no inter-processor interrupt), else any idle CPU it
 * may use, else where it ran. A waker that sleeps next keeps the woken thread on
 * its own CPU (core.c).
 *
 * Going idle: take a waiting thread from the CPU with the most of them.
 * Every BALANCE_TICKS of a busy CPU: if it has waiting threads and somebody
 * idles, send him an interrupt (he then takes one); else take one from a CPU
 * that has at least two more than we.
 *
 * All looks at other queues are without their locks: a wrong guess costs a
 * detour, nothing else. Moving goes by rq_detach()/rq_attach(), see core.c.
 * Limits: CPUs are all alike here, no caches, nodes or siblings are known.
 */
#include <arch/irqflags.h>

#include "rq.h"

#define BALANCE_TICKS 8

static __always_inline bool
cpu_idle(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_running) == 0;
}

/* would an RT thread run there at once? */
static bool
cpu_no_rt(unsigned int cpu)
{
	const struct rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->curr_class) != SC_RT && !READ_ONCE(rq->nr_rt);
}

unsigned int
select_cpu(struct thread *t, unsigned int prev_cpu)
{
	unsigned int self = cpu_id(), best = ~0U;
	u32 best_nr = ~0U;

	if (nr_cpus == 1)
		return 0;
	if (cpu_allowed(t, prev_cpu) && cpu_idle(prev_cpu))
		return prev_cpu;
	if (cpu_allowed(t, self) && cpu_idle(self))
		return self;
	for_each_cpu(c) {
		u32 nr;

		if (!cpu_allowed(t, c))
			continue;
		nr = READ_ONCE(cpu_rq(c)->nr_running);
		if (nr == 0)
			return c;
		if (t->se.class == SC_RT && cpu_no_rt(c))
			nr = 0;
		/* prev wins ties and near-ties: its caches are warm */
		if (c == prev_cpu && nr)
			nr--;
		if (nr < best_nr) {
			best_nr = nr;
			best = c;
		}
	}
	/* set_affinity lets no thread be without a CPU that is online */
	ASSERT(best != ~0U);
	return best;
}

/* move one waiting thread from `from` to rq; irqs off, no lock held */
static bool
pull_one(struct rq *rq, struct rq *from)
{
	struct thread *t;

	spin_lock(&from->lock);
	t = from->nr_running > 1 ? rq_find_movable(from, rq->cpu) : NULL;
	if (t)
		rq_detach(from, t, rq->cpu);
	spin_unlock(&from->lock);
	if (!t)
		return false;
	rq_attach(t);
	return true;
}

static struct rq *
busiest_other(const struct rq *rq, u32 least)
{
	struct rq *best = NULL;
	u32 most = least - 1;

	for_each_cpu(c) {
		struct rq *o = cpu_rq(c);
		u32 nr = READ_ONCE(o->nr_running);

		if (o != rq && nr > most) {
			most = nr;
			best = o;
		}
	}
	return best;
}

bool
balance_idle(struct rq *rq)
{
	struct rq *from = busiest_other(rq, 2);
	bool got;

	if (likely(!from))
		return false;
	irq_disable();
	got = rq->nr_running == 0 && pull_one(rq, from);
	irq_enable();
	return got;
}

void
balance_tick(struct rq *rq)
{
	u32 nr = READ_ONCE(rq->nr_running);
	struct rq *from;

	if (nr == 0 || ++rq->balance_count < BALANCE_TICKS)
		return;
	rq->balance_count = 0;
	if (nr > 1) {
		for_each_cpu(c) {
			if (c != rq->cpu && cpu_idle(c)) {
				smp_send_resched(c);
				return;
			}
		}
	}
	from = busiest_other(rq, nr + 2);
	if (from)
		pull_one(rq, from);
}
