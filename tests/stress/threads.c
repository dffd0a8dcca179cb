/* SPDX-License-Identifier: MIT */
/*
 * Storms of threads: born, joined, killed, replaced by execve; futexes; one
 * address space changed by many; signals to threads; robust lists; children of
 * threads that end; memory running out in a process of many threads.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "stress.h"

#define STACK (64 << 10)
#define NT 6			/* threads of most processes here */

static pthread_t
thread(void *(*fn)(void *), void *arg)
{
	pthread_attr_t a;
	pthread_t t;

	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, STACK);
	if (pthread_create(&t, &a, fn, arg))
		_exit(bad("pthread_create: %s", strerror(errno)) + 100);
	return t;
}

static pid_t
gettid_(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* -- lives and deaths ---------------------------------------------------- */

static void *
busy(void *arg)
{
	for (volatile long i = 0;; i++)
		if (!(i & 0xff))
			sched_yield();
	return arg;
}

static void *
asleep(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void *
brief(void *arg)
{
	char *p = mmap(NULL, 4 * PG, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED) {
		p[0] = p[2 * PG] = 1;
		munmap(p, 4 * PG);
	}
	return arg;
}

static void *
execs(void *arg)
{
	execl(self, self, "noop", (char *)NULL);
	_exit(99);
	return arg;
}

static void *
kills(void *arg)
{
	kill(getpid(), SIGKILL);
	return arg;
}

static void *
ends_group(void *arg)
{
	syscall(SYS_exit_group, 7);
	return arg;
}

static void *
forks(void *arg)
{
	int st;
	pid_t p = fork();

	if (p == 0)
		_exit(5);
	if (p < 0 || waitpid(p, &st, 0) != p || WEXITSTATUS(st) != 5)
		_exit(98);
	return arg;
}

/* the leader has gone: this one ends the process */
static void *
ends_late(void *arg)
{
	usleep(rand() % 2000);
	_exit(3);
	return arg;
}

static void
company(void)
{
	for (int i = 0; i < NT; i++)
		thread(i & 1 ? busy : asleep, NULL);
}

/* a process of kind k lives; returns only to exit with 0 */
static void
live(int k)
{
	pthread_t t[NT];

	alarm(0);
	switch (k) {
	case 0:				/* made and joined */
		for (int r = 0; r < 4; r++) {
			for (int i = 0; i < NT; i++)
				t[i] = thread(brief, NULL);
			for (int i = 0; i < NT; i++)
				pthread_join(t[i], NULL);
		}
		return;
	case 1:				/* exit_group by a thread */
		company();
		thread(ends_group, NULL);
		for (;;)
			pause();
	case 2:				/* exit_group by the leader */
		company();
		syscall(SYS_exit_group, 7);
		return;
	case 3:				/* execve by a thread */
		company();
		thread(execs, NULL);
		for (;;)
			pause();
	case 4:				/* execve by the leader */
		company();
		execs(NULL);
		return;
	case 5:				/* by several at once */
		for (int i = 0; i < NT; i++)
			thread(execs, NULL);
		execs(NULL);
		return;
	case 6:				/* killed by one of its own */
		company();
		thread(kills, NULL);
		for (;;)
			pause();
	case 7:				/* the leader goes first */
		thread(ends_late, NULL);
		syscall(SYS_exit, 0);
		return;
	case 8:				/* forks by several */
		for (int i = 0; i < NT; i++)
			t[i] = thread(forks, NULL);
		for (int i = 0; i < NT; i++)
			pthread_join(t[i], NULL);
		return;
	case 9:				/* execve after the leader's end */
		thread(execs, NULL);
		syscall(SYS_exit, 0);
		return;
	case 10:			/* execve against exit_group */
		thread(execs, NULL);
		thread(ends_group, NULL);
		syscall(SYS_exit, 0);
		return;
	}
}

static int
right(int k, int st)
{
	switch (k) {
	case 1: case 2:
		return st == 7 << 8;
	case 6:
		return WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL;
	case 7:
		return st == 3 << 8;
	case 10:
		return st == 0 || st == 7 << 8;
	default:
		return st == 0;
	}
}

static int
w_thread(int id, double end)
{
	int st;

	for (int k = id * 3; now() < end; k++) {
		pid_t p = fork();

		if (p == 0) {
			live(k % 11);
			_exit(0);
		}
		if (p < 0)
			return bad("fork: %s", strerror(errno));
		/* the number is there until it is waited for */
		while (waitpid(p, &st, WNOHANG) == 0) {
			if (kill(p, 0) < 0)
				return bad("kind %d: kill: %s", k % 11,
					   strerror(errno));
			sched_yield();
		}
		if (!right(k % 11, st))
			return why[0] ? 1 : bad("kind %d ended with %#x",
						k % 11, st);
		/* killed from outside at any moment */
		p = fork();
		if (p == 0) {
			live(k % 11);
			_exit(0);
		}
		usleep(rand() % 3000);
		kill(p, SIGKILL);
		if (waitpid(p, &st, 0) != p)
			return bad("kind %d: wait: %s", k % 11,
				   strerror(errno));
		if (!right(k % 11, st) &&
		    !(WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL))
			return bad("kind %d, killed, ended with %#x", k % 11,
				   st);
	}
	return 0;
}

int t_thread(void) { return storm(4, w_thread); }

/* -- children of threads that end ---------------------------------------- */

/* shared with the children: how many found their new parent */
static int *found;

static void
grandchild(pid_t was)
{
	/* whatever thread made it, our parent is the process, then init */
	while (getppid() == was)
		usleep(500);
	__atomic_add_fetch(found, 1, __ATOMIC_RELAXED);
	_exit(0);
}

static void *
ppid_of_thread(void *arg)
{
	grandchild(*(pid_t *)arg);
	return NULL;
}

static void *
makes_child(void *arg)
{
	static pid_t me;

	me = getpid();
	usleep(rand() % 300);		/* the leader goes before, or not */
	if (fork() == 0)
		grandchild(me);
	if (fork() == 0) {		/* one that asks from a thread */
		thread(ppid_of_thread, &me);
		syscall(SYS_exit, 0);
	}
	return arg;
}

static void
orphans(int k)
{
	pthread_t t = thread(makes_child, NULL);

	prctl(PR_SET_CHILD_SUBREAPER, 0);
	switch (k % 3) {
	case 0:				/* the maker before the process */
		pthread_join(t, NULL);
		_exit(0);
	case 1:				/* the leader before the maker */
		syscall(SYS_exit, 0);
		break;
	case 2:				/* a program instead of them */
		pthread_join(t, NULL);
		thread(execs, NULL);
		syscall(SYS_exit, 0);
	}
}

static int
w_orphan(int id, double end)
{
	int st, made = 0, n = 0;

	(void)id;
	found = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED |
		     MAP_ANONYMOUS, -1, 0);
	/* the orphans come to us, so that we can wait for them */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int k = 0; now() < end; k++) {
		pid_t p = fork();

		if (p == 0) {
			orphans(k);
			_exit(0);
		}
		if (p < 0)
			return bad("fork: %s", strerror(errno));
		made++;
		while (n < made * 3 && waitpid(-1, &st, 0) > 0) {
			if (st)
				return bad("kind %d ended with %#x", k % 3,
					   st);
			n++;
		}
		if (n != made * 3)
			return bad("kind %d: %d of %d came", k % 3, n,
				   made * 3);
	}
	if (*found != made * 2)
		return bad("%d of %d know their parent", *found, made * 2);
	return 0;
}

