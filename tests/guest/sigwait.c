/* SPDX-License-Identifier: MIT */
/* sigtimedwait, sigsuspend, pause, EINTR and restart of slow calls, timers. */
#include "gt.h"
#include <poll.h>
#include <sys/select.h>

static volatile int hits, lastsig;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)i, (void)u;
	hits++;
	lastsig = s;
}

static void
arm(int ms)
{
	struct itimerval it = { { 0, 0 }, { ms / 1000, ms % 1000 * 1000 } };

	setitimer(ITIMER_REAL, &it, NULL);
}

static int
tw(uint64_t set, siginfo_t *si, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	return (int)syscall(SYS_rt_sigtimedwait, &set, si,
			    ms < 0 ? NULL : &t, 8);
}

static void
t_timedwait(void)
{
	siginfo_t si;
	uint64_t s = GT_BIT(SIGUSR1) | GT_BIT(40) | GT_BIT(SIGALRM);
	struct timespec bad = { 0, 1000000000 }, neg = { -1, 0 };
	union sigval v = { .sival_int = 77 };

	sigmask(SIG_BLOCK, s);
	val("nothing pending", tw(s, &si, 0));
	val("nothing within 20 ms", tw(s, &si, 20));
	kill(getpid(), SIGUSR1);
	val("pending USR1", tw(s, &si, 0));
	out("code %d pid mine %d", si.si_code, si.si_pid == getpid());
	val("taken", tw(s, &si, 0));
	sigqueue(getpid(), 40, v);
	val("RT", tw(s, &si, -1));
	out("code %d value %d", si.si_code, si.si_value.sival_int);
	arm(20);
	val("wait for alarm", tw(s, &si, -1));
	out("code %d", si.si_code);
	kill(getpid(), 40);
	kill(getpid(), SIGUSR1);
	val("lowest first", tw(s, NULL, 0));
	val("then", tw(s, NULL, 0));
	on_signal(SIGUSR2, h, 0, 0);
	pid_t c = fork();
	if (c == 0) {
		msleep(20);
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	val("other signal", tw(s, &si, 2000));
	out("handled: %d", hits);
	waitpid(c, NULL, 0);
	val("bad set", syscall(SYS_rt_sigtimedwait, BAD, &si, 0, 8));
	val("size 4", syscall(SYS_rt_sigtimedwait, &s, &si, 0, 4));
	val("nsec 1e9", syscall(SYS_rt_sigtimedwait, &s, &si, &bad, 8));
	val("negative", syscall(SYS_rt_sigtimedwait, &s, &si, &neg, 8));
	val("bad timeout", syscall(SYS_rt_sigtimedwait, &s, &si, BAD, 8));
	kill(getpid(), SIGUSR1);
	val("bad info", syscall(SYS_rt_sigtimedwait, &s, BAD, 0, 8));
	out("pending: %#llx", (unsigned long long)sigs_pending());
	sigmask(SIG_SETMASK, 0);
}

static void
t_suspend(void)
{
	uint64_t none = 0, all = ~0ull;

	hits = 0;
	on_signal(SIGUSR1, h, SA_RESTART, 0);
	sigmask(SIG_BLOCK, GT_BIT(SIGUSR1) | GT_BIT(SIGTERM));
	kill(getpid(), SIGUSR1);
	val("sigsuspend", syscall(SYS_rt_sigsuspend, &none, 8));
	out("handled %d, mask back %#llx", hits,
	    (unsigned long long)sigmask_get());
	val("size 4", syscall(SYS_rt_sigsuspend, &none, 4));
	val("bad set", syscall(SYS_rt_sigsuspend, BAD, 8));
	on_signal(SIGALRM, h, SA_RESTART, 0);
	all &= ~GT_BIT(SIGALRM);
	kill(getpid(), SIGUSR1);
	arm(20);
	hits = 0;
	val("sigsuspend for ALRM", syscall(SYS_rt_sigsuspend, &all, 8));
	out("by %s, handled %d", gt_sig(lastsig), hits);
	sigmask(SIG_SETMASK, 0);
	out("then USR1: %d", hits);
	arm(20);
	val("pause", pause());
	/* ignored signals do not end pause */
	pid_t me = getpid(), c = fork();
	if (c == 0) {
		msleep(10);
		kill(me, SIGURG);
		msleep(10);
		kill(me, SIGSTOP);
		msleep(20);
		kill(me, SIGCONT);
		msleep(20);
		kill(me, SIGUSR1);
		_exit(0);
	}
	hits = 0;
	val("pause through URG, STOP, CONT", pause());
	out("by %s", gt_sig(lastsig));
	waitpid(c, NULL, 0);
}

/* each slow call is interrupted once by SIGALRM; with SA_RESTART a helper
 * lets it finish 60 ms after */
static int pfd[2];
static void
slow(const char *name, int kind)
{
	char b[8];
	struct timespec ts = { 0, 80000000 }, rem = { 9, 9 };
	struct timeval tv = { 0, 80000 };
	struct pollfd pf;
	fd_set fs;
	long r = 0;
	int st, go[2];

	for (int restart = 0; restart < 2; restart++) {
		pid_t c = 0;

		NEED(pipe(pfd));
		on_signal(SIGALRM, h, restart ? SA_RESTART : 0, 0);
		hits = 0;
		ts = (struct timespec){ 0, 80000000 };
		tv = (struct timeval){ 0, 80000 };
		rem = (struct timespec){ 9, 9 };
		NEED(pipe(go));
		c = fork();
		if (c == 0) {
			read(go[0], b, 1);	/* the alarm is set */
			msleep(120);
			if (kind != 5)
				write(pfd[1], "abcd", 4);
			if (kind == 5) {
				static char sink[70000];

				read(pfd[0], sink, sizeof(sink));
			}
			if (kind == 6) {
				int f = open("fifo", O_WRONLY);

				msleep(1);
				close(f);
			}
			_exit(0);
		}
		if (kind == 5) {
			static char fill[65536];

			NEED(write(pfd[1], fill, sizeof(fill)));
		}
		arm(25);
		write(go[1], "", 1);
		close(go[0]);
		close(go[1]);
		errno = 0;
		switch (kind) {
		case 0: r = read(pfd[0], b, 4); break;
		case 1: r = syscall(SYS_nanosleep, &ts, &rem); break;
		case 2:
			pf = (struct pollfd){ pfd[0], POLLIN, 0 };
			r = poll(&pf, 1, 5000);
			break;
		case 3:
			FD_ZERO(&fs);
			FD_SET(pfd[0], &fs);
			tv.tv_sec = 5;
			r = select(pfd[0] + 1, &fs, 0, 0, &tv);
			break;
		case 4:
			r = syscall(SYS_wait4, c, &st, 0, 0);
			r = r > 0 ? 0 : r;
			break;
		case 5: r = write(pfd[1], "x", 1); break;
		case 6: r = open("fifo", O_RDONLY) >= 0 ? 0 : -1; break;
		case 7:
			r = syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0,
				    &ts, &rem);
			break;
		case 8: {
			struct flock fl = { .l_type = F_WRLCK };
			int fd = open("lockf", O_RDWR | O_CREAT, 0644);

			r = fcntl(fd, F_SETLKW, &fl);
			close(fd);
			break;
		}
		case 9: {
			uint64_t none = 0;

			r = syscall(SYS_rt_sigsuspend, &none, 8);
			break;
		}
		}
		int e = errno;

		arm(0);
		out("%s %s: %s, handled %d", name, restart ? "restart" :
		    "no restart", r < 0 ? gt_errno(e) : "done", hits);
		if (kind == 1 || kind == 7)
			out("  remaining written %d, less than asked %d",
			    rem.tv_sec != 9, rem.tv_nsec < 80000000);
		close(pfd[0]);
		close(pfd[1]);
		if (kind != 4 || r < 0) {
			if (kind == 6) {
				int f = open("fifo", O_RDONLY | O_NONBLOCK);
				waitpid(c, &st, 0);
				close(f);
			} else {
				signal(SIGPIPE, SIG_IGN);
				waitpid(c, &st, 0);
			}
		}
	}
}

