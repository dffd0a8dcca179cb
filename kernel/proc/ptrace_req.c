/* SPDX-License-Identifier: MIT */
/*
 * The requests of ptrace(2) on a task that stands in a trap (for KILL and
 * INTERRUPT: in any state). Words and structures are copied by way of the
 * kernel; memory of the traced task by mm_access(), as FOLL_FORCE would:
 * breakpoints can be put into read-only code.
 *
 * Absent: PTRACE_SINGLEBLOCK (EIO, as where the CPU cannot), the requests of
 * 32-bit programs, PTRACE_SECCOMP_GET_FILTER.
 */
#include <abi/errno.h>
#include <abi/rseq.h>
#include <abi/signal.h>
#include <arch/fpu.h>
#include <arch/thread.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <sched/sched.h>
#include <task/local.h>
#include <task/signal.h>
#include <vfs/file.h>

#include "ptrace.h"

/* ---- memory and registers, a word at a time ---- */

static ssize_t
access_vm(struct task *t, vaddr_t addr, void *buf, size_t len, bool write)
{
	struct mm *m = task_get_mm(t);
	ssize_t n;

	if (!m)
		return -EIO;
	n = mm_access(m, addr, buf, len, write);
	mm_put_user(m);
	return n;
}

static long
peek_data(struct task *t, unsigned long addr, unsigned long data)
{
	u64 w;

	if (access_vm(t, addr, &w, sizeof(w), false) != sizeof(w))
		return -EIO;
	return put_user(w, (u64 __user *)data);
}

static long
peek_user(struct task *t, unsigned long addr, unsigned long data)
{
	struct user_regs_struct r;
	u64 v = 0;

	if ((addr & 7) || addr >= USER_SIZE)
		return -EIO;
	if (addr < sizeof(r)) {
		ptrace_get_regs(t, &r);
		v = ((u64 *)&r)[addr / 8];
	} else if (addr >= USER_DEBUGREG) {
		v = ptrace_get_debugreg(t, (addr - USER_DEBUGREG) / 8);
	}
	return put_user(v, (u64 __user *)data);
}

static long
poke_user(struct task *t, unsigned long addr, u64 v)
{
	if ((addr & 7) || addr >= USER_SIZE)
		return -EIO;
	if (addr < sizeof(struct user_regs_struct))
		return ptrace_set_reg(t, addr, v);
	if (addr >= USER_DEBUGREG)
		return ptrace_set_debugreg(t, (addr - USER_DEBUGREG) / 8, v);
	return -EIO;
}

/* ---- register sets ---- */

static long
regs_to_user(struct task *t, void __user *to, size_t len)
{
	struct user_regs_struct r;

	ptrace_get_regs(t, &r);
	return copyout(to, &r, min(len, sizeof(r)));
}

static long
regs_from_user(struct task *t, const void __user *from, size_t len)
{
	struct user_regs_struct r;

	len = min(len, sizeof(r));
	if (copyin(&r, from, len))
		return -EFAULT;
	return ptrace_set_regs(t, &r, len);
}

static long
fpu_to_user(struct task *t, void __user *to, size_t len)
{
	u8 *b = kmalloc(fpu_state_size, GFP_KERNEL);
	long r;

	if (!b)
		return -ENOMEM;
	fpu_get_state(&t->thread, b);
	if (len <= FPU_FXSAVE_SIZE)	/* plain FXSAVE: no words of ours */
		memset(b + FPU_XCR0_OFFSET, 0, 48);
	r = copyout(to, b, len);
	kfree(b);
	return r;
}

static long
fpu_from_user(struct task *t, const void __user *from, size_t len, size_t whole)
{
	u8 *b = kmalloc(fpu_state_size, GFP_KERNEL);
	long r;

	if (!b)
		return -ENOMEM;
	/* a shorter one changes its beginning */
	fpu_get_state(&t->thread, b);
	r = copyin(b, from, len);
	if (!r)
		r = fpu_set_state(&t->thread, b, whole);
	kfree(b);
	return r;
}

