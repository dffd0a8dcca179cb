/* SPDX-License-Identifier: MIT */
/* The vDSO in the kernel image, whole pages. vdso.so comes from the build. */
	.section .rodata
	.balign	4096
	.globl	vdso_image_start, vdso_image_end
vdso_image_start:
	.incbin	"arch/x86_64/vdso/vdso.so"
vdso_image_end:
	.balign	4096
	.section .note.GNU-stack, "", @progbits
