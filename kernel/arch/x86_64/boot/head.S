/* SPDX-License-Identifier: MIT */
/*
 * Every way into the kernel, up to kernel_main().
 *
 *   offset 0	  Linux 32-bit entry: esi = zero page, flat segments, no paging
 *   offset 0x200 Linux 64-bit entry: rsi = zero page, some identity map
 *   PVH note	  32-bit: ebx = hvm_start_info, at the link address
 *
 * The 64-bit entry leaves long mode at once, so that one 32-bit path does the
 * rest whatever the loader's page tables cover and whatever paging features
 * it had on (five levels, PCID): move the image to a 2 MiB boundary if the
 * loader put it elsewhere, build page tables, enter long mode at the physical
 * address, let boot_early() (boot/early.c) choose the KASLR slide, relocate
 * and map the image, and continue at the virtual address.
 *
 * All of it below 4 GiB: we do not announce XLF_CAN_BE_LOADED_ABOVE_4G.
 *
 * 32-bit code reaches data by offsets from startup in %ebp; rva() is that
 * offset. Only the two movabs in the identity-mapped part need relocating.
 */
#include <arch/layout.h>
#include <boot/protocol.h>

#define rva(sym)	((sym) - startup)
#define phys(sym)	((sym) - KERNEL_LINK_BASE)

#define CS64		0x08
#define DS		0x10
#define CS32		0x18

#define CR0_BOOT	0x80050033	/* PG AM WP NE ET MP PE */
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define CR4_KERNEL	0x6a0		/* OSXMMEXCPT OSFXSR PGE PAE */
#define CR4_PCIDE_CET	0x820000
#define MSR_EFER	0xc0000080
#define EFER_BOOT	0x901		/* NXE LME SCE */
#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101

#define P_W		0x003
#define LARGE_RW	0x1e3		/* G PS D A W P */

#define PROTO_LINUX32	1		/* enum boot_protocol */
#define PROTO_LINUX64	2
#define PROTO_PVH	3

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.quad	phys(pvh_start)

	.section .head.text, "ax"
	.code32
	.globl	startup
startup:
	cli
	cld
	rdtsc
	/* four bytes of the zero page are ours for a stack */
	leal	(BP_SCRATCH + 4)(%esi), %esp
	call	1f
1:	popl	%ebp
	subl	$(1b - startup), %ebp
	jmp	linux32

	.org	startup + IMAGE_KERNEL_INFO
kernel_info:				/* boot protocol 2.15 */
	.ascii	"LToP"
	.long	16, 16
	.long	SETUP_RNG_SEED		/* largest setup_data type known */

	.balign	16
linux32:
	movl	$PROTO_LINUX32, %ebx
	jmp	common32

pvh_start:
	cli
	cld
	rdtsc
	movl	%ebx, %esi
	movl	$phys(startup), %ebp
	movl	$PROTO_PVH, %ebx
	jmp	common32

	.org	startup + IMAGE_ENTRY64
	.code64
	.globl	boot_entry64
boot_entry64:
	cli
	cld
	rdtsc
	movl	%eax, %edi		/* rsp and the image below 4 GiB */
	leaq	startup(%rip), %rbp
	movq	%rbp, %rax
	orq	%rsi, %rax
	shrq	$32, %rax
	jnz	high64
	leaq	boot_stack_top(%rip), %rsp
	leaq	boot_gdt(%rip), %rax
	pushq	%rax
	pushw	$31
	lgdt	(%rsp)
	leaq	1f(%rip), %rax
	pushq	$CS32
	pushq	%rax
	lretq
high64:
	hlt				/* nothing mapped to complain with */
	jmp	high64

	.code32
1:	movl	$DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	/* PCIDE and CET forbid what follows; LA57 goes with long mode off */
	movl	%cr4, %eax
	andl	$~CR4_PCIDE_CET, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	%edx, %ebx
	movl	$MSR_EFER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%edi, %eax
	movl	%ebx, %edx
	movl	$PROTO_LINUX64, %ebx

/*
 * 32-bit, no paging, flat segments. ebp: where the image is; esi: what the
 * loader passed; ebx: protocol; edx:eax: TSC. No interrupts from here to C.
 */
common32:
	movl	%eax, rva(boot_tsc_entry)(%ebp)
	movl	%edx, rva(boot_tsc_entry + 4)(%ebp)
	leal	rva(boot_stack_top)(%ebp), %esp

	/* cpuid there at all? (EFLAGS.ID) Then long mode and NX? */
	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$0x200000, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	xorl	%ecx, %eax
	jz	bad_cpu
	pushl	$0
	popfl
	movl	%ebx, %edi
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	bad_cpu
	movl	$0x80000001, %eax
	cpuid
	movl	%edi, %ebx
	andl	$(1 << 29 | 1 << 20), %edx
	cmpl	$(1 << 29 | 1 << 20), %edx
	jne	bad_cpu

	/* on a 2 MiB boundary? Else up to the next, last byte first */
	movl	%ebp, %edx
	addl	$(LARGE_PAGE_SIZE - 1), %edx
	andl	$~(LARGE_PAGE_SIZE - 1), %edx
	subl	%ebp, %edx
	jz	aligned
	movl	%esi, %eax
	leal	rva(__bss_start - 4)(%ebp), %esi
	leal	(%esi, %edx), %edi
	movl	$rva(__bss_start), %ecx
	shrl	$2, %ecx
	std
	rep movsl
	cld
	movl	%eax, %esi
	addl	%edx, %ebp
	leal	rva(boot_stack_top)(%ebp), %esp
	leal	rva(aligned)(%ebp), %eax
	jmp	*%eax
