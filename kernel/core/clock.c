/* SPDX-License-Identifier: MIT */
/*
 * CLOCK_MONOTONIC and the wall clock.
 *
 * As a rule the TSC is the clock: nanoseconds = base_ns + (tsc - base) * mult
 * >> 32 with a 128-bit product, so nothing ever needs to be brought up to date
 * and a reading takes no lock: the three numbers are in a block that is not
 * changed once published; a new rate goes into the other block. (Rates change
 * seldom enough that no reader is still in a block when it is used again.)
 *
 * Another counter (kvm-clock, HPET, PM timer, PIT) wraps: its base is moved up
 * by a timer well before that, under a sequence count.
 *
 * The rate of the TSC. kvmclock or CPUID tell it; else it is measured once at
 * boot against the best reference there is, over a fraction of a millisecond,
 * between edges of the reference, and again later over a second (before the
 * wrap, if that comes earlier), which is good to parts in 10^7. `tsc_khz=`
 * overrides all. Never waits long.
 *
 * Wall clock = monotonic + real_offset, one 64-bit word.
 */
#define LOG_MODULE time
#include <abi/errno.h>
#include <arch/cpu.h>
#include <arch/vdso.h>
#include <boot/cmdline.h>
#include <core/clock.h>
#include <core/clock_timer.h>
#include <core/log.h>
#include <core/spinlock.h>
#include <core/timer.h>
#include <lib/kstrto.h>
#include <lib/muldiv.h>
#include <lib/string.h>

#define TSC_KHZ_MIN	100000
#define TSC_KHZ_MAX	20000000
#define REFINE_AFTER_NS	NSEC_PER_SEC
#define FREQ_MAX_PPB	300000000	/* a tick of 11 ms, and slewing */

struct tsc_params { u64 base, base_ns, mult; };

static struct tsc_params tsc_block[2];
static const struct tsc_params *tsc_now;	/* NULL: not the clock */
static u64 tsc_hz;
static s64 freq_ppb;
static bool tsc_is_exact;			/* no refinement needed */

/* the other kind of clock */
static const struct clocksource *cs_now;
static struct seqcount cs_seq;
static u64 cs_last, cs_base_ns, cs_mult;
static struct timer cs_timer;

static struct clocksource *sources;
static const struct clockevent *event;
static struct spinlock clock_lock = SPINLOCK_INIT(RANK_LOG);
static u64 real_offset;
static u64 tai_offset;			/* TAI - UTC, as adjtimex(2) set it */

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

static u64
tsc_read(void)
{
	return rdtsc();
}

/* ---- reading ---- */

static __noinline u64
mono_slow(void)
{
	u64 d, ns;
	u32 s;

	do {
		s = seq_begin(&cs_seq);
		if (!cs_now)
			return cs_base_ns;
		d = (cs_now->read() - cs_last) & cs_now->mask;
		ns = cs_base_ns + mul_shift_u64(d, cs_mult, 32);
	} while (seq_retry(&cs_seq, s));
	return ns;
}

nsec_t
clock_mono_ns(void)
{
	const struct tsc_params *p = READ_ONCE(tsc_now);

	if (likely(p))
		return p->base_ns + mul_shift_u64(rdtsc() - p->base, p->mult,
						  32);
	return mono_slow();
}

nsec_t
clock_real_ns(void)
{
	return clock_mono_ns() + READ_ONCE(real_offset);
}

nsec_t
clock_tai_ns(void)
{
	return clock_real_ns() + READ_ONCE(tai_offset);
}

nsec_t
sched_clock_ns(void)
{
	return clock_mono_ns();
}

nsec_t
clock_real_coarse_ns(void)
{
	/* the TSC is as cheap as a stored time and never stale */
	if (likely(READ_ONCE(tsc_now)))
		return clock_real_ns();
	return READ_ONCE(cs_base_ns) + READ_ONCE(real_offset);
}

u64
tsc_khz(void)
{
	return tsc_hz / 1000;
}

void
udelay(u32 us)
{
	u64 khz = tsc_hz ? tsc_hz / 1000 : 4000000;
	u64 start = rdtsc(), ticks = khz * us / 1000;

	while (rdtsc() - start < ticks)
		cpu_relax();
}

/* ---- changing; clock_lock held from here on ---- */

