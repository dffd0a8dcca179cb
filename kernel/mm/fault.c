/* SPDX-License-Identifier: MIT */
/*
 * Page faults: the leaf entry that an access needs is made from the VMA.
 *
 *	entry		access		becomes
 *	none, anon	read		the zero page, read only, not counted
 *			write		a cleared page
 *	none, file	read		the cache's page, read only, and those of
 *					its 16 neighbours that are cached
 *			write, private	a copy of the cache's page
 *			write, shared	the cache's page after page_mkwrite
 *	read only	write, private	the page itself when nobody else has it,
 *					else a copy
 *			write, shared	the same page after page_mkwrite
 *
 * A page in a leaf entry is either anonymous (PG_ANON: written by this or a
 * forked address space; "nobody else has it" is mapcount 1 and refcount 1) or
 * belongs to a file's cache. Anonymous pages are on no list: there is no swap,
 * they live until unmapped.
 *
 * Locking: mmap_lock for reading keeps VMAs and page tables. It is left alone
 * when mm->users is 1: then no other thread can take it for writing, and
 * visitors (/proc, ptrace) count as users and only read. page_table_lock is
 * held for each change of an entry; what was prepared outside (an allocated,
 * copied page) is thrown away when the entry has changed meanwhile, and the
 * access simply faults again.
 *
 * Truncation against a file fault: the fault raises mapcount, then looks
 * whether the page still is in its cache; truncation takes the page out of the
 * cache, then looks at mapcount and unmaps. One of the two sees the other.
 *
 * A write entry may be stale in this CPU's TLB as read only when another CPU
 * has just allowed the write; the resulting fault drops the stale translation
 * (SDM 3A 4.10.4.3), so upgrades need no flush.
 */
#include <abi/errno.h>
#include <abi/mman.h>
#include <abi/signal.h>
#include <arch/upcall.h>
#include <sched/waitq.h>

#include "internal.h"

#define AROUND		16U		/* pages, a power of two */
#define PF_PRESENT	BIT(0)		/* hardware error code, SDM 3A 4.7 */
#define PF_WRITE	BIT(1)
#define PF_USER		BIT(2)
#define PF_FETCH	BIT(4)
#define BAD(sig, code)	((sig) << 16 | (code))

struct page *zero_page;
pfn_t zero_pfn;

static inline pte_t
leaf(const struct vma *v, const struct page *p)
{
	return page_to_phys(p) | v->prot_bits;
}

/* bits for a page that was just written to, where the VMA allows writes */
static inline pte_t
write_bits(const struct vma *v)
{
	return v->flags & VM_WRITE ? PTE_W | PTE_D : PTE_D;
}

static inline bool
same_leaf(pte_t a, pte_t b)
{
	return !((a ^ b) & ~(PTE_A | PTE_D));
}

static inline void
init_anon(struct page *p)
{
	p->mapping = NULL;
	p->flags = BIT(PG_ANON) | BIT(PG_UPTODATE);
	atomic_set(&p->mapcount, 1);
}

/* a page of ours that nobody saw yet */
static inline void
drop_new(struct page *p)
{
	page_free(p, 0);
}

/* ---- anonymous ---- */

static int
fault_zero(struct mm *m, struct vma *v, pte_t *pt)
{
	pte_t e = (zero_pfn << PAGE_SHIFT) | v->prot_bits | PTE_SPECIAL;

	spin_lock(&m->page_table_lock);
	if (!*pt)
		WRITE_ONCE(*pt, e);
	spin_unlock(&m->page_table_lock);
	return 0;
}

static int
fault_anon(struct mm *m, struct vma *v, pte_t *pt, u32 flags)
{
	struct page *p;

	if (!(flags & FAULT_WRITE))
		return fault_zero(m, v, pt);
	p = page_alloc1(GFP_USER);
	if (unlikely(!p))
		return -ENOMEM;
	clear_page(page_to_virt(p));
	spin_lock(&m->page_table_lock);
	if (unlikely(*pt)) {
		spin_unlock(&m->page_table_lock);
		drop_new(p);
		return 0;
	}
	init_anon(p);
	v->has_anon = true;
	WRITE_ONCE(*pt, leaf(v, p) | write_bits(v));
	m->rss_anon.v++;
	spin_unlock(&m->page_table_lock);
	mem_count(MC_ANON, 1);
	return 0;
}

/* ---- files ---- */

/*
 * Put a referenced page of v's file into an empty entry, page_table_lock held.
 * False: it has just left the cache; the reference still is the caller's.
 */
