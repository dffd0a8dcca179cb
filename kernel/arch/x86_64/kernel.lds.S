/* SPDX-License-Identifier: MIT */
/*
 * Link map of vmkerla.elf. See include/boot/sections.h for the ranges and
 * what each is mapped as; physical addresses are virtual - 0xffffffff80000000.
 *
 * Order matters twice. Nothing before .relocs moves when .relocs and .ksyms
 * are filled, so a first link without them already has every code and data
 * address and every relocation site final (boot/local.mk tells the passes).
 * And .init with .relocs, which is freed, lies together.
 *
 * set_* and altinstr have C names, so they must stay output sections of their
 * own to get their __start_/__stop_ symbols. The linker places them as orphans
 * right behind .rodata, before .rodata_end; boot/tools/relocs checks that.
 */
#include <arch/layout.h>

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(boot_entry64_phys)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	inittext PT_LOAD FLAGS(5);
	initdata PT_LOAD FLAGS(6);
	ksyms PT_LOAD FLAGS(4);
	bss PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

boot_entry64_phys = boot_entry64 - KERNEL_LINK_BASE;

SECTIONS
{
	. = KERNEL_LINK_BASE + KERNEL_TEXT_OFFSET;

	.text : AT(ADDR(.text) - KERNEL_LINK_BASE) {
		_text = .;
		KEEP(*(.head.text))
		*(.text.hot .text.hot.*)
		*(.text .text.*)
		. = ALIGN(PAGE_SIZE);
		_etext = .;
	} :text = 0xcccccccc

	.note : AT(ADDR(.note) - KERNEL_LINK_BASE) {
		_rodata = .;
		KEEP(*(.note.Xen))
	} :rodata :note
	.extable : AT(ADDR(.extable) - KERNEL_LINK_BASE) {
		. = ALIGN(8);
		__extable_start = .;
		KEEP(*(.extable))
		__extable_end = .;
	} :rodata
	.rodata : AT(ADDR(.rodata) - KERNEL_LINK_BASE) {
		*(.rodata .rodata.*)
		. = ALIGN(8);
	} :rodata
	/* set_*, altinstr come here */
	.rodata_end : AT(ADDR(.rodata_end) - KERNEL_LINK_BASE) {
		. = ALIGN(PAGE_SIZE);
		_erodata = .;
	} :rodata

	.data : AT(ADDR(.data) - KERNEL_LINK_BASE) {
		_data = .;
		*(.data..page_aligned)
		*(.data..cacheline_aligned)
		*(.data .data.[!.]* .data.rel*)
		. = ALIGN(PAGE_SIZE);
	} :data
	.percpu : AT(ADDR(.percpu) - KERNEL_LINK_BASE) {
		__percpu_start = .;
		*(.percpu..first)
		*(.percpu .percpu.*)
		. = ALIGN(PAGE_SIZE);
		__percpu_end = .;
	} :data
	.ro_after_init : AT(ADDR(.ro_after_init) - KERNEL_LINK_BASE) {
		__ro_after_init_start = .;
		*(.data..ro_after_init)
		. = ALIGN(PAGE_SIZE);
		__ro_after_init_end = .;
		_edata = .;
	} :data

	.init.text : AT(ADDR(.init.text) - KERNEL_LINK_BASE) {
		__init_begin = .;
		*(.init.text .init.text.*)
		. = ALIGN(PAGE_SIZE);
		__inittext_end = .;
	} :inittext = 0xcccccccc
	.init.data : AT(ADDR(.init.data) - KERNEL_LINK_BASE) {
		*(.init.data .init.data.* .init.rodata .init.rodata.*)
		. = ALIGN(8);
	} :initdata
	.relocs : AT(ADDR(.relocs) - KERNEL_LINK_BASE) {
		. = ALIGN(8);
		__relocs_start = .;
		KEEP(*(.relocs))
		__relocs_end = .;
		. = ALIGN(PAGE_SIZE);
		__init_end = .;
	} :initdata

	.ksyms : AT(ADDR(.ksyms) - KERNEL_LINK_BASE) {
		__ksyms_start = .;
		KEEP(*(.ksyms))
		__ksyms_end = .;
		QUAD(0)			/* never empty: a segment of its own */
	} :ksyms

	. = ALIGN(PAGE_SIZE);
	.bss : AT(ADDR(.bss) - KERNEL_LINK_BASE) {
		__bss_start = .;
		*(.bss..page_aligned)
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE_SIZE);
		__bss_stop = .;
	} :bss
	.noinit : AT(ADDR(.noinit) - KERNEL_LINK_BASE) {
		__noinit_start = .;
		boot_pml4 = .;
		. += PAGE_SIZE;
		boot_dm_pdpt = .;
		. += PAGE_SIZE;
		boot_kernel_pdpt = .;
		. += PAGE_SIZE;
		boot_kernel_pd = .;
		. += PAGE_SIZE;
		boot_dm_pd = .;
		. += 4 * PAGE_SIZE;
		/* one page table per 2 MiB begun; 256 KiB covers this section */
		boot_kernel_pt = .;
		. += ((. - _text + 0x40000) / LARGE_PAGE_SIZE + 1) * PAGE_SIZE;
		boot_ident_pdpt = .;	/* and guard of boot_stack */
		. += PAGE_SIZE;
		boot_stack = .;
		. += KSTACK_SIZE;
		boot_stack_top = .;
		_end = .;
	} :bss

	.comment 0 : { *(.comment) } :NONE
	/DISCARD/ : {
		*(.eh_frame .eh_frame_hdr .note.GNU-stack .note.gnu.*)
	}
}

ASSERT(_end - _text < 0x4000000, "kernel image above 64 MiB")
ASSERT(boot_entry64 - _text == 0x200, "64-bit entry not at its place")
ASSERT(__percpu_start % PAGE_SIZE == 0, "percpu alignment")
