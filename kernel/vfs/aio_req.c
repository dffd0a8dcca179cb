/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous requests: io_submit(2), io_cancel(2).
 *
 * Reads and writes are done at once, by the thread that submits them: what is
 * cached or in memory does not block, and on a pipe that is empty io_submit(2)
 * blocks as it does on Linux (or, O_NONBLOCK, the event says EAGAIN). So user
 * memory is touched by its own process only. FSYNC is work for the pool, as it
 * may take long. Their events tell what came of them; what is wrong with the
 * request itself is io_submit's error.
 *
 * POLL hangs on the file's wait queues. Whoever raises `claimed` from 0 is to
 * complete the request: the submitter that finds events at once, a wake-up,
 * which queues work since it holds locks, or io_cancel(2) and the end of the
 * context. Work asks the file again and, if there is nothing after all, lowers
 * `claimed` and looks once more: what happened in between was not told to
 * anybody. Entries stay on the queues until the end, and taking them off waits
 * for a wake-up that is going on; then the request may be freed. A wait queue
 * that goes away (POLLFREE) is forgotten, as in epoll.c; that is a hang-up.
 *
 * Locking: ctx->lock the list of active requests; see aio.h.
 *
 * Limits: a file has at most AIO_WAITS queues to poll (-EINVAL); no priorities
 * (IOCB_FLAG_IOPRIO is -EINVAL).
 */
#include <abi/poll.h>
#include <abi/uio.h>
#include <mm/uaccess.h>
#include <sched/rcu.h>
#include "aio.h"
#include "internal.h"

#define FAST_IOV 8

static void
req_put(struct aio_req *r)
{
	if (!refcount_put(&r->count))
		return;
	if (r->file)
		file_put(r->file);
	if (r->resfd)
		file_put(r->resfd);
	kioctx_put(r->ctx);
	kfree(r);
}

/* The request's own reference is dropped. T, no lock held. */
static void
req_complete(struct aio_req *r, s64 res)
{
	struct abi_io_event ev = { r->data, r->obj, res, 0 };
	struct kioctx *c = r->ctx;

	spin_lock(&c->lock);
	list_del_init(&r->link);
	spin_unlock(&c->lock);
	kioctx_event(c, &ev);
	if (r->resfd)
		eventfd_signal(r->resfd);
	req_put(r);
}

/* -- reading and writing -------------------------------------------------- */

static ssize_t
import(struct iov_iter *it, int dir, const struct abi_iocb *cb, bool vector,
       struct iovec *fast, struct iovec **alloc)
{
	void __user *p = (void __user *)cb->aio_buf;

	*alloc = NULL;
	if (vector)
		return iter_import(it, dir, p, cb->aio_nbytes, fast, FAST_IOV,
				   alloc);
	if (!access_ok(p, cb->aio_nbytes))
		return -EFAULT;
	iter_ubuf(it, dir, p, min_t(u64, cb->aio_nbytes, MAX_RW_COUNT));
	return 0;
}

static int
submit_rw(struct aio_req *r, const struct abi_iocb *cb, int dir, bool vector)
{
	struct iovec fast[FAST_IOV], *alloc;
	struct file *f = r->file;
	loff_t pos = cb->aio_offset;
	struct iov_iter it;
	ssize_t n;
	u32 io;

	n = rwf_to_io(f, cb->aio_rw_flags, &io);
	if (n)
		return n;
	if (!(f->mode & (dir == ITER_DEST ? FMODE_READ : FMODE_WRITE)))
		return -EBADF;
	if (dir == ITER_DEST ? !f->op->read_iter : !f->op->write_iter)
		return -EINVAL;
	n = import(&it, dir, cb, vector, fast, &alloc);
	if (n < 0)
		return n;
	n = rw_verify_area(f, &pos, it.count);
	if (!n) {
		n = dir == ITER_DEST ? vfs_read_iter(f, &it, &pos, io) :
			vfs_write_iter(f, &it, &pos, io);
		/* cannot be restarted: what was asked for is the request */
		if (n == -ERESTARTSYS || n == -ERESTARTNOHAND)
			n = -EINTR;
		req_complete(r, n);
		n = 0;
	}
	kfree(alloc);
	return n;
}

