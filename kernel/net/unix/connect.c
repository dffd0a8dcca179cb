/* SPDX-License-Identifier: MIT */
/*
 * Connections of stream and seqpacket sockets. connect(2) makes the other end
 * itself and puts it into the listener's queue, so both can send at once;
 * accept(2) only gives it a file. In the queue it holds one reference.
 */
#include <task/signal.h>
#include "unix.h"

static bool
has_room(const struct usock *u)
{
	return READ_ONCE(u->dead) || READ_ONCE(u->s.shutdown) & SHUTDOWN_RCV ||
		!recvq_full(u);
}

int
unix_wait_room(struct usock *other, nsec_t timeo)
{
	nsec_t deadline = sock_deadline(timeo);
	int err = sock_wait(&other->peer_wait, has_room(other), sock_wake_wr,
			    deadline);

	return sock_wait_error(err, timeo);
}

/* the end that will be accepted, for a connection of u to other */
static void
make_embryo(struct usock *e, struct usock *u, struct usock *other)
{
	struct uaddr *a = other->addr;

	e->state = US_ESTABLISHED;
	e->backlog = other->backlog;
	e->s.flags = other->s.flags & BIT(SOCK_PASSCRED);
	sock_peer_self(&e->s);
	refcount_get(&a->count);
	e->addr = a;
	usock_get(u);
	e->peer = u;
}

/* both are as far as they can be; other->s.lock and u->conf held. 0, -errno */
static int
join(struct usock *u, struct usock *e, struct usock *other)
{
	if (u->state != US_CLOSE)
		return u->state == US_ESTABLISHED ? -EISCONN : -EINVAL;
	if (other->path.dentry) {
		e->path = other->path;
		path_get(&e->path);
	}
	usock_get(e);
	spin_lock_nested(&u->s.lock);	/* not listening: after a listener */
	u->peer = e;
	smp_store_release(&u->state, US_ESTABLISHED);
	spin_unlock(&u->s.lock);
	list_add_tail(&e->accept_link, &other->acceptq);
	other->qlen++;
	return 0;
}

/* one try: 0, -errno, or 1: other died, look the name up again */
static int
try_connect(struct usock *u, struct usock *e, struct usock *other)
{
	int err;

	mutex_lock(&u->conf);
	if (other->addr && !e->peer)
		make_embryo(e, u, other);
	spin_lock(&other->s.lock);
	if (other->dead)
		err = 1;
	else if (other->state != US_LISTEN ||
		 other->s.shutdown & SHUTDOWN_RCV)
		err = -ECONNREFUSED;
	else if (recvq_full(other))
		err = -EAGAIN;
	else if (u == other)
		err = -EINVAL;
	else
		err = join(u, e, other);
	spin_unlock(&other->s.lock);
	mutex_unlock(&u->conf);
	return err;
}

/* an end that nobody will accept */
static void
drop_embryo(struct usock *e)
{
	struct usock *u = e->peer;

	e->peer = NULL;
	if (u)
		usock_put(u);
	sock_release(&e->s);
}

int
unix_stream_connect(struct socket *s, struct abi_sockaddr_storage *a, u32 len,
		    u32 flags)
{
	struct usock *u = usock_of(s), *other = NULL, *e;
	nsec_t timeo = sock_sndtimeo(s, flags);
	int err = unix_check_addr(a, len);

	if (err)
		return err;
	if (sock_has(s, SOCK_PASSCRED) && !u->addr) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	for (;;) {
		err = unix_find(a, len, s->type, &other);
		if (err)
			return err;
		err = usock_create(s->type, &e);
		if (err)
			break;
		err = try_connect(u, e, other);
		if (!err) {
			sock_peer_copy(s, &other->s);
			sock_wake_readers(&other->s);
			break;
		}
		drop_embryo(e);
		if (err == -EAGAIN && timeo) {
			err = unix_wait_room(other, timeo);
			if (!err)
				err = 1;
		}
		if (err < 0)
			break;
		usock_put(other);
		cond_resched();
	}
	usock_put(other);
	return err;
}

int
unix_listen(struct socket *s, int backlog)
{
	struct usock *u = usock_of(s);
	bool more = false;
	int err = -EINVAL;

	mutex_lock(&u->conf);
	if (u->addr && u->state != US_ESTABLISHED) {
		sock_peer_self(s);
		spin_lock(&s->lock);
		more = backlog > (int)u->backlog;
		u->backlog = backlog;
		u->state = US_LISTEN;
		spin_unlock(&s->lock);
		err = 0;
	}
	mutex_unlock(&u->conf);
	if (more)
		waitq_wake_all(&u->peer_wait);
	return err;
}

static struct usock *
take_pending(struct usock *u)
{
	struct usock *e;

	spin_lock(&u->s.lock);
	e = list_first_entry_or_null(&u->acceptq, struct usock, accept_link);
	if (e) {
		list_del_init(&e->accept_link);
		u->qlen--;
	}
	spin_unlock(&u->s.lock);
	return e;
}

int
unix_accept(struct socket *s, u32 flags, struct socket **out)
{
	struct usock *u = usock_of(s), *e;
	nsec_t timeo = sock_rcvtimeo(s, flags), deadline = sock_deadline(timeo);
	int err;

	if (READ_ONCE(u->state) != US_LISTEN)
		return -EINVAL;
	while (!(e = take_pending(u))) {
		err = sock_error(s);
		if (err)
			return err;
		if (READ_ONCE(s->shutdown) & SHUTDOWN_RCV)
			return timeo ? -EINVAL : -EAGAIN;
		if (!timeo)
			return -EAGAIN;
		err = sock_wait(&s->wq, !list_empty(&u->acceptq) ||
				READ_ONCE(s->err) ||
				READ_ONCE(s->shutdown) & SHUTDOWN_RCV,
				sock_wake_rd, deadline);
		if (err)
			return sock_wait_error(err, timeo);
	}
	smp_mb();
	if (waitq_active(&u->peer_wait))
		waitq_wake_one(&u->peer_wait);
	if (!list_empty(&u->acceptq))
		sock_wake_readers(s);
	*out = &e->s;
	return 0;
}
