/* SPDX-License-Identifier: MIT */
/*
 * struct thread *switch_stack(u64 *save rdi, u64 load rsi, prev rdx)
 * Leaves what C expects to be kept on the old stack, its pointer in *save, and
 * goes on where the stack at load left off. thread.c builds the first such
 * frame of a new thread: six registers and a return address.
 */
	.section .text.hot, "ax"
	.globl	switch_stack
	.type	switch_stack, @function
	.balign	16
switch_stack:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdx, %rax
	ret
	.size	switch_stack, . - switch_stack

	.section .note.GNU-stack, "", @progbits
