/* SPDX-License-Identifier: MIT */
/*
 * Core dumps, core(5): when, where to, and with everybody standing still.
 *
 * The thread that dies by a signal whose action is a core ends the group as
 * SIGKILL would, but as signal->core_dumper: each other thread, before it is
 * counted as exiting, waits in signal_exit_thread() for the dump to end. So
 * their stacks, registers and the address space are all there to be written
 * (coredump_elf.c). SIGKILL breaks a dump off.
 *
 * kernel.core_pattern: a name with % specifiers. A pattern that begins with |
 * would start a program; that is refused when it is written. fs.suid_dumpable
 * 2 writes cores of set-id programs as root, for absolute patterns only.
 *
 * Limits: RLIMIT_CORE cuts the file off there; below a page there is none. An
 * old core is replaced only when it is the user's own regular file.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/stat.h>
#include <core/log.h>
#include <fs/procfs.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <proc/local.h>
#include <sched/waitq.h>
#include <task/local.h>
#include <task/ptrace.h>
#include <task/signal.h>
#include <task/uts.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include <vfs/inner.h>
#include <vfs/namei.h>

#include "coredump.h"

#define CORE_NAME_MAX	256		/* with %: PATH_MAX */

static char core_pattern[CORE_NAME_MAX] = "core";
static int core_uses_pid;

/* ---- the name ---- */

struct name { char *buf; size_t len, size; };

static void __printf(2, 3)
name_add(struct name *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	n->len += vscnprintf(n->buf + n->len, n->size - n->len, fmt, ap);
	va_end(ap);
}

/* a word of the program's: it shall not lead to another folder */
static void
name_word(struct name *n, const char *s)
{
	size_t from = n->len;

	if (!strcmp(s, ".") || !strcmp(s, ".."))
		s = "!";
	name_add(n, "%s", s);
	for (; from < n->len; from++)
		if (n->buf[from] == '/')
			n->buf[from] = '!';
}

static void
name_exe(struct name *n, bool whole)
{
	struct file *f = current->mm->exe_file;
	char *buf = f ? kmalloc(PATH_MAX, GFP_KERNEL) : NULL;
	char *p = buf ? d_path_current(&f->path, buf, PATH_MAX) : NULL;
	size_t from = n->len;

	if (p && !whole && strrchr(p, '/'))
		p = strrchr(p, '/') + 1;
	name_add(n, "%s", p ? p : current->thread.comm);
	for (; from < n->len; from++)
		if (n->buf[from] == '/')
			n->buf[from] = '!';
	kfree(buf);
}

/* false: the specifier is not one */
static bool
name_specifier(struct name *n, char c, const struct core_dump *d)
{
	const struct cred *cr = current_cred();
	struct abi_utsname u;

	switch (c) {
	case '%': name_add(n, "%%"); break;
	case 'p': name_add(n, "%d", task_tgid(current)); break;
	case 'P': name_add(n, "%d", pid_nr(current->tgid)); break;
	case 'i': name_add(n, "%d", task_tid(current)); break;
	case 'I': name_add(n, "%d", pid_nr(current->pid)); break;
	case 'u': name_add(n, "%u", cr->uid); break;
	case 'g': name_add(n, "%u", cr->gid); break;
	case 'd': name_add(n, "%lu", current->mm->flags & 3); break;
	case 's': name_add(n, "%d", d->info->si_signo); break;
	case 't': name_add(n, "%ld", clock_real_ns() / (s64)NSEC_PER_SEC);
		break;
	case 'c':
		name_add(n, "%lu", d->limit);
		break;
	case 'h':
		uts_get(&u);
		name_word(n, u.nodename);
		break;
	case 'e': name_word(n, current->thread.comm); break;
	case 'f': name_exe(n, false); break;
	case 'E': name_exe(n, true); break;
	default:
		return false;
	}
	return true;
}

