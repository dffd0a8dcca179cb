/* SPDX-License-Identifier: MIT */
/* poll, ppoll, select, pselect6 on pipes, files, devices, closed fds. */
#include "gt.h"
#include <poll.h>
#include <sys/select.h>

#define ALLEV (POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | \
	       POLLWRNORM | POLLWRBAND | 0x2000 /* RDHUP */)

static const char *
ev(int e)
{
	static char b[128];
	static const struct { int v; const char *n; } t[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		{ POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLNVAL, "NVAL" },
		{ POLLRDNORM, "RDNORM" }, { POLLRDBAND, "RDBAND" },
		{ POLLWRNORM, "WRNORM" }, { POLLWRBAND, "WRBAND" },
		{ 0x2000, "RDHUP" },
	};

	b[0] = 0;
	for (unsigned i = 0; i < NELEM(t); i++)
		if (e & t[i].v) {
			strcat(b, " ");
			strcat(b, t[i].n);
		}
	return b[0] ? b : " none";
}

static void
one(const char *name, int fd)
{
	struct pollfd p = { fd, ALLEV, 0 };
	fd_set r, w, e;
	struct timeval tv = { 0, 0 };
	int n = poll(&p, 1, 0), s = -1;

	if (fd >= 0) {
		FD_ZERO(&r);
		FD_ZERO(&w);
		FD_ZERO(&e);
		FD_SET(fd, &r);
		FD_SET(fd, &w);
		FD_SET(fd, &e);
		s = select(fd + 1, &r, &w, &e, &tv);
		if (s < 0)
			out("%s: %d%s; select %s", name, n, ev(p.revents),
			    gt_errno(errno));
		else
			out("%s: %d%s; select %d: %d %d %d", name, n,
			    ev(p.revents), s, !!FD_ISSET(fd, &r),
			    !!FD_ISSET(fd, &w), !!FD_ISSET(fd, &e));
	} else {
		out("%s: %d%s", name, n, ev(p.revents));
	}
}

static void
t_state(void)
{
	int p[2], f, fd;
	static char fill[65536];

	pipe(p);
	one("empty pipe, read end", p[0]);
	one("empty pipe, write end", p[1]);
	write(p[1], "x", 1);
	one("pipe with a byte, read end", p[0]);
	fcntl(p[1], F_SETFL, O_NONBLOCK);
	while (write(p[1], fill, 4096) > 0)
		;
	one("full pipe, write end", p[1]);
	read(p[0], fill, 100);
	one("nearly full pipe, write end", p[1]);
	read(p[0], fill, 4096);
	one("a page free, write end", p[1]);
	close(p[1]);
	one("writer closed, data left", p[0]);
	while (read(p[0], fill, sizeof(fill)) > 0)
		;
	one("writer closed, empty", p[0]);
	close(p[0]);
	one("closed fd", p[0]);
	one("negative fd", -1);
	pipe(p);
	close(p[0]);
	one("reader closed", p[1]);
	close(p[1]);
	f = open("file", O_RDWR | O_CREAT, 0644);
	one("empty file", f);
	one("directory", open(".", O_RDONLY));
	one("/dev/null", open("/dev/null", O_RDWR));
	one("/dev/zero", open("/dev/zero", O_RDWR));
	one("/dev/full", open("/dev/full", O_RDWR));
	one("O_PATH", open("file", O_PATH));
	mkfifo("fifo", 0644);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	one("fifo never written", fd);
	f = open("fifo", O_WRONLY);
	one("fifo with writer", fd);
	close(f);
	one("fifo, writer gone", fd);
	one("proc file", open("/proc/self/stat", O_RDONLY));
}

static volatile int hits;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)s, (void)i, (void)u;
	hits++;
}

