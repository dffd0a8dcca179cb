/* SPDX-License-Identifier: MIT */
/*
 * System calls about files, as the entry code calls them, on tmpfs: a script
 * under failing allocations, and random calls side by side with the same calls
 * to the host's Linux in a directory of its tmpfs; results and the trees that
 * come of them must be the same.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/stat.h>
#include <arch/layout.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "fs_world.h"
#include "host.h"

void test_fs_script(void);
void test_fs_walks(void);
void test_fs_like_linux(void);

/* ---- each step may fail for want of memory, none may leave anything ---- */

void
test_fs_script(void)
{
	char __user *buf;
	long fd;

	world_make();
	buf = user_alloc(PAGE_SIZE * 2);
	unit_quiet(true);
	call(NR_mkdir, ustr(0, "/base"), 0755);
	/* the pool of struct files is never given back */
	fd = call(NR_open, ustr(0, "/base"), O_RDONLY, 0);
	call(NR_close, fd);
	world_settle();
	unit_quiet(false);
	CHECK(call(NR_mkdir, ustr(0, "/base/d"), 0755) == 0);
	fd = call(NR_open, ustr(0, "/base/d/file"), O_CREAT | O_RDWR, 0644);
	CHECK(fd >= 0);
	if (fd >= 0) {
		CHECK(call(NR_write, fd, buf, 8000) == 8000);
		CHECK(call(NR_pread64, fd, buf, 8000, 100) == 7900);
		CHECK(call(NR_ftruncate, fd, 5) == 0);
		ALWAYS(call(NR_close, fd) == 0);
	}
	CHECK(call(NR_link, ustr(0, "/base/d/file"), ustr(1, "/base/l")) == 0);
	CHECK(call(NR_symlink, ustr(0, "/base/d"), ustr(1, "/base/s")) == 0);
	CHECK(call(NR_stat, ustr(0, "/base/s/file"), buf) == 0);
	CHECK(call(NR_rename, ustr(0, "/base/l"), ustr(1, "/base/d/m")) == 0);
	CHECK(call(NR_readlink, ustr(0, "/base/s"), buf, 100) == 7);
	/* all of it goes, however far it got; this needs memory in places */
	for (u32 i = 0; i < 3; i++) {
		call(NR_unlink, ustr(0, "/base/s"));
		call(NR_unlink, ustr(0, "/base/l"));
		call(NR_unlink, ustr(0, "/base/d/m"));
		call(NR_unlink, ustr(0, "/base/d/file"));
		call(NR_rmdir, ustr(0, "/base/d"));
	}
	world_settle();
}

void
test_fs_walks(void)
{
	char __user *buf;
	char path[4200];
	u32 n;

	world_make();
	buf = user_alloc(PAGE_SIZE);
	if (unit_injecting())
		return;
	unit_may_leak();
	/* a path of PATH_MAX - 1 bytes goes through, one more does not */
	for (n = 0; n + 2 < 4095; n += 2)
		memcpy(path + n, "./", 2);
	path[n] = '.';
	path[n + 1] = 0;
	CHECK(strlen(path) == 4095);
	CHECK(call(NR_stat, ustr(0, path), buf) == 0);
	strlcat(path, "/", sizeof(path));
	CHECK(call(NR_stat, ustr(0, path), buf) == -ENAMETOOLONG);
	/* names of 255 and 256 bytes */
	memset(path, 'n', 300);
	path[255] = 0;
	CHECK(call(NR_mkdir, ustr(0, path), 0755) == 0);
	path[255] = 'n';
	path[256] = 0;
	CHECK(call(NR_mkdir, ustr(0, path), 0755) == -ENAMETOOLONG);
	/* 40 links are followed, 41 are not */
	call(NR_mkdir, ustr(0, "l0"), 0755);
	for (u32 i = 1; i <= 41; i++) {
		char to[8];

		snprintf(to, sizeof(to), "l%u", i - 1);
		snprintf(path, sizeof(path), "l%u", i);
		CHECK(call(NR_symlink, ustr(0, to), ustr(1, path)) == 0);
	}
	CHECK(call(NR_stat, ustr(0, "l40"), buf) == 0);
	CHECK(call(NR_stat, ustr(0, "l41"), buf) == -ELOOP);
	CHECK(call(NR_lstat, ustr(0, "l41"), buf) == 0);
	/* the root's parent is the root; a working directory that is gone */
	CHECK(call(NR_stat, ustr(0, "/../../.."), buf) == 0);
	CHECK(call(NR_mkdir, ustr(0, "/gone"), 0755) == 0);
	CHECK(call(NR_chdir, ustr(0, "/gone")) == 0);
	CHECK(call(NR_getcwd, buf, 100) == 6);
	CHECK(call(NR_rmdir, ustr(0, "/gone")) == 0);
	CHECK(call(NR_getcwd, buf, 100) == -ENOENT);
	CHECK(call(NR_mkdir, ustr(0, "x"), 0755) == -ENOENT);
	CHECK(call(NR_stat, ustr(0, "."), buf) == 0);
	CHECK(call(NR_chdir, ustr(0, "..")) == 0);
	/* bad pointers */
	CHECK(call(NR_stat, user_hole(1), buf) == -EFAULT);
	CHECK(call(NR_stat, ustr(0, "/"), user_hole(200)) == -EFAULT);
	CHECK(call(NR_stat, ustr(0, ""), buf) == -ENOENT);
}

