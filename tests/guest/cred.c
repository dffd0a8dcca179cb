/* SPDX-License-Identifier: MIT */
/* Credentials: the set*id matrix, groups, fsuid, what kill permits. */
#include "gt.h"
#include <sys/fsuid.h>

static void
ids(const char *n)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	syscall(SYS_getresuid, &r, &e, &s);
	syscall(SYS_getresgid, &gr, &ge, &gs);
	out("%s: uid %d %d %d fs %d gid %d %d %d fs %d", n, r, e, s,
	    (int)syscall(SYS_setfsuid, -1), gr, ge, gs,
	    (int)syscall(SYS_setfsgid, -1));
}

/* start from (r, e, s), make the call, print */
static void
try(const char *n, int r, int e, int s, long nr, long a, long b, long c)
{
	pid_t p = fork();

	if (p == 0) {
		if (syscall(SYS_setresuid, r, e, s) < 0)
			_exit(1);
		val(n, syscall(nr, a, b, c));
		ids("  now");
		_exit(0);
	}
	waitpid(p, NULL, 0);
}

static void
t_uid(void)
{
	static const int st[][3] = {
		{ 0, 0, 0 }, { 1, 0, 0 }, { 1, 1, 0 }, { 1, 2, 3 },
		{ 0, 1, 2 }, { 1, 1, 1 },
	};

	for (unsigned i = 0; i < NELEM(st); i++) {
		int r = st[i][0], e = st[i][1], s = st[i][2];

		out("from %d %d %d", r, e, s);
		try("setuid 0", r, e, s, SYS_setuid, 0, 0, 0);
		try("setuid 1", r, e, s, SYS_setuid, 1, 0, 0);
		try("setuid 5", r, e, s, SYS_setuid, 5, 0, 0);
		try("setreuid -1 1", r, e, s, SYS_setreuid, -1, 1, 0);
		try("setreuid 5 -1", r, e, s, SYS_setreuid, 5, -1, 0);
		try("setreuid 1 0", r, e, s, SYS_setreuid, 1, 0, 0);
		try("setreuid 2 2", r, e, s, SYS_setreuid, 2, 2, 0);
		try("setresuid -1 3 -1", r, e, s, SYS_setresuid, -1, 3, -1);
		try("setresuid 3 2 1", r, e, s, SYS_setresuid, 3, 2, 1);
		try("setresuid -1 -1 -1", r, e, s, SYS_setresuid, -1, -1,
		    -1);
		try("setfsuid 5", r, e, s, SYS_setfsuid, 5, 0, 0);
		try("setfsuid 2", r, e, s, SYS_setfsuid, 2, 0, 0);
	}
	val("setuid -1", syscall(SYS_setuid, -1));
	val("setresuid bad pointer", syscall(SYS_getresuid, BAD, BAD, BAD));
}

static void
gids(void)
{
	NEED(syscall(SYS_setresgid, 10, 20, 30));
	ids("gids");
	NEED(syscall(SYS_setresuid, 7, 7, 7));
	val("setgid 99", syscall(SYS_setgid, 99));
	val("setgid 30", syscall(SYS_setgid, 30));
	ids("now");
	val("setregid 20 10", syscall(SYS_setregid, 20, 10));
	val("setregid 10 30", syscall(SYS_setregid, 10, 30));
	ids("now");
	val("setresgid 30 30 10", syscall(SYS_setresgid, 30, 30, 10));
	ids("now");
	val("setresgid 20 -1 -1", syscall(SYS_setresgid, 20, -1, -1));
	val("setgroups", syscall(SYS_setgroups, 0, 0));
}

static void
groups(void)
{
	gid_t g[64], in[5] = { 30, 10, 20, 10, 5 };
	static gid_t many[70000];

	val("setgroups 5", syscall(SYS_setgroups, 5, in));
	long n = syscall(SYS_getgroups, 64, g);
	val("getgroups", n);
	for (int i = 0; i < n; i++)
		out("  group %d", g[i]);
	val("getgroups 0", syscall(SYS_getgroups, 0, 0));
	val("getgroups too few", syscall(SYS_getgroups, 3, g));
	val("getgroups negative", syscall(SYS_getgroups, -1, g));
	val("getgroups bad", syscall(SYS_getgroups, 64, BAD));
	val("setgroups 65536", syscall(SYS_setgroups, 65536, many));
	val("setgroups 65537", syscall(SYS_setgroups, 65537, many));
	val("setgroups bad", syscall(SYS_setgroups, 2, BAD));
	/* a group decides access */
	put_file("g", "x", 0640);
	NEED(chown("g", 0, 4242));
	in[0] = 4242;
	NEED(syscall(SYS_setgroups, 1, in));
	NEED(syscall(SYS_setresgid, 65534, 65534, 65534));
	NEED(syscall(SYS_setresuid, 65534, 65534, 65534));
	okay("by supplementary group", open("g", O_RDONLY));
	okay("not for writing", open("g", O_WRONLY));
}

