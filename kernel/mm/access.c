/* SPDX-License-Identifier: MIT */
/*
 * Looking into address spaces from outside: pages for futexes and direct I/O,
 * memory for ptrace and /proc, figures for smaps and pagemap.
 *
 * A page is taken under page_table_lock from an entry that allows what is
 * wanted; if there is none, the fault code is asked to make one and we look
 * again.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include <sched/sched.h>

#include "internal.h"

/* entry e in a table hung on pde: good for this access? */
static bool
good_for(pte_t pde, pte_t e, u32 flags)
{
	struct page *p;

	if (!(e & PTE_LIVE))
		return false;
	if (!(flags & FAULT_WRITE))
		return true;
	if (!(pde & PTE_W))
		return false;
	if ((e & PTE_W) || !(flags & FAULT_FORCE))
		return e & PTE_W;
	if (e & PTE_SPECIAL)
		return false;
	p = pte_page(e);
	return page_test(p, PG_ANON) && atomic_read(&p->mapcount) == 1;
}

static int
grab_page(struct mm *m, struct vma *v, vaddr_t va, u32 flags,
	  struct page **out)
{
	for (;;) {
		pte_t *pde, e = 0;
		int err;

		spin_lock(&m->page_table_lock);
		pde = pde_find(m, va);
		if (pde && (*pde & PTE_P))
			e = unlikely(*pde & PTE_PS) ? pt_read(m, va) :
				pde_table(*pde)[PT_INDEX(va, 0)];
		if (e && good_for(*pde, e, flags)) {
			*out = zero_page;
			if (!(e & PTE_SPECIAL))
				*out = pte_page(e);
			else if ((e & PTE_ADDR) >> PAGE_SHIFT != zero_pfn)
				*out = NULL;
			if (*out)
				page_get(*out);
			spin_unlock(&m->page_table_lock);
			return *out ? 0 : -EFAULT;
		}
		spin_unlock(&m->page_table_lock);
		if (fatal_signal_pending_current())
			return -EINTR;
		err = fault_in(m, v, va, flags);
		if (err)
			return err == -ENOMEM ? err : -EFAULT;
		cond_resched();
	}
}

/* VMA at addr, a stack grown if need be; mmap_lock held for reading */
static struct vma *
vma_at(struct mm *m, vaddr_t addr)
{
	struct vma *v = vma_find(m, addr);

	if (!v)
		return NULL;
	if (v->start > addr && (!(v->flags & VM_GROWSDOWN) ||
				m != current_mm() ||
				vma_expand_stack(v, addr & PAGE_MASK)))
		return NULL;
	return v;
}

int
mm_get_page(struct mm *m, vaddr_t addr, bool write, struct page **out)
{
	struct vma *v;
	int err = -EFAULT;

	if (addr >= USER_MAX)
		return -EFAULT;
	rwsem_read_lock(&m->mmap_lock);
	v = vma_at(m, addr);
	if (v && (v->flags & (write ? VM_WRITE : VM_READ)))
		err = grab_page(m, v, addr & PAGE_MASK,
				write ? FAULT_WRITE : 0, out);
	rwsem_read_unlock(&m->mmap_lock);
	return err;
}

int
mm_shared_key(struct mm *m, vaddr_t addr, struct aspace **a, u64 *pgoff)
{
	struct vma *v;
	int err = -EFAULT;

	*a = NULL;
	rwsem_read_lock(&m->mmap_lock);
	v = vma_find(m, addr);
	if (v && v->start <= addr) {
		err = 0;
		if (v->flags & VM_SHARED) {
			*a = v->mapping;
			*pgoff = v->pgoff + ((addr - v->start) >> PAGE_SHIFT);
		}
	}
	rwsem_read_unlock(&m->mmap_lock);
	return err;
}

/* like FOLL_FORCE: rights of the VMA do not matter, but what it may become */
static int
access_page(struct mm *m, vaddr_t addr, bool write, struct page **out)
{
	struct vma *v = vma_at(m, addr);
	u32 flags = 0;

	if (!v || (v->flags & VM_PFNMAP))
		return -EFAULT;
	if (write) {
		flags = FAULT_WRITE;
		if (!(v->flags & VM_WRITE)) {
			if ((v->flags & VM_SHARED) ||
			    !(v->flags & VM_MAYWRITE))
				return -EFAULT;
			flags |= FAULT_FORCE;
		}
	} else if (!(v->flags & VM_READ) && !(v->flags & VM_MAYREAD)) {
		return -EFAULT;
	}
	return grab_page(m, v, addr & PAGE_MASK, flags, out);
}

