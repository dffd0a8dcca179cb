/* SPDX-License-Identifier: MIT */
/* 16550-compatible serial ports, ttyS0 to ttyS3. */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

#include <lib/types.h>

/*
 * serial_init - probe the ports, register ttys and consoles (the log's early
 * one goes by that). Context: T, after tty_init(); interrupts are routable.
 */
void serial_init(void);

#endif
