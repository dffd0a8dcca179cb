/* SPDX-License-Identifier: MIT */
/* uname, sysinfo, getrandom, prctl, arch_prctl, hostname, umask, sync, syslog
 * and other small calls. */
#include "gt.h"
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

int
main(void)
{
	struct utsname u;
	struct sysinfo si;
	char b[512], b2[64];
	unsigned long v;

	uname(&u);
	out("sysname %s nodename %s machine %s domain %s", u.sysname,
	    u.nodename, u.machine, u.domainname);
	yes("release has digits and dots", u.release[0] >= '1' &&
	    strchr(u.release, '.'));
	yes("version not empty", u.version[0]);
	val("uname bad", syscall(SYS_uname, BAD));
	val("sethostname", syscall(SYS_sethostname, "other", 5));
	uname(&u);
	out("nodename %s", u.nodename);
	val("sethostname 65", syscall(SYS_sethostname, b, 65));
	val("sethostname -1", syscall(SYS_sethostname, b, -1));
	val("sethostname bad", syscall(SYS_sethostname, BAD, 5));
	val("setdomainname", syscall(SYS_setdomainname, "dom", 3));
	get_file("/proc/sys/kernel/hostname", b, 64);
	out("proc hostname %s", strtok(b, "\n"));
	get_file("/proc/sys/kernel/ostype", b, 64);
	out("ostype %s", strtok(b, "\n"));
	syscall(SYS_sethostname, "kerla", 5);
	val("sysinfo", sysinfo(&si));
	yes("sane", si.totalram > si.freeram && si.procs > 0 &&
	    si.mem_unit >= 1);
	val("sysinfo bad", syscall(SYS_sysinfo, BAD));
	/* getrandom */
	memset(b, 0, 64);
	val("getrandom", syscall(SYS_getrandom, b, 64, 0));
	int z = 0;
	for (int i = 0; i < 64; i++)
		z += b[i] == 0;
	yes("not zeroes", z < 20);
	syscall(SYS_getrandom, b2, 64, 0);
	yes("differs", memcmp(b, b2, 64));
	val("getrandom nonblock", syscall(SYS_getrandom, b, 16, 1));
	val("getrandom random", syscall(SYS_getrandom, b, 16, 2));
	val("getrandom 0", syscall(SYS_getrandom, b, 0, 0));
	val("getrandom bad flag", syscall(SYS_getrandom, b, 16, 64));
	val("getrandom insecure and random", syscall(SYS_getrandom, b, 16,
						     6));
	val("getrandom bad", syscall(SYS_getrandom, BAD, 16, 0));
	/* prctl */
	val("set name", prctl(PR_SET_NAME, "a-name-longer-than-15"));
	memset(b, 'x', 32);
	val("get name", prctl(PR_GET_NAME, b));
	out("name %s", b);
	get_file("/proc/self/comm", b, 64);
	out("comm %s", strtok(b, "\n"));
	val("set name bad", prctl(PR_SET_NAME, BAD));
	val("get dumpable", prctl(PR_GET_DUMPABLE));
	val("set dumpable 0", prctl(PR_SET_DUMPABLE, 0));
	val("get dumpable", prctl(PR_GET_DUMPABLE));
	val("set dumpable 5", prctl(PR_SET_DUMPABLE, 5));
	prctl(PR_SET_DUMPABLE, 1);
	int sig = 99;
	val("get pdeathsig", prctl(PR_GET_PDEATHSIG, &sig));
	out("pdeathsig %d", sig);
	val("set pdeathsig 65", prctl(PR_SET_PDEATHSIG, 65));
	val("set pdeathsig", prctl(PR_SET_PDEATHSIG, SIGUSR1));
	prctl(PR_GET_PDEATHSIG, &sig);
	out("pdeathsig %d", sig);
	prctl(PR_SET_PDEATHSIG, 0);
	val("get keepcaps", prctl(PR_GET_KEEPCAPS));
	val("get nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	val("set nnp 0", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	val("get nnp with args", prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
	val("capbset read 0", prctl(PR_CAPBSET_READ, 0));
	val("capbset read 64", prctl(PR_CAPBSET_READ, 64));
	val("get securebits", prctl(PR_GET_SECUREBITS));
	val("get tsc", prctl(PR_GET_TSC, &sig));
	out("tsc %d", sig);
	val("get timerslack", prctl(PR_GET_TIMERSLACK));
	val("set subreaper", prctl(PR_SET_CHILD_SUBREAPER, 1));
	val("get subreaper", prctl(PR_GET_CHILD_SUBREAPER, &sig));
	out("subreaper %d", sig);
	val("unknown", prctl(0x7fff1234));
	/* a subreaper inherits the orphans; pdeathsig arrives */
	int p[2], st;
	pipe(p);
	pid_t c = fork();
	if (c == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			write(p[1], "r", 1);
			for (;;)
				pause();
		}
		read(p[0], b, 1);
		_exit(0);
	}
	waitpid(c, &st, 0);
	pid_t g = wait(&st);
	yes("orphan is mine", g > 0 && g != c);
	out("killed by its parent's death: %s", gt_status(st));
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	/* arch_prctl */
	val("get fs", syscall(SYS_arch_prctl, 0x1003, &v));
	yes("fs is set", v != 0);
	val("set gs", syscall(SYS_arch_prctl, 0x1001, &st));
	val("get gs", syscall(SYS_arch_prctl, 0x1004, &v));
	yes("gs as set", v == (unsigned long)&st);
	st = 0x1234;
	int got = 0;
	__asm__ volatile("movl %%gs:0,%0" : "=r"(got));
	out("through gs %#x", got);
	val("set fs kernel", syscall(SYS_arch_prctl, 0x1002,
				     0xffff888000000000ul));
	val("set gs non-canonical", syscall(SYS_arch_prctl, 0x1001,
					    0x0100000000000000ul));
	val("get fs bad", syscall(SYS_arch_prctl, 0x1003, BAD));
	val("unknown code", syscall(SYS_arch_prctl, 0x7777, 0));
	/* personality, umask, sync */
	val("personality", syscall(SYS_personality, 0xffffffff));
	val("umask high bits", umask(07777));
	val("umask", umask(022));
	val("sync", syscall(SYS_sync));
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	val("fsync", fsync(fd));
	val("fdatasync", fdatasync(fd));
	val("fsync bad", fsync(99));
	val("syncfs", syscall(SYS_syncfs, fd));
	val("fadvise", syscall(SYS_fadvise64, fd, 0l, 0l, 0l));
	val("fadvise bad", syscall(SYS_fadvise64, fd, 0l, 0l, 77l));
	val("fadvise pipe", syscall(SYS_fadvise64, p[0], 0l, 0l, 0l));
	val("readahead", syscall(SYS_readahead, fd, 0l, 100l));
	val("fallocate", syscall(SYS_fallocate, fd, 0l, 0l, 5000l));
	struct stat s;
	fstat(fd, &s);
	out("size %ld", (long)s.st_size);
	val("fallocate keep size", syscall(SYS_fallocate, fd, 1l, 8192l,
					   4096l));
	fstat(fd, &s);
	out("size %ld", (long)s.st_size);
	val("fallocate 0", syscall(SYS_fallocate, fd, 0l, 0l, 0l));
	val("fallocate punch", syscall(SYS_fallocate, fd, 3l, 0l, 4096l));
	val("fallocate punch without keep", syscall(SYS_fallocate, fd, 2l,
						    0l, 4096l));
	val("fallocate pipe", syscall(SYS_fallocate, p[1], 0l, 0l, 100l));
	/* the kernel's log */
	val("syslog size", syscall(SYS_syslog, 10, 0, 0) > 0);
	val("syslog read all", syscall(SYS_syslog, 3, b, sizeof(b)) > 0);
	val("syslog bad type", syscall(SYS_syslog, 77, 0, 0));
	val("syslog negative", syscall(SYS_syslog, 3, b, -1));
	val("syslog level", syscall(SYS_syslog, 8, 0, 99));
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	yes("kmsg opens", fd >= 0);
	char rec[2048];
	ssize_t n = read(fd, rec, sizeof(rec) - 1);
	int ok = 0;
	if (n > 0) {
		unsigned lv;
		unsigned long seq, us;
		char fl;

		rec[n] = 0;
		ok = sscanf(rec, "%u,%lu,%lu,%c", &lv, &seq, &us, &fl) == 4
		     && strchr(rec, ';') && rec[n - 1] == '\n';
	}
	yes("kmsg record has prio,seq,time,flag;text", ok);
	val("kmsg read small", read(fd, rec, 3));
	/* calls that a user may not make */
	c = fork();
	if (c == 0) {
		gt_drop();
		val("user sethostname", syscall(SYS_sethostname, "x", 1));
		val("user reboot", syscall(SYS_reboot, 0xfee1dead, 672274793,
					   0, 0));
		val("user mount", syscall(SYS_mount, "a", "/tmp", "tmpfs", 0,
					  0));
		val("user umount", syscall(SYS_umount2, "/tmp", 0));
		val("user chroot", chroot("/tmp"));
		val("user pivot_root", syscall(SYS_pivot_root, "/tmp",
					       "/tmp"));
		_exit(0);
	}
	waitpid(c, NULL, 0);
	val("reboot bad magic", syscall(SYS_reboot, 1, 2, 0, 0));
	val("reboot bad magic 2", syscall(SYS_reboot, 0xfee1dead, 2,
					  0x4321fedc, 0));
	return 0;
}
