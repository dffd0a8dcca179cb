/* SPDX-License-Identifier: MIT */
/*
 * Sleeping locks. mutex: one locked instruction uncontended, spins a little
 * while the owner runs, then sleeps in order. rwsem: writers are preferred
 * over new readers. Context: T. Ranks as spin locks. The unlocking thread may
 * touch the lock after another one got it: a lock must outlive its unlock.
 */
#ifndef SCHED_MUTEX_H
#define SCHED_MUTEX_H

#include <core/lockrank.h>
#include <sched/waitq.h>

struct mutex {
	u64 owner;			/* a: struct thread * | MUTEX_* bits */
	struct waitq waiters;
	u8 rank;
};
#define MUTEX_INIT(n, r) { .waiters = WAITQ_INIT((n).waiters), .rank = (r) }
void mutex_init(struct mutex *m, enum lock_rank rank);
void mutex_lock(struct mutex *m);
void mutex_lock_nested(struct mutex *m);	/* same rank: see the nest rule */
int __must_check mutex_lock_intr(struct mutex *m);	/* 0 or -ERESTARTSYS */
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(const struct mutex *m);

struct rwsem {
	s64 count;			/* a: readers and flag bits; see rwsem.c */
	struct waitq waiters;
	u8 rank;
};
#define RWSEM_INIT(n, r) { .waiters = WAITQ_INIT((n).waiters), .rank = (r) }
void rwsem_init(struct rwsem *s, enum lock_rank rank);
void rwsem_read_lock(struct rwsem *s);
bool rwsem_read_trylock(struct rwsem *s);
void rwsem_read_unlock(struct rwsem *s);
void rwsem_write_lock(struct rwsem *s);
void rwsem_write_lock_nested(struct rwsem *s);
int __must_check rwsem_write_lock_killable(struct rwsem *s);	/* 0 or -EINTR */
bool rwsem_write_trylock(struct rwsem *s);
void rwsem_write_unlock(struct rwsem *s);
void rwsem_downgrade(struct rwsem *s);
bool rwsem_held(const struct rwsem *s);

#endif
