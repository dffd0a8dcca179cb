// SPDX-License-Identifier: MIT
/*
 * System V message queues: msgget(2), msgsnd(2), msgrcv(2).
 *
 * A message is one allocation, made and filled before the queue is locked and
 * copied out after it was taken off. A sender looks first for a receiver that
 * sleeps and wants the message, and hands it over; so a message is on the
 * queue only when nobody waits for it. When room comes, the senders that sleep
 * are woken in order, those whose message fits, and try again.
 *
 * Locking: local.h. Sleepers hold a reference to the queue, and return to it
 * under its lock. Those woken to try again have status 0.
 *
 * Limits: kernel.msgmax, msgmnb, msgmni; each queue's qbytes for the bytes in
 * it and also for the number of messages.
 */
#include "msg.h"

static inline struct ipc_ids *
msg_ids(struct ipc_ns *ns)
{
	return &ns->ids[IPC_MSG];
}

struct ipc_msg *
msg_alloc(size_t len)
{
	struct ipc_msg *m;

	if (len > INT_MAX)
		return NULL;
	m = kvmalloc(sizeof(*m) + len, GFP_KERNEL);
	if (m)
		m->len = len;
	return m;
}

void
msg_free(struct ipc_msg *m)
{
	kvfree(m);
}

void
msg_queue_put(struct msg_queue *q)
{
	if (refcount_put(&q->perm.count))
		ipc_free_rcu(&q->perm);
}

/* ---- msgsnd(2) ---- */

static inline bool
fits(const struct msg_queue *q, size_t len)
{
	return q->bytes + len <= q->qbytes && q->nr + 1 <= q->qbytes;
}

void
msg_wake_senders(struct msg_queue *q, int how)
{
	struct msg_sender *s, *n;

	list_for_each_entry_safe(s, n, &q->senders, w.link)
		if (how || fits(q, s->len))
			ipc_wake(&s->w, how < 0 ? how : 0);
}

/* give m to a receiver that waits for it; false: none does */
static bool
hand_over(struct msg_queue *q, struct ipc_msg *m)
{
	struct msg_receiver *r, *n;

	list_for_each_entry_safe(r, n, &q->receivers, w.link) {
		if (!msg_suits(&r->want, m->type))
			continue;
		if (r->max < m->len) {
			ipc_wake(&r->w, -E2BIG);
			continue;
		}
		r->msg = m;
		q->lrpid = r->pid;
		q->rtime = ipc_now();
		ipc_wake(&r->w, 0);
		return true;
	}
	return false;
}

/* wait for room; q is locked before and after. 0: try again */
static int
wait_room(struct msg_queue *q, size_t len)
{
	struct msg_sender s = { .len = len };
	int err;

	ipc_waiter_init(&s.w);
	list_add_tail(&s.w.link, &q->senders);
	err = ipc_sleep(&q->perm.lock, &s.w, NSEC_MAX);
	if (q->perm.deleted)
		return -EIDRM;
	return err == -EINTR ? -ERESTARTNOHAND : 0;
}

int
msg_send(int id, struct ipc_msg *m, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct msg_queue *q;
	struct ipc_perm *p;
	int err = ipc_lock(msg_ids(ns), id, &p);

	if (err)
		return err;
	q = msg_queue(p);
	ipc_get(p);
	for (;;) {
		err = ipc_access(p, 0200);
		if (err || fits(q, m->len))
			break;
		err = flags & IPC_NOWAIT ? -EAGAIN : wait_room(q, m->len);
		if (err)
			break;
	}
	if (!err) {
		q->lspid = pid_nr(current->tgid);
		q->stime = ipc_now();
		if (!hand_over(q, m)) {
			list_add_tail(&m->link, &q->msgs);
			q->bytes += m->len;
			q->nr++;
			atomic64_add(&ns->msg_bytes, m->len);
			atomic64_add(&ns->msg_hdrs, 1);
		}
	}
	spin_unlock(&p->lock);
	msg_queue_put(q);
	return err;
}

/* ---- msgrcv(2) ---- */

