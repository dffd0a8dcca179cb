/* SPDX-License-Identifier: MIT */
/*
 * Process numbers.
 *
 * In each namespace a table of two levels maps a number to its struct pid: 512 pages of 512
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
 * tasklist_lock; lookups under RCU. A pid keeps its namespace, that its parent.
 */
#include <abi/errno.h>
#include <core/log.h>
#include <mm/slab.h>
#include <task/pid_ns.h>
#include <task/task.h>
#include <task/user_ns.h>

#define PID_RESERVED	300	/* after a wrap, low numbers stay the system's */

int pid_max = 32768;

static struct spinlock pid_lock = SPINLOCK_INIT(RANK_DEVICE);

static struct pid **
pid_slot(struct pid_ns *ns, pid_t nr)
{
	struct pid **page;

	if (nr <= 0 || nr >= PID_LIMIT)
		return NULL;
	page = READ_ONCE(ns->pages[nr >> PID_SHIFT]);
	return page ? page + (nr & (PID_PER_PAGE - 1)) : NULL;
}

/* nr's slot is there; false: no memory. pid_lock held. */
static bool
pid_page(struct pid_ns *ns, pid_t nr)
{
	struct pid **page;

	if (likely(ns->pages[nr >> PID_SHIFT]))
		return true;
	page = kzalloc(PAGE_SIZE, GFP_ATOMIC);
	if (!page)
		return false;
	smp_store_release(&ns->pages[nr >> PID_SHIFT], page);
	return true;
}

/* Next free number from the cursor on, its page present; or -errno. */
static pid_t
pid_pick(struct pid_ns *ns)
{
	pid_t limit = min(pid_max, PID_LIMIT), nr = ns->cursor + 1;

	for (pid_t tried = 0; tried < limit; tried++, nr++) {
		if (nr >= limit)
			nr = PID_RESERVED < limit ? PID_RESERVED : 1;
		if (!pid_page(ns, nr))
			return -ENOMEM;
		if (!*pid_slot(ns, nr)) {
			ns->cursor = nr;
			return nr;
		}
	}
	return -EAGAIN;
}

/* The one number asked for, if free. */
static pid_t
pid_take(struct pid_ns *ns, pid_t nr)
{
	if (!pid_page(ns, nr))
		return -ENOMEM;
	return *pid_slot(ns, nr) ? -EEXIST : nr;
}

/* may current choose these? clone3(2), set_tid */
static int
check_wanted(struct pid_ns *ns, const pid_t *want, u32 n)
{
	if (n > ns->level + 1)
		return -EINVAL;
	for (u32 i = 0; i < n; i++, ns = ns->parent) {
		if (want[i] < 1 || want[i] >= min(pid_max, PID_LIMIT))
			return -EINVAL;
		if (want[i] != 1 && !READ_ONCE(ns->reaper))
			return -EINVAL;
		if (!ns_capable(ns->ns.owner, CAP_CHECKPOINT_RESTORE) &&
		    !ns_capable(ns->ns.owner, CAP_SYS_ADMIN))
			return -EPERM;
	}
	return 0;
}

/* numbers of p in all levels but those up to and with `above`; pid_lock held */
static void
drop_numbers(struct pid *p, int above)
{
	for (int i = p->level; i > above; i--) {
		struct pid_ns *ns = p->up[i].ns;

		*pid_slot(ns, p->up[i].nr) = NULL;
		ns->nr_pids--;
		if (unlikely(ns->closed) && ns->nr_pids <= 2)
			waitq_wake_all(&ns->emptied);
	}
}

/* pid_lock held */
static int
give_numbers(struct pid *p, struct pid_ns *ns, const pid_t *want, u32 n)
{
	pid_t nr;

	if (ns->closed)
		return -ENOMEM;
	for (int i = p->level; i >= 0; i--, ns = ns->parent) {
		nr = p->level - i < n ? pid_take(ns, want[p->level - i]) :
			pid_pick(ns);
		if (nr < 0) {
			drop_numbers(p, i);
			return nr;
		}
		p->up[i] = (struct upid){ ns, nr };
		rcu_assign_pointer(*pid_slot(ns, nr), p);
		ns->nr_pids++;
	}
	p->nr = p->up[0].nr;
	p->own = p->up[p->level].nr;
	return 0;
}

