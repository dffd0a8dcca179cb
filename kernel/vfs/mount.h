/* SPDX-License-Identifier: MIT */
/* Inside of the mount trees, for vfs/mount*.c, propagate.c, mnt_ns.c. */
#ifndef VFS_PRIV_MOUNT_H
#define VFS_PRIV_MOUNT_H

#include <task/nsproxy.h>
#include <vfs/mount.h>

struct mnt_ns {
	struct ns_common ns;
	struct vfsmount *root;		/* ns_mutex: the tree's reference */
	struct list_head mounts;	/* mount lock: by ns_link, ids grow */
	u32 nr_mounts;			/* ns_mutex */
	u32 pending;			/* ns_mutex: about to be added */
	u64 seq;			/* I: order of creation; 0: anonymous */
	u64 event;			/* a: changes */
	struct waitq waitq;
};

/*
 * ns_mutex, for all trees and propagation. A reference that may be the last
 * is put by mnt_put_later(), when it is unlocked: what goes with a mount may
 * be a namespace, of which other mounts go.
 */
void ns_lock(void);
void ns_unlock(void);
void mnt_put_later(struct vfsmount *m);
extern struct spinlock mount_lock;
extern struct mnt_ns init_mnt_ns;

static inline struct mnt_ns *
ns_to_mnt(struct ns_common *n)
{
	return container_of(n, struct mnt_ns, ns);
}
struct mnt_ns *current_mnt_ns(void);	/* borrowed; NULL in exit */

/* ---- mount.c: one mount; ns_mutex held but for mnt_new ---- */
struct vfsmount *mnt_new(struct super_block *sb, struct dentry *root,
			 const char *source, u32 flags);
/* m hangs on (parent, d) and is found by path walk; the tree has the caller's
 * reference. Not yet in a namespace. */
void mnt_hang(struct vfsmount *m, struct vfsmount *parent, struct dentry *d);
/* the reverse: the tree's reference is the caller's */
void mnt_unhang(struct vfsmount *m);
/* m and all below become ns's, or nobody's (NULL) */
void mnt_tree_set_ns(struct vfsmount *m, struct mnt_ns *ns);
void mnt_set_ns(struct vfsmount *m, struct mnt_ns *ns);
/* what hangs on (m, d) itself, borrowed */
struct vfsmount *mnt_child_at(struct vfsmount *m, struct dentry *d);
bool mnt_is_ours(const struct vfsmount *m);
bool path_is_below(const struct path *p, const struct path *root);
/* depth first over the tree of top; _skip: without what is below p */
struct vfsmount *mnt_next(struct vfsmount *p, struct vfsmount *top);
struct vfsmount *mnt_skip(struct vfsmount *p, struct vfsmount *top);
/* every task whose root or cwd is old gets new: pivot_root(2) */
void fs_contexts_move(const struct path *old, const struct path *new);

/* ---- mount_tree.c: trees of mounts; ns_mutex held ---- */
#define CL_SLAVE	BIT(0)	/* the copy is a slave of the original */
#define CL_SHARED	BIT(1)	/* the copy is shared */
#define CL_PRIVATE	BIT(2)
#define CL_UNBINDABLE	BIT(3)	/* copy unbindable mounts as well */
#define CL_NSFILES	BIT(4)	/* ... and bound mount namespace files */
#define CL_SHARED_TO_SLAVE BIT(5)
int mnt_clone(struct vfsmount *m, struct dentry *root, u32 cl,
	      struct vfsmount **out);
int mnt_copy_tree(struct vfsmount *m, struct dentry *root, u32 cl,
		  struct vfsmount **out);
/* a tree that never was attached: all of it is put */
void mnt_drop_tree(struct vfsmount *m);
/* m (free, or the root of an anonymous tree, or moved) goes onto (parent, d)
 * and wherever that propagates. The caller's reference is taken on success. */
int mnt_graft(struct vfsmount *m, struct vfsmount *parent, struct dentry *d);
#define UMOUNT_PROPAGATE	1
void mnt_umount_tree(struct vfsmount *m, int how);
u32 mnt_count_tree(struct vfsmount *m);
void mnt_lock_tree(struct vfsmount *m);
bool mnt_has_locked_children(struct vfsmount *m, struct dentry *root);
bool mnt_tree_has_unbindable(struct vfsmount *m);
bool mnt_tree_has_nsfile(struct vfsmount *m);

/* ---- propagate.c ---- */
/* vfsmount.scratch_flags */
#define SCRATCH_NEW_GROUP	BIT(0)	/* group invented just now */
#define SCRATCH_SEEN		BIT(1)	/* in the list of gather() */
#define SCRATCH_GONE		BIT(2)	/* will be umounted */
#define SCRATCH_WAS_RO		BIT(3)	/* before mount_setattr(2) */
int mnt_group_alloc(struct vfsmount *m);
int mnt_groups_invent(struct vfsmount *m, bool recurse);
void mnt_groups_undo(struct vfsmount *m);
void mnt_groups_keep(struct vfsmount *m);
void mnt_change_type(struct vfsmount *m, unsigned long ms);
int propagate_mount(struct vfsmount *m, struct vfsmount *parent,
		    struct dentry *at, struct list_head *copies);
bool propagate_busy(struct vfsmount *m, s32 refs);
void propagate_umount(struct list_head *gone);
int mnt_dominating_group(struct vfsmount *m, const struct path *root);

/* ---- mnt_ns.c ---- */
int mnt_ns_create_anon(struct mnt_ns **out);
/* an anonymous one whose fd is closed: dissolve what is left */
void mnt_ns_dissolve(struct mnt_ns *ns);
static inline bool
mnt_ns_is_anon(const struct mnt_ns *ns)
{
	return !ns->seq;
}
/* would mounting d (a namespace file) make a loop of namespaces? */
bool mnt_ns_loop(const struct dentry *d);
struct mnt_ns *dentry_mnt_ns(const struct dentry *d);
void mnt_ns_changed(struct mnt_ns *ns);

/* ---- mount_fd.c ---- */
int mount_tree_fd(struct vfsmount *m, bool cloexec);

/* ---- mount_ops.c ---- */
int mountpoint_attach(struct vfsmount *m, struct path *p);
u32 mnt_flags_of(unsigned long ms);
struct user_ns *fs_type_owner(const struct fs_type *t);	/* borrowed */
bool fs_type_may_mount(const struct fs_type *t);	/* current */
/*
 * would a mount of sb show what mounts over the others of its type hide, in a
 * namespace that may not take those away? T.
 */
bool mount_reveals(const struct super_block *sb, u32 flags);
int mnt_set_flags(struct vfsmount *m, u32 f);
int mount_bind_source(const struct path *from, bool recursive,
		      struct vfsmount **out);
int mount_move(struct path *from, struct path *to);
int mount_reconfigure(struct super_block *sb, unsigned long ms,
		      const char *data);

#endif
