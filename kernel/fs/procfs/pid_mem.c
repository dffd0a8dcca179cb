/* SPDX-License-Identifier: MIT */
/*
 * Files that are windows on a process's memory: cmdline, environ, auxv, mem,
 * pagemap. They keep the address space from open to close (not its contents:
 * once the process has ended they read as empty), except cmdline, which
 * anybody may read and which asks anew each time.
 */
#include <abi/elf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include "local.h"

/*
 * Copy [from + *pos, end) of m to the reader through a page of our own: user
 * memory of two processes is never touched at once.
 */
static ssize_t
copy_range(struct mm *m, vaddr_t from, vaddr_t end, struct iov_iter *to,
	   loff_t *pos)
{
	ssize_t done = 0;
	char *buf;

	if (from >= end || (u64)*pos >= end - from)
		return 0;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	while (to->count && (u64)*pos < end - from) {
		vaddr_t at = from + *pos;
		size_t n = min_t(size_t, min(to->count, end - at),
				 PAGE_SIZE - at % PAGE_SIZE), k;
		ssize_t got = mm_access(m, at, buf, n, false);

		if (got <= 0) {
			if (!done)
				done = -EIO;
			break;
		}
		k = copy_to_iter(buf, got, to);
		done += k;
		*pos += k;
		if (k < (size_t)got) {
			if (!done)
				done = -EFAULT;
			break;
		}
		if (fatal_signal_pending_current())
			break;
		cond_resched();
	}
	kfree(buf);
	return done;
}

/* -- cmdline ------------------------------------------------------------- */

/*
 * The arguments; or, when a program wrote a title over them (no NUL at their
 * end), that string, which may run on into the environment.
 */
static vaddr_t
cmdline_end(struct mm *m)
{
	vaddr_t at = m->arg_end - 1, stop = m->env_end;
	char c = 0, *buf;
	ssize_t got;

	if (mm_access(m, at, &c, 1, false) != 1 || !c)
		return m->arg_end;
	if (m->env_start != m->arg_end || stop < m->env_start)
		return m->arg_end;
	stop = min(stop, m->arg_start + 4 * PAGE_SIZE);
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return m->arg_end;
	at = m->arg_start;
	while (at < stop) {
		char *nul;

		got = mm_access(m, at, buf, min(stop - at, PAGE_SIZE), false);
		if (got <= 0)
			break;
		nul = memchr(buf, 0, got);
		if (nul) {
			at += nul - buf + 1;
			break;
		}
		at += got;
	}
	kfree(buf);
	return at;
}

static ssize_t
cmdline_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct task *t = proc_task_get(f->inode);
	struct mm *m;
	ssize_t n = 0;

	if (!t)
		return -ESRCH;
	m = task_get_mm(t);
	task_put(t);
	if (!m)
		return 0;
	if (m->arg_start < m->arg_end)
		n = copy_range(m, m->arg_start, cmdline_end(m), to, pos);
	mm_put_user(m);
	return n == -EIO ? 0 : n;
}

const struct file_ops pid_cmdline_fops = {
	.read_iter = cmdline_read,
	.llseek = generic_llseek,
};

/* -- with the address space held ----------------------------------------- */

static int
mm_file_open(struct inode *i, struct file *f)
{
	struct mm *m = NULL;
	int err = proc_mm_open(i, &m);

	if (!err)
		f->private = m;
	return err;
}

static void
mm_file_release(struct file *f)
{
	if (f->private)
		mm_put(f->private);
}

/* the mm behind f with its contents kept from going, or NULL */
static struct mm *
mm_file_get(struct file *f)
{
	struct mm *m = f->private;

	return m && refcount_get_live(&m->users) ? m : NULL;
}

static ssize_t
environ_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct mm *m = mm_file_get(f);
	ssize_t n;

	if (!m)
		return 0;
	n = copy_range(m, m->env_start, m->env_end, to, pos);
	mm_put_user(m);
	return n;
}

const struct file_ops pid_environ_fops = {
	.open = mm_file_open,
	.release = mm_file_release,
	.read_iter = environ_read,
	.llseek = generic_llseek,
};