/* PTRACE_GETREGSET, SETREGSET: type in addr, struct iovec at data. */
static long
regset(struct task *t, bool set, unsigned long type, unsigned long data)
{
	struct { u64 base, len; } iov;
	size_t size, unit = 8;
	void __user *p;
	long r;

	if (copyin(&iov, (void __user *)data, sizeof(iov)))
		return -EFAULT;
	switch (type) {
	case NT_PRSTATUS:
		size = sizeof(struct user_regs_struct);
		break;
	case NT_PRFPREG:
		size = FPU_FXSAVE_SIZE;
		break;
	case NT_X86_XSTATE:
		if (fpu_state_size == FPU_FXSAVE_SIZE)
			return -ENODEV;
		size = fpu_state_size;
		break;
	default:
		return -EINVAL;
	}
	if (iov.len % unit)
		return -EINVAL;
	iov.len = min_t(u64, iov.len, size);
	p = (void __user *)iov.base;
	if (type == NT_PRSTATUS)
		r = set ? regs_from_user(t, p, iov.len) :
			regs_to_user(t, p, iov.len);
	else if (!set)
		r = fpu_to_user(t, p, iov.len);
	else if (type == NT_X86_XSTATE && iov.len != size)
		r = -EFAULT;
	else
		r = fpu_from_user(t, p, iov.len, size);
	if (r)
		return r;
	return put_user(iov.len, (u64 __user *)(data + 8));
}

/* ---- signals ---- */

static long
siginfo(struct task *t, bool set, unsigned long data)
{
	struct abi_siginfo info;
	long r = -EINVAL;

	if (set && copyin(&info, (void __user *)data, sizeof(info)))
		return -EFAULT;
	spin_lock_irq(&t->sighand->lock);
	if (t->last_siginfo) {
		r = 0;
		if (set)
			*t->last_siginfo = info;
		else
			info = *t->last_siginfo;
	}
	spin_unlock_irq(&t->sighand->lock);
	if (!r && !set)
		r = copyout((void __user *)data, &info, sizeof(info));
	return r;
}

/* the n-th queued signal; sighand lock held */
static bool
nth_queued(struct sigpending *p, u64 n, struct abi_siginfo *out)
{
	struct sigqueue_entry *q;

	list_for_each_entry(q, &p->queue, link)
		if (!n--) {
			*out = q->info;
			return true;
		}
	return false;
}

static long
peek_siginfo(struct task *t, unsigned long addr, unsigned long data)
{
	struct abi_siginfo __user *to = (struct abi_siginfo __user *)data;
	struct ptrace_peeksiginfo_args a;
	struct abi_siginfo info;
	s32 i;

	if (copyin(&a, (void __user *)addr, sizeof(a)))
		return -EFAULT;
	if ((a.flags & ~PTRACE_PEEKSIGINFO_SHARED) || a.nr < 0)
		return -EINVAL;
	for (i = 0; i < a.nr; i++) {
		bool found;

		if (a.off + i < a.off)
			break;
		spin_lock_irq(&t->sighand->lock);
		found = nth_queued(a.flags & PTRACE_PEEKSIGINFO_SHARED ?
				   &t->signal->shared : &t->pending,
				   a.off + i, &info);
		spin_unlock_irq(&t->sighand->lock);
		if (!found)
			break;
		if (copyout(to + i, &info, sizeof(info)))
			return i ? i : -EFAULT;
		if (signal_pending_current())
			return i + 1;
		cond_resched();
	}
	return i;
}

static long
sigmask_request(struct task *t, bool set, unsigned long addr,
		unsigned long data)
{
	u64 m;

	if (addr != sizeof(m))
		return -EINVAL;
	if (!set) {
		m = tif_test(&t->thread, TIF_RESTORE_SIGMASK) ?
			t->saved_sigmask : t->blocked;
		return copyout((void __user *)data, &m, sizeof(m));
	}
	if (copyin(&m, (void __user *)data, sizeof(m)))
		return -EFAULT;
	m &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	/* not woken: it looks at what is pending when it goes on */
	spin_lock_irq(&t->sighand->lock);
	t->blocked = m;
	tif_set(&t->thread, TIF_SIGPENDING);
	spin_unlock_irq(&t->sighand->lock);
	tif_clear(&t->thread, TIF_RESTORE_SIGMASK);
	return 0;
}

/* ---- options and figures ---- */

int
ptrace_check_options(unsigned long opt)
{
	if (opt & ~(unsigned long)PTRACE_O_MASK)
		return -EINVAL;
	if ((opt & PTRACE_O_SUSPEND_SECCOMP) &&
	    (!capable(CAP_SYS_ADMIN) ||
	     tif_test(current_thread, TIF_SECCOMP) ||
	     (current->ptrace & PT_SUSPEND_SECCOMP)))
		return -EPERM;
	return 0;
}

