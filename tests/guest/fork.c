/* SPDX-License-Identifier: MIT */
/* fork, vfork, clone: what the child shares, copies, loses. */
#include "gt.h"
#include <sys/prctl.h>

static int glob = 1;
static char stk[65536] __attribute__((aligned(16)));

static void
t_copy(void)
{
	int local = 5, p[2], st;
	char *heap = malloc(100000), b[8];
	char *map = mmap(0, 8192, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t me = getpid(), c;

	memset(heap, 'h', 100000);
	NEED(pipe(p));
	c = fork();
	if (c == 0) {
		yes("child getppid is parent", getppid() == me);
		yes("child has another pid", getpid() != me);
		yes("gettid is getpid", syscall(SYS_gettid) == getpid());
		out("child sees glob %d local %d heap %c", glob, local,
		    heap[99999]);
		glob = 2;
		local = 6;
		memset(heap, 'x', 100000);
		map[5000] = 'm';
		NEED(write(p[1], "done", 4));
		_exit(7);
	}
	NEED(read(p[0], b, 4));
	waitpid(c, &st, 0);
	out("parent after: glob %d local %d heap %c shared %c", glob, local,
	    heap[99999], map[5000]);
	out("status: %s", gt_status(st));
	free(heap);
}

static void
t_offset(void)
{
	int fd = (int)NEED(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644)), st;
	pid_t c;

	NEED(write(fd, "0123456789", 10));
	lseek(fd, 0, SEEK_SET);
	c = fork();
	if (c == 0) {
		char b[4];

		VAL(read(fd, b, 4));
		fcntl(fd, F_SETFL, O_APPEND);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		_exit(0);
	}
	waitpid(c, &st, 0);
	val("offset is shared", lseek(fd, 0, SEEK_CUR));
	out("status flags shared: append %d",
	    !!(fcntl(fd, F_GETFL) & O_APPEND));
	out("fd flags not shared: cloexec %d", fcntl(fd, F_GETFD));
	close(fd);
}

static volatile int hits;
static void
h(int s, siginfo_t *i, void *u)
{
	(void)s, (void)i, (void)u;
	hits++;
}

static void
t_inherit(void)
{
	struct rlimit r = { 77, 88 };
	struct itimerval it = { { 0, 0 }, { 100, 0 } };
	pid_t c, sid = getsid(0), pg = getpgrp();
	int st;

	on_signal(SIGUSR1, h, SA_RESTART, GT_BIT(SIGUSR2));
	on_signal(SIGUSR2, GT_IGN, 0, 0);
	sigmask(SIG_BLOCK, GT_BIT(SIGUSR1) | GT_BIT(40));
	raise(SIGUSR1);
	setrlimit(RLIMIT_NOFILE, &r);
	setitimer(ITIMER_REAL, &it, NULL);
	umask(027);
	mkdir("sub", 0755);
	NEED(chdir("sub"));
	prctl(PR_SET_NAME, "forktest");
	setpriority(PRIO_PROCESS, 0, 3);
	c = fork();
	if (c == 0) {
		struct gt_ksa a;
		struct rlimit q;
		char b[256];

		out("mask: %#llx", (unsigned long long)sigmask_get());
		out("pending: %#llx", (unsigned long long)sigs_pending());
		syscall(SYS_rt_sigaction, SIGUSR1, 0, &a, 8);
		out("handler kept: %d flags %#lx mask %#llx", a.handler == h,
		    a.flags & ~GT_RESTORER, (unsigned long long)a.mask);
		syscall(SYS_rt_sigaction, SIGUSR2, 0, &a, 8);
		out("ignore kept: %d", a.handler == GT_IGN);
		getrlimit(RLIMIT_NOFILE, &q);
		out("rlimit: %ld %ld", (long)q.rlim_cur, (long)q.rlim_max);
		getitimer(ITIMER_REAL, &it);
		out("itimer: %ld", (long)it.it_value.tv_sec);
		out("umask: %o", umask(0));
		out("cwd: %s", strrchr(getcwd(b, 256), '/'));
		prctl(PR_GET_NAME, b);
		out("name: %s", b);
		out("nice: %d", getpriority(PRIO_PROCESS, 0));
		yes("sid", getsid(0) == sid);
		yes("pgrp", getpgrp() == pg);
		struct rusage ru;

		getrusage(RUSAGE_CHILDREN, &ru);
		out("children's time starts at 0: %d",
		    !ru.ru_utime.tv_sec && !ru.ru_utime.tv_usec);
		_exit(0);
	}
	waitpid(c, &st, 0);
	yes("parent still has the timer",
	    (getitimer(ITIMER_REAL, &it), it.it_value.tv_sec > 50));
	alarm(0);
	NEED(chdir(".."));
	umask(022);
}

