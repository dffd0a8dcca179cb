// SPDX-License-Identifier: MIT
/*
 * The file system of POSIX message queues, one for each IPC namespace: a
 * single directory, mountable (on /dev/mqueue) with the type "mqueue".
 * mq_open(2) works on it without that. A queue is an inode whose private is
 * the struct mq; its text tells how full it is and who is to be notified.
 *
 * The names live in the dcache (libfs.c's simple_*). The super block points to
 * its namespace until that ends (mq_ns_lock); it may live longer in mounts and
 * open queues, but then nothing more can be made in it.
 */
#include <abi/limits.h>
#include <abi/statfs.h>
#include <lib/printf.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include "mq.h"

#define DIR_SIZE_ENTRY	20	/* sizes as Linux shows them */
#define QUEUE_SIZE	80

static struct spinlock mq_ns_lock = SPINLOCK_INIT(RANK_OBJQUEUE);

/* the namespace, counted; NULL: it is gone */
static struct ipc_ns *
ns_of(struct super_block *sb)
{
	struct ipc_ns *ns;

	spin_lock(&mq_ns_lock);
	ns = sb->private;
	if (ns && !refcount_get_live(&ns->common.count))
		ns = NULL;
	spin_unlock(&mq_ns_lock);
	return ns;
}

/* ---- a queue as a file ---- */

static ssize_t
mq_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct mq *q = mq_of(f);
	struct mq_notify *n = &q->notify;
	char text[80];
	size_t len;

	(void)flags;
	spin_lock(&q->lock);
	len = scnprintf(text, sizeof(text), "QSIZE:%-10lu NOTIFY:%-5d "
			"SIGNO:%-5d NOTIFY_PID:%-6d\n", q->bytes,
			n->owner ? n->how : 0,
			n->owner && n->how == SIGEV_SIGNAL ? n->signo : 0,
			pid_vnr(n->owner));
	spin_unlock(&q->lock);
	if (*pos < 0)
		return -EINVAL;
	if ((size_t)*pos >= len || !to->count)
		return 0;
	len = min(len - (size_t)*pos, to->count);
	len = copy_to_iter(text + *pos, len, to);
	*pos += len;
	inode_touch(f->inode, ATTR_ATIME | ATTR_CTIME);
	return len ? (ssize_t)len : -EFAULT;
}

static u32
mq_poll(struct file *f, struct poll_table *pt)
{
	struct mq *q = mq_of(f);
	u64 n;

	poll_wait(f, &q->wq, pt);
	n = READ_ONCE(q->nr);
	return (n ? POLLIN | POLLRDNORM : 0) |
		(n < q->max_msgs ? POLLOUT | POLLWRNORM : 0);
}

static int
mq_flush(struct file *f)
{
	mq_notify_close(mq_of(f));
	return 0;
}

const struct file_ops mq_file_ops = {
	.read_iter = mq_read_iter,
	.poll = mq_poll,
	.flush = mq_flush,
	.llseek = generic_llseek,
};

/* ---- inodes ---- */

static const struct inode_ops mq_file_iops = { 0 };

static void
mq_evict(struct inode *i)
{
	struct ipc_ns *ns;

	if (!i->private)
		return;
	mq_destroy(i->private);
	spin_lock(&mq_ns_lock);
	ns = i->sb->private;
	if (ns)
		atomic_dec(&ns->mq_queues);
	spin_unlock(&mq_ns_lock);
}

static int
make_queue(struct inode *dir, mode_t mode, const struct abi_mq_attr *attr,
	   struct inode **out)
{
	struct ipc_ns *ns = ns_of(dir->sb);
	struct inode *i;
	struct mq *q;
	int err = -ENOSPC;

	if (!ns)
		return -EACCES;
	if ((u32)atomic_add_return(&ns->mq_queues, 1) >
	    READ_ONCE(ns->mq_queues_max) && !capable(CAP_SYS_RESOURCE))
		goto fail;
	err = mq_create(ns, attr, &q);
	if (err)
		goto fail;
	i = inode_new(dir->sb);
	if (!i) {
		mq_destroy(q);
		err = -ENOMEM;
		goto fail;
	}
	inode_init_owner(i, NULL, S_IFREG | (mode & 07777));
	i->op = &mq_file_iops;
	i->fop = &mq_file_ops;
	i->size = QUEUE_SIZE;
	i->private = q;
	*out = i;
	ns_put(&ns->common);
	return 0;
fail:
	atomic_dec(&ns->mq_queues);
	ns_put(&ns->common);
	return err;
}

static int
mq_dir_create(struct inode *dir, struct dentry *d, mode_t mode)
{
	struct inode *i;
	int err = make_queue(dir, mode, NULL, &i);

	if (err)
		return err;
	dir->size += DIR_SIZE_ENTRY;
	inode_touch(dir, ATTR_ATIME | ATTR_MTIME | ATTR_CTIME);
	d_instantiate(d, i);
	d_pin(d);
	return 0;
}

static int
mq_dir_unlink(struct inode *dir, struct dentry *d)
{
	dir->size -= DIR_SIZE_ENTRY;
	return simple_unlink(dir, d);
}

static const struct inode_ops mq_dir_iops = {
	.lookup = simple_lookup,
	.create = mq_dir_create,
	.unlink = mq_dir_unlink,
};

/* ---- mounts ---- */

static const struct super_ops mq_super_ops = {
	.evict_inode = mq_evict,
	.statfs = simple_statfs,
};

