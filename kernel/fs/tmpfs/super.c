/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: a file system in memory, tmpfs(5). It is the root file system until
 * (and unless) another is mounted over it, and what shared memory is made of.
 *
 * Names live in the dcache (libfs.c's simple_*), contents in the page cache,
 * which never reclaims them. So a tmpfs has no structures but its inodes.
 *
 * Limits: blocks (pages) and inodes are counted in atomics of the super block
 * before they are taken. What an inode has is its i_blocks; after truncation
 * or a hole punch that is set right by the number of pages still cached.
 *
 * Options: size= (bytes, k m g, or % of memory), nr_blocks=, nr_inodes=,
 * mode=, uid=, gid=; the first three can be changed by remount.
 */
#include <abi/statfs.h>
#include <core/assert.h>
#include <core/random.h>
#include <lib/ctype.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <vfs/inner.h>
#include "tmpfs.h"

#define DIR_SIZE_ENTRY	20	/* what a name adds to a directory's size */

static struct slab_cache *inode_cache;

static struct inode *
tmpfs_alloc_inode(struct super_block *sb)
{
	struct tmpfs_inode *t = slab_alloc(inode_cache, GFP_KERNEL);

	(void)sb;
	if (!t)
		return NULL;
	t->seals = F_SEAL_SEAL;
	t->xattr_bytes = 0;
	t->xattrs = NULL;
	return &t->vfs;
}

static void
tmpfs_free_inode(struct inode *i)
{
	if (S_ISLNK(i->mode))
		kfree(i->link);		/* path walk read it under RCU */
	slab_free(inode_cache, tmpfs_i(i));
}

static void
tmpfs_evict_inode(struct inode *i)
{
	struct tmpfs_super *s = tmpfs_sb(i->sb);

	if (i->blocks || i->aspace.nr_pages) {
		aspace_truncate(&i->aspace, 0);
		tmpfs_recharge(i);
	}
	if (unlikely(tmpfs_i(i)->xattrs))
		tmpfs_xattrs_free(tmpfs_i(i));
	if (s->max_inodes)
		atomic64_dec(&s->used_inodes);
}

struct inode *
tmpfs_inode_new(struct super_block *sb, const struct inode *dir, mode_t mode,
		dev_t rdev)
{
	struct tmpfs_super *s = tmpfs_sb(sb);
	struct inode *i;

	if (s->max_inodes && (u64)atomic64_add_return(&s->used_inodes, 1) >
	    s->max_inodes) {
		atomic64_dec(&s->used_inodes);
		return NULL;
	}
	i = inode_new(sb);
	if (!i) {
		if (s->max_inodes)
			atomic64_dec(&s->used_inodes);
		return NULL;
	}
	inode_init_owner(i, dir, mode);
	i->generation = s->generation;
	switch (mode & S_IFMT) {
	case S_IFREG:
		i->op = &tmpfs_file_iops;
		i->fop = &tmpfs_file_ops;
		i->aspace.ops = &tmpfs_aspace_ops;
		break;
	case S_IFDIR:
		i->op = &tmpfs_dir_iops;
		i->fop = &simple_dir_ops;
		i->nlink = 2;
		i->size = 2 * DIR_SIZE_ENTRY;
		break;
	case S_IFLNK:
		i->op = &tmpfs_symlink_iops;
		break;
	default:
		i->op = &tmpfs_special_iops;
		inode_init_special(i, i->mode, rdev);
	}
	return i;
}

static int
tmpfs_statfs(struct dentry *d, struct kstatfs *out)
{
	struct tmpfs_super *s = tmpfs_sb(d->sb);

	out->f_type = TMPFS_MAGIC;
	out->f_bsize = PAGE_SIZE;
	out->f_namelen = NAME_MAX;
	if (s->max_blocks) {
		u64 used = atomic64_read(&s->used_blocks);

		out->f_blocks = s->max_blocks;
		out->f_bfree = used < s->max_blocks ? s->max_blocks - used : 0;
		out->f_bavail = out->f_bfree;
	}
	if (s->max_inodes) {
		out->f_files = s->max_inodes;
		out->f_ffree = s->max_inodes - min_t(u64, s->max_inodes,
				atomic64_read(&s->used_inodes));
	}
	return 0;
}

/* -- options ------------------------------------------------------------- */

static int
parse_size(const char *v, struct tmpfs_super *s)
{
	const char *end;
	u64 n = memparse(v, &end);
	u64 total = s->default_blocks * 2;

	if (end == v)
		return -EINVAL;
	if (*end == '%') {
		if (n > 10000 || end[1])
			return -EINVAL;
		s->max_blocks = total * n / 100;
		return 0;
	}
	if (*end)
		return -EINVAL;
	s->max_blocks = DIV_ROUND_UP(min(n, (u64)LOFF_MAX), PAGE_SIZE);
	return 0;
}

static int
parse_count(const char *v, u64 *out)
{
	const char *end;
	u64 n = memparse(v, &end);

	if (end == v || *end)
		return -EINVAL;
	*out = n;
	return 0;
}

/* an id as the mounter's user namespace has it */
static int
option_id(const char *v, u32 (*make)(const struct user_ns *ns, u32 id),
	  u32 *out)
{
	u32 id;

	if (kstrtou32(v, 10, &id))
		return -EINVAL;
	id = make(current_user_ns(), id);
	if (id == INVALID_ID)
		return -EINVAL;
	*out = id;
	return 0;
}

/* returns 1 for an option it does not know */
static int
parse_one(const char *key, const char *v, struct tmpfs_super *s)
{
	if (!strcmp(key, "size"))
		return parse_size(v, s);
	if (!strcmp(key, "nr_blocks"))
		return parse_count(v, &s->max_blocks);
	if (!strcmp(key, "nr_inodes"))
		return parse_count(v, &s->max_inodes);
	if (!strcmp(key, "mode")) {
		if (kstrtou32(v, 8, &s->mode))
			return -EINVAL;
		s->mode &= S_IALLUGO;
		return 0;
	}
	if (!strcmp(key, "uid"))
		return option_id(v, make_kuid, &s->uid);
	if (!strcmp(key, "gid"))
		return option_id(v, make_kgid, &s->gid);
	return 1;
}

static int
parse_options(const char *data, struct tmpfs_super *s)
{
	char *copy, *p, *word;
	int err = 0;

	if (!data || !*data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	p = copy;
	while (!err && (word = strsep(&p, ","))) {
		char *v = strchr(word, '=');

		if (!*word)
			continue;
		if (v)
			*v++ = 0;
		err = v ? parse_one(word, v, s) : 1;
		if (err == 1)
			err = -EINVAL;
	}
	kfree(copy);
	return err;
}

static int
tmpfs_check_option(const char *key, const char *value)
{
	struct tmpfs_super s = { .default_blocks = 1 };
	int err = parse_one(key, value ? value : "", &s);

	return err == 1 ? -ENOENT : err;
}

static int
tmpfs_remount(struct super_block *sb, u32 *flags, const char *data)
{
	struct tmpfs_super *s = tmpfs_sb(sb), n = *s;
	int err = parse_options(data, &n);

	(void)flags;
	if (err)
		return err;
	/* a limit may not fall below what is used, nor appear out of none */
	if (n.max_blocks != s->max_blocks &&
	    (!s->max_blocks != !n.max_blocks ||
	     (u64)atomic64_read(&s->used_blocks) > n.max_blocks))
		return -EINVAL;
	if (n.max_inodes != s->max_inodes &&
	    (!s->max_inodes != !n.max_inodes ||
	     (u64)atomic64_read(&s->used_inodes) > n.max_inodes))
		return -EINVAL;
	s->max_blocks = n.max_blocks;
	s->max_inodes = n.max_inodes;
	return 0;
}

static int
tmpfs_show_options(struct super_block *sb, char *buf, size_t len)
{
	const struct tmpfs_super *s = tmpfs_sb(sb);
	size_t n = 0;

	buf[0] = 0;
	if (s->max_blocks != s->default_blocks)
		n += scnprintf(buf + n, len - n, ",size=%luk",
			       s->max_blocks * (PAGE_SIZE / 1024));
	if (s->max_inodes != s->default_inodes)
		n += scnprintf(buf + n, len - n, ",nr_inodes=%lu",
			       s->max_inodes);
	if (s->mode != s->default_mode)
		n += scnprintf(buf + n, len - n, ",mode=%03o", s->mode);
	if (s->uid)
		n += scnprintf(buf + n, len - n, ",uid=%u",
			       from_kuid_munged(current_user_ns(), s->uid));
	if (s->gid)
		n += scnprintf(buf + n, len - n, ",gid=%u",
			       from_kgid_munged(current_user_ns(), s->gid));
	return 0;
}

static void
tmpfs_put_super(struct super_block *sb)
{
	kfree(sb->private);
}

/* -- handles: Linux's form, generation and inode number ------------------ */

#define HANDLE_TYPE	1
#define HANDLE_WORDS	3

static int
tmpfs_encode_handle(struct inode *i, u32 *fh, u32 *words)
{
	if (*words < HANDLE_WORDS) {
		*words = HANDLE_WORDS;
		return -EOVERFLOW;
	}
	fh[0] = i->generation;
	fh[1] = i->ino;
	fh[2] = i->ino >> 32;
	*words = HANDLE_WORDS;
	return HANDLE_TYPE;
}

static bool
handle_matches(const struct inode *i, const void *arg)
{
	const u32 *fh = arg;

	return i->ino == ((u64)fh[2] << 32 | fh[1]) && i->generation == fh[0];
}

/* names are the dcache, so this looks through all of them: rare enough */
static int
tmpfs_decode_handle(struct super_block *sb, int type, const u32 *fh, u32 words,
		    struct dentry **out)
{
	if (type != HANDLE_TYPE || words < HANDLE_WORDS)
		return -ESTALE;
	*out = d_find_tree(sb->root, handle_matches, fh);
	return *out ? 0 : -ESTALE;
}

static const struct super_ops tmpfs_super_ops = {
	.encode_handle = tmpfs_encode_handle,
	.decode_handle = tmpfs_decode_handle,
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.evict_inode = tmpfs_evict_inode,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.show_options = tmpfs_show_options,
	.put_super = tmpfs_put_super,
};

static int
tmpfs_fill(struct super_block *sb, const char *data)
{
	struct tmpfs_super *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct inode *i;
	int err;

	if (!s)
		return -ENOMEM;
	random_bytes(&s->generation, sizeof(s->generation));
	sb->private = s;
	sb->ops = &tmpfs_super_ops;
	sb->magic = TMPFS_MAGIC;
	sb->flags |= SB_DCACHE_TREE;
	s->default_blocks = page_total() / 2;
	s->default_inodes = page_total() / 2;
	s->max_blocks = s->default_blocks;
	s->max_inodes = s->default_inodes;
	s->mode = S_IRWXUGO | S_ISVTX;
	s->uid = current_cred()->fsuid;
	s->gid = current_cred()->fsgid;
	if (sb->type != &tmpfs_type)	/* rootfs */
		s->mode = S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH;
	s->default_mode = s->mode;
	err = parse_options(data, s);
	if (err)
		return err;
	i = tmpfs_inode_new(sb, NULL, S_IFDIR | s->mode, 0);
	if (!i)
		return -ENOMEM;
	i->uid = s->uid;
	i->gid = s->gid;
	sb->root = d_make_root(i);
	return sb->root ? 0 : -ENOMEM;
}

static int
tmpfs_mount(const struct fs_type *t, u32 flags, const char *source,
	    const char *data, struct super_block **out)
{
	(void)source;
	if (!inode_cache) {
		/* first use: the root file system, before there are others */
		inode_cache = slab_create("tmpfs_inode",
					  sizeof(struct tmpfs_inode), 64, 0);
		if (!inode_cache)
			return -ENOMEM;
	}
	return super_nodev(t, flags, data, tmpfs_fill, out);
}

const struct fs_type tmpfs_type = {
	.name = "tmpfs",
	.flags = FS_NODEV | FS_USERNS_MOUNT,
	.mount = tmpfs_mount,
	.check_option = tmpfs_check_option,
};

static const struct fs_type rootfs_type = {
	.name = "rootfs",
	.flags = FS_NODEV,
	.mount = tmpfs_mount,
};

SET_ADD(fs_type, tmpfs_type);
SET_ADD(fs_type, rootfs_type);
