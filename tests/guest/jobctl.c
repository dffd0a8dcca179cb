/* SPDX-License-Identifier: MIT */
/* Sessions, process groups, job control on a pty, orphaned groups. */
#include "gt.h"
#include <termios.h>
#include <sys/ioctl.h>

static int m, s, p[2], fin[2];

static void
sync_wait(void)
{
	char b;

	NEED(read(p[0], &b, 1));
}
static void
sync_go(void)
{
	NEED(write(p[1], "g", 1));
}

static void
t_groups(void)
{
	int st;
	pid_t c, d;

	yes("leader of session and group", getsid(0) == getpid() &&
	    getpgrp() == getpid());
	val("setsid as leader", setsid());
	val("setpgid as leader", setpgid(0, 0));
	val("getsid none", getsid(999999));
	val("getpgid none", getpgid(999999));
	val("getpgid negative", getpgid(-1));
	val("setpgid none", setpgid(999999, 0));
	val("setpgid negative", setpgid(0, -1));
	val("setpgid init", setpgid(1, 0));
	c = fork();
	if (c == 0) {
		val("child setpgid 0 0", setpgid(0, 0));
		yes("own group", getpgrp() == getpid());
		val("to a group that is none", setpgid(0, 999999));
		val("back to the parent's", setpgid(0, getppid()));
		val("setpgid of the parent", setpgid(getppid(), getpid()));
		sync_go();
		for (;;)
			pause();
	}
	sync_wait();
	val("move child", setpgid(c, c));
	yes("moved", getpgid(c) == c);
	d = fork();
	if (d == 0)
		for (;;)
			pause();
	val("move second into the group", setpgid(d, c));
	yes("moved", getpgid(d) == c);
	kill(-c, SIGTERM);
	waitpid(c, &st, 0);
	out("first: %s", gt_status(st));
	waitpid(d, &st, 0);
	out("second: %s", gt_status(st));
	val("group is gone", kill(-c, 0));
	int ex[2];
	char none;

	NEED(pipe2(ex, O_CLOEXEC));
	c = fork();
	if (c == 0) {
		dup2(open("/dev/null", O_WRONLY), 1);
		execl("/gt/x-spin", "x-spin", (char *)0);
		_exit(1);
	}
	close(ex[1]);
	read(ex[0], &none, 1);		/* ends when exec closes it */
	close(ex[0]);
	val("setpgid after exec", setpgid(c, c));
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
	c = fork();
	if (c == 0) {
		yes("setsid", setsid() == getpid());
		yes("all ids", getsid(0) == getpid() && getpgrp() ==
		    getpid());
		sync_go();
		for (;;)
			pause();
	}
	sync_wait();
	val("setpgid of another session's leader", setpgid(c, c));
	yes("getsid of it", getsid(c) == c);
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
}

static void
h(int sig, siginfo_t *i, void *u)
{
	(void)i, (void)u;
	out("got %s", gt_sig(sig));
}