static bool
set_file(struct mm *m, struct vma *v, pte_t *pt, struct page *p, pte_t bits)
{
	bool first = !atomic_fetch_add(&p->mapcount, 1);

	if (unlikely(v->mapping && READ_ONCE(p->mapping) != v->mapping)) {
		atomic_dec(&p->mapcount);
		return false;
	}
	if (first)
		mem_count(MC_MAPPED, 1);
	WRITE_ONCE(*pt, leaf(v, p) | bits);
	if (p->flags & BIT(PG_SWAPBACKED))
		m->rss_shmem.v++;
	else
		m->rss_file.v++;
	return true;
}

/* map what is cached around va; true when va itself was among it */
static bool
map_around(struct mm *m, struct vma *v, pte_t *pt, vaddr_t va, u64 pgoff)
{
	struct page *pages[AROUND];
	unsigned int before = PT_INDEX(va, 0) & (AROUND - 1), n = AROUND, got;
	u64 room = (va - v->start) >> PAGE_SHIFT;
	bool hit = false;

	if (before > room) {
		n -= before - room;
		before = room;
	}
	n = min_t(u64, n, before + ((v->end - va) >> PAGE_SHIFT));
	got = v->ops->map_around(v, pgoff - before, n, pages);
	if (!got)
		return false;
	pt -= before;
	spin_lock(&m->page_table_lock);
	for (unsigned int i = 0; i < got; i++) {
		struct page *p = pages[i];

		if (!p)
			continue;
		if (!pt[i] && set_file(m, v, &pt[i], p, 0)) {
			pages[i] = NULL;
			hit |= i == before;
		}
	}
	spin_unlock(&m->page_table_lock);
	for (unsigned int i = 0; i < got; i++)
		if (pages[i])
			page_put(pages[i]);
	return hit;
}

static int
fault_file_read(struct mm *m, struct vma *v, pte_t *pt, struct vm_fault *vf)
{
	int err;

	if (v->ops->map_around && !(v->flags & VM_RAND_READ) &&
	    map_around(m, v, pt, vf->addr, vf->pgoff))
		return 0;
	err = v->ops->fault(vf);
	if (err)
		return err;
	spin_lock(&m->page_table_lock);
	if (!*pt && set_file(m, v, pt, vf->page, 0))
		vf->page = NULL;
	spin_unlock(&m->page_table_lock);
	if (vf->page)
		page_put(vf->page);
	return 0;
}

static int
fault_file_cow(struct mm *m, struct vma *v, pte_t *pt, struct vm_fault *vf)
{
	struct page *p;
	int err = v->ops->fault(vf);

	if (err)
		return err;
	p = page_alloc1(GFP_USER);
	if (!p) {
		page_put(vf->page);
		return -ENOMEM;
	}
	copy_page(page_to_virt(p), page_to_virt(vf->page));
	page_put(vf->page);
	spin_lock(&m->page_table_lock);
	if (unlikely(*pt)) {
		spin_unlock(&m->page_table_lock);
		drop_new(p);
		return 0;
	}
	init_anon(p);
	v->has_anon = true;
	WRITE_ONCE(*pt, leaf(v, p) | write_bits(v));
	m->rss_anon.v++;
	spin_unlock(&m->page_table_lock);
	mem_count(MC_ANON, 1);
	return 0;
}

/* the first write to a page of a shared mapping: 0 or -errno */
static int
make_writable(struct vma *v, struct vm_fault *vf)
{
	if (v->ops->page_mkwrite)
		return v->ops->page_mkwrite(vf);
	page_set_dirty(vf->page);
	return 0;
}

static int
fault_file_shared(struct mm *m, struct vma *v, pte_t *pt, struct vm_fault *vf)
{
	int err;

	vf->flags |= FAULT_SHARED;
	err = v->ops->fault(vf);
	if (err)
		return err;
	err = make_writable(v, vf);
	if (!err) {
		spin_lock(&m->page_table_lock);
		if (!*pt && set_file(m, v, pt, vf->page, write_bits(v)))
			vf->page = NULL;
		spin_unlock(&m->page_table_lock);
	}
	if (vf->page)
		page_put(vf->page);
	return err;
}

static int
fault_frame(struct mm *m, struct vma *v, pte_t *pt, const struct vm_fault *vf)
{
	u64 cache = 0;
	paddr_t pa;
	pte_t e;
	int err;

	if ((vf->flags & FAULT_WRITE) && !(v->flags & VM_SHARED))
		return -EFAULT;
	err = v->ops->frame(v, vf->pgoff, &pa, &cache);
	if (err)
		return err;
	e = (pa & PTE_ADDR) | v->prot_bits | cache | PTE_SPECIAL;
	if ((v->flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE))
		e |= PTE_W | PTE_D;
	spin_lock(&m->page_table_lock);
	if (!*pt)
		WRITE_ONCE(*pt, e);
	spin_unlock(&m->page_table_lock);
	return 0;
}