/* The vDSO: no page of its own, but code as any other to a debugger. */
static bool
read_special(struct mm *m, vaddr_t addr, void *buf, size_t n)
{
	struct vma *v = vma_at(m, addr);
	paddr_t pa;
	u64 cache;

	if (!v || !(v->flags & VM_SPECIAL) || !(v->flags & VM_EXEC) ||
	    v->ops->frame(v, (addr - v->start) >> PAGE_SHIFT, &pa, &cache))
		return false;
	memcpy(buf, (char *)phys_to_virt(pa) + (addr & ~PAGE_MASK), n);
	return true;
}

ssize_t
mm_access(struct mm *m, vaddr_t addr, void *buf, size_t len, bool write)
{
	size_t done = 0;

	while (done < len) {
		size_t off = (addr + done) & ~PAGE_MASK;
		size_t n = min(len - done, PAGE_SIZE - off);
		struct page *p;
		int err = -EFAULT;

		if (addr + done >= USER_MAX || addr + done < addr)
			break;
		rwsem_read_lock(&m->mmap_lock);
		err = access_page(m, addr + done, write, &p);
		if (unlikely(err) && !write &&
		    read_special(m, addr + done, (char *)buf + done, n))
			err = 1;
		rwsem_read_unlock(&m->mmap_lock);
		if (unlikely(err)) {
			if (err < 0)
				break;
			done += n;
			continue;
		}
		if (write) {
			memcpy((char *)page_to_virt(p) + off,
			       (char *)buf + done, n);
			if (!page_test(p, PG_ANON))
				page_set_dirty(p);
		} else {
			memcpy((char *)buf + done,
			       (char *)page_to_virt(p) + off, n);
		}
		page_put(p);
		done += n;
	}
	return done || !len ? (ssize_t)done : -EFAULT;
}

u64
mm_pte_peek(struct mm *m, vaddr_t addr, u32 *maps)
{
	u64 r = 0;
	pte_t e;

	*maps = 1;
	if (addr >= USER_MAX)
		return 0;
	spin_lock(&m->page_table_lock);
	e = pt_read(m, addr);
	if (e & PTE_LIVE) {
		r = MM_PEEK_PRESENT | (e & PTE_ADDR);
		if (e & PTE_W)
			r |= MM_PEEK_WRITE;
		if (e & PTE_D)
			r |= MM_PEEK_DIRTY;
		if (e & PTE_A)
			r |= MM_PEEK_ACCESSED;
		if (*pde_find(m, addr) & PTE_PS)
			r |= MM_PEEK_HUGE;
		if (!(e & PTE_SPECIAL)) {
			struct page *p = pte_page(e);

			if (!page_test(p, PG_ANON))
				r |= MM_PEEK_FILE;
			/* each owner of a shared table maps the page */
			*maps = max(atomic_read(&p->mapcount), 1) - 1 +
				pt_sharers(m, addr);
			if (*maps == 1)
				r |= MM_PEEK_EXCL;
		}
	}
	spin_unlock(&m->page_table_lock);
	return r;
}

void
vma_walk_stat(struct vma *v, u64 *rss, u64 *anon, u64 *dirty, u64 *shared)
{
	struct mm *m = v->mm;

	*rss = *anon = *dirty = *shared = 0;
	for (vaddr_t va = v->start; va < v->end; va += PAGE_SIZE) {
		struct page *p;
		bool hole;
		pte_t e;

		spin_lock(&m->page_table_lock);
		e = pt_read(m, va);
		hole = !e && !pt_find(m, va);
		if ((e & PTE_LIVE) && !(e & PTE_SPECIAL)) {
			p = pte_page(e);
			++*rss;
			*anon += page_test(p, PG_ANON);
			*dirty += (e & PTE_D) || page_test(p, PG_DIRTY);
			*shared += atomic_read(&p->mapcount) > 1 ||
				pt_sharers(m, va) > 1;
		}
		spin_unlock(&m->page_table_lock);
		if (hole)
			va |= PT_SPAN - PAGE_SIZE;
		cond_resched();
	}
}
