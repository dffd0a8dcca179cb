/* SPDX-License-Identifier: MIT */
/* mqueue - mq_open, mq_timedsend, mq_timedreceive, mq_notify and the rest. */
#include "gt.h"
#include <mqueue.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <dirent.h>

static char buf[9000];

static long
opn(const char *name, int flags, int mode, struct mq_attr *a)
{
	return syscall(SYS_mq_open, name, flags, mode, a);
}

static long
snd(int q, const char *t, unsigned prio)
{
	return syscall(SYS_mq_timedsend, q, t, strlen(t), prio, 0);
}

static void
rcv(const char *what, int q)
{
	unsigned prio = 99;
	long r;

	memset(buf, 0, sizeof(buf));
	r = syscall(SYS_mq_timedreceive, q, buf, sizeof(buf), &prio, 0);
	if (r < 0)
		val(what, r);
	else
		out("%s: %ld prio %u %s", what, r, prio, buf);
}

static void
errors(void)
{
	struct mq_attr a = { .mq_maxmsg = 4, .mq_msgsize = 64 }, bad = a;
	struct timespec past = { 1, 0 }, wrong = { 1, -1 };
	struct rlimit lim;
	int q;

	VAL(opn("gt-none", O_RDWR, 0, 0));
	VAL(opn("", O_RDWR, 0, 0));
	VAL(opn("a/b", O_RDWR | O_CREAT, 0600, &a));
	VAL(opn(BAD, O_RDWR, 0, 0));
	VAL(opn("gt-q", O_RDWR | O_CREAT, 0600, BAD));
	bad.mq_maxmsg = 0;
	VAL(opn("gt-q", O_RDWR | O_CREAT, 0600, &bad));
	bad.mq_maxmsg = 65537;
	VAL(opn("gt-q", O_RDWR | O_CREAT, 0600, &bad));
	getrlimit(RLIMIT_MSGQUEUE, &lim);
	setrlimit(RLIMIT_MSGQUEUE, &(struct rlimit){ 600, lim.rlim_max });
	VAL(opn("gt-q", O_RDWR | O_CREAT, 0600, &a));
	setrlimit(RLIMIT_MSGQUEUE, &lim);
	q = (int)NEED(opn("gt-q", O_RDWR | O_CREAT | O_EXCL, 0600, &a));
	VAL(opn("gt-q", O_RDWR | O_CREAT | O_EXCL, 0600, &a));
	VAL(opn("gt-q", 3, 0, 0));
	VAL(fcntl(q, F_GETFD));
	VAL(syscall(SYS_mq_timedsend, q, buf, 65, 0, 0));
	VAL(syscall(SYS_mq_timedsend, q, buf, 1, 32768, 0));
	VAL(syscall(SYS_mq_timedsend, q, BAD, 1, 0, 0));
	VAL(syscall(SYS_mq_timedsend, 0, buf, 1, 0, 0));
	VAL(syscall(SYS_mq_timedsend, -1, buf, 1, 0, 0));
	VAL(syscall(SYS_mq_timedsend, q, buf, 1, 0, &wrong));
	VAL(syscall(SYS_mq_timedreceive, q, buf, 63, 0, 0));
	VAL(syscall(SYS_mq_timedreceive, q, buf, 64, 0, &past));
	VAL(syscall(SYS_mq_unlink, "gt-q"));
	VAL(syscall(SYS_mq_unlink, "gt-q"));
	VAL(snd(q, "still there", 1));
	rcv("unlinked", q);
	close(q);
}

static void
order(void)
{
	struct mq_attr a = { .mq_maxmsg = 4, .mq_msgsize = 64 }, old;
	int q = (int)NEED(opn("gt-q", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a));
	struct pollfd p = { q, POLLIN | POLLOUT, 0 };

	poll(&p, 1, 0);
	out("empty: %#x", p.revents);
	VAL(snd(q, "low", 1));
	VAL(snd(q, "high", 7));
	VAL(snd(q, "low two", 1));
	VAL(snd(q, "high two", 7));
	VAL(snd(q, "full", 7));
	poll(&p, 1, 0);
	out("full: %#x", p.revents);
	VAL(syscall(SYS_mq_getsetattr, q, 0, &old));
	out("attr: %ld %ld %ld %ld", old.mq_flags, old.mq_maxmsg,
	    old.mq_msgsize, old.mq_curmsgs);
	for (int i = 0; i < 5; i++)
		rcv("order", q);
	memset(buf, 0, sizeof(buf));
	VAL(read(q, buf, sizeof(buf)));
	out("text: %s", buf);
	a.mq_flags = 0;
	VAL(syscall(SYS_mq_getsetattr, q, &a, &old));
	a.mq_flags = 1;
	VAL(syscall(SYS_mq_getsetattr, q, &a, &old));
	VAL(fcntl(q, F_GETFL));
	close(q);
	VAL(syscall(SYS_mq_unlink, "gt-q"));
}

