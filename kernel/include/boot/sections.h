/* SPDX-License-Identifier: MIT */
/*
 * Symbols of kernel.lds.S. All ranges are whole pages, [start, end).
 *
 *   _text .. _etext			RX
 *   _rodata .. _erodata		RO NX	sets, .extable, notes
 *   _data .. _edata			RW NX	holds the next two
 *	__percpu_start .. __percpu_end	boot CPU's copy and the template
 *	__ro_after_init_start .. _end	to be made RO when boot is over
 *   __init_begin .. __inittext_end	RX	freed when boot is over
 *   __inittext_end .. __init_end	RW NX	the same; ends with .relocs
 *   __ksyms_start .. __ksyms_end	RO NX	(end not rounded)
 *   __bss_start .. __bss_stop		RW NX	zeroed by head.S
 *   __noinit_start .. _end		RW NX	boot tables and stack
 */
#ifndef BOOT_SECTIONS_H
#define BOOT_SECTIONS_H

#include <lib/types.h>

extern char _text[], _etext[], _rodata[], _erodata[], _data[], _edata[];
extern char __percpu_start[], __percpu_end[];
extern char __ro_after_init_start[], __ro_after_init_end[];
extern char __init_begin[], __inittext_end[], __init_end[];
extern const u8 __ksyms_start[], __ksyms_end[];
extern const u8 __relocs_start[], __relocs_end[];
extern const char __extable_start[], __extable_end[];
extern char __bss_start[], __bss_stop[], _end[];

/*
 * Early page tables, made by head.S; each is one page and lies in the image.
 *
 * boot_pml4 is live until paging_init() replaces it: [273] direct map of the
 * first 4 GiB in 2 MiB pages, [511] kernel image. [0] is empty; a processor
 * that has still to come from real mode needs an identity map, and gets it
 * from a PML4 of its own whose [0] is boot_ident_pdpt (present, writable) and
 * whose top half is a copy of the kernel's. That maps the first 4 GiB one to
 * one through the page directories of the direct map (boot_dm_pd), which
 * carry no NX themselves: NX of the direct map stands in boot_dm_pdpt. It
 * serves as long as nobody changes boot_dm_pd below the trampoline's page.
 *
 * boot_ident_pdpt is not mapped in the kernel image (it is the guard page
 * below boot_stack): use its physical address, kimage_to_phys().
 */
extern u64 boot_pml4[512], boot_dm_pdpt[512], boot_dm_pd[4][512];
extern u64 boot_ident_pdpt[512], boot_kernel_pdpt[512], boot_kernel_pd[512];
extern char boot_stack[], boot_stack_top[];	/* KSTACK_SIZE */
/* 0 null, 8 code64, 0x10 data, 0x18 code32; flat, ring 0 */
extern const u64 boot_gdt[4];

#endif
