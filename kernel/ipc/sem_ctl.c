// SPDX-License-Identifier: MIT
/*
 * semctl(2), and the list /proc/sysvipc/sem. What a set call changes wakes
 * sleepers as semop(2) does; adjustments for a value that was set are gone.
 */
#include <sched/sched.h>
#include "sem.h"

static inline struct ipc_ids *
sem_ids(void)
{
	return &current_ipc_ns()->ids[IPC_SEM];
}

/* the set, locked, with the right `want' */
static int
lock_set(int id, int want, struct sem_set **out)
{
	struct ipc_perm *p;
	int err = ipc_lock(sem_ids(), id, &p);

	if (err)
		return err;
	err = want ? ipc_access(p, want) : ipc_owner(p);
	if (err)
		spin_unlock(&p->lock);
	else
		*out = sem_set_of(p);
	return err;
}

int
sem_stat(int id, int cmd, struct abi_semid_ds *out)
{
	struct ipc_perm *p;
	struct sem_set *s;
	int r = 0;

	if (cmd == IPC_STAT) {
		r = ipc_lock(sem_ids(), id, &p);
		if (r)
			return r;
	} else {
		p = ipc_lock_index(sem_ids(), id);
		if (!p)
			return -EINVAL;
		r = p->id;
	}
	s = sem_set_of(p);
	if (cmd != SEM_STAT_ANY && ipc_access(p, 0400))
		r = -EACCES;
	*out = (struct abi_semid_ds){
		.sem_otime = s->otime, .sem_ctime = s->ctime,
		.sem_nsems = s->n,
	};
	ipc_perm_stat(p, &out->sem_perm);
	spin_unlock(&p->lock);
	return r;
}

int
sem_set_perm(int id, const struct abi_ipc_perm *in)
{
	struct sem_set *s;
	int err = lock_set(id, 0, &s);

	if (err)
		return err;
	err = ipc_perm_set(&s->perm, in);
	if (!err)
		s->ctime = ipc_now();
	spin_unlock(&s->perm.lock);
	return err;
}

/* s, locked, is removed; unlocks, and puts the table's reference */
static void
destroy(struct ipc_ids *ids, struct sem_set *s)
{
	LIST_HEAD(dead);

	atomic64_sub(&s->ns->used_sems, s->n);
	ipc_remove(ids, &s->perm);
	undo_forget_set(s, &dead);
	while (!list_empty(&s->zero))
		ipc_wake(list_first_entry(&s->zero, struct ipc_waiter, link),
			 -EIDRM);
	while (!list_empty(&s->alter))
		ipc_wake(list_first_entry(&s->alter, struct ipc_waiter, link),
			 -EIDRM);
	spin_unlock(&s->perm.lock);
	undo_free_all(&dead);
	sem_set_put(s);
}

int
sem_rmid(int id)
{
	struct sem_set *s;
	int err = lock_set(id, 0, &s);

	if (!err)
		destroy(sem_ids(), s);
	return err;
}

void
sem_ns_exit(struct ipc_ns *ns)
{
	struct ipc_ids *ids = &ns->ids[IPC_SEM];

	for (int i = 0; i <= ids->max_idx; i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);

		if (p)
			destroy(ids, sem_set_of(p));
		cond_resched();
	}
}

int
sem_info(int cmd, struct abi_seminfo *out)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_ids *ids = &ns->ids[IPC_SEM];

	*out = (struct abi_seminfo){
		.semmap = 1024000000, .semmni = ns->semmni,
		.semmns = ns->semmns, .semmnu = 1024000000,
		.semmsl = ns->semmsl, .semopm = ns->semopm, .semume = 500,
		.semusz = 20, .semvmx = SEM_VAL_MAX, .semaem = SEM_ADJ_MAX,
	};
	if (cmd == SEM_INFO) {
		out->semusz = ids->in_use;
		out->semaem = atomic64_read(&ns->used_sems);
	}
	return max(READ_ONCE(ids->max_idx), 0);
}

/* ---- values ---- */

static int
count_waiters(struct list_head *list, int num, bool zero)
{
	struct sem_waiter *w;
	int n = 0;

	list_for_each_entry(w, list, w.link)
		if (w->blocking->sem_num == num &&
		    (w->blocking->sem_op == 0) == zero)
			n++;
	return n;
}

