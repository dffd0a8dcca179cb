/* SPDX-License-Identifier: MIT */
/*
 * Inside of descriptor tables, for fdtable.c and for those that find a file
 * without a call: the hot system calls. How tables work stands in fdtable.c.
 */
#ifndef VFS_FDTABLE_H
#define VFS_FDTABLE_H

#include <core/spinlock.h>
#include <sched/rcu.h>
#include <task/task.h>
#include <vfs/file.h>

struct fdtable {
	u32 max;
	struct file **fd;		/* R */
	unsigned long *open;		/* files lock */
	unsigned long *cloexec;		/* files lock */
	unsigned long *full;		/* files lock: words of open that are */
	struct rcu_head rcu;
};
#define FDS_INLINE	64
struct files {
	struct refcount count;
	struct spinlock lock;		/* rank files */
	struct fdtable *fdt;		/* R */
	u32 next_fd;			/* lock: none free below */
	struct fdtable fdt0;
	unsigned long open0, cloexec0, full0;
	struct rcu_head rcu;
	struct file *fd0[FDS_INLINE];
};

/*
 * fd_peek - the file behind fd, borrowed until the caller sleeps in user mode
 * or returns to it, if the table is its alone; O_PATH files too. NULL when
 * there is none or the table is shared: fdget() knows which.
 */
static __always_inline struct file *
fd_peek(u32 fd)
{
	struct files *fs = current->files;
	struct fdtable *t = fs->fdt;

	if (unlikely(refcount_read(&fs->count) != 1 || fd >= t->max))
		return NULL;
	return t->fd[fd];
}

#endif