int t_orphan(void) { return storm(4, w_orphan); }

/* -- futexes ------------------------------------------------------------- */

static pthread_mutex_t fx_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fx_turn = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t fx_bar;
static long fx_count, fx_mine[16];
static int fx_token, fx_stop;
static double fx_end;

static void *
fx_worker(void *arg)
{
	long id = (long)arg, n = 0;

	while (!__atomic_load_n(&fx_stop, __ATOMIC_RELAXED)) {
		for (int i = 0; i < 20; i++) {	/* contention */
			pthread_mutex_lock(&fx_lock);
			fx_count++;
			if (!(i & 7))
				sched_yield();
			pthread_mutex_unlock(&fx_lock);
			n++;
		}
		/* a token goes round: broadcast, requeued to the mutex */
		pthread_mutex_lock(&fx_lock);
		while (fx_token % NT != id && !fx_stop)
			pthread_cond_wait(&fx_turn, &fx_lock);
		fx_token++;
		if (id == 0 && now() >= fx_end)
			__atomic_store_n(&fx_stop, 1, __ATOMIC_RELAXED);
		pthread_cond_broadcast(&fx_turn);
		pthread_mutex_unlock(&fx_lock);
	}
	fx_mine[id] = n;
	pthread_barrier_wait(&fx_bar);
	return arg;
}

