/* SPDX-License-Identifier: MIT */
/*
 * CPU-time clocks of processes and threads. Who is meant is held as struct
 * pid, so a clock never turns into a stranger's; reading looks the task up
 * under RCU and takes no lock but the run queue's.
 */
#include <sched/sched.h>
#include <task/cpu_clock.h>
#include <task/itimer.h>
#include <task/task.h>

static bool
pid_fits(struct pid *p, int id, bool read)
{
	bool fits = false;
	struct task *t;

	rcu_read_lock();
	if (id & CPU_CLOCK_THREAD) {
		t = pid_task(p, PIDTYPE_PID);
		fits = t && t->signal == current->signal;
	} else if (read && p == current->pid) {
		fits = true;
	} else {
		fits = pid_task(p, PIDTYPE_TGID);
	}
	rcu_read_unlock();
	return fits;
}

struct pid *
cpu_clock_pid(int id, bool read)
{
	pid_t nr = ~(id >> 3);
	struct pid *p;

	if ((id & 3) == 3)
		return NULL;
	if (!nr) {
		p = id & CPU_CLOCK_THREAD ? current->pid : current->tgid;
		pid_get(p);
		return p;
	}
	p = pid_find_get(nr);
	if (!p)
		return NULL;
	if (!pid_fits(p, id, read)) {
		pid_put(p);
		return NULL;
	}
	if (!(id & CPU_CLOCK_THREAD) && p == current->pid) {
		pid_put(p);
		p = current->tgid;
		pid_get(p);
	}
	return p;
}

bool
cpu_clock_read(struct pid *p, int id, nsec_t *out)
{
	struct task *t;
	u64 ut, st;

	rcu_read_lock();
	t = pid_task(p, id & CPU_CLOCK_THREAD ? PIDTYPE_PID : PIDTYPE_TGID);
	if (!t) {
		rcu_read_unlock();
		*out = 0;
		return false;
	}
	if (id & CPU_CLOCK_THREAD)
		thread_times(&t->thread, &ut, &st);
	else
		group_cpu_times(t, &ut, &st);
	rcu_read_unlock();
	*out = (id & 3) == 1 ? ut : ut + st;
	return true;
}
