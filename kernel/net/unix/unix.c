/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX, unix(7): sockets between processes of this machine.
 *
 *	unix.c		life, shutdown, poll, ioctl, the tables of operations
 *	bind.c		names: paths, abstract, autobind; finding their owner
 *	connect.c	connect, listen, accept of the connected kinds
 *	stream.c	SOCK_STREAM: data; what seqpacket shares with it
 *	dgram.c		SOCK_DGRAM, SOCK_SEQPACKET: data; connect of datagrams
 *	msg.c, gc.c	messages; descriptors on their way
 *
 * Every socket has one receive queue, a singly linked list of messages. A
 * sender fills a message without any lock, then links it under the receiver's
 * spin lock and wakes. Readers are serialised by rd_lock (a mutex, held while
 * copying to the user) and so read the first message without the spin lock;
 * they take it to unlink.
 *
 * How much may be under way is the sender's SO_SNDBUF. Stream and seqpacket
 * have one sender, so their count is the queue's (rx_mem, under its lock);
 * datagrams count in the sender (wmem). A full datagram queue (backlog
 * messages) stops senders as well. Who must wait says so in rx_starved,
 * tx_starved or pollers; readers wake only then, at a quarter of the limit.
 *
 * peer is counted. For stream and seqpacket it is set once and dropped by
 * release, so the owner of a file reads it without a lock; of datagrams it
 * changes under the lock.
 *
 * Order: a directory's rwsem, conf, rd_lock; unix_lock or gc_lock; s.lock. Two
 * s.locks only listener before its connections (gc.c).
 *
 * Not there: MSG_OOB (-EOPNOTSUPP, as unix(7) says), SIOCUNIXFILE.
 */
#include <abi/ioctl.h>
#include <core/assert.h>
#include <core/initcall.h>
#include <fs/procfs.h>
#include <mm/uaccess.h>
#include "unix.h"

struct spinlock unix_lock = SPINLOCK_INIT(RANK_DCACHE);
LIST_HEAD(unix_all);
int unix_max_dgram_qlen = 10;
static struct slab_cache *usock_cache;
static u32 nr_socks;			/* t */

static const struct sock_ops stream_ops, dgram_ops, seqpacket_ops;

/* -- life ---------------------------------------------------------------- */

int
usock_create(int type, struct usock **out)
{
	const struct sock_ops *ops = type == SOCK_STREAM ? &stream_ops :
		type == SOCK_DGRAM ? &dgram_ops : &seqpacket_ops;
	struct usock *u;

	if (READ_ONCE(nr_socks) > 2 * files_max)
		return -ENFILE;
	u = slab_alloc(usock_cache, GFP_KERNEL);
	if (!u)
		return -ENOMEM;
	sock_init(&u->s, ops, AF_UNIX, type, 0);
	u->state = US_CLOSE;
	u->dead = false;
	u->rx_starved = false;
	u->tx_starved = false;
	u->peer = NULL;
	mutex_init(&u->rd_lock, RANK_OBJECT);
	u->head = NULL;
	u->tail = &u->head;
	u->qlen = 0;
	u->rx_mem = 0;
	u->backlog = READ_ONCE(unix_max_dgram_qlen);
	atomic_set(&u->wmem, 0);
	waitq_init(&u->peer_wait);
	list_init(&u->pollers);
	list_init(&u->poll_link);
	list_init(&u->acceptq);
	list_init(&u->accept_link);
	mutex_init(&u->conf, RANK_OBJECT);
	u->addr = NULL;
	u->path = (struct path){ NULL, NULL };
	hlist_node_init(&u->bind_link);
	u->inflight = 0;
	u->gc_cand = false;
	list_init(&u->gc_link);
	spin_lock(&unix_lock);
	list_add_tail(&u->all_link, &unix_all);
	nr_socks++;
	spin_unlock(&unix_lock);
	*out = u;
	return 0;
}

static int
unix_create(int type, int protocol, struct socket **out)
{
	struct usock *u;
	int err;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	switch (type) {
	case SOCK_RAW:			/* BSD's habit */
		type = SOCK_DGRAM;
		break;
	case SOCK_STREAM:
	case SOCK_DGRAM:
	case SOCK_SEQPACKET:
		break;
	default:
		return -ESOCKTNOSUPPORT;
	}
	err = usock_create(type, &u);
	if (err)
		return err;
	u->s.protocol = protocol;
	*out = &u->s;
	return 0;
}

