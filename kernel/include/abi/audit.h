/* SPDX-License-Identifier: MIT */
/* seccomp(2), ptrace(2): which table a system call's number is of. */
#ifndef ABI_AUDIT_H
#define ABI_AUDIT_H

#define AUDIT_ARCH_X86_64	0xc000003eU

#endif
