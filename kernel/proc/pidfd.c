/* SPDX-License-Identifier: MIT */
/*
 * pidfd_open(2): a descriptor that names a process and never another one.
 *
 * The file holds a reference to the struct pid. It is readable once the whole
 * thread group has ended: signal_notify_exit() wakes pid->pidfd_wq under
 * tasklist_lock after the leader became a zombie without threads, so a poll
 * that looks under that lock misses nothing. A reaped process is readable too.
 *
 * An execve by another thread than the leader moves pid->tasks under the same
 * lock: the descriptor goes on naming the process.
 */
#include <abi/errno.h>
#include <lib/printf.h>
#include <proc/pidfd.h>
#include <task/task.h>
#include <vfs/file.h>

static u32
pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct pid *p = f->private;
	unsigned long flags;
	struct task *t;
	u32 ev = 0;

	poll_wait(f, &p->pidfd_wq, pt);
	flags = spin_lock_irqsave(&tasklist_lock);
	t = pid_task(p, PIDTYPE_TGID);
	if (!t || (t->exit_state && t->signal->nr_threads <= 1))
		ev = POLLIN | POLLRDNORM;
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return ev;
}

static void
pidfd_release(struct file *f)
{
	pid_put(f->private);
}

static struct pid *
pidfd_file_pid(struct file *f)
{
	return f->private;
}

static void
pidfd_fdinfo(struct file *f, char *buf, size_t len)
{
	struct pid *p = f->private;
	pid_t nr = -1;

	rcu_read_lock();
	if (pid_task(p, PIDTYPE_PID))
		nr = pid_vnr(p);
	rcu_read_unlock();
	snprintf(buf, len, "Pid:\t%d\nNSpid:\t%d\n", nr, nr);
}

static const struct file_ops pidfd_fops = {
	.poll = pidfd_poll,
	.release = pidfd_release,
	.llseek = no_llseek,
	.show_fdinfo = pidfd_fdinfo,
	.pid = pidfd_file_pid,
	.flags = FOP_NOLLSEEK,
};

int
pidfd_create(struct pid *p, u32 oflags, struct file **out)
{
	int err = file_alloc_pseudo("[pidfd]", &pidfd_fops, p,
				    O_RDWR | oflags, out);

	if (!err)
		pid_get(p);
	return err;
}

int
pidfd_pid(int fd, struct pid **out, u32 *oflags)
{
	struct fd f = fdget(fd);
	int err = -EBADF;

	if (f.file && f.file->op == &pidfd_fops) {
		*out = f.file->private;
		pid_get(*out);
		if (oflags)
			*oflags = f.file->flags;
		err = 0;
	}
	fdput(f);
	return err;
}

struct pid *
pidfd_of(const struct file *f)
{
	return f->op == &pidfd_fops ? f->private : NULL;
}

struct task *
pid_leader(struct pid *p)
{
	struct task *t;

	rcu_read_lock();
	t = pid_task(p, PIDTYPE_TGID);
	if (t && !refcount_get_live(&t->count))
		t = NULL;
	rcu_read_unlock();
	return t;
}

int
pidfd_task(int fd, struct task **out)
{
	struct pid *p;
	int err = pidfd_pid(fd, &p, NULL);

	if (err)
		return err;
	*out = pid_leader(p);
	pid_put(p);
	return *out ? 0 : -ESRCH;
}
