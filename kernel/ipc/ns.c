// SPDX-License-Identifier: MIT
/*
 * IPC namespaces, ipc_namespaces(7): the tables of System V objects, the
 * limits that sysctls set, and the mount that POSIX message queues live in.
 *
 * A new one is empty and has the default limits. When the last task and the
 * last other user of one are gone, what is in it goes with it: nobody can
 * sleep on an object there, but segments may still be attached (after
 * setns(2)), which then vanish at the last detach.
 */
#include <abi/limits.h>
#include <core/initcall.h>
#include <lib/kstrto.h>
#include <task/user_ns.h>
#include "local.h"

static void
set_limits(struct ipc_ns *ns)
{
	ns->shmmax = ns->shmall = U64_MAX - (1UL << 24);
	ns->shmmni = 4096;
	ns->semmsl = 32000;
	ns->semmns = 1024000000;
	ns->semopm = 500;
	ns->semmni = 32000;
	ns->msgmax = 8192;
	ns->msgmnb = 16384;
	ns->msgmni = 32000;
	ns->mq_queues_max = 256;
	ns->mq_msg_max = ns->mq_msg_default = 10;
	ns->mq_msgsize_max = ns->mq_msgsize_default = 8192;
}

static void
ns_init(struct ipc_ns *ns)
{
	for (int i = 0; i < IPC_KINDS; i++)
		ipc_ids_init(&ns->ids[i]);
	set_limits(ns);
}

static const struct ns_ops ipc_ns_ops;

static int
ipc_ns_copy(struct ns_common *old, struct user_ns *owner,
	    struct fs_context *fs, struct ns_common **out)
{
	struct ipc_ns *ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	int err;

	(void)old, (void)fs;	/* it begins empty */
	if (!ns)
		return -ENOMEM;
	ns_common_init(&ns->common, &ipc_ns_ops, owner);
	ns_init(ns);
	err = mq_ns_init(ns);
	if (err) {
		user_ns_put(owner);
		kfree(ns);
		return err;
	}
	err = ns_charge(&ns->common, current_cred()->euid);
	if (err) {
		ns_put(&ns->common);
		return err;
	}
	*out = &ns->common;
	return 0;
}

static void
free_ns(struct rcu_head *h)
{
	struct ipc_ns *ns = container_of(h, struct ipc_ns, rcu);

	for (int i = 0; i < IPC_KINDS; i++)
		ipc_ids_destroy(&ns->ids[i]);
	kfree(ns);
}

static void
ipc_ns_free(struct ns_common *n)
{
	struct ipc_ns *ns = container_of(n, struct ipc_ns, common);

	sem_ns_exit(ns);
	msg_ns_exit(ns);
	shm_ns_exit(ns);
	mq_ns_exit(ns);
	/* a last detach may be at work, locked, on a segment just removed */
	call_rcu(&ns->rcu, free_ns);
}

static int
ipc_ns_install(struct nsset *s, struct ns_common *n)
{
	if (!ns_may_enter(s, n))
		return -EPERM;
	ns_get(n);
	nsproxy_set(s->nsproxy, NS_IPC, n);
	return 0;
}

static const struct ns_ops ipc_ns_ops = {
	.name = "ipc",
	.kind = NS_IPC,
	.flag = CLONE_NEWIPC,
	.copy = ipc_ns_copy,
	.free = ipc_ns_free,
	.install = ipc_ns_install,
};
SET_ADD(ns_ops, ipc_ns_ops);

struct ipc_ns init_ipc_ns = {
	.common = { REFCOUNT_INIT(1), NS_INUM_INIT_IPC, &ipc_ns_ops,
		&init_user_ns },
};

static void
ipc_init(void)
{
	ns_init(&init_ipc_ns);
	if (mq_ns_init(&init_ipc_ns))
		panic("ipc: no memory");
	init_nsproxy.ns[NS_IPC] = &init_ipc_ns.common;
}
INITCALL(INIT_CORE, ipc_init);

/* ---- tasks ---- */

