/* SPDX-License-Identifier: MIT */
/* Transparent huge pages: what they hold stays the same however they are cut
 * up, copied, moved or looked at; the figures that tell of them. */
#include "gt.h"
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PG 4096ul
#define HUGE (2ul << 20)
#define NPG (HUGE / PG)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map;		/* of the last fresh() */

/* two aligned huge places that ask for huge pages, written page by page */
static char *
fresh(void)
{
	char *p;

	map = mmap(NULL, 3 * HUGE, RW, ANON, -1, 0);
	p = map + (-(uintptr_t)map & (HUGE - 1));
	NEED(madvise(p, 2 * HUGE, MADV_HUGEPAGE));
	for (unsigned long i = 0; i < 2 * NPG; i++)
		*(unsigned long *)(p + i * PG) = i + 1;
	return p;
}

static unsigned long
at(char *p, unsigned long i)
{
	return *(volatile unsigned long *)(p + i * PG);
}

/* pages of [from, to) that do not hold what fresh() wrote */
static int
wrong(char *p, unsigned long from, unsigned long to)
{
	int n = 0;

	for (unsigned long i = from; i < to; i++)
		n += at(p, i) != i + 1;
	return n;
}

/* a figure of the mapping that p is in; kB */
static long
smaps(char *p, const char *name)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long a, b;
	char line[256];
	long r = -1;
	int in = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2)
			in = a <= (unsigned long)p && (unsigned long)p < b;
		else if (in && !strncmp(line, name, strlen(name)))
			r = atol(line + strlen(name));
	}
	if (f)
		fclose(f);
	return r;
}

static void
t_cut(void)
{
	char *p = fresh();
	unsigned char v[2 * NPG];
	int n = 0;

	YES(smaps(p, "AnonHugePages:") == 4096);
	VAL(smaps(p, "Rss:"));
	VAL(smaps(p, "THPeligible:"));
	VAL(wrong(p, 0, 2 * NPG));
	VAL(munmap(p + 10 * PG, 3 * PG));
	VAL(wrong(p, 0, 10) + wrong(p, 13, 2 * NPG));
	YES(smaps(p + HUGE, "AnonHugePages:") == 2048);
	NEED(mincore(p + 13 * PG, 2 * HUGE - 13 * PG, v));
	for (unsigned long i = 0; i < 2 * NPG - 13; i++)
		n += v[i] & 1;
	VAL(n);
	VAL(munmap(map, 3 * HUGE));

	p = fresh();
	VAL(madvise(p + HUGE + PG, 5 * PG, MADV_DONTNEED));
	VAL(wrong(p, 0, NPG + 1) + wrong(p, NPG + 6, 2 * NPG));
	VAL(at(p, NPG + 1) + at(p, NPG + 5));
	VAL(madvise(p, HUGE, MADV_DONTNEED));
	VAL(at(p, 0) + at(p, NPG - 1));
	VAL(at(p, NPG) - 1);
	munmap(map, 3 * HUGE);
}

static void
t_rights(void)
{
	char *p = fresh();
	int st;

	VAL(mprotect(p + 7 * PG, PG, PROT_READ));
	*(unsigned long *)(p + 8 * PG) = 9;
	if (fork() == 0) {
		*(unsigned long *)(p + 7 * PG) = 0;
		_exit(0);
	}
	wait(&st);
	VAL(WTERMSIG(st));
	VAL(wrong(p, 0, 2 * NPG));
	VAL(mprotect(p + 7 * PG, PG, RW));
	VAL(mprotect(p + HUGE, HUGE, PROT_NONE));
	VAL(mprotect(p + HUGE, HUGE, RW));
	VAL(wrong(p, 0, 2 * NPG));
	VAL(mlock(p + 20 * PG, PG));
	VAL(munlock(p + 20 * PG, PG));
	VAL(madvise(p, PG, MADV_DONTFORK));
	if (fork() == 0)
		_exit(wrong(p, 1, 2 * NPG) ? 1 : 0);
	wait(&st);
	VAL(st);
	munmap(map, 3 * HUGE);
}

static void
t_fork(void)
{
	char *p = fresh();
	int st;
	pid_t c = fork();

	if (c == 0) {
		int bad = wrong(p, 0, 2 * NPG);

		for (unsigned long i = 0; i < 2 * NPG; i += 3)
			*(unsigned long *)(p + i * PG) = 0;
		_exit(bad ? 1 : at(p, 3) ? 2 : 0);
	}
	*(unsigned long *)(p + 5 * PG) = 77;
	waitpid(c, &st, 0);
	VAL(st);
	VAL(at(p, 5));
	*(unsigned long *)(p + 5 * PG) = 6;
	VAL(wrong(p, 0, 2 * NPG));
	VAL(madvise(p, HUGE, 18 /* MADV_WIPEONFORK */));
	c = fork();
	if (c == 0)
		_exit(at(p, 0) || at(p, NPG - 1) ? 1 : wrong(p, NPG, 2 * NPG));
	waitpid(c, &st, 0);
	VAL(st);
	munmap(map, 3 * HUGE);
}

