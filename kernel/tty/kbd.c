/* SPDX-License-Identifier: MIT */
/*
 * From keys to characters: what the shown virtual terminal gets when a key
 * goes down, by the keyboard map (keymaps(5)) and the terminal's mode
 * (KDSKBMODE: raw scan codes, key codes, 8-bit, UTF-8).
 *
 * kbd_event() runs in interrupt context; the characters go to tty_input().
 * What needs more (switching consoles, rebooting) is queued as work by those
 * who do it. kbd_lock guards the maps and the modifier state.
 */
#include <core/reboot.h>
#include <core/sysrq.h>
#include <lib/string.h>
#include <lib/utf8.h>
#include <task/pid_ns.h>
#include <task/signal.h>
#include <task/work.h>
#include <tty/con.h>
#include "keymap.h"
#include "vt.h"

#define KEY_MAX		256
#define KEY_SYSRQ	99
#define KEY_CAPSLOCK	58

struct spinlock kbd_lock = SPINLOCK_INIT(RANK_NONE);

static DECLARE_BITMAP(down, KEY_MAX);
static u8 shift_down[KG_CAPSSHIFT + 1];	/* keys that hold it */
static u8 shift_state;			/* BIT(KG_*) */
static u32 dead;			/* accent waiting for its base */
static bool dead_next;			/* compose was pressed */
static int npad = -1;			/* Alt + keypad number, -1 none */
static bool sysrq_held, sysrq_used;
static struct kbd_device *devices;
static u32 shown_leds = ~0U;

/* -- output -------------------------------------------------------------- */

static struct vt *
target(void)
{
	return &vts[READ_ONCE(vt_fg)];
}

static void
put_bytes(const void *s, size_t n)
{
	tty_input(&target()->tty, s, NULL, n);
}

static void
put_byte(u8 c)
{
	put_bytes(&c, 1);
}

static void
put_string(const char *s)
{
	put_bytes(s, strlen(s));
}

/* A character, in the encoding of the terminal. */
static void
put_char(u32 c)
{
	u8 buf[4];

	if (target()->kbmode == K_UNICODE)
		put_bytes(buf, utf8_encode(c, buf));
	else if (c < 256)
		put_byte(c);
}

/* c after a dead key or in a compose sequence */
static u32
combine(u32 c)
{
	u32 d = dead;

	dead = 0;
	for (u32 i = 0; i < accent_table_size; i++)
		if (accent_table[i].diacr == d && accent_table[i].base == c)
			return accent_table[i].result;
	if (c == ' ' || c == d)
		return d;
	put_char(d);
	return c;
}

static void
type_char(u32 c, bool up)
{
	if (up)
		return;
	if (dead)
		c = combine(c);
	if (dead_next) {
		dead_next = false;
		dead = c;
		return;
	}
	put_char(c);
}

/* -- locks and lamps ----------------------------------------------------- */

void
kbd_update_leds(void)
{
	struct vt *v = target();
	u32 leds = v->leds_forced ? v->forced_leds : v->locks;

	if (leds == shown_leds)
		return;
	shown_leds = leds;
	for (struct kbd_device *k = devices; k; k = k->next)
		if (k->set_leds)
			k->set_leds(k, leds);
}

void
kbd_set_leds(struct vt *v, u32 leds)
{
	unsigned long irq = spin_lock_irqsave(&kbd_lock);

	v->leds_forced = true;
	v->forced_leds = leds;
	kbd_update_leds();
	spin_unlock_irqrestore(&kbd_lock, irq);
}

void
kbd_vt_init(struct vt *v)
{
	unsigned long irq = spin_lock_irqsave(&kbd_lock);

	v->kbmode = K_UNICODE;
	v->meta = K_ESCPREFIX;
	v->locks = v->slock = v->lock = 0;
	v->leds_forced = false;
	spin_unlock_irqrestore(&kbd_lock, irq);
}

u8
kbd_shift_state(void)
{
	return shift_state;
}

/* Keys held now went down for another terminal. */
void
kbd_release_all(void)
{
	unsigned long irq = spin_lock_irqsave(&kbd_lock);

	dead = 0;
	dead_next = false;
	kbd_update_leds();
	spin_unlock_irqrestore(&kbd_lock, irq);
}

