/* SPDX-License-Identifier: MIT */
/*
 * gtrun - run the guest programs one by one and print what they say.
 *
 * As process 1 of a guest (any kernel; it is /init of the test initramfs):
 * mounts /proc, /sys, /dev, /dev/pts and a tmpfs on /tmp, runs the programs
 * named in /gt/list (or in gt=a,b on the command line), powers off.
 * As "gtrun --host ROOT [prog...]" on Linux, root needed: enters new mount,
 * pid, ipc and uts namespaces, makes ROOT the root, mounts the same things
 * and goes on as above.  So both sides give a program the same world:
 * files, limits, mask, environment, session.
 *
 * Output:  @@gt begin NAME / |line of the program / @@gt end NAME exit 0,
 * and @@gt done N at the end.  A program that is not finished after `limit`
 * seconds of the kernel's own clock is killed ("time limit").
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mount.h>
#include <termios.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

static int limit_s = 120;
static int direct;			/* gtdirect: no pipe between */
static char *const env[] = {
	"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/", "TERM=linux", NULL
};

static void __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	char b[4400];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(b, sizeof(b), fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(b))
		n = sizeof(b);
	for (int o = 0, r; o < n; o += r) {
		r = write(1, b + o, n - o);
		if (r <= 0)
			return;
	}
}

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void
must_mount(const char *src, const char *dir, const char *type,
	   unsigned long flags, const char *data)
{
	mkdir(dir, 0755);
	if (mount(src, dir, type, flags, data) < 0)
		say("@@gt note mount %s: %s\n", dir, strerror(errno));
}

static void
lim(int what, rlim_t soft, rlim_t hard)
{
	struct rlimit r = { soft, hard };

	setrlimit(what, &r);
}

static void
limits(void)
{
	const rlim_t inf = RLIM_INFINITY;

	lim(RLIMIT_CPU, inf, inf);
	lim(RLIMIT_FSIZE, inf, inf);
	lim(RLIMIT_DATA, inf, inf);
	lim(RLIMIT_STACK, 8 << 20, inf);
	lim(RLIMIT_CORE, 0, inf);
	lim(RLIMIT_RSS, inf, inf);
	lim(RLIMIT_NPROC, 4000, 4000);
	lim(RLIMIT_NOFILE, 1024, 4096);
	lim(RLIMIT_MEMLOCK, 8 << 20, 8 << 20);
	lim(RLIMIT_AS, inf, inf);
	lim(RLIMIT_LOCKS, inf, inf);
	lim(RLIMIT_SIGPENDING, 1000, 1000);
	lim(RLIMIT_MSGQUEUE, 819200, 819200);
	lim(RLIMIT_NICE, 0, 0);
	lim(RLIMIT_RTPRIO, 0, 0);
}

/* in the child: a clean world, then exec */
static void
child(const char *name, int fd)
{
	char path[128], dir[128];
	char *argv[] = { path, NULL };
	int z;

	setsid();
	snprintf(path, sizeof(path), "/gt/%s", name);
	snprintf(dir, sizeof(dir), "/tmp/%s", name);
	mkdir(dir, 0777);
	chmod(dir, 0755);
	if (chdir(dir) < 0)
		say("@@gt note chdir %s: %s\n", dir, strerror(errno));
	umask(022);
	limits();
	z = open("/dev/null", O_RDWR);
	if (z > 0) {
		dup2(z, 0);
		close(z);
	}
	if (fd >= 0) {
		dup2(fd, 1);
		dup2(fd, 2);
	}
	for (z = 3; z < 64; z++)
		close(z);
	/* dispositions pass execve; libc hides 32 and 33, so by the bare call */
	for (int sig = 1; sig <= 64; sig++) {
		long dfl[4] = { 0 };

		syscall(SYS_rt_sigaction, sig, dfl, 0, 8);
	}
	execve(path, argv, env);
	dprintf(1, "cannot exec: %s\n", strerror(errno));
	_exit(97);
}

/* lines of the program, each behind a bar */
static void
emit(char *buf, int *n, int flush)
{
	char *s = buf, *e;
	int left = *n;

	while ((e = memchr(s, '\n', left))) {
		say("|%.*s\n", (int)(e - s), s);
		left -= e + 1 - s;
		s = e + 1;
	}
	if (left && (flush || left >= 4000)) {
		say("|%.*s\n", left, s);
		left = 0;
	}
	memmove(buf, s, left);
	*n = left;
}

