/* SPDX-License-Identifier: MIT */
/*
 * User page tables: finding, making, emptying, freeing. pgcopy.c has fork,
 * mremap and mprotect.
 *
 * A leaf entry is 0 (nothing), or live: PTE_P, or PTE_NOACC in place of it
 * when the VMA forbids access (the page stays). PTE_SPECIAL marks frames that
 * are not counted: the zero page and VM_PFNMAP memory. Every other live
 * entry holds one refcount and one mapcount of its page.
 *
 * Sharing page tables. fork gives a child the parent's whole leaf tables
 * where one private anonymous VMA covers all 2 MiB (pgcopy.c). A page table's
 * struct page counts in mapcount the directory entries that point to it; an
 * entry with PTE_W off says "maybe shared", which the CPU takes as write
 * protection of all 2 MiB. The rules:
 *
 *  - A table that is pointed to twice is read only, for the kernel too, but
 *    for the accessed bits the CPU sets and for W bits that unsharing clears.
 *  - Who wants to change an entry calls pt_get() or pt_unshare_range(): these
 *    copy the table (each page gets another mapping, both copies lose W) or,
 *    when the others have gone, just turn PTE_W on again: the parent of a
 *    child that called execve pays one fault for 2 MiB.
 *  - A page in a shared table is mapped once, by the table; so mapcount 1 says
 *    "only this table", and copy-on-write looks at it only after unsharing.
 *  - Tables of file mappings are never shared, so whoever comes by way of
 *    i_mmap (rmap.c) meets only private tables.
 *
 * pt_share_lock covers the count and the copying. It nests inside the
 * page_table_lock of the mm at hand.
 *
 * Page tables that become empty are all zero, so each CPU keeps a few for the
 * next user and saves clearing them.
 *
 * Locking: page_table_lock for changing leaf entries and for hanging tables
 * in. What may go away under whom:
 *
 *  - Upper tables, and leaf tables that are private, are taken out only under
 *    mmap_lock held for writing, after the VMAs have left i_mmap. So they stay
 *    for who holds mmap_lock for reading, or a->mmap_lock with a VMA found on
 *    i_mmap; page_table_lock alone does not keep them. What pt_get() gave may
 *    be used while that lock is held.
 *  - A private table becomes shared only by fork, under mmap_lock for writing.
 *  - A table that may be shared can be dropped (MADV_DONTNEED, the reaper) or
 *    replaced by a copy (a write fault) by another thread that holds mmap_lock
 *    for reading too, and then be freed by another process at any moment. Who
 *    reads in it holds page_table_lock (pt_read), or mmap_lock for writing.
 *    For the same reason a directory entry seen before page_table_lock was
 *    taken must be read again under it, unless it had PTE_W: it may be 0 now.
 *
 * Anything freed waits in the gather until the TLBs were flushed, unless the
 * address space is dead.
 */
#include <lib/string.h>
#include <sched/sched.h>

#include "internal.h"

#define QUICK_MAX	16
#define OWN_MAX		512

struct pt_quick { struct page *head; u32 n; };
DEFINE_PERCPU(struct pt_quick, pt_quick);
struct spinlock pt_share_lock = SPINLOCK_INIT(RANK_PAGETREE);

/* ---- table pages ---- */

struct page *
pt_new(void)
{
	struct pt_quick __seg_gs *q = &this_cpu(pt_quick);
	struct page *p = q->head;

	if (likely(p)) {
		q->head = page_chain_next(p);
		q->n--;
	} else {
		p = page_alloc1(GFP_USER | GFP_ZERO);
		if (!p)
			return NULL;
	}
#if CONFIG_DEBUG
	ASSERT(!memchr_inv(page_to_virt(p), 0, PAGE_SIZE));
#endif
	p->flags = BIT(PG_TABLE);
	atomic_set(&p->mapcount, 1);
	mem_count(MC_PGTABLE, 1);
	return p;
}

