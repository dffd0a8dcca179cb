/* SPDX-License-Identifier: MIT */
/*
 * Linux zero page -> struct bootinfo. Pure.
 *
 * The page comes from a boot loader: every field is checked, nothing is
 * followed but through reach->map(), lists are bounded. A loader that did not
 * clear the page before it copied the header in leaves our own 0xff in the
 * sentinel byte; then only the fields such loaders are known to set count.
 * See: Linux/x86 boot protocol; zero-page document; UEFI 2.10, 4.3, 7.2.
 */
#include <abi/errno.h>
#include <boot/bootinfo.h>
#include <boot/protocol.h>
#include <lib/string.h>
#include "blob.h"
#include "efi.h"

#define SETUP_DATA_NODES	64
#define E820_SIZE		20
#define EFI_TABLES_MAX		256
#define LOW_RAM_END		0x9f000UL
#define HIGH_RAM_START		0x100000UL

/* One pass over an E820 array: the usable entries, or the others. */
static void __init
add_e820(struct bootinfo *out, const u8 *p, u32 n, bool usable)
{
	u32 i, type;

	for (i = 0; i < n; i++, p += E820_SIZE) {
		type = get32(p, 16);
		if ((type == BOOT_MEM_USABLE) == usable)
			bootinfo_map_add(out, get64(p, 0), get64(p, 8), type);
	}
}

/* Call fn for each setup_data node that can be reached. */
static void __init
each_setup_data(const u8 *bp, const struct boot_reach *reach,
		struct bootinfo *out, bool usable,
		void (*fn)(struct bootinfo *, u32 type, const u8 *, u32, bool))
{
	u64 at = get64(bp, BP_SETUP_DATA);
	const u8 *h, *data;
	int left = SETUP_DATA_NODES;
	u32 len;

	while (at && left--) {
		h = reach->map(reach, at, SETUP_DATA_HDR);
		if (!h)
			return;
		len = get32(h, 12);
		data = reach->map(reach, at + SETUP_DATA_HDR, len);
		if (data)
			fn(out, get32(h, 8), data, len, usable);
		at = get64(h, 0);
	}
}

static void __init
node_e820(struct bootinfo *out, u32 type, const u8 *data, u32 len, bool usable)
{
	if (type == SETUP_E820_EXT)
		add_e820(out, data, len / E820_SIZE, usable);
}

static void __init
node_seed(struct bootinfo *out, u32 type, const u8 *data, u32 len, bool unused)
{
	if (type != SETUP_RNG_SEED || out->seed_len)
		return;
	out->seed_len = min_t(u32, len, BOOT_SEED_MAX);
	memcpy(out->seed, data, out->seed_len);
}

static void __init
read_memory(const u8 *bp, bool clean, const struct boot_reach *reach,
	    struct bootinfo *out)
{
	u32 n = min_t(u32, bp[BP_E820_ENTRIES], BP_E820_MAX), pass;
	u64 kib;

	for (pass = 0; pass < 2; pass++) {
		add_e820(out, bp + BP_E820_TABLE, n, !pass);
		if (clean)
			each_setup_data(bp, reach, out, !pass, node_e820);
	}
	if (out->nr_map)
		return;
	/* no E820: the two older BIOS calls */
	kib = get32(bp, BP_ALT_MEM_K);
	if (!kib)
		kib = get16(bp, BP_EXT_MEM_K);
	if (!kib)
		return;
	bootinfo_map_add(out, 0, LOW_RAM_END, BOOT_MEM_USABLE);
	bootinfo_map_add(out, HIGH_RAM_START, kib << 10, BOOT_MEM_USABLE);
}

static void __init
read_cmdline(const u8 *bp, bool clean, const struct boot_reach *reach,
	     struct bootinfo *out)
{
	u64 at = get32(bp, BP_CMD_LINE_PTR);
	const void *p = NULL;
	size_t max;

