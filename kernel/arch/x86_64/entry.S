/* SPDX-License-Identifier: MIT */
/*
 * Every way into the kernel once it runs, and every way out of it.
 *
 * System calls come by SYSCALL alone. The frame is a whole struct pt_regs, but
 * the way out of a plain call reloads only what C may clobber: nothing else
 * can have changed unless TIF_IRET says so, and RCX/R11 are then what SYSCALL
 * put there, so SYSRET needs no checks. (User memory ends a page below the
 * canonical hole, so the return address is always canonical.)
 *
 * Exceptions and interrupts return by IRET with all registers from the frame.
 * Interrupts run on the CPU's interrupt stack, with interrupts off throughout;
 * they do not nest.
 *
 * GS. In user mode the CPU holds the user's base and KERNEL_GS_BASE ours; one
 * SWAPGS on each border crossing. NMI, #DF, #MC and #DB can strike between the
 * crossing and its SWAPGS, so they run on stacks of their own (IST) whose top
 * word is the CPU's GS base, which they load whatever was there, and put back
 * what they found. #DB and #MC from user mode are moved to the thread's stack
 * and become ordinary exceptions, since their signal work may sleep.
 *
 * Stack alignment: frames are 168 bytes, so C functions called here run with
 * a stack 8 bytes off 16. Nothing in the kernel uses SSE, so nothing minds.
 */
#include <arch/alternative.h>
#include <arch/layout.h>
#include <arch/regs.h>

/* sched/thread.h, asserted in thread.c; bytes 0 and 3 of thread.tif */
#define TIF_EXIT_WORK_B	0xff
#define TIF_FPU_LOAD_B	0x01
#define TIF_IRET_B	0x02
#define TIF_EXIT_ANY	0x030000ff
#define TIF_SYSCALL_WORK 0x700

#define MSR_GS_BASE	0xc0000101
#define TSS_RSP0	4
#define ENOSYS		38
#define RFLAGS_TF_RF	0x10100

/* From orig_rax down, without rdi and rsi. */
.macro PUSH_REST
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
.endm

/* The stub left the vector in rdi's slot: save both, vector to esi. */
.macro PUSH_REGS_VECTOR
	pushq	%rsi
	movq	8(%rsp), %rsi
	movq	%rdi, 8(%rsp)
	PUSH_REST
	cld
.endm

.macro POP_REGS
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
.endm

	.section .text.hot, "ax"
/*
 * System call: rax number, rdi rsi rdx r10 r8 r9 arguments; rcx return
 * address, r11 flags. Interrupts off until the frame stands.
 */
	.globl	entry_syscall
	.type	entry_syscall, @function
	.balign	64
entry_syscall:
	swapgs
	movq	%rsp, %gs:entry_scratch
	movq	%gs:cpu_tss + TSS_RSP0, %rsp
	pushq	$USER_DS
	pushq	%gs:entry_scratch
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	%rax
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	$-ENOSYS
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%gs:cur_thread, %rbx
	sti
	testl	$TIF_SYSCALL_WORK, (%rbx)
	jnz	syscall_slow
	cmpl	sys_call_count(%rip), %eax
	jae	syscall_slow
	movl	%eax, %eax
	movq	%r10, %rcx
	call	*sys_call_table(, %rax, 8)
	cli
	testl	$TIF_EXIT_ANY, (%rbx)
	jnz	syscall_work
syscall_return:
	movq	PT_RDI(%rsp), %rdi
	movq	PT_RSI(%rsp), %rsi
	movq	PT_RDX(%rsp), %rdx
	movq	PT_R8(%rsp), %r8
	movq	PT_R9(%rsp), %r9
	movq	PT_R10(%rsp), %r10
	movq	PT_RBX(%rsp), %rbx
	movq	PT_RIP(%rsp), %rcx
	movq	PT_RFLAGS(%rsp), %r11
	movq	PT_RSP(%rsp), %rsp
	swapgs
	sysretq

syscall_slow:			/* traced, or no such number */
	movq	%rsp, %rdi
	call	syscall_dispatch
	movq	PT_RAX(%rsp), %rax
	cli
syscall_work:			/* irqs off, result in rax */
	movq	%rax, PT_RAX(%rsp)
	testb	$TIF_EXIT_WORK_B, (%rbx)
	jz	1f
	sti
	movq	%rsp, %rdi
	call	exit_to_user_work
1:	testb	$TIF_FPU_LOAD_B, 3(%rbx)
	jz	2f
	movq	%rbx, %rdi
	call	fpu_load