/* ---- side by side ---- */

#define SLOTS 6
static struct { long ours, theirs; } slot[SLOTS];
static char __user *bufs[2];
static char what[400];
static u32 complaints;

static long
pair(bool same, long ours, long theirs)
{
	if (!same && complaints++ < 12) {
		char line[500];

		host_print(line, scnprintf(line, sizeof(line),
			   "%s: %ld, Linux %ld\n", what, ours, theirs));
		CHECK(!"as Linux");
	}
	return ours;
}

/* the same call to both; the same result */
static long
both(u32 nr, long a, long b, long c, long d, long e)
{
	long ours = call6(nr, a, b, c, d, e, 0);
	long theirs = host_syscall(nr, a, b, c, d, e, 0);

	return pair(ours == theirs, ours, theirs);
}

/*
 * A relative path that cannot lead out of the playground. Names too long and
 * no name at all only where they alone can be what is wrong: with a second
 * path or O_CREAT it is a question of order, see doc/syscalls.md.
 */
static const char *
random_path(char *p, bool odd)
{
	static const char *const name[] = { "a", "b", "c", "dd", "e.txt" };
	u32 n = unit_below(6) ? 1 + unit_below(2) : 3;
	char *at = p;
	bool up = false;

	if (!unit_below(60)) {
		strlcpy(p, odd && unit_below(2) ? "" : ".", 8);
		return p;
	}
	for (u32 i = 0; i < n; i++) {
		if (i)
			at += scnprintf(at, 20, unit_below(12) ? "/" : "//");
		if (i && !up && !unit_below(10)) {
			up = true;
			at += scnprintf(at, 20, "..");
			continue;
		}
		if (!unit_below(20)) {
			at += scnprintf(at, 20, "./");
		}
		if (odd && !unit_below(100)) {
			u32 len = 255 + unit_below(2);

			memset(at, 'L', len);
			at += len;
			*at = 0;
			continue;
		}
		at += scnprintf(at, 20, "%s",
				name[unit_below(ARRAY_SIZE(name))]);
	}
	if (!unit_below(10))
		at += scnprintf(at, 20, "/");
	return p;
}

static void
same_stat(u32 nr, long arg1, long arg2)
{
	struct abi_stat s[2];
	long ours = call6(nr, arg1, (long)bufs[0], 0, 0, 0, 0);
	long theirs = host_syscall(nr, arg2, (long)bufs[1], 0, 0, 0, 0);

	pair(ours == theirs, ours, theirs);
	if (ours || theirs)
		return;
	for (u32 i = 0; i < 2; i++)
		user_peek(&s[i], bufs[i], sizeof(s[i]));
	pair(s[0].st_mode == s[1].st_mode, s[0].st_mode, s[1].st_mode);
	pair(s[0].st_nlink == s[1].st_nlink, s[0].st_nlink, s[1].st_nlink);
	if ((s[0].st_mode & S_IFMT) != S_IFDIR) {
		pair(s[0].st_size == s[1].st_size, s[0].st_size, s[1].st_size);
		pair(s[0].st_blocks == s[1].st_blocks, s[0].st_blocks,
		     s[1].st_blocks);
	}
}

static void
same_data(u32 i, bool at, long off, long len)
{
	static u8 x[2][20000];
	u32 nr = at ? NR_pread64 : NR_read;
	long ours = call6(nr, slot[i].ours, (long)bufs[0], len, off, 0, 0);
	long theirs = host_syscall(nr, slot[i].theirs, (long)bufs[1], len, off,
				   0, 0);

	pair(ours == theirs, ours, theirs);
	if (ours != theirs || ours <= 0)
		return;
	user_peek(x[0], bufs[0], ours);
	user_peek(x[1], bufs[1], ours);
	if (memcmp(x[0], x[1], ours))
		pair(false, 0, 0);
}

