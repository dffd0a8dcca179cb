/* SPDX-License-Identifier: MIT */
/* overlayfs on tmpfs: merging, copying up, whiteouts, opaque directories,
 * renames, links, mappings, what it refuses. */
#include "gt.h"
#include <dirent.h>
#include <sys/mount.h>
#include <sys/xattr.h>
#include <sys/vfs.h>

#define TOP	"/tmp/overlay"

static void
list(const char *dir)
{
	struct dirent **e;
	char b[1000] = "";
	int n = scandir(dir, &e, NULL, alphasort);

	if (n < 0) {
		out("%s: %s", dir, gt_errno(errno));
		return;
	}
	for (int k = 0; k < n; k++) {
		if (e[k]->d_name[0] != '.')
			sprintf(b + strlen(b), " %s/%d", e[k]->d_name,
				e[k]->d_type);
		free(e[k]);
	}
	free(e);
	out("%s:%s", dir, b);
}

static void
text(const char *p)
{
	char b[200];

	if (get_file(p, b, sizeof(b)) < 0)
		out("%s: %s", p, gt_errno(errno));
	else
		out("%s: %s", p, b);
}

static void
about(const char *p)
{
	struct stat st;

	if (lstat(p, &st)) {
		out("%s: %s", p, gt_errno(errno));
		return;
	}
	out("%s: mode %o uid %u gid %u size %ld links %lu rdev %lx", p,
	    st.st_mode, st.st_uid, st.st_gid,
	    S_ISDIR(st.st_mode) ? 0 : (long)st.st_size,
	    S_ISREG(st.st_mode) ? (unsigned long)st.st_nlink : 0,
	    (long)st.st_rdev);
}

static void
fresh(void)
{
	chdir("/");
	umount2(TOP "/m", MNT_DETACH);
	umount2(TOP, MNT_DETACH);
	mkdir(TOP, 0755);
	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	NEED(chdir(TOP));
	mkdir("l1", 0755);
	mkdir("l2", 0755);
	mkdir("u", 0755);
	mkdir("w", 0755);
	mkdir("m", 0755);
	mkdir("l1/d", 0755);
	mkdir("l2/d", 0750);
	mkdir("l2/d/sub", 0755);
	put_file("l1/f1", "one", 0644);
	put_file("l2/f1", "hidden", 0644);
	put_file("l2/f2", "two", 0640);
	put_file("l1/d/a", "a1", 0644);
	put_file("l2/d/a", "a2", 0644);
	put_file("l2/d/b", "b2", 0644);
	put_file("l2/d/sub/deep", "deep", 0600);
	symlink("f1", "l1/link");
	mkfifo("l2/fifo", 0644);
	chown("l2/f2", 5, 6);
	put_file("u/up", "upper", 0644);
}

#define OPTS "lowerdir=l1:l2,upperdir=u,workdir=w"
static void
up(const char *opts)
{
	fresh();
	NEED(mount("ov", "m", "overlay", 0, opts));
}

static void
t_mount(void)
{
	struct statfs sf;
	static const char *const bad[] = {
		"", "lowerdir=l1", "lowerdir=l1,upperdir=u",
		"lowerdir=none,upperdir=u,workdir=w",
		"lowerdir=l1/f1,upperdir=u,workdir=w",
		"lowerdir=l1,upperdir=none,workdir=w",
		"lowerdir=l1,upperdir=u,workdir=u/in",
		"lowerdir=l1,upperdir=u,workdir=none",
		"lowerdir=l1,upperdir=u,workdir=w,bogus=1",
		"lowerdir=l1,upperdir=u,workdir=w,bogus",
	};

	fresh();
	mkdir("u/in", 0755);
	for (size_t k = 0; k < NELEM(bad); k++)
		val(bad[k], mount("ov", "m", "overlay", 0, bad[k]));
	rmdir("u/in");
	VAL(mount("ov", "m", "overlay", 0, "lowerdir=l1:l2"));
	list("m");
	VAL(mkdir("m/x", 0755));
	VAL(mount(NULL, "m", NULL, MS_REMOUNT, NULL));
	VAL(umount("m"));
	VAL(mount("ov", "m", "overlay", 0, OPTS));
	statfs("m", &sf);
	VAL(sf.f_type == 0x794c7630);
	char b[8192], *p;
	get_file("/proc/self/mounts", b, sizeof(b));
	p = strstr(b, "lowerdir=");
	if (p)
		p[strcspn(p, " ,")] = 0;
	out("shown: %s", p ? p : "not");
	VAL(umount("m"));
}

static void
t_read(void)
{
	up(OPTS);
	list("m");
	list("m/d");
	text("m/f1");
	text("m/f2");
	text("m/d/a");
	text("m/d/b");
	text("m/d/sub/deep");
	text("m/link");
	text("m/up");
	about("m/d");
	about("m/f2");
	about("m/link");
	about("m/fifo");
	text("m/none");
}

