/* SPDX-License-Identifier: MIT */
/*
 * Files whose contents are text made on demand. The text is made whole at the
 * first read and made again whenever reading starts at position 0, so one
 * pass over a file sees one state. The producer is called again with twice
 * the buffer as long as its text does not fit.
 *
 * Locking: one mutex an open file. Producers take whatever they need, so it
 * has no rank: it is only ever taken here, with nothing but f_pos held.
 */
#include <lib/printf.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <vfs/namei.h>
#include "local.h"

#define TEXT_MAX	(256UL << 20)

void
seq_write(struct seq_buf *s, const void *p, size_t n)
{
	if (unlikely(n > s->size - s->len)) {
		s->overflow = true;
		s->len = s->size;
		return;
	}
	memcpy(s->buf + s->len, p, n);
	s->len += n;
}

void
seq_puts(struct seq_buf *s, const char *t)
{
	seq_write(s, t, strlen(t));
}

void
seq_putc(struct seq_buf *s, char c)
{
	seq_write(s, &c, 1);
}

void
seq_printf(struct seq_buf *s, const char *fmt, ...)
{
	size_t room = s->size - s->len;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->len, room, fmt, ap);
	va_end(ap);
	if (unlikely(n >= room)) {	/* the NUL does not count, but is put */
		s->overflow = true;
		s->len = s->size;
		return;
	}
	s->len += n;
}

void
seq_pad(struct seq_buf *s, size_t line_start, size_t width)
{
	while (!s->overflow && s->len - line_start < width)
		seq_putc(s, ' ');
}

void
seq_path(struct seq_buf *s, const struct path *p, const struct path *root,
	 const char *esc)
{
	size_t room = s->size - s->len;
	char *buf = s->buf + s->len, *name, *end;

	name = room ? root ? d_path(p, root, buf, room) :
			     d_path_current(p, buf, room) : NULL;
	if (!name) {		/* longer paths than any can be: give up on it */
		if (room > 2 * 4096)
			seq_puts(s, "(too long)");
		else
			s->overflow = true;
		return;
	}
	/* name ends at the end of the room; the text moves down as it grows */
	end = s->buf + s->size - 1;
	if (!strpbrk(name, esc)) {
		memmove(buf, name, end - name);
		s->len += end - name;
		return;
	}
	for (; *name; name++) {
		char c = *name;

		if (!strchr(esc, c)) {
			if (s->buf + s->len > name)
				goto full;
			s->buf[s->len++] = c;
			continue;
		}
		if (s->buf + s->len + 4 > name + 1)
			goto full;
		s->buf[s->len++] = '\\';
		s->buf[s->len++] = '0' + ((u8)c >> 6);
		s->buf[s->len++] = '0' + ((u8)c >> 3 & 7);
		s->buf[s->len++] = '0' + ((u8)c & 7);
	}
	return;
full:
	s->overflow = true;
	s->len = s->size;
}

int
proc_text_open(struct file *f, int (*produce)(struct file *, struct seq_buf *))
{
	struct proc_text *x = kzalloc(sizeof(*x), GFP_KERNEL);

	if (!x)
		return -ENOMEM;
	mutex_init(&x->lock, RANK_NONE);
	x->produce = produce;
	f->private = x;
	return 0;
}

void
proc_text_release(struct file *f)
{
	struct proc_text *x = f->private;

	if (x->mm)
		mm_put(x->mm);
	kvfree(x->s.buf);
	kfree(x);
}

static int
text_make(struct file *f, struct proc_text *x)
{
	size_t size = x->s.size ? x->s.size : PAGE_SIZE;
	int err;

	for (;;) {
		if (!x->s.buf) {
			x->s.buf = kvmalloc(size, GFP_KERNEL);
			if (!x->s.buf)
				return -ENOMEM;
			x->s.size = size;
		}
		x->s.len = 0;
		x->s.overflow = false;
		x->s.cred = f->cred;
		x->s.pid_ns = proc_ns(f->inode->sb);
		err = x->produce(f, &x->s);
		if (err || !x->s.overflow)
			return err;
		kvfree(x->s.buf);
		x->s.buf = NULL;
		size *= 2;
		if (size > TEXT_MAX)
			return -ENOMEM;
		if (fatal_signal_pending_current())
			return -EINTR;
		cond_resched();
	}
}

ssize_t
proc_text_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct proc_text *x = f->private;
	ssize_t n = 0;

	mutex_lock(&x->lock);
	if (!*pos || !x->s.buf) {
		n = text_make(f, x);
		if (n) {		/* nothing half made is shown later */
			kvfree(x->s.buf);
			x->s.buf = NULL;
			x->s.len = 0;
			x->s.size = 0;
			goto out;
		}
	}
	if ((u64)*pos < x->s.len && to->count) {
		size_t want = min(x->s.len - (size_t)*pos, to->count);

		n = copy_to_iter(x->s.buf + *pos, want, to);
		if (!n)
			n = -EFAULT;
		else
			*pos += n;
	}
out:
	mutex_unlock(&x->lock);
	return n;
}

int
proc_copy_write(struct iov_iter *from, char **out)
{
	size_t n = from->count;
	char *s;

	if (n >= PAGE_SIZE)
		return -EINVAL;
	s = kmalloc(n + 1, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	if (copy_from_iter_full(s, n, from)) {
		kfree(s);
		return -EFAULT;
	}
	s[n] = '\0';
	*out = s;
	return 0;
}
