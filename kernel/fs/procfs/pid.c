/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID and /proc/PID/task/TID: one table says what is in them.
 *
 * An inode holds a reference to the struct pid, so a number that was given to
 * another process meanwhile is noticed. A dentry is right as long as its pid
 * still names a task; each use of a cached one asks (under RCU as well, so it
 * must not sleep) and brings owner and group up to date. When the task has
 * gone the dentry is dropped with what is below it.
 *
 * Files are open to what their mode and owner say; those that show the memory
 * or the files of a process ask proc_may_access() too, as Linux does.
 */
#include <abi/dirent.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <task/cred.h>
#include <task/ptrace.h>
#include <task/user_ns.h>
#include <vfs/namei.h>
#include "local.h"

/* -- rights -------------------------------------------------------------- */

/* *ns: where its memory was made; false: has none or is its user's own */
static bool
task_undumpable(struct task *t, const struct user_ns **ns)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	bool r = t->mm && (t->mm->flags & 3) != 1;

	if (r)
		*ns = task_mm_user_ns(t->mm);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return r;
}

int
proc_may_access(struct task *t)
{
	return ptrace_may_access(t, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS) ?
		-EACCES : 0;
}

bool
proc_pid_visible(struct super_block *sb, struct task *t, u8 min)
{
	const struct proc_options *o = sb->private;

	if (likely(o->hidepid < min))
		return true;
	if (o->hidepid != 4 && cred_in_group(current_cred(), o->gid))
		return true;
	return !proc_may_access(t);
}

void
proc_pid_owner(struct task *t, mode_t mode, uid_t *uid, gid_t *gid)
{
	const struct user_ns *ns;
	const struct cred *c;

	rcu_read_lock();		/* keeps ns, t being one of its users */
	/* what anybody may read belongs to the user even then */
	if (mode != (S_IFDIR | 0555) && task_undumpable(t, &ns)) {
		*uid = make_kuid(ns, 0);
		*gid = make_kgid(ns, 0);
		if (*uid == INVALID_ID)
			*uid = 0;
		if (*gid == INVALID_ID)
			*gid = 0;
		rcu_read_unlock();
		return;
	}
	c = rcu_dereference(t->cred);
	*uid = c->euid;
	*gid = c->egid;
	rcu_read_unlock();
}

/* -- what a task has ----------------------------------------------------- */

struct task *
proc_task_get(struct inode *i)
{
	struct pid *p = proc_i(i)->pid;
	struct task *t;

	rcu_read_lock();
	t = pid_task(p, PIDTYPE_PID);
	if (t && !refcount_get_live(&t->count))
		t = NULL;
	rcu_read_unlock();
	return t;
}

struct file *
proc_task_file(struct task *t, int fd, bool *cloexec)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	struct file *of = t->files ? files_file(t->files, fd, cloexec) : NULL;

	spin_unlock_irqrestore(&tasklist_lock, f);
	return of;
}

struct file *
proc_task_next_file(struct task *t, int *fd, bool *cloexec)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	struct file *of = t->files ? files_next(t->files, fd, cloexec) : NULL;

	spin_unlock_irqrestore(&tasklist_lock, f);
	return of;
}

u32
proc_task_fd_slots(struct task *t)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	u32 n = t->files ? files_slots(t->files) : 0;

	spin_unlock_irqrestore(&tasklist_lock, f);
	return n;
}

bool
proc_task_fs(struct task *t, struct path *root, struct path *cwd,
	     mode_t *umask)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	struct fs_context *fs = t->fs;

	if (fs && root)
		fs_context_root(fs, root);
	if (fs && cwd)
		fs_context_cwd(fs, cwd);
	if (fs && umask)
		*umask = fs->umask;
	spin_unlock_irqrestore(&tasklist_lock, f);
	return fs;
}

/* -- dentries ------------------------------------------------------------ */

static int
proc_revalidate(struct dentry *d, u32 flags)
{
	struct inode *i = READ_ONCE(d->inode);
	struct proc_inode *pi;
	struct task *t;

	if (!i)
		return 0;
	pi = proc_i(i);
	if (!pi->pid)
		return 1;
	if (pi->fd >= 0) {
		if (flags & LOOKUP_RCU)
			return -ECHILD;
		if (!pid_fd_alive(i))
			return 0;
	}
	rcu_read_lock();		/* t is looked at, not kept */
	t = pid_task(pi->pid, PIDTYPE_PID);
	if (t)
		proc_pid_owner(t, i->mode, &i->uid, &i->gid);
	rcu_read_unlock();
	return t ? 1 : 0;
}

