/* SPDX-License-Identifier: MIT */
/* seccomp(2), PR_SET_SECCOMP, seccomp_unotify(2), syscall user dispatch. */
#include "gt.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#ifndef SYS_seccomp
#define SYS_seccomp 317
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

struct insn { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct fprog { uint16_t len; struct insn *p; };
struct data { int nr; uint32_t arch; uint64_t ip, args[6]; };
struct notif { uint64_t id; uint32_t pid, flags; struct data data; };
struct resp { uint64_t id; int64_t val; int32_t error; uint32_t flags; };
struct addfd { uint64_t id; uint32_t flags, srcfd, newfd, newfd_flags; };

#define RECV _IOWR('!', 0, struct notif)
#define SEND _IOWR('!', 1, struct resp)
#define ID_VALID _IOW('!', 2, uint64_t)
#define ADDFD _IOW('!', 3, struct addfd)

#define LD(o) { 0x20, 0, 0, (o) }
#define JEQ(v, t, f) { 0x15, (t), (f), (v) }
#define RET(v) { 0x06, 0, 0, (v) }

#define KILL_PROCESS 0x80000000u
#define KILL_THREAD 0u
#define TRAP 0x30000u
#define ERRNO 0x50000u
#define NOTIF 0x7fc00000u
#define TRACE 0x7ff00000u
#define LOG 0x7ffc0000u
#define ALLOW 0x7fff0000u

static long
filter(unsigned int fl, struct insn *p, unsigned int n)
{
	struct fprog f = { (uint16_t)n, p };

	return syscall(SYS_seccomp, 1, fl, &f);
}

/* calls nr get action */
static long
on_call(unsigned int fl, int nr, uint32_t action)
{
	struct insn p[] = { LD(0), JEQ(nr, 0, 1), RET(action), RET(ALLOW) };

	return filter(fl, p, NELEM(p));
}

static void
nnp(void)
{
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void
status(const char *key)
{
	char b[8192], *s;

	get_file("/proc/self/status", b, sizeof(b));
	s = strstr(b, key);
	if (s)
		*strchr(s + 1, '\n') = 0;
	out("%s", s ? s + 1 : "none");
}

static void
t_args(void)
{
	struct insn a[] = { RET(ALLOW) };
	static struct insn big[4097];
	uint32_t act;
	uint16_t sizes[3] = { 0 };
	struct fprog f = { 1, BAD };

	VAL(prctl(PR_GET_SECCOMP));
	status("\nSeccomp:");
	status("\nSeccomp_filters:");
	VAL(syscall(SYS_seccomp, 9, 0, 0));
	VAL(syscall(SYS_seccomp, 0, 1, 0));
	VAL(syscall(SYS_seccomp, 0, 0, a));
	VAL(syscall(SYS_seccomp, 1, 0, 0));
	VAL(syscall(SYS_seccomp, 1, 0, BAD));
	VAL(filter(1 << 6, a, 1));
	VAL(filter(1 | 8, a, 1));
	VAL(filter(1 << 5, a, 1));
	VAL(filter(0, a, 0));
	VAL(syscall(SYS_seccomp, 1, 0, &f));
	VAL(filter(0, big, 4097));
	VAL(prctl(PR_SET_SECCOMP, 0, 0));
	VAL(prctl(PR_SET_SECCOMP, 3, 0));
	VAL(prctl(PR_SET_SECCOMP, 2, BAD));
	static const uint32_t acts[] = { KILL_PROCESS, KILL_THREAD, TRAP,
		ERRNO, NOTIF, TRACE, LOG, ALLOW, 1, 0x7ffd0000 };
	for (size_t i = 0; i < NELEM(acts); i++) {
		act = acts[i];
		VAL(syscall(SYS_seccomp, 2, 0, &act));
	}
	VAL(syscall(SYS_seccomp, 2, 1, &act));
	VAL(syscall(SYS_seccomp, 2, 0, BAD));
	VAL(syscall(SYS_seccomp, 3, 0, sizes));
	out("sizes %d %d %d", sizes[0], sizes[1], sizes[2]);
	VAL(syscall(SYS_seccomp, 3, 1, sizes));
	VAL(syscall(SYS_seccomp, 3, 0, BAD));
}

static void
t_check(void)
{
#define TRY(...) ({ struct insn p_[] = { __VA_ARGS__ }; \
		    filter(0, p_, NELEM(p_)); })
	VAL(TRY(LD(1), RET(ALLOW)));
	VAL(TRY(LD(64), RET(ALLOW)));
	VAL(TRY(LD(60), RET(ALLOW)));
	VAL(TRY(LD(0)));
	VAL(TRY({ 0x28, 0, 0, 0 }, RET(ALLOW)));	/* ldh */
	VAL(TRY({ 0x30, 0, 0, 0 }, RET(ALLOW)));	/* ldb */
	VAL(TRY({ 0x40, 0, 0, 0 }, RET(ALLOW)));	/* ld ind */
	VAL(TRY({ 0xb1, 0, 0, 0 }, RET(ALLOW)));	/* msh */
	VAL(TRY({ 0x94, 0, 0, 3 }, RET(ALLOW)));	/* mod */
	VAL(TRY({ 0x34, 0, 0, 0 }, RET(ALLOW)));	/* div 0 */
	VAL(TRY({ 0x80, 0, 0, 0 }, RET(ALLOW)));	/* len */
	VAL(TRY({ 0x60, 0, 0, 0 }, RET(ALLOW)));	/* mem unset */
	VAL(TRY({ 0x02, 0, 0, 0 }, { 0x60, 0, 0, 0 }, RET(ALLOW)));
	VAL(TRY(JEQ(1, 5, 0), RET(ALLOW)));
	VAL(TRY({ 0x05, 0, 0, 7 }, RET(ALLOW)));
	VAL(TRY({ 0x20, 0, 0, 0xfffff000 }, RET(ALLOW)));	/* extension */
	VAL(prctl(PR_GET_SECCOMP));
	status("\nSeccomp_filters:");
}

