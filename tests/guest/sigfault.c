/* SPDX-License-Identifier: MIT */
/* Signals made by the processor: codes, addresses, machine state in the
 * frame, resuming, alternate stacks, state of the FPU across handlers. */
#include "gt.h"
#include <setjmp.h>
#include <ucontext.h>
#include <immintrin.h>

/* libc's refuses SS_ONSTACK by itself */
static int
raw_altstack(const stack_t *a, stack_t *b)
{
	return (int)syscall(SYS_sigaltstack, a, b);
}
#define sigaltstack raw_altstack

static sigjmp_buf env;
static siginfo_t last;
static void *want;
static unsigned long lerr, ltrap;
static int onalt;
static char alt[65536];

static void
h(int s, siginfo_t *i, void *u)
{
	ucontext_t *uc = u;
	char here;

	(void)s;
	last = *i;
	lerr = uc->uc_mcontext.gregs[REG_ERR];
	ltrap = uc->uc_mcontext.gregs[REG_TRAPNO];
	onalt = &here >= alt && &here < alt + sizeof(alt);
	siglongjmp(env, 1);
}

#define TRAP(name, code) do {						\
	memset(&last, 0, sizeof(last));					\
	if (!sigsetjmp(env, 1)) {					\
		code;							\
		out("%s: no signal", name);				\
	} else {							\
		out("%s: %s code %d addr right %d trap %lu err %#lx",	\
		    name, gt_sig(last.si_signo), last.si_code,		\
		    last.si_addr == want, ltrap, lerr);			\
	}								\
} while (0)

static void (*volatile vcall)(void);
static volatile int zero;
static volatile int sink;

