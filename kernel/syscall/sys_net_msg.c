/* SPDX-License-Identifier: MIT */
/*
 * System calls that move data through sockets: send(2), recv(2), sendmsg(2),
 * recvmsg(2), sendmmsg(2), recvmmsg(2). The vector and control data of a
 * message are copied in before the family is called.
 */
#include <abi/limits.h>
#include <abi/time.h>
#include <core/time.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include "net_args.h"

#define FAST_IOV	8
#define FAST_CONTROL	128	/* SCM_RIGHTS of a few, and credentials */
#define CONTROL_MAX	20480	/* net.core.optmem_max */

static ssize_t
do_send(struct socket *s, struct file *f, struct sock_msg *m)
{
	m->flags |= nonblock_flag(f);
	if (unlikely(!s->ops->sendmsg))
		return -EOPNOTSUPP;
	return s->ops->sendmsg(s, m);
}

static ssize_t
do_recv(struct socket *s, struct file *f, struct sock_msg *m)
{
	m->flags |= nonblock_flag(f);
	m->out_flags = m->flags & MSG_CMSG_CLOEXEC;
	if (unlikely(!s->ops->recvmsg))
		return -EOPNOTSUPP;
	return s->ops->recvmsg(s, m);
}

long
sys_sendto(int fd, const void __user *buf, size_t len, u32 flags,
	   const void __user *addr, int addr_len)
{
	struct abi_sockaddr_storage a;
	struct sock_msg m;
	struct iov_iter it;
	struct socket *s;
	struct fd f;
	ssize_t r;

	len = min(len, MAX_RW_COUNT);
	if (!access_ok(buf, len))
		return -EFAULT;
	r = sock_fdget(fd, &f, &s);
	if (r)
		return r;
	iter_ubuf(&it, ITER_SOURCE, (void __user *)buf, len);
	m.iter = &it;
	m.name = NULL;
	m.name_len = 0;
	m.flags = flags;
	m.control_len = 0;
	if (addr) {
		r = addr_in(&a, addr, addr_len);
		if (r)
			goto out;
		m.name = &a;
		m.name_len = addr_len;
	}
	r = do_send(s, f.file, &m);
out:
	fdput(f);
	return r;
}

long
sys_recvfrom(int fd, void __user *buf, size_t len, u32 flags,
	     void __user *addr, int __user *ulen)
{
	struct abi_sockaddr_storage a;
	struct sock_msg m;
	struct iov_iter it;
	struct socket *s;
	struct fd f;
	ssize_t r;
	int err;

	len = min(len, MAX_RW_COUNT);
	if (!access_ok(buf, len))
		return -EFAULT;
	r = sock_fdget(fd, &f, &s);
	if (r)
		return r;
	iter_ubuf(&it, ITER_DEST, buf, len);
	m.iter = &it;
	m.name = addr ? &a : NULL;
	m.name_len = 0;
	m.flags = flags;
	m.ucontrol = NULL;
	m.control_len = 0;
	r = do_recv(s, f.file, &m);
	if (r >= 0 && addr) {
		err = addr_out(&a, m.name_len, addr, ulen);
		if (err)
			r = err;
	}
	fdput(f);
	return r;
}

/* the parts of a user's message, and what must be freed */
struct msg_parts {
	struct abi_msghdr h;
	struct abi_sockaddr_storage name;
	struct iov_iter it;
	struct iovec fast[FAST_IOV], *iov;
	u8 fast_control[FAST_CONTROL] __aligned(8);
	u8 *control;
};

static int
msg_in(struct msg_parts *p, const struct abi_msghdr __user *u, int dir)
{
	ssize_t n;
	int err;

	p->iov = NULL;
	p->control = NULL;
	if (copyin(&p->h, u, sizeof(p->h)))
		return -EFAULT;
	if (!p->h.msg_name)
		p->h.msg_namelen = 0;
	if (p->h.msg_namelen < 0)
		return -EINVAL;
	if (p->h.msg_namelen > (int)sizeof(p->name))
		p->h.msg_namelen = sizeof(p->name);
	if (dir == ITER_SOURCE && p->h.msg_namelen) {
		err = addr_in(&p->name, p->h.msg_name, p->h.msg_namelen);
		if (err)
			return err;
	}
	if (p->h.msg_iovlen > IOV_MAX)
		return -EMSGSIZE;
	n = iter_import(&p->it, dir, p->h.msg_iov, p->h.msg_iovlen, p->fast,
			FAST_IOV, &p->iov);
	return n < 0 ? n : 0;
}

static int
control_in(struct msg_parts *p)
{
	size_t len = p->h.msg_controllen;
	u8 *c = p->fast_control;

	if (len > CONTROL_MAX)
		return -ENOBUFS;
	if (len > FAST_CONTROL) {
		c = kmalloc(len, GFP_KERNEL);
		if (!c)
			return -ENOBUFS;
		p->control = c;
	}
	return copyin(c, p->h.msg_control, len);
}

static void
msg_done(struct msg_parts *p)
{
	kfree(p->iov);
	kfree(p->control);
}

