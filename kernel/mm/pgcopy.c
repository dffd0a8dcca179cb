/* SPDX-License-Identifier: MIT */
/*
 * Page tables as wholes: copied by fork, moved by mremap, given new rights by
 * mprotect. The rules they keep are in pgtable.c.
 *
 * fork copies no entry that a fault can bring back: shared mappings, raw
 * frames, and private file mappings in which nothing was written yet
 * (vma->has_anon). What it copies loses PTE_W on both sides.
 */
#include <lib/string.h>
#include <sched/sched.h>

#include "internal.h"

/* may the table at base be shared by fork? see pgtable.c */
static inline bool
sharable(const struct vma *v, vaddr_t base)
{
	return !v->ops && !(v->flags & (VM_GROWSDOWN | VM_LOCKED)) &&
		v->start <= base && v->end - base >= PT_SPAN &&
		v->end > base;
}

static void
share_table(struct mm *dst, pte_t *dpde, struct mm *src, pte_t *spde)
{
	spin_lock(&src->page_table_lock);
	spin_lock_nested(&pt_share_lock);
	atomic_inc(&pte_page(*spde)->mapcount);
	WRITE_ONCE(*spde, *spde & ~PTE_W);
	*dpde = *spde;
	dst->nr_ptes.v++;
	spin_unlock(&pt_share_lock);
	spin_unlock(&src->page_table_lock);
}

static void
copy_entries(struct mm *dst, pte_t *dp, struct mm *src, pte_t *sp,
	     unsigned int n)
{
	s64 file = 0, shmem = 0;

	spin_lock(&src->page_table_lock);
	spin_lock_nested(&dst->page_table_lock);
	for (; n; n--, sp++, dp++) {
		pte_t e = *sp;
		struct page *p;

		if (!e)
			continue;
		if (likely(!(e & PTE_SPECIAL))) {
			p = pte_page(e);
			page_dup(p);
			if (!(p->flags & BIT(PG_ANON))) {
				if (p->flags & BIT(PG_SWAPBACKED))
					shmem++;
				else
					file++;
			}
			if (e & PTE_W) {
				e &= ~PTE_W;
				*sp = e;
			}
		}
		*dp = e;
	}
	dst->rss_file.v += file;
	dst->rss_shmem.v += shmem;
	spin_unlock(&dst->page_table_lock);
	spin_unlock(&src->page_table_lock);
}

int
copy_tables(struct mm *dst, struct mm *src, const struct vma *v)
{
	vaddr_t va, stop;

	if (!v->has_anon || (v->flags & (VM_SHARED | VM_PFNMAP)))
		return 0;
	for (va = v->start; va < v->end; va = stop) {
		pte_t *spde = pde_find(src, va), *dpde, *sp, *dp;
		unsigned int level = spde ? 1 : 2;

		stop = min((va | ((1UL << PT_SHIFT(level)) - 1)) + 1, v->end);
		if (!spde || !(*spde & PTE_P))
			continue;
		if ((*spde & PTE_PS) && thp_split(src, spde, va))
			return -ENOMEM;
		if (sharable(v, ALIGN_DOWN(va, PT_SPAN))) {
			dpde = pde_get(dst, va);
			if (!dpde)
				return -ENOMEM;
			if (!(*dpde & PTE_P)) {
				share_table(dst, dpde, src, spde);
				continue;
			}
		}
		/* pt_get: the source's must be its own to be changed */
		sp = pt_get(src, va);
		dp = pt_get(dst, va);
		if (!sp || !dp)
			return -ENOMEM;
		copy_entries(dst, dp, src, sp, (stop - va) >> PAGE_SHIFT);
		cond_resched();
	}
	return 0;
}

u64
count_anon(struct mm *m, const struct vma *v)
{
	u64 n = 0;

	for (vaddr_t va = v->start; va < v->end; va += PAGE_SIZE) {
		pte_t *pt = pt_find(m, va);

		if (!pt) {
			if (pt_read(m, va))	/* a huge entry, all of it */
				n += PT_SPAN / PAGE_SIZE;
			va |= PT_SPAN - PAGE_SIZE;
			continue;
		}
		if (*pt && !(*pt & PTE_SPECIAL) &&
		    page_test(pte_page(*pt), PG_ANON))
			n++;
	}
	return n;
}

/* ---- mremap ---- */

