/* SPDX-License-Identifier: MIT */
/*
 * x86_64 page tables, SDM 3A 4.5. The walkers that belong to an address
 * space are mm's; this is the machine's part: entry bits, the kernel's own
 * map, TLB maintenance.
 */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include <arch/layout.h>
#include <lib/types.h>

typedef u64 pte_t;

#define PTE_P		BIT(0)
#define PTE_W		BIT(1)
#define PTE_U		BIT(2)
#define PTE_PWT		BIT(3)
#define PTE_PCD		BIT(4)
#define PTE_A		BIT(5)
#define PTE_D		BIT(6)
#define PTE_PS		BIT(7)	/* in a PDE or PDPTE: maps a large page */
#define PTE_PAT		BIT(7)	/* in a PTE */
#define PTE_G		BIT(8)
#define PTE_SW0		BIT(9)	/* software: for mm's use */
#define PTE_SW1		BIT(10)
#define PTE_SW2		BIT(11)
#define PTE_NX		BIT(63)
#define PTE_ADDR	0x000ffffffffff000UL

#define PT_SHIFT(level)	(12 + 9 * (level))	/* level 0 = PTE .. 3 = PML4E */
#define PT_INDEX(va, level) (((va) >> PT_SHIFT(level)) & 511)

/* Memory types selectable per page through PAT (set up by arch at boot). */
#define PTE_CACHE_WB	0UL
#define PTE_CACHE_WC	PTE_PWT
#define PTE_CACHE_UC	(PTE_PCD | PTE_PWT)

extern pte_t *kernel_pml4;	/* its top half is shared by every mm */
extern u64 pte_nx;		/* PTE_NX where the CPU has it */

static __always_inline void *
phys_to_virt(paddr_t p)
{
	return (void *)(p + PAGE_OFFSET);
}

/* Direct-map or kernel-image address to physical. */
paddr_t kimage_to_phys(const void *va);

static __always_inline paddr_t
virt_to_phys(const void *va)
{
	return (unsigned long)va < KERNEL_LINK_BASE ?
		(unsigned long)va - PAGE_OFFSET : kimage_to_phys(va);
}

static __always_inline void
invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/*
 * paging_init - extend the direct map to all usable RAM in the memory map and
 * allocate the 256 top-half PML4 entries' tables once, so that every mm can
 * copy them and never synchronise. Takes frames from memblock_alloc().
 * Context: E, once.
 */
void paging_init(void);
/* kmap_use_buddy - tables come from page_alloc() from now on, not memblock.
 * Called once by page_init(). */
void kmap_use_buddy(void);

/*
 * kmap_range - map [va, va+len) of the vmap area to [pa, pa+len).
 * @bits: PTE_W, PTE_NX, PTE_CACHE_*; present, accessed, dirty, global added.
 * Where va, pa and len allow, large pages are used. Also good for the struct
 * page array. Of the vmap area only the first 512 GiB have tables.
 * Returns 0 or -ENOMEM (nothing mapped then). Context: T, E. No lock:
 * the caller owns the range.
 */
int __must_check kmap_range(vaddr_t va, paddr_t pa, size_t len, u64 bits);
/* kmap_page - the same for one page; table pages may be allocated. */
int __must_check kmap_page(vaddr_t va, paddr_t pa, u64 bits);
/* kunmap_range - unmap and flush on every CPU. Context: T. */
void kunmap_range(vaddr_t va, size_t len);
/* the same but for the flush: tlb_flush_kernel() before anything is reused */
void kunmap_range_noflush(vaddr_t va, size_t len);
/* kpage_phys - physical address a vmap address maps to, or ~0. */
paddr_t kpage_phys(vaddr_t va);
/* kprotect_init - ro_after_init and .init.* get their final rights. Once. */
void kprotect_init(void);

static __always_inline void
clear_page(void *p)
{
	unsigned long c = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+c"(c), "+D"(p) : "a"(0UL) : "memory");
}

static __always_inline void
copy_page(void *dst, const void *src)
{
	unsigned long c = PAGE_SIZE / 8;

	__asm__ volatile("rep movsq" : "+c"(c), "+D"(dst), "+S"(src) : : "memory");
}

#endif
