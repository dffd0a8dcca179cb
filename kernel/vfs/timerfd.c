/* SPDX-License-Identifier: MIT */
/*
 * timerfd_create(2): a timer whose expirations are counted and read.
 *
 * The timer fires once; a periodic one is moved on by whole periods, which are
 * added to the count, and armed again when somebody reads it or asks for the
 * time left. So a short period costs an interrupt a read, not one a period.
 *
 * A timer with TFD_TIMER_CANCEL_ON_SET watches the wall clock; being set marks
 * it cancelled and wakes readers, and the next read or arming tells.
 *
 * Locking: lock (rank objqueue, irqs off) all but the queue; cancelled is
 * written under the clock's lock and is a flag by itself.
 */
#include <abi/time.h>
#include <abi/timerfd.h>
#include <core/clock_timer.h>
#include <lib/printf.h>
#include <mm/uaccess.h>
#include "internal.h"

struct timerfd {
	struct spinlock lock;
	struct waitq wq;
	struct clock_timer timer;	/* lock */
	struct clock_watch watch;	/* lock; on the list while watching */
	int clock;			/* I: CLOCK_* */
	u32 settime_flags;		/* lock: TFD_TIMER_* */
	nsec_t interval;		/* lock */
	u64 ticks;			/* lock */
	bool armed;			/* lock: the timer will fire */
	bool expired;			/* lock: fired, not moved on */
	bool watching;			/* lock */
	bool cancelled;			/* a */
};

static const struct file_ops timerfd_fops;

bool
timerfd_is_alarm(const struct file *f)
{
	const struct timerfd *t = f->private;

	return t->clock == CLOCK_REALTIME_ALARM ||
		t->clock == CLOCK_BOOTTIME_ALARM;
}

bool
file_is_timerfd(const struct file *f)
{
	return f->op == &timerfd_fops;
}

static void
timerfd_fire(struct clock_timer *ct)
{
	struct timerfd *t = container_of(ct, struct timerfd, timer);
	unsigned long f = spin_lock_irqsave(&t->lock);

	if (!t->armed || clock_base_ns(ct->base) < ct->expires_ns) {
		spin_unlock_irqrestore(&t->lock, f);	/* armed anew */
		return;
	}
	t->armed = false;
	t->expired = true;
	t->ticks++;
	waitq_wake(&t->wq, 0, POLLIN);
	spin_unlock_irqrestore(&t->lock, f);
}

static void
timerfd_clock_set(struct clock_watch *w)
{
	struct timerfd *t = container_of(w, struct timerfd, watch);

	WRITE_ONCE(t->cancelled, true);
	waitq_wake(&t->wq, 0, POLLIN);
}

static void
arm(struct timerfd *t, enum clock_base base, nsec_t expires)
{
	t->armed = true;
	clock_timer_arm(&t->timer, base, expires);
}

/* lock held: how many more periods are over; armed for the next one */
static u64
move_on(struct timerfd *t)
{
	nsec_t now, at = t->timer.expires_ns;
	u64 n = 0;

	t->expired = false;
	if (!t->interval)
		return 0;
	now = clock_base_ns(t->timer.base);
	if (now >= at)
		n = (now - at) / t->interval + 1;
	at = __builtin_mul_overflow(n, t->interval, &now) ||
		now > NSEC_MAX - at ? NSEC_MAX : at + now;
	arm(t, t->timer.base, at);
	return n ? n - 1 : 0;
}

/* lock held: the flag is taken down when it is told */
static bool
was_cancelled(struct timerfd *t)
{
	if (likely(!t->watching || !READ_ONCE(t->cancelled)))
		return false;
	WRITE_ONCE(t->cancelled, false);
	return true;
}

static bool
has_news(const struct timerfd *t)
{
	return READ_ONCE(t->ticks) || READ_ONCE(t->cancelled);
}

/* -EAGAIN: nothing to read */
static int
take(struct timerfd *t, u64 *out)
{
	int r = 0;

	spin_lock_irq(&t->lock);
	if (was_cancelled(t)) {
		t->ticks = 0;
		r = -ECANCELED;
	} else if (!t->ticks) {
		r = -EAGAIN;
	} else {
		if (t->expired)
			t->ticks += move_on(t);
		*out = t->ticks;
		t->ticks = 0;
	}
	spin_unlock_irq(&t->lock);
	return r;
}

static ssize_t
timerfd_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct timerfd *t = f->private;
	u64 v;
	int r;

	if (to->count < sizeof(v))
		return -EINVAL;
	while ((r = take(t, &v)) == -EAGAIN) {
		if (flags & IO_NONBLOCK)
			return -EAGAIN;
		if (wait_event_intr(&t->wq, has_news(t)))
			return -ERESTARTSYS;
	}
	if (r)
		return r;
	return copy_to_iter(&v, sizeof(v), to) == sizeof(v) ?
		(ssize_t)sizeof(v) : -EFAULT;
}

static u32
timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->private;

	poll_wait(f, &t->wq, pt);
	/* a cancelled one that watches no more has nothing to tell */
	return READ_ONCE(t->ticks) ||
		(READ_ONCE(t->cancelled) && READ_ONCE(t->watching)) ?
		POLLIN : 0;
}

static nsec_t
time_left(const struct timerfd *t)
{
	nsec_t now = clock_base_ns(t->timer.base);

	if (!t->armed && !t->expired)
		return 0;
	return t->timer.expires_ns > now ? t->timer.expires_ns - now : 0;
}

static enum clock_base
base_of(const struct timerfd *t, u32 flags)
{
	/* a relative time is not changed by setting the clock */
	if (!(flags & TFD_TIMER_ABSTIME))
		return CLOCK_BASE_MONO;
	return t->clock == CLOCK_REALTIME || t->clock == CLOCK_REALTIME_ALARM ?
		CLOCK_BASE_REAL : CLOCK_BASE_MONO;
}

/* lock held */
static void
watch_clock(struct timerfd *t, bool on)
{
	if (on == t->watching)
		return;
	WRITE_ONCE(t->cancelled, false);
	WRITE_ONCE(t->watching, on);
	if (on)
		clock_watch_add(&t->watch);
	else
		clock_watch_del(&t->watch);
}

int
timerfd_set(struct file *f, u32 flags, const struct timerfd_value *new,
	    struct timerfd_value *old)
{
	struct timerfd *t = f->private;
	enum clock_base base = base_of(t, flags);
	nsec_t at = new->value_ns;
	int r = 0;

	spin_lock_irq(&t->lock);
	if (t->expired && t->interval)
		(void)move_on(t);
	old->value_ns = time_left(t);
	old->interval_ns = t->interval;
	clock_timer_cancel(&t->timer);
	t->armed = t->expired = false;
	watch_clock(t, base == CLOCK_BASE_REAL &&
		    (flags & TFD_TIMER_CANCEL_ON_SET));
	t->settime_flags = flags;
	t->interval = new->interval_ns;
	t->ticks = 0;
	t->timer.expires_ns = 0;
	if (at) {
		if (!(flags & TFD_TIMER_ABSTIME)) {
			nsec_t now = clock_mono_ns();

			at = at > NSEC_MAX - now ? NSEC_MAX : now + at;
		}
		arm(t, base, at);
		if (was_cancelled(t))
			r = -ECANCELED;
	}
	spin_unlock_irq(&t->lock);
	return r;
}

void
timerfd_get(struct file *f, struct timerfd_value *out)
{
	struct timerfd *t = f->private;

	spin_lock_irq(&t->lock);
	if (t->expired && t->interval)
		t->ticks += move_on(t);
	out->value_ns = time_left(t);
	out->interval_ns = t->interval;
	spin_unlock_irq(&t->lock);
}

static long
timerfd_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct timerfd *t = f->private;
	long r = 0;
	u64 n;

	if (cmd != TFD_IOC_SET_TICKS)
		return -ENOTTY;
	if (copyin(&n, (const void __user *)arg, sizeof(n)))
		return -EFAULT;
	if (!n)
		return -EINVAL;
	spin_lock_irq(&t->lock);
	if (was_cancelled(t)) {
		r = -ECANCELED;
	} else {
		t->ticks = n;
		waitq_wake(&t->wq, 0, POLLIN);
	}
	spin_unlock_irq(&t->lock);
	return r;
}

static void
timerfd_release(struct file *f)
{
	struct timerfd *t = f->private;

	spin_lock_irq(&t->lock);
	watch_clock(t, false);
	t->armed = false;
	clock_timer_cancel(&t->timer);
	spin_unlock_irq(&t->lock);
	clock_timer_cancel_sync(&t->timer);
	kfree(t);
}

static void
timerfd_fdinfo(struct file *f, char *buf, size_t len)
{
	struct timerfd *t = f->private;
	nsec_t left, every;
	u64 ticks;
	u32 flags;

	spin_lock_irq(&t->lock);
	left = time_left(t);
	every = t->interval;
	ticks = t->ticks;
	flags = t->settime_flags;
	spin_unlock_irq(&t->lock);
	snprintf(buf, len, "clockid: %d\nticks: %lu\nsettime flags: 0%o\n"
		 "it_value: (%lu, %lu)\nit_interval: (%lu, %lu)\n",
		 t->clock, ticks, flags,
		 left / NSEC_PER_SEC, left % NSEC_PER_SEC,
		 every / NSEC_PER_SEC, every % NSEC_PER_SEC);
}

static const struct file_ops timerfd_fops = {
	.read_iter = timerfd_read_iter,
	.poll = timerfd_poll,
	.ioctl = timerfd_ioctl,
	.release = timerfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = timerfd_fdinfo,
	.flags = FOP_NOLLSEEK,
};

int
timerfd_create_file(int clock, u32 flags, struct file **out)
{
	struct timerfd *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	spin_init(&t->lock, RANK_OBJQUEUE);
	waitq_init(&t->wq);
	clock_timer_init(&t->timer, timerfd_fire);
	INIT_LIST_HEAD(&t->watch.link);
	t->watch.fn = timerfd_clock_set;
	t->clock = clock;
	err = file_alloc_pseudo("[timerfd]", &timerfd_fops, t,
				O_RDWR | (flags & O_NONBLOCK), out);
	if (err)
		kfree(t);
	return err;
}
