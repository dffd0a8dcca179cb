/* SPDX-License-Identifier: MIT */
/*
 * A console on a linear framebuffer: any pitch, 16, 24 or 32 bits a pixel,
 * colour fields where the firmware says. The memory is mapped write-combining
 * and never read.
 *
 * A glyph row of 8 pixels at 32 bits is four 8-byte stores, each picked from
 * a table of the four pixel pairs (bg/bg, fg/bg, ...) of the present colours;
 * other depths and widths go pixel by pixel.
 */
#include <abi/errno.h>
#include <arch/paging.h>
#include <core/log.h>
#include <lib/string.h>
#include <mm/vmap.h>
#include <tty/con.h>
#include "local.h"

#define UNDERLINE_FROM_BOTTOM	2	/* rows */
#define CURSOR_ROWS		2

static u8 *fb;
static u32 pitch, bytes_pp;
static struct boot_color red, green, blue;
static const struct con_font *font;

/* colours of the last cell drawn */
static struct {
	u32 fg_rgb, bg_rgb;
	u32 fg, bg;
	u64 pair[4];
	bool valid;
} ink;

static struct con_driver fbcon;

static inline u32
field(struct boot_color c, u32 v8)
{
	return (c.size >= 8 ? v8 << (c.size - 8) : v8 >> (8 - c.size)) <<
		c.pos;
}

static u32
to_pixel(u32 rgb)
{
	return field(red, rgb >> 16 & 255) | field(green, rgb >> 8 & 255) |
	       field(blue, rgb & 255);
}

static void
set_ink(u32 fg_rgb, u32 bg_rgb)
{
	u64 f, b;

	if (ink.valid && ink.fg_rgb == fg_rgb && ink.bg_rgb == bg_rgb)
		return;
	ink.valid = true;
	ink.fg_rgb = fg_rgb;
	ink.bg_rgb = bg_rgb;
	f = ink.fg = to_pixel(fg_rgb);
	b = ink.bg = to_pixel(bg_rgb);
	/* index: left pixel is bit 1, right bit 0; left is lower in memory */
	ink.pair[0] = b | b << 32;
	ink.pair[1] = b | f << 32;
	ink.pair[2] = f | b << 32;
	ink.pair[3] = f | f << 32;
}

static inline void
put_pixel(u8 *p, u32 v)
{
	switch (bytes_pp) {
	case 4:
		*(volatile u32 *)p = v;
		break;
	case 2:
		*(volatile u16 *)p = v;
		break;
	default:
		p[0] = v;
		p[1] = v >> 8;
		p[2] = v >> 16;
		break;
	}
}

/* width pixels of one glyph row */
static void
draw_bits(u8 *p, const u8 *bits, u32 width)
{
	for (u32 x = 0; x < width; x++, p += bytes_pp)
		put_pixel(p, bits[x / 8] & 0x80 >> x % 8 ? ink.fg : ink.bg);
}

static inline void
draw_8x32(u8 *p, u8 bits)
{
	volatile u64 *q = (volatile u64 *)p;

	q[0] = ink.pair[bits >> 6];
	q[1] = ink.pair[bits >> 4 & 3];
	q[2] = ink.pair[bits >> 2 & 3];
	q[3] = ink.pair[bits & 3];
}

static void
draw_cell(const struct vt_screen *s, u32 x, u32 y, vt_cell_t c)
{
	static const u8 none[8], solid[8] = { 255, 255, 255, 255, 255, 255,
					      255, 255 };
	u32 w = font->width, h = font->height, row = DIV_ROUND_UP(w, 8);
	u32 fg, bg, glyph, ul = ~0U;
	u8 *p = fb + (size_t)y * h * pitch + (size_t)x * w * bytes_pp;
	bool blank = VT_CHAR(c) == ' ' || VT_ATTR(c) & VTA_RIGHT;
	const u8 *bits;

	vt_cell_rgb(s, c, &fg, &bg);
	set_ink(fg, bg);
	glyph = blank ? 0 : con_glyph(font, VT_CHAR(c));
	bits = font->bits + (size_t)glyph * font->pitch;
	if (VT_ATTR(c) & VTA_UNDERLINE)
		ul = h - UNDERLINE_FROM_BOTTOM;
	for (u32 r = 0; r < h; r++, p += pitch) {
		const u8 *b = r == ul ? solid : blank ? none : bits;

		if (likely(bytes_pp == 4 && w == 8))
			draw_8x32(p, *b);
		else
			draw_bits(p, b, w);
		bits += row;
	}
}

