/* SPDX-License-Identifier: MIT */
/*
 * epoll(7). An item (file, fd) hangs in the set's tree, on its file's list and
 * on the file's wait queues, whose callback puts it on the ready list and
 * wakes one waiter. epoll_wait() takes items off that list one by one, asks
 * the file what is really ready and copies the event out; level-triggered
 * items go back to the end of the list, so they are asked again next time.
 *
 * Locks: ep->mtx (rank epoll) the tree and the taking of events; ep->lock
 * (irqs off) the ready list, taken inside wait-queue locks by callbacks. These
 * and the set's own queues are not rank checked: a set inside a set takes them
 * child first, and ep_mutex forbids cycles. ep_mutex also lets a file and a
 * set that go away at the same time agree on who frees an item.
 *
 * No reference on the file: closing it removes its items (epoll_file_gone).
 */
#include <abi/poll.h>
#include <core/assert.h>
#include <lib/printf.h>
#include <lib/rbtree.h>
#include <mm/uaccess.h>
#include <task/signal.h>
#include <vfs/vfs.h>
#include "internal.h"

#define EP_PRIVATE	(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
#define EP_MAX_DEPTH	5

struct ep_wait {		/* on one wait queue */
	struct waitq_entry entry;
	struct waitq *q;
	struct epitem *item;
	struct ep_wait *next;
};

struct epitem {
	struct rb_node node;		/* ep->mtx */
	struct list_head ready;		/* ep->lock; or on a local list */
	struct eventpoll *ep;
	struct file *file;		/* borrowed: see above */
	int fd;
	struct abi_epoll_event ev;	/* mtx; events read by callbacks */
	struct hlist_node file_link;	/* file->lock */
	struct ep_wait *waits;		/* mtx; first is wait0 as a rule */
	struct ep_wait wait0;
	bool no_memory;
};

struct eventpoll {
	struct mutex mtx;
	struct spinlock lock;
	struct rb_root items;
	struct list_head ready;
	struct waitq wq;		/* epoll_wait() */
	struct waitq poll_wq;		/* whoever polls us */
	struct file *file;		/* borrowed */
};

static struct slab_cache *item_cache;
static struct mutex ep_mutex = MUTEX_INIT(ep_mutex, RANK_NONE);
static const struct file_ops epoll_fops;

static inline bool
is_epoll(const struct file *f)
{
	return f->op == &epoll_fops;
}

static inline unsigned long
ep_lock(struct eventpoll *ep)
{
	unsigned long f = irq_save();

	spin_lock_nested(&ep->lock);
	return f;
}

static inline void
ep_unlock(struct eventpoll *ep, unsigned long f)
{
	spin_unlock(&ep->lock);
	irq_restore(f);
}

/* -- becoming ready ------------------------------------------------------ */

static void
ep_wake(struct eventpoll *ep)
{
	smp_mb();
	if (waitq_active(&ep->wq))
		waitq_wake_one(&ep->wq);
	if (unlikely(waitq_active(&ep->poll_wq)))
		waitq_wake(&ep->poll_wq, 1, POLLIN | POLLRDNORM);
}

static bool
ep_callback(struct waitq_entry *e, unsigned long key)
{
	struct ep_wait *w = container_of(e, struct ep_wait, entry);
	struct epitem *it = w->item;
	struct eventpoll *ep = it->ep;
	u32 events = READ_ONCE(it->ev.events);
	unsigned long f;

	if (unlikely(key & POLLFREE)) {
		list_del_init(&e->link);
		smp_store_release(&w->q, NULL);
		return false;
	}
	if (!(events & ~EP_PRIVATE) || (key && !(key & events)))
		return false;
	f = ep_lock(ep);
	if (list_empty(&it->ready))
		list_add_tail(&it->ready, &ep->ready);
	ep_unlock(ep, f);
	ep_wake(ep);
	return true;
}

struct ep_table {
	struct poll_table pt;
	struct epitem *item;
};

static void
ep_queue(struct file *f, struct waitq *q, struct poll_table *pt)
{
	struct epitem *it = container_of(pt, struct ep_table, pt)->item;
	struct ep_wait *w = it->waits ? kmalloc(sizeof(*w), GFP_KERNEL) :
		&it->wait0;

	if (!w) {
		it->no_memory = true;
		return;
	}
	w->entry = (struct waitq_entry){ .func = ep_callback };
	list_init(&w->entry.link);
	w->q = q;
	w->item = it;
	w->next = it->waits;
	it->waits = w;
	if (it->ev.events & EPOLLEXCLUSIVE)
		waitq_add_exclusive(q, &w->entry);
	else
		waitq_add(q, &w->entry);
}

