/* SPDX-License-Identifier: MIT */
/* sched_setattr(2), getpriority(2). Policies: sched/sched.h. */
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

#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2

#endif
