/* SPDX-License-Identifier: MIT */
/*
 * Messages in AF_UNIX queues. Up to 2 KiB stand in the allocation itself;
 * longer ones are in pages, filled and emptied a page at a time. A datagram
 * keeps its sender, whose SO_SNDBUF it counts against until it is freed; a
 * stream's message counts in the queue it is in (see stream.c).
 */
#include <lib/string.h>
#include <mm/page.h>
#include <task/cred.h>
#include <task/pid.h>
#include "unix.h"

static void
free_pages(struct umsg *g)
{
	for (u32 i = 0; i < g->nr_pages; i++)
		page_put(g->page[i]);
}

static struct umsg *
alloc_pages(size_t len)
{
	u32 n = DIV_ROUND_UP(len, PAGE_SIZE);
	struct umsg *g = kmalloc(sizeof(*g) + n * sizeof(g->page[0]),
				 GFP_KERNEL);

	if (!g)
		return NULL;
	g->charge = UMSG_OVERHEAD + n * PAGE_SIZE;
	for (g->nr_pages = 0; g->nr_pages < n; g->nr_pages++) {
		struct page *p = page_alloc1(GFP_USER);

		if (unlikely(!p)) {
			free_pages(g);
			kfree(g);
			return NULL;
		}
		g->page[g->nr_pages] = p;
		cond_resched();
	}
	return g;
}

struct umsg *
umsg_alloc(size_t len)
{
	struct umsg *g;

	if (likely(len <= UMSG_INLINE)) {
		g = kmalloc(sizeof(*g) + len, GFP_KERNEL);
		if (unlikely(!g))
			return NULL;
		g->nr_pages = 0;
		g->charge = UMSG_OVERHEAD + len;
	} else {
		g = alloc_pages(len);
		if (unlikely(!g))
			return NULL;
	}
	g->len = len;
	g->off = 0;
	g->pid = 0;
	g->uid = ~0U;
	g->gid = ~0U;
	g->from = NULL;
	g->fds = NULL;
	return g;
}

int
umsg_fill(struct umsg *g, struct iov_iter *from)
{
	size_t left = g->len;

	if (likely(!g->nr_pages))
		return copy_from_iter(g->data, left, from) == left ? 0 :
			-EFAULT;
	for (u32 i = 0; left; i++) {
		size_t n = min(left, PAGE_SIZE);

		if (copy_from_iter(page_to_virt(g->page[i]), n, from) != n)
			return -EFAULT;
		left -= n;
	}
	return 0;
}

size_t
umsg_copy(const struct umsg *g, size_t skip, size_t len, struct iov_iter *to)
{
	size_t at = g->off + skip, done = 0;

	if (likely(!g->nr_pages))
		return copy_to_iter(g->data + at, len, to);
	while (done < len) {
		size_t off = at & (PAGE_SIZE - 1);
		size_t n = min(len - done, PAGE_SIZE - off), c;

		c = copy_to_iter((u8 *)page_to_virt(g->page[at >> PAGE_SHIFT]) +
				 off, n, to);
		done += c;
		at += c;
		if (unlikely(c < n))
			break;
	}
	return done;
}

void
umsg_free(struct umsg *g)
{
	struct usock *from = g->from;

	if (unlikely(g->nr_pages))
		free_pages(g);
	if (from) {
		s32 left = atomic_sub_return(&from->wmem, g->charge);

		if (unlikely(READ_ONCE(from->tx_starved)) &&
		    mem_writable(left, &from->s)) {
			WRITE_ONCE(from->tx_starved, false);
			sock_wake_writers(&from->s);
		}
		usock_put(from);
	}
	if (unlikely(g->fds)) {
		unix_inflight_del(g->fds);
		scm_fds_free(g->fds);
	}
	kfree(g);
}

void
umsg_free_list(struct umsg *g)
{
	struct umsg *next;

	for (; g; g = next) {
		next = g->next;
		umsg_free(g);
		cond_resched();
	}
}

struct umsg *
queue_take(struct usock *u)
{
	struct umsg *g = u->head;

	u->head = NULL;
	u->tail = &u->head;
	if (u->state != US_LISTEN)
		u->qlen = 0;
	u->rx_mem = 0;
	return g;
}

/* -- credentials and files ----------------------------------------------- */

void
umsg_own_creds(struct umsg *g)
{
	const struct cred *me = current_cred();

	g->pid = pid_nr(current->tgid);
	g->uid = me->uid;
	g->gid = me->gid;
}

int
umsg_attach(struct umsg *g, struct scm *c, const struct usock *from,
	    const struct usock *to)
{
	if (unlikely(c->creds)) {
		g->pid = c->pid;
		g->uid = c->uid;
		g->gid = c->gid;
	} else if (unlikely(sock_has(&from->s, SOCK_PASSCRED) ||
			    (to && sock_has(&to->s, SOCK_PASSCRED)))) {
		umsg_own_creds(g);
	}
	if (unlikely(c->fds)) {
		int err = unix_inflight_add(c->fds);

		if (err)
			return err;
		g->fds = c->fds;
		c->fds = NULL;
	}
	return 0;
}

void
umsg_creds(const struct umsg *g, struct scm *c)
{
	c->creds = true;
	c->pid = g->pid;
	c->uid = g->uid != ~0U ? g->uid : 65534;
	c->gid = g->gid != ~0U ? g->gid : 65534;
}

int
umsg_take_fds(struct umsg *g, struct scm *c, bool peek)
{
	if (peek) {
		c->fds = unix_inflight_dup(g->fds);
		return c->fds ? 0 : -ENOMEM;
	}
	c->fds = g->fds;
	g->fds = NULL;
	unix_inflight_del(c->fds);
	return 0;
}
