/* SPDX-License-Identifier: MIT */
/*
 * Real-mode part of the bzImage: boot sector header and 16-bit setup.
 *
 * A loader that enters by the 16-bit protocol (qemu -kernel under SeaBIOS,
 * pxelinux) puts these 4 KiB anywhere below 640 KiB and jumps to segment +
 * 0x20. We ask the BIOS for the memory map and the screen, open A20, and jump
 * in protected mode to code32_start with esi = zero page. Others read the
 * header only and enter the kernel by themselves.
 *
 * Layout, offsets from %ds:	0x0000 this file (mkbzimage puts the DOS and PE
 * header at 0 .. 0x1bf, and fills the fields marked "mkbzimage" below)
 *	0x1000 zero page	0x2000 VBE scratch	.. 0x8000 stack
 * The loader's own stack is kept when it is in our segment.
 *
 * No port but the delay port is touched unless A20 is closed. 4 KiB are all
 * there is, so the EFI stub lives behind the kernel (boot/efistub.c).
 */
#include <boot/protocol.h>

#define zp		0x1000
#define vbe		0x2000
#define STACK		0x7ffc

#define BOOT_CS		0x10
#define BOOT_DS		0x18

	.code16
	.section .setup, "ax"
	.globl	setup_begin
setup_begin:
	.org	BP_SENTINEL
	.byte	0xff			/* stays: loader did not zero */
	.org	BP_SETUP_SECTS
	.byte	7			/* setup_sects: 4 KiB with this one */
	.word	1			/* root_flags: read only */
	.long	0			/* syssize: mkbzimage */
	.word	0			/* ram_size */
	.word	0xffff			/* vid_mode: normal */
	.word	0			/* root_dev */
	.word	0xaa55
	.byte	0xeb, start - 1f	/* jump */
1:	.ascii	"HdrS"
	.word	0x020f
	.long	0			/* realmode_swtch */
	.word	0x1000			/* start_sys_seg */
	.word	version - 0x200
	.byte	0			/* type_of_loader */
	.byte	LOADED_HIGH		/* loaders add CAN_USE_HEAP */
	.word	0			/* setup_move_size */
	.long	0x100000		/* code32_start */
	.long	0, 0			/* ramdisk */
	.long	0			/* bootsect_kludge */
	.word	STACK - 0x200		/* heap_end_ptr */
	.byte	0, 0			/* ext_loader_ver, _type */
	.long	0			/* cmd_line_ptr */
	.long	0x7fffffff		/* initrd_addr_max */
	.long	0x200000		/* kernel_alignment */
	.byte	1			/* relocatable_kernel */
	.byte	21			/* min_alignment */
	.word	XLF_KERNEL_64		/* xloadflags: mkbzimage adds EFI's */
	.long	4095			/* cmdline_size, without the NUL */
	.long	0			/* hardware_subarch: PC */
	.quad	0
	.long	0, 0			/* payload: none, not compressed */
	.quad	0			/* setup_data */
	.quad	0			/* pref_address: mkbzimage */
	.long	0			/* init_size: mkbzimage */
	.long	0			/* handover_offset: mkbzimage */
	.long	IMAGE_KERNEL_INFO
	.org	BP_HDR_END

start:
	cld
	movw	%ds, %ax
	movw	%ax, %es
	movw	%ss, %cx
	movzwl	%sp, %edx
	cmpw	%ax, %cx
	jne	1f
	cmpw	$vbe + 0x400, %dx
	ja	2f
1:	movl	$STACK, %edx
2:	andb	$~3, %dl
	movw	%ax, %ss
	movl	%edx, %esp
	pushw	%ax
	pushw	$3f
	lretw				/* cs = ds */
3:	sti

	movw	$zp, %di
	xorl	%eax, %eax
	movw	$BP_SIZE / 4, %cx
	rep stosl
	movw	$BP_SETUP_SECTS, %si
	movw	$zp + BP_SETUP_SECTS, %di
	movw	$BP_HDR_END - BP_SETUP_SECTS, %cx
	rep movsb

	call	memory
	call	video
	call	a20
	jmp	protected

/* E820; when there is none, the older calls' answers for the kernel. */
memory:
	movw	$zp + BP_E820_TABLE, %di
	xorl	%ebx, %ebx
	xorw	%bp, %bp
1:	movl	$0xe820, %eax
	movl	$20, %ecx
	movl	$0x534d4150, %edx	/* "SMAP" */
	int	$0x15
	jc	2f
	cmpl	$0x534d4150, %eax
	jne	3f
	incw	%bp
	addw	$20, %di
	cmpw	$BP_E820_MAX, %bp
	jae	2f
	testl	%ebx, %ebx
	jnz	1b
2:	movw	%bp, %ax
	movb	%al, zp + BP_E820_ENTRIES
	testw	%bp, %bp
	jnz	6f
3:	xorw	%cx, %cx
	xorw	%dx, %dx
	movw	$0xe801, %ax
	int	$0x15
	jc	5f
	testw	%cx, %cx
	jnz	4f
	movw	%ax, %cx
	movw	%bx, %dx
4:	movzwl	%cx, %ecx		/* KiB from 1 MiB to 16 */
	movzwl	%dx, %edx		/* 64 KiB blocks from 16 MiB */
	cmpl	$15 << 10, %ecx
	jne	7f			/* a hole: count up to it */
	shll	$6, %edx
	addl	%edx, %ecx
7:	movl	%ecx, zp + BP_ALT_MEM_K
5:	movb	$0x88, %ah
	int	$0x15
	jc	6f
	movw	%ax, zp + BP_EXT_MEM_K
