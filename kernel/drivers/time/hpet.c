/* SPDX-License-Identifier: MIT */
/*
 * The HPET (IA-PC HPET specification 1.0a): a free-running counter with known
 * period, and its first comparator as clock event of last but one resort, in
 * legacy replacement mode, where it takes the PIT's interrupt line.
 */
#define LOG_MODULE time
#include <arch/io.h>
#include <boot/cmdline.h>
#include <core/clock.h>
#include <core/irq.h>
#include <core/irq_chip.h>
#include <arch/regs.h>
#include <arch/upcall.h>
#include <core/log.h>
#include <core/timer.h>
#include <drivers/acpi.h>
#include <lib/bitops.h>
#include <lib/muldiv.h>
#include <mm/vmap.h>

#define HPET_CAP	0x000
#define HPET_CONFIG	0x010
#define HPET_COUNTER	0x0f0
#define HPET_T0_CONFIG	0x100
#define HPET_T0_COMPARE	0x108

#define CONFIG_ENABLE	BIT(0)
#define CONFIG_LEGACY	BIT(1)
#define CAP_LEGACY	BIT(15)
#define CAP_64		BIT(13)
#define T_ENABLE	BIT(2)
#define T_PERIODIC	BIT(3)
#define T_32BIT		BIT(8)
#define FS_PER_SEC	1000000000000000UL
#define PERIOD_MAX	100000000U	/* fs, by the specification */
#define PERIOD_MIN	100000U

static u8 *regs;
static u64 ticks_per_ns_32;
static bool off;

static int
nohpet_param(const char *v)
{
	(void)v;
	off = true;
	return 0;
}
KPARAM("nohpet", nohpet_param);

static u64
hpet_read(void)
{
	return mmio_read32(regs + HPET_COUNTER);
}

static struct clocksource hpet_source = {
	.name = "hpet",
	.read = hpet_read,
	.mask = 0xffffffff,	/* half of it: a 64-bit read may be torn */
	.rating = 200,
};

bool
hpet_init(void)
{
	const struct acpi_header *h = acpi_table("HPET", 0);
	const u8 *b = (const u8 *)h;
	u32 period;

	if (off || !h || h->length < 56 || b[40] != GAS_MEMORY)
		return false;
	regs = vmap_mmio(get_le64(b + 44), 1024, PTE_CACHE_UC);
	if (!regs)
		return false;
	period = mmio_read32(regs + HPET_CAP + 4);
	if (period < PERIOD_MIN || period > PERIOD_MAX) {
		log_warn(time, "hpet: period %u fs makes no sense\n", period);
		return false;
	}
	mmio_write32(regs + HPET_CONFIG,
		     (mmio_read32(regs + HPET_CONFIG) & ~CONFIG_LEGACY) |
		     CONFIG_ENABLE);
	hpet_source.hz = FS_PER_SEC / period;
	clocksource_register(&hpet_source);
	return true;
}

static irqreturn_t
hpet_irq(void *arg)
{
	struct pt_regs *r = this_cpu(irq_regs);

	(void)arg;
	timer_interrupt();
	sched_tick(r && regs_user(r));
	return IRQ_HANDLED;
}

static void
hpet_program(u64 delta_ns)
{
	u64 t = mul_shift_u64(delta_ns, ticks_per_ns_32, 32);
	u32 now, at;

	t = t < 32 ? 32 : t;
	do {
		now = mmio_read32(regs + HPET_COUNTER);
		at = now + t;
		mmio_write32(regs + HPET_T0_COMPARE, at);
		/* the counter may have run past it meanwhile */
		t *= 2;
	} while ((s32)(at - mmio_read32(regs + HPET_COUNTER)) < 8);
}

static struct clockevent hpet_event = {
	.name = "hpet",
	.program = hpet_program,
	.rating = 50,
};

bool
hpet_clockevent_setup(void)
{
	if (!regs || !(mmio_read32(regs + HPET_CAP) & CAP_LEGACY))
		return false;
	if (irq_request(irq_isa_to_gsi(0), hpet_irq, IRQF_EDGE, "hpet", regs))
		return false;
	ticks_per_ns_32 = mul_div_u64(hpet_source.hz, 1UL << 32, NSEC_PER_SEC);
	hpet_event.max_ns = mul_div_u64(1UL << 30, NSEC_PER_SEC,
					hpet_source.hz);
	mmio_write32(regs + HPET_CONFIG, CONFIG_ENABLE | CONFIG_LEGACY);
	mmio_write32(regs + HPET_T0_CONFIG,
		     (mmio_read32(regs + HPET_T0_CONFIG) & ~T_PERIODIC) |
		     T_ENABLE | T_32BIT);
	clockevent_register(&hpet_event);
	return true;
}
