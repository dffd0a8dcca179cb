/* SPDX-License-Identifier: MIT */
/* timer_create(2) and its kin, CPU-time clocks, clock_nanosleep(2) on them. */
#include "gt.h"
#include <pthread.h>

#define SEC 1000000000l
#define MS 1000000l

static struct itimerspec
its(long value_ns, long interval_ns)
{
	return (struct itimerspec){
		.it_value = { value_ns / SEC, value_ns % SEC },
		.it_interval = { interval_ns / SEC, interval_ns % SEC },
	};
}

struct ev {
	union sigval v;
	int signo, notify, tid, pad[11];
};

static int
mk(int clock, int notify, int sig, int tid)
{
	struct ev e = { .v = { .sival_int = 77 }, .signo = sig,
		.notify = notify, .tid = tid };
	int id = -2;

	if (syscall(SYS_timer_create, clock, &e, &id) < 0)
		return -1;
	return id;
}

static int
set(int id, int flags, long value_ns, long interval_ns)
{
	struct itimerspec n = its(value_ns, interval_ns);

	return (int)syscall(SYS_timer_settime, id, flags, &n, NULL);
}

static int
del(int id)
{
	return (int)syscall(SYS_timer_delete, id);
}

static void
take(const char *name, uint64_t mask, long ms)
{
	siginfo_t i;
	struct timespec ts = { ms / 1000, ms % 1000 * MS };
	int s = (int)syscall(SYS_rt_sigtimedwait, &mask, &i, &ts, 8);

	if (s < 0)
		out("%s: %s", name, gt_errno(errno));
	else
		out("%s: %s code %d value %d overrun %s", name, gt_sig(s),
		    i.si_code, i.si_value.sival_int, *name == '~' ? "?" :
		    i.si_overrun ? "some" : "0");	/* ~: as it comes */
}
#define M(s) (1ul << ((s) - 1))

static long
ns_of(int clock)
{
	struct timespec t;

	if (syscall(SYS_clock_gettime, clock, &t) < 0)
		return -1;
	return t.tv_sec * SEC + t.tv_nsec;
}

static void
burn(int clock, long ns)
{
	long end = ns_of(clock) + ns;

	while (ns_of(clock) < end)
		;
}

static void
errors(void)
{
	struct itimerspec n = its(0, 0), o;
	char nm[40];
	int id = 0, p[2];
	struct ev e = { .signo = SIGUSR1 };

	for (int c = -1; c <= 12; c++) {
		if (c == 8 || c == 9)
			continue;
		snprintf(nm, sizeof(nm), "clock %d", c);
		id = mk(c, SIGEV_NONE, 0, 0);
		okay(nm, id);
		if (id >= 0)
			del(id);
	}
	VAL(mk(77, SIGEV_NONE, 0, 0));
	VAL(mk(1, SIGEV_SIGNAL, 0, 0));
	VAL(mk(1, SIGEV_SIGNAL, 65, 0));
	VAL(mk(1, SIGEV_SIGNAL, -1, 0));
	VAL(mk(1, 3, SIGUSR1, 0));
	VAL(mk(1, 4, SIGUSR1, 0));
	VAL(mk(1, 4, SIGUSR1, 1));
	VAL(mk(1, 5, SIGUSR1, getpid()));
	VAL(mk(1, 8, SIGUSR1, 0));
	VAL(syscall(SYS_timer_create, 1, BAD, &id));
	VAL(syscall(SYS_timer_create, 1, &e, BAD));
	VAL(syscall(SYS_timer_create, 1, &e, NULL));
	VAL(syscall(SYS_timer_create, 77, BAD, &id));
	id = mk(1, SIGEV_SIGNAL, SIGUSR1, 0);
	VAL(syscall(SYS_timer_settime, id, 0, NULL, NULL));
	VAL(syscall(SYS_timer_settime, id, 0, BAD, NULL));
	VAL(syscall(SYS_timer_settime, id, 0, &n, BAD));
	VAL(syscall(SYS_timer_settime, id, 0x70, &n, NULL));
	VAL(syscall(SYS_timer_settime, -1, 0, &n, NULL));
	VAL(syscall(SYS_timer_settime, 9999, 0, &n, NULL));
	n.it_value.tv_nsec = SEC;
	VAL(syscall(SYS_timer_settime, id, 0, &n, NULL));
	n = its(0, 0);
	n.it_interval.tv_nsec = -1;
	VAL(syscall(SYS_timer_settime, id, 0, &n, NULL));
	VAL(syscall(SYS_timer_gettime, id, BAD));
	VAL(syscall(SYS_timer_gettime, id + 1, &o));
	VAL(syscall(SYS_timer_getoverrun, id));
	VAL(syscall(SYS_timer_getoverrun, id + 1));
	VAL(del(id));
	VAL(del(id));
	VAL(del(-1));
	/* a pid of another process for a thread clock; none at all */
	NEED(pipe(p));
	VAL(mk((-2 * 8) | 6, SIGEV_NONE, 0, 0));
	VAL(mk((-5000000 * 8) | 2, SIGEV_NONE, 0, 0));
	VAL(mk((~getpid() * 8) | 3, SIGEV_NONE, 0, 0));
	VAL(ns_of((-5000000 * 8) | 2));
	VAL(ns_of((-2 * 8) | 6));
}

