/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs: blocking, limits, atomic writes, ends closed, packet mode,
 * opening rules; sendfile. */
#include "gt.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

static char big[1 << 20];
static volatile int sigs;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)s, (void)i, (void)u;
	sigs++;
}

static void
t_basic(void)
{
	int p[2], n, q[2] = { 7, 7 };
	char b[100];
	struct stat st;

	VAL(pipe(p));
	fstat(p[0], &st);
	out("mode %o size %ld", st.st_mode, (long)st.st_size);
	out("flags %#o %#o", fcntl(p[0], F_GETFL), fcntl(p[1], F_GETFL));
	VAL(read(p[1], b, 1));
	VAL(write(p[0], b, 1));
	VAL(write(p[1], "hello", 5));
	ioctl(p[0], FIONREAD, &n);
	out("FIONREAD %d", n);
	VAL(read(p[0], b, 3));
	VAL(write(p[1], "XY", 2));
	VAL(read(p[0], b, 100));
	out("text %.4s", b);
	VAL(write(p[1], b, 0));
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	VAL(read(p[0], b, 1));
	VAL(read(p[0], b, 0));
	VAL(read(p[0], BAD, 1));
	VAL(write(p[1], BAD, 1));
	VAL(write(p[1], "Q", 1));
	VAL(read(p[0], BAD, 1));
	VAL(read(p[0], b, 9));
	VAL(lseek(p[0], 0, SEEK_SET));
	VAL(fsync(p[0]));
	VAL(ftruncate(p[1], 0));
	close(p[1]);
	VAL(read(p[0], b, 1));
	close(p[0]);
	VAL(pipe2(q, 0x1));
	out("untouched %d %d", q[0], q[1]);
	VAL(syscall(SYS_pipe, BAD));
	VAL(syscall(SYS_pipe2, BAD, 0));
	VAL(pipe2(p, O_CLOEXEC | O_NONBLOCK));
	out("cloexec %d %d flags %#o %#o", fcntl(p[0], F_GETFD),
	    fcntl(p[1], F_GETFD), fcntl(p[0], F_GETFL),
	    fcntl(p[1], F_GETFL));
	yes("lowest numbers", p[0] == 3 && p[1] == 4);
	on_signal(SIGPIPE, h, SA_SIGINFO, 0);
	close(p[0]);
	VAL(write(p[1], "x", 1));
	VAL(write(p[1], "x", 0));
	out("SIGPIPE %d", sigs);
	close(p[1]);
}

static void
t_capacity(void)
{
	int p[2], n = 0, r;

	NEED(pipe2(p, O_NONBLOCK));
	VAL(fcntl(p[0], F_GETPIPE_SZ));
	while ((r = (int)write(p[1], big, 4096)) == 4096)
		n += r;
	out("filled with %d, then %s", n, gt_errno(errno));
	VAL(write(p[1], big, 1));
	VAL(read(p[0], big, 4095));
	VAL(write(p[1], big, 1));
	VAL(read(p[0], big, 1));
	VAL(write(p[1], big, 4096));
	VAL(write(p[1], big, 4097));
	VAL(read(p[0], big, 8192));
	VAL(write(p[1], big, 20000));
	while (read(p[0], big, sizeof(big)) > 0)
		;
	VAL(fcntl(p[0], F_SETPIPE_SZ, 1));
	VAL(fcntl(p[0], F_SETPIPE_SZ, 5000));
	VAL(fcntl(p[0], F_SETPIPE_SZ, 300000));
	VAL(fcntl(p[0], F_SETPIPE_SZ, 0));
	VAL(fcntl(p[0], F_SETPIPE_SZ, -1));
	VAL(fcntl(p[0], F_GETPIPE_SZ));
	VAL(write(p[1], big, sizeof(big)));
	VAL(fcntl(p[0], F_SETPIPE_SZ, 4096));
	n = 0;
	while ((r = (int)read(p[0], big, 10000)) > 0)
		n += r;
	out("read back %d", n);
	VAL(fcntl(p[0], F_SETPIPE_SZ, 4096));
	n = (int)write(p[1], big, 8192);
	out("write into one page: %d", n);
	VAL(fcntl(0, F_GETPIPE_SZ));
	close(p[0]);
	close(p[1]);
}

