/* SPDX-License-Identifier: MIT */
/*
 * 16550 serial ports as ttys and consoles.
 *
 * Output goes through a ring. write() fills the transmit FIFO itself when it
 * is empty, so a short line costs one status read and one string output and
 * no interrupt; only what does not fit turns the THRE interrupt on, which
 * refills 16 bytes at a time and turns itself off when the ring is empty.
 *
 * Kernel log output is polled under the port's lock, past the ring.
 *
 * A BREAK on a console port makes the next character within five seconds a
 * SysRq command.
 *
 * Locking: uart->lock (irqsave) guards the registers, the shadow copies and
 * the ring. It is taken within the log, so nothing is called under it.
 */
#include <abi/fcntl.h>
#include <abi/termios.h>
#include <arch/io.h>
#include <core/ioport.h>
#include <core/irq.h>
#include <core/log.h>
#include <core/sysrq.h>
#include <core/time.h>
#include <drivers/serial.h>
#include <fs/procfs.h>
#include <lib/ring.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include <tty/tty.h>
#include "local.h"
#include "uart_reg.h"

#define TTY_MAJOR	4
#define MINOR_START	64
#define RING_SIZE	4096
#define WAKE_BELOW	1024	/* bytes queued */
#define RX_BATCH	64
#define SYSRQ_NS	(5 * NSEC_PER_SEC)

enum { F_NORMAL, F_BREAK, F_PARITY, F_FRAME, F_OVERRUN };  /* as TTYF_* */

struct uart {
	struct tty tty;
	u16 port;			/* I */
	u8 fifo;			/* I: bytes */
	bool present;			/* I */
	struct ioport ports;
	u32 gsi;			/* I */
	struct spinlock lock;		/* irqsave, leaf */
	struct ring tx;			/* lock; buf NULL while closed */
	u8 ier, lcr, mcr;		/* lock: what the registers hold */
	u16 divisor;			/* lock */
	u8 xchar;			/* lock: to be sent first, 0 none */
	bool stopped;			/* lock: tty flow control */
	bool cts_stopped;		/* lock: CRTSCTS and no CTS */
	bool rtscts;			/* lock */
	struct abi_serial_icounter icount;	/* lock */
	struct waitq msr_wait;
	struct work carrier_work;
	nsec_t sysrq_until;		/* lock: BREAK came */
	bool is_console;
	struct console con;
	struct abi_termios2 con_termios;
};

static struct uart uarts[NR_UARTS];

static inline struct uart *
of_tty(struct tty *t)
{
	return container_of(t, struct uart, tty);
}

static inline u8
reg_in(const struct uart *u, u16 reg)
{
	return inb(u->port + reg);
}

static inline void
reg_out(const struct uart *u, u16 reg, u8 v)
{
	outb(v, u->port + reg);
}

static void
set_ier(struct uart *u, u8 ier)
{
	if (u->ier != ier) {
		u->ier = ier;
		reg_out(u, UART_IER, ier);
	}
}

static void
set_mcr(struct uart *u, u8 mcr)
{
	if (u->mcr != mcr) {
		u->mcr = mcr;
		reg_out(u, UART_MCR, mcr);
	}
}

/* -- output -------------------------------------------------------------- */

/* lock held, FIFO empty: the next load. */
static void
fill_fifo(struct uart *u)
{
	const u8 *p;
	u32 room = u->fifo, n;

	if (u->xchar) {
		reg_out(u, UART_TX, u->xchar);
		u->xchar = 0;
		u->icount.tx++;
		return;
	}
	if (u->stopped || u->cts_stopped)
		return;
	while (room && (n = min(ring_peek(&u->tx, &p), room))) {
		u64 count = n;
		const u8 *s = p;

		__asm__ volatile("rep outsb" : "+S"(s), "+c"(count)
				 : "d"((u16)(u->port + UART_TX)) : "memory");
		ring_skip(&u->tx, n);
		room -= n;
	}
	u->icount.tx += u->fifo - room;
}

static bool
may_send(const struct uart *u)
{
	return u->xchar || (!u->stopped && !u->cts_stopped &&
			    ring_used(&u->tx));
}

/* lock held: send now what the FIFO takes, the rest by interrupt. */
static void
start_tx(struct uart *u)
{
	if (u->ier & IER_THRE || !may_send(u))
		return;
	if (reg_in(u, UART_LSR) & LSR_THRE)
		fill_fifo(u);
	if (may_send(u))
		set_ier(u, u->ier | IER_THRE);
}

