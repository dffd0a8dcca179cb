/* SPDX-License-Identifier: MIT */
/* inotify(7): every event, in the order in which it comes. */
#include "gt.h"
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>

static int fd, cookie;

static const char *
names(uint32_t m)
{
	static const struct { uint32_t b; const char *s; } t[] = {
		{ 1, "ACCESS" }, { 2, "MODIFY" }, { 4, "ATTRIB" },
		{ 8, "CLOSE_WRITE" }, { 0x10, "CLOSE_NOWRITE" },
		{ 0x20, "OPEN" }, { 0x40, "MOVED_FROM" }, { 0x80, "MOVED_TO" },
		{ 0x100, "CREATE" }, { 0x200, "DELETE" },
		{ 0x400, "DELETE_SELF" }, { 0x800, "MOVE_SELF" },
		{ 0x2000, "UNMOUNT" }, { 0x4000, "Q_OVERFLOW" },
		{ 0x8000, "IGNORED" }, { 0x40000000, "ISDIR" },
	};
	static char b[256];

	b[0] = '\0';
	for (size_t i = 0; i < NELEM(t); i++)
		if (m & t[i].b) {
			strcat(b, " ");
			strcat(b, t[i].s);
			m &= ~t[i].b;
		}
	if (m)
		strcat(b, " ?");
	return b;
}

/* all that is queued, by what was done */
static void
events(const char *what)
{
	char b[4096] __attribute__((aligned(8)));
	ssize_t n;

	out("%s:", what);
	while ((n = read(fd, b, sizeof(b))) > 0)
		for (char *p = b; p < b + n;) {
			struct inotify_event *e = (void *)p;
			const char *c = "";

			if (e->cookie) {
				c = (int)e->cookie == cookie ? " same cookie" :
					" cookie";
				cookie = (int)e->cookie;
			}
			out("  %d%s%s len %u %s", e->wd, names(e->mask), c,
			    e->len, e->len ? e->name : "");
			p += sizeof(*e) + e->len;
		}
	if (n < 0 && errno != EAGAIN)
		out("  %s", gt_errno(errno));
}

static int
watch(const char *name, uint32_t mask)
{
	return (int)syscall(SYS_inotify_add_watch, fd, name, mask);
}

static void
touch(const char *name)
{
	close(open(name, O_WRONLY | O_CREAT | O_EXCL, 0644));
}