void
ipc_exit(struct task *t, bool group_dead)
{
	sem_exit(t, group_dead);
	if (t->shm_creator)
		shm_exit_task(t);
}

void
ipc_leave(struct sem_undos *spare, bool ns)
{
	sem_leave(spare);
	if (ns && current->shm_creator) {
		shm_exit_task(current);
		current->shm_creator = false;
	}
}

/* ---- sysctls: of the namespace of who looks ---- */

/* n numbers, blanks between them; what is not given stays */
static int
parse(const char *s, u64 *v, int n, u64 least, u64 max)
{
	const char *end;

	for (int i = 0; i < n; i++) {
		u64 x;

		s += strspn(s, " \t\n");
		if (!*s)
			return i ? 0 : -EINVAL;
		if (*s == '-')
			return -EINVAL;
		x = kstrtoul_prefix(s, &end, 0);
		if (end == s || x < least || x > max || !strchr(" \t\n", *end))
			return -EINVAL;
		v[i] = x;
		s = end;
	}
	return 0;
}

#define SYSCTL(word, text, field, lo, hi)				\
static int								\
show_##field(struct seq_buf *s)						\
{									\
	seq_printf(s, "%lu\n", (u64)READ_ONCE(current_ipc_ns()->field));	\
	return 0;							\
}									\
static ssize_t								\
write_##field(const char *buf, size_t len)				\
{									\
	u64 v;								\
	int err = parse(buf, &v, 1, (lo), (hi));			\
									\
	if (err)							\
		return err;						\
	WRITE_ONCE(current_ipc_ns()->field, v);				\
	word								\
	return len;							\
}									\
static const struct proc_entry entry_##field = {			\
	.path = "sys/" text, .mode = 0644,				\
	.show = show_##field, .write = write_##field,			\
};									\
SET_ADD(proc_entry, entry_##field);

SYSCTL(, "kernel/shmmax", shmmax, 0, U64_MAX)
SYSCTL(, "kernel/shmall", shmall, 0, U64_MAX)
SYSCTL(, "kernel/shmmni", shmmni, 0, IPC_MNI)
SYSCTL(if (v) shm_destroy_orphans(current_ipc_ns());,
       "kernel/shm_rmid_forced", shm_rmid_forced, 0, 1)
SYSCTL(, "kernel/msgmax", msgmax, 0, INT_MAX)
SYSCTL(, "kernel/msgmnb", msgmnb, 0, INT_MAX)
SYSCTL(, "kernel/msgmni", msgmni, 0, IPC_MNI)
SYSCTL(, "fs/mqueue/queues_max", mq_queues_max, 0, INT_MAX)
SYSCTL(, "fs/mqueue/msg_max", mq_msg_max, 1, 65536)
SYSCTL(, "fs/mqueue/msgsize_max", mq_msgsize_max, 128, 16 << 20)
SYSCTL(, "fs/mqueue/msg_default", mq_msg_default, 1, 65536)
SYSCTL(, "fs/mqueue/msgsize_default", mq_msgsize_default, 128, 16 << 20)

static int
show_sem(struct seq_buf *s)
{
	struct ipc_ns *ns = current_ipc_ns();

	seq_printf(s, "%d\t%d\t%d\t%d\n", ns->semmsl, ns->semmns, ns->semopm,
		   ns->semmni);
	return 0;
}

static ssize_t
write_sem(const char *buf, size_t len)
{
	struct ipc_ns *ns = current_ipc_ns();
	u64 v[4] = { ns->semmsl, ns->semmns, ns->semopm, ns->semmni };
	int err = parse(buf, v, 4, 0, INT_MAX);

	if (err)
		return err;
	if (v[3] > IPC_MNI)
		return -ERANGE;
	ns->semmsl = v[0];
	ns->semmns = v[1];
	ns->semopm = v[2];
	ns->semmni = v[3];
	return len;
}
static const struct proc_entry entry_sem = {
	.path = "sys/kernel/sem", .mode = 0644,
	.show = show_sem, .write = write_sem,
};
SET_ADD(proc_entry, entry_sem);
