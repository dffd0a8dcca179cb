/* SPDX-License-Identifier: MIT */
/*
 * kvm-probe - a boot ROM that runs 64-bit kernel code and leaves.
 *
 * kerla-run starts it by `qemu -accel kvm -bios' under a short time limit
 * before it relies on KVM: there are machines whose /dev/kvm opens and then
 * interprets kernel code, a thousand times slower than QEMU's own translator.
 * From the reset vector to long mode with paging, then what a kernel does:
 * exceptions, CR3 loads, TLB flushes, MSRs, and 300 million turns of a loop
 * (about 0.1 s on a processor). Success is 0x10 written to isa-debug-exit at
 * port 0xf4, QEMU's exit status 33; anything else, or silence, is no.
 *
 * Nothing is linked: every address is a constant, ROM + offset. RAM used:
 * page tables 0x1000..0x6fff, IDT 0x8000, stack below 0x10000.
 */
#define ROM	0xffff0000
#define PML4	0x1000
#define PDPT	0x2000
#define PD	0x3000
#define IDT	0x8000
#define STACK	0x10000
#define TURNS	300000000
#define ROUNDS	2000

	.text
rom:
	.code16
start16:
	cli
	lgdtl	%cs:(gdtr - rom)
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$0x08, $(ROM + (start32 - rom))

	.code32
start32:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$STACK, %esp
	/* identity map of 4 GiB by 2 MiB pages */
	cld
	movl	$PML4, %edi
	xorl	%eax, %eax
	movl	$(0x6000 / 4), %ecx
	rep stosl
	movl	$(PDPT | 3), PML4
	movl	$(PD | 3), PDPT
	movl	$((PD + 0x1000) | 3), PDPT + 8
	movl	$((PD + 0x2000) | 3), PDPT + 16
	movl	$((PD + 0x3000) | 3), PDPT + 24
	movl	$0x83, %eax
	movl	$PD, %edi
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	decl	%ecx
	jnz	1b
	movl	$PML4, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x20, %eax
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	ljmpl	$0x18, $(ROM + (start64 - rom))

	.code64
start64:
	movl	$STACK, %esp
	/* vector 6, invalid opcode: a 64-bit interrupt gate to `skip' */
	movl	$(IDT + 6 * 16), %edi
	movl	$(0x180000 | ((skip - rom) & 0xffff)), (%rdi)
	movl	$((ROM & 0xffff0000) | 0x8e00), 4(%rdi)
	movq	$0, 8(%rdi)
	movl	$(ROM + (idtr - rom)), %eax
	lidt	(%rax)

	movl	$ROUNDS, %ebx
	xorl	%ebp, %ebp
2:	ud2
	movq	%cr3, %rax
	movq	%rax, %cr3
	invlpg	PML4
	movl	$0xc0000080, %ecx
	rdmsr
	wrmsr
	decl	%ebx
	jnz	2b
	cmpl	$ROUNDS, %ebp
	jne	bad

	movl	$TURNS, %ecx
3:	decl	%ecx
	jnz	3b
	movb	$0x10, %al
	outb	%al, $0xf4
bad:	movb	$0x11, %al
	outb	%al, $0xf4
4:	hlt
	jmp	4b

skip:	incl	%ebp
	addq	$2, (%rsp)
	iretq

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08 code 32 */
	.quad	0x00cf93000000ffff	/* 0x10 data */
	.quad	0x00af9b000000ffff	/* 0x18 code 64 */
gdtr:	.word	. - gdt - 1
	.long	ROM + (gdt - rom)
	.balign	8
idtr:	.word	7 * 16 - 1
	.quad	IDT

	.org	0xfff0
	.code16
	.byte	0xe9		/* jmp start16, round the end of the segment */
	.word	0x10000 - 0xfff3 + (start16 - rom)
	.org	0x10000
	.section .note.GNU-stack, "", @progbits
