/* SPDX-License-Identifier: MIT */
/*
 * inotify(7).
 *
 * A group is an open inotify descriptor: a queue of events and a tree of watches
 * by number. A watch is on one inode, which it pins, and in that inode's list.
 * A hook (vfs/notify.h) looks at the list of the inode and that of its
 * directory, and queues an event in the group of each watch that wants it.
 *
 * Locking: notify_lock (rank objqueue) for all lists, trees and queues: events
 * are rare beside what makes them, and one lock leaves no order to get wrong.
 * The lists' heads are read without it to see that there is nothing to do.
 * Watches taken off are released after unlocking, since an inode's last
 * reference may sleep.
 *
 * Limits: per user fs.inotify.max_user_instances and max_user_watches; per
 * group max_queued_events, after which one IN_Q_OVERFLOW stands for the rest.
 * An event for which there is no memory is an overflow, too.
 */
#include <abi/ioctl.h>
#include <abi/poll.h>
#include <fs/procfs.h>
#include <lib/printf.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include <vfs/notify.h>
#include "internal.h"

#define EVENT_SIZE	sizeof(struct abi_inotify_event)

struct event {
	struct list_head link;
	struct abi_inotify_event e;	/* len: of what is read */
	u32 name_len;
	char name[];
};

struct inotify {
	struct waitq wq;
	struct list_head events;	/* struct event */
	u32 nr_events;
	u32 limit;			/* I */
	size_t bytes;			/* of all events, as read */
	struct rb_root watches;		/* by wd */
	int last_wd;
	struct user_count *user;	/* I: counted */
	struct event overflow;		/* queued at most once */
};

struct watch {
	struct hlist_node inode_link;
	struct rb_node node;
	struct list_head all_link;	/* in all_watches; then to be released */
	struct inotify *group;
	struct inode *inode;		/* counted */
	int wd;
	u32 mask;			/* events, IN_EXCL_UNLINK, IN_ONESHOT */
};

u32 notify_watches;
static struct spinlock notify_lock = SPINLOCK_INIT(RANK_OBJQUEUE);
static LIST_HEAD(all_watches);
static atomic_t last_cookie;
static int max_user_instances = 128, max_user_watches = 65536,
	max_queued_events = 16384;
static const struct file_ops inotify_fops;

/* -- the queue; notify_lock held ------------------------------------------ */

static void
queue_event(struct inotify *g, struct event *ev)
{
	list_add_tail(&ev->link, &g->events);
	g->nr_events++;
	g->bytes += EVENT_SIZE + ev->e.len;
	waitq_wake(&g->wq, 1, POLLIN | POLLRDNORM);
}

static void
queue_overflow(struct inotify *g)
{
	if (list_empty(&g->overflow.link))
		queue_event(g, &g->overflow);
}

static bool
same_as_last(const struct inotify *g, int wd, u32 mask,
	     const struct qstr *name)
{
	const struct event *l;

	if (list_empty(&g->events))
		return false;
	l = list_last_entry(&g->events, struct event, link);
	return !(l->e.mask & IN_IGNORED) && l->e.wd == wd &&
		l->e.mask == mask && l->name_len == (name ? name->len : 0) &&
		(!name || !memcmp(l->name, name->name, name->len));
}

static void
tell(struct watch *w, u32 mask, const struct qstr *name, u32 cookie)
{
	struct inotify *g = w->group;
	u32 len = name ? name->len : 0;
	struct event *ev;

	if (same_as_last(g, w->wd, mask, name))
		return;
	if (g->nr_events >= g->limit) {
		queue_overflow(g);
		return;
	}
	ev = kmalloc(sizeof(*ev) + len, GFP_ATOMIC | GFP_NOWARN);
	if (!ev) {
		queue_overflow(g);
		return;
	}
	ev->e = (struct abi_inotify_event){ w->wd, mask, cookie,
		len ? ALIGN_UP(len + 1, EVENT_SIZE) : 0 };
	ev->name_len = len;
	if (len)
		memcpy(ev->name, name->name, len);
	queue_event(g, ev);
}

/* Off all lists, with IN_IGNORED; onto gone for watches_release(). */
static void
watch_remove(struct watch *w, struct list_head *gone)
{
	tell(w, IN_IGNORED, NULL, 0);
	hlist_del(&w->inode_link);
	rb_erase(&w->node, &w->group->watches);
	list_move(&w->all_link, gone);
	w->inode->sb->nr_watches--;
	WRITE_ONCE(notify_watches, notify_watches - 1);
	atomic_dec(&w->group->user->inotify_watches);
}

