/* SPDX-License-Identifier: MIT */
/*
 * Storms on the scheduler: what the runtime of a language does with threads
 * (sleeps on futexes with time limits, edge-triggered epoll on pipes, preemption
 * by signals, signals to the process); threads that change their CPUs while
 * others change their policies; the limits of real time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "stress.h"

#define NT 6
#define STACK (64 << 10)

/* -- a runtime ------------------------------------------------------------ */

/*
 * In each round every thread sends a few signals, then waits for one wake-up
 * on its futex and one byte on its pipe from its neighbour. Nobody sends
 * anything more until all got theirs: a wake-up or an event that is lost, or a
 * thread that never comes back from a signal, ends the storm by its time limit.
 */
static struct {
	pthread_barrier_t all;
	pid_t tid[NT];
	int pipe[NT][2];
	uint32_t word[NT];
	long taken, rounds;
	int stop;
	double end;
} rt;

static void
on_hit(int s)
{
	(void)s;
	__atomic_add_fetch(&rt.taken, 1, __ATOMIC_RELAXED);
}

static long
futex(uint32_t *w, int op, uint32_t v, const struct timespec *t)
{
	return syscall(SYS_futex, w, op | 128, v, t, NULL, 0);
}

/* sleep in short pieces until the word is n */
static void
await_word(uint32_t *w, uint32_t n, unsigned *seed)
{
	uint32_t v;

	while ((v = __atomic_load_n(w, __ATOMIC_ACQUIRE)) != n) {
		struct timespec t = { 0, rand_r(seed) % 300000 };

		/* half of them without a limit: the wake-up must come */
		futex(w, 0, v, rand_r(seed) & 1 ? &t : NULL);
	}
}

static void
await_byte(int ep, int fd)
{
	struct epoll_event e;
	char c;

	while (read(fd, &c, 1) != 1)
		epoll_wait(ep, &e, 1, -1);
}

static void
send_some(long me, unsigned *seed)
{
	for (int i = rand_r(seed) % 4; i; i--) {
		pid_t to = rt.tid[rand_r(seed) % NT];

		if (rand_r(seed) & 1)
			syscall(SYS_tgkill, getpid(), to, SIGURG);
		else
			kill(getpid(), me & 1 ? SIGUSR1 : SIGUSR2);
	}
}

static void *
runtime_thread(void *arg)
{
	long me = (long)arg, next = (me + 1) % NT;
	unsigned seed = (unsigned)me * 17 + 3;
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	stack_t ss = { .ss_sp = malloc(16384), .ss_size = 16384 };
	int ep = epoll_create1(0);

	sigaltstack(&ss, NULL);
	epoll_ctl(ep, EPOLL_CTL_ADD, rt.pipe[me][0], &e);
	rt.tid[me] = (pid_t)syscall(SYS_gettid);
	for (uint32_t n = 1;; n++) {
		pthread_barrier_wait(&rt.all);
		if (rt.stop)
			break;
		send_some(me, &seed);
		__atomic_store_n(&rt.word[next], n, __ATOMIC_RELEASE);
		futex(&rt.word[next], 1, 1, NULL);
		await_word(&rt.word[me], n, &seed);
		while (write(rt.pipe[next][1], "x", 1) != 1)
			;
		await_byte(ep, rt.pipe[me][0]);
		pthread_barrier_wait(&rt.all);
		if (me == 0) {
			rt.rounds++;
			rt.stop = now() >= rt.end;
		}
	}
	close(ep);
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
	free(ss.ss_sp);
	return arg;
}

