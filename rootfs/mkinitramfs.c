/* SPDX-License-Identifier: MIT */
/*
 * mkinitramfs - write a newc cpio archive from a manifest.
 *
 * Runs on the build machine, without privileges: owners, modes, device nodes
 * and times come from the manifest and the command line, never from the file
 * system, so the archive is a function of its inputs alone. Entries are
 * sorted by path (a directory thus stands before what is in it), inode
 * numbers count from 1, every time is the given epoch.
 *
 *   mkinitramfs [-t EPOCH] [-I DIR]... [-O DIR]... [-d] [-o FILE] MANIFEST...
 *
 * -I adds a directory in which `file' sources are looked up, in order; -O
 * lays a directory tree over the result (owner root, its own permissions),
 * replacing entries of the same path; -d prints the source files, one per
 * line, instead of writing the archive (make uses it for dependencies).
 *
 * A manifest line, # begins a comment:
 *   dir   PATH MODE UID GID
 *   file  PATH SOURCE MODE UID GID
 *   slink PATH TARGET
 *   nod   PATH MODE UID GID c|b MAJOR MINOR
 *   pipe  PATH MODE UID GID
 * Missing parent directories are made, 0755 root. Naming a path twice is an
 * error. Limits: paths below 4096 bytes, sizes below 4 GiB (newc's fields).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN	4096
#define MAX_DIRS	32

struct entry {
	char		*path;		/* without the leading slash */
	char		*source;	/* file to copy, or target of a slink */
	uint32_t	mode;		/* type and permissions */
	uint32_t	uid, gid;
	uint32_t	rmajor, rminor;
	int		from_overlay;
};

static struct entry *entries;
static size_t nr_entries, max_entries;
static const char *include_dirs[MAX_DIRS];
static int nr_include_dirs;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("mkinitramfs: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *
check(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

static char *
join(const char *dir, const char *name)
{
	char *s;

	if (asprintf(&s, "%s/%s", dir, name) < 0)
		die("out of memory");
	return s;
}

static struct entry *
entry_add(const char *path, uint32_t mode, uint32_t uid, uint32_t gid)
{
	struct entry *e;

	while (*path == '/')
		path++;
	if (*path == '\0' || strlen(path) >= PATH_LEN)
		die("bad path '%s'", path);
	if (nr_entries == max_entries) {
		max_entries = max_entries ? 2 * max_entries : 1024;
		entries = check(realloc(entries,
					max_entries * sizeof(*entries)));
	}
	e = &entries[nr_entries++];
	memset(e, 0, sizeof(*e));
	e->path = check(strdup(path));
	e->mode = mode;
	e->uid = uid;
	e->gid = gid;
	return e;
}

/* The first include directory that has @name; @name itself when absolute. */
static char *
source_find(const char *name)
{
	char *s;
	int i;

	if (*name == '/')
		return check(strdup(name));
	for (i = 0; i < nr_include_dirs; i++) {
		s = join(include_dirs[i], name);
		if (access(s, R_OK) == 0)
			return s;
		free(s);
	}
	die("no source file '%s'", name);
}

static void
manifest_read(const char *name)
{
	char line[3 * PATH_LEN], path[PATH_LEN], arg[PATH_LEN], type[16];
	unsigned mode, uid, gid, ma, mi, nr = 0;
	struct entry *e;
	char kind;
	FILE *f;

	f = fopen(name, "r");
	if (f == NULL)
		die("%s: %s", name, strerror(errno));
	while (fgets(line, sizeof(line), f) != NULL) {
		nr++;
		if (sscanf(line, "%15s", type) != 1 || type[0] == '#')
			continue;
		if (!strcmp(type, "dir") &&
		    sscanf(line, "%*s %4095s %o %u %u", path, &mode, &uid,
			   &gid) == 4) {
			entry_add(path, S_IFDIR | mode, uid, gid);
		} else if (!strcmp(type, "file") &&
			   sscanf(line, "%*s %4095s %4095s %o %u %u", path, arg,
				  &mode, &uid, &gid) == 5) {
			e = entry_add(path, S_IFREG | mode, uid, gid);
			e->source = source_find(arg);
		} else if (!strcmp(type, "slink") &&
			   sscanf(line, "%*s %4095s %4095s", path, arg) == 2) {
			e = entry_add(path, S_IFLNK | 0777, 0, 0);
			e->source = check(strdup(arg));
		} else if (!strcmp(type, "nod") &&
			   sscanf(line, "%*s %4095s %o %u %u %c %u %u", path,
				  &mode, &uid, &gid, &kind, &ma, &mi) == 7 &&
			   (kind == 'c' || kind == 'b')) {
			e = entry_add(path, (kind == 'c' ? S_IFCHR : S_IFBLK) |
				      mode, uid, gid);
			e->rmajor = ma;
			e->rminor = mi;
		} else if (!strcmp(type, "pipe") &&
			   sscanf(line, "%*s %4095s %o %u %u", path, &mode,
				  &uid, &gid) == 4) {
			entry_add(path, S_IFIFO | mode, uid, gid);
		} else {
			die("%s:%u: not a manifest line", name, nr);
		}
	}
	if (ferror(f))
		die("%s: %s", name, strerror(errno));
	fclose(f);
}

static void
overlay_read(const char *root, const char *sub)
{
	char *dir = *sub ? join(root, sub) : check(strdup(root));
	char *path, *full, target[PATH_LEN];
	struct dirent *d;
	struct entry *e;
	struct stat st;
	ssize_t n;
	DIR *h;

	h = opendir(dir);
	if (h == NULL)
		die("%s: %s", dir, strerror(errno));
	while ((d = readdir(h)) != NULL) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		path = *sub ? join(sub, d->d_name) : check(strdup(d->d_name));
		full = join(root, path);
		if (lstat(full, &st) != 0)
			die("%s: %s", full, strerror(errno));
		if (S_ISSOCK(st.st_mode))
			die("%s: a socket cannot be archived", full);
		e = entry_add(path, st.st_mode, 0, 0);
		e->from_overlay = 1;
		if (S_ISREG(st.st_mode)) {
			e->source = check(strdup(full));
		} else if (S_ISLNK(st.st_mode)) {
			n = readlink(full, target, sizeof(target) - 1);
			if (n < 0)
				die("%s: %s", full, strerror(errno));
			target[n] = '\0';
			e->source = check(strdup(target));
		} else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
			e->rmajor = (st.st_rdev >> 8) & 0xfff;
			e->rminor = (st.st_rdev & 0xff) |
				    ((st.st_rdev >> 12) & 0xfff00);
		} else if (S_ISDIR(st.st_mode)) {
			overlay_read(root, path);
		}
		free(path);
		free(full);
	}
	closedir(h);
	free(dir);
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c ? c : x->from_overlay - y->from_overlay;
}

