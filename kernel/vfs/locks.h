/* SPDX-License-Identifier: MIT */
/* Locks and leases of one inode: locks.c, lease.c. */
#ifndef VFS_LOCKS_H
#define VFS_LOCKS_H

#include <sched/waitq.h>
#include <vfs/fs.h>

struct file_lock_ctx {
	struct list_head flock, posix;	/* locks.c's lock */
	struct list_head leases;	/* lease.c's; looked at without */
	struct waitq lease_wq;		/* until a lease changes */
	u32 lease_gen;			/* lease.c's: counts changes */
};

struct file_lock_ctx *locks_ctx(struct inode *i);	/* NULL: no memory */

/* lease.c */
void lease_release(struct file *f);	/* the last reference; flctx is set */

#endif
