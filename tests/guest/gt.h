/* SPDX-License-Identifier: MIT */
/*
 * gt.h - what every guest test program shares.
 *
 * A guest program prints what the system does, one "name: value" a line, and
 * nothing that may differ between two correct kernels: no pids, addresses,
 * times, inode numbers.  The same binary runs on Linux; the outputs must be
 * equal.  Calls go by syscall() so that libc neither adds checks nor emulates
 * what the kernel lacks.  Constants that the libc headers lack stand here.
 */
#ifndef GT_H
#define GT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define GT_UNUSED __attribute__((unused))
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define BAD ((void *)8)			/* never mapped */
#define KBAD ((void *)0xffff800000000000ul)	/* kernel half */

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_statx
#define SYS_statx 332
#endif
#ifndef SYS_renameat2
#define SYS_renameat2 316
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif
#ifndef SEEK_DATA
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

static const char *
gt_errno(int e)
{
	static const struct { int n; const char *s; } t[] = {
#define X(n) { n, #n }
		X(EPERM), X(ENOENT), X(ESRCH), X(EINTR), X(EIO), X(ENXIO),
		X(E2BIG), X(ENOEXEC), X(EBADF), X(ECHILD), X(EAGAIN),
		X(ENOMEM), X(EACCES), X(EFAULT), X(ENOTBLK), X(EBUSY),
		X(EEXIST), X(EXDEV), X(ENODEV), X(ENOTDIR), X(EISDIR),
		X(EINVAL), X(ENFILE), X(EMFILE), X(ENOTTY), X(ETXTBSY),
		X(EFBIG), X(ENOSPC), X(ESPIPE), X(EROFS), X(EMLINK), X(EPIPE),
		X(EDOM), X(ERANGE), X(EDEADLK), X(ENAMETOOLONG), X(ENOLCK),
		X(ENOSYS), X(ENOTEMPTY), X(ELOOP), X(ENODATA), X(ETIME),
		X(EOVERFLOW), X(EILSEQ), X(EUSERS), X(ENOTSOCK),
		X(EDESTADDRREQ), X(EMSGSIZE), X(EPROTOTYPE), X(ENOPROTOOPT),
		X(EPROTONOSUPPORT), X(EOPNOTSUPP), X(EAFNOSUPPORT),
		X(EADDRINUSE), X(EADDRNOTAVAIL), X(ENOTCONN), X(ETIMEDOUT),
		X(ECONNREFUSED), X(EALREADY), X(EINPROGRESS), X(ESTALE),
		X(EDQUOT), X(ENOMEDIUM), X(ECANCELED), X(ELIBBAD),
#undef X
	};
	static char b[32];

	for (size_t i = 0; i < NELEM(t); i++)
		if (t[i].n == e)
			return t[i].s;
	snprintf(b, sizeof(b), "E%d", e);
	return b;
}

static GT_UNUSED const char *
gt_sig(int s)
{
	static const char *const t[] = { "0",
		"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE",
		"KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
		"STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
		"URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",
		"SYS",
	};
	static char b[16];

	if (s >= 0 && s < 32)
		return t[s];
	snprintf(b, sizeof(b), "RT%d", s);
	return b;
}

/* out - one line of observation; never buffered, so that a fork or a death
 * loses nothing. */
