/* SPDX-License-Identifier: MIT */
/* What futex_pi.c and futex_pi_requeue.c share: locks that lend priority. */
#ifndef TASK_FUTEX_PI_H
#define TASK_FUTEX_PI_H

#include "futex_local.h"

/* answers of pi_lock_step() that are not errors of futex(2) */
#define EHELD		1000	/* TRYLOCK: it has an owner */
#define EOWNER_EXITS	1001	/* who will have left the lock soon */

struct pi_state {
	struct list_head link;		/* in its hash list */
	struct futex_key key;
	struct task *owner;		/* borrowed: dies only by futex_exit_pi() */
	struct pi_state *next_held;	/* owner->pi_held */
	struct list_head waiters;	/* struct pi_waiter, the best first */
	bool inherited;			/* the owner is yet to write the word */
};

struct pi_waiter {
	struct list_head link;
	struct task *task;
	struct pi_state *state;		/* NULL: not waiting, or owner now */
	struct futex_key target;	/* REQUEUE_PI: where to */
	bool granted;			/* it is the owner */
	bool fix_word;			/* of a dead one: write the word */
};

extern struct spinlock pi_lock;		/* all states, waiters, task->pi_* */

enum lock_step { LOCK_TAKEN, LOCK_WAIT };

/* with pi_lock held */
struct pi_state *pi_state_find(const struct futex_key *k);
int pi_lock_step(vaddr_t uaddr, const struct futex_key *k, struct task *t,
		 bool try, u32 more, struct task *cand,
		 struct pi_state **fresh, struct pi_state **sp);
void pi_wait_on(struct pi_state *s, struct pi_waiter *w);
/* without */
struct task *pi_word_owner(vaddr_t uaddr);
struct pi_state *pi_state_alloc(void);
int pi_again(int err, vaddr_t uaddr);
int pi_write_inherited(vaddr_t uaddr, const struct futex_key *k);
int pi_sleep(struct pi_waiter *w, nsec_t deadline);

#endif
