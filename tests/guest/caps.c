/* SPDX-License-Identifier: MIT */
/*
 * Capabilities: what execve(2) makes of them, file capabilities, ambient and
 * bounding sets, securebits, keepcaps, and each privileged call with one
 * capability missing.
 */
#include "gt.h"

#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define ALL ((1ull << 41) - 1)
#define B(n) (1ull << (n))
#define CHOWN 0
#define DAC_OVERRIDE 1
#define FOWNER 3
#define KILL_ 5
#define SETGID_ 6
#define SETUID_ 7
#define SETPCAP 8
#define NET_RAW 13
#define SYS_CHROOT_ 18
#define SYS_PTRACE_ 19
#define SYS_ADMIN 21
#define SYS_BOOT 22
#define SYS_NICE 23
#define SYS_RESOURCE 24
#define SYS_TIME 25
#define MKNOD_ 27
#define SETFCAP 31

#define SELF "/tmp/caps-copy"

struct hdr { uint32_t v; int pid; };
struct dat { uint32_t e, p, i; };

static void
getcaps(uint64_t *e, uint64_t *p, uint64_t *i)
{
	struct hdr h = { 0x20080522, 0 };
	struct dat d[2];

	NEED(syscall(SYS_capget, &h, d));
	*e = d[0].e | (uint64_t)d[1].e << 32;
	*p = d[0].p | (uint64_t)d[1].p << 32;
	*i = d[0].i | (uint64_t)d[1].i << 32;
}

static long
setcaps(uint64_t e, uint64_t p, uint64_t i)
{
	struct hdr h = { 0x20080522, 0 };
	struct dat d[2] = { { (uint32_t)e, (uint32_t)p, (uint32_t)i },
		{ (uint32_t)(e >> 32), (uint32_t)(p >> 32),
		  (uint32_t)(i >> 32) } };

	return syscall(SYS_capset, &h, d);
}

static void
line(const char *name, uint64_t v)
{
	char b[400] = "";
	size_t n = 0;

	v &= ~B(SYS_RESOURCE);		/* not everywhere given to root */
	if (v == (ALL & ~B(SYS_RESOURCE))) {
		out("%s: all", name);
		return;
	}
	for (int i = 0; i < 64; i++)
		if (v & B(i))
			n += snprintf(b + n, sizeof(b) - n, " %d", i);
	out("%s:%s", name, b);
}

static void
show(void)
{
	uint64_t e, p, i, v = 0;
	char b[8192], *s;

	getcaps(&e, &p, &i);
	line("effective", e);
	line("permitted", p);
	line("inheritable", i);
	get_file("/proc/self/status", b, sizeof(b));
	s = strstr(b, "CapAmb:");
	if (s)
		v = strtoull(s + 7, NULL, 16);
	line("ambient", v);
	s = strstr(b, "CapBnd:");
	if (s)
		v = strtoull(s + 7, NULL, 16);
	line("bounding", v);
	out("secure %lu uid %d %d securebits %d dumpable %d keep %d",
	    getauxval(AT_SECURE), getuid(), geteuid(),
	    prctl(PR_GET_SECUREBITS), prctl(PR_GET_DUMPABLE) == 1,
	    prctl(PR_GET_KEEPCAPS));
}

/* run the copy, which shows itself */
static void
run(const char *path)
{
	char *const av[] = { (char *)path, (char *)"show", NULL };
	char *const ev[] = { NULL };

	execve(path, av, ev);
	out("execve: %s", gt_errno(errno));
	_exit(1);
}

static void
copy_self(const char *to)
{
	int in = (int)NEED(open("/proc/self/exe", O_RDONLY)), o;
	static char b[65536];
	ssize_t n;

	unlink(to);
	o = (int)NEED(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755));
	while ((n = read(in, b, sizeof(b))) > 0)
		NEED(write(o, b, n));
	NEED(fchmod(o, 0755));
	close(in);
	close(o);
}

static int
setfcap(const char *path, uint32_t rev, int eff, uint64_t p, uint64_t i,
	uint32_t rootid)
{
	uint32_t v[6] = { rev << 24 | eff, (uint32_t)p, (uint32_t)i,
		(uint32_t)(p >> 32), (uint32_t)(i >> 32), rootid };

	return setxattr(path, "security.capability", v, rev == 2 ? 20 : 24, 0);
}

static void e_root(void) { run(SELF); }

