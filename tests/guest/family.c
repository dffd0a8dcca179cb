/* SPDX-License-Identifier: MIT */
/*
 * Threads and processes: whose child a thread's child is when the thread, its
 * leader or its process has gone; a number that changes hands in execve; and
 * signals that were taken or dropped before the one woken for them looked.
 */
#include "gt.h"
#include <pthread.h>
#include <sys/prctl.h>

static int to[2], from[2];		/* pipes to and from a process */
static pid_t root_pid;

static void
pipes(void)
{
	NEED(pipe(to));
	NEED(pipe(from));
	root_pid = getpid();
}

static void
pipes_end(void)
{
	close(to[0]);
	close(to[1]);
	close(from[0]);
	close(from[1]);
}

/* when asked, tells whether our parent is the subreaper */
static void *
tell_parent(void *arg)
{
	char c;

	if (read(to[0], &c, 1) == 1) {
		c = getppid() == root_pid ? 'y' : 'n';
		(void)!write(from[1], &c, 1);
	}
	_exit(0);
	return arg;
}

static char
ask(void)
{
	char c = '?';

	(void)!write(to[1], "?", 1);
	(void)!read(from[0], &c, 1);
	return c;
}

/* fork a child whose second thread tells of its parent */
static void *
make_child(void *arg)
{
	pthread_t t;

	if (fork() == 0) {
		if (pthread_create(&t, NULL, tell_parent, NULL))
			_exit(1);
		syscall(SYS_exit, 0);
	}
	return arg;
}

static void *
late_child(void *arg)
{
	msleep(50);			/* the leader has gone by now */
	make_child(NULL);
	return arg;
}

static void
parent_ends(void)
{
	make_child(NULL);
}

static void
maker_ends(void)
{
	pthread_t t;

	pthread_create(&t, NULL, make_child, NULL);
	pthread_join(t, NULL);
}

static void
leader_ends(void)
{
	pthread_t t;

	pthread_create(&t, NULL, late_child, NULL);
	syscall(SYS_exit, 0);
}

static void
t_parent(const char *name, void (*fn)(void))
{
	int st;

	pipes();
	NEED(prctl(PR_SET_CHILD_SUBREAPER, 1));
	in_child(name, fn);
	out("%s: parent is the subreaper: %c", name, ask());
	out("%s: reaped: %s", name, wait(&st) > 0 ? gt_status(st) : "none");
	val("no more", wait(&st));
	NEED(prctl(PR_SET_CHILD_SUBREAPER, 0));
	pipes_end();
}

/* -- a process is there by its number while a thread of it executes ------- */

static void *
exec_again(void *arg)
{
	execl("/proc/self/exe", "family", "quick", (char *)NULL);
	_exit(1);
	return arg;
}

static void
t_number(void)
{
	int st, gone = 0, bad = 0;

	for (int i = 0; i < 100; i++) {
		pid_t p = fork();
		pthread_t t;

		if (p == 0) {
			pthread_create(&t, NULL, exec_again, NULL);
			for (;;)
				pause();
		}
		while (waitpid(p, &st, WNOHANG) == 0) {
			gone += kill(p, 0) < 0;
			sched_yield();
		}
		bad += st != 0;
	}
	VAL(gone);
	VAL(bad);
}

/* -- hints of signals that are not there any more ------------------------- */

/* stopped and continued before it has seen either: goes on as if nothing was */
static void
t_stop_cont(void)
{
	char c;
	int st, good = 0;
	pid_t p;

	pipes();
	p = fork();
	if (p == 0) {
		while (read(to[0], &c, 1) == 1 && c == '?')
			(void)!write(from[1], "y", 1);
		_exit(0);
	}
	for (int i = 0; i < 100; i++) {
		kill(p, SIGTSTP);
		kill(p, SIGCONT);
		good += ask() == 'y';
	}
	VAL(good);
	(void)!write(to[1], "!", 1);
	waitpid(p, &st, 0);
	out("stopped and continued: %s", gt_status(st));
	pipes_end();
}

/* one thread is woken for a signal that another takes */
static void
on_usr(int s)
{
	(void)s;
}

static volatile int stop;

static void *
takes(void *arg)
{
	struct timespec none = { 0, 0 };
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	while (!stop) {
		pthread_sigmask(SIG_BLOCK, &s, NULL);
		sigtimedwait(&s, NULL, &none);
		pthread_sigmask(SIG_UNBLOCK, &s, NULL);
	}
	return arg;
}

static void
t_taken(void)
{
	struct sigaction a = { .sa_handler = on_usr };
	pthread_t t[3];

	sigaction(SIGUSR1, &a, NULL);
	stop = 0;
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, takes, NULL);
	for (int i = 0; i < 2000; i++) {
		kill(getpid(), SIGUSR1);
		if (!(i & 15))
			sched_yield();
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	out("taken by one of three: ended");
}

/* a fork in which a signal arrives: the child has none and runs on */
static void
t_fork_pending(void)
{
	struct itimerval v = { { 0, 300 }, { 0, 300 } }, off = { { 0, 0 },
		{ 0, 0 } };
	struct sigaction a = { .sa_handler = on_usr, .sa_flags = SA_RESTART };
	int st, good = 0;

	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &v, NULL);
	for (int i = 0; i < 300; i++) {
		pid_t p = fork();

		if (p == 0)
			_exit(0);
		good += waitpid(p, &st, 0) == p && st == 0;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	VAL(good);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "quick"))
		return 0;
	t_parent("parent ends", parent_ends);
	t_parent("maker ends", maker_ends);
	t_parent("leader ends", leader_ends);
	t_number();
	t_stop_cont();
	t_taken();
	t_fork_pending();
	return 0;
}
