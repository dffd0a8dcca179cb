/* SPDX-License-Identifier: MIT */
/*
 * The i8042 keyboard controller and its keyboard.
 *
 * Initialisation assumes little: every wait has an end, no reply is required,
 * and nothing is done that could leave a working keyboard dead (no self test,
 * no keyboard reset). Ports that read 0xff mean there is no controller. The
 * auxiliary (mouse) port is switched off. A keyboard may take many
 * milliseconds to answer, or never do, so this is done by a worker that sleeps
 * between looks; the boot does not wait for it.
 *
 * Commands to the keyboard (lamps, repeat rate) are queued and sent byte by
 * byte, each after the acknowledgement of the one before, from the interrupt
 * handler; a keyboard that does not answer just loses them.
 */
#include <abi/errno.h>
#include <abi/kd.h>
#include <arch/io.h>
#include <boot/cmdline.h>
#include <core/ioport.h>
#include <core/irq.h>
#include <core/log.h>
#include <core/reboot.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <drivers/acpi.h>
#include <drivers/input.h>
#include <core/initcall.h>
#include <lib/set.h>
#include <sched/sched.h>
#include <task/work.h>
#include <tty/con.h>
#include "local.h"

LOG_MODULE_DEFINE(input);

#define DATA		0x60
#define STATUS		0x64	/* read */
#define COMMAND		0x64	/* write */

#define ST_OUT_FULL	0x01	/* a byte for us */
#define ST_IN_FULL	0x02	/* ours not taken yet */
#define ST_AUX		0x20	/* the byte is the mouse's */

#define CMD_READ_CONFIG	0x20
#define CMD_WRITE_CONFIG 0x60
#define CMD_AUX_OFF	0xa7
#define CMD_KBD_OFF	0xad
#define CMD_KBD_ON	0xae
#define CMD_PULSE_RESET	0xfe

#define CFG_KBD_IRQ	0x01
#define CFG_AUX_IRQ	0x02
#define CFG_KBD_CLOCK_OFF 0x10
#define CFG_AUX_CLOCK_OFF 0x20
#define CFG_TRANSLATE	0x40

#define KBD_SET_LEDS	0xed
#define KBD_SET_REPEAT	0xf3
#define KBD_ENABLE	0xf4
#define KBD_DEFAULTS	0xf6
#define KBD_ACK		0xfa
#define KBD_RESEND	0xfe

#define WAIT_NS		(50 * NSEC_PER_MSEC)
#define LOOKS		8	/* at once, before sleeping a while */
#define QUEUE		8
#define ACK_TIMEOUT_NS	(500 * NSEC_PER_MSEC)

static struct spinlock lock = SPINLOCK_INIT(RANK_NONE);
static struct atkbd kbd;		/* irq handler */

/* lock: commands under way */
static u8 queue[QUEUE];
static u32 q_head, q_tail;
static nsec_t q_sent;			/* when the byte at q_tail went out */
static u8 q_tries;

/* -- polled access: T, the probing worker -------------------------------- */

static bool
wait_status(u8 mask, u8 want)
{
	nsec_t now, end = clock_mono_ns() + WAIT_NS;

	for (u32 looks = 1; (inb(STATUS) & mask) != want; looks++) {
		if (looks < LOOKS) {
			cpu_relax();
			continue;
		}
		now = clock_mono_ns();
		if (now >= end)
			return false;
		set_state(TS_UNINTERRUPTIBLE);
		schedule_until(now + NSEC_PER_MSEC);
	}
	return true;
}

static void
command(u8 c)
{
	if (wait_status(ST_IN_FULL, 0))
		outb(c, COMMAND);
}

static void
write_data(u8 c)
{
	if (wait_status(ST_IN_FULL, 0))
		outb(c, DATA);
}

static void
drain(void)
{
	for (int i = 0; i < 32 && inb(STATUS) & ST_OUT_FULL; i++)
		(void)inb(DATA);
}

static int
read_config(void)
{
	drain();
	command(CMD_READ_CONFIG);
	return wait_status(ST_OUT_FULL, ST_OUT_FULL) ? inb(DATA) : -EIO;
}

/* A command byte to the keyboard; whatever it answers is read away. */
static bool
keyboard_command(u8 c)
{
	write_data(c);
	if (!wait_status(ST_OUT_FULL, ST_OUT_FULL))
		return false;
	return inb(DATA) == KBD_ACK;
}

/* -- queued commands ----------------------------------------------------- */

/* lock held */
static void
queue_send(void)
{
	if (q_head == q_tail || inb(STATUS) & ST_IN_FULL)
		return;
	q_sent = clock_mono_ns();
	outb(queue[q_tail % QUEUE], DATA);
}

static void
queue_pair(u8 a, u8 b)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	bool idle = q_head == q_tail;

	if (!idle && clock_mono_ns() - q_sent > ACK_TIMEOUT_NS) {
		q_tail = q_head;	/* it does not answer */
		idle = true;
	}
	if (q_head - q_tail <= QUEUE - 2) {
		queue[q_head++ % QUEUE] = a;
		queue[q_head++ % QUEUE] = b;
	}
	if (idle) {
		q_tries = 0;
		queue_send();
	}
	spin_unlock_irqrestore(&lock, irq);
}