static void
take_off(struct msg_queue *q, struct ipc_msg *m)
{
	list_del(&m->link);
	q->bytes -= m->len;
	q->nr--;
	atomic64_sub(&q->ns->msg_bytes, m->len);
	atomic64_sub(&q->ns->msg_hdrs, 1);
	q->rtime = ipc_now();
	q->lrpid = pid_nr(current->tgid);
	msg_wake_senders(q, 0);
}

/* one look: 0 with *out, -ENOMSG, -E2BIG. @copy: room for MSG_COPY */
static int
look(struct msg_queue *q, const struct msg_want *want, size_t size, int flags,
     struct ipc_msg *copy, struct ipc_msg **out)
{
	struct ipc_msg *m = msg_pick(&q->msgs, want);

	if (!m)
		return -ENOMSG;
	if (m->len > size && !(flags & MSG_NOERROR))
		return -E2BIG;
	if (!copy) {
		take_off(q, m);
		*out = m;
		return 0;
	}
	if (m->len > copy->len)
		return -EINVAL;
	copy->type = m->type;
	copy->len = m->len;
	memcpy(copy->text, m->text, copy->len);
	*out = copy;
	return 0;
}

static int
wait_msg(struct msg_queue *q, struct msg_receiver *r, struct ipc_msg **out)
{
	int err;

	ipc_waiter_init(&r->w);
	r->msg = NULL;
	list_add_tail(&r->w.link, &q->receivers);
	err = ipc_sleep(&q->perm.lock, &r->w, NSEC_MAX);
	if (err)
		return -ERESTARTNOHAND;
	*out = r->msg;
	return r->w.status;	/* 0 without a message: try again */
}

int
msg_receive(int id, size_t size, s64 type, int flags, struct ipc_msg **out)
{
	struct msg_receiver r = { .want = msg_want_of(type, flags),
		.max = flags & MSG_NOERROR ? INT_MAX : size,
		.pid = pid_nr(current->tgid) };
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_msg *copy = NULL;
	struct msg_queue *q;
	struct ipc_perm *p;
	int err;

	if (flags & MSG_COPY) {
		if (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT))
			return -EINVAL;
		copy = msg_alloc(min_t(size_t, size, READ_ONCE(ns->msgmax)));
		if (!copy)
			return -ENOMEM;
	}
	*out = NULL;
	err = ipc_lock(msg_ids(ns), id, &p);
	if (err)
		goto out_copy;
	q = msg_queue(p);
	ipc_get(p);
	while (!*out) {
		err = p->deleted ? -EIDRM : ipc_access(p, 0400);
		if (!err)
			err = look(q, &r.want, size, flags, copy, out);
		if (err == -ENOMSG && !(flags & IPC_NOWAIT))
			err = wait_msg(q, &r, out);
		if (err)
			break;
	}
	spin_unlock(&p->lock);
	msg_queue_put(q);
out_copy:
	if (copy && *out != copy)
		msg_free(copy);
	return err;
}

/* ---- msgget(2) ---- */

static int
queue_new(struct ipc_ns *ns, s32 key, int flags)
{
	struct msg_queue *q = kzalloc(sizeof(*q), GFP_KERNEL);
	int id;

	if (!q)
		return -ENOMEM;
	ipc_perm_init(&q->perm, key, flags);
	q->ns = ns;
	q->qbytes = READ_ONCE(ns->msgmnb);
	q->ctime = ipc_now();
	list_init(&q->msgs);
	list_init(&q->senders);
	list_init(&q->receivers);
	id = ipc_add(msg_ids(ns), &q->perm, READ_ONCE(ns->msgmni));
	if (id < 0)
		kfree(q);
	else
		spin_unlock(&q->perm.lock);
	return id;
}

int
msg_get(s32 key, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_perm *p = NULL;
	int r;

	mutex_lock(&msg_ids(ns)->mutex);
	if (key != IPC_PRIVATE)
		p = ipc_find_key(msg_ids(ns), key);
	if (!p) {
		r = key == IPC_PRIVATE || flags & IPC_CREAT ?
			queue_new(ns, key, flags) : -ENOENT;
	} else {
		r = ipc_get_check(p, flags);
		if (!r)
			r = p->id;
		spin_unlock(&p->lock);
	}
	mutex_unlock(&msg_ids(ns)->mutex);
	return r;
}

u32
msg_limit_size(void)
{
	return READ_ONCE(current_ipc_ns()->msgmax);
}
