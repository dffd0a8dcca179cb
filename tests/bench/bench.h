/* SPDX-License-Identifier: MIT */
/*
 * bench.h - shared by the parts of the benchmark program.
 *
 * The program is static and runs as /init of any kernel.  Under QEMU's
 * -icount shift=0 one instruction is one nanosecond of every clock of the
 * guest, so CLOCK_MONOTONIC counts instructions; a row is instructions per
 * operation (or MB/s at one instruction a nanosecond).  On real hardware the
 * same rows are nanoseconds.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "bench_mark.h"

#define PG 4096

extern char **environ;
extern int scale;		/* divides the iterations, for slow hosts */

static inline uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	MARK_NOW();
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static inline uint64_t
rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

/* one finished row: total nanoseconds for n operations; it lies between the
 * last two readings of now() */
void row(const char *name, uint64_t ns, uint64_t n);
void row_mbs(const char *name, uint64_t ns, uint64_t bytes);
void row_skip(const char *name, const char *why);
/* true when the row was asked for (all are, unless bench=a,b is given) */
int wanted(const char *name);
void die(const char *what);

/* LOOP - warm up with a tenth, then time n runs of the body. */
#define LOOP(name, count, body) do {					\
	if (wanted(name)) {						\
		long n_ = (count) / scale ? (count) / scale : 1;	\
		for (long i_ = 0; i_ < n_ / 10 + 1; i_++) { body; }	\
		uint64_t t_ = now();					\
		for (long i_ = 0; i_ < n_; i_++) { body; }		\
		row(name, now() - t_, n_);				\
	}								\
} while (0)

void bench_call(void);		/* calls, clocks, signals */
void bench_task(void);		/* processes, switches */
void bench_mem(void);		/* maps and faults */
void bench_thread(void);	/* threads, events, AF_UNIX */
void bench_file(void);		/* files, names, pipes, poll */

#endif
