/* SPDX-License-Identifier: MIT */
/*
 * The libc side of host tests: runs each test in a process of its own and
 * speaks TAP.
 *
 * Each test runs plain first. When that passes and it allocated, it runs
 * again with its n-th allocation failing, n = 1, 2, ...; when it made user
 * memory, again with that memory ending at byte n. In such a run only a crash,
 * a sanitizer's report, a leak, a lock left held or a failing ALWAYS() counts.
 * Large n are sampled (CLOSE in a row, then with growing steps).
 *
 *	unit-X			all tests
 *	unit-X -t NAME		one, plain, in this process (for a debugger)
 *	unit-X -t NAME -a N	the same, allocation N fails; -u N: user byte N
 *	unit-X -l		list of tests; -L: of fuzz entries
 *	unit-X -f NAME FILE...	a fuzz entry over files
 *	unit-X -m NAME SEED COUNT [FILE...]  over random changes of files
 *
 * With -DHOST_LIBFUZZER the entry named by $FUZZ is libFuzzer's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "host.h"

#define CLOSE		120	/* failures injected one by one */
#define CPU_LIMIT	120	/* seconds of CPU time a run may take */

static struct host_result *result;
static struct sigaction old_segv, old_bus;
static int ram_fd = -1;

void __asan_poison_memory_region(const void *p, size_t n) __attribute__((weak));
void __asan_unpoison_memory_region(const void *p, size_t n)
	__attribute__((weak));
void *__asan_region_is_poisoned(void *p, size_t n) __attribute__((weak));
void __sanitizer_print_stack_trace(void) __attribute__((weak));

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:detect_stack_use_after_return=0:"
	       "handle_abort=0:allocator_may_return_null=1";
}

static void
die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(99);
}

void *
host_malloc(unsigned long size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		die("malloc");
	return p;
}

void
host_free(void *p)
{
	free(p);
}

int
host_poisoned(const void *p, unsigned long n)
{
	return __asan_region_is_poisoned && n &&
		__asan_region_is_poisoned((void *)p, n);
}

void
host_poison(void *p, unsigned long n)
{
	if (__asan_poison_memory_region)
		__asan_poison_memory_region(p, n);
}

void
host_unpoison(void *p, unsigned long n)
{
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(p, n);
}

void
host_print(const char *s, unsigned long n)
{
	while (n) {
		ssize_t w = write(1, s, n);

		if (w <= 0)
			return;
		s += w;
		n -= w;
	}
}

void
host_die(int status)
{
	_exit(status);
}

void
host_crash(void)
{
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
	_exit(98);
}

static int
prot_of(int prot)
{
	return (prot & HOST_READ ? PROT_READ : 0) |
		(prot & HOST_WRITE ? PROT_READ | PROT_WRITE : 0);
}

void
host_map(void *at, unsigned long len, int prot)
{
	if (mmap(at, len, prot_of(prot), MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_FIXED | MAP_NORESERVE, -1, 0) != at)
		die("mmap");
}

void
host_protect(void *at, unsigned long len, int prot)
{
	if (mprotect(at, len, prot_of(prot)))
		die("mprotect");
}

void
host_unmap(void *at, unsigned long len)
{
	munmap(at, len);
}

void
host_ram_make(unsigned long len)
{
	ram_fd = memfd_create("ram", 0);
	if (ram_fd < 0 || ftruncate(ram_fd, len))
		die("memfd_create");
}

void
host_ram_map(void *at, unsigned long off, unsigned long len, int prot)
{
	if (mmap(at, len, prot_of(prot), MAP_SHARED | MAP_FIXED, ram_fd,
		 off) != at)
		die("mmap of RAM");
}

static long
slurp(int fd, void **out)
{
	size_t len = 0, cap = 4096;
	char *buf = malloc(cap);
	ssize_t n;

	while (buf && (n = read(fd, buf + len, cap - len)) > 0) {
		len += n;
		if (len == cap)
			buf = realloc(buf, cap *= 2);
	}
	if (!buf)
		die("realloc");
	/* just as long as it is, so that ASan sees a step too far */
	*out = malloc(len ? len : 1);
	memcpy(*out, buf, len);
	free(buf);
	return len;
}

long
host_read_file(const char *name, void **out)
{
	int fd = open(name, O_RDONLY);
	long n;

	if (fd < 0)
		return -1;
	n = slurp(fd, out);
	close(fd);
	return n;
}

