/* SPDX-License-Identifier: MIT */
/* What unixsock.c and unixmsg.c share: printing of addresses, flags, pairs. */
#ifndef UNIXSOCK_H
#define UNIXSOCK_H

/* AF_UNIX: names, connections, data, ancillary data, options, errors. */
#include "gt.h"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>

#define OFF offsetof(struct sockaddr_un, sun_path)
#define S3(d, t, p) syscall(SYS_socket, d, t, p)
#define NB SOCK_NONBLOCK
/* musl copies control data through a buffer of its own */
#define sendmsg(s, h, f) syscall(SYS_sendmsg, s, h, f)
#define recvmsg(s, h, f) syscall(SYS_recvmsg, s, h, f)

static int
sock(int type)
{
	return (int)NEED(S3(AF_UNIX, type, 0));
}

static void
pair(int type, int sv[2])
{
	NEED(syscall(SYS_socketpair, AF_UNIX, type, 0, sv));
}

static socklen_t
name(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (path[0] == '@') {
		memcpy(a->sun_path + 1, path + 1, strlen(path) - 1);
		return OFF + strlen(path);
	}
	strcpy(a->sun_path, path);
	return OFF + strlen(path) + 1;
}

static long
bind_to(int fd, const char *path)
{
	struct sockaddr_un a;
	socklen_t n = name(&a, path);

	return syscall(SYS_bind, fd, &a, n);
}

static long
connect_to(int fd, const char *path)
{
	struct sockaddr_un a;
	socklen_t n = name(&a, path);

	return syscall(SYS_connect, fd, &a, n);
}

static int
listener(int type, const char *path, int backlog)
{
	int fd = sock(type);

	NEED(bind_to(fd, path));
	NEED(syscall(SYS_listen, fd, backlog));
	return fd;
}

static const char *
show(const struct sockaddr_un *a, socklen_t n)
{
	static char b[300];
	int k = snprintf(b, sizeof(b), "len %u family %d ", (unsigned)n,
			 n >= 2 ? a->sun_family : -1);

	for (socklen_t i = OFF; i < n && i < sizeof(*a) + 1; i++) {
		char c = ((const char *)a)[i];

		if (c)
			b[k++] = c;
		else {
			b[k++] = '\\';
			b[k++] = '0';
		}
	}
	b[k] = 0;
	return b;
}

static void
names(const char *what, int fd)
{
	struct sockaddr_un a[2];
	socklen_t n = sizeof(a);
	long r;

	memset(a, 'x', sizeof(a));
	r = syscall(SYS_getsockname, fd, a, &n);
	out("%s: sockname %s", what, r ? gt_errno(errno) : show(a, n));
	n = sizeof(a);
	r = syscall(SYS_getpeername, fd, a, &n);
	out("%s: peername %s", what, r ? gt_errno(errno) : show(a, n));
}

#define ALLEV (POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | \
	       POLLWRNORM | POLLWRBAND | 0x2000)

static void
ev(const char *what, int fd)
{
	static const struct { int v; const char *n; } t[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		{ POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLNVAL, "NVAL" },
		{ POLLRDNORM, "RDNORM" }, { POLLRDBAND, "RDBAND" },
		{ POLLWRNORM, "WRNORM" }, { POLLWRBAND, "WRBAND" },
		{ 0x2000, "RDHUP" },
	};
	struct pollfd p = { fd, ALLEV, 0 };
	char b[128] = "";

	poll(&p, 1, 0);
	for (unsigned i = 0; i < NELEM(t); i++)
		if (p.revents & t[i].v) {
			strcat(b, " ");
			strcat(b, t[i].n);
		}
	out("poll %s:%s", what, b[0] ? b : " none");
}

/* ---- socket(2), socketpair(2) ------------------------------------------ */

static int
count_fds(void)
{
	int n = 0;

	for (int i = 0; i < 100; i++)
		n += fcntl(i, F_GETFD) >= 0;
	return n;
}

/* each program in a folder of its own, with SIGPIPE at its default */
static void
sock_dir(void)
{
	char dir[] = "/tmp/gtsockXXXXXX";

	if (!mkdtemp(dir) || chdir(dir))
		_exit(97);
	chmod(dir, 0755);
	signal(SIGPIPE, SIG_DFL);
}

#endif
