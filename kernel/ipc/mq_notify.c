// SPDX-License-Identifier: MIT
/*
 * mq_notify(2): one process is told, once, that a message came to an empty
 * queue for which nobody waits.
 *
 * The owner is remembered by its pid and by how many programs it had executed,
 * so that no stranger gets the signal. Sending takes locks that rank before
 * the queue's: what is to be sent is taken off under the lock and sent after.
 *
 * With SIGEV_THREAD a helper thread of libc's sleeps on a netlink socket and is
 * sent the cookie it gave, whose last byte says what happened. Sockets are net's
 * business: struct mq_target_ops.
 */
#include <task/signal.h>
#include <task/pid_ns.h>
#include <task/user_ns.h>
#include "mq.h"

const struct mq_target_ops *mq_target_ops;

void
mq_notify_take(struct mq *q, struct mq_notify *n)
{
	*n = q->notify;
	q->notify = (struct mq_notify){ 0 };
}

static void
target_send(struct mq_target *t, u8 what)
{
	if (t)
		mq_target_ops->send(t, what);
}

void
mq_notify_send(struct mq_notify *n)
{
	struct abi_siginfo info = { .si_code = SI_MESGQ };
	struct task *t;

	if (!n->owner)
		return;
	target_send(n->target, MQ_WOKENUP);
	t = n->how == SIGEV_SIGNAL && n->signo ?
		task_find_leader_ns(pid_nr(n->owner), &init_pid_ns) : NULL;
	if (t && t->tgid == n->owner && t->exec_id == n->exec_id) {
		info.si_signo = n->signo;
		info.rt.pid = pid_nr_for(current->tgid, t);
		info.rt.uid = from_kuid_munged(current_user_ns(),
					       current_cred()->uid);
		info.rt.value = n->value;
		signal_send_group(t, n->signo, &info);
	}
	if (t)
		task_put(t);
	pid_put(n->owner);
}

void
mq_notify_end(struct mq_notify *n)
{
	if (!n->owner)
		return;
	target_send(n->target, MQ_REMOVED);
	pid_put(n->owner);
}

/* q locked; current's request, if it is the one, ends: for mq_notify_end() */
static void
forget_own(struct mq *q, struct mq_notify *n)
{
	if (q->notify.owner && q->notify.owner == current->tgid)
		mq_notify_take(q, n);
}

void
mq_notify_close(struct mq *q)
{
	struct mq_notify gone = { 0 };

	if (!READ_ONCE(q->notify.owner))
		return;
	spin_lock(&q->lock);
	forget_own(q, &gone);
	spin_unlock(&q->lock);
	mq_notify_end(&gone);
}

/* the socket that libc's thread sleeps on */
static int
attach(int fd, const u8 *cookie, struct mq_target **out)
{
	struct file *f = file_get_fd(fd);
	int err;

	if (!f)
		return -EBADF;
	if (!S_ISSOCK(f->inode->mode))
		err = -ENOTSOCK;
	else
		err = mq_target_ops ? mq_target_ops->attach(f, cookie, out) :
			-EINVAL;
	file_put(f);
	return err;
}

/* is ev in order? Before the queue is looked at, as Linux does */
static int
check_event(const struct abi_sigevent *ev, const u8 *cookie,
	    struct mq_target **out)
{
	switch (ev->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
		return ev->sigev_signo < 0 || ev->sigev_signo > NSIG ?
			-EINVAL : 0;
	case SIGEV_THREAD:
		return attach(ev->sigev_signo, cookie, out);
	}
	return -EINVAL;
}

static int
set(struct mq *q, const struct abi_sigevent *ev, struct mq_target *target)
{
	struct mq_notify gone = { 0 };
	int err = 0;

	spin_lock(&q->lock);
	if (!ev) {
		forget_own(q, &gone);
	} else if (q->notify.owner) {
		err = -EBUSY;
	} else {
		pid_get(current->tgid);
		q->notify = (struct mq_notify){
			.owner = current->tgid, .exec_id = current->exec_id,
			.how = ev->sigev_notify, .signo = ev->sigev_signo,
			.value = ev->sigev_value, .target = target,
		};
	}
	spin_unlock(&q->lock);
	mq_notify_end(&gone);
	return err;
}

int
mq_set_notify(int fd, const struct abi_sigevent *ev, const u8 *cookie)
{
	struct mq_target *target = NULL;
	struct fd f;
	int err;

	if (ev) {
		err = check_event(ev, cookie, &target);
		if (err)
			return err;
	}
	f = fdget(fd);
	if (!f.file || f.file->op != &mq_file_ops)
		err = -EBADF;
	else
		err = set(mq_of(f.file), ev, target);
	if (f.file)
		fdput(f);
	if (err && target)
		mq_target_ops->send(target, 0);
	return err;
}
