/* SPDX-License-Identifier: MIT */
/*
 * procfs's door: any layer-6 room may add files below /proc by registering a
 * proc_entry in the set `proc_entry`; fs/procfs adds the per-process ones.
 */
#ifndef FS_PROCFS_H
#define FS_PROCFS_H

#include <lib/set.h>
#include <lib/types.h>

/*
 * A growing text buffer. Producers just print; when it overflows, procfs
 * doubles it and calls again, so a producer has no side effects.
 */
struct cred;
struct pid_ns;
struct seq_buf {
	char *buf;
	size_t size, len;
	bool overflow;
	const struct cred *cred;	/* who opened the file; borrowed */
	struct pid_ns *pid_ns;		/* whose numbers are shown; borrowed */
};
void seq_printf(struct seq_buf *s, const char *fmt, ...) __printf(2, 3);
void seq_puts(struct seq_buf *s, const char *t);
void seq_putc(struct seq_buf *s, char c);
void seq_write(struct seq_buf *s, const void *p, size_t n);

struct proc_entry {
	const char *path;	/* "meminfo", "sys/kernel/hostname", "tty/drivers";
				   "sys/fs/binfmt_misc/": an empty directory */
	mode_t mode;		/* 0444, 0644 */
	int (*show)(struct seq_buf *s);			/* 0 or -errno */
	/* whole write in one call, NUL-terminated copy, len without NUL */
	ssize_t (*write)(const char *buf, size_t len);
	const struct file_ops *fops;	/* instead of show/write (kmsg) */
	const char *link;		/* symlink target instead */
};
/* SET_ADD(proc_entry, entry); */

/* /proc/sys helpers: an integer with limits */
struct proc_sysctl_int { const char *path; mode_t mode; int *value; int min, max; };
/* SET_ADD(proc_sysctl, entry); */

#endif
