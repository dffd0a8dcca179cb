/* SPDX-License-Identifier: MIT */
/*
 * execve(2).
 *
 * Everything that can fail is done on the side: strings are copied in, the
 * file is recognised by a binary format, a fresh address space is filled -
 * segments, stack, strings - all while the old program could still go on. Then
 * exec_commit(): the other threads of the group end, the new address space is
 * switched to, signal handlers, close-on-exec files and credentials change.
 * After it nothing can fail, so no program is ever left half replaced. Where
 * it fails itself when other threads have ended already (no memory), there is
 * nothing to go back to: the program is killed, as on Linux.
 *
 * Scripts replace b->file by their interpreter and are looked at again.
 *
 * Locks: signal->cred_guard for the whole call (against a second thread's
 * execve and against ptrace's look at credentials).
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <arch/fpu.h>
#include <arch/thread.h>
#include <core/random.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <proc/exec.h>
#include <proc/local.h>
#include <proc/seccomp.h>
#include <sched/sched.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/rseq.h>
#include <task/signal.h>
#include <task/user_ns.h>
#include <vfs/file.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include <vfs/namei.h>

SET_DECLARE(binfmt, const struct binfmt);

/* ---- opening ---- */

static int
exec_open_at(int dirfd, const char *path, u32 lookup, struct file **out)
{
	struct path p;
	struct file *f;
	int r = path_lookup(dirfd, path, lookup, &p);

	if (r)
		return r;
	r = -EACCES;
	if (S_ISLNK(p.dentry->inode->mode)) {
		r = -ELOOP;
		goto out;
	}
	if (!S_ISREG(p.dentry->inode->mode) || (p.mnt->flags & MNT_NOEXEC))
		goto out;
	r = vfs_open_path(&p, O_RDONLY | O_LARGEFILE | FILE_OPEN_EXEC, &f);
	if (r)
		goto out;
	r = file_deny_write(f);
	if (r)
		file_put(f);
	else
		*out = f;
out:
	path_put(&p);
	return r;
}

int
exec_open(const char *path, struct file **out)
{
	return exec_open_at(AT_FDCWD, path, LOOKUP_FOLLOW, out);
}

void
exec_close(struct file *f)
{
	if (!f)
		return;
	file_allow_write(f);
	file_put(f);
}

/* mm->exe_file: a running program's file takes no writers, open(2) ETXTBSY */
static void
exe_file_get(struct file *f)
{
	file_get(f);
	(void)file_deny_write(f);	/* denied already: cannot fail */
}

void
exec_init(void)
{
	mm_set_file_hooks(exe_file_get, exec_close);
}

static int
read_head(struct exec_bin *b)
{
	loff_t pos = 0;
	ssize_t n;

	memset(b->buf, 0, sizeof(b->buf));
	n = kernel_read(b->file, b->buf, sizeof(b->buf), &pos);
	return n < 0 ? n : 0;
}

/* ---- strings ---- */

static char *
strings_room(struct exec_strings *s, size_t *room)
{
	size_t off = s->len & (PAGE_SIZE - 1);
	u32 i = s->len >> PAGE_SHIFT;

	if (i == s->nr_pages) {
		if (i == s->cap_pages) {
			u32 cap = s->cap_pages ? s->cap_pages * 2 : 4;
			void *n = krealloc(s->pages, cap * sizeof(*s->pages),
					   GFP_KERNEL);

			if (!n)
				return NULL;
			s->pages = n;
			s->cap_pages = cap;
		}
		s->pages[i] = page_alloc(0, GFP_KERNEL);
		if (!s->pages[i])
			return NULL;
		s->nr_pages++;
	}
	*room = PAGE_SIZE - off;
	return (char *)page_to_virt(s->pages[i]) + off;
}

static void
strings_free(struct exec_strings *s)
{
	for (u32 i = 0; i < s->nr_pages; i++)
		page_put(s->pages[i]);
	kfree(s->pages);
}

