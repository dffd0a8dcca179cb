/* SPDX-License-Identifier: MIT */
/*
 * Ancillary messages, cmsg(3), unix(7): SCM_RIGHTS and SCM_CREDENTIALS.
 *
 * Dropping files that were passed may close sockets, whose queues hold more
 * files, and so on, as deep as somebody cared to nest them. So that this does
 * not eat the stack, a thread that is in the middle of dropping only notes
 * further lists and drops them afterwards: `droppers` names these threads.
 */
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <net/scm.h>
#include <task/pid_ns.h>
#include <task/task.h>
#include <task/user_ns.h>

struct dropper {
	struct dropper *next;		/* drop_lock */
	struct task *task;
	struct scm_fds *todo;		/* its task's alone */
};

static struct spinlock drop_lock = SPINLOCK_INIT(RANK_FILES);
static struct dropper *droppers;

static struct dropper *
dropper_find(void)
{
	struct dropper *d;

	spin_lock(&drop_lock);
	for (d = droppers; d && d->task != current;)
		d = d->next;
	spin_unlock(&drop_lock);
	return d;
}

static void
drop_files(struct scm_fds *f)
{
	for (u32 i = 0; i < f->n; i++)
		file_put(f->file[i]);
	kfree(f);
	cond_resched();
}

void
scm_fds_free(struct scm_fds *f)
{
	struct dropper me = { .task = current }, *d, **pp;

	if (!f)
		return;
	d = dropper_find();
	if (d) {
		f->next = d->todo;
		d->todo = f;
		return;
	}
	spin_lock(&drop_lock);
	me.next = droppers;
	droppers = &me;
	spin_unlock(&drop_lock);
	drop_files(f);
	while ((f = me.todo)) {
		me.todo = f->next;
		drop_files(f);
	}
	spin_lock(&drop_lock);
	for (pp = &droppers; *pp != &me;)
		pp = &(*pp)->next;
	*pp = me.next;
	spin_unlock(&drop_lock);
}

struct scm_fds *
scm_fds_dup(const struct scm_fds *f)
{
	struct scm_fds *n = kmalloc(sizeof(*n), GFP_KERNEL);

	if (!n)
		return NULL;
	n->n = f->n;
	n->in_flight = false;
	n->user = NULL;
	for (u32 i = 0; i < f->n; i++) {
		n->file[i] = f->file[i];
		file_get(n->file[i]);
	}
	return n;
}

/* -- sending ------------------------------------------------------------- */

static int
parse_rights(const int *fds, size_t bytes, struct scm *c)
{
	size_t n = bytes / sizeof(int);
	struct scm_fds *f = c->fds;

	if (!n)
		return 0;
	if (n > SCM_MAX_FD)
		return -EINVAL;
	if (!f) {
		f = kmalloc(sizeof(*f), GFP_KERNEL);
		if (!f)
			return -ENOMEM;
		f->n = 0;
		f->in_flight = false;
		f->user = NULL;
		c->fds = f;
	}
	if (f->n + n > SCM_MAX_FD)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		struct fd fd;

		if (fds[i] < 0)
			return -EBADF;
		fd = fdget_raw(fds[i]);
		if (!fd.file)
			return -EBADF;
		file_get(fd.file);
		f->file[f->n++] = fd.file;
		fdput(fd);
	}
	return 0;
}

/* may current claim to be u? unix(7), SCM_CREDENTIALS */
static int
parse_creds(const struct abi_ucred *u, struct scm *c)
{
	const struct cred *me = current_cred();
	uid_t uid = make_kuid(me->user_ns, u->uid);
	gid_t gid = make_kgid(me->user_ns, u->gid);
	struct pid *p;

	if (uid == INVALID_ID || gid == INVALID_ID)
		return -EINVAL;

	if (u->pid != task_tgid(current) &&
	    !ns_capable(current_pid_ns()->ns.owner, CAP_SYS_ADMIN))
		return -EPERM;
	if (uid != me->uid && uid != me->euid && uid != me->suid &&
	    !ns_capable(me->user_ns, CAP_SETUID))
		return -EPERM;
	if (gid != me->gid && gid != me->egid && gid != me->sgid &&
	    !ns_capable(me->user_ns, CAP_SETGID))
		return -EPERM;
	p = pid_find_get(u->pid);
	if (!p)
		return -ESRCH;
	c->pid = pid_nr(p);
	pid_put(p);
	c->creds = true;
	c->uid = uid;
	c->gid = gid;
	return 0;
}

