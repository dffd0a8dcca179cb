/* SPDX-License-Identifier: MIT */
/* Every call number with senseless arguments, each in a child: nothing may
 * bring the kernel down.  Printed are only the calls that belong to what
 * every Linux has and whose answer is the same everywhere. */
#include "gt.h"

/* calls that end, stop or reshape the child or the system even so */
static const int skip[] = {
	SYS_exit, SYS_exit_group, SYS_pause, SYS_rt_sigreturn, SYS_vfork,
	SYS_fork, SYS_reboot, SYS_vhangup, SYS_sync, SYS_clone, SYS_kill,
	SYS_tkill, SYS_tgkill, 435, SYS_ptrace, SYS_setsid,
	SYS_rt_sigqueueinfo, SYS_restart_syscall, SYS_kexec_load, SYS_iopl,
	SYS_ioperm, SYS_syslog, SYS_umount2, SYS_rt_sigsuspend, SYS_wait4,
	SYS_waitid, SYS_sched_setattr,
	424,				/* pidfd_send_signal */
};
/* printed with all arguments -1: basic calls */
static const int show[] = {
	SYS_read, SYS_write, SYS_open, SYS_close, SYS_stat, SYS_fstat,
	SYS_lstat, SYS_poll, SYS_lseek, SYS_mmap, SYS_mprotect,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_ioctl, SYS_pread64,
	SYS_pwrite64, SYS_readv, SYS_writev, SYS_access, SYS_pipe,
	SYS_mremap, SYS_msync, SYS_madvise, SYS_dup, SYS_dup2, SYS_nanosleep,
	SYS_getitimer, SYS_setitimer, SYS_sendfile, SYS_execve, SYS_fcntl,
	SYS_flock, SYS_fsync, SYS_fdatasync, SYS_truncate, SYS_ftruncate,
	SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_rename, SYS_mkdir, SYS_rmdir,
	SYS_creat, SYS_link, SYS_unlink, SYS_symlink, SYS_readlink,
	SYS_chmod, SYS_fchmod, SYS_chown, SYS_fchown, SYS_getrlimit,
	SYS_getrusage, SYS_sysinfo, SYS_times, SYS_setpgid, SYS_getpgid,
	SYS_getsid, SYS_getgroups, SYS_setgroups, SYS_rt_sigpending,
	SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_mknod, SYS_statfs,
	SYS_fstatfs, SYS_getpriority, SYS_sched_getscheduler, SYS_mlock,
	SYS_prctl, SYS_arch_prctl, SYS_setrlimit, SYS_chroot, SYS_mount,
	SYS_sethostname, SYS_getdents64, SYS_clock_gettime,
	SYS_clock_settime, SYS_clock_getres, SYS_clock_nanosleep,
	SYS_utimes, SYS_openat, SYS_mkdirat, SYS_mknodat, SYS_fchownat,
	SYS_newfstatat, SYS_unlinkat, SYS_renameat, SYS_linkat,
	SYS_symlinkat, SYS_readlinkat, SYS_fchmodat, SYS_faccessat,
	SYS_pselect6, SYS_ppoll, SYS_utimensat, SYS_fallocate, SYS_dup3,
	SYS_pipe2, SYS_preadv, SYS_pwritev, SYS_prlimit64, SYS_syncfs,
	SYS_renameat2, SYS_getrandom, SYS_execveat, 332 /* statx */,
	436 /* close_range */, 439 /* faccessat2 */,
	/* numbers that are no call */
	387, 400, 423, 1000, 100000,
};

static int
in(const int *v, unsigned n, int x)
{
	for (unsigned i = 0; i < n; i++)
		if (v[i] == x)
			return 1;
	return 0;
}

static const char *
one(int nr, long arg, char *txt)
{
	int q[2], st, e = -1;
	pid_t c;

	pipe(q);
	c = fork();
	if (c == 0) {
		long v;

		close(q[0]);
		setpgid(0, 0);
		if (fork() == 0) {
			struct itimerval t = { { 0, 20000 }, { 0, 50000 } };

			/* one further: what it changes dies with it; what
			 * blocks ends by the alarm */
			setitimer(ITIMER_REAL, &t, NULL);
			errno = 0;
			v = syscall(nr, arg, arg, arg, arg, arg, arg);
			e = v == -1 ? errno : 0;
			write(q[1], &e, 4);
			_exit(0);
		}
		close(q[1]);
		wait(&st);
		_exit(0);
	}
	close(q[1]);
	if (read(q[0], &e, 4) != 4)
		e = -1;
	close(q[0]);
	kill(-c, SIGKILL);
	waitpid(c, &st, 0);
	strcpy(txt, e < 0 ? "died" : e ? gt_errno(e) : "ok");
	return txt;
}

int
main(void)
{
	char a[32], b[32];

	signal(SIGCHLD, SIG_DFL);
	for (int nr = 0; nr <= 460; nr++) {
		if (in(skip, NELEM(skip), nr))
			continue;
		one(nr, 0, b);
		one(nr, -1, a);
		if (in(show, NELEM(show), nr))
			out("%d with -1: %s", nr, a);
		one(nr, 0x7fffffff, a);
		one(nr, (long)0x8000000000000000ul, a);
		one(nr, 0x7fffffffffffl, a);
	}
	for (unsigned i = 0; i < NELEM(show); i++)
		if (show[i] > 460)
			out("%d with -1: %s", show[i], one(show[i], -1, a));
	out("swept");
	return 0;
}
