/* SPDX-License-Identifier: MIT */
/* Inside of pipes, for pipe.c and splice.c. */
#ifndef VFS_PRIV_PIPE_H
#define VFS_PRIV_PIPE_H

#include <sched/mutex.h>
#include <sched/waitq.h>
#include <vfs/file.h>

struct pipe_buf {
	struct page *page;		/* counted */
	u32 off, len;			/* bytes in page; len > 0 */
	u32 flags;			/* PIPE_BUF_* */
};
#define PIPE_BUF_MERGE	BIT(0)	/* ours alone: writes may append */
#define PIPE_BUF_PACKET	BIT(1)	/* O_DIRECT: one read takes it whole */

#define PIPE_DEF_BUFS	16
#define PIPE_SPARE	2

struct pipe {
	struct mutex lock;		/* rank object; everything below */
	struct waitq rd, wr;		/* readers and writers that sleep, pollers */
	struct pipe_buf *bufs;		/* [size] */
	u32 size;			/* power of two */
	u32 head, tail;			/* bufs ever filled, emptied */
	u32 readers, writers;		/* open files of each kind */
	u32 r_counter, w_counter;	/* opens ever: FIFO rendezvous */
	u32 files;			/* inode->lock: references */
	struct page *spare[PIPE_SPARE];	/* owned, empty */
};

static inline bool
pipe_empty(const struct pipe *p)
{
	return READ_ONCE(p->head) == READ_ONCE(p->tail);
}

static inline bool
pipe_full(const struct pipe *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail) >= READ_ONCE(p->size);
}

static inline struct pipe_buf *
pipe_slot(struct pipe *p, u32 n)
{
	return &p->bufs[n & (p->size - 1)];
}

struct page *pipe_page_get(struct pipe *p);	/* lock held; NULL: no memory */
void pipe_page_put(struct pipe *p, struct page *page);
/* wait until there is data (room); lock not held. 0 or -ERESTARTSYS */
int pipe_wait_readable(struct pipe *p);
int pipe_wait_writable(struct pipe *p);
void pipe_wake_readers(struct pipe *p);
void pipe_wake_writers(struct pipe *p);
extern const struct file_ops pipe_fops;
static inline struct pipe *
file_pipe(const struct file *f)
{
	return f->op == &pipe_fops ? f->private : NULL;
}

#endif
