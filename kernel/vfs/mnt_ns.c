/* SPDX-License-Identifier: MIT */
/*
 * Mount namespaces, mount_namespaces(7): each has a tree of mounts of its own.
 *
 * A new one is a copy of its maker's, in which the maker's root and current
 * directory are moved to the copies. Anonymous ones (seq 0) hold what
 * open_tree(2) and fsmount(2) made and move_mount(2) did not place yet; they
 * belong to a file and nobody can enter them.
 *
 * A namespace can be kept by binding its file somewhere. That must not be
 * inside itself, nor in one that is older, or two would keep each other: seq
 * orders them.
 *
 * Locks: ns_mutex; see mount.c.
 */
#include <abi/clone.h>
#include <task/cred.h>
#include <task/nsproxy.h>
#include <task/user_ns.h>
#include <vfs/nsfs.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

static const struct ns_ops mnt_ns_ops;
static u64 last_seq = 1;		/* ns_mutex */

struct mnt_ns init_mnt_ns = {
	.ns = { REFCOUNT_INIT(1), NS_INUM_INIT_MNT, &mnt_ns_ops,
		&init_user_ns },
	.mounts = LIST_HEAD_INIT(init_mnt_ns.mounts),
	.seq = 1,
	.waitq = WAITQ_INIT(init_mnt_ns.waitq),
};

struct mnt_ns *
current_mnt_ns(void)
{
	struct nsproxy *p = current->nsproxy;

	return p ? ns_to_mnt(p->ns[NS_MNT]) : NULL;
}

struct mnt_ns *
mnt_ns_of(struct task *t)
{
	struct ns_common *n = task_ns(t, &mnt_ns_ops);

	return n ? ns_to_mnt(n) : NULL;
}

void
mnt_ns_put(struct mnt_ns *ns)
{
	if (ns)
		ns_put(&ns->ns);
}

u64
mnt_ns_event(const struct mnt_ns *ns)
{
	return READ_ONCE(ns->event);
}

struct waitq *
mnt_ns_waitq(struct mnt_ns *ns)
{
	return &ns->waitq;
}

void
mnt_ns_changed(struct mnt_ns *ns)
{
	WRITE_ONCE(ns->event, ns->event + 1);
	waitq_wake(&ns->waitq, 0, POLLERR | POLLPRI);
}

static struct mnt_ns *
ns_alloc(struct user_ns *owner)
{
	struct mnt_ns *ns = kzalloc(sizeof(*ns), GFP_KERNEL);

	if (!ns)
		return NULL;
	ns_common_init(&ns->ns, &mnt_ns_ops, owner);
	list_init(&ns->mounts);
	waitq_init(&ns->waitq);
	return ns;
}

int
mnt_ns_create_anon(struct mnt_ns **out)
{
	*out = ns_alloc(current_user_ns());
	return *out ? 0 : -ENOMEM;
}

void
mnt_ns_dissolve(struct mnt_ns *ns)
{
	ns_lock();
	if (ns->root)
		mnt_umount_tree(ns->root, 0);
	ns_unlock();
}

static void
mnt_ns_free(struct ns_common *n)
{
	struct mnt_ns *ns = ns_to_mnt(n);

	mnt_ns_dissolve(ns);
	kfree(ns);
}

/* p, in a mount that has just been copied, to the copy; *old is to be put */
static void
follow_copy(struct path *p, struct path *old, unsigned int *n)
{
	if (!p->mnt || !p->mnt->copy)
		return;
	old[*n] = *p;
	(*n)++;
	p->mnt = p->mnt->copy;
	path_get(p);
}

/*
 * The copy of old's tree becomes ns's; with fs its root and cwd follow. fs is of the task
 * that will live in it and seen by nobody else, or current's own, unshared.
 */