/* nothing of a process that ended stays cached */
static bool
proc_delete(const struct dentry *d)
{
	struct proc_inode *pi = d->inode ? proc_i(d->inode) : NULL;

	return pi && pi->pid && (pi->fd >= 0 ||
		!READ_ONCE(pi->pid->tasks[PIDTYPE_PID].first));
}

const struct dentry_ops proc_dentry_ops = {
	.revalidate = proc_revalidate,
	.delete = proc_delete,
};

static int
pid_permission(struct inode *i, int mask)
{
	struct task *t = proc_task_get(i);
	bool ok;

	if (!t)
		return -ESRCH;
	ok = proc_pid_visible(i->sb, t, 1);
	task_put(t);
	if (!ok) {
		const struct proc_options *o = i->sb->private;

		return o->hidepid == 2 ? -ENOENT : -EPERM;
	}
	return generic_permission(i, mask);
}

struct inode *
proc_pid_inode(struct super_block *sb, struct pid *pid,
	       const struct pid_node *n, bool whole, mode_t mode, ino_t ino)
{
	struct proc_inode *pi = proc_inode_new(sb, mode, ino);

	if (!pi)
		return NULL;
	pid_get(pid);
	pi->pid = pid;
	pi->node = n;
	pi->whole = whole;
	return &pi->vfs;
}

/* -- files --------------------------------------------------------------- */

static int
pid_produce(struct file *f, struct seq_buf *s)
{
	struct proc_inode *pi = proc_i(f->inode);
	struct task *t = proc_task_get(f->inode);
	int err = 0;

	if (!t)
		return -ESRCH;
	if (pi->node->flags & PN_CHECK)
		err = proc_may_access(t);
	if (!err)
		err = pi->node->show(s, t, pi->whole);
	task_put(t);
	return err;
}

static int
pid_show_open(struct inode *i, struct file *f)
{
	return proc_text_open(f, pid_produce);
}

static ssize_t
pid_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct proc_inode *pi = proc_i(f->inode);
	struct task *t;
	ssize_t r;
	char *s;
	int err;

	if (!pi->node->write)
		return -EINVAL;
	err = proc_copy_write(from, &s);
	if (err)
		return err;
	r = -ESRCH;
	t = proc_task_get(f->inode);
	if (t) {
		r = pi->node->write(t, s, strlen(s));
		task_put(t);
	}
	kfree(s);
	if (r > 0)
		*pos += r;
	return r;
}

static const struct file_ops pid_show_fops = {
	.open = pid_show_open,
	.read_iter = proc_text_read,
	.write_iter = pid_write,
	.llseek = generic_llseek,
	.release = proc_text_release,
};

int
proc_mm_open(struct inode *i, struct mm **out)
{
	struct task *t = proc_task_get(i);
	struct mm *m;
	int err;

	if (!t)
		return -ESRCH;
	err = proc_may_access(t);
	if (!err) {
		m = task_get_mm(t);
		if (m) {
			mm_get(m);
			mm_put_user(m);
		}
		*out = m;
	}
	task_put(t);
	return err;
}

static int
pid_mm_produce(struct file *f, struct seq_buf *s)
{
	struct proc_text *x = f->private;
	struct task *t;
	int err;

	if (!x->mm || !refcount_get_live(&x->mm->users))
		return 0;		/* a kernel thread, or it has ended */
	t = proc_task_get(f->inode);
	err = t ? proc_i(f->inode)->node->show_mm(s, x->mm, t) : -ESRCH;
	if (t)
		task_put(t);
	mm_put_user(x->mm);
	return err;
}

static int
pid_mm_open(struct inode *i, struct file *f)
{
	struct mm *m = NULL;
	int err = proc_mm_open(i, &m);

	if (err)
		return err;
	err = proc_text_open(f, pid_mm_produce);
	if (err) {
		if (m)
			mm_put(m);
		return err;
	}
	((struct proc_text *)f->private)->mm = m;
	return 0;
}

static const struct file_ops pid_mm_fops = {
	.open = pid_mm_open,
	.read_iter = proc_text_read,
	.llseek = generic_llseek,
	.release = proc_text_release,
};

/* -- links to what a process uses ---------------------------------------- */

static int
pid_get_link(struct dentry *d, struct inode *i, const char **text,
	     void (**done)(const char *), struct path *jump)
{
	struct task *t = proc_task_get(i);
	int err;

	if (!t)
		return -ENOENT;
	err = proc_may_access(t);
	if (!err)
		err = proc_i(i)->node->link(t, jump);
	task_put(t);
	return err;
}

static const struct inode_ops pid_link_iops = {
	.get_link = pid_get_link,
	.setattr = proc_setattr,
};
static const struct inode_ops pid_file_iops = { .setattr = proc_setattr };

/* -- what is there ------------------------------------------------------- */

