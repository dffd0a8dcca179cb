/* SPDX-License-Identifier: MIT */
/*
 * socket(2), sendmsg(2), getsockopt(2), unix(7), cmsg(3): numbers and layouts.
 */
#ifndef ABI_SOCKET_H
#define ABI_SOCKET_H

#include <lib/types.h>

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define AF_NETLINK	16
#define AF_PACKET	17
#define AF_VSOCK	40
#define AF_MAX		46

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_RDM	4
#define SOCK_SEQPACKET	5
#define SOCK_DCCP	6
#define SOCK_PACKET	10
#define SOCK_MAX	11
#define SOCK_TYPE_MASK	0xf
#define SOCK_CLOEXEC	02000000
#define SOCK_NONBLOCK	00004000

#define SHUT_RD		0
#define SHUT_WR		1
#define SHUT_RDWR	2

#define SOMAXCONN	4096
#define SCM_MAX_FD	253

#define MSG_OOB			0x1U
#define MSG_PEEK		0x2U
#define MSG_DONTROUTE		0x4U
#define MSG_CTRUNC		0x8U
#define MSG_PROBE		0x10U
#define MSG_TRUNC		0x20U
#define MSG_DONTWAIT		0x40U
#define MSG_EOR			0x80U
#define MSG_WAITALL		0x100U
#define MSG_FIN			0x200U
#define MSG_SYN			0x400U
#define MSG_CONFIRM		0x800U
#define MSG_RST			0x1000U
#define MSG_ERRQUEUE		0x2000U
#define MSG_NOSIGNAL		0x4000U
#define MSG_MORE		0x8000U
#define MSG_WAITFORONE		0x10000U
#define MSG_BATCH		0x40000U
#define MSG_ZEROCOPY		0x4000000U
#define MSG_FASTOPEN		0x20000000U
#define MSG_CMSG_CLOEXEC	0x40000000U
#define MSG_CMSG_COMPAT		0x80000000U

#define SOL_SOCKET	1
#define SOL_IP		0
#define SOL_TCP		6
#define SOL_UDP		17
#define SOL_IPV6	41
#define SOL_RAW		255
#define SOL_PACKET	263
#define SOL_NETLINK	270

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS	2
#define SCM_SECURITY	3

#define SO_DEBUG	1
#define SO_REUSEADDR	2
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_DONTROUTE	5
#define SO_BROADCAST	6
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_KEEPALIVE	9
#define SO_OOBINLINE	10
#define SO_NO_CHECK	11
#define SO_PRIORITY	12
#define SO_LINGER	13
#define SO_BSDCOMPAT	14
#define SO_REUSEPORT	15
#define SO_PASSCRED	16
#define SO_PEERCRED	17
#define SO_RCVLOWAT	18
#define SO_SNDLOWAT	19
#define SO_RCVTIMEO	20
#define SO_SNDTIMEO	21
#define SO_BINDTODEVICE	25
#define SO_ATTACH_FILTER 26
#define SO_DETACH_FILTER 27
#define SO_PEERNAME	28
#define SO_TIMESTAMP	29
#define SO_ACCEPTCONN	30
#define SO_PEERSEC	31
#define SO_SNDBUFFORCE	32
#define SO_RCVBUFFORCE	33
#define SO_PASSSEC	34
#define SO_TIMESTAMPNS	35
#define SO_MARK		36
#define SO_TIMESTAMPING	37
#define SO_PROTOCOL	38
#define SO_DOMAIN	39
#define SO_RXQ_OVFL	40
#define SO_PEEK_OFF	42
#define SO_COOKIE	57
#define SO_PEERGROUPS	59
#define SO_RCVTIMEO_NEW	66
#define SO_SNDTIMEO_NEW	67
#define SO_NETNS_COOKIE	71

/* ioctl(2) */
#define FIOSETOWN	0x8901
#define SIOCSPGRP	0x8902
#define FIOGETOWN	0x8903
#define SIOCGPGRP	0x8904
#define SIOCATMARK	0x8905
#define SIOCINQ		0x541b	/* FIONREAD */
#define SIOCOUTQ	0x5411	/* TIOCOUTQ */

struct abi_sockaddr { u16 sa_family; char sa_data[14]; };
static_assert(sizeof(struct abi_sockaddr) == 16, "ABI");

#define UNIX_PATH_MAX	108
struct abi_sockaddr_un { u16 sun_family; char sun_path[UNIX_PATH_MAX]; };
static_assert(sizeof(struct abi_sockaddr_un) == 110, "ABI");

struct abi_sockaddr_storage {
	u16 ss_family;
	char ss_data[126];
} __aligned(8);
static_assert(sizeof(struct abi_sockaddr_storage) == 128, "ABI");

struct abi_msghdr {
	void __user *msg_name;
	s32 msg_namelen;
	u32 pad0;
	void __user *msg_iov;
	u64 msg_iovlen;
	void __user *msg_control;
	u64 msg_controllen;
	u32 msg_flags;
	u32 pad1;
};
static_assert(sizeof(struct abi_msghdr) == 56, "ABI");
static_assert(offsetof(struct abi_msghdr, msg_flags) == 48, "ABI");

struct abi_mmsghdr { struct abi_msghdr msg_hdr; u32 msg_len; u32 pad0; };
static_assert(sizeof(struct abi_mmsghdr) == 64, "ABI");

struct abi_cmsghdr { u64 cmsg_len; s32 cmsg_level, cmsg_type; };
static_assert(sizeof(struct abi_cmsghdr) == 16, "ABI");
#define CMSG_ALIGN(n)	(((n) + 7UL) & ~7UL)
#define CMSG_LEN(n)	(sizeof(struct abi_cmsghdr) + (n))
#define CMSG_SPACE(n)	(sizeof(struct abi_cmsghdr) + CMSG_ALIGN(n))

struct abi_ucred { s32 pid; u32 uid, gid; };
static_assert(sizeof(struct abi_ucred) == 12, "ABI");

struct abi_linger { s32 l_onoff, l_linger; };
static_assert(sizeof(struct abi_linger) == 8, "ABI");

#endif
