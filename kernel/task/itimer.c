/* SPDX-License-Identifier: MIT */
/*
 * Interval timers, setitimer(2), and the CPU-time limit RLIMIT_CPU.
 *
 * ITIMER_REAL is a high-resolution timer that sends SIGALRM; a periodic one
 * is re-armed when the signal is taken off the queue, so a short period never
 * queues work faster than the process can take it. ITIMER_VIRTUAL and
 * ITIMER_PROF count CPU time and are looked at from the tick.
 *
 * Locking: sighand lock.
 */
#include <abi/errno.h>
#include <core/time.h>
#include <sched/sched.h>
#include <task/itimer.h>
#include <task/local.h>
#include <task/posix_timer.h>
#include <task/signal.h>

static void
real_fire(struct timer *t)
{
	struct signal_struct *s = container_of(t, struct signal_struct,
					       real_timer);
	struct task *leader = READ_ONCE(s->leader);

	if (leader)
		signal_send_group(leader, SIGALRM, SEND_SIG_PRIV);
}

void
itimer_init(struct signal_struct *s)
{
	timer_init(&s->real_timer, real_fire);
}

void
itimer_real_rearm(struct signal_struct *s)
{
	nsec_t now, next;

	if (!s->real_interval || timer_pending(&s->real_timer))
		return;
	now = clock_mono_ns();
	next = s->real_timer.expires_ns + s->real_interval;
	if (next <= now)	/* keep the phase, skip what was missed */
		next += ((now - next) / s->real_interval + 1) *
			s->real_interval;
	timer_arm(&s->real_timer, next);
}

void
itimer_exec(struct signal_struct *s)
{
	posix_timers_end(s);	/* interval timers survive execve(2) */
}

void
itimer_exit(struct signal_struct *s)
{
	s->real_interval = 0;
	timer_cancel_sync(&s->real_timer);
	posix_timers_end(s);
}

/* CPU time of a whole group: live threads and dead ones. */
void
group_cpu_times(struct task *p, u64 *ut, u64 *st)
{
	struct signal_struct *s = p->signal;
	struct task *t;

	*ut = s->utime_ns;
	*st = s->stime_ns;
	rcu_read_lock();
	list_for_each_entry(t, &s->threads, thread_link) {
		u64 u, k;

		thread_times(&t->thread, &u, &k);
		*ut += u;
		*st += k;
	}
	rcu_read_unlock();
}

static u64
cpu_clock(struct task *t, int which)
{
	u64 ut, st;

	group_cpu_times(t, &ut, &st);
	return which == ITIMER_VIRTUAL ? ut : ut + st;
}

static void
itimer_expire(struct task *t, struct itimer *it, u64 now, int sig)
{
	struct sighand *s;
	unsigned long f;

	s = sighand_lock(t, &f);
	if (!s)
		return;
	if (!it->expires || now < it->expires) {
		spin_unlock_irqrestore(&s->lock, f);
		return;
	}
	it->expires = it->interval ? now + it->interval : 0;
	spin_unlock_irqrestore(&s->lock, f);
	signal_send_group(t, sig, SEND_SIG_PRIV);
}

/* Context: I, from the tick, t is current and a user thread. */
void
itimer_tick(struct task *t)
{
	struct signal_struct *s = t->signal;

	if (unlikely(s->it_virt.expires))
		itimer_expire(t, &s->it_virt, cpu_clock(t, ITIMER_VIRTUAL),
			      SIGVTALRM);
	if (unlikely(s->it_prof.expires))
		itimer_expire(t, &s->it_prof, cpu_clock(t, ITIMER_PROF),
			      SIGPROF);
}

void
rlimit_cpu_tick(struct task *t)
{
	struct rlimit *r = &t->signal->rlim[RLIMIT_CPU];
	u64 soft = READ_ONCE(r->cur), secs;

	if (likely(soft == RLIM_INFINITY))
		return;
	secs = cpu_clock(t, ITIMER_PROF) / NSEC_PER_SEC;
	if (secs >= READ_ONCE(r->max)) {
		signal_send_group(t, SIGKILL, SEND_SIG_PRIV);
	} else if (secs >= soft) {
		WRITE_ONCE(r->cur, secs + 1);
		signal_send_group(t, SIGXCPU, SEND_SIG_PRIV);
	}
}

