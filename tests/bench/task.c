/* SPDX-License-Identifier: MIT */
/* Processes: fork, exec, spawn, the shell; switches between processes. */
#include "bench.h"

static void
reap(pid_t p)
{
	int st;

	if (p < 0)
		die("fork");
	if (waitpid(p, &st, 0) != p || st)
		die("child");
}

static void
fork_exit(void)
{
	pid_t p = fork();

	if (p == 0)
		_exit(0);
	reap(p);
}

static void
fork_exec(void)
{
	pid_t p = fork();

	if (p == 0) {
		execl("/bin/exit0", "exit0", (char *)NULL);
		_exit(127);
	}
	reap(p);
}

static void
spawn_exec(void)
{
	char *argv[] = { "exit0", NULL };
	pid_t p;

	if (posix_spawn(&p, "/bin/exit0", NULL, NULL, argv, environ))
		die("spawn");
	reap(p);
}

static void
shell(const char *cmd)
{
	pid_t p = fork();

	if (p == 0) {
		int z = open("/dev/null", O_WRONLY);

		dup2(z, 1);
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(127);
	}
	reap(p);
}

/* n processes in a ring of pipes pass a byte `hops` times; the time is taken
 * after one round for warming up */
static void
ring(const char *name, int n, long hops)
{
	int p[8][2];
	char b = 'x';
	uint64_t t;

	for (int i = 0; i < n; i++)
		if (pipe(p[i]) < 0)
			die("pipe");
	for (int i = 1; i < n; i++)
		if (fork() == 0) {
			for (int j = 0; j < n; j++) {
				if (j != i - 1)
					close(p[j][0]);
				if (j != i)
					close(p[j][1]);
			}
			while (read(p[i - 1][0], &b, 1) == 1)
				if (write(p[i][1], &b, 1) != 1)
					break;
			_exit(0);
		}
	for (int i = 0; i < n; i++) {
		if (i != n - 1)
			close(p[i][0]);
		if (i != 0)
			close(p[i][1]);
	}
#define ROUND() do {							\
	if (write(p[0][1], &b, 1) != 1 || read(p[n - 1][0], &b, 1) != 1) \
		die("ring");						\
} while (0)
	for (int i = 0; i < 20; i++)
		ROUND();
	long rounds = hops / n;
	t = now();
	for (long i = 0; i < rounds; i++)
		ROUND();
	t = now() - t;
	close(p[0][1]);
	while (n > 1 && wait(NULL) > 0)
		;
	close(p[n - 1][0]);
	row(name, t, rounds * n);
}

/* the round trip of one byte through two pipes */
static void
pipe_lat(void)
{
	int a[2], b[2];
	char c = 'x';
	uint64_t t;
	const long n = 5000 / scale;

	if (pipe(a) < 0 || pipe(b) < 0)
		die("pipe");
	if (fork() == 0) {
		close(a[1]);
		close(b[0]);
		while (read(a[0], &c, 1) == 1)
			if (write(b[1], &c, 1) != 1)
				break;
		_exit(0);
	}
	close(a[0]);
	close(b[1]);
	for (int i = 0; i < 20; i++)
		if (write(a[1], &c, 1) != 1 || read(b[0], &c, 1) != 1)
			die("pipe_lat");
	t = now();
	for (long i = 0; i < n; i++)
		if (write(a[1], &c, 1) != 1 || read(b[0], &c, 1) != 1)
			die("pipe_lat");
	t = now() - t;
	close(a[1]);
	wait(NULL);
	close(b[0]);
	row("pipe_lat", t, n);
}

static void
pipe_bw(void)
{
	static char buf[65536];
	int p[2];
	uint64_t t, got = 0;
	ssize_t r;
	const long total = (32 << 20) / scale;

	if (pipe(p) < 0)
		die("pipe");
	memset(buf, 1, sizeof(buf));
	t = now();
	if (fork() == 0) {
		close(p[0]);
		for (long n = 0; n < total; n += sizeof(buf))
			if (write(p[1], buf, sizeof(buf)) != sizeof(buf))
				_exit(1);
		_exit(0);
	}
	close(p[1]);
	while ((r = read(p[0], buf, sizeof(buf))) > 0)
		got += r;
	t = now() - t;
	wait(NULL);
	close(p[0]);
	row_mbs("pipe_bw", t, got);
}

void
bench_task(void)
{
	LOOP("yield_1p", 50000, sched_yield());
	LOOP("fork_exit", 500, fork_exit());
	if (wanted("fork_exit_32m")) {
		char *p = mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < 32 << 20; i += PG)
			p[i] = 1;
		LOOP("fork_exit_32m", 20, fork_exit());
		munmap(p, 32 << 20);
	}
	if (access("/bin/exit0", X_OK) == 0) {
		LOOP("fork_exec", 300, fork_exec());
		LOOP("spawn_exec", 300, spawn_exec());
	} else {
		row_skip("fork_exec", "no /bin/exit0");
	}
	if (access("/bin/sh", X_OK) == 0) {
		/* two programs: the shell, then what it executes */
		LOOP("fork_sh", 50, shell("exec /bin/true"));
		LOOP("sh_pipeline", 10, shell("i=0; while [ $i -lt 10 ]; do "
			"echo $i | cat; i=$((i+1)); done"));
	} else {
		row_skip("fork_sh", "no /bin/sh");
		row_skip("sh_pipeline", "no /bin/sh");
	}
	if (wanted("ctx_1p"))
		ring("ctx_1p", 1, 20000 / scale);
	if (wanted("ctx_2p"))
		ring("ctx_2p", 2, 20000 / scale);
	if (wanted("ctx_8p"))
		ring("ctx_8p", 8, 20000 / scale);
	if (wanted("pipe_lat"))
		pipe_lat();
	if (wanted("pipe_bw"))
		pipe_bw();
}
