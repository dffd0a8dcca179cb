/* SPDX-License-Identifier: MIT */
/* POSIX message queues of the ABI: mq_overview(7), mq_getattr(3). */
#ifndef ABI_MQUEUE_H
#define ABI_MQUEUE_H

#include <lib/types.h>

#define MQ_PRIO_MAX	32768
#define MQ_BYTES_MAX	819200		/* RLIMIT_MSGQUEUE at boot */

#define MQ_COOKIE_LEN	32		/* what SIGEV_THREAD's value points to */

struct abi_mq_attr {
	s64 mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs;
	s64 reserved[4];
};

#endif
