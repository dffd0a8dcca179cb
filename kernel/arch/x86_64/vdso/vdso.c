/* SPDX-License-Identifier: MIT */
/*
 * The vDSO, vdso(7): runs in user mode, in any program. It reads the vvar page
 * (arch/vdso.h) under its sequence count, and falls back to the system call
 * when the TSC is not the clock or the clock is one it does not know.
 */
#include <arch/vdso.h>

struct timespec { s64 sec, nsec; };
struct timeval { s64 sec, usec; };
struct timezone { s32 minuteswest, dsttime; };
struct getcpu_cache;

#define SYS_GETTIMEOFDAY	96
#define SYS_TIME		201
#define SYS_CLOCK_GETTIME	228
#define SYS_CLOCK_GETRES	229
#define NSEC_PER_SEC		1000000000UL

/* CLOCK_ numbers */
#define REAL_CLOCKS	(BIT(0) | BIT(5))		/* REALTIME, _COARSE */
#define MONO_CLOCKS	(BIT(1) | BIT(4) | BIT(6) | BIT(7)) /* RAW, BOOTTIME */
#define COARSE_CLOCKS	(BIT(5) | BIT(6))
#define FINE_CLOCKS	(BIT(0) | BIT(1) | BIT(4) | BIT(7))
#define COARSE_RES_NS	4000000

#define GDT_CPU_SELECTOR 0x7b	/* its limit is the CPU number */

#pragma GCC visibility push(hidden)
extern const volatile struct vvar_data vvar_page;
#pragma GCC visibility pop

#pragma GCC visibility push(default)
int __vdso_clock_gettime(int clock, struct timespec *ts);
int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
int __vdso_clock_getres(int clock, struct timespec *res);
s64 __vdso_time(s64 *t);
long __vdso_getcpu(unsigned int *cpu, unsigned int *node,
		   struct getcpu_cache *unused);
extern __typeof__(__vdso_clock_gettime) clock_gettime
	__attribute__((weak, alias("__vdso_clock_gettime")));
extern __typeof__(__vdso_gettimeofday) gettimeofday
	__attribute__((weak, alias("__vdso_gettimeofday")));
extern __typeof__(__vdso_clock_getres) clock_getres
	__attribute__((weak, alias("__vdso_clock_getres")));
extern __typeof__(__vdso_time) time
	__attribute__((weak, alias("__vdso_time")));
extern __typeof__(__vdso_getcpu) getcpu
	__attribute__((weak, alias("__vdso_getcpu")));
#pragma GCC visibility pop

static __always_inline long
syscall2(long n, long a, long b)
{
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	return r;
}

/* Nanoseconds of a clock that is real or not; 0: ask the kernel. */
static __always_inline u64
now(bool real)
{
	const volatile struct vvar_data *v = &vvar_page;
	u32 seq, lo, hi;
	u64 ns, d;

	do {
		seq = v->seq;
		if (__builtin_expect(v->mode != VDSO_MODE_TSC, 0))
			return 0;
		/* LFENCE: not before what the program did so far */
		__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi)
				 : : "memory");
		d = ((u64)hi << 32 | lo) - v->tsc_base;
		ns = v->mono_base_ns +
			(u64)(((unsigned __int128)d * v->mult) >> 32);
		if (real)
			ns += v->real_offset_ns;
	} while (__builtin_expect(v->seq != seq || (seq & 1), 0));
	return ns;
}

int
__vdso_clock_gettime(int clock, struct timespec *ts)
{
	u64 ns;

	if ((unsigned int)clock < 12 && (BIT(clock) & MONO_CLOCKS))
		ns = now(false);
	else if ((unsigned int)clock < 12 && (BIT(clock) & REAL_CLOCKS))
		ns = now(true);
	else
		ns = 0;
	if (__builtin_expect(!ns, 0))
		return syscall2(SYS_CLOCK_GETTIME, clock, (long)ts);
	ts->sec = ns / NSEC_PER_SEC;
	ts->nsec = ns % NSEC_PER_SEC;
	return 0;
}

int
__vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	u64 ns = now(true);

	/* the kernel's time zone is an anachronism: let it answer that */
	if (!ns || tz)
		return syscall2(SYS_GETTIMEOFDAY, (long)tv, (long)tz);
	if (tv) {
		tv->sec = ns / NSEC_PER_SEC;
		tv->usec = ns % NSEC_PER_SEC / 1000;
	}
	return 0;
}

s64
__vdso_time(s64 *t)
{
	u64 ns = now(true);
	s64 sec;

	if (!ns)
		return syscall2(SYS_TIME, (long)t, 0);
	sec = ns / NSEC_PER_SEC;
	if (t)
		*t = sec;
	return sec;
}

int
__vdso_clock_getres(int clock, struct timespec *res)
{
	u64 ns;

	if ((unsigned int)clock < 12 && (BIT(clock) & FINE_CLOCKS))
		ns = 1;
	else if ((unsigned int)clock < 12 && (BIT(clock) & COARSE_CLOCKS))
		ns = COARSE_RES_NS;
	else
		return syscall2(SYS_CLOCK_GETRES, clock, (long)res);
	if (res) {
		res->sec = 0;
		res->nsec = ns;
	}
	return 0;
}

long
__vdso_getcpu(unsigned int *cpu, unsigned int *node, struct getcpu_cache *unused)
{
	unsigned int p;

	(void)unused;
	__asm__ volatile("lsl %1, %0" : "=r"(p) : "r"(GDT_CPU_SELECTOR));
	if (cpu)
		*cpu = p & 0xfff;
	if (node)
		*node = p >> 12;
	return 0;
}
