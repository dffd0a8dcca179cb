/* SPDX-License-Identifier: MIT */
/*
 * POSIX timers that run: expiring, the signal, overruns.
 *
 * A timer owns one signal queue entry from its creation, so expiring needs no
 * memory and each has at most one signal pending. When it expires the entry is
 * queued and the timer stands still; when the signal is taken off, a periodic
 * timer is moved on by whole periods, the missed ones being the overrun, and
 * armed again. A period of a nanosecond therefore costs one interrupt a signal
 * that the process takes. While its signal is ignored a periodic timer stands
 * still too, until the signal is ignored no more.
 *
 * Timers on CPU-time clocks of the process itself are looked at by the tick;
 * one on another process's clock is a monotonic timer that looks again when
 * that clock can have got there at the earliest, POLL_NS apart at least.
 * SIGEV_NONE timers do not run: who asks is told what the clock says.
 *
 * Locking: sighand lock, all but what starts with taking it.
 */
#include <core/smp.h>
#include <task/cpu_clock.h>
#include <task/local.h>
#include <task/signal.h>
#include "ptimer.h"

#define POLL_NS	(10 * NSEC_PER_MSEC)

nsec_t
ptimer_now(const struct posix_timer *p)
{
	nsec_t ns;

	if (!p->clock_pid)
		return clock_base_ns(p->base);
	(void)cpu_clock_read(p->clock_pid, p->clock, &ns);
	return ns;
}

/* Periods that are over by now, added to the overrun. */
void
ptimer_move_on(struct posix_timer *p)
{
	nsec_t now = ptimer_now(p), d;
	u64 n;

	if (now < p->expires)
		return;
	n = (now - p->expires) / p->interval + 1;
	d = n * p->interval;		/* at most now - expires + interval */
	p->expires = d > NSEC_MAX - p->expires ? NSEC_MAX : p->expires + d;
	p->overrun = add_overflow(p->overrun, (s64)n, &p->overrun) ?
		S64_MAX : p->overrun;
}

static struct task *
target_task(const struct posix_timer *p)
{
	struct task *t = pid_task(p->target, p->notify & SIGEV_THREAD_ID ?
				  PIDTYPE_PID : PIDTYPE_TGID);

	return t && t->sighand && t->signal == p->owner ? t : NULL;
}

static void
send(struct posix_timer *p)
{
	struct task *t = target_task(p);

	p->ignored = false;
	if (t && !signal_queue_prealloc(t, &p->q,
					!(p->notify & SIGEV_THREAD_ID)))
		p->ignored = p->interval != 0;
}

static void
expire(struct posix_timer *p)
{
	p->armed = false;
	p->fired = p->interval != 0;
	list_del_init(&p->cpu_link);
	send(p);
}

static void
poll_foreign(struct posix_timer *p)
{
	nsec_t left = p->expires - ptimer_now(p), now = clock_mono_ns();

	left = max_t(nsec_t, left / nr_cpus, POLL_NS);
	clock_timer_arm(&p->timer, CLOCK_BASE_MONO,
			left > NSEC_MAX - now ? NSEC_MAX : now + left);
}

void
ptimer_start(struct posix_timer *p)
{
	p->armed = true;
	p->fired = false;
	if (p->notify == SIGEV_NONE)
		return;
	if (!p->clock_pid)
		clock_timer_arm(&p->timer, p->base, p->expires);
	else if (ptimer_now(p) >= p->expires)
		expire(p);
	else if (p->foreign)
		poll_foreign(p);
	else
		list_add_tail(&p->cpu_link, &p->owner->posix_timers->cpu);
}

void
ptimer_stop(struct posix_timer *p)
{
	p->armed = p->fired = p->ignored = false;
	clock_timer_cancel(&p->timer);
	list_del_init(&p->cpu_link);
	signal_unqueue_prealloc(p->owner, target_task(p), &p->q,
				!(p->notify & SIGEV_THREAD_ID));
}

void
ptimer_fire(struct clock_timer *ct)
{
	struct posix_timer *p = container_of(ct, struct posix_timer, timer);
	struct task *leader = READ_ONCE(p->owner->leader);
	struct sighand *s;
	unsigned long f;

	s = leader ? sighand_lock(leader, &f) : NULL;
	if (!s)
		return;
	if (p->armed) {
		if (ptimer_now(p) >= p->expires)
			expire(p);
		else if (p->foreign)
			poll_foreign(p);
	}
	spin_unlock_irqrestore(&s->lock, f);
}

void
posix_timers_tick(struct task *t)
{
	struct posix_timers *ps = READ_ONCE(t->signal->posix_timers);
	struct posix_timer *p, *n;
	struct sighand *s;
	unsigned long f;

	if (likely(!ps))
		return;
	s = sighand_lock(t, &f);
	if (!s)
		return;
	ps = t->signal->posix_timers;
	if (ps)
		list_for_each_entry_safe(p, n, &ps->cpu, cpu_link)
			if (ptimer_now(p) >= p->expires)
				expire(p);
	spin_unlock_irqrestore(&s->lock, f);
}

void
posix_timer_delivered(struct sigqueue_entry *q, struct abi_siginfo *info)
{
	struct posix_timer *p = container_of(q, struct posix_timer, q);

	if (p->fired) {
		ptimer_move_on(p);
		ptimer_start(p);
		p->overrun_last = p->overrun;
		p->overrun = -1;
		info->timer.overrun = min_t(s64, p->overrun_last, INT_MAX);
	}
}

void
posix_timer_flushed(struct sigqueue_entry *q)
{
	struct posix_timer *p = container_of(q, struct posix_timer, q);

	p->ignored = p->fired;
}

void
posix_timers_unignore(struct task *t, int sig)
{
	struct posix_timers *ps = t->signal->posix_timers;
	struct rb_node *n;

	for (n = ps ? rb_first(&ps->by_id) : NULL; n; n = rb_next(n)) {
		struct posix_timer *p = rb_entry(n, struct posix_timer, node);

		if (p->ignored && p->q.info.si_signo == sig)
			send(p);
	}
}
