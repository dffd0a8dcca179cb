/* SPDX-License-Identifier: MIT */
/*
 * Resource limits: one array a process, in its signal_struct. Reads are
 * single words and take no lock; setting is in sys_task.c.
 */
#include <mm/mm.h>
#include <task/task.h>

u64
rlimit_cur(int which)
{
	return READ_ONCE(current->signal->rlim[which].cur);
}

void
task_mm_limits(struct mm_limits *out)
{
	const struct rlimit *r = current->signal->rlim;

	out->as = READ_ONCE(r[RLIMIT_AS].cur);
	out->data = READ_ONCE(r[RLIMIT_DATA].cur);
	out->stack = READ_ONCE(r[RLIMIT_STACK].cur);
	out->memlock = READ_ONCE(r[RLIMIT_MEMLOCK].cur);
	out->may_lock_over = capable(CAP_IPC_LOCK);
	out->admin_reserve = capable(CAP_SYS_ADMIN);
}
