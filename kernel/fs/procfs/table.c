/* SPDX-License-Identifier: MIT */
/*
 * The part of /proc that is the same for all: files registered in the sets
 * proc_entry and proc_sysctl by their path. At start the entries are sorted by
 * path into one table; a directory is a range of it: the entries that begin
 * with its path. Inodes are made when somebody looks.
 *
 * A path that ends in a slash is a directory, to be mounted on.
 *
 * A directory is known by the index of its first entry (lo) and the length of
 * its path with the slash (plen); a file by its index.
 */
#include <abi/dirent.h>
#include <abi/limits.h>
#include <core/log.h>
#include <lib/kstrto.h>
#include <lib/sort.h>
#include <mm/slab.h>
#include <task/cred.h>
#include "local.h"

struct entry {
	const char *path;
	const struct proc_entry *e;		/* either */
	const struct proc_sysctl_int *si;	/* or: path is below "sys/" */
	mode_t mode;		/* as chmod left it, for the next inode */
	uid_t uid;
	gid_t gid;
};

SET_DECLARE(proc_entry, const struct proc_entry);
SET_DECLARE(proc_sysctl, const struct proc_sysctl_int);

static struct entry *table;		/* I after proc_table_init() */
static u32 nr_entries;

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path,
		      ((const struct entry *)b)->path);
}

static mode_t
entry_mode(const struct proc_entry *e)
{
	return e->link ? S_IFLNK | S_IRWXUGO : S_IFREG | e->mode;
}

static const char *
sysctl_path(const struct proc_sysctl_int *si)
{
	size_t n = strlen(si->path) + sizeof("sys/");
	char *p = kmalloc(n, GFP_KERNEL);

	if (p) {
		strlcpy(p, "sys/", n);
		strlcat(p, si->path, n);
	}
	return p;
}

void
proc_table_init(void)
{
	u32 n = 0;

	SET_FOREACH(proc_entry, const struct proc_entry, p)
		n++;
	SET_FOREACH(proc_sysctl, const struct proc_sysctl_int, p)
		n++;
	table = kcalloc(n, sizeof(*table), GFP_KERNEL);
	if (!table)
		panic("procfs: no memory");
	SET_FOREACH(proc_entry, const struct proc_entry, p)
		table[nr_entries++] = (struct entry){ .path = (*p)->path,
			.e = *p, .mode = entry_mode(*p) };
	SET_FOREACH(proc_sysctl, const struct proc_sysctl_int, p) {
		const char *path = sysctl_path(*p);

		if (path)
			table[nr_entries++] = (struct entry){ .path = path,
				.si = *p, .mode = S_IFREG | (*p)->mode };
	}
	sort(table, nr_entries, sizeof(*table), by_path);
	for (u32 i = 1; i < nr_entries; i++)
		if (!strcmp(table[i].path, table[i - 1].path))
			log_err(fs, "procfs: %s is there twice",
				table[i].path);
}

/* -- files --------------------------------------------------------------- */

static inline const struct entry *
entry_of(const struct file *f)
{
	return &table[proc_i(f->inode)->lo];
}

static int
entry_produce(struct file *f, struct seq_buf *s)
{
	const struct entry *e = entry_of(f);

	if (e->e)
		return e->e->show ? e->e->show(s) : -EINVAL;
	seq_printf(s, "%d\n", READ_ONCE(*e->si->value));
	return 0;
}

static int
entry_open(struct inode *i, struct file *f)
{
	const struct entry *e = entry_of(f);

	/* sysctls belong to root alone, capability or not; see entry_permission */
	if (f->mode & FMODE_WRITE && e->e && !e->e->write)
		return -EACCES;
	return proc_text_open(f, entry_produce);
}

static ssize_t
sysctl_int_write(const struct proc_sysctl_int *si, const char *s)
{
	s64 v;

	while (*s == ' ' || *s == '\t')
		s++;
	if (kstrtos64(s, 0, &v) || v < si->min || v > si->max)
		return -EINVAL;
	WRITE_ONCE(*si->value, (int)v);
	return 0;
}

static ssize_t
entry_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	const struct entry *e = entry_of(f);
	size_t len = from->count;
	ssize_t r;
	char *s, *end;
	int err;

	/* a sysctl's value is what is written at its start, proc(5) */
	if (*pos && str_has_prefix(e->path, "sys/")) {
		*pos += len;
		return len;
	}
	err = proc_copy_write(from, &s);
	if (err)
		return err;
	if (e->si) {
		for (end = s + strlen(s); end > s && strchr(" \t\n", end[-1]);)
			*--end = '\0';
		r = sysctl_int_write(e->si, s);
		if (!r)
			r = len;
	} else {
		r = e->e->write(s, len);
	}
	kfree(s);
	if (r > 0)
		*pos += r;
	return r;
}

static const struct file_ops entry_fops = {
	.open = entry_open,
	.read_iter = proc_text_read,
	.write_iter = entry_write,
	.llseek = generic_llseek,
	.release = proc_text_release,
};

/*
 * Below /proc/sys root has the owner's bits and nobody may override a mode:
 * a file without w bits is not written.
 */
