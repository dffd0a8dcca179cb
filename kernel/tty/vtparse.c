/* SPDX-License-Identifier: MIT */
/*
 * The escape sequences of the Linux console, console_codes(4).
 *
 * A byte goes through the state machine; control characters act in every
 * state, also in the middle of a sequence. Printing characters are decoded as
 * UTF-8 (ESC % G, the default) or mapped through the active character set.
 * Unlike Linux, the graphics set (ESC ) 0 and SO, the line drawing of terminfo
 * "linux") works in UTF-8 mode too, and CSI S, T and b are understood.
 */
#include <abi/kd.h>
#include <lib/ctype.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "vtscreen_int.h"

enum state { S_NORMAL, S_ESC, S_CSI, S_CSI_PARAM, S_FUNC_KEY, S_HASH, S_G0,
	S_G1, S_PERCENT, S_OSC, S_OSC_ESC, S_OSC_PALETTE, S_STRING,
	S_STRING_ESC };

const u16 vt_cp437[256] = {
	0x0000, 0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022,
	0x25d8, 0x25cb, 0x25d9, 0x2642, 0x2640, 0x266a, 0x266b, 0x263c,
	0x25b6, 0x25c0, 0x2195, 0x203c, 0x00b6, 0x00a7, 0x25ac, 0x21a8,
	0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc,
	0x0020, 0x0021, 0x0022, 0x0023, 0x0024, 0x0025, 0x0026, 0x0027,
	0x0028, 0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f,
	0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037,
	0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f,
	0x0040, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047,
	0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f,
	0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057,
	0x0058, 0x0059, 0x005a, 0x005b, 0x005c, 0x005d, 0x005e, 0x005f,
	0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067,
	0x0068, 0x0069, 0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f,
	0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077,
	0x0078, 0x0079, 0x007a, 0x007b, 0x007c, 0x007d, 0x007e, 0x2302,
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7,
	0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
	0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
	0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba,
	0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
	0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556,
	0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
	0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
	0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4,
	0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
	0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
	0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

/* VT100 graphics, for 0x5f..0x7e */
static const u16 vt100_graphics[32] = {
	0x00a0, 0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0,
	0x00b1, 0x2591, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c,
	0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534,
	0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};

static inline u8
charset(const struct vt_screen *s)
{
	return s->c.charset[s->c.shift];
}

static u32
map_byte(const struct vt_screen *s, u8 c)
{
	if (s->raw_font)
		return vt_cp437[s->meta_graphics ? c | 0x80 : c];
	switch (charset(s)) {
	case VTC_GRAPHICS:
		return c >= 0x5f && c <= 0x7e ? vt100_graphics[c - 0x5f] : c;
	case VTC_CP437:
	case VTC_USER:
		return vt_cp437[c];
	default:
		return c;
	}
}

/* -- CSI ----------------------------------------------------------------- */

/* parameter i, 0 (or absent) counting as dflt */
static inline u32
par(const struct vt_screen *s, u32 i, u32 dflt)
{
	return i < s->npar && s->par[i] ? s->par[i] : dflt;
}

static void
reply(struct vt_screen *s, const char *text)
{
	s->host->reply(s, text, strlen(text));
}

static void
erase_display(struct vt_screen *s, u32 how)
{
	u32 y;

	switch (how) {
	case 0:
		vts_erase(s, s->c.y, s->c.x, s->cols - s->c.x);
		for (y = s->c.y + 1; y < s->rows; y++)
			vts_erase(s, y, 0, s->cols);
		break;
	case 1:
		for (y = 0; y < s->c.y; y++)
			vts_erase(s, y, 0, s->cols);
		vts_erase(s, s->c.y, 0, s->c.x + 1);
		break;
	case 3:
		s->sb_count = 0;
		__fallthrough;
	case 2:
		for (y = 0; y < s->rows; y++)
			vts_erase(s, y, 0, s->cols);
		break;
	default:
		return;
	}
	s->c.wrap_next = false;
}

static void
erase_line(struct vt_screen *s, u32 how)
{
	switch (how) {
	case 0:
		vts_erase(s, s->c.y, s->c.x, s->cols - s->c.x);
		break;
	case 1:
		vts_erase(s, s->c.y, 0, s->c.x + 1);
		break;
	case 2:
		vts_erase(s, s->c.y, 0, s->cols);
		break;
	default:
		return;
	}
	s->c.wrap_next = false;
}

/* SGR 38 and 48: 5;n or 2;r;g;b at par[i]; returns the last index used */
static u32
sgr_color(struct vt_screen *s, u32 i, u32 *color)
{
	if (i + 2 < s->npar && s->par[i + 1] == 5) {
		*color = s->par[i + 2] & 255;
		return i + 2;
	}
	if (i + 4 < s->npar && s->par[i + 1] == 2) {
		u32 r = s->par[i + 2] & 255, g = s->par[i + 3] & 255;
		u32 b = s->par[i + 4] & 255;

		*color = VT_RGB | (r >> 3) << 11 | (g >> 2) << 5 | b >> 3;
		return i + 4;
	}
	return i;
}

static void
sgr(struct vt_screen *s)
{
	struct vt_cursor *c = &s->c;

	for (u32 i = 0; i < s->npar; i++) {
		u32 p = s->par[i];

		switch (p) {
		case 0:
			c->attr = 0;
			c->fg = s->default_fg;
			c->bg = s->default_bg;
			break;
		case 1:
			c->attr = (c->attr & ~VTA_DIM) | VTA_BOLD;
			break;
		case 2:
			c->attr = (c->attr & ~VTA_BOLD) | VTA_DIM;
			break;
		case 3: c->attr |= VTA_ITALIC; break;
		case 4: case 21: c->attr |= VTA_UNDERLINE; break;
		case 5: c->attr |= VTA_BLINK; break;
		case 7: c->attr |= VTA_REVERSE; break;
		case 10:
			s->raw_font = s->show_ctrl = s->meta_graphics = false;
			break;
		case 11:
			s->raw_font = s->show_ctrl = true;
			s->meta_graphics = false;
			break;
		case 12:
			s->raw_font = s->show_ctrl = s->meta_graphics = true;
			break;
		case 22: c->attr &= ~(VTA_BOLD | VTA_DIM); break;
		case 23: c->attr &= ~VTA_ITALIC; break;
		case 24: c->attr &= ~VTA_UNDERLINE; break;
		case 25: c->attr &= ~VTA_BLINK; break;
		case 27: c->attr &= ~VTA_REVERSE; break;
		case 30 ... 37: c->fg = p - 30; break;
		case 38: i = sgr_color(s, i, &c->fg); break;
		case 39: c->fg = s->default_fg; break;
		case 40 ... 47: c->bg = p - 40; break;
		case 48: i = sgr_color(s, i, &c->bg); break;
		case 49: c->bg = s->default_bg; break;
		case 90 ... 97: c->fg = p - 90 + 8; break;
		case 100 ... 107: c->bg = p - 100 + 8; break;
		}
	}
}

static void
set_modes(struct vt_screen *s, bool on)
{
	for (u32 i = 0; i < s->npar; i++) {
		u32 p = s->par[i];

		if (s->private == '?') {
			switch (p) {
			case 1: s->app_cursor = on; break;
			case 5:
				if (s->reverse != on)
					vt_screen_touch_all(s);
				s->reverse = on;
				break;
			case 6:
				s->c.origin = on;
				vts_goto(s, 0, on ? s->top : 0);
				break;
			case 7: s->autowrap = on; break;
			case 8: s->autorepeat = on; break;
			case 9: s->mouse = on ? 9 : 0; break;
			case 25: s->cursor_on = on; break;
			case 1000: s->mouse = on ? 1 : 0; break;
			}
		} else if (!s->private) {
			switch (p) {
			case 3: s->show_ctrl = on; break;
			case 4: s->insert = on; break;
			case 20: s->newline = on; break;
			}
		}
	}
}

static void
status_report(struct vt_screen *s)
{
	char buf[32];

	if (s->par[0] == 5) {
		reply(s, "\033[0n");
	} else if (s->par[0] == 6) {
		snprintf(buf, sizeof(buf), "\033[%u;%uR", s->c.y + 1 -
			 (s->c.origin ? s->top : 0), s->c.x + 1);
		reply(s, buf);
	}
}

static void
led_control(struct vt_screen *s)
{
	static const u8 led[4] = { 0, LED_SCR, LED_NUM, LED_CAP };
	u32 on = 0;

	for (u32 i = 0; i < s->npar; i++)
		if (s->par[i] < 4)
			on = s->par[i] ? on | led[s->par[i]] : 0;
	s->host->leds(s, on);
}

/* CSI ... ]: Linux' own */
static void
linux_private(struct vt_screen *s)
{
	switch (s->par[0]) {
	case 8:
		s->default_fg = s->c.fg;
		s->default_bg = s->c.bg;
		break;
	case 10:
		s->bell_hz = s->npar > 1 ? s->par[1] : 750;
		break;
	case 11:
		s->bell_ms = s->npar > 1 ? min(s->par[1], 2000U) : 125;
		break;
	case 12:
		if (par(s, 1, 0))
			s->host->switch_to(s, s->par[1]);
		break;
	case 15:
		s->host->switch_to(s, 0);
		break;
	}
}

static void
save_cursor(struct vt_screen *s)
{
	s->saved = s->c;
}

static void
restore_cursor(struct vt_screen *s)
{
	s->c = s->saved;
	s->c.x = min(s->c.x, s->cols - 1);
	s->c.y = min(s->c.y, s->rows - 1);
}

static void
csi(struct vt_screen *s, u8 c)
{
	u32 n = par(s, 0, 1), y0 = s->c.origin ? s->top : 0;
	s64 x = s->c.x, y = s->c.y;

	if (s->private) {
		if (s->private != '?')
			return;
		if (c == 'h' || c == 'l')
			set_modes(s, c == 'h');
		else if (c == 'c')
			s->cursor_type = s->par[0] | s->par[1] << 8 |
					 s->par[2] << 16;
		return;
	}
	switch (c) {
	case '@': vts_insert_cells(s, n); break;
	case 'A':
		vts_goto(s, x, y >= s->top ? max(y - n, (s64)s->top) : y - n);
		break;
	case 'B': case 'e':
		vts_goto(s, x, y < s->bottom ?
			 min(y + n, (s64)s->bottom - 1) : y + n);
		break;
	case 'C': case 'a': vts_goto(s, x + n, y); break;
	case 'D': vts_goto(s, x - n, y); break;
	case 'E': vts_goto(s, 0, y + n); break;
	case 'F': vts_goto(s, 0, y - n); break;
	case 'G': case '`': vts_goto(s, (s64)n - 1, y); break;
	case 'H': case 'f':
		vts_goto(s, (s64)par(s, 1, 1) - 1, (s64)n - 1 + y0);
		break;
	case 'J': erase_display(s, s->par[0]); break;
	case 'K': erase_line(s, s->par[0]); break;
	case 'L':
		if (y >= s->top && y < s->bottom)
			vts_scroll_down(s, y, s->bottom, n);
		s->c.wrap_next = false;
		break;
	case 'M':
		if (y >= s->top && y < s->bottom) {
			/* not lines that scroll off: no scrollback */
			u32 keep = s->sb_lines;

			s->sb_lines = 0;
			vts_scroll_up(s, y, s->bottom, n);
			s->sb_lines = keep;
		}
		s->c.wrap_next = false;
		break;
	case 'P': vts_delete_cells(s, n); break;
	case 'S': vts_scroll_up(s, s->top, s->bottom, n); break;
	case 'T': vts_scroll_down(s, s->top, s->bottom, n); break;
	case 'X':
		vts_erase(s, y, x, min(n, s->cols - s->c.x));
		s->c.wrap_next = false;
		break;
	case 'b':
		if (s->last_char)
			for (n = min(n, s->cols * s->rows); n; n--)
				vts_put(s, s->last_char);
		break;
	case 'c':
		if (!s->par[0])
			reply(s, "\033[?6c");
		break;
	case 'd': vts_goto(s, x, (s64)n - 1 + y0); break;
	case 'g':
		if (!s->par[0])
			bitmap_clear_bit(s->tabs, s->c.x);
		else if (s->par[0] == 3)
			bitmap_zero(s->tabs, VT_MAX_COLS);
		break;
	case 'h': set_modes(s, true); break;
	case 'l': set_modes(s, false); break;
	case 'm': sgr(s); break;
	case 'n': status_report(s); break;
	case 'q': led_control(s); break;
	case 'r': {
		u32 top = n, bottom = par(s, 1, s->rows);

		if (top < bottom && bottom <= s->rows) {
			s->top = top - 1;
			s->bottom = bottom;
			vts_goto(s, 0, s->c.origin ? s->top : 0);
		}
		break;
	}
	case 's': save_cursor(s); break;
	case 'u': restore_cursor(s); break;
	case ']': linux_private(s); break;
	}
}

/* -- ESC ----------------------------------------------------------------- */

static void
start_csi(struct vt_screen *s)
{
	s->state = S_CSI;
	s->npar = 0;
	s->private = 0;
	s->bad_csi = false;
	memset(s->par, 0, sizeof(s->par));
}

static void
carriage_return(struct vt_screen *s)
{
	s->c.x = 0;
	s->c.wrap_next = false;
}

static void
escape(struct vt_screen *s, u8 c)
{
	s->state = S_NORMAL;
	switch (c) {
	case '[': start_csi(s); break;
	case ']': s->state = S_OSC; s->npar = 0; break;
	case '_': case '^': case 'P': case 'X': s->state = S_STRING; break;
	case '%': s->state = S_PERCENT; break;
	case '(': s->state = S_G0; break;
	case ')': s->state = S_G1; break;
	case '#': s->state = S_HASH; break;
	case 'E': carriage_return(s); vts_line_feed(s); break;
	case 'D': vts_line_feed(s); break;
	case 'M': vts_reverse_feed(s); break;
	case 'H': bitmap_set_bit(s->tabs, s->c.x); break;
	case 'Z': reply(s, "\033[?6c"); break;
	case '7': save_cursor(s); break;
	case '8': restore_cursor(s); break;
	case 'c':
		vt_screen_reset(s);
		s->host->palette(s);
		break;
	case '>': s->app_keypad = false; break;
	case '=': s->app_keypad = true; break;
	}
}

static void
set_charset(struct vt_screen *s, int g, u8 c)
{
	switch (c) {
	case '0': s->c.charset[g] = VTC_GRAPHICS; break;
	case 'B': s->c.charset[g] = VTC_LATIN1; break;
	case 'U': s->c.charset[g] = VTC_CP437; break;
	case 'K': s->c.charset[g] = VTC_USER; break;
	}
	s->state = S_NORMAL;
}

/* DECALN: the screen full of E */
static void
alignment_test(struct vt_screen *s)
{
	u32 x, y;

	for (y = 0; y < s->rows; y++) {
		vts_goto(s, 0, y);
		for (x = 0; x < s->cols; x++)
			vts_put(s, 'E');
		s->c.wrap_next = false;
	}
	vts_goto(s, 0, 0);
}

/* ESC ] P nrrggbb and ESC ] R; other OSC strings are skipped. */
static void
osc_start(struct vt_screen *s, u8 c)
{
	if (c == 'P') {
		s->npar = 0;
		s->state = S_OSC_PALETTE;
	} else if (c == 'R') {
		memcpy(s->palette, vt_default_palette, sizeof(s->palette));
		vt_screen_touch_all(s);
		s->host->palette(s);
		s->state = S_NORMAL;
	} else if (c == '\033') {
		s->state = S_STRING_ESC;
	} else {
		s->state = S_STRING;
	}
}

static void
osc_palette(struct vt_screen *s, u8 c)
{
	if (!isxdigit(c)) {
		s->state = S_NORMAL;
		return;
	}
	s->par[s->npar++] = digit_value(c);
	if (s->npar < 7)
		return;
	s->palette[s->par[0]] = s->par[1] << 20 | s->par[2] << 16 |
		s->par[3] << 12 | s->par[4] << 8 | s->par[5] << 4 | s->par[6];
	vt_screen_touch_all(s);
	s->host->palette(s);
	s->state = S_NORMAL;
}

static void
csi_byte(struct vt_screen *s, u8 c)
{
	if (s->state == S_CSI) {
		s->state = S_CSI_PARAM;
		if (c == '[') {		/* a function key's echo */
			s->state = S_FUNC_KEY;
			return;
		}
		if (c == '?' || c == '>' || c == '=' || c == '<') {
			s->private = c;
			return;
		}
	}
	if (isdigit(c)) {
		u32 *p = &s->par[s->npar];

		*p = min(*p * 10 + c - '0', 65535U);
		return;
	}
	if (c == ';' || c == ':') {
		if (s->npar < VT_MAX_PARAMS - 1)
			s->npar++;
		return;
	}
	if (c >= 0x20 && c <= 0x3f) {
		s->bad_csi = true;
		return;
	}
	s->npar++;
	s->state = S_NORMAL;
	if (!s->bad_csi)
		csi(s, c);
}

/* -- the machine --------------------------------------------------------- */

/* C0 controls (and CSI in 8 bits); true when c was one. */
static bool
control(struct vt_screen *s, u8 c)
{
	switch (c) {
	case 0:
		return true;
	case 7:
		if (s->state == S_STRING || s->state == S_OSC)
			s->state = S_NORMAL;
		else if (s->bell_ms)
			s->host->bell(s, s->bell_hz, s->bell_ms);
		return true;
	case 8:
		if (s->c.x && !s->c.wrap_next)
			s->c.x--;
		s->c.wrap_next = false;
		return true;
	case 9: {
		u32 x = bitmap_find_next_bit(s->tabs, s->cols, s->c.x + 1);

		s->c.x = min(x, s->cols - 1);
		s->c.wrap_next = false;
		return true;
	}
	case 10: case 11: case 12:
		vts_line_feed(s);
		if (s->newline)
			s->c.x = 0;
		return true;
	case 13:
		carriage_return(s);
		return true;
	case 14:
		s->c.shift = 1;
		return true;
	case 15:
		s->c.shift = 0;
		return true;
	case 24: case 26:
		s->state = S_NORMAL;
		return true;
	case 27:
		s->state = s->state == S_STRING || s->state == S_OSC ?
			   S_STRING_ESC : S_ESC;
		return true;
	case 127:
		return true;
	case 0x9b:
		if (s->utf8)
			return false;
		start_csi(s);
		return true;
	}
	return c < 32;
}

static void
byte(struct vt_screen *s, u8 c)
{
	/* while control characters are shown, only these still act */
	bool shown = s->show_ctrl && s->state == S_NORMAL &&
		     !(c < 32 && 0x0800f501U >> c & 1) && c != 0x9b;

	if (!shown && (c < 32 || c == 127 || c == 0x9b) &&
	    (s->state != S_NORMAL || !s->utf.need || c < 0x80) &&
	    control(s, c)) {
		utf8_reset(&s->utf);
		return;
	}
	switch (s->state) {
	case S_NORMAL:
		if (s->utf8 && !s->show_ctrl) {
			int ch;

			if (c < 0x80 && !s->utf.need) {
				vts_put(s, map_byte(s, c));
				break;
			}
			do {
				ch = utf8_decode(&s->utf, c);
				if (ch == UTF8_BAD || ch == UTF8_BAD_AGAIN)
					vts_put(s, UTF8_REPLACEMENT);
			} while (ch == UTF8_BAD_AGAIN);
			if (ch >= 0)
				vts_put(s, ch < 0x80 ? map_byte(s, ch) :
					(u32)ch);
		} else {
			vts_put(s, map_byte(s, c));
		}
		break;
	case S_ESC: escape(s, c); break;
	case S_CSI: case S_CSI_PARAM: csi_byte(s, c); break;
	case S_FUNC_KEY: s->state = S_NORMAL; break;
	case S_HASH:
		s->state = S_NORMAL;
		if (c == '8')
			alignment_test(s);
		break;
	case S_G0: set_charset(s, 0, c); break;
	case S_G1: set_charset(s, 1, c); break;
	case S_PERCENT:
		if (c == '@')
			s->utf8 = false;
		else if (c == 'G' || c == '8')
			s->utf8 = true;
		s->state = S_NORMAL;
		break;
	case S_OSC: osc_start(s, c); break;
	case S_OSC_PALETTE: osc_palette(s, c); break;
	case S_STRING: break;
	case S_STRING_ESC:
		s->state = S_NORMAL;
		if (c != '\\')
			escape(s, c);
		break;
	}
}

void
vt_screen_write(struct vt_screen *s, const u8 *buf, size_t len)
{
	while (len) {
		if (likely(s->state == S_NORMAL && !s->utf.need &&
			   !s->raw_font && charset(s) == VTC_LATIN1)) {
			size_t n = vts_put_run(s, buf, len);

			if (n) {
				buf += n;
				len -= n;
				continue;
			}
		}
		byte(s, *buf++);
		len--;
	}
}