/* Sort, let the overlay win, refuse other duplicates. */
static void
entries_sort(void)
{
	size_t i, n = 0;

	qsort(entries, nr_entries, sizeof(*entries), entry_cmp);
	for (i = 0; i < nr_entries; i++) {
		if (n > 0 && !strcmp(entries[n - 1].path, entries[i].path)) {
			if (!entries[i].from_overlay)
				die("/%s is named twice", entries[i].path);
			if (S_ISDIR(entries[n - 1].mode) !=
			    S_ISDIR(entries[i].mode))
				die("/%s: the overlay exchanges a directory "
				    "and a file", entries[i].path);
			/* a directory's owner and mode stay the manifest's */
			if (!S_ISDIR(entries[i].mode))
				entries[n - 1] = entries[i];
			continue;
		}
		entries[n++] = entries[i];
	}
	nr_entries = n;
}

static int
entry_exists(const char *path, size_t upto)
{
	size_t lo = 0, hi = upto, mid;
	int c;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		c = strcmp(entries[mid].path, path);
		if (c == 0)
			return 1;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

static void
parents_add(void)
{
	size_t i, j, sorted = nr_entries;
	char dir[PATH_LEN], *p;
	int known;

	for (i = 0; i < sorted; i++) {
		strcpy(dir, entries[i].path);
		while ((p = strrchr(dir, '/')) != NULL) {
			*p = '\0';
			known = entry_exists(dir, sorted);
			for (j = sorted; j < nr_entries && !known; j++)
				known = !strcmp(entries[j].path, dir);
			if (known)
				break;
			entry_add(dir, S_IFDIR | 0755, 0, 0);
		}
	}
	entries_sort();
}

static uint64_t written;

static void
out(const void *p, size_t n)
{
	if (n != 0 && fwrite(p, 1, n, stdout) != n)
		die("write: %s", strerror(errno));
	written += n;
}

static void
pad(unsigned align)
{
	static const char zero[512];

	out(zero, (align - written % align) % align);
}

static void
header(uint32_t ino, const struct entry *e, uint32_t nlink, uint32_t mtime,
       uint32_t size)
{
	char h[111];

	snprintf(h, sizeof(h),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 ino, e->mode, e->uid, e->gid, nlink, mtime, size, 0, 0,
		 e->rmajor, e->rminor, (unsigned)strlen(e->path) + 1, 0);
	out(h, 110);
	out(e->path, strlen(e->path) + 1);
	pad(4);
}

static void
file_write(uint32_t ino, const struct entry *e, uint32_t mtime)
{
	static char buf[65536];
	uint64_t size = 0;
	size_t n;
	FILE *f;

	f = fopen(e->source, "rb");
	if (f == NULL)
		die("%s: %s", e->source, strerror(errno));
	/* the size is what is read, not what a stat a moment ago said */
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		size += n;
	if (ferror(f))
		die("%s: %s", e->source, strerror(errno));
	if (size > UINT32_MAX)
		die("%s: too big for a newc archive", e->source);
	rewind(f);
	header(ino, e, 1, mtime, (uint32_t)size);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		if (n > size)
			die("%s: grew while it was read", e->source);
		out(buf, n);
		size -= n;
	}
	if (size != 0)
		die("%s: shrank while it was read", e->source);
	fclose(f);
	pad(4);
}

