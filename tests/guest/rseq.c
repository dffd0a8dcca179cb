/* SPDX-License-Identifier: MIT */
/* rseq(2): registration, abort by signal and preemption, bad sections. */
#include "gt.h"

#include <sys/prctl.h>

#ifndef SYS_rseq
#define SYS_rseq 334
#endif
#ifndef SYS_membarrier
#define SYS_membarrier 324
#endif
#define SIG_WORD 0x53053053u

struct area {
	uint32_t cpu_id_start, cpu_id;
	uint64_t cs;
	uint32_t flags, pad[3];
} __attribute__((aligned(32)));

struct section {
	uint32_t version, flags;
	uint64_t start, len, abort;
} __attribute__((aligned(32)));

static struct area area = { .cpu_id = -1 };
static volatile int hits;
static volatile uint64_t signals;

static long
reg(struct area *a, unsigned int len, int fl, unsigned int sig)
{
	return syscall(SYS_rseq, a, len, fl, sig);
}

static void
handler(int s, siginfo_t *i, void *u)
{
	(void)s; (void)i; (void)u;
	signals++;
}

/*
 * Run for ever in a section; returns when it was aborted. The signature word
 * stands before the abort address, as the operand of an instruction.
 */
static void __attribute__((noinline))
spin(struct area *a, struct section *s)
{
	__asm__ volatile(
		"leaq 1f(%%rip), %%rax\n\t"
		"movq %%rax, 8(%1)\n\t"
		"leaq 2f(%%rip), %%rcx\n\t"
		"subq %%rax, %%rcx\n\t"
		"movq %%rcx, 16(%1)\n\t"
		"leaq 4f(%%rip), %%rax\n\t"
		"movq %%rax, 24(%1)\n\t"
		"movq %1, 8(%0)\n"
		"1:\tincl %2\n\t"
		"jmp 1b\n"
		"2:\tud2\n\t"
		".byte 0x0f, 0xb9, 0x3d\n\t.long 0x53053053\n"
		"4:\n"
		: : "r"(a), "r"(s), "m"(hits) : "rax", "rcx", "memory");
}

static void
t_register(void)
{
	static struct area b[2];

	VAL(reg(&area, 32, 0, SIG_WORD));
	yes("cpu", area.cpu_id == area.cpu_id_start && area.cpu_id < 1024);
	VAL(reg(&area, 32, 0, SIG_WORD));
	VAL(reg(&area, 32, 0, 1));
	VAL(reg(b, 32, 0, SIG_WORD));
	VAL(reg(&area, 32, 1, 1));
	VAL(reg(b, 32, 1, SIG_WORD));
	VAL(reg(&area, 64, 1, SIG_WORD));
	VAL(reg(&area, 32, 3, SIG_WORD));
	VAL(reg(&area, 32, 1, SIG_WORD));
	VAL((int)area.cpu_id);
	VAL(area.cpu_id_start);
	VAL(reg(&area, 32, 1, SIG_WORD));
	VAL(reg(&area, 32, 2, SIG_WORD));
	VAL(reg(&area, 16, 0, SIG_WORD));
	VAL(reg((struct area *)((char *)b + 8), 32, 0, SIG_WORD));
	VAL(reg((struct area *)KBAD, 32, 0, SIG_WORD));
	VAL(reg(NULL, 32, 1, SIG_WORD));
}

static void
t_signal(void)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } };
	struct section s = { 0 };

	on_signal(SIGALRM, handler, 0, 0);
	NEED(reg(&area, 32, 0, SIG_WORD));
	setitimer(ITIMER_REAL, &it, NULL);
	for (int i = 0; i < 5; i++)
		spin(&area, &s);
	VAL(area.cs);
	yes("signals", signals >= 1);
	yes("ran", hits != 0);
}

/* another that runs on the same CPU */
static void
t_preempt(void)
{
	struct section s = { 0 };
	cpu_set_t one;
	pid_t p;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	NEED(sched_setaffinity(0, sizeof(one), &one));
	p = fork();
	if (p == 0)
		for (;;)
			;
	NEED(reg(&area, 32, 0, SIG_WORD));
	for (int i = 0; i < 5; i++)
		spin(&area, &s);
	VAL(area.cs);
	VAL(area.cpu_id);
	kill(p, SIGKILL);
	waitpid(p, NULL, 0);
}

static struct section bad;

static void
run_bad(void)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } };

	on_signal(SIGALRM, handler, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
	NEED(reg(&area, 32, 0, SIG_WORD));
	area.cs = (uintptr_t)&bad;
	setitimer(ITIMER_REAL, &it, NULL);
	for (int i = 0; i < 2000; i++)
		msleep(1);
}

static void
run_unmapped_cs(void)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } };

	on_signal(SIGALRM, handler, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
	NEED(reg(&area, 32, 0, SIG_WORD));
	area.cs = (uintptr_t)BAD;
	setitimer(ITIMER_REAL, &it, NULL);
	for (int i = 0; i < 2000; i++)
		msleep(1);
}

