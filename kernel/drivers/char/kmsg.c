/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing the kernel log from user space: /dev/kmsg (each open
 * file has its place), /proc/kmsg (one place for all, shared with syslog(2)).
 *
 * A record of /dev/kmsg reads as "prio,seq,usec,-;text\n", one a read; bytes
 * that are not printable ASCII and the backslash come as \xNN. A reader whose
 * next record was overwritten gets -EPIPE once and goes on with the oldest.
 *
 * Locking: each reader's own mutex; kmsg_lock for the shared place.
 */
#include <abi/errno.h>
#include <core/time.h>
#include <dev/dev.h>
#include <dev/kmsg.h>
#include <fs/procfs.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <task/cred.h>
#include <task/task.h>
#include <vfs/file.h>
#include "chr_mem.h"

#define TEXT_MAX	1000
#define OUT_MAX		(64 + 4 * TEXT_MAX)
#define WRITE_MAX	992		/* longer lines: -EINVAL, as Linux does */
#define FACILITY_USER	1

struct kmsg_reader {
	struct mutex lock;		/* rank object */
	u64 seq;			/* lock: next record */
	char text[TEXT_MAX];		/* lock */
	char out[OUT_MAX];		/* lock */
};

struct waitq log_waitq = WAITQ_INIT(log_waitq);
struct mutex kmsg_lock = MUTEX_INIT(kmsg_lock, RANK_OBJECT);
u64 kmsg_read_seq, kmsg_clear_seq;
int dmesg_restrict;

long
log_wait_intr(u64 seq)
{
	return wait_event_intr(&log_waitq, log_next_seq() > seq);
}

static void
log_wake(void)
{
	waitq_wake(&log_waitq, 0, POLLIN | POLLRDNORM);
}

static inline unsigned int
record_prio(const struct log_record *r)
{
	return r->facility << 3 | min_t(u8, r->level, LOG_DEBUG);
}

/* -- /dev/kmsg ----------------------------------------------------------- */

static int
may_read(void)
{
	if (dmesg_restrict && !capable(CAP_SYSLOG) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return 0;
}

static int
kmsg_open(struct inode *i, struct file *f)
{
	struct kmsg_reader *r;
	int err;

	if (!(f->mode & FMODE_READ))
		return 0;
	err = may_read();
	if (err)
		return err;
	r = kmalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock, RANK_OBJECT);
	r->seq = log_first_seq();
	f->private = r;
	return 0;
}

static void
kmsg_release(struct file *f)
{
	kfree(f->private);
}

static size_t
format_record(const struct log_record *rec, char *out, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = scnprintf(out, size, "%u,%lu,%lu,-;", record_prio(rec),
			     rec->seq, rec->ts_ns / 1000);

	for (unsigned int i = 0; i < rec->len && n + 5 <= size; i++) {
		u8 c = rec->text[i];

		if (c >= ' ' && c < 127 && c != '\\') {
			out[n++] = c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n++] = '\n';
	return n;
}

static ssize_t
kmsg_read_locked(struct kmsg_reader *r, struct iov_iter *to, bool nonblock)
{
	struct log_record rec = { .text = r->text, .text_max = TEXT_MAX };
	u64 next;
	size_t n;
	int err;

	for (;;) {
		next = r->seq;
		err = log_read(&next, &rec);
		if (err != -EAGAIN)
			break;
		if (nonblock)
			return -EAGAIN;
		err = log_wait_intr(r->seq);
		if (err)
			return err;
	}
	if (err) {			/* -EPIPE: goes on with the oldest */
		r->seq = next;
		return err;
	}
	n = format_record(&rec, r->out, OUT_MAX);
	if (n > to->count)
		return -EINVAL;
	r->seq = next;
	if (copy_to_iter(r->out, n, to) != n)
		return -EFAULT;
	return n;
}

static ssize_t
kmsg_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct kmsg_reader *r = f->private;
	ssize_t n;
	int err;

	current->flags |= TASK_LOG_READER;
	err = mutex_lock_intr(&r->lock);
	if (err)
		return err;
	n = kmsg_read_locked(r, to, flags & IO_NONBLOCK);
	mutex_unlock(&r->lock);
	return n;
}

static ssize_t
kmsg_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	size_t len = from->count, n = len;
	u8 level = LOG_WARNING, facility = FACILITY_USER;
	const char *s, *end;
	char buf[WRITE_MAX + 1];

	if (len > WRITE_MAX)
		return -EINVAL;
	if (copy_from_iter_full(buf, len, from))
		return -EFAULT;
	buf[n] = '\0';
	s = buf;
	if (s[0] == '<') {
		u64 prio = kstrtoul_prefix(s + 1, &end, 10);

		if (end > s + 1 && *end == '>') {
			level = prio & 7;
			if (prio >> 3 & 0xff)
				facility = prio >> 3;
			n -= end + 1 - s;
			s = end + 1;
		}
	}
	if (n && s[n - 1] == '\n')
		n--;
	log_write_user(facility, level, s, n);
	return len;
}

