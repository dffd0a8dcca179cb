/* SPDX-License-Identifier: MIT */
/*
 * The screen matrix: writing characters, scrolling, erasing, resizing. The
 * escape sequences that ask for it are in vtparse.c.
 *
 * Rows go through line[], so a scroll turns a few indexes round and clears
 * one line; the cells of all others stay where they are. A line that leaves
 * the whole screen at the top is copied to the scrollback ring.
 *
 * Every change sets the row's bit in dirty; the drawer compares with what it
 * drew last, so setting too many bits costs time only.
 */
#include <lib/string.h>
#include "vtscreen_int.h"

const u32 vt_default_palette[16] = {
	0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa,
	0xaaaaaa, 0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff,
	0x55ffff, 0xffffff,
};

/* -- cells --------------------------------------------------------------- */

static inline vt_cell_t *
row(struct vt_screen *s, u32 y)
{
	return s->cells + (size_t)s->line[y] * s->cols;
}

static inline void
touch(struct vt_screen *s, u32 y)
{
	bitmap_set_bit(s->dirty, y);
}

static inline vt_cell_t
blank(const struct vt_screen *s)
{
	return VT_CELL(' ', 0, s->c.fg, s->c.bg);
}

static void
fill(vt_cell_t *p, vt_cell_t c, size_t n)
{
	while (n--)
		*p++ = c;
}

/* Cells [x, x + n) of row y become blank. */
void
vts_erase(struct vt_screen *s, u32 y, u32 x, u32 n)
{
	fill(row(s, y) + x, blank(s), n);
	touch(s, y);
}

static void
save_line(struct vt_screen *s, const vt_cell_t *cells)
{
	if (s->sb_lines)
		memcpy(s->sb + (size_t)(s->sb_count++ % s->sb_lines) * s->cols,
		       cells, s->cols * sizeof(*cells));
}

/* Rows [top, bottom) move up by n; n blank ones appear at the bottom. */
void
vts_scroll_up(struct vt_screen *s, u32 top, u32 bottom, u32 n)
{
	u16 gone[VT_MAX_ROWS];
	u32 y;

	n = min(n, bottom - top);
	if (!n)
		return;
	for (y = 0; y < n; y++) {
		if (!top)
			save_line(s, row(s, y));
		gone[y] = s->line[top + y];
	}
	for (y = top; y + n < bottom; y++)
		s->line[y] = s->line[y + n];
	for (y = 0; y < n; y++) {
		s->line[bottom - n + y] = gone[y];
		fill(row(s, bottom - n + y), blank(s), s->cols);
	}
	bitmap_set(s->dirty, top, bottom - top);
}

void
vts_scroll_down(struct vt_screen *s, u32 top, u32 bottom, u32 n)
{
	u16 gone[VT_MAX_ROWS];
	u32 y;

	n = min(n, bottom - top);
	if (!n)
		return;
	for (y = 0; y < n; y++)
		gone[y] = s->line[bottom - n + y];
	for (y = bottom; y-- > top + n;)
		s->line[y] = s->line[y - n];
	for (y = 0; y < n; y++) {
		s->line[top + y] = gone[y];
		fill(row(s, top + y), blank(s), s->cols);
	}
	bitmap_set(s->dirty, top, bottom - top);
}

/* -- the cursor ---------------------------------------------------------- */

/* To (x, y) within the screen, or within the region in origin mode. */
void
vts_goto(struct vt_screen *s, s64 x, s64 y)
{
	s64 lo = 0, hi = s->rows;

	if (s->c.origin) {
		lo = s->top;
		hi = s->bottom;
	}
	s->c.x = clamp_t(s64, x, 0, s->cols - 1);
	s->c.y = clamp_t(s64, y, lo, hi - 1);
	s->c.wrap_next = false;
}

void
vts_line_feed(struct vt_screen *s)
{
	if (s->c.y + 1 == s->bottom)
		vts_scroll_up(s, s->top, s->bottom, 1);
	else if (s->c.y + 1 < s->rows)
		s->c.y++;
	s->c.wrap_next = false;
}

void
vts_reverse_feed(struct vt_screen *s)
{
	if (s->c.y == s->top)
		vts_scroll_down(s, s->top, s->bottom, 1);
	else if (s->c.y)
		s->c.y--;
	s->c.wrap_next = false;
}

/* -- characters ---------------------------------------------------------- */

void
vts_insert_cells(struct vt_screen *s, u32 n)
{
	vt_cell_t *p = row(s, s->c.y) + s->c.x;
	u32 room = s->cols - s->c.x;

	n = min(n, room);
	memmove(p + n, p, (room - n) * sizeof(*p));
	fill(p, blank(s), n);
	touch(s, s->c.y);
	s->c.wrap_next = false;
}

void
vts_delete_cells(struct vt_screen *s, u32 n)
{
	vt_cell_t *p = row(s, s->c.y) + s->c.x;
	u32 room = s->cols - s->c.x;

	n = min(n, room);
	memmove(p, p + n, (room - n) * sizeof(*p));
	fill(p + room - n, blank(s), n);
	touch(s, s->c.y);
	s->c.wrap_next = false;
}

