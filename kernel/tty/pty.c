/* SPDX-License-Identifier: MIT */
/*
 * Pseudo terminals, pty(7). A pair is one allocation: the slave is a terminal
 * with a discipline like any other; the master is the wire behind it. What
 * the slave writes goes to a ring that the master reads; what the master
 * writes goes straight through the slave's discipline, in the writer's
 * context. Both under the slave's lock.
 *
 * Each half is counted by its files (and the controlling terminals); the pair
 * and its number go when both counts are 0. The slave's first reference is
 * the master's existence: its close hangs the slave up and drops it.
 *
 * Packet mode (TIOCPKT): status bits gather in master->pktstatus under the
 * master's ctrl lock and are read before data.
 */
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <core/log.h>
#include <fs/procfs.h>
#include <lib/ring.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <task/task.h>
#include <tty/pty.h>
#include <vfs/file.h>
#include "local.h"

#define RING_SIZE	8192
#define CHUNK		256
#define HASH_BITS	6

struct pty {
	struct tty master, slave;
	struct ring out;		/* slave.lock: slave -> master */
	atomic_t halves;		/* a: with references */
	bool locked;			/* TIOCSPTLCK: slave does not open */
	void *node;			/* devpts' */
	struct hlist_node link;		/* pty_mutex */
};

int pty_max = PTY_MAX, pty_reserve = 1024;

static struct mutex pty_mutex = MUTEX_INIT(pty_mutex, RANK_FS);
static struct hlist_head table[1 << HASH_BITS];
static DECLARE_BITMAP(numbers, PTY_MAX);
static u32 nr_ptys;
static const struct pty_fs_ops *fs_ops;

static inline struct pty *
of_master(struct tty *t)
{
	return container_of(t, struct pty, master);
}

static inline struct pty *
of_slave(struct tty *t)
{
	return container_of(t, struct pty, slave);
}

void
pty_set_fs(const struct pty_fs_ops *o)
{
	fs_ops = o;
}

u32
pty_count(void)
{
	return READ_ONCE(nr_ptys);
}

/* -- packet mode --------------------------------------------------------- */

void
pty_packet_event(struct tty *t, u8 set, u8 clear)
{
	struct tty *m = t->link;
	unsigned long irq;

	if (t->drv->type != TTYD_PTY_SLAVE || !READ_ONCE(m->packet))
		return;
	irq = spin_lock_irqsave(&m->ctrl);
	m->pktstatus = (m->pktstatus & ~clear) | set;
	spin_unlock_irqrestore(&m->ctrl, irq);
	waitq_wake(&m->read_wait, 0, POLLPRI | POLLIN | POLLRDNORM);
}

/* -- slave: the driver's side of a terminal ------------------------------ */

static int
slave_open(struct tty *t, bool first)
{
	struct pty *p = of_slave(t);

	if (t->other_closed || p->locked)
		return -EIO;
	WRITE_ONCE(p->master.other_closed, false);
	return 0;
}

static void
slave_close(struct tty *t)
{
	struct tty *m = t->link;

	WRITE_ONCE(m->other_closed, true);
	tty_set_stopped(t, false);
	waitq_wake(&m->read_wait, 0, POLLHUP | POLLIN | POLLRDNORM);
	waitq_wake(&m->write_wait, 0, POLLHUP | POLLOUT);
}

static size_t
slave_write(struct tty *t, const u8 *s, size_t n)
{
	struct pty *p = of_slave(t);
	size_t done;

	if (t->other_closed)
		return n;
	done = ring_put(&p->out, s, n);
	if (done && waitq_active(&p->master.read_wait))
		waitq_wake(&p->master.read_wait, 0, POLLIN | POLLRDNORM);
	return done;
}

static size_t
slave_room(struct tty *t)
{
	return ring_room(&of_slave(t)->out);
}

static void
slave_flush(struct tty *t)
{
	ring_clear(&of_slave(t)->out);
	pty_packet_event(t, TIOCPKT_FLUSHWRITE, 0);
}

static void
slave_set_termios(struct tty *t, const struct abi_termios2 *old)
{
	t->termios.c_cflag &= ~(CSIZE | PARENB);
	t->termios.c_cflag |= CS8 | CREAD;
}

static void
half_gone(struct tty *t)
{
	struct pty *p = tty_is_master(t) ? of_master(t) : of_slave(t);

	if (!atomic_dec_and_test(&p->halves))
		return;
	mutex_lock(&pty_mutex);
	hlist_del(&p->link);
	bitmap_clear_bit(numbers, p->slave.index);
	nr_ptys--;
	mutex_unlock(&pty_mutex);
	tty_free_ntty(&p->slave);
	tty_input_close(&p->slave);
	kfree(p->out.buf);
	kfree(p);
}