void
pt_release(struct page *p)
{
	struct pt_quick __seg_gs *q = &this_cpu(pt_quick);

	mem_count(MC_PGTABLE, -1);
	atomic_set(&p->mapcount, 0);
	if (q->n < QUICK_MAX) {
		p->lru.next = (struct list_head *)q->head;
		q->head = p;
		q->n++;
		return;
	}
	p->flags = 0;
	page_put(p);
}

void
pt_init_cpu(unsigned int cpu)
{
	per_cpu(pt_quick, cpu) = (struct pt_quick){ NULL, 0 };
}

/* ---- walking ---- */

pte_t *
pde_find(const struct mm *m, vaddr_t va)
{
	pte_t e = READ_ONCE(m->arch.pml4[PT_INDEX(va, 3)]);

	if (!(e & PTE_P))
		return NULL;
	e = READ_ONCE(pde_table(e)[PT_INDEX(va, 2)]);
	if (!(e & PTE_P))
		return NULL;
	return pde_table(e) + PT_INDEX(va, 1);
}

pte_t *
pt_find(const struct mm *m, vaddr_t va)
{
	pte_t *pde = pde_find(m, va), e;

	if (!pde)
		return NULL;
	e = READ_ONCE(*pde);
	return (e & (PTE_P | PTE_PS)) == PTE_P ?
		pde_table(e) + PT_INDEX(va, 0) : NULL;
}

pte_t
pt_read(const struct mm *m, vaddr_t va)
{
	pte_t *pde = pde_find(m, va), pe, e;

	pe = pde ? *pde : 0;
	if (!(pe & PTE_P))
		return 0;
	if (pe & PTE_PS)
		return (pe & ~PTE_PS) + PT_INDEX(va, 0) * PAGE_SIZE;
	e = pde_table(pe)[PT_INDEX(va, 0)];
	return pe & PTE_W ? e : e & ~PTE_W;
}

u32
pt_sharers(const struct mm *m, vaddr_t va)
{
	pte_t *pde = pde_find(m, va), pe = pde ? *pde : 0;

	return (pe & (PTE_P | PTE_W)) == PTE_P ?
		max(atomic_read(&pte_page(pe)->mapcount), 1) : 1;
}

/* the table an entry points to, made when missing */
static bool
hang_in(struct mm *m, pte_t *e)
{
	struct page *p = pt_new();

	if (!p)
		return false;
	spin_lock(&m->page_table_lock);
	if (!(*e & PTE_P)) {
		WRITE_ONCE(*e, page_to_phys(p) | PDE_BITS);
		m->nr_ptes.v++;
		p = NULL;
	}
	spin_unlock(&m->page_table_lock);
	if (p)
		pt_release(p);
	return true;
}

pte_t *
pde_get(struct mm *m, vaddr_t va)
{
	pte_t *e = &m->arch.pml4[PT_INDEX(va, 3)];

	if (!(READ_ONCE(*e) & PTE_P) && !hang_in(m, e))
		return NULL;
	e = pde_table(*e) + PT_INDEX(va, 2);
	if (!(READ_ONCE(*e) & PTE_P) && !hang_in(m, e))
		return NULL;
	return pde_table(*e) + PT_INDEX(va, 1);
}

/*
 * Copy what a shared table holds. Its pages get another mapping, and nobody
 * may write to them through either table.
 */
static void
copy_shared(pte_t *to, pte_t *from)
{
	for (unsigned int i = 0; i < 512; i++) {
		pte_t e = from[i];

		if (!e)
			continue;
		if (!(e & PTE_SPECIAL)) {
			page_dup(pte_page(e));
			if (e & PTE_W) {
				e &= ~PTE_W;
				from[i] = e;
			}
		}
		to[i] = e;
	}
}

