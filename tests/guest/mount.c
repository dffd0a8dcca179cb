/* SPDX-License-Identifier: MIT */
/* mount, umount2, bind, remount, move, propagation of read-only, pivot_root,
 * chroot and its escapes. */
#include "gt.h"
#include <sys/mount.h>

#define MNT(a, b, c, d, e) (int)syscall(SYS_mount, a, b, c, (long)(d), e)
#define UM(a, f) (int)syscall(SYS_umount2, a, f)

/* our own line in /proc/self/mounts or mountinfo, without ids */
static void
show(const char *dir)
{
	static char b[65536];
	char key[300];
	int n = 0;

	get_file("/proc/self/mounts", b, sizeof(b));
	snprintf(key, sizeof(key), " %s ", dir);
	for (char *l = strtok(b, "\n"); l; l = strtok(NULL, "\n"))
		if (strstr(l, key)) {
			char src[64], at[300], fs[64], opt[512];

			if (sscanf(l, "%63s %299s %63s %511s", src, at, fs,
				   opt) != 4)
				continue;
			/* only options that were asked for: others are the
			 * file system's affair */
			out("mounts: %s %s %s%s%s%s%s%s", src, strrchr(at,
			    '/'), fs, strstr(opt, "ro") == opt ? " ro" :
			    " rw", strstr(opt, "nosuid") ? " nosuid" : "",
			    strstr(opt, "nodev") ? " nodev" : "",
			    strstr(opt, "noexec") ? " noexec" : "",
			    strstr(opt, "noatime") ? " noatime" : "");
			n++;
		}
	if (!n)
		out("mounts: none at %s", strrchr(dir, '/'));
	get_file("/proc/self/mountinfo", b, sizeof(b));
	n = 0;
	for (char *l = strtok(b, "\n"); l; l = strtok(NULL, "\n"))
		if (strstr(l, key)) {
			int id, par, ma, mi;
			char root[300], at[300], opt[300];

			if (sscanf(l, "%d %d %d:%d %299s %299s %299s", &id,
				   &par, &ma, &mi, root, at, opt) == 7 &&
			    strstr(l, " - "))
				out("mountinfo: root %s, %s", root,
				    strncmp(opt, "ro", 2) ? "rw" : "ro");
			n++;
		}
}

static int
has(const char *p)
{
	struct stat st;

	return lstat(p, &st) == 0;
}

static void
t_basic(void)
{
	mkdir("a", 0755);
	mkdir("b", 0755);
	put_file("a/under", "", 0644);
	put_file("file", "x", 0644);
	VAL(MNT("mytmp", "a", "tmpfs", 0, NULL));
	show("/tmp/mount/a");
	out("covered %d", !has("a/under"));
	put_file("a/f", "in tmpfs", 0644);
	VAL(UM("a", 0));
	out("uncovered %d", has("a/under"));
	VAL(MNT("x", "none", "tmpfs", 0, NULL));
	VAL(MNT("x", "file", "tmpfs", 0, NULL));
	VAL(MNT("x", "a", "nofs", 0, NULL));
	VAL(MNT("x", "a", NULL, 0, NULL));
	VAL(MNT("x", BAD, "tmpfs", 0, NULL));
	VAL(MNT(BAD, "a", "tmpfs", 0, NULL));
	VAL(MNT("x", "a", BAD, 0, NULL));
	VAL(MNT("x", "a", "tmpfs", 0, BAD));
	VAL(MNT("x", "", "tmpfs", 0, NULL));
	VAL(MNT("x", "a", "tmpfs", 0, "nonsense=1"));
	VAL(UM("a", 0));
	VAL(UM("none", 0));
	VAL(UM("file", 0));
	VAL(UM("a", 0x1000));
	VAL(UM(BAD, 0));
	VAL(MNT("opt", "a", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		"mode=0711,uid=5,gid=6,size=64k"));
	show("/tmp/mount/a");
	struct stat st;
	stat("a", &st);
	out("mode %o uid %d gid %d", st.st_mode & 07777, st.st_uid,
	    st.st_gid);
	int fd = open("a/big", O_CREAT | O_RDWR, 0644);
	static char big[40000];
	VAL(write(fd, big, 40000));
	VAL(write(fd, big, 40000));
	VAL(write(fd, big, 40000));
	close(fd);
	unlink("a/big");
	put_file("a/prog", "#!/gt/x-show args\n", 0755);
	VAL(execl("a/prog", "p", (char *)NULL));
	VAL(mknod("a/null", S_IFCHR | 0666, 0x103));
	okay("device on nodev", open("a/null", O_RDWR));
	VAL(UM("a", 0));
	/* mounted twice: the last covers */
	VAL(MNT("one", "a", "tmpfs", 0, NULL));
	put_file("a/1", "", 0644);
	VAL(MNT("two", "a", "tmpfs", 0, NULL));
	put_file("a/2", "", 0644);
	show("/tmp/mount/a");
	out("see %d %d", has("a/1"), has("a/2"));
	VAL(UM("a", 0));
	out("see %d %d", has("a/1"), has("a/2"));
	VAL(UM("a", 0));
	/* dot dot at a mount's root leads out */
	VAL(MNT("one", "a", "tmpfs", 0, NULL));
	stat("a/..", &st);
	struct stat st2;
	stat(".", &st2);
	yes("dot dot", st.st_ino == st2.st_ino && st.st_dev == st2.st_dev);
	VAL(rmdir("a"));
	VAL(rename("a", "c"));
	VAL(rename("file", "a/file"));
	VAL(link("file", "a/file"));
	VAL(unlink("a"));
	VAL(UM("a", 0));
}

