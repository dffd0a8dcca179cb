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
/* futex_wake_user - wake up to nr as the kernel does at a thread's end. */
void futex_wake_user(vaddr_t uaddr, int nr);
/*
 * futex_exit_robust - mark what the dying (or exec'ing) current task t holds
 * as ownerless, get_robust_list(2); its mm must still be there.
 */
void futex_exit_robust(struct task *t);

#endif
