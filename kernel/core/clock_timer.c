/* SPDX-License-Identifier: MIT */
/*
 * Timers on settable clocks.
 *
 * A clock_timer is a timer on CLOCK_MONOTONIC for the moment at which its
 * clock will read the deadline, as far as is known. Those on a clock that can
 * be set are listed too; clock_was_set() goes through the list and arms them
 * anew. A timer is armed exactly while it is pending or listed, so a firing
 * that comes at the same time as a change of the clock is told from one that
 * is due by looking at the clock again.
 *
 * Monotonic ones are timers and nothing else: the list is not touched.
 *
 * Locking: clock_timer_lock (rank clock), irqs off, inside sighand and object
 * locks, outside the timer queues. The function runs without it.
 *
 * Limits: clock_was_set() takes time for each listed timer with interrupts
 * off; their number is limited by descriptors and RLIMIT_SIGPENDING.
 */
#include <core/clock_timer.h>
#include <core/spinlock.h>

static struct spinlock clock_timer_lock = SPINLOCK_INIT(RANK_CLOCK);
static LIST_HEAD(settable);		/* struct clock_timer */
static LIST_HEAD(watches);		/* struct clock_watch */

nsec_t
clock_base_ns(enum clock_base base)
{
	switch (base) {
	case CLOCK_BASE_REAL:
		return clock_real_ns();
	case CLOCK_BASE_TAI:
		return clock_tai_ns();
	default:
		return clock_mono_ns();
	}
}

/* When, on CLOCK_MONOTONIC, will base read ns? */
static nsec_t
to_mono(enum clock_base base, nsec_t ns)
{
	nsec_t off = clock_base_ns(base) - clock_mono_ns();

	if (ns >= NSEC_MAX)
		return NSEC_MAX;
	return ns > off ? ns - off : 0;
}

static void
clock_timer_fire(struct timer *tm)
{
	struct clock_timer *t = container_of(tm, struct clock_timer, timer);
	unsigned long f;

	if (t->base == CLOCK_BASE_MONO) {
		t->fn(t);
		return;
	}
	f = spin_lock_irqsave(&clock_timer_lock);
	if (list_empty(&t->link)) {		/* cancelled meanwhile */
		spin_unlock_irqrestore(&clock_timer_lock, f);
		return;
	}
	if (clock_base_ns(t->base) < t->expires_ns) {	/* set back, or slower */
		timer_arm(&t->timer, to_mono(t->base, t->expires_ns));
		spin_unlock_irqrestore(&clock_timer_lock, f);
		return;
	}
	timer_cancel(&t->timer);		/* armed anew meanwhile */
	list_del_init(&t->link);
	spin_unlock_irqrestore(&clock_timer_lock, f);
	t->fn(t);
}

void
clock_timer_init(struct clock_timer *t, void (*fn)(struct clock_timer *t))
{
	timer_init(&t->timer, clock_timer_fire);
	INIT_LIST_HEAD(&t->link);
	t->expires_ns = 0;
	t->base = CLOCK_BASE_MONO;
	t->fn = fn;
}

void
clock_timer_arm(struct clock_timer *t, enum clock_base base, nsec_t expires_ns)
{
	unsigned long f;

	clock_timer_cancel(t);
	t->base = base;
	t->expires_ns = expires_ns;
	if (base == CLOCK_BASE_MONO) {
		timer_arm(&t->timer, expires_ns);
		return;
	}
	f = spin_lock_irqsave(&clock_timer_lock);
	list_add_tail(&t->link, &settable);
	timer_arm(&t->timer, to_mono(base, expires_ns));
	spin_unlock_irqrestore(&clock_timer_lock, f);
}

void
clock_timer_cancel(struct clock_timer *t)
{
	unsigned long f;

	if (t->base != CLOCK_BASE_MONO) {
		f = spin_lock_irqsave(&clock_timer_lock);
		list_del_init(&t->link);
		timer_cancel(&t->timer);
		spin_unlock_irqrestore(&clock_timer_lock, f);
	} else {
		timer_cancel(&t->timer);
	}
}

void
clock_timer_cancel_sync(struct clock_timer *t)
{
	clock_timer_cancel(t);
	timer_cancel_sync(&t->timer);
}

void
clock_watch_add(struct clock_watch *w)
{
	unsigned long f = spin_lock_irqsave(&clock_timer_lock);

	list_add_tail(&w->link, &watches);
	spin_unlock_irqrestore(&clock_timer_lock, f);
}

void
clock_watch_del(struct clock_watch *w)
{
	unsigned long f = spin_lock_irqsave(&clock_timer_lock);

	list_del_init(&w->link);
	spin_unlock_irqrestore(&clock_timer_lock, f);
}

void
clock_was_set(void)
{
	unsigned long f = spin_lock_irqsave(&clock_timer_lock);
	struct clock_watch *w;
	struct clock_timer *t;

	list_for_each_entry(t, &settable, link)
		timer_arm(&t->timer, to_mono(t->base, t->expires_ns));
	list_for_each_entry(w, &watches, link)
		w->fn(w);
	spin_unlock_irqrestore(&clock_timer_lock, f);
}
