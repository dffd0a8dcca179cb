/* SPDX-License-Identifier: MIT */
/*
 * futex_waitv(2): sleep on several words until one is woken.
 *
 * One entry a word, each in its bucket as any waiter's; the thread sleeps until
 * one has been taken off. Entries are queued one after the other, and a word
 * that is not as expected ends it: an entry woken meanwhile counts then.
 */
#include <mm/slab.h>
#include <sched/sched.h>
#include <task/signal.h>
#include "futex_local.h"

/* the last that was woken, or -1; all others leave */
static int
leave_all(struct futex_waiter *w, u32 nr)
{
	int woken = -1;

	for (u32 i = 0; i < nr; i++)
		if (!futex_waiter_leave(&w[i]))
			woken = i;
	return woken;
}

/* 0, or -errno with w not queued */
static int
enqueue(struct futex_waiter *w, const struct futex_wait_one *f)
{
	struct futex_bucket *b;
	u32 cur;
	int err;

	for (;;) {
		err = futex_key(f->uaddr, f->flags, &w->key);
		if (err)
			return err;
		b = key_bucket(&w->key);
		bucket_lock(b);
		if (!read_word_nofault(&cur, f->uaddr))
			break;
		spin_unlock(&b->lock);
		if (get_user(cur, (u32 __user *)f->uaddr))
			return -EFAULT;
	}
	if (cur != f->val) {
		spin_unlock(&b->lock);
		return -EAGAIN;
	}
	w->thread = current_thread;
	w->bitset = FUTEX_BITSET_MATCH_ANY;
	w->pi = NULL;
	w->bucket = b;
	list_add_tail(&w->link, &b->list);
	spin_unlock(&b->lock);
	return 0;
}

static bool
any_woken(const struct futex_waiter *w, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		if (!READ_ONCE(w[i].bucket))
			return true;
	return false;
}

static int
sleep(struct futex_waiter *w, u32 nr, nsec_t deadline)
{
	int err = 0;

	for (;;) {
		set_state(TS_INTERRUPTIBLE);
		if (any_woken(w, nr))
			break;
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		if (schedule_until(deadline)) {
			err = -ETIMEDOUT;
			break;
		}
	}
	set_state(TS_RUNNING);
	return err;
}

int
futex_wait_many(const struct futex_wait_one *f, u32 nr, nsec_t deadline)
{
	struct futex_waiter *w = kmalloc(nr * sizeof(*w), GFP_KERNEL);
	int err = 0, woken;
	u32 n;

	if (!w)
		return -ENOMEM;
	for (n = 0; n < nr; n++) {
		err = enqueue(&w[n], &f[n]);
		if (err)
			break;
	}
	if (!err)
		err = sleep(w, nr, deadline);
	woken = leave_all(w, n);
	kfree(w);
	return woken >= 0 ? woken : err;
}
