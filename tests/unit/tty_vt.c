/* SPDX-License-Identifier: MIT */
/*
 * The console's screen: what console_codes(4) says, sequence by sequence, and
 * the invariants of the matrix under any bytes at all.
 */
#include <lib/printf.h>
#include <lib/string.h>
#include <tty/vtscreen.h>
#include "check.h"
#include "host.h"

void test_vt_text(void);
void test_vt_cursor(void);
void test_vt_erase(void);
void test_vt_region(void);
void test_vt_insert_delete(void);
void test_vt_attributes(void);
void test_vt_modes(void);
void test_vt_reports(void);
void test_vt_utf8(void);
void test_vt_charsets(void);
void test_vt_strings(void);
void test_vt_scrollback(void);
void test_vt_resize(void);
void test_vt_random(void);
int fuzz_vt(const u8 *data, size_t len);

#define W 20
#define H 6

static struct vt_screen s;
static vt_cell_t *cells;
static char answer[256];
static u32 bells, switched, palettes, leds;

static void
on_reply(struct vt_screen *v, const char *b, size_t len)
{
	size_t at = strlen(answer);

	if (at + len < sizeof(answer)) {
		memcpy(answer + at, b, len);
		answer[at + len] = 0;
	}
}

static void
on_bell(struct vt_screen *v, u32 hz, u32 ms)
{
	bells++;
}

static void
on_leds(struct vt_screen *v, u32 l)
{
	leds = l;
}

static void
on_switch(struct vt_screen *v, u32 to)
{
	switched = to + 1;
}

static void
on_palette(struct vt_screen *v)
{
	palettes++;
}

static const struct vt_screen_host host = { on_reply, on_bell, on_leds,
	on_switch, on_palette };

static void
start(u32 w, u32 h)
{
	/* its own allocation, so that a cell too far is seen */
	if (cells)
		host_free(cells);
	cells = host_malloc(w * h * sizeof(*cells));
	vt_screen_init(&s, &host, cells, w, h);
	answer[0] = 0;
	bells = switched = palettes = leds = 0;
}

static void
put(const char *text)
{
	vt_screen_write(&s, (const u8 *)text, strlen(text));
}

/* row y as text, without the blanks at its end */
static const char *
line(u32 y)
{
	static char b[VT_MAX_COLS + 1];
	const vt_cell_t *c = vt_screen_row(&s, y, 0);
	u32 n = 0;

	for (u32 x = 0; x < s.cols; x++) {
		b[x] = VT_CHAR(c[x]) < 0x80 ? VT_CHAR(c[x]) : '?';
		if (b[x] != ' ')
			n = x + 1;
	}
	b[n] = 0;
	return b;
}
#define LINE(y, want)	do { if (!CHECK(!strcmp(line(y), (want)))) \
	unit_check(false, line(y), want, (y)); } while (0)
#define AT(x_, y_)	CHECK(s.c.x == (x_) && s.c.y == (y_))

void
test_vt_text(void)
{
	start(W, H);
	put("hello\r\nworld");
	LINE(0, "hello");
	LINE(1, "world");
	AT(5, 1);
	put("\b\b!\tx\r.");
	LINE(1, ".or!d   x");
	/* wraps when the next character comes, not before */
	start(W, H);
	put("12345678901234567890");
	AT(19, 0);
	put("\r\n");
	AT(0, 1);
	put("12345678901234567890x");
	LINE(2, "x");
	AT(1, 2);
	/* the last line scrolls */
	put("\n\n\n\n");
	LINE(0, "12345678901234567890");
	AT(1, 5);
}

void
test_vt_cursor(void)
{
	start(W, H);
	put("\033[3;5H");
	AT(4, 2);
	put("\033[A\033[2C\033[D\033[B");
	AT(5, 2);
	put("\033[99;99H");
	AT(19, 5);
	put("\033[H\033[99A\033[99D");
	AT(0, 0);
	put("\033[4d\033[7G");
	AT(6, 3);
	put("\033[2E");
	AT(0, 5);
	put("\033[F");
	AT(0, 4);
	put("\033[2;3H\0337\033[H\0338");
	AT(2, 1);
	put("\033[s\033[H\033[u");
	AT(2, 1);
	put("\033[H\033M");
	AT(0, 0);
	put("\033[0;0H");
	AT(0, 0);
	put("\033[99999999999999999999;7H");
	AT(6, 5);
	/* a control character inside a sequence acts at once */
	put("\033[3\b;2H");
	AT(1, 2);
	/* CAN ends it */
	put("\033[5;\030Z");
	CHECK(VT_CHAR(vt_screen_row(&s, 2, 0)[1]) == 'Z');
}

