/* SPDX-License-Identifier: MIT */
/*
 * High-resolution timers: one queue a CPU, a red-black tree by deadline with
 * the first one cached.
 *
 * The hardware is programmed for the first deadline only when that is earlier
 * than what it is set to: a timer that is cancelled or moved back leaves it
 * set, and the interrupt that comes finds nothing due and sets it right. So
 * the usual arm-and-cancel of a timeout costs no access to the device.
 *
 * Locking: each queue has a lock (rank timer), taken with interrupts off.
 * timer.cpu names the queue a timer is in, and changes only under that
 * queue's lock. Functions run with no lock held; queue->running is the timer
 * whose function runs, which is all that is known of it then: it may be freed
 * in there.
 */
#include <arch/percpu.h>
#include <core/clock.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <core/timer.h>

#define MIN_DELTA_NS	500	/* not worth an earlier interrupt */

struct timer_queue {
	struct spinlock lock;
	struct rb_root_cached root;
	nsec_t programmed_ns;	/* c: the hardware fires then at the latest */
	struct timer *running;
	bool in_interrupt;	/* c: it will program the hardware at its end */
};

static DEFINE_PERCPU(struct timer_queue, timer_queue) = {
	.lock = SPINLOCK_INIT(RANK_TIMER),
	.programmed_ns = NSEC_MAX,
};

#define node_timer(n)	rb_entry((n), struct timer, node)

void
timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	t->fn = fn;
	t->cpu = -1;
	t->expires_ns = 0;
}

/* This CPU's queue, irqs off. */
static void
queue_program(struct timer_queue *q, nsec_t expires_ns)
{
	const struct clockevent *ev = clockevent_current();
	nsec_t now;
	u64 delta;

	if (unlikely(!ev))
		return;
	now = clock_mono_ns();
	delta = expires_ns > now + MIN_DELTA_NS ? expires_ns - now :
		MIN_DELTA_NS;
	if (delta > ev->max_ns)
		delta = ev->max_ns;
	q->programmed_ns = now + delta;
	ev->program(delta);
}

void
timer_clockevent_ready(void)
{
	unsigned long f = irq_save();
	struct timer_queue *q = this_cpu_ptr(timer_queue);

	if (q->root.leftmost)
		queue_program(q, node_timer(q->root.leftmost)->expires_ns);
	irq_restore(f);
}

/* q locked. True when t is the first now. */
static bool
queue_insert(struct timer_queue *q, struct timer *t)
{
	struct rb_node **link = &q->root.root.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (t->expires_ns < node_timer(parent)->expires_ns) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_link_node(&t->node, parent, link);
	rb_insert_color_cached(&t->node, &q->root, first);
	return first;
}

/* Take t from whatever queue it is in. irqs off. */
static bool
queue_remove(struct timer *t)
{
	int cpu;

	while ((cpu = READ_ONCE(t->cpu)) >= 0) {
		struct timer_queue *q = &per_cpu(timer_queue, cpu);

		spin_lock(&q->lock);
		if (likely(t->cpu == cpu)) {
			rb_erase_cached(&t->node, &q->root);
			WRITE_ONCE(t->cpu, -1);
			spin_unlock(&q->lock);
			return true;
		}
		spin_unlock(&q->lock);
	}
	return false;
}

void
timer_arm(struct timer *t, nsec_t expires_ns)
{
	unsigned long f = irq_save();
	struct timer_queue *q = this_cpu_ptr(timer_queue);
	int self = cpu_id();
	bool first;

	if (t->cpu >= 0 && t->cpu != self)
		queue_remove(t);
	spin_lock(&q->lock);
	if (t->cpu == self)
		rb_erase_cached(&t->node, &q->root);
	t->expires_ns = expires_ns;
	WRITE_ONCE(t->cpu, self);
	first = queue_insert(q, t);
	spin_unlock(&q->lock);
	if (first && expires_ns < q->programmed_ns && !q->in_interrupt)
		queue_program(q, expires_ns);
	irq_restore(f);
}

bool
timer_cancel(struct timer *t)
{
	unsigned long f;
	bool was;

	if (READ_ONCE(t->cpu) < 0)
		return false;
	f = irq_save();
	was = queue_remove(t);
	irq_restore(f);
	return was;
}

bool
timer_cancel_sync(struct timer *t)
{
	bool was = false;

	/* its function may arm it again while we wait */
	for (;;) {
		bool running = false;

		was |= timer_cancel(t);
		smp_mb();
		for_each_cpu(c) {
			struct timer_queue *q = &per_cpu(timer_queue, c);

			while (READ_ONCE(q->running) == t) {
				running = true;
				cpu_relax();
			}
		}
		if (!running && READ_ONCE(t->cpu) < 0)
			return was;
	}
}

void
timer_interrupt(void)
{
	struct timer_queue *q = this_cpu_ptr(timer_queue);
	struct rb_node *n;
	nsec_t now;

	q->in_interrupt = true;
	q->programmed_ns = NSEC_MAX;
	now = clock_mono_ns();
	spin_lock(&q->lock);
	while ((n = q->root.leftmost)) {
		struct timer *t = node_timer(n);

		if (t->expires_ns > now) {
			now = clock_mono_ns();
			if (t->expires_ns > now)
				break;
		}
		rb_erase_cached(n, &q->root);
		WRITE_ONCE(q->running, t);
		WRITE_ONCE(t->cpu, -1);
		spin_unlock(&q->lock);
		t->fn(t);
		spin_lock(&q->lock);
		WRITE_ONCE(q->running, NULL);
	}
	if (n)
		queue_program(q, node_timer(n)->expires_ns);
	q->in_interrupt = false;
	spin_unlock(&q->lock);
}

nsec_t
timer_next_deadline(void)
{
	struct timer_queue *q = this_cpu_ptr(timer_queue);
	unsigned long f = spin_lock_irqsave(&q->lock);
	struct rb_node *n = q->root.leftmost;
	nsec_t ns = n ? node_timer(n)->expires_ns : NSEC_MAX;

	spin_unlock_irqrestore(&q->lock, f);
	return ns;
}

void
timers_migrate(int from_cpu)
{
	struct timer_queue *q = &per_cpu(timer_queue, from_cpu);
	struct rb_node *n;

	for (;;) {
		unsigned long f = spin_lock_irqsave(&q->lock);
		struct timer *t = NULL;

		n = q->root.leftmost;
		if (n) {
			t = node_timer(n);
			rb_erase_cached(n, &q->root);
			WRITE_ONCE(t->cpu, -1);
		}
		spin_unlock_irqrestore(&q->lock, f);
		if (!t)
			return;
		timer_arm(t, t->expires_ns);
	}
}
