/* SPDX-License-Identifier: MIT */
/*
 * Sockets' door. A family (AF_UNIX, AF_INET, AF_NETLINK...) registers a struct
 * sock_family; its sockets embed struct socket as their first member and give
 * it a table of operations. kernel/net/socket.c makes files of them, sockopt.c
 * answers SOL_SOCKET, syscall/sys_net.c holds the system calls.
 *
 * Lifetime: a socket is counted. Its file owns one reference, which release()
 * consumes; others (a peer, a queued message) may keep it longer. free() runs
 * when the last one went.
 *
 * Legend: I immutable after creation; a atomic or racy by design; l s->lock.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <abi/poll.h>
#include <abi/socket.h>
#include <core/refcount.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <lib/set.h>
#include <mm/iov_iter.h>
#include <sched/waitq.h>
#include <task/cred.h>
#include <vfs/file.h>

struct socket;

/* One message on its way in or out. */
struct sock_msg {
	struct iov_iter *iter;		/* data: source of a send, else dest */
	/* send: where to, name_len bytes; receive: room for whom from, or NULL */
	struct abi_sockaddr_storage *name;
	u32 name_len;			/* receive: set by the family */
	u32 flags;			/* MSG_* asked for */
	u32 out_flags;			/* receive: MSG_TRUNC, MSG_CTRUNC... */
	const u8 *control;		/* send: kernel copy */
	u8 __user *ucontrol;		/* receive: NULL or room */
	size_t control_len;		/* send: bytes; receive: room left */
};

/*
 * All in T and may sleep; no lock is held. NULL members: -EOPNOTSUPP. Errors
 * as section 2 of the manual. Addresses are kernel copies in a buffer of 128
 * bytes, len <= 128, not looked at before.
 */
struct sock_ops {
	/* the file is gone; its reference is consumed */
	void (*release)(struct socket *s);
	void (*free)(struct socket *s);		/* the last reference went */
	int (*bind)(struct socket *s, struct abi_sockaddr_storage *a, u32 len);
	/* flags: MSG_DONTWAIT */
	int (*connect)(struct socket *s, struct abi_sockaddr_storage *a,
		       u32 len, u32 flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*listen)(struct socket *s, int backlog);	/* 0..somaxconn */
	/* *out: referenced, without a file. flags: MSG_DONTWAIT */
	int (*accept)(struct socket *s, u32 flags, struct socket **out);
	/* length of the name put into *out or -errno; which: SOCK_NAME_* */
	int (*getname)(struct socket *s, struct abi_sockaddr_storage *out,
		       int which);
	/* POLL* now; the caller queued on s->wq. want: events of interest */
	u32 (*poll)(struct socket *s, u32 want);
	int (*ioctl)(struct socket *s, u32 cmd, unsigned long arg);
	int (*shutdown)(struct socket *s, int how);	/* SHUT_*, checked */
	/* other levels than SOL_SOCKET */
	int (*setsockopt)(struct socket *s, int level, int opt,
			  const void __user *val, u32 len);
	int (*getsockopt)(struct socket *s, int level, int opt,
			  void __user *val, int __user *len);
	/* a SOL_SOCKET option was stored in *s; may refuse with -errno */
	int (*option_set)(struct socket *s, int opt);
	ssize_t (*sendmsg)(struct socket *s, struct sock_msg *m);
	ssize_t (*recvmsg)(struct socket *s, struct sock_msg *m);
	/* is it listening? for SO_ACCEPTCONN; NULL: never */
	bool (*listening)(const struct socket *s);
};
#define SOCK_NAME_OWN	0
#define SOCK_NAME_PEER	1
#define ENOIOCTLCMD	515		/* ioctl: not mine, ask the next */

struct sock_family {
	int family;			/* AF_* */
	const char *name;
	/*
	 * create - a new socket, referenced once. -ESOCKTNOSUPPORT,
	 * -EPROTONOSUPPORT, -EPERM, -ENOMEM...
	 */
	int (*create)(int type, int protocol, struct socket **out);
};
/* SET_ADD(sock_family, unix_family); */

