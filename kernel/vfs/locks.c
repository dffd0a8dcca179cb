/* SPDX-License-Identifier: MIT */
/*
 * Advisory locks: flock(2), and fcntl(2)'s record locks owned by a process
 * (its descriptor table) or by an open file (OFD).
 *
 * Each inode that ever had one has a file_lock_ctx with two lists. One lock
 * (rank files) guards all lists and who waits for whom; holding it never
 * sleeps. A request that conflicts is queued on the lock it met and tries
 * again from the start when that lock goes or changes.
 *
 * Deadlock (record locks of processes only): before waiting, the chain "owner
 * of the lock I met waits for a lock of ..." is followed; if it leads back to
 * the requester it gets -EDEADLK. The chain is bounded, as in Linux.
 */
#include <core/assert.h>
#include <dev/dev.h>
#include <lib/printf.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "locks.h"

enum lock_kind { LOCK_FLOCK, LOCK_POSIX, LOCK_OFD };
#define DEADLOCK_STEPS	10

struct file_lock {
	struct list_head link;		/* in its context */
	struct list_head all;		/* in all_locks, for /proc/locks */
	const void *owner;		/* struct files * or struct file * */
	struct inode *inode;
	pid_t pid;
	u8 kind, type;			/* enum lock_kind, F_*LCK */
	loff_t start, end;		/* inclusive */
	/* while it is a request that waits */
	struct file_lock *blocker;
	struct list_head wait_link;	/* in blocker->waiters */
	struct list_head blocked;	/* in all_blocked */
	struct list_head waiters;	/* requests that wait for this lock */
	struct waitq wq;
};

static struct spinlock locks_lock = SPINLOCK_INIT(RANK_FILES);
static LIST_HEAD(all_locks);
static LIST_HEAD(all_blocked);
static struct slab_cache *lock_cache;

static struct file_lock *
lock_new(void)
{
	struct file_lock *l = slab_alloc(lock_cache, GFP_KERNEL);

	if (!l)
		return NULL;
	list_init(&l->link);
	list_init(&l->all);
	list_init(&l->wait_link);
	list_init(&l->blocked);
	list_init(&l->waiters);
	waitq_init(&l->wq);
	l->blocker = NULL;
	return l;
}

struct file_lock_ctx *
locks_ctx(struct inode *i)
{
	struct file_lock_ctx *c = READ_ONCE(i->flctx), *n;

	if (c)
		return c;
	n = kmalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return NULL;
	list_init(&n->flock);
	list_init(&n->posix);
	list_init(&n->leases);
	waitq_init(&n->lease_wq);
	n->lease_gen = 0;
	c = cmpxchg(&i->flctx, NULL, n);
	if (c) {
		kfree(n);
		return c;
	}
	return n;
}

void
locks_inode_free(struct inode *i)
{
	ASSERT(list_empty(&i->flctx->flock) && list_empty(&i->flctx->posix) &&
	       list_empty(&i->flctx->leases));
	kfree(i->flctx);
	i->flctx = NULL;
}

/* -- waiting; locks_lock held -------------------------------------------- */

static void
unblock(struct file_lock *req)
{
	list_del_init(&req->wait_link);
	list_del_init(&req->blocked);
	WRITE_ONCE(req->blocker, NULL);
}

static void
wake_waiters(struct file_lock *l)
{
	while (!list_empty(&l->waiters)) {
		struct file_lock *req = list_first_entry(&l->waiters,
					struct file_lock, wait_link);

		unblock(req);
		waitq_wake_all(&req->wq);
	}
}

static void
lock_delete(struct file_lock *l, struct list_head *dead)
{
	wake_waiters(l);
	list_del_init(&l->all);
	list_move(&l->link, dead);
}

static void
free_dead(struct list_head *dead)
{
	struct file_lock *l, *n;

	list_for_each_entry_safe(l, n, dead, link)
		slab_free(lock_cache, l);
}

