/* SPDX-License-Identifier: MIT */
/*
 * Calendar arithmetic on days counted from 0000-03-01, so that the leap day
 * is the last of its year and months follow a fixed pattern of 153 days in
 * five. An era is the 146097 days of 400 years.
 */
#include "lib/civil.h"

#define ERA_DAYS	146097
#define EPOCH_DAY	719468	/* 1970-01-01 from 0000-03-01 */

static s64
floor_div(s64 a, s64 b)
{
	return a / b - (a % b < 0);
}

static s64
days_from_civil(s64 y, s64 m, s64 d)
{
	y += floor_div(m - 1, 12);
	m = (m - 1) - floor_div(m - 1, 12) * 12 + 1;
	if (m <= 2)
		y--;
	s64 era = floor_div(y, 400), yoe = y - era * 400;
	s64 mp = (m + 9) % 12;
	s64 doy = (153 * mp + 2) / 5 + d - 1;

	return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	       EPOCH_DAY;
}

time64_t
unix_from_civil(const struct civil *c)
{
	return days_from_civil(c->year, c->month, c->day) * 86400 +
	       (s64)c->hour * 3600 + (s64)c->minute * 60 + c->second;
}

void
civil_from_unix(time64_t t, struct civil *c)
{
	s64 days = floor_div(t, 86400), rest = t - days * 86400;
	s64 z = days + EPOCH_DAY, era = floor_div(z, ERA_DAYS);
	s64 doe = z - era * ERA_DAYS;
	s64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	s64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	s64 mp = (5 * doy + 2) / 153;

	c->year = yoe + era * 400 + (mp >= 10);
	c->month = mp < 10 ? mp + 3 : mp - 9;
	c->day = doy - (153 * mp + 2) / 5 + 1;
	c->hour = rest / 3600;
	c->minute = rest / 60 % 60;
	c->second = rest % 60;
	c->weekday = (days % 7 + 11) % 7;
	c->yearday = days - days_from_civil(c->year, 1, 1);
}
