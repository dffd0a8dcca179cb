/* SPDX-License-Identifier: MIT */
/* System calls on clocks, sleeping and interval timers: time(7). */
#include <abi/time.h>
#include <core/time.h>
#include <core/clock_timer.h>
#include <core/ntp.h>
#include <sched/waitq.h>
#include <syscall/entry.h>
#include <task/cpu_clock.h>
#include <task/itimer.h>
#include <task/local.h>
#include <core/smp.h>
#include <task/signal.h>
#include "timespec.h"

static struct abi_timezone sys_tz;	/* kept for those who ask */

static nsec_t
deadline_after(nsec_t ns)
{
	nsec_t now = clock_mono_ns();

	return ns > NSEC_MAX - now ? NSEC_MAX : now + ns;
}

static int
cpu_clock_ns(int id, nsec_t *out)
{
	struct pid *p = cpu_clock_pid(id, true);
	bool ok;

	if (!p)
		return -EINVAL;
	ok = cpu_clock_read(p, id, out);
	pid_put(p);
	return ok ? 0 : -EINVAL;
}

static int
clock_ns(int id, nsec_t *out)
{
	u64 ut, st;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
		*out = clock_real_ns();
		return 0;
	case CLOCK_TAI:
		*out = clock_tai_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
	case CLOCK_MONOTONIC_COARSE:
		*out = clock_mono_ns();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*out = clock_real_coarse_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		group_cpu_times(current, &ut, &st);
		*out = ut + st;
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*out = thread_cpu_ns(current_thread);
		return 0;
	}
	return id < 0 ? cpu_clock_ns(id, out) : -EINVAL;
}

long
sys_clock_gettime(int id, struct abi_timespec __user *out)
{
	struct abi_timespec ts;
	nsec_t ns;
	int r = clock_ns(id, &ns);

	if (r)
		return r;
	ts = ts_from_ns(ns);
	return copyout(out, &ts, sizeof(ts));
}

long
sys_clock_getres(int id, struct abi_timespec __user *out)
{
	struct abi_timespec ts = { 0, 1 };
	nsec_t ns;
	int r = clock_ns(id, &ns);

	if (r)
		return r;
	if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
		ts.tv_nsec = NSEC_PER_SEC / 250;
	return out ? copyout(out, &ts, sizeof(ts)) : 0;
}

static int
set_real(const struct abi_timespec *ts)
{
	if (!ts_valid(ts))
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (ts_to_ns(ts) < clock_mono_ns() || ts_to_ns(ts) == NSEC_MAX)
		return -EINVAL;		/* the boot would be before 1970 */
	clock_set_real(ts_to_ns(ts));
	return 0;
}

long
sys_clock_settime(int id, const struct abi_timespec __user *in)
{
	struct abi_timespec ts;

	if (id != CLOCK_REALTIME && id >= 0)
		return -EINVAL;
	if (copyin(&ts, in, sizeof(ts)))
		return -EFAULT;
	if (id < 0)		/* CPU-time clocks cannot be set */
		return cpu_clock_ns(id, &(nsec_t){ 0 }) ? -EINVAL : -EPERM;
	return set_real(&ts);
}

long
sys_gettimeofday(struct abi_timeval __user *tv, struct abi_timezone __user *tz)
{
	nsec_t ns = clock_real_ns();
	struct abi_timeval v = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / 1000 };

	if (tv && copyout(tv, &v, sizeof(v)))
		return -EFAULT;
	return tz ? copyout(tz, &sys_tz, sizeof(sys_tz)) : 0;
}

long
sys_settimeofday(const struct abi_timeval __user *tv,
		 const struct abi_timezone __user *tz)
{
	struct abi_timezone z;
	struct abi_timeval v;
	struct abi_timespec ts;

	if (tv) {
		if (copyin(&v, tv, sizeof(v)))
			return -EFAULT;
		if ((u64)v.tv_usec > 1000000)
			return -EINVAL;
	}
	if (tz && copyin(&z, tz, sizeof(z)))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (tz) {
		if (z.tz_minuteswest > 15 * 60 || z.tz_minuteswest < -15 * 60)
			return -EINVAL;
		sys_tz = z;
	}
	if (!tv)
		return 0;
	ts = (struct abi_timespec){ v.tv_sec, v.tv_usec * 1000 };
	return set_real(&ts);
}

long
sys_time(s64 __user *out)
{
	s64 s = clock_real_ns() / NSEC_PER_SEC;

	return out && put_user(s, out) ? -EFAULT : s;
}

static long
adjust_clock(struct abi_timex __user *u, struct abi_timex *t)
{
	bool read = !t->modes || t->modes == ADJ_OFFSET_SS_READ;
	int r;

	/* a single shot with anything else is told before permission is asked */
	if ((t->modes & (ADJ_OFFSET_SINGLESHOT | ADJ_OFFSET)) ==
	    (ADJ_OFFSET_SINGLESHOT & ~ADJ_OFFSET))
		return -EINVAL;
	if (!read && !((t->modes & ADJ_OFFSET_SS_READ) == ADJ_OFFSET_SS_READ) &&
	    !capable(CAP_SYS_TIME))
		return -EPERM;
	r = ntp_adjust(t);
	return r >= 0 && copyout(u, t, sizeof(*t)) ? -EFAULT : r;
}

