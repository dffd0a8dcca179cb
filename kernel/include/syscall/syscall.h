/* SPDX-License-Identifier: MIT */
/* The system call layer: slow path and tracing. */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include <lib/types.h>

/* kinds of arguments, as syscalls.tbl names them */
enum arg_kind {
	ARG_INT, ARG_UINT, ARG_HEX, ARG_LONG, ARG_SIZE, ARG_OFF, ARG_MODE,
	ARG_FD, ARG_PATH, ARG_STR, ARG_PTR, ARG_SIG, ARG_PID, ARG_OFLAGS,
	ARG_PROT, ARG_MAPFLAGS, ARG_CLONEFLAGS, ARG_ATFLAGS, ARG_WHENCE,
	ARG_WAITOPTS, ARG_SIGSET, ARG_BUF, ARG_WBUF
};

struct syscall_desc {
	const char *name;
	u8 nr_args;
	u8 kind[6];
};

/* syscall_describe - name and argument kinds; NULL when there is no such. */
const struct syscall_desc *syscall_describe(u64 nr);
/* strace_enter/exit - log one line a call, as strace(1) prints it. T. */
void strace_enter(u64 nr, const u64 args[6]);
void strace_exit(u64 nr, const u64 args[6], long result);
/* syscall_trace_init - log=syscall=trace was given: mark init traced. */
bool syscall_trace_wanted(void);
/* errno_name - "ENOENT" for 2; NULL when unknown. Pure. */
const char *errno_name(int e);
long sys_ni_syscall(void);
void misc_init(void);		/* E: what Ctrl-Alt-Del does */
/*
 * syscall_refused - err, after a line in the log (not too many) that tells the
 * program, the call and the value of @what that is not known here: for flags
 * and options that a Linux may have.
 */
long syscall_refused(const char *what, u64 value, long err);

#endif