2:	movq	PT_RAX(%rsp), %rax
	testb	$TIF_IRET_B, 3(%rbx)
	jz	syscall_return
	andb	$~TIF_IRET_B, 3(%rbx)
/* All registers from the frame, by SYSRET when that gives the same result. */
ret_user_full:
	movq	PT_RIP(%rsp), %rcx
	cmpq	PT_RCX(%rsp), %rcx
	jne	ret_user_iret
	movq	%rcx, %rax
	shrq	$47, %rax
	jnz	ret_user_iret
	movq	PT_RFLAGS(%rsp), %r11
	cmpq	PT_R11(%rsp), %r11
	jne	ret_user_iret
	testl	$RFLAGS_TF_RF, %r11d
	jnz	ret_user_iret
	cmpl	$USER_CS, PT_CS(%rsp)
	jne	ret_user_iret
	cmpl	$USER_DS, PT_SS(%rsp)
	jne	ret_user_iret
	POP_REGS
	movq	PT_RSP - PT_ORIG_RAX(%rsp), %rsp
	swapgs
	sysretq
	.size	entry_syscall, . - entry_syscall

/*
 * Page fault: the one exception that is frequent. Error code on the stack.
 */
	.globl	entry_page_fault
	.type	entry_page_fault, @function
	.balign	64
entry_page_fault:
	USER_ACCESS_OFF
	pushq	%rdi
	pushq	%rsi
	PUSH_REST
	cld
	movq	%rsp, %rdi
	testb	$3, PT_CS(%rsp)
	jz	1f
	swapgs
	call	trap_page_fault_user
	jmp	ret_user
1:	call	trap_page_fault_kernel
	jmp	ret_kernel
	.size	entry_page_fault, . - entry_page_fault

/* Other exceptions: vector in rdi's slot, error code or 0 above it. */
	.type	entry_trap, @function
	.balign	16
entry_trap:
	USER_ACCESS_OFF
	PUSH_REGS_VECTOR
	testb	$3, PT_CS(%rsp)
	jz	1f
	swapgs
trap_user:
	movq	%rsp, %rdi
	call	trap_user_exception
	jmp	ret_user
1:	leaq	iret_user(%rip), %rcx
	cmpq	%rcx, PT_RIP(%rsp)
	je	2f
	movq	%rsp, %rdi
	call	trap_kernel_exception
	jmp	ret_kernel
/* IRET refused the user's frame (rip not canonical): make it his trap. */
2:	swapgs
	movq	%rsi, %r12
	movq	%rsp, %rdi
	call	trap_bad_iret
	movq	%rax, %rsp
	movq	%r12, %rsi
	jmp	trap_user
	.size	entry_trap, . - entry_trap

/* Interrupts: vector in rdi's slot, -1 above it. */
	.type	entry_irq, @function
	.balign	16
entry_irq:
	USER_ACCESS_OFF
	PUSH_REGS_VECTOR
	testb	$3, PT_CS(%rsp)
	jz	1f
	swapgs
1:	movq	%rsp, %rdi
	movq	%rsp, %rbx
	movq	%gs:irq_stack_top, %rsp
	call	irq_entry
	movq	%rbx, %rsp
	testb	$3, PT_CS(%rsp)
	jz	ret_kernel
/* To user mode with the registers of the frame; a trap or interrupt ends. */
ret_user:
	cli
	movq	%gs:cur_thread, %rbx
	testl	$TIF_EXIT_ANY, (%rbx)
	jnz	1f
ret_user_iret:
	swapgs
	POP_REGS
	addq	$8, %rsp
	.globl	iret_user
iret_user:
	iretq
1:	testb	$TIF_EXIT_WORK_B, (%rbx)
	jz	2f
	sti
	movq	%rsp, %rdi
	call	exit_to_user_work
2:	testb	$TIF_FPU_LOAD_B, 3(%rbx)
	jz	3f
	movq	%rbx, %rdi
	call	fpu_load
3:	andb	$~TIF_IRET_B, 3(%rbx)
	jmp	ret_user_iret
ret_kernel:
	POP_REGS
	addq	$8, %rsp
	iretq
	.size	entry_irq, . - entry_irq

/*
 * A new thread's first steps: arch_switch() "returns" here. rax: the thread
 * before us; r12: kernel function or 0; r13: its argument.
 */
	.globl	thread_entry
	.type	thread_entry, @function
