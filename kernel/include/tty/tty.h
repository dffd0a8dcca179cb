/* SPDX-License-Identifier: MIT */
/*
 * Terminals. A driver (serial, vt, pty) owns struct ttys and moves bytes; the
 * core (kernel/tty) gives them the files, the line discipline, termios, job
 * control and hangup.
 *
 * Input:  any context -> tty_input() -> work -> N_TTY -> readers.
 * Output: write(2) -> OPOST -> driver->write(), which never sleeps: it takes
 * what fits and calls tty_output_room() when there is room again.
 *
 * Locks: tty_mutex (rank tty) before write_lock and read_lock (ttyio: one
 * writer, one reader at a time; held while sleeping for room or input) before
 * vt_mutex (ttydev) before lock (object: discipline, termios, window size;
 * never held while sleeping for the device). ctrl is for the fields
 * used from signals and job control.
 */
#ifndef TTY_TTY_H
#define TTY_TTY_H

#include <abi/termios.h>
#include <core/refcount.h>
#include <core/spinlock.h>
#include <dev/dev.h>
#include <lib/types.h>
#include <sched/mutex.h>
#include <sched/waitq.h>
#include <task/work.h>

struct file;
struct file_ops;
struct ntty;
struct pid;
struct tty;

struct tty_ops {
	/*
	 * open - a file was opened; first: no other is open. 0 or -errno.
	 * close - the last one went. Context: T, tty_mutex held.
	 */
	int (*open)(struct tty *t, bool first);
	void (*close)(struct tty *t);
	/* write - takes up to n bytes, returns how many. T, t->lock held. */
	size_t (*write)(struct tty *t, const u8 *s, size_t n);
	size_t (*room)(struct tty *t);		/* bytes write would take */
	size_t (*pending)(struct tty *t);	/* bytes not sent yet; NULL: 0 */
	void (*flush)(struct tty *t);		/* drop them; t->lock held */
	/* termios in t->termios are new; may change c_cflag to what was done */
	void (*set_termios)(struct tty *t, const struct abi_termios2 *old);
	void (*stop)(struct tty *t);		/* ^S: output */
	void (*start)(struct tty *t);
	void (*throttle)(struct tty *t);	/* input: XOFF, RTS */
	void (*unthrottle)(struct tty *t);
	void (*send_xchar)(struct tty *t, u8 c);	/* out of band */
	int (*break_ctl)(struct tty *t, bool on);
	int (*tiocmget)(struct tty *t);			/* TIOCM_* */
	int (*tiocmset)(struct tty *t, u32 set, u32 clear);
	bool (*carrier)(struct tty *t);		/* NULL: always */
	void (*hangup)(struct tty *t);
	void (*destroy)(struct tty *t);		/* last reference; NULL: static */
	/* others; -ENOIOCTLCMD when unknown */
	long (*ioctl)(struct tty *t, struct file *f, u32 cmd,
		      unsigned long arg);
	/* new window size is wanted (TIOCSWINSZ); NULL: just store it */
	int (*resize)(struct tty *t, const struct abi_winsize *ws);
};

struct tty_driver {
	const char *name;		/* "serial", "console", "pty_slave" */
	const char *dev_name;		/* "ttyS", "tty", "pts/" */
	u32 major, minor_start, nr;
	u32 type;			/* TTYD_* */
	const struct tty_ops *ops;
	const struct abi_termios2 *init_termios;
};
#define TTYD_CONSOLE	1
#define TTYD_SERIAL	2
#define TTYD_PTY_MASTER	3
#define TTYD_PTY_SLAVE	4

#define ENOIOCTLCMD	515	/* ioctl: not mine; never leaves the kernel */
#define TTY_INBUF	2048		/* bytes waiting for the discipline */

struct tty {
	struct refcount count;
	const struct tty_driver *drv;	/* I */
	u32 index;			/* I */
	dev_t num;			/* I */
	char name[16];			/* I: "ttyS0", "pts/3" */
	void *data;			/* driver's */

	/* tty_mutex */
	u32 opens;
	bool exclusive;			/* TIOCEXCL; a */

