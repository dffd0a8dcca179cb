/* SPDX-License-Identifier: MIT */
/*
 * /dev/random and /dev/urandom, random(4): the generator of core/random.c.
 * Both give the same numbers; random waits until enough entropy was mixed in
 * once after boot. What is written is mixed in without being credited.
 *
 * The core does not announce readiness (interrupts feed it), so waiters look
 * ten times a second; on machines with RDRAND nobody ever waits.
 */
#include <abi/errno.h>
#include <abi/ioctl.h>
#include <arch/cpu.h>
#include <core/random.h>
#include <core/time.h>
#include <dev/dev.h>
#include <dev/kmsg.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include <vfs/file.h>
#include "chr_mem.h"

#define RNDGETENTCNT	IOC_R('R', 0x00, int)
#define RNDADDTOENTCNT	IOC_W('R', 0x01, int)
#define RNDADDENTROPY	IOC_W('R', 0x03, int[2])
#define RNDRESEEDCRNG	IOC_NONE('R', 0x07)

#define CHUNK	256
#define POLL_NS	(100 * NSEC_PER_MSEC)

static struct waitq ready_waitq = WAITQ_INIT(ready_waitq);

static ssize_t
urandom_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	u8 buf[CHUNK];
	size_t done = 0;
	ssize_t r;

	while (to->count) {
		size_t n = min_t(size_t, to->count, sizeof(buf)), k;

		random_bytes(buf, n);
		k = copy_to_iter(buf, n, to);
		done += k;
		if (k < n)
			break;
		if (done % PAGE_SIZE == 0) {
			if (signal_pending_current())
				break;
			cond_resched();
		}
	}
	r = done || !to->count ? (ssize_t)done : -EFAULT;
	memzero_explicit(buf, sizeof(buf));
	return r;
}

static ssize_t
random_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	int err;

	while (!random_ready()) {
		if (flags & IO_NONBLOCK)
			return -EAGAIN;
		err = wait_event_intr_timeout(&ready_waitq, random_ready(),
					      clock_mono_ns() + POLL_NS);
		if (err == -ERESTARTSYS)
			return err;
	}
	return urandom_read(f, to, pos, flags);
}

static ssize_t
random_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	u8 buf[CHUNK];
	size_t done = 0;
	ssize_t r;

	while (from->count) {
		size_t n = min_t(size_t, from->count, sizeof(buf));
		size_t k = copy_from_iter(buf, n, from);

		random_mix(buf, k, 0);
		done += k;
		if (k < n)
			break;
		if (done % PAGE_SIZE == 0) {
			if (signal_pending_current())
				break;
			cond_resched();
		}
	}
	r = done || !from->count ? (ssize_t)done : -EFAULT;
	memzero_explicit(buf, sizeof(buf));
	return r;
}

static u32
random_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &ready_waitq, pt);
	return POLLOUT | POLLWRNORM |
	       (random_ready() ? POLLIN | POLLRDNORM : 0);
}

/* mix size bytes at p in and credit bits */
static long
add_entropy(const u8 __user *p, size_t size, u32 bits)
{
	u8 buf[CHUNK];
	size_t done = 0;

	while (done < size) {
		size_t n = min(size - done, sizeof(buf));

		if (copyin(buf, p + done, n))
			return -EFAULT;
		random_mix(buf, n, 0);
		done += n;
		if (signal_pending_current())
			break;
		cond_resched();
	}
	memzero_explicit(buf, sizeof(buf));
	random_mix(NULL, 0, min_t(size_t, bits, done * 8));
	waitq_wake_all(&ready_waitq);
	return 0;
}

static long
random_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	int __user *p = (int __user *)arg;
	int count, size;
	u64 tsc;

	switch (cmd) {
	case RNDGETENTCNT:
		return put_user((int)random_entropy_avail(), p);
	case RNDADDTOENTCNT:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (get_user(count, p))
			return -EFAULT;
		if (count < 0)
			return -EINVAL;
		random_mix(NULL, 0, count);
		waitq_wake_all(&ready_waitq);
		return 0;
	case RNDADDENTROPY:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (get_user(count, p) || get_user(size, p + 1))
			return -EFAULT;
		if (count < 0 || size < 0)
			return -EINVAL;
		return add_entropy((const u8 __user *)(p + 2), size, count);
	case RNDRESEEDCRNG:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (!random_ready())
			return -ENODATA;
		tsc = rdtsc();		/* a new pool: all CPUs take new keys */
		random_mix(&tsc, sizeof(tsc), 0);
		return 0;
	}
	return -EINVAL;
}

static loff_t
random_llseek(struct file *f, loff_t off, int whence)
{
	return 0;		/* any position is as good */
}

static const struct file_ops random_ops = {
	.read_iter = random_read,
	.write_iter = random_write,
	.poll = random_poll,
	.ioctl = random_ioctl,
	.llseek = random_llseek,
};

static const struct file_ops urandom_ops = {
	.read_iter = urandom_read,
	.write_iter = random_write,
	.ioctl = random_ioctl,
	.llseek = random_llseek,
};

static struct device random_device = {
	.name = "random", .num = MKDEV(1, 8), .mode = 0666,
};
static struct device urandom_device = {
	.name = "urandom", .num = MKDEV(1, 9), .mode = 0666,
};

void
chr_random_init(void)
{
	chr_mem_add(&random_device, &random_ops);
	chr_mem_add(&urandom_device, &urandom_ops);
}
