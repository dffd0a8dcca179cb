/* SPDX-License-Identifier: MIT */
/*
 * poll(2) and select(2): look at all files; if nothing is ready and there is
 * time, look again putting an entry on each wait queue, and sleep.
 *
 * The first look sets nothing up, so a call that need not wait costs one
 * file_ops.poll a descriptor. Entries come from the caller's stack first, then
 * in blocks of a page. A waker marks the table triggered and wakes the thread;
 * the loop then looks at all files again, without queueing.
 */
#include <core/time.h>
#include <task/signal.h>
#include "internal.h"

#define STACK_ENTRIES	6
#define EV_IN	(POLLIN | POLLRDNORM | POLLRDBAND)
#define EV_OUT	(POLLOUT | POLLWRNORM | POLLWRBAND)

struct poll_set;
struct poll_entry {
	struct waitq_entry wait;
	struct poll_set *set;
	struct waitq *q;
	struct file *file;		/* counted: the queue is inside */
	u32 key;
};

struct poll_block {
	struct poll_block *next;
	u32 nr;
	struct poll_entry e[];
};
#define BLOCK_ENTRIES \
	((PAGE_SIZE - sizeof(struct poll_block)) / sizeof(struct poll_entry))

struct poll_set {
	struct poll_table pt;
	struct thread *thread;
	bool triggered;			/* a: some queue woke us */
	bool no_memory;
	u32 nr;
	struct poll_block *blocks;
	struct poll_entry e[STACK_ENTRIES];
};

static bool
poll_wakeup(struct waitq_entry *w, unsigned long key)
{
	struct poll_entry *e = container_of(w, struct poll_entry, wait);

	if (key && !(key & e->key))
		return false;
	WRITE_ONCE(e->set->triggered, true);
	return thread_wake(e->set->thread);
}

static struct poll_entry *
entry_get(struct poll_set *s)
{
	struct poll_block *b = s->blocks;

	if (s->nr < STACK_ENTRIES)
		return &s->e[s->nr++];
	if (!b || b->nr == BLOCK_ENTRIES) {
		b = kmalloc(PAGE_SIZE, GFP_KERNEL);
		if (!b)
			return NULL;
		b->nr = 0;
		b->next = s->blocks;
		s->blocks = b;
	}
	return &b->e[b->nr++];
}

static void
poll_queue(struct file *f, struct waitq *q, struct poll_table *pt)
{
	struct poll_set *s = container_of(pt, struct poll_set, pt);
	struct poll_entry *e = entry_get(s);

	if (!e) {
		s->no_memory = true;
		return;
	}
	file_get(f);
	e->file = f;
	e->q = q;
	e->set = s;
	e->key = pt->key;
	e->wait = (struct waitq_entry){ .func = poll_wakeup,
		.thread = s->thread };
	list_init(&e->wait.link);
	waitq_add(q, &e->wait);
}

static void
entry_drop(struct poll_entry *e)
{
	waitq_del(e->q, &e->wait);
	file_put(e->file);
}

static void
poll_set_init(struct poll_set *s)
{
	s->pt.queue = poll_queue;
	s->pt.key = 0;
	s->thread = current_thread;
	s->triggered = false;
	s->no_memory = false;
	s->nr = 0;
	s->blocks = NULL;
}

static void
poll_set_done(struct poll_set *s)
{
	struct poll_block *b;

	for (u32 i = 0; i < s->nr; i++)
		entry_drop(&s->e[i]);
	while ((b = s->blocks)) {
		for (u32 i = 0; i < b->nr; i++)
			entry_drop(&b->e[i]);
		s->blocks = b->next;
		kfree(b);
	}
}

/* sleep until a queue wakes us; true when the deadline passed */
static bool
poll_sleep(struct poll_set *s, nsec_t deadline)
{
	bool late = false;

	set_state(TS_INTERRUPTIBLE);
	if (!READ_ONCE(s->triggered) && !signal_pending_current()) {
		if (deadline == NSEC_MAX)
			schedule();
		else
			late = schedule_until(deadline);
	}
	set_state(TS_RUNNING);
	WRITE_ONCE(s->triggered, false);
	smp_mb();
	return late;
}

/*
 * The loop of both calls. scan() looks at every file once, queueing through
 * pt unless it is NULL, and returns how many are ready (or -errno).
 */
static int
poll_loop(int (*scan)(void *arg, struct poll_table *pt), void *arg,
	  nsec_t deadline)
{
	struct poll_set s;
	bool late;
	int n;

	n = scan(arg, NULL);
	if (n || !deadline)
		return n;
	poll_set_init(&s);
	n = scan(arg, &s.pt);
	while (!n) {
		if (s.no_memory) {
			n = -ENOMEM;
			break;
		}
		if (signal_pending_current()) {
			n = -ERESTARTNOHAND;
			break;
		}
		late = poll_sleep(&s, deadline);
		n = scan(arg, NULL);
		if (late)
			break;
	}
	poll_set_done(&s);
	return n;
}

