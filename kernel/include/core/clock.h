/* SPDX-License-Identifier: MIT */
/*
 * What clock hardware implements for core/clock.c and core/timer.c.
 * A clocksource is a counter that only goes up (modulo mask + 1); a clock event
 * device interrupts once after a delay.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <core/time.h>
#include <lib/types.h>

struct clocksource {
	const char *name;
	u64 (*read)(void);	/* any context */
	u64 mask;
	u64 hz;
	u8 rating;		/* higher is preferred; 0: reference only */
	struct clocksource *next;
};

struct clockevent {
	const char *name;
	/* interrupt this CPU after delta_ns, at most max_ns (the caller asks
	 * again when it was too early); irqs off */
	void (*program)(u64 delta_ns);
	u64 max_ns;
	u8 rating;
};

void clocksource_register(struct clocksource *cs);
void clockevent_register(const struct clockevent *ev);
const struct clockevent *clockevent_current(void);

/*
 * clock_measure - how many ticks of a() pass while ref counts about window_ns?
 * Ends on edges of ref, rejects readings that an SMI or a VM exit stretched.
 * Returns ticks and the exact *ref_ns, or 0 when ref does not behave. Takes
 * window_ns and a little more; bounded even when ref stands still.
 */
u64 clock_measure(u64 (*a)(void), const struct clocksource *ref,
		  u64 window_ns, u64 *ref_ns);

/* clock_tsc_unstable - TSCs disagree: go over to the next best. T or I. */
void clock_tsc_unstable(const char *why);
/* The hardware, in the order time_init() tries it; each does nothing and
 * returns false when absent. */
u64 kvmclock_init(u64 *wall_ns);	/* TSC kHz or 0; *wall_ns at boot or 0 */
void kvmclock_init_cpu(void);
u64 tsc_khz_cpuid(void);		/* CPUID 15h, 16h, 40000010h; 0 */
bool hpet_init(void);
bool pmtimer_init(void);
bool pit_init(void);
bool pit_clockevent_setup(void);
bool hpet_clockevent_setup(void);
/* rtc_read - wall clock from the CMOS; false when there is none. */
bool rtc_read(time64_t *out);
bool rtc_write(time64_t t);
/* local APIC timer: known or to be measured (apic_timer.c) */
bool lapic_timer_available(void);
u64 lapic_timer_khz_known(void);	/* 0: measure */
void lapic_timer_measure_start(void);
u32 lapic_timer_measure_read(void);
void lapic_timer_setup(u64 khz, u64 tsc_khz);
void lapic_timer_init_cpu(void);
extern struct clocksource lapic_reference;

/*
 * clock.c, for clock_init.c: run on the TSC at hz, or on cs (and know the TSC's
 * rate). Time goes on smoothly. T or I.
 */
void clock_use_tsc(u64 hz);
void clock_use_source(const struct clocksource *cs, u64 hz);
bool clock_is_tsc(void);
u64 clock_tsc_hz(void);
struct clocksource *clocksource_find(const char *name);	/* NULL: the best */
u64 clocksource_wrap_ns(const struct clocksource *cs);

/* timer.c: a clock event device is there now: program what waits. */
void timer_clockevent_ready(void);

#endif
