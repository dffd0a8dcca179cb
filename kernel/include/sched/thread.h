/* SPDX-License-Identifier: MIT */
/*
 * The schedulable thread. struct task embeds it as its first member, so that
 * %gs:cur_thread is also `current`.
 *
 * Legend: I immutable after creation; o own thread (or while it is not
 * running); r its run queue's lock; a atomic.
 */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include <arch/atomic.h>
#include <arch/percpu.h>
#include <arch/thread.h>
#include <core/timer.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/types.h>

/*
 * thread.tif, atomic bits. The low byte is what exit_to_user_work() handles and
 * loops on. The top byte of the low word is written by the owner alone (or
 * while it does not run), with plain byte stores: arch's, in entry.S.
 */
#define TIF_NEED_RESCHED	BIT(0)
#define TIF_SIGPENDING		BIT(1)
#define TIF_RSEQ		BIT(2)	/* was switched out: rseq(2) */
#define TIF_NOTIFY		BIT(3)	/* task work pending */
#define TIF_RESTORE_SIGMASK	BIT(4)	/* sigsuspend and friends */
#define TIF_EXIT_WORK		0xffUL
#define TIF_SYSCALL_TRACE	BIT(8)	/* log=syscall=trace */
#define TIF_SECCOMP		BIT(9)
#define TIF_PTRACE		BIT(10)	/* one of the three below */
#define TIF_SYSCALL_WORK	(BIT(8) | BIT(9) | BIT(10))
#define TIF_OOM_VICTIM		BIT(16)	/* may use reserves, dies soon */
#define TIF_SINGLESTEP		BIT(17)	/* the tracer wants single steps */
#define TIF_SYSCALL_STOP	BIT(18)	/* PTRACE_SYSCALL */
#define TIF_SYSCALL_EMU		BIT(19)	/* PTRACE_SYSEMU */
#define TIF_FORCED_TF		BIT(20)	/* RFLAGS.TF is the tracer's */
#define TIF_PTRACE_ALL		(TIF_PTRACE | TIF_SINGLESTEP | \
				 TIF_SYSCALL_STOP | TIF_SYSCALL_EMU)
#define TIF_FPU_LOAD		BIT(24)	/* owner's byte: registers not loaded */
#define TIF_IRET		BIT(25)	/* owner's byte: full registers changed */
#define TIF_EXIT_ANY		(TIF_EXIT_WORK | TIF_FPU_LOAD | TIF_IRET)

enum thread_state {		/* written by sched only through set_state() */
	TS_RUNNING = 0,
	TS_INTERRUPTIBLE = 1,
	TS_UNINTERRUPTIBLE = 2,
	TS_STOPPED = 4,		/* job control */
	TS_TRACED = 8,
	TS_DEAD = 16,
	TS_KILLABLE = 32,	/* with UNINTERRUPTIBLE: SIGKILL wakes */
	TS_NEW = 64,		/* never ran: only sched_wake_new() starts it */
};

enum sched_class_id { SC_IDLE, SC_FAIR, SC_RT };

struct sched_entity {
	struct rb_node node;		/* r: fair queue */
	struct list_head rt_link;	/* r: RT queue of its priority */
	u64 vruntime;			/* r: weighted ns */
	u64 exec_start_ns;		/* r */
	u64 sum_exec_ns;		/* r: CPU time used */
	u64 slice_start_ns;		/* r */
	u64 rr_start_ns;		/* r: sum_exec_ns when its RR turn began */
	u32 weight;			/* r: from nice */
	u32 inv_weight;			/* r: 2^32 / weight */
	bool on_rq;			/* r: runnable (queued, or running) */
	u8 class;			/* r: enum sched_class_id */
	u8 prio;			/* r: RT priority in effect */
};

struct thread {
	unsigned long tif;		/* a: TIF_*; offset 0, entry.S reads it */
	u8 *kstack;			/* I: lowest byte of KSTACK_SIZE */
	u64 syscall_rsp;		/* scratch for entry.S */
	u32 state;			/* r: enum thread_state */
	u32 cpu;			/* r: where it runs or ran last */
	bool on_cpu;			/* a: registers are in a CPU */
	bool kernel_only;		/* I: no user half */
	bool rseq;			/* o: TIF_RSEQ at each switch */
	struct arch_thread arch;	/* o */
	struct mm_arch *mm_arch;	/* o: address space to switch to or NULL */
	struct sched_entity se;
	s8 nice;			/* r: -20..19 */
	u8 policy;			/* r: SCHED_* of sched(7) */
	u8 rt_prio;			/* r: 1..99 */
	u8 boost_rt, boost_fair;	/* r: lent by PI waiters: RT priority,
					   20 - nice; 0 none */
	bool reset_on_fork;		/* r */
	bool migrate;			/* r: runs where it may not: leave */
	bool rt_tail;			/* r: slice used up or yielded */
	unsigned long affinity[(CONFIG_MAX_CPUS + 63) / 64];	/* r */
	u64 nvcsw, nivcsw;		/* o */
	u64 utime_ns, stime_ns;		/* r: ticks seen in user mode, in kernel */
	u64 told_utime_ns, told_stime_ns;	/* r: last split thread_times() gave */
	struct timer sleep_timer;	/* o: schedule_until() */
#if CONFIG_DEBUG
	u8 nr_held;			/* sleeping locks, for the rank check */
	struct { const void *lock, *site; u8 rank; } held[16];
#endif
	char comm[16];			/* o: name, NUL padded */
};
static_assert(offsetof(struct thread, tif) == 0, "entry.S");

/*
 * Idle threads are sched's own and have this many zero bytes behind them, so
 * that `current` read as a larger struct in an idle CPU's interrupt finds
 * "no mm, no pid". task asserts that struct task fits.
 */
#define IDLE_TASK_ROOM	2048

DECLARE_PERCPU(struct thread *, cur_thread);
#define current_thread	((struct thread *)this_cpu(cur_thread))

static __always_inline void
tif_set(struct thread *t, unsigned long bits)
{
	atomic_or(&t->tif, bits);
}

static __always_inline void
tif_clear(struct thread *t, unsigned long bits)
{
	atomic_and(&t->tif, ~bits);
}

static __always_inline bool
tif_test(const struct thread *t, unsigned long bits)
{
	return READ_ONCE(t->tif) & bits;
}

/* The owner's byte: no locked instruction needed (see above). */
static __always_inline void
tif_own_set(struct thread *t, unsigned long bits)
{
	((volatile u8 *)&t->tif)[3] |= bits >> 24;
}

static __always_inline void
tif_own_clear(struct thread *t, unsigned long bits)
{
	((volatile u8 *)&t->tif)[3] &= ~(bits >> 24);
}

#endif