static int
w_futex(int id, double end)
{
	pthread_t t[NT];
	long sum = 0;

	(void)id;
	fx_end = end;
	pthread_barrier_init(&fx_bar, NULL, NT + 1);
	for (long i = 0; i < NT; i++)
		t[i] = thread(fx_worker, (void *)i);
	pthread_barrier_wait(&fx_bar);
	for (int i = 0; i < NT; i++) {
		pthread_join(t[i], NULL);
		sum += fx_mine[i];
	}
	return sum == fx_count && sum ? 0 :
		bad("%ld turns, %ld counted", sum, fx_count);
}

int t_futex(void) { return storm(3, w_futex); }

/* -- robust mutexes: owners die with them -------------------------------- */

struct robust {
	pthread_mutex_t m;
	long in, out;		/* equal unless somebody died inside */
};
static struct robust *rb;
static int rb_go;

static int
robust_lock(void)
{
	int r = pthread_mutex_lock(&rb->m);

	if (r == EOWNERDEAD) {
		rb->out = rb->in;
		r = pthread_mutex_consistent(&rb->m);
	}
	if (r)
		return bad("robust lock: %s", strerror(r));
	return rb->in == rb->out ? 0 : bad("two had the robust lock");
}

static void
robust_work(int dies)
{
	for (int i = 0; i < 20; i++) {
		if (robust_lock())
			_exit(1);
		rb->in++;
		sched_yield();
		if (i == 19 && dies)
			syscall(SYS_exit, 0);
		rb->out++;
		pthread_mutex_unlock(&rb->m);
	}
}

/* libc must not see it die, for it would hand the mutex on by itself */
static void *
robust_thread(void *arg)
{
	while (!__atomic_load_n(&rb_go, __ATOMIC_ACQUIRE))
		sched_yield();
	robust_work((long)arg != 0);
	return asleep(arg);
}

static int
w_robust(int id, double end)
{
	int st;

	while (now() < end) {
		pid_t p = fork();

		if (p == 0) {
			for (long i = 0; i < 3; i++)
				thread(robust_thread, (void *)(i & 1));
			__atomic_store_n(&rb_go, 1, __ATOMIC_RELEASE);
			robust_work(0);
			/* ends the others wherever they are */
			if (id & 1)
				execs(NULL);
			_exit(0);
		}
		if (p < 0)
			return bad("fork: %s", strerror(errno));
		if (id == 0) {
			usleep(rand() % 5000);
			kill(p, SIGKILL);
		}
		if (waitpid(p, &st, 0) != p || (st && st != SIGKILL))
			return bad("robust: %#x", st);
	}
	return 0;
}

int
t_robust(void)
{
	pthread_mutexattr_t a;
	int r;

	rb = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED |
		  MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&rb->m, &a);
	r = storm(4, w_robust);
	if (!r && robust_lock())
		return 1;
	munmap(rb, PG);
	return r;
}

