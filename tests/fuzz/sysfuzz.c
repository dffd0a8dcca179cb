/* SPDX-License-Identifier: MIT */
/*
 * sysfuzz - /init of a guest in which workers make senseless system calls.
 *
 * The supervisor starts workers, half of them as root without the rights to
 * end the guest, each in a small tmpfs of its own, and replaces those that
 * die.  After some seconds, a generation, everything is killed and must be
 * gone within a minute of guest time; memory must come back.  Lines:
 *
 *	@@fz gen N ...		a sign of life with figures
 *	@@fz LEAK ...		a kernel address or freed memory in user space
 *	@@fz HANG ...		processes that SIGKILL did not end
 *	@@fz ok|FAIL TEXT	the end
 *
 * Words on the command line: fzsec=N fzseed=N fzworkers=N.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "sysfuzz.h"

#define GENERATION	5.0	/* seconds of guest time */

static struct board *board;
static pid_t pids[MAX_WORKERS];
static int nr_workers = 8;
static uint64_t seed = 1;
static unsigned restarts;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void
msleep(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&t, NULL);
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

static long
word(const char *cmdline, const char *key, long def)
{
	const char *p = strstr(cmdline, key);

	return p ? atol(p + strlen(key)) : def;
}

static void
start(int i)
{
	char dir[32];

	snprintf(dir, sizeof(dir), "/tmp/w%d", i);
	umount2(dir, MNT_DETACH);
	mkdir(dir, 0755);
	mount("none", dir, "tmpfs", 0, "size=16m,nr_inodes=2000,mode=1777");
	board->slot[i].seed = seed++ * 1000003;
	pids[i] = fork();
	if (pids[i] == 0) {
		int fd = open("/dev/null", O_RDWR);

		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		if (fd > 2)
			close(fd);
		if (chdir(dir) < 0)
			_exit(3);
		worker(board, i, i & 1);
	}
	restarts++;
}

/* Lines of /proc for what is still there. */
static void
survivors(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char path[280], b[512] = "";
		int fd;

		if (atoi(e->d_name) < 2)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		if (read(fd, b, sizeof(b) - 1) > 0 && !strstr(b, "(k"))
			printf("@@fz HANG %.100s\n", b);
		close(fd);
	}
	if (d)
		closedir(d);
	for (int i = 0; i < nr_workers; i++)
		printf("@@fz worker %d pid %d in call %d %lx %lx %lx %lx\n", i,
		       pids[i], board->slot[i].nr, board->slot[i].args[0],
		       board->slot[i].args[1], board->slot[i].args[2],
		       board->slot[i].args[3]);
}

/* Everything but process 1 is killed and reaped; 0 when all were gone. */
static int
sweep(void)
{
	double end = now() + 60;

	kill(-1, SIGKILL);
	for (;;) {
		pid_t p = waitpid(-1, NULL, WNOHANG | __WALL);

		if (p < 0 && errno == ECHILD)
			return 0;
		if (p == 0) {
			kill(-1, SIGKILL);
			msleep(20);
		}
		if (now() > end)
			return -1;
	}
}

/* A worker whose calls do not end (stopped, alarms blocked) is replaced. */
static void
unblock(int i)
{
	static uint64_t seen[MAX_WORKERS];
	static int ticks[MAX_WORKERS];
	uint64_t n = board->slot[i].done;

	if (n != seen[i]) {
		seen[i] = n;
		ticks[i] = 0;
	} else if (++ticks[i] == 8) {
		ticks[i] = 0;
		kill(pids[i], SIGKILL);
	}
}