static size_t
uart_write(struct tty *t, const u8 *s, size_t n)
{
	struct uart *u = of_tty(t);
	unsigned long irq = spin_lock_irqsave(&u->lock);

	if (u->tx.buf)
		n = ring_put(&u->tx, s, min_t(size_t, n, RING_SIZE));
	start_tx(u);
	spin_unlock_irqrestore(&u->lock, irq);
	return n;
}

static size_t
uart_room(struct tty *t)
{
	return ring_room(&of_tty(t)->tx);
}

static size_t
uart_pending(struct tty *t)
{
	struct uart *u = of_tty(t);
	u32 n = ring_used(&u->tx);

	return n ? n : !(reg_in(u, UART_LSR) & LSR_IDLE);
}

static void
uart_flush(struct tty *t)
{
	struct uart *u = of_tty(t);
	unsigned long irq = spin_lock_irqsave(&u->lock);

	ring_clear(&u->tx);
	spin_unlock_irqrestore(&u->lock, irq);
}

static void
set_stopped(struct uart *u, bool stopped)
{
	unsigned long irq = spin_lock_irqsave(&u->lock);

	u->stopped = stopped;
	if (stopped)
		set_ier(u, u->ier & ~IER_THRE);
	else
		start_tx(u);
	spin_unlock_irqrestore(&u->lock, irq);
}

static void
uart_stop(struct tty *t)
{
	set_stopped(of_tty(t), true);
}

static void
uart_start(struct tty *t)
{
	set_stopped(of_tty(t), false);
}

static void
uart_send_xchar(struct tty *t, u8 c)
{
	struct uart *u = of_tty(t);
	unsigned long irq = spin_lock_irqsave(&u->lock);

	u->xchar = c;
	start_tx(u);
	spin_unlock_irqrestore(&u->lock, irq);
}

/* -- input --------------------------------------------------------------- */

struct rx {
	u8 data[RX_BATCH], flag[RX_BATCH];
	u32 n;
	bool flagged;
	u8 sysrq;		/* command received */
	bool modem, carrier;	/* lines changed */
};

/* lock held: a received byte with its line status */
static void
rx_byte(struct uart *u, struct rx *r, u8 lsr)
{
	u8 c = reg_in(u, UART_RX), flag = F_NORMAL;

	u->icount.rx++;
	if (unlikely(lsr & (LSR_BREAK | LSR_PARITY | LSR_FRAME |
			    LSR_OVERRUN))) {
		if (lsr & LSR_OVERRUN)
			u->icount.overrun++;
		if (lsr & LSR_BREAK) {
			u->icount.brk++;
			if (u->is_console && !u->sysrq_until) {
				u->sysrq_until = clock_mono_ns() + SYSRQ_NS;
				return;
			}
			u->sysrq_until = 0;
			flag = F_BREAK;
		} else if (lsr & LSR_PARITY) {
			u->icount.parity++;
			flag = F_PARITY;
		} else if (lsr & LSR_FRAME) {
			u->icount.frame++;
			flag = F_FRAME;
		}
	}
	if (unlikely(u->sysrq_until)) {
		bool in_time = clock_mono_ns() < u->sysrq_until;

		u->sysrq_until = 0;
		if (in_time && c && flag == F_NORMAL) {
			r->sysrq = c;
			return;
		}
	}
	r->data[r->n] = c;
	r->flag[r->n++] = flag;
	r->flagged |= flag != F_NORMAL;
}

/* lock held: what the modem lines did */
static void
modem_status(struct uart *u, struct rx *r)
{
	u8 msr = reg_in(u, UART_MSR);

	if (!(msr & (MSR_DCTS | MSR_DDSR | MSR_TERI | MSR_DDCD)))
		return;
	u->icount.cts += msr & MSR_DCTS;
	u->icount.dsr += !!(msr & MSR_DDSR);
	u->icount.rng += !!(msr & MSR_TERI);
	if (msr & MSR_DDCD) {
		u->icount.dcd++;
		r->carrier = true;
	}
	if (u->rtscts) {
		u->cts_stopped = !(msr & MSR_CTS);
		if (u->cts_stopped)
			set_ier(u, u->ier & ~IER_THRE);
		else if (may_send(u))
			set_ier(u, u->ier | IER_THRE);
	}
	r->modem = true;
}