static const struct pid_node nodes[] = {
	{ "task", S_IFDIR | 0555, PN_TGID, .fops = &pid_task_fops,
	  .iops = &pid_task_iops },
	{ "fd", S_IFDIR | 0500, 0, .fops = &pid_fd_fops,
	  .iops = &pid_fd_iops },
	{ "fdinfo", S_IFDIR | 0500, 0, .fops = &pid_fdinfo_fops,
	  .iops = &pid_fdinfo_iops },
	{ "ns", S_IFDIR | 0511, 0, .fops = &pid_ns_fops,
	  .iops = &pid_ns_iops },
	{ "environ", S_IFREG | 0400, 0, .fops = &pid_environ_fops },
	{ "auxv", S_IFREG | 0400, 0, .fops = &pid_auxv_fops },
	{ "status", S_IFREG | 0444, 0, .show = pid_show_status },
	{ "uid_map", S_IFREG | 0644, 0, .fops = &pid_uid_map_fops },
	{ "gid_map", S_IFREG | 0644, 0, .fops = &pid_gid_map_fops },
	{ "projid_map", S_IFREG | 0644, 0, .fops = &pid_projid_map_fops },
	{ "setgroups", S_IFREG | 0644, 0, .fops = &pid_setgroups_fops },
	{ "personality", S_IFREG | 0400, PN_CHECK,
	  .show = pid_show_personality },
	{ "limits", S_IFREG | 0444, 0, .show = pid_show_limits },
	{ "sched", S_IFREG | 0444, 0, .show = pid_show_sched },
	{ "coredump_filter", S_IFREG | 0644, 0,
	  .show = pid_show_filter, .write = pid_write_filter },
	{ "comm", S_IFREG | 0644, 0, .show = pid_show_comm,
	  .write = pid_write_comm },
	{ "syscall", S_IFREG | 0400, 0, .show = pid_show_syscall },
	{ "cmdline", S_IFREG | 0444, 0, .fops = &pid_cmdline_fops },
	{ "stat", S_IFREG | 0444, 0, .show = pid_show_stat },
	{ "statm", S_IFREG | 0444, 0, .show = pid_show_statm },
	{ "maps", S_IFREG | 0444, 0, .show_mm = pid_show_maps },
	{ "mem", S_IFREG | 0600, 0, .fops = &pid_mem_fops },
	{ "cwd", S_IFLNK | 0777, 0, .link = pid_link_cwd },
	{ "root", S_IFLNK | 0777, 0, .link = pid_link_root },
	{ "exe", S_IFLNK | 0777, 0, .link = pid_link_exe },
	{ "mounts", S_IFREG | 0444, 0, .fops = &pid_mounts_fops },
	{ "mountinfo", S_IFREG | 0444, 0, .fops = &pid_mountinfo_fops },
	{ "mountstats", S_IFREG | 0400, PN_TGID, .fops = &pid_mountstats_fops },
	{ "smaps", S_IFREG | 0444, 0, .show_mm = pid_show_smaps },
	{ "smaps_rollup", S_IFREG | 0444, 0,
	  .show_mm = pid_show_smaps_rollup },
	{ "pagemap", S_IFREG | 0400, 0, .fops = &pid_pagemap_fops },
	{ "wchan", S_IFREG | 0444, 0, .show = pid_show_wchan },
	{ "stack", S_IFREG | 0400, 0, .show = pid_show_stack },
	{ "schedstat", S_IFREG | 0444, 0, .show = pid_show_schedstat },
	{ "cgroup", S_IFREG | 0444, 0, .show = pid_show_cgroup },
	{ "oom_score", S_IFREG | 0444, 0, .show = pid_show_oom_score },
	{ "oom_adj", S_IFREG | 0644, 0, .show = pid_show_oom_adj,
	  .write = pid_write_oom_adj },
	{ "oom_score_adj", S_IFREG | 0644, 0, .show = pid_show_oom_score_adj,
	  .write = pid_write_oom_score_adj },
	{ "io", S_IFREG | 0400, PN_CHECK, .show = pid_show_io },
	{ "timers", S_IFREG | 0444, PN_TGID, .show = pid_show_timers },
};

static int
node_inode(struct inode *dir, const struct pid_node *n, struct inode **out)
{
	struct proc_inode *pi = proc_i(dir);
	struct inode *i;
	struct task *t = proc_task_get(dir);

	if (!t)
		return -ENOENT;
	i = proc_pid_inode(dir->sb, pi->pid, n, pi->whole, n->mode,
			   proc_pid_ino(pi->pid->nr, pi->whole, PINO_BASE,
					n - nodes + 1));
	if (i) {
		if (n->link) {
			i->op = &pid_link_iops;
		} else {
			i->op = n->iops ? n->iops : &pid_file_iops;
			i->fop = n->fops ? n->fops : n->show_mm ?
				&pid_mm_fops : &pid_show_fops;
			if (S_ISDIR(n->mode))
				i->nlink = 2;
		}
		proc_pid_owner(t, n->mode, &i->uid, &i->gid);
		*out = i;
	}
	task_put(t);
	return i ? 0 : -ENOMEM;
}