static ssize_t
auxv_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct mm *m = mm_file_get(f);
	size_t len = 0, n;

	if (!m)
		return 0;
	while (len + 2 <= ARRAY_SIZE(m->saved_auxv)) {
		len += 2;
		if (m->saved_auxv[len - 2] == AT_NULL)
			break;
	}
	len *= sizeof(u64);
	n = 0;
	if ((u64)*pos < len) {
		n = copy_to_iter((char *)m->saved_auxv + *pos,
				 min(len - (size_t)*pos, to->count), to);
		*pos += n;
	}
	mm_put_user(m);
	return n || !to->count || (u64)*pos >= len ? (ssize_t)n : -EFAULT;
}

const struct file_ops pid_auxv_fops = {
	.open = mm_file_open,
	.release = mm_file_release,
	.read_iter = auxv_read,
	.llseek = generic_llseek,
};

/* -- mem ----------------------------------------------------------------- */

static ssize_t
mem_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct mm *m = mm_file_get(f);
	ssize_t n;

	if (!m)
		return 0;
	/* pages that are not there: EIO */
	n = (u64)*pos < USER_MAX ? copy_range(m, 0, USER_MAX, to, pos) :
		to->count ? -EIO : 0;
	mm_put_user(m);
	return n;
}

static ssize_t
mem_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	struct mm *m = mm_file_get(f);
	ssize_t done = 0;
	char *buf;

	if (!m)
		return 0;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		done = -ENOMEM;
	while (buf && from->count) {
		size_t n = min_t(size_t, from->count,
				 PAGE_SIZE - *pos % PAGE_SIZE);
		size_t k = copy_from_iter(buf, n, from);
		ssize_t put = k ? mm_access(m, *pos, buf, k, true) : -EFAULT;

		if (put <= 0) {
			if (!done)
				done = k ? -EIO : -EFAULT;
			break;
		}
		*pos += put;
		done += put;
		if ((size_t)put < n || fatal_signal_pending_current())
			break;
		cond_resched();
	}
	kfree(buf);
	mm_put_user(m);
	return done;
}

static loff_t
mem_llseek(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0)		/* kernel addresses: nothing to be had there */
		return -EINVAL;
	f->pos = off;
	return off;
}

const struct file_ops pid_mem_fops = {
	.open = mm_file_open,
	.release = mm_file_release,
	.read_iter = mem_read,
	.write_iter = mem_write,
	.llseek = mem_llseek,
};

/* -- pagemap ------------------------------------------------------------- */

#define PM_EXCLUSIVE	BIT(56)
#define PM_FILE		BIT(61)
#define PM_PRESENT	BIT(63)

static ssize_t
pagemap_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct mm *m = mm_file_get(f);
	bool show_pfn = cred_ns_capable(f->cred, &init_user_ns,
					CAP_SYS_ADMIN);
	ssize_t done = 0;
	u64 v[64];

	if (!m)
		return 0;
	if (*pos % 8 || to->count % 8)
		done = -EINVAL;
	while (!done || (done > 0 && done % (ssize_t)sizeof(v) == 0)) {
		u64 first = *pos / 8, n = min_t(u64, to->count / 8, 64), k;

		if (first >= USER_MAX / PAGE_SIZE || !n)
			break;
		n = min(n, USER_MAX / PAGE_SIZE - first);
		rwsem_read_lock(&m->mmap_lock);
		for (k = 0; k < n; k++) {
			u32 maps;
			u64 e = mm_pte_peek(m, (first + k) * PAGE_SIZE, &maps);

			v[k] = 0;
			if (!(e & MM_PEEK_PRESENT))
				continue;
			v[k] = PM_PRESENT;
			if (e & MM_PEEK_FILE)
				v[k] |= PM_FILE;
			if (e & MM_PEEK_EXCL)
				v[k] |= PM_EXCLUSIVE;
			if (show_pfn)
				v[k] |= e >> PAGE_SHIFT & (BIT(55) - 1);
		}
		rwsem_read_unlock(&m->mmap_lock);
		k = copy_to_iter(v, n * 8, to);
		*pos += k;
		done += k;
		if (k < n * 8) {
			if (!done)
				done = -EFAULT;
			break;
		}
		if (fatal_signal_pending_current())
			break;
		cond_resched();
	}
	mm_put_user(m);
	return done;
}

const struct file_ops pid_pagemap_fops = {
	.open = mm_file_open,
	.release = mm_file_release,
	.read_iter = pagemap_read,
	.llseek = mem_llseek,
};
