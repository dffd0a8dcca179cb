/* SPDX-License-Identifier: MIT */
/*
 * SOCK_STREAM data, and the queue that seqpacket shares.
 *
 * A write becomes messages of up to 32 KiB in the peer's queue; a read takes
 * bytes from as many as it needs, but never mixes messages of different
 * credentials (when these are asked for) and stops behind one that brought
 * descriptors. A writer waits when the peer's queue holds SO_SNDBUF or more;
 * it notes that in peer->rx_starved under the queue's lock, so the reader that
 * empties the queue need not look at the writer.
 */
#include <task/signal.h>
#include "unix.h"

/* -- the queue ----------------------------------------------------------- */

int
unix_push(struct usock *peer, struct umsg *g)
{
	spin_lock(&peer->s.lock);
	if (unlikely(peer->dead || peer->s.shutdown & SHUTDOWN_RCV)) {
		spin_unlock(&peer->s.lock);
		return -EPIPE;
	}
	queue_add(peer, g);
	peer->rx_mem += g->charge;
	spin_unlock(&peer->s.lock);
	sock_wake_readers(&peer->s);
	return 0;
}

void
unix_pop(struct usock *u, struct umsg *g)
{
	struct usock *peer = u->peer;
	bool wake = false;

	spin_lock(&u->s.lock);
	queue_del_first(u, g);
	u->rx_mem -= g->charge;
	if (unlikely(u->rx_starved) && mem_writable(u->rx_mem, &peer->s)) {
		u->rx_starved = false;
		wake = true;
	}
	spin_unlock(&u->s.lock);
	if (unlikely(wake))
		sock_wake_writers(&peer->s);
	umsg_free(g);
}

/* used of the queue, compared with what is free; notes that we wait if not */
static bool
peer_has_mem(struct usock *u, struct usock *peer, bool quarter)
{
	bool ok;

	spin_lock(&peer->s.lock);
	ok = quarter ? mem_writable(peer->rx_mem, &u->s) :
		peer->rx_mem < u->s.sndbuf;
	if (!ok)
		peer->rx_starved = true;
	spin_unlock(&peer->s.lock);
	return ok;
}

bool
unix_stream_writable(struct usock *u)
{
	struct usock *peer = READ_ONCE(u->peer);

	if (READ_ONCE(u->state) == US_LISTEN)
		return false;
	return !peer || mem_writable(READ_ONCE(peer->rx_mem), &u->s) ||
		peer_has_mem(u, peer, true);
}

int
unix_wait_peer_mem(struct usock *u, struct usock *peer, nsec_t timeo)
{
	nsec_t deadline = 0;
	int err;

	for (;;) {
		err = sock_error(&u->s);
		if (err)
			return err;
		if (READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND)
			return -EPIPE;
		if (peer_has_mem(u, peer, false))
			return 0;
		if (!timeo)
			return -EAGAIN;
		if (!deadline)
			deadline = sock_deadline(timeo);
		err = sock_wait(&u->s.wq, peer_has_mem(u, peer, false) ||
				READ_ONCE(u->s.err) ||
				READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND,
				sock_wake_wr, deadline);
		if (err)
			return sock_wait_error(err, timeo);
	}
}

/* -- sending ------------------------------------------------------------- */

/* one message of len bytes; 0 or -errno */
static int
send_one(struct usock *u, struct usock *peer, struct sock_msg *m, size_t len,
	 struct scm *scm)
{
	struct umsg *g;
	int err;

	if (unlikely(READ_ONCE(peer->rx_mem) >= u->s.sndbuf ||
		     READ_ONCE(u->s.err))) {
		err = unix_wait_peer_mem(u, peer,
					 sock_sndtimeo(&u->s, m->flags));
		if (err)
			return err;
	}
	g = umsg_alloc(len);
	if (unlikely(!g))
		return -ENOBUFS;
	err = umsg_attach(g, scm, u, peer);
	if (likely(!err))
		err = umsg_fill(g, m->iter);
	if (likely(!err))
		err = unix_push(peer, g);
	if (unlikely(err))
		umsg_free(g);
	return err;
}

