/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/stat, statm, status: the figures of a process or thread in the
 * formats of proc(5). Family and threads are read under the tasklist lock in
 * one go; the rest is each consistent for itself.
 */
#include <core/smp.h>
#include <lib/bitmap.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <task/itimer.h>
#include <task/pid_ns.h>
#include <task/signal.h>
#include <tty/tty.h>
#include <vfs/namei.h>
#include "local.h"

#define PF_EXITING	0x00000004
#define PF_FORKNOEXEC	0x00000040
#define PF_KTHREAD	0x00200000
#define PF_RANDOMIZE	0x00400000

#define NS_PER_TICK	(NSEC_PER_SEC / HZ_USER)

struct family {
	pid_t ppid, tracer, pgrp, sid;
	u32 nr_threads;
	u64 min_flt, maj_flt, cmin_flt, cmaj_flt, cutime_ns, cstime_ns;
	int exit_signal;
	struct pid *pgrp_pid, *sid_pid;	/* counted, or NULL */
};

static void
family_get(struct task *t, bool whole, struct pid_ns *ns, struct family *o)
{
	struct signal_struct *sig = t->signal;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	struct task *x;

	*o = (struct family){ .min_flt = t->min_flt, .maj_flt = t->maj_flt,
			      .exit_signal = t->exit_signal };
	if (!t->links[PIDTYPE_PID].pid) {	/* reaped meanwhile */
		spin_unlock_irqrestore(&tasklist_lock, f);
		return;
	}
	o->ppid = t->real_parent ? pid_nr_ns(t->real_parent->tgid, ns) : 0;
	o->tracer = t->ptrace ? pid_nr_ns(t->parent->pid, ns) : 0;
	o->pgrp = pid_nr_ns(sig->pgrp, ns);
	o->sid = pid_nr_ns(sig->session, ns);
	o->pgrp_pid = sig->pgrp;
	o->sid_pid = sig->session;
	if (o->pgrp_pid)
		pid_get(o->pgrp_pid);
	if (o->sid_pid)
		pid_get(o->sid_pid);
	o->nr_threads = sig->nr_threads;
	if (whole) {
		o->min_flt = sig->min_flt;
		o->maj_flt = sig->maj_flt;
		list_for_each_entry(x, &sig->threads, thread_link) {
			o->min_flt += x->min_flt;
			o->maj_flt += x->maj_flt;
		}
		o->cmin_flt = sig->cmin_flt;
		o->cmaj_flt = sig->cmaj_flt;
		o->cutime_ns = sig->cutime_ns;
		o->cstime_ns = sig->cstime_ns;
	}
	spin_unlock_irqrestore(&tasklist_lock, f);
}

static void
family_put(const struct family *o)
{
	pid_put(o->pgrp_pid);
	pid_put(o->sid_pid);
}

/* thread's own, or the process's with its dead threads */
static void
times_get(struct task *t, bool whole, u64 *ut, u64 *st)
{
	if (whole)
		group_cpu_times(t, ut, st);
	else
		thread_times(&t->thread, ut, st);
}

static u32
pf_flags(const struct task *t)
{
	u32 f = 0;

	if (t->flags & TASK_KTHREAD)
		f |= PF_KTHREAD;
	if (t->flags & TASK_EXITING)
		f |= PF_EXITING;
	if (t->flags & TASK_FORKNOEXEC)
		f |= PF_FORKNOEXEC;
	if (aslr_enabled && t->mm)
		f |= PF_RANDOMIZE;
	return f;
}

static int
stat_priority(const struct thread *th)
{
	return th->rt_prio ? -1 - th->rt_prio : 20 + th->nice;
}

