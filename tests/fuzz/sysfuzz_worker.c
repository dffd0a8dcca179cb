/* SPDX-License-Identifier: MIT */
/*
 * sysfuzz_worker.c - one fuzzing process: two threads that make calls, and one
 * that maps, unmaps and rewrites the arena under them.  A timer interrupts
 * what blocks.  Anything may happen to the process; the supervisor makes a new
 * one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

#include "sysfuzz.h"

#define STACK 65536

static struct board *board;
static struct slot *me;

/* Each thread has its own state; found by its stack, as TLS is libc's. */
static uint64_t states[3];
static char *stacks;

static uint64_t *
state(void)
{
	char here;

	for (int i = 0; stacks && i < 2; i++)
		if (&here >= stacks + i * STACK &&
		    &here < stacks + (i + 1) * STACK)
			return &states[i + 1];
	return &states[0];
}

uint64_t
rnd(void)
{
	uint64_t *s = state(), z = (*s += 0x9e3779b97f4a7c15ul);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ul;
	z = (z ^ z >> 27) * 0x94d049bb133111ebul;
	return z ^ z >> 31;
}

void
rnd_seed(uint64_t seed)
{
	for (int i = 0; i < 3; i++)
		states[i] = seed * 3 + i;
}

/* The call itself, without libc, which would set errno in shared TLS. */
static long
raw(long nr, const long *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a[0]),
			 "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9) :
			 "rcx", "r11", "memory");
	return ret;
}

static void
quit(void)
{
	static const long none[6];

	for (;;)
		raw(SYS_exit, none);
}

/* Calls that would only end the worker or take its time are made seldom. */
static const struct call *
pick(void)
{
	for (;;) {
		const struct call *c = &calls[below(nr_calls)];

		switch (c->nr) {
		case SYS_reboot:
			continue;
		case SYS_exit: case SYS_exit_group: case SYS_rt_sigreturn:
		case SYS_execve: case SYS_execveat: case SYS_kill:
		case SYS_munmap: case SYS_close_range: case SYS_mprotect:
		case SYS_brk: case SYS_sync: case SYS_pause:
		case SYS_rt_sigsuspend: case SYS_vhangup:
			if (!one_in(32))
				continue;
			return c;
		default:
			return c;
		}
	}
}

static void
tell_leak(const struct call *c, const long *a, uint64_t word, long offset)
{
	struct leak *l = &board->leak;

	if (__atomic_exchange_n(&l->taken, 1, __ATOMIC_SEQ_CST))
		return;
	l->nr = c->nr;
	l->word = word;
	l->offset = offset;
	memcpy(l->args, a, sizeof(l->args));
	l->taken = 2;
}

static void
look(const struct call *c, const long *a)
{
	uint64_t w;
	long offset;

	for (int i = 0; i < 6; i++) {
		const char *p = (const char *)a[i], *e = p + 1024;

		if (a[i] & 7 || p < arena || p >= arena + ARENA_SIZE)
			continue;
		if (e > arena + ARENA_SIZE)
			e = arena + ARENA_SIZE;
		w = leak_find(p, e, &offset);
		if (w)
			tell_leak(c, a, w, offset);
	}
}

static int
forks(long nr)
{
	return nr == SYS_clone || nr == SYS_fork || nr == SYS_vfork ||
		nr == 435;
}

static int __attribute__((noreturn))
loop(void *unused)
{
	static const long none[6];
	long self = raw(SYS_gettid, none);

	(void)unused;
	for (;;) {
		const struct call *c = pick();
		long a[6] = { 0 }, r;

		if (one_in(3))
			arena_fill();
		for (int i = 0; i < 6; i++)
			if (c->kind[i] != K_none)
				a[i] = arg_make(c->kind[i], c, i);
		me->nr = c->nr;
		memcpy(me->args, a, sizeof(a));
		__atomic_add_fetch(&board->tried[c->nr], 1, __ATOMIC_RELAXED);
		r = raw(c->nr, a);
		if (forks(c->nr) && raw(SYS_gettid, none) != self)
			quit();
		if (r >= 0 || r < -4095)
			__atomic_add_fetch(&board->good[c->nr], 1,
					   __ATOMIC_RELAXED);
		if (args_aligned)
			look(c, a);
		me->done++;
	}
}

/* The arena and what lies around it change under the other threads. */
static int __attribute__((noreturn))
disturb(void *unused)
{
	static const long none[6];

	(void)unused;
	for (;;) {
		char *p = arena + below(ARENA_PAGES) * PAGE;
		long n = 1 + below(2);

		switch (below(16)) {
		case 0:
			mprotect(p, n * PAGE, PROT_READ);
			raw(SYS_sched_yield, none);
			mprotect(p, n * PAGE, PROT_READ | PROT_WRITE);
			break;
		case 1:
			mprotect(p, n * PAGE, PROT_NONE);
			raw(SYS_sched_yield, none);
			mprotect(p, n * PAGE, PROT_READ | PROT_WRITE);
			break;
		case 2:
			madvise(p, n * PAGE, MADV_DONTNEED);
			break;
		case 3:
			munmap(p, PAGE);
			raw(SYS_sched_yield, none);
			/* fall through */
		case 4:
			mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED |
			     MAP_SHARED, arena_fd, p - arena);
			break;
		case 5:
			mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			     MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			break;
		default: {
			long t[6] = { 0 };
			struct timespec ts = { 0, 1000000 };

			t[0] = (long)&ts;
			raw(SYS_nanosleep, t);
		}
		}
	}
}

