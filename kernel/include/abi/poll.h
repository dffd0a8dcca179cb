/* SPDX-License-Identifier: MIT */
/* poll(2), epoll(7). */
#ifndef ABI_POLL_H
#define ABI_POLL_H

#include <lib/types.h>

#define POLLIN		0x0001U
#define POLLPRI		0x0002U
#define POLLOUT		0x0004U
#define POLLERR		0x0008U
#define POLLHUP		0x0010U
#define POLLNVAL	0x0020U
#define POLLRDNORM	0x0040U
#define POLLRDBAND	0x0080U
#define POLLWRNORM	0x0100U
#define POLLWRBAND	0x0200U
#define POLLMSG		0x0400U
#define POLLREMOVE	0x1000U
#define POLLRDHUP	0x2000U
#define POLLFREE	0x4000U		/* kernel: the wait queue goes away */

struct abi_pollfd {
	s32 fd;
	s16 events;
	s16 revents;
};
static_assert(sizeof(struct abi_pollfd) == 8, "ABI");

#define EPOLLIN		POLLIN
#define EPOLLOUT	POLLOUT
#define EPOLLERR	POLLERR
#define EPOLLHUP	POLLHUP
#define EPOLLRDHUP	POLLRDHUP
#define EPOLLEXCLUSIVE	(1U << 28)
#define EPOLLWAKEUP	(1U << 29)
#define EPOLLONESHOT	(1U << 30)
#define EPOLLET		(1U << 31)

#define EPOLL_CTL_ADD	1
#define EPOLL_CTL_DEL	2
#define EPOLL_CTL_MOD	3
#define EPOLL_CLOEXEC	02000000

struct abi_epoll_event {
	u32 events;
	u64 data;
} __packed;
static_assert(sizeof(struct abi_epoll_event) == 12, "ABI");

#define FD_SETSIZE	1024

#endif
