/* SPDX-License-Identifier: MIT */
/* The line discipline on a pty: each case sets termios, writes bytes as a
 * person would type them, prints what the program reads and what comes back
 * to the terminal. */
#include "gt.h"
#include <poll.h>
#include <termios.h>
#include <sys/ioctl.h>

/* the kernel's own termios: libc's has another size */
struct kt {
	uint32_t i, o, c, l;
	uint8_t line, cc[19];
};
#define K_TCGETS 0x5401
#define K_TCSETS 0x5402
#define K_TCSETSW 0x5403
#define K_TCSETSF 0x5404

static int m, s;
static struct kt base;

static const char *
esc(const char *b, ssize_t n)
{
	static char o[4][2048];
	static int w;
	char *d = o[w = (w + 1) & 3];

	if (n < 0)
		return gt_errno(errno);
	*d++ = '"';
	for (ssize_t i = 0; i < n && d < o[w] + 2000; i++) {
		unsigned char c = b[i];

		if (c == '\n')
			d += sprintf(d, "\\n");
		else if (c == '\r')
			d += sprintf(d, "\\r");
		else if (c == '\\' || c == '"')
			d += sprintf(d, "\\%c", c);
		else if (c < 32 || c >= 127)
			d += sprintf(d, "\\x%02x", c);
		else
			*d++ = c;
	}
	*d++ = '"';
	*d = 0;
	return o[w];
}

/* everything that is there on fd, after a pause for the kernel's workers */
static ssize_t
take(int fd, char *b, size_t n)
{
	struct pollfd p = { fd, POLLIN, 0 };
	ssize_t got = 0, r;

	for (;;) {
		int ready = poll(&p, 1, got ? 30 : 100);

		if (ready < 0 && errno == EINTR)
			continue;	/* what was typed made a signal */
		if (ready <= 0 || !(p.revents & POLLIN))
			break;
		r = read(fd, b + got, n - got);
		if (r <= 0)
			break;
		got += r;
		if ((size_t)got == n)
			break;
	}
	return got;
}

static void
set(struct kt *k)
{
	NEED(ioctl(s, K_TCSETS, k));
}

/* type `in`; one read on the slave for each r, then the master's view */
static void
type(const char *name, const char *in, int reads)
{
	char b[4096], line[3000];
	size_t n = strlen(in);

	NEED(write(m, in, n));
	ssize_t e = take(m, b, sizeof(b));

	snprintf(line, sizeof(line), "%s: typed %s echo %s", name,
		 esc(in, n), esc(b, e));
	for (int i = 0; i < reads; i++) {
		struct pollfd p = { s, POLLIN, 0 };

		if (poll(&p, 1, 20) <= 0) {
			strcat(line, " nothing");
			break;
		}
		ssize_t r = read(s, b, 256);

		strcat(line, " read ");
		strcat(line, esc(b, r));
	}
	out("%s", line);
	tcflush(s, TCIOFLUSH);
	take(m, b, sizeof(b));
}

static void
t_open(void)
{
	int n = -1, lock = 1;
	char name[64];
	struct stat st;
	struct winsize w;

	m = (int)NEED(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	VAL(ioctl(m, TIOCGPTN, &n) == 0 && n >= 0);
	VAL(ioctl(m, TIOCGPTLCK, &lock));
	out("locked: %d", lock);
	snprintf(name, sizeof(name), "/dev/pts/%d", n);
	VAL(open(name, O_RDWR | O_NOCTTY));
	VAL(ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY));
	lock = 0;
	VAL(ioctl(m, TIOCSPTLCK, &lock));
	s = open(name, O_RDWR | O_NOCTTY);
	yes("slave opens", s >= 0);
	stat(name, &st);
	out("mode %o uid %d gid %d char %d", st.st_mode & 07777, st.st_uid,
	    st.st_gid, S_ISCHR(st.st_mode));
	int peer = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	yes("peer opens", peer >= 0);
	close(peer);
	VAL(ioctl(m, TIOCGWINSZ, &w));
	out("size %d %d %d %d", w.ws_row, w.ws_col, w.ws_xpixel,
	    w.ws_ypixel);
	VAL(ioctl(s, K_TCGETS, &base));
	out("iflag %#o oflag %#o cflag %#o lflag %#o line %d", base.i,
	    base.o, base.c, base.l, base.line);
	char c[128] = "";
	for (int i = 0; i < 19; i++)
		sprintf(c + strlen(c), " %d", base.cc[i]);
	out("cc%s", c);
	struct kt mk;
	VAL(ioctl(m, K_TCGETS, &mk));
	yes("master shows the slave's", !memcmp(&mk, &base, 36));
	VAL(isatty(m));
	VAL(isatty(s));
}

