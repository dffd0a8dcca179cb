/* SPDX-License-Identifier: MIT */
/*
 * User namespaces: what a new one gives, maps and who may write them, ids as
 * they come in and go out, capabilities towards owners and files, entering.
 * Root sets the scene; what the namespaces are for is done as a mere user.
 */
#include "gt.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#define TOP "/tmp/userns"
#define UNSHARE(f) syscall(SYS_unshare, f)
#define UID 1000
#define GID 1001

static int
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), r, e;

	if (fd < 0)
		return -1;
	r = (int)write(fd, text, strlen(text));
	e = errno;
	close(fd);
	errno = e;
	return r < 0 ? -1 : 0;
}

static void
show(const char *path)
{
	char b[8192];

	if (get_file(path, b, sizeof(b)) < 0)
		out("%s: %s", path, gt_errno(errno));
	else
		out("%s: %s", path, *b ? b : "empty");
}

static void
caps(const char *who)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	NEED(syscall(SYS_capget, &h, d));
	out("%s: eff %d per %d inh %d bnd %d amb %d sec %d", who,
	    d[0].effective == ~0U, d[0].permitted == ~0U, d[0].inheritable,
	    (int)prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0),
	    (int)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0),
	    (int)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
}

static void
ids(const char *who)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	NEED(syscall(SYS_getresuid, &r, &e, &s));
	NEED(syscall(SYS_getresgid, &gr, &ge, &gs));
	out("%s: %u %u %u, %u %u %u; %d %d", who, r, e, s, gr, ge, gs,
	    (int)syscall(SYS_getuid), (int)syscall(SYS_getegid));
}