static void
fd_call(u32 i, bool alloc)
{
	static const u32 whences[] = { 0, 1, 2, 9, 3, 4 };
	long off = unit_below(4) ? unit_below(20000) : unit_below(4) * 4096;
	long len = unit_below(4) ? unit_below(6000) : unit_below(3) * 4096;
	long w, ours, theirs;

	switch (unit_below(9)) {
	case 0:
		snprintf(what, sizeof(what), "read fd %ld", len);
		same_data(i, false, 0, len);
		break;
	case 1:
		snprintf(what, sizeof(what), "pread fd %ld at %ld", len, off);
		same_data(i, true, off, len);
		break;
	case 2: case 3:
		snprintf(what, sizeof(what), "write fd %ld", len);
		ours = call(NR_write, slot[i].ours, bufs[1], len);
		theirs = host_syscall(NR_write, slot[i].theirs, (long)bufs[1],
				      len, 0, 0, 0);
		pair(ours == theirs, ours, theirs);
		break;
	case 4:
		snprintf(what, sizeof(what), "pwrite fd %ld at %ld", len, off);
		ours = call(NR_pwrite64, slot[i].ours, bufs[1], len, off);
		theirs = host_syscall(NR_pwrite64, slot[i].theirs,
				      (long)bufs[1], len, off, 0, 0);
		pair(ours == theirs, ours, theirs);
		break;
	case 5:
		/* to Linux, allocated pages nobody wrote are a hole */
		w = whences[unit_below(alloc ? 3 : ARRAY_SIZE(whences))];
		off -= unit_below(3) ? 0 : 9000;
		snprintf(what, sizeof(what), "lseek fd %ld whence %ld", off, w);
		ours = call(NR_lseek, slot[i].ours, off, w);
		theirs = host_syscall(NR_lseek, slot[i].theirs, off, w, 0, 0,
				      0);
		pair(ours == theirs, ours, theirs);
		break;
	case 6:
		snprintf(what, sizeof(what), "ftruncate fd %ld", off);
		ours = call(NR_ftruncate, slot[i].ours, off);
		theirs = host_syscall(NR_ftruncate, slot[i].theirs, off, 0, 0,
				      0, 0);
		pair(ours == theirs, ours, theirs);
		break;
	case 7:
		/* bit 0 KEEP_SIZE, 1 PUNCH_HOLE; see SEEK_HOLE below */
		w = alloc ? unit_below(4) : 2 + unit_below(2);
		snprintf(what, sizeof(what), "fallocate fd %ld, %ld mode %ld",
			 off, len, w);
		ours = call(NR_fallocate, slot[i].ours, w, off, len);
		theirs = host_syscall(NR_fallocate, slot[i].theirs, w, off,
				      len, 0, 0);
		pair(ours == theirs, ours, theirs);
		break;
	case 8:
		snprintf(what, sizeof(what), "fcntl fd GETFL");
		ours = call(NR_fcntl, slot[i].ours, F_GETFL, 0);
		theirs = host_syscall(NR_fcntl, slot[i].theirs, F_GETFL, 0, 0,
				      0, 0);
		pair(ours == theirs, ours, theirs);
		break;
	}
	/* with the size and the blocks it made */
	same_stat(NR_fstat, slot[i].ours, slot[i].theirs);
}

