/* SPDX-License-Identifier: MIT */
/*
 * Device interrupts: which handlers a vector has, and the counts.
 *
 * A vector (0x30..0xef, or 0x20..0x2f for 8259 lines) belongs to one GSI or
 * one message-signalled source, found through by_vector[]. Interrupts go to
 * the boot CPU; MSIs to the CPU that asked.
 *
 * A descriptor's action list is changed under irq_lock and walked by the
 * dispatcher without it: an action is complete before it is linked, and freed
 * for reuse only after the dispatcher was seen outside (desc.running).
 *
 * An interrupt that nobody owns a hundred thousand times running is turned
 * off, as the alternative is a machine that does nothing else.
 */
#define LOG_MODULE irq
#include <abi/errno.h>
#include <arch/atomic.h>
#include <arch/irqflags.h>
#include <arch/upcall.h>
#include <core/irq.h>
#include <core/irq_chip.h>
#include <core/log.h>
#include <core/random.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <arch/cpu.h>
#include <arch/irqchip.h>
#include <mm/uaccess.h>

#define VEC_FIRST	0x20
#define VEC_DEV		0x30
#define VEC_END		0xf0
#define NR_VECTORS	(VEC_END - VEC_FIRST)
#define ACTIONS_MAX	96
#define CHIPS_MAX	2
#define UNHANDLED_MAX	100000

struct irq_action {
	irq_handler_t handler;
	void *arg;
	const char *name;
	struct irq_action *next;
};

struct irq_desc {
	u32 gsi;			/* I while used */
	u32 flags;			/* irq_lock */
	const struct irq_chip *chip;	/* I while used; NULL: MSI */
	struct irq_action *actions;	/* irq_lock for writers */
	u32 running;			/* a: dispatchers inside */
	u32 unhandled;			/* the handling CPU */
	bool used, off;
};

static struct irq_desc descs[NR_VECTORS];	/* index: vector - VEC_FIRST */
static struct irq_action actions[ACTIONS_MAX];
static const struct irq_chip *chips[CHIPS_MAX];
static unsigned int nr_chips;
static struct { u32 gsi, flags; bool set; } isa[16];
static struct spinlock irq_lock = SPINLOCK_INIT(RANK_DEVICE);
static DEFINE_PERCPU(u64, irq_counts[NR_VECTORS]);

bool
in_irq(void)
{
	return this_cpu(irq_depth);
}

bool
in_atomic(void)
{
	return this_cpu(irq_depth) || this_cpu(pagefault_off) ||
		irq_disabled() || spin_debug_holds();
}

void
irq_chip_register(const struct irq_chip *chip)
{
	if (nr_chips < CHIPS_MAX)
		chips[nr_chips++] = chip;
}

void
irq_override(unsigned int line, u32 gsi, u32 flags)
{
	if (line < 16) {
		isa[line].gsi = gsi;
		isa[line].flags = flags;
		isa[line].set = true;
	}
}

u32
irq_isa_to_gsi(unsigned int line)
{
	return line < 16 && isa[line].set ? isa[line].gsi : line;
}

/* What an override says about this GSI's trigger and polarity; 0: nothing. */
static u32
override_flags(u32 gsi)
{
	for (unsigned int i = 0; i < 16; i++) {
		if (isa[i].set && isa[i].gsi == gsi)
			return isa[i].flags;
	}
	return 0;
}

static struct irq_action *
action_alloc(void)
{
	for (unsigned int i = 0; i < ACTIONS_MAX; i++) {
		if (!actions[i].handler)
			return &actions[i];
	}
	return NULL;
}

static struct irq_desc *
desc_find(u32 gsi)
{
	for (unsigned int i = 0; i < NR_VECTORS; i++) {
		if (descs[i].used && descs[i].gsi == gsi)
			return &descs[i];
	}
	return NULL;
}

/* A free vector; spread over the priority classes (upper four bits). */
static struct irq_desc *
desc_alloc(void)
{
	static unsigned int next;
	unsigned int i, v;

	for (i = 0; i < VEC_END - VEC_DEV; i++) {
		v = VEC_DEV + next;
		next = (next + 17) % (VEC_END - VEC_DEV);
		if (!descs[v - VEC_FIRST].used)
			return &descs[v - VEC_FIRST];
	}
	return NULL;
}

static u8
desc_vector(const struct irq_desc *d)
{
	return VEC_FIRST + (d - descs);
}

static const struct irq_chip *
chip_of(u32 gsi)
{
	for (unsigned int i = 0; i < nr_chips; i++) {
		if (chips[i]->has(gsi))
			return chips[i];
	}
	return NULL;
}

/* irq_lock held. A descriptor for gsi, routed and masked. */
static int
desc_new(u32 gsi, u32 flags, struct irq_desc **out)
{
	const struct irq_chip *chip = chip_of(gsi);
	u32 over = override_flags(gsi);
	struct irq_desc *d;
	int e;

	if (!chip)
		return -EINVAL;
	/* 8259 lines have their fixed vectors */
	d = desc_alloc();
	if (gsi < 16 && !descs[gsi].used && chip->name[0] == 'X')
		d = &descs[gsi];
	if (!d)
		return -ENOSPC;
	if (!(flags & (IRQF_LEVEL | IRQF_EDGE)))
		flags |= over & (IRQF_LEVEL | IRQF_EDGE);
	if (!(flags & (IRQF_LOW | IRQF_HIGH)))
		flags |= over & (IRQF_LOW | IRQF_HIGH);
	e = chip->setup(gsi, desc_vector(d), 0, flags);
	if (e)
		return e;
	d->gsi = gsi;
	d->chip = chip;
	d->flags = flags;
	d->off = false;
	d->unhandled = 0;
	*out = d;
	return 0;
}

