/* SPDX-License-Identifier: MIT */
/*
 * Generating and queueing signals, signal(7).
 *
 * A process-directed signal goes to signal->shared, a thread-directed one to
 * task->pending; each is a set of bits and, beside it, a queue of siginfo
 * entries (standard signals at most one, real-time ones all, in order). A bit
 * may stand without an entry when memory or RLIMIT_SIGPENDING ran out.
 *
 * TIF_SIGPENDING of a thread is a hint that is recomputed (signal_recalc())
 * under the lock; it is never clear while a deliverable signal is pending.
 *
 * Locking: everything here is under sighand->lock, which is found through
 * sighand_lock(): a task loses its sighand when it exits (then it gets no
 * more signals), and the memory is freed after an RCU grace period.
 * tasklist_lock is taken outside of it where the tree is walked.
 *
 * Delivery is in deliver.c, kill(2) and its kin in kill.c.
 */
#include <abi/errno.h>
#include <abi/poll.h>
#include <arch/upcall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/local.h>
#include <task/posix_timer.h>
#include <task/ptrace.h>
#include <task/signal.h>

#define MASK_STOP	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | \
			 sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define MASK_IGNORE	(sigmask(SIGCONT) | sigmask(SIGCHLD) | \
			 sigmask(SIGWINCH) | sigmask(SIGURG))
#define MASK_ONLY	(sigmask(SIGKILL) | sigmask(SIGSTOP))

static struct slab_cache *sigqueue_cache, *sighand_cache, *signal_cache;

void
signal_init(void)
{
	sigqueue_cache = slab_create("sigqueue",
				     sizeof(struct sigqueue_entry), 0, 0);
	sighand_cache = slab_create("sighand_cache", sizeof(struct sighand),
				    0, 0);
	signal_cache = slab_create("signal_cache",
				   sizeof(struct signal_struct), 0, 0);
}

/* ---- the shared structures ---- */

struct sighand *
sighand_create(void)
{
	struct sighand *s = slab_alloc(sighand_cache, GFP_KERNEL);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	refcount_set(&s->count, 1);
	spin_init(&s->lock, RANK_SIGHAND);
	waitq_init(&s->signalfd_wq);
	return s;
}

struct sighand *
sighand_copy(const struct sighand *from)
{
	struct sighand *s = sighand_create();

	if (s)
		memcpy(s->action, from->action, sizeof(s->action));
	return s;
}

static void
sighand_free_rcu(struct rcu_head *h)
{
	slab_free(sighand_cache, container_of(h, struct sighand, rcu));
}

void
sighand_put(struct sighand *s)
{
	if (!refcount_put(&s->count))
		return;
	smp_mb();
	if (unlikely(waitq_active(&s->signalfd_wq)))
		waitq_wake(&s->signalfd_wq, 0, POLLFREE);
	call_rcu(&s->rcu, sighand_free_rcu);
}

struct sighand *
sighand_lock(struct task *t, unsigned long *f)
{
	struct sighand *s;

	for (;;) {
		rcu_read_lock();
		s = rcu_dereference(t->sighand);
		if (!s)
			return NULL;
		*f = spin_lock_irqsave(&s->lock);
		if (likely(s == READ_ONCE(t->sighand)))
			return s;
		spin_unlock_irqrestore(&s->lock, *f);
	}
}

struct signal_struct *
signal_struct_create(const struct signal_struct *from)
{
	struct signal_struct *s = slab_alloc(signal_cache, GFP_KERNEL);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	refcount_set(&s->count, 1);
	s->nr_threads = 1;
	s->nr_live = 1;
	INIT_LIST_HEAD(&s->threads);
	INIT_LIST_HEAD(&s->shared.queue);
	waitq_init(&s->child_wq);
	mutex_init(&s->cred_guard, RANK_EXEC);
	if (from) {
		memcpy(s->rlim, from->rlim, sizeof(s->rlim));
		s->oom_score_adj = from->oom_score_adj;
		s->has_child_subreaper = from->has_child_subreaper ||
			from->child_subreaper;
	}
	return s;
}

void
signal_struct_put(struct signal_struct *s)
{
	if (refcount_put(&s->count))
		slab_free(signal_cache, s);
}

/* ---- queue entries ---- */

