/* SPDX-License-Identifier: MIT */
/*
 * adjtimex(2), clock_adjtime(2), setting the clock. On the machine that is the
 * oracle the clock is only asked, not changed: there the lines that depend on
 * a change (effect()) are printed as they must be.
 */
#include "gt.h"
#include <poll.h>
#include <sys/timex.h>

#define SEC 1000000000l
static int guest;

static long
adj(struct timex *t)
{
	return syscall(SYS_adjtimex, t);
}

static void
errors(void)
{
	struct timex t = { 0 };

	VAL(syscall(SYS_adjtimex, BAD));
	VAL(syscall(SYS_clock_adjtime, 0, BAD));
	VAL(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &t));
	VAL(syscall(SYS_clock_adjtime, 99, &t));
	VAL(syscall(SYS_clock_adjtime, -1, &t));
	VAL(syscall(SYS_clock_adjtime, 99, BAD));
	t.modes = ADJ_TICK;
	t.tick = 8999;
	VAL(adj(&t));
	t.tick = 11001;
	VAL(adj(&t));
	t.modes = 0x8000;
	VAL(adj(&t));
	t.modes = ADJ_FREQUENCY;
	t.freq = LONG_MAX;
	VAL(adj(&t));
	t.freq = LONG_MIN;
	VAL(adj(&t));
	t.modes = ADJ_SETOFFSET;
	t.time = (struct timeval){ 0, 1000000 };
	VAL(adj(&t));
	t.time = (struct timeval){ 0, -1 };
	VAL(adj(&t));
	t.modes = ADJ_SETOFFSET | ADJ_NANO;
	t.time = (struct timeval){ 0, 1000000000 };
	VAL(adj(&t));
	memset(&t, 0, sizeof(t));
	YES(adj(&t) >= 0);
	YES(t.tick == 10000 && t.precision == 1 && t.tolerance == 32768000);
	t.modes = 0xa001;
	YES(adj(&t) >= 0);
}

static void
as_nobody(void)
{
	struct timex t = { 0 };

	YES(adj(&t) >= 0);
	t.modes = 0xa001;
	YES(adj(&t) >= 0);
	t.modes = 0x8001;
	VAL(adj(&t));
	t.modes = ADJ_TICK;
	t.tick = 1;
	VAL(adj(&t));
	t.modes = ADJ_STATUS;
	VAL(adj(&t));
	t.modes = ADJ_SETOFFSET;
	VAL(adj(&t));
	VAL(syscall(SYS_clock_settime, 0, &(struct timespec){ 2000000000, 0 }));
}

static void
effect(const char *name, int ok)
{
	yes(name, !guest || ok);
}

static long
ns(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * SEC + t.tv_nsec;
}

static void
set_real(long v)
{
	struct timespec t = { v / SEC, v % SEC };

	NEED(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
}

static void
changing(void)
{
	struct timex t = { .modes = ADJ_TICK, .tick = 11000 };
	struct itimerspec its = { .it_value = { 4000000000, 0 } };
	long a, b, m, last;
	int fd, fd2, ok = 1, st;
	uint64_t v;
	pid_t p;

	/* a tenth faster, and never back */
	adj(&t);
	effect("tick", t.tick == 11000);
	last = ns(CLOCK_MONOTONIC);
	for (int i = 0; i < 2000; i++) {
		t = (struct timex){ .modes = ADJ_TICK,
			.tick = i & 1 ? 9000 : 11000 };
		if (!(i % 100))
			adj(&t);
		m = ns(CLOCK_MONOTONIC);
		ok &= m >= last;
		last = m;
		m = (i & 1 ? syscall(SYS_clock_gettime, CLOCK_MONOTONIC,
				     &(struct timespec){ 0, 0 }) : 0);
	}
	effect("never back", ok);
	t = (struct timex){ .modes = ADJ_TICK | ADJ_FREQUENCY, .tick = 10000,
		.freq = 100 << 16 };
	adj(&t);
	effect("freq", t.freq == 100 << 16 && t.tick == 10000);
	t = (struct timex){ .modes = ADJ_FREQUENCY };
	adj(&t);
	/* steps */
	a = ns(CLOCK_REALTIME);
	m = ns(CLOCK_MONOTONIC);
	t = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO,
		.time = { 1000, 5 } };
	adj(&t);
	b = ns(CLOCK_REALTIME) - a - (ns(CLOCK_MONOTONIC) - m);
	effect("step", b > 999 * SEC && b < 1001 * SEC);
	t = (struct timex){ .modes = ADJ_TAI, .constant = 37 };
	adj(&t);
	b = ns(CLOCK_TAI) - ns(CLOCK_REALTIME);
	effect("tai", t.tai == 37 && b > 36 * SEC && b < 38 * SEC);
	t = (struct timex){ .modes = ADJ_STATUS | ADJ_NANO, .status = STA_PLL };
	adj(&t);
	effect("status", (t.status & 0xff) == STA_PLL);
	t = (struct timex){ .modes = ADJ_OFFSET, .offset = 100000000 };
	adj(&t);
	effect("offset", t.offset > 0 && t.offset <= 100000000);
	t = (struct timex){ .modes = 0x8001, .offset = 1234 };
	adj(&t);
	effect("no single shot before", t.offset == 0);
	t = (struct timex){ .modes = 0xa001 };
	adj(&t);
	effect("single shot", t.offset > 0 && t.offset <= 1234);
	/* who waits for a time that is jumped over */
	fd = (int)syscall(SYS_timerfd_create, CLOCK_REALTIME, 0);
	fd2 = (int)syscall(SYS_timerfd_create, CLOCK_REALTIME, 0);
	syscall(SYS_timerfd_settime, fd, 1, &its, NULL);
	syscall(SYS_timerfd_settime, fd2, 3, &its, NULL);
	p = fork();
	if (!p)
		_exit((int)syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 1,
				   &its.it_value, NULL));
	usleep(2000);
	set_real(3000000000 * SEC);
	effect("cancelled", read(fd2, &v, 8) == -1 && errno == ECANCELED);
	effect("not yet", poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 0) == 0);
	set_real(4000000001 * SEC);
	effect("fired", read(fd, &v, 8) == 8 && v == 1);
	waitpid(p, &st, 0);
	effect("woken", st == 0);
	effect("cancelled again", read(fd2, &v, 8) == -1 &&
	       errno == ECANCELED);
	effect("then ticks", syscall(SYS_timerfd_settime, fd2, 3, &its,
				     NULL) == 0 && read(fd2, &v, 8) == 8);
}

static void
nothing(void)
{
	static const char *const names[] = { "tick", "never back", "freq",
		"step", "tai", "status", "offset", "no single shot before",
		"single shot", "cancelled", "not yet", "fired", "woken",
		"cancelled again", "then ticks" };

	for (size_t i = 0; i < NELEM(names); i++)
		effect(names[i], 0);
}

int
main(void)
{
	/* booted for the tests, so a machine of our own: see guest.py */
	guest = access("/gt/list", F_OK) == 0;
	errors();
	as_user("user", as_nobody);
	if (guest)
		changing();
	else
		nothing();
	return 0;
}
