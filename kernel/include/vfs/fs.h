/* SPDX-License-Identifier: MIT */
/*
 * File systems' door: file system types, super blocks, inodes, dentries.
 *
 * Locking, per operation (held on entry):
 *	lookup			dir i_rwsem shared or exclusive
 *	create link symlink mkdir mknod unlink rmdir tmpfile
 *				dir i_rwsem exclusive (victims: theirs too)
 *	rename			both dirs exclusive, s_rename_mutex if they differ
 *	setattr			inode i_rwsem exclusive
 *	getattr get_link permission	none
 *	iterate			dir i_rwsem shared, f_pos lock
 *	read_iter		none; write_iter none (takes i_rwsem itself)
 * All may sleep.
 */
#ifndef VFS_FS_H
#define VFS_FS_H

#include <abi/stat.h>
#include <core/refcount.h>
#include <core/spinlock.h>
#include <lib/list.h>
#include <lib/set.h>
#include <mm/pagecache.h>
#include <sched/mutex.h>
#include <sched/rcu.h>

struct cred;
struct user_ns;
struct dentry;
struct file;
struct file_ops;
struct inode;
struct inode_ops;
struct path;
struct super_block;
struct vfsmount;
struct pipe;
struct file_lock_ctx;
struct chrdev;

struct timespec64 { time64_t sec; long nsec; };

struct qstr { const char *name; u32 len; u32 hash; };

/* ---- file system types: SET_ADD(fs_type, tmpfs_fs) ---- */
struct fs_type {
	const char *name;
	u32 flags;			/* FS_* */
	/*
	 * mount - make (or find) the super block. @source: mount(2)'s; @data:
	 * option string or NULL. *out referenced with s_root set.
	 */
	int (*mount)(const struct fs_type *t, u32 sb_flags, const char *source,
		     const char *data, struct super_block **out);
	void (*kill_sb)(struct super_block *sb);	/* last reference gone */
	/*
	 * check_option - is this one of ours, and well-formed? value NULL: none
	 * was given. 0, -ENOENT not known, -EINVAL. NULL: only mount() tells.
	 */
	int (*check_option)(const char *key, const char *value);
	/*
	 * owner - with FS_USERNS_MOUNT: who must be mighty, and whose super
	 * block it will be; borrowed. NULL: current's user namespace.
	 */
	struct user_ns *(*owner)(void);
};
#define FS_REQUIRES_DEV	BIT(0)
#define FS_USERNS_MOUNT	BIT(1)
#define FS_NODEV	BIT(2)		/* "nodev" in /proc/filesystems */
#define FS_USERNS_VISIBLE BIT(3)	/* see mount_reveals() */
const struct fs_type *fs_type_find(const char *name);

/* ---- super block ---- */
#define SB_RDONLY	1UL
#define SB_NOSUID	2UL
#define SB_NODEV	4UL
#define SB_NOEXEC	8UL
#define SB_SYNCHRONOUS	16UL
#define SB_MANDLOCK	64UL
#define SB_DIRSYNC	128UL
#define SB_NOATIME	1024UL
#define SB_NODIRATIME	2048UL
#define SB_SILENT	32768UL
#define SB_POSIXACL	(1UL << 16)
#define SB_LAZYTIME	(1UL << 25)
#define SB_DCACHE_TREE	(1UL << 32)	/* the dcache is the directory: no lookup */
#define SB_DEAD		(1UL << 33)	/* being shut down */
#define SB_USER_NODEV	(1UL << 34)	/* a user namespace's: no devices */

struct kstatfs {
	u64 f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	u64 f_fsid, f_namelen, f_frsize, f_flags;
};

