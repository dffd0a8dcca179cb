/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: cpio archives ("newc", with or without checksums), plain or
 * gzip'ed, any number of them one after the other with zero bytes between,
 * unpacked into the root file system. cpio(5), and the "buffer format" of
 * Linux's initramfs.
 *
 * Bytes arrive in pieces (from the decompressor, or as one piece), so the
 * unpacker is a state machine: it gathers a header, then a name, then a
 * body, skipping to 4-byte alignment in between. Nothing of the archive is
 * believed: sizes are bounded, names are looked up like a user's, and what
 * cannot be made is reported once and skipped. Hard links share c_ino with
 * their first name, which is remembered until the archive ends.
 *
 * Context: T, process 1 as root.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/stat.h>
#include <core/log.h>
#include <dev/dev.h>
#include <lib/inflate.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/task.h>
#include <vfs/file.h>
#include <vfs/namei.h>
#include <vfs/vfs.h>

#define CPIO_HEADER	110
#define LINK_BUCKETS	32

enum state { ST_HEADER, ST_NAME, ST_BODY, ST_SYMLINK, ST_SKIP, ST_PADDING };

struct seen {			/* first name of a file with several links */
	struct seen *next;
	u64 ino, dev_major, dev_minor;
	char name[];
};

struct unpacker {
	enum state state;
	u64 offset;		/* in the archive: for alignment */
	size_t want, have;	/* of what is gathered now */
	char header[CPIO_HEADER + 1];
	char *name, *link;	/* PATH_MAX each */
	u64 ino, mode, uid, gid, nlink, mtime, size, dev_major, dev_minor,
	    rdev_major, rdev_minor, name_len;
	u64 left;		/* of the body */
	u64 skip;
	struct file *file;
	loff_t pos;
	struct seen *links[LINK_BUCKETS];
	u32 errors;
	const char *what;	/* fatal: why the rest is not read */
};

/* ---- header ---- */

static bool
hex_field(const char *h, int i, u64 *out)
{
	*out = 0;
	for (int k = 0; k < 8; k++) {
		char c = h[6 + i * 8 + k];
		int d = c >= '0' && c <= '9' ? c - '0' :
			c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (d < 0)
			return false;
		*out = *out << 4 | d;
	}
	return true;
}

static int
header_parse(struct unpacker *u)
{
	u64 *const f[] = { &u->ino, &u->mode, &u->uid, &u->gid, &u->nlink,
		&u->mtime, &u->size, &u->dev_major, &u->dev_minor,
		&u->rdev_major, &u->rdev_minor, &u->name_len };

	if (memcmp(u->header, "07070", 5) ||
	    (u->header[5] != '1' && u->header[5] != '2')) {
		u->what = memcmp(u->header, "070707", 6) ? "no cpio magic" :
			"old cpio format, use newc";
		return -EINVAL;
	}
	for (int i = 0; i < (int)ARRAY_SIZE(f); i++)
		if (!hex_field(u->header, i, f[i])) {
			u->what = "header is not hexadecimal";
			return -EINVAL;
		}
	if (!u->name_len || u->name_len > PATH_MAX) {
		u->what = "bad name length";
		return -EINVAL;
	}
	return 0;
}

/* ---- making things ---- */

static void
failed(struct unpacker *u, const char *what, int err)
{
	if (u->errors++ < 8)
		log_warn(fs, "initramfs: cannot make %s %s (error %d)", what,
			 u->name, -err);
}

static void
set_attributes(struct unpacker *u, const struct path *p)
{
	struct iattr a = {
		.valid = ATTR_UID | ATTR_GID | ATTR_ATIME | ATTR_MTIME |
			ATTR_ATIME_SET | ATTR_MTIME_SET,
		.uid = u->uid, .gid = u->gid,
		.atime = { u->mtime, 0 }, .mtime = { u->mtime, 0 },
	};
	int r = vfs_setattr(p, &a);

	if (r)
		failed(u, "owner of", r);
	if (S_ISLNK(u->mode))
		return;
	/* after the owner: changing that clears set-id bits */
	a.valid = ATTR_MODE;
	a.mode = u->mode & 07777;
	r = vfs_setattr(p, &a);
	if (r)
		failed(u, "mode of", r);
}

/* What has the name already and is not a directory goes. */
static void
clear_name(struct unpacker *u)
{
	struct path p, parent;
	struct dentry *d;

	if (path_lookup(AT_FDCWD, u->name, 0, &p))
		return;
	if (!S_ISDIR(p.dentry->inode->mode) &&
	    !path_lookup_at(&p, "", LOOKUP_EMPTY, &parent)) {
		path_put(&parent);
		d = p.dentry->parent;
		rwsem_write_lock(&d->inode->rwsem);
		(void)vfs_unlink(d->inode, p.dentry);
		rwsem_write_unlock(&d->inode->rwsem);
	}
	path_put(&p);
}

