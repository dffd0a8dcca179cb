/* SPDX-License-Identifier: MIT */
/*
 * stress - /init of the stress guest: storms and bombs one after another.
 *
 * Each test runs in a child; afterwards everything but process 1 is killed and
 * reaped, and memory must be what it was before: MemFree (after the caches are
 * dropped) and Slab within a tolerance, measured around the second of two runs
 * so that what is only cached or allocated once does not count.  A process
 * that was started at the beginning, the canary, must still answer.
 * All that is done by a thread of process 1 whose leader has ended, and which
 * at last executes the program again to power off.
 * Lines:  @@st NAME ok|FAIL TEXT  and  @@st done.
 * Words on the command line: st=a,b  stsec=N (seconds of each storm).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "stress.h"

int seconds = 3;
const char *self = "/init";
char *why;
static int canary_in, canary_out;
static pid_t canary;

double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void
msleep(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&t, NULL);
}

int
bad(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, 400, fmt, ap);
	va_end(ap);
	return 1;
}

static long
meminfo(const char *key)
{
	static char b[8192];
	int fd = open("/proc/meminfo", O_RDONLY);
	int n = fd < 0 ? 0 : (int)read(fd, b, sizeof(b) - 1);
	char *p;

	if (fd >= 0)
		close(fd);
	b[n > 0 ? n : 0] = 0;
	p = strstr(b, key);
	return p ? atol(p + strlen(key)) : -1;
}

static int
number(const char *path)
{
	char b[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd >= 0) {
		(void)!read(fd, b, sizeof(b) - 1);
		close(fd);
	}
	return atoi(b);
}

static void
drop_caches(void)
{
	int fd;

	sync();
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
	if (fd >= 0) {
		(void)!write(fd, "3\n", 2);
		close(fd);
	}
}

/* -- bombs --------------------------------------------------------------- */

/* count: forks, and the errno of the last that failed */
static int
bombed(volatile int *count, long limit)
{
	return limit ? count[1] != 0 : count[0] >= 10;
}

static int
bomb(int user, long limit)
{
	struct rlimit r = { limit, limit };
	volatile int *count = mmap(NULL, PG, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int st, e = 0;
	double end = now() + seconds;

	pid_t p = fork();
	if (p == 0) {
		setsid();
		if (limit && setrlimit(RLIMIT_NPROC, &r) < 0)
			_exit(9);
		if (user && (setresgid(65534, 65534, 65534) < 0 ||
			     setresuid(65534, 65534, 65534) < 0))
			_exit(9);
		/* every process forks again and again: they die only by the
		 * clock, once the limit was met, or by the killing at the
		 * end */
		while (now() < end || !bombed(count, limit)) {
			pid_t c = fork();

			if (c == 0) {
				__atomic_add_fetch(&count[0], 1,
						   __ATOMIC_RELAXED);
				continue;
			}
			if (c < 0) {
				__atomic_store_n(&count[1], errno,
						 __ATOMIC_RELAXED);
				if (limit)
					sched_yield();
				else
					pause();
			}
		}
		_exit(0);
	}
	if (p < 0)
		return bad("fork: %s", strerror(errno));
	while ((now() < end + 0.5 || !bombed(count, limit)) &&
	       waitpid(p, &st, WNOHANG) == 0)
		msleep(50);
	e = count[1];
	int n = count[0];
	munmap((void *)count, PG);
	if (e != EAGAIN && e != ENOMEM && limit)
		return bad("%d forks, then %s", n, strerror(e));
	return 0;
}

static int t_bomb_user(void) { return bomb(1, 150); }
static int t_bomb_root(void) { return bomb(0, 0); }

/* -- memory -------------------------------------------------------------- */

static int
hog(int procs)
{
	int st, killed = 0;

	for (int i = 0; i < procs; i++)
		if (fork() == 0) {
			for (;;) {
				char *p = mmap(NULL, 4 << 20, PROT_READ |
					       PROT_WRITE, MAP_PRIVATE |
					       MAP_ANONYMOUS, -1, 0);

				if (p == MAP_FAILED)
					_exit(7);
				memset(p, 0x5a, 4 << 20);
			}
		}
	for (int i = 0; i < procs; i++) {
		if (wait(&st) < 0)
			return bad("wait: %s", strerror(errno));
		if (WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL)
			killed++;
		else if (!WIFEXITED(st) || WEXITSTATUS(st) != 7)
			return bad("hog ended with %#x", st);
	}
	return killed ? 0 : bad("no hog was killed");
}

static int t_hog(void) { return hog(1); }
static int t_hog4(void) { return hog(4); }

/* a hog that writes files to tmpfs instead: ENOSPC or the killer */
static int
t_hog_tmpfs(void)
{
	static char b[65536];
	int st;
	pid_t p = fork();

	if (p == 0) {
		int fd = open("/tmp/hog", O_CREAT | O_WRONLY | O_TRUNC,
			      0600);

		while (write(fd, b, sizeof(b)) > 0)
			;
		_exit(errno == ENOSPC || errno == ENOMEM ? 0 : 1);
	}
	waitpid(p, &st, 0);
	unlink("/tmp/hog");
	if (st && !(WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL))
		return bad("writer ended with %#x", st);
	return 0;
}

/* -- many processes ------------------------------------------------------ */

static int
t_procs(void)
{
	int n = 1000, max = number("/proc/sys/kernel/threads-max");
	int up[2], down[2], st, sum = 0, ok = 0;
	static pid_t pids[1000];
	char b[64];

	if (pipe(up) < 0 || pipe(down) < 0)
		return bad("pipe");
	/* a machine of little memory allows fewer; some live already */
	if (max - 100 < n)
		n = max - 100;
	if (n < 100)
		return bad("only %d tasks allowed", max);
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			return bad("fork %d: %s", i, strerror(errno));
		if (pids[i] == 0) {
			close(down[1]);
			if (write(up[1], "x", 1) != 1)
				_exit(1);
			/* all wait for one end of file */
			if (read(down[0], b, 1) != 0)
				_exit(1);
			_exit(i & 127);
		}
	}
	for (int got = 0; got < n;) {
		int r = (int)read(up[0], b, sizeof(b));

		if (r <= 0)
			return bad("read");
		got += r;
	}
	close(down[1]);
	for (int i = 0; i < n; i++) {
		if (waitpid(pids[i], &st, 0) != pids[i])
			return bad("wait %d: %s", i, strerror(errno));
		ok += WIFEXITED(st) && WEXITSTATUS(st) == (i & 127);
		sum++;
	}
	return ok == n ? 0 : bad("%d of %d right", ok, sum);
}

/* -- storms: `n' workers for `seconds' ----------------------------------- */

int
storm(int n, int (*worker)(int, double))
{
	double end = now() + seconds;
	int st, bads = 0;

	for (int i = 0; i < n; i++) {
		pid_t p = fork();

		if (p < 0)
			return bad("fork: %s", strerror(errno));
		if (p == 0)
			_exit(worker(i, end));
	}
	for (int i = 0; i < n; i++) {
		if (wait(&st) < 0)
			return bad("wait: %s", strerror(errno));
		if (st) {
			bads++;
			if (!why[0])
				bad("worker ended with %#x", st);
		}
	}
	return bads != 0;
}

static volatile sig_atomic_t hits;
static void
on_sig(int s, siginfo_t *i, void *u)
{
	(void)s, (void)u;
	(void)i;
	hits++;
}