static void
t_canon(void)
{
	struct kt k = base;

	set(&k);
	type("line", "hello\n", 2);
	type("carriage return becomes newline", "cr\r", 1);
	type("two lines, two reads", "one\ntwo\n", 3);
	type("erase", "abc\177\177d\n", 1);
	type("erase on empty", "\177\177x\n", 1);
	type("erase a control character", "a\001b\177\177c\n", 1);
	type("erase a tab", "ab\tc\177\177d\n", 1);
	type("kill", "abc def\025gh\n", 1);
	type("word erase", "one two  \027three\n", 1);
	type("word erase twice", "a.b c\027\027d\n", 1);
	type("reprint", "abc\022d\n", 1);
	type("eof alone", "\004", 1);
	type("eof after text", "abc\004def\n", 2);
	type("eof after newline", "x\n\004y\n", 3);
	type("lnext", "a\026\003b\026\026\n", 1);
	type("lnext before erase", "a\026\177b\n", 1);
	type("utf-8 without IUTF8", "\303\244\177\n", 1);
	type("control characters", "\001\033[A\002\n", 1);
	type("bell", "a\007b\n", 1);
	k.i |= 040000;			/* IUTF8 */
	set(&k);
	type("utf-8 with IUTF8", "x\303\244\177y\n", 1);
	k = base;
	k.cc[11] = '#';			/* VEOL */
	k.cc[16] = '%';			/* VEOL2 */
	set(&k);
	type("eol characters", "ab#cd%ef\n", 3);
	k = base;
	k.l &= ~0000010u;		/* ECHO */
	set(&k);
	type("no echo", "abc\177d\n", 1);
	k.l |= 0000100;			/* ECHONL */
	set(&k);
	type("echo newline only", "abc\n", 1);
	k = base;
	k.l &= ~(0000020u | 0000040u);	/* ECHOE ECHOK */
	set(&k);
	type("no ECHOE", "abc\177\177d\n", 1);
	type("no ECHOK", "abc\025d\n", 1);
	k = base;
	k.l &= ~0004000u;		/* ECHOKE */
	set(&k);
	type("ECHOK without ECHOKE", "abc\025d\n", 1);
	k = base;
	k.l &= ~0001000u;		/* ECHOCTL */
	set(&k);
	type("no ECHOCTL", "a\001b\n", 1);
	k = base;
	k.l |= 0002000;			/* ECHOPRT */
	set(&k);
	type("ECHOPRT", "abc\177\177d\n", 1);
	k = base;
	k.l &= ~0100000u;		/* IEXTEN */
	set(&k);
	type("no IEXTEN", "one two\027x\026y\n", 1);
	k = base;
	k.l |= 0000004;			/* XCASE */
	k.i |= 0001000;			/* IUCLC */
	set(&k);
	type("IUCLC", "ABC\n", 1);
	/* a short read leaves the rest of the line */
	char b[8];
	set(&base);
	write(m, "abcdef\n", 7);
	msleep(10);
	val("short read", read(s, b, 3));
	val("rest", read(s, b, 8));
	fcntl(s, F_SETFL, O_NONBLOCK);
	val("nothing, nonblocking", read(s, b, 8));
	write(m, "part", 4);
	msleep(10);
	val("incomplete line, nonblocking", read(s, b, 8));
	int n = -1;
	ioctl(s, FIONREAD, &n);
	val("FIONREAD of an incomplete line", n);
	write(m, "ial\n", 4);
	msleep(10);
	ioctl(s, FIONREAD, &n);
	val("FIONREAD of a line", n);
	fcntl(s, F_SETFL, 0);
	tcflush(s, TCIOFLUSH);
	char bb[256];
	take(m, bb, sizeof(bb));
}