static void
firing(void)
{
	int id = mk(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0), id2, dfl = -1;
	struct itimerspec o;
	struct timespec ts = { 0, 20 * MS };

	VAL(set(id, 0, 1, 0));
	take("one shot", M(SIGUSR1), 5000);
	take("no more", M(SIGUSR1), 3);
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(!o.it_value.tv_sec && !o.it_value.tv_nsec);
	VAL(set(id, 0, MS, MS));
	nanosleep(&ts, NULL);
	take("periodic", M(SIGUSR1), 5000);
	YES(syscall(SYS_timer_getoverrun, id) >= 10);
	VAL(set(id, 0, 1, 1000 * SEC));
	take("periodic again", M(SIGUSR1), 5000);
	/* setting takes a pending signal back */
	VAL(set(id, 0, 1, 0));
	nanosleep(&ts, NULL);
	VAL(set(id, 0, 1000 * SEC, 5 * SEC));
	take("taken back", M(SIGUSR1), 0);
	VAL(syscall(SYS_timer_getoverrun, id));
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(o.it_value.tv_sec >= 900 && o.it_value.tv_sec <= 1000 &&
	    o.it_interval.tv_sec == 5);
	VAL(syscall(SYS_timer_settime, id, 0, &(struct itimerspec){ 0 }, &o));
	YES(o.it_value.tv_sec >= 900 && o.it_interval.tv_sec == 5);
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(!o.it_value.tv_sec && !o.it_interval.tv_sec);
	VAL(set(id, 0, 0, SEC));
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(!o.it_interval.tv_sec);
	/* deletion too */
	VAL(set(id, 0, 1, 0));
	nanosleep(&ts, NULL);
	VAL(del(id));
	take("deleted", M(SIGUSR1), 0);
	/* real time signals, several timers */
	id = mk(CLOCK_REALTIME, SIGEV_SIGNAL, 40, 0);
	id2 = mk(CLOCK_BOOTTIME, SIGEV_THREAD, 40, 0);
	YES(id2 != id);
	VAL(set(id, 0, 1, 0));
	VAL(set(id2, 0, 1, 0));
	nanosleep(&ts, NULL);
	take("first", M(40), 5000);
	take("second", M(40), 5000);
	take("none", M(40), 0);
	/* absolute and long ago */
	VAL(set(id, 1, SEC, 0));
	take("past", M(40), 5000);
	VAL(set(id, 1, ns_of(CLOCK_REALTIME) + 2 * MS, 0));
	take("soon", M(40), 5000);
	YES(syscall(SYS_timer_create, CLOCK_TAI, NULL, &dfl) == 0);
	VAL(set(dfl, 0, 1, 0));
	nanosleep(&ts, NULL);
	{
		uint64_t m = M(SIGALRM);
		siginfo_t i;

		VAL(syscall(SYS_rt_sigtimedwait, &m, &i, NULL, 8));
		YES(i.si_value.sival_int == dfl && i.si_code == SI_TIMER);
	}
	del(id);
	del(id2);
	del(dfl);
}