/* a session on the pty, leader in the foreground, children as jobs */
static void
t_jobs(void)
{
	char b[16];
	int st;
	pid_t c, other;
	struct termios t;

	setsid();
	NEED(ioctl(s, TIOCSCTTY, 0));
	signal(SIGTTOU, SIG_DFL);
	/* background read */
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		read(s, b, 1);
		_exit(9);
	}
	setpgid(c, c);
	waitpid(c, &st, WUNTRACED);
	out("background read: %s", gt_status(st));
	/* into the foreground: the read goes on */
	VAL(tcsetpgrp(s, c));
	yes("foreground", tcgetpgrp(s) == c);
	kill(-c, SIGCONT);
	write(m, "x\n", 2);
	waitpid(c, &st, WUNTRACED);
	out("continued in the foreground: %s", gt_status(st));
	/* the leader is in the background now and takes it back */
	signal(SIGTTOU, SIG_IGN);
	VAL(tcsetpgrp(s, getpgrp()));
	signal(SIGTTOU, SIG_DFL);
	/* background read with TTIN ignored or blocked */
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		signal(SIGTTIN, SIG_IGN);
		val("read with TTIN ignored", read(s, b, 1));
		signal(SIGTTIN, SIG_DFL);
		sigmask(SIG_BLOCK, GT_BIT(SIGTTIN));
		val("read with TTIN blocked", read(s, b, 1));
		_exit(0);
	}
	waitpid(c, &st, WUNTRACED);
	out("child: %s", gt_status(st));
	/* background write: allowed without TOSTOP */
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		val("write without TOSTOP", write(s, "w", 1));
		tcgetattr(s, &t);
		_exit(0);
	}
	waitpid(c, &st, WUNTRACED);
	out("child: %s", gt_status(st));
	tcgetattr(s, &t);
	t.c_lflag |= TOSTOP;
	tcsetattr(s, TCSANOW, &t);
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		write(s, "w", 1);
		_exit(7);
	}
	waitpid(c, &st, WUNTRACED);
	out("background write with TOSTOP: %s", gt_status(st));
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		val("write with TTOU ignored", write(s, "w", 1));
		_exit(7);
	}
	waitpid(c, &st, WUNTRACED);
	out("child: %s", gt_status(st));
	t.c_lflag &= ~TOSTOP;
	tcsetattr(s, TCSANOW, &t);
	/* background tcsetattr and tcsetpgrp stop */
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		tcsetattr(s, TCSANOW, &t);
		_exit(7);
	}
	waitpid(c, &st, WUNTRACED);
	out("background tcsetattr: %s", gt_status(st));
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		tcsetpgrp(s, getpid());
		_exit(7);
	}
	waitpid(c, &st, WUNTRACED);
	out("background tcsetpgrp: %s", gt_status(st));
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
	/* ^Z and ^C reach the whole foreground group, nobody else */
	signal(SIGTTOU, SIG_IGN);
	other = fork();
	if (other == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(other, other);
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		pid_t k = fork();

		if (k == 0)
			for (;;)
				pause();
		sync_go();
		for (;;)
			pause();
	}
	setpgid(c, c);
	tcsetpgrp(s, c);
	sync_wait();
	write(m, "\032", 1);
	waitpid(c, &st, WUNTRACED);
	out("^Z: %s", gt_status(st));
	kill(-c, SIGCONT);
	waitpid(c, &st, WCONTINUED);
	out("fg: %s", gt_status(st));
	write(m, "\003", 1);
	waitpid(c, &st, WUNTRACED);
	out("^C: %s", gt_status(st));
	for (int i = 0; i < 500 && kill(-c, 0) == 0; i++)
		msleep(10);
	val("whole group gone", kill(-c, 0));
	yes("background job untouched", waitpid(other, &st, WNOHANG |
						WUNTRACED) == 0);
	kill(other, SIGKILL);
	waitpid(other, &st, 0);
	tcsetpgrp(s, getpgrp());
	/* errors */
	val("tcsetpgrp to none", tcsetpgrp(s, 999999));
	val("tcsetpgrp negative", tcsetpgrp(s, -1));
	val("tcsetpgrp to another session", tcsetpgrp(s, getppid()));
	val("tcgetpgrp on a file", tcgetpgrp(open("/dev/null", O_RDONLY)));
	int nope = 0;
	val("TIOCSPGRP bad pointer", ioctl(s, TIOCSPGRP, BAD));
	val("TIOCGPGRP bad pointer", ioctl(s, TIOCGPGRP, BAD));
	(void)nope;
	/* a stopped job in an orphaned group gets HUP and CONT */
	c = fork();
	if (c == 0) {
		setpgid(0, 0);
		pid_t k = fork();

		if (k == 0) {
			on_signal(SIGHUP, h, 0, 0);
			on_signal(SIGCONT, h, 0, 0);
			kill(getpid(), SIGSTOP);
			msleep(10);
			/* tty stops are ignored in an orphaned group */
			kill(getpid(), SIGTSTP);
			out("TSTP did nothing");
			val("read in an orphaned group", read(s, b, 1));
			sync_go();
			_exit(0);
		}
		waitpid(k, &st, WUNTRACED);
		out("grandchild %s", gt_status(st));
		_exit(0);
	}
	waitpid(c, &st, 0);
	sync_wait();
	/* the leader's end hangs the terminal up */
	c = fork();
	if (c == 0) {
		uint64_t none = 0;

		on_signal(SIGHUP, h, 0, 0);
		on_signal(SIGCONT, h, 0, 0);
		sigmask(SIG_BLOCK, GT_BIT(SIGHUP));
		sync_go();
		syscall(SYS_rt_sigsuspend, &none, 8);
		val("a pty itself stays", write(s, "x", 1));
		val("tty open after hangup", open("/dev/tty", O_RDWR));
		NEED(write(fin[1], "f", 1));
		_exit(0);
	}
	sync_wait();
	msleep(20);
}

int
main(void)
{
	int z = 0, st;
	pid_t c;

	NEED(pipe(p));
	NEED(pipe(fin));
	t_groups();
	m = (int)NEED(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	ioctl(m, TIOCSPTLCK, &z);
	s = (int)NEED(ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY));
	c = fork();
	if (c == 0) {
		t_jobs();
		_exit(0);
	}
	char b;
	NEED(read(fin[0], &b, 1));
	waitpid(c, &st, 0);
	out("session leader: %s", gt_status(st));
	return 0;
}