long
sys_adjtimex(struct abi_timex __user *u)
{
	struct abi_timex t;

	return copyin(&t, u, sizeof(t)) ? -EFAULT : adjust_clock(u, &t);
}

long
sys_clock_adjtime(int id, struct abi_timex __user *u)
{
	struct abi_timex t;
	nsec_t ns;

	if (copyin(&t, u, sizeof(t)))
		return -EFAULT;
	if (id == CLOCK_REALTIME)
		return adjust_clock(u, &t);
	return id >= 0 && clock_ns(id, &ns) ? -EINVAL : -EOPNOTSUPP;
}

/* ---- sleeping ---- */

/* Until the deadline; -ERESTARTSYS-like on a signal. */
static bool
sleep_until(nsec_t deadline)
{
	bool late = false;

	while (!late && !signal_pending_current()) {
		set_state(TS_INTERRUPTIBLE);
		if (signal_pending_current()) {
			set_state(TS_RUNNING);
			break;
		}
		late = schedule_until(deadline);
		set_state(TS_RUNNING);
	}
	return late;
}

static long
sleep_interrupted(struct task *t)
{
	nsec_t now = clock_mono_ns(), d = t->restart.nanosleep.deadline;
	struct abi_timespec rem = ts_from_ns(d > now ? d - now : 0);

	if (t->restart.nanosleep.user_rem &&
	    copyout((void __user *)t->restart.nanosleep.user_rem, &rem,
		    sizeof(rem)))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long
nanosleep_restart(struct task *t)
{
	if (sleep_until(t->restart.nanosleep.deadline))
		return 0;
	t->restart_fn = nanosleep_restart;
	return sleep_interrupted(t);
}

static long
sleep_relative(nsec_t ns, struct abi_timespec __user *rem)
{
	struct task *t = current;
	nsec_t deadline = deadline_after(ns);

	if (sleep_until(deadline))
		return 0;
	t->restart.nanosleep.deadline = deadline;
	t->restart.nanosleep.user_rem = (u64)rem;
	t->restart_fn = nanosleep_restart;
	return sleep_interrupted(t);
}

long
sys_nanosleep(const struct abi_timespec __user *req,
	      struct abi_timespec __user *rem)
{
	struct abi_timespec ts;

	if (copyin(&ts, req, sizeof(ts)))
		return -EFAULT;
	if (!ts_valid(&ts))
		return -EINVAL;
	return sleep_relative(ts_to_ns(&ts), rem);
}

/* ---- absolute times of a clock that may be set ---- */

struct sleeper {
	struct clock_timer timer;
	struct thread *thread;
	bool over;			/* a */
};

static void
sleeper_wake(struct clock_timer *t)
{
	struct sleeper *s = container_of(t, struct sleeper, timer);

	WRITE_ONCE(s->over, true);
	thread_wake(s->thread);
}

static long
sleep_until_clock(enum clock_base base, nsec_t when)
{
	struct sleeper s = { .thread = current_thread };

	clock_timer_init(&s.timer, sleeper_wake);
	clock_timer_arm(&s.timer, base, when);
	for (;;) {
		set_state(TS_INTERRUPTIBLE);
		if (READ_ONCE(s.over) || signal_pending_current())
			break;
		schedule();
	}
	set_state(TS_RUNNING);
	clock_timer_cancel_sync(&s.timer);
	return s.over ? 0 : -ERESTARTNOHAND;
}

/* ---- CPU-time clocks ---- */

/*
 * A CPU-time clock goes nr_cpus times as fast as the wall clock at most: look
 * again when it can have got there, a tick apart at least.
 */
static bool
sleep_until_cpu(struct pid *p, int id, nsec_t when)
{
	nsec_t now;

	while (cpu_clock_read(p, id, &now) && now < when) {
		nsec_t left = max_t(nsec_t, (when - now) / nr_cpus,
				    SCHED_TICK_NS);

		if (!sleep_until(deadline_after(left)))
			return false;
	}
	return true;
}

static long cpu_sleep_restart(struct task *t);

static long
cpu_sleep_interrupted(struct task *t, int id, nsec_t when, u64 user_rem)
{
	struct abi_timespec rem;
	nsec_t now;

	if (cpu_clock_ns(id, &now))
		now = when;
	rem = ts_from_ns(when > now ? when - now : 0);
	if (user_rem && copyout((void __user *)user_rem, &rem, sizeof(rem)))
		return -EFAULT;
	t->restart.nanosleep.deadline = when;
	t->restart.nanosleep.user_rem = user_rem;
	t->restart.nanosleep.clock = id;
	t->restart_fn = cpu_sleep_restart;
	return -ERESTART_RESTARTBLOCK;
}

static long
cpu_sleep_restart(struct task *t)
{
	int id = t->restart.nanosleep.clock;
	nsec_t when = t->restart.nanosleep.deadline;
	struct pid *p = cpu_clock_pid(id, false);
	bool over;

	if (!p)
		return -EINVAL;
	over = sleep_until_cpu(p, id, when);
	pid_put(p);
	return over ? 0 : cpu_sleep_interrupted(t, id, when,
						t->restart.nanosleep.user_rem);
}

static long
cpu_sleep(int id, bool absolute, nsec_t want, struct abi_timespec __user *rem)
{
	pid_t nr = ~(id >> 3);
	struct pid *p;
	nsec_t now;
	bool over;

	/* a thread does not wait for itself to work */
	if ((id & CPU_CLOCK_THREAD) && (!nr || nr == task_tid(current)))
		return -EINVAL;
	p = cpu_clock_pid(id, false);
	if (!p)
		return -EINVAL;
	if (!absolute) {
		(void)cpu_clock_read(p, id, &now);
		want = want > NSEC_MAX - now ? NSEC_MAX : now + want;
	}
	over = sleep_until_cpu(p, id, want);
	pid_put(p);
	if (over)
		return 0;
	if (absolute)
		return -ERESTARTNOHAND;
	return cpu_sleep_interrupted(current, id, want, (u64)rem);
}

long
sys_clock_nanosleep(int id, int flags, const struct abi_timespec __user *req,
		    struct abi_timespec __user *rem)
{
	bool absolute = flags & TIMER_ABSTIME;
	struct abi_timespec ts;
	nsec_t want;

	switch (id) {
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	case CLOCK_PROCESS_CPUTIME_ID:
		id = CPU_CLOCK_PROCESS_SELF;
		break;
	}
	if (id > CLOCK_TAI || id == CLOCK_TAI - 1)
		return -EINVAL;
	if (id < 0 && (id & 7) == 3)
		return -EOPNOTSUPP;
	if (copyin(&ts, req, sizeof(ts)))
		return -EFAULT;
	if (!ts_valid(&ts))
		return -EINVAL;
	want = ts_to_ns(&ts);
	if (id == CLOCK_REALTIME_ALARM || id == CLOCK_BOOTTIME_ALARM) {
		if (flags & ~TIMER_ABSTIME)
			return -EINVAL;
		if (!capable(CAP_WAKE_ALARM))
			return -EPERM;
	}
	if (id < 0)
		return cpu_sleep(id, absolute, want, rem);
	if (!absolute)
		return sleep_relative(want, rem);
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_ALARM)
		return sleep_until_clock(CLOCK_BASE_REAL, want);
	if (id == CLOCK_TAI)
		return sleep_until_clock(CLOCK_BASE_TAI, want);
	return sleep_until(want) ? 0 : -ERESTARTNOHAND;
}

