/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, termios(3).
 *
 * Input lands in a ring of 4096 bytes. In canonical mode the ring holds
 * complete lines [tail, canon), each ended by a byte marked in eol[] (a
 * newline, EOL, or a NUL that stands for end-of-file), and the line being
 * edited [canon, head). A line longer than the ring loses its last bytes, but
 * its newline always fits.
 *
 * Echo and OPOST share the column. Echo is offered to the driver at the end
 * of each receive; what it does not take waits in echo[] (new echo is dropped
 * when that is full: the input itself is not affected).
 *
 * special[] has a bit for each byte that needs a look under the present
 * termios, so ordinary characters cost one test.
 *
 * Not done, as in Linux: VDISCARD and VSWTC have no effect, FLUSHO, PENDIN,
 * XCASE and delays (except XTABS) are only stored.
 */
#include "ntty.h"
#include <abi/signal.h>
#include <lib/ctype.h>
#include <lib/string.h>

#define MASK	(NTTY_SIZE - 1)

#define L_(n, f)	((n)->t.c_lflag & (f))
#define I_(n, f)	((n)->t.c_iflag & (f))
#define O_(n, f)	((n)->t.c_oflag & (f))
#define CC(n, i)	((n)->t.c_cc[i])

static inline u8
at(const struct ntty *n, u32 pos)
{
	return n->buf[pos & MASK];
}

static inline bool
is_cc(const struct ntty *n, u8 c, int i)
{
	return c == CC(n, i) && c != NTTY_DISABLED;
}

/*
 * Letters are those of Latin-1, as in Linux: in its upper half 0xc0..0xde are
 * capitals and 0xdf..0xff small ones, but for two signs. (Leading bytes of
 * UTF-8 count as letters by that, too.)
 */
