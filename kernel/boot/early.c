/* SPDX-License-Identifier: MIT */
/*
 * What must be done before the kernel stands at its virtual address: choose
 * the KASLR slide, apply it to the image, map the image.
 *
 * This file alone is compiled position independent (-fpie, see local.mk) and
 * runs at the physical address through the identity map, on boot_stack, with
 * .bss not yet cleared. So: no static data that needs relocating, no stack
 * protector, no call to any other file; results go to .data.
 *
 * Relocations. The kernel is linked at a fixed address; boot/tools/relocs
 * lists the 32-bit words of the image that hold (the low half of) a virtual
 * address of the image. Both link and slid addresses lie in the top 2 GiB
 * below +1 GiB, so adding the slide to the low half never carries, whether the
 * full value is 32 or 64 bits wide. The list in .relocs is 16-bit numbers: for
 * each 64 KiB of the image from _text to .relocs a count, then that many
 * offsets into the 64 KiB. Two and a half instructions a word, which matters:
 * there are tens of thousands of words and no other part of boot has as many.
 *
 * The map has the rights of sections.h from the first moment: W^X, global,
 * large pages where 2 MiB have equal rights.
 */
#pragma GCC visibility push(hidden)
#include <arch/cpu.h>
#include <arch/paging.h>
#include <boot/bootinfo.h>
#include <boot/protocol.h>
#include <boot/sections.h>

#ifndef CONFIG_KASLR
#define CONFIG_KASLR 1
#endif

#define CPUID_1_ECX_RDRAND	BIT(30)
#define RELOC_BLOCK	0x10000
#define LINK_START	(KERNEL_LINK_BASE + KERNEL_TEXT_OFFSET)

extern u64 boot_kernel_pt[][512];

/* set here and by head.S: not in .bss, which is cleared later */
paddr_t boot_kernel_phys __ro_after_init;
u64 boot_kaslr_slide __ro_after_init;
u64 boot_tsc_entry __ro_after_init;

void boot_early(enum boot_protocol proto, paddr_t params);

/* Loader's command line, or NULL when it cannot be reached. */
static const char *__init
early_cmdline(enum boot_protocol proto, paddr_t params)
{
	u64 p;

	if (proto == BOOT_PVH)
		p = *(const u64 *)(params + PVH_CMDLINE);
	else
		p = *(const u32 *)(params + BP_CMD_LINE_PTR);
	return p < (1UL << 32) - BOOT_CMDLINE_MAX ? (const char *)p : NULL;
}

/* Is there a word `nokaslr`? Quoting is not looked at this early. */
static bool __init
wants_no_kaslr(const char *s)
{
	const char word[] = { 'n', 'o', 'k', 'a', 's', 'l', 'r' };
	unsigned int i, m = 0;		/* m: characters matched of this word */

	if (!s)
		return false;
	for (i = 0; i < BOOT_CMDLINE_MAX; i++) {
		if (s[i] == '\0' || s[i] == ' ') {
			if (m == sizeof(word))
				return true;
			if (s[i] == '\0')
				return false;
			m = 0;
		} else if (m < sizeof(word) && s[i] == word[m]) {
			m++;
		} else {
			m = sizeof(word) + 1;	/* not this word */
		}
	}
	return false;
}

static u64 __init
choose_slide(u64 image_len)
{
	u64 slots = (KERNEL_IMAGE_MAX - KERNEL_TEXT_OFFSET -
		     ALIGN_UP(image_len, LARGE_PAGE_SIZE)) >> LARGE_PAGE_SHIFT;
	u64 r = rdtsc() ^ boot_tsc_entry << 32, hw;

	if (cpuid(1, 0).ecx & CPUID_1_ECX_RDRAND) {
		/* one try is enough: a failure leaves hw 0 */
		__asm__ volatile("rdrand %0" : "=r"(hw) : : "cc");
		r ^= hw;
	}
	r = (r ^ r >> 29) * 0x9e3779b97f4a7c15UL;
	return ((r >> 32) * slots >> 32) << LARGE_PAGE_SHIFT;
}

static void __init
apply_relocs(u8 *base, u32 slide)
{
	const u16 *p = (const u16 *)__relocs_start, *end;

	for (; base < __relocs_start; base += RELOC_BLOCK) {
		end = p + 1 + *p;
		p++;
		for (; end - p >= 8; p += 8) {
			*(u32 *)(base + p[0]) += slide;
			*(u32 *)(base + p[1]) += slide;
			*(u32 *)(base + p[2]) += slide;
			*(u32 *)(base + p[3]) += slide;
			*(u32 *)(base + p[4]) += slide;
			*(u32 *)(base + p[5]) += slide;
			*(u32 *)(base + p[6]) += slide;
			*(u32 *)(base + p[7]) += slide;
		}
		for (; p < end; p++)
			*(u32 *)(base + *p) += slide;
	}
}

struct rights {
	u64 end;	/* offset in the image */
	u64 bits;
};

static void __init
map_image(u64 slide)
{
	const u64 rx = PTE_P | PTE_A | PTE_G, ro = rx | PTE_NX;
	const u64 rw = ro | PTE_W | PTE_D;
	/* ascending; what lies between is padding of the one before */
	const struct rights map[] = {
		{ _etext - _text, rx }, { _erodata - _text, ro },
		{ _edata - _text, rw }, { __inittext_end - _text, rx },
		{ __init_end - _text, rw }, { __bss_start - _text, ro },
		{ (char *)boot_ident_pdpt - _text, rw },
		{ boot_stack - _text, 0 }, { _end - _text, rw },
		{ U64_MAX, 0 },
	};
	const struct rights *m = map;
	u64 base = (u64)_text, off = 0, len = _end - _text;
	u64 *pd = boot_kernel_pd +
		PT_INDEX(LINK_START + slide, 1), *pt = boot_kernel_pt[0];
	int i;

	for (; off < len; pd++) {
		while (off >= m->end)
			m++;
		if (m->end >= off + LARGE_PAGE_SIZE) {
			*pd = (base + off) | m->bits | PTE_PS;
			off += LARGE_PAGE_SIZE;
			continue;
		}
		*pd = (u64)pt | PTE_P | PTE_W | PTE_A;
		for (i = 0; i < 512; i++, off += PAGE_SIZE) {
			while (off >= m->end)
				m++;
			*pt++ = m->bits ? (base + off) | m->bits : 0;
		}
	}
}

void __init
boot_early(enum boot_protocol proto, paddr_t params)
{
	u64 slide = 0;

	boot_kernel_phys = (u64)_text;
	if (CONFIG_KASLR && !wants_no_kaslr(early_cmdline(proto, params)))
		slide = choose_slide(_end - _text);
	if (&__relocs_start[0] == &__relocs_end[0])
		slide = 0;		/* a link without the table */
	if (slide)
		apply_relocs((u8 *)_text, slide);
	boot_kaslr_slide = slide;
	map_image(slide);
}