static int
fault_file(struct mm *m, struct vma *v, pte_t *pt, vaddr_t va, u32 *flags)
{
	struct vm_fault vf = {
		.vma = v, .addr = va, .flags = *flags,
		.pgoff = v->pgoff + ((va - v->start) >> PAGE_SHIFT),
	};
	int err;

	if (v->ops->frame)
		return fault_frame(m, v, pt, &vf);
	if (unlikely(!v->ops->fault))
		return -EFAULT;
	if (!(vf.flags & FAULT_WRITE))
		err = fault_file_read(m, v, pt, &vf);
	else if (v->flags & VM_SHARED)
		err = fault_file_shared(m, v, pt, &vf);
	else
		err = fault_file_cow(m, v, pt, &vf);
	*flags |= vf.flags & FAULT_MAJOR;
	return err;
}

/* ---- write to a read-only entry ---- */

static int
write_shared(struct mm *m, struct vma *v, pte_t *pt, vaddr_t va, u32 flags)
{
	struct vm_fault vf = {
		.vma = v, .addr = va, .flags = flags | FAULT_SHARED,
		.pgoff = v->pgoff + ((va - v->start) >> PAGE_SHIFT),
	};
	pte_t e;
	int err;

	spin_lock(&m->page_table_lock);
	e = *pt;
	if (!e || (e & (PTE_W | PTE_SPECIAL))) {
		spin_unlock(&m->page_table_lock);
		return e & PTE_SPECIAL && !(e & PTE_W) ? -EFAULT : 0;
	}
	vf.page = pte_page(e);
	page_get(vf.page);
	spin_unlock(&m->page_table_lock);
	err = make_writable(v, &vf);
	if (!err) {
		spin_lock(&m->page_table_lock);
		if (same_leaf(*pt, e))
			WRITE_ONCE(*pt, e | PTE_A | write_bits(v));
		spin_unlock(&m->page_table_lock);
	}
	page_put(vf.page);
	return err;
}

/*
 * A private page is to be written. Either we may have it, or *old gets a
 * reference to what must be copied (NULL: the zero page) and *e its entry.
 * True when there is nothing more to do.
 */
static bool
take_over(struct mm *m, struct vma *v, pte_t *pt, pte_t *e, struct page **old)
{
	struct page *p;
	bool done = true;

	spin_lock(&m->page_table_lock);
	*e = *pt;
	*old = NULL;
	if (!*e || (*e & PTE_W))
		goto out;
	if (*e & PTE_SPECIAL) {
		done = false;
		goto out;
	}
	p = pte_page(*e);
	if ((p->flags & BIT(PG_ANON)) && atomic_read(&p->mapcount) == 1 &&
	    atomic_read(&p->refcount) == 1) {
		WRITE_ONCE(*pt, *e | PTE_A | write_bits(v));
		goto out;
	}
	page_get(p);
	*old = p;
	done = false;
out:
	spin_unlock(&m->page_table_lock);
	return done;
}

static int
write_private(struct mm *m, struct vma *v, pte_t *pt, vaddr_t va)
{
	struct page *new, *old;
	pte_t e;

	if (take_over(m, v, pt, &e, &old))
		return 0;
	if (!old && (e & PTE_ADDR) != zero_pfn << PAGE_SHIFT)
		return -EFAULT;		/* private map of raw frames */
	new = page_alloc1(GFP_USER);
	if (!new) {
		if (old)
			page_put(old);
		return -ENOMEM;
	}
	if (old)
		copy_page(page_to_virt(new), page_to_virt(old));
	else
		clear_page(page_to_virt(new));

	spin_lock(&m->page_table_lock);
	if (unlikely(!same_leaf(*pt, e))) {
		spin_unlock(&m->page_table_lock);
		drop_new(new);
		if (old)
			page_put(old);
		return 0;
	}
	init_anon(new);
	v->has_anon = true;
	WRITE_ONCE(*pt, leaf(v, new) | write_bits(v));
	if (!old) {
		m->rss_anon.v++;
	} else if (!(old->flags & BIT(PG_ANON))) {
		m->rss_anon.v++;
		if (old->flags & BIT(PG_SWAPBACKED))
			m->rss_shmem.v--;
		else
			m->rss_file.v--;
	}
	tlb_flush_page(&m->arch, va);
	if (old)
		page_unmap_one(old, e);
	spin_unlock(&m->page_table_lock);
	mem_count(MC_ANON, 1);
	if (old) {
		page_put(old);		/* ours */
		page_put(old);		/* the entry's */
	}
	return 0;
}

/* ---- entry points ---- */

static __always_inline int
fault_page(struct mm *m, struct vma *v, vaddr_t va, u32 *flags)
{
	pte_t *pt = pt_get_fast(m, va), e;

	if (unlikely(!pt)) {
		if (thp_fault(m, v, va, *flags))
			return 0;
		pt = pt_get_slow(m, va);
		if (!pt)
			return -ENOMEM;
	}
	e = READ_ONCE(*pt);
	if (!e) {
		if (likely(!v->ops))
			return fault_anon(m, v, pt, *flags);
		return fault_file(m, v, pt, va, flags);
	}
	if (!(*flags & FAULT_WRITE) || (e & PTE_W))
		return 0;
	if (v->flags & VM_SHARED)
		return write_shared(m, v, pt, va, *flags);
	return write_private(m, v, pt, va);
}

