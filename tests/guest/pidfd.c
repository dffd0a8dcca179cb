/* SPDX-License-Identifier: MIT */
/* pidfd_open(2) and what takes a pidfd; clone(2) and clone3(2) with it. */
#include "gt.h"

#include <poll.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif
#define P_PIDFD_ 3
#define PIDFD_FLAG 0x1000ul

static int
pidfd_open(pid_t p, unsigned int fl)
{
	return (int)syscall(SYS_pidfd_open, p, fl);
}

static int
pidfd_kill(int fd, int sig, siginfo_t *si, unsigned int fl)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, sig, si, fl);
}

static int
xwaitid(int type, int id, siginfo_t *si, int opt)
{
	return (int)syscall(SYS_waitid, type, id, si, opt, (void *)0);
}

static int
ready(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

static pid_t
sleeper(void)
{
	pid_t p = fork();

	if (p == 0)
		for (;;)
			pause();
	NEED(p);
	return p;
}

static void
info_of(int fd, const char *name, pid_t p)
{
	char path[64], b[512], *s;
	int nr = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	get_file(path, b, sizeof(b));
	s = strstr(b, "\nPid:");
	if (s)
		sscanf(s, "\nPid:\t%d", &nr);
	out("%s: Pid %s", name, nr == p ? "its" : nr == -1 ? "-1" : "?");
	s = strstr(b, "\nNSpid:");
	nr = 0;
	if (s)
		sscanf(s, "\nNSpid:\t%d", &nr);
	out("%s: NSpid %s", name, nr == p ? "its" : nr == -1 ? "-1" : "?");
}

static void
t_open(void)
{
	siginfo_t si;
	struct stat st;
	char b[64], path[64];
	ssize_t n;
	pid_t p;
	int fd;

	VAL(pidfd_open(0, 0));
	VAL(pidfd_open(-1, 0));
	VAL(pidfd_open(getpid(), 1));
	VAL(pidfd_open(0x7fffffff, 0));
	p = sleeper();
	fd = pidfd_open(p, 0);
	okay("open", fd);
	VAL(fcntl(fd, F_GETFD));
	VAL(fcntl(fd, F_GETFL) & O_ACCMODE);
	out("nonblock %d", !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, b, sizeof(b) - 1);
	b[n > 0 ? n : 0] = 0;
	out("link %s", b);
	OKAY(fstat(fd, &st));
	VAL(read(fd, b, 1));
	VAL(write(fd, b, 1));
	info_of(fd, "live", p);
	VAL(ready(fd));
	VAL(pidfd_kill(fd, 0, NULL, 0));
	VAL(pidfd_kill(fd, 65, NULL, 0));
	VAL(pidfd_kill(fd, -1, NULL, 0));
	VAL(pidfd_kill(0, 0, NULL, 0));
	VAL(pidfd_kill(-1, 0, NULL, 0));
	VAL(pidfd_kill(fd, 0, NULL, 0x100));
	VAL(pidfd_kill(fd, 0, BAD, 0));
	memset(&si, 0, sizeof(si));
	si.si_signo = SIGUSR1;
	VAL(pidfd_kill(fd, SIGUSR2, &si, 0));
	si.si_code = SI_USER;
	VAL(pidfd_kill(fd, SIGUSR1, &si, 0));
	si.si_code = SI_TKILL;
	VAL(pidfd_kill(fd, SIGUSR1, &si, 0));
	si.si_code = SI_QUEUE;
	si.si_signo = SIGKILL;
	VAL(pidfd_kill(fd, SIGKILL, &si, 0));
	memset(&si, 0, sizeof(si));
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED | WNOWAIT));
	yes("pid", si.si_pid == p);
	out("code %d status %d", si.si_code, si.si_status);
	VAL(ready(fd));
	VAL(pidfd_kill(fd, 0, NULL, 0));
	info_of(fd, "zombie", p);
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED));
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED));
	VAL(ready(fd) & POLLIN);
	VAL(pidfd_kill(fd, 0, NULL, 0));
	info_of(fd, "gone", p);
	VAL(pidfd_open(p, 0));
	VAL(xwaitid(P_PIDFD_, 0, &si, WEXITED));
	VAL(xwaitid(P_PIDFD_, -1, &si, WEXITED));
	VAL(xwaitid(P_PIDFD_, 1000, &si, WEXITED));
	close(fd);
}

