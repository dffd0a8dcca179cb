/* SPDX-License-Identifier: MIT */
/* seccomp's part of prctl(2). Context: T. */
#ifndef SYSCALL_SYS_SECCOMP_H
#define SYSCALL_SYS_SECCOMP_H

#include <lib/types.h>

long prctl_set_seccomp(unsigned long mode, void __user *prog);

#endif