void
test_vt_erase(void)
{
	start(W, H);
	put("\033#8");
	LINE(5, "EEEEEEEEEEEEEEEEEEEE");
	put("\033[3;5H\033[K");
	LINE(2, "EEEE");
	put("\033[4;5H\033[1K");
	LINE(3, "     EEEEEEEEEEEEEEE");
	put("\033[5;5H\033[3X");
	LINE(4, "EEEE   EEEEEEEEEEEEE");
	put("\033[2;2H\033[J");
	LINE(0, "EEEEEEEEEEEEEEEEEEEE");
	LINE(1, "E");
	LINE(5, "");
	put("\033#8\033[3;5H\033[1J");
	LINE(1, "");
	LINE(2, "     EEEEEEEEEEEEEEE");
	put("\033[2J");
	LINE(5, "");
	AT(4, 2);
	put("\033[9K\033[9J");		/* unknown: nothing */
}

void
test_vt_region(void)
{
	start(W, H);
	put("a\r\nb\r\nc\r\nd\r\ne\r\nf");
	put("\033[2;4r");
	AT(0, 0);
	put("\033[4;1H\n");
	LINE(0, "a");
	LINE(1, "c");
	LINE(2, "d");
	LINE(3, "");
	LINE(4, "e");
	put("\033[2;1H\033M");
	LINE(1, "");
	LINE(2, "c");
	put("\033[3;1H\033[L");
	LINE(2, "");
	LINE(3, "c");
	put("\033[M");
	LINE(2, "c");
	put("\033[2S");
	LINE(1, "");
	put("\033[6;1H\n");			/* below the region: stays */
	AT(0, 5);
	LINE(5, "f");
	/* origin mode counts from the top of the region */
	put("\033[?6h");
	AT(0, 1);
	put("\033[99;1H");
	AT(0, 3);
	put("\033[6n");
	CHECK(!strcmp(answer, "\033[3;1R"));
	put("\033[?6l");
	AT(0, 0);
	/* a region that is none is ignored */
	put("\033[4;4r\033[5;2r\033[1;99r");
	CHECK(s.top == 1 && s.bottom == 4);
	put("\033[r");
	CHECK(s.top == 0 && s.bottom == H);
}

void
test_vt_insert_delete(void)
{
	start(W, H);
	put("abcdef\033[1;3H\033[2@");
	LINE(0, "ab  cdef");
	put("\033[3P");
	LINE(0, "abdef");
	put("\033[99P");
	LINE(0, "ab");
	put("\033[4hxy\033[4l");
	LINE(0, "abxy");
	put("\033[1;1H\033[4hZ");
	LINE(0, "Zabxy");
	put("\033[4l\033[3bq");
	LINE(0, "ZZZZq");
}

static vt_cell_t
cell(u32 x, u32 y)
{
	return vt_screen_row(&s, y, 0)[x];
}

void
test_vt_attributes(void)
{
	u32 fg, bg;

	start(W, H);
	put("\033[1;4;31;44mA\033[22;24mB\033[0mC\033[mD\033[7mE\033[38;5;200m"
	    "F\033[48;2;255;0;8mG\033[39;49;27mH\033[95;106mI");
	CHECK(VT_ATTR(cell(0, 0)) == (VTA_BOLD | VTA_UNDERLINE) &&
	      VT_FG(cell(0, 0)) == 1 && VT_BG(cell(0, 0)) == 4);
	CHECK(VT_ATTR(cell(1, 0)) == 0 && VT_FG(cell(1, 0)) == 1);
	CHECK(cell(2, 0) == VT_CELL('C', 0, 7, 0));
	CHECK(cell(3, 0) == VT_CELL('D', 0, 7, 0));
	CHECK(VT_ATTR(cell(4, 0)) == VTA_REVERSE);
	CHECK(VT_FG(cell(5, 0)) == 200);
	CHECK(VT_BG(cell(6, 0)) == (VT_RGB | 31 << 11 | 1));
	CHECK(cell(7, 0) == VT_CELL('H', 0, 7, 0));
	CHECK(VT_FG(cell(8, 0)) == 13 && VT_BG(cell(8, 0)) == 14);
	vt_cell_rgb(&s, cell(4, 0), &fg, &bg);
	CHECK(fg == vt_default_palette[0] && bg == vt_default_palette[7]);
	vt_cell_rgb(&s, VT_CELL('x', VTA_BOLD, 1, 0), &fg, &bg);
	CHECK(fg == vt_default_palette[9]);
	CHECK(vt_cell_vga(&s, VT_CELL('x', 0, 1, 4)) == 0x14);
	/* blanks made by erasing take the background */
	put("\033[0;44m\033[2J");
	CHECK(VT_BG(cell(0, 3)) == 4);
	/* a colour cut short changes nothing that matters */
	put("\033[0m\033[38;5m\033[38m\033[38;2;1mZ");
}