static irqreturn_t
uart_irq(void *arg)
{
	struct uart *u = arg;
	irqreturn_t ret = IRQ_NONE;
	bool room = false;

	for (int pass = 0; pass < 32; pass++) {
		struct rx r = { .n = 0 };
		u8 iir, lsr;

		spin_lock(&u->lock);
		iir = reg_in(u, UART_IIR);
		if (iir & IIR_NONE) {
			spin_unlock(&u->lock);
			break;
		}
		ret = IRQ_HANDLED;
		lsr = reg_in(u, UART_LSR);
		while (lsr & (LSR_DATA | LSR_BREAK) && r.n < RX_BATCH) {
			rx_byte(u, &r, lsr);
			lsr = reg_in(u, UART_LSR);
		}
		if (!(iir & 0x0e))
			modem_status(u, &r);
		if (u->ier & IER_THRE && lsr & LSR_THRE) {
			fill_fifo(u);
			if (!may_send(u))
				set_ier(u, u->ier & ~IER_THRE);
			room |= ring_used(&u->tx) < WAKE_BELOW;
		}
		spin_unlock(&u->lock);
		if (r.n)
			tty_input(&u->tty, r.data, r.flagged ? r.flag : NULL,
				  r.n);
		if (r.sysrq)
			sysrq_key_masked(r.sysrq);
		if (r.modem)
			waitq_wake_all(&u->msr_wait);
		if (r.carrier)
			work_queue(&u->carrier_work);
	}
	if (room)
		tty_output_room(&u->tty);
	return ret;
}

static bool
uart_carrier(struct tty *t)
{
	return reg_in(of_tty(t), UART_MSR) & MSR_DCD;
}

static void
carrier_work_fn(struct work *w)
{
	struct uart *u = container_of(w, struct uart, carrier_work);

	if (uart_carrier(&u->tty))
		waitq_wake_all(&u->tty.read_wait);
	else if (u->tty.opens && !(u->tty.termios.c_cflag & CLOCAL))
		tty_hangup(&u->tty);
}

static void
uart_throttle(struct tty *t)
{
	struct uart *u = of_tty(t);
	unsigned long irq;

	if (t->termios.c_iflag & IXOFF)
		uart_send_xchar(t, t->termios.c_cc[VSTOP]);
	if (t->termios.c_cflag & CRTSCTS) {
		irq = spin_lock_irqsave(&u->lock);
		set_mcr(u, u->mcr & ~MCR_RTS);
		spin_unlock_irqrestore(&u->lock, irq);
	}
}

static void
uart_unthrottle(struct tty *t)
{
	struct uart *u = of_tty(t);
	unsigned long irq;

	if (t->termios.c_iflag & IXOFF)
		uart_send_xchar(t, t->termios.c_cc[VSTART]);
	if (t->termios.c_cflag & CRTSCTS) {
		irq = spin_lock_irqsave(&u->lock);
		set_mcr(u, u->mcr | MCR_RTS);
		spin_unlock_irqrestore(&u->lock, irq);
	}
}

/* -- settings ------------------------------------------------------------ */

static u8
lcr_of(u32 cflag)
{
	u8 lcr = (cflag & CSIZE) >> 4;

	if (cflag & CSTOPB)
		lcr |= LCR_STOP2;
	if (cflag & PARENB)
		lcr |= LCR_PARITY;
	if (!(cflag & PARODD))
		lcr |= LCR_EVEN;
	if (cflag & CMSPAR)
		lcr |= LCR_STICK;
	return lcr;
}

