/* SPDX-License-Identifier: MIT */
/*
 * Time never goes back, not from one processor to another, nor from the vDSO to
 * the system call, while the rate of the clock is changed by a tenth and back.
 * Readers hand the latest time on to each other. On the machine that is the
 * oracle they read too, and the rate is left alone.
 */
#include "gt.h"
#include <sys/timex.h>

#define SEC 1000000000l
#define READERS 3
#define CHANGES 2000

static const int clocks[2] = { CLOCK_MONOTONIC, CLOCK_REALTIME };
static struct shared {
	long latest[2];			/* of each clock */
	long back_vdso, back_syscall, reads;
	int go, stop;
} *sh;

static long
now(int clock, int by_vdso)
{
	struct timespec t = { 0, 0 };

	if (by_vdso)
		clock_gettime(clock, &t);
	else
		syscall(SYS_clock_gettime, clock, &t);
	return t.tv_sec * SEC + t.tv_nsec;
}

static void
read_once(unsigned int i)
{
	long *latest = &sh->latest[i >> 1 & 1];
	long seen = __atomic_load_n(latest, __ATOMIC_SEQ_CST);
	long t = now(clocks[i >> 1 & 1], i & 1);

	if (t < seen)
		__atomic_fetch_add(i & 1 ? &sh->back_vdso : &sh->back_syscall,
				   1, __ATOMIC_SEQ_CST);
	while (t > seen && !__atomic_compare_exchange_n(latest, &seen, t, 0,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void
reader(unsigned int i)
{
	__atomic_fetch_add(&sh->go, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&sh->stop, __ATOMIC_SEQ_CST)) {
		/* both ways and clocks in all orders */
		i = i * 1664525 + 1013904223;
		read_once(i >> 20);
		__atomic_fetch_add(&sh->reads, 1, __ATOMIC_SEQ_CST);
	}
	_exit(0);
}

static void
change_rate(int guest)
{
	for (int i = 0; i < CHANGES; i++) {
		struct timex t = { .modes = ADJ_TICK,
			.tick = i & 1 ? 9000 : 11000 };
		long before = __atomic_load_n(&sh->reads, __ATOMIC_SEQ_CST);

		if (guest)
			need("adjtimex", syscall(SYS_adjtimex, &t));
		read_once(i);
		/* until the others have read a few times at this rate */
		while (__atomic_load_n(&sh->reads, __ATOMIC_SEQ_CST) <
		       before + 6)
			sched_yield();
	}
	if (guest)
		need("adjtimex", syscall(SYS_adjtimex, &(struct timex){
			.modes = ADJ_TICK, .tick = 10000 }));
}

int
main(void)
{
	int guest = access("/gt/list", F_OK) == 0, st;

	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need("mmap", sh == MAP_FAILED ? -1 : 0);
	for (int i = 0; i < READERS; i++)
		if (!need("fork", fork()))
			reader(i);
	while (__atomic_load_n(&sh->go, __ATOMIC_SEQ_CST) < READERS)
		sched_yield();
	change_rate(guest);
	__atomic_store_n(&sh->stop, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < READERS; i++)
		waitpid(-1, &st, 0);
	val("back, vDSO", sh->back_vdso);
	val("back, system call", sh->back_syscall);
	return 0;
}