/* -- signals to threads -------------------------------------------------- */

#define TS_QUEUE	(SIGRTMIN + 2)	/* to the process; one thread takes */
#define TS_HIT		(SIGRTMIN + 3)	/* to a thread; counted by it */

static pid_t ts_tid[NT];
static volatile long ts_hits[NT], ts_sent[NT];
static __thread long ts_me;
static long ts_queued;
static double ts_end;

static void
ts_handler(int s)
{
	(void)s;
	ts_hits[ts_me]++;
}

static void *
ts_worker(void *arg)
{
	union sigval v = { .sival_int = 0 };
	unsigned seed;

	ts_me = (long)arg;
	seed = (unsigned)ts_me * 99 + 7;
	__atomic_store_n(&ts_tid[ts_me], gettid_(), __ATOMIC_RELEASE);
	do {
		int k = rand_r(&seed) % NT;
		pid_t to = __atomic_load_n(&ts_tid[k], __ATOMIC_ACQUIRE);

		if (to && syscall(SYS_tgkill, getpid(), to, TS_HIT) == 0)
			__atomic_add_fetch(&ts_sent[k], 1, __ATOMIC_RELAXED);
		if (sigqueue(getpid(), TS_QUEUE, v) == 0)
			__atomic_add_fetch(&ts_queued, 1, __ATOMIC_RELAXED);
		else if (errno != EAGAIN)
			_exit(bad("sigqueue: %s", strerror(errno)));
	} while (now() < ts_end || !ts_hits[ts_me]);
	return arg;
}

/* all queued ones arrive, at the one thread that takes them */
static int
w_tsignal(int id, double end)
{
	struct sigaction a = { .sa_handler = ts_handler,
			       .sa_flags = SA_RESTART };
	struct timespec some = { 5, 0 };
	pthread_t t[NT];
	sigset_t set;
	long got = 0;
	int live = NT;

	(void)id;
	ts_end = end;
	sigaction(TS_HIT, &a, NULL);
	sigemptyset(&set);
	sigaddset(&set, TS_QUEUE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (long i = 0; i < NT; i++)
		t[i] = thread(ts_worker, (void *)i);
	while (live || got < __atomic_load_n(&ts_queued, __ATOMIC_RELAXED)) {
		if (live && now() >= end) {
			for (; live; live--)
				pthread_join(t[live - 1], NULL);
			continue;
		}
		if (sigtimedwait(&set, NULL, &some) == TS_QUEUE)
			got++;
		else if (!live && errno == EAGAIN)
			return bad("%ld queued, %ld came", ts_queued, got);
	}
	for (int i = 0; i < NT; i++)
		if (ts_hits[i] > ts_sent[i])
			return bad("thread %d: %ld sent, %ld came", i,
				   ts_sent[i], ts_hits[i]);
	return 0;
}

int
t_tsignal(void)
{
	few_signals();
	return storm(3, w_tsignal);
}

/* -- one address space, many threads ------------------------------------- */

/*
 * Page 0 is written by all writers, who survive a fault. The keeper takes the
 * right to write away, and from then on the page may not change; or takes it
 * out, and then it must be new. A forked child's copy may not change at all.
 */
static volatile long *tv_page;
static int tv_stop;
static __thread sigjmp_buf tv_out;
static __thread volatile sig_atomic_t tv_armed;

static void
tv_fault(int s)
{
	(void)s;
	if (!tv_armed)
		_exit(97);
	siglongjmp(tv_out, 1);
}

static void *
tv_writer(void *arg)
{
	while (!__atomic_load_n(&tv_stop, __ATOMIC_RELAXED)) {
		tv_armed = 1;
		if (sigsetjmp(tv_out, 1) == 0)
			for (int i = 0; i < 200; i++)
				tv_page[i & 7]++;
		tv_armed = 0;
		brief(NULL);
	}
	return arg;
}

static int
tv_steady(void)
{
	long a[8];

	for (int i = 0; i < 8; i++)
		a[i] = tv_page[i];
	for (int k = 0; k < 50; k++) {
		for (int i = 0; i < 8; i++)
			if (tv_page[i] != a[i])
				return 0;
		if (k % 10 == 0)
			sched_yield();
	}
	return 1;
}

static int
tv_once(int k)
{
	void *p = (void *)tv_page;
	int st;
	pid_t c;

	switch (k % 4) {
	case 0:
		mprotect(p, PG, PROT_READ);
		if (!tv_steady())
			return bad("written after mprotect");
		mprotect(p, PG, PROT_READ | PROT_WRITE);
		return 0;
	case 1:
		munmap(p, PG);
		if (mmap(p, PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_FIXED, -1, 0) != p)
			return bad("mmap: %s", strerror(errno));
		for (int i = 0; i < 8; i++)
			if (tv_page[i])
				return bad("a new page is not clear");
		if (!tv_steady())
			return bad("written after munmap");
		mprotect(p, PG, PROT_READ | PROT_WRITE);
		return 0;
	case 2:
		c = fork();
		if (c == 0)
			_exit(tv_steady() ? 0 : 55);
		if (c < 0 || waitpid(c, &st, 0) != c)
			return bad("fork: %s", strerror(errno));
		return st ? bad("child's copy: %#x", st) : 0;
	default:
		madvise(p, PG, MADV_DONTNEED);
		return 0;
	}
}

static int
w_tvm(int id, double end)
{
	struct sigaction a = { .sa_handler = tv_fault,
			       .sa_flags = SA_NODEFER };
	pthread_t t[3];
	int r = 0;

	(void)id;
	sigaction(SIGSEGV, &a, NULL);
	tv_page = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 3; i++)
		t[i] = thread(tv_writer, NULL);
	for (int k = 0; now() < end && !r; k++)
		r = tv_once(k);
	__atomic_store_n(&tv_stop, 1, __ATOMIC_RELAXED);
	if (r)
		return r;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}

