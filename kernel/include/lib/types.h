/* SPDX-License-Identifier: MIT */
/*
 * Fixed-width scalars, units-bearing scalars and the compiler vocabulary that
 * every file of the kernel speaks. Pure: nothing here has a definition.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdarg.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;

typedef u8 uint8_t;
typedef u16 uint16_t;
typedef u32 uint32_t;
typedef u64 uint64_t;
typedef s8 int8_t;
typedef s16 int16_t;
typedef s32 int32_t;
typedef s64 int64_t;
typedef unsigned long uintptr_t;
typedef long intptr_t;
typedef long ssize_t;

typedef u64 paddr_t;		/* physical address, bytes */
typedef unsigned long vaddr_t;	/* virtual address, user or kernel */
typedef u64 pfn_t;		/* physical frame number */
typedef u64 sector_t;		/* 512-byte units */
typedef s64 loff_t;		/* file offset, bytes */
typedef u64 nsec_t;		/* nanoseconds */
typedef s64 time64_t;		/* seconds since the epoch */

typedef u32 dev_t;		/* 12-bit major, 20-bit minor: see dev/devnum.h */
typedef u64 ino_t;
typedef u32 mode_t;
typedef u32 uid_t;
typedef u32 gid_t;
typedef s32 pid_t;

#ifndef __user
#define __user
#endif

#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __section(s)	__attribute__((section(s)))
#define __used		__attribute__((used))
#define __unused	__attribute__((unused))
#define __weak		__attribute__((weak))
#define __noreturn	__attribute__((noreturn))
#define __noinline	__attribute__((noinline))
#define __always_inline	inline __attribute__((always_inline))
#define __must_check	__attribute__((warn_unused_result))
#define __cold		__attribute__((cold))
#define __pure		__attribute__((pure))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __fallthrough	__attribute__((fallthrough))
#define __no_stack_protector __attribute__((optimize("no-stack-protector")))

/* Freed when boot is over; never referenced from other sections later. */
#define __init		__section(".init.text") __cold
#define __initdata	__section(".init.data")
/* Written during boot only; mapped read-only before init starts. */
#define __ro_after_init	__section(".data..ro_after_init")

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define barrier()	__asm__ volatile("" ::: "memory")
#define unreachable()	__builtin_unreachable()

#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define static_assert	_Static_assert
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, t, m) ((t *)((char *)(p) - offsetof(t, m)))
#define BIT(n)		(1UL << (n))
#define ALIGN_UP(x, a)	(((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define CONCAT_(a, b)	a##b
#define CONCAT(a, b)	CONCAT_(a, b)

#define min(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); \
	a_ < b_ ? a_ : b_; })
#define max(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); \
	a_ > b_ ? a_ : b_; })
#define min_t(t, a, b) ({ t a_ = (a); t b_ = (b); a_ < b_ ? a_ : b_; })
#define max_t(t, a, b) ({ t a_ = (a); t b_ = (b); a_ > b_ ? a_ : b_; })
#define clamp_t(t, v, lo, hi) min_t(t, max_t(t, v, lo), hi)
#define swap(a, b) do { __typeof__(a) t_ = (a); (a) = (b); (b) = t_; } while (0)

/* true when the sum or product does not fit; *r holds the wrapped value */
#define add_overflow(a, b, r) __builtin_add_overflow(a, b, r)
#define sub_overflow(a, b, r) __builtin_sub_overflow(a, b, r)
#define mul_overflow(a, b, r) __builtin_mul_overflow(a, b, r)

#define U64_MAX		(~0UL)
#define S64_MAX		((s64)(~0UL >> 1))
#define U32_MAX		(~0U)
#define INT_MAX		0x7fffffff
#define INT_MIN		(-INT_MAX - 1)
#define LONG_MAX	S64_MAX
#define ULONG_MAX	U64_MAX
#define SIZE_MAX	U64_MAX
#define SSIZE_MAX	S64_MAX
#define LOFF_MAX	S64_MAX

#endif