static void
t_copy_up(void)
{
	struct stat a, b;
	char v[20] = "";
	int fd, fw;

	up(OPTS);
	setxattr("l2/d/b", "user.mark", "kept", 4, 0);
	utimensat(AT_FDCWD, "l2/d/b", (struct timespec[2]){ { 1000, 7 },
		  { 2000, 8 } }, 0);
	list("u");
	fd = NEED(open("m/d/b", O_RDONLY));
	fw = NEED(open("m/d/b", O_RDWR));
	VAL(pwrite(fw, "B", 1, 0));
	memset(v, 0, sizeof(v));
	VAL(pread(fd, v, 10, 0));
	out("old descriptor reads %s", v);
	close(fd);
	close(fw);
	text("m/d/b");
	text("u/d/b");
	text("l2/d/b");
	memset(v, 0, sizeof(v));
	VAL(getxattr("u/d/b", "user.mark", v, sizeof(v)));
	about("u/d");
	list("u/d");
	VAL(stat("l2/d/b", &a));
	VAL(stat("u/d/b", &b));
	YES(a.st_atim.tv_sec == b.st_atim.tv_sec);
	VAL(chmod("m/f2", 0600));
	about("u/f2");
	about("l2/f2");
	text("u/f2");
	VAL(chown("m/d/sub/deep", 7, 8));
	about("u/d/sub/deep");
	about("u/d/sub");
	VAL(truncate("m/f1", 2));
	text("m/f1");
	text("l1/f1");
	VAL(lchown("m/link", 3, 4));
	about("u/link");
	VAL(chmod("m/fifo", 0600));
	about("u/fifo");
	VAL(setxattr("m/d/a", "user.x", "y", 1, 0));
	VAL(getxattr("u/d/a", "user.x", v, sizeof(v)));
	VAL(removexattr("m/d/a", "user.none"));
	VAL(open("m/d/a", O_RDWR | O_TRUNC) >= 0);
	about("u/d/a");
	/* holes stay holes */
	fd = NEED(open("l1/sparse", O_RDWR | O_CREAT, 0644));
	ftruncate(fd, 1 << 20);
	pwrite(fd, "x", 1, 500000);
	close(fd);
	umount("m");
	NEED(mount("ov", "m", "overlay", 0, OPTS));
	VAL(chmod("m/sparse", 0600));
	stat("u/sparse", &a);
	YES(a.st_blocks < 1500);
	VAL(a.st_size);
}

static void
t_remove(void)
{
	up(OPTS);
	VAL(unlink("m/f1"));
	text("m/f1");
	about("u/f1");
	list("m");
	VAL(unlink("m/up"));
	about("u/up");
	put_file("m/f1", "new", 0644);
	text("m/f1");
	about("u/f1");
	VAL(rmdir("m/d"));
	VAL(unlink("m/d/a"));
	VAL(unlink("m/d/b"));
	VAL(unlink("m/d/sub/deep"));
	VAL(rmdir("m/d/sub"));
	list("m/d");
	list("u/d");
	VAL(rmdir("m/d"));
	about("u/d");
	VAL(mkdir("m/d", 0700));
	list("m/d");
	char v[4] = "";
	VAL(getxattr("u/d", "trusted.overlay.opaque", v, 4));
	out("opaque %s", v);
	put_file("m/d/a", "fresh", 0644);
	text("m/d/a");
	VAL(unlink("m/d/a"));
	about("u/d/a");
	VAL(rmdir("m/none"));
	VAL(unlink("m/d"));
	VAL(mknod("m/wh", S_IFCHR | 0600, 0));
	VAL(mknod("m/null", S_IFCHR | 0600, 0x103));
	about("m/null");
	umount("m");
	NEED(mount("ov", "m", "overlay", 0, OPTS));
	list("m");
	list("m/d");
}

static void
t_rename(void)
{
#define RN2(a, b, f) (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, f)
	up(OPTS);
	VAL(rename("m/f2", "m/f3"));
	text("m/f3");
	about("u/f2");
	list("m");
	VAL(rename("m/d", "m/e"));
	VAL(mkdir("m/pure", 0755));
	put_file("m/pure/x", "x", 0644);
	VAL(rename("m/pure", "m/moved"));
	list("m/moved");
	VAL(rename("m/moved", "m/f1"));
	VAL(rename("m/f1", "m/moved"));
	VAL(rename("m/f1", "m/up"));
	text("m/up");
	about("u/f1");
	VAL(RN2("m/up", "m/f3", RENAME_NOREPLACE));
	VAL(RN2("m/up", "m/f3", RENAME_EXCHANGE));
	text("m/up");
	text("m/f3");
	VAL(RN2("m/up", "m/f9", 4));
	VAL(rename("m/d/b", "m/d/a"));
	text("m/d/a");
	text("m/d/b");
	/* over a directory that the lower layer has */
	VAL(unlink("m/d/a"));
	VAL(unlink("m/d/sub/deep"));
	VAL(rename("m/moved", "m/d/sub"));
	list("m/d");
	list("m/d/sub");
	list("u/d");
	umount("m");
	NEED(mount("ov", "m", "overlay", 0, OPTS));
	list("m");
	list("m/d");
	list("m/d/sub");
}