static void
t_nonblock(void)
{
	pid_t p = sleeper();
	int fd = pidfd_open(p, O_NONBLOCK);
	struct pollfd pf = { fd, POLLIN, 0 };
	siginfo_t si;

	okay("open", fd);
	out("nonblock %d", !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED));
	si.si_pid = 7;
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED | WNOHANG));
	VAL(si.si_pid);
	kill(p, SIGKILL);
	VAL(poll(&pf, 1, 20000));
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED));
	out("status %d", si.si_status);
	close(fd);
}

/* not its child: no wait */
static void
t_stranger(void)
{
	pid_t p = sleeper(), q = fork();
	siginfo_t si;
	int st;

	if (q == 0) {
		int fd = pidfd_open(p, 0);

		okay("open", fd);
		VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED));
		VAL(pidfd_kill(fd, SIGTERM, NULL, 0));
		_exit(0);
	}
	waitpid(q, &st, 0);
	waitpid(p, &st, 0);
	out("sleeper %s", gt_status(st));
}

static void
t_foreign(void)
{
	int fd = pidfd_open(1, 0), self = pidfd_open(getpid(), 0);
	struct iovec v = { &v, 8 };

	okay("open", fd);
	VAL(pidfd_kill(fd, SIGTERM, NULL, 0));
	VAL(syscall(SYS_pidfd_getfd, fd, 0, 0));
	VAL(syscall(SYS_process_madvise, fd, &v, 1, 20, 0));
	okay("own fd", syscall(SYS_pidfd_getfd, self, 0, 0));
}

static void
t_procdir(void)
{
	pid_t p = sleeper();
	char b[64];
	int fd, st;

	snprintf(b, sizeof(b), "/proc/%d", p);
	fd = open(b, O_RDONLY | O_DIRECTORY);
	okay("dir", fd);
	VAL(xwaitid(P_PIDFD_, fd, (siginfo_t *)0, WEXITED | WNOHANG));
	VAL(pidfd_kill(fd, SIGTERM, NULL, 0));
	waitpid(p, &st, 0);
	out("%s", gt_status(st));
	VAL(pidfd_kill(fd, 0, NULL, 0));
	close(fd);
	fd = open("/proc", O_RDONLY | O_DIRECTORY);
	VAL(pidfd_kill(fd, 0, NULL, 0));
	close(fd);
}

static void
t_getfd(void)
{
	int p[2], fd, got;
	char c = 0;
	pid_t child;

	NEED(pipe(p));
	NEED(dup2(p[1], 77));
	child = sleeper();
	close(77);
	fd = pidfd_open(child, 0);
	VAL(syscall(SYS_pidfd_getfd, fd, 77, 1));
	VAL(syscall(SYS_pidfd_getfd, fd, 78, 0));
	VAL(syscall(SYS_pidfd_getfd, 0, 77, 0));
	got = (int)syscall(SYS_pidfd_getfd, fd, 77, 0);
	okay("get", got);
	VAL(fcntl(got, F_GETFD));
	VAL(write(got, "x", 1));
	VAL(read(p[0], &c, 1));
	out("got %c", c);
	kill(child, SIGKILL);
	siginfo_t si;
	xwaitid(P_PID, child, &si, WEXITED | WNOWAIT);
	VAL(syscall(SYS_pidfd_getfd, fd, 77, 0));
	VAL(syscall(SYS_process_mrelease, fd, 0));
	waitpid(child, NULL, 0);
	VAL(syscall(SYS_pidfd_getfd, fd, 77, 0));
	VAL(syscall(SYS_process_mrelease, fd, 0));
	VAL(syscall(SYS_process_mrelease, 0, 0));
	VAL(syscall(SYS_process_mrelease, fd, 1));
	close(fd);
	close(got);
	close(p[0]);
	close(p[1]);
}

