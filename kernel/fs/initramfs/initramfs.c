/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: cpio archives in the "newc" format (070701, 070702), several
 * one behind the other with zero bytes between, each plain or gzip, unpacked
 * into the root file system by process 1.
 *
 * The parser is fed with pieces of any size, so compressed archives are never
 * held unpacked: inflate's output goes straight in. Input that has been used
 * is handed to release() in whole pages, one piece behind the reader, so in a
 * small machine the archive makes room for its own contents.
 *
 * Archives are not trusted: every length is checked against what is allowed
 * before it is used; a damaged one ends the unpacking with what there is. A
 * file that cannot be made (no parent, no space) is passed over.
 *
 * Hard links: files with nlink > 1 are remembered by device and inode until
 * the trailer; contents come with any one of them. Times of directories are
 * set last, because making files in them changes these.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <core/log.h>
#include <dev/dev.h>
#include <lib/inflate.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/sched.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include <vfs/vfs.h>

#define CPIO_HEADER	110
#define PIECE		(128 * 1024)
#define TRAILER		"TRAILER!!!"

enum state { ST_START, ST_HEADER, ST_NAME, ST_DATA, ST_TARGET, ST_SKIP, ST_BAD };

struct seen {			/* a file with more than one name */
	struct seen *next;
	u32 ino, major, minor;
	char name[];
};

struct dir_time {
	struct dir_time *next;
	u32 mtime;
	char name[];
};

struct cpio {
	enum state state;
	u32 have;			/* bytes of header, name or target so far */
	u32 want;			/* of the present part */
	u64 left;			/* ST_DATA: bytes to come */
	u32 pad;			/* zero bytes behind the present part */
	u32 ino, mode, uid, gid, nlink, mtime, size, major, minor, rmajor,
	    rminor, namesize;
	struct file *f;
	loff_t pos;
	u32 archives, files;
	struct seen *seen;
	struct dir_time *dirs;
	u8 header[CPIO_HEADER];
	char name[PATH_MAX + 8];
	char target[PATH_MAX + 8];
};

/* -- the file system's side ---------------------------------------------- */

/* Creation obeys the umask and writing changes times, so this comes last. */
static void
set_attrs(struct cpio *c, const struct path *p, bool link)
{
	struct timespec64 t = { c->mtime, 0 };
	struct iattr a = { .valid = ATTR_UID | ATTR_GID | ATTR_ATIME |
		ATTR_MTIME | ATTR_ATIME_SET | ATTR_MTIME_SET, .uid = c->uid,
		.gid = c->gid, .mode = c->mode & S_IALLUGO, .atime = t,
		.mtime = t };

	if (!link)
		a.valid |= ATTR_MODE;
	(void)vfs_setattr(p, &a);
}

/* what is in the way of a name, unless it is a directory that may stay */
static void
clear_way(struct cpio *c)
{
	struct path p;
	mode_t m;

	if (path_lookup(AT_FDCWD, c->name, 0, &p))
		return;
	m = p.dentry->inode->mode;
	path_put(&p);
	if (S_ISDIR(m)) {
		if (!S_ISDIR(c->mode))
			(void)path_rmdir(AT_FDCWD, c->name);
	} else if (!S_ISREG(m) || !S_ISREG(c->mode) || c->nlink > 1) {
		(void)path_unlink(AT_FDCWD, c->name);
	}
}

/* path_create() of c->name, after making room when something is there */
static int
begin_create(struct cpio *c, u32 flags, struct path *parent, struct dentry **d)
{
	int err = path_create(AT_FDCWD, c->name, flags, parent, d);

	if (err != -EEXIST)
		return err;
	clear_way(c);
	return path_create(AT_FDCWD, c->name, flags, parent, d);
}

static void
end_create(struct cpio *c, int err, struct path *parent, struct dentry *d)
{
	struct path p = { .mnt = parent->mnt, .dentry = d };

	if (!err)
		path_get(&p);
	path_create_done(parent, d);
	if (!err) {
		set_attrs(c, &p, S_ISLNK(c->mode));
		path_put(&p);
	}
}