/* make the table at *pde private to m: 0 or -ENOMEM */
static int
pt_unshare(struct mm *m, pte_t *pde, vaddr_t va)
{
	vaddr_t base = ALIGN_DOWN(va, PT_SPAN);
	struct page *new = NULL, *old;
	pte_t e;

	for (;;) {
		spin_lock(&m->page_table_lock);
		e = *pde;
		if ((e & (PTE_P | PTE_W)) != PTE_P)
			break;
		old = pte_page(e);
		spin_lock_nested(&pt_share_lock);
		if (atomic_read(&old->mapcount) == 1) {
			WRITE_ONCE(*pde, e | PTE_W);
			spin_unlock(&pt_share_lock);
			break;
		}
		if (new) {
			copy_shared(page_to_virt(new), pde_table(e));
			WRITE_ONCE(*pde, page_to_phys(new) | PDE_BITS);
			/* the old table may go as soon as we are off it */
			tlb_flush_range(&m->arch, base, base + PT_SPAN);
			atomic_dec(&old->mapcount);
			spin_unlock(&pt_share_lock);
			new = NULL;
			break;
		}
		spin_unlock(&pt_share_lock);
		spin_unlock(&m->page_table_lock);
		new = pt_new();
		if (!new)
			return -ENOMEM;
	}
	spin_unlock(&m->page_table_lock);
	if (new)
		pt_release(new);
	return 0;
}

pte_t *
pt_get_slow(struct mm *m, vaddr_t va)
{
	pte_t *e = pde_get(m, va), pde;

	if (!e)
		return NULL;
	/* MADV_DONTNEED in another thread may drop a shared table: again */
	while (((pde = READ_ONCE(*e)) & (PTE_P | PTE_W | PTE_PS)) !=
	       (PTE_P | PTE_W)) {
		if (pde & PTE_PS ? !!thp_split(m, e, va) : !(pde & PTE_P) ?
		    !hang_in(m, e) : !!pt_unshare(m, e, va))
			return NULL;
	}
	return pde_table(pde) + PT_INDEX(va, 0);
}

int
pt_unshare_range(struct mm *m, vaddr_t start, vaddr_t end)
{
	for (vaddr_t va = ALIGN_DOWN(start, PT_SPAN); va < end;
	     va += PT_SPAN) {
		pte_t *e = pde_find(m, va), pde;

		if (!e) {
			va = ALIGN_DOWN(va, 1UL << PT_SHIFT(2)) +
				(1UL << PT_SHIFT(2)) - PT_SPAN;
			continue;
		}
		pde = READ_ONCE(*e);
		if (likely((pde & (PTE_P | PTE_W | PTE_PS)) ==
			   (PTE_P | PTE_W)) || !pde)
			continue;
		if (pde & PTE_PS ? thp_split(m, e, va) : pt_unshare(m, e, va))
			return -ENOMEM;
	}
	return 0;
}

int
pt_unshare_edges(struct mm *m, vaddr_t start, vaddr_t end)
{
	if (!IS_ALIGNED(start, PT_SPAN) &&
	    pt_unshare_range(m, start, start + 1))
		return -ENOMEM;
	if (!IS_ALIGNED(end, PT_SPAN) && pt_unshare_range(m, end - 1, end))
		return -ENOMEM;
	return 0;
}

/* ---- emptying ---- */

void
gather_init(struct tlb_gather *g, struct mm *m, bool dead)
{
	g->mm = m;
	g->start = ~0UL;
	g->end = 0;
	g->dead = dead;
	g->nr = 0;
	g->nr_own = 0;
	g->own = NULL;
	g->blocks = NULL;
	g->tables = NULL;
}

static inline void
gather_range(struct tlb_gather *g, vaddr_t start, vaddr_t end)
{
	g->start = min(g->start, start);
	g->end = max(g->end, end);
}

