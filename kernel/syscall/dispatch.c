/* SPDX-License-Identifier: MIT */
/*
 * The slow path of a system call: taken only by threads with a
 * TIF_SYSCALL_WORK flag. Calls without one go from entry.S straight through
 * sys_call_table.
 */
#include <abi/errno.h>
#include <arch/upcall.h>
#include <core/log.h>
#include <proc/seccomp.h>
#include <syscall/syscall.h>
#include <task/ptrace.h>

LOG_MODULE_DEFINE(syscall);

typedef long (*syscall_fn)(u64, u64, u64, u64, u64, u64);

bool
syscall_trace_wanted(void)
{
	return log_module_syscall.level >= LOG_TRACE;
}

/* A hole in the table. Said once in a while: somebody may miss it. */
long
sys_ni_syscall(void)
{
	struct pt_regs *r = thread_regs(current_thread);

	log_ratelimited(syscall, LOG_NOTICE,
			"%s[%d]: system call %ld is not implemented",
			current_thread->comm, pid_nr(current->pid),
			(long)r->orig_rax);
	return -ENOSYS;
}

long
syscall_refused(const char *what, u64 value, long err)
{
	struct pt_regs *r = thread_regs(current_thread);
	const struct syscall_desc *d = syscall_describe(r->orig_rax);

	log_ratelimited(syscall, LOG_NOTICE,
			"%s[%d]: system call %ld (%s): %s %#lx is not supported",
			current_thread->comm, pid_nr(current->pid),
			(long)r->orig_rax, d ? d->name : "?", what, value);
	return err;
}

/* The registers say which and with what: a tracer may have changed them. */
static void
syscall_call(struct pt_regs *regs)
{
	u64 nr = regs->orig_rax;
	const u64 args[6] = { regs->rdi, regs->rsi, regs->rdx, regs->r10,
		regs->r8, regs->r9 };
	bool log = tif_test(current_thread, TIF_SYSCALL_TRACE) &&
		!(current->flags & TASK_LOG_READER);
	long r;

	if (log)
		strace_enter(nr, args);
	if (nr < sys_call_count)
		r = ((syscall_fn)sys_call_table[nr])(args[0], args[1], args[2],
						     args[3], args[4], args[5]);
	else
		r = sys_ni_syscall();
	regs->rax = r;
	if (log)
		strace_exit(nr, args, r);
}

void
syscall_dispatch(struct pt_regs *regs)
{
	bool go = true;

	if (tif_test(current_thread, TIF_PTRACE))
		go = ptrace_syscall_enter(regs);
	if (go && tif_test(current_thread, TIF_SECCOMP))
		go = seccomp_enter(regs);
	if (go)
		syscall_call(regs);
	if (tif_test(current_thread, TIF_PTRACE))
		ptrace_syscall_exit(regs);
}