enum sock_flag {		/* s->flags, bits */
	SOCK_PASSCRED, SOCK_PASSSEC, SOCK_TIMESTAMP, SOCK_TIMESTAMPNS,
	SOCK_REUSEADDR, SOCK_REUSEPORT, SOCK_KEEPALIVE, SOCK_BROADCAST,
	SOCK_DONTROUTE, SOCK_OOBINLINE, SOCK_NO_CHECK, SOCK_DEBUG,
	SOCK_RXQ_OVFL, SOCK_LINGER, SOCK_ASYNC
};

struct socket {
	struct refcount count;
	u16 family;			/* I */
	u8 type;			/* I: SOCK_* */
	u8 shutdown;			/* l: SHUTDOWN_* */
	int protocol;			/* I */
	const struct sock_ops *ops;	/* I */
	struct file *file;		/* l: NULL before accept, after close */
	struct spinlock lock;		/* rank objqueue */
	struct waitq wq;		/* all sleepers and pollers, by POLL* key */
	u32 flags;			/* a: enum sock_flag */
	int err;			/* a: SO_ERROR, positive */
	u32 sndbuf, rcvbuf;		/* a: bytes */
	int rcvlowat;
	nsec_t rcvtimeo, sndtimeo;	/* NSEC_MAX: for ever */
	int peek_off;			/* SO_PEEK_OFF, -1: off */
	u32 priority, mark;
	int linger_s;			/* with SOCK_LINGER */
	struct pid *peer_pid;		/* l: counted; SO_PEERCRED */
	const struct cred *peer_cred;	/* l: counted */
	u64 cookie;			/* a: SO_COOKIE, 0: not asked yet */
};
#define SHUTDOWN_RCV	BIT(0)
#define SHUTDOWN_SEND	BIT(1)
#define SHUTDOWN_ALL	(SHUTDOWN_RCV | SHUTDOWN_SEND)

extern int sock_wmem_default, sock_rmem_default;	/* net.core.* */
extern int sock_wmem_max, sock_rmem_max, sock_somaxconn;
extern const struct file_ops socket_fops;

/* socket.c */

/* sock_init - the common part of a new socket: one reference. */
void sock_init(struct socket *s, const struct sock_ops *ops, int family,
	       int type, int protocol);
static inline void sock_get(struct socket *s) { refcount_get(&s->count); }
void sock_put(struct socket *s);		/* T */
/* sock_create - socket(2) without the descriptor. */
int sock_create(int family, int type, int protocol, struct socket **out);
/*
 * sock_file - file for s, whose reference it takes over (on failure s is
 * released). oflags: O_NONBLOCK or 0.
 */
int sock_file(struct socket *s, u32 oflags, struct file **out);
void sock_release(struct socket *s);	/* a socket that never got a file */
/* sock_of_file - f's socket or NULL when f is none. */
static __always_inline struct socket *
sock_of_file(const struct file *f)
{
	return likely(f->op == &socket_fops) ? f->private : NULL;
}
/* SO_PEERCRED of s becomes current's (that of from, which may have none) */
void sock_peer_self(struct socket *s);
void sock_peer_copy(struct socket *s, struct socket *from);
static __always_inline bool
sock_has(const struct socket *s, enum sock_flag f)
{
	return READ_ONCE(s->flags) & BIT(f);
}
/* sock_error - -errno of the pending error, which is taken, or 0. */
static __always_inline int
sock_error(struct socket *s)
{
	if (likely(!READ_ONCE(s->err)))
		return 0;
	return -(int)xchg(&s->err, 0);
}
/* network devices' requests (SIOCGIF*), set by whoever knows devices */
extern int (*sock_dev_ioctl)(struct socket *s, u32 cmd, unsigned long arg);