aligned:
	/* Our GDT, so that the far jump below means what it says. */
	leal	rva(boot_gdt)(%ebp), %eax
	pushl	%eax
	pushw	$31
	lgdt	(%esp)
	addl	$6, %esp
	movl	$DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss

	/* Empty tables, then the links between them. */
	xorl	%eax, %eax
	leal	rva(boot_pml4)(%ebp), %edi
	movl	$(4 * 1024), %ecx	/* pml4 dm_pdpt kernel_pdpt kernel_pd */
	rep stosl
	leal	rva(boot_ident_pdpt)(%ebp), %edi
	movl	$1024, %ecx
	rep stosl

	leal	rva(boot_ident_pdpt) + P_W(%ebp), %eax
	movl	%eax, rva(boot_pml4)(%ebp)
	leal	rva(boot_dm_pdpt) + P_W(%ebp), %eax
	movl	%eax, rva(boot_pml4 + 273 * 8)(%ebp)
	leal	rva(boot_kernel_pdpt) + P_W(%ebp), %eax
	movl	%eax, rva(boot_pml4 + 511 * 8)(%ebp)
	leal	rva(boot_kernel_pd) + P_W(%ebp), %eax
	movl	%eax, rva(boot_kernel_pdpt + 510 * 8)(%ebp)

	/* The same directories for the identity and, NX, the direct map. */
	leal	rva(boot_dm_pd) + P_W(%ebp), %eax
	xorl	%ecx, %ecx
1:	movl	%eax, rva(boot_ident_pdpt)(%ebp, %ecx, 8)
	movl	%eax, rva(boot_dm_pdpt)(%ebp, %ecx, 8)
	movl	$0x80000000, rva(boot_dm_pdpt + 4)(%ebp, %ecx, 8)
	addl	$PAGE_SIZE, %eax
	incl	%ecx
	cmpl	$4, %ecx
	jb	1b

	leal	rva(boot_dm_pd)(%ebp), %edi
	xorl	%edx, %edx
	movl	$LARGE_RW, %eax
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$8, %edi
	addl	$LARGE_PAGE_SIZE, %eax
	jnc	1b

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	leal	rva(boot_pml4)(%ebp), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_BOOT, %eax
	xorl	%edx, %edx
	wrmsr
	leal	rva(long_mode)(%ebp), %eax
	pushl	$CS64
	pushl	%eax
	movl	$CR0_BOOT, %eax
	movl	%eax, %cr0
	lret

/* "Kerla needs ..." on the serial port and the VGA text screen, and stop. */
bad_cpu:
	leal	rva(bad_cpu_msg)(%ebp), %esi
	movl	$0xb8000, %edi
1:	lodsb
	testb	%al, %al
	jz	3f
	movb	$0x0f, %ah
	stosw
	movb	%al, %bl
	movl	$0x3fd, %edx
	movl	$100000, %ecx
2:	inb	%dx, %al
	testb	$0x20, %al
	loopz	2b
	movl	$0x3f8, %edx
	movb	%bl, %al
	outb	%al, %dx
	jmp	1b
3:	hlt
	jmp	3b
bad_cpu_msg:
	.asciz	"Kerla needs a 64-bit processor with no-execute (NX) enabled.\r\n"

	.code64
long_mode:				/* at the physical address still */
	movl	%ebp, %ebp		/* upper halves are undefined */
	movl	%esi, %r12d
	movl	%ebx, %r13d
	leaq	boot_stack_top(%rip), %rsp
	movl	%ebx, %edi
	/* rsi = params, upper half cleared by the move */
	movl	%r12d, %esi
	call	boot_early

	/* both operands were relocated by it */
	movabsq	$boot_stack_top, %rsp
	movabsq	$high, %rax
	jmpq	*%rax
high:
	movq	$0, boot_pml4(%rip)
	movq	%cr3, %rax
	movq	%rax, %cr3
	movl	$CR4_KERNEL, %eax	/* PGE last: no stale global entry */
	movq	%rax, %cr4
	leaq	boot_gdt(%rip), %rax
	pushq	%rax
	pushw	$31
	lgdt	(%rsp)
	addq	$10, %rsp
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	xorl	%edx, %edx
	movl	$MSR_GS_BASE, %ecx	/* %gs:sym is the image's own .percpu */
	wrmsr
	movl	$MSR_FS_BASE, %ecx
	wrmsr

	leaq	__bss_start(%rip), %rdi
	leaq	__bss_stop(%rip), %rcx
	subq	%rdi, %rcx
	shrq	$3, %rcx
	rep stosq

	xorl	%ebp, %ebp		/* end of backtraces */
	movl	%r13d, %edi
	movl	%r12d, %esi
	call	bootinfo_collect
	movq	%rax, %rdi
	call	kernel_main
	ud2

	.section .rodata
	.balign	16
	.globl	boot_gdt
boot_gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00cf9b000000ffff
	.size	boot_gdt, . - boot_gdt

	.section .note.GNU-stack, "", @progbits