static void
e_user(void)
{
	gt_drop();
	run(SELF);
}

static void
e_user_ambient(void)
{
	NEED(prctl(PR_SET_KEEPCAPS, 1));
	gt_drop();
	show();
	NEED(setcaps(B(KILL_) | B(NET_RAW), B(KILL_) | B(NET_RAW), B(KILL_)));
	VAL(prctl(PR_CAP_AMBIENT, 2, NET_RAW, 0, 0));
	VAL(prctl(PR_CAP_AMBIENT, 2, KILL_, 0, 0));
	VAL(prctl(PR_CAP_AMBIENT, 1, KILL_, 0, 0));
	VAL(prctl(PR_CAP_AMBIENT, 1, 41, 0, 0));
	VAL(prctl(PR_CAP_AMBIENT, 2, KILL_, 1, 0));
	VAL(prctl(PR_CAP_AMBIENT, 9, KILL_, 0, 0));
	run(SELF);
}

static void
e_root_bounded(void)
{
	NEED(prctl(PR_CAPBSET_DROP, SYS_BOOT));
	VAL(prctl(PR_CAPBSET_READ, SYS_BOOT));
	VAL(prctl(PR_CAPBSET_DROP, 41));
	VAL(prctl(PR_CAPBSET_READ, 41));
	run(SELF);
}

static void
e_noroot(void)
{
	NEED(prctl(PR_SET_SECUREBITS, 1));
	run(SELF);
}

static void
e_nnp_user(void)
{
	gt_drop();
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	run(SELF);
}

static void
e_inherit(void)
{
	uint64_t e, p, i;

	getcaps(&e, &p, &i);
	NEED(setcaps(e, p, B(CHOWN) | B(FOWNER)));
	gt_drop();
	run(SELF);
}

static void
e_bounded_user(void)
{
	NEED(prctl(PR_CAPBSET_DROP, KILL_));
	gt_drop();
	run(SELF);
}

static char stack[64];

static void
t_exec(void)
{
	copy_self(SELF);
	in_child("root", e_root);
	in_child("user", e_user);
	in_child("ambient", e_user_ambient);
	in_child("bounded root", e_root_bounded);
	in_child("noroot", e_noroot);
	chmod(SELF, 04755);
	in_child("setuid", e_user);
	in_child("setuid nnp", e_nnp_user);
	in_child("setuid noroot", e_noroot);
	chmod(SELF, 0755);

	out("# file permitted, effective");
	VAL(setfcap(SELF, 2, 1, B(KILL_) | B(NET_RAW), 0, 0));
	in_child("user", e_user);
	in_child("root", e_root);
	in_child("user nnp", e_nnp_user);
	in_child("ambient", e_user_ambient);
	in_child("bounded", e_bounded_user);
	chmod(SELF, 04755);
	in_child("setuid", e_user);
	chmod(SELF, 0755);
	VAL(setfcap(SELF, 2, 0, B(KILL_) | B(NET_RAW), 0, 0));
	in_child("not effective", e_user);
	in_child("bounded", e_bounded_user);
	VAL(setfcap(SELF, 2, 1, 0, B(CHOWN) | B(KILL_), 0));
	in_child("inheritable", e_inherit);
	in_child("none to inherit", e_user);
	VAL(setfcap(SELF, 3, 1, B(KILL_), 0, 0));
	in_child("v3", e_user);
}

static void
x_user(void)
{
	VAL(setfcap(SELF, 2, 1, B(KILL_), 0, 0));
	VAL(removexattr(SELF, "security.capability"));
}

