/* SPDX-License-Identifier: MIT */
/* Mount namespaces: unshare, clone, setns, /proc/PID/ns, what propagates from
 * one to the other, what unshare takes; races of mounts with path walks. */
#include "gt.h"
#include <sys/ioctl.h>
#include <sys/mount.h>

#define TOP	"/tmp/mountns"
#define SETNS(fd, t) (int)syscall(SYS_setns, fd, t)
#define UNSHARE(f) (int)syscall(SYS_unshare, f)

static int
ns_id(const char *pid, ino_t *ino)
{
	char p[64];
	struct stat st;

	snprintf(p, sizeof(p), "/proc/%s/ns/mnt", pid);
	if (stat(p, &st))
		return -1;
	*ino = st.st_ino;
	return 0;
}

static int up[2], down[2];

static void
sync_to(int *p)
{
	NEED(write(p[1], "x", 1));
}
static void
sync_from(int *p)
{
	char c;

	NEED(read(p[0], &c, 1));
}

static void
t_names(void)
{
	char b[64], want[64];
	ino_t ino, other;
	ssize_t n;
	int fd;

	NEED(ns_id("self", &ino));
	n = NEED(readlink("/proc/self/ns/mnt", b, sizeof(b) - 1));
	b[n] = 0;
	snprintf(want, sizeof(want), "mnt:[%lu]", (unsigned long)ino);
	YES(!strcmp(b, want));
	fd = NEED(open("/proc/self/ns/mnt", O_RDONLY));
	VAL(ioctl(fd, 0xb703) == CLONE_NEWNS);
	OKAY(ioctl(fd, 0xb702));
	OKAY(ioctl(fd, 0xb704, &n));
	OKAY(ioctl(fd, 0x1234));
	VAL(read(fd, b, 4));
	OKAY(open("/proc/self/ns/mnt", O_RDWR));
	OKAY(open("/proc/self/ns/nothing", O_RDONLY));
	OKAY(mkdir("/proc/self/ns/x", 0755));
	VAL(UNSHARE(CLONE_NEWNS));
	NEED(ns_id("self", &other));
	YES(ino != other);
	VAL(SETNS(fd, CLONE_NEWUTS));
	VAL(SETNS(fd, CLONE_NEWNS));
	NEED(ns_id("self", &other));
	YES(ino == other);
	VAL(SETNS(fd, 0));
	VAL(SETNS(999, 0));
	VAL(SETNS(1, 0));
	close(fd);
}

static void
t_unshare(void)
{
	VAL(UNSHARE(0));
	VAL(UNSHARE(CLONE_FS));
	VAL(UNSHARE(CLONE_FILES));
	VAL(UNSHARE(CLONE_SYSVSEM));
	VAL(UNSHARE(CLONE_THREAD));
	VAL(UNSHARE(CLONE_SIGHAND));
	VAL(UNSHARE(CLONE_VM));
	VAL(UNSHARE(CLONE_VFORK));
	VAL(UNSHARE(CLONE_PARENT));
	VAL(UNSHARE(1));
	VAL(UNSHARE(CLONE_FS | CLONE_FILES | CLONE_NEWNS));
	VAL(syscall(SYS_clone, CLONE_NEWNS | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
}

static int
has(const char *p)
{
	return !access(p, F_OK);
}

/* the child has its own namespace; the parent's base is shared */
static void
spread(unsigned long type)
{
	pid_t pid;
	int st;

	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	NEED(mount(NULL, TOP, NULL, MS_SHARED, NULL));
	mkdir(TOP "/a", 0755);
	mkdir(TOP "/b", 0755);
	NEED(pipe(up));
	NEED(pipe(down));
	/* by clone: the child's root and cwd are the copies */
	NEED(chdir(TOP));
	pid = (pid_t)NEED(syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0,
				  0));
	if (!pid) {
		if (type)
			NEED(mount(NULL, TOP, NULL, type, NULL));
		sync_to(up);
		sync_from(down);
		out("child sees the parent's: %d", has("a/in"));
		NEED(mount("c", "b", "tmpfs", 0, NULL));
		put_file("b/child", "", 0644);
		sync_to(up);
		sync_from(down);
		out("gone again: %d", !has("a/in"));
		_exit(0);
	}
	sync_from(up);
	NEED(mount("p", TOP "/a", "tmpfs", 0, NULL));
	mkdir(TOP "/a/in", 0755);
	sync_to(down);
	sync_from(up);
	out("parent sees the child's: %d", has(TOP "/b/child"));
	NEED(umount2(TOP "/a", 0));
	sync_to(down);
	waitpid(pid, &st, 0);
	out("after the child: %d", has(TOP "/b/child"));
	umount2(TOP "/b", 0);
	chdir("/");
	VAL(umount2(TOP, 0));
	close(up[0]), close(up[1]), close(down[0]), close(down[1]);
}

static void
t_busy(void)
{
	pid_t pid;
	int st;

	/* a mount point that only another namespace uses can be removed */
	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	NEED(mount(NULL, TOP, NULL, MS_PRIVATE, NULL));
	mkdir(TOP "/a", 0755);
	mkdir(TOP "/b", 0755);
	NEED(pipe(up));
	NEED(pipe(down));
	pid = (pid_t)NEED(fork());
	if (!pid) {
		NEED(UNSHARE(CLONE_NEWNS));
		NEED(mount("c", TOP "/a", "tmpfs", 0, NULL));
		VAL(rmdir(TOP "/a"));
		VAL(rename(TOP "/a", TOP "/x"));
		NEED(mount("c", TOP "/b", "tmpfs", 0, NULL));
		put_file(TOP "/b/mark", "", 0644);
		sync_to(up);
		sync_from(down);
		out("child's mounts are gone: %d %d", !has(TOP "/a"),
		    !has(TOP "/b/mark"));
		_exit(0);
	}
	sync_from(up);
	VAL(rmdir(TOP "/a"));
	VAL(mkdir(TOP "/new", 0755));
	VAL(rename(TOP "/new", TOP "/b"));
	sync_to(down);
	waitpid(pid, &st, 0);
	VAL(umount2(TOP, 0));
}

/* newer Linux numbers namespaces by CPU, and a mount of one onto itself or an
 * older one is refused by these numbers */
static void
stay_on_one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	NEED(sched_setaffinity(0, sizeof(one), &one));
}

