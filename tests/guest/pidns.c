/* SPDX-License-Identifier: MIT */
/*
 * PID namespaces: numbers on each level, init's privileges and its end, what
 * signals and waits tell across, /proc of one, unshare and setns, set_tid.
 * No number but those of new namespaces is printed.
 */
#include "gt.h"
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>

#define UNSHARE(f) syscall(SYS_unshare, f)

static int to_child[2], to_parent[2];

static void
child_step(void)
{
	char c;

	NEED(write(to_parent[1], "x", 1));
	NEED(read(to_child[0], &c, 1));
}
static void
await_child(void)
{
	char c;

	NEED(read(to_parent[0], &c, 1));
}
static void
let_child(void)
{
	NEED(write(to_child[1], "x", 1));
}

static pid_t
start(unsigned long flags, void (*fn)(void))
{
	pid_t p;

	NEED(pipe(to_child));
	NEED(pipe(to_parent));
	p = (pid_t)NEED(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
	if (!p) {
		fn();
		_exit(0);
	}
	return p;
}

static void
finish(pid_t p)
{
	int st;

	if (waitpid(p, &st, 0) != p)
		out("not waited");
	out("child: %s", gt_status(st));
	close(to_child[0]), close(to_child[1]);
	close(to_parent[0]), close(to_parent[1]);
}

static void
numbers(const char *who)
{
	out("%s: pid %d tid %d ppid %d pgrp %d sid %d", who,
	    (int)syscall(SYS_getpid), (int)syscall(SYS_gettid),
	    (int)syscall(SYS_getppid), (int)syscall(SYS_getpgid, 0),
	    (int)syscall(SYS_getsid, 0));
}

/* lines NStgid to NSsid: how many numbers each has, and the last */
static void
ns_lines(const char *who, const char *path)
{
	static const char *const names[] = { "NStgid", "NSpid", "NSpgid",
		"NSsid" };
	char b[8192], key[16];

	if (get_file(path, b, sizeof(b)) < 0) {
		out("%s: no status", who);
		return;
	}
	for (unsigned i = 0; i < 4; i++) {
		char *l, *e, *last;
		int n = 0;

		snprintf(key, sizeof(key), "\n%s:", names[i]);
		l = strstr(b, key);
		if (!l) {
			out("%s: no %s", who, names[i]);
			continue;
		}
		l += strlen(key);
		e = strchr(l, '\n');
		last = l;
		for (char *p = l; p < e; p++)
			if (*p == '\t') {
				n++;
				last = p + 1;
			}
		out("%s: %s of %d, last %.*s", who, names[i], n,
		    (int)(e - last), last);
	}
}

static void
in_first(void)
{
	pid_t p, q;
	int st, go[2], told[2];
	char c;

	NEED(pipe(go));
	NEED(pipe(told));
	numbers("init");
	VAL(syscall(SYS_setsid));
	numbers("init, own session");
	p = (pid_t)NEED(fork());
	if (!p) {
		NEED(read(told[0], &c, 1));
		numbers("second");
		q = (pid_t)NEED(fork());
		if (!q) {
			prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
			signal(SIGUSR1, SIG_IGN);
			NEED(read(go[0], &c, 1));
			numbers("orphan");
			_exit(7);
		}
		out("fork gives %d", q);
		_exit(3);
	}
	out("fork gives %d", p);
	NEED(write(told[1], "x", 1));
	out("wait gives %d", waitpid(p, &st, 0));
	NEED(write(go[1], "x", 1));
	out("orphan reaped: %d", waitpid(-1, &st, 0));
	out("status %s", gt_status(st));
	VAL(waitpid(-1, &st, 0));
	VAL(kill(1, 0));
	VAL(kill(2, 0));
	VAL(kill(-1, SIGTERM));
	VAL(kill(getpid(), SIGKILL));
	VAL(kill(getpid(), SIGTERM));
	VAL(syscall(SYS_setpgid, 0, 0));
	VAL(UNSHARE(CLONE_THREAD));
	VAL(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0));
	child_step();
	_exit(9);
}

static void
t_first(void)
{
	char b[64];
	pid_t p = start(CLONE_NEWPID, in_first);

	await_child();
	snprintf(b, sizeof(b), "/proc/%d/status", p);
	ns_lines("from outside", b);
	VAL(kill(p, SIGTERM));		/* no handler: nothing */
	VAL(kill(p, SIGUSR1));
	let_child();
	finish(p);
}

/* killed from outside, with all that is inside */
static void
in_killed(void)
{
	for (int i = 0; i < 5; i++)
		if (!NEED(fork())) {
			if (i == 2 && !UNSHARE(CLONE_NEWPID) && !fork())
				for (;;)
					pause();
			for (;;)
				pause();
		}
	child_step();
}

