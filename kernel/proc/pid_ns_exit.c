/* SPDX-License-Identifier: MIT */
/*
 * The end of a PID namespace's init, pid_namespaces(7): every process in it is
 * killed and waited for, and none can be made any more.
 *
 * Who was forked into it from outside is somebody else's child; init waits
 * until that one has been reaped, too.
 */
#include <abi/errno.h>
#include <abi/wait.h>
#include <proc/local.h>
#include <sched/waitq.h>
#include <task/pid_ns.h>
#include <task/signal.h>

/* another thread of init that goes on; tasklist lock held */
static struct task *
other_thread(struct task *t)
{
	struct task *i;

	list_for_each_entry(i, &t->signal->threads, thread_link)
		if (i != t && !(i->flags & TASK_EXITING))
			return i;
	return NULL;
}

static void
kill_all(struct pid_ns *ns)
{
	struct task *t;
	pid_t nr = 1;

	while ((t = task_next_leader(ns, nr))) {
		nr = pid_nr_ns(t->tgid, ns);
		if (t->signal != current->signal)
			signal_send_group(t, SIGKILL, SEND_SIG_PRIV);
		task_put(t);
		cond_resched();
	}
}

static void
reap_all(void)
{
	struct wait_result w;

	spin_lock_irq(&current->sighand->lock);
	current->sighand->action[SIGCHLD - 1].handler = SIG_IGN;
	spin_unlock_irq(&current->sighand->lock);
	do
		tif_clear(&current->thread, TIF_SIGPENDING);
	while (proc_wait(P_ALL, NULL, WEXITED | __WALL, &w) != -ECHILD);
}

void
pid_ns_exit(struct task *t)
{
	struct pid_ns *ns = pid_ns_of(t->pid);
	struct task *heir;

	spin_lock_irq(&tasklist_lock);
	heir = other_thread(t);
	if (heir)
		WRITE_ONCE(ns->reaper, heir);
	spin_unlock_irq(&tasklist_lock);
	if (heir)
		return;
	pid_ns_close(ns);
	kill_all(ns);
	reap_all();
	/* we are left, and the leader if that ended before */
	wait_event(&ns->emptied, READ_ONCE(ns->nr_pids) <=
		   (t == t->group_leader ? 1U : 2U));
	if (ns->end_signal) {
		t->exit_code = ns->end_signal;
		t->signal->group_exit_code = ns->end_signal;
		t->signal->leader->exit_code = ns->end_signal;
	}
}
