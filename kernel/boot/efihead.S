/* SPDX-License-Identifier: MIT */
/*
 * First bytes of the EFI stub image. The stub is linked alone at 0, without
 * relocations and without writable data, and mkbzimage puts it behind the
 * kernel in the bzImage, filling in stub_info.
 */
	.section .head.text, "ax"
	.code64
	.globl	stub_info, stub_begin
stub_begin:
stub_info:				/* struct stub_info of efistub.c */
	.ascii	"KBZI"
	.long	0			/* bytes from kernel image to here */
	.long	0			/* its bytes in the file */
	.long	0			/* and in memory */

	.org	0x20
	.globl	efi_pe_start
efi_pe_start:				/* PE entry */
	jmp	efi_pe_entry

	.org	0x40
	/* EFI handover protocol: rdi image, rsi system table, rdx zero page */
	andq	$-16, %rsp
	call	efi_handover_entry
1:	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits
