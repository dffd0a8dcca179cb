/* SPDX-License-Identifier: MIT */
/* System calls of asynchronous I/O: io_setup(2) and its kin. */
#include <abi/aio.h>
#include <mm/uaccess.h>
#include <syscall/entry.h>
#include <task/signal.h>
#include <vfs/inner.h>
#include "timespec.h"

#define KIOCB_KEY 0

struct abi_aio_sigset {		/* io_pgetevents' sixth argument */
	const u64 __user *mask;
	size_t size;
};

long
sys_io_setup(u32 nr, unsigned long __user *out)
{
	struct kioctx *c;
	unsigned long old;
	int r;

	if (get_user(old, out))
		return -EFAULT;
	if (old || !nr)
		return -EINVAL;
	r = kioctx_create(nr, &c);
	if (r)
		return r;
	if (put_user(kioctx_addr(c), out)) {
		(void)kioctx_destroy(c);
		r = -EFAULT;
	}
	kioctx_put(c);
	return r;
}

long
sys_io_destroy(unsigned long ctx)
{
	struct kioctx *c = kioctx_get(ctx);
	int r;

	if (!c)
		return -EINVAL;
	r = kioctx_destroy(c);
	kioctx_put(c);
	return r;
}

static int
submit_one(struct kioctx *c, struct abi_iocb __user *u)
{
	struct abi_iocb cb;

	if (copyin(&cb, u, sizeof(cb)) || put_user(KIOCB_KEY, &u->aio_key))
		return -EFAULT;
	return kioctx_submit(c, &cb, (u64)u);
}

long
sys_io_submit(unsigned long ctx, long nr,
	      struct abi_iocb __user *__user *list)
{
	struct kioctx *c;
	int err = 0;
	long i;

	if (nr < 0)
		return -EINVAL;
	c = kioctx_get(ctx);
	if (!c)
		return -EINVAL;
	nr = min_t(long, nr, kioctx_size(c));
	for (i = 0; i < nr; i++) {
		struct abi_iocb __user *u;

		err = get_user(u, list + i) ? -EFAULT : submit_one(c, u);
		if (err)
			break;
		cond_resched();
	}
	kioctx_put(c);
	return i ? i : err;
}

long
sys_io_cancel(unsigned long ctx, struct abi_iocb __user *u,
	      struct abi_io_event __user *unused)
{
	struct kioctx *c;
	u32 key;
	int r;

	(void)unused;
	if (get_user(key, &u->aio_key))
		return -EFAULT;
	if (key != KIOCB_KEY)
		return -EINVAL;
	c = kioctx_get(ctx);
	if (!c)
		return -EINVAL;
	r = kioctx_cancel(c, (u64)u);
	kioctx_put(c);
	return r;
}

/* times that are no times are over, or for ever, as on Linux */
static int
deadline_of(const struct abi_timespec __user *u, nsec_t *out)
{
	struct abi_timespec ts;
	nsec_t now, ns;
	s64 sum;

	*out = NSEC_MAX;
	if (!u)
		return 0;
	if (copyin(&ts, u, sizeof(ts)))
		return -EFAULT;
	if (mul_overflow(ts.tv_sec, (s64)NSEC_PER_SEC, &sum) ||
	    add_overflow(sum, ts.tv_nsec, &sum))
		sum = ts.tv_sec < 0 ? 0 : S64_MAX;
	ns = sum > 0 ? sum : 0;
	now = clock_mono_ns();
	if (!ns)
		*out = 0;
	else if (ns < NSEC_MAX - now)
		*out = now + ns;
	return 0;
}

static long
get_events(unsigned long ctx, long min_nr, long nr,
	   struct abi_io_event __user *ev, nsec_t deadline)
{
	struct kioctx *c = kioctx_get(ctx);
	long r;

	if (!c)
		return -EINVAL;
	r = kioctx_get_events(c, min_nr, nr, ev, deadline);
	kioctx_put(c);
	return r;
}

long
sys_io_getevents(unsigned long ctx, long min_nr, long nr,
		 struct abi_io_event __user *ev,
		 const struct abi_timespec __user *timeout)
{
	nsec_t deadline;
	long r = deadline_of(timeout, &deadline);

	if (!r)
		r = get_events(ctx, min_nr, nr, ev, deadline);
	if (!r && signal_pending_current())
		r = -EINTR;
	return r;
}

static int
set_mask(const struct abi_aio_sigset __user *u)
{
	struct abi_aio_sigset s;
	u64 mask;

	if (!u)
		return 0;
	if (copyin(&s, u, sizeof(s)))
		return -EFAULT;
	if (!s.mask)
		return 0;
	if (s.size != sizeof(mask))
		return -EINVAL;
	if (copyin(&mask, s.mask, sizeof(mask)))
		return -EFAULT;
	signal_set_user_mask(mask);
	return 0;
}

long
sys_io_pgetevents(unsigned long ctx, long min_nr, long nr,
		  struct abi_io_event __user *ev,
		  const struct abi_timespec __user *timeout,
		  const struct abi_aio_sigset __user *sig)
{
	nsec_t deadline;
	bool interrupted;
	long r = deadline_of(timeout, &deadline);

	if (r)
		return r;
	r = set_mask(sig);
	if (r)
		return r;
	r = get_events(ctx, min_nr, nr, ev, deadline);
	interrupted = signal_pending_current();
	signal_restore_saved(interrupted);
	if (interrupted && (!r || r == -EINTR))
		r = -ERESTARTNOHAND;
	return r;
}
