/* SPDX-License-Identifier: MIT */
/*
 * Ways to end the machine that need no tables: the chip sets' reset control
 * register, the keyboard controller's reset line, a triple fault; and the
 * power-off registers of QEMU's two PCs for a guest without ACPI tables.
 * `reboot=` puts one first: a(cpi), p(ci: 0xcf9), k(bd), t(riple), e(fi).
 */
#include "arch.h"

#include <abi/errno.h>
#include <arch/init.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <boot/cmdline.h>
#include <core/reboot.h>
#include <core/time.h>
#include <drivers/acpi.h>

#define CF9		0xcf9
#define KBD_STATUS	0x64

static char first_choice;

static int
reboot_param(const char *v)
{
	/* words before may be modes: reboot=warm,t */
	for (; v && *v; v++) {
		const char *comma = v;

		while (*comma && *comma != ',')
			comma++;
		if (*v == 'a' || *v == 'p' || *v == 'k' || *v == 't' ||
		    *v == 'e')
			first_choice = *v;
		if (!*comma)
			return 0;
		v = comma;
	}
	return v ? 0 : -EINVAL;
}
KPARAM("reboot", reboot_param);

static bool
cf9_restart(void)
{
	u8 v = inb(CF9) & ~0x0e;

	outb(v | 0x02, CF9);
	udelay(50);
	outb(v | 0x06, CF9);
	return true;
}

static bool
kbd_restart(void)
{
	unsigned int i;

	if (inb(KBD_STATUS) == 0xff)
		return false;
	for (i = 0; i < 100 && (inb(KBD_STATUS) & 2); i++)
		udelay(50);
	outb(0xfe, KBD_STATUS);
	return true;
}

static bool
triple_restart(void)
{
	static const struct { u16 limit; u64 base; } __packed none;

	__asm__ volatile("lidt %0\n\tint3" : : "m"(none));
	return true;
}

/* PM1a control of PIIX4 and ICH9 where SeaBIOS puts them; S5 is type 0 */
static bool
qemu_power_off(void)
{
	if (acpi_available())
		return false;
	outw(0x2000, 0x604);
	outw(0x2000, 0xb004);
	return true;
}

static const struct machine_op ops[] = {
	{ .name = "pci", .order = 20, .restart = cf9_restart },
	{ .name = "kbd", .order = 30, .restart = kbd_restart },
	{ .name = "qemu", .order = 40, .power_off = qemu_power_off },
	{ .name = "triple", .order = 90, .restart = triple_restart },
};
static const struct machine_op chosen[] = {
	{ .name = "pci", .order = 1, .restart = cf9_restart },
	{ .name = "kbd", .order = 1, .restart = kbd_restart },
	{ .name = "triple", .order = 1, .restart = triple_restart },
};

void
arch_late_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chosen); i++) {
		if (chosen[i].name[0] == first_choice)
			machine_op_register(&chosen[i]);
	}
	acpi_power_init();
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		machine_op_register(&ops[i]);
}