static void
errors(void)
{
	int p[2], n = -1;
	char b[64];

	VAL(syscall(SYS_inotify_init1, 1));
	NEED(pipe(p));
	VAL(syscall(SYS_inotify_add_watch, -1, ".", IN_OPEN));
	VAL(syscall(SYS_inotify_add_watch, p[0], ".", IN_OPEN));
	VAL(syscall(SYS_inotify_rm_watch, -1, 1));
	VAL(syscall(SYS_inotify_rm_watch, p[0], 1));
	VAL(syscall(SYS_inotify_rm_watch, fd, 1));
	VAL(watch(".", 0));
	VAL(watch(".", 0x1000));
	VAL(watch(".", 0x08000000));
	VAL(watch("nothing", IN_OPEN));
	VAL(watch(BAD, IN_OPEN));
	VAL(watch(".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
	touch("plain");
	VAL(watch("plain", IN_OPEN | IN_ONLYDIR));
	VAL(ioctl(fd, FIONREAD, &n));
	VAL(n);
	VAL(read(fd, b, 16));
	VAL(read(fd, b, 0));
	VAL(write(fd, b, 16));
	VAL(lseek(fd, 0, SEEK_SET));
	VAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	unlink("plain");
	close(p[0]);
	close(p[1]);
}

static void
in_directory(void)
{
	int f, wd = watch(".", IN_ALL_EVENTS);
	char b[16];

	YES(wd > 0);
	f = open("file", O_RDWR | O_CREAT, 0644);
	events("create");
	write(f, "hello", 5);
	write(f, "hello", 5);
	events("write");
	pwrite(f, "x", 1, 0);
	events("pwrite");
	lseek(f, 0, SEEK_SET);
	read(f, b, 16);
	events("read");
	read(f, b, 16);
	events("read at the end");
	fchmod(f, 0600);
	events("fchmod");
	fchown(f, -1, -1);
	events("fchown nothing");
	ftruncate(f, 3);
	events("ftruncate");
	fallocate(f, 0, 0, 100);
	events("fallocate");
	futimens(f, NULL);
	events("futimens now");
	futimens(f, (struct timespec[]){ { 1, 0 }, { 0, UTIME_OMIT } });
	events("atime only");
	futimens(f, (struct timespec[]){ { 0, UTIME_OMIT }, { 1, 0 } });
	events("mtime only");
	close(f);
	events("close");
	close(open("file", O_RDONLY));
	events("open and close");
	close(open("file", O_WRONLY | O_TRUNC));
	events("open to truncate");
	close(open("file", O_PATH));
	events("O_PATH");
	truncate("file", 10);
	events("truncate");
	link("file", "second");
	events("link");
	symlink("file", "sym");
	events("symlink");
	mkfifo("fifo", 0600);
	events("mkfifo");
	rename("second", "third");
	events("rename");
	rename("third", "file2");
	rename("file2", "a-longer-name-than-16");
	events("renames");
	unlink("a-longer-name-than-16");
	unlink("sym");
	unlink("fifo");
	events("unlinks");
	mkdir("dir", 0755);
	events("mkdir");
	f = open("dir", O_RDONLY | O_DIRECTORY);
	events("open dir");
	syscall(SYS_getdents64, f, b, 16);
	{
		char big[1024];

		syscall(SYS_getdents64, f, big, sizeof(big));
	}
	events("getdents");
	close(f);
	events("close dir");
	touch("dir/inside");
	events("below dir");
	unlink("dir/inside");
	chmod("dir", 0700);
	events("chmod dir");
	rename("dir", "dir2");
	events("rename dir");
	rmdir("dir2");
	events("rmdir");
	touch("one");
	touch("two");
	events("touch");
	syscall(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 2);
	events("exchange");
	rename("one", "two");
	events("replace");
	f = open("two", O_RDONLY);
	unlink("two");
	events("unlink an open one");
	close(f);
	events("and close");
	unlink("file");
	events("unlink");
	VAL(syscall(SYS_inotify_rm_watch, fd, wd));
	events("rm_watch");
	VAL(syscall(SYS_inotify_rm_watch, fd, wd));
}

static void
on_files(void)
{
	int f, wd;

	touch("f");
	mkdir("d", 0755);
	wd = watch("f", IN_ALL_EVENTS);
	YES(watch("f", IN_ALL_EVENTS) == wd);
	VAL(watch("f", IN_OPEN | IN_MASK_CREATE));
	YES(watch("d", IN_ALL_EVENTS) == wd + 1);
	link("f", "g");
	events("link");
	rename("f", "d/f");
	events("move in");
	f = open("g", O_RDONLY);
	unlink("g");
	events("one name less");
	unlink("d/f");
	events("no name");
	close(f);
	events("no reader");
	rename("d", "e");
	events("move dir");
	rmdir("e");
	events("rmdir");
	touch("f");
	touch("h");
	watch("f", IN_ALL_EVENTS);
	rename("h", "f");
	events("replaced");
	unlink("f");
	events("unlink");
	/* masks */
	touch("f");
	wd = watch("f", IN_OPEN);
	watch("f", IN_CLOSE_NOWRITE | IN_MASK_ADD);
	close(open("f", O_RDONLY));
	events("added");
	watch("f", IN_CLOSE);
	close(open("f", O_RDONLY));
	events("changed");
	watch("f", IN_OPEN | IN_ONESHOT);
	close(open("f", O_RDONLY));
	close(open("f", O_RDONLY));
	events("one shot");
	symlink("f", "s");
	YES(watch("s", IN_ALL_EVENTS) > 0);
	VAL(watch("s", IN_ALL_EVENTS | IN_DONT_FOLLOW) > 0);
	chmod("f", 0600);
	unlink("s");
	events("symlink");
	unlink("f");
	events("unlink");
	/* children without a name */
	wd = watch(".", IN_MODIFY | IN_CLOSE | IN_EXCL_UNLINK);
	f = open("f", O_WRONLY | O_CREAT, 0600);
	write(f, "1", 1);
	unlink("f");
	write(f, "2", 1);
	close(f);
	events("EXCL_UNLINK");
	watch(".", IN_MODIFY | IN_CLOSE);
	f = open("f", O_WRONLY | O_CREAT, 0600);
	unlink("f");
	write(f, "2", 1);
	close(f);
	events("no EXCL_UNLINK");
	syscall(SYS_inotify_rm_watch, fd, wd);
	events("end");
}

static void
both(void)
{
	int f, wd = watch(".", IN_OPEN | IN_MODIFY);

	touch("f");
	YES(watch("f", IN_OPEN | IN_MODIFY) == wd + 1);
	f = open("f", O_RDWR);
	write(f, "x", 1);
	write(f, "x", 1);
	events("both");
	close(f);
	unlink("f");
	syscall(SYS_inotify_rm_watch, fd, wd);
	events("end");
}

static void
reading(void)
{
	int f, n, wd = watch(".", IN_CREATE);
	struct pollfd p = { fd, POLLIN, 0 };
	char b[64];

	VAL(poll(&p, 1, 0));
	touch("a");
	touch("bbbbbbbbbbbbbbbbbbbbb");
	VAL(poll(&p, 1, 0));
	VAL(p.revents);
	VAL(ioctl(fd, FIONREAD, &n));
	VAL(n);
	VAL(read(fd, b, 16));
	VAL(read(fd, b, 31));
	VAL(read(fd, b, 64));
	VAL(read(fd, b, 47));
	VAL(read(fd, BAD, 64));
	VAL(ioctl(fd, FIONREAD, &n));
	VAL(n);
	unlink("a");
	unlink("bbbbbbbbbbbbbbbbbbbbb");
	/* equal events one after the other are one */
	syscall(SYS_inotify_rm_watch, fd, wd);
	events("rm");
	wd = watch(".", IN_ATTRIB);
	touch("a");
	for (int i = 0; i < 5; i++)
		chmod("a", 0600);
	events("five times");
	/* a blocking reader */
	f = (int)syscall(SYS_inotify_init1, 0);
	syscall(SYS_inotify_add_watch, f, ".", IN_DELETE);
	if (!fork()) {
		usleep(5000);
		unlink("a");
		_exit(0);
	}
	VAL(read(f, b, 64));
	wait(NULL);
	close(f);
	syscall(SYS_inotify_rm_watch, fd, wd);
	events("end");
}

static void
overflow(void)
{
	int f = open("/proc/sys/fs/inotify/max_queued_events", O_RDWR), g = fd;
	char b[32], old[32];
	ssize_t n = NEED(read(f, old, sizeof(old)));

	pwrite(f, "3", 1, 0);
	fd = (int)syscall(SYS_inotify_init1, IN_NONBLOCK);
	pwrite(f, old, n, 0);
	close(f);
	watch(".", IN_CREATE);
	for (int i = 0; i < 6; i++) {
		snprintf(b, sizeof(b), "n%d", i);
		touch(b);
	}
	events("overflow");
	for (int i = 0; i < 6; i++) {
		snprintf(b, sizeof(b), "n%d", i);
		unlink(b);
	}
	close(fd);
	fd = g;
}

static void
unmounting(void)
{
	mkdir("m", 0755);
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	touch("m/f");
	watch("m", IN_CREATE);
	watch("m/f", IN_CREATE);
	NEED(umount("m"));
	events("umount");
	rmdir("m");
}

static void
as_nobody(void)
{
	VAL(watch("secret", IN_OPEN));
	YES(watch("open", IN_OPEN) > 0);
}

static void
many(void)
{
	int n = 0;

	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 500, 500 });
	while (syscall(SYS_inotify_init1, 0) >= 0)
		n++;
	YES(n >= 100 && n <= 128);
	okay("instances", -1);
}

static void
info(void)
{
	char b[512], path[64];
	int f;
	ssize_t n;

	watch(".", IN_OPEN | IN_EXCL_UNLINK);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = (int)NEED(open(path, O_RDONLY));
	n = NEED(read(f, b, sizeof(b) - 1));
	b[n] = '\0';
	YES(strstr(b, "inotify wd:") && strstr(b, " mask:4000020 "));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = NEED(readlink(path, b, sizeof(b) - 1));
	b[n] = '\0';
	out("%s", b);
}

int
main(void)
{
	char dir[] = "/tmp/inXXXXXX";

	umask(022);
	mkdir("/tmp", 01777);
	NEED(mkdtemp(dir) ? 0 : -1);
	chmod(dir, 0755);
	NEED(chdir(dir));
	fd = (int)NEED(syscall(SYS_inotify_init1, IN_NONBLOCK));
	errors();
	in_directory();
	on_files();
	both();
	reading();
	overflow();
	unmounting();
	touch("secret");
	touch("open");
	chmod("secret", 0);
	as_user("as user", as_nobody);
	in_child("many", many);
	info();
	unlink("secret");
	unlink("open");
	chdir("/");
	rmdir(dir);
	return 0;
}
