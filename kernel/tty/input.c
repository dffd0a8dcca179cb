/* SPDX-License-Identifier: MIT */
/*
 * Input: from the driver's interrupt to the line discipline.
 *
 * tty_input() stores bytes in a ring under a spin lock and queues work; the
 * work (or a reader that made room) moves them through N_TTY with t->lock
 * held. Flags are stored only once one differs from "normal". When the
 * discipline is full the rest stays in the ring and the driver is throttled;
 * when the ring is full too, bytes are lost and an overrun is flagged.
 */
#include <abi/poll.h>
#include <core/log.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "local.h"

#define THROTTLE_ROOM	128	/* discipline: fewer free bytes than this */
#define CHUNK		128

static void
input_work(struct work *w)
{
	struct tty *t = container_of(w, struct tty, in.work);

	mutex_lock(&t->lock);
	if (t->nt)
		ntty_flush_echo(t->nt);
	tty_input_drain_locked(t);
	mutex_unlock(&t->lock);
}

int
tty_input_open(struct tty *t)
{
	u8 *p;

	if (t->in.buf)
		return 0;
	p = kmalloc(2 * TTY_INBUF, GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	work_init(&t->in.work, input_work);
	t->in.head = t->in.tail = 0;
	t->in.flagged = t->in.overrun = false;
	t->in.flag = p + TTY_INBUF;
	smp_store_release(&t->in.buf, p);
	return 0;
}

void
tty_input_close(struct tty *t)
{
	u8 *p;

	spin_lock_irq(&t->in.lock);
	p = t->in.buf;
	t->in.buf = NULL;
	t->in.head = t->in.tail = 0;
	spin_unlock_irq(&t->in.lock);
	work_cancel_sync(&t->in.work);
	kfree(p);
	kfree(t->write_buf);
	t->write_buf = NULL;
}

size_t
tty_input(struct tty *t, const u8 *s, const u8 *flags, size_t n)
{
	unsigned long irq = spin_lock_irqsave(&t->in.lock);
	u32 room, off;
	size_t i;

	if (!t->in.buf) {
		spin_unlock_irqrestore(&t->in.lock, irq);
		return n;		/* nobody listens */
	}
	room = TTY_INBUF - (t->in.head - t->in.tail);
	if (n > room) {
		n = room;
		t->in.overrun = true;
	}
	if (flags && !t->in.flagged) {
		memset(t->in.flag, TTYF_NORMAL, TTY_INBUF);
		t->in.flagged = true;
	}
	for (i = 0; i < n; i++) {
		off = (t->in.head + i) & (TTY_INBUF - 1);
		t->in.buf[off] = s[i];
		if (t->in.flagged)
			t->in.flag[off] = flags ? flags[i] : TTYF_NORMAL;
	}
	t->in.head += n;
	spin_unlock_irqrestore(&t->in.lock, irq);
	work_queue(&t->in.work);
	return n;
}

/* Up to CHUNK waiting bytes; *flagged when f[] holds something. */
static size_t
peek(struct tty *t, u8 *s, u8 *f, bool *flagged)
{
	size_t n, i;

	spin_lock_irq(&t->in.lock);
	n = t->in.buf ? min_t(u32, CHUNK, t->in.head - t->in.tail) : 0;
	*flagged = t->in.flagged;
	for (i = 0; i < n; i++) {
		u32 off = (t->in.tail + i) & (TTY_INBUF - 1);

		s[i] = t->in.buf[off];
		if (*flagged)
			f[i] = t->in.flag[off];
	}
	spin_unlock_irq(&t->in.lock);
	return n;
}

static void
skip(struct tty *t, size_t n)
{
	spin_lock_irq(&t->in.lock);
	if (t->in.buf) {
		t->in.tail += n;
		if (t->in.tail == t->in.head)
			t->in.flagged = false;
	}
	spin_unlock_irq(&t->in.lock);
}

void
tty_input_drain_locked(struct tty *t)
{
	u8 s[CHUNK], f[CHUNK];
	size_t n, used;
	bool flagged;

	if (!t->nt)
		return;
	while ((n = peek(t, s, f, &flagged))) {
		used = ntty_receive(t->nt, s, flagged ? f : NULL, n);
		skip(t, used);
		if (used < n)
			break;
	}
	if (t->in.overrun) {
		t->in.overrun = false;
		log_ratelimited(tty, LOG_NOTICE, "%s: input overrun",
				t->name);
	}
	if (ntty_room(t->nt) < THROTTLE_ROOM && ntty_readable(t->nt, false) &&
	    !t->throttled && t->drv->ops->throttle) {
		t->throttled = true;
		t->drv->ops->throttle(t);
	}
	if (waitq_active(&t->read_wait) && ntty_readable(t->nt, true))
		waitq_wake(&t->read_wait, 0, POLLIN | POLLRDNORM);
}

void
tty_input_taken_locked(struct tty *t)
{
	if (unlikely(t->in.head != t->in.tail))
		tty_input_drain_locked(t);
	if (unlikely(t->throttled) &&
	    ntty_room(t->nt) >= NTTY_SIZE - THROTTLE_ROOM) {
		t->throttled = false;
		if (t->drv->ops->unthrottle)
			t->drv->ops->unthrottle(t);
	}
	/* a pty master may wait for room */
	if (t->link && waitq_active(&t->link->write_wait))
		waitq_wake(&t->link->write_wait, 0, POLLOUT | POLLWRNORM);
}

void
tty_input_flush(struct tty *t)
{
	spin_lock_irq(&t->in.lock);
	t->in.tail = t->in.head;
	t->in.flagged = false;
	spin_unlock_irq(&t->in.lock);
}
