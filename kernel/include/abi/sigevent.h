/* SPDX-License-Identifier: MIT */
/* How to tell of an event, sigevent(3type). */
#ifndef ABI_SIGEVENT_H
#define ABI_SIGEVENT_H

#include <abi/signal.h>

#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID	4

struct abi_sigevent {
	union abi_sigval sigev_value;
	s32 sigev_signo, sigev_notify;
	s32 sigev_tid;		/* with SIGEV_THREAD_ID */
	s32 pad[11];
};
static_assert(sizeof(struct abi_sigevent) == 64, "ABI");

#endif
