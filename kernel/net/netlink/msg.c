/* SPDX-License-Identifier: MIT */
/*
 * netlink messages: made, queued, multicast, sent and received.
 *
 * A message is counted, and each queue that it stands in has an entry of its
 * own. Entries of a multicast are allocated under nl_lock, so without waiting
 * for memory: a receiver for which there is none loses the message as if it
 * had no room.
 */
#include <lib/string.h>
#include <mm/slab.h>
#include "netlink.h"

/* -- messages and queues ------------------------------------------------- */

struct nl_msg *
nl_msg_alloc(u32 len)
{
	struct nl_msg *m = kmalloc(sizeof(*m) + len, GFP_KERNEL);

	if (!m)
		return NULL;
	refcount_set(&m->count, 1);
	m->len = len;
	m->portid = m->group = 0;
	m->pid = 0;
	m->uid = m->gid = 0;
	return m;
}

void
nl_msg_put(struct nl_msg *m)
{
	if (refcount_put(&m->count))
		kfree(m);
}

void
nl_queue_free(struct list_head *queue)
{
	struct nl_entry *e, *next;

	list_for_each_entry_safe(e, next, queue, link) {
		nl_msg_put(e->msg);
		kfree(e);
	}
}

int
nl_queue(struct nl_sock *n, struct nl_msg *m)
{
	struct nl_entry *e = kmalloc(sizeof(*e), GFP_ATOMIC);
	int err = 0;

	if (!e)
		return -ENOMEM;
	refcount_get(&m->count);
	e->msg = m;
	spin_lock(&n->s.lock);
	if (n->dead)
		err = -ECONNREFUSED;
	else if (n->overrun || n->rmem > n->s.rcvbuf)
		err = -EAGAIN;
	else {
		n->rmem += nl_charge(m);
		list_add_tail(&e->link, &n->queue);
	}
	spin_unlock(&n->s.lock);
	if (err) {
		nl_msg_put(m);
		kfree(e);
	} else {
		sock_wake_readers(&n->s);
	}
	return err;
}

void
nl_overrun(struct nl_sock *n)
{
	bool tell = false;

	spin_lock(&n->s.lock);
	n->drops++;
	if (!nl_opt(n, NLO_NO_ENOBUFS) && !n->overrun) {
		n->overrun = true;
		n->s.err = ENOBUFS;
		tell = true;
	}
	spin_unlock(&n->s.lock);
	if (tell)
		sock_wake_state(&n->s);
}

void
nl_multicast(int protocol, struct nl_msg *m)
{
	struct nl_sock *n;

	mutex_lock(&nl_lock);
	list_for_each_entry(n, &nl_all, all_link) {
		int err;

		if (n->s.protocol != protocol ||
		    !(n->groups >> (m->group - 1) & 1) ||
		    (m->portid && n->portid == m->portid))
			continue;
		err = nl_queue(n, m);
		if (err == -EAGAIN || err == -ENOMEM)
			nl_overrun(n);
	}
	mutex_unlock(&nl_lock);
}

void
netlink_broadcast(int protocol, u32 group, const void *data, u32 len)
{
	struct nl_msg *m;

	if (!netlink_heard(protocol, group))
		return;
	m = nl_msg_alloc(len);
	if (!m)
		return;
	m->group = group;
	memcpy(m->data, data, len);
	nl_multicast(protocol, m);
	nl_msg_put(m);
}

bool
netlink_heard(int protocol, u32 group)
{
	struct nl_sock *n;
	bool heard = false;

	mutex_lock(&nl_lock);
	list_for_each_entry(n, &nl_all, all_link)
		if (n->s.protocol == protocol && (n->groups >> (group - 1) & 1))
			heard = true;
	mutex_unlock(&nl_lock);
	return heard;
}

/* -- sending ------------------------------------------------------------- */

/* to a program's port; waits for room as the flags say */
static int
send_to_port(struct nl_sock *n, u32 portid, struct nl_msg *m, u32 flags)
{
	nsec_t timeo = sock_sndtimeo(&n->s, flags);
	nsec_t deadline = sock_deadline(timeo);
	struct nl_sock *to = nl_find(n->s.protocol, portid);
	int err;

	if (!to)
		return -ECONNREFUSED;
	/* one that is connected takes only its peer's */
	if (READ_ONCE(to->dst_portid) && to->dst_portid != m->portid) {
		nl_put(to);
		return -ECONNREFUSED;
	}
	for (;;) {
		err = nl_queue(to, m);
		if (err != -EAGAIN || !timeo)
			break;
		err = sock_wait(&to->room, READ_ONCE(to->dead) ||
				(!READ_ONCE(to->overrun) &&
				 READ_ONCE(to->rmem) <= to->s.rcvbuf),
				sock_wake_wr, deadline);
		if (err) {
			err = sock_wait_error(err, timeo);
			break;
		}
	}
	nl_put(to);
	return err;
}

/* where m goes: of its name, or where the socket is connected to */
static int
destination(struct nl_sock *n, const struct sock_msg *m, u32 *portid,
	    u32 *groups)
{
	const struct abi_sockaddr_nl *nl = (const void *)m->name;

	if (m->name_len) {
		if (m->name_len < sizeof(*nl) || nl->nl_family != AF_NETLINK)
			return -EINVAL;
		*portid = nl->nl_pid;
		*groups = nl->nl_groups;
		if ((*portid || *groups) &&
		    !(n->proto->flags & NL_ANYONE_SENDS) &&
		    !capable(CAP_NET_ADMIN))
			return -EPERM;
	} else {
		spin_lock(&n->s.lock);
		*portid = n->dst_portid;
		*groups = n->dst_groups;
		spin_unlock(&n->s.lock);
	}
	return nl_autobind(n);
}

