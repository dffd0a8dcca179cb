/* SPDX-License-Identifier: MIT */
/*
 * CLOCK_MONOTONIC and the wall clock.
 *
 * As a rule the TSC is the clock: nanoseconds = base_ns + (tsc - base) * mult
 * >> 32 with a 128-bit product, so nothing ever needs to be brought up to date
 * and a reading takes no lock.
 *
 * Another counter (kvm-clock, HPET, PM timer, PIT) wraps: its base is moved up
 * by a timer well before that.
 *
 * Changes are made under clock_lock and one sequence count, which readers
 * await. The vDSO's count is odd over the same time: at no moment is there a
 * reader by the old numbers and one by the new, so neither a change of the
 * rate nor of the source lets time go back for anybody. What interrupts the
 * change itself (an NMI that logs) cannot wait and reads by the numbers that
 * are in force; those of the TSC are in two blocks, so that they are whole.
 *
 * Wall clock = monotonic + real_offset.
 */
#define LOG_MODULE time
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <arch/vdso.h>
#include <core/clock.h>
#include <core/clock_timer.h>
#include <core/log.h>
#include <core/spinlock.h>
#include <core/timer.h>
#include <lib/muldiv.h>
#include <lib/string.h>

#define FREQ_MAX_PPB	300000000	/* a tick of 11 ms, and slewing */
#define SETTLE_CYCLES	2000		/* more than is ever in flight */

struct tsc_params { u64 base, base_ns, mult; };

static u32 clock_seq;				/* odd: in change */
static u32 clock_writer;			/* then: the CPU that does it */
static const struct tsc_params *tsc_now;	/* NULL: not the clock */
static struct tsc_params tsc_block[2];
static u64 tsc_hz;
static s64 freq_ppb;

/* the other kind of clock */
static const struct clocksource *cs_now;
static u64 cs_last, cs_base_ns, cs_mult;
static struct timer cs_timer;

static struct clocksource *sources;
static const struct clockevent *event;
static struct spinlock clock_lock = SPINLOCK_INIT(RANK_LOG);
static u64 real_offset;
static u64 tai_offset;			/* TAI - UTC, as adjtimex(2) set it */

/* ---- reading ---- */

/* It is odd: the even number that follows, or, in the change itself, this. */
static __noinline u32
await_change(void)
{
	u32 seq;

	while ((seq = READ_ONCE(clock_seq)) & 1) {
		if (READ_ONCE(clock_writer) == cpu_id() || log_panicking)
			break;
		cpu_relax();
	}
	return seq;
}

static __noinline u64
read_other(void)
{
	if (!cs_now)
		return cs_base_ns;
	return cs_base_ns + mul_shift_u64((cs_now->read() - cs_last) &
					  cs_now->mask, cs_mult, 32);
}

/* Monotonic time and an offset that changes with it. */
static __always_inline u64
read_clock(const u64 *offset1, const u64 *offset2)
{
	const struct tsc_params *p;
	u32 seq;
	u64 ns;

	do {
		seq = READ_ONCE(clock_seq);
		if (unlikely(seq & 1))
			seq = await_change();
		smp_rmb();
		p = READ_ONCE(tsc_now);
		if (likely(p))
			ns = p->base_ns +
				mul_shift_u64(rdtsc() - p->base, p->mult, 32);
		else
			ns = read_other();
		if (offset1)
			ns += READ_ONCE(*offset1);
		if (offset2)
			ns += READ_ONCE(*offset2);
		smp_rmb();
	} while (unlikely(READ_ONCE(clock_seq) != seq));
	return ns;
}

nsec_t
clock_mono_ns(void)
{
	return read_clock(NULL, NULL);
}

nsec_t
clock_real_ns(void)
{
	return read_clock(&real_offset, NULL);
}

