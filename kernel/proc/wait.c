/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children, wait4(2) and waitid(2).
 *
 * One pass under tasklist_lock over the children of every thread of the
 * caller's group and over those it traces (each thread by itself); if something
 * can be reported it is, else the caller sleeps on its process's child_wq,
 * which every exit, stop and continuation of a child or of a traced thread
 * wakes. The queue entry is put on before the pass, so none is missed.
 *
 * A traced child that ended is its tracer's to see first; then, when that is
 * another process, its parent's.
 */
#include <abi/errno.h>
#include <abi/wait.h>
#include <mm/mm.h>
#include <proc/local.h>
#include <sched/waitq.h>
#include <task/itimer.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/signal.h>

struct wait_pass {
	int type, options;
	struct pid *pid;		/* borrowed; for P_PID and P_PGID */
	struct wait_result *r;
	bool candidates;		/* someone could still come */
	bool traced;			/* now on those we trace */
};

static void
rusage_signal(struct signal_struct *s, struct rusage_k *ru, bool children)
{
	if (children) {
		ru->utime_ns += s->cutime_ns;
		ru->stime_ns += s->cstime_ns;
		ru->minflt += s->cmin_flt;
		ru->majflt += s->cmaj_flt;
		ru->nvcsw += s->cnvcsw;
		ru->nivcsw += s->cnivcsw;
		ru->inblock += s->cinblock;
		ru->oublock += s->coublock;
		ru->maxrss_kib = max(ru->maxrss_kib, s->cmaxrss_kib);
	} else {
		ru->utime_ns += s->utime_ns;
		ru->stime_ns += s->stime_ns;
		ru->minflt += s->min_flt;
		ru->majflt += s->maj_flt;
		ru->nvcsw += s->nvcsw;
		ru->nivcsw += s->nivcsw;
		ru->inblock += s->inblock;
		ru->oublock += s->oublock;
		ru->maxrss_kib = max(ru->maxrss_kib, s->maxrss_kib);
	}
}

static void
rusage_thread(struct task *t, struct rusage_k *ru)
{
	u64 ut, st;

	thread_times(&t->thread, &ut, &st);
	ru->utime_ns += ut;
	ru->stime_ns += st;
	ru->minflt += t->min_flt;
	ru->majflt += t->maj_flt;
	ru->nvcsw += t->thread.nvcsw;
	ru->nivcsw += t->thread.nivcsw;
	ru->inblock += t->read_bytes >> 9;
	ru->oublock += t->write_bytes >> 9;
}

/* tasklist lock held */
static void
rusage_both(struct task *t, struct rusage_k *ru)
{
	struct task *i;

	list_for_each_entry(i, &t->signal->threads, thread_link)
		rusage_thread(i, ru);
	rusage_signal(t->signal, ru, false);
}

void
proc_rusage(struct task *t, int who, struct rusage_k *out)
{
	unsigned long f;

	*out = (struct rusage_k){ 0 };
	if (who == RUSAGE_THREAD) {
		rusage_thread(t, out);
		out->maxrss_kib = t->signal->maxrss_kib;
	} else {
		f = spin_lock_irqsave(&tasklist_lock);
		if (who == RUSAGE_CHILDREN)
			rusage_signal(t->signal, out, true);
		else
			rusage_both(t, out);
		spin_unlock_irqrestore(&tasklist_lock, f);
	}
	if (who != RUSAGE_CHILDREN && t->mm)
		out->maxrss_kib = max(out->maxrss_kib,
				      mm_rss_peak_kib(t->mm));
}

static bool
pid_matches(const struct wait_pass *w, struct task *t)
{
	switch (w->type) {
	case P_PID:
		return t->pid == w->pid;
	case P_PGID:
		return t->signal->pgrp == w->pid;
	default:
		return true;
	}
}

/* __WCLONE and __WALL, wait(2): is this kind of child asked for? */
static bool
kind_matches(const struct wait_pass *w, struct task *t)
{
	if ((w->options & __WALL) || w->traced)
		return true;
	return (t->exit_signal != SIGCHLD) == !!(w->options & __WCLONE);
}

static void
result_common(struct wait_pass *w, struct task *t)
{
	const struct cred *c = task_cred_get(t);

	w->r->pid = task_tid(t);
	w->r->uid = c->uid;
	cred_put(c);
	w->r->ru = (struct rusage_k){ 0 };
	rusage_both(t, &w->r->ru);
	rusage_signal(t->signal, &w->r->ru, true);
}

/* What the reaped child used becomes its parent's cutime and so on. */
static void
add_child_times(struct task *child)
{
	struct signal_struct *p = current->signal;
	struct rusage_k ru = { 0 };

	rusage_both(child, &ru);
	rusage_signal(child->signal, &ru, true);
	spin_lock(&current->sighand->lock);
	p->cutime_ns += ru.utime_ns;
	p->cstime_ns += ru.stime_ns;
	p->cmin_flt += ru.minflt;
	p->cmaj_flt += ru.majflt;
	p->cnvcsw += ru.nvcsw;
	p->cnivcsw += ru.nivcsw;
	p->cinblock += ru.inblock;
	p->coublock += ru.oublock;
	p->cmaxrss_kib = max(p->cmaxrss_kib, ru.maxrss_kib);
	spin_unlock(&current->sighand->lock);
}