static void
t_move(void)
{
	char *p = fresh(), *to, *base;

	base = mmap(NULL, 4 * HUGE, PROT_NONE, ANON, -1, 0);
	to = base + (-(uintptr_t)base & (HUGE - 1));
	YES(mremap(p, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	VAL(wrong(to, 0, NPG));
	YES(smaps(to, "AnonHugePages:") == 2048);
	/* off by a page */
	YES(mremap(p + HUGE, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   to + HUGE + PG) == to + HUGE + PG);
	for (unsigned long i = 0, n = 0; i < NPG; i++) {
		n += at(to + HUGE + PG, i) != NPG + i + 1;
		if (i == NPG - 1)
			VAL(n);
	}
	/* shrunk to its half, and grown again */
	YES(mremap(to, HUGE, HUGE / 2, 0) == to);
	VAL(wrong(to, 0, NPG / 2));
	munmap(base, 4 * HUGE);
	munmap(map, 3 * HUGE);
}

static void
t_outside(void)
{
	char *p = fresh(), buf[64];
	struct iovec l = { buf, 64 }, r = { p + HUGE - 32, 64 };
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t e[2];

	memset(p + HUGE - 32, 'x', 64);
	VAL(syscall(SYS_process_vm_readv, getpid(), &l, 1ul, &r, 1ul, 0ul));
	VAL(buf[0] == 'x' && buf[63] == 'x');
	memset(buf, 'y', 64);
	VAL(syscall(SYS_process_vm_writev, getpid(), &l, 1ul, &r, 1ul, 0ul));
	VAL(p[HUGE - 32] == 'y' && p[HUGE + 31] == 'y');
	VAL(pread(fd, e, 16, (uintptr_t)p / PG * 8));
	VAL(e[0] >> 63 & e[1] >> 63);
	VAL(e[0] >> 61 & 1);
	close(fd);
	/* the kernel's own copies, over the middle */
	fd = open("/dev/zero", O_RDONLY);
	VAL(read(fd, p + HUGE - 3 * PG, 6 * PG));
	VAL(at(p, NPG - 1) + at(p, NPG + 2));
	close(fd);
	munmap(map, 3 * HUGE);
}

static void
t_policy(void)
{
	char *p;

	VAL(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	p = fresh();
	VAL(smaps(p, "AnonHugePages:"));
	munmap(map, 3 * HUGE);
	if (fork() == 0) {
		VAL(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
		_exit(0);
	}
	wait(NULL);
	VAL(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
	p = mmap(NULL, 3 * HUGE, RW, ANON, -1, 0);
	VAL(madvise(p, 3 * HUGE, MADV_NOHUGEPAGE));
	memset(p, 1, 3 * HUGE);
	VAL(smaps(p, "AnonHugePages:"));
	VAL(smaps(p, "THPeligible:"));
	munmap(p, 3 * HUGE);
	VAL(madvise(p, PG, MADV_HUGEPAGE));
	VAL(madvise((void *)1, PG, MADV_HUGEPAGE));
}

#define SYS_THP "/sys/kernel/mm/transparent_hugepage/"

static void
t_sysfs(void)
{
	static const char *const names[] = { "enabled", "defrag",
		"shmem_enabled", "use_zero_page", "hpage_pmd_size" };
	char b[64] = "";
	int fd;

	if (access(SYS_THP, F_OK)) {
		mkdir("/sys", 0755);
		mount("sysfs", "/sys", "sysfs", 0, NULL);
	}
	for (size_t i = 0; i < NELEM(names); i++) {
		snprintf(b, sizeof(b), SYS_THP "%s", names[i]);
		okay(names[i], access(b, R_OK));
	}
	fd = open(SYS_THP "hpage_pmd_size", O_RDONLY);
	VAL(read(fd, b, sizeof(b)));
	out("%d", atoi(b));
	close(fd);
	fd = open(SYS_THP "enabled", O_RDWR);
	YES(read(fd, b, sizeof(b)) == 23);
	YES(memchr(b, '[', 23) && memchr(b, ']', 23));
	VAL(write(fd, "perhaps", 7));
	VAL(write(fd, "", 0));
	close(fd);
}

int
main(void)
{
	t_cut();
	t_rights();
	t_fork();
	t_move();
	t_outside();
	t_policy();
	t_sysfs();
	return 0;
}
