/* SPDX-License-Identifier: MIT */
/*
 * Leases of files: fcntl(2), F_SETLEASE.
 *
 * A lease belongs to an open file. An open(2) or truncate(2) that it forbids
 * marks it as breaking, with the type that would be compatible and a deadline,
 * signals the owner of the file, and waits until no lease is in the way. Past
 * its deadline a lease becomes what it was to be by itself: whoever looks next
 * sees to that, so there is no timer.
 *
 * An opener counts itself in the inode (readcount, writecount) before it looks
 * for leases; who takes a lease puts it in the list before looking at the
 * counts. So one of them sees the other.
 *
 * Locking: lease_lock (rank files) for lists and their leases; signals are sent
 * without it, holding the file.
 *
 * Limits: directories cannot be leased; /proc/locks does not show leases.
 */
#include <abi/poll.h>
#include <fs/procfs.h>
#include <sched/waitq.h>
#include <task/cred.h>
#include "internal.h"
#include "locks.h"

struct lease {
	struct list_head link;		/* its inode's, or dead */
	struct file *file;		/* borrowed: it takes us along */
	int fd;				/* what the owner knows the file as */
	u8 type;			/* F_RDLCK, F_WRLCK */
	u8 target;			/* other than type: breaking */
	nsec_t deadline;		/* breaking: type becomes target */
};

static struct spinlock lease_lock = SPINLOCK_INIT(RANK_FILES);
static int break_time_s = 45;

/* -- lease_lock held ------------------------------------------------------ */

static void
changed(struct file_lock_ctx *c)
{
	WRITE_ONCE(c->lease_gen, c->lease_gen + 1);
	waitq_wake_all(&c->lease_wq);
}

static void
lease_end(struct file_lock_ctx *c, struct lease *l, struct list_head *dead)
{
	list_move(&l->link, dead);
	changed(c);
}

static void
expire(struct file_lock_ctx *c, struct list_head *dead)
{
	nsec_t now = clock_mono_ns();
	struct lease *l, *n;

	list_for_each_entry_safe(l, n, &c->leases, link) {
		if (l->type == l->target || now < l->deadline)
			continue;
		l->type = l->target;
		if (l->type == F_UNLCK)
			lease_end(c, l, dead);
		else
			changed(c);
	}
}

static struct lease *
lease_of(struct file_lock_ctx *c, const struct file *f)
{
	struct lease *l;

	list_for_each_entry(l, &c->leases, link)
		if (l->file == f)
			return l;
	return NULL;
}

/* is anybody but f in the file in a way that the lease forbids? */
static bool
opened_by_others(const struct file *f, int type)
{
	const struct inode *i = f->inode;
	int writers = atomic_read(&i->writecount);

	if (type == F_RDLCK)
		return writers > 0;
	return writers != !!(f->mode & FMODE_WRITER) ||
		atomic_read(&i->readcount) != !!(f->mode & FMODE_READER);
}

static bool
others_forbid(struct file_lock_ctx *c, const struct file *f, int type)
{
	struct lease *l;

	list_for_each_entry(l, &c->leases, link)
		if (l->file != f &&
		    (type == F_WRLCK || l->target == F_UNLCK))
			return true;
	return false;
}

/* A read lease that is to go goes; a write lease may become one for readers. */
static void
lease_change(struct file_lock_ctx *c, struct lease *l, int type)
{
	bool breaking = l->type != l->target;

	l->type = type;
	if (!breaking || (type == F_RDLCK && l->target == F_RDLCK))
		l->target = type;
	changed(c);
}

static bool
in_the_way(const struct lease *l, bool write)
{
	return write || l->type == F_WRLCK;
}

/* ---- ---- */

static void
free_dead(struct list_head *dead)
{
	struct lease *l, *n;

	list_for_each_entry_safe(l, n, dead, link)
		kfree(l);
}

static int
lease_add(struct file_lock_ctx *c, struct lease *new, struct list_head *dead)
{
	struct file *f = new->file;
	struct lease *mine;
	int type = new->type;

	expire(c, dead);
	if (others_forbid(c, f, type))
		return -EAGAIN;
	mine = lease_of(c, f);
	if (!mine)
		list_add_tail(&new->link, &c->leases);
	smp_mb();
	if (opened_by_others(f, type)) {
		if (!mine)
			lease_end(c, new, dead);
		return -EAGAIN;
	}
	if (mine)
		lease_change(c, mine, type);
	return mine ? 0 : 1;
}

