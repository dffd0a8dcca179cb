/* SPDX-License-Identifier: MIT */
/* What the files of ptrace(2) share; core dumps use the registers too. */
#ifndef PROC_PTRACE_H
#define PROC_PTRACE_H

#include <task/ptrace.h>

/* ---- ptrace_req.c: a request on t, which stands in a trap for us ---- */
long ptrace_request(struct task *t, long request, unsigned long addr,
		    unsigned long data);
/* 0, -EINVAL, -EPERM */
int ptrace_check_options(unsigned long opt);

/* ---- ptrace_regs.c: t stands, or (get) is current ---- */
void ptrace_get_regs(struct task *t, struct user_regs_struct *r);
/* one register by its offset; -EIO for what a program could not have */
int ptrace_set_reg(struct task *t, unsigned long off, u64 v);
/* all or, after an error, those before it */
int ptrace_set_regs(struct task *t, const struct user_regs_struct *r,
		    size_t len);
u64 ptrace_get_debugreg(struct task *t, unsigned int n);
int ptrace_set_debugreg(struct task *t, unsigned int n, u64 v);

#endif
