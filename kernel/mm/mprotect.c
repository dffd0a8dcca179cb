/* SPDX-License-Identifier: MIT */
/*
 * mprotect(2): VMAs are split at the ends, get new flags, and join neighbours
 * they now equal; their entries get the new rights. Errors leave the part
 * before the bad place changed, as on Linux.
 */
#include <abi/errno.h>
#include <abi/mman.h>

#include "internal.h"

#define RWX	(VM_READ | VM_WRITE | VM_EXEC)

/* [start, end) is v or a part of it. *v becomes what holds it afterwards. */
static int
protect_vma(struct mm *m, struct vma **vp, vaddr_t start, vaddr_t end,
	    unsigned long rights)
{
	struct vma *v = *vp;
	unsigned long flags = (v->flags & ~RWX) | rights;
	u64 nr = (end - start) >> PAGE_SHIFT, charged = 0;
	int err;

	if (flags == v->flags)
		return 0;
	if (((flags & RWX) << 4) & ~flags)
		return -EACCES;
	if (vma_accountable(flags) && !vma_accountable(v->flags)) {
		struct mm_limits lim;

		task_mm_limits(&lim);
		if (!(flags & VM_GROWSDOWN) &&
		    m->data_vm + nr > lim.data >> PAGE_SHIFT)
			return -ENOMEM;
		if (!(v->flags & VM_ACCOUNT)) {
			if (commit_charge(m, nr))
				return -ENOMEM;
			charged = nr;
			flags |= VM_ACCOUNT;
		}
	}
	if (v->ops && v->ops->mprotect) {
		err = v->ops->mprotect(v, flags);
		if (err)
			goto out;
	}
	err = -ENOMEM;
	if (pt_unshare_range(m, start, end))
		goto out;
	if (start > v->start) {
		if (vma_split(v, start))
			goto out;
		v = vma_next(v);
	}
	if (end < v->end && vma_split(v, end)) {
		vma_merge_around(v);
		goto out;
	}
	vm_account(m, v->flags, -(s64)nr);
	v->flags = flags;
	vm_account(m, flags, nr);
	vma_set_prot(v);
	protect_range(m, v, start, end);
	*vp = vma_merge_around(v);
	return 0;
out:
	if (charged)
		commit_uncharge(charged);
	return err;
}

int
mm_mprotect(struct mm *m, vaddr_t addr, size_t len, int prot)
{
	int grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	vaddr_t end, at;
	struct vma *v;
	int err = 0;

	prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) ||
	    !IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	if (!len)
		return 0;
	end = addr + ALIGN_UP(len, PAGE_SIZE);
	if (ALIGN_UP(len, PAGE_SIZE) < len || end <= addr)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;

	rwsem_write_lock(&m->mmap_lock);
	v = vma_find(m, addr);
	err = -ENOMEM;
	if (!v)
		goto out;
	if (grows & PROT_GROWSDOWN) {
		if (v->start >= end)
			goto out;
		err = -EINVAL;
		if (!(v->flags & VM_GROWSDOWN))
			goto out;
		addr = v->start;
	} else {
		if (v->start > addr)
			goto out;
		err = -EINVAL;
		if (grows & PROT_GROWSUP)
			goto out;
	}
	err = 0;
	for (at = addr; at < end && !err;) {
		vaddr_t stop;

		if (!v || v->start > at) {
			err = -ENOMEM;
			break;
		}
		stop = min(v->end, end);
		err = protect_vma(m, &v, at, stop, prot_to_flags(prot));
		at = stop;
		if (v->end <= at)
			v = vma_next(v);
	}
out:
	rwsem_write_unlock(&m->mmap_lock);
	return err;
}