long
host_filter(const char *command, const void *in, unsigned long n, void **out)
{
	int to[2], from[2], st;
	pid_t feeder, filter;
	long r;

	fflush(stdout);
	if (pipe(to) || pipe(from))
		return -1;
	filter = fork();
	if (!filter) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[0]), close(to[1]), close(from[0]), close(from[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(to[0]), close(from[1]);
	feeder = fork();
	if (!feeder) {
		const char *p = in;

		signal(SIGPIPE, SIG_DFL);
		while (n) {
			ssize_t w = write(to[1], p, n);

			if (w <= 0)
				break;
			p += w;
			n -= w;
		}
		_exit(0);
	}
	close(to[1]);
	r = slurp(from[0], out);
	close(from[0]);
	waitpid(feeder, NULL, 0);
	if (waitpid(filter, &st, 0) != filter || st) {
		free(*out);
		return -1;
	}
	return r;
}

/* TCSETS2, whose struct termios2 glibc's headers do not have */
#define SET_TERMIOS2	_IOW('T', 0x2B, char[44])

long
host_pty(const void *termios2, const void *in, unsigned long n,
	 unsigned char *got, unsigned long *nr_got,
	 unsigned char *shown, unsigned long *nr_shown)
{
	unsigned long cap = *nr_got, cap2 = *nr_shown;
	int m = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), s = -1;
	ssize_t r;

	*nr_got = *nr_shown = 0;
	if (m < 0 || grantpt(m) || unlockpt(m) ||
	    (s = open(ptsname(m), O_RDWR | O_NOCTTY | O_NONBLOCK)) < 0 ||
	    ioctl(s, SET_TERMIOS2, termios2) ||
	    write(m, in, n) != (ssize_t)n) {
		close(m);
		close(s);
		return -1;
	}
	/* a read that would find nothing first lets pending input arrive */
	while (*nr_got + 4098 < cap &&
	       (r = read(s, got + *nr_got + 2, 4096)) >= 0) {
		got[*nr_got] = r;
		got[*nr_got + 1] = r >> 8;
		*nr_got += 2 + r;
	}
	while ((r = read(m, shown + *nr_shown, cap2 - *nr_shown)) > 0)
		*nr_shown += r;
	close(s);
	close(m);
	return 0;
}

long
host_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	long r = syscall(nr, a, b, c, d, e, f);

	return r == -1 ? -errno : r;
}

int
host_playground(void)
{
	char dir[] = "/dev/shm/kerla-unit-XXXXXX";
	struct statfs st;

	if (statfs("/dev/shm", &st) || st.f_type != 0x01021994 ||
	    !mkdtemp(dir))
		return -1;
	strcpy(result->place, dir);
	if (chdir(dir) || chmod(dir, 0755))
		return -1;
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static void
clean_playground(void)
{
	char cmd[120];

	if (!result->place[0])
		return;
	snprintf(cmd, sizeof(cmd), "chmod -R u+rwx %s; rm -rf %s",
		 result->place, result->place);
	if (system(cmd))
		printf("# %s is left behind\n", result->place);
	result->place[0] = 0;
}

static void
on_fault(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *u = arg;
	unsigned long rip = u->uc_mcontext.gregs[REG_RIP];

	if (unit_fault((unsigned long)si->si_addr, &rip,
		       u->uc_mcontext.gregs[REG_ERR] >> 1 & 1)) {
		u->uc_mcontext.gregs[REG_RIP] = rip;
		return;
	}
	/* the sanitizer's, or the default: it comes again */
	sigaction(sig, sig == SIGBUS ? &old_bus : &old_segv, NULL);
}

static void
catch_faults(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(SIGSEGV, &sa, &old_segv);
	sigaction(SIGBUS, &sa, &old_bus);
}

static char *
read_back(FILE *f)
{
	static char buf[16384];
	size_t n;

	fseek(f, 0, SEEK_SET);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = 0;
	return buf;
}

static void
comment(const char *s)
{
	while (*s) {
		int n = strcspn(s, "\n");

		printf("# %.*s\n", n, s);
		s += n + (s[n] == '\n');
	}
}

/* One run in a process of its own; 0 or why it failed. */
static const char *
run(const struct host_test *t, const struct host_plan *plan, FILE *out)
{
	static char why[64];
	struct rlimit lim = { CPU_LIMIT, CPU_LIMIT + 5 };
	pid_t pid;
	int st;

	memset(result, 0, sizeof(*result));
	fflush(stdout);
	rewind(out);
	if (ftruncate(fileno(out), 0))
		die("ftruncate");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		setrlimit(RLIMIT_CPU, &lim);
		lim.rlim_cur = lim.rlim_max = 0;
		setrlimit(RLIMIT_CORE, &lim);
		dup2(fileno(out), 1);
		dup2(fileno(out), 2);
		catch_faults();
		unit_run(t, plan, result);
		_exit(result->failures ? 1 : 0);
	}
	if (waitpid(pid, &st, 0) != pid)
		die("waitpid");
	clean_playground();
	if (WIFSIGNALED(st)) {
		snprintf(why, sizeof(why), "killed by signal %d",
			 WTERMSIG(st));
		return why;
	}
	if (WEXITSTATUS(st) == 1)
		return "failed";
	if (WEXITSTATUS(st)) {
		snprintf(why, sizeof(why), "ended with status %d",
			 WEXITSTATUS(st));
		return why;
	}
	return NULL;
}

