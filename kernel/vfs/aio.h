/* SPDX-License-Identifier: MIT */
/* Asynchronous I/O, between aio.c (contexts) and aio_req.c (requests). */
#ifndef VFS_AIO_H
#define VFS_AIO_H

#include <abi/aio.h>
#include <core/refcount.h>
#include <lib/rbtree.h>
#include <sched/waitq.h>
#include <task/work.h>
#include <vfs/inner.h>

struct aio_ring;

struct kioctx {
	struct refcount count;		/* table's, lookups', requests' */
	struct rb_node node;		/* table's lock */
	u32 id;				/* I: in the table and the ring */
	vaddr_t addr;			/* I: of the ring, the user's name for us */
	u32 nr;				/* I: events in the ring */
	u32 max_reqs;			/* I: what aio_nr counts us as */
	struct aio_ring *ring;		/* I: ring_file's */
	struct file *ring_file;		/* I: counted */
	struct spinlock lock;		/* rank objqueue; T only */
	u32 tail;			/* lock: the ring's is a copy */
	u32 in_flight;			/* lock */
	bool dead;			/* lock; read without */
	struct list_head active;	/* lock: requests that can be cancelled */
	struct mutex read_lock;		/* rank object: events are taken off */
	struct waitq wq;		/* events; the end of requests */
};

#define AIO_WAITS 2			/* queues that one file may have */

struct aio_wait {
	struct waitq_entry entry;
	struct waitq *q;		/* a: NULL after POLLFREE */
	struct aio_req *req;
};

struct aio_req {
	struct refcount count;		/* its own till it is complete, users' */
	struct kioctx *ctx;		/* I: counted */
	struct list_head link;		/* ctx->lock: active, or empty */
	struct file *file;		/* I: counted */
	struct file *resfd;		/* I: counted eventfd or NULL */
	u64 obj, data;			/* I: of the event */
	struct work work;
	bool datasync;			/* I: FDSYNC */
	u32 events;			/* I: POLL: wanted */
	atomic_t claimed;		/* a: POLL: somebody will complete it */
	bool cancelled;			/* a: POLL */
	bool hup;			/* a: POLL: a queue went away */
	bool too_many;			/* queues */
	u8 nr_waits;
	struct aio_wait waits[AIO_WAITS];
};

/* -- aio.c -- */
/* kioctx_reserve - room for an event: 0, -EAGAIN, -EINVAL (ends) */
int kioctx_reserve(struct kioctx *c);
void kioctx_unreserve(struct kioctx *c);
/* kioctx_event - into the room reserved; wakes who waits. T */
void kioctx_event(struct kioctx *c, const struct abi_io_event *ev);
void kioctx_put(struct kioctx *c);

/* -- aio_req.c -- */
/* kioctx_cancel_all - c is dead: complete what waits */
void kioctx_cancel_all(struct kioctx *c);

#endif
