/* SPDX-License-Identifier: MIT */
/*
 * Timers against a model: a pretended clock and interrupt; what fires, when,
 * and in which order, with functions that arm and cancel timers.
 */
#include <arch/irqflags.h>
#include <core/clock.h>
#include <core/timer.h>
#include <lib/string.h>
#include "check.h"
#include "unit.h"

#define N 60

void test_timer_model(void);
void test_timer_rearm(void);
void test_timer_programs(void);

static struct timer tm[N];
static nsec_t due[N];		/* 0: not armed */
static u32 fired;
static nsec_t next_irq = NSEC_MAX;
static u64 last_delta;
static const struct clockevent *clock_event;

static void
program(u64 delta)
{
	ALWAYS(delta > 0);
	last_delta = delta;
	next_irq = unit_now_ns + delta;
}

static const struct clockevent event = { .name = "test", .program = program,
	.max_ns = 50000 };

const struct clockevent *
clockevent_current(void)
{
	return clock_event;
}

static void
interrupt(void)
{
	host_irq_flags = 0;
	next_irq = NSEC_MAX;
	timer_interrupt();
	host_irq_flags = RFLAGS_IF;
}

static void
fire(struct timer *t)
{
	u32 i = t - tm;

	CHECK(due[i] && due[i] <= unit_now_ns);
	for (u32 k = 0; k < N; k++)
		CHECK(!due[k] || due[k] >= due[i]);
	due[i] = 0;
	fired++;
	CHECK(!timer_pending(t));
	if (!unit_below(4)) {
		due[i] = unit_now_ns + 1 + unit_below(3000);
		timer_arm(t, due[i]);
	}
	if (!unit_below(4)) {
		u32 k = unit_below(N);

		CHECK(timer_cancel(&tm[k]) == !!due[k]);
		due[k] = 0;
	}
}

void
test_timer_model(void)
{
	clock_event = &event;
	for (u32 i = 0; i < N; i++)
		timer_init(&tm[i], fire);
	for (u32 round = 0; round < 20000; round++) {
		u32 i = unit_below(N);
		nsec_t first = NSEC_MAX;

		switch (unit_below(4)) {
		case 0: case 1:
			due[i] = unit_now_ns + unit_below(200000) + 1;
			timer_arm(&tm[i], due[i]);
			break;
		case 2:
			CHECK(timer_cancel(&tm[i]) == !!due[i]);
			due[i] = 0;
			break;
		default:
			unit_now_ns += unit_below(8000);
		}
		if (next_irq <= unit_now_ns)
			interrupt();
		for (i = 0; i < N; i++) {
			CHECK(timer_pending(&tm[i]) == !!due[i]);
			if (due[i])
				first = min(first, due[i]);
			/* nothing is late by more than the rounding */
			CHECK(!due[i] || due[i] + 1000 > unit_now_ns);
		}
		CHECK(timer_next_deadline() == first);
		/* the hardware fires in time */
		CHECK(first == NSEC_MAX || next_irq <= max(first, unit_now_ns) +
		      1000);
	}
	CHECK(fired > 1000);
}

static u32 again;

static void
forever(struct timer *t)
{
	if (again) {
		again--;
		timer_arm(t, unit_now_ns);	/* due at once */
	}
}

void
test_timer_rearm(void)
{
	struct timer t;

	clock_event = &event;
	timer_init(&t, forever);
	CHECK(!timer_cancel(&t) && !timer_cancel_sync(&t));
	again = 5;
	timer_arm(&t, unit_now_ns - 100);
	interrupt();
	CHECK(again == 0 && !timer_pending(&t));
	timer_arm(&t, unit_now_ns + 100);
	timer_arm(&t, unit_now_ns + 50);
	CHECK(timer_next_deadline() == unit_now_ns + 50);
	CHECK(timer_cancel_sync(&t) && !timer_cancel(&t));
	CHECK(timer_next_deadline() == NSEC_MAX);
}

void
test_timer_programs(void)
{
	struct timer a, b;

	/* before there is hardware, timers wait */
	clock_event = NULL;
	timer_init(&a, forever);
	timer_init(&b, forever);
	timer_arm(&a, unit_now_ns + 10000);
	CHECK(next_irq == NSEC_MAX);
	clock_event = &event;
	timer_clockevent_ready();
	CHECK(next_irq == unit_now_ns + 10000);
	/* a later one does not touch it, an earlier one does */
	last_delta = 0;
	timer_arm(&b, unit_now_ns + 20000);
	CHECK(last_delta == 0);
	timer_arm(&b, unit_now_ns + 5000);
	CHECK(last_delta == 5000);
	/* far away is asked for in steps */
	timer_cancel(&a);
	timer_cancel(&b);
	unit_now_ns += 5000;
	interrupt();
	timer_arm(&a, unit_now_ns + 1000000);
	CHECK(last_delta == event.max_ns);
}