static char *
core_name(const struct core_dump *d)
{
	struct name n = { .buf = kmalloc(PATH_MAX, GFP_KERNEL),
		.size = PATH_MAX };
	char pattern[CORE_NAME_MAX];
	bool with_pid = false;

	if (!n.buf)
		return NULL;
	n.buf[0] = '\0';
	strlcpy(pattern, core_pattern, sizeof(pattern));
	for (const char *p = pattern; *p; p++) {
		if (*p != '%') {
			name_add(&n, "%c", *p);
			continue;
		}
		if (!*++p)
			break;
		with_pid |= *p == 'p';
		(void)name_specifier(&n, *p, d);
	}
	if (core_uses_pid && !with_pid)
		name_add(&n, ".%d", task_tgid(current));
	return n.buf;
}

/* ---- the file ---- */

/* Only root may get the core of a program that was not the user's to read. */
static int
become_root(void)
{
	struct cred *c = cred_prepare();

	if (!c)
		return -ENOMEM;
	c->fsuid = 0;
	cred_commit(c);
	return 0;
}

static int
core_open(struct core_dump *d, bool guarded)
{
	u32 flags = O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE;
	char *name = core_name(d);
	struct inode *i;
	int err = -ENOMEM;

	if (!name)
		return err;
	err = -EACCES;
	if (!name[0] || (guarded && name[0] != '/'))
		goto out;
	if (guarded) {
		flags |= O_EXCL;
		err = become_root();
		if (err)
			goto out;
	}
	err = vfs_open(AT_FDCWD, name, flags, 0600, &d->file);
	if (err)
		goto out;
	i = d->file->inode;
	if (!S_ISREG(i->mode) || i->nlink != 1 ||
	    i->uid != current_cred()->fsuid || !d->file->op->write_iter) {
		err = -EACCES;
	} else {
		struct iattr a = { .valid = ATTR_SIZE | ATTR_MTIME |
			ATTR_CTIME, .size = 0, .file = d->file };

		err = vfs_setattr(&d->file->path, &a);
	}
	if (err) {
		file_put(d->file);
		d->file = NULL;
	}
out:
	kfree(name);
	return err;
}

static int
write_out(struct core_dump *d, const void *buf, size_t n)
{
	while (n) {
		ssize_t r;

		if (fatal_signal_pending(current))
			return -EINTR;
		r = kernel_write(d->file, buf, n, &d->pos);
		if (r <= 0)
			return r ? r : -EIO;
		buf = (const char *)buf + r;
		n -= r;
		cond_resched();
	}
	return 0;
}

int
core_emit(struct core_dump *d, const void *buf, size_t n)
{
	size_t room;
	int err;

	if (d->hole && d->seekable) {
		d->pos += d->hole;
		d->hole = 0;
	}
	room = (u64)d->pos < d->limit ? d->limit - d->pos : 0;
	err = write_out(d, buf, min(n, room));
	return err ? err : n > room ? -EFBIG : 0;
}

int
core_skip(struct core_dump *d, size_t n)
{
	d->hole += n;
	return (u64)(d->pos + d->hole) > d->limit ? -EFBIG : 0;
}

/* a hole at the end has to be there too */
static void
core_finish(struct core_dump *d)
{
	struct iattr a = { .valid = ATTR_SIZE, .file = d->file };

	if (!d->hole)
		return;
	a.size = min_t(u64, d->pos + d->hole, d->limit);
	(void)vfs_setattr(&d->file->path, &a);
}

/* ---- everybody stands still ---- */

struct task *
core_next_thread(struct task *after)
{
	struct task *t = current, *i, *found = NULL;
	bool past = !after;

	spin_lock_irq(&tasklist_lock);
	list_for_each_entry(i, &t->signal->threads, thread_link) {
		if (past && i != t && !(i->flags & TASK_EXITING)) {
			found = i;
			break;
		}
		past |= i == after;
	}
	spin_unlock_irq(&tasklist_lock);
	return found;
}

