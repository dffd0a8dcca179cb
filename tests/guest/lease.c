/* SPDX-License-Identifier: MIT */
/*
 * fcntl(2): F_SETLEASE, F_GETLEASE. How long a holder may take is only
 * changed where nobody else minds (effect()).
 */
#include "gt.h"

#define FILE_NAME "lease.f"
static int guest, sig = 0;

static void
effect(const char *name, int ok)
{
	yes(name, !guest || ok);
}

static int
lease(int fd, long type)
{
	return fcntl(fd, F_SETLEASE, type);
}

static int
opened(int flags)
{
	return open(FILE_NAME, flags);
}

/* the signal of a lease that is to be broken, if it came */
static void
told(const char *name, int fd)
{
	struct timespec zero = { 0, 0 };
	siginfo_t si;
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, sig ? sig : SIGIO);
	r = sigtimedwait(&set, &si, &zero);
	if (r < 0)
		out("%s: %s", name, gt_errno(errno));
	else if (!sig)
		out("%s: SIG%s", name, gt_sig(r));
	else
		out("%s: SIG%s code %d band %#lx, %s", name, gt_sig(r),
		    si.si_code, si.si_band, si.si_fd == fd ? "fd" : "not fd");
}

static void
as_nobody(void)
{
	VAL(lease(opened(O_RDONLY), F_RDLCK));
}

static void
t_errors(void)
{
	int r = opened(O_RDONLY), rw = opened(O_RDWR), p[2];

	VAL(lease(-1, F_RDLCK));
	VAL(lease(r, 3));
	VAL(lease(r, -1));
	VAL(lease(r, F_UNLCK));
	VAL(fcntl(r, F_GETLEASE));
	VAL(lease(opened(O_PATH), F_RDLCK));
	VAL(lease(open("/dev/null", O_RDONLY), F_RDLCK));
	NEED(pipe(p));
	VAL(lease(p[0], F_RDLCK));
	VAL(lease(p[0], F_UNLCK));
	VAL(lease(r, F_RDLCK));		/* open for writing */
	VAL(lease(rw, F_RDLCK));
	VAL(lease(r, F_WRLCK));
	VAL(lease(rw, F_WRLCK));	/* open twice */
	close(rw);
	as_user("not the owner", as_nobody);
	close(r);
}

static void
t_read(void)
{
	int r = opened(O_RDONLY), r2, d;

	VAL(lease(r, F_RDLCK));
	VAL(fcntl(r, F_GETLEASE));
	OKAY(d = dup(r));
	VAL(fcntl(d, F_GETLEASE));
	OKAY(r2 = opened(O_RDONLY));
	told("reader", r);
	VAL(fcntl(r2, F_GETLEASE));
	VAL(lease(r2, F_WRLCK));
	VAL(lease(r2, F_RDLCK));
	OKAY(opened(O_WRONLY | O_NONBLOCK));
	told("writer", r);
	VAL(fcntl(r, F_GETLEASE));
	VAL(fcntl(r2, F_GETLEASE));
	OKAY(opened(O_RDWR | O_NONBLOCK));
	told("told once", r);
	VAL(lease(r, F_UNLCK));
	OKAY(opened(O_RDWR | O_NONBLOCK));
	close(r2);
	close(d);
	close(opened(O_RDWR | O_NONBLOCK));
	close(r);
	VAL(fcntl(d, F_GETLEASE));
}

static void
t_write(void)
{
	int w = opened(O_RDWR), r;

	VAL(lease(w, F_WRLCK));
	VAL(fcntl(w, F_GETLEASE));
	OKAY(opened(O_RDONLY | O_NONBLOCK));
	told("reader", w);
	VAL(fcntl(w, F_GETLEASE));
	VAL(lease(w, F_RDLCK));		/* we are a writer */
	VAL(lease(w, F_UNLCK));
	OKAY(r = opened(O_RDONLY | O_NONBLOCK));
	close(r);
	close(w);
	w = opened(O_RDONLY);
	VAL(lease(w, F_WRLCK));
	OKAY(opened(O_RDONLY | O_NONBLOCK));
	told("reader", w);
	VAL(lease(w, F_RDLCK));
	VAL(fcntl(w, F_GETLEASE));
	OKAY(r = opened(O_RDONLY | O_NONBLOCK));
	VAL(lease(w, F_WRLCK));
	VAL(fcntl(w, F_GETLEASE));
	close(r);
	VAL(lease(w, F_WRLCK));
	close(w);
}

