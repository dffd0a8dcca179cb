/* SPDX-License-Identifier: MIT */
/*
 * System calls of sockets, but for data (sys_net_msg.c). Addresses are copied
 * in and checked here; the families (net/sock.h) see kernel copies only. Which
 * check comes first is Linux's order: it decides the errno.
 */
#include <syscall/entry.h>
#include "net_args.h"

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
