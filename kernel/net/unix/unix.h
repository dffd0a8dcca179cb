/* SPDX-License-Identifier: MIT */
/*
 * What the files of net/unix share. See unix.c for the whole picture.
 *
 * Legend: I immutable after creation; a atomic or racy by design; l the
 * socket's lock; c its conf mutex; t unix_lock; g gc_lock.
 */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include <abi/errno.h>
#include <lib/list.h>
#include <mm/slab.h>
#include <net/scm.h>
#include <net/sock.h>
#include <sched/mutex.h>
#include <task/task.h>

struct usock;

/* A name, shared by a listener and what it accepted; never changes. */
struct uaddr {
	struct refcount count;
	u32 len;			/* of sun, as getsockname(2) tells it */
	u32 hash;			/* abstract names */
	union {
		struct abi_sockaddr_un sun;
		char raw[sizeof(struct abi_sockaddr_un) + 2];
	};		/* a path may need one byte more for its NUL */
};

/* One message in a receive queue: data in line, or in pages. */
struct umsg {
	struct umsg *next;		/* l of the queue's socket */
	u32 len;			/* bytes left; reader only */
	u32 off;			/* bytes taken; reader only */
	u32 charge;			/* what it counts against SO_SNDBUF */
	u32 nr_pages;			/* 0: data follows in line */
	pid_t pid;			/* 0, -1, -1: sent without credentials */
	uid_t uid;
	gid_t gid;
	u32 pad;
	struct usock *from;		/* counted: datagrams' sender, else NULL */
	struct scm_fds *fds;		/* owned, in flight */
	union {
		u8 data[0];
		struct page *page[0];
	};
};
#define UMSG_INLINE	(2048 - sizeof(struct umsg))
#define UMSG_OVERHEAD	256		/* counted for each message */
#define UMSG_CHUNK	(32 * 1024)	/* a stream's largest message */

enum ustate { US_CLOSE, US_LISTEN, US_ESTABLISHED };

struct usock {
	struct socket s;		/* first */
	u8 state;			/* l writes, with c; enum ustate */
	bool dead;			/* l: released */
	bool rx_starved;		/* l: a writer waits for this queue */
	bool tx_starved;		/* a: datagrams: we wait for wmem */
	struct usock *peer;		/* l: counted; stream: set once */

	/* receive queue; only the holder of rd_lock takes from it */
	struct mutex rd_lock;		/* rank object */
	struct umsg *head, **tail;	/* l for writers */
	u32 qlen;			/* l: messages, or connections waiting */
	u32 rx_mem;			/* l: charges of stream and seqpacket */
	u32 backlog;			/* l: qlen above it is full */
	atomic_t wmem;			/* a: charges of datagrams under way */

	/* those who wait for room here: blocked ones, and polling ones */
	struct waitq peer_wait;
	struct list_head pollers;	/* l: usock.poll_link */
	struct list_head poll_link;	/* l of the peer */

	/* listening: connections to be accepted, oldest first */
	struct list_head acceptq;	/* l: usock.accept_link */
	struct list_head accept_link;

	/* names */
	struct mutex conf;		/* rank object: bind, listen, connect */
	struct uaddr *addr;		/* c: counted; set once, then I */
	struct path path;		/* c: counted; the bound inode */
	struct hlist_node bind_link;	/* t: by inode, or by name */
	struct list_head all_link;	/* t */

	/* garbage collection */
	u32 inflight;			/* g: passed, not yet received */
	u32 gc_refs;			/* g */
	bool gc_cand;			/* g */
	struct list_head gc_link;	/* g: with inflight > 0 */
};

static inline struct usock *
usock_of(struct socket *s)
{
	return container_of(s, struct usock, s);
}
static inline void usock_get(struct usock *u) { sock_get(&u->s); }
static inline void usock_put(struct usock *u) { sock_put(&u->s); }

static inline bool
usock_connected_kind(const struct usock *u)
{
	return u->s.type != SOCK_DGRAM;
}
static inline bool
recvq_full(const struct usock *u)
{
	return READ_ONCE(u->qlen) > READ_ONCE(u->backlog);
}
/* socket(7): writable when no more than a quarter is used */
static inline bool
mem_writable(u32 used, const struct socket *s)
{
	return (u64)used << 2 <= READ_ONCE(s->sndbuf);
}

/* ---- unix.c ---- */
extern struct spinlock unix_lock;	/* rank dcache: tables, list of all */
extern struct list_head unix_all;	/* t */
extern int unix_max_dgram_qlen;
/* 0 or -ESOCKTNOSUPPORT...; type is one of the three */
int usock_create(int type, struct usock **out);
/* shutdown bits of s change: everybody looks again */
void usock_shut(struct usock *u, u8 how, int err);

