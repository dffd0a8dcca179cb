/* SPDX-License-Identifier: MIT */
/*
 * The run queue of a CPU: private to sched/. See core.c for the protocol.
 *
 * A fair queue is `first` (the entity with the least vruntime, kept outside)
 * plus a tree of all others: with one or two runnable threads, which is nearly
 * always, queueing and picking never touch the tree. The running thread is in
 * neither, though its se.on_rq is set.
 */
#ifndef SCHED_RQ_H
#define SCHED_RQ_H

#include <core/assert.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <lib/bitops.h>
#include <lib/muldiv.h>
#include <sched/sched.h>

#define NICE_0_WEIGHT	1024
#define RT_PRIO_COUNT	100		/* 1..99 are used */

#define FAIR_SLICE_NS	3000000UL	/* least stretch before a tick preempts */
#define FAIR_BONUS_NS	3000000UL	/* credit of a thread that slept */
#define FAIR_WAKE_GRAN_NS 1000000UL	/* lag that preempts at a wake-up */
#define FAIR_FORK_DEBIT_NS 1000000UL

struct rq {
	struct spinlock lock;		/* rank runqueue; l below; irqs off */
	u32 cpu;			/* I */
	u32 nr_running;			/* l; read racy by placement */
	u32 nr_rt;			/* l: queued RT threads */
	struct thread *curr;		/* l; read racy */
	u8 curr_class;			/* l: curr's when it came; read racy */
	struct thread *prev;		/* l: who called arch_switch() */
	struct thread *after;		/* l: prev needs work once off the CPU */
	struct sched_entity *first;	/* l */
	struct rb_root_cached tree;	/* l */
	u64 min_vruntime;		/* l: only grows; read racy */
	u64 rcu_passes;			/* c: quiescent states; rcu.c reads */
	bool rcu_idle;			/* c: in the idle loop; rcu.c reads */
	bool tick_on;			/* c: tick timer armed */
	bool tick_due;			/* c: it fired; sched_tick() to do it */
	bool rt_throttled;		/* l */
	struct thread *idle;		/* I */
	u64 nr_switches;		/* l */
	s64 nr_blocked;			/* l: may be negative; the sum counts */
	u64 rt_map[2];			/* l: bit p: rt[p] is not empty */
	struct list_head rt[RT_PRIO_COUNT];	/* l: valid when its bit is set */
	u64 rt_period_ns, rt_used_ns;	/* l: throttling: start, CPU time */
	struct timer tick_timer;	/* c */
	u32 balance_count;		/* c: ticks to the next balancing */
	/* accounting, acct.c */
	u64 start_ns;			/* I: when the queue came up */
	u64 acct_busy_ns;		/* l: busy time already attributed */
	u64 user_ns, nice_ns, system_ns;	/* l */
};

DECLARE_PERCPU(struct rq, runqueue);

#define this_rq()	this_cpu_ptr(runqueue)
#define cpu_rq(c)	(&per_cpu(runqueue, (c)))
#define se_thread(e)	container_of((e), struct thread, se)

static __always_inline bool
cpu_allowed(const struct thread *t, unsigned int cpu)
{
#if CONFIG_SMP
	return t->affinity[cpu / 64] >> (cpu % 64) & 1;
#else
	return true;
#endif
}

/* -- runqueue.c: the queues themselves, pure; lock held ------------------- */

void fair_tree_add(struct rq *rq, struct sched_entity *se);
void rt_enqueue(struct rq *rq, struct thread *t, bool tail);
void rt_dequeue(struct rq *rq, struct thread *t);
struct thread *rt_highest(const struct rq *rq);
/* rt_queued - does one of that priority wait? */
static __always_inline bool
rt_queued(const struct rq *rq, unsigned int prio)
{
	return rq->rt_map[prio / 64] & BIT(prio % 64);
}
/* any queued thread that may run on cpu, the least urgent first; or NULL */
struct thread *rq_find_movable(struct rq *rq, unsigned int cpu);
void sched_set_weight(struct thread *t);

static __always_inline bool
vruntime_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static __always_inline void
fair_enqueue(struct rq *rq, struct sched_entity *se)
{
	if (likely(!rq->first))
		rq->first = se;
	else
		fair_tree_add(rq, se);
}

