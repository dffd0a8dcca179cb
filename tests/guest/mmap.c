/* SPDX-License-Identifier: MIT */
/* mmap, munmap, mprotect, mremap, brk: errno matrix, shapes, contents. */
#include "gt.h"

/* libc's wrappers round and check */
static void *
k_mmap(void *a, size_t n, int prot, int flags, int fd, off_t off)
{
	return (void *)syscall(SYS_mmap, a, n, (long)prot, (long)flags,
			       (long)fd, off);
}
static int
k_munmap(void *a, size_t n)
{
	return (int)syscall(SYS_munmap, a, n);
}
static int
k_mprotect(void *a, size_t n, int prot)
{
	return (int)syscall(SYS_mprotect, a, n, (long)prot);
}
static void *
k_mremap(void *a, size_t o, size_t n, int flags, void *to)
{
	return (void *)syscall(SYS_mremap, a, o, n, (long)flags, to);
}
#define mmap k_mmap
#define munmap k_munmap
#define mprotect k_mprotect
#define MREMAP(a, b, c, d, e, ...) k_mremap(a, b, c, d, e)
#define mremap(...) MREMAP(__VA_ARGS__, NULL, NULL)

#define PG 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static const char *
m(void *p)
{
	return p == MAP_FAILED ? gt_errno(errno) : "ok";
}

/* the part of /proc/self/maps inside [lo, hi): pages and rights, from lo.
 * Whether equal neighbours are one line or two is the kernel's affair. */
static void
shape(const char *name, void *lo, void *hi)
{
	static char b[65536];
	char line[1024] = "", right[32][8];
	unsigned long from[32], to[32];
	int n = 0;

	get_file("/proc/self/maps", b, sizeof(b));
	for (char *l = strtok(b, "\n"); l; l = strtok(NULL, "\n")) {
		unsigned long s, e, off;
		char r[8];

		if (sscanf(l, "%lx-%lx %4s %lx", &s, &e, r, &off) != 4)
			continue;
		if (e <= (unsigned long)lo || s >= (unsigned long)hi)
			continue;
		if (s < (unsigned long)lo)
			s = (unsigned long)lo;
		if (e > (unsigned long)hi)
			e = (unsigned long)hi;
		if (n && to[n - 1] == s && !strcmp(right[n - 1], r)) {
			to[n - 1] = e;
			continue;
		}
		if (n == 32)
			break;
		from[n] = s;
		to[n] = e;
		strcpy(right[n++], r);
	}
	for (int i = 0; i < n; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
			 " [%ld-%ld %s]", (from[i] - (unsigned long)lo) / PG,
			 (to[i] - (unsigned long)lo) / PG, right[i]);
	out("%s:%s", name, line);
}

static int
readable(char *p)
{
	int fd = open("/dev/null", O_WRONLY), p2[2], r;

	close(fd);
	pipe(p2);
	r = write(p2[1], p, 1) == 1;
	close(p2[0]);
	close(p2[1]);
	return r;
}

