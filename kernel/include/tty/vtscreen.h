/* SPDX-License-Identifier: MIT */
/*
 * The screen of a Linux console as a pure machine: bytes in (console_codes(4))
 * and a matrix of cells, a cursor and a few modes out. No locks, no memory of
 * its own, no device: a console driver draws cells, tests read them.
 */
#ifndef TTY_VTSCREEN_H
#define TTY_VTSCREEN_H

#include <lib/bitmap.h>
#include <lib/types.h>
#include <lib/utf8.h>

#define VT_MAX_ROWS	256
#define VT_MAX_COLS	512
#define VT_MAX_PARAMS	16

/*
 * A cell: bits 0-20 code point, 21-28 attributes, 29-45 foreground, 46-62
 * background. A colour is a palette index 0..255, or VT_RGB | RGB565.
 */
typedef u64 vt_cell_t;

#define VT_CHAR(c)	((u32)((c) & 0x1fffff))
#define VT_ATTR(c)	((u32)((c) >> 21 & 0xff))
#define VT_FG(c)	((u32)((c) >> 29 & 0x1ffff))
#define VT_BG(c)	((u32)((c) >> 46 & 0x1ffff))
#define VT_CELL(ch, at, fg, bg) \
	((u64)(ch) | (u64)(at) << 21 | (u64)(fg) << 29 | (u64)(bg) << 46)
#define VT_RGB		0x10000U
#define VT_CELL_NONE	(~0UL)	/* differs from every cell */

#define VTA_BOLD	BIT(0)
#define VTA_DIM		BIT(1)
#define VTA_ITALIC	BIT(2)
#define VTA_UNDERLINE	BIT(3)
#define VTA_BLINK	BIT(4)
#define VTA_REVERSE	BIT(5)
#define VTA_RIGHT	BIT(6)	/* second half of a wide character */

struct vt_screen;
struct vt_screen_host {
	/* what the terminal answers: goes to the input of its tty */
	void (*reply)(struct vt_screen *s, const char *buf, size_t len);
	void (*bell)(struct vt_screen *s, u32 hz, u32 ms);
	void (*leds)(struct vt_screen *s, u32 leds);	/* CSI q: LED_* */
	/* CSI 12;n ] brings n (1..) to the front, CSI 15 ] the last one (0) */
	void (*switch_to)(struct vt_screen *s, u32 n);
	void (*palette)(struct vt_screen *s);		/* palette[] changed */
};

/* what ESC 7 saves */
struct vt_cursor {
	u32 x, y;
	u32 fg, bg, attr;
	u8 charset[2];		/* G0, G1: enum vt_charset */
	u8 shift;		/* 0 or 1: which of them is in use */
	bool origin;
	bool wrap_next;		/* last column was written */
};

enum vt_charset { VTC_LATIN1, VTC_GRAPHICS, VTC_CP437, VTC_USER };

struct vt_screen {
	const struct vt_screen_host *host;	/* I */
	u32 cols, rows;
	vt_cell_t *cells;		/* cols * rows */
	u16 line[VT_MAX_ROWS];		/* row -> line of cells[] */

	struct vt_cursor c, saved;
	u32 top, bottom;		/* scroll region [top, bottom) */
	bool autowrap, insert, newline, reverse, cursor_on, utf8;
	bool show_ctrl;			/* CSI 3 h: display control characters */
	bool meta_graphics;		/* CSI 12 m: toggle the top bit */
	bool raw_font;			/* CSI 11/12 m: bytes as cp437 */
	bool app_cursor, app_keypad, autorepeat;
	u8 mouse;			/* 0, 9 or 1000 */
	u32 default_fg, default_bg;
	u32 cursor_type;		/* CSI ? n ; m ; k c */
	u32 bell_hz, bell_ms;
	u32 palette[16];		/* 0xrrggbb */
	DECLARE_BITMAP(tabs, VT_MAX_COLS);

	/* parser */
	u8 state;
	u8 private;			/* '?', '>', '=' or 0 after CSI */
	bool bad_csi;			/* has intermediates: not for us */
	u8 npar;
	u32 par[VT_MAX_PARAMS];
	struct utf8_state utf;
	u32 last_char;			/* for CSI b */

	/* lines that left at the top; NULL when none are kept */
	vt_cell_t *sb;
	u32 sb_lines;			/* capacity */
	u32 sb_count;			/* lines ever saved */

	/* for the drawer: rows that changed since it cleared their bit */
	DECLARE_BITMAP(dirty, VT_MAX_ROWS);
};

extern const u32 vt_default_palette[16];

/* Over cells[cols * rows], cleared. */
void vt_screen_init(struct vt_screen *s, const struct vt_screen_host *host,
		    vt_cell_t *cells, u32 cols, u32 rows);
/* ESC c */
void vt_screen_reset(struct vt_screen *s);
/* New matrix; contents are kept as far as they fit, scrollback is dropped. */
void vt_screen_resize(struct vt_screen *s, vt_cell_t *cells, u32 cols,
		      u32 rows);
/* Keep lines that scroll off in buf[lines * cols]; NULL: no more. */
void vt_screen_scrollback(struct vt_screen *s, vt_cell_t *buf, u32 lines);

void vt_screen_write(struct vt_screen *s, const u8 *buf, size_t len);
/* The same for log text: "\n" is a new line, nothing else is special. */
void vt_screen_log(struct vt_screen *s, const char *buf, size_t len);

/* Row y of the screen as seen `back` lines up in the scrollback. */
const vt_cell_t *vt_screen_row(const struct vt_screen *s, u32 y, u32 back);
static inline u32
vt_screen_sb_used(const struct vt_screen *s)
{
	return min(s->sb_count, s->sb_lines);
}

static inline void
vt_screen_touch_all(struct vt_screen *s)
{
	bitmap_fill(s->dirty, VT_MAX_ROWS);
}

/* A cell's colours as 0xrrggbb, with reverse, bold and dim applied. */
void vt_cell_rgb(const struct vt_screen *s, vt_cell_t c, u32 *fg, u32 *bg);
/* The same as the 16 text mode colours: bg << 4 | fg. */
u8 vt_cell_vga(const struct vt_screen *s, vt_cell_t c);
/* Columns a code point takes: 0, 1 or 2. */
u32 vt_char_width(u32 c);

extern const u16 vt_cp437[256];		/* IBM PC character -> Unicode */

#endif