static void
t_calls(void)
{
	struct pollfd v[4];
	int p[2], q[2];
	struct timespec ts = { 0, 20000000 };
	struct timeval tv;
	fd_set r;
	int64_t t0;
	uint64_t none = 0;

	pipe(p);
	pipe(q);
	v[0] = (struct pollfd){ p[0], POLLIN, 99 };
	v[1] = (struct pollfd){ q[0], POLLIN, 99 };
	v[2] = (struct pollfd){ -5, POLLIN, 99 };
	v[3] = (struct pollfd){ p[1], POLLOUT, 99 };
	VAL(poll(v, 4, -1));
	out("revents %d %d %d %d", v[0].revents, v[1].revents, v[2].revents,
	    v[3].revents);
	t0 = now_ms();
	VAL(poll(v, 2, 30));
	yes("waited", now_ms() - t0 >= 29);
	VAL(poll(v, 0, 10));
	VAL(poll(NULL, 0, 0));
	VAL(syscall(SYS_poll, BAD, 1, 0));
	VAL(syscall(SYS_poll, v, 5000, 0));
	VAL(syscall(SYS_ppoll, v, 2, &ts, 0, 8));
	ts.tv_nsec = 1000000000;
	VAL(syscall(SYS_ppoll, v, 2, &ts, 0, 8));
	ts.tv_nsec = 1000;
	VAL(syscall(SYS_ppoll, v, 2, &ts, &none, 4));
	VAL(syscall(SYS_ppoll, v, 2, BAD, 0, 8));
	VAL(syscall(SYS_ppoll, v, 2, &ts, BAD, 8));
	ts = (struct timespec){ 5, 0 };
	write(p[1], "x", 1);
	VAL(syscall(SYS_ppoll, v, 2, &ts, 0, 8));
	yes("rest is written back", ts.tv_sec <= 5 && (ts.tv_sec == 4 ||
							ts.tv_nsec == 0));
	/* wake-up by a writer */
	read(p[0], v + 3, 1);
	if (fork() == 0) {
		msleep(30);
		write(q[1], "y", 1);
		_exit(0);
	}
	VAL(poll(v, 2, 5000));
	out("revents %d %d", v[0].revents, v[1].revents);
	wait(NULL);
	/* wake-up by closing */
	pid_t c = fork();
	if (c == 0) {
		close(p[0]);
		msleep(30);
		_exit(0);
	}
	close(p[1]);
	v[0].fd = p[0];
	VAL(poll(v, 1, 5000));
	out("hup %d", v[0].revents);
	wait(NULL);
	/* select */
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	tv = (struct timeval){ 0, 10000 };
	read(q[0], v + 3, 1);
	FD_ZERO(&r);
	FD_SET(q[0], &r);
	VAL(select(q[0] + 1, &r, 0, 0, &tv));
	out("set empty %d, time left %ld %ld", !FD_ISSET(q[0], &r),
	    (long)tv.tv_sec, (long)tv.tv_usec);
	tv = (struct timeval){ 0, 0 };
	FD_SET(q[0], &r);
	VAL(select(q[0], &r, 0, 0, &tv));
	VAL(select(-1, 0, 0, 0, &tv));
	VAL(syscall(SYS_select, 0, 0, 0, 0, &tv));
	tv.tv_usec = -1;
	VAL(syscall(SYS_select, 0, 0, 0, 0, &tv));
	tv.tv_usec = 2000000;
	VAL(syscall(SYS_select, 0, 0, 0, 0, (tv.tv_sec = -3, &tv)));
	VAL(syscall(SYS_select, 1, BAD, 0, 0, 0));
	VAL(syscall(SYS_select, 0, 0, 0, 0, BAD));
	FD_ZERO(&r);
	FD_SET(200, &r);
	tv = (struct timeval){ 0, 0 };
	VAL(select(201, &r, 0, 0, &tv));
	VAL(syscall(SYS_select, 1 << 20, 0, 0, 0, &tv));
	/* masks are swapped while waiting */
	on_signal(SIGUSR1, h, 0, 0);
	sigmask(SIG_BLOCK, GT_BIT(SIGUSR1));
	kill(getpid(), SIGUSR1);
	ts = (struct timespec){ 5, 0 };
	v[0] = (struct pollfd){ q[0], POLLIN, 0 };
	VAL(syscall(SYS_ppoll, v, 1, &ts, &none, 8));
	out("handled %d mask %#llx", hits, (unsigned long long)sigmask_get());
	kill(getpid(), SIGUSR1);
	struct { uint64_t *p; size_t n; } six = { &none, 8 };
	ts = (struct timespec){ 5, 0 };
	VAL(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, &six));
	out("handled %d mask %#llx", hits, (unsigned long long)sigmask_get());
	six.n = 4;
	VAL(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, &six));
	VAL(syscall(SYS_pselect6, 0, 0, 0, 0, &ts, BAD));
	/* an event wins over the signal */
	kill(getpid(), SIGUSR1);
	write(q[1], "x", 1);
	VAL(syscall(SYS_ppoll, v, 1, &ts, &none, 8));
	out("handled %d, pending %#llx", hits,
	    (unsigned long long)sigs_pending());
}

static void
t_many(void)
{
	static struct pollfd v[600];
	int p[2], n = 0;

	pipe(p);
	write(p[1], "x", 1);
	for (int i = 0; i < 600; i++) {
		int fd = dup(p[i & 1]);

		v[i] = (struct pollfd){ fd, i & 1 ? POLLOUT : POLLIN, 0 };
	}
	VAL(poll(v, 600, 0));
	for (int i = 0; i < 600; i++)
		n += v[i].revents == v[i].events;
	out("ready %d", n);
	fd_set r;
	FD_ZERO(&r);
	for (int i = 0; i < 600; i += 2)
		FD_SET(v[i].fd, &r);
	VAL(select(v[599].fd + 1, &r, 0, 0, 0));
}

int
main(void)
{
	t_state();
	t_calls();
	t_many();
	return 0;
}
