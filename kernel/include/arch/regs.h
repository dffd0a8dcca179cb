/* SPDX-License-Identifier: MIT */
/*
 * User or kernel registers as entry.S lays them on the stack; the order is
 * that of ptrace(2)'s user_regs_struct without the segment bases.
 */
#ifndef ARCH_REGS_H
#define ARCH_REGS_H

#ifndef __ASSEMBLER__
#include <lib/types.h>

struct pt_regs {
	u64 r15, r14, r13, r12, rbp, rbx;
	u64 r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	u64 orig_rax;	/* system call number, or error code, or -1 */
	u64 rip, cs, rflags, rsp, ss;
};
#endif

/* offsets for assembler, asserted in trap.c */
#define PT_R15		0
#define PT_R14		8
#define PT_R13		16
#define PT_R12		24
#define PT_RBP		32
#define PT_RBX		40
#define PT_R11		48
#define PT_R10		56
#define PT_R9		64
#define PT_R8		72
#define PT_RAX		80
#define PT_RCX		88
#define PT_RDX		96
#define PT_RSI		104
#define PT_RDI		112
#define PT_ORIG_RAX	120
#define PT_RIP		128
#define PT_CS		136
#define PT_RFLAGS	144
#define PT_RSP		152
#define PT_SS		160
#define PT_SIZE		168

/* Linux's numbers: programs see theirs in signal frames and core dumps. */
#define KERNEL_CS	0x10
#define KERNEL_DS	0x18
#define USER_CS32	0x23	/* SYSRET's base; no segment, see desc.c */
#define USER_DS		0x2b
#define USER_CS		0x33

#ifndef __ASSEMBLER__
static inline bool
regs_user(const struct pt_regs *r)
{
	return (r->cs & 3) == 3;
}

#endif /* __ASSEMBLER__ */
#endif