static struct nl_msg *
take_message(struct nl_sock *n, struct sock_msg *m, const struct scm *scm)
{
	const struct cred *c = current_cred();
	struct nl_msg *g = nl_msg_alloc(m->iter->count);

	if (!g)
		return NULL;
	g->portid = n->portid;
	g->pid = scm->creds ? scm->pid : pid_nr(current->tgid);
	g->uid = scm->creds ? scm->uid : c->uid;
	g->gid = scm->creds ? scm->gid : c->gid;
	return g;
}

ssize_t
nl_sendmsg(struct socket *s, struct sock_msg *m)
{
	struct nl_sock *n = nl_of(s);
	size_t len = m->iter->count;
	u32 portid, groups;
	struct nl_msg *g;
	struct scm scm;
	ssize_t err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!len)
		return -ENODATA;
	scm_init(&scm);
	if (m->control_len) {
		err = scm_parse(s, m, &scm);
		if (err)
			return err;
	}
	err = destination(n, m, &portid, &groups);
	if (err)
		return err;
	if (len > NL_MSG_MAX || len > s->sndbuf - 32)
		return -EMSGSIZE;
	g = take_message(n, m, &scm);
	if (!g)
		return -ENOBUFS;
	err = -EFAULT;
	if (copy_from_iter(g->data, len, m->iter) != len)
		goto out;
	err = len;
	if (groups) {
		g->group = (u32)__builtin_ctz(groups) + 1;
		if (g->group <= n->proto->nr_groups)
			nl_multicast(s->protocol, g);
	}
	if (portid)
		err = send_to_port(n, portid, g, m->flags);
	else if (n->proto->request)
		nl_requests(n, g);
	else
		err = -ECONNREFUSED;
	if (!err)
		err = len;
out:
	nl_msg_put(g);
	return err;
}

/* -- receiving ----------------------------------------------------------- */

/* l held, the entry is n's first and leaves: is there room again? */
static void
unqueue(struct nl_sock *n, struct nl_entry *e)
{
	list_del(&e->link);
	n->rmem -= nl_charge(e->msg);
	if (list_empty(&n->queue))
		n->overrun = false;
}

/* the first message, counted; off the queue unless peek. 0 or -errno */
static int
wait_message(struct nl_sock *n, u32 flags, struct nl_msg **out)
{
	nsec_t timeo = sock_rcvtimeo(&n->s, flags);
	nsec_t deadline = sock_deadline(timeo);
	struct nl_entry *e;
	int err;

	for (;;) {
		err = sock_error(&n->s);
		if (err)
			return err;
		spin_lock(&n->s.lock);
		e = list_first_entry_or_null(&n->queue, struct nl_entry, link);
		if (e) {
			*out = e->msg;
			refcount_get(&e->msg->count);
			if (!(flags & MSG_PEEK))
				unqueue(n, e);
		}
		spin_unlock(&n->s.lock);
		if (e) {
			if (!(flags & MSG_PEEK)) {
				nl_msg_put(e->msg);
				kfree(e);
				waitq_wake_all(&n->room);
			}
			return 0;
		}
		if (!timeo)
			return -EAGAIN;
		err = sock_wait(&n->s.wq, !list_empty(&n->queue) ||
				READ_ONCE(n->s.err), sock_wake_rd, deadline);
		if (err)
			return sock_wait_error(err, timeo);
	}
}

static void
tell_more(struct nl_sock *n, struct sock_msg *m, const struct nl_msg *g)
{
	struct scm scm;

	if (nl_opt(n, NLO_PKTINFO)) {
		struct abi_nl_pktinfo p = { g->group };

		put_cmsg(m, SOL_NETLINK, NETLINK_PKTINFO, &p, sizeof(p));
	}
	scm_init(&scm);
	scm.creds = true;
	scm.pid = g->pid;
	scm.uid = g->uid;
	scm.gid = g->gid;
	scm_deliver(&n->s, m, &scm);
}

ssize_t
nl_recvmsg(struct socket *s, struct sock_msg *m)
{
	struct nl_sock *n = nl_of(s);
	struct nl_msg *g;
	size_t len;
	ssize_t r;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	r = wait_message(n, m->flags, &g);
	if (r)
		return r;
	len = min_t(size_t, g->len, m->iter->count);
	if (len < g->len)
		m->out_flags |= MSG_TRUNC;
	r = -EFAULT;
	if (copy_to_iter(g->data, len, m->iter) == len) {
		if (m->name) {
			struct abi_sockaddr_nl *nl = (void *)m->name;

			*nl = (struct abi_sockaddr_nl){
				.nl_family = AF_NETLINK, .nl_pid = g->portid,
				.nl_groups = g->group && g->group <= 32 ?
					1u << (g->group - 1) : 0 };
			m->name_len = sizeof(*nl);
		}
		tell_more(n, m, g);
		r = m->flags & MSG_TRUNC ? g->len : len;
	}
	nl_msg_put(g);
	return r;
}
