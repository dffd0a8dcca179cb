/* SPDX-License-Identifier: MIT */
/*
 * VGA text mode: 16-bit cells at 0xb8000 (0xb0000 when monochrome), cursor
 * through the CRTC. Every store may cost a VM exit, so cells are written one
 * word each and only when vt.c found them changed. The font is the card's own
 * (code page 437); Unicode is mapped by searching that table.
 */
#include <abi/errno.h>
#include <arch/io.h>
#include <arch/paging.h>
#include <core/ioport.h>
#include <core/log.h>
#include <mm/vmap.h>
#include <tty/con.h>
#include "local.h"

#define CRTC_CURSOR_START	0x0a
#define CRTC_CURSOR_END		0x0b
#define CRTC_START_HI		0x0c
#define CRTC_START_LO		0x0d
#define CRTC_CURSOR_HI		0x0e
#define CRTC_CURSOR_LO		0x0f
#define CURSOR_OFF		0x20

#define DAC_INDEX		0x3c8
#define DAC_DATA		0x3c9
#define TEXT_BYTES		0x8000

static volatile u16 *text;
static u16 crtc;		/* index port; data is the next */
static u32 cols;

static void
crtc_write(u8 reg, u8 v)
{
	outw(v << 8 | reg, crtc);
}

/* Code page 437 position of a character, or '?'. */
static u8
to_cp437(u32 c)
{
	static struct { u32 c; u8 pos; } memo[16];
	u32 slot = c & 15;

	if (c >= 0x20 && c < 0x7f)
		return c;
	if (memo[slot].c == c && c)
		return memo[slot].pos;
	for (u32 i = 1; i < 256; i++)
		if (vt_cp437[i] == c) {
			memo[slot].c = c;
			memo[slot].pos = i;
			return i;
		}
	switch (c) {
	case 0xfffd: return 0xfe;
	case 0x2018: case 0x2019: return '\'';
	case 0x201c: case 0x201d: return '"';
	case 0x2010 ... 0x2015: case 0x2212: return '-';
	case 0x2026: return '.';
	case 0x2500 ... 0x2501: return 0xc4;
	case 0x25c6: return 0x04;
	case 0xa0: return ' ';
	}
	return '?';
}

static inline u16
cell_word(const struct vt_screen *s, vt_cell_t c)
{
	u8 ch = VT_ATTR(c) & VTA_RIGHT ? ' ' : to_cp437(VT_CHAR(c));

	return vt_cell_vga(s, c) << 8 | ch;
}

static void
vga_draw(const struct vt_screen *s, u32 x, u32 y, const vt_cell_t *c, u32 n)
{
	volatile u16 *p = text + y * cols + x;

	while (n--)
		*p++ = cell_word(s, *c++);
}

static void
vga_cursor(const struct vt_screen *s, u32 x, u32 y, vt_cell_t c)
{
	static bool on = true;
	bool show = x != ~0U;

	if (show) {
		u32 pos = y * cols + x;

		crtc_write(CRTC_CURSOR_HI, pos >> 8);
		crtc_write(CRTC_CURSOR_LO, pos);
	}
	if (show != on) {
		crtc_write(CRTC_CURSOR_START, show ? 13 : CURSOR_OFF);
		on = show;
	}
}

/* The DAC entries that the 16 attribute colours select by default. */
static void
vga_palette(const struct vt_screen *s)
{
	static const u8 dac[16] = { 0, 4, 2, 20, 1, 5, 3, 7,
				    56, 60, 58, 62, 57, 61, 59, 63 };

	for (u32 i = 0; i < 16; i++) {
		u32 rgb = s->palette[i];

		outb(dac[i], DAC_INDEX);
		outb(rgb >> 18 & 63, DAC_DATA);
		outb(rgb >> 10 & 63, DAC_DATA);
		outb(rgb >> 2 & 63, DAC_DATA);
	}
}

static struct con_driver vgacon = {
	.name = "VGA text",
	.draw = vga_draw,
	.cursor = vga_cursor,
	.palette = vga_palette,
};

static struct ioport ports = { 0x3c0, 0x3df, "vga+", NULL };

int
vgacon_init(const struct boot_screen *s)
{
	bool mono = s->vga_mode == 7;
	paddr_t at = mono ? 0xb0000 : 0xb8000;

	if (!s->cols || !s->rows || s->cols > 160 || s->rows > 100 ||
	    s->cols * s->rows * 2 > TEXT_BYTES)
		return -EINVAL;
	text = vmap_mmio(at, TEXT_BYTES, PTE_CACHE_UC);
	if (!text)
		return -ENOMEM;
	crtc = mono ? 0x3b4 : 0x3d4;
	cols = s->cols;
	crtc_write(CRTC_START_HI, 0);
	crtc_write(CRTC_START_LO, 0);
	crtc_write(CRTC_CURSOR_START, 13);
	crtc_write(CRTC_CURSOR_END, 14);
	vgacon.cols = s->cols;
	vgacon.rows = s->rows;
	(void)ioport_claim(&ports);
	con_driver_register(&vgacon);
	return 0;
}
