/* SPDX-License-Identifier: MIT */
/* Clocks and times of the ABI: clock_gettime(2), getrusage(2), times(2). */
#ifndef ABI_TIME_H
#define ABI_TIME_H

#include <lib/types.h>

#define CLOCK_REALTIME			0
#define CLOCK_MONOTONIC			1
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define CLOCK_MONOTONIC_RAW		4
#define CLOCK_REALTIME_COARSE		5
#define CLOCK_MONOTONIC_COARSE		6
#define CLOCK_BOOTTIME			7
#define CLOCK_REALTIME_ALARM		8
#define CLOCK_BOOTTIME_ALARM		9
#define CLOCK_TAI			11
#define TIMER_ABSTIME			1

/* struct abi_timex: adjtimex(2) */
#define ADJ_OFFSET		0x0001
#define ADJ_FREQUENCY		0x0002
#define ADJ_MAXERROR		0x0004
#define ADJ_ESTERROR		0x0008
#define ADJ_STATUS		0x0010
#define ADJ_TIMECONST		0x0020
#define ADJ_TAI			0x0080
#define ADJ_SETOFFSET		0x0100
#define ADJ_MICRO		0x1000
#define ADJ_NANO		0x2000
#define ADJ_TICK		0x4000
#define ADJ_OFFSET_SINGLESHOT	0x8001
#define ADJ_OFFSET_SS_READ	0xa001
#define STA_PLL			0x0001
#define STA_INS			0x0010
#define STA_DEL			0x0020
#define STA_UNSYNC		0x0040
#define STA_FREQHOLD		0x0080
#define STA_CLOCKERR		0x1000
#define STA_NANO		0x2000
#define STA_RONLY		0xff00	/* PPS state, CLOCKERR, NANO, MODE, CLK */
#define TIME_OK			0
#define TIME_ERROR		5

struct abi_timespec { s64 tv_sec, tv_nsec; };
struct abi_timeval { s64 tv_sec, tv_usec; };
struct abi_itimerval { struct abi_timeval it_interval, it_value; };
struct abi_itimerspec { struct abi_timespec it_interval, it_value; };
struct abi_timezone { s32 tz_minuteswest, tz_dsttime; };
struct abi_tms { s64 tms_utime, tms_stime, tms_cutime, tms_cstime; };

struct abi_rusage {
	struct abi_timeval ru_utime, ru_stime;
	s64 ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt,
	    ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv,
	    ru_nsignals, ru_nvcsw, ru_nivcsw;
};
static_assert(sizeof(struct abi_rusage) == 144, "ABI");

struct abi_timex {
	u32 modes, pad0;
	s64 offset, freq, maxerror, esterror;
	s32 status, pad1;
	s64 constant, precision, tolerance;
	struct abi_timeval time;
	s64 tick, ppsfreq, jitter;
	s32 shift, pad2;
	s64 stabil, jitcnt, calcnt, errcnt, stbcnt;
	s32 tai;
	s32 pad3[11];
};
static_assert(sizeof(struct abi_timex) == 208, "ABI");

#endif