void
gather_flush(struct tlb_gather *g)
{
	if (g->start < g->end && !g->dead)
		tlb_flush_range(&g->mm->arch, g->start, g->end);
	if (g->own)
		page_free_chain(g->own);
	while (unlikely(g->blocks)) {
		struct page *p = g->blocks;

		g->blocks = page_chain_next(p);
		thp_free_block(p);
	}
	for (u32 i = 0; i < g->nr; i++)
		page_put(g->refs[i]);
	while (g->tables) {
		struct page *p = g->tables;

		g->tables = page_chain_next(p);
		pt_release(p);
	}
	gather_init(g, g->mm, g->dead);
}

void
page_unmap_one(struct page *p, pte_t e)
{
	if (p->flags & BIT(PG_ANON)) {
		if (atomic_dec_and_test(&p->mapcount))
			mem_count(MC_ANON, -1);
		return;
	}
	if (e & PTE_D)
		page_set_dirty(p);
	if (atomic_dec_and_test(&p->mapcount))
		mem_count(MC_MAPPED, -1);
}

/*
 * Take out the entries of [va, end) in one table, page_table_lock held.
 * Returns where it stopped, before end when the gather is full.
 */
static vaddr_t
zap_table(struct tlb_gather *g, pte_t *pt, vaddr_t va, vaddr_t end)
{
	s64 anon = 0, file = 0, shmem = 0, last = 0;
	vaddr_t first = ~0UL, past = 0;

	for (; va < end; va += PAGE_SIZE, pt++) {
		pte_t e = *pt;
		struct page *p;

		if (!e)
			continue;
		if (unlikely(g->nr == GATHER_MAX))
			break;
		if (first > va)
			first = va;
		past = va + PAGE_SIZE;
		if (unlikely(e & PTE_SPECIAL)) {
			*pt = 0;
			continue;
		}
		p = pte_page(e);
		if (p->flags & BIT(PG_ANON)) {
			s32 one = 1;

			*pt = 0;
			anon++;
			if (likely(atomic_read(&p->mapcount) == 1)) {
				last++;
				atomic_set(&p->mapcount, 0);
				if (likely(atomic_try_cmpxchg(&p->refcount,
							      &one, 0))) {
					page_chain_push(&g->own, p);
					g->nr_own++;
					continue;
				}
			} else if (atomic_dec_and_test(&p->mapcount)) {
				last++;
			}
		} else {
			/* a dirty bit set at this moment must not be lost */
			e = xchg(pt, 0);
			if (p->flags & BIT(PG_SWAPBACKED))
				shmem++;
			else
				file++;
			if ((e & PTE_A) && !page_test(p, PG_REFERENCED))
				page_set(p, PG_REFERENCED);
			page_unmap_one(p, e);
		}
		if (g->dead)
			page_put(p);
		else
			g->refs[g->nr++] = p;
	}
	if (first < past)
		gather_range(g, first, past);
	if (last)
		mem_count(MC_ANON, -last);
	g->mm->rss_anon.v -= anon;
	g->mm->rss_file.v -= file;
	g->mm->rss_shmem.v -= shmem;
	return va;
}

static u64
count_live(const pte_t *pt)
{
	u64 n = 0;

	for (unsigned int i = 0; i < 512; i++)
		n += pt[i] && !(pt[i] & PTE_SPECIAL);
	return n;
}

/* *pde may be shared: true when nothing is left in it that is ours to zap */
static bool
zap_shared(struct tlb_gather *g, pte_t *pde, vaddr_t va, vaddr_t end)
{
	vaddr_t base = ALIGN_DOWN(va, PT_SPAN);
	struct mm *m = g->mm;
	bool dropped = false;
	struct page *p;
	pte_t e;

	spin_lock(&m->page_table_lock);
	e = *pde;
	if (unlikely(!(e & PTE_P))) {
		dropped = true;		/* by another thread, just now */
		goto out;
	}
	if (e & PTE_W)
		goto out;
	p = pte_page(e);
	spin_lock_nested(&pt_share_lock);
	if (atomic_read(&p->mapcount) == 1) {
		WRITE_ONCE(*pde, e | PTE_W);
	} else {
		ASSERT(g->dead || (va == base && end == base + PT_SPAN));
		dropped = true;
		WRITE_ONCE(*pde, 0);
		m->nr_ptes.v--;
		if (!g->dead) {
			m->rss_anon.v -= count_live(pde_table(e));
			tlb_flush_range(&m->arch, base, base + PT_SPAN);
		}
		atomic_dec(&p->mapcount);
	}
	spin_unlock(&pt_share_lock);
out:
	spin_unlock(&m->page_table_lock);
	return dropped;
}

