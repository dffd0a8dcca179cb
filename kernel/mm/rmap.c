/* SPDX-License-Identifier: MIT */
/*
 * From a file's pages to the page tables that map them: i_mmap lists the VMAs,
 * a VMA and an index give an address. (Anonymous pages need no such way: they
 * are never reclaimed.)
 *
 * A VMA on i_mmap has its mm and page tables: it leaves the list before they
 * are freed. Locking: a->mmap_lock, inside it each mm's page_table_lock, both
 * spinning; hence no sleeping here. Page tables of file mappings are never
 * shared between address spaces (pgtable.c).
 */
#include <lib/string.h>

#include "internal.h"

#define BATCH	32

void aspace_unmap_cows(struct aspace *a, u64 first, u64 n);

/* part of [first, first + n) that v maps: false when none */
static bool
overlap(const struct vma *v, u64 first, u64 n, vaddr_t *start, vaddr_t *end)
{
	u64 pages = (v->end - v->start) >> PAGE_SHIFT;
	u64 last, vlast = v->pgoff + pages;

	if (add_overflow(first, n, &last))
		last = U64_MAX;
	if (first >= vlast || last <= v->pgoff)
		return false;
	first = max(first, v->pgoff);
	last = min(last, vlast);
	*start = v->start + ((first - v->pgoff) << PAGE_SHIFT);
	*end = v->start + ((last - v->pgoff) << PAGE_SHIFT);
	return true;
}

/*
 * Take out entries of one table from va on; at most BATCH, whose pages go to
 * out. @cows: private copies too. Returns where to go on.
 */
static vaddr_t
take_entries(struct mm *m, vaddr_t va, vaddr_t end, bool cows,
	     struct page **out, unsigned int *n, vaddr_t *lo)
{
	pte_t *pt;

	end = min(end, (va | (PT_SPAN - 1)) + 1);
	*n = 0;
	*lo = ~0UL;
	spin_lock_nested(&m->page_table_lock);
	pt = pt_find(m, va);
	if (!pt) {
		spin_unlock(&m->page_table_lock);
		return end;
	}
	for (; va < end && *n < BATCH; va += PAGE_SIZE, pt++) {
		pte_t e = *pt;
		struct page *p;

		if (!e || (e & PTE_SPECIAL))
			continue;
		p = pte_page(e);
		if (page_test(p, PG_ANON)) {
			if (!cows)
				continue;
			m->rss_anon.v--;
		} else if (page_test(p, PG_SWAPBACKED)) {
			m->rss_shmem.v--;
		} else {
			m->rss_file.v--;
		}
		e = xchg(pt, 0);
		page_unmap_one(p, e);
		*lo = min(*lo, va);
		out[(*n)++] = p;
	}
	spin_unlock(&m->page_table_lock);
	return va;
}

static void
unmap_vma(struct vma *v, vaddr_t va, vaddr_t end, bool cows)
{
	struct page *pages[BATCH];
	struct mm *m = v->mm;
	unsigned int n;
	vaddr_t lo;

	while (va < end) {
		if (!pde_find(m, va)) {
			va = (va | ((1UL << PT_SHIFT(2)) - 1)) + 1;
			continue;
		}
		va = take_entries(m, va, end, cows, pages, &n, &lo);
		if (!n)
			continue;
		tlb_flush_range(&m->arch, lo, va);
		for (unsigned int i = 0; i < n; i++)
			page_put(pages[i]);
	}
}

static void
unmap_index(struct aspace *a, u64 first, u64 n, bool cows)
{
	vaddr_t start, end;
	struct vma *v;

	if (list_empty(&a->i_mmap))
		return;
	spin_lock(&a->mmap_lock);
	list_for_each_entry(v, &a->i_mmap, map_link)
		if (overlap(v, first, n, &start, &end))
			unmap_vma(v, start, end, cows);
	spin_unlock(&a->mmap_lock);
}

void
aspace_unmap(struct aspace *a, u64 first, u64 n)
{
	unmap_index(a, first, n, false);
}

/* truncation: a private copy of a page beyond the end is gone too */
void
aspace_unmap_cows(struct aspace *a, u64 first, u64 n)
{
	unmap_index(a, first, n, true);
}

void
page_unmap_all(struct page *p)
{
	unmap_index(p->mapping, p->index, 1, false);
}

/* the entry of p in v, page_table_lock held then; NULL (not held): none */
static pte_t *
entry_of(struct vma *v, struct page *p, vaddr_t *va)
{
	vaddr_t end;
	pte_t *pt;

	if (!overlap(v, p->index, 1, va, &end))
		return NULL;
	spin_lock_nested(&v->mm->page_table_lock);
	pt = pt_find(v->mm, *va);
	if (pt && (*pt & PTE_LIVE) && !(*pt & PTE_SPECIAL) &&
	    pte_page(*pt) == p)
		return pt;
	spin_unlock(&v->mm->page_table_lock);
	return NULL;
}

bool
page_mkclean(struct page *p)
{
	struct aspace *a = p->mapping;
	bool dirty = false;
	struct vma *v;
	vaddr_t va;
	pte_t *pt;

	if (!atomic_read(&p->mapcount))
		return false;
	spin_lock(&a->mmap_lock);
	list_for_each_entry(v, &a->i_mmap, map_link) {
		if (!(v->flags & VM_SHARED))
			continue;
		pt = entry_of(v, p, &va);
		if (!pt)
			continue;
		if (*pt & (PTE_W | PTE_D)) {
			pte_t e = xchg(pt, 0);

			dirty |= !!(e & PTE_D);
			WRITE_ONCE(*pt, e & ~(PTE_W | PTE_D));
			tlb_flush_page(&v->mm->arch, va);
		}
		spin_unlock(&v->mm->page_table_lock);
	}
	spin_unlock(&a->mmap_lock);
	return dirty;
}

bool
page_referenced(struct page *p)
{
	struct aspace *a = p->mapping;
	bool used = test_and_clear_bit(PG_REFERENCED, &p->flags);
	struct vma *v;
	vaddr_t va;
	pte_t *pt;

	if (!atomic_read(&p->mapcount))
		return used;
	spin_lock(&a->mmap_lock);
	list_for_each_entry(v, &a->i_mmap, map_link) {
		pt = entry_of(v, p, &va);
		if (!pt)
			continue;
		if (v->flags & VM_LOCKED)
			used = true;
		/* no flush: at worst the next use is not seen */
		if (*pt & PTE_A) {
			__atomic_and_fetch(pt, ~PTE_A, __ATOMIC_SEQ_CST);
			used = true;
		}
		spin_unlock(&v->mm->page_table_lock);
	}
	spin_unlock(&a->mmap_lock);
	return used;
}
