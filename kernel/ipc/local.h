/* SPDX-License-Identifier: MIT */
/*
 * Inside of ipc/. Each kind of System V object (shared memory, semaphores,
 * message queues) has a table of ids in each namespace, ids.c.
 *
 * Locks: ids->mutex (rank object) makes find-or-create by key one step. An
 * object's own spin lock (rank objqueue) guards what is in it; ids->lock, of
 * the same rank, guards the table. Finding an object by id takes neither:
 * tables are read under RCU, and what was found is then locked.
 *
 * Nest rule (core/lockrank.h): an object's lock is the parent of ids->lock and,
 * for a semaphore set, of the lock of a list of undos. Those two are leaves:
 * inside them no other lock of this rank is taken, nor both at a time, nor the
 * locks of two objects.
 *
 * Letters: I immutable, o the object's lock, t ids->lock, m ids->mutex.
 */
#ifndef IPC_LOCAL_H
#define IPC_LOCAL_H

#include <abi/errno.h>
#include <abi/ipc.h>
#include <core/refcount.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <fs/procfs.h>
#include <ipc/ipc.h>
#include <lib/list.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/mutex.h>
#include <sched/rcu.h>
#include <task/cred.h>
#include <task/nsproxy.h>
#include <task/task.h>
#include <task/user_ns.h>

#define IPC_MNI		32768		/* indices: the id is seq * IPC_MNI + i */
#define IPC_SEQ_MAX	(INT_MAX / IPC_MNI)
#define IPC_MIN_CYCLE	64		/* ids are not reused before as many */
#define IPC_KEY_BITS	7

enum ipc_kind { IPC_SHM, IPC_SEM, IPC_MSG, IPC_KINDS };

struct ipc_table {
	struct rcu_head rcu;
	u32 n;
	struct ipc_perm *slot[];	/* R */
};

struct ipc_ids {
	struct mutex mutex;		/* rank object */
	struct spinlock lock;		/* rank objqueue, inside an object's */
	struct ipc_table *table;	/* R, t */
	struct hlist_head keys[1 << IPC_KEY_BITS];	/* R, t */
	u32 in_use;			/* t */
	int max_idx;			/* t: highest in use, -1: none */
	int last_idx, seq;		/* t: of the last one made */
};

struct ipc_perm {			/* first in each object */
	struct spinlock lock;		/* rank objqueue */
	struct refcount count;
	bool deleted;			/* o */
	int id, seq;			/* I once in the table */
	s32 key;			/* o, t */
	uid_t uid, cuid;		/* o; creator's I */
	gid_t gid, cgid;
	mode_t mode;			/* o */
	struct hlist_node key_link;	/* t */
	struct rcu_head rcu;
};

struct ipc_ns {
	struct ns_common common;		/* first */
	struct rcu_head rcu;
	struct ipc_ids ids[IPC_KINDS];
	/* sysctls: plain words, read racily */
	u64 shmmax, shmall;
	int shmmni, shm_rmid_forced;
	atomic64_t shm_pages;		/* promised to segments */
	int semmsl, semmns, semopm, semmni;
	atomic64_t used_sems;
	u32 msgmax, msgmnb;
	int msgmni;
	atomic64_t msg_bytes, msg_hdrs;
	/* mqueue.c */
	u32 mq_queues_max, mq_msg_max, mq_msgsize_max, mq_msg_default,
	    mq_msgsize_default;
	atomic_t mq_queues;
	struct vfsmount *mq_mnt;	/* counted */
};

extern struct ipc_ns init_ipc_ns;

static inline struct ipc_ns *
current_ipc_ns(void)
{
	return container_of(current->nsproxy->ns[NS_IPC], struct ipc_ns, common);
}

/* ---- ids.c ---- */
void ipc_ids_init(struct ipc_ids *ids);
void ipc_ids_destroy(struct ipc_ids *ids);
/* ipc_perm_init - count 1, locked by nobody, owned by current; mode's 0777 */
void ipc_perm_init(struct ipc_perm *p, s32 key, int flags);
/*
 * ipc_add - p gets an id and is found from then on; returns the id with p
 * *locked*, or -ENOSPC (limit reached), -ENOMEM. The table has the caller's
 * reference. m held.
 */
int ipc_add(struct ipc_ids *ids, struct ipc_perm *p, int limit) __must_check;
/* ipc_remove - p, locked, is no longer found; the table's reference is the
 * caller's to put. */
void ipc_remove(struct ipc_ids *ids, struct ipc_perm *p);
/* ipc_forget_key - p, locked, stays but has no key any more. */
void ipc_forget_key(struct ipc_ids *ids, struct ipc_perm *p);
/*
 * ipc_lock - the object with this id, locked: the caller neither sleeps nor
 * faults before spin_unlock(&p->lock). -EINVAL: none (any more).
 */
