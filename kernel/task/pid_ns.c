/* SPDX-License-Identifier: MIT */
/*
 * PID namespaces: making and entering them. The numbers are pid.c's; the end
 * of one with its init is proc/pid_ns_exit.c's.
 *
 * A task stays in the namespace in which its number was given; unshare(2) and
 * setns(2) change where its children will be (nsproxy's member).
 */
#include <abi/errno.h>
#include <mm/slab.h>
#include <task/pid_ns.h>
#include <task/task.h>
#include <task/user_ns.h>

static const struct ns_ops pid_ns_ops;

struct pid_ns init_pid_ns = {
	.ns = { REFCOUNT_INIT(1), NS_INUM_INIT_PID, &pid_ns_ops,
		&init_user_ns },
	.emptied = WAITQ_INIT(init_pid_ns.emptied),
};

static int
pid_ns_copy(struct ns_common *old, struct user_ns *owner,
	    struct fs_context *fs, struct ns_common **out)
{
	struct pid_ns *parent = ns_to_pid(old), *ns;
	int err;

	/* there may be one level at a time between parent and child */
	if (parent != current_pid_ns() ||
	    !user_ns_within(owner, parent->ns.owner))
		return -EINVAL;
	if (parent->level >= PID_NS_LEVELS)
		return -ENOSPC;
	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;
	ns_common_init(&ns->ns, &pid_ns_ops, owner);
	waitq_init(&ns->emptied);
	ns->level = parent->level + 1;
	ns->parent = parent;
	ns_get(&parent->ns);
	err = ns_charge(&ns->ns, current_cred()->euid);
	if (err) {
		ns_put(&ns->ns);
		return err;
	}
	*out = &ns->ns;
	return 0;
}

static void
pid_ns_free_rcu(struct rcu_head *h)
{
	struct pid_ns *ns = container_of(h, struct pid_ns, rcu);

	for (int i = 0; i < PID_PER_PAGE; i++)
		kfree(ns->pages[i]);
	kfree(ns);
}

/* lookups by who is in it are over; a reader of /proc may still be at it */
static void
pid_ns_free(struct ns_common *n)
{
	struct pid_ns *ns = ns_to_pid(n);

	ns_put(&ns->parent->ns);
	call_rcu(&ns->rcu, pid_ns_free_rcu);
}

/* setns(2): into one's own or one below */
static int
pid_ns_install(struct nsset *s, struct ns_common *n)
{
	struct pid_ns *ns = ns_to_pid(n), *up = ns, *mine = current_pid_ns();

	if (!ns_may_enter(s, n))
		return -EPERM;
	while (up->level > mine->level)
		up = up->parent;
	if (up != mine)
		return -EINVAL;
	ns_get(n);
	nsproxy_set(s->nsproxy, NS_PID, n);
	return 0;
}

static struct ns_common *
pid_ns_of_task(struct task *t)
{
	struct ns_common *n = NULL;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	if (t->links[PIDTYPE_PID].pid) {
		n = &pid_ns_of(t->links[PIDTYPE_PID].pid)->ns;
		ns_get(n);
	}
	spin_unlock_irqrestore(&tasklist_lock, f);
	return n;
}

static struct ns_common *
pid_ns_of_children(struct task *t)
{
	struct nsproxy *p = nsproxy_of(t);
	struct ns_common *n = NULL;

	if (p) {
		n = p->ns[NS_PID];
		/* not before there is an init in it */
		if (READ_ONCE(ns_to_pid(n)->reaper))
			ns_get(n);
		else
			n = NULL;
		nsproxy_put(p);
	}
	return n;
}

/* the parent, if it is current's or below that */
static int
pid_ns_parent(struct ns_common *n, struct ns_common **out)
{
	struct pid_ns *ns = ns_to_pid(n)->parent, *mine = current_pid_ns(), *i;

	for (i = ns; i && i != mine; i = i->parent)
		;
	if (!i)
		return -EPERM;
	ns_get(&ns->ns);
	*out = &ns->ns;
	return 0;
}

static const struct ns_ops pid_ns_ops = {
	.name = "pid",
	.kind = NS_PID,
	.flag = CLONE_NEWPID,
	.initial = &init_pid_ns.ns,
	.copy = pid_ns_copy,
	.free = pid_ns_free,
	.install = pid_ns_install,
	.of_task = pid_ns_of_task,
	.parent = pid_ns_parent,
};

SET_ADD(ns_ops, pid_ns_ops);

/* a second link to those of the same kind */
static const struct ns_ops pid_children_ops = {
	.name = "pid_for_children",
	.kind = NS_PID_CHILDREN,
	.of_task = pid_ns_of_children,
};

SET_ADD(ns_ops, pid_children_ops);
