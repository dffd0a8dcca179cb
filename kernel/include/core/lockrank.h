/* SPDX-License-Identifier: MIT */
/*
 * The lock order, outermost first. A thread (for spin locks: a CPU) that
 * holds rank r takes only ranks > r; equal ranks need a nest rule: parent
 * before child, then lower address first, and the _nested lock call.
 */
#ifndef CORE_LOCKRANK_H
#define CORE_LOCKRANK_H

enum lock_rank {
	RANK_NONE = 0,		/* not checked */
	/* sleeping */
	RANK_EXEC, RANK_EPOLL, RANK_FPOS, RANK_MOUNT, RANK_RENAME,
	RANK_INODE, RANK_TTY, RANK_TTYIO, RANK_TTYDEV, RANK_OBJECT, RANK_MMAP,
	RANK_PAGE, RANK_FS, RANK_BLKDEV,
	RANK_NETCORE,
	/* spinning */
	RANK_TASKLIST, RANK_SIGHAND, RANK_FILES, RANK_DCACHE, RANK_PAGETREE,
	RANK_OBJQUEUE, RANK_CLOCK, RANK_DEVICE, RANK_IRQCHIP, RANK_WAITQ, RANK_PI,
	RANK_RUNQUEUE, RANK_TIMER,
	RANK_SLAB, RANK_ZONE, RANK_VMAP, RANK_TLB, RANK_LOG,
	RANK_COUNT
};

#define RANK_FIRST_SPIN	RANK_TASKLIST

#endif
