/* SPDX-License-Identifier: MIT */
/*
 * The exception table: where the kernel goes on after a fault it expected.
 * Entries are pairs of offsets from themselves (arch/alternative.h), some two
 * hundred, and looked at only when a program passed a bad pointer: a plain
 * search does.
 */
#include <boot/sections.h>
#include <core/ksyms.h>

struct extable_entry { s32 insn, fixup; };

unsigned long
extable_find(unsigned long rip)
{
	const struct extable_entry *e = (const void *)__extable_start;
	const struct extable_entry *end = (const void *)__extable_end;

	for (; e < end; e++)
		if ((unsigned long)&e->insn + e->insn == rip)
			return (unsigned long)&e->fixup + e->fixup;
	return 0;
}
