/* SPDX-License-Identifier: MIT */
/* ptrace(2): stops and their order, registers, steps, breakpoints, events,
 * seizing, group stops, ends of both sides. */
#include "gt.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/user.h>

/* by hand: libc's ptrace() changes PEEK */
static long
pt(long req, pid_t pid, unsigned long addr, unsigned long data)
{
	return syscall(SYS_ptrace, req, pid, addr, data);
}

enum { TRACEME = 0, PEEKTEXT, PEEKDATA, PEEKUSR, POKETEXT, POKEDATA, POKEUSR,
	CONT, KILL, SINGLESTEP, GETREGS = 12, SETREGS, GETFPREGS, SETFPREGS,
	ATTACH, DETACH, SYSCALL = 24, SYSEMU = 31, SINGLEBLOCK = 33,
	SETOPTIONS = 0x4200, GETEVENTMSG, GETSIGINFO, SETSIGINFO, GETREGSET,
	SETREGSET, SEIZE, INTERRUPT, LISTEN, PEEKSIGINFO, GETSIGMASK,
	SETSIGMASK, GET_SYSCALL_INFO = 0x420e, GET_RSEQ };
enum { OPT_SYSGOOD = 1, OPT_FORK = 2, OPT_VFORK = 4, OPT_CLONE = 8, OPT_EXEC = 16,
	OPT_VFORKDONE = 32, OPT_EXIT = 64, OPT_EXITKILL = 1 << 20 };
#define DR(n) (offsetof(struct user, u_debugreg) + 8 * (n))
#define REG(f) offsetof(struct user_regs_struct, f)

static const char *
stopname(int st)
{
	static char b[80];
	static const char *const ev[] = { "", "FORK", "VFORK", "CLONE", "EXEC",
		"VFORK_DONE", "EXIT", "SECCOMP" };
	int e = st >> 16;

	if (!WIFSTOPPED(st))
		return gt_status(st);
	if (WSTOPSIG(st) == (SIGTRAP | 0x80))
		return "syscall";
	if (e == 128)
		snprintf(b, sizeof(b), "EVENT_STOP %s", gt_sig(WSTOPSIG(st)));
	else if (e && e < 8)
		snprintf(b, sizeof(b), "EVENT_%s", ev[e]);
	else
		snprintf(b, sizeof(b), "stop %s", gt_sig(WSTOPSIG(st)));
	return b;
}

static int
waitstop(const char *what, pid_t p)
{
	int st = 0;
	pid_t r;

	do {
		r = waitpid(p, &st, __WALL);
	} while (r < 0 && errno == EINTR);
	if (r != p)
		out("%s: wait gave %s", what, r < 0 ? gt_errno(errno) :
		    "another");
	else
		out("%s: %s", what, stopname(st));
	return st;
}