static void
lock_insert(struct file_lock_ctx *c, struct file_lock *l)
{
	list_add_tail(&l->link, l->kind == LOCK_FLOCK ? &c->flock : &c->posix);
	list_add_tail(&l->all, &all_locks);
}

static bool
would_deadlock(const struct file_lock *req, const struct file_lock *met)
{
	for (int i = 0; i < DEADLOCK_STEPS; i++) {
		const struct file_lock *b, *next = NULL;

		if (met->kind != LOCK_POSIX)
			return false;
		if (met->owner == req->owner)
			return true;
		list_for_each_entry(b, &all_blocked, blocked)
			if (b->kind == LOCK_POSIX && b->owner == met->owner) {
				next = b->blocker;
				break;
			}
		if (!next)
			return false;
		met = next;
	}
	return false;
}

/* Sleep until req's blocker goes; locks_lock held, released. */
static int
wait_for(struct file_lock *req, struct file_lock *met)
{
	int err;

	req->blocker = met;
	list_add_tail(&req->wait_link, &met->waiters);
	list_add_tail(&req->blocked, &all_blocked);
	spin_unlock(&locks_lock);
	err = wait_event_intr(&req->wq, !READ_ONCE(req->blocker));
	spin_lock(&locks_lock);
	if (req->blocker)
		unblock(req);
	spin_unlock(&locks_lock);
	/* a waker may still be in waitq_wake_all(): it holds the lock */
	return err;
}

/* -- flock --------------------------------------------------------------- */

/* one try; *met is what is in the way. 0 or -EAGAIN */
static int
flock_try(struct file_lock_ctx *c, struct file_lock *req,
	  struct file_lock **met, struct list_head *dead)
{
	struct file_lock *l, *n;

	list_for_each_entry_safe(l, n, &c->flock, link)
		if (l->owner == req->owner) {
			if (l->type == req->type)
				return 0;
			lock_delete(l, dead);	/* conversion: not atomic */
			break;
		}
	if (req->type == F_UNLCK)
		return 0;
	list_for_each_entry(l, &c->flock, link)
		if (l->type == F_WRLCK || req->type == F_WRLCK) {
			*met = l;
			return -EAGAIN;
		}
	lock_insert(c, req);
	return 1;
}

int
locks_flock(struct file *f, int type, bool wait)
{
	struct file_lock_ctx *c = locks_ctx(f->inode);
	struct file_lock *req = lock_new(), *met = NULL;
	LIST_HEAD(dead);
	int err = -ENOLCK;

	if (!c || !req)
		goto out;
	req->kind = LOCK_FLOCK;
	req->type = type;
	req->owner = f;
	req->inode = f->inode;
	req->pid = pid_nr(current->tgid);
	req->start = 0;
	req->end = LOFF_MAX;
	for (;;) {
		spin_lock(&locks_lock);
		err = flock_try(c, req, &met, &dead);
		if (err != -EAGAIN || !wait) {
			spin_unlock(&locks_lock);
			break;
		}
		err = wait_for(req, met);
		if (err)
			break;
	}
	free_dead(&dead);
	if (err == 1)
		return 0;		/* req is in the list */
out:
	if (req)
		slab_free(lock_cache, req);
	return err;
}

/* -- record locks -------------------------------------------------------- */

static struct file_lock *
posix_conflict(struct file_lock_ctx *c, const struct file_lock *req)
{
	struct file_lock *l;

	list_for_each_entry(l, &c->posix, link)
		if (l->owner != req->owner && l->start <= req->end &&
		    l->end >= req->start &&
		    (l->type == F_WRLCK || req->type == F_WRLCK))
			return l;
	return NULL;
}

/*
 * Make req's range have req's type for its owner. *spare is used when a lock
 * is cut in two; true when req itself went into the list.
 */
static bool
posix_apply(struct file_lock_ctx *c, struct file_lock *req,
	    struct file_lock **spare, struct list_head *dead)
{
	struct file_lock *l, *n;
	loff_t start = req->start, end = req->end;