/* pairs that signal each other, standard and queued, with handlers nesting */
static int
w_signal(int id, double end)
{
	struct sigaction a = { .sa_sigaction = on_sig,
			       .sa_flags = SA_SIGINFO | SA_RESTART };
	pid_t other;
	double x = 1.0;
	int st;

	(void)id;
	for (int s = SIGRTMIN; s < SIGRTMIN + 4; s++)
		sigaction(s, &a, NULL);
	sigaction(SIGUSR1, &a, NULL);
	a.sa_flags |= SA_NODEFER;
	sigaction(SIGUSR2, &a, NULL);
	pid_t me = getpid();

	other = fork();
	if (other < 0)
		return bad("fork");
	pid_t to = other ? other : me;
	/* whatever the clock says, each side gets some */
	do {
		for (int i = 0; i < 50; i++) {
			union sigval v = { .sival_int = i };

			kill(to, i & 1 ? SIGUSR1 : SIGUSR2);
			if (sigqueue(to, SIGRTMIN + (i & 3), v) < 0 &&
			    errno != EAGAIN)
				return errno == ESRCH && !other ? 0 :
					bad("sigqueue: %s", strerror(errno));
			/* floating point must survive the handlers */
			for (int k = 0; k < 20; k++)
				x = x * 1.0000001 + 0.5 - 0.5;
		}
		if (!hits && other && waitpid(other, &st, WNOHANG))
			return bad("partner: %#x", st);
	} while (now() < end || !hits);
	if (!(x >= 1.0 && x < 1e9))
		return bad("floating point: %g", x);
	if (!other)
		_exit(0);
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (waitpid(other, &st, 0) < 0 && errno == EINTR)
		;
	if (st)
		return why[0] ? 1 : bad("partner: %#x", st);
	return 0;
}

void
few_signals(void)
{
	struct rlimit r = { 500, 500 };

	setrlimit(RLIMIT_SIGPENDING, &r);
}

static int
t_signal(void)
{
	few_signals();
	return storm(4, w_signal);
}

/* a chain of three: data with a running sum goes through unharmed */
static int
w_pipe(int id, double end)
{
	int a[2], b[2], st;
	unsigned char buf[9000];
	uint64_t sent = 0, got = 0;
	uint32_t s1 = 0, s2 = 0, seed = (uint32_t)id * 77 + 1;

	if (pipe(a) < 0 || pipe(b) < 0)
		return bad("pipe");
	if (fork() == 0) {
		close(a[1]);
		close(b[0]);
		for (;;) {
			int r = (int)read(a[0], buf, 1 + (rand() % 8999));

			if (r <= 0)
				_exit(r < 0);
			for (int o = 0, w; o < r; o += w)
				if ((w = (int)write(b[1], buf + o, r - o))
				    <= 0)
					_exit(1);
		}
	}
	if (fork() == 0) {
		close(a[0]);
		close(b[0]);
		close(b[1]);
		do	/* once at least, however late it starts */
			for (int k = 0; k < 20; k++) {
				int n = 1 + (rand() % 8999);

				for (int i = 0; i < n; i++) {
					seed = seed * 1103515245 + 12345;
					buf[i] = (unsigned char)(seed >> 16);
				}
				for (int o = 0, w; o < n; o += w)
					if ((w = (int)write(a[1], buf + o,
							    n - o)) <= 0)
						_exit(1);
			}
		while (now() < end);
		_exit(0);
	}
	close(a[0]);
	close(a[1]);
	close(b[1]);
	for (;;) {
		int r = (int)read(b[0], buf, sizeof(buf));

		if (r <= 0)
			break;
		for (int i = 0; i < r; i++) {
			seed = seed * 1103515245 + 12345;
			if (buf[i] != (unsigned char)(seed >> 16))
				return bad("byte %llu is wrong",
					   (unsigned long long)(got + i));
		}
		got += r;
	}
	(void)sent, (void)s1, (void)s2;
	while (wait(&st) > 0)
		if (st)
			return bad("pipe worker: %#x", st);
	return got ? 0 : bad("nothing came");
}

static int t_pipe(void) { return storm(4, w_pipe); }

