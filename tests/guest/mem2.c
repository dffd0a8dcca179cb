/* SPDX-License-Identifier: MIT */
/* madvise, mincore, mlock, stack growth, guard gap, overcommit, limits on
 * address space, memory between processes of exec and fork. */
#include "gt.h"
#include <sys/prctl.h>
#include <sys/syscall.h>

#define PG 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int
adv(void *p, size_t n, int a)
{
	return (int)syscall(SYS_madvise, p, n, a);
}
static int
core(void *p, size_t n, void *v)
{
	return (int)syscall(SYS_mincore, p, n, v);
}

static void
t_madvise(void)
{
	char *a = mmap(0, 8 * PG, RW, ANON, -1, 0);
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);

	memset(a, 'a', 8 * PG);
	val("DONTNEED", adv(a + PG, 2 * PG, MADV_DONTNEED));
	out("kept %c, dropped %d %d, kept %c", a[0], a[PG], a[2 * PG],
	    a[3 * PG]);
	val("NORMAL", adv(a, 8 * PG, MADV_NORMAL));
	val("RANDOM", adv(a, 8 * PG, MADV_RANDOM));
	val("SEQUENTIAL", adv(a, 8 * PG, MADV_SEQUENTIAL));
	val("WILLNEED", adv(a, 8 * PG, MADV_WILLNEED));
	val("FREE", adv(a, PG, 8));
	a[0] = 'b';
	out("written after FREE %c", a[0]);
	val("DONTFORK", adv(a + 4 * PG, PG, MADV_DONTFORK));
	val("WIPEONFORK", adv(a + 5 * PG, PG, 18));
	pid_t c = fork();
	if (c == 0) {
		unsigned char v[8];

		val("child: mincore of DONTFORK", core(a + 4 * PG, PG, v));
		out("child: wiped %d, next %c", a[5 * PG], a[6 * PG]);
		_exit(0);
	}
	waitpid(c, NULL, 0);
	out("parent keeps %c %c", a[4 * PG], a[5 * PG]);
	val("unaligned", adv(a + 1, PG, MADV_DONTNEED));
	val("length 0", adv(a, 0, MADV_DONTNEED));
	val("length 1", adv(a, 1, MADV_DONTNEED));
	out("whole page dropped %d, next %c", a[10], a[3 * PG]);
	val("bad advice", adv(a, PG, 7777));
	val("unmapped", adv((void *)0x100000, PG, MADV_DONTNEED));
	val("wrap", adv(a, -4096ul, MADV_DONTNEED));
	munmap(a + 2 * PG, PG);
	val("over a hole", adv(a, 8 * PG, MADV_NORMAL));
	write(fd, "file", 4);
	char *f = mmap(0, PG, RW, MAP_PRIVATE, fd, 0);
	f[0] = 'X';
	val("DONTNEED private file", adv(f, PG, MADV_DONTNEED));
	out("file again %.4s", f);
	f = mmap(0, PG, RW, MAP_SHARED, fd, 0);
	f[0] = 'S';
	val("DONTNEED shared file", adv(f, PG, MADV_DONTNEED));
	out("write stays %.4s", f);
	val("FREE shared", adv(f, PG, 8));
	ftruncate(fd, PG);
	f[100] = 'R';
	val("REMOVE", adv(f, PG, 9));
	out("hole %d", f[100]);
}

static void
t_mincore(void)
{
	char *a = mmap(0, 4 * PG, RW, ANON, -1, 0);
	unsigned char v[8];

	memset(v, 0x5a, 8);
	a[0] = 1;
	a[2 * PG] = 1;
	val("mincore", core(a, 4 * PG, v));
	out("resident %d %d %d %d, next untouched %d", v[0] & 1, v[1] & 1,
	    v[2] & 1, v[3] & 1, v[4] == 0x5a);
	val("unaligned", core(a + 1, PG, v));
	val("unmapped", core((void *)0x100000, PG, v));
	val("bad vector", core(a, PG, BAD));
	val("length 0", core(a, 0, v));
	val("huge", core(a, 1ul << 62, v));
}