static void
t_xattr(void)
{
	uint32_t v[6] = { 0x02000001, 32 };

	copy_self(SELF);
	VAL(setxattr(SELF, "security.capability", v, 19, 0));
	VAL(setxattr(SELF, "security.capability", v, 24, 0));
	VAL(setxattr(SELF, "security.capability", "", 0, 0));
	v[0] = 0x05000000;
	VAL(setxattr(SELF, "security.capability", v, 20, 0));
	v[0] = 0x02000003;
	VAL(setxattr(SELF, "security.capability", v, 20, 0));
	VAL(setfcap(SELF, 2, 1, B(KILL_), 0, 0));
	memset(v, 0, sizeof(v));
	VAL(getxattr(SELF, "security.capability", v, sizeof(v)));
	out("%x %x", v[0], v[1]);
	as_user("user", x_user);
	/* gone when written or given away */
	int fd = open(SELF, O_WRONLY | O_APPEND);
	VAL(write(fd, "x", 1));
	close(fd);
	VAL(getxattr(SELF, "security.capability", v, sizeof(v)));
	VAL(setfcap(SELF, 2, 1, B(KILL_), 0, 0));
	VAL(chown(SELF, 0, 0));
	VAL(getxattr(SELF, "security.capability", v, sizeof(v)));
	VAL(setfcap(SELF, 2, 1, B(KILL_), 0, 0));
	VAL(truncate(SELF, 100));
	VAL(getxattr(SELF, "security.capability", v, sizeof(v)));
	VAL(setfcap(SELF, 2, 1, B(KILL_), 0, 0));
	VAL(removexattr(SELF, "security.capability"));
	VAL(removexattr(SELF, "security.capability"));
	unlink(SELF);
}

static void
t_secbits(void)
{
	VAL(prctl(PR_SET_SECUREBITS, 0x10000));
	VAL(prctl(PR_SET_SECUREBITS, 0x40));
	VAL(prctl(PR_SET_SECUREBITS, 0xc0));
	VAL(prctl(PR_SET_SECUREBITS, 0x80));
	VAL(prctl(PR_SET_SECUREBITS, 0x40));
	VAL(prctl(PR_GET_SECUREBITS));
	VAL(prctl(PR_CAP_AMBIENT, 2, KILL_, 0, 0));
	VAL(prctl(PR_SET_SECUREBITS, 0xc0 | 0x20));
	VAL(prctl(PR_SET_KEEPCAPS, 1));
	VAL(prctl(PR_SET_KEEPCAPS, 2));
	VAL(prctl(PR_SET_SECUREBITS, 0xc0 | 0x20 | 4));
	VAL(setresuid(-1, 7, -1));
	line("effective", ({ uint64_t e, p, i; getcaps(&e, &p, &i); e; }));
	setresuid(-1, 0, -1);
	uint64_t e, p, i;

	getcaps(&e, &p, &i);
	NEED(setcaps(0, p & ~B(SETPCAP), 0));
	VAL(prctl(PR_SET_SECUREBITS, 0xc0 | 0x20));
	VAL(prctl(PR_CAPBSET_DROP, KILL_));
	VAL(prctl(PR_CAPBSET_DROP, 41));
}

static void
t_capset(void)
{
	struct hdr h = { 0x20080522, 1 }, bad = { 5, 0 };
	struct dat d[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	VAL(syscall(SYS_capset, &h, d));
	VAL(syscall(SYS_capset, &bad, d));
	out("%x", bad.v);
	VAL(setcaps(B(KILL_), B(KILL_), B(KILL_)));
	VAL(setcaps(B(KILL_), B(KILL_), B(KILL_) | B(CHOWN)));
	VAL(setcaps(B(KILL_) | B(CHOWN), B(KILL_) | B(CHOWN), 0));
	VAL(setcaps(B(KILL_), 0, 0));
	VAL(setcaps(0, B(KILL_), 0));
	VAL(setcaps(B(KILL_), B(KILL_), 0));
	VAL(setcaps(0, 0, 0));
	VAL(setcaps(0, B(KILL_), 0));
}

/* ---- one capability at a time ---- */

static pid_t victim;

static int c_chown(void) { return chown("/tmp/capf", 5, 5); }
static int c_read(void)
{
	int fd = open("/tmp/capd/f", O_RDWR);

	return fd < 0 ? -1 : close(fd);
}
static int c_chmod(void) { return chmod("/tmp/capf", 0600); }
static int c_kill(void) { return kill(victim, 0); }
static int c_setgid(void) { return (int)syscall(SYS_setgid, 44); }
static int c_groups(void) { return (int)syscall(SYS_setgroups, 0, 0); }
static int c_setuid(void) { return (int)syscall(SYS_setresuid, 44, 44, 44); }
static int c_bset(void) { return prctl(PR_CAPBSET_DROP, NET_RAW); }
static int c_chroot(void) { return chroot("/tmp"); }
static int c_host(void)
{
	char b[65];

	gethostname(b, sizeof(b));
	return sethostname(b, strlen(b));
}
static int c_mount(void) { return mount("none", "/tmp/capd", "tmpfs", 0, 0); }
static int c_reboot(void)
{
	return (int)syscall(SYS_reboot, 0xfee1dead, 672274793, 12345, 0);
}
static int c_nice(void) { return setpriority(PRIO_PROCESS, 0, -3); }
static int c_sched(void)
{
	int prio = 1;

	return (int)syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &prio);
}
static int c_time(void)
{
	struct timespec t = { -1, 0 };

	return (int)syscall(SYS_clock_settime, CLOCK_REALTIME, &t);
}
static int c_mknod(void)
{
	unlink("/tmp/capn");
	return mknod("/tmp/capn", S_IFCHR | 0600, 0x103);
}
static int c_fcap(void)
{
	return setfcap("/tmp/capf", 2, 0, B(KILL_), 0, 0);
}
static int c_trusted(void)
{
	return setxattr("/tmp/capf", "trusted.a", "b", 1, 0);
}
static int c_vm(void)
{
	char b[8];
	struct iovec l = { b, 8 }, r = { stack, 8 };

	return syscall(SYS_process_vm_readv, victim, &l, 1, &r, 1, 0) == 8 ?
		0 : -1;
}

