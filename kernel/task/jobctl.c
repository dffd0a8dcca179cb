/* SPDX-License-Identifier: MIT */
/*
 * task.jobctl: what a thread is to stop for, and how far that has got. All
 * under its sighand lock.
 */
#include <sched/waitq.h>
#include <task/local.h>
#include <task/ptrace.h>

bool
jobctl_set(struct task *t, u32 bits)
{
	if ((t->pending.set & sigmask(SIGKILL)) || (t->flags & TASK_EXITING))
		return false;
	if (bits >> JOBCTL_STOPSIG_SHIFT)
		t->jobctl &= BIT(JOBCTL_STOPSIG_SHIFT) - 1;
	t->jobctl |= bits;
	return true;
}

void
jobctl_trapping_done(struct task *t)
{
	if (likely(!(t->jobctl & JOBCTL_TRAPPING)))
		return;
	t->jobctl &= ~JOBCTL_TRAPPING;
	waitq_wake_all(waitq_hashed(&t->jobctl));
}

void
jobctl_clear(struct task *t, u32 bits)
{
	if (bits & JOBCTL_STOP_PENDING)
		bits |= JOBCTL_STOP_CONSUME | JOBCTL_STOP_DEQUEUED;
	t->jobctl &= ~bits;
	if (!(t->jobctl & JOBCTL_PENDING))
		jobctl_trapping_done(t);
}

bool
group_stop_participate(struct task *t)
{
	struct signal_struct *s = t->signal;
	bool consume = t->jobctl & JOBCTL_STOP_CONSUME;

	jobctl_clear(t, JOBCTL_STOP_PENDING);
	if (!consume)
		return false;
	if (s->group_stop_count > 0)
		s->group_stop_count--;
	if (s->group_stop_count || (s->flags & SIGNAL_STOP_STOPPED))
		return false;
	s->flags &= ~SIGNAL_STOP_CONTINUED;
	s->flags |= SIGNAL_STOP_STOPPED;
	return true;
}
