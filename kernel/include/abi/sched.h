/* SPDX-License-Identifier: MIT */
/* sched_setattr(2), getpriority(2), clone3(2). Policies: sched/sched.h. */
#ifndef ABI_SCHED_H
#define ABI_SCHED_H

#include <lib/types.h>

struct abi_sched_param { s32 sched_priority; };

struct abi_sched_attr {
	u32 size;
	u32 sched_policy;
	u64 sched_flags;
	s32 sched_nice;
	u32 sched_priority;
	u64 sched_runtime, sched_deadline, sched_period;
	u32 sched_util_min, sched_util_max;	/* since version 1 */
};
#define SCHED_ATTR_SIZE_VER0	48
#define SCHED_ATTR_SIZE_VER1	56
static_assert(sizeof(struct abi_sched_attr) == SCHED_ATTR_SIZE_VER1, "ABI");

#define SCHED_FLAG_RESET_ON_FORK	0x01
#define SCHED_FLAG_RECLAIM		0x02
#define SCHED_FLAG_DL_OVERRUN		0x04
#define SCHED_FLAG_KEEP_POLICY		0x08
#define SCHED_FLAG_KEEP_PARAMS		0x10
#define SCHED_FLAG_UTIL_CLAMP		0x60
#define SCHED_FLAG_ALL			0x7f

struct abi_clone_args {
	u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size,
	    tls;
	u64 set_tid, set_tid_size;	/* since version 1 */
	u64 cgroup;			/* since version 2 */
};
#define CLONE_ARGS_SIZE_VER0	64
static_assert(sizeof(struct abi_clone_args) == 88, "ABI");
#define CLONE_SET_TID_MAX	32	/* levels of pid namespaces */

#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2

#endif