static void
t_errors(void)
{
	int rd, wr, rw, dir, p[2];

	put_file("file", "some text in a file", 0644);
	rd = open("file", O_RDONLY);
	wr = open("file", O_WRONLY);
	rw = open("file", O_RDWR);
	dir = open(".", O_RDONLY);
	pipe(p);
	out("length 0: %s", m(mmap(0, 0, RW, ANON, -1, 0)));
	out("length huge: %s", m(mmap(0, 1ul << 47, RW, ANON, -1, 0)));
	out("length -1: %s", m(mmap(0, -1ul, RW, ANON, -1, 0)));
	out("length -4096: %s", m(mmap(0, -4096ul, RW, ANON, -1, 0)));
	out("no type: %s", m(mmap(0, PG, RW, MAP_ANONYMOUS, -1, 0)));
	out("type 3 anonymous: %s", m(mmap(0, PG, RW, 3 | MAP_ANONYMOUS, -1,
					   0)));
	out("type 4: %s", m(mmap(0, PG, RW, 4 | MAP_ANONYMOUS, -1, 0)));
	out("offset unaligned: %s", m(mmap(0, PG, PROT_READ, MAP_PRIVATE, rd,
					   1)));
	out("fixed unaligned: %s", m(mmap((void *)0x10001, PG, RW,
					  ANON | MAP_FIXED, -1, 0)));
	out("hint unaligned: %s", m(mmap((void *)0x10000001, PG, RW, ANON,
					 -1, 0)));
	out("fixed beyond user space: %s", m(mmap((void *)(1ul << 47), PG,
						  RW, ANON | MAP_FIXED, -1,
						  0)));
	out("fixed at the last page: %s", m(mmap((void *)0x7ffffffff000, PG,
						 RW, ANON | MAP_FIXED, -1,
						 0)));
	out("bad fd: %s", m(mmap(0, PG, RW, MAP_PRIVATE, 99, 0)));
	out("bad fd with anonymous: %s", m(mmap(0, PG, RW, ANON, 99, 0)));
	out("pipe: %s", m(mmap(0, PG, PROT_READ, MAP_PRIVATE, p[0], 0)));
	out("directory: %s", m(mmap(0, PG, PROT_READ, MAP_PRIVATE, dir, 0)));
	out("read-only fd, shared write: %s", m(mmap(0, PG, RW, MAP_SHARED,
						     rd, 0)));
	out("read-only fd, private write: %s", m(mmap(0, PG, RW, MAP_PRIVATE,
						      rd, 0)));
	out("write-only fd, private read: %s", m(mmap(0, PG, PROT_READ,
						      MAP_PRIVATE, wr, 0)));
	out("write-only fd, shared write: %s", m(mmap(0, PG, PROT_WRITE,
						      MAP_SHARED, wr, 0)));
	out("append fd, shared write: %s", m(mmap(0, PG, RW, MAP_SHARED,
		open("file", O_RDWR | O_APPEND), 0)));
	out("O_PATH fd: %s", m(mmap(0, PG, PROT_READ, MAP_PRIVATE,
		open("file", O_PATH), 0)));
	out("shared validate, unknown flag: %s", m(mmap(0, PG, RW, 3 |
		0x8000000, rw, 0)));
	out("offset overflow: %s", m(mmap(0, PG * 2, PROT_READ, MAP_PRIVATE,
					  rd, -4096l)));
	char *q = mmap(0, PG, RW, MAP_SHARED, rd, 0);
	q = mmap(0, PG, PROT_READ, MAP_SHARED, rd, 0);
	val("mprotect shared read-only to write", mprotect(q, PG, RW));
	val("mprotect unaligned", mprotect(q + 1, PG, PROT_READ));
	val("mprotect 0 length", mprotect(q, 0, PROT_READ));
	val("mprotect unmapped", mprotect(BAD - 8, PG, PROT_READ));
	val("mprotect bad prot", mprotect(q, PG, 0x100));
	val("mprotect GROWSDOWN elsewhere", mprotect(q, PG, PROT_READ |
						     0x01000000));
	val("mprotect wrap", mprotect(q, -4096ul, PROT_READ));
	val("munmap unaligned", munmap(q + 1, PG));
	val("munmap 0 length", munmap(q, 0));
	val("munmap nothing there", munmap((void *)0x100000, PG));
	val("munmap beyond", munmap((void *)(1ul << 47), PG));
	val("munmap huge", munmap(0, -1ul));
}

static void
t_split(void)
{
	char *a = mmap(0, 16 * PG, RW, ANON, -1, 0), *e = a + 16 * PG;

	/* a frame of PROT_NONE neighbours keeps others' maps away */
	memset(a, 'a', 16 * PG);
	shape("sixteen pages", a, e);
	mprotect(a + 4 * PG, 4 * PG, PROT_READ);
	shape("middle read-only", a, e);
	mprotect(a + 8 * PG, 4 * PG, PROT_NONE);
	shape("next none", a, e);
	mprotect(a, 16 * PG, RW);
	shape("merged again", a, e);
	out("contents kept: %c %c", a[5 * PG], a[9 * PG]);
	munmap(a + 6 * PG, 2 * PG);
	shape("hole", a, e);
	out("hole readable %d, left %d, right %d", readable(a + 6 * PG),
	    readable(a + 5 * PG), readable(a + 8 * PG));
	val("mprotect over the hole", mprotect(a, 16 * PG, PROT_READ));
	shape("first part changed", a, e);
	val("munmap over the hole", munmap(a + 5 * PG, 4 * PG));
	shape("wider hole", a, e);
	out("fixed in the hole: %d", mmap(a + 5 * PG, 4 * PG, PROT_READ,
		ANON | MAP_FIXED, -1, 0) == a + 5 * PG);
	shape("filled and merged", a, e);
	out("fixed over all: %d", mmap(a, 16 * PG, RW, ANON | MAP_FIXED, -1,
				       0) == a);
	shape("replaced", a, e);
	out("zero again: %d", a[0] == 0 && a[15 * PG] == 0);
	out("noreplace over: %s", m(mmap(a + PG, PG, RW, ANON |
		MAP_FIXED_NOREPLACE, -1, 0)));
	munmap(a + PG, PG);
	out("noreplace in hole: %d", mmap(a + PG, PG, RW, ANON |
		MAP_FIXED_NOREPLACE, -1, 0) == a + PG);
	munmap(a, 8 * PG);
	out("hint taken: %d", mmap(a + 2 * PG, PG, RW, ANON, -1, 0) ==
	    a + 2 * PG);
	out("hint occupied goes elsewhere: %d", mmap(a + 2 * PG, PG, RW, ANON,
						     -1, 0) != a + 2 * PG);
	munmap(a, 16 * PG);
}

static void
t_file(void)
{
	int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char b[64] = "", *s, *p;

	for (int i = 0; i < 3; i++) {
		char page[4096];

		memset(page, 'A' + i, sizeof(page));
		NEED(write(fd, page, i == 2 ? 100 : 4096));
	}
	s = mmap(0, 4 * PG, RW, MAP_SHARED, fd, 0);
	p = mmap(0, 4 * PG, RW, MAP_PRIVATE, fd, 0);
	out("map reads %c %c %c, tail %d", s[0], s[PG], s[2 * PG],
	    s[2 * PG + 100]);
	s[10] = 'x';
	NEED(pread(fd, b, 1, 10));
	out("write through the map is read: %c, private sees %c", b[0],
	    p[10]);
	NEED(pwrite(fd, "y", 1, 11));
	out("file write is seen: shared %c private %c", s[11], p[11]);
	p[12] = 'p';
	NEED(pread(fd, b, 1, 12));
	out("private write stays: file %c shared %c", b[0], s[12]);
	NEED(pwrite(fd, "z", 1, 13));
	out("copied page no longer follows: private %c shared %c", p[13],
	    s[13]);
	s[2 * PG + 200] = 'T';
	struct stat st;

	fstat(fd, &st);
	out("size not changed by writing the tail: %ld", (long)st.st_size);
	NEED(ftruncate(fd, 2 * PG + 300));
	NEED(pread(fd, b, 1, 2 * PG + 200));
	out("bytes behind the old end after growing: %d", b[0] == 0 ||
	    b[0] == 'T');
	NEED(ftruncate(fd, PG / 2));
	out("after shrinking: first page %c, tail zero %d", s[0],
	    s[PG / 2 + 1] == 0);
	NEED(ftruncate(fd, 2 * PG));
	out("grown again: zero %d", s[PG] == 0 && s[PG / 2] == 0);
	close(fd);
	out("map outlives the fd: %c", s[0]);
	unlink("data");
	out("and the name: %c", s[1]);
	char *o = mmap(0, PG, PROT_READ, MAP_PRIVATE, open("/gt/x-show",
		       O_RDONLY), PG);
	out("offset map works: %d", o != MAP_FAILED);
	val("msync", msync(s, PG, MS_SYNC));
	val("msync async", msync(s, PG, MS_ASYNC));
	val("msync both", msync(s, PG, MS_SYNC | MS_ASYNC));
	val("msync flag 8", msync(s, PG, 8));
	val("msync unaligned", msync(s + 1, PG, MS_SYNC));
	munmap(s + PG, PG);
	val("msync over a hole", msync(s, 3 * PG, MS_SYNC));
}

