/* SPDX-License-Identifier: MIT */
/*
 * Page frames: one struct page a frame (array at VMEMMAP_BASE), the buddy
 * allocator with per-CPU lists of single pages in front.
 *
 * Legend: a atomic; z zone lock; L page lock (PG_LOCKED); t the aspace's
 * tree lock; u the user of the frame.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <arch/atomic.h>
#include <arch/paging.h>
#include <arch/percpu.h>
#include <lib/list.h>
#include <lib/types.h>

#define PAGE_MAX_ORDER	10

/* page->flags, atomic bits where shared */
enum page_flag {
	PG_LOCKED, PG_UPTODATE, PG_DIRTY, PG_WRITEBACK, PG_REFERENCED,
	PG_LRU, PG_ACTIVE, PG_ERROR, PG_RESERVED, PG_BUDDY, PG_SLAB, PG_ANON,
	PG_WAITERS, PG_SWAPBACKED /* tmpfs, shmem */, PG_MLOCKED, PG_HEAD, PG_TAIL,
	PG_TABLE, PG_PCP
};
#define PAGE_ORDER_SHIFT 56


struct aspace;
struct slab_cache;

struct page {
	unsigned long flags;		/* a; order of a head from bit 56 */
	atomic_t refcount;		/* a: 0 = free */
	atomic_t mapcount;		/* a: user ptes that map it; of a page
					 * table: page-directory entries */
	union {
		struct {		/* page cache and anonymous */
			struct list_head lru;		/* z */
			struct aspace *mapping;		/* t: NULL when anon */
			u64 index;			/* t: page offset in mapping */
			unsigned long private;		/* u */
		};
		struct {		/* free, in the buddy */
			struct list_head buddy;		/* z */
			unsigned int order;		/* z */
		};
		struct {		/* slab */
			struct list_head slab_link;	/* cache lock */
			struct slab_cache *cache;	/* I; in tails too */
			void *freelist;			/* cache lock */
			u32 inuse, objects;		/* cache lock */
		};
	};
};
static_assert(sizeof(struct page) == 56 || sizeof(struct page) == 64, "size");

#define vmemmap	((struct page *)VMEMMAP_BASE)
#define pfn_to_page(pfn)	(vmemmap + (pfn))
#define page_to_pfn(p)		((pfn_t)((p) - vmemmap))
#define page_to_phys(p)		((paddr_t)page_to_pfn(p) << PAGE_SHIFT)
#define phys_to_page(pa)	pfn_to_page((pa) >> PAGE_SHIFT)
#define page_to_virt(p)		phys_to_virt(page_to_phys(p))
#define virt_to_page(va)	phys_to_page(virt_to_phys(va))
bool pfn_valid(pfn_t pfn);	/* has a struct page that is RAM */

#define GFP_KERNEL	0u		/* may sleep and reclaim */
#define GFP_ATOMIC	BIT(0)		/* may not; reserves allowed */
#define GFP_ZERO	BIT(1)
#define GFP_NOWARN	BIT(2)
#define GFP_DMA32	BIT(3)		/* below 4 GiB */
#define GFP_NORETRY	BIT(4)		/* fail rather than call the OOM killer */
#define GFP_USER	BIT(5)		/* for user memory: OOM may kill */
#define GFP_NORECLAIM	BIT(6)		/* what is free, or fail */
typedef unsigned long gfp_t;

void page_init(void);		/* E: vmemmap and buddy from memblock */
void page_init_free_boot(void);	/* frees .init sections */
/* page_free_range - give boot memory (initrd) to the buddy: whole frames. T. */
void page_free_range(paddr_t start, paddr_t end);
/*
 * mm_init_cpu - empty the per-CPU caches (pages, slabs, stacks, tables) of a
 * processor whose per-CPU area was just made. Before it runs. T.
 */
void mm_init_cpu(unsigned int cpu);
u64 page_total(void);		/* frames the kernel manages */
u64 page_reserve(void);		/* frames kept for atomic allocations */
/* page_reserve_set - at least the least that works; -EINVAL: over a quarter */
int page_reserve_set(u64 nr);
u64 page_nr_free(void);

/*
 * page_alloc - 2^order contiguous frames; first one returned with refcount 1,
 * contents undefined unless GFP_ZERO; NULL when none.
 * Context: T with GFP_KERNEL (may sleep); any with GFP_ATOMIC.
 */
struct page *page_alloc(unsigned int order, gfp_t gfp);
void page_free(struct page *p, unsigned int order);	/* refcount must be 1 */
#define page_alloc1(gfp)	page_alloc(0, (gfp))

static __always_inline void
page_get(struct page *p)
{
	atomic_inc(&p->refcount);
}

/* page_put - drop a reference; the last one frees the frame. Any context but I. */
void page_put_last(struct page *p);
static __always_inline void
page_put(struct page *p)
{
	if (atomic_dec_and_test(&p->refcount))
		page_put_last(p);
}

static __always_inline unsigned int
page_order(const struct page *p)	/* of an allocated head */
{
	return p->flags >> PAGE_ORDER_SHIFT;
}

static __always_inline bool
page_test(const struct page *p, enum page_flag f)
{
	return READ_ONCE(p->flags) >> f & 1;
}
#define page_set(p, f)		set_bit((f), &(p)->flags)
#define page_clear(p, f)	clear_bit((f), &(p)->flags)

struct mem_stat {		/* pages */
	u64 total, free, available, cached, buffers, shmem, anon, mapped,
	    slab_reclaimable, slab_unreclaimable, page_tables, kernel_stack,
	    active_anon, inactive_anon, active_file, inactive_file,
	    dirty, writeback, mlocked, committed, commit_limit, reserved, vmap;
	u64 pgfault, pgmajfault, pgalloc, pgfree, oom_kill, pgscan, pgsteal;
	u64 anon_huge, thp_alloc, thp_fallback, thp_split;
};
void mem_stat_get(struct mem_stat *out);
/* per-CPU counters behind it */
enum mem_counter { MC_ANON, MC_FILE, MC_SHMEM, MC_MAPPED, MC_SLAB, MC_SLAB_RECLAIM,
	MC_PGTABLE, MC_KSTACK, MC_DIRTY, MC_WRITEBACK, MC_MLOCK, MC_VMAP,
	MC_PGFAULT, MC_PGMAJFAULT, MC_PGALLOC, MC_PGFREE, MC_OOM_KILL, MC_PGSCAN,
	MC_PGSTEAL, MC_COMMITTED, MC_THP, MC_THP_ALLOC, MC_THP_FALLBACK,
	MC_THP_SPLIT, MC_COUNT };
DECLARE_PERCPU(s64, mem_counters[MC_COUNT]);
#define mem_count(c, n)	(this_cpu_elem(mem_counters, c) += (n))

#endif
