/* SPDX-License-Identifier: MIT */
/* open and openat: flags, errno matrix, modes; read, write, seek, truncate,
 * vectors, sparse files. */
#include "gt.h"

static char deep[5000], name256[300];

static int
o(const char *label, const char *path, int flags, int mode)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	if (fd < 0)
		out("%s: %s", label, gt_errno(errno));
	else
		out("%s: ok, flags %#o", label, (unsigned)fcntl(fd, F_GETFL));
	return fd;
}
#define O(path, flags) do { int f_ = o(path " " #flags, path, flags, 0644); \
	if (f_ >= 0) close(f_); } while (0)

static void
t_matrix(void)
{
	put_file("f", "hello", 0644);
	mkdir("d", 0755);
	put_file("d/x", "x", 0644);
	symlink("f", "lf");
	symlink("d", "ld");
	symlink("nowhere", "ln");
	symlink("self", "self");
	symlink("f/", "lfs");
	mkfifo("p", 0644);
	mknod("chr", S_IFCHR | 0644, 0xfa00);

	O("f", O_RDONLY);
	O("f", O_WRONLY);
	O("f", O_RDWR);
	O("f", 3);
	O("f", O_RDONLY | O_APPEND | O_NONBLOCK);
	O("f", O_RDWR | O_SYNC);
	O("f", O_RDWR | O_DSYNC);
	O("f", O_RDWR | O_NOATIME);
	O("f", O_RDONLY | O_DIRECTORY);
	O("f", O_CREAT);
	O("f", O_CREAT | O_EXCL);
	O("f", O_EXCL);
	O("f", O_PATH);
	O("f", O_PATH | O_WRONLY | O_TRUNC | O_CREAT);
	O("f", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_LARGEFILE);
	O("f/", O_RDONLY);
	O("f/.", O_RDONLY);
	O("f/x", O_RDONLY);
	O("f/", O_CREAT | O_WRONLY);
	O("d", O_RDONLY);
	O("d", O_WRONLY);
	O("d", O_RDWR);
	O("d", O_RDONLY | O_TRUNC);
	O("d", O_CREAT);
	O("d", O_PATH | O_DIRECTORY);
	O("d/", O_RDONLY);
	O("d/", O_CREAT);
	O("d/new/", O_CREAT | O_WRONLY);
	O("d/.", O_RDONLY);
	O("d/..", O_RDONLY);
	O("new/x", O_CREAT | O_WRONLY);
	O("new", O_RDONLY);
	O("new", O_RDONLY | O_DIRECTORY);
	O("lf", O_RDONLY);
	O("lf", O_RDONLY | O_NOFOLLOW);
	O("lf", O_PATH | O_NOFOLLOW);
	O("lf", O_CREAT | O_EXCL);
	O("lf", O_CREAT | O_NOFOLLOW);
	O("lfs", O_RDONLY);
	O("ld", O_RDONLY);
	O("ld", O_RDONLY | O_NOFOLLOW);
	O("ld", O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
	O("ld/", O_RDONLY | O_NOFOLLOW);
	O("ld/x", O_RDONLY | O_NOFOLLOW);
	O("ln", O_RDONLY);
	O("ln", O_CREAT | O_EXCL | O_WRONLY);
	O("ln", O_PATH);
	O("ln", O_CREAT | O_WRONLY);
	O("nowhere", O_RDONLY);
	O("self", O_RDONLY);
	O("self", O_RDONLY | O_NOFOLLOW);
	O("self/x", O_RDONLY);
	O("self", O_CREAT | O_WRONLY);
	O("", O_RDONLY);
	O("", O_CREAT);
	O("p", O_WRONLY | O_NONBLOCK);
	O("p", O_RDONLY | O_NONBLOCK);
	O("p", O_RDWR);
	O("chr", O_RDONLY);
	O("/dev/null", O_RDWR | O_TRUNC | O_CREAT);
	O("/dev/null", O_DIRECTORY);
	O("/dev/null/x", O_RDONLY);
	o("name of 255", name256, O_CREAT | O_WRONLY, 0644);
	name256[255] = 'n';
	o("name of 256", name256, O_CREAT | O_WRONLY, 0644);
	o("path of 4095", deep, O_RDONLY, 0);
	deep[4095] = '/';
	o("path of 4096", deep, O_RDONLY, 0);
	o("bad pointer", BAD, O_RDONLY, 0);
	o("kernel pointer", KBAD, O_RDONLY, 0);
	out("O_TMPFILE without write: %s", (syscall(SYS_openat, AT_FDCWD,
		".", O_TMPFILE, 0600) < 0) ? gt_errno(errno) : "ok");
	int t = o("O_TMPFILE", ".", O_TMPFILE | O_RDWR, 0600);
	struct stat st;

	NEED(write(t, "tmp", 3));
	fstat(t, &st);
	out("tmpfile: nlink %d size %ld", (int)st.st_nlink, (long)st.st_size);
	char b[64];

	snprintf(b, sizeof(b), "/proc/self/fd/%d", t);
	okay("link it", linkat(AT_FDCWD, b, AT_FDCWD, "linked",
			       AT_SYMLINK_FOLLOW));
	okay("link it as root by empty path", linkat(t, "", AT_FDCWD,
						     "linked2",
						     AT_EMPTY_PATH));
	fstat(t, &st);
	out("linked: nlink %d", (int)st.st_nlink);
	t = o("O_TMPFILE|O_EXCL", ".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
	snprintf(b, sizeof(b), "/proc/self/fd/%d", t);
	okay("link exclusive", linkat(AT_FDCWD, b, AT_FDCWD, "linked3",
				      AT_SYMLINK_FOLLOW));
	o("O_TMPFILE on a file", "f", O_TMPFILE | O_RDWR, 0600);
	o("O_TMPFILE on nothing", "nix", O_TMPFILE | O_RDWR, 0600);
}

static void
t_at(void)
{
	int d = open("d", O_RDONLY), f = open("f", O_RDONLY);
	int p = open("d", O_PATH), gone;

	okay("dirfd", openat(d, "x", O_RDONLY));
	okay("dirfd O_PATH", openat(p, "x", O_RDONLY));
	okay("dirfd is a file", openat(f, "x", O_RDONLY));
	okay("dirfd bad", openat(99, "x", O_RDONLY));
	okay("dirfd bad, absolute path", openat(99, "/dev/null", O_RDONLY));
	okay("dirfd -1", openat(-1, "x", O_RDONLY));
	okay("dot dot", openat(d, "../f", O_RDONLY));
	mkdir("gone", 0755);
	gone = open("gone", O_RDONLY);
	rmdir("gone");
	okay("removed directory", openat(gone, "x", O_RDONLY));
	okay("create in it", openat(gone, "x", O_CREAT | O_WRONLY, 0644));
	okay("dot of it", openat(gone, ".", O_RDONLY));
	okay("dot dot of it", openat(gone, "..", O_RDONLY));
	okay("mkdir in it", mkdirat(gone, "x", 0755));
	/* what an O_PATH descriptor may do */
	char b[8];
	int q = open("f", O_PATH);

	val("O_PATH read", read(q, b, 1));
	val("O_PATH write", write(q, b, 1));
	val("O_PATH lseek", lseek(q, 0, SEEK_SET));
	val("O_PATH fchmod", syscall(SYS_fchmod, q, 0644));
	val("O_PATH fchown", syscall(SYS_fchown, q, 0, 0));
	val("O_PATH ftruncate", ftruncate(q, 0));
	val("O_PATH getdents", syscall(SYS_getdents64, p, b, 8));
	struct stat st;
	val("O_PATH fstat", syscall(SYS_fstat, q, &st));
	val("O_PATH fchdir", syscall(SYS_fchdir, q));
	val("O_PATH fchdir dir", syscall(SYS_fchdir, p));
	val("back", chdir(".."));
	val("O_PATH F_GETFD", fcntl(q, F_GETFD));
	okay("O_PATH dup", dup(q));
	val("O_PATH F_SETFL", fcntl(q, F_SETFL, 0));
	val("O_PATH ioctl", syscall(SYS_ioctl, q, 0x5401, b));
	val("O_PATH fsync", fsync(q));
}

static void
t_rw(void)
{
	int fd = open("rw", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int ro = open("rw", O_RDONLY), wo = open("rw", O_WRONLY);
	int ap = open("rw", O_RDWR | O_APPEND), d = open("d", O_RDONLY);
	char b[256];

	memset(b, 0, sizeof(b));
	val("write", write(fd, "0123456789", 10));
	val("write 0", write(fd, b, 0));
	val("write 0 to bad pointer", write(fd, BAD, 0));
	val("write bad pointer", write(fd, BAD, 1));
	val("write kernel pointer", write(fd, KBAD, 1));
	val("write to read-only", write(ro, b, 1));
	val("write 0 to read-only", write(ro, b, 0));
	val("read from write-only", read(wo, b, 1));
	val("read bad fd", read(99, b, 1));
	val("read fd -1", read(-1, b, 1));
	val("read dir", read(d, b, 1));
	val("read bad pointer", read(ro, BAD, 1));
	val("read at the end", read(fd, b, 10));
	val("read at the end bad pointer", read(fd, BAD, 10));
	val("pread", pread(fd, b, 5, 3));
	out("got %.5s", b);
	val("pread past the end", pread(fd, b, 5, 100));
	val("pread short", pread(fd, b, 5, 8));
	val("pread negative", pread(fd, b, 5, -1));
	val("pwrite negative", pwrite(fd, b, 5, -1));
	val("pwrite", pwrite(fd, "AB", 2, 4));
	val("offset unchanged", lseek(fd, 0, SEEK_CUR));
	val("append write", write(ap, "Z", 1));
	val("append offset", lseek(ap, 0, SEEK_CUR));
	val("append pwrite goes to the end", pwrite(ap, "Y", 1, 0));
	memset(b, 0, sizeof(b));
	val("content", pread(fd, b, 200, 0));
	out("text %s", b);
	/* seek */
	val("seek set", lseek(fd, 5, SEEK_SET));
	val("seek cur -2", lseek(fd, -2, SEEK_CUR));
	val("seek cur -9", lseek(fd, -9, SEEK_CUR));
	val("seek end", lseek(fd, 3, SEEK_END));
	val("seek end -100", lseek(fd, -100, SEEK_END));
	val("seek set -1", lseek(fd, -1, SEEK_SET));
	val("seek whence 9", lseek(fd, 0, 9));
	val("seek max", lseek(fd, LONG_MAX, SEEK_SET) == LONG_MAX ? 1 : -1);
	val("seek null device", lseek(0, 5, SEEK_SET));
	int p[2];

	pipe(p);
	val("seek pipe", lseek(p[0], 0, SEEK_CUR));
	val("pread pipe", pread(p[0], b, 1, 0));
	val("pread pipe negative", pread(p[0], b, 1, -1));
	/* holes */
	int h = open("hole", O_RDWR | O_CREAT | O_TRUNC, 0644);
	struct stat st;

	val("write at 1 MiB", pwrite(h, "x", 1, 1 << 20));
	fstat(h, &st);
	out("size %ld, few blocks %d", (long)st.st_size, st.st_blocks < 64);
	val("read the hole", pread(h, b, 16, 5000));
	out("zeroes %d", !memcmp(b, (char[16]){ 0 }, 16));
	val("SEEK_DATA 0", lseek(h, 0, SEEK_DATA));
	val("SEEK_HOLE 0", lseek(h, 0, SEEK_HOLE));
	val("SEEK_HOLE at data", lseek(h, 1 << 20, SEEK_HOLE));
	val("SEEK_DATA at the end", lseek(h, (1 << 20) + 1, SEEK_DATA));
	val("SEEK_HOLE past the end", lseek(h, 1 << 21, SEEK_HOLE));
	val("SEEK_DATA -1", lseek(h, -1, SEEK_DATA));
	/* truncate */
	val("ftruncate read-only", ftruncate(ro, 0));
	val("ftruncate negative", ftruncate(fd, -1));
	val("ftruncate dir", ftruncate(d, 0));
	val("ftruncate pipe", ftruncate(p[1], 0));
	val("ftruncate bad", ftruncate(99, 0));
	val("truncate dir", truncate("d", 0));
	val("truncate missing", truncate("nix", 0));
	val("truncate negative", truncate("rw", -1));
	val("truncate through link", truncate("lf", 2));
	stat("f", &st);
	out("f is %ld", (long)st.st_size);
	val("truncate up", ftruncate(fd, 100));
	val("reads zero", pread(fd, b, 100, 50));
	out("zeroes %d", !memcmp(b, (char[50]){ 0 }, 50));
	val("truncate device", truncate("/dev/null", 0));
	val("truncate fifo", truncate("p", 0));
	val("truncate fifo -1", truncate("p", -1));
}

static void
t_vec(void)
{
	int fd = open("vec", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char a[8] = "abcdefg", b[8] = "ABCDEFG", r[32] = "";
	struct iovec v[3] = { { a, 3 }, { NULL, 0 }, { b, 4 } };
	static struct iovec many[1030];

	val("writev", writev(fd, v, 3));
	val("readv at the end", readv(fd, v, 3));
	lseek(fd, 0, SEEK_SET);
	v[0].iov_base = r;
	v[0].iov_len = 2;
	v[1].iov_base = r + 10;
	v[1].iov_len = 3;
	v[2].iov_base = r + 20;
	v[2].iov_len = 10;
	val("readv", readv(fd, v, 3));
	out("parts %.2s %.3s %.2s", r, r + 10, r + 20);
	val("writev 0", writev(fd, v, 0));
	val("writev -1", writev(fd, v, -1));
	for (int i = 0; i < 1030; i++)
		many[i] = (struct iovec){ a, 1 };
	val("writev 1024", writev(fd, many, 1024));
	val("writev 1025", writev(fd, many, 1025));
	v[0].iov_len = -1;
	val("writev negative length", writev(fd, v, 3));
	v[0].iov_len = SSIZE_MAX;
	v[0].iov_base = a;
	val("readv sum overflow", readv(99, v, 3));
	val("writev bad vector", writev(fd, BAD, 1));
	v[0] = (struct iovec){ a, 4 };
	v[1] = (struct iovec){ BAD, 4 };
	val("writev second bad", writev(fd, v, 2));
	v[0].iov_base = BAD;
	val("writev first bad", writev(fd, v, 2));
	lseek(fd, 0, SEEK_SET);
	v[0] = (struct iovec){ r, 4 };
	v[1] = (struct iovec){ BAD, 4 };
	val("readv second bad", readv(fd, v, 2));
	val("preadv", preadv(fd, v, 1, 2));
	val("preadv negative", preadv(fd, v, 1, -1));
	val("pwritev", pwritev(fd, v, 1, 2));
	val("preadv2 offset -1", syscall(SYS_preadv2, fd, v, 1, -1l, -1l,
					 0l));
	val("preadv2 flags 0x400", syscall(SYS_preadv2, fd, v, 1, 0l, 0l,
					   0x400l));
	/* a write that ends at an unmapped page is short */
	char *m = mmap(0, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(m + 4096, 4096);
	val("write over the edge", pwrite(fd, m + 4000, 200, 0));
	val("read over the edge", pread(fd, m + 4000, 200, 0));
	val("pipe-like length", write(open("/dev/null", O_WRONLY), m,
				      4096));
	val("huge count to null", write(open("/dev/null", O_WRONLY), BAD,
					100));
	val("count SSIZE_MAX+1 to null", write(open("/dev/null", O_WRONLY),
					       m, 1ul << 63));
	val("count 3 GiB to null", write(open("/dev/null", O_WRONLY), m,
					 3ul << 30));
	/* devices */
	val("full write", write(open("/dev/full", O_WRONLY), "x", 1));
	val("full read", read(open("/dev/full", O_RDONLY), r, 4));
	val("zero read", read(open("/dev/zero", O_RDONLY), r, 4));
	val("zero read bad", read(open("/dev/zero", O_RDONLY), BAD, 4));
	val("zero lseek", lseek(open("/dev/zero", O_RDONLY), 77, SEEK_SET));
	val("null read", read(open("/dev/null", O_RDONLY), r, 4));
	val("urandom read", read(open("/dev/urandom", O_RDONLY), r, 32));
}

static void
t_fsize_child(void)
{
	struct rlimit r = { 100, 100 };
	int fd = open("lim", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char b[200];

	setrlimit(RLIMIT_FSIZE, &r);
	memset(b, 'x', sizeof(b));
	val("write past the limit is short", write(fd, b, 200));
	signal(SIGXFSZ, SIG_IGN);
	val("write at the limit", write(fd, b, 1));
	val("truncate over the limit", ftruncate(fd, 101));
	val("truncate at the limit", ftruncate(fd, 100));
	val("pwrite far", pwrite(fd, b, 1, 5000));
	signal(SIGXFSZ, SIG_DFL);
	write(fd, b, 1);
	out("not reached");
}

static void
t_dirs(void)
{
	char buf[512], seen[64] = { 0 };
	int d, n, total = 0, calls = 0, dots = 0, types = 0;

	mkdir("many", 0755);
	for (int i = 0; i < 50; i++) {
		char nm[32];

		snprintf(nm, sizeof(nm), "many/entry-%d", i);
		put_file(nm, "", 0644);
	}
	d = open("many", O_RDONLY);
	while ((n = (int)syscall(SYS_getdents64, d, buf, sizeof(buf))) > 0) {
		calls++;
		for (int o2 = 0; o2 < n;) {
			struct {
				uint64_t ino;
				int64_t off;
				uint16_t len;
				uint8_t type;
				char name[];
			} __attribute__((packed)) *e = (void *)(buf + o2);

			total++;
			if (e->name[0] == '.')
				dots++;
			else
				seen[atoi(e->name + 6)]++;
			types += e->type == (e->name[0] == '.' ? 4 : 8);
			if (e->len % 8)
				out("record length %d", e->len);
			o2 += e->len;
		}
	}
	int ok = 1;
	for (int i = 0; i < 50; i++)
		ok &= seen[i] == 1;
	out("entries %d dots %d each once %d types right %d", total, dots, ok,
	    types == total);
	yes("several calls", calls > 1);
	val("at the end", n);
	val("rewind", lseek(d, 0, SEEK_SET));
	yes("again", syscall(SYS_getdents64, d, buf, sizeof(buf)) > 0);
	lseek(d, 0, SEEK_SET);
	val("buffer too small", syscall(SYS_getdents64, d, buf, 10));
	val("bad pointer", syscall(SYS_getdents64, d, BAD, 512));
	val("file", syscall(SYS_getdents64, open("f", O_RDONLY), buf, 512));
	val("bad fd", syscall(SYS_getdents64, 99, buf, 512));
	/* remove while reading: nothing is seen twice, all get removed */
	int left = 0;
	lseek(d, 0, SEEK_SET);
	while ((n = (int)syscall(SYS_getdents64, d, buf, 200)) > 0)
		for (int o2 = 0; o2 < n;) {
			char *nm = buf + o2 + 19;

			if (nm[0] != '.')
				left += unlinkat(d, nm, 0);
			o2 += *(uint16_t *)(buf + o2 + 16);
		}
	out("unlink while reading: %d failed", -left);
	val("directory empty", rmdir("many"));
	val("removed directory", syscall(SYS_getdents64, d, buf, 512));
}

int
main(void)
{
	memset(deep, '/', 4095);
	memset(name256, 'n', 255);
	t_matrix();
	t_at();
	t_rw();
	t_vec();
	in_child("file size limit", t_fsize_child);
	t_dirs();
	return 0;
}
