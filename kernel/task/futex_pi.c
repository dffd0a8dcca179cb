/* SPDX-License-Identifier: MIT */
/*
 * Futexes with priority inheritance: FUTEX_LOCK_PI and its kin, futex(2).
 *
 * The word holds the owner's thread id, with FUTEX_WAITERS when somebody waits
 * here; user space takes and drops an uncontended lock without us. A lock that
 * is waited for has a struct pi_state: its owner, and its waiters by priority
 * (real-time ones, then the others in order of arrival). It exists as long as
 * it has waiters, or was inherited:
 *
 * While tasks wait, the owner runs with the best of their priorities
 * (sched_set_boost): of each lock the first waiter counts. When it waits
 * itself, that is passed on along the chain of owners, and a chain that comes
 * back to its beginning is EDEADLK.
 *
 * Unlocking hands the lock over: the word names the first waiter before it
 * runs. An owner that dies cannot write that word (it may be in memory that
 * is not its own); it leaves the lock to the first waiter, who writes the word
 * himself when he runs, and until then newcomers queue by the state alone
 * (pi_state.inherited).
 *
 * Locking: one lock, pi_lock, for all states, waiters and task->pi_*; only
 * contended locks come here. It is taken inside a bucket's lock and outside of
 * the run queue's. User words are read and exchanged under it with page faults
 * off.
 *
 * Limits: chains longer than PI_CHAIN_MAX are EDEADLK.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/sched.h>
#include <task/signal.h>
#include "futex_pi.h"

#define PI_HASH_BITS	6
#define PI_CHAIN_MAX	1024

struct spinlock pi_lock = SPINLOCK_INIT(RANK_PI);
static struct list_head pi_hash[1 << PI_HASH_BITS];	/* .next NULL: unused */

/* ---- states, pi_lock held ---- */

static struct list_head *
state_list(const struct futex_key *k)
{
	struct list_head *l = &pi_hash[hash_64(k->obj ^ k->off << 14 ^
					       k->off >> 2, PI_HASH_BITS)];

	if (!l->next)
		list_init(l);
	return l;
}

struct pi_state *
pi_state_find(const struct futex_key *k)
{
	struct pi_state *s;

	list_for_each_entry(s, state_list(k), link)
		if (key_equal(&s->key, k))
			return s;
	return NULL;
}

static void
state_own(struct pi_state *s, struct task *t)
{
	s->owner = t;
	s->next_held = t->pi_held;
	t->pi_held = s;
}

static void
state_disown(struct pi_state *s)
{
	struct pi_state **p = &s->owner->pi_held;

	while (*p != s)
		p = &(*p)->next_held;
	*p = s->next_held;
	s->owner = NULL;
}

/* higher runs first; all fair threads are alike here */
static u32
rank_of(const struct task *t)
{
	return sched_effective_rt(&t->thread);
}

static void
waiter_insert(struct pi_state *s, struct pi_waiter *w)
{
	struct pi_waiter *o;

	list_for_each_entry(o, &s->waiters, link)
		if (rank_of(o->task) < rank_of(w->task))
			break;
	list_add_tail(&w->link, &o->link);	/* before o, or at the end */
}

static struct pi_waiter *
first_waiter(struct pi_state *s)
{
	return list_empty(&s->waiters) ? NULL :
		list_first_entry(&s->waiters, struct pi_waiter, link);
}

/* what t's waiters lend it; true when that changed */
static bool
boost_update(struct task *t)
{
	u32 rt = 0, fair = 0;

	for (struct pi_state *s = t->pi_held; s; s = s->next_held) {
		struct pi_waiter *w = first_waiter(s);

		if (!w)
			continue;
		rt = max(rt, sched_effective_rt(&w->task->thread));
		fair = max(fair, sched_effective_fair(&w->task->thread));
	}
	return sched_set_boost(&t->thread, rt, fair);
}

/* t's waiters changed: along the chain of those it waits for */
static void
boost_chain(struct task *t)
{
	for (int n = 0; t && n < PI_CHAIN_MAX && boost_update(t); n++) {
		struct pi_waiter *w = t->pi_blocked;

		if (!w || !w->state)
			return;
		list_del(&w->link);
		waiter_insert(w->state, w);
		t = w->state->owner;
	}
}

/* would t, waiting for an owner's lock, wait for itself? */
static bool
would_deadlock(struct task *t, struct task *owner)
{
	for (int n = 0; owner; n++) {
		struct pi_waiter *w = owner->pi_blocked;

		if (owner == t || n == PI_CHAIN_MAX)
			return true;
		owner = w && w->state ? w->state->owner : NULL;
	}
	return false;
}

static void
state_drop_if_idle(struct pi_state *s)
{
	if (!list_empty(&s->waiters) || s->inherited)
		return;
	if (s->owner)
		state_disown(s);
	list_del(&s->link);
	kfree(s);
}

void
pi_wait_on(struct pi_state *s, struct pi_waiter *w)
{
	w->state = s;
	w->task->pi_blocked = w;
	waiter_insert(s, w);
	boost_chain(s->owner);
}

