/* SPDX-License-Identifier: MIT */
/*
 * Tasks: allocation, reference counting, the tree's lock, per-task work.
 *
 * A task starts with two references: one for being in the tree, dropped when
 * it is reaped, and one for owning a kernel stack, dropped when the CPU has
 * switched away from it for the last time (task_dead()). Lookups take more.
 * The memory goes back after an RCU grace period, so a pointer found under
 * rcu_read_lock() may be looked at.
 */
#include <abi/errno.h>
#include <arch/fpu.h>
#include <core/log.h>
#include <core/smp.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <proc/proc.h>
#include <sched/sched.h>
#include <task/nsproxy.h>
#include <task/oom.h>
#include <task/signal.h>
#include <task/task.h>

#include <task/local.h>

LOG_MODULE_DEFINE(task);

/* an idle thread is a bare struct thread in room for a task: see sched */
static_assert(sizeof(struct task) <= sizeof(struct thread) + IDLE_TASK_ROOM,
	      "current may be read in any context");

struct spinlock tasklist_lock = SPINLOCK_INIT(RANK_TASKLIST);
struct list_head all_tasks = LIST_HEAD_INIT(all_tasks);
struct task *init_task;
int max_threads;

static struct slab_cache *task_cache, *fpu_cache;
static DEFINE_PERCPU(u64, forks);
static atomic_t nr_tasks;

static void
task_free_rcu(struct rcu_head *h)
{
	struct task *t = container_of(h, struct task, rcu);

	slab_free(task_cache, t);
}

void
task_put(struct task *t)
{
	if (!refcount_put(&t->count))
		return;
	/* not reachable: what it still holds may go at once */
	pid_put(t->pid);
	pid_put(t->tgid);
	signal_struct_put(t->signal);
	cred_put(t->cred);
	call_rcu(&t->rcu, task_free_rcu);
}

/* The CPU runs on another stack now. Context: A, irqs off. */
static void
task_dead(struct thread *th)
{
	struct task *t = thread_task(th);

	fpu_drop(th);
	if (th->arch.fpu)
		slab_free(fpu_cache, th->arch.fpu);
	th->arch.fpu = NULL;
	kstack_free(th->kstack);
	th->kstack = NULL;
	task_put(t);
}

/* task_alloc_fpu - user registers' area, all zero. 0 or -ENOMEM. T. */
int
task_alloc_fpu(struct task *t)
{
	t->thread.arch.fpu = slab_alloc(fpu_cache, GFP_KERNEL | GFP_ZERO);
	return t->thread.arch.fpu ? 0 : -ENOMEM;
}

/* task_alloc - a copy of current's bytes with a stack, nothing shared yet. */
struct task *
task_alloc(void)
{
	struct task *t = slab_alloc(task_cache, GFP_KERNEL);

	if (!t)
		return NULL;
	memcpy(t, current, sizeof(*t));
	t->thread.arch.fpu = NULL;
	t->thread.kstack = kstack_alloc();
	if (!t->thread.kstack || task_alloc_fpu(t)) {
		if (t->thread.kstack)
			kstack_free(t->thread.kstack);
		slab_free(task_cache, t);
		return NULL;
	}
	refcount_set(&t->count, 2);
	atomic_inc(&nr_tasks);
	return t;
}

/* task_alloc_failed - undo task_alloc() before the task was ever seen. */
void
task_alloc_failed(struct task *t)
{
	atomic_dec(&nr_tasks);
	if (t->thread.arch.fpu)
		slab_free(fpu_cache, t->thread.arch.fpu);
	kstack_free(t->thread.kstack);
	slab_free(task_cache, t);
}

void
task_count_fork(void)
{
	this_cpu(forks)++;
}

void
task_count_exit(void)
{
	atomic_dec(&nr_tasks);
}

u32
task_count(void)
{
	return atomic_read(&nr_tasks);
}

u64
task_forks(void)
{
	u64 n = 0;

	for_each_cpu(c)
		n += per_cpu(forks, c);
	return n;
}

/*
 * task_init - the caches. The boot thread stays a bare struct thread and
 * becomes the idle thread.
 */