static int
w_runtime(int id, double end)
{
	struct sigaction a = { .sa_handler = on_hit,
			       .sa_flags = SA_RESTART | SA_ONSTACK };
	pthread_attr_t at;
	pthread_t t[NT];

	(void)id;
	rt.end = end;
	pthread_barrier_init(&rt.all, NULL, NT);
	sigaction(SIGURG, &a, NULL);
	sigaction(SIGUSR1, &a, NULL);
	a.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR2, &a, NULL);
	for (int i = 0; i < NT; i++)
		if (pipe2(rt.pipe[i], O_NONBLOCK))
			return bad("pipe: %s", strerror(errno));
	pthread_attr_init(&at);
	pthread_attr_setstacksize(&at, STACK);
	for (long i = 0; i < NT; i++)
		if (pthread_create(&t[i], &at, runtime_thread, (void *)i))
			return bad("pthread_create");
	for (int i = 0; i < NT; i++)
		pthread_join(t[i], NULL);
	return rt.rounds ? 0 : bad("no round");
}

int t_runtime(void) { return storm(2, w_runtime); }

/* -- one waiter of many ---------------------------------------------------- */

/*
 * A byte wakes one reader. When that one is just leaving for a signal, another
 * has to get it: each round interrupts a reader and writes a byte at once, and
 * who was interrupted reads no more until somebody has got the byte.
 */
static struct {
	int fd[2];
	pid_t tid[NT];
	uint32_t round, got;
	int stop;
} one;

static void *
one_reader(void *arg)
{
	long me = (long)arg;
	char c;

	one.tid[me] = (pid_t)syscall(SYS_gettid);
	while (!__atomic_load_n(&one.stop, __ATOMIC_ACQUIRE)) {
		uint32_t n = __atomic_load_n(&one.round, __ATOMIC_ACQUIRE);
		ssize_t r = read(one.fd[0], &c, 1);

		if (r == 1)
			__atomic_add_fetch(&one.got, 1, __ATOMIC_RELEASE);
		else if (r == 0 || errno != EINTR)
			break;
		else
			while (__atomic_load_n(&one.got, __ATOMIC_ACQUIRE) <=
			       n && !one.stop)
				usleep(50);
	}
	return arg;
}

static int
w_one(int id, double end)
{
	struct sigaction a = { .sa_handler = on_hit };
	unsigned seed = (unsigned)id;
	pthread_attr_t at;
	pthread_t t[NT];

	sigaction(SIGUSR1, &a, NULL);
	if (id & 1 ? socketpair(AF_UNIX, SOCK_STREAM, 0, one.fd) :
	    pipe(one.fd))
		return bad("pipe: %s", strerror(errno));
	pthread_attr_init(&at);
	pthread_attr_setstacksize(&at, STACK);
	for (long i = 0; i < NT; i++)
		if (pthread_create(&t[i], &at, one_reader, (void *)i))
			return bad("pthread_create");
	for (uint32_t n = 1; now() < end; n++) {
		pid_t to = one.tid[rand_r(&seed) % NT];

		if (to)
			syscall(SYS_tgkill, getpid(), to, SIGUSR1);
		for (volatile int i = rand_r(&seed) % 20000; i > 0; i--)
			;
		if (write(one.fd[1], "x", 1) != 1)
			return bad("write: %s", strerror(errno));
		while (__atomic_load_n(&one.got, __ATOMIC_ACQUIRE) != n)
			usleep(20);
		__atomic_store_n(&one.round, n, __ATOMIC_RELEASE);
	}
	one.stop = 1;
	close(one.fd[1]);
	for (int i = 0; i < NT; i++)
		pthread_join(t[i], NULL);
	return 0;
}

int t_one(void) { return storm(2, w_one); }

/* -- places and policies -------------------------------------------------- */

static struct { pid_t tid[NT]; double end; long nr_cpus; } mv;