static int
mq_fill(struct super_block *sb, const char *data)
{
	struct inode *i;

	(void)data;
	sb->ops = &mq_super_ops;
	sb->magic = MQUEUE_MAGIC;
	sb->flags |= SB_DCACHE_TREE;
	i = inode_new(sb);
	if (!i)
		return -ENOMEM;
	inode_init_owner(i, NULL, S_IFDIR | S_ISVTX | S_IRWXUGO);
	i->op = &mq_dir_iops;
	i->fop = &simple_dir_ops;
	i->nlink = 2;
	i->size = 2 * DIR_SIZE_ENTRY;
	sb->root = d_make_root(i);
	return sb->root ? 0 : -ENOMEM;
}

static int
mq_make_mount(const struct fs_type *t, u32 flags, const char *source,
	      const char *data, struct super_block **out)
{
	(void)source;
	return super_nodev(t, flags, data, mq_fill, out);
}

/* all mounts show the one of the namespace */
static int
mq_mount(const struct fs_type *t, u32 flags, const char *source,
	 const char *data, struct super_block **out)
{
	(void)t, (void)flags, (void)source, (void)data;
	*out = current_ipc_ns()->mq_mnt->sb;
	super_get(*out);
	return 0;
}

static const struct fs_type mqueue_inner = {
	.name = "mqueue", .flags = FS_NODEV, .mount = mq_make_mount,
};
static struct user_ns *
mq_owner(void)
{
	return current_ipc_ns()->common.owner;
}

static const struct fs_type mqueue_type = {
	.name = "mqueue", .flags = FS_NODEV | FS_USERNS_MOUNT,
	.owner = mq_owner,
	.mount = mq_mount,
};

int
mq_ns_init(struct ipc_ns *ns)
{
	int err = kern_mount(&mqueue_inner, &ns->mq_mnt);

	if (!err)
		ns->mq_mnt->sb->private = ns;
	return err;
}

void
mq_ns_exit(struct ipc_ns *ns)
{
	spin_lock(&mq_ns_lock);
	ns->mq_mnt->sb->private = NULL;
	spin_unlock(&mq_ns_lock);
	mnt_put(ns->mq_mnt);
}

/* ---- mq_open(2), mq_unlink(2) ---- */

/* one name of the directory, not a path */
static int
check_name(const char *name)
{
	if (!*name)
		return -ENOENT;
	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EACCES;
	return strlen(name) > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* the queue, its dentry counted; NULL: none */
static struct dentry *
find_queue(struct dentry *root, const char *name)
{
	struct dentry *d = d_lookup_name(root, name, strlen(name));

	if (d && !d->inode) {
		dentry_put(d);
		d = NULL;
	}
	return d;
}

/* *out counted; -EEXIST: somebody was faster */
static int
add_queue(struct dentry *root, const char *name, mode_t mode,
	  const struct abi_mq_attr *attr, struct dentry **out)
{
	struct inode *dir = root->inode, *i;
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (!err)
		err = make_queue(dir, mode & ~current->fs->umask, attr, &i);
	if (err)
		return err;
	inode_get(i);		/* keeps the queue if it is unlinked at once */
	err = simple_add(root, name, i, NULL);
	if (!err) {
		rwsem_write_lock(&dir->rwsem);
		dir->size += DIR_SIZE_ENTRY;
		rwsem_write_unlock(&dir->rwsem);
		*out = find_queue(root, name);
		if (*out && (*out)->inode != i) {
			dentry_put(*out);
			*out = NULL;
		}
		if (!*out)
			err = -ENOENT;
	}
	inode_put(i);
	return err;
}

int
mq_open_file(const char *name, u32 oflags, mode_t mode,
	     const struct abi_mq_attr *attr, struct file **out)
{
	struct vfsmount *m = current_ipc_ns()->mq_mnt;
	u32 keep = oflags & (O_ACCMODE | O_NONBLOCK | O_CLOEXEC);
	struct path p = { m, NULL };
	bool made;
	int err = check_name(name);

	if (err)
		return err;
	for (;;) {
		made = false;
		p.dentry = find_queue(m->root, name);
		if (p.dentry)
			break;
		if (!(oflags & O_CREAT))
			return -ENOENT;
		err = add_queue(m->root, name, mode, attr, &p.dentry);
		made = !err;
		if (made)
			break;
		if (err != -EEXIST && err != -ENOENT)
			return err;
	}
	if (!made && (oflags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		err = -EEXIST;
	else if (!made && (oflags & O_ACCMODE) == O_ACCMODE)
		err = -EINVAL;
	else if (made)
		err = vfs_open_real(&p, keep, out);
	else
		err = vfs_open_path(&p, keep, out);
	if (!err)
		(*out)->flags &= ~(u32)O_LARGEFILE;	/* nothing to seek in */
	dentry_put(p.dentry);
	return err;
}

int
mq_unlink_name(const char *name)
{
	struct dentry *root = current_ipc_ns()->mq_mnt->root, *d;
	int err = check_name(name);

	if (err)
		return err;
	rwsem_write_lock(&root->inode->rwsem);
	d = find_queue(root, name);
	err = d ? vfs_unlink(root->inode, d) : -ENOENT;
	rwsem_write_unlock(&root->inode->rwsem);
	if (d)
		dentry_put(d);
	return err;
}

SET_ADD(fs_type, mqueue_type);
