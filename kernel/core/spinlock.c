/* SPDX-License-Identifier: MIT */
/*
 * The contended half of spin locks, and, with --enable-debug, their checks:
 * each CPU has a stack of the locks it holds; taking one whose rank is not
 * above the last one's, or that it holds already, is a bug, told with both
 * places. An interrupt has an order of its own: what the interrupted thread
 * holds with interrupts on, no handler takes - checked too, by remembering
 * for each lock one place of either kind.
 */
#include <arch/percpu.h>
#include <core/assert.h>
#include <core/irq_chip.h>
#include <core/log.h>
#include <core/smp.h>
#include <core/spinlock.h>

void
spin_wait(struct spinlock *l, u16 ticket)
{
	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

#if CONFIG_DEBUG
#define HELD_MAX	16

struct held_locks {
	u32 n;
	struct spinlock *lock[HELD_MAX];
	u32 depth[HELD_MAX];		/* of interrupts, when it was taken */
};
static DEFINE_PERCPU(struct held_locks, held_locks);

static void
held_over_call(struct spinlock *l)
{
	panic("spin lock %pS: held over a call to other CPUs by %pS, which wait "
	      "for it with interrupts off at %pS",
	      l, l->site, l->site_off);
}

void
spin_debug_acquire(struct spinlock *l, const void *site, bool nested)
{
	unsigned long f = irq_save();
	struct held_locks *h = this_cpu_ptr(held_locks);
	u32 top = 0, depth = this_cpu(irq_depth);

	if (log_panicking)
		goto out;
	for (u32 i = 0; i < h->n; i++) {
		if (h->lock[i] == l)
			panic("spin lock %pS taken again at %pS, held since %pS",
			      l, site, l->site);
		if (h->depth[i] == depth && h->lock[i]->rank > top)
			top = h->lock[i]->rank;
	}
	if (l->rank && (nested ? l->rank < top : l->rank <= top && top))
		panic("lock order: %pS (rank %u) at %pS with rank %u held since %pS",
		      l, l->rank, site, top, h->lock[h->n - 1]->site);
	if (h->n == HELD_MAX)
		panic("too many spin locks held at %pS", site);
	if (depth)
		l->site_irq = site;
	else if (f & RFLAGS_IF)
		l->site_open = site;
	if (l->site_irq && l->site_open)
		panic("spin lock %pS: an interrupt takes it at %pS, with interrupts on at %pS",
		      l, l->site_irq, l->site_open);
	if (!(f & RFLAGS_IF) && nr_cpus > 1)
		l->site_off = site;
	if (l->over_call && l->site_off)
		held_over_call(l);
	h->depth[h->n] = depth;
	h->lock[h->n++] = l;
out:
	irq_restore(f);
}

void
spin_debug_acquired(struct spinlock *l, const void *site)
{
	if (l->cpu_plus_1 && !log_panicking)
		panic("spin lock %pS taken at %pS while cpu %u has it since %pS",
		      l, site, l->cpu_plus_1 - 1, l->site);
	l->site = site;
	l->cpu_plus_1 = cpu_id() + 1;
}

void
spin_debug_release(struct spinlock *l)
{
	unsigned long f = irq_save();
	struct held_locks *h = this_cpu_ptr(held_locks);

	if (log_panicking)
		goto out;
	for (u32 i = h->n; i-- > 0;)
		if (h->lock[i] == l) {
			for (h->n--; i < h->n; i++) {
				h->lock[i] = h->lock[i + 1];
				h->depth[i] = h->depth[i + 1];
			}
			l->cpu_plus_1 = 0;
			goto out;
		}
	panic("spin lock %pS released but not held, at %pS", l,
	      __builtin_return_address(0));
out:
	irq_restore(f);
}

bool
spin_debug_holds(void)
{
	return this_cpu(held_locks).n && !log_panicking;
}

void
spin_debug_smp_call(void)
{
	unsigned long f = irq_save();
	struct held_locks *h = this_cpu_ptr(held_locks);

	for (u32 i = 0; i < h->n; i++) {
		h->lock[i]->over_call = true;
		if (h->lock[i]->site_off && !log_panicking)
			held_over_call(h->lock[i]);
	}
	irq_restore(f);
}

void
assert_held(const struct spinlock *l)
{
	if (l->cpu_plus_1 != cpu_id() + 1 && !log_panicking)
		panic("lock %pS is not held at %pS", l,
		      __builtin_return_address(0));
}
#endif
