/* SPDX-License-Identifier: MIT */
/*
 * The end of a task, _exit(2).
 *
 * A thread gives back what it holds in the order: user memory, files, fs,
 * terminal; then, under tasklist_lock, hands its children to a new parent
 * and becomes a zombie (or is reaped at once, when it is a mere thread or
 * nobody will wait). It never returns: the CPU leaves its stack in
 * sched_exit() and the scheduler's dead hook frees the rest.
 *
 * A group leader that ends before its threads stays an unreported zombie
 * until the last thread is gone. So does that of process 1: any of its live
 * threads takes orphans, and the system ends with the last one.
 */
#include <abi/errno.h>
#include <abi/wait.h>
#include <arch/upcall.h>
#include <core/assert.h>
#include <core/log.h>
#include <ipc/ipc.h>
#include <mm/mm.h>
#include <mm/uaccess.h>
#include <proc/proc.h>
#include <proc/local.h>
#include <proc/seccomp.h>
#include <sched/sched.h>
#include <task/pid_ns.h>
#include <task/futex.h>
#include <task/itimer.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/signal.h>
#include <task/tty.h>
#include <vfs/file.h>
#include <vfs/namei.h>

LOG_MODULE_DEFINE(proc);

const struct task_tty_ops *task_tty_ops;

/* ---- orphaned process groups, setpgid(2) and POSIX 3.264 ---- */

/* tasklist lock held */
static bool
orphaned_locked(struct pid *pgrp, struct task *ignored)
{
	struct task *t;

	if (!pgrp)
		return true;
	pid_for_each_task(pgrp, PIDTYPE_PGID, t) {
		struct task *p = t->real_parent;

		if (t == ignored || t->exit_state ||
		    (p && p->signal->flags & SIGNAL_UNKILLABLE) || !p)
			continue;
		if (p->signal->pgrp != pgrp &&
		    p->signal->session == t->signal->session)
			return false;
	}
	return true;
}

bool
pgrp_is_orphaned(struct pid *pgrp, struct task *ignored)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	bool r = orphaned_locked(pgrp, ignored);

	spin_unlock_irqrestore(&tasklist_lock, f);
	return r;
}

static bool
has_stopped_jobs(struct pid *pgrp)
{
	struct task *t;

	pid_for_each_task(pgrp, PIDTYPE_PGID, t)
		if (t->signal->flags & SIGNAL_STOP_STOPPED)
			return true;
	return false;
}

/*
 * t exits (parent NULL) or is given a new parent: did its group become
 * orphaned with stopped members? Then HUP and CONT. tasklist lock held.
 */
static void
hup_orphaned_pgrp(struct task *t, struct task *parent)
{
	struct pid *pgrp = t->signal->pgrp;
	struct task *ignored = t, *m;

	if (!pgrp)
		return;
	if (parent)
		ignored = NULL;		/* t lives on, its parent left */
	else
		parent = t->real_parent;
	if (!parent || parent->signal->pgrp == pgrp ||
	    parent->signal->session != t->signal->session)
		return;
	if (!orphaned_locked(pgrp, ignored) || !has_stopped_jobs(pgrp))
		return;
	pid_for_each_task(pgrp, PIDTYPE_PGID, m) {
		signal_send_group(m, SIGHUP, SEND_SIG_PRIV);
		signal_send_group(m, SIGCONT, SEND_SIG_PRIV);
	}
}

/* ---- reaping ---- */

static void
add_dead_times(struct signal_struct *s, struct task *t)
{
	u64 ut, st;

	thread_times(&t->thread, &ut, &st);
	s->utime_ns += ut;
	s->stime_ns += st;
	s->min_flt += t->min_flt;
	s->maj_flt += t->maj_flt;
	s->nvcsw += t->thread.nvcsw;
	s->nivcsw += t->thread.nivcsw;
	s->inblock += t->read_bytes >> 9;
	s->oublock += t->write_bytes >> 9;
}

/*
 * task_unlink - take a dead task out of the tree. tasklist lock held; the
 * caller then calls task_release_finish() without it.
 */
