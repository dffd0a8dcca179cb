// SPDX-License-Identifier: MIT
/* msgctl(2), and the list /proc/sysvipc/msg. */
#include <sched/sched.h>
#include "msg.h"

#define MSG_NI		32000	/* what IPC_INFO's constants are made of */
#define MSG_NB		16384
#define MSG_SSZ		16

static inline struct ipc_ids *
msg_ids(void)
{
	return &current_ipc_ns()->ids[IPC_MSG];
}

int
msg_stat(int id, int cmd, struct abi_msqid_ds *out)
{
	struct msg_queue *q;
	struct ipc_perm *p;
	int r = 0;

	if (cmd == IPC_STAT) {
		r = ipc_lock(msg_ids(), id, &p);
		if (r)
			return r;
	} else {
		p = ipc_lock_index(msg_ids(), id);
		if (!p)
			return -EINVAL;
		r = p->id;
	}
	q = msg_queue(p);
	if (cmd != MSG_STAT_ANY && ipc_access(p, 0400))
		r = -EACCES;
	*out = (struct abi_msqid_ds){
		.msg_stime = q->stime, .msg_rtime = q->rtime,
		.msg_ctime = q->ctime, .msg_cbytes = q->bytes,
		.msg_qnum = q->nr, .msg_qbytes = q->qbytes,
		.msg_lspid = pid_nr_here(q->lspid),
		.msg_lrpid = pid_nr_here(q->lrpid),
	};
	ipc_perm_stat(p, &out->msg_perm);
	spin_unlock(&p->lock);
	return r;
}

static void
wake_receivers(struct msg_queue *q, int status)
{
	while (!list_empty(&q->receivers))
		ipc_wake(list_first_entry(&q->receivers, struct ipc_waiter,
					  link), status);
}

int
msg_set_perm(int id, const struct abi_ipc_perm *in, u64 qbytes)
{
	struct msg_queue *q;
	struct ipc_perm *p;
	int err = ipc_lock(msg_ids(), id, &p);

	if (err)
		return err;
	q = msg_queue(p);
	err = ipc_owner(p);
	if (!err && qbytes > READ_ONCE(current_ipc_ns()->msgmnb) &&
	    !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	if (!err)
		err = ipc_perm_set(p, in);
	if (!err) {
		q->qbytes = qbytes;
		q->ctime = ipc_now();
		/* their rights, and what fits, may be others now */
		wake_receivers(q, 0);
		msg_wake_senders(q, 1);
	}
	spin_unlock(&p->lock);
	return err;
}

/* q, locked, is removed; unlocks, and puts the table's reference */
static void
destroy(struct ipc_ids *ids, struct msg_queue *q)
{
	struct ipc_msg *m, *n;
	LIST_HEAD(dead);

	ipc_remove(ids, &q->perm);
	wake_receivers(q, -EIDRM);
	msg_wake_senders(q, -EIDRM);
	list_splice_init(&q->msgs, &dead);
	atomic64_sub(&q->ns->msg_bytes, q->bytes);
	atomic64_sub(&q->ns->msg_hdrs, q->nr);
	spin_unlock(&q->perm.lock);
	list_for_each_entry_safe(m, n, &dead, link) {
		msg_free(m);
		cond_resched();
	}
	msg_queue_put(q);
}

int
msg_rmid(int id)
{
	struct ipc_perm *p;
	int err = ipc_lock(msg_ids(), id, &p);

	if (err)
		return err;
	err = ipc_owner(p);
	if (err)
		spin_unlock(&p->lock);
	else
		destroy(msg_ids(), msg_queue(p));
	return err;
}

void
msg_ns_exit(struct ipc_ns *ns)
{
	struct ipc_ids *ids = &ns->ids[IPC_MSG];

	for (int i = 0; i <= ids->max_idx; i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);

		if (p)
			destroy(ids, msg_queue(p));
		cond_resched();
	}
}

int
msg_info(int cmd, struct abi_msginfo *out)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_ids *ids = &ns->ids[IPC_MSG];

	memset(out, 0, sizeof(*out));	/* its tail too */
	out->msgmax = ns->msgmax;
	out->msgmnb = ns->msgmnb;
	out->msgmni = ns->msgmni;
	out->msgssz = MSG_SSZ;
	out->msgseg = 0xffff;
	if (cmd == MSG_INFO) {
		out->msgpool = ids->in_use;
		out->msgmap = atomic64_read(&ns->msg_hdrs);
		out->msgtql = atomic64_read(&ns->msg_bytes);
	} else {
		out->msgpool = MSG_NI * MSG_NB / 1024;
		out->msgmap = out->msgtql = MSG_NB;
	}
	return max(READ_ONCE(ids->max_idx), 0);
}

static int
show_msg(struct seq_buf *b)
{
	struct ipc_ids *ids = msg_ids();

	seq_puts(b, "       key      msqid perms      cbytes       qnum lspid"
		 " lrpid   uid   gid  cuid  cgid      stime      rtime"
		 "      ctime\n");
	for (int i = 0; i <= READ_ONCE(ids->max_idx) && !b->overflow; i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);
		struct msg_queue *q = msg_queue(p);

		if (p) {
			seq_printf(b, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u "
				   "%5u %5u %5u %10ld %10ld %10ld\n", p->key,
				   p->id, p->mode, q->bytes, q->nr,
				   pid_nr_here(q->lspid),
				   pid_nr_here(q->lrpid),
				   ipc_show_uid(p->uid), ipc_show_gid(p->gid),
				   ipc_show_uid(p->cuid),
				   ipc_show_gid(p->cgid),
				   q->stime, q->rtime, q->ctime);
			spin_unlock(&p->lock);
		}
		cond_resched();
	}
	return 0;
}
static const struct proc_entry entry_msg = {
	.path = "sysvipc/msg", .mode = 0444, .show = show_msg,
};
SET_ADD(proc_entry, entry_msg);
