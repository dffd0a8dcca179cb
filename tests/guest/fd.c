/* SPDX-License-Identifier: MIT */
/* dup, fcntl, close_range, descriptor limits; record locks, flock. */
#include "gt.h"
#include <sys/file.h>
#include <sys/ioctl.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static void
t_dup(void)
{
	int a = open("/dev/null", O_RDWR);
	struct rlimit r;

	val("lowest", a);
	VAL(dup(a));
	VAL(dup(99));
	VAL(dup(-1));
	VAL(dup2(a, 10));
	VAL(dup2(a, a));
	VAL(dup2(99, 11));
	VAL(dup2(99, 99));
	VAL(dup2(a, -1));
	VAL(dup2(a, 1024));
	VAL(dup2(a, 1023));
	VAL(dup2(a, 1 << 30));
	VAL(syscall(SYS_dup3, a, a, 0));
	VAL(syscall(SYS_dup3, a, 12, O_CLOEXEC));
	VAL(fcntl(12, F_GETFD));
	VAL(syscall(SYS_dup3, a, 12, 0x1));
	VAL(syscall(SYS_dup3, 99, 12, 0));
	VAL(syscall(SYS_dup3, a, 5000, 0));
	VAL(fcntl(a, F_DUPFD, 20));
	VAL(fcntl(a, F_DUPFD, 20));
	VAL(fcntl(a, F_DUPFD, -1));
	VAL(fcntl(a, F_DUPFD, 1024));
	VAL(fcntl(a, F_DUPFD_CLOEXEC, 30));
	VAL(fcntl(30, F_GETFD));
	VAL(fcntl(30, F_SETFD, 0));
	VAL(fcntl(30, F_GETFD));
	VAL(fcntl(30, F_SETFD, 0xff));
	VAL(fcntl(30, F_GETFD));
	VAL(fcntl(99, F_GETFD));
	VAL(fcntl(a, 9999));
	VAL(fcntl(99, 9999));
	VAL(close(99));
	VAL(close(-1));
	VAL(close(30));
	VAL(close(30));
	VAL(syscall(SYS_close_range, 20, 25, 0));
	VAL(fcntl(20, F_GETFD));
	VAL(fcntl(12, F_SETFD, 0));
	VAL(syscall(SYS_close_range, 10, ~0u, 4));
	VAL(fcntl(12, F_GETFD));
	VAL(fcntl(1023, F_GETFD));
	VAL(syscall(SYS_close_range, 10, ~0u, 0));
	VAL(fcntl(12, F_GETFD));
	VAL(syscall(SYS_close_range, 10, 5, 0));
	VAL(syscall(SYS_close_range, 10, 15, 1));
	VAL(syscall(SYS_close_range, 10, 15, 2));
	/* flags */
	VAL(fcntl(a, F_GETFL));
	VAL(fcntl(a, F_SETFL, O_NONBLOCK | O_APPEND | O_WRONLY | O_CREAT));
	out("flags %#o", fcntl(a, F_GETFL));
	VAL(fcntl(a, F_SETFL, 0));
	out("flags %#o", fcntl(a, F_GETFL));
	int on = 1;
	VAL(ioctl(a, FIONBIO, &on));
	out("flags %#o", fcntl(a, F_GETFL));
	VAL(ioctl(a, FIOCLEX));
	VAL(fcntl(a, F_GETFD));
	VAL(ioctl(a, FIONCLEX));
	VAL(fcntl(a, F_GETFD));
	VAL(ioctl(a, FIONBIO, BAD));
	VAL(ioctl(99, FIONBIO, &on));
	VAL(ioctl(a, 0x5401, &on));
	VAL(ioctl(a, 0x12345, &on));
	VAL(fcntl(a, F_GETOWN));
	/* limits */
	r = (struct rlimit){ 8, 4096 };
	NEED(setrlimit(RLIMIT_NOFILE, &r));
	int n = 0, e;
	while (dup(a) >= 0)
		n++;
	e = errno;
	out("dups until 8: %d then %s", n, gt_errno(e));
	okay("open at the limit", open("/dev/null", O_RDONLY));
	int p[2];
	VAL(pipe(p));
	VAL(dup2(a, 7));
	VAL(dup2(a, 8));
	close(7);
	VAL(pipe(p));
	VAL(fcntl(7, F_GETFD));
	r = (struct rlimit){ 4096, 4096 };
	NEED(setrlimit(RLIMIT_NOFILE, &r));
	VAL(dup2(a, 3000));
	r = (struct rlimit){ 100, 4096 };
	NEED(setrlimit(RLIMIT_NOFILE, &r));
	VAL(write(3000, "x", 1));
	for (int i = 3; i < 4096; i++)
		close(i);
	VAL(open("/dev/null", O_RDWR));
}

