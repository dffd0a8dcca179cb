/* SPDX-License-Identifier: MIT */
/*
 * High-resolution timers: per-CPU queue ordered by deadline, run from the
 * timer interrupt (APIC one-shot or TSC-deadline). Tickless: nothing fires
 * unless something is due.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <lib/rbtree.h>
#include <lib/types.h>

struct timer {
	struct rb_node node;		/* in its CPU's queue, lock timer */
	nsec_t expires_ns;		/* CLOCK_MONOTONIC */
	void (*fn)(struct timer *t);	/* context I; may re-arm t */
	int cpu;			/* whose queue, -1 when idle (or in fn) */
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
/* timer_arm - (re)arm on this CPU; a past deadline fires at once. Any context. */
void timer_arm(struct timer *t, nsec_t expires_ns);
/* timer_cancel - true when it was pending. Does not wait for a running fn. */
bool timer_cancel(struct timer *t);
/* timer_cancel_sync - and waits for fn to end elsewhere. Not from fn. */
bool timer_cancel_sync(struct timer *t);
static inline bool
timer_pending(const struct timer *t)
{
	return READ_ONCE(t->cpu) >= 0;
}

/* Arch and idle interface. */
void timer_interrupt(void);		/* I: run what is due, program next */
nsec_t timer_next_deadline(void);	/* this CPU's, NSEC_MAX when none */
void timers_migrate(int from_cpu);

#endif