static struct sigqueue_entry *
sigqueue_alloc(struct task *t, int sig, bool override)
{
	struct sigqueue_entry *q;
	const struct cred *c = t == current ? current_cred() :
		task_cred_get(t);
	struct user_count *u = c->user;

	(void)sig;
	if (atomic_add_return(&u->sigpending, 1) >
	    (s64)min(t->signal->rlim[RLIMIT_SIGPENDING].cur, (u64)INT_MAX) &&
	    !override)
		goto fail;
	q = slab_alloc(sigqueue_cache, GFP_ATOMIC | GFP_NOWARN);
	if (!q)
		goto fail;
	refcount_get(&u->count);
	q->user = u;
	q->flags = 0;
	if (t != current)
		cred_put(c);
	return q;
fail:
	atomic_dec(&u->sigpending);
	if (t != current)
		cred_put(c);
	return NULL;
}

static void
sigqueue_free(struct sigqueue_entry *q)
{
	atomic_dec(&q->user->sigpending);
	user_put(q->user);
	slab_free(sigqueue_cache, q);
}

int
sigqueue_prealloc(struct sigqueue_entry *q)
{
	struct user_count *u = current_cred()->user;

	if (atomic_add_return(&u->sigpending, 1) >
	    (s64)min(rlimit_cur(RLIMIT_SIGPENDING), (u64)INT_MAX)) {
		atomic_dec(&u->sigpending);
		return -EAGAIN;
	}
	refcount_get(&u->count);
	q->user = u;
	q->flags = SQ_PREALLOC;
	INIT_LIST_HEAD(&q->link);
	return 0;
}

void
sigqueue_prealloc_put(struct sigqueue_entry *q)
{
	ASSERT(list_empty(&q->link));
	atomic_dec(&q->user->sigpending);
	user_put(q->user);
}

/* Drop the queued signals of mask; their bits too. */
static void
sigpending_flush(struct sigpending *p, u64 mask)
{
	struct sigqueue_entry *q, *n;

	if (!(p->set & mask))
		return;
	p->set &= ~mask;
	list_for_each_entry_safe(q, n, &p->queue, link)
		if (sigmask(q->info.si_signo) & mask) {
			list_del_init(&q->link);
			if (unlikely(q->flags & SQ_PREALLOC))
				posix_timer_flushed(q);
			else
				sigqueue_free(q);
		}
}

void
signal_pending_free(struct sigpending *p)
{
	sigpending_flush(p, ~0UL);
}

void
signal_flush_all(struct task *t)
{
	unsigned long f;
	struct sighand *s = sighand_lock(t, &f);

	if (!s)
		return;
	sigpending_flush(&t->pending, ~0UL);
	sigpending_flush(&t->signal->shared, ~0UL);
	spin_unlock_irqrestore(&s->lock, f);
}

/* ---- predicates ---- */

bool
signal_group_exiting(const struct signal_struct *s)
{
	return (s->flags & SIGNAL_GROUP_EXIT) || s->group_exec_task;
}

static u64
action_handler(struct task *t, int sig)
{
	return t->sighand->action[sig - 1].handler;
}

/* Would t drop sig at once? sighand lock held. */
static bool
sig_is_ignored(struct task *t, int sig, bool force)
{
	u64 h;

	/* a blocked signal may get another handler before it is unblocked */
	if ((t->blocked | t->real_blocked) & sigmask(sig))
		return false;
	/* its tracer wants to see it */
	if (unlikely(t->ptrace) && sig != SIGKILL)
		return false;
	h = action_handler(t, sig);
	if ((t->signal->flags & SIGNAL_UNKILLABLE) && h == SIG_DFL &&
	    !(force && (sigmask(sig) & MASK_ONLY) &&
	      t->signal != init_task->signal))
		return true;
	if ((t->flags & TASK_KTHREAD) && !force)
		return true;
	return h == SIG_IGN || (h == SIG_DFL && (sigmask(sig) & MASK_IGNORE));
}

static bool
sig_is_fatal(struct task *t, int sig)
{
	return !(sigmask(sig) & (MASK_IGNORE | MASK_STOP)) &&
		action_handler(t, sig) == SIG_DFL;
}

bool
fatal_signal_pending(struct task *t)
{
	return signal_pending(t) && (t->pending.set & sigmask(SIGKILL));
}

