/* SPDX-License-Identifier: MIT */
/* Patching out instructions this CPU lacks; see arch/alternative.h. */
#include "arch.h"

#include <arch/alternative.h>
#include <lib/string.h>

struct altinstr {
	s32 insn;		/* from this member */
	u8 feature, len;
	u16 pad;
};
static_assert(sizeof(struct altinstr) == 8, "arch/alternative.h");

extern const struct altinstr __start_altinstr[] __weak;
extern const struct altinstr __stop_altinstr[] __weak;

void
alternatives_apply(void)
{
	const struct altinstr *a;
	u64 cr0;

	if (cpu_has(CPU_SMAP))
		return;
	cr0 = read_cr0();
	write_cr0(cr0 & ~CR0_WP);
	for (a = __start_altinstr; a < __stop_altinstr; a++) {
		u8 *p = (u8 *)&a->insn + a->insn;

		if (a->feature == ALT_SMAP && a->len == 3) {
			p[0] = 0x0f;		/* nopl (%rax) */
			p[1] = 0x1f;
			p[2] = 0x00;
		}
	}
	write_cr0(cr0);
}

#if CONFIG_SMP
extern const s32 __start_altlock[] __weak, __stop_altlock[] __weak;

void
alternatives_one_cpu(void)
{
	u64 cr0 = read_cr0();
	const s32 *a;

	write_cr0(cr0 & ~CR0_WP);
	for (a = __start_altlock; a < __stop_altlock; a++) {
		u8 *p = (u8 *)a + *a;

		if (*p == 0xf0)
			*p = 0x3e;	/* DS: without meaning in long mode */
	}
	write_cr0(cr0);
}
#endif