static void
interrupt(int sig)
{
	(void)sig;
}

/* Files and descriptors 3 to 23 of many kinds. */
static void
things(void)
{
	struct sockaddr_un un = { AF_UNIX, "sock" };
	int p[2];

	close(open("a", O_CREAT | O_RDWR, 0644));
	close(open("b", O_CREAT | O_RDWR, 0600));
	mkdir("d", 0755);
	close(open("d/f", O_CREAT | O_RDWR, 0644));
	(void)!symlink("a", "l");
	(void)!symlink("loop", "loop");
	mkfifo("fifo", 0644);
	open("a", O_RDWR);
	open("d", O_RDONLY | O_DIRECTORY);
	open("/dev/null", O_RDWR);
	open("/dev/zero", O_RDWR);
	open("fifo", O_RDWR | O_NONBLOCK);
	open("/dev/ptmx", O_RDWR | O_NONBLOCK | O_NOCTTY);
	open("/proc/self/maps", O_RDONLY);
	open("/proc/self", O_RDONLY);
	(void)!pipe2(p, O_NONBLOCK);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p);
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p);
	p[0] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	bind(p[0], (struct sockaddr *)&un, sizeof(un));
	listen(p[0], 4);
	syscall(SYS_epoll_create1, 0);
	syscall(SYS_eventfd2, 3, O_NONBLOCK);
	syscall(SYS_timerfd_create, 1, O_NONBLOCK);
	syscall(SYS_inotify_init1, O_NONBLOCK);
	syscall(SYS_memfd_create, "m", 3);
	open("/dev/urandom", O_RDONLY);
	syscall(434 /* pidfd_open */, getpid(), 0);
	open("b", O_PATH);
}

/* Without what would end the guest, its clock or the supervisor's turn. */
static void
privileges(int as_root)
{
	static const int drop[] = { 22 /* BOOT */, 23 /* NICE */,
				    24 /* RESOURCE */, 19 /* PTRACE */ };
	struct { uint32_t version; int pid; } h = { 0x20080522, 0 };
	struct { uint32_t e, p, i; } d[2];
	struct rlimit fsize = { 8 << 20, 8 << 20 }, as = { 256 << 20,
		256 << 20 }, nproc = { 200, 200 }, core = { 0, 0 };

	setrlimit(RLIMIT_FSIZE, &fsize);
	setrlimit(RLIMIT_AS, &as);
	setrlimit(RLIMIT_NPROC, &nproc);
	setrlimit(RLIMIT_CORE, &core);
	/* mounts only where they stay its own */
	if (as_root && unshare(CLONE_NEWNS) == 0)
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	else if (as_root)
		prctl(PR_CAPBSET_DROP, 21 /* SYS_ADMIN */);
	if (!as_root) {
		(void)!setgid(65534);
		(void)!setuid(65534);
		return;
	}
	for (unsigned i = 0; i < sizeof(drop) / sizeof(drop[0]); i++)
		prctl(PR_CAPBSET_DROP, drop[i]);
	if (syscall(SYS_capget, &h, d))
		_exit(3);
	for (unsigned i = 0; i < sizeof(drop) / sizeof(drop[0]); i++) {
		d[0].e &= ~(1u << drop[i]);
		d[0].p &= ~(1u << drop[i]);
		d[0].i &= ~(1u << drop[i]);
	}
	if (prctl(PR_CAPBSET_READ, 21) == 0) {
		d[0].e &= ~(1u << 21);
		d[0].p &= ~(1u << 21);
	}
	if (syscall(SYS_capset, &h, d))
		_exit(3);
}

_Noreturn void
worker(struct board *b, int index, int as_root)
{
	const int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		CLONE_THREAD | CLONE_SYSVSEM;
	struct itimerval t = { { 0, 4000 }, { 0, 4000 } };
	struct sigaction sa = { .sa_handler = interrupt };

	board = b;
	me = &b->slot[index];
	setsid();
	privileges(as_root);
	rnd_seed(me->seed);
	args_init(index);
	things();
	stacks = mmap(NULL, 2 * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		      MAP_ANONYMOUS, -1, 0);
	if (stacks == MAP_FAILED)
		_exit(3);
	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGPIPE, &sa, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	clone(loop, stacks + STACK - 64, thread, NULL);
	clone(disturb, stacks + 2 * STACK - 64, thread, NULL);
	loop(NULL);
}
