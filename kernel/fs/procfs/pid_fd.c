/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/fd: a link for each open descriptor that leads to the open file's
 * own dentry, wherever that is (a pipe has a name too: pipe:[ino]);
 * /proc/PID/fdinfo: its position, flags and what its kind tells.
 * Dentries here are not cached once unused: descriptors change quickly.
 */
#include <abi/dirent.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include "local.h"

#define INFO_MAX	2048

/* file behind descriptor fd of the inode's task, referenced, or NULL */
static struct file *
fd_file(struct inode *i, int fd, bool *cloexec)
{
	struct task *t = proc_task_get(i);
	struct file *f;

	if (!t)
		return NULL;
	f = proc_task_file(t, fd, cloexec);
	task_put(t);
	return f;
}

bool
pid_fd_alive(struct inode *i)
{
	bool cloexec;
	struct file *f = fd_file(i, proc_i(i)->fd, &cloexec);

	if (f)
		file_put(f);
	return f;
}

static int
fd_get_link(struct dentry *d, struct inode *i, const char **text,
	    void (**done)(const char *), struct path *jump)
{
	struct task *t = proc_task_get(i);
	struct file *f;
	bool cloexec;
	int err;

	if (!t)
		return -ENOENT;
	err = proc_may_access(t);
	task_put(t);
	if (err)
		return err;
	f = fd_file(i, proc_i(i)->fd, &cloexec);
	if (!f)
		return -ENOENT;
	*jump = f->path;
	path_get(jump);
	file_put(f);
	return 0;
}

static const struct inode_ops fd_link_iops = {
	.get_link = fd_get_link,
	.setattr = proc_setattr,
};

/* -- fdinfo -------------------------------------------------------------- */

static int
fdinfo_produce(struct file *f, struct seq_buf *s)
{
	bool cloexec = false;
	struct file *of = fd_file(f->inode, proc_i(f->inode)->fd, &cloexec);
	u32 flags;
	char *more;

	if (!of)
		return -ENOENT;
	flags = READ_ONCE(of->flags) & ~O_CLOEXEC;
	if (cloexec)
		flags |= O_CLOEXEC;
	seq_printf(s, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n",
		   of->pos, flags, of->path.mnt ? of->path.mnt->id : 0,
		   of->inode->ino);
	if (of->op->show_fdinfo) {
		more = kmalloc(INFO_MAX, GFP_KERNEL);
		if (more) {
			more[0] = '\0';
			of->op->show_fdinfo(of, more, INFO_MAX);
			seq_puts(s, more);
			kfree(more);
		}
	}
	file_put(of);
	return 0;
}

static int
fdinfo_open(struct inode *i, struct file *f)
{
	struct task *t = proc_task_get(i);
	int err;

	if (!t)
		return -ESRCH;
	err = proc_may_access(t);
	task_put(t);
	return err ? err : proc_text_open(f, fdinfo_produce);
}

static const struct file_ops fdinfo_fops = {
	.open = fdinfo_open,
	.read_iter = proc_text_read,
	.llseek = generic_llseek,
	.release = proc_text_release,
};
static const struct inode_ops fdinfo_iops = { .setattr = proc_setattr };

/* -- the directories ----------------------------------------------------- */

static int
name_to_fd(const struct qstr *q)
{
	const char *end;
	u64 v = kstrtoul_prefix(q->name, &end, 10);

	if (!q->len || end != q->name + q->len || v > INT_MAX ||
	    (q->name[0] == '0' && q->len > 1))
		return -1;
	return v;
}

static int
fd_make(struct inode *dir, const struct qstr *q, bool info,
	struct inode **out)
{
	struct proc_inode *pi = proc_i(dir);
	int fd = name_to_fd(q);
	struct task *t;
	struct inode *i;
	struct file *f;
	bool cloexec;
	mode_t mode;