/* ---- interval timers ---- */

static struct abi_timeval
tv_from_ns(nsec_t ns)
{
	return (struct abi_timeval){ ns / NSEC_PER_SEC,
		ns % NSEC_PER_SEC / 1000 };
}

static bool
tv_to_ns(const struct abi_timeval *t, nsec_t *out)
{
	struct abi_timespec ts = { t->tv_sec, t->tv_usec * 1000 };

	if (t->tv_sec < 0 || (u64)t->tv_usec >= 1000000)
		return false;
	*out = ts_to_ns(&ts);
	return true;
}

static int
itimer_out(struct abi_itimerval __user *u, const struct itimer_value *v)
{
	struct abi_itimerval o = { tv_from_ns(v->interval_ns),
		tv_from_ns(v->value_ns) };

	/* a running timer never reads as stopped */
	if (v->value_ns && !o.it_value.tv_sec && !o.it_value.tv_usec)
		o.it_value.tv_usec = 1;
	return copyout(u, &o, sizeof(o));
}

long
sys_getitimer(int which, struct abi_itimerval __user *out)
{
	struct itimer_value v;
	int r = itimer_get(which, &v);

	return r ? r : itimer_out(out, &v);
}

long
sys_setitimer(int which, const struct abi_itimerval __user *new,
	      struct abi_itimerval __user *old)
{
	struct abi_itimerval n = { 0 };
	struct itimer_value v, o;
	int r;

	if (new && copyin(&n, new, sizeof(n)))
		return -EFAULT;
	if (!tv_to_ns(&n.it_interval, &v.interval_ns) ||
	    !tv_to_ns(&n.it_value, &v.value_ns))
		return -EINVAL;
	r = itimer_set(which, &v, &o);
	if (r)
		return r;
	return old ? itimer_out(old, &o) : 0;
}

long
sys_alarm(unsigned int seconds)
{
	struct itimer_value v = { 0, (nsec_t)seconds * NSEC_PER_SEC }, o;

	itimer_set(ITIMER_REAL, &v, &o);
	/* rounded, but a running one is never 0 */
	return o.value_ns ? max((o.value_ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC,
				1UL) : 0;
}
