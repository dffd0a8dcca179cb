/* SPDX-License-Identifier: MIT */
/*
 * Namespaces of tasks: the part that is the same for all kinds. See the
 * header for the door; unshare(2) and setns(2) are proc/namespace.c, the files
 * of /proc/PID/ns are vfs/nsfs.c.
 *
 * Locks: none but reference counts. task.nsproxy is written by its owner and
 * read by others under RCU, so a nsproxy is freed after a grace period.
 *
 * Limits: numbers of namespaces count up from NS_INUM_FIRST and would come
 * again only after 2^28 of them.
 */
#include <abi/errno.h>
#include <abi/clone.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/nsproxy.h>
#include <task/task.h>
#include <task/user_ns.h>

#define NS_INUM_FIRST	0xf0000000U

SET_DECLARE(ns_ops, const struct ns_ops);

struct nsproxy init_nsproxy = { .count = REFCOUNT_INIT(1) };

const struct ns_ops *
ns_ops_of(enum ns_kind kind)
{
	SET_FOREACH(ns_ops, const struct ns_ops, p)
		if ((*p)->kind == kind)
			return *p;
	return NULL;
}

void
nsproxy_init(void)
{
	SET_FOREACH(ns_ops, const struct ns_ops, p)
		if ((*p)->initial)
			init_nsproxy.ns[(*p)->kind] = (*p)->initial;
	for (int k = 0; k < NS_KINDS; k++)
		init_user_ns.max[k] = max_threads / 2;
}

void
ns_common_init(struct ns_common *n, const struct ns_ops *ops,
	       struct user_ns *owner)
{
	static atomic_t made;

	refcount_set(&n->count, 1);
	n->inum = NS_INUM_FIRST +
		((u32)(atomic_add_return(&made, 1) - 1) & 0xfffffff);
	n->ops = ops;
	user_ns_get(owner);
	n->owner = owner;
	n->charged = false;
}

int
ns_charge(struct ns_common *n, uid_t uid)
{
	int err = ucount_charge(n->owner, uid, n->ops->kind);

	n->creator = uid;
	n->charged = !err;
	return err;
}

bool
ns_may_enter(const struct nsset *s, const struct ns_common *n)
{
	const struct cred *c = s->cred ? s->cred : current_cred();

	return ns_capable(n->owner, CAP_SYS_ADMIN) &&
		ns_capable(c->user_ns, CAP_SYS_ADMIN);
}

void
ns_put(struct ns_common *n)
{
	struct user_ns *owner;

	while (n && refcount_put(&n->count)) {	/* then its owner's, maybe */
		owner = n->owner;
		if (n->charged)
			ucount_uncharge(owner, n->creator, n->ops->kind);
		n->ops->free(n);
		n = owner == &init_user_ns ? NULL : &owner->ns;
	}
}

struct nsproxy *
nsproxy_dup(const struct nsproxy *old)
{
	struct nsproxy *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	refcount_set(&p->count, 1);
	for (int k = 0; k < NS_KINDS; k++) {
		p->ns[k] = old->ns[k];
		if (p->ns[k])
			ns_get(p->ns[k]);
	}
	return p;
}

void
nsproxy_put(struct nsproxy *p)
{
	if (!p || !refcount_put(&p->count))
		return;
	for (int k = NS_KINDS - 1; k >= 0; k--)
		ns_put(p->ns[k]);
	kfree_rcu(p, &p->rcu);
}

struct nsproxy *
nsproxy_of(struct task *t)
{
	struct nsproxy *p;

	rcu_read_lock();
	p = READ_ONCE(t->nsproxy);
	if (p && !refcount_get_live(&p->count))
		p = NULL;
	rcu_read_unlock();
	return p;
}

void
nsproxy_set(struct nsproxy *p, enum ns_kind kind, struct ns_common *n)
{
	ns_put(p->ns[kind]);
	p->ns[kind] = n;
}

void
nsproxy_switch(struct nsproxy *p)
{
	struct nsproxy *old = current->nsproxy;

	WRITE_ONCE(current->nsproxy, p);
	nsproxy_put(old);
}

int
nsproxy_copy(u64 flags, struct nsproxy *old, struct user_ns *owner,
	     struct fs_context *fs, struct nsproxy **out)
{
	struct nsproxy *p = nsproxy_dup(old);
	const struct ns_ops *ops;
	struct ns_common *n;
	u64 known = 0;
	int err = 0;

	if (!p)
		return -ENOMEM;
	for (int k = 0; k < NS_KINDS && !err; k++) {
		ops = ns_ops_of(k);
		if (!ops || !ops->copy || !(flags & ops->flag) || !old->ns[k])
			continue;
		known |= ops->flag;
		err = ops->copy(p->ns[k], owner, fs, &n);
		if (!err)
			nsproxy_set(p, k, n);
	}
	if (!err && flags & NS_FLAGS_ALL & ~known)
		err = -EINVAL;
	if (err) {
		nsproxy_put(p);
		return err;
	}
	*out = p;
	return 0;
}

struct ns_common *
task_ns(struct task *t, const struct ns_ops *ops)
{
	struct ns_common *n = NULL;
	struct nsproxy *p;

	if (ops->of_task)
		return ops->of_task(t);
	p = nsproxy_of(t);
	if (p) {
		n = p->ns[ops->kind];
		if (n)
			ns_get(n);
		nsproxy_put(p);
	}
	return n;
}