static ssize_t
send_one(struct socket *s, struct file *f, const struct abi_msghdr __user *u,
	 u32 flags)
{
	struct msg_parts p;
	struct sock_msg m;
	ssize_t r = msg_in(&p, u, ITER_SOURCE);

	if (r)
		return r;
	m.control_len = 0;
	if (p.h.msg_controllen) {
		r = control_in(&p);
		if (r)
			goto out;
		m.control_len = p.h.msg_controllen;
		m.control = p.control ? p.control : p.fast_control;
	}
	m.iter = &p.it;
	m.name = &p.name;
	m.name_len = p.h.msg_namelen;
	m.flags = flags;
	r = do_send(s, f, &m);
out:
	msg_done(&p);
	return r;
}

long
sys_sendmsg(int fd, const struct abi_msghdr __user *u, u32 flags)
{
	struct socket *s;
	struct fd f;
	ssize_t r;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	r = sock_fdget(fd, &f, &s);
	if (r)
		return r;
	r = send_one(s, f.file, u, flags);
	fdput(f);
	return r;
}

long
sys_sendmmsg(int fd, struct abi_mmsghdr __user *u, u32 n, u32 flags)
{
	struct socket *s;
	struct fd f;
	ssize_t r;
	u32 done;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	r = sock_fdget(fd, &f, &s);
	if (r)
		return r;
	n = min_t(u32, n, IOV_MAX);
	for (done = 0; done < n; done++) {
		r = send_one(s, f.file, &u[done].msg_hdr, flags);
		if (r < 0)
			break;
		if (put_user((u32)r, &u[done].msg_len)) {
			r = -EFAULT;
			break;
		}
		cond_resched();
	}
	fdput(f);
	return done ? done : r;
}

static ssize_t
recv_one(struct socket *s, struct file *f, struct abi_msghdr __user *u,
	 u32 flags, u32 *out_flags)
{
	struct msg_parts p;
	struct sock_msg m;
	ssize_t r = msg_in(&p, u, ITER_DEST);
	int err = 0;

	if (r)
		return r;
	m.iter = &p.it;
	m.name = p.h.msg_name ? &p.name : NULL;
	m.name_len = 0;
	m.flags = flags;
	m.ucontrol = p.h.msg_control;
	m.control_len = m.ucontrol ? p.h.msg_controllen : 0;
	r = do_recv(s, f, &m);
	if (r < 0)
		goto out;
	if (m.name)
		err = addr_out(&p.name, m.name_len, p.h.msg_name,
			       &u->msg_namelen);
	if (!err)
		err = put_user(m.out_flags & ~MSG_CMSG_COMPAT, &u->msg_flags);
	if (!err)
		err = put_user((u64)(m.ucontrol - (u8 __user *)
				     p.h.msg_control), &u->msg_controllen);
	*out_flags = m.out_flags;
	if (err)
		r = err;
out:
	msg_done(&p);
	return r;
}

long
sys_recvmsg(int fd, struct abi_msghdr __user *u, u32 flags)
{
	struct socket *s;
	struct fd f;
	u32 out;
	ssize_t r;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	r = sock_fdget(fd, &f, &s);
	if (r)
		return r;
	r = recv_one(s, f.file, u, flags, &out);
	fdput(f);
	return r;
}

static long
recv_many(struct socket *s, struct file *f, struct abi_mmsghdr __user *u,
	  u32 n, u32 flags, nsec_t deadline)
{
	u32 done, out = 0;
	ssize_t r = 0;

	if (!(flags & MSG_ERRQUEUE)) {
		r = sock_error(s);
		if (r)
			return r;
	}
	for (done = 0; done < n;) {
		r = recv_one(s, f, &u[done].msg_hdr, flags & ~MSG_WAITFORONE,
			     &out);
		if (r < 0)
			break;
		if (put_user((u32)r, &u[done].msg_len)) {
			r = -EFAULT;
			break;
		}
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (deadline != NSEC_MAX && clock_mono_ns() >= deadline)
			break;
		if (out & MSG_OOB)
			break;
		cond_resched();
	}
	if (!done)
		return r;
	if (r < 0 && r != -EAGAIN)	/* for the next call, recvmmsg(2) */
		WRITE_ONCE(s->err, -r);
	return done;
}

long
sys_recvmmsg(int fd, struct abi_mmsghdr __user *u, u32 n, u32 flags,
	     struct abi_timespec __user *uts)
{
	nsec_t deadline = NSEC_MAX, now;
	struct abi_timespec ts;
	struct socket *s;
	struct fd f;
	long r;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	if (uts) {
		if (copyin(&ts, uts, sizeof(ts)))
			return -EFAULT;
		if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
			return -EINVAL;
		if (ts.tv_sec < (s64)(NSEC_MAX / NSEC_PER_SEC / 2))
			deadline = clock_mono_ns() + ts.tv_nsec +
				ts.tv_sec * NSEC_PER_SEC;
	}
	r = sock_fdget(fd, &f, &s);
	if (r)
		return r;
	r = recv_many(s, f.file, u, n, flags, deadline);
	fdput(f);
	if (r > 0 && deadline != NSEC_MAX) {
		now = clock_mono_ns();
		now = deadline > now ? deadline - now : 0;
		ts = (struct abi_timespec){ now / NSEC_PER_SEC,
			now % NSEC_PER_SEC };
		if (copyout(uts, &ts, sizeof(ts)))
			r = -EFAULT;
	}
	return r;
}
