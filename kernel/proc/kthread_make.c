/* SPDX-License-Identifier: MIT */
/*
 * Tasks made by the kernel itself: the first one (which becomes init) and
 * kernel threads.
 *
 * They are built from nothing, not copied: no user memory, root's
 * credentials, all signals ignored. The first one is the process 1 that later
 * calls execve; the second one, kthreadd, is the parent of all others, so
 * that ps shows them under it.
 */
#include <arch/thread.h>
#include <core/assert.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <proc/local.h>
#include <sched/sched.h>
#include <task/pid_ns.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/nsproxy.h>
#include <vfs/file.h>
#include <vfs/namei.h>

struct kthread_start {
	void (*fn)(void *);
	void *arg;
};

static struct task *kthreadd;

static void
kthread_entry(void *arg)
{
	struct kthread_start k = *(struct kthread_start *)arg;

	kfree(arg);
	k.fn(k.arg);
	if (current->flags & TASK_KTHREAD)
		proc_exit(0);
	/* process 1 after execve: the way out of here leads to user mode */
}

/* Linux's boot-time limits; init hands them down. */
static void
rlimit_defaults(struct rlimit *r)
{
	u64 threads = max_threads / 2;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		r[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	r[RLIMIT_STACK].cur = 8UL << 20;
	r[RLIMIT_CORE].cur = 0;
	r[RLIMIT_NPROC] = (struct rlimit){ threads, threads };
	r[RLIMIT_NOFILE] = (struct rlimit){ 1024, 4096 };
	r[RLIMIT_MEMLOCK] = (struct rlimit){ 8UL << 20, 8UL << 20 };
	r[RLIMIT_SIGPENDING] = (struct rlimit){ threads, threads };
	r[RLIMIT_MSGQUEUE] = (struct rlimit){ 819200, 819200 };
	r[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	r[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

static bool
kernel_task_fill(struct task *c, bool first)
{
	INIT_LIST_HEAD(&c->children);
	INIT_LIST_HEAD(&c->sibling);
	INIT_LIST_HEAD(&c->ptraced);
	INIT_LIST_HEAD(&c->ptrace_entry);
	INIT_LIST_HEAD(&c->task_link);
	INIT_LIST_HEAD(&c->thread_link);
	INIT_LIST_HEAD(&c->pending.queue);
	c->thread.kernel_only = true;
	c->flags = TASK_KTHREAD;
	c->altstack.ss_flags = SS_DISABLE;
	c->timer_slack_ns = 50000;
	c->exit_signal = SIGCHLD;
	c->start_ns = clock_mono_ns();
	c->cred = cred_get(&init_cred);
	c->sighand = sighand_create();
	c->signal = signal_struct_create(NULL);
	c->nsproxy = &init_nsproxy;
	nsproxy_get(c->nsproxy);
	if (!first) {	/* the first one gets its own when the VFS stands */
		c->fs = (kthreadd ? kthreadd : init_task)->fs;
		refcount_get(&c->fs->count);
	}
	if (!c->sighand || !c->signal ||
	    pid_alloc(&init_pid_ns, NULL, 0, &c->pid))
		return false;
	c->tgid = c->pid;
	pid_get(c->tgid);
	atomic_inc(&c->cred->user->processes);
	itimer_init(c->signal);
	rlimit_defaults(c->signal->rlim);
	c->signal->leader = c;
	c->signal->leader_pid = c->pid;
	c->group_leader = c;
	return true;
}

static void
kernel_task_link(struct task *c, struct task *parent)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	/* session and process group stay 0, as the field shows them */
	c->real_parent = c->parent = parent;
	list_add_tail(&c->thread_link, &c->signal->threads);
	list_add_tail(&c->task_link, &all_tasks);
	if (parent != c)
		list_add_tail(&c->sibling, &parent->children);
	pid_attach(c, PIDTYPE_PID, c->pid);
	pid_attach(c, PIDTYPE_TGID, c->pid);
	spin_unlock_irqrestore(&tasklist_lock, f);
	task_count_fork();
}

static void
kernel_task_undo(struct task *c)
{
	if (c->sighand)
		sighand_put(c->sighand);
	if (c->signal)
		signal_struct_put(c->signal);
	pid_put(c->pid);
	if (c->fs)
		fs_context_put(c->fs);
	nsproxy_put(c->nsproxy);
	cred_put(c->cred);
	task_alloc_failed(c);
}

struct task *
proc_kernel_thread(void (*fn)(void *), void *arg, const char *name)
{
	struct kthread_start *k = kmalloc(sizeof(*k), GFP_KERNEL);
	struct task *c = k ? task_alloc_first() : NULL;
	bool first = !init_task;

	if (!c) {
		kfree(k);
		return NULL;
	}
	*k = (struct kthread_start){ fn, arg };
	if (!kernel_task_fill(c, first)) {
		if (first)
			panic("no memory for the first task");
		kernel_task_undo(c);
		kfree(k);
		return NULL;
	}
	sched_fork(&c->thread, NULL);
	task_set_comm(c, name);
	arch_thread_init_kernel(&c->thread, kthread_entry, k);
	kernel_task_link(c, kthreadd ? kthreadd : c);
	if (first) {
		init_task = c;
		init_pid_ns.reaper = c;
		c->signal->flags |= SIGNAL_UNKILLABLE;
	} else if (!kthreadd) {
		kthreadd = c;
	}
	return c;
}

/* proc_become_user - the first task stops being a kernel thread (execve). */
void
proc_become_user(void)
{
	current->flags &= ~TASK_KTHREAD;
	current_thread->kernel_only = false;
}