/* -- to disk -------------------------------------------------------------- */

static void
fsync_work(struct work *w)
{
	struct aio_req *r = container_of(w, struct aio_req, work);

	req_complete(r, vfs_fsync(r->file, 0, LOFF_MAX, r->datasync));
}

static int
submit_fsync(struct aio_req *r, const struct abi_iocb *cb, bool datasync)
{
	if (cb->aio_buf || cb->aio_offset || cb->aio_nbytes ||
	    cb->aio_rw_flags || !r->file->op->fsync)
		return -EINVAL;
	r->datasync = datasync;
	work_init(&r->work, fsync_work);
	work_queue(&r->work);
	return 0;
}

/* -- polling -------------------------------------------------------------- */

static bool
claim(struct aio_req *r)
{
	s32 zero = 0;

	return atomic_try_cmpxchg(&r->claimed, &zero, 1);
}

static bool
poll_callback(struct waitq_entry *e, unsigned long key)
{
	struct aio_wait *w = container_of(e, struct aio_wait, entry);
	struct aio_req *r = w->req;

	if (unlikely(key & POLLFREE)) {
		WRITE_ONCE(r->hup, true);
		smp_mb();
		list_del_init(&e->link);
		if (claim(r))
			work_queue(&r->work);
		/* last: until then whoever frees r waits for the queue */
		smp_store_release(&w->q, NULL);
		return false;
	}
	if ((key && !(key & r->events)) || !claim(r))
		return false;
	work_queue(&r->work);
	return true;
}

struct aio_poll_table {
	struct poll_table pt;
	struct aio_req *req;
};

static void
poll_queue(struct file *f, struct waitq *q, struct poll_table *pt)
{
	struct aio_req *r = container_of(pt, struct aio_poll_table, pt)->req;
	struct aio_wait *w = &r->waits[r->nr_waits];

	if (r->nr_waits == AIO_WAITS) {
		r->too_many = true;
		return;
	}
	r->nr_waits++;
	w->entry = (struct waitq_entry){ .func = poll_callback };
	list_init(&w->entry.link);
	w->q = q;
	w->req = r;
	waitq_add(q, &w->entry);
}

static void
poll_dequeue(struct aio_req *r)
{
	for (unsigned int i = 0; i < r->nr_waits; i++) {
		struct aio_wait *w = &r->waits[i];
		struct waitq *q;

		rcu_read_lock();
		q = smp_load_acquire(&w->q);
		if (likely(q))
			waitq_del(q, &w->entry);
		rcu_read_unlock();
	}
}

/* for who claimed it */
static void
poll_complete(struct aio_req *r, u32 mask)
{
	poll_dequeue(r);
	req_complete(r, mask);
}

static u32
poll_now(struct aio_req *r)
{
	u32 mask = vfs_poll(r->file, NULL) & r->events;

	return READ_ONCE(r->hup) ? mask | POLLHUP : mask;
}

/* For who claimed it: let others, unless there is something now. */
static void
poll_unclaim(struct aio_req *r)
{
	u32 mask;

	refcount_get(&r->count);
	atomic_set(&r->claimed, 0);
	smp_mb();
	mask = poll_now(r);
	if ((mask || READ_ONCE(r->cancelled)) && claim(r))
		poll_complete(r, mask);
	req_put(r);
}

static void
poll_work(struct work *w)
{
	struct aio_req *r = container_of(w, struct aio_req, work);
	u32 mask = poll_now(r);

	if (mask || READ_ONCE(r->cancelled))
		poll_complete(r, mask);
	else
		poll_unclaim(r);
}

