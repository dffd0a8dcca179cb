/* SPDX-License-Identifier: MIT */
/*
 * System calls on scheduling: sched(7), sched_setattr(2), sched_setaffinity(2),
 * getpriority(2), getcpu(2). Permissions are decided here, effects are sched/'s.
 *
 * A target task is held by a reference; its credentials are read under RCU.
 * SCHED_DEADLINE and utilisation clamping are not offered (-EINVAL,
 * -EOPNOTSUPP, as a Linux without them). One NUMA node, number 0.
 */
#include <abi/errno.h>
#include <arch/layout.h>
#include <core/smp.h>
#include <lib/bitmap.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <sched/sched.h>
#include <syscall/sys_sched.h>
#include <task/futex.h>
#include <task/task.h>
#include <task/user_ns.h>

#define RT_PRIO_MAX 99

/* the task pid names (0: current), referenced, or NULL */
static struct task *
target_get(pid_t pid)
{
	if (pid)
		return task_find(pid);
	task_get(current);
	return current;
}

static bool
same_owner(struct task *t)
{
	const struct cred *me = current_cred(), *c;
	bool same;

	rcu_read_lock();
	c = rcu_dereference(t->cred);
	same = me->euid == c->euid || me->euid == c->uid;
	rcu_read_unlock();
	return same;
}

/* the owner, or somebody mighty in the owner's user namespace */
static bool
may_steer(struct task *t)
{
	const struct cred *c;
	bool may;

	rcu_read_lock();
	c = rcu_dereference(t->cred);
	may = ns_capable(c->user_ns, CAP_SYS_NICE);
	rcu_read_unlock();
	return may || same_owner(t);
}

/* may t's nice value be lowered to nice under its RLIMIT_NICE? */
static bool
nice_in_limit(struct task *t, int nice)
{
	return (u64)(20 - nice) <= READ_ONCE(t->signal->rlim[RLIMIT_NICE].cur);
}

static bool
policy_is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool
policy_is_fair(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_BATCH ||
		policy == SCHED_IDLE;
}

/* What sched_setattr(2) and its older kin want, made uniform. */
struct sched_wish {
	int policy;			/* without the flag; -1: as it is */
	bool reset_on_fork;
	bool has_nice;
	bool keep_params;
	int nice, prio;
};

/* sched(7), "Privileges and resource limits" */
static bool
wish_needs_cap(struct task *t, const struct sched_wish *w)
{
	const struct thread *th = &t->thread;

	if (policy_is_fair(w->policy)) {
		if (w->has_nice && w->nice < th->nice &&
		    !nice_in_limit(t, w->nice))
			return true;
	} else {
		u64 max = READ_ONCE(t->signal->rlim[RLIMIT_RTPRIO].cur);

		if (w->policy != th->policy && !max)
			return true;
		if (w->prio > th->rt_prio && (u64)w->prio > max)
			return true;
	}
	if (th->policy == SCHED_IDLE && w->policy != SCHED_IDLE &&
	    !nice_in_limit(t, th->nice))
		return true;
	if (!same_owner(t))
		return true;
	return th->reset_on_fork && !w->reset_on_fork;
}

static long
wish_apply(struct task *t, struct sched_wish *w)
{
	struct thread *th = &t->thread;
	int err;

	if (w->policy < 0) {
		w->policy = th->policy;
		w->reset_on_fork = th->reset_on_fork;
	}
	if (!policy_is_fair(w->policy) && !policy_is_rt(w->policy))
		return -EINVAL;
	if (w->keep_params) {
		w->prio = policy_is_rt(w->policy) ? th->rt_prio : 0;
		w->nice = th->nice;
	}
	if (w->prio < 0 || w->prio > RT_PRIO_MAX ||
	    policy_is_rt(w->policy) != (w->prio != 0))
		return -EINVAL;
	if (wish_needs_cap(t, w) && !capable(CAP_SYS_NICE))
		return -EPERM;
	err = sched_set_policy(th, w->policy |
			       (w->reset_on_fork ? SCHED_RESET_ON_FORK : 0),
			       w->prio);
	if (!err && w->has_nice && policy_is_fair(w->policy))
		sched_set_nice(th, w->nice);
	if (!err && READ_ONCE(t->pi_blocked))
		futex_pi_adjust(t);
	return err;
}

long
sys_sched_yield(void)
{
	sched_yield_now();
	return 0;
}

static long
set_by_param(pid_t pid, int policy, const struct abi_sched_param __user *param)
{
	struct sched_wish w = { .policy = policy };
	struct abi_sched_param p;
	struct task *t;
	long err;

	if (!param || pid < 0)
		return -EINVAL;
	if (copyin(&p, param, sizeof(p)))
		return -EFAULT;
	if (policy >= 0) {
		w.reset_on_fork = policy & SCHED_RESET_ON_FORK;
		w.policy = policy & ~SCHED_RESET_ON_FORK;
	}
	w.prio = p.sched_priority;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	err = wish_apply(t, &w);
	task_put(t);
	return err;
}

