/* SPDX-License-Identifier: MIT */
/*
 * Xen/PVH hvm_start_info -> struct bootinfo. Pure.
 *
 * The protocol says nothing of the screen. Under a BIOS (QEMU pc with SeaBIOS)
 * the BIOS data area at 0x400 tells the text mode and cursor; machines without
 * VGA leave it zero. See: Xen, docs/misc/pvh and public/arch-x86/hvm/start_info.h
 */
#include <abi/errno.h>
#include <boot/bootinfo.h>
#include <boot/protocol.h>
#include "blob.h"

#define MEMMAP_MAX	1024

/* BIOS data area, from 0x400 */
#define BDA		0x400
#define BDA_SIZE	0x100
#define BDA_MODE	0x49	/* u8 */
#define BDA_COLS	0x4a	/* u16 */
#define BDA_CURSOR	0x50	/* u8 x, y of page 0 */
#define BDA_CRTC	0x63	/* u16, port */
#define BDA_ROWS	0x84	/* u8, less one */

static void __init
read_modules(const u8 *si, const struct boot_reach *reach, struct bootinfo *out)
{
	u32 n = get32(si, PVH_NR_MODULES), i;
	const u8 *m;
	u64 start, len;

	if (n > BOOT_MODULES_MAX)
		n = BOOT_MODULES_MAX;
	m = n ? reach->map(reach, get64(si, PVH_MODLIST), n * PVH_MOD_SIZE) :
		NULL;
	for (i = 0; m && i < n; i++, m += PVH_MOD_SIZE) {
		start = get64(m, 0);
		len = get64(m, 8);
		if (len && reach->map(reach, start, len))
			out->modules[out->nr_modules++] =
				(struct boot_range){ start, len };
	}
}

static void __init
read_memmap(const u8 *si, const struct boot_reach *reach, struct bootinfo *out)
{
	u32 n = get32(si, PVH_MEMMAP_ENTRIES), i, pass, type;
	const u8 *m, *e;

	if (n > MEMMAP_MAX)
		n = MEMMAP_MAX;
	m = reach->map(reach, get64(si, PVH_MEMMAP), n * PVH_MEM_SIZE);
	if (!m)
		return;
	for (pass = 0; pass < 2; pass++) {
		for (i = 0, e = m; i < n; i++, e += PVH_MEM_SIZE) {
			type = get32(e, 16);
			if ((type == BOOT_MEM_USABLE) == !pass)
				bootinfo_map_add(out, get64(e, 0),
						 get64(e, 8), type);
		}
	}
}

static void __init
read_bda(const struct boot_reach *reach, struct boot_screen *s)
{
	const u8 *b = reach->map(reach, BDA, BDA_SIZE);
	u32 mode, cols, rows, crtc;

	if (!b)
		return;
	mode = b[BDA_MODE];
	cols = get16(b, BDA_COLS);
	rows = b[BDA_ROWS] + 1;
	crtc = get16(b, BDA_CRTC);
	if ((mode != 2 && mode != 3 && mode != 7) || cols < 40 || cols > 132 ||
	    rows < 20 || rows > 60 || (crtc != 0x3d4 && crtc != 0x3b4))
		return;
	s->vga_mode = mode;
	s->cols = cols;
	s->rows = rows;
	s->cursor_x = min_t(u32, b[BDA_CURSOR], cols - 1);
	s->cursor_y = min_t(u32, b[BDA_CURSOR + 1], rows - 1);
	s->type = BOOT_FB_TEXT;
}

int __init
bootinfo_from_pvh(paddr_t start_info, const struct boot_reach *reach,
		  struct bootinfo *out)
{
	const u8 *si = reach->map(reach, start_info, PVH_SIZE_V0), *p = NULL;
	u64 at;
	size_t max;

	if (!si || get32(si, 0) != PVH_MAGIC)
		return -EINVAL;
	out->loader_type = 0xff;
	out->rsdp = get64(si, PVH_RSDP);
	at = get64(si, PVH_CMDLINE);
	for (max = BOOT_CMDLINE_MAX; at && max && !p; max /= 2) {
		p = reach->map(reach, at, max);
		if (p)
			bootinfo_set_cmdline(out, (const char *)p, max);
	}
	read_modules(si, reach, out);
	read_bda(reach, &out->screen);
	if (get32(si, PVH_VERSION) >= 1 &&
	    reach->map(reach, start_info, PVH_SIZE_V1))
		read_memmap(si, reach, out);
	if (!out->nr_map)
		return -EINVAL;
	bootinfo_map_finish(out);
	return 0;
}