static void
task_unlink(struct task *t)
{
	struct sighand *sh = t->sighand;
	bool leader = t == t->group_leader;

	if (unlikely(t->ptrace))
		ptrace_unlink(t);
	spin_lock(&sh->lock);
	if (!leader)
		add_dead_times(t->signal, t);
	list_del_rcu(&t->thread_link);
	t->signal->nr_threads--;
	if (t->signal->group_exec_task)
		thread_wake(&t->signal->group_exec_task->thread);
	signal_pending_free(&t->pending);
	if (leader)
		signal_pending_free(&t->signal->shared);
	t->exit_state = EXIT_DEAD;
	rcu_assign_pointer(t->sighand, NULL);
	spin_unlock(&sh->lock);
	sighand_put(sh);
	pid_detach(t, PIDTYPE_PID);
	if (leader) {
		pid_detach(t, PIDTYPE_TGID);
		pid_detach(t, PIDTYPE_PGID);
		pid_detach(t, PIDTYPE_SID);
		list_del_rcu(&t->task_link);
		list_del_init(&t->sibling);
	}
	atomic_dec(&t->cred->user->processes);
	task_count_exit();
}

void
task_release(struct task *t)
{
	struct pid *pgrp = NULL, *session = NULL;
	struct task *leader, *zap = NULL;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	leader = t->group_leader;
	task_unlink(t);
	if (t == leader) {
		swap(pgrp, t->signal->pgrp);
		swap(session, t->signal->session);
	}
	/* the last thread of a leader that ended before: tell its parent now */
	if (t != leader && leader->exit_state == EXIT_ZOMBIE &&
	    leader->signal->nr_threads == 1 &&
	    signal_notify_exit(leader, leader->exit_signal)) {
		leader->exit_state = EXIT_DEAD;
		zap = leader;
	}
	spin_unlock_irqrestore(&tasklist_lock, f);
	pid_put(pgrp);
	pid_put(session);
	task_put(t);
	if (zap)
		task_release(zap);
}

/* ---- children find a new parent ---- */

/* a thread of the process that can take children, but not that one */
static struct task *
live_thread(struct signal_struct *s, struct task *but)
{
	struct task *t;

	list_for_each_entry(t, &s->threads, thread_link)
		if (t != but && !(t->flags & TASK_EXITING))
			return t;
	return NULL;
}

static struct task *
find_reaper(struct task *dying)
{
	struct task *t, *init;

	t = live_thread(dying->signal, dying);
	if (t)
		return t;
	if (dying->signal->has_child_subreaper)
		for (t = dying->real_parent; t && !task_is_init(t) &&
		     t->pid->level == dying->pid->level;
		     t = t->real_parent) {
			struct task *live = t->signal->child_subreaper ?
				live_thread(t->signal, dying) : NULL;

			if (live)
				return live;
			if (t == t->real_parent)
				break;
		}
	init = pid_ns_of(dying->pid)->reaper;
	t = live_thread(init->signal, dying);
	return t ? t : init;
}

/* tasklist lock held; children to be released at once go on dead */
static void
reparent_children(struct task *father, struct list_head *dead)
{
	struct task *reaper, *c, *n, *t;

	if (list_empty(&father->children))
		return;
	reaper = find_reaper(father);
	list_for_each_entry_safe(c, n, &father->children, sibling) {
		list_for_each_entry(t, &c->signal->threads, thread_link) {
			t->real_parent = reaper;
			if (likely(!t->ptrace))
				t->parent = reaper;
			if (t->pdeath_signal)
				signal_send_group(t, t->pdeath_signal,
						  SEND_SIG_USER);
		}
		list_move_tail(&c->sibling, &reaper->children);
		if (reaper->signal == father->signal)
			continue;	/* still the same process's child */
		c->exit_signal = SIGCHLD;
		if (c->exit_state == EXIT_ZOMBIE && !c->ptrace &&
		    c->signal->nr_threads == 1 &&
		    signal_notify_exit(c, c->exit_signal)) {
			c->exit_state = EXIT_DEAD;
			list_move(&c->sibling, dead);
		}
		hup_orphaned_pgrp(c, father);
	}
}

/* ---- exit_notify: become a zombie ---- */

/* Does nobody but its tracer have to be told of t's end? */
static bool
notify_end(struct task *t, bool group_dead)
{
	bool leader = t == t->group_leader;

	if (unlikely(t->ptrace))
		return signal_notify_exit(t, leader && group_dead &&
			!ptrace_reparented(t) ? t->exit_signal : SIGCHLD);
	if (!leader)
		return true;
	return group_dead && signal_notify_exit(t, t->exit_signal);
}

