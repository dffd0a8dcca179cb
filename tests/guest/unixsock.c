/* SPDX-License-Identifier: MIT */
/* AF_UNIX: names, connections, data, ancillary data, options, errors. */
#include "gt.h"
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

static void
t_create(void)
{
	int before = count_fds(), sv[2] = { 7, 7 }, fd;
	struct stat st;

	OKAY(S3(AF_UNIX, SOCK_STREAM, 0));
	OKAY(S3(AF_UNIX, SOCK_DGRAM, 0));
	OKAY(S3(AF_UNIX, SOCK_SEQPACKET, 1));
	fd = S3(AF_UNIX, SOCK_RAW, 0);
	okay("raw", fd);
	{
		int v;
		socklen_t n = sizeof(v);

		getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &n);
		out("raw is type %d", v);
	}
	VAL(S3(AF_UNIX, SOCK_RDM, 0));
	VAL(S3(AF_UNIX, 6, 0));
	VAL(S3(AF_UNIX, 11, 0));
	VAL(S3(AF_UNIX, 0, 0));
	VAL(S3(AF_UNIX, SOCK_STREAM, 2));
	VAL(S3(AF_UNIX, SOCK_STREAM | 0x10, 0));
	VAL(S3(46, SOCK_STREAM, 0));
	VAL(S3(-1, SOCK_STREAM, 0));
	VAL(S3(0, SOCK_STREAM, 0));
	VAL(S3(1000, 99, 0));
	VAL(S3(AF_UNIX, 15, 0));
	VAL(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, BAD));
	VAL(syscall(SYS_socketpair, AF_UNIX, SOCK_RDM, 0, sv));
	VAL(syscall(SYS_socketpair, 999, SOCK_STREAM, 0, sv));
	VAL(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 7, sv));
	VAL(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | 0x20, 0, sv));
	out("descriptors more: %d", count_fds() - before);
	fd = sock(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
	out("flags %x fd %x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	NEED(fstat(fd, &st));
	out("mode %o size %ld nlink %ld uid %d", st.st_mode, (long)st.st_size,
	    (long)st.st_nlink, (int)st.st_uid);
	{
		char p[64], l[64];
		long n;

		snprintf(p, sizeof(p), "/proc/self/fd/%d", fd);
		n = readlink(p, l, sizeof(l) - 1);
		l[n < 0 ? 0 : n] = 0;
		snprintf(p, sizeof(p), "socket:[%lu]", (long)st.st_ino);
		yes("link names the inode", !strcmp(l, p));
		snprintf(p, sizeof(p), "/proc/self/fd/%d", fd);
		VAL(open(p, O_RDWR));
	}
	VAL(lseek(fd, 0, SEEK_SET));
	VAL(pread(fd, sv, 1, 0));
	VAL(ftruncate(fd, 0));
	VAL(fsync(fd));
	okay("mmap", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	VAL(ioctl(fd, 0x5401, sv));
	VAL(ioctl(fd, 0x1234, sv));
	VAL(ioctl(fd, 0x541b, BAD));
	close(fd);
	for (int i = 3; i < 60; i++)
		close(i);
}

/* ---- names ------------------------------------------------------------- */

static void
t_bind(void)
{
	struct sockaddr_un a;
	char longname[120];
	int s, t, d;
	socklen_t n;
	struct stat st;

	s = sock(SOCK_STREAM);
	names("unbound", s);
	umask(022);
	VAL(bind_to(s, "sk"));
	NEED(stat("sk", &st));
	out("mode %o size %ld", st.st_mode, (long)st.st_size);
	names("bound", s);
	VAL(bind_to(s, "sk2"));
	VAL(stat("sk2", &st));
	VAL(bind_to(s, "sk"));
	t = sock(SOCK_STREAM);
	VAL(bind_to(t, "sk"));
	VAL(bind_to(t, "nodir/sk"));
	VAL(bind_to(t, "sk/x"));
	VAL(bind_to(t, ""));
	names("after empty name", t);
	VAL(open("sk", O_RDWR));
	VAL(open("sk", O_RDONLY));
	close(s);
	close(t);
	VAL(stat("sk", &st));
	s = sock(SOCK_STREAM);
	VAL(bind_to(s, "sk"));
	VAL(connect_to(s, "sk"));
	VAL(unlink("sk"));
	VAL(connect_to(s, "sk"));
	/* longest name: 108 bytes without a NUL */
	memset(longname, 'n', sizeof(longname));
	memset(&a, 0, sizeof(a));
	a.sun_family = AF_UNIX;
	memcpy(a.sun_path, longname, 108);
	VAL(syscall(SYS_bind, s, &a, sizeof(a)));
	names("longest", s);
	longname[108] = 0;
	VAL(stat(longname, &st));
	t = sock(SOCK_STREAM);
	VAL(listen(s, 1));
	VAL(syscall(SYS_connect, t, &a, sizeof(a)));
	names("to longest", t);
	close(t);
	close(s);
	unlink(longname);
	/* lengths and families */
	s = sock(SOCK_DGRAM);
	n = name(&a, "dd");
	VAL(syscall(SYS_bind, s, &a, 0));
	VAL(syscall(SYS_bind, s, &a, 1));
	VAL(syscall(SYS_bind, s, &a, -1));
	VAL(syscall(SYS_bind, s, &a, 129));
	VAL(syscall(SYS_bind, s, &a, 111));
	VAL(syscall(SYS_bind, s, BAD, n));
	a.sun_family = AF_INET;
	VAL(syscall(SYS_bind, s, &a, n));
	VAL(syscall(SYS_bind, s, &a, 2));
	VAL(syscall(SYS_bind, 99, &a, n));
	VAL(syscall(SYS_bind, 0, &a, n));
	a.sun_family = AF_UNIX;
	/* name cut by the length */
	strcpy(a.sun_path, "cutname");
	VAL(syscall(SYS_bind, s, &a, OFF + 3));
	names("cut", s);
	VAL(access("cut", F_OK));
	unlink("cut");
	close(s);
	/* abstract */
	s = sock(SOCK_DGRAM);
	VAL(bind_to(s, "@gt-abs"));
	names("abstract", s);
	VAL(bind_to(s, "@gt-other"));
	t = sock(SOCK_DGRAM);
	VAL(bind_to(t, "@gt-abs"));
	VAL(connect_to(t, "@gt-abs"));
	VAL(connect_to(t, "@gt-ab"));
	VAL(connect_to(t, "@gt-abss"));
	names("to abstract", t);
	d = sock(SOCK_STREAM);
	VAL(connect_to(d, "@gt-abs"));
	VAL(bind_to(d, "@gt-abs"));
	close(d);
	close(t);
	close(s);
	t = sock(SOCK_DGRAM);
	VAL(connect_to(t, "@gt-abs"));
	VAL(bind_to(t, "@gt-abs"));
	close(t);
	/* autobind */
	s = sock(SOCK_STREAM);
	a.sun_family = AF_UNIX;
	VAL(syscall(SYS_bind, s, &a, 2));
	n = sizeof(a);
	NEED(getsockname(s, (void *)&a, &n));
	out("autobind: len %u first %d hex %d", (unsigned)n, a.sun_path[0],
	    (int)strspn(a.sun_path + 1, "0123456789abcdef"));
	VAL(syscall(SYS_bind, s, &a, 2));
	VAL(bind_to(s, "x"));
	VAL(access("x", F_OK));
	/* short buffers */
	n = 3;
	memset(&a, 'x', sizeof(a));
	VAL(getsockname(s, (void *)&a, &n));
	out("cut to 3: len %u, %d %d %d", (unsigned)n, a.sun_family,
	    a.sun_path[0], a.sun_path[1]);
	n = 0;
	VAL(getsockname(s, (void *)&a, &n));
	out("len %u", (unsigned)n);
	n = -1;
	VAL(syscall(SYS_getsockname, s, &a, &n));
	n = 20;
	VAL(syscall(SYS_getsockname, s, BAD, &n));
	VAL(syscall(SYS_getsockname, s, &a, BAD));
	VAL(syscall(SYS_getsockname, 99, &a, &n));
	VAL(syscall(SYS_getsockname, 0, &a, &n));
	close(s);
	/* moved and linked names find the same socket */
	s = listener(SOCK_STREAM, "one", 5);
	NEED(rename("one", "two"));
	NEED(link("two", "three"));
	NEED(symlink("three", "four"));
	VAL(connect_to(sock(SOCK_STREAM), "one"));
	VAL(connect_to(sock(SOCK_STREAM), "two"));
	VAL(connect_to(sock(SOCK_STREAM), "three"));
	t = sock(SOCK_STREAM);
	VAL(connect_to(t, "four"));
	names("through links", t);
	VAL(connect_to(sock(SOCK_DGRAM), "two"));
	VAL(connect_to(sock(SOCK_SEQPACKET), "two"));
	put_file("plain", "x", 0644);
	VAL(connect_to(sock(SOCK_STREAM), "plain"));
	VAL(connect_to(sock(SOCK_STREAM), "/"));
	VAL(connect_to(sock(SOCK_STREAM), "two/"));
	VAL(bind_to(sock(SOCK_STREAM), "four"));
	NEED(mknod("made", S_IFSOCK | 0666, 0));
	VAL(connect_to(sock(SOCK_STREAM), "made"));
	for (int i = 3; i < 60; i++)
		close(i);
}

static void
user_connect(void)
{
	VAL(connect_to(sock(SOCK_STREAM), "priv"));
	VAL(connect_to(sock(SOCK_STREAM), "ro"));
	VAL(connect_to(sock(SOCK_STREAM), "open"));
	VAL(bind_to(sock(SOCK_STREAM), "denied"));
}

static void
t_perm(void)
{
	listener(SOCK_STREAM, "priv", 3);
	listener(SOCK_STREAM, "ro", 3);
	listener(SOCK_STREAM, "open", 3);
	chmod("priv", 0600);
	chmod("ro", 0444);
	chmod("open", 0222);
	as_user("user connects", user_connect);
	unlink("priv");
	unlink("ro");
	unlink("open");
	for (int i = 3; i < 60; i++)
		close(i);
}

/* ---- connections ------------------------------------------------------- */

static void
t_connect(int type, const char *tn)
{
	struct sockaddr_un a;
	socklen_t n;
	int l, c, c2, s, e;
	char b[16];

	out("-- connect, %s", tn);
	unlink("l");
	l = sock(type);
	VAL(listen(l, 3));
	VAL(syscall(SYS_accept4, l, NULL, NULL, 0));
	NEED(bind_to(l, "l"));
	c = sock(type);
	VAL(connect_to(c, "l"));
	VAL(listen(l, 0));
	ev("listening", l);
	VAL(syscall(SYS_accept4, l, NULL, NULL, 1));
	VAL(fcntl(l, F_SETFL, O_NONBLOCK));
	VAL(syscall(SYS_accept4, l, NULL, NULL, 0));
	ev("unconnected", c);
	VAL(send(c, "x", 1, MSG_NOSIGNAL));
	VAL(recv(c, b, 1, MSG_DONTWAIT));
	VAL(read(l, b, 1));
	VAL(send(l, "x", 1, MSG_NOSIGNAL));
	VAL(connect_to(c, "l"));
	names("client", c);
	fcntl(c, F_SETFL, O_NONBLOCK);
	VAL(connect_to(c, "l"));
	VAL(listen(l, 1));
	VAL(connect_to(c, "l"));
	VAL(listen(l, 0));
	fcntl(c, F_SETFL, 0);
	VAL(listen(c, 1));
	ev("pending", l);
	ev("client", c);
	VAL(send(c, "early", 5, 0));
	c2 = sock(type | NB);
	VAL(connect_to(c2, "l"));
	close(c2);
	VAL(connect_to(l, "l"));
	n = sizeof(a);
	memset(&a, 'x', sizeof(a));
	s = syscall(SYS_accept4, l, &a, &n, SOCK_CLOEXEC | NB);
	out("accept: %s, %s", s < 0 ? gt_errno(errno) : "ok", show(&a, n));
	out("flags %x %x", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
	names("accepted", s);
	VAL(read(s, b, sizeof(b)));
	VAL(read(s, b, sizeof(b)));
	VAL(send(s, "reply", 5, 0));
	VAL(recv(c, b, sizeof(b), 0));
	/* a bound client */
	c2 = sock(type);
	NEED(bind_to(c2, "@client"));
	VAL(connect_to(c2, "l"));
	n = sizeof(a);
	e = syscall(SYS_accept, l, &a, &n);
	out("accept: %s, %s", e < 0 ? gt_errno(errno) : "ok", show(&a, n));
	n = sizeof(a);
	VAL(send(c2, "who", 3, 0));
	VAL(recvfrom(e, b, sizeof(b), 0, (void *)&a, &n));
	out("from %s", show(&a, n));
	/* bad address pointers on accept: the connection is lost */
	close(e);
	VAL(recv(c2, b, 1, 0));
	close(c2);
	c2 = sock(type);
	VAL(connect_to(c2, "l"));
	n = 20;
	VAL(syscall(SYS_accept, l, BAD, &n));
	VAL(recv(c2, b, 1, 0));
	VAL(send(c2, "x", 1, MSG_NOSIGNAL));
	VAL(recv(c2, b, 1, 0));
	close(c2);
	/* closing with unread data resets */
	VAL(send(s, "unread", 6, 0));
	VAL(send(c, "unread", 6, 0));
	close(c);
	ev("peer closed, data and reset", s);
	VAL(recv(s, b, 16, 0));
	VAL(recv(s, b, 16, 0));
	VAL(recv(s, b, 16, 0));
	ev("peer closed", s);
	VAL(send(s, "x", 1, MSG_NOSIGNAL));
	names("peer closed", s);
	close(s);
	/* closing the listener resets what waits */
	c = sock(type);
	VAL(connect_to(c, "l"));
	VAL(send(c, "x", 1, 0));
	close(l);
	ev("listener closed", c);
	VAL(send(c, "x", 1, MSG_NOSIGNAL));
	VAL(recv(c, b, 1, 0));
	VAL(recv(c, b, 1, 0));
	close(c);
	c = sock(type);
	VAL(connect_to(c, "l"));
	VAL(listen(99, 1));
	VAL(listen(0, 1));
	VAL(syscall(SYS_accept, 99, NULL, NULL));
	VAL(syscall(SYS_accept, 0, NULL, NULL));
	VAL(syscall(SYS_accept4, 99, NULL, NULL, 1));
	VAL(connect_to(99, "l"));
	VAL(connect_to(0, "l"));
	VAL(syscall(SYS_connect, c, BAD, 10));
	VAL(syscall(SYS_connect, c, &a, 1));
	VAL(syscall(SYS_connect, c, &a, 200));
	a.sun_family = AF_UNSPEC;
	VAL(syscall(SYS_connect, c, &a, 16));
	VAL(syscall(SYS_accept, c, NULL, NULL));
	for (int i = 3; i < 60; i++)
		close(i);
	unlink("l");
}

static void
sleeper_connect(void)
{
	int c = sock(SOCK_STREAM);

	VAL(connect_to(c, "bl"));
	VAL(write(c, "late", 4));
}

static void
t_block(void)
{
	char b[16];
	int l = listener(SOCK_STREAM, "bl", 0), c = sock(SOCK_STREAM), s, st;
	struct timeval tv = { 0, 20000 };
	pid_t p;

	out("-- blocking");
	NEED(connect_to(c, "bl"));
	p = fork();
	if (!p) {
		sleeper_connect();
		_exit(0);
	}
	msleep(30);
	s = accept(l, NULL, NULL);
	out("waiting child: %d", waitpid(p, &st, 0) == p);
	close(s);
	s = accept(l, NULL, NULL);
	VAL(read(s, b, sizeof(b)));
	/* timeouts */
	s = sock(SOCK_STREAM);
	NEED(connect_to(s, "bl"));
	c = sock(SOCK_STREAM);
	VAL(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	VAL(connect_to(c, "bl"));
	VAL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	VAL(read(s, b, 1));
	c = accept(l, NULL, NULL);
	VAL(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	VAL(syscall(SYS_accept, l, NULL, NULL));
	/* a blocked reader is woken by data, then by the end */
	p = fork();
	if (!p) {
		close(s);
		msleep(20);
		write(c, "data", 4);
		msleep(20);
		_exit(0);
	}
	close(c);
	tv.tv_usec = 0;
	NEED(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	VAL(read(s, b, sizeof(b)));
	VAL(read(s, b, sizeof(b)));
	waitpid(p, &st, 0);
	/* shutdown of a listener */
	fcntl(l, F_SETFL, 0);
	VAL(shutdown(l, SHUT_RD));
	VAL(connect_to(sock(SOCK_STREAM), "bl"));
	VAL(syscall(SYS_accept, l, NULL, NULL));
	ev("listener shut down", l);
	for (int i = 3; i < 60; i++)
		close(i);
	unlink("bl");
}

/* ---- stream data ------------------------------------------------------- */

static int sigpipes;
static void
on_pipe(int s, siginfo_t *i, void *c)
{
	(void)s, (void)c;
	sigpipes++;
	out("SIGPIPE code %d", i->si_code);
}

static void
t_stream(void)
{
	static char big[300000], back[300000];
	int sv[2], n, f;
	char b[64];
	struct iovec v[3] = { { b, 3 }, { b + 10, 0 }, { b + 20, 4 } };
	long r, total = 0;

	out("-- stream");
	pair(SOCK_STREAM, sv);
	names("pair", sv[0]);
	ev("fresh pair", sv[0]);
	VAL(write(sv[0], "abc", 3));
	VAL(write(sv[0], "defgh", 5));
	VAL(write(sv[0], "", 0));
	VAL(ioctl(sv[1], FIONREAD, &n));
	out("FIONREAD %d", n);
	VAL(ioctl(sv[0], 0x5411, &n));
	yes("SIOCOUTQ counts", n > 0);
	ev("readable", sv[1]);
	VAL(recv(sv[1], b, 2, MSG_PEEK));
	VAL(recv(sv[1], b, 64, MSG_PEEK));
	out("%.8s", b);
	memset(b, '.', sizeof(b));
	VAL(readv(sv[1], v, 3));
	out("%.24s", b);
	VAL(recv(sv[1], b, 64, MSG_DONTWAIT));
	VAL(recv(sv[1], b, 64, MSG_DONTWAIT));
	VAL(recv(sv[1], b, 0, MSG_DONTWAIT));
	VAL(read(sv[1], b, 0));
	VAL(ioctl(sv[0], 0x5411, &n));
	out("SIOCOUTQ %d", n);
	VAL(write(sv[0], BAD, 5));
	VAL(write(sv[0], "x", 1));
	VAL(read(sv[1], BAD, 5));
	VAL(read(sv[1], b, 5));
	VAL(send(sv[0], "x", 1, MSG_NOSIGNAL | MSG_MORE | MSG_EOR));
	VAL(recv(sv[1], b, 5, 0));
	/* named send on a connection */
	{
		struct sockaddr_un a;
		socklen_t al = name(&a, "@nobody");

		VAL(sendto(sv[0], "x", 1, 0, (void *)&a, al));
		f = sock(SOCK_STREAM);
		VAL(sendto(f, "x", 1, MSG_NOSIGNAL, (void *)&a, al));
		VAL(syscall(SYS_sendto, sv[0], "x", 1, 0, BAD, 10));
		VAL(syscall(SYS_sendto, sv[0], "x", 1, 0, &a, 300));
		VAL(syscall(SYS_sendto, sv[0], KBAD, 1, 0, NULL, 0));
		VAL(syscall(SYS_sendto, 99, KBAD, 1, 0, NULL, 0));
		VAL(syscall(SYS_sendto, 0, "x", 1, 0, NULL, 0));
		VAL(syscall(SYS_recvfrom, 0, b, 1, 0, NULL, NULL));
		NEED(write(sv[0], "x", 1));
		al = 5;
		VAL(recvfrom(sv[1], b, 1, 0, (void *)&a, &al));
		out("no name: len %u", (unsigned)al);
		close(f);
	}
	/* much data: all arrives, in order */
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i * 7 + (i >> 8);
	fcntl(sv[0], F_SETFL, O_NONBLOCK);
	while ((r = write(sv[0], big + total % 1000, sizeof(big) -
			  total % 1000)) > 0)
		total += r;
	val("full", r);
	yes("some went", total > 50000);
	ev("full", sv[0]);
	fcntl(sv[1], F_SETFL, O_NONBLOCK);
	while ((r = read(sv[1], back, sizeof(back))) > 0)
		total -= r;
	val("drained", r);
	out("left %ld", total);
	ev("empty again", sv[0]);
	fcntl(sv[0], F_SETFL, 0);
	fcntl(sv[1], F_SETFL, 0);
	if (!fork()) {
		for (int i = 0; i < 5; i++)
			if (write(sv[0], big, sizeof(big)) != sizeof(big))
				out("short write");
		_exit(0);
	}
	for (int i = 0; i < 5; i++) {
		memset(back, 0, sizeof(back));
		r = recv(sv[1], back, sizeof(back), MSG_WAITALL);
		out("waitall %ld same %d", r,
		    !memcmp(big, back, sizeof(big)));
	}
	wait(NULL);
	/* shutdown */
	VAL(shutdown(sv[0], 3));
	VAL(shutdown(sv[0], -1));
	VAL(shutdown(99, 0));
	VAL(shutdown(0, 0));
	NEED(write(sv[0], "last", 4));
	VAL(shutdown(sv[0], SHUT_WR));
	ev("after SHUT_WR, it", sv[0]);
	ev("after SHUT_WR, peer", sv[1]);
	on_signal(SIGPIPE, on_pipe, SA_SIGINFO, 0);
	VAL(write(sv[0], "x", 1));
	VAL(send(sv[0], "x", 1, MSG_NOSIGNAL));
	VAL(read(sv[1], b, 9));
	VAL(read(sv[1], b, 9));
	VAL(write(sv[1], "back", 4));
	VAL(read(sv[0], b, 9));
	VAL(shutdown(sv[0], SHUT_RD));
	ev("after both, it", sv[0]);
	VAL(write(sv[1], "x", 1));
	close(sv[0]);
	VAL(write(sv[1], "x", 1));
	VAL(read(sv[1], b, 1));
	out("SIGPIPEs %d", sigpipes);
	close(sv[1]);
	on_signal(SIGPIPE, GT_DFL, 0, 0);
	VAL(shutdown(f = sock(SOCK_STREAM), SHUT_RDWR));
	ev("shut down unconnected", f);
	VAL(recv(f, b, 1, 0));
	close(f);
	/* sendfile and splice through a socket */
	pair(SOCK_STREAM, sv);
	put_file("sf", "sendfile data", 0644);
	f = open("sf", O_RDONLY);
	VAL(sendfile(sv[0], f, NULL, 100));
	VAL(read(sv[1], b, sizeof(b)));
	out("%.13s", b);
	{
		int p[2];

		NEED(pipe(p));
		NEED(write(sv[0], "spliced", 7));
		VAL(splice(sv[1], NULL, p[1], NULL, 100, 0));
		VAL(splice(p[0], NULL, sv[1], NULL, 100, 0));
		VAL(read(sv[0], b, sizeof(b)));
		out("%.7s", b);
	}
	for (int i = 3; i < 60; i++)
		close(i);
	unlink("sf");
}

static void
die_of_pipe(void)
{
	int sv[2];

	pair(SOCK_STREAM, sv);
	close(sv[1]);
	write(sv[0], "x", 1);
	out("still alive");
}

/* ---- messages ---------------------------------------------------------- */

static void
t_messages(int type, const char *tn)
{
	struct sockaddr_un a;
	struct msghdr h = { 0 };
	struct iovec v[2];
	int sv[2], n;
	char b[64];
	static char big[300000];

	out("-- messages, %s", tn);
	pair(type, sv);
	ev("fresh", sv[0]);
	VAL(send(sv[0], "one", 3, 0));
	VAL(send(sv[0], "second", 6, MSG_EOR));
	VAL(send(sv[0], "", 0, 0));
	VAL(write(sv[0], "", 0));
	VAL(send(sv[0], "last", 4, 0));
	VAL(ioctl(sv[1], FIONREAD, &n));
	out("FIONREAD %d", n);
	VAL(recv(sv[1], b, 2, MSG_PEEK));
	VAL(recv(sv[1], b, 2, MSG_PEEK | MSG_TRUNC));
	VAL(recv(sv[1], b, 64, 0));
	v[0].iov_base = b;
	v[0].iov_len = 2;
	v[1].iov_base = b + 10;
	v[1].iov_len = 2;
	h.msg_iov = v;
	h.msg_iovlen = 2;
	h.msg_name = &a;
	h.msg_namelen = sizeof(a);
	h.msg_flags = -1;
	VAL(recvmsg(sv[1], &h, 0));
	out("flags %x namelen %d control %ld: %.2s%.2s", h.msg_flags,
	    (int)h.msg_namelen, (long)h.msg_controllen, b, b + 10);
	VAL(recv(sv[1], b, 64, 0));
	VAL(recv(sv[1], b, 64, 0));
	VAL(recv(sv[1], b, 2, MSG_TRUNC));
	VAL(recv(sv[1], b, 64, MSG_DONTWAIT));
	VAL(send(sv[0], big, sizeof(big), 0));
	VAL(send(sv[0], big, 200000, 0));
	VAL(recv(sv[1], big, sizeof(big), 0));
	VAL(send(sv[0], BAD, 10, 0));
	VAL(send(sv[0], "good", 4, 0));
	VAL(recv(sv[1], BAD, 10, 0));
	VAL(recv(sv[1], b, 10, MSG_DONTWAIT));
	/* more than max_dgram_qlen go through a pair */
	for (n = 0; n < 100 && send(sv[0], "m", 1, MSG_DONTWAIT) == 1; n++)
		;
	out("sent %d", n);
	for (n = 0; recv(sv[1], b, 1, MSG_DONTWAIT) == 1; n++)
		;
	out("got %d", n);
	fcntl(sv[0], F_SETFL, O_NONBLOCK);
	while ((n = write(sv[0], big, 5000)) == 5000)
		;
	val("until full", n);
	ev("full", sv[0]);
	while (recv(sv[1], big, 9000, MSG_DONTWAIT) > 0)
		;
	ev("empty", sv[0]);
	/* end */
	NEED(send(sv[0], "left", 4, 0));
	VAL(shutdown(sv[0], SHUT_WR));
	ev("shut, it", sv[0]);
	ev("shut, peer", sv[1]);
	VAL(send(sv[0], "x", 1, 0));
	VAL(recv(sv[1], b, 64, MSG_DONTWAIT));
	VAL(recv(sv[1], b, 64, MSG_DONTWAIT));
	NEED(send(sv[1], "unread", 6, 0));
	close(sv[1]);
	ev("peer closed", sv[0]);
	VAL(recv(sv[0], b, 64, MSG_DONTWAIT));
	VAL(recv(sv[0], b, 64, MSG_DONTWAIT));
	VAL(send(sv[0], "x", 1, 0));
	VAL(send(sv[0], "x", 1, 0));
	names("peer closed", sv[0]);
	close(sv[0]);
}

static void
t_dgram(void)
{
	struct sockaddr_un a;
	socklen_t n, al;
	int r, s, t, u, i, q;
	char b[64];
	struct pollfd p;
	struct epoll_event e = { .events = EPOLLOUT | EPOLLET };
	FILE *f;

	out("-- dgram");
	unlink("r");
	r = sock(SOCK_DGRAM);
	NEED(bind_to(r, "r"));
	s = sock(SOCK_DGRAM);
	ev("unconnected", s);
	VAL(send(s, "x", 1, 0));
	n = name(&a, "r");
	VAL(sendto(s, "hello", 5, 0, (void *)&a, n));
	al = sizeof(a);
	VAL(recvfrom(r, b, 64, 0, (void *)&a, &al));
	out("from unbound: len %u", (unsigned)al);
	NEED(bind_to(s, "@sender"));
	VAL(connect_to(s, "r"));
	names("connected", s);
	VAL(send(s, "hello", 5, 0));
	al = sizeof(a);
	VAL(recvfrom(r, b, 64, MSG_PEEK, (void *)&a, &al));
	out("from %s", show(&a, al));
	al = 4;
	VAL(recvfrom(r, b, 64, 0, (void *)&a, &al));
	out("len %u", (unsigned)al);
	n = name(&a, "none");
	VAL(sendto(s, "x", 1, 0, (void *)&a, n));
	n = name(&a, "@none");
	VAL(sendto(s, "x", 1, 0, (void *)&a, n));
	VAL(sendto(s, "x", 1, 0, (void *)&a, 2));
	VAL(sendto(s, "x", 1, 0, (void *)&a, 1));
	VAL(sendto(s, "x", 1, MSG_OOB, NULL, 0));
	VAL(recv(r, b, 1, MSG_OOB | MSG_DONTWAIT));
	/* a connected receiver takes from its peer only */
	t = sock(SOCK_DGRAM);
	NEED(bind_to(t, "@third"));
	VAL(connect_to(r, "@third"));
	VAL(send(s, "x", 1, 0));
	VAL(connect_to(s, "r"));
	u = sock(SOCK_DGRAM);
	VAL(connect_to(u, "r"));
	n = name(&a, "r");
	VAL(sendto(t, "peer", 4, 0, (void *)&a, n));
	VAL(recv(r, b, 64, 0));
	/* disconnect */
	a.sun_family = AF_UNSPEC;
	VAL(syscall(SYS_connect, r, &a, 2));
	VAL(syscall(SYS_connect, r, &a, 1));
	VAL(send(r, "x", 1, 0));
	VAL(send(s, "again", 5, 0));
	VAL(recv(r, b, 64, 0));
	VAL(connect_to(r, "r"));
	names("to itself", r);
	VAL(send(r, "self", 4, 0));
	VAL(recv(r, b, 64, MSG_DONTWAIT));
	VAL(syscall(SYS_connect, r, &a, 2));
	a.sun_family = AF_UNSPEC;
	VAL(syscall(SYS_connect, r, &a, 16));
	/* queue length */
	f = fopen("/proc/sys/net/unix/max_dgram_qlen", "r");
	q = -1;
	if (f && fscanf(f, "%d", &q) == 1)
		fclose(f);
	for (i = 0; i < 10000 && send(s, "q", 1, MSG_DONTWAIT) == 1; i++)
		;
	yes("one more than max_dgram_qlen", i == q + 1);
	val("then", send(s, "q", 1, MSG_DONTWAIT));
	ev("peer full", s);
	p = (struct pollfd){ s, POLLOUT, 0 };
	u = (int)NEED(epoll_create1(0));
	VAL(epoll_ctl(u, EPOLL_CTL_ADD, s, &e));
	VAL(epoll_wait(u, &e, 1, 0));
	if (!fork()) {
		msleep(20);
		recv(r, b, 1, 0);
		_exit(0);
	}
	VAL(poll(&p, 1, 2000));
	wait(NULL);
	VAL(epoll_wait(u, &e, 1, 0));
	VAL(epoll_wait(u, &e, 1, 0));
	VAL(send(s, "q", 1, MSG_DONTWAIT));
	if (!fork()) {
		msleep(20);
		recv(r, b, 1, 0);
		_exit(0);
	}
	VAL(send(s, "blocks", 6, 0));
	wait(NULL);
	for (i = 0; recv(r, b, 64, MSG_DONTWAIT) > 0; i++)
		;
	yes("all there", i == q + 1);
	/* the receiver goes */
	close(r);
	ev("receiver gone", s);
	VAL(send(s, "x", 1, 0));
	VAL(send(s, "x", 1, 0));
	names("after refusal", s);
	n = name(&a, "r");
	VAL(sendto(s, "x", 1, 0, (void *)&a, n));
	/* shut receiver */
	r = sock(SOCK_DGRAM);
	unlink("r");
	NEED(bind_to(r, "r"));
	VAL(shutdown(r, SHUT_RD));
	VAL(sendto(s, "x", 1, 0, (void *)&a, n));
	VAL(recv(r, b, 1, MSG_DONTWAIT));
	VAL(recv(r, b, 1, 0));
	VAL(listen(r, 1));
	VAL(syscall(SYS_accept, r, NULL, NULL));
	for (i = 3; i < 60; i++)
		close(i);
	unlink("r");
}

static void
t_seqpacket_plain(void)
{
	int s = sock(SOCK_SEQPACKET);
	char b[4];

	out("-- seqpacket");
	VAL(recv(s, b, 1, 0));
	VAL(send(s, b, 1, 0));
	ev("unconnected", s);
	close(s);
}

static void
t_mmsg(void)
{
	struct mmsghdr m[4];
	struct iovec v[4];
	struct timespec ts = { 0, 10000000 };
	char b[4][8];
	int sv[2];

	out("-- mmsg");
	pair(SOCK_DGRAM, sv);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 4; i++) {
		sprintf(b[i], "msg%d", i);
		v[i] = (struct iovec){ b[i], 2 + i };
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	VAL(syscall(SYS_sendmmsg, sv[0], m, 3, 0));
	out("lens %u %u %u", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	memset(b, 0, sizeof(b));
	for (int i = 0; i < 4; i++)
		v[i].iov_len = 8;
	VAL(syscall(SYS_recvmmsg, sv[1], m, 4, MSG_DONTWAIT, NULL));
	out("lens %u %u %u: %s %s %s", m[0].msg_len, m[1].msg_len,
	    m[2].msg_len, b[0], b[1], b[2]);
	VAL(syscall(SYS_recvmmsg, sv[1], m, 4, MSG_DONTWAIT, NULL));
	NEED(write(sv[0], "w", 1));
	VAL(syscall(SYS_recvmmsg, sv[1], m, 4, MSG_WAITFORONE, NULL));
	NEED(write(sv[0], "w", 1));
	VAL(syscall(SYS_recvmmsg, sv[1], m, 1, 0, &ts));
	ts.tv_nsec = 1000000000;
	VAL(syscall(SYS_recvmmsg, sv[1], m, 1, 0, &ts));
	VAL(syscall(SYS_recvmmsg, 99, m, 1, 0, NULL));
	VAL(syscall(SYS_recvmmsg, sv[1], m, 0, 0, NULL));
	VAL(syscall(SYS_recvmmsg, sv[1], BAD, 1, 0, NULL));
	VAL(syscall(SYS_sendmmsg, sv[1], BAD, 1, 0));
	VAL(syscall(SYS_sendmmsg, sv[1], m, 0, 0));
	close(sv[0]);
	VAL(syscall(SYS_sendmmsg, sv[1], m, 2, 0));
	close(sv[1]);
}

/* ---- ancillary data ---------------------------------------------------- */

static union {
	struct cmsghdr h;
	char b[4096];
} ctl;

static struct msghdr
message(struct iovec *v, void *b, size_t n, size_t control)
{
	struct msghdr h = { 0 };

	v->iov_base = b;
	v->iov_len = n;
	h.msg_iov = v;
	h.msg_iovlen = 1;
	h.msg_control = control ? &ctl : NULL;
	h.msg_controllen = control;
	return h;
}

static long
send_fds(int s, const int *fds, int n, int flags)
{
	struct iovec v;
	struct msghdr h = message(&v, "F", 1, CMSG_SPACE(n * sizeof(int)));

	memset(&ctl, 0, CMSG_SPACE(n * sizeof(int)));
	ctl.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&ctl.h), fds, n * sizeof(int));
	return sendmsg(s, &h, flags);
}

/* prints what came; returns the first descriptor */
static int
recv_ctl(const char *what, int s, size_t room, int flags)
{
	char b[64], line[512];
	struct iovec v;
	struct msghdr h = message(&v, b, sizeof(b), room);
	struct cmsghdr *c;
	int first = -1, k;
	long r;

	memset(&ctl, 0x55, sizeof(ctl));
	r = recvmsg(s, &h, flags);
	if (r < 0) {
		out("%s: %s", what, gt_errno(errno));
		return -1;
	}
	k = sprintf(line, "%s: %ld flags %x control %ld", what, r, h.msg_flags,
		    (long)h.msg_controllen);
	for (c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		k += sprintf(line + k, " [%d/%d len %ld", c->cmsg_level,
			     c->cmsg_type, (long)c->cmsg_len);
		if (c->cmsg_type == SCM_RIGHTS) {
			int *p = (int *)CMSG_DATA(c);
			int n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

			for (int i = 0; i < n; i++) {
				if (first < 0)
					first = p[i];
				else
					close(p[i]);
				k += sprintf(line + k, i < 3 ? " ok%x" : "",
					     fcntl(p[i], F_GETFD));
			}
		} else if (c->cmsg_type == SCM_CREDENTIALS &&
			   c->cmsg_len == CMSG_LEN(12)) {
			struct ucred *u = (struct ucred *)CMSG_DATA(c);

			k += sprintf(line + k, " pid %s uid %d gid %d",
				     u->pid == getpid() ? "me" :
				     u->pid ? "other" : "0", (int)u->uid,
				     (int)u->gid);
		}
		k += sprintf(line + k, "]");
	}
	out("%s", line);
	return first;
}

static void
t_rights(void)
{
	int sv[2], p[2], fds[300], fd, l, c;
	char b[8];
	struct iovec v;
	struct msghdr h;

	out("-- rights");
	pair(SOCK_STREAM, sv);
	NEED(pipe(p));
	VAL(send_fds(sv[0], p, 2, 0));
	fd = recv_ctl("two", sv[1], sizeof(ctl), 0);
	NEED(write(p[1], "via", 3));
	VAL(read(fd, b, 8));
	close(fd);
	VAL(send_fds(sv[0], p, 1, 0));
	close(recv_ctl("cloexec", sv[1], sizeof(ctl), MSG_CMSG_CLOEXEC));
	VAL(send_fds(sv[0], p, 2, 0));
	close(recv_ctl("peek", sv[1], sizeof(ctl), MSG_PEEK));
	close(recv_ctl("peeked", sv[1], sizeof(ctl), 0));
	for (size_t room = 0; room <= 32; room += 4) {
		NEED(send_fds(sv[0], p, 2, 0));
		fd = recv_ctl("little room", sv[1], room, 0);
		if (fd >= 0)
			close(fd);
	}
	/* a plain read drops them */
	NEED(send_fds(sv[0], p + 1, 1, 0));
	close(p[1]);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	VAL(read(p[0], b, 8));
	VAL(read(sv[1], b, 8));
	VAL(read(p[0], b, 8));
	close(p[0]);
	/* reads stop behind a message with descriptors */
	fds[0] = 1;
	NEED(write(sv[0], "aa", 2));
	NEED(send_fds(sv[0], fds, 1, 0));
	NEED(write(sv[0], "bb", 2));
	close(recv_ctl("up to", sv[1], sizeof(ctl), 0));
	recv_ctl("rest", sv[1], sizeof(ctl), 0);
	/* errors */
	for (int i = 0; i < 300; i++)
		fds[i] = 1;
	VAL(send_fds(sv[0], fds, 253, 0));
	close(recv_ctl("most", sv[1], sizeof(ctl), 0));
	VAL(send_fds(sv[0], fds, 254, 0));
	fds[1] = 99;
	VAL(send_fds(sv[0], fds, 2, 0));
	fds[1] = -1;
	VAL(send_fds(sv[0], fds, 2, 0));
	fds[1] = open("/", O_PATH);
	VAL(send_fds(sv[0], fds, 2, 0));
	close(recv_ctl("O_PATH", sv[1], sizeof(ctl), 0));
	h = message(&v, "F", 1, 20);
	ctl.h = (struct cmsghdr){ .cmsg_len = 15, .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS };
	val("short cmsg_len", sendmsg(sv[0], &h, 0));
	ctl.h.cmsg_len = 24;
	val("long cmsg_len", sendmsg(sv[0], &h, 0));
	ctl.h.cmsg_len = 16;
	val("no descriptor", sendmsg(sv[0], &h, 0));
	ctl.h.cmsg_type = 77;
	val("unknown type", sendmsg(sv[0], &h, 0));
	ctl.h.cmsg_level = 77;
	val("unknown level", sendmsg(sv[0], &h, 0));
	recv_ctl("what came", sv[1], sizeof(ctl), MSG_DONTWAIT);
	h.msg_controllen = 8;
	val("less than a header", sendmsg(sv[0], &h, 0));
	h.msg_controllen = 1000000;
	val("much control", sendmsg(sv[0], &h, 0));
	h = message(&v, "F", 1, 0);
	h.msg_control = BAD;
	h.msg_controllen = 32;
	val("bad control", sendmsg(sv[0], &h, 0));
	h.msg_controllen = 0;
	h.msg_iovlen = 1025;
	val("many vectors", sendmsg(sv[0], &h, 0));
	h.msg_iovlen = 1;
	h.msg_iov = BAD;
	val("bad vectors", sendmsg(sv[0], &h, 0));
	VAL(sendmsg(sv[0], BAD, 0));
	VAL(recvmsg(sv[1], BAD, MSG_DONTWAIT));
	VAL(syscall(SYS_sendmsg, 99, BAD, 0));
	VAL(syscall(SYS_sendmsg, 0, BAD, 0));
	VAL(syscall(SYS_sendmsg, sv[0], &h, 0x80000000));
	/* an end passed through itself; closed while under way */
	pair(SOCK_DGRAM, sv);
	VAL(send_fds(sv[0], &sv[1], 1, 0));
	VAL(send_fds(sv[0], &sv[0], 1, 0));
	close(sv[0]);
	fd = recv_ctl("itself", sv[1], sizeof(ctl), 0);
	c = recv_ctl("the other", sv[1], sizeof(ctl), 0);
	NEED(write(c, "alive", 5));
	VAL(read(fd, b, 8));
	/* unreachable cycle with a pipe in it: collected on a close */
	NEED(pipe(p));
	pair(SOCK_STREAM, sv);
	fds[0] = sv[0];
	fds[1] = p[1];
	NEED(send_fds(sv[0], &sv[0], 1, 0));
	NEED(send_fds(sv[0], &sv[1], 1, 0));
	NEED(send_fds(sv[1], fds, 2, 0));
	close(p[1]);
	close(sv[0]);
	close(sv[1]);
	close(sock(SOCK_STREAM));
	{
		struct pollfd pf = { p[0], POLLIN, 0 };

		val("cycle was collected", poll(&pf, 1, 5000));
		VAL(read(p[0], b, 1));
	}
	/* descriptors to a connection that nobody accepts */
	NEED(pipe(p));
	l = listener(SOCK_STREAM, "@fdl", 4);
	c = sock(SOCK_STREAM);
	NEED(connect_to(c, "@fdl"));
	NEED(send_fds(c, &l, 1, 0));
	NEED(send_fds(c, p + 1, 1, 0));
	close(p[1]);
	close(c);
	close(l);
	close(sock(SOCK_STREAM));
	{
		struct pollfd pf = { p[0], POLLIN, 0 };

		val("listener was collected", poll(&pf, 1, 5000));
		VAL(read(p[0], b, 1));
	}
	for (int i = 3; i < 60; i++)
		close(i);
	/* a deep chain of sockets in sockets */
	NEED(pipe(p));
	fd = p[1];
	for (int i = 0; i < 2000; i++) {
		pair(SOCK_STREAM, sv);
		NEED(send_fds(sv[0], &fd, 1, 0));
		close(fd);
		close(sv[0]);
		fd = sv[1];
	}
	close(fd);
	{
		struct pollfd pf = { p[0], POLLIN, 0 };

		val("chain came down", poll(&pf, 1, 5000));
		VAL(read(p[0], b, 1));
	}
	close(p[0]);
	/* an epoll set, a directory, a deleted file */
	pair(SOCK_SEQPACKET, sv);
	fds[0] = open("gone", O_RDWR | O_CREAT, 0600);
	NEED(write(fds[0], "content", 7));
	unlink("gone");
	fds[1] = open("/", O_RDONLY);
	VAL(send_fds(sv[0], fds, 2, 0));
	close(fds[0]);
	fd = recv_ctl("seqpacket", sv[1], sizeof(ctl), 0);
	VAL(pread(fd, b, 8, 0));
	for (int i = 3; i < 60; i++)
		close(i);
}

/* limits: no descriptors left, and too many under way */
static void
no_room(void)
{
	struct rlimit r = { 9, 9 };
	int sv[2], f[4] = { 1, 1, 1, 1 }, n;

	pair(SOCK_DGRAM, sv);
	setrlimit(RLIMIT_NOFILE, &r);
	for (int i = sv[1] + 1; i < 7; i++)
		dup(1);
	NEED(send_fds(sv[0], f, 4, 0));
	n = recv_ctl("two free", sv[1], sizeof(ctl), 0);
	(void)n;
	for (int i = 3; i < 9; i++)
		dup(1);
	VAL(S3(AF_UNIX, SOCK_STREAM, 0));
	VAL(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, f));
}

static void
too_many(void)
{
	struct rlimit r = { 20, 20 };
	int sv[2], f[8] = { 1, 1, 1, 1, 1, 1, 1, 1 }, n;
	long res = 0;

	pair(SOCK_DGRAM, sv);
	setrlimit(RLIMIT_NOFILE, &r);
	for (n = 0; n < 50 && (res = send_fds(sv[0], f, 8, MSG_DONTWAIT)) > 0;
	     n++)
		;
	out("messages of 8 before ETOOMANYREFS: %d", n);
	val("then", res);
	VAL(send(sv[0], "x", 1, 0));
}

static long
send_creds(int s, pid_t pid, uid_t uid, gid_t gid)
{
	struct ucred u = { pid, uid, gid };
	struct iovec v;
	struct msghdr h = message(&v, "C", 1, CMSG_SPACE(sizeof(u)));

	memset(&ctl, 0, CMSG_SPACE(sizeof(u)));
	ctl.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(u)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS };
	memcpy(CMSG_DATA(&ctl.h), &u, sizeof(u));
	return sendmsg(s, &h, 0);
}

static int cred_sv[2];

static void
user_creds(void)
{
	VAL(send_creds(cred_sv[0], getpid(), 65534, 65534));
	VAL(send_creds(cred_sv[0], getpid(), 0, 65534));
	VAL(send_creds(cred_sv[0], getpid(), 65534, 0));
	VAL(send_creds(cred_sv[0], 1, 65534, 65534));
}

static void
peercred(const char *what, int fd)
{
	struct ucred u = { 1, 2, 3 };
	socklen_t n = sizeof(u);
	long r = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n);

	out("%s: %ld len %u pid %s uid %d gid %d", what, r, (unsigned)n,
	    u.pid == getpid() ? "me" : u.pid ? "other" : "0", (int)u.uid,
	    (int)u.gid);
}

static void
user_connects_cred(void)
{
	int c = sock(SOCK_STREAM);

	NEED(connect_to(c, "@cred"));
	peercred("of the listener", c);
	write(c, "x", 1);
}

static void
t_creds(void)
{
	int on = 1, off = 0, l, c, s;
	socklen_t n;
	struct sockaddr_un a;
	char b[8];

	out("-- credentials");
	pair(SOCK_STREAM, cred_sv);
	peercred("pair", cred_sv[0]);
	NEED(write(cred_sv[0], "before", 6));
	VAL(setsockopt(cred_sv[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	NEED(write(cred_sv[0], "with", 4));
	NEED(write(cred_sv[0], "more", 4));
	recv_ctl("before", cred_sv[1], sizeof(ctl), 0);
	recv_ctl("with", cred_sv[1], sizeof(ctl), 0);
	VAL(send_creds(cred_sv[0], getpid(), 0, 0));
	recv_ctl("given", cred_sv[1], sizeof(ctl), 0);
	VAL(send_creds(cred_sv[0], getpid(), 1000, 0));
	VAL(send_creds(cred_sv[0], getpid(), 0, 2000));
	VAL(send_creds(cred_sv[0], 1, 3, 4));
	VAL(send_creds(cred_sv[0], 999999, 3, 4));
	for (int i = 0; i < 3; i++)
		recv_ctl("root's", cred_sv[1], sizeof(ctl), 0);
	as_user("user's", user_creds);
	recv_ctl("user's", cred_sv[1], sizeof(ctl), 0);
	NEED(write(cred_sv[0], "x", 1));
	recv_ctl("no room", cred_sv[1], 0, 0);
	NEED(write(cred_sv[0], "x", 1));
	recv_ctl("little room", cred_sv[1], 20, 0);
	NEED(write(cred_sv[0], "x", 1));
	VAL(read(cred_sv[1], b, 8));
	NEED(write(cred_sv[0], "x", 1));
	VAL(setsockopt(cred_sv[1], SOL_SOCKET, SO_PASSCRED, &off,
		       sizeof(off)));
	recv_ctl("switched off", cred_sv[1], sizeof(ctl), 0);
	/* both kinds in one message */
	NEED(setsockopt(cred_sv[1], SOL_SOCKET, SO_PASSCRED, &on,
			sizeof(on)));
	VAL(send_fds(cred_sv[0], &on, 1, 0));
	close(recv_ctl("both", cred_sv[1], sizeof(ctl), 0));
	close(cred_sv[0]);
	recv_ctl("end", cred_sv[1], sizeof(ctl), 0);
	close(cred_sv[1]);
	/* connections */
	l = listener(SOCK_STREAM, "@cred", 5);
	peercred("listener", l);
	c = sock(SOCK_STREAM);
	peercred("fresh", c);
	close(c);
	as_user("user connects", user_connects_cred);
	s = accept(l, NULL, NULL);
	peercred("user's connection", s);
	close(s);
	/* inherited by what is accepted; autobind of the client */
	NEED(setsockopt(l, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	c = sock(SOCK_STREAM);
	NEED(setsockopt(c, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	NEED(connect_to(c, "@cred"));
	n = sizeof(a);
	NEED(getsockname(c, (void *)&a, &n));
	out("client was bound: len %u", (unsigned)n);
	NEED(write(c, "early", 5));
	s = accept(l, NULL, NULL);
	n = sizeof(on);
	off = 9;
	VAL(getsockopt(s, SOL_SOCKET, SO_PASSCRED, &off, &n));
	out("inherited %d", off);
	recv_ctl("early", s, sizeof(ctl), 0);
	for (int i = 3; i < 60; i++)
		close(i);
	/* datagrams */
	pair(SOCK_DGRAM, cred_sv);
	NEED(write(cred_sv[0], "before", 6));
	NEED(setsockopt(cred_sv[1], SOL_SOCKET, SO_PASSCRED, &on,
			sizeof(on)));
	NEED(write(cred_sv[0], "with", 4));
	recv_ctl("dgram before", cred_sv[1], sizeof(ctl), 0);
	recv_ctl("dgram with", cred_sv[1], sizeof(ctl), 0);
	VAL(setsockopt(cred_sv[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	NEED(write(cred_sv[0], "x", 1));
	n = sizeof(a);
	VAL(getpeername(cred_sv[1], (void *)&a, &n));
	out("peer was bound by its write: len %u", (unsigned)n);
	for (int i = 3; i < 60; i++)
		close(i);
}

/* ---- options ----------------------------------------------------------- */

static void
opt(const char *what, int fd, int o)
{
	int v = -77;
	socklen_t n = sizeof(v);
	long r = getsockopt(fd, SOL_SOCKET, o, &v, &n);

	if (r)
		out("%s: %s", what, gt_errno(errno));
	else
		out("%s: %d (len %u)", what, v, (unsigned)n);
}
#define OPT(fd, o) opt(#o, fd, o)

static long
set(int fd, int o, int v)
{
	return setsockopt(fd, SOL_SOCKET, o, &v, sizeof(v));
}

static void
user_opts(void)
{
	int s = sock(SOCK_STREAM);

	VAL(set(s, SO_SNDBUFFORCE, 100000));
	VAL(set(s, SO_PRIORITY, 6));
	VAL(set(s, SO_PRIORITY, 7));
	VAL(set(s, SO_DEBUG, 1));
	VAL(set(s, SO_MARK, 1));
}

static void
t_options(void)
{
	struct timeval tv = { 1, 500000 };
	struct linger lg = { 1, 5 };
	long long cookie[2];
	socklen_t n;
	int s = sock(SOCK_STREAM), d = sock(SOCK_DGRAM), v;
	char b[16];

	out("-- options");
	OPT(s, SO_TYPE);
	OPT(d, SO_TYPE);
	OPT(s, SO_DOMAIN);
	OPT(s, SO_PROTOCOL);
	OPT(s, SO_ACCEPTCONN);
	OPT(s, SO_ERROR);
	OPT(s, SO_SNDBUF);
	OPT(s, SO_RCVBUF);
	OPT(s, SO_RCVLOWAT);
	OPT(s, SO_SNDLOWAT);
	OPT(s, SO_REUSEADDR);
	OPT(s, SO_KEEPALIVE);
	OPT(s, SO_BROADCAST);
	OPT(s, SO_PRIORITY);
	OPT(s, SO_PASSCRED);
	OPT(s, SO_TIMESTAMP);
	OPT(s, SO_PEERSEC);
	OPT(s, SO_PEEK_OFF);
	OPT(s, 12345);
	OPT(99, SO_TYPE);
	OPT(0, SO_TYPE);
	VAL(set(s, SO_TYPE, 1));
	VAL(set(s, SO_ERROR, 1));
	VAL(set(s, SO_ACCEPTCONN, 1));
	VAL(set(s, 12345, 1));
	VAL(set(99, SO_REUSEADDR, 1));
	VAL(set(s, SO_REUSEADDR, 5));
	OPT(s, SO_REUSEADDR);
	VAL(set(s, SO_SNDBUF, 10000));
	OPT(s, SO_SNDBUF);
	VAL(set(s, SO_SNDBUF, 1));
	OPT(s, SO_SNDBUF);
	VAL(set(s, SO_RCVBUF, 1));
	OPT(s, SO_RCVBUF);
	VAL(set(s, SO_SNDBUFFORCE, 1000000));
	OPT(s, SO_SNDBUF);
	VAL(set(s, SO_RCVLOWAT, 0));
	OPT(s, SO_RCVLOWAT);
	VAL(set(s, SO_PRIORITY, 7));
	OPT(s, SO_PRIORITY);
	VAL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, 3));
	VAL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, -1));
	VAL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, BAD, 4));
	VAL(setsockopt(s, 6, 1, &v, 4));
	n = 4;
	VAL(getsockopt(s, 6, 1, &v, &n));
	VAL(getsockopt(s, SOL_SOCKET, SO_TYPE, BAD, &n));
	VAL(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, BAD));
	n = -1;
	VAL(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &n));
	n = 2;
	v = -1;
	VAL(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &n));
	out("two bytes: %x len %u", v, (unsigned)n);
	VAL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	VAL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, 8));
	memset(&tv, 0, sizeof(tv));
	n = sizeof(tv);
	VAL(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, &n));
	out("timeout %ld.%06ld len %u", (long)tv.tv_sec, (long)tv.tv_usec,
	    (unsigned)n);
	tv = (struct timeval){ 0, 1000000 };
	VAL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	VAL(setsockopt(s, SOL_SOCKET, SO_LINGER, &lg, sizeof(lg)));
	memset(&lg, 0, sizeof(lg));
	n = sizeof(lg);
	VAL(getsockopt(s, SOL_SOCKET, SO_LINGER, &lg, &n));
	out("linger %d %d", lg.l_onoff, lg.l_linger);
	n = 4;
	VAL(getsockopt(s, SOL_SOCKET, 57, cookie, &n));
	n = 8;
	VAL(getsockopt(s, SOL_SOCKET, 57, cookie, &n));
	n = 8;
	VAL(getsockopt(s, SOL_SOCKET, 57, cookie + 1, &n));
	yes("one cookie", cookie[0] == cookie[1] && cookie[0]);
	NEED(bind_to(s, "@opt"));
	NEED(listen(s, 1));
	OPT(s, SO_ACCEPTCONN);
	as_user("user options", user_opts);
	close(s);
	close(d);
	/* SO_PEEK_OFF */
	{
		int sv[2];

		pair(SOCK_STREAM, sv);
		NEED(write(sv[0], "abcdef", 6));
		NEED(write(sv[0], "ghi", 3));
		VAL(set(sv[1], SO_PEEK_OFF, 2));
		memset(b, 0, sizeof(b));
		VAL(recv(sv[1], b, 3, MSG_PEEK));
		out("%s", b);
		memset(b, 0, sizeof(b));
		VAL(recv(sv[1], b, 3, MSG_PEEK));
		out("%s", b);
		OPT(sv[1], SO_PEEK_OFF);
		memset(b, 0, sizeof(b));
		VAL(recv(sv[1], b, 4, 0));
		out("%s", b);
		OPT(sv[1], SO_PEEK_OFF);
		VAL(set(sv[1], SO_PEEK_OFF, 100));
		VAL(recv(sv[1], b, 4, MSG_PEEK | MSG_DONTWAIT));
		VAL(set(sv[1], SO_PEEK_OFF, -1));
		VAL(recv(sv[1], b, 16, MSG_PEEK));
		close(sv[0]);
		close(sv[1]);
	}
	/* small buffers still carry everything */
	{
		int sv[2], w = 0;
		char c[5000];

		pair(SOCK_STREAM, sv);
		VAL(set(sv[0], SO_SNDBUF, 1));
		if (!fork()) {
			memset(c, 'z', sizeof(c));
			for (int i = 0; i < 20; i++)
				write(sv[0], c, sizeof(c));
			_exit(0);
		}
		close(sv[0]);
		while ((v = read(sv[1], c, sizeof(c))) > 0)
			w += v;
		out("through a small buffer: %d", w);
		wait(NULL);
		close(sv[1]);
	}
}

