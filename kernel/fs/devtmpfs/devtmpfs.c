/* SPDX-License-Identifier: MIT */
/*
 * devtmpfs: the nodes of all registered devices, as one tree that every mount
 * shows. Otherwise a file system in memory like any: root may make files,
 * links and nodes, rename and remove them, those of the kernel too.
 *
 * The dentry cache is the tree (libfs's simple_*). A listener of the device
 * registry adds nodes, making directories on the way, and takes them out
 * again when the device goes, if the node is still the one it made
 * (inode->private is NODE_KERNEL) and still for that number; directories that
 * this leaves empty go too if they were made here.
 *
 * Locking: the registry calls one listener at a time; names are under the
 * directories' locks as everywhere.
 *
 * Limits: file contents are not bounded but by memory; only root can write.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/statfs.h>
#include <core/log.h>
#include <dev/dev.h>
#include <fs/init.h>
#include <lib/string.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include <vfs/namei.h>

LOG_MODULE_DEFINE(fs);

static char node_kernel;		/* its address marks what we made */
#define NODE_KERNEL	((void *)&node_kernel)

static struct super_block *devtmpfs_sb;	/* a reference of ours, for ever */
static const struct inode_ops dir_ops, special_ops, file_iops;
static const struct file_ops file_fops;
static const struct aspace_ops ram_ops;

static struct inode *
node_new(struct super_block *sb, mode_t mode, dev_t rdev)
{
	struct inode *i = inode_new(sb);

	if (!i)
		return NULL;
	i->mode = mode;
	switch (mode & S_IFMT) {
	case S_IFDIR:
		i->op = &dir_ops;
		i->fop = &simple_dir_ops;
		i->nlink = 2;
		break;
	case S_IFREG:
		i->op = &file_iops;
		i->fop = &file_fops;
		i->aspace.ops = &ram_ops;
		break;
	case S_IFLNK:
		i->op = &simple_symlink_ops;
		break;
	default:
		i->op = &special_ops;
		inode_init_special(i, mode, rdev);
	}
	return i;
}

/* -- what users do ------------------------------------------------------- */

/* the tree holds d from here on */
static void
node_link(struct inode *dir, struct dentry *d, struct inode *i)
{
	d_instantiate(d, i);
	d_pin(d);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

static int
dev_mknod(struct inode *dir, struct dentry *d, mode_t mode, dev_t rdev)
{
	struct inode *i = node_new(dir->sb, mode, rdev);

	if (!i)
		return -ENOMEM;
	inode_init_owner(i, dir, mode);
	node_link(dir, d, i);
	return 0;
}

static int
dev_create(struct inode *dir, struct dentry *d, mode_t mode)
{
	return dev_mknod(dir, d, (mode & S_IALLUGO) | S_IFREG, 0);
}

static int
dev_mkdir(struct inode *dir, struct dentry *d, mode_t mode)
{
	int err = dev_mknod(dir, d, (mode & S_IALLUGO) | S_IFDIR, 0);

	if (!err)
		inode_inc_nlink(dir);
	return err;
}

static int
dev_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	struct inode *i = node_new(dir->sb, S_IFLNK | S_IRWXUGO, 0);

	if (!i)
		return -ENOMEM;
	i->link = kstrdup(target, GFP_KERNEL);
	if (!i->link) {
		inode_put(i);
		return -ENOMEM;
	}
	inode_init_owner(i, dir, i->mode);
	inode_set_size(i, strlen(target));
	node_link(dir, d, i);
	return 0;
}

static const struct inode_ops dir_ops = {
	.lookup = simple_lookup,
	.create = dev_create,
	.link = simple_link,
	.unlink = simple_unlink,
	.symlink = dev_symlink,
	.mkdir = dev_mkdir,
	.rmdir = simple_rmdir,
	.mknod = dev_mknod,
	.rename = simple_rename,
};
static const struct inode_ops special_ops, file_iops;

/* -- file contents: pages that stay until the file goes ------------------ */

static int
ram_readpage(struct aspace *a, struct page *p)
{
	memset(page_to_virt(p), 0, PAGE_SIZE);
	page_set(p, PG_UPTODATE);
	page_unlock(p);
	return 0;
}

static int
ram_write_begin(struct aspace *a, loff_t pos, unsigned int len,
		struct page **out)
{
	struct page *p = page_find_or_create(a, (u64)pos >> PAGE_SHIFT,
					     GFP_USER);

	if (!p)
		return -ENOMEM;
	if (!page_test(p, PG_UPTODATE)) {
		memset(page_to_virt(p), 0, PAGE_SIZE);
		page_set(p, PG_UPTODATE);
	}
	*out = p;
	return 0;
}

static int
ram_write_end(struct aspace *a, loff_t pos, unsigned int len,
	      unsigned int copied, struct page *p)
{
	struct inode *i = a->host;

	page_unlock(p);
	page_put(p);
	if (pos + copied > i->size)
		inode_set_size(i, pos + copied);
	return copied;
}

static const struct aspace_ops ram_ops = {
	.readpage = ram_readpage,
	.write_begin = ram_write_begin,
	.write_end = ram_write_end,
	.flags = AS_NO_RECLAIM,
};

static int
ram_fsync(struct file *f, loff_t from, loff_t to, bool datasync)
{
	return 0;		/* memory is all there is */
}

