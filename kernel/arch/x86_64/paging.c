/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own page tables. boot_pml4 from head.S stays the kernel's PML4
 * for ever: it maps the image with final rights and the first 4 GiB of the
 * direct map; paging_init() adds the RAM above, and turns 2 MiB pieces that
 * hold no memory at all uncached, so that a WC or UC mapping of a device has
 * no write-back alias.
 *
 * Top-level entries. Every mm copies the upper half of the PML4, so all the
 * entries that will ever be used are made before the first mm: direct map,
 * struct page array, 512 GiB of vmap area, image. Tables below them are never
 * freed, so that walks need no lock, and are installed by compare and
 * exchange. Leaf entries belong to whoever owns the address range (vmap).
 *
 * W^X: nothing here makes a page both writable and executable; the direct map
 * is NX by its top-level directories, and loses its write access to kernel
 * text and read-only data in kprotect_init().
 */
#define LOG_MODULE mm
#include "arch.h"

#include <abi/errno.h>
#include <arch/paging.h>
#include <arch/tlb.h>
#include <boot/bootinfo.h>
#include <boot/sections.h>
#include <core/assert.h>
#include <core/log.h>
#include <core/smp.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page.h>

#define GIB		(1UL << 30)
#define EARLY_MAP_END	(4 * GIB)
#define TABLE_BITS	(PTE_P | PTE_W | PTE_A)
#define LEAF_BITS	(PTE_P | PTE_A | PTE_D | PTE_G)
#define PT_LEAF_LARGE(e) (((e) & (PTE_P | PTE_PS)) == (PTE_P | PTE_PS))

/* WB WC UC- UC, twice: the PAT bit selects nothing new */
#define PAT_VALUE	0x0007010600070106UL

pte_t *kernel_pml4 __ro_after_init = boot_pml4;
u64 pte_nx __ro_after_init = PTE_NX;
u64 cr4_pcide __ro_after_init;

static bool buddy_serves __ro_after_init;
static bool pml4_frozen;

paddr_t
kimage_to_phys(const void *va)
{
	return (u64)va - (u64)_text + boot_kernel_phys;
}

void
paging_init_cpu(void)
{
	if (cpu_has(CPU_PAT))
		wrmsr(MSR_PAT, PAT_VALUE);
	if (cpu_has(CPU_PCID)) {
		write_cr3(virt_to_phys(kernel_pml4));
		write_cr4(read_cr4() | CR4_PCIDE);
		cr4_pcide = CR4_PCIDE;
	}
}

void
kmap_use_buddy(void)
{
	buddy_serves = true;
}

static paddr_t
table_alloc(void)
{
	struct page *p;

	if (unlikely(!buddy_serves))
		return memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	p = page_alloc(0, GFP_KERNEL | GFP_ZERO | GFP_NORETRY);
	return p ? page_to_phys(p) : 0;
}

static pte_t *
table_of(pte_t e)
{
	return phys_to_virt(e & PTE_ADDR);
}

