/* SPDX-License-Identifier: MIT */
/*
 * The MADT (ACPI 5.2.12): processors, I/O APICs, how ISA lines are wired.
 * Entries walk by their own length; one that is too short or runs past the
 * table ends the walk.
 */
#define LOG_MODULE acpi
#include <arch/irqchip.h>
#include <core/irq_chip.h>
#include <core/log.h>
#include <drivers/acpi.h>
#include <lib/bitops.h>

#define ENABLED		BIT(0)
#define ONLINE_CAPABLE	BIT(1)

static u32
inti_flags(u16 v)
{
	return ((v & 3) == 1 ? IRQF_HIGH : (v & 3) == 3 ? IRQF_LOW : 0) |
		((v >> 2 & 3) == 1 ? IRQF_EDGE :
		 (v >> 2 & 3) == 3 ? IRQF_LEVEL : 0);
}

static void
madt_entry(const u8 *e, u8 type, u8 len)
{
	switch (type) {
	case 0:		/* local APIC */
		if (len >= 8 && e[3] != 0xff)
			arch_lapic_found(e[3], get_le32(e + 4) & ENABLED);
		break;
	case 1:		/* I/O APIC */
		if (len >= 12)
			arch_ioapic_found(e[2], get_le32(e + 4),
					  get_le32(e + 8));
		break;
	case 2:		/* interrupt source override */
		if (len >= 10 && e[2] == 0 && e[3] < 16)
			irq_override(e[3], get_le32(e + 4),
				     inti_flags(get_le16(e + 8)));
		break;
	case 4:		/* local APIC NMI; processor UIDs are not APIC ids */
		if (len >= 6 && e[2] == 0xff)
			arch_lapic_nmi(NMI_ALL_CPUS, e[5]);
		break;
	case 5:		/* local APIC address override */
		if (len >= 12)
			arch_lapic_base(get_le64(e + 4));
		break;
	case 9:		/* local x2APIC; ids below 255 are listed as type 0 too */
		if (len >= 16 && get_le32(e + 4) != 0xffffffff)
			arch_lapic_found(get_le32(e + 4),
					 get_le32(e + 8) & ENABLED);
		break;
	case 10:	/* x2APIC NMI */
		if (len >= 12 && get_le32(e + 4) == 0xffffffff)
			arch_lapic_nmi(NMI_ALL_CPUS, e[8]);
		break;
	}
}

bool
acpi_madt_init(void)
{
	const struct acpi_header *h = acpi_table("APIC", 0);
	const u8 *p, *end;

	if (!h || h->length < 44)
		return false;
	arch_lapic_base(get_le32((const u8 *)h + 36));
	end = (const u8 *)h + h->length;
	for (p = (const u8 *)h + 44; end - p >= 2; p += p[1]) {
		if (p[1] < 2 || end - p < p[1]) {
			log_warn(acpi, "MADT: entry overruns the table\n");
			break;
		}
		madt_entry(p, p[0], p[1]);
	}
	return true;
}
