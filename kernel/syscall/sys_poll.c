/* SPDX-License-Identifier: MIT */
/*
 * System calls that wait for files: poll(2), ppoll(2), select(2), pselect(2),
 * epoll(7). Deadlines are CLOCK_MONOTONIC; 0 is "do not wait".
 */
#include <abi/poll.h>
#include <abi/time.h>
#include <core/time.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <task/rlimit.h>
#include <task/signal.h>
#include <vfs/inner.h>

#define STACK_FDS	28	/* struct abi_pollfd on the stack */
#define STACK_LONGS	4	/* of each fd_set: 256 descriptors */

/* -- time ---------------------------------------------------------------- */

static nsec_t
deadline_in(nsec_t ns)
{
	nsec_t now;

	if (!ns)
		return 0;
	now = clock_mono_ns();
	return ns >= NSEC_MAX - now ? NSEC_MAX : now + ns;
}

static nsec_t
deadline_ms(int ms)
{
	return ms < 0 ? NSEC_MAX : deadline_in((nsec_t)ms * NSEC_PER_MSEC);
}

static int
deadline_ts(const struct abi_timespec __user *u, nsec_t *out)
{
	struct abi_timespec ts;

	if (!u) {
		*out = NSEC_MAX;
		return 0;
	}
	if (copyin(&ts, u, sizeof(ts)))
		return -EFAULT;
	if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	*out = ts.tv_sec >= (s64)(NSEC_MAX / NSEC_PER_SEC) ? NSEC_MAX :
		deadline_in(ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec);
	return 0;
}

/* what is left goes back to the user, as Linux does: select(2) NOTES */
static nsec_t
time_left(nsec_t deadline)
{
	nsec_t now = deadline ? clock_mono_ns() : 0;

	return deadline > now ? deadline - now : 0;
}

static long
finish_ts(long r, nsec_t deadline, struct abi_timespec __user *u)
{
	struct abi_timespec ts;
	nsec_t left;

	signal_restore_saved(r == -ERESTARTNOHAND || r == -EINTR);
	if (!u || deadline == NSEC_MAX)
		return r;
	left = time_left(deadline);
	ts = (struct abi_timespec){ left / NSEC_PER_SEC, left % NSEC_PER_SEC };
	if (copyout(u, &ts, sizeof(ts)) && r == -ERESTARTNOHAND)
		r = -EINTR;
	return r;
}

static int
set_mask(const u64 __user *umask, size_t size)
{
	u64 mask;

	if (!umask)
		return 0;
	if (size != sizeof(u64))
		return -EINVAL;
	if (copyin(&mask, umask, sizeof(mask)))
		return -EFAULT;
	signal_set_user_mask(mask);
	return 0;
}

/* -- poll ---------------------------------------------------------------- */

