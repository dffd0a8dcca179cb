/* SPDX-License-Identifier: MIT */
/*
 * What the rest of the kernel must do for IPC: tasks that are made, end, or
 * leave what they share. IPC namespaces are a kind of task/nsproxy.h.
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include <task/task.h>

struct sem_undos;

/*
 * ipc_clone - c, a copy of current that nobody sees yet, gets its share by
 * CLONE_SYSVSEM of the list of undos. 0 or -ENOMEM.
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
	if (likely(!c->sysvsem && thread == undos))
		return 0;
	return ipc_clone_slow(c, flags);
}

static inline void
ipc_unclone(struct task *c)
{
	if (c->sysvsem)
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
	return t->sysvsem || t->signal->sysvsem || t->shm_creator;
}

/*
 * unshare(CLONE_SYSVSEM), and before current gets another IPC namespace: it no
 * longer shares undos. First ipc_leave_prepare(), 0 or -ENOMEM; then, with what
 * that gave, ipc_leave(), or ipc_leave_cancel() when something else failed.
 * @ns: the namespace will be another one. Context: T.
 */
int ipc_leave_prepare(struct sem_undos **spare) __must_check;
void ipc_leave(struct sem_undos *spare, bool ns);
void ipc_leave_cancel(struct sem_undos *spare);

#endif
