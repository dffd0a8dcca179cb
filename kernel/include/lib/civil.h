/* SPDX-License-Identifier: MIT */
/* Seconds since 1970-01-01 00:00:00 UTC to and from the Gregorian calendar. */
#ifndef LIB_CIVIL_H
#define LIB_CIVIL_H

#include "lib/types.h"

struct civil {
	s64 year;	/* 1970 is 1970 */
	int month;	/* 1..12 */
	int day;	/* 1..31 */
	int hour, minute, second;
	int weekday;	/* 0 = Sunday; output only */
	int yearday;	/* 0..365; output only */
};

/* Fields out of range carry over (month 13 is January of the next year). */
time64_t unix_from_civil(const struct civil *c);
void civil_from_unix(time64_t t, struct civil *c);

#endif
