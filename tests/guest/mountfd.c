/* SPDX-License-Identifier: MIT */
/* The mount calls by descriptor: fsopen, fsconfig, fsmount, fspick, open_tree,
 * move_mount, mount_setattr. */
#include "gt.h"
#include <sys/mount.h>

#define TOP	"/tmp/mountfd"
#define FSOPEN(n, f) (int)syscall(430, n, f)
#define FSCONFIG(fd, c, k, v, a) (int)syscall(431, fd, c, k, v, a)
#define FSMOUNT(fd, f, a) (int)syscall(432, fd, f, a)
#define FSPICK(fd, p, f) (int)syscall(433, fd, p, f)
#define OPEN_TREE(fd, p, f) (int)syscall(428, fd, p, f)
#define MOVE_MOUNT(a, b, c, d, f) (int)syscall(429, a, b, c, d, f)
#define SETATTR(fd, p, f, a, n) (int)syscall(442, fd, p, f, a, n)
#define SET_FLAG 0
#define SET_STRING 1
#define SET_BINARY 2
#define SET_PATH 3
#define SET_FD 5
#define CMD_CREATE 6
#define CMD_RECONF 7

struct attr { uint64_t set, clr, prop, userns; };

static void
put_log(int fd)
{
	char b[300];
	ssize_t n;

	while ((n = read(fd, b, sizeof(b) - 1)) > 0) {
		b[n] = 0;
		if (b[n - 1] == '\n')
			b[n - 1] = 0;
		out("log: %s", b);
	}
	out("log ends: %s", gt_errno(errno));
}

static void
line(const char *at)
{
	static char b[65536];
	char key[300], *p;

	get_file("/proc/self/mountinfo", b, sizeof(b));
	snprintf(key, sizeof(key), " %s ", at);
	for (char *l = strtok(b, "\n"); l; l = strtok(NULL, "\n"))
		if (strstr(l, key)) {
			p = strstr(l, key) + strlen(key);
			strtok(p, " ");
			out("%s: %s%s", at, p, strstr(p + strlen(p) + 1,
			    "shared:") ? " shared" : "");
			return;
		}
	out("%s: none", at);
}

static void
t_create(void)
{
	int fd, m;

	OKAY(FSOPEN("nosuchfs", 0));
	OKAY(FSOPEN("tmpfs", 2));
	OKAY(FSOPEN(BAD, 0));
	fd = NEED(FSOPEN("tmpfs", 1));
	VAL(fcntl(fd, F_GETFD));
	put_log(fd);
	OKAY(FSMOUNT(fd, 0, 0));
	OKAY(FSCONFIG(fd, SET_STRING, "size", "1m", 0));
	OKAY(FSCONFIG(fd, SET_STRING, "bogus", "1", 0));
	put_log(fd);
	OKAY(FSCONFIG(fd, SET_FLAG, "flaggy", NULL, 0));
	put_log(fd);
	OKAY(FSCONFIG(fd, SET_STRING, "source", "src", 0));
	OKAY(FSCONFIG(fd, SET_STRING, "source", "again", 0));
	put_log(fd);
	OKAY(FSCONFIG(fd, SET_STRING, NULL, "x", 0));
	OKAY(FSCONFIG(fd, SET_STRING, "size", NULL, 0));
	OKAY(FSCONFIG(fd, SET_STRING, "size", "1m", 1));
	OKAY(FSCONFIG(fd, SET_FLAG, "ro", "x", 0));
	OKAY(FSCONFIG(fd, SET_STRING, BAD, "x", 0));
	OKAY(FSCONFIG(fd, SET_STRING, "", "x", 0));
	OKAY(FSCONFIG(fd, 77, NULL, NULL, 0));
	OKAY(FSCONFIG(fd, CMD_RECONF, NULL, NULL, 0));
	OKAY(FSCONFIG(-1, CMD_CREATE, NULL, NULL, 0));
	OKAY(FSCONFIG(999, CMD_CREATE, NULL, NULL, 0));
	OKAY(FSCONFIG(0, CMD_CREATE, NULL, NULL, 0));
	OKAY(FSCONFIG(fd, CMD_CREATE, "k", NULL, 0));
	OKAY(FSCONFIG(fd, CMD_CREATE, NULL, NULL, 0));
	OKAY(FSCONFIG(fd, CMD_CREATE, NULL, NULL, 0));
	OKAY(FSCONFIG(fd, SET_FLAG, "ro", NULL, 0));
	OKAY(FSMOUNT(fd, 2, 0));
	OKAY(FSMOUNT(fd, 0, 0x40000000));
	OKAY(FSMOUNT(fd, 0, 0x70));
	OKAY(FSMOUNT(999, 0, 0));
	OKAY(FSMOUNT(1, 0, 0));
	m = NEED(FSMOUNT(fd, 1, 2 | 8 | 0x10));
	OKAY(FSMOUNT(fd, 0, 0));
	/* it can be used before it hangs anywhere */
	OKAY(mkdirat(m, "in", 0755));
	close((int)OKAY(openat(m, "in/f", O_CREAT | O_RDWR, 0644)));
	OKAY(MOVE_MOUNT(m, "", AT_FDCWD, TOP "/a", 0x8000));
	OKAY(MOVE_MOUNT(m, "", AT_FDCWD, TOP "/a", 0));
	OKAY(MOVE_MOUNT(m, "", AT_FDCWD, TOP "/none", 4));
	OKAY(MOVE_MOUNT(m, "", AT_FDCWD, TOP "/file", 4));
	OKAY(MOVE_MOUNT(m, "in", AT_FDCWD, TOP "/a", 0));
	OKAY(MOVE_MOUNT(m, "", AT_FDCWD, TOP "/a", 4));
	line(TOP "/a");
	YES(!access(TOP "/a/in/f", F_OK));
	OKAY(MOVE_MOUNT(m, "", AT_FDCWD, TOP "/b", 4));
	line(TOP "/a");
	line(TOP "/b");
	close(m);
	YES(!access(TOP "/b/in/f", F_OK));
	/* the context can change it now */
	OKAY(FSCONFIG(fd, SET_FLAG, "ro", NULL, 0));
	OKAY(FSCONFIG(fd, CMD_RECONF, NULL, NULL, 0));
	OKAY(mkdir(TOP "/b/x", 0755));
	/* and does not keep it mounted */
	OKAY(umount2(TOP "/b", 0));
	close(fd);
	/* a mount that was never placed goes with its descriptor */
	fd = NEED(FSOPEN("tmpfs", 0));
	NEED(FSCONFIG(fd, CMD_CREATE, NULL, NULL, 0));
	m = NEED(FSMOUNT(fd, 0, 0));
	close(fd);
	fd = openat(m, "f", O_CREAT | O_RDWR, 0600);
	close(m);
	VAL(write(fd, "x", 1));
	close(fd);
}