void
kbd_register(struct kbd_device *k)
{
	unsigned long irq;

	irq = spin_lock_irqsave(&kbd_lock);
	k->next = devices;
	devices = k;
	shown_leds = ~0U;
	kbd_update_leds();
	spin_unlock_irqrestore(&kbd_lock, irq);
}

void
kbd_repeat(s32 *delay_ms, s32 *period_ms)
{
	u32 delay = *delay_ms > 0 ? *delay_ms : 0;
	u32 period = *period_ms > 0 ? *period_ms : 0;

	for (struct kbd_device *k = devices; k; k = k->next)
		if (k->set_repeat && !k->set_repeat(k, &delay, &period))
			break;
	*delay_ms = delay;
	*period_ms = period;
}

/* who KDSIGACCEPT asked to be told: init, as a rule */
static struct pid *signal_pid;
static int signal_nr;

static void
signal_work_fn(struct work *w)
{
	struct pid *p;
	struct task *t;
	int sig;

	spin_lock_irq(&kbd_lock);
	p = signal_pid;
	sig = signal_nr;
	signal_pid = NULL;
	spin_unlock_irq(&kbd_lock);
	if (!p)
		return;
	t = task_find_ns(pid_nr(p), &init_pid_ns);
	if (t) {
		signal_send_group(t, sig, SEND_SIG_PRIV);
		task_put(t);
	}
	pid_put(p);
}

static struct work signal_work = WORK_INIT(signal_work, signal_work_fn);

void
kbd_signal_accept(int sig)
{
	struct pid *old;

	pid_get(current->tgid);
	spin_lock_irq(&kbd_lock);
	old = signal_pid;
	signal_pid = current->tgid;
	signal_nr = sig;
	spin_unlock_irq(&kbd_lock);
	if (old)
		pid_put(old);
}

static void
toggle_lock(u8 led)
{
	target()->locks ^= led;
	kbd_update_leds();
}

/* -- kinds of keys ------------------------------------------------------- */

static void
cad_work_fn(struct work *w)
{
	ctrl_alt_del();
}

static struct work cad_work = WORK_INIT(cad_work, cad_work_fn);

static void
hold(void)
{
	struct vt *v = target();
	u8 c;

	/* Scroll Lock: as ^S and ^Q, if the terminal knows them */
	if (!(v->tty.termios.c_iflag & IXON))
		return;
	c = v->tty.termios.c_cc[tty_stopped(&v->tty) ? VSTART : VSTOP];
	toggle_lock(LED_SCR);
	if (c)
		put_byte(c);
}

static void
switch_relative(int step)
{
	int n = vt_fg;

	for (int i = 0; i < NR_VT; i++) {
		n = (n + step + NR_VT) % NR_VT;
		if (vts[n].cells)
			break;
	}
	vt_request_switch(n);
}

static void
do_spec(u8 value, bool up)
{
	if (up)
		return;
	switch (value) {
	case KS_ENTER:
		if (dead) {
			put_char(dead);
			dead = 0;
		}
		put_byte('\r');
		if (target()->s.newline)
			put_byte('\n');
		break;
	case KS_BREAK:
		tty_input_char(&target()->tty, 0, 1 /* TTYF_BREAK */);
		break;
	case KS_CONS:
		vt_request_switch(vt_last);
		break;
	case KS_CAPS:
		toggle_lock(LED_CAP);
		break;
	case KS_CAPSON:
		target()->locks |= LED_CAP;
		kbd_update_leds();
		break;
	case KS_NUM:
		if (target()->s.app_keypad) {
			put_string("\033OP");
			break;
		}
		__fallthrough;
	case KS_BARENUMLOCK:
		toggle_lock(LED_NUM);
		break;
	case KS_HOLD:
		hold();
		break;
	case KS_SCROLLBACK:
		vt_scroll_view(target()->s.rows / 2);
		break;
	case KS_SCROLLFORW:
		vt_scroll_view(-(int)(target()->s.rows / 2));
		break;
	case KS_BOOT:
		work_queue(&cad_work);
		break;
	case KS_COMPOSE:
		dead_next = true;
		break;
	case KS_SH_REGS:
		sysrq_key_masked('p');
		break;
	case KS_SH_MEM:
		sysrq_key_masked('m');
		break;
	case KS_SH_STAT:
		sysrq_key_masked('t');
		break;
	case KS_SPAWNCONSOLE:
		if (signal_pid)
			work_queue(&signal_work);
		break;
	case KS_DECRCONSOLE:
		switch_relative(-1);
		break;
	case KS_INCRCONSOLE:
		switch_relative(1);
		break;
	}
}