bool
fatal_signal_pending_current(void)
{
	return !current_thread->kernel_only && fatal_signal_pending(current);
}

void
signal_wake_up(struct task *t, bool kill)
{
	tif_set(&t->thread, TIF_SIGPENDING);
	if (t == current && READ_ONCE(t->thread.state) == TS_RUNNING)
		return;			/* seen on the way out */
	if (!thread_wake_mask(&t->thread, TS_INTERRUPTIBLE |
			(kill ? TS_STOPPED | TS_KILLABLE |
			 (t->jobctl & JOBCTL_FROZEN ? 0 : TS_TRACED) : 0)))
		thread_kick(&t->thread);
}

void
signal_recalc(void)
{
	struct task *t = current;

	if ((t->pending.set | t->signal->shared.set) & ~t->blocked ||
	    (t->jobctl & JOBCTL_PENDING) ||
	    (t->signal->flags & (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)))
		tif_set(&t->thread, TIF_SIGPENDING);
	else
		tif_clear(&t->thread, TIF_SIGPENDING);
}

/* ---- generation ---- */

/*
 * What a signal does to others by being sent, delivered or not: stop signals
 * cancel SIGCONT and the reverse, and SIGCONT continues at once. Returns
 * whether it is to be queued.
 */
static bool
signal_prepare(int sig, struct task *p, bool force)
{
	struct signal_struct *s = p->signal;
	struct task *t;

	if (s->flags & SIGNAL_GROUP_EXIT)
		return sig == SIGKILL;	/* it breaks a core dump off */
	if (sigmask(sig) & MASK_STOP) {
		sigpending_flush(&s->shared, sigmask(SIGCONT));
		list_for_each_entry(t, &s->threads, thread_link)
			sigpending_flush(&t->pending, sigmask(SIGCONT));
	} else if (sig == SIGCONT) {
		u32 why = 0;

		sigpending_flush(&s->shared, MASK_STOP);
		list_for_each_entry(t, &s->threads, thread_link) {
			sigpending_flush(&t->pending, MASK_STOP);
			jobctl_clear(t, JOBCTL_STOP_PENDING);
			if (likely(!(t->ptrace & PT_SEIZED)))
				thread_wake_mask(&t->thread, TS_STOPPED);
			else
				ptrace_trap_notify(t);
		}
		if (s->flags & SIGNAL_STOP_STOPPED)
			why = SIGNAL_CLD_CONTINUED;
		else if (s->group_stop_count)
			why = SIGNAL_CLD_STOPPED;
		if (why) {
			s->flags &= ~SIGNAL_STOP_STOPPED;
			s->flags |= why | SIGNAL_STOP_CONTINUED;
			s->group_stop_count = 0;
			s->group_exit_code = 0;
		}
	}
	return !sig_is_ignored(p, sig, force);
}

static bool
wants_signal(int sig, struct task *t)
{
	if (t->blocked & sigmask(sig))
		return false;
	if (t->flags & TASK_EXITING)
		return false;
	if (sig == SIGKILL)
		return true;
	if (READ_ONCE(t->thread.state) & (TS_STOPPED | TS_TRACED))
		return false;
	return t == current || !signal_pending(t);
}

/* Wake a thread to take it; a fatal one starts the end of the group now. */
static void
signal_complete(int sig, struct task *p, bool group)
{
	struct signal_struct *s = p->signal;
	struct task *t = NULL, *i;

	if (wants_signal(sig, p)) {
		t = p;
	} else if (group) {
		list_for_each_entry(i, &s->threads, thread_link)
			if (wants_signal(sig, i)) {
				t = i;
				break;
			}
	}
	if (!t)
		return;
	/* one with a core is first taken by the thread that writes it */
	if (sig_is_fatal(p, sig) && !(sigmask(sig) & SIGS_CORE) &&
	    (!(s->flags & SIGNAL_GROUP_EXIT) || s->core_dumper) &&
	    (sig == SIGKILL || !(s->flags & SIGNAL_UNKILLABLE)) &&
	    !(t->real_blocked & sigmask(sig)) &&
	    (sig == SIGKILL || !p->ptrace)) {
		s->flags &= ~(SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED);
		s->flags |= SIGNAL_GROUP_EXIT;
		s->group_exit_code = sig;
		s->group_stop_count = 0;
		list_for_each_entry(i, &s->threads, thread_link) {
			jobctl_clear(i, JOBCTL_PENDING);
			i->pending.set |= sigmask(SIGKILL);
			signal_wake_up(i, true);
		}
		return;
	}
	signal_wake_up(t, sig == SIGKILL);
}

