// SPDX-License-Identifier: MIT
/*
 * POSIX message queues: sending and receiving, mq_overview(7).
 *
 * Messages are in a red-black tree, best first: higher priority, then older.
 * A sender gives its message to the first sleeping receiver, if there is one,
 * which then has it without looking again. A receiver that makes room puts the
 * first sleeping sender's message in its place and wakes that one. So while
 * somebody sleeps to receive the queue is empty, and while somebody sleeps to
 * send it is full. Sleepers wait in order of real-time priority, then age.
 *
 * Locking: mq->lock for all; the open file keeps the queue. Signals of
 * mq_notify(3) and frees happen without it.
 *
 * Limits: fs.mqueue.*, and RLIMIT_MSGQUEUE for what all queues of a user could
 * hold, counted as Linux does, with its sizes of message headers.
 */
#include <task/rlimit.h>
#include "mq.h"

#define MSG_OVERHEAD	48	/* header of a message at Linux */
#define NODE_OVERHEAD	48	/* a priority's node there */
#define HARD_MSG_MAX	65536
#define HARD_SIZE_MAX	(16 << 20)

/* ---- making ---- */

static int
attr_check(const struct ipc_ns *ns, u64 max, u64 size)
{
	u64 total;

	if ((s64)max <= 0 || (s64)size <= 0)
		return -EINVAL;
	if (capable(CAP_SYS_RESOURCE)) {
		if (max > HARD_MSG_MAX || size > HARD_SIZE_MAX)
			return -EINVAL;
	} else if (max > READ_ONCE(ns->mq_msg_max) ||
		   size > READ_ONCE(ns->mq_msgsize_max)) {
		return -EINVAL;
	}
	if (mul_overflow(max, size + MSG_OVERHEAD + NODE_OVERHEAD, &total))
		return -EOVERFLOW;
	return 0;
}

int
mq_create(struct ipc_ns *ns, const struct abi_mq_attr *attr, struct mq **out)
{
	u64 max = attr ? (u64)attr->mq_maxmsg :
		min(ns->mq_msg_max, ns->mq_msg_default);
	u64 size = attr ? (u64)attr->mq_msgsize :
		min(ns->mq_msgsize_max, ns->mq_msgsize_default);
	int err = attr_check(ns, max, size);
	struct mq *q;

	if (err)
		return err;
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	q->user = user_get(current_cred()->uid);
	err = -ENOMEM;
	if (!q->user)
		goto fail;
	q->charge = max * size + max * MSG_OVERHEAD +
		min_t(u64, max, MQ_PRIO_MAX) * NODE_OVERHEAD;
	err = -EMFILE;
	if ((u64)atomic64_add_return(&q->user->mq_bytes, q->charge) >
	    rlimit_cur(RLIMIT_MSGQUEUE)) {
		atomic64_sub(&q->user->mq_bytes, q->charge);
		user_put(q->user);
		goto fail;
	}
	spin_init(&q->lock, RANK_OBJQUEUE);
	waitq_init(&q->wq);
	list_init(&q->senders);
	list_init(&q->receivers);
	q->max_msgs = max;
	q->msg_size = size;
	*out = q;
	return 0;
fail:
	kfree(q);
	return err;
}

void
mq_destroy(struct mq *q)
{
	struct rb_node *n, *next;

	rb_for_each_postorder_safe(n, next, &q->msgs.root)
		mq_msg_free(rb_entry(n, struct mq_msg, node));
	mq_notify_end(&q->notify);
	atomic64_sub(&q->user->mq_bytes, q->charge);
	user_put(q->user);
	kfree(q);
}

struct mq_msg *
mq_msg_alloc(size_t len)
{
	struct mq_msg *m = kvmalloc(sizeof(*m) + len, GFP_KERNEL);

	if (m)
		m->len = len;
	return m;
}

void
mq_msg_free(struct mq_msg *m)
{
	kvfree(m);
}

int
mq_check(struct file *f, u32 fmode, size_t *msgsize)
{
	if (f->op != &mq_file_ops || (f->mode & fmode) != fmode)
		return -EBADF;
	*msgsize = mq_of(f)->msg_size;
	return 0;
}

/* ---- the queue; q->lock held ---- */

