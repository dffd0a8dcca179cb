/* SPDX-License-Identifier: MIT */
/* Clocks and sleeping, by the vDSO and by the call. */
#include "gt.h"
#include <sys/auxv.h>
#include <sys/timex.h>

static int64_t
ns(const struct timespec *t)
{
	return t->tv_sec * 1000000000ll + t->tv_nsec;
}

static volatile int hits;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)s, (void)i, (void)u;
	hits++;
}

int
main(void)
{
	struct timespec t, t2, r;
	struct timeval tv;
	int ok;
	char nm[32];

	for (int c = -1; c <= 12; c++) {
		int e = (int)syscall(SYS_clock_getres, c, &r);

		snprintf(nm, sizeof(nm), "clock %d", c);
		if (e < 0) {
			if (c < 8 || c > 9)
				out("%s: %s", nm, gt_errno(errno));
			continue;
		}
		if (c == 8 || c == 9)
			continue;
		e = (int)syscall(SYS_clock_gettime, c, &t);
		out("%s: res %s, get %s, nsec in range %d", nm,
		    r.tv_nsec == 1 ? "1 ns" : r.tv_nsec >= 1000000 &&
		    r.tv_nsec <= 10000000 ? "a tick" : "?",
		    e ? gt_errno(errno) : "ok", t.tv_nsec >= 0 && t.tv_nsec <
		    1000000000);
	}
	val("gettime bad pointer", syscall(SYS_clock_gettime, 1, BAD));
	val("getres null", syscall(SYS_clock_getres, 1, NULL));
	val("gettime clock 77", syscall(SYS_clock_gettime, 77, &t));
	val("gettimeofday null", syscall(SYS_gettimeofday, NULL, NULL));
	val("gettimeofday bad", syscall(SYS_gettimeofday, BAD, NULL));
	val("time bad", syscall(SYS_time, BAD));
	/* the clocks agree with one another */
	ok = 1;
	clock_gettime(CLOCK_MONOTONIC, &t);
	for (int i = 0; i < 2000; i++) {
		if (i & 1)
			clock_gettime(CLOCK_MONOTONIC, &t2);
		else
			syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t2);
		ok &= ns(&t2) >= ns(&t);
		t = t2;
	}
	out("monotonic over vDSO and call: %d", ok);
	clock_gettime(CLOCK_REALTIME, &t);
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &t2);
	gettimeofday(&tv, NULL);
	int64_t d = ns(&t2) - ns(&t);
	yes("realtime agrees with the call", d >= 0 && d < 50000000);
	d = tv.tv_sec * 1000000000ll + tv.tv_usec * 1000ll - ns(&t);
	yes("gettimeofday agrees", d > -50000000 && d < 50000000);
	time_t tt = time(NULL);
	yes("time agrees", tt - t.tv_sec <= 1 && tt >= t.tv_sec - 1);
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	clock_gettime(CLOCK_MONOTONIC, &t2);
	d = ns(&t2) - ns(&t);
	yes("coarse is at most 20 ms old", d >= 0 && d < 20000000);
	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	clock_gettime(CLOCK_REALTIME, &t2);
	d = ns(&t2) - ns(&t);
	yes("realtime coarse too", d >= 0 && d < 20000000);
	clock_gettime(CLOCK_MONOTONIC, &t);
	clock_gettime(CLOCK_BOOTTIME, &t2);
	yes("boottime not behind", ns(&t2) >= ns(&t));
	yes("the year is sane", time(NULL) > 1700000000);
	yes("vdso present", getauxval(33) != 0);
	/* sleeping */
	int64_t a = now_ms();
	t = (struct timespec){ 0, 50000000 };
	val("nanosleep", syscall(SYS_nanosleep, &t, &r));
	d = now_ms() - a;
	yes("50 ms took at least 50", d >= 50);
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += 30000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	val("absolute", syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 1, &t,
				NULL));
	clock_gettime(CLOCK_MONOTONIC, &t2);
	yes("not before", ns(&t2) >= ns(&t));
	val("absolute in the past", syscall(SYS_clock_nanosleep,
		CLOCK_MONOTONIC, 1, &(struct timespec){ 0, 1 }, NULL));
	val("realtime past", syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 1,
				     &(struct timespec){ 5, 0 }, NULL));
	t = (struct timespec){ 0, 1000000000 };
	val("nsec 1e9", syscall(SYS_nanosleep, &t, &r));
	t = (struct timespec){ -1, 0 };
	val("negative", syscall(SYS_nanosleep, &t, &r));
	t = (struct timespec){ 0, -1 };
	val("negative nsec", syscall(SYS_nanosleep, &t, &r));
	val("bad pointer", syscall(SYS_nanosleep, BAD, &r));
	t = (struct timespec){ 0, 0 };
	val("zero", syscall(SYS_nanosleep, &t, &r));
	val("zero bad rest", syscall(SYS_nanosleep, &t, BAD));
	val("clock 77", syscall(SYS_clock_nanosleep, 77, 0, &t, NULL));
	val("thread cputime", syscall(SYS_clock_nanosleep,
				      CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL));
	val("bad flags", syscall(SYS_clock_nanosleep, 1, 8, &t, NULL));
	/* interrupted: the rest is told for relative, not for absolute */
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	on_signal(SIGALRM, h, SA_RESTART, 0);
	setitimer(ITIMER_REAL, &it, NULL);
	t = (struct timespec){ 0, 200000000 };
	r = (struct timespec){ 7, 7 };
	val("interrupted", syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0,
				   &t, &r));
	yes("rest is written", r.tv_sec == 0 && r.tv_nsec <=
	    195000000 && r.tv_nsec > 0);
	setitimer(ITIMER_REAL, &it, NULL);
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += 2;
	r = (struct timespec){ 7, 7 };
	val("absolute interrupted", syscall(SYS_clock_nanosleep,
					    CLOCK_MONOTONIC, 1, &t, &r));
	yes("rest untouched", r.tv_sec == 7);
	setitimer(ITIMER_REAL, &it, NULL);
	t = (struct timespec){ 0, 100000000 };
	val("bad rest when interrupted", syscall(SYS_nanosleep, &t, BAD));
	/* processor time */
	volatile unsigned long n = 0;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (n < 20000000)
		n++;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t2);
	d = ns(&t2) - ns(&t);
	yes("process time runs", d > 1000000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	msleep(50);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t2);
	yes("not while asleep", ns(&t2) - ns(&t) < 40000000);
	clockid_t id;
	yes("clock of a process", clock_getcpuclockid(1, &id) == 0 &&
	    clock_gettime(id, &t) == 0);
	/* setting */
	val("settime monotonic", syscall(SYS_clock_settime, CLOCK_MONOTONIC,
					 &t));
	t = (struct timespec){ 5, 2000000000 };
	val("settime nsec", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	val("settime bad", syscall(SYS_clock_settime, CLOCK_REALTIME, BAD));
	pid_t c = fork();
	if (c == 0) {
		gt_drop();
		clock_gettime(CLOCK_REALTIME, &t);
		val("settime as user", syscall(SYS_clock_settime,
					       CLOCK_REALTIME, &t));
		val("settimeofday as user", syscall(SYS_settimeofday, &tv,
						    NULL));
		_exit(0);
	}
	waitpid(c, NULL, 0);
	unsigned cpu = 999, node = 999;
	val("getcpu", syscall(SYS_getcpu, &cpu, &node, NULL));
	yes("cpu sane", cpu < 256 && node < 64);
	val("getcpu null", syscall(SYS_getcpu, NULL, NULL, NULL));
	val("getcpu bad", syscall(SYS_getcpu, BAD, NULL, NULL));
	return 0;
}
