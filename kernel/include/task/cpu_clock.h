/* SPDX-License-Identifier: MIT */
/*
 * CPU-time clocks, clock_getcpuclockid(3): the id encodes ~pid << 3, bit 2 for
 * threads, and the kind (0 prof, 1 virt, 2 sched) below.
 */
#ifndef TASK_CPU_CLOCK_H
#define TASK_CPU_CLOCK_H

#include <core/time.h>
#include <task/pid.h>

#define CPU_CLOCK_THREAD	4
#define CPU_CLOCK_PROCESS_SELF	(-6)	/* CLOCK_PROCESS_CPUTIME_ID */
#define CPU_CLOCK_THREAD_SELF	(-2)	/* CLOCK_THREAD_CPUTIME_ID */

/*
 * cpu_clock_pid - whom id < 0 is about, counted, or NULL: no CPU clock, no such
 * process, a thread of another process. @read: a thread's number will do for
 * its own process.
 */
struct pid *cpu_clock_pid(int id, bool read);
/* cpu_clock_read - false (and 0) when it has ended. Any context. */
bool cpu_clock_read(struct pid *p, int id, nsec_t *out);

#endif
