/* SPDX-License-Identifier: MIT */
/* Modes, owners, times, statx, access: as root and as a common user. */
#include "gt.h"
#include <sys/statfs.h>
#include <sys/sysmacros.h>

static void
mode(const char *n, const char *p)
{
	struct stat st;

	if (lstat(p, &st) < 0)
		out("%s: %s", n, gt_errno(errno));
	else
		out("%s: mode %o uid %d gid %d", n, st.st_mode, st.st_uid,
		    st.st_gid);
}

static int
fmodat(const char *p, int m)
{
	return (int)syscall(SYS_fchmodat, AT_FDCWD, p, m);
}

static void
t_mode(void)
{
	int fd;

	put_file("f", "data", 0644);
	VAL(chmod("f", 07777));
	mode("f", "f");
	VAL(chown("f", 1000, 2000));
	mode("setid bits cleared by chown", "f");
	VAL(chmod("f", 06770));
	VAL(chown("f", -1, -1));
	mode("chown -1 -1", "f");
	VAL(chmod("f", 02664));
	VAL(chown("f", -1, 3000));
	mode("setgid without x group stays", "f");
	VAL(chmod("f", 0x12345));
	mode("high bits", "f");
	mkdir("d", 0755);
	VAL(chmod("d", 07755));
	VAL(chown("d", 5, 6));
	mode("directory keeps them", "d");
	VAL(fmodat("none", 0644));
	VAL(fmodat("f/x", 0644));
	VAL(fmodat("", 0644));
	VAL(fmodat(BAD, 0644));
	symlink("f", "s");
	VAL(chmod("s", 0600));
	mode("through link", "f");
	mode("link", "s");
	VAL(lchown("s", 7, 8));
	mode("lchown", "s");
	VAL(chown("s", 9, 10));
	mode("chown follows", "f");
	VAL(syscall(SYS_fchownat, AT_FDCWD, "s", 11, 12,
		    AT_SYMLINK_NOFOLLOW));
	mode("nofollow", "s");
	fd = open("f", O_RDONLY);
	VAL(syscall(SYS_fchownat, fd, "", 13, 14, AT_EMPTY_PATH));
	VAL(syscall(SYS_fchownat, fd, "", 13, 14, 0));
	VAL(syscall(SYS_fchownat, AT_FDCWD, "f", 1, 1, 0x4000));
	VAL(syscall(SYS_fchmod, fd, 0640));
	VAL(syscall(SYS_fchown, fd, 15, 16));
	mode("by fd", "f");
	VAL(syscall(SYS_fchmod, 99, 0));
	VAL(syscall(SYS_fchown, 99, 0, 0));
	/* creation: umask, setgid directories */
	umask(077);
	close(open("u077", O_CREAT | O_WRONLY, 0777));
	mode("umask 077", "u077");
	VAL(umask(0777) == 077);
	close(open("u777", O_CREAT | O_WRONLY, 0777));
	mode("umask 0777", "u777");
	VAL(umask(0));
	umask(022);
	mkdir("sg", 0755);
	chown("sg", 0, 77);
	chmod("sg", 02775);
	close(open("sg/f", O_CREAT | O_WRONLY, 0644));
	mode("file in setgid dir", "sg/f");
	mkdir("sg/d", 0755);
	mode("dir in setgid dir", "sg/d");
	symlink("x", "sg/l");
	mode("link in setgid dir", "sg/l");
	/* write clears setuid for others, root keeps */
	chmod("f", 06755);
	fd = open("f", O_RDWR);
	write(fd, "x", 1);
	mode("root's write keeps setuid", "f");
	truncate("f", 1);
	mode("root's truncate", "f");
}

static void
acc(const char *p)
{
	char b[64] = "";

	for (int m = 0; m < 8; m++) {
		int r = (int)syscall(SYS_access, p, m);

		snprintf(b + strlen(b), sizeof(b) - strlen(b), " %s",
			 r == 0 ? "ok" : gt_errno(errno));
	}
	out("access %s:%s", p, b);
}

