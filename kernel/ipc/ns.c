// SPDX-License-Identifier: MIT
/*
 * IPC namespaces, ipc_namespaces(7): the tables of System V objects, the
 * limits that sysctls set, and the mount that POSIX message queues live in.
 *
 * The initial one is static and not counted. When the last task and the last
 * other user of another are gone, what is in it goes with it: nobody can
 * sleep on an object there, but segments may still be attached (after
 * setns(2)), which then vanish at the last detach.
 */
#include <abi/limits.h>
#include <core/initcall.h>
#include <lib/kstrto.h>
#include "local.h"

struct ipc_ns init_ipc_ns;

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
	refcount_set(&ns->count, 1);
	for (int i = 0; i < IPC_KINDS; i++)
		ipc_ids_init(&ns->ids[i]);
	set_limits(ns);
}

int
ipc_ns_create(struct ipc_ns **out)
{
	struct ipc_ns *ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	int err;

	if (!ns)
		return -ENOMEM;
	ns_init(ns);
	err = mq_ns_init(ns);
	if (err) {
		kfree(ns);
		return err;
	}
	*out = ns;
	return 0;
}

struct ipc_ns *
ipc_ns_get(struct ipc_ns *ns)
{
	if (ns != &init_ipc_ns)
		refcount_get(&ns->count);
	return ns;
}

void
ipc_ns_put(struct ipc_ns *ns)
{
	if (ns == &init_ipc_ns || !refcount_put(&ns->count))
		return;
	sem_ns_exit(ns);
	msg_ns_exit(ns);
	shm_ns_exit(ns);
	mq_ns_exit(ns);
	for (int i = 0; i < IPC_KINDS; i++)
		ipc_ids_destroy(&ns->ids[i]);
	kfree(ns);
}

/* ---- tasks ---- */

int
ipc_clone_slow(struct task *c, u64 flags)
{
	int err;

	err = sem_clone(c, flags);
	if (!err && c->ipc_ns)
		ipc_ns_get(c->ipc_ns);
	return err;
}

void
ipc_unclone_slow(struct task *c)
{
	sem_unclone(c);
	if (c->ipc_ns)
		ipc_ns_put(c->ipc_ns);
}

void
ipc_exit(struct task *t, bool group_dead)
{
	sem_exit(t, group_dead);
	if (t->shm_creator)
		shm_exit_task(t);
	if (t->ipc_ns) {
		ipc_ns_put(t->ipc_ns);
		t->ipc_ns = NULL;
	}
}

static void
ipc_init(void)
{
	ns_init(&init_ipc_ns);
	if (mq_ns_init(&init_ipc_ns))
		panic("ipc: no memory");
}
INITCALL(INIT_CORE, ipc_init);

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