6:	ret

/* Text screen as it stands; then a VBE mode if vga= asked for one. */
video:
	movw	$0x1a00, %ax		/* VGA at all? */
	int	$0x10
	cmpb	$0x1a, %al
	jne	9f
	movb	$VIDEO_TYPE_TEXT, zp + BP_VIDEO_ISVGA
	movb	$0x0f, %ah
	int	$0x10
	andb	$0x7f, %al
	movw	%ax, zp + BP_VIDEO_MODE	/* mode, columns */
	movzbw	%bh, %ax
	movw	%ax, zp + BP_VIDEO_PAGE
	movb	$3, %ah
	int	$0x10
	movw	%dx, zp + BP_ORIG_X
	pushw	%es
	movw	$0x40, %ax
	movw	%ax, %es
	movb	%es:0x84, %al
	movw	%es:0x85, %cx
	popw	%es
	incb	%al
	movb	%al, zp + BP_VIDEO_LINES
	movw	%cx, zp + BP_VIDEO_POINTS

	movw	BP_VID_MODE, %bp	/* 0x200 + VESA number */
	subw	$0x300, %bp
	jb	9f
	cmpw	$0x500, %bp
	jae	9f
	addw	$0x100, %bp
	movw	$vbe, %di
	movl	$0x32454256, (%di)	/* "VBE2" */
	movw	$0x4f00, %ax
	int	$0x10
	cmpw	$0x4f, %ax
	jne	9f
	cmpl	$0x41534556, vbe	/* "VESA" */
	jne	9f
	movzwl	vbe + 18, %eax
	movl	%eax, zp + BP_LFB_SIZE	/* 64 KiB units */
	movw	$vbe, %di
	movw	%bp, %cx
	movw	$0x4f01, %ax
	int	$0x10
	cmpw	$0x4f, %ax
	jne	9f
	movb	vbe, %al
	andb	$0x99, %al		/* supported, colour, graphics, linear */
	cmpb	$0x99, %al
	jne	9f
	cmpb	$6, vbe + 27		/* direct colour */
	jne	9f
	movw	%bp, %bx
	orb	$0x40, %bh
	movw	$0x4f02, %ax
	int	$0x10
	cmpw	$0x4f, %ax
	jne	9f
	movb	$VIDEO_TYPE_VLFB, zp + BP_VIDEO_ISVGA
	movw	vbe, %ax
	movw	%ax, zp + BP_VESA_ATTRIBUTES
	movl	vbe + 18, %eax
	movl	%eax, zp + BP_LFB_WIDTH	/* and height */
	movzbw	vbe + 25, %ax
	movw	%ax, zp + BP_LFB_DEPTH
	movw	vbe + 16, %ax
	movw	%ax, zp + BP_LFB_LINELENGTH
	movl	vbe + 40, %eax
	movl	%eax, zp + BP_LFB_BASE
	movw	$vbe + 31, %si
	movw	$zp + BP_LFB_COLORS, %di
	movw	$4, %cx
	rep movsw
9:	ret

/* Open A20 if it is not; every firmware of this century has it open. */
a20:
	call	a20_test
	jne	8f
	movw	$0x2401, %ax
	int	$0x15
	call	a20_test
	jne	8f
	call	kbc_wait
	movb	$0xd1, %al
	outb	%al, $0x64
	call	kbc_wait
	movb	$0xdf, %al
	outb	%al, $0x60
	call	kbc_wait
	call	a20_test_long
	jne	8f
	inb	$0x92, %al
	orb	$2, %al
	andb	$~1, %al
	outb	%al, $0x92
	call	a20_test_long
	jne	8f
	movw	$no_a20, %si
1:	lodsb
	testb	%al, %al
	jz	2f
	movb	$0x0e, %ah
	movw	$7, %bx
	int	$0x10
	jmp	1b
2:	hlt
	jmp	2b
8:	ret

kbc_wait:
	movw	$0xffff, %cx
1:	inb	$0x64, %al
	testb	$2, %al
	loopnz	1b
	ret

a20_test_long:
	movw	$0x1000, %dx
	jmp	1f
a20_test:
	movw	$4, %dx
1:	pushw	%ds
	pushw	%es
	xorw	%ax, %ax
	movw	%ax, %ds
	decw	%ax
	movw	%ax, %es
	movl	0x200, %ecx		/* an unused interrupt vector */
	movl	%ecx, %eax
2:	incl	%eax
	movl	%eax, 0x200
	outb	%al, $0x80		/* a moment */
	cmpl	%es:0x210, %eax
	jne	3f
	decw	%dx
	jnz	2b
3:	movl	%ecx, 0x200
	popw	%es
	popw	%ds
	testw	%dx, %dx		/* zero: closed */
	ret

protected:
	cli
	xorl	%eax, %eax
	movw	%ds, %ax
	shll	$4, %eax
	addl	%eax, gdtr + 2
	addl	%eax, far_jump + 2
	leal	zp(%eax), %esi
	movl	BP_CODE32_START, %edi
	lidt	idtr
	lgdt	gdtr
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
far_jump:
	.byte	0x66, 0xea
	.long	flat
	.word	BOOT_CS
	.code32
flat:
	movl	$BOOT_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	%edi, %eax
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%edi, %edi
	jmp	*%eax

	.balign	8
gdt:	.quad	0, 0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.word	0
gdtr:	.word	31
	.long	gdt
idtr:	.word	0
	.long	0
no_a20:	.asciz	"A20 gate does not open, system halted.\r\n"

	.globl	version
version:				/* text: mkbzimage */
	.org	4096

	.section .note.GNU-stack, "", @progbits
