/* SPDX-License-Identifier: MIT */
/* Maps, page faults of every kind, the heap. */
#include "bench.h"

#define REGION (16 << 20)
#define NPG (REGION / PG)

static char *
anon(size_t n)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void
touch(volatile char *p, size_t n)
{
	for (size_t i = 0; i < n; i += PG)
		p[i] = 1;
}

static int
peek(volatile char *p, size_t n)
{
	int s = 0;

	for (size_t i = 0; i < n; i += PG)
		s += p[i];
	return s;
}

static void
fault_anon(void)
{
	char *p = anon(REGION);
	uint64_t t;

	touch(p, REGION);
	munmap(p, REGION);
	p = anon(REGION);
	t = now();
	touch(p, REGION);
	row("fault_anon", now() - t, NPG);
	munmap(p, REGION);
}

/* the same, a huge page at a time where there are any */
static void
fault_thp(void)
{
	uint64_t t = 0;

	for (int round = 0; round < 2; round++) {
		char *p = anon(REGION + (2 << 20));
		char *q = p + (-(uintptr_t)p & ((2 << 20) - 1));

		madvise(q, REGION, MADV_HUGEPAGE);
		t = now();
		touch(q, REGION);
		t = now() - t;
		munmap(p, REGION + (2 << 20));
	}
	row("fault_thp", t, NPG);
}

static void
fault_cow(void)
{
	char *p = anon(REGION);
	uint64_t *t = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED |
			   MAP_ANONYMOUS, -1, 0);

	touch(p, REGION);
	if (fork() == 0) {
		uint64_t a = now();

		touch(p, REGION);
		*t = now() - a;
		_exit(0);
	}
	wait(NULL);
	row("fault_cow", *t, NPG);
	munmap(p, REGION);
}

static void
fault_file(void)
{
	int fd = open("map", O_RDWR | O_CREAT | O_TRUNC, 0644);
	static char b[65536];
	uint64_t t;
	char *p;

	for (int i = 0; i < REGION; i += sizeof(b))
		if (write(fd, b, sizeof(b)) != sizeof(b))
			die("write");
	p = mmap(NULL, REGION, PROT_READ, MAP_SHARED, fd, 0);
	t = now();
	peek(p, REGION);
	t = now() - t;
	if (wanted("fault_file_read"))
		row("fault_file_read", t, NPG);
	munmap(p, REGION);
	p = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	t = now();
	touch(p, REGION);
	t = now() - t;
	if (wanted("fault_file_cow"))
		row("fault_file_cow", t, NPG);
	munmap(p, REGION);
	close(fd);
	unlink("map");
}

/* a block of 16 MiB from the heap, touched and given back */
static void
heap(void)
{
	uint64_t t = 0;

	for (int round = 0; round < 3; round++) {
		char *p;

		if (round == 1)
			t = now();
		p = malloc(REGION);
		touch(p, REGION);
		free(p);
	}
	row("heap_16m_page", now() - t, 2 * NPG);
}

static void
par_fault(void)
{
	uint64_t t = now();
	const int procs = 4, rounds = 4;

	for (int i = 0; i < procs; i++)
		if (fork() == 0) {
			for (int r = 0; r < rounds; r++) {
				char *p = anon(4 << 20);

				touch(p, 4 << 20);
				munmap(p, 4 << 20);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	row("par_fault", now() - t, procs * rounds * 1024);
}

void
bench_mem(void)
{
	int k = 0;

	LOOP("mmap_munmap", 10000, {
		char *q = anon(PG);

		munmap(q, PG);
	});
	/* one page of eight: splits the map, then joins it again */
	char *p = anon(8 * PG);

	touch(p, 8 * PG);
	LOOP("mprotect", 10000, {
		k ^= 1;
		mprotect(p, PG, k ? PROT_READ : PROT_READ | PROT_WRITE);
	});
	munmap(p, 8 * PG);
	if (wanted("fault_anon"))
		fault_anon();
	if (wanted("fault_thp"))
		fault_thp();
	if (wanted("fault_cow"))
		fault_cow();
	if (wanted("fault_file_read") || wanted("fault_file_cow"))
		fault_file();
	if (wanted("heap_16m_page"))
		heap();
	if (wanted("par_fault"))
		par_fault();
}