static int
make_node(struct unpacker *u, const char *target)
{
	struct path parent, p;
	struct dentry *d;
	struct inode *dir;
	mode_t mode = u->mode & ~(mode_t)06000;
	int r;

	r = path_create(AT_FDCWD, u->name, S_ISDIR(u->mode) ?
			LOOKUP_DIRECTORY : 0, &parent, &d);
	if (r == -EEXIST && S_ISDIR(u->mode)) {
		r = path_lookup(AT_FDCWD, u->name, LOOKUP_FOLLOW, &p);
		if (!r)
			goto attributes;
	}
	if (r)
		return r;
	dir = parent.dentry->inode;
	if (S_ISDIR(u->mode))
		r = vfs_mkdir(dir, d, mode & 07777);
	else if (S_ISLNK(u->mode))
		r = vfs_symlink(dir, d, target);
	else
		r = vfs_mknod(dir, d, mode,
			      MKDEV(u->rdev_major, u->rdev_minor));
	path_create_done(&parent, d);
	if (!r)
		r = path_lookup(AT_FDCWD, u->name, 0, &p);
	if (r)
		return r;
attributes:
	set_attributes(u, &p);
	path_put(&p);
	return 0;
}

/* ---- hard links ---- */

static struct seen **
link_slot(struct unpacker *u)
{
	struct seen **s = &u->links[(u->ino + u->dev_minor) % LINK_BUCKETS];

	while (*s && ((*s)->ino != u->ino ||
		      (*s)->dev_major != u->dev_major ||
		      (*s)->dev_minor != u->dev_minor))
		s = &(*s)->next;
	return s;
}

static void
links_free(struct unpacker *u)
{
	for (int i = 0; i < LINK_BUCKETS; i++)
		while (u->links[i]) {
			struct seen *s = u->links[i];

			u->links[i] = s->next;
			kfree(s);
		}
}

/* True when the name was made as a link to an earlier one. */
static bool
try_link(struct unpacker *u)
{
	struct seen **slot, *s;
	struct path old, parent;
	struct dentry *d;
	size_t len;
	int r;

	if (u->nlink < 2 || S_ISDIR(u->mode))
		return false;
	slot = link_slot(u);
	if (!*slot) {
		len = strlen(u->name) + 1;
		s = kmalloc(sizeof(*s) + len, GFP_KERNEL);
		if (!s)
			return false;
		*s = (struct seen){ NULL, u->ino, u->dev_major, u->dev_minor };
		memcpy(s->name, u->name, len);
		*slot = s;
		return false;
	}
	r = path_lookup(AT_FDCWD, (*slot)->name, 0, &old);
	if (r)
		return false;
	clear_name(u);
	r = path_create(AT_FDCWD, u->name, 0, &parent, &d);
	if (!r) {
		r = vfs_link(old.dentry, parent.dentry->inode, d);
		path_create_done(&parent, d);
	}
	path_put(&old);
	if (r)
		failed(u, "link", r);
	return true;
}

/* ---- one entry ---- */

/* The name is there: make it, or open it for the body. */
static void
entry_begin(struct unpacker *u)
{
	bool linked;
	int r;

	u->left = u->size;
	if (!strcmp(u->name, "TRAILER!!!")) {
		links_free(u);
		u->state = ST_PADDING;
		return;
	}
	if (S_ISLNK(u->mode)) {
		if (u->size && u->size < PATH_MAX) {
			u->state = ST_SYMLINK;
			u->want = u->size;
			u->have = 0;
			return;
		}
		failed(u, "symlink", -ENAMETOOLONG);
		u->state = ST_BODY;
		return;
	}
	u->state = ST_BODY;
	linked = try_link(u);
	if (S_ISREG(u->mode)) {
		/* the body may come with any of the names, mostly the last */
		if (linked && !u->size)
			return;
		if (!linked)
			clear_name(u);
		u->pos = 0;
		r = vfs_open(AT_FDCWD, u->name, O_WRONLY | O_CREAT | O_TRUNC |
			     O_LARGEFILE, u->mode & 0777, &u->file);
		if (r) {
			u->file = NULL;
			failed(u, "file", r);
		}
		return;
	}
	if (linked)
		return;
	if (!S_ISDIR(u->mode))
		clear_name(u);
	r = make_node(u, NULL);
	if (r)
		failed(u, S_ISDIR(u->mode) ? "directory" : "node", r);
}

static void
entry_end(struct unpacker *u)
{
	int r;

	if (u->state == ST_SYMLINK) {
		u->link[u->size] = '\0';
		clear_name(u);
		r = make_node(u, u->link);
		if (r)
			failed(u, "symlink", r);
	} else if (u->file) {
		set_attributes(u, &u->file->path);
		file_put(u->file);
		u->file = NULL;
	}
	u->skip = -u->offset & 3;
	u->state = ST_SKIP;
}

/* ---- the stream ---- */