struct super_ops {
	/* memory only: the VFS then clears and fills the struct inode itself */
	struct inode *(*alloc_inode)(struct super_block *sb);	/* NULL: plain */
	void (*free_inode)(struct inode *i);	/* RCU context; not sleeping */
	/* last reference of an inode goes: free its blocks if i_nlink is 0 */
	void (*evict_inode)(struct inode *i);
	int (*write_inode)(struct inode *i, bool wait);
	/* may the inode stay cached unreferenced? default: i_nlink != 0 && hashed */
	bool (*drop_inode)(struct inode *i);
	int (*sync_fs)(struct super_block *sb, bool wait);
	int (*statfs)(struct dentry *d, struct kstatfs *out);
	int (*remount)(struct super_block *sb, u32 *flags, const char *data);
	void (*put_super)(struct super_block *sb);
	/*
	 * name_to_handle_at(2): what names i for ever, at most *words words of
	 * fh; *words becomes what is needed. The handle's type, -EOVERFLOW.
	 */
	int (*encode_handle)(struct inode *i, u32 *fh, u32 *words);
	/* the reverse: referenced, or -ESTALE */
	int (*decode_handle)(struct super_block *sb, int type, const u32 *fh,
			     u32 words, struct dentry **out);
	/* ",size=64k": each option with its comma, NUL-terminated; 0 or -errno */
	int (*show_options)(struct super_block *sb, char *buf, size_t len);
};

struct super_block {
	struct refcount count;		/* mounts and users */
	const struct fs_type *type;	/* I */
	const struct super_ops *ops;	/* I */
	struct dentry *root;		/* I: counted */
	u64 flags;			/* SB_*; a */
	dev_t dev;			/* I: st_dev */
	u64 magic;
	u32 blocksize;
	u8 stack_depth;			/* of file systems over others */
	struct user_ns *user_ns;	/* I: counted; whose devices and ids count */
	loff_t maxbytes;
	char id[32];			/* device name or "tmpfs" */
	struct mutex rename_mutex;	/* rank rename */
	struct list_head inodes;	/* hashed ones; inode.c's lock */
	struct list_head link;		/* all supers */
	struct list_head mounts;	/* mount lock: by sb_link */
	void *private;			/* fs's */
	const void *d_ops;		/* default dentry_ops */
	u32 nr_watches;			/* inotify.c's lock; read without */
};
/* super_create - referenced, no root yet; anonymous dev number. NULL: ENOMEM */
struct super_block *super_create(const struct fs_type *t,
				 const struct super_ops *ops, u32 flags);
void super_get(struct super_block *sb);
void super_put(struct super_block *sb);
/*
 * mount helpers for nodev file systems. fill() sets ops, magic, root (and may
 * set d_ops, private, SB_DCACHE_TREE); on error what it set is torn down.
 * super_single: one instance for all mounts; super_nodev: a new one each.
 */
int super_single(const struct fs_type *t, u32 flags, const char *data,
		 int (*fill)(struct super_block *sb, const char *data),
		 struct super_block **out);
int super_nodev(const struct fs_type *t, u32 flags, const char *data,
		int (*fill)(struct super_block *sb, const char *data),
		struct super_block **out);
void super_kill_anon(struct super_block *sb);	/* generic kill_sb */

/* ---- inode ---- */
struct inode {
	mode_t mode;			/* i_rwsem; S_IF* | permissions */
	uid_t uid;			/* i_rwsem */
	gid_t gid;
	u32 nlink;			/* i_rwsem */
	u32 flags;			/* S_* below */
	const struct inode_ops *op;	/* I */
	const struct file_ops *fop;	/* I */
	struct super_block *sb;		/* I: borrowed, inode keeps no ref */
	struct aspace *mapping;		/* I: &aspace as a rule */
	struct aspace aspace;
	ino_t ino;			/* I */
	dev_t rdev;			/* I: device nodes */
	loff_t size;			/* i_rwsem to write; read atomically */
	u64 blocks;			/* 512-byte units */
	u32 blkbits;
	u32 generation;
	struct timespec64 atime, mtime, ctime, btime;
	struct rwsem rwsem;		/* rank inode */
	struct spinlock lock;		/* rank dcache: state, blocks */
	atomic_t count;			/* a: references */
	u32 state;			/* lock: I_* */
	struct hlist_node hash;		/* inode hash lock; unused by tmpfs */
	struct list_head sb_link, lru, wb_link;	/* hashed inodes only */
	union {
		struct pipe *pipe;	/* FIFOs */
		void *cdev;
		char *link;		/* symlinks kept in memory: fast path */
	};
	struct file_lock_ctx *flctx;	/* locks, made on first use */
	struct hlist_head watches;	/* inotify.c's lock */
	atomic_t writecount;		/* a: writers > 0, exec denies < 0 */
	atomic_t readcount;		/* a: regular files open to read only */
	void *private;			/* fs's, unless it embeds inode */
	struct rcu_head rcu;
};
#define I_NEW		BIT(0)
#define I_DIRTY		BIT(1)
#define I_FREEING	BIT(2)
#define I_LINKABLE	BIT(3)		/* O_TMPFILE */
#define S_IMMUTABLE_F	BIT(0)
#define S_APPEND_F	BIT(1)
#define S_NOATIME_F	BIT(2)
#define S_DEAD_F	BIT(3)		/* removed directory: no lookups */
#define S_PRIVATE_F	BIT(4)
#define S_FILECAPS_F	BIT(5)		/* may have security.capability: set by
					   vfs_setxattr and by who reads inodes */