static long
set_options(struct task *t, unsigned long opt)
{
	int r = ptrace_check_options(opt);

	if (r)
		return r;
	spin_lock_irq(&t->sighand->lock);
	t->ptrace = (t->ptrace & ~(u32)PT_OPTIONS) | opt << PT_OPT_SHIFT;
	spin_unlock_irq(&t->sighand->lock);
	return 0;
}

static void
fill_args(const struct pt_regs *regs, u64 *nr, u64 args[6])
{
	*nr = regs->orig_rax;
	args[0] = regs->rdi;
	args[1] = regs->rsi;
	args[2] = regs->rdx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

static size_t
fill_syscall_info(struct task *t, struct ptrace_syscall_info *s)
{
	const struct pt_regs *regs = thread_regs(&t->thread);
	int code = t->last_siginfo ? t->last_siginfo->si_code : 0;

	*s = (struct ptrace_syscall_info){ .arch = AUDIT_ARCH_X86_64,
		.instruction_pointer = regs->rip, .stack_pointer = regs->rsp };
	if (code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
		s->op = PTRACE_SYSCALL_INFO_SECCOMP;
		fill_args(regs, &s->seccomp.nr, s->seccomp.args);
		s->seccomp.ret_data = t->ptrace_message;
		return offsetof(struct ptrace_syscall_info, seccomp.ret_data) +
			4;
	}
	if (code != (SIGTRAP | 0x80))
		return offsetof(struct ptrace_syscall_info, entry);
	if (t->ptrace_message == PTRACE_EVENTMSG_SYSCALL_ENTRY) {
		s->op = PTRACE_SYSCALL_INFO_ENTRY;
		fill_args(regs, &s->entry.nr, s->entry.args);
		return offsetof(struct ptrace_syscall_info, entry.args) + 48;
	}
	if (t->ptrace_message != PTRACE_EVENTMSG_SYSCALL_EXIT)
		return offsetof(struct ptrace_syscall_info, entry);
	s->op = PTRACE_SYSCALL_INFO_EXIT;
	s->exit.rval = regs->rax;
	s->exit.is_error = regs->rax >= -4095UL;
	return offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
}

static long
get_syscall_info(struct task *t, unsigned long size, unsigned long data)
{
	struct ptrace_syscall_info s;
	size_t n = fill_syscall_info(t, &s);

	if (copyout((void __user *)data, &s, min(n, size)))
		return -EFAULT;
	return n;
}

static long
get_rseq(struct task *t, unsigned long size, unsigned long data)
{
	struct ptrace_rseq_configuration c = {
		.rseq_abi_pointer = t->rseq_area,
		.rseq_abi_size = t->rseq_area ? sizeof(struct abi_rseq) : 0,
		.signature = t->rseq_sig };

	if (copyout((void __user *)data, &c, min(size, sizeof(c))))
		return -EFAULT;
	return sizeof(c);
}

static long
arch_prctl_request(struct task *t, unsigned long addr, unsigned long code)
{
	struct arch_thread *a = &t->thread.arch;

	switch (code) {
	case 0x1001:			/* ARCH_SET_GS */
	case 0x1002:			/* ARCH_SET_FS */
		if (addr >= USER_MAX)
			return -EPERM;
		*(code == 0x1001 ? &a->gs_base : &a->fs_base) = addr;
		return 0;
	case 0x1003:			/* ARCH_GET_FS */
		return put_user(a->fs_base, (u64 __user *)addr);
	case 0x1004:
		return put_user(a->gs_base, (u64 __user *)addr);
	}
	return -EINVAL;
}

/* ---- going on ---- */

static long
resume(struct task *t, long request, unsigned long sig)
{
	unsigned long set = 0;

	if (sig > NSIG)
		return -EIO;
	if (request == PTRACE_SYSCALL)
		set = TIF_SYSCALL_STOP;
	else if (request == PTRACE_SYSEMU ||
		 request == PTRACE_SYSEMU_SINGLESTEP)
		set = TIF_SYSCALL_EMU;
	tif_clear(&t->thread, TIF_SYSCALL_STOP | TIF_SYSCALL_EMU);
	tif_set(&t->thread, set);
	ptrace_tif_update(t);
	if (request == PTRACE_SINGLESTEP ||
	    request == PTRACE_SYSEMU_SINGLESTEP)
		ptrace_step_enable(t);
	else
		ptrace_step_disable(t);
	spin_lock_irq(&t->sighand->lock);
	t->exit_code = sig;
	t->jobctl &= ~JOBCTL_FROZEN;
	thread_wake_mask(&t->thread, TS_TRACED);
	spin_unlock_irq(&t->sighand->lock);
	return 0;
}

/* Seized tasks: stop now, and stay stopped but hear of what happens. */
static long
interrupt_or_listen(struct task *t, bool listen)
{
	unsigned long f;
	struct sighand *s;
	long r = -EIO;

	if (!(t->ptrace & PT_SEIZED))
		return r;
	s = sighand_lock(t, &f);
	if (!s)
		return r;
	if (!listen) {
		if (jobctl_set(t, JOBCTL_TRAP_STOP))
			ptrace_wake(t, t->jobctl & JOBCTL_LISTENING);
		r = 0;
	} else if (t->last_siginfo &&
		   t->last_siginfo->si_code >> 8 == PTRACE_EVENT_STOP) {
		t->jobctl |= JOBCTL_LISTENING;
		/* something happened since: tell it at once */
		if (t->jobctl & JOBCTL_TRAP_NOTIFY) {
			t->jobctl &= ~JOBCTL_FROZEN;
			ptrace_wake(t, true);
		}
		r = 0;
	}
	spin_unlock_irqrestore(&s->lock, f);
	return r;
}

static long
registers_request(struct task *t, long request, unsigned long addr,
		  unsigned long data)
{
	void __user *p = (void __user *)data;

	switch (request) {
	case PTRACE_PEEKUSR:
		return peek_user(t, addr, data);
	case PTRACE_POKEUSR:
		return poke_user(t, addr, data);
	case PTRACE_GETREGS:
		return regs_to_user(t, p, ~0UL);
	case PTRACE_SETREGS:
		return regs_from_user(t, p, ~0UL);
	case PTRACE_GETFPREGS:
		return fpu_to_user(t, p, FPU_FXSAVE_SIZE);
	case PTRACE_SETFPREGS:
		return fpu_from_user(t, p, FPU_FXSAVE_SIZE, FPU_FXSAVE_SIZE);
	case PTRACE_GETREGSET:
		return regset(t, false, addr, data);
	case PTRACE_SETREGSET:
		return regset(t, true, addr, data);
	case PTRACE_ARCH_PRCTL:
		return arch_prctl_request(t, addr, data);
	}
	return -EIO;
}

long
ptrace_request(struct task *t, long request, unsigned long addr,
	       unsigned long data)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return peek_data(t, addr, data);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return access_vm(t, addr, &data, sizeof(data), true) ==
			sizeof(data) ? 0 : -EIO;
	case PTRACE_OLDSETOPTIONS:
	case PTRACE_SETOPTIONS:
		return set_options(t, data);
	case PTRACE_GETEVENTMSG:
		return put_user(t->ptrace_message, (u64 __user *)data);
	case PTRACE_GETSIGINFO:
		return siginfo(t, false, data);
	case PTRACE_SETSIGINFO:
		return siginfo(t, true, data);
	case PTRACE_PEEKSIGINFO:
		return peek_siginfo(t, addr, data);
	case PTRACE_GETSIGMASK:
		return sigmask_request(t, false, addr, data);
	case PTRACE_SETSIGMASK:
		return sigmask_request(t, true, addr, data);
	case PTRACE_INTERRUPT:
		return interrupt_or_listen(t, false);
	case PTRACE_LISTEN:
		return interrupt_or_listen(t, true);
	case PTRACE_KILL:
		return signal_send_thread(t, SIGKILL, SEND_SIG_USER);
	case PTRACE_SINGLESTEP:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
	case PTRACE_SYSCALL:
	case PTRACE_CONT:
		return resume(t, request, data);
	case PTRACE_GET_SYSCALL_INFO:
		return get_syscall_info(t, addr, data);
	case PTRACE_GET_RSEQ_CONFIGURATION:
		return get_rseq(t, addr, data);
	}
	return registers_request(t, request, addr, data);
}
