/* SPDX-License-Identifier: MIT */
/* Between the two halves of core dumps: who writes, and what. */
#ifndef PROC_COREDUMP_H
#define PROC_COREDUMP_H

#include <task/task.h>

struct file;

struct core_dump {
	struct file *file;
	loff_t pos;			/* bytes of the core so far */
	loff_t hole;			/* zeros to come before the next byte */
	u64 limit;			/* RLIMIT_CORE */
	bool seekable;			/* holes need not be written */
	const struct abi_siginfo *info;
	u64 filter;			/* coredump_filter */
};

/* core_emit - n bytes more: 0; -EFBIG at the limit, -EINTR, what write gives */
int core_emit(struct core_dump *d, const void *buf, size_t n);
int core_skip(struct core_dump *d, size_t n);	/* the same of zeros */
/*
 * core_next_thread - a thread that stands still for the dump, after that one
 * (NULL: the first); NULL at the end. They stay until the dump ends.
 */
struct task *core_next_thread(struct task *after);
/*
 * core_elf_write - the whole core of the current process, whose other threads
 * stand still. 0 or -errno; what was written before an error stays.
 */
int core_elf_write(struct core_dump *d);

#endif
