/* SPDX-License-Identifier: MIT */
/*
 * ioprio_set(2), ioprio_get(2): a class and a level of a task, kept for who
 * queues its requests (task.ioprio) and inherited by fork. 0 is "none": by the
 * CPU's nice value.
 */
#include <sched/sched.h>
#include <syscall/entry.h>
#include <task/task.h>
#include <task/user_ns.h>

enum ioprio_class { IOPRIO_NONE, IOPRIO_RT, IOPRIO_BE, IOPRIO_IDLE };
enum ioprio_who { WHO_PROCESS = 1, WHO_PGRP, WHO_USER };
#define IOPRIO_CLASS(v)	((v) >> 13)
#define IOPRIO_LEVEL(v)	((v) & 0x1fff)
#define IOPRIO_LEVELS	8
#define IOPRIO_VALUE(c, l) ((c) << 13 | (l))

struct ioprio_walk {
	int who;
	struct pid *pgrp;
	uid_t uid;
	bool set;
	int value;			/* to set; or the best so far */
	int err;			/* -ESRCH until one is found */
};

static int
value_check(int v)
{
	switch (IOPRIO_CLASS(v)) {
	case IOPRIO_RT:
		if (!capable(CAP_SYS_NICE) && !capable(CAP_SYS_ADMIN))
			return -EPERM;
		return IOPRIO_LEVEL(v) < IOPRIO_LEVELS ? 0 : -EINVAL;
	case IOPRIO_BE:
		return IOPRIO_LEVEL(v) < IOPRIO_LEVELS ? 0 : -EINVAL;
	case IOPRIO_IDLE:
		return 0;
	case IOPRIO_NONE:
		return IOPRIO_LEVEL(v) ? -EINVAL : 0;
	}
	return -EINVAL;
}

static bool
may_set(struct task *t)
{
	const struct cred *me = current_cred(), *c = task_cred_get(t);
	bool ok = c->uid == me->euid || c->uid == me->uid ||
		ns_capable(c->user_ns, CAP_SYS_NICE);

	cred_put(c);
	return ok;
}

/* what none means for t among others */
static int
effective(struct task *t)
{
	int v = READ_ONCE(t->ioprio);

	if (IOPRIO_CLASS(v) != IOPRIO_NONE)
		return v;
	if (t->thread.policy == SCHED_IDLE)
		return IOPRIO_VALUE(IOPRIO_IDLE, 0);
	if (t->thread.policy == SCHED_FIFO || t->thread.policy == SCHED_RR)
		return IOPRIO_VALUE(IOPRIO_RT, (t->thread.nice + 20) / 5);
	return IOPRIO_VALUE(IOPRIO_BE, (t->thread.nice + 20) / 5);
}

/* false: go no further */
static bool
visit(struct ioprio_walk *w, struct task *t)
{
	if (!w->set) {
		int v = effective(t);

		w->value = w->err ? v : min(w->value, v);
		w->err = 0;
		return true;
	}
	w->err = may_set(t) ? 0 : -EPERM;
	if (!w->err)
		WRITE_ONCE(t->ioprio, w->value);
	return !w->err;
}

static void
visit_all(struct ioprio_walk *w)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	struct task *l, *t;
	const struct cred *c;
	bool hit;

	list_for_each_entry(l, &all_tasks, task_link) {
		if (w->who == WHO_PGRP && l->signal->pgrp != w->pgrp)
			continue;
		list_for_each_entry(t, &l->signal->threads, thread_link) {
			c = task_cred_get(t);
			hit = w->who == WHO_PGRP || c->uid == w->uid;
			cred_put(c);
			if (hit && !visit(w, t))
				goto out;
		}
	}
out:
	spin_unlock_irqrestore(&tasklist_lock, f);
}

static long
walk(struct ioprio_walk *w, int id)
{
	struct task *t;

	w->err = -ESRCH;
	switch (w->who) {
	case WHO_PROCESS:
		t = id ? task_find(id) : current;
		if (!t)
			return -ESRCH;
		if (w->set) {
			visit(w, t);
		} else {
			w->value = READ_ONCE(t->ioprio);
			w->err = 0;
		}
		if (id)
			task_put(t);
		break;
	case WHO_PGRP:
		w->pgrp = id ? pid_find_get(id) : current->signal->pgrp;
		if (!w->pgrp)
			return -ESRCH;
		visit_all(w);
		if (id)
			pid_put(w->pgrp);
		break;
	case WHO_USER:
		w->uid = id ? make_kuid(current_user_ns(), id) :
			current_cred()->uid;
		if (w->uid == INVALID_ID)
			return -ESRCH;
		visit_all(w);
		break;
	default:
		return -EINVAL;
	}
	return w->err ? w->err : w->set ? 0 : w->value;
}

long
sys_ioprio_set(int which, int who, int value)
{
	struct ioprio_walk w = { .who = which, .set = true, .value = value };
	int err = value_check(value);

	return err ? err : walk(&w, who);
}

long
sys_ioprio_get(int which, int who)
{
	struct ioprio_walk w = { .who = which };

	return walk(&w, who);
}