struct kstat {
	u64 dev, ino, size, blocks, blksize;
	mode_t mode;
	u32 nlink;
	uid_t uid;
	gid_t gid;
	dev_t rdev;
	struct timespec64 atime, mtime, ctime, btime;
	u32 result_mask;		/* STATX_* valid beyond basic: BTIME */
	u64 attributes, attributes_mask;
};

struct iattr {
	u32 valid;			/* ATTR_* */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec64 atime, mtime;
	struct file *file;		/* ftruncate: the open file or NULL */
};
#define ATTR_MODE	BIT(0)
#define ATTR_UID	BIT(1)
#define ATTR_GID	BIT(2)
#define ATTR_SIZE	BIT(3)
#define ATTR_ATIME	BIT(4)		/* now, unless ATTR_ATIME_SET */
#define ATTR_MTIME	BIT(5)
#define ATTR_CTIME	BIT(6)
#define ATTR_ATIME_SET	BIT(7)
#define ATTR_MTIME_SET	BIT(8)
#define ATTR_KILL_SUID	BIT(9)
#define ATTR_KILL_SGID	BIT(10)
#define ATTR_TOUCH	BIT(11)		/* utimensat with both UTIME_NOW */

struct inode_ops {
	/* find name in dir; *out = inode referenced, NULL when it is not there */
	int (*lookup)(struct inode *dir, struct dentry *d, struct inode **out);
	/* make; on success the dentry is instantiated by d_instantiate() */
	int (*create)(struct inode *dir, struct dentry *d, mode_t mode);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *d);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *d, mode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	int (*mknod)(struct inode *dir, struct dentry *d, mode_t mode, dev_t dev);
	int (*rename)(struct inode *odir, struct dentry *od, struct inode *ndir,
		      struct dentry *nd, u32 flags);	/* RENAME_* */
	int (*tmpfile)(struct inode *dir, struct dentry *d, mode_t mode);
	/*
	 * get_link - target text. Either *text (valid while the inode is
	 * referenced; *done NULL or called with it after use) or, for magic
	 * links, a referenced *jump path and *text NULL.
	 */
	int (*get_link)(struct dentry *d, struct inode *i, const char **text,
			void (**done)(const char *text), struct path *jump);
	int (*readlink)(struct dentry *d, char *buf, size_t len);	/* or NULL */
	int (*permission)(struct inode *i, int mask);	/* NULL: generic */
	int (*setattr)(struct dentry *d, struct iattr *a);	/* NULL: generic */
	int (*getattr)(const struct path *p, struct kstat *st, u32 mask);
	ssize_t (*getxattr)(struct dentry *d, struct inode *i, const char *name,
			    void *buf, size_t len);
	int (*setxattr)(struct dentry *d, struct inode *i, const char *name,
			const void *buf, size_t len, int flags); /* buf NULL: remove */
	ssize_t (*listxattr)(struct dentry *d, char *buf, size_t len);
};