static void
watches_release(struct list_head *gone)
{
	struct watch *w, *n;

	list_for_each_entry_safe(w, n, gone, all_link) {
		inode_put(w->inode);
		kfree(w);
	}
}

/* -- the hooks ------------------------------------------------------------ */

static void
tell_watches(struct inode *i, u32 mask, const struct qstr *name, u32 cookie,
	     bool unlinked, struct list_head *gone)
{
	struct hlist_node *n, *next;

	for (n = i->watches.first; n; n = next) {
		struct watch *w = hlist_entry(n, struct watch, inode_link);

		next = n->next;
		if (!(w->mask & mask & IN_ALL_EVENTS))
			continue;
		if (unlinked && w->mask & IN_EXCL_UNLINK)
			continue;
		tell(w, mask, name, cookie);
		if (w->mask & IN_ONESHOT)
			watch_remove(w, gone);
	}
}

static inline bool
watched(const struct inode *i)
{
	return i && READ_ONCE(i->watches.first);
}

void
notify_inode_slow(struct inode *i, u32 mask)
{
	LIST_HEAD(gone);

	if (!watched(i))
		return;
	if (S_ISDIR(i->mode) && !(mask & (IN_DELETE_SELF | IN_MOVE_SELF)))
		mask |= IN_ISDIR;
	spin_lock(&notify_lock);
	tell_watches(i, mask, NULL, 0, false, &gone);
	spin_unlock(&notify_lock);
	watches_release(&gone);
}

void
notify_name_slow(struct inode *dir, const struct qstr *name, u32 mask,
		 u32 cookie)
{
	LIST_HEAD(gone);

	if (!watched(dir))
		return;
	spin_lock(&notify_lock);
	tell_watches(dir, mask, name, cookie, false, &gone);
	spin_unlock(&notify_lock);
	watches_release(&gone);
}

void
notify_dentry_slow(struct dentry *d, u32 mask)
{
	struct inode *i = d->inode;
	struct dentry *parent;
	char buf[NAME_MAX + 1];
	struct qstr name = { buf, 0, 0 };
	bool unlinked;
	LIST_HEAD(gone);

	if (!i || !READ_ONCE(d->sb->nr_watches))
		return;
	if (S_ISDIR(i->mode))
		mask |= IN_ISDIR;
	/* a rename may change name and directory at any time */
	spin_lock(&d->lock);
	parent = d->parent != d ? d->parent : NULL;
	if (parent && watched(parent->inode)) {
		dentry_get(parent);
		name.len = min_t(u32, d->name.len, NAME_MAX);
		memcpy(buf, d->name.name, name.len);
	} else {
		parent = NULL;
	}
	unlinked = d->flags & D_UNHASHED;
	spin_unlock(&d->lock);
	if (!parent && !watched(i))
		return;
	spin_lock(&notify_lock);
	if (parent)
		tell_watches(parent->inode, mask, &name, 0, unlinked, &gone);
	tell_watches(i, mask, NULL, 0, unlinked, &gone);
	spin_unlock(&notify_lock);
	watches_release(&gone);
	dentry_put(parent);
}

void
notify_gone_slow(struct inode *i)
{
	LIST_HEAD(gone);

	if (!watched(i))
		return;
	spin_lock(&notify_lock);
	while (i->watches.first) {
		struct watch *w = hlist_entry(i->watches.first, struct watch,
					      inode_link);

		if (w->mask & IN_DELETE_SELF)
			tell(w, IN_DELETE_SELF, NULL, 0);
		watch_remove(w, &gone);
	}
	spin_unlock(&notify_lock);
	watches_release(&gone);
}

void
notify_unmount_slow(struct super_block *sb)
{
	struct watch *w, *n;
	LIST_HEAD(gone);

	if (!READ_ONCE(sb->nr_watches))
		return;
	spin_lock(&notify_lock);
	list_for_each_entry_safe(w, n, &all_watches, all_link)
		if (w->inode->sb == sb) {
			tell(w, IN_UNMOUNT | (S_ISDIR(w->inode->mode) ?
					      IN_ISDIR : 0), NULL, 0);
			watch_remove(w, &gone);
		}
	spin_unlock(&notify_lock);
	watches_release(&gone);
}

