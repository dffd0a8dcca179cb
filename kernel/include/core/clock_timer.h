/* SPDX-License-Identifier: MIT */
/*
 * Timers on a clock that may be set: the deadline is in the clock's own
 * nanoseconds, and when the clock is set the timer follows it.
 */
#ifndef CORE_CLOCK_TIMER_H
#define CORE_CLOCK_TIMER_H

#include <core/time.h>
#include <core/timer.h>
#include <lib/list.h>

enum clock_base { CLOCK_BASE_MONO, CLOCK_BASE_REAL, CLOCK_BASE_TAI };

struct clock_timer {
	struct timer timer;
	struct list_head link;	/* clock_timer lock: on a clock that may be set */
	nsec_t expires_ns;	/* of its clock */
	u8 base;		/* enum clock_base */
	void (*fn)(struct clock_timer *t);	/* context I; may arm t */
};

void clock_timer_init(struct clock_timer *t, void (*fn)(struct clock_timer *t));
/*
 * clock_timer_arm - fire once when the clock reads expires_ns or more; fires at
 * once when that is past. The caller serialises arm and cancel of one timer.
 * Any context; takes the lock of rank clock.
 */
void clock_timer_arm(struct clock_timer *t, enum clock_base base,
		     nsec_t expires_ns);
/* clock_timer_cancel - does not wait for a running fn. Any context. */
void clock_timer_cancel(struct clock_timer *t);
/* clock_timer_cancel_sync - and waits for it; fn must not arm. Not from fn. */
void clock_timer_cancel_sync(struct clock_timer *t);
nsec_t clock_base_ns(enum clock_base base);	/* the clock now */

/* What wants to know that the wall clock was set (not steered). */
struct clock_watch {
	struct list_head link;
	void (*fn)(struct clock_watch *w);	/* lock of rank clock held */
};
void clock_watch_add(struct clock_watch *w);
void clock_watch_del(struct clock_watch *w);

/* clock_was_set - re-arm what is on the wall clock, tell watches. T or A. */
void clock_was_set(void);

#endif
