/* SPDX-License-Identifier: MIT */
/* rt_sigreturn with frames that are not there, or half, or whose FPU state is
 * elsewhere: SIGSEGV for the program, nothing for the kernel. */
#include "gt.h"

#define PG 4096
/* offsets in struct rt_sigframe behind the return address: uc is first */
#define UC_FPSTATE (5 * 8 + 23 * 8)	/* uc_mcontext's fpstate */
#define UC_SIZE 304

static void
sigreturn_at(char *uc)
{
	__asm__ volatile("mov %0, %%rsp\n\tmov $15, %%eax\n\tsyscall\n\thlt"
			 : : "r"(uc) : "memory");
}

static char *area;		/* two pages, then nothing */
static long place, fp;

static void
go(void)
{
	char *uc = area + place;

	memset(area, 0, 2 * PG);
	if (place <= 2 * PG - UC_SIZE)
		memcpy(uc + UC_FPSTATE, &fp, 8);
	sigreturn_at(uc);
}

/* SYSCALL in 32-bit code, where a processor and kernel let a program have
 * such. How the child ends differs; that everything else goes on does not. */
static void
compat(void)
{
	char *low = mmap((void *)0x10000000, PG, PROT_READ | PROT_WRITE |
			 PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0);
	static const unsigned char code[] = { 0xb8, 20, 0, 0, 0, /* getpid */
		0x0f, 0x05, 0x0f, 0x0b };
	pid_t p;

	memcpy(low, code, sizeof(code));
	p = fork();
	if (p == 0) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		/* not by LRET: QEMU's translator reads its stack as ring 0 */
		memcpy(low + 64, &(struct { unsigned off; unsigned short sel; }){
			(unsigned)(long)low, 0x23 }, 6);
		__asm__ volatile("ljmpl *(%0)" : : "r"(low + 64) : "memory");
	}
	YES(p > 0 && waitpid(p, NULL, 0) == p);
	munmap(low, PG);
}

int
main(void)
{
	static const long fps[] = { 0x1000000011, 8, -1, -4096,
		(long)0x800000000000, 0x7ffffffff000, 0x7fffffffffc0, 1 };
	char name[64];

	area = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		    MAP_ANONYMOUS, -1, 0);
	munmap(area + 2 * PG, PG);
	for (place = 2 * PG - 320; place <= 2 * PG; place += 32) {
		snprintf(name, sizeof(name), "frame with %ld bytes",
			 2 * PG - place);
		in_child(name, go);
	}
	place = 64;
	for (unsigned i = 0; i < NELEM(fps); i++) {
		fp = fps[i];
		snprintf(name, sizeof(name), "fpstate at %#lx", fp);
		in_child(name, go);
	}
	for (long off = 0; off <= 3; off++) {
		fp = (long)area + 2 * PG - (off == 0 ? 64 : off == 1 ? 512 :
					    off == 2 ? 480 : 1024);
		snprintf(name, sizeof(name), "fpstate with %ld bytes",
			 (long)area + 2 * PG - fp);
		in_child(name, go);
	}
	compat();
	return 0;
}
