/* SPDX-License-Identifier: MIT */
/*
 * Sockets as files. sockfs is a file system nobody mounts; each socket has an
 * inode of its own there (S_IFSOCK, socket:[n] in /proc/PID/fd), a file whose
 * private is the struct socket, and these file_ops, which turn read and write
 * into the family's recvmsg and sendmsg.
 *
 * A family's sockets exist before and after their file: what accept(2) will
 * return has none yet, and a closed socket lives on while peers or messages
 * refer to it. s->file changes under s->lock.
 */
#include <abi/ioctl.h>
#include <abi/signal.h>
#include <abi/statfs.h>
#include <abi/uio.h>
#include <core/assert.h>
#include <core/initcall.h>
#include <fs/procfs.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <net/sock.h>
#include <task/pid.h>
#include <task/task.h>
#include <vfs/inner.h>
#include <vfs/mount.h>

int sock_wmem_default = 212992, sock_rmem_default = 212992;
int sock_wmem_max = 212992, sock_rmem_max = 212992, sock_somaxconn = SOMAXCONN;
int (*sock_dev_ioctl)(struct socket *s, u32 cmd, unsigned long arg);

static struct vfsmount *sock_mnt;

SET_DECLARE(sock_family, const struct sock_family);

/* -- life ---------------------------------------------------------------- */

void
sock_init(struct socket *s, const struct sock_ops *ops, int family, int type,
	  int protocol)
{
	refcount_set(&s->count, 1);
	s->family = family;
	s->type = type;
	s->shutdown = 0;
	s->protocol = protocol;
	s->ops = ops;
	s->file = NULL;
	spin_init(&s->lock, RANK_OBJQUEUE);
	waitq_init(&s->wq);
	s->flags = 0;
	s->err = 0;
	s->sndbuf = sock_wmem_default;
	s->rcvbuf = sock_rmem_default;
	s->rcvlowat = 1;
	s->rcvtimeo = NSEC_MAX;
	s->sndtimeo = NSEC_MAX;
	s->peek_off = -1;
	s->priority = 0;
	s->mark = 0;
	s->linger_s = 0;
	s->peer_pid = NULL;
	s->peer_cred = NULL;
	s->cookie = 0;
}

void
sock_put(struct socket *s)
{
	if (!refcount_put(&s->count))
		return;
	if (s->peer_pid)
		pid_put(s->peer_pid);
	if (s->peer_cred)
		cred_put(s->peer_cred);
	s->ops->free(s);
}

static void
peer_set(struct socket *s, struct pid *pid, const struct cred *cred)
{
	struct pid *old_pid;
	const struct cred *old_cred;

	spin_lock(&s->lock);
	old_pid = s->peer_pid;
	old_cred = s->peer_cred;
	s->peer_pid = pid;
	s->peer_cred = cred;
	spin_unlock(&s->lock);
	if (old_pid)
		pid_put(old_pid);
	if (old_cred)
		cred_put(old_cred);
}

void
sock_peer_self(struct socket *s)
{
	pid_get(current->tgid);
	peer_set(s, current->tgid, cred_get(current_cred()));
}

void
sock_peer_copy(struct socket *s, struct socket *from)
{
	const struct cred *cred;
	struct pid *pid;

	spin_lock(&from->lock);
	pid = from->peer_pid;
	cred = from->peer_cred;
	if (pid) {
		pid_get(pid);
		cred_get(cred);
	}
	spin_unlock(&from->lock);
	if (pid)
		peer_set(s, pid, cred);
}

int
sock_create(int family, int type, int protocol, struct socket **out)
{
	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX)
		return -EINVAL;
	SET_FOREACH(sock_family, const struct sock_family, f)
		if ((*f)->family == family)
			return (*f)->create(type, protocol, out);
	return -EAFNOSUPPORT;
}

void
sock_release(struct socket *s)
{
	spin_lock(&s->lock);
	s->file = NULL;
	spin_unlock(&s->lock);
	s->ops->release(s);
}

static char *
sock_dname(struct dentry *d, char *buf, size_t len)
{
	char t[32];
	int n = scnprintf(t, sizeof(t), "socket:[%lu]", d->inode->ino);

	if ((size_t)n + 1 > len)
		return NULL;
	memcpy(buf + len - n - 1, t, n + 1);
	return buf + len - n - 1;
}

static const struct dentry_ops sock_dentry_ops = { .dname = sock_dname };

int
sock_file(struct socket *s, u32 oflags, struct file **out)
{
	static const struct qstr none = { "", 0, 0 };
	struct inode *i = inode_new(sock_mnt->sb);
	int err = -ENFILE;

	if (!i)
		goto fail;
	inode_init_owner(i, NULL, S_IFSOCK | S_IRWXUGO);
	err = file_alloc_named(sock_mnt, i, &none, &sock_dentry_ops,
			       &socket_fops, O_RDWR | (oflags & O_NONBLOCK),
			       out);
	if (err) {
		inode_put(i);
		goto fail;
	}
	(*out)->private = s;
	spin_lock(&s->lock);
	s->file = *out;
	spin_unlock(&s->lock);
	return 0;
fail:
	sock_release(s);
	return err;
}

/* -- sleeping and waking ------------------------------------------------- */

bool
sock_wake_rd(struct waitq_entry *e, unsigned long key)
{
	if (key && !(key & (POLLIN | POLLERR | POLLHUP)))
		return false;
	return thread_wake_sync(e->thread);
}

bool
sock_wake_wr(struct waitq_entry *e, unsigned long key)
{
	if (key && !(key & (POLLOUT | POLLERR | POLLHUP)))
		return false;
	return thread_wake_sync(e->thread);
}