static void
fsuid(void)
{
	put_file("fs", "x", 0600);
	val("setfsuid", syscall(SYS_setfsuid, 65534));
	okay("open as fsuid", open("fs", O_RDONLY));
	int fd = open("mine", O_CREAT | O_WRONLY, 0644);
	struct stat st;

	if (fd >= 0) {
		fstat(fd, &st);
		out("owner %d", st.st_uid);
	} else {
		out("create: %s", gt_errno(errno));
	}
	val("setfsuid back", syscall(SYS_setfsuid, 0));
	okay("open", open("fs", O_RDONLY));
}

static pid_t
sleeper(int r, int e, int s)
{
	int p[2];
	char b;
	pid_t c;

	pipe(p);
	c = fork();
	if (c == 0) {
		NEED(syscall(SYS_setresuid, r, e, s));
		write(p[1], "x", 1);
		for (;;)
			pause();
	}
	read(p[0], &b, 1);
	close(p[0]);
	close(p[1]);
	return c;
}

static void
t_kill(void)
{
	pid_t root = sleeper(0, 0, 0), u5 = sleeper(5, 5, 5),
	      sv = sleeper(6, 6, 5), ef = sleeper(6, 5, 6);
	int st;
	pid_t c;

	val("kill 0 self", kill(getpid(), 0));
	val("kill none", kill(999999, 0));
	val("kill bad signal", kill(getpid(), 65));
	val("kill signal -1", kill(getpid(), -1));
	val("kill group none", kill(-999999, 0));
	val("kill INT_MIN", kill(INT_MIN, 0));
	val("tkill 0", syscall(SYS_tkill, 0, 0));
	val("tkill -1", syscall(SYS_tkill, -1, 0));
	val("tgkill wrong group", syscall(SYS_tgkill, u5, getpid(), 0));
	val("tgkill none", syscall(SYS_tgkill, 999999, 999999, 0));
	c = fork();
	if (c == 0) {
		NEED(syscall(SYS_setresuid, 5, 5, 5));
		val("user 5 to root", kill(root, 0));
		val("user 5 to root TERM", kill(root, SIGTERM));
		val("user 5 to 5", kill(u5, 0));
		val("user 5 to saved 5", kill(sv, 0));
		val("user 5 to effective 5 only", kill(ef, 0));
		val("CONT in the session", kill(root, SIGCONT));
		val("CONT to init", kill(1, SIGCONT));
		val("bad signal first", kill(root, 65));
		val("own group", kill(0, 0));
		setpgid(0, 0);
		val("own new group", kill(0, 0));
		_exit(0);
	}
	waitpid(c, NULL, 0);
	c = fork();
	if (c == 0) {
		NEED(syscall(SYS_setresuid, 9, 5, 9));
		val("effective 5 to 5", kill(u5, 0));
		NEED(syscall(SYS_setresuid, 9, 9, 5) < 0 ? 0 : 0);
		_exit(0);
	}
	waitpid(c, NULL, 0);
	/* -1 reaches all that may be signalled, not the caller */
	c = fork();
	if (c == 0) {
		NEED(syscall(SYS_setresuid, 5, 5, 5));
		val("kill -1 as user", kill(-1, SIGUSR1));
		_exit(3);
	}
	waitpid(c, &st, 0);
	out("caller: %s", gt_status(st));
	waitpid(u5, &st, 0);
	out("user 5's: %s", gt_status(st));
	waitpid(sv, &st, 0);
	out("saved 5: %s", gt_status(st));
	yes("others live", waitpid(root, &st, WNOHANG) == 0 &&
	    waitpid(ef, &st, WNOHANG) == 0);
	kill(root, SIGKILL);
	kill(ef, SIGKILL);
	while (wait(&st) > 0)
		;
	/* a zombie may be signalled */
	c = fork();
	if (c == 0)
		_exit(0);
	siginfo_t si;
	waitid(P_PID, c, &si, WEXITED | WNOWAIT);
	val("kill a zombie", kill(c, SIGKILL));
	waitpid(c, &st, 0);
	val("kill the reaped", kill(c, 0));
}

static void
keepcaps(void)
{
	/* capabilities follow the effective uid */
	NEED(syscall(SYS_setresuid, 0, 5, 0));
	val("chown as effective 5", chown("fs", 1, 1));
	val("chroot as effective 5", chroot("/"));
	val("sethostname", syscall(SYS_sethostname, "x", 1));
	NEED(syscall(SYS_setresuid, -1, 0, -1));
	val("chown as root again", chown("fs", 1, 1));
}

int
main(void)
{
	t_uid();
	in_child("gids", gids);
	in_child("groups", groups);
	in_child("fsuid", fsuid);
	t_kill();
	in_child("capabilities", keepcaps);
	return 0;
}