static const struct { const char *name; int cap; int (*fn)(void); } tab[] = {
	{ "chown", CHOWN, c_chown },
	{ "open", DAC_OVERRIDE, c_read },
	{ "chmod", FOWNER, c_chmod },
	{ "kill", KILL_, c_kill },
	{ "setgid", SETGID_, c_setgid },
	{ "setgroups", SETGID_, c_groups },
	{ "setuid", SETUID_, c_setuid },
	{ "capbset", SETPCAP, c_bset },
	{ "chroot", SYS_CHROOT_, c_chroot },
	{ "sethostname", SYS_ADMIN, c_host },
	{ "mount", SYS_ADMIN, c_mount },
	{ "trusted", SYS_ADMIN, c_trusted },
	{ "reboot", SYS_BOOT, c_reboot },
	{ "nice", SYS_NICE, c_nice },
	{ "fifo", SYS_NICE, c_sched },
	{ "settime", SYS_TIME, c_time },
	{ "mknod", MKNOD_, c_mknod },
	{ "setfcap", SETFCAP, c_fcap },
	{ "process_vm", SYS_PTRACE_, c_vm },
};

/* root without the one, then a user with it alone */
static void
one(int k, int with)
{
	char name[64];
	pid_t p = fork();
	int st;

	if (p == 0) {
		if (with) {
			NEED(prctl(PR_SET_KEEPCAPS, 1));
			NEED(syscall(SYS_setresgid, 77, 77, 77));
			NEED(syscall(SYS_setgroups, 0, 0));
			NEED(syscall(SYS_setresuid, 77, 77, 77));
			NEED(setcaps(B(tab[k].cap), B(tab[k].cap), 0));
		} else {
			uint64_t e, p, i;

			getcaps(&e, &p, &i);
			NEED(setcaps(p & ~B(tab[k].cap), p & ~B(tab[k].cap),
				     0));
		}
		snprintf(name, sizeof(name), "%s %s", tab[k].name,
			 with ? "with" : "without");
		errno = 0;
		okay(name, tab[k].fn());
		_exit(0);
	}
	NEED(waitpid(p, &st, 0));
}

static void
t_each(void)
{
	mkdir("/tmp/capd", 0700);
	put_file("/tmp/capd/f", "x", 0);
	NEED(chown("/tmp/capd/f", 9, 9));
	for (size_t k = 0; k < NELEM(tab); k++) {
		for (int with = 0; with < 2; with++) {
			put_file("/tmp/capf", "x", 0644);
			NEED(chown("/tmp/capf", 9, 9));
			victim = fork();
			if (victim == 0) {
				NEED(syscall(SYS_setresuid, 9, 9, 9));
				for (;;)
					pause();
			}
			msleep(5);
			one((int)k, with);
			kill(victim, SIGKILL);
			waitpid(victim, NULL, 0);
			umount("/tmp/capd");
		}
	}
	unlink("/tmp/capf");
	unlink("/tmp/capn");
	unlink("/tmp/capd/f");
	rmdir("/tmp/capd");
}

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		show();
		return 0;
	}
	umask(022);
	chmod("/tmp", 01777);
	in_child("exec", t_exec);
	in_child("xattr", t_xattr);
	in_child("securebits", t_secbits);
	in_child("capset", t_capset);
	in_child("each", t_each);
	return 0;
}