/* somebody breaks it by fn and waits until we let go; or we just close */
static void
wait_for_us(const char *name, int how, int give_back)
{
	int fd = opened(O_RDONLY), st;
	sigset_t set;
	pid_t p;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	NEED(lease(fd, F_RDLCK));
	p = (pid_t)NEED(fork());
	if (!p) {
		close(fd);
		_exit((how ? truncate(FILE_NAME, 10) : opened(O_WRONLY)) < 0);
	}
	if (sigwaitinfo(&set, NULL) != SIGIO)
		out("%s: not told", name);
	val(name, waitpid(p, &st, WNOHANG));
	if (give_back)
		VAL(lease(fd, F_UNLCK));
	else
		close(fd);
	waitpid(p, &st, 0);
	out("%s: %s", name, gt_status(st));
	close(fd);
}

static void
handler(int s)
{
	(void)s;
}

static void
interrupted(void)
{
	struct sigaction sa = { .sa_handler = handler };
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	OKAY(opened(O_WRONLY));
}

static void
set_time(const char *s)
{
	int fd = open("/proc/sys/fs/lease-break-time", O_WRONLY);

	if (write(fd, s, strlen(s)) < 0)
		out("cannot set the time");
	close(fd);
}

static void
t_time(void)
{
	int fd = opened(O_RDONLY), w, in_time = 0, gone = 0, down = 0;
	struct timespec zero = { 0, 0 };
	sigset_t set;

	if (guest) {
		set_time("1");
		lease(fd, F_RDLCK);
		w = opened(O_WRONLY);
		in_time = w >= 0;
		gone = fcntl(fd, F_GETLEASE) == F_UNLCK &&
			lease(fd, F_UNLCK) == -1 && errno == EAGAIN;
		close(w);
		set_time("0");
		lease(fd, F_WRLCK);
		w = opened(O_RDONLY);
		down = w >= 0 && fcntl(fd, F_GETLEASE) == F_RDLCK &&
			lease(fd, F_UNLCK) == 0;
		set_time("45");
	}
	effect("not for ever", in_time);
	effect("gone", gone);
	effect("at once, for a reader", down);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	effect("told", sigtimedwait(&set, NULL, &zero) == SIGIO);
	close(fd);
}

int
main(void)
{
	sigset_t set;
	int fd;

	guest = access("/gt/list", F_OK) == 0;
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	close((int)NEED(open(FILE_NAME, O_CREAT | O_TRUNC | O_RDWR, 0644)));
	t_errors();
	t_read();
	t_write();
	/* with what F_SETSIG says */
	fd = opened(O_RDONLY);
	sig = SIGRTMIN + 3;
	VAL(fcntl(fd, F_SETSIG, sig));
	VAL(lease(fd, F_RDLCK));
	VAL(fcntl(fd, F_GETOWN) == getpid());
	OKAY(opened(O_WRONLY | O_NONBLOCK));
	told("chosen signal", fd);
	VAL(lease(fd, F_UNLCK));
	VAL(fcntl(fd, F_GETOWN));
	VAL(fcntl(fd, F_GETSIG));
	sig = 0;
	wait_for_us("open", 0, 1);
	wait_for_us("truncate", 1, 1);
	wait_for_us("close", 0, 0);
	NEED(lease(fd, F_RDLCK));
	in_child("interrupted", interrupted);
	told("interrupted, but", fd);
	VAL(fcntl(fd, F_GETLEASE));
	close(fd);
	t_time();
	return 0;
}
