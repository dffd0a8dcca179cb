/* SPDX-License-Identifier: MIT */
/*
 * Pipes and FIFOs, pipe(7): a ring of pages.
 *
 * Small writes are appended to the last page when they fit, so PIPE_BUF
 * atomicity costs nothing: a write of up to a page goes into one page or
 * waits. Packet mode (O_DIRECT) never merges and a read takes one packet.
 * Two emptied pages are kept for the next writes.
 *
 * Sleepers wait exclusively and are woken only when the ring stops being
 * empty (full); whoever leaves data (room) behind wakes the next. The wake
 * after a write is synchronous: the reader runs here, next. The lock is
 * released before waking, so the woken does not run into it.
 *
 * A FIFO's ring exists while somebody has it open; opening for reading waits
 * for a writer and the reverse, counted by r_counter and w_counter so that a
 * partner that came and went is noticed too.
 *
 * User memory is copied under the pipe's lock (rank object, below mmap).
 */
#include <abi/ioctl.h>
#include <abi/uio.h>
#include <core/assert.h>
#include <lib/printf.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include <task/signal.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "pipe.h"

#define EV_READ		(POLLIN | POLLRDNORM)
#define EV_WRITE	(POLLOUT | POLLWRNORM)

static struct slab_cache *pipe_cache;
u32 pipe_max_size = 1 << 20;		/* fs.pipe-max-size */

static struct pipe *
pipe_alloc(void)
{
	struct pipe *p = slab_alloc(pipe_cache, GFP_KERNEL);

	if (!p)
		return NULL;
	p->bufs = kmalloc(PIPE_DEF_BUFS * sizeof(*p->bufs), GFP_KERNEL);
	if (!p->bufs) {
		slab_free(pipe_cache, p);
		return NULL;
	}
	mutex_init(&p->lock, RANK_OBJECT);
	waitq_init(&p->rd);
	waitq_init(&p->wr);
	p->size = PIPE_DEF_BUFS;
	p->head = 0;
	p->tail = 0;
	p->readers = 0;
	p->writers = 0;
	p->r_counter = 0;
	p->w_counter = 0;
	p->files = 0;
	p->spare[0] = NULL;
	p->spare[1] = NULL;
	return p;
}

static void
pipe_free(struct pipe *p)
{
	for (; p->tail != p->head; p->tail++)
		page_put(pipe_slot(p, p->tail)->page);
	for (unsigned int i = 0; i < PIPE_SPARE; i++)
		if (p->spare[i])
			page_put(p->spare[i]);
	kfree(p->bufs);
	slab_free(pipe_cache, p);
}

struct page *
pipe_page_get(struct pipe *p)
{
	for (unsigned int i = 0; i < PIPE_SPARE; i++) {
		struct page *pg = p->spare[i];

		if (pg) {
			p->spare[i] = NULL;
			return pg;
		}
	}
	return page_alloc1(GFP_USER);
}

void
pipe_page_put(struct pipe *p, struct page *pg)
{
	if (atomic_read(&pg->refcount) == 1 && !pg->mapping) {
		for (unsigned int i = 0; i < PIPE_SPARE; i++)
			if (!p->spare[i]) {
				p->spare[i] = pg;
				return;
			}
	}
	page_put(pg);
}

void
pipe_wake_readers(struct pipe *p)
{
	smp_mb();
	if (waitq_active(&p->rd))
		waitq_wake_one_sync(&p->rd, EV_READ);
}

void
pipe_wake_writers(struct pipe *p)
{
	smp_mb();
	if (waitq_active(&p->wr))
		waitq_wake_one_sync(&p->wr, EV_WRITE);
}

int
pipe_wait_readable(struct pipe *p)
{
	return wait_event_intr_excl(&p->rd, !pipe_empty(p) ||
				    !READ_ONCE(p->writers));
}

int
pipe_wait_writable(struct pipe *p)
{
	return wait_event_intr_excl(&p->wr, !pipe_full(p) ||
				    !READ_ONCE(p->readers));
}

/* copy out of the first buffer; bytes, 0 when nothing could be copied */
static size_t
take_from(struct pipe *p, struct iov_iter *to)
{
	struct pipe_buf *b = pipe_slot(p, p->tail);
	size_t n = min_t(size_t, b->len, to->count), c;

	c = copy_to_iter((u8 *)page_to_virt(b->page) + b->off, n, to);
	b->off += c;
	b->len -= c;
	if (c && b->flags & PIPE_BUF_PACKET)
		b->len = 0;		/* the rest of a packet is lost */
	if (!b->len) {
		pipe_page_put(p, b->page);
		WRITE_ONCE(p->tail, p->tail + 1);
	}
	return c;
}