static int
sys_permission(struct inode *i, int mask)
{
	const struct cred *c = current_cred();
	mode_t mode = i->mode;

	/* limits of a user namespace are its root's */
	if (str_has_prefix(table[proc_i(i)->lo].path, "sys/user/")) {
		if (ns_capable(c->user_ns, CAP_SYS_RESOURCE))
			mode >>= 6;
	} else if (c->euid == 0)
		mode >>= 6;
	else if (cred_in_egroup(c, 0))
		mode >>= 3;
	return mask & (MAY_READ | MAY_WRITE | MAY_EXEC) & ~mode ? -EACCES : 0;
}

/* outside of sys/ a mode and owner can be changed: they stay until boot */
static int
entry_setattr(struct dentry *d, struct iattr *a)
{
	struct inode *i = d->inode;
	struct entry *e = &table[proc_i(i)->lo];
	int err = setattr_prepare(d, a);

	if (err)
		return err;
	a->valid &= ~ATTR_SIZE;
	setattr_copy(i, a);
	e->mode = i->mode;
	e->uid = i->uid;
	e->gid = i->gid;
	return 0;
}

static const struct inode_ops entry_iops = { .setattr = entry_setattr };
static const struct inode_ops sys_entry_iops = {
	.setattr = proc_setattr,
	.permission = sys_permission,
};

static int
entry_get_link(struct dentry *d, struct inode *i, const char **text,
	       void (**done)(const char *), struct path *jump)
{
	*text = table[proc_i(i)->lo].e->link;
	return 0;
}
static const struct inode_ops link_iops = {
	.get_link = entry_get_link,
	.setattr = proc_setattr,
};

/* -- directories --------------------------------------------------------- */

static inline bool
in_dir(u32 i, u32 lo, u32 plen)
{
	return i < nr_entries &&
	       !strncmp(table[i].path, table[lo].path, plen);
}

static ino_t
entry_ino(u32 i, u32 plen)		/* plen 0: a file */
{
	return 0x10000 + ((u64)i << 8) + plen;
}

static int
make_file(struct super_block *sb, u32 i, struct inode **out)
{
	const struct entry *e = &table[i];
	struct proc_inode *pi;

	pi = proc_inode_new(sb, e->mode, entry_ino(i, 0));
	if (!pi)
		return -ENOMEM;
	pi->vfs.uid = e->uid;
	pi->vfs.gid = e->gid;
	pi->lo = i;
	if (e->e && e->e->link) {
		pi->vfs.op = &link_iops;
	} else {
		pi->vfs.op = str_has_prefix(e->path, "sys/") ?
			&sys_entry_iops : &entry_iops;
		pi->vfs.fop = e->e && e->e->fops ? e->e->fops : &entry_fops;
	}
	*out = &pi->vfs;
	return 0;
}

static int
make_dir(struct super_block *sb, u32 lo, u32 plen, struct inode **out)
{
	struct proc_inode *pi;

	pi = proc_inode_new(sb, S_IFDIR | 0555, entry_ino(lo, plen));
	if (!pi)
		return -ENOMEM;
	pi->lo = lo;
	pi->plen = plen;
	pi->vfs.nlink = 2;
	pi->vfs.op = &proc_static_dir_iops;
	pi->vfs.fop = &proc_static_dir_fops;
	*out = &pi->vfs;
	return 0;
}

int
proc_table_lookup(struct super_block *sb, u32 lo, u32 plen,
		  const struct qstr *name, struct inode **out)
{
	for (u32 i = lo; in_dir(i, lo, plen); i++) {
		const char *p = table[i].path + plen;

		if (strncmp(p, name->name, name->len))
			continue;
		if (!p[name->len])
			return make_file(sb, i, out);
		if (p[name->len] == '/')
			return make_dir(sb, i, plen + name->len + 1, out);
	}
	return -ENOENT;
}

bool
proc_table_iterate(u32 lo, u32 plen, struct dir_context *ctx)
{
	u32 i;

	for (i = lo + (u32)(ctx->pos - 2); in_dir(i, lo, plen); i++) {
		const char *p = table[i].path + plen;
		const char *end = strchrnul(p, '/');
		u32 len = end - p;

		if (!*p)	/* the directory's own entry */
			continue;
		/* further entries of a directory that was shown */
		if (*end && i > lo &&
		    !strncmp(table[i - 1].path, table[i].path, plen + len + 1))
			continue;
		ctx->pos = i - lo + 2;
		if (!dir_emit(ctx, p, len,
			      entry_ino(i, *end ? plen + len + 1 : 0),
			      *end ? DT_DIR : MODE_TO_DT(table[i].mode)))
			return false;
	}
	if (ctx->pos < PROC_TABLE_END)
		ctx->pos = PROC_TABLE_END;
	return true;
}

static int
static_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	struct proc_inode *pi = proc_i(dir);

	return proc_table_lookup(dir->sb, pi->lo, pi->plen, &d->name, out);
}

static int
static_iterate(struct file *f, struct dir_context *ctx)
{
	struct proc_inode *pi = proc_i(f->inode);

	if (dir_emit_dots(f, ctx) && ctx->pos < PROC_TABLE_END)
		proc_table_iterate(pi->lo, pi->plen, ctx);
	return 0;
}

const struct inode_ops proc_static_dir_iops = {
	.lookup = static_lookup,
	.setattr = proc_setattr,
};
const struct file_ops proc_static_dir_fops = {
	.iterate = static_iterate,
	.llseek = proc_dir_llseek,
};
