/* SPDX-License-Identifier: MIT */
/* System calls on timers, and time and signals by descriptor. */
#include <abi/signalfd.h>
#include <abi/timerfd.h>
#include <syscall/entry.h>
#include <task/cred.h>
#include <task/posix_timer.h>
#include <vfs/inner.h>
#include <vfs/namei.h>
#include <vfs/notify.h>
#include "timespec.h"

/* ---- timerfd_create(2) ---- */

long
sys_timerfd_create(int clock, u32 flags)
{
	struct file *f;
	int r;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		break;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		if (!capable(CAP_WAKE_ALARM))
			return -EPERM;
		break;
	default:
		return -EINVAL;
	}
	r = timerfd_create_file(clock, flags, &f);
	return r ? r : fd_install_new(f, flags);
}

static int
timerfd_fdget(int fd, struct fd *out)
{
	*out = fdget(fd);
	if (!out->file)
		return -EBADF;
	if (file_is_timerfd(out->file))
		return 0;
	fdput(*out);
	return -EINVAL;
}

static int
timer_out(struct abi_itimerspec __user *u, const struct timerfd_value *v)
{
	struct abi_itimerspec o = { ts_from_ns(v->interval_ns),
		ts_from_ns(v->value_ns) };

	return copyout(u, &o, sizeof(o));
}

long
sys_timerfd_settime(int fd, u32 flags, const struct abi_itimerspec __user *in,
		    struct abi_itimerspec __user *out)
{
	struct timerfd_value new, old;
	struct abi_itimerspec its;
	struct fd f;
	int r;

	if (copyin(&its, in, sizeof(its)))
		return -EFAULT;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
	    !itimerspec_valid(&its))
		return -EINVAL;
	r = timerfd_fdget(fd, &f);
	if (r)
		return r;
	new = (struct timerfd_value){ ts_to_ns(&its.it_interval),
		ts_to_ns(&its.it_value) };
	if (timerfd_is_alarm(f.file) && !capable(CAP_WAKE_ALARM))
		r = -EPERM;
	else
		r = timerfd_set(f.file, flags, &new, &old);
	fdput(f);
	if (r)
		return r;
	return out ? timer_out(out, &old) : 0;
}

long
sys_timerfd_gettime(int fd, struct abi_itimerspec __user *out)
{
	struct timerfd_value v;
	struct fd f;
	int r = timerfd_fdget(fd, &f);

	if (r)
		return r;
	timerfd_get(f.file, &v);
	fdput(f);
	return timer_out(out, &v);
}

/* ---- timer_create(2) ---- */

long
sys_timer_create(int clock, const struct abi_sigevent __user *uev,
		 int __user *uid)
{
	struct abi_sigevent ev;
	int id, r;

	if (uev && copyin(&ev, uev, sizeof(ev)))
		return -EFAULT;
	r = posix_timer_create(clock, uev ? &ev : NULL, &id);
	if (r)
		return r;
	if (put_user(id, uid)) {
		(void)posix_timer_delete(id);
		return -EFAULT;
	}
	return 0;
}

static int
posix_timer_out(struct abi_itimerspec __user *u,
		const struct posix_timer_value *v)
{
	struct abi_itimerspec o = { ts_from_ns(v->interval_ns),
		ts_from_ns(v->value_ns) };

	return copyout(u, &o, sizeof(o));
}

long
sys_timer_settime(int id, int flags, const struct abi_itimerspec __user *in,
		  struct abi_itimerspec __user *out)
{
	struct posix_timer_value new, old;
	struct abi_itimerspec its;
	int r;

	if (!in)
		return -EINVAL;
	if (copyin(&its, in, sizeof(its)))
		return -EFAULT;
	if (!itimerspec_valid(&its))
		return -EINVAL;
	new = (struct posix_timer_value){ ts_to_ns(&its.it_interval),
		ts_to_ns(&its.it_value) };
	r = posix_timer_set(id, flags & TIMER_ABSTIME, &new, &old);
	if (r)
		return r;
	return out ? posix_timer_out(out, &old) : 0;
}

long
sys_timer_gettime(int id, struct abi_itimerspec __user *out)
{
	struct posix_timer_value v;
	int r = posix_timer_get(id, &v);

	return r ? r : posix_timer_out(out, &v);
}

long
sys_timer_getoverrun(int id)
{
	return posix_timer_overrun(id);
}

long
sys_timer_delete(int id)
{
	return posix_timer_delete(id);
}

/* ---- signalfd(2) ---- */

long
sys_signalfd4(int fd, const u64 __user *umask, size_t size, u32 flags)
{
	struct file *file;
	struct fd f;
	u64 mask;
	int r;

	if (size != sizeof(mask))
		return -EINVAL;
	if (copyin(&mask, umask, sizeof(mask)))
		return -EFAULT;
	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (fd == -1) {
		r = signalfd_create(mask, flags, &file);
		return r ? r : fd_install_new(file, flags);
	}
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	r = signalfd_set_mask(f.file, mask);
	fdput(f);
	return r ? r : fd;
}

long
sys_signalfd(int fd, const u64 __user *umask, size_t size)
{
	return sys_signalfd4(fd, umask, size, 0);
}

/* ---- inotify(7) ---- */

long
sys_inotify_init1(u32 flags)
{
	struct file *f;
	int r;

	if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	r = inotify_create(flags, &f);
	return r ? r : fd_install_new(f, flags);
}

long
sys_inotify_init(void)
{
	return sys_inotify_init1(0);
}

#define IN_ALL_FLAGS	(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | \
			 IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | \
			 IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE | \
			 IN_ISDIR | IN_ONESHOT)

long
sys_inotify_add_watch(int fd, const char __user *name, u32 mask)
{
	u32 lookup = (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
		(mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0);
	struct path p;
	struct fd f;
	int r;

	if (mask & ~IN_ALL_FLAGS || !(mask & IN_ALL_FLAGS))
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	r = -EINVAL;
	if ((mask & IN_MASK_ADD && mask & IN_MASK_CREATE) ||
	    !file_is_inotify(f.file))
		goto out;
	r = path_lookup_user(AT_FDCWD, name, lookup, &p);
	if (r)
		goto out;
	r = inode_permission(p.dentry->inode, MAY_READ);
	if (!r)
		r = inotify_add(f.file, &p, mask);
	path_put(&p);
out:
	fdput(f);
	return r;
}

long
sys_inotify_rm_watch(int fd, int wd)
{
	struct fd f = fdget(fd);
	int r;

	if (!f.file)
		return -EBADF;
	r = inotify_remove(f.file, wd);
	fdput(f);
	return r;
}
