/* SPDX-License-Identifier: MIT */
/*
 * Terminal settings: the three forms of termios that user space knows
 * (termio, termios, termios2), all kept as termios2, and baud rates.
 */
#include <lib/string.h>
#include <mm/uaccess.h>
#include <task/task.h>
#include "local.h"

static const struct { u32 flag, baud; } rates[] = {
	{ B0, 0 }, { B50, 50 }, { B75, 75 }, { B110, 110 }, { B134, 134 },
	{ B150, 150 }, { B200, 200 }, { B300, 300 }, { B600, 600 },
	{ B1200, 1200 }, { B1800, 1800 }, { B2400, 2400 }, { B4800, 4800 },
	{ B9600, 9600 }, { B19200, 19200 }, { B38400, 38400 },
	{ B57600, 57600 }, { B115200, 115200 }, { B230400, 230400 },
	{ B460800, 460800 }, { B500000, 500000 }, { B576000, 576000 },
	{ B921600, 921600 }, { B1000000, 1000000 }, { B1152000, 1152000 },
	{ B1500000, 1500000 }, { B2000000, 2000000 }, { B2500000, 2500000 },
	{ B3000000, 3000000 }, { B3500000, 3500000 }, { B4000000, 4000000 },
};

u32
tty_cflag_baud(u32 cflag, u32 speed)
{
	u32 b = cflag & CBAUD;

	if (b == BOTHER)
		return speed;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		if (rates[i].flag == b)
			return rates[i].baud;
	return 9600;
}

u32
tty_baud_cflag(u32 baud)
{
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		if (rates[i].baud == baud)
			return rates[i].flag;
	return BOTHER;
}

/* The speeds that c_cflag stands for. */
static void
set_speeds(struct abi_termios2 *t)
{
	u32 in = t->c_cflag >> IBSHIFT & CBAUD;

	t->c_ospeed = tty_cflag_baud(t->c_cflag, t->c_ospeed);
	t->c_ispeed = in == B0 ? t->c_ospeed :
		      tty_cflag_baud(in, t->c_ispeed);
}

void
tty_set_termios(struct tty *t, const struct abi_termios2 *new)
{
	struct abi_termios2 old;
	bool flow_was, flow_is;

	mutex_lock(&t->lock);
	old = t->termios;
	t->termios = *new;
	t->termios.c_line = N_TTY;
	if (t->drv->ops->set_termios)
		t->drv->ops->set_termios(t, &old);
	if (t->nt) {
		ntty_set_termios(t->nt, &t->termios);
		ntty_flush_echo(t->nt);
	}
	flow_was = old.c_iflag & IXON && old.c_cc[VSTOP] == 023 &&
		   old.c_cc[VSTART] == 021;
	flow_is = new->c_iflag & IXON && new->c_cc[VSTOP] == 023 &&
		  new->c_cc[VSTART] == 021;
	mutex_unlock(&t->lock);
	if (flow_was != flow_is)
		pty_packet_event(t, flow_is ? TIOCPKT_DOSTOP :
				 TIOCPKT_NOSTOP, flow_is ? TIOCPKT_NOSTOP :
				 TIOCPKT_DOSTOP);
	if ((old.c_lflag ^ new->c_lflag) & EXTPROC)
		pty_packet_event(t, TIOCPKT_IOCTL, 0);
	/* ICANON, VMIN may have changed what readers wait for */
	if (waitq_active(&t->read_wait))
		waitq_wake_all(&t->read_wait);
}

/* The user's struct of form cmd over what is in force. */
static int
fetch(const struct tty *t, u32 cmd, const void __user *arg,
      struct abi_termios2 *out)
{
	struct abi_termios old;
	struct abi_termio sysv;

	*out = t->termios;
	switch (cmd) {
	case TCSETA: case TCSETAW: case TCSETAF:
		if (copyin(&sysv, arg, sizeof(sysv)))
			return -EFAULT;
		out->c_iflag = (out->c_iflag & ~0xffffU) | sysv.c_iflag;
		out->c_oflag = (out->c_oflag & ~0xffffU) | sysv.c_oflag;
		out->c_cflag = (out->c_cflag & ~0xffffU) | sysv.c_cflag;
		out->c_lflag = (out->c_lflag & ~0xffffU) | sysv.c_lflag;
		memcpy(out->c_cc, sysv.c_cc, sizeof(sysv.c_cc));
		break;
	case TCSETS: case TCSETSW: case TCSETSF:
		if (copyin(&old, arg, sizeof(old)))
			return -EFAULT;
		memcpy(out, &old, sizeof(old));
		break;
	default:
		if (copyin(out, arg, sizeof(*out)))
			return -EFAULT;
		break;
	}
	set_speeds(out);
	return 0;
}

static long
set(struct tty *t, u32 cmd, const void __user *arg)
{
	struct abi_termios2 new;
	long err = tty_check_change(t);

	if (err)
		return err;
	err = fetch(t, cmd, arg, &new);
	if (err)
		return err;
	switch (cmd) {
	case TCSETSF: case TCSETAF: case TCSETSF2:
		tty_input_flush(t);
		mutex_lock(&t->lock);
		if (t->nt)
			ntty_flush_input(t->nt);
		pty_packet_event(t, TIOCPKT_FLUSHREAD, 0);
		mutex_unlock(&t->lock);
		__fallthrough;
	case TCSETSW: case TCSETAW: case TCSETSW2:
		err = tty_wait_sent(t, NSEC_MAX);
		if (err)
			return err;
		break;
	}
	tty_set_termios(t, &new);
	return 0;
}

static long
get(struct tty *t, u32 cmd, void __user *arg)
{
	struct abi_termios2 v;
	struct abi_termio sysv;

	mutex_lock(&t->lock);
	v = t->termios;
	mutex_unlock(&t->lock);
	switch (cmd) {
	case TCGETA:
		sysv = (struct abi_termio){
			.c_iflag = v.c_iflag, .c_oflag = v.c_oflag,
			.c_cflag = v.c_cflag, .c_lflag = v.c_lflag,
		};
		memcpy(sysv.c_cc, v.c_cc, sizeof(sysv.c_cc));
		return copyout(arg, &sysv, sizeof(sysv));
	case TCGETS:
		return copyout(arg, &v, sizeof(struct abi_termios));
	default:
		return copyout(arg, &v, sizeof(v));
	}
}

long
tty_termios_ioctl(struct tty *t, u32 cmd, unsigned long arg)
{
	switch (cmd) {
	case TCGETS: case TCGETS2: case TCGETA:
		return get(t, cmd, (void __user *)arg);
	case TCSETS: case TCSETSW: case TCSETSF:
	case TCSETS2: case TCSETSW2: case TCSETSF2:
	case TCSETA: case TCSETAW: case TCSETAF:
		return set(t, cmd, (void __user *)arg);
	case TIOCGLCKTRMIOS: {
		struct abi_termios none = { 0 };	/* nothing is locked */

		return copyout((void __user *)arg, &none, sizeof(none));
	}
	case TIOCSLCKTRMIOS:
		return -EPERM;
	case TIOCGSOFTCAR:
		return put_user(!!(t->termios.c_cflag & CLOCAL),
				(int __user *)arg);
	case TIOCSSOFTCAR: {
		struct abi_termios2 new = t->termios;
		int on;

		if (get_user(on, (int __user *)arg))
			return -EFAULT;
		new.c_cflag = on ? new.c_cflag | CLOCAL :
			      new.c_cflag & ~CLOCAL;
		tty_set_termios(t, &new);
		return 0;
	}
	}
	return -ENOIOCTLCMD;
}
