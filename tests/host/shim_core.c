/* SPDX-License-Identifier: MIT */
/*
 * The lowest layer for host tests: panic is the end of the run, the log goes
 * to the test's output, there is one CPU, spin locks must be free, taken in
 * rank order and released, time stands still unless a test moves it, and RCU
 * callbacks wait until nothing is locked.
 */
#include <arch/irqflags.h>
#include <arch/percpu.h>
#include <core/assert.h>
#include <core/irq.h>
#include <core/log.h>
#include <core/random.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <sched/rcu.h>
#include <sched/sched.h>
#include "unit.h"

/* ---- one CPU ---- */

__weak unsigned long percpu_offset[CONFIG_MAX_CPUS];
__weak DEFINE_PERCPU(unsigned long, percpu_self);
__weak DEFINE_PERCPU(u32, percpu_cpu_id);
__weak unsigned int nr_cpus = 1, nr_cpus_possible = 1;
__weak unsigned long cpu_online_mask[(CONFIG_MAX_CPUS + 63) / 64] = { 1 };
unsigned long host_irq_flags = RFLAGS_IF;
u64 cpu_features;

__weak void
smp_call(const unsigned long *mask, void (*fn)(void *), void *arg)
{
}

__weak void
smp_send_resched(unsigned int cpu)
{
}

__weak bool
in_irq(void)
{
	return false;
}

/* ---- complaints ---- */

__weak bool log_panicking;

void
panic(const char *fmt, ...)
{
	char buf[400];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = scnprintf(buf, sizeof(buf), "panic: ");
	n += vscnprintf(buf + n, sizeof(buf) - n - 1, fmt, ap);
	va_end(ap);
	buf[n++] = '\n';
	host_print(buf, n);
	host_crash();
}

void
assert_fail(const char *expr, const char *file, int line)
{
	panic("%s:%d: ASSERT(%s)", file, line, expr);
}

static void
vsay(const char *fmt, va_list ap)
{
	char buf[512];
	int n = vscnprintf(buf, sizeof(buf) - 1, fmt, ap);

	buf[n++] = '\n';
	host_print(buf, n);
}

__weak void
kprintf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

