/* SPDX-License-Identifier: MIT */
/*
 * fcentry.S - a 64 KiB ROM that enters a kernel as Firecracker does.
 *
 * There is no firmware: from the reset vector straight to the state that
 * Firecracker's vCPU has at its first instruction of a Linux 64-bit kernel.
 * fcentry.py has put GDT, page tables, boot_params and the tables into low
 * memory, and the address of the entry at 0xfd8. The ROM is seen twice, below
 * 4 GiB and below 1 MiB; it runs in the lower copy, because the page tables
 * map the first GiB only.
 */
	.text
	.code16
start16:
	cli
	lgdtl	%cs:(gdtr - start16)
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$0x08, $(0xf0000 + start32 - start16)
	.balign	8
gdt:	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	.word	23
	.long	0xf0000 + gdt - start16

	.code32
start32:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$0x700, 0xfee00350	/* LINT0: ExtINT */
	movl	$0x10400, 0xfee00360	/* LINT1: NMI, masked */
	lgdt	0xff0
	movw	$0x18, %ax
	ltr	%ax
	movl	$0x9000, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	movl	$0x100, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$0xe0000011, %eax	/* cache disabled, as there */
	movl	%eax, %cr0
	ljmp	$0x08, $(0xf0000 + start64 - start16)

	.code64
start64:
	lidt	0xfe0
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$0x8ff0, %esp
	movl	%esp, %ebp
	movl	$0x7000, %esi
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	pushq	$2
	popfq
	jmp	*0xfd8

	.org	0xfff0
	.code16
	ljmp	$0xf000, $0		/* start16, in the lower copy */
	.org	0x10000
