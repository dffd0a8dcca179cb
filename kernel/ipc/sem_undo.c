// SPDX-License-Identifier: MIT
/*
 * SEM_UNDO, semop(2): what a process did to semaphores is taken back when it
 * ends.
 *
 * Undos are per set and list. The threads of a process share the list of
 * signal->sysvsem, made at the first use, without any of them counting it: it
 * ends with the last thread. Only unusual clones have lists in task->sysvsem,
 * counted: a thread without CLONE_SYSVSEM has one of its own, a process with it
 * makes the list shared for real.
 *
 * Locking: an undo is linked in its set (set's lock) and its list (set's lock,
 * then list's lock). Removing the set frees it under both; a list that ends
 * finds the set through it under the list's lock, with a reference to the set,
 * then locks the set and looks again.
 */
#include <sched/sched.h>
#include "sem.h"

static struct sem_undos *
undos_alloc(void)
{
	struct sem_undos *l = kmalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return NULL;
	refcount_set(&l->count, 1);
	spin_init(&l->lock, RANK_OBJQUEUE);
	list_init(&l->list);
	return l;
}

/* the list of the process, made when it has none yet */
static struct sem_undos *
undos_process(struct signal_struct *sig)
{
	struct sem_undos *l = READ_ONCE(sig->sysvsem), *old;

	if (l)
		return l;
	l = undos_alloc();
	if (!l)
		return NULL;
	old = cmpxchg(&sig->sysvsem, NULL, l);
	if (old) {
		kfree(l);
		return old;
	}
	return l;
}

struct sem_undos *
undos_current(void)
{
	struct task *t = current;

	return t->sysvsem ? t->sysvsem : undos_process(t->signal);
}

struct sem_undo *
undo_alloc(u32 n)
{
	size_t size = sizeof(struct sem_undo) + n * sizeof(s16);
	struct sem_undo *u = kvmalloc(size, GFP_KERNEL);

	if (u)
		memset(u, 0, size);
	return u;
}

/* a process uses few sets as a rule: no index */
struct sem_undo *
undo_find(struct sem_set *s, struct sem_undos *l)
{
	struct sem_undo *u, *found = NULL;

	spin_lock_nested(&l->lock);	/* inside of the set's */
	list_for_each_entry(u, &l->list, list_link)
		if (u->set == s) {
			found = u;
			break;
		}
	spin_unlock(&l->lock);
	return found;
}

void
undo_link(struct sem_undo *u, struct sem_set *s, struct sem_undos *l)
{
	u->set = s;
	u->list = l;
	list_add(&u->set_link, &s->undos);
	spin_lock_nested(&l->lock);	/* inside of the set's */
	list_add(&u->list_link, &l->list);
	spin_unlock(&l->lock);
}

/* u's set is locked */
static void
undo_unlink(struct sem_undo *u)
{
	struct sem_undos *l = u->list;

	list_del(&u->set_link);
	spin_lock_nested(&l->lock);
	list_del(&u->list_link);
	spin_unlock(&l->lock);
}

void
undo_forget_set(struct sem_set *s, struct list_head *dead)
{
	struct sem_undo *u, *n;

	list_for_each_entry_safe(u, n, &s->undos, set_link) {
		undo_unlink(u);
		list_add(&u->set_link, dead);
	}
}

void
undo_free_all(struct list_head *dead)
{
	struct sem_undo *u, *n;

	list_for_each_entry_safe(u, n, dead, set_link)
		kvfree(u);
}

static void
apply(struct sem_set *s, struct sem_undo *u)
{
	for (u32 i = 0; i < s->n; i++) {
		if (!u->adj[i])
			continue;
		s->sem[i].val = clamp_t(int, s->sem[i].val + u->adj[i],
					0, SEM_VAL_MAX);
		s->sem[i].pid = pid_nr(current->tgid);
	}
	s->otime = ipc_now();
	sem_set_update(s);
}

static void
undos_put(struct sem_undos *l)
{
	struct sem_undo *u;
	struct sem_set *s;

	if (!refcount_put(&l->count))
		return;
	for (;;) {
		spin_lock(&l->lock);
		u = list_empty(&l->list) ? NULL :
			list_first_entry(&l->list, struct sem_undo, list_link);
		s = u ? u->set : NULL;
		if (s)
			ipc_get(&s->perm);	/* linked: so it is alive */
		spin_unlock(&l->lock);
		if (!s)
			break;
		spin_lock(&s->perm.lock);
		u = undo_find(s, l);
		if (u) {
			undo_unlink(u);
			apply(s, u);
		}
		spin_unlock(&s->perm.lock);
		kvfree(u);
		sem_set_put(s);
		cond_resched();
	}
	kfree(l);
}

void
sem_exit(struct task *t, bool group_dead)
{
	struct sem_undos *l = t->sysvsem;

	t->sysvsem = NULL;
	if (l)
		undos_put(l);
	if (!group_dead)
		return;
	l = t->signal->sysvsem;
	t->signal->sysvsem = NULL;
	if (l)
		undos_put(l);
}

/* c->sysvsem is a copy of current's pointer, not counted */
int
ipc_clone_slow(struct task *c, u64 flags)
{
	struct sem_undos *l = c->sysvsem;

	c->sysvsem = NULL;
	if (flags & IPC_CLONE_UNDOS) {
		if (flags & IPC_CLONE_THREAD && !l)
			return 0;	/* the process' */
		if (!l)
			l = undos_process(current->signal);
		if (!l)
			return -ENOMEM;
		refcount_get(&l->count);
		c->sysvsem = l;
	} else if (flags & IPC_CLONE_THREAD) {
		c->sysvsem = undos_alloc();
		return c->sysvsem ? 0 : -ENOMEM;
	}
	return 0;
}

void
ipc_unclone_slow(struct task *c)
{
	undos_put(c->sysvsem);
	c->sysvsem = NULL;
}

/*
 * Alone, what the process has is ours: no spare is needed. Nobody but current
 * could make a thread meanwhile.
 */
int
ipc_leave_prepare(struct sem_undos **spare)
{
	*spare = NULL;
	if (READ_ONCE(current->signal->nr_live) == 1)
		return 0;
	*spare = undos_alloc();
	return *spare ? 0 : -ENOMEM;
}

void
ipc_leave_cancel(struct sem_undos *spare)
{
	kfree(spare);
}

void
sem_leave(struct sem_undos *spare)
{
	struct task *t = current;
	struct sem_undos *old;

	if (!spare) {
		sem_exit(t, true);
		return;
	}
	old = t->sysvsem;
	t->sysvsem = spare;
	if (old)
		undos_put(old);
}