static void
t_many(void)
{
	static struct insn big[4096];
	long r = 0;
	int n;

	for (n = 0; n < 4095; n++)
		big[n] = (struct insn)LD(0);
	big[4095] = (struct insn)RET(ALLOW);
	for (n = 0; n < 100 && (r = filter(0, big, 4096)) == 0; n++)
		;
	val("last", r);
	out("filters %d", n);
}

static void
t_user(void)
{
	VAL(on_call(0, SYS_getppid, ERRNO | 5));
	nnp();
	VAL(on_call(0, SYS_getppid, ERRNO | 5));
	VAL(syscall(SYS_getppid));
}

static void
t_errno(void)
{
	VAL(on_call(0, SYS_getppid, ERRNO | 0));
	VAL(syscall(SYS_getppid));
	VAL(on_call(0, SYS_getppid, ERRNO | 4095));
	VAL(on_call(0, SYS_getppid, ERRNO | 7));	/* the newest */
	VAL(syscall(SYS_getppid));
	VAL(on_call(2, SYS_getpgrp, ERRNO | 0xffff));
	long r = syscall(SYS_getpgrp);
	out("%ld %d", r, errno);
	VAL(on_call(4, SYS_getsid, LOG));
	okay("logged", syscall(SYS_getsid, 0));
	VAL(on_call(0, SYS_getsid, TRACE | 1));
	VAL(syscall(SYS_getsid, 0));
	/* an action nobody knows kills */
	VAL(prctl(PR_GET_SECCOMP));
	status("\nSeccomp:");
	status("\nSeccomp_filters:");
	VAL(prctl(PR_SET_SECCOMP, 1, 0));
	pid_t p = fork();
	if (p == 0) {
		VAL(syscall(SYS_getppid));
		status("\nSeccomp_filters:");
		_exit(0);
	}
	waitpid(p, NULL, 0);
}

static volatile int got;

