/* SPDX-License-Identifier: MIT */
/* wait4 and waitid: statuses, options, who may be waited for, errors. */
#include "gt.h"

static void
idt(const char *name, idtype_t t, id_t id, int opt)
{
	siginfo_t si;
	int r;

	memset(&si, 0x5a, sizeof(si));
	r = (int)syscall(SYS_waitid, t, id, &si, opt, (void *)0);
	if (r < 0) {
		val(name, r);
		return;
	}
	if (si.si_signo == 0) {
		out("%s: nothing, pid %d", name, si.si_pid);
		return;
	}
	out("%s: signo %s code %d status %d uid %d errno %d", name,
	    gt_sig(si.si_signo), si.si_code, si.si_status, si.si_uid,
	    si.si_errno);
}

static pid_t
child_exit(int code)
{
	pid_t c = fork();

	if (c == 0)
		_exit(code);
	return c;
}

static pid_t
child_pause(void)
{
	pid_t c = fork();

	if (c == 0)
		for (;;)
			pause();
	return c;
}

static void
t_codes(void)
{
	const int codes[] = { 0, 1, 127, 128, 255, 256, -1, 0x12345 };
	const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP,
		SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGPIPE,
		SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM,
		SIGPROF, SIGIO, SIGPWR, SIGSYS, 33, 34, 64 };
	const int quiet[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH };
	int st;
	char b[64];

	for (unsigned i = 0; i < NELEM(codes); i++) {
		pid_t c = child_exit(codes[i]);

		waitpid(c, &st, 0);
		out("exit(%d): %#x", codes[i], st);
	}
	for (unsigned i = 0; i < NELEM(sigs); i++) {
		pid_t c = child_pause();

		kill(c, sigs[i]);
		waitpid(c, &st, 0);
		snprintf(b, sizeof(b), "kill %s", gt_sig(sigs[i]));
		out("%s: %#x %s", b, st, gt_status(st));
	}
	for (unsigned i = 0; i < NELEM(quiet); i++) {
		pid_t c = child_pause();

		kill(c, quiet[i]);
		msleep(2);
		out("after %s alive: %d", gt_sig(quiet[i]),
		    waitpid(c, &st, WNOHANG) == 0);
		kill(c, SIGKILL);
		waitpid(c, &st, 0);
	}
}

static void
t_stop(void)
{
	const int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	int st;

	for (unsigned i = 0; i < NELEM(stops); i++) {
		pid_t c = fork();

		if (c == 0) {
			/* its own group, with a parent outside: not orphaned
			 * as the parent is of the same session */
			setpgid(0, 0);
			kill(getpid(), stops[i]);
			for (;;)
				pause();
		}
		waitpid(c, &st, WUNTRACED);
		out("stop by %s: %#x %s", gt_sig(stops[i]), st,
		    gt_status(st));
		yes("reported once", waitpid(c, &st, WUNTRACED | WNOHANG)
		    == 0);
		kill(c, SIGCONT);
		waitpid(c, &st, WCONTINUED);
		out("then: %s", gt_status(st));
		kill(c, SIGTERM);
		waitpid(c, &st, 0);
		out("then: %s", gt_status(st));
	}
}