static ssize_t
stream_send(struct usock *u, struct sock_msg *m, struct scm *scm)
{
	struct usock *peer = READ_ONCE(u->peer);
	size_t len = m->iter->count, sent = 0, chunk;
	int err = 0;

	if (unlikely(m->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (unlikely(m->name_len))
		return READ_ONCE(u->state) == US_ESTABLISHED ? -EISCONN :
			-EOPNOTSUPP;
	if (unlikely(!peer))
		return -ENOTCONN;
	if (unlikely(READ_ONCE(u->s.shutdown) & SHUTDOWN_SEND)) {
		err = -EPIPE;
		goto out;
	}
	while (sent < len) {
		chunk = min_t(size_t, len - sent, UMSG_CHUNK);
		chunk = min_t(size_t, chunk, (u->s.sndbuf >> 1) - 64);
		err = send_one(u, peer, m, chunk, scm);
		if (unlikely(err))
			break;
		sent += chunk;
	}
out:
	if (unlikely(err == -EPIPE) && !sent && !(m->flags & MSG_NOSIGNAL))
		signal_send_thread(current, SIGPIPE, SEND_SIG_USER);
	return sent ? (ssize_t)sent : err;
}

ssize_t
unix_stream_sendmsg(struct socket *s, struct sock_msg *m)
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
	r = stream_send(usock_of(s), m, &scm);
	if (unlikely(scm.fds))
		scm_fds_free(scm.fds);
	return r;
}

/* -- receiving ----------------------------------------------------------- */

/* tail: where the queue ended when there was nothing */
static bool
readable(const struct usock *u, struct umsg *const *tail)
{
	return READ_ONCE(u->tail) != tail || READ_ONCE(u->s.err) ||
		READ_ONCE(u->s.shutdown) & SHUTDOWN_RCV;
}

/*
 * Nothing to read: 1 there is now, 0 end of data, the pending error, or
 * -EAGAIN with the queue's end in *tail.
 */
static int
why_empty(struct usock *u, struct umsg *last, struct umsg ***tail)
{
	int r = -EAGAIN;

	spin_lock(&u->s.lock);
	*tail = u->tail;
	if (last ? last->next : u->head)
		r = 1;
	else if (u->s.err)
		r = sock_error(&u->s);
	else if (u->s.shutdown & SHUTDOWN_RCV)
		r = 0;
	spin_unlock(&u->s.lock);
	return r;
}

struct reading {
	struct scm scm;
	size_t copied;
	size_t skip;			/* SO_PEEK_OFF: bytes to pass over */
	bool peek, check;
};

/* rd_lock held; g is next. 0: go on, 1: stop here, -errno */
static int
read_from(struct usock *u, struct umsg *g, struct sock_msg *m,
	  struct reading *r)
{
	size_t n, c;

	if (unlikely(r->check)) {
		struct scm other;

		umsg_creds(g, &other);
		if (other.pid != r->scm.pid || other.uid != r->scm.uid ||
		    other.gid != r->scm.gid)
			return 1;
	} else if (unlikely(sock_has(&u->s, SOCK_PASSCRED))) {
		umsg_creds(g, &r->scm);
		r->check = true;
	}
	n = min(g->len - r->skip, m->iter->count);
	c = umsg_copy(g, r->skip, n, m->iter);
	if (unlikely(c < n))
		return -EFAULT;
	r->copied += n;
	if (unlikely(r->peek)) {
		int err = g->fds ? umsg_take_fds(g, &r->scm, true) : 0;

		if (err)
			return err;
		if (u->s.peek_off >= 0)
			u->s.peek_off += n;
		r->skip = 0;
		return r->scm.fds != NULL;
	}
	if (unlikely(u->s.peek_off > 0))
		u->s.peek_off = max_t(int, u->s.peek_off - (int)n, 0);
	g->off += n;
	g->len -= n;
	if (unlikely(g->fds))
		(void)umsg_take_fds(g, &r->scm, false);
	if (g->len)
		return 1;
	unix_pop(u, g);
	return r->scm.fds != NULL;
}

/* wait without rd_lock; it is held again unless -errno comes back */
static int
wait_data(struct usock *u, nsec_t timeo, nsec_t *deadline,
	  struct umsg **tail)
{
	int err;

	mutex_unlock(&u->rd_lock);
	if (!*deadline)
		*deadline = sock_deadline(timeo);
	err = sock_wait(&u->s.wq, readable(u, tail), sock_wake_rd, *deadline);
	if (unlikely(err))
		return sock_wait_error(err, timeo);
	mutex_lock(&u->rd_lock);
	return 0;
}

static int
stream_recv(struct usock *u, struct sock_msg *m, struct reading *r)
{
	nsec_t timeo = sock_rcvtimeo(&u->s, m->flags), deadline = 0;
	size_t target = m->iter->count;
	struct umsg *g, *last = NULL, **tail;
	int err;

	if (!(m->flags & MSG_WAITALL))
		target = min_t(size_t, target, u->s.rcvlowat);
	if (!target)
		target = 1;
	mutex_lock(&u->rd_lock);
again:
	/* where a peek starts, or goes on; else always the first */
	g = last ? smp_load_acquire(&last->next) : smp_load_acquire(&u->head);
	for (; g && r->skip && r->skip >= g->len; g = g->next) {
		r->skip -= g->len;
		last = g;
	}
	if (g) {
		err = read_from(u, g, m, r);
		if (err || !m->iter->count)
			goto out;
		if (r->peek)
			last = g;
		goto again;
	}
	err = 0;
	if (r->copied >= target || (r->peek && r->copied))
		goto out;
	err = why_empty(u, last, &tail);
	if (err == 1)
		goto again;
	if (err != -EAGAIN || !timeo)
		goto out;
	err = wait_data(u, timeo, &deadline, tail);
	if (err)
		return err;
	if (last) {			/* who knows what was read meanwhile */
		last = NULL;
		r->skip = max(u->s.peek_off, 0);
	}
	goto again;
out:
	g = u->head;
	mutex_unlock(&u->rd_lock);
	if (unlikely(g))
		sock_wake_readers(&u->s);
	return min(err, 0);
}

ssize_t
unix_stream_recvmsg(struct socket *s, struct sock_msg *m)
{
	struct usock *u = usock_of(s);
	struct reading r;
	int err;

	if (unlikely(READ_ONCE(u->state) != US_ESTABLISHED))
		return -EINVAL;
	if (unlikely(m->flags & MSG_OOB))
		return -EOPNOTSUPP;
	scm_init(&r.scm);
	r.copied = 0;
	r.peek = m->flags & MSG_PEEK;
	r.check = false;
	r.skip = unlikely(r.peek && s->peek_off > 0) ? s->peek_off : 0;
	err = stream_recv(u, m, &r);
	if (m->name)
		m->name_len = r.copied ? unix_copy_addr(u->peer, m->name) : 0;
	scm_deliver(s, m, &r.scm);
	return r.copied ? (ssize_t)r.copied : err;
}