int ipc_lock(struct ipc_ids *ids, int id, struct ipc_perm **out) __must_check;
/* ipc_lock_index - by index, for *_STAT and lists; NULL: none */
struct ipc_perm *ipc_lock_index(struct ipc_ids *ids, int idx);
/* ipc_find_key - the same by key. m held. */
struct ipc_perm *ipc_find_key(struct ipc_ids *ids, s32 key);
static inline void ipc_get(struct ipc_perm *p) { refcount_get(&p->count); }
/* ipc_put_free - when the last reference went: kvfree after a grace period */
void ipc_free_rcu(struct ipc_perm *p);
/* ipc_access - may current do @want (a mode's bits, any class)? -EACCES */
int ipc_access(const struct ipc_perm *p, int want) __must_check;
/* ipc_owner - owner, creator or CAP_SYS_ADMIN, else -EPERM */
int ipc_owner(const struct ipc_perm *p) __must_check;
void ipc_perm_stat(const struct ipc_perm *p, struct abi_ipc_perm *out);
/* ipc_perm_set - owner and mode from IPC_SET; -EINVAL: no such ids, no change */
int ipc_perm_set(struct ipc_perm *p, const struct abi_ipc_perm *in) __must_check;
/* a get call's rules for one found: -EEXIST, -EACCES or 0. p locked */
int ipc_get_check(const struct ipc_perm *p, int flags) __must_check;

static inline time64_t
ipc_now(void)
{
	return clock_real_ns() / NSEC_PER_SEC;
}

/* ---- sleeping: one entry on the sleeper's stack ---- */
struct ipc_waiter {
	struct list_head link;		/* o: in a list of the object */
	struct thread *thread;		/* I */
	int status;			/* o: IPC_WAITING, then a result */
};
#define IPC_WAITING	1

static inline void
ipc_waiter_init(struct ipc_waiter *w)
{
	*w = (struct ipc_waiter){ .link = LIST_HEAD_INIT(w->link),
		.thread = current_thread, .status = IPC_WAITING };
}
/*
 * ipc_sleep - w is on a list; l, held, is let go and held again on return. 0:
 * w->status is set and w off its list. -EINTR, -ETIMEDOUT: w was taken off.
 * The caller's reference keeps l.
 */
int ipc_sleep(struct spinlock *l, struct ipc_waiter *w, nsec_t deadline);
/* ipc_wake - w, on its list under l, gets its result. l held. */
static inline void
ipc_wake(struct ipc_waiter *w, int status)
{
	list_del_init(&w->link);
	w->status = status;
	thread_wake(w->thread);	/* it cannot leave before the lock is free */
}

/* ---- destruction of a namespace, table by table ---- */
void shm_ns_exit(struct ipc_ns *ns);
void sem_ns_exit(struct ipc_ns *ns);
void msg_ns_exit(struct ipc_ns *ns);
int mq_ns_init(struct ipc_ns *ns) __must_check;
void mq_ns_exit(struct ipc_ns *ns);

/* ---- shm.c for shm_ctl.c and ns.c ---- */
struct shm_seg {
	struct ipc_perm perm;
	struct ipc_ns *ns;		/* o: borrowed; NULL once removed */
	struct file *file;		/* I: counted by us */
	const struct vm_ops *base;	/* I after the first mapping */
	u64 size, pages;		/* I */
	u64 nattch;			/* o */
	time64_t atime, dtime, ctime;	/* o */
	pid_t cpid, lpid;		/* o */
	struct task *creator;		/* o: borrowed; only compared */
	struct user_count *locker;	/* o: counted, who pays for SHM_LOCK */
	bool charged;			/* I: pages are committed */
};
static inline struct shm_seg *
shm_seg(struct ipc_perm *p)
{
	return (struct shm_seg *)p;
}
void shm_put(struct shm_seg *s);
/* shm_destroy - s, locked, is removed; unlocks. */
void shm_destroy(struct shm_seg *s);
u64 shm_resident(const struct shm_seg *s);	/* pages */
void shm_exit_task(struct task *t);	/* t is current */
void shm_destroy_orphans(struct ipc_ns *ns);

/* ---- sem_undo.c ---- */
void sem_exit(struct task *t, bool group_dead);
/* spare: from ipc_leave_prepare() */
void sem_leave(struct sem_undos *spare);

/* ids in /proc/sysvipc, as the reader's user namespace has them */
static inline uid_t
ipc_show_uid(uid_t uid)
{
	return from_kuid_munged(current_user_ns(), uid);
}
static inline gid_t
ipc_show_gid(gid_t gid)
{
	return from_kgid_munged(current_user_ns(), gid);
}

#endif
