/* SPDX-License-Identifier: MIT */
/*
 * The load averages of /proc/loadavg: exponentially decaying means over 1, 5
 * and 15 minutes of the number of threads that run, wait to run or sleep
 * uninterruptibly, sampled every 5 s, in fixed point with 11 fraction bits.
 *
 * Sampling is driven by the ticks of any busy CPU and by readers. Periods in
 * which no CPU ticked are made up for: all were idle then, so what counted was
 * the blocked threads. Kernel threads asleep never count.
 */
#include "rq.h"

#define LOAD_SHIFT	11
#define LOAD_ONE	(1UL << LOAD_SHIFT)
#define LOAD_PERIOD_NS	(5 * NSEC_PER_SEC)
#define LOAD_CATCH_UP	720UL	/* an hour: everything has decayed by then */

/* 2^11 * exp(-5 s / 1 min, 5 min, 15 min) */
static const u32 load_decay[3] = { 1884, 2014, 2037 };

static struct spinlock load_lock = SPINLOCK_INIT(RANK_TIMER);
static u64 load_avg[3];			/* load_lock for writers */
static u64 load_next_ns = LOAD_PERIOD_NS;	/* load_lock for writers */

static void
load_step(u64 active)
{
	active <<= LOAD_SHIFT;
	for (int i = 0; i < 3; i++) {
		u64 d = load_decay[i], v;

		v = load_avg[i] * d + active * (LOAD_ONE - d);
		if (active >= load_avg[i])
			v += LOAD_ONE - 1;	/* so that it can reach it */
		WRITE_ONCE(load_avg[i], v >> LOAD_SHIFT);
	}
}

void
loadavg_tick(u64 now)
{
	unsigned long f;
	u64 missed, blocked;

	if (likely((s64)(now - READ_ONCE(load_next_ns)) < 0))
		return;
	f = irq_save();
	if (!spin_trylock(&load_lock)) {
		irq_restore(f);
		return;			/* somebody is at it */
	}
	if ((s64)(now - load_next_ns) >= 0) {
		missed = (now - load_next_ns) / LOAD_PERIOD_NS;
		WRITE_ONCE(load_next_ns,
			   load_next_ns + (missed + 1) * LOAD_PERIOD_NS);
		blocked = sched_nr_blocked();
		for (missed = min(missed, LOAD_CATCH_UP); missed; missed--)
			load_step(blocked);
		load_step(blocked + sched_nr_running());
	}
	spin_unlock_irqrestore(&load_lock, f);
}

void
sched_loadavg(u64 avg[3])
{
	loadavg_tick(sched_clock_ns());
	for (int i = 0; i < 3; i++)
		avg[i] = READ_ONCE(load_avg[i]);
}
