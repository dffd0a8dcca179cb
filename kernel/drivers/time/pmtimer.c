/* SPDX-License-Identifier: MIT */
/* The ACPI PM timer: 3.579545 MHz, 24 or 32 bits (ACPI 4.8.2.1). */
#include <arch/io.h>
#include <core/clock.h>
#include <core/ioport.h>
#include <drivers/acpi.h>

static u16 port;
static struct ioport ports = { .name = "ACPI PM_TMR" };

static u64
pmtimer_read(void)
{
	return inl(port);
}

static struct clocksource pmtimer_source = {
	.name = "acpi_pm",
	.read = pmtimer_read,
	.mask = 0xffffff,
	.hz = 3579545,
	.rating = 120,
};

bool
pmtimer_init(void)
{
	struct acpi_fadt f;
	u32 a, i;

	if (!acpi_fadt_get(&f) || f.pm_tmr.space != GAS_IO ||
	    !f.pm_tmr.address || f.pm_tmr.address > 0xffff)
		return false;
	port = f.pm_tmr.address;
	a = inl(port);
	if (a == 0xffffffff)
		return false;
	for (i = 0; inl(port) == a; i++) {
		if (i == 1000)
			return false;	/* stands still */
	}
	if (f.pm_tmr_32)
		pmtimer_source.mask = 0xffffffff;
	ports.first = port;
	ports.last = port + 3;
	(void)ioport_claim(&ports);
	clocksource_register(&pmtimer_source);
	return true;
}