/* Make and find inodes. */
/* inode_new - referenced, I_NEW off, not hashed; the next number */
struct inode *inode_new(struct super_block *sb);
/* inode_get_locked - found, or I_NEW: fill it, then inode_unlock_new */
struct inode *inode_get_locked(struct super_block *sb, ino_t ino);
void inode_unlock_new(struct inode *i);
void inode_fail_new(struct inode *i);
void inode_get(struct inode *i);
void inode_put(struct inode *i);			/* T */
void inode_hash(struct inode *i);
void inode_init_owner(struct inode *i, const struct inode *dir, mode_t mode);
void inode_init_special(struct inode *i, mode_t mode, dev_t rdev);
void inode_mark_dirty(struct inode *i);
static inline void inode_inc_nlink(struct inode *i) { i->nlink++; }
static inline void inode_drop_nlink(struct inode *i) { if (i->nlink) i->nlink--; }
struct timespec64 inode_now(const struct inode *i);
void inode_touch(struct inode *i, u32 attr);	/* ATTR_ATIME|MTIME|CTIME = now */
static inline loff_t inode_size(const struct inode *i) { return READ_ONCE(i->size); }
static inline void inode_set_size(struct inode *i, loff_t s) { WRITE_ONCE(i->size, s); }
int generic_permission(struct inode *i, int mask);	/* MAY_* with current's fsuid */
/* has current cap in effect over i, whose owner and group its ids reach? */
bool inode_capable(const struct inode *i, int cap);
bool inode_owner_or_capable(const struct inode *i);	/* CAP_FOWNER */
int generic_setattr(struct dentry *d, struct iattr *a);	/* after setattr_prepare */
int setattr_prepare(struct dentry *d, struct iattr *a);	/* the permission rules */
void setattr_copy(struct inode *i, const struct iattr *a);
void generic_fillattr(struct inode *i, struct kstat *st);
#define MAY_EXEC	1
#define MAY_WRITE	2
#define MAY_READ	4
#define MAY_APPEND	8
#define MAY_ACCESS	16
#define MAY_OPEN	32
#define MAY_CHDIR	64
#define MAY_NOT_BLOCK	128	/* RCU walk: -ECHILD instead of sleeping */

/* ---- dentry ---- */
#define DNAME_INLINE_LEN 40
struct dentry_ops {
	/* is a cached (also negative) entry still right? 1, 0 drop it, -errno */
	int (*revalidate)(struct dentry *d, u32 flags);
	bool (*delete)(const struct dentry *d);	/* true: do not cache at last put */
	void (*release)(struct dentry *d);
	char *(*dname)(struct dentry *d, char *buf, size_t len);	/* pipe:[n] */
};
struct dentry {
	u32 flags;			/* lock: D_* */
	struct seqcount seq;		/* lock: rename, instantiate, drop */
	struct hlist_node hash;		/* bucket lock, R */
	struct dentry *parent;		/* seq, R: counted; itself for a root */
	struct qstr name;		/* seq, R */
	struct inode *inode;		/* seq, R: counted; NULL = negative */
	char iname[DNAME_INLINE_LEN] __aligned(8);
	struct spinlock lock;		/* rank dcache, parent before child */
	atomic_t count;			/* a: references; negative: dead */
	const struct dentry_ops *op;	/* I */
	struct super_block *sb;		/* I */
	struct list_head child;		/* parent's lock: in parent->subdirs */
	struct list_head subdirs;	/* lock: in order of their off */
	u64 off;			/* parent's lock: readdir position */
	u64 next_off;			/* lock: next child's */
	struct list_head lru;		/* lru lock */
	void *fsdata;			/* fs's */
	u8 referenced;			/* used since the shrinker looked */
	u8 name_external;		/* name.name is not iname */
	struct rcu_head rcu;
};
#define D_UNHASHED	BIT(0)
#define D_MOUNTED	BIT(1)		/* something is mounted on it somewhere */
#define D_LRU		BIT(2)
#define D_REFERENCED	BIT(3)
#define D_DISCONNECTED	BIT(4)
#define D_KEEP		BIT(5)		/* pinned by its file system (tmpfs) */
#define D_DEAD		BIT(6)
#define D_OP_REVALIDATE	BIT(7)		/* op->revalidate is there */
#define D_OP_DELETE	BIT(8)
#define D_DEAD_COUNT	(-(1 << 30))	/* count of a dentry being freed */