/* ---- poll, epoll, signals ---------------------------------------------- */

static int sigios;
static void
on_io(int s, siginfo_t *i, void *c)
{
	(void)s, (void)i, (void)c;
	sigios++;
}

static void
t_events(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET | EPOLLRDHUP };
	int sv[2], ep, v;
	char b[8];

	out("-- events");
	pair(SOCK_STREAM, sv);
	ep = (int)NEED(epoll_create1(0));
	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, sv[1], &e));
	VAL(epoll_wait(ep, &e, 1, 0));
	NEED(write(sv[0], "a", 1));
	VAL(epoll_wait(ep, &e, 1, 0));
	out("events %x", e.events);
	VAL(epoll_wait(ep, &e, 1, 0));
	NEED(write(sv[0], "b", 1));
	VAL(epoll_wait(ep, &e, 1, 0));
	NEED(shutdown(sv[0], SHUT_WR));
	VAL(epoll_wait(ep, &e, 1, 0));
	out("events %x", e.events);
	close(sv[0]);
	VAL(epoll_wait(ep, &e, 1, 0));
	out("events %x", e.events);
	close(sv[1]);
	VAL(epoll_wait(ep, &e, 1, 0));
	/* SIGIO */
	pair(SOCK_STREAM, sv);
	on_signal(SIGIO, on_io, SA_SIGINFO, 0);
	v = getpid();
	VAL(ioctl(sv[1], 0x8901, &v));
	v = 0;
	VAL(ioctl(sv[1], 0x8903, &v));
	yes("owner is me", v == getpid());
	VAL(fcntl(sv[1], F_SETFL, O_ASYNC));
	NEED(write(sv[0], "x", 1));
	out("SIGIO %d", sigios);
	VAL(fcntl(sv[1], F_SETFL, 0));
	NEED(write(sv[0], "x", 1));
	out("SIGIO %d", sigios);
	VAL(read(sv[1], b, 8));
	close(sv[0]);
	close(sv[1]);
	close(ep);
}

