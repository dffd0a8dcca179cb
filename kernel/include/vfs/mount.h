/* SPDX-License-Identifier: MIT */
/*
 * Mount trees, one a mount namespace; lookups of "what is mounted on this
 * dentry" are a hash read under RCU + mount_seq.
 */
#ifndef VFS_MOUNT_H
#define VFS_MOUNT_H

#include <abi/mount.h>
#include <sched/waitq.h>
#include <vfs/fs.h>

struct task;

#define MNT_NOSUID	BIT(0)
#define MNT_NODEV	BIT(1)
#define MNT_NOEXEC	BIT(2)
#define MNT_NOATIME	BIT(3)
#define MNT_NODIRATIME	BIT(4)
#define MNT_RELATIME	BIT(5)
#define MNT_READONLY	BIT(6)
#define MNT_STRICTATIME	BIT(7)
#define MNT_INTERNAL	BIT(8)		/* pipes and such: not in the tree */
#define MNT_LOCKED	BIT(9)
#define MNT_UNBINDABLE	BIT(10)
#define MNT_EXPIRED	BIT(11)		/* umount2(MNT_EXPIRE) saw it idle */
#define MNT_NOSYMFOLLOW	BIT(12)
#define MNT_DETACHED	BIT(13)		/* umounted; lives until the last user */
#define MNT_LOCK_READONLY BIT(14)	/* set by somebody mightier: these */
#define MNT_LOCK_NODEV	BIT(15)		/* flags are not to be cleared */
#define MNT_LOCK_NOSUID	BIT(16)
#define MNT_LOCK_NOEXEC	BIT(17)
#define MNT_LOCK_ATIME	BIT(18)
#define MNT_LOCK_MASK	(MNT_LOCK_READONLY | MNT_LOCK_NODEV | \
	MNT_LOCK_NOSUID | MNT_LOCK_NOEXEC | MNT_LOCK_ATIME)
#define MNT_USER_MASK	(MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_NOATIME | \
	MNT_NODIRATIME | MNT_RELATIME | MNT_READONLY | MNT_STRICTATIME | \
	MNT_NOSYMFOLLOW)

struct vfsmount {
	struct dentry *root;		/* I: counted */
	struct super_block *sb;		/* I: counted */
	u32 flags;			/* a: MNT_* */
	atomic_t count;			/* a: references */
	struct vfsmount *parent;	/* mount lock, R */
	struct dentry *mountpoint;	/* mount lock, R: counted */
	struct hlist_node hash;		/* R */
	struct mnt_ns *ns;		/* mount lock: in whose tree; borrowed */
	struct list_head children, child;	/* mount lock */
	struct list_head ns_link;	/* mount lock: by id */
	struct hlist_node mp_link;	/* mount lock: with others on the dentry */
	struct list_head sb_link;	/* mount lock: all of sb */
	/* propagation, ns_mutex; see propagate.c */
	int group;			/* of peers; 0: not shared */
	struct list_head share;		/* ring of peers */
	struct vfsmount *master;	/* whose events come here; borrowed */
	struct list_head slaves, slave;	/* below us; in master's slaves */
	struct list_head scratch;	/* of the change that is being made */
	struct vfsmount *copy;		/* the same: made of us */
	struct vfsmount *got;		/* the same: what comes onto us */
	struct vfsmount *to;		/* the same: where we will hang */
	u8 scratch_flags;
	char *source;			/* I: "device" of /proc/mounts */
	int id;				/* I: mountinfo */
	atomic_t writers;		/* a: open for writing; ro remount */
	struct rcu_head rcu;
};
static inline void mnt_get(struct vfsmount *m) { atomic_inc(&m->count); }
void mnt_put(struct vfsmount *m);		/* T */
/* mnt_want_write - refuse when read-only; paired with mnt_drop_write */
int mnt_want_write(struct vfsmount *m);		/* 0 or -EROFS */
void mnt_drop_write(struct vfsmount *m);
void file_update_atime(struct file *f);	/* as mount options say */

/* kernel-internal mounts (pipefs, sockfs, shm) */
int kern_mount(const struct fs_type *t, struct vfsmount **out);
/* a mount of p's directory that is in no tree, for a file system over others */
int mnt_private_clone(const struct path *p, struct vfsmount **out);
/* mount the first root file system (rootfs, a tmpfs); E, T once */
int mount_init_rootfs(void);
/* do_mount - mount(2) with kernel strings */
int vfs_mount(const char *source, const char *target, const char *fstype,
	      unsigned long flags, const char *data);
int vfs_umount(const char *target, int flags);
int vfs_pivot_root(const char *new_root, const char *put_old);
int vfs_chroot_current(const struct path *p);	/* no capability check */

/* ---- namespaces (mnt_ns.c) ---- */
struct mnt_ns;
bool may_mount(void);			/* current, in its mount namespace */
bool current_chrooted(void);		/* its root is not the namespace's. T. */
/* do set-id bits and file capabilities of files on m count for current? */
bool mnt_may_suid(const struct vfsmount *m);
/* mnt_ns_of - t's, referenced; NULL when it exits. Context: any. */
struct mnt_ns *mnt_ns_of(struct task *t);
void mnt_ns_put(struct mnt_ns *ns);		/* T */
/* poll of /proc/mounts: the count of changes, who is woken at each */
u64 mnt_ns_event(const struct mnt_ns *ns);
struct waitq *mnt_ns_waitq(struct mnt_ns *ns);
extern int sysctl_mount_max;			/* fs.mount-max */

/* /proc/mounts, mountinfo: seq style; cursor starts 0, false at the end */
bool mount_show(u64 *cursor, struct mnt_ns *ns, const struct path *root,
		int style, char *buf, size_t len, size_t *out_len);
#define MOUNT_SHOW_MOUNTS 0
#define MOUNT_SHOW_INFO 1
#define MOUNT_SHOW_STATS 2

#endif
