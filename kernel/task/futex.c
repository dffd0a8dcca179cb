/* SPDX-License-Identifier: MIT */
/*
 * Futexes: futex(2), set_robust_list(2).
 *
 * A waiter puts an entry on its stack in a hash bucket, under the bucket's
 * lock compares the user's word with what it expects, and sleeps. The key is
 * (mm, address), or (page cache, file offset) for memory of a shared mapping,
 * so that processes which map it at different addresses meet. A private
 * mapping always has the first kind, with or without FUTEX_PRIVATE_FLAG, which
 * here only saves looking the mapping up.
 *
 * User memory is read under the bucket lock with page faults off; when the
 * page is not there, the lock is dropped, the page touched, and all begun anew.
 *
 * An entry belongs to the bucket it points to and may be moved (requeue) while
 * its owner sleeps. Who takes it off the list stores bucket = NULL last: from
 * then on the owner may return, so the waker reads the thread before, and wakes
 * it after - the thread's memory stays for an RCU grace period, and a bucket
 * lock holder is a reader.
 *
 * Locks: bucket (rank waitq); two of them, for requeue, lower address first.
 *
 * Priority inheritance is futex_pi.c, waiting for many words futex_waitv.c.
 *
 * Limits: a CLOCK_REALTIME deadline is
 * converted when the call begins: setting the clock does not move it. A
 * shared key does not keep its file alive: should all mappings go away under a
 * sleeper, it can at worst be woken by a stranger, as futex(2) permits.
 */
#include <abi/errno.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <sched/sched.h>
#include <sched/waitq.h>
#include <task/signal.h>
#include "futex_local.h"

struct futex_bucket futex_buckets[1 << FUTEX_HASH_BITS] = {
	[0 ... (1 << FUTEX_HASH_BITS) - 1] = {
		.lock = SPINLOCK_INIT(RANK_WAITQ)
	},
};

int
futex_key_shared(vaddr_t uaddr, struct futex_key *k)
{
	struct mm *m = current->mm;
	struct vma *v;
	int err = -EFAULT;

	rwsem_read_lock(&m->mmap_lock);
	v = vma_find(m, uaddr);
	if (v && v->start <= uaddr) {
		err = 0;
		if ((v->flags & VM_SHARED) && v->mapping) {
			k->obj = (u64)v->mapping;
			k->off = (v->pgoff << PAGE_SHIFT) + (uaddr - v->start);
		}
	}
	rwsem_read_unlock(&m->mmap_lock);
	return err;
}

static void
bucket_lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	bucket_lock(a);
	if (a != b) {
		spin_lock_nested(&b->lock);
		bucket_ready(b);
	}
}

static void
bucket_unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* w's bucket is locked; w may be gone on return */
static void
waiter_wake(struct futex_waiter *w)
{
	struct thread *t = w->thread;

	list_del(&w->link);
	smp_store_release(&w->bucket, NULL);
	thread_wake(t);
}

bool
futex_waiter_leave(struct futex_waiter *w)
{
	struct futex_bucket *b;

	while ((b = READ_ONCE(w->bucket))) {
		spin_lock(&b->lock);
		if (likely(b == w->bucket)) {
			list_del(&w->link);
			spin_unlock(&b->lock);
			return true;
		}
		spin_unlock(&b->lock);	/* requeued or woken meanwhile */
	}
	return false;
}

/* sleep until woken, deadline or signal: 0, -ETIMEDOUT, -ERESTARTSYS */
static int
waiter_sleep(struct futex_waiter *w, nsec_t deadline)
{
	int err = 0;

	/* state was set under the bucket's lock */
	while (READ_ONCE(w->bucket)) {
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		if (deadline == NSEC_MAX) {
			schedule();
		} else if (schedule_until(deadline)) {
			err = -ETIMEDOUT;
			break;
		}
		set_state(TS_INTERRUPTIBLE);
	}
	WRITE_ONCE(w->thread->state, TS_RUNNING);
	return futex_waiter_leave(w) ? err : 0;
}

static long
futex_wait_restart(struct task *t)
{
	u64 *a = t->restart.any.args;

	return futex_wait(a[0], a[1] >> 32, (u32)a[1], a[2], (u32)a[3]);
}

