/* SPDX-License-Identifier: MIT */
/* getrlimit, setrlimit, prlimit; CPU time limit; priorities; getrusage. */
#include "gt.h"
#include <sys/times.h>

static int
prl(pid_t p, int r, const struct rlimit *n, struct rlimit *o)
{
	return (int)syscall(SYS_prlimit64, p, r, n, o);
}

static const char *
lim(rlim_t v)
{
	static char b[4][24];
	static int i;

	i = (i + 1) & 3;
	if (v == RLIM_INFINITY)
		return "inf";
	sprintf(b[i], "%llu", (unsigned long long)v);
	return b[i];
}

static volatile int xcpu;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)i, (void)u;
	xcpu++;
	if (xcpu == 1)
		out("caught %s", gt_sig(s));
}

static void
cpu_hard(void)
{
	struct rlimit r = { 1, 2 };
	volatile unsigned long n = 0;

	on_signal(SIGXCPU, h, SA_RESTART, 0);
	setrlimit(RLIMIT_CPU, &r);
	while (1)
		n++;
}

static void
user(void)
{
	struct rlimit r = { 5, 10 }, o;

	val("raise own hard", (r.rlim_max = 1 << 20,
			       setrlimit(RLIMIT_NOFILE, &r)));
	r = (struct rlimit){ 50, 4096 };
	val("lower soft", setrlimit(RLIMIT_NOFILE, &r));
	r = (struct rlimit){ 50, 60 };
	val("lower hard", setrlimit(RLIMIT_NOFILE, &r));
	r = (struct rlimit){ 50, 61 };
	val("raise it again", setrlimit(RLIMIT_NOFILE, &r));
	r = (struct rlimit){ 60, 60 };
	val("soft to hard", setrlimit(RLIMIT_NOFILE, &r));
	val("another's", prl(1, RLIMIT_NOFILE, NULL, &o));
	val("nice up", setpriority(PRIO_PROCESS, 0, 5));
	val("nice down", setpriority(PRIO_PROCESS, 0, 0));
	val("nice of another", setpriority(PRIO_PROCESS, getppid(), 6));
}

int
main(void)
{
	static const char *names[] = { "CPU", "FSIZE", "DATA", "STACK",
		"CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS",
		"SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME" };
	struct rlimit r, o;
	pid_t c;
	int st;

	for (int i = 0; i < 16; i++) {
		if (prl(0, i, NULL, &r) < 0)
			out("%s: %s", names[i], gt_errno(errno));
		else
			out("%s: %s %s", names[i], lim(r.rlim_cur),
			    lim(r.rlim_max));
	}
	val("resource 16", prl(0, 16, NULL, &r));
	val("resource -1", prl(0, -1, NULL, &r));
	val("getrlimit 99", syscall(SYS_getrlimit, 99, &r));
	val("getrlimit bad", syscall(SYS_getrlimit, 7, BAD));
	val("setrlimit bad", syscall(SYS_setrlimit, 7, BAD));
	r = (struct rlimit){ 10, 5 };
	val("soft over hard", setrlimit(RLIMIT_NOFILE, &r));
	r = (struct rlimit){ 10, 1ull << 40 };
	val("NOFILE over nr_open", setrlimit(RLIMIT_NOFILE, &r));
	val("no process", prl(999999, 7, NULL, &r));
	c = fork();
	if (c == 0)
		for (;;)
			pause();
	r = (struct rlimit){ 33, 44 };
	val("child's", prl(c, RLIMIT_NOFILE, &r, &o));
	out("old %s %s", lim(o.rlim_cur), lim(o.rlim_max));
	prl(c, RLIMIT_NOFILE, NULL, &o);
	out("new %s %s", lim(o.rlim_cur), lim(o.rlim_max));
	kill(c, SIGKILL);
	waitpid(c, NULL, 0);
	as_user("user", user);
	in_child("CPU hard limit", cpu_hard);
	/* priorities */
	val("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	val("set 10", setpriority(PRIO_PROCESS, 0, 10));
	val("getpriority raw", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	val("set -100", setpriority(PRIO_PROCESS, 0, -100));
	val("getpriority raw", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	val("set 100", setpriority(PRIO_PROCESS, 0, 100));
	val("getpriority raw", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	val("set 0", setpriority(PRIO_PROCESS, 0, 0));
	val("which 9", syscall(SYS_getpriority, 9, 0));
	val("no process", syscall(SYS_getpriority, PRIO_PROCESS, 999999));
	val("group", syscall(SYS_getpriority, PRIO_PGRP, 0));
	val("sched_getscheduler", syscall(SYS_sched_getscheduler, 0));
	val("prio max FIFO", syscall(SYS_sched_get_priority_max, 1));
	val("prio min OTHER", syscall(SYS_sched_get_priority_min, 0));
	val("prio max bad", syscall(SYS_sched_get_priority_max, 77));
	int prio = 77;
	val("getparam", syscall(SYS_sched_getparam, 0, &prio));
	out("param %d", prio);
	unsigned long mask[16] = { 0 };
	long n = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
	yes("affinity", n >= 8 && (mask[0] & 1));
	val("affinity too small", syscall(SYS_sched_getaffinity, 0, 1,
					  mask));
	val("affinity bad", syscall(SYS_sched_getaffinity, 0, 128, BAD));
	val("set affinity 0", (mask[0] = 1, syscall(SYS_sched_setaffinity, 0,
						    8, mask)));
	val("set affinity none", (mask[0] = 0,
		syscall(SYS_sched_setaffinity, 0, 8, mask)));
	val("yield", sched_yield());
	/* usage */
	struct rusage ru;
	volatile unsigned long spin = 0;

	while (spin < 30000000)
		spin++;
	val("getrusage self", getrusage(RUSAGE_SELF, &ru));
	yes("some time", ru.ru_utime.tv_sec || ru.ru_utime.tv_usec ||
	    ru.ru_stime.tv_usec);
	yes("faults", ru.ru_minflt > 0);
	yes("voluntary switches", ru.ru_nvcsw > 0);
	val("getrusage children", getrusage(RUSAGE_CHILDREN, &ru));
	yes("children's seconds", ru.ru_utime.tv_sec + ru.ru_stime.tv_sec
	    >= 1);
	val("getrusage thread", syscall(SYS_getrusage, 1, &ru));
	val("getrusage bad", syscall(SYS_getrusage, 5, &ru));
	val("getrusage pointer", syscall(SYS_getrusage, 0, BAD));
	struct tms t;
	yes("times", times(&t) > 0 && t.tms_cutime >= 100);
	val("times bad", syscall(SYS_times, BAD));
	waitpid(-1, &st, WNOHANG);
	return 0;
}