static u32
item_poll(struct epitem *it, struct poll_table *pt)
{
	u32 want = it->ev.events;

	if (pt)
		pt->key = want;
	return vfs_poll(it->file, pt) & want;
}

/* it has events now: see that a waiter learns of it. mtx held */
static void
item_now_ready(struct epitem *it)
{
	struct eventpoll *ep = it->ep;
	unsigned long f = ep_lock(ep);

	if (list_empty(&it->ready))
		list_add_tail(&it->ready, &ep->ready);
	ep_unlock(ep, f);
	ep_wake(ep);
}

/* -- the set ------------------------------------------------------------- */

static int
item_cmp(const struct epitem *it, const struct file *f, int fd)
{
	if (it->file != f)
		return f < it->file ? -1 : 1;
	return fd < it->fd ? -1 : fd > it->fd;
}

static struct epitem *
item_find(struct eventpoll *ep, const struct file *f, int fd)
{
	struct rb_node *n = ep->items.node;

	while (n) {
		struct epitem *it = container_of(n, struct epitem, node);
		int c = item_cmp(it, f, fd);

		if (!c)
			return it;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

static void
item_insert(struct eventpoll *ep, struct epitem *it)
{
	struct rb_node **link = &ep->items.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item_cmp(container_of(parent, struct epitem, node),
				it->file, it->fd) < 0 ?
			&parent->left : &parent->right;
	}
	rb_link_node(&it->node, parent, link);
	rb_insert_color(&it->node, &ep->items);
}

/* mtx held */
static void
item_remove(struct eventpoll *ep, struct epitem *it)
{
	struct ep_wait *w = it->waits, *next;
	unsigned long f;

	for (; w; w = next) {
		struct waitq *q;

		next = w->next;
		/* a signalfd's queue may go; its memory only after RCU */
		rcu_read_lock();
		q = smp_load_acquire(&w->q);
		if (likely(q))
			waitq_del(q, &w->entry);
		rcu_read_unlock();
		if (w != &it->wait0)
			kfree(w);
	}
	spin_lock(&it->file->lock);
	hlist_del(&it->file_link);
	spin_unlock(&it->file->lock);
	rb_erase(&it->node, &ep->items);
	f = ep_lock(ep);
	list_del_init(&it->ready);
	ep_unlock(ep, f);
	slab_free(item_cache, it);
}

static int
item_add(struct eventpoll *ep, struct file *f, int fd,
	 const struct abi_epoll_event *ev)
{
	struct epitem *it = slab_alloc(item_cache, GFP_KERNEL);
	struct ep_table t;
	u32 got;

	if (!it)
		return -ENOMEM;
	it->ep = ep;
	it->file = f;
	it->fd = fd;
	it->ev = *ev;
	it->ev.events |= EPOLLERR | EPOLLHUP;
	it->waits = NULL;
	it->no_memory = false;
	list_init(&it->ready);
	spin_lock(&f->lock);
	hlist_add_head(&it->file_link, (struct hlist_head *)&f->ep_items);
	spin_unlock(&f->lock);
	item_insert(ep, it);
	t.pt.queue = ep_queue;
	t.item = it;
	got = item_poll(it, &t.pt);
	if (it->no_memory) {
		item_remove(ep, it);
		return -ENOMEM;
	}
	if (got)
		item_now_ready(it);
	return 0;
}

static int
item_modify(struct epitem *it, const struct abi_epoll_event *ev)
{
	it->ev.data = ev->data;
	WRITE_ONCE(it->ev.events, ev->events | EPOLLERR | EPOLLHUP);
	smp_mb();	/* a callback sees the new events, or we its event */
	if (item_poll(it, NULL))
		item_now_ready(it);
	return 0;
}

/*
 * How many sets deep ep is, counting itself; -1 when avoid is inside. ep_mutex
 * held, so no set is added anywhere.
 */
static int
ep_depth(struct eventpoll *ep, const struct eventpoll *avoid, int level)
{
	struct rb_node *n;
	int deepest = 0, d;

	if (ep == avoid || level > EP_MAX_DEPTH)
		return -1;
	mutex_lock_nested(&ep->mtx);
	for (n = rb_first(&ep->items); n; n = rb_next(n)) {
		struct epitem *it = container_of(n, struct epitem, node);

		if (!is_epoll(it->file))
			continue;
		d = ep_depth(it->file->private, avoid, level + 1);
		if (d < 0) {
			deepest = -1;
			break;
		}
		deepest = max(deepest, d);
	}
	mutex_unlock(&ep->mtx);
	return deepest < 0 ? -1 : deepest + 1;
}

/* the same upwards: sets that contain f. ep_mutex held */
static int
ep_height(struct file *f, int level)
{
	struct hlist_head *h = (struct hlist_head *)&f->ep_items;
	struct epitem *it;
	int highest = 0;

	if (level > EP_MAX_DEPTH)
		return level;
	hlist_for_each_entry(it, h, file_link)
		highest = max(highest, 1 + ep_height(it->ep->file, level + 1));
	return highest;
}

static int
check_event(const struct file *epf, const struct file *f, int op, u32 events)
{
	if (epf == f || !is_epoll(epf))
		return -EINVAL;
	if (op == EPOLL_CTL_DEL || !(events & EPOLLEXCLUSIVE))
		return 0;
	if (op == EPOLL_CTL_MOD || is_epoll(f))
		return -EINVAL;
	if (events & ~(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP |
		       EPOLLET | EPOLLEXCLUSIVE))
		return -EINVAL;
	return 0;
}

int
epoll_change(struct file *epf, int op, int fd,
	     const struct abi_epoll_event *ev)
{
	struct fd f = fdget(fd);
	struct eventpoll *ep;
	struct epitem *it;
	bool nested;
	int err;

	if (!f.file)
		return -EBADF;
	err = -EPERM;
	if (!f.file->op->poll)
		goto out;
	err = check_event(epf, f.file, op, ev->events);
	if (err)
		goto out;
	ep = epf->private;
	nested = op == EPOLL_CTL_ADD && (is_epoll(f.file) || epf->ep_items);
	if (unlikely(nested)) {
		int depth = 0;

		mutex_lock(&ep_mutex);
		if (is_epoll(f.file))
			depth = ep_depth(f.file->private, ep, 1);
		if (depth < 0 || depth + ep_height(epf, 1) > EP_MAX_DEPTH - 1) {
			err = -ELOOP;
			goto out_nested;
		}
	}
	mutex_lock(&ep->mtx);
	it = item_find(ep, f.file, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		err = it ? -EEXIST : item_add(ep, f.file, fd, ev);
		break;
	case EPOLL_CTL_DEL:
		err = it ? 0 : -ENOENT;
		if (it)
			item_remove(ep, it);
		break;
	case EPOLL_CTL_MOD:
		if (!it)
			err = -ENOENT;
		else if (it->ev.events & EPOLLEXCLUSIVE)
			err = -EINVAL;
		else
			err = item_modify(it, ev);
		break;
	default:
		err = -EINVAL;
	}
	mutex_unlock(&ep->mtx);
out_nested:
	if (unlikely(nested))
		mutex_unlock(&ep_mutex);
out:
	fdput(f);
	return err;
}

/* -- waiting ------------------------------------------------------------- */

static struct epitem *
take_ready(struct eventpoll *ep)
{
	struct epitem *it;
	unsigned long f = ep_lock(ep);

	it = list_first_entry_or_null(&ep->ready, struct epitem, ready);
	if (it)
		list_del_init(&it->ready);
	ep_unlock(ep, f);
	return it;
}

/*
 * Copy out up to max events. Level-triggered items wait on `again` until the
 * round is over; a callback for one of them meanwhile finds it listed.
 */
static int
send_events(struct eventpoll *ep, struct abi_epoll_event __user *uev, int max)
{
	LIST_HEAD(again);
	struct epitem *it;
	unsigned long f;
	bool more;
	int n = 0;

	mutex_lock(&ep->mtx);
	while (n < max && (it = take_ready(ep))) {
		struct abi_epoll_event out;

		out.events = item_poll(it, NULL);
		if (!out.events)
			continue;
		out.data = it->ev.data;
		if (copyout(uev + n, &out, sizeof(out))) {
			f = ep_lock(ep);
			if (list_empty(&it->ready))
				list_add(&it->ready, &ep->ready);
			ep_unlock(ep, f);
			if (!n)
				n = -EFAULT;
			break;
		}
		n++;
		if (it->ev.events & EPOLLONESHOT) {
			it->ev.events &= EP_PRIVATE;
		} else if (!(it->ev.events & EPOLLET)) {
			f = ep_lock(ep);
			if (list_empty(&it->ready))
				list_add_tail(&it->ready, &again);
			ep_unlock(ep, f);
		}
	}
	f = ep_lock(ep);
	list_splice_tail(&again, &ep->ready);
	more = !list_empty(&ep->ready);
	ep_unlock(ep, f);
	mutex_unlock(&ep->mtx);
	if (more && waitq_active(&ep->wq))
		waitq_wake_one(&ep->wq);
	return n;
}

int
epoll_wait_events(struct file *epf, struct abi_epoll_event __user *uev,
		  int max, nsec_t deadline)
{
	struct eventpoll *ep = epf->private;
	int n, err;

	if (!is_epoll(epf) || max <= 0 ||
	    max > (int)(INT_MAX / sizeof(struct abi_epoll_event)))
		return -EINVAL;
	for (;;) {
		if (!list_empty(&ep->ready)) {
			n = send_events(ep, uev, max);
			if (n)
				return n;
		}
		if (!deadline)
			return 0;
		if (signal_pending_current())
			return -EINTR;
		err = wait_event_common(&ep->wq, !list_empty(&ep->ready),
					TS_INTERRUPTIBLE, deadline,
					WQ_EXCLUSIVE);
		if (err == -ETIMEDOUT)
			deadline = 0;
		else if (err)
			return -EINTR;
	}
}

/* -- the file ------------------------------------------------------------ */

static u32
epoll_poll(struct file *f, struct poll_table *pt)
{
	struct eventpoll *ep = f->private;
	struct epitem *it;
	u32 ev = 0;

	poll_wait(f, &ep->poll_wq, pt);
	if (list_empty(&ep->ready))
		return 0;
	mutex_lock_nested(&ep->mtx);
	while (!ev && (it = take_ready(ep)))
		if (item_poll(it, NULL)) {
			unsigned long fl = ep_lock(ep);

			if (list_empty(&it->ready))
				list_add(&it->ready, &ep->ready);
			ep_unlock(ep, fl);
			ev = POLLIN | POLLRDNORM;
		}
	mutex_unlock(&ep->mtx);
	return ev;
}

static void
epoll_release(struct file *f)
{
	struct eventpoll *ep = f->private;
	struct rb_node *n;

	mutex_lock(&ep_mutex);
	mutex_lock(&ep->mtx);
	while ((n = rb_first(&ep->items))) {
		item_remove(ep, container_of(n, struct epitem, node));
		cond_resched();
	}
	mutex_unlock(&ep->mtx);
	mutex_unlock(&ep_mutex);
	kfree(ep);
}

void
epoll_file_gone(struct file *f)
{
	struct hlist_head *h = (struct hlist_head *)&f->ep_items;

	mutex_lock(&ep_mutex);
	while (!hlist_empty(h)) {
		struct epitem *it = hlist_entry(h->first, struct epitem,
						file_link);
		struct eventpoll *ep = it->ep;

		mutex_lock(&ep->mtx);
		item_remove(ep, it);
		mutex_unlock(&ep->mtx);
	}
	mutex_unlock(&ep_mutex);
}

static void
epoll_fdinfo(struct file *f, char *buf, size_t len)
{
	struct eventpoll *ep = f->private;
	struct rb_node *n;
	size_t at = 0;

	mutex_lock(&ep->mtx);
	for (n = rb_first(&ep->items); n && at < len; n = rb_next(n)) {
		struct epitem *it = container_of(n, struct epitem, node);

		at += scnprintf(buf + at, len - at,
				"tfd: %8d events: %8x data: %16lx\n", it->fd,
				it->ev.events, (u64)it->ev.data);
	}
	mutex_unlock(&ep->mtx);
}

static const struct file_ops epoll_fops = {
	.poll = epoll_poll,
	.release = epoll_release,
	.llseek = noop_llseek,
	.show_fdinfo = epoll_fdinfo,
	.flags = FOP_NOLLSEEK,
};

int
epoll_create_file(struct file **out)
{
	struct eventpoll *ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	int err;

	if (!ep)
		return -ENOMEM;
	mutex_init(&ep->mtx, RANK_EPOLL);
	spin_init(&ep->lock, RANK_NONE);
	waitq_init(&ep->wq);
	waitq_init(&ep->poll_wq);
	spin_init(&ep->wq.lock, RANK_NONE);	/* see the head of this file */
	spin_init(&ep->poll_wq.lock, RANK_NONE);
	list_init(&ep->ready);
	err = file_alloc_pseudo("[eventpoll]", &epoll_fops, ep, O_RDWR, out);
	if (err) {
		kfree(ep);
		return err;
	}
	ep->file = *out;
	return 0;
}

void
epoll_init(void)
{
	item_cache = slab_create("epitem", sizeof(struct epitem), 0, 0);
	if (!item_cache)
		panic("epoll: no memory");
}
