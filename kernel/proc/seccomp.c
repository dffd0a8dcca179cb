/* SPDX-License-Identifier: MIT */
/*
 * System call filtering, seccomp(2), and its neighbour on the slow path,
 * syscall user dispatch of prctl(2).
 *
 * A task has a mode and, in filter mode, a chain of filters, newest first. All
 * are run for each call; the strictest answer counts, of equals the newest's.
 * TIF_SECCOMP sends the task's calls through syscall_dispatch(); a task without
 * it pays nothing.
 *
 * Locking: mode and pointer change under sighand->lock, by the task itself or,
 * with TSYNC, by another thread of its group. The task reads them without: a
 * new chain contains the old one, so what it has in hand stays. fork copies
 * them under the same lock (seccomp_fork), so no child slips by a TSYNC.
 *
 * Programs are checked by lib/bpf.c, then for what seccomp allows on top: loads
 * are aligned words of struct seccomp_data. A chain may hold 32768 instructions
 * (and 4 a filter), as Linux has it.
 *
 * SECCOMP_RET_TRACE stops for the tracer (task/ptrace.h), who may suspend all
 * filters, too.
 */
#include <abi/errno.h>
#include <arch/thread.h>
#include <arch/upcall.h>
#include <core/log.h>
#include <lib/bpf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <proc/local.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/signal.h>
#include <vfs/file.h>
#include "seccomp_filter.h"

LOG_MODULE_DEFINE(seccomp);

#define COST_MAX	32768
#define COST_FILTER	4		/* on top of its instructions */
#define MODE_DEAD	3		/* being killed: no call runs any more */

#define FLAGS_ALL	(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | \
			 SECCOMP_FILTER_FLAG_SPEC_ALLOW | \
			 SECCOMP_FILTER_FLAG_NEW_LISTENER | \
			 SECCOMP_FILTER_FLAG_TSYNC_ESRCH | \
			 SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)

/* ---- filters ---- */

void
seccomp_filter_put(struct seccomp_filter *f)
{
	while (f && refcount_put(&f->count)) {
		struct seccomp_filter *prev = f->prev;

		seccomp_listener_free(f->listener);
		kvfree(f);
		f = prev;
	}
}

/* a task comes under the filters of the chain, or leaves them */
static void
chain_enter(struct seccomp_filter *f)
{
	if (!f)
		return;
	refcount_get(&f->count);
	atomic_inc(&f->users);
}

static void
chain_leave(struct seccomp_filter *f)
{
	for (struct seccomp_filter *i = f;
	     i && atomic_add_return(&i->users, -1) == 0; i = i->prev)
		if (i->listener)
			seccomp_listener_orphaned(i->listener);
	seccomp_filter_put(f);
}

/* what seccomp refuses of what BPF has */
static bool
insn_allowed(struct abi_sock_filter *i)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return i->k < sizeof(struct abi_seccomp_data) && !(i->k & 3);
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_RET | BPF_K: case BPF_RET | BPF_A:
	case BPF_LD | BPF_IMM: case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_MEM: case BPF_LDX | BPF_MEM:
	case BPF_ST: case BPF_STX:
	case BPF_MISC | BPF_TAX: case BPF_MISC | BPF_TXA:
		return true;
	}
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
		return (i->code & 0xf0) != BPF_MOD;
	case BPF_JMP:
		return true;
	}
	return false;
}

static int
filter_check(struct seccomp_filter *f)
{
	u16 *scratch = kvmalloc(f->n * sizeof(*scratch), GFP_KERNEL);
	int err;

	if (!scratch)
		return -ENOMEM;
	err = bpf_check(f->prog, f->n, scratch);
	kvfree(scratch);
	for (u32 i = 0; !err && i < f->n; i++)
		if (!insn_allowed(&f->prog[i]))
			err = -EINVAL;
	return err;
}

