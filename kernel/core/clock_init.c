/* SPDX-License-Identifier: MIT */
/*
 * Which clock, and how fast it runs.
 *
 * kvmclock or CPUID tell the rate of the TSC; else it is measured once at boot
 * against the best reference there is, over a fraction of a millisecond,
 * between edges of the reference, and again later over a second (before the
 * wrap, if that comes earlier), which is good to parts in 10^7. `tsc_khz=`
 * overrides all. Never waits long.
 *
 * Locking: boot is alone; later only the refining timer comes here.
 */
#define LOG_MODULE time
#include <abi/errno.h>
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <boot/cmdline.h>
#include <core/clock.h>
#include <core/log.h>
#include <core/timer.h>
#include <lib/kstrto.h>
#include <lib/muldiv.h>
#include <lib/string.h>

#define TSC_KHZ_MIN	100000
#define TSC_KHZ_MAX	20000000
#define REFINE_AFTER_NS	NSEC_PER_SEC

static bool tsc_is_exact;	/* no refinement needed */

/* reference of the measurement, for the refinement */
static const struct clocksource *ref_source;
static u64 ref_start, ref_start_tsc;
static struct timer refine_timer;
static unsigned int refine_tries;

static u64 khz_param;
static char source_param[16];
static bool tsc_unstable_param;

static int
tsc_khz_set(const char *v)
{
	return v ? kstrtou64(v, 0, &khz_param) : -EINVAL;
}
KPARAM("tsc_khz", tsc_khz_set);

static int
tsc_early_khz_set(const char *v)
{
	return v ? kstrtou64(v, 0, &khz_param) : -EINVAL;
}
KPARAM("tsc_early_khz", tsc_early_khz_set);

static int
clocksource_set(const char *v)
{
	if (!v)
		return -EINVAL;
	strlcpy(source_param, v, sizeof(source_param));
	return 0;
}
KPARAM("clocksource", clocksource_set);

static int
tsc_set(const char *v)
{
	tsc_unstable_param = v && !strcmp(v, "unstable");
	return 0;
}
KPARAM("tsc", tsc_set);

/* ---- measuring ---- */

static u64
tsc_read(void)
{
	return rdtsc();
}

/*
 * Wait for ref's next edge. *a_val: a() in the middle of the reading that saw
 * it; readings much slower than the fastest so far are thrown away.
 */
static bool
find_edge(u64 (*a)(void), const struct clocksource *ref, u64 *width,
	  u64 *a_val, u64 *ref_val)
{
	unsigned int tries, i;

	for (tries = 0; tries < 16; tries++) {
		u64 r0 = ref->read(), r = r0, t0 = 0, t1 = 0;

		for (i = 0; r == r0; i++) {
			if (i == 100000)
				return false;
			t0 = a();
			r = ref->read();
			t1 = a();
		}
		*a_val = t0 + (t1 - t0) / 2;
		*ref_val = r;
		if (t1 - t0 <= *width * 2 || tries == 15) {
			*width = min_t(u64, *width, t1 - t0);
			return true;
		}
		*width = *width == U64_MAX / 4 ? t1 - t0 : *width;
	}
	return true;
}

u64
clock_measure(u64 (*a)(void), const struct clocksource *ref, u64 window_ns,
	      u64 *ref_ns)
{
	u64 a0, a1, r0, r1, width = U64_MAX / 4;
	u64 ticks = mul_div_u64(window_ns, ref->hz, NSEC_PER_SEC);
	unsigned int i;

	/* once for the caches and a first idea of the reading's cost */
	if (!find_edge(a, ref, &width, &a0, &r0) ||
	    !find_edge(a, ref, &width, &a0, &r0))
		return 0;
	for (i = 0; ((ref->read() - r0) & ref->mask) < ticks; i++) {
		if (i == 1000000)
			return 0;
	}
	if (!find_edge(a, ref, &width, &a1, &r1))
		return 0;
	*ref_ns = mul_div_u64((r1 - r0) & ref->mask, NSEC_PER_SEC, ref->hz);
	return a1 - a0;
}

static bool
khz_sane(u64 khz)
{
	return khz >= TSC_KHZ_MIN && khz <= TSC_KHZ_MAX;
}

/* TSC Hz against ref; 0 when two measurements do not agree to 0.1 %. */
static u64
measure_tsc(const struct clocksource *ref, u64 window_ns)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		u64 ns, d = clock_measure(tsc_read, ref, window_ns, &ns), hz;

		if (!d || !ns)
			return 0;
		hz = mul_div_u64(d, NSEC_PER_SEC, ns);
		if (khz_sane(hz / 1000))
			return hz;
	}
	return 0;
}

static u64
window_for(const struct clocksource *ref)
{
	return ref == &lapic_reference ? 400000 :
		ref->hz >= 10000000 ? 250000 : ref->hz >= 3000000 ? 500000 :
		2000000;
}

/* Take the first reading and come back in a second, or before the wrap. */
static void
refine_start(void)
{
	u64 width = U64_MAX / 4;

	if (refine_tries++ < 5 && ref_source->rating &&
	    find_edge(tsc_read, ref_source, &width, &ref_start_tsc,
		      &ref_start))
		timer_arm(&refine_timer, clock_mono_ns() +
			  min_t(u64, REFINE_AFTER_NS,
				clocksource_wrap_ns(ref_source) / 4 * 3));
}