static void
on_sys(int s, siginfo_t *i, void *u)
{
	(void)u;
	got++;
	out("%s code %d errno %d nr %d arch %x addr %s", gt_sig(s), i->si_code,
	    i->si_errno, i->si_syscall, i->si_arch,
	    i->si_call_addr ? "set" : "0");
}

static void
t_trap(void)
{
	on_signal(SIGSYS, on_sys, 4 /* SIGINFO */, 0);
	VAL(on_call(0, SYS_getppid, TRAP | 77));
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_getppid) :
			 "rcx", "r11", "memory");
	out("result %ld", r);
	VAL(got);
}

static void
killed(const char *name, void (*fn)(void))
{
	int st;
	pid_t p = fork();

	if (p == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		fn();
		_exit(3);
	}
	NEED(waitpid(p, &st, 0));
	if (WIFSIGNALED(st))
		out("%s: %s", name, gt_sig(WTERMSIG(st)));
	else
		out("%s: %s", name, gt_status(st));
}

static void
k_process(void)
{
	on_signal(SIGSYS, on_sys, 4, 0);
	on_call(0, SYS_getppid, KILL_PROCESS);
	syscall(SYS_getppid);
}

static void
k_thread(void)
{
	on_call(0, SYS_getppid, KILL_THREAD);
	syscall(SYS_getppid);
}

static void
k_unknown(void)
{
	on_call(0, SYS_getppid, 0x12340000);
	syscall(SYS_getppid);
}

static void
k_trap_default(void)
{
	on_call(0, SYS_getppid, TRAP);
	syscall(SYS_getppid);
}

static void
k_strict(void)
{
	VAL(prctl(PR_SET_SECCOMP, 1, 0));
	out("write works");
	syscall(SYS_getpid);
}

static void
k_strict_ok(void)
{
	syscall(SYS_seccomp, 0, 0, 0);
	syscall(SYS_exit, 6);
}

static char stack[4][16384];
static volatile int step, thread_res;

static int
thread_calls(void *arg)
{
	(void)arg;
	while (!step)
		sched_yield();
	syscall(SYS_getppid);
	thread_res = 1;
	return 0;
}

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
		CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID)

static volatile int tid_word[4];

static void
start(int i, int (*fn)(void *), void *arg)
{
	tid_word[i] = 1;
	NEED(clone(fn, stack[i] + sizeof(stack[i]), THREAD, arg, 0, 0,
		   &tid_word[i]));
}

/* one thread dies, the other lives */
static void
t_kill_thread(void)
{
	on_call(0, SYS_getppid, KILL_THREAD);
	start(0, thread_calls, 0);
	step = 1;
	while (tid_word[0])
		sched_yield();
	VAL(thread_res);
	out("lives");
	syscall(SYS_exit_group, 5);
}

static long tres[4];

static int
thread_ask(void *arg)
{
	long i = (long)arg;

	while (!step)
		sched_yield();
	tres[i] = syscall(SYS_getpgid, 0) < 0 ? errno : 0;
	return 0;
}

static int
thread_own_filter(void *arg)
{
	(void)arg;
	on_call(0, SYS_getsid, ERRNO | 3);
	thread_res = 1;
	while (!step)
		sched_yield();
	return 0;
}

static void
t_tsync(void)
{
	nnp();
	start(0, thread_ask, (void *)0);
	start(1, thread_ask, (void *)1);
	VAL(on_call(1, SYS_getpgid, ERRNO | 33));
	step = 1;
	while (tid_word[0] || tid_word[1])
		sched_yield();
	out("%ld %ld", tres[0], tres[1]);
	step = 0;
	/* one with a filter of its own cannot follow */
	start(2, thread_own_filter, 0);
	while (!thread_res)
		sched_yield();
	yes("tid told", on_call(1, SYS_getsid, ERRNO | 4) > 0);
	VAL(on_call(1 | 16, SYS_getsid, ERRNO | 4));
	status("\nSeccomp_filters:");
	step = 1;
	while (tid_word[2])
		sched_yield();
	VAL(on_call(1, SYS_getsid, ERRNO | 4));
	syscall(SYS_exit_group, 0);
}