static void
make_dir(struct cpio *c)
{
	struct path p;
	struct dentry *d;
	struct dir_time *t;
	size_t n = strlen(c->name) + 1;
	int err = begin_create(c, LOOKUP_DIRECTORY, &p, &d);

	if (!err) {
		err = vfs_mkdir(p.dentry->inode, d, c->mode);
		end_create(c, err, &p, d);
	} else if (err == -EEXIST && !path_lookup(AT_FDCWD, c->name, 0, &p)) {
		set_attrs(c, &p, false);
		path_put(&p);
	}
	t = kmalloc(sizeof(*t) + n, GFP_KERNEL);
	if (!t)
		return;
	t->mtime = c->mtime;
	memcpy(t->name, c->name, n);
	t->next = c->dirs;
	c->dirs = t;
}

static void
make_special(struct cpio *c)
{
	struct path parent;
	struct dentry *d;
	int err;

	if (begin_create(c, 0, &parent, &d))
		return;
	err = vfs_mknod(parent.dentry->inode, d,
			c->mode & (S_IFMT | S_IALLUGO),
			MKDEV(c->rmajor & 0xfff, c->rminor & 0xfffff));
	end_create(c, err, &parent, d);
}

static void
make_symlink(struct cpio *c)
{
	struct path parent;
	struct dentry *d;
	int err;

	c->target[c->have] = 0;
	if (!c->target[0] || begin_create(c, 0, &parent, &d))
		return;
	err = vfs_symlink(parent.dentry->inode, d, c->target);
	end_create(c, err, &parent, d);
}

/* true when c->name was made a link to an earlier name of the same file */
static bool
make_link(struct cpio *c)
{
	struct path old, parent;
	struct dentry *d;
	struct seen *s;
	size_t n;
	int err;

	if (c->nlink < 2)
		return false;
	for (s = c->seen; s; s = s->next)
		if (s->ino == c->ino && s->major == c->major &&
		    s->minor == c->minor)
			break;
	if (!s) {
		n = strlen(c->name) + 1;
		s = kmalloc(sizeof(*s) + n, GFP_KERNEL);
		if (s) {
			s->ino = c->ino;
			s->major = c->major;
			s->minor = c->minor;
			memcpy(s->name, c->name, n);
			s->next = c->seen;
			c->seen = s;
		}
		return false;
	}
	if (path_lookup(AT_FDCWD, s->name, 0, &old))
		return false;
	err = path_create(AT_FDCWD, c->name, 0, &parent, &d);
	if (!err) {
		err = old.mnt == parent.mnt ? vfs_link(old.dentry,
				parent.dentry->inode, d) : -EXDEV;
		path_create_done(&parent, d);
	}
	path_put(&old);
	return !err;
}

static void
open_file(struct cpio *c)
{
	u32 flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_LARGEFILE;
	mode_t mode = c->mode & S_IALLUGO;
	bool linked = false;

	c->f = NULL;
	c->pos = 0;
	if (c->nlink > 1) {
		clear_way(c);
		linked = make_link(c);
		if (linked && !c->size)
			return;
	}
	if (!linked) {
		if (!vfs_open(AT_FDCWD, c->name, flags | O_EXCL, mode, &c->f))
			return;
		clear_way(c);
	}
	if (vfs_open(AT_FDCWD, c->name, flags | O_TRUNC, mode, &c->f))
		c->f = NULL;
}

static void
close_file(struct cpio *c)
{
	if (!c->f)
		return;
	set_attrs(c, &c->f->path, false);
	file_put(c->f);
	c->f = NULL;
}

static void
forget_links(struct cpio *c)
{
	struct seen *s;

	while ((s = c->seen)) {
		c->seen = s->next;
		kfree(s);
	}
}

static void
finish_dirs(struct cpio *c)
{
	struct dir_time *t;
	struct path p;

	while ((t = c->dirs)) {
		struct timespec64 ts = { t->mtime, 0 };
		struct iattr a = { .valid = ATTR_MTIME | ATTR_MTIME_SET |
			ATTR_ATIME | ATTR_ATIME_SET, .mtime = ts, .atime = ts };

		if (!path_lookup(AT_FDCWD, t->name, 0, &p)) {
			(void)vfs_setattr(&p, &a);
			path_put(&p);
		}
		c->dirs = t->next;
		kfree(t);
	}
}

/* -- the format ---------------------------------------------------------- */