static void
archive_write(uint32_t mtime)
{
	struct entry trailer = { .path = "TRAILER!!!" };
	size_t i;

	for (i = 0; i < nr_entries; i++) {
		const struct entry *e = &entries[i];
		uint32_t ino = (uint32_t)i + 1;

		if (S_ISREG(e->mode)) {
			file_write(ino, e, mtime);
		} else if (S_ISLNK(e->mode)) {
			header(ino, e, 1, mtime, (uint32_t)strlen(e->source));
			out(e->source, strlen(e->source));
			pad(4);
		} else {
			header(ino, e, S_ISDIR(e->mode) ? 2 : 1, mtime, 0);
		}
	}
	header(0, &trailer, 1, 0, 0);
	pad(512);
	if (fflush(stdout) != 0)
		die("write: %s", strerror(errno));
}

int
main(int argc, char **argv)
{
	unsigned long long epoch = 0;
	int c, list = 0, nr_overlays = 0;
	const char *overlays[MAX_DIRS];
	size_t n;
	char *end;

	while ((c = getopt(argc, argv, "t:I:O:do:")) != -1) {
		switch (c) {
		case 't':
			epoch = strtoull(optarg, &end, 10);
			if (*optarg == '\0' || *end != '\0' ||
			    epoch > UINT32_MAX)
				die("bad time '%s'", optarg);
			break;
		case 'I':
			if (nr_include_dirs == MAX_DIRS)
				die("too many -I");
			include_dirs[nr_include_dirs++] = optarg;
			break;
		case 'O':
			if (nr_overlays == MAX_DIRS)
				die("too many -O");
			overlays[nr_overlays++] = optarg;
			break;
		case 'd':
			list = 1;
			break;
		case 'o':
			if (freopen(optarg, "wb", stdout) == NULL)
				die("%s: %s", optarg, strerror(errno));
			break;
		default:
			die("usage: mkinitramfs [-t EPOCH] [-I DIR]... "
			    "[-O DIR]... [-d] [-o FILE] MANIFEST...");
		}
	}
	if (optind == argc)
		die("no manifest given");
	for (; optind < argc; optind++)
		manifest_read(argv[optind]);
	entries_sort();
	for (c = 0; c < nr_overlays; c++) {
		overlay_read(overlays[c], "");
		entries_sort();
		/* a later overlay may replace what an earlier one brought */
		for (n = 0; n < nr_entries; n++)
			entries[n].from_overlay = 0;
	}
	parents_add();
	if (list) {
		for (n = 0; n < nr_entries; n++) {
			if (S_ISREG(entries[n].mode))
				puts(entries[n].source);
		}
		return 0;
	}
	archive_write((uint32_t)epoch);
	return 0;
}