static int
run(const char *name)
{
	static char buf[4096];
	int p[2] = { -1, -1 }, st = 0, n = 0, done = 0, late = 0, bad;
	long end = now_ms() + limit_s * 1000L;
	pid_t pid, w;

	if (!direct && pipe2(p, O_CLOEXEC) < 0) {
		say("@@gt note pipe: %s\n", strerror(errno));
		p[0] = p[1] = -1;
	}
	say("@@gt begin %s\n", name);
	sethostname("kerla", 5);
	setdomainname("(none)", 6);
	pid = fork();
	if (pid < 0) {
		say("@@gt end %s cannot fork: %s\n", name, strerror(errno));
		return 1;
	}
	if (pid == 0)
		child(name, p[1]);
	close(p[1]);
	if (p[0] >= 0)
		fcntl(p[0], F_SETFL, O_NONBLOCK);
	while (!done) {
		struct pollfd f = { p[0], POLLIN, 0 };
		int r;

		poll(&f, p[0] >= 0, 20);
		while (p[0] >= 0 &&
		       (r = read(p[0], buf + n, sizeof(buf) - n)) > 0) {
			n += r;
			emit(buf, &n, 0);
		}
		while ((w = waitpid(-1, &st, WNOHANG)) > 0)
			if (w == pid) {
				done = 1;
				break;
			}
		if (!done && now_ms() > end) {
			late = 1;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			end += 1000000;
		}
	}
	/* what the program left behind dies before the next begins */
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	if (p[0] >= 0) {
		int r;

		while ((r = read(p[0], buf + n, sizeof(buf) - n)) > 0) {
			n += r;
			emit(buf, &n, 0);
		}
		emit(buf, &n, 1);
		close(p[0]);
	}
	bad = late || !WIFEXITED(st) || WEXITSTATUS(st);
	say("@@gt end %s %s %d%s\n", name,
	    WIFEXITED(st) ? "exit" : "signal",
	    WIFEXITED(st) ? WEXITSTATUS(st) : WTERMSIG(st),
	    late ? " time limit" : "");
	return bad;
}

static void
dev_nodes(void)
{
	static const struct { const char *n; int ma, mi, mode; } t[] = {
		{ "null", 1, 3, 0666 }, { "zero", 1, 5, 0666 },
		{ "full", 1, 7, 0666 }, { "random", 1, 8, 0666 },
		{ "urandom", 1, 9, 0666 }, { "tty", 5, 0, 0666 },
		{ "ptmx", 5, 2, 0666 }, { "kmsg", 1, 11, 0644 },
	};
	char b[64];

	for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(b, sizeof(b), "/dev/%s", t[i].n);
		if (mknod(b, S_IFCHR | t[i].mode,
			  makedev(t[i].ma, t[i].mi)) < 0 && errno != EEXIST)
			say("@@gt note mknod %s: %s\n", b, strerror(errno));
		chmod(b, t[i].mode);
	}
}

static int
host_enter(const char *root)
{
	int st;
	pid_t p;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC)
	    < 0) {
		perror("gtrun: unshare");
		return 77;
	}
	p = fork();
	if (p < 0)
		return 77;
	if (p > 0) {
		if (waitpid(p, &st, 0) != p)
			return 77;
		return WIFEXITED(st) ? WEXITSTATUS(st) : 76;
	}
	/* not chroot(2): a chrooted process makes no user namespace */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) {
		perror("gtrun: namespace");
		_exit(77);
	}
	umask(0);
	must_mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755");
	dev_nodes();
	return -1;
}

static void
cmdline(char *progs, size_t size)
{
	static char b[4096];
	int fd = open("/proc/cmdline", O_RDONLY);
	int n = fd < 0 ? 0 : read(fd, b, sizeof(b) - 1);

	if (fd >= 0)
		close(fd);
	b[n > 0 ? n : 0] = 0;
	for (char *w = strtok(b, " \n"); w; w = strtok(NULL, " \n")) {
		if (!strncmp(w, "gt=", 3))
			snprintf(progs, size, "%s", w + 3);
		else if (!strncmp(w, "gtlimit=", 8))
			limit_s = atoi(w + 8);
		else if (!strcmp(w, "gtdirect"))
			direct = 1;
	}
}

int
main(int argc, char **argv)
{
	static char progs[16384];
	int host = argc > 2 && !strcmp(argv[1], "--host"), n = 0, r;

	if (host) {
		r = host_enter(argv[2]);
		if (r >= 0)
			return r;
		for (int i = 3; i < argc; i++) {
			strcat(progs, argv[i]);
			strcat(progs, ",");
		}
	} else if (getpid() != 1) {
		fprintf(stderr, "usage: gtrun --host ROOT [prog...]\n");
		return 64;
	} else {
		umask(0);
		must_mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
		if (fcntl(1, F_GETFD) < 0) {
			open("/dev/console", O_RDWR);
			dup2(0, 1);
			dup2(0, 2);
		}
		dev_nodes();
	}
	must_mount("proc", "/proc", "proc", 0, NULL);
	must_mount("sysfs", "/sys", "sysfs", 0, NULL);
	must_mount("devpts", "/dev/pts", "devpts", 0,
		   "newinstance,ptmxmode=666,mode=620,gid=5");
	must_mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	if (!host)
		cmdline(progs, sizeof(progs));
	if (!progs[0]) {
		int fd = open("/gt/list", O_RDONLY);

		r = fd < 0 ? 0 : read(fd, progs, sizeof(progs) - 1);
		progs[r > 0 ? r : 0] = 0;
		if (fd >= 0)
			close(fd);
	}
	for (char *w = strtok(progs, ", \n"); w; w = strtok(NULL, ", \n")) {
		char name[64];

		snprintf(name, sizeof(name), "%s", w);
		run(name);
		n++;
	}
	say("@@gt done %d\n", n);
	if (host)
		return 0;
	sync();
	tcdrain(1);		/* the machine waits for no terminal */
	reboot(RB_POWER_OFF);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
