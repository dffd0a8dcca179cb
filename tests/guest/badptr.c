/* SPDX-License-Identifier: MIT */
/* Every call that takes a pointer, with pointers that are not mapped, in the
 * kernel's half, non-canonical, ending at a hole: EFAULT, never a crash. */
#include "gt.h"
#include <sys/ioctl.h>

static int fd, p[2], dir;

struct c {
	int nr;
	const char *n;
	long a[6];
	int ptr;		/* which arguments are the bad pointer: bits */
};

static long
run(const struct c *c, long bad)
{
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = c->ptr & (1 << i) ? bad : c->a[i];
	return syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int
main(void)
{
	char *edge = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			  MAP_ANONYMOUS, -1, 0);
	char *ro = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	char *none = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	munmap(edge + 4096, 4096);
	memset(edge, 'x', 4096);
	fd = open("f", O_RDWR | O_CREAT, 0644);
	write(fd, edge, 4096);
	dir = open(".", O_RDONLY);
	pipe(p);
	write(p[1], edge, 100);
	const struct c t[] = {
		{ SYS_open, "open", { 0, 0, 0 }, 1 },
		{ SYS_openat, "openat", { AT_FDCWD, 0, 0 }, 2 },
		{ SYS_creat, "creat", { 0, 0600 }, 1 },
		{ SYS_stat, "stat path", { 0, (long)edge }, 1 },
		{ SYS_stat, "stat buf", { (long)".", 0 }, 2 },
		{ SYS_lstat, "lstat buf", { (long)".", 0 }, 2 },
		{ SYS_fstat, "fstat", { fd, 0 }, 2 },
		{ SYS_newfstatat, "newfstatat", { AT_FDCWD, (long)"f", 0, 0 },
		  4 },
		{ SYS_statx, "statx", { AT_FDCWD, (long)"f", 0, 0xfff, 0 },
		  16 },
		{ SYS_statfs, "statfs", { (long)".", 0 }, 2 },
		{ SYS_fstatfs, "fstatfs", { fd, 0 }, 2 },
		{ SYS_access, "access", { 0, 0 }, 1 },
		{ SYS_mkdir, "mkdir", { 0, 0755 }, 1 },
		{ SYS_rmdir, "rmdir", { 0 }, 1 },
		{ SYS_unlink, "unlink", { 0 }, 1 },
		{ SYS_unlinkat, "unlinkat", { AT_FDCWD, 0, 0 }, 2 },
		{ SYS_rename, "rename old", { 0, (long)"x" }, 1 },
		{ SYS_rename, "rename new", { (long)"f", 0 }, 2 },
		{ SYS_link, "link", { (long)"f", 0 }, 2 },
		{ SYS_symlink, "symlink", { 0, (long)"y" }, 1 },
		{ SYS_readlink, "readlink", { 0, (long)edge, 10 }, 1 },
		{ SYS_chmod, "chmod", { 0, 0644 }, 1 },
		{ SYS_chown, "chown", { 0, 0, 0 }, 1 },
		{ SYS_truncate, "truncate", { 0, 0 }, 1 },
		{ SYS_chdir, "chdir", { 0 }, 1 },
		{ SYS_chroot, "chroot", { 0 }, 1 },
		{ SYS_mknod, "mknod", { 0, 010644, 0 }, 1 },
		{ SYS_utimensat, "utimensat", { AT_FDCWD, (long)"f", 0, 0 },
		  4 },
		{ SYS_getcwd, "getcwd", { 0, 200 }, 1 },
		{ SYS_read, "read", { fd, 0, 10 }, 2 },
		{ SYS_read, "read pipe", { 0, 0, 10 }, 2 },
		{ SYS_write, "write", { fd, 0, 10 }, 2 },
		{ SYS_write, "write pipe", { 0, 0, 10 }, 2 },
		{ SYS_pread64, "pread64", { fd, 0, 10, 0 }, 2 },
		{ SYS_pwrite64, "pwrite64", { fd, 0, 10, 0 }, 2 },
		{ SYS_readv, "readv", { fd, 0, 1 }, 2 },
		{ SYS_writev, "writev", { fd, 0, 1 }, 2 },
		{ SYS_preadv, "preadv", { fd, 0, 1, 0, 0 }, 2 },
		{ SYS_getdents64, "getdents64", { dir, 0, 500 }, 2 },
		{ SYS_pipe, "pipe", { 0 }, 1 },
		{ SYS_pipe2, "pipe2", { 0, 0 }, 1 },
		{ SYS_poll, "poll", { 0, 1, 0 }, 1 },
		{ SYS_ppoll, "ppoll timeout", { 0, 0, 0, 0, 8 }, 4 },
		{ SYS_select, "select set", { 1, 0, 0, 0, 0 }, 2 },
		{ SYS_select, "select time", { 0, 0, 0, 0, 0 }, 16 },
		{ SYS_pselect6, "pselect6 sig", { 0, 0, 0, 0, 0, 0 }, 32 },
		{ SYS_ioctl, "ioctl FIONREAD", { 0, FIONREAD, 0 }, 4 },
		{ SYS_fcntl, "fcntl GETLK", { fd, 5, 0 }, 4 },
		{ SYS_sendfile, "sendfile", { fd, fd, 0, 1 }, 4 },
		{ SYS_nanosleep, "nanosleep", { 0, 0 }, 1 },
		{ SYS_clock_gettime, "clock_gettime", { 1, 0 }, 2 },
		{ SYS_clock_getres, "clock_getres", { 1, 0 }, 2 },
		{ SYS_clock_settime, "clock_settime", { 0, 0 }, 2 },
		{ SYS_gettimeofday, "gettimeofday", { 0, 0 }, 1 },
		{ SYS_settimeofday, "settimeofday", { 0, 0 }, 1 },
		{ SYS_setitimer, "setitimer", { 0, 0, 0 }, 2 },
		{ SYS_getitimer, "getitimer", { 0, 0 }, 2 },
		{ SYS_times, "times", { 0 }, 1 },
		{ SYS_getrusage, "getrusage", { 0, 0 }, 2 },
		{ SYS_getrlimit, "getrlimit", { 7, 0 }, 2 },
		{ SYS_setrlimit, "setrlimit", { 7, 0 }, 2 },
		{ SYS_prlimit64, "prlimit64 new", { 0, 7, 0, 0 }, 4 },
		{ SYS_prlimit64, "prlimit64 old", { 0, 7, 0, 0 }, 8 },
		{ SYS_rt_sigaction, "rt_sigaction", { 10, 0, 0, 8 }, 2 },
		{ SYS_rt_sigprocmask, "rt_sigprocmask", { 0, 0, 0, 8 }, 2 },
		{ SYS_rt_sigpending, "rt_sigpending", { 0, 8 }, 1 },
		{ SYS_rt_sigsuspend, "rt_sigsuspend", { 0, 8 }, 1 },
		{ SYS_rt_sigtimedwait, "rt_sigtimedwait", { 0, 0, 0, 8 },
		  1 },
		{ SYS_rt_sigqueueinfo, "rt_sigqueueinfo", { 1, 10, 0 }, 4 },
		{ SYS_sigaltstack, "sigaltstack", { 0, 0 }, 1 },
		{ SYS_uname, "uname", { 0 }, 1 },
		{ SYS_sysinfo, "sysinfo", { 0 }, 1 },
		{ SYS_getrandom, "getrandom", { 0, 16, 0 }, 1 },
		{ SYS_sethostname, "sethostname", { 0, 5 }, 1 },
		{ SYS_getresuid, "getresuid", { 0, 0, 0 }, 7 },
		{ SYS_setgroups, "setgroups", { 3, 0 }, 2 },
		{ SYS_execve, "execve", { 0, 0, 0 }, 1 },
		{ SYS_mount, "mount", { 0, (long)".", (long)"tmpfs", 0, 0 },
		  1 },
		{ SYS_umount2, "umount2", { 0, 0 }, 1 },
		{ SYS_pivot_root, "pivot_root", { 0, (long)"." }, 1 },
		{ SYS_mincore, "mincore", { (long)ro, 4096, 0 }, 4 },
		{ SYS_sched_getaffinity, "sched_getaffinity", { 0, 128, 0 },
		  4 },
		{ SYS_sched_getparam, "sched_getparam", { 0, 0 }, 2 },
		{ SYS_prctl, "prctl GET_NAME", { 16, 0 }, 2 },
		{ SYS_prctl, "prctl SET_NAME", { 15, 0 }, 2 },
		{ SYS_arch_prctl, "arch_prctl GET_FS", { 0x1003, 0 }, 2 },
		{ SYS_getcpu, "getcpu", { 0, 0, 0 }, 1 },
	};
	struct { const char *n; long v; } bad[] = {
		{ "8", 8 },
		{ "kernel", (long)0xffff888000001000ul },
		{ "kernel text", (long)0xffffffff81000000ul },
		{ "non-canonical", (long)0x8000000000000000ul },
		{ "last byte", -1 },
		{ "edge of user", (long)0x7ffffffff000ul },
		{ "PROT_NONE", (long)none },
	};
	for (unsigned i = 0; i < NELEM(t); i++) {
		char line[400] = "";

		for (unsigned j = 0; j < NELEM(bad); j++) {
			struct c c = t[i];
			pid_t k;
			int st, q[2];
			char r = 0;

			if (c.nr == SYS_read && !strcmp(c.n, "read pipe"))
				c.a[0] = p[0];
			if (c.nr == SYS_write && !strcmp(c.n, "write pipe"))
				c.a[0] = p[1];
			if (c.nr == SYS_ioctl)
				c.a[0] = p[0];
			if (c.nr == SYS_rt_sigqueueinfo)
				c.a[0] = getpid();
			lseek(fd, 0, SEEK_SET);
			pipe(q);
			k = fork();
			if (k == 0) {
				errno = 0;
				r = run(&c, bad[j].v) < 0 ? (char)errno : 0;
				write(q[1], &r, 1);
				_exit(0);
			}
			close(q[1]);
			if (read(q[0], &r, 1) != 1)
				r = 0;
			close(q[0]);
			waitpid(k, &st, 0);
			snprintf(line + strlen(line), sizeof(line) -
				 strlen(line), " %s", WIFSIGNALED(st) ?
				 gt_sig(WTERMSIG(st)) : r ? gt_errno(r) :
				 "ok");
		}
		out("%s:%s", t[i].n, line);
	}
	lseek(fd, 0, SEEK_SET);
	/* buffers that end at a hole */
	val("path up to the edge without end", syscall(SYS_open, edge + 4090,
						       0));
	edge[4095] = 0;
	memset(edge + 4000, 'q', 95);
	val("path that just ends", syscall(SYS_open, edge + 4000, 0));
	val("stat over the edge", syscall(SYS_stat, ".", edge + 4000));
	val("uname over the edge", syscall(SYS_uname, edge + 4000));
	val("getdents over the edge", syscall(SYS_getdents64, dir,
					      edge + 4090, 500));
	val("getcwd over the edge", syscall(SYS_getcwd, edge + 4090, 200));
	val("stat into read-only", syscall(SYS_stat, ".", ro));
	val("read into read-only", syscall(SYS_read, fd, ro, 10));
	val("read of /dev/zero over the edge", syscall(SYS_read,
		open("/dev/zero", O_RDONLY), edge + 4000, 4096));
	val("getrandom over the edge", syscall(SYS_getrandom, edge + 4000,
					       200, 0));
	val("getrandom page over the edge", syscall(SYS_getrandom, edge,
						    8192, 0) > 0);
	return 0;
}