static void
t_stopcont(void)
{
	/* stop and continue do not make slow calls fail (but some do) */
	struct timespec ts = { 0, 60000000 };
	pid_t me = getpid(), c;
	char b[4];

	NEED(pipe(pfd));
	c = fork();
	if (c == 0) {
		msleep(10);
		kill(me, SIGSTOP);
		msleep(10);
		kill(me, SIGCONT);
		msleep(100);
		write(pfd[1], "z", 1);
		_exit(0);
	}
	val("nanosleep over stop", syscall(SYS_nanosleep, &ts, 0));
	val("read over stop", read(pfd[0], b, 1));
	waitpid(c, NULL, 0);
	c = fork();
	if (c == 0) {
		msleep(10);
		kill(me, SIGSTOP);
		msleep(10);
		kill(me, SIGCONT);
		msleep(30);
		write(pfd[1], "z", 1);
		_exit(0);
	}
	val("read alone over stop", read(pfd[0], b, 1));
	waitpid(c, NULL, 0);
	c = fork();
	if (c == 0) {
		msleep(10);
		kill(me, SIGSTOP);
		msleep(10);
		kill(me, SIGCONT);
		_exit(0);
	}
	struct pollfd pf = { pfd[0], POLLIN, 0 };
	val("poll over stop", poll(&pf, 1, 60));
	waitpid(c, NULL, 0);
}