static void
t_busy(void)
{
	int fd;

	VAL(MNT("busy", "a", "tmpfs", 0, NULL));
	fd = open("a/open", O_CREAT | O_RDWR, 0644);
	write(fd, "alive", 5);
	VAL(UM("a", 0));
	VAL(UM("a", MNT_EXPIRE));
	VAL(UM("a", MNT_DETACH));
	out("detached %d", !has("a/open"));
	char b[8] = "";
	VAL(pread(fd, b, 5, 0));
	out("text %s", b);
	VAL(write(fd, "x", 1));
	close(fd);
	VAL(MNT("busy", "a", "tmpfs", 0, NULL));
	chdir("a");
	VAL(UM("/tmp/mount/a", 0));
	chdir("..");
	VAL(UM("a", 0));
	VAL(MNT("expire", "a", "tmpfs", 0, NULL));
	VAL(UM("a", MNT_EXPIRE));
	VAL(UM("a", MNT_EXPIRE));
	/* a mount inside keeps the outer busy */
	VAL(MNT("outer", "a", "tmpfs", 0, NULL));
	mkdir("a/in", 0755);
	VAL(MNT("inner", "a/in", "tmpfs", 0, NULL));
	VAL(UM("a", 0));
	VAL(UM("a", MNT_DETACH));
	show("/tmp/mount/a/in");
	symlink("a", "la");
	VAL(MNT("x", "la", "tmpfs", 0, NULL));
	show("/tmp/mount/a");
	VAL(UM("la", UMOUNT_NOFOLLOW));
	VAL(UM("la", 0));
}

