/* SPDX-License-Identifier: MIT */
/*
 * POSIX timers, timer_create(2).
 *
 * Here they are made, set, asked and deleted; posix_timer_run.c has their
 * running.
 *
 * Structures: signal_struct.posix_timers, made by the first timer_create(2), has
 * the timers in a tree by number. It goes with the last thread or execve(2).
 *
 * Locking: sighand lock for all. clock_timer's function may run after its
 * timer was set anew or deleted, and looks at `armed` and the clock; memory is
 * freed after clock_timer_cancel_sync() without the lock.
 *
 * Limits: RLIMIT_SIGPENDING counts each timer.
 */
#include <abi/errno.h>
#include <abi/time.h>
#include <mm/slab.h>
#include <task/cpu_clock.h>
#include <task/cred.h>
#include <task/local.h>
#include <task/signal.h>
#include "ptimer.h"

/* ---- clocks ---- */

/* what an absolute time of clock is on */
static enum clock_base
base_of(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
		return CLOCK_BASE_REAL;
	case CLOCK_TAI:
		return CLOCK_BASE_TAI;
	default:
		return CLOCK_BASE_MONO;
	}
}

/* what clock_gettime(2) would accept and a timer can run on */
static int
check_clock(int clock)
{
	if (clock < 0)
		return (clock & 7) == 3 ? -EOPNOTSUPP : 0;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	}
	return -EINVAL;
}

/* ---- finding, making, deleting ---- */

/* first with a number >= id */
static struct posix_timer *
find_from(struct posix_timers *ps, int id)
{
	struct rb_node *n = ps ? ps->by_id.node : NULL;
	struct posix_timer *best = NULL;

	while (n) {
		struct posix_timer *p = rb_entry(n, struct posix_timer, node);

		if (p->id >= id)
			best = p;
		n = p->id >= id ? n->left : n->right;
	}
	return best;
}

static struct posix_timer *
find(int id)
{
	struct posix_timer *p = id < 0 ? NULL :
		find_from(current->signal->posix_timers, id);

	return p && p->id == id ? p : NULL;
}

/* The next number that is free, from next_id on. */
static void
number(struct posix_timers *ps, struct posix_timer *p)
{
	struct posix_timer *o;
	int id = ps->next_id;

	while ((o = find_from(ps, id)) && o->id == id)
		id = id == INT_MAX ? 0 : id + 1;
	p->id = id;
	ps->next_id = id == INT_MAX ? 0 : id + 1;
}

static void
insert(struct posix_timers *ps, struct posix_timer *p)
{
	struct rb_node **link = &ps->by_id.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = p->id < rb_entry(parent, struct posix_timer, node)->id ?
			&parent->left : &parent->right;
	}
	rb_link_node(&p->node, parent, link);
	rb_insert_color(&p->node, &ps->by_id);
}

static void
timer_free(struct posix_timer *p)
{
	clock_timer_cancel_sync(&p->timer);
	sigqueue_prealloc_put(&p->q);
	pid_put(p->target);
	pid_put(p->clock_pid);
	kfree(p);
}

static int
check_event(const struct abi_sigevent *ev, struct pid **target)
{
	struct task *t;

	*target = NULL;
	switch (ev->sigev_notify) {
	case SIGEV_SIGNAL | SIGEV_THREAD_ID:
		t = task_find(ev->sigev_tid);
		if (!t)
			return -EINVAL;
		if (t->signal == current->signal) {
			*target = t->pid;
			pid_get(*target);
		}
		task_put(t);
		if (!*target)
			return -EINVAL;
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
	case SIGEV_NONE:
		*target = current->tgid;
		pid_get(*target);
		break;
	default:
		return -EINVAL;
	}
	if (ev->sigev_notify != SIGEV_NONE &&
	    (ev->sigev_signo <= 0 || ev->sigev_signo > NSIG)) {
		pid_put(*target);
		return -EINVAL;
	}
	return 0;
}

static int
set_clock(struct posix_timer *p, int clock)
{
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		clock = CPU_CLOCK_PROCESS_SELF;
	else if (clock == CLOCK_THREAD_CPUTIME_ID)
		clock = CPU_CLOCK_THREAD_SELF;
	p->clock = clock;
	if (clock >= 0)
		return 0;
	p->clock_pid = cpu_clock_pid(clock, false);
	if (!p->clock_pid)
		return -EINVAL;
	p->foreign = !(clock & CPU_CLOCK_THREAD) &&
		p->clock_pid != current->tgid;
	return 0;
}

static struct posix_timers *
timers_of_current(void)
{
	struct signal_struct *s = current->signal;
	struct posix_timers *ps = READ_ONCE(s->posix_timers), *new;

	if (ps)
		return ps;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	INIT_LIST_HEAD(&new->cpu);
	spin_lock_irq(&current->sighand->lock);
	ps = s->posix_timers;
	if (!ps)
		ps = s->posix_timers = new;
	spin_unlock_irq(&current->sighand->lock);
	if (ps != new)
		kfree(new);
	return ps;
}

static void
fill_info(struct posix_timer *p, const struct abi_sigevent *ev)
{
	struct abi_siginfo *i = &p->q.info;

	i->si_signo = SIGALRM;
	i->si_code = SI_TIMER;
	i->timer.tid = p->id;
	if (ev) {
		i->si_signo = ev->sigev_signo;
		i->timer.value = ev->sigev_value;
	} else {
		i->timer.value.sival_int = p->id;
	}
}

