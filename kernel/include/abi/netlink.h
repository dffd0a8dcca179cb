/* SPDX-License-Identifier: MIT */
/* netlink(7), rtnetlink(7): numbers and layouts. */
#ifndef ABI_NETLINK_H
#define ABI_NETLINK_H

#include <lib/types.h>

#define NETLINK_ROUTE		0
#define NETLINK_USERSOCK	2
#define NETLINK_KOBJECT_UEVENT	15
#define MAX_LINKS		32

struct abi_sockaddr_nl {
	u16 nl_family;
	u16 nl_pad;
	u32 nl_pid;
	u32 nl_groups;
};
static_assert(sizeof(struct abi_sockaddr_nl) == 12, "ABI");

struct abi_nlmsghdr {
	u32 nlmsg_len;
	u16 nlmsg_type;
	u16 nlmsg_flags;
	u32 nlmsg_seq;
	u32 nlmsg_pid;
};
static_assert(sizeof(struct abi_nlmsghdr) == 16, "ABI");
#define NLMSG_ALIGN(n)		(((n) + 3) & ~3u)
#define NLMSG_HDRLEN		((u32)sizeof(struct abi_nlmsghdr))

#define NLMSG_NOOP		1
#define NLMSG_ERROR		2
#define NLMSG_DONE		3
#define NLMSG_OVERRUN		4
#define NLMSG_MIN_TYPE		0x10

#define NLM_F_REQUEST		0x01
#define NLM_F_MULTI		0x02
#define NLM_F_ACK		0x04
#define NLM_F_ECHO		0x08
#define NLM_F_ROOT		0x100
#define NLM_F_MATCH		0x200
#define NLM_F_DUMP		(NLM_F_ROOT | NLM_F_MATCH)
#define NLM_F_CAPPED		0x100

struct abi_nlmsgerr {
	s32 error;
	struct abi_nlmsghdr msg;
};
static_assert(sizeof(struct abi_nlmsgerr) == 20, "ABI");

struct abi_nl_pktinfo { u32 group; };

#define NETLINK_ADD_MEMBERSHIP	1
#define NETLINK_DROP_MEMBERSHIP	2
#define NETLINK_PKTINFO		3
#define NETLINK_BROADCAST_ERROR	4
#define NETLINK_NO_ENOBUFS	5
#define NETLINK_LISTEN_ALL_NSID	8
#define NETLINK_LIST_MEMBERSHIPS 9
#define NETLINK_CAP_ACK		10
#define NETLINK_EXT_ACK		11
#define NETLINK_GET_STRICT_CHK	12

#define RTM_BASE		16
#define RTM_GETLINK		18
#define RTM_MAX			123
#define RTNLGRP_MAX		36

struct abi_rtgenmsg { u8 rtgen_family; };
struct abi_ifinfomsg {
	u8 ifi_family, pad;
	u16 ifi_type;
	s32 ifi_index;
	u32 ifi_flags, ifi_change;
};
static_assert(sizeof(struct abi_ifinfomsg) == 16, "ABI");

#endif
