/* SPDX-License-Identifier: MIT */
/*
 * System calls of sockets. Addresses, vectors and control data are copied in
 * and checked here; the families (net/sock.h) see kernel copies only. Which
 * check comes first is Linux's order: it decides the errno.
 */
#include <abi/limits.h>
#include <abi/socket.h>
#include <abi/time.h>
#include <core/time.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <net/sock.h>
#include <syscall/entry.h>
#include <vfs/file.h>

#define FAST_IOV	8
#define FAST_CONTROL	128	/* SCM_RIGHTS of a few, and credentials */
#define CONTROL_MAX	20480	/* net.core.optmem_max */

/* ---- arguments --------------------------------------------------------- */

/* socket behind fd: f is to be put. 0, -EBADF, -ENOTSOCK */
static __always_inline int
sock_fdget(int fd, struct fd *f, struct socket **s)
{
	*f = fdget(fd);
	if (unlikely(!f->file))
		return -EBADF;
	*s = sock_of_file(f->file);
	if (unlikely(!*s)) {
		fdput(*f);
		return -ENOTSOCK;
	}
	return 0;
}

static int
addr_in(struct abi_sockaddr_storage *a, const void __user *u, int len)
{
	if (len < 0 || len > (int)sizeof(*a))
		return -EINVAL;
	a->ss_family = AF_UNSPEC;
	return copyin(a, u, len);
}

/* a of len bytes to the user's buffer, cut; *ulen becomes its real length */
static int
addr_out(const struct abi_sockaddr_storage *a, int len, void __user *u,
	 int __user *ulen)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room > len)
		room = len;
	if (room < 0)
		return -EINVAL;
	if (copyout(u, a, room))
		return -EFAULT;
	return put_user(len, ulen);
}

static inline u32
nonblock_flag(const struct file *f)
{
	return READ_ONCE(f->flags) & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

static int
type_flags(int *type, u32 *oflags)
{
	*oflags = *type & ~SOCK_TYPE_MASK;
	*type &= SOCK_TYPE_MASK;
	return *oflags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK) ? -EINVAL : 0;
}

/* ---- making ------------------------------------------------------------ */

long
sys_socket(int family, int type, int protocol)
{
	struct socket *s;
	struct file *f;
	u32 oflags;
	int err = type_flags(&type, &oflags);

	if (err)
		return err;
	err = sock_create(family, type, protocol, &s);
	if (err)
		return err;
	err = sock_file(s, oflags, &f);
	return err ? err : fd_install_new(f, oflags);
}

static int
make_pair(int family, int type, int protocol, u32 oflags,
	  struct file *out[2])
{
	struct socket *a, *b;
	int err = sock_create(family, type, protocol, &a);

	if (err)
		return err;
	err = sock_create(family, type, protocol, &b);
	if (err) {
		sock_release(a);
		return err;
	}
	err = a->ops->socketpair ? a->ops->socketpair(a, b) : -EOPNOTSUPP;
	if (err) {
		sock_release(a);
		sock_release(b);
		return err;
	}
	err = sock_file(a, oflags, &out[0]);
	if (err) {
		sock_release(b);
		return err;
	}
	err = sock_file(b, oflags, &out[1]);
	if (err)
		file_put(out[0]);
	return err;
}

long
sys_socketpair(int family, int type, int protocol, int __user *ufds)
{
	struct file *f[2];
	int fd[2], err;
	u32 oflags;

	err = type_flags(&type, &oflags);
	if (err)
		return err;
	fd[0] = fd_alloc(0, oflags & O_CLOEXEC);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fd_alloc(0, oflags & O_CLOEXEC);
	err = fd[1];
	if (err < 0)
		goto out_first;
	err = -EFAULT;
	if (put_user(fd[0], ufds) || put_user(fd[1], ufds + 1))
		goto out_both;
	err = make_pair(family, type, protocol, oflags, f);
	if (err)
		goto out_both;
	fd_install(fd[0], f[0]);
	fd_install(fd[1], f[1]);
	return 0;
out_both:
	fd_free(fd[1]);
out_first:
	fd_free(fd[0]);
	return err;
}

/* ---- names and connections --------------------------------------------- */

long
sys_bind(int fd, const void __user *addr, int len)
{
	struct abi_sockaddr_storage a;
	struct socket *s;
	struct fd f;
	int err = sock_fdget(fd, &f, &s);

	if (err)
		return err;
	err = addr_in(&a, addr, len);
	if (!err)
		err = s->ops->bind ? s->ops->bind(s, &a, len) : -EOPNOTSUPP;
	fdput(f);
	return err;
}

