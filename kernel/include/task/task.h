/* SPDX-License-Identifier: MIT */
/*
 * A task: one thread of a thread group (process), with references to what it
 * shares with others. What all threads of a group share lives in struct
 * signal_struct; handlers in struct sighand (CLONE_SIGHAND).
 *
 * Legend: I immutable after fork; o owner only (current); T tasklist lock
 * (spin); s sighand->lock; a atomic; R RCU for readers, T for writers.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include <abi/signal.h>
#include <core/refcount.h>
#include <core/timer.h>
#include <lib/list.h>
#include <sched/mutex.h>
#include <sched/rcu.h>
#include <sched/thread.h>
#include <task/cred.h>
#include <task/pid.h>
#include <task/rlimit.h>

struct mm;
struct file;
struct files;		/* vfs/fdtable.h */
struct nsproxy;
struct fs_context;	/* vfs/namei.h: root, cwd, umask */
struct tty;
struct task_work;
struct seccomp_filter;	/* proc/seccomp.c */
struct pi_state;	/* futex_pi.c */
struct pi_waiter;
struct sem_undos;	/* ipc/ipc.h */
struct posix_timers;	/* task/posix_timer.c */

struct sigqueue_entry {		/* one queued signal */
	struct list_head link;
	struct abi_siginfo info;
	struct user_count *user;	/* counted against RLIMIT_SIGPENDING */
	u8 flags;			/* SQ_PREALLOC: a posix_timer's */
};
#define SQ_PREALLOC	BIT(0)

struct sigpending {
	struct list_head queue;		/* s: struct sigqueue_entry */
	u64 set;			/* s */
};

struct sighand {
	struct refcount count;
	struct spinlock lock;		/* rank sighand, irqsave */
	struct abi_sigaction action[NSIG];	/* s */
	struct waitq signalfd_wq;
	struct rcu_head rcu;
};

struct itimer { nsec_t expires, interval; };	/* CPU itimers: cpu ns */

struct signal_struct {		/* one a thread group */
	struct refcount count;		/* live tasks that point here */
	u32 nr_threads;			/* T: in the tree */
	u32 nr_live;			/* a: not yet exiting */
	struct list_head threads;	/* T, R: task.thread_link */
	struct task *leader;		/* T */
	struct sigpending shared;	/* s: process-directed signals */
	struct waitq child_wq;		/* wait4 sleepers */
	u32 flags;			/* s: SIGNAL_* */
	int group_exit_code;		/* s: wait status */
	struct task *group_exec_task;	/* s: thread that runs execve */
	int group_stop_count;		/* s: threads yet to stop */
	int stop_sig;			/* s */
	struct task *core_dumper;	/* s: who writes a core, else NULL */
	u32 core_left;			/* s: threads it waits for */
	struct pid *pgrp, *session;	/* T, R: counted */
	bool session_leader;		/* T */
	struct tty *tty;		/* s: controlling terminal, counted */
	dev_t tty_old_pgrp_unused;
	struct rlimit rlim[RLIM_NLIMITS];	/* s for writers; read racy */
	struct timer real_timer;	/* ITIMER_REAL */
	nsec_t real_interval;		/* s */
	struct itimer it_virt, it_prof;	/* s */
	struct pid *leader_pid;		/* borrowed */
	/* totals of dead threads, and of waited-for children */
	u64 utime_ns, stime_ns, cutime_ns, cstime_ns;	/* s */
	u64 min_flt, maj_flt, cmin_flt, cmaj_flt;
	u64 nvcsw, nivcsw, cnvcsw, cnivcsw;
	u64 inblock, oublock, cinblock, coublock;
	u64 maxrss_kib, cmaxrss_kib;
	struct mutex cred_guard;	/* rank exec: execve against ptrace */
	s16 oom_score_adj;
	bool child_subreaper, has_child_subreaper;
	struct posix_timers *posix_timers;	/* s: NULL: none yet */
	struct sem_undos *sysvsem;	/* a: counted, set once; ipc/sem_undo.c */
};
#define SIGNAL_GROUP_EXIT	BIT(0)
#define SIGNAL_STOP_STOPPED	BIT(1)	/* all stopped, not yet continued */
#define SIGNAL_STOP_CONTINUED	BIT(2)	/* SIGCONT happened: for WCONTINUED */
#define SIGNAL_CLD_STOPPED	BIT(3)	/* parent to be told */
#define SIGNAL_CLD_CONTINUED	BIT(4)
#define SIGNAL_UNKILLABLE	BIT(5)	/* init: default actions do not kill */
#define SIGNAL_GROUP_EXEC	BIT(6)