/* w gets the lock of s; w's task may be gone from its wait on return */
static void
grant(struct pi_state *s, struct pi_waiter *w)
{
	struct task *t = w->task, *old = s->owner;

	list_del(&w->link);
	t->pi_blocked = NULL;
	if (old)
		state_disown(s);
	state_own(s, t);
	state_drop_if_idle(s);
	if (old)
		boost_chain(old);
	boost_chain(t);
	w->state = NULL;
	smp_store_release(&w->granted, true);
	thread_wake(&t->thread);
}

/* w waits no longer without having got it */
static void
give_up(struct pi_waiter *w)
{
	struct pi_state *s = w->state;
	struct task *owner = s->owner;

	list_del(&w->link);
	w->task->pi_blocked = NULL;
	w->state = NULL;
	state_drop_if_idle(s);
	if (owner)
		boost_chain(owner);
}

/* ---- the word ---- */

static int
word_exchange(vaddr_t uaddr, u32 old, u32 new)
{
	u32 cur;
	int err;

	pagefault_disable();
	err = user_cmpxchg32((u32 __user *)uaddr, old, new, &cur);
	pagefault_enable();
	return err ? err : cur == old ? 0 : -EAGAIN;
}

/* who the word names now, referenced; NULL: nobody, or it is not there */
struct task *
pi_word_owner(vaddr_t uaddr)
{
	u32 v;

	if (get_user(v, (u32 __user *)uaddr) || !(v & FUTEX_TID_MASK))
		return NULL;
	return task_find(v & FUTEX_TID_MASK);
}

/*
 * *fresh becomes the state of owner's lock. TASK_EXITING is set, with a
 * barrier, before futex_exit_pi() looks: one of us sees the other.
 */
static int
state_begin(const struct futex_key *k, struct task *owner,
	    struct pi_state **fresh)
{
	struct pi_state *s = *fresh;

	if (owner->flags & TASK_KTHREAD)
		return -EPERM;
	s->key = *k;
	state_own(s, owner);
	smp_mb();
	if (READ_ONCE(owner->flags) & TASK_EXITING) {
		state_disown(s);
		return READ_ONCE(owner->mm) ? -EOWNER_EXITS : -ESRCH;
	}
	list_add(&s->link, state_list(k));
	*fresh = NULL;
	return 0;
}

/*
 * One attempt for task t, pi_lock held. LOCK_TAKEN: the word is t's; LOCK_WAIT:
 * *sp is the state to wait on, made of *fresh when there was none and cand is
 * the owner. -EAGAIN: the word changed; -EFAULT: to be faulted in; -EHELD,
 * -EOWNER_EXITS; else as futex(2).
 */
int
pi_lock_step(vaddr_t uaddr, const struct futex_key *k, struct task *t, bool try,
	  u32 more, struct task *cand, struct pi_state **fresh,
	  struct pi_state **sp)
{
	struct pi_state *s = pi_state_find(k);
	u32 v;
	int err;

	if (read_word_nofault(&v, uaddr))
		return -EFAULT;
	if ((v & FUTEX_TID_MASK) == (u32)task_tid(t) &&
	    !(s && s->inherited))
		return -EDEADLK;
	if (s) {
		/* between its robust list and futex_exit_pi() */
		if (!s->inherited && !(v & FUTEX_TID_MASK) &&
		    (v & FUTEX_OWNER_DIED))
			return try ? -EHELD : -EOWNER_EXITS;
		if (!s->inherited &&
		    (v & FUTEX_TID_MASK) != (u32)task_tid(s->owner))
			return -EINVAL;
	} else if (!(v & FUTEX_TID_MASK)) {
		err = word_exchange(uaddr, v, (v & FUTEX_OWNER_DIED) | more |
				    (u32)task_tid(t));
		return err ? err : LOCK_TAKEN;
	}
	if (!s && !cand)
		return -ESRCH;
	if (try)
		return -EHELD;
	if (!(v & FUTEX_WAITERS)) {
		err = word_exchange(uaddr, v, v | FUTEX_WAITERS);
		if (err)
			return err;
	}
	if (!s) {
		if ((v & FUTEX_TID_MASK) != (u32)task_tid(cand))
			return -EAGAIN;
		err = state_begin(k, cand, fresh);
		if (err)
			return err;
		s = pi_state_find(k);
	}
	if (would_deadlock(t, s->owner)) {
		state_drop_if_idle(s);
		return -EDEADLK;
	}
	*sp = s;
	return LOCK_WAIT;
}

struct pi_state *
pi_state_alloc(void)
{
	struct pi_state *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (s)
		INIT_LIST_HEAD(&s->waiters);
	return s;
}

/* After -EAGAIN and -EFAULT of pi_lock_step(): 0 to try again. */
int
pi_again(int err, vaddr_t uaddr)
{
	if (err == -EFAULT)
		return fault_in_writeable((void __user *)uaddr, sizeof(u32)) ?
			-EFAULT : 0;
	if (err != -EAGAIN && err != -EOWNER_EXITS)
		return err;
	if (signal_pending(current))
		return -ERESTARTNOINTR;
	if (err == -EOWNER_EXITS) {	/* let it, whatever our priority */
		set_state(TS_INTERRUPTIBLE);
		schedule_until(clock_mono_ns() + NSEC_PER_SEC / 1000);
		set_state(TS_RUNNING);
	}
	cond_resched();
	return 0;
}