/* SIGEV_THREAD, done by hand: a cookie comes from a netlink socket */
static void
by_thread(void)
{
	struct mq_attr a = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD };
	char cookie[32] = "the cookie", in[100];
	int q = (int)NEED(opn("gt-q", O_RDWR | O_CREAT, 0600, &a)), s, un;

	s = (int)NEED(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, 0));
	un = (int)NEED(socket(AF_UNIX, SOCK_STREAM, 0));
	ev.sigev_value.sival_ptr = cookie;
	ev.sigev_signo = un;
	VAL(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = s;
	ev.sigev_value.sival_ptr = BAD;
	VAL(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_value.sival_ptr = cookie;
	VAL(syscall(SYS_mq_notify, -1, &ev));
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(read(s, in, sizeof(in)));
	VAL(snd(q, "one", 0));
	VAL(snd(q, "two", 0));
	memset(in, 0, sizeof(in));
	VAL(read(s, in, sizeof(in)));
	out("cookie: %s %d", in, in[31]);
	VAL(read(s, in, sizeof(in)));
	rcv("one", q);
	rcv("two", q);
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(syscall(SYS_mq_notify, q, 0));
	VAL(read(s, in, sizeof(in)));
	out("cookie: %s %d", in, in[31]);
	VAL(syscall(SYS_mq_notify, q, &ev));
	close(q);
	VAL(read(s, in, sizeof(in)));
	out("cookie: %s %d", in, in[31]);
	q = (int)NEED(opn("gt-q", O_RDWR, 0, 0));
	VAL(syscall(SYS_mq_notify, q, &ev));
	close(s);
	VAL(snd(q, "to nobody", 0));
	close(q);
	close(un);
	VAL(syscall(SYS_mq_unlink, "gt-q"));
}

static volatile int got, code, word;
static void
handler(int s, siginfo_t *i, void *c)
{
	got = s;
	code = i->si_code;
	word = i->si_value.sival_int;
	(void)c;
}

static void
notify(void)
{
	struct mq_attr a = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1, .sigev_value.sival_int = 42 };
	int q = (int)NEED(opn("gt-q", O_RDWR | O_CREAT, 0600, &a));

	on_signal(SIGUSR1, handler, SA_SIGINFO, 0);
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(snd(q, "one", 0));
	out("signal: %s code %d word %d", gt_sig(got), code, word);
	got = 0;
	VAL(snd(q, "two", 0));
	out("no signal: %d", got);
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(syscall(SYS_mq_notify, q, 0));
	ev.sigev_signo = 65;
	VAL(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_notify = 9;
	VAL(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_notify = SIGEV_THREAD;
	ev.sigev_signo = -1;
	VAL(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_value.sival_ptr = buf;
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(syscall(SYS_mq_notify, 1, 0));
	ev.sigev_notify = 9;
	VAL(syscall(SYS_mq_notify, -1, &ev));
	VAL(syscall(SYS_mq_notify, 1, &ev));
	ev.sigev_notify = SIGEV_NONE;
	VAL(syscall(SYS_mq_notify, -1, &ev));
	VAL(syscall(SYS_mq_notify, 1, &ev));
	VAL(syscall(SYS_mq_notify, q, BAD));
	a.mq_flags = 1;
	VAL(syscall(SYS_mq_getsetattr, -1, &a, 0));
	a.mq_flags = 0;
	VAL(syscall(SYS_mq_getsetattr, -1, &a, 0));
	VAL(syscall(SYS_mq_getsetattr, 1, &a, 0));
	VAL(syscall(SYS_mq_getsetattr, q, 0, BAD));
	close(q);
	VAL(syscall(SYS_mq_unlink, "gt-q"));
}

static void
echo(void)
{
	struct mq_attr a = { .mq_maxmsg = 2, .mq_msgsize = 64 };
	int q = (int)NEED(opn("gt-q", O_RDWR | O_CREAT, 0600, &a)), st;
	long sum = 0;

	for (int i = 0; i < 2; i++)
		if (!fork()) {
			for (int n = 0; n < 300; n++)
				if (snd(q, "0123456789", n % 3))
					_exit(1);
			_exit(0);
		}
	for (int n = 0; n < 600; n++)
		sum += syscall(SYS_mq_timedreceive, q, buf, 64, 0, 0);
	out("received: %ld", sum);
	for (int i = 0; i < 2; i++) {
		wait(&st);
		out("sender: %s", gt_status(st));
	}
	close(q);
	VAL(syscall(SYS_mq_unlink, "gt-q"));
}

static void
mode_of(const char *name, int mask)
{
	struct stat s;
	int q, old = umask(mask);

	q = (int)NEED(opn(name, O_RDWR | O_CREAT, 0766, 0));
	umask(old);
	fstat(q, &s);
	out("mask %o: %o size %ld nlink %d", mask, s.st_mode, (long)s.st_size,
	    (int)s.st_nlink);
	close(q);
}

static void
user_opens(void)
{
	struct mq_attr a = { .mq_maxmsg = 11, .mq_msgsize = 64 };

	VAL(opn("gt-a", O_RDWR, 0, 0));
	OKAY(opn("gt-a", O_RDONLY, 0, 0));
	VAL(opn("gt-b", O_RDONLY, 0, 0));
	VAL(opn("gt-u", O_RDONLY | O_CREAT, 0600, &a));
	a.mq_maxmsg = 10;
	a.mq_msgsize = 8193;
	VAL(opn("gt-u", O_RDONLY | O_CREAT, 0600, &a));
	VAL(syscall(SYS_mq_unlink, "gt-a"));
	OKAY(opn("gt-u", O_RDWR | O_CREAT, 0, 0));
	VAL(syscall(SYS_mq_unlink, "gt-u"));
}

static void
names(const char *what)
{
	struct dirent *e;
	DIR *d = opendir("/tmp/mq");
	int n = 0;

	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	out("%s: %d names", what, n);
}

/* the file system; queues by its names */
static void
mounted(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR2 };
	struct statfs f;
	struct stat s;
	int q, fd;

	mode_of("gt-a", 022);
	mode_of("gt-b", 077);
	mode_of("gt-c", 0);
	as_user("user", user_opens);
	mkdir("/tmp/mq", 0755);
	VAL(mount("mqueue", "/tmp/mq", "mqueue", 0, 0));
	VAL(statfs("/tmp/mq", &f));
	out("type %lx namelen %ld", (long)f.f_type, (long)f.f_namelen);
	VAL(stat("/tmp/mq", &s));
	out("dir %o size %ld nlink %d", s.st_mode, (long)s.st_size,
	    (int)s.st_nlink);
	names("all");
	q = (int)NEED(opn("gt-a", O_RDWR, 0, 0));
	VAL(snd(q, "hello", 3));
	VAL(syscall(SYS_mq_notify, q, &ev));
	VAL(fd = open("/tmp/mq/gt-a", O_RDWR));
	memset(buf, 0, sizeof(buf));
	VAL(read(fd, buf, sizeof(buf)));
	out("text: %.40s", buf);
	VAL(write(fd, "x", 1));
	VAL(lseek(fd, 0, SEEK_SET));
	VAL(read(fd, buf, 10));
	/* it is the queue itself */
	VAL(syscall(SYS_mq_timedsend, fd, "by file", 7, 9, 0));
	rcv("first", q);
	rcv("second", q);
	VAL(ftruncate(fd, 0));
	close(fd);
	close(q);
	VAL(rename("/tmp/mq/gt-a", "/tmp/mq/gt-z"));
	VAL(link("/tmp/mq/gt-a", "/tmp/mq/gt-z"));
	VAL(mkdir("/tmp/mq/dir", 0755));
	VAL(unlink("/tmp/mq/gt-a"));
	VAL(fd = open("/tmp/mq/gt-n", O_RDWR | O_CREAT, 0600));
	close(fd);
	names("after");
	VAL(opn("gt-a", O_RDWR, 0, 0));
	VAL(syscall(SYS_mq_unlink, "gt-n"));
	VAL(syscall(SYS_mq_unlink, "gt-b"));
	VAL(syscall(SYS_mq_unlink, "gt-c"));
	names("none");
	VAL(umount("/tmp/mq"));
	rmdir("/tmp/mq");
}

int
main(void)
{
	errors();
	order();
	notify();
	by_thread();
	mounted();
	echo();
	return 0;
}