static const struct tty_ops slave_ops = {
	.open = slave_open,
	.close = slave_close,
	.write = slave_write,
	.room = slave_room,
	.flush = slave_flush,
	.set_termios = slave_set_termios,
	.destroy = half_gone,
};

/* -- master -------------------------------------------------------------- */

static int
master_open(struct tty *t, bool first)
{
	return 0;
}

static void
master_close(struct tty *t)
{
	struct pty *p = of_master(t);

	WRITE_ONCE(p->slave.other_closed, true);
}

static size_t
master_room(struct tty *t)
{
	return 0;
}

static size_t
master_write(struct tty *t, const u8 *s, size_t n)
{
	return 0;			/* pty_master_write does it */
}

static long master_ioctl(struct tty *t, struct file *f, u32 cmd,
			 unsigned long arg);

static const struct tty_ops master_ops = {
	.open = master_open,
	.close = master_close,
	.write = master_write,
	.room = master_room,
	.ioctl = master_ioctl,
	.destroy = half_gone,
};

static const struct abi_termios2 master_termios = {
	.c_cflag = B38400 | CS8 | CREAD,
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

static struct abi_termios2 slave_termios;	/* I: the usual, no HUPCL */

static const struct tty_driver slave_driver = {
	.name = "pty_slave",
	.dev_name = "pts/",
	.major = PTY_SLAVE_MAJOR,
	.nr = PTY_MAX,
	.type = TTYD_PTY_SLAVE,
	.ops = &slave_ops,
	.init_termios = &slave_termios,
};

static const struct tty_driver master_driver = {
	.name = "pty_master",
	.dev_name = "ptm",
	.major = 128,
	.nr = PTY_MAX,
	.type = TTYD_PTY_MASTER,
	.ops = &master_ops,
	.init_termios = &master_termios,
};

static bool
master_readable(struct pty *p)
{
	return ring_used(&p->out) ||
	       (p->master.packet && READ_ONCE(p->master.pktstatus)) ||
	       READ_ONCE(p->master.other_closed);
}

/* Packet mode: the status byte; true when that is all. */
static bool
read_status(struct tty *t, u8 *status)
{
	spin_lock_irq(&t->ctrl);
	*status = t->pktstatus;
	t->pktstatus = 0;
	spin_unlock_irq(&t->ctrl);
	return *status;
}

ssize_t
pty_master_read(struct tty *t, struct iov_iter *to, bool nonblock)
{
	struct pty *p = of_master(t);
	u8 buf[CHUNK], status;
	size_t got = 0, n, done;
	bool was_full;
	int err;

	while (!master_readable(p)) {
		if (nonblock)
			return -EAGAIN;
		err = wait_event_intr(&t->read_wait, master_readable(p));
		if (err)
			return err;
	}
	if (t->packet) {
		bool only = read_status(t, &status);

		if (!only && !ring_used(&p->out))
			return -EIO;
		if (copy_to_iter(&status, 1, to) != 1)
			return -EFAULT;
		if (only || !to->count)
			return 1;
		got = 1;
	}
	do {
		mutex_lock(&p->slave.lock);
		was_full = ring_room(&p->out) < RING_SIZE / 2;
		n = ring_get(&p->out, buf, min_t(size_t, CHUNK, to->count));
		mutex_unlock(&p->slave.lock);
		if (was_full && ring_room(&p->out) >= RING_SIZE / 2)
			tty_output_room(&p->slave);
		done = copy_to_iter(buf, n, to);
		got += done;
		if (done < n)
			return got ? (ssize_t)got : -EFAULT;
	} while (n && to->count);
	if (got)
		return got;
	return READ_ONCE(t->other_closed) ? -EIO : -EAGAIN;
}

/* Through the slave's discipline; bytes it took. */
static size_t
feed(struct pty *p, const u8 *s, size_t n)
{
	struct tty *slave = &p->slave;
	size_t used;

	mutex_lock(&slave->lock);
	used = ntty_receive(slave->nt, s, NULL, n);
	if (waitq_active(&slave->read_wait) &&
	    ntty_readable(slave->nt, true))
		waitq_wake(&slave->read_wait, 0, POLLIN | POLLRDNORM);
	mutex_unlock(&slave->lock);
	return used;
}

static bool
master_writable(struct pty *p)
{
	struct ntty *n = p->slave.nt;

	return ntty_room(n) >= 3 ||
	       (n->t.c_lflag & ICANON && !ntty_readable(n, false));
}

static ssize_t
master_write_locked(struct pty *p, struct iov_iter *from, bool nonblock)
{
	u8 buf[CHUNK];
	size_t total = 0, n, used;
	int err = 0;

	while (from->count) {
		n = copy_from_iter(buf, min_t(size_t, CHUNK, from->count),
				   from);
		if (!n) {
			err = -EFAULT;
			break;
		}
		used = feed(p, buf, n);
		total += used;
		if (used == n) {
			cond_resched();
			continue;
		}
		iter_revert(from, n - used);
		if (nonblock) {
			err = -EAGAIN;
			break;
		}
		err = wait_event_intr(&p->master.write_wait,
				      master_writable(p));
		if (err)
			break;
	}
	return total ? (ssize_t)total : err;
}

ssize_t
pty_master_write(struct tty *t, struct iov_iter *from, bool nonblock)
{
	ssize_t n;
	int err = 0;

	if (nonblock)
		err = mutex_trylock(&t->write_lock) ? 0 : -EAGAIN;
	else
		err = mutex_lock_intr(&t->write_lock);
	if (err)
		return err;
	n = master_write_locked(of_master(t), from, nonblock);
	mutex_unlock(&t->write_lock);
	return n;
}

u32
pty_master_poll(struct tty *t)
{
	struct pty *p = of_master(t);
	u32 ev = 0;

	if (ring_used(&p->out))
		ev |= POLLIN | POLLRDNORM;
	if (t->packet && READ_ONCE(t->pktstatus))
		ev |= POLLPRI | POLLIN | POLLRDNORM;
	if (READ_ONCE(t->other_closed))
		ev |= POLLHUP;
	if (master_writable(p))
		ev |= POLLOUT | POLLWRNORM;
	return ev;
}

/* -- requests ------------------------------------------------------------ */

static long
open_peer(struct pty *p, int flags)
{
	struct path path;
	struct file *f;
	int err;

	if (flags & ~(O_ACCMODE | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	if (!fs_ops || !p->node)
		return -EIO;
	err = fs_ops->path(p->node, &path);
	if (err)
		return err;
	err = vfs_open_path(&path, flags, &f);
	path_put(&path);
	return err ? err : fd_install_new(f, flags);
}

static long
set_packet(struct tty *t, bool on)
{
	spin_lock_irq(&t->ctrl);
	if (on && !t->packet)
		t->pktstatus = 0;
	t->packet = on;
	spin_unlock_irq(&t->ctrl);
	return 0;
}

static long
peer_signal(struct pty *p, unsigned long sig)
{
	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	tty_signal_pgrp(&p->slave, sig);
	return 0;
}

/* TCFLSH on the master: its input is the slave's output and the reverse. */
static long
master_flush(struct pty *p, unsigned long arg)
{
	if (arg > TCIOFLUSH)
		return -EINVAL;
	mutex_lock(&p->slave.lock);
	if (arg != TCOFLUSH)
		tty_flush_output(&p->slave);
	if (arg != TCIFLUSH) {
		ntty_flush_input(p->slave.nt);
		tty_input_taken_locked(&p->slave);
	}
	mutex_unlock(&p->slave.lock);
	return 0;
}

static long
master_ioctl(struct tty *t, struct file *f, u32 cmd, unsigned long arg)
{
	struct pty *p = of_master(t);
	int __user *uint = (int __user *)arg;
	int v;

	switch (cmd) {
	case TIOCGPTN:
		return put_user((int)t->index, uint);
	case TIOCSPTLCK:
		if (get_user(v, uint))
			return -EFAULT;
		p->locked = v;
		return 0;
	case TIOCGPTLCK:
		return put_user((int)p->locked, uint);
	case TIOCPKT:
		if (get_user(v, uint))
			return -EFAULT;
		return set_packet(t, v);
	case TIOCGPKT:
		return put_user((int)t->packet, uint);
	case TIOCSIG:
		return peer_signal(p, arg);
	case TIOCGPTPEER:
		return open_peer(p, arg);
	case TCFLSH:
		return master_flush(p, arg);
	case TIOCINQ:
		return put_user((int)ring_used(&p->out), uint);
	case TIOCOUTQ:
		return put_user(0, uint);
	}
	return -ENOIOCTLCMD;
}

/* -- making pairs -------------------------------------------------------- */

struct tty *
pty_slave_get(u32 index)
{
	struct tty *t = NULL;
	struct pty *p;

	mutex_lock(&pty_mutex);
	hlist_for_each_entry(p, &table[index & ((1 << HASH_BITS) - 1)], link)
		if (p->slave.index == index &&
		    refcount_get_live(&p->slave.count)) {
			t = &p->slave;
			break;
		}
	mutex_unlock(&pty_mutex);
	return t;
}

/* A number and a place in the table for p; -ENOSPC when there are too many. */
static int
pair_publish(struct pty *p)
{
	u32 limit = min(pty_max, PTY_MAX), n;
	int err = -ENOSPC;

	mutex_lock(&pty_mutex);
	n = bitmap_find_first_zero(numbers, PTY_MAX);
	if (n < PTY_MAX && nr_ptys < limit) {
		bitmap_set_bit(numbers, n);
		nr_ptys++;
		tty_init_one(&p->master, &master_driver, n);
		tty_init_one(&p->slave, &slave_driver, n);
		p->slave.num = PTY_SLAVE_DEV(n);
		p->master.link = &p->slave;
		p->slave.link = &p->master;
		err = 0;
	}
	mutex_unlock(&pty_mutex);
	return err;
}

static int
pair_new(struct pty **out)
{
	struct pty *p = kzalloc(sizeof(*p), GFP_KERNEL);
	u8 *buf = kmalloc(RING_SIZE, GFP_KERNEL);
	int err = -ENOMEM;

	if (!p || !buf)
		goto out_free;
	err = pair_publish(p);
	if (err)
		goto out_free;
	ring_init(&p->out, buf, RING_SIZE);
	atomic_set(&p->halves, 2);
	p->locked = true;
	err = tty_alloc_ntty(&p->slave);
	if (!err)
		err = tty_input_open(&p->slave);
	if (err)
		goto out_number;
	mutex_lock(&pty_mutex);
	hlist_add_head(&p->link, &table[p->slave.index &
					((1 << HASH_BITS) - 1)]);
	mutex_unlock(&pty_mutex);
	*out = p;
	return 0;

out_number:
	mutex_lock(&pty_mutex);
	bitmap_clear_bit(numbers, p->slave.index);
	nr_ptys--;
	mutex_unlock(&pty_mutex);
	tty_free_ntty(&p->slave);
out_free:
	kfree(buf);
	kfree(p);
	return err;
}

static void ptmx_release(struct file *f);

/* The master's files differ from others only in how they end. */
static const struct file_ops ptmx_file_ops = {
	.release = ptmx_release,
	.read_iter = tty_read_iter,
	.write_iter = tty_write_iter,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.llseek = no_llseek,
	.flags = FOP_NOLLSEEK,
};

int
ptmx_open(struct inode *i, struct file *f)
{
	struct pty *p;
	int err;

	if (!fs_ops)
		return -ENODEV;
	err = pair_new(&p);
	if (err)
		return err;
	err = fs_ops->add(i, p->slave.index, &p->node);
	if (err)
		goto out_pair;
	err = tty_file_attach(f, &p->master, false);	/* takes a reference */
	if (err)
		goto out_node;
	f->op = &ptmx_file_ops;
	return 0;

out_node:
	fs_ops->remove(p->node);
	tty_put(&p->slave);	/* the master's went with the attempt */
	return err;
out_pair:
	tty_put(&p->master);
	tty_put(&p->slave);
	return err;
}

static void
ptmx_release(struct file *f)
{
	struct tty_file *tf = f->private;
	struct tty *m = tf->tty;
	struct pty *p = of_master(m);
	bool last;

	mutex_lock(&tty_mutex);
	last = !--m->opens;
	if (last)
		m->drv->ops->close(m);
	mutex_unlock(&tty_mutex);
	if (last) {
		fs_ops->remove(p->node);
		p->node = NULL;
		tty_hangup(&p->slave);
		tty_put(&p->slave);
	}
	kfree(tf);
	tty_put(m);
}

/* -- boot ---------------------------------------------------------------- */

static struct tty *
no_tty(u32 index)
{
	return NULL;		/* tty_find_get asks pty_slave_get */
}

static int
show_nr(struct seq_buf *s)
{
	seq_printf(s, "%u\n", pty_count());
	return 0;
}

static const struct proc_entry nr_entry = {
	.path = "sys/kernel/pty/nr", .mode = 0444, .show = show_nr,
};
SET_ADD(proc_entry, nr_entry);

static const struct proc_sysctl_int max_entry = {
	.path = "kernel/pty/max", .mode = 0644, .value = &pty_max,
	.min = 2, .max = PTY_MAX,
};
SET_ADD(proc_sysctl, max_entry);

static const struct proc_sysctl_int reserve_entry = {
	.path = "kernel/pty/reserve", .mode = 0644, .value = &pty_reserve,
	.min = 2, .max = PTY_MAX,
};
SET_ADD(proc_sysctl, reserve_entry);

void
pty_init(void)
{
	slave_termios = tty_std_termios;
	slave_termios.c_cflag &= ~HUPCL;
	tty_driver_register(&slave_driver, no_tty);
	tty_driver_register(&master_driver, no_tty);
	for (u32 m = 0; m < PTY_MAX / 256; m++)
		if (chrdev_register(MKDEV(PTY_SLAVE_MAJOR + m, 0), 256, "pts",
				    &tty_file_ops))
			log_err(tty, "pty: major %u is taken",
				PTY_SLAVE_MAJOR + m);
}
