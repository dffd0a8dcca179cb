/* SPDX-License-Identifier: MIT */
/*
 * The PC speaker: PIT channel 2 as a tone generator, gated by port 0x61. A
 * machine without that port reads 0xff there and stays silent.
 */
#include <arch/io.h>
#include <core/ioport.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <core/timer.h>
#include <drivers/input.h>
#include <tty/con.h>

#define PIT_HZ		1193182
#define PIT_CH2		0x42
#define PIT_MODE	0x43
#define MODE_CH2_SQUARE	0xb6	/* both bytes, mode 3 */
#define GATE		0x61
#define GATE_ON		3

static struct spinlock lock = SPINLOCK_INIT(RANK_NONE);
static struct timer off_timer;

static void
silence(void)
{
	unsigned long irq = spin_lock_irqsave(&lock);

	outb(inb(GATE) & ~GATE_ON, GATE);
	spin_unlock_irqrestore(&lock, irq);
}

static void
off_timer_fn(struct timer *t)
{
	silence();
}

static void
beep(u32 hz, u32 ms)
{
	unsigned long irq;
	u32 count;

	timer_cancel(&off_timer);
	if (hz < 20 || hz > 32767 || !ms) {
		silence();
		return;
	}
	count = PIT_HZ / hz;
	irq = spin_lock_irqsave(&lock);
	outb(MODE_CH2_SQUARE, PIT_MODE);
	outb(count, PIT_CH2);
	outb(count >> 8, PIT_CH2);
	outb(inb(GATE) | GATE_ON, GATE);
	spin_unlock_irqrestore(&lock, irq);
	if (ms != ~0U)
		timer_arm(&off_timer, clock_mono_ns() + ms * NSEC_PER_MSEC);
}

static struct ioport port = { GATE, GATE, "pcspkr", NULL };

void
pcspkr_init(void)
{
	if (inb(GATE) == 0xff)
		return;
	(void)ioport_claim(&port);
	timer_init(&off_timer, off_timer_fn);
	con_set_beeper(beep);
}
