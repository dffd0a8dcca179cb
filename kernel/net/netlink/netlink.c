/* SPDX-License-Identifier: MIT */
/*
 * AF_NETLINK, netlink(7): datagrams between programs and parts of the kernel.
 *
 *	netlink.c	sockets, ports, groups, names
 *	sockopt.c	SOL_NETLINK
 *	msg.c		messages and queues; send and receive
 *	request.c	what programs ask the kernel, acknowledgements
 *	uevent.c	NETLINK_KOBJECT_UEVENT: devices come and go
 *	route.c		NETLINK_ROUTE
 *
 * A socket has a port in its protocol (the process id, or a negative number
 * when that is taken), given when it is bound or first sends; port 0 is the
 * kernel. A message to port 0 is worked on at once, in the sender's context;
 * its answers are in the sender's queue when sendmsg(2) returns. Messages to
 * other ports and to groups are queued there; one message stands in all
 * queues, by reference. A queue holds SO_RCVBUF bytes; who has no room for a
 * group's message loses it and gets ENOBUFS, and loses all until it has read
 * its queue empty, so that it sees at which point.
 *
 * Locking: nl_lock (mutex, rank netcore: a multicast wakes and signals under
 * it) for ports, memberships and the list of all; a socket's lock for its
 * queue, inside nl_lock.
 *
 * Limits: one network namespace. Memory-mapped rings are gone from Linux, too.
 */
#include <core/initcall.h>
#include <fs/procfs.h>
#include <mm/slab.h>
#include <task/pid.h>
#include "netlink.h"

#define PORT_BUCKETS	64

struct mutex nl_lock = MUTEX_INIT(nl_lock, RANK_NETCORE);
struct list_head nl_all = LIST_HEAD_INIT(nl_all);
static struct hlist_head ports[PORT_BUCKETS];		/* n */

SET_DECLARE(netlink_proto, const struct netlink_proto);

static struct hlist_head *
bucket(int protocol, u32 portid)
{
	return &ports[(portid * 31 + (u32)protocol) % PORT_BUCKETS];
}

/* nl_lock held: borrowed */
static struct nl_sock *
find_locked(int protocol, u32 portid)
{
	struct nl_sock *n;

	hlist_for_each_entry(n, bucket(protocol, portid), port_link)
		if (n->portid == portid && n->s.protocol == protocol)
			return n;
	return NULL;
}

struct nl_sock *
nl_find(int protocol, u32 portid)
{
	struct nl_sock *n;

	mutex_lock(&nl_lock);
	n = find_locked(protocol, portid);
	if (n)
		sock_get(&n->s);
	mutex_unlock(&nl_lock);
	return n;
}

/* 0, -EADDRINUSE, -EINVAL: has another port */
static int
take_port(struct nl_sock *n, u32 portid)
{
	int err = 0;

	mutex_lock(&nl_lock);
	if (n->portid)
		err = n->portid == portid ? 0 : -EINVAL;
	else if (find_locked(n->s.protocol, portid))
		err = -EADDRINUSE;
	else {
		n->portid = portid;
		hlist_add_head(&n->port_link, bucket(n->s.protocol, portid));
	}
	mutex_unlock(&nl_lock);
	return err;
}

int
nl_autobind(struct nl_sock *n)
{
	static u32 next = ~4095u;	/* n or racy: only a hint */
	u32 portid = task_tgid(current);

	for (;;) {
		int err;

		if (READ_ONCE(n->portid))
			return 0;
		err = take_port(n, portid);
		if (err != -EADDRINUSE)
			return err == -EINVAL ? 0 : err;
		portid = __atomic_sub_fetch(&next, 1, __ATOMIC_RELAXED);
		if ((s32)portid >= 0)
			WRITE_ONCE(next, ~4095u);
		cond_resched();
	}
}

static bool
allowed(const struct nl_sock *n, u32 flag)
{
	return (n->proto->flags & flag) || capable(CAP_NET_ADMIN);
}

/* -EINVAL unless a is one of ours */
static int
check_name(const struct abi_sockaddr_storage *a, u32 len)
{
	return len < sizeof(struct abi_sockaddr_nl) ||
		a->ss_family != AF_NETLINK ? -EINVAL : 0;
}

static int
nl_bind(struct socket *s, struct abi_sockaddr_storage *a, u32 len)
{
	const struct abi_sockaddr_nl *nl = (const void *)a;
	struct nl_sock *n = nl_of(s);
	u64 low;
	int err = check_name(a, len);

	if (err)
		return err;
	if (nl->nl_groups && !allowed(n, NL_ANYONE_RECEIVES))
		return -EPERM;
	if (nl->nl_pid || READ_ONCE(n->portid))
		err = take_port(n, nl->nl_pid);
	else
		err = nl_autobind(n);
	if (err)
		return err;
	low = nl->nl_groups;
	if (n->proto->nr_groups < 32)
		low &= BIT(n->proto->nr_groups) - 1;
	mutex_lock(&nl_lock);
	n->groups = (n->groups & ~0xffffffffUL) | low;
	mutex_unlock(&nl_lock);
	return 0;
}

