/* SPDX-License-Identifier: MIT */
/*
 * Instructions that depend on a CPU feature: assembled as for a CPU that has
 * it, and replaced by NOPs at boot (alternatives_apply) when it has not. Each
 * site leaves an 8-byte entry in section altinstr: s32 distance to the
 * instruction, u8 feature, u8 length, u16 pad.
 */
#ifndef ARCH_ALTERNATIVE_H
#define ARCH_ALTERNATIVE_H

#define ALT_SMAP	0

#ifdef __ASSEMBLER__
.macro ALT_ENTRY start, feature, len
	.pushsection altinstr, "a"
	.long	\start - .
	.byte	\feature, \len
	.word	0
	.popsection
.endm
.macro USER_ACCESS_ON
771:	stac
	ALT_ENTRY 771b, ALT_SMAP, 3
.endm
.macro USER_ACCESS_OFF
771:	clac
	ALT_ENTRY 771b, ALT_SMAP, 3
.endm
/* a fault at insn continues at fixup, with RFLAGS.AC clear */
.macro EXTABLE insn, fixup
	.pushsection .extable, "a"
	.balign	4
	.long	\insn - ., \fixup - .
	.popsection
.endm
#else
#define ALT_ENTRY_(start, feature, len) \
	".pushsection altinstr, \"a\"\n\t.long " start " - .\n\t" \
	".byte " feature ", " len "\n\t.word 0\n\t.popsection\n\t"
#define ASM_STAC "771:\tstac\n\t" ALT_ENTRY_("771b", "0", "3")
#define ASM_CLAC "771:\tclac\n\t" ALT_ENTRY_("771b", "0", "3")
#define ASM_EXTABLE(insn, fixup) \
	".pushsection .extable, \"a\"\n\t.balign 4\n\t" \
	".long " insn " - ., " fixup " - .\n\t.popsection\n\t"

/* alternatives_apply - patch the kernel text. E, boot CPU, once. */
void alternatives_apply(void);
#endif
#endif
