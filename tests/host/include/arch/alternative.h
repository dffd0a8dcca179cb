/* SPDX-License-Identifier: MIT */
/*
 * Shadow of arch/alternative.h for host tests: no SMAP to lift, and the
 * exception table in a section whose ends the linker names. The entries are
 * the kernel's own, and so is the search (core/extable.c): uaccess.S runs here
 * as it is, with real faults.
 */
#ifndef ARCH_ALTERNATIVE_H
#define ARCH_ALTERNATIVE_H

#define ALT_SMAP	0

#ifdef __ASSEMBLER__
.macro USER_ACCESS_ON
.endm
.macro USER_ACCESS_OFF
.endm
.macro EXTABLE insn, fixup
	.pushsection host_extable, "a"
	.balign	4
	.long	\insn - ., \fixup - .
	.popsection
.endm
#else
#define ASM_STAC ""
#define ASM_CLAC ""
#define ASM_EXTABLE(insn, fixup) \
	".pushsection host_extable, \"a\"\n\t.balign 4\n\t" \
	".long " insn " - ., " fixup " - .\n\t.popsection\n\t"

void alternatives_apply(void);
#endif
#endif