	list_for_each_entry_safe(l, n, &c->posix, link) {
		if (l->owner != req->owner)
			continue;
		if (l->type == req->type) {
			/* neighbours too become one */
			if ((start && l->end < start - 1) ||
			    (end != LOFF_MAX && l->start > end + 1))
				continue;
			start = min(start, l->start);
			end = max(end, l->end);
			lock_delete(l, dead);
			continue;
		}
		if (l->end < req->start || l->start > req->end)
			continue;
		if (l->start < req->start && l->end > req->end) {
			struct file_lock *r = *spare;

			*spare = NULL;
			r->kind = l->kind;
			r->type = l->type;
			r->owner = l->owner;
			r->inode = l->inode;
			r->pid = l->pid;
			r->start = req->end + 1;
			r->end = l->end;
			l->end = req->start - 1;
			lock_insert(c, r);
			wake_waiters(l);
		} else if (l->start < req->start) {
			l->end = req->start - 1;
			wake_waiters(l);
		} else if (l->end > req->end) {
			l->start = req->end + 1;
			wake_waiters(l);
		} else {
			lock_delete(l, dead);
		}
	}
	if (req->type == F_UNLCK)
		return false;
	req->start = start;
	req->end = end;
	lock_insert(c, req);
	return true;
}

static int
posix_lock(struct file *f, struct file_lock *req, bool wait)
{
	struct file_lock_ctx *c = locks_ctx(f->inode);
	struct file_lock *spare = lock_new(), *met;
	LIST_HEAD(dead);
	bool used = false;
	int err = -ENOLCK;

	if (!c || !spare)
		goto out;
	for (;;) {
		spin_lock(&locks_lock);
		met = req->type == F_UNLCK ? NULL : posix_conflict(c, req);
		if (!met) {
			used = posix_apply(c, req, &spare, &dead);
			spin_unlock(&locks_lock);
			err = 0;
			break;
		}
		err = -EAGAIN;
		if (wait && req->kind == LOCK_POSIX &&
		    would_deadlock(req, met))
			err = -EDEADLK;
		if (!wait || err == -EDEADLK) {
			spin_unlock(&locks_lock);
			break;
		}
		err = wait_for(req, met);
		if (err)
			break;
	}
	free_dead(&dead);
out:
	if (spare)
		slab_free(lock_cache, spare);
	if (!used)
		slab_free(lock_cache, req);
	return err;
}

/* l_start, l_len, l_whence to an inclusive range: fcntl(2) */
static int
range_of(struct file *f, const struct abi_flock *fl, loff_t *start,
	 loff_t *end)
{
	loff_t s;

	switch (fl->l_whence) {
	case SEEK_SET:
		s = 0;
		break;
	case SEEK_CUR:
		s = f->pos;
		break;
	case SEEK_END:
		s = inode_size(f->inode);
		break;
	default:
		return -EINVAL;
	}
	if (fl->l_start > LOFF_MAX - s)
		return -EOVERFLOW;
	s += fl->l_start;
	if (s < 0)
		return -EINVAL;
	if (fl->l_len > 0) {
		if (fl->l_len - 1 > LOFF_MAX - s)
			return -EOVERFLOW;
		*end = s + fl->l_len - 1;
	} else if (fl->l_len < 0) {
		if (s + fl->l_len < 0)
			return -EINVAL;
		*end = s - 1;
		s += fl->l_len;
	} else {
		*end = LOFF_MAX;
	}
	*start = s;
	return 0;
}

