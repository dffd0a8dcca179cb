/* SPDX-License-Identifier: MIT */
/*
 * Work: functions queued from any context, run in T by a pool of kernel
 * threads. One work item never runs on two threads at once; different ones run
 * in no promised order. An item may block: the pool grows (up to a limit).
 */
#ifndef TASK_WORK_H
#define TASK_WORK_H

#include <core/timer.h>
#include <lib/list.h>
#include <lib/types.h>

struct work {
	struct list_head link;		/* pool's lock */
	void (*fn)(struct work *w);	/* T; may queue w again, may free it */
	bool pending;			/* pool's lock */
};
#define WORK_INIT(n, f)	{ .link = LIST_HEAD_INIT((n).link), .fn = (f) }

static inline void
work_init(struct work *w, void (*fn)(struct work *w))
{
	list_init(&w->link);
	w->fn = fn;
	w->pending = false;
}

/*
 * work_queue - run w->fn(w) soon; false when it was queued already and has not
 * begun. Context: any; no lock of rank runqueue or above may be held.
 */
bool work_queue(struct work *w);
/* work_flush - wait until w neither waits nor runs. T, not from its fn. */
void work_flush(struct work *w);
/*
 * work_cancel_sync - take w off the queue and wait for a running fn to end;
 * true when it was still queued. The caller sees to it that nobody queues it
 * anew (fn itself may). T, not from its fn.
 */
bool work_cancel_sync(struct work *w);
/* work_start - the first worker; work queued before waits for it. T, once. */
void work_start(void);

struct delayed_work {
	struct work work;
	struct timer timer;
};
void delayed_work_init(struct delayed_work *d, void (*fn)(struct work *w));
/* (re)arm: queue the work delay_ns from now. Any context. */
void delayed_work_queue(struct delayed_work *d, nsec_t delay_ns);
bool delayed_work_cancel_sync(struct delayed_work *d);		/* T */
static inline struct delayed_work *
work_delayed(struct work *w)
{
	return container_of(w, struct delayed_work, work);
}

#endif