int t_tvm(void) { return storm(2, w_tvm); }

/* -- shared page tables, dropped and copied by threads ------------------- */

/*
 * A child keeps what its parent had, while threads of the parent give the same
 * whole tables up at the same time, write, lock and look.
 */
#define PS_SPAN		(2UL << 20)
#define PS_TABLES	16
#define PS_STEP		32UL		/* pages from one used to the next */
#define PS_PAGES	(PS_TABLES * PS_SPAN / PG)

static char *ps_area;
static int ps_go, ps_done, ps_stop;

static volatile unsigned long *
ps_word(unsigned long page)
{
	return (volatile unsigned long *)(ps_area + page * PG);
}

static void *
ps_dropper(void *arg)
{
	/* of huge pages, one of the two leaves the first small one */
	unsigned long off = arg ? PG : 0;
	int seen = 0, go;

	for (;;) {
		go = __atomic_load_n(&ps_go, __ATOMIC_ACQUIRE);
		if (go == seen) {
			if (__atomic_load_n(&ps_stop, __ATOMIC_RELAXED))
				return arg;
			sched_yield();
			continue;
		}
		seen = go;
		for (int i = 0; i < PS_TABLES; i++)
			madvise(ps_area + i * PS_SPAN + off, PS_SPAN - off,
				MADV_DONTNEED);
		__atomic_fetch_add(&ps_done, 1, __ATOMIC_ACQ_REL);
	}
}

static void *
ps_looker(void *arg)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	unsigned char in[PS_PAGES];
	uint64_t e[64];

	for (unsigned k = 0; !__atomic_load_n(&ps_stop, __ATOMIC_RELAXED);
	     k++) {
		char *p = ps_area + k * 61 % PS_PAGES * PG;

		(void)!pread(fd, e, sizeof(e), (uintptr_t)p / PG * 8);
		mincore(ps_area, PS_PAGES * PG, in);
		if (mlock(p, PG) == 0)
			munlock(p, PG);
		brief(NULL);
	}
	close(fd);
	return arg;
}

