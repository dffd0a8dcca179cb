/* SPDX-License-Identifier: MIT */
/* execve: errno matrix, limits, scripts, what survives. */
#include "gt.h"
#include <sys/prctl.h>

static char *envp[] = { "A=1", "B=two words", "EMPTY=", NULL };

/* run execve in a child; prints what it printed, its status or its errno */
static void
x(const char *name, const char *path, char **argv, char **env)
{
	pid_t c;
	int st;

	out("-- %s", name);
	c = fork();
	if (c == 0) {
		execve(path, argv, env);
		out("execve: %s", gt_errno(errno));
		_exit(100);
	}
	waitpid(c, &st, 0);
	out("%s: %s", name, gt_status(st));
}
#define X(name, path, ...) x(name, path, (char *[]){ __VA_ARGS__, NULL }, envp)

static void
script(const char *path, const char *text)
{
	put_file(path, text, 0755);
}

static void
t_errors(void)
{
	char *a[] = { "x", NULL };
	char longname[300], deep[5000];

	X("missing", "/tmp/exec/nope", "x");
	mkdir("dir", 0755);
	X("directory", "dir", "x");
	put_file("noexec", "#!/gt/x-show\n", 0644);
	X("no x bit", "noexec", "x");
	put_file("garbage", "this is not a program\n", 0755);
	X("garbage", "garbage", "x");
	put_file("empty", "", 0755);
	X("empty", "empty", "x");
	put_file("elfish", "\177ELF", 0755);
	X("short elf", "elfish", "x");
	put_file("bad", "\177ELF\2\1\1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 0755);
	X("bad elf", "bad", "x");
	X("file as directory", "noexec/x", "x");
	memset(longname, 'n', 299);
	longname[299] = 0;
	X("name too long", longname, "x");
	memset(deep, '/', 4999);
	deep[4999] = 0;
	X("path too long", deep, "x");
	X("empty path", "", "x");
	symlink("loop", "loop");
	X("loop", "loop", "x");
	mknod("fifo", S_IFIFO | 0755, 0);
	X("fifo", "fifo", "x");
	x("null device", "/dev/null", a, envp);
	x("bad path pointer", BAD, a, envp);
	x("bad argv pointer", "/gt/x-show", BAD, envp);
	x("bad env pointer", "/gt/x-show", a, BAD);
	x("bad string in argv", "/gt/x-show", (char *[]){ "x", BAD, NULL },
	  envp);
}

static void
t_limits(void)
{
	static char big[131072 + 16];
	static char *many[40000];
	char name[64];

	memset(big, 'a', sizeof(big));
	big[131072 - 1] = 0;
	X("arg of 131071 bytes", "/gt/x-show", "x-show", "count", big);
	big[131072 - 1] = 'a';
	big[131072] = 0;
	X("arg of 131072 bytes", "/gt/x-show", "x-show", "count", big);
	big[131072 - 1] = 0;
	many[0] = "x-show";
	many[1] = "count";
	for (int i = 2; i < 15; i++)
		many[i] = big;
	x("13 args of 128k fit in a quarter of the stack", "/gt/x-show", many,
	  envp);
	for (int i = 2; i < 20; i++)
		many[i] = big;
	x("18 args of 128k do not", "/gt/x-show", many, envp);
	for (int i = 2; i < 30000; i++)
		many[i] = "arg";
	x("30000 small args", "/gt/x-show", many, envp);
	for (int i = 0; i < 20; i++)
		many[i] = big;
	many[20] = NULL;
	char *a[] = { "x-show", "count", NULL };

	x("environment too big", "/gt/x-show", a, many);
	snprintf(name, sizeof(name), "x");
	/* a small stack limit makes the room small too, down to 128 KiB */
	pid_t c = fork();

	if (c == 0) {
		struct rlimit r = { 1 << 20, 1 << 20 };

		for (int i = 0; i < 5; i++)
			many[i + 2] = big;
		many[0] = "x-show";
		many[1] = "count";
		many[3] = NULL;
		setrlimit(RLIMIT_STACK, &r);
		x("1 MiB stack, one big arg", "/gt/x-show", many, envp);
		many[3] = big;
		many[4] = NULL;
		x("1 MiB stack, two big args", "/gt/x-show", many, envp);
		_exit(0);
	}
	waitpid(c, NULL, 0);
}

static void
t_scripts(void)
{
	char b[512];

	script("s1", "#!/gt/x-show args\nbody\n");
	X("script", "./s1", "zero", "one", "two");
	script("s2", "#!/gt/x-show\n");
	X("script without arg", "./s2", "zero", "args");
	script("s3", "#! \t /gt/x-show \t args and more \t \n");
	X("script with blanks", "./s3", "zero", "args");
	script("s4", "#!/gt/x-show args");
	X("script without newline", "./s4", "zero");
	script("s5", "#!/gone/interpreter\n");
	X("missing interpreter", "./s5", "zero");
	script("s6", "#!./s1 mid\n");
	X("script run by script", "./s6", "zero", "one");
	script("s7", "#!./s7\n");
	X("script run by itself", "./s7", "zero");
	script("s8", "#!\n");
	X("nothing after #!", "./s8", "zero");
	script("s9", "#!   \n");
	X("blanks after #!", "./s9", "zero");
	script("s10", "#!noexec\n");
	X("interpreter not executable", "./s10", "zero");
	script("n1", "#!./s1 a\n");
	script("n2", "#!./n1 b\n");
	script("n3", "#!./n2 c\n");
	script("n4", "#!./n3 d\n");
	script("n5", "#!./n4 e\n");
	X("nested 3", "./n2", "zero");
	X("nested 4", "./n3", "zero");
	X("nested 5", "./n4", "zero");
	X("nested 6", "./n5", "zero");
	memset(b, 0, sizeof(b));
	strcpy(b, "#!/gt/x-show args ");
	memset(b + strlen(b), 'l', 300);
	b[400] = 0;
	strcat(b, "\n");
	script("s11", b);
	X("long argument is cut", "./s11", "zero");
	memset(b, 0, sizeof(b));
	strcpy(b, "#!/");
	memset(b + 3, 'i', 300);
	strcat(b, "\n");
	script("s12", b);
	X("interpreter name too long", "./s12", "zero");
	script("s13", "#!/gt\n");
	X("interpreter is a directory", "./s13", "zero");
	script("noshebang", "echo hi\n");
	X("no shebang", "./noshebang", "x");
}

static void
t_survive(void)
{
	int fd = open("/dev/null", O_RDONLY), st;
	pid_t c;

	c = fork();
	if (c == 0) {
		dup2(fd, 10);
		dup2(fd, 11);
		fcntl(11, F_SETFD, FD_CLOEXEC);
		dup3(fd, 12, O_CLOEXEC);
		close(fd);
		on_signal(SIGUSR1, (void *)t_survive, SA_RESTART, 0);
		on_signal(SIGUSR2, GT_IGN, 0, 0);
		on_signal(SIGCHLD, GT_IGN, 0, 0);
		on_signal(50, GT_IGN, SA_NODEFER, 0);
		sigmask(SIG_BLOCK, GT_BIT(SIGTERM) | GT_BIT(SIGUSR1) |
			GT_BIT(64));
		raise(SIGUSR1);
		static char alt[8192];
		stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };

		sigaltstack(&ss, NULL);
		prctl(PR_SET_NAME, "before");
		execve("/gt/x-show", (char *[]){ "other-name", "fds", "sig",
		       "comm", "exe", "cmdline", NULL }, envp);
		_exit(1);
	}
	waitpid(c, &st, 0);
	out("survive: %s", gt_status(st));

	script("s-name", "#!/gt/x-show comm\n");
	X("comm of a script", "./s-name", "zero", "cmdline");
	symlink("/gt/x-show", "a-very-long-name-of-a-link");
	X("comm is cut", "./a-very-long-name-of-a-link", "zero", "comm",
	  "exe");
}

