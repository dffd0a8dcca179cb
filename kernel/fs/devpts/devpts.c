/* SPDX-License-Identifier: MIT */
/*
 * devpts: the names of pseudo terminals' slaves, and ptmx. Each mount is an
 * instance of its own. The pty driver makes pairs and calls in through
 * pty_fs_ops to show a node while the pair lives.
 *
 * Opening ptmx on an instance makes a pair there; opening /dev/ptmx uses the
 * instance that is mounted on /dev/pts as the opener sees it, else the oldest.
 * The driver hands over an inode, not a path, so "beside it" means /dev/pts.
 *
 * A node keeps its instance alive, so a terminal works on after umount.
 *
 * Locking: instances_lock for the list; names by the directory's lock.
 * Limits: numbers are the driver's, one sequence for all instances.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/statfs.h>
#include <core/log.h>
#include <dev/dev.h>
#include <fs/init.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <tty/pty.h>
#include <vfs/fs.h>
#include <vfs/namei.h>

struct pts_options {
	uid_t uid;
	gid_t gid;
	bool set_uid, set_gid;
	mode_t mode, ptmxmode;
	u32 max;
};

struct pts_instance {
	struct super_block *sb;		/* borrowed: its private */
	struct pts_options opt;
	struct dentry *ptmx;		/* pinned in the tree */
	atomic_t nr;			/* nodes now */
	struct list_head link;		/* instances_lock */
};

struct pts_node {
	struct super_block *sb;		/* counted */
	struct dentry *dentry;		/* counted */
	u32 index;
};

static struct mutex instances_lock = MUTEX_INIT(instances_lock, RANK_FS);
static LIST_HEAD(instances);		/* oldest first */
static const struct fs_type devpts_type;
static const struct inode_ops pts_iops;	/* all generic */

/* -- options ------------------------------------------------------------- */

/* "name=value" at s; value number in base, or false */
static bool
option_number(const char *s, const char *name, unsigned int base, u32 *out)
{
	size_t n = strlen(name);

	return !strncmp(s, name, n) && s[n] == '=' &&
	       !kstrtou32(s + n + 1, base, out);
}

