/* SPDX-License-Identifier: MIT */
/*
 * read(2), write(2) and poll(2) on terminals.
 *
 * A reader holds read_lock for the whole call, so a line goes to one reader;
 * it takes bytes from the discipline in pieces under t->lock and copies them
 * out without it. A writer holds write_lock, so writes do not mix; a page per
 * tty serves as two halves: what was copied in, and what OPOST made of it. A
 * line of output thus takes the two mutexes and the driver's lock once.
 *
 * Waiting conditions are read without locks; whoever changes them wakes the
 * queue afterwards.
 */
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <mm/slab.h>
#include <task/task.h>
#include <vfs/file.h>
#include "local.h"

#define HALF		2048		/* of the write page */
#define READ_CHUNK	256
#define MIN_ROOM	16		/* what one byte through OPOST may need */
#define POLL_PENDING	256		/* writable while less is queued */
#define DECISECOND_NS	(100 * NSEC_PER_MSEC)

/* -- reading ------------------------------------------------------------- */

struct read_state {
	struct tty *t;
	struct tty_file *tf;
	struct iov_iter *to;
	size_t got;
	size_t minimum;		/* bytes that end a non-canonical read */
	nsec_t deadline;	/* of the next wait */
	nsec_t between;		/* interbyte timer, 0 none */
	bool nonblock;
};

/* VMIN and VTIME: the four cases of termios(3). */
static void
read_setup(struct read_state *r)
{
	struct ntty *n = r->t->nt;
	u32 vmin = n->t.c_cc[VMIN];
	nsec_t time = n->t.c_cc[VTIME] * DECISECOND_NS;

	r->deadline = NSEC_MAX;
	r->between = 0;
	r->minimum = 1;
	if (n->t.c_lflag & ICANON)
		return;
	if (vmin) {
		r->minimum = vmin;
		r->between = time;
	} else {
		r->deadline = time ? clock_mono_ns() + time : 0;
	}
}

static bool
read_ready(struct read_state *r)
{
	return ntty_readable(r->t->nt, false) || tty_file_hung(r->tf) ||
	       READ_ONCE(r->t->other_closed);
}

/* Until input is there: 1; 0 the read is over; -errno. */
static int
read_wait(struct read_state *r)
{
	int err;

	if (ntty_readable(r->t->nt, false))
		return 1;
	if (READ_ONCE(r->t->other_closed))
		return -EIO;		/* hung up as well, in time */
	if (tty_file_hung(r->tf))
		return 0;
	if (!r->deadline)
		return 0;
	if (r->nonblock)
		return -EAGAIN;
	err = wait_event_intr_timeout(&r->t->read_wait, read_ready(r),
				      r->deadline);
	if (err == -ETIMEDOUT)
		return 0;
	return err ? err : 1;
}

/* Moves what is there: 1 to go on, 0 the read is over, -EFAULT. */
static int
read_some(struct read_state *r)
{
	struct tty *t = r->t;
	u8 buf[READ_CHUNK];
	bool end, canon;
	size_t n, done;

	do {
		mutex_lock(&t->lock);
		canon = t->nt->t.c_lflag & ICANON;
		n = ntty_take(t->nt, buf, min_t(size_t, sizeof(buf),
						r->to->count), &end);
		if (n && n == r->to->count && !end)
			ntty_skip_eof(t->nt);
		tty_input_taken_locked(t);
		mutex_unlock(&t->lock);
		done = copy_to_iter(buf, n, r->to);
		r->got += done;
		if (done < n)
			return -EFAULT;
	} while (n && !end && r->to->count);
	if (end || !r->to->count)
		return 0;
	if (canon)
		return 1;
	return r->got < r->minimum;
}

static ssize_t
read_locked(struct read_state *r)
{
	int err;

	read_setup(r);
	do {
		err = read_wait(r);
		if (err <= 0)
			break;
		err = read_some(r);
		if (err > 0 && r->between)
			r->deadline = clock_mono_ns() + r->between;
	} while (err > 0);
	if (r->got)
		return r->got;
	return err;
}