static int
copy_tree_into(struct mnt_ns *ns, struct mnt_ns *old, struct fs_context *fs)
{
	struct path put[2];
	unsigned int n = 0;
	struct vfsmount *m, *c, *top;
	u32 cl = CL_UNBINDABLE | CL_NSFILES;
	int err;

	ns_lock();
	/* one with less power over them gets mounts, but cannot change ours */
	if (ns->ns.owner != old->ns.owner)
		cl |= CL_SHARED_TO_SLAVE;
	err = mnt_copy_tree(old->root, old->root->root, cl, &top);
	if (err) {
		ns_unlock();
		return err;
	}
	if (ns->ns.owner != old->ns.owner)
		mnt_lock_tree(top);
	/* both trees have the same shape: walk them together */
	for (m = old->root, c = top; m && c;
	     m = mnt_next(m, old->root), c = mnt_next(c, top))
		m->copy = c;
	if (fs) {
		spin_lock(&fs->lock);
		seq_write_begin(&fs->seq);
		follow_copy(&fs->root, put, &n);
		follow_copy(&fs->cwd, put, &n);
		seq_write_end(&fs->seq);
		spin_unlock(&fs->lock);
	}
	for (m = old->root; m; m = mnt_next(m, old->root))
		m->copy = NULL;
	ns->seq = ++last_seq;
	ns->root = top;
	mnt_tree_set_ns(top, ns);
	ns_unlock();
	while (n)
		path_put(&put[--n]);
	return 0;
}

static int
mnt_ns_copy(struct ns_common *old, struct user_ns *owner,
	    struct fs_context *fs, struct ns_common **out)
{
	struct mnt_ns *ns = ns_alloc(owner);
	int err;

	if (!ns)
		return -ENOMEM;
	err = ns_charge(&ns->ns, current_cred()->euid);
	if (!err)
		err = copy_tree_into(ns, ns_to_mnt(old), fs);
	if (err) {
		ns_put(&ns->ns);
		return err;
	}
	*out = &ns->ns;
	return 0;
}

/* setns(2): the root and the current directory become the namespace's root */
static int
mnt_ns_install(struct nsset *s, struct ns_common *n)
{
	struct mnt_ns *ns = ns_to_mnt(n);
	struct path root;

	if (!ns_may_enter(s, n) ||
	    !ns_capable(s->cred ? s->cred->user_ns : current_user_ns(),
			CAP_SYS_CHROOT))
		return -EPERM;
	if (mnt_ns_is_anon(ns) || refcount_read(&s->fs->count) != 1)
		return -EINVAL;
	ns_lock();
	if (!ns->root) {
		ns_unlock();
		return -EINVAL;
	}
	root = (struct path){ ns->root, ns->root->root };
	path_get(&root);
	ns_unlock();
	path_follow_mounts(&root);
	ns_get(n);
	nsproxy_set(s->nsproxy, NS_MNT, n);
	fs_context_set_root(s->fs, &root);
	fs_context_set_cwd(s->fs, &root);
	path_put(&root);
	return 0;
}

bool
may_mount(void)
{
	return ns_capable(current_mnt_ns()->ns.owner, CAP_SYS_ADMIN);
}

bool
current_chrooted(void)
{
	struct path root, top;
	bool same;

	ns_lock();
	top.mnt = current_mnt_ns()->root;
	top.dentry = top.mnt->root;
	path_get(&top);
	ns_unlock();
	path_follow_mounts(&top);
	fs_context_root(current->fs, &root);
	same = root.mnt == top.mnt && root.dentry == top.dentry;
	path_put(&root);
	path_put(&top);
	return !same;
}

bool
mnt_may_suid(const struct vfsmount *m)
{
	return !(m->flags & MNT_NOSUID) && m->ns == current_mnt_ns() &&
		user_ns_within(current_user_ns(), m->sb->user_ns);
}

struct mnt_ns *
dentry_mnt_ns(const struct dentry *d)
{
	struct ns_common *n = dentry_ns(d);

	return n && n->ops == &mnt_ns_ops ? ns_to_mnt(n) : NULL;
}

bool
mnt_ns_loop(const struct dentry *d)
{
	struct mnt_ns *ns = dentry_mnt_ns(d);

	return ns && current_mnt_ns()->seq >= ns->seq;
}

static const struct ns_ops mnt_ns_ops = {
	.name = "mnt",
	.kind = NS_MNT,
	.flag = CLONE_NEWNS,
	.copy = mnt_ns_copy,
	.free = mnt_ns_free,
	.install = mnt_ns_install,
};

SET_ADD(ns_ops, mnt_ns_ops);