/* a section that was left without clearing the pointer: it is cleared */
static void
run_left(void)
{
	static const struct { uint32_t sig; char code[4]; } text = {
		SIG_WORD, { 0 } };

	bad = (struct section){ .start = 0x1000, .len = 16,
				.abort = (uintptr_t)text.code };
	NEED(reg(&area, 32, 0, SIG_WORD));
	area.cs = (uintptr_t)&bad;
	on_signal(SIGUSR1, handler, 0, 0);
	raise(SIGUSR1);
	VAL(area.cs);
	VAL(signals);
}

static void
bad_section(const char *name, const struct section *s)
{
	int st;
	pid_t p;

	bad = *s;
	p = fork();
	if (p == 0) {
		run_bad();
		_exit(0);
	}
	NEED(waitpid(p, &st, 0));
	out("%s: %s", name, WIFSIGNALED(st) ? gt_sig(WTERMSIG(st)) : "lived");
}

static void
t_fork(void)
{
	pid_t p;
	int st;

	NEED(reg(&area, 32, 0, SIG_WORD));
	p = fork();
	if (p == 0) {
		/* inherited */
		VAL(reg(&area, 32, 0, SIG_WORD));
		_exit(0);
	}
	waitpid(p, &st, 0);
	p = vfork();
	if (p == 0) {
		VAL(reg(&area, 32, 1, SIG_WORD));
		_exit(0);
	}
	waitpid(p, &st, 0);
	VAL(reg(&area, 32, 1, SIG_WORD));
}

/* the number follows the thread */
static void
t_migrate(void)
{
	cpu_set_t all, one;
	int bad_nr = 0;

	NEED(reg(&area, 32, 0, SIG_WORD));
	sched_getaffinity(0, sizeof(all), &all);
	for (int round = 0; round < 50; round++)
		for (int c = 0; c < 64; c++) {
			if (!CPU_ISSET(c, &all))
				continue;
			CPU_ZERO(&one);
			CPU_SET(c, &one);
			sched_setaffinity(0, sizeof(one), &one);
			if (area.cpu_id != (uint32_t)c)
				bad_nr++;
		}
	VAL(bad_nr);
}

#define ALL_RSEQ (1 << 7 | 1 << 8)

static char stack[16384];
static struct area area2;
static volatile int thread_ready, thread_done;

static int
thread_fn(void *arg)
{
	struct section s = { 0 };

	(void)arg;
	reg(&area2, 32, 0, SIG_WORD);
	thread_ready = 1;
	spin(&area2, &s);
	thread_done = 1;
	for (;;)
		msleep(10);
	return 0;
}

static void
t_membarrier(void)
{
	VAL(syscall(SYS_membarrier, 0, 0, 0) & ALL_RSEQ);
	VAL(syscall(SYS_membarrier, 1 << 7, 0, 0));
	VAL(syscall(SYS_membarrier, 1 << 7, 1, 0));
	VAL(syscall(SYS_membarrier, 1 << 8, 1, 0));
	VAL(syscall(SYS_membarrier, 1 << 8, 0, 0));
	VAL(syscall(SYS_membarrier, 1 << 7, 0, 0));
	VAL(syscall(SYS_membarrier, 1 << 7, 1, 0));
	VAL(syscall(SYS_membarrier, 1 << 7, 1, 100000));
	VAL(syscall(SYS_membarrier, 1 << 7, 2, 0));
	VAL(syscall(SYS_membarrier, 1 << 3, 1, 0));
	clone(thread_fn, stack + sizeof(stack), CLONE_VM | CLONE_FS |
	      CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, 0);
	while (!thread_ready)
		msleep(1);
	while (!thread_done) {
		syscall(SYS_membarrier, 1 << 7, 0, 0);
		msleep(1);
	}
	out("aborted");
	syscall(SYS_exit_group, 0);
}

int
main(void)
{
	uintptr_t here = (uintptr_t)main;

	in_child("register", t_register);
	in_child("signal", t_signal);
	in_child("preempt", t_preempt);
	in_child("left", run_left);
	in_child("fork", t_fork);
	in_child("migrate", t_migrate);
	in_child("membarrier", t_membarrier);
	int st;
	pid_t p;

	p = fork();
	if (p == 0) {
		run_unmapped_cs();
		_exit(0);
	}
	waitpid(p, &st, 0);
	out("no cs: %s", WIFSIGNALED(st) ? gt_sig(WTERMSIG(st)) : "lived");
	bad_section("version", &(struct section){ 1, 0, here, 16, here + 64 });
	bad_section("signature", &(struct section){ 0, 0, here, 16, here + 64 });
	bad_section("inside", &(struct section){ 0, 0, here, 64, here + 8 });
	bad_section("kernel start", &(struct section){ 0, 0, (uintptr_t)KBAD, 16,
						       here });
	bad_section("kernel abort", &(struct section){ 0, 0, here, 16,
						       (uintptr_t)KBAD });
	bad_section("wraps", &(struct section){ 0, 0, here, -16ul, here + 64 });
	return 0;
}