static void
t_timers(void)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } }, old;
	volatile unsigned long spin = 0;

	on_signal(SIGALRM, h, SA_RESTART, 0);
	on_signal(SIGVTALRM, h, SA_RESTART, 0);
	on_signal(SIGPROF, h, SA_RESTART, 0);
	hits = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	while (hits < 5)
		pause();
	getitimer(ITIMER_REAL, &old);
	out("interval: %ld us, value within: %d",
	    (long)old.it_interval.tv_usec, old.it_value.tv_usec <= 10000);
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, &old);
	yes("old had an interval", old.it_interval.tv_usec == 10000);
	getitimer(ITIMER_REAL, &old);
	out("stopped: %ld %ld", (long)old.it_value.tv_sec,
	    (long)old.it_value.tv_usec);
	it.it_value.tv_usec = 20000;
	hits = 0;
	setitimer(ITIMER_VIRTUAL, &it, NULL);
	msleep(50);
	out("virtual does not run while asleep: %d", hits);
	while (!hits)
		spin++;
	out("virtual ends while running: %s", gt_sig(lastsig));
	hits = 0;
	setitimer(ITIMER_PROF, &it, NULL);
	while (!hits)
		syscall(SYS_getppid);
	out("prof: %s", gt_sig(lastsig));
	it.it_value.tv_usec = 1000000;
	val("usec 1e6", setitimer(ITIMER_REAL, &it, NULL));
	it.it_value.tv_usec = -1;
	val("usec -1", setitimer(ITIMER_REAL, &it, NULL));
	val("which 3", syscall(SYS_setitimer, 3, &it, 0));
	val("which -1", syscall(SYS_getitimer, -1, &it));
	val("bad pointer", syscall(SYS_setitimer, 0, BAD, 0));
	val("bad old", syscall(SYS_getitimer, 0, BAD));
	val("alarm returns 0", alarm(100));
	yes("alarm returns the rest, rounded", alarm(0) == 100);
	it.it_value.tv_sec = 0;
	it.it_value.tv_usec = 300000;
	setitimer(ITIMER_REAL, &it, NULL);
	val("less than a second left", alarm(0));
}

int
main(void)
{
	mkfifo("fifo", 0644);
	signal(SIGPIPE, SIG_IGN);
	t_timedwait();
	t_suspend();
	slow("read pipe", 0);
	slow("nanosleep", 1);
	slow("poll", 2);
	slow("select", 3);
	slow("wait4", 4);
	slow("write pipe", 5);
	slow("open fifo", 6);
	slow("clock_nanosleep", 7);
	slow("sigsuspend", 9);
	t_stopcont();
	t_timers();
	return 0;
}