int
fault_in(struct mm *m, struct vma *v, vaddr_t addr, u32 flags)
{
	return fault_page(m, v, addr & PAGE_MASK, &flags);
}

static __noinline int
fault_failed(int err, u32 error)
{
	if (err == -EAGAIN)
		return 0;			/* the access is simply repeated */
	if (err == -EINTR)
		return error & PF_USER ? 0 : BAD(SIGSEGV, SEGV_MAPERR);
	if (err != -ENOMEM)
		return BAD(SIGBUS, BUS_ADRERR);
	/* the OOM killer was asked already; who is to die does so on return */
	if (!(error & PF_USER))
		return BAD(SIGSEGV, SEGV_MAPERR);
	if (fatal_signal_pending_current())
		return 0;
	if (mm_oom(GFP_USER)) {
		cond_resched();
		return 0;
	}
	return BAD(SIGKILL, SI_KERNEL);
}

int
mm_fault(struct pt_regs *regs, vaddr_t addr, u32 error)
{
	struct mm *m = current_mm();
	u32 flags = 0;
	unsigned long need = VM_READ | VM_WRITE | VM_EXEC;
	struct vma *v;
	bool locked;
	int err;

	(void)regs;
	mem_count(MC_PGFAULT, 1);
	if (unlikely(!m || addr >= USER_MAX))
		return BAD(SIGSEGV, SEGV_MAPERR);
	if (error & PF_WRITE) {
		flags = FAULT_WRITE;
		need = VM_WRITE;
	} else if (error & PF_FETCH) {
		if (!(error & PF_USER))
			return BAD(SIGSEGV, SEGV_ACCERR);
		flags = FAULT_EXEC;
		need = VM_EXEC;
	}
	if (error & PF_USER)
		flags |= FAULT_USER;

	locked = refcount_read(&m->users) != 1;
	if (locked)
		rwsem_read_lock(&m->mmap_lock);
	v = vma_find(m, addr);
	if (unlikely(!v))
		goto maperr;
	if (unlikely(addr < v->start) &&
	    (!(v->flags & VM_GROWSDOWN) ||
	     vma_expand_stack(v, addr & PAGE_MASK)))
		goto maperr;
	if (unlikely(!(v->flags & need))) {
		err = BAD(SIGSEGV, SEGV_ACCERR);
		goto out;
	}
	err = fault_page(m, v, addr & PAGE_MASK, &flags);
	if (unlikely(err))
		err = fault_failed(err, error);
	else if (unlikely(flags & FAULT_MAJOR))
		goto major;
	else
		task_fault_minor();
out:
	if (locked)
		rwsem_read_unlock(&m->mmap_lock);
	return err;
maperr:
	err = BAD(SIGSEGV, SEGV_MAPERR);
	goto out;
major:
	mem_count(MC_PGMAJFAULT, 1);
	task_fault_major();
	goto out;
}

/* ---- populating ---- */

static int
populate_vma(struct mm *m, struct vma *v, vaddr_t start, vaddr_t end)
{
	u32 flags = (v->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ?
		FAULT_WRITE : 0;

	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		pte_t e;
		int err;

		spin_lock(&m->page_table_lock);
		e = pt_read(m, va);
		spin_unlock(&m->page_table_lock);
		if ((e & PTE_LIVE) && (!flags || (e & PTE_W)))
			continue;
		if (fatal_signal_pending_current())
			return -EINTR;
		err = fault_in(m, v, va, flags);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int
populate_range(struct mm *m, vaddr_t start, vaddr_t end, bool ignore)
{
	struct vma *v = vma_find(m, start);
	int err = 0;

	for (; v && v->start < end && !err; v = vma_next(v)) {
		if (v->start > start && !ignore)
			return -ENOMEM;
		if (!(v->flags & VM_PFNMAP)) {
			if (v->flags & (VM_READ | VM_WRITE | VM_EXEC))
				err = populate_vma(m, v, max(v->start, start),
						   min(v->end, end));
			else
				err = ignore ? 0 : -ENOMEM;
		}
		start = v->end;
		if (err && ignore)
			break;
	}
	if (ignore)
		return 0;
	return !err && start < end ? -ENOMEM : err;
}

int
mm_populate(struct mm *m, vaddr_t start, size_t len, bool ignore)
{
	int err;

	rwsem_read_lock(&m->mmap_lock);
	err = populate_range(m, start, start + len, ignore);
	rwsem_read_unlock(&m->mmap_lock);
	return err;
}
