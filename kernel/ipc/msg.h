/* SPDX-License-Identifier: MIT */
/* System V message queues, for msg*.c. */
#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <ipc/sysv.h>
#include "local.h"

struct msg_queue {
	struct ipc_perm perm;		/* first */
	struct ipc_ns *ns;		/* I: borrowed; with perm in table */
	time64_t stime, rtime, ctime;	/* o, as all below */
	u64 bytes, nr, qbytes;
	pid_t lspid, lrpid;
	struct list_head msgs, senders, receivers;
};

struct msg_sender {
	struct ipc_waiter w;		/* first */
	size_t len;
};

enum msg_how { MSG_ANY, MSG_EQUAL, MSG_OTHER, MSG_LOWEST, MSG_BY_NUMBER };
struct msg_want { enum msg_how how; s64 type; };

struct msg_receiver {
	struct ipc_waiter w;		/* first */
	struct msg_want want;
	size_t max;
	struct ipc_msg *msg;		/* o: handed over */
	pid_t pid;
};

static inline struct msg_queue *
msg_queue(struct ipc_perm *p)
{
	return (struct msg_queue *)p;
}

void msg_queue_put(struct msg_queue *q);
/* wake senders whose message fits (how 0), all (1), all with an error (< 0) */
void msg_wake_senders(struct msg_queue *q, int how);

/* ---- msg_pick.c ---- */
struct msg_want msg_want_of(s64 type, int flags);
bool msg_suits(const struct msg_want *w, s64 type);
/* the message of a queue that w gets, or NULL */
struct ipc_msg *msg_pick(const struct list_head *list, const struct msg_want *w);

#endif