nsec_t
clock_tai_ns(void)
{
	return read_clock(&real_offset, &tai_offset);
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
change_begin(void)
{
	WRITE_ONCE(clock_writer, cpu_id());
	smp_wmb();
	WRITE_ONCE(clock_seq, clock_seq + 1);
	vdso_update_begin();
	smp_mb();
}

static void
change_end(void)
{
	const struct tsc_params *p = tsc_now;
	struct vvar_data v = { .real_offset_ns = real_offset };

	if (p) {
		v.mode = VDSO_MODE_TSC;
		v.tsc_base = p->base;
		v.mono_base_ns = p->base_ns;
		v.mult = p->mult;
	}
	vdso_update_end(&v);
	smp_wmb();
	WRITE_ONCE(clock_seq, clock_seq + 1);
}

/*
 * The TSC runs at hz from now on (and before: time goes on smoothly). A CPU may
 * still execute the RDTSC of a reading whose loads it has done: wait for that.
 */
static void
tsc_publish(u64 hz)
{
	struct tsc_params *p = &tsc_block[tsc_now == &tsc_block[0]];
	u64 start;

	change_begin();
	start = rdtsc();
	do {
		/* one reading for both: not back by a few ticks */
		p->base = rdtsc();
	} while (p->base - start < SETTLE_CYCLES);
	p->base_ns = tsc_now ? tsc_now->base_ns +
		mul_shift_u64(p->base - tsc_now->base, tsc_now->mult, 32) :
		read_other();
	p->mult = mult_of(hz);
	tsc_hz = hz;
	smp_wmb();
	WRITE_ONCE(tsc_now, p);
	change_end();
}

/* In a change: the base is the counter's value now. */
static void
cs_rebase(void)
{
	u64 now = cs_now->read();

	cs_base_ns += mul_shift_u64((now - cs_last) & cs_now->mask, cs_mult,
				    32);
	cs_last = now;
}

u64
clocksource_wrap_ns(const struct clocksource *cs)
{
	return mul_div_u64(cs->mask, NSEC_PER_SEC, cs->hz);
}

/* Half the time to the wrap, a second at most. */
static u64
cs_period_ns(const struct clocksource *cs)
{
	return min_t(u64, clocksource_wrap_ns(cs) / 2, NSEC_PER_SEC);
}

static void
cs_timer_fire(struct timer *t)
{
	unsigned long f = spin_lock_irqsave(&clock_lock);
	const struct clocksource *cs = tsc_now ? NULL : cs_now;

	if (cs) {
		change_begin();
		cs_rebase();
		change_end();
	}
	spin_unlock_irqrestore(&clock_lock, f);
	if (cs)
		timer_arm(t, clock_mono_ns() + cs_period_ns(cs));
}

static void
cs_publish(const struct clocksource *cs)
{
	change_begin();
	cs_base_ns = clock_mono_ns();	/* the writer's own: as it was */
	cs_now = cs;
	cs_last = cs->read();
	cs_mult = mult_of(cs->hz);
	smp_wmb();
	WRITE_ONCE(tsc_now, NULL);
	change_end();
}

void
clock_use_tsc(u64 hz)
{
	unsigned long f = spin_lock_irqsave(&clock_lock);

	tsc_publish(hz);
	spin_unlock_irqrestore(&clock_lock, f);
}

void
clock_use_source(const struct clocksource *cs, u64 hz)
{
	unsigned long f = spin_lock_irqsave(&clock_lock);

	tsc_hz = hz;
	cs_publish(cs);
	spin_unlock_irqrestore(&clock_lock, f);
	if (!cs_timer.fn)
		timer_init(&cs_timer, cs_timer_fire);
	timer_arm(&cs_timer, clock_mono_ns() + cs_period_ns(cs));
}

bool
clock_is_tsc(void)
{
	return READ_ONCE(tsc_now);
}

u64
clock_tsc_hz(void)
{
	return tsc_hz;
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
		change_begin();
		cs_rebase();
		cs_mult = mult_of(cs_now->hz);
		change_end();
	}
	spin_unlock_irqrestore(&clock_lock, f);
	return ppb;
}

void
clock_set_tai(u32 offset_s)
{
	WRITE_ONCE(tai_offset, offset_s * NSEC_PER_SEC);	/* not in the vDSO */
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

	change_begin();
	WRITE_ONCE(real_offset, real_ns - clock_mono_ns());
	change_end();
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

struct clocksource *
clocksource_find(const char *name)
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
	struct clocksource *cs = clocksource_find(NULL);

	log_warn(time, "TSC is not usable as clock: %s\n", why);
	if (!tsc_now || !cs) {
		if (tsc_now)
			log_err(time, "no other clock: keeping it\n");
		return;
	}
	clock_use_source(cs, tsc_hz);
	log_info(time, "clocksource: %s\n", cs->name);
}