static void
t_input(void)
{
	struct kt k = base;

	k.i |= 0000200;				/* IGNCR */
	set(&k);
	type("IGNCR", "a\rb\n", 1);
	k.i = 0000100;				/* INLCR only */
	k.l &= ~0000002u;			/* raw-ish: no ICANON */
	k.cc[6] = 1;
	k.cc[5] = 0;
	set(&k);
	type("INLCR", "a\nb\r", 1);
	k.i = 0000040;				/* ISTRIP */
	set(&k);
	type("ISTRIP", "\341b", 1);
	k.i = 0000010;				/* PARMRK */
	set(&k);
	type("PARMRK doubles 255", "a\377b", 1);
	k.i = 0;
	k.o = 0;
	set(&k);
	type("raw", "\003\021\023\034\r\n\177\004", 1);
}

static void
t_output(void)
{
	struct kt k = base;
	char b[256];
#define W(name, text) do {						\
	NEED(write(s, text, sizeof(text) - 1));				\
	ssize_t n_ = take(m, b, sizeof(b));				\
	out("%s: wrote %s out %s", name, esc(text, sizeof(text) - 1),	\
	    esc(b, n_));						\
} while (0)

	set(&k);
	W("ONLCR", "a\nb\r\nc\n");
	k.o = 0;
	set(&k);
	W("no OPOST", "a\nb\tc\n");
	k.o = 1 | 010;				/* OPOST OCRNL */
	set(&k);
	W("OCRNL", "a\rb\n");
	k.o = 1 | 040;				/* ONLRET */
	set(&k);
	W("ONLRET", "a\nb\r");
	k.o = 1 | 020;				/* ONOCR */
	set(&k);
	W("ONOCR", "\rab\r\rc\n");
	k.o = 1 | 4 | 014000;			/* ONLCR TAB3 */
	set(&k);
	W("XTABS", "a\tbc\t12345678\tx\n\ty\n");
	k.o = 1 | 2;				/* OLCUC */
	set(&k);
	W("OLCUC", "aBc\n");
	set(&base);
	W("nothing special", "plain");
	W("newline", "\n");
}

static void
t_vmin(void)
{
	struct kt k = base;
	char b[64];
	int64_t t;

	k.l = 0;
	k.i = 0;
	k.o = 0;
#define MT(min, time) do { k.cc[6] = min; k.cc[5] = time; set(&k); } while (0)
	MT(0, 0);
	val("MIN 0 TIME 0, empty", read(s, b, 64));
	write(m, "abc", 3);
	msleep(10);
	val("MIN 0 TIME 0, three", read(s, b, 64));
	MT(0, 2);
	t = now_ms();
	val("MIN 0 TIME 2, empty", read(s, b, 64));
	yes("took about 200 ms", now_ms() - t >= 190);
	write(m, "x", 1);
	val("MIN 0 TIME 2, one", read(s, b, 64));
	MT(3, 0);
	if (fork() == 0) {
		write(m, "a", 1);
		msleep(20);
		write(m, "bcd", 3);
		_exit(0);
	}
	val("MIN 3 TIME 0 waits for three", read(s, b, 64));
	wait(NULL);
	MT(5, 1);
	write(m, "ab", 2);
	t = now_ms();
	val("MIN 5 TIME 1 ends after the gap", read(s, b, 64));
	yes("took about 100 ms", now_ms() - t >= 90);
	MT(10, 0);
	write(m, "abcd", 4);
	msleep(10);
	val("buffer smaller than MIN", read(s, b, 4));
	struct pollfd p = { s, POLLIN, 0 };
	write(m, "x", 1);
	msleep(10);
	val("poll below MIN 10", poll(&p, 1, 0));
	MT(1, 0);
	val("poll at MIN 1", poll(&p, 1, 0));
	fcntl(s, F_SETFL, O_NONBLOCK);
	read(s, b, 64);
	val("nonblocking, empty", read(s, b, 64));
	MT(0, 0);
	val("nonblocking, MIN 0", read(s, b, 64));
	fcntl(s, F_SETFL, 0);
	/* switching from canonical keeps the input */
	set(&base);
	write(m, "held", 4);
	msleep(10);
	MT(1, 0);
	val("switched to raw", read(s, b, 64));
	write(m, "raw", 3);
	msleep(10);
	set(&base);
	write(m, "+\n", 2);
	msleep(10);
	ssize_t n = read(s, b, 64);
	out("switched to canonical: %s", esc(b, n));
	take(m, b, 64);
}