void
task_init(void)
{
	struct mem_stat ms;

	task_cache = slab_create("task_struct", sizeof(struct task), 64, 0);
	fpu_cache = slab_create("fpu_state", fpu_state_size, 64, 0);
	sched_set_dead_hook(task_dead);
	mem_stat_get(&ms);
	max_threads = clamp_t(u64, ms.total / 8 / (KSTACK_SIZE / PAGE_SIZE),
			      64, 262144);
	signal_init();
	cred_init();
	nsproxy_init();
	oom_init();
}

/* task_alloc_first - a task of nothing but a stack; NULL: no memory. */
struct task *
task_alloc_first(void)
{
	struct task *t = slab_alloc(task_cache, GFP_KERNEL | GFP_ZERO);

	if (!t)
		return NULL;
	t->thread.kstack = kstack_alloc();
	if (!t->thread.kstack) {
		slab_free(task_cache, t);
		return NULL;
	}
	refcount_set(&t->count, 2);
	atomic_inc(&nr_tasks);
	return t;
}

pid_t
task_ppid(struct task *t)
{
	pid_t nr = 0;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	if (t->real_parent)
		nr = pid_nr_for(t->real_parent->tgid, t);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return nr;
}

void
task_set_comm(struct task *t, const char *name)
{
	char buf[sizeof(t->thread.comm)] = { 0 };

	strlcpy(buf, name, sizeof(buf));
	memcpy(t->thread.comm, buf, sizeof(buf));
}

/* Page faults that needed no device, and those that did; mm calls. */
void
task_fault_minor(void)
{
	current->min_flt++;
}

void
task_fault_major(void)
{
	current->maj_flt++;
}

char
task_state_char(struct task *t)
{
	u32 s = READ_ONCE(t->thread.state);

	if (t->exit_state == EXIT_ZOMBIE)
		return 'Z';
	if (t->exit_state == EXIT_DEAD || (s & TS_DEAD))
		return 'X';
	if (s & TS_STOPPED)
		return 'T';
	if (s & TS_TRACED)
		return 't';
	if (s & TS_INTERRUPTIBLE)
		return 'S';
	if (s & TS_UNINTERRUPTIBLE)
		return (t->flags & TASK_KTHREAD) ? 'I' : 'D';
	return 'R';
}

struct mm *
task_get_mm(struct task *t)
{
	struct mm *m = NULL;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	/* t->mm is cleared under this lock by the exiting task */
	if (t->mm && !(t->flags & TASK_KTHREAD) &&
	    refcount_get_live(&t->mm->users))
		m = t->mm;
	spin_unlock_irqrestore(&tasklist_lock, f);
	return m;
}

struct files *
task_swap_files(struct task *t, struct files *new)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	swap(t->files, new);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return new;
}

struct fs_context *
task_swap_fs(struct task *t, struct fs_context *new)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	swap(t->fs, new);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return new;
}

struct mm *
current_mm(void)
{
	return current_thread->kernel_only ? NULL : current->mm;
}

static struct task_work work_exited;	/* end mark: no more may be added */

int
task_work_add(struct task *t, struct task_work *w)
{
	struct task_work *head = READ_ONCE(t->works);

	do {
		if (head == &work_exited)
			return -ESRCH;
		w->next = head;
	} while (!__atomic_compare_exchange_n(&t->works, &head, w, false,
			__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	tif_set(&t->thread, TIF_NOTIFY);
	thread_kick(&t->thread);
	return 0;
}

static void
task_work_run_list(struct task_work *w)
{
	struct task_work *next, *fifo = NULL;

	for (; w; w = next) {		/* added newest first */
		next = w->next;
		w->next = fifo;
		fifo = w;
	}
	for (; fifo; fifo = next) {
		next = fifo->next;
		fifo->fn(fifo);
	}
}

void
task_work_run(void)
{
	tif_clear(&current->thread, TIF_NOTIFY);
	task_work_run_list(xchg(&current->works, NULL));
}

/* task_work_exit - run what is left and refuse more. */
void
task_work_exit(void)
{
	struct task_work *w;

	while ((w = cmpxchg(&current->works, NULL, &work_exited)))
		task_work_run_list(xchg(&current->works, NULL));
}