ssize_t
tty_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct tty_file *tf = f->private;
	struct tty *t = tf->tty;
	struct read_state r = { .t = t, .tf = tf, .to = to,
				.nonblock = flags & IO_NONBLOCK };
	ssize_t n;
	int err;

	if (tty_file_hung(tf))
		return 0;
	if (!to->count)
		return 0;
	if (tty_is_master(t))
		return pty_master_read(t, to, r.nonblock);
	err = tf->console ? 0 : tty_check_read(t);
	if (err)
		return err;
	if (r.nonblock) {
		if (!mutex_trylock(&t->read_lock))
			return -EAGAIN;
	} else {
		err = mutex_lock_intr(&t->read_lock);
		if (err)
			return err;
	}
	n = read_locked(&r);
	mutex_unlock(&t->read_lock);
	return n;
}

/* -- writing ------------------------------------------------------------- */

static bool
write_ready(struct tty *t, struct tty_file *tf)
{
	return tty_file_hung(tf) || READ_ONCE(t->other_closed) ||
	       (!tty_stopped(t) && t->drv->ops->room(t) >= MIN_ROOM);
}

/* Hands src[len] on as far as the driver takes it; bytes used. */
static size_t
push_output(struct tty *t, const u8 *src, size_t len)
{
	u8 *made = t->write_buf + HALF;
	size_t used = 0, out, n;

	mutex_lock(&t->lock);
	ntty_flush_echo(t->nt);
	while (used < len && !tty_stopped(t)) {
		if (t->nt->plain_out) {
			n = t->drv->ops->write(t, src + used, len - used);
		} else {
			size_t room = min_t(size_t, t->drv->ops->room(t),
					    HALF);

			n = ntty_output(t->nt, src + used, len - used, made,
					room, &out);
			/* the room was there: only the echo competes, and
			 * that needs t->lock */
			if (out)
				t->drv->ops->write(t, made, out);
		}
		if (!n)
			break;
		used += n;
	}
	mutex_unlock(&t->lock);
	return used;
}

/* write_buf[len] to the end: 0, or -errno with *done bytes used */
static int
write_chunk(struct tty *t, struct tty_file *tf, size_t len, bool nonblock,
	    size_t *done)
{
	int err;

	*done = 0;
	for (;;) {
		if (tty_file_hung(tf) || READ_ONCE(t->other_closed))
			return -EIO;
		*done += push_output(t, t->write_buf + *done, len - *done);
		if (*done == len)
			return 0;
		if (nonblock)
			return -EAGAIN;
		err = wait_event_intr(&t->write_wait, write_ready(t, tf));
		if (err)
			return err;
	}
}

static ssize_t
write_locked(struct tty *t, struct tty_file *tf, struct iov_iter *from,
	     bool nonblock)
{
	ssize_t total = 0;
	int err = 0;

	if (!t->write_buf) {
		t->write_buf = kmalloc(2 * HALF, GFP_KERNEL);
		if (!t->write_buf)
			return -ENOMEM;
	}
	while (from->count && !err) {
		size_t n = min_t(size_t, from->count, HALF), done;

		n = copy_from_iter(t->write_buf, n, from);
		if (!n) {
			err = -EFAULT;
			break;
		}
		err = write_chunk(t, tf, n, nonblock, &done);
		total += done;
		if (done < n)
			iter_revert(from, n - done);
		else if (from->count) {
			cond_resched();
			if (signal_pending_current())
				err = -ERESTARTSYS;
		}
	}
	return total ? total : err;
}

static ssize_t
write_tty(struct tty *t, struct tty_file *tf, struct iov_iter *from,
	  bool nonblock)
{
	ssize_t n;
	int err;

	if (nonblock) {
		if (!mutex_trylock(&t->write_lock))
			return -EAGAIN;
	} else {
		err = mutex_lock_intr(&t->write_lock);
		if (err)
			return err;
	}
	n = write_locked(t, tf, from, nonblock);
	mutex_unlock(&t->write_lock);
	return n;
}

