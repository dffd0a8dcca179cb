/* SPDX-License-Identifier: MIT */
/*
 * What the VFS stands on, for host tests: one task, root, alone, with files,
 * a root directory on tmpfs and no limits.
 */
#include <abi/errno.h>
#include <arch/upcall.h>
#include <dev/dev.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <sched/rcu.h>
#include <task/local.h>
#include <task/nsproxy.h>
#include <task/task.h>
#include <vfs/file.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include <vfs/vfs.h>
#include "fs_world.h"
#include "host.h"

#define STR_MAX	8192

static struct task me;
static struct signal_struct signals;
static struct sighand handlers;
static char __user *place_of[4];

void pagecache_init(void);

void
world_make(void)
{
	unit_quiet(true);
	rcu_set_free(kfree);
	me.thread = *current_thread;
	me.cred = &init_cred;
	me.signal = &signals;
	me.sighand = &handlers;
	me.group_leader = &me;
	me.nsproxy = &init_nsproxy;
	spin_init(&handlers.lock, RANK_SIGHAND);
	refcount_set(&me.count, 1);
	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		signals.rlim[i] = (struct rlimit){ ~0UL, ~0UL };
	signals.rlim[RLIMIT_NOFILE] = (struct rlimit){ 256, 256 };
	this_cpu(cur_thread) = &me.thread;
	pagecache_init();
	vfs_init();
	if (mount_init_rootfs())
		panic("no rootfs");
	if (!me.fs)
		me.fs = fs_context_create();
	me.fs->umask = 022;
	me.files = files_create();
	for (u32 i = 0; i < ARRAY_SIZE(place_of); i++)
		place_of[i] = user_alloc(STR_MAX);
	unit_quiet(false);
}

void
world_settle(void)
{
	vfs_drop_caches();
	rcu_barrier();
}

char __user *
ustr(unsigned int place, const char *s)
{
	size_t len = strlen(s) + 1;
	char __user *u = place_of[place] + STR_MAX - len;

	user_fill(u, s, len);
	return u;
}

long
call6(u32 nr, long a, long b, long c, long d, long e, long f)
{
	long (*fn)(long, long, long, long, long, long) = sys_call_table[nr];
	long r = fn(a, b, c, d, e, f);

	rcu_barrier();		/* the way back to user mode is quiescent */
	task_work_run();
	return r;
}

/* ---- what a task has ---- */

u64
rlimit_cur(int which)
{
	return signals.rlim[which].cur;
}

struct mm *
current_mm(void)
{
	return NULL;
}

struct files *
task_swap_files(struct task *t, struct files *n)
{
	swap(t->files, n);
	return n;
}

struct fs_context *
task_swap_fs(struct task *t, struct fs_context *n)
{
	swap(t->fs, n);
	return n;
}

static struct task_work *works;

int
task_work_add(struct task *t, struct task_work *w)
{
	w->next = works;
	works = w;
	return 0;
}

void
task_work_run(void)
{
	while (works) {
		struct task_work *w = works;

		works = w->next;
		w->fn(w);
	}
}

void
mm_set_file_hooks(void (*get)(struct file *f), void (*put)(struct file *f))
{
}

void
mm_set_aio_hook(void (*end)(struct mm *m))
{
}

void
mm_set_shmem(int (*make)(size_t len, struct vm_backing *out))
{
}

const struct file_ops *
chrdev_find(dev_t d)
{
	return NULL;
}

int
signal_send_thread(struct task *t, int sig, const struct abi_siginfo *info)
{
	return 0;
}

/* ---- memory that nobody maps and that never runs short by itself ---- */

u64
page_total(void)
{
	return 4096;
}

void
mem_stat_get(struct mem_stat *out)
{
	*out = (struct mem_stat){ .total = 4096, .free = 2048,
		.available = 2048 };
}

void
aspace_unmap(struct aspace *a, u64 first, u64 n)
{
}

void
aspace_unmap_cows(struct aspace *a, u64 first, u64 n)
{
}

int
aspace_writeback(struct aspace *a, loff_t from, loff_t to, bool wait)
{
	return 0;
}

unsigned long
aspace_invalidate(struct aspace *a)
{
	return 0;
}

unsigned long
reclaim_pages(unsigned long nr)
{
	return 0;
}
