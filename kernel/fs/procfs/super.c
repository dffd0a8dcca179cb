/* SPDX-License-Identifier: MIT */
/*
 * procfs: mounting, inodes, the root directory.
 *
 * Nothing is kept: an inode is made when a name is looked up and goes when its
 * dentry does; what a file says is made when it is read. Lookups that find
 * nothing are not cached (they fail with ENOENT instead of giving a negative
 * dentry), because processes come and go without telling us. Dentries below
 * /proc/PID are revalidated at each use: see pid.c.
 *
 * In readdir of the root, positions from PROC_TABLE_END on are: self,
 * thread-self, then PID_POS + pid.
 */
#include <abi/dirent.h>
#include <abi/statfs.h>
#include <core/log.h>
#include <fs/init.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <task/user_ns.h>
#include "local.h"

#define ROOT_INO	1
#define SELF_INO	2		/* and 3: thread-self */
#define PID_POS		8192

static struct slab_cache *inode_cache;

struct proc_inode *
proc_inode_new(struct super_block *sb, mode_t mode, ino_t ino)
{
	struct inode *i = inode_new(sb);
	struct proc_inode *pi;

	if (!i)
		return NULL;
	pi = proc_i(i);
	pi->pid = NULL;
	pi->node = NULL;
	pi->whole = false;
	pi->fd = -1;
	pi->lo = 0;
	pi->plen = 0;
	i->mode = mode;
	i->ino = ino;
	i->blkbits = 10;
	return pi;
}

int
proc_setattr(struct dentry *d, struct iattr *a)
{
	int err;

	if (a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID))
		return -EPERM;
	err = setattr_prepare(d, a);
	if (err)
		return err;
	a->valid &= ~ATTR_SIZE;		/* open with O_TRUNC */
	setattr_copy(d->inode, a);
	return 0;
}

loff_t
proc_dir_llseek(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0)
		return -EINVAL;
	f->pos = off;
	return off;
}

/* -- self and thread-self ------------------------------------------------ */

static void
text_free(const char *s)
{
	kfree(s);
}

static int
self_get_link(struct dentry *d, struct inode *i, const char **text,
	      void (**done)(const char *), struct path *jump)
{
	struct pid_ns *ns = proc_ns(i->sb);
	pid_t tgid = pid_nr_ns(current->tgid, ns);
	size_t n = 40;
	char *s;

	if (!tgid)			/* not in there */
		return -ENOENT;
	s = kmalloc(n, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	if (i->ino == SELF_INO)
		snprintf(s, n, "%d", tgid);
	else
		snprintf(s, n, "%d/task/%d", tgid, pid_nr_ns(current->pid, ns));
	*text = s;
	*done = text_free;
	return 0;
}

static const struct inode_ops self_iops = {
	.get_link = self_get_link,
	.setattr = proc_setattr,
};

/* -- root ---------------------------------------------------------------- */

static bool
name_is(const struct qstr *q, const char *s)
{
	return q->len == strlen(s) && !memcmp(q->name, s, q->len);
}

/* a process number without leading zeros; 0: it is none */
static pid_t
name_to_pid(const struct qstr *q)
{
	u32 v = 0;

	if (!q->len || q->len > 9 || q->name[0] == '0')
		return 0;
	for (u32 i = 0; i < q->len; i++) {
		if (q->name[i] < '0' || q->name[i] > '9')
			return 0;
		v = v * 10 + (q->name[i] - '0');
	}
	return v;
}

static int
root_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	const struct qstr *q = &d->name;
	pid_t nr = name_to_pid(q);
	struct proc_inode *pi;
	struct task *t;
	int err;

	if (nr) {		/* threads too, though readdir hides them */
		t = task_find_ns(nr, proc_ns(dir->sb));
		if (!t)
			return -ENOENT;
		err = proc_pid_visible(dir->sb, t, 2) ?
			proc_pid_dir(dir->sb, t, true, out) : -ENOENT;
		task_put(t);
		return err;
	}
	if (name_is(q, "self") || name_is(q, "thread-self")) {
		pi = proc_inode_new(dir->sb, S_IFLNK | S_IRWXUGO,
				    SELF_INO + (q->len > 4));
		if (!pi)
			return -ENOMEM;
		pi->vfs.op = &self_iops;
		*out = &pi->vfs;
		return 0;
	}
	return proc_table_lookup(dir->sb, 0, 0, q, out);
}

static int
root_iterate(struct file *f, struct dir_context *ctx)
{
	struct pid_ns *ns = proc_ns(f->inode->sb);
	struct task *t;
	char name[12];
	pid_t nr, global;

	if (!dir_emit_dots(f, ctx))
		return 0;
	if (ctx->pos < PROC_TABLE_END && !proc_table_iterate(0, 0, ctx))
		return 0;
	if (ctx->pos == PROC_TABLE_END) {
		if (!dir_emit(ctx, "self", 4, SELF_INO, DT_LNK))
			return 0;
		ctx->pos++;
	}
	if (ctx->pos == PROC_TABLE_END + 1) {
		if (!dir_emit(ctx, "thread-self", 11, SELF_INO + 1, DT_LNK))
			return 0;
		ctx->pos = PID_POS;
	}
	nr = ctx->pos - PID_POS;
	while ((t = task_next_leader(ns, nr > 0 ? nr - 1 : 0))) {
		bool show = proc_pid_visible(f->inode->sb, t, 2);

		nr = pid_nr_ns(t->tgid, ns);
		global = pid_nr(t->tgid);
		task_put(t);
		ctx->pos = PID_POS + nr;
		if (show && !dir_emit(ctx, name,
				snprintf(name, sizeof(name), "%d", nr),
				proc_pid_ino(global, true, PINO_BASE, 0),
				DT_DIR))
			return 0;
		ctx->pos = PID_POS + ++nr;
		cond_resched();
	}
	return 0;
}

