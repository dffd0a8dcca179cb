/* SPDX-License-Identifier: MIT */
/*
 * Work queue: one list for the whole system and a pool of worker threads.
 *
 * A worker that is about to run an item sees to it that another one is idle,
 * starting one if need be, up to WORKERS_MAX: so an item that blocks, even on
 * another item, does not hold up the rest as long as fewer than WORKERS_MAX do.
 * Workers are never ended.
 *
 * An item that is queued while it runs goes on its worker's own list (again),
 * so that it never runs twice at a time. fn may free its item: the worker only
 * compares the address afterwards.
 *
 * Locking: work_lock for everything, a leaf; threads are woken after it is
 * dropped. An idle worker sets its state under the lock, and who takes it off
 * the idle list wakes it. Limits: no per-CPU pools, no priorities; for a
 * thread of one's own there is kthread_run().
 */
#include <core/assert.h>
#include <core/log.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <sched/waitq.h>
#include <task/kthread.h>
#include <task/work.h>

#define WORKERS_MAX 16

struct worker {
	struct thread *thread;
	struct work *running;		/* NULL: none */
	struct list_head again;		/* running, queued again */
	struct list_head idle;		/* in workers_idle, or empty */
};

static struct spinlock work_lock = SPINLOCK_INIT(RANK_TIMER);
static LIST_HEAD(work_list);
static LIST_HEAD(workers_idle);
static struct worker workers[WORKERS_MAX];
static unsigned int nr_workers;
static bool worker_starting;
static unsigned int nr_flushers;
static struct waitq work_done_wq = WAITQ_INIT(work_done_wq);

/* work_lock held */
static struct worker *
worker_of(const struct work *w)
{
	for (unsigned int i = 0; i < nr_workers; i++)
		if (workers[i].running == w)
			return &workers[i];
	return NULL;
}

bool
work_queue(struct work *w)
{
	struct thread *wake = NULL;
	struct worker *r;
	unsigned long f;

	f = spin_lock_irqsave(&work_lock);
	if (w->pending) {
		spin_unlock_irqrestore(&work_lock, f);
		return false;
	}
	w->pending = true;
	r = worker_of(w);
	list_add_tail(&w->link, r ? &r->again : &work_list);
	if (!r && !list_empty(&workers_idle)) {
		r = list_first_entry(&workers_idle, struct worker, idle);
		list_del_init(&r->idle);
		wake = r->thread;
	}
	spin_unlock_irqrestore(&work_lock, f);
	if (wake)
		thread_wake(wake);
	return true;
}

static void worker_main(void *arg);

/* work_lock held, dropped and taken again */
static void
worker_start_another(void)
{
	struct worker *me;
	unsigned int n;
	bool ok;

	worker_starting = true;		/* nobody else changes nr_workers */
	me = &workers[nr_workers];
	me->running = NULL;
	list_init(&me->again);
	list_init(&me->idle);
	n = nr_workers++;
	spin_unlock_irq(&work_lock);
	ok = kthread_run(worker_main, me, "kworker/%u", n);
	if (!ok)
		log_ratelimited(task, LOG_WARNING, "no memory for a worker");
	spin_lock_irq(&work_lock);
	if (!ok)
		nr_workers--;
	worker_starting = false;
}

static void
worker_run(struct worker *me, struct work *w)
{
	bool flushers;

	list_del_init(&w->link);
	w->pending = false;
	me->running = w;
	spin_unlock_irq(&work_lock);
	w->fn(w);
	cond_resched();
	spin_lock_irq(&work_lock);
	me->running = NULL;
	flushers = nr_flushers;
	if (unlikely(flushers)) {
		spin_unlock_irq(&work_lock);
		waitq_wake_all(&work_done_wq);
		spin_lock_irq(&work_lock);
	}
}

static void
worker_main(void *arg)
{
	struct worker *me = arg;

	spin_lock_irq(&work_lock);
	me->thread = current_thread;
	for (;;) {
		struct list_head *l = list_empty(&me->again) ?
			&work_list : &me->again;

		if (list_empty(l)) {
			list_add(&me->idle, &workers_idle);
			set_state(TS_INTERRUPTIBLE);
			spin_unlock_irq(&work_lock);
			schedule();
			spin_lock_irq(&work_lock);
			set_state(TS_RUNNING);
			list_del_init(&me->idle);
			continue;
		}
		if (list_empty(&workers_idle) && !worker_starting &&
		    nr_workers < WORKERS_MAX) {
			worker_start_another();
			if (list_empty(l))
				continue;
		}
		worker_run(me, list_first_entry(l, struct work, link));
	}
}

void
work_start(void)
{
	spin_lock_irq(&work_lock);
	worker_start_another();
	ASSERT(nr_workers == 1);
	spin_unlock_irq(&work_lock);
}

static bool
work_busy(const struct work *w)
{
	unsigned long f = spin_lock_irqsave(&work_lock);
	bool busy = w->pending || worker_of(w);

	spin_unlock_irqrestore(&work_lock, f);
	return busy;
}

static bool
work_running(const struct work *w)
{
	unsigned long f = spin_lock_irqsave(&work_lock);
	bool running = worker_of(w);

	spin_unlock_irqrestore(&work_lock, f);
	return running;
}

static void
flushers_add(int n)
{
	spin_lock_irq(&work_lock);
	nr_flushers += n;
	spin_unlock_irq(&work_lock);
}

void
work_flush(struct work *w)
{
	if (!work_busy(w))
		return;
	flushers_add(1);
	wait_event(&work_done_wq, !work_busy(w));
	flushers_add(-1);
}

bool
work_cancel_sync(struct work *w)
{
	bool was = false, running;

	do {
		spin_lock_irq(&work_lock);
		if (w->pending) {
			list_del_init(&w->link);
			w->pending = false;
			was = true;
		}
		running = worker_of(w);
		if (running)
			nr_flushers++;
		spin_unlock_irq(&work_lock);
		if (running) {
			wait_event(&work_done_wq, !work_running(w));
			flushers_add(-1);
		}
	} while (running);
	return was;
}

static void
delayed_work_due(struct timer *tm)
{
	work_queue(&container_of(tm, struct delayed_work, timer)->work);
}

void
delayed_work_init(struct delayed_work *d, void (*fn)(struct work *w))
{
	work_init(&d->work, fn);
	timer_init(&d->timer, delayed_work_due);
}

void
delayed_work_queue(struct delayed_work *d, nsec_t delay_ns)
{
	nsec_t now = clock_mono_ns();

	timer_arm(&d->timer, delay_ns > NSEC_MAX - now ? NSEC_MAX :
		  now + delay_ns);
}

bool
delayed_work_cancel_sync(struct delayed_work *d)
{
	bool was = false;

	do {
		was |= timer_cancel_sync(&d->timer);
		was |= work_cancel_sync(&d->work);
	} while (timer_pending(&d->timer));
	return was;
}
