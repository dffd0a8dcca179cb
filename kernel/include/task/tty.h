/* SPDX-License-Identifier: MIT */
/*
 * What processes need of terminals: the controlling terminal's reference and
 * what happens when its session leader ends. tty fills it in at start.
 */
#ifndef TASK_TTY_H
#define TASK_TTY_H

struct tty;

struct task_tty_ops {
	void (*get)(struct tty *t);		/* any context */
	void (*put)(struct tty *t);		/* T */
	/* the current session leader exits: hang up, drop signal->tty. T. */
	void (*session_leader_exit)(void);
};
extern const struct task_tty_ops *task_tty_ops;

#endif
