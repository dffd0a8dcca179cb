/* SPDX-License-Identifier: MIT */
/*
 * Clocks. clock_mono_ns() is CLOCK_MONOTONIC since boot, read from the best
 * clocksource (TSC as a rule) with no lock. Boot, raw and tai derive from it.
 */
#ifndef CORE_TIME_H
#define CORE_TIME_H

#include <lib/types.h>

#define NSEC_PER_SEC	1000000000UL
#define NSEC_PER_MSEC	1000000UL
#define NSEC_PER_USEC	1000UL
#define NSEC_MAX	S64_MAX		/* "never" as a deadline */
#define HZ_USER		100		/* USER_HZ, clock_t of times(2) */

nsec_t clock_mono_ns(void);		/* any context */
nsec_t clock_real_ns(void);		/* since 1970 UTC */
nsec_t clock_tai_ns(void);		/* CLOCK_TAI */
nsec_t sched_clock_ns(void);		/* cheap, per CPU monotone */
/* clock_coarse_* - as of the last tick or clock read; for file times. */
nsec_t clock_real_coarse_ns(void);
/* clock_set_real - settimeofday(2). Updates the vDSO page; wakes who waits for
 * a wall clock time. T or A. */
void clock_set_real(nsec_t real_ns);
/* clock_set_tai - what CLOCK_TAI is before UTC, in seconds. T or A */
void clock_set_tai(u32 offset_s);
u32 clock_get_tai(void);
u64 tsc_khz(void);
const char *clocksource_name(void);
bool clocksource_list(unsigned int i, const char **name);
/* udelay - busy wait; for device resets only. */
void udelay(u32 us);

/*
 * clock_adjust_freq - run the clock by ppb parts in 10^9 faster (adjtimex(2));
 * at most 3 * 10^8. Returns what is in force.
 */
s64 clock_adjust_freq(s64 ppb);
/* time_init - find and calibrate the clocks, set the wall clock. E, once. */
void time_init(void);

#endif