static void
t_access(void)
{
	put_file("r", "", 0444);
	put_file("none", "", 0);
	put_file("x", "", 0111);
	acc("r");
	acc("none");
	acc("x");
	acc("d");
	acc("missing");
	VAL(syscall(SYS_access, "r", 8));
	VAL(syscall(SYS_access, BAD, 0));
	VAL(syscall(SYS_faccessat, AT_FDCWD, "r", 4));
	VAL(syscall(SYS_faccessat2, AT_FDCWD, "r", 4, AT_EACCESS));
	VAL(syscall(SYS_faccessat2, AT_FDCWD, "r", 4, 0x4000));
	VAL(syscall(SYS_faccessat2, open("r", O_PATH), "", 4, AT_EMPTY_PATH));
	symlink("gone", "dang");
	VAL(syscall(SYS_faccessat2, AT_FDCWD, "dang", 0, 0));
	VAL(syscall(SYS_faccessat2, AT_FDCWD, "dang", 0,
		    AT_SYMLINK_NOFOLLOW));
	pid_t c = fork();
	if (c == 0) {
		/* real uid user, effective root */
		syscall(SYS_setresuid, 65534, 0, 0);
		val("real uid decides", syscall(SYS_access, "none", 4));
		val("AT_EACCESS", syscall(SYS_faccessat2, AT_FDCWD, "none", 4,
					  AT_EACCESS));
		val("open as effective root", open("none", O_RDONLY) >= 0 ?
		    0 : -1);
		_exit(0);
	}
	waitpid(c, NULL, 0);
}

static void
user(void)
{
	acc("/tmp/attr/r");
	acc("/tmp/attr/none");
	acc("/tmp/attr/x");
	acc("/tmp/attr/closed/f");
	acc("/tmp/attr/xonly/f");
	acc("/tmp/attr/ronly/f");
	okay("open own dir", open(".", O_RDONLY));
	okay("read 0444", open("/tmp/attr/r", O_RDONLY));
	okay("write 0444", open("/tmp/attr/r", O_WRONLY));
	okay("trunc 0444", open("/tmp/attr/r", O_RDONLY | O_TRUNC));
	okay("in closed", open("/tmp/attr/closed/f", O_RDONLY));
	okay("missing in closed", open("/tmp/attr/closed/none", O_RDONLY));
	okay("in xonly", open("/tmp/attr/xonly/f", O_RDONLY));
	okay("list xonly", open("/tmp/attr/xonly", O_RDONLY));
	okay("list ronly", open("/tmp/attr/ronly", O_RDONLY));
	okay("in ronly", open("/tmp/attr/ronly/f", O_RDONLY));
	okay("create in root's", open("/tmp/attr/new", O_CREAT | O_WRONLY,
				      0644));
	VAL(unlink("/tmp/attr/r"));
	VAL(rename("/tmp/attr/r", "/tmp/attr/r2"));
	VAL(mkdir("/tmp/attr/nd", 0755));
	VAL(symlink("x", "/tmp/attr/ns"));
	VAL(chmod("/tmp/attr/r", 0777));
	VAL(chown("/tmp/attr/r", 65534, -1));
	VAL(chown("/tmp/attr/r", -1, -1));
	VAL(truncate("/tmp/attr/r", 0));
	okay("O_NOATIME of another's", open("/tmp/attr/r", O_RDONLY |
					    O_NOATIME));
	/* own file */
	put_file("mine", "x", 0600);
	VAL(chmod("mine", 04755));
	mode("own setuid", "mine");
	write(open("mine", O_WRONLY), "y", 1);
	mode("write clears setuid", "mine");
	chmod("mine", 06775);
	truncate("mine", 0);
	mode("truncate clears", "mine");
	VAL(chown("mine", 0, -1));
	VAL(chown("mine", -1, 0));
	VAL(chown("mine", 65534, 65534));
	chmod("mine", 02755);
	mode("setgid in own group", "mine");
	VAL(chown("other-gid", -1, 65534));
	VAL(chmod("other-gid", 02755));
	mode("setgid not in group is dropped", "other-gid");
	/* sticky */
	VAL(unlink("/tmp/attr/sticky/root"));
	VAL(rename("/tmp/attr/sticky/root", "/tmp/attr/sticky/x"));
	put_file("/tmp/attr/sticky/own", "", 0644);
	VAL(rename("/tmp/attr/sticky/own", "/tmp/attr/sticky/root"));
	VAL(unlink("/tmp/attr/sticky/own"));
	VAL(rmdir("/tmp/attr/sticky/rootdir"));
	/* 0 for owner, rights for group and others: the owner has none */
	put_file("odd", "", 0077);
	okay("owner class decides", open("odd", O_RDONLY));
	okay("group class decides", open("/tmp/attr/grp", O_RDONLY));
	struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };
	VAL(utimensat(AT_FDCWD, "/tmp/attr/r", ts, 0));
	VAL(utimensat(AT_FDCWD, "/tmp/attr/r", NULL, 0));
	VAL(utimensat(AT_FDCWD, "/tmp/attr/w", NULL, 0));
	VAL(utimensat(AT_FDCWD, "/tmp/attr/w", ts, 0));
	ts[0].tv_nsec = ts[1].tv_nsec = UTIME_OMIT;
	VAL(utimensat(AT_FDCWD, "/tmp/attr/r", ts, 0));
	ts[0].tv_nsec = ts[1].tv_nsec = UTIME_NOW;
	VAL(utimensat(AT_FDCWD, "/tmp/attr/w", ts, 0));
	ts[1].tv_nsec = UTIME_OMIT;
	VAL(utimensat(AT_FDCWD, "/tmp/attr/w", ts, 0));
}

