/* SPDX-License-Identifier: MIT */
/*
 * User notification of seccomp, seccomp_unotify(2): a filter's calls are put to
 * whoever reads its listener descriptor, and wait for the answer.
 *
 * Each waiting call is a struct notif on the caller's stack, in its listener's
 * list: INIT until it is received, SENT until it is answered, REPLIED. Who
 * takes it off the list is the caller alone, after which nobody can see it.
 * Descriptors that a supervisor gives (ADDFD) are installed by the caller
 * itself, who wakes for them; the supervisor sleeps until that is done or the
 * caller has gone.
 *
 * A closed listener answers all that wait with ENOSYS, and all calls after.
 *
 * Locking: listener->lock (objqueue) for the list and all that hangs on it. The
 * file holds a reference to the filter, the filter owns the listener.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/poll.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <sched/waitq.h>
#include <task/signal.h>
#include <vfs/file.h>
#include <vfs/inner.h>
#include "seccomp_filter.h"

enum notif_state { NOTIF_INIT, NOTIF_SENT, NOTIF_REPLIED };

struct addfd {			/* on the supervisor's stack */
	struct list_head link;		/* l */
	struct file *file;		/* counted until installed */
	int want;			/* descriptor, -1: any */
	u32 fd_flags;
	bool send;			/* the descriptor is the call's result */
	bool done;			/* l */
	int result;			/* l */
};

struct notif {
	struct list_head link;		/* l */
	const struct abi_seccomp_data *data;
	struct task *task;
	u64 id;				/* I */
	enum notif_state state;		/* l */
	u32 flags;			/* l: of the answer */
	long result;			/* l */
	struct list_head addfds;	/* l */
};

struct seccomp_listener {
	struct spinlock lock;		/* rank objqueue; l */
	struct list_head list;		/* l */
	u64 next_id;			/* l */
	bool closed;			/* l */
	bool killable;			/* I: once received, only SIGKILL ends it */
	struct waitq calls;		/* the callers sleep */
	struct waitq wq;		/* supervisors: read, poll, addfd */
};

void
seccomp_listener_free(struct seccomp_listener *l)
{
	kfree(l);
}

void
seccomp_listener_orphaned(struct seccomp_listener *l)
{
	waitq_wake(&l->wq, 0, POLLHUP);
}

/* l held */
static struct notif *
find(struct seccomp_listener *l, u64 id)
{
	struct notif *n;

	list_for_each_entry(n, &l->list, link)
		if (n->id == id)
			return n;
	return NULL;
}

static struct notif *
find_state(struct seccomp_listener *l, enum notif_state s)
{
	struct notif *n;

	list_for_each_entry(n, &l->list, link)
		if (n->state == s)
			return n;
	return NULL;
}

/* ---- the caller ---- */

/* a is off the list: by the caller, in its own table */
static void
install(struct seccomp_listener *l, struct notif *n, struct addfd *a)
{
	int fd;

	if (a->want >= 0)
		fd = fd_replace(a->file, a->want, a->fd_flags & O_CLOEXEC);
	else
		fd = fd_install_new(a->file, a->fd_flags);
	spin_lock(&l->lock);
	if (a->send && fd >= 0) {
		n->state = NOTIF_REPLIED;
		n->result = fd;
	}
	a->result = fd;
	a->done = true;
	spin_unlock(&l->lock);
	waitq_wake_all(&l->wq);
}

static bool
has_work(struct seccomp_listener *l, struct notif *n)
{
	bool r;

	spin_lock(&l->lock);
	r = n->state == NOTIF_REPLIED || l->closed || !list_empty(&n->addfds);
	spin_unlock(&l->lock);
	return r;
}

static int
wait_work(struct seccomp_listener *l, struct notif *n)
{
	if (l->killable && READ_ONCE(n->state) == NOTIF_SENT)
		return wait_event_killable(&l->calls, has_work(l, n));
	return wait_event_intr(&l->calls, has_work(l, n) || (l->killable &&
			       READ_ONCE(n->state) == NOTIF_SENT));
}

/* until there is an answer; n is in the list and stays */
static int
await(struct seccomp_listener *l, struct notif *n)
{
	struct addfd *a;
	bool done;
	int err;

	for (;;) {
		err = wait_work(l, n);
		if (err)
			return err;
		spin_lock(&l->lock);
		a = list_empty(&n->addfds) ? NULL :
			list_first_entry(&n->addfds, struct addfd, link);
		if (a)
			list_del_init(&a->link);
		done = n->state == NOTIF_REPLIED || l->closed;
		spin_unlock(&l->lock);
		if (a)
			install(l, n, a);
		else if (done)
			return 0;
	}
}