/* ---- bind.c ---- */
int unix_bind(struct socket *s, struct abi_sockaddr_storage *a, u32 len);
int unix_autobind(struct usock *u);
/* -EINVAL unless a is a name */
int unix_check_addr(const struct abi_sockaddr_storage *a, u32 len);
/* a's owner, counted; a is checked. -ECONNREFUSED, -EPROTOTYPE, of the path */
int unix_find(struct abi_sockaddr_storage *a, u32 len, int type,
	      struct usock **out);
void unix_unbind(struct usock *u);	/* the name is free again */
void uaddr_put(struct uaddr *a);
/* name of u into *out (u->addr may be NULL): length, 0 for none */
u32 unix_copy_addr(const struct usock *u, struct abi_sockaddr_storage *out);

/* ---- connect.c ---- */
int unix_stream_connect(struct socket *s, struct abi_sockaddr_storage *a,
			u32 len, u32 flags);
int unix_listen(struct socket *s, int backlog);
int unix_accept(struct socket *s, u32 flags, struct socket **out);
/* wait until other's queue has room, or it is dead; as connect(2) */
int unix_wait_room(struct usock *other, nsec_t timeo);

/* ---- msg.c ---- */
struct umsg *umsg_alloc(size_t len);	/* NULL: no memory */
/* fill: 0 or -EFAULT; copy: bytes, short on a fault */
int umsg_fill(struct umsg *g, struct iov_iter *from);
size_t umsg_copy(const struct umsg *g, size_t skip, size_t len,
		 struct iov_iter *to);
void umsg_free(struct umsg *g);		/* with its charge to g->from */
void umsg_free_list(struct umsg *g);
/* credentials and, once, descriptors of c to g: 0, -ETOOMANYREFS */
int umsg_attach(struct umsg *g, struct scm *c, const struct usock *from,
		const struct usock *to);
void umsg_own_creds(struct umsg *g);	/* the current task's */
/* g's to c; detach takes the files from g unless peek. 0 or -ENOMEM */
void umsg_creds(const struct umsg *g, struct scm *c);
int umsg_take_fds(struct umsg *g, struct scm *c, bool peek);

/* lock held: g becomes the last of u's queue */
static __always_inline void
queue_add(struct usock *u, struct umsg *g)
{
	g->next = NULL;
	smp_store_release(u->tail, g);
	u->tail = &g->next;
	u->qlen++;
}
/* lock held: g is u's first and leaves */
static __always_inline void
queue_del_first(struct usock *u, struct umsg *g)
{
	u->head = g->next;
	if (!g->next)
		u->tail = &u->head;
	u->qlen--;
}
/* lock held: all messages of u, for umsg_free_list() */
struct umsg *queue_take(struct usock *u);

/* ---- stream.c ---- */
ssize_t unix_stream_sendmsg(struct socket *s, struct sock_msg *m);
ssize_t unix_stream_recvmsg(struct socket *s, struct sock_msg *m);
bool unix_stream_writable(struct usock *u);	/* notes that we wait if not */
/* room in the peer's queue: 0, -EAGAIN, -EPIPE, error of s, of a signal */
int unix_wait_peer_mem(struct usock *u, struct usock *peer, nsec_t timeo);
/* g to peer's queue: 0 or -EPIPE. Not freed on failure */
int unix_push(struct usock *peer, struct umsg *g);
/* g, read, leaves u's queue and is freed */
void unix_pop(struct usock *u, struct umsg *g);

/* ---- dgram.c ---- */
int unix_dgram_connect(struct socket *s, struct abi_sockaddr_storage *a,
		       u32 len, u32 flags);
ssize_t unix_dgram_sendmsg(struct socket *s, struct sock_msg *m);
ssize_t unix_seqpacket_sendmsg(struct socket *s, struct sock_msg *m);
ssize_t unix_dgram_recvmsg(struct socket *s, struct sock_msg *m);
bool unix_dgram_writable(struct usock *u);	/* notes that we wait if not */
/* there is room in u's queue again (or it is dead): its senders look */
void unix_room(struct usock *u);
struct usock *unix_peer_get(struct usock *u);	/* counted or NULL */
void unix_poll_unlink(struct usock *u, struct usock *peer);

/* ---- gc.c ---- */
extern u32 unix_tot_inflight;		/* AF_UNIX sockets in flight */
int unix_inflight_add(struct scm_fds *f);	/* 0 or -ETOOMANYREFS */
void unix_inflight_del(struct scm_fds *f);
struct scm_fds *unix_inflight_dup(struct scm_fds *f);
void unix_gc(void);
#define UNIX_INFLIGHT_MANY 16000	/* then senders collect, too */

#endif
