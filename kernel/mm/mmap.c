/* SPDX-License-Identifier: MIT */
/*
 * mmap, munmap, brk and the stack of execve: making and removing VMAs.
 *
 * Removing goes in this order: split at the ends; take the VMAs out of the
 * tree and of i_mmap; take out the leaf entries; free tables that no VMA
 * needs; drop mmap_lock; close the VMAs (which may put a file for the last
 * time and so must not hold the lock).
 */
#include <abi/errno.h>
#include <abi/mman.h>
#include <sched/sched.h>

#include "internal.h"

static int (*shmem_make)(size_t len, struct vm_backing *out);

void
mm_set_shmem(int (*make)(size_t len, struct vm_backing *out))
{
	shmem_make = make;
}

int
mm_shmem_backing(size_t len, struct vm_backing *out)
{
	return shmem_make ? shmem_make(len, out) : -ENODEV;
}

unsigned long
prot_to_flags(int prot)
{
	static_assert(VM_READ == PROT_READ && VM_WRITE == PROT_WRITE &&
		      VM_EXEC == PROT_EXEC, "prot");
	return prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* ---- accounting; mmap_lock for writing ---- */

/* private writable memory that is no stack counts as data */
static inline bool
is_data(unsigned long f)
{
	return (f & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

void
vm_account(struct mm *m, unsigned long flags, s64 nr)
{
	m->total_vm += nr;
	if (m->total_vm > m->hiwater_vm)
		m->hiwater_vm = m->total_vm;
	if (flags & VM_GROWSDOWN)
		m->stack_vm += nr;
	else if (is_data(flags))
		m->data_vm += nr;
	else if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		m->exec_vm += nr;
	if (flags & VM_LOCKED) {
		m->locked_vm += nr;
		mem_count(MC_MLOCK, nr);
	}
}

bool
may_expand(struct mm *m, unsigned long flags, u64 nr)
{
	struct mm_limits lim;

	task_mm_limits(&lim);
	if (m->total_vm + nr > lim.as >> PAGE_SHIFT)
		return false;
	return !is_data(flags) ||
		m->data_vm + nr <= lim.data >> PAGE_SHIFT;
}

bool
may_mlock(struct mm *m, u64 nr_new, int *err)
{
	struct mm_limits lim;

	task_mm_limits(&lim);
	if (lim.may_lock_over)
		return true;
	*err = lim.memlock ? -ENOMEM : -EPERM;
	return lim.memlock && m->locked_vm + nr_new <= lim.memlock >> PAGE_SHIFT;
}

/* ---- unmapping ---- */

void
vmas_release(struct list_head *dead)
{
	struct vma *v, *n;

	list_for_each_entry_safe(v, n, dead, map_link) {
		if (v->ops && v->ops->close)
			v->ops->close(v);
		vma_free(v);
	}
}

/* v, wholly inside what goes, leaves the tree */
static void
detach(struct mm *m, struct vma *v, struct list_head *dead)
{
	u64 nr = (v->end - v->start) >> PAGE_SHIFT;

	vm_account(m, v->flags, -(s64)nr);
	if (v->flags & VM_ACCOUNT)
		commit_uncharge(nr);
	vma_erase(m, v);
	list_add_tail(&v->map_link, dead);
}

int
munmap_locked(struct mm *m, vaddr_t start, size_t len, struct list_head *dead)
{
	vaddr_t end = start + len, floor, ceiling;
	struct vma *v, *prev, *next;
	struct tlb_gather g;

	v = vma_find_prev(m, start, &prev);
	if (!v || v->start >= end)
		return 0;
	if (pt_unshare_edges(m, start, end))
		return -ENOMEM;
	if (v->start < start) {
		if (v->end > end && (int)m->nr_vmas >= max_map_count)
			return -ENOMEM;
		if (vma_split(v, start))
			return -ENOMEM;
		prev = v;
		v = vma_next(v);
	}
	for (next = v; next && next->end <= end; next = vma_next(next))
		;
	if (next && next->start < end) {
		/* next straddles the end; next may be v */
		if (vma_split(next, end)) {
			if (prev && prev->end == start)
				vma_merge_around(prev);
			return -ENOMEM;
		}
	}
	while (v && v->start < end) {
		next = vma_next(v);
		detach(m, v, dead);
		v = next;
	}
	floor = prev ? prev->end : 0;
	ceiling = v ? v->start : USER_MAX + PAGE_SIZE;
	gather_init(&g, m, false);
	zap_range(&g, start, end);
	free_tables(&g, start, end, floor, ceiling);
	gather_flush(&g);
	return 0;
}

int
mm_munmap(struct mm *m, vaddr_t addr, size_t len)
{
	LIST_HEAD(dead);
	int err;

	if (!IS_ALIGNED(addr, PAGE_SIZE) || addr > USER_MAX ||
	    len > USER_MAX - addr)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len)
		return -EINVAL;
	rwsem_write_lock(&m->mmap_lock);
	err = munmap_locked(m, addr, len, &dead);
	rwsem_write_unlock(&m->mmap_lock);
	vmas_release(&dead);
	return err;
}

int
mm_munmap_pieces(struct mm *m, vaddr_t addr,
		 int (*match)(const struct vma *v, void *arg), void *arg)
{
	int err = -EINVAL, e = 0, what;
	LIST_HEAD(dead);
	struct vma *v;

	rwsem_write_lock(&m->mmap_lock);
	for (v = vma_find(m, addr); v && !e; v = vma_find(m, addr)) {
		addr = v->end;
		what = match(v, arg);
		if (what < 0)
			break;
		if (what) {
			e = munmap_locked(m, v->start, v->end - v->start,
					  &dead);
			err = e;
		}
	}
	rwsem_write_unlock(&m->mmap_lock);
	vmas_release(&dead);
	return err;
}

/* ---- mapping ---- */

struct map_req {
	vaddr_t addr;
	size_t len;
	unsigned long vm_flags;
	const struct vm_backing *b;
	u64 pgoff;
};

/* flags of the VMA, or -errno in *err; the order of checks is Linux's */
static unsigned long
request_flags(struct mm *m, const struct vm_backing *b, int prot, int flags,
	      size_t len, int *err)
{
	unsigned long vf = prot_to_flags(prot) | m->def_flags;

	*err = 0;
	if (flags & MAP_GROWSDOWN)
		vf |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vf |= VM_LOCKED;
	if (b)
		vf |= b->may & (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC);
	else
		vf |= VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	if ((flags & MAP_TYPE) == MAP_PRIVATE) {
		if (b)
			vf |= VM_MAYWRITE;
	} else {
		vf |= VM_SHARED | VM_MAYSHARE;
	}
	if ((vf & VM_LOCKED) && !may_mlock(m, len >> PAGE_SHIFT, err)) {
		if (*err == -ENOMEM)
			*err = -EAGAIN;
		return 0;
	}
	if (((vf & 7) << 4) & ~vf) {
		*err = vf & VM_EXEC && !(vf & VM_MAYEXEC) ? -EPERM : -EACCES;
		return 0;
	}
	if ((flags & MAP_NORESERVE) && overcommit_policy != 2)
		vf |= VM_NORESERVE;
	return vf;
}

/* the range is free, mmap_lock held for writing */
static int
map_locked(struct mm *m, const struct map_req *r)
{
	vaddr_t start = r->addr, end = start + r->len;
	u64 nr = r->len >> PAGE_SHIFT;
	unsigned long vf = r->vm_flags;
	struct vma *v, *prev, *next;
	int err;

	if (vma_accountable(vf)) {
		if (commit_charge(m, nr))
			return -ENOMEM;
		vf |= VM_ACCOUNT;
	}
	next = vma_find_prev(m, start, &prev);
	if (!r->b) {
		struct vma_attr a = { .flags = vf };

		if (vma_merge_new(m, prev, next, start, end, &a))
			goto done;
	}
	err = -ENOMEM;
	v = vma_alloc(m);
	if (!v)
		goto out_commit;
	v->start = start;
	v->end = end;
	v->flags = vf;
	v->pgoff = r->b ? r->pgoff : start >> PAGE_SHIFT;
	vma_set_prot(v);
	if (r->b) {
		err = r->b->mmap(r->b->file, v);
		if (err)
			goto out_vma;
		vma_set_prot(v);	/* it may have changed flags */
		if ((v->flags & VM_PFNMAP) && (v->flags & VM_ACCOUNT)) {
			commit_uncharge(nr);
			v->flags &= ~VM_ACCOUNT;
		}
		vf = v->flags;
	}
	vma_insert(m, v, prev);
done:
	vm_account(m, vf, nr);
	return 0;

out_vma:
	vma_free(v);
out_commit:
	if (vf & VM_ACCOUNT)
		commit_uncharge(nr);
	return err;
}

/* where it goes: *addr checked, or chosen */
static int
choose_addr(struct mm *m, vaddr_t *addr, size_t len, int flags)
{
	struct vma *v;

	if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return get_unmapped(m, *addr, len, flags, addr);
	if (len > USER_MAX || *addr > USER_MAX - len)
		return -ENOMEM;
	if (!IS_ALIGNED(*addr, PAGE_SIZE))
		return -EINVAL;
	if (*addr < mmap_min_addr)
		return -EPERM;
	if (flags & MAP_FIXED_NOREPLACE) {
		v = vma_find(m, *addr);
		if (v && v->start < *addr + len)
			return -EEXIST;
	}
	return 0;
}

int
mm_mmap(struct mm *m, vaddr_t *addr, size_t len, int prot, int flags,
	const struct vm_backing *b, u64 pgoff)
{
	struct map_req r = { .addr = *addr, .b = b, .pgoff = pgoff };
	struct vm_backing shm;
	bool populate;
	LIST_HEAD(dead);
	int err;

	if (!len)
		return -EINVAL;
	r.len = ALIGN_UP(len, PAGE_SIZE);
	if (!r.len || r.len < len)
		return -ENOMEM;
	if (pgoff + (r.len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (!b && (flags & MAP_TYPE) != MAP_PRIVATE) {
		/* shared anonymous memory is an unnamed tmpfs file */
		err = mm_shmem_backing(r.len, &shm);
		if (err)
			return err;
		r.b = &shm;
		r.pgoff = 0;
	}
	rwsem_write_lock(&m->mmap_lock);
	err = -ENOMEM;
	if ((int)m->nr_vmas > max_map_count)
		goto out;
	err = choose_addr(m, &r.addr, r.len, flags);
	if (err)
		goto out;
	r.vm_flags = request_flags(m, r.b, prot, flags, r.len, &err);
	if (err)
		goto out;
	if (flags & MAP_FIXED) {
		err = munmap_locked(m, r.addr, r.len, &dead);
		if (err)
			goto out;
	}
	err = -ENOMEM;
	if (!may_expand(m, r.vm_flags, r.len >> PAGE_SHIFT))
		goto out;
	err = map_locked(m, &r);
	if (!err)
		*addr = r.addr;
out:
	rwsem_write_unlock(&m->mmap_lock);
	vmas_release(&dead);
	if (r.b == &shm && shm.release)
		shm.release(shm.file);
	populate = (r.vm_flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED ||
		(flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
	if (!err && populate)
		mm_populate(m, r.addr, r.len, true);
	return err;
}

/* ---- brk ---- */

vaddr_t
mm_brk(struct mm *m, vaddr_t brk)
{
	vaddr_t old, new, res;
	struct map_req r = { 0 };
	struct mm_limits lim;
	bool populate = false;
	LIST_HEAD(dead);
	struct vma *v;
	int err;

	rwsem_write_lock(&m->mmap_lock);
	res = m->brk;
	if (brk < m->start_brk || brk > USER_MAX)
		goto out;
	task_mm_limits(&lim);
	if (lim.data != ~0UL && brk - m->start_brk +
	    (m->end_data - m->start_data) > lim.data)
		goto out;
	old = ALIGN_UP(m->brk, PAGE_SIZE);
	new = ALIGN_UP(brk, PAGE_SIZE);
	if (new < old) {
		if (munmap_locked(m, new, old - new, &dead))
			goto out;
	} else if (new > old) {
		v = vma_find(m, old);
		if (v && v->start < new + PAGE_SIZE +
		    (v->flags & VM_GROWSDOWN ? STACK_GAP : 0))
			goto out;
		r.addr = old;
		r.len = new - old;
		r.vm_flags = request_flags(m, NULL, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE, r.len, &err);
		if (err || (int)m->nr_vmas > max_map_count ||
		    !may_expand(m, r.vm_flags, r.len >> PAGE_SHIFT) ||
		    map_locked(m, &r))
			goto out;
		populate = (r.vm_flags & (VM_LOCKED | VM_LOCKONFAULT)) ==
			VM_LOCKED;
	}
	res = m->brk = brk;
out:
	rwsem_write_unlock(&m->mmap_lock);
	vmas_release(&dead);
	if (populate)
		mm_populate(m, r.addr, r.len, true);
	return res;
}

/* ---- execve ---- */

int
mm_exec_stack(struct mm *m, vaddr_t top, size_t initial, bool exec)
{
	struct map_req r = { .addr = top - initial, .len = initial };
	int err = -ENOMEM;

	if (!initial || !IS_ALIGNED(top | initial, PAGE_SIZE) ||
	    top > USER_MAX || initial > top - USER_MIN)
		return -EINVAL;
	r.vm_flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE |
		VM_MAYEXEC | VM_GROWSDOWN | VM_STACK | m->def_flags |
		(exec ? VM_EXEC : 0);
	rwsem_write_lock(&m->mmap_lock);
	if (may_expand(m, r.vm_flags, initial >> PAGE_SHIFT))
		err = map_locked(m, &r);
	rwsem_write_unlock(&m->mmap_lock);
	return err;
}
