/* SPDX-License-Identifier: MIT */
/*
 * membarrier(2): a memory barrier on all CPUs that run threads of a process, by
 * interrupts; and with the RSEQ commands an end to the restartable sequences
 * they are in. rseq(2).
 *
 * The private commands want a registration before, kept in mm->flags; it tells
 * which costs a program accepted. The global one is delivered to every CPU.
 */
#include <abi/mman.h>
#include <abi/rseq.h>
#include <core/smp.h>
#include <lib/bitmap.h>
#include <lib/bitops.h>
#include <mm/mm.h>
#include <sched/rcu.h>
#include <sched/sched.h>
#include <syscall/entry.h>
#include <task/rseq.h>
#include <task/task.h>

#define BARRIERS	(MEMBARRIER_CMD_GLOBAL | \
	MEMBARRIER_CMD_GLOBAL_EXPEDITED | \
	MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | \
	MEMBARRIER_CMD_PRIVATE_EXPEDITED | \
	MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | \
	MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | \
	MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE | \
	MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | \
	MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)

static void
barrier_ipi(void *arg)
{
	(void)arg;
	smp_mb();		/* and the iret behind us serialises */
}

static void
rseq_ipi(void *mm)
{
	struct thread *t = current_thread;

	smp_mb();
	if (t->rseq && thread_task(t)->mm == mm)
		tif_set(t, TIF_RSEQ);	/* seen by the return from here */
}

/* a full barrier on every CPU that runs something */
static void
barrier_all(void)
{
	smp_mb();
	if (nr_cpus > 1)
		smp_call(cpu_online_mask, barrier_ipi, NULL);
	smp_mb();
}

/* @cpu -1: all. Our own thread is in a call, so in no sequence. */
static void
barrier_rseq(struct mm *m, int cpu)
{
	unsigned long one[BITS_TO_LONGS(CONFIG_MAX_CPUS)] = { 0 };

	smp_mb();
	if (cpu < 0) {
		if (nr_cpus > 1)
			smp_call(cpu_online_mask, rseq_ipi, m);
	} else if ((u32)cpu < nr_cpus && (u32)cpu != cpu_id()) {
		one[cpu / 64] = BIT(cpu % 64);
		smp_call(one, rseq_ipi, m);
	}
	smp_mb();
}

/* registered for a private command? */
static int
registered(const struct mm *m, int bit)
{
	return READ_ONCE(m->flags) & BIT(bit) ? 0 : -EPERM;
}

long
sys_membarrier(int cmd, unsigned int flags, int cpu)
{
	struct mm *m = current_mm();
	int err;

	if (cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) {
		if (flags & ~MEMBARRIER_CMD_FLAG_CPU)
			return -EINVAL;
	} else if (flags) {
		return -EINVAL;
	}
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return BARRIERS;
	case MEMBARRIER_CMD_GLOBAL:
		if (nr_cpus > 1)
			synchronize_rcu();
		return 0;
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		barrier_all();
		return 0;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		return 0;		/* every process is reached anyway */
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		set_bit(MMF_MEMBARRIER, (unsigned long *)&m->flags);
		return 0;
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
		set_bit(MMF_MEMBARRIER_SYNC, (unsigned long *)&m->flags);
		return 0;
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		set_bit(MMF_MEMBARRIER_RSEQ, (unsigned long *)&m->flags);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		err = registered(m, MMF_MEMBARRIER);
		break;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		err = registered(m, MMF_MEMBARRIER_SYNC);
		break;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		err = registered(m, MMF_MEMBARRIER_RSEQ);
		if (!err && refcount_read(&m->users) > 1)
			barrier_rseq(m, flags & MEMBARRIER_CMD_FLAG_CPU ?
				     cpu : -1);
		return err;
	default:
		return -EINVAL;
	}
	if (!err && refcount_read(&m->users) > 1)
		barrier_all();
	return err;
}

/* ---- rseq(2) ---- */

static long
rseq_unregister(struct abi_rseq __user *u, u32 len, int flags, u32 sig)
{
	struct task *t = current;

	if (flags & ~RSEQ_FLAG_UNREGISTER)
		return -EINVAL;
	if (!t->rseq_area || t->rseq_area != (vaddr_t)u || len != sizeof(*u))
		return -EINVAL;
	if (t->rseq_sig != sig)
		return -EPERM;
	if (put_user(0U, &u->cpu_id_start) ||
	    put_user(RSEQ_CPU_ID_UNINITIALIZED, &u->cpu_id))
		return -EFAULT;
	rseq_set(t, 0, 0);
	return 0;
}

long
sys_rseq(struct abi_rseq __user *u, u32 len, int flags, u32 sig)
{
	struct task *t = current;

	if (flags & RSEQ_FLAG_UNREGISTER)
		return rseq_unregister(u, len, flags, sig);
	if (flags)
		return -EINVAL;
	if (t->rseq_area) {
		if (t->rseq_area != (vaddr_t)u || len != sizeof(*u))
			return -EINVAL;
		return t->rseq_sig == sig ? -EBUSY : -EPERM;
	}
	if (!IS_ALIGNED((vaddr_t)u, sizeof(*u)) || len != sizeof(*u))
		return -EINVAL;
	if (!access_ok(u, sizeof(*u)))
		return -EFAULT;
	rseq_set(t, (vaddr_t)u, sig);
	return 0;
}