static void
none(void)
{
	int id = mk(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
	struct itimerspec o;
	struct timespec ts = { 0, 2 * MS };

	VAL(set(id, 0, 1000 * SEC, 0));
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(o.it_value.tv_sec > 900);
	VAL(set(id, 0, 1, 0));
	nanosleep(&ts, NULL);
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(!o.it_value.tv_sec && !o.it_value.tv_nsec);
	VAL(set(id, 0, 1, 1000 * SEC));
	nanosleep(&ts, NULL);
	VAL(syscall(SYS_timer_gettime, id, &o));
	YES(o.it_value.tv_sec > 900);
	del(id);
}

static volatile int hits;
static void
hit(int s)
{
	(void)s;
	hits++;
}

static void
ignoring(void)
{
	int id = mk(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2, 0);
	struct timespec ts = { 0, 5 * MS };
	uint64_t m = M(SIGUSR2);

	syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &m, NULL, 8);
	signal(SIGUSR2, SIG_IGN);
	VAL(set(id, 0, 1, 0));
	nanosleep(&ts, NULL);
	signal(SIGUSR2, hit);
	YES(hits == 0);
	signal(SIGUSR2, SIG_IGN);
	VAL(set(id, 0, MS, MS));
	nanosleep(&ts, NULL);
	signal(SIGUSR2, hit);
	while (hits < 3)
		nanosleep(&ts, NULL);
	YES(hits >= 3);
	del(id);
	hits = 0;
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &m, NULL, 8);
}

static void *
thread(void *arg)
{
	int id;

	*(int *)arg = (int)syscall(SYS_gettid);
	id = mk(CLOCK_MONOTONIC, 4, SIGUSR1, *(int *)arg);
	okay("thread timer", id);
	VAL(set(id, 0, 1, 0));
	take("thread", M(SIGUSR1), 5000);
	VAL(set(id, 0, MS, MS));
	take("~thread", M(SIGUSR1), 5000);
	return NULL;
}

static void
threads(void)
{
	struct timespec ts = { 0, 5 * MS };
	pthread_t t;
	int tid, id;

	pthread_create(&t, NULL, thread, &tid);
	pthread_join(t, NULL);
	nanosleep(&ts, NULL);
	take("nobody", M(SIGUSR1), 0);
	id = mk(CLOCK_MONOTONIC, 4, SIGUSR1, (int)syscall(SYS_gettid));
	VAL(set(id, 0, 1, 0));
	take("main", M(SIGUSR1), 5000);
	del(id);
}

static void
cpu(void)
{
	static const int clocks[] = { CLOCK_PROCESS_CPUTIME_ID,
		CLOCK_THREAD_CPUTIME_ID };
	struct itimerspec o;

	for (size_t i = 0; i < 2; i++) {
		int c = clocks[i], id = mk(c, SIGEV_SIGNAL, SIGUSR1, 0);

		okay("cpu timer", id);
		VAL(set(id, 0, 20 * MS, 0));
		VAL(syscall(SYS_timer_gettime, id, &o));
		YES(!o.it_value.tv_sec && o.it_value.tv_nsec > 0 &&
		    o.it_value.tv_nsec <= 20 * MS);
		burn(c, 60 * MS);
		take("burnt", M(SIGUSR1), 0);
		take("once", M(SIGUSR1), 0);
		VAL(set(id, 0, 10 * MS, 10 * MS));
		burn(c, 60 * MS);
		take("periodic", M(SIGUSR1), 0);
		burn(c, 60 * MS);
		take("periodic", M(SIGUSR1), 0);
		VAL(set(id, 1, 1, 0));
		take("past", M(SIGUSR1), 5000);
		VAL(del(id));
	}
}