static u64
mult_of(u64 hz)
{
	u64 m = mul_div_u64(NSEC_PER_SEC, 1UL << 32, hz);

	if (freq_ppb < 0)
		return m - mul_div_u64(m, -freq_ppb, NSEC_PER_SEC);
	return m + mul_div_u64(m, freq_ppb, NSEC_PER_SEC);
}

static void
vdso_publish(void)
{
	const struct tsc_params *p = tsc_now;
	struct vvar_data v = { .real_offset_ns = real_offset };

	if (p) {
		v.mode = VDSO_MODE_TSC;
		v.tsc_base = p->base;
		v.mono_base_ns = p->base_ns;
		v.mult = p->mult;
	}
	vdso_update(&v);
}

/* The TSC runs at hz from now on (and before: time goes on smoothly). */
static void
tsc_publish(u64 hz)
{
	struct tsc_params *p = &tsc_block[tsc_now == &tsc_block[0]];

	/* one reading for both: time must not step back by a few ticks */
	p->base = rdtsc();
	p->base_ns = tsc_now ? tsc_now->base_ns +
		mul_shift_u64(p->base - tsc_now->base, tsc_now->mult, 32) :
		mono_slow();
	p->mult = mult_of(hz);
	tsc_hz = hz;
	smp_wmb();
	WRITE_ONCE(tsc_now, p);
	vdso_publish();
}

static void
cs_update(void)
{
	u64 now, d;

	seq_write_begin(&cs_seq);
	now = cs_now->read();
	d = (now - cs_last) & cs_now->mask;
	cs_base_ns += mul_shift_u64(d, cs_mult, 32);
	cs_last = now;
	seq_write_end(&cs_seq);
}

static u64
wrap_ns(const struct clocksource *cs)
{
	return mul_div_u64(cs->mask, NSEC_PER_SEC, cs->hz);
}

/* Half the time to the wrap, a second at most. */
static u64
cs_period_ns(const struct clocksource *cs)
{
	return min_t(u64, wrap_ns(cs) / 2, NSEC_PER_SEC);
}

static void
cs_timer_fire(struct timer *t)
{
	unsigned long f = spin_lock_irqsave(&clock_lock);
	const struct clocksource *cs = tsc_now ? NULL : cs_now;

	if (cs)
		cs_update();
	spin_unlock_irqrestore(&clock_lock, f);
	if (cs)
		timer_arm(t, clock_mono_ns() + cs_period_ns(cs));
}

static void
cs_publish(const struct clocksource *cs)
{
	u64 ns = clock_mono_ns();

	seq_write_begin(&cs_seq);
	cs_now = cs;
	cs_last = cs->read();
	cs_base_ns = ns;
	cs_mult = mult_of(cs->hz);
	seq_write_end(&cs_seq);
	WRITE_ONCE(tsc_now, NULL);
	vdso_publish();
}

s64
clock_adjust_freq(s64 ppb)
{
	unsigned long f = spin_lock_irqsave(&clock_lock);

	freq_ppb = clamp_t(s64, ppb, -FREQ_MAX_PPB, FREQ_MAX_PPB);
	ppb = freq_ppb;
	if (tsc_now) {
		tsc_publish(tsc_hz);
	} else if (cs_now) {
		cs_update();
		seq_write_begin(&cs_seq);
		cs_mult = mult_of(cs_now->hz);
		seq_write_end(&cs_seq);
	}
	spin_unlock_irqrestore(&clock_lock, f);
	return ppb;
}

void
clock_set_tai(u32 offset_s)
{
	WRITE_ONCE(tai_offset, offset_s * NSEC_PER_SEC);
	clock_was_set();
}

u32
clock_get_tai(void)
{
	return READ_ONCE(tai_offset) / NSEC_PER_SEC;
}

void
clock_set_real(nsec_t real_ns)
{
	unsigned long f = spin_lock_irqsave(&clock_lock);

	WRITE_ONCE(real_offset, real_ns - clock_mono_ns());
	vdso_publish();
	spin_unlock_irqrestore(&clock_lock, f);
	clock_was_set();
}

/* ---- sources ---- */

void
clocksource_register(struct clocksource *cs)
{
	const struct clocksource *p;

	for (p = sources; p; p = p->next) {
		if (p == cs)
			return;
	}
	cs->next = sources;
	sources = cs;
}