static int
w_file(int id, double end)
{
	char a[64], b[64], buf[3000];
	struct stat st;
	long n = 0;

	while (now() < end) {
		snprintf(a, sizeof(a), "/tmp/s/f%ld", (n * 7 + id) % 20);
		snprintf(b, sizeof(b), "/tmp/s/g%ld", (n * 3) % 20);
		int fd = open(a, O_CREAT | O_RDWR, 0644);

		if (fd >= 0) {
			memset(buf, (int)n, sizeof(buf));
			if (write(fd, buf, 1 + n % 2999) < 0 &&
			    errno != ENOSPC)
				return bad("write: %s", strerror(errno));
			close(fd);
		} else if (errno != EISDIR && errno != ENOENT &&
			   errno != ELOOP) {
			return bad("open %s: %s", a, strerror(errno));
		}
		switch (n % 7) {
		case 0: rename(a, b); break;
		case 1: link(a, b); break;
		case 2: unlink(b); break;
		case 3: mkdir(b, 0755); break;
		case 4: rmdir(b); break;
		case 5: symlink(a, b); break;
		case 6: rename(b, a); break;
		}
		stat(a, &st);
		if (n % 50 == 0) {
			char d[2048];
			int f = open("/tmp/s", O_RDONLY);

			while (syscall(SYS_getdents64, f, d, sizeof(d)) > 0)
				;
			close(f);
		}
		n++;
	}
	return 0;
}

static int
t_file(void)
{
	int r;

	mkdir("/tmp/s", 0755);
	r = storm(4, w_file);
	for (int i = 0; i < 20; i++) {
		char a[64];

		for (const char *k = "fg"; *k; k++) {
			snprintf(a, sizeof(a), "/tmp/s/%c%d", *k, i);
			if (unlink(a) < 0)
				rmdir(a);
		}
	}
	if (rmdir("/tmp/s") < 0 && !r)
		return bad("rmdir: %s", strerror(errno));
	return r;
}

/* four processes in one address space change its maps under each other:
 * what one has unmapped or protected, no other's TLB may still hold */
static char *arena;
static volatile int vm_stop, vm_bad;
static int
vm_worker(void *arg)
{
	long id = (long)arg;
	unsigned seed = (unsigned)id * 13 + 5;
	char *mine = arena + id * 64 * PG;

	while (!vm_stop) {
		for (int i = 0; i < 64; i++)
			mine[i * PG] = (char)(id + i);
		seed = seed * 1103515245 + 12345;
		int k = (seed >> 16) % 48;

		mprotect(mine + k * PG, 8 * PG, PROT_READ);
		mprotect(mine + k * PG, 8 * PG, PROT_READ | PROT_WRITE);
		madvise(mine + k * PG, 8 * PG, MADV_DONTNEED);
		for (int i = 0; i < 64; i++) {
			char v = mine[i * PG];

			if (i >= k && i < k + 8 ? v != 0 :
			    v != (char)(id + i))
				vm_bad = 1;
		}
		char *p = mmap(NULL, 16 * PG, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p != MAP_FAILED) {
			for (int i = 0; i < 16; i++) {
				if (p[i * PG])
					vm_bad = 2;
				p[i * PG] = (char)(0x40 + id);
			}
			for (int i = 0; i < 16; i++)
				if (p[i * PG] != (char)(0x40 + id))
					vm_bad = 3;
			munmap(p, 16 * PG);
		}
	}
	return 0;
}

static int
t_vm(void)
{
	static char *stk[4];
	int st, e = 0;

	arena = mmap(NULL, 4 * 64 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		     MAP_ANONYMOUS, -1, 0);
	vm_stop = vm_bad = 0;
	for (long i = 0; i < 4; i++) {
		stk[i] = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (clone(vm_worker, stk[i] + 65536, CLONE_VM | CLONE_FILES |
			  CLONE_FS | SIGCHLD, (void *)i) < 0)
			return bad("clone: %s", strerror(errno));
	}
	for (double end = now() + seconds; now() < end; msleep(50))
		/* a fork in the midst of it: a copy of a moving target */
		if (fork() == 0)
			_exit(arena[0] == 99);
	vm_stop = 1;
	while (wait(&st) > 0)
		e |= st;
	munmap(arena, 4 * 64 * PG);
	for (int i = 0; i < 4; i++)
		munmap(stk[i], 65536);
	if (vm_bad)
		return bad("stale or wrong page (%d)", vm_bad);
	return e ? bad("child status %#x", e) : 0;
}