/* Inject failures of one kind until one is not met; true when all went well. */
static int
sweep(const struct host_test *t, int user, unsigned int upto, FILE *out,
      unsigned int *runs)
{
	unsigned int n = user ? 0 : 1;

	while (!user || n < upto) {
		struct host_plan plan = { 0, 0 };
		const char *why;

		if (user)
			plan.fail_user = n + 1;
		else
			plan.fail_alloc = n;
		why = run(t, &plan, out);
		++*runs;
		if (why) {
			printf("# with %s %u %s: %s\n",
			       user ? "user byte" : "allocation", n,
			       user ? "out of reach" : "failing", why);
			comment(read_back(out));
			return 0;
		}
		if (!user && !result->injected)
			return 1;
		n += n < CLOSE ? 1 : n / 40 + 1;
	}
	return 1;
}

static int
run_all(void)
{
	FILE *out = tmpfile();
	int nr = 0, bad = 0, i;

	if (!out)
		die("tmpfile");
	while (host_tests[nr].name)
		nr++;
	printf("1..%d\n", nr);
	for (i = 0; i < nr; i++) {
		static const struct host_plan plain;
		const struct host_test *t = &host_tests[i];
		unsigned int runs = 0, user, checks;
		const char *why = run(t, &plain, out);
		int ok = !why;

		checks = result->checks;
		user = result->user_bytes;
		if (why) {
			printf("# %s\n", why);
			comment(read_back(out));
		}
		if (ok && result->skipped) {
			printf("ok %d - %s # SKIP\n", i + 1, t->name);
			continue;
		}
		if (ok && result->allocs)
			ok = sweep(t, 0, 0, out, &runs);
		if (ok && user)
			ok = sweep(t, 1, user, out, &runs);
		printf("%sok %d - %s (%u checks, %u failures injected)\n",
		       ok ? "" : "not ", i + 1, t->name, checks, runs);
		fflush(stdout);
		bad += !ok;
	}
	return bad ? 1 : 0;
}

static const struct host_fuzz *
fuzz_named(const char *name)
{
	const struct host_fuzz *f;

	for (f = host_fuzzes; f->name; f++)
		if (name && !strcmp(f->name, name))
			return f;
	fprintf(stderr, "no fuzz entry %s; there are:\n", name ? name : "");
	for (f = host_fuzzes; f->name; f++)
		fprintf(stderr, "  %s\n", f->name);
	exit(2);
}

static uint64_t seed;

static uint64_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* a few changes of the kinds that matter; the new length, at most cap */
static size_t
mutate(unsigned char *p, size_t len, size_t cap)
{
	static const uint64_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff,
		0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff,
		0x8000000000000000, 0xffffffffffffffff, 0x1000, 0xfff };
	int n = rnd() % 8 + 1;

	while (n--) {
		size_t at = len ? rnd() % len : 0, w = 1 << rnd() % 4, k;
		uint64_t v;

		switch (rnd() % 7) {
		case 0: case 1:
			if (len)
				p[at] ^= 1 << rnd() % 8;
			break;
		case 2:
			if (len)
				p[at] = rnd();
			break;
		case 3:
			v = odd[rnd() % (sizeof(odd) / sizeof(odd[0]))];
			if (len >= 8)
				memcpy(p + at % (len - 7), &v, w);
			break;
		case 4:
			len = at;
			break;
		case 5:				/* repeat a piece */
			k = len - at < 64 ? len - at : rnd() % 64;
			if (k && len + k <= cap) {
				memmove(p + at + k, p + at, len - at);
				len += k;
			}
			break;
		case 6:
			for (k = rnd() % 32; k-- && len < cap;)
				p[len++] = rnd();
		}
	}
	return len;
}

