/* SPDX-License-Identifier: MIT */
/* What the shims of host tests share; tests use unit/check.h. */
#ifndef UNIT_H
#define UNIT_H

#include <lib/types.h>
#include "check.h"
#include "host.h"

/* An allocation that may fail is about to be made: must it? Counts. */
bool unit_alloc_fails(void);
/* allocations alive, for the leak check: shims count up and down */
extern long unit_live;

void shim_show_live(long n);		/* the youngest n */

/* locks, interrupts and RCU at the end of a run; complains by unit_always */
void shim_lock_check_idle(void);
void shim_rcu_flush(void);		/* runs what call_rcu() has put off */
/* called by unit_run before the test: set by shims that have state to make */
void shim_setup(void);
/* schedule() was called: a test may make what it waits for happen */
extern void (*unit_on_schedule)(void);
extern nsec_t unit_now_ns;		/* what clock_mono_ns() says */
/* a fault of user memory: set by the mm unit; true when it was resolved */
extern bool (*unit_on_user_fault)(unsigned long addr, bool write);

#endif
