/* SPDX-License-Identifier: MIT */
/*
 * Terminals: the registry of drivers, opening and closing, hangup.
 *
 * A struct tty belongs to its driver (serial lines and consoles are static,
 * pty pairs are counted) and outlives its files; the discipline and buffers
 * exist from the first open to the last close. A file remembers the tty's
 * hup_seq: a hangup just raises the number, and every file opened before
 * reads end-of-file and gets EIO from then on. Files opened through
 * /dev/console are exempt, so that init keeps its console.
 *
 * Locks: tty_mutex serialises open, close and hangup; then as tty/tty.h says.
 */
#define LOG_MODULE "tty"
#include <abi/fcntl.h>
#include <core/assert.h>
#include <core/log.h>
#include <fs/procfs.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/cred.h>
#include <task/tty.h>
#include <vfs/file.h>
#include <tty/pty.h>
#include "local.h"

LOG_MODULE_DEFINE(tty);

#define TTY_AUX_MAJOR	5
#define TTY_MAJOR	4
#define MAX_DRIVERS	8
#define CLOSE_WAIT_NS	(30 * NSEC_PER_SEC)

struct mutex tty_mutex = MUTEX_INIT(tty_mutex, RANK_TTY);
struct file *tty_console_redirect;

static struct {
	const struct tty_driver *drv;
	struct tty *(*find)(u32 index);
} drivers[MAX_DRIVERS];
static u32 nr_drivers;