int
futex_wait(vaddr_t uaddr, u32 flags, u32 val, nsec_t deadline, u32 bitset)
{
	struct task *t = current;
	struct futex_waiter w;
	struct futex_bucket *b;
	u32 cur;
	int err;

	if (!bitset)
		return -EINVAL;
retry:
	err = futex_key(uaddr, flags, &w.key);
	if (err)
		return err;
	b = key_bucket(&w.key);
	bucket_lock(b);
	if (unlikely(read_word_nofault(&cur, uaddr))) {
		spin_unlock(&b->lock);
		if (get_user(cur, (u32 __user *)uaddr))
			return -EFAULT;
		goto retry;
	}
	if (cur != val) {
		spin_unlock(&b->lock);
		return -EAGAIN;
	}
	w.thread = &t->thread;
	w.bucket = b;
	w.bitset = bitset;
	w.pi = NULL;
	list_add_tail(&w.link, &b->list);
	/* a waker needs the lock first: a plain store will do */
	WRITE_ONCE(t->thread.state, TS_INTERRUPTIBLE);
	spin_unlock(&b->lock);

	err = waiter_sleep(&w, deadline);
	if (err == -ERESTARTSYS && deadline != NSEC_MAX) {
		u64 *a = t->restart.any.args;

		a[0] = uaddr;
		a[1] = (u64)flags << 32 | val;
		a[2] = deadline;
		a[3] = bitset;
		t->restart_fn = futex_wait_restart;
		return -ERESTART_RESTARTBLOCK;
	}
	return err;
}

int
futex_wake(vaddr_t uaddr, u32 flags, int nr, u32 bitset)
{
	struct futex_waiter *w, *n;
	struct futex_bucket *b;
	struct futex_key key;
	int err, woken = 0;

	if (!bitset)
		return -EINVAL;
	err = futex_key(uaddr, flags, &key);
	if (err)
		return err;
	b = key_bucket(&key);
	bucket_lock(b);
	list_for_each_entry_safe(w, n, &b->list, link) {
		if (!key_equal(&w->key, &key) || !(w->bitset & bitset))
			continue;
		waiter_wake(w);
		if (++woken >= nr)
			break;
	}
	spin_unlock(&b->lock);
	return woken;
}

void
futex_wake_user(vaddr_t uaddr, int nr)
{
	(void)futex_wake(uaddr, 0, nr, FUTEX_BITSET_MATCH_ANY);
}

int
futex_requeue(vaddr_t uaddr, u32 flags, vaddr_t uaddr2, int nr_wake,
	      int nr_requeue, const u32 *cmpval)
{
	struct futex_key key1, key2;
	struct futex_bucket *b1, *b2;
	struct futex_waiter *w, *n;
	int err, done = 0;
	u32 cur;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
retry:
	err = futex_key(uaddr, flags, &key1);
	if (!err)
		err = futex_key(uaddr2, flags, &key2);
	if (err)
		return err;
	b1 = key_bucket(&key1);
	b2 = key_bucket(&key2);
	bucket_lock_two(b1, b2);
	if (cmpval && unlikely(read_word_nofault(&cur, uaddr))) {
		bucket_unlock_two(b1, b2);
		if (get_user(cur, (u32 __user *)uaddr))
			return -EFAULT;
		goto retry;
	}
	if (cmpval && cur != *cmpval) {
		bucket_unlock_two(b1, b2);
		return -EAGAIN;
	}
	list_for_each_entry_safe(w, n, &b1->list, link) {
		if (done - nr_wake >= nr_requeue)
			break;
		if (!key_equal(&w->key, &key1))
			continue;
		if (unlikely(w->pi)) {
			done = -EINVAL;	/* waits to be handed a lock */
			break;
		}
		if (done++ < nr_wake) {
			waiter_wake(w);
		} else if (!key_equal(&key1, &key2)) {
			/* to the same bucket it is passed again, but no match */
			list_move_tail(&w->link, &b2->list);
			w->key = key2;
			WRITE_ONCE(w->bucket, b2);
		}
	}
	bucket_unlock_two(b1, b2);
	return done;
}

static s32
sign_extend12(u32 v)
{
	return (s32)(v << 20) >> 20;
}

/* *uaddr = op(*uaddr), atomically; -EFAULT without sleeping */
static int
user_op_nofault(vaddr_t uaddr, u32 enc, u32 *old)
{
	u32 op = enc >> 28 & 15, v, new, cur;
	u32 arg = (u32)sign_extend12(enc >> 12 & 0xfff);
	int err;

	if (op & FUTEX_OP_OPARG_SHIFT)
		arg = 1U << (arg & 31);
	pagefault_disable();
	err = get_user(v, (u32 __user *)uaddr);
	while (!err) {
		switch (op & ~FUTEX_OP_OPARG_SHIFT) {
		case FUTEX_OP_SET: new = arg; break;
		case FUTEX_OP_ADD: new = v + arg; break;
		case FUTEX_OP_OR: new = v | arg; break;
		case FUTEX_OP_ANDN: new = v & ~arg; break;
		case FUTEX_OP_XOR: new = v ^ arg; break;
		default: err = -ENOSYS; continue;
		}
		err = user_cmpxchg32((u32 __user *)uaddr, v, new, &cur);
		if (err || cur == v)
			break;
		v = cur;
	}
	pagefault_enable();
	*old = v;
	return err;
}