static long
do_poll(struct abi_pollfd __user *u, u32 n, nsec_t deadline)
{
	struct abi_pollfd stack[STACK_FDS], *fds = stack;
	int r = -EFAULT;

	if (n > rlimit_cur(RLIMIT_NOFILE))
		return -EINVAL;
	if (n > STACK_FDS) {
		fds = kvmalloc(n * sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	if (copyin(fds, u, n * sizeof(*fds)))
		goto out;
	r = vfs_poll_fds(fds, n, deadline);
	if (r >= 0 && copyout(u, fds, n * sizeof(*fds)))
		r = -EFAULT;
out:
	if (fds != stack)
		kvfree(fds);
	return r;
}

static long
poll_restart(struct task *t)
{
	long r = do_poll((struct abi_pollfd __user *)t->restart.any.args[0],
			 t->restart.any.args[1], t->restart.any.args[2]);

	if (r == -ERESTARTNOHAND) {
		t->restart_fn = poll_restart;
		r = -ERESTART_RESTARTBLOCK;
	}
	return r;
}

long
sys_poll(struct abi_pollfd __user *u, u32 n, int timeout_ms)
{
	nsec_t deadline = deadline_ms(timeout_ms);
	long r = do_poll(u, n, deadline);

	if (r == -ERESTARTNOHAND) {
		current->restart.any.args[0] = (unsigned long)u;
		current->restart.any.args[1] = n;
		current->restart.any.args[2] = deadline;
		current->restart_fn = poll_restart;
		r = -ERESTART_RESTARTBLOCK;
	}
	return r;
}

long
sys_ppoll(struct abi_pollfd __user *u, u32 n, struct abi_timespec __user *uts,
	  const u64 __user *umask, size_t size)
{
	nsec_t deadline;
	long r = deadline_ts(uts, &deadline);

	if (r)
		return r;
	r = set_mask(umask, size);
	if (r)
		return r;
	return finish_ts(do_poll(u, n, deadline), deadline, uts);
}

/* -- select -------------------------------------------------------------- */

static long
do_select(int nfds, void __user *const uset[3], nsec_t deadline)
{
	unsigned long stack[6 * STACK_LONGS], *bits = stack;
	unsigned long *in[3], *out[3];
	u32 n, longs;
	int r;

	if (nfds < 0)
		return -EINVAL;
	n = min_t(u32, nfds, files_slots(current->files));
	longs = DIV_ROUND_UP(n, 64);
	if (longs > STACK_LONGS) {
		bits = kvmalloc(6 * longs * sizeof(long), GFP_KERNEL);
		if (!bits)
			return -ENOMEM;
	}
	for (int i = 0; i < 3; i++) {
		in[i] = bits + i * longs;
		out[i] = bits + (3 + i) * longs;
		if (!uset[i]) {
			memset(in[i], 0, longs * sizeof(long));
			continue;
		}
		r = -EFAULT;
		if (copyin(in[i], uset[i], longs * sizeof(long)))
			goto out;
		if (n % 64)
			in[i][longs - 1] &= (1UL << n % 64) - 1;
	}
	r = vfs_select(n, in, out, deadline);
	for (int i = 0; i < 3 && r >= 0; i++)
		if (uset[i] && copyout(uset[i], out[i], longs * sizeof(long)))
			r = -EFAULT;
out:
	if (bits != stack)
		kvfree(bits);
	return r;
}

long
sys_select(int n, void __user *in, void __user *out, void __user *ex,
	   struct abi_timeval __user *utv)
{
	void __user *const sets[3] = { in, out, ex };
	nsec_t deadline = NSEC_MAX, left;
	struct abi_timeval tv;
	long r;

	if (utv) {
		if (copyin(&tv, utv, sizeof(tv)))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		if (tv.tv_sec < (s64)(NSEC_MAX / NSEC_PER_SEC / 2))
			deadline = deadline_in(tv.tv_sec * NSEC_PER_SEC +
				min_t(u64, tv.tv_usec, 1UL << 40) * 1000);
	}
	r = do_select(n, sets, deadline);
	if (utv && deadline != NSEC_MAX) {
		left = time_left(deadline);
		tv = (struct abi_timeval){ left / NSEC_PER_SEC,
			left % NSEC_PER_SEC / 1000 };
		if (copyout(utv, &tv, sizeof(tv)) && r == -ERESTARTNOHAND)
			r = -EINTR;
	}
	return r;
}

long
sys_pselect6(int n, void __user *in, void __user *out, void __user *ex,
	     struct abi_timespec __user *uts, const u64 __user *usig)
{
	void __user *const sets[3] = { in, out, ex };
	u64 sig[2] = { 0, 0 };		/* pointer to the mask, its size */
	nsec_t deadline;
	long r;

	if (usig && copyin(sig, usig, sizeof(sig)))
		return -EFAULT;
	r = deadline_ts(uts, &deadline);
	if (r)
		return r;
	r = set_mask((const u64 __user *)sig[0], sig[1]);
	if (r)
		return r;
	return finish_ts(do_select(n, sets, deadline), deadline, uts);
}

/* -- epoll --------------------------------------------------------------- */

long
sys_epoll_create1(int flags)
{
	struct file *f;
	int err;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	err = epoll_create_file(&f);
	return err ? err : fd_install_new(f, flags);
}

long
sys_epoll_create(int size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}

long
sys_epoll_ctl(int epfd, int op, int fd, struct abi_epoll_event __user *uev)
{
	struct abi_epoll_event ev = { 0 };
	struct fd f;
	long r;

	if (op != EPOLL_CTL_DEL && copyin(&ev, uev, sizeof(ev)))
		return -EFAULT;
	f = fdget(epfd);
	if (!f.file)
		return -EBADF;
	r = epoll_change(f.file, op, fd, &ev);
	fdput(f);
	return r;
}

static long
do_epoll_wait(int epfd, struct abi_epoll_event __user *ev, int max,
	      nsec_t deadline)
{
	struct fd f;
	long r;

	if (max <= 0)
		return -EINVAL;
	f = fdget(epfd);
	if (!f.file)
		return -EBADF;
	r = epoll_wait_events(f.file, ev, max, deadline);
	fdput(f);
	return r;
}

long
sys_epoll_wait(int epfd, struct abi_epoll_event __user *ev, int max, int ms)
{
	return do_epoll_wait(epfd, ev, max, deadline_ms(ms));
}

static long
epoll_masked(int epfd, struct abi_epoll_event __user *ev, int max,
	     nsec_t deadline, const u64 __user *umask, size_t size)
{
	long r = set_mask(umask, size);

	if (r)
		return r;
	r = do_epoll_wait(epfd, ev, max, deadline);
	if (umask)
		signal_restore_saved(r == -EINTR);
	return r;
}

long
sys_epoll_pwait(int epfd, struct abi_epoll_event __user *ev, int max, int ms,
		const u64 __user *umask, size_t size)
{
	return epoll_masked(epfd, ev, max, deadline_ms(ms), umask, size);
}

long
sys_epoll_pwait2(int epfd, struct abi_epoll_event __user *ev, int max,
		 const struct abi_timespec __user *uts,
		 const u64 __user *umask, size_t size)
{
	nsec_t deadline;
	int err = deadline_ts(uts, &deadline);

	return err ? err : epoll_masked(epfd, ev, max, deadline, umask, size);
}
