/* SPDX-License-Identifier: MIT */
/*
 * The local APIC, by memory (xAPIC) or MSRs (x2APIC), SDM 3A 10.
 *
 * x2APIC is used when firmware left it on, when APIC ids need it, or under a
 * hypervisor (no interrupt remapping is needed there for ids below 255); it
 * saves an exit at each EOI and IPI.
 */
#define LOG_MODULE irq
#include "arch.h"

#include <arch/io.h>
#include <arch/irqchip.h>
#include <arch/irqflags.h>
#include <arch/paging.h>
#include <core/log.h>
#include <core/time.h>
#include <mm/vmap.h>

#define APIC_ID		0x020
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_LDR	0x0d0
#define APIC_DFR	0x0e0
#define APIC_SVR	0x0f0
#define APIC_ISR	0x100
#define APIC_ESR	0x280
#define APIC_ICR	0x300
#define APIC_ICR_HI	0x310
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_VERSION	0x030

#define SVR_ENABLE	0x100
#define LVT_EXTINT	0x700
#define LVT_NMI		0x400
#define ICR_BUSY	0x1000
#define ICR_NMI		0x400
#define ICR_INIT	0x500
#define ICR_SIPI	0x600
#define ICR_ASSERT	0x4000
#define ICR_LEVEL	0x8000

#define BASE_BSP	BIT(8)
#define BASE_X2APIC	BIT(10)
#define BASE_ENABLE	BIT(11)

#define NMI_MAX		16

bool apic_on __ro_after_init;
static bool x2apic __ro_after_init;
static u8 *apic_regs __ro_after_init;
static paddr_t apic_base __ro_after_init = APIC_DEFAULT_BASE;
static bool ids_need_x2apic __ro_after_init;
static bool lint0_extint __ro_after_init;
static struct { u32 apic_id; u8 lint; } nmi_lint[NMI_MAX] __ro_after_init;
static unsigned int nr_nmi __ro_after_init;

void
arch_lapic_base(paddr_t base)
{
	apic_base = base;
}

void
arch_lapic_nmi(u32 apic_id, u8 lint)
{
	if (nr_nmi < NMI_MAX && lint < 2) {
		nmi_lint[nr_nmi].apic_id = apic_id;
		nmi_lint[nr_nmi++].lint = lint;
	}
}

u32
apic_read(u32 reg)
{
	if (x2apic)
		return rdmsr(MSR_X2APIC + (reg >> 4));
	return mmio_read32(apic_regs + reg);
}

void
apic_write(u32 reg, u32 v)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + (reg >> 4), v);
	else
		mmio_write32(apic_regs + reg, v);
}

void
apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

u32
apic_id_read(void)
{
	u32 v = apic_read(APIC_ID);

	return x2apic ? v : v >> 24;
}

/* The command register is free: the last IPI was accepted. Bounded. */
static bool
icr_wait(void)
{
	unsigned int i;

	if (x2apic)
		return true;
	for (i = 0; i < 100000; i++) {
		if (!(mmio_read32(apic_regs + APIC_ICR) & ICR_BUSY))
			return true;
		cpu_relax();
	}
	return false;
}

static bool
icr_send(u32 apic_id, u32 cmd)
{
	unsigned long f;
	bool ok;

	if (x2apic) {
		/* not serializing: what the target will read must be out */
		__asm__ volatile("mfence\n\tlfence" : : : "memory");
		wrmsr(MSR_X2APIC + (APIC_ICR >> 4), (u64)apic_id << 32 | cmd);
		return true;
	}
	f = irq_save();
	ok = icr_wait();
	mmio_write32(apic_regs + APIC_ICR_HI, apic_id << 24);
	mmio_write32(apic_regs + APIC_ICR, cmd);
	irq_restore(f);
	return ok;
}

void
apic_send_ipi(u32 apic_id, u32 vector)
{
	icr_send(apic_id, ICR_ASSERT | vector);
}