static void
be_user(void)
{
	NEED(syscall(SYS_setgroups, 0, 0));
	NEED(syscall(SYS_setresgid, GID, GID, GID));
	NEED(syscall(SYS_setresuid, UID, UID, UID));
	NEED(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static void
owner_of(const char *p)
{
	struct stat st;

	if (stat(p, &st))
		out("%s: %s", p, gt_errno(errno));
	else
		out("%s: %u %u", p, st.st_uid, st.st_gid);
}

static void
t_self(void)
{
	char line[64];

	be_user();
	VAL(UNSHARE(CLONE_NEWUTS));
	VAL(UNSHARE(CLONE_NEWUSER));
	caps("new");
	ids("unmapped");
	owner_of(TOP "/root");
	owner_of(TOP "/mine");
	show("/proc/self/uid_map");
	show("/proc/self/setgroups");
	VAL(syscall(SYS_setresuid, 0, 0, 0));
	VAL(syscall(SYS_setuid, UID));
	VAL(syscall(SYS_chown, TOP "/mine", UID, -1));
	VAL(put("/proc/self/gid_map", "0 1001 1\n"));
	VAL(put("/proc/self/setgroups", "perhaps"));
	VAL(put("/proc/self/setgroups", "deny and so on"));
	VAL(put("/proc/self/setgroups", "deny"));
	VAL(put("/proc/self/setgroups", "allow"));
	show("/proc/self/setgroups");
	VAL(put("/proc/self/uid_map", "0 0 1\n"));
	VAL(put("/proc/self/uid_map", "0 1000 2\n"));
	VAL(put("/proc/self/uid_map", "\n"));
	VAL(put("/proc/self/uid_map", "0 1000\n"));
	VAL(put("/proc/self/uid_map", "0 1000 0\n"));
	VAL(put("/proc/self/uid_map", "0 1000 1 1\n"));
	VAL(put("/proc/self/uid_map", "a 1000 1\n"));
	VAL(put("/proc/self/uid_map", "4294967295 1000 1\n"));
	VAL(put("/proc/self/uid_map", "4294967290 1000 10\n"));
	VAL(put("/proc/self/uid_map", "0 1000 1\n0 1001 1\n"));
	VAL(put("/proc/self/uid_map", "0 1000 1\n5 1000 1\n"));
	VAL(put("/proc/self/uid_map", "  0\t1000 1  "));
	VAL(put("/proc/self/uid_map", "0 1000 1\n"));
	VAL(put("/proc/self/gid_map", "7 1001 1\n"));
	VAL(put("/proc/self/setgroups", "deny"));
	VAL(put("/proc/self/projid_map", "0 0 100\n"));
	VAL(put("/proc/self/projid_map", "0 0 100\n"));
	show("/proc/self/uid_map");
	show("/proc/self/gid_map");
	show("/proc/self/projid_map");
	ids("mapped");
	owner_of(TOP "/root");
	owner_of(TOP "/mine");
	VAL(syscall(SYS_setgroups, 0, 0));
	VAL(syscall(SYS_setresuid, 1, -1, -1));
	VAL(syscall(SYS_setresuid, 0, 0, 0));
	VAL(syscall(SYS_setgid, 7));
	VAL(syscall(SYS_setgid, 0));
	VAL(syscall(SYS_chown, TOP "/mine", 0, 7));
	VAL(syscall(SYS_chown, TOP "/mine", 1, -1));
	VAL(syscall(SYS_chown, TOP "/root", 0, -1));
	VAL(open(TOP "/secret", O_RDONLY));
	VAL(open(TOP "/secret", O_WRONLY));
	VAL(mknod(TOP "/dir/null", S_IFCHR | 0666, 0x103));
	VAL(chmod(TOP "/root", 0777));
	VAL(syscall(SYS_sethostname, "x", 1));
	VAL(UNSHARE(CLONE_NEWUTS));
	VAL(syscall(SYS_sethostname, "x", 1));
	VAL(syscall(SYS_settimeofday, &(struct timeval){ 1, 0 }, 0));
	VAL(syscall(SYS_chroot, "/"));
	VAL(nice(-5));
	snprintf(line, sizeof(line), "/proc/%d/ns/user", getppid());
	VAL(syscall(SYS_setns, NEED(open("/proc/self/ns/user", O_RDONLY)), 0));
}

static int
level(int n)
{
	int st;
	pid_t p;

	if (UNSHARE(CLONE_NEWUSER))
		return out("level %d: %s", n, gt_errno(errno)), 0;
	NEED(put("/proc/self/uid_map", n ? "0 0 1" : "0 1000 1"));
	NEED(put("/proc/self/setgroups", "deny"));
	NEED(put("/proc/self/gid_map", n ? "0 0 1" : "0 1001 1"));
	p = (pid_t)NEED(fork());
	if (!p)
		_exit(level(n + 1));
	waitpid(p, &st, 0);
	return WEXITSTATUS(st);
}

static void
t_nested(void)
{
	be_user();
	level(0);
}

/* a child in a new user namespace (and more), the parent maps it */
static int to_child[2], to_parent[2];

static void
child_step(void)
{
	char c;

	NEED(write(to_parent[1], "x", 1));
	NEED(read(to_child[0], &c, 1));
}
static void
await_child(void)
{
	char c;

	NEED(read(to_parent[0], &c, 1));
}

static pid_t
start(unsigned long flags, void (*fn)(void))
{
	pid_t p;

	NEED(pipe(to_child));
	NEED(pipe(to_parent));
	p = (pid_t)NEED(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
	if (!p) {
		child_step();
		fn();
		_exit(0);
	}
	await_child();
	return p;
}

static void
finish(pid_t p)
{
	int st;

	NEED(write(to_child[1], "x", 1));
	waitpid(p, &st, 0);
	out("child: %s", gt_status(st));
	close(to_child[0]), close(to_child[1]);
	close(to_parent[0]), close(to_parent[1]);
}

static int
map(pid_t p, const char *file, const char *text)
{
	char b[64];

	snprintf(b, sizeof(b), "/proc/%d/%s", p, file);
	return put(b, text);
}

static void
groups(const char *who)
{
	gid_t g[8];
	char b[80] = "";
	int n = (int)syscall(SYS_getgroups, 8, g);

	for (int i = 0; i < n; i++)
		snprintf(b + strlen(b), sizeof(b) - strlen(b), " %u", g[i]);
	out("%s has %d groups:%s", who, n, b);
}

static void
status_ids(const char *who, const char *pid)
{
	char b[8192], p[64], *u;

	snprintf(p, sizeof(p), "/proc/%s/status", pid);
	if (get_file(p, b, sizeof(b)) < 0 || !(u = strstr(b, "\nUid:")))
		return;
	*strchr(strstr(u, "\nGid:") + 1, '\n') = 0;
	out("%s: %s", who, u + 1);
}

static void
in_wide(void)
{
	gid_t g[3] = { 5, 2, 70000 };
	struct stat st;
	int fd;

	caps("wide");
	ids("wide");
	groups("wide");
	status_ids("wide", "self");
	owner_of(TOP "/mine");
	owner_of(TOP "/root");
	VAL(syscall(SYS_setgroups, 3, g));
	VAL(syscall(SYS_setgroups, 2, g));
	groups("wide");
	VAL(syscall(SYS_setresgid, 0, 0, 0));
	VAL(syscall(SYS_setresuid, 0, 0, 0));
	caps("root");
	fd = (int)NEED(open(TOP "/dir/new", O_CREAT | O_RDWR, 0644));
	VAL(fchown(fd, 3, 4));
	VAL(fchown(fd, 70000, -1));
	NEED(fstat(fd, &st));
	out("new: %u %u", st.st_uid, st.st_gid);
	VAL(chown(TOP "/mine", 0, 0));
	VAL(UNSHARE(CLONE_NEWNS));
	VAL(mount("none", "/proc/sys", "tmpfs", 0, NULL));
	VAL(mount("t", TOP "/mnt", "tmpfs", 0, "uid=3,gid=70000"));
	VAL(mount("t", TOP "/mnt", "tmpfs", 0, "uid=3,mode=755"));
	owner_of(TOP "/mnt");
	VAL(mknod(TOP "/mnt/fifo", S_IFIFO | 0666, 0));
	VAL(mknod(TOP "/mnt/zero", S_IFCHR | 0666, 0x105));
	VAL(umount2(TOP "/mnt", 0));
	VAL(mount("t", TOP "/mnt", "devtmpfs", 0, NULL));
	VAL(mount("p", TOP "/mnt", "proc", 0, NULL));
	VAL(mount("t", TOP "/mnt", "nothing", 0, NULL));
	VAL(umount2("/proc", 0));
	VAL(mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	VAL(syscall(SYS_setresuid, 5, 5, 5));
	caps("uid 5");
	ids("uid 5");
	VAL(setpriority(PRIO_USER, 70000, 3));
	VAL(getpriority(PRIO_USER, 70000));
}

static void
t_wide(void)
{
	char b[32];
	pid_t p;

	p = start(CLONE_NEWUSER, in_wide);
	VAL(map(p, "uid_map", "0 100000 1000\n1000 1000 5\n"));
	VAL(map(p, "gid_map", "2000 1001 1\n0 200000 1000\n"));
	snprintf(b, sizeof(b), "/proc/%d/uid_map", p);
	{
		char t[512];

		get_file(b, t, sizeof(t));
		out("%s", t);
	}
	snprintf(b, sizeof(b), "%d", p);
	status_ids("outside", b);
	finish(p);
	owner_of(TOP "/dir/new");
}

static void
sig_info(int s, siginfo_t *i, void *u)
{
	(void)u;
	out("signal %s from %u", gt_sig(s), i->si_uid);
}

static void
in_signal(void)
{
	child_step();
	NEED(kill(getppid(), SIGUSR1));
	child_step();
	NEED(kill(getpid(), SIGUSR1));
}

static void
t_signal(void)
{
	siginfo_t si = { 0 };
	pid_t p;

	be_user();
	NEED(on_signal(SIGUSR1, sig_info, SA_SIGINFO | SA_RESTART, 0));
	NEED(on_signal(SIGUSR2, sig_info, SA_SIGINFO | SA_RESTART, 0));
	p = start(CLONE_NEWUSER, in_signal);
	NEED(map(p, "setgroups", "deny"));
	NEED(map(p, "uid_map", "3 1000 1"));
	NEED(map(p, "gid_map", "4 1001 1"));
	VAL(kill(p, 0));
	NEED(write(to_child[1], "x", 1));
	await_child();
	NEED(kill(p, SIGUSR2));
	NEED(write(to_child[1], "x", 1));
	await_child();
	NEED(write(to_child[1], "x", 1));
	while (waitid(P_PID, p, &si, WEXITED) < 0 && errno == EINTR)
		;
	out("waited: uid %u status %d", si.si_uid, si.si_status);
}

static void
send_creds(int fd, uid_t uid, gid_t gid)
{
	struct ucred u = { getpid(), uid, gid };
	char buf[CMSG_SPACE(sizeof(u))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
		.msg_control = buf, .msg_controllen = sizeof(buf) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(u));
	memcpy(CMSG_DATA(c), &u, sizeof(u));
	out("send as %u %u: %s", uid, gid,
	    sendmsg(fd, &m, 0) < 0 ? gt_errno(errno) : "sent");
}

static void
recv_creds(const char *who, int fd)
{
	struct ucred u;
	char buf[CMSG_SPACE(sizeof(u))], x;
	struct iovec v = { &x, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
		.msg_control = buf, .msg_controllen = sizeof(buf) };

	NEED(recvmsg(fd, &m, 0));
	memcpy(&u, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(u));
	out("%s received from %u %u", who, u.uid, u.gid);
}

static int pair[2];

static void
in_creds(void)
{
	struct ucred u;
	socklen_t n = sizeof(u);

	recv_creds("inside", pair[1]);
	NEED(getsockopt(pair[1], SOL_SOCKET, SO_PEERCRED, &u, &n));
	out("peer: %u %u", u.uid, u.gid);
	send_creds(pair[1], 0, 0);
	send_creds(pair[1], 9, 9);
	send_creds(pair[1], 70000, 0);
}

static void
t_creds(void)
{
	pid_t p;
	int one = 1;

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	NEED(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	NEED(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	p = start(CLONE_NEWUSER, in_creds);
	NEED(map(p, "uid_map", "0 100000 1000\n1000 0 1\n"));
	NEED(map(p, "gid_map", "0 200000 1000\n"));
	send_creds(pair[0], 0, 0);
	finish(p);
	recv_creds("outside", pair[0]);
}

static void
in_wait(void)
{
	VAL(syscall(SYS_setresuid, 0, 0, 0));
}

static void
t_enter(void)
{
	char b[64];
	int fd, r;
	uid_t uid;
	pid_t p;

	be_user();
	p = start(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWNS, in_wait);
	NEED(map(p, "uid_map", "0 1000 1"));
	snprintf(b, sizeof(b), "/proc/%d/ns/user", p);
	fd = (int)NEED(open(b, O_RDONLY));
	VAL(ioctl(fd, 0xb703) == CLONE_NEWUSER);
	VAL(ioctl(fd, 0xb704, &uid));
	out("owner %u", uid);
	OKAY(ioctl(fd, 0xb702));
	OKAY(r = ioctl(fd, 0xb701));
	VAL(ioctl(r, 0xb702));
	snprintf(b, sizeof(b), "/proc/%d/ns/uts", p);
	r = (int)NEED(open(b, O_RDONLY));
	VAL(syscall(SYS_setns, r, 0));
	VAL(syscall(SYS_setns, fd, CLONE_NEWUTS));
	VAL(syscall(SYS_setns, fd, CLONE_NEWUSER));
	VAL(syscall(SYS_setns, fd, CLONE_NEWUSER));
	caps("entered");
	ids("entered");
	VAL(syscall(SYS_setns, r, 0));
	VAL(syscall(SYS_sethostname, "inner", 5));
	OKAY(ioctl(fd, 0xb702));
	finish(p);
}

/* all at once, by a descriptor of a process */
static void
t_enter_pidfd(void)
{
	int fd;
	pid_t p;

	be_user();
	p = start(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWNS, in_wait);
	NEED(map(p, "uid_map", "0 1000 1"));
	fd = (int)NEED(syscall(434 /* pidfd_open */, p, 0));
	VAL(syscall(SYS_setns, fd, 0));
	VAL(syscall(SYS_setns, fd, CLONE_NEWNS));
	VAL(syscall(SYS_setns, fd, CLONE_FS));
	VAL(syscall(SYS_setns, fd, CLONE_NEWUSER | CLONE_NEWUTS |
		    CLONE_NEWNS));
	ids("entered");
	VAL(mount("x", "/tmp", "tmpfs", 0, NULL));
	finish(p);
}

/* /proc of one's own processes, unless something hides part of the other */
static void
proc_in_own(void)
{
	char b[32];
	int st;

	if (!NEED(fork())) {
		ssize_t n;

		VAL(mount("p", TOP "/mnt", "proc", 0, NULL));
		n = readlink(TOP "/mnt/self", b, sizeof(b) - 1);
		b[n > 0 ? n : 0] = 0;
		out("self is [%s]", b);
		owner_of(TOP "/mnt/self");
		owner_of(TOP "/mnt/uptime");
		_exit(0);
	}
	wait(&st);
}

static void
t_proc(void)
{
	be_user();
	NEED(UNSHARE(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS));
	NEED(put("/proc/self/uid_map", "0 1000 1"));
	proc_in_own();
}

static void
t_proc_hidden(void)
{
	NEED(UNSHARE(CLONE_NEWNS));
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	NEED(mount("t", "/proc/sys", "tmpfs", 0, NULL));
	t_proc();
}

static void
t_limits(void)
{
	be_user();
	NEED(UNSHARE(CLONE_NEWUSER));
	NEED(put("/proc/self/uid_map", "0 1000 1"));
	VAL(put("/proc/sys/user/max_uts_namespaces", "1"));
	VAL(put("/proc/sys/user/max_uts_namespaces", "-1"));
	VAL(put("/proc/sys/user/max_user_namespaces", "0"));
	show("/proc/sys/user/max_uts_namespaces");
	VAL(UNSHARE(CLONE_NEWUTS));
	VAL(UNSHARE(CLONE_NEWUTS));
	VAL(UNSHARE(CLONE_NEWUSER));
	VAL(put("/proc/sys/kernel/pid_max", "10000"));
}

static void
t_flags(void)
{
	VAL(syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
	VAL(syscall(SYS_clone, CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND |
		    CLONE_VM, 0, 0, 0, 0));
	NEED(chroot(TOP));
	VAL(UNSHARE(CLONE_NEWUSER));
}

/* mounts that came from a mightier namespace stay, and stay as they are */
static void
t_locked(void)
{
	NEED(UNSHARE(CLONE_NEWNS));
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	NEED(mount("t", TOP "/mnt", "tmpfs", MS_NOSUID | MS_NOEXEC, NULL));
	NEED(mkdir(TOP "/mnt/a", 0777));
	NEED(mount("t", TOP "/mnt/a", "tmpfs", MS_RDONLY, NULL));
	NEED(chmod(TOP "/mnt", 0777));
	be_user();
	NEED(UNSHARE(CLONE_NEWUSER | CLONE_NEWNS));
	NEED(put("/proc/self/uid_map", "0 1000 1"));
	VAL(umount2(TOP "/mnt/a", 0));
	VAL(umount2(TOP "/mnt", MNT_DETACH));
	VAL(mount(NULL, TOP "/mnt", NULL, MS_REMOUNT | MS_BIND, NULL));
	VAL(mount(NULL, TOP "/mnt", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID |
		  MS_NOEXEC | MS_RDONLY, NULL));
	VAL(mount(NULL, TOP "/mnt", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID |
		  MS_NOEXEC, NULL));
	VAL(mount(NULL, TOP "/mnt", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID |
		  MS_NOEXEC | MS_NOATIME, NULL));
	VAL(mount(NULL, TOP "/mnt", NULL, MS_REMOUNT | MS_NOSUID | MS_NOEXEC,
		  NULL));
	VAL(mount(TOP "/mnt", TOP "/dir", NULL, MS_BIND, NULL));
	VAL(mount(TOP "/mnt", TOP "/dir", NULL, MS_BIND | MS_REC, NULL));
	VAL(umount2(TOP "/dir/a", 0));
	VAL(umount2(TOP "/dir", 0));
	VAL(mount("t", TOP "/mnt/a", "tmpfs", 0, NULL));
	VAL(umount2(TOP "/mnt/a", 0));
}

int
main(void)
{
	umask(022);
	mkdir(TOP, 0755);
	mkdir(TOP "/mnt", 0755);
	mkdir(TOP "/dir", 0777);
	NEED(chmod(TOP "/dir", 0777));
	put_file(TOP "/root", "root\n", 0644);
	put_file(TOP "/secret", "root\n", 0600);
	put_file(TOP "/mine", "mine\n", 0644);
	NEED(chown(TOP "/mine", UID, GID));
	in_child("self", t_self);
	NEED(chown(TOP "/mine", UID, GID));
	in_child("nested", t_nested);
	in_child("wide", t_wide);
	in_child("signal", t_signal);
	in_child("creds", t_creds);
	in_child("enter", t_enter);
	in_child("enter by pidfd", t_enter_pidfd);
	in_child("proc", t_proc);
	in_child("proc, partly hidden", t_proc_hidden);
	in_child("limits", t_limits);
	in_child("flags", t_flags);
	in_child("locked", t_locked);
	return 0;
}
