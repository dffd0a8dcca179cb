/* SPDX-License-Identifier: MIT */
/*
 * signalfd(2): reading takes signals of a set off the reader's queues.
 *
 * The file is only the set; whose signals it stands for is whoever reads or
 * polls it. Waiters are on the queue in the reader's struct sighand. An epoll
 * item may wait there longer than the sighand lives (the descriptor went to
 * another process): signalfd_cleanup() then takes it off with POLLFREE.
 *
 * Locking: the set is one word; readers take sighand lock by
 * signal_dequeue().
 */
#include <abi/poll.h>
#include <abi/signalfd.h>
#include <lib/printf.h>
#include <mm/uaccess.h>
#include <task/signal.h>
#include "internal.h"

struct signalfd { u64 mask; };		/* a */

static const struct file_ops signalfd_fops;

enum layout { LAYOUT_KILL, LAYOUT_TIMER, LAYOUT_POLL, LAYOUT_FAULT,
	LAYOUT_CHLD, LAYOUT_RT, LAYOUT_SYS };

/* Which part of the union counts: sigaction(2), "The siginfo_t argument". */
static enum layout
layout_of(const struct abi_siginfo *i)
{
	if (i->si_code == SI_TIMER)
		return LAYOUT_TIMER;
	if (i->si_code == SI_SIGIO)
		return LAYOUT_POLL;
	if (i->si_code < 0)
		return LAYOUT_RT;
	if (i->si_code == SI_USER || i->si_code == SI_KERNEL)
		return LAYOUT_KILL;
	switch (i->si_signo) {
	case SIGILL:
	case SIGFPE:
	case SIGSEGV:
	case SIGBUS:
	case SIGTRAP:
		return LAYOUT_FAULT;
	case SIGCHLD:
		return LAYOUT_CHLD;
	case SIGSYS:
		return LAYOUT_SYS;
	}
	/* POLL_IN to POLL_HUP: F_SETSIG may have chosen any number */
	return i->si_code <= 6 ? LAYOUT_POLL : LAYOUT_KILL;
}

static void
info_out(struct abi_signalfd_siginfo *o, const struct abi_siginfo *i)
{
	memset(o, 0, sizeof(*o));
	o->ssi_signo = i->si_signo;
	o->ssi_errno = i->si_errno;
	o->ssi_code = i->si_code;
	switch (layout_of(i)) {
	case LAYOUT_KILL:
		o->ssi_pid = i->kill.pid;
		o->ssi_uid = i->kill.uid;
		break;
	case LAYOUT_TIMER:
		o->ssi_tid = i->timer.tid;
		o->ssi_overrun = i->timer.overrun;
		o->ssi_ptr = i->timer.value.sival_ptr;
		o->ssi_int = i->timer.value.sival_int;
		break;
	case LAYOUT_POLL:
		o->ssi_band = i->poll.band;
		o->ssi_fd = i->poll.fd;
		break;
	case LAYOUT_FAULT:
		o->ssi_addr = i->fault.addr;
		o->ssi_addr_lsb = i->fault.addr_lsb;
		break;
	case LAYOUT_CHLD:
		o->ssi_pid = i->chld.pid;
		o->ssi_uid = i->chld.uid;
		o->ssi_status = i->chld.status;
		o->ssi_utime = i->chld.utime;
		o->ssi_stime = i->chld.stime;
		break;
	case LAYOUT_RT:
		o->ssi_pid = i->rt.pid;
		o->ssi_uid = i->rt.uid;
		o->ssi_ptr = i->rt.value.sival_ptr;
		o->ssi_int = i->rt.value.sival_int;
		break;
	case LAYOUT_SYS:
		o->ssi_call_addr = i->sys.call_addr;
		o->ssi_syscall = i->sys.syscall;
		o->ssi_arch = i->sys.arch;
		break;
	}
}

static bool
any_pending(const struct signalfd *s)
{
	struct task *t = current;

	return (READ_ONCE(t->pending.set) | READ_ONCE(t->signal->shared.set)) &
		READ_ONCE(s->mask);
}

/* one signal: its number, -EAGAIN, -ERESTARTSYS */
static int
take_one(struct signalfd *s, bool wait, struct abi_siginfo *info)
{
	int sig;

	while (!(sig = signal_dequeue(READ_ONCE(s->mask), info))) {
		if (!wait)
			return -EAGAIN;
		if (wait_event_intr(&current->sighand->signalfd_wq,
				    any_pending(s)))
			return -ERESTARTSYS;
	}
	return sig;
}

static ssize_t
signalfd_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	bool wait = !(flags & IO_NONBLOCK);
	struct abi_signalfd_siginfo out;
	struct abi_siginfo info;
	ssize_t done = 0;
	int r;

	if (to->count < sizeof(out))
		return -EINVAL;
	while (to->count >= sizeof(out)) {
		r = take_one(f->private, wait && !done, &info);
		if (r < 0)
			return done ? done : r;
		info_out(&out, &info);
		if (copy_to_iter(&out, sizeof(out), to) != sizeof(out))
			return done ? done : -EFAULT;
		done += sizeof(out);
	}
	return done;
}

static u32
signalfd_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &current->sighand->signalfd_wq, pt);
	return any_pending(f->private) ? POLLIN : 0;
}

static void
signalfd_release(struct file *f)
{
	kfree(f->private);
}

static void
signalfd_fdinfo(struct file *f, char *buf, size_t len)
{
	struct signalfd *s = f->private;

	snprintf(buf, len, "sigmask:\t%016lx\n", READ_ONCE(s->mask));
}

static const struct file_ops signalfd_fops = {
	.read_iter = signalfd_read_iter,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = signalfd_fdinfo,
	.flags = FOP_NOLLSEEK,
};

static u64
mask_of(u64 mask)
{
	return mask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
}

int
signalfd_create(u64 mask, u32 flags, struct file **out)
{
	struct signalfd *s = kmalloc(sizeof(*s), GFP_KERNEL);
	int err;

	if (!s)
		return -ENOMEM;
	s->mask = mask_of(mask);
	err = file_alloc_pseudo("[signalfd]", &signalfd_fops, s,
				O_RDWR | (flags & O_NONBLOCK), out);
	if (err)
		kfree(s);
	return err;
}

int
signalfd_set_mask(struct file *f, u64 mask)
{
	struct signalfd *s = f->private;

	if (f->op != &signalfd_fops)
		return -EINVAL;
	WRITE_ONCE(s->mask, mask_of(mask));
	smp_mb();
	if (waitq_active(&current->sighand->signalfd_wq))
		waitq_wake_all(&current->sighand->signalfd_wq);
	return 0;
}
