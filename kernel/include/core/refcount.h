/* SPDX-License-Identifier: MIT */
/*
 * Reference counts: start at 1 for the creator, saturate instead of wrapping,
 * panic on underflow. _get needs a live reference or the lookup lock.
 */
#ifndef CORE_REFCOUNT_H
#define CORE_REFCOUNT_H

#include <arch/atomic.h>
#include <core/assert.h>

struct refcount { atomic_t n; };

#define REFCOUNT_INIT(i)	{ ATOMIC_INIT(i) }
#define REFCOUNT_SATURATED	0x40000000

static inline void
refcount_set(struct refcount *r, int n)
{
	atomic_set(&r->n, n);
}

static inline int
refcount_read(const struct refcount *r)
{
	return atomic_read(&r->n);
}

static inline void
refcount_get(struct refcount *r)
{
	s32 v = atomic_add_return(&r->n, 1);

	if (unlikely(v <= 1 || v > REFCOUNT_SATURATED)) {
		if (v <= 1)
			panic("refcount: get of a dead object");
		atomic_set(&r->n, REFCOUNT_SATURATED);
	}
}

/* refcount_get_live - false when the count already is 0 (RCU lookups). */
static inline bool __must_check
refcount_get_live(struct refcount *r)
{
	return atomic_inc_unless(&r->n, 0);
}

/* refcount_put - true when the last reference went. */
static inline bool __must_check
refcount_put(struct refcount *r)
{
	s32 v = atomic_sub_return(&r->n, 1);

	if (unlikely(v < 0))
		panic("refcount: underflow");
	if (unlikely(v >= REFCOUNT_SATURATED - 1))
		atomic_set(&r->n, REFCOUNT_SATURATED);
	return v == 0;
}

#endif