static void
put_one(struct vt_screen *s, u32 ch, u32 extra_attr)
{
	if (s->c.wrap_next) {
		s->c.x = 0;
		vts_line_feed(s);
	}
	if (s->insert)
		vts_insert_cells(s, 1);
	row(s, s->c.y)[s->c.x] = VT_CELL(ch, s->c.attr | extra_attr, s->c.fg,
					 s->c.bg);
	touch(s, s->c.y);
	if (s->c.x + 1 == s->cols)
		s->c.wrap_next = s->autowrap;
	else
		s->c.x++;
}

/* A code point at the cursor; combining marks are left out. */
void
vts_put(struct vt_screen *s, u32 ch)
{
	u32 width = ch < 0x300 ? 1 : vt_char_width(ch);

	if (!width)
		return;
	if (width == 2 && s->c.x + 1 == s->cols && s->autowrap &&
	    !s->c.wrap_next) {
		put_one(s, ' ', 0);	/* does not fit: next line */
	}
	s->last_char = ch;
	put_one(s, ch, 0);
	if (width == 2)
		put_one(s, ch, VTA_RIGHT);
}

/*
 * A run of printing ASCII: as many of the n bytes as fit on the line, or 0
 * when the slow way must be taken.
 */
size_t
vts_put_run(struct vt_screen *s, const u8 *buf, size_t n)
{
	vt_cell_t base = VT_CELL(0, s->c.attr, s->c.fg, s->c.bg), *p;
	size_t i;

	if (s->c.wrap_next || s->insert)
		return 0;
	n = min_t(size_t, n, s->cols - s->c.x);
	p = row(s, s->c.y) + s->c.x;
	for (i = 0; i < n && buf[i] - 0x20U < 0x5f; i++)
		p[i] = base | buf[i];
	if (!i)
		return 0;
	touch(s, s->c.y);
	s->last_char = buf[i - 1];
	s->c.x += i;
	if (s->c.x == s->cols) {
		s->c.x--;
		s->c.wrap_next = s->autowrap;
	}
	return i;
}

void
vt_screen_log(struct vt_screen *s, const char *buf, size_t len)
{
	const u8 *p = (const u8 *)buf;

	while (len) {
		size_t n = vts_put_run(s, p, len);

		if (!n) {
			if (*p == '\n') {
				s->c.x = 0;
				vts_line_feed(s);
			} else if (*p == '\t') {
				vts_goto(s, (s->c.x | 7) + 1, s->c.y);
			} else if (*p >= 0x20 && *p != 0x7f) {
				vts_put(s, *p);
			}
			n = 1;
		}
		p += n;
		len -= n;
	}
}

/* -- life ---------------------------------------------------------------- */

void
vt_screen_reset(struct vt_screen *s)
{
	s->default_fg = 7;
	s->default_bg = 0;
	s->c = (struct vt_cursor){ .fg = 7, .charset = { VTC_LATIN1,
							 VTC_GRAPHICS } };
	s->saved = s->c;
	s->top = 0;
	s->bottom = s->rows;
	s->autowrap = s->cursor_on = s->autorepeat = true;
	s->insert = s->newline = s->reverse = s->show_ctrl = false;
	s->meta_graphics = s->raw_font = false;
	s->app_cursor = s->app_keypad = false;
	s->mouse = 0;
	s->utf8 = true;
	s->cursor_type = 0;
	s->bell_hz = 750;
	s->bell_ms = 125;
	s->state = 0;
	utf8_reset(&s->utf);
	bitmap_zero(s->tabs, VT_MAX_COLS);
	for (u32 x = 8; x < VT_MAX_COLS; x += 8)
		bitmap_set_bit(s->tabs, x);
	memcpy(s->palette, vt_default_palette, sizeof(s->palette));
	for (u32 y = 0; y < s->rows; y++)
		vts_erase(s, y, 0, s->cols);
}

void
vt_screen_init(struct vt_screen *s, const struct vt_screen_host *host,
	       vt_cell_t *cells, u32 cols, u32 rows)
{
	memset(s, 0, sizeof(*s));
	s->host = host;
	s->cells = cells;
	s->cols = cols;
	s->rows = rows;
	for (u32 y = 0; y < rows; y++)
		s->line[y] = y;
	vt_screen_reset(s);
}

