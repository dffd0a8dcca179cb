/* SPDX-License-Identifier: MIT */
/*
 * Where an application processor starts: real mode, at a page below 1 MiB that
 * smp.c copied this to, CS = page >> 4, IP = 0. To long mode with a PML4 that
 * still has the identity map, then to the kernel's stack and smp_ap_start().
 * smp.c fills in the words at the end. The PML4 must lie below 4 GiB.
 */
#define CR0_BOOT	0x80050033	/* PG AM WP NE ET MP PE */
#define CR4_BOOT	0x6a0		/* OSXMMEXCPT OSFXSR PGE PAE */
#define MSR_EFER	0xc0000080
#define EFER_BOOT	0x901		/* NXE LME SCE */

#define OFF(sym)	((sym) - trampoline_start)

	.section .rodata
	.balign	16
	.globl	trampoline_start, trampoline_end, trampoline_data
	.code16
trampoline_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	xorl	%ebx, %ebx
	movw	%cs, %bx
	shll	$4, %ebx		/* linear address of this page */
	/* the GDT pointer and the far jump need it */
	leal	OFF(tr_gdt)(%ebx), %eax
	movl	%eax, OFF(tr_gdt_ptr + 2)
	leal	OFF(tr_long)(%ebx), %eax
	movl	%eax, OFF(tr_far)
	lgdtl	OFF(tr_gdt_ptr)
	movl	$CR4_BOOT, %eax
	movl	%eax, %cr4
	movl	OFF(trampoline_data), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_BOOT, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_BOOT, %eax
	movl	%eax, %cr0
	ljmpl	*OFF(tr_far)

	.code64
tr_long:
	movl	$0x10, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movq	OFF(trampoline_data + 8)(%rbx), %rsp
	movq	OFF(trampoline_data + 24)(%rbx), %rdi
	movq	OFF(trampoline_data + 16)(%rbx), %rax
	xorl	%ebp, %ebp
	pushq	$0
	jmp	*%rax

	.balign	8
tr_gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
tr_gdt_ptr:
	.word	23
	.long	0
	.balign	4
tr_far:
	.long	0
	.word	8
	.balign	8
trampoline_data:
	.quad	0			/* cr3 */
	.quad	0			/* stack */
	.quad	0			/* entry */
	.quad	0			/* its argument */
trampoline_end:

	.section .note.GNU-stack, "", @progbits
