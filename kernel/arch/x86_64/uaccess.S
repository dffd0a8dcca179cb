/* SPDX-License-Identifier: MIT */
/*
 * Copies between kernel and user memory; contracts in mm/uaccess.h.
 *
 * A fault resumes at a fixup with RFLAGS.AC already clear (trap.c), so the
 * fixups lift SMAP again where they go on. Copies that fault midway restart
 * byte by byte from the last known good place to find the exact byte.
 *
 * Up to 32 bytes go by pairs of overlapping moves, more by rep movsq, whose
 * microcode is as fast as rep movsb's from some hundred bytes on.
 */
#include <arch/alternative.h>

	.text
/* size_t uaccess_copy(dst rdi, src rsi, n rdx): bytes not copied */
	.globl	uaccess_copy
	.type	uaccess_copy, @function
	.balign	16
uaccess_copy:
	USER_ACCESS_ON
	leaq	(%rsi, %rdx), %r9	/* end of the source */
	cmpq	$32, %rdx
	ja	.Lbig
	cmpl	$8, %edx
	jb	.Ltiny
	cmpl	$16, %edx
	ja	.Lmid
1:	movq	(%rsi), %rax
2:	movq	-8(%r9), %rcx
3:	movq	%rax, (%rdi)
4:	movq	%rcx, -8(%rdi, %rdx)
	USER_ACCESS_OFF
	xorl	%eax, %eax
	ret
.Lmid:
5:	movq	(%rsi), %rax
6:	movq	8(%rsi), %rcx
7:	movq	-16(%r9), %r8
8:	movq	-8(%r9), %r10
9:	movq	%rax, (%rdi)
10:	movq	%rcx, 8(%rdi)
11:	movq	%r8, -16(%rdi, %rdx)
12:	movq	%r10, -8(%rdi, %rdx)
	USER_ACCESS_OFF
	xorl	%eax, %eax
	ret
.Lbig:
	movq	%rdx, %rcx
	shrq	$3, %rcx
13:	rep movsq
	andl	$7, %edx
	jz	.Ldone
	/* rsi and rdi are at the tail, and 8 bytes before them were copied */
14:	movq	-8(%r9), %rax
15:	movq	%rax, -8(%rdi, %rdx)
.Ldone:
	USER_ACCESS_OFF
	xorl	%eax, %eax
	ret
.Ltiny:
	movl	%edx, %ecx
16:	rep movsb
	USER_ACCESS_OFF
	movl	%ecx, %eax
	ret

.Lfault:
	USER_ACCESS_ON
	movq	%r9, %rcx
	subq	%rsi, %rcx
17:	rep movsb
	USER_ACCESS_OFF
.Lfault_end:
	movq	%rcx, %rax
	ret
	.size	uaccess_copy, . - uaccess_copy

	EXTABLE	1b, .Lfault
	EXTABLE	2b, .Lfault
	EXTABLE	3b, .Lfault
	EXTABLE	4b, .Lfault
	EXTABLE	5b, .Lfault
	EXTABLE	6b, .Lfault
	EXTABLE	7b, .Lfault
	EXTABLE	8b, .Lfault
	EXTABLE	9b, .Lfault
	EXTABLE	10b, .Lfault
	EXTABLE	11b, .Lfault
	EXTABLE	12b, .Lfault
	EXTABLE	13b, .Lfault
	EXTABLE	14b, .Lfault
	EXTABLE	15b, .Lfault
	EXTABLE	16b, .Lfault_end
	EXTABLE	17b, .Lfault_end

/* size_t uaccess_clear(dst rdi, n rsi): bytes not cleared */
	.globl	uaccess_clear
	.type	uaccess_clear, @function
	.balign	16
uaccess_clear:
	USER_ACCESS_ON
	xorl	%eax, %eax
	movq	%rsi, %rcx
	shrq	$3, %rcx
1:	rep stosq
	movl	%esi, %ecx
	andl	$7, %ecx
2:	rep stosb
	USER_ACCESS_OFF
	ret
3:	leaq	(, %rcx, 8), %rcx
	andl	$7, %esi
	addq	%rsi, %rcx
	xorl	%eax, %eax
	USER_ACCESS_ON
4:	rep stosb
	USER_ACCESS_OFF
