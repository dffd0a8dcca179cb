/* SPDX-License-Identifier: MIT */
/* AF_UNIX sockets: making, names, connecting, streams, message boundaries. */
#include "unixsock.h"

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

int
main(void)
{
	sock_dir();
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
	return 0;
}