static void
t_pick(void)
{
	int fd;

	NEED(mount("t", TOP "/a", "tmpfs", 0, "size=1m"));
	OKAY(FSPICK(AT_FDCWD, TOP "/a", 0x100));
	OKAY(FSPICK(AT_FDCWD, TOP "/none", 0));
	OKAY(FSPICK(AT_FDCWD, TOP "/b", 0));
	fd = NEED(FSPICK(AT_FDCWD, TOP "/a", 1));
	OKAY(FSCONFIG(fd, SET_STRING, "size", "2m", 0));
	OKAY(FSCONFIG(fd, CMD_CREATE, NULL, NULL, 0));
	OKAY(FSCONFIG(fd, CMD_RECONF, NULL, NULL, 0));
	OKAY(FSCONFIG(fd, SET_FLAG, "ro", NULL, 0));
	OKAY(FSCONFIG(fd, CMD_RECONF, NULL, NULL, 0));
	OKAY(mkdir(TOP "/a/x", 0755));
	OKAY(FSCONFIG(fd, SET_FLAG, "rw", NULL, 0));
	OKAY(FSCONFIG(fd, CMD_RECONF, NULL, NULL, 0));
	OKAY(mkdir(TOP "/a/x", 0755));
	OKAY(FSMOUNT(fd, 0, 0));
	close(fd);
	OKAY(umount2(TOP "/a", 0));
}

static void
t_tree(void)
{
	int t;

	NEED(mount("t", TOP "/a", "tmpfs", 0, NULL));
	NEED(mkdir(TOP "/a/in", 0755));
	NEED(mount("deep", TOP "/a/in", "tmpfs", 0, NULL));
	put_file(TOP "/a/in/deep", "", 0644);
	OKAY(OPEN_TREE(AT_FDCWD, TOP "/a", 0x4));
	OKAY(OPEN_TREE(AT_FDCWD, TOP "/a", 0x8000));
	OKAY(OPEN_TREE(AT_FDCWD, TOP "/none", 1));
	t = NEED(OPEN_TREE(AT_FDCWD, TOP "/a", 0));
	VAL(fcntl(t, F_GETFL) & O_PATH);
	close(t);
	t = NEED(OPEN_TREE(AT_FDCWD, TOP "/a", 1 | 02000000));
	VAL(fcntl(t, F_GETFD));
	VAL(faccessat(t, "in/deep", F_OK, 0));
	close(t);
	t = NEED(OPEN_TREE(AT_FDCWD, TOP "/a", 1 | 0x8000));
	VAL(faccessat(t, "in/deep", F_OK, 0));
	close((int)OKAY(OPEN_TREE(t, "in", 1)));
	OKAY(MOVE_MOUNT(t, "in", AT_FDCWD, TOP "/b", 0));
	OKAY(MOVE_MOUNT(t, "", AT_FDCWD, TOP "/b", 4));
	YES(!access(TOP "/b/in/deep", F_OK));
	OKAY(MOVE_MOUNT(AT_FDCWD, TOP "/b", AT_FDCWD, TOP "/b/in", 0));
	OKAY(MOVE_MOUNT(AT_FDCWD, TOP "/b/in", AT_FDCWD, TOP "/c", 0));
	YES(!access(TOP "/c/deep", F_OK));
	close(t);
	YES(!access(TOP "/c/deep", F_OK));
	OKAY(umount2(TOP "/c", 0));
	OKAY(umount2(TOP "/b", 0));
	OKAY(umount2(TOP "/a", MNT_DETACH));
}

