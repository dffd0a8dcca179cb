/* SPDX-License-Identifier: MIT */
/* Keyboards and the PC speaker. */
#ifndef DRIVERS_INPUT_H
#define DRIVERS_INPUT_H

#include <lib/types.h>

/*
 * i8042_init - PS/2 controller and keyboard, if there is one. absent: ACPI
 * says so (FADT IAPC_BOOT_ARCH bit 1 clear on a table that has it); nothing
 * is touched then. `i8042.nokbd` on the command line does the same.
 * Context: T, after vt_init().
 */
void i8042_init(bool absent);
/* pcspkr_init - tones for BEL and KDMKTONE. Context: T. */
void pcspkr_init(void);

#endif
