/* SPDX-License-Identifier: MIT */
/*
 * Process numbers.
 *
 * A table of two levels maps a number to its struct pid: 512 pages of 512
 * slots, pages made on first use and kept. Lookup reads two pointers under
 * RCU and takes a live reference; there is nothing to hash, and walking in
 * number order (for /proc) is walking the table.
 *
 * States of a number: free (slot NULL) - reserved by pid_alloc() - attached
 * to tasks - free again when the last task is detached, or at the last
 * pid_put() when none ever was. The struct lives on while it is referenced, by
 * a pidfd say, as the name of nobody.
 *
 * Locking: pid_lock for slot changes and the cursor; attach and detach under
 * tasklist_lock; lookups under RCU.
 */
#include <abi/errno.h>
#include <core/log.h>
#include <mm/slab.h>
#include <task/task.h>

#define PID_SHIFT	9
#define PID_PER_PAGE	(1 << PID_SHIFT)
#define PID_LIMIT	(PID_PER_PAGE * PID_PER_PAGE)
#define PID_RESERVED	300	/* after a wrap, low numbers stay the system's */

int pid_max = 32768;

static struct pid **pid_pages[PID_PER_PAGE];
static struct spinlock pid_lock = SPINLOCK_INIT(RANK_DEVICE);
static pid_t pid_cursor;

static struct pid **
pid_slot(pid_t nr)
{
	struct pid **page;

	if (nr <= 0 || nr >= PID_LIMIT)
		return NULL;
	page = READ_ONCE(pid_pages[nr >> PID_SHIFT]);
	return page ? page + (nr & (PID_PER_PAGE - 1)) : NULL;
}

/* Next free number from the cursor on, its page present; 0 when none. */
static pid_t
pid_pick(void)
{
	pid_t limit = min(pid_max, PID_LIMIT), nr = pid_cursor + 1;

	for (pid_t tried = 0; tried < limit; tried++, nr++) {
		if (nr >= limit)
			nr = PID_RESERVED < limit ? PID_RESERVED : 1;
		if (!pid_pages[nr >> PID_SHIFT]) {
			struct pid **page = kzalloc(PAGE_SIZE, GFP_ATOMIC);

			if (!page)
				return 0;
			smp_store_release(&pid_pages[nr >> PID_SHIFT], page);
		}
		if (!*pid_slot(nr))
			return nr;
	}
	return 0;
}

/* The one number asked for, if free: 0 or -EEXIST, -ENOMEM. */
static int
pid_take(pid_t nr)
{
	if (!pid_pages[nr >> PID_SHIFT]) {
		struct pid **page = kzalloc(PAGE_SIZE, GFP_ATOMIC);

		if (!page)
			return -ENOMEM;
		smp_store_release(&pid_pages[nr >> PID_SHIFT], page);
	}
	return *pid_slot(nr) ? -EEXIST : 0;
}

int
pid_alloc_nr(pid_t nr, struct pid **out)
{
	struct pid *p;
	unsigned long f;
	int err;

	if (nr < 1 || nr >= min(pid_max, PID_LIMIT))
		return -EINVAL;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	refcount_set(&p->count, 1);
	waitq_init(&p->pidfd_wq);
	p->nr = nr;
	f = spin_lock_irqsave(&pid_lock);
	err = pid_take(nr);
	if (!err)
		rcu_assign_pointer(*pid_slot(nr), p);
	spin_unlock_irqrestore(&pid_lock, f);
	if (err)
		kfree(p);
	else
		*out = p;
	return err;
}

struct pid *
pid_alloc(void)
{
	struct pid *p = kzalloc(sizeof(*p), GFP_KERNEL);
	unsigned long f;

	if (!p)
		return NULL;
	refcount_set(&p->count, 1);
	waitq_init(&p->pidfd_wq);
	f = spin_lock_irqsave(&pid_lock);
	p->nr = pid_pick();
	if (p->nr) {
		pid_cursor = p->nr;
		rcu_assign_pointer(*pid_slot(p->nr), p);
	}
	spin_unlock_irqrestore(&pid_lock, f);
	if (!p->nr) {
		kfree(p);
		return NULL;
	}
	return p;
}