static int
submit_poll(struct aio_req *r, const struct abi_iocb *cb)
{
	struct aio_poll_table t = { .req = r };
	struct kioctx *c = r->ctx;
	u32 mask;

	if (cb->aio_buf > 0xffff || cb->aio_offset || cb->aio_nbytes ||
	    cb->aio_rw_flags)
		return -EINVAL;
	r->events = cb->aio_buf | POLLERR | POLLHUP;
	work_init(&r->work, poll_work);
	atomic_set(&r->claimed, 1);
	t.pt.queue = poll_queue;
	t.pt.key = r->events;
	mask = vfs_poll(r->file, &t.pt) & r->events;
	if (mask) {
		poll_complete(r, mask);
		return 0;
	}
	if (r->too_many || !r->nr_waits) {
		poll_dequeue(r);
		return -EINVAL;
	}
	spin_lock(&c->lock);
	if (c->dead)
		WRITE_ONCE(r->cancelled, true);
	else
		list_add_tail(&r->link, &c->active);
	spin_unlock(&c->lock);
	poll_unclaim(r);
	return 0;
}

/* -- one request ---------------------------------------------------------- */

static int
dispatch(struct aio_req *r, const struct abi_iocb *cb)
{
	switch (cb->aio_lio_opcode) {
	case IOCB_CMD_PREAD:
		return submit_rw(r, cb, ITER_DEST, false);
	case IOCB_CMD_PWRITE:
		return submit_rw(r, cb, ITER_SOURCE, false);
	case IOCB_CMD_PREADV:
		return submit_rw(r, cb, ITER_DEST, true);
	case IOCB_CMD_PWRITEV:
		return submit_rw(r, cb, ITER_SOURCE, true);
	case IOCB_CMD_FSYNC:
		return submit_fsync(r, cb, false);
	case IOCB_CMD_FDSYNC:
		return submit_fsync(r, cb, true);
	case IOCB_CMD_POLL:
		return submit_poll(r, cb);
	default:
		return -EINVAL;
	}
}

static int
get_files(struct aio_req *r, const struct abi_iocb *cb)
{
	r->file = file_get_fd(cb->aio_fildes);
	if (!r->file)
		return -EBADF;
	if (!(cb->aio_flags & IOCB_FLAG_RESFD))
		return 0;
	r->resfd = file_get_fd(cb->aio_resfd);
	if (r->resfd && file_is_eventfd(r->resfd))
		return 0;
	return r->resfd ? -EINVAL : -EBADF;
}

int
kioctx_submit(struct kioctx *c, const struct abi_iocb *cb, u64 obj)
{
	struct aio_req *r;
	int err;

	if (cb->aio_reserved2 || (s64)cb->aio_nbytes < 0 ||
	    cb->aio_flags & IOCB_FLAG_IOPRIO)
		return -EINVAL;
	err = kioctx_reserve(c);
	if (err)
		return err;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r) {
		kioctx_unreserve(c);
		return -EAGAIN;
	}
	refcount_set(&r->count, 1);
	refcount_get(&c->count);
	r->ctx = c;
	INIT_LIST_HEAD(&r->link);
	r->obj = obj;
	r->data = cb->aio_data;
	err = get_files(r, cb);
	if (!err)
		err = dispatch(r, cb);
	if (err) {
		kioctx_unreserve(c);
		req_put(r);
	}
	return err;
}

/* ctx->lock held; true: the caller is to complete r */
static bool
cancel_locked(struct aio_req *r)
{
	list_del_init(&r->link);
	WRITE_ONCE(r->cancelled, true);
	smp_mb();
	return claim(r);
}

int
kioctx_cancel(struct kioctx *c, u64 obj)
{
	struct aio_req *r;
	int err = -EINVAL;
	bool ours = false;

	spin_lock(&c->lock);
	list_for_each_entry(r, &c->active, link)
		if (r->obj == obj) {
			ours = cancel_locked(r);
			err = -EINPROGRESS;
			break;
		}
	spin_unlock(&c->lock);
	if (ours)
		poll_complete(r, 0);
	return err;
}

void
kioctx_cancel_all(struct kioctx *c)
{
	struct aio_req *r;
	bool ours;

	do {
		spin_lock(&c->lock);
		r = list_first_entry_or_null(&c->active, struct aio_req, link);
		ours = r && cancel_locked(r);
		spin_unlock(&c->lock);
		if (ours)
			poll_complete(r, 0);
		cond_resched();
	} while (r);
}