static int
pid_dir_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(nodes); k++) {
		const struct pid_node *n = &nodes[k];

		if (strncmp(n->name, d->name.name, d->name.len) ||
		    n->name[d->name.len])
			continue;
		if (n->flags & PN_TGID && !proc_i(dir)->whole)
			break;
		return node_inode(dir, n, out);
	}
	return -ENOENT;
}

static int
pid_dir_iterate(struct file *f, struct dir_context *ctx)
{
	struct proc_inode *pi = proc_i(f->inode);

	if (!READ_ONCE(pi->pid->tasks[PIDTYPE_PID].first))
		return -ENOENT;
	if (!dir_emit_dots(f, ctx))
		return 0;
	for (u64 k = ctx->pos - 2; k < ARRAY_SIZE(nodes); k++) {
		const struct pid_node *n = &nodes[k];

		ctx->pos = k + 2;
		if (!(n->flags & PN_TGID && !pi->whole) &&
		    !dir_emit(ctx, n->name, strlen(n->name),
			      proc_pid_ino(pi->pid->nr, pi->whole, PINO_BASE,
					   k + 1), MODE_TO_DT(n->mode)))
			return 0;
		ctx->pos = k + 3;
	}
	return 0;
}

static const struct inode_ops pid_dir_iops = {
	.lookup = pid_dir_lookup,
	.permission = pid_permission,
	.setattr = proc_setattr,
};
/* pidfd_send_signal(2) takes an open /proc/PID as well */
static struct pid *
pid_dir_pid(struct file *f)
{
	struct proc_inode *pi = proc_i(f->inode);

	return pi->whole ? pi->pid : NULL;
}

static const struct file_ops pid_dir_fops = {
	.iterate = pid_dir_iterate,
	.llseek = proc_dir_llseek,
	.pid = pid_dir_pid,
};

int
proc_pid_dir(struct super_block *sb, struct task *t, bool whole,
	     struct inode **out)
{
	struct inode *i = proc_pid_inode(sb, t->pid, NULL, whole,
		S_IFDIR | 0555, proc_pid_ino(pid_nr(t->pid), whole, PINO_BASE, 0));

	if (!i)
		return -ENOMEM;
	i->op = &pid_dir_iops;
	i->fop = &pid_dir_fops;
	i->nlink = whole ? 7 : 6;
	proc_pid_owner(t, i->mode, &i->uid, &i->gid);
	*out = i;
	return 0;
}

/* -- task/ --------------------------------------------------------------- */

static int
task_dir_lookup(struct inode *dir, struct dentry *d, struct inode **out)
{
	struct task *leader = proc_task_get(dir), *t = NULL;
	const char *s = d->name.name, *end;
	u64 nr = kstrtoul_prefix(s, &end, 10);
	int err = -ENOENT;

	if (!leader)
		return err;
	if (end == s + d->name.len && d->name.len && *s != '0' &&
	    nr <= INT_MAX)
		t = task_find_ns(nr, proc_ns(dir->sb));
	if (t && t->signal == leader->signal)
		err = proc_pid_dir(dir->sb, t, false, out);
	if (t)
		task_put(t);
	task_put(leader);
	return err;
}

static int
task_dir_iterate(struct file *f, struct dir_context *ctx)
{
	struct task *leader = proc_task_get(f->inode), *t;
	struct pid_ns *ns = proc_ns(f->inode->sb);
	char name[12];
	pid_t nr, global;

	if (!leader)
		return -ENOENT;
	if (!dir_emit_dots(f, ctx))
		goto out;
	nr = ctx->pos - 2;		/* the last one shown */
	while ((t = task_next_thread(leader, ns, nr))) {
		nr = pid_nr_ns(t->pid, ns);
		global = pid_nr(t->pid);
		task_put(t);
		if (!dir_emit(ctx, name,
			      snprintf(name, sizeof(name), "%d", nr),
			      proc_pid_ino(global, false, PINO_BASE, 0),
			      DT_DIR))
			break;
		ctx->pos = (loff_t)nr + 2;
		cond_resched();
	}
out:
	task_put(leader);
	return 0;
}

const struct inode_ops pid_task_iops = {
	.lookup = task_dir_lookup,
	.setattr = proc_setattr,
};
const struct file_ops pid_task_fops = {
	.iterate = task_dir_iterate,
	.llseek = proc_dir_llseek,
};
