/* SPDX-License-Identifier: MIT */
/*
 * The file system of binfmt_misc: `register' takes a registration, `status'
 * shows and takes 0, 1 (off, on) and -1 (remove all), and so does each entry's
 * own file for itself. One instance for all mounts, mounted by habit on
 * /proc/sys/fs/binfmt_misc; it stays, mounted or not, while there are entries.
 *
 * Locking: names by the directory's lock, taken without misc_lock; an entry is
 * in the list last and out of it first, and who takes it out removes its name.
 */
#include <abi/errno.h>
#include <abi/statfs.h>
#include <fs/procfs.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/iov_iter.h>
#include <mm/slab.h>
#include <task/cred.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include "binfmt_misc.h"

#define MISC_ENTRIES_MAX	1024
#define TEXT_MAX		(2 * MISC_LINE_MAX + 2 * 2 * EXEC_BUF_SIZE)

static const struct inode_ops file_iops;	/* all generic */

static struct inode *
file_inode(struct super_block *sb, mode_t mode, const struct file_ops *fop,
	   void *private)
{
	struct inode *i = inode_new(sb);

	if (!i)
		return NULL;
	i->mode = S_IFREG | mode;
	i->op = &file_iops;
	i->fop = fop;
	i->private = private;
	return i;
}

static ssize_t
text_read(struct iov_iter *to, loff_t *pos, const char *s, size_t len)
{
	size_t n;

	if ((u64)*pos >= len || !to->count)
		return 0;
	n = copy_to_iter(s + *pos, min(len - (size_t)*pos, to->count), to);
	*pos += n;
	return n ? (ssize_t)n : -EFAULT;
}

/* '0', '1', or 'r' for -1, a newline allowed; 0: nothing; -errno */
static int
command(struct iov_iter *from)
{
	size_t len = from->count;
	char s[3];

	if (len > sizeof(s))
		return -EINVAL;
	if (copy_from_iter_full(s, len, from))
		return -EFAULT;
	if (!len)
		return 0;
	if (s[len - 1] == '\n')
		len--;
	if (len == 1 && (s[0] == '0' || s[0] == '1'))
		return s[0];
	if (len == 2 && s[0] == '-' && s[1] == '1')
		return 'r';
	return -EINVAL;
}

/* -- entries ------------------------------------------------------------- */

/* true: the caller is the one that takes it out */
static bool
unlist(struct misc_entry *e)
{
	if (e->dead)
		return false;
	e->dead = true;
	if (!e->dentry)		/* being registered; see there */
		return false;
	list_del(&e->link);
	misc_nr--;
	return true;
}

static void
remove_entry(struct misc_entry *e)
{
	struct super_block *sb = e->sb;
	bool mine;

	rwsem_write_lock(&misc_lock);
	mine = unlist(e);
	rwsem_write_unlock(&misc_lock);
	if (!mine)
		return;
	simple_remove(e->dentry);
	misc_entry_put(e);
	super_put(sb);
}

static void
remove_all(void)
{
	struct misc_entry *e;

	for (;;) {
		rwsem_read_lock(&misc_lock);
		e = list_first_entry_or_null(&misc_entries, struct misc_entry,
					     link);
		if (e)
			refcount_get(&e->count);
		rwsem_read_unlock(&misc_lock);
		if (!e)
			return;
		remove_entry(e);
		misc_entry_put(e);
	}
}

static size_t
put_hex(char *s, size_t room, const char *what, const u8 *p, u32 n)
{
	size_t len = scnprintf(s, room, "%s ", what);

	for (u32 i = 0; i < n; i++)
		len += scnprintf(s + len, room - len, "%02x", p[i]);
	return len + scnprintf(s + len, room - len, "\n");
}

static size_t
entry_text(const struct misc_entry *e, char *s, size_t room)
{
	const struct misc_spec *p = &e->spec;
	size_t n;

	n = scnprintf(s, room, "%s\ninterpreter %s\nflags: %s%s%s%s\n",
		      READ_ONCE(e->enabled) ? "enabled" : "disabled",
		      p->interp, p->flags & MISC_ARGV0 ? "P" : "",
		      p->flags & MISC_OPEN ? "O" : "",
		      p->flags & MISC_CRED ? "C" : "",
		      p->flags & MISC_FIXED ? "F" : "");
	if (!(p->flags & MISC_MAGIC))
		return n + scnprintf(s + n, room - n, "extension .%s\n",
				     (const char *)p->magic);
	n += scnprintf(s + n, room - n, "offset %u\n", p->offset);
	n += put_hex(s + n, room - n, "magic", p->magic, p->size);
	if (p->mask)
		n += put_hex(s + n, room - n, "mask", p->mask, p->size);
	return n;
}

static ssize_t
entry_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	char *s = kmalloc(TEXT_MAX, GFP_KERNEL);
	ssize_t n;

	if (!s)
		return -ENOMEM;
	n = text_read(to, pos, s, entry_text(f->inode->private, s, TEXT_MAX));
	kfree(s);
	return n;
}