/* TIOCCONS: what is written to the console goes to another terminal. */
static ssize_t
write_redirected(struct iov_iter *from, u32 flags, bool *did)
{
	struct file *to;
	ssize_t n = 0;

	mutex_lock(&tty_mutex);
	to = tty_console_redirect;
	if (to)
		file_get(to);
	mutex_unlock(&tty_mutex);
	*did = to;
	if (to) {
		struct tty_file *tf = to->private;

		n = tty_is_master(tf->tty) ? -EIO :
		    write_tty(tf->tty, tf, from, flags & IO_NONBLOCK);
		file_put(to);
	}
	return n;
}

ssize_t
tty_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct tty_file *tf = f->private;
	struct tty *t = tf->tty;

	if (unlikely(tf->console && READ_ONCE(tty_console_redirect))) {
		bool did;
		ssize_t n = write_redirected(from, flags, &did);

		if (did)
			return n;
	}
	if (tty_file_hung(tf))
		return -EIO;
	if (tty_is_master(t))
		return pty_master_write(t, from, flags & IO_NONBLOCK);
	if (t->termios.c_lflag & TOSTOP && !tf->console) {
		int err = tty_check_change(t);

		if (err)
			return err;
	}
	return write_tty(t, tf, from, flags & IO_NONBLOCK);
}

void
tty_output_room(struct tty *t)
{
	struct ntty *n = READ_ONCE(t->nt);

	if (n && READ_ONCE(n->echo_len) && t->in.buf)
		work_queue(&t->in.work);
	if (waitq_active(&t->write_wait))
		waitq_wake(&t->write_wait, 0, POLLOUT | POLLWRNORM);
}

/* -- the rest ------------------------------------------------------------ */

u32
tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty_file *tf = f->private;
	struct tty *t = tf->tty;
	u32 ev = 0;

	poll_wait(f, &t->read_wait, pt);
	poll_wait(f, &t->write_wait, pt);
	if (tty_file_hung(tf))
		return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM |
		       POLLWRNORM;
	if (tty_is_master(t))
		return pty_master_poll(t);
	if (ntty_readable(t->nt, true))
		ev |= POLLIN | POLLRDNORM;
	if (READ_ONCE(t->other_closed))
		ev |= POLLHUP;
	if (!tty_stopped(t) && t->drv->ops->room(t) >= MIN_ROOM &&
	    (!t->drv->ops->pending || t->drv->ops->pending(t) < POLL_PENDING))
		ev |= POLLOUT | POLLWRNORM;
	return ev;
}

int
tty_wait_sent(struct tty *t, nsec_t deadline)
{
	size_t (*pending)(struct tty *) = t->drv->ops->pending;

	while (pending && pending(t)) {
		nsec_t now = clock_mono_ns();
		int err;

		if (now >= deadline)
			return -ETIMEDOUT;
		/* the last byte leaves the wire without an interrupt */
		err = wait_event_intr_timeout(&t->write_wait, !pending(t),
				min(deadline, now + 10 * NSEC_PER_MSEC));
		if (err && err != -ETIMEDOUT)
			return err;
	}
	return 0;
}

void
tty_flow_changed(struct tty *t, bool stop)
{
	if (stop) {
		pty_packet_event(t, TIOCPKT_STOP, TIOCPKT_START);
		if (t->drv->ops->stop)
			t->drv->ops->stop(t);
	} else {
		pty_packet_event(t, TIOCPKT_START, TIOCPKT_STOP);
		if (t->drv->ops->start)
			t->drv->ops->start(t);
		tty_output_room(t);
	}
}

void
tty_set_stopped(struct tty *t, bool stop)
{
	unsigned long irq = spin_lock_irqsave(&t->ctrl);
	bool changed = t->stopped != stop, held = t->tco_stopped;

	t->stopped = stop;
	spin_unlock_irqrestore(&t->ctrl, irq);
	if (changed && !held)
		tty_flow_changed(t, stop);
}

void
tty_flush_output(struct tty *t)
{
	if (t->drv->ops->flush)
		t->drv->ops->flush(t);
	tty_output_room(t);
}