	struct mutex write_lock, read_lock;	/* rank ttyio */
	struct mutex lock;			/* rank object */
	struct ntty *nt;		/* lock: while open (ptys: always) */
	const struct abi_termios2 *init_termios;	/* I: after a hangup */
	struct abi_termios2 termios;	/* lock */
	struct abi_winsize ws;		/* lock */
	u8 *write_buf;			/* write_lock: a page */

	struct waitq read_wait, write_wait;

	struct spinlock ctrl;		/* rank objqueue, irqsave */
	struct pid *pgrp, *session;	/* ctrl: counted */
	bool stopped;			/* ctrl: by ^S */
	bool tco_stopped;		/* ctrl: by TCXONC */
	bool throttled;			/* lock */

	u32 hup_seq;			/* a: files opened before are hung up */
	bool other_closed;		/* a: pty: the other end is closed */
	struct tty *link;		/* I: pty: the other end */
	bool packet;			/* ctrl: master, TIOCPKT */
	u8 pktstatus;			/* ctrl: master */

	/* input from the driver, in.lock irqsave, rank objqueue */
	struct {
		struct spinlock lock;
		u8 *buf, *flag;		/* TTY_INBUF each; NULL when closed */
		u32 head, tail;
		bool flagged;		/* some flag is not TTYF_NORMAL */
		bool overrun;
		struct work work;
	} in;
	struct work hup_work;
};

extern const struct abi_termios2 tty_std_termios;

/* ---- for drivers ---- */
/* tty_driver_register - for /proc/tty/drivers and device numbers. T, E. */
void tty_driver_register(const struct tty_driver *d,
			 struct tty *(*find)(u32 index));
/* tty_init_one - fill in t; count 1. */
void tty_init_one(struct tty *t, const struct tty_driver *d, u32 index);
/* tty_device_register - show it as a device in class tty. T. */
int tty_device_register(struct tty *t, mode_t mode, gid_t gid);

/*
 * tty_input - bytes received; flags (TTYF_*) NULL when all are normal. What
 * does not fit is lost and reported as an overrun. Returns bytes taken.
 * Context: any (wakes the work).
 */
size_t tty_input(struct tty *t, const u8 *s, const u8 *flags, size_t n);
static inline size_t
tty_input_char(struct tty *t, u8 c, u8 flag)
{
	return tty_input(t, &c, flag ? &flag : NULL, 1);
}
/* tty_output_room - the driver has room again. Any context. */
void tty_output_room(struct tty *t);
/* tty_hangup - open files are dead, the session loses t. T. */
void tty_hangup(struct tty *t);
void tty_hangup_async(struct tty *t);		/* any context; static ttys */
/* tty_resize - window size changed by the driver; SIGWINCH. T. */
int tty_resize(struct tty *t, const struct abi_winsize *ws);
static inline bool
tty_stopped(const struct tty *t)
{
	return READ_ONCE(t->stopped) || READ_ONCE(t->tco_stopped);
}
/* B* constants to bits a second, and back (BOTHER in cflag: as it is) */
u32 tty_cflag_baud(u32 cflag, u32 speed);
u32 tty_baud_cflag(u32 baud);			/* B* or BOTHER */

/* ---- references ---- */
static inline void tty_get(struct tty *t) { refcount_get(&t->count); }
void tty_put(struct tty *t);			/* T */
/* tty_find - the tty of a device number, borrowed (ptys: referenced). */
struct tty *tty_find_get(dev_t num);		/* referenced or NULL */
/* tty_of_file - the terminal behind f, borrowed, or NULL */
struct tty *tty_of_file(struct file *f);

/* ---- job control (jobctl.c) ---- */
struct tty *tty_current_get(void);	/* controlling tty, referenced, or NULL */
/* for /proc/PID/stat: its number (dev_encode form is the caller's) and pgrp */
struct task;
dev_t tty_of_task(struct task *task, pid_t *pgrp);
/* tty_vhangup_current - vhangup(2): 0 or -EPERM */
int tty_vhangup_current(void);

/* ---- boot ---- */
void tty_init(void);		/* core: numbers, /dev/tty, /dev/console */
/* drivers' own, called by init/main.c in this order after tty_init */
void pty_init(void);
void vt_init(void);		/* consoles; after con_driver_register() */
void vt_register_consoles(void);	/* with the log; after serial_init() */

#endif
