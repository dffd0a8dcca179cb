/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/wchan, stack and syscall: where a thread sleeps in the kernel. The chain of
 * frame pointers is followed from where the scheduler left it. The thread may
 * wake, or end and lose its stack, at any moment: every word is read in a way
 * that survives that, and the answer is a hint.
 */
#include <arch/thread.h>
#include <core/ksyms.h>
#include <lib/printf.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include <task/ptrace.h>
#include "local.h"

#define DEPTH_MAX	32

/* what switch_stack() leaves at the saved stack pointer */
struct switch_frame { u64 r15, r14, r13, r12, rbx, rbp, rip; };

/* return addresses, innermost first: how many */
static unsigned int
stack_walk(struct task *t, unsigned long *out, unsigned int max)
{
	unsigned long low = (unsigned long)READ_ONCE(t->thread.kstack);
	unsigned long high = low + KSTACK_SIZE;
	unsigned long sp = READ_ONCE(t->thread.arch.rsp), bp;
	struct switch_frame sf;
	unsigned int n = 0;
	struct { u64 next, rip; } fr;

	if (!low || READ_ONCE(t->thread.on_cpu) || t == current ||
	    READ_ONCE(t->thread.state) == TS_RUNNING || sp < low ||
	    sp > high - sizeof(sf) ||
	    kernel_read_nofault(&sf, (void *)sp, sizeof(sf)))
		return 0;
	out[n++] = sf.rip;
	for (bp = sf.rbp; n < max; bp = fr.next) {
		if (bp <= sp || bp > high - sizeof(fr) || bp % 8 ||
		    kernel_read_nofault(&fr, (void *)bp, sizeof(fr)))
			break;
		sp = bp;
		if (!fr.rip)
			break;
		out[n++] = fr.rip;
	}
	return n;
}

/* not where it waits, but how */
static bool
is_sleeper(const char *name)
{
	static const char *const prefixes[] = {
		"schedule", "switch_", "arch_switch", "waitq_", "mutex_",
		"rwsem_", "completion_", "cond_resched", "sched_",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_has_prefix(name, prefixes[i]))
			return true;
	return false;
}

int
pid_show_wchan(struct seq_buf *s, struct task *t, bool whole)
{
	unsigned long addr[DEPTH_MAX], off;
	unsigned int n = proc_may_access(t) ? 0 :
		stack_walk(t, addr, DEPTH_MAX);
	const char *name;

	for (unsigned int i = 0; i < n; i++) {
		name = ksym_lookup(addr[i] - 1, &off);
		if (!name)
			break;
		if (!is_sleeper(name)) {
			seq_puts(s, name);
			return 0;
		}
	}
	seq_putc(s, '0');
	return 0;
}

int
pid_show_stack(struct seq_buf *s, struct task *t, bool whole)
{
	unsigned long addr[DEPTH_MAX], off;
	unsigned int n;
	const char *name;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	n = stack_walk(t, addr, DEPTH_MAX);
	for (unsigned int i = 0; i < n; i++) {
		name = ksym_lookup(addr[i] - 1, &off);
		if (!name)
			break;
		seq_printf(s, "[<0>] %s+0x%lx\n", name, off + 1);
	}
	return 0;
}

/* number, arguments, stack and instruction pointer of a thread that sleeps */
int
pid_show_syscall(struct seq_buf *s, struct task *t, bool whole)
{
	struct pt_regs r;

	if (ptrace_may_access(t, PTRACE_MODE_ATTACH | PTRACE_MODE_FSCREDS))
		return -EPERM;
	if (t == current) {
		r = *thread_regs(&t->thread);
	} else {
		u8 *low = READ_ONCE(t->thread.kstack);

		if (t->flags & TASK_KTHREAD) {
			seq_puts(s, "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n");
			return 0;
		}
		if (!low || READ_ONCE(t->thread.on_cpu) ||
		    READ_ONCE(t->thread.state) == TS_RUNNING ||
		    kernel_read_nofault(&r, (struct pt_regs *)
			(low + KSTACK_SIZE) - 1, sizeof(r))) {
			seq_puts(s, "running\n");
			return 0;
		}
	}
	if ((s64)r.orig_rax < 0)
		seq_printf(s, "%ld 0x%lx 0x%lx\n", (s64)r.orig_rax, r.rsp,
			   r.rip);
	else
		seq_printf(s, "%ld 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx "
			   "0x%lx 0x%lx\n", (s64)r.orig_rax, r.rdi, r.rsi,
			   r.rdx, r.r10, r.r8, r.r9, r.rsp, r.rip);
	return 0;
}