const struct abi_termios2 tty_std_termios = {
	.c_iflag = ICRNL | IXON,
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

/* -- registry ------------------------------------------------------------ */

void
tty_driver_register(const struct tty_driver *d, struct tty *(*find)(u32))
{
	ASSERT(nr_drivers < MAX_DRIVERS);
	drivers[nr_drivers].drv = d;
	drivers[nr_drivers].find = find;
	nr_drivers++;
}

static void
hup_work_fn(struct work *w)
{
	tty_hangup(container_of(w, struct tty, hup_work));
}

void
tty_init_one(struct tty *t, const struct tty_driver *d, u32 index)
{
	memset(t, 0, sizeof(*t));
	refcount_set(&t->count, 1);
	t->drv = d;
	t->index = index;
	t->num = MKDEV(d->major, d->minor_start + index);
	snprintf(t->name, sizeof(t->name), "%s%u", d->dev_name, index);
	mutex_init(&t->write_lock, RANK_TTYIO);
	mutex_init(&t->read_lock, RANK_TTYIO);
	mutex_init(&t->lock, RANK_OBJECT);
	waitq_init(&t->read_wait);
	waitq_init(&t->write_wait);
	spin_init(&t->ctrl, RANK_OBJQUEUE);
	spin_init(&t->in.lock, RANK_OBJQUEUE);
	work_init(&t->hup_work, hup_work_fn);
	t->init_termios = d->init_termios;
	t->termios = *d->init_termios;
}

struct tty *
tty_find_get(dev_t num)
{
	u32 major = MAJOR(num), minor = MINOR(num);

	if (major >= PTY_SLAVE_MAJOR &&
	    major < PTY_SLAVE_MAJOR + PTY_MAX / 256)
		return pty_slave_get((major - PTY_SLAVE_MAJOR) << 8 | minor);
	for (u32 i = 0; i < nr_drivers; i++) {
		const struct tty_driver *d = drivers[i].drv;
		struct tty *t;

		if (d->major != major || minor < d->minor_start ||
		    minor - d->minor_start >= d->nr)
			continue;
		t = drivers[i].find(minor - d->minor_start);
		if (t)
			tty_get(t);
		return t;
	}
	return NULL;
}

struct tty *
tty_of_file(struct file *f)
{
	return f->op->ioctl == tty_ioctl ?
		((struct tty_file *)f->private)->tty : NULL;
}

void
tty_put(struct tty *t)
{
	if (refcount_put(&t->count) && t->drv->ops->destroy)
		t->drv->ops->destroy(t);
}

static const struct dev_class tty_class = { .name = "tty" };
SET_ADD(dev_class, tty_class);

static int
device_new(const char *name, dev_t num, mode_t mode, gid_t gid)
{
	struct device *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err = -ENOMEM;

	if (!d)
		return err;
	d->name = kstrdup(name, GFP_KERNEL);
	if (!d->name)
		goto out_free;
	d->cls = &tty_class;
	d->num = num;
	d->mode = mode;
	d->gid = gid;
	err = device_register(d);
	if (!err)
		return 0;
	kfree(d->name);
out_free:
	kfree(d);
	return err;
}

int
tty_device_register(struct tty *t, mode_t mode, gid_t gid)
{
	return device_new(t->name, t->num, mode, gid);
}

/* -- opening ------------------------------------------------------------- */

static void ntty_env_signal(struct ntty *n, int sig);
static void ntty_env_stop(struct ntty *n, bool stop);
static bool ntty_env_stopped(struct ntty *n);
static void ntty_env_flush(struct ntty *n);
static size_t ntty_env_echo(struct ntty *n, const u8 *s, size_t len);

static const struct ntty_host ntty_env = {
	.signal = ntty_env_signal,
	.stop_output = ntty_env_stop,
	.output_stopped = ntty_env_stopped,
	.flush_output = ntty_env_flush,
	.echo = ntty_env_echo,
};

static inline struct tty *
tty_of(struct ntty *n)
{
	return container_of(n, struct tty_nt, n)->tty;
}

static void
ntty_env_signal(struct ntty *n, int sig)
{
	tty_signal_pgrp(tty_of(n), sig);
}

static void
ntty_env_stop(struct ntty *n, bool stop)
{
	tty_set_stopped(tty_of(n), stop);
}

static bool
ntty_env_stopped(struct ntty *n)
{
	return READ_ONCE(tty_of(n)->stopped);
}

static void
ntty_env_flush(struct ntty *n)
{
	tty_flush_output(tty_of(n));
	pty_packet_event(tty_of(n), TIOCPKT_FLUSHREAD, 0);
}

static size_t
ntty_env_echo(struct ntty *n, const u8 *s, size_t len)
{
	struct tty *t = tty_of(n);

	return tty_stopped(t) ? 0 : t->drv->ops->write(t, s, len);
}

int
tty_alloc_ntty(struct tty *t)
{
	struct tty_nt *n = kmalloc(sizeof(*n), GFP_KERNEL);

	if (!n)
		return -ENOMEM;
	n->tty = t;
	ntty_init(&n->n, &ntty_env, &t->termios);
	mutex_lock(&t->lock);
	t->nt = &n->n;
	mutex_unlock(&t->lock);
	return 0;
}

void
tty_free_ntty(struct tty *t)
{
	struct ntty *n;

	mutex_lock(&t->lock);
	n = t->nt;
	t->nt = NULL;
	mutex_unlock(&t->lock);
	if (n)
		kfree(container_of(n, struct tty_nt, n));
}

/* tty_mutex held; the driver's part of the first open and the last close */
static int
first_open(struct tty *t)
{
	int err;

	if (!t->nt) {
		err = tty_alloc_ntty(t);
		if (err)
			return err;
	}
	err = tty_input_open(t);
	if (err)
		goto out_ntty;
	t->stopped = t->tco_stopped = t->throttled = false;
	return 0;
out_ntty:
	if (t->drv->type != TTYD_PTY_SLAVE)
		tty_free_ntty(t);
	return err;
}

static void
last_close(struct tty *t)
{
	t->drv->ops->close(t);
	tty_release_session(t, false);
	t->exclusive = false;
	if (t->drv->type == TTYD_PTY_SLAVE || tty_is_master(t))
		return;
	tty_input_close(t);
	tty_free_ntty(t);
}

/* Opens t for f; the caller's reference moves to the file, or is dropped. */
int
tty_file_attach(struct file *f, struct tty *t, bool console)
{
	struct tty_file *tf = kmalloc(sizeof(*tf), GFP_KERNEL);
	bool first;
	int err = -ENOMEM;

	if (!tf)
		goto out_put;
	mutex_lock(&tty_mutex);
	if (t->exclusive && t->opens && !capable(CAP_SYS_ADMIN)) {
		err = -EBUSY;
		goto out_unlock;
	}
	first = !t->opens;
	err = first && !tty_is_master(t) ? first_open(t) : 0;
	if (err)
		goto out_unlock;
	err = t->drv->ops->open(t, first);
	if (err) {
		if (first && t->drv->type != TTYD_PTY_SLAVE &&
		    !tty_is_master(t)) {
			tty_input_close(t);
			tty_free_ntty(t);
		}
		goto out_unlock;
	}
	t->opens++;
	tf->tty = t;
	tf->hup_seq = t->hup_seq;
	tf->console = console;
	f->private = tf;
	mutex_unlock(&tty_mutex);
	return 0;

out_unlock:
	mutex_unlock(&tty_mutex);
	kfree(tf);
out_put:
	tty_put(t);
	return err;
}

static void
tty_release(struct file *f)
{
	struct tty_file *tf = f->private;
	struct tty *t = tf->tty;

	if (READ_ONCE(t->opens) == 1 && !tty_file_hung(tf) &&
	    t->drv->ops->pending)
		(void)tty_wait_sent(t, clock_mono_ns() + CLOSE_WAIT_NS);
	mutex_lock(&tty_mutex);
	if (tty_console_redirect == f)
		tty_console_redirect = NULL;
	if (!--t->opens)
		last_close(t);
	mutex_unlock(&tty_mutex);
	kfree(tf);
	tty_put(t);
}

/* Without CLOCAL an open waits for the modem, unless O_NONBLOCK. */
static int
wait_carrier(struct tty *t, struct tty_file *tf, u32 flags)
{
	if (!t->drv->ops->carrier || flags & O_NONBLOCK ||
	    t->termios.c_cflag & CLOCAL)
		return 0;
	return wait_event_intr(&t->read_wait, t->drv->ops->carrier(t) ||
			       t->termios.c_cflag & CLOCAL ||
			       tty_file_hung(tf));
}

static int
tty_open(struct inode *i, struct file *f)
{
	bool noctty = f->flags & O_NOCTTY, console = false;
	struct tty *t;
	int err;

	switch (i->rdev) {
	case MKDEV(TTY_AUX_MAJOR, 0):
		t = tty_current_get();
		noctty = true;
		break;
	case MKDEV(TTY_AUX_MAJOR, 1): {
		dev_t num = console_preferred();

		t = num == MKDEV(TTY_MAJOR, 0) ? vt_foreground_get() :
		    num ? tty_find_get(num) : NULL;
		noctty = console = true;
		if (!t)
			return -ENODEV;
		break;
	}
	case PTMX_DEV:
		return ptmx_open(i, f);
	case MKDEV(TTY_MAJOR, 0):
		t = vt_foreground_get();
		noctty = true;
		break;
	default:
		t = tty_find_get(i->rdev);
		if (!t && MAJOR(i->rdev) >= PTY_SLAVE_MAJOR)
			return -EIO;
		break;
	}
	if (!t)
		return -ENXIO;
	err = tty_file_attach(f, t, console);
	if (err)
		return err;
	err = wait_carrier(t, f->private, f->flags);
	if (err) {
		tty_release(f);
		return err;
	}
	if (!noctty)
		tty_take_control(t, f);
	return 0;
}

const struct file_ops tty_file_ops = {
	.open = tty_open,
	.release = tty_release,
	.read_iter = tty_read_iter,
	.write_iter = tty_write_iter,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.llseek = no_llseek,
	.flags = FOP_NOLLSEEK,
};

/* -- hangup -------------------------------------------------------------- */

void
tty_hangup(struct tty *t)
{
	mutex_lock(&tty_mutex);
	t->hup_seq++;
	tty_release_session(t, true);
	mutex_lock(&t->lock);
	if (t->nt) {
		t->nt->echo_len = 0;
		ntty_flush_input(t->nt);
		if (t->drv->type == TTYD_SERIAL ||
		    t->drv->type == TTYD_CONSOLE) {
			struct abi_termios2 old = t->termios;

			t->termios = *t->init_termios;
			if (t->drv->ops->set_termios)
				t->drv->ops->set_termios(t, &old);
			ntty_set_termios(t->nt, &t->termios);
		}
	}
	tty_input_flush(t);
	tty_flush_output(t);
	mutex_unlock(&t->lock);
	tty_set_stopped(t, false);
	if (t->drv->ops->hangup)
		t->drv->ops->hangup(t);
	mutex_unlock(&tty_mutex);
	waitq_wake_all(&t->read_wait);
	waitq_wake_all(&t->write_wait);
}

void
tty_hangup_async(struct tty *t)
{
	/* only static ttys get here, so no reference is needed */
	work_queue(&t->hup_work);
}

/* -- boot ---------------------------------------------------------------- */

static int
show_drivers(struct seq_buf *s)
{
	static const char *const types[] = {
		[TTYD_CONSOLE] = "console", [TTYD_SERIAL] = "serial",
		[TTYD_PTY_MASTER] = "pty:master",
		[TTYD_PTY_SLAVE] = "pty:slave",
	};

	seq_puts(s, "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
		 "/dev/console         /dev/console    5       1 system:console\n"
		 "/dev/ptmx            /dev/ptmx       5       2 system\n");
	for (u32 i = 0; i < nr_drivers; i++) {
		const struct tty_driver *d = drivers[i].drv;
		char range[24];

		snprintf(range, sizeof(range), d->nr > 1 ? "%u-%u" : "%u",
			 d->minor_start, d->minor_start + d->nr - 1);
		seq_printf(s, "%-20s /dev/%-8s %3u %7s %s\n", d->name,
			   d->dev_name, d->major, range, types[d->type]);
	}
	return 0;
}

static const struct proc_entry drivers_entry = {
	.path = "tty/drivers", .mode = 0444, .show = show_drivers,
};
SET_ADD(proc_entry, drivers_entry);

static int
show_consoles(struct seq_buf *s)
{
	for (struct console *c = console_first(); c; c = c->next)
		seq_printf(s, "%s%-*d -W- (E%c%c p  )    %u:%u\n", c->name,
			   (int)(20 - strlen(c->name)), c->index,
			   c->flags & CON_PREFERRED ? 'C' : ' ',
			   c->flags & CON_BOOT ? 'B' : ' ',
			   MAJOR(c->devnum), MINOR(c->devnum));
	return 0;
}

static const struct proc_entry consoles_entry = {
	.path = "consoles", .mode = 0444, .show = show_consoles,
};
SET_ADD(proc_entry, consoles_entry);

void
tty_init(void)
{
	static const struct {
		const char *name;	/* in /proc/devices, as on Linux */
		dev_t num;
		u32 n;
		mode_t mode;		/* of /dev's node; 0: none from here */
	} ranges[] = {
		{ "/dev/vc/0", MKDEV(TTY_MAJOR, 0), 1, 0 },
		{ "tty", MKDEV(TTY_MAJOR, 1), 63, 0 },
		{ "ttyS", MKDEV(TTY_MAJOR, 64), 192, 0 },
		{ "/dev/tty", MKDEV(TTY_AUX_MAJOR, 0), 1, 0666 },
		{ "/dev/console", MKDEV(TTY_AUX_MAJOR, 1), 1, 0600 },
		{ "/dev/ptmx", PTMX_DEV, 1, 0666 },
	};

	tty_jobctl_init();
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const char *name = ranges[i].name;

		if (chrdev_register(ranges[i].num, ranges[i].n, name,
				    &tty_file_ops))
			log_err(tty, "tty: numbers of %s are taken", name);
		if (ranges[i].mode &&
		    device_new(name + sizeof("/dev/") - 1, ranges[i].num,
			       ranges[i].mode, 0))
			log_err(tty, "tty: no %s", name);
	}
}
