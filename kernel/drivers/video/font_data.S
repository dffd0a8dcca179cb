/* SPDX-License-Identifier: MIT */
/* The console font: PSF1 or PSF2, put into the build directory by the build. */
	.section .rodata
	.balign	16
	.globl	console_font_start
	.globl	console_font_end
console_font_start:
	.incbin	"font.psf"
console_font_end:
	.section .note.GNU-stack, "", @progbits