static void
unix_free(struct socket *s)
{
	struct usock *u = usock_of(s);

	ASSERT(!u->head && !u->peer);
	if (u->addr)
		uaddr_put(u->addr);
	slab_free(usock_cache, u);
}

void
usock_shut(struct usock *u, u8 how, int err)
{
	spin_lock(&u->s.lock);
	u->s.shutdown |= how;
	if (err)
		u->s.err = err;
	spin_unlock(&u->s.lock);
	sock_wake_state(&u->s);
}

/* the other end of u, which is going, learns of it */
static void
leave_peer(struct usock *u, struct usock *peer, bool reset)
{
	if (usock_connected_kind(u))
		usock_shut(peer, SHUTDOWN_ALL, reset ? ECONNRESET : 0);
	else
		unix_poll_unlink(u, peer);
	usock_put(peer);
}

/* dead from here on: nothing is queued any more */
static void
usock_kill(struct usock *u, bool embryo)
{
	struct usock *peer, *e, *n;
	struct umsg *g;
	struct path path;
	LIST_HEAD(pending);

	unix_unbind(u);
	spin_lock(&u->s.lock);
	u->dead = true;
	u->s.shutdown = SHUTDOWN_ALL;
	g = queue_take(u);
	u->state = US_CLOSE;
	peer = u->peer;
	u->peer = NULL;
	list_splice_init(&u->acceptq, &pending);
	path = u->path;
	u->path = (struct path){ NULL, NULL };
	spin_unlock(&u->s.lock);
	waitq_wake_all(&u->peer_wait);
	unix_room(u);
	if (peer)
		leave_peer(u, peer, g || embryo);
	umsg_free_list(g);
	list_for_each_entry_safe(e, n, &pending, accept_link) {
		list_del_init(&e->accept_link);
		usock_kill(e, true);
		usock_put(e);
		cond_resched();
	}
	if (path.dentry)
		path_put(&path);
	spin_lock(&unix_lock);
	list_del_init(&u->all_link);
	nr_socks--;
	spin_unlock(&unix_lock);
}

static void
unix_release(struct socket *s)
{
	struct usock *u = usock_of(s);

	usock_kill(u, false);
	usock_put(u);
	if (unlikely(READ_ONCE(unix_tot_inflight)))
		unix_gc();
}

static int
unix_socketpair(struct socket *sa, struct socket *sb)
{
	struct usock *a = usock_of(sa), *b = usock_of(sb);

	usock_get(a);
	usock_get(b);
	a->peer = b;
	b->peer = a;
	sock_peer_self(sa);
	sock_peer_self(sb);
	a->state = US_ESTABLISHED;
	b->state = US_ESTABLISHED;
	return 0;
}

/* -- small things -------------------------------------------------------- */

static int
unix_shutdown(struct socket *s, int how)
{
	static const u8 own[3] = { SHUTDOWN_RCV, SHUTDOWN_SEND, SHUTDOWN_ALL };
	static const u8 other[3] = { SHUTDOWN_SEND, SHUTDOWN_RCV,
				     SHUTDOWN_ALL };
	struct usock *u = usock_of(s), *peer;

	usock_shut(u, own[how], 0);
	peer = usock_connected_kind(u) ? unix_peer_get(u) : NULL;
	if (peer) {
		usock_shut(peer, other[how], 0);
		usock_put(peer);
	}
	return 0;
}

static int
unix_getname(struct socket *s, struct abi_sockaddr_storage *out, int which)
{
	struct usock *u = usock_of(s), *peer = NULL;
	u32 len;

	if (which == SOCK_NAME_PEER) {
		peer = unix_peer_get(u);
		if (!peer)
			return -ENOTCONN;
		u = peer;
	}
	len = unix_copy_addr(u, out);
	if (!len) {
		out->ss_family = AF_UNIX;
		len = sizeof(out->ss_family);
	}
	if (peer)
		usock_put(peer);
	return len;
}

static u32
state_events(const struct usock *u)
{
	u8 sd = READ_ONCE(u->s.shutdown);
	u32 ev = 0;

	if (READ_ONCE(u->s.err))
		ev |= POLLERR;
	if (sd == SHUTDOWN_ALL)
		ev |= POLLHUP;
	if (sd & SHUTDOWN_RCV)
		ev |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (READ_ONCE(u->head) || !list_empty(&u->acceptq))
		ev |= POLLIN | POLLRDNORM;
	if (usock_connected_kind(u) && READ_ONCE(u->state) == US_CLOSE)
		ev |= POLLHUP;
	return ev;
}

