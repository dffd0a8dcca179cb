/* SPDX-License-Identifier: MIT */
/* Files on tmpfs: small calls, names, many files, bulk; poll and select. */
#include "bench.h"

static char buf[65536];

static void
name(char *b, const char *dir, int i)
{
	sprintf(b, "%s/f%d", dir, i);
}

static void
create_delete(void)
{
	const int n = 1000;
	char b[64];
	uint64_t t;

	mkdir("many", 0755);
	t = now();
	for (int i = 0; i < n; i++) {
		name(b, "many", i);
		int fd = open(b, O_CREAT | O_WRONLY, 0644);

		if (fd < 0)
			die("create");
		close(fd);
	}
	t = now() - t;
	if (wanted("file_create"))
		row("file_create", t, n);
	if (wanted("getdents_1000_entry")) {
		int d = open("many", O_RDONLY | O_DIRECTORY);

		t = now();
		for (int r = 0; r < 10; r++) {
			lseek(d, 0, SEEK_SET);
			while (syscall(SYS_getdents64, d, buf, 32768) > 0)
				;
		}
		row("getdents_1000_entry", now() - t, 10 * (n + 2));
		close(d);
	}
	t = now();
	for (int i = 0; i < n; i++) {
		name(b, "many", i);
		unlink(b);
	}
	t = now() - t;
	if (wanted("file_delete"))
		row("file_delete", t, n);
	rmdir("many");
}

/* create, write, read back and delete a file of `size` bytes */
static void
cycle(int size)
{
	int fd = open("cycle", O_CREAT | O_RDWR | O_TRUNC, 0644);

	if (fd < 0 || write(fd, buf, size) != size)
		die("cycle");
	close(fd);
	fd = open("cycle", O_RDONLY);
	if (fd < 0 || read(fd, buf, size) != size)
		die("cycle");
	close(fd);
	unlink("cycle");
}

static void
bulk(void)
{
	const int total = 64 << 20;
	int fd = open("bulk", O_CREAT | O_RDWR | O_TRUNC, 0644);
	uint64_t t = now();

	for (int n = 0; n < total; n += sizeof(buf))
		if (write(fd, buf, sizeof(buf)) != sizeof(buf))
			die("write");
	t = now() - t;
	if (wanted("file_write_64m"))
		row_mbs("file_write_64m", t, total);
	lseek(fd, 0, SEEK_SET);
	t = now();
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	t = now() - t;
	if (wanted("file_read_64m"))
		row_mbs("file_read_64m", t, total);
	close(fd);
	unlink("bulk");
}

static void
par_file(void)
{
	const int procs = 4, each = 250;
	uint64_t t = now();

	for (int p = 0; p < procs; p++)
		if (fork() == 0) {
			char b[32];

			sprintf(b, "par%d", p);
			for (int i = 0; i < each; i++) {
				int fd = open(b, O_CREAT | O_WRONLY, 0644);

				if (write(fd, buf, 4096) != 4096)
					_exit(1);
				close(fd);
				unlink(b);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	row("par_file", now() - t, procs * each);
}

static void
polls(void)
{
	struct pollfd v[100];
	fd_set set, in;
	struct timeval zero = { 0, 0 };
	int p[2], top = 0;

	FD_ZERO(&in);
	for (int i = 0; i < 100; i++) {
		if (pipe(p) < 0)
			die("pipe");
		v[i] = (struct pollfd){ p[0], POLLIN, 0 };
		FD_SET(p[0], &in);
		if (p[0] > top)
			top = p[0];
	}
	if (write(p[1], "x", 1) != 1)
		die("write");
	LOOP("select_100", 5000, {
		set = in;
		if (select(top + 1, &set, NULL, NULL, &zero) != 1)
			die("select");
	});
	LOOP("poll_100", 5000, {
		if (poll(v, 100, 0) != 1)
			die("poll");
	});
	for (int i = 3; i < top + 8; i++)
		close(i);
}

void
bench_file(void)
{
	struct stat st;
	char deep[128] = "/tmp", b[4096];
	int fd;

	fd = open("/dev/zero", O_RDONLY);
	LOOP("read_zero_1", 50000, read(fd, b, 1));
	close(fd);
	fd = open("/dev/null", O_WRONLY);
	LOOP("write_null_1", 50000, write(fd, b, 1));
	close(fd);
	fd = open("file", O_CREAT | O_RDWR | O_TRUNC, 0644);
	if (write(fd, buf, sizeof(buf)) != sizeof(buf))
		die("write");
	LOOP("pread_1", 50000, pread(fd, b, 1, 0));
	LOOP("pread_4k", 20000, pread(fd, b, 4096, 4096));
	LOOP("fstat", 50000, fstat(fd, &st));
	close(fd);
	LOOP("open_close", 20000, close(open("/tmp/bench/file", O_RDONLY)));
	LOOP("stat", 20000, stat("/tmp/bench/file", &st));
	LOOP("stat_missing", 20000, stat("/tmp/bench/missing", &st));
	for (int i = 0; i < 16; i++) {
		strcat(deep, "/d");
		mkdir(deep, 0755);
	}
	LOOP("stat_deep_16", 10000, stat(deep, &st));
	if (wanted("file_create") || wanted("file_delete") ||
	    wanted("getdents_1000_entry"))
		create_delete();
	LOOP("file_cycle_10k", 1000, cycle(10240));
	if (wanted("file_write_64m") || wanted("file_read_64m"))
		bulk();
	if (wanted("par_file"))
		par_file();
	if (wanted("select_100") || wanted("poll_100"))
		polls();
}
