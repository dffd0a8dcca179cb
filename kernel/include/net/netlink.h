/* SPDX-License-Identifier: MIT */
/*
 * netlink's door: what a subsystem that talks netlink(7) with programs
 * provides and calls. net/netlink/netlink.c has the whole picture.
 */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <abi/netlink.h>
#include <lib/set.h>
#include <net/sock.h>

struct nl_sock;

/* flags of a protocol: what needs no CAP_NET_ADMIN */
#define NL_ANYONE_RECEIVES	BIT(0)	/* join groups */
#define NL_ANYONE_SENDS		BIT(1)	/* to groups and other ports */

struct netlink_proto {
	int protocol;			/* NETLINK_* */
	u32 nr_groups;			/* 1..64 */
	u32 flags;
	/*
	 * request - a message to the kernel, h->nlmsg_len bytes that are all
	 * there; NULL: the kernel does not listen (-ECONNREFUSED). Returns
	 * what the acknowledgement says: 0 or -errno; NETLINK_ANSWERED when
	 * the answer itself ended the exchange. Context: T, no lock held.
	 */
	int (*request)(struct nl_sock *from, const struct abi_nlmsghdr *h);
};
/* SET_ADD(netlink_proto, route_proto); */
#define NETLINK_ANSWERED	1

/*
 * netlink_reply - one message for from: header as to h (sequence, port) with
 * type and flags, then len bytes of data. 0, -ENOMEM, -ENOBUFS (its queue is
 * full: it will be told). Context: T.
 */
int netlink_reply(struct nl_sock *from, const struct abi_nlmsghdr *h,
		  u16 type, u16 flags, const void *data, u32 len);
/*
 * netlink_broadcast - len bytes from the kernel to all of protocol's sockets
 * in group (1..). Sockets without room lose it and learn so (ENOBUFS).
 * Context: T, no lock of rank netcore or above held.
 */
void netlink_broadcast(int protocol, u32 group, const void *data, u32 len);
/* netlink_heard - does anybody listen? Racy: for leaving work undone. */
bool netlink_heard(int protocol, u32 group);

#endif