static int
filter_create(const struct abi_sock_fprog *fp, struct seccomp_filter **out)
{
	struct seccomp_filter *f;
	int err;

	if (fp->len == 0 || fp->len > BPF_MAXINSNS)
		return -EINVAL;
	/* who may gain privileges must not carry a filter into them */
	if (!current->no_new_privs && !ns_capable(current_user_ns(), CAP_SYS_ADMIN))
		return -EACCES;
	f = kvmalloc(sizeof(*f) + fp->len * sizeof(f->prog[0]), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	memset(f, 0, sizeof(*f));
	refcount_set(&f->count, 1);
	f->n = fp->len;
	err = copyin(f->prog, (const void __user *)fp->filter,
		     fp->len * sizeof(f->prog[0]));
	if (!err)
		err = filter_check(f);
	if (err)
		kvfree(f);
	else
		*out = f;
	return err;
}

/* ---- modes ---- */

static bool
may_set_mode(u8 mode)
{
	return !current->seccomp_mode || current->seccomp_mode == mode;
}

/* sighand lock held */
static void
mode_set(struct task *t, u8 mode)
{
	WRITE_ONCE(t->seccomp_mode, mode);
	tif_set(&t->thread, TIF_SECCOMP);
}

int
seccomp_strict(void)
{
	int err = -EINVAL;

	spin_lock_irq(&current->sighand->lock);
	if (may_set_mode(SECCOMP_MODE_STRICT)) {
		mode_set(current, SECCOMP_MODE_STRICT);
		err = 0;
	}
	spin_unlock_irq(&current->sighand->lock);
	return err;
}

static bool
is_ancestor(const struct seccomp_filter *of, const struct seccomp_filter *f)
{
	if (!f)
		return true;
	for (; of; of = of->prev)
		if (of == f)
			return true;
	return false;
}

/* a thread that cannot take over our filters, or NULL. sighand lock held. */
static struct task *
sync_hindrance(void)
{
	struct task *t;

	list_for_each_entry(t, &current->signal->threads, thread_link) {
		if (t == current || (t->flags & TASK_EXITING))
			continue;
		if (t->seccomp_mode == SECCOMP_MODE_DISABLED ||
		    (t->seccomp_mode == SECCOMP_MODE_FILTER &&
		     is_ancestor(current->seccomp, t->seccomp)))
			continue;
		return t;
	}
	return NULL;
}

/*
 * All other threads get our chain. Theirs is part of it, so dropping it frees
 * nothing. sighand lock held.
 */
static void
sync_threads(void)
{
	struct seccomp_filter *old, *new = current->seccomp;
	struct task *t;

	list_for_each_entry(t, &current->signal->threads, thread_link) {
		if (t == current || (t->flags & TASK_EXITING))
			continue;
		old = t->seccomp;
		chain_enter(new);
		smp_store_release(&t->seccomp, new);
		t->seccomp_filters = new->depth;
		chain_leave(old);
		if (current->no_new_privs)
			t->no_new_privs = true;
		mode_set(t, SECCOMP_MODE_FILTER);
	}
}

/* Make f the newest. sighand lock held. 0, a thread id, or -errno. */
static long
attach_locked(u64 flags, struct seccomp_filter *f)
{
	struct seccomp_filter *old = current->seccomp, *i;
	struct task *t;

	if (!may_set_mode(SECCOMP_MODE_FILTER))
		return -EINVAL;
	if (f->listener)
		for (i = old; i; i = i->prev)
			if (i->listener)
				return -EBUSY;
	f->cost = f->n + COST_FILTER + (old ? old->cost : 0);
	if (f->cost - COST_FILTER > COST_MAX)
		return -ENOMEM;
	if (flags & SECCOMP_FILTER_FLAG_TSYNC) {
		t = sync_hindrance();
		if (t)
			return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ?
				-ESRCH : task_tid(t);
	}
	f->prev = old;			/* the task's reference and use go there */
	f->depth = old ? old->depth + 1 : 1;
	atomic_inc(&f->users);
	refcount_get(&f->count);
	smp_store_release(&current->seccomp, f);
	current->seccomp_filters = f->depth;
	mode_set(current, SECCOMP_MODE_FILTER);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		sync_threads();
	return 0;
}

static long
attach(u64 flags, struct seccomp_filter *f)
{
	struct mutex *guard = &current->signal->cred_guard;
	bool sync = flags & SECCOMP_FILTER_FLAG_TSYNC;
	long r;

	/* an execve under way ends the other threads: not both at once */
	if (sync && mutex_lock_intr(guard))
		return -ERESTARTNOINTR;
	spin_lock_irq(&current->sighand->lock);
	r = attach_locked(flags, f);
	spin_unlock_irq(&current->sighand->lock);
	if (sync)
		mutex_unlock(guard);
	return r;
}

long
seccomp_attach(u64 flags, const struct abi_sock_fprog *prog)
{
	struct seccomp_filter *f;
	struct file *file = NULL;
	int fd = -1;
	long r;

	if (flags & ~FLAGS_ALL)
		return -EINVAL;
	/* a descriptor and a thread id cannot be told apart */
	if ((flags & SECCOMP_FILTER_FLAG_TSYNC) &&
	    (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) &&
	    !(flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
		return -EINVAL;
	if ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) &&
	    !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return -EINVAL;
	r = filter_create(prog, &f);
	if (r)
		return r;
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		r = fd = fd_alloc(0, true);
		if (fd >= 0)
			r = seccomp_listener_create(f, flags &
				SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &file);
		if (r < 0)
			goto out;
	}
	r = attach(flags, f);
	if (!r && file) {
		fd_install(fd, file);
		file = NULL;
		r = fd;
		fd = -1;
	}
out:
	if (file)
		file_put(file);
	if (fd >= 0)
		fd_free(fd);
	seccomp_filter_put(f);
	return r;
}

void
seccomp_fork(struct task *c)
{
	struct task *p = current;

	c->seccomp = p->seccomp;
	c->seccomp_mode = p->seccomp_mode;
	c->seccomp_filters = p->seccomp_filters;
	c->no_new_privs = p->no_new_privs;
	chain_enter(c->seccomp);
	if (c->seccomp_mode)
		tif_set(&c->thread, TIF_SECCOMP);
	else
		tif_clear(&c->thread, TIF_SECCOMP);
}

void
seccomp_exit(struct task *t)
{
	struct seccomp_filter *f;

	if (likely(!t->seccomp))
		return;
	spin_lock_irq(&t->sighand->lock);	/* TASK_EXITING: no TSYNC after */
	f = t->seccomp;
	t->seccomp = NULL;
	t->seccomp_filters = 0;
	spin_unlock_irq(&t->sighand->lock);
	chain_leave(f);
}

/* ---- a call ---- */

static bool
load_data(const struct bpf_data *d, u32 off, u32 size, u32 *out)
{
	memcpy(out, (const u8 *)d->bytes + off, sizeof(*out));
	return true;			/* checked when it was attached */
}

/* the strictest answer, and the filter that gave it */
static u32
run_filters(const struct abi_seccomp_data *sd, struct seccomp_filter **match)
{
	struct bpf_data d = { load_data, sd, sizeof(*sd) };
	u32 ret = SECCOMP_RET_ALLOW;

	for (struct seccomp_filter *f = READ_ONCE(current->seccomp); f;
	     f = f->prev) {
		u32 r = bpf_run(f->prog, &d);

		if ((s32)(r & SECCOMP_RET_ACTION_FULL) <
		    (s32)(ret & SECCOMP_RET_ACTION_FULL)) {
			ret = r;
			*match = f;
		}
	}
	return ret;
}

/* SIGSYS for the call in regs, which is not run */
static void
send_sigsys(struct pt_regs *regs, int code, u32 data, bool fatal)
{
	struct abi_siginfo info = {
		.si_signo = SIGSYS, .si_errno = data, .si_code = code,
		.sys = { .call_addr = regs->rip, .syscall = regs->orig_rax,
			 .arch = AUDIT_ARCH_X86_64 },
	};
	unsigned long f;
	struct sighand *s;

	if (fatal) {
		s = sighand_lock(current, &f);
		s->action[SIGSYS - 1].handler = SIG_DFL;
		spin_unlock_irqrestore(&s->lock, f);
	}
	signal_force_info(SIGSYS, &info);
}

static void
log_action(const char *what, const struct pt_regs *regs)
{
	log_ratelimited(seccomp, LOG_NOTICE, "%s[%d]: seccomp: %s, call %ld",
			current_thread->comm, task_tid(current), what,
			(long)regs->orig_rax);
}

/* kill the thread, or the process: the call neither runs nor returns */
static void
kill_caller(struct pt_regs *regs, bool process)
{
	WRITE_ONCE(current->seccomp_mode, MODE_DEAD);
	log_action(process ? "killed" : "thread killed", regs);
	if (!process && current->signal->nr_threads > 1)
		proc_exit(SIGSYS);
	regs->rax = regs->orig_rax;
	send_sigsys(regs, SYS_SECCOMP, 0, true);
	regs->orig_rax = -1;
}

static bool
deny(struct pt_regs *regs, long result)
{
	regs->rax = result;
	return false;
}

static bool
filter_call(struct pt_regs *regs, bool retraced)
{
	struct abi_seccomp_data sd = {
		.nr = regs->orig_rax, .arch = AUDIT_ARCH_X86_64,
		.instruction_pointer = regs->rip,
		.args = { regs->rdi, regs->rsi, regs->rdx, regs->r10,
			  regs->r8, regs->r9 },
	};
	struct seccomp_filter *match = NULL;
	u32 ret = run_filters(&sd, &match), data = ret & SECCOMP_RET_DATA;
	long result;

	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return true;
	case SECCOMP_RET_LOG:
		log_action("logged", regs);
		return true;
	case SECCOMP_RET_ERRNO:
		if (match->log)
			log_action("refused", regs);
		return deny(regs, -(long)min(data, 4095U));
	case SECCOMP_RET_TRAP:
		if (match->log)
			log_action("trapped", regs);
		regs->rax = regs->orig_rax;
		send_sigsys(regs, SYS_SECCOMP, data, false);
		regs->orig_rax = -1;	/* nothing to restart */
		return false;
	case SECCOMP_RET_TRACE:
		if (retraced)
			return true;
		if (!ptrace_event_enabled(current, PTRACE_EVENT_SECCOMP))
			return deny(regs, -ENOSYS);
		ptrace_event(PTRACE_EVENT_SECCOMP, data);
		if (fatal_signal_pending(current))
			return deny(regs, -ERESTARTNOINTR);
		if ((s32)regs->orig_rax < 0)	/* the tracer took it out */
			return false;
		return filter_call(regs, true);
	case SECCOMP_RET_USER_NOTIF:
		return seccomp_notify(match, &sd, &result) ||
			deny(regs, result);
	case SECCOMP_RET_KILL_THREAD:
		kill_caller(regs, false);
		return false;
	default:			/* KILL_PROCESS, and what nobody knows */
		kill_caller(regs, true);
		return false;
	}
}