static void
t_attr(void)
{
	struct attr a = { 1, 0, 0, 0 };
	struct { struct attr a; uint64_t more; } big = { { 1, 0, 0, 0 }, 0 };
	int fd;

	NEED(mount("t", TOP "/a", "tmpfs", 0, NULL));
	NEED(mkdir(TOP "/a/in", 0755));
	NEED(mount("deep", TOP "/a/in", "tmpfs", 0, NULL));
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0x40000, &a, sizeof(a)));
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, 8));
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, 8192));
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, BAD, sizeof(a)));
	OKAY(SETATTR(AT_FDCWD, TOP "/none", 0, &a, sizeof(a)));
	OKAY(SETATTR(AT_FDCWD, TOP "/b", 0, &a, sizeof(a)));
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &big, sizeof(big)));
	line(TOP "/a");
	line(TOP "/a/in");
	big.more = 1;
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &big, sizeof(big)));
	a = (struct attr){ 2 | 8, 1, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0x8000, &a, sizeof(a)));
	line(TOP "/a");
	line(TOP "/a/in");
	a = (struct attr){ 0x10, 0, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	a = (struct attr){ 0x10, 0x10, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	a = (struct attr){ 0x10, 0x70, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	line(TOP "/a");
	a = (struct attr){ 0x20, 0x70, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	line(TOP "/a");
	a = (struct attr){ 0, 0, MS_SHARED | MS_SLAVE, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	a = (struct attr){ 0, 0, MS_REC, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	a = (struct attr){ 0, 0, MS_SHARED, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0x8000, &a, sizeof(a)));
	line(TOP "/a");
	line(TOP "/a/in");
	a = (struct attr){ 0, 0, MS_PRIVATE, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0x8000, &a, sizeof(a)));
	a = (struct attr){ 0x80000000, 0, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0, &a, sizeof(a)));
	/* one that is written to: none becomes read-only */
	fd = open(TOP "/a/in/f", O_CREAT | O_WRONLY, 0600);
	a = (struct attr){ 1, 0, 0, 0 };
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0x8000, &a, sizeof(a)));
	line(TOP "/a");
	close(fd);
	OKAY(SETATTR(AT_FDCWD, TOP "/a", 0x8000, &a, sizeof(a)));
	line(TOP "/a/in");
	OKAY(umount2(TOP "/a", MNT_DETACH));
}

static void
t_group(void)
{
	NEED(mount("t", TOP "/a", "tmpfs", 0, NULL));
	NEED(mount(TOP "/a", TOP "/b", NULL, MS_BIND, NULL));
	OKAY(MOVE_MOUNT(AT_FDCWD, TOP "/a", AT_FDCWD, TOP "/b", 0x100));
	NEED(mount(NULL, TOP "/a", NULL, MS_SHARED, NULL));
	OKAY(MOVE_MOUNT(AT_FDCWD, TOP "/a", AT_FDCWD, TOP "/c", 0x100));
	OKAY(MOVE_MOUNT(AT_FDCWD, TOP "/a", AT_FDCWD, TOP "/b", 0x100));
	OKAY(MOVE_MOUNT(AT_FDCWD, TOP "/a", AT_FDCWD, TOP "/b", 0x100));
	NEED(mkdir(TOP "/a/x", 0755));
	NEED(mount("t2", TOP "/a/x", "tmpfs", 0, NULL));
	line(TOP "/b/x");
	OKAY(umount2(TOP "/b/x", 0));
	line(TOP "/a/x");
	OKAY(umount2(TOP "/a", 0));
	OKAY(umount2(TOP "/b", 0));
}

static void
t_rights(void)
{
	struct attr a = { 1, 0, 0, 0 };

	OKAY(FSOPEN("tmpfs", 0));
	OKAY(FSOPEN("tmpfs", 99));
	OKAY(FSPICK(AT_FDCWD, TOP, 0));
	OKAY(FSMOUNT(0, 0, 0));
	OKAY(OPEN_TREE(AT_FDCWD, "/", 0));
	OKAY(OPEN_TREE(AT_FDCWD, "/", 1));
	OKAY(MOVE_MOUNT(AT_FDCWD, "/", AT_FDCWD, TOP, 0));
	OKAY(SETATTR(AT_FDCWD, "/", 0, &a, sizeof(a)));
	OKAY(unshare(CLONE_NEWNS));
}

int
main(void)
{
	(void)unshare(CLONE_NEWNS);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mkdir(TOP, 0755);
	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	mkdir(TOP "/a", 0755);
	mkdir(TOP "/b", 0755);
	mkdir(TOP "/c", 0755);
	put_file(TOP "/file", "", 0644);
	in_child("create", t_create);
	in_child("pick", t_pick);
	in_child("tree", t_tree);
	in_child("attributes", t_attr);
	in_child("set group", t_group);
	as_user("rights", t_rights);
	umount2(TOP, MNT_DETACH);
	return 0;
}