/* We own the lock by a dead owner's leaving: the word shall say so. */
int
pi_write_inherited(vaddr_t uaddr, const struct futex_key *k)
{
	struct pi_state *s;
	u32 v;
	int err;

	for (;;) {
		spin_lock(&pi_lock);
		err = read_word_nofault(&v, uaddr);
		if (!err)
			err = word_exchange(uaddr, v, FUTEX_OWNER_DIED |
				FUTEX_WAITERS | (u32)task_tid(current));
		s = pi_state_find(k);
		if (!err && s) {
			s->inherited = false;
			state_drop_if_idle(s);
		}
		spin_unlock(&pi_lock);
		if (err == -EAGAIN)
			continue;
		/* when it cannot be written, futex_exit_pi() passes it on */
		if (!err || fault_in_writeable((void __user *)uaddr,
					       sizeof(u32)))
			return err;
	}
}

/* Sleep until granted: 0, -ETIMEDOUT or -ERESTARTNOINTR. w waits. */
int
pi_sleep(struct pi_waiter *w, nsec_t deadline)
{
	int err = 0;

	for (;;) {
		set_state(TS_INTERRUPTIBLE);
		if (smp_load_acquire(&w->granted))
			break;
		if (signal_pending(current)) {
			err = -ERESTARTNOINTR;
			break;
		}
		if (schedule_until(deadline)) {
			err = -ETIMEDOUT;
			break;
		}
	}
	set_state(TS_RUNNING);
	if (err) {
		spin_lock(&pi_lock);
		if (w->granted)
			err = 0;	/* just in time */
		else
			give_up(w);
		spin_unlock(&pi_lock);
	}
	return err;
}

int
futex_lock_pi(vaddr_t uaddr, u32 flags, nsec_t deadline, bool try)
{
	struct pi_waiter w = { .task = current };
	struct pi_state *fresh = NULL, *s;
	struct futex_key key;
	struct task *cand;
	int err;

	do {
		if (!fresh && !(fresh = pi_state_alloc()))
			return -ENOMEM;
		err = futex_key(uaddr, flags, &key);
		if (err)
			goto out;
		cand = pi_word_owner(uaddr);
		spin_lock(&pi_lock);
		err = pi_lock_step(uaddr, &key, current, try, 0, cand, &fresh,
				&s);
		if (err == LOCK_WAIT)
			pi_wait_on(s, &w);
		spin_unlock(&pi_lock);
		if (cand)
			task_put(cand);
		if (err == LOCK_TAKEN)
			goto out;
		if (err == LOCK_WAIT)
			break;
		err = pi_again(err, uaddr);
	} while (!err);
	if (err == LOCK_WAIT) {
		err = pi_sleep(&w, deadline);
		if (!err && w.fix_word)
			err = pi_write_inherited(uaddr, &key);
	}
out:
	kfree(fresh);
	return err == -EHELD ? -EAGAIN : err;
}

int
futex_unlock_pi(vaddr_t uaddr, u32 flags)
{
	u32 v, tid = (u32)task_tid(current);
	struct futex_key key;
	struct pi_waiter *w;
	struct pi_state *s;
	int err;

	do {
		if (get_user(v, (u32 __user *)uaddr))
			return -EFAULT;
		if ((v & FUTEX_TID_MASK) != tid)
			return -EPERM;
		err = futex_key(uaddr, flags, &key);
		if (err)
			return err;
		spin_lock(&pi_lock);
		s = pi_state_find(&key);
		w = s ? first_waiter(s) : NULL;
		if (s && s->owner != current)
			err = -EINVAL;
		else
			err = word_exchange(uaddr, v, w ? FUTEX_WAITERS |
					    (u32)task_tid(w->task) : 0);
		if (!err && w)
			grant(s, w);
		spin_unlock(&pi_lock);
		if (!err)
			return 0;
		err = pi_again(err, uaddr);
	} while (!err);
	return err;
}

/* ---- the end ---- */

void
futex_exit_pi(struct task *t)
{
	struct pi_state *s;
	struct pi_waiter *w;

	if (likely(!READ_ONCE(t->pi_held)))
		return;
	spin_lock(&pi_lock);
	while ((s = t->pi_held)) {
		w = first_waiter(s);
		s->inherited = w;
		if (w) {
			w->fix_word = true;
			grant(s, w);
		} else {
			state_drop_if_idle(s);
		}
	}
	spin_unlock(&pi_lock);
}

void
futex_pi_adjust(struct task *t)
{
	struct pi_waiter *w;

	spin_lock(&pi_lock);
	w = t->pi_blocked;
	if (w && w->state) {
		list_del(&w->link);
		waiter_insert(w->state, w);
		boost_chain(w->state->owner);
	}
	spin_unlock(&pi_lock);
}