/* lock held: an answer came; true when it was to a command */
static bool
queue_answer(u8 c)
{
	if (q_head == q_tail || (c != KBD_ACK && c != KBD_RESEND))
		return c == KBD_ACK;
	if (c == KBD_RESEND && ++q_tries < 3) {
		queue_send();
		return true;
	}
	q_tries = 0;
	q_tail++;
	queue_send();
	return true;
}

static void
set_leds(struct kbd_device *k, u32 leds)
{
	/* LED_SCR, LED_NUM, LED_CAP are the keyboard's bits */
	queue_pair(KBD_SET_LEDS, leds & 7);
}

/* Typematic: delay 250..1000 ms, 2.0 to 30 characters a second. */
static int
set_repeat(struct kbd_device *k, u32 *delay_ms, u32 *period_ms)
{
	static const u16 periods[32] = {
		33, 37, 42, 46, 50, 54, 58, 63, 67, 75, 83, 92, 100, 109,
		116, 125, 133, 149, 167, 182, 200, 217, 232, 250, 270, 303,
		333, 370, 400, 435, 470, 500,
	};
	static u8 delay = 0, rate = 11;

	if (*delay_ms)
		delay = *delay_ms <= 250 ? 0 : *delay_ms <= 500 ? 1 :
			*delay_ms <= 750 ? 2 : 3;
	if (*period_ms)
		for (rate = 0; rate < 31 && periods[rate] < *period_ms;)
			rate++;
	if (*delay_ms || *period_ms)
		queue_pair(KBD_SET_REPEAT, delay << 5 | rate);
	*delay_ms = (delay + 1) * 250;
	*period_ms = periods[rate];
	return 0;
}

static struct kbd_device device = {
	.name = "AT keyboard", .set_leds = set_leds,
	.set_repeat = set_repeat,
};

/* -- interrupt ----------------------------------------------------------- */

static irqreturn_t
i8042_irq(void *arg)
{
	irqreturn_t ret = IRQ_NONE;

	for (int i = 0; i < 16; i++) {
		u8 st, c;
		bool key;

		spin_lock(&lock);
		st = inb(STATUS);
		if (!(st & ST_OUT_FULL)) {
			spin_unlock(&lock);
			break;
		}
		c = inb(DATA);
		key = !(st & ST_AUX) && !queue_answer(c);
		spin_unlock(&lock);
		ret = IRQ_HANDLED;
		if (key)
			atkbd_byte(&kbd, c);
	}
	return ret;
}

/* -- life ---------------------------------------------------------------- */

static bool
reset_machine(void)
{
	if (inb(STATUS) == 0xff)
		return false;
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 1000 && inb(STATUS) & ST_IN_FULL; k++)
			udelay(10);
		outb(CMD_PULSE_RESET, COMMAND);
		udelay(50);
	}
	return false;		/* still here */
}

static const struct machine_op reset_op = {
	.name = "i8042", .order = 40, .restart = reset_machine,
};

static bool disabled;

static int
nokbd_param(const char *value)
{
	disabled = true;
	return 0;
}
KPARAM("i8042.nokbd", nokbd_param);

/* The controller's translation is asked for; some cannot, and show that. */
static bool
set_up_controller(int *config)
{
	int c;

	command(CMD_KBD_OFF);
	command(CMD_AUX_OFF);
	c = read_config();
	if (c < 0)
		c = CFG_TRANSLATE;
	c |= CFG_TRANSLATE | CFG_AUX_CLOCK_OFF;
	/* interrupts only when the handler is there */
	c &= ~(CFG_KBD_IRQ | CFG_AUX_IRQ | CFG_KBD_CLOCK_OFF);
	command(CMD_WRITE_CONFIG);
	write_data(c);
	*config = c;
	c = read_config();
	return c < 0 || c & CFG_TRANSLATE;
}

static void
probe(struct work *w)
{
	u32 gsi = irq_isa_to_gsi(1);
	int config;

	kbd.set2 = !set_up_controller(&config);
	command(CMD_KBD_ON);
	drain();
	if (!keyboard_command(KBD_DEFAULTS) || !keyboard_command(KBD_ENABLE))
		log_debug(input, "i8042: keyboard does not answer");
	drain();
	if (irq_request(gsi, i8042_irq, 0, "i8042", &kbd)) {
		log_err(input, "i8042: no interrupt %u", gsi);
		return;
	}
	command(CMD_WRITE_CONFIG);
	write_data(config | CFG_KBD_IRQ);
	kbd_register(&device);
	log_info(input, "i8042: AT keyboard, scan code set %d, irq %u",
		 kbd.set2 ? 2 : 1, gsi);
}

static struct work probe_work = WORK_INIT(probe_work, probe);

static struct ioport ports[2] = {
	{ 0x60, 0x60, "keyboard", NULL }, { 0x64, 0x64, "keyboard", NULL },
};

static void
i8042_start(void)
{
	struct acpi_fadt fadt;

	if (!(acpi_fadt_get(&fadt) && fadt.no_8042) && !disabled &&
	    inb(STATUS) != 0xff) {
		(void)ioport_claim(&ports[0]);
		(void)ioport_claim(&ports[1]);
		machine_op_register(&reset_op);
		work_queue(&probe_work);
	}
	pcspkr_init();
}
INITCALL(INIT_DEVICE, i8042_start);