static int
nl_connect(struct socket *s, struct abi_sockaddr_storage *a, u32 len,
	   u32 flags)
{
	const struct abi_sockaddr_nl *nl = (const void *)a;
	struct nl_sock *n = nl_of(s);
	u32 portid = 0, groups = 0;
	int err;

	if (len < sizeof(a->ss_family))
		return -EINVAL;
	if (a->ss_family != AF_UNSPEC) {
		err = check_name(a, len);
		if (err)
			return err;
		if ((nl->nl_groups || nl->nl_pid) &&
		    !allowed(n, NL_ANYONE_SENDS))
			return -EPERM;
		err = nl_autobind(n);
		if (err)
			return err;
		portid = nl->nl_pid;
		groups = nl->nl_groups;
	}
	spin_lock(&s->lock);
	n->dst_portid = portid;
	n->dst_groups = groups;
	spin_unlock(&s->lock);
	return 0;
}

static int
nl_getname(struct socket *s, struct abi_sockaddr_storage *out, int which)
{
	struct abi_sockaddr_nl *nl = (void *)out;
	struct nl_sock *n = nl_of(s);

	*nl = (struct abi_sockaddr_nl){ .nl_family = AF_NETLINK };
	if (which == SOCK_NAME_PEER) {
		spin_lock(&s->lock);
		nl->nl_pid = n->dst_portid;
		/* one group, as connect(2) and sendto(2) take only the first */
		nl->nl_groups = n->dst_groups & -n->dst_groups;
		spin_unlock(&s->lock);
	} else {
		mutex_lock(&nl_lock);
		nl->nl_pid = n->portid;
		nl->nl_groups = (u32)n->groups;
		mutex_unlock(&nl_lock);
	}
	return sizeof(*nl);
}

static u32
nl_poll(struct socket *s, u32 want)
{
	struct nl_sock *n = nl_of(s);
	u32 ev = POLLOUT | POLLWRNORM | POLLWRBAND;

	if (READ_ONCE(s->err))
		ev |= POLLERR;
	if (!list_empty(&n->queue))
		ev |= POLLIN | POLLRDNORM;
	return ev;
}

static void
nl_release(struct socket *s)
{
	struct nl_sock *n = nl_of(s);
	LIST_HEAD(queue);

	mutex_lock(&nl_lock);
	if (n->portid)
		hlist_del(&n->port_link);
	list_del(&n->all_link);
	n->groups = 0;
	mutex_unlock(&nl_lock);
	spin_lock(&s->lock);
	n->dead = true;
	list_splice_init(&n->queue, &queue);
	spin_unlock(&s->lock);
	nl_queue_free(&queue);
	waitq_wake_all(&n->room);
	sock_put(s);
}

static void
nl_free(struct socket *s)
{
	kfree(nl_of(s));
}

static const struct sock_ops nl_ops = {
	.release = nl_release,
	.free = nl_free,
	.bind = nl_bind,
	.connect = nl_connect,
	.getname = nl_getname,
	.poll = nl_poll,
	.setsockopt = nl_setsockopt,
	.getsockopt = nl_getsockopt,
	.sendmsg = nl_sendmsg,
	.recvmsg = nl_recvmsg,
};

static int
nl_create(int type, int protocol, struct socket **out)
{
	const struct netlink_proto *proto = NULL;
	struct nl_sock *n;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	SET_FOREACH(netlink_proto, const struct netlink_proto, p)
		if ((*p)->protocol == protocol)
			proto = *p;
	if (!proto)
		return -EPROTONOSUPPORT;
	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	sock_init(&n->s, &nl_ops, AF_NETLINK, type, protocol);
	n->proto = proto;
	INIT_LIST_HEAD(&n->queue);
	waitq_init(&n->room);
	mutex_lock(&nl_lock);
	list_add_tail(&n->all_link, &nl_all);
	mutex_unlock(&nl_lock);
	*out = &n->s;
	return 0;
}

static const struct sock_family nl_family = {
	.family = AF_NETLINK, .name = "netlink", .create = nl_create,
};
SET_ADD(sock_family, nl_family);

/* programs among themselves */
static const struct netlink_proto user_proto = {
	.protocol = NETLINK_USERSOCK, .nr_groups = 32,
	.flags = NL_ANYONE_SENDS,
};
SET_ADD(netlink_proto, user_proto);

/* proc(5), /proc/net/netlink; the first column, an address there, is 0 here */
static int
nl_show(struct seq_buf *b)
{
	struct nl_sock *n;

	seq_puts(b, "sk               Eth Pid        Groups   Rmem     Wmem     "
		 "Dump  Locks    Drops    Inode\n");
	mutex_lock(&nl_lock);
	list_for_each_entry(n, &nl_all, all_link) {
		u64 ino = 0;
		u32 rmem, drops;

		spin_lock(&n->s.lock);
		if (n->s.file)
			ino = n->s.file->inode->ino;
		rmem = n->rmem;
		drops = n->drops;
		spin_unlock(&n->s.lock);
		seq_printf(b, "%016x %-3d %-10u %08x %-8d %-8d %-5d %-8d "
			   "%-8u %-8lu\n", 0, n->s.protocol, n->portid,
			   (u32)n->groups, rmem, 0, 0,
			   refcount_read(&n->s.count) + 1, drops, ino);
	}
	mutex_unlock(&nl_lock);
	return 0;
}

static const struct proc_entry nl_entry = {
	.path = "net/netlink", .mode = 0444, .show = nl_show,
};
SET_ADD(proc_entry, nl_entry);