static ssize_t
pipe_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct pipe *p = f->private;
	bool was_full = false, left;
	ssize_t done = 0;

	if (unlikely(!to->count))
		return 0;
	mutex_lock(&p->lock);
	for (;;) {
		if (!pipe_empty(p)) {
			bool packet = pipe_slot(p, p->tail)->flags &
				PIPE_BUF_PACKET;
			size_t c, want = min_t(size_t, to->count,
					pipe_slot(p, p->tail)->len);

			was_full |= pipe_full(p);
			c = take_from(p, to);
			done += c;
			if (unlikely(c < want)) {
				if (!done)
					done = -EFAULT;
				break;
			}
			if (!to->count || packet)
				break;
			continue;
		}
		if (!p->writers || done)
			break;
		if (flags & (IO_NONBLOCK | RWF_NOWAIT)) {
			done = -EAGAIN;
			break;
		}
		mutex_unlock(&p->lock);
		if (was_full)
			pipe_wake_writers(p);
		was_full = false;
		if (pipe_wait_readable(p))
			return -ERESTARTSYS;
		mutex_lock(&p->lock);
	}
	left = !pipe_empty(p);
	mutex_unlock(&p->lock);
	if (was_full)
		pipe_wake_writers(p);
	if (unlikely(left))
		pipe_wake_readers(p);
	if (done > 0)
		file_update_atime(f);
	return done;
}

/* append to the last page; bytes or 0 when it does not fit; lock held */
static ssize_t
merge(struct pipe *p, struct iov_iter *from)
{
	struct pipe_buf *b;
	size_t room, n, c;

	if (pipe_empty(p))
		return 0;
	b = pipe_slot(p, p->head - 1);
	if (!(b->flags & PIPE_BUF_MERGE))
		return 0;
	room = PAGE_SIZE - b->off - b->len;
	n = from->count;
	if (n > room) {
		if (n <= PIPE_BUF || !room)
			return 0;	/* must not be torn */
		n = room;
	}
	c = copy_from_iter((u8 *)page_to_virt(b->page) + b->off + b->len, n,
			   from);
	if (unlikely(c < n)) {
		iter_revert(from, c);
		return -EFAULT;
	}
	b->len += n;
	return n;
}

/* one more page; bytes or -errno; lock held, not full */
static ssize_t
append(struct pipe *p, struct iov_iter *from, bool packet)
{
	size_t n = min(from->count, PAGE_SIZE), c;
	struct page *pg = pipe_page_get(p);

	if (unlikely(!pg))
		return -ENOMEM;
	c = copy_from_iter(page_to_virt(pg), n, from);
	if (unlikely(c < n)) {
		iter_revert(from, c);
		pipe_page_put(p, pg);
		return -EFAULT;
	}
	*pipe_slot(p, p->head) = (struct pipe_buf){ pg, 0, n,
		packet ? PIPE_BUF_PACKET : PIPE_BUF_MERGE };
	WRITE_ONCE(p->head, p->head + 1);
	return n;
}

static ssize_t
pipe_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct pipe *p = f->private;
	bool packet = f->flags & O_DIRECT, was_empty, room;
	ssize_t done = 0, n;

	if (unlikely(!from->count))
		return 0;
	mutex_lock(&p->lock);
	if (unlikely(!p->readers)) {
		mutex_unlock(&p->lock);
		signal_send_thread(current, SIGPIPE, SEND_SIG_USER);
		return -EPIPE;
	}
	was_empty = pipe_empty(p);
	n = packet ? 0 : merge(p, from);
	if (n < 0)
		done = n;
	else
		done += n;
	while (n >= 0 && from->count) {
		if (unlikely(!p->readers)) {
			signal_send_thread(current, SIGPIPE, SEND_SIG_USER);
			if (!done)
				done = -EPIPE;
			break;
		}
		if (likely(!pipe_full(p))) {
			n = append(p, from, packet);
			if (unlikely(n < 0)) {
				if (!done)
					done = n;
				break;
			}
			done += n;
			continue;
		}
		if (flags & (IO_NONBLOCK | RWF_NOWAIT)) {
			if (!done)
				done = -EAGAIN;
			break;
		}
		mutex_unlock(&p->lock);
		if (was_empty)
			pipe_wake_readers(p);
		if (pipe_wait_writable(p))
			n = -ERESTARTSYS;
		mutex_lock(&p->lock);
		was_empty = pipe_empty(p);
		if (n < 0 && !done)
			done = n;
	}
	room = !pipe_full(p);
	mutex_unlock(&p->lock);
	if (was_empty && done > 0)
		pipe_wake_readers(p);
	if (unlikely(room) && waitq_active(&p->wr))
		pipe_wake_writers(p);
	if (done > 0 && !(f->path.mnt->flags & MNT_INTERNAL))
		inode_touch(f->inode, ATTR_MTIME | ATTR_CTIME);
	return done;
}