/* t->lock held; writes only registers that change */
static void
uart_set_termios(struct tty *t, const struct abi_termios2 *old)
{
	struct uart *u = of_tty(t);
	struct abi_termios2 *n = &t->termios;
	u32 baud = n->c_ospeed, div = u->divisor;
	u8 lcr, ier, mcr;
	unsigned long irq;

	if (baud > UART_CLOCK) {
		/* cannot be done: stays as it was */
		n->c_cflag = (n->c_cflag & ~(CBAUD | CIBAUD)) |
			     (old->c_cflag & (CBAUD | CIBAUD));
		baud = n->c_ospeed = n->c_ispeed = old->c_ospeed;
	}
	if (baud)
		div = clamp_t(u32, (UART_CLOCK + baud / 2) / baud, 1, 0xffff);
	lcr = lcr_of(n->c_cflag);
	irq = spin_lock_irqsave(&u->lock);
	if (lcr != u->lcr || div != u->divisor) {
		reg_out(u, UART_LCR, lcr | LCR_DLAB);
		reg_out(u, UART_DLL, div);
		reg_out(u, UART_DLM, div >> 8);
		reg_out(u, UART_LCR, lcr);
		u->lcr = lcr;
		u->divisor = div;
	}
	mcr = baud ? u->mcr | MCR_DTR : u->mcr & ~MCR_DTR;
	if (baud && old->c_ospeed == 0)
		mcr |= MCR_RTS;
	set_mcr(u, mcr);
	u->rtscts = n->c_cflag & CRTSCTS;
	u->cts_stopped = u->rtscts && !(reg_in(u, UART_MSR) & MSR_CTS);
	ier = u->ier & ~(IER_RX | IER_LINE | IER_MODEM);
	if (u->tx.buf && n->c_cflag & CREAD)
		ier |= IER_RX | IER_LINE;
	if (u->tx.buf && (u->rtscts || !(n->c_cflag & CLOCAL)))
		ier |= IER_MODEM;
	set_ier(u, ier);
	start_tx(u);
	spin_unlock_irqrestore(&u->lock, irq);
}

static int
uart_break(struct tty *t, bool on)
{
	struct uart *u = of_tty(t);
	unsigned long irq = spin_lock_irqsave(&u->lock);

	u->lcr = on ? u->lcr | LCR_BREAK : u->lcr & ~LCR_BREAK;
	reg_out(u, UART_LCR, u->lcr);
	spin_unlock_irqrestore(&u->lock, irq);
	return 0;
}

static int
uart_tiocmget(struct tty *t)
{
	struct uart *u = of_tty(t);
	u8 msr = reg_in(u, UART_MSR), mcr = u->mcr;

	return (mcr & MCR_DTR ? TIOCM_DTR : 0) |
	       (mcr & MCR_RTS ? TIOCM_RTS : 0) |
	       (mcr & MCR_OUT1 ? TIOCM_OUT1 : 0) |
	       (mcr & MCR_OUT2 ? TIOCM_OUT2 : 0) |
	       (mcr & MCR_LOOP ? TIOCM_LOOP : 0) |
	       (msr & MSR_CTS ? TIOCM_CTS : 0) |
	       (msr & MSR_DSR ? TIOCM_DSR : 0) |
	       (msr & MSR_RI ? TIOCM_RNG : 0) |
	       (msr & MSR_DCD ? TIOCM_CAR : 0);
}

static u8
tiocm_to_mcr(u32 v)
{
	return (v & TIOCM_DTR ? MCR_DTR : 0) | (v & TIOCM_RTS ? MCR_RTS : 0) |
	       (v & TIOCM_OUT1 ? MCR_OUT1 : 0) |
	       (v & TIOCM_LOOP ? MCR_LOOP : 0);	/* OUT2 is ours */
}

static int
uart_tiocmset(struct tty *t, u32 set, u32 clear)
{
	struct uart *u = of_tty(t);
	unsigned long irq = spin_lock_irqsave(&u->lock);

	set_mcr(u, (u->mcr | tiocm_to_mcr(set)) & ~tiocm_to_mcr(clear));
	spin_unlock_irqrestore(&u->lock, irq);
	return 0;
}

/* -- requests ------------------------------------------------------------ */

static void
describe(struct uart *u, struct abi_serial *s)
{
	*s = (struct abi_serial){
		.type = u->fifo > 1 ? 4 : 2,	/* 16550A, 16450 */
		.line = u->tty.index, .port = u->port,
		.irq = uart_places[u->tty.index].irq,
		.xmit_fifo_size = u->fifo, .baud_base = UART_CLOCK,
		.close_delay = 50, .closing_wait = 3000,
	};
}

static long
set_serial(struct uart *u, const void __user *arg)
{
	struct abi_serial want, have;

	if (copyin(&want, arg, sizeof(want)))
		return -EFAULT;
	describe(u, &have);
	if (want.port == have.port && want.irq == have.irq &&
	    want.baud_base == have.baud_base && want.type == have.type)
		return 0;
	return capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM;
}