static inline bool
is_word_char(u8 c)
{
	return isalnum(c) || c == '_' || (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

static inline u8
lower_latin1(u8 c)
{
	return c >= 0xc0 && c <= 0xde && c != 0xd7 ? c + 32 : tolower(c);
}

static inline u8
upper_latin1(u8 c)
{
	return c >= 0xdf && c != 0xf7 ? c - 32 : toupper(c);
}

static inline bool
is_continuation(const struct ntty *n, u8 c)
{
	return I_(n, IUTF8) && (c & 0xc0) == 0x80;
}

static void
mark(struct ntty *n, u8 c)
{
	n->special[c >> 5] |= 1U << (c & 31);
}

static void
mark_cc(struct ntty *n, int i)
{
	if (CC(n, i) != NTTY_DISABLED)
		mark(n, CC(n, i));
}

/* Which input bytes need more than to be stored (and echoed as they are)? */
static void
derive(struct ntty *n)
{
	memset(n->special, 0, sizeof(n->special));
	n->plain_out = !O_(n, OPOST);
	n->raw = !L_(n, ISIG | ICANON | ECHO | IEXTEN) &&
		 !I_(n, IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | ISTRIP |
		     INLCR | IGNCR | ICRNL | IUCLC | IXON);
	if (L_(n, ISIG)) {
		mark_cc(n, VINTR);
		mark_cc(n, VQUIT);
		mark_cc(n, VSUSP);
	}
	if (I_(n, IXON)) {
		mark_cc(n, VSTART);
		mark_cc(n, VSTOP);
	}
	if (I_(n, IGNCR | ICRNL))
		mark(n, '\r');
	if (I_(n, INLCR) || L_(n, ICANON | ECHO))
		mark(n, '\n');
	if (I_(n, PARMRK))
		mark(n, 0xff);
	if (L_(n, ICANON)) {
		mark_cc(n, VERASE);
		mark_cc(n, VKILL);
		mark_cc(n, VEOF);
		mark_cc(n, VEOL);
		if (L_(n, IEXTEN)) {
			mark_cc(n, VWERASE);
			mark_cc(n, VLNEXT);
			mark_cc(n, VREPRINT);
			mark_cc(n, VEOL2);
		}
	}
	if (L_(n, ECHO)) {
		for (int c = 0; c < 32; c++)
			mark(n, c);
		mark(n, 0x7f);
	}
	if (I_(n, ISTRIP) || (I_(n, IUCLC) && L_(n, IEXTEN)) ||
	    L_(n, EXTPROC))
		memset(n->special, 0xff, sizeof(n->special));
}

void
ntty_init(struct ntty *n, const struct ntty_host *host,
	  const struct abi_termios2 *t)
{
	n->host = host;
	n->head = n->canon = n->tail = 0;
	n->lnext = n->erasing = n->push = n->no_room = false;
	n->column = n->canon_column = n->echo_len = 0;
	bitmap_zero(n->eol, NTTY_SIZE);
	n->t = *t;
	derive(n);
}

void
ntty_set_termios(struct ntty *n, const struct abi_termios2 *t)
{
	bool was_ixon = I_(n, IXON);
	u32 changed = n->t.c_lflag ^ t->c_lflag;

	n->t = *t;
	derive(n);
	if (changed & (ICANON | EXTPROC)) {
		bitmap_zero(n->eol, NTTY_SIZE);
		n->canon = n->tail;
		n->push = false;
		if (L_(n, ICANON) && n->head != n->tail) {
			/* what is there becomes a line, though unended */
			bitmap_set_bit(n->eol, (n->head - 1) & MASK);
			n->canon = n->head;
			n->push = true;
		}
		n->erasing = false;
		n->lnext = false;
	}
	if (was_ixon && !I_(n, IXON) && n->host->output_stopped(n))
		n->host->stop_output(n, false);
}

void
ntty_flush_input(struct ntty *n)
{
	n->tail = n->canon = n->head;
	bitmap_zero(n->eol, NTTY_SIZE);
	n->lnext = n->erasing = n->push = false;
}

/* -- output -------------------------------------------------------------- */

/* One byte through OPOST to d; returns how many bytes came of it (0..8). */
static size_t
output_byte(struct ntty *n, u8 c, u8 *d)
{
	u32 spaces;

	switch (c) {
	case '\n':
		if (O_(n, ONLRET))
			n->column = 0;
		if (O_(n, ONLCR)) {
			n->canon_column = n->column = 0;
			d[0] = '\r';
			d[1] = '\n';
			return 2;
		}
		n->canon_column = n->column;
		break;
	case '\r':
		if (O_(n, ONOCR) && !n->column)
			return 0;
		if (O_(n, OCRNL)) {
			c = '\n';
			if (O_(n, ONLRET))
				n->canon_column = n->column = 0;
			break;
		}
		n->canon_column = n->column = 0;
		break;
	case '\t':
		spaces = 8 - (n->column & 7);
		n->column += spaces;
		if (O_(n, TABDLY) == XTABS) {
			memset(d, ' ', spaces);
			return spaces;
		}
		break;
	case '\b':
		if (n->column)
			n->column--;
		break;
	default:
		if (iscntrl(c))
			break;
		if (O_(n, OLCUC))
			c = upper_latin1(c);
		if (!is_continuation(n, c))
			n->column++;
		break;
	}
	d[0] = c;
	return 1;
}

#define ONES	0x0101010101010101UL
#define HIGHS	0x8080808080808080UL

/*
 * Length of the run at s[0..len) that OPOST leaves alone (no byte below 0x20;
 * DEL counts as a column less than it shows, which is harmless), and its
 * width in columns.
 */
static size_t
plain_run(const struct ntty *n, const u8 *s, size_t len, u32 *width)
{
	u32 narrow = 0;		/* continuation bytes */
	size_t i = 0;

	for (; len - i >= 8; i += 8) {
		u64 w = get_le64(s + i);

		/* exact: a byte below 0x20 has the top three bits clear */
		if (((w | w << 1 | w << 2) & HIGHS) != HIGHS)
			break;
		if (I_(n, IUTF8) && w & HIGHS)
			narrow += popcount64(w & ~(w << 1) & HIGHS);
	}
	for (; i < len && s[i] >= 0x20; i++)
		narrow += is_continuation(n, s[i]);
	*width = i - narrow;
	return i;
}

size_t
ntty_output(struct ntty *n, const u8 *src, size_t len, u8 *dst, size_t room,
	    size_t *out)
{
	size_t used = 0, put = 0;

	if (n->plain_out) {
		*out = min(len, room);
		memcpy(dst, src, *out);
		return *out;
	}
	while (used < len && put < room) {
		u32 width;

		if (likely(!O_(n, OLCUC))) {
			size_t run = plain_run(n, src + used,
					       min(len - used, room - put),
					       &width);

			if (run) {
				memcpy(dst + put, src + used, run);
				n->column += width;
				used += run;
				put += run;
				continue;
			}
		}
		if (room - put < 8)
			break;
		put += output_byte(n, src[used++], dst + put);
	}
	*out = put;
	return used;
}

/* -- echo ---------------------------------------------------------------- */

void
ntty_flush_echo(struct ntty *n)
{
	size_t done;

	if (!n->echo_len)
		return;
	done = n->host->echo(n, n->echo, n->echo_len);
	n->echo_len -= done;
	if (n->echo_len)
		memmove(n->echo, n->echo + done, n->echo_len);
}

/* ^Q and the like: what was typed while output stood still shows now. */
static void
restart_output(struct ntty *n)
{
	n->host->stop_output(n, false);
	ntty_flush_echo(n);
}

static inline void
any_restarts(struct ntty *n)
{
	if (I_(n, IXANY) && I_(n, IXON) && n->host->output_stopped(n))
		restart_output(n);
}

/* c as it stands, but through OPOST */
static void
echo_raw(struct ntty *n, u8 c)
{
	if (n->echo_len + 8 > NTTY_ECHO_SIZE) {
		ntty_flush_echo(n);
		if (n->echo_len + 8 > NTTY_ECHO_SIZE)
			return;
	}
	if (n->plain_out || c == 0xff) {	/* 0xff: as Linux does */
		n->echo[n->echo_len++] = c;
		n->column += c == 0xff;
	} else {
		n->echo_len += output_byte(n, c, n->echo + n->echo_len);
	}
}

/* control characters as ^X when ECHOCTL is set */
static void
echo_char(struct ntty *n, u8 c)
{
	if (L_(n, ECHOCTL) && iscntrl(c) && c != '\t') {
		echo_raw(n, '^');
		echo_raw(n, c ^ 0100);
		if (n->plain_out)	/* else counted there */
			n->column += 2;
	} else {
		echo_raw(n, c);
	}
}

static void
finish_erasing(struct ntty *n)
{
	if (n->erasing) {
		echo_raw(n, '/');
		n->erasing = false;
	}
}

/* The cursor goes back over a tab: to where the text before it ends. */
static void
erase_tab(struct ntty *n)
{
	u32 pos, chars = 0, back;
	bool after_tab = false;

	for (pos = n->head; pos != n->canon;) {
		u8 c = at(n, --pos);

		if (c == '\t') {
			after_tab = true;
			break;
		}
		if (iscntrl(c)) {
			if (L_(n, ECHOCTL))
				chars += 2;
		} else if (!is_continuation(n, c)) {
			chars++;
		}
	}
	if (!after_tab)
		chars += n->canon_column;
	for (back = 8 - (chars & 7); back; back--)
		echo_raw(n, '\b');
}

/* -- line editing -------------------------------------------------------- */

static void
erase_shown(struct ntty *n, u8 c)
{
	if (c == '\t') {
		erase_tab(n);
		return;
	}
	for (int i = 0; i < 1 + (iscntrl(c) && L_(n, ECHOCTL)); i++) {
		if (iscntrl(c) && !L_(n, ECHOCTL))
			break;
		echo_raw(n, '\b');
		echo_raw(n, ' ');
		echo_raw(n, '\b');
	}
}

static void
erase(struct ntty *n, u8 c)
{
	enum { ONE, WORD, LINE } what;
	bool seen_word = false;

	if (n->head == n->canon)
		return;
	if (is_cc(n, c, VERASE))
		what = ONE;
	else if (is_cc(n, c, VWERASE))
		what = WORD;
	else
		what = LINE;
	if (what == LINE && L_(n, ECHO | ECHOK | ECHOKE | ECHOE) !=
	    (ECHO | ECHOK | ECHOKE | ECHOE)) {
		n->head = n->canon;
		if (!L_(n, ECHO))
			return;
		finish_erasing(n);
		echo_char(n, CC(n, VKILL));
		if (L_(n, ECHOK))
			echo_raw(n, '\n');
		return;
	}
	while (n->head != n->canon) {
		u32 pos = n->head, len;
		u8 e;

		do {
			e = at(n, --pos);
		} while (is_continuation(n, e) && pos != n->canon);
		if (is_continuation(n, e))
			break;
		if (what == WORD) {
			if (is_word_char(e))
				seen_word = true;
			else if (seen_word)
				break;
		}
		len = n->head - pos;
		n->head = pos;
		if (L_(n, ECHO)) {
			if (L_(n, ECHOPRT)) {
				if (!n->erasing) {
					echo_raw(n, '\\');
					n->erasing = true;
				}
				echo_char(n, e);
				while (--len) {
					echo_raw(n, at(n, ++pos));
					n->column -= !!n->column;
				}
			} else if (what == ONE && !L_(n, ECHOE)) {
				echo_char(n, CC(n, VERASE));
			} else {
				erase_shown(n, e);
			}
		}
		if (what == ONE)
			break;
	}
	if (n->head == n->canon && L_(n, ECHO))
		finish_erasing(n);
}

static void
reprint(struct ntty *n, u8 c)
{
	finish_erasing(n);
	echo_char(n, c);
	echo_raw(n, '\n');
	for (u32 pos = n->canon; pos != n->head; pos++)
		echo_char(n, at(n, pos));
}

/* -- input --------------------------------------------------------------- */

/* The caller saw room; but a byte may become three (PARMRK). */
static void
put_byte(struct ntty *n, u8 c)
{
	if (ntty_room(n) <= 1 && L_(n, ICANON) && n->canon == n->tail) {
		/* over-long line: keep the last place for its newline */
		if (!ntty_room(n))
			n->head--;
	} else if (!ntty_room(n)) {
		return;
	}
	n->buf[n->head++ & MASK] = c;
}

static void
put_input(struct ntty *n, u8 c)
{
	if (c == 0xff && I_(n, PARMRK))
		put_byte(n, c);
	put_byte(n, c);
}

/* A newline out of canonical mode shows as ^J, unless it was made of a CR. */
static void
echo_input(struct ntty *n, u8 c, bool newline)
{
	if (!L_(n, ECHO))
		return;
	finish_erasing(n);
	if (n->head == n->canon)
		n->canon_column = n->column;
	if (newline)
		echo_raw(n, c);
	else
		echo_char(n, c);
}

static void
end_line(struct ntty *n, u8 c)
{
	put_byte(n, c);
	bitmap_set_bit(n->eol, (n->head - 1) & MASK);
	n->canon = n->head;
}

static void
signal_char(struct ntty *n, int sig, u8 c)
{
	if (!L_(n, NOFLSH)) {
		ntty_flush_echo(n);	/* what was typed before stays seen */
		n->echo_len = 0;
		n->host->flush_output(n);
		ntty_flush_input(n);
	}
	n->host->signal(n, sig);
	if (I_(n, IXON))
		n->host->stop_output(n, false);
	if (c != NTTY_DISABLED && L_(n, ECHO))
		echo_char(n, c);
	else
		ntty_flush_echo(n);
}

/* Canonical-mode characters; true when c was one. */
static bool
canonical(struct ntty *n, u8 c)
{
	bool ext = L_(n, IEXTEN);

	if (is_cc(n, c, VERASE) || is_cc(n, c, VKILL) ||
	    (ext && is_cc(n, c, VWERASE))) {
		erase(n, c);
		return true;
	}
	if (ext && is_cc(n, c, VLNEXT)) {
		n->lnext = true;
		if (L_(n, ECHO)) {
			finish_erasing(n);
			if (L_(n, ECHOCTL)) {
				echo_raw(n, '^');
				echo_raw(n, '\b');
			}
		}
		return true;
	}
	if (ext && L_(n, ECHO) && is_cc(n, c, VREPRINT)) {
		reprint(n, c);
		return true;
	}
	if (c == '\n') {
		if (L_(n, ECHO | ECHONL))
			echo_raw(n, c);
		end_line(n, c);
		return true;
	}
	if (is_cc(n, c, VEOF)) {
		end_line(n, NTTY_DISABLED);
		return true;
	}
	if (is_cc(n, c, VEOL) || (ext && is_cc(n, c, VEOL2))) {
		if (L_(n, ECHO)) {
			if (n->head == n->canon)
				n->canon_column = n->column;
			echo_char(n, c);
		}
		if (c == 0xff && I_(n, PARMRK))
			put_byte(n, c);
		end_line(n, c);
		return true;
	}
	return false;
}

static void
receive_special(struct ntty *n, u8 c)
{
	bool made = false;	/* a newline that was typed as CR */

	if (I_(n, ISTRIP))
		c &= 0x7f;
	if (I_(n, IUCLC) && L_(n, IEXTEN))
		c = lower_latin1(c);
	if (L_(n, EXTPROC)) {
		put_byte(n, c);
		return;
	}
	if (I_(n, IXON)) {
		if (is_cc(n, c, VSTART)) {
			restart_output(n);
			return;
		}
		if (is_cc(n, c, VSTOP)) {
			n->host->stop_output(n, true);
			return;
		}
	}
	if (L_(n, ISIG)) {
		int sig = is_cc(n, c, VINTR) ? SIGINT :
			  is_cc(n, c, VQUIT) ? SIGQUIT :
			  is_cc(n, c, VSUSP) ? SIGTSTP : 0;

		if (sig) {
			signal_char(n, sig, c);
			return;
		}
	}
	any_restarts(n);
	if (c == '\r') {
		if (I_(n, IGNCR))
			return;
		if (I_(n, ICRNL)) {
			c = '\n';
			made = true;
		}
	} else if (c == '\n' && I_(n, INLCR)) {
		c = '\r';
	}
	if (L_(n, ICANON) && canonical(n, c))
		return;
	echo_input(n, c, made);
	put_input(n, c);
}

/* BREAK and bytes received with an error: termios(3), c_iflag */
static void
receive_flagged(struct ntty *n, u8 c, u8 flag)
{
	switch (flag) {
	case TTYF_BREAK:
		if (I_(n, IGNBRK))
			return;
		if (I_(n, BRKINT)) {
			signal_char(n, SIGINT, NTTY_DISABLED);
			return;
		}
		c = 0;
		break;
	case TTYF_PARITY:
	case TTYF_FRAME:
		if (!I_(n, INPCK))
			break;
		if (I_(n, IGNPAR))
			return;
		if (!I_(n, PARMRK))
			c = 0;
		break;
	default:		/* overrun: bytes were lost before this one */
		return;
	}
	if (I_(n, PARMRK) && (flag == TTYF_BREAK || I_(n, INPCK))) {
		put_byte(n, 0xff);
		put_byte(n, 0);
	}
	put_byte(n, c);
}

/* May one more byte be taken? Each can need three places. */
static bool
has_room(struct ntty *n)
{
	u32 need = I_(n, PARMRK) ? 3 : 1;

	if (ntty_room(n) >= need)
		return true;
	return L_(n, ICANON) && n->canon == n->tail;
}

size_t
ntty_receive(struct ntty *n, const u8 *s, const u8 *flags, size_t len)
{
	size_t i = 0;

	n->no_room = false;
	if (n->raw && !flags) {
		len = min_t(size_t, len, ntty_room(n));
		while (i < len) {
			u32 off = n->head & MASK;
			size_t run = min_t(size_t, len - i, NTTY_SIZE - off);

			memcpy(n->buf + off, s + i, run);
			n->head += run;
			i += run;
		}
		n->no_room = !ntty_room(n);
		return i;
	}
	for (; i < len; i++) {
		u8 c = s[i];

		if (!has_room(n)) {
			n->no_room = true;
			break;
		}
		if (unlikely(n->lnext)) {
			n->lnext = false;
			if (I_(n, ISTRIP))
				c &= 0x7f;
			if (I_(n, IUCLC) && L_(n, IEXTEN))
				c = lower_latin1(c);
			echo_input(n, c, false);
			put_input(n, c);
			continue;
		}
		if (flags && unlikely(flags[i] != TTYF_NORMAL)) {
			receive_flagged(n, c, flags[i]);
			continue;
		}
		if (n->special[c >> 5] >> (c & 31) & 1) {
			receive_special(n, c);
			continue;
		}
		any_restarts(n);
		if (L_(n, ECHO)) {
			if (n->head == n->canon)
				n->canon_column = n->column;
			finish_erasing(n);
			echo_raw(n, c);
		}
		put_byte(n, c);
	}
	ntty_flush_echo(n);
	return i;
}

/* -- reading ------------------------------------------------------------- */

bool
ntty_readable(const struct ntty *n, bool poll)
{
	u32 need = 1;

	if (L_(n, ICANON) && !L_(n, EXTPROC))
		return n->canon != n->tail;
	if (poll && !CC(n, VTIME) && CC(n, VMIN))
		need = CC(n, VMIN);
	return n->head - n->tail >= need;
}

u32
ntty_inq(const struct ntty *n)
{
	u32 count, pos;

	if (!L_(n, ICANON) || L_(n, EXTPROC))
		return n->head - n->tail;
	count = n->canon - n->tail;
	for (pos = n->tail; pos != n->canon; pos++)
		if (bitmap_test_bit(n->eol, pos & MASK) &&
		    at(n, pos) == NTTY_DISABLED)
			count--;
	return count;
}

static void
copy_out(struct ntty *n, u8 *dst, size_t len)
{
	u32 off = n->tail & MASK;
	size_t first = min_t(size_t, len, NTTY_SIZE - off);

	memcpy(dst, n->buf + off, first);
	memcpy(dst + first, n->buf, len - first);
}

size_t
ntty_take(struct ntty *n, u8 *dst, size_t max, bool *end)
{
	size_t len, run;
	bool found;

	*end = false;
	if (!L_(n, ICANON) || L_(n, EXTPROC)) {
		len = min_t(size_t, max, n->head - n->tail);
		copy_out(n, dst, len);
		n->tail += len;
		n->canon = n->tail;
		return len;
	}
	/* find the end of the line, in two stretches when the ring wraps */
	len = min_t(size_t, max, n->canon - n->tail);
	if (!len)
		return 0;
	u32 off = n->tail & MASK;
	size_t first = min_t(size_t, len, NTTY_SIZE - off);

	run = bitmap_find_next_bit(n->eol, off + first, off) - off;
	if (run == first && len > first)
		run += bitmap_find_next_bit(n->eol, len - first, 0);
	found = run < len;
	if (found && at(n, n->tail + run) != NTTY_DISABLED) {
		copy_out(n, dst, run + 1);
		len = run + 1;
	} else if (found && n->push) {
		/* the mark set by the switch to ICANON is no EOF */
		copy_out(n, dst, run + 1);
		len = run + 1;
	} else {
		copy_out(n, dst, run);
		len = run;
	}
	if (found) {
		bitmap_clear_bit(n->eol, (n->tail + run) & MASK);
		n->tail += run + 1;
		n->push = false;
		*end = true;
	} else {
		n->tail += run;
	}
	return len;
}

void
ntty_skip_eof(struct ntty *n)
{
	u32 off = n->tail & MASK;

	if (L_(n, ICANON) && !n->push && n->tail != n->canon &&
	    bitmap_test_bit(n->eol, off) && n->buf[off] == NTTY_DISABLED) {
		bitmap_clear_bit(n->eol, off);
		n->tail++;
	}
}
