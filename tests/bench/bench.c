/* SPDX-License-Identifier: MIT */
/*
 * bench - the benchmark rows; see bench.h for what a number means.
 *
 * Prints "name value unit" lines, of rows also how many operations (of 4 KiB
 * where the unit is MB/s) that were; memory_* and boot are the state found at
 * the start.  check_tsc_per_us (TSC ticks a microsecond of the kernel's clock;
 * 1000.0 under -icount) and check_clock_step (smallest step of the clock seen)
 * tell whether the kernel's clock may be believed.  As process 1 it mounts
 * what it needs and powers off at the end; as another process it works in
 * /tmp.  Words on the kernel's command line or arguments: bench=a,b,...
 * benchscale=N.
 */
#include "bench.h"
#include <sys/mount.h>
#include <sys/reboot.h>

int scale = 1;
static char only[4096];
static uint64_t boot_tsc;

int
wanted(const char *name)
{
	size_t n = strlen(name);

	if (!only[0])
		return 1;
	for (const char *p = only; (p = strstr(p, name)); p += n)
		if ((p == only || p[-1] == ',') &&
		    (p[n] == ',' || p[n] == 0))
			return 1;
	return 0;
}

void
row(const char *name, uint64_t ns, uint64_t n)
{
	MARK_ROW();
	printf("%s %.1f ns %llu\n", name, (double)ns / n,
	       (unsigned long long)n);
	fflush(stdout);
}

void
row_mbs(const char *name, uint64_t ns, uint64_t bytes)
{
	MARK_ROW();
	printf("%s %.1f MB/s %llu\n", name, bytes * 1000.0 / ns,
	       (unsigned long long)bytes / PG);
	fflush(stdout);
}

void
row_skip(const char *name, const char *why)
{
	printf("# %s skipped: %s\n", name, why);
	fflush(stdout);
}

void
die(const char *what)
{
	printf("# bench: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	if (getpid() == 1) {
		reboot(RB_POWER_OFF);
		reboot(RB_AUTOBOOT);
	}
	_exit(1);
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

static void
checks(void)
{
	uint64_t t0, t1, c0, c1, step = ~0ull;

	t0 = now();
	c0 = rdtsc();
	while ((t1 = now()) - t0 < 1000000)
		;
	c1 = rdtsc();
	printf("check_tsc_per_us %.1f ticks\n", (c1 - c0) * 1000.0 /
	       (t1 - t0));
	t0 = now();
	for (int i = 0; i < 1000; i++) {
		t1 = now();
		if (t1 != t0 && t1 - t0 < step)
			step = t1 - t0;
		t0 = t1;
	}
	printf("check_clock_step %llu ns\n", (unsigned long long)step);
}

static void
word(const char *w)
{
	if (!strncmp(w, "bench=", 6))
		snprintf(only, sizeof(only), "%s", w + 6);
	else if (!strncmp(w, "benchscale=", 11))
		scale = atoi(w + 11) > 0 ? atoi(w + 11) : 1;
}

int
main(int argc, char **argv)
{
	long total, avail;

	boot_tsc = rdtsc();
	if (getpid() == 1) {
		mkdir("/dev", 0755);
		mkdir("/proc", 0755);
		mkdir("/tmp", 0777);
		mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
		mount("proc", "/proc", "proc", 0, NULL);
		total = meminfo("MemTotal:");
		avail = meminfo("MemAvailable:");
		mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
		static char b[4096];
		int fd = open("/proc/cmdline", O_RDONLY);
		int n = fd < 0 ? 0 : (int)read(fd, b, sizeof(b) - 1);

		close(fd);
		b[n > 0 ? n : 0] = 0;
		for (char *w = strtok(b, " \n"); w; w = strtok(NULL, " \n"))
			word(w);
		printf("boot %llu instructions\n",
		       (unsigned long long)boot_tsc);
		printf("memory_total %ld kB\n", total);
		printf("memory_available %ld kB\n", avail);
	}
	for (int i = 1; i < argc; i++)
		word(argv[i]);
	setenv("PATH", "/bin", 1);
	mkdir("/tmp/bench", 0755);
	if (chdir("/tmp/bench") < 0)
		die("chdir");
	checks();
	fflush(stdout);
	/* in a child: Linux treats process 1 unlike others */
	pid_t p = fork();

	if (p == 0) {
		bench_call();
		bench_task();
		bench_mem();
		bench_file();
		bench_thread();
		exit(0);
	}
	if (p < 0 || waitpid(p, NULL, 0) != p)
		die("fork");
	printf("# bench done\n");
	fflush(stdout);
	if (getpid() == 1) {
		reboot(RB_POWER_OFF);
		reboot(RB_AUTOBOOT);
		for (;;)
			pause();
	}
	return 0;
}