static void
t_codes(void)
{
	char *ro = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	char *none = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	char *nx = mmap(0, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *gone = mmap(0, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("bus", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *f;

	munmap(gone, 4096);
	nx[0] = (char)0xc3;
	sink = ro[0];
	want = gone + 8;
	TRAP("read unmapped", sink = gone[8]);
	TRAP("write unmapped", gone[8] = 1);
	want = (void *)16;
	TRAP("null", *(volatile char *)16 = 1);
	want = ro + 3;
	TRAP("write read-only", ro[3] = 1);
	want = none;
	TRAP("read PROT_NONE", sink = none[0]);
	want = nx;
	vcall = (void (*)(void))nx;
	TRAP("execute no-exec", vcall());
	want = gone;
	vcall = (void (*)(void))gone;
	TRAP("execute unmapped", vcall());
	want = NULL;
	TRAP("non-canonical", sink = *(volatile char *)0x8000000000000000);
	want = (void *)0xffffffff81000000;
	TRAP("kernel address", sink = *(volatile char *)0xffffffff81000000);
	vcall = (void (*)(void))0xffffffff81000000;
	TRAP("jump to the kernel", vcall());
	NEED(ftruncate(fd, 100));
	f = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	f[4000] = 1;
	want = f + 4096;
	TRAP("past the file's last page", sink = f[4096]);
	TRAP("write past it", f[4096] = 1);
	NEED(ftruncate(fd, 0));
	want = f;
	TRAP("after truncation", sink = f[0]);
	munmap(f, 8192);
	f = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	want = f;
	TRAP("private map past the end", f[0] = 1);
}

static void
t_traps(void)
{
	extern char L_ud2[], L_div[];

	want = L_div;
	TRAP("divide by zero", __asm__ volatile(
		"xor %%edx,%%edx; mov $1,%%eax; xor %%ecx,%%ecx\n"
		".globl L_div\nL_div: div %%ecx" ::: "eax", "ecx", "edx"));
	want = L_ud2;
	TRAP("ud2", __asm__ volatile(".globl L_ud2\nL_ud2: ud2"));
	want = NULL;
	TRAP("hlt", __asm__ volatile("hlt"));
	TRAP("in", __asm__ volatile("in $0x80,%%al" :::
				    "eax"));
	TRAP("cli", __asm__ volatile("cli"));
	TRAP("int3", __asm__ volatile("int3"));
	TRAP("mov to cr3", __asm__ volatile("mov %%rax,%%cr3" ::: "memory"));
	TRAP("rdmsr", __asm__ volatile("xor %%ecx,%%ecx; rdmsr" ::: "eax",
				       "ecx", "edx"));
	TRAP("single step", __asm__ volatile(
		"pushf; orl $0x100,(%%rsp); popf; nop; nop" ::: "cc",
		"memory"));
	unsigned short cw = 0x37f & ~4;
	TRAP("x87 divide by zero", __asm__ volatile(
		"fninit; fldcw %0; fld1; fldz; fdivrp; fwait" :: "m"(cw)));
	__asm__ volatile("fninit");
}

static void
t_stack_overflow(void)
{
	/* recursion until the guard: SEGV on the alternate stack */
	struct rlimit r = { 256 << 10, 256 << 10 };

	setrlimit(RLIMIT_STACK, &r);
	memset(&last, 0, sizeof(last));
	if (!sigsetjmp(env, 1)) {
		volatile char *sp = (volatile char *)&r;

		for (int i = 0; i < 200; i++) {
			sp -= 4096;
			*sp = 1;
		}
		out("stack overflow: no signal");
	} else {
		out("stack overflow: %s code %d on alternate stack %d",
		    gt_sig(last.si_signo), last.si_code, onalt);
	}
}

static void
noalt(void)
{
	/* without an alternate stack the handler cannot be entered */
	stack_t ss = { .ss_flags = SS_DISABLE };
	struct rlimit r = { 256 << 10, 256 << 10 };

	sigaltstack(&ss, NULL);
	setrlimit(RLIMIT_STACK, &r);
	__asm__ volatile("mov $8,%%rsp; push %%rax" ::: "memory");
}

static void
blocked(void)
{
	sigmask(SIG_BLOCK, GT_BIT(SIGSEGV));
	*(volatile char *)16 = 1;
}

static void
ignored(void)
{
	on_signal(SIGSEGV, GT_IGN, 0, 0);
	*(volatile char *)16 = 1;
}

static void
hfix(int s, siginfo_t *i, void *u)
{
	ucontext_t *uc = u;

	(void)s, (void)i;
	uc->uc_mcontext.gregs[REG_RAX] = 0x1234;
	uc->uc_mcontext.gregs[REG_RIP] += 2;		/* over ud2 */
	uc->uc_mcontext.gregs[REG_EFL] |= 1;		/* carry */
	*(uint64_t *)&uc->uc_sigmask |= GT_BIT(60);
}

static void
t_resume(void)
{
	unsigned long rax;
	unsigned char carry;

	on_signal(SIGILL, hfix, SA_SIGINFO, 0);
	__asm__ volatile("clc; ud2; setc %1" : "=a"(rax), "=r"(carry));
	out("resumed: rax %#lx carry %d mask %#llx", rax, carry,
	    (unsigned long long)sigmask_get());
	sigmask(SIG_SETMASK, 0);
}

static void
hprot(int s, siginfo_t *i, void *u)
{
	(void)s, (void)u;
	mprotect((void *)((uintptr_t)i->si_addr & ~4095ul), 4096,
		 PROT_READ | PROT_WRITE);
}

static void
t_retry(void)
{
	char *p = mmap(0, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	int sum = 0;

	on_signal(SIGSEGV, hprot, SA_SIGINFO, 0);
	for (int i = 0; i < 16; i++)
		p[i * 4096 + i] = i;
	for (int i = 0; i < 16; i++)
		sum += p[i * 4096 + i];
	out("retried writes sum %d", sum);
}

/* all registers and vectors must survive a handler that destroys them */
static void
hclobber(int s, siginfo_t *i, void *u)
{
	(void)s, (void)i, (void)u;
	__asm__ volatile(
		"pcmpeqd %%xmm0,%%xmm0; pcmpeqd %%xmm1,%%xmm1\n"
		"pcmpeqd %%xmm7,%%xmm7; pcmpeqd %%xmm15,%%xmm15\n"
		"fninit; fldpi; fldpi; fldpi\n"
		::: "xmm0", "xmm1", "xmm7", "xmm15");
	unsigned csr = 0x7f80;
	__asm__ volatile("ldmxcsr %0" :: "m"(csr));
	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vzeroall");
}

static void
t_fpu(void)
{
	uint64_t in[4] = { 1, 2, 3, 4 }, o[4] = { 0 };
	unsigned csr = 0x3f80, csr2;
	unsigned short cw = 0x27f, cw2;
	double x;
	int n = 0;

	on_signal(SIGUSR1, hclobber, SA_SIGINFO, 0);
	long pid = getpid(), r;
	__asm__ volatile("ldmxcsr %0; fninit; fldcw %1; fld1; fld1; faddp"
			 :: "m"(csr), "m"(cw));
	__asm__ volatile(
		"movdqu (%2),%%xmm0; movdqu 16(%2),%%xmm15\n"
		"mov $62,%%eax; mov %3,%%rdi; mov $10,%%esi; syscall\n"
		"movdqu %%xmm0,(%4); movdqu %%xmm15,16(%4)"
		: "=&a"(r), "+m"(o) : "r"(in), "r"(pid), "r"(o)
		: "rdi", "rsi", "rcx", "r11", "xmm0", "xmm15", "memory");
	__asm__ volatile("fstpl %0; fnstcw %1; stmxcsr %2" : "=m"(x),
			 "=m"(cw2), "=m"(csr2));
	out("xmm kept: %d", !memcmp(in, o, 32));
	out("x87 top %g, cw %#x, mxcsr %#x", x, cw2, csr2 & ~0x3f);
	__asm__ volatile("fninit");
	csr = 0x1f80;
	__asm__ volatile("ldmxcsr %0" :: "m"(csr));
	if (__builtin_cpu_supports("avx")) {
		uint64_t yi[4] = { 5, 6, 7, 8 }, yo[4] = { 0 };

		__asm__ volatile(
			"vmovdqu (%2),%%ymm3\n"
			"mov $62,%%eax; mov %3,%%rdi; mov $10,%%esi; "
			"syscall\nvmovdqu %%ymm3,(%4)"
			: "=&a"(r), "+m"(yo) : "r"(yi), "r"(pid), "r"(yo)
			: "rdi", "rsi", "rcx", "r11", "xmm3", "memory");
		n = !memcmp(yi, yo, 32);
	} else {
		n = 1;		/* nothing to keep */
	}
	out("ymm kept: %d", n);
	/* and across preemption by another process */
	pid_t c = fork();
	if (c == 0) {
		for (int i = 0; i < 50; i++) {
			__asm__ volatile("pcmpeqd %%xmm5,%%xmm5" :::
					 "xmm5");
			sched_yield();
		}
		_exit(0);
	}
	n = 1;
	for (int i = 0; i < 50; i++) {
		uint64_t a[2] = { i, ~i }, b[2];

		__asm__ volatile("movdqu (%1),%%xmm5; mov $24,%%eax; "
				 "syscall; movdqu %%xmm5,(%2)" : "=&a"(r)
				 : "r"(a), "r"(b) : "rcx", "r11", "xmm5",
				 "memory");
		n &= !memcmp(a, b, 16);
	}
	waitpid(c, NULL, 0);
	out("kept across switches: %d", n);
}

static void
ss_show(const char *n)
{
	stack_t ss;

	sigaltstack(NULL, &ss);
	out("%s: flags %#x size %zu", n, ss.ss_flags, ss.ss_size);
}

static void
hss(int s, siginfo_t *i, void *u)
{
	stack_t ss = { .ss_sp = alt, .ss_size = 8192 };
	char here;

	(void)s, (void)i, (void)u;
	out("on alternate stack: %d", &here >= alt && &here <
	    alt + sizeof(alt));
	ss_show("inside");
	val("change inside", sigaltstack(&ss, NULL));
}

static void
t_altstack(void)
{
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };

	ss_show("start");
	ss.ss_size = 1000;
	val("too small", sigaltstack(&ss, NULL));
	ss.ss_size = sizeof(alt);
	ss.ss_flags = 77;
	val("bad flags", sigaltstack(&ss, NULL));
	val("bad pointer", syscall(SYS_sigaltstack, BAD, 0));
	val("bad old", syscall(SYS_sigaltstack, 0, BAD));
	ss.ss_flags = 0;
	val("set", sigaltstack(&ss, NULL));
	ss_show("set");
	on_signal(SIGUSR2, hss, SA_SIGINFO | SA_ONSTACK, 0);
	kill(getpid(), SIGUSR2);
	on_signal(SIGUSR2, hss, SA_SIGINFO, 0);
	kill(getpid(), SIGUSR2);
	ss.ss_size = sizeof(alt);
	ss.ss_flags = (int)(1u << 31);		/* SS_AUTODISARM */
	val("autodisarm", sigaltstack(&ss, NULL));
	ss_show("autodisarm");
	on_signal(SIGUSR2, hss, SA_SIGINFO | SA_ONSTACK, 0);
	kill(getpid(), SIGUSR2);
	ss_show("after autodisarm");
	ss.ss_flags = SS_ONSTACK;
	val("SS_ONSTACK is accepted", sigaltstack(&ss, NULL));
	ss_show("then");
}

int
main(void)
{
	const int s[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };

	t_altstack();
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };
	sigaltstack(&ss, NULL);
	for (unsigned i = 0; i < NELEM(s); i++)
		on_signal(s[i], h, SA_SIGINFO | SA_ONSTACK, 0);
	t_codes();
	t_traps();
	in_child("no stack for the handler", noalt);
	in_child("blocked SEGV kills", blocked);
	in_child("ignored SEGV kills", ignored);
	in_child("overflow", t_stack_overflow);
	t_resume();
	t_retry();
	t_fpu();
	return 0;
}