static bool
hex8(const u8 *s, u32 *out)
{
	u32 v = 0;

	for (int i = 0; i < 8; i++) {
		u8 ch = s[i], d;

		if (ch >= '0' && ch <= '9')
			d = ch - '0';
		else if ((ch | 32) >= 'a' && (ch | 32) <= 'f')
			d = (ch | 32) - 'a' + 10;
		else
			return false;
		v = v << 4 | d;
	}
	*out = v;
	return true;
}

/* the header is there: its 13 numbers */
static enum state
parse_header(struct cpio *c)
{
	u32 *const fields[] = { &c->ino, &c->mode, &c->uid, &c->gid, &c->nlink,
		&c->mtime, &c->size, &c->major, &c->minor, &c->rmajor,
		&c->rminor, &c->namesize };

	if (memcmp(c->header, "07070", 5) ||
	    (c->header[5] != '1' && c->header[5] != '2'))
		return ST_BAD;
	for (unsigned int i = 0; i < ARRAY_SIZE(fields); i++)
		if (!hex8(c->header + 6 + 8 * i, fields[i]))
			return ST_BAD;
	if (c->namesize < 1 || c->namesize > PATH_MAX)
		return ST_BAD;
	c->have = 0;
	c->want = ALIGN_UP(CPIO_HEADER + c->namesize, 4U) - CPIO_HEADER;
	return ST_NAME;
}

/* the name is there: make what it names */
static enum state
start_entry(struct cpio *c)
{
	c->name[c->want] = 0;
	if (c->name[c->namesize - 1] ||
	    strlen(c->name) != c->namesize - 1)
		return ST_BAD;
	c->left = c->size;
	c->pad = -c->size & 3;
	if (!strcmp(c->name, TRAILER)) {
		forget_links(c);
		c->archives++;
		c->left += c->pad;
		return c->left ? ST_SKIP : ST_START;
	}
	c->files++;
	switch (c->mode & S_IFMT) {
	case S_IFREG:
		open_file(c);
		if (c->left)
			return ST_DATA;
		close_file(c);
		return ST_START;
	case S_IFLNK:
		if (!c->size || c->size >= PATH_MAX)
			break;
		c->have = 0;
		c->want = c->size;
		return ST_TARGET;
	case S_IFDIR:
		make_dir(c);
		break;
	case S_IFBLK:
	case S_IFCHR:
	case S_IFIFO:
	case S_IFSOCK:
		make_special(c);
		break;
	}
	c->left += c->pad;
	return c->left ? ST_SKIP : ST_START;
}

static size_t
gather(struct cpio *c, void *to, const u8 *p, size_t n)
{
	n = min_t(size_t, n, c->want - c->have);
	memcpy((u8 *)to + c->have, p, n);
	c->have += n;
	return n;
}

static size_t
take_data(struct cpio *c, const u8 *p, size_t n)
{
	n = min_t(u64, n, c->left);
	if (c->f && kernel_write(c->f, p, n, &c->pos) != (ssize_t)n) {
		log_warn(fs, "initramfs: no space for %s", c->name);
		close_file(c);
	}
	c->left -= n;
	if (!c->left) {
		close_file(c);
		c->left = c->pad;
		c->state = c->left ? ST_SKIP : ST_START;
	}
	return n;
}

/* feed n bytes; returns how many were used: less than n only when ST_BAD */
static size_t
cpio_feed(struct cpio *c, const u8 *p, size_t n)
{
	size_t used = 0, k;

	while (used < n && c->state != ST_BAD) {
		const u8 *q = p + used;
		size_t room = n - used;

		switch (c->state) {
		case ST_START:
			if (!*q) {		/* padding */
				used++;
				break;
			}
			if (*q != '0') {
				c->state = ST_BAD;
				break;
			}
			c->state = ST_HEADER;
			c->have = 0;
			c->want = CPIO_HEADER;
			break;
		case ST_HEADER:
			used += gather(c, c->header, q, room);
			if (c->have == c->want)
				c->state = parse_header(c);
			break;
		case ST_NAME:
			used += gather(c, c->name, q, room);
			if (c->have == c->want)
				c->state = start_entry(c);
			break;
		case ST_DATA:
			used += take_data(c, q, room);
			break;
		case ST_TARGET:
			used += gather(c, c->target, q, room);
			if (c->have == c->want) {
				make_symlink(c);
				c->left = c->pad;
				c->state = c->left ? ST_SKIP : ST_START;
			}
			break;
		case ST_SKIP:
			k = min_t(u64, room, c->left);
			used += k;
			c->left -= k;
			if (!c->left)
				c->state = ST_START;
			break;
		case ST_BAD:
			break;
		}
		cond_resched();
	}
	return used;
}