void
test_vt_modes(void)
{
	start(W, H);
	put("\033[?7l12345678901234567890xyz");
	LINE(0, "1234567890123456789z");
	AT(19, 0);
	put("\033[?7h\033[?25l\033[?1h\033=");
	CHECK(!s.cursor_on && s.app_cursor && s.app_keypad);
	put("\033[20h\n");
	AT(0, 1);
	put("\033[?5h");
	CHECK(s.reverse);
	put("\a\033[12;3]\033[15]\033[3q");
	CHECK(bells == 1 && switched == 1);
	put("\033[12;3]");
	CHECK(switched == 4);
	put("\033[10;440]\033[11;100]");
	CHECK(s.bell_hz == 440 && s.bell_ms == 100);
	put("\033c");
	CHECK(s.cursor_on && !s.app_cursor && !s.reverse && !s.newline);
	AT(0, 0);
	LINE(0, "");
	/* tabs */
	put("\033[5G\033H\r\tx\033[3g\r\ty");
	CHECK(VT_CHAR(cell(4, 0)) == 'x' && VT_CHAR(cell(19, 0)) == 'y');
}

void
test_vt_reports(void)
{
	start(W, H);
	put("\033[3;7H\033[6n");
	CHECK(!strcmp(answer, "\033[3;7R"));
	answer[0] = 0;
	put("\033[5n\033[c\033Z\033[1c");
	CHECK(!strcmp(answer, "\033[0n\033[?6c\033[?6c"));
}

void
test_vt_utf8(void)
{
	start(W, H);
	put("\xc3\xa9\xe2\x82\xac");
	CHECK(VT_CHAR(cell(0, 0)) == 0xe9 && VT_CHAR(cell(1, 0)) == 0x20ac);
	/* a broken sequence is one replacement, then the byte that broke it */
	put("\xe2\x82z");
	CHECK(VT_CHAR(cell(2, 0)) == 0xfffd && VT_CHAR(cell(3, 0)) == 'z');
	/* wide characters take two cells, combining ones none */
	put("\r\n\xe6\x97\xa5" "e\xcc\x81.");
	CHECK(VT_CHAR(cell(0, 1)) == 0x65e5 &&
	      VT_ATTR(cell(1, 1)) & VTA_RIGHT && VT_CHAR(cell(2, 1)) == 'e' &&
	      VT_CHAR(cell(3, 1)) == '.');
	/* and do not stand half outside */
	put("\033[3;20H\xe6\x97\xa5");
	CHECK(VT_CHAR(cell(19, 2)) == ' ' && VT_CHAR(cell(0, 3)) == 0x65e5);
	put("\033%@\r\n\xe9\033%G");
	CHECK(VT_CHAR(cell(0, 4)) == 0xe9);
}

void
test_vt_charsets(void)
{
	start(W, H);
	put("\033(0lqk\033(Bl\016q\017q");
	CHECK(VT_CHAR(cell(0, 0)) == 0x250c && VT_CHAR(cell(1, 0)) == 0x2500 &&
	      VT_CHAR(cell(2, 0)) == 0x2510 && VT_CHAR(cell(3, 0)) == 'l');
	CHECK(VT_CHAR(cell(4, 0)) == 0x2500 && VT_CHAR(cell(5, 0)) == 'q');
	put("\033[11m\033[10m");
	CHECK(!s.show_ctrl);
}

void
test_vt_strings(void)
{
	start(W, H);
	put("a\033]0;title\ab\033]2;x\033\\c\033Pq#0\033\\d\033_apc\033\\e");
	LINE(0, "abcde");
	put("\033]P1ff8000");
	CHECK(s.palette[1] == 0xff8000 && palettes == 1);
	put("\033]R");
	CHECK(s.palette[1] == vt_default_palette[1]);
	put("\033]Pxf");
	put("\033[[Aq");			/* a function key's echo */
	LINE(0, "abcdefq");
	put("\033[?1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19mr");
	put("\033[1 q\033[!pz");
	CHECK(strchr(line(0), 'z'));
}