/* The table that *e points to, made when absent; NULL: no memory. */
static pte_t *
table_get(pte_t *e)
{
	paddr_t pa;
	pte_t old = 0;

	if (likely(*e & PTE_P))
		return table_of(*e);
	pa = table_alloc();
	if (!pa)
		return NULL;
	if (!__atomic_compare_exchange_n(e, &old, pa | TABLE_BITS, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		if (buddy_serves)
			page_free(phys_to_page(pa), 0);
		return table_of(old);
	}
	return table_of(pa);
}

/* The entry for va at level, with the tables above it; NULL as above. */
static pte_t *
entry_get(vaddr_t va, int level)
{
	pte_t *t = kernel_pml4;
	int l;

	if (!(t[PT_INDEX(va, 3)] & PTE_P) && pml4_frozen)
		return NULL;
	for (l = 3; l > level; l--) {
		pte_t *e = t + PT_INDEX(va, l);

		ASSERT(!PT_LEAF_LARGE(*e) || l == 3);
		t = table_get(e);
		if (!t)
			return NULL;
	}
	return t + PT_INDEX(va, level);
}

/* The entry that maps va, at whatever level; NULL when nothing does. */
static pte_t *
entry_find(vaddr_t va, int *level)
{
	pte_t *e = kernel_pml4 + PT_INDEX(va, 3);
	int l;

	for (l = 3; l > 0; l--) {
		if (!(*e & PTE_P))
			return NULL;
		if (l < 3 && (*e & PTE_PS))
			break;
		e = table_of(*e) + PT_INDEX(va, l - 1);
	}
	*level = l;
	return *e & PTE_P ? e : NULL;
}

/* memory of any kind that the kernel may want cached, in [start, end)? */
static __init bool
range_has_memory(paddr_t start, paddr_t end)
{
	u32 i;

	for (i = 0; i < boot_info.nr_map; i++) {
		const struct boot_mem_range *r = &boot_info.map[i];

		if (r->end > start && r->start < end &&
		    (r->type == BOOT_MEM_USABLE || r->type == BOOT_MEM_ACPI ||
		     r->type == BOOT_MEM_NVS || r->end <= 0x100000))
			return true;
	}
	for (i = 0; i < boot_info.nr_modules; i++) {
		const struct boot_range *r = &boot_info.modules[i];

		if (r->start < end && r->start + r->len > start)
			return true;
	}
	return false;
}

/*
 * Uncached where there is nothing: gigabytes first, as most 2 MiB pieces lie
 * in one big hole. Reserved ranges may be tables of the firmware we still read
 * (ACPI marks some so); uncached reads of them are merely slow.
 */
static __init void
early_map_uncache_holes(void)
{
	unsigned int g, i;

	for (g = 0; g < 4; g++) {
		bool some = range_has_memory(g * GIB, (g + 1) * GIB);

		for (i = 0; i < 512; i++) {
			paddr_t pa = g * GIB + i * LARGE_PAGE_SIZE;

			if (!some ||
			    !range_has_memory(pa, pa + LARGE_PAGE_SIZE))
				boot_dm_pd[g][i] |= PTE_CACHE_UC;
		}
	}
}

/* [start, end) is RAM above 4 GiB: map it, rounded out to 2 MiB. */
static __init void
direct_map_add(paddr_t start, paddr_t end)
{
	u64 bits = LEAF_BITS | PTE_W | PTE_NX | PTE_PS;
	paddr_t pa;

	start = ALIGN_DOWN(max_t(u64, start, EARLY_MAP_END), LARGE_PAGE_SIZE);
	end = ALIGN_UP(end, LARGE_PAGE_SIZE);
	for (pa = start; pa < end;) {
		vaddr_t va = pa + PAGE_OFFSET;
		pte_t *e = entry_get(va, 2);

		ASSERT(e);
		if (!*e && cpu_has(CPU_PDPE1GB) && IS_ALIGNED(pa, GIB) &&
		    end - pa >= GIB) {
			*e = pa | bits;
			pa += GIB;
			continue;
		}
		if (PT_LEAF_LARGE(*e)) {
			pa = ALIGN_DOWN(pa, GIB) + GIB;
			continue;
		}
		e = entry_get(va, 1);
		ASSERT(e);
		*e = pa | bits;
		pa += LARGE_PAGE_SIZE;
	}
}

static __init void
top_level_reserve(vaddr_t va, u64 len)
{
	vaddr_t end = va + len - 1;

	for (;; va += 1UL << PT_SHIFT(3)) {
		ASSERT(table_get(kernel_pml4 + PT_INDEX(va, 3)));
		if (PT_INDEX(va, 3) == PT_INDEX(end, 3))
			break;
	}
}

__init void
paging_init(void)
{
	u64 top = memblock_end();
	paddr_t start, end;
	unsigned int i;

	ASSERT(top <= DIRECT_MAP_MAX);
	early_map_uncache_holes();
	for (i = 0; memblock_range(i, &start, &end); i++) {
		if (end > EARLY_MAP_END)
			direct_map_add(start, end);
	}
	top_level_reserve(VMAP_BASE, 1UL << PT_SHIFT(3));
	top_level_reserve(VMEMMAP_BASE, (max_t(u64, top, EARLY_MAP_END) >>
			PAGE_SHIFT) * sizeof(struct page));
	tlb_flush_kernel(0, ~0UL);
	percpu_save_template();
	log_debug(mm, "direct map up to %lx\n", max_t(u64, top, EARLY_MAP_END));
}

int
kmap_range(vaddr_t va, paddr_t pa, size_t len, u64 bits)
{
	vaddr_t start = va, end = va + len;

	ASSERT(IS_ALIGNED(va | pa | len, PAGE_SIZE) && va >= VMAP_BASE);
	DEBUG_ASSERT(!(bits & PTE_W) || (bits & PTE_NX));
	bits |= LEAF_BITS;
	while (va < end) {
		bool large = IS_ALIGNED(va | pa, LARGE_PAGE_SIZE) &&
			end - va >= LARGE_PAGE_SIZE;
		pte_t *e = entry_get(va, large);

		if (e && large && *e) {		/* a table from former use */
			large = false;
			e = entry_get(va, 0);
		}
		if (!e) {
			kunmap_range(start, va - start);
			return -ENOMEM;
		}
		ASSERT(!(*e & PTE_P));
		*e = pa | bits | (large ? PTE_PS : 0);
		va += large ? LARGE_PAGE_SIZE : PAGE_SIZE;
		pa += large ? LARGE_PAGE_SIZE : PAGE_SIZE;
	}
	return 0;
}

int
kmap_page(vaddr_t va, paddr_t pa, u64 bits)
{
	return kmap_range(va, pa, PAGE_SIZE, bits);
}

void
kunmap_range_noflush(vaddr_t va, size_t len)
{
	vaddr_t end = va + len, p = va;

	while (p < end) {
		int level;
		pte_t *e = entry_find(p, &level);

		if (!e) {
			p += PAGE_SIZE;
			continue;
		}
		ASSERT(level < 2 && (!level || (IS_ALIGNED(p, LARGE_PAGE_SIZE) &&
			end - p >= LARGE_PAGE_SIZE)));
		*e = 0;
		p += level ? LARGE_PAGE_SIZE : PAGE_SIZE;
	}
}

void
kunmap_range(vaddr_t va, size_t len)
{
	kunmap_range_noflush(va, len);
	if (len)
		tlb_flush_kernel(va, va + len);
}

paddr_t
kpage_phys(vaddr_t va)
{
	int level;
	const pte_t *e = entry_find(va, &level);
	u64 mask;

	if (!e)
		return ~0UL;
	mask = (1UL << PT_SHIFT(level)) - 1;
	return (*e & PTE_ADDR & ~mask) | (va & mask);
}

/* Break the large page that holds va into the next smaller ones. */
static void
split_large(vaddr_t va)
{
	int level;
	pte_t *e = entry_find(va, &level), *t, old;
	paddr_t pa;
	unsigned int i;

	while (e && level > 0) {
		u64 step = 1UL << PT_SHIFT(level - 1);

		pa = table_alloc();
		ASSERT(pa);
		t = phys_to_virt(pa);
		old = *e;
		for (i = 0; i < 512; i++)
			t[i] = (old + i * step) & ~(level == 1 ? PTE_PS : 0);
		*e = pa | TABLE_BITS;
		e = entry_find(va, &level);
	}
}

/* Take rights from [start, end), whole pages that are mapped. */
static void
rights_drop(vaddr_t start, vaddr_t end, u64 clear)
{
	for (; start < end; start += PAGE_SIZE) {
		int level;
		pte_t *e = entry_find(start, &level);

		if (!e)
			continue;
		if (level) {
			split_large(start);
			e = entry_find(start, &level);
		}
		*e &= ~clear;
		if (clear & PTE_P)
			*e = 0;
	}
}

static void
alias_read_only(const char *start, const char *end)
{
	vaddr_t va = (vaddr_t)phys_to_virt(kimage_to_phys(start));

	rights_drop(va, va + (vaddr_t)(end - start), PTE_W | PTE_D);
}

void
kprotect_init(void)
{
	rights_drop((vaddr_t)__ro_after_init_start,
		    (vaddr_t)__ro_after_init_end, PTE_W | PTE_D);
	rights_drop((vaddr_t)__init_begin, (vaddr_t)__init_end, PTE_P);
	alias_read_only(_text, _erodata);
	alias_read_only(__ro_after_init_start, __ro_after_init_end);
	tlb_flush_kernel(0, ~0UL);
}

int
mm_arch_init(struct mm_arch *m)
{
	static u64 next_ctx;
	struct page *p = page_alloc(0, GFP_KERNEL | GFP_ZERO);
	unsigned int i;

	if (!p)
		return -ENOMEM;
	pml4_frozen = true;
	m->pml4 = page_to_virt(p);
	for (i = 256; i < 512; i++) {
		if (kernel_pml4[i])
			m->pml4[i] = kernel_pml4[i];
	}
	atomic64_set(&m->tlb_gen, 1);
	m->ctx_id = __atomic_add_fetch(&next_ctx, 1, __ATOMIC_RELAXED);
	memset(m->tlb_cpus, 0, sizeof(m->tlb_cpus));
	return 0;
}

void
mm_arch_destroy(struct mm_arch *m)
{
	mm_arch_leave(m);
	page_free(virt_to_page(m->pml4), 0);
	m->pml4 = NULL;
}
