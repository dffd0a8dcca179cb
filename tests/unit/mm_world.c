/* SPDX-License-Identifier: MIT */
/*
 * What mm/ stands on, for host tests: frames in an arena where the direct map
 * is, a boot map that gives them to memblock, an address space whose machine
 * half is just a page table, and a task without limits.
 */
#include <abi/errno.h>
#include <boot/bootinfo.h>
#include <core/log.h>
#include <mm/memblock.h>
#include <sched/rcu.h>
#include <sched/thread.h>

#include "host.h"
#include "mm_world.h"

#define RAM_END		(128UL << 20)

struct mm *world_current;
void (*world_on_flush)(struct mm_arch *m, vaddr_t start, vaddr_t end);

static pte_t top[512] __aligned(4096);
pte_t *kernel_pml4 = top;
u64 pte_nx = PTE_NX;
char __init_begin[1], __init_end[1];
static u64 wm_real;

void
world_make(void)
{
	static struct bootinfo bi;

	host_map((void *)PAGE_OFFSET, RAM_END, HOST_WRITE);
	host_map((void *)VMEMMAP_BASE, 16UL << 20, HOST_WRITE);
	bi.nr_map = 2;
	bi.map[0] = (struct boot_mem_range){ 0x1000, 0x9f000,
		BOOT_MEM_USABLE };
	bi.map[1] = (struct boot_mem_range){ 0x100000, RAM_END,
		BOOT_MEM_USABLE };
	bi.kernel_phys_start = 0x200000;
	bi.kernel_phys_end = 0x500000;
	memblock_init(&bi);
	page_init();
	slab_init();
	wm_real = page_wm_min;
	log_module_mm.level = LOG_ERR;	/* failed allocations are wanted */
}

void
world_starve(bool yes)
{
	page_drain_local();
	page_wm_min = yes ? 1UL << 40 : wm_real;
}

void
world_settle(void)
{
	rcu_barrier();
	slab_trim();
	page_drain_local();
}

/* ---- arch ---- */

paddr_t
kimage_to_phys(const void *va)
{
	return (paddr_t)va;
}

void
kmap_use_buddy(void)
{
}

int
mm_arch_init(struct mm_arch *m)
{
	struct page *p = page_alloc(0, GFP_KERNEL | GFP_ZERO);

	if (!p)
		return -ENOMEM;
	m->pml4 = page_to_virt(p);
	return 0;
}

void
mm_arch_destroy(struct mm_arch *m)
{
	page_free(virt_to_page(m->pml4), 0);
}

void
mm_arch_leave(struct mm_arch *m)
{
	(void)m;
}

void
tlb_flush_range(struct mm_arch *m, vaddr_t start, vaddr_t end)
{
	if (world_on_flush)
		world_on_flush(m, start, end);
}

void
tlb_flush_page(struct mm_arch *m, vaddr_t va)
{
	tlb_flush_range(m, va & PAGE_MASK, (va & PAGE_MASK) + PAGE_SIZE);
}

void
tlb_flush_mm(struct mm_arch *m)
{
	tlb_flush_range(m, 0, USER_MAX);
}

/* ---- task ---- */

struct mm *
current_mm(void)
{
	return world_current;
}

void
task_mm_limits(struct mm_limits *out)
{
	*out = (struct mm_limits){ .as = ~0UL, .data = ~0UL, .stack = 8 << 20,
		.memlock = ~0UL, .may_lock_over = true, .admin_reserve = true };
}

void
task_fault_minor(void)
{
}

void
task_fault_major(void)
{
}
