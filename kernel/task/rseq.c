/* SPDX-License-Identifier: MIT */
/*
 * Restartable sequences, rseq(2).
 *
 * A thread registers an area in its memory. It holds the number of the CPU the
 * thread runs on, and a pointer to the critical section it is in, if any: a
 * stretch of instructions that must run without a break on one CPU. When the
 * thread is switched out or gets a signal in such a section, it resumes at the
 * section's abort address instead.
 *
 * thread.rseq says that there is an area. The scheduler then marks a thread
 * that it switches out with TIF_RSEQ, and rseq_resume() does all when the
 * thread goes back to user mode; so does membarrier(2) from an interrupt. A
 * thread without an area costs the switch the test of a byte.
 *
 * Nothing in user memory is trusted: addresses must be user's, the abort
 * address outside of the section and behind the registered signature (so that
 * a program that is attacked cannot be sent anywhere). What is wrong is
 * SIGSEGV. The CPU number is written again only when it changed; but a program
 * that writes the field itself gets no answer to that.
 *
 * This is what Linux 6.1 has: an area of 32 bytes, no node_id and mm_cid, hence
 * no AT_RSEQ_* in the auxiliary vector.
 */
#include <abi/errno.h>
#include <abi/rseq.h>
#include <arch/layout.h>
#include <arch/regs.h>
#include <arch/upcall.h>
#include <core/smp.h>
#include <mm/uaccess.h>
#include <task/rseq.h>
#include <task/task.h>

#define CPU_UNTOLD	((u32)-1)

void
rseq_set(struct task *t, vaddr_t area, u32 sig)
{
	t->rseq_area = area;
	t->rseq_sig = area ? sig : 0;
	t->rseq_cpu = CPU_UNTOLD;
	t->thread.rseq = area != 0;
	if (area)
		tif_set(&t->thread, TIF_RSEQ);
	else
		tif_clear(&t->thread, TIF_RSEQ);
}

void
rseq_fork(struct task *c, bool shares_memory)
{
	rseq_set(c, shares_memory ? 0 : c->rseq_area, c->rseq_sig);
}

static struct abi_rseq __user *
area_of(struct task *t)
{
	return (struct abi_rseq __user *)t->rseq_area;
}

/* the section's rules, and the signature before its abort address */
static int
section_check(struct task *t, const struct abi_rseq_cs *cs)
{
	u64 end;
	u32 sig;

	if (cs->start_ip >= USER_MAX || cs->abort_ip >= USER_MAX ||
	    add_overflow(cs->start_ip, cs->post_commit_offset, &end) ||
	    end >= USER_MAX || cs->version)
		return -EINVAL;
	if (cs->abort_ip - cs->start_ip < cs->post_commit_offset ||
	    cs->abort_ip < sizeof(sig))
		return -EINVAL;
	if (get_user(sig, (u32 __user *)(cs->abort_ip - sizeof(sig))))
		return -EFAULT;
	return sig == t->rseq_sig ? 0 : -EINVAL;
}

/* regs leaves the section it is in */
static int
section_abort(struct task *t, struct pt_regs *regs)
{
	struct abi_rseq __user *a = area_of(t);
	struct abi_rseq_cs cs;
	u64 at;
	u32 flags;
	int err;

	if (get_user(at, &a->rseq_cs))
		return -EFAULT;
	if (!at)
		return 0;
	if (!access_ok(at, sizeof(cs)) ||
	    copyin(&cs, (void __user *)at, sizeof(cs)))
		return -EFAULT;
	err = section_check(t, &cs);
	if (err)
		return err;
	if (regs->rip - cs.start_ip >= cs.post_commit_offset)
		return put_user(0UL, &a->rseq_cs);	/* it was left */
	if (get_user(flags, &a->flags))
		return -EFAULT;
	if ((flags | cs.flags) & RSEQ_CS_FLAGS_NO_RESTART)
		return -EINVAL;
	if (put_user(0UL, &a->rseq_cs))
		return -EFAULT;
	regs->rip = cs.abort_ip;
	tif_own_set(&t->thread, TIF_IRET);
	return 0;
}

static int
tell_cpu(struct task *t)
{
	struct abi_rseq __user *a = area_of(t);
	u32 cpu = READ_ONCE(t->thread.cpu);

	/* a move from now on sets TIF_RSEQ again */
	if (cpu == t->rseq_cpu)
		return 0;
	t->rseq_cpu = cpu;
	return put_user(cpu, &a->cpu_id_start) || put_user(cpu, &a->cpu_id) ?
		-EFAULT : 0;
}

void
rseq_resume(struct pt_regs *regs)
{
	struct task *t = current;

	tif_clear(&t->thread, TIF_RSEQ);
	if (!t->rseq_area || (t->flags & TASK_EXITING))
		return;
	if (section_abort(t, regs) || tell_cpu(t))
		signal_force(SIGSEGV, SI_KERNEL, 0, 0, 0);
}

int
rseq_signal(struct pt_regs *regs)
{
	struct task *t = current;

	if (likely(!t->rseq_area))
		return 0;
	return section_abort(t, regs) ? -EFAULT : 0;
}