void
pid_get(struct pid *p)
{
	refcount_get(&p->count);
}

/* The number is free again; who still refers to p keeps but the memory. */
static void
pid_retire(struct pid *p)
{
	unsigned long f = spin_lock_irqsave(&pid_lock);
	struct pid **slot = pid_slot(p->nr);

	if (*slot == p)
		*slot = NULL;
	spin_unlock_irqrestore(&pid_lock, f);
}

void
pid_put(struct pid *p)
{
	if (!p || !refcount_put(&p->count))
		return;
	pid_retire(p);
	kfree_rcu(p, &p->rcu);
}

struct pid *
pid_find_get(pid_t nr)
{
	struct pid **slot, *p;

	rcu_read_lock();
	slot = pid_slot(nr);
	p = slot ? rcu_dereference(*slot) : NULL;
	if (p && !refcount_get_live(&p->count))
		p = NULL;
	rcu_read_unlock();
	return p;
}

void
pid_attach(struct task *t, enum pid_type type, struct pid *p)
{
	pid_get(p);
	t->links[type].pid = p;
	hlist_add_head_rcu(&t->links[type].node, &p->tasks[type]);
}

static bool
pid_in_use(const struct pid *p)
{
	for (int i = 0; i < PIDTYPE_COUNT; i++)
		if (p->tasks[i].first)
			return true;
	return false;
}

void
pid_detach(struct task *t, enum pid_type type)
{
	struct pid *p = t->links[type].pid;

	if (!p)
		return;
	hlist_del_rcu(&t->links[type].node);
	t->links[type].pid = NULL;
	if (!pid_in_use(p))
		pid_retire(p);
	pid_put(p);
}

struct task *
pid_task(struct pid *p, enum pid_type type)
{
	struct hlist_node *n = p ? rcu_dereference(p->tasks[type].first) : NULL;

	return n ? container_of(n, struct task, links[type].node) : NULL;
}

pid_t
pid_last(void)
{
	return READ_ONCE(pid_cursor);
}

/* First referenced task of the given type with number > nr. */
static struct task *
pid_next_task(pid_t nr, enum pid_type type)
{
	struct task *t = NULL;

	rcu_read_lock();
	for (nr++; nr < PID_LIMIT && !t; nr++) {
		struct pid **slot = pid_slot(nr), *p;

		if (!slot) {
			nr |= PID_PER_PAGE - 1;
			continue;
		}
		p = rcu_dereference(*slot);
		t = p ? pid_task(p, type) : NULL;
		if (t && !refcount_get_live(&t->count))
			t = NULL;
	}
	rcu_read_unlock();
	return t;
}

struct task *
task_next_leader(pid_t nr)
{
	return pid_next_task(nr < 0 ? 0 : nr, PIDTYPE_TGID);
}

struct task *
task_next_thread(struct task *leader, pid_t nr)
{
	struct task *t, *best = NULL;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	list_for_each_entry(t, &leader->signal->threads, thread_link)
		if (task_tid(t) > nr &&
		    (!best || task_tid(t) < task_tid(best)))
			best = t;
	if (best)
		task_get(best);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return best;
}

static struct task *
task_find_type(pid_t nr, enum pid_type type)
{
	struct pid **slot, *p;
	struct task *t;

	rcu_read_lock();
	slot = pid_slot(nr);
	p = slot ? rcu_dereference(*slot) : NULL;
	t = p ? pid_task(p, type) : NULL;
	if (t && !refcount_get_live(&t->count))
		t = NULL;
	rcu_read_unlock();
	return t;
}

struct task *
task_find(pid_t nr)
{
	return task_find_type(nr, PIDTYPE_PID);
}

struct task *
task_find_leader(pid_t nr)
{
	return task_find_type(nr, PIDTYPE_TGID);
}