static void
t_flow(void)
{
	struct kt k = base;
	char b[64];
	ssize_t n;

	set(&k);
	write(m, "\023", 1);			/* ^S */
	msleep(10);
	pid_t c = fork();
	if (c == 0) {
		write(s, "held", 4);
		_exit(0);
	}
	n = take(m, b, 64);
	out("after ^S: %s", esc(b, n));
	write(m, "\021", 1);
	n = take(m, b, 64);
	out("after ^Q: %s", esc(b, n));
	waitpid(c, NULL, 0);
	VAL(tcflow(s, TCOOFF));
	c = fork();
	if (c == 0) {
		write(s, "again", 5);
		_exit(0);
	}
	n = take(m, b, 64);
	out("after TCOOFF: %s", esc(b, n));
	VAL(tcflow(s, TCOON));
	n = take(m, b, 64);
	out("after TCOON: %s", esc(b, n));
	waitpid(c, NULL, 0);
	VAL(ioctl(s, TCXONC, 9));
	k.i &= ~002000u;			/* IXON off */
	set(&k);
	tcflush(s, TCIOFLUSH);
	type("IXON off", "a\023b\n", 1);
	set(&base);
	/* flushing */
	write(m, "lost\n", 5);
	msleep(50);
	VAL(tcflush(s, TCIFLUSH));
	fcntl(s, F_SETFL, O_NONBLOCK);
	val("after TCIFLUSH", read(s, b, 64));
	fcntl(s, F_SETFL, 0);
	VAL(ioctl(s, TCFLSH, 7));
	take(m, b, 64);
	write(m, "lost too\n", 9);
	msleep(50);
	VAL(ioctl(s, K_TCSETSF, &base));
	fcntl(s, F_SETFL, O_NONBLOCK);
	val("after TCSETSF", read(s, b, 64));
	fcntl(s, F_SETFL, 0);
	take(m, b, 64);
	VAL(ioctl(s, TCSBRK, 1));
	VAL(ioctl(s, K_TCSETSW, &base));
	int q = -1;
	VAL(ioctl(s, TIOCOUTQ, &q));
	out("out queue %d", q);
	n = 0;
	VAL(ioctl(m, FIONREAD, &n));
	VAL(ioctl(s, TIOCSTI, "Z") == 0 || errno == EIO || errno == EPERM);
	tcflush(s, TCIOFLUSH);
	take(m, b, 64);
}

static volatile int winch;
static void
h(int sig, siginfo_t *i, void *u)
{
	(void)i, (void)u;
	if (sig == SIGWINCH)
		winch++;
	else
		out("handler %s", gt_sig(sig));
}