static void
t_killed(void)
{
	pid_t p = start(CLONE_NEWPID, in_killed);

	await_child();
	VAL(kill(p, SIGKILL));
	finish(p);
	close(to_parent[1]);
}

/* nobody survives, no one can be made, when init is gone */
static void
in_gone(void)
{
	if (!NEED(fork()))
		for (;;)
			pause();
	child_step();
	_exit(0);
}

static void
t_gone(void)
{
	char b[64];
	int st, fd;
	pid_t p = start(CLONE_NEWPID, in_gone);

	await_child();
	snprintf(b, sizeof(b), "/proc/%d/ns/pid", p);
	fd = (int)NEED(open(b, O_RDONLY));
	VAL(ioctl(fd, 0xb703) == CLONE_NEWPID);
	let_child();
	finish(p);
	VAL(syscall(SYS_setns, fd, CLONE_NEWPID));
	VAL(fork());
	(void)st;
}

static void
t_unshare(void)
{
	struct stat a, b;
	int st;
	pid_t p;

	VAL(UNSHARE(CLONE_NEWPID));
	NEED(stat("/proc/self/ns/pid", &a));
	/* no init there yet */
	VAL(stat("/proc/self/ns/pid_for_children", &b));
	VAL(UNSHARE(CLONE_NEWPID));
	VAL(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
	VAL(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, 0, 0,
		    0, 0));
	p = (pid_t)NEED(fork());
	if (!p) {
		numbers("first");
		child_step();
		_exit(1);
	}
	await_child();
	NEED(stat("/proc/self/ns/pid_for_children", &b));
	YES(a.st_ino != b.st_ino);
	if (!NEED(fork())) {
		numbers("second");
		_exit(0);
	}
	wait(&st);
	let_child();
	NEED(waitpid(p, &st, 0));
	VAL(fork());
}

static void
t_unshare_run(void)
{
	NEED(pipe(to_child));
	NEED(pipe(to_parent));
	t_unshare();
}

static void
sig_info(int s, siginfo_t *i, void *u)
{
	(void)u;
	out("signal %s from %s", gt_sig(s), i->si_pid ? "somebody" : "0");
}

static void
in_signals(void)
{
	on_signal(SIGUSR1, sig_info, SA_SIGINFO | SA_RESTART, 0);
	on_signal(SIGUSR2, sig_info, SA_SIGINFO | SA_RESTART, 0);
	child_step();
	VAL(kill(getpid(), SIGUSR2));
}

static void
t_signals(void)
{
	siginfo_t si = { 0 };
	pid_t p = start(CLONE_NEWPID, in_signals);

	await_child();
	NEED(kill(p, SIGUSR1));
	let_child();
	NEED(waitid(P_PID, p, &si, WEXITED));
	YES(si.si_pid == p);
}

/* stopped and continued from outside, not from inside */
static void
in_stop(void)
{
	VAL(kill(getpid(), SIGSTOP));
	child_step();
}

static void
t_stop(void)
{
	int st;
	pid_t p = start(CLONE_NEWPID, in_stop);

	await_child();
	NEED(kill(p, SIGSTOP));
	YES(waitpid(p, &st, WUNTRACED) == p);
	out("%s", gt_status(st));
	NEED(kill(p, SIGCONT));
	YES(waitpid(p, &st, WCONTINUED) == p);
	out("%s", gt_status(st));
	let_child();
	finish(p);
}

static void
list_proc(const char *who)
{
	char b[4096], name[16];
	int fd = (int)NEED(open("/proc", O_RDONLY | O_DIRECTORY));
	long n;
	char all[400] = "";

	while ((n = syscall(SYS_getdents64, fd, b, sizeof(b))) > 0)
		for (long at = 0; at < n;) {
			unsigned short len = *(unsigned short *)(b + at + 16);

			snprintf(name, sizeof(name), "%.15s", b + at + 19);
			if (name[0] >= '1' && name[0] <= '9')
				snprintf(all + strlen(all),
					 sizeof(all) - strlen(all), " %s",
					 name);
			at += len;
		}
	close(fd);
	out("%s:%s", who, all);
}

