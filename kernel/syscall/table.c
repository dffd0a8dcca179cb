/* SPDX-License-Identifier: MIT */
/*
 * The dispatch table, indexed by system call number. entry.S calls through
 * it with up to six arguments in the C registers; a number beyond it, and a
 * hole in it, is ENOSYS. The functions' types differ, so this file alone sees
 * them as bare symbols.
 */
#include <abi/errno.h>
#include <arch/upcall.h>
#include <syscall/syscall.h>

#include "gen/proto.h"

extern char sys_ni_syscall_entry[] __asm__("sys_ni_syscall");
#define sys_ni_syscall sys_ni_syscall_entry

void *const sys_call_table[] = {
#include "gen/table.h"
};

const unsigned int sys_call_count = ARRAY_SIZE(sys_call_table);
