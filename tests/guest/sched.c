/* SPDX-License-Identifier: MIT */
/*
 * Policies and nice values act: shares of CPU time among spinning processes on
 * one CPU, in ratios that any load of the machine leaves as they are; and
 * RLIMIT_RTTIME.
 */
#include "gt.h"

#define S(...) syscall(__VA_ARGS__)

static volatile uint64_t *count;	/* shared: loops of each spinner */

static void
pin(void)
{
	unsigned long one = 1;

	NEED(S(SYS_sched_setaffinity, 0, sizeof(one), &one));
}

static int64_t
cpu_us(pid_t p)
{
	struct timespec t = { 0, 0 };
	clockid_t c = (~(clockid_t)p << 3) | 2;

	S(SYS_clock_gettime, c, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static pid_t
spinner(int policy, int prio, int nice)
{
	pid_t p = fork();

	if (p == 0) {
		if (policy)
			NEED(S(SYS_sched_setscheduler, 0, policy, &prio));
		if (nice)
			NEED(S(SYS_setpriority, PRIO_PROCESS, 0, nice));
		raise(SIGSTOP);
		for (;;)
			++*count;
	}
	waitpid(p, NULL, WUNTRACED);
	return p;
}

/* both run until they used 800 ms together: hundredths of a's part */
static int
share(pid_t a, pid_t b)
{
	int top = 50;
	int64_t x, y;

	NEED(S(SYS_sched_setscheduler, 0, SCHED_FIFO, &top));
	kill(a, SIGCONT);
	kill(b, SIGCONT);
	do {
		msleep(10);
		x = cpu_us(a);
		y = cpu_us(b);
	} while (x + y < 800000);
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	waitpid(a, NULL, 0);
	waitpid(b, NULL, 0);
	top = 0;
	NEED(S(SYS_sched_setscheduler, 0, SCHED_OTHER, &top));
	return (int)(x * 100 / (x + y));
}

static void
about(const char *name, int got, int want, int off)
{
	if (got >= want - off && got <= want + off)
		out("%s: about %d %%", name, want);
	else
		out("%s: %d %%, not %d", name, got, want);
}

static void
t_shares(void)
{
	pin();
	about("equal", share(spinner(0, 0, 0), spinner(0, 0, 0)), 50, 6);
	about("nice 5", share(spinner(0, 0, 5), spinner(0, 0, 0)), 25, 6);
	about("nice 19", share(spinner(0, 0, 19), spinner(0, 0, 0)), 2, 3);
	about("nice -5", share(spinner(0, 0, -5), spinner(0, 0, 0)), 75, 6);
	about("batch", share(spinner(SCHED_BATCH, 0, 0), spinner(0, 0, 0)),
	      50, 6);
	about("idle", share(spinner(SCHED_IDLE, 0, 0), spinner(0, 0, 0)), 1,
	      3);
	about("round robin", share(spinner(SCHED_RR, 3, 0),
				   spinner(SCHED_RR, 3, 0)), 50, 30);
	about("fifo", share(spinner(SCHED_FIFO, 3, 0), spinner(0, 0, 0)), 97,
	      4);
	about("rr above fifo", share(spinner(SCHED_RR, 4, 0),
				     spinner(SCHED_FIFO, 3, 0)), 98, 4);
}

static volatile int xcpu;

static void
on_xcpu(int s, siginfo_t *i, void *u)
{
	(void)s; (void)i; (void)u;
	xcpu++;
}

/* told after 100 ms, killed after 300 */
static void
t_rttime(void)
{
	struct rlimit r = { 100000, 300000 };
	int prio = 1;

	pin();
	on_signal(SIGXCPU, on_xcpu, 0, 0);
	NEED(setrlimit(RLIMIT_RTTIME, &r));
	NEED(S(SYS_sched_setscheduler, 0, SCHED_FIFO, &prio));
	while (!xcpu)
		;
	out("told");
	NEED(getrlimit(RLIMIT_RTTIME, &r));
	VAL(r.rlim_cur);
	for (;;)
		;
}

static void
t_reset(void)
{
	int prio = 5, st;
	pid_t p;

	VAL(S(SYS_sched_setscheduler, 0, SCHED_FIFO | 0x40000000, &prio));
	VAL(S(SYS_sched_getscheduler, 0));
	p = fork();
	if (p == 0) {
		VAL(S(SYS_sched_getscheduler, 0));
		_exit(0);
	}
	waitpid(p, &st, 0);
	prio = 0;
	VAL(S(SYS_sched_setscheduler, 0, 0x40000000, &prio));
	NEED(setpriority(PRIO_PROCESS, 0, -4));
	p = fork();
	if (p == 0) {
		VAL(S(SYS_getpriority, PRIO_PROCESS, 0));
		VAL(S(SYS_sched_getscheduler, 0));
		_exit(0);
	}
	waitpid(p, &st, 0);
}

int
main(void)
{
	count = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	setpriority(PRIO_PROCESS, 0, 0);
	in_child("shares", t_shares);
	in_child("rttime", t_rttime);
	in_child("reset", t_reset);
	return 0;
}