/* hand a whole table over; the target has none. False: do it entry by entry */
static bool
move_whole(struct mm *m, vaddr_t from, vaddr_t to, size_t len)
{
	pte_t *s, *d;

	if (len < PT_SPAN || !IS_ALIGNED(from | to, PT_SPAN))
		return false;
	s = pde_find(m, from);
	d = pde_get(m, to);
	if (!s || !d || (*d & PTE_P))
		return false;
	spin_lock(&m->page_table_lock);
	*d = *s;
	*s = 0;
	/* before anyone writes through the old place */
	tlb_flush_range(&m->arch, from, from + PT_SPAN);
	spin_unlock(&m->page_table_lock);
	return true;
}

/* is there anything to move? The table may be a shared one. */
static bool
any_entry(const pte_t *s, unsigned int n)
{
	for (; n; n--, s++)
		if (*s)
			return true;
	return false;
}

static void
move_entries(struct mm *m, pte_t *s, vaddr_t from, pte_t *d, unsigned int n)
{
	vaddr_t end = from + n * PAGE_SIZE;
	bool any = false;

	spin_lock_nested(&m->page_table_lock);
	for (; n; n--, s++, d++) {
		pte_t e = *s;

		if (!e)
			continue;
		any = true;
		*d = xchg(s, 0);
	}
	if (any)
		tlb_flush_range(&m->arch, from, end);
	spin_unlock(&m->page_table_lock);
}

int
move_tables(struct vma *v, vaddr_t from, vaddr_t to, size_t len,
	    size_t *moved)
{
	struct aspace *a = v->mapping;
	struct mm *m = v->mm;
	size_t done, step;

	for (done = 0; done < len; done += step) {
		vaddr_t f = from + done, t = to + done;
		pte_t *s, *d, *pde = pde_find(m, f);

		*moved = done;
		step = min(PT_SPAN - (f & (PT_SPAN - 1)),
			   PT_SPAN - (t & (PT_SPAN - 1)));
		step = min(step, len - done);
		if (!pde || !(*pde & PTE_P))
			continue;
		if (!a && move_whole(m, f, t, step))
			continue;
		s = pt_find(m, f);
		if (s && !any_entry(s, step >> PAGE_SHIFT))
			continue;
		s = pt_get(m, f);
		d = pt_get(m, t);
		if (!s || !d)
			return -ENOMEM;
		/* rmap must see a page in one of its two places */
		if (a)
			spin_lock(&a->mmap_lock);
		move_entries(m, s, f, d, step >> PAGE_SHIFT);
		if (a)
			spin_unlock(&a->mmap_lock);
		cond_resched();
	}
	return 0;
}

/* ---- mprotect ---- */

static inline pte_t
new_rights(const struct vma *v, pte_t e)
{
	pte_t n = (e & (PTE_ADDR | PTE_A | PTE_D | PTE_SPECIAL | PTE_CACHE_UC)) |
		v->prot_bits;

	if (!(v->flags & VM_WRITE) || (e & PTE_SPECIAL))
		return n;
	if (e & PTE_W)
		return n | PTE_W;
	if (!(v->flags & VM_SHARED)) {
		struct page *p = pte_page(e);

		if ((p->flags & BIT(PG_ANON)) &&
		    atomic_read(&p->mapcount) == 1 &&
		    atomic_read(&p->refcount) == 1)
			n |= PTE_W | PTE_D;
	}
	return n;
}

static bool
protect_table(struct vma *v, pte_t *pt, unsigned int n)
{
	bool flush = false;

	for (; n; n--, pt++) {
		pte_t e = *pt, new;

		if (!e)
			continue;
		if (v->flags & VM_SHARED)	/* keep a dirty bit set now */
			e = xchg(pt, 0);
		new = new_rights(v, e);
		WRITE_ONCE(*pt, new);
		/* less than before: the TLBs must forget */
		if ((e & (PTE_P | PTE_W)) & ~new || (new & ~e & PTE_NX))
			flush = true;
	}
	return flush;
}

void
protect_range(struct mm *m, struct vma *v, vaddr_t start, vaddr_t end)
{
	bool flush = false;
	vaddr_t va, stop;

	for (va = start; va < end; va = stop) {
		pte_t *pde = pde_find(m, va);
		unsigned int level = pde ? 1 : 2;

		stop = min((va | ((1UL << PT_SHIFT(level)) - 1)) + 1, end);
		if (!pde || !(*pde & PTE_P))
			continue;
		DEBUG_ASSERT(*pde & PTE_W);
		spin_lock(&m->page_table_lock);
		flush |= protect_table(v, pde_table(*pde) + PT_INDEX(va, 0),
				       (stop - va) >> PAGE_SHIFT);
		spin_unlock(&m->page_table_lock);
		cond_resched();
	}
	if (flush)
		tlb_flush_range(&m->arch, start, end);
}
