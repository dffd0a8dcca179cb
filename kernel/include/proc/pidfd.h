/* SPDX-License-Identifier: MIT */
/* Descriptors that stand for a process: pidfd_open(2). Context of all: T. */
#ifndef PROC_PIDFD_H
#define PROC_PIDFD_H

#include <lib/types.h>

struct file;
struct pid;
struct task;

/* pidfd_create - a file for p, of which it takes a reference. */
int pidfd_create(struct pid *p, u32 oflags, struct file **out);
/*
 * pidfd_pid - the referenced pid behind a descriptor, its O_* flags in *oflags
 * (may be NULL). -EBADF: it is none.
 */
int pidfd_pid(int fd, struct pid **out, u32 *oflags);
/* pidfd_task - the referenced group leader; -EBADF, -ESRCH: reaped. */
int pidfd_task(int fd, struct task **out);
/* the pid of an open pidfd, borrowed, or NULL when f is none */
struct pid *pidfd_of(const struct file *f);
/* pid_leader - referenced leader of the group p names, or NULL. */
struct task *pid_leader(struct pid *p);
#endif