static int
w_exec(int id, double end)
{
	int st;

	(void)id;
	while (now() < end) {
		pid_t p = fork();

		if (p == 0) {
			execl(self, self, "noop", (char *)NULL);
			_exit(1);
		}
		if (p < 0 || waitpid(p, &st, 0) != p || st)
			return bad("exec: %#x %s", st, strerror(errno));
	}
	return 0;
}

static int t_exec(void) { return storm(4, w_exec); }

static int
w_pty(int id, double end)
{
	char b[64];

	(void)id;
	while (now() < end) {
		int z = 0, n;
		int m = open("/dev/ptmx", O_RDWR | O_NOCTTY);

		if (m < 0)
			return bad("ptmx: %s", strerror(errno));
		ioctl(m, TIOCSPTLCK, &z);
		ioctl(m, TIOCGPTN, &n);
		snprintf(b, sizeof(b), "/dev/pts/%d", n);
		int s = open(b, O_RDWR | O_NOCTTY);

		if (s < 0)
			return bad("%s: %s", b, strerror(errno));
		if (write(m, "line\n", 5) != 5 || read(s, b, 64) != 5)
			return bad("pty line");
		if (n & 1)
			close(m);
		close(s);
		if (!(n & 1))
			close(m);
	}
	return 0;
}

static int t_pty(void) { return storm(4, w_pty); }

/* -- the list ------------------------------------------------------------ */

static const struct test {
	const char *name;
	int (*fn)(void);
} tests[] = {
	{ "signal_storm", t_signal }, { "pipe_storm", t_pipe },
	{ "file_storm", t_file }, { "vm_storm", t_vm },
	{ "exec_storm", t_exec }, { "pty_storm", t_pty },
	{ "procs_1000", t_procs }, { "bomb_user", t_bomb_user },
	{ "bomb_root", t_bomb_root }, { "hog", t_hog }, { "hog_4", t_hog4 },
	{ "hog_tmpfs", t_hog_tmpfs }, { "hog_threads", t_hog_threads },
	{ "thread_storm", t_thread }, { "orphan_storm", t_orphan },
	{ "futex_storm", t_futex }, { "robust_storm", t_robust },
	{ "tsignal_storm", t_tsignal }, { "tvm_storm", t_tvm },
	{ "ptshare_storm", t_ptshare },
	{ "runtime_storm", t_runtime }, { "move_storm", t_move },
	{ "one_storm", t_one }, { "rt_limit", t_rt_limit },
};

/* kill all but process 1 and the canary, which blocks nothing and is a child:
 * kill(-1) would take it too, so it is started anew when `all' */