static void
in_proc(void)
{
	char b[512];
	ssize_t n;
	pid_t p;
	int st;

	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	VAL(mount("proc", "/proc", "proc", 0, NULL));
	p = (pid_t)NEED(fork());
	if (!p) {
		child_step();
		_exit(0);
	}
	await_child();
	list_proc("/proc");
	n = NEED(readlink("/proc/self", b, sizeof(b) - 1));
	b[n] = 0;
	out("self: %s", b);
	n = NEED(readlink("/proc/thread-self", b, sizeof(b) - 1));
	b[n] = 0;
	out("thread-self: %s", b);
	ns_lines("init", "/proc/1/status");
	ns_lines("other", "/proc/2/status");
	get_file("/proc/2/stat", b, sizeof(b));
	*strchr(strrchr(b, ')') + 6, ' ') = 0;
	out("stat: %.3s.. ppid %s", b, strrchr(b, ')') + 4);
	VAL(access("/proc/1", F_OK));
	VAL(access("/proc/3", F_OK));
	get_file("/proc/sys/kernel/ns_last_pid", b, sizeof(b));
	out("last pid %s", b);
	put_file("/proc/sys/kernel/ns_last_pid", "99", 0666);
	let_child();
	waitpid(p, &st, 0);
	p = (pid_t)NEED(fork());
	if (!p)
		_exit(0);
	out("next is %d", p);
	waitpid(p, &st, 0);
}

static void
t_proc(void)
{
	finish(start(CLONE_NEWPID | CLONE_NEWNS, in_proc));
}

struct args3 {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		 stack_size, tls, set_tid, set_tid_size, cgroup;
};

static void
clone3_tid(const char *name, uint64_t flags, const pid_t *tids, int n)
{
	struct args3 a = { .flags = flags, .exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)tids, .set_tid_size = n };
	long p = syscall(435, &a, sizeof(a));
	int st;

	if (!p)
		_exit(getpid() == tids[0] ? 5 : 6);
	if (p < 0) {
		out("%s: %s", name, gt_errno(errno));
		return;
	}
	waitpid((pid_t)p, &st, 0);
	out("%s: %d, %s", name, flags & CLONE_NEWPID ? 0 : (int)p,
	    gt_status(st));
}

static void
in_tid(void)
{
	pid_t one[] = { 40 }, two[] = { 1, 50 }, not1[] = { 2, 51 },
	      init[] = { 1 }, zero[] = { 0 };

	clone3_tid("one", 0, one, 1);
	clone3_tid("taken", 0, init, 1);
	clone3_tid("none", 0, zero, 1);
	clone3_tid("two levels", CLONE_NEWPID, two, 2);
	clone3_tid("first is not 1", CLONE_NEWPID, not1, 2);
	clone3_tid("first only", CLONE_NEWPID, init, 1);
}

static void
t_tid(void)
{
	finish(start(CLONE_NEWPID, in_tid));
}

static void
in_reboot(void)
{
	VAL(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x89abcdef, 0));
	syscall(SYS_reboot, 0xfee1dead, 672274793, 0x01234567, 0);
	out("still there");
}

static void
in_poweroff(void)
{
	if (!NEED(fork())) {
		syscall(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0);
		out("still there");
	}
	for (;;)
		pause();
}

static void
t_reboot(void)
{
	finish(start(CLONE_NEWPID, in_reboot));
	finish(start(CLONE_NEWPID, in_poweroff));
}

static int depth(int n);
static void
deeper(int n)
{
	int st;
	pid_t p = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0,
				 0);

	if (!p)
		_exit(depth(n + 1));
	if (p < 0)
		out("level %s: %s", n >= 31 ? "last" : "early",
		    gt_errno(errno));
	else
		waitpid(p, &st, 0);
}
static int
depth(int n)
{
	deeper(n);
	return 0;
}
static void
t_depth(void)
{
	deeper(0);
}

static int pair[2];
static void
in_creds(void)
{
	struct ucred u;
	socklen_t n = sizeof(u);

	NEED(getsockopt(pair[1], SOL_SOCKET, SO_PEERCRED, &u, &n));
	out("peer from inside: %d", u.pid);
	NEED(fcntl(pair[1], F_SETOWN, getpid()));
	VAL(fcntl(pair[1], F_GETOWN));
	VAL(fcntl(pair[0], F_GETOWN));
	child_step();
}
static void
t_creds(void)
{
	pid_t p;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	NEED(fcntl(pair[0], F_SETOWN, getpid()));
	p = start(CLONE_NEWPID, in_creds);
	await_child();
	YES(fcntl(pair[1], F_GETOWN) == p);
	let_child();
	finish(p);
}

int
main(void)
{
	in_child("first", t_first);
	in_child("killed", t_killed);
	in_child("gone", t_gone);
	in_child("unshare", t_unshare_run);
	in_child("signals", t_signals);
	in_child("stop", t_stop);
	in_child("proc", t_proc);
	in_child("tid", t_tid);
	in_child("reboot", t_reboot);
	in_child("depth", t_depth);
	in_child("creds", t_creds);
	return 0;
}
