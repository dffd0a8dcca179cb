/* SPDX-License-Identifier: MIT */
/*
 * I/O APICs (82093AA data sheet): each serves the GSIs from its base on. An
 * entry is written masked, high half first, so that no half-set entry is ever
 * live. ISA lines 0..15 are edge, active high unless an override says
 * otherwise; all others are PCI's: level, active low.
 */
#define LOG_MODULE irq
#include "arch.h"

#include <abi/errno.h>
#include <arch/io.h>
#include <arch/irqchip.h>
#include <arch/irqflags.h>
#include <arch/paging.h>
#include <core/irq_chip.h>
#include <core/log.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <mm/vmap.h>

#define IOAPIC_MAX	16
#define REG_VERSION	1
#define REG_ENTRY	0x10

#define ENTRY_LOW	BIT(13)
#define ENTRY_LEVEL	BIT(15)
#define ENTRY_MASKED	BIT(16)

struct ioapic {
	u8 *regs;
	paddr_t base;
	u32 gsi_base, nr;
	u8 id;
};

static struct ioapic ioapics[IOAPIC_MAX] __ro_after_init;
static unsigned int nr_ioapics __ro_after_init;
static struct spinlock ioapic_lock = SPINLOCK_INIT(RANK_IRQCHIP);

void
arch_ioapic_found(u8 id, paddr_t base, u32 gsi_base)
{
	unsigned int i;

	for (i = 0; i < nr_ioapics; i++) {
		if (ioapics[i].base == base)
			return;
	}
	if (nr_ioapics < IOAPIC_MAX)
		ioapics[nr_ioapics++] = (struct ioapic){ .base = base,
			.gsi_base = gsi_base, .id = id };
}

static u32
reg_read(const struct ioapic *io, u32 reg)
{
	mmio_write32(io->regs, reg);
	return mmio_read32(io->regs + 0x10);
}

static void
reg_write(const struct ioapic *io, u32 reg, u32 v)
{
	mmio_write32(io->regs, reg);
	mmio_write32(io->regs + 0x10, v);
}

static const struct ioapic *
ioapic_of(u32 gsi)
{
	unsigned int i;

	for (i = 0; i < nr_ioapics; i++) {
		if (gsi >= ioapics[i].gsi_base &&
		    gsi - ioapics[i].gsi_base < ioapics[i].nr)
			return &ioapics[i];
	}
	return NULL;
}

static bool
ioapic_has(u32 gsi)
{
	return ioapic_of(gsi);
}

static int
ioapic_setup(u32 gsi, u8 vector, unsigned int cpu, u32 flags)
{
	const struct ioapic *io = ioapic_of(gsi);
	u32 reg = REG_ENTRY + (gsi - io->gsi_base) * 2;
	u32 dest = cpu_apic_id(cpu), lo = vector | ENTRY_MASKED;
	unsigned long f;

	if (dest > 254)
		return -EINVAL;
	if (!(flags & (IRQF_LEVEL | IRQF_EDGE)))
		flags |= gsi < 16 ? IRQF_EDGE : IRQF_LEVEL;
	if (!(flags & (IRQF_LOW | IRQF_HIGH)))
		flags |= gsi < 16 ? IRQF_HIGH : IRQF_LOW;
	if (flags & IRQF_LEVEL)
		lo |= ENTRY_LEVEL;
	if (flags & IRQF_LOW)
		lo |= ENTRY_LOW;
	f = spin_lock_irqsave(&ioapic_lock);
	reg_write(io, reg, ENTRY_MASKED);
	reg_write(io, reg + 1, dest << 24);
	reg_write(io, reg, lo);
	spin_unlock_irqrestore(&ioapic_lock, f);
	return 0;
}

static void
entry_mask(u32 gsi, u32 masked)
{
	const struct ioapic *io = ioapic_of(gsi);
	u32 reg = REG_ENTRY + (gsi - io->gsi_base) * 2;
	unsigned long f = spin_lock_irqsave(&ioapic_lock);

	reg_write(io, reg, (reg_read(io, reg) & ~ENTRY_MASKED) | masked);
	spin_unlock_irqrestore(&ioapic_lock, f);
}

static void
ioapic_mask(u32 gsi)
{
	entry_mask(gsi, ENTRY_MASKED);
}

static void
ioapic_unmask(u32 gsi)
{
	entry_mask(gsi, 0);
}

static void
ioapic_eoi(u32 gsi)
{
	(void)gsi;
	apic_eoi();
}

static const struct irq_chip ioapic_chip = {
	.name = "IO-APIC",
	.has = ioapic_has,
	.setup = ioapic_setup,
	.mask = ioapic_mask,
	.unmask = ioapic_unmask,
	.eoi = ioapic_eoi,
};

bool
ioapic_init(void)
{
	unsigned int i, k, good = 0;

	for (i = 0; i < nr_ioapics; i++) {
		struct ioapic *io = &ioapics[i];
		u32 v;

		io->regs = vmap_mmio(io->base, PAGE_SIZE, PTE_CACHE_UC);
		if (!io->regs)
			continue;
		v = reg_read(io, REG_VERSION);
		if (v == 0xffffffff) {
			log_warn(irq, "IO-APIC at %lx does not answer\n",
				 io->base);
			continue;
		}
		io->nr = min_t(u32, (v >> 16 & 0xff) + 1, 240);
		for (k = 0; k < io->nr; k++)
			reg_write(io, REG_ENTRY + k * 2, ENTRY_MASKED);
		log_info(irq, "IO-APIC %u: GSI %u-%u\n", io->id, io->gsi_base,
			 io->gsi_base + io->nr - 1);
		good++;
	}
	if (good)
		irq_chip_register(&ioapic_chip);
	return good;
}
