/* SPDX-License-Identifier: MIT */
/*
 * ioctl(2) on terminals. A request on a pty master that is about the terminal
 * (termios, window size, foreground group) acts on the slave ("real"). What
 * no file here knows goes to the driver, and is ENOTTY after that.
 */
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <task/task.h>
#include <vfs/file.h>
#include "local.h"

/* -- flow and flushing --------------------------------------------------- */

static long
flow(struct tty *t, unsigned long arg)
{
	long err = tty_check_change(t);
	bool changed = false;
	u8 c;

	if (err)
		return err;
	switch (arg) {
	case TCOOFF:
	case TCOON:
		spin_lock_irq(&t->ctrl);
		changed = t->tco_stopped != (arg == TCOOFF);
		t->tco_stopped = arg == TCOOFF;
		changed &= !t->stopped;
		spin_unlock_irq(&t->ctrl);
		if (changed)
			tty_flow_changed(t, arg == TCOOFF);
		return 0;
	case TCIOFF:
	case TCION:
		c = t->termios.c_cc[arg == TCIOFF ? VSTOP : VSTART];
		if (c == NTTY_DISABLED)
			return 0;
		mutex_lock(&t->lock);
		if (t->drv->ops->send_xchar)
			t->drv->ops->send_xchar(t, c);
		else
			t->drv->ops->write(t, &c, 1);
		mutex_unlock(&t->lock);
		return 0;
	}
	return -EINVAL;
}

static long
flush(struct tty *t, unsigned long arg)
{
	long err = tty_check_change(t);

	if (err)
		return err;
	if (arg > TCIOFLUSH)
		return -EINVAL;
	if (arg != TCOFLUSH) {
		tty_input_flush(t);
		mutex_lock(&t->lock);
		if (t->nt) {
			ntty_flush_input(t->nt);
			pty_packet_event(t, TIOCPKT_FLUSHREAD, 0);
			tty_input_taken_locked(t);
		}
		mutex_unlock(&t->lock);
	}
	if (arg != TCIFLUSH) {
		mutex_lock(&t->lock);
		if (t->nt)
			t->nt->echo_len = 0;
		tty_flush_output(t);
		mutex_unlock(&t->lock);
	}
	return 0;
}

/* -- break, modem lines -------------------------------------------------- */

static long
send_break(struct tty *t, u32 ms)
{
	struct waitq q;
	int err;

	if (!t->drv->ops->break_ctl)
		return 0;
	err = t->drv->ops->break_ctl(t, true);
	if (err)
		return err;
	waitq_init(&q);
	err = wait_event_intr_timeout(&q, false, clock_mono_ns() +
				      ms * NSEC_PER_MSEC);
	t->drv->ops->break_ctl(t, false);
	return err == -ETIMEDOUT ? 0 : -EINTR;
}

static long
do_break(struct tty *t, u32 cmd, unsigned long arg)
{
	long err = tty_check_change(t);

	if (err)
		return err;
	if (cmd != TIOCCBRK) {
		err = tty_wait_sent(t, NSEC_MAX);
		if (err)
			return -EINTR;
	}
	switch (cmd) {
	case TIOCSBRK:
		return t->drv->ops->break_ctl ?
			t->drv->ops->break_ctl(t, true) : 0;
	case TIOCCBRK:
		return t->drv->ops->break_ctl ?
			t->drv->ops->break_ctl(t, false) : 0;
	case TCSBRK:
		return arg ? 0 : send_break(t, 250);
	default:
		return send_break(t, arg ? min(arg, 600UL) * 100 : 250);
	}
}

static long
modem(struct tty *t, u32 cmd, u32 __user *arg)
{
	const struct tty_ops *o = t->drv->ops;
	const u32 known = TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 |
			  TIOCM_LOOP;
	u32 v, set = 0, clear = 0;
	int r;

	if (cmd == TIOCMGET) {
		if (!o->tiocmget)
			return -ENOTTY;
		r = o->tiocmget(t);
		return r < 0 ? r : put_user((u32)r, arg);
	}
	if (!o->tiocmset)
		return -ENOTTY;
	if (get_user(v, arg))
		return -EFAULT;
	switch (cmd) {
	case TIOCMBIS: set = v; break;
	case TIOCMBIC: clear = v; break;
	default: set = v; clear = ~v; break;
	}
	return o->tiocmset(t, set & known, clear & known);
}

/* -- window size --------------------------------------------------------- */

int
tty_resize(struct tty *t, const struct abi_winsize *ws)
{
	bool same;

	mutex_lock(&t->lock);	/* vt_mutex may be held */
	same = !memcmp(&t->ws, ws, sizeof(*ws));
	t->ws = *ws;
	mutex_unlock(&t->lock);
	if (!same)
		tty_signal_pgrp(t, SIGWINCH);
	return 0;
}

