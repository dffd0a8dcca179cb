/* SPDX-License-Identifier: MIT */
/* What syslog(2), /proc/kmsg and /dev/kmsg share about reading the log. */
#ifndef DEV_KMSG_H
#define DEV_KMSG_H

#include <core/log.h>
#include <sched/mutex.h>

/*
 * log_wait_intr - sleep until there is a record with number >= seq, that is,
 * log_next_seq() > seq. 0 or -ERESTARTSYS. Context: T.
 */
long log_wait_intr(u64 seq);
extern struct waitq log_waitq;		/* woken after new records */

/*
 * The one reader's place of syslog(2) 2 and /proc/kmsg, and the record that
 * "clear" (syslog(2) 4, 5) came before; under kmsg_lock.
 */
extern struct mutex kmsg_lock;
extern u64 kmsg_read_seq, kmsg_clear_seq;

/* kernel.dmesg_restrict: reading the log takes CAP_SYSLOG */
extern int dmesg_restrict;

/*
 * kmsg_read_line - next record at or after *seq as "<prio>[ sec.usec] text\n"
 * in buf: its length, 0 when there is none, -ENOMEM. Skips what was overwritten.
 */
ssize_t kmsg_read_line(u64 *seq, char *buf, size_t len);
#define KMSG_LINE_MAX	1100

/* Register the devices: T, once, any time after the slab works. */
void chr_mem_init(void);
void chr_random_init(void);
void kmsg_init(void);

#endif
