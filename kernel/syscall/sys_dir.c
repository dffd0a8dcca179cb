/* SPDX-License-Identifier: MIT */
/*
 * getdents(2) and getdents64(2). Directories are read with their position
 * locked always: an iterator must not run twice on one file.
 */
#include <abi/dirent.h>
#include <arch/layout.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <vfs/inner.h>

/*
 * Records are built in a page and copied out when it is full. A record's d_off
 * is where the next one is, so it is filled in when that comes.
 */
struct dents {
	struct dir_context ctx;
	u8 *buf;
	u32 used;			/* bytes in buf */
	u8 *last;			/* record whose d_off is open */
	u8 __user *to;
	u32 room;			/* bytes left for the user */
	u32 done;			/* bytes of records so far */
	loff_t first;			/* where the first record in buf is */
	loff_t resume;			/* EFAULT: the first one not copied */
	int err;
	bool old;			/* struct abi_dirent */
};

/* user memory ends in buf: give what fits, as if copied one by one */
static void
dents_fault(struct dents *d)
{
	d->err = -EFAULT;
	d->resume = d->first;
	for (u32 at = 0; at < d->used;) {
		struct abi_dirent64 *e = (void *)(d->buf + at);

		if (copyout(d->to, e, e->d_reclen))
			break;
		d->to += e->d_reclen;
		at += e->d_reclen;
		d->resume = e->d_off;
	}
}

static bool
dents_flush(struct dents *d, loff_t next)
{
	if (!d->last)
		return true;
	((struct abi_dirent64 *)d->last)->d_off = next;
	d->last = NULL;
	if (unlikely(copyout(d->to, d->buf, d->used))) {
		dents_fault(d);
		return false;
	}
	d->to += d->used;
	d->used = 0;
	return true;
}

static bool
dents_emit(struct dir_context *c, const char *name, u32 len, loff_t off,
	   ino_t ino, u8 type)
{
	struct dents *d = container_of(c, struct dents, ctx);
	u32 reclen = ALIGN_UP((d->old ? 18U : 19U) + len + 1 + d->old, 8U);
	struct abi_dirent64 *e;

	if (unlikely(reclen > d->room)) {
		if (!d->done)
			d->err = -EINVAL;
		return false;
	}
	if (unlikely(d->used + reclen > PAGE_SIZE) && !dents_flush(d, off))
		return false;
	if (likely(d->last != NULL))
		((struct abi_dirent64 *)d->last)->d_off = off;
	if (!d->used)
		d->first = off;
	e = (struct abi_dirent64 *)(d->buf + d->used);
	((u64 *)((u8 *)e + reclen))[-1] = 0;	/* padding and NUL */
	e->d_ino = ino;
	e->d_reclen = reclen;
	if (unlikely(d->old)) {
		struct abi_dirent *o = (struct abi_dirent *)e;

		memcpy(o->d_name, name, len);
		o->d_name[len] = 0;
		((u8 *)o)[reclen - 1] = type;
	} else {
		e->d_type = type;
		memcpy(e->d_name, name, len);
		e->d_name[len] = 0;
	}
	d->last = (u8 *)e;
	d->used += reclen;
	d->room -= reclen;
	d->done += reclen;
	return true;
}

static long
do_getdents(int fd, void __user *to, u32 count, bool old)
{
	struct dents d = { .ctx.emit = dents_emit, .to = to,
		.room = min_t(u32, count, INT_MAX), .old = old };
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	if (!f.file->op->iterate) {
		fdput(f);
		return -ENOTDIR;
	}
	d.buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!d.buf) {
		fdput(f);
		return -ENOMEM;
	}
	mutex_lock(&f.file->pos_lock);
	err = vfs_iterate(f.file, &d.ctx);
	(void)dents_flush(&d, d.ctx.pos);
	if (unlikely(d.err == -EFAULT))
		f.file->pos = d.resume;
	mutex_unlock(&f.file->pos_lock);
	kfree(d.buf);
	fdput(f);
	if (err < 0 && !d.done)
		return err;
	return d.to != to ? d.to - (u8 __user *)to : d.err;
}

long
sys_getdents64(int fd, void __user *to, u32 count)
{
	return do_getdents(fd, to, count, false);
}

long
sys_getdents(int fd, void __user *to, u32 count)
{
	return do_getdents(fd, to, count, true);
}
