/* SPDX-License-Identifier: MIT */
/*
 * The idle thread: looks for work elsewhere, then halts until an interrupt.
 *
 * There is nothing to do for being tickless: the timer hardware is always
 * programmed for the next armed timer, and an idle CPU arms none. A machine
 * with no timer at all still wakes by device interrupts.
 *
 * rcu_idle tells rcu.c not to wait for this CPU. An interrupt clears it before
 * its handler runs (rcu_irq_enter), with a full barrier, so handlers may be
 * RCU readers; it is set again just before the next halt.
 */
#include <arch/irqflags.h>
#include <arch/upcall.h>

#include "rq.h"

void
rcu_irq_enter(void)
{
	struct rq *rq = this_rq();

	if (READ_ONCE(rq->rcu_idle))
		(void)xchg(&rq->rcu_idle, false);
}

void __noreturn
sched_idle_loop(void)
{
	struct rq *rq;

	irq_enable();
	for (;;) {
		rq = this_rq();
#if CONFIG_SMP
		if (nr_cpus > 1 && !need_resched())
			balance_idle(rq);
#endif
		irq_disable();
		if (!need_resched()) {
			smp_store_release(&rq->rcu_idle, true);
			irq_enable_halt();
			irq_disable();
			WRITE_ONCE(rq->rcu_idle, false);
		}
		irq_enable();
		if (need_resched())
			schedule();
	}
}