	f = fd < 0 ? NULL : fd_file(dir, fd, &cloexec);
	if (!f)
		return -ENOENT;
	mode = info ? S_IFREG | 0400 : S_IFLNK;
	if (!info && f->mode & FMODE_READ)
		mode |= S_IRUSR | S_IXUSR;
	if (!info && f->mode & FMODE_WRITE)
		mode |= S_IWUSR | S_IXUSR;
	file_put(f);
	i = proc_pid_inode(dir->sb, pi->pid, NULL, pi->whole, mode,
			   proc_pid_ino(pi->pid->nr, pi->whole,
					info ? PINO_FDINFO : PINO_FD, fd));
	if (!i)
		return -ENOMEM;
	proc_i(i)->fd = fd;
	if (info) {
		i->op = &fdinfo_iops;
		i->fop = &fdinfo_fops;
	} else {
		i->op = &fd_link_iops;
		i->size = 64;
	}
	t = proc_task_get(dir);
	if (t) {
		proc_pid_owner(t, mode, &i->uid, &i->gid);
		task_put(t);
	}
	*out = i;
	return 0;
}

static int
fd_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	return fd_make(dir, &d->name, false, out);
}

static int
fdinfo_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	return fd_make(dir, &d->name, true, out);
}

static int
fd_dir_iterate(struct file *f, struct dir_context *ctx, unsigned int cls)
{
	struct proc_inode *pi = proc_i(f->inode);
	struct task *t = proc_task_get(f->inode);
	struct file *of;
	char name[12];
	bool cloexec;
	int fd;

	if (!t)
		return -ENOENT;
	if (!dir_emit_dots(f, ctx))
		goto out;
	fd = ctx->pos - 2;
	while ((of = proc_task_next_file(t, &fd, &cloexec))) {
		file_put(of);
		ctx->pos = (loff_t)fd + 2;
		if (!dir_emit(ctx, name,
			      snprintf(name, sizeof(name), "%d", fd),
			      proc_pid_ino(pi->pid->nr, pi->whole, cls, fd),
			      cls == PINO_FD ? DT_LNK : DT_REG))
			goto out;
		fd++;
		ctx->pos = (loff_t)fd + 2;
		cond_resched();
	}
out:
	task_put(t);
	return 0;
}

static int
fd_iterate(struct file *f, struct dir_context *ctx)
{
	return fd_dir_iterate(f, ctx, PINO_FD);
}

static int
fdinfo_iterate(struct file *f, struct dir_context *ctx)
{
	return fd_dir_iterate(f, ctx, PINO_FDINFO);
}

/* a process that changed its user may still look at its own */
static int
fd_permission(struct inode *i, int mask)
{
	int err = generic_permission(i, mask);
	struct task *t;

	if (!err)
		return 0;
	t = proc_task_get(i);
	if (t) {
		if (t->signal == current->signal)
			err = 0;
		task_put(t);
	}
	return err;
}

static int
fd_getattr(const struct path *p, struct kstat *st, u32 mask)
{
	struct inode *i = p->dentry->inode;
	struct task *t = proc_task_get(i);
	struct file *of;
	bool cloexec;
	int fd = 0;

	generic_fillattr(i, st);
	if (!t)
		return 0;
	/* its size is the number of open files, since Linux 6.2 */
	while ((of = proc_task_next_file(t, &fd, &cloexec))) {
		file_put(of);
		st->size++;
		fd++;
	}
	task_put(t);
	return 0;
}

const struct inode_ops pid_fd_iops = {
	.lookup = fd_lookup,
	.permission = fd_permission,
	.getattr = fd_getattr,
	.setattr = proc_setattr,
};
const struct file_ops pid_fd_fops = {
	.iterate = fd_iterate,
	.llseek = proc_dir_llseek,
};
const struct inode_ops pid_fdinfo_iops = {
	.lookup = fdinfo_lookup,
	.permission = fd_permission,
	.setattr = proc_setattr,
};
const struct file_ops pid_fdinfo_fops = {
	.iterate = fdinfo_iterate,
	.llseek = proc_dir_llseek,
};