thread_entry:
	xorl	%ebp, %ebp
	movq	%rax, %rdi
	call	thread_start
	testq	%r12, %r12
	jz	1f
	movq	%r13, %rdi
	call	*%r12
1:	cli
	movq	%gs:cur_thread, %rbx
	movq	PT_RAX(%rsp), %rax
	testl	$TIF_EXIT_ANY, (%rbx)
	jz	ret_user_full
	orb	$TIF_IRET_B, 3(%rbx)
	jmp	syscall_work
	.size	thread_entry, . - thread_entry

/*
 * The exceptions with stacks of their own. Frame with error code on the
 * stack, vector in rdi's slot. Old GS base is kept in r12.
 */
	.text
	.type	entry_paranoid, @function
entry_paranoid:
	USER_ACCESS_OFF
	PUSH_REGS_VECTOR
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	%eax, %r12d
	shlq	$32, %rdx
	orq	%rdx, %r12
	movq	PT_SIZE(%rsp), %rax	/* IST stack's top word */
	movq	%rax, %rdx
	shrq	$32, %rdx
	wrmsr
	movq	%rsp, %rdi
	call	trap_paranoid
	movl	$MSR_GS_BASE, %ecx
	movl	%r12d, %eax
	movq	%r12, %rdx
	shrq	$32, %rdx
	wrmsr
	jmp	ret_kernel		/* whatever cs is: gs is as it was */
	.size	entry_paranoid, . - entry_paranoid

/* The same from user mode: carry the frame to the thread's stack. */
	.type	entry_ist_user, @function
entry_ist_user:
	swapgs
	movq	%rdi, %gs:entry_scratch
	movq	%rsp, %rdi
	movq	%gs:cpu_tss + TSS_RSP0, %rsp
	pushq	48(%rdi)		/* ss */
	pushq	40(%rdi)
	pushq	32(%rdi)
	pushq	24(%rdi)
	pushq	16(%rdi)		/* rip */
	pushq	8(%rdi)			/* error code */
	pushq	(%rdi)			/* vector */
	movq	%gs:entry_scratch, %rdi
	USER_ACCESS_OFF
	PUSH_REGS_VECTOR
	jmp	trap_user
	.size	entry_ist_user, . - entry_ist_user

.macro TRAP vec, haserr
	.balign	16
	.globl	entry_trap_\vec
entry_trap_\vec:
	.if \haserr == 0
	pushq	$0
	.endif
	pushq	$\vec
	jmp	entry_trap
.endm

.macro PARANOID vec, haserr, user
	.balign	16
	.globl	entry_trap_\vec
entry_trap_\vec:
	.if \haserr == 0
	pushq	$0
	.endif
	pushq	$\vec
	.if \user
	testb	$3, 24(%rsp)
	jnz	entry_ist_user
	.endif
	jmp	entry_paranoid
.endm

	TRAP	0, 0
	PARANOID 1, 0, 1	/* #DB */
	PARANOID 2, 0, 0	/* NMI: its handler never sleeps */
	TRAP	3, 0
	TRAP	4, 0
	TRAP	5, 0
	TRAP	6, 0
	TRAP	7, 0
	PARANOID 8, 1, 0	/* #DF */
	TRAP	9, 0
	TRAP	10, 1
	TRAP	11, 1
	TRAP	12, 1
	TRAP	13, 1
	TRAP	15, 0
	TRAP	16, 0
	TRAP	17, 1
	PARANOID 18, 0, 1	/* #MC */
	TRAP	19, 0
	TRAP	20, 0
	TRAP	21, 1
	TRAP	22, 0
	TRAP	23, 0
	TRAP	24, 0
	TRAP	25, 0
	TRAP	26, 0
	TRAP	27, 0
	TRAP	28, 0
	TRAP	29, 1
	TRAP	30, 1
	TRAP	31, 0

/* Vectors 32..255, 16 bytes each. */
	.balign	16
	.globl	entry_irq_stubs
entry_irq_stubs:
	.set	vec, 32
	.rept	224
	.balign	16
	pushq	$-1
	pushq	$vec
	jmp	entry_irq
	.set	vec, vec + 1
	.endr

	.section .rodata
	.balign	8
	.globl	entry_trap_table
entry_trap_table:
	.irp v, 0,1,2,3,4,5,6,7,8,9,10,11,12,13
	.quad	entry_trap_\v
	.endr
	.quad	entry_page_fault
	.irp v, 15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.quad	entry_trap_\v
	.endr

	.section .note.GNU-stack, "", @progbits