static loff_t
kmsg_llseek(struct file *f, loff_t off, int whence)
{
	struct kmsg_reader *r = f->private;
	loff_t ret = 0;

	if (!r)
		return -EBADF;
	if (off)
		return -ESPIPE;
	mutex_lock(&r->lock);
	switch (whence) {
	case SEEK_SET:
		r->seq = log_first_seq();
		break;
	case SEEK_DATA:			/* behind the last "clear" */
		r->seq = max(kmsg_clear_seq, log_first_seq());
		break;
	case SEEK_END:
		r->seq = log_next_seq();
		break;
	default:
		ret = -EINVAL;
	}
	mutex_unlock(&r->lock);
	return ret;
}

static u32
kmsg_poll(struct file *f, struct poll_table *pt)
{
	struct kmsg_reader *r = f->private;
	u64 seq;

	if (!r)
		return POLLERR | POLLNVAL;
	poll_wait(f, &log_waitq, pt);
	seq = READ_ONCE(r->seq);
	if (log_next_seq() <= seq)
		return 0;
	if (log_first_seq() > seq)
		return POLLIN | POLLRDNORM | POLLERR | POLLPRI;
	return POLLIN | POLLRDNORM;
}

static const struct file_ops kmsg_ops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read_iter = kmsg_read,
	.write_iter = kmsg_write,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
};

static struct device kmsg_device = {
	.name = "kmsg", .num = MKDEV(1, 11), .mode = 0644,
};

/* -- /proc/kmsg ---------------------------------------------------------- */

ssize_t
kmsg_read_line(u64 *seq, char *buf, size_t len)
{
	struct log_record rec = { .text_max = TEXT_MAX };
	ssize_t n;
	int err;

	rec.text = kmalloc(TEXT_MAX, GFP_KERNEL);
	if (!rec.text)
		return -ENOMEM;
	do
		err = log_read(seq, &rec);
	while (err == -EPIPE);
	n = err ? 0 : scnprintf(buf, len, "<%u>[%5lu.%06lu] %.*s\n",
				record_prio(&rec), rec.ts_ns / NSEC_PER_SEC,
				rec.ts_ns % NSEC_PER_SEC / 1000, (int)rec.len,
				rec.text);
	kfree(rec.text);
	return n;
}

/* whole lines that fit the caller's buffer; each is taken only once */
static ssize_t
proc_kmsg_fill(struct iov_iter *to, char *line)
{
	ssize_t done = 0, n;
	u64 seq;

	mutex_lock(&kmsg_lock);
	for (;;) {
		seq = kmsg_read_seq;
		n = kmsg_read_line(&seq, line, KMSG_LINE_MAX);
		if (n > (ssize_t)to->count)
			n = -EINVAL;
		if (n <= 0)
			break;
		if (copy_to_iter(line, n, to) != (size_t)n) {
			n = -EFAULT;
			break;
		}
		kmsg_read_seq = seq;
		done += n;
	}
	mutex_unlock(&kmsg_lock);
	return done ? done : n;
}

static ssize_t
proc_kmsg_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	char *line = kmalloc(KMSG_LINE_MAX, GFP_KERNEL);
	ssize_t n;

	if (!line)
		return -ENOMEM;
	current->flags |= TASK_LOG_READER;
	for (;;) {
		n = proc_kmsg_fill(to, line);
		if (n || !to->count)
			break;
		n = -EAGAIN;
		if (flags & IO_NONBLOCK)
			break;
		n = log_wait_intr(kmsg_read_seq);
		if (n)
			break;
	}
	kfree(line);
	return n;
}

static int
proc_kmsg_open(struct inode *i, struct file *f)
{
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static u32
proc_kmsg_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &log_waitq, pt);
	return log_next_seq() > READ_ONCE(kmsg_read_seq) ?
		POLLIN | POLLRDNORM : 0;
}

static const struct file_ops proc_kmsg_ops = {
	.open = proc_kmsg_open,
	.read_iter = proc_kmsg_read,
	.poll = proc_kmsg_poll,
	.llseek = generic_llseek,
};

static const struct proc_entry proc_kmsg_entry = {
	.path = "kmsg", .mode = 0400, .fops = &proc_kmsg_ops,
};
SET_ADD(proc_entry, proc_kmsg_entry);

static const struct proc_sysctl_int restrict_entry = {
	.path = "kernel/dmesg_restrict", .mode = 0644,
	.value = &dmesg_restrict, .min = 0, .max = 1,
};
SET_ADD(proc_sysctl, restrict_entry);

void
kmsg_init(void)
{
	log_set_wake(log_wake);
	chr_mem_add(&kmsg_device, &kmsg_ops);
}
