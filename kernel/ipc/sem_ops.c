// SPDX-License-Identifier: MIT
/*
 * A list of operations on a semaphore set, done wholly or not at all. Pure: the
 * set's lock is the caller's, nobody is woken and nothing allocated.
 */
#include "sem.h"

/* take back what the first n of w's operations did */
static void
rollback(struct sem_set *s, const struct sem_waiter *w, u32 n)
{
	while (n--) {
		const struct abi_sembuf *o = &w->ops[n];

		s->sem[o->sem_num].val -= o->sem_op;
		if (o->sem_flg & SEM_UNDO)
			w->undo->adj[o->sem_num] += o->sem_op;
	}
}

/* one operation: 0 done, 1 it must wait, -ERANGE */
static int
do_one(struct sem_set *s, const struct abi_sembuf *o, struct sem_undo *u)
{
	int val = s->sem[o->sem_num].val, adj;

	if (!o->sem_op && val)
		return 1;
	val += o->sem_op;
	if (val < 0)
		return 1;
	if (val > SEM_VAL_MAX)
		return -ERANGE;
	if (o->sem_flg & SEM_UNDO) {
		adj = u->adj[o->sem_num] - o->sem_op;
		if (adj < -SEM_ADJ_MAX - 1 || adj > SEM_ADJ_MAX)
			return -ERANGE;
		u->adj[o->sem_num] = adj;
	}
	s->sem[o->sem_num].val = val;
	return 0;
}

int
sem_try(struct sem_set *s, struct sem_waiter *w)
{
	int r = 0;
	u32 i;

	for (i = 0; i < w->n && !r; i++)
		r = do_one(s, &w->ops[i], w->undo);
	if (r) {
		w->blocking = &w->ops[i - 1];
		rollback(s, w, i - 1);
		return r > 0 && w->blocking->sem_flg & IPC_NOWAIT ?
			-EAGAIN : r;
	}
	for (i = 0; i < w->n; i++)
		s->sem[w->ops[i].sem_num].pid = w->pid;
	return 0;
}

bool
sem_still_blocked(const struct sem_set *s, const struct sem_waiter *w)
{
	const struct abi_sembuf *o = w->blocking;
	int val = s->sem[o->sem_num].val;

	return w->n == 1 && (o->sem_op ? val + o->sem_op < 0 : val != 0);
}
