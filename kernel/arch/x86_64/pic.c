/* SPDX-License-Identifier: MIT */
/*
 * The pair of 8259A interrupt controllers. Always moved off the exception
 * vectors and masked where they exist; used only when there is no IO-APIC.
 * The mask registers tell whether there are any: they read back what is
 * written.
 */
#include "arch.h"

#include <abi/errno.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <core/ioport.h>
#include <core/irq_chip.h>
#include <core/spinlock.h>

#define PIC1	0x20
#define PIC2	0xa0
#define ELCR	0x4d0
#define OCW_EOI	0x60		/* specific: | line */
#define READ_ISR 0x0b

bool pic_exists __ro_after_init;
static u16 pic_masked = 0xffff;
static u16 pic_level;
static u32 pic_spurious_count;
static struct spinlock pic_lock = SPINLOCK_INIT(RANK_IRQCHIP);

static void
masks_write(void)
{
	outb(pic_masked, PIC1 + 1);
	outb(pic_masked >> 8, PIC2 + 1);
}

static struct ioport ports[2] = {
	{ PIC1, PIC1 + 1, "pic1", NULL }, { PIC2, PIC2 + 1, "pic2", NULL },
};

void
pic_init(void)
{
	outb(0xff, PIC2 + 1);
	outb(0xfb, PIC1 + 1);
	pic_exists = inb(PIC1 + 1) == 0xfb && inb(PIC2 + 1) == 0xff;
	if (!pic_exists)
		return;
	(void)ioport_claim(&ports[0]);
	(void)ioport_claim(&ports[1]);
	outb(0x11, PIC1);		/* ICW1: cascade, ICW4 follows */
	outb(0x11, PIC2);
	outb(VEC_PIC, PIC1 + 1);
	outb(VEC_PIC + 8, PIC2 + 1);
	outb(4, PIC1 + 1);		/* slave on line 2 */
	outb(2, PIC2 + 1);
	outb(1, PIC1 + 1);		/* 8086 mode, EOI by command */
	outb(1, PIC2 + 1);
	masks_write();
}

static bool
pic_has(u32 gsi)
{
	return gsi < 16 && gsi != 2;
}

static int
pic_setup(u32 gsi, u8 vector, unsigned int cpu, u32 flags)
{
	u16 bit = BIT(gsi);

	(void)cpu;
	if (vector != VEC_PIC + gsi)
		return -EINVAL;
	/* lines the chip set may trigger by level: not 0 1 2 8 13 */
	if (!(bit & 0x2107)) {
		u16 elcr = inb(ELCR) | inb(ELCR + 1) << 8;

		if (flags & IRQF_LEVEL)
			elcr |= bit;
		else if (flags & IRQF_EDGE)
			elcr &= ~bit;
		if (elcr != 0xffff && (flags & (IRQF_LEVEL | IRQF_EDGE))) {
			outb(elcr, ELCR);
			outb(elcr >> 8, ELCR + 1);
			pic_level = elcr;
		}
	}
	return 0;
}

static void
pic_mask_set(u16 clear, u16 set)
{
	unsigned long f = spin_lock_irqsave(&pic_lock);

	pic_masked = (pic_masked & ~clear) | set;
	if (pic_masked >> 8 != 0xff)
		pic_masked &= ~BIT(2);
	masks_write();
	spin_unlock_irqrestore(&pic_lock, f);
}

static void
pic_mask(u32 gsi)
{
	pic_mask_set(0, BIT(gsi));
}

static void
pic_unmask(u32 gsi)
{
	pic_mask_set(BIT(gsi), 0);
}

static void
pic_eoi(u32 gsi)
{
	spin_lock(&pic_lock);
	if (gsi >= 8) {
		outb(OCW_EOI | (gsi - 8), PIC2);
		outb(OCW_EOI | 2, PIC1);
	} else {
		outb(OCW_EOI | gsi, PIC1);
	}
	spin_unlock(&pic_lock);
}

/* Lines 7 and 15 also come when a request went away: nothing is in service. */
bool
pic_spurious(u32 vector)
{
	u32 line = vector - VEC_PIC;
	u16 port = line < 8 ? PIC1 : PIC2;

	if (line != 7 && line != 15)
		return false;
	outb(READ_ISR, port);
	if (inb(port) & 0x80)
		return false;
	if (line == 15)
		outb(OCW_EOI | 2, PIC1);
	pic_spurious_count++;
	return true;
}

static const struct irq_chip pic_chip = {
	.name = "XT-PIC",
	.has = pic_has,
	.setup = pic_setup,
	.mask = pic_mask,
	.unmask = pic_unmask,
	.eoi = pic_eoi,
};

void
pic_use(void)
{
	irq_chip_register(&pic_chip);
}
