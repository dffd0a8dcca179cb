/* SPDX-License-Identifier: MIT */
/*
 * SysRq: commands to the kernel by Alt+SysRq+letter, by BREAK + letter on a
 * serial console, or by /proc/sysrq-trigger.
 */
#ifndef CORE_SYSRQ_H
#define CORE_SYSRQ_H

#include <lib/types.h>

/*
 * sysrq_key - run a command. Any context: what can sleep is put off to work.
 * Keys (sysrq masks as Linux') 0-9 b c e f h i k l m p s t u w.
 */
void sysrq_key(u8 key);
/* sysrq_key_masked - the same from the keyboard or serial line: obeys the mask */
void sysrq_key_masked(u8 key);
/* kernel.sysrq: 0 off, 1 all, else a mask; sysrq_always_enabled= sets 1 */
extern int sysrq_enabled;

/* What rooms above and below contribute; each may be NULL. Set at boot. */
struct sysrq_hooks {
	void (*show_memory)(void);	/* m: any context, kprintf */
	void (*show_tasks)(bool blocked_only);	/* t, w */
	void (*show_cpus)(void);	/* l: backtraces of all CPUs */
	void (*oom_kill)(void);		/* f: T */
	void (*sync)(void);		/* s: T */
	void (*remount_ro)(void);	/* u: T */
};
extern struct sysrq_hooks sysrq_hooks;

#endif
