/* SPDX-License-Identifier: MIT */
/* What the files of mm/ share. */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <arch/paging.h>
#include <core/assert.h>
#include <core/irq.h>
#include <core/spinlock.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <sched/thread.h>

/* alloc_check - GFP_KERNEL is for who may sleep; the boot flow, an idle thread
 * with nobody to switch to, is let off. */
static __always_inline void
alloc_check(gfp_t gfp)
{
	(void)gfp;
	DEBUG_ASSERT((gfp & GFP_ATOMIC) || !in_atomic() ||
		     current_thread->se.class == SC_IDLE);
}

/* ---- memblock.c ---- */
/* memblock_take - like memblock_alloc, not zeroed, 0 when there is none. */
paddr_t memblock_take(u64 size, u64 align, paddr_t limit);
bool memblock_taken(unsigned int i, paddr_t *start, paddr_t *end);

/* ---- page.c ---- */
#define NR_ORDERS	(PAGE_MAX_ORDER + 1)
/* A frame list chained through lru.next; refcounts are 0. */
static __always_inline struct page *
page_chain_next(const struct page *p)
{
	return (struct page *)p->lru.next;
}
static __always_inline void
page_chain_push(struct page **head, struct page *p)
{
	p->lru.next = (struct list_head *)*head;
	*head = p;
}
/* page_free_chain - n single frames, refcount and mapcount 0. Any context. */
void page_free_chain(struct page *first);
/* page_add_frames - frames [first, end) with cleared struct pages are free */
void page_add_frames(pfn_t first, pfn_t end);
void page_set_watermarks(void);
extern u64 page_wm_min;
/* page_boot.c: bring more deferred memory in; zone lock held. false: no more */
bool page_grow_locked(void);
extern u64 page_deferred;		/* frames not yet with the buddy */
void page_add_frames_locked(pfn_t first, pfn_t end);
void page_drain_local(void);
s64 mem_sum(enum mem_counter c);

/* ---- slab.c ---- */
void slab_init_cpu(unsigned int cpu);
unsigned long slab_trim(void);		/* free empty slabs; pages freed */
struct slab_cache *slab_cache_nr(unsigned int i);

/* ---- vmap.c ---- */
void kstack_init_cpu(unsigned int cpu);
unsigned long kstack_trim(void);

/* ---- pgtable.c ---- */
#define PTE_SPECIAL	PTE_SW0		/* no struct page behind it */
#define PTE_NOACC	PTE_SW1		/* PROT_NONE: like P, but P is off */
#define PTE_LIVE	(PTE_P | PTE_NOACC)
#define PDE_BITS	(PTE_P | PTE_W | PTE_U | PTE_A)
#define PT_SPAN		LARGE_PAGE_SIZE	/* bytes one page table maps */

static __always_inline struct page *
pte_page(pte_t e)
{
	return pfn_to_page((e & PTE_ADDR) >> PAGE_SHIFT);
}
static __always_inline pte_t *
pde_table(pte_t pde)
{
	return phys_to_virt(pde & PTE_ADDR);
}

/*
 * What an unmapping has taken out of the page tables and must not be reused
 * before the TLBs forgot it.
 */
#define GATHER_MAX	64
struct tlb_gather {
	struct mm *mm;
	vaddr_t start, end;		/* to be flushed; none when start >= end */
	bool dead;			/* nobody can run on mm: no flushes */
	u32 nr;				/* in refs[] */
	u32 nr_own;			/* frames in own and blocks */
	struct page *blocks;		/* chain: of huge entries */
	struct page *own;		/* chain: ours alone, to be freed */
	struct page *tables;		/* chain: zeroed page tables */
	struct page *refs[GATHER_MAX];	/* each to be put */
};
void gather_init(struct tlb_gather *g, struct mm *m, bool dead);
void gather_flush(struct tlb_gather *g);	/* flush and free; T, may resched */

/* pde_find - the page-directory entry for va, NULL when a level is missing. */
pte_t *pde_find(const struct mm *m, vaddr_t va);
/*
 * pt_find - the leaf entry; the table may be a shared one: read only, and it
 * stays only under page_table_lock or mmap_lock for writing (pgtable.c).
 */
pte_t *pt_find(const struct mm *m, vaddr_t va);
/*
 * pt_read - the leaf entry as the CPU takes it, without PTE_W where the table
 * may be shared; 0: none. pt_sharers - how many directory entries point to
 * its table. Context: mmap_lock and page_table_lock held.
 */
