/* SPDX-License-Identifier: MIT */
/* POSIX timers, between posix_timer.c and posix_timer_run.c. */
#ifndef TASK_PTIMER_H
#define TASK_PTIMER_H

#include <core/clock_timer.h>
#include <lib/rbtree.h>
#include <task/posix_timer.h>

struct posix_timers {
	struct rb_root by_id;		/* s */
	struct list_head cpu;		/* s: armed, on CPU clocks of ours */
	int next_id;			/* s */
};

struct posix_timer {
	struct rb_node node;		/* s */
	struct list_head cpu_link;	/* s */
	struct signal_struct *owner;	/* I: borrowed */
	struct pid *target;		/* I: counted: who gets the signal */
	struct pid *clock_pid;		/* I: counted; NULL: not a CPU clock */
	int id, clock, notify;		/* I */
	bool foreign;			/* I: CPU clock of another process */
	u8 base;			/* s: clock_base of this arming */
	bool armed;			/* s: waits for expires */
	bool fired;			/* s: periodic, not moved on yet */
	bool ignored;			/* s: fired, and the signal is ignored */
	nsec_t expires, interval;	/* s: ns of its clock */
	s64 overrun, overrun_last;	/* s: from -1; of the last signal */
	struct clock_timer timer;	/* s */
	struct sigqueue_entry q;	/* s */
};

/* sighand lock held */
nsec_t ptimer_now(const struct posix_timer *p);		/* what its clock says */
/* ptimer_move_on - add the periods that are over by now to the overrun */
void ptimer_move_on(struct posix_timer *p);
/* ptimer_start - expires (and base) are set: run. ptimer_stop: and unqueue */
void ptimer_start(struct posix_timer *p);
void ptimer_stop(struct posix_timer *p);

void ptimer_fire(struct clock_timer *ct);		/* I, no lock held */

#endif