bool
seccomp_notify(struct seccomp_filter *f, const struct abi_seccomp_data *sd,
	       long *result)
{
	struct seccomp_listener *l = f->listener;
	struct notif n = { .data = sd, .task = current, .result = -ENOSYS };
	struct addfd *a, *next;
	int err;

	*result = -ENOSYS;
	if (!l)
		return false;
	INIT_LIST_HEAD(&n.addfds);
	spin_lock(&l->lock);
	if (l->closed) {
		spin_unlock(&l->lock);
		return false;
	}
	n.id = l->next_id++;
	list_add_tail(&n.link, &l->list);
	spin_unlock(&l->lock);
	waitq_wake(&l->wq, 0, POLLIN | POLLRDNORM);
	err = await(l, &n);
	spin_lock(&l->lock);
	list_del(&n.link);
	list_for_each_entry_safe(a, next, &n.addfds, link) {
		list_del_init(&a->link);
		a->result = -ESRCH;
		a->done = true;
	}
	if (n.state == NOTIF_REPLIED) {
		err = 0;
		*result = n.result;
	}
	spin_unlock(&l->lock);
	waitq_wake_all(&l->wq);
	if (err)
		*result = err;
	return !err && (n.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

/* ---- the supervisor ---- */

static bool
user_zero(const u8 __user *p, size_t n)
{
	u8 b;

	while (n--)
		if (get_user(b, p++) || b)
			return false;
	return true;
}

static bool
take_init(struct seccomp_listener *l, struct abi_seccomp_notif *out)
{
	struct notif *n;

	spin_lock(&l->lock);
	n = find_state(l, NOTIF_INIT);
	if (n) {
		n->state = NOTIF_SENT;
		out->id = n->id;
		out->pid = task_tid(n->task);
		out->data = *n->data;
	}
	spin_unlock(&l->lock);
	return n;
}

static long
notif_recv(struct seccomp_listener *l, void __user *u)
{
	struct abi_seccomp_notif out = { 0 };
	struct notif *n;

	if (!access_ok(u, sizeof(out)))
		return -EFAULT;
	if (!user_zero(u, sizeof(out)))
		return -EINVAL;
	if (wait_event_intr(&l->wq, take_init(l, &out)))
		return -ERESTARTSYS;
	if (l->killable)
		waitq_wake_all(&l->calls);	/* it sleeps deeper from now */
	waitq_wake(&l->wq, 0, POLLOUT | POLLWRNORM);
	if (!copyout(u, &out, sizeof(out)))
		return 0;
	/* nobody saw it: the next one may */
	spin_lock(&l->lock);
	n = find(l, out.id);
	if (n && n->state == NOTIF_SENT)
		n->state = NOTIF_INIT;
	spin_unlock(&l->lock);
	waitq_wake(&l->wq, 0, POLLIN | POLLRDNORM);
	return -EFAULT;
}

static long
notif_send(struct seccomp_listener *l, const void __user *u)
{
	struct abi_seccomp_notif_resp r;
	struct notif *n;
	long err = 0;

	if (copyin(&r, u, sizeof(r)))
		return -EFAULT;
	if (r.flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE)
		return -EINVAL;
	if ((r.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) && (r.error || r.val))
		return -EINVAL;
	spin_lock(&l->lock);
	n = find(l, r.id);
	if (!n) {
		err = -ENOENT;
	} else if (n->state != NOTIF_SENT) {
		err = -EINPROGRESS;
	} else {
		n->state = NOTIF_REPLIED;
		n->flags = r.flags;
		n->result = r.error ? r.error : r.val;
	}
	spin_unlock(&l->lock);
	if (!err)
		waitq_wake_all(&l->calls);
	return err;
}

static long
notif_id_valid(struct seccomp_listener *l, const void __user *u)
{
	struct notif *n;
	u64 id;
	long r;

	if (copyin(&id, u, sizeof(id)))
		return -EFAULT;
	spin_lock(&l->lock);
	n = find(l, id);
	r = n && n->state == NOTIF_SENT ? 0 : -ENOENT;
	spin_unlock(&l->lock);
	return r;
}

static bool
addfd_done(struct seccomp_listener *l, struct addfd *a)
{
	bool r;

	spin_lock(&l->lock);
	r = a->done;
	spin_unlock(&l->lock);
	return r;
}

/* hand a to its call and wait: a descriptor in the other, or -errno */
static long
addfd_give(struct seccomp_listener *l, u64 id, struct addfd *a)
{
	struct notif *n;
	long err = 0;

	spin_lock(&l->lock);
	n = find(l, id);
	if (!n)
		err = -ENOENT;
	else if (n->state != NOTIF_SENT)
		err = -EINPROGRESS;
	else if (a->send && !list_empty(&n->addfds))
		err = -EBUSY;
	else
		list_add_tail(&a->link, &n->addfds);
	spin_unlock(&l->lock);
	if (err) {
		file_put(a->file);
		return err;
	}
	waitq_wake_all(&l->calls);
	err = wait_event_intr(&l->wq, addfd_done(l, a));
	spin_lock(&l->lock);
	if (!list_empty(&a->link)) {	/* not taken: we give up */
		list_del_init(&a->link);
		spin_unlock(&l->lock);
		file_put(a->file);
		return err;
	}
	spin_unlock(&l->lock);
	if (err)			/* being installed: it will not be long */
		wait_event(&l->wq, addfd_done(l, a));
	if (a->result == -ESRCH)	/* the call has gone, not the file */
		file_put(a->file);
	return a->result;
}

static long
notif_addfd(struct seccomp_listener *l, const void __user *u, size_t size)
{
	struct abi_seccomp_notif_addfd in;
	struct addfd a;

	if (size < sizeof(in) || size >= PAGE_SIZE)
		return -EINVAL;
	if (copyin(&in, u, sizeof(in)))
		return -EFAULT;
	if (!user_zero((const u8 __user *)u + sizeof(in), size - sizeof(in)))
		return -E2BIG;
	if (in.newfd_flags & ~O_CLOEXEC)
		return -EINVAL;
	if (in.flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND))
		return -EINVAL;
	if (in.newfd && !(in.flags & SECCOMP_ADDFD_FLAG_SETFD))
		return -EINVAL;
	a = (struct addfd){
		.file = file_get_fd(in.srcfd), .fd_flags = in.newfd_flags,
		.want = in.flags & SECCOMP_ADDFD_FLAG_SETFD ?
			(int)in.newfd : -1,
		.send = in.flags & SECCOMP_ADDFD_FLAG_SEND,
	};
	INIT_LIST_HEAD(&a.link);
	return a.file ? addfd_give(l, in.id, &a) : -EBADF;
}

/* ---- the descriptor ---- */

static long
listener_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct seccomp_listener *l = ((struct seccomp_filter *)
				      f->private)->listener;
	void __user *u = (void __user *)arg;

	switch (cmd) {
	case SECCOMP_IOCTL_NOTIF_RECV:
		return notif_recv(l, u);
	case SECCOMP_IOCTL_NOTIF_SEND:
		return notif_send(l, u);
	case SECCOMP_IOCTL_NOTIF_ID_VALID:
	case SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR:
		return notif_id_valid(l, u);
	}
	/* a struct that may grow: its size is in the number */
	if ((cmd & ~0x3fff0000U) == (SECCOMP_IOCTL_NOTIF_ADDFD & ~0x3fff0000U))
		return notif_addfd(l, u, cmd >> 16 & 0x3fff);
	return -EINVAL;
}

