/* SPDX-License-Identifier: MIT */
/* The vmap area: kernel stacks with guard pages, MMIO, large buffers. */
#ifndef MM_VMAP_H
#define MM_VMAP_H

#include <arch/paging.h>

/* vmap_alloc - address space only, one guard page behind; 0 when full. */
vaddr_t vmap_alloc(size_t len, size_t align);
void vmap_free(vaddr_t va, size_t len);
/* vmalloc - zeroed, page-aligned, virtually contiguous; NULL. Context: T. */
void *vmalloc(size_t len) __must_check;
void vfree(void *p);
/* vmap_mmio - map device registers or a framebuffer; cache = PTE_CACHE_*. */
void *vmap_mmio(paddr_t pa, size_t len, u64 cache) __must_check;
void vunmap_mmio(void *p, size_t len);
/* kstack_alloc - KSTACK_SIZE with a guard page below; cached per CPU. */
u8 *kstack_alloc(void) __must_check;
void kstack_free(u8 *stack);

#endif