/* names may hold anything: show them on one line */
static void
put_name(struct seq_buf *s, const struct task *t, bool escape)
{
	char name[sizeof(t->thread.comm)];

	memcpy(name, t->thread.comm, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (const char *p = name; *p; p++) {
		if (escape && *p == '\n')
			seq_puts(s, "\\n");
		else if (escape && *p == '\\')
			seq_puts(s, "\\\\");
		else
			seq_putc(s, *p);
	}
}

int
pid_show_stat(struct seq_buf *s, struct task *t, bool whole)
{
	u64 pnd, shpnd, blk, ign, cgt, ut, st;
	bool may = !proc_may_access(t);
	struct mm *m = task_get_mm(t);
	struct family fam;
	pid_t tpgid;
	dev_t tty = tty_of_task(t, &tpgid);
	char state = task_state_char(t);

	family_get(t, whole, s->pid_ns, &fam);
	times_get(t, whole, &ut, &st);
	signal_sets(t, &pnd, &shpnd, &blk, &ign, &cgt);

	seq_printf(s, "%d (", pid_nr_ns(t->pid, s->pid_ns));
	put_name(s, t, false);
	seq_printf(s, ") %c %d %d %d %d %d %u %lu %lu %lu %lu", state,
		   fam.ppid, fam.pgrp, fam.sid, (int)dev_encode(tty), tpgid,
		   pf_flags(t), fam.min_flt, fam.cmin_flt, fam.maj_flt,
		   fam.cmaj_flt);
	seq_printf(s, " %lu %lu %lu %lu %d %d %u 0 %lu", ut / NS_PER_TICK,
		   st / NS_PER_TICK, fam.cutime_ns / NS_PER_TICK,
		   fam.cstime_ns / NS_PER_TICK, stat_priority(&t->thread),
		   t->thread.nice, fam.nr_threads, t->start_ns / NS_PER_TICK);
	seq_printf(s, " %lu %lu %lu", m ? m->total_vm * PAGE_SIZE : 0,
		   m ? mm_rss(m) : 0, t->signal->rlim[RLIMIT_RSS].cur);
	if (m && may)
		seq_printf(s, " %lu %lu %lu", m->start_code, m->end_code,
			   m->start_stack);
	else
		seq_puts(s, m ? " 1 1 0" : " 0 0 0");
	/* esp and eip are told of dead or dumping processes only */
	seq_printf(s, " 0 0 %lu %lu %lu %lu", pnd & 0x7fffffff,
		   blk & 0x7fffffff, ign & 0x7fffffff, cgt & 0x7fffffff);
	/* wchan: does it wait in the kernel? swap figures are always 0 */
	seq_printf(s, " %d 0 0 %d %u %u %u 0 0 0",
		   may && state != 'R' && state != 'Z' && state != 'X',
		   fam.exit_signal, t->thread.cpu, t->thread.rt_prio,
		   t->thread.policy);
	if (m && may)
		seq_printf(s, " %lu %lu %lu %lu %lu %lu %lu", m->start_data,
			   m->end_data, m->start_brk, m->arg_start, m->arg_end,
			   m->env_start, m->env_end);
	else
		seq_puts(s, " 0 0 0 0 0 0 0");
	seq_printf(s, " %d\n", may ? t->exit_code : 0);
	if (m)
		mm_put_user(m);
	family_put(&fam);
	return 0;
}

int
pid_show_statm(struct seq_buf *s, struct task *t, bool whole)
{
	struct mm *m = task_get_mm(t);
	u64 shared, text;

	if (!m) {
		seq_puts(s, "0 0 0 0 0 0 0\n");
		return 0;
	}
	shared = atomic64_read(&m->rss_file) + atomic64_read(&m->rss_shmem);
	text = (ALIGN_UP(m->end_code, PAGE_SIZE) -
		ALIGN_DOWN(m->start_code, PAGE_SIZE)) / PAGE_SIZE;
	seq_printf(s, "%lu %lu %lu %lu 0 %lu 0\n", m->total_vm, mm_rss(m),
		   shared, text, m->data_vm + m->stack_vm);
	mm_put_user(m);
	return 0;
}

/* -- status -------------------------------------------------------------- */

static const char *
state_name(char c)
{
	switch (c) {
	case 'R': return "R (running)";
	case 'S': return "S (sleeping)";
	case 'D': return "D (disk sleep)";
	case 'T': return "T (stopped)";
	case 't': return "t (tracing stop)";
	case 'X': return "X (dead)";
	case 'Z': return "Z (zombie)";
	case 'I': return "I (idle)";
	}
	return "? (unknown)";
}

/* in the reader's namespace, and those below down to the process's own */
static void
put_numbers(struct seq_buf *s, const char *name, const struct pid *p, u32 last)
{
	seq_printf(s, "%s:", name);
	for (u32 l = s->pid_ns->level; l <= last; l++)
		seq_printf(s, "\t%d", p && l <= p->level ? p->up[l].nr : 0);
	seq_putc(s, '\n');
}

static void
status_ids(struct seq_buf *s, struct task *t, const struct family *fam)
{
	const struct user_ns *ns = s->cred->user_ns;
	const struct cred *c = task_cred_get(t);
	pid_t tid = pid_nr_ns(t->pid, s->pid_ns);
	pid_t tgid = pid_nr_ns(t->tgid, s->pid_ns);

	seq_printf(s, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n"
		   "TracerPid:\t%d\n", tgid, tid, fam->ppid, fam->tracer);
	seq_printf(s, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n",
		   from_kuid_munged(ns, c->uid), from_kuid_munged(ns, c->euid),
		   from_kuid_munged(ns, c->suid),
		   from_kuid_munged(ns, c->fsuid),
		   from_kgid_munged(ns, c->gid), from_kgid_munged(ns, c->egid),
		   from_kgid_munged(ns, c->sgid),
		   from_kgid_munged(ns, c->fsgid));
	seq_printf(s, "FDSize:\t%u\nGroups:\t", proc_task_fd_slots(t));
	for (u32 i = 0; c->groups && i < c->groups->n; i++)
		seq_printf(s, "%u ", from_kgid_munged(ns, c->groups->gid[i]));
	if (!c->groups || !c->groups->n)
		seq_putc(s, ' ');
	seq_putc(s, '\n');
	put_numbers(s, "NStgid", t->tgid, t->pid->level);
	put_numbers(s, "NSpid", t->pid, t->pid->level);
	put_numbers(s, "NSpgid", fam->pgrp_pid, t->pid->level);
	put_numbers(s, "NSsid", fam->sid_pid, t->pid->level);
	cred_put(c);
}

static void
kib(struct seq_buf *s, const char *name, u64 pages)
{
	seq_printf(s, "%s:\t%8lu kB\n", name, pages * (PAGE_SIZE / 1024));
}

static void
status_mm(struct seq_buf *s, struct mm *m)
{
	u64 rss = mm_rss(m), text, exec;
	u64 anon = atomic64_read(&m->rss_anon);

	text = (ALIGN_UP(m->end_code, PAGE_SIZE) -
		ALIGN_DOWN(m->start_code, PAGE_SIZE)) / PAGE_SIZE;
	text = min(text, m->exec_vm);
	exec = m->exec_vm - text;
	kib(s, "VmPeak", max(m->hiwater_vm, m->total_vm));
	kib(s, "VmSize", m->total_vm);
	kib(s, "VmLck", m->locked_vm);
	kib(s, "VmPin", 0);
	kib(s, "VmHWM", max(m->hiwater_rss, rss));
	kib(s, "VmRSS", rss);
	kib(s, "RssAnon", anon);
	kib(s, "RssFile", atomic64_read(&m->rss_file));
	kib(s, "RssShmem", atomic64_read(&m->rss_shmem));
	kib(s, "VmData", m->data_vm);
	kib(s, "VmStk", m->stack_vm);
	kib(s, "VmExe", text);
	kib(s, "VmLib", exec);
	kib(s, "VmPTE", atomic64_read(&m->nr_ptes));
	kib(s, "VmSwap", 0);
	seq_printf(s, "CoreDumping:\t0\nTHP_enabled:\t%d\n",
		   !(m->flags & BIT(MMF_NO_THP)));
}

static void
status_signals(struct seq_buf *s, struct task *t, u32 nr_threads)
{
	const struct cred *c = task_cred_get(t);
	u64 pnd, shpnd, blk, ign, cgt;

	signal_sets(t, &pnd, &shpnd, &blk, &ign, &cgt);
	seq_printf(s, "Threads:\t%u\nSigQ:\t%d/%lu\n", nr_threads,
		   c->user ? atomic_read(&c->user->sigpending) : 0,
		   t->signal->rlim[RLIMIT_SIGPENDING].cur);
	seq_printf(s, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n"
		   "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", pnd, shpnd, blk, ign,
		   cgt);
	seq_printf(s, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n"
		   "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", c->cap_inheritable,
		   c->cap_permitted, c->cap_effective, c->cap_bset,
		   c->cap_ambient);
	seq_printf(s, "NoNewPrivs:\t%d\nSeccomp:\t%u\nSeccomp_filters:\t%u\n",
		   t->no_new_privs, t->seccomp_mode, t->seccomp_filters);
	cred_put(c);
}

/* groups of 32 bits, the highest first, as many bits as CPUs are possible */
static void
put_cpu_mask(struct seq_buf *s, const unsigned long *mask, u32 bits)
{
	for (u32 w = DIV_ROUND_UP(bits, 32); w--; ) {
		u32 v = mask[w / 2] >> (w & 1) * 32;
		u32 left = min(bits - w * 32, 32U);

		if (left < 32)
			v &= (1U << left) - 1;
		seq_printf(s, "%0*x", (int)DIV_ROUND_UP(left, 4), v);
		if (w)
			seq_putc(s, ',');
	}
}

static void
status_cpus(struct seq_buf *s, struct task *t)
{
	unsigned long mask[ARRAY_SIZE(t->thread.affinity)] = { 0 };
	char list[256];

	for (u32 c = 0; c < nr_cpus_possible; c++)
		if (bitmap_test_bit(t->thread.affinity, c))
			bitmap_set_bit(mask, c);
	seq_puts(s, "Cpus_allowed:\t");
	put_cpu_mask(s, mask, nr_cpus_possible);
	bitmap_print_list(list, sizeof(list), mask, nr_cpus_possible);
	seq_printf(s, "\nCpus_allowed_list:\t%s\nMems_allowed:\t1\n"
		   "Mems_allowed_list:\t0\n", list);
	seq_printf(s, "voluntary_ctxt_switches:\t%lu\n"
		   "nonvoluntary_ctxt_switches:\t%lu\n", t->thread.nvcsw,
		   t->thread.nivcsw);
}

int
pid_show_status(struct seq_buf *s, struct task *t, bool whole)
{
	struct mm *m = task_get_mm(t);
	struct family fam;
	mode_t umask;

	family_get(t, whole, s->pid_ns, &fam);
	seq_puts(s, "Name:\t");
	put_name(s, t, true);
	seq_putc(s, '\n');
	if (proc_task_fs(t, NULL, NULL, &umask))
		seq_printf(s, "Umask:\t%04o\n", umask);
	seq_printf(s, "State:\t%s\n", state_name(task_state_char(t)));
	status_ids(s, t, &fam);
	if (m) {
		status_mm(s, m);
		mm_put_user(m);
	}
	status_signals(s, t, fam.nr_threads);
	status_cpus(s, t);
	family_put(&fam);
	return 0;
}
