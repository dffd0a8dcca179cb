/* SPDX-License-Identifier: MIT */
/*
 * Virtual terminals: screens (vtscreen.c) as ttys, drawn by a con_driver.
 *
 * Writing changes cells only; drawing is separate. drawn[] holds what the
 * screen shows, so a refresh visits rows marked dirty and draws the cells
 * that differ, in runs. Writers refresh at once when the last refresh is a
 * while ago and otherwise leave it to delayed work, so that a flood of output
 * costs a few redraws a second, not one a line. con_lock (a leaf, interrupts
 * off) is taken for one row of drawing or 256 bytes of text at a time.
 *
 * The kernel log is drawn within the log call, because it may come from where
 * nothing can be put off (or be the last thing the machine does).
 *
 * The scrollback of a console is allocated when it first scrolls.
 */
#include <abi/fcntl.h>
#include <core/log.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/work.h>
#include <tty/con.h>
#include "keymap.h"
#include "local.h"
#include "vt.h"

#define TTY_MAJOR	4
#define CHUNK		256
#define REFRESH_NS	(10 * NSEC_PER_MSEC)
#define SB_LINES	200

struct vt vts[NR_VT];
struct spinlock con_lock = SPINLOCK_INIT(RANK_NONE);
struct mutex vt_mutex = MUTEX_INIT(vt_mutex, RANK_TTYDEV);
int vt_fg;

/* con_lock */
static struct con_driver *con;
static vt_cell_t *drawn;		/* con->cols * con->rows */
static u32 cursor_x = ~0U, cursor_y;	/* where one is drawn */
static u32 view_back;			/* lines the view is scrolled up */
static nsec_t last_refresh;

static struct delayed_work refresh_work;
static struct work bell_work;
static bool ready;
static void (*beeper)(u32 hz, u32 ms);

/* -- a screen that is not there ------------------------------------------ */

static void
dummy_draw(const struct vt_screen *s, u32 x, u32 y, const vt_cell_t *c, u32 n)
{
}

static void
dummy_cursor(const struct vt_screen *s, u32 x, u32 y, vt_cell_t c)
{
}

static struct con_driver dummy_con = {
	.name = "dummy", .cols = 80, .rows = 25,
	.draw = dummy_draw, .cursor = dummy_cursor,
};

struct con_driver *
con_driver_current(void)
{
	return con;
}

/* -- drawing ------------------------------------------------------------- */

static inline struct vt *
shown(void)
{
	return &vts[vt_fg];
}

static bool
drawable(void)
{
	return drawn && shown()->cells && shown()->kdmode == KD_TEXT;
}

/* con_lock held, as for all below but refresh_rows */
static void
draw_row(struct vt_screen *s, u32 y)
{
	const vt_cell_t *c = vt_screen_row(s, y, view_back);
	vt_cell_t *d = drawn + (size_t)y * s->cols;
	u32 x = 0, from;

	while (x < s->cols) {
		if (likely(c[x] == d[x])) {
			x++;
			continue;
		}
		/* up to the next stretch of four that are right already */
		from = x;
		for (u32 same = 0; x < s->cols && same < 4; x++) {
			same = c[x] == d[x] ? same + 1 : 0;
			d[x] = c[x];
		}
		con->draw(s, from, y, c + from, x - from);
		if (y == cursor_y && cursor_x >= from && cursor_x < x)
			cursor_x = ~0U;
	}
}

static void
draw_cursor(struct vt_screen *s)
{
	u32 x = s->c.x, y = s->c.y + view_back;
	bool show = s->cursor_on && y < s->rows;

	if (show && x == cursor_x && y == cursor_y)
		return;
	if (cursor_x != ~0U && cursor_x < s->cols && cursor_y < s->rows)
		con->draw(s, cursor_x, cursor_y,
			  drawn + (size_t)cursor_y * s->cols + cursor_x, 1);
	if (show) {
		con->cursor(s, x, y, drawn[(size_t)y * s->cols + x]);
		cursor_x = x;
		cursor_y = y;
	} else {
		con->cursor(s, ~0U, 0, 0);
		cursor_x = ~0U;
	}
}

