/* SPDX-License-Identifier: MIT */
/*
 * Futexes: sleeping on a word of user memory, futex(2). Context of all: T, no
 * lock held. @flags: FUTEX_PRIVATE_FLAG or 0. All give -EINVAL for a word that
 * is not aligned and -EFAULT for one that is not mapped.
 */
#ifndef TASK_FUTEX_H
#define TASK_FUTEX_H

#include <abi/futex.h>
#include <core/time.h>
#include <lib/types.h>

struct task;

/*
 * futex_wait - sleep while *uaddr == val until woken: 0; -EAGAIN when it is
 * not val; -ETIMEDOUT after deadline (monotonic; NSEC_MAX: never); on a signal
 * -ERESTARTSYS, or -ERESTART_RESTARTBLOCK with a deadline; -EINVAL: bitset 0.
 */
int futex_wait(vaddr_t uaddr, u32 flags, u32 val, nsec_t deadline, u32 bitset);
/* futex_wake - up to nr (but at least one) waiters that share a bit: how many */
int futex_wake(vaddr_t uaddr, u32 flags, int nr, u32 bitset);
/*
 * futex_requeue - wake nr_wake, move nr_requeue more to uaddr2: how many in
 * all. cmpval not NULL: -EAGAIN unless *uaddr == *cmpval.
 */
int futex_requeue(vaddr_t uaddr, u32 flags, vaddr_t uaddr2, int nr_wake,
		  int nr_requeue, const u32 *cmpval);
/* futex_wake_op - FUTEX_WAKE_OP with its encoded operation. */
int futex_wake_op(vaddr_t uaddr, u32 flags, vaddr_t uaddr2, int nr_wake,
		  int nr_wake2, u32 op);
/*
 * futex_lock_pi - FUTEX_LOCK_PI until deadline, or TRYLOCK_PI: 0, -EDEADLK,
 * -ETIMEDOUT, -EAGAIN (try), -ESRCH, -EPERM, -EINVAL, -ENOMEM,
 * -ERESTARTNOINTR. futex_unlock_pi: 0, -EPERM, -EINVAL.
 */
int futex_lock_pi(vaddr_t uaddr, u32 flags, nsec_t deadline, bool try);
int futex_unlock_pi(vaddr_t uaddr, u32 flags);
/* FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI; how many went over */
int futex_wait_requeue_pi(vaddr_t uaddr, u32 flags, u32 val, nsec_t deadline,
			  vaddr_t uaddr2);
int futex_cmp_requeue_pi(vaddr_t uaddr, u32 flags, vaddr_t uaddr2, int nr_wake,
			 int nr_requeue, u32 cmpval);
/* futex_exit_pi - current t gives its locks to who waits for them. */
void futex_exit_pi(struct task *t);
/* futex_pi_adjust - t's own priority changed while it may wait for a lock. */
void futex_pi_adjust(struct task *t);
/* futex_wait_many - until one of nr words is woken: its index, or -errno. */
struct futex_wait_one { vaddr_t uaddr; u32 val, flags; };
int futex_wait_many(const struct futex_wait_one *f, u32 nr, nsec_t deadline);
/* futex_wake_user - wake up to nr as the kernel does at a thread's end. */
void futex_wake_user(vaddr_t uaddr, int nr);
/*
 * futex_exit_robust - mark what the dying (or exec'ing) current task t holds
 * as ownerless, get_robust_list(2); its mm must still be there.
 */
void futex_exit_robust(struct task *t);

#endif
