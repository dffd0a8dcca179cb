/* SPDX-License-Identifier: MIT */
/*
 * Ending the machine. Methods register in order of trust; each is tried in
 * turn (ACPI S5, reset register, PIIX, 8042, 0xCF9, triple fault, halt).
 */
#ifndef CORE_REBOOT_H
#define CORE_REBOOT_H

#include <lib/types.h>

enum machine_action { MACHINE_RESTART, MACHINE_POWER_OFF, MACHINE_HALT };

struct machine_op {
	const char *name;
	u8 order;			/* lower first */
	bool (*restart)(void);		/* false: could not; next is tried */
	bool (*power_off)(void);
};
void machine_op_register(const struct machine_op *op);
void __noreturn machine_end(enum machine_action a);	/* any context */
extern int panic_timeout_s;		/* panic=: >0 wait then reboot, <0 at once */
/* ctrl_alt_del - the key chord: reboot or SIGINT to init. Context: T (work). */
void ctrl_alt_del(void);
extern bool cad_enabled;		/* reboot(2) CAD_ON/OFF */
void ctrl_alt_del_set_handler(void (*fn)(void));	/* task: signal init */

#endif
