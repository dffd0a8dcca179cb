/* SPDX-License-Identifier: MIT */
/* System calls on futexes: prototypes for the table. */
#ifndef SYSCALL_SYS_FUTEX_H
#define SYSCALL_SYS_FUTEX_H

#include <abi/futex.h>
#include <abi/time.h>

/* timeout is nr_requeue or nr_wake2 for the operations that have these */
long sys_futex(u32 __user *uaddr, int op, u32 val,
	       const struct abi_timespec __user *timeout,
	       u32 __user *uaddr2, u32 val3);
long sys_futex_waitv(const struct abi_futex_waitv __user *u, unsigned int nr,
		     unsigned int flags,
		     const struct abi_timespec __user *timeout, int clock);
long sys_set_robust_list(struct abi_robust_list_head __user *head, size_t len);
long sys_get_robust_list(pid_t pid,
			 struct abi_robust_list_head __user *__user *head,
			 size_t __user *len);

#endif