static int
root_getattr(const struct path *p, struct kstat *st, u32 mask)
{
	generic_fillattr(p->dentry->inode, st);
	st->nlink = 2 + task_count();
	return 0;
}

static const struct inode_ops root_iops = {
	.lookup = root_lookup,
	.getattr = root_getattr,
	.setattr = proc_setattr,
};
static const struct file_ops root_fops = {
	.iterate = root_iterate,
	.llseek = proc_dir_llseek,
};

/* -- the super block ----------------------------------------------------- */

static struct inode *
proc_alloc_inode(struct super_block *sb)
{
	struct proc_inode *pi = slab_alloc(inode_cache, GFP_KERNEL);

	return pi ? &pi->vfs : NULL;
}

static void
proc_free_inode(struct inode *i)
{
	slab_free(inode_cache, proc_i(i));
}

static void
proc_evict_inode(struct inode *i)
{
	pid_put(proc_i(i)->pid);
}

static int
proc_show_options(struct super_block *sb, char *buf, size_t len)
{
	static const char *const names[] = {
		"off", "noaccess", "invisible", "", "ptraceable"
	};
	const struct proc_options *o = sb->private;
	int n = 0;

	if (o->gid)
		n += scnprintf(buf + n, len - n, ",gid=%u",
			       from_kgid_munged(current_user_ns(), o->gid));
	if (o->hidepid)
		n += scnprintf(buf + n, len - n, ",hidepid=%s",
			       names[o->hidepid]);
	return 0;
}

static int
option_gid(const char *s, gid_t *out)
{
	u32 v;

	if (kstrtou32(s, 10, &v))
		return -EINVAL;
	v = make_kgid(current_user_ns(), v);
	if (v == INVALID_ID)
		return -EINVAL;
	*out = v;
	return 0;
}

static int
parse_option(struct proc_options *o, const char *s)
{
	static const struct { const char *s; u8 v; } words[] = {
		{ "0", 0 }, { "1", 1 }, { "2", 2 }, { "4", 4 }, { "off", 0 },
		{ "noaccess", 1 }, { "invisible", 2 }, { "ptraceable", 4 },
	};

	if (!*s)
		return 0;
	if (str_has_prefix(s, "gid="))
		return option_gid(s + 4, &o->gid);
	if (!str_has_prefix(s, "hidepid="))
		return -EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(s + 8, words[i].s)) {
			o->hidepid = words[i].v;
			return 0;
		}
	return -EINVAL;
}

static int
parse_options(struct proc_options *o, const char *data)
{
	char *copy, *p, *word;
	int err = 0;

	if (!data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	p = copy;
	while (!err && (word = strsep(&p, ",")))
		err = parse_option(o, word);
	kfree(copy);
	return err;
}

static int
proc_remount(struct super_block *sb, u32 *flags, const char *data)
{
	struct proc_options o = *(struct proc_options *)sb->private;
	int err = parse_options(&o, data);

	if (!err)
		*(struct proc_options *)sb->private = o;
	return err;
}

static void
proc_put_super(struct super_block *sb)
{
	struct proc_options *o = sb->private;

	if (o)
		ns_put(&o->ns->ns);
	kfree(o);
}

static const struct super_ops proc_sops = {
	.alloc_inode = proc_alloc_inode,
	.free_inode = proc_free_inode,
	.evict_inode = proc_evict_inode,
	.statfs = simple_statfs,
	.remount = proc_remount,
	.put_super = proc_put_super,
	.show_options = proc_show_options,
};

static int
proc_fill(struct super_block *sb, const char *data)
{
	struct proc_options *o;
	struct proc_inode *pi;
	int err;

	sb->private = kzalloc(sizeof(struct proc_options), GFP_KERNEL);
	if (!sb->private)
		return -ENOMEM;
	o = sb->private;
	o->ns = current_pid_ns();
	ns_get(&o->ns->ns);
	err = parse_options(o, data);
	if (err)
		return err;
	sb->magic = PROC_SUPER_MAGIC;
	sb->blocksize = 1024;
	sb->d_ops = &proc_dentry_ops;
	pi = proc_inode_new(sb, S_IFDIR | 0555, ROOT_INO);
	if (!pi)
		return -ENOMEM;
	pi->vfs.nlink = 2;
	pi->vfs.op = &root_iops;
	pi->vfs.fop = &root_fops;
	sb->root = d_make_root(&pi->vfs);
	return sb->root ? 0 : -ENOMEM;
}

static int
proc_mount(const struct fs_type *t, u32 flags, const char *source,
	   const char *data, struct super_block **out)
{
	struct super_block *sb = super_create(t, &proc_sops, flags);
	int err;

	if (!sb)
		return -ENOMEM;
	err = proc_fill(sb, data);
	if (err) {
		super_put(sb);
		return err;
	}
	*out = sb;
	return 0;
}

/* it shows the processes of a namespace: whose that is */
static struct user_ns *
proc_owner(void)
{
	return current_pid_ns()->ns.owner;
}

static const struct fs_type proc_fs = {
	.name = "proc",
	.flags = FS_NODEV | FS_USERNS_MOUNT | FS_USERNS_VISIBLE,
	.mount = proc_mount,
	.owner = proc_owner,
	.kill_sb = super_kill_anon,
};
SET_ADD(fs_type, proc_fs);

void
procfs_init(void)
{
	inode_cache = slab_create("proc_inode_cache",
				  sizeof(struct proc_inode), 64, SLAB_RECLAIM);
	if (!inode_cache)
		panic("procfs: no memory");
	proc_table_init();
}
