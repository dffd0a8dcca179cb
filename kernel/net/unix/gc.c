/* SPDX-License-Identifier: MIT */
/*
 * Descriptors under way. A socket that is passed through a socket is held by
 * the message; when the message sits in the queue of a socket that itself is
 * only held by such messages, nobody can ever receive it: a cycle that plain
 * counting does not free. So sockets in flight are listed with the number of
 * messages that carry them, and unix_gc() frees the unreachable ones:
 *
 *  1. candidates: in flight, and their file has no other references;
 *  2. take from each candidate's number what lies in candidates' queues;
 *  3. who has some left is reachable from outside, and with it all that lies
 *     in its queue, and so on: these are no candidates any more;
 *  4. the queues of the rest are emptied, which closes them.
 *
 * All of 1 to 3, and all moves of files into and out of flight, are under
 * gc_lock, so a file that only messages hold cannot get away meanwhile. A
 * listening socket's queue counts with those of the connections in it.
 *
 * unix_gc() runs when a socket is closed while some are in flight, and before
 * a send when very many are. Besides, one user may have no more files in
 * flight than RLIMIT_NOFILE says: -ETOOMANYREFS.
 */
#include <task/cred.h>
#include <task/rlimit.h>
#include "unix.h"

static struct spinlock gc_lock = SPINLOCK_INIT(RANK_FILES);
static LIST_HEAD(in_flight);		/* g: usock.gc_link */
u32 unix_tot_inflight;			/* g */
static bool gc_running, gc_again;	/* g */

static inline struct usock *
unix_of_file(const struct file *f)
{
	struct socket *s = sock_of_file(f);

	return s && s->family == AF_UNIX ? usock_of(s) : NULL;
}

/* -- counting ------------------------------------------------------------ */

int
unix_inflight_add(struct scm_fds *f)
{
	struct user_count *user = current_cred()->user;

	if (atomic_read(&user->unix_inflight) > (s64)rlimit_cur(RLIMIT_NOFILE)
	    && rlimit_cur(RLIMIT_NOFILE) < INT_MAX &&
	    !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN))
		return -ETOOMANYREFS;
	refcount_get(&user->count);
	f->user = user;
	f->in_flight = true;
	atomic_add(&user->unix_inflight, f->n);
	spin_lock(&gc_lock);
	for (u32 i = 0; i < f->n; i++) {
		struct usock *u = unix_of_file(f->file[i]);

		if (!u)
			continue;
		if (!u->inflight++)
			list_add_tail(&u->gc_link, &in_flight);
		unix_tot_inflight++;
	}
	spin_unlock(&gc_lock);
	return 0;
}

void
unix_inflight_del(struct scm_fds *f)
{
	struct user_count *user = f->user;

	spin_lock(&gc_lock);
	for (u32 i = 0; i < f->n; i++) {
		struct usock *u = unix_of_file(f->file[i]);

		if (!u)
			continue;
		if (!--u->inflight)
			list_del_init(&u->gc_link);
		unix_tot_inflight--;
	}
	spin_unlock(&gc_lock);
	f->in_flight = false;
	f->user = NULL;
	atomic_sub(&user->unix_inflight, f->n);
	user_put(user);
}

/* for MSG_PEEK: under the lock, lest a candidate becomes reachable unseen */
struct scm_fds *
unix_inflight_dup(struct scm_fds *f)
{
	struct scm_fds *n = kmalloc(sizeof(*n), GFP_KERNEL);

	if (!n)
		return NULL;
	n->n = f->n;
	n->in_flight = false;
	n->user = NULL;
	spin_lock(&gc_lock);
	for (u32 i = 0; i < f->n; i++) {
		n->file[i] = f->file[i];
		file_get(n->file[i]);
	}
	spin_unlock(&gc_lock);
	return n;
}

/* -- collecting ---------------------------------------------------------- */

typedef void (*visit_fn)(struct usock *u, struct list_head *live);

static void
visit_queue(struct usock *u, visit_fn fn, struct list_head *live)
{
	for (struct umsg *g = u->head; g; g = g->next) {
		if (!g->fds)
			continue;
		for (u32 i = 0; i < g->fds->n; i++) {
			struct usock *v = unix_of_file(g->fds->file[i]);

			if (v && v->gc_cand)
				fn(v, live);
		}
	}
}

/* all candidates in what u, once received, would give access to */
static void
visit(struct usock *u, visit_fn fn, struct list_head *live)
{
	struct usock *e;

	spin_lock(&u->s.lock);
	visit_queue(u, fn, live);
	list_for_each_entry(e, &u->acceptq, accept_link) {
		spin_lock_nested(&e->s.lock);	/* after its listener */
		visit_queue(e, fn, live);
		spin_unlock(&e->s.lock);
	}
	spin_unlock(&u->s.lock);
}

static void
visit_count(struct usock *u, struct list_head *live)
{
	u->gc_refs--;
}

static void
visit_rescue(struct usock *u, struct list_head *live)
{
	u->gc_cand = false;
	list_move_tail(&u->gc_link, live);
}

static void
strip_queue(struct usock *u, struct umsg **dead)
{
	struct umsg *g = queue_take(u), *last = g;

	if (!g)
		return;
	while (last->next)
		last = last->next;
	last->next = *dead;
	*dead = g;
}

/* u's messages, and those of connections it did not accept, to *dead */
static void
strip(struct usock *u, struct umsg **dead)
{
	struct usock *e;

	spin_lock(&u->s.lock);
	strip_queue(u, dead);
	list_for_each_entry(e, &u->acceptq, accept_link) {
		spin_lock_nested(&e->s.lock);
		strip_queue(e, dead);
		spin_unlock(&e->s.lock);
	}
	spin_unlock(&u->s.lock);
}

/* one round; what is to be freed */
static struct umsg *
collect(void)
{
	LIST_HEAD(cand);
	LIST_HEAD(live);
	struct umsg *dead = NULL;
	struct usock *u, *n;

	list_for_each_entry_safe(u, n, &in_flight, gc_link) {
		struct file *f = READ_ONCE(u->s.file);

		if (!f || (u32)refcount_read(&f->count) != u->inflight)
			continue;
		u->gc_cand = true;
		u->gc_refs = u->inflight;
		list_move_tail(&u->gc_link, &cand);
	}
	list_for_each_entry(u, &cand, gc_link)
		visit(u, visit_count, NULL);
	list_for_each_entry_safe(u, n, &cand, gc_link)
		if (u->gc_refs)
			visit_rescue(u, &live);
	/* the list grows while it is walked */
	list_for_each_entry(u, &live, gc_link)
		visit(u, visit_rescue, &live);
	list_for_each_entry(u, &cand, gc_link) {
		u->gc_cand = false;
		strip(u, &dead);
	}
	list_splice_tail(&live, &in_flight);
	list_splice_tail(&cand, &in_flight);
	return dead;
}

void
unix_gc(void)
{
	struct umsg *dead;

	spin_lock(&gc_lock);
	gc_again = true;
	if (gc_running) {		/* who runs does it once more */
		spin_unlock(&gc_lock);
		return;
	}
	gc_running = true;
	while (gc_again) {
		gc_again = false;
		dead = collect();
		if (!dead)
			continue;
		spin_unlock(&gc_lock);
		umsg_free_list(dead);
		spin_lock(&gc_lock);
	}
	gc_running = false;
	spin_unlock(&gc_lock);
}
