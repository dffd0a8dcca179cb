/* SPDX-License-Identifier: MIT */
/*
 * The MultiProcessor table (Intel MP specification 1.4), for machines without
 * ACPI: Firecracker's older versions, qboot. The table is hostile input. Its
 * entry count is wrong on machines that matter (Firecracker), so the walk goes
 * by the table's length, and ends at the first type it does not know.
 */
#define LOG_MODULE irq
#include "arch.h"

#include <arch/irqchip.h>
#include <arch/paging.h>
#include <core/irq_chip.h>
#include <core/log.h>
#include <lib/bitops.h>
#include <lib/string.h>

#define MP_PROCESSOR	0	/* 20 bytes; the others 8 */
#define MP_BUS		1
#define MP_IOAPIC	2
#define MP_IRQ		3
#define MP_LINT		4

#define HDR_SIZE	44
#define BUS_MAX		32

struct mp_ids {
	u32 isa_buses;		/* bit per bus id */
	u8 ioapic_id[8];
	u32 ioapic_gsi[8];
	unsigned int nr_ioapics;
};

static __init bool
sum_ok(const u8 *p, size_t n)
{
	u8 s = 0;

	while (n--)
		s += *p++;
	return !s;
}

static __init const u8 *
find_pointer(paddr_t start, size_t len)
{
	const u8 *p = phys_to_virt(start);

	for (; len >= 16; p += 16, len -= 16) {
		if (!memcmp(p, "_MP_", 4) && p[8] == 1 && sum_ok(p, 16))
			return p;
	}
	return NULL;
}

static __init const u8 *
find_floating(void)
{
	paddr_t ebda = (paddr_t)*(const u16 *)phys_to_virt(0x40e) << 4;
	const u8 *p = NULL;

	if (ebda >= 0x400 && ebda < 0xa0000)
		p = find_pointer(ebda, 1024);
	if (!p)
		p = find_pointer(0x9fc00, 1024);
	if (!p)
		p = find_pointer(0xf0000, 0x10000);
	return p;
}

/* INTI flags: polarity bits 0-1, trigger 2-3; 1/1 and 3/3, 0 bus default */
static __init u32
inti_flags(u16 v)
{
	return ((v & 3) == 1 ? IRQF_HIGH : (v & 3) == 3 ? IRQF_LOW : 0) |
		((v >> 2 & 3) == 1 ? IRQF_EDGE :
		 (v >> 2 & 3) == 3 ? IRQF_LEVEL : 0);
}

static __init void
irq_entry_add(const u8 *e, const struct mp_ids *ids)
{
	unsigned int i, bus = e[4], irq = e[5];

	if (e[1] != 0 || bus >= BUS_MAX || !(ids->isa_buses >> bus & 1) ||
	    irq > 15)
		return;
	for (i = 0; i < ids->nr_ioapics; i++) {
		if (ids->ioapic_id[i] == e[6] || e[6] == 0xff)
			break;
	}
	if (i < ids->nr_ioapics)
		irq_override(irq, ids->ioapic_gsi[i] + e[7],
			     inti_flags(get_le16(e + 2)));
}

static __init void
entry_add(const u8 *e, struct mp_ids *ids)
{
	switch (e[0]) {
	case MP_PROCESSOR:
		arch_lapic_found(e[1], e[3] & 1);
		break;
	case MP_BUS:
		if (e[1] < BUS_MAX && !memcmp(e + 2, "ISA   ", 6))
			ids->isa_buses |= 1U << e[1];
		break;
	case MP_IOAPIC:
		if ((e[3] & 1) && ids->nr_ioapics < 8) {
			unsigned int n = ids->nr_ioapics++;

			/* no GSI bases in this table: 24 inputs each */
			ids->ioapic_id[n] = e[1];
			ids->ioapic_gsi[n] = n * 24;
			arch_ioapic_found(e[1], get_le32(e + 4), n * 24);
		}
		break;
	case MP_IRQ:
		irq_entry_add(e, ids);
		break;
	case MP_LINT:
		if (e[1] == 1)		/* NMI */
			arch_lapic_nmi(e[6] == 0xff ? NMI_ALL_CPUS : e[6],
				       e[7]);
		break;
	}
}

__init bool
mptable_init(void)
{
	const u8 *mp = find_floating(), *t, *p, *end;
	struct mp_ids ids = { 0 };
	u64 pa;
	u32 len;

	if (!mp)
		return false;
	pa = get_le32(mp + 4);
	if (!pa || mp[11])		/* default configurations: no table */
		return false;
	t = phys_to_virt(pa);		/* below 4 GiB: mapped */
	len = get_le16(t + 4);
	if (memcmp(t, "PCMP", 4) || len < HDR_SIZE || pa + len > 1UL << 32 ||
	    !sum_ok(t, len)) {
		log_warn(irq, "MP table at %lx is damaged\n", pa);
		return false;
	}
	arch_lapic_base(get_le32(t + 36));
	for (p = t + HDR_SIZE, end = t + len; p < end;) {
		u32 size = p[0] == MP_PROCESSOR ? 20 : 8;

		if (p[0] > MP_LINT || (u64)(end - p) < size)
			break;
		entry_add(p, &ids);
		p += size;
	}
	log_info(irq, "MP table at %lx\n", pa);
	return true;
}