/* every page is as it was written, or new */
static int
ps_look(void)
{
	for (unsigned long i = 0; i < PS_PAGES; i += PS_STEP) {
		unsigned long v = *ps_word(i);

		if (v && v != i + 1)
			return 1;
	}
	return 0;
}

static int
ps_child(void)
{
	static unsigned char had[PS_PAGES];

	for (unsigned long i = 0; i < PS_PAGES; i += PS_STEP)
		had[i] = *ps_word(i) != 0;
	for (unsigned long i = 0; i < PS_PAGES; i += PS_STEP)
		if (*ps_word(i) != (had[i] ? i + 1 : 0))
			return 1;
	return 0;
}

static int
ps_once(int k)
{
	int st;
	pid_t c;

	for (unsigned long i = 0; i < PS_PAGES; i += PS_STEP)
		*ps_word(i) = i + 1;
	ps_done = 0;
	c = fork();
	if (c == 0)
		_exit(ps_child() ? 55 : 0);
	if (c < 0)
		return bad("fork: %s", strerror(errno));
	__atomic_fetch_add(&ps_go, 1, __ATOMIC_ACQ_REL);
	for (unsigned long i = 0; k % 2 && i < PS_PAGES;
	     i += PS_STEP * (1 + k % 3))
		*ps_word(i) = i + 1;
	while (__atomic_load_n(&ps_done, __ATOMIC_ACQUIRE) < 2)
		sched_yield();
	if (waitpid(c, &st, 0) != c)
		return bad("wait: %s", strerror(errno));
	if (st)
		return bad("child's copy: %#x", st);
	return ps_look() ? bad("another page's data") : 0;
}

static int
w_ptshare(int id, double end)
{
	pthread_t t[3];
	int r = 0;

	ps_area = mmap(NULL, (PS_TABLES + 1) * PS_SPAN, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ps_area == MAP_FAILED)
		return bad("mmap: %s", strerror(errno));
	ps_area += -(uintptr_t)ps_area % PS_SPAN;
	/* MADV_HUGEPAGE, MADV_NOHUGEPAGE */
	madvise(ps_area, PS_PAGES * PG, id % 2 ? 14 : 15);
	for (int i = 0; i < 3; i++)
		t[i] = thread(i < 2 ? ps_dropper : ps_looker,
			      i && id % 2 ? ps_area : NULL);
	for (int k = 0; now() < end && !r; k++)
		r = ps_once(k);
	__atomic_store_n(&ps_stop, 1, __ATOMIC_RELAXED);
	if (r)
		return r;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}

int t_ptshare(void) { return storm(2, w_ptshare); }

/* -- memory runs out in a process of threads ----------------------------- */

static void *
hog_thread(void *arg)
{
	for (;;) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			_exit(7);
		for (int i = 0; i < 1 << 20; i += PG)
			p[i] = 1;
	}
	return arg;
}

int
t_hog_threads(void)
{
	int st, killed = 0;

	for (int k = 0; k < 3; k++) {
		pid_t p = fork();

		if (p == 0) {
			for (int i = 0; i < NT; i++)
				thread(i == 2 ? asleep : hog_thread, NULL);
			if (k == 1)		/* the leader has gone */
				syscall(SYS_exit, 0);
			if (k == 2)		/* it waits for a child */
				for (;;)
					if (vfork() == 0)
						_exit(0);
			hog_thread(NULL);
		}
		if (p < 0 || waitpid(p, &st, 0) != p)
			return bad("wait: %s", strerror(errno));
		if (WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL)
			killed++;
		else if (!WIFEXITED(st) || WEXITSTATUS(st) != 7)
			return bad("hog %d ended with %#x", k, st);
	}
	return killed ? 0 : bad("no hog was killed");
}
