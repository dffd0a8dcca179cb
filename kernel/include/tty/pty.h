/* SPDX-License-Identifier: MIT */
/*
 * Between the pty driver (tty/pty.c) and the file system that names the
 * slaves (fs/devpts). The driver owns pairs and numbers; devpts only shows a
 * node "N", character device PTY_SLAVE_DEV(N), while pair N lives.
 *
 * Opening any character device 5:2 (/dev/ptmx or /dev/pts/ptmx) runs the
 * driver, which calls add(); opening a node runs the tty core by its number.
 */
#ifndef TTY_PTY_H
#define TTY_PTY_H

#include <dev/dev.h>
#include <lib/types.h>

struct inode;
struct path;

#define PTY_MAX		4096	/* hard limit of pairs */
#define PTMX_DEV	MKDEV(5, 2)
/* UNIX 98 slaves: majors 136..143, 256 pairs each, as Linux numbers them */
#define PTY_SLAVE_MAJOR	136
#define PTY_SLAVE_DEV(n) MKDEV(PTY_SLAVE_MAJOR + ((n) >> 8), (n) & 0xff)

struct pty_fs_ops {
	/*
	 * add - make node `index` in the instance that @ptmx (the inode that
	 * was opened) belongs to: its own when @ptmx is on a devpts, else the
	 * one mounted on pts/ beside it or, failing that, the system's first.
	 * Owner: current's fsuid and fsgid unless mount options say otherwise.
	 * 0 with *node set (passed to the others); -ENOMEM, -ENODEV when there
	 * is no instance. Context: T, no tty locks held.
	 */
	int (*add)(struct inode *ptmx, u32 index, void **node);
	/* remove - the pair is gone: unlink the node. T. */
	void (*remove)(void *node);
	/* path - referenced path of the node, for TIOCGPTPEER. 0 or -errno. T. */
	int (*path)(void *node, struct path *out);
};

/* pty_set_fs - devpts announces itself, once, at boot. */
void pty_set_fs(const struct pty_fs_ops *ops);

/* Limits shown in /proc/sys/kernel/pty: max, reserve, nr. */
extern int pty_max, pty_reserve;
u32 pty_count(void);

#endif