static void *
mover(void *arg)
{
	long me = (long)arg;
	unsigned seed = (unsigned)me * 31 + 5;

	mv.tid[me] = (pid_t)syscall(SYS_gettid);
	while (now() < mv.end) {
		unsigned long all = (1UL << mv.nr_cpus) - 1, m;
		int pol = rand_r(&seed) % 3, prio = 0;
		pid_t other = mv.tid[rand_r(&seed) % NT];
		unsigned cpu;

		do
			m = rand_r(&seed) & all;
		while (!m);
		if (syscall(SYS_sched_setaffinity, 0, sizeof(m), &m))
			_exit(bad("setaffinity: %s", strerror(errno)) + 100);
		syscall(SYS_getcpu, &cpu, NULL, NULL);
		if (!(m >> cpu & 1))
			_exit(bad("on CPU %u, allowed are %#lx", cpu, m) + 100);
		if (pol)
			prio = 1 + rand_r(&seed) % 9;
		/* it may have come to its end */
		if (other && syscall(SYS_sched_setscheduler, other, pol,
				     &prio) && errno != ESRCH)
			_exit(bad("policy: %s", strerror(errno)) + 100);
		if (rand_r(&seed) & 1)
			sched_yield();
		else
			usleep(rand_r(&seed) % 500);
	}
	return arg;
}

static int
w_move(int id, double end)
{
	pthread_attr_t at;
	pthread_t t[NT];

	(void)id;
	mv.end = end;
	mv.nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (mv.nr_cpus > 32)
		mv.nr_cpus = 32;
	pthread_attr_init(&at);
	pthread_attr_setstacksize(&at, STACK);
	for (long i = 0; i < NT; i++)
		if (pthread_create(&t[i], &at, mover, (void *)i))
			return bad("pthread_create");
	for (int i = 0; i < NT; i++)
		pthread_join(t[i], NULL);
	return 0;
}

int t_move(void) { return storm(3, w_move); }

/* -- the limits of real time --------------------------------------------- */

static int
set(const char *name, const char *text)
{
	char p[80];
	int fd, err = 0;

	snprintf(p, sizeof(p), "/proc/sys/kernel/%s", name);
	fd = open(p, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

static double
cpu_time(clockid_t c)
{
	struct timespec t = { 0, 0 };

	clock_gettime(c, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* hundredths of a CPU that a FIFO loop gets beside a fair one */
static int
fifo_part(void)
{
	int prio = 1;
	double *took = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED |
			    MAP_ANONYMOUS, -1, 0);
	cpu_set_t one;
	pid_t fair, fifo;
	clockid_t c;
	int part;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	fair = fork();
	if (fair == 0) {
		sched_setaffinity(0, sizeof(one), &one);
		took[2] = 1;
		for (;;)
			;
	}
	c = (~(clockid_t)fair << 3) | 2;
	while (!*(volatile double *)&took[2])
		usleep(1000);
	fifo = fork();
	if (fifo == 0) {
		double from;

		sched_setaffinity(0, sizeof(one), &one);
		/* musl's own does not */
		if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &prio))
			_exit(1);
		took[0] = cpu_time(c);
		from = cpu_time(CLOCK_PROCESS_CPUTIME_ID);
		while (cpu_time(CLOCK_PROCESS_CPUTIME_ID) - from < 0.5)
			;
		took[1] = cpu_time(c);
		_exit(0);
	}
	waitpid(fifo, NULL, 0);
	kill(fair, SIGKILL);
	waitpid(fair, NULL, 0);
	part = (int)(50 / (0.5 + took[1] - took[0]));
	munmap(took, PG);
	return part;
}

int
t_rt_limit(void)
{
	int half, all;

	if (set("sched_rt_runtime_us", "1000001") != EINVAL ||
	    set("sched_rt_period_us", "0") != EINVAL ||
	    set("sched_rt_period_us", "949999") != EINVAL ||
	    set("sched_rt_runtime_us", "-2") != EINVAL ||
	    set("sched_rt_runtime_us", "x") != EINVAL)
		return bad("senseless limits are taken");
	if (set("sched_rt_runtime_us", "50000") ||
	    set("sched_rt_period_us", "100000"))
		return bad("limits: %s", strerror(errno));
	half = fifo_part();
	if (set("sched_rt_runtime_us", "-1"))
		return bad("no limit: %s", strerror(errno));
	all = fifo_part();
	set("sched_rt_period_us", "1000000");
	set("sched_rt_runtime_us", "950000");
	if (half < 35 || half > 65)
		return bad("%d %% of a CPU, not half", half);
	return all < 97 ? bad("%d %% of a CPU, not all", all) : 0;
}
