/* SPDX-License-Identifier: MIT */
/*
 * Moving data between files inside the kernel: splice(2), tee(2), sendfile(2),
 * copy_file_range(2).
 *
 * From a page-cache file to a pipe whole pages are passed by reference. From
 * anywhere to a file the receiver's write_iter reads the pages through a
 * kernel iterator, so data is copied once. Files of which neither is true are
 * read into fresh pages first.
 *
 * Never two pipe locks at once: between pipes the source's buffer is
 * referenced, put into the target, and only then taken off the source.
 */
#include <abi/uio.h>
#include <task/signal.h>
#include <vfs/notify.h>
#include "internal.h"
#include "pipe.h"

/* one page's worth of in at *pos, by reference or copied; bytes, 0 EOF */
static ssize_t
file_next_page(struct file *in, loff_t *pos, size_t len, u32 io,
	       struct pipe_buf *b)
{
	struct aspace *a = in->mapping;
	size_t off = *pos & (PAGE_SIZE - 1);
	struct page *pg;
	struct kvec v;
	struct iov_iter it;
	ssize_t n;

	if (in->op->read_iter == filemap_read_iter && a->ops) {
		loff_t size = inode_size(a->host);

		if (*pos >= size)
			return 0;
		n = min(len, PAGE_SIZE - off);
		n = min_t(loff_t, n, size - *pos);
		pg = page_find(a, *pos >> PAGE_SHIFT);
		if (pg && page_test(pg, PG_UPTODATE)) {
			*b = (struct pipe_buf){ pg, off, n, 0 };
			*pos += n;
			return n;
		}
		if (pg)
			page_put(pg);
	}
	pg = page_alloc1(GFP_USER);
	if (!pg)
		return -ENOMEM;
	v = (struct kvec){ page_to_virt(pg), min(len, PAGE_SIZE - off) };
	iter_kvec(&it, ITER_DEST, &v, 1, v.len);
	n = in->op->read_iter(in, &it, pos, io);
	if (n <= 0) {
		page_put(pg);
		return n;
	}
	*b = (struct pipe_buf){ pg, 0, n, 0 };
	return n;
}

/* put b (consumed on success) into p. 0, -EAGAIN, -EPIPE, -ERESTARTSYS */
static int
pipe_push(struct pipe *p, const struct pipe_buf *b, bool nonblock)
{
	bool was_empty;

	for (;;) {
		mutex_lock(&p->lock);
		if (!p->readers) {
			mutex_unlock(&p->lock);
			signal_send_thread(current, SIGPIPE, SEND_SIG_USER);
			return -EPIPE;
		}
		if (!pipe_full(p))
			break;
		mutex_unlock(&p->lock);
		if (nonblock)
			return -EAGAIN;
		if (pipe_wait_writable(p))
			return -ERESTARTSYS;
	}
	was_empty = pipe_empty(p);
	*pipe_slot(p, p->head) = *b;
	WRITE_ONCE(p->head, p->head + 1);
	mutex_unlock(&p->lock);
	if (was_empty)
		pipe_wake_readers(p);
	return 0;
}

/*
 * First len bytes (at most one buffer) of p, referenced, left in the pipe.
 * Bytes, 0 at the end (no writers), -EAGAIN, -ERESTARTSYS. skip: buffers to
 * pass over (tee).
 */
static ssize_t
pipe_peek(struct pipe *p, size_t len, u32 skip, bool nonblock,
	  struct pipe_buf *b)
{
	for (;;) {
		mutex_lock(&p->lock);
		if (p->head - p->tail > skip)
			break;
		mutex_unlock(&p->lock);
		if (skip || !READ_ONCE(p->writers))
			return 0;
		if (nonblock)
			return -EAGAIN;
		if (pipe_wait_readable(p))
			return -ERESTARTSYS;
	}
	*b = *pipe_slot(p, p->tail + skip);
	pipe_slot(p, p->tail + skip)->flags &= ~PIPE_BUF_MERGE;
	b->flags &= ~PIPE_BUF_MERGE;
	b->len = min_t(size_t, b->len, len);
	page_get(b->page);
	mutex_unlock(&p->lock);
	return b->len;
}

/* drop n bytes of the first buffer, which still is the one that was peeked */
static void
pipe_consume(struct pipe *p, const struct page *pg, size_t n)
{
	struct pipe_buf *b;
	bool was_full = false;

	mutex_lock(&p->lock);
	if (!pipe_empty(p)) {
		b = pipe_slot(p, p->tail);
		if (b->page == pg) {
			n = min_t(size_t, n, b->len);
			b->off += n;
			b->len -= n;
			if (!b->len) {
				was_full = pipe_full(p);
				page_put(b->page);
				WRITE_ONCE(p->tail, p->tail + 1);
			}
		}
	}
	mutex_unlock(&p->lock);
	if (was_full)
		pipe_wake_writers(p);
}

static ssize_t
write_buf(struct file *out, const struct pipe_buf *b, loff_t *pos, u32 io)
{
	struct kvec v = { (u8 *)page_to_virt(b->page) + b->off, b->len };
	struct iov_iter it;

	iter_kvec(&it, ITER_SOURCE, &v, 1, b->len);
	return out->op->write_iter(out, &it, pos, io);
}