/* All that changed, without letting the lock go. */
static void
refresh_locked(void)
{
	struct vt_screen *s = &shown()->s;
	size_t y;

	if (!drawable())
		return;
	bitmap_for_each_bit(y, s->dirty, s->rows)
		draw_row(s, y);
	bitmap_zero(s->dirty, VT_MAX_ROWS);
	draw_cursor(s);
}

/* The same row by row, so that interrupts wait for one row at most. */
static void
refresh_rows(void)
{
	unsigned long irq;
	u32 y = 0;
	bool more;

	do {
		struct vt_screen *s;

		irq = spin_lock_irqsave(&con_lock);
		s = &shown()->s;
		more = drawable();
		if (more) {
			y = bitmap_find_next_bit(s->dirty, s->rows, y);
			if (y < s->rows) {
				bitmap_clear_bit(s->dirty, y);
				draw_row(s, y++);
			} else {
				draw_cursor(s);
				more = false;
			}
		}
		last_refresh = clock_mono_ns();
		spin_unlock_irqrestore(&con_lock, irq);
	} while (more);
}

static void
refresh_work_fn(struct work *w)
{
	refresh_rows();
}

void
vt_refresh(void)
{
	if (clock_mono_ns() - READ_ONCE(last_refresh) >= REFRESH_NS)
		refresh_rows();
	else
		delayed_work_queue(&refresh_work, REFRESH_NS);
}

/* con_lock held: the picture is worth nothing any more */
static void
forget_drawn(void)
{
	struct vt_screen *s = &shown()->s;

	if (!drawn)
		return;
	for (size_t i = 0; i < (size_t)con->cols * con->rows; i++)
		drawn[i] = VT_CELL_NONE;
	cursor_x = ~0U;
	vt_screen_touch_all(s);
	if (con->palette)
		con->palette(s);
}

void
vt_redraw(void)
{
	unsigned long irq = spin_lock_irqsave(&con_lock);

	view_back = 0;
	forget_drawn();
	spin_unlock_irqrestore(&con_lock, irq);
	refresh_rows();
}

void
vt_scroll_view(int lines)
{
	unsigned long irq = spin_lock_irqsave(&con_lock);
	struct vt_screen *s = &shown()->s;
	s64 to = (s64)view_back + lines;

	if (shown()->cells) {
		view_back = clamp_t(s64, to, 0, vt_screen_sb_used(s));
		vt_screen_touch_all(s);
		refresh_locked();
	}
	spin_unlock_irqrestore(&con_lock, irq);
}

/* con_lock held: output brings the view back to the bottom */
static void
view_reset(struct vt *v)
{
	if (unlikely(view_back) && v == shown()) {
		view_back = 0;
		vt_screen_touch_all(&v->s);
	}
}

void
vt_set_kdmode(struct vt *v, u8 mode)
{
	unsigned long irq = spin_lock_irqsave(&con_lock);
	bool redraw = v->kdmode != mode && mode == KD_TEXT && v == shown();

	v->kdmode = mode;
	spin_unlock_irqrestore(&con_lock, irq);
	if (redraw)
		vt_redraw();
}

/* -- what a screen asks for ---------------------------------------------- */

static inline struct vt *
vt_of_screen(struct vt_screen *s)
{
	return container_of(s, struct vt, s);
}

/*
 * What the text asked for beyond changing cells. It is collected under
 * con_lock and done after, because con_lock is a leaf.
 */
struct effects {
	char reply[64];
	u32 reply_len;
	bool bell, leds, switch_to;
	u32 hz, ms, led_bits;
	int target;
};

static struct effects effects;		/* con_lock */

static void
host_reply(struct vt_screen *s, const char *buf, size_t len)
{
	if (len > sizeof(effects.reply) - effects.reply_len)
		return;
	memcpy(effects.reply + effects.reply_len, buf, len);
	effects.reply_len += len;
}

static void
host_bell(struct vt_screen *s, u32 hz, u32 ms)
{
	effects.bell = true;
	effects.hz = hz;
	effects.ms = ms;
}

static void
host_leds(struct vt_screen *s, u32 leds)
{
	effects.leds = true;
	effects.led_bits = leds;
}

