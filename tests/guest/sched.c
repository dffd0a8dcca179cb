/* SPDX-License-Identifier: MIT */
/*
 * Policies and nice values act: shares of CPU time among spinning processes on
 * one CPU, in ratios that any load of the machine leaves as they are; and
 * RLIMIT_RTTIME, RLIMIT_RTPRIO, RLIMIT_NICE, the files in /proc/sys/kernel.
 */
#include <stdbool.h>

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

/* both run until they used ms together: hundredths of a's part */
static int
share_of(pid_t a, pid_t b, int64_t ms)
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
	} while (x + y < ms * 1000);
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	waitpid(a, NULL, 0);
	waitpid(b, NULL, 0);
	top = 0;
	NEED(S(SYS_sched_setscheduler, 0, SCHED_OTHER, &top));
	return (int)(x * 100 / (x + y));
}

static int
share(pid_t a, pid_t b)
{
	return share_of(a, b, 1200);
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
	/* sixteen turns of 100 ms; the parent wakes in the middle of some */
	about("round robin", share_of(spinner(SCHED_RR, 3, 0),
				      spinner(SCHED_RR, 3, 0), 1600), 50, 9);
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

/* on some hosts root may not raise limits: then there is nothing to see */
static bool
become_user(rlim_t rtprio, rlim_t nice)
{
	struct rlimit r = { rtprio, rtprio }, n = { nice, nice };

	if (setrlimit(RLIMIT_RTPRIO, &r) || setrlimit(RLIMIT_NICE, &n))
		return false;
	NEED(S(SYS_setresuid, 1000, 1000, 1000));
	return true;
}

static void
is(const char *what, long r, int want)
{
	int e = r < 0 ? errno : 0;

	if (e != want)
		out("%s: %s", what, e ? gt_errno(e) : "0");
}

static int
policy(pid_t p, int pol, int prio)
{
	return (int)S(SYS_sched_setscheduler, p, pol, &prio);
}

static int
param(int prio)
{
	return (int)S(SYS_sched_setparam, 0, &prio);
}

static void
t_rtprio(void)
{
	struct rlimit none = { 0, 10 };

	if (!become_user(10, 0))
		return;
	is("FIFO above", policy(0, SCHED_FIFO, 11), EPERM);
	is("RR at the limit", policy(0, SCHED_RR, 10), 0);
	is("up above", param(11), EPERM);
	is("down", param(4), 0);
	is("up within", param(9), 0);
	is("another's", policy(getppid(), SCHED_FIFO, 1), EPERM);
	is("back to OTHER", policy(0, SCHED_OTHER, 0), 0);
	is("FIFO within", policy(0, SCHED_FIFO, 2), 0);
	/* a limit of nothing: what one has may stay and sink, not change */
	NEED(setrlimit(RLIMIT_RTPRIO, &none));
	is("same, no limit", param(2), 0);
	is("down, no limit", param(1), 0);
	is("up, no limit", param(2), EPERM);
	is("other class, no limit", policy(0, SCHED_RR, 1), EPERM);
	is("OTHER, no limit", policy(0, SCHED_OTHER, 0), 0);
	is("FIFO, no limit", policy(0, SCHED_FIFO, 1), EPERM);
}

static void
t_nice(void)
{
	struct rlimit low = { 5, 25 };

	if (!become_user(0, 25))
		return;
	is("beyond", S(SYS_setpriority, PRIO_PROCESS, 0, -6), EACCES);
	is("at the limit", S(SYS_setpriority, PRIO_PROCESS, 0, -5), 0);
	is("nicer", S(SYS_setpriority, PRIO_PROCESS, 0, 10), 0);
	is("back", S(SYS_setpriority, PRIO_PROCESS, 0, 0), 0);
	is("IDLE", policy(0, SCHED_IDLE, 0), 0);
	is("out of IDLE", policy(0, SCHED_OTHER, 0), 0);
	NEED(setrlimit(RLIMIT_NICE, &low));
	is("less nice, low", S(SYS_setpriority, PRIO_PROCESS, 0, -1), EACCES);
	is("BATCH, low", policy(0, SCHED_BATCH, 0), 0);
	is("IDLE, low", policy(0, SCHED_IDLE, 0), 0);
	is("out of IDLE, low", policy(0, SCHED_OTHER, 0), EPERM);
}

static void
show(const char *name)
{
	char p[64], b[32] = "";
	int fd;

	snprintf(p, sizeof(p), "/proc/sys/kernel/%s", name);
	fd = open(p, O_RDONLY);
	if (read(fd, b, sizeof(b) - 1) > 0)
		b[strcspn(b, "\n")] = 0;
	close(fd);
	out("%s: %s", name, b);
}

/* what they do is for tests that own the machine */
static void
t_files(void)
{
	static const char *const f[] = { "sched_rt_period_us",
		"sched_rt_runtime_us", "sched_rr_timeslice_ms" };
	struct timespec t;
	int prio = 1;

	for (size_t i = 0; i < NELEM(f); i++)
		show(f[i]);
	VAL(S(SYS_sched_setscheduler, 0, SCHED_RR, &prio));
	NEED(S(SYS_sched_rr_get_interval, 0, &t));
	VAL(t.tv_nsec);
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
	in_child("rtprio", t_rtprio);
	in_child("nice", t_nice);
	in_child("files", t_files);
	return 0;
}