static void
session(void)
{
	struct winsize w = { 24, 80, 0, 0 };
	pid_t p;
	int x;

	close(0);
	setsid();
	val("no controlling tty", open("/dev/tty", O_RDWR));
	val("tcgetpgrp before", tcgetpgrp(s) == -1 ? -1 : 0);
	VAL(ioctl(s, TIOCSCTTY, 0));
	val("twice", ioctl(s, TIOCSCTTY, 0));
	x = open("/dev/tty", O_RDWR);
	yes("/dev/tty opens", x >= 0);
	yes("foreground is me", tcgetpgrp(s) == getpgrp());
	p = 0;
	VAL(ioctl(s, TIOCGSID, &p));
	yes("session is me", p == getpid());
	VAL(ioctl(m, TIOCGPGRP, &p));
	yes("seen from the master", p == getpgrp());
	on_signal(SIGINT, h, SA_RESTART, 0);
	on_signal(SIGQUIT, h, SA_RESTART, 0);
	on_signal(SIGTSTP, h, SA_RESTART, 0);
	on_signal(SIGWINCH, h, SA_RESTART, 0);
	on_signal(SIGHUP, h, SA_RESTART, 0);
	on_signal(SIGCONT, h, SA_RESTART, 0);
	type("^C", "abc\003def\n", 2);
	type("^\\", "abc\034def\n", 2);
	type("^Z", "abc\032def\n", 2);
	struct kt k = base;
	k.l |= 0000200;				/* NOFLSH */
	set(&k);
	type("^C with NOFLSH", "abc\003def\n", 2);
	k = base;
	k.l &= ~1u;				/* no ISIG */
	set(&k);
	type("no ISIG", "a\003\n", 1);
	k = base;
	k.cc[0] = 0;				/* VINTR off */
	set(&k);
	type("VINTR off", "a\003\n", 1);
	k = base;
	k.i |= 2;				/* BRKINT */
	set(&base);
	VAL(ioctl(m, TIOCSWINSZ, &w));
	msleep(20);
	out("SIGWINCH %d", winch);
	VAL(ioctl(m, TIOCSWINSZ, &w));
	msleep(20);
	out("same size, SIGWINCH %d", winch);
	w.ws_row = 25;
	VAL(ioctl(s, TIOCSWINSZ, &w));
	msleep(20);
	out("from the slave, SIGWINCH %d", winch);
	w.ws_row = 0;
	ioctl(x, TIOCGWINSZ, &w);
	out("rows %d cols %d", w.ws_row, w.ws_col);
	VAL(ioctl(m, TIOCSIG, SIGINT));
	msleep(20);
	VAL(ioctl(m, TIOCSIG, 99));
	VAL(ioctl(s, TIOCNOTTY));
	msleep(20);
	val("after TIOCNOTTY", open("/dev/tty", O_RDWR));
}

/* as leader and as foreground group: two signals, one if they meet */
static void
hup(int sig, siginfo_t *i, void *u)
{
	static int before;

	if (!before++)
		h(sig, i, u);
}

static void
leader(int ready)
{
	setsid();
	NEED(ioctl(s, TIOCSCTTY, 0));
	on_signal(SIGHUP, hup, 0, 0);
	on_signal(SIGCONT, h, 0, 0);
	char b[8];
	int ss = s;

	close(m);
	write(ready, "", 1);
	close(ready);
	val("read while hung up", read(ss, b, 8));
	val("read again", read(ss, b, 8));
	val("write", write(ss, "x", 1));
	val("tcgetattr", ioctl(ss, K_TCGETS, b + 0) == -1 ? -1 : 0);
	struct pollfd p = { ss, POLLIN | POLLOUT, 0 };
	poll(&p, 1, 0);
	out("poll %#x", p.revents);
	val("/dev/tty", open("/dev/tty", O_RDWR));
}