static void
lk(const char *name, int fd, int cmd, int type, off_t start, off_t len,
   int whence)
{
	struct flock l = { .l_type = type, .l_whence = whence,
			   .l_start = start, .l_len = len };
	int r = fcntl(fd, cmd, &l);

	if (r < 0)
		out("%s: %s", name, gt_errno(errno));
	else if (cmd == F_GETLK || cmd == F_OFD_GETLK)
		out("%s: type %d whence %d start %ld len %ld pid %s", name,
		    l.l_type, l.l_whence, (long)l.l_start, (long)l.l_len,
		    l.l_pid == -1 ? "-1" : l.l_type == F_UNLCK ? "-" :
		    l.l_pid == getppid() ? "parent" : "other");
	else
		out("%s: ok", name);
}

static int lf;
static void
child_locks(void)
{
	lk("child read lock inside", lf, F_SETLK, F_RDLCK, 5, 2, SEEK_SET);
	lk("child write lock outside", lf, F_SETLK, F_WRLCK, 20, 5,
	   SEEK_SET);
	lk("child getlk", lf, F_GETLK, F_WRLCK, 0, 100, SEEK_SET);
	lk("child getlk behind", lf, F_GETLK, F_WRLCK, 50, 0, SEEK_SET);
	lk("child's own lock", lf, F_GETLK, F_WRLCK, 20, 5, SEEK_SET);
	lk("child shared with shared", lf, F_SETLK, F_RDLCK, 30, 5,
	   SEEK_SET);
	lk("child exclusive with shared", lf, F_SETLK, F_WRLCK, 30, 5,
	   SEEK_SET);
}

static volatile int alarms;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)s, (void)i, (void)u;
	alarms++;
}

static void
t_posix(void)
{
	int ro, wo, p[2], q[2], st;
	char b[4];
	pid_t c;

	lf = open("lock", O_RDWR | O_CREAT, 0644);
	write(lf, "0123456789", 10);
	ro = open("lock", O_RDONLY);
	wo = open("lock", O_WRONLY);
	lk("write lock on read-only", ro, F_SETLK, F_WRLCK, 0, 1, SEEK_SET);
	lk("read lock on write-only", wo, F_SETLK, F_RDLCK, 0, 1, SEEK_SET);
	lk("bad type", lf, F_SETLK, 7, 0, 1, SEEK_SET);
	lk("bad whence", lf, F_SETLK, F_RDLCK, 0, 1, 7);
	lk("negative start", lf, F_SETLK, F_RDLCK, -1, 1, SEEK_SET);
	lk("negative length", lf, F_SETLK, F_WRLCK, 10, -5, SEEK_SET);
	lk("negative length too far", lf, F_SETLK, F_WRLCK, 3, -5, SEEK_SET);
	lk("overflow", lf, F_SETLK, F_WRLCK, LONG_MAX, 2, SEEK_SET);
	lk("getlk unlock type", lf, F_GETLK, F_UNLCK, 0, 1, SEEK_SET);
	lk("bad fd", 99, F_SETLK, F_RDLCK, 0, 1, SEEK_SET);
	val("bad pointer", syscall(SYS_fcntl, lf, F_SETLK, BAD));
	lk("shared", lf, F_SETLK, F_RDLCK, 30, 5, SEEK_SET);
	in_child("child", child_locks);
	lk("middle unlocked", lf, F_SETLK, F_UNLCK, 7, 1, SEEK_SET);
	c = fork();
	if (c == 0) {
		lk("first part", lf, F_GETLK, F_RDLCK, 0, 0, SEEK_SET);
		lk("second part", lf, F_GETLK, F_RDLCK, 7, 0, SEEK_SET);
		lk("hole", lf, F_GETLK, F_RDLCK, 7, 1, SEEK_SET);
		_exit(0);
	}
	waitpid(c, NULL, 0);
	lk("upgrade own", lf, F_SETLK, F_WRLCK, 0, 0, SEEK_SET);
	c = fork();
	if (c == 0) {
		lk("merged to the end", lf, F_GETLK, F_RDLCK, 3, 1, SEEK_SET);
		_exit(0);
	}
	waitpid(c, NULL, 0);
	close(dup(lf));
	c = fork();
	if (c == 0) {
		lk("closing any fd drops all", lf, F_GETLK, F_WRLCK, 0, 0,
		   SEEK_SET);
		_exit(0);
	}
	waitpid(c, NULL, 0);
	/* waiting, interrupted, granted */
	pipe(p);
	pipe(q);
	c = fork();
	if (c == 0) {
		lk("child takes", lf, F_SETLK, F_WRLCK, 0, 10, SEEK_SET);
		write(p[1], "r", 1);
		read(q[0], b, 1);
		lk("child waits: deadlock", lf, F_SETLKW, F_WRLCK, 100, 10,
		   SEEK_SET);
		_exit(0);
	}
	read(p[0], b, 1);
	on_signal(SIGALRM, h, 0, 0);
	ualarm(20000, 0);
	lk("interrupted wait", lf, F_SETLKW, F_WRLCK, 0, 10, SEEK_SET);
	lk("second region", lf, F_SETLK, F_WRLCK, 100, 10, SEEK_SET);
	if (fork() == 0) {
		msleep(40);
		write(q[1], "g", 1);
		_exit(0);
	}
	lk("granted at last", lf, F_SETLKW, F_WRLCK, 0, 10, SEEK_SET);
	while (wait(&st) > 0)
		;
}

