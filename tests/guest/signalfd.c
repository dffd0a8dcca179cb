/* SPDX-License-Identifier: MIT */
/* signalfd(2). */
#include "gt.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#define M(s) (1ul << ((s) - 1))

static int
sfd(int fd, uint64_t mask, int flags)
{
	return (int)syscall(SYS_signalfd4, fd, &mask, 8, flags);
}

static int
ready(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	poll(&p, 1, 0);
	return p.revents;
}

static void
show(const char *name, const struct signalfd_siginfo *i, int me)
{
	out("%s: %s code %d errno %d pid %s uid %u int %d fd %d status %d",
	    name, gt_sig((int)i->ssi_signo), i->ssi_code, i->ssi_errno,
	    (int)i->ssi_pid == getpid() ? "self" : i->ssi_pid ? "other" : "0",
	    i->ssi_uid, i->ssi_int, i->ssi_fd >= 0 ? 0 : -1, i->ssi_status);
	(void)me;
}

static void
errors(void)
{
	uint64_t m = M(SIGUSR1);
	char b[256];
	int fd, p[2];

	VAL(syscall(SYS_signalfd4, -1, &m, 4, 0));
	VAL(syscall(SYS_signalfd4, -1, BAD, 8, 0));
	VAL(syscall(SYS_signalfd4, -1, BAD, 8, 1));
	VAL(syscall(SYS_signalfd4, -1, &m, 8, 1));
	VAL(syscall(SYS_signalfd4, 99, &m, 8, 0));
	VAL(syscall(SYS_signalfd4, -2, &m, 8, 0));
	NEED(pipe(p));
	VAL(syscall(SYS_signalfd4, p[0], &m, 8, 0));
	fd = sfd(-1, m, O_NONBLOCK | O_CLOEXEC);
	val("fd flags", fcntl(fd, F_GETFD));
	VAL(read(fd, b, 0));
	VAL(read(fd, b, 127));
	VAL(read(fd, b, 128));
	VAL(write(fd, b, 128));
	VAL(lseek(fd, 0, SEEK_SET));
	VAL(ready(fd));
	kill(getpid(), SIGUSR1);
	VAL(ready(fd));
	VAL(read(fd, BAD, 128));
	VAL(ready(fd));
	close(fd);
	close(p[0]);
	close(p[1]);
	fd = (int)syscall(SYS_signalfd, -1, &m, 8);
	okay("signalfd", fd);
	close(fd);
}

static void
reading(void)
{
	struct signalfd_siginfo i[4];
	union sigval v = { .sival_int = 42 };
	int fd = sfd(-1, M(SIGUSR1) | M(SIGUSR2) | M(40) | M(SIGKILL), 0);
	int st;
	pid_t p;

	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR2);
	sigqueue(getpid(), 40, v);
	v.sival_int = 43;
	sigqueue(getpid(), 40, v);
	raise(SIGUSR1);
	VAL(read(fd, i, sizeof(i)));
	for (int k = 0; k < 4; k++)
		show("read", &i[k], 0);
	VAL(ready(fd));
	/* as many as fit */
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	VAL(read(fd, i, 200));
	VAL(read(fd, i, 200));
	/* blocking, and a signal that is not in the set breaks it off */
	p = fork();
	if (!p) {
		usleep(10000);
		kill(getppid(), SIGUSR1);
		_exit(3);
	}
	VAL(read(fd, i, sizeof(i)));
	show("from child", i, 0);
	waitpid(p, &st, 0);
	/* change of the set */
	VAL(sfd(fd, M(SIGCHLD), 0) == fd);
	kill(getpid(), SIGUSR1);
	VAL(ready(fd));
	VAL(read(fd, i, sizeof(i)));
	show("child", i, 0);
	VAL(sfd(fd, M(SIGUSR1), 0) == fd);
	VAL(ready(fd));
	VAL(read(fd, i, sizeof(i)));
	close(fd);
}

static void *
thread(void *arg)
{
	int fd = *(int *)arg;
	struct signalfd_siginfo i;

	val("thread sees", ready(fd));
	raise(SIGUSR1);
	val("thread sees its own", ready(fd));
	val("thread reads", read(fd, &i, sizeof(i)));
	return NULL;
}

static void
threads(void)
{
	int fd = sfd(-1, M(SIGUSR1), O_NONBLOCK);
	struct signalfd_siginfo i;
	pthread_t t;

	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	pthread_create(&t, NULL, thread, &fd);
	pthread_join(t, NULL);
	VAL(ready(fd));
	VAL(read(fd, &i, sizeof(i)));
	show("own", &i, 0);
	close(fd);
}

static void
watched(void)
{
	int fd = sfd(-1, M(SIGUSR1), O_NONBLOCK), ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN }, got;
	struct signalfd_siginfo i;
	int st, pp[2];
	char c;
	pid_t p;

	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	VAL(epoll_wait(ep, &got, 1, 0));
	p = fork();
	if (!p) {
		usleep(5000);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	VAL(epoll_wait(ep, &got, 1, -1));
	VAL(read(fd, &i, sizeof(i)));
	waitpid(p, &st, 0);
	/* a descriptor registered by a process that has ended */
	NEED(pipe(pp));
	p = fork();
	if (!p) {
		int fd2 = sfd(-1, M(SIGUSR2), 0);

		epoll_ctl(ep, EPOLL_CTL_ADD, fd2, &ev);
		_exit(0);
	}
	waitpid(p, &st, 0);
	VAL(st);
	VAL(epoll_wait(ep, &got, 1, 0));
	/* the set that a child adds to lives on in the parent: dup2 over it */
	p = fork();
	if (!p) {
		epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
		write(pp[1], "", 1);
		_exit(0);
	}
	read(pp[0], &c, 1);
	waitpid(p, &st, 0);
	VAL(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev));
	VAL(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
	VAL(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	kill(getpid(), SIGUSR1);
	VAL(epoll_wait(ep, &got, 1, 0));
	VAL(read(fd, &i, sizeof(i)));
	close(ep);
	close(fd);
}

static void
info(void)
{
	char path[64], b[512], *s;
	int fd = sfd(-1, M(SIGUSR1) | M(64) | M(SIGSTOP), 0), f;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = (int)NEED(open(path, O_RDONLY));
	n = NEED(read(f, b, sizeof(b) - 1));
	b[n] = '\0';
	for (s = strtok(b, "\n"); s; s = strtok(NULL, "\n"))
		if (!strncmp(s, "sigmask", 7))
			out("%s", s);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = NEED(readlink(path, b, sizeof(b) - 1));
	b[n] = '\0';
	out("%s", b);
}

int
main(void)
{
	uint64_t all = ~0ul;

	NEED(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8));
	errors();
	reading();
	threads();
	watched();
	info();
	return 0;
}