static void
generation(double seconds)
{
	double end = now() + seconds;

	for (int i = 0; i < nr_workers; i++)
		start(i);
	while (now() < end) {
		pid_t p;

		msleep(50);
		for (int i = 0; i < nr_workers; i++)
			unblock(i);
		while ((p = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			for (int i = 0; i < nr_workers; i++)
				if (pids[i] == p)
					start(i);
	}
}

/* System V objects outlive their makers. */
static void
forget_ipc(void)
{
	char buf[512];		/* any of the three structures */
	long id;

	for (int i = 0; i < 4096; i++) {
		id = syscall(SYS_shmctl, i, 15 /* SHM_STAT_ANY */, buf);
		if (id >= 0)
			syscall(SYS_shmctl, id, 0 /* IPC_RMID */, NULL);
		else if (errno == ENOSYS)
			return;
		id = syscall(SYS_semctl, i, 0, 20 /* SEM_STAT_ANY */, buf);
		if (id >= 0)
			syscall(SYS_semctl, id, 0, 0, NULL);
		id = syscall(SYS_msgctl, i, 13 /* MSG_STAT_ANY */, buf);
		if (id >= 0)
			syscall(SYS_msgctl, id, 0, NULL);
	}
}

static void
clean(void)
{
	int fd;

	for (int i = 0; i < nr_workers; i++) {
		char dir[32];

		snprintf(dir, sizeof(dir), "/tmp/w%d", i);
		while (umount2(dir, MNT_DETACH) == 0)
			;
	}
	forget_ipc();
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
	if (fd >= 0) {
		(void)!write(fd, "3\n", 2);
		close(fd);
	}
	msleep(100);
}

static void
tell_coverage(void)
{
	int n = 0, ok = 0;

	printf("@@fz never succeeded:");
	for (int i = 0; i < nr_calls; i++) {
		n++;
		if (board->good[calls[i].nr])
			ok++;
		else
			printf(" %s", calls[i].name);
	}
	printf("\n@@fz %d of %d calls succeeded at least once\n", ok, n);
}

static uint64_t
total(void)
{
	uint64_t n = 0;

	for (int i = 0; i < MAX_NR; i++)
		n += board->tried[i];
	return n;
}

static const char *
run(long seconds)
{
	double end = now() + seconds;
	long before = 0, after = 0;

	for (int gen = 0; now() < end; gen++) {
		generation(GENERATION);
		if (sweep() < 0) {
			survivors();
			return "processes that do not die";
		}
		clean();
		after = meminfo("MemFree:");
		/* what is allocated once is there after two */
		if (gen == 1)
			before = after;
		printf("@@fz gen %d calls %llu workers %u free %ld kB\n", gen,
		       (unsigned long long)total(), restarts, after);
		if (board->leak.taken) {
			struct leak *l = &board->leak;

			printf("@@fz LEAK call %d (%lx %lx %lx %lx %lx %lx) "
			       "gave %llx at arena + %#lx\n", l->nr, l->args[0],
			       l->args[1], l->args[2], l->args[3], l->args[4],
			       l->args[5], (unsigned long long)l->word,
			       l->offset);
			return "kernel memory in user space";
		}
	}
	tell_coverage();
	if (before && before - after > 16384)
		return "memory was lost";
	return NULL;
}

static void
find_kernel(void)
{
	char line[256];
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long v;

	while (f && fgets(line, sizeof(line), f)) {
		v = strtoull(line, NULL, 16);
		if (v >> 30 != 0xffffffff80000000ull >> 30)
			continue;
		if (!kernel_image.from || v < kernel_image.from)
			kernel_image.from = v;
		if (v > kernel_image.to)
			kernel_image.to = v;
	}
	if (f)
		fclose(f);
	printf("@@fz kernel %llx to %llx\n",
	       (unsigned long long)kernel_image.from,
	       (unsigned long long)kernel_image.to);
}

int
main(void)
{
	char cmdline[4096] = "";
	const char *why;
	int fd;

	if (getpid() != 1)
		return 0;	/* executed by a worker */
	mkdir("/proc", 0755);
	mkdir("/tmp", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666");
	mkdir("/dev/shm", 01777);
	mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=16m");
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd >= 0) {
		(void)!read(fd, cmdline, sizeof(cmdline) - 1);
		close(fd);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	nr_workers = (int)word(cmdline, "fzworkers=", 8);
	if (nr_workers < 1 || nr_workers > MAX_WORKERS)
		nr_workers = 8;
	seed = (uint64_t)word(cmdline, "fzseed=", 1) * 1000000;
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return 1;
	for (int s = 1; s < 65; s++)
		signal(s, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	find_kernel();
	why = run(word(cmdline, "fzsec=", 30));
	printf("@@fz %s %s, %llu calls\n", why ? "FAIL" : "ok", why ? why :
	       "done", (unsigned long long)total());
	tcdrain(1);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
