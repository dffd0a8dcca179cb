/* SPDX-License-Identifier: MIT */
/* mincore(2) and msync(2). */
#include <abi/errno.h>
#include <abi/mman.h>
#include <sched/sched.h>

#include "internal.h"

static u8
resident(struct mm *m, struct vma *v, vaddr_t va)
{
	struct page *p;
	pte_t e;
	u8 yes;

	spin_lock(&m->page_table_lock);
	e = pt_read(m, va);
	spin_unlock(&m->page_table_lock);
	if (e & PTE_LIVE)
		return 1;
	if (!v->mapping)
		return 0;
	p = page_find(v->mapping,
		      v->pgoff + ((va - v->start) >> PAGE_SHIFT));
	if (!p)
		return 0;
	yes = page_test(p, PG_UPTODATE);
	page_put(p);
	return yes;
}

int
mm_mincore(struct mm *m, vaddr_t addr, size_t nr_pages, u8 *vec)
{
	struct vma *v;
	int err = 0;

	rwsem_read_lock(&m->mmap_lock);
	v = vma_find(m, addr);
	for (size_t i = 0; i < nr_pages; i++, addr += PAGE_SIZE) {
		if (v && v->end <= addr)
			v = vma_next(v);
		if (!v || v->start > addr) {
			err = -ENOMEM;
			break;
		}
		vec[i] = resident(m, v, addr);
		cond_resched();
	}
	rwsem_read_unlock(&m->mmap_lock);
	return err;
}

/*
 * Pages written through a shared mapping were marked dirty at the first write
 * (page_mkwrite), so MS_ASYNC has nothing to do: write-back finds them.
 */
int
mm_msync(struct mm *m, vaddr_t addr, size_t len, int flags)
{
	vaddr_t end;
	struct vma *v;
	int err = 0, hole = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    !IS_ALIGNED(addr, PAGE_SIZE) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (ALIGN_UP(len, PAGE_SIZE) < len ||
	    add_overflow(addr, ALIGN_UP(len, PAGE_SIZE), &end))
		return -ENOMEM;
	rwsem_read_lock(&m->mmap_lock);
	for (v = vma_find(m, addr); addr < end && !err; v = vma_next(v)) {
		vaddr_t stop;
		loff_t from;

		if (!v || v->start >= end) {
			hole = -ENOMEM;
			break;
		}
		if (v->start > addr) {
			hole = -ENOMEM;
			addr = v->start;
		}
		stop = min(v->end, end);
		if ((flags & MS_INVALIDATE) && (v->flags & VM_LOCKED))
			err = -EBUSY;
		else if ((flags & MS_SYNC) && v->mapping &&
			 (v->flags & VM_SHARED)) {
			from = (v->pgoff << PAGE_SHIFT) + (addr - v->start);
			err = aspace_writeback(v->mapping, from,
					       from + (stop - addr), true);
		}
		addr = stop;
	}
	rwsem_read_unlock(&m->mmap_lock);
	return err ? err : hole;
}