static void
sleeping(void)
{
	struct timespec ts = { 0, 10 * MS };
	int pp[2], st, c;
	long a;
	pid_t p;

	VAL(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL));
	VAL(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &ts, NULL));
	VAL(syscall(SYS_clock_nanosleep, 10, 0, &ts, NULL));
	VAL(syscall(SYS_clock_nanosleep, 12, 0, &ts, NULL));
	VAL(syscall(SYS_clock_nanosleep, (~getpid() * 8) | 6, 0, &ts, NULL));
	VAL(syscall(SYS_clock_nanosleep, (-5000000 * 8) | 2, 0, &ts, NULL));
	VAL(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 1,
		    &(struct timespec){ 0, 1 }, NULL));
	VAL(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 1,
		    &(struct timespec){ 1, 0 }, NULL));
	a = ns_of(CLOCK_REALTIME) + 5 * MS;
	ts = (struct timespec){ a / SEC, a % SEC };
	VAL(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 1, &ts, NULL));
	YES(ns_of(CLOCK_REALTIME) >= a);
	/* another process's clock */
	NEED(pipe(pp));
	p = fork();
	if (!p) {
		write(pp[1], "", 1);
		for (;;)
			;
	}
	read(pp[0], &c, 1);
	c = (~p * 8) | 2;
	a = ns_of(c);
	YES(a >= 0);
	ts = (struct timespec){ 0, 10 * MS };
	VAL(syscall(SYS_clock_nanosleep, c, 0, &ts, NULL));
	YES(ns_of(c) >= a + 10 * MS);
	{
		int id = mk(c, SIGEV_SIGNAL, SIGUSR1, 0);

		VAL(set(id, 0, 10 * MS, 0));
		take("other's time", M(SIGUSR1), 20000);
		VAL(del(id));
	}
	kill(p, SIGKILL);
	waitpid(p, &st, 0);
	VAL(ns_of(c));
}

static void
family(void)
{
	struct itimerspec o;
	int id = mk(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0), st;
	pid_t p = fork();

	if (!p)
		_exit(syscall(SYS_timer_gettime, id, &o) == -1 &&
		      errno == EINVAL ? 0 : 1);
	waitpid(p, &st, 0);
	VAL(st);
	/* execve deletes them: the new program is not killed */
	p = fork();
	if (!p) {
		uint64_t m = 0;
		char *const av[] = { "/proc/self/exe", "slept", NULL };
		int k = mk(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGALRM, 0);

		signal(SIGALRM, SIG_DFL);
		set(k, 0, 1000 * SEC, 0);
		k = mk(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
		set(k, 0, 1, 0);
		usleep(2000);
		execv(av[0], av);
		syscall(SYS_rt_sigprocmask, SIG_SETMASK, &m, NULL, 8);
		_exit(1);
	}
	waitpid(p, &st, 0);
	VAL(st);
	del(id);
}

static void
limit(void)
{
	struct rlimit r = { 2, 2 };

	NEED(setrlimit(RLIMIT_SIGPENDING, &r));
	okay("limit 1", mk(1, SIGEV_NONE, 0, 0));
	okay("limit 2", mk(1, SIGEV_NONE, 0, 0));
	okay("limit 3", mk(1, SIGEV_NONE, 0, 0));
}

static void
info(void)
{
	char b[1024], *s;
	int f, a, c;
	ssize_t n;

	a = mk(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	c = mk(CLOCK_PROCESS_CPUTIME_ID, SIGEV_NONE, 0, 0);
	mk(CLOCK_THREAD_CPUTIME_ID, SIGEV_THREAD, 50, 0);
	(void)a, (void)c;
	f = (int)NEED(open("/proc/self/timers", O_RDONLY));
	n = NEED(read(f, b, sizeof(b) - 1));
	b[n] = '\0';
	for (s = strtok(b, "\n"); s; s = strtok(NULL, "\n")) {
		if (!strncmp(s, "ID:", 3))
			out("ID");
		else if (!strncmp(s, "notify", 6))
			out("%.*s", (int)(strchr(s, '.') - s), s);
		else if (strncmp(s, "signal: 0", 9))
			out("%s", s);
	}
}

int
main(int argc, char **argv)
{
	uint64_t m = M(SIGUSR1) | M(SIGUSR2) | M(SIGALRM) | M(40);

	if (argc > 1) {
		uint64_t z = 0, pend = 0;

		syscall(SYS_rt_sigpending, &pend, 8);
		syscall(SYS_rt_sigprocmask, SIG_SETMASK, &z, NULL, 8);
		out("%s: pending %lx", argv[1], (long)pend);
		return 0;
	}
	NEED(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &m, NULL, 8));
	errors();
	firing();
	none();
	ignoring();
	threads();
	cpu();
	sleeping();
	family();
	as_user("limit", limit);
	in_child("info", info);
	return 0;
}
