/* SPDX-License-Identifier: MIT */
/* File handles, allocation and holes on tmpfs, fs.protected_*. */
#include "gt.h"
#include <sys/mount.h>

#define TOP	"/tmp/handle"
struct fh { unsigned int bytes; int type; unsigned char h[128]; };
#define NAME(d, p, h, m, f) (int)syscall(SYS_name_to_handle_at, d, p, h, m, f)
#define OPENH(d, h, f) (int)syscall(SYS_open_by_handle_at, d, h, f)

static void
t_handle(void)
{
	struct fh h = { 0, 0, { 0 } }, k;
	char b[16] = "";
	int m = 0, fd, base;

	put_file("f", "text", 0644);
	mkdir("d", 0755);
	put_file("d/in", "inner", 0644);
	symlink("f", "l");
	base = NEED(open(".", O_RDONLY | O_DIRECTORY));
	VAL(NAME(AT_FDCWD, "f", &h, &m, 0));
	VAL(h.bytes);
	YES(m != 0);
	VAL(NAME(AT_FDCWD, "f", &h, &m, 0));
	VAL(h.type);
	k = h;
	k.bytes = 128;
	VAL(NAME(AT_FDCWD, "f", &k, &m, 0));
	VAL(k.bytes);
	YES(!memcmp(k.h, h.h, k.bytes));
	k.bytes = 129;
	VAL(NAME(AT_FDCWD, "f", &k, &m, 0));
	VAL(NAME(AT_FDCWD, "none", &h, &m, 0));
	VAL(NAME(AT_FDCWD, "", &h, &m, 0));
	VAL(NAME(AT_FDCWD, "f", &h, &m, 0x80));
	VAL(NAME(AT_FDCWD, "f", BAD, &m, 0));
	VAL(NAME(AT_FDCWD, "f", &h, BAD, 0));
	VAL(NAME(AT_FDCWD, "/proc/self/stat", &h, &m, 0));
	k.bytes = 128;
	VAL(NAME(AT_FDCWD, "l", &k, &m, AT_SYMLINK_FOLLOW));
	YES(!memcmp(k.h, h.h, k.bytes));
	k.bytes = 128;
	VAL(NAME(AT_FDCWD, "l", &k, &m, 0));
	YES(memcmp(k.h, h.h, k.bytes));
	fd = open("f", O_PATH);
	k.bytes = 128;
	VAL(NAME(fd, "", &k, &m, AT_EMPTY_PATH));
	YES(!memcmp(k.h, h.h, k.bytes));
	close(fd);
	fd = NEED(OPENH(base, &h, O_RDWR));
	VAL(read(fd, b, 15));
	out("text %s", b);
	close(fd);
	VAL(rename("f", "d/moved"));
	OKAY(fd = OPENH(base, &h, O_RDONLY));
	close(fd);
	k.bytes = 128;
	NEED(NAME(AT_FDCWD, "d", &k, &m, 0));
	fd = NEED(OPENH(AT_FDCWD, &k, O_RDONLY | O_DIRECTORY));
	VAL(faccessat(fd, "moved", F_OK, 0));
	close(fd);
	VAL(unlink("d/moved"));
	VAL(OPENH(base, &h, O_RDONLY));
	k.h[0] ^= 0x55;
	VAL(OPENH(base, &k, O_RDONLY));
	k.bytes = 0;
	VAL(OPENH(base, &k, O_RDONLY));
	k.bytes = 200;
	VAL(OPENH(base, &k, O_RDONLY));
	VAL(OPENH(base, BAD, O_RDONLY));
	k.bytes = 12;
	VAL(OPENH(999, &k, O_RDONLY));
}

static void
t_handle_user(void)
{
	struct fh h = { 128, 0, { 0 } };
	int m;

	VAL(NAME(AT_FDCWD, "d", &h, &m, 0));
	VAL(OPENH(AT_FDCWD, &h, O_RDONLY));
}

static void
seeks(int fd)
{
	static const int at[] = { 0, 1, 4096, 16383, 16384, 20479, 20480,
				  65535, 65536, 70000 };

	for (size_t k = 0; k < NELEM(at); k++) {
		out("from %d:", at[k]);
		val(" data", lseek(fd, at[k], SEEK_DATA));
		val(" hole", lseek(fd, at[k], SEEK_HOLE));
	}
}