static void
on_alarm(int s, siginfo_t *i, void *c)
{
	(void)s, (void)i, (void)c;
}

static void
t_interrupt(void)
{
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	struct timeval tv = { 5, 0 };
	int sv[2], c, l = listener(SOCK_STREAM, "@intr", 0);
	char b[8];

	out("-- interruption");
	pair(SOCK_STREAM, sv);
	on_signal(SIGALRM, on_alarm, SA_SIGINFO, 0);
	setitimer(ITIMER_REAL, &it, NULL);
	VAL(read(sv[0], b, 8));
	setitimer(ITIMER_REAL, &it, NULL);
	VAL(syscall(SYS_accept, l, NULL, NULL));
	NEED(connect_to(sock(SOCK_STREAM), "@intr"));
	c = sock(SOCK_STREAM);
	setitimer(ITIMER_REAL, &it, NULL);
	VAL(connect_to(c, "@intr"));
	on_signal(SIGALRM, on_alarm, SA_SIGINFO | SA_RESTART, 0);
	NEED(setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	setitimer(ITIMER_REAL, &it, NULL);
	VAL(read(sv[0], b, 8));
	tv.tv_sec = 0;
	NEED(setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	if (!fork()) {
		msleep(60);
		write(sv[1], "restarted", 9);
		_exit(0);
	}
	setitimer(ITIMER_REAL, &it, NULL);
	VAL(read(sv[0], b, 8));
	wait(NULL);
	/* what was written before the interruption counts */
	on_signal(SIGALRM, on_alarm, SA_SIGINFO, 0);
	{
		static char big[1000000];
		long r;

		setitimer(ITIMER_REAL, &it, NULL);
		r = write(sv[0], big, sizeof(big));
		yes("partial write", r > 1000 && r < (long)sizeof(big));
		setitimer(ITIMER_REAL, &it, NULL);
		VAL(write(sv[0], big, 100000));
	}
	on_signal(SIGALRM, GT_DFL, 0, 0);
	for (int i = 3; i < 60; i++)
		close(i);
}

/* ---- /proc/net/unix ---------------------------------------------------- */

static void
t_proc(void)
{
	static char t[65536];
	int l = listener(SOCK_STREAM, "@gt-proc", 3), c = sock(SOCK_STREAM);
	char *p;
	unsigned proto, fl, type, st;

	(void)l;
	out("-- proc");
	NEED(connect_to(c, "@gt-proc"));
	get_file("/proc/net/unix", t, sizeof(t));
	p = strchr(t, '\n');
	if (p)
		out("%.*s", (int)(p - t), t);
	for (unsigned want = 0; want <= 0x10000; want += 0x10000)
		for (p = t; (p = strstr(p, "@gt-proc")); p++) {
			char *q = p;

			while (q > t && q[-1] != '\n')
				q--;
			if (sscanf(q, "%*s %*x %x %x %x %x", &proto, &fl,
				   &type, &st) == 4 && fl == want)
				out("protocol %x flags %x type %x state %x",
				    proto, fl, type, st);
		}
	for (int i = 3; i < 60; i++)
		close(i);
}

int
main(void)
{
	char dir[] = "/tmp/gtsockXXXXXX";

	if (!mkdtemp(dir) || chdir(dir))
		return 97;
	chmod(dir, 0755);
	signal(SIGPIPE, SIG_DFL);
	t_create();
	t_bind();
	t_perm();
	t_connect(SOCK_STREAM, "stream");
	t_connect(SOCK_SEQPACKET, "seqpacket");
	t_block();
	t_stream();
	in_child("write to nobody", die_of_pipe);
	t_messages(SOCK_DGRAM, "dgram");
	t_messages(SOCK_SEQPACKET, "seqpacket");
	t_dgram();
	t_seqpacket_plain();
	t_mmsg();
	t_rights();
	in_child("no room", no_room);
	as_user("too many", too_many);
	t_creds();
	t_options();
	t_events();
	t_interrupt();
	t_proc();
	return 0;
}