void
test_vt_scrollback(void)
{
	vt_cell_t *sb = host_malloc(W * 4 * sizeof(*sb));

	start(W, H);
	vt_screen_scrollback(&s, sb, 4);
	for (u32 i = 0; i < 9; i++) {
		char b[16];

		snprintf(b, sizeof(b), "%u\r\n", i);
		put(b);
	}
	CHECK(vt_screen_sb_used(&s) == 4);
	CHECK(VT_CHAR(vt_screen_row(&s, 0, 0)[0]) == '4');
	CHECK(VT_CHAR(vt_screen_row(&s, 0, 1)[0]) == '3');
	CHECK(VT_CHAR(vt_screen_row(&s, 0, 4)[0]) == '0');
	CHECK(VT_CHAR(vt_screen_row(&s, 0, 99)[0]) == '0');
	CHECK(VT_CHAR(vt_screen_row(&s, 4, 4)[0]) == '4');
	put("\033[3J");
	CHECK(vt_screen_sb_used(&s) == 0);
	CHECK(VT_CHAR(vt_screen_row(&s, 0, 3)[0]) == ' ');
	vt_screen_scrollback(&s, NULL, 0);
	host_free(sb);
}

void
test_vt_resize(void)
{
	vt_cell_t *new;

	start(W, H);
	put("a\r\nb\r\nc\r\nd\r\ne\r\nf");
	new = host_malloc(10 * 3 * sizeof(*new));
	vt_screen_resize(&s, new, 10, 3);
	host_free(cells);
	cells = new;
	LINE(0, "d");
	LINE(2, "f");
	AT(1, 2);
	new = host_malloc(40 * 9 * sizeof(*new));
	vt_screen_resize(&s, new, 40, 9);
	host_free(cells);
	cells = new;
	LINE(0, "d");
	LINE(8, "");
	put("\033[9;40Hx");
	AT(39, 8);
}

static void
check_screen(void)
{
	DECLARE_BITMAP(used, VT_MAX_ROWS);

	CHECK(s.c.x < s.cols && s.c.y < s.rows);
	CHECK(s.top < s.bottom && s.bottom <= s.rows);
	CHECK(s.npar <= VT_MAX_PARAMS);
	bitmap_zero(used, VT_MAX_ROWS);
	for (u32 y = 0; y < s.rows; y++) {
		const vt_cell_t *c = vt_screen_row(&s, y, 0);

		/* each line of the matrix is on the screen once */
		CHECK(s.line[y] < s.rows &&
		      !bitmap_test_and_set_bit(used, s.line[y]));
		for (u32 x = 0; x < s.cols; x++) {
			u32 fg, bg;

			if (VT_CHAR(c[x]) >= 0x110000 ||
			    VT_CHAR(c[x]) < 0x20)
				CHECK(s.show_ctrl || VT_CHAR(c[x]) >= 0x20);
			vt_cell_rgb(&s, c[x], &fg, &bg);
			CHECK(!(fg >> 24) && !(bg >> 24));
			vt_cell_vga(&s, c[x]);
		}
	}
}

int
fuzz_vt(const u8 *data, size_t len)
{
	vt_cell_t *sb, *new;
	u32 w, h;

	if (len < 4)
		return -1;
	w = 1 + data[0] % 90;
	h = 1 + data[1] % 30;
	start(w, h);
	sb = host_malloc(w * 3 * sizeof(*sb));
	vt_screen_scrollback(&s, sb, 3);
	vt_screen_write(&s, data + 4, (len - 4) / 2);
	check_screen();
	vt_screen_row(&s, 0, 2);
	w = 1 + data[2] % 90;
	h = 1 + data[3] % 30;
	new = host_malloc(w * h * sizeof(*new));
	vt_screen_resize(&s, new, w, h);
	host_free(cells);
	host_free(sb);
	cells = new;
	vt_screen_write(&s, data + 4 + (len - 4) / 2, len - 4 - (len - 4) / 2);
	vt_screen_log(&s, (const char *)data, len);
	check_screen();
	return 0;
}

void
test_vt_random(void)
{
	static const char bits[] = "\033[\033]\033(\033#8;?0123456789HJKLMPX@"
		"ABCDrhlmnqsuT[]PR%G\n\r\b\t\016\017abc\xc3\xa9\xe6\x97\xa5\x9b";
	u8 b[300];

	for (u32 round = 0; round < 3000; round++) {
		size_t len = 4 + unit_below(sizeof(b) - 4);

		for (size_t i = 0; i < len; i++)
			b[i] = unit_below(20) ? bits[unit_below(sizeof(bits) - 1)]
				: unit_random();
		fuzz_vt(b, len);
	}
}