enum exit_state { EXIT_NONE, EXIT_ZOMBIE, EXIT_DEAD };

struct task {
	struct thread thread;		/* first: current_thread is current */
	struct refcount count;		/* 1 until reaped + lookups */
	struct rcu_head rcu;

	/* identity */
	struct pid *pid;		/* I: counted */
	struct pid *tgid;		/* I: of the group leader */
	struct task *group_leader;	/* T */
	struct signal_struct *signal;	/* I while linked, counted */
	struct sighand *sighand;	/* T: NULL once dead */

	/* family, tasklist lock */
	struct task *parent;		/* T: who gets SIGCHLD and waits */
	struct task *real_parent;	/* T: the same unless traced */
	struct list_head children;	/* T: by sibling */
	struct list_head sibling;	/* T */
	struct list_head ptraced;	/* T: whom we trace, by ptrace_entry */
	struct list_head ptrace_entry;	/* T */
	const struct cred *ptracer_cred;	/* T: counted, NULL: not traced */
	struct list_head thread_link;	/* T, R: signal->threads */
	struct list_head task_link;	/* T, R: all_tasks, leaders only */
	struct pid_link links[PIDTYPE_COUNT];	/* T, R */
	int exit_signal;		/* T: to the parent; -1 for threads */
	int exit_code;			/* wait status */
	u8 exit_state;			/* T: enum exit_state */
	int pdeath_signal;

	/* shared by clone flags; o for the pointer, counted */
	struct mm *mm;			/* NULL in kernel threads */
	struct files *files;
	struct fs_context *fs;
	struct nsproxy *nsproxy;	/* R: counted; task/nsproxy.h */
	const struct cred *cred;	/* R: counted; subjective = objective */

	/* signals */
	struct sigpending pending;	/* s */
	u64 blocked;			/* o writes under s */
	u64 real_blocked;		/* o: mask of before sigtimedwait */
	u64 saved_sigmask;		/* o: with TIF_RESTORE_SIGMASK */
	struct abi_stack altstack;	/* o */
	u32 jobctl;			/* s: JOBCTL_* */
	struct abi_siginfo *last_siginfo;	/* s: of the trap we stand in */
	u64 ptrace_message;		/* s: PTRACE_GETEVENTMSG */

	/* restart_syscall(2) */
	long (*restart_fn)(struct task *t);
	union {
		struct { nsec_t deadline; u64 user_rem; int clock; } nanosleep;
		struct { u64 args[5]; } any;
	} restart;

	/* exit-time user memory */
	vaddr_t clear_child_tid;	/* o: set_tid_address */
	vaddr_t robust_list;		/* o: set_robust_list */
	vaddr_t rseq_area;		/* o: rseq.c */
	u32 rseq_sig, rseq_cpu;		/* o: cpu as user memory has it */
	struct completion *vfork_done;	/* borrowed from the parent's stack */

	struct task_work *works;	/* a: task_work_add */

	/* accounting */
	nsec_t start_ns;		/* I: monotonic */
	u64 min_flt, maj_flt;		/* o */
	u64 rchar, wchar, syscr, syscw, read_bytes, write_bytes;	/* o */
	u32 flags;			/* o: TASK_* */
	u32 ptrace;			/* T and s: PT_*, task/ptrace.h */
	bool in_execve;
	bool no_new_privs;		/* o; a thread's TSYNC: seccomp.c */
	u8 seccomp_mode;		/* s for writers: seccomp.c */
	u32 seccomp_filters;		/* s for writers: how many */
	struct seccomp_filter *seccomp;	/* s for writers: counted */
	struct { bool on; vaddr_t start, selector; u64 len; } dispatch;	/* o */
	u8 link_count;			/* o: symlinks followed, vfs */
	u64 personality;
	u64 timer_slack_ns;
	u64 rt_nvcsw, rt_start_ns;	/* the tick's: RLIMIT_RTTIME */
	u16 ioprio;			/* a: ioprio_set(2); 0 none */
	u8 mce_kill;			/* o: PR_MCE_KILL, kept and told */
	bool io_flusher;		/* o: PR_SET_IO_FLUSHER */
	void *kthread;			/* o: kthread.c */
	struct pi_state *pi_held;	/* futex_pi.c's lock: lent to us */
	struct pi_waiter *pi_blocked;	/* the same: what we wait for */
	void *plug;			/* o: block */
	int exec_id;			/* raised by execve */

	/* System V IPC, ipc/ipc.h; NULL for who does not care */
	struct sem_undos *sysvsem;	/* o: counted; NULL: signal->sysvsem */
	bool shm_creator;		/* o: some segment's creator is this task */
};
static_assert(offsetof(struct task, thread) == 0, "current");