int
sem_one(int id, int num, int cmd)
{
	struct sem_set *s;
	int r = lock_set(id, 0400, &s);

	if (r)
		return r;
	if (num < 0 || (u32)num >= s->n) {
		r = -EINVAL;
		goto out;
	}
	switch (cmd) {
	case GETVAL:
		r = s->sem[num].val;
		break;
	case GETPID:
		r = pid_nr_here(s->sem[num].pid);
		break;
	default:
		r = count_waiters(&s->zero, num, cmd == GETZCNT) +
			count_waiters(&s->alter, num, cmd == GETZCNT);
	}
out:
	spin_unlock(&s->perm.lock);
	return r;
}

static void
set_value(struct sem_set *s, u32 i, u16 val)
{
	s->sem[i].val = val;
	s->sem[i].pid = pid_nr(current->tgid);
}

int
sem_set_one(int id, int num, int val)
{
	struct sem_undo *u;
	struct ipc_perm *p;
	struct sem_set *s;
	int r;

	if (val < 0 || val > SEM_VAL_MAX)
		return -ERANGE;
	r = ipc_lock(sem_ids(), id, &p);
	if (r)
		return r;
	s = sem_set_of(p);
	r = num < 0 || (u32)num >= s->n ? -EINVAL : ipc_access(p, 0200);
	if (!r) {
		list_for_each_entry(u, &s->undos, set_link)
			u->adj[num] = 0;
		set_value(s, num, val);
		s->ctime = ipc_now();
		sem_set_update(s);
	}
	spin_unlock(&s->perm.lock);
	return r;
}

int
sem_count(int id)
{
	struct sem_set *s;
	int r = lock_set(id, 0200, &s);

	if (r)
		return r;
	r = s->n;
	spin_unlock(&s->perm.lock);
	return r;
}

int
sem_set_all(int id, const u16 *vals, u32 n)
{
	struct sem_undo *u;
	struct sem_set *s;
	int r;

	for (u32 i = 0; i < n; i++)
		if (vals[i] > SEM_VAL_MAX)
			return -ERANGE;
	r = lock_set(id, 0200, &s);
	if (r)
		return r == -EINVAL ? -EIDRM : r;	/* it was there */
	if (s->n != n) {
		r = -EIDRM;
	} else {
		list_for_each_entry(u, &s->undos, set_link)
			memset(u->adj, 0, n * sizeof(u->adj[0]));
		for (u32 i = 0; i < n; i++)
			set_value(s, i, vals[i]);
		s->ctime = ipc_now();
		sem_set_update(s);
	}
	spin_unlock(&s->perm.lock);
	return r;
}

int
sem_get_all(int id, u16 **vals)
{
	struct sem_set *s;
	u16 *v = NULL;
	u32 n = 0;
	int r;

	for (;;) {
		r = lock_set(id, 0400, &s);
		if (r)
			break;
		if (v && n == s->n) {
			for (u32 i = 0; i < n; i++)
				v[i] = s->sem[i].val;
			spin_unlock(&s->perm.lock);
			*vals = v;
			return n;
		}
		n = s->n;
		spin_unlock(&s->perm.lock);
		kvfree(v);
		v = kvmalloc(n * sizeof(*v), GFP_KERNEL);
		if (!v)
			return -ENOMEM;
	}
	kvfree(v);
	return r;
}

static int
show_sem(struct seq_buf *b)
{
	struct ipc_ids *ids = sem_ids();

	seq_puts(b, "       key      semid perms      nsems   uid   gid  cuid"
		 "  cgid      otime      ctime\n");
	for (int i = 0; i <= READ_ONCE(ids->max_idx) && !b->overflow; i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);

		if (p) {
			seq_printf(b, "%10d %10d  %4o %10u %5u %5u %5u %5u "
				   "%10ld %10ld\n", p->key, p->id, p->mode,
				   sem_set_of(p)->n, ipc_show_uid(p->uid),
				   ipc_show_gid(p->gid), ipc_show_uid(p->cuid),
				   ipc_show_gid(p->cgid), sem_set_of(p)->otime,
				   sem_set_of(p)->ctime);
			spin_unlock(&p->lock);
		}
		cond_resched();
	}
	return 0;
}
static const struct proc_entry entry_sem = {
	.path = "sysvipc/sem", .mode = 0444, .show = show_sem,
};
SET_ADD(proc_entry, entry_sem);