void
apic_send_nmi(u32 apic_id)
{
	icr_send(apic_id, ICR_ASSERT | ICR_NMI);
}

bool
apic_send_init(u32 apic_id, bool assert)
{
	icr_send(apic_id, ICR_INIT | ICR_LEVEL | (assert ? ICR_ASSERT : 0));
	return icr_wait();
}

bool
apic_send_sipi(u32 apic_id, u8 page)
{
	icr_send(apic_id, ICR_SIPI | page);
	return icr_wait();
}

void
apic_error_interrupt(void)
{
	u32 e;

	apic_write(APIC_ESR, 0);
	e = apic_read(APIC_ESR);
	log_ratelimited(irq, LOG_WARNING, "APIC error on cpu %u: %02x\n",
			cpu_id(), e);
}

/* Registers of this CPU's LAPIC, which is enabled and reachable. */
static void
apic_setup(bool boot)
{
	u32 id = apic_id_read();
	unsigned int i, n;

	apic_write(APIC_TPR, 0);
	if (!x2apic) {
		apic_write(APIC_DFR, 0xffffffff);
		apic_write(APIC_LDR, 0x01000000);
	}
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC_TIMER);
	apic_write(APIC_LVT_ERROR, VEC_ERROR);
	n = apic_read(APIC_VERSION) >> 16 & 0xff;
	if (n >= 4)
		apic_write(APIC_LVT_PERF, APIC_LVT_MASKED);
	if (n >= 5)
		apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT0, boot && lint0_extint ? LVT_EXTINT :
		   APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT1, boot && !nr_nmi ? LVT_NMI :
		   APIC_LVT_MASKED);
	for (i = 0; i < nr_nmi; i++) {
		if (nmi_lint[i].apic_id == NMI_ALL_CPUS ||
		    nmi_lint[i].apic_id == id)
			apic_write(nmi_lint[i].lint ? APIC_LVT_LINT1 :
				   APIC_LVT_LINT0, LVT_NMI);
	}
	apic_write(APIC_SVR, SVR_ENABLE | VEC_SPURIOUS);
	apic_write(APIC_ESR, 0);
	/* interrupts a former owner left in service would block lower ones */
	for (i = 0; i < 8; i++) {
		for (n = 0; n < 32 && apic_read(APIC_ISR + i * 16); n++)
			apic_eoi();
	}
}

static void
apic_enable_msr(void)
{
	u64 v = rdmsr(MSR_APIC_BASE);

	if (!(v & BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, v |= BASE_ENABLE);
	if (x2apic && !(v & BASE_X2APIC))
		wrmsr(MSR_APIC_BASE, v | BASE_X2APIC);
}

bool
apic_init_boot(bool with_ioapic)
{
	u64 v;

	if (!cpu_has(CPU_APIC))
		return false;
	v = rdmsr(MSR_APIC_BASE);
	x2apic = cpu_has(CPU_X2APIC) && ((v & BASE_X2APIC) ||
		ids_need_x2apic || cpu_has(CPU_HYPERVISOR));
	if (!x2apic) {
		/* the MSR tells the truth; where it is off, the table does */
		if (v & BASE_ENABLE)
			apic_base = v & 0xffffffffff000UL;
		apic_regs = vmap_mmio(apic_base, PAGE_SIZE, PTE_CACHE_UC);
		if (!apic_regs)
			return false;
	}
	apic_enable_msr();
	if (!x2apic && apic_read(APIC_VERSION) == 0xffffffff)
		return false;
	lint0_extint = !with_ioapic;
	apic_setup(true);
	apic_on = true;
	log_info(irq, "local APIC: %s, boot CPU id %u\n",
		 x2apic ? "x2APIC" : "xAPIC", apic_id_read());
	return true;
}

void
apic_init_cpu(void)
{
	apic_enable_msr();
	apic_setup(false);
}

void
apic_want_x2apic(void)
{
	ids_need_x2apic = true;
}
