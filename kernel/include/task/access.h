/* SPDX-License-Identifier: MIT */
/*
 * May one process look into another, ptrace(2) "Ptrace access mode checking".
 */
#ifndef TASK_ACCESS_H
#define TASK_ACCESS_H

#include <task/task.h>

#define ACCESS_FSCREDS	BIT(0)	/* by the caller's fsuid and fsgid (/proc) */
#define ACCESS_REALCREDS BIT(1)	/* by its uid and gid (system calls) */

/*
 * task_may_access - 0 or -EPERM: current may inspect or change t. Threads of
 * one process always may; else ids must match, t must be dumpable and hold no
 * capability that current lacks, or current has CAP_SYS_PTRACE. Context: T.
 */
int task_may_access(struct task *t, u32 mode);

#endif
