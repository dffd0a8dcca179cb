/* SPDX-License-Identifier: MIT */
/*
 * Transparent huge pages: 2 MiB of private anonymous memory mapped by one
 * directory entry, made by the first write to a place without a page table.
 *
 * A huge entry is only a short way of writing a full table. Its 512 frames
 * come from the buddy as one block but are then single frames like any other:
 * each has its refcount, mapcount 1 and PG_ANON. So all who deal with pages
 * (ptrace, direct I/O, copy-on-write, counters) need know nothing, and to
 * split an entry is to write the table out.
 *
 * What holds of a huge entry (PTE_PS):
 *
 *  - it lies wholly in one anonymous VMA that may be written to, and has
 *    PTE_W, PTE_A and PTE_D; so a fault on it has nothing to do;
 *  - it belongs to one address space. fork splits it and shares the table
 *    (pgcopy.c);
 *  - whoever wants its leaf entries to differ splits it first: pt_get(),
 *    pt_unshare_range() (mprotect, the edges of munmap and MADV_DONTNEED),
 *    vma_split(). Whole ones are zapped and moved as they are.
 *
 * Splitting needs a page table and so may fail with -ENOMEM, where all callers
 * may anyway. While it goes on, the entry has PTE_PS but not PTE_P, that no
 * CPU uses both sizes (SDM 3A 4.10.2.3); who meets that waits for
 * page_table_lock. There is no compaction: without a free block the fault
 * makes a small page. Nobody collects small pages into huge ones later.
 *
 * When: where all of the 2 MiB is in the VMA, and thp_policy is always, or is
 * madvise (the default) and MADV_HUGEPAGE was given. By default, because a
 * program that never asked would pay for 2 MiB where it touches 4 KiB.
 *
 * Locking: as for page tables (pgtable.c); an entry is made, split and zapped
 * under page_table_lock.
 */
#include <abi/errno.h>
#include <boot/cmdline.h>
#include <lib/string.h>

#include "internal.h"

#define THP_ORDER	(LARGE_PAGE_SHIFT - PAGE_SHIFT)
#define THP_PAGES	(1U << THP_ORDER)

int thp_policy = THP_MADVISE;

static int
thp_param(const char *v)
{
	static const char *const words[] = { "always", "madvise", "never" };

	for (int i = 0; v && i < (int)ARRAY_SIZE(words); i++)
		if (!strcmp(v, words[i])) {
			thp_policy = i;
			return 0;
		}
	return -EINVAL;
}
KPARAM("transparent_hugepage", thp_param);

bool
thp_eligible(const struct vma *v)
{
	int policy = READ_ONCE(thp_policy);

	if (v->ops || policy == THP_NEVER ||
	    (policy == THP_MADVISE && !(v->flags & VM_HUGEPAGE)) ||
	    (v->mm->flags & BIT(MMF_NO_THP)))
		return false;
	return (v->flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN | VM_STACK |
			    VM_NOHUGEPAGE | VM_LOCKONFAULT)) == VM_WRITE &&
		ALIGN_UP(v->start, PT_SPAN) + PT_SPAN <= v->end;
}

static inline bool
fits(const struct vma *v, vaddr_t base)
{
	return v->start <= base && v->end > base && v->end - base >= PT_SPAN;
}

/* ---- blocks ---- */

/* a cleared block of single frames, refcount and mapcount 1; or NULL */
static struct page *
block_alloc(void)
{
	struct page *p = page_alloc(THP_ORDER, GFP_USER | GFP_NORECLAIM |
				    GFP_NOWARN);

	if (!p)
		return NULL;
	for (unsigned int i = 0; i < THP_PAGES; i++) {
		clear_page(page_to_virt(p + i));
		p[i].flags = BIT(PG_ANON) | BIT(PG_UPTODATE);
		p[i].mapping = NULL;
		atomic_set(&p[i].mapcount, 1);
		atomic_set(&p[i].refcount, 1);
	}
	return p;
}

