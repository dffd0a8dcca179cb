/* SPDX-License-Identifier: MIT */
/*
 * SOCK_DGRAM and SOCK_SEQPACKET: messages with boundaries.
 *
 * A datagram's receiver takes up to max_dgram_qlen messages from all senders
 * but the one that is its own peer; beyond that senders wait in its
 * peer_wait, and connected ones that only poll stand in its list of pollers,
 * each at most once, until unix_room().
 *
 * A datagram socket that is connected accepts only from its peer; a peer that
 * is gone is noticed by the next send (-ECONNREFUSED). Seqpacket sockets are
 * connected as streams are (connect.c) and share their queue's accounting.
 */
#include "unix.h"

/* -- peers --------------------------------------------------------------- */

struct usock *
unix_peer_get(struct usock *u)
{
	struct usock *p;

	spin_lock(&u->s.lock);
	p = u->peer;
	if (p)
		usock_get(p);
	spin_unlock(&u->s.lock);
	return p;
}

static bool
may_send(const struct usock *u, const struct usock *to)
{
	const struct usock *p = READ_ONCE(to->peer);

	return !p || p == u;
}

/* must u wait for room in peer? */
static bool
room_needed(const struct usock *u, const struct usock *peer)
{
	return peer != u && READ_ONCE(peer->peer) != u && recvq_full(peer);
}

void
unix_poll_unlink(struct usock *u, struct usock *peer)
{
	spin_lock(&peer->s.lock);
	list_del_init(&u->poll_link);
	spin_unlock(&peer->s.lock);
}

/* peer is full: wake u's pollers when there is room. false: there is now */
static bool
poll_link(struct usock *u, struct usock *peer)
{
	bool full;

	spin_lock(&peer->s.lock);
	full = !peer->dead && room_needed(u, peer);
	if (full && list_empty(&u->poll_link) && READ_ONCE(u->peer) == peer)
		list_add_tail(&u->poll_link, &peer->pollers);
	spin_unlock(&peer->s.lock);
	return full;
}

void
unix_room(struct usock *u)
{
	struct usock *p, *n;

	smp_mb();
	if (waitq_active(&u->peer_wait))
		waitq_wake_one(&u->peer_wait);
	if (likely(list_empty(&u->pollers)))
		return;
	spin_lock(&u->s.lock);
	list_for_each_entry_safe(p, n, &u->pollers, poll_link) {
		list_del_init(&p->poll_link);
		waitq_wake(&p->s.wq, 1, POLLOUT | POLLWRNORM | POLLWRBAND);
	}
	spin_unlock(&u->s.lock);
}

static bool
wmem_writable(struct usock *u)
{
	if (mem_writable(atomic_read(&u->wmem), &u->s))
		return true;
	WRITE_ONCE(u->tx_starved, true);
	smp_mb();
	return mem_writable(atomic_read(&u->wmem), &u->s);
}

bool
unix_dgram_writable(struct usock *u)
{
	struct usock *peer;
	bool ok;

	if (!wmem_writable(u))
		return false;
	if (!READ_ONCE(u->peer))
		return true;
	peer = unix_peer_get(u);
	if (!peer)
		return true;
	ok = !room_needed(u, peer) || !poll_link(u, peer);
	usock_put(peer);
	return ok;
}

/* u's peer is not old any more: what old sent is void. unix(7), connect */
static void
disconnected(struct usock *u, struct usock *old)
{
	struct umsg *g;
	bool tell;

	unix_poll_unlink(u, old);
	mutex_lock(&u->rd_lock);
	spin_lock(&u->s.lock);
	g = queue_take(u);
	spin_unlock(&u->s.lock);
	mutex_unlock(&u->rd_lock);
	if (g) {
		unix_room(u);
		spin_lock(&old->s.lock);
		tell = !old->dead && old->peer == u;
		if (tell)
			old->s.err = ECONNRESET;
		spin_unlock(&old->s.lock);
		if (tell)
			sock_wake_state(&old->s);
		umsg_free_list(g);
	}
	usock_put(old);
}