/*
 * The table when nobody else uses it: then it stays as it is for the length of
 * a scan, and so do its files. NULL when it is shared.
 */
static __always_inline const struct fdtable *
own_table(void)
{
	struct files *fs = current->files;

	return likely(refcount_read(&fs->count) == 1) ? fs->fdt : NULL;
}

static __always_inline struct fd
scan_fdget(const struct fdtable *own, u32 fd)
{
	struct file *f;

	if (unlikely(!own))
		return fdget(fd);
	if (unlikely(fd >= own->max))
		return (struct fd){ NULL, false };
	f = own->fd[fd];
	if (unlikely(f && f->mode & FMODE_PATH))
		f = NULL;
	return (struct fd){ f, false };
}

static __always_inline u32
scan_poll(struct file *f, struct poll_table *pt)
{
	return likely(f->op->poll) ? f->op->poll(f, pt) : vfs_poll(f, pt);
}

/* -- poll ---------------------------------------------------------------- */

struct poll_args { struct abi_pollfd *fds; u32 n; };

static __always_inline int
scan_fds_of(const struct fdtable *own, const struct poll_args *a,
	    struct poll_table *pt)
{
	struct abi_pollfd *p = a->fds, *end = p + a->n;
	int ready = 0;

	for (; p < end; p++) {
		struct fd f;
		u32 got;

		p->revents = 0;
		if (p->fd < 0)
			continue;
		f = scan_fdget(own, p->fd);
		if (unlikely(!f.file)) {
			p->revents = POLLNVAL;
			ready++;
			continue;
		}
		if (unlikely(pt))
			pt->key = (u16)p->events | POLLERR | POLLHUP;
		got = scan_poll(f.file, pt);
		if (unlikely(!own))
			fdput(f);
		got &= (u16)p->events | POLLERR | POLLHUP;
		if (got) {
			p->revents = got;
			ready++;
			pt = NULL;	/* there is something: no more queues */
		}
	}
	return ready;
}

/* the loop is there twice, so that the usual one need not ask for `own` */
static int
scan_fds(void *arg, struct poll_table *pt)
{
	const struct fdtable *own = own_table();

	return likely(own) ? scan_fds_of(own, arg, pt) :
		scan_fds_of(NULL, arg, pt);
}

int
vfs_poll_fds(struct abi_pollfd *fds, u32 n, nsec_t deadline)
{
	struct poll_args a = { fds, n };

	return poll_loop(scan_fds, &a, deadline);
}

/* -- select -------------------------------------------------------------- */

struct select_args {
	u32 n;
	unsigned long *const *in, *const *out;
};

static __always_inline int
scan_sets_of(const struct fdtable *own, const struct select_args *a,
	     struct poll_table *pt)
{
	int ready = 0;

	for (u32 w = 0; w < DIV_ROUND_UP(a->n, 64); w++) {
		unsigned long r = a->in[0][w], wr = a->in[1][w],
			      x = a->in[2][w], all = r | wr | x;
		unsigned long or = 0, ow = 0, ox = 0;

		while (all) {
			unsigned long bit = all & -all;
			int fd = w * 64 + __ffs(all);
			struct fd f = scan_fdget(own, fd);
			u32 got;

			all &= all - 1;
			if (unlikely(!f.file)) {
				/* open but O_PATH: ready for its error */
				if (fd_get_cloexec(fd) < 0)
					return -EBADF;
				or |= r & bit;
				ow |= wr & bit;
				ox |= x & bit;
				ready += !!(r & bit) + !!(wr & bit) +
					!!(x & bit);
				continue;
			}
			if (unlikely(pt))
				pt->key = POLLERR | POLLHUP |
					(r & bit ? EV_IN : 0) |
					(wr & bit ? EV_OUT : 0) |
					(x & bit ? POLLPRI : 0);
			got = scan_poll(f.file, pt);
			if (unlikely(!own))
				fdput(f);
			if (!got)
				continue;
			if (r & bit && got & (EV_IN | POLLHUP | POLLERR)) {
				or |= bit;
				ready++;
			}
			if (wr & bit && got & (EV_OUT | POLLERR)) {
				ow |= bit;
				ready++;
			}
			if (x & bit && got & POLLPRI) {
				ox |= bit;
				ready++;
			}
			if (ready)
				pt = NULL;
		}
		a->out[0][w] = or;
		a->out[1][w] = ow;
		a->out[2][w] = ox;
	}
	return ready;
}

static int
scan_sets(void *arg, struct poll_table *pt)
{
	const struct fdtable *own = own_table();

	return likely(own) ? scan_sets_of(own, arg, pt) :
		scan_sets_of(NULL, arg, pt);
}

int
vfs_select(u32 n, unsigned long *const in[3], unsigned long *const out[3],
	   nsec_t deadline)
{
	struct select_args a = { n, in, out };

	return poll_loop(scan_sets, &a, deadline);
}