static void
t_waitid(void)
{
	pid_t c;

	idt("no children P_ALL", P_ALL, 0, WEXITED);
	idt("no options", P_ALL, 0, 0);
	idt("bad options", P_ALL, 0, WEXITED | 0x40);
	idt("only WNOHANG", P_ALL, 0, WNOHANG);
	idt("bad idtype", 77, 0, WEXITED);
	idt("P_PID 0", P_PID, 0, WEXITED);
	idt("P_PID negative", P_PID, -3, WEXITED);
	idt("not my child", P_PID, 1, WEXITED);
	idt("P_PIDFD bad", 3, 999, WEXITED);

	c = child_exit(6);
	idt("exited WNOWAIT", P_PID, c, WEXITED | WNOWAIT);
	idt("again WNOWAIT", P_ALL, 0, WEXITED | WNOWAIT);
	idt("not stopped", P_PID, c, WSTOPPED | WNOHANG);
	idt("taken", P_PID, c, WEXITED);
	idt("gone", P_PID, c, WEXITED);

	c = child_pause();
	idt("running", P_PID, c, WEXITED | WNOHANG);
	kill(c, SIGSTOP);
	idt("stopped", P_PID, c, WSTOPPED);
	idt("stopped twice", P_PID, c, WSTOPPED | WNOHANG);
	kill(c, SIGCONT);
	idt("continued WNOWAIT", P_PID, c, WCONTINUED | WNOWAIT);
	idt("continued", P_PID, c, WCONTINUED);
	idt("continued twice", P_PID, c, WCONTINUED | WNOHANG);
	kill(c, SIGTERM);
	idt("killed", P_PID, c, WEXITED);

	c = child_pause();
	kill(c, SIGSTOP);
	idt("stop first WNOWAIT", P_PID, c, WSTOPPED | WNOWAIT);
	idt("stop taken", P_PID, c, WSTOPPED);
	kill(c, SIGKILL);
	idt("killed while stopped", P_PID, c, WEXITED | WSTOPPED);

	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		_exit(3);
	}
	setpgid(c, c);
	idt("my group", P_PGID, 0, WEXITED | WNOHANG);
	idt("its group", P_PGID, c, WEXITED);
	val("waitid null info", syscall(SYS_waitid, P_ALL, 0, 0, WEXITED, 0));
	c = child_exit(1);
	val("waitid null info child", syscall(SYS_waitid, P_ALL, 0, 0,
					      WEXITED, 0));
	c = child_exit(1);
	val("waitid bad info", syscall(SYS_waitid, P_ALL, 0, BAD, WEXITED,
				       0));
	val("reaped all the same", syscall(SYS_wait4, -1, 0, WNOHANG, 0));
	struct rusage ru = { 0 };

	c = child_exit(1);
	siginfo_t si;
	val("waitid rusage", syscall(SYS_waitid, P_PID, c, &si, WEXITED,
				     &ru));
	yes("rusage has faults", ru.ru_minflt > 0);
}

static void
t_wait4(void)
{
	int st = 0x77;
	pid_t c, d, g;
	struct rusage ru;

	val("wait4 none", syscall(SYS_wait4, -1, &st, 0, 0));
	val("wait4 none WNOHANG", syscall(SYS_wait4, -1, &st, WNOHANG, 0));
	val("wait4 bad options", syscall(SYS_wait4, -1, &st, 0x1000, 0));
	val("wait4 WEXITED", syscall(SYS_wait4, -1, &st, WEXITED, 0));
	val("wait4 WNOWAIT", syscall(SYS_wait4, -1, &st, WNOWAIT, 0));
	val("wait4 INT_MIN", syscall(SYS_wait4, INT_MIN, &st, 0, 0));
	val("wait4 stranger", syscall(SYS_wait4, 1, &st, 0, 0));
	val("wait4 no such group", syscall(SYS_wait4, -99999, &st, 0, 0));
	c = child_exit(1);
	val("wait4 bad status pointer", syscall(SYS_wait4, c, BAD, 0, 0));
	val("reaped all the same", syscall(SYS_wait4, c, &st, 0, 0));
	c = child_exit(1);
	val("wait4 bad rusage pointer", syscall(SYS_wait4, c, &st, 0, BAD));
	c = child_exit(2);
	yes("null status", syscall(SYS_wait4, c, 0, 0, 0) == c);
	c = child_pause();
	st = 0x77;
	val("WNOHANG running", waitpid(c, &st, WNOHANG));
	out("status untouched: %#x", st);
	kill(c, SIGKILL);
	yes("any child", wait4(-1, &st, 0, &ru) == c);
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		_exit(21);
	}
	setpgid(c, c);
	d = child_exit(22);
	g = waitpid(0, &st, 0);
	yes("pid 0 takes own group", g == d);
	g = waitpid(-c, &st, 0);
	yes("negative pid takes the group", g == c);
	out("status %s", gt_status(st));
	/* several: each is reported exactly once */
	int seen = 0, n = 0;
	for (int i = 0; i < 10; i++)
		child_exit(i);
	while ((g = wait(&st)) > 0) {
		seen |= 1 << WEXITSTATUS(st);
		n++;
	}
	out("ten children: %d waits, set %#x, then %s", n, seen,
	    gt_errno(errno));
}