static u32
msr_events(const struct uart *u, unsigned long mask)
{
	const struct abi_serial_icounter *c = &u->icount;

	return (mask & TIOCM_RNG ? c->rng : 0) +
	       (mask & TIOCM_DSR ? c->dsr : 0) +
	       (mask & TIOCM_CAR ? c->dcd : 0) +
	       (mask & TIOCM_CTS ? c->cts : 0);
}

static long
wait_modem(struct uart *u, unsigned long mask)
{
	u32 before = msr_events(u, mask);

	spin_lock_irq(&u->lock);
	set_ier(u, u->ier | IER_MODEM);
	spin_unlock_irq(&u->lock);
	return wait_event_intr(&u->msr_wait, msr_events(u, mask) != before);
}

static long
uart_ioctl(struct tty *t, struct file *f, u32 cmd, unsigned long arg)
{
	struct uart *u = of_tty(t);
	struct abi_serial s;
	struct abi_serial_icounter c;

	switch (cmd) {
	case TIOCGSERIAL:
		describe(u, &s);
		return copyout((void __user *)arg, &s, sizeof(s));
	case TIOCSSERIAL:
		return set_serial(u, (void __user *)arg);
	case TIOCGICOUNT:
		spin_lock_irq(&u->lock);
		c = u->icount;
		spin_unlock_irq(&u->lock);
		return copyout((void __user *)arg, &c, sizeof(c));
	case TIOCMIWAIT:
		return wait_modem(u, arg);
	}
	return -ENOIOCTLCMD;
}

/* -- life ---------------------------------------------------------------- */