/* first byte after va's entry at a level, not beyond end */
static inline vaddr_t
entry_end(vaddr_t va, unsigned int level, vaddr_t end)
{
	vaddr_t next = (va | ((1UL << PT_SHIFT(level)) - 1)) + 1;

	return next < end ? next : end;
}

void
zap_range(struct tlb_gather *g, vaddr_t start, vaddr_t end)
{
	struct mm *m = g->mm;
	u64 rss = mm_rss(m);
	vaddr_t va = start;

	if (rss > m->hiwater_rss)
		m->hiwater_rss = rss;
	while (va < end) {
		pte_t e = m->arch.pml4[PT_INDEX(va, 3)], *pde;
		vaddr_t stop;

		if (!(e & PTE_P)) {
			va = entry_end(va, 3, end);
			continue;
		}
		e = pde_table(e)[PT_INDEX(va, 2)];
		if (!(e & PTE_P)) {
			va = entry_end(va, 2, end);
			continue;
		}
		pde = pde_table(e) + PT_INDEX(va, 1);
		stop = entry_end(va, 1, end);
		e = *pde;
		if (unlikely(e & PTE_PS)) {
			if (thp_zap(g, pde, va, stop))
				va = stop;
			if (g->nr_own >= OWN_MAX)
				gather_flush(g);
			cond_resched();
			continue;
		}
		if (!(e & PTE_P) ||
		    (!(e & PTE_W) && zap_shared(g, pde, va, stop))) {
			va = stop;
			continue;
		}
		spin_lock(&m->page_table_lock);
		va = zap_table(g, pde_table(*pde) + PT_INDEX(va, 0), va, stop);
		spin_unlock(&m->page_table_lock);
		if (g->nr == GATHER_MAX || g->nr_own >= OWN_MAX)
			gather_flush(g);
		cond_resched();
	}
}

/* ---- freeing tables ---- */

static void
free_level(struct tlb_gather *g, pte_t *table, unsigned int level,
	   vaddr_t start, vaddr_t end, vaddr_t floor, vaddr_t ceiling)
{
	vaddr_t span = 1UL << PT_SHIFT(level);

	for (vaddr_t base = ALIGN_DOWN(start, span); base < end;
	     base += span) {
		pte_t *e = &table[PT_INDEX(base, level)];
		struct page *p;

		if (!(*e & PTE_P))
			continue;
		if (level > 1)
			free_level(g, pde_table(*e), level - 1,
				   max(base, start), min(base + span, end),
				   floor, ceiling);
		if (base < floor || base + span > ceiling)
			continue;
		p = pte_page(*e);
		DEBUG_ASSERT(atomic_read(&p->mapcount) == 1);
		WRITE_ONCE(*e, 0);
		g->mm->nr_ptes.v--;
		page_chain_push(&g->tables, p);
		/* one page's flush drops what the CPU cached of the tables */
		if (g->start >= g->end)
			gather_range(g, base, base + PAGE_SIZE);
	}
}

void
free_tables(struct tlb_gather *g, vaddr_t start, vaddr_t end, vaddr_t floor,
	    vaddr_t ceiling)
{
	free_level(g, g->mm->arch.pml4, 3, start, end, floor, ceiling);
}
