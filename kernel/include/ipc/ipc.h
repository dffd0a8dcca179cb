/* SPDX-License-Identifier: MIT */
/*
 * IPC namespaces and what the rest of the kernel must do for System V IPC.
 * A task's namespace is task->ipc_ns; NULL there is the initial one, so that
 * nothing costs anybody who has no other.
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include <task/task.h>

struct ipc_ns;

extern struct ipc_ns init_ipc_ns;

/*
 * ipc_ns_create - an empty namespace with the default limits; referenced.
 * Returns 0 with *out, or -ENOMEM. Context: T.
 */
int ipc_ns_create(struct ipc_ns **out) __must_check;
/* ipc_ns_get/put - counted; the initial one is not. The last put, T, destroys
 * all that is in it. */
struct ipc_ns *ipc_ns_get(struct ipc_ns *ns);
void ipc_ns_put(struct ipc_ns *ns);

static inline struct ipc_ns *
ipc_ns_of(const struct task *t)
{
	return t->ipc_ns ? t->ipc_ns : &init_ipc_ns;
}

/*
 * ipc_clone - c, a copy of current that nobody sees yet, gets its share: the
 * namespace counted and, by CLONE_SYSVSEM, the list of undos. 0 or -ENOMEM.
 * ipc_unclone - takes it back when the clone failed.
 */
#define IPC_CLONE_THREAD	0x00010000UL	/* as CLONE_THREAD, */
#define IPC_CLONE_UNDOS		0x00040000UL	/* CLONE_SYSVSEM */
int ipc_clone_slow(struct task *c, u64 flags) __must_check;
void ipc_unclone_slow(struct task *c);

static inline int __must_check
ipc_clone(struct task *c, u64 flags)
{
	bool thread = flags & IPC_CLONE_THREAD, undos = flags & IPC_CLONE_UNDOS;

	c->shm_creator = false;
	/* fork, and threads as libraries make them: nothing to do */
	if (likely(!c->ipc_ns && !c->sysvsem && thread == undos))
		return 0;
	return ipc_clone_slow(c, flags);
}

static inline void
ipc_unclone(struct task *c)
{
	if (c->ipc_ns || c->sysvsem)
		ipc_unclone_slow(c);
}

/*
 * ipc_exit - t, current, ends: its undos are applied when nobody shares them
 * any more. @group_dead: it is the last thread. Context: T, no locks.
 */
void ipc_exit(struct task *t, bool group_dead);
static inline bool
ipc_exit_needed(const struct task *t)
{
	return t->sysvsem || t->signal->sysvsem || t->ipc_ns || t->shm_creator;
}

/* sem_unshare - current no longer shares undos: unshare(CLONE_SYSVSEM) and
 * before a change of namespace. 0 or -ENOMEM. Context: T. */
int sem_unshare(void) __must_check;

#endif
