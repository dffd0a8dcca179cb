/* SPDX-License-Identifier: MIT */
/*
 * The out-of-memory killer: chooses the process whose end frees the most.
 *
 * Badness is resident pages plus page tables, shifted by oom_score_adj
 * (proc(5)): +1000 means "first", -1000 "never". Init and kernel threads are
 * never chosen. While a victim still dies no other is chosen: it is marked and
 * may use the reserves, so that it can. One that takes longer than VICTIM_NS
 * perhaps waits for a lock of somebody who waits for memory; then the next is
 * chosen, who may be that one.
 */
#include <core/log.h>
#include <core/sysrq.h>
#include <mm/mm.h>
#include <proc/proc.h>
#include <task/local.h>
#include <task/oom.h>
#include <task/signal.h>

#define VICTIM_NS (2 * NSEC_PER_SEC)

static nsec_t victim_at;		/* tasklist lock: the last was chosen */

/* tasklist lock held; pages, or negative when it must live */
static s64
badness(struct task *leader, u64 total)
{
	struct task *t;
	s64 adj = leader->signal->oom_score_adj, points;
	struct mm *m = NULL;

	if (task_is_init(leader) || (leader->flags & TASK_KTHREAD) ||
	    adj == -1000)
		return -1;
	list_for_each_entry(t, &leader->signal->threads, thread_link)
		if (t->mm)
			m = t->mm;
	if (!m)
		return -1;
	points = atomic64_read(&m->rss_anon) + atomic64_read(&m->rss_file) +
		atomic64_read(&m->rss_shmem) + atomic64_read(&m->nr_ptes);
	points += adj * (s64)total / 1000;
	return points > 0 ? points : 1;
}

u64
oom_score(struct task *leader)
{
	struct mem_stat ms;
	unsigned long f;
	s64 b;

	mem_stat_get(&ms);
	f = spin_lock_irqsave(&tasklist_lock);
	b = badness(leader, ms.total);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return b <= 0 || !ms.total ? 0 :
		min_t(u64, 2000, (u64)b * 1000 / ms.total);
}

/* A victim that has not given its memory back yet? tasklist lock held. */
static bool
someone_dies(void)
{
	struct task *l, *t;

	list_for_each_entry(l, &all_tasks, task_link)
		list_for_each_entry(t, &l->signal->threads, thread_link)
			if (tif_test(&t->thread, TIF_OOM_VICTIM) && t->mm)
				return true;
	return false;
}

/* the worst of those who are not to die already; tasklist lock held */
static struct task *
choose(u64 total)
{
	struct task *l, *victim = NULL;
	s64 worst = 0, b;

	list_for_each_entry(l, &all_tasks, task_link) {
		if (tif_test(&l->thread, TIF_OOM_VICTIM))
			continue;
		b = badness(l, total);
		if (b > worst) {
			worst = b;
			victim = l;
		}
	}
	return victim;
}

/* kill one, or true when it is worth waiting for one that dies */
static bool
oom_kill_one(void)
{
	struct task *t, *victim = NULL;
	struct mem_stat ms;
	unsigned long f;
	bool dying;
	u64 rss = 0;

	mem_stat_get(&ms);
	f = spin_lock_irqsave(&tasklist_lock);
	dying = someone_dies();
	if (!dying || clock_mono_ns() > victim_at + VICTIM_NS)
		victim = choose(ms.total);
	if (!victim) {
		spin_unlock_irqrestore(&tasklist_lock, f);
		return dying;
	}
	victim_at = clock_mono_ns();
	list_for_each_entry(t, &victim->signal->threads, thread_link) {
		tif_set(&t->thread, TIF_OOM_VICTIM);
		if (t->mm)
			rss = atomic64_read(&t->mm->rss_anon);
	}
	signal_send_group(victim, SIGKILL, SEND_SIG_PRIV);
	task_get(victim);
	spin_unlock_irqrestore(&tasklist_lock, f);
	log_err(task, "Out of memory: killed process %d (%s), anonymous %lu kB",
		pid_nr(victim->tgid), victim->thread.comm,
		rss * (PAGE_SIZE / 1024));
	mem_count(MC_OOM_KILL, 1);
	task_put(victim);
	return true;
}

/* ---- what SysRq shows of tasks ---- */

static void
show_tasks(bool blocked_only)
{
	struct task *l, *t;
	unsigned long f = spin_lock_irqsave(&tasklist_lock);

	list_for_each_entry(l, &all_tasks, task_link)
		list_for_each_entry(t, &l->signal->threads, thread_link) {
			if (blocked_only && !(READ_ONCE(t->thread.state) &
					      TS_UNINTERRUPTIBLE))
				continue;
			log_info(task, "%-15s %c pid %d ppid %d cpu %u",
				 t->thread.comm, task_state_char(t),
				 pid_nr(t->pid), t->real_parent ?
				 pid_nr(t->real_parent->tgid) : 0, t->thread.cpu);
		}
	spin_unlock_irqrestore(&tasklist_lock, f);
}

void
oom_init(void)
{
	mm_set_oom(oom_kill_one);
	sysrq_hooks.show_tasks = show_tasks;
	sysrq_hooks.oom_kill = (void (*)(void))oom_kill_one;
}
