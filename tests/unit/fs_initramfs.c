/* SPDX-License-Identifier: MIT */
/*
 * The initramfs unpacker: archives made here, plain and gzipped, cut and
 * damaged at will; what they make is looked at through system calls.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/stat.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <vfs/vfs.h>
#include "fs_world.h"
#include "host.h"

void test_initramfs_good(void);
void test_initramfs_gzip(void);
void test_initramfs_damaged(void);
int fuzz_initramfs(const u8 *data, size_t len);

static u8 ar[1 << 18];
static size_t ar_len;

static void
pad(void)
{
	while (ar_len % 4)
		ar[ar_len++] = 0;
}

static void
add(const char *name, u32 ino, u32 mode, u32 nlink, const void *data, u32 len,
    u32 rdev)
{
	char h[120];

	snprintf(h, sizeof(h), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x"
		 "%08x%08x%08x%08x", ino, mode, 0, 0, nlink, 1000, len, 8, 1,
		 rdev >> 8, rdev & 255, (u32)strlen(name) + 1, 0);
	memcpy(ar + ar_len, h, 110);
	ar_len += 110;
	memcpy(ar + ar_len, name, strlen(name) + 1);
	ar_len += strlen(name) + 1;
	pad();
	memcpy(ar + ar_len, data, len);
	ar_len += len;
	pad();
}

static void
make_archive(void)
{
	ar_len = 0;
	add("d", 1, S_IFDIR | 0755, 2, "", 0, 0);
	add("d/file", 2, S_IFREG | 0640, 1, "hello\n", 6, 0);
	add("d/link", 3, S_IFLNK | 0777, 1, "file", 4, 0);
	add("h1", 4, S_IFREG | 0644, 2, "", 0, 0);
	add("d/h2", 4, S_IFREG | 0644, 2, "shared", 6, 0);
	add("null", 5, S_IFCHR | 0666, 1, "", 0, 1 << 8 | 3);
	add("./e", 6, S_IFREG | 0755, 1, "x", 1, 0);
	add("TRAILER!!!", 0, 0, 1, "", 0, 0);
	while (ar_len % 512)
		ar[ar_len++] = 0;
}

static struct abi_stat st;
static char __user *out;

static long
look(const char *name)
{
	long r = call(NR_lstat, ustr(0, name), out);

	user_peek(&st, out, sizeof(st));
	return r;
}

static void
check_tree(void)
{
	long fd;
	char b[8];

	CHECK(look("/d") == 0 && st.st_mode == (S_IFDIR | 0755));
	CHECK(look("/d/file") == 0 && st.st_mode == (S_IFREG | 0640) &&
	      st.st_size == 6 && st.st_mtime == 1000);
	CHECK(look("/d/link") == 0 && st.st_mode == (S_IFLNK | 0777) &&
	      st.st_size == 4);
	CHECK(look("/h1") == 0 && st.st_nlink == 2 && st.st_size == 6);
	CHECK(look("/null") == 0 && st.st_rdev == (1 << 8 | 3));
	CHECK(look("/e") == 0);
	fd = call(NR_open, ustr(0, "/d/link"), O_RDONLY, 0);
	CHECK(fd >= 0 && call(NR_read, fd, out, 8) == 6);
	user_peek(b, out, 6);
	CHECK(!memcmp(b, "hello\n", 6));
	call(NR_close, fd);
}

void
test_initramfs_good(void)
{
	unit_may_leak();
	world_make();
	out = user_alloc(200);
	make_archive();
	/* the only thing that counts when memory fails is to come back */
	(void)initramfs_unpack(ar, ar_len, NULL);
	if (!unit_injecting())
		check_tree();
}

void
test_initramfs_gzip(void)
{
	void *gz;
	long len;

	if (unit_injecting())
		return;
	unit_may_leak();
	world_make();
	out = user_alloc(200);
	/* two archives, the first packed, the second plain, over the first */
	make_archive();
	len = host_filter("gzip -9nc", ar, ar_len, &gz);
	if (len < 0) {
		unit_skip("no gzip on this machine");
		return;
	}
	memcpy(ar, gz, len);
	ar_len = len;
	while (ar_len % 4)
		ar[ar_len++] = 0;
	add("d/file", 9, S_IFREG | 0600, 1, "second", 6, 0);
	add("TRAILER!!!", 0, 0, 1, "", 0, 0);
	CHECK(initramfs_unpack(ar, ar_len, NULL) == 0);
	CHECK(look("/d/file") == 0 && st.st_mode == (S_IFREG | 0600));
	CHECK(look("/h1") == 0 && st.st_nlink == 2);
	host_free(gz);
}

/* a copy of its own length, so that a step too far is seen */
static int
unpack_exact(const u8 *p, size_t len)
{
	u8 *c = host_malloc(len);
	int r;

	memcpy(c, p, len);
	r = initramfs_unpack(c, len, NULL);
	host_free(c);
	return r;
}

void
test_initramfs_damaged(void)
{
	static u8 good[sizeof(ar)];
	size_t good_len;

	if (unit_injecting())
		return;
	unit_may_leak();
	world_make();
	make_archive();
	good_len = ar_len;
	memcpy(good, ar, good_len);
	for (size_t cut = 0; cut < good_len; cut += 7)
		(void)unpack_exact(good, cut);
	for (u32 i = 0; i < 1500; i++) {
		memcpy(ar, good, good_len);
		for (u32 k = 1 + unit_below(5); k; k--)
			ar[unit_below(good_len)] = unit_below(3) ?
				"0123456789abcdefF/.\0x"[unit_below(21)] :
				unit_random();
		(void)unpack_exact(ar, good_len);
	}
	CHECK(unpack_exact((const u8 *)"", 0) == 0);
	CHECK(unpack_exact((const u8 *)"\0\0\0\0", 4) == 0);
	CHECK(unpack_exact((const u8 *)"not an archive at all", 20) != 0);
}

int
fuzz_initramfs(const u8 *data, size_t len)
{
	static bool made;

	if (!made)
		world_make();
	made = true;
	return initramfs_unpack(data, len, NULL);
}
