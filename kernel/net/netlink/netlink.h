/* SPDX-License-Identifier: MIT */
/*
 * What the files of net/netlink share. See netlink.c for the whole picture.
 *
 * Legend: I immutable after creation; a atomic or racy by design; l the
 * socket's lock; n nl_lock.
 */
#ifndef NET_NETLINK_LOCAL_H
#define NET_NETLINK_LOCAL_H

#include <abi/errno.h>
#include <lib/list.h>
#include <net/netlink.h>
#include <net/scm.h>
#include <sched/mutex.h>
#include <task/cred.h>
#include <task/task.h>

/* A message; one for all who receive it. */
struct nl_msg {
	struct refcount count;
	u32 len;
	u32 portid;			/* sender; 0: the kernel */
	u32 group;			/* 0: not to a group */
	pid_t pid;			/* sender's credentials */
	uid_t uid;
	gid_t gid;
	u8 data[];
};

struct nl_entry {			/* a message in a queue */
	struct list_head link;		/* l */
	struct nl_msg *msg;		/* counted */
};

enum nl_option {			/* bits of nl_sock.options */
	NLO_PKTINFO, NLO_BROADCAST_ERROR, NLO_NO_ENOBUFS, NLO_CAP_ACK,
	NLO_EXT_ACK, NLO_STRICT, NLO_ALL_NSID
};

struct nl_sock {
	struct socket s;		/* first */
	const struct netlink_proto *proto;	/* I */
	u32 portid;			/* n: 0 until bound */
	bool dead;			/* l: released; nothing is queued */
	u64 groups;			/* n: bit g-1 for group g */
	u32 dst_portid, dst_groups;	/* l: connect(2) */
	u32 options;			/* a */
	struct hlist_node port_link;	/* n: when bound */
	struct list_head all_link;	/* n */
	struct list_head queue;		/* l: nl_entry */
	u32 rmem;			/* l: charged for the queue */
	bool overrun;			/* l: lost something since it was empty */
	u32 drops;			/* l */
	struct waitq room;		/* senders that wait for the queue */
};

static inline struct nl_sock *
nl_of(struct socket *s)
{
	return container_of(s, struct nl_sock, s);
}
static inline bool
nl_opt(const struct nl_sock *n, enum nl_option o)
{
	return READ_ONCE(n->options) & BIT(o);
}

/* ---- netlink.c ---- */
extern struct mutex nl_lock;		/* rank netcore */
extern struct list_head nl_all;		/* n */
int nl_autobind(struct nl_sock *n);
/* the socket at a port, counted, or NULL */
struct nl_sock *nl_find(int protocol, u32 portid);
static inline void nl_put(struct nl_sock *n) { sock_put(&n->s); }

/* ---- msg.c ---- */
#define NL_MSG_MAX	(1u << 20)	/* whatever SO_SNDBUF says */
struct nl_msg *nl_msg_alloc(u32 len);	/* contents undefined; NULL */
void nl_msg_put(struct nl_msg *m);
static inline u32 nl_charge(const struct nl_msg *m) { return m->len + 256; }
/*
 * nl_queue - m, whose reference stays the caller's, to n's queue. 0,
 * -ECONNREFUSED (gone), -EAGAIN (no room), -ENOMEM. T; nl_lock may be held.
 */
int nl_queue(struct nl_sock *n, struct nl_msg *m);
void nl_overrun(struct nl_sock *n);	/* it lost a message: tell it */
/* m, with m->group set, to all members but the one at port m->portid */
void nl_multicast(int protocol, struct nl_msg *m);
void nl_queue_free(struct list_head *queue);
ssize_t nl_sendmsg(struct socket *s, struct sock_msg *m);
ssize_t nl_recvmsg(struct socket *s, struct sock_msg *m);

/* ---- request.c ---- */
void nl_requests(struct nl_sock *from, const struct nl_msg *m);

/* ---- sockopt.c ---- */
int nl_setsockopt(struct socket *s, int level, int opt,
		  const void __user *val, u32 len);
int nl_getsockopt(struct socket *s, int level, int opt, void __user *val,
		  int __user *len);

#endif