static void
t_hangup(void)
{
	char b[64], name[64];
	int n, z = 0;
	pid_t c;
	struct kt k;

	close(s);
	/* all slaves closed: the master reads EIO; a new slave revives it */
	val("master without slave", read(m, b, 8));
	struct pollfd p = { m, POLLIN | POLLOUT, 0 };
	poll(&p, 1, 0);
	out("poll %#x", p.revents);
	ioctl(m, TIOCGPTN, &n);
	snprintf(name, sizeof(name), "/dev/pts/%d", n);
	s = open(name, O_RDWR | O_NOCTTY);
	write(s, "back\n", 5);
	n = (int)take(m, b, 64);
	out("revived: %s", esc(b, n));
	/* last words are read before the EIO */
	write(s, "last", 4);
	close(s);
	n = (int)read(m, b, 64);
	out("last words: %s", esc(b, n));
	val("then", read(m, b, 8));
	s = open(name, O_RDWR | O_NOCTTY);
	/* the session dies with the master */
	int q[2];

	NEED(pipe(q));
	c = fork();
	if (c == 0) {
		leader(q[1]);
		_exit(0);
	}
	read(q[0], b, 1);
	close(q[0]);
	close(q[1]);
	msleep(100);			/* it reads */
	close(m);
	waitpid(c, &n, 0);
	out("leader: %s", gt_status(n));
	val("slave read after master closed", read(s, b, 8));
	val("slave write", write(s, "x", 1));
	val("slave TCGETS", ioctl(s, K_TCGETS, &k));
	val("name gone", open(name, O_RDWR | O_NOCTTY));
	close(s);
	/* packet mode */
	m = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(m, TIOCSPTLCK, &z);
	s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	z = 1;
	VAL(ioctl(m, TIOCPKT, &z));
	write(s, "data", 4);
	msleep(10);
	n = (int)read(m, b, 64);
	out("packet: %s", esc(b, n));
	tcflow(s, TCOOFF);
	n = (int)read(m, b, 64);
	out("packet stop: %s", esc(b, n));
	tcflow(s, TCOON);
	n = (int)read(m, b, 64);
	out("packet start: %s", esc(b, n));
	tcflush(s, TCIFLUSH);
	n = (int)read(m, b, 64);
	out("packet flush: %s", esc(b, n));
	ioctl(s, K_TCGETS, &k);
	k.i &= ~002000u;
	ioctl(s, K_TCSETS, &k);
	n = (int)read(m, b, 64);
	out("packet nostop: %s", esc(b, n));
	z = 0;
	VAL(ioctl(m, TIOCPKT, &z));
	z = 1;
	VAL(ioctl(s, TIOCPKT, &z));
	VAL(ioctl(s, TIOCSPTLCK, &z));
	VAL(ioctl(s, TIOCEXCL));
	VAL(ioctl(s, TIOCNXCL));
	VAL(ioctl(s, 0x54ff));
	VAL(ioctl(s, K_TCGETS, BAD));
	VAL(ioctl(s, K_TCSETS, BAD));
	VAL(ioctl(s, TIOCGWINSZ, BAD));
	VAL(lseek(s, 0, SEEK_SET));
	VAL(pread(s, b, 1, 0));
	VAL(ftruncate(s, 0));
}

static void
t_long(void)
{
	static char b[6000];
	int n;

	set(&base);
	memset(b, 'a', sizeof(b));
	fcntl(m, F_SETFL, O_NONBLOCK);
	/* a line cannot be longer than 4095 and its newline */
	int w = 0, r;
	while (w < 5000 && (r = (int)write(m, b, 500)) > 0) {
		w += r;
		while (read(m, b + 5000, 1000) > 0)
			;
		msleep(2);
	}
	msleep(5);
	write(m, "\n", 1);
	msleep(10);
	fcntl(s, F_SETFL, O_NONBLOCK);
	n = (int)read(s, b, sizeof(b));
	out("long line: %d, ends in newline %d", n, n > 0 && b[n - 1] ==
	    '\n');
	fcntl(s, F_SETFL, 0);
	fcntl(m, F_SETFL, 0);
	tcflush(s, TCIOFLUSH);
	take(m, b, sizeof(b));
}

int
main(void)
{
	int st;

	t_open();
	t_canon();
	t_input();
	t_output();
	t_vmin();
	t_flow();
	t_long();
	set(&base);
	pid_t c = fork();
	if (c == 0) {
		session();
		_exit(0);
	}
	waitpid(c, &st, 0);
	out("session: %s", gt_status(st));
	t_hangup();
	return 0;
}