static int
fuzz_random(const struct host_fuzz *f, unsigned long count, int nr,
	    char **names)
{
	enum { CAP = 1 << 16 };
	void **data = calloc(nr + 1, sizeof(*data));
	long *len = calloc(nr + 1, sizeof(*len));
	unsigned char *buf = malloc(CAP);
	unsigned long i;
	int k, bad = 0;

	for (k = 0; k < nr; k++) {
		len[k] = host_read_file(names[k], &data[k]);
		if (len[k] < 0)
			return perror(names[k]), 2;
		if (len[k] > CAP / 2)
			len[k] = CAP / 2;
	}
	for (i = 0; i < count; i++) {
		int pick = nr ? rnd() % (nr + !(rnd() % 16)) : 0;
		size_t n = pick < nr ? (size_t)len[pick] : rnd() % 512, j;
		unsigned char *exact;

		if (pick < nr)
			memcpy(buf, data[pick], n);
		else
			for (j = 0; j < n; j++)
				buf[j] = rnd();
		n = mutate(buf, n, CAP);
		exact = malloc(n ? n : 1);
		memcpy(exact, buf, n);
		unit_fuzz(f, exact, n, result);
		if (result->failures) {
			FILE *o = fopen("fuzz-failed", "w");

			if (o) {
				fwrite(exact, 1, n, o);
				fclose(o);
			}
			printf("# round %lu, seed as given; input kept in fuzz-failed\n",
			       i);
			bad = 1;
			break;
		}
		free(exact);
	}
	return bad;
}

#ifdef HOST_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct host_result r;
	static const struct host_fuzz *f;

	if (!f) {
		f = fuzz_named(getenv("FUZZ"));
		catch_faults();
	}
	unit_fuzz(f, data, len, &r);
	if (r.failures)
		abort();
	return 0;
}
#else
int
main(int argc, char **argv)
{
	const struct host_test *t;
	struct host_plan plan = { 0, 0 };
	int i, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	result = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		die("mmap");
	if (argc < 2)
		return run_all();
	if (!strcmp(argv[1], "-l")) {
		for (t = host_tests; t->name; t++)
			puts(t->name);
		return 0;
	}
	if (!strcmp(argv[1], "-L")) {
		const struct host_fuzz *f;

		for (f = host_fuzzes; f->name; f++)
			puts(f->name);
		return 0;
	}
	catch_faults();
	if (!strcmp(argv[1], "-f") && argc > 3) {
		for (i = 3; i < argc; i++) {
			void *data;
			long n = host_read_file(argv[i], &data);

			if (n < 0)
				return perror(argv[i]), 2;
			printf("%s: %d\n", argv[i],
			       unit_fuzz(fuzz_named(argv[2]), data, n, result));
			bad |= !!result->failures;
			free(data);
		}
		return bad;
	}
	if (!strcmp(argv[1], "-m") && argc > 4) {
		seed = strtoull(argv[3], NULL, 0) * 2 + 1;
		return fuzz_random(fuzz_named(argv[2]),
				   strtoul(argv[4], NULL, 0), argc - 5,
				   argv + 5);
	}
	if (!strcmp(argv[1], "-t") && argc > 2) {
		if (argc > 4 && !strcmp(argv[3], "-a"))
			plan.fail_alloc = atoi(argv[4]);
		if (argc > 4 && !strcmp(argv[3], "-u"))
			plan.fail_user = atoi(argv[4]) + 1;
		for (t = host_tests; t->name; t++)
			if (!strcmp(t->name, argv[2]))
				break;
		if (!t->name)
			return fprintf(stderr, "no test %s\n", argv[2]), 2;
		unit_run(t, &plan, result);
		clean_playground();
		printf("%s: %u checks, %u failures, %u allocations\n", t->name,
		       result->checks, result->failures, result->allocs);
		return !!result->failures;
	}
	fprintf(stderr, "usage: %s [-l | -L | -t TEST [-a N | -u N] | -f FUZZ FILE... |"
		" -m FUZZ SEED COUNT [FILE...]]\n", argv[0]);
	return 2;
}
#endif
