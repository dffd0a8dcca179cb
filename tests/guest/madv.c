/* SPDX-License-Identifier: MIT */
/* The newer advice, and what the less common flags of mmap and mremap do. */
#include "gt.h"
#include <sys/prctl.h>
#include <sys/syscall.h>

#define PG 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define ADV(p, n, a) VAL(syscall(SYS_madvise, p, n, a))
#define COLD 20
#define PAGEOUT 21
#define POPULATE_READ 22
#define POPULATE_WRITE 23
#define SHARED_VALIDATE 3
#define GT_MAP_SYNC 0x80000
#define DONTUNMAP 4

/* which of n pages are there, as digits */
static const char *
there(void *p, int n)
{
	static char s[40];
	unsigned char v[32];

	if (syscall(SYS_mincore, p, n * PG, v))
		return gt_errno(errno);
	for (int i = 0; i < n; i++)
		s[i] = v[i] & 1 ? '1' : '0';
	s[n] = 0;
	return s;
}

static int
new_file(const char *name, int pages)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	NEED(fd);
	NEED(ftruncate(fd, pages * PG));
	return fd;
}

static void
t_populate(void)
{
	char *p = mmap(0, 8 * PG, RW, ANON, -1, 0), *q;
	int fd = new_file("f", 2);

	ADV(p, 2 * PG, POPULATE_READ);
	ADV(p + 3 * PG, 2 * PG, POPULATE_WRITE);
	out("%s", there(p, 8));
	ADV(p + 1, PG, POPULATE_READ);
	ADV(p, 0, POPULATE_READ);
	mprotect(p + 6 * PG, PG, PROT_READ);
	ADV(p + 5 * PG, 3 * PG, POPULATE_WRITE);
	out("%s", there(p, 8));
	mprotect(p + 6 * PG, PG, PROT_NONE);
	ADV(p + 6 * PG, PG, POPULATE_READ);
	munmap(p + 7 * PG, PG);
	ADV(p + 5 * PG, PG, POPULATE_WRITE);
	ADV(p + 7 * PG, PG, POPULATE_READ);
	ADV(p + 4 * PG, 4 * PG, POPULATE_READ);
	munmap(p, 7 * PG);
	/* beyond the end of a file */
	q = mmap(0, 4 * PG, RW, MAP_SHARED, fd, 0);
	ADV(q, 2 * PG, POPULATE_WRITE);
	ADV(q, 4 * PG, POPULATE_READ);
	ADV(q + 2 * PG, PG, POPULATE_WRITE);
	munmap(q, 4 * PG);
	close(fd);
}

static void
t_cold(void)
{
	char *p = mmap(0, 4 * PG, RW, ANON, -1, 0), *q;
	int fd = new_file("f", 4);

	memset(p, 'x', 4 * PG);
	ADV(p, 4 * PG, COLD);
	ADV(p, 2 * PG, PAGEOUT);
	out("%c %c", p[0], p[3 * PG]);
	ADV(p + 1, PG, COLD);
	NEED(mlock(p, PG));
	ADV(p, 2 * PG, COLD);
	ADV(p, 2 * PG, PAGEOUT);
	munlock(p, PG);
	munmap(p + PG, PG);
	ADV(p, 3 * PG, COLD);
	ADV(p, 3 * PG, PAGEOUT);
	munmap(p, 4 * PG);
	q = mmap(0, 4 * PG, RW, MAP_SHARED, fd, 0);
	memset(q, 'y', 4 * PG);
	ADV(q, 4 * PG, PAGEOUT);
	out("%c %c", q[0], q[3 * PG]);
	munmap(q, 4 * PG);
	close(fd);
}

