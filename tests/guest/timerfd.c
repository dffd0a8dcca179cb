/* SPDX-License-Identifier: MIT */
/* timerfd_create(2) and its kin. Short times only; never how late something is. */
#include "gt.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#define TFD_CLOEXEC_ O_CLOEXEC
#define MS 1000000l
#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, uint64_t)
#endif

static struct itimerspec
its(long value_ns, long interval_ns)
{
	return (struct itimerspec){
		.it_value = { value_ns / 1000000000, value_ns % 1000000000 },
		.it_interval = { interval_ns / 1000000000,
				 interval_ns % 1000000000 },
	};
}

static int
mk(int clock, int flags)
{
	return (int)syscall(SYS_timerfd_create, clock, flags);
}

static int
set(int fd, int flags, long value_ns, long interval_ns)
{
	struct itimerspec n = its(value_ns, interval_ns);

	return (int)syscall(SYS_timerfd_settime, fd, flags, &n, NULL);
}

static int
set_abs(int fd, int clock, int flags, long from_now_ns, long interval_ns)
{
	struct timespec t;
	long ns;

	clock_gettime(clock, &t);
	ns = t.tv_sec * 1000000000 + t.tv_nsec + from_now_ns;
	return set(fd, flags | 1, ns, interval_ns);
}

static long
rd(int fd)
{
	uint64_t v = 0;
	long r = read(fd, &v, 8);

	return r == 8 ? (long)v : r;
}

static int
ready(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	poll(&p, 1, ms);
	return p.revents;
}

static void
errors(void)
{
	struct itimerspec n = its(0, 0), o;
	int fd, p[2];
	char b[16];

	for (int c = -1; c <= 7; c++)
		if (c != 2 && c != 3) {
			char nm[32];

			snprintf(nm, sizeof(nm), "create clock %d", c);
			fd = mk(c, 0);
			okay(nm, fd);
			close(fd);
		}
	VAL(mk(2, 0));
	VAL(mk(11, 0));
	VAL(mk(1, 1));
	fd = mk(CLOCK_MONOTONIC, O_NONBLOCK | O_CLOEXEC);
	val("fd flags", fcntl(fd, F_GETFD));
	val("fl nonblock", (fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE)) ==
	    (O_NONBLOCK | O_RDWR));
	VAL(syscall(SYS_timerfd_settime, fd, 4, &n, NULL));
	VAL(syscall(SYS_timerfd_settime, fd, 0, NULL, NULL));
	VAL(syscall(SYS_timerfd_settime, fd, 0, BAD, NULL));
	VAL(syscall(SYS_timerfd_settime, fd, 0, &n, BAD));
	VAL(syscall(SYS_timerfd_settime, -1, 0, &n, NULL));
	VAL(syscall(SYS_timerfd_settime, -1, 8, &n, NULL));
	VAL(syscall(SYS_timerfd_settime, 0, 0, &n, NULL));
	n.it_value.tv_nsec = 1000000000;
	VAL(syscall(SYS_timerfd_settime, fd, 0, &n, NULL));
	n = its(0, 0);
	n.it_interval.tv_sec = -1;
	VAL(syscall(SYS_timerfd_settime, fd, 0, &n, NULL));
	VAL(syscall(SYS_timerfd_gettime, fd, BAD));
	VAL(syscall(SYS_timerfd_gettime, -1, &o));
	NEED(pipe(p));
	VAL(syscall(SYS_timerfd_gettime, p[0], &o));
	VAL(read(fd, b, 7));
	VAL(read(fd, b, 0));
	VAL(read(fd, b, 8));
	VAL(write(fd, b, 8));
	VAL(lseek(fd, 0, SEEK_SET));
	VAL(pread(fd, b, 8, 0));
	VAL(ioctl(fd, FIONREAD, b));
	VAL(ready(fd, 0));
	close(fd);
}