static void
t_holes(void)
{
	static const int modes[] = { 2, 8, 0x10, 0x11, 0x20, 0x40, 0x80, 4 };
	char b[4096];
	struct stat st;
	int fd = NEED(open("holes", O_RDWR | O_CREAT, 0644)), n = 0;
	char *p;

	VAL(fallocate(fd, 0, 0, 65536));
	VAL(pwrite(fd, "x", 1, 17000));
	fstat(fd, &st);
	VAL(st.st_blocks);
	seeks(fd);
	VAL(pread(fd, b, 4096, 32768));
	for (int k = 0; k < 4096; k++)
		n += b[k];
	VAL(n);
	/* reading does not make it data; mapping does */
	VAL(lseek(fd, 32768, SEEK_DATA));
	p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	VAL(p[40000]);
	p[45056] = 1;
	VAL(lseek(fd, 45056, SEEK_DATA));
	VAL(lseek(fd, 45056, SEEK_HOLE));
	VAL(fallocate(fd, 3, 0, 32768));
	fstat(fd, &st);
	VAL(st.st_blocks);
	VAL(p[17000]);
	VAL(fallocate(fd, 1, 65536, 4096));
	fstat(fd, &st);
	VAL(st.st_size);
	VAL(st.st_blocks);
	VAL(ftruncate(fd, 4096));
	fstat(fd, &st);
	VAL(st.st_blocks);
	for (size_t k = 0; k < NELEM(modes); k++)
		val("mode", fallocate(fd, modes[k], 0, 4096));
}

/*
 * The rules of fs.protected_*: what Linux does follows its settings, which are
 * not ours to change there; so this checks against proc_sys_fs(5) where they
 * can be set, and says the same where not.
 */
static int can_set;

static void
rule(const char *name, long r, int want)
{
	int e = r == -1 ? errno : 0;

	if (!can_set || e == want)
		out("%s: as documented", name);
	else
		out("%s: %s", name, e ? gt_errno(e) : "ok");
}

static void
set(const char *name, int v)
{
	char p[80], b[4] = { '0' + v };
	int fd;

	snprintf(p, sizeof(p), "/proc/sys/fs/protected_%s", name);
	fd = open(p, O_WRONLY);
	if (can_set && (fd < 0 || write(fd, b, 1) != 1))
		out("cannot set %s", name);
	close(fd);
}

static void
t_protected_user(void)
{
	rule("follow", open("s/link", O_RDONLY), EACCES);
	rule("follow inside", open("s/dlink/f", O_RDONLY), 0);
	rule("link", link("s/secret", "s/hard"), EPERM);
	rule("link own", link("s/own", "s/hard2"), 0);
	rule("create existing", open("s/theirs", O_RDWR | O_CREAT, 0666),
	     EACCES);
	rule("open existing", open("s/theirs", O_RDWR), 0);
	rule("create own", open("s/own", O_RDWR | O_CREAT, 0666), 0);
	rule("fifo", open("s/fifo", O_RDWR | O_CREAT | O_NONBLOCK, 0666),
	     EACCES);
	rule("group", open("g/theirs", O_RDWR | O_CREAT, 0666), EACCES);
}

static void
t_open_user(void)
{
	rule("off: follow", open("s/link", O_RDONLY), 0);
	rule("off: link", link("s/secret", "s/hard"), 0);
	rule("off: create existing", open("s/theirs", O_RDWR | O_CREAT, 0666),
	     0);
	rule("off: fifo", open("s/fifo", O_RDWR | O_CREAT | O_NONBLOCK, 0666),
	     0);
}

static void
t_protected(void)
{
	char b[200];

	get_file("/proc/version", b, sizeof(b));
	can_set = !strstr(b, "gcc") || !!strstr(b, "erla");
	mkdir("s", 0);
	chmod("s", 01777);
	mkdir("g", 0);
	chmod("g", 01775);
	chown("g", 0, 65534);
	put_file("f", "x", 0644);
	put_file("s/secret", "x", 0600);
	put_file("s/theirs", "x", 0666);
	chown("s/theirs", 1, 1);
	put_file("g/theirs", "x", 0666);
	chown("g/theirs", 1, 1);
	put_file("s/own", "x", 0666);
	chown("s/own", 65534, 65534);
	mkfifo("s/fifo", 0666);
	chmod("s/fifo", 0666);
	chown("s/fifo", 1, 1);
	symlink("../f", "s/link");
	lchown("s/link", 1, 1);
	symlink("..", "s/dlink");
	lchown("s/dlink", 1, 1);
	as_user("off", t_open_user);
	unlink("s/hard");
	set("symlinks", 1);
	set("hardlinks", 1);
	set("fifos", 1);
	set("regular", 2);
	as_user("on", t_protected_user);
	set("symlinks", 0);
	set("hardlinks", 0);
	set("fifos", 0);
	set("regular", 0);
}

int
main(void)
{
	(void)unshare(CLONE_NEWNS);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mkdir(TOP, 0755);
	NEED(mount("t", TOP, "tmpfs", 0, NULL));
	NEED(chmod(TOP, 0755));
	NEED(chdir(TOP));
	in_child("handles", t_handle);
	as_user("of a user", t_handle_user);
	in_child("holes", t_holes);
	in_child("protected", t_protected);
	chdir("/");
	umount2(TOP, MNT_DETACH);
	return 0;
}
