/* SPDX-License-Identifier: MIT */
/* ptrace(2), by the raw call: PEEK requests store at data. */
#include <proc/proc.h>
#include <syscall/entry.h>

long
sys_ptrace(long request, long pid, unsigned long addr, unsigned long data)
{
	return proc_ptrace(request, (pid_t)pid, addr, data);
}