static ssize_t
splice_to_pipe(struct file *in, loff_t *pos, struct pipe *p, size_t len,
	       bool nonblock)
{
	u32 io = file_io_flags(in) | (nonblock ? IO_NONBLOCK : 0);
	ssize_t done = 0, n;
	struct pipe_buf b;

	while ((size_t)done < len) {
		loff_t before = *pos;

		/* room first, or what was read from a stream would be lost */
		if (pipe_full(p) && READ_ONCE(p->readers)) {
			if (done)
				break;
			if (nonblock)
				return -EAGAIN;
			if (pipe_wait_writable(p))
				return -ERESTARTSYS;
			continue;
		}
		n = file_next_page(in, pos, len - done, io, &b);
		if (n <= 0)
			return done ? done : n;
		int err = pipe_push(p, &b, false);

		if (err) {
			page_put(b.page);
			*pos = before;
			return done ? done : err;
		}
		done += n;
		cond_resched();
		if (!(in->mode & FMODE_LSEEK))
			break;		/* a stream: what there was */
	}
	return done;
}

static ssize_t
splice_from_pipe(struct pipe *p, struct file *out, loff_t *pos, size_t len,
		 bool nonblock)
{
	u32 io = file_io_flags(out);
	ssize_t done = 0, n, w;
	struct pipe_buf b;

	while ((size_t)done < len) {
		if (done && pipe_empty(p))
			break;
		n = pipe_peek(p, len - done, 0, nonblock, &b);
		if (n <= 0)
			return done ? done : n;
		w = write_buf(out, &b, pos, io);
		if (w > 0)
			pipe_consume(p, b.page, w);
		page_put(b.page);
		if (w <= 0)
			return done ? done : w;
		done += w;
		if (w < n)
			break;
		cond_resched();
	}
	return done;
}

static ssize_t
splice_pipes(struct pipe *in, struct pipe *out, size_t len, bool nonblock,
	     bool tee)
{
	struct pipe_buf b;
	ssize_t done = 0, n;
	u32 skip = 0;

	while ((size_t)done < len) {
		n = pipe_peek(in, len - done, skip, nonblock || done, &b);
		if (n <= 0)
			return done ? done : n;
		int err = pipe_push(out, &b, nonblock || done);

		if (err) {
			page_put(b.page);
			return done ? done : err;
		}
		if (tee)
			skip++;
		else
			pipe_consume(in, b.page, n);
		done += n;
	}
	return done;
}

ssize_t
vfs_splice(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
	   size_t len, u32 flags)
{
	struct pipe *ip = file_pipe(in), *op = file_pipe(out);
	bool nonblock = flags & SPLICE_F_NONBLOCK;
	ssize_t n;

	if (ip && op) {
		if (ip == op)
			return -EINVAL;
		return splice_pipes(ip, op, len, nonblock ||
			(in->flags | out->flags) & O_NONBLOCK, false);
	}
	if (ip) {
		if (out->flags & O_APPEND || !out->op->write_iter)
			return -EINVAL;
		n = splice_from_pipe(ip, out, out_pos, len,
				     nonblock || in->flags & O_NONBLOCK);
		if (n > 0)
			notify_file(out, IN_MODIFY);
		return n;
	}
	if (op) {
		if (!in->op->read_iter)
			return -EINVAL;
		n = splice_to_pipe(in, in_pos, op, len,
				   nonblock || out->flags & O_NONBLOCK);
		if (n > 0)
			notify_file(in, IN_ACCESS);
		return n;
	}
	return -EINVAL;
}

ssize_t
vfs_tee(struct file *in, struct file *out, size_t len, u32 flags)
{
	struct pipe *ip = file_pipe(in), *op = file_pipe(out);

	if (!ip || !op || ip == op)
		return -EINVAL;
	return splice_pipes(ip, op, len, flags & SPLICE_F_NONBLOCK ||
			    (in->flags | out->flags) & O_NONBLOCK, true);
}

static ssize_t
copy_bytes(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
	 size_t len)
{
	u32 in_io = file_io_flags(in), out_io = file_io_flags(out);
	struct pipe *p = file_pipe(out);
	ssize_t done = 0, n, w;
	struct pipe_buf b;

	if (!in->op->read_iter || !out->op->write_iter)
		return -EINVAL;
	/* what is read and then does not fit must not be lost */
	if (p ? file_is_pipe(in) : !(in->mode & FMODE_LSEEK))
		return -EINVAL;
	if (p)
		return splice_to_pipe(in, in_pos, p, len,
				      out->flags & O_NONBLOCK);
	while ((size_t)done < len) {
		loff_t before = *in_pos;

		n = file_next_page(in, in_pos, len - done, in_io, &b);
		if (n <= 0)
			return done ? done : n;
		w = write_buf(out, &b, out_pos, out_io);
		page_put(b.page);
		if (w < n)
			*in_pos = before + max_t(ssize_t, w, 0);
		if (w <= 0)
			return done ? done : w;
		done += w;
		if (w < n)
			break;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

/* sendfile(2) and copy_file_range(2): up to len bytes */
ssize_t
vfs_copy(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
	 size_t len)
{
	ssize_t n = copy_bytes(in, in_pos, out, out_pos, len);

	if (n > 0) {
		notify_file(in, IN_ACCESS);
		notify_file(out, IN_MODIFY);
	}
	return n;
}

bool
file_is_pipe(const struct file *f)
{
	return file_pipe(f) != NULL;
}