static void
t_orphan(void)
{
	int p[2], st;
	char b[64] = "";
	pid_t c;

	NEED(pipe(p));
	c = fork();
	if (c == 0) {
		pid_t pp = getpid();

		if (fork() == 0) {
			while (getppid() == pp)
				msleep(1);
			snprintf(b, sizeof(b), "%d", getppid());
			NEED(write(p[1], b, strlen(b)));
			_exit(0);
		}
		_exit(0);
	}
	waitpid(c, &st, 0);
	NEED(read(p[0], b, 60));
	out("orphan's parent: %s", b);
	val("grandchild is not mine", waitpid(-1, &st, 0));
}

static volatile int got;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)u;
	got++;
	if (s == SIGCHLD)
		out("SIGCHLD code %d status %d uid %d", i->si_code,
		    i->si_status, i->si_uid);
}

static void
t_sigchld(void)
{
	int st;
	pid_t c;

	on_signal(SIGCHLD, h, SA_SIGINFO, 0);
	c = child_exit(9);
	while (got < 1)
		msleep(1);
	waitpid(c, &st, 0);
	got = 0;
	c = child_pause();
	kill(c, SIGSTOP);
	while (got < 1)
		msleep(1);
	kill(c, SIGCONT);
	while (got < 2)
		msleep(1);
	kill(c, SIGKILL);
	while (got < 3)
		msleep(1);
	waitpid(c, &st, 0);
	out("with NOCLDSTOP:");
	on_signal(SIGCHLD, h, SA_SIGINFO | SA_NOCLDSTOP, 0);
	got = 0;
	c = child_pause();
	kill(c, SIGSTOP);
	waitpid(c, &st, WUNTRACED);
	kill(c, SIGCONT);
	waitpid(c, &st, WCONTINUED);
	msleep(5);
	out("signals: %d", got);
	kill(c, SIGKILL);
	while (got < 1)
		msleep(1);
	waitpid(c, &st, 0);
	out("with NOCLDWAIT:");
	on_signal(SIGCHLD, h, SA_SIGINFO | SA_NOCLDWAIT, 0);
	got = 0;
	c = child_exit(4);
	while (got < 1)
		msleep(1);
	val("wait", waitpid(c, &st, 0));
	out("with SIG_IGN:");
	on_signal(SIGCHLD, GT_IGN, 0, 0);
	c = child_exit(4);
	val("wait blocks, then", waitpid(c, &st, 0));
	c = child_pause();
	kill(c, SIGSTOP);
	yes("stop is still seen", waitpid(c, &st, WUNTRACED) == c);
	kill(c, SIGKILL);
	val("wait after kill", waitpid(c, &st, 0));
	on_signal(SIGCHLD, GT_DFL, 0, 0);
	on_signal(SIGALRM, h, 0, 0);
	got = 0;
	c = child_pause();
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	setitimer(ITIMER_REAL, &it, NULL);
	val("wait interrupted", waitpid(c, &st, 0));
	on_signal(SIGALRM, h, SA_RESTART, 0);
	it.it_value.tv_usec = 20000;
	got = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	if (fork() == 0) {
		msleep(60);
		kill(c, SIGTERM);
		_exit(0);
	}
	yes("wait restarted", waitpid(c, &st, 0) == c && got == 1);
	wait(&st);
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	t_wait4();
	t_waitid();
	t_codes();
	t_stop();
	t_orphan();
	t_sigchld();
	return 0;
}