long
sys_connect(int fd, const void __user *addr, int len)
{
	struct abi_sockaddr_storage a;
	struct fd f = fdget(fd);
	struct socket *s;
	int err;

	if (!f.file)
		return -EBADF;
	err = addr_in(&a, addr, len);
	s = sock_of_file(f.file);
	if (!err && !s)
		err = -ENOTSOCK;
	if (!err)
		err = s->ops->connect ?
			s->ops->connect(s, &a, len, nonblock_flag(f.file)) :
			-EOPNOTSUPP;
	fdput(f);
	return err;
}

long
sys_listen(int fd, int backlog)
{
	struct socket *s;
	struct fd f;
	int err = sock_fdget(fd, &f, &s);

	if (err)
		return err;
	if ((u32)backlog > (u32)READ_ONCE(sock_somaxconn))
		backlog = READ_ONCE(sock_somaxconn);
	err = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	fdput(f);
	return err;
}

/* the new connection's file, and the address of its other end */
static int
do_accept(struct socket *s, u32 flags, u32 oflags, void __user *addr,
	  int __user *ulen, struct file **out)
{
	struct abi_sockaddr_storage a;
	struct socket *n;
	int err;

	if (!s->ops->accept)
		return -EOPNOTSUPP;
	err = s->ops->accept(s, flags, &n);
	if (err)
		return err;
	err = sock_file(n, oflags, out);
	if (err || !addr)
		return err;
	err = n->ops->getname(n, &a, SOCK_NAME_PEER);
	err = err < 0 ? -ECONNABORTED : addr_out(&a, err, addr, ulen);
	if (err)
		file_put(*out);
	return err;
}

long
sys_accept4(int fd, void __user *addr, int __user *ulen, u32 oflags)
{
	struct fd f = fdget(fd);
	struct file *new;
	struct socket *s;
	int err, newfd;

	if (!f.file)
		return -EBADF;
	err = -EINVAL;
	if (oflags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		goto out;
	newfd = fd_alloc(0, oflags & O_CLOEXEC);
	err = newfd;
	if (newfd < 0)
		goto out;
	s = sock_of_file(f.file);
	err = s ? do_accept(s, nonblock_flag(f.file), oflags, addr, ulen,
			    &new) : -ENOTSOCK;
	if (err) {
		fd_free(newfd);
	} else {
		fd_install(newfd, new);
		err = newfd;
	}
out:
	fdput(f);
	return err;
}

long
sys_accept(int fd, void __user *addr, int __user *ulen)
{
	return sys_accept4(fd, addr, ulen, 0);
}

static long
get_name(int fd, void __user *addr, int __user *ulen, int which)
{
	struct abi_sockaddr_storage a;
	struct socket *s;
	struct fd f;
	int err = sock_fdget(fd, &f, &s);

	if (err)
		return err;
	err = s->ops->getname ? s->ops->getname(s, &a, which) : -EOPNOTSUPP;
	if (err >= 0)
		err = addr_out(&a, err, addr, ulen);
	fdput(f);
	return err;
}

long
sys_getsockname(int fd, void __user *addr, int __user *ulen)
{
	return get_name(fd, addr, ulen, SOCK_NAME_OWN);
}

long
sys_getpeername(int fd, void __user *addr, int __user *ulen)
{
	return get_name(fd, addr, ulen, SOCK_NAME_PEER);
}

long
sys_shutdown(int fd, int how)
{
	struct socket *s;
	struct fd f;
	int err = sock_fdget(fd, &f, &s);

	if (err)
		return err;
	if (!s->ops->shutdown)
		err = -EOPNOTSUPP;
	else if (how < SHUT_RD || how > SHUT_RDWR)
		err = -EINVAL;
	else
		err = s->ops->shutdown(s, how);
	fdput(f);
	return err;
}

/* ---- options ----------------------------------------------------------- */

long
sys_setsockopt(int fd, int level, int opt, const void __user *val, int len)
{
	struct socket *s;
	struct fd f;
	int err;

	if (len < 0)
		return -EINVAL;
	err = sock_fdget(fd, &f, &s);
	if (err)
		return err;
	if (level == SOL_SOCKET)
		err = sock_setsockopt(s, opt, val, len);
	else
		err = s->ops->setsockopt ?
			s->ops->setsockopt(s, level, opt, val, len) :
			-EOPNOTSUPP;
	fdput(f);
	return err;
}

long
sys_getsockopt(int fd, int level, int opt, void __user *val, int __user *len)
{
	struct socket *s;
	struct fd f;
	int err = sock_fdget(fd, &f, &s);

	if (err)
		return err;
	if (level == SOL_SOCKET)
		err = sock_getsockopt(s, opt, val, len);
	else
		err = s->ops->getsockopt ?
			s->ops->getsockopt(s, level, opt, val, len) :
			-EOPNOTSUPP;
	fdput(f);
	return err;
}

/* ---- data -------------------------------------------------------------- */

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