u32
notify_cookie(void)
{
	return atomic_add_return(&last_cookie, 1);
}

/* -- watches -------------------------------------------------------------- */

static struct watch *
watch_on(struct inotify *g, struct inode *i)
{
	struct watch *w;

	hlist_for_each_entry(w, &i->watches, inode_link)
		if (w->group == g)
			return w;
	return NULL;
}

static struct watch *
watch_find(struct inotify *g, int wd)
{
	struct rb_node *n = g->watches.node;

	while (n) {
		struct watch *w = rb_entry(n, struct watch, node);

		if (w->wd == wd)
			return w;
		n = wd < w->wd ? n->left : n->right;
	}
	return NULL;
}

static void
watch_insert(struct inotify *g, struct watch *w, struct inode *i)
{
	struct rb_node **link = &g->watches.node, *parent = NULL;

	do {
		g->last_wd = g->last_wd == INT_MAX ? 1 : g->last_wd + 1;
	} while (watch_find(g, g->last_wd));
	w->wd = g->last_wd;
	while (*link) {
		parent = *link;
		link = w->wd < rb_entry(parent, struct watch, node)->wd ?
			&parent->left : &parent->right;
	}
	rb_link_node(&w->node, parent, link);
	rb_insert_color(&w->node, &g->watches);
	hlist_add_head(&w->inode_link, &i->watches);
	list_add(&w->all_link, &all_watches);
	i->sb->nr_watches++;
	WRITE_ONCE(notify_watches, notify_watches + 1);
}

int
inotify_add(struct file *f, const struct path *p, u32 mask)
{
	u32 keep = mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT);
	struct inode *i = p->dentry->inode;
	struct inotify *g = f->private;
	struct watch *w, *new;
	int r;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	spin_lock(&notify_lock);
	w = watch_on(g, i);
	if (w) {
		r = w->wd;
		if (mask & IN_MASK_CREATE)
			r = -EEXIST;
		else
			w->mask = mask & IN_MASK_ADD ? w->mask | keep : keep;
	} else if (atomic_add_return(&g->user->inotify_watches, 1) >
		   READ_ONCE(max_user_watches)) {
		atomic_dec(&g->user->inotify_watches);
		r = -ENOSPC;
	} else {
		new->group = g;
		new->mask = keep;
		inode_get(i);
		new->inode = i;
		watch_insert(g, new, i);
		r = new->wd;
		new = NULL;
	}
	spin_unlock(&notify_lock);
	kfree(new);
	return r;
}

int
inotify_remove(struct file *f, int wd)
{
	struct watch *w;
	LIST_HEAD(gone);

	if (!file_is_inotify(f))
		return -EINVAL;
	spin_lock(&notify_lock);
	w = watch_find(f->private, wd);
	if (w)
		watch_remove(w, &gone);
	spin_unlock(&notify_lock);
	watches_release(&gone);
	return w ? 0 : -EINVAL;
}

/* -- the file ------------------------------------------------------------- */

/* First event if it fits in room; *err: -EAGAIN none, -EINVAL too long. */
static struct event *
take_event(struct inotify *g, size_t room, int *err)
{
	struct event *ev;

	*err = -EAGAIN;
	spin_lock(&notify_lock);
	ev = list_first_entry_or_null(&g->events, struct event, link);
	if (ev && EVENT_SIZE + ev->e.len > room) {
		*err = -EINVAL;
		ev = NULL;
	} else if (ev) {
		list_del_init(&ev->link);
		g->nr_events--;
		g->bytes -= EVENT_SIZE + ev->e.len;
	}
	spin_unlock(&notify_lock);
	return ev;
}

static void
event_free(struct inotify *g, struct event *ev)
{
	if (ev != &g->overflow)
		kfree(ev);
}

static int
event_out(const struct event *ev, struct iov_iter *to)
{
	static const char zeros[EVENT_SIZE];
	size_t pad = ev->e.len - ev->name_len;

	if (copy_to_iter(&ev->e, EVENT_SIZE, to) != EVENT_SIZE)
		return -EFAULT;
	if (!ev->e.len)
		return 0;
	return copy_to_iter(ev->name, ev->name_len, to) != ev->name_len ||
		copy_to_iter(zeros, pad, to) != pad ? -EFAULT : 0;
}

