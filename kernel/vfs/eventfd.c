/* SPDX-License-Identifier: MIT */
/*
 * eventfd(2): a 64-bit counter. The queue's own lock would do for the count,
 * but a lock of its own keeps wakers out of it; both are held for a few
 * instructions.
 */
#include <lib/printf.h>
#include <mm/uaccess.h>
#include "internal.h"

struct eventfd {
	struct spinlock lock;		/* rank objqueue */
	u64 count;			/* lock */
	bool semaphore;			/* I */
	struct waitq wq;
};

static bool
take(struct eventfd *e, u64 *out)
{
	bool ok;

	spin_lock(&e->lock);
	ok = e->count != 0;
	if (ok) {
		*out = e->semaphore ? 1 : e->count;
		e->count -= *out;
	}
	spin_unlock(&e->lock);
	return ok;
}

static bool
give(struct eventfd *e, u64 n)
{
	bool ok;

	spin_lock(&e->lock);
	ok = U64_MAX - e->count > n;
	if (ok)
		e->count += n;
	spin_unlock(&e->lock);
	return ok;
}

static ssize_t
eventfd_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct eventfd *e = f->private;
	u64 v;

	if (to->count < sizeof(v))
		return -EINVAL;
	if (!take(e, &v)) {
		if (flags & IO_NONBLOCK)
			return -EAGAIN;
		if (wait_event_intr(&e->wq, take(e, &v)))
			return -ERESTARTSYS;
	}
	smp_mb();
	if (waitq_active(&e->wq))
		waitq_wake(&e->wq, 1, POLLOUT | POLLWRNORM);
	return copy_to_iter(&v, sizeof(v), to) == sizeof(v) ?
		(ssize_t)sizeof(v) : -EFAULT;
}

static ssize_t
eventfd_write_iter(struct file *f, struct iov_iter *from, loff_t *pos,
		   u32 flags)
{
	struct eventfd *e = f->private;
	u64 v;

	if (from->count < sizeof(v))
		return -EINVAL;
	if (copy_from_iter_full(&v, sizeof(v), from))
		return -EFAULT;
	if (v == U64_MAX)
		return -EINVAL;
	if (!give(e, v)) {
		if (flags & IO_NONBLOCK)
			return -EAGAIN;
		if (wait_event_intr(&e->wq, give(e, v)))
			return -ERESTARTSYS;
	}
	smp_mb();
	if (waitq_active(&e->wq))
		waitq_wake(&e->wq, 1, POLLIN | POLLRDNORM);
	return sizeof(v);
}

static u32
eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->private;
	u64 n;
	u32 ev = 0;

	poll_wait(f, &e->wq, pt);
	n = READ_ONCE(e->count);
	if (n)
		ev |= POLLIN | POLLRDNORM;
	if (n == U64_MAX)
		ev |= POLLERR;
	if (n < U64_MAX - 1)
		ev |= POLLOUT | POLLWRNORM;
	return ev;
}

static void
eventfd_release(struct file *f)
{
	kfree(f->private);
}

static void
eventfd_fdinfo(struct file *f, char *buf, size_t len)
{
	struct eventfd *e = f->private;

	snprintf(buf, len, "eventfd-count: %16lx\n", READ_ONCE(e->count));
}

static const struct file_ops eventfd_fops = {
	.read_iter = eventfd_read_iter,
	.write_iter = eventfd_write_iter,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = eventfd_fdinfo,
	.flags = FOP_NOLLSEEK,
};

bool
file_is_eventfd(const struct file *f)
{
	return f->op == &eventfd_fops;
}

void
eventfd_signal(struct file *f)
{
	struct eventfd *e = f->private;

	spin_lock(&e->lock);
	if (e->count != U64_MAX)
		e->count++;
	spin_unlock(&e->lock);
	smp_mb();
	if (waitq_active(&e->wq))
		waitq_wake(&e->wq, 1, POLLIN | POLLRDNORM);
}

int
eventfd_create(u32 count, u32 flags, struct file **out)
{
	struct eventfd *e = kmalloc(sizeof(*e), GFP_KERNEL);
	int err;

	if (!e)
		return -ENOMEM;
	spin_init(&e->lock, RANK_OBJQUEUE);
	waitq_init(&e->wq);
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	err = file_alloc_pseudo("[eventfd]", &eventfd_fops, e,
				O_RDWR | (flags & O_NONBLOCK), out);
	if (err)
		kfree(e);
	return err;
}