static void
t_bound(void)
{
	ino_t ino, other;
	int fd;

	/* a namespace kept by a bind mount of its file */
	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	NEED(mount(NULL, TOP, NULL, MS_PRIVATE, NULL));
	stay_on_one_cpu();
	NEED(UNSHARE(CLONE_NEWNS));
	put_file(TOP "/ns", "", 0644);
	NEED(ns_id("self", &ino));
	VAL(mount("/proc/self/ns/mnt", TOP "/ns", NULL, MS_BIND, NULL));
	pid_t pid = (pid_t)NEED(fork());
	if (!pid) {
		NEED(UNSHARE(CLONE_NEWNS));
		raise(SIGSTOP);
		_exit(0);
	}
	int st;
	char p[64];

	waitpid(pid, &st, WUNTRACED);
	snprintf(p, sizeof(p), "/proc/%d/ns/mnt", pid);
	OKAY(mount(p, TOP "/ns", NULL, MS_BIND, NULL));
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	fd = NEED(open(TOP "/ns", O_RDONLY));
	OKAY(umount2(TOP "/ns", 0));
	OKAY(SETNS(fd, CLONE_NEWNS));
	NEED(ns_id("self", &other));
	YES(ino != other);
	char cwd[300];
	okay("cwd is the root", syscall(SYS_getcwd, cwd, 300) == 2 ? 0 : -1);
}

/* mounts come and go while others walk through them */
#define ROUNDS	300
static void
t_race(void)
{
	pid_t w[3];
	int st, bad = 0;

	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	NEED(mount(NULL, TOP, NULL, MS_SHARED, NULL));
	mkdir(TOP "/a", 0755);
	mkdir(TOP "/a/x", 0755);
	mkdir(TOP "/b", 0755);
	NEED(mount(TOP, TOP "/b", NULL, MS_BIND, NULL));
	for (int k = 0; k < 3; k++) {
		w[k] = fork();
		if (w[k])
			continue;
		if (k == 2)		/* copies the tree again and again */
			for (int i = 0; i < ROUNDS / 4; i++)
				if (UNSHARE(CLONE_NEWNS))
					_exit(1);
		for (int i = 0; i < ROUNDS * 4; i++) {
			struct stat sb;

			if (stat(TOP "/a", &sb) || stat(TOP "/b/a", &sb))
				_exit(2);
			(void)!stat(TOP "/a/x", &sb);
			(void)!stat(TOP "/b/a/x/../x", &sb);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (mount("t", TOP "/a", "tmpfs", 0, NULL))
			bad++;
		if (umount2(TOP "/a", MNT_DETACH))
			bad++;
	}
	for (int k = 0; k < 3; k++) {
		waitpid(w[k], &st, 0);
		out("walker %d: %s", k, gt_status(st));
	}
	VAL(bad);
	VAL(umount2(TOP "/b", 0));
	VAL(umount2(TOP, MNT_DETACH));
}

int
main(void)
{
	(void)UNSHARE(CLONE_NEWNS);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mkdir(TOP, 0755);
	in_child("names", t_names);
	in_child("unshare", t_unshare);
	out("-- as cloned: peers");
	spread(0);
	out("-- slave");
	spread(MS_SLAVE);
	out("-- private");
	spread(MS_PRIVATE);
	in_child("busy", t_busy);
	in_child("bound", t_bound);
	in_child("race", t_race);
	return 0;
}
