/* SPDX-License-Identifier: MIT */
/*
 * The first thing kernel_main() calls. Everything here works without memory
 * allocation and without the command line having been parsed: the few words
 * that switch processor features off are looked up by name.
 */
#include "arch.h"

#include <arch/alternative.h>
#include <arch/fpu.h>
#include <arch/init.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <boot/sections.h>
#include <core/assert.h>
#include <sched/thread.h>

unsigned long __stack_chk_guard __ro_after_init = 0x595e9fbd94fda766;
void __noreturn __stack_chk_fail(void);

static const struct { const char *word; u8 feature; } off_words[] = {
	{ "noxsave", CPU_XSAVE }, { "noxsaveopt", CPU_XSAVEOPT },
	{ "nofsgsbase", CPU_FSGSBASE }, { "nopcid", CPU_PCID },
	{ "nosmep", CPU_SMEP }, { "nosmap", CPU_SMAP },
	{ "noumip", CPU_UMIP }, { "nox2apic", CPU_X2APIC },
	{ "nordrand", CPU_RDRAND }, { "nogbpages", CPU_PDPE1GB },
	{ "no-kvmclock", CPU_KVM }, { "no-tsc-deadline", CPU_TSC_DEADLINE },
};

void
__stack_chk_fail(void)
{
	panic("stack protector: corrupted stack in %pS",
	      __builtin_return_address(0));
}

/* A guard value nobody can know; its low byte is 0, to stop string copies. */
static __init __no_stack_protector u64
guard_choose(const struct bootinfo *bi)
{
	u64 v = rdtsc() ^ bi->tsc_entry << 32, hw = 0;
	unsigned int i;

	if (cpu_has(CPU_RDRAND))
		__asm__ volatile("rdrand %0" : "=r"(hw) : : "cc");
	v ^= hw;
	for (i = 0; i < bi->seed_len; i++)
		v = (v ^ bi->seed[i]) * 0x100000001b3UL;
	v = (v ^ v >> 29) * 0x9e3779b97f4a7c15UL;
	return v & ~0xffUL;
}

__init __no_stack_protector void
arch_early_init(const struct bootinfo *bi)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(off_words); i++) {
		if (cmdline_has(bi->cmdline, off_words[i].word))
			cpu_feature_clear(off_words[i].feature);
	}
	/* the boot flow is the idle thread, on the boot stack */
	current_thread->kstack = (u8 *)boot_stack;
	desc_init_boot();
	cpu_detect();
	cpu_init_features();
	fpu_init_boot();
	alternatives_apply();
	__stack_chk_guard = guard_choose(bi);
}
