/* SPDX-License-Identifier: MIT */
/*
 * mlock(2) and relatives. A locked VMA's pages are faulted in (unless
 * MLOCK_ONFAULT) and reclaim leaves what such a VMA maps alone.
 */
#include <abi/errno.h>
#include <abi/mman.h>

#include "internal.h"

#define LOCK_FLAGS	(VM_LOCKED | VM_LOCKONFAULT)

static int
lock_vma(struct mm *m, struct vma **vp, vaddr_t start, vaddr_t end,
	 unsigned long lock)
{
	struct vma *v = *vp;
	unsigned long flags = (v->flags & ~LOCK_FLAGS) | lock;
	u64 nr = (end - start) >> PAGE_SHIFT;

	if (flags == v->flags || (v->flags & (VM_PFNMAP | VM_SPECIAL)))
		return 0;
	if (start > v->start) {
		if (vma_split(v, start))
			return -ENOMEM;
		v = vma_next(v);
	}
	if (end < v->end && vma_split(v, end)) {
		vma_merge_around(v);
		return -ENOMEM;
	}
	vm_account(m, v->flags, -(s64)nr);
	v->flags = flags;
	vm_account(m, flags, nr);
	*vp = vma_merge_around(v);
	return 0;
}

static int
lock_range(struct mm *m, vaddr_t start, vaddr_t end, unsigned long lock,
	   bool holes_ok)
{
	struct vma *v = vma_find(m, start);
	int err = 0;

	while (start < end && !err) {
		vaddr_t stop;

		if (!v || v->start >= end)
			return holes_ok ? 0 : -ENOMEM;
		if (v->start > start) {
			if (!holes_ok)
				return -ENOMEM;
			start = v->start;
		}
		stop = min(v->end, end);
		err = lock_vma(m, &v, start, stop, lock);
		start = stop;
		if (v->end <= start)
			v = vma_next(v);
	}
	return holes_ok ? 0 : err;
}

/* pages of [start, end) that are locked already */
static u64
locked_in(struct mm *m, vaddr_t start, vaddr_t end)
{
	u64 n = 0;

	for (struct vma *v = vma_find(m, start); v && v->start < end;
	     v = vma_next(v))
		if (v->flags & VM_LOCKED)
			n += (min(v->end, end) - max(v->start, start)) >>
				PAGE_SHIFT;
	return n;
}

int
mm_mlock(struct mm *m, vaddr_t addr, size_t len, bool lock, bool onfault)
{
	vaddr_t start = addr & PAGE_MASK, end;
	struct mm_limits lim;
	int err;

	task_mm_limits(&lim);
	if (lock && !lim.may_lock_over && !lim.memlock)
		return -EPERM;
	len = ALIGN_UP(len + (addr - start), PAGE_SIZE); /* wraps, as Linux's */
	end = start + len;
	if (end < start)
		return lock && !may_mlock(m, len >> PAGE_SHIFT, &err) ?
			-ENOMEM : -EINVAL;
	if (end == start)
		return 0;
	rwsem_write_lock(&m->mmap_lock);
	err = -ENOMEM;
	if (lock && !may_mlock(m, (end - start) >> PAGE_SHIFT, &err) &&
	    !may_mlock(m, ((end - start) >> PAGE_SHIFT) -
		       locked_in(m, start, end), &err))
		goto out;
	err = lock_range(m, start, end, !lock ? 0 : onfault ? LOCK_FLAGS :
			 VM_LOCKED, false);
out:
	rwsem_write_unlock(&m->mmap_lock);
	if (!err && lock && !onfault) {
		err = mm_populate(m, start, end - start, false);
		if (err == -EFAULT)
			err = -ENOMEM;
		else if (err == -ENOMEM)
			err = -EAGAIN;
	}
	return err;
}

int
mm_mlockall(struct mm *m, int flags)
{
	unsigned long lock = flags & MCL_ONFAULT ? LOCK_FLAGS : VM_LOCKED;
	struct mm_limits lim;
	int err = 0;

	task_mm_limits(&lim);
	if (flags && !lim.may_lock_over && !lim.memlock)
		return -EPERM;
	rwsem_write_lock(&m->mmap_lock);
	if ((flags & MCL_CURRENT) && !lim.may_lock_over &&
	    m->total_vm > lim.memlock >> PAGE_SHIFT) {
		err = -ENOMEM;
		goto out;
	}
	m->def_flags &= ~LOCK_FLAGS;
	if (flags & MCL_FUTURE)
		m->def_flags |= lock;
	if (!flags || (flags & MCL_CURRENT))
		lock_range(m, 0, USER_MAX, flags ? lock : 0, true);
out:
	rwsem_write_unlock(&m->mmap_lock);
	if (!err && (flags & MCL_CURRENT) && !(flags & MCL_ONFAULT)) {
		rwsem_read_lock(&m->mmap_lock);
		populate_range(m, 0, USER_MAX, true);
		rwsem_read_unlock(&m->mmap_lock);
	}
	return err;
}