/* False: the process ends for another reason already. */
static bool
core_begin(struct task *t, int sig)
{
	struct signal_struct *s = t->signal;
	bool ok = false;
	struct task *i;

	spin_lock_irq(&t->sighand->lock);
	if (signal_group_exiting(s))
		goto out;
	ok = true;
	s->flags &= ~(SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED);
	s->flags |= SIGNAL_GROUP_EXIT;
	s->group_exit_code = sig;
	s->group_stop_count = 0;
	s->core_left = 0;
	s->core_dumper = t;
	list_for_each_entry(i, &s->threads, thread_link) {
		if (i == t || (i->flags & TASK_EXITING))
			continue;
		s->core_left++;
		jobctl_clear(i, JOBCTL_PENDING);
		i->pending.set |= sigmask(SIGKILL);
		signal_wake_up(i, true);
	}
	jobctl_clear(t, JOBCTL_PENDING);
	tif_clear(&t->thread, TIF_SIGPENDING);
out:
	spin_unlock_irq(&t->sighand->lock);
	if (!ok)
		return false;
	wait_event(waitq_hashed(&s->core_left), !READ_ONCE(s->core_left));
	/* and off their CPUs, so that all registers are in memory */
	for (i = core_next_thread(NULL); i; i = core_next_thread(i))
		while (__atomic_load_n(&i->thread.on_cpu, __ATOMIC_ACQUIRE))
			cond_resched();
	return true;
}

static void
core_end(struct task *t, bool dumped)
{
	struct signal_struct *s = t->signal;

	spin_lock_irq(&t->sighand->lock);
	if (dumped)
		s->group_exit_code |= 0x80;
	WRITE_ONCE(s->core_dumper, NULL);
	spin_unlock_irq(&t->sighand->lock);
	waitq_wake_all(waitq_hashed(&s->core_dumper));
}

void
proc_coredump(const struct abi_siginfo *info, int sig)
{
	struct task *t = current;
	struct abi_siginfo own = *info;
	struct core_dump d = { .info = &own, .seekable = true,
		.limit = rlimit_cur(RLIMIT_CORE),
		.filter = mm_dump_filter(t->mm) };
	unsigned int dumpable = (t->mm->flags >> MMF_DUMPABLE) & 3;
	bool dumped = false;

	if (d.limit < PAGE_SIZE || !dumpable)
		return;
	own.si_signo = sig;
	if (!core_begin(t, sig))
		return;
	if (!core_open(&d, dumpable == 2)) {
		dumped = true;
		if (!core_elf_write(&d))
			core_finish(&d);
		file_put(d.file);
	}
	core_end(t, dumped);
}

/* ---- /proc/sys ---- */

static int
show_pattern(struct seq_buf *s)
{
	seq_printf(s, "%s\n", core_pattern);
	return 0;
}

static ssize_t
write_pattern(const char *buf, size_t len)
{
	size_t n = strcspn(buf, "\n");

	if (buf[0] == '|' || n >= sizeof(core_pattern))
		return -EINVAL;
	memcpy(core_pattern, buf, n);
	core_pattern[n] = '\0';
	return len;
}

static const struct proc_entry core_pattern_entry = {
	.path = "sys/kernel/core_pattern", .mode = 0644,
	.show = show_pattern, .write = write_pattern };
SET_ADD(proc_entry, core_pattern_entry);
static const struct proc_sysctl_int core_pid_entry = {
	.path = "kernel/core_uses_pid", .mode = 0644, .value = &core_uses_pid,
	.min = 0, .max = 1 };
SET_ADD(proc_sysctl, core_pid_entry);
static const struct proc_sysctl_int suid_dumpable_entry = {
	.path = "fs/suid_dumpable", .mode = 0644, .value = &suid_dumpable,
	.min = 0, .max = 2 };
SET_ADD(proc_sysctl, suid_dumpable_entry);
