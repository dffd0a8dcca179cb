/* SPDX-License-Identifier: MIT */
/* prctl(2)'s smaller options, kcmp(2), ioprio_set(2), death of a parent. */
#include "gt.h"

#include <sys/prctl.h>

#define IOPRIO(c, l) ((c) << 13 | (l))

static void
t_prctl(void)
{
	VAL(prctl(41, 1, 0, 0, 0));
	VAL(prctl(42, 0, 0, 0, 0));
	VAL(prctl(41, 0, 0, 0, 0));
	VAL(prctl(42, 0, 0, 0, 0));
	VAL(prctl(42, 1, 0, 0, 0));
	VAL(prctl(41, 1, 1, 0, 0));
	VAL(prctl(33, 1, 0, 0, 0));
	VAL(prctl(34, 0, 0, 0, 0));
	VAL(prctl(33, 1, 1, 0, 0));
	VAL(prctl(34, 0, 0, 0, 0));
	VAL(prctl(33, 1, 3, 0, 0));
	VAL(prctl(33, 2, 0, 0, 0));
	VAL(prctl(33, 0, 1, 0, 0));
	VAL(prctl(33, 0, 0, 0, 0));
	VAL(prctl(34, 0, 0, 0, 0));
	VAL(prctl(34, 1, 0, 0, 0));
	VAL(prctl(52, 3, 0, 0, 0));
	VAL(prctl(53, 9, 2, 0, 0));
	VAL(prctl(52, 0, 1, 0, 0));
	VAL(prctl(62, 0, 0, 0, 0));
	VAL(prctl(999, 0, 0, 0, 0));
	VAL(prctl(PR_GET_DUMPABLE));
}

static void
t_io_user(void)
{
	VAL(prctl(57, 1, 0, 0, 0));
	VAL(prctl(58, 0, 0, 0, 0));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(1, 4)));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(2, 7)));
	VAL(syscall(SYS_ioprio_set, 1, 1, IOPRIO(2, 7)));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(3, 0)));
	VAL(syscall(SYS_ioprio_get, 1, 0));
}

static void
t_ioprio(void)
{
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(2, 4)));
	VAL(syscall(SYS_ioprio_get, 1, 0));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(3, 5)));
	VAL(syscall(SYS_ioprio_get, 1, 0));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(4, 0)));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(0, 1)));
	VAL(syscall(SYS_ioprio_get, 9, 0));
	VAL(syscall(SYS_ioprio_set, 1, 999999, 0));
	VAL(syscall(SYS_ioprio_get, 1, 999999));
	VAL(syscall(SYS_ioprio_set, 1, 0, IOPRIO(1, 3)));
	VAL(syscall(SYS_ioprio_get, 1, 0));
	pid_t p = fork();
	if (p == 0) {
		VAL(syscall(SYS_ioprio_get, 1, 0));
		_exit(0);
	}
	waitpid(p, NULL, 0);
	setpgid(0, 0);
	VAL(syscall(SYS_ioprio_get, 2, 0));
	VAL(syscall(SYS_ioprio_set, 2, 0, IOPRIO(2, 6)));
	VAL(syscall(SYS_ioprio_get, 1, 0));
	VAL(syscall(SYS_ioprio_set, 1, 0, 0));
	VAL(syscall(SYS_ioprio_get, 1, 0));
}

static long
kcmp(pid_t a, pid_t b, int type, unsigned long x, unsigned long y)
{
	long r = syscall(SYS_kcmp, a, b, type, x, y);

	return r == 2 ? 1 : r;		/* differs: which way does not matter */
}

static void
t_kcmp_user(void)
{
	VAL(kcmp(getpid(), 1, 1, 0, 0));
	VAL(kcmp(getpid(), getpid(), 1, 0, 0));
}

static void
t_kcmp(void)
{
	int a = dup(0), b = open("/dev/null", O_RDONLY);
	pid_t me = getpid(), p = fork();

	if (p == 0)
		for (;;)
			pause();
	VAL(kcmp(me, me, 0, 0, a));
	VAL(kcmp(me, me, 0, a, b));
	VAL(kcmp(me, p, 0, a, a));
	VAL(kcmp(me, me, 0, 0, 999));
	for (int t = 1; t < 5; t++)
		VAL(kcmp(me, p, t, 0, 0));
	for (int t = 1; t < 5; t++)
		VAL(kcmp(me, me, t, 0, 0));
	VAL(kcmp(me, me, 8, 0, 0));
	VAL(kcmp(me, 999999, 1, 0, 0));
	VAL(kcmp(999999, me, 1, 0, 0));
	kill(p, SIGKILL);
	waitpid(p, NULL, 0);
	as_user("user", t_kcmp_user);
}

/* ---- parents that end ---- */

static char stack[2][16384];
static volatile int gone;
static int pfd[2];

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
		CLONE_THREAD | CLONE_SYSVSEM)

/* the thread that forks ends; its process does not */
static int
forks(void *a)
{
	(void)a;
	if (fork() == 0) {
		uint64_t m = GT_BIT(SIGUSR1);
		siginfo_t si;
		struct timespec t = { 20, 0 };

		syscall(SYS_rt_sigprocmask, SIG_BLOCK, &m, 0, 8);
		prctl(PR_SET_PDEATHSIG, SIGUSR1);
		NEED(write(pfd[1], "r", 1));
		okay("death told", syscall(SYS_rt_sigtimedwait, &m, &si, &t,
					   8));
		out("code %d", si.si_code);
		_exit(0);
	}
	while (!gone)
		sched_yield();
	return 0;
}

static void
t_thread_parent(void)
{
	char c;

	NEED(pipe(pfd));
	NEED(clone(forks, stack[0] + sizeof(stack[0]), THREAD, NULL));
	NEED(read(pfd[0], &c, 1));
	gone = 1;
	NEED(wait(NULL));
	syscall(SYS_exit_group, 0);
}

static volatile pid_t seen_ppid;

static int
asks(void *a)
{
	pid_t old = *(pid_t *)a;

	while ((seen_ppid = (pid_t)syscall(SYS_getppid)) == old)
		msleep(1);
	return 0;
}

/* a thread's getppid() follows when its process is adopted */
static void
t_adopted(void)
{
	int done[2];
	char c;
	pid_t p;

	NEED(prctl(PR_SET_CHILD_SUBREAPER, 1));
	NEED(pipe(done));
	p = fork();
	if (p == 0) {
		static pid_t parent;

		parent = getpid();
		if (fork() == 0) {
			NEED(clone(asks, stack[1] + sizeof(stack[1]), THREAD,
				   &parent));
			while (getppid() == parent)
				msleep(1);
			while (seen_ppid == parent || !seen_ppid)
				msleep(1);
			yes("both see it", seen_ppid == getppid());
			NEED(write(done[1], "x", 1));
			syscall(SYS_exit_group, 0);
		}
		msleep(20);
		_exit(0);
	}
	waitpid(p, NULL, 0);
	NEED(read(done[0], &c, 1));
	NEED(wait(NULL));
}

int
main(void)
{
	in_child("prctl", t_prctl);
	as_user("io user", t_io_user);
	in_child("ioprio", t_ioprio);
	in_child("kcmp", t_kcmp);
	in_child("thread parent", t_thread_parent);
	in_child("adopted", t_adopted);
	return 0;
}
