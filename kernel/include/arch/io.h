/* SPDX-License-Identifier: MIT */
/* Port and memory-mapped I/O. MMIO pointers come from vmap_mmio(). */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <lib/types.h>

#define IO_OPS(w, t, r) \
static __always_inline t in##w(u16 p) \
{ t v; __asm__ volatile("in" #w " %1, %" r "0" : "=a"(v) : "Nd"(p)); return v; } \
static __always_inline void out##w(t v, u16 p) \
{ __asm__ volatile("out" #w " %" r "0, %1" : : "a"(v), "Nd"(p)); }
IO_OPS(b, u8, "b")
IO_OPS(w, u16, "w")
IO_OPS(l, u32, "k")

#define MMIO_OPS(n, t) \
static __always_inline t mmio_read##n(const volatile void *p) \
{ return *(const volatile t *)p; } \
static __always_inline void mmio_write##n(volatile void *p, t v) \
{ *(volatile t *)p = v; }
MMIO_OPS(8, u8)
MMIO_OPS(16, u16)
MMIO_OPS(32, u32)
MMIO_OPS(64, u64)

#endif