static void
t_setid(void)
{
	char b[70000];
	int in = open("/gt/x-show", O_RDONLY), o;
	ssize_t n;

	o = open("suid", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((n = read(in, b, sizeof(b))) > 0)
		NEED(write(o, b, n));
	close(in);
	close(o);
	chown("suid", 1234, 4321);
	chmod("suid", 06755);
	chmod(".", 0755);
	X("setuid and setgid program", "./suid", "s", "ids");
	pid_t c = fork();

	if (c == 0) {
		gt_drop();
		X("as user", "./suid", "s", "ids", "auxv");
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		X("no new privs", "./suid", "s", "ids");
		_exit(0);
	}
	waitpid(c, NULL, 0);
	script("s-suid", "#!/gt/x-show ids\n");
	chown("s-suid", 1234, 4321);
	chmod("s-suid", 06755);
	X("setuid script", "./s-suid", "s");
	chmod("suid", 02745);
	X("setgid with group x off", "./suid", "s", "ids");
}

static void
t_busy(void)
{
	char b[70000];
	int in = open("/gt/x-show", O_RDONLY), o, p[2], st;
	ssize_t n;

	unlink("busy");
	o = open("busy", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((n = read(in, b, sizeof(b))) > 0)
		NEED(write(o, b, n));
	X("open for writing", "./busy", "s", "args");
	close(o);
	X("closed again", "./busy", "s", "args");
	NEED(pipe(p));
	in = open("/gt/x-spin", O_RDONLY);
	unlink("spin");
	o = open("spin", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((n = read(in, b, sizeof(b))) > 0)
		NEED(write(o, b, n));
	close(o);
	close(in);
	pid_t c = fork();

	if (c == 0) {
		dup2(p[1], 1);
		execl("./spin", "spin", (char *)0);
		_exit(1);
	}
	NEED(read(p[0], b, 1));
	okay("open running program for writing", open("spin", O_WRONLY));
	okay("truncate running program", truncate("spin", 0));
	okay("open running program for reading", open("spin", O_RDONLY));
	okay("unlink running program", unlink("spin"));
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
}

static void
t_execveat(void)
{
	char *a[] = { "xat", "args", NULL };
	int dir = open("/gt", O_PATH | O_DIRECTORY), st;
	int prog = open("/gt/x-show", O_RDONLY);
	int sc = open("s1", O_RDONLY);
	int scx = open("s1", O_RDONLY | O_CLOEXEC);

	symlink("/gt/x-show", "link");
	struct { const char *n; int fd; const char *p; int fl; } t[] = {
		{ "dirfd", dir, "x-show", 0 },
		{ "empty path", prog, "", AT_EMPTY_PATH },
		{ "empty path without flag", prog, "", 0 },
		{ "symlink", AT_FDCWD, "link", 0 },
		{ "symlink nofollow", AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW },
		{ "bad flags", AT_FDCWD, "link", 0x40 },
		{ "bad fd", 900, "x", 0 },
		{ "not a directory", prog, "x", 0 },
		{ "script by fd", sc, "", AT_EMPTY_PATH },
		{ "script by cloexec fd", scx, "", AT_EMPTY_PATH },
	};
	for (unsigned i = 0; i < NELEM(t); i++) {
		out("-- execveat %s", t[i].n);
		pid_t c = fork();

		if (c == 0) {
			syscall(SYS_execveat, t[i].fd, t[i].p, a, envp,
				t[i].fl);
			out("execveat: %s", gt_errno(errno));
			_exit(100);
		}
		waitpid(c, &st, 0);
		out("execveat %s: %s", t[i].n, gt_status(st));
	}
}

static void
user_perm(void)
{
	X("unreadable but executable", "./xonly", "s", "args");
	X("executable only by root", "./rootonly", "s", "args");
	X("below a closed directory", "closed/x", "s");
	X("script with unreadable text", "./sxonly", "s");
}

static void
t_perm(void)
{
	char b[70000];
	int in = open("/gt/x-show", O_RDONLY), o, o2;
	ssize_t n;

	o = open("xonly", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	o2 = open("rootonly", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((n = read(in, b, sizeof(b))) > 0) {
		NEED(write(o, b, n));
		NEED(write(o2, b, n));
	}
	fchmod(o, 0711);
	fchmod(o2, 0700);
	close(o);
	close(o2);
	mkdir("closed", 0700);
	put_file("closed/x", "#!/gt/x-show\n", 0755);
	put_file("sxonly", "#!/gt/x-show args\n", 0711);
	as_user("permissions", user_perm);
	chmod("rootonly", 0644);
	X("root without any x bit", "./rootonly", "s");
	chmod("rootonly", 0645);
	X("root with other's x bit", "./rootonly", "s", "exit=5");
}

int
main(void)
{
	X("plain", "/gt/x-show", "x-show", "args", "env", "auxv", "fds",
	  "ids", "comm", "exe");
	x("argc 0", "/gt/x-show", (char *[]){ NULL }, envp);
	x("null argv", "/gt/x-show", NULL, envp);
	x("null env", "/gt/x-show", (char *[]){ "x", "env", NULL }, NULL);
	t_errors();
	t_limits();
	t_scripts();
	t_survive();
	t_setid();
	t_busy();
	t_execveat();
	t_perm();
	return 0;
}