static void
refine_fire(struct timer *t)
{
	u64 now, ref, width = U64_MAX / 4, dt, ns, hz, hz0 = clock_tsc_hz();

	(void)t;
	if (!clock_is_tsc() || !find_edge(tsc_read, ref_source, &width, &now, &ref))
		return;
	/* late: the reference may have wrapped */
	dt = mul_div_u64(now - ref_start_tsc, NSEC_PER_SEC, hz0);
	if (dt > clocksource_wrap_ns(ref_source) / 10 * 9) {
		refine_start();
		return;
	}
	ns = mul_div_u64((ref - ref_start) & ref_source->mask, NSEC_PER_SEC,
			 ref_source->hz);
	if (!ns)
		return;
	hz = mul_div_u64(now - ref_start_tsc, NSEC_PER_SEC, ns);
	if (hz > hz0 + hz0 / 50 || hz < hz0 - hz0 / 50) {
		log_warn(time, "refined TSC rate %lu kHz is not credible\n",
			 hz / 1000);
		return;
	}
	clock_use_tsc(hz);
	log_debug(time, "tsc: refined to %lu.%03lu kHz\n", hz / 1000,
		  hz % 1000);
}

/* Find tsc_hz (Hz) and the LAPIC timer's rate (kHz); 0: unknown. */
static void
calibrate(u64 *hz, u64 *lapic_khz)
{
	static const char *const refs[] = { "hpet", "acpi_pm" };
	bool lapic = lapic_timer_available();
	bool measure_lapic = lapic && !*lapic_khz;
	u64 t0 = rdtsc(), count;
	unsigned int i;

	if (measure_lapic)
		lapic_timer_measure_start();
	for (i = 0; !*hz && i < ARRAY_SIZE(refs); i++) {
		const struct clocksource *ref = clocksource_find(refs[i]);

		if (!ref)
			continue;
		*hz = measure_tsc(ref, window_for(ref));
		if (*hz)
			ref_source = ref;
	}
	/* the last ones: a rate known by hearsay, a slow counter */
	if (!*hz) {
		if (pit_init())
			ref_source = clocksource_find("pit");
		if (lapic && *lapic_khz) {
			lapic_timer_measure_start();
			*hz = measure_tsc(&lapic_reference,
					  window_for(&lapic_reference));
		}
		if (!*hz && ref_source)
			*hz = measure_tsc(ref_source, window_for(ref_source));
	}
	if (!*hz) {
		*hz = 1000000000;
		log_err(time, "TSC rate unknown, taking 1 GHz; "
			"give tsc_khz=\n");
	}
	if (!measure_lapic)
		return;
	/* against the TSC, over half a millisecond at least */
	while (rdtsc() - t0 < *hz / 2000)
		cpu_relax();
	count = lapic_timer_measure_read();
	*lapic_khz = mul_div_u64(count, *hz / 1000, rdtsc() - t0);
}

static void
choose_clock(u64 hz)
{
	struct clocksource *cs = clocksource_find(NULL);
	bool tsc = !tsc_unstable_param && !(cs && cs->rating >= 250);

	if (source_param[0]) {
		struct clocksource *want = clocksource_find(source_param);

		if (want && want->rating)
			cs = want;
		tsc = !strcmp(source_param, "tsc") || !want || !want->rating;
	}
	if (tsc || !cs)
		clock_use_tsc(hz);
	else
		clock_use_source(cs, hz);
}

void
time_init(void)
{
	u64 wall = 0, lapic_khz = 0, hz;
	time64_t rtc;

	hz = kvmclock_init(&wall) * 1000;
	if (!hz)
		hz = tsc_khz_cpuid() * 1000;
	if (khz_sane(khz_param))
		hz = khz_param * 1000;
	tsc_is_exact = hz;
	if (lapic_timer_available())
		lapic_khz = lapic_timer_khz_known();
	hpet_init();
	pmtimer_init();
	if (!strcmp(source_param, "pit"))
		pit_init();
	calibrate(&hz, &lapic_khz);
	choose_clock(hz);
	if (lapic_timer_available())
		lapic_timer_setup(lapic_khz, clock_is_tsc() ? hz / 1000 : 0);
	if (!clockevent_current() && !hpet_clockevent_setup()) {
		if (!pit_init() || !pit_clockevent_setup())
			log_err(time, "no timer interrupt\n");
	}
	if (!wall && rtc_read(&rtc))
		wall = (u64)rtc * NSEC_PER_SEC;
	if (wall)
		clock_set_real(wall);
	log_info(time, "tsc: %lu.%03lu MHz%s, clocksource %s, events %s\n",
		 hz / 1000000, hz / 1000 % 1000,
		 tsc_is_exact ? "" : " (measured)", clocksource_name(),
		 clockevent_current() ? clockevent_current()->name : "none");
	if (!tsc_is_exact && ref_source && clock_is_tsc()) {
		timer_init(&refine_timer, refine_fire);
		refine_start();
	}
}