/* tasklist lock held. The zombie to release after, in *reap. */
static bool
try_zombie(struct wait_pass *w, struct task *t, struct task **reap)
{
	int status = t->signal->flags & SIGNAL_GROUP_EXIT ?
		t->signal->group_exit_code : t->exit_code;

	result_common(w, t);
	w->r->wait_status = status;
	if (status & 0x7f) {
		w->r->cause = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		w->r->status = status & 0x7f;
	} else {
		w->r->cause = CLD_EXITED;
		w->r->status = status >> 8;
	}
	if (w->options & WNOWAIT)
		return true;
	if (unlikely(t->ptrace) && ptrace_reparented(t) &&
	    t == t->group_leader) {
		/* seen by its tracer; now it is its parent's turn */
		ptrace_unlink(t);
		if (!signal_notify_exit(t, t->exit_signal))
			return true;
	} else if (t == t->group_leader) {
		add_child_times(t);
	}
	t->exit_state = EXIT_DEAD;
	*reap = t;
	return true;
}

/* A traced thread that stands in a trap, or whose process is stopped. */
static bool
try_trapped(struct wait_pass *w, struct task *t)
{
	int *from = NULL, code = 0;

	spin_lock(&t->sighand->lock);
	if (READ_ONCE(t->thread.state) & TS_TRACED) {
		if (!(t->jobctl & JOBCTL_LISTENING))
			from = &t->exit_code;
	} else if (t->signal->flags & SIGNAL_STOP_STOPPED) {
		from = &t->signal->group_exit_code;
	}
	if (from) {
		code = *from;
		if (!(w->options & WNOWAIT))
			*from = 0;
	}
	spin_unlock(&t->sighand->lock);
	if (!code)
		return false;
	result_common(w, t);
	w->r->cause = CLD_TRAPPED;
	w->r->status = code;
	w->r->wait_status = code << 8 | 0x7f;
	return true;
}

static bool
try_stopped(struct wait_pass *w, struct task *t)
{
	struct signal_struct *s = t->signal;
	int code;
	bool hit = false;

	spin_lock(&t->sighand->lock);
	code = s->group_exit_code;
	if ((s->flags & SIGNAL_STOP_STOPPED) && code) {
		hit = true;
		if (!(w->options & WNOWAIT))
			s->group_exit_code = 0;
	}
	spin_unlock(&t->sighand->lock);
	if (!hit)
		return false;
	result_common(w, t);
	w->r->cause = CLD_STOPPED;
	w->r->status = code;
	w->r->wait_status = code << 8 | 0x7f;
	return true;
}

static bool
try_continued(struct wait_pass *w, struct task *t)
{
	struct signal_struct *s = t->signal;
	bool hit = false;

	spin_lock(&t->sighand->lock);
	if (s->flags & SIGNAL_STOP_CONTINUED) {
		hit = true;
		if (!(w->options & WNOWAIT))
			s->flags &= ~SIGNAL_STOP_CONTINUED;
	}
	spin_unlock(&t->sighand->lock);
	if (!hit)
		return false;
	result_common(w, t);
	w->r->cause = CLD_CONTINUED;
	w->r->status = SIGCONT;
	w->r->wait_status = 0xffff;
	return true;
}

static bool
try_child(struct wait_pass *w, struct task *t, struct task **reap)
{
	bool traced = w->traced;

	if (!pid_matches(w, t) || !kind_matches(w, t) ||
	    t->exit_state == EXIT_DEAD)
		return false;
	/* a child whose own parent's process traces it: as its tracer */
	if (unlikely(t->ptrace) && !ptrace_reparented(t))
		traced = true;
	if (t->exit_state == EXIT_ZOMBIE) {
		bool whole = t != t->group_leader ||
			t->signal->nr_threads == 1;

		if (whole && (traced || likely(!t->ptrace)))
			return (w->options & WEXITED) &&
				try_zombie(w, t, reap);
		/* it is its tracer's, or its threads still run */
		if (!traced || (w->options & (WCONTINUED | WEXITED)))
			w->candidates = true;
		if (!t->sighand)
			return false;
	} else {
		w->candidates = true;
	}
	if (unlikely(traced) ? try_trapped(w, t) : (w->options & WSTOPPED) &&
	    try_stopped(w, t))
		return true;
	return (w->options & WCONTINUED) && try_continued(w, t);
}

/* One look at all children. 1 found, 0 none now, -ECHILD none ever. */
static int
wait_pass_once(struct wait_pass *w)
{
	struct task *thread, *c, *reap = NULL;
	bool found = false;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	w->candidates = w->traced = false;
	list_for_each_entry(thread, &current->signal->threads, thread_link) {
		if ((w->options & __WNOTHREAD) && thread != current)
			continue;
		list_for_each_entry(c, &thread->children, sibling) {
			found = try_child(w, c, &reap);
			if (found)
				goto out;
		}
		if (likely(list_empty(&thread->ptraced)))
			continue;
		w->traced = true;
		list_for_each_entry(c, &thread->ptraced, ptrace_entry) {
			found = try_child(w, c, &reap);
			if (found)
				goto out;
		}
		w->traced = false;
	}
out:
	spin_unlock_irqrestore(&tasklist_lock, f);
	if (reap)
		task_release(reap);
	return found ? 1 : w->candidates ? 0 : -ECHILD;
}

int
proc_wait(int type, struct pid *pid, int options, struct wait_result *r)
{
	struct wait_pass w = { .type = type, .pid = pid, .options = options,
		.r = r };
	struct waitq_entry e = { .link = LIST_HEAD_INIT(e.link),
		.thread = current_thread };
	struct waitq *q = &current->signal->child_wq;
	int got;

	r->pid = 0;
	if ((type == P_PID || type == P_PGID) && !pid)
		return -ECHILD;
	for (;;) {
		waitq_prepare(q, &e, TS_INTERRUPTIBLE);
		got = wait_pass_once(&w);
		if (got || (options & WNOHANG))
			break;
		if (signal_pending_current()) {
			got = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	waitq_finish(q, &e);
	return got < 0 ? got : 0;
}