static bool
strict_call(struct pt_regs *regs)
{
	switch (regs->orig_rax) {
	case 0: case 1: case 15: case 60: /* read write rt_sigreturn exit */
		return true;
	}
	WRITE_ONCE(current->seccomp_mode, MODE_DEAD);
	log_action("killed", regs);
	proc_exit(SIGKILL);
}

/* ---- syscall user dispatch, prctl(2) ---- */

int
syscall_dispatch_set(struct task *t, unsigned long mode, vaddr_t start,
		     u64 len, vaddr_t selector)
{
	u64 end;

	switch (mode) {
	case 0:				/* off */
		if (start || len || selector)
			return -EINVAL;
		break;
	case 1:				/* on, except in [start, start + len) */
		if (start && (add_overflow(start, len, &end) || end <= start))
			return -EINVAL;
		if (selector && !access_ok(selector, 1))
			return -EFAULT;
		break;
	default:
		return -EINVAL;
	}
	t->dispatch.start = start;
	t->dispatch.len = len;
	t->dispatch.selector = selector;
	t->dispatch.on = mode;
	spin_lock_irq(&t->sighand->lock);
	if (mode)
		tif_set(&t->thread, TIF_SECCOMP);
	else if (!t->seccomp_mode)
		tif_clear(&t->thread, TIF_SECCOMP);
	spin_unlock_irq(&t->sighand->lock);
	return 0;
}