static void
counting(void)
{
	int fd = mk(CLOCK_MONOTONIC, 0), fr = mk(CLOCK_REALTIME, 0);
	struct itimerspec o;
	struct timespec ts = { 0, 20 * MS };
	long n;

	VAL(set(fd, 0, 1, 0));
	VAL(ready(fd, -1));
	VAL(rd(fd));
	VAL(ready(fd, 0));
	memset(&o, 1, sizeof(o));
	VAL(syscall(SYS_timerfd_gettime, fd, &o));
	YES(!o.it_value.tv_sec && !o.it_value.tv_nsec);
	VAL(set(fd, 0, 1000 * 1000000000l, 5));
	VAL(syscall(SYS_timerfd_gettime, fd, &o));
	YES(o.it_value.tv_sec >= 900 && o.it_value.tv_sec <= 1000 &&
	    o.it_interval.tv_nsec == 5);
	VAL(set(fd, 0, MS, MS));
	nanosleep(&ts, NULL);
	n = rd(fd);
	YES(n >= 19);
	n = rd(fd);
	YES(n >= 1);
	/* one that is over before it begins counts what was missed */
	VAL(set_abs(fr, CLOCK_REALTIME, 0, -100 * MS, 10 * MS));
	n = rd(fr);
	YES(n >= 10);
	VAL(set_abs(fr, CLOCK_REALTIME, 0, -100 * MS, 0));
	VAL(rd(fr));
	close(fr);
	VAL(set(fd, 0, 0, MS));
	syscall(SYS_timerfd_gettime, fd, &o);
	YES(!o.it_value.tv_nsec && o.it_interval.tv_nsec == MS);
	VAL(ready(fd, 5));
	/* setting forgets what was not read */
	VAL(set(fd, 0, 1, 0));
	VAL(ready(fd, -1));
	VAL(set(fd, 0, 1000 * 1000000000l, 0));
	VAL(ready(fd, 0));
	/* gettime moves a periodic one on and keeps the count */
	VAL(set(fd, 0, 1, 1000 * 1000000000l));
	VAL(ready(fd, -1));
	syscall(SYS_timerfd_gettime, fd, &o);
	YES(o.it_value.tv_sec > 900);
	VAL(rd(fd));
	VAL(syscall(SYS_timerfd_settime, fd, 0, &(struct itimerspec){ 0 }, &o));
	YES(o.it_value.tv_sec > 900 && o.it_interval.tv_sec == 1000);
	VAL(set(fd, 0, LONG_MAX, 0));
	VAL(ready(fd, 1));
	VAL(set(fd, 1, LONG_MAX, LONG_MAX));
	VAL(ready(fd, 1));
	close(fd);
}

static void
clocks(void)
{
	static const int c[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,
		CLOCK_BOOTTIME, 8, 9 };

	for (size_t i = 0; i < NELEM(c); i++) {
		int fd = mk(c[i], 0);

		out("clock %d", c[i]);
		VAL(set_abs(fd, c[i] == 8 ? 0 : c[i] == 9 ? 7 : c[i], 0, MS, 0));
		VAL(rd(fd));
		VAL(set(fd, 0, MS, 0));
		VAL(rd(fd));
		VAL(set(fd, 2, MS, 0));
		VAL(rd(fd));
		VAL(set_abs(fd, c[i] == 8 ? 0 : c[i] == 9 ? 7 : c[i], 2, MS, 0));
		VAL(rd(fd));
		close(fd);
	}
}

static void
alarm_user(void)
{
	int fd = mk(9, 0);

	val("user: alarm", fd);
	val("user: boottime", mk(7, 0) >= 0);
}

static void
ticks(void)
{
	int fd = mk(CLOCK_MONOTONIC, O_NONBLOCK);
	uint64_t v = 7;

	VAL(ioctl(fd, TFD_IOC_SET_TICKS, &v));
	VAL(ready(fd, 0));
	VAL(rd(fd));
	v = 0;
	VAL(ioctl(fd, TFD_IOC_SET_TICKS, &v));
	VAL(ioctl(fd, TFD_IOC_SET_TICKS, BAD));
	VAL(rd(fd));
	close(fd);
}

static void
waiting(void)
{
	int fd = mk(CLOCK_MONOTONIC, 0), ep = epoll_create1(0), st;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET }, got;
	pid_t p;

	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	VAL(set(fd, 0, 2 * MS, 0));
	VAL(epoll_wait(ep, &got, 1, -1));
	VAL(epoll_wait(ep, &got, 1, 0));
	VAL(set(fd, 0, 2 * MS, 0));
	VAL(epoll_wait(ep, &got, 1, -1));
	VAL(rd(fd));
	/* a child shares the timer */
	p = fork();
	if (!p) {
		long r = rd(fd);

		_exit(r == 1 ? 0 : 1);
	}
	VAL(set(fd, 0, 5 * MS, 0));
	waitpid(p, &st, 0);
	VAL(st);
	close(fd);
	close(ep);
}

static void
info(void)
{
	char path[64], b[1024], *s;
	int fd = mk(CLOCK_REALTIME, 0), f;
	ssize_t n;

	set(fd, 3, LONG_MAX, 1500000000l);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = (int)NEED(open(path, O_RDONLY));
	n = NEED(read(f, b, sizeof(b) - 1));
	b[n] = '\0';
	for (s = strtok(b, "\n"); s; s = strtok(NULL, "\n"))
		if (strncmp(s, "it_value", 8) && strncmp(s, "mnt_id", 6) &&
		    strncmp(s, "ino", 3))
			out("%s", s);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = NEED(readlink(path, b, sizeof(b) - 1));
	b[n] = '\0';
	out("%s", b);
	close(f);
	close(fd);
}

int
main(void)
{
	errors();
	counting();
	clocks();
	as_user("alarm as user", alarm_user);
	ticks();
	waiting();
	info();
	return 0;
}
