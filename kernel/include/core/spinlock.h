/* SPDX-License-Identifier: MIT */
/*
 * Spin locks. A ticket lock: fair, one locked instruction to take and a
 * plain store to release. With CONFIG_SMP=0 they cost nothing but the checks.
 *
 *	spin_lock(l)		data never touched by interrupts
 *	spin_lock_irq(l)	caller knows interrupts are on
 *	f = spin_lock_irqsave(l)
 *
 * CONFIG_DEBUG: rank, owner and what interrupts do with it are checked on
 * each acquire, both sites printed.
 * Contexts: any; the holder must not sleep.
 */
#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H

#include <arch/atomic.h>
#include <arch/irqflags.h>
#include <core/lockrank.h>
#include <lib/types.h>

struct spinlock {
	union {
		u32 word;
		struct { u16 owner, next; };
	};
#if CONFIG_DEBUG
	u16 rank;
	u16 cpu_plus_1;		/* holder */
	const void *site;
	const void *site_irq;	/* where an interrupt took it, */
	const void *site_open;	/* and where it was taken with them on */
	const void *site_off;	/* where it was taken with them off, SMP */
	bool over_call;		/* held over smp_call() */
#endif
};

#if CONFIG_DEBUG
#define SPINLOCK_INIT(r)	{ .word = 0, .rank = (r) }
/* before and after the lock is taken; before it is let go */
void spin_debug_acquire(struct spinlock *l, const void *site, bool nested);
void spin_debug_acquired(struct spinlock *l, const void *site);
void spin_debug_release(struct spinlock *l);
bool spin_debug_holds(void);		/* does this CPU hold any? */
/* spin_debug_smp_call - no lock is held that waits for it with irqs off. */
void spin_debug_smp_call(void);
/* assert_held - the current CPU holds l. */
void assert_held(const struct spinlock *l);
#else
#define SPINLOCK_INIT(r)	{ .word = 0 }
#define spin_debug_acquire(l, s, n)	do { } while (0)
#define spin_debug_acquired(l, s)	do { } while (0)
#define spin_debug_release(l)		do { } while (0)
#define spin_debug_holds()		false
#define spin_debug_smp_call()		do { } while (0)
#define assert_held(l)			do { (void)(l); } while (0)
#endif

static inline void
spin_init(struct spinlock *l, enum lock_rank rank)
{
	*l = (struct spinlock)SPINLOCK_INIT(rank);
	(void)rank;
}

void spin_wait(struct spinlock *l, u16 ticket);	/* contended half */

static __always_inline void
spin_lock_raw(struct spinlock *l)
{
#if CONFIG_SMP
	u32 old = 1U << 16;

	__asm__ volatile(LOCK_PREFIX "xaddl %0, %1"
			 : "+r"(old), "+m"(l->word) : : "memory", "cc");
	if (unlikely((u16)old != (u16)(old >> 16)))
		spin_wait(l, (u16)(old >> 16));
#endif
	barrier();
}

static __always_inline void
spin_lock(struct spinlock *l)
{
	spin_debug_acquire(l, __builtin_return_address(0), false);
	spin_lock_raw(l);
	spin_debug_acquired(l, __builtin_return_address(0));
}

/* same rank as a lock already held; the nest rule is the caller's comment */
static __always_inline void
spin_lock_nested(struct spinlock *l)
{
	spin_debug_acquire(l, __builtin_return_address(0), true);
	spin_lock_raw(l);
	spin_debug_acquired(l, __builtin_return_address(0));
}

static __always_inline void
spin_unlock(struct spinlock *l)
{
	spin_debug_release(l);
	barrier();
#if CONFIG_SMP
	__atomic_store_n(&l->owner, (u16)(l->owner + 1), __ATOMIC_RELEASE);
#endif
}

static __always_inline bool
spin_trylock(struct spinlock *l)
{
#if CONFIG_SMP
	u32 old = READ_ONCE(l->word);

	if ((u16)old != (u16)(old >> 16) ||
	    cmpxchg(&l->word, old, old + (1U << 16)) != old)
		return false;
#endif
	spin_debug_acquire(l, __builtin_return_address(0), true);
	spin_debug_acquired(l, __builtin_return_address(0));
	return true;
}

static __always_inline void
spin_lock_irq(struct spinlock *l)
{
	irq_disable();
	spin_lock(l);
}

static __always_inline void
spin_unlock_irq(struct spinlock *l)
{
	spin_unlock(l);
	irq_enable();
}

static __always_inline unsigned long
spin_lock_irqsave(struct spinlock *l)
{
	unsigned long f = irq_save();

	spin_lock(l);
	return f;
}

static __always_inline void
spin_unlock_irqrestore(struct spinlock *l, unsigned long f)
{
	spin_unlock(l);
	irq_restore(f);
}

/* Sequence counter: writers hold a lock of their own, readers retry. */
struct seqcount { u32 seq; };

static __always_inline u32
seq_begin(const struct seqcount *s)
{
	u32 v;

	while (unlikely((v = READ_ONCE(s->seq)) & 1))
		cpu_relax();
	smp_rmb();
	return v;
}

static __always_inline bool
seq_retry(const struct seqcount *s, u32 v)
{
	smp_rmb();
	return unlikely(READ_ONCE(s->seq) != v);
}

static __always_inline void
seq_write_begin(struct seqcount *s)
{
	s->seq++;
	smp_wmb();
}

static __always_inline void
seq_write_end(struct seqcount *s)
{
	smp_wmb();
	s->seq++;
}

#endif