static inline struct dentry *
dentry_get(struct dentry *d)
{
	atomic_inc(&d->count);
	return d;
}
void dentry_put(struct dentry *d);			/* T; NULL is fine */
/* d_alloc - new, negative, unhashed child of parent; count 1. NULL: ENOMEM */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_make_root(struct inode *i);		/* consumes i */
/* d_alloc_pseudo - unparented, for pipes, sockets, anon files */
struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name);
void d_instantiate(struct dentry *d, struct inode *i);	/* consumes i's reference */
void d_add(struct dentry *d, struct inode *i);		/* instantiate + hash; i may be NULL */
void d_drop(struct dentry *d);				/* unhash */
void d_delete(struct dentry *d);			/* after unlink: no longer found */
/* d_move - od gets nd's place and name; d_exchange - they swap. s_rename_mutex
 * or the directory locks held. The caller of inode_ops.rename does this. */
void d_move(struct dentry *od, struct dentry *nd);
void d_exchange(struct dentry *a, struct dentry *b);
/* d_pin/d_unpin - D_KEEP with a reference: the dcache is the directory. */
void d_pin(struct dentry *d);
void d_unpin(struct dentry *d);
bool d_is_negative(const struct dentry *d);
/* is d the same as, or below, ancestor? */
bool d_is_ancestor(const struct dentry *ancestor, const struct dentry *d);
/* any positive child? d->lock not held */
bool d_is_empty_dir(struct dentry *d);
void d_invalidate_tree(struct dentry *d);		/* procfs: subtree is gone */
/* d_lookup_name - cached child of parent, referenced, or NULL */
struct dentry *d_lookup_name(struct dentry *parent, const char *name, u32 len);
/* d_first_child - a positive, hashed child; referenced. NULL: none. T */
struct dentry *d_first_child(struct dentry *d);
/* d_find_tree - below root (or it), positive and match()ing; referenced. T */
struct dentry *d_find_tree(struct dentry *root,
			   bool (*match)(const struct inode *i, const void *arg),
			   const void *arg);
u32 full_name_hash(const struct dentry *parent, const char *name, u32 len);

/* ---- paths and mounts ---- */
struct path { struct vfsmount *mnt; struct dentry *dentry; };
void path_get(const struct path *p);
void path_put(const struct path *p);

/* generic in-memory helpers, used by tmpfs, devtmpfs, procfs, sysfs */
extern const struct file_ops simple_dir_ops;	/* readdir over subdirs (libfs.c) */
int simple_statfs(struct dentry *d, struct kstatfs *out);
/* lookup of trees that live in the dcache: what is not cached is not there */
int simple_lookup(struct inode *dir, struct dentry *d, struct inode **out);
int simple_link(struct dentry *old, struct inode *dir, struct dentry *d);
int simple_unlink(struct inode *dir, struct dentry *d);
int simple_rmdir(struct inode *dir, struct dentry *d);
int simple_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
		  struct dentry *nd, u32 flags);
/*
 * simple_add - pinned child `name` of parent with inode i (consumed always),
 * for trees that the kernel populates. *out borrowed, may be NULL.
 * 0, -EEXIST, -ENOMEM, -ENOENT (parent is being removed). Takes its rwsem.
 */
int simple_add(struct dentry *parent, const char *name, struct inode *i,
	       struct dentry **out);
/* simple_remove - take out a pinned dentry and all below it. T. */
void simple_remove(struct dentry *d);
extern const struct inode_ops simple_dir_inode_ops;	/* only lookup */
extern const struct super_ops simple_super_ops;
extern const struct inode_ops simple_symlink_ops;	/* text in inode->link */

#endif