/* sighand lock held. 0, or -EAGAIN for a real-time signal that found no room */
static int
signal_send_locked(struct task *t, int sig, const struct abi_siginfo *info,
		   bool group)
{
	struct sigpending *p;
	struct sigqueue_entry *q;
	bool force = info == SEND_SIG_PRIV, override;

	/* from outside of its namespace init can be killed and stopped */
	if (unlikely(t->signal->flags & SIGNAL_UNKILLABLE) && !force &&
	    (info == SEND_SIG_USER || siginfo_has_sender(info)))
		force = !pid_nr_for(current->tgid, t);

	if (!signal_prepare(sig, t, force))
		return 0;
	p = group ? &t->signal->shared : &t->pending;
	if (sig < SIGRTMIN && (p->set & sigmask(sig)))
		return 0;
	if (!(sig == SIGKILL || (t->flags & TASK_KTHREAD))) {
		override = sig < SIGRTMIN &&
			(info == SEND_SIG_PRIV || info == SEND_SIG_USER ||
			 info->si_code >= 0);
		q = sigqueue_alloc(t, sig, override);
		if (q) {
			siginfo_fill(t, &q->info, sig, info);
			list_add_tail(&q->link, &p->queue);
		} else if (sig >= SIGRTMIN && info != SEND_SIG_USER &&
			   info != SEND_SIG_PRIV && info->si_code != SI_USER) {
			return -EAGAIN;
		}
	}
	p->set |= sigmask(sig);
	if (unlikely(waitq_active(&t->sighand->signalfd_wq)))
		waitq_wake_all(&t->sighand->signalfd_wq);
	signal_complete(sig, t, group);
	return 0;
}

bool
signal_queue_prealloc(struct task *t, struct sigqueue_entry *q, bool group)
{
	struct sigpending *p = group ? &t->signal->shared : &t->pending;
	int sig = q->info.si_signo;

	if (!signal_prepare(sig, t, false))
		return false;
	list_add_tail(&q->link, &p->queue);
	p->set |= sigmask(sig);
	if (unlikely(waitq_active(&t->sighand->signalfd_wq)))
		waitq_wake_all(&t->sighand->signalfd_wq);
	signal_complete(sig, t, group);
	return true;
}

/* Was it on p, and is no other of its number left there? */
static void
recalc_pending(struct sigpending *p, int sig)
{
	struct sigqueue_entry *q;

	list_for_each_entry(q, &p->queue, link)
		if (q->info.si_signo == sig)
			return;
	p->set &= ~sigmask(sig);
}

void
signal_unqueue_prealloc(struct signal_struct *s, struct task *t,
			struct sigqueue_entry *q, bool group)
{
	if (list_empty(&q->link))
		return;
	list_del_init(&q->link);
	if (group)
		recalc_pending(&s->shared, q->info.si_signo);
	else if (t)
		recalc_pending(&t->pending, q->info.si_signo);
}

int
signal_send(struct task *t, int sig, const struct abi_siginfo *info, bool group)
{
	unsigned long f;
	struct sighand *s;
	int r;

	s = sighand_lock(t, &f);
	if (!s)
		return -ESRCH;
	r = sig ? signal_send_locked(t, sig, info, group) : 0;
	spin_unlock_irqrestore(&s->lock, f);
	return r;
}

int
signal_send_group(struct task *t, int sig, const struct abi_siginfo *info)
{
	return signal_send(t, sig, info, true);
}

int
signal_send_thread(struct task *t, int sig, const struct abi_siginfo *info)
{
	return signal_send(t, sig, info, false);
}

/* signal_requeue_locked - sig, taken off and found blocked, back on t's own. */
void
signal_requeue_locked(struct task *t, int sig, const struct abi_siginfo *info)
{
	(void)signal_send_locked(t, sig, info, false);
}

