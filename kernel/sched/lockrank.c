/* SPDX-License-Identifier: MIT */
/*
 * CONFIG_DEBUG: the order of sleeping locks. Each thread keeps what it holds
 * in thread.held[]; taking a lock whose rank is below one that is held, or
 * equal without saying so (_nested, trylock), panics with both sites. Spin
 * locks are checked in core/; that none is held when a sleeping lock is taken
 * is what assert_can_sleep() there says.
 *
 * A page fault takes the address space's lock and may sleep, so user memory is
 * not touched with that or anything behind it held: uaccess_check().
 *
 * trylock cannot deadlock, so it is recorded but its rank not checked against
 * equals. More than 16 held locks are not recorded, only counted.
 */
#include <core/assert.h>
#include <core/irq.h>
#include <core/lockrank.h>
#include <mm/uaccess.h>
#include <sched/thread.h>

#include "lockrank.h"

#if CONFIG_DEBUG
void
lock_check_acquire(const void *lock, u8 rank, bool nested, const void *site)
{
	struct thread *t = current_thread;
	unsigned int n = min_t(unsigned int, t->nr_held, ARRAY_SIZE(t->held));

	for (unsigned int i = 0; i < n; i++) {
		if (t->held[i].lock == lock && !nested)
			panic("lock %pS taken again at %pS, held since %pS",
			      lock, site, t->held[i].site);
		if (rank == RANK_NONE || t->held[i].rank == RANK_NONE)
			continue;
		if (nested ? t->held[i].rank > rank : t->held[i].rank >= rank)
			panic("lock order: %pS (rank %u) at %pS with rank %u held since %pS",
			      lock, rank, site, t->held[i].rank, t->held[i].site);
	}
	if (t->nr_held < ARRAY_SIZE(t->held)) {
		t->held[t->nr_held].lock = lock;
		t->held[t->nr_held].rank = rank;
		t->held[t->nr_held].site = site;
	}
	t->nr_held++;
}

void
lock_check_release(const void *lock)
{
	struct thread *t = current_thread;
	unsigned int n = min_t(unsigned int, t->nr_held, ARRAY_SIZE(t->held));

	ASSERT(t->nr_held > 0);
	for (unsigned int i = n; i-- > 0;) {
		if (t->held[i].lock != lock)
			continue;
		for (; i + 1 < n; i++)
			t->held[i] = t->held[i + 1];
		break;
	}
	t->nr_held--;
}

void
uaccess_check(void)
{
	struct thread *t = current_thread;
	unsigned int n = min_t(unsigned int, t->nr_held, ARRAY_SIZE(t->held));

	if (this_cpu(pagefault_off))
		return;
	ASSERT(!in_atomic());
	for (unsigned int i = 0; i < n; i++)
		if (t->held[i].rank >= RANK_MMAP)
			panic("user access at %pS with rank %u held since %pS",
			      __builtin_return_address(0), t->held[i].rank,
			      t->held[i].site);
}
#endif
