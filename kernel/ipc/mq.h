/* SPDX-License-Identifier: MIT */
/* POSIX message queues, for mq*.c. */
#ifndef IPC_MQ_H
#define IPC_MQ_H

#include <abi/signal.h>
#include <ipc/mqueue.h>
#include <task/pid.h>
#include <vfs/file.h>
#include "local.h"

struct mq_notify {
	struct pid *owner;		/* counted; NULL: nobody */
	int exec_id;			/* owner's when it asked */
	int how, signo;			/* SIGEV_* */
	union abi_sigval value;
	struct mq_target *target;	/* SIGEV_THREAD: owned */
};

struct mq {
	struct spinlock lock;		/* rank objqueue; for all below */
	u64 max_msgs, msg_size;		/* I */
	u64 nr, bytes;
	u64 next_seq;
	struct rb_root_cached msgs;	/* best first: priority, then age */
	struct list_head senders, receivers;	/* struct mq_waiter, best first */
	struct waitq wq;		/* poll */
	struct mq_notify notify;
	struct user_count *user;	/* I: counted, who pays for it */
	u64 charge;			/* I: bytes of RLIMIT_MSGQUEUE */
};

struct mq_waiter {
	struct ipc_waiter w;		/* first */
	struct mq_msg *msg;		/* to be sent, or received */
};

extern const struct file_ops mq_file_ops;

static inline struct mq *
mq_of(const struct file *f)
{
	return f->inode->private;
}

/* ---- mq_queue.c ---- */
int mq_create(struct ipc_ns *ns, const struct abi_mq_attr *attr,
	      struct mq **out) __must_check;
void mq_destroy(struct mq *q);

/* ---- mq_notify.c ---- */
/*
 * mq_notify_take - the queue is no longer empty: what is to be told, *n zero
 * when nothing is. q locked; then mq_notify_send() without the lock.
 */
void mq_notify_take(struct mq *q, struct mq_notify *n);
void mq_notify_send(struct mq_notify *n);
/* mq_notify_end - n, taken off, ends without a message */
void mq_notify_end(struct mq_notify *n);
/* current closes a descriptor: its request ends */
void mq_notify_close(struct mq *q);

#endif