static void
put_msg(struct mq *q, struct mq_msg *m)
{
	struct rb_node **link = &q->msgs.root.node, *parent = NULL;
	bool best = true;

	m->seq = q->next_seq++;
	while (*link) {
		struct mq_msg *o = rb_entry(*link, struct mq_msg, node);

		parent = *link;
		if (m->prio > o->prio) {
			link = &parent->left;
		} else {
			link = &parent->right;
			best = false;
		}
	}
	rb_link_node(&m->node, parent, link);
	rb_insert_color_cached(&m->node, &q->msgs, best);
	q->nr++;
	q->bytes += m->len;
}

static struct mq_msg *
take_msg(struct mq *q)
{
	struct mq_msg *m = rb_entry(rb_first_cached(&q->msgs), struct mq_msg,
				    node);

	rb_erase_cached(&m->node, &q->msgs);
	q->nr--;
	q->bytes -= m->len;
	return m;
}

static struct mq_waiter *
first(struct list_head *l)
{
	return list_empty(l) ? NULL :
		list_first_entry(l, struct mq_waiter, w.link);
}

static void
enqueue(struct list_head *l, struct mq_waiter *w)
{
	struct list_head *at = l->prev;

	while (at != l && list_entry(at, struct mq_waiter, w.link)->
	       w.thread->rt_prio < w->w.thread->rt_prio)
		at = at->prev;
	list_add(&w->w.link, at);	/* behind at */
}

/* sleep on l; q is locked before, not after. 0: somebody served us */
static int
wait_served(struct mq *q, struct list_head *l, struct mq_waiter *w,
	    nsec_t deadline)
{
	int err;

	ipc_waiter_init(&w->w);
	enqueue(l, w);
	err = ipc_sleep(&q->lock, &w->w, deadline);
	spin_unlock(&q->lock);
	return err == -EINTR ? -ERESTARTSYS : err;
}

/* ---- mq_timedsend(2), mq_timedreceive(2) ---- */

int
mq_send_msg(struct file *f, struct mq_msg *m, nsec_t deadline)
{
	struct mq_notify tell = { 0 };
	struct mq_waiter own = { .msg = m }, *r;
	struct mq *q = mq_of(f);
	int err;

	spin_lock(&q->lock);
	if (q->nr >= q->max_msgs) {
		if (READ_ONCE(f->flags) & O_NONBLOCK) {
			spin_unlock(&q->lock);
			return -EAGAIN;
		}
		err = wait_served(q, &q->senders, &own, deadline);
		if (err)
			return err;
	} else {
		r = first(&q->receivers);
		if (r) {
			r->msg = m;
			ipc_wake(&r->w, 0);
		} else {
			put_msg(q, m);
			if (q->nr == 1)
				mq_notify_take(q, &tell);
			poll_wake(&q->wq, POLLIN | POLLRDNORM);
		}
		spin_unlock(&q->lock);
		mq_notify_send(&tell);
	}
	inode_touch(f->inode, ATTR_ATIME | ATTR_MTIME | ATTR_CTIME);
	return 0;
}

int
mq_receive_msg(struct file *f, nsec_t deadline, struct mq_msg **out)
{
	struct mq_waiter own = { 0 }, *s;
	struct mq *q = mq_of(f);
	int err;

	spin_lock(&q->lock);
	if (!q->nr) {
		if (READ_ONCE(f->flags) & O_NONBLOCK) {
			spin_unlock(&q->lock);
			return -EAGAIN;
		}
		err = wait_served(q, &q->receivers, &own, deadline);
		if (err)
			return err;
		*out = own.msg;
	} else {
		*out = take_msg(q);
		s = first(&q->senders);
		if (s) {
			put_msg(q, s->msg);
			ipc_wake(&s->w, 0);
		} else {
			poll_wake(&q->wq, POLLOUT | POLLWRNORM);
		}
		spin_unlock(&q->lock);
	}
	inode_touch(f->inode, ATTR_ATIME);
	return 0;
}

int
mq_attributes(struct file *f, const struct abi_mq_attr *set,
	      struct abi_mq_attr *old)
{
	struct mq *q;

	if (f->op != &mq_file_ops)
		return -EBADF;
	q = mq_of(f);
	spin_lock(&f->lock);
	*old = (struct abi_mq_attr){
		.mq_flags = f->flags & O_NONBLOCK,
		.mq_maxmsg = q->max_msgs, .mq_msgsize = q->msg_size,
		.mq_curmsgs = READ_ONCE(q->nr),
	};
	if (set)
		f->flags = (f->flags & ~(u32)O_NONBLOCK) |
			(set->mq_flags & O_NONBLOCK);
	spin_unlock(&f->lock);
	if (set)
		inode_touch(f->inode, ATTR_ATIME | ATTR_CTIME);
	return 0;
}
