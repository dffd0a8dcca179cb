/* SPDX-License-Identifier: MIT */
/*
 * Condition variables of PI mutexes: FUTEX_WAIT_REQUEUE_PI and
 * FUTEX_CMP_REQUEUE_PI, futex(2).
 *
 * The first sleeps as a plain waiter in a bucket, with a pi_waiter by which the
 * second makes it a waiter, or the owner, of the lock it names. From when it
 * is off the bucket it is a waiter of futex_pi.c like any other.
 *
 * Locking: bucket, then pi_lock.
 */
#include <mm/slab.h>
#include <sched/sched.h>
#include <task/signal.h>
#include "futex_pi.h"

/* w in the bucket of uaddr, where val was found: 0 or -errno */
static int
enqueue(struct futex_waiter *w, vaddr_t uaddr, u32 flags, u32 val)
{
	struct futex_bucket *b;
	u32 cur;
	int err;

	for (;;) {
		err = futex_key(uaddr, flags, &w->key);
		if (err)
			return err;
		if (key_equal(&w->key, &w->pi->target))
			return -EINVAL;
		b = key_bucket(&w->key);
		bucket_lock(b);
		if (!read_word_nofault(&cur, uaddr))
			break;
		spin_unlock(&b->lock);
		if (get_user(cur, (u32 __user *)uaddr))
			return -EFAULT;
	}
	if (cur == val) {
		w->bucket = b;
		list_add_tail(&w->link, &b->list);
	}
	spin_unlock(&b->lock);
	return cur == val ? 0 : -EAGAIN;
}

int
futex_wait_requeue_pi(vaddr_t uaddr, u32 flags, u32 val, nsec_t deadline,
		      vaddr_t uaddr2)
{
	struct task *t = current;
	struct pi_waiter p = { .task = t };
	/* no bits: FUTEX_WAKE passes it by */
	struct futex_waiter w = { .thread = &t->thread, .pi = &p };
	bool late = false;
	int err;

	if (uaddr == uaddr2)
		return -EINVAL;
	err = futex_key(uaddr2, flags, &p.target);
	if (!err)
		err = enqueue(&w, uaddr, flags, val);
	if (err)
		return err;
	for (;;) {
		set_state(TS_INTERRUPTIBLE);
		if (smp_load_acquire(&p.granted))
			break;
		if (signal_pending(t) || late) {
			set_state(TS_RUNNING);
			if (futex_waiter_leave(&w))
				return late ? -ETIMEDOUT : -ERESTARTNOINTR;
			/* a waiter for the lock meanwhile; or its owner */
			err = pi_sleep(&p, late ? 0 : deadline);
			if (err == -ERESTARTNOINTR)
				return -EAGAIN;
			if (err)
				return err;
			break;
		}
		late = schedule_until(deadline);
	}
	set_state(TS_RUNNING);
	return p.fix_word ? pi_write_inherited(uaddr2, &p.target) : 0;
}

/* a pass of FUTEX_CMP_REQUEUE_PI */
struct requeue {
	struct futex_key k1, k2;
	vaddr_t uaddr2;
	int nr, done;
	struct pi_state *fresh;
	struct task *cand;
};

/* w, in a bucket that is locked with pi_lock, goes over to the lock */
static int
requeue_one(struct requeue *r, struct futex_waiter *w, u32 more)
{
	struct pi_waiter *p = w->pi;
	struct thread *th = w->thread;
	struct pi_state *s;
	int err = pi_lock_step(r->uaddr2, &p->target, p->task, false, more,
			    r->cand, &r->fresh, &s);

	if (err < 0)
		return err;
	list_del(&w->link);
	if (err == LOCK_WAIT) {
		pi_wait_on(s, p);
		smp_store_release(&w->bucket, NULL);
		return 0;
	}
	WRITE_ONCE(w->bucket, NULL);
	smp_store_release(&p->granted, true);
	thread_wake(th);
	return 0;
}

/*
 * One state at most can be begun before the pass must stop to allocate again:
 * once there is one all further waiters join it.
 */
static int
requeue_pass(struct requeue *r, struct futex_bucket *b)
{
	struct futex_waiter *w, *n;
	int err;

	list_for_each_entry_safe(w, n, &b->list, link) {
		if (!key_equal(&w->key, &r->k1))
			continue;
		if (r->done >= r->nr)
			break;
		if (!w->pi || !key_equal(&w->pi->target, &r->k2))
			return -EINVAL;
		err = requeue_one(r, w, r->nr > 1 ? FUTEX_WAITERS : 0);
		if (err)
			return err;
		r->done++;
		/* it may be the new owner: look the word up again */
		if (!pi_state_find(&r->k2))
			return r->done < r->nr ? -EAGAIN : 0;
	}
	return 0;
}

int
futex_cmp_requeue_pi(vaddr_t uaddr, u32 flags, vaddr_t uaddr2, int nr_wake,
		     int nr_requeue, u32 cmpval)
{
	struct requeue r = { .uaddr2 = uaddr2 };
	struct futex_bucket *b;
	int err;
	u32 cur;

	if (nr_wake < 0 || nr_requeue < 0 || uaddr == uaddr2 || nr_wake != 1)
		return -EINVAL;
	r.nr = min(nr_requeue, INT_MAX - 1) + 1;
	do {
		if (!r.fresh && !(r.fresh = pi_state_alloc()))
			return -ENOMEM;
		err = futex_key(uaddr, flags, &r.k1);
		if (!err)
			err = futex_key(uaddr2, flags, &r.k2);
		if (!err && key_equal(&r.k1, &r.k2))
			err = -EINVAL;
		if (err)
			break;
		r.cand = pi_word_owner(uaddr2);
		b = key_bucket(&r.k1);
		bucket_lock(b);
		if (read_word_nofault(&cur, uaddr)) {
			spin_unlock(&b->lock);
			if (r.cand)
				task_put(r.cand);
			err = get_user(cur, (u32 __user *)uaddr);
			continue;
		}
		if (cur != cmpval) {
			spin_unlock(&b->lock);
			if (r.cand)
				task_put(r.cand);
			err = r.done ? 0 : -EAGAIN;
			break;
		}
		spin_lock(&pi_lock);
		err = requeue_pass(&r, b);
		spin_unlock(&pi_lock);
		spin_unlock(&b->lock);
		if (r.cand)
			task_put(r.cand);
		if (!err)
			break;
		err = pi_again(err, uaddr2);
	} while (!err);
	kfree(r.fresh);
	/* a signal between two: those that went over count */
	if (err == -ERESTARTNOINTR && r.done)
		err = 0;
	return err ? err : r.done;
}