#define MAP(n, prot, flags, fd, off) \
	okay(#flags, (long)syscall(SYS_mmap, 0, n, prot, flags, fd, off))

static void
t_flags(void)
{
	int fd = new_file("f", 2);

	MAP(PG, RW, SHARED_VALIDATE, fd, 0);
	MAP(PG, RW, SHARED_VALIDATE | GT_MAP_SYNC, fd, 0);
	MAP(PG, RW, MAP_SHARED | GT_MAP_SYNC, fd, 0);
	MAP(PG, RW, MAP_PRIVATE | GT_MAP_SYNC, fd, 0);
	MAP(PG, RW, SHARED_VALIDATE | 0x4000000, fd, 0);
	MAP(PG, RW, MAP_SHARED | 0x4000000, fd, 0);
	MAP(PG, RW, SHARED_VALIDATE | MAP_LOCKED | MAP_POPULATE, fd, 0);
	MAP(PG, RW, SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0);
	MAP(PG, RW, SHARED_VALIDATE | MAP_ANONYMOUS, fd, 0);
	MAP(PG, RW, MAP_ANONYMOUS, -1, 0);
	MAP(PG, RW, 4 | MAP_ANONYMOUS, -1, 0);
	MAP(PG, RW, MAP_PRIVATE, -1, 0);
	MAP(PG, RW, MAP_PRIVATE, fd, 1);
	MAP(0, RW, MAP_PRIVATE, fd, 0);
	MAP(PG, RW | PROT_EXEC, MAP_SHARED, fd, 0);
	MAP(2ul << 20, RW, ANON | MAP_HUGETLB, -1, 0);
	MAP(2ul << 20, RW, MAP_PRIVATE | MAP_HUGETLB, fd, 0);
	MAP(2ul << 20, RW, ANON | MAP_HUGETLB | 21 << 26, -1, 0);
	MAP(2ul << 20, RW, ANON | MAP_HUGETLB | 12 << 26, -1, 0);
	close(fd);
	fd = open("f", O_RDONLY);
	MAP(PG, RW, MAP_SHARED, fd, 0);
	MAP(PG, PROT_READ, SHARED_VALIDATE, fd, 0);
	close(fd);
	fd = open("f", O_WRONLY);
	MAP(PG, PROT_WRITE, MAP_PRIVATE, fd, 0);
	MAP(PG, PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
}

static void
t_dontunmap(void)
{
	char *p = mmap(0, 4 * PG, RW, ANON, -1, 0), *q, *r;
	int fd = new_file("f", 4);

	memset(p, 'm', 4 * PG);
	q = mremap(p, 4 * PG, 4 * PG, MREMAP_MAYMOVE | DONTUNMAP);
	YES(q != MAP_FAILED && q != p);
	out("moved %c %c, left %s", q[0], q[3 * PG], there(p, 4));
	out("%d %d", p[0], p[3 * PG]);
	p[0] = 'n';
	out("%c %c", p[0], q[0]);
	VAL((long)mremap(q, 4 * PG, 8 * PG, MREMAP_MAYMOVE | DONTUNMAP));
	VAL((long)mremap(q, 4 * PG, 4 * PG, DONTUNMAP));
	r = mremap(q, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP,
		   p);
	YES(r == p);
	out("%c %c, left %s", p[0], p[PG], there(q, 4));
	munmap(p, 4 * PG);
	munmap(q, 4 * PG);
	p = mmap(0, 4 * PG, RW, MAP_SHARED, fd, 0);
	memset(p, 's', 4 * PG);
	q = mremap(p, 4 * PG, 4 * PG, MREMAP_MAYMOVE | DONTUNMAP);
	YES(q != MAP_FAILED);
	out("%c %c", q[PG], p[PG]);
	munmap(p, 4 * PG);
	/* a second place for shared pages; none for private ones */
	r = mremap(q, 0, 2 * PG, MREMAP_MAYMOVE);
	YES(r != MAP_FAILED);
	q[0] = 't';
	out("%c", r[0]);
	p = mmap(0, PG, RW, ANON, -1, 0);
	VAL((long)mremap(p, 0, PG, MREMAP_MAYMOVE));
	close(fd);
}

int
main(void)
{
	t_populate();
	t_cold();
	t_flags();
	t_dontunmap();
	return 0;
}