/* Gather up to want bytes at to; true when complete. */
static bool
gather(struct unpacker *u, char *to, const u8 **p, size_t *n)
{
	size_t k = min(*n, u->want - u->have);

	memcpy(to + u->have, *p, k);
	u->have += k;
	u->offset += k;
	*p += k;
	*n -= k;
	return u->have == u->want;
}

static void
expect_header(struct unpacker *u)
{
	u->state = ST_HEADER;
	u->want = CPIO_HEADER;
	u->have = 0;
}

static void
body(struct unpacker *u, const u8 **p, size_t *n)
{
	size_t k = min_t(u64, *n, u->left);

	if (u->file && k) {
		ssize_t w = kernel_write(u->file, *p, k, &u->pos);

		if (w != (ssize_t)k) {
			failed(u, "contents of", w < 0 ? w : -ENOSPC);
			file_put(u->file);
			u->file = NULL;
		}
	}
	u->offset += k;
	u->left -= k;
	*p += k;
	*n -= k;
}

static int
feed(void *ctx, const u8 *p, size_t n)
{
	struct unpacker *u = ctx;
	size_t k;

	while (n) {
		switch (u->state) {
		case ST_PADDING:	/* between archives */
			if (!*p) {
				p++;
				n--;
				break;
			}
			u->offset = 0;
			expect_header(u);
			break;
		case ST_HEADER:
			if (!gather(u, u->header, &p, &n))
				break;
			if (header_parse(u))
				return -EINVAL;
			u->state = ST_NAME;
			u->want = u->name_len;
			u->have = 0;
			break;
		case ST_NAME:
			if (!gather(u, u->name, &p, &n))
				break;
			if (u->name[u->name_len - 1]) {
				u->what = "name does not end";
				return -EINVAL;
			}
			u->skip = -u->offset & 3;
			u->left = U64_MAX;	/* body not begun */
			u->state = ST_SKIP;
			break;
		case ST_SKIP:
			k = min_t(u64, n, u->skip);
			u->skip -= k;
			u->offset += k;
			p += k;
			n -= k;
			break;
		case ST_BODY:
			body(u, &p, &n);
			break;
		case ST_SYMLINK:
			if (gather(u, u->link, &p, &n))
				u->left = 0;
			break;
		}
		/* transitions that need no input */
		if (u->state == ST_SKIP && !u->skip) {
			if (u->left == U64_MAX)
				entry_begin(u);
			else
				expect_header(u);
		}
		if ((u->state == ST_BODY || u->state == ST_SYMLINK) && !u->left) {
			entry_end(u);
			if (!u->skip)
				expect_header(u);
		}
	}
	cond_resched();
	return 0;
}

/* All archives in [p, p+len): each plain or gzip'ed. */
static int
unpack_all(struct unpacker *u, struct inflate *z, const u8 *p, size_t len)
{
	size_t used;
	int r;

	while (len) {
		if (!*p) {
			p++;
			len--;
			continue;
		}
		if (len > 2 && p[0] == 0x1f && p[1] == 0x8b) {
			r = inflate_gzip_buf(z, p, len, &used, feed, u);
			if (r) {
				if (!u->what)
					u->what = "bad gzip data";
				return r;
			}
			p += used;
			len -= used;
			continue;
		}
		if (*p != '0') {
			u->what = "unknown compression or junk";
			return -EINVAL;
		}
		/* plain: up to a gzip header or the end; records tell where */
		r = feed(u, p, 1);
		if (r)
			return r;
		p++;
		len--;
		while (len && u->state != ST_PADDING) {
			size_t k = u->state == ST_BODY ?
				min_t(u64, len, max(u->left, 1UL)) : 1;

			r = feed(u, p, k);
			if (r)
				return r;
			p += k;
			len -= k;
		}
	}
	if (u->state != ST_PADDING) {
		u->what = "it ends in the middle";
		return -EINVAL;
	}
	return 0;
}

int
initramfs_unpack(const void *p, size_t len,
		 void (*release)(const void *p, size_t len))
{
	struct unpacker *u = kzalloc(sizeof(*u), GFP_KERNEL);
	struct inflate *z = kvmalloc(sizeof(*z), GFP_KERNEL);
	mode_t umask = current->fs->umask;
	int r = -ENOMEM;

	if (!u || !z)
		goto out;
	u->name = kmalloc(PATH_MAX, GFP_KERNEL);
	u->link = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!u->name || !u->link)
		goto out;
	u->state = ST_PADDING;
	current->fs->umask = 0;
	r = unpack_all(u, z, p, len);
	current->fs->umask = umask;
	if (r)
		log_err(fs, "initramfs: %s", u->what ? u->what : "unreadable");
	if (u->file)
		file_put(u->file);
	links_free(u);
	if (release)
		release(p, len);
out:
	if (u) {
		kfree(u->name);
		kfree(u->link);
	}
	kfree(u);
	kvfree(z);
	return r;
}
