/* SPDX-License-Identifier: MIT */
/*
 * Atomic scalars. Reads and writes are plain; read-modify-write operations
 * are full barriers (x86 locked instructions). Names as Linux's.
 *
 * The LOCK prefixes are listed in section altlock and replaced by a prefix
 * without effect when the machine turns out to have one processor: an
 * instruction is atomic against that one's interrupts without it.
 */
#ifndef ARCH_ATOMIC_H
#define ARCH_ATOMIC_H

#include <lib/types.h>

typedef struct { s32 v; } atomic_t;
typedef struct { s64 v; } atomic64_t;

#define ATOMIC_INIT(i)	{ (i) }

#if CONFIG_SMP
#define LOCK_PREFIX \
	".pushsection altlock, \"a\"\n\t.long 671f - .\n\t.popsection\n" \
	"671:\tlock; "
#else
#define LOCK_PREFIX ""
#endif

#define ATOMIC_OPS(pfx, type, T, sz) \
static __always_inline T pfx##_read(const type *a) \
{ return READ_ONCE(a->v); } \
static __always_inline void pfx##_set(type *a, T i) \
{ WRITE_ONCE(a->v, i); } \
static __always_inline void pfx##_add(type *a, T i) \
{ __asm__ volatile(LOCK_PREFIX "add" sz " %1, %0" \
	: "+m"(a->v) : "er"(i) : "memory", "cc"); } \
static __always_inline void pfx##_sub(type *a, T i) \
{ __asm__ volatile(LOCK_PREFIX "sub" sz " %1, %0" \
	: "+m"(a->v) : "er"(i) : "memory", "cc"); } \
static __always_inline void pfx##_inc(type *a) { pfx##_add(a, 1); } \
static __always_inline void pfx##_dec(type *a) { pfx##_sub(a, 1); } \
static __always_inline T pfx##_fetch_add(type *a, T i) \
{ __asm__ volatile(LOCK_PREFIX "xadd" sz " %0, %1" \
	: "+r"(i), "+m"(a->v) : : "memory", "cc"); return i; } \
static __always_inline T pfx##_add_return(type *a, T i) \
{ return pfx##_fetch_add(a, i) + i; } \
static __always_inline T pfx##_sub_return(type *a, T i) \
{ return pfx##_fetch_add(a, -i) - i; } \
static __always_inline bool pfx##_dec_and_test(type *a) \
{ bool z; __asm__ volatile(LOCK_PREFIX "sub" sz " $1, %0" \
	: "+m"(a->v), "=@cce"(z) : : "memory"); return z; } \
static __always_inline T pfx##_xchg(type *a, T n) \
{ return __atomic_exchange_n(&a->v, n, __ATOMIC_SEQ_CST); } \
/* true when *a was old and is new now; otherwise *old gets what it was */ \
static __always_inline bool pfx##_try_cmpxchg(type *a, T *old, T n) \
{ bool z; T o = *old; \
  __asm__ volatile(LOCK_PREFIX "cmpxchg" sz " %3, %1" \
	: "+a"(o), "+m"(a->v), "=@ccz"(z) : "r"(n) : "memory"); \
  if (unlikely(!z)) \
	*old = o; \
  return z; } \
/* add 1 unless it is u; true when added */ \
static __always_inline bool pfx##_inc_unless(type *a, T u) \
{ T o = pfx##_read(a); \
  do { if (o == u) return false; } while (!pfx##_try_cmpxchg(a, &o, o + 1)); \
  return true; }

ATOMIC_OPS(atomic, atomic_t, s32, "l")
ATOMIC_OPS(atomic64, atomic64_t, s64, "q")

/* on any scalar of 1, 2, 4 or 8 bytes; the value that was there */
#define cmpxchg(p, o, n) ({ \
	__typeof__(*(p)) o_ = (o); \
	__asm__ volatile(LOCK_PREFIX "cmpxchg %2, %1" \
		: "+a"(o_), "+m"(*(p)) : "q"((__typeof__(*(p)))(n)) \
		: "memory", "cc"); \
	o_; })
#define xchg(p, n)	__atomic_exchange_n((p), (n), __ATOMIC_SEQ_CST)

/* Atomic bit operations on an array of unsigned long. */
static __always_inline void
set_bit(unsigned int nr, unsigned long *p)
{
	__asm__ volatile(LOCK_PREFIX "orq %1, %0" : "+m"(p[nr / 64])
			 : "er"(BIT(nr % 64)) : "memory", "cc");
}

static __always_inline void
clear_bit(unsigned int nr, unsigned long *p)
{
	__asm__ volatile(LOCK_PREFIX "andq %1, %0" : "+m"(p[nr / 64])
			 : "er"(~BIT(nr % 64)) : "memory", "cc");
}

static __always_inline bool
test_bit(unsigned int nr, const unsigned long *p)
{
	return READ_ONCE(p[nr / 64]) >> (nr % 64) & 1;
}

static __always_inline bool
test_and_set_bit(unsigned int nr, unsigned long *p)
{
	bool c;

	__asm__ volatile(LOCK_PREFIX "btsq %2, %0"
			 : "+m"(p[nr / 64]), "=@ccc"(c)
			 : "Jr"((unsigned long)nr % 64) : "memory");
	return c;
}

static __always_inline bool
test_and_clear_bit(unsigned int nr, unsigned long *p)
{
	bool c;

	__asm__ volatile(LOCK_PREFIX "btrq %2, %0"
			 : "+m"(p[nr / 64]), "=@ccc"(c)
			 : "Jr"((unsigned long)nr % 64) : "memory");
	return c;
}

/* *p |= m, *p &= m on a scalar of 4 or 8 bytes; no result */
#define atomic_rmw_(insn, p, m) do { \
	static_assert(sizeof(*(p)) == 4 || sizeof(*(p)) == 8, "size"); \
	if (sizeof(*(p)) == 8) \
		__asm__ volatile(LOCK_PREFIX insn "q %1, %0" : "+m"(*(p)) \
			: "er"((u64)(m)) : "memory", "cc"); \
	else \
		__asm__ volatile(LOCK_PREFIX insn "l %k1, %0" : "+m"(*(p)) \
			: "er"((u32)(m)) : "memory", "cc"); \
} while (0)
#define atomic_or(p, m)		atomic_rmw_("or", p, m)
#define atomic_and(p, m)	atomic_rmw_("and", p, m)

static __always_inline void
smp_mb(void)
{
	__asm__ volatile(LOCK_PREFIX "addl $0, -4(%%rsp)" : : : "memory", "cc");
}
#define smp_rmb()	barrier()	/* TSO */
#define smp_wmb()	barrier()
#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)

#endif