static void
reap_all(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void
start_canary(void)
{
	int a[2], b[2];

	if (pipe(a) < 0 || pipe(b) < 0)
		return;
	canary = fork();
	if (canary == 0) {
		char c;

		close(a[1]);
		close(b[0]);
		while (read(a[0], &c, 1) == 1)
			if (write(b[1], &c, 1) != 1)
				break;
		_exit(0);
	}
	close(a[0]);
	close(b[1]);
	canary_in = a[1];
	canary_out = b[0];
}

static int
canary_sings(void)
{
	struct pollfd p = { canary_out, POLLIN, 0 };
	char c = 'c';

	return write(canary_in, &c, 1) == 1 && poll(&p, 1, 20000) == 1 &&
		read(canary_out, &c, 1) == 1;
}

static void
end_canary(void)
{
	close(canary_in);
	close(canary_out);
	waitpid(canary, NULL, 0);
}

static void
stats(long *fr, long *slab)
{
	/* what dies late: wait until two readings agree */
	long last = -1;

	for (int i = 0; i < 40; i++) {
		drop_caches();
		msleep(50);
		*fr = meminfo("MemFree:");
		*slab = meminfo("Slab:");
		if (last >= 0 && labs(last - *fr) < 64)
			break;
		last = *fr;
	}
}

static void
once(const struct test *t, int *rc)
{
	int st = 0;
	pid_t p;

	start_canary();
	why[0] = 0;
	p = fork();
	if (p == 0) {
		/* or whoever survives the test keeps the canary alive */
		close(canary_in);
		close(canary_out);
		setsid();
		_exit(t->fn());
	}
	while (p > 0 && waitpid(p, &st, 0) < 0 && errno == EINTR)
		;
	*rc = p < 0 ? 1 : st;
	if (!*rc && !canary_sings()) {
		*rc = 1;
		bad("a bystander was killed or hangs");
	}
	end_canary();
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	reap_all();
}

static void
run(const struct test *t)
{
	long f0, f1, s0, s1;
	int rc;
	double t0 = now();

	once(t, &rc);
	if (!rc) {
		stats(&f0, &s0);
		once(t, &rc);
		stats(&f1, &s1);
		/* two per mille of 256 MiB and then some: per-CPU lists */
		if (!rc && f0 - f1 > 2048) {
			rc = 1;
			bad("MemFree %ld kB before, %ld after", f0, f1);
		}
		if (!rc && s1 - s0 > 1024) {
			rc = 1;
			bad("Slab %ld kB before, %ld after", s0, s1);
		}
	}
	if (rc && !why[0])
		bad("status %#x", rc);
	printf("@@st %s %s %s (%.1f s)\n", t->name, rc ? "FAIL" : "ok", why,
	       now() - t0);
	fflush(stdout);
}

/* stress NAME SECONDS: one test, once, here: what does Linux say? */
static int
by_hand(int argc, char **argv)
{
	for (unsigned i = 0; argc == 3 && i < sizeof(tests) / sizeof(*tests);
	     i++)
		if (!strcmp(argv[1], tests[i].name)) {
			int r;

			seconds = atoi(argv[2]);
			self = argv[0];
			r = tests[i].fn();
			printf("%s: %s %s\n", argv[1], r ? "FAIL" : "ok", why);
			return r;
		}
	fprintf(stderr, "stress: process 1, or stress TEST SECONDS\n");
	return 64;
}

static char only[1024];

static void *
run_all(void *leader)
{
	char *const off[] = { (char *)self, "off", NULL };

	(void)leader;
	for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		char k[64];

		snprintf(k, sizeof(k), ",%s,", tests[i].name);
		if (!only[0] || strstr(only, k))
			run(&tests[i]);
	}
	/* process 1 again, of a thread that is not its leader */
	execv(self, off);
	printf("@@st execv: %s\n", strerror(errno));
	return NULL;
}

static void __attribute__((noreturn))
power_off(void)
{
	printf("@@st done\n");
	fflush(stdout);
	sync();
	tcdrain(1);
	reboot(RB_POWER_OFF);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	static char b[4096];
	pthread_t t;
	int fd, n;

	if (argc > 1 && !strcmp(argv[1], "noop"))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "off") && getpid() == 1)
		power_off();
	why = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED |
		   MAP_ANONYMOUS, -1, 0);
	if (getpid() != 1)
		return by_hand(argc, argv);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666");
	mount("proc", "/proc", "proc", 0, NULL);
	mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	fd = open("/proc/cmdline", O_RDONLY);
	n = fd < 0 ? 0 : (int)read(fd, b, sizeof(b) - 1);
	close(fd);
	b[n > 0 ? n : 0] = 0;
	for (char *w = strtok(b, " \n"); w; w = strtok(NULL, " \n")) {
		if (!strncmp(w, "st=", 3))
			snprintf(only, sizeof(only), ",%s,", w + 3);
		else if (!strncmp(w, "stsec=", 6))
			seconds = atoi(w + 6);
	}
	/* its leader's end is not process 1's */
	if (pthread_create(&t, NULL, run_all, NULL))
		return 1;
	syscall(SYS_exit, 0);
	return 1;
}