long
sys_sched_setscheduler(pid_t pid, int policy,
		       const struct abi_sched_param __user *param)
{
	if (policy < 0)
		return -EINVAL;
	return set_by_param(pid, policy, param);
}

long
sys_sched_setparam(pid_t pid, const struct abi_sched_param __user *param)
{
	return set_by_param(pid, -1, param);
}

long
sys_sched_getscheduler(pid_t pid)
{
	struct task *t;
	long r;

	if (pid < 0)
		return -EINVAL;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	r = t->thread.policy |
		(t->thread.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	task_put(t);
	return r;
}

long
sys_sched_getparam(pid_t pid, struct abi_sched_param __user *param)
{
	struct abi_sched_param p;
	struct task *t;

	if (!param || pid < 0)
		return -EINVAL;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	p.sched_priority = t->thread.rt_prio;
	task_put(t);
	return copyout(param, &p, sizeof(p));
}

/* the versioned struct: unknown bytes at its end must be zero */
static long
attr_copyin(struct abi_sched_attr *a, struct abi_sched_attr __user *uattr)
{
	u32 size, i;
	u8 b;

	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		goto too_big;
	memset(a, 0, sizeof(*a));
	for (i = sizeof(*a); i < size; i++) {
		if (get_user(b, (u8 __user *)uattr + i))
			return -EFAULT;
		if (b)
			goto too_big;
	}
	if (copyin(a, uattr, min_t(u32, size, sizeof(*a))))
		return -EFAULT;
	a->size = size;
	if ((a->sched_flags & SCHED_FLAG_UTIL_CLAMP) &&
	    size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	return 0;
too_big:
	(void)put_user((u32)sizeof(*a), &uattr->size);
	return -E2BIG;
}

long
sys_sched_setattr(pid_t pid, struct abi_sched_attr __user *uattr, u32 flags)
{
	struct sched_wish w = { .has_nice = true };
	struct abi_sched_attr a;
	struct task *t;
	long err;

	if (!uattr || pid < 0 || flags)
		return -EINVAL;
	err = attr_copyin(&a, uattr);
	if (err)
		return err;
	if ((s32)a.sched_policy < 0)
		return -EINVAL;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	w.policy = a.sched_flags & SCHED_FLAG_KEEP_POLICY ?
		-1 : (int)a.sched_policy;
	w.reset_on_fork = a.sched_flags & SCHED_FLAG_RESET_ON_FORK;
	w.keep_params = a.sched_flags & SCHED_FLAG_KEEP_PARAMS;
	w.nice = clamp_t(int, a.sched_nice, -20, 19);
	w.prio = a.sched_priority > RT_PRIO_MAX ? -1 : (int)a.sched_priority;
	if (a.sched_flags & ~(u64)SCHED_FLAG_ALL)
		err = -EINVAL;
	else if (a.sched_flags & SCHED_FLAG_UTIL_CLAMP)
		err = -EOPNOTSUPP;
	else
		err = wish_apply(t, &w);
	task_put(t);
	return err;
}

long
sys_sched_getattr(pid_t pid, struct abi_sched_attr __user *uattr, u32 size,
		  u32 flags)
{
	struct abi_sched_attr a = { 0 };
	struct task *t;

	if (!uattr || pid < 0 || size > PAGE_SIZE ||
	    size < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	a.size = min_t(u32, size, sizeof(a));
	a.sched_policy = t->thread.policy;
	if (t->thread.reset_on_fork)
		a.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	if (policy_is_rt(t->thread.policy))
		a.sched_priority = t->thread.rt_prio;
	else
		a.sched_nice = t->thread.nice;
	task_put(t);
	if (!access_ok(uattr, size))
		return -EFAULT;
	return copyout(uattr, &a, a.size);
}

long
sys_sched_get_priority_max(int policy)
{
	if (policy_is_rt(policy))
		return RT_PRIO_MAX;
	return policy_is_fair(policy) || policy == SCHED_DEADLINE ?
		0 : -EINVAL;
}

long
sys_sched_get_priority_min(int policy)
{
	if (policy_is_rt(policy))
		return 1;
	return policy_is_fair(policy) || policy == SCHED_DEADLINE ?
		0 : -EINVAL;
}

long
sys_sched_rr_get_interval(pid_t pid, struct abi_timespec __user *ts)
{
	struct abi_timespec out = { 0 };
	struct task *t;
	nsec_t ns;

	if (pid < 0)
		return -EINVAL;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	ns = sched_rr_interval(&t->thread);
	task_put(t);
	out.tv_sec = ns / NSEC_PER_SEC;
	out.tv_nsec = ns % NSEC_PER_SEC;
	return copyout(ts, &out, sizeof(out));
}

long
sys_sched_setaffinity(pid_t pid, u32 len, const u8 __user *umask)
{
	DECLARE_BITMAP(mask, CONFIG_MAX_CPUS) = { 0 };
	struct task *t;
	long err;

	if (copyin(mask, umask, min_t(u32, len, sizeof(mask))))
		return -EFAULT;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	if (t->flags & TASK_KTHREAD)
		err = -EINVAL;
	else if (!may_steer(t))
		err = -EPERM;
	else
		err = sched_set_affinity(&t->thread, mask);
	task_put(t);
	return err;
}

long
sys_sched_getaffinity(pid_t pid, u32 len, u8 __user *umask)
{
	DECLARE_BITMAP(mask, CONFIG_MAX_CPUS);
	struct task *t;

	if ((u64)len * 8 < nr_cpus_possible || (len & 7))
		return -EINVAL;
	t = target_get(pid);
	if (!t)
		return -ESRCH;
	bitmap_and(mask, t->thread.affinity, cpu_online_mask, CONFIG_MAX_CPUS);
	task_put(t);
	len = min_t(u32, len, sizeof(mask));
	if (copyout(umask, mask, len))
		return -EFAULT;
	return len;
}

/* -- nice ------------------------------------------------------------------ */

struct nice_walk {
	bool set;
	int nice;
	long result;		/* set: error so far; get: most 20 - nice */
};

/* one thread of those that getpriority/setpriority names; tasklist held */
static void
nice_visit(struct task *t, struct nice_walk *w)
{
	const struct cred *me = current_cred(), *c;
	bool may;

	if (!w->set) {
		w->result = max_t(long, w->result, 20 - t->thread.nice);
		return;
	}
	rcu_read_lock();
	c = rcu_dereference(t->cred);
	may = c->uid == me->euid || c->euid == me->euid ||
		ns_capable(c->user_ns, CAP_SYS_NICE);
	rcu_read_unlock();
	if (!may) {
		w->result = -EPERM;
		return;
	}
	if (w->nice < t->thread.nice && !nice_in_limit(t, w->nice) &&
	    !capable(CAP_SYS_NICE)) {
		w->result = -EACCES;
		return;
	}
	if (w->result == -ESRCH)
		w->result = 0;
	sched_set_nice(&t->thread, w->nice);
	if (READ_ONCE(t->pi_blocked))
		futex_pi_adjust(t);
}

static void
nice_visit_group(struct task *leader, struct nice_walk *w)
{
	struct task *t;

	list_for_each_entry(t, &leader->signal->threads, thread_link)
		nice_visit(t, w);
}

static void
nice_walk_pgrp(int who, struct nice_walk *w)
{
	struct pid *p = who ? pid_find_get(who) : NULL;
	struct task *t;
	unsigned long f;

	if (who && !p)
		return;
	f = spin_lock_irqsave(&tasklist_lock);
	if (!who)
		p = current->signal->pgrp;
	if (p)
		pid_for_each_task(p, PIDTYPE_PGID, t)
			nice_visit_group(t, w);
	spin_unlock_irqrestore(&tasklist_lock, f);
	if (who)
		pid_put(p);
}

static void
nice_walk_user(uid_t uid, struct nice_walk *w)
{
	struct task *leader, *t;
	unsigned long f;

	f = spin_lock_irqsave(&tasklist_lock);
	list_for_each_entry(leader, &all_tasks, task_link)
		list_for_each_entry(t, &leader->signal->threads, thread_link)
			if (rcu_dereference(t->cred)->uid == uid)
				nice_visit(t, w);
	spin_unlock_irqrestore(&tasklist_lock, f);
}

static long
nice_walk(int which, int who, struct nice_walk *w)
{
	struct task *t;
	unsigned long f;
	uid_t uid;

	w->result = -ESRCH;
	switch (which) {
	case PRIO_PROCESS:
		t = target_get(who);
		if (!t)
			break;
		f = spin_lock_irqsave(&tasklist_lock);
		nice_visit(t, w);
		spin_unlock_irqrestore(&tasklist_lock, f);
		task_put(t);
		break;
	case PRIO_PGRP:
		nice_walk_pgrp(who, w);
		break;
	case PRIO_USER:
		uid = who ? make_kuid(current_user_ns(), who) :
			current_cred()->uid;
		if (uid != INVALID_ID)
			nice_walk_user(uid, w);
		break;
	default:
		return -EINVAL;
	}
	return w->result;
}

long
sys_getpriority(int which, int who)
{
	struct nice_walk w = { 0 };

	return nice_walk(which, who, &w);	/* 40..1, so never negative */
}

long
sys_setpriority(int which, int who, int nice)
{
	struct nice_walk w = { .set = true, .nice = clamp_t(int, nice, -20, 19) };

	return nice_walk(which, who, &w);
}

long
sys_getcpu(u32 __user *cpu, u32 __user *node, void __user *unused)
{
	int err = 0;

	if (cpu)
		err |= put_user(cpu_id(), cpu);
	if (node)
		err |= put_user(0U, node);
	return err ? -EFAULT : 0;
}
