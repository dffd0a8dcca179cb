/* SPDX-License-Identifier: MIT */
/*
 * The door between virtual terminals (tty/vt.c) and their hardware: a screen
 * (struct con_driver), keyboards and a speaker (drivers/video, drivers/input).
 */
#ifndef TTY_CON_H
#define TTY_CON_H

#include <tty/vtscreen.h>

struct con_font;

/*
 * A screen. draw and cursor are called with the console lock held, interrupts
 * off, in any context including panic: short, no sleeping.
 */
struct con_driver {
	const char *name;
	u32 cols, rows;			/* with the present font */
	u32 width, height;		/* pixels; 0 for text screens */
	/* draw - n cells of s at (x, y) */
	void (*draw)(const struct vt_screen *s, u32 x, u32 y,
		     const vt_cell_t *c, u32 n);
	/* cursor - show at (x, y) over the cell c, or hide (x = ~0) */
	void (*cursor)(const struct vt_screen *s, u32 x, u32 y, vt_cell_t c);
	/* palette - s->palette changed or another screen is shown; NULL: none */
	void (*palette)(const struct vt_screen *s);
	/*
	 * font - use f (kept by the caller until the next call); cols and rows
	 * above become new. 0, -EINVAL when it cannot be shown. T.
	 */
	int (*font)(const struct con_font *f);
	/* blank - turn the picture off or on; NULL: cleared by draws */
	void (*blank)(bool off);
};

/* A bitmap font: glyphs of height rows of (width + 7) / 8 bytes, MSB left. */
struct con_font {
	u32 width, height, count;
	u32 pitch;			/* bytes from glyph to glyph */
	const u8 *bits;
	const struct con_unimap *map;	/* owned with the font */
};

/* Unicode to glyph: two levels of tables for the BMP, made by con_unimap_*. */
struct con_unimap {
	u16 *page[1024];		/* 64 code points each; 0xffff: none */
	u32 nr;				/* entries */
};
#define CON_NO_GLYPH	0xffff
/* con_glyph - glyph for a code point, with fallbacks; 0 <= glyph < count. */
u32 con_glyph(const struct con_font *f, u32 ucs);
int con_unimap_add(struct con_unimap *m, u32 ucs, u16 glyph);	/* -ENOMEM */
u16 con_unimap_find(const struct con_unimap *m, u32 ucs);
void con_unimap_clear(struct con_unimap *m);
/*
 * con_font_psf - read a PSF1 or PSF2 file in memory (kept: f->bits points
 * into it). m gets its Unicode table. 0, -EINVAL, -ENOMEM. T.
 */
int con_font_psf(const u8 *file, size_t len, struct con_font *f,
		 struct con_unimap *m);
/* the font built into the kernel */
extern const u8 console_font_start[], console_font_end[];

/*
 * con_driver_register - the screen to use; the last one wins. Before
 * vt_init() it is only noted; later all consoles take its size and are drawn
 * on it. Context: T, E.
 */
void con_driver_register(struct con_driver *d);
/* con_driver - the one in use, never NULL after vt_init(). */
struct con_driver *con_driver_current(void);

/* ---- keyboards ---- */
struct kbd_device {
	const char *name;
	void (*set_leds)(struct kbd_device *k, u32 leds);	/* any context */
	int (*set_repeat)(struct kbd_device *k, u32 *delay_ms,
			  u32 *period_ms);			/* T; NULL ok */
	struct kbd_device *next;
};
void kbd_register(struct kbd_device *k);	/* T */
/*
 * kbd_event - key keycode (Linux numbers, KEY_*) went down (1), up (0) or
 * repeats (2). Any context.
 */
void kbd_event(u32 keycode, int value);
/* Set 1 scan codes as sent, for K_RAW; 0: none known. */
void kbd_raw(u8 scancode);

/* ---- speaker ---- */
/* con_set_beeper - fn(hz, ms): start a tone that ends by itself; hz 0: stop */
void con_set_beeper(void (*fn)(u32 hz, u32 ms));

#endif