static void
t_ofd(void)
{
	int a = open("ofd", O_RDWR | O_CREAT, 0644);
	int b = open("ofd", O_RDWR), c = dup(a);

	lk("ofd take", a, F_OFD_SETLK, F_WRLCK, 0, 10, SEEK_SET);
	lk("ofd other description", b, F_OFD_SETLK, F_WRLCK, 5, 1, SEEK_SET);
	lk("ofd same description", c, F_OFD_SETLK, F_WRLCK, 5, 1, SEEK_SET);
	lk("ofd getlk", b, F_OFD_GETLK, F_WRLCK, 0, 1, SEEK_SET);
	lk("posix against ofd", b, F_SETLK, F_WRLCK, 0, 1, SEEK_SET);
	lk("posix getlk", b, F_GETLK, F_WRLCK, 0, 1, SEEK_SET);
	close(a);
	lk("dup keeps it", b, F_OFD_SETLK, F_RDLCK, 0, 1, SEEK_SET);
	close(c);
	lk("last close drops it", b, F_OFD_SETLK, F_WRLCK, 0, 1, SEEK_SET);
	struct flock l = { .l_type = F_RDLCK, .l_pid = 1 };
	val("ofd with pid", fcntl(b, F_OFD_SETLK, &l));
}

static void
t_flock(void)
{
	int a = open("fl", O_RDWR | O_CREAT, 0644), b = open("fl", O_RDONLY);
	pid_t c;

	VAL(flock(a, LOCK_EX));
	VAL(flock(b, LOCK_SH | LOCK_NB));
	VAL(flock(b, LOCK_EX | LOCK_NB));
	VAL(flock(a, LOCK_SH));
	VAL(flock(b, LOCK_SH | LOCK_NB));
	VAL(flock(b, LOCK_EX | LOCK_NB));
	VAL(flock(a, LOCK_UN));
	VAL(flock(b, LOCK_EX | LOCK_NB));
	VAL(flock(a, 77));
	VAL(flock(99, LOCK_EX));
	VAL(flock(b, LOCK_UN));
	VAL(flock(a, LOCK_EX));
	c = fork();
	if (c == 0) {
		val("child by inherited fd", flock(a, LOCK_EX | LOCK_NB));
		val("child by own", flock(open("fl", O_RDWR), LOCK_EX |
					  LOCK_NB));
		val("child unlocks the parent's", flock(a, LOCK_UN));
		_exit(0);
	}
	waitpid(c, NULL, 0);
	VAL(flock(b, LOCK_EX | LOCK_NB));
	lk("record locks are apart", a, F_SETLK, F_WRLCK, 0, 0, SEEK_SET);
	close(b);
	VAL(flock(a, LOCK_EX | LOCK_NB));
	int p[2];
	pipe(p);
	VAL(flock(p[0], LOCK_EX | LOCK_NB));
	VAL(flock(open(".", O_RDONLY), LOCK_EX | LOCK_NB));
	VAL(flock(open("fl", O_PATH), LOCK_EX | LOCK_NB));
}

int
main(void)
{
	t_dup();
	t_posix();
	t_ofd();
	t_flock();
	return 0;
}
