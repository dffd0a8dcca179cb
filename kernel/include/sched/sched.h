/* SPDX-License-Identifier: MIT */
/*
 * Scheduling: per-CPU run queues; RT (FIFO/RR) before fair (weighted virtual
 * time) before idle; wake-up placement and periodic balancing.
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <sched/thread.h>

#define SCHED_OTHER 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#define SCHED_DEADLINE 6		/* not offered: -EINVAL */
#define SCHED_RESET_ON_FORK 0x40000000

/*
 * The flow that boots a CPU is that CPU's idle thread from its first
 * instruction: cur_thread is valid at once on the boot CPU, and on an AP as
 * soon as its GS base is set. It should not sleep: while it waits, it spins.
 */
void sched_init(void);			/* E: the boot CPU's queue */
void sched_init_cpu(unsigned int cpu);	/* before an AP starts; its percpu is up */
void __noreturn sched_idle_loop(void);	/* becomes this CPU's idle thread */
struct thread *sched_idle_thread(unsigned int cpu);
/* sched_curr - who runs on cpu now; a hint, do not dereference unreferenced */
struct thread *sched_curr(unsigned int cpu);
/*
 * thread_start - first thing a new thread runs on its own stack (called by
 * arch's first frame, irqs off): ends the switch, returns with irqs on.
 */
void thread_start(struct thread *prev);

/* schedule - give up the CPU; returns when chosen again. Context: T. */
void schedule(void);
/*
 * schedule_timeout - sleep in the state already set until woken or the
 * monotonic deadline; returns true when the deadline passed.
 */
bool schedule_until(nsec_t deadline_ns);
/* set_state - state of the current thread; a full barrier, then test again. */
static __always_inline void
set_state(u32 state)
{
#if CONFIG_SMP
	__atomic_store_n(&current_thread->state, state, __ATOMIC_SEQ_CST);
#else
	WRITE_ONCE(current_thread->state, state);
	barrier();
#endif
}
/* sched_yield_now - sched_yield(2). */
void sched_yield_now(void);
/* thread_wake - make t runnable when its state is in mask. Any context. */
bool thread_wake_mask(struct thread *t, u32 mask);
#define thread_wake(t) thread_wake_mask((t), TS_INTERRUPTIBLE | TS_UNINTERRUPTIBLE)
/* thread_wake_sync - the waker is about to sleep: hand over on this CPU. */
bool thread_wake_sync(struct thread *t);
/* sched_wake_new - first time. */
void sched_wake_new(struct thread *t);
/* thread_kick - make a thread running in user mode notice its tif. */
void thread_kick(struct thread *t);

/*
 * sched_fork - all of child that is sched's, policy from parent's (NULL: the
 * defaults, as for the first kernel threads); child->tif is the caller's.
 */
void sched_fork(struct thread *child, const struct thread *parent);
/* sched_exit - last schedule of a dead thread; its stack is freed later. */
void __noreturn sched_exit(void);
/*
 * fn(dead) runs once the exited thread is off its stack, in whatever thread
 * came next (the idle thread too: it must not sleep), irqs on, no lock held.
 */
void sched_set_dead_hook(void (*fn)(struct thread *dead));

static __always_inline bool
need_resched(void)
{
	return tif_test(current_thread, TIF_NEED_RESCHED);
}
void cond_resched_slow(void);
static __always_inline void
cond_resched(void)
{
	if (unlikely(need_resched()))
		cond_resched_slow();
}

/*
 * Policy. Errors as sched_setscheduler(2); permission is the caller's.
 * @policy may carry SCHED_RESET_ON_FORK. sched_set_affinity: -EINVAL when no
 * CPU of the mask is online; on return a thread that was current, queued or
 * asleep obeys, one running elsewhere does so within microseconds.
 */
int sched_set_policy(struct thread *t, int policy, int rt_prio);
void sched_set_nice(struct thread *t, int nice);	/* clamped to -20..19 */
/*
 * sched_set_boost - t runs at least with RT priority rt and with the weight of
 * nice 20 - fair, 0 for none: futex_pi.c. True when that changed something.
 * sched_effective_*: what a thread could lend so.
 */
bool sched_set_boost(struct thread *t, u32 rt, u32 fair);
static inline u32
sched_effective_rt(const struct thread *t)
{
	return READ_ONCE(t->se.class) == SC_RT ? READ_ONCE(t->se.prio) : 0;
}
static inline u32
sched_effective_fair(const struct thread *t)
{
	return max_t(u32, 20 - READ_ONCE(t->nice), READ_ONCE(t->boost_fair));
}
int sched_set_affinity(struct thread *t, const unsigned long *mask);
nsec_t sched_rr_interval(const struct thread *t);

/*
 * What a CPU's RT threads get at most of each period while others wait
 * (-1: all), and a round-robin turn: /proc/sys/kernel/sched_*.
 */
#define RR_SLICE_NS	100000000UL	/* by default */
extern int sched_rt_period_us, sched_rt_runtime_us;
extern u64 sched_rr_slice_ns;
/* sched_set_rt_limit - -EINVAL: more than the period, or no period. */
int sched_set_rt_limit(int period_us, int runtime_us);

/*
 * Ticks: a CPU that is not idle ticks every SCHED_TICK_NS; an idle one not at
 * all. The hook is called with each user thread that a tick finds running, for
 * CPU-time limits and timers. Context: I, no lock held.
 */
#define SCHED_TICK_NS	4000000UL
void sched_set_tick_hook(void (*fn)(struct thread *t));
/*
 * sched_request_tick - the current thread wants CPU-time timers. Who runs is
 * ticked anyway, so there is nothing to start; callers document their need.
 */
static inline void
sched_request_tick(void)
{
}
/* sched_kick_cpu - make cpu pass through schedule() soon. Any context. */
void sched_kick_cpu(unsigned int cpu);

/* thread_cpu_ns - CPU time used, including the present stretch. */
u64 thread_cpu_ns(struct thread *t);
/* thread_times - the same split in user and system by the ticks; monotone. */
void thread_times(struct thread *t, u64 *utime_ns, u64 *stime_ns);

/* Figures for /proc. */
struct cpu_stat { u64 user_ns, nice_ns, system_ns, idle_ns, irq_ns, softirq_ns; };
void sched_cpu_stat(unsigned int cpu, struct cpu_stat *out);
u64 sched_nr_switches(void);
u32 sched_nr_running(void);
u32 sched_nr_blocked(void);
void sched_loadavg(u64 avg[3]);	/* fixed point, 11 fraction bits */
u64 sched_idle_total_ns(void);

#endif