static int
uart_open(struct tty *t, bool first)
{
	struct uart *u = of_tty(t);
	u8 *buf;

	if (!first)
		return 0;
	buf = kmalloc(RING_SIZE, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	spin_lock_irq(&u->lock);
	ring_init(&u->tx, buf, RING_SIZE);
	u->stopped = false;
	u->xchar = 0;
	/* what came before anybody listened */
	for (int i = 0; i < 64 && reg_in(u, UART_LSR) & LSR_DATA; i++)
		(void)reg_in(u, UART_RX);
	set_mcr(u, u->mcr | MCR_DTR | MCR_RTS | MCR_OUT2);
	spin_unlock_irq(&u->lock);
	uart_set_termios(t, &t->termios);
	return 0;
}

static void
uart_close(struct tty *t)
{
	struct uart *u = of_tty(t);
	u8 *buf;

	spin_lock_irq(&u->lock);
	set_ier(u, 0);
	buf = u->tx.buf;
	ring_init(&u->tx, NULL, 0);
	if (t->termios.c_cflag & HUPCL && !u->is_console)
		set_mcr(u, u->mcr & ~(MCR_DTR | MCR_RTS));
	spin_unlock_irq(&u->lock);
	kfree(buf);
}

static void
uart_hangup(struct tty *t)
{
	waitq_wake_all(&of_tty(t)->msr_wait);
}

static const struct tty_ops uart_ops = {
	.open = uart_open,
	.close = uart_close,
	.write = uart_write,
	.room = uart_room,
	.pending = uart_pending,
	.flush = uart_flush,
	.set_termios = uart_set_termios,
	.stop = uart_stop,
	.start = uart_start,
	.throttle = uart_throttle,
	.unthrottle = uart_unthrottle,
	.send_xchar = uart_send_xchar,
	.break_ctl = uart_break,
	.tiocmget = uart_tiocmget,
	.tiocmset = uart_tiocmset,
	.carrier = uart_carrier,
	.hangup = uart_hangup,
	.ioctl = uart_ioctl,
};

static const struct abi_termios2 uart_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B9600 | CS8 | CREAD | HUPCL | CLOCAL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {
		[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21,
		[VEOF] = 4, [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19,
		[VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15,
		[VWERASE] = 23, [VLNEXT] = 22,
	},
	.c_ispeed = 9600,
	.c_ospeed = 9600,
};

static const struct tty_driver uart_driver = {
	.name = "serial", .dev_name = "ttyS", .major = TTY_MAJOR,
	.minor_start = MINOR_START, .nr = NR_UARTS, .type = TTYD_SERIAL,
	.ops = &uart_ops, .init_termios = &uart_termios,
};

static struct tty *
uart_find(u32 index)
{
	return index < NR_UARTS && uarts[index].present ?
		&uarts[index].tty : NULL;
}

/* -- console ------------------------------------------------------------- */

static void
console_write(struct console *c, const char *s, size_t n)
{
	struct uart *u = container_of(c, struct uart, con);
	unsigned long irq = irq_save();
	bool locked = true;

	if (log_panicking)
		locked = spin_trylock(&u->lock);
	else
		spin_lock(&u->lock);
	uart_poll_write(u->port, s, n);
	if (locked)
		spin_unlock(&u->lock);
	irq_restore(irq);
}

static void
make_console(struct uart *u)
{
	const char *options = NULL;
	struct uart_line line;
	struct abi_termios2 *t = &u->con_termios;
	int flags = console_wanted("ttyS", u->tty.index, &options);

	if (flags < 0)
		return;
	uart_parse_options(options, &line);
	*t = uart_termios;
	t->c_ispeed = t->c_ospeed = line.baud;
	t->c_cflag = tty_baud_cflag(line.baud) | CREAD | HUPCL | CLOCAL |
		(u32)(line.lcr & 3) << 4;
	if (line.lcr & LCR_PARITY)
		t->c_cflag |= PARENB | (line.lcr & LCR_EVEN ? 0 : PARODD);
	if (line.rtscts)
		t->c_cflag |= CRTSCTS;
	u->tty.init_termios = t;
	u->tty.termios = *t;
	u->is_console = true;
	uart_set_termios(&u->tty, &uart_termios);
	u->con = (struct console){
		.name = "ttyS", .index = u->tty.index,
		.write = console_write, .devnum = u->tty.num,
		.flags = flags,
	};
	console_register(&u->con);
}

static void
uart_init_one(u32 i)
{
	static const struct uart_line line = { UART_CLOCK, 3, false };
	struct uart *u = &uarts[i];

	u->port = uart_places[i].port;
	u->gsi = irq_isa_to_gsi(uart_places[i].irq);
	spin_init(&u->lock, RANK_NONE);
	waitq_init(&u->msr_wait);
	work_init(&u->carrier_work, carrier_work_fn);
	tty_init_one(&u->tty, &uart_driver, i);
	uart_setup(u->port, &line);
	u->lcr = line.lcr;
	u->divisor = 1;
	u->mcr = MCR_DTR | MCR_RTS | MCR_OUT2;
	u->fifo = (reg_in(u, UART_IIR) & IIR_FIFO) == IIR_FIFO ? UART_FIFO : 1;
	u->present = true;
	u->ports = (struct ioport){ u->port, u->port + 7, "serial", NULL };
	(void)ioport_claim(&u->ports);
	if (irq_request(u->gsi, uart_irq, IRQF_SHARED, "serial", u))
		log_err(tty, "ttyS%u: no interrupt %u", i, u->gsi);
	if (tty_device_register(&u->tty, 0660, 20))
		log_err(tty, "ttyS%u: no device", i);
	log_info(tty, "ttyS%u at I/O 0x%x (irq = %u) is a %s", i, u->port,
		 uart_places[i].irq, u->fifo > 1 ? "16550A" : "16450");
}

static int
show_serial(struct seq_buf *s)
{
	seq_puts(s, "serinfo:1.0 driver revision:\n");
	for (u32 i = 0; i < NR_UARTS; i++) {
		struct uart *u = &uarts[i];

		if (!u->present) {
			seq_printf(s, "%u: uart:unknown port:%08X irq:%u\n",
				   i, uart_places[i].port,
				   uart_places[i].irq);
			continue;
		}
		seq_printf(s, "%u: uart:%s port:%08X irq:%u tx:%d rx:%d\n", i,
			   u->fifo > 1 ? "16550A" : "16450", u->port,
			   uart_places[i].irq, u->icount.tx, u->icount.rx);
	}
	return 0;
}

static const struct proc_entry serial_entry = {
	.path = "tty/driver/serial", .mode = 0400, .show = show_serial,
};
SET_ADD(proc_entry, serial_entry);

void
serial_init(void)
{
	tty_driver_register(&uart_driver, uart_find);
	for (u32 i = 0; i < NR_UARTS; i++)
		if (uart_present(uart_places[i].port))
			uart_init_one(i);
	for (u32 i = 0; i < NR_UARTS; i++)
		if (uarts[i].present)
			make_console(&uarts[i]);
}