#define EV_WRITE	(POLLOUT | POLLWRNORM | POLLWRBAND)

static u32
stream_poll(struct socket *s, u32 want)
{
	struct usock *u = usock_of(s);
	u32 ev = state_events(u);

	if (want & EV_WRITE && unix_stream_writable(u))
		ev |= EV_WRITE;
	return ev;
}

static u32
dgram_poll(struct socket *s, u32 want)
{
	struct usock *u = usock_of(s);
	u32 ev = state_events(u);

	if (want & EV_WRITE && unix_dgram_writable(u))
		ev |= EV_WRITE;
	return ev;
}

static int
unix_inq(struct usock *u)
{
	u64 n = 0;

	if (u->state == US_LISTEN)
		return -EINVAL;
	spin_lock(&u->s.lock);
	for (struct umsg *g = u->head; g; g = g->next) {
		n += g->len;
		if (u->s.type == SOCK_DGRAM)
			break;
	}
	spin_unlock(&u->s.lock);
	return min_t(u64, n, INT_MAX);
}

static int
unix_outq(struct usock *u)
{
	struct usock *peer;
	u32 n;

	if (!usock_connected_kind(u))
		return atomic_read(&u->wmem);
	peer = unix_peer_get(u);
	if (!peer)
		return 0;
	n = READ_ONCE(peer->rx_mem);
	usock_put(peer);
	return n;
}

static int
unix_ioctl(struct socket *s, u32 cmd, unsigned long arg)
{
	struct usock *u = usock_of(s);
	int n;

	switch (cmd) {
	case SIOCINQ:
		n = unix_inq(u);
		break;
	case SIOCOUTQ:
		n = unix_outq(u);
		break;
	case SIOCATMARK:
		n = 0;
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return n < 0 ? n : put_user(n, (int __user *)arg);
}

static bool
unix_listening(const struct socket *s)
{
	return READ_ONCE(container_of(s, const struct usock, s)->state) ==
		US_LISTEN;
}

static const struct sock_ops stream_ops = {
	.release = unix_release,
	.free = unix_free,
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.socketpair = unix_socketpair,
	.listen = unix_listen,
	.accept = unix_accept,
	.getname = unix_getname,
	.poll = stream_poll,
	.ioctl = unix_ioctl,
	.shutdown = unix_shutdown,
	.sendmsg = unix_stream_sendmsg,
	.recvmsg = unix_stream_recvmsg,
	.listening = unix_listening,
};

static const struct sock_ops dgram_ops = {
	.release = unix_release,
	.free = unix_free,
	.bind = unix_bind,
	.connect = unix_dgram_connect,
	.socketpair = unix_socketpair,
	.getname = unix_getname,
	.poll = dgram_poll,
	.ioctl = unix_ioctl,
	.shutdown = unix_shutdown,
	.sendmsg = unix_dgram_sendmsg,
	.recvmsg = unix_dgram_recvmsg,
};

static const struct sock_ops seqpacket_ops = {
	.release = unix_release,
	.free = unix_free,
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.socketpair = unix_socketpair,
	.listen = unix_listen,
	.accept = unix_accept,
	.getname = unix_getname,
	.poll = stream_poll,
	.ioctl = unix_ioctl,
	.shutdown = unix_shutdown,
	.sendmsg = unix_seqpacket_sendmsg,
	.recvmsg = unix_dgram_recvmsg,
	.listening = unix_listening,
};

static const struct sock_family unix_family = {
	.family = AF_UNIX, .name = "unix", .create = unix_create,
};
SET_ADD(sock_family, unix_family);

static void
unix_init(void)
{
	usock_cache = slab_create("unix", sizeof(struct usock), 64, 0);
	if (!usock_cache)
		panic("unix: no memory");
}
INITCALL(INIT_CORE, unix_init);

static const struct proc_sysctl_int qlen_ctl = {
	"net/unix/max_dgram_qlen", 0644, &unix_max_dgram_qlen, 0, INT_MAX };
SET_ADD(proc_sysctl, qlen_ctl);
