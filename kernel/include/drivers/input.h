/* SPDX-License-Identifier: MIT */
/* Keyboards and the PC speaker. */
#ifndef DRIVERS_INPUT_H
#define DRIVERS_INPUT_H

#include <lib/types.h>

/*
 * The i8042 keyboard has no function here: an initcall finds it, unless ACPI
 * says there is none (FADT IAPC_BOOT_ARCH bit 1 clear on a table that has it)
 * or `i8042.nokbd` is on the command line.
 */
/* pcspkr_init - tones for BEL and KDMKTONE. Context: T. */
void pcspkr_init(void);

#endif