/* signal_force - a trap: blocked or ignored does not help, then it kills. */
void
signal_force_info(int sig, const struct abi_siginfo *info)
{
	struct task *t = current;
	unsigned long f;
	struct sighand *s = sighand_lock(t, &f);
	struct abi_sigaction *a = &s->action[sig - 1];

	if ((t->blocked & sigmask(sig)) || a->handler == SIG_IGN) {
		a->handler = SIG_DFL;
		t->blocked &= ~sigmask(sig);
		signal_recalc();
	}
	if (a->handler == SIG_DFL && !t->ptrace)
		t->signal->flags &= ~SIGNAL_UNKILLABLE;
	signal_send_locked(t, sig, info, false);
	spin_unlock_irqrestore(&s->lock, f);
}

void
signal_force(int sig, int si_code, vaddr_t addr, int trapno, u64 err)
{
	struct abi_siginfo info = { .si_signo = sig, .si_code = si_code };

	info.fault.addr = addr;
	current->thread.arch.trap_no = trapno;
	current->thread.arch.error_code = err;
	signal_force_info(sig, &info);
}

/* All other threads of the group are to die. sighand lock held. */
void
signal_zap_others(struct task *p)
{
	struct task *t;

	p->signal->group_stop_count = 0;
	list_for_each_entry(t, &p->signal->threads, thread_link) {
		if (t == p || t->exit_state)
			continue;
		jobctl_clear(t, JOBCTL_PENDING);
		t->pending.set |= sigmask(SIGKILL);
		signal_wake_up(t, true);
	}
}

/* ---- masks and queries of the current task ---- */

/*
 * A thread that now blocks a shared signal it was woken for passes it on.
 * sighand lock held.
 */
static void
retarget_shared(struct task *p, u64 newly_blocked)
{
	u64 left = p->signal->shared.set & newly_blocked;
	struct task *t;

	if (!left)
		return;
	list_for_each_entry(t, &p->signal->threads, thread_link) {
		if (t == p || (t->flags & TASK_EXITING) ||
		    !(left & ~t->blocked))
			continue;
		left &= t->blocked;
		if (!signal_pending(t))
			signal_wake_up(t, false);
		if (!left)
			break;
	}
}

/*
 * Another thread writes a core: stand still until it has. sighand lock held,
 * dropped meanwhile.
 */
static void
wait_for_core(struct task *t)
{
	struct signal_struct *s = t->signal;

	if (!--s->core_left)
		waitq_wake_all(waitq_hashed(&s->core_left));
	spin_unlock_irq(&t->sighand->lock);
	wait_event(waitq_hashed(&s->core_dumper), !READ_ONCE(s->core_dumper));
	spin_lock_irq(&t->sighand->lock);
}

/*
 * signal_exit_thread - current takes no more signals: what it was to take goes
 * to others, and a group stop no longer waits for it. Returns whether it was
 * the last live thread.
 */
bool
signal_exit_thread(struct task *t)
{
	struct signal_struct *s = t->signal;
	bool last, notify = false;

	spin_lock_irq(&t->sighand->lock);
	if (unlikely(s->core_dumper) && s->core_dumper != t)
		wait_for_core(t);
	t->flags |= TASK_EXITING;
	retarget_shared(t, ~t->blocked);
	if (unlikely(t->jobctl & JOBCTL_STOP_PENDING))
		notify = group_stop_participate(t);
	last = __atomic_sub_fetch(&s->nr_live, 1, __ATOMIC_SEQ_CST) == 0;
	spin_unlock_irq(&t->sighand->lock);
	if (notify && !last)
		signal_notify_parent_stop(t, false);
	return last;
}

void
signal_set_blocked(u64 mask)
{
	struct task *t = current;
	struct sighand *s = t->sighand;

	mask &= ~MASK_ONLY;
	if (t->blocked == mask)
		return;
	spin_lock_irq(&s->lock);
	if (t->signal->nr_threads > 1)
		retarget_shared(t, mask & ~t->blocked);
	t->blocked = mask;
	signal_recalc();
	spin_unlock_irq(&s->lock);
}

void
signal_set_user_mask(u64 mask)
{
	current->saved_sigmask = current->blocked;
	tif_set(&current->thread, TIF_RESTORE_SIGMASK);
	signal_set_blocked(mask);
}

void
signal_restore_saved(bool interrupted)
{
	if (interrupted)
		return;		/* delivery restores, after the handler */
	if (tif_test(&current->thread, TIF_RESTORE_SIGMASK)) {
		tif_clear(&current->thread, TIF_RESTORE_SIGMASK);
		signal_set_blocked(current->saved_sigmask);
	}
}