static void
mlock_user(void)
{
	struct rlimit r = { 8 * PG, 8 * PG };
	char *a = mmap(0, 32 * PG, RW, ANON, -1, 0);

	setrlimit(RLIMIT_MEMLOCK, &r);
	val("user 8 pages", mlock(a, 8 * PG));
	val("user 1 more", mlock(a + 8 * PG, PG));
	val("user again the same", mlock(a, 8 * PG));
	val("munlock 4", munlock(a, 4 * PG));
	val("4 others", mlock(a + 8 * PG, 4 * PG));
	val("MAP_LOCKED over", mmap(0, PG, RW, ANON | MAP_LOCKED, -1, 0) ==
	    MAP_FAILED ? -1 : 0);
	val("mlockall", mlockall(MCL_CURRENT));
	val("mlockall future only", mlockall(MCL_FUTURE));
	munlockall();
	r = (struct rlimit){ 0, 0 };
	setrlimit(RLIMIT_MEMLOCK, &r);
	val("limit 0", mlock(a, PG));
}

static void
t_mlock(void)
{
	char *a = mmap(0, 8 * PG, RW, ANON, -1, 0);
	unsigned char v[8];

	val("mlock", mlock(a, 4 * PG));
	core(a, 8 * PG, v);
	out("resident %d %d, not %d", v[0] & 1, v[3] & 1, v[4] & 1);
	val("DONTNEED of locked", adv(a, PG, MADV_DONTNEED));
	val("munlock", munlock(a, 4 * PG));
	val("unmapped", mlock((void *)0x100000, PG));
	munmap(a + 5 * PG, PG);
	val("over a hole", mlock(a, 8 * PG));
	val("mlock2 onfault", syscall(SYS_mlock2, a, PG, 1));
	val("mlock2 bad flag", syscall(SYS_mlock2, a, PG, 2));
	val("mlockall 0", mlockall(0));
	val("mlockall bad", mlockall(16));
	val("munlockall", munlockall());
	char *l = mmap(0, 4 * PG, RW, ANON | MAP_LOCKED, -1, 0);
	core(l, 4 * PG, v);
	out("MAP_LOCKED resident %d", v[0] & v[3] & 1);
	l = mmap(0, 4 * PG, RW, ANON | MAP_POPULATE, -1, 0);
	core(l, 4 * PG, v);
	out("MAP_POPULATE resident %d", v[0] & v[3] & 1);
	as_user("locked by user", mlock_user);
}

static volatile int depthsum;
static int __attribute__((noinline))
deep(int n)
{
	volatile char b[3000];

	b[0] = (char)n;
	depthsum += b[0];
	return n ? deep(n - 1) + b[0] : 0;
}

static void
stack_ok(void)
{
	deep(2000);			/* 6 MB of the 8 */
	out("6 MB of stack: fine");
}

static void
stack_big(void)
{
	deep(4000);
}

static void
stack_small(void)
{
	struct rlimit r = { 512 << 10, RLIM_INFINITY };

	setrlimit(RLIMIT_STACK, &r);
	deep(100);
	out("300 kB of 512: fine");
	deep(1000);
}

static void
stack_far(void)
{
	/* far below the stack pointer: allowed while within the limit */
	volatile char *p = (volatile char *)&p - (4 << 20);

	*p = 1;
	out("4 MB below in one step: %d", *p);
	/* a map next to the stack stops it before the gap */
	char *at = (char *)(((uintptr_t)&p & ~(PG - 1)) - (6 << 20));
	char *m = mmap(at, PG, RW, ANON | MAP_FIXED, -1, 0);

	out("map under the stack: %s", m == at ? "ok" : gt_errno(errno));
	volatile char *q = (volatile char *)at + PG + 300 * PG;

	*q = 1;
	out("300 pages above it: fine");
	q = (volatile char *)at + PG + 16 * PG;
	*q = 1;			/* within the gap of 256 pages */
	out("not reached");
}

static void
growsdown(void)
{
	char *base = mmap(0, 1024 * PG, PROT_NONE, ANON, -1, 0);

	munmap(base, 1024 * PG);
	char *g = mmap(base + 1000 * PG, 4 * PG, RW, ANON | MAP_GROWSDOWN |
		       MAP_FIXED, -1, 0);
	volatile char *p = g;

	p[0] = 1;
	for (int i = 1; i < 20; i++)
		p[-(long)(i * PG)] = (char)i;
	out("MAP_GROWSDOWN grew 19 pages: %d", p[-(long)(19 * PG)]);
}