/* true: the call is to run in the kernel */
static bool
user_dispatch(struct task *t, struct pt_regs *regs)
{
	u8 selector;

	if (regs->rip - t->dispatch.start < t->dispatch.len)
		return true;
	if (t->dispatch.selector) {
		if (get_user(selector, (u8 __user *)t->dispatch.selector)) {
			signal_force(SIGSEGV, SI_KERNEL, 0, 0, 0);
			goto skip;
		}
		if (selector == 0)	/* SYSCALL_DISPATCH_FILTER_ALLOW */
			return true;
		if (selector != 1) {
			send_sigsys(regs, 0, 0, true);
			goto skip;
		}
	}
	regs->rax = regs->orig_rax;
	send_sigsys(regs, SYS_USER_DISPATCH, 0, false);
skip:
	regs->orig_rax = -1;
	return false;
}

bool
seccomp_enter(struct pt_regs *regs)
{
	struct task *t = current;

	if (t->dispatch.on && !user_dispatch(t, regs))
		return false;
	if (unlikely(t->ptrace & PT_SUSPEND_SECCOMP))
		return true;
	switch (READ_ONCE(t->seccomp_mode)) {
	case SECCOMP_MODE_STRICT:
		return strict_call(regs);
	case SECCOMP_MODE_FILTER:
		return filter_call(regs, false);
	case MODE_DEAD:
		proc_exit(SIGKILL);
	}
	return true;
}
