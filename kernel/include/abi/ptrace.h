/* SPDX-License-Identifier: MIT */
/* ptrace(2): requests, events, structures; the notes of core(5) share some. */
#ifndef ABI_PTRACE_H
#define ABI_PTRACE_H

#include <abi/audit.h>
#include <lib/types.h>

#define PTRACE_TRACEME		0
#define PTRACE_PEEKTEXT		1
#define PTRACE_PEEKDATA		2
#define PTRACE_PEEKUSR		3
#define PTRACE_POKETEXT		4
#define PTRACE_POKEDATA		5
#define PTRACE_POKEUSR		6
#define PTRACE_CONT		7
#define PTRACE_KILL		8
#define PTRACE_SINGLESTEP	9
#define PTRACE_GETREGS		12
#define PTRACE_SETREGS		13
#define PTRACE_GETFPREGS	14
#define PTRACE_SETFPREGS	15
#define PTRACE_ATTACH		16
#define PTRACE_DETACH		17
#define PTRACE_OLDSETOPTIONS	21
#define PTRACE_SYSCALL		24
#define PTRACE_ARCH_PRCTL	30
#define PTRACE_SYSEMU		31
#define PTRACE_SYSEMU_SINGLESTEP 32
#define PTRACE_SETOPTIONS	0x4200
#define PTRACE_GETEVENTMSG	0x4201
#define PTRACE_GETSIGINFO	0x4202
#define PTRACE_SETSIGINFO	0x4203
#define PTRACE_GETREGSET	0x4204
#define PTRACE_SETREGSET	0x4205
#define PTRACE_SEIZE		0x4206
#define PTRACE_INTERRUPT	0x4207
#define PTRACE_LISTEN		0x4208
#define PTRACE_PEEKSIGINFO	0x4209
#define PTRACE_GETSIGMASK	0x420a
#define PTRACE_SETSIGMASK	0x420b
#define PTRACE_GET_SYSCALL_INFO	0x420e
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f

#define PTRACE_EVENT_FORK	1
#define PTRACE_EVENT_VFORK	2
#define PTRACE_EVENT_CLONE	3
#define PTRACE_EVENT_EXEC	4
#define PTRACE_EVENT_VFORK_DONE	5
#define PTRACE_EVENT_EXIT	6
#define PTRACE_EVENT_SECCOMP	7
#define PTRACE_EVENT_STOP	128

#define PTRACE_O_TRACESYSGOOD	1
#define PTRACE_O_EXITKILL	(1 << 20)
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#define PTRACE_O_MASK		(0xff | PTRACE_O_EXITKILL | \
				 PTRACE_O_SUSPEND_SECCOMP)

#define PTRACE_EVENTMSG_SYSCALL_ENTRY	1
#define PTRACE_EVENTMSG_SYSCALL_EXIT	2

#define PTRACE_PEEKSIGINFO_SHARED	1
struct ptrace_peeksiginfo_args {
	u64 off;
	u32 flags;
	s32 nr;
};
static_assert(sizeof(struct ptrace_peeksiginfo_args) == 16, "ABI");

#define PTRACE_SYSCALL_INFO_NONE	0
#define PTRACE_SYSCALL_INFO_ENTRY	1
#define PTRACE_SYSCALL_INFO_EXIT	2
#define PTRACE_SYSCALL_INFO_SECCOMP	3
struct ptrace_syscall_info {
	u8 op, pad[3];
	u32 arch;
	u64 instruction_pointer, stack_pointer;
	union {
		struct { u64 nr, args[6]; } entry;
		struct { s64 rval; u8 is_error; } exit;
		struct { u64 nr, args[6]; u32 ret_data; } seccomp;
	};
};
static_assert(sizeof(struct ptrace_syscall_info) == 88, "ABI");
static_assert(offsetof(struct ptrace_syscall_info, entry) == 24, "ABI");

struct ptrace_rseq_configuration {
	u64 rseq_abi_pointer;
	u32 rseq_abi_size, signature, flags, pad;
};
static_assert(sizeof(struct ptrace_rseq_configuration) == 24, "ABI");

/* NT_PRSTATUS's registers, PTRACE_GETREGS; struct user begins with them. */
struct user_regs_struct {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di,
	    orig_ax, ip, cs, flags, sp, ss, fs_base, gs_base, ds, es, fs, gs;
};
static_assert(sizeof(struct user_regs_struct) == 216, "ABI");
#define USER_DEBUGREG	848	/* offset of u_debugreg[8] in struct user */
#define USER_SIZE	912	/* sizeof(struct user) */

#define NT_PRSTATUS	1
#define NT_PRFPREG	2
#define NT_PRPSINFO	3
#define NT_AUXV		6
#define NT_X86_XSTATE	0x202
#define NT_SIGINFO	0x53494749
#define NT_FILE		0x46494c45

#endif
