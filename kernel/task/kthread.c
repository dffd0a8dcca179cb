/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads, over the task that proc/ makes: naming, starting, stopping.
 *
 * struct kthread lives from kthread_run() until both the thread's function has
 * returned and kthread_stop(), if anybody calls it, is done: one reference
 * each. It hangs on task.kthread, which a thread without user memory has
 * no other use for.
 */
#include <core/refcount.h>
#include <lib/bitmap.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/sched.h>
#include <sched/waitq.h>
#include <task/kthread.h>
#include <task/task.h>

/* upcall: a kernel task that does not run until woken; made by proc */
struct task *proc_kernel_thread(void (*fn)(void *), void *arg,
				const char *name);

struct kthread {
	struct refcount count;
	bool should_stop;		/* written once, by the stopper */
	struct completion ended;
	void (*fn)(void *);
	void *arg;
};

static void
kthread_put(struct kthread *k)
{
	if (refcount_put(&k->count))
		kfree(k);
}

static void
kthread_main(void *arg)
{
	struct kthread *k = arg;

	k->fn(k->arg);
	current->kthread = NULL;
	completion_done(&k->ended);
	kthread_put(k);
}

static struct task *
kthread_make(void (*fn)(void *), void *arg, const char *fmt, va_list ap)
{
	struct kthread *k = kmalloc(sizeof(*k), GFP_KERNEL);
	char name[16];
	struct task *t;

	if (!k)
		return NULL;
	refcount_set(&k->count, 1);
	k->should_stop = false;
	completion_init(&k->ended);
	k->fn = fn;
	k->arg = arg;
	vsnprintf(name, sizeof(name), fmt, ap);
	t = proc_kernel_thread(kthread_main, k, name);
	if (!t) {
		kfree(k);
		return NULL;
	}
	t->kthread = k;
	return t;
}

struct task *
kthread_run(void (*fn)(void *), void *arg, const char *fmt, ...)
{
	struct task *t;
	va_list ap;

	va_start(ap, fmt);
	t = kthread_make(fn, arg, fmt, ap);
	va_end(ap);
	if (t)
		sched_wake_new(&t->thread);
	return t;
}

struct task *
kthread_run_on(unsigned int cpu, void (*fn)(void *), void *arg,
	       const char *fmt, ...)
{
	DECLARE_BITMAP(mask, CONFIG_MAX_CPUS) = { 0 };
	struct task *t;
	va_list ap;

	va_start(ap, fmt);
	t = kthread_make(fn, arg, fmt, ap);
	va_end(ap);
	if (!t)
		return NULL;
	bitmap_set_bit(mask, cpu);
	/* fails for a CPU that is not online: then it runs anywhere */
	(void)sched_set_affinity(&t->thread, mask);
	sched_wake_new(&t->thread);
	return t;
}

bool
kthread_should_stop(void)
{
	const struct kthread *k = current->kthread;

	return k && READ_ONCE(k->should_stop);
}

void
kthread_stop(struct task *t)
{
	struct kthread *k = t->kthread;

	ASSERT(k && !k->should_stop);
	task_get(t);
	refcount_get(&k->count);
	WRITE_ONCE(k->should_stop, true);
	thread_wake(&t->thread);
	completion_wait(&k->ended);
	kthread_put(k);
	task_put(t);
}