int
scm_parse(struct socket *s, const struct sock_msg *m, struct scm *c)
{
	struct abi_cmsghdr h;
	struct abi_ucred u;
	size_t at = 0, left;
	int err = 0;

	while (!err && (left = m->control_len - at) >= sizeof(h)) {
		const u8 *data = m->control + at + sizeof(h);

		memcpy(&h, m->control + at, sizeof(h));
		if (h.cmsg_len < sizeof(h) || h.cmsg_len > left) {
			err = -EINVAL;
			break;
		}
		if (h.cmsg_level != SOL_SOCKET) {
			;
		} else if (h.cmsg_type == SCM_RIGHTS && s->family == AF_UNIX) {
			err = parse_rights((const int *)data,
					   h.cmsg_len - sizeof(h), c);
		} else if (h.cmsg_type == SCM_CREDENTIALS &&
			   h.cmsg_len == CMSG_LEN(sizeof(u))) {
			memcpy(&u, data, sizeof(u));
			err = parse_creds(&u, c);
		} else {
			err = -EINVAL;
		}
		if (CMSG_ALIGN(h.cmsg_len) >= left)
			break;
		at += CMSG_ALIGN(h.cmsg_len);
	}
	if (err) {
		scm_fds_free(c->fds);
		scm_init(c);
	}
	return err;
}

/* -- receiving ----------------------------------------------------------- */

void
put_cmsg(struct sock_msg *m, int level, int type, const void *data, size_t len)
{
	struct abi_cmsghdr h = { CMSG_LEN(len), level, type };
	size_t space;

	if (!m->ucontrol || m->control_len < sizeof(h)) {
		m->out_flags |= MSG_CTRUNC;
		return;
	}
	if (m->control_len < h.cmsg_len) {
		m->out_flags |= MSG_CTRUNC;
		h.cmsg_len = m->control_len;
	}
	if (copyout(m->ucontrol, &h, sizeof(h)) ||
	    copyout(m->ucontrol + sizeof(h), data, h.cmsg_len - sizeof(h)))
		return;
	space = min(CMSG_SPACE(len), m->control_len);
	m->ucontrol += space;
	m->control_len -= space;
}

/* the files become descriptors as far as there is room; cmsg(3) */
static void
deliver_rights(struct sock_msg *m, const struct scm_fds *f)
{
	bool cloexec = m->flags & MSG_CMSG_CLOEXEC;
	int __user *to = (int __user *)(m->ucontrol +
					sizeof(struct abi_cmsghdr));
	struct abi_cmsghdr h = { 0, SOL_SOCKET, SCM_RIGHTS };
	u32 room = 0, i;
	size_t space;

	if (m->control_len > sizeof(h))
		room = min_t(size_t, f->n, (m->control_len - sizeof(h)) /
			     sizeof(int));
	for (i = 0; i < room; i++) {
		int fd = fd_alloc(0, cloexec);

		if (fd < 0)
			break;
		if (put_user(fd, to + i)) {
			fd_free(fd);
			break;
		}
		file_get(f->file[i]);
		fd_install(fd, f->file[i]);
	}
	if (i < f->n)
		m->out_flags |= MSG_CTRUNC;
	if (!i)
		return;
	h.cmsg_len = CMSG_LEN(i * sizeof(int));
	if (copyout(m->ucontrol, &h, sizeof(h)))
		return;
	space = min(CMSG_SPACE(i * sizeof(int)), m->control_len);
	m->ucontrol += space;
	m->control_len -= space;
}

void
scm_deliver_slow(struct socket *s, struct sock_msg *m, struct scm *c)
{
	const struct user_ns *ns = current_user_ns();
	struct scm_fds *f = c->fds;

	c->fds = NULL;
	if (!m->ucontrol) {
		m->out_flags |= MSG_CTRUNC;
	} else {
		if (sock_has(s, SOCK_PASSCRED)) {
			struct abi_ucred u = { 0, 0, 0 };

			if (c->creds)
				u = (struct abi_ucred){ pid_nr_here(c->pid),
					from_kuid_munged(ns, c->uid),
					from_kgid_munged(ns, c->gid) };
			put_cmsg(m, SOL_SOCKET, SCM_CREDENTIALS, &u,
				 sizeof(u));
		}
		if (f)
			deliver_rights(m, f);
	}
	scm_fds_free(f);
}
