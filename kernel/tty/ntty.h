/* SPDX-License-Identifier: MIT */
/*
 * The N_TTY line discipline as a pure machine: bytes and line conditions in;
 * input for readers, echo, signals and flow control out. It knows no lock,
 * no sleep and no user memory, so that tests run it on the host. The caller
 * (tty core) serialises all calls on one struct ntty.
 */
#ifndef TTY_NTTY_H
#define TTY_NTTY_H

#include <abi/termios.h>
#include <lib/bitmap.h>
#include <lib/types.h>

#define NTTY_SIZE	4096	/* longest line, with its newline; power of 2 */
#define NTTY_ECHO_SIZE	1024
#define NTTY_DISABLED	0	/* _POSIX_VDISABLE */

/* What came with an input byte. */
enum tty_flag { TTYF_NORMAL, TTYF_BREAK, TTYF_PARITY, TTYF_FRAME,
	TTYF_OVERRUN };

struct ntty;
struct ntty_host {
	/* sig to the foreground group */
	void (*signal)(struct ntty *n, int sig);
	/* ^S (true) or ^Q (false) was typed; also IXANY and signals */
	void (*stop_output)(struct ntty *n, bool stop);
	bool (*output_stopped)(struct ntty *n);
	/* ISIG without NOFLSH, BRKINT: drop what the driver holds */
	void (*flush_output)(struct ntty *n);
	/* echo: as much of s[len] as the driver takes now, returns that */
	size_t (*echo)(struct ntty *n, const u8 *s, size_t len);
};

struct ntty {
	const struct ntty_host *host;	/* I */
	struct abi_termios2 t;		/* in force */
	/* derived from t */
	bool raw;		/* no input processing at all */
	bool plain_out;		/* no output processing */
	u32 special[8];		/* bitmap: input bytes not to be taken as is */

	/* input ring; positions count on, index is & (NTTY_SIZE - 1) */
	u32 head;		/* next byte goes here */
	u32 canon;		/* end of the last complete line */
	u32 tail;		/* next byte to read */
	bool lnext;		/* quote the next byte */
	bool erasing;		/* within \.../ of ECHOPRT */
	bool push;		/* canon marks the switch to ICANON */
	bool no_room;		/* receive stopped short */

	u32 column;		/* of the cursor, by what was output */
	u32 canon_column;	/* where the current line began */
	u32 echo_len;		/* echo[] the driver did not take yet */
	u8 echo[NTTY_ECHO_SIZE];
	u8 buf[NTTY_SIZE];
	DECLARE_BITMAP(eol, NTTY_SIZE);	/* byte ends a line */
};

void ntty_init(struct ntty *n, const struct ntty_host *host,
	       const struct abi_termios2 *t);
void ntty_set_termios(struct ntty *n, const struct abi_termios2 *t);

/*
 * ntty_receive - process input bytes; flags is NULL when all are normal.
 * Returns how many were used: fewer than len only when the ring is full (then
 * no_room is set, and the rest is to be offered again after a read).
 */
size_t ntty_receive(struct ntty *n, const u8 *s, const u8 *flags, size_t len);

/* Bytes a read could return now. poll: whether MIN bytes are needed. */
bool ntty_readable(const struct ntty *n, bool poll);
/* For TIOCINQ: bytes up to the end of the last line, EOF marks not counted. */
u32 ntty_inq(const struct ntty *n);
/* room for input before it must be held back */
static inline u32
ntty_room(const struct ntty *n)
{
	return NTTY_SIZE - (n->head - n->tail);
}

/*
 * ntty_take - move input to dst. Canonical: at most one line; *end is set
 * when the read is over (line end, or EOF with 0 bytes). Otherwise up to max.
 */
size_t ntty_take(struct ntty *n, u8 *dst, size_t max, bool *end);
/* The reader's buffer is full: an EOF mark next in line is consumed. */
void ntty_skip_eof(struct ntty *n);

void ntty_flush_input(struct ntty *n);
/* Offer the kept echo to the driver again. */
void ntty_flush_echo(struct ntty *n);

/*
 * ntty_output - OPOST: src[len] to dst[room]; returns the bytes of src used,
 * *out the bytes of dst written. room >= 8 makes progress.
 */
size_t ntty_output(struct ntty *n, const u8 *src, size_t len, u8 *dst,
		   size_t room, size_t *out);

#endif