static u32
listener_poll(struct file *f, struct poll_table *pt)
{
	struct seccomp_filter *filter = f->private;
	struct seccomp_listener *l = filter->listener;
	u32 ev = 0;

	poll_wait(f, &l->wq, pt);
	spin_lock(&l->lock);
	if (find_state(l, NOTIF_INIT))
		ev |= POLLIN | POLLRDNORM;
	if (find_state(l, NOTIF_SENT))
		ev |= POLLOUT | POLLWRNORM;
	spin_unlock(&l->lock);
	if (atomic_read(&filter->users) == 0)
		ev |= POLLHUP;
	return ev;
}

static void
listener_release(struct file *f)
{
	struct seccomp_filter *filter = f->private;
	struct seccomp_listener *l = filter->listener;

	spin_lock(&l->lock);
	l->closed = true;
	spin_unlock(&l->lock);
	waitq_wake_all(&l->calls);
	seccomp_filter_put(filter);
}

static const struct file_ops listener_fops = {
	.poll = listener_poll,
	.ioctl = listener_ioctl,
	.release = listener_release,
	.llseek = no_llseek,
	.flags = FOP_NOLLSEEK,
};

int
seccomp_listener_create(struct seccomp_filter *f, bool killable,
			struct file **out)
{
	struct seccomp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL);
	int err;

	if (!l)
		return -ENOMEM;
	spin_init(&l->lock, RANK_OBJQUEUE);
	INIT_LIST_HEAD(&l->list);
	waitq_init(&l->calls);
	waitq_init(&l->wq);
	l->killable = killable;
	l->next_id = 1;
	f->listener = l;
	err = file_alloc_pseudo("seccomp notify", &listener_fops, f, O_RDWR,
				out);
	if (!err)
		refcount_get(&f->count);	/* the file's */
	return err;
}