static void
path_call(void)
{
	static const u32 rflags[] = { 0, 1, 2, 3, 4, 8 };
	char p[1200], q[1200];
	u32 kind = unit_below(17);
	bool odd = kind < 14 && (kind < 3 || kind > 5);
	char __user *u = ustr(0, random_path(p, odd));
	char __user *v = ustr(1, random_path(q, false));
	u32 i = unit_below(SLOTS), m = unit_below(4) ? 0755 : 0644, f;
	long r, ours, theirs;

	switch (kind) {
	case 0:
		snprintf(what, sizeof(what), "mkdir %s", p);
		both(NR_mkdir, (long)u, m, 0, 0, 0);
		break;
	case 1:
		snprintf(what, sizeof(what), "rmdir %s", p);
		both(NR_rmdir, (long)u, 0, 0, 0, 0);
		break;
	case 2:
		snprintf(what, sizeof(what), "unlink %s", p);
		both(NR_unlink, (long)u, 0, 0, 0, 0);
		break;
	case 3:
		snprintf(what, sizeof(what), "rename %s to %s", p, q);
		both(NR_rename, (long)u, (long)v, 0, 0, 0);
		break;
	case 4:
		f = rflags[unit_below(5)];
		snprintf(what, sizeof(what), "renameat2 %s to %s flags %u", p,
			 q, f);
		both(NR_renameat2, AT_FDCWD, (long)u, AT_FDCWD, (long)v, f);
		break;
	case 5:
		f = unit_below(3) ? 0 : AT_SYMLINK_FOLLOW;
		snprintf(what, sizeof(what), "linkat %s to %s flags %x", p, q,
			 f);
		both(NR_linkat, AT_FDCWD, (long)u, AT_FDCWD, (long)v, f);
		break;
	case 6: {
		/* only names below the link's own directory */
		static const char *const to[] = { "a", "b", "c/a", "dd",
			"e.txt", "c//b/" };
		const char *t = to[unit_below(ARRAY_SIZE(to))];

		snprintf(what, sizeof(what), "symlink %s at %s", t, p);
		both(NR_symlink, (long)ustr(2, t), (long)u, 0, 0, 0);
		break;
	}
	case 7:
		snprintf(what, sizeof(what), "readlink %s", p);
		ours = call(NR_readlink, u, bufs[0], 50);
		theirs = host_syscall(NR_readlink, (long)u, (long)bufs[1], 50,
				      0, 0, 0);
		pair(ours == theirs, ours, theirs);
		break;
	case 8:
		snprintf(what, sizeof(what), "stat %s", p);
		same_stat(NR_stat, (long)u, (long)u);
		break;
	case 9:
		snprintf(what, sizeof(what), "lstat %s", p);
		same_stat(NR_lstat, (long)u, (long)u);
		break;
	case 10:
		f = unit_below(2) ? S_IFIFO : S_IFREG;
		snprintf(what, sizeof(what), "mknod %s %o", p, f);
		both(NR_mknod, (long)u, f | m, 0, 0, 0);
		break;
	case 11:
		snprintf(what, sizeof(what), "chmod %s %o", p, m);
		both(NR_chmod, (long)u, 0700 | m, 0, 0, 0);
		break;
	case 12:
		r = unit_below(9000);
		snprintf(what, sizeof(what), "truncate %s %ld", p, r);
		both(NR_truncate, (long)u, r, 0, 0, 0);
		break;
	case 13:
		f = unit_below(9);
		snprintf(what, sizeof(what), "access %s %u", p, f);
		both(NR_access, (long)u, f, 0, 0, 0);
		break;
	default: {
		static const u32 bits[] = { O_CREAT, O_CREAT, O_EXCL, O_TRUNC,
			O_APPEND, O_DIRECTORY, O_NOFOLLOW, O_PATH, O_CLOEXEC };

		if (slot[i].ours >= 0) {
			call(NR_close, slot[i].ours);
			host_syscall(NR_close, slot[i].theirs, 0, 0, 0, 0, 0);
			slot[i].ours = -1;
		}
		f = unit_below(3) | O_NONBLOCK;
		for (u32 k = unit_below(4); k; k--)
			f |= bits[unit_below(ARRAY_SIZE(bits))];
		/* refused since 6.4, accepted before */
		if ((f & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
			f &= ~O_DIRECTORY;
		snprintf(what, sizeof(what), "open %s %o", p, f);
		ours = call(NR_open, u, f, m);
		theirs = host_syscall(NR_open, (long)u, f, m, 0, 0, 0);
		pair(ours == theirs || (ours >= 0 && theirs >= 0), ours,
		     theirs);
		if (ours < 0 || theirs < 0)
			break;
		slot[i].ours = ours;
		slot[i].theirs = theirs;
	}
	}
}

/* no file has allocated pages any more */
static void
empty_files(void)
{
	for (u32 i = 0; i < SLOTS; i++)
		if (slot[i].ours >= 0) {
			call(NR_ftruncate, slot[i].ours, 0);
			host_syscall(NR_ftruncate, slot[i].theirs, 0, 0, 0, 0,
				     0);
		}
	for (u32 i = 0; i < 4000; i++) {
		char p[1200];
		char __user *u = ustr(0, random_path(p, false));

		snprintf(what, sizeof(what), "truncate %s 0", p);
		both(NR_truncate, (long)u, 0, 0, 0, 0);
	}
}

void
test_fs_like_linux(void)
{
	u8 noise[4096];

	if (unit_injecting())
		return;
	if (host_playground() ||
	    host_syscall(107 /* geteuid */, 0, 0, 0, 0, 0, 0)) {
		unit_skip("needs root and a tmpfs on /dev/shm");
		return;
	}
	world_make();
	unit_may_leak();
	call(NR_mkdir, ustr(0, "/play"), 0755);
	CHECK(call(NR_chdir, ustr(0, "/play")) == 0);
	for (u32 i = 0; i < 2; i++)
		bufs[i] = user_alloc(5 * PAGE_SIZE);
	for (u32 i = 0; i < SLOTS; i++)
		slot[i].ours = -1;
	for (u32 i = 0; i < 60000 && complaints < 12; i++) {
		u32 k = unit_below(SLOTS);

		if (i % 64 == 0) {
			for (u32 j = 0; j < sizeof(noise); j++)
				noise[j] = unit_random();
			user_fill(bufs[1], noise, sizeof(noise));
		}
		if (i == 30000)
			empty_files();
		if (unit_below(2) || slot[k].ours < 0)
			path_call();
		else
			fd_call(k, i < 30000);
	}
}