static void
fb_draw(const struct vt_screen *s, u32 x, u32 y, const vt_cell_t *c, u32 n)
{
	if (y >= fbcon.rows)
		return;
	for (; n && x < fbcon.cols; n--, x++)
		draw_cell(s, x, y, *c++);
}

/* An underline, or a block when asked for by CSI ? 6 c and the like. */
static void
fb_cursor(const struct vt_screen *s, u32 x, u32 y, vt_cell_t c)
{
	static const u8 solid[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };
	u32 fg, bg, w, h, rows;
	u8 *p;

	if (x >= fbcon.cols || y >= fbcon.rows)
		return;
	w = font->width;
	h = font->height;
	switch (s->cursor_type & 15) {
	case 1: return;
	case 3: rows = h / 3; break;
	case 4: rows = h / 2; break;
	case 5: rows = h * 2 / 3; break;
	case 6: rows = h; break;
	default: rows = CURSOR_ROWS; break;
	}
	if (rows == h) {
		u32 a = VT_ATTR(c) ^ VTA_REVERSE;

		draw_cell(s, x, y, VT_CELL(VT_CHAR(c), a, VT_FG(c),
					   VT_BG(c)));
		return;
	}
	vt_cell_rgb(s, c, &fg, &bg);
	set_ink(fg == bg ? ~bg & 0xffffff : fg, bg);
	p = fb + ((size_t)y * h + h - rows) * pitch +
	    (size_t)x * w * bytes_pp;
	for (; rows; rows--, p += pitch)
		draw_bits(p, solid, w);
}

static void
fb_palette(const struct vt_screen *s)
{
	ink.valid = false;
}

static u32 max_width, max_height;

/* The strips right and below that no cell covers. */
static void
clear_margins(void)
{
	u32 w = fbcon.cols * font->width, h = fbcon.rows * font->height;

	for (u32 y = 0; y < max_height; y++) {
		u32 from = y < h ? w : 0;
		u8 *p = fb + (size_t)y * pitch + (size_t)from * bytes_pp;

		memset(p, 0, (size_t)(max_width - from) * bytes_pp);
	}
}

static int
fb_font(const struct con_font *f)
{
	u32 cols = min(max_width / f->width, (u32)VT_MAX_COLS);
	u32 rows = min(max_height / f->height, (u32)VT_MAX_ROWS);

	if (cols < 20 || rows < 4 || f->width > 64)
		return -EINVAL;
	font = f;
	fbcon.cols = cols;
	fbcon.rows = rows;
	clear_margins();
	return 0;
}

static struct con_driver fbcon = {
	.name = "framebuffer",
	.draw = fb_draw,
	.cursor = fb_cursor,
	.palette = fb_palette,
	.font = fb_font,
};

int
fbcon_init(const struct boot_screen *s)
{
	u64 size = (u64)s->pitch * s->height;

	bytes_pp = (s->bpp + 7) / 8;
	if (bytes_pp < 2 || bytes_pp > 4 || !s->width || !s->height ||
	    (u64)s->width * bytes_pp > s->pitch || size > (256UL << 20))
		return -EINVAL;
	red = s->red;
	green = s->green;
	blue = s->blue;
	if (!red.size && !green.size && !blue.size) {
		/* not told: the usual order */
		blue = (struct boot_color){ 0, bytes_pp == 2 ? 5 : 8 };
		green = (struct boot_color){ blue.size,
					     s->bpp == 16 ? 6 : blue.size };
		red = (struct boot_color){ blue.size + green.size,
					   blue.size };
	}
	fb = vmap_mmio(s->phys, size, PTE_CACHE_WC);
	if (!fb)
		return -ENOMEM;
	pitch = s->pitch;
	max_width = s->width;
	max_height = s->height;
	fbcon.width = s->width;
	fbcon.height = s->height;
	con_driver_register(&fbcon);
	log_info(video, "video: framebuffer %ux%u-%u, pitch %u", s->width,
		 s->height, s->bpp, s->pitch);
	return 0;
}
