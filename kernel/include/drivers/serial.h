/* SPDX-License-Identifier: MIT */
/* 16550-compatible serial ports, ttyS0 to ttyS3. */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

#include <lib/types.h>

/*
 * serial_early_init - a polled console when the command line asks for one
 * (console=ttySN or earlyprintk/earlycon), before anything else works.
 * Context: E, once, right after the command line is known.
 */
void serial_early_init(const char *cmdline);
/*
 * serial_init - probe the ports, register ttys and consoles, drop the early
 * one. Context: T, after tty_init(); interrupts must be routable.
 */
void serial_init(void);

#endif