bool
signal_blocked(int sig)
{
	return current->blocked & sigmask(sig);
}

bool
signal_ignored(int sig)
{
	return signal_blocked(sig) || action_handler(current, sig) == SIG_IGN;
}

void
signal_exec_reset(struct task *t)
{
	struct sighand *s = t->sighand;

	spin_lock_irq(&s->lock);
	for (int i = 0; i < NSIG; i++) {
		struct abi_sigaction *a = &s->action[i];

		if (a->handler != SIG_IGN)
			a->handler = SIG_DFL;
		a->flags = 0;
		a->restorer = 0;
		a->mask = 0;
	}
	spin_unlock_irq(&s->lock);
	t->altstack = (struct abi_stack){ .ss_flags = SS_DISABLE };
}

void
signal_sets(struct task *t, u64 *pnd, u64 *shpnd, u64 *blk, u64 *ign, u64 *cgt)
{
	unsigned long f;
	struct sighand *s = sighand_lock(t, &f);

	*pnd = *shpnd = *blk = *ign = *cgt = 0;
	if (!s)
		return;
	*pnd = t->pending.set;
	*shpnd = t->signal->shared.set;
	*blk = t->blocked;
	for (int i = 0; i < NSIG; i++) {
		if (s->action[i].handler == SIG_IGN)
			*ign |= BIT(i);
		else if (s->action[i].handler != SIG_DFL)
			*cgt |= BIT(i);
	}
	spin_unlock_irqrestore(&s->lock, f);
}

/* ---- taking one off ---- */

/* Next signal of the set, synchronous faults first. */
static int
next_signal(u64 set)
{
	u64 sync = set & (sigmask(SIGSEGV) | sigmask(SIGBUS) |
		sigmask(SIGILL) | sigmask(SIGTRAP) | sigmask(SIGFPE) |
		sigmask(SIGSYS));

	if (sync)
		set = sync;
	return set ? __builtin_ctzl(set) + 1 : 0;
}

static void
collect(struct sigpending *p, int sig, struct abi_siginfo *out)
{
	struct sigqueue_entry *q, *first = NULL;
	bool more = false;

	list_for_each_entry(q, &p->queue, link) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		p->set &= ~sigmask(sig);
	if (first) {
		list_del_init(&first->link);
		*out = first->info;
		if (unlikely(first->flags & SQ_PREALLOC))
			posix_timer_delivered(first, out);
		else
			sigqueue_free(first);
	} else {
		memset(out, 0, sizeof(*out));
		out->si_signo = sig;
		out->si_code = SI_USER;
	}
}

/* sighand lock held: take one of ~mask_blocked; 0 when none */
int
signal_dequeue_locked(struct task *t, u64 blocked, struct abi_siginfo *out)
{
	int sig = next_signal(t->pending.set & ~blocked);

	if (sig) {
		collect(&t->pending, sig, out);
	} else {
		sig = next_signal(t->signal->shared.set & ~blocked);
		if (!sig) {
			/* another took it, or it was dropped: no hint now */
			signal_recalc();
			return 0;
		}
		collect(&t->signal->shared, sig, out);
		if (sig == SIGALRM)
			itimer_real_rearm(t->signal);
	}
	/* until do_signal_stop() a SIGCONT can still undo it */
	if (unlikely(sigmask(sig) & MASK_STOP))
		t->jobctl |= JOBCTL_STOP_DEQUEUED;
	signal_recalc();
	return sig;
}

int
signal_dequeue(u64 mask, struct abi_siginfo *out)
{
	struct sighand *s = current->sighand;
	int sig;

	spin_lock_irq(&s->lock);
	sig = signal_dequeue_locked(current, ~mask, out);
	spin_unlock_irq(&s->lock);
	return sig;
}

/*
 * Queue an ignored-now signal's removal: sigaction(2) to ignore drops what
 * is pending. sighand lock held.
 */
void
signal_drop_pending(struct task *p, int sig)
{
	struct task *t;

	sigpending_flush(&p->signal->shared, sigmask(sig));
	list_for_each_entry(t, &p->signal->threads, thread_link)
		sigpending_flush(&t->pending, sigmask(sig));
}