static void
t_shared(void)
{
	volatile int *s = mmap(0, PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile int *p = mmap(0, PG, RW, ANON, -1, 0);
	pid_t c;
	int z;

	s[0] = p[0] = 1;
	c = fork();
	if (c == 0) {
		s[0] = 2;
		p[0] = 2;
		_exit(0);
	}
	waitpid(c, NULL, 0);
	out("shared %d private %d", s[0], p[0]);
	z = open("/dev/zero", O_RDWR);
	s = mmap(0, PG, RW, MAP_SHARED, z, 0);
	p = mmap(0, PG, RW, MAP_PRIVATE, z, 0);
	out("dev zero maps: %d %d", s != MAP_FAILED, p != MAP_FAILED);
	c = fork();
	if (c == 0) {
		s[0] = 5;
		p[0] = 5;
		_exit(0);
	}
	waitpid(c, NULL, 0);
	out("zero shared %d private %d", s[0], p[0]);
	z = open("/dev/null", O_RDWR);
	out("dev null: %s", m(mmap(0, PG, RW, MAP_PRIVATE, z, 0)));
}

static void
t_remap(void)
{
	char *a = mmap(0, 32 * PG, PROT_NONE, ANON, -1, 0), *b;

	mprotect(a, 4 * PG, RW);
	for (int i = 0; i < 4; i++)
		a[i * PG] = 'a' + i;
	b = mremap(a, 4 * PG, 2 * PG, 0);
	out("shrink in place: %d", b == a);
	shape("shrunk", a, a + 8 * PG);
	b = mremap(a, 2 * PG, 4 * PG, 0);
	out("grow into the hole: %s same %d", m(b), b == a);
	shape("grown", a, a + 8 * PG);
	out("contents %c %c, new zero %d", a[0], a[PG], a[2 * PG] == 0);
	b = mremap(a, 4 * PG, 8 * PG, 0);
	out("grow against a neighbour: %s", m(b));
	b = mremap(a, 4 * PG, 8 * PG, MREMAP_MAYMOVE);
	out("move: elsewhere %d contents %c %c", b != a, b[0], b[PG]);
	out("old gone: %d", !readable(a));
	a += 8 * PG;
	b = mremap(b, 8 * PG, 8 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, a);
	out("fixed: %d contents %c", b == a, a[0]);
	out("fixed without maymove: %s", m(mremap(a, PG, PG, MREMAP_FIXED,
						  a + 20 * PG)));
	out("fixed overlapping: %s", m(mremap(a, 4 * PG, 4 * PG,
		MREMAP_MAYMOVE | MREMAP_FIXED, a + 2 * PG)));
	out("unaligned: %s", m(mremap(a + 1, PG, PG, 0)));
	out("new size 0: %s", m(mremap(a, PG, 0, 0)));
	out("bad flags: %s", m(mremap(a, PG, PG, 64)));
	out("unmapped: %s", m(mremap((void *)0x100000, PG, 2 * PG, 0)));
	out("old size 0 of private: %s", m(mremap(a, 0, PG,
						  MREMAP_MAYMOVE)));
	out("across two maps: %s", m(mremap(a - PG, 3 * PG, 6 * PG,
					    MREMAP_MAYMOVE)));
	out("huge: %s", m(mremap(a, PG, 1ul << 46, MREMAP_MAYMOVE)));
	char *s = mmap(0, PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	s[0] = 'S';
	b = mremap(s, 0, PG, MREMAP_MAYMOVE);
	out("old size 0 of shared copies: %s %c", m(b), b[0]);
	b[0] = 'T';
	out("same page: %c", s[0]);
	s = mmap(0, 3 * PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(s, 's', 3 * PG);
	b = mremap(s + PG, PG, PG * 2, MREMAP_MAYMOVE);
	out("middle of a map moves: %d, %c, left %d right %d, hole %d",
	    b != s + PG, b[0], readable(s), readable(s + 2 * PG),
	    !readable(s + PG));
	/* MREMAP_DONTUNMAP */
	s = mmap(0, 2 * PG, RW, ANON, -1, 0);
	s[0] = 'd';
	b = mremap(s, 2 * PG, 2 * PG, MREMAP_MAYMOVE | 4);
	out("dontunmap: %s, new %c, old %d", m(b), b != MAP_FAILED ? b[0] :
	    '?', s[0]);
}

static void
t_brk(void)
{
	char *b0 = (char *)syscall(SYS_brk, 0), *b;

	b = (char *)syscall(SYS_brk, b0 + 3 * PG + 5);
	out("grown by: %ld", (long)(b - b0));
	b0[3 * PG] = 1;
	out("zero filled: %d", b0[0] == 0 && b0[PG] == 0);
	b = (char *)syscall(SYS_brk, b0 + PG);
	out("shrunk to: %ld", (long)(b - b0));
	b = (char *)syscall(SYS_brk, b0 + 4 * PG);
	out("grown again, page is zero: %d", b0[3 * PG] == 0);
	b = (char *)syscall(SYS_brk, 0x1000);
	out("below the start, unchanged: %d", b == b0 + 4 * PG);
	b = (char *)syscall(SYS_brk, 1ul << 62);
	out("too far, unchanged: %d", b == b0 + 4 * PG);
	struct rlimit r = { 1 << 20, RLIM_INFINITY };

	setrlimit(RLIMIT_DATA, &r);
	b = (char *)syscall(SYS_brk, b0 + (2 << 20));
	out("over RLIMIT_DATA, unchanged: %d", b == b0 + 4 * PG);
	r.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_DATA, &r);
	char *blk = mmap((void *)(((uintptr_t)b0 + 10 * PG) & ~(PG - 1)), PG,
			 RW, ANON | MAP_FIXED, -1, 0);

	b = (char *)syscall(SYS_brk, b0 + 20 * PG);
	out("into another map, unchanged: %d", b == b0 + 4 * PG);
	munmap(blk, PG);
	syscall(SYS_brk, b0);
	out("back: %d", (char *)syscall(SYS_brk, 0) == b0);
}

static void
t_cow(void)
{
	const int n = 64;
	char *a = mmap(0, n * PG, RW, ANON, -1, 0);
	volatile int *ok = mmap(0, PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < n; i++)
		a[i * PG] = i;
	/* three generations, each changes its own copy */
	for (int g = 0; g < 3; g++) {
		if (fork() == 0) {
			int good = 1;

			for (int i = 0; i < n; i++)
				good &= a[i * PG] == (char)i;
			for (int i = g; i < n; i += 3)
				a[i * PG] = 100 + g;
			if (fork() == 0) {
				for (int i = 0; i < n; i++)
					good &= a[i * PG] == (char)(
						i % 3 == g && i >= g ?
						100 + g : i);
				ok[2 * g + 1] = good;
				_exit(0);
			}
			wait(NULL);
			ok[2 * g] = good;
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	int good = 1;
	for (int i = 0; i < n; i++)
		good &= a[i * PG] == (char)i;
	out("cow: parent %d children %d %d %d %d %d %d", good, ok[0], ok[1],
	    ok[2], ok[3], ok[4], ok[5]);
	/* the kernel writing to a COW page breaks it too */
	int p[2];
	pid_t c;

	pipe(p);
	NEED(write(p[1], "kernel", 6));
	c = fork();
	if (c == 0) {
		NEED(read(p[0], a, 6));
		_exit(a[0] == 'k' ? 0 : 1);
	}
	int st;
	waitpid(c, &st, 0);
	out("read(2) into cow: child %s parent %d", gt_status(st), a[0]);
}

static void
user0(void)
{
	out("map page 0 as user: %s", m(mmap(0, PG, RW, ANON | MAP_FIXED, -1,
					     0)));
}

int
main(void)
{
	t_errors();
	as_user("user", user0);
	t_split();
	t_file();
	t_shared();
	t_remap();
	t_brk();
	t_cow();
	return 0;
}