	if (clean)
		at |= (u64)get32(bp, BP_EXT_CMD_LINE_PTR) << 32;
	if (!at)
		return;
	/* cmdline_size is ours unless a loader overwrote it: find the NUL */
	for (max = BOOT_CMDLINE_MAX; max && !p; max /= 2) {
		p = reach->map(reach, at, max);
		if (p)
			bootinfo_set_cmdline(out, p, max);
	}
}

static void __init
read_initrd(const u8 *bp, bool clean, const struct boot_reach *reach,
	    struct bootinfo *out)
{
	u64 at = get32(bp, BP_RAMDISK_IMAGE), len = get32(bp, BP_RAMDISK_SIZE);

	if (clean) {
		at |= (u64)get32(bp, BP_EXT_RAMDISK_IMAGE) << 32;
		len |= (u64)get32(bp, BP_EXT_RAMDISK_SIZE) << 32;
	}
	if (!at || !len || !reach->map(reach, at, len))
		return;
	out->modules[out->nr_modules++] = (struct boot_range){ at, len };
}

static struct boot_color __init
color(const u8 *bp, u32 off)
{
	return (struct boot_color){ .size = bp[off], .pos = bp[off + 1] };
}

static void __init
read_framebuffer(const u8 *bp, struct boot_screen *s)
{
	u64 need;

	s->phys = get32(bp, BP_LFB_BASE);
	if (get32(bp, BP_CAPABILITIES) & VIDEO_CAP_64BIT_BASE)
		s->phys |= (u64)get32(bp, BP_EXT_LFB_BASE) << 32;
	s->size = get32(bp, BP_LFB_SIZE);
	if (bp[BP_VIDEO_ISVGA] == VIDEO_TYPE_VLFB)
		s->size <<= 16;
	s->width = get16(bp, BP_LFB_WIDTH);
	s->height = get16(bp, BP_LFB_HEIGHT);
	s->bpp = get16(bp, BP_LFB_DEPTH);
	s->pitch = get16(bp, BP_LFB_LINELENGTH);
	s->red = color(bp, BP_LFB_COLORS);
	s->green = color(bp, BP_LFB_COLORS + 2);
	s->blue = color(bp, BP_LFB_COLORS + 4);
	if (!s->red.size && !s->green.size && !s->blue.size) {
		/* what every adapter does when nobody says */
		s->red = (struct boot_color){ s->bpp > 16 ? 16 : 10, 8 };
		s->green = (struct boot_color){ s->bpp > 16 ? 8 : 5, 8 };
		s->blue = (struct boot_color){ 0, 8 };
		if (s->bpp <= 16)
			s->red.size = s->green.size = s->blue.size = 5;
	}
	/* some loaders count the 5:5:5 bits only */
	if (s->bpp != 15 && s->bpp != 16 && s->bpp != 24 && s->bpp != 32)
		return;
	if (!s->phys || !s->width || !s->height ||
	    s->pitch < s->width * ((s->bpp + 7) / 8))
		return;
	if (s->red.pos + s->red.size > s->bpp || s->red.size > 16 ||
	    s->green.pos + s->green.size > s->bpp || s->green.size > 16 ||
	    s->blue.pos + s->blue.size > s->bpp || s->blue.size > 16)
		return;
	need = (u64)s->pitch * s->height;
	if (s->size < need)
		s->size = need;		/* GRUB rounds it down to 64 KiB */
	if (s->phys + s->size < s->phys || s->phys + s->size > 1UL << 52)
		return;
	s->type = BOOT_FB_LINEAR;
}

