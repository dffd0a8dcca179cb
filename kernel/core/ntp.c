/* SPDX-License-Identifier: MIT */
/*
 * Steering the clock: adjtimex(2), RFC 1589.
 *
 * The clock's rate is its own plus a frequency (ADJ_FREQUENCY), what ADJ_TICK
 * differs from 10 ms, and a slew that is chosen once a second while there is an
 * offset to work off: of ADJ_OFFSET's phase a share 1 / 2^(2 + constant), of
 * ADJ_OFFSET_SINGLESHOT's 500 us. Only the rate changes (clock_adjust_freq()),
 * so the clock never goes back; ADJ_SETOFFSET steps CLOCK_REALTIME.
 *
 * The timer runs only while there is something to slew. The maximum error,
 * which grows by 500 ppm, is reckoned when it is asked for.
 *
 * Locking: ntp_lock (rank objqueue), irqs off. A step is made without it.
 *
 * Limits: no leap seconds (STA_INS, STA_DEL are -EINVAL), no PPS.
 */
#include <abi/errno.h>
#include <core/ntp.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <core/timer.h>

#define MAXERROR_LIMIT	16000000	/* us */
#define MAXFREQ		(500L << 16)	/* ppm, 16 fraction bits */
#define MAXPHASE_NS	500000000L
#define MAXTC		10
#define TICK_US		10000
#define SLEW_US		500		/* of a single shot, a second */
#define MAX_TAI		100000
#define ADJ_ADJTIME	0x8000	/* of a single shot */
#define ADJ_OFFSET_READONLY 0x2000

static struct spinlock ntp_lock = SPINLOCK_INIT(RANK_OBJQUEUE);
static struct timer second_timer;
static bool timer_ready;
static s64 freq;			/* ppm, 16 fraction bits */
static s64 tick_us = TICK_US;
static s64 phase_ns, single_us;		/* yet to be worked off */
static s64 slew_ppb;			/* in force until the next second */
static s64 constant = 2;
static s32 status = STA_UNSYNC;
static s64 maxerror = MAXERROR_LIMIT, esterror = MAXERROR_LIMIT;
static nsec_t maxerror_ns, ref_ns;	/* monotonic: as of when */

static s64
toward_zero_shift(s64 v, unsigned int n)
{
	return v < 0 ? -(-v >> n) : v >> n;
}

/* ---- lock held ---- */

static void
apply(void)
{
	clock_adjust_freq(freq * 1000 / 65536 +
			  (tick_us - TICK_US) * 100000 + slew_ppb);
}

/* Choose the slew of the second that begins. */
static void
begin_second(void)
{
	s64 phase = toward_zero_shift(phase_ns, 2 + constant);
	s64 single = clamp_t(s64, single_us, -SLEW_US, SLEW_US);

	if (!phase)
		phase = phase_ns;
	phase_ns -= phase;
	single_us -= single;
	slew_ppb = phase + single * 1000;
	apply();
	if (slew_ppb)
		timer_arm(&second_timer, clock_mono_ns() + NSEC_PER_SEC);
}

static void
second_fire(struct timer *t)
{
	unsigned long f = spin_lock_irqsave(&ntp_lock);

	begin_second();
	spin_unlock_irqrestore(&ntp_lock, f);
}

static void
want_slew(void)
{
	if (!timer_ready) {
		timer_init(&second_timer, second_fire);
		timer_ready = true;
	}
	if (!timer_pending(&second_timer))
		timer_arm(&second_timer, clock_mono_ns() + NSEC_PER_SEC);
}

static void
grow_maxerror(nsec_t now)
{
	nsec_t s = (now - maxerror_ns) / NSEC_PER_SEC;

	maxerror_ns += s * NSEC_PER_SEC;
	if (s >= MAXERROR_LIMIT / 500 || maxerror + (s64)s * 500 >
	    MAXERROR_LIMIT) {
		maxerror = MAXERROR_LIMIT;
		status |= STA_UNSYNC;
	} else {
		maxerror += s * 500;
	}
}

/* RFC 1589 PLL: the offset is worked off, and moves the frequency. */
static void
set_phase(s64 offset, nsec_t now)
{
	s64 secs;

	if (!(status & STA_PLL))
		return;
	if (!(status & STA_NANO))
		offset = clamp_t(s64, offset, -1000000, 1000000) * 1000;
	offset = clamp_t(s64, offset, -MAXPHASE_NS, MAXPHASE_NS);
	secs = status & STA_FREQHOLD ? 0 : (now - ref_ns) / NSEC_PER_SEC;
	secs = min_t(s64, secs, 1L << (3 + constant));
	ref_ns = now;
	/* ns/s of offset * secs / 4^(4 + constant), as ppm with 16 bits */
	freq = clamp_t(s64, freq + offset * secs * 65536 / 1000 /
		       (1L << (2 * (4 + constant))), -MAXFREQ, MAXFREQ);
	phase_ns = offset;
	want_slew();
}

