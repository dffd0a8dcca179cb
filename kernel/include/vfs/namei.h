/* SPDX-License-Identifier: MIT */
/*
 * Path names. The walk runs without locks or references under RCU and
 * sequence counts; it falls back to a walk with references when something
 * moved under it or must sleep.
 */
#ifndef VFS_NAMEI_H
#define VFS_NAMEI_H

#include <abi/limits.h>
#include <core/refcount.h>
#include <vfs/fs.h>

#define LOOKUP_FOLLOW		BIT(0)	/* the last symlink too */
#define LOOKUP_DIRECTORY	BIT(1)
#define LOOKUP_PARENT		BIT(2)
#define LOOKUP_EMPTY		BIT(3)	/* AT_EMPTY_PATH */
#define LOOKUP_NO_XDEV		BIT(4)	/* openat2 RESOLVE_* */
#define LOOKUP_NO_MAGICLINKS	BIT(5)
#define LOOKUP_NO_SYMLINKS	BIT(6)
#define LOOKUP_BENEATH		BIT(7)
#define LOOKUP_IN_ROOT		BIT(8)
#define LOOKUP_AUTOMOUNT	BIT(9)
#define LOOKUP_CACHED		BIT(10)
#define LOOKUP_RCU		BIT(16)
#define LOOKUP_REVAL		BIT(17)
#define LOOKUP_TRAILING		BIT(18)	/* at the name's last component */

/* fs.protected_*: what is refused in sticky directories, proc_sys_fs(5) */
extern int protected_symlinks, protected_hardlinks;
extern int protected_fifos, protected_regular;
/* may_linkat - -EPERM by protected_hardlinks, or 0 */
int may_linkat(struct inode *i);

struct task;

/* root, cwd, umask of a task, shared by CLONE_FS */
struct fs_context {
	struct refcount count;
	struct spinlock lock;		/* rank files */
	struct seqcount seq;
	struct path root, cwd;		/* counted */
	mode_t umask;
	struct rcu_head rcu;
};
struct fs_context *fs_context_create(void);
struct fs_context *fs_context_fork(struct fs_context *old);
void fs_context_get(struct fs_context *f);
void fs_context_put(struct fs_context *f);
/* another task's, referenced; NULL when it has none (any more) */
struct fs_context *fs_context_of(struct task *t);
/* referenced root or cwd of f (another task's for /proc/PID) */
void fs_context_root(struct fs_context *f, struct path *out);
void fs_context_cwd(struct fs_context *f, struct path *out);
void fs_context_set_root(struct fs_context *f, const struct path *p);
void fs_context_set_cwd(struct fs_context *f, const struct path *p);
int fs_context_unshare(void);		/* private copy for current */

/*
 * A user path copied in: struct pathname on the caller's stack holds short
 * ones, longer ones come from a cache of PATH_MAX buffers.
 * 0, -EFAULT, -ENAMETOOLONG, -ENOENT (empty without LOOKUP_EMPTY), -ENOMEM
 */
struct pathname { const char *s; u32 len; char *heap; char buf[216] __aligned(8); };
int pathname_get(struct pathname *p, const char __user *u, u32 lookup_flags);
void pathname_put(struct pathname *p);

/* path_lookup - referenced path of name relative to dirfd (AT_FDCWD). */
int path_lookup(int dirfd, const char *name, u32 flags, struct path *out);
/* the same from a given directory (kernel mounts, initramfs) */
int path_lookup_at(const struct path *base, const char *name, u32 flags,
		   struct path *out);
int path_lookup_user(int dirfd, const char __user *name, u32 flags,
		     struct path *out);
/*
 * path_create - parent locked exclusive, *out dentry negative and referenced;
 * -EEXIST and so on. Finish with path_create_done().
 */
int path_create(int dirfd, const char *name, u32 flags, struct path *parent,
		struct dentry **out);
void path_create_done(struct path *parent, struct dentry *d);

/* lookup_one - name in parent, whose rwsem is held exclusive, without checks;
 * *out counted, may be negative */
int lookup_one(struct dentry *parent, const char *name, u32 len,
	       struct dentry **out);

int vfs_mkdir(struct inode *dir, struct dentry *d, mode_t mode);
int vfs_mknod(struct inode *dir, struct dentry *d, mode_t mode, dev_t dev);
int vfs_symlink(struct inode *dir, struct dentry *d, const char *target);
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *d);
int vfs_unlink(struct inode *dir, struct dentry *d);
int vfs_rmdir(struct inode *dir, struct dentry *d);
int vfs_create(struct inode *dir, struct dentry *d, mode_t mode);
int vfs_rename(struct inode *odir, struct dentry *od, struct inode *ndir,
	       struct dentry *nd, u32 flags);
int vfs_setattr(const struct path *p, struct iattr *a);
int vfs_getattr(const struct path *p, struct kstat *st, u32 mask);
int vfs_readlink(const struct path *p, char *buf, size_t len);
int inode_permission(struct inode *i, int mask);	/* with read-only checks */
int path_permission(const struct path *p, int mask);	/* mount flags as well */

/*
 * d_path - absolute name of p seen from root, written at the end of buf;
 * returns its start; "(unreachable)" and " (deleted)" as Linux. -ENAMETOOLONG
 * by NULL.
 */
char *d_path(const struct path *p, const struct path *root, char *buf, size_t len);
char *d_path_current(const struct path *p, char *buf, size_t len);
int vfs_getcwd(char *buf, size_t len);		/* bytes incl. NUL or -errno */

#endif
