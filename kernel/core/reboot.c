/* SPDX-License-Identifier: MIT */
/*
 * Ending the machine: the registered methods in their order, then a halt.
 * Ctrl-Alt-Del is passed to whoever asked for it.
 */
#include <arch/irqflags.h>
#include <core/log.h>
#include <core/reboot.h>
#include <core/smp.h>
#include <core/time.h>

#define OPS_MAX	12

static const struct machine_op *ops[OPS_MAX];
static int nr_ops;
static void (*cad_fn)(void);
bool cad_enabled = true;

void
machine_op_register(const struct machine_op *op)
{
	int i = nr_ops;

	if (nr_ops == OPS_MAX)
		return;
	for (; i > 0 && ops[i - 1]->order > op->order; i--)
		ops[i] = ops[i - 1];
	ops[i] = op;
	nr_ops++;
}

void
machine_end(enum machine_action a)
{
	irq_disable();
	if (!log_panicking)
		smp_stop_others();
	log_panicking = true;	/* no lock is worth waiting for any more */
	for (int i = 0; i < nr_ops && a != MACHINE_HALT; i++) {
		bool (*fn)(void) = a == MACHINE_RESTART ? ops[i]->restart :
			ops[i]->power_off;

		if (fn && fn())
			udelay(100000);	/* it takes effect, or the next one */
	}
	if (a == MACHINE_POWER_OFF)
		log_err(core, "No way to turn the power off; system halted");
	for (;;)
		__asm__ volatile("cli; hlt");
}

void
ctrl_alt_del_set_handler(void (*fn)(void))
{
	cad_fn = fn;
}

void
ctrl_alt_del(void)
{
	if (cad_fn)
		cad_fn();
}