5:	movq	%rcx, %rax
	ret
	.size	uaccess_clear, . - uaccess_clear
	EXTABLE	1b, 3b
	EXTABLE	2b, 5b
	EXTABLE	4b, 5b

/*
 * ssize_t uaccess_strcpy(dst rdi, src rsi, max rdx): length with NUL, 0 when
 * max bytes hold none, -EFAULT. Eight bytes at a time; a word has a zero byte
 * when (w - 0x01..01) & ~w & 0x80..80, whose lowest bit marks the first.
 */
	.globl	uaccess_strcpy
	.type	uaccess_strcpy, @function
	.balign	16
uaccess_strcpy:
	USER_ACCESS_ON
	movq	%rsi, %r11
	movabsq	$0xfefefefefefefeff, %r8
	movabsq	$0x8080808080808080, %r9
	subq	$8, %rdx
	jb	3f
1:	movq	(%rsi), %rax
	leaq	(%rax, %r8), %rcx
	movq	%rax, (%rdi)
	notq	%rax
	andq	%r9, %rax
	andq	%rcx, %rax
	jnz	2f
	addq	$8, %rsi
	addq	$8, %rdi
	subq	$8, %rdx
	jae	1b
	jmp	3f
2:	USER_ACCESS_OFF
	bsfq	%rax, %rax
	shrl	$3, %eax
	subq	%r11, %rsi
	leaq	1(%rsi, %rax), %rax
	ret
7:	USER_ACCESS_ON		/* the word runs into an absent page */
3:	addq	$8, %rdx
	jz	6f
4:	movzbl	(%rsi), %eax
	movb	%al, (%rdi)
	incq	%rsi
	incq	%rdi
	testb	%al, %al
	jz	5f
	decq	%rdx
	jnz	4b
6:	USER_ACCESS_OFF
	xorl	%eax, %eax
	ret
5:	USER_ACCESS_OFF
	movq	%rsi, %rax
	subq	%r11, %rax
	ret
8:	movq	$-14, %rax		/* -EFAULT */
	ret
	.size	uaccess_strcpy, . - uaccess_strcpy
	EXTABLE	1b, 7b
	EXTABLE	4b, 8b

/* size_t uaccess_strlen(src rdi, max rsi): the same without the copy */
	.globl	uaccess_strlen
	.type	uaccess_strlen, @function
	.balign	16
uaccess_strlen:
	USER_ACCESS_ON
	movq	%rdi, %r11
	movabsq	$0xfefefefefefefeff, %r8
	movabsq	$0x8080808080808080, %r9
	subq	$8, %rsi
	jb	3f
1:	movq	(%rdi), %rax
	leaq	(%rax, %r8), %rcx
	notq	%rax
	andq	%r9, %rax
	andq	%rcx, %rax
	jnz	2f
	addq	$8, %rdi
	subq	$8, %rsi
	jae	1b
	jmp	3f
2:	USER_ACCESS_OFF
	bsfq	%rax, %rax
	shrl	$3, %eax
	subq	%r11, %rdi
	leaq	1(%rdi, %rax), %rax
	ret
7:	USER_ACCESS_ON
3:	addq	$8, %rsi
	jz	6f
4:	movzbl	(%rdi), %eax
	incq	%rdi
	testb	%al, %al
	jz	5f
	decq	%rsi
	jnz	4b
6:	USER_ACCESS_OFF
	xorl	%eax, %eax
	ret
5:	USER_ACCESS_OFF
	movq	%rdi, %rax
	subq	%r11, %rax
	ret
8:	movq	$-14, %rax
	ret
	.size	uaccess_strlen, . - uaccess_strlen
	EXTABLE	1b, 7b
	EXTABLE	4b, 8b

/* int uaccess_cmpxchg32(u32 *p rdi, old esi, new edx, u32 *cur rcx) */
	.globl	uaccess_cmpxchg32
	.type	uaccess_cmpxchg32, @function
	.balign	16
uaccess_cmpxchg32:
	USER_ACCESS_ON
	movl	%esi, %eax
1:	lock cmpxchgl %edx, (%rdi)
	USER_ACCESS_OFF
	movl	%eax, (%rcx)
	xorl	%eax, %eax
	ret
2:	movl	$-14, %eax
	ret
	.size	uaccess_cmpxchg32, . - uaccess_cmpxchg32
	EXTABLE	1b, 2b

	.section .note.GNU-stack, "", @progbits