static void
t_ro(void)
{
	int fd;

	VAL(MNT("rw", "a", "tmpfs", 0, NULL));
	put_file("a/f", "x", 0644);
	fd = open("a/f", O_WRONLY);
	VAL(MNT(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	close(fd);
	VAL(MNT(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	show("/tmp/mount/a");
	okay("read", open("a/f", O_RDONLY));
	okay("write", open("a/f", O_WRONLY));
	okay("create", open("a/new", O_CREAT | O_WRONLY, 0644));
	okay("create existing", open("a/f", O_CREAT, 0644));
	okay("trunc", open("a/f", O_RDONLY | O_TRUNC));
	VAL(unlink("a/f"));
	VAL(unlink("a/none"));
	VAL(mkdir("a/d", 0755));
	VAL(mkdir("a/f", 0755));
	VAL(rmdir("a/none"));
	VAL(symlink("x", "a/l"));
	VAL(link("a/f", "a/g"));
	VAL(rename("a/f", "a/g"));
	VAL(chmod("a/f", 0600));
	VAL(chown("a/f", 0, 0));
	VAL(utimensat(AT_FDCWD, "a/f", NULL, 0));
	VAL(truncate("a/f", 0));
	VAL(mknod("a/p", S_IFIFO | 0600, 0));
	VAL(syscall(SYS_access, "a/f", 2));
	VAL(syscall(SYS_access, "a/f", 4));
	VAL(mknod("a/p", S_IFCHR | 0600, 0x103));
	VAL(MNT(NULL, "a", NULL, MS_REMOUNT, NULL));
	okay("write again", open("a/f", O_WRONLY));
	VAL(MNT(NULL, "b", NULL, MS_REMOUNT, NULL));
	VAL(UM("a", MNT_DETACH));
}

static void
t_bind(void)
{
	VAL(MNT("src", "a", "tmpfs", 0, NULL));
	mkdir("a/sub", 0755);
	put_file("a/sub/f", "x", 0644);
	mkdir("a/m", 0755);
	VAL(MNT("deep", "a/m", "tmpfs", 0, NULL));
	put_file("a/m/deep", "", 0644);
	VAL(MNT("a", "b", NULL, MS_BIND, NULL));
	out("bound %d, not recursive %d", has("b/sub/f"), !has("b/m/deep"));
	VAL(UM("b", 0));
	VAL(MNT("a", "b", NULL, MS_BIND | MS_REC, NULL));
	out("recursive %d", has("b/m/deep"));
	put_file("b/sub/new", "", 0644);
	out("same files %d", has("a/sub/new"));
	VAL(UM("b", 0));
	VAL(UM("b", MNT_DETACH));
	VAL(MNT("a/sub", "b", NULL, MS_BIND, NULL));
	show("/tmp/mount/b");
	VAL(MNT(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY |
		MS_NOSUID, NULL));
	show("/tmp/mount/b");
	okay("write through the read-only bind", open("b/f", O_WRONLY));
	okay("write beside it", open("a/sub/f", O_WRONLY));
	VAL(UM("b", 0));
	put_file("target", "", 0644);
	VAL(MNT("a/sub/f", "target", NULL, MS_BIND, NULL));
	char t[8];
	get_file("target", t, 8);
	out("file bound: %s", t);
	VAL(unlink("target"));
	VAL(MNT("a/sub/f", "b", NULL, MS_BIND, NULL));
	VAL(MNT("a/sub", "file", NULL, MS_BIND, NULL));
	VAL(MNT("none", "b", NULL, MS_BIND, NULL));
	VAL(UM("target", 0));
	/* moving */
	VAL(MNT("a", "b", NULL, MS_MOVE, NULL));
	out("moved %d, left %d, with its mounts %d", has("b/sub/f"),
	    has("a/under"), has("b/m/deep"));
	VAL(MNT("a", "b", NULL, MS_MOVE, NULL));
	VAL(MNT("b", "b/sub", NULL, MS_MOVE, NULL));
	VAL(MNT("b", "file", NULL, MS_MOVE, NULL));
	VAL(UM("b/m", 0));
	VAL(UM("b", 0));
}

static void
t_chroot(void)
{
	char b[300];
	int outside;

	mkdir("jail", 0755);
	mkdir("jail/in", 0755);
	put_file("jail/secret", "jail", 0644);
	symlink("/secret", "jail/abs");
	symlink("../../../secret", "jail/rel");
	outside = open("/", O_RDONLY | O_DIRECTORY);
	VAL(chroot("none"));
	VAL(chroot("file"));
	VAL(chroot("jail"));
	val("getcwd outside", syscall(SYS_getcwd, b, 300) > 0);
	out("begins %.13s", b);
	chdir("/");
	val("getcwd", syscall(SYS_getcwd, b, 300));
	okay("absolute link stays in", open("/abs", O_RDONLY));
	okay("relative link stays in", open("/rel", O_RDONLY));
	okay("dot dot stays in", open("../../../secret", O_RDONLY));
	okay("outside is gone", open("/proc/self/stat", O_RDONLY));
	/* the classical escape works, as on Linux */
	VAL(chroot("in"));
	fchdir(outside);
	okay("an old fd is outside", open("proc/self/stat", O_RDONLY));
	VAL(chroot("."));
	okay("escaped", open("/proc/self/stat", O_RDONLY));
}

static void
t_pivot(void)
{
	mkdir("new", 0755);
	/* the process needs a root that is a mount: one of its own */
	NEED(MNT("oldroot", "a", "tmpfs", 0, NULL));
	mkdir("a/new", 0755);
	mkdir("a/proc", 0755);
	put_file("a/old-mark", "", 0644);
	NEED(MNT("newroot", "a/new", "tmpfs", 0, NULL));
	mkdir("a/new/put", 0755);
	put_file("a/new/new-mark", "", 0644);
	NEED(chroot("a"));
	NEED(chdir("/"));
#define PIV(x, y) (int)syscall(SYS_pivot_root, x, y)
	VAL(PIV("/none", "/new/put"));
	VAL(PIV("/new", "/none"));
	VAL(PIV("/old-mark", "/new/put"));
	VAL(PIV("/proc", "/new/put"));
	VAL(PIV("/new", "/proc"));
	VAL(PIV("/", "/new"));
	VAL(PIV("/new", "/new/put"));
	out("root is new %d, old below %d", has("/new-mark"),
	    has("/put/old-mark"));
	VAL(chdir("/"));
	out("cwd has %d", has("new-mark"));
	VAL(UM("/put", MNT_DETACH));
	out("old gone %d", !has("/put/old-mark"));
}

int
main(void)
{
	/* in a name space of our own where there are some: on the host,
	 * mounts must not spread */
	(void)unshare(CLONE_NEWNS);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	t_basic();
	t_busy();
	t_ro();
	t_bind();
	in_child("chroot", t_chroot);
	in_child("pivot_root", t_pivot);
	return 0;
}