static __always_inline u32
pipe_events(const struct file *f, const struct pipe *p)
{
	u32 ev = 0;

	if (f->mode & FMODE_READ) {
		if (!pipe_empty(p))
			ev |= EV_READ;
		if (!READ_ONCE(p->writers) &&
		    (u32)f->ra.start != READ_ONCE(p->w_counter))
			ev |= POLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		if (!pipe_full(p))
			ev |= EV_WRITE;
		if (!READ_ONCE(p->readers))
			ev |= POLLERR;
	}
	return ev;
}

static __noinline u32
pipe_poll_queued(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->private;

	if (f->mode & FMODE_READ)
		poll_wait(f, &p->rd, pt);
	if (f->mode & FMODE_WRITE)
		poll_wait(f, &p->wr, pt);
	return pipe_events(f, p);
}

static u32
pipe_poll(struct file *f, struct poll_table *pt)
{
	return unlikely(pt) ? pipe_poll_queued(f, pt) :
		pipe_events(f, f->private);
}

static long
pipe_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct pipe *p = f->private;
	int n = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->lock);
	for (u32 i = p->tail; i != p->head; i++)
		n += pipe_slot(p, i)->len;
	mutex_unlock(&p->lock);
	return put_user(n, (int __user *)arg);
}

/* -- opening and closing ------------------------------------------------- */

static void
pipe_unref(struct inode *i, struct pipe *p)
{
	bool last;

	spin_lock(&i->lock);
	last = --p->files == 0;
	if (last)
		i->pipe = NULL;
	spin_unlock(&i->lock);
	if (last)
		pipe_free(p);
}

static void
wake_both(struct pipe *p)
{
	waitq_wake(&p->rd, 0, EV_READ | POLLERR | POLLHUP);
	waitq_wake(&p->wr, 0, EV_WRITE | POLLERR | POLLHUP);
}

static void
pipe_release(struct file *f)
{
	struct pipe *p = f->private;
	bool gone;

	mutex_lock(&p->lock);
	if (f->mode & FMODE_READ)
		p->readers--;
	if (f->mode & FMODE_WRITE)
		p->writers--;
	gone = !p->readers != !p->writers;
	mutex_unlock(&p->lock);
	if (gone)
		wake_both(p);
	pipe_unref(f->inode, p);
}

/* the ring of a FIFO, made when nobody has it open; counted */
static struct pipe *
fifo_get(struct inode *i)
{
	struct pipe *p, *fresh = NULL;

	spin_lock(&i->lock);
	p = i->pipe;
	if (!p) {
		spin_unlock(&i->lock);
		fresh = pipe_alloc();
		if (!fresh)
			return NULL;
		spin_lock(&i->lock);
		p = i->pipe;
		if (!p) {
			p = fresh;
			fresh = NULL;
			i->pipe = p;
		}
	}
	p->files++;
	spin_unlock(&i->lock);
	if (fresh)
		pipe_free(fresh);
	return p;
}

int
fifo_open(struct inode *i, struct file *f)
{
	u32 rw = f->mode & (FMODE_READ | FMODE_WRITE), cur;
	bool nonblock = f->flags & O_NONBLOCK;
	/* a pipe's end opened anew, /proc/PID/fd/N: waits for nobody */
	bool named = i->sb != pipe_mnt->sb;
	struct pipe *p = fifo_get(i);
	int err = 0;

	if (!p)
		return -ENOMEM;
	f->private = p;
	f->ra.start = ~0U;
	mutex_lock(&p->lock);
	if (named && rw == FMODE_WRITE && nonblock && !p->readers) {
		mutex_unlock(&p->lock);
		pipe_unref(i, p);
		return -ENXIO;
	}
	if (rw & FMODE_READ) {
		p->readers++;
		p->r_counter++;
	}
	if (rw & FMODE_WRITE) {
		p->writers++;
		p->w_counter++;
	}
	if (named && rw == FMODE_READ && !p->writers) {
		cur = p->w_counter;
		f->ra.start = cur;	/* no hang-up before a writer came */
		if (!nonblock) {
			mutex_unlock(&p->lock);
			wake_both(p);
			err = wait_event_intr(&p->rd,
				READ_ONCE(p->w_counter) != cur);
			mutex_lock(&p->lock);
			f->ra.start = ~0U;
		}
	} else if (named && rw == FMODE_WRITE && !p->readers) {
		cur = p->r_counter;
		mutex_unlock(&p->lock);
		wake_both(p);
		err = wait_event_intr(&p->wr, READ_ONCE(p->r_counter) != cur);
		mutex_lock(&p->lock);
	}
	mutex_unlock(&p->lock);
	wake_both(p);
	if (err)
		pipe_release(f);
	return err;
}

