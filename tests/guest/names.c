/* SPDX-License-Identifier: MIT */
/* link, unlink, rename, symlink, mkdir, rmdir, mknod, readlink, getcwd,
 * chdir and the *at family: errno matrix and effects. */
#include "gt.h"

static char n255[300], n256[300], longp[4200];

static int
exists(const char *p)
{
	struct stat st;

	return lstat(p, &st) == 0;
}

static int
rn2(const char *a, const char *b, int fl)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, fl);
}

static void
t_link(void)
{
	struct stat st;

	put_file("f", "x", 0644);
	mkdir("d", 0755);
	symlink("f", "s");
	symlink("gone", "dang");
	VAL(link("f", "l"));
	stat("f", &st);
	out("nlink %d", (int)st.st_nlink);
	VAL(link("f", "l"));
	VAL(link("f", "f"));
	VAL(link("none", "x"));
	VAL(link("d", "x"));
	VAL(link("f", "none/x"));
	VAL(link("f", "f/x"));
	VAL(link("f", "d"));
	VAL(link("f", "x/"));
	VAL(link("f/", "x"));
	VAL(link("", "x"));
	VAL(link("f", ""));
	VAL(link("s", "ls"));
	lstat("ls", &st);
	out("link of symlink is one: %d", S_ISLNK(st.st_mode));
	VAL(linkat(AT_FDCWD, "s", AT_FDCWD, "lf", AT_SYMLINK_FOLLOW));
	lstat("lf", &st);
	out("followed: %d", S_ISREG(st.st_mode));
	VAL(linkat(AT_FDCWD, "dang", AT_FDCWD, "x", AT_SYMLINK_FOLLOW));
	VAL(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 0x1));
	VAL(linkat(99, "f", AT_FDCWD, "x", 0));
	VAL(link("f", "/proc/x"));
	VAL(link(BAD, "x"));
	VAL(link("f", BAD));
	val("link name 256", link("f", n256));
	VAL(link("/dev/null", "x"));
}