static int
strings_add_user(struct exec_strings *s, const char __user *u, size_t limit)
{
	size_t room, done = 0;
	char *to;
	ssize_t n;

	for (;;) {
		to = strings_room(s, &room);
		if (!to)
			return -ENOMEM;
		n = copyinstr(to, u + done, room);
		if (n == -ENAMETOOLONG) {
			s->len += room;
			done += room;
			if (done >= ARG_STRLEN_MAX || s->len > limit)
				return -E2BIG;
			continue;
		}
		if (n < 0)
			return n;
		s->len += n;
		s->count++;
		return done + n > ARG_STRLEN_MAX || s->len > limit ?
			-E2BIG : 0;
	}
}

static int
strings_add_kernel(struct exec_strings *s, const char *k)
{
	size_t left = strlen(k) + 1, room, n;
	char *to;

	while (left) {
		to = strings_room(s, &room);
		if (!to)
			return -ENOMEM;
		n = min(room, left);
		memcpy(to, k, n);
		k += n;
		left -= n;
		s->len += n;
	}
	s->count++;
	return 0;
}

static int
strings_from_user(struct exec_strings *s, const char __user *const __user *v,
		  size_t limit)
{
	const char __user *p;
	int r;

	for (u32 i = 0; v; i++) {
		if (copyin(&p, v + i, sizeof(p)))
			return -EFAULT;
		if (!p)
			break;
		if (i >= 0x7fffffff / sizeof(p))
			return -E2BIG;
		r = strings_add_user(s, p, limit);
		if (r)
			return r;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int
strings_from_kernel(struct exec_strings *s, const char *const *v)
{
	for (; v && *v; v++) {
		int r = strings_add_kernel(s, *v);

		if (r)
			return r;
	}
	return 0;
}

/* A quarter of the stack limit, at least 128 KiB, at most 6 MiB. */
static size_t
strings_limit(void)
{
	u64 lim = rlimit_cur(RLIMIT_STACK) / 4;

	return clamp_t(u64, lim, 128UL << 10, 6UL << 20);
}

static int
copy_strings(struct exec_bin *b, const struct exec_args *a)
{
	size_t limit = strings_limit();
	int r;

	if (a->kargv) {
		r = strings_from_kernel(&b->args, a->kargv);
		return r ? r : strings_from_kernel(&b->envs, a->kenvp);
	}
	r = strings_from_user(&b->args, a->uargv, limit);
	if (r)
		return r;
	r = strings_from_user(&b->envs, a->uenvp, limit);
	if (r)
		return r;
	/* the pointers count too */
	if (b->args.len + b->envs.len +
	    (b->args.count + b->envs.count) * sizeof(void *) > limit)
		return -E2BIG;
	/* a program must have an argv[0]: give it an empty one */
	return b->args.count ? 0 : strings_add_kernel(&b->args, "");
}

u32
exec_argc(const struct exec_bin *b)
{
	return b->nr_prefix + b->args.count - (b->args_skip ? 1 : 0);
}

/* Bytes [from, len) of s to addr in b->mm. */
static int
put_strings(struct exec_bin *b, const struct exec_strings *s, size_t from,
	    vaddr_t addr)
{
	while (from < s->len) {
		size_t off = from & (PAGE_SIZE - 1);
		size_t n = min(PAGE_SIZE - off, s->len - from);
		char *src = page_to_virt(s->pages[from >> PAGE_SHIFT]);

		if (mm_access(b->mm, addr, src + off, n, true) != (ssize_t)n)
			return -ENOMEM;
		from += n;
		addr += n;
	}
	return 0;
}

vaddr_t
exec_put_strings(struct exec_bin *b, vaddr_t top)
{
	size_t args = b->args.len - b->args_skip, pre = 0;
	vaddr_t at;

	for (u32 i = 0; i < b->nr_prefix; i++)
		pre += strlen(b->prefix[i]) + 1;
	at = top - b->envs.len - args - pre;
	b->mm->arg_start = at;
	b->mm->arg_end = b->mm->env_start = at + pre + args;
	b->mm->env_end = top;
	for (u32 i = 0; i < b->nr_prefix; i++) {
		size_t n = strlen(b->prefix[i]) + 1;

		if (mm_access(b->mm, at, b->prefix[i], n, true) != (ssize_t)n)
			return 0;
		at += n;
	}
	if (put_strings(b, &b->args, b->args_skip, at) ||
	    put_strings(b, &b->envs, 0, at + args))
		return 0;
	return b->mm->arg_start;
}

/* ---- the switch ---- */

/* t takes over the leader's number and place in the tree; tasklist lock held */
static void
take_lead(struct task *t, struct task *leader)
{
	struct signal_struct *s = t->signal;
	struct pid *mine = t->pid;

	t->start_ns = leader->start_ns;
	pid_detach(t, PIDTYPE_PID);
	t->pid = leader->pid;
	/* in front of the leader: a lookup at any time finds one */
	pid_attach(t, PIDTYPE_PID, t->pid);
	pid_detach(leader, PIDTYPE_PID);
	leader->pid = mine;
	pid_attach(leader, PIDTYPE_PID, leader->pid);
	for (int i = PIDTYPE_TGID; i < PIDTYPE_COUNT; i++) {
		struct pid *p = leader->links[i].pid;

		if (!p)
			continue;
		pid_attach(t, i, p);
		pid_detach(leader, i);
	}
	t->real_parent = leader->real_parent;
	if (likely(!t->ptrace))
		t->parent = t->real_parent;
	list_add(&t->sibling, &leader->sibling);
	list_del_init(&leader->sibling);
	list_add_rcu(&t->task_link, &leader->task_link);
	list_del_rcu(&leader->task_link);
	t->group_leader = t;
	leader->group_leader = t;
	if (unlikely(leader == init_task))
		init_task = t;
	s->leader = t;
	s->leader_pid = t->pid;
	t->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
	leader->exit_state = EXIT_DEAD;
	/* its tracer may wait for it: it is gone */
	if (unlikely(leader->ptrace))
		waitq_wake_all(&leader->parent->signal->child_wq);
}

/* End all other threads of the group; become its leader. 0 or -EAGAIN. */
static int
de_thread(struct task *t)
{
	struct signal_struct *s = t->signal;
	struct task *leader;
	unsigned long f;

	if (s->nr_threads == 1)
		return 0;
	f = spin_lock_irqsave(&tasklist_lock);
	spin_lock(&t->sighand->lock);
	if (signal_group_exiting(s)) {
		spin_unlock(&t->sighand->lock);
		spin_unlock_irqrestore(&tasklist_lock, f);
		return -EAGAIN;
	}
	s->group_exec_task = t;
	signal_zap_others(t);
	spin_unlock(&t->sighand->lock);
	/* threads reap themselves; a leader stays as a zombie */
	while (s->nr_threads > (t == t->group_leader ? 1 : 2) ||
	       (t != t->group_leader &&
		t->group_leader->exit_state != EXIT_ZOMBIE)) {
		set_state(TS_UNINTERRUPTIBLE | TS_KILLABLE);
		spin_unlock_irqrestore(&tasklist_lock, f);
		schedule();
		f = spin_lock_irqsave(&tasklist_lock);
		if (fatal_signal_pending(t) && (s->flags & SIGNAL_GROUP_EXIT)) {
			s->group_exec_task = NULL;
			spin_unlock_irqrestore(&tasklist_lock, f);
			return -EAGAIN;
		}
	}
	leader = t->group_leader;
	if (t != leader)
		take_lead(t, leader);
	s->group_exec_task = NULL;
	spin_unlock_irqrestore(&tasklist_lock, f);
	if (t != leader)
		task_release(leader);
	return 0;
}

static int
unshare_sighand(struct task *t)
{
	struct sighand *new, *old = t->sighand;
	unsigned long f;

	if (refcount_read(&old->count) == 1)
		return 0;
	new = sighand_copy(old);
	if (!new)
		return -ENOMEM;
	f = spin_lock_irqsave(&tasklist_lock);
	spin_lock(&old->lock);
	rcu_assign_pointer(t->sighand, new);
	spin_unlock(&old->lock);
	spin_unlock_irqrestore(&tasklist_lock, f);
	sighand_put(old);
	return 0;
}

/* The new one is loaded before the old one goes: no third in between. */
static void
switch_mm(struct task *t, struct mm *m)
{
	struct mm *old = t->mm;
	unsigned long f;

	if (old)
		exit_mm_release(t);	/* wakes a vfork parent */
	f = spin_lock_irqsave(&tasklist_lock);
	t->mm = m;
	spin_unlock_irqrestore(&tasklist_lock, f);
	irq_disable();
	t->thread.mm_arch = &m->arch;
	mm_arch_switch(&m->arch);
	irq_enable();
	if (old)
		mm_put_user(old);
}

/* who may look into the program: not who could not read its file */
static void
set_mm_owner(struct exec_bin *b)
{
	struct inode *i = b->file->inode;
	struct user_ns *ns = current_user_ns();

	if (likely(ns == &init_user_ns))
		return;
	if (inode_permission(i, MAY_READ))
		while (ns->parent && (!kuid_mapped(ns, i->uid) ||
				      !kgid_mapped(ns, i->gid)))
			ns = ns->parent;
	user_ns_get(ns);
	b->mm->user_ns = ns;
}

int
exec_commit(struct exec_bin *b)
{
	struct task *t = current;
	const char *name = strrchr(b->filename, '/');
	u64 dump;
	int r;

	/* process 1 has been a kernel thread up to now */
	if (!t->thread.arch.fpu && task_alloc_fpu(t))
		return -ENOMEM;
	b->no_return = t->signal->nr_threads != 1;
	r = de_thread(t);
	if (r)
		return r;
	r = unshare_sighand(t);
	if (r)
		return r;
	r = files_unshare();
	if (r)
		return r;
	proc_become_user();
	b->mm->exe_file = b->file;
	exe_file_get(b->file);
	/* cred_commit() takes it away too when privileges grow */
	dump = b->cred->euid == b->cred->uid && b->cred->egid == b->cred->gid &&
		!inode_permission(b->file->inode, MAY_READ) ? 1 : suid_dumpable;
	b->mm->flags = dump << MMF_DUMPABLE | (t->mm ?
		t->mm->flags & (MMF_DUMP_MASK | BIT(MMF_NO_THP)) : MMF_DUMP_DEFAULT);
	set_mm_owner(b);
	b->mm->oom_score_adj = t->signal->oom_score_adj;
	switch_mm(t, b->mm);
	b->mm = NULL;
	itimer_exec(t->signal);
	signal_exec_reset(t);
	/* before a parent sees a pipe close */
	t->flags &= ~(TASK_FORKNOEXEC | TASK_LOG_READER);
	files_exec();
	if (unlikely(b->executable))
		exec_put_fd(b);
	fpu_reset(&t->thread);
	if (unlikely(t->thread.arch.dr7_set))
		arch_debug_clear(&t->thread);
	t->exec_id++;
	t->robust_list = 0;
	rseq_set(t, 0, 0);
	t->clear_child_tid = 0;
	if (t->dispatch.on)
		(void)syscall_dispatch_set(t, 0, 0, 0, 0);
	if (b->secure) {
		t->pdeath_signal = 0;
		if (t->signal->rlim[RLIMIT_STACK].cur > 8UL << 20)
			t->signal->rlim[RLIMIT_STACK].cur = 8UL << 20;
	}
	cred_commit(b->cred);
	b->cred = NULL;
	task_set_comm(t, name ? name + 1 : b->filename);
	return 0;
}

/* ---- the call ---- */

/* exec_cred() is on the file that is run: of scripts, the interpreter. */
static int
try_formats(struct exec_bin *b)
{
	int r;

	for (b->depth = 0; b->depth <= EXEC_MAX_NEST; b->depth++) {
		r = read_head(b);
		if (r)
			return r;
		r = exec_cred(b);
		if (r)
			return r;
		/* what root registered comes before what is built in */
		r = binfmt_misc_load(b);
		SET_FOREACH(binfmt, const struct binfmt, f) {
			if (r != -ENOEXEC)
				break;
			r = (*f)->load(b);
		}
		if (r <= 0)
			return r;
	}
	return -ELOOP;
}

static int
name_of_exec(struct exec_bin *b, int dirfd, const char *path)
{
	char buf[32];
	size_t len;

	if (path[0] == '/' || dirfd == AT_FDCWD) {
		b->filename = kstrdup(path, GFP_KERNEL);
	} else {
		snprintf(buf, sizeof(buf), "/dev/fd/%d", dirfd);
		len = strlen(buf) + strlen(path) + 2;
		b->filename = kmalloc(len, GFP_KERNEL);
		if (b->filename)
			snprintf(b->filename, len, path[0] ? "%s/%s" : "%s",
				 buf, path);
	}
	/* a script's interpreter could not open it by that name */
	b->path_inaccessible = path[0] != '/' && dirfd != AT_FDCWD &&
		fd_get_cloexec(dirfd) > 0;
	b->interp = b->filename ? kstrdup(b->filename, GFP_KERNEL) : NULL;
	return b->interp ? 0 : -ENOMEM;
}

static void
exec_cleanup(struct exec_bin *b)
{
	exec_close(b->file);
	exec_close(b->executable);
	if (b->mm)
		mm_put_user(b->mm);
	if (b->cred)
		cred_abort(b->cred);
	strings_free(&b->args);
	strings_free(&b->envs);
	for (u32 i = 0; i < b->nr_prefix; i++)
		kfree(b->prefix[i]);
	kfree(b->filename);
	kfree(b->interp);
	kfree(b);
}

/*
 * set*uid(2) does not fail for RLIMIT_NPROC but leaves a mark: the next execve
 * does, if it is still so then.
 */
static bool
over_nproc(void)
{
	if (likely(!(current->flags & TASK_NPROC_EXCEEDED)))
		return false;
	if ((u64)atomic_read(&current_cred()->user->processes) >
	    rlimit_cur(RLIMIT_NPROC))
		return true;
	current->flags &= ~TASK_NPROC_EXCEEDED;
	return false;
}

int
proc_execve(int dirfd, const char *path, int at_flags,
	    const struct exec_args *a)
{
	struct exec_bin *b = kzalloc(sizeof(*b), GFP_KERNEL);
	struct mutex *guard = &current->signal->cred_guard;
	struct pt_regs *regs = thread_regs(current_thread);
	u64 nr = regs->orig_rax, old_tid = task_tid(current);
	u32 lookup = LOOKUP_FOLLOW;
	int r;

	if (!b)
		return -ENOMEM;
	if (at_flags & AT_SYMLINK_NOFOLLOW)
		lookup &= ~LOOKUP_FOLLOW;
	if (at_flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	r = over_nproc() ? -EAGAIN : mutex_lock_intr(guard);
	if (r) {
		kfree(b);
		return r == -ERESTARTSYS ? -ERESTARTNOINTR : r;
	}
	r = name_of_exec(b, dirfd, path);
	if (r)
		goto out;
	r = exec_open_at(dirfd, path, lookup, &b->file);
	if (r)
		goto out;
	r = copy_strings(b, a);
	if (r)
		goto out;
	r = -ENOMEM;
	b->cred = cred_prepare();
	if (!b->cred)
		goto out;
	r = try_formats(b);
	if (r)
		goto out;
	arch_thread_exec(regs, b->entry, b->sp);
	regs->orig_rax = nr;		/* for who traces the call */
out:
	mutex_unlock(guard);
	if (unlikely(r && b->no_return && !fatal_signal_pending(current)))
		signal_force_fatal(SIGSEGV);
	exec_cleanup(b);
	if (!r)
		ptrace_event(PTRACE_EVENT_EXEC, old_tid);
	return r;
}