static ssize_t
inotify_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct inotify *g = f->private;
	ssize_t done = 0;
	struct event *ev;
	int err;

	for (;;) {
		ev = take_event(g, to->count, &err);
		if (ev) {
			size_t n = EVENT_SIZE + ev->e.len;

			err = event_out(ev, to);
			event_free(g, ev);
			if (err)
				return err;
			done += n;
			cond_resched();
			continue;
		}
		if (done)
			return done;
		if (err != -EAGAIN || flags & IO_NONBLOCK)
			return err;
		if (wait_event_intr(&g->wq, !list_empty(&g->events)))
			return -ERESTARTSYS;
	}
}

static u32
inotify_poll(struct file *f, struct poll_table *pt)
{
	struct inotify *g = f->private;

	poll_wait(f, &g->wq, pt);
	return list_empty(&g->events) ? 0 : POLLIN | POLLRDNORM;
}

static long
inotify_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct inotify *g = f->private;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user((int)READ_ONCE(g->bytes), (int __user *)arg);
}

static void
inotify_release(struct file *f)
{
	struct inotify *g = f->private;
	struct event *ev, *n;
	struct rb_node *r;
	LIST_HEAD(gone);

	for (;;) {
		spin_lock(&notify_lock);
		r = rb_first(&g->watches);
		if (r)
			watch_remove(rb_entry(r, struct watch, node), &gone);
		spin_unlock(&notify_lock);
		if (!r)
			break;
		cond_resched();
	}
	watches_release(&gone);
	list_for_each_entry_safe(ev, n, &g->events, link)
		event_free(g, ev);
	atomic_dec(&g->user->inotify_instances);
	user_put(g->user);
	kfree(g);
}

static void
inotify_fdinfo(struct file *f, char *buf, size_t len)
{
	struct inotify *g = f->private;
	struct rb_node *n;
	size_t at = 0;

	spin_lock(&notify_lock);
	for (n = rb_first(&g->watches); n && at < len; n = rb_next(n)) {
		struct watch *w = rb_entry(n, struct watch, node);

		at += scnprintf(buf + at, len - at, "inotify wd:%x ino:%lx "
				"sdev:%x mask:%x ignored_mask:0 \n", w->wd,
				w->inode->ino, (u32)w->inode->sb->dev,
				w->mask);
	}
	spin_unlock(&notify_lock);
}

static const struct file_ops inotify_fops = {
	.read_iter = inotify_read_iter,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
	.llseek = noop_llseek,
	.show_fdinfo = inotify_fdinfo,
	.flags = FOP_NOLLSEEK,
};

bool
file_is_inotify(const struct file *f)
{
	return f->op == &inotify_fops;
}

int
inotify_create(u32 flags, struct file **out)
{
	struct user_count *u = current_cred()->user;
	struct inotify *g;
	int err = -EMFILE;

	if (atomic_add_return(&u->inotify_instances, 1) >
	    READ_ONCE(max_user_instances))
		goto out;
	err = -ENOMEM;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		goto out;
	waitq_init(&g->wq);
	INIT_LIST_HEAD(&g->events);
	INIT_LIST_HEAD(&g->overflow.link);
	g->overflow.e = (struct abi_inotify_event){ -1, IN_Q_OVERFLOW, 0, 0 };
	g->limit = READ_ONCE(max_queued_events);
	g->user = u;
	err = file_alloc_pseudo("inotify", &inotify_fops, g,
				O_RDONLY | (flags & O_NONBLOCK), out);
	if (err) {
		kfree(g);
		goto out;
	}
	refcount_get(&u->count);
	return 0;
out:
	atomic_dec(&u->inotify_instances);
	return err;
}

static const struct proc_sysctl_int instances = {
	"fs/inotify/max_user_instances", 0644, &max_user_instances, 0, INT_MAX };
static const struct proc_sysctl_int watches = {
	"fs/inotify/max_user_watches", 0644, &max_user_watches, 0, INT_MAX };
static const struct proc_sysctl_int queued = {
	"fs/inotify/max_queued_events", 0644, &max_queued_events, 0, INT_MAX };
SET_ADD(proc_sysctl, instances);
SET_ADD(proc_sysctl, watches);
SET_ADD(proc_sysctl, queued);
