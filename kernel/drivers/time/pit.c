/* SPDX-License-Identifier: MIT */
/*
 * The 8254 timer, channel 0: as a counter (mode 2, full 16 bits, wraps each
 * 54.9 ms) the reference and clock of last resort; as clock event (mode 0) when
 * there is no better one, and then not a counter.
 *
 * Whether there is one shows in the counter: it must move, and not by reading
 * as all ones. Port 0x61 is not used; some virtual machines lack it.
 */
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/regs.h>
#include <arch/upcall.h>
#include <core/clock.h>
#include <core/ioport.h>
#include <core/irq.h>
#include <core/irq_chip.h>
#include <core/spinlock.h>
#include <core/timer.h>
#include <lib/muldiv.h>

#define PIT_HZ		1193182
#define CH0		0x40
#define CONTROL		0x43
#define CMD_LATCH0	0x00
#define CMD_MODE0	0x30
#define CMD_MODE2	0x34

/* no rank: the clock is read under any lock */
static struct spinlock pit_lock = SPINLOCK_INIT(RANK_NONE);

static u64
pit_read(void)
{
	unsigned long f = spin_lock_irqsave(&pit_lock);
	u32 v;

	outb(CMD_LATCH0, CONTROL);
	v = inb(CH0);
	v |= inb(CH0) << 8;
	spin_unlock_irqrestore(&pit_lock, f);
	return 0x10000 - v;
}

static struct clocksource pit_source = {
	.name = "pit",
	.read = pit_read,
	.mask = 0xffff,
	.hz = PIT_HZ,
	.rating = 10,
};

static struct ioport ports = { CH0, CONTROL, "timer0", NULL };

bool
pit_init(void)
{
	u64 first;
	unsigned int i;

	outb(CMD_MODE2, CONTROL);
	outb(0, CH0);
	outb(0, CH0);
	first = pit_read();
	for (i = 0; i < 1000; i++) {
		if (pit_read() != first) {
			(void)ioport_claim(&ports);
			clocksource_register(&pit_source);
			return true;
		}
	}
	return false;
}

static irqreturn_t
pit_irq(void *arg)
{
	struct pt_regs *r = this_cpu(irq_regs);

	(void)arg;
	timer_interrupt();
	sched_tick(r && regs_user(r));
	return IRQ_HANDLED;
}

static void
pit_program(u64 delta_ns)
{
	u64 t = mul_div_u64(delta_ns, PIT_HZ, NSEC_PER_SEC);

	t = t < 2 ? 2 : t > 0xffff ? 0xffff : t;
	spin_lock(&pit_lock);
	outb(CMD_MODE0, CONTROL);
	outb(t, CH0);
	outb(t >> 8, CH0);
	spin_unlock(&pit_lock);
}

static const struct clockevent pit_event = {
	.name = "pit",
	.program = pit_program,
	.max_ns = 54000000,
	.rating = 20,
};

bool
pit_clockevent_setup(void)
{
	if (irq_request(irq_isa_to_gsi(0), pit_irq, IRQF_EDGE, "timer",
			&pit_lock))
		return false;
	pit_source.rating = 0;		/* no longer free-running */
	clockevent_register(&pit_event);
	return true;
}