static void
host_switch(struct vt_screen *s, u32 n)
{
	effects.switch_to = true;
	effects.target = n ? (int)n - 1 : vt_last;
}

static bool
effects_any(void)
{
	return effects.reply_len || effects.bell || effects.leds ||
	       effects.switch_to;
}

static void
effects_do(struct vt *v, const struct effects *e)
{
	if (e->reply_len)
		tty_input(&v->tty, (const u8 *)e->reply, NULL, e->reply_len);
	if (e->bell)
		vt_beep(e->hz, e->ms);
	if (e->leds)
		kbd_set_leds(v, e->led_bits);
	if (e->switch_to)
		vt_request_switch(e->target);
}

static u32 bell_hz, bell_ms;

static void
bell_work_fn(struct work *w)
{
	if (beeper)
		beeper(READ_ONCE(bell_hz), READ_ONCE(bell_ms));
}

void
vt_beep(u32 hz, u32 ms)
{
	WRITE_ONCE(bell_hz, hz);
	WRITE_ONCE(bell_ms, ms);
	if (ready && beeper)
		work_queue(&bell_work);
}

static void
host_palette(struct vt_screen *s)
{
	if (vt_of_screen(s) == shown() && drawn) {
		for (size_t i = 0; i < (size_t)con->cols * con->rows; i++)
			drawn[i] = VT_CELL_NONE;
		if (con->palette)
			con->palette(s);
	}
}

static const struct vt_screen_host host = {
	.reply = host_reply, .bell = host_bell, .leds = host_leds,
	.switch_to = host_switch, .palette = host_palette,
};

void
con_set_beeper(void (*fn)(u32, u32))
{
	beeper = fn;
}

/* -- life ---------------------------------------------------------------- */

static void
set_ws(struct vt *v)
{
	struct abi_winsize ws = {
		.ws_row = v->s.rows, .ws_col = v->s.cols,
	};

	tty_resize(&v->tty, &ws);
}

int
vt_alloc(struct vt *v)
{
	size_t bytes = (size_t)con->cols * con->rows * sizeof(vt_cell_t);
	vt_cell_t *cells;
	unsigned long irq;

	if (v->cells)
		return 0;
	cells = kvmalloc(bytes, GFP_KERNEL);
	if (!cells)
		return -ENOMEM;
	irq = spin_lock_irqsave(&con_lock);
	vt_screen_init(&v->s, &host, cells, con->cols, con->rows);
	v->cells = cells;
	v->kdmode = KD_TEXT;
	spin_unlock_irqrestore(&con_lock, irq);
	v->tty.ws = (struct abi_winsize){ .ws_row = con->rows,
					  .ws_col = con->cols };
	kbd_vt_init(v);
	vt_mode_reset(v);
	return 0;
}

int
vt_free(struct vt *v)
{
	vt_cell_t *cells, *sb;
	unsigned long irq;

	if (v->tty.opens || v == shown() || v == &vts[0])
		return -EBUSY;
	irq = spin_lock_irqsave(&con_lock);
	cells = v->cells;
	sb = v->sb;
	v->cells = v->sb = NULL;
	spin_unlock_irqrestore(&con_lock, irq);
	kvfree(cells);
	kvfree(sb);
	return 0;
}

static void
resize_one(struct vt *v, u32 cols, u32 rows)
{
	vt_cell_t *cells, *old, *sb;
	unsigned long irq;

	cells = kvmalloc((size_t)cols * rows * sizeof(vt_cell_t), GFP_KERNEL);
	if (!cells)
		return;		/* keeps its size; drawn clipped */
	irq = spin_lock_irqsave(&con_lock);
	old = v->cells;
	sb = v->sb;
	vt_screen_resize(&v->s, cells, cols, rows);
	v->cells = cells;
	v->sb = NULL;
	spin_unlock_irqrestore(&con_lock, irq);
	kvfree(old);
	kvfree(sb);
	set_ws(v);
}