static int
parse_option(struct pts_options *o, const char *s)
{
	u32 v;

	if (!*s || !strcmp(s, "newinstance"))
		return 0;	/* every mount is one */
	if (option_number(s, "uid", 10, &v)) {
		o->uid = make_kuid(current_user_ns(), v);
		o->set_uid = true;
		if (o->uid == INVALID_ID)
			return -EINVAL;
	} else if (option_number(s, "gid", 10, &v)) {
		o->gid = make_kgid(current_user_ns(), v);
		o->set_gid = true;
		if (o->gid == INVALID_ID)
			return -EINVAL;
	} else if (option_number(s, "mode", 8, &v)) {
		o->mode = v & S_IALLUGO;
	} else if (option_number(s, "ptmxmode", 8, &v)) {
		o->ptmxmode = v & S_IALLUGO;
	} else if (option_number(s, "max", 10, &v) && v <= PTY_MAX) {
		o->max = v;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int
parse_options(struct pts_options *o, const char *data)
{
	char *copy, *p, *word;
	int err = 0;

	*o = (struct pts_options){ .mode = 0600, .max = PTY_MAX };
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
pts_show_options(struct super_block *sb, char *buf, size_t len)
{
	const struct pts_options *o = &((struct pts_instance *)sb->private)->opt;
	size_t n = 0;

	if (o->set_uid)
		n += scnprintf(buf + n, len - n, ",uid=%u",
			       from_kuid_munged(current_user_ns(), o->uid));
	if (o->set_gid)
		n += scnprintf(buf + n, len - n, ",gid=%u",
			       from_kgid_munged(current_user_ns(), o->gid));
	n += scnprintf(buf + n, len - n, ",mode=%03o,ptmxmode=%03o", o->mode,
		       o->ptmxmode);
	if (o->max < PTY_MAX)
		n += scnprintf(buf + n, len - n, ",max=%u", o->max);
	return 0;
}

/* -- nodes --------------------------------------------------------------- */

static struct inode *
chr_inode(struct super_block *sb, mode_t mode, dev_t rdev)
{
	struct inode *i = inode_new(sb);

	if (!i)
		return NULL;
	i->op = &pts_iops;
	i->mode = S_IFCHR | mode;
	inode_init_special(i, i->mode, rdev);
	return i;
}

/* a referenced super block of devpts or NULL */
static struct super_block *
instance_get(struct inode *ptmx)
{
	struct super_block *sb = NULL;
	struct pts_instance *in;
	struct path p;

	if (ptmx && ptmx->sb->type == &devpts_type) {
		refcount_get(&ptmx->sb->count);
		return ptmx->sb;
	}
	if (!path_lookup(AT_FDCWD, "/dev/pts",
			 LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p)) {
		if (p.dentry->sb->type == &devpts_type &&
		    p.dentry == p.dentry->sb->root) {
			sb = p.dentry->sb;
			refcount_get(&sb->count);
		}
		path_put(&p);
		if (sb)
			return sb;
	}
	mutex_lock(&instances_lock);
	list_for_each_entry(in, &instances, link)
		if (refcount_get_live(&in->sb->count)) {
			sb = in->sb;
			break;
		}
	mutex_unlock(&instances_lock);
	return sb;
}

static int
pts_add(struct inode *ptmx, u32 index, void **node)
{
	struct super_block *sb = instance_get(ptmx);
	const struct cred *c = current_cred();
	struct pts_instance *in;
	struct pts_node *n = NULL;
	struct inode *i = NULL;
	struct dentry *d;
	char name[12];
	int err = -ENOMEM;

	if (!sb)
		return -ENODEV;
	in = sb->private;
	if ((u32)atomic_add_return(&in->nr, 1) > in->opt.max) {
		err = -ENOSPC;
		goto out;
	}
	n = kmalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		goto out;
	i = chr_inode(sb, in->opt.mode, PTY_SLAVE_DEV(index));
	if (!i)
		goto out;
	i->uid = in->opt.set_uid ? in->opt.uid : c->fsuid;
	i->gid = in->opt.set_gid ? in->opt.gid : c->fsgid;
	snprintf(name, sizeof(name), "%u", index);
	err = simple_add(sb->root, name, i, &d);
	if (err)
		goto out;
	n->sb = sb;
	n->dentry = dentry_get(d);
	n->index = index;
	*node = n;
	return 0;

out:
	kfree(n);
	atomic_dec(&in->nr);
	super_put(sb);
	return err;
}

static void
pts_remove(void *node)
{
	struct pts_node *n = node;
	struct pts_instance *in = n->sb->private;

	simple_remove(n->dentry);
	dentry_put(n->dentry);
	atomic_dec(&in->nr);
	super_put(n->sb);
	kfree(n);
}

static int
pts_path(void *node, struct path *out)
{
	struct pts_node *n = node;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "/dev/pts/%u", n->index);
	err = path_lookup(AT_FDCWD, name, 0, out);
	if (!err && out->dentry != n->dentry) {	/* another instance's */
		path_put(out);
		err = -ENOENT;
	}
	return err;
}

static const struct pty_fs_ops pts_fs_ops = {
	.add = pts_add,
	.remove = pts_remove,
	.path = pts_path,
};

/* -- the super block ----------------------------------------------------- */

static void
pts_put_super(struct super_block *sb)
{
	struct pts_instance *in = sb->private;

	if (!in)
		return;
	mutex_lock(&instances_lock);
	list_del(&in->link);
	mutex_unlock(&instances_lock);
	kfree(in);
}

static int
pts_remount(struct super_block *sb, u32 *flags, const char *data)
{
	struct pts_instance *in = sb->private;
	struct pts_options o;
	int err = parse_options(&o, data);

	if (err)
		return err;
	in->opt = o;
	in->ptmx->inode->mode = S_IFCHR | o.ptmxmode;
	return 0;
}

static const struct super_ops pts_sops = {
	.statfs = simple_statfs,
	.remount = pts_remount,
	.put_super = pts_put_super,
	.show_options = pts_show_options,
};

static int
pts_fill(struct super_block *sb, const char *data)
{
	struct pts_instance *in = kzalloc(sizeof(*in), GFP_KERNEL);
	struct inode *i;
	int err;

	if (!in)
		return -ENOMEM;
	in->sb = sb;
	sb->private = in;
	sb->magic = DEVPTS_SUPER_MAGIC;
	sb->flags |= SB_DCACHE_TREE;
	sb->blocksize = 1024;
	mutex_lock(&instances_lock);
	list_add_tail(&in->link, &instances);
	mutex_unlock(&instances_lock);
	err = parse_options(&in->opt, data);
	if (err)
		return err;
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
	i = chr_inode(sb, in->opt.ptmxmode, PTMX_DEV);
	if (!i)
		return -ENOMEM;
	return simple_add(sb->root, "ptmx", i, &in->ptmx);
}

static int
pts_mount(const struct fs_type *t, u32 flags, const char *source,
	  const char *data, struct super_block **out)
{
	struct super_block *sb = super_create(t, &pts_sops, flags);
	int err;

	if (!sb)
		return -ENOMEM;
	sb->flags &= ~SB_USER_NODEV;	/* its devices are ours */
	err = pts_fill(sb, data);
	if (err) {
		super_put(sb);
		return err;
	}
	*out = sb;
	return 0;
}

static const struct fs_type devpts_type = {
	.name = "devpts",
	.flags = FS_NODEV | FS_USERNS_MOUNT,
	.mount = pts_mount,
	.kill_sb = super_kill_anon,
};
SET_ADD(fs_type, devpts_type);

void
devpts_init(void)
{
	pty_set_fs(&pts_fs_ops);
}
