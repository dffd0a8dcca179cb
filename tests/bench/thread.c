/* SPDX-License-Identifier: MIT */
/* Rows of threads, futexes, System V IPC, event descriptors, AF_UNIX sockets. */
#include "bench.h"
#include <limits.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>

static void *
nothing(void *arg)
{
	return arg;
}

static void
thread_create(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, nothing, NULL) ||
	    pthread_join(t, NULL))
		die("pthread_create");
}

static long
futex(volatile int *at, int op, int val)
{
	return syscall(SYS_futex, at, op | 128 /* PRIVATE */, val, NULL, NULL,
		       0);
}

/* Two threads hand a turn to each other: the row is a whole round. */
static volatile int turn;

static void
take_turns(int mine, long rounds)
{
	for (long i = 0; i < rounds; i++) {
		while (turn != mine)
			futex(&turn, 0 /* WAIT */, !mine);
		turn = !mine;
		futex(&turn, 1 /* WAKE */, 1);
	}
}

static void *
partner(void *rounds)
{
	take_turns(1, (long)rounds);
	return NULL;
}

static void
futex_pingpong(long rounds)
{
	uint64_t t0 = 0;
	pthread_t t;

	for (int warm = 1; warm >= 0; warm--) {
		long n = warm ? rounds / 10 + 1 : rounds;

		turn = 0;
		if (pthread_create(&t, NULL, partner, (void *)n))
			die("pthread_create");
		t0 = now();
		take_turns(0, n);
		pthread_join(t, NULL);
	}
	row("futex_pingpong", now() - t0, rounds);
}

/* count descriptors in an epoll set, one of them ready */
static void
epoll(const char *name, int count)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(0), *fd = calloc(count, sizeof(*fd));

	if (ep < 0 || !fd)
		die("epoll_create1");
	for (int i = 0; i < count; i++) {
		fd[i] = eventfd(i == count / 2, EFD_NONBLOCK);
		e.data.fd = fd[i];
		if (fd[i] < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e))
			die("epoll_ctl");
	}
	LOOP(name, 20000, if (epoll_wait(ep, &e, 1, -1) != 1)
		die("epoll_wait"));
	if (count == 100)
		LOOP("epoll_ctl_mod", 20000, epoll_ctl(ep, EPOLL_CTL_MOD, fd[0],
						       &e));
	for (int i = 0; i < count; i++)
		close(fd[i]);
	close(ep);
	free(fd);
}

static void
eventfd_self(void)
{
	int fd = eventfd(0, 0);
	uint64_t one = 1;

	LOOP("eventfd_self", 20000,
	     if (write(fd, &one, 8) != 8 || read(fd, &one, 8) != 8)
		die("eventfd"));
	close(fd);
}

/* a byte to another process and one back */
static void
unix_lat(long rounds)
{
	char c = 'x';
	int s[2];
	pid_t p;
	uint64_t t0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	p = fork();
	if (p == 0) {
		close(s[0]);
		while (read(s[1], &c, 1) == 1)
			if (write(s[1], &c, 1) != 1)
				break;
		_exit(0);
	}
	close(s[1]);
	t0 = now();
	for (long i = -rounds / 10; i < rounds; i++) {
		if (i == 0)
			t0 = now();
		if (write(s[0], &c, 1) != 1 || read(s[0], &c, 1) != 1)
			die("unix_lat");
	}
	row("unix_lat", now() - t0, rounds);
	close(s[0]);
	waitpid(p, NULL, 0);
}

static void
unix_bw(long mib)
{
	static char buf[65536];
	int s[2];
	pid_t p;
	uint64_t t0, left = (uint64_t)mib << 20;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	p = fork();
	if (p == 0) {
		close(s[0]);
		for (uint64_t n = 0; n < left; n += sizeof(buf))
			if (write(s[1], buf, sizeof(buf)) != sizeof(buf))
				_exit(1);
		_exit(0);
	}
	close(s[1]);
	t0 = now();
	while (left) {
		ssize_t n = read(s[0], buf, sizeof(buf));

		if (n <= 0)
			die("unix_bw");
		left -= n;
	}
	row_mbs("unix_bw", now() - t0, (uint64_t)mib << 20);
	close(s[0]);
	waitpid(p, NULL, 0);
}