static void
t_vfork(void)
{
	static volatile int v;
	int st;
	pid_t c;

	v = 0;
	c = vfork();
	if (c == 0) {
		msleep(50);
		v = 42;
		_exit(3);
	}
	out("vfork: parent waited, v %d", v);
	waitpid(c, &st, 0);
	out("vfork status: %s", gt_status(st));

	c = vfork();
	if (c == 0) {
		v = 43;
		execl("/gt/x-show", "x-show", "exit=9", (char *)0);
		_exit(127);
	}
	out("vfork exec: v %d", v);
	waitpid(c, &st, 0);
	out("vfork exec status: %s", gt_status(st));

	c = vfork();
	if (c == 0) {
		v = 44;
		execl("/nonexistent", "x", (char *)0);
		v = errno;
		_exit(127);
	}
	waitpid(c, &st, 0);
	out("vfork failed exec: %s, %s", gt_errno(v), gt_status(st));

	c = vfork();
	if (c == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	waitpid(c, &st, 0);
	out("vfork killed: %s", gt_status(st));
}

static int
fn_cwd(void *a)
{
	(void)a;
	if (chdir("/proc") < 0)
		return 9;
	umask(077);
	open("/dev/null", O_RDONLY);
	return 11;
}

static int
run_clone(const char *name, int flags)
{
	char b[64];
	int st, low, w;
	pid_t c;

	NEED(chdir("/tmp/fork"));
	umask(022);
	low = dup(0);
	close(low);
	c = clone(fn_cwd, stk + sizeof(stk), flags, NULL);
	if (c < 0)
		return (int)val(name, -1);
	w = waitpid(c, &st, __WALL);
	int now = dup(0);
	mode_t m = umask(022);

	out("%s: waited %d, %s, cwd %s, umask %o, fd table shared %d", name,
	    w == c, gt_status(st), getcwd(b, 64), m, now != low);
	close(low);
	close(now);
	NEED(chdir("/tmp/fork"));
	return 0;
}

static void
t_clone(void)
{
	int st, ptid = 0;
	pid_t c;

	run_clone("clone none", SIGCHLD);
	run_clone("clone FS", CLONE_FS | SIGCHLD);
	run_clone("clone FILES", CLONE_FILES | SIGCHLD);
	run_clone("clone VM|FS|FILES", CLONE_VM | CLONE_FS | CLONE_FILES |
		  SIGCHLD);
	run_clone("clone VM|SIGHAND", CLONE_VM | CLONE_SIGHAND | SIGCHLD);
	run_clone("clone exit signal 0", 0);
	on_signal(SIGUSR2, h, SA_RESTART, 0);
	run_clone("clone exit signal USR2", SIGUSR2);

#define BADCLONE(f) val("clone " #f, syscall(SYS_clone, f, 0, 0, 0, 0))
	BADCLONE(CLONE_SIGHAND);
	BADCLONE(CLONE_THREAD);
	BADCLONE(CLONE_THREAD | CLONE_VM);
	BADCLONE(CLONE_NEWNS | CLONE_FS);

	hits = 0;
	on_signal(SIGUSR1, h, 0, 0);
	sigmask(SIG_SETMASK, 0);
	c = (pid_t)syscall(SYS_clone, CLONE_PARENT_SETTID | SIGUSR1, 0, &ptid,
			   0, 0);
	if (c == 0)
		_exit(4);
	yes("parent tid stored", ptid == c);
	while (!hits)
		msleep(1);
	out("exit signal USR1 came: %d", hits);
	val("wait without __WALL", waitpid(c, &st, 0));
	yes("wait with __WCLONE", waitpid(c, &st, __WCLONE) == c);
	out("status: %s", gt_status(st));

	static int ctid = -1;
	c = (pid_t)syscall(SYS_clone, CLONE_CHILD_SETTID | SIGCHLD, 0, 0,
			   &ctid, 0);
	if (c == 0) {
		yes("child tid stored in child", ctid == getpid());
		_exit(0);
	}
	waitpid(c, &st, 0);
	out("child tid in parent: %d", ctid);
}

static void
nproc_child(void)
{
	struct rlimit r = { 3, 3 };
	int i, n = 0;

	NEED(setrlimit(RLIMIT_NPROC, &r));
	for (i = 0; i < 6; i++) {
		pid_t c = fork();

		if (c == 0) {
			pause();
			_exit(0);
		}
		if (c < 0) {
			out("fork %d: %s", i, gt_errno(errno));
			break;
		}
		n++;
	}
	out("children within RLIMIT_NPROC 3: %d", n);
	kill(0, SIGKILL);
}

static void
nproc(void)
{
	setpgid(0, 0);
	nproc_child();
}

int
main(void)
{
	mkdir("/tmp/fork", 0755);
	t_copy();
	t_offset();
	t_vfork();
	t_clone();
	as_user("nproc", nproc);
	t_inherit();
	return 0;
}