static int
getlk(struct file *f, struct file_lock *req, struct abi_flock *fl)
{
	struct file_lock_ctx *c = READ_ONCE(f->inode->flctx);
	struct file_lock *l = NULL;

	spin_lock(&locks_lock);
	if (c)
		l = posix_conflict(c, req);
	if (l) {
		fl->l_type = l->type;
		fl->l_whence = SEEK_SET;
		fl->l_start = l->start;
		fl->l_len = l->end == LOFF_MAX ? 0 : l->end - l->start + 1;
		fl->l_pid = l->kind == LOCK_OFD ? -1 :
			pid_nr_here(l->pid);
	} else {
		fl->l_type = F_UNLCK;
	}
	spin_unlock(&locks_lock);
	slab_free(lock_cache, req);
	return 0;
}

int
locks_fcntl(struct file *f, int cmd, struct abi_flock *fl)
{
	bool get = cmd == F_GETLK || cmd == F_OFD_GETLK;
	bool ofd = cmd >= F_OFD_GETLK;
	struct file_lock *req;
	loff_t start, end;
	int err;

	if (fl->l_type != F_RDLCK && fl->l_type != F_WRLCK &&
	    (fl->l_type != F_UNLCK || (get && !ofd)))
		return -EINVAL;
	if (ofd && fl->l_pid)
		return -EINVAL;
	err = range_of(f, fl, &start, &end);
	if (err)
		return err;
	if (!get && ((fl->l_type == F_RDLCK && !(f->mode & FMODE_READ)) ||
		     (fl->l_type == F_WRLCK && !(f->mode & FMODE_WRITE))))
		return -EBADF;
	req = lock_new();
	if (!req)
		return -ENOLCK;
	req->kind = ofd ? LOCK_OFD : LOCK_POSIX;
	req->type = fl->l_type;
	req->owner = ofd ? (const void *)f : current->files;
	req->inode = f->inode;
	req->pid = pid_nr(current->tgid);
	req->start = start;
	req->end = end;
	if (get)
		return getlk(f, req, fl);
	return posix_lock(f, req, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
}

/* -- going away ---------------------------------------------------------- */

static void
drop_owned(struct file_lock_ctx *c, const void *owner, bool flock)
{
	struct file_lock *l, *n;
	LIST_HEAD(dead);

	spin_lock(&locks_lock);
	list_for_each_entry_safe(l, n, &c->posix, link)
		if (l->owner == owner)
			lock_delete(l, &dead);
	if (flock)
		list_for_each_entry_safe(l, n, &c->flock, link)
			if (l->owner == owner)
				lock_delete(l, &dead);
	spin_unlock(&locks_lock);
	free_dead(&dead);
}

void
locks_close(struct file *f, struct files *owner)
{
	if (!(f->mode & FMODE_PATH))
		drop_owned(f->inode->flctx, owner, false);
}

void
locks_release(struct file *f)
{
	drop_owned(f->inode->flctx, f, true);
	lease_release(f);
}

bool
locks_show(unsigned int n, char *buf, size_t len)
{
	static const char *const kinds[] = { "FLOCK ", "POSIX ", "OFDLCK" };
	struct file_lock *l;
	unsigned int k = 0;
	bool found = false;
	char end[24] = "EOF";

	spin_lock(&locks_lock);
	list_for_each_entry(l, &all_locks, all) {
		if (k++ != n)
			continue;
		if (l->end != LOFF_MAX)
			snprintf(end, sizeof(end), "%ld", l->end);
		snprintf(buf, len, "%u: %s ADVISORY  %s %d %02x:%02x:%lu "
			 "%ld %s\n", n + 1, kinds[l->kind],
			 l->type == F_WRLCK ? "WRITE" : "READ ",
			 l->kind == LOCK_OFD ? -1 :
			 pid_nr_here(l->pid),
			 MAJOR(l->inode->sb->dev), MINOR(l->inode->sb->dev),
			 l->inode->ino, l->start, end);
		found = true;
		break;
	}
	spin_unlock(&locks_lock);
	return found;
}

void
locks_init(void)
{
	lock_cache = slab_create("file_lock", sizeof(struct file_lock), 0, 0);
	if (!lock_cache)
		panic("locks: no memory");
}
