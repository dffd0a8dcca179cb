/* SPDX-License-Identifier: MIT */
/*
 * The inner halves of the calls on POSIX message queues, for
 * syscall/sys_mq.c. All: T, may sleep; results as the calls', section 2.
 */
#ifndef IPC_MQUEUE_H
#define IPC_MQUEUE_H

#include <abi/mqueue.h>
#include <abi/sigevent.h>
#include <lib/rbtree.h>
#include <lib/types.h>

struct file;

/* A message, owned by who has it. */
struct mq_msg {
	struct rb_node node;
	u64 seq;		/* order within a priority */
	u32 prio;
	size_t len;
	u8 text[];
};

/* attr: NULL for the namespace's defaults; used only when it is made */
int mq_open_file(const char *name, u32 oflags, mode_t mode,
		 const struct abi_mq_attr *attr, struct file **out);
int mq_unlink_name(const char *name);
/* mq_check - is f a queue open for this? 0, -EBADF; *msgsize of the queue */
int mq_check(struct file *f, u32 fmode, size_t *msgsize);
struct mq_msg *mq_msg_alloc(size_t len);		/* NULL: no memory */
void mq_msg_free(struct mq_msg *m);
/* mq_send_msg - f was checked; takes m over when it succeeds */
int mq_send_msg(struct file *f, struct mq_msg *m, nsec_t deadline);
int mq_receive_msg(struct file *f, nsec_t deadline, struct mq_msg **out);
/* ev NULL: no longer. cookie: of MQ_COOKIE_LEN bytes, for SIGEV_THREAD */
int mq_set_notify(int fd, const struct abi_sigevent *ev, const u8 *cookie);
/* set NULL: only look. Its flags are checked: O_NONBLOCK or none */
int mq_attributes(struct file *f, const struct abi_mq_attr *set,
		  struct abi_mq_attr *old);

/*
 * Where a notification by SIGEV_THREAD goes: a socket of net's, which fills
 * this in at start. NULL: there are none.
 */
struct mq_target;
struct mq_target_ops {
	/* 0 and *out, which keeps what it needs; -EINVAL: not of the kind */
	int (*attach)(struct file *f, const u8 *cookie, struct mq_target **out);
	/* the cookie with its last byte `what' goes out (0: nothing does), and
	 * t ends. Context: T, no locks. */
	void (*send)(struct mq_target *t, u8 what);
};
#define MQ_WOKENUP	1
#define MQ_REMOVED	2
extern const struct mq_target_ops *mq_target_ops;

#endif
