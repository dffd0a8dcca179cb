/* SPDX-License-Identifier: MIT */
/*
 * The line discipline: scripts (bytes typed; what is read, shown, signalled),
 * and random typing under random settings against the host's own pty, which
 * is Linux's N_TTY and has the last word.
 */
#include <abi/signal.h>
#include <abi/termios.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <tty/ntty.h>
#include "check.h"
#include "host.h"

void test_ntty_canonical(void);
void test_ntty_erase(void);
void test_ntty_signals(void);
void test_ntty_flow(void);
void test_ntty_raw(void);
void test_ntty_mapping(void);
void test_ntty_eof(void);
void test_ntty_long_line(void);
void test_ntty_errors(void);
void test_ntty_mode_change(void);
void test_ntty_output(void);
void test_ntty_slow_driver(void);
void test_ntty_against_host(void);
int fuzz_ntty(const u8 *data, size_t len);

static struct ntty n;
static u8 shown[1 << 16], got[1 << 16];
static size_t nr_shown, nr_got;
static u32 sigs[8], nr_sigs, flushes;
static bool stopped;
static size_t driver_room = SIZE_MAX;

static void
on_signal(struct ntty *nt, int sig)
{
	if (nr_sigs < ARRAY_SIZE(sigs))
		sigs[nr_sigs] = sig;
	nr_sigs++;
}

static void
on_stop(struct ntty *nt, bool stop)
{
	stopped = stop;
}

static bool
is_stopped(struct ntty *nt)
{
	return stopped;
}

static void
on_flush(struct ntty *nt)
{
	flushes++;
}

static size_t
on_echo(struct ntty *nt, const u8 *s, size_t len)
{
	if (stopped)
		return 0;
	len = min(len, min(driver_room, sizeof(shown) - nr_shown));
	memcpy(shown + nr_shown, s, len);
	nr_shown += len;
	if (driver_room != SIZE_MAX)
		driver_room -= len;
	return len;
}

static const struct ntty_host host = { on_signal, on_stop, is_stopped,
	on_flush, on_echo };

static struct abi_termios2 t;