/*
 * RLIMIT_RTTIME, in microseconds: how long a thread of a real-time policy may
 * run without sleeping; told by SIGXCPU again each second, ended at the hard
 * limit. A thread that slept has another nvcsw.
 */
static void
rlimit_rttime_tick(struct task *t)
{
	struct rlimit *r = &t->signal->rlim[RLIMIT_RTTIME];
	u64 soft = READ_ONCE(r->cur), us;

	if (t->rt_nvcsw != t->thread.nvcsw) {
		t->rt_nvcsw = t->thread.nvcsw;
		t->rt_start_ns = t->thread.se.sum_exec_ns;
	}
	if (likely(soft == RLIM_INFINITY))
		return;
	us = (t->thread.se.sum_exec_ns - t->rt_start_ns) / 1000;
	if (us >= READ_ONCE(r->max)) {
		signal_send_group(t, SIGKILL, SEND_SIG_PRIV);
	} else if (us >= soft) {
		WRITE_ONCE(r->cur, soft + 1000000);
		signal_send_group(t, SIGXCPU, SEND_SIG_PRIV);
	}
}

/* task_tick - the scheduler's tick in a user thread. Context: I. */
void
task_tick(struct thread *th)
{
	struct task *t = thread_task(th);

	if (th->kernel_only || (t->flags & TASK_EXITING))
		return;
	itimer_tick(t);
	posix_timers_tick(t);
	rlimit_cpu_tick(t);
	if (unlikely(th->policy == SCHED_FIFO || th->policy == SCHED_RR))
		rlimit_rttime_tick(t);
}

int
itimer_get(int which, struct itimer_value *out)
{
	struct task *t = current;
	struct signal_struct *s = t->signal;
	nsec_t now;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	now = which == ITIMER_REAL ? clock_mono_ns() : cpu_clock(t, which);
	spin_lock_irq(&t->sighand->lock);
	if (which == ITIMER_REAL) {
		out->interval_ns = s->real_interval;
		out->value_ns = 0;
		if (timer_pending(&s->real_timer))
			out->value_ns = s->real_timer.expires_ns > now ?
				s->real_timer.expires_ns - now : 1;
	} else {
		struct itimer *it = which == ITIMER_VIRTUAL ?
			&s->it_virt : &s->it_prof;

		out->interval_ns = it->interval;
		out->value_ns = !it->expires ? 0 :
			it->expires > now ? it->expires - now :
			NSEC_PER_SEC / HZ_USER;
	}
	spin_unlock_irq(&t->sighand->lock);
	return 0;
}

int
itimer_set(int which, const struct itimer_value *new, struct itimer_value *old)
{
	struct task *t = current;
	struct signal_struct *s = t->signal;
	struct itimer_value dummy;
	nsec_t now;
	int r = itimer_get(which, old ? old : &dummy);

	if (r)
		return r;
	if (which == ITIMER_REAL) {
		timer_cancel_sync(&s->real_timer);
		spin_lock_irq(&t->sighand->lock);
		s->real_interval = new->interval_ns;
		if (new->value_ns) {
			now = clock_mono_ns();
			timer_arm(&s->real_timer, new->value_ns >
				  NSEC_MAX - now ? NSEC_MAX :
				  now + new->value_ns);
		}
		spin_unlock_irq(&t->sighand->lock);
		return 0;
	}
	now = cpu_clock(t, which);
	spin_lock_irq(&t->sighand->lock);
	*(which == ITIMER_VIRTUAL ? &s->it_virt : &s->it_prof) =
		(struct itimer){
			.expires = new->value_ns ? now + new->value_ns : 0,
			.interval = new->interval_ns,
		};
	spin_unlock_irq(&t->sighand->lock);
	if (new->value_ns)
		sched_request_tick();
	return 0;
}