/* a process with 256 MiB of touched memory forks; the child ends at once */
static void
fork_256m(void)
{
	const size_t size = 256u << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS, -1, 0);
	uint64_t t0 = 0;
	pid_t c;

	if (p == MAP_FAILED)
		die("mmap");
	for (size_t i = 0; i < size; i += PG)
		p[i] = 1;
	for (int i = 0; i < 5; i++) {
		if (i == 1)
			t0 = now();
		c = fork();
		if (c == 0)
			_exit(0);
		if (c < 0 || waitpid(c, NULL, 0) != c)
			die("fork");
	}
	row("fork_256m", now() - t0, 4);
	munmap(p, size);
}

/* Two processes hand a turn to each other by two semaphores. */
static void
sem_turns(int id, int mine, long rounds)
{
	struct sembuf take = { mine, -1, 0 }, give = { !mine, 1, 0 };

	for (long i = 0; i < rounds; i++)
		if (semop(id, &take, 1) || semop(id, &give, 1))
			die("semop");
}

static void
sem_pingpong(long rounds)
{
	int id = semget(IPC_PRIVATE, 2, 0600);
	struct sembuf first = { 0, 1, 0 };
	uint64_t t0;
	int c;

	if (id < 0)
		return;		/* a Linux without System V IPC */
	c = fork();
	if (!c) {
		sem_turns(id, 1, rounds + 10);
		_exit(0);
	}
	semop(id, &first, 1);
	sem_turns(id, 0, 10);
	t0 = now();
	sem_turns(id, 0, rounds);
	row("sem_pingpong", now() - t0, rounds);
	if (c < 0 || waitpid(c, NULL, 0) != c)
		die("sem_pingpong");
	semctl(id, 0, IPC_RMID);
}

/* A message of 64 bytes there and one back, as unix_lat. */
static void
msg_turns(int id, int mine, long rounds)
{
	struct { long type; char text[64]; } m = { 0 };

	for (long i = 0; i < rounds; i++) {
		if (msgrcv(id, &m, sizeof(m.text), mine, 0) < 0)
			die("msgrcv");
		m.type = 3 - mine;
		if (msgsnd(id, &m, sizeof(m.text), 0))
			die("msgsnd");
	}
}

static void
msg_lat(long rounds)
{
	struct { long type; char text[64]; } m = { .type = 1 };
	int id = msgget(IPC_PRIVATE, 0600);
	uint64_t t0;
	int c;

	if (id < 0)
		return;
	c = fork();
	if (!c) {
		msg_turns(id, 2, rounds + 10);
		_exit(0);
	}
	if (msgsnd(id, &m, sizeof(m.text), 0))
		die("msgsnd");
	msg_turns(id, 1, 10);
	t0 = now();
	msg_turns(id, 1, rounds);
	row("msg_lat", now() - t0, rounds);
	if (c < 0 || waitpid(c, NULL, 0) != c)
		die("msg_lat");
	msgctl(id, IPC_RMID, NULL);
}

void
bench_thread(void)
{
	static volatile int word;

	LOOP("thread_create", 2000, thread_create());
	LOOP("futex_wake_none", 20000, futex(&word, 1, INT_MAX));
	if (wanted("futex_pingpong"))
		futex_pingpong(10000 / scale);
	if (wanted("sem_pingpong"))
		sem_pingpong(5000 / scale);
	if (wanted("msg_lat"))
		msg_lat(5000 / scale);
	eventfd_self();
	epoll("epoll_100", 100);
	epoll("epoll_1000", 1000);
	if (wanted("unix_lat"))
		unix_lat(5000 / scale);
	if (wanted("unix_bw"))
		unix_bw(64 / scale ? 64 / scale : 1);
	if (wanted("fork_256m"))
		fork_256m();
}