void
vt_screen_resize(struct vt_screen *s, vt_cell_t *cells, u32 cols, u32 rows)
{
	u32 w = min(cols, s->cols), from, y;

	/* rows that must go leave at the top, as long as the cursor stays */
	from = s->c.y >= rows ? s->c.y - rows + 1 : 0;
	fill(cells, blank(s), (size_t)cols * rows);
	for (y = 0; y < rows && from + y < s->rows; y++)
		memcpy(cells + (size_t)y * cols, row(s, from + y),
		       w * sizeof(*cells));
	s->cells = cells;
	s->cols = cols;
	s->rows = rows;
	for (y = 0; y < rows; y++)
		s->line[y] = y;
	s->top = 0;
	s->bottom = rows;
	s->c.origin = false;
	vts_goto(s, s->c.x, s->c.y - from);
	s->saved.x = min(s->saved.x, cols - 1);
	s->saved.y = min(s->saved.y, rows - 1);
	vt_screen_scrollback(s, NULL, 0);
	vt_screen_touch_all(s);
}

void
vt_screen_scrollback(struct vt_screen *s, vt_cell_t *buf, u32 lines)
{
	s->sb = buf;
	s->sb_lines = buf ? lines : 0;
	s->sb_count = 0;
}

const vt_cell_t *
vt_screen_row(const struct vt_screen *s, u32 y, u32 back)
{
	back = min(back, vt_screen_sb_used(s));
	if (y >= back)
		return s->cells + (size_t)s->line[y - back] * s->cols;
	return s->sb + (size_t)((s->sb_count - back + y) % s->sb_lines) *
	       s->cols;
}

/* -- colours ------------------------------------------------------------- */

static u32
color_rgb(const struct vt_screen *s, u32 c)
{
	static const u8 level[6] = { 0, 95, 135, 175, 215, 255 };

	if (c & VT_RGB) {
		u32 r = c >> 11 & 31, g = c >> 5 & 63, b = c & 31;

		return (r << 3 | r >> 2) << 16 | (g << 2 | g >> 4) << 8 |
		       (b << 3 | b >> 2);
	}
	if (c < 16)
		return s->palette[c];
	if (c < 232) {
		c -= 16;
		return level[c / 36] << 16 | level[c / 6 % 6] << 8 |
		       level[c % 6];
	}
	return (8 + (c - 232) * 10) * 0x010101U;
}

/* Colours with the attributes that change them; still indexes or RGB. */
static void
cell_colors(const struct vt_screen *s, vt_cell_t c, u32 *fg, u32 *bg)
{
	u32 a = VT_ATTR(c);

	*fg = VT_FG(c);
	*bg = VT_BG(c);
	if (a & VTA_BOLD && *fg < 8)
		*fg += 8;
	else if (a & VTA_DIM && *fg < 8)
		*fg = 8;
	if (!(a & VTA_REVERSE) != !s->reverse)
		swap(*fg, *bg);
}

void
vt_cell_rgb(const struct vt_screen *s, vt_cell_t c, u32 *fg, u32 *bg)
{
	u32 f, b;

	cell_colors(s, c, &f, &b);
	*fg = color_rgb(s, f);
	*bg = color_rgb(s, b);
}

/* Nearest of the 16, by the brightest channel, as Linux maps them. */
static u8
color_vga(const struct vt_screen *s, u32 c)
{
	u32 rgb, r, g, b, top, hue;

	if (c < 16)
		return (c & 8) | (c & 1) << 2 | (c & 2) | (c & 4) >> 2;
	rgb = color_rgb(s, c);
	r = rgb >> 16;
	g = rgb >> 8 & 255;
	b = rgb & 255;
	top = max(r, max(g, b));
	hue = (r > top / 2 ? 4 : 0) | (g > top / 2 ? 2 : 0) |
	      (b > top / 2 ? 1 : 0);
	if (top <= 0x55)
		return hue == 7 ? (top > 0x2a ? 8 : 0) : top ? hue : 0;
	return top > 0xaa ? hue | 8 : hue;
}

u8
vt_cell_vga(const struct vt_screen *s, vt_cell_t c)
{
	u32 a = VT_ATTR(c), f, b;

	/* no way to show these on a colour text screen but by colour */
	if (a & VTA_ITALIC && !(a & VTA_BOLD))
		c = (c & ~(0x1ffffUL << 29)) | 2UL << 29;
	else if (a & VTA_UNDERLINE && !(a & VTA_BOLD))
		c = (c & ~(0x1ffffUL << 29)) | 6UL << 29;
	cell_colors(s, c, &f, &b);
	return (color_vga(s, b) & 7) << 4 | color_vga(s, f) |
	       (a & VTA_BLINK ? 0x80 : 0);
}

u32
vt_char_width(u32 c)
{
	static const struct { u32 from, to; } zero[] = {
		{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
		{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x1ab0, 0x1aff },
		{ 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
		{ 0x2060, 0x2064 }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
		{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
	}, wide[] = {
		{ 0x1100, 0x115f }, { 0x2329, 0x232a }, { 0x2e80, 0x303e },
		{ 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd },
	};

	for (size_t i = 0; i < ARRAY_SIZE(zero) && c >= zero[i].from; i++)
		if (c <= zero[i].to)
			return 0;
	for (size_t i = 0; i < ARRAY_SIZE(wide) && c >= wide[i].from; i++)
		if (c <= wide[i].to)
			return 2;
	return 1;
}
