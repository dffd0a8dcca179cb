/* SPDX-License-Identifier: MIT */
/* Steering the wall clock, adjtimex(2). */
#ifndef CORE_NTP_H
#define CORE_NTP_H

#include <abi/time.h>

/*
 * ntp_adjust - do what t->modes asks and fill t with what is in force. Returns
 * TIME_OK or TIME_ERROR, or -EINVAL with nothing changed. Permission is the
 * caller's. Context: T.
 */
int ntp_adjust(struct abi_timex *t);

#endif