int
unix_dgram_connect(struct socket *s, struct abi_sockaddr_storage *a, u32 len,
		   u32 flags)
{
	struct usock *u = usock_of(s), *other = NULL, *old;
	int err;

	if (len < sizeof(a->ss_family))
		return -EINVAL;
	if (a->ss_family != AF_UNSPEC) {
		err = unix_check_addr(a, len);
		if (!err && sock_has(s, SOCK_PASSCRED) && !u->addr)
			err = unix_autobind(u);
		if (!err)
			err = unix_find(a, len, s->type, &other);
		if (err)
			return err;
		if (!may_send(u, other)) {
			usock_put(other);
			return -EPERM;
		}
	}
	spin_lock(&s->lock);
	old = u->peer;
	u->peer = other;
	u->state = other ? US_ESTABLISHED : US_CLOSE;
	spin_unlock(&s->lock);
	if (other)
		sock_peer_copy(s, &other->s);
	if (old && old != other)
		disconnected(u, old);
	else if (old)
		usock_put(old);
	sock_wake_writers(s);
	return 0;
}

/* -- sending ------------------------------------------------------------- */

/* room in SO_SNDBUF: 0, -EAGAIN, -EPIPE, error of u, of a signal */
static int
wait_wmem(struct usock *u, nsec_t timeo)
{
	nsec_t deadline = 0;
	int err;

	for (;;) {
		err = sock_error(&u->s);
		if (err)
			return err;
		if (READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND)
			return -EPIPE;
		if ((u32)atomic_read(&u->wmem) < u->s.sndbuf)
			return 0;
		WRITE_ONCE(u->tx_starved, true);
		smp_mb();
		if ((u32)atomic_read(&u->wmem) < u->s.sndbuf)
			return 0;
		if (!timeo)
			return -EAGAIN;
		if (!deadline)
			deadline = sock_deadline(timeo);
		err = sock_wait(&u->s.wq,
				(u32)atomic_read(&u->wmem) < u->s.sndbuf ||
				READ_ONCE(u->s.err) ||
				READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND,
				sock_wake_wr, deadline);
		if (err)
			return sock_wait_error(err, timeo);
	}
}

/*
 * g to other's queue. 0; 1: other is dead; -EPERM, -EPIPE; -EAGAIN: full
 */
static int
deliver(struct usock *u, struct usock *other, struct umsg *g)
{
	int r = 0;

	spin_lock(&other->s.lock);
	if (unlikely(!may_send(u, other))) {
		r = -EPERM;
	} else if (unlikely(other->dead)) {
		r = 1;
	} else if (unlikely(other->s.shutdown & SHUTDOWN_RCV)) {
		r = -EPIPE;
	} else if (unlikely(room_needed(u, other))) {
		r = -EAGAIN;
	} else {
		if (unlikely(sock_has(&other->s, SOCK_PASSCRED)) &&
		    g->uid == ~0U)
			umsg_own_creds(g);
		queue_add(other, g);
	}
	spin_unlock(&other->s.lock);
	if (likely(!r))
		sock_wake_readers(&other->s);
	return r;
}

/* the peer has gone: forget it */
static void
forget_peer(struct usock *u, struct usock *other)
{
	bool was = false;

	spin_lock(&u->s.lock);
	if (u->peer == other) {
		u->peer = NULL;
		u->state = US_CLOSE;
		was = true;
	}
	spin_unlock(&u->s.lock);
	if (was)
		disconnected(u, other);
}

/* find the receiver and queue g; consumed on success */
static int
send_to(struct usock *u, struct sock_msg *m, struct umsg *g)
{
	nsec_t timeo = sock_sndtimeo(&u->s, m->flags);
	bool by_name = m->name_len;
	struct usock *other;
	int err;

	for (;;) {
		if (by_name) {
			err = unix_find(m->name, m->name_len, SOCK_DGRAM,
					&other);
			if (err)
				return err;
		} else {
			other = unix_peer_get(u);
			if (!other)
				return -ECONNRESET;
		}
		err = deliver(u, other, g);
		if (err == 1) {
			if (READ_ONCE(u->peer) == other) {
				forget_peer(u, other);
				err = -ECONNREFUSED;
			}
		} else if (err == -EAGAIN && timeo) {
			err = unix_wait_room(other, timeo);
			if (!err)
				err = 1;
		} else if (err == -EAGAIN && READ_ONCE(u->peer) == other) {
			if (!poll_link(u, other))
				err = 1;	/* room was made just now */
		}
		usock_put(other);
		if (err != 1)
			return err;
		cond_resched();
	}
}