static void
t_madvise(void)
{
	char *m = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec v[2] = { { m, 4096 }, { m + 8192, 4096 } };
	int fd = pidfd_open(getpid(), 0);

	memset(m, 5, 3 * 4096);
	VAL(syscall(SYS_process_madvise, fd, v, 2, MADV_WILLNEED, 0));
	VAL(syscall(SYS_process_madvise, fd, v, 2, 20 /* COLD */, 0));
	VAL(syscall(SYS_process_madvise, fd, v, 2, 20, 1));
	VAL(syscall(SYS_process_madvise, 0, v, 2, 20, 0));
	VAL(syscall(SYS_process_madvise, fd, v, 1025, 20, 0));
	VAL(syscall(SYS_process_madvise, fd, BAD, 1, 20, 0));
	VAL(syscall(SYS_process_madvise, fd, v, 0, 20, 0));
	munmap(m + 8192, 4096);
	VAL(syscall(SYS_process_madvise, fd, v, 2, 20, 0));
	VAL(m[0]);
	/* a process that lives is not to be reaped */
	VAL(syscall(SYS_process_mrelease, fd, 0));
	munmap(m, 8192);
	close(fd);
}

/* ---- clone ---- */

struct args3 {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		 stack_size, tls, set_tid, set_tid_size, cgroup, more;
};

static long
clone3(struct args3 *a, size_t n)
{
	long r = syscall(SYS_clone3, a, n);

	if (r == 0)
		_exit(9);
	return r;
}

static void
reap(const char *name, long r)
{
	int st;

	if (r < 0) {
		val(name, r);
		return;
	}
	NEED(waitpid((pid_t)r, &st, __WALL));
	out("%s: %s", name, gt_status(st));
}

static void
t_clone(void)
{
	int fd = -1, st;
	long r;

	r = syscall(SYS_clone, PIDFD_FLAG | SIGCHLD, 0, &fd, 0, 0);
	if (r == 0)
		_exit(4);
	okay("clone", r);
	VAL(fcntl(fd, F_GETFD));
	siginfo_t si;
	VAL(xwaitid(P_PIDFD_, fd, &si, WEXITED));
	yes("pid", si.si_pid == r);
	VAL(si.si_status);
	VAL(ready(fd) & POLLIN);
	close(fd);
	VAL(syscall(SYS_clone, PIDFD_FLAG | CLONE_PARENT_SETTID | SIGCHLD, 0,
		    &fd, 0, 0));
	VAL(syscall(SYS_clone, PIDFD_FLAG | SIGCHLD, 0, BAD, 0, 0));
	VAL(waitpid(-1, &st, 0));
	VAL(syscall(SYS_clone, PIDFD_FLAG | CLONE_DETACHED | SIGCHLD, 0, &fd,
		    0, 0));
}