void
sock_wake_state(struct socket *s)
{
	waitq_wake(&s->wq, 0, 0);
	if (unlikely(sock_has(s, SOCK_ASYNC)))
		sock_send_sigio(s, SOCK_POLL_HUP);
}

void
sock_send_sigio(struct socket *s, int code)
{
	struct file *f;

	spin_lock(&s->lock);
	f = s->file;
	if (f && !refcount_get_live(&f->count))
		f = NULL;
	spin_unlock(&s->lock);
	if (!f)
		return;
	file_send_sigio(f, code);
	file_put(f);
}

/* -- as a file ----------------------------------------------------------- */

static ssize_t
sock_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct socket *s = f->private;
	struct sock_msg m;

	if (unlikely(!to->count))
		return 0;
	m.iter = to;
	m.name = NULL;
	m.flags = flags & (IO_NONBLOCK | RWF_NOWAIT) ? MSG_DONTWAIT : 0;
	m.out_flags = 0;
	m.ucontrol = NULL;
	m.control_len = 0;
	if (unlikely(!s->ops->recvmsg))
		return -EOPNOTSUPP;
	return s->ops->recvmsg(s, &m);
}

static ssize_t
sock_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct socket *s = f->private;
	struct sock_msg m;

	m.iter = from;
	m.name = NULL;
	m.name_len = 0;
	m.flags = flags & (IO_NONBLOCK | RWF_NOWAIT) ? MSG_DONTWAIT : 0;
	if (s->type == SOCK_SEQPACKET)
		m.flags |= MSG_EOR;
	m.control_len = 0;
	if (unlikely(!s->ops->sendmsg))
		return -EOPNOTSUPP;
	return s->ops->sendmsg(s, &m);
}

static u32
sock_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->private;

	poll_wait(f, &s->wq, pt);
	return s->ops->poll(s, pt ? pt->key : ~0U);
}

static long
sock_owner_ioctl(struct file *f, u32 cmd, int __user *arg)
{
	int type, v;
	pid_t who;

	if (cmd == FIOGETOWN || cmd == SIOCGPGRP) {
		file_owner_get(f, &type, &who);
		return put_user(type == F_OWNER_PGRP ? -who : who, arg);
	}
	if (get_user(v, arg))
		return -EFAULT;
	if (v == (int)0x80000000)
		return -EINVAL;
	return v < 0 ? file_owner_set(f, F_OWNER_PGRP, -v) :
		file_owner_set(f, F_OWNER_PID, v);
}

static long
sock_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct socket *s = f->private;
	int r = -ENOIOCTLCMD;

	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
	case FIOGETOWN:
	case SIOCGPGRP:
		return sock_owner_ioctl(f, cmd, (int __user *)arg);
	}
	if (s->ops->ioctl)
		r = s->ops->ioctl(s, cmd, arg);
	if (r == -ENOIOCTLCMD && sock_dev_ioctl)
		r = sock_dev_ioctl(s, cmd, arg);
	return r == -ENOIOCTLCMD ? -ENOTTY : r;
}

static int
sock_fasync(struct file *f, bool on)
{
	struct socket *s = f->private;

	if (on)
		atomic_or(&s->flags, BIT(SOCK_ASYNC));
	else
		atomic_and(&s->flags, ~BIT(SOCK_ASYNC));
	return 0;
}

static void
sock_file_release(struct file *f)
{
	sock_release(f->private);
}

static int
sock_no_open(struct inode *i, struct file *f)
{
	return -ENXIO;
}

const struct file_ops socket_fops = {
	.read_iter = sock_read_iter,
	.write_iter = sock_write_iter,
	.poll = sock_poll,
	.ioctl = sock_ioctl,
	.open = sock_no_open,
	.release = sock_file_release,
	.llseek = no_llseek,
	.fasync = sock_fasync,
	.flags = FOP_NOLLSEEK | FOP_NOWAIT,
};

/* -- sockfs -------------------------------------------------------------- */

static const struct super_ops sock_super_ops = { .statfs = simple_statfs };

static int
sockfs_fill(struct super_block *sb, const char *data)
{
	struct inode *i;

	sb->ops = &sock_super_ops;
	sb->magic = SOCKFS_MAGIC;
	i = inode_new(sb);
	if (!i)
		return -ENOMEM;
	i->mode = S_IFDIR | S_IRUSR | S_IWUSR;
	sb->root = d_make_root(i);
	return sb->root ? 0 : -ENOMEM;
}

static int
sockfs_mount(const struct fs_type *t, u32 flags, const char *source,
	     const char *data, struct super_block **out)
{
	return super_single(t, flags, data, sockfs_fill, out);
}

static const struct fs_type sockfs = {
	.name = "sockfs", .flags = FS_NODEV, .mount = sockfs_mount,
};

static void
net_init(void)
{
	if (kern_mount(&sockfs, &sock_mnt))
		panic("sockfs: no memory");
}
INITCALL(INIT_CORE, net_init);

#define BUF_SYSCTL(var, file) \
	static const struct proc_sysctl_int var##_ctl = { \
		"net/core/" file, 0644, &var, 4608, INT_MAX }; \
	SET_ADD(proc_sysctl, var##_ctl)
BUF_SYSCTL(sock_wmem_default, "wmem_default");
BUF_SYSCTL(sock_rmem_default, "rmem_default");
BUF_SYSCTL(sock_wmem_max, "wmem_max");
BUF_SYSCTL(sock_rmem_max, "rmem_max");

static const struct proc_sysctl_int somaxconn_ctl = {
	"net/core/somaxconn", 0644, &sock_somaxconn, 0, INT_MAX };
SET_ADD(proc_sysctl, somaxconn_ctl);