static void
set_status(s32 new, nsec_t now)
{
	if ((status & STA_PLL) && !(new & STA_PLL))
		status = STA_UNSYNC;
	if (!(status & STA_PLL) && (new & STA_PLL))
		ref_ns = now;
	status = (status & STA_RONLY) | (new & ~STA_RONLY);
}

static void
set_modes(const struct abi_timex *t, nsec_t now)
{
	if (t->modes & ADJ_STATUS)
		set_status(t->status, now);
	if (t->modes & ADJ_NANO)
		status |= STA_NANO;
	if (t->modes & ADJ_MICRO)
		status &= ~STA_NANO;
	if (t->modes & ADJ_FREQUENCY)
		freq = clamp_t(s64, t->freq, -MAXFREQ, MAXFREQ);
	if (t->modes & ADJ_MAXERROR) {
		maxerror = clamp_t(s64, t->maxerror, 0, MAXERROR_LIMIT);
		maxerror_ns = now;
	}
	if (t->modes & ADJ_ESTERROR)
		esterror = clamp_t(s64, t->esterror, 0, MAXERROR_LIMIT);
	if (t->modes & ADJ_TIMECONST) {
		constant = clamp_t(s64, t->constant, 0, MAXTC);
		if (!(status & STA_NANO))
			constant = min_t(s64, constant + 4, MAXTC);
	}
	if (t->modes & ADJ_TAI && t->constant >= 0 && t->constant <= MAX_TAI)
		clock_set_tai(t->constant);
	if (t->modes & ADJ_OFFSET)
		set_phase(t->offset, now);
	if (t->modes & ADJ_TICK)
		tick_us = t->tick;
	if (t->modes & (ADJ_TICK | ADJ_FREQUENCY | ADJ_OFFSET))
		apply();
}

static void
fill(struct abi_timex *t, s64 offset)
{
	nsec_t now = clock_real_ns();

	*t = (struct abi_timex){
		.modes = t->modes, .offset = offset, .freq = freq,
		.maxerror = maxerror, .esterror = esterror, .status = status,
		.constant = constant, .precision = 1, .tolerance = MAXFREQ,
		.tick = tick_us, .tai = clock_get_tai(),
		.time = { now / NSEC_PER_SEC, now % NSEC_PER_SEC },
	};
	if (!(status & STA_NANO))
		t->time.tv_usec /= 1000;
}

/* ---- ---- */

static int
step(const struct abi_timex *t)
{
	s64 part = t->time.tv_usec, ns, real = clock_real_ns();

	if (part < 0 || part >= (t->modes & ADJ_NANO ? 1000000000 : 1000000))
		return -EINVAL;
	if (!(t->modes & ADJ_NANO))
		part *= 1000;
	if (mul_overflow(t->time.tv_sec, (s64)NSEC_PER_SEC, &ns) ||
	    add_overflow(ns, part, &ns) || add_overflow(real, ns, &real) ||
	    real < (s64)clock_mono_ns())
		return -EINVAL;
	clock_set_real(real);
	return 0;
}

static int
check(const struct abi_timex *t)
{
	if (t->modes & ADJ_ADJTIME)
		return t->modes & ADJ_OFFSET ? 0 : -EINVAL;
	if (t->modes & ADJ_TICK && (t->tick < TICK_US * 9 / 10 ||
				    t->tick > TICK_US * 11 / 10))
		return -EINVAL;
	if (t->modes & ADJ_FREQUENCY && (t->freq > S64_MAX / 65536000 ||
					 t->freq < -S64_MAX / 65536000))
		return -EINVAL;
	if (t->modes & ADJ_STATUS && t->status & (STA_INS | STA_DEL))
		return -EINVAL;
	return 0;
}

int
ntp_adjust(struct abi_timex *t)
{
	unsigned long f;
	s64 offset;
	nsec_t now;
	int r = check(t);

	if (r)
		return r;
	if (t->modes & ADJ_SETOFFSET && !(t->modes & ADJ_ADJTIME)) {
		r = step(t);
		if (r)
			return r;
	}
	f = spin_lock_irqsave(&ntp_lock);
	now = clock_mono_ns();
	grow_maxerror(now);
	if (t->modes & ADJ_ADJTIME) {
		offset = single_us;
		if (!(t->modes & ADJ_OFFSET_READONLY)) {
			single_us = t->offset;
			want_slew();
		}
	} else {
		set_modes(t, now);
		offset = status & STA_NANO ? phase_ns : phase_ns / 1000;
	}
	fill(t, offset);
	r = status & (STA_UNSYNC | STA_CLOCKERR) ? TIME_ERROR : TIME_OK;
	spin_unlock_irqrestore(&ntp_lock, f);
	return r;
}