#define TASK_KTHREAD	BIT(0)
#define TASK_EXITING	BIT(1)
#define TASK_FORKNOEXEC	BIT(2)		/* for acct and setpgid's EACCES */
#define TASK_VFORK	BIT(3)
#define TASK_NPROC_EXCEEDED BIT(4)	/* set*uid(2) went over RLIMIT_NPROC */
#define TASK_LOG_READER	BIT(5)		/* reads the log: its calls do not go there */

#define JOBCTL_STOP_PENDING	BIT(0)
#define JOBCTL_STOP_CONSUME	BIT(1)
#define JOBCTL_STOP_DEQUEUED	BIT(2)	/* a stop signal was taken off */
#define JOBCTL_TRAP_STOP	BIT(3)	/* traced: is to stop for its tracer */
#define JOBCTL_TRAP_NOTIFY	BIT(4)	/* seized: something to tell */
#define JOBCTL_TRAPPING		BIT(5)	/* attach waits for stopped -> traced */
#define JOBCTL_LISTENING	BIT(6)	/* PTRACE_LISTEN */
#define JOBCTL_FROZEN		BIT(7)	/* a request works on it: no waking */
#define JOBCTL_TRAP_MASK	(JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)
#define JOBCTL_PENDING		(JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK)
#define JOBCTL_STOPSIG(j)	((j) >> 16)
#define JOBCTL_STOPSIG_SHIFT	16

#define current		((struct task *)this_cpu(cur_thread))
#define thread_task(t)	((struct task *)(t))
/* without a call where a task is known: see task/cred.h */
#define current_cred()		(current->cred)
#define current_user_ns()	(current->cred->user_ns)

/* The one lock of the task tree and pid links: rank tasklist, irqsave. */
extern struct spinlock tasklist_lock;
extern struct list_head all_tasks;	/* leaders, by task_link */
extern struct task *init_task;		/* pid 1; tasklist: its execve */
extern struct task idle_tasks[];	/* not used: idle threads are sched's */

/* Is t of process 1? Any of its threads. */
static inline bool
task_is_init(const struct task *t)
{
	return t->signal == init_task->signal;
}

void task_init(void);			/* E: caches; makes current a task */
static inline void task_get(struct task *t) { refcount_get(&t->count); }
void task_put(struct task *t);
/* task_find - referenced task with thread id nr, or NULL. */
struct task *task_find(pid_t nr);
struct task *task_find_ns(pid_t nr, struct pid_ns *ns);
struct task *task_find_leader_ns(pid_t nr, struct pid_ns *ns);
/* task_find_leader - referenced group leader with process id nr, or NULL */
struct task *task_find_leader(pid_t nr);
/* p's number as current sees it, 0: not at all */
static inline pid_t
pid_vnr(const struct pid *p)
{
	const struct pid *me = current->pid;

	return likely(!me || !me->level) ? pid_nr(p) :
		pid_nr_ns(p, me->up[me->level].ns);
}
/* as t sees it: for what is sent to t */
static inline pid_t
pid_nr_for(const struct pid *p, const struct task *t)
{
	return likely(!t->pid->level) ? pid_nr(p) :
		pid_nr_ns(p, t->pid->up[t->pid->level].ns);
}
static inline pid_t task_tid(const struct task *t) { return pid_vnr(t->pid); }
static inline pid_t task_tgid(const struct task *t) { return pid_vnr(t->tgid); }
pid_t task_ppid(struct task *t);		/* as t sees it */
void task_set_comm(struct task *t, const char *name);
char task_state_char(struct task *t);	/* R S D T t Z X I as in proc(5) */
/* task_get_mm - user-referenced mm of t or NULL (kthread, exiting). */
struct mm *task_get_mm(struct task *t);
/* next thread of leader's group with tid > nr, referenced */
struct task *task_next_thread(struct task *leader, struct pid_ns *ns,
			      pid_t nr);
u32 task_count(void);			/* threads alive */
u64 task_forks(void);			/* since boot */
extern int max_threads;			/* kernel.threads-max */

/*
 * task_swap_files/fs - current's pointer becomes new, under the lock by which
 * others look at it. Returns the old one, for the caller to put. T.
 */
struct files *task_swap_files(struct task *t, struct files *new);
struct fs_context *task_swap_fs(struct task *t, struct fs_context *new);

/* task_work: run fn in t's context at its next return to user mode. */
struct task_work { struct task_work *next; void (*fn)(struct task_work *w); };
int task_work_add(struct task *t, struct task_work *w);	/* 0, -ESRCH exiting */
void task_work_run(void);

#endif
