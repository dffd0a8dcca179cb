// SPDX-License-Identifier: MIT
/*
 * System calls of POSIX message queues, mq_overview(7). Names have no leading
 * slash here: libc takes it off. Timeouts are points of the wall clock.
 */
#include <abi/limits.h>
#include <abi/time.h>
#include <core/time.h>
#include <ipc/mqueue.h>
#include <syscall/entry.h>
#include <vfs/file.h>
#include <vfs/namei.h>

long
sys_mq_open(const char __user *uname, u32 oflags, mode_t mode,
	    const struct abi_mq_attr __user *uattr)
{
	struct abi_mq_attr attr;
	struct pathname name;
	struct file *f;
	int fd, err;

	if (uattr && copyin(&attr, uattr, sizeof(attr)))
		return -EFAULT;
	err = pathname_get(&name, uname, 0);
	if (err)
		return err;
	fd = fd_alloc(0, true);		/* mq_open(2): always close-on-exec */
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = mq_open_file(name.s, oflags, mode, uattr ? &attr : NULL, &f);
	if (err)
		fd_free(fd);
	else
		fd_install(fd, f);
out:
	pathname_put(&name);
	return err ? err : fd;
}

long
sys_mq_unlink(const char __user *uname)
{
	struct pathname name;
	int err = pathname_get(&name, uname, 0);

	if (err)
		return err;
	err = mq_unlink_name(name.s);
	pathname_put(&name);
	return err;
}

static int
deadline_get(const struct abi_timespec __user *u, nsec_t *out)
{
	struct abi_timespec ts;
	nsec_t ns, real;

	*out = NSEC_MAX;
	if (!u)
		return 0;
	if (copyin(&ts, u, sizeof(ts)))
		return -EFAULT;
	if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if (ts.tv_sec >= (s64)(NSEC_MAX / NSEC_PER_SEC))
		return 0;
	ns = (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
	real = clock_real_ns();
	*out = ns <= real ? 0 : clock_mono_ns() + (ns - real);
	return 0;
}

long
sys_mq_timedsend(int fd, const char __user *text, size_t len, u32 prio,
		 const struct abi_timespec __user *timeout)
{
	struct mq_msg *m = NULL;
	nsec_t deadline;
	struct fd f;
	size_t max;
	long r = deadline_get(timeout, &deadline);

	if (r)
		return r;
	if (prio >= MQ_PRIO_MAX)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	r = mq_check(f.file, FMODE_WRITE, &max);
	if (r)
		goto out;
	r = -EMSGSIZE;
	if (len > max)
		goto out;
	r = -ENOMEM;
	m = mq_msg_alloc(len);
	if (!m)
		goto out;
	m->prio = prio;
	r = copyin(m->text, text, len) ? -EFAULT :
		mq_send_msg(f.file, m, deadline);
out:
	if (r && m)
		mq_msg_free(m);
	fdput(f);
	return r;
}

long
sys_mq_timedreceive(int fd, char __user *buf, size_t len, u32 __user *prio,
		    const struct abi_timespec __user *timeout)
{
	struct mq_msg *m;
	nsec_t deadline;
	struct fd f;
	size_t max;
	long r = deadline_get(timeout, &deadline);

	if (r)
		return r;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	r = mq_check(f.file, FMODE_READ, &max);
	if (!r && len < max)
		r = -EMSGSIZE;
	if (!r)
		r = mq_receive_msg(f.file, deadline, &m);
	fdput(f);
	if (r)
		return r;
	r = m->len;
	if ((prio && put_user(m->prio, prio)) || copyout(buf, m->text, m->len))
		r = -EFAULT;
	mq_msg_free(m);
	return r;
}

long
sys_mq_notify(int fd, const struct abi_sigevent __user *uev)
{
	u8 cookie[MQ_COOKIE_LEN];
	struct abi_sigevent ev;

	if (uev && copyin(&ev, uev, sizeof(ev)))
		return -EFAULT;
	if (uev && ev.sigev_notify == SIGEV_THREAD &&
	    copyin(cookie, (void __user *)ev.sigev_value.sival_ptr,
		   sizeof(cookie)))
		return -EFAULT;
	return mq_set_notify(fd, uev ? &ev : NULL, cookie);
}

long
sys_mq_getsetattr(int fd, const struct abi_mq_attr __user *unew,
		  struct abi_mq_attr __user *uold)
{
	struct abi_mq_attr new, old;
	struct fd f;
	long r;

	if (unew && copyin(&new, unew, sizeof(new)))
		return -EFAULT;
	if (unew && new.mq_flags & ~(s64)O_NONBLOCK)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	r = mq_attributes(f.file, unew ? &new : NULL, &old);
	fdput(f);
	if (!r && uold && copyout(uold, &old, sizeof(old)))
		r = -EFAULT;
	return r;
}