static __always_inline struct sched_entity *
fair_take_first(struct rq *rq)
{
	struct sched_entity *se = rq->first;
	struct rb_node *n = rq->tree.leftmost;

	if (likely(!n)) {
		rq->first = NULL;
	} else {
		rb_erase_cached(n, &rq->tree);
		rq->first = rb_entry(n, struct sched_entity, node);
	}
	return se;
}

static __always_inline void
fair_dequeue(struct rq *rq, struct sched_entity *se)
{
	if (se == rq->first)
		fair_take_first(rq);
	else
		rb_erase_cached(&se->node, &rq->tree);
}

/* queue a thread that is not running; on_rq and counts are the caller's */
static __always_inline void
rq_enqueue(struct rq *rq, struct thread *t)
{
	if (likely(t->se.class == SC_FAIR))
		fair_enqueue(rq, &t->se);
	else
		rt_enqueue(rq, t, true);
}

static __always_inline void
rq_dequeue(struct rq *rq, struct thread *t)
{
	if (likely(t->se.class == SC_FAIR))
		fair_dequeue(rq, &t->se);
	else
		rt_dequeue(rq, t);
}

/* a thread becomes runnable here: it is asleep, new, or between queues */
static __always_inline void
rq_activate(struct rq *rq, struct thread *t)
{
	t->se.on_rq = true;
	rq->nr_running++;
	rq_enqueue(rq, t);
}

static __always_inline u64
fair_scale(const struct sched_entity *se, u64 delta_ns)
{
	if (likely(se->weight == NICE_0_WEIGHT))
		return delta_ns;
	return mul_shift_u64(delta_ns, se->inv_weight, 22);
}

/* charge the running thread up to now */
static __always_inline void
rq_update_curr(struct rq *rq, struct thread *curr, u64 now)
{
	struct sched_entity *se = &curr->se;
	u64 delta = now - se->exec_start_ns, v;

	if (unlikely((s64)delta <= 0))
		return;
	se->exec_start_ns = now;
	se->sum_exec_ns += delta;
	if (unlikely(se->class != SC_FAIR)) {
		if (se->class == SC_RT)
			rq->rt_used_ns += delta;
		return;
	}
	v = se->vruntime += fair_scale(se, delta);
	if (rq->first && vruntime_before(rq->first->vruntime, v))
		v = rq->first->vruntime;
	if (vruntime_before(rq->min_vruntime, v))
		rq->min_vruntime = v;
}

/* -- locking --------------------------------------------------------------- */

/* the queue t belongs to, locked; irqs off */
static __always_inline struct rq *
thread_rq_lock(struct thread *t)
{
#if CONFIG_SMP
	for (;;) {
		u32 cpu = READ_ONCE(t->cpu);
		struct rq *rq = cpu_rq(cpu);

		spin_lock(&rq->lock);
		if (likely(cpu == t->cpu))
			return rq;
		spin_unlock(&rq->lock);
	}
#else
	struct rq *rq = this_rq();

	spin_lock(&rq->lock);
	return rq;
#endif
}

/* -- across files ---------------------------------------------------------- */

/* core.c; queue locked */
void resched_curr(struct rq *rq);
void check_preempt(struct rq *rq, struct thread *t);
/*
 * detach: a queued, not running thread leaves the locked rq for cpu; attach
 * then puts it there (or wherever it may run by then). No lock held at attach;
 * irqs off at both.
 */
void rq_detach(struct rq *rq, struct thread *t, unsigned int cpu);
void rq_attach(struct thread *t);

/* balance.c */
unsigned int select_cpu(struct thread *t, unsigned int prev_cpu);
bool balance_idle(struct rq *rq);		/* irqs on; true: got one */
void balance_tick(struct rq *rq);		/* I */

/* tick.c */
void tick_start(struct rq *rq);			/* irqs off, own CPU */
void tick_init(struct rq *rq);

/* acct.c; queue locked */
void acct_tick(struct rq *rq, struct thread *curr, bool user_mode, u64 now);
/* loadavg.c */
void loadavg_tick(u64 now);

/* waitq.c */
void waitq_hash_init(void);

#endif
