/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update for a non-preemptible kernel: a reader section is any
 * stretch that does not sleep, so rcu_read_lock() costs nothing. A CPU passes
 * a quiescent state when it switches threads, when a tick finds it in user
 * mode, or idles. Callbacks run in T (a kernel thread) after a grace period.
 *
 * Readers: T, A and I (an interrupt takes its CPU out of idle first). Not NMI.
 */
#ifndef SCHED_RCU_H
#define SCHED_RCU_H

#include <arch/atomic.h>
#include <core/assert.h>
#include <core/irq.h>
#include <lib/types.h>

struct rcu_head {
	struct rcu_head *next;
	void (*fn)(struct rcu_head *h);
};

#define rcu_read_lock()		barrier()
#define rcu_read_unlock()	barrier()
#define rcu_dereference(p)	READ_ONCE(p)
#define rcu_assign_pointer(p, v) smp_store_release(&(p), (v))

/* call_rcu - run fn(h) after all present readers are done. Any context. */
void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *h));
/* kfree_rcu - free p later; h lies inside the object p, below 4 KiB. */
void kfree_rcu(void *p, struct rcu_head *h);
void synchronize_rcu(void);	/* T */
void rcu_barrier(void);		/* T: all callbacks queued so far have run */
void rcu_init(void);		/* E: with sched_init() */
/* how kfree_rcu frees: mm registers kfree; until then such objects wait */
void rcu_set_free(void (*fn)(const void *p));
/*
 * rcu_thread_main - body of the one kernel thread that waits for grace
 * periods and runs callbacks. Start it before the APs.
 */
void __noreturn rcu_thread_main(void *unused);

/* rcu_quiescent - no reader here now: for long loops in T that never sleep. */
void rcu_quiescent(void);

/* For sched. */
void rcu_tick(bool quiescent);	/* I: hand over callbacks, maybe note a pass */
bool rcu_cpu_pending(void);	/* irqs off: this CPU has callbacks to hand over */

#endif
