// SPDX-License-Identifier: MIT
/*
 * System V semaphores: semget(2), semop(2).
 *
 * The operations of a call happen all or none, under the set's lock. Who must
 * wait is on one of two lists in order of arrival: zero, whose operations
 * change nothing, or alter. After each change sem_set_update() tries both from
 * the start, zero first, and begins anew after each success that changed a
 * value; the waker does the waiting one's operations, so nobody can come in
 * between. A waiter remembers which operation blocked it: that one must go
 * before a whole try is worth it, and GETNCNT and GETZCNT count by it.
 *
 * Locking: local.h. The waiter's entry and operations are on its stack or in
 * its memory; it holds a reference to the set and returns under its lock.
 *
 * Limits: kernel.sem. Values 0..32767, adjustments as much to either side.
 */
#include <sched/sched.h>
#include "sem.h"

static inline struct ipc_ids *
sem_ids(struct ipc_ns *ns)
{
	return &ns->ids[IPC_SEM];
}

void
sem_set_put(struct sem_set *s)
{
	if (refcount_put(&s->perm.count))
		ipc_free_rcu(&s->perm);
}

/* sem_try, and the time of the last success */
static int
try_ops(struct sem_set *s, struct sem_waiter *w)
{
	int r = sem_try(s, w);

	if (!r)
		s->otime = ipc_now();
	return r;
}

/* wake who can go on; returns whether a value changed */
static bool
serve(struct sem_set *s, struct list_head *list, bool alters)
{
	struct sem_waiter *w, *n;

	list_for_each_entry_safe(w, n, list, w.link) {
		int r = sem_still_blocked(s, w) ? 1 : try_ops(s, w);

		if (r > 0)
			continue;
		ipc_wake(&w->w, r);
		if (alters && !r)
			return true;
	}
	return false;
}

void
sem_set_update(struct sem_set *s)
{
	do {
		if (!list_empty(&s->zero))
			serve(s, &s->zero, false);
	} while (!list_empty(&s->alter) && serve(s, &s->alter, true));
}

/* ---- semop(2) ---- */

struct op_shape { u32 max_num; bool alters, undoes; };

static struct op_shape
shape_of(const struct abi_sembuf *ops, u32 n)
{
	struct op_shape h = { 0 };

	for (u32 i = 0; i < n; i++) {
		h.max_num = max(h.max_num, (u32)ops[i].sem_num);
		h.alters |= ops[i].sem_op != 0;
		h.undoes |= (ops[i].sem_flg & SEM_UNDO) != 0;
	}
	return h;
}

/*
 * The set, locked, rights checked; w->undo there when it must be. *spare is
 * to be kvfree'd without the lock, whatever comes.
 */
static int
lock_for_ops(int id, const struct op_shape *h, struct sem_waiter *w,
	     struct sem_set **out, struct sem_undo **spare)
{
	struct sem_undos *list = NULL;
	struct ipc_perm *p;
	struct sem_set *s;
	u32 room = 0;
	int err;

	if (h->undoes) {
		list = undos_current();
		if (!list)
			return -ENOMEM;
	}
	for (;;) {
		err = ipc_lock(sem_ids(current_ipc_ns()), id, &p);
		if (err)
			return err;
		s = sem_set_of(p);
		err = h->max_num >= s->n ? -EFBIG :
			ipc_access(p, h->alters ? 0200 : 0400);
		if (err)
			break;
		if (list)
			w->undo = undo_find(s, list);
		if (list && !w->undo && *spare && room >= s->n) {
			undo_link(*spare, s, list);
			w->undo = *spare;
			*spare = NULL;
		}
		*out = s;
		if (!list || w->undo)
			return 0;
		room = s->n;
		spin_unlock(&p->lock);
		kvfree(*spare);
		*spare = undo_alloc(room);
		if (!*spare)
			return -ENOMEM;
	}
	spin_unlock(&p->lock);
	return err;
}

static int
wait_turn(struct sem_set *s, struct sem_waiter *w, struct list_head *list,
	  nsec_t deadline)
{
	int r;

	ipc_waiter_init(&w->w);
	list_add_tail(&w->w.link, list);
	ipc_get(&s->perm);
	r = ipc_sleep(&s->perm.lock, &w->w, deadline);
	if (!r)
		r = w->w.status;
	else if (r == -ETIMEDOUT)
		r = -EAGAIN;
	spin_unlock(&s->perm.lock);
	sem_set_put(s);
	return r;
}

int
sem_op(int id, const struct abi_sembuf *ops, u32 n, nsec_t deadline)
{
	struct op_shape h = shape_of(ops, n);
	struct sem_waiter w = { .ops = ops, .n = n,
		.pid = pid_nr(current->tgid) };
	struct sem_undo *spare = NULL;
	struct sem_set *s = NULL;
	int r = lock_for_ops(id, &h, &w, &s, &spare);

	if (r)
		goto out;
	r = try_ops(s, &w);
	if (r > 0) {
		r = wait_turn(s, &w, h.alters ? &s->alter : &s->zero, deadline);
		goto out;
	}
	if (!r && h.alters)
		sem_set_update(s);
	spin_unlock(&s->perm.lock);
out:
	kvfree(spare);
	return r;
}

int
sem_limit_ops(void)
{
	return READ_ONCE(current_ipc_ns()->semopm);
}

/* ---- semget(2) ---- */

static int
set_new(struct ipc_ns *ns, s32 key, int nsems, int flags)
{
	struct sem_set *s;
	int id;

	if (!nsems)
		return -EINVAL;
	if (atomic64_read(&ns->used_sems) + nsems > READ_ONCE(ns->semmns))
		return -ENOSPC;
	s = kvmalloc(sizeof(*s) + nsems * sizeof(s->sem[0]), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	memset(s, 0, sizeof(*s) + nsems * sizeof(s->sem[0]));
	ipc_perm_init(&s->perm, key, flags);
	s->ns = ns;
	s->n = nsems;
	s->ctime = ipc_now();
	list_init(&s->zero);
	list_init(&s->alter);
	list_init(&s->undos);
	id = ipc_add(sem_ids(ns), &s->perm, READ_ONCE(ns->semmni));
	if (id < 0) {
		kvfree(s);
		return id;
	}
	atomic64_add(&ns->used_sems, nsems);
	spin_unlock(&s->perm.lock);
	return id;
}

int
sem_get(s32 key, int nsems, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_perm *p = NULL;
	int r;

	if (nsems < 0 || nsems > READ_ONCE(ns->semmsl))
		return -EINVAL;
	mutex_lock(&sem_ids(ns)->mutex);
	if (key != IPC_PRIVATE)
		p = ipc_find_key(sem_ids(ns), key);
	if (!p) {
		r = key == IPC_PRIVATE || flags & IPC_CREAT ?
			set_new(ns, key, nsems, flags) : -ENOENT;
	} else {
		r = -EEXIST;
		if ((flags & (IPC_CREAT | IPC_EXCL)) !=
		    (IPC_CREAT | IPC_EXCL))
			r = (u32)nsems > sem_set_of(p)->n ? -EINVAL :
				ipc_get_check(p, flags);
		if (!r)
			r = p->id;
		spin_unlock(&p->lock);
	}
	mutex_unlock(&sem_ids(ns)->mutex);
	return r;
}