static void
times(const char *n, const char *p)
{
	struct stat st;
	int64_t now = time(NULL);

	lstat(p, &st);
#define NEAR(t) (t.tv_sec > now - 100 && t.tv_sec <= now + 1)
	out("%s: atime %s %ld mtime %s %ld ctime now %d", n,
	    NEAR(st.st_atim) ? "now" : "set",
	    NEAR(st.st_atim) ? 0l : (long)st.st_atim.tv_sec,
	    NEAR(st.st_mtim) ? "now" : "set",
	    NEAR(st.st_mtim) ? 0l : (long)st.st_mtim.tv_sec,
	    NEAR(st.st_ctim));
}

static void
t_times(void)
{
	struct timespec ts[2] = { { 1000000000, 123456789 },
				  { 1100000000, 987654321 } };
	struct stat st, s2;
	int fd;

	put_file("t", "x", 0644);
	VAL(utimensat(AT_FDCWD, "t", ts, 0));
	stat("t", &st);
	out("times %ld.%09ld %ld.%09ld", (long)st.st_atim.tv_sec,
	    st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	times("set", "t");
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_nsec = UTIME_NOW;
	VAL(utimensat(AT_FDCWD, "t", ts, 0));
	times("omit, now", "t");
	VAL(utimensat(AT_FDCWD, "t", NULL, 0));
	times("null", "t");
	ts[0].tv_nsec = 1000000000;
	VAL(utimensat(AT_FDCWD, "t", ts, 0));
	ts[0].tv_nsec = -1;
	VAL(utimensat(AT_FDCWD, "t", ts, 0));
	ts[0] = (struct timespec){ 5, 0 };
	ts[1] = (struct timespec){ 6, 0 };
	VAL(utimensat(AT_FDCWD, "none", ts, 0));
	VAL(utimensat(AT_FDCWD, "t", ts, 0x4000));
	VAL(syscall(SYS_utimensat, AT_FDCWD, "t", BAD, 0));
	VAL(syscall(SYS_utimensat, AT_FDCWD, NULL, ts, 0));
	symlink("t", "lt");
	VAL(utimensat(AT_FDCWD, "lt", ts, AT_SYMLINK_NOFOLLOW));
	times("link", "lt");
	times("target", "t");
	fd = open("t", O_RDWR);
	VAL(syscall(SYS_utimensat, fd, NULL, ts, 0));
	times("by fd", "t");
	VAL(syscall(SYS_utimensat, fd, "", ts, AT_EMPTY_PATH));
	struct timeval tv[2] = { { 7, 8 }, { 9, 10 } };
	VAL(syscall(SYS_utimes, "t", tv));
	stat("t", &st);
	out("utimes %ld.%09ld %ld.%09ld", (long)st.st_atim.tv_sec,
	    st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	long ut[2] = { 11, 12 };
	VAL(syscall(SYS_utime, "t", ut));
	VAL(syscall(SYS_futimesat, AT_FDCWD, "t", tv));
	tv[0].tv_usec = 1000000;
	VAL(syscall(SYS_utimes, "t", tv));
	/* what changes which time */
	utimensat(AT_FDCWD, "t", ts, 0);
	write(fd, "y", 1);
	times("after write", "t");
	utimensat(AT_FDCWD, "t", ts, 0);
	ftruncate(fd, 1);
	times("after truncate to the same size", "t");
	utimensat(AT_FDCWD, "t", ts, 0);
	chmod("t", 0600);
	times("after chmod", "t");
	mkdir("td", 0755);
	utimensat(AT_FDCWD, "td", ts, 0);
	put_file("td/x", "", 0644);
	times("dir after create", "td");
	utimensat(AT_FDCWD, "td", ts, 0);
	unlink("td/x");
	times("dir after unlink", "td");
	stat("t", &st);
	msleep(20);
	link("t", "t2");
	stat("t", &s2);
	yes("link changes ctime", s2.st_ctim.tv_sec > st.st_ctim.tv_sec ||
	    s2.st_ctim.tv_nsec > st.st_ctim.tv_nsec);
	ts[0].tv_sec = -5;
	ts[1].tv_sec = 1ll << 33;
	VAL(utimensat(AT_FDCWD, "t", ts, 0));
	stat("t", &st);
	out("far times %ld %ld", (long)st.st_atim.tv_sec,
	    (long)st.st_mtim.tv_sec);
}

struct statx_ {
	uint32_t mask, blksize;
	uint64_t attr;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attr_mask;
	struct { int64_t s; uint32_t n; int32_t p; } a, b, c, m;
	uint32_t rmaj, rmin, maj, min;
	uint64_t more[14];
};

static void
t_stat(void)
{
	struct statx_ x;
	struct stat st;
	struct statfs fs;

	put_file("sx", "12345", 0640);
	link("sx", "sx2");
	memset(&x, 0x5a, sizeof(x));
	VAL(syscall(SYS_statx, AT_FDCWD, "sx", 0, 0x7ff, &x));
	stat("sx", &st);
	out("basic mask %d, mode %o nlink %d size %ld uid %d", (x.mask &
	    0x7ff) == 0x7ff, x.mode, x.nlink, (long)x.size, x.uid);
	yes("same as stat", x.ino == st.st_ino && x.blocks ==
	    (uint64_t)st.st_blocks && x.blksize == (uint32_t)st.st_blksize &&
	    makedev(x.maj, x.min) == st.st_dev && x.m.s ==
	    st.st_mtim.tv_sec);
	VAL(syscall(SYS_statx, AT_FDCWD, "sx", 0, 0, &x));
	VAL(syscall(SYS_statx, AT_FDCWD, "sx", 0, 0x80000000, &x));
	VAL(syscall(SYS_statx, AT_FDCWD, "sx", 0x80000000, 0x7ff, &x));
	VAL(syscall(SYS_statx, AT_FDCWD, "sx", 0x6000, 0x7ff, &x));
	VAL(syscall(SYS_statx, AT_FDCWD, "none", 0, 0x7ff, &x));
	VAL(syscall(SYS_statx, AT_FDCWD, "", 0, 0x7ff, &x));
	VAL(syscall(SYS_statx, 0, "", AT_EMPTY_PATH, 0x7ff, &x));
	out("stdin is %o %d:%d", x.mode & 0170000, x.rmaj, x.rmin);
	VAL(syscall(SYS_statx, AT_FDCWD, "sx", 0, 0x7ff, BAD));
	VAL(syscall(SYS_statx, AT_FDCWD, BAD, 0, 0x7ff, &x));
	VAL(syscall(SYS_newfstatat, AT_FDCWD, "sx", &st, 0x4000));
	VAL(syscall(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH));
	out("dir %d", S_ISDIR(st.st_mode));
	VAL(syscall(SYS_newfstatat, 99, "sx", &st, 0));
	VAL(syscall(SYS_newfstatat, AT_FDCWD, "sx/", &st, 0));
	VAL(syscall(SYS_stat, "sx", BAD));
	VAL(syscall(SYS_fstat, 99, &st));
	VAL(syscall(SYS_lstat, "", &st));
	out("blksize %ld", (long)st.st_blksize);
	stat("/dev/null", &st);
	out("null: mode %o rdev %d:%d", st.st_mode, major(st.st_rdev),
	    minor(st.st_rdev));
	const char *p[] = { "/tmp", "/proc", "/sys", "/dev/pts" };
	for (unsigned i = 0; i < NELEM(p); i++) {
		memset(&fs, 0, sizeof(fs));
		int r = statfs(p[i], &fs);

		out("statfs %s: %d type %#lx bsize %ld namelen %ld frsize "
		    "%ld", p[i], r, (long)fs.f_type, (long)fs.f_bsize,
		    (long)fs.f_namelen, (long)fs.f_frsize);
	}
	VAL(statfs("none", &fs));
	VAL(syscall(SYS_statfs, "/", BAD));
	VAL(syscall(SYS_fstatfs, 99, &fs));
	int p2[2];
	pipe(p2);
	VAL(syscall(SYS_fstatfs, p2[0], &fs));
	out("pipe fs %#lx", (long)fs.f_type);
}

int
main(void)
{
	t_mode();
	t_access();
	t_times();
	t_stat();
	mkdir("closed", 0700);
	put_file("closed/f", "", 0644);
	mkdir("xonly", 0711);
	put_file("xonly/f", "", 0644);
	mkdir("ronly", 0744);
	put_file("ronly/f", "", 0644);
	mkdir("sticky", 0755);
	chmod("sticky", 01777);
	put_file("sticky/root", "", 0666);
	mkdir("sticky/rootdir", 0777);
	put_file("w", "", 0666);
	put_file("grp", "", 0604);
	chown("grp", 0, 65534);
	chmod("grp", 0604);
	mkdir("own", 0755);
	chown("own", 65534, 65534);
	put_file("own/other-gid", "", 0644);
	chown("own/other-gid", 65534, 777);
	chdir("own");
	as_user("user", user);
	return 0;
}