static void
exit_notify(struct task *t)
{
	struct list_head dead = LIST_HEAD_INIT(dead);
	struct list_head traced_dead = LIST_HEAD_INIT(traced_dead);
	bool reap, group_dead;
	struct task *c, *n;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	if (unlikely(!list_empty(&t->ptraced)))
		ptrace_exit_tracer(t, &traced_dead);
	reparent_children(t, &dead);
	group_dead = t->signal->nr_threads == 1;
	if (group_dead || t == t->group_leader)
		hup_orphaned_pgrp(t->group_leader, NULL);
	t->exit_state = EXIT_ZOMBIE;
	reap = notify_end(t, group_dead);
	if (reap)
		t->exit_state = EXIT_DEAD;
	/* an execve that waits for its leader to end */
	if (t->signal->group_exec_task)
		thread_wake(&t->signal->group_exec_task->thread);
	spin_unlock_irqrestore(&tasklist_lock, f);
	list_for_each_entry_safe(c, n, &dead, sibling) {
		list_del_init(&c->sibling);
		task_release(c);
	}
	list_for_each_entry_safe(c, n, &traced_dead, ptrace_entry) {
		list_del_init(&c->ptrace_entry);
		task_release(c);
	}
	if (reap)
		task_release(t);
}

/* ---- giving things back ---- */

void
exit_mm_release(struct task *t)
{
	struct mm *m = t->mm;

	futex_exit_robust(t);
	futex_exit_pi(t);
	if (t->clear_child_tid) {
		int __user *p = (int __user *)t->clear_child_tid;

		t->clear_child_tid = 0;
		if (refcount_read(&m->users) > 1) {
			(void)put_user(0, p);
			futex_wake_user((vaddr_t)p, 1);
		}
	}
	proc_vfork_release(t);
	if (refcount_read(&m->users) == 1) {
		u64 rss = mm_rss_peak_kib(m);

		if (rss > t->signal->maxrss_kib)
			t->signal->maxrss_kib = rss;
	}
}

void
exit_mm(struct task *t)
{
	struct mm *m = t->mm;
	unsigned long f;

	if (!m)
		return;
	exit_mm_release(t);
	f = spin_lock_irqsave(&tasklist_lock);
	t->mm = NULL;
	spin_unlock_irqrestore(&tasklist_lock, f);
	irq_disable();
	t->thread.mm_arch = NULL;	/* the CPU keeps it lazily */
	irq_enable();
	mm_put_user(m);
}

/* A hangup may take it away at the same time. */
static void
drop_tty(struct task *t)
{
	struct tty *tty;

	if (!READ_ONCE(t->signal->tty))
		return;
	spin_lock_irq(&t->sighand->lock);
	tty = t->signal->tty;
	t->signal->tty = NULL;
	spin_unlock_irq(&t->sighand->lock);
	if (tty)
		task_tty_ops->put(tty);
}

void __noreturn
proc_exit(int code)
{
	struct task *t = current;
	struct signal_struct *s = t->signal;
	bool group_dead;

	ASSERT(!in_irq());
	ptrace_event(PTRACE_EVENT_EXIT, code);
	task_work_exit();
	group_dead = signal_exit_thread(t);
	if (unlikely(group_dead && task_is_init(t)))
		panic("Attempted to kill init! exitcode=0x%08x",
		      s->flags & SIGNAL_GROUP_EXIT ? s->group_exit_code : code);
	t->exit_code = code;
	if (group_dead) {
		itimer_exit(s);
		if (t->mm) {
			u64 rss = mm_rss_peak_kib(t->mm);

			s->maxrss_kib = max(s->maxrss_kib, rss);
		}
	}
	exit_mm(t);
	if (unlikely(ipc_exit_needed(t)))
		ipc_exit(t, group_dead);
	seccomp_exit(t);
	if (t->files)
		files_put(task_swap_files(t, NULL));
	if (t->fs)
		fs_context_put(task_swap_fs(t, NULL));
	nsproxy_switch(NULL);
	if (group_dead && task_tty_ops) {
		if (s->session_leader) {
			task_tty_ops->session_leader_exit();
		}
		drop_tty(t);
	}
	if (unlikely(pid_ns_of(t->pid)->reaper == t))
		pid_ns_exit(t);
	exit_notify(t);
	sched_exit();
}

/* A kernel bug hit this task: end it, keep the rest going. */
static void
oops_exit(void)
{
	proc_exit(SIGSEGV);
}

void
proc_init(void)
{
	oops_exit_hook = oops_exit;
	exec_init();
}

void __noreturn
proc_exit_group(int code)
{
	struct task *t = current;
	struct signal_struct *s = t->signal;

	spin_lock_irq(&t->sighand->lock);
	if (s->flags & SIGNAL_GROUP_EXIT) {
		code = s->group_exit_code;
	} else if (s->group_exec_task) {
		code = 0;
	} else {
		s->group_exit_code = code;
		s->flags |= SIGNAL_GROUP_EXIT;
		if (s->nr_threads > 1)
			signal_zap_others(t);
	}
	spin_unlock_irq(&t->sighand->lock);
	proc_exit(code);
}