int
pid_alloc(struct pid_ns *ns, const pid_t *want, u32 n_want, struct pid **out)
{
	struct pid *p;
	unsigned long f;
	int err;

	if (unlikely(n_want)) {
		err = check_wanted(ns, want, n_want);
		if (err)
			return err;
	}
	p = kzalloc(sizeof(*p) + (ns->level + 1) * sizeof(p->up[0]),
		    GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	refcount_set(&p->count, 1);
	waitq_init(&p->pidfd_wq);
	p->level = ns->level;
	f = spin_lock_irqsave(&pid_lock);
	err = give_numbers(p, ns, want, n_want);
	spin_unlock_irqrestore(&pid_lock, f);
	if (err) {
		kfree(p);
		return err;
	}
	if (unlikely(ns->level))
		ns_get(&ns->ns);
	*out = p;
	return 0;
}

void
pid_ns_close(struct pid_ns *ns)
{
	unsigned long f = spin_lock_irqsave(&pid_lock);

	ns->closed = true;
	spin_unlock_irqrestore(&pid_lock, f);
}

pid_t
pid_nr_ns(const struct pid *p, const struct pid_ns *ns)
{
	return p && ns->level <= p->level && p->up[ns->level].ns == ns ?
		p->up[ns->level].nr : 0;
}

struct pid_ns *
current_pid_ns(void)
{
	const struct pid *p = current->pid;

	return likely(p) ? pid_ns_of(p) : &init_pid_ns;
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

	if (*pid_slot(&init_pid_ns, p->nr) == p)
		drop_numbers(p, -1);
	spin_unlock_irqrestore(&pid_lock, f);
}

static void
pid_free_rcu(struct rcu_head *h)
{
	struct pid *p = container_of(h, struct pid, rcu);

	ns_put(&pid_ns_of(p)->ns);
	kfree(p);
}

void
pid_put(struct pid *p)
{
	if (!p || !refcount_put(&p->count))
		return;
	pid_retire(p);
	if (likely(!p->level))
		kfree_rcu(p, &p->rcu);
	else
		call_rcu(&p->rcu, pid_free_rcu);
}

struct pid *
pid_find_get_ns(pid_t nr, struct pid_ns *ns)
{
	struct pid **slot, *p;

	rcu_read_lock();
	slot = pid_slot(ns, nr);
	p = slot ? rcu_dereference(*slot) : NULL;
	if (p && !refcount_get_live(&p->count))
		p = NULL;
	rcu_read_unlock();
	return p;
}

struct pid *
pid_find_get(pid_t nr)
{
	return pid_find_get_ns(nr, current_pid_ns());
}

pid_t
pid_nr_here(pid_t nr)
{
	struct pid *p;
	pid_t r;

	if (likely(current_pid_ns() == &init_pid_ns))
		return nr;
	p = pid_find_get_ns(nr, &init_pid_ns);
	r = pid_vnr(p);
	pid_put(p);
	return r;
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

/* First referenced task of the given type with number > nr. */
static struct task *
pid_next_task(struct pid_ns *ns, pid_t nr, enum pid_type type)
{
	struct task *t = NULL;

	rcu_read_lock();
	for (nr++; nr < PID_LIMIT && !t; nr++) {
		struct pid **slot = pid_slot(ns, nr), *p;

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
task_next_leader(struct pid_ns *ns, pid_t nr)
{
	return pid_next_task(ns, nr < 0 ? 0 : nr, PIDTYPE_TGID);
}

struct task *
task_next_thread(struct task *leader, struct pid_ns *ns, pid_t nr)
{
	struct task *t, *best = NULL;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	list_for_each_entry(t, &leader->signal->threads, thread_link)
		if (pid_nr_ns(t->pid, ns) > nr &&
		    (!best || pid_nr_ns(t->pid, ns) <
		     pid_nr_ns(best->pid, ns)))
			best = t;
	if (best)
		task_get(best);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return best;
}

static struct task *
task_find_type(struct pid_ns *ns, pid_t nr, enum pid_type type)
{
	struct pid **slot, *p;
	struct task *t;

	rcu_read_lock();
	slot = pid_slot(ns, nr);
	p = slot ? rcu_dereference(*slot) : NULL;
	/* one that has gone just gave its number to a thread that executes a
	 * program, or the number is free by now: look again */
	while ((t = p ? pid_task(p, type) : NULL) &&
	       !refcount_get_live(&t->count))
		cpu_relax();
	rcu_read_unlock();
	return t;
}

struct task *
task_find(pid_t nr)
{
	return task_find_type(current_pid_ns(), nr, PIDTYPE_PID);
}

struct task *
task_find_ns(pid_t nr, struct pid_ns *ns)
{
	return task_find_type(ns, nr, PIDTYPE_PID);
}

struct task *
task_find_leader_ns(pid_t nr, struct pid_ns *ns)
{
	return task_find_type(ns, nr, PIDTYPE_TGID);
}

struct task *
task_find_leader(pid_t nr)
{
	return task_find_type(current_pid_ns(), nr, PIDTYPE_TGID);
}