static void
t_link(void)
{
	int fd;
	char p[64];

	up(OPTS);
	VAL(link("m/f2", "m/l2"));
	text("m/l2");
	about("m/f2");
	about("u/l2");
	fd = open("m/f2", O_WRONLY | O_TRUNC);
	VAL(write(fd, "shared", 6));
	close(fd);
	text("m/l2");
	VAL(unlink("m/f2"));
	text("m/l2");
	about("m/l2");
	fd = open("m/d", O_TMPFILE | O_RDWR, 0640);
	okay("tmpfile", fd);
	VAL(write(fd, "temp", 4));
	snprintf(p, sizeof(p), "/proc/self/fd/%d", fd);
	VAL(linkat(AT_FDCWD, p, AT_FDCWD, "m/d/named", AT_SYMLINK_FOLLOW));
	close(fd);
	text("m/d/named");
	about("u/d/named");
	VAL(symlink("to", "m/sym"));
	about("m/sym");
	about("u/sym");
	VAL(link("m/f1", "l1/x"));
}

static void
t_map(void)
{
	char *p, *q;
	int fd, fw;

	up(OPTS);
	fd = NEED(open("m/f1", O_RDONLY));
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	out("%.3s", p);
	fw = NEED(open("m/f1", O_RDWR));
	q = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fw, 0);
	q[0] = 'X';
	out("lower still %.3s, upper %.3s", p, q);
	text("m/f1");
	text("u/f1");
	text("l1/f1");
	VAL(lseek(fw, 0, SEEK_END));
	VAL(write(fw, "++", 2));
	text("m/f1");
	VAL(fallocate(fw, 0, 0, 8192));
	struct stat st;
	fstat(fw, &st);
	VAL(st.st_size);
	VAL(lseek(fw, 0, SEEK_DATA));
	VAL(fsync(fw));
	int fa = open("m/f1", O_WRONLY | O_APPEND);
	VAL(write(fa, "end", 3));
	VAL(fstat(fa, &st));
	VAL(st.st_size);
	put_file("l1/prog", "#!/gt/x-show args\n", 0755);
	umount2("m", MNT_DETACH);
	NEED(mount("ov", "m", "overlay", 0, OPTS));
	text("m/prog");
}

static void
t_user(void)
{
	okay("read 0640", open("m/f2", O_RDONLY));
	okay("write 0644", open("m/f1", O_WRONLY));
	okay("write 0666", open("m/open", O_WRONLY));
	about("u/open");
	VAL(unlink("m/f1"));
	VAL(chmod("m/open", 0600));
	VAL(mkdir("m/x", 0755));
	VAL(mount("ov", "m", "overlay", 0, OPTS));
}

static void
t_rights(void)
{
	fresh();
	put_file("l1/open", "open", 0666);
	NEED(mount("ov", "m", "overlay", 0, OPTS));
	as_user("user", t_user);
}

static void
t_stack(void)
{
	fresh();
	mkdir("u2", 0755);
	mkdir("w2", 0755);
	mkdir("m2", 0755);
	mkdir("u3", 0755);
	mkdir("w3", 0755);
	mkdir("m3", 0755);
	NEED(mount("ov", "m", "overlay", 0, OPTS));
	VAL(mount("ov", "m2", "overlay", 0,
		  "lowerdir=m,upperdir=u2,workdir=w2"));
	list("m2");
	text("m2/d/b");
	put_file("m2/d/b", "top", 0644);
	text("m2/d/b");
	text("m/d/b");
	VAL(unlink("m2/f1"));
	text("m2/f1");
	text("m/f1");
	VAL(mount("ov", "m3", "overlay", 0,
		  "lowerdir=m2,upperdir=u3,workdir=w3"));
	VAL(umount("m2"));
}

int
main(void)
{
	(void)unshare(CLONE_NEWNS);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	in_child("mount", t_mount);
	in_child("read", t_read);
	in_child("copy up", t_copy_up);
	in_child("remove", t_remove);
	in_child("rename", t_rename);
	in_child("link", t_link);
	in_child("map", t_map);
	in_child("rights", t_rights);
	in_child("stack", t_stack);
	return 0;
}