static void __init
read_screen(const u8 *bp, struct boot_screen *s)
{
	switch (bp[BP_VIDEO_ISVGA]) {
	case VIDEO_TYPE_VLFB:
	case VIDEO_TYPE_EFI:
		read_framebuffer(bp, s);
		break;
	case VIDEO_TYPE_TEXT:
		s->cols = bp[BP_VIDEO_COLS];
		s->rows = bp[BP_VIDEO_LINES];
		s->vga_mode = bp[BP_VIDEO_MODE];
		if (s->cols < 40 || s->cols > 132 || s->rows < 20 ||
		    s->rows > 60)
			break;
		s->cursor_x = min_t(u16, bp[BP_ORIG_X], s->cols - 1);
		s->cursor_y = min_t(u16, bp[BP_ORIG_Y], s->rows - 1);
		s->type = BOOT_FB_TEXT;
		break;
	}
}

/* The RSDP's address from the EFI configuration table. */
static paddr_t __init
efi_find_rsdp(const struct boot_reach *reach, paddr_t systab)
{
	static const struct efi_guid v2 = EFI_ACPI_20_GUID,
		v1 = EFI_ACPI_10_GUID;
	const struct efi_system_table *st;
	const struct efi_config_table *t;
	u64 n, i;
	paddr_t old = 0;

	st = reach->map(reach, systab, sizeof(*st));
	if (!st)
		return 0;
	n = min_t(u64, get64((const u8 *)st, offsetof(typeof(*st), nr_tables)),
		  EFI_TABLES_MAX);
	t = reach->map(reach, get64((const u8 *)st,
				    offsetof(typeof(*st), tables)),
		       n * sizeof(*t));
	for (i = 0; t && i < n; i++) {
		if (!memcmp(&t[i], &v2, sizeof(v2)))
			return get64((const u8 *)&t[i], 16);
		if (!memcmp(&t[i], &v1, sizeof(v1)))
			old = get64((const u8 *)&t[i], 16);
	}
	return old;
}

static void __init
read_efi(const u8 *bp, const struct boot_reach *reach, struct bootinfo *out)
{
	struct boot_efi *e = &out->efi;
	u32 sig = get32(bp, BP_EFI_SIGNATURE);

	if (sig != 0x34364c45 && sig != 0x32334c45)	/* "EL64", "EL32" */
		return;
	e->is_64 = sig == 0x34364c45;
	e->systab = get32(bp, BP_EFI_SYSTAB);
	e->memmap.start = get32(bp, BP_EFI_MEMMAP);
	if (e->is_64) {
		e->systab |= (u64)get32(bp, BP_EFI_SYSTAB_HI) << 32;
		e->memmap.start |= (u64)get32(bp, BP_EFI_MEMMAP_HI) << 32;
	}
	e->memmap.len = get32(bp, BP_EFI_MEMMAP_SIZE);
	e->memdesc_size = get32(bp, BP_EFI_MEMDESC_SIZE);
	e->memdesc_version = get32(bp, BP_EFI_MEMDESC_VERSION);
	if (e->memmap.start && e->memmap.len &&
	    e->memdesc_size >= sizeof(struct efi_memory_desc) &&
	    reach->map(reach, e->memmap.start, e->memmap.len))
		out->owned[out->nr_owned++] = e->memmap;
	else
		e->memmap = (struct boot_range){ 0, 0 };
	if (!out->rsdp && e->is_64 && e->systab)
		out->rsdp = efi_find_rsdp(reach, e->systab);
}

int __init
bootinfo_from_boot_params(const void *blob, size_t len,
			  const struct boot_reach *reach, struct bootinfo *out)
{
	const u8 *bp = blob;
	bool clean;

	if (len < BP_SIZE)
		return -EINVAL;
	clean = !bp[BP_SENTINEL];
	out->loader_type = bp[BP_TYPE_OF_LOADER];
	read_memory(bp, clean, reach, out);
	read_cmdline(bp, clean, reach, out);
	read_initrd(bp, clean, reach, out);
	if (clean) {
		read_screen(bp, &out->screen);
		out->rsdp = get64(bp, BP_ACPI_RSDP);
		read_efi(bp, reach, out);
		each_setup_data(bp, reach, out, false, node_seed);
	}
	if (!out->nr_map)
		return -EINVAL;
	bootinfo_map_finish(out);
	return 0;
}
