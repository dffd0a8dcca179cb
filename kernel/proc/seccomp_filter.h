/* SPDX-License-Identifier: MIT */
/* What seccomp.c and seccomp_notify.c share. */
#ifndef PROC_SECCOMP_FILTER_H
#define PROC_SECCOMP_FILTER_H

#include <abi/bpf.h>
#include <core/refcount.h>
#include <proc/seccomp.h>
#include <task/task.h>

struct seccomp_listener;

/*
 * A filter. Tasks point to the newest of theirs; each points to the one that
 * was there before. Immutable after it is attached but for the listener.
 */
struct seccomp_filter {
	struct refcount count;		/* tasks, newer filters, listener file */
	atomic_t users;			/* tasks, newer filters with users */
	struct seccomp_filter *prev;	/* I: counted */
	struct seccomp_listener *listener;	/* I: owned, or NULL */
	u32 depth;			/* I: filters up to this one */
	u32 cost;			/* I: instructions up to this one */
	u32 n;				/* I */
	bool log;			/* I */
	struct abi_sock_filter prog[];	/* I: n instructions */
};

void seccomp_filter_put(struct seccomp_filter *f);
/* the last task is gone: pollers of the listener are told */
void seccomp_listener_orphaned(struct seccomp_listener *l);
void seccomp_listener_free(struct seccomp_listener *l);
/* listener_file - f gets one, and *out is its file. 0 or -ENOMEM... */
int seccomp_listener_create(struct seccomp_filter *f, bool killable,
			    struct file **out);
/* ask whoever listens at f: true: the call shall run; false: *result. */
bool seccomp_notify(struct seccomp_filter *f,
		    const struct abi_seccomp_data *sd, long *result);

#endif