/* does the old value satisfy the comparison? or -ENOSYS */
static int
op_compare(u32 enc, u32 old)
{
	s32 o = (s32)old, arg = sign_extend12(enc & 0xfff);

	switch (enc >> 24 & 15) {
	case FUTEX_OP_CMP_EQ: return o == arg;
	case FUTEX_OP_CMP_NE: return o != arg;
	case FUTEX_OP_CMP_LT: return o < arg;
	case FUTEX_OP_CMP_LE: return o <= arg;
	case FUTEX_OP_CMP_GT: return o > arg;
	case FUTEX_OP_CMP_GE: return o >= arg;
	default: return -ENOSYS;
	}
}

/* bucket locked */
static int
wake_matching(struct futex_bucket *b, const struct futex_key *key, int nr)
{
	struct futex_waiter *w, *n;
	int woken = 0;

	list_for_each_entry_safe(w, n, &b->list, link) {
		if (!key_equal(&w->key, key))
			continue;
		if (unlikely(w->pi))
			return -EINVAL;
		waiter_wake(w);
		if (++woken >= nr)
			break;
	}
	return woken;
}

int
futex_wake_op(vaddr_t uaddr, u32 flags, vaddr_t uaddr2, int nr_wake,
	      int nr_wake2, u32 op)
{
	struct futex_key key1, key2;
	struct futex_bucket *b1, *b2;
	u32 old = 0;
	int err;

retry:
	err = futex_key(uaddr, flags, &key1);
	if (!err)
		err = futex_key(uaddr2, flags, &key2);
	if (err)
		return err;
	b1 = key_bucket(&key1);
	b2 = key_bucket(&key2);
	bucket_lock_two(b1, b2);
	err = user_op_nofault(uaddr2, op, &old);
	if (err == -EFAULT) {
		bucket_unlock_two(b1, b2);
		if (fault_in_writeable((void __user *)uaddr2, sizeof(u32)))
			return -EFAULT;
		cond_resched();
		goto retry;
	}
	if (!err)
		err = op_compare(op, old);
	if (err >= 0) {
		int woken = wake_matching(b1, &key1, nr_wake), more = 0;

		if (err && woken >= 0)
			more = wake_matching(b2, &key2, nr_wake2);
		err = woken < 0 ? woken : more < 0 ? more : woken + more;
	}
	bucket_unlock_two(b1, b2);
	return err;
}

/* -- robust lists ---------------------------------------------------------- */

/* The owner of the mutex at uaddr dies. Non-zero: give up on the list. */
static int
robust_death(struct task *t, vaddr_t uaddr, bool pi, bool pending)
{
	u32 v, cur, tid = (u32)task_tid(t);

	if (uaddr & 3)
		return -EINVAL;
	if (get_user(v, (u32 __user *)uaddr))
		return -EFAULT;
	/*
	 * Died between releasing the word and waking: the release may have
	 * been seen by nobody, so wake one to look.
	 */
	if (pending && !pi && !v) {
		futex_wake_user(uaddr, 1);
		return 0;
	}
	for (;;) {
		if ((v & FUTEX_TID_MASK) != tid)
			return 0;
		if (user_cmpxchg32((u32 __user *)uaddr, v,
				   (v & FUTEX_WAITERS) | FUTEX_OWNER_DIED,
				   &cur))
			return -EFAULT;
		if (cur == v)
			break;
		v = cur;
	}
	if (!pi && (v & FUTEX_WAITERS))
		futex_wake_user(uaddr, 1);
	return 0;
}

void
futex_exit_robust(struct task *t)
{
	struct abi_robust_list_head __user *head =
		(struct abi_robust_list_head __user *)t->robust_list;
	struct abi_robust_list_head h;
	unsigned int limit = ROBUST_LIST_LIMIT;
	u64 entry, next, pending;

	if (likely(!head))
		return;
	t->robust_list = 0;
	if (copyin(&h, head, sizeof(h)))
		return;
	pending = h.list_op_pending & ~1UL;
	for (entry = h.next; (entry & ~1UL) != (u64)head; entry = next) {
		u64 e = entry & ~1UL;
		/* read the link first: the owner's death frees the entry */
		int bad = get_user(next, (u64 __user *)e);

		if (e != pending &&
		    robust_death(t, e + h.futex_offset, entry & 1, false))
			return;
		if (bad || !--limit)
			break;
		cond_resched();
	}
	if (pending)
		(void)robust_death(t, pending + h.futex_offset,
				   h.list_op_pending & 1, true);
}
