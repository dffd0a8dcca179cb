/* SPDX-License-Identifier: MIT */
/*
 * Contents of sysfs files: at most a page of text, made at each read from
 * position 0 on and kept in the open file, so that a reader in pieces sees one
 * state.
 */
#include <core/smp.h>
#include <core/time.h>
#include <lib/bitmap.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include "local.h"

struct sys_text {
	struct mutex lock;		/* rank object */
	size_t len;			/* lock */
	char *buf;			/* lock: a page, NULL: not read yet */
};

static ssize_t
show_clocks(char *buf, size_t len)
{
	const char *name;
	ssize_t n = 0;

	for (unsigned int i = 0; clocksource_list(i, &name); i++)
		n += scnprintf(buf + n, len - n, "%s ", name);
	return n + scnprintf(buf + n, len - n, "\n");
}

/* of a device: registry lock held */
static ssize_t
show_device(const struct sys_key *k, struct device *d, char *buf, size_t len)
{
	const struct dev_attr *a;

	switch (k->kind) {
	case SYS_ATTR_DEV:
		return scnprintf(buf, len, "%u:%u\n", MAJOR(d->num),
				 MINOR(d->num));
	case SYS_ATTR_UEVENT:
		return dev_uevent_text(d, buf, len);
	default:
		a = d->attrs[k->n];
		return a->show ? a->show(d, buf, len) : -EIO;
	}
}

ssize_t
sys_show(const struct sys_key *k, char *buf, size_t len)
{
	struct device *d;
	ssize_t n;

	switch (k->kind) {
	case SYS_CPU_ONLINE_LIST:
		n = bitmap_print_list(buf, len - 1, cpu_online_mask,
				      CONFIG_MAX_CPUS);
		break;
	case SYS_CPU_OFFLINE_LIST:
		n = nr_cpus < nr_cpus_possible ? nr_cpus + 1 < nr_cpus_possible ?
			scnprintf(buf, len - 1, "%u-%u", nr_cpus,
				  nr_cpus_possible - 1) :
			scnprintf(buf, len - 1, "%u", nr_cpus) : 0;
		break;
	case SYS_CPU_POSSIBLE_LIST:
	case SYS_CPU_PRESENT_LIST:
		n = nr_cpus_possible > 1 ?
			scnprintf(buf, len - 1, "0-%u", nr_cpus_possible - 1) :
			scnprintf(buf, len - 1, "0");
		break;
	case SYS_CPU_KERNEL_MAX:
		n = scnprintf(buf, len - 1, "%u", CONFIG_MAX_CPUS - 1);
		break;
	case SYS_CLOCK_CURRENT:
		n = scnprintf(buf, len - 1, "%s", clocksource_name());
		break;
	case SYS_CLOCK_AVAILABLE:
		return show_clocks(buf, len);
	case SYS_UEVENT_SEQNUM:
		n = scnprintf(buf, len - 1, "%lu", dev_uevent_seq());
		break;
	case SYS_THP_FILE:
		n = sys_thp_show(k->n, buf, len - 1);
		break;
	default:
		device_lock();
		d = device_find(k->id);
		n = d ? show_device(k, d, buf, len) : -ENODEV;
		device_unlock();
		return n;
	}
	buf[n] = '\n';
	return n + 1;
}

ssize_t
sys_store(const struct sys_key *k, const char *s, size_t len)
{
	const struct dev_attr *a;
	struct device *d;
	char word[16];
	ssize_t n = -ENODEV;

	if (k->kind == SYS_ATTR_UEVENT) {
		/* the action may be followed by a UUID and KEY=value words */
		size_t w = strcspn(s, " \n");

		if (w >= sizeof(word))
			return -EINVAL;
		memcpy(word, s, w);
		word[w] = '\0';
		n = dev_uevent_id(k->id, word);
		return n ? n : (ssize_t)len;
	}
	if (k->kind == SYS_THP_FILE)
		return sys_thp_store(k->n, s, len);
	if (k->kind != SYS_ATTR)
		return -EIO;
	device_lock();
	d = device_find(k->id);
	if (d) {
		a = d->attrs[k->n];
		n = a->store ? a->store(d, s, len) : -EIO;
	}
	device_unlock();
	return n;
}

static int
file_open(struct inode *i, struct file *f)
{
	struct sys_text *x = kzalloc(sizeof(*x), GFP_KERNEL);

	if (!x)
		return -ENOMEM;
	mutex_init(&x->lock, RANK_OBJECT);
	f->private = x;
	return 0;
}

static void
file_release(struct file *f)
{
	struct sys_text *x = f->private;

	kfree(x->buf);
	kfree(x);
}

static ssize_t
file_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct sys_text *x = f->private;
	ssize_t n = 0;

	mutex_lock(&x->lock);
	if (!x->buf)
		x->buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	else if (*pos)
		goto copy;
	n = x->buf ? sys_show(&sys_i(f->inode)->key, x->buf, PAGE_SIZE) :
		-ENOMEM;
	x->len = n > 0 ? min_t(size_t, n, PAGE_SIZE) : 0;
	if (n < 0)
		goto out;
	n = 0;
copy:
	if ((u64)*pos < x->len && to->count) {
		n = copy_to_iter(x->buf + *pos,
				 min(x->len - (size_t)*pos, to->count), to);
		*pos += n;
		if (!n)
			n = -EFAULT;
	}
out:
	mutex_unlock(&x->lock);
	return n;
}

static ssize_t
file_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	size_t len = min(from->count, PAGE_SIZE - 1);
	ssize_t n;
	char *s;

	if (!len)
		return 0;
	s = kmalloc(len + 1, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	if (copy_from_iter_full(s, len, from)) {
		kfree(s);
		return -EFAULT;
	}
	s[len] = '\0';
	n = sys_store(&sys_i(f->inode)->key, s, len);
	kfree(s);
	if (n > 0)
		*pos += n;
	return n;
}

const struct file_ops sys_file_fops = {
	.open = file_open,
	.release = file_release,
	.read_iter = file_read,
	.write_iter = file_write,
	.llseek = generic_llseek,
};
