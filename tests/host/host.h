/* SPDX-License-Identifier: MIT */
/*
 * Where the two sides of a host test meet. host_os.c is the only file that
 * sees libc; everything else is compiled as the kernel is. Plain C types only.
 */
#ifndef HOST_H
#define HOST_H

/* ---- what host_os.c offers ---- */
void *host_malloc(unsigned long size);		/* aborts when there is none */
void host_free(void *p);
/* asks ASan: is [p, p + n) all right to touch? Always yes without ASan. */
int host_poisoned(const void *p, unsigned long n);
void host_poison(void *p, unsigned long n);
void host_unpoison(void *p, unsigned long n);
void host_print(const char *s, unsigned long n);
void host_die(int status) __attribute__((noreturn));
/* a stack trace, where there is one to be had, then the end */
void host_crash(void) __attribute__((noreturn));

#define HOST_NONE	0
#define HOST_READ	1
#define HOST_WRITE	2
/* zeroed private memory at a fixed address */
void host_map(void *at, unsigned long len, int prot);
void host_protect(void *at, unsigned long len, int prot);
void host_unmap(void *at, unsigned long len);
/* memory that can be seen at several addresses: make it, then map parts */
void host_ram_make(unsigned long len);
void host_ram_map(void *at, unsigned long off, unsigned long len, int prot);
/* whole file into host_malloc'd memory; length, or -1 */
long host_read_file(const char *name, void **out);
/* output of a shell command fed with in[n]; length, or -1 when it fails */
long host_filter(const char *command, const void *in, unsigned long n,
		 void **out);

/*
 * The host's own line discipline: a pty with these struct termios2 settings
 * (44 bytes); in[n] is typed at the master. *got gets what reads of the slave
 * return, each as two bytes of length (low first) and the data; *shown what
 * appears at the master. -1 when there are no ptys.
 */
long host_pty(const void *termios2, const void *in, unsigned long n,
	      unsigned char *got, unsigned long *nr_got,
	      unsigned char *shown, unsigned long *nr_shown);

/* the host's kernel: result or -errno */
long host_syscall(long nr, long a, long b, long c, long d, long e, long f);
/*
 * An empty directory on a tmpfs to play in, made and entered; it is removed
 * when the run is over, however that ends. -1 when there is no tmpfs.
 */
int host_playground(void);

/* One run's outcome, in memory the runner shares with it. */
struct host_result {
	unsigned int checks, failures;
	unsigned int allocs;		/* calls that could have failed */
	unsigned int user_bytes;	/* bytes of user blocks it made */
	unsigned int injected;		/* the failure asked for was met */
	unsigned int skipped;
	char place[40];			/* the playground, to be removed */
};

/* ---- what the kernel side offers ---- */
struct host_test {
	const char *name;
	void (*fn)(void);
};
struct host_fuzz {
	const char *name;
	int (*fn)(const unsigned char *data, unsigned long len);
};
extern const struct host_test host_tests[];	/* ends with name NULL */
extern const struct host_fuzz host_fuzzes[];

/* What to spoil in this run: allocation n (from 1), or user byte n. */
struct host_plan {
	unsigned int fail_alloc;
	unsigned int fail_user;
};
void unit_run(const struct host_test *t, const struct host_plan *plan,
	      struct host_result *r);
int unit_fuzz(const struct host_fuzz *f, const unsigned char *data,
	      unsigned long len, struct host_result *r);
/*
 * A memory access at addr by the instruction at rip failed: 1 to go on at
 * *rip (the same: try again), 0 when it is a plain crash.
 */
int unit_fault(unsigned long addr, unsigned long *rip, int write);

#endif
