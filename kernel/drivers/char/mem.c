/* SPDX-License-Identifier: MIT */
/*
 * The memory devices: null(4), zero(4), full(4). They hold nothing; null and
 * zero are read and written by every shell script, so a write is a few
 * instructions and a read of zero clears user memory in large pieces.
 */
#include <abi/errno.h>
#include <core/log.h>
#include <dev/dev.h>
#include <dev/kmsg.h>
#include <mm/mm.h>
#include <vfs/file.h>
#include "chr_mem.h"

#define MEM_MAJOR	1
#define ZERO_CHUNK	(64 * 1024UL)

static ssize_t
null_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	return 0;
}

static ssize_t
null_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	size_t n = from->count;

	from->count = 0;
	return n;
}

/* the position stays at 0 whatever is asked */
static loff_t
null_llseek(struct file *f, loff_t off, int whence)
{
	f->pos = 0;
	return 0;
}

static ssize_t
zero_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	size_t done = 0;

	if (likely(to->count <= ZERO_CHUNK)) {
		size_t n = to->count;

		done = zero_to_iter(n, to);
		return done || !n ? (ssize_t)done : -EFAULT;
	}
	while (to->count) {
		size_t n = min(to->count, ZERO_CHUNK);
		size_t k = zero_to_iter(n, to);

		done += k;
		if (k < n)
			return done ? (ssize_t)done : -EFAULT;
		if (!to->count)
			break;
		if (signal_pending_current())
			return done;
		cond_resched();
	}
	return done;
}

/*
 * zero(4): a private mapping is anonymous memory; a shared one is memory
 * shared with children, for which mm makes an unnamed file.
 */
static int
zero_mmap(struct file *f, struct vma *v)
{
	struct vm_backing b;
	int err;

	if (!(v->flags & VM_SHARED)) {
		v->pgoff = v->start >> PAGE_SHIFT;
		return 0;
	}
	err = mm_shmem_backing(v->end - v->start, &b);
	if (err)
		return err;
	v->pgoff = 0;
	err = b.mmap(b.file, v);
	if (b.release)
		b.release(b.file);
	return err;
}

static ssize_t
full_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	return -ENOSPC;
}

static const struct file_ops null_ops = {
	.read_iter = null_read,
	.write_iter = null_write,
	.llseek = null_llseek,
	.flags = FOP_NOWAIT,
};

static const struct file_ops zero_ops = {
	.read_iter = zero_read,
	.write_iter = null_write,
	.llseek = null_llseek,
	.mmap = zero_mmap,
	.flags = FOP_NOWAIT,
};

static const struct file_ops full_ops = {
	.read_iter = zero_read,
	.write_iter = full_write,
	.llseek = null_llseek,
};

static const struct dev_class mem_class = { .name = "mem" };

static struct device mem_devices[] = {
	{ .name = "null", .num = MKDEV(MEM_MAJOR, 3), .mode = 0666 },
	{ .name = "zero", .num = MKDEV(MEM_MAJOR, 5), .mode = 0666 },
	{ .name = "full", .num = MKDEV(MEM_MAJOR, 7), .mode = 0666 },
};
static const struct file_ops *const mem_ops[] = {
	&null_ops, &zero_ops, &full_ops,
};
static_assert(ARRAY_SIZE(mem_devices) == ARRAY_SIZE(mem_ops), "one each");

/* chr_mem_add - a device of this class; shared with random.c and kmsg.c */
void
chr_mem_add(struct device *d, const struct file_ops *ops)
{
	int err;

	d->cls = &mem_class;
	err = chrdev_register(d->num, 1, "mem", ops);
	if (!err)
		err = device_register(d);
	if (err)
		log_err(dev, "/dev/%s: error %d", d->name, -err);
}

void
chr_mem_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(mem_devices); i++)
		chr_mem_add(&mem_devices[i], mem_ops[i]);
}
