/* SPDX-License-Identifier: MIT */
/* Arguments that the socket system calls share: sys_net.c, sys_net_msg.c. */
#ifndef SYSCALL_NET_ARGS_H
#define SYSCALL_NET_ARGS_H

#include <abi/socket.h>
#include <mm/uaccess.h>
#include <net/sock.h>
#include <vfs/file.h>

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

static inline int
addr_in(struct abi_sockaddr_storage *a, const void __user *u, int len)
{
	if (len < 0 || len > (int)sizeof(*a))
		return -EINVAL;
	a->ss_family = AF_UNSPEC;
	return copyin(a, u, len);
}

/* a of len bytes to the user's buffer, cut; *ulen becomes its real length */
static inline int
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

#endif