static ssize_t
dgram_send(struct usock *u, struct sock_msg *m, struct scm *scm)
{
	size_t len = m->iter->count;
	struct umsg *g;
	int err;

	if (unlikely(m->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (m->name_len) {
		err = unix_check_addr(m->name, m->name_len);
		if (err)
			return err;
	} else if (!READ_ONCE(u->peer)) {
		return -ENOTCONN;
	}
	if (unlikely(sock_has(&u->s, SOCK_PASSCRED)) && !u->addr) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	if (len > u->s.sndbuf - 32)
		return -EMSGSIZE;
	if (unlikely((u32)atomic_read(&u->wmem) >= u->s.sndbuf ||
		     READ_ONCE(u->s.err) ||
		     READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND)) {
		err = wait_wmem(u, sock_sndtimeo(&u->s, m->flags));
		if (err)
			return err;
	}
	g = umsg_alloc(len);
	if (!g)
		return -ENOBUFS;
	usock_get(u);
	g->from = u;
	atomic_add(&u->wmem, g->charge);
	err = umsg_attach(g, scm, u, NULL);
	if (!err)
		err = umsg_fill(g, m->iter);
	if (!err)
		err = send_to(u, m, g);
	if (err) {
		umsg_free(g);
		return err;
	}
	return len;
}

/* a connected pair, both ways; as a stream but whole messages */
static ssize_t
seqpacket_send(struct usock *u, struct sock_msg *m, struct scm *scm)
{
	struct usock *peer = READ_ONCE(u->peer);
	size_t len = m->iter->count;
	struct umsg *g;
	int err;

	if (unlikely(m->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (unlikely(!peer))
		return -ENOTCONN;
	if (len > u->s.sndbuf - 32)
		return -EMSGSIZE;
	if (unlikely(READ_ONCE(peer->rx_mem) >= u->s.sndbuf ||
		     READ_ONCE(u->s.err) ||
		     READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND)) {
		err = unix_wait_peer_mem(u, peer,
					 sock_sndtimeo(&u->s, m->flags));
		if (err)
			return err;
	}
	g = umsg_alloc(len);
	if (!g)
		return -ENOBUFS;
	err = umsg_attach(g, scm, u, peer);
	if (!err)
		err = umsg_fill(g, m->iter);
	if (!err)
		err = unix_push(peer, g);
	if (err) {
		umsg_free(g);
		return err;
	}
	return len;
}

static ssize_t
send_with(struct socket *s, struct sock_msg *m,
	  ssize_t (*send)(struct usock *, struct sock_msg *, struct scm *))
{
	struct scm scm;
	ssize_t r;

	scm_init(&scm);
	if (unlikely(m->control_len)) {
		if (unix_tot_inflight > UNIX_INFLIGHT_MANY)
			unix_gc();
		r = scm_parse(s, m, &scm);
		if (r)
			return r;
	}
	r = send(usock_of(s), m, &scm);
	if (unlikely(scm.fds))
		scm_fds_free(scm.fds);
	return r;
}

ssize_t
unix_dgram_sendmsg(struct socket *s, struct sock_msg *m)
{
	return send_with(s, m, dgram_send);
}

ssize_t
unix_seqpacket_sendmsg(struct socket *s, struct sock_msg *m)
{
	int err = sock_error(s);

	if (err)
		return err;
	if (READ_ONCE(usock_of(s)->state) != US_ESTABLISHED)
		return -ENOTCONN;
	return send_with(s, m, seqpacket_send);
}

/* -- receiving ----------------------------------------------------------- */

/* rd_lock held: the message to read, or to peek at SO_PEEK_OFF (*skip in it) */
static struct umsg *
next_message(struct usock *u, bool peek, size_t *skip)
{
	struct umsg *g = smp_load_acquire(&u->head);

	*skip = 0;
	if (likely(!peek || u->s.peek_off <= 0))
		return g;
	for (*skip = u->s.peek_off; g && *skip >= g->len;
	     g = smp_load_acquire(&g->next))
		*skip -= g->len;
	return g;
}

/* off the queue, still ours; its senders may have room again */
static void
unlink_message(struct usock *u, struct umsg *g)
{
	bool was_full;

	spin_lock(&u->s.lock);
	was_full = u->qlen > u->backlog;
	queue_del_first(u, g);
	spin_unlock(&u->s.lock);
	if (unlikely(was_full || waitq_active(&u->peer_wait)))
		unix_room(u);
}

/* tail: where the queue ended before it was looked at */
static bool
readable(const struct usock *u, struct umsg *const *tail)
{
	return READ_ONCE(u->tail) != tail || READ_ONCE(u->s.err) ||
		READ_ONCE(u->s.shutdown) & SHUTDOWN_RCV;
}

/* rd_lock held on success; 0 with *out NULL: end of data */
static int
wait_message(struct usock *u, u32 flags, struct umsg **out, size_t *skip)
{
	nsec_t timeo = sock_rcvtimeo(&u->s, flags), deadline = 0;
	struct umsg *g, **tail;
	int err;
	u8 sd;

	*out = NULL;
	for (;;) {
		sd = READ_ONCE(u->s.shutdown);	/* nothing is queued after it */
		mutex_lock(&u->rd_lock);
		tail = READ_ONCE(u->tail);
		err = sock_error(&u->s);
		g = err ? NULL : next_message(u, flags & MSG_PEEK, skip);
		if (likely(g)) {
			*out = g;
			return 0;
		}
		mutex_unlock(&u->rd_lock);
		if (err)
			return err;
		if (sd & SHUTDOWN_RCV)
			return timeo || usock_connected_kind(u) ? 0 : -EAGAIN;
		if (!timeo)
			return -EAGAIN;
		if (!deadline)
			deadline = sock_deadline(timeo);
		err = sock_wait(&u->s.wq, readable(u, tail), sock_wake_rd,
				deadline);
		if (err)
			return sock_wait_error(err, timeo);
	}
}

/* g is off the queue or, when peeking, under rd_lock */
static ssize_t
read_message(struct usock *u, struct umsg *g, size_t skip,
	     struct sock_msg *m, struct scm *scm)
{
	bool peek = m->flags & MSG_PEEK;
	size_t len = g->len - skip, n = min(len, m->iter->count);

	if (m->name) {
		const struct usock *from = g->from ? g->from : u->peer;

		m->name_len = from ? unix_copy_addr(from, m->name) : 0;
	}
	if (n < len)
		m->out_flags |= MSG_TRUNC;
	if (unlikely(umsg_copy(g, skip, n, m->iter) < n))
		return -EFAULT;
	if (unlikely(peek && u->s.peek_off >= 0))
		u->s.peek_off += n;
	if (unlikely(!peek && u->s.peek_off > 0))
		u->s.peek_off = max_t(int, u->s.peek_off - (int)g->len, 0);
	if (unlikely(sock_has(&u->s, SOCK_PASSCRED)))
		umsg_creds(g, scm);
	if (unlikely(g->fds) && umsg_take_fds(g, scm, peek))
		return -ENOMEM;
	return m->flags & MSG_TRUNC ? len : n;
}

ssize_t
unix_dgram_recvmsg(struct socket *s, struct sock_msg *m)
{
	struct usock *u = usock_of(s);
	struct umsg *g;
	struct scm scm;
	size_t skip = 0;
	bool left;
	ssize_t r;

	if (unlikely(m->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (s->type == SOCK_SEQPACKET && READ_ONCE(u->state) != US_ESTABLISHED)
		return -ENOTCONN;
	m->name_len = 0;
	r = wait_message(u, m->flags, &g, &skip);
	if (unlikely(!g))
		return r;
	scm_init(&scm);
	r = read_message(u, g, skip, m, &scm);
	if (unlikely(m->flags & MSG_PEEK))
		;
	else if (usock_connected_kind(u))
		unix_pop(u, g);
	else
		unlink_message(u, g);
	left = READ_ONCE(u->head);
	mutex_unlock(&u->rd_lock);
	if (!(m->flags & MSG_PEEK) && !usock_connected_kind(u))
		umsg_free(g);
	if (unlikely(left))
		sock_wake_readers(s);
	if (unlikely(r < 0))
		scm_fds_free(scm.fds);
	else
		scm_deliver(s, m, &scm);
	return r;
}