/* sockopt.c: SOL_SOCKET; getsockopt(2), setsockopt(2) */
int sock_setsockopt(struct socket *s, int opt, const void __user *val, u32 len);
int sock_getsockopt(struct socket *s, int opt, void __user *val,
		    int __user *len);
/* sock_put_opt - getsockopt's end: min(*ulen, len) bytes and the length. */
int sock_put_opt(void __user *uval, int __user *ulen, const void *val, u32 len);

/* -- sleeping and waking ------------------------------------------------- */

/* waitq_entry.func of who waits to read (write): by key; runs here, next */
bool sock_wake_rd(struct waitq_entry *e, unsigned long key);
bool sock_wake_wr(struct waitq_entry *e, unsigned long key);

/* sock_wait - until cond, queued exclusively. 0, -ERESTARTSYS, -ETIMEDOUT */
#define sock_wait(q, cond, wakefn, deadline) ({ \
	int sw_ = 0; \
	struct waitq_entry we_ = { .link = LIST_HEAD_INIT(we_.link), \
		.thread = current_thread, .func = (wakefn), \
		.flags = WQ_EXCLUSIVE }; \
	for (;;) { \
		waitq_prepare((q), &we_, TS_INTERRUPTIBLE); \
		if (cond) \
			break; \
		if (signal_pending_current()) { \
			sw_ = -ERESTARTSYS; \
			break; \
		} \
		if ((deadline) == NSEC_MAX) { \
			schedule(); \
		} else if (schedule_until(deadline)) { \
			sw_ = -ETIMEDOUT; \
			break; \
		} \
	} \
	waitq_finish((q), &we_); \
	/* see wait_event_common() */ \
	if (unlikely(sw_) && (cond)) \
		sw_ = 0; \
	sw_; })

static inline nsec_t
sock_deadline(nsec_t timeo)
{
	nsec_t now;

	if (timeo == NSEC_MAX)
		return NSEC_MAX;
	now = clock_mono_ns();
	return timeo >= NSEC_MAX - now ? NSEC_MAX : now + timeo;
}
static inline nsec_t
sock_sndtimeo(const struct socket *s, u32 flags)
{
	return flags & MSG_DONTWAIT ? 0 : s->sndtimeo;
}
static inline nsec_t
sock_rcvtimeo(const struct socket *s, u32 flags)
{
	return flags & MSG_DONTWAIT ? 0 : s->rcvtimeo;
}
/* sock_wait's result as socket(7), SO_RCVTIMEO, and signal(7) want it */
static inline int
sock_wait_error(int err, nsec_t timeo)
{
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err == -ERESTARTSYS && timeo != NSEC_MAX ? -EINTR : err;
}

/* SIGIO to the file's owner; code: POLL_IN... of sigaction(2) */
void sock_send_sigio(struct socket *s, int code);
#define SOCK_POLL_IN	1
#define SOCK_POLL_OUT	2
#define SOCK_POLL_HUP	6

/* one reader, or all writers; all pollers. Any context but I; s->lock not
 * needed. Who leaves data behind wakes the next reader. */
static __always_inline void
sock_wake_readers(struct socket *s)
{
	smp_mb();
	if (waitq_active(&s->wq))
		waitq_wake(&s->wq, 1, POLLIN | POLLRDNORM);
	if (unlikely(sock_has(s, SOCK_ASYNC)))
		sock_send_sigio(s, SOCK_POLL_IN);
}

static __always_inline void
sock_wake_writers(struct socket *s)
{
	smp_mb();
	if (waitq_active(&s->wq))
		waitq_wake(&s->wq, 0, POLLOUT | POLLWRNORM | POLLWRBAND);
	if (unlikely(sock_has(s, SOCK_ASYNC)))
		sock_send_sigio(s, SOCK_POLL_OUT);
}
/* shut down, error: everybody looks again */
void sock_wake_state(struct socket *s);

#endif
