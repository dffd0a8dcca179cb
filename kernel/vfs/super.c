/* SPDX-License-Identifier: MIT */
/*
 * Super blocks: one mounted file system each, shared by all mounts of it.
 * References: every mount holds one; super_get() others. The last one kills
 * it: dentries, then inodes, then put_super.
 *
 * Locks: supers_lock (rank dcache) the list of all; single_mutex makes
 * super_single() find or create atomically.
 */
#include <abi/statfs.h>
#include <core/assert.h>
#include <dev/dev.h>
#include <lib/bitmap.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <vfs/vfs.h>
#include <vfs/notify.h>
#include "internal.h"
#include "mount.h"

static struct spinlock supers_lock = SPINLOCK_INIT(RANK_DCACHE);
static LIST_HEAD(supers);
static struct mutex single_mutex = MUTEX_INIT(single_mutex, RANK_NONE);
static unsigned long anon_devs[BITS_TO_LONGS(1 << 16)];

SET_DECLARE(fs_type, const struct fs_type);

const struct fs_type *
fs_type_find(const char *name)
{
	SET_FOREACH(fs_type, const struct fs_type, p)
		if (!strcmp((*p)->name, name))
			return *p;
	return NULL;
}

/* major 0: file systems without a device. 0 when all are taken. */
dev_t
anon_dev_alloc(void)
{
	size_t n;

	spin_lock(&supers_lock);
	n = bitmap_find_next_zero(anon_devs, 1 << 16, 1);
	if (n < 1 << 16)
		bitmap_set_bit(anon_devs, n);
	spin_unlock(&supers_lock);
	return n < 1 << 16 ? MKDEV(0, (dev_t)n) : 0;
}

struct user_ns *
fs_type_owner(const struct fs_type *t)
{
	if (!(t->flags & FS_USERNS_MOUNT))
		return &init_user_ns;
	return t->owner ? t->owner() : current_user_ns();
}

struct super_block *
super_create(const struct fs_type *t, const struct super_ops *ops, u32 flags)
{
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return NULL;
	sb->dev = anon_dev_alloc();
	if (!sb->dev) {
		kfree(sb);
		return NULL;
	}
	refcount_set(&sb->count, 1);
	sb->type = t;
	sb->user_ns = fs_type_owner(t);
	user_ns_get(sb->user_ns);
	sb->ops = ops;
	sb->flags = flags;
	if (sb->user_ns != &init_user_ns)
		sb->flags |= SB_USER_NODEV;
	sb->blocksize = PAGE_SIZE;
	sb->maxbytes = LOFF_MAX;
	strlcpy(sb->id, t->name, sizeof(sb->id));
	mutex_init(&sb->rename_mutex, RANK_RENAME);
	list_init(&sb->inodes);
	list_init(&sb->mounts);
	spin_lock(&supers_lock);
	list_add_tail(&sb->link, &supers);
	spin_unlock(&supers_lock);
	return sb;
}

void
super_get(struct super_block *sb)
{
	refcount_get(&sb->count);
}

void
super_kill_anon(struct super_block *sb)
{
	shrink_dcache_for_umount(sb);
	super_sync(sb, true);
	sb->flags |= SB_DEAD;
	inode_put_sb_all(sb);
}

void
super_put(struct super_block *sb)
{
	if (!refcount_put(&sb->count))
		return;
	notify_unmount(sb);
	spin_lock(&supers_lock);
	list_del(&sb->link);
	spin_unlock(&supers_lock);
	if (sb->type->kill_sb)
		sb->type->kill_sb(sb);
	else
		super_kill_anon(sb);
	rcu_barrier();		/* inodes on their way to free_inode() */
	if (sb->ops->put_super)
		sb->ops->put_super(sb);
	if (MAJOR(sb->dev) == 0) {
		spin_lock(&supers_lock);
		bitmap_clear_bit(anon_devs, MINOR(sb->dev));
		spin_unlock(&supers_lock);
	}
	user_ns_put(sb->user_ns);
	kfree(sb);
}

int
super_nodev(const struct fs_type *t, u32 flags, const char *data,
	    int (*fill)(struct super_block *sb, const char *data),
	    struct super_block **out)
{
	static const struct super_ops none;
	struct super_block *sb = super_create(t, &none, flags);
	int err;

	if (!sb)
		return -ENOMEM;
	err = fill(sb, data);
	if (err) {
		super_put(sb);
		return err;
	}
	*out = sb;
	return 0;
}

int
super_single(const struct fs_type *t, u32 flags, const char *data,
	     int (*fill)(struct super_block *sb, const char *data),
	     struct super_block **out)
{
	struct super_block *sb;
	int err;

	mutex_lock(&single_mutex);
	spin_lock(&supers_lock);
	list_for_each_entry(sb, &supers, link)
		if (sb->type == t && sb->root && refcount_get_live(&sb->count)) {
			spin_unlock(&supers_lock);
			mutex_unlock(&single_mutex);
			*out = sb;
			return 0;
		}
	spin_unlock(&supers_lock);
	err = super_nodev(t, flags, data, fill, out);
	mutex_unlock(&single_mutex);
	return err;
}

void
super_for_each(void (*fn)(struct super_block *sb, void *arg), void *arg)
{
	struct super_block *sb, *prev = NULL;

	spin_lock(&supers_lock);
	list_for_each_entry(sb, &supers, link) {
		if (!refcount_get_live(&sb->count))
			continue;
		spin_unlock(&supers_lock);
		if (prev)
			super_put(prev);
		prev = sb;
		fn(sb, arg);
		spin_lock(&supers_lock);
	}
	spin_unlock(&supers_lock);
	if (prev)
		super_put(prev);
}

struct super_block *
super_find_dev(dev_t dev)
{
	struct super_block *sb, *found = NULL;

	spin_lock(&supers_lock);
	list_for_each_entry(sb, &supers, link)
		if (sb->dev == dev && refcount_get_live(&sb->count)) {
			found = sb;
			break;
		}
	spin_unlock(&supers_lock);
	return found;
}

int
vfs_statfs(struct dentry *d, struct kstatfs *out)
{
	int err;

	*out = (struct kstatfs){ .f_fsid = d->sb->dev };
	if (!d->sb->ops->statfs)
		return -ENOSYS;
	err = d->sb->ops->statfs(d, out);
	if (!out->f_frsize)
		out->f_frsize = out->f_bsize;
	return err;
}

static void
sync_one(struct super_block *sb, void *wait)
{
	if (!(sb->flags & SB_RDONLY))
		(void)super_sync(sb, wait);
}

void
vfs_sync_all(void)
{
	super_for_each(sync_one, NULL);		/* start all, */
	super_for_each(sync_one, &supers);	/* then wait */
}