static struct clocksource *
source_find(const char *name)
{
	struct clocksource *cs, *best = NULL;

	for (cs = sources; cs; cs = cs->next) {
		if (name ? !strcmp(cs->name, name) :
		    cs->rating && (!best || cs->rating > best->rating))
			best = cs;
	}
	return best;
}

const char *
clocksource_name(void)
{
	return tsc_now ? "tsc" : cs_now ? cs_now->name : "none";
}

bool
clocksource_list(unsigned int i, const char **name)
{
	struct clocksource *cs;

	if (!i--) {
		*name = "tsc";
		return true;
	}
	for (cs = sources; cs && i; i--)
		cs = cs->next;
	if (cs)
		*name = cs->name;
	return cs;
}

void
clockevent_register(const struct clockevent *ev)
{
	if (!event || ev->rating > event->rating) {
		WRITE_ONCE(event, ev);
		timer_clockevent_ready();
	}
}

const struct clockevent *
clockevent_current(void)
{
	return READ_ONCE(event);
}

void
clock_tsc_unstable(const char *why)
{
	struct clocksource *cs = source_find(NULL);
	unsigned long f;

	log_warn(time, "TSC is not usable as clock: %s\n", why);
	if (!tsc_now || !cs) {
		if (tsc_now)
			log_err(time, "no other clock: keeping it\n");
		return;
	}
	f = spin_lock_irqsave(&clock_lock);
	cs_publish(cs);
	spin_unlock_irqrestore(&clock_lock, f);
	timer_arm(&cs_timer, clock_mono_ns() + cs_period_ns(cs));
	log_info(time, "clocksource: %s\n", cs->name);
}

/* ---- calibration ---- */

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
				wrap_ns(ref_source) / 4 * 3));
}

static void
refine_fire(struct timer *t)
{
	u64 now, ref, width = U64_MAX / 4, dt, ns, hz;
	unsigned long f;

	(void)t;
	if (!tsc_now || !find_edge(tsc_read, ref_source, &width, &now, &ref))
		return;
	/* late: the reference may have wrapped */
	dt = mul_div_u64(now - ref_start_tsc, NSEC_PER_SEC, tsc_hz);
	if (dt > wrap_ns(ref_source) / 10 * 9) {
		refine_start();
		return;
	}
	ns = mul_div_u64((ref - ref_start) & ref_source->mask, NSEC_PER_SEC,
			 ref_source->hz);
	if (!ns)
		return;
	hz = mul_div_u64(now - ref_start_tsc, NSEC_PER_SEC, ns);
	if (hz > tsc_hz + tsc_hz / 50 || hz < tsc_hz - tsc_hz / 50) {
		log_warn(time, "refined TSC rate %lu kHz is not credible\n",
			 hz / 1000);
		return;
	}
	f = spin_lock_irqsave(&clock_lock);
	tsc_publish(hz);
	spin_unlock_irqrestore(&clock_lock, f);
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
		const struct clocksource *ref = source_find(refs[i]);

		if (!ref)
			continue;
		*hz = measure_tsc(ref, window_for(ref));
		if (*hz)
			ref_source = ref;
	}
	/* the last ones: a rate known by hearsay, a slow counter */
	if (!*hz) {
		if (pit_init())
			ref_source = source_find("pit");
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
	struct clocksource *cs = source_find(NULL);
	bool tsc = !tsc_unstable_param && !(cs && cs->rating >= 250);
	unsigned long f;

	if (source_param[0]) {
		struct clocksource *want = source_find(source_param);

		if (want && want->rating)
			cs = want;
		tsc = !strcmp(source_param, "tsc") || !want || !want->rating;
	}
	timer_init(&cs_timer, cs_timer_fire);
	f = spin_lock_irqsave(&clock_lock);
	tsc_hz = hz;
	if (tsc || !cs)
		tsc_publish(hz);
	else
		cs_publish(cs);
	spin_unlock_irqrestore(&clock_lock, f);
	if (!tsc_now)
		timer_arm(&cs_timer, clock_mono_ns() + cs_period_ns(cs));
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
		lapic_timer_setup(lapic_khz, tsc_now ? hz / 1000 : 0);
	if (!event && !hpet_clockevent_setup()) {
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
		 event ? event->name : "none");
	if (!tsc_is_exact && ref_source && tsc_now) {
		timer_init(&refine_timer, refine_fire);
		refine_start();
	}
}