/* ---- notification ---- */

static int
ready(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

/* what a child saw, told by its parent when it has ended */
static struct { long r; int err; } *seen;

static long
ask(int i)
{
	seen[i].r = syscall(SYS_getppid, 11, 22, 33, 44, 55, 66);
	seen[i].err = errno;
	return seen[i].r;
}

static void
tell(const char *name, int i)
{
	errno = seen[i].err;
	val(name, seen[i].r);
}

static pid_t
asker(void)
{
	pid_t p = fork();

	if (p)
		return p;
	ask(0);
	ask(1);
	ask(2);
	seen[4].r = fcntl((int)ask(3), F_GETFD);
	seen[6].r = fcntl((int)ask(5), F_GETFD);
	_exit(0);
}

static pid_t
lone_asker(int fd)
{
	pid_t p = fork();

	if (p)
		return p;
	close(fd);
	ask(7);
	_exit(0);
}

static void
answer(int fd, struct notif *n, int64_t v, int32_t e, uint32_t fl)
{
	struct resp r = { n->id, v, e, fl };

	VAL(ioctl(fd, SEND, &r));
}

static void
receive(int fd, struct notif *n)
{
	struct pollfd p = { fd, POLLIN, 0 };

	NEED(poll(&p, 1, 20000));
	memset(n, 0, sizeof(*n));
	VAL(ioctl(fd, RECV, n));
}

static void
t_notify(void)
{
	struct notif n = { 0 };
	struct addfd a = { 0 };
	uint64_t id;
	pid_t p;
	int fd, st;

	nnp();
	seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = (int)on_call(8, SYS_getppid, NOTIF);
	okay("listener", fd);
	VAL(fcntl(fd, F_GETFD));
	VAL(on_call(8, SYS_getpgid, NOTIF));
	VAL(ready(fd));
	p = asker();
	receive(fd, &n);
	yes("pid", n.pid == (uint32_t)p);
	out("nr %d arch %x args %d %d %d %d %d %d", n.data.nr, n.data.arch,
	    (int)n.data.args[0], (int)n.data.args[1], (int)n.data.args[2],
	    (int)n.data.args[3], (int)n.data.args[4], (int)n.data.args[5]);
	VAL(ready(fd));
	id = n.id;
	VAL(ioctl(fd, ID_VALID, &id));
	id += 100;
	VAL(ioctl(fd, ID_VALID, &id));
	struct resp bad = { n.id, 1, 0, 1 };
	VAL(ioctl(fd, SEND, &bad));
	bad.flags = 2;
	VAL(ioctl(fd, SEND, &bad));
	bad = (struct resp){ n.id + 9, 0, 0, 0 };
	VAL(ioctl(fd, SEND, &bad));
	VAL(ioctl(fd, SEND, BAD));
	VAL(ioctl(fd, 12345, 0));
	answer(fd, &n, 4711, 0, 0);
	receive(fd, &n);
	answer(fd, &n, 0, -EMLINK, 0);
	receive(fd, &n);
	answer(fd, &n, 0, 0, 1);
	receive(fd, &n);
	a = (struct addfd){ n.id, 0, 1, 0, O_CLOEXEC };
	int remote = ioctl(fd, ADDFD, &a);
	yes("remote fd", remote > 2);
	a.flags = 1;
	a.newfd = 50;
	a.newfd_flags = 0;
	VAL(ioctl(fd, ADDFD, &a));
	a.flags = 4;
	VAL(ioctl(fd, ADDFD, &a));
	a.flags = 0;
	VAL(ioctl(fd, ADDFD, &a));
	a.newfd = 0;
	a.srcfd = 900;
	VAL(ioctl(fd, ADDFD, &a));
	a.srcfd = 1;
	a.id += 50;
	VAL(ioctl(fd, ADDFD, &a));
	a.newfd_flags = 1;
	VAL(ioctl(fd, ADDFD, &a));
	answer(fd, &n, 50, 0, 0);
	receive(fd, &n);
	a = (struct addfd){ n.id, 2 | 1, 1, 51, O_CLOEXEC };
	VAL(ioctl(fd, ADDFD, &a));
	waitpid(p, &st, 0);
	out("%s", gt_status(st));
	tell("asked", 0);
	tell("again", 1);
	yes("third", seen[2].r == getpid());
	tell("fd", 3);
	tell("flags", 4);
	tell("sent fd", 5);
	tell("flags", 6);
	/* a caller that is killed takes its question with it */
	p = fork();
	if (p == 0) {
		syscall(SYS_getppid);
		_exit(0);
	}
	receive(fd, &n);
	kill(p, SIGKILL);
	waitpid(p, NULL, 0);
	VAL(ioctl(fd, ID_VALID, &n.id));
	answer(fd, &n, 0, 0, 0);
	/* not zero */
	n.flags = 1;
	VAL(ioctl(fd, RECV, &n));
	/* a listener that goes */
	p = lone_asker(fd);
	receive(fd, &n);
	close(fd);
	waitpid(p, NULL, 0);
	tell("nobody listens", 7);
	p = lone_asker(fd);
	waitpid(p, NULL, 0);
	tell("closed", 7);
}

/* the descriptor says when nobody is left to ask */
static void
t_hup(void)
{
	int sk[2];
	struct pollfd p = { -1, POLLIN, 0 };
	pid_t c;

	NEED(pipe(sk));
	c = fork();
	if (c == 0) {
		int fd = (int)on_call(8, SYS_getppid, NOTIF);

		dup2(fd, 200);
		NEED(write(sk[1], "x", 1));
		pause();
	}
	char b;
	NEED(read(sk[0], &b, 1));
	int pfd = (int)syscall(434, c, 0);
	p.fd = (int)syscall(438, pfd, 200, 0);
	okay("got", p.fd);
	VAL(ready(p.fd));
	kill(c, SIGKILL);
	VAL(poll(&p, 1, 20000));
	VAL(p.revents);
	waitpid(c, NULL, 0);
}

/* ---- user dispatch ---- */

static volatile char selector;

static void
on_dispatch(int s, siginfo_t *i, void *u)
{
	(void)s; (void)u;
	selector = 0;
	out("dispatch code %d nr %d errno %d", i->si_code, i->si_syscall,
	    i->si_errno);
}

static void
t_dispatch(void)
{
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 1, 0, 0));
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 2, 0, 0, 0));
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 16, -1l, &selector));
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 16, 0, &selector));
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, KBAD));
	on_signal(SIGSYS, on_dispatch, 4, 0);
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector));
	okay("allowed", syscall(SYS_getppid));
	selector = 1;
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_getppid) :
			 "rcx", "r11", "memory");
	out("result %ld", r);
	pid_t p = fork();
	if (p == 0) {
		selector = 1;
		okay("child", syscall(SYS_getppid));
		_exit(0);
	}
	waitpid(p, NULL, 0);
	VAL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	selector = 1;
	okay("off", syscall(SYS_getppid));
}

static void
t_proc(void)
{
	char b[256];

	get_file("/proc/sys/kernel/seccomp/actions_avail", b, sizeof(b));
	out("%s", b);
	get_file("/proc/sys/kernel/seccomp/actions_logged", b, sizeof(b));
	out("%s", b);
}

int
main(void)
{
	in_child("args", t_args);
	in_child("check", t_check);
	in_child("many", t_many);
	as_user("user", t_user);
	in_child("errno", t_errno);
	in_child("trap", t_trap);
	killed("process", k_process);
	killed("thread", k_thread);
	killed("unknown", k_unknown);
	killed("trap default", k_trap_default);
	killed("strict", k_strict);
	killed("strict ok", k_strict_ok);
	in_child("kill thread", t_kill_thread);
	in_child("tsync", t_tsync);
	in_child("notify", t_notify);
	in_child("hup", t_hup);
	in_child("dispatch", t_dispatch);
	in_child("proc", t_proc);
	return 0;
}