static void
t_unlink(void)
{
	int fd;
	char b[4];
	struct stat st;

	put_file("u", "abc", 0644);
	fd = open("u", O_RDWR);
	VAL(unlink("u"));
	VAL(unlink("u"));
	VAL(read(fd, b, 3));
	fstat(fd, &st);
	out("nlink after unlink %d", (int)st.st_nlink);
	VAL(unlink("d"));
	VAL(unlink("d/"));
	VAL(unlink("f/"));
	VAL(unlink("s/"));
	VAL(unlink("f/x"));
	VAL(unlink("."));
	VAL(unlink(".."));
	VAL(unlink("/"));
	VAL(unlink(""));
	VAL(unlink(BAD));
	VAL(unlink("/proc/self/stat"));
	VAL(unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
	VAL(unlinkat(AT_FDCWD, "d", 0x1));
	VAL(unlinkat(99, "d", 0));
	VAL(unlink("dang"));
	symlink("d", "sd");
	VAL(unlink("sd/"));
	VAL(rmdir("sd"));
	VAL(rmdir("sd/"));
	VAL(unlink("sd"));
}

static void
t_dir(void)
{
	struct stat st;

	VAL(mkdir("d", 0755));
	VAL(mkdir("f", 0755));
	VAL(mkdir("s", 0755));
	VAL(mkdir("f/x", 0755));
	VAL(mkdir("none/x", 0755));
	VAL(mkdir("", 0755));
	VAL(mkdir("/", 0755));
	VAL(mkdir(".", 0755));
	VAL(mkdir("d/..", 0755));
	VAL(mkdir("n/", 0755));
	VAL(mkdir("n/.", 0755));
	VAL(mkdir("q/.", 0755));
	val("mkdir name 256", mkdir(n256, 0755));
	val("mkdir name 255", mkdir(n255, 0755));
	val("rmdir name 255", rmdir(n255));
	symlink("target", "dangling");
	VAL(mkdir("dangling", 0755));
	VAL(mkdir("dangling/", 0755));
	VAL(mkdir("/proc/x", 0755));
	umask(027);
	mkdir("m", 07777);
	stat("m", &st);
	out("mode of mkdir 07777 under 027: %o", st.st_mode);
	umask(022);
	out("nlink of dir: %d", (stat("m", &st), (int)st.st_nlink));
	mkdir("m/a", 0755);
	mkdir("m/b", 0755);
	out("nlink with two: %d", (stat("m", &st), (int)st.st_nlink));
	VAL(rmdir("m"));
	VAL(rmdir("m/a/"));
	out("nlink with one: %d", (stat("m", &st), (int)st.st_nlink));
	VAL(rmdir("m/b/."));
	VAL(rmdir("m/b/.."));
	VAL(rmdir("m/b"));
	VAL(rmdir("m"));
	VAL(rmdir("m"));
	VAL(rmdir("f"));
	VAL(rmdir("f/x"));
	VAL(rmdir("/"));
	VAL(rmdir(""));
	VAL(rmdir(".."));
	VAL(rmdir("."));
	VAL(rmdir("/proc"));
	/* the working directory may vanish */
	char b[256];

	mkdir("cwd", 0755);
	chdir("cwd");
	VAL(rmdir("../cwd"));
	val("getcwd", syscall(SYS_getcwd, b, sizeof(b)));
	VAL(open(".", O_RDONLY) >= 0 ? 0 : -1);
	VAL(open("x", O_CREAT | O_WRONLY, 0644));
	VAL(open("..", O_RDONLY) >= 0 ? 0 : -1);
	VAL(chdir(".."));
	out("cwd %s", strrchr(getcwd(b, 256), '/'));
	/* getcwd */
	val("getcwd size 2", syscall(SYS_getcwd, b, 2));
	val("getcwd size 0", syscall(SYS_getcwd, b, 0));
	val("getcwd bad", syscall(SYS_getcwd, BAD, 200));
	val("getcwd length", syscall(SYS_getcwd, b, sizeof(b)));
	VAL(chdir("f"));
	VAL(chdir("none"));
	VAL(chdir(""));
	VAL(chdir(BAD));
	VAL(fchdir(open("f", O_RDONLY)));
	VAL(fchdir(99));
}

static void
t_rename(void)
{
	struct stat st, st2;

	put_file("a", "A", 0644);
	put_file("b", "B", 0644);
	mkdir("da", 0755);
	mkdir("db", 0755);
	mkdir("full", 0755);
	put_file("full/x", "", 0644);
	symlink("da", "sda");
	VAL(rename("a", "a2"));
	out("exists %d %d", exists("a"), exists("a2"));
	stat("a2", &st);
	VAL(rename("a2", "b"));
	stat("b", &st2);
	out("replaced: same inode %d, old gone %d", st.st_ino == st2.st_ino,
	    !exists("a2"));
	VAL(rename("none", "x"));
	VAL(rename("b", "none/x"));
	VAL(rename("b", "da"));
	VAL(rename("da", "b"));
	VAL(rename("da", "db"));
	out("exists %d %d", exists("da"), exists("db"));
	VAL(rename("db", "full"));
	VAL(rename("full", "db"));
	mkdir("full", 0755);
	VAL(rename("db", "db/sub"));
	VAL(rename("db", "db"));
	VAL(rename("db/x", "db"));
	VAL(rename("b", "b"));
	link("b", "blink");
	VAL(rename("b", "blink"));
	out("both links stay: %d %d", exists("b"), exists("blink"));
	VAL(rename("b/", "x"));
	VAL(rename("b", "x/"));
	VAL(rename("db/", "dc/"));
	VAL(rename("dc", "db"));
	VAL(rename("db/.", "x"));
	VAL(rename("db", "full/."));
	VAL(rename("db", "full/.."));
	VAL(rename("..", "x"));
	VAL(rename(".", "x"));
	VAL(rename("/", "x"));
	VAL(rename("", "x"));
	VAL(rename("b", ""));
	VAL(rename("sda", "sdb"));
	lstat("sdb", &st);
	out("symlink itself moved: %d", S_ISLNK(st.st_mode));
	VAL(rename("b", "sdb"));
	lstat("sdb", &st);
	out("symlink itself replaced: %d", S_ISREG(st.st_mode));
	VAL(rename("sdb", "b"));
	VAL(rename("b", "/proc/x"));
	VAL(rename("/proc/version", "x"));
	VAL(rename(BAD, "x"));
	VAL(rename("b", BAD));
	val("rename to 256", rename("b", n256));
	VAL(rn2("b", "blink", RENAME_NOREPLACE));
	VAL(rn2("b", "fresh", RENAME_NOREPLACE));
	VAL(rn2("fresh", "b", 0));
	VAL(rn2("b", "none", RENAME_EXCHANGE));
	VAL(rn2("none", "b", RENAME_EXCHANGE));
	put_file("e1", "one", 0644);
	put_file("e2", "two!", 0644);
	VAL(rn2("e1", "e2", RENAME_EXCHANGE));
	stat("e1", &st);
	stat("e2", &st2);
	out("exchanged sizes %ld %ld", (long)st.st_size, (long)st2.st_size);
	VAL(rn2("e1", "full", RENAME_EXCHANGE));
	stat("e1", &st);
	out("dir and file exchanged: %d", S_ISDIR(st.st_mode));
	VAL(rn2("e1", "full", RENAME_EXCHANGE));
	VAL(rn2("db", "db/x", RENAME_EXCHANGE));
	VAL(rn2("e1", "e2", RENAME_EXCHANGE | RENAME_NOREPLACE));
	VAL(rn2("e1", "e2", 8));
	/* a directory keeps its parent link right when moved */
	mkdir("p1", 0755);
	mkdir("p2", 0755);
	mkdir("p1/c", 0755);
	stat("p2", &st);
	VAL(rename("p1/c", "p2/c"));
	stat("p2/c/..", &st2);
	out("dot dot follows: %d", st.st_ino == st2.st_ino);
	stat("p1", &st);
	stat("p2", &st2);
	out("nlinks %d %d", (int)st.st_nlink, (int)st2.st_nlink);
	/* an open file lives on when replaced */
	int fd = open("e1", O_RDONLY);
	char b[8] = "";

	rename("e2", "e1");
	read(fd, b, 4);
	out("open file keeps its text: %s", b);
}

static void
t_symlink(void)
{
	char b[64], nm[32], to[32];
	struct stat st;

	VAL(symlink("x", "f"));
	VAL(symlink("", "sempty"));
	VAL(symlink("x", ""));
	VAL(symlink("x", "none/y"));
	VAL(symlink("x", "f/y"));
	VAL(symlink("x", "sl/"));
	VAL(symlink(BAD, "y"));
	VAL(symlink("x", BAD));
	val("target of 4095", symlink(longp, "sl4095"));
	longp[4095] = 'x';
	val("target of 4096", symlink(longp, "sl4096"));
	longp[4095] = 0;
	VAL(readlink("sl4095", b, sizeof(b)));
	symlink("the-target", "sl");
	memset(b, '#', sizeof(b));
	VAL(readlink("sl", b, sizeof(b)));
	out("text %.12s", b);
	VAL(readlink("sl", b, 3));
	VAL(syscall(SYS_readlink, "sl", b, 0));
	VAL(syscall(SYS_readlink, "sl", b, -1));
	VAL(readlink("f", b, 9));
	VAL(readlink("d", b, 9));
	VAL(readlink("none", b, 9));
	VAL(syscall(SYS_readlink, "sl", BAD, 9));
	lstat("sl", &st);
	out("size %ld mode %o", (long)st.st_size, st.st_mode);
	int fd = open("sl", O_PATH | O_NOFOLLOW);
	VAL(readlinkat(fd, "", b, 64));
	VAL(readlinkat(open("f", O_PATH), "", b, 64));
	/* chains: 40 may be followed, 41 not */
	put_file("c0", "end", 0644);
	for (int i = 1; i <= 42; i++) {
		snprintf(nm, sizeof(nm), "c%d", i);
		snprintf(to, sizeof(to), "c%d", i - 1);
		symlink(to, nm);
	}
	okay("chain of 39", open("c39", O_RDONLY));
	okay("chain of 40", open("c40", O_RDONLY));
	okay("chain of 41", open("c41", O_RDONLY));
	VAL(stat("c41", &st));
	VAL(lstat("c41", &st));
	symlink(".", "dot");
	char path[400] = "";
	for (int i = 0; i < 40; i++)
		strcat(path, "dot/");
	strcat(path, "f");
	okay("40 links in one path", open(path, O_RDONLY));
	memmove(path + 4, path, strlen(path) + 1);
	memcpy(path, "dot/", 4);
	okay("41 links in one path", open(path, O_RDONLY));
	/* links into directories, absolute, with dots */
	mkdir("t", 0755);
	put_file("t/in", "inside", 0644);
	symlink("t/../t/./in", "sdots");
	okay("dots in target", open("sdots", O_RDONLY));
	symlink("/dev/null", "sabs");
	okay("absolute target", open("sabs", O_RDONLY));
	symlink("t", "st");
	okay("through directory link", open("st/in", O_RDONLY));
	okay("and back", open("st/../f", O_RDONLY));
	VAL(unlink("st/in"));
	/* creation through a dangling link */
	symlink("made", "smake");
	okay("create through link", open("smake", O_CREAT | O_WRONLY, 0644));
	yes("target made", exists("made"));
	VAL(chmod("dang2", 0644));
	VAL(fchmodat(AT_FDCWD, "sl", 0600, 0));
}

static void
t_mknod(void)
{
	struct stat st;

	VAL(mknod("nf", 0644, 0));
	stat("nf", &st);
	out("mode %o", st.st_mode);
	VAL(mknod("nr", S_IFREG | 04755, 0));
	stat("nr", &st);
	out("mode %o", st.st_mode);
	VAL(mknod("np", S_IFIFO | 0666, 0));
	stat("np", &st);
	out("mode %o", st.st_mode);
	VAL(mknod("nc", S_IFCHR | 0600, 0x103));
	stat("nc", &st);
	out("mode %o rdev %#lx", st.st_mode, (long)st.st_rdev);
	VAL(write(open("nc", O_WRONLY), "x", 1));
	VAL(mknod("ns", S_IFSOCK | 0600, 0));
	okay("open socket", open("ns", O_RDONLY));
	VAL(mknod("nd", S_IFDIR | 0600, 0));
	VAL(mknod("nl", S_IFLNK | 0600, 0));
	VAL(mknod("nx", 0170000, 0));
	VAL(mknod("f", S_IFIFO | 0600, 0));
	VAL(mknod("none/x", S_IFIFO | 0600, 0));
	VAL(mknodat(99, "x", S_IFIFO | 0600, 0));
}

static void
user(void)
{
	VAL(mknod("uc", S_IFCHR | 0600, 0x103));
	VAL(mknod("up", S_IFIFO | 0600, 0));
	VAL(chroot("/"));
}

int
main(void)
{
	memset(n255, 'n', 255);
	memset(n256, 'n', 256);
	memset(longp, 'x', 4095);
	t_link();
	t_unlink();
	t_dir();
	t_rename();
	t_symlink();
	t_mknod();
	mkdir("pub", 0777);
	chmod("pub", 0777);
	chdir("pub");
	put_file("rootfile", "", 0600);
	as_user("user", user);
	return 0;
}
