/* SPDX-License-Identifier: MIT */
/* The out-of-memory killer. */
#ifndef TASK_OOM_H
#define TASK_OOM_H

#include <lib/types.h>

struct task;

void oom_init(void);
/* oom_score - /proc/PID/oom_score: 0..2000. T. */
u64 oom_score(struct task *leader);

#endif