void
thp_free_block(struct page *p)
{
	unsigned int n;

	/* all at once, unless somebody looks at one of them */
	for (n = 0; n < THP_PAGES; n++) {
		s32 one = 1;

		atomic_set(&p[n].mapcount, 0);
		if (!atomic_try_cmpxchg(&p[n].refcount, &one, 0))
			break;
	}
	if (likely(n == THP_PAGES)) {
		for (n = 0; n < THP_PAGES; n++)
			p[n].flags = 0;
		p->flags = (unsigned long)THP_ORDER << PAGE_ORDER_SHIFT;
		atomic_set(&p->refcount, 1);
		page_free(p, THP_ORDER);
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		atomic_set(&p[i].refcount, 1);
	for (unsigned int i = 0; i < THP_PAGES; i++) {
		atomic_set(&p[i].mapcount, 0);
		page_put(p + i);
	}
}

/* ---- making ---- */

bool
thp_fault(struct mm *m, struct vma *v, vaddr_t va, u32 flags)
{
	vaddr_t base = ALIGN_DOWN(va, PT_SPAN);
	pte_t *pde = pde_find(m, va), e = pde ? READ_ONCE(*pde) : 0;
	struct page *p;

	if ((e & (PTE_P | PTE_PS)) == (PTE_P | PTE_PS))
		return true;
	if (e || !(flags & FAULT_WRITE) || !fits(v, base) || !thp_eligible(v))
		return false;
	pde = pde_get(m, va);
	if (!pde)
		return false;
	p = block_alloc();
	if (!p) {
		mem_count(MC_THP_FALLBACK, 1);
		return false;
	}
	spin_lock(&m->page_table_lock);
	if (unlikely(*pde)) {
		spin_unlock(&m->page_table_lock);
		thp_free_block(p);
		return true;		/* the access is repeated */
	}
	v->has_anon = true;
	WRITE_ONCE(*pde, page_to_phys(p) | v->prot_bits | PTE_PS | PTE_W |
		   PTE_D);
	m->rss_anon.v += THP_PAGES;
	spin_unlock(&m->page_table_lock);
	mem_count(MC_ANON, THP_PAGES);
	mem_count(MC_THP, THP_PAGES);
	mem_count(MC_THP_ALLOC, 1);
	return true;
}

/* ---- splitting ---- */

int
thp_split(struct mm *m, pte_t *pde, vaddr_t va)
{
	vaddr_t base = ALIGN_DOWN(va, PT_SPAN);
	struct page *t = pt_new();
	pte_t e, *pt;

	if (!t)
		return -ENOMEM;
	spin_lock(&m->page_table_lock);
	e = *pde;
	if (!(e & PTE_PS)) {
		spin_unlock(&m->page_table_lock);
		pt_release(t);
		return 0;
	}
	WRITE_ONCE(*pde, e & ~PTE_P);
	tlb_flush_range(&m->arch, base, base + PT_SPAN);
	pt = page_to_virt(t);
	for (unsigned int i = 0; i < THP_PAGES; i++)
		pt[i] = (e & ~PTE_PS) + i * PAGE_SIZE;
	WRITE_ONCE(*pde, page_to_phys(t) | PDE_BITS);
	m->nr_ptes.v++;
	spin_unlock(&m->page_table_lock);
	mem_count(MC_THP, -(s64)THP_PAGES);
	mem_count(MC_THP_SPLIT, 1);
	return 0;
}

int
thp_split_at(struct mm *m, vaddr_t va)
{
	pte_t *pde;

	if (IS_ALIGNED(va, PT_SPAN))
		return 0;
	pde = pde_find(m, va);
	return pde && (*pde & PTE_PS) ? thp_split(m, pde, va) : 0;
}

/* ---- zapping ---- */

bool
thp_zap(struct tlb_gather *g, pte_t *pde, vaddr_t va, vaddr_t end)
{
	struct mm *m = g->mm;
	struct page *p;
	pte_t e;

	spin_lock(&m->page_table_lock);
	e = *pde;
	if (!(e & PTE_PS)) {
		spin_unlock(&m->page_table_lock);
		return false;
	}
	if (end - va != PT_SPAN) {
		/*
		 * The edges were split; so another thread has dropped all of
		 * this since, and it was made anew after that: not ours to zap.
		 */
		ASSERT(!g->dead);
		spin_unlock(&m->page_table_lock);
		return true;
	}
	WRITE_ONCE(*pde, 0);
	m->rss_anon.v -= THP_PAGES;
	g->start = min(g->start, va);
	g->end = max(g->end, end);
	p = pte_page(e);
	page_chain_push(&g->blocks, p);
	g->nr_own += THP_PAGES;
	spin_unlock(&m->page_table_lock);
	mem_count(MC_ANON, -(s64)THP_PAGES);
	mem_count(MC_THP, -(s64)THP_PAGES);
	return true;
}
