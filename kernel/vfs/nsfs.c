/* SPDX-License-Identifier: MIT */
/*
 * nsfs: a file for each namespace, namespaces(7), ioctl_ns(2). It is what the
 * links of /proc/PID/ns lead to; open or bound, it keeps its namespace alive.
 *
 * Nothing is cached: each use makes a dentry and an inode, all with the
 * namespace's number, by which programs compare them. The inode holds the
 * reference (private).
 */
#include <abi/ns.h>
#include <abi/clone.h>
#include <abi/statfs.h>
#include <core/assert.h>
#include <lib/printf.h>
#include <mm/uaccess.h>
#include <task/user_ns.h>
#include <vfs/nsfs.h>
#include <vfs/vfs.h>
#include "internal.h"

static struct vfsmount *nsfs_mnt;

static const struct file_ops nsfs_fops;

static void
nsfs_evict(struct inode *i)
{
	ns_put(i->private);
}

static const struct super_ops nsfs_super_ops = {
	.statfs = simple_statfs,
	.evict_inode = nsfs_evict,
};

static int
nsfs_fill(struct super_block *sb, const char *data)
{
	struct inode *i;

	sb->ops = &nsfs_super_ops;
	sb->magic = NSFS_MAGIC;
	i = inode_new(sb);
	if (!i)
		return -ENOMEM;
	i->mode = S_IFDIR | S_IRUSR | S_IWUSR;
	sb->root = d_make_root(i);
	return sb->root ? 0 : -ENOMEM;
}

static int
nsfs_mount(const struct fs_type *t, u32 flags, const char *source,
	   const char *data, struct super_block **out)
{
	return super_single(t, flags, data, nsfs_fill, out);
}

static const struct fs_type nsfs = {
	.name = "nsfs", .flags = FS_NODEV, .mount = nsfs_mount,
};

static char *
nsfs_dname(struct dentry *d, char *buf, size_t len)
{
	struct ns_common *n = d->inode->private;

	snprintf(buf, len, "%s:[%u]", n->ops->name, n->inum);
	return buf;
}

static const struct dentry_ops nsfs_dops = { .dname = nsfs_dname };

struct ns_common *
dentry_ns(const struct dentry *d)
{
	return d->op == &nsfs_dops && d->inode ? d->inode->private : NULL;
}

int
nsfs_path(struct ns_common *n, struct path *out)
{
	static const struct qstr empty = { "", 0, 0 };
	struct dentry *d;
	struct inode *i = inode_new(nsfs_mnt->sb);

	if (!i) {
		ns_put(n);
		return -ENOMEM;
	}
	i->private = n;
	i->ino = n->inum;
	i->mode = S_IFREG | S_IRUSR | S_IRGRP | S_IROTH;
	i->fop = &nsfs_fops;
	i->flags |= S_IMMUTABLE_F;
	d = d_alloc_pseudo(nsfs_mnt->sb, &empty);
	if (!d) {
		inode_put(i);
		return -ENOMEM;
	}
	d->op = &nsfs_dops;
	d_instantiate(d, i);
	mnt_get(nsfs_mnt);
	*out = (struct path){ nsfs_mnt, d };
	return 0;
}

int
nsfs_open(struct ns_common *n, struct file **out)
{
	struct path p;
	int err = nsfs_path(n, &p);

	if (err)
		return err;
	err = vfs_open_path(&p, O_RDONLY | O_CLOEXEC, out);
	path_put(&p);
	return err;
}

static long
open_related(struct ns_common *n,
	     int (*get)(struct ns_common *, struct ns_common **))
{
	struct ns_common *r;
	struct file *f;
	int err;

	if (!get)
		return -EINVAL;
	err = get(n, &r);
	if (!err)
		err = nsfs_open(r, &f);
	return err ? err : fd_install_new(f, O_CLOEXEC);
}

/* the user namespace that owns n, if current's is that or above it */
static int
ns_owner(struct ns_common *n, struct ns_common **out)
{
	if (n == &init_user_ns.ns ||
	    !user_ns_within(n->owner, current_user_ns()))
		return -EPERM;
	ns_get(&n->owner->ns);
	*out = &n->owner->ns;
	return 0;
}

static long
owner_uid(struct ns_common *n, uid_t __user *to)
{
	if (n->ops->flag != CLONE_NEWUSER)
		return -EINVAL;
	return put_user(from_kuid_munged(current_user_ns(),
					 ns_to_user(n)->owner), to);
}

static long
nsfs_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct ns_common *n = f->inode->private;

	switch (cmd) {
	case NS_GET_USERNS:
		return open_related(n, ns_owner);
	case NS_GET_PARENT:
		return open_related(n, n->ops->parent);
	case NS_GET_NSTYPE:
		return n->ops->flag;
	case NS_GET_OWNER_UID:
		return owner_uid(n, (uid_t __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_ops nsfs_fops = {
	.ioctl = nsfs_ioctl,
	.llseek = no_llseek,
};

void
nsfs_init(void)
{
	if (kern_mount(&nsfs, &nsfs_mnt))
		panic("nsfs: no memory");
}