static int
pipe_open(struct inode *i, struct file *f)
{
	return fifo_open(i, f);
}

const struct file_ops pipe_fops = {
	.read_iter = pipe_read_iter,
	.write_iter = pipe_write_iter,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.open = pipe_open,
	.release = pipe_release,
	.llseek = no_llseek,
	.flags = FOP_NOLLSEEK | FOP_NOWAIT,
};

static char *
pipe_dname(struct dentry *d, char *buf, size_t len)
{
	char t[32];
	int n = scnprintf(t, sizeof(t), "pipe:[%lu]", d->inode->ino);

	if ((size_t)n + 1 > len)
		return NULL;
	memcpy(buf + len - n - 1, t, n + 1);
	return buf + len - n - 1;
}

static const struct dentry_ops pipe_dentry_ops = { .dname = pipe_dname };

int
pipe_create(struct file **rd, struct file **wr, u32 oflags)
{
	struct inode *i = inode_new(pipe_mnt->sb);
	struct pipe *p;
	int err;

	if (!i)
		return -ENFILE;
	p = pipe_alloc();
	if (!p) {
		inode_put(i);
		return -ENFILE;
	}
	inode_init_owner(i, NULL, S_IFIFO | S_IRUSR | S_IWUSR);
	i->pipe = p;
	p->files = 2;
	p->readers = 1;
	p->writers = 1;
	p->r_counter = 1;
	p->w_counter = 1;
	err = file_alloc_inode(i, &pipe_dentry_ops, &pipe_fops,
			       O_RDONLY | (oflags & O_NONBLOCK), rd);
	if (err)
		goto fail;
	(*rd)->private = p;
	(*rd)->ra.start = ~0U;
	inode_get(i);
	err = file_alloc_inode(i, &pipe_dentry_ops, &pipe_fops,
			       O_WRONLY | (oflags & (O_NONBLOCK | O_DIRECT)),
			       wr);
	if (err) {
		p->writers = 0;
		p->files = 1;
		inode_put(i);
		file_put(*rd);
		return err;
	}
	(*wr)->private = p;
	(*wr)->ra.start = ~0U;
	return 0;
fail:
	i->pipe = NULL;
	pipe_free(p);
	inode_put(i);
	return err;
}

/* -- capacity ------------------------------------------------------------ */

long
pipe_get_size(struct file *f)
{
	struct pipe *p = file_pipe(f);

	return p ? (long)p->size * PAGE_SIZE : -EBADF;
}

long
pipe_set_size(struct file *f, unsigned long size)
{
	struct pipe *p = file_pipe(f);
	struct pipe_buf *n;
	u32 pages, used;
	long r;

	if (!p)
		return -EBADF;
	if (size > 1UL << 31)
		return -EINVAL;
	pages = roundup_pow2(DIV_ROUND_UP(max(size, 1UL), PAGE_SIZE));
	if (pages > p->size && pages * PAGE_SIZE > pipe_max_size &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	n = kcalloc(pages, sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	mutex_lock(&p->lock);
	used = p->head - p->tail;
	r = -EBUSY;
	if (used > pages)
		goto out;
	for (u32 i = 0; i < used; i++)
		n[i] = *pipe_slot(p, p->tail + i);
	swap(n, p->bufs);
	p->size = pages;
	p->tail = 0;
	p->head = used;
	r = (long)pages * PAGE_SIZE;
out:
	mutex_unlock(&p->lock);
	kfree(n);
	if (r > 0)
		wake_both(p);
	return r;
}

void
pipe_init(void)
{
	pipe_cache = slab_create("pipe", sizeof(struct pipe), 0, 0);
	if (!pipe_cache)
		panic("pipe: no memory");
}