static int
lease_take(struct file *f, int fd, int type)
{
	struct file_lock_ctx *c = locks_ctx(f->inode);
	struct lease *l = kmalloc(sizeof(*l), GFP_KERNEL);
	bool owned = READ_ONCE(f->owner.pid);
	LIST_HEAD(dead);
	int r;

	if (!c || !l) {
		kfree(l);
		return -ENOMEM;
	}
	*l = (struct lease){ .file = f, .fd = fd, .type = type,
		.target = type };
	list_init(&l->link);
	if (!owned)
		file_set_owner(f, current->tgid, F_OWNER_PID);
	spin_lock(&lease_lock);
	r = lease_add(c, l, &dead);
	if (r <= 0 && list_empty(&l->link))
		list_add(&l->link, &dead);
	spin_unlock(&lease_lock);
	if (r < 0 && !owned)
		file_set_owner(f, NULL, 0);
	free_dead(&dead);
	return r < 0 ? r : 0;
}

static int
lease_give_back(struct file *f)
{
	struct file_lock_ctx *c = READ_ONCE(f->inode->flctx);
	struct lease *l = NULL;
	LIST_HEAD(dead);

	spin_lock(&lease_lock);
	if (c) {
		expire(c, &dead);
		l = lease_of(c, f);
	}
	if (l)
		lease_end(c, l, &dead);
	spin_unlock(&lease_lock);
	free_dead(&dead);
	if (!l)
		return -EAGAIN;
	file_set_owner(f, NULL, 0);
	f->owner.sig = 0;
	return 0;
}

int
lease_set(struct file *f, int fd, unsigned long type)
{
	if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
		return -EINVAL;
	if (current_cred()->fsuid != f->inode->uid && !capable(CAP_LEASE))
		return -EACCES;
	if (!S_ISREG(f->inode->mode))
		return -EINVAL;
	return type == F_UNLCK ? lease_give_back(f) : lease_take(f, fd, type);
}

int
lease_get(struct file *f)
{
	struct file_lock_ctx *c = READ_ONCE(f->inode->flctx);
	int type = F_UNLCK;
	struct lease *l;
	LIST_HEAD(dead);

	if (!c)
		return type;
	spin_lock(&lease_lock);
	expire(c, &dead);
	l = lease_of(c, f);
	if (l)
		type = l->target;
	spin_unlock(&lease_lock);
	free_dead(&dead);
	return type;
}

/*
 * Mark one more lease as breaking; *f is its file, counted, to be signalled.
 * False: all that are in the way are; *deadline is of the first, 0: none are.
 */
static bool
break_one(struct file_lock_ctx *c, bool write, struct file **f, int *fd,
	  nsec_t *deadline)
{
	u8 target = write ? F_UNLCK : F_RDLCK;
	nsec_t now = clock_mono_ns();
	struct lease *l;

	*deadline = 0;
	list_for_each_entry(l, &c->leases, link) {
		if (!in_the_way(l, write))
			continue;
		if (l->target == target || l->target == F_UNLCK) {
			if (!*deadline)
				*deadline = l->deadline;
			continue;
		}
		l->target = target;
		l->deadline = now + (u64)break_time_s * NSEC_PER_SEC;
		*fd = l->fd;
		*f = refcount_get_live(&l->file->count) ? l->file : NULL;
		return true;
	}
	return false;
}

int
lease_break_slow(struct inode *i, u32 oflags)
{
	bool write = (oflags & O_ACCMODE) != O_RDONLY, more;
	struct file_lock_ctx *c = i->flctx;
	nsec_t deadline;
	struct file *f;
	int fd, err;
	u32 gen;

	if (list_empty(&c->leases))
		return 0;
	for (;;) {
		LIST_HEAD(dead);

		spin_lock(&lease_lock);
		expire(c, &dead);
		more = break_one(c, write, &f, &fd, &deadline);
		gen = c->lease_gen;
		spin_unlock(&lease_lock);
		free_dead(&dead);
		if (more) {
			if (f) {
				file_send_sigio_fd(f, POLL_MSG, POLLIN |
						   POLLRDNORM | POLLMSG, fd);
				file_put(f);
			}
			continue;
		}
		if (!deadline)
			return 0;
		if (oflags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_intr_timeout(&c->lease_wq, gen !=
					      READ_ONCE(c->lease_gen),
					      deadline);
		if (err && err != -ETIMEDOUT)
			return err;
	}
}

void
lease_release(struct file *f)
{
	struct file_lock_ctx *c = f->inode->flctx;
	struct lease *l;
	LIST_HEAD(dead);

	if (list_empty(&c->leases))
		return;
	spin_lock(&lease_lock);
	l = lease_of(c, f);
	if (l)
		lease_end(c, l, &dead);
	spin_unlock(&lease_lock);
	free_dead(&dead);
}

static const struct proc_sysctl_int break_time = {
	"fs/lease-break-time", 0644, &break_time_s, 0, INT_MAX };
SET_ADD(proc_sysctl, break_time);
