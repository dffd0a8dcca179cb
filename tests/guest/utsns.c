/* SPDX-License-Identifier: MIT */
/* UTS namespaces: names are a namespace's own; unshare, clone, setns. */
#include "gt.h"
#include <sys/ioctl.h>
#include <sys/utsname.h>

static void
names(const char *who)
{
	char b[128];
	struct utsname u;

	NEED(syscall(SYS_uname, &u));
	out("%s: %s [%s]", who, u.nodename, u.domainname);
	NEED(get_file("/proc/sys/kernel/hostname", b, sizeof(b)));
	b[strcspn(b, "\n")] = 0;
	out("%s in /proc: %s", who, b);
}

static ino_t
ns_ino(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

static int
in_new(void *arg)
{
	int *fds = arg;
	char c;

	names("child");
	VAL(syscall(SYS_sethostname, "child", 5));
	VAL(syscall(SYS_setdomainname, "", 0));
	names("child");
	NEED(write(fds[1], "x", 1));
	NEED(read(fds[2], &c, 1));
	return 0;
}

static void
t_clone(void)
{
	int up[2], down[2], fds[4], st, ns, own;
	char p[64], c;
	pid_t pid;

	NEED(pipe(up));
	NEED(pipe(down));
	fds[1] = up[1], fds[2] = down[0];
	pid = (pid_t)NEED(syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0,
				  0));
	if (!pid)
		_exit(in_new(fds));
	NEED(read(up[0], &c, 1));
	names("parent");
	snprintf(p, sizeof(p), "/proc/%d/ns/uts", pid);
	YES(ns_ino(p) != ns_ino("/proc/self/ns/uts"));
	own = (int)NEED(open("/proc/self/ns/uts", O_RDONLY));
	ns = (int)NEED(open(p, O_RDONLY));
	VAL(ioctl(ns, 0xb703) == CLONE_NEWUTS);
	VAL(ioctl(ns, 0xb702));
	NEED(write(down[1], "x", 1));
	waitpid(pid, &st, 0);
	VAL(syscall(SYS_setns, ns, CLONE_NEWNS));
	VAL(syscall(SYS_setns, ns, CLONE_NEWUTS));
	names("entered, its maker gone");
	VAL(syscall(SYS_setns, own, 0));
	names("back");
	close(ns), close(own);
}

static void
t_user(void)
{
	VAL(syscall(SYS_unshare, CLONE_NEWUTS));
	VAL(syscall(SYS_sethostname, "x", 1));
	VAL(syscall(SYS_setns, 99, CLONE_NEWUTS));
}

int
main(void)
{
	char long_name[65];

	memset(long_name, 'n', sizeof(long_name));
	VAL(syscall(SYS_unshare, CLONE_NEWUTS));
	VAL(syscall(SYS_sethostname, "first", 5));
	VAL(syscall(SYS_setdomainname, "domain", 6));
	names("unshared");
	t_clone();
	VAL(syscall(SYS_sethostname, long_name, 65));
	VAL(syscall(SYS_sethostname, long_name, 64));
	VAL(syscall(SYS_sethostname, long_name, -1));
	VAL(syscall(SYS_sethostname, BAD, 3));
	names("longest");
	NEED(dup2((int)NEED(open("/proc/self/ns/uts", O_RDONLY)), 99));
	as_user("user", t_user);
	return 0;
}