static void
action_link(struct irq_desc *d, struct irq_action *a, irq_handler_t handler,
	    const char *name, void *arg)
{
	struct irq_action **p = &d->actions;

	a->handler = handler;
	a->arg = arg;
	a->name = name;
	a->next = NULL;
	while (*p)
		p = &(*p)->next;
	smp_store_release(p, a);
}

int
irq_request(u32 gsi, irq_handler_t handler, u32 flags, const char *name,
	    void *arg)
{
	unsigned long f = spin_lock_irqsave(&irq_lock);
	struct irq_desc *d = desc_find(gsi);
	struct irq_action *a = action_alloc();
	int e = 0;

	if (!a) {
		e = -ENOMEM;
		goto out;
	}
	if (d && !(flags & d->flags & IRQF_SHARED)) {
		e = -EBUSY;
		goto out;
	}
	if (!d) {
		e = desc_new(gsi, flags, &d);
		if (e)
			goto out;
	}
	action_link(d, a, handler, name, arg);
	if (!d->used) {
		smp_store_release(&d->used, true);
		d->chip->unmask(gsi);
	}
out:
	spin_unlock_irqrestore(&irq_lock, f);
	return e;
}

int
irq_request_msi(irq_handler_t handler, const char *name, void *arg, u64 *addr,
		u32 *data)
{
	unsigned long f = spin_lock_irqsave(&irq_lock);
	u32 dest = cpu_apic_id(cpu_id());
	struct irq_desc *d = desc_alloc();
	struct irq_action *a = action_alloc();
	int r = -ENOSPC;

	if (!arch_msi_possible() || dest > 254) {
		r = -ENODEV;
	} else if (d && a) {
		r = IRQ_MSI_BASE + desc_vector(d);
		d->gsi = r;
		d->chip = NULL;
		d->flags = IRQF_EDGE;
		d->off = false;
		d->unhandled = 0;
		action_link(d, a, handler, name, arg);
		smp_store_release(&d->used, true);
		*addr = APIC_DEFAULT_BASE | (u64)dest << 12;
		*data = desc_vector(d);
	}
	spin_unlock_irqrestore(&irq_lock, f);
	return r;
}

void
irq_free(u32 gsi, void *arg)
{
	unsigned long f = spin_lock_irqsave(&irq_lock);
	struct irq_desc *d = desc_find(gsi);
	struct irq_action **p, *a = NULL;

	for (p = d ? &d->actions : NULL; p && *p; p = &(*p)->next) {
		if ((*p)->arg == arg) {
			a = *p;
			WRITE_ONCE(*p, a->next);
			break;
		}
	}
	if (d && !d->actions && d->chip)
		d->chip->mask(gsi);
	spin_unlock_irqrestore(&irq_lock, f);
	if (!a)
		return;
	smp_mb();
	while (__atomic_load_n(&d->running, __ATOMIC_ACQUIRE))
		cpu_relax();
	f = spin_lock_irqsave(&irq_lock);
	a->handler = NULL;
	if (!d->actions)
		d->used = false;
	spin_unlock_irqrestore(&irq_lock, f);
}

static __noinline __cold void
irq_unhandled(struct irq_desc *d)
{
	if (++d->unhandled < UNHANDLED_MAX || d->off)
		return;
	d->off = true;
	if (d->chip)
		d->chip->mask(d->gsi);
	log_err(irq, "irq %u: nobody cared, turned off\n", d->gsi);
}

void
irq_dispatch(struct pt_regs *regs, u32 vector)
{
	unsigned int i = vector - VEC_FIRST;
	struct irq_desc *d = &descs[i];
	struct irq_action *a;
	bool handled = false;

	(void)regs;
	if (unlikely(i >= NR_VECTORS || !d->used)) {
		log_ratelimited(irq, LOG_WARNING, "stray vector %u\n", vector);
		if (vector >= VEC_DEV)
			arch_irq_ack();
		return;
	}
	this_cpu_elem(irq_counts, i)++;
	/* full barrier: irq_free() unlinks, then looks at running */
	__atomic_add_fetch(&d->running, 1, __ATOMIC_SEQ_CST);
	for (a = READ_ONCE(d->actions); a; a = READ_ONCE(a->next))
		handled |= a->handler(a->arg) == IRQ_HANDLED;
	__atomic_sub_fetch(&d->running, 1, __ATOMIC_RELEASE);
	if (likely(handled))
		d->unhandled = 0;
	else
		irq_unhandled(d);
	random_mix_irq(rdtsc());
	if (d->chip)
		d->chip->eoi(d->gsi);
	else
		arch_irq_ack();
}

bool
irq_stat_get(unsigned int i, struct irq_stat *out)
{
	for (unsigned int k = 0; k < NR_VECTORS; k++) {
		struct irq_desc *d = &descs[k];
		struct irq_action *a = READ_ONCE(d->actions);

		if (!d->used || !a || i--)
			continue;
		out->gsi = d->gsi;
		out->name = a->name;
		out->chip = d->chip ? d->chip->name : "PCI-MSI";
		for (unsigned int c = 0; c < CONFIG_MAX_CPUS; c++)
			out->per_cpu[c] = c < nr_cpus ?
				per_cpu(irq_counts, c)[k] : 0;
		return true;
	}
	return false;
}

u64
irq_total(void)
{
	u64 n = 0;

	for_each_cpu(c) {
		for (unsigned int k = 0; k < NR_VECTORS; k++)
			n += per_cpu(irq_counts, c)[k];
	}
	return n;
}