static GT_UNUSED void __attribute__((format(printf, 1, 2)))
out(const char *fmt, ...)
{
	char b[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(b, sizeof(b) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(b) - 2)
		n = sizeof(b) - 2;
	b[n++] = '\n';
	if (write(1, b, n) < 0)
		_exit(99);
}

/* val - "name: number", or the errno's name when the call failed. */
static GT_UNUSED long
val(const char *name, long r)
{
	if (r == -1)
		out("%s: %s", name, gt_errno(errno));
	else
		out("%s: %ld", name, r);
	return r;
}

/* okay - "name: ok" or the errno's name: for results that vary. */
static GT_UNUSED long
okay(const char *name, long r)
{
	if (r == -1)
		out("%s: %s", name, gt_errno(errno));
	else
		out("%s: ok", name);
	return r;
}

/* need - a step of preparation that must work, or the program ends there. */
static GT_UNUSED long
need(const char *name, long r)
{
	if (r == -1) {
		out("cannot %s: %s", name, gt_errno(errno));
		_exit(98);
	}
	return r;
}

#define VAL(e) val(#e, (long)(e))
#define OKAY(e) okay(#e, (long)(e))
#define NEED(e) need(#e, (long)(e))

/* yes - "name: yes" or "no": for what must hold on every kernel. */
static GT_UNUSED void
yes(const char *name, int cond)
{
	out("%s: %s", name, cond ? "yes" : "no");
}
#define YES(e) yes(#e, !!(e))

static GT_UNUSED const char *
gt_status(int st)
{
	static char b[64];

	if (WIFEXITED(st))
		snprintf(b, sizeof(b), "exit %d", WEXITSTATUS(st));
	else if (WIFSIGNALED(st))
		snprintf(b, sizeof(b), "signal %s%s", gt_sig(WTERMSIG(st)),
			 WCOREDUMP(st) ? " core" : "");
	else if (WIFSTOPPED(st))
		snprintf(b, sizeof(b), "stopped %s", gt_sig(WSTOPSIG(st)));
	else if (WIFCONTINUED(st))
		snprintf(b, sizeof(b), "continued");
	else
		snprintf(b, sizeof(b), "status %#x", st);
	return b;
}

/* in_child - run fn in a child; prints "name: exit n" or the signal. */
static GT_UNUSED int
in_child(const char *name, void (*fn)(void))
{
	pid_t p = fork();
	int st = -1, r;

	if (p == 0) {
		fn();
		_exit(0);
	}
	if (p < 0)
		return (int)val(name, -1);
	do {
		r = waitpid(p, &st, 0);
	} while (r < 0 && errno == EINTR);
	if (r != p)
		out("%s: wait gave %s", name, r < 0 ? gt_errno(errno) : "?");
	else
		out("%s: %s", name, gt_status(st));
	return st;
}

/* as_user - in_child after dropping root for uid and gid 65534. */
static GT_UNUSED void
gt_drop(void)
{
	NEED(syscall(SYS_setgroups, 0, 0));
	NEED(syscall(SYS_setresgid, 65534, 65534, 65534));
	NEED(syscall(SYS_setresuid, 65534, 65534, 65534));
}

static void (*gt_user_fn)(void);
static GT_UNUSED void
gt_user_run(void)
{
	gt_drop();
	gt_user_fn();
}
static GT_UNUSED int
as_user(const char *name, void (*fn)(void))
{
	gt_user_fn = fn;
	return in_child(name, gt_user_run);
}

static GT_UNUSED void
msleep(int ms)
{
	struct timespec t = { ms / 1000, (ms % 1000) * 1000000L };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static GT_UNUSED int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* put_file / get_file - whole small files. */
static GT_UNUSED void
put_file(const char *path, const char *text, int mode)
{
	int fd = (int)need(path, open(path, O_WRONLY | O_CREAT | O_TRUNC,
				      mode));

	NEED(write(fd, text, strlen(text)));
	NEED(fchmod(fd, mode));
	close(fd);
}

static GT_UNUSED ssize_t
get_file(const char *path, char *b, size_t n)
{
	int fd = open(path, O_RDONLY);
	ssize_t r, got = 0;

	if (fd < 0) {
		b[0] = 0;
		return -1;
	}
	while (got < (ssize_t)n - 1 &&
	       (r = read(fd, b + got, n - 1 - got)) > 0)
		got += r;
	b[got] = 0;
	close(fd);
	return got;
}

/* Signals by the raw call: libc hides 32-34 and changes masks. */
struct gt_ksa {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};
#define GT_RESTORER 0x04000000ul
#define GT_BIT(s) (1ull << ((s) - 1))
#define GT_DFL ((void (*)(int, siginfo_t *, void *))0)
#define GT_IGN ((void (*)(int, siginfo_t *, void *))1)

void gt_restore(void);
__asm__(".text\n.globl gt_restore\ngt_restore:\n\tmov $15, %eax\n"
	"\tsyscall\n");

static GT_UNUSED int
on_signal(int sig, void (*fn)(int, siginfo_t *, void *), unsigned long flags,
	  uint64_t mask)
{
	struct gt_ksa a = { fn, flags | GT_RESTORER, gt_restore, mask };

	return (int)syscall(SYS_rt_sigaction, sig, &a, (void *)0, 8);
}

static GT_UNUSED uint64_t
sigmask(int how, uint64_t m)
{
	uint64_t old = 0;

	syscall(SYS_rt_sigprocmask, how, &m, &old, 8);
	return old;
}
static GT_UNUSED uint64_t
sigmask_get(void)
{
	uint64_t old = 0;

	syscall(SYS_rt_sigprocmask, 0, (void *)0, &old, 8);
	return old;
}
static GT_UNUSED uint64_t
sigs_pending(void)
{
	uint64_t m = 0;

	syscall(SYS_rt_sigpending, &m, 8);
	return m;
}

#endif