int
posix_timer_create(int clock, const struct abi_sigevent *ev, int *id)
{
	struct posix_timers *ps;
	struct posix_timer *p;
	int r = check_clock(clock);

	if (r)
		return r;
	ps = timers_of_current();
	p = ps ? kzalloc(sizeof(*p), GFP_KERNEL) : NULL;
	if (!p)
		return -EAGAIN;
	r = sigqueue_prealloc(&p->q);
	if (r)
		goto out_free;
	p->notify = ev ? ev->sigev_notify : SIGEV_SIGNAL;
	p->owner = current->signal;
	p->overrun = -1;
	INIT_LIST_HEAD(&p->cpu_link);
	clock_timer_init(&p->timer, ptimer_fire);
	if (ev) {
		r = check_event(ev, &p->target);
	} else {
		p->target = current->tgid;
		pid_get(p->target);
	}
	if (r)
		goto out_queue;
	r = set_clock(p, clock);
	if (r)
		goto out_target;
	spin_lock_irq(&current->sighand->lock);
	number(ps, p);
	fill_info(p, ev);
	insert(ps, p);
	*id = p->id;
	spin_unlock_irq(&current->sighand->lock);
	return 0;
out_target:
	pid_put(p->target);
out_queue:
	sigqueue_prealloc_put(&p->q);
out_free:
	kfree(p);
	return r;
}

int
posix_timer_delete(int id)
{
	struct posix_timer *p;

	spin_lock_irq(&current->sighand->lock);
	p = find(id);
	if (p) {
		ptimer_stop(p);
		rb_erase(&p->node, &current->signal->posix_timers->by_id);
	}
	spin_unlock_irq(&current->sighand->lock);
	if (!p)
		return -EINVAL;
	timer_free(p);
	return 0;
}

void
posix_timers_end(struct signal_struct *s)
{
	struct posix_timers *ps = s->posix_timers;
	struct sighand *sh = current->sighand;
	struct rb_node *n;

	if (likely(!ps))
		return;
	for (;;) {
		spin_lock_irq(&sh->lock);
		n = rb_first(&ps->by_id);
		if (n) {
			ptimer_stop(rb_entry(n, struct posix_timer, node));
			rb_erase(n, &ps->by_id);
		} else {
			s->posix_timers = NULL;
		}
		spin_unlock_irq(&sh->lock);
		if (!n)
			break;
		timer_free(rb_entry(n, struct posix_timer, node));
		cond_resched();
	}
	kfree(ps);
}

/* ---- setting and asking ---- */

/* sighand lock held */
static void
value_of(struct posix_timer *p, struct posix_timer_value *out)
{
	nsec_t now;

	*out = (struct posix_timer_value){ .interval_ns = p->interval };
	if (!p->armed && !p->fired)
		return;
	if (p->interval && (p->fired || p->notify == SIGEV_NONE))
		ptimer_move_on(p);
	now = ptimer_now(p);
	if (p->expires > now)
		out->value_ns = p->expires - now;
	else
		out->value_ns = p->notify == SIGEV_NONE ? 0 : 1;
}

int
posix_timer_get(int id, struct posix_timer_value *out)
{
	struct posix_timer *p;

	spin_lock_irq(&current->sighand->lock);
	p = find(id);
	if (p)
		value_of(p, out);
	spin_unlock_irq(&current->sighand->lock);
	return p ? 0 : -EINVAL;
}

static void
set(struct posix_timer *p, bool absolute, const struct posix_timer_value *new)
{
	nsec_t now;

	ptimer_stop(p);
	p->overrun_last = 0;
	p->overrun = -1;
	p->interval = 0;
	if (!new->value_ns)
		return;
	/* setting the clock does not change a relative time */
	p->base = absolute ? base_of(p->clock) : CLOCK_BASE_MONO;
	p->interval = new->interval_ns;
	p->expires = new->value_ns;
	if (!absolute) {
		now = ptimer_now(p);
		p->expires = new->value_ns > NSEC_MAX - now ? NSEC_MAX :
			now + new->value_ns;
	}
	ptimer_start(p);
}

int
posix_timer_set(int id, bool absolute, const struct posix_timer_value *new,
		struct posix_timer_value *old)
{
	struct posix_timer *p;

	spin_lock_irq(&current->sighand->lock);
	p = find(id);
	if (p) {
		value_of(p, old);
		set(p, absolute, new);
	}
	spin_unlock_irq(&current->sighand->lock);
	return p ? 0 : -EINVAL;
}

int
posix_timer_overrun(int id)
{
	struct posix_timer *p;
	int r = -EINVAL;

	spin_lock_irq(&current->sighand->lock);
	p = find(id);
	if (p)
		r = min_t(s64, p->overrun_last, INT_MAX);
	spin_unlock_irq(&current->sighand->lock);
	return r;
}

/* last with a number <= id */
static struct posix_timer *
find_down(struct posix_timers *ps, int id)
{
	struct rb_node *n = ps ? ps->by_id.node : NULL;
	struct posix_timer *best = NULL;

	while (n) {
		struct posix_timer *p = rb_entry(n, struct posix_timer, node);

		if (p->id <= id)
			best = p;
		n = p->id <= id ? n->right : n->left;
	}
	return best;
}

bool
posix_timer_prev(struct task *t, int id, struct posix_timer_info *out)
{
	struct posix_timer *p;
	struct sighand *s;
	unsigned long f;

	s = sighand_lock(t, &f);
	if (!s)
		return false;
	p = find_down(t->signal->posix_timers, id);
	if (p)
		*out = (struct posix_timer_info){ p->id,
			p->q.info.si_signo, p->notify, p->clock,
			p->q.info.timer.value.sival_ptr, pid_vnr(p->target) };
	spin_unlock_irqrestore(&s->lock, f);
	return p;
}