static void
do_cur(u8 value, bool up)
{
	static const char letter[] = "BDCA";
	char buf[4] = "\033[";

	if (up || value > 3)
		return;
	buf[1] = target()->s.app_cursor ? 'O' : '[';
	buf[2] = letter[value];
	buf[3] = '\0';
	put_string(buf);
}

static void
do_pad(u8 value, bool up)
{
	static const char digits[] = "0123456789+-*/\r,.?()#";
	static const char app[] = "pqrstuvwxylSRQMnnmPQS";
	struct vt *v = target();

	if (up || value >= sizeof(digits) - 1)
		return;
	if (v->s.app_keypad && !(shift_state & BIT(KG_SHIFT))) {
		char buf[4] = { '\033', 'O', app[value], '\0' };

		put_string(buf);
		return;
	}
	if (!(v->locks & LED_NUM)) {
		static const u8 fn[10] = { 21, 23, 0, 25, 0, 0, 0, 20, 0, 24 };

		switch (value) {
		case 0: case 1: case 3: case 7: case 9:
			if (func_table[fn[value]])
				put_string(func_table[fn[value]]);
			return;
		case 2: do_cur(0, false); return;
		case 4: do_cur(1, false); return;
		case 6: do_cur(2, false); return;
		case 8: do_cur(3, false); return;
		case 5:
			put_string(v->s.app_cursor ? "\033OG" : "\033[G");
			return;
		case 16:
			if (func_table[22])
				put_string(func_table[22]);
			return;
		}
	}
	put_byte(digits[value]);
	if (value == 14 && v->s.newline)
		put_byte('\n');
}

static void
do_shift(u8 value, bool up)
{
	u8 old = shift_state;

	if (value > KG_CAPSSHIFT)
		return;
	if (value == KG_CAPSSHIFT) {
		value = KG_SHIFT;
		if (!up)
			target()->locks &= ~LED_CAP;
	}
	if (up) {
		if (shift_down[value])
			shift_down[value]--;
	} else {
		shift_down[value]++;
	}
	if (shift_down[value])
		shift_state |= BIT(value);
	else
		shift_state &= ~BIT(value);
	/* Alt let go: the number typed on the keypad is complete */
	if (up && shift_state != old && npad >= 0) {
		put_char(npad);
		npad = -1;
	}
}

static void
do_meta(u8 value, bool up)
{
	if (up)
		return;
	if (target()->meta == K_METABIT) {
		put_byte(value | 0x80);
	} else {
		put_byte('\033');
		put_byte(value);
	}
}

static void
do_ascii(u8 value, bool up)
{
	int base = value < 10 ? 10 : 16;

	if (up)
		return;
	if (value >= 10)
		value -= 10;
	npad = npad < 0 ? value : npad * base + value;
	if (npad > 0x10ffff)
		npad = -1;
}

static void
do_dead(u32 accent, bool up)
{
	if (up)
		return;
	dead = dead ? combine(accent) : accent;
}

static void
key_entry(u16 entry, bool up)
{
	static const char accents[] = "`'^~\",_U.*=c&i#o!?+-)(:nd";
	u8 type = entry >> 8, value = entry;
	struct vt *v = target();

	if (KMAP_IS_UNICODE(entry)) {
		type_char(entry ^ 0xf000, up);
		return;
	}
	if (type != KT_SLOCK)
		v->slock = 0;
	switch (type) {
	case KT_LATIN:
	case KT_LETTER:
		type_char(value, up);
		break;
	case KT_FN:
		if (!up && func_table[value])
			put_string(func_table[value]);
		break;
	case KT_SPEC: do_spec(value, up); break;
	case KT_PAD: do_pad(value, up); break;
	case KT_DEAD:
		if (value < sizeof(accents) - 1)
			do_dead(accents[value], up);
		break;
	case KT_DEAD2: do_dead(value, up); break;
	case KT_CONS:
		if (!up)
			vt_request_switch(value);
		break;
	case KT_CUR: do_cur(value, up); break;
	case KT_SHIFT: do_shift(value, up); break;
	case KT_META: do_meta(value, up); break;
	case KT_ASCII: do_ascii(value, up); break;
	case KT_LOCK:
		if (!up && value < 8)
			v->lock ^= BIT(value);
		break;
	case KT_SLOCK:
		if (!up && value < 8)
			v->slock ^= BIT(value);
		break;
	}
}

