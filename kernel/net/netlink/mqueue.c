/* SPDX-License-Identifier: MIT */
/*
 * mq_notify(3) with SIGEV_THREAD: libc's helper thread reads a cookie from a
 * netlink socket, of whatever protocol. The message is made when the request
 * is, so that only a full queue can lose it.
 */
#include <core/initcall.h>
#include <ipc/mqueue.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <vfs/file.h>
#include "netlink.h"

struct mq_target {
	struct nl_sock *sock;		/* counted */
	struct nl_msg *msg;		/* counted */
};

static int
target_attach(struct file *f, const u8 *cookie, struct mq_target **out)
{
	struct mq_target *t;
	struct socket *s;

	if (f->op != &socket_fops)
		return -EINVAL;
	s = f->private;
	if (s->family != AF_NETLINK)
		return -EINVAL;
	t = kmalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->msg = nl_msg_alloc(MQ_COOKIE_LEN);
	if (!t->msg) {
		kfree(t);
		return -ENOMEM;
	}
	memcpy(t->msg->data, cookie, MQ_COOKIE_LEN);
	sock_get(s);
	t->sock = nl_of(s);
	*out = t;
	return 0;
}

static void
target_send(struct mq_target *t, u8 what)
{
	int err = 0;

	if (what) {
		t->msg->data[MQ_COOKIE_LEN - 1] = what;
		err = nl_queue(t->sock, t->msg);
	}
	if (err == -EAGAIN || err == -ENOMEM)
		nl_overrun(t->sock);
	nl_msg_put(t->msg);
	nl_put(t->sock);
	kfree(t);
}

static const struct mq_target_ops target_ops = {
	.attach = target_attach, .send = target_send,
};

static void
mqueue_init(void)
{
	mq_target_ops = &target_ops;
}
INITCALL(INIT_CORE, mqueue_init);
