/* SPDX-License-Identifier: MIT */
/*
 * What the storms share: time, the reason of a failure, running workers.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdint.h>

#define PG 4096

extern int seconds;		/* of each storm */
extern const char *self;		/* our program, to execute */
extern char *why;		/* the first failure's text; shared memory */

double now(void);
void msleep(int ms);
/* say why; returns 1 */
int __attribute__((format(printf, 1, 2))) bad(const char *fmt, ...);
/* `n' processes call worker(number, end) for `seconds'; 0 when all are well */
int storm(int n, int (*worker)(int, double));
/* a small RLIMIT_SIGPENDING: or who is fast queues for minutes of the slow */
void few_signals(void);

/* threads.c */
int t_thread(void);
int t_futex(void);
int t_robust(void);
int t_tsignal(void);
int t_tvm(void);
int t_ptshare(void);
int t_orphan(void);
int t_hog_threads(void);

/* sched.c */
int t_runtime(void);
int t_move(void);
int t_one(void);
int t_rt_limit(void);

#endif