/* -- the input ----------------------------------------------------------- */

struct source {
	const u8 *start, *end;
	const u8 *next;			/* what the reader gets next */
	const u8 *freed;		/* up to here it was released */
	void (*release)(const void *p, size_t len);
	struct cpio *c;
};

/* give back whole pages before p */
static void
release_before(struct source *s, const u8 *p)
{
	const u8 *to = (const u8 *)ALIGN_DOWN((unsigned long)p, PAGE_SIZE);

	if (s->release && to > s->freed) {
		s->release(s->freed, to - s->freed);
		s->freed = to;
	}
}

static ssize_t
source_in(void *ctx, const u8 **buf)
{
	struct source *s = ctx;
	size_t n = min_t(size_t, s->end - s->next, PIECE);

	/* up to seven bytes of the piece before may be looked at again */
	if (s->next - s->start > PIECE)
		release_before(s, s->next - PIECE);
	*buf = s->next;
	s->next += n;
	return n;
}

static int
gzip_out(void *ctx, const u8 *p, size_t n)
{
	struct source *s = ctx;

	return cpio_feed(s->c, p, n) == n ? 0 : -EINVAL;
}

static int
unpack_gzip(struct source *s, const u8 **p)
{
	struct inflate *z = kvmalloc(sizeof(*z), GFP_KERNEL);
	const u8 *at;
	int err;

	if (!z)
		return -ENOMEM;
	s->next = *p;
	inflate_init(z, source_in, gzip_out, s);
	err = inflate_gzip_member(z);
	at = s->next - (z->end - z->next) - z->nbits / 8;
	*p = at;
	kvfree(z);
	return err;
}

static int
unpack_plain(struct source *s, const u8 **p)
{
	while (*p < s->end && s->c->state != ST_BAD) {
		size_t n = min_t(size_t, s->end - *p, PIECE);

		/* another kind of archive may follow this one */
		if (s->c->state == ST_START && **p && **p != '0')
			return 0;
		if (s->c->state == ST_START && !**p) {
			++*p;
			continue;
		}
		if (s->c->state == ST_START)
			n = min_t(size_t, n, CPIO_HEADER);
		else if (s->c->state == ST_HEADER || s->c->state == ST_NAME ||
			 s->c->state == ST_TARGET)
			n = min_t(size_t, n, s->c->want - s->c->have);
		else
			n = min_t(u64, n, s->c->left);
		*p += cpio_feed(s->c, *p, n);
		release_before(s, *p);
	}
	return s->c->state == ST_BAD ? -EINVAL : 0;
}

int
initramfs_unpack(const void *data, size_t len,
		 void (*release)(const void *p, size_t len))
{
	struct source s = { .start = data, .end = (const u8 *)data + len,
		.release = release };
	const u8 *p = data;
	struct cpio *c = kvmalloc(sizeof(*c), GFP_KERNEL);
	int err = 0;

	if (!c)
		return -ENOMEM;
	memset(c, 0, sizeof(*c));
	s.c = c;
	s.freed = (const u8 *)ALIGN_UP((unsigned long)data, PAGE_SIZE);
	while (p < s.end && !err) {
		c->state = ST_START;
		if (!*p) {
			p++;
			continue;
		}
		if (s.end - p >= 2 && p[0] == 0x1f && p[1] == 0x8b)
			err = unpack_gzip(&s, &p);
		else if (*p == '0')
			err = unpack_plain(&s, &p);
		else
			err = -EINVAL;
		if (!err && c->state != ST_START)
			err = -EINVAL;		/* cut short */
		close_file(c);
	}
	/* rubbish behind a whole archive does no harm */
	if (err == -EINVAL && c->archives && c->state == ST_START) {
		log_warn(fs, "initramfs: %lu bytes of rubbish at the end",
			 (unsigned long)(s.end - p));
		err = 0;
	}
	forget_links(c);
	finish_dirs(c);
	log_debug(fs, "initramfs: %u files in %u archives", c->files,
		  c->archives);
	kvfree(c);
	return err;
}