static void
as_limit(void)
{
	struct rlimit r = { 64 << 20, 64 << 20 };
	char *a;

	setrlimit(RLIMIT_AS, &r);
	a = mmap(0, 32 << 20, RW, ANON, -1, 0);
	out("32 MB under 64: %s", a == MAP_FAILED ? gt_errno(errno) : "ok");
	out("40 MB more: %s", mmap(0, 40 << 20, RW, ANON, -1, 0) ==
	    MAP_FAILED ? gt_errno(errno) : "ok");
	out("mremap to 60: %s", mremap(a, 32 << 20, 60 << 20,
	    MREMAP_MAYMOVE) == MAP_FAILED ? gt_errno(errno) : "ok");
	out("PROT_NONE counts too: %s", mmap(0, 40 << 20, PROT_NONE, ANON,
	    -1, 0) == MAP_FAILED ? gt_errno(errno) : "ok");
}

static void
data_limit(void)
{
	struct rlimit r = { 16 << 20, 16 << 20 };

	setrlimit(RLIMIT_DATA, &r);
	out("private writable 32 MB over RLIMIT_DATA: %s", mmap(0, 32 << 20,
	    RW, ANON, -1, 0) == MAP_FAILED ? gt_errno(errno) : "ok");
	out("read-only 32 MB: %s", mmap(0, 32 << 20, PROT_READ, ANON, -1,
	    0) == MAP_FAILED ? gt_errno(errno) : "ok");
	out("shared 32 MB: %s", mmap(0, 32 << 20, RW, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? gt_errno(errno) : "ok");
}

static void
t_overcommit(void)
{
	char b[64];
	void *p;

	get_file("/proc/sys/vm/overcommit_memory", b, sizeof(b));
	out("overcommit_memory %d", atoi(b));
	/* the heuristic refuses only what can never fit */
	p = mmap(0, 1ul << 45, RW, ANON, -1, 0);
	out("32 TB: %s", p == MAP_FAILED ? gt_errno(errno) : "ok");
	p = mmap(0, 1ul << 45, RW, ANON | MAP_NORESERVE, -1, 0);
	out("32 TB NORESERVE: %s", p == MAP_FAILED ? gt_errno(errno) : "ok");
	if (p != MAP_FAILED)
		munmap(p, 1ul << 45);
	p = mmap(0, 1ul << 45, PROT_NONE, ANON, -1, 0);
	out("32 TB PROT_NONE: %s", p == MAP_FAILED ? gt_errno(errno) : "ok");
	if (p != MAP_FAILED) {
		val("then writable", mprotect(p, 1ul << 45, RW));
		munmap(p, 1ul << 45);
	}
}

static void
t_exec_mem(void)
{
	/* a private page may be made executable, run, and made so no more */
	unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	char *p = mmap(0, PG, RW, ANON, -1, 0);

	memcpy(p, code, sizeof(code));
	val("to exec", mprotect(p, PG, PROT_READ | PROT_EXEC));
	out("runs: %d", ((int (*)(void))p)());
	val("to rwx", mprotect(p, PG, RW | PROT_EXEC));
	p[1] = 43;
	out("changed code runs: %d", ((int (*)(void))p)());
	/* an exec-only map is readable on x86 without protection keys, or
	 * not: either is right, so only that it runs is said */
	int fd = open("code", O_RDWR | O_CREAT | O_TRUNC, 0644);
	write(fd, code, sizeof(code));
	char *q = mmap(0, PG, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	out("file code runs: %d", ((int (*)(void))q)());
}

int
main(void)
{
	t_madvise();
	t_mincore();
	t_mlock();
	in_child("stack 6 MB", stack_ok);
	in_child("stack over 8 MB", stack_big);
	in_child("stack limit 512 kB", stack_small);
	in_child("stack far step and gap", stack_far);
	in_child("growsdown", growsdown);
	in_child("address space limit", as_limit);
	in_child("data limit", data_limit);
	t_overcommit();
	t_exec_mem();
	return 0;
}