__weak void
log_printf(const struct log_module *m, enum log_level lv, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

__weak void
log_vprintf(const struct log_module *m, enum log_level lv, const char *fmt,
	    va_list ap)
{
	vsay(fmt, ap);
}

__weak bool
log_rate_ok(struct log_rate *r)
{
	return true;
}

#define MODULE(n) __weak struct log_module log_module_##n = { #n, LOG_INFO }
MODULE(core); MODULE(arch); MODULE(boot); MODULE(sched); MODULE(mm);
MODULE(task); MODULE(vfs); MODULE(fs); MODULE(proc); MODULE(tty); MODULE(dev);
MODULE(acpi); MODULE(time); MODULE(irq); MODULE(smp); MODULE(syscall);
MODULE(signal); MODULE(init); MODULE(input); MODULE(video);

/* ---- spin locks ---- */

#define HELD_MAX 16
static struct spinlock *held[HELD_MAX];
static unsigned int nr_held;

void
spin_wait(struct spinlock *l, u16 ticket)
{
	panic("spin lock %px is taken: on one CPU this waits for ever", l);
}

void
spin_debug_acquire(struct spinlock *l, const void *site, bool nested)
{
	u32 top = 0;

	for (unsigned int i = 0; i < nr_held; i++) {
		if (held[i] == l)
			panic("spin lock %px taken again at %px", l, site);
		top = max(top, (u32)held[i]->rank);
	}
	if (l->rank && top && (nested ? l->rank < top : l->rank <= top))
		panic("lock order: rank %u at %px with rank %u held", l->rank,
		      site, top);
	ASSERT(nr_held < HELD_MAX);
	held[nr_held++] = l;
	l->site = site;
	l->cpu_plus_1 = 1;
}

void
spin_debug_acquired(struct spinlock *l, const void *site)
{
	(void)l;
	(void)site;
}

void
spin_debug_smp_call(void)
{
}

void
spin_debug_release(struct spinlock *l)
{
	for (unsigned int i = nr_held; i-- > 0;)
		if (held[i] == l) {
			for (nr_held--; i < nr_held; i++)
				held[i] = held[i + 1];
			l->cpu_plus_1 = 0;
			return;
		}
	panic("spin lock %px released but not held", l);
}

void
assert_held(const struct spinlock *l)
{
	if (!l->cpu_plus_1)
		panic("lock %px is not held", l);
}

__weak bool
in_atomic(void)
{
	return nr_held || irq_disabled() || in_irq();
}

/* ---- the one thread ---- */

static struct thread the_thread = { .comm = "test" };
__weak DEFINE_PERCPU(struct thread *, cur_thread) = &the_thread;
void (*unit_on_schedule)(void);

void
shim_lock_check_idle(void)
{
	unit_always(!nr_held, "no spin lock is held", __FILE__, __LINE__);
	unit_always(!current_thread->nr_held, "no sleeping lock is held",
		    __FILE__, __LINE__);
	unit_always(!irq_disabled(), "interrupts are on", __FILE__, __LINE__);
}

__weak void
schedule(void)
{
	ASSERT(!in_atomic());
	if (!unit_on_schedule)
		panic("the test would sleep for ever");
	unit_on_schedule();
	current_thread->state = TS_RUNNING;
}

__weak bool
schedule_until(nsec_t deadline)
{
	ASSERT(!in_atomic());
	if (unit_on_schedule) {
		unit_on_schedule();
		current_thread->state = TS_RUNNING;
		return unit_now_ns >= deadline;
	}
	unit_now_ns = max(unit_now_ns, deadline);
	current_thread->state = TS_RUNNING;
	return true;
}

__weak void
cond_resched_slow(void)
{
}

__weak bool
thread_wake_mask(struct thread *t, u32 mask)
{
	if (!(t->state & mask))
		return false;
	t->state = TS_RUNNING;
	return true;
}

__weak bool
thread_wake_sync(struct thread *t)
{
	return thread_wake(t);
}

__weak bool
fatal_signal_pending_current(void)
{
	return false;
}

/* ---- RCU: one CPU, so a grace period ends when nothing is locked ---- */

static struct rcu_head *rcu_waiting, **rcu_tail = &rcu_waiting;
static void (*rcu_free)(const void *p);

__weak void
call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *h))
{
	h->fn = fn;
	h->next = NULL;
	*rcu_tail = h;
	rcu_tail = &h->next;
}

/* kernel/sched/rcu.c says how kfree_rcu is told from callbacks */
__weak void
kfree_rcu(void *p, struct rcu_head *h)
{
	call_rcu(h, (void (*)(struct rcu_head *))((char *)h - (char *)p));
}

__weak void
rcu_set_free(void (*fn)(const void *p))
{
	rcu_free = fn;
}

void __weak
kfree(const void *p)
{
}

void
shim_rcu_flush(void)
{
	while (rcu_waiting) {
		struct rcu_head *h = rcu_waiting;
		unsigned long off = (unsigned long)h->fn;

		rcu_waiting = h->next;
		if (!rcu_waiting)
			rcu_tail = &rcu_waiting;
		if (off < 4096)
			(rcu_free ? rcu_free : kfree)((char *)h - off);
		else
			h->fn(h);
	}
}

__weak void
synchronize_rcu(void)
{
	ASSERT(!in_atomic());
	shim_rcu_flush();
}

__weak void
rcu_barrier(void)
{
	synchronize_rcu();
}

__weak void
rcu_quiescent(void)
{
}

/* ---- time and chance ---- */

nsec_t unit_now_ns = 1000 * NSEC_PER_SEC;

__weak nsec_t
clock_mono_ns(void)
{
	return unit_now_ns;
}

__weak nsec_t
sched_clock_ns(void)
{
	return unit_now_ns;
}

__weak nsec_t
clock_real_ns(void)
{
	return 1700000000 * NSEC_PER_SEC + unit_now_ns;
}

__weak nsec_t
clock_real_coarse_ns(void)
{
	return clock_real_ns();
}

__weak void
random_bytes(void *buf, size_t len)
{
	for (u8 *p = buf; len--;)
		*p++ = unit_random();
}

__weak u64
random_u64(void)
{
	return unit_random();
}

__weak u32
random_below(u32 bound)
{
	return unit_random() % bound;
}

__weak void
random_mix(const void *data, size_t len, u32 bits)
{
}

__weak u64
printf_hash_ptr(const void *p)
{
	return (u64)p;
}