static void
t_atomic(void)
{
	/* 4 writers of records of PIPE_BUF: none is torn */
	int p[2], torn = 0, n[4] = { 0 }, left = 0;
	static char rec[4096];

	NEED(pipe(p));
	for (int w = 0; w < 4; w++)
		if (fork() == 0) {
			memset(rec, 'a' + w, sizeof(rec));
			for (int i = 0; i < 40; i++)
				if (write(p[1], rec, 4096) != 4096)
					_exit(1);
			_exit(0);
		}
	close(p[1]);
	for (;;) {
		int got = 0, r = 0;

		while (got < 4096 && (r = (int)read(p[0], rec + got,
						    4096 - got)) > 0)
			got += r;
		if (got < 4096) {
			left = got;
			break;
		}
		for (int i = 1; i < 4096; i++)
			torn += rec[i] != rec[0];
		n[rec[0] - 'a']++;
	}
	while (wait(NULL) > 0)
		;
	out("records %d %d %d %d, torn bytes %d, left %d", n[0], n[1], n[2],
	    n[3], torn, left);
	close(p[0]);
}

static void
t_block(void)
{
	int p[2], st, sum = 0, r;
	pid_t c;

	/* a big blocking write completes as the reader drains */
	NEED(pipe(p));
	c = fork();
	if (c == 0) {
		close(p[0]);
		r = (int)write(p[1], big, 500000);
		_exit(r == 500000 ? 0 : 1);
	}
	close(p[1]);
	while ((r = (int)read(p[0], big, 7777)) > 0)
		sum += r;
	waitpid(c, &st, 0);
	out("drained %d, writer %s", sum, gt_status(st));
	close(p[0]);
	/* a blocked writer gets EPIPE when the reader goes */
	NEED(pipe(p));
	c = fork();
	if (c == 0) {
		close(p[0]);
		signal(SIGPIPE, SIG_DFL);
		write(p[1], big, 500000);
		_exit(1);
	}
	close(p[1]);
	msleep(20);
	close(p[0]);
	waitpid(c, &st, 0);
	out("reader gone: %s", gt_status(st));
	NEED(pipe(p));
	c = fork();
	if (c == 0) {
		signal(SIGPIPE, SIG_IGN);
		r = (int)write(p[1], big, 100000);
		_exit(r == 65536 ? 0 : 1);
	}
	close(p[1]);
	msleep(20);
	kill(c, SIGSTOP);
	waitpid(c, NULL, WUNTRACED);
	kill(c, SIGCONT);
	/* partial write interrupted by a signal returns the count */
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
	close(p[0]);
	NEED(pipe(p));
	c = fork();
	if (c == 0) {
		on_signal(SIGALRM, h, 0, 0);
		ualarm(30000, 0);
		r = (int)write(p[1], big, 100000);
		out("interrupted write: %d", r);
		_exit(0);
	}
	waitpid(c, &st, 0);
	close(p[0]);
	close(p[1]);
}

static void
t_packet(void)
{
	int p[2];
	char b[8192];

	if (VAL(pipe2(p, O_DIRECT | O_NONBLOCK)) < 0)
		return;
	VAL(write(p[1], "one", 3));
	VAL(write(p[1], "second", 6));
	VAL(write(p[1], b, 5000));
	VAL(read(p[0], b, 2));
	VAL(read(p[0], b, 100));
	VAL(read(p[0], b, 8192));
	VAL(read(p[0], b, 8192));
	VAL(read(p[0], b, 8192));
	close(p[0]);
	close(p[1]);
}