/* a child that stops itself once traced, then runs fn */
static pid_t
traced(void (*fn)(void), unsigned long opt)
{
	pid_t p = fork();

	if (!p) {
		NEED(pt(TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		fn();
		_exit(0);
	}
	waitstop("start", p);
	if (opt)
		NEED(pt(SETOPTIONS, p, 0, opt));
	return p;
}

static void
finish(pid_t p)
{
	int st;

	kill(p, SIGKILL);
	while (waitpid(p, &st, __WALL) == p && WIFSTOPPED(st))
		pt(CONT, p, 0, 0);
}

static void
put_siginfo(pid_t p)
{
	siginfo_t si = { 0 };

	if (pt(GETSIGINFO, p, 0, (long)&si) < 0)
		out("  siginfo: %s", gt_errno(errno));
	else
		out("  siginfo: %s code %#x", gt_sig(si.si_signo),
		    si.si_code);
}

/* ---- system calls ---- */

static void
do_calls(void)
{
	syscall(SYS_getppid);
	syscall(SYS_close, 77);
	out("replaced: %ld", syscall(SYS_getuid));
	out("skipped: %ld", syscall(SYS_getpid));
	_exit(3);
}

static void
test_syscalls(void)
{
	struct user_regs_struct r;
	uint64_t info[11];
	pid_t p = traced(do_calls, OPT_SYSGOOD);
	int st, n = 0;

	for (;;) {
		NEED(pt(SYSCALL, p, 0, 0));
		if (waitpid(p, &st, 0) != p || !WIFSTOPPED(st))
			break;
		NEED(pt(GETREGS, p, 0, (long)&r));
		memset(info, 0, sizeof(info));
		long len = pt(GET_SYSCALL_INFO, p, sizeof(info), (long)info);
		int op = info[0] & 0xff;

		if (r.orig_rax == SYS_write) {
			n++;
			continue;
		}
		if (op == 1) {
			out("entry %ld len %ld arg %ld rax %ld same ip %d sp %d",
			    (long)r.orig_rax, len, r.orig_rax == SYS_close ?
			    (long)info[4] : 0, (long)r.rax,
			    info[1] == r.rip, info[2] == r.rsp);
			if (r.orig_rax == SYS_getuid) {
				r.orig_rax = SYS_dup;
				r.rdi = 9999;
				OKAY(pt(SETREGS, p, 0, (long)&r));
			} else if (r.orig_rax == SYS_getpid) {
				OKAY(pt(POKEUSR, p, REG(orig_rax), -1));
				OKAY(pt(POKEUSR, p, REG(rax), 1234));
			}
		} else {
			out("exit op %d len %ld orig %ld err %d", op, len,
			    (long)r.orig_rax, (int)(info[4] & 0xff));
			if (op == 2 && r.orig_rax == SYS_close)
				out("  rval %s", gt_errno(-(int)info[3]));
		}
	}
	out("end: %s, writes %d", gt_status(st), n);
}

/* ---- steps and breakpoints ---- */

extern char step_a[], step_b[], step_call[], step_end[];
static volatile long watched;
__asm__(".text\n.globl step_a, step_b, step_call, step_end\n"
	"step_a:\n nop\n nop\n nop\n"
	"step_b: nop\n mov $39, %eax\n"
	"step_call: syscall\n nop\n"
	"step_end: ret\n");

static void
on_usr1(int s, siginfo_t *i, void *c)
{
	(void)s, (void)i, (void)c;
	watched = 5;
}

static void
do_steps(void)
{
	((void (*)(void))step_a)();
	on_signal(SIGUSR1, on_usr1, SA_SIGINFO, 0);
	raise(SIGUSR1);
	watched = 1;
	((void (*)(void))step_a)();
	out("watched %ld", watched);
	__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop\n\t"
			 "pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq"
			 : : : "memory", "cc");
	_exit(4);
}

static unsigned long
reg(pid_t p, unsigned long off)
{
	unsigned long v = 0;

	NEED(pt(PEEKUSR, p, off, (long)&v));
	return v;
}

static const char *
where(unsigned long ip)
{
	static char b[32];

	if (ip >= (unsigned long)step_a && ip <= (unsigned long)step_end) {
		snprintf(b, sizeof(b), "a+%lu", ip - (unsigned long)step_a);
		return b;
	}
	return "elsewhere";
}

static void
test_steps(void)
{
	pid_t p = traced(do_steps, OPT_SYSGOOD);
	unsigned long w = 0;
	int st, n;

	/* a breakpoint in read-only code */
	NEED(pt(PEEKTEXT, p, (long)step_a, (long)&w));
	NEED(pt(POKETEXT, p, (long)step_a, (w & ~0xfful) | 0xcc));
	NEED(pt(CONT, p, 0, 0));
	waitstop("int3", p);
	put_siginfo(p);
	out("at %s", where(reg(p, REG(rip))));
	NEED(pt(POKETEXT, p, (long)step_a, w));
	NEED(pt(POKEUSR, p, REG(rip), (long)step_a));
	for (n = 0; n < 7; n++) {
		NEED(pt(SINGLESTEP, p, 0, 0));
		st = waitstop("step", p);
		put_siginfo(p);
		out("  at %s TF %lu dr6 %lx", where(reg(p, REG(rip))),
		    reg(p, REG(eflags)) >> 8 & 1, reg(p, DR(6)));
	}
	/* to the signal, stepping into its handler */
	NEED(pt(CONT, p, 0, 0));
	waitstop("usr1", p);
	put_siginfo(p);
	NEED(pt(SINGLESTEP, p, 0, SIGUSR1));
	waitstop("into handler", p);
	put_siginfo(p);
	out("at handler: %d", reg(p, REG(rip)) == (unsigned long)on_usr1);
	/* a watchpoint on writes of 8 bytes, and one on an instruction */
	OKAY(pt(POKEUSR, p, DR(0), (long)&watched));
	OKAY(pt(POKEUSR, p, DR(1), (long)step_b));
	OKAY(pt(POKEUSR, p, DR(7), 0x90005));
	out("dr7 %lx dr0 %d", reg(p, DR(7)),
	    reg(p, DR(0)) == (unsigned long)&watched);
	for (n = 0; n < 3; n++) {
		NEED(pt(CONT, p, 0, 0));
		waitstop("hw", p);
		put_siginfo(p);
		out("  dr6 %lx at %s", reg(p, DR(6)),
		    where(reg(p, REG(rip))));
	}
	OKAY(pt(POKEUSR, p, DR(7), 0));
	OKAY(pt(POKEUSR, p, DR(0), 0xffff800000000000));
	OKAY(pt(POKEUSR, p, DR(0), (long)&watched + 1));
	OKAY(pt(POKEUSR, p, DR(7), 0xd0001));
	OKAY(pt(POKEUSR, p, DR(7), 0x20001));
	OKAY(pt(POKEUSR, p, DR(7), 0xc0001));
	OKAY(pt(POKEUSR, p, DR(4), 0));
	/* the program's own TF */
	NEED(pt(CONT, p, 0, 0));
	while ((st = waitstop("own TF", p)), WIFSTOPPED(st)) {
		put_siginfo(p);
		NEED(pt(CONT, p, 0, 0));
	}
}

/* ---- registers ---- */

static void
do_xmm(void)
{
	unsigned char x[16];

	memset(x, 0x11, sizeof(x));
	__asm__ volatile("movups (%0), %%xmm3\n\tint3\n\tmovups %%xmm3, (%0)"
			 : : "r"(x) : "memory", "xmm3");
	out("xmm3 is %02x %02x", x[0], x[15]);
	__asm__ volatile("int3");
	for (;;)
		pause();
}

static void
test_regs(void)
{
	static const struct { const char *n; unsigned long off, v; } bad[] = {
		{ "cs 0", REG(cs), 0 }, { "cs 0x10", REG(cs), 0x10 },
		{ "ss 0", REG(ss), 0 }, { "fs 0x18", REG(fs), 0x18 },
		{ "fs_base high", REG(fs_base), 0xffff800000000000 },
		{ "fs_base noncanonical", REG(fs_base), 0x800000000000 },
		{ "gs_base high", REG(gs_base), -1ul },
		{ "odd", 3, 0 }, { "beyond", 100000, 0 },
		{ "unused", REG(gs) + 8, 0 }, { "eflags", REG(eflags), -1ul },
	};
	struct user_fpregs_struct f;
	struct user_regs_struct r, r2;
	static unsigned char xs[16384];
	struct iovec iov;
	pid_t p = traced(do_xmm, 0);

	NEED(pt(CONT, p, 0, 0));
	waitstop("xmm", p);
	NEED(pt(GETFPREGS, p, 0, (long)&f));
	out("xmm3 %08x mxcsr %x cwd %x", f.xmm_space[12], f.mxcsr, f.cwd);
	memset(&f.xmm_space[12], 0x22, 16);
	OKAY(pt(SETFPREGS, p, 0, (long)&f));
	f.mxcsr = 0x80000000;
	OKAY(pt(SETFPREGS, p, 0, (long)&f));
	iov = (struct iovec){ &r, sizeof(r) };
	OKAY(pt(GETREGSET, p, 1, (long)&iov));
	out("prstatus %zu", iov.iov_len);
	iov = (struct iovec){ &r, 80 };
	OKAY(pt(GETREGSET, p, 1, (long)&iov));
	iov = (struct iovec){ &r, 81 };
	OKAY(pt(GETREGSET, p, 1, (long)&iov));
	iov = (struct iovec){ &f, 4096 };
	OKAY(pt(GETREGSET, p, 2, (long)&iov));
	out("fpregset %zu", iov.iov_len);
	OKAY(pt(GETREGSET, p, 0x1234, (long)&iov));
	OKAY(pt(GETREGSET, p, 1, (long)BAD));
	iov = (struct iovec){ BAD, sizeof(r) };
	OKAY(pt(GETREGSET, p, 1, (long)&iov));
	iov = (struct iovec){ xs, sizeof(xs) };
	if (pt(GETREGSET, p, 0x202, (long)&iov) == 0) {
		size_t n = iov.iov_len;
		uint64_t *h = (uint64_t *)(xs + 512);

		iov = (struct iovec){ xs, n };
		need("set xstate", pt(SETREGSET, p, 0x202, (long)&iov));
		iov.iov_len = n - 8;
		if (pt(SETREGSET, p, 0x202, (long)&iov) == 0 || errno != EFAULT)
			out("short xstate: %s", gt_errno(errno));
		h[0] |= 1ull << 62;
		iov.iov_len = n;
		if (pt(SETREGSET, p, 0x202, (long)&iov) == 0 || errno != EINVAL)
			out("bad xstate_bv: %s", gt_errno(errno));
		h[0] &= 7;
		h[1] = 1ull << 63;
		if (pt(SETREGSET, p, 0x202, (long)&iov) == 0 || errno != EINVAL)
			out("compact xstate: %s", gt_errno(errno));
		h[1] = 0;
		h[3] = 1;
		if (pt(SETREGSET, p, 0x202, (long)&iov) == 0 || errno != EINVAL)
			out("reserved xstate: %s", gt_errno(errno));
	}
	NEED(pt(GETREGS, p, 0, (long)&r));
	for (size_t i = 0; i < NELEM(bad); i++)
		okay(bad[i].n, pt(POKEUSR, p, bad[i].off, bad[i].v));
	NEED(pt(GETREGS, p, 0, (long)&r2));
	out("eflags %lx cs %lx ss %lx", (long)r2.eflags,
	    (long)r2.cs, (long)r2.ss);
	OKAY(pt(SETREGS, p, 0, (long)&r));
	NEED(pt(CONT, p, 0, 0));
	waitstop("after", p);
	/* an address that is none: the program's fault, not the kernel's */
	OKAY(pt(POKEUSR, p, REG(rip), 0x8000000000000000));
	NEED(pt(CONT, p, 0, 0));
	waitstop("bad rip", p);
	OKAY(pt(POKEUSR, p, REG(rip), 0xffffffff81000000));
	NEED(pt(CONT, p, 0, 0));
	waitstop("kernel rip", p);
	put_siginfo(p);
	finish(p);
}

/* ---- events ---- */

static void *
thread_fn(void *a)
{
	return a;
}

static void
do_events(void)
{
	char *av[] = { (char *)"true", NULL };
	pthread_t t;
	pid_t p;
	int st;

	p = fork();
	if (!p)
		_exit(7);
	waitpid(p, &st, 0);
	p = vfork();
	if (!p)
		_exit(8);
	waitpid(p, &st, 0);
	pthread_create(&t, NULL, thread_fn, NULL);
	pthread_join(t, NULL);
	execve("/proc/self/exe", av, (char *[]){ (char *)"GT_PTRACE_CHILD=9",
						 NULL });
	_exit(99);
}

/* run p and what comes of it; each one's stops in its own order */
static void
run_events(pid_t first)
{
	static char log[8][2048];
	static pid_t ids[8];
	int n = 1, st;
	pid_t p;

	memset(log, 0, sizeof(log));
	ids[0] = first;
	while ((p = waitpid(-1, &st, __WALL)) > 0 || errno == EINTR) {
		unsigned long msg = 0;
		int i, sig = 0;

		for (i = 0; i < n && ids[i] != p; i++)
			;
		if (i == n)
			ids[n++] = p;
		strcat(log[i], " ");
		strcat(log[i], stopname(st));
		if (!WIFSTOPPED(st))
			continue;
		if (st >> 16 && st >> 16 != 128) {
			int k;

			pt(GETEVENTMSG, p, 0, (long)&msg);
			if (st >> 16 == 6) {
				strcat(log[i], "=");
				strcat(log[i], gt_status((int)msg));
			} else {
				for (k = 0; k < n && ids[k] != (pid_t)msg; k++)
					;
				if (k == n && k < 8)
					ids[n++] = msg;
				sprintf(log[i] + strlen(log[i]), "=#%d", k);
			}
		} else if (!(st >> 16) && WSTOPSIG(st) != SIGSTOP &&
			   WSTOPSIG(st) != SIGTRAP) {
			sig = WSTOPSIG(st);
		}
		pt(CONT, p, 0, sig);
	}
	for (int i = 0; i < n; i++)
		out("#%d:%s", i, log[i]);
}

static void
test_events(void)
{
	unsigned long o = OPT_FORK | OPT_VFORK | OPT_CLONE | OPT_EXEC | OPT_VFORKDONE |
		OPT_EXIT;
	pid_t p;
	int st;

	out("attached");
	p = traced(do_events, o);
	NEED(pt(CONT, p, 0, 0));
	run_events(p);
	out("seized");
	p = fork();
	if (!p) {
		raise(SIGSTOP);
		do_events();
	}
	NEED(waitpid(p, &st, WUNTRACED));
	OKAY(pt(SEIZE, p, 0, o));
	kill(p, SIGCONT);
	run_events(p);
	out("no options");
	p = traced(do_events, 0);
	NEED(pt(CONT, p, 0, 0));
	run_events(p);
}

/* ---- seize, interrupt, listen ---- */

static void
do_pause(void)
{
	for (;;)
		pause();
}

static void
test_seize(void)
{
	pid_t p = fork();
	siginfo_t si;
	int st;

	if (!p)
		do_pause();
	OKAY(pt(SEIZE, p, 1, 0));
	OKAY(pt(SEIZE, p, 0, 1ul << 30));
	OKAY(pt(SEIZE, p, 0, OPT_SYSGOOD));
	OKAY(pt(SEIZE, p, 0, 0));
	OKAY(pt(ATTACH, p, 0, 0));
	OKAY(pt(CONT, p, 0, 0));
	OKAY(pt(LISTEN, p, 0, 0));
	OKAY(pt(INTERRUPT, p, 0, 0));
	waitstop("interrupt", p);
	put_siginfo(p);
	OKAY(pt(CONT, p, 0, 0));
	kill(p, SIGSTOP);
	waitstop("sigstop", p);
	put_siginfo(p);
	OKAY(pt(LISTEN, p, 0, 0));
	OKAY(pt(CONT, p, 0, SIGSTOP));
	waitstop("group stop", p);
	put_siginfo(p);
	OKAY(pt(LISTEN, p, 0, 0));
	OKAY(pt(CONT, p, 0, 0));
	okay("nothing", waitpid(p, &st, WNOHANG | __WALL));
	kill(p, SIGCONT);
	waitstop("woken", p);
	put_siginfo(p);
	OKAY(pt(CONT, p, 0, 0));
	waitstop("sigcont", p);
	put_siginfo(p);
	OKAY(pt(CONT, p, 0, 0));
	kill(p, SIGUSR1);
	waitstop("usr1", p);
	NEED(pt(GETSIGINFO, p, 0, (long)&si));
	si.si_code = -77;
	OKAY(pt(SETSIGINFO, p, 0, (long)&si));
	put_siginfo(p);
	OKAY(pt(CONT, p, 0, 999));
	OKAY(pt(DETACH, p, 0, 999));
	OKAY(pt(DETACH, p, 0, SIGUSR2));
	waitstop("detached", p);
	OKAY(pt(CONT, p, 0, 0));
}

/* ---- attach, detach, ends ---- */

static void
test_attach(void)
{
	struct { uint64_t off; uint32_t flags; int32_t nr; } pa = { 0, 0, 4 };
	siginfo_t si[4];
	uint64_t mask = 0, rseq[3];
	pid_t p = fork(), q;
	char b[4096], *t;
	int st;

	if (!p) {
		sigmask(0, GT_BIT(SIGUSR1) | GT_BIT(SIGRTMIN + 3));
		do_pause();
	}
	OKAY(pt(ATTACH, p, 0, 0));
	waitstop("attach", p);
	put_siginfo(p);
	snprintf(b, sizeof(b), "/proc/%d/status", p);
	get_file(b, b, sizeof(b));
	t = strstr(b, "TracerPid:");
	YES(t && atoi(t + 10) == getpid());
	t = strstr(b, "State:");
	out("%.8s", t ? t : "?");
	NEED(pt(GETSIGMASK, p, 8, (long)&mask));
	YES(mask == 0 || mask & GT_BIT(SIGUSR1));
	OKAY(pt(GETSIGMASK, p, 4, (long)&mask));
	mask = GT_BIT(SIGUSR1) | GT_BIT(SIGUSR2) | GT_BIT(SIGKILL);
	OKAY(pt(SETSIGMASK, p, 8, (long)&mask));
	NEED(pt(GETSIGMASK, p, 8, (long)&mask));
	out("mask %llx", (unsigned long long)mask);
	kill(p, SIGUSR1);
	kill(p, SIGUSR2);
	syscall(SYS_tkill, p, SIGUSR2);
	VAL(pt(PEEKSIGINFO, p, (long)&pa, (long)si));
	pa.flags = 1;
	VAL(pt(PEEKSIGINFO, p, (long)&pa, (long)si));
	out("shared %s %s", gt_sig(si[0].si_signo), gt_sig(si[1].si_signo));
	pa.flags = 2;
	VAL(pt(PEEKSIGINFO, p, (long)&pa, (long)si));
	pa.flags = 0;
	pa.nr = -1;
	VAL(pt(PEEKSIGINFO, p, (long)&pa, (long)si));
	VAL(pt(GET_RSEQ, p, sizeof(rseq), (long)rseq));
	OKAY(pt(INTERRUPT, p, 0, 0));
	OKAY(pt(LISTEN, p, 0, 0));
	OKAY(pt(SETOPTIONS, p, 0, 1 << 12));
	OKAY(pt(PEEKDATA, p, 8, (long)&mask));
	OKAY(pt(POKEDATA, p, 8, 0));
	OKAY(pt(POKEDATA, p, (long)KBAD, 0));
	OKAY(pt(9999, p, 0, 0));
	OKAY(pt(GETREGS, p, 0, (long)BAD));
	OKAY(pt(DETACH, p, 0, SIGTERM));
	waitstop("detached", p);
	OKAY(pt(ATTACH, getpid(), 0, 0));
	OKAY(pt(ATTACH, 99999, 0, 0));
	OKAY(pt(CONT, getppid(), 0, 0));
	/* killed in a trap; while its tracer works */
	p = traced(do_pause, 0);
	kill(p, SIGKILL);
	waitstop("killed", p);
	OKAY(pt(GETSIGINFO, p, 0, (long)si));
	/* one that is stopped already */
	p = fork();
	if (!p) {
		raise(SIGSTOP);
		_exit(6);
	}
	NEED(waitpid(p, &st, WUNTRACED));
	OKAY(pt(ATTACH, p, 0, 0));
	waitstop("was stopped", p);
	put_siginfo(p);
	OKAY(pt(CONT, p, 0, 0));
	waitstop("then", p);
	put_siginfo(p);
	OKAY(pt(DETACH, p, 0, 0));
	kill(p, SIGCONT);
	waitstop("goes on", p);
	/* the tracer ends: with EXITKILL its traced dies, else it goes on */
	for (int kill_it = 0; kill_it < 2; kill_it++) {
		int fd[2];
		char c;

		NEED(pipe(fd));
		p = fork();
		if (!p) {
			raise(SIGSTOP);
			_exit(5);
		}
		NEED(waitpid(p, &st, WUNTRACED));
		q = fork();
		if (!q) {
			NEED(pt(SEIZE, p, 0, kill_it ? OPT_EXITKILL : 0));
			NEED(write(fd[1], "x", 1));
			_exit(0);
		}
		NEED(read(fd[0], &c, 1));
		waitpid(q, &st, 0);
		kill(p, SIGCONT);
		waitpid(p, &st, 0);
		out("tracer gone, EXITKILL %d: %s", kill_it, gt_status(st));
		close(fd[0]);
		close(fd[1]);
	}
}

/* ---- somebody else's child ---- */

static void
test_other(void)
{
	int fd[2], st;
	pid_t p, q;
	char c;

	NEED(pipe(fd));
	p = fork();
	if (!p) {
		NEED(read(fd[0], &c, 1));
		_exit(33);
	}
	q = fork();
	if (!q) {
		NEED(pt(SEIZE, p, 0, OPT_EXIT));
		NEED(write(fd[1], "x", 1));
		waitstop("tracer", p);
		NEED(pt(CONT, p, 0, 0));
		waitstop("tracer", p);
		okay("tracer again", waitpid(p, &st, __WALL));
		_exit(0);
	}
	NEED(waitpid(q, &st, 0));
	out("q: %s", gt_status(st));
	NEED(waitpid(p, &st, 0));
	out("parent: %s", gt_status(st));
}

/* ---- threads and execve ---- */

static void *
exec_thread(void *a)
{
	char *av[] = { (char *)"true", NULL };

	(void)a;
	execve("/proc/self/exe", av, (char *[]){ (char *)"GT_PTRACE_CHILD=2",
						 NULL });
	return NULL;
}

static void *
idle_thread(void *a)
{
	for (;;)
		pause();
	return a;
}

static void
do_threads(void)
{
	pthread_t t;

	for (int i = 0; i < 3; i++)
		pthread_create(&t, NULL, idle_thread, NULL);
	pthread_create(&t, NULL, exec_thread, NULL);
	for (;;)
		pause();
}

static void
test_threads(void)
{
	pid_t p = traced(do_threads, OPT_CLONE | OPT_EXEC), q;
	int st, clones = 0, gone = 0;
	unsigned long msg;

	NEED(pt(CONT, p, 0, 0));
	while ((q = waitpid(-1, &st, __WALL)) > 0) {
		if (!WIFSTOPPED(st)) {
			if (q == p) {
				out("leader: %s", gt_status(st));
				break;
			}
			gone++;
			continue;
		}
		if (st >> 16 == 3)
			clones++;
		if (st >> 16 == 4) {
			NEED(pt(GETEVENTMSG, q, 0, (long)&msg));
			YES(q == p);
			YES((pid_t)msg != p);
		}
		pt(CONT, q, 0, 0);
	}
	out("clones %d threads gone %d", clones, gone);
}

/* ---- SYSEMU, kill, rights ---- */

static void
do_emu(void)
{
	out("emulated: %ld", syscall(SYS_getpid));
	_exit(0);
}

static void
test_emu(void)
{
	pid_t p = traced(do_emu, OPT_SYSGOOD);
	int n = 0, st;

	for (;;) {
		NEED(pt(n ? SYSCALL : SYSEMU, p, 0, 0));
		if (waitpid(p, &st, 0) != p || !WIFSTOPPED(st))
			break;
		if (reg(p, REG(orig_rax)) == SYS_getpid && !n++) {
			out("emu stop rax %ld", (long)reg(p, REG(rax)));
			NEED(pt(POKEUSR, p, REG(rax), 77));
		} else if (!n && reg(p, REG(orig_rax)) != SYS_getpid) {
			/* an earlier one of libc's */
			NEED(pt(POKEUSR, p, REG(rax), 0));
		}
	}
	out("emu: %s", gt_status(st));
	OKAY(pt(SINGLEBLOCK, 99999, 0, 0));
}

static void
as_nobody(void)
{
	pid_t p = fork();
	int st;

	if (!p)
		do_pause();
	OKAY(pt(SEIZE, p, 0, 0));
	kill(p, SIGKILL);
	waitpid(p, &st, __WALL);
	okay("root's", pt(SEIZE, getppid(), 0, 0));
	p = fork();
	if (!p) {
		prctl(PR_SET_DUMPABLE, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(p, &st, WUNTRACED);
	okay("undumpable", pt(SEIZE, p, 0, 0));
	kill(p, SIGKILL);
	waitpid(p, &st, 0);
}

/* detached at the end of a call that is to be restarted: it is */
static void
test_restart(void)
{
	struct timespec t = { 1000, 0 };
	char b[200], name[40], *c;
	pid_t p = fork();
	int st;

	if (!p) {
		on_signal(SIGUSR1, on_usr1, SA_SIGINFO, 0);
		_exit(nanosleep(&t, NULL) && errno == EINTR ? 99 : 98);
	}
	snprintf(name, sizeof(name), "/proc/%d/stat", p);
	do {			/* until it sleeps */
		get_file(name, b, sizeof(b));
		c = strrchr(b, ')');
	} while (!c || c[2] != 'S');
	OKAY(pt(SEIZE, p, 0, 0));
	OKAY(pt(INTERRUPT, p, 0, 0));
	waitpid(p, &st, __WALL);
	out("stop %x", st >> 8);
	for (int i = 0; i < 2; i++) {	/* it enters restart_syscall, leaves */
		OKAY(pt(SYSCALL, p, 0, 0));
		if (i)
			OKAY(pt(INTERRUPT, p, 0, 0));
		waitpid(p, &st, __WALL);
		out("stop %x", st >> 8);
	}
	OKAY(pt(DETACH, p, 0, 0));
	do {
		get_file(name, b, sizeof(b));
		c = strrchr(b, ')');
	} while (!c || (c[2] != 'S' && c[2] != 'Z'));
	out("then %c", c[2]);
	kill(p, SIGUSR1);
	waitpid(p, &st, 0);
	out("it ends: %s", gt_status(st));
}

int
main(void)
{
	const char *e = getenv("GT_PTRACE_CHILD");

	if (e)
		_exit(atoi(e));
	setvbuf(stdout, NULL, _IONBF, 0);
	test_syscalls();
	test_steps();
	test_regs();
	test_events();
	test_seize();
	test_attach();
	test_other();
	test_threads();
	test_emu();
	test_restart();
	as_user("nobody", as_nobody);
	return 0;
}