pte_t pt_read(const struct mm *m, vaddr_t va);
u32 pt_sharers(const struct mm *m, vaddr_t va);
/*
 * pt_get - the leaf entry, tables made as needed and private to m.
 * NULL: no memory. Context: T.
 */
pte_t *pt_get_slow(struct mm *m, vaddr_t va);
/* pt_get_fast - the same, NULL when anything would have to be done for it */
static __always_inline pte_t *
pt_get_fast(struct mm *m, vaddr_t va)
{
	pte_t e = m->arch.pml4[PT_INDEX(va, 3)];

	if (unlikely(!(e & PTE_P)))
		return NULL;
	e = READ_ONCE(pde_table(e)[PT_INDEX(va, 2)]);
	if (unlikely(!(e & PTE_P)))
		return NULL;
	e = READ_ONCE(pde_table(e)[PT_INDEX(va, 1)]);
	if (unlikely((e & (PTE_P | PTE_W | PTE_PS)) != (PTE_P | PTE_W)))
		return NULL;
	return pde_table(e) + PT_INDEX(va, 0);
}
static __always_inline pte_t *
pt_get(struct mm *m, vaddr_t va)
{
	pte_t *pt = pt_get_fast(m, va);

	return likely(pt) ? pt : pt_get_slow(m, va);
}
/* pt_unshare_range - [start, end) has tables of its own after it. 0, -ENOMEM */
int pt_unshare_range(struct mm *m, vaddr_t start, vaddr_t end);
/* the same for the tables only partly inside: before an unmap */
int pt_unshare_edges(struct mm *m, vaddr_t start, vaddr_t end);
/* zap_range - take out the leaf entries of [start, end). */
void zap_range(struct tlb_gather *g, vaddr_t start, vaddr_t end);
/* free_tables - tables of [start, end) no VMA needs: none in [floor, ceiling) */
void free_tables(struct tlb_gather *g, vaddr_t start, vaddr_t end,
		 vaddr_t floor, vaddr_t ceiling);
/* copy_tables - fork: make dst see what v maps. 0 or -ENOMEM. */
int copy_tables(struct mm *dst, struct mm *src, const struct vma *v);
/*
 * move_tables - mremap: leaf entries of [from, from + len) move to `to`. 0 or
 * -ENOMEM: only *moved bytes were, and to move those back needs no memory.
 */
int move_tables(struct vma *v, vaddr_t from, vaddr_t to, size_t len,
		size_t *moved);
/* protect_range - leaf entries get v's rights */
void protect_range(struct mm *m, struct vma *v, vaddr_t start, vaddr_t end);
void pt_init_cpu(unsigned int cpu);
/* page_unmap_one - a leaf entry e for p is gone: mapcount, dirty, counters */
void page_unmap_one(struct page *p, pte_t e);
/* pde_get - the page-directory entry, upper tables made; NULL: no memory */
pte_t *pde_get(struct mm *m, vaddr_t va);
extern struct spinlock pt_share_lock;
struct page *pt_new(void);
void pt_release(struct page *p);	/* all zero */
/* ---- thp.c ---- */
/* thp_fault - true: va is mapped huge, now or already; FAULT_*. T. */
bool thp_fault(struct mm *m, struct vma *v, vaddr_t va, u32 flags);
/* thp_split - *pde is no huge entry after it: 0 or -ENOMEM. T, mmap_lock. */
int thp_split(struct mm *m, pte_t *pde, vaddr_t va);
/* thp_split_at - the same when va is inside of one */
int thp_split_at(struct mm *m, vaddr_t va);
/* thp_zap - *pde, seen huge, goes. False: it is a table now, look again. */
bool thp_zap(struct tlb_gather *g, pte_t *pde, vaddr_t va, vaddr_t end);
void thp_free_block(struct page *p);	/* of a zapped entry, after the flush */

/* one more mapping and reference of p, in one locked operation */
static __always_inline void
page_dup(struct page *p)
{
	static_assert(offsetof(struct page, mapcount) ==
		      offsetof(struct page, refcount) + 4 &&
		      offsetof(struct page, refcount) % 8 == 0, "page_dup");
	__atomic_add_fetch((u64 *)&p->refcount, 1UL << 32 | 1,
			   __ATOMIC_SEQ_CST);
}
/* pages of v that are there: as vma_walk_stat's anon, for fork */
u64 count_anon(struct mm *m, const struct vma *v);