static void
t_fifo(void)
{
	int r, w, st;
	char b[16];
	pid_t c;

	NEED(mkfifo("f", 0644));
	VAL(open("f", O_WRONLY | O_NONBLOCK));
	r = open("f", O_RDONLY | O_NONBLOCK);
	yes("reader opens without writer", r >= 0);
	VAL(read(r, b, 1));
	w = open("f", O_WRONLY | O_NONBLOCK);
	yes("writer opens now", w >= 0);
	VAL(read(r, b, 1));
	VAL(write(w, "abc", 3));
	close(w);
	VAL(read(r, b, 2));
	VAL(read(r, b, 2));
	VAL(read(r, b, 2));
	close(r);
	/* blocking opens meet */
	c = fork();
	if (c == 0) {
		int f = open("f", O_WRONLY);

		write(f, "met", 3);
		_exit(0);
	}
	r = open("f", O_RDONLY);
	VAL(read(r, b, 16));
	VAL(read(r, b, 16));
	waitpid(c, &st, 0);
	close(r);
	c = fork();
	if (c == 0) {
		int f = open("f", O_RDONLY);

		_exit(read(f, b, 16) == 2 ? 0 : 1);
	}
	w = open("f", O_WRONLY);
	VAL(write(w, "to", 2));
	close(w);
	waitpid(c, &st, 0);
	out("reader %s", gt_status(st));
	int rw = open("f", O_RDWR);
	VAL(write(rw, "self", 4));
	VAL(read(rw, b, 16));
	struct stat s;
	fstat(rw, &s);
	out("mode %o", s.st_mode);
	unlink("f");
	VAL(write(rw, "gone", 4));
	VAL(read(rw, b, 16));
	close(rw);
	/* /proc/self/fd reopens a pipe */
	int p[2];
	char path[64];

	pipe(p);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[1]);
	w = open(path, O_WRONLY);
	yes("pipe reopened", w >= 0);
	VAL(write(w, "re", 2));
	VAL(read(p[0], b, 16));
	ssize_t n = readlink(path, b, 15);
	b[n > 0 ? n : 0] = 0;
	out("link begins: %.6s", b);
}

static void
t_sendfile(void)
{
	int a[2], f = open("spl", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int g = open("spl2", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char t[64] = "";
	off_t off = 2;

	pipe2(a, O_NONBLOCK);
	write(f, "0123456789", 10);
	VAL(sendfile(g, f, NULL, 5));
	VAL(sendfile(g, f, &off, 4));
	out("offset %ld, file at %ld", (long)off, (long)lseek(f, 0,
							      SEEK_CUR));
	lseek(f, 3, SEEK_SET);
	VAL(sendfile(g, f, NULL, 100));
	VAL(sendfile(g, f, NULL, 100));
	VAL(sendfile(a[1], f, (off = 0, &off), 10));
	VAL(read(a[0], t, 64));
	out("text %.10s", t);
	VAL(sendfile(g, a[0], NULL, 1));
	VAL(sendfile(99, f, NULL, 1));
	VAL(sendfile(f, 99, NULL, 1));
	VAL(sendfile(open("spl", O_RDONLY), f, NULL, 1));
	VAL(sendfile(g, open("spl", O_WRONLY), NULL, 1));
	VAL(sendfile(g, f, BAD, 1));
	VAL(sendfile(g, f, (off = -1, &off), 1));
	VAL(sendfile(open("spl2", O_WRONLY | O_APPEND), f, (off = 0, &off),
		     1));
	memset(t, 0, sizeof(t));
	VAL(pread(g, t, 63, 0));
	out("file %s", t);
}

/* an end opened anew by its name in /proc, when the other end is gone */
static void
reopen(void)
{
	char name[32], c;
	int p[2], fd;

	NEED(pipe(p));
	close(p[1]);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", p[0]);
	fd = (int)okay("reopen read", open(name, O_RDONLY));
	VAL(read(fd, &c, 1));
	close(fd);
	fd = (int)okay("reopen read nonblock", open(name, O_RDONLY | O_NONBLOCK));
	VAL(read(fd, &c, 1));
	close(fd);
	fd = (int)okay("reopen write", open(name, O_WRONLY));
	VAL(write(fd, "x", 1));
	VAL(read(p[0], &c, 1));
	close(fd);
	close(p[0]);
	NEED(pipe(p));
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", p[1]);
	fd = (int)okay("reopen write alone", open(name, O_WRONLY));
	VAL(write(fd, "x", 1));
	okay("reopen write alone nonblock", open(name, O_WRONLY | O_NONBLOCK));
}

int
main(void)
{
	t_basic();
	t_capacity();
	t_atomic();
	t_block();
	t_packet();
	t_fifo();
	t_sendfile();
	in_child("reopen", reopen);
	return 0;
}