void
vt_resize_all(void)
{
	size_t n = (size_t)con->cols * con->rows;
	vt_cell_t *d = kvmalloc(n * sizeof(*d), GFP_KERNEL), *old;
	unsigned long irq;

	irq = spin_lock_irqsave(&con_lock);
	old = drawn;
	drawn = NULL;
	view_back = 0;
	cursor_x = ~0U;
	spin_unlock_irqrestore(&con_lock, irq);
	kvfree(old);
	for (int i = 0; i < NR_VT; i++)
		if (vts[i].cells && (vts[i].s.cols != con->cols ||
				     vts[i].s.rows != con->rows))
			resize_one(&vts[i], con->cols, con->rows);
	if (!d || shown()->s.cols != con->cols ||
	    shown()->s.rows != con->rows) {
		kvfree(d);
		return;
	}
	irq = spin_lock_irqsave(&con_lock);
	drawn = d;
	spin_unlock_irqrestore(&con_lock, irq);
	vt_redraw();
}

void
con_driver_register(struct con_driver *d)
{
	unsigned long irq;

	if (!ready) {
		con = d;
		return;
	}
	mutex_lock(&vt_mutex);
	irq = spin_lock_irqsave(&con_lock);
	con = d;
	spin_unlock_irqrestore(&con_lock, irq);
	vt_font_init();
	vt_resize_all();
	mutex_unlock(&vt_mutex);
}

/* -- as a tty ------------------------------------------------------------ */

static int
vt_open(struct tty *t, bool first)
{
	int err;

	mutex_lock(&vt_mutex);
	err = vt_alloc(vt_of_tty(t));
	mutex_unlock(&vt_mutex);
	return err;
}

static void
vt_close(struct tty *t)
{
}

/* A console that scrolls gets its scrollback; not from atomic context. */
static void
scrollback_alloc(struct vt *v)
{
	vt_cell_t *sb;
	unsigned long irq;
	u32 cols = v->s.cols;

	sb = kvmalloc((size_t)cols * SB_LINES * sizeof(*sb), GFP_KERNEL);
	irq = spin_lock_irqsave(&con_lock);
	if (sb && !v->sb && v->cells && v->s.cols == cols) {
		v->sb = sb;
		vt_screen_scrollback(&v->s, sb, SB_LINES);
		sb = NULL;
	}
	spin_unlock_irqrestore(&con_lock, irq);
	kvfree(sb);
}

static size_t
vt_write(struct tty *t, const u8 *s, size_t n)
{
	struct vt *v = vt_of_tty(t);
	size_t done = 0;

	if (unlikely(!v->sb) && v->s.c.y + 1 == v->s.rows)
		scrollback_alloc(v);
	while (done < n) {
		size_t len = min_t(size_t, n - done, CHUNK);
		struct effects e;
		bool any;
		unsigned long irq = spin_lock_irqsave(&con_lock);

		if (v->cells) {
			view_reset(v);
			vt_screen_write(&v->s, s + done, len);
		}
		any = effects_any();
		if (unlikely(any)) {
			e = effects;
			effects = (struct effects){ .reply_len = 0 };
		}
		spin_unlock_irqrestore(&con_lock, irq);
		if (unlikely(any))
			effects_do(v, &e);
		done += len;
	}
	if (v == shown())
		vt_refresh();
	return n;
}

static size_t
vt_room(struct tty *t)
{
	return 32768;
}

static int
vt_winsize(struct tty *t, const struct abi_winsize *ws)
{
	/* the matrix has the screen's size; only the pixels may be told */
	if (ws->ws_row != vt_of_tty(t)->s.rows ||
	    ws->ws_col != vt_of_tty(t)->s.cols)
		return -EINVAL;
	return tty_resize(t, ws);
}

static void
vt_hangup(struct tty *t)
{
	struct vt *v = vt_of_tty(t);

	mutex_lock(&vt_mutex);
	vt_mode_reset(v);
	mutex_unlock(&vt_mutex);
	vt_set_kdmode(v, KD_TEXT);
	kbd_vt_init(v);
}

static const struct tty_ops vt_ops = {
	.open = vt_open,
	.close = vt_close,
	.write = vt_write,
	.room = vt_room,
	.ioctl = vt_ioctl,
	.resize = vt_winsize,
	.hangup = vt_hangup,
};

