/* SPDX-License-Identifier: MIT */
/* The bare call, the clock in the vDSO, signals. */
#include "bench.h"
#include <setjmp.h>

static volatile int hits;

static void
on_usr1(int s)
{
	(void)s;
	hits++;
}

static jmp_buf back;

/* a function of its own: setjmp makes no promises about others' locals */
static void
segv_once(volatile char *p)
{
	if (!setjmp(back))
		*p = 1;
}

/* leaves by longjmp: the row is the fault and the delivery */
static void
on_segv(int s)
{
	(void)s;
	longjmp(back, 1);
}

void
bench_call(void)
{
	struct sigaction sa = { .sa_handler = on_usr1 };
	struct timespec ts;
	pid_t me = getpid();

	LOOP("null_syscall", 100000, syscall(SYS_getppid));
	LOOP("gettime", 100000, clock_gettime(CLOCK_MONOTONIC, &ts));
	sigaction(SIGUSR1, &sa, NULL);
	LOOP("sig_install", 20000, sigaction(SIGUSR1, &sa, NULL));
	LOOP("sig_deliver", 20000, kill(me, SIGUSR1));
	if (wanted("sig_segv")) {
		char *p = mmap(NULL, PG, PROT_READ, MAP_PRIVATE |
			       MAP_ANONYMOUS, -1, 0);

		sa.sa_handler = on_segv;
		sa.sa_flags = SA_NODEFER;
		sigaction(SIGSEGV, &sa, NULL);
		LOOP("sig_segv", 20000, segv_once(p));
		signal(SIGSEGV, SIG_DFL);
		munmap(p, PG);
	}
}