/* as stty sane leaves it */
static void
sane(void)
{
	t = (struct abi_termios2){
		.c_iflag = ICRNL | IXON | IUTF8,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = CS8 | CREAD | HUPCL | B38400,
		.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK |
			ECHOCTL | ECHOKE,
		.c_cc = { [VINTR] = 3, [VQUIT] = 28, [VERASE] = 127,
			[VKILL] = 21, [VEOF] = 4, [VTIME] = 0, [VMIN] = 1,
			[VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26,
			[VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23,
			[VLNEXT] = 22 },
	};
}

static void
start(void)
{
	nr_shown = nr_got = nr_sigs = flushes = 0;
	stopped = false;
	driver_room = SIZE_MAX;
	ntty_init(&n, &host, &t);
}

static size_t
type(const char *s)
{
	return ntty_receive(&n, (const u8 *)s, NULL, strlen(s));
}

/* everything readable, read by read, ends of reads as '|' */
static const char *
reads(size_t max)
{
	static char out[8192];
	size_t at = 0;

	while (ntty_readable(&n, false) && at + max + 2 < sizeof(out)) {
		bool end;

		at += ntty_take(&n, (u8 *)out + at, max, &end);
		out[at++] = end ? '|' : '.';
	}
	out[at] = 0;
	return out;
}

static bool
shows(const char *want)
{
	bool same = nr_shown == strlen(want) && !memcmp(shown, want, nr_shown);

	if (!same) {
		char line[300];

		host_print(line, scnprintf(line, sizeof(line),
			   "shown \"%.*s\", not \"%s\"\n", (int)nr_shown,
			   (char *)shown, want));
	}
	nr_shown = 0;
	return same;
}

void
test_ntty_canonical(void)
{
	sane();
	start();
	CHECK(type("hello") == 5 && !ntty_readable(&n, false));
	CHECK(shows("hello"));
	CHECK(type("\rtwo\nthr") == 8);
	CHECK(ntty_readable(&n, false) && ntty_inq(&n) == 10);
	CHECK(!strcmp(reads(100), "hello\n|two\n|"));
	CHECK(shows("\r\ntwo\r\nthr"));
	CHECK(ntty_inq(&n) == 0 && !ntty_readable(&n, true));
	type("ee\n");
	/* a short buffer gets the line in pieces */
	CHECK(!strcmp(reads(4), "thre.e\n|"));
}

void
test_ntty_erase(void)
{
	sane();
	start();
	type("abc\x7f\x7fx\n");
	CHECK(!strcmp(reads(100), "ax\n|"));
	CHECK(shows("abc\b \b\b \bx\r\n"));
	type("one two  \x17z\n");
	CHECK(!strcmp(reads(100), "one z\n|"));
	type("gone\x15kept\n");
	CHECK(!strcmp(reads(100), "kept\n|"));
	nr_shown = 0;
	/* UTF-8: one erase takes a whole character, one column */
	type("a\xe2\x82\xac\x7f\x62\n");
	CHECK(!strcmp(reads(100), "ab\n|"));
	CHECK(shows("a\xe2\x82\xac\b \bb\r\n"));
	/* over a tab and a control character */
	type("ab\tc\x7f\x7f\x01\x7f\n");
	CHECK(!strcmp(reads(100), "ab\n|"));
	CHECK(shows("ab\tc\b \b\b\b\b\b\b\b^A\b \b\b \b\r\n"));
	/* nothing left to erase */
	type("\x7f\x15\x17\n");
	CHECK(!strcmp(reads(100), "\n|") && shows("\r\n"));
	/* quoted, it is a character as any */
	type("a\x16\x7f\x16\x03\n");
	CHECK(!strcmp(reads(100), "a\x7f\x03\n|") && nr_sigs == 0);
	nr_shown = 0;
	type("abc\x12");
	CHECK(shows("abc^R\r\nabc"));
}

void
test_ntty_signals(void)
{
	sane();
	start();
	type("lost\x03kept\n");
	CHECK(nr_sigs == 1 && sigs[0] == SIGINT && flushes == 1);
	CHECK(!strcmp(reads(100), "kept\n|"));
	type("\x1c\x1a");
	CHECK(nr_sigs == 3 && sigs[1] == SIGQUIT && sigs[2] == SIGTSTP);
	t.c_lflag |= NOFLSH;
	start();
	type("line\nstay\x03 here\n");
	CHECK(nr_sigs == 1 && !flushes);
	CHECK(!strcmp(reads(100), "line\n|stay here\n|"));
	CHECK(shows("line\r\nstay^C here\r\n"));
	t.c_lflag &= ~(ISIG | NOFLSH);
	start();
	type("a\x03\x1a\n");
	CHECK(!nr_sigs && !strcmp(reads(100), "a\x03\x1a\n|"));
}

void
test_ntty_flow(void)
{
	sane();
	start();
	type("a");
	type("\x13");
	CHECK(stopped && shows("a"));
	type("b");
	CHECK(shows(""));
	type("\x11");
	CHECK(!stopped);
	CHECK(shows("b"));
	t.c_iflag |= IXANY;
	start();
	type("\x13");
	CHECK(stopped);
	type("x");
	CHECK(!stopped && shows("x"));
	/* switched off while stopped: goes on */
	type("\x13");
	t.c_iflag &= ~IXON;
	ntty_set_termios(&n, &t);
	CHECK(!stopped);
	type("\x13y\n");
	CHECK(!stopped && !strcmp(reads(100), "x\x13y\n|"));
}

void
test_ntty_raw(void)
{
	u8 all[256];
	bool end;

	sane();
	t.c_iflag = t.c_oflag = t.c_lflag = 0;
	start();
	for (u32 i = 0; i < 256; i++)
		all[i] = i;
	CHECK(ntty_receive(&n, all, NULL, 256) == 256);
	CHECK(nr_shown == 0 && ntty_inq(&n) == 256);
	CHECK(ntty_take(&n, got, 1000, &end) == 256 && !end);
	CHECK(!memcmp(got, all, 256));
	/* poll asks for MIN bytes, read does not */
	t.c_cc[VMIN] = 5;
	ntty_set_termios(&n, &t);
	type("abcd");
	CHECK(ntty_readable(&n, false) && !ntty_readable(&n, true));
	type("e");
	CHECK(ntty_readable(&n, true));
	/* full: the rest is for later */
	ntty_flush_input(&n);
	for (u32 i = 0; i < NTTY_SIZE / 256; i++)
		CHECK(ntty_receive(&n, all, NULL, 256) == 256);
	CHECK(ntty_room(&n) == 0 && ntty_receive(&n, all, NULL, 9) == 0 &&
	      n.no_room);
	CHECK(ntty_take(&n, got, 3, &end) == 3);
	CHECK(ntty_receive(&n, all + 40, NULL, 9) == 3);
	for (u32 i = 0; i < NTTY_SIZE; i++) {
		ntty_take(&n, got, 1, &end);
		CHECK(got[0] == (u8)(i < NTTY_SIZE - 3 ? i + 3 :
				     40 + i - (NTTY_SIZE - 3)));
	}
}

void
test_ntty_mapping(void)
{
	sane();
	t.c_iflag = INLCR | ISTRIP | IUCLC;
	t.c_lflag = IEXTEN;
	start();
	type("A\nB\r\xc1");
	CHECK(!strcmp(reads(100), "a\rb\ra."));
	t.c_iflag = IGNCR;
	start();
	type("a\r\nb");
	CHECK(!strcmp(reads(100), "a\nb."));
	t.c_iflag = PARMRK;
	start();
	type("a\xff\x62");
	CHECK(!strcmp(reads(100), "a\xff\xff\x62."));
}

void
test_ntty_eof(void)
{
	bool end;

	sane();
	start();
	type("part\x04");
	CHECK(!strcmp(reads(100), "part|"));
	type("\x04");
	CHECK(ntty_readable(&n, false));
	CHECK(ntty_take(&n, got, 100, &end) == 0 && end);
	CHECK(!ntty_readable(&n, false));
	/* a read that is just filled by what stands before ^D takes it along */
	type("abcd\x04");
	CHECK(ntty_take(&n, got, 4, &end) == 4 && !end);
	ntty_skip_eof(&n);
	CHECK(!ntty_readable(&n, false));
	/* marks are not counted as bytes */
	type("ab\x04\x04\x63\n");
	CHECK(ntty_inq(&n) == 4);
	CHECK(!strcmp(reads(100), "ab||c\n|"));
	/* NUL as data is no EOF */
	ntty_receive(&n, (const u8 *)"\0\n", NULL, 2);
	CHECK(ntty_take(&n, got, 100, &end) == 2 && got[0] == 0);
}

void
test_ntty_long_line(void)
{
	bool end;
	size_t len;

	sane();
	start();
	for (u32 i = 0; i < 3 * NTTY_SIZE; i++)
		CHECK(ntty_receive(&n, (const u8 *)"x", NULL, 1) == 1);
	CHECK(!ntty_readable(&n, false));
	type("\n");
	len = ntty_take(&n, got, sizeof(got), &end);
	CHECK(end && len <= NTTY_SIZE && len > NTTY_SIZE - 3 &&
	      got[len - 1] == '\n');
	/* complete lines wait: the typist is held back, nothing is lost */
	for (len = 0; type("1234567\n") == 8; len++)
		;
	CHECK(n.no_room && len >= NTTY_SIZE / 8 - 1);
	CHECK(strlen(reads(4000)) >= len * 8);
}

void
test_ntty_errors(void)
{
	u8 f[3] = { TTYF_NORMAL, TTYF_PARITY, TTYF_BREAK };

	sane();
	t.c_lflag = 0;
	t.c_iflag = INPCK | PARMRK;
	start();
	ntty_receive(&n, (const u8 *)"ab\0", f, 3);
	CHECK(ntty_inq(&n) == 7);
	CHECK(!memcmp(n.buf, "a\xff\0b\xff\0\0", 7));
	t.c_iflag = INPCK | IGNPAR | IGNBRK;
	start();
	ntty_receive(&n, (const u8 *)"ab\0", f, 3);
	CHECK(ntty_inq(&n) == 1);
	t.c_iflag = BRKINT;
	start();
	ntty_receive(&n, (const u8 *)"ab\0", f, 3);
	CHECK(nr_sigs == 1 && sigs[0] == SIGINT);
	t.c_iflag = INPCK;
	start();
	ntty_receive(&n, (const u8 *)"ab\0", f, 3);
	CHECK(ntty_inq(&n) == 3 && !memcmp(n.buf, "a\0\0", 3));
}

void
test_ntty_mode_change(void)
{
	bool end;

	sane();
	start();
	type("half");
	t.c_lflag &= ~ICANON;
	ntty_set_termios(&n, &t);
	CHECK(ntty_readable(&n, false) && !strcmp(reads(100), "half."));
	type("more");
	t.c_lflag |= ICANON;
	ntty_set_termios(&n, &t);
	/* what was there becomes readable, and it is no end of file */
	CHECK(ntty_readable(&n, false));
	CHECK(ntty_take(&n, got, 100, &end) == 4);
	CHECK(!ntty_readable(&n, false));
	type("x\n");
	CHECK(!strcmp(reads(100), "x\n|"));
}

static const char *
output(const char *s)
{
	static char out[256];
	size_t put, used, at = 0, len = strlen(s);

	/* in small pieces, as a driver with little room */
	while (len) {
		used = ntty_output(&n, (const u8 *)s, len, (u8 *)out + at,
				   8 + unit_below(5), &put);
		CHECK(used || put);
		s += used;
		len -= used;
		at += put;
	}
	out[at] = 0;
	return out;
}

void
test_ntty_output(void)
{
	sane();
	start();
	CHECK(!strcmp(output("one\ntwo\r\n"), "one\r\ntwo\r\r\n"));
	t.c_oflag |= XTABS;
	start();
	CHECK(!strcmp(output("a\tb\n\tc"), "a       b\r\n        c"));
	t.c_oflag = OPOST | OLCUC | OCRNL;
	start();
	CHECK(!strcmp(output("ab\rc"), "AB\nC"));
	t.c_oflag = OPOST | ONOCR;
	start();
	CHECK(!strcmp(output("\rx\r\r"), "x\r"));
	t.c_oflag = 0;
	start();
	CHECK(!strcmp(output("a\nb\t"), "a\nb\t"));
}

void
test_ntty_slow_driver(void)
{
	sane();
	start();
	driver_room = 3;
	type("hello");
	CHECK(shows("hel"));
	driver_room = 100;
	ntty_flush_echo(&n);
	CHECK(shows("lo"));
	/* a driver that takes nothing: echo is dropped, input is not */
	driver_room = 0;
	for (u32 i = 0; i < 100; i++)
		type("0123456789abcdefghij\n");
	CHECK(n.echo_len <= NTTY_ECHO_SIZE && ntty_inq(&n) == 2105);
}

/* ---- against Linux ---- */

static u8 hgot[1 << 16], hshown[1 << 16];

static void
random_settings(void)
{
	static const u8 cc[] = { VINTR, VQUIT, VERASE, VKILL, VEOF, VSTART,
		VSTOP, VSUSP, VEOL, VREPRINT, VWERASE, VLNEXT, VEOL2 };
	u64 r = unit_random();

	sane();
	if (r & 1) {
		t.c_iflag = unit_random() & (PARMRK | ISTRIP | INLCR | IGNCR |
			ICRNL | IUCLC | IXON | IXANY | IUTF8);
		t.c_oflag = unit_random() & (OPOST | OLCUC | ONLCR | OCRNL |
			ONOCR | ONLRET | XTABS);
		if ((t.c_oflag & TABDLY) != XTABS)
			t.c_oflag &= ~TABDLY;
		t.c_lflag = unit_random() & (ISIG | ICANON | ECHO | ECHOE |
			ECHOK | ECHONL | ECHOCTL | ECHOPRT | ECHOKE | IEXTEN);
	}
	if (r & 2)
		t.c_iflag ^= 1UL << unit_below(15) & (PARMRK | ISTRIP | INLCR |
			IGNCR | ICRNL | IUCLC | IXON | IUTF8);
	if (r & 4)
		t.c_lflag ^= 1UL << unit_below(16) & (ICANON | ECHO | ECHOE |
			ECHOK | ECHONL | ECHOCTL | ECHOPRT | ECHOKE | IEXTEN);
	if (r & 8)
		t.c_cc[cc[unit_below(sizeof(cc))]] = unit_below(3) ?
			"abc\t\001\r\377\200"[unit_below(8)] : 0;
	/* flushing races with the pty's other end; stops hide what follows */
	t.c_lflag |= NOFLSH;
}

static size_t
random_typing(u8 *s, size_t max)
{
	static const char often[] = "abc AB_.\t\n\r\x7f\x15\x17\x04\x16\x12"
		"\x01\x1b\x03\x1c\x1a\xe2\x82\xac\xc3\xa9\xff\x80\x08";
	size_t len = 1 + unit_below(max - 1);

	for (size_t i = 0; i < len; i++)
		switch (unit_below(12)) {
		case 0: s[i] = unit_random(); break;
		case 1: s[i] = "\x13\x11"[unit_below(2)]; break;
		default: s[i] = often[unit_below(sizeof(often) - 1)];
		}
	return len;
}

static void
hex(const char *what, const u8 *p, size_t len)
{
	char b[400];
	int at = scnprintf(b, sizeof(b), "%s", what);

	for (size_t i = 0; i < len && i < 100; i++)
		at += scnprintf(b + at, sizeof(b) - at, " %02x", p[i]);
	at += scnprintf(b + at, sizeof(b) - at, "\n");
	host_print(b, at);
}

/* the same typing to both; true when they agree */
static bool
agrees_once(const u8 *s, size_t len)
{
	unsigned long hg = sizeof(hgot), hs = sizeof(hshown);
	bool end;

	start();
	/* Linux counts columns and echoes by the time of opening: both new */
	if (host_pty(&t, s, len, hgot, &hg, hshown, &hs))
		return true;
	ntty_receive(&n, s, NULL, len);
	while (ntty_readable(&n, false)) {
		size_t k = ntty_take(&n, got + nr_got + 2, 4096, &end);

		got[nr_got] = k;
		got[nr_got + 1] = k >> 8;
		nr_got += 2 + k;
	}
	return nr_got == hg && !memcmp(got, hgot, hg) &&
		nr_shown == hs && !memcmp(shown, hshown, hs);
}

/* Now and then a stopped pty keeps echo back that it shows another time. */
static bool
agrees(const u8 *s, size_t len)
{
	for (u32 i = 0; i < 6; i++)
		if (agrees_once(s, len))
			return true;
	return false;
}

void
test_ntty_against_host(void)
{
	unsigned long hg = sizeof(hgot), hs = sizeof(hshown);
	u8 s[64];
	u32 bad = 0;

	sane();
	/* is there a pty, and does it know what every Linux pty knows? */
	if (host_pty(&t, "a\x7f\xc3\xa9\x7f\x01\n", 7, hgot, &hg, hshown, &hs) ||
	    hg != 4 || memcmp(hgot, "\2\0\x01\n", 4) ||
	    hs != 13 || memcmp(hshown, "a\b \b\xc3\xa9\b \b^A\r\n", 13)) {
		unit_skip("no Linux pty on this machine");
		return;
	}
	for (u32 round = 0; round < 15000 && bad < 5; round++) {
		size_t len = random_typing(s, 4 + round / 400);

		random_settings();
		if (agrees(s, len))
			continue;
		/* the shortest beginning that shows it */
		while (len > 1 && !agrees(s, len - 1))
			len--;
		agrees(s, len);
		{
			unsigned long k = sizeof(hgot), l = sizeof(hshown);
			char b[100];

			host_print(b, scnprintf(b, sizeof(b),
				"iflag %o oflag %o lflag %o\n", t.c_iflag,
				t.c_oflag, t.c_lflag));
			hex("cc      ", t.c_cc, 17);
			hex("typed   ", s, len);
			host_pty(&t, s, len, hgot, &k, hshown, &l);
			hex("Linux   ", hgot, k);
			hex("here    ", got, nr_got);
			hex("Linux ->", hshown, l);
			hex("here  ->", shown, nr_shown);
		}
		CHECK(!"agrees with Linux");
		bad++;
	}
}

/* Settings from the first bytes, then typing, reads and changes of settings. */
int
fuzz_ntty(const u8 *data, size_t len)
{
	bool end;

	sane();
	if (len < 16)
		return -1;
	memcpy(&t.c_iflag, data, 2);
	memcpy(&t.c_oflag, data + 2, 2);
	memcpy(&t.c_lflag, data + 4, 2);
	memcpy(&t.c_cc[data[6] % 17], data + 7, 1);
	start();
	for (size_t i = 8; i + 2 < len;) {
		size_t k = min((size_t)data[i + 1], len - i - 2);

		switch (data[i] & 7) {
		case 0:
			ntty_take(&n, got, data[i + 1] * 20, &end);
			k = 0;
			break;
		case 1:
			t.c_lflag ^= data[i + 1] | ICANON;
			ntty_set_termios(&n, &t);
			k = 0;
			break;
		case 2:
			ntty_receive(&n, data + i + 2, data + i + 2, k);
			break;
		case 3:
			driver_room = data[i + 1];
			ntty_flush_echo(&n);
			k = 0;
			break;
		default:
			ntty_receive(&n, data + i + 2, NULL, k);
		}
		nr_shown = 0;
		i += 2 + k;
		CHECK(n.head - n.tail <= NTTY_SIZE);
		CHECK(n.canon - n.tail <= n.head - n.tail);
		CHECK(n.echo_len <= NTTY_ECHO_SIZE);
	}
	return 0;
}