/* -- events -------------------------------------------------------------- */

/* Alt+SysRq+key; true when the key is part of it. */
static bool
sysrq_filter(u32 key, int value)
{
	const u16 *map = key_maps[0];

	if (key == KEY_SYSRQ) {
		if (value == 1 && shift_state & (BIT(KG_ALT) |
						 BIT(KG_ALTGR))) {
			sysrq_held = true;
			sysrq_used = false;
			return true;
		}
		if (value == 0 && sysrq_held) {
			sysrq_held = false;
			return true;
		}
		return false;
	}
	if (!sysrq_held || (map[key] >> 8) == KT_SHIFT)
		return false;
	if (value == 1 && ((map[key] >> 8) == KT_LATIN ||
			   (map[key] >> 8) == KT_LETTER)) {
		sysrq_used = true;
		sysrq_key_masked(map[key] & 0xff);
	}
	return true;
}

/* Key codes for KDSKBMODE K_MEDIUMRAW. */
static void
put_medium_raw(u32 key, bool up)
{
	u8 flag = up ? 0x80 : 0;

	if (key < 128) {
		put_byte(key | flag);
	} else {
		put_byte(flag);
		put_byte(key >> 7 | 0x80);
		put_byte((key & 0x7f) | 0x80);
	}
}

static void
key_locked(u32 key, int value)
{
	struct vt *v = target();
	bool up = !value, was = bitmap_test_bit(down, key);
	const u16 *map;
	u32 table;
	u16 entry;

	if (up)
		bitmap_clear_bit(down, key);
	else
		bitmap_set_bit(down, key);
	if (sysrq_filter(key, value))
		return;
	if (v->kbmode == K_MEDIUMRAW) {
		put_medium_raw(key, up);
	} else if (v->kbmode == K_UNICODE || v->kbmode == K_XLATE) {
		if (was && !up && !v->s.autorepeat)
			return;
	}
	table = (shift_state | v->slock) ^ v->lock;
	map = key_maps[table];
	if (!map) {
		/* no such combination; modifiers still work */
		map = key_maps[0];
		if ((map[key] >> 8) != KT_SHIFT) {
			v->slock = 0;
			return;
		}
	}
	entry = map[key];
	if (entry >> 8 == KT_LETTER && v->locks & LED_CAP &&
	    key_maps[table ^ BIT(KG_SHIFT)])
		entry = key_maps[table ^ BIT(KG_SHIFT)][key];
	if (v->kbmode == K_RAW || v->kbmode == K_MEDIUMRAW ||
	    v->kbmode == K_OFF) {
		if (entry >> 8 == KT_SHIFT && value != 2)
			do_shift(entry, up);
		return;
	}
	/* repeating a modifier or a toggle does nothing */
	if (value == 2 && (entry >> 8 == KT_SHIFT || entry >> 8 == KT_CONS ||
			   entry >> 8 == KT_LOCK || entry >> 8 == KT_SLOCK ||
			   (entry >> 8 == KT_SPEC &&
			    (entry & 0xff) >= KS_CONS &&
			    (entry & 0xff) != KS_SCROLLFORW &&
			    (entry & 0xff) != KS_SCROLLBACK)))
		return;
	key_entry(entry, up);
}

void
kbd_event(u32 keycode, int value)
{
	unsigned long irq;

	if (!keycode || keycode >= KEY_MAX || !keymap_count)
		return;
	irq = spin_lock_irqsave(&kbd_lock);
	key_locked(keycode, value);
	spin_unlock_irqrestore(&kbd_lock, irq);
}

void
kbd_raw(u8 scancode)
{
	if (target()->kbmode == K_RAW)
		put_byte(scancode);
}