static const struct abi_termios2 vt_termios = {
	.c_iflag = ICRNL | IXON | IUTF8,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {
		[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21,
		[VEOF] = 4, [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19,
		[VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15,
		[VWERASE] = 23, [VLNEXT] = 22,
	},
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

static const struct tty_driver vt_driver = {
	.name = "vt", .dev_name = "tty", .major = TTY_MAJOR,
	.minor_start = 1, .nr = NR_VT, .type = TTYD_CONSOLE, .ops = &vt_ops,
	.init_termios = &vt_termios,
};

static struct tty *
vt_find(u32 index)
{
	return index < NR_VT ? &vts[index].tty : NULL;
}

struct tty *
vt_foreground_get(void)
{
	struct tty *t = &vts[READ_ONCE(vt_fg)].tty;

	tty_get(t);
	return t;
}

/* -- as a console of the log --------------------------------------------- */

static void
log_write(struct console *c, const char *s, size_t n)
{
	struct vt *v = c->index ? &vts[c->index - 1] : shown();
	unsigned long irq = irq_save();

	if (log_panicking) {
		/* the holder may never let go; a mangled screen beats none */
		for (int i = 0; i < 1000 && !spin_trylock(&con_lock); i++)
			cpu_relax();
		v->kdmode = KD_TEXT;
	} else {
		spin_lock(&con_lock);
	}
	if (v->cells) {
		view_reset(v);
		vt_screen_log(&v->s, s, n);
		/* records come in pieces; the last ends the line */
		if (v == shown() && n && s[n - 1] == '\n')
			refresh_locked();
	}
	if (!log_panicking)
		spin_unlock(&con_lock);
	irq_restore(irq);
}

static struct console log_consoles[NR_VT + 1];

void
vt_register_consoles(void)
{
	/* without a screen the log asks for none, but words are obeyed */
	if (!ready || (con == &dummy_con && !console_wanted_given()))
		return;
	for (int i = 0; i <= NR_VT; i++) {
		struct console *c = &log_consoles[i];
		int flags = console_wanted("tty", i, NULL), err = 0;

		if (flags < 0 || (i && !console_wanted_given()))
			continue;
		if (i) {
			mutex_lock(&vt_mutex);
			err = vt_alloc(&vts[i - 1]);
			mutex_unlock(&vt_mutex);
		}
		if (err)
			continue;
		*c = (struct console){
			.name = "tty", .index = i, .write = log_write,
			.devnum = MKDEV(TTY_MAJOR, i), .flags = flags,
		};
		console_register(c);
	}
}

static void
register_devices(void)
{
	static struct tty tty0;

	tty0.num = MKDEV(TTY_MAJOR, 0);
	strscpy(tty0.name, "tty0", sizeof(tty0.name));
	if (tty_device_register(&tty0, 0620, 5))
		return;
	for (int i = 0; i < NR_VT; i++)
		if (tty_device_register(&vts[i].tty, 0620, 5))
			return;
}

void
vt_init(void)
{
	size_t n;

	if (!con)
		con = &dummy_con;
	delayed_work_init(&refresh_work, refresh_work_fn);
	work_init(&bell_work, bell_work_fn);
	vt_font_init();
	vt_switch_init();
	keymap_init();
	for (int i = 0; i < NR_VT; i++) {
		tty_init_one(&vts[i].tty, &vt_driver, i);
		snprintf(vts[i].tty.name, sizeof(vts[i].tty.name), "tty%d",
			 i + 1);
		vts[i].switch_to = -1;
		vts[i].mode.mode = VT_AUTO;
	}
	tty_driver_register(&vt_driver, vt_find);
	mutex_lock(&vt_mutex);
	n = (size_t)con->cols * con->rows;
	if (vt_alloc(&vts[0])) {
		mutex_unlock(&vt_mutex);
		log_err(tty, "vt: no memory");
		return;
	}
	if (con != &dummy_con)
		drawn = kvmalloc(n * sizeof(*drawn), GFP_KERNEL);
	ready = true;
	vt_redraw();
	mutex_unlock(&vt_mutex);
	/* asked before serial lines do, the log prefers the screen */
	if (con != &dummy_con)
		(void)console_wanted("tty", 0, NULL);
	register_devices();
	log_info(tty, "vt: %s console %ux%u", con->name, con->cols,
		 con->rows);
}
