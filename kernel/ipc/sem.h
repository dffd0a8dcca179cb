/* SPDX-License-Identifier: MIT */
/* Semaphore sets, for sem*.c. */
#ifndef IPC_SEM_H
#define IPC_SEM_H

#include <ipc/sysv.h>
#include "local.h"

#define SEM_VAL_MAX	32767
#define SEM_ADJ_MAX	SEM_VAL_MAX

struct sem { u16 val; pid_t pid; };		/* o */

struct sem_set {
	struct ipc_perm perm;			/* first */
	struct ipc_ns *ns;			/* I: borrowed; with perm in table */
	time64_t otime, ctime;			/* o */
	struct list_head zero, alter;		/* o: struct sem_waiter, in order */
	struct list_head undos;			/* o: struct sem_undo.set_link */
	u32 n;					/* I */
	struct sem sem[];			/* o: n of them */
};

/* What a process did to a set and will be taken back when it ends. */
struct sem_undo {
	struct list_head set_link;		/* o */
	struct list_head list_link;		/* o and list->lock */
	struct sem_set *set;			/* I: borrowed while linked */
	struct sem_undos *list;			/* I: borrowed while linked */
	s16 adj[];				/* o: set->n */
};

/* The undos of a process, or of those that share them by CLONE_SYSVSEM. */
struct sem_undos {
	struct refcount count;
	struct spinlock lock;			/* objqueue, inside a set's */
	struct list_head list;			/* lock */
};

struct sem_waiter {
	struct ipc_waiter w;			/* first */
	const struct abi_sembuf *ops;		/* borrowed from the sleeper */
	const struct abi_sembuf *blocking;	/* o: the one that does not go */
	u32 n;
	struct sem_undo *undo;			/* or NULL */
	pid_t pid;
};

static inline struct sem_set *
sem_set_of(struct ipc_perm *p)
{
	return (struct sem_set *)p;
}

void sem_set_put(struct sem_set *s);
/* sem_set_update - values changed: serve who can go on now. s locked. */
void sem_set_update(struct sem_set *s);

/* ---- sem_ops.c; s locked ---- */
/*
 * sem_try - do w's operations, all or none: 0, 1 (it must wait, w->blocking
 * says for what), -EAGAIN, -ERANGE. Numbers were checked; w->undo is there
 * when one of them has SEM_UNDO.
 */
int sem_try(struct sem_set *s, struct sem_waiter *w) __must_check;
/* sem_still_blocked - does what blocked w surely do so still? (It is only sure
 * when it is w's only operation.) */
bool sem_still_blocked(const struct sem_set *s, const struct sem_waiter *w);

/* ---- sem_undo.c ---- */
/* undo_find - l's for s, which is locked; NULL: none */
struct sem_undo *undo_find(struct sem_set *s, struct sem_undos *l);
struct sem_undo *undo_alloc(u32 n);
void undo_link(struct sem_undo *u, struct sem_set *s, struct sem_undos *l);
/* the list that current's operations go to, made when there is none; NULL */
struct sem_undos *undos_current(void);
/* s, locked, is removed: nobody has undos for it any more; they are to be
 * freed once the lock is free */
void undo_forget_set(struct sem_set *s, struct list_head *dead);
void undo_free_all(struct list_head *dead);

#endif
