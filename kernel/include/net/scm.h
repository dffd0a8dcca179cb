/* SPDX-License-Identifier: MIT */
/*
 * Ancillary messages of SOL_SOCKET, cmsg(3): descriptors and credentials. Any
 * family may use them; descriptors are AF_UNIX's.
 */
#ifndef NET_SCM_H
#define NET_SCM_H

#include <net/sock.h>

struct scm_fds {
	u32 n;
	bool in_flight;			/* counted by unix/gc.c */
	struct user_count *user;	/* counted: sender's, with in_flight */
	struct scm_fds *next;		/* scm.c: waiting to be freed */
	struct file *file[SCM_MAX_FD];	/* counted */
};

struct scm {
	struct scm_fds *fds;		/* owned, or NULL */
	bool creds;			/* the three below are valid */
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

static __always_inline void
scm_init(struct scm *c)
{
	c->fds = NULL;
	c->creds = false;
}

/*
 * scm_parse - read m->control of a send into *c (initialised).
 * 0, -EINVAL (form, unknown type, too many fds), -EBADF, -EPERM, -ESRCH,
 * -ENOMEM; on error *c holds nothing.
 */
int scm_parse(struct socket *s, const struct sock_msg *m, struct scm *c);
/* scm_deliver - write what *c has to m->ucontrol; *c is emptied. */
void scm_deliver_slow(struct socket *s, struct sock_msg *m, struct scm *c);
static __always_inline void
scm_deliver(struct socket *s, struct sock_msg *m, struct scm *c)
{
	if (unlikely(c->fds || sock_has(s, SOCK_PASSCRED)))
		scm_deliver_slow(s, m, c);
}
/* put_cmsg - one ancillary message; MSG_CTRUNC in m when it does not fit. */
void put_cmsg(struct sock_msg *m, int level, int type, const void *data,
	      size_t len);
/* scm_fds_dup - the same files again, not in flight. NULL: no memory */
struct scm_fds *scm_fds_dup(const struct scm_fds *f);
/* scm_fds_free - drop the files; not in flight any more. NULL is fine. T */
void scm_fds_free(struct scm_fds *f);

#endif
