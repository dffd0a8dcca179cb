/* SPDX-License-Identifier: MIT */
/* System calls on scheduling: prototypes for the table. */
#ifndef SYSCALL_SYS_SCHED_H
#define SYSCALL_SYS_SCHED_H

#include <abi/sched.h>
#include <abi/time.h>

long sys_sched_yield(void);
long sys_sched_setscheduler(pid_t pid, int policy,
			    const struct abi_sched_param __user *param);
long sys_sched_getscheduler(pid_t pid);
long sys_sched_setparam(pid_t pid, const struct abi_sched_param __user *param);
long sys_sched_getparam(pid_t pid, struct abi_sched_param __user *param);
long sys_sched_setattr(pid_t pid, struct abi_sched_attr __user *uattr,
		       u32 flags);
long sys_sched_getattr(pid_t pid, struct abi_sched_attr __user *uattr,
		       u32 size, u32 flags);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_rr_get_interval(pid_t pid, struct abi_timespec __user *ts);
long sys_sched_setaffinity(pid_t pid, u32 len, const u8 __user *umask);
long sys_sched_getaffinity(pid_t pid, u32 len, u8 __user *umask);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int nice);
long sys_getcpu(u32 __user *cpu, u32 __user *node, void __user *unused);

#endif