static long
winsize(struct tty *real, u32 cmd, struct abi_winsize __user *arg)
{
	struct abi_winsize ws;

	if (cmd == TIOCGWINSZ) {
		mutex_lock(&real->lock);
		ws = real->ws;
		mutex_unlock(&real->lock);
		return copyout(arg, &ws, sizeof(ws));
	}
	if (copyin(&ws, arg, sizeof(ws)))
		return -EFAULT;
	if (real->drv->ops->resize)
		return real->drv->ops->resize(real, &ws);
	return tty_resize(real, &ws);
}

/* -- the rest ------------------------------------------------------------ */

/* A byte as if it had been typed. Only for the privileged: it is a way to
 * run commands in another's shell. */
static long
fake_input(struct tty *t, const u8 __user *arg)
{
	u8 c;

	if (!capable(CAP_SYS_ADMIN))
		return -EIO;
	if (get_user(c, arg))
		return -EFAULT;
	mutex_lock(&t->lock);
	if (t->nt) {
		ntty_receive(t->nt, &c, NULL, 1);
		if (waitq_active(&t->read_wait))
			waitq_wake_all(&t->read_wait);
	}
	mutex_unlock(&t->lock);
	return 0;
}

static long
redirect_console(struct tty *t, struct file *f)
{
	struct tty_file *tf = f->private;
	long err = 0;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&tty_mutex);
	if (tf->console)
		tty_console_redirect = NULL;
	else if (tty_console_redirect)
		err = -EBUSY;
	else if (!(f->mode & FMODE_WRITE))
		err = -EBADF;
	else
		tty_console_redirect = f;
	mutex_unlock(&tty_mutex);
	return err;
}

static long
queue_length(struct tty *t, u32 cmd, int __user *arg)
{
	const struct tty_ops *o = t->drv->ops;
	size_t n = 0;

	if (cmd == TIOCOUTQ) {
		n = o->pending ? o->pending(t) : 0;
	} else {
		mutex_lock(&t->lock);
		n = t->nt ? ntty_inq(t->nt) : 0;
		mutex_unlock(&t->lock);
	}
	return put_user((int)n, arg);
}

static long
set_discipline(struct tty *t, const int __user *arg)
{
	int disc;
	long err = tty_check_change(t);

	if (err)
		return err;
	if (get_user(disc, arg))
		return -EFAULT;
	return disc == N_TTY ? 0 : -EINVAL;
}

/* Requests that need no more than the tty; -ENOIOCTLCMD for others. */
static long
simple(struct tty *t, struct tty *real, struct file *f, u32 cmd,
       unsigned long arg)
{
	switch (cmd) {
	case TIOCSTI:
		return fake_input(real, (u8 __user *)arg);
	case TIOCGWINSZ:
	case TIOCSWINSZ:
		return winsize(real, cmd, (void __user *)arg);
	case TIOCCONS:
		return redirect_console(t, f);
	case TIOCEXCL:
		t->exclusive = true;
		return 0;
	case TIOCNXCL:
		t->exclusive = false;
		return 0;
	case TIOCGEXCL:
		return put_user((int)t->exclusive, (int __user *)arg);
	case TIOCGETD:
		return put_user(N_TTY, (int __user *)arg);
	case TIOCSETD:
		return set_discipline(t, (int __user *)arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(t);
		return 0;
	case TIOCGDEV:
		return put_user((u32)dev_encode(real->num),
				(u32 __user *)arg);
	case TIOCSBRK: case TIOCCBRK: case TCSBRK: case TCSBRKP:
		return do_break(t, cmd, arg);
	case TIOCMGET: case TIOCMSET: case TIOCMBIS: case TIOCMBIC:
		return modem(t, cmd, (u32 __user *)arg);
	case TCXONC:
		return flow(t, arg);
	case TCFLSH:
		return flush(t, arg);
	case TIOCINQ: case TIOCOUTQ:
		return queue_length(t, cmd, (int __user *)arg);
	}
	return -ENOIOCTLCMD;
}

long
tty_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct tty_file *tf = f->private;
	struct tty *t = tf->tty, *real = tty_is_master(t) ? t->link : t;
	long r;

	if (tty_file_hung(tf))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	/* a pty's own come first: master and slave differ there */
	r = t->drv->ops->ioctl ? t->drv->ops->ioctl(t, f, cmd, arg) :
	    -ENOIOCTLCMD;
	if (r == -ENOIOCTLCMD)
		r = simple(t, real, f, cmd, arg);
	if (r == -ENOIOCTLCMD)
		r = tty_jobctl_ioctl(t, real, f, cmd, arg);
	if (r == -ENOIOCTLCMD)
		r = tty_termios_ioctl(real, cmd, arg);
	return r == -ENOIOCTLCMD ? -ENOTTY : r;
}