/* ---- vma.c ---- */
extern struct slab_cache *vma_cache_slab;
#define STACK_GAP	(256 * PAGE_SIZE)
/* vma_find_prev - first VMA with end > addr; *prev the one before, or NULL */
struct vma *vma_find_prev(struct mm *m, vaddr_t addr, struct vma **prev);
struct vma *vma_prev(struct vma *v);
struct vma *vma_alloc(struct mm *m);
void vma_free(struct vma *v);		/* struct only */
/* insert where it belongs, between prev and its follower; into i_mmap too */
void vma_insert(struct mm *m, struct vma *v, struct vma *prev);
void vma_erase(struct mm *m, struct vma *v);
/* new bounds of a VMA in place; pgoff follows start */
void vma_resize(struct vma *v, vaddr_t start, vaddr_t end);
void vma_link_file(struct vma *v);
void vma_unlink_file(struct vma *v);
/* split v at addr, the upper half is new: 0 or -ENOMEM */
int vma_split(struct vma *v, vaddr_t addr);
/*
 * vma_merge - can [start, end) with these attributes join neighbours? prev and
 * next border on or are the range. Returns the merged VMA or NULL.
 */
struct vma_attr {
	unsigned long flags;
	struct file *file;
	struct aspace *mapping;
	const struct vm_ops *ops;
	void *private;
	u64 pgoff;		/* of start, for file mappings */
};
struct vma *vma_merge_new(struct mm *m, struct vma *prev, struct vma *next,
			  vaddr_t start, vaddr_t end, const struct vma_attr *a);
/* join v with its neighbours after its attributes changed; what is left */
struct vma *vma_merge_around(struct vma *v);
void vma_set_prot(struct vma *v);	/* prot_bits from flags */
int get_unmapped(struct mm *m, vaddr_t hint, size_t len, int flags,
		 vaddr_t *out);
/* vma_expand_stack - grow v down to addr. 0 or -ENOMEM. mmap_lock read. */
int vma_expand_stack(struct vma *v, vaddr_t addr);
/* detached VMAs wait here (by map_link) for close after mmap_lock is gone */
void vmas_release(struct list_head *dead);
/* mmap.c: unmap with mmap_lock held for writing */
int munmap_locked(struct mm *m, vaddr_t start, size_t len,
		  struct list_head *dead);
/* may m grow by nr pages with these flags (RLIMIT_AS, RLIMIT_DATA)? */
bool may_expand(struct mm *m, unsigned long flags, u64 nr);
void vm_account(struct mm *m, unsigned long flags, s64 nr);
bool may_mlock(struct mm *m, u64 nr_new, int *err);
unsigned long prot_to_flags(int prot);

/* Does this VMA's private writable memory count as committed? */
static inline bool
vma_accountable(unsigned long f)
{
	return (f & (VM_WRITE | VM_SHARED | VM_NORESERVE | VM_PFNMAP)) ==
		VM_WRITE;
}

/* ---- mm.c ---- */
void mm_init(void);			/* caches; called by slab_init() */

/* ---- fault.c ---- */
extern pfn_t zero_pfn;
extern struct page *zero_page;
/* fault_in - one page of v as if touched; FAULT_*. 0 or -errno. */
int fault_in(struct mm *m, struct vma *v, vaddr_t addr, u32 flags);
#define FAULT_FORCE	BIT(8)		/* write though the VMA is read only */
/* populate [start, end): mmap_lock held for reading; first error */
int populate_range(struct mm *m, vaddr_t start, vaddr_t end, bool ignore);
/* the same, taking the lock, in steps; for MAP_POPULATE and mlock */
int mm_populate(struct mm *m, vaddr_t start, size_t len, bool ignore);

/* ---- commit.c ---- */
int commit_charge(struct mm *m, u64 nr);	/* 0 or -ENOMEM */
static inline void
commit_uncharge(u64 nr)
{
	mem_count(MC_COMMITTED, -(s64)nr);
}

/* ---- shmem hook ---- */
int mm_shmem_backing(size_t len, struct vm_backing *out);

/* ---- special.c ---- */
extern const struct vm_ops special_vm_ops;

/* ---- pagecache.c / truncate.c / reclaim.c / rmap.c ---- */
void pagecache_init(void);
/* take p (locked) out of its aspace, dropping the tree's reference */
void page_remove(struct page *p);
/* the same when only the caller and the tree refer to it: true, ref frozen 0 */
bool page_remove_frozen(struct page *p);
void lru_del(struct page *p);
void lru_stat(struct mem_stat *s);
void page_unmap_all(struct page *p);	/* every mapping; page locked */
bool page_mkclean(struct page *p);	/* write-protect; was any dirty? */
bool page_referenced(struct page *p);	/* and forget it */

#endif