static void
t_clone3(void)
{
	struct args3 a;
	int fd = -1;
	char big[8192];
	long r;

#define A(...) (a = (struct args3){ __VA_ARGS__ }, &a)
	reap("plain", clone3(A(.exit_signal = SIGCHLD), 64));
	reap("v1", clone3(A(.exit_signal = SIGCHLD), 80));
	reap("v2", clone3(A(.exit_signal = SIGCHLD), 88));
	reap("longer", clone3(A(.exit_signal = SIGCHLD), 96));
	reap("no signal", clone3(A(.exit_signal = 0), 64));
	VAL(clone3(A(.exit_signal = SIGCHLD, .more = 1), 96));
	VAL(clone3(A(.exit_signal = SIGCHLD), 63));
	VAL(clone3(A(.exit_signal = SIGCHLD), 0));
	VAL(clone3((void *)big, 4097));
	VAL(clone3(BAD, 64));
	VAL(clone3(A(.exit_signal = 65), 64));
	VAL(clone3(A(.exit_signal = 0x100 | SIGCHLD), 64));
	VAL(clone3(A(.flags = SIGCHLD), 64));
	VAL(clone3(A(.flags = CLONE_DETACHED), 64));
	VAL(clone3(A(.flags = 1ull << 40), 64));
	VAL(clone3(A(.flags = CLONE_PARENT, .exit_signal = SIGCHLD), 64));
	VAL(clone3(A(.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
		     .exit_signal = SIGCHLD), 64));
	VAL(clone3(A(.flags = CLONE_SIGHAND), 64));
	VAL(clone3(A(.flags = CLONE_THREAD), 64));
	VAL(clone3(A(.exit_signal = SIGCHLD, .stack = 4096), 64));
	VAL(clone3(A(.exit_signal = SIGCHLD, .stack_size = 4096), 64));
	VAL(clone3(A(.exit_signal = SIGCHLD, .stack = -4096ul,
		     .stack_size = 8192), 64));
	VAL(clone3(A(.flags = 0x100000000ull | CLONE_SIGHAND | CLONE_VM), 64));
	r = clone3(A(.flags = PIDFD_FLAG, .pidfd = (uintptr_t)&fd,
		     .exit_signal = SIGCHLD), 64);
	VAL(fd >= 0 ? fcntl(fd, F_GETFD) : -7);
	reap("pidfd", r);
	close(fd);
	VAL(clone3(A(.flags = PIDFD_FLAG, .pidfd = (uintptr_t)BAD,
		     .exit_signal = SIGCHLD), 64));
}

static void
t_set_tid_user(void)
{
	pid_t want = 30000;
	struct args3 a;

	VAL(clone3(A(.set_tid = (uintptr_t)&want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
}

static void
t_set_tid(void)
{
	pid_t want[40] = { 0 };
	struct args3 a;
	long r;

	for (want[0] = 30000; kill(want[0], 0) == 0; want[0]++)
		;
	r = clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88);
	yes("number", r == want[0]);
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	reap("chosen", r);
	reap("again", clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
			       .exit_signal = SIGCHLD), 80));
	want[0] = 0;
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	want[0] = -5;
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	want[0] = 0x7fffffff;
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	want[0] = getpid();
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 33,
		     .exit_signal = SIGCHLD), 88));
	VAL(clone3(A(.set_tid = (uintptr_t)want, .set_tid_size = 0,
		     .exit_signal = SIGCHLD), 88));
	VAL(clone3(A(.set_tid = 0, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	VAL(clone3(A(.set_tid = (uintptr_t)BAD, .set_tid_size = 1,
		     .exit_signal = SIGCHLD), 88));
	as_user("user", t_set_tid_user);
}

/* ---- the whole group ends ---- */

static char stack[2][16384];
static volatile int leave;

static int
thread_fn(void *arg)
{
	(void)arg;
	while (!leave)
		msleep(1);
	return 0;
}

static void
leader_first(void)
{
	pid_t p = fork();
	struct pollfd pf = { -1, POLLIN, 0 };
	char path[64], b[256];
	int st;

	if (p == 0) {
		clone(thread_fn, stack[0] + sizeof(stack[0]), CLONE_VM |
		      CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		      CLONE_SYSVSEM, 0);
		syscall(SYS_exit, 0);
	}
	pf.fd = pidfd_open(p, 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", p);
	do {
		msleep(1);
		get_file(path, b, sizeof(b));
	} while (!strstr(b, ") Z"));
	/* the leader has ended, its thread has not */
	VAL(ready(pf.fd));
	kill(p, SIGKILL);
	VAL(poll(&pf, 1, 20000));
	VAL(pf.revents & POLLIN);
	NEED(waitpid(p, &st, 0));
	out("%s", gt_status(st));
}

int
main(void)
{
	in_child("open", t_open);
	in_child("nonblock", t_nonblock);
	in_child("stranger", t_stranger);
	as_user("foreign", t_foreign);
	in_child("procdir", t_procdir);
	in_child("getfd", t_getfd);
	in_child("madvise", t_madvise);
	in_child("clone", t_clone);
	in_child("clone3", t_clone3);
	in_child("set_tid", t_set_tid);
	in_child("leader first", leader_first);
	return 0;
}
