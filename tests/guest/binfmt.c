/* SPDX-License-Identifier: MIT */
/* binfmt_misc: what register takes, what entries say, how files are run. This
 * program is also the interpreter. Names and magics hold a number of this run:
 * on Linux the registrations are the whole machine's. */
#include "gt.h"
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#ifndef AT_EXECFD
#define AT_EXECFD 2
#endif
#define DIR	"/tmp/binfmt/fs"
#define SELF	"/gt/binfmt"
#define COPY	"/tmp/binfmt/interp"

static char id[16];		/* of this run */

/* ---- as the interpreter ---- */

static void
shown(const char *name, const char *s)
{
	const char *b = strrchr(s, '/');

	out("%s: %s%s", name, b ? "../" : "", b ? b + 1 : s);
}

static int
interpret(int argc, char **argv)
{
	char b[9] = "", comm[32] = "";
	unsigned long fd;

	if (strstr(argv[1], "/file.x")) {	/* the name differs in each run */
		out("interpreter, %d arguments", argc);
		return 7;
	}
	for (int i = 0; i < argc; i++)
		shown("arg", argv[i]);
	out("flags %lu secure %lu euid %d", getauxval(AT_FLAGS),
	    getauxval(AT_SECURE), geteuid());
	shown("execfn", (char *)getauxval(AT_EXECFN));
	errno = 0;
	fd = getauxval(AT_EXECFD);
	if (errno) {
		out("no execfd");
	} else {
		lseek(fd, 0, SEEK_SET);
		out("execfd reads %ld, cloexec %d, writable %s",
		    (long)read(fd, b, 4), fcntl(fd, F_GETFD),
		    write(fd, b, 1) < 0 ? gt_errno(errno) : "yes");
		out("mode %o", fcntl(fd, F_GETFL) & O_ACCMODE);
	}
	get_file("/proc/self/comm", comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = 0;
	out("comm %s", comm);
	return 7;
}

/* ---- as the test ---- */

static long
put(const char *file, const char *text, long len)
{
	char p[200];
	long r;
	int fd;

	snprintf(p, sizeof(p), DIR "/%s", file);
	fd = open(p, O_WRONLY);
	if (fd < 0)
		return -1;
	r = write(fd, text, len < 0 ? (long)strlen(text) : len);
	close(fd);
	return r;
}

/* what: with @ for this run's id, the name in front */
static void
reg(const char *what, const char *text)
{
	char b[3000], *p = b;
	long r;

	for (; *text; text++) {
		if (*text == '@')
			p = stpcpy(p, id);
		else
			*p++ = *text;
	}
	*p = 0;
	r = put("register", b, p - b);
	out("register %s: %s", what, r == p - b ? "ok" : r < 0 ?
	    gt_errno(errno) : "short");
}

static void
entry(const char *name, const char *cmd)
{
	char f[64], p[200], b[3000], hex[32] = "", *l;

	for (char *c = id; *c; c++)
		sprintf(hex + strlen(hex), "%02x", *c);
	snprintf(f, sizeof(f), "%s%s", name, id);
	if (cmd) {
		okay(cmd, put(f, cmd, -1));
		return;
	}
	snprintf(p, sizeof(p), DIR "/%s", f);
	if (get_file(p, b, sizeof(b)) < 0) {
		out("%s: %s", name, gt_errno(errno));
		return;
	}
	while ((l = strstr(b, id)))	/* not what differs between runs */
		memmove(l, l + strlen(id), strlen(l + strlen(id)) + 1);
	while ((l = strstr(b, hex)))
		memmove(l, l + strlen(hex), strlen(l + strlen(hex)) + 1);
	out("%s: %s", name, b);
}

static void
run(const char *what, const char *path, char *argv0)
{
	char *argv[] = { argv0, "one", "two", NULL }, *env[] = { NULL };
	pid_t c = fork();
	int st;

	out("-- %s", what);
	if (c == 0) {
		execve(path, argv, env);
		out("execve: %s", gt_errno(errno));
		_exit(100);
	}
	waitpid(c, &st, 0);
	out("%s: %s", what, gt_status(st));
}

static void
t_refused(void)
{
	int fd;

	reg("short", ":a@:E::x:");
	reg("no name", "::E::x@::" SELF ":");
	reg("dot", ":.:E::x@::" SELF ":");
	reg("dots", ":..:E::x@::" SELF ":");
	reg("slash", ":a/@:E::x@::" SELF ":");
	reg("type", ":a@:X::x@::" SELF ":");
	reg("long type", ":a@:EE::x@::" SELF ":");
	reg("no extension", ":a@:E::::" SELF ":");
	reg("slash in extension", ":a@:E::x/@::" SELF ":");
	reg("no magic", ":a@:M::::" SELF ":");
	reg("no interpreter", ":a@:M::x@:::");
	reg("open end", ":a@:M::x@::" SELF);
	reg("flag", ":a@:M::x@::" SELF ":Z");
	reg("two newlines", ":a@:M::x@::" SELF ":\n\n");
	reg("offset", ":a@:M:abc:x@::" SELF ":");
	reg("negative offset", ":a@:M:-1:x@::" SELF ":");
	reg("far offset", ":a@:M:256:x@::" SELF ":");
	reg("mask too short", ":a@:M::x@:\\xff:" SELF ":");
	reg("bad hex", ":a@:M::\\xg0@::" SELF ":");
	reg("half hex", ":a@:M::@\\x4::" SELF ":");
	reg("F without the file", ":a@:M::x@::/nonexistent:F");
	reg("F of a directory", ":a@:M::x@::/tmp:F");
	val("nothing", put("register", "", 0));
	fd = NEED(open(DIR "/register", O_WRONLY));
	val("unmapped", syscall(SYS_write, fd, BAD, 40));
	close(fd);
}

static void
t_long(void)
{
	char b[2400];

	memset(b, 'x', sizeof(b));
	memcpy(b, ":a", 2);
	val("too long", put("register", b, 1921));
	b[1000] = 0;
	val("a NUL", put("register", b, 1900));
}

static void
t_run(void)
{
	char p[100];

	reg("E", ":e@:E::x@::" SELF ":");
	entry("e", NULL);
	put_file("/tmp/binfmt/plain", "data\n", 0755);
	snprintf(p, sizeof(p), "/tmp/binfmt/file.x%s", id);
	put_file(p, "data\n", 0755);
	run("other extension", "/tmp/binfmt/plain", "plain");
	run("E", p, "zero");
	entry("e", "0");
	entry("e", NULL);
	run("disabled", p, "zero");
	entry("e", "1\n");
	entry("e", "2");
	entry("e", "-1");
	entry("e", NULL);
	run("removed", p, "zero");
}

static void
t_magic(void)
{
	char m[64];

	snprintf(m, sizeof(m), "\001K%s.rest", id);
	put_file("/tmp/binfmt/prog", m, 0755);
	reg("M", ":m@:M::\\x01K@::" SELF ":");
	entry("m", NULL);
	run("M", "/tmp/binfmt/prog", "zero");
	reg("the same again", ":m@:M::\\x01K@::" SELF ":");
	/* the newest wins */
	reg("P", ":p@:M:1:K@::" SELF ":P\n");
	run("P", "/tmp/binfmt/prog", "zero");
	entry("p", "-1");
	reg("O", ":o@:M::\\xf1K@:\\x0f\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff"
	    ":" SELF ":O");
	entry("o", NULL);
	run("O", "/tmp/binfmt/prog", "zero");
	entry("o", "-1");
	reg("PC", ":c@:M::\\x01K@::" SELF ":PC");
	chmod("/tmp/binfmt/prog", 04755);
	NEED(chown("/tmp/binfmt/prog", 12, 0));
	NEED(chmod("/tmp/binfmt/prog", 04755));
	run("C, set-user-ID", "/tmp/binfmt/prog", "zero");
	entry("c", "-1");
	run("set-user-ID without C", "/tmp/binfmt/prog", "zero");
	put_file("/tmp/binfmt/script", "#!/tmp/binfmt/prog word\n", 0755);
	run("a script's interpreter", "/tmp/binfmt/script", "zero");
	NEED(chmod("/tmp/binfmt/prog", 0644));
	run("not executable", "/tmp/binfmt/prog", "zero");
	NEED(chmod("/tmp/binfmt/prog", 0755));
}

static void
t_fixed(void)
{
	char b[1 << 16];
	int in = NEED(open(SELF, O_RDONLY)), to;
	long n;

	to = NEED(open(COPY, O_WRONLY | O_CREAT, 0755));
	while ((n = read(in, b, sizeof(b))) > 0)
		NEED(write(to, b, n));
	close(in);
	close(to);
	reg("F", ":f@:M::\\x01K@::" COPY ":F");
	val("write to it", open(COPY, O_WRONLY));
	NEED(unlink(COPY));
	run("F, its name gone", "/tmp/binfmt/prog", "zero");
	entry("f", NULL);
	entry("f", "-1");
	reg("gone", ":g@:M::\\x01K@::" COPY ":");
	run("interpreter gone", "/tmp/binfmt/prog", "zero");
	entry("g", "-1");
	reg("itself", ":g@:M::\\x01K@::/tmp/binfmt/prog:");
	run("runs itself", "/tmp/binfmt/prog", "zero");
	entry("g", "-1");
	run("oldest left", "/tmp/binfmt/prog", "zero");
	entry("m", "-1");
	run("none left", "/tmp/binfmt/prog", "zero");
}

static void
user(void)
{
	val("register", open(DIR "/register", O_WRONLY));
	val("status", open(DIR "/status", O_WRONLY));
	okay("status read", open(DIR "/status", O_RDONLY));
}

static void
t_files(void)
{
	struct stat st;
	struct statfs fs;
	char b[100];

	NEED(stat(DIR, &st));
	out("dir %o", st.st_mode);
	NEED(stat(DIR "/register", &st));
	out("register %o", st.st_mode);
	NEED(stat(DIR "/status", &st));
	out("status %o", st.st_mode);
	NEED(statfs(DIR, &fs));
	out("magic %lx", (long)fs.f_type);
	get_file(DIR "/status", b, sizeof(b));
	out("status: %s", b);
	val("status 2", put("status", "2", 1));
	val("status 01", put("status", "01", 2));
	val("status long", put("status", "1\n\n\n", 4));
	val("status 1", put("status", "1\n", 2));
	val("unlink", unlink(DIR "/status"));
	val("create", open(DIR "/x", O_CREAT | O_WRONLY, 0644));
	val("mkdir", mkdir(DIR "/x", 0755));
	okay("proc", access("/proc/sys/fs/binfmt_misc", F_OK));
}

int
main(int argc, char **argv)
{
	struct timespec t;

	if (argc > 1)
		return interpret(argc, argv);
	clock_gettime(CLOCK_MONOTONIC, &t);
	snprintf(id, sizeof(id), "%07d", (int)(t.tv_nsec / 100) % 10000000);
	NEED(mkdir(DIR, 0755));
	NEED(mount("binfmt_misc", DIR, "binfmt_misc", 0, NULL));
	t_files();
	as_user("user", user);
	t_refused();
	t_long();
	t_run();
	t_magic();
	t_fixed();
	NEED(umount(DIR));
	return 0;
}