static ssize_t
entry_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct misc_entry *e = f->inode->private;
	size_t len = from->count;
	int r = command(from);

	if (r < 0)
		return r;
	if (r == 'r')
		remove_entry(e);
	else if (r)
		WRITE_ONCE(e->enabled, r == '1');
	return len;
}

static const struct file_ops entry_fops = {
	.read_iter = entry_read,
	.write_iter = entry_write,
	.llseek = generic_llseek,
};

/* -- register ------------------------------------------------------------ */

static int
entry_parse(struct iov_iter *from, struct misc_entry **out)
{
	size_t len = from->count;
	struct misc_entry *e;
	int r;

	if (len > MISC_LINE_MAX)
		return -EINVAL;
	e = kzalloc(sizeof(*e) + len + 1, GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	refcount_set(&e->count, 1);
	e->enabled = true;
	r = copy_from_iter_full(e->line, len, from) ? -EFAULT :
		misc_parse(e->line, len, &e->spec);
	if (!r && e->spec.flags & MISC_FIXED)
		r = exec_open(e->spec.interp, &e->file);
	if (r)
		misc_entry_put(e);
	else
		*out = e;
	return r;
}

/* its name, then the list; the reference of the caller becomes the list's */
static int
entry_add(struct super_block *sb, struct misc_entry *e)
{
	struct inode *i = file_inode(sb, 0644, &entry_fops, e);
	struct dentry *d;
	bool dead;
	int r;

	if (!i)
		return -ENOMEM;
	refcount_get(&e->count);	/* the inode's */
	r = simple_add(sb->root, e->spec.name, i, &d);
	if (r)
		return r;
	rwsem_write_lock(&misc_lock);
	dead = e->dead || misc_nr >= MISC_ENTRIES_MAX;
	if (e->dead)
		r = 0;			/* removed by who saw the name */
	else if (dead)
		r = -ENOSPC;
	e->dead |= dead;
	if (!dead) {
		refcount_get(&sb->count);
		e->sb = sb;
		e->dentry = d;
		list_add(&e->link, &misc_entries);
		refcount_get(&e->count);
		WRITE_ONCE(misc_nr, misc_nr + 1);
	}
	rwsem_write_unlock(&misc_lock);
	if (dead)
		simple_remove(d);
	return r;
}

static ssize_t
register_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	size_t len = from->count;
	struct misc_entry *e;
	int r = entry_parse(from, &e);

	if (r)
		return r;
	r = entry_add(f->inode->sb, e);
	misc_entry_put(e);
	return r ? r : (ssize_t)len;
}

static const struct file_ops register_fops = {
	.write_iter = register_write,
	.llseek = no_llseek,
	.flags = FOP_NOLLSEEK,
};

/* -- status -------------------------------------------------------------- */

static ssize_t
status_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	const char *s = READ_ONCE(misc_enabled) ? "enabled\n" : "disabled\n";

	return text_read(to, pos, s, strlen(s));
}

static ssize_t
status_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	size_t len = from->count;
	int r = command(from);

	if (r < 0)
		return r;
	if (r == 'r')
		remove_all();
	else if (r)
		WRITE_ONCE(misc_enabled, r == '1');
	return len;
}

static const struct file_ops status_fops = {
	.read_iter = status_read,
	.write_iter = status_write,
	.llseek = generic_llseek,
};

/* -- the super block ----------------------------------------------------- */

static void
misc_evict(struct inode *i)
{
	if (i->private)
		misc_entry_put(i->private);
}

static const struct super_ops misc_sops = {
	.statfs = simple_statfs,
	.evict_inode = misc_evict,
};

static int
add_file(struct super_block *sb, const char *name, mode_t mode,
	 const struct file_ops *fop)
{
	struct inode *i = file_inode(sb, mode, fop, NULL);

	return i ? simple_add(sb->root, name, i, NULL) : -ENOMEM;
}

static int
misc_fill(struct super_block *sb, const char *data)
{
	struct inode *i;
	int r;

	sb->ops = &misc_sops;
	sb->magic = BINFMTFS_MAGIC;
	sb->flags |= SB_DCACHE_TREE;
	i = inode_new(sb);
	if (!i)
		return -ENOMEM;
	i->mode = S_IFDIR | 0755;
	i->op = &simple_dir_inode_ops;
	i->fop = &simple_dir_ops;
	i->nlink = 2;
	sb->root = d_make_root(i);
	if (!sb->root)
		return -ENOMEM;
	r = add_file(sb, "status", 0644, &status_fops);
	return r ? r : add_file(sb, "register", 0200, &register_fops);
}

static int
misc_mount(const struct fs_type *t, u32 flags, const char *source,
	   const char *data, struct super_block **out)
{
	return super_single(t, flags, data, misc_fill, out);
}

static const struct fs_type misc_fs = {
	.name = "binfmt_misc",
	.flags = FS_NODEV,
	.mount = misc_mount,
	.kill_sb = super_kill_anon,
};
SET_ADD(fs_type, misc_fs);

static const struct proc_entry mount_point = {
	.path = "sys/fs/binfmt_misc/", .mode = 0555,
};
SET_ADD(proc_entry, mount_point);