static const struct file_ops file_fops = {
	.read_iter = filemap_read_iter,
	.write_iter = filemap_write_iter,
	.mmap = filemap_mmap,
	.fsync = ram_fsync,
	.llseek = generic_llseek,
};

/* -- what the registry does ---------------------------------------------- */

/* directory `name` in parent, made if it is missing; NULL: no memory */
static struct dentry *
dir_make(struct dentry *parent, const char *name)
{
	struct dentry *d = d_lookup_name(parent, name, strlen(name)), *made;
	struct inode *i;
	int err;

	if (d && !d_is_negative(d))
		return d;
	dentry_put(d);
	i = node_new(devtmpfs_sb, S_IFDIR | 0755, 0);
	if (!i)
		return NULL;
	i->private = NODE_KERNEL;
	err = simple_add(parent, name, i, &made);
	if (err == -EEXIST)	/* a user's mkdir came in between */
		return d_lookup_name(parent, name, strlen(name));
	if (err)
		return NULL;
	return dentry_get(made);
}

/*
 * Walks to the directory of path, cutting path to its last component; makes
 * what is missing on the way if make is set. Referenced or NULL.
 */
static struct dentry *
dir_of(char **path, struct dentry *(*step)(struct dentry *, const char *))
{
	struct dentry *d = dentry_get(devtmpfs_sb->root), *next;
	char *slash;

	while (d && (slash = strchr(*path, '/'))) {
		*slash = '\0';
		next = step(d, *path);
		dentry_put(d);
		d = next;
		*path = slash + 1;
		if (d && (d_is_negative(d) || !S_ISDIR(d->inode->mode))) {
			dentry_put(d);
			return NULL;
		}
	}
	return d;
}

static struct dentry *
dir_find(struct dentry *parent, const char *name)
{
	return d_lookup_name(parent, name, strlen(name));
}

static int
node_add(const struct device *dev, char *path)
{
	mode_t type = dev->cls && dev->cls->block ? S_IFBLK : S_IFCHR;
	struct dentry *dir = dir_of(&path, dir_make);
	struct inode *i;
	int err = -ENOMEM;

	if (!dir)
		return err;
	i = node_new(devtmpfs_sb, type | (dev->mode ? dev->mode : 0600),
		     dev->num);
	if (i) {
		i->uid = dev->uid;
		i->gid = dev->gid;
		i->private = NODE_KERNEL;
		err = simple_add(dir, path, i, NULL);
	}
	dentry_put(dir);
	return err;
}

/* empty directories of ours above a node that went */
static void
prune(struct dentry *dir)
{
	struct dentry *parent;

	while (dir != devtmpfs_sb->root && dir->inode->private == NODE_KERNEL &&
	       d_is_empty_dir(dir)) {
		parent = dentry_get(dir->parent);
		simple_remove(dir);
		dentry_put(dir);
		dir = parent;
	}
	dentry_put(dir);
}

static void
node_del(const struct device *dev, char *path)
{
	struct dentry *dir = dir_of(&path, dir_find), *d;

	if (!dir)
		return;
	d = d_lookup_name(dir, path, strlen(path));
	if (d && !d_is_negative(d) && d->inode->private == NODE_KERNEL &&
	    d->inode->rdev == dev->num)
		simple_remove(d);
	dentry_put(d);
	prune(dir);
}

static void
dev_event(struct device *dev, bool added)
{
	char path[NAME_MAX + 1];
	int err;

	if (!dev->num)
		return;
	if (strlcpy(path, device_node(dev), sizeof(path)) >= sizeof(path))
		return;
	if (!added) {
		node_del(dev, path);
		return;
	}
	err = node_add(dev, path);
	if (err && err != -EEXIST)
		log_err(fs, "devtmpfs: no node for %s: error %d", dev->name,
			-err);
}

static struct dev_listener listener = { .event = dev_event };

/* -- the super block ----------------------------------------------------- */

static void
dev_evict(struct inode *i)
{
	if (S_ISLNK(i->mode))
		kfree(i->link);
	if (i->aspace.nr_pages)
		aspace_truncate(&i->aspace, 0);
}

static const struct super_ops dev_sops = {
	.statfs = simple_statfs,
	.evict_inode = dev_evict,
};

static int
dev_mount(const struct fs_type *t, u32 flags, const char *source,
	  const char *data, struct super_block **out)
{
	/* options are those of the first mount, which was ours: mode=0755 */
	refcount_get(&devtmpfs_sb->count);
	*out = devtmpfs_sb;
	return 0;
}

static const struct fs_type devtmpfs_type = {
	.name = "devtmpfs",
	.flags = FS_NODEV,
	.mount = dev_mount,
	.kill_sb = super_kill_anon,
};
SET_ADD(fs_type, devtmpfs_type);

void
devtmpfs_init(void)
{
	struct super_block *sb = super_create(&devtmpfs_type, &dev_sops, 0);

	if (!sb)
		panic("devtmpfs: no memory");
	sb->magic = TMPFS_MAGIC;
	sb->flags |= SB_DCACHE_TREE;
	sb->root = d_make_root(node_new(sb, S_IFDIR | 0755, 0));
	if (!sb->root)
		panic("devtmpfs: no memory");
	devtmpfs_sb = sb;
	dev_listen(&listener);
}
