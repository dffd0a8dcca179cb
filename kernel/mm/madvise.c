/* SPDX-License-Identifier: MIT */
/*
 * madvise(2). Advice that changes what memory holds (DONTNEED, FREE, the fork
 * and dump flags, POPULATE) is done; hints that only steer caching set the flag
 * that read-ahead looks at, or do nothing. MADV_FREE frees at once, which its
 * contract allows. What Linux offers only with KSM or memory failure support
 * gives EINVAL, as there without them.
 */
#include <abi/errno.h>
#include <abi/mman.h>
#include <sched/sched.h>

#include "internal.h"

#define WILLNEED_MAX	256		/* pages */

/* what an advice does to flags: 0 when it is none of these */
static int
advice_flags(int advice, unsigned long *set, unsigned long *clear)
{
	*set = 0;
	*clear = 0;
	switch (advice) {
	case MADV_NORMAL:
		*clear = VM_SEQ_READ | VM_RAND_READ;
		return 1;
	case MADV_RANDOM:
		*set = VM_RAND_READ;
		*clear = VM_SEQ_READ;
		return 1;
	case MADV_SEQUENTIAL:
		*set = VM_SEQ_READ;
		*clear = VM_RAND_READ;
		return 1;
	case MADV_DONTFORK:
		*set = VM_DONTCOPY;
		return 1;
	case MADV_DOFORK:
		*clear = VM_DONTCOPY;
		return 1;
	case MADV_DONTDUMP:
		*set = VM_DONTDUMP;
		return 1;
	case MADV_DODUMP:
		*clear = VM_DONTDUMP;
		return 1;
	case MADV_WIPEONFORK:
		*set = VM_WIPEONFORK;
		return 1;
	case MADV_HUGEPAGE:
		*set = VM_HUGEPAGE;
		*clear = VM_NOHUGEPAGE;
		return 1;
	case MADV_NOHUGEPAGE:
		*set = VM_NOHUGEPAGE;
		*clear = VM_HUGEPAGE;
		return 1;
	case MADV_KEEPONFORK:
		*clear = VM_WIPEONFORK;
		return 1;
	}
	return 0;
}

/* v becomes the VMA of exactly [start, end) with the flags: then merged */
static int
set_flags(struct vma **vp, vaddr_t start, vaddr_t end, unsigned long flags)
{
	struct vma *v = *vp;

	if (flags == v->flags)
		return 0;
	if (start > v->start) {
		if (vma_split(v, start))
			return -EAGAIN;
		v = vma_next(v);
	}
	if (end < v->end && vma_split(v, end))
		return -EAGAIN;
	v->flags = flags;
	*vp = vma_merge_around(v);
	return 0;
}

static int
dont_need(struct mm *m, vaddr_t start, vaddr_t end)
{
	struct tlb_gather g;

	if (pt_unshare_edges(m, start, end))
		return -ENOMEM;
	gather_init(&g, m, false);
	zap_range(&g, start, end);
	gather_flush(&g);
	return 0;
}

static int
will_need(struct vma *v, vaddr_t start, vaddr_t end)
{
	if (!v->ops)
		return 0;
	if (!v->mapping || !v->ops->fault)
		return -EBADF;
	end = min(end, start + WILLNEED_MAX * PAGE_SIZE);
	for (; start < end; start += PAGE_SIZE) {
		struct vm_fault vf = {
			.vma = v, .addr = start,
			.pgoff = v->pgoff + ((start - v->start) >> PAGE_SHIFT),
		};

		if (v->ops->fault(&vf))
			break;
		page_put(vf.page);
		cond_resched();
	}
	return 0;
}

/* a hole in the file, mmap_lock dropped meanwhile: it is below the inode's */
static int
remove(struct mm *m, struct vma *v, vaddr_t start, vaddr_t end)
{
	struct vma own;
	int err;

	if (v->flags & VM_LOCKED || !v->mapping)
		return -EINVAL;
	if (!(v->flags & VM_SHARED) || !(v->flags & VM_MAYWRITE))
		return -EACCES;
	if (!v->ops->punch)
		return -EOPNOTSUPP;
	own = *v;
	own.ops->open(&own);
	rwsem_read_unlock(&m->mmap_lock);
	err = own.ops->punch(&own, (own.pgoff << PAGE_SHIFT) +
			     (start - own.start), end - start);
	own.ops->close(&own);
	rwsem_read_lock(&m->mmap_lock);
	return err;
}

static int
populate(struct mm *m, struct vma *v, vaddr_t start, vaddr_t end, bool write)
{
	if (v->flags & VM_PFNMAP)
		return -EINVAL;
	if (!(v->flags & (write ? VM_WRITE :
			  VM_READ | VM_WRITE | VM_EXEC)))
		return -EINVAL;
	for (; start < end; start += PAGE_SIZE) {
		int err = fault_in(m, v, start, write ? FAULT_WRITE : 0);

		if (err)
			return err == -ENOMEM ? -ENOMEM : -EFAULT;
		if (signal_pending_current())
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int
advise_vma(struct mm *m, struct vma **vp, vaddr_t start, vaddr_t end,
	   int advice)
{
	struct vma *v = *vp;
	unsigned long set, clear;

	if (advice_flags(advice, &set, &clear)) {
		if (advice == MADV_WIPEONFORK &&
		    (v->ops || (v->flags & VM_SHARED)))
			return -EINVAL;
		if (advice == MADV_DODUMP && (v->flags & VM_SPECIAL))
			return -EINVAL;
		return set_flags(vp, start, end, (v->flags & ~clear) | set);
	}
	switch (advice) {
	case MADV_DONTNEED:
		if (v->flags & (VM_LOCKED | VM_PFNMAP))
			return -EINVAL;
		return dont_need(m, start, end);
	case MADV_DONTNEED_LOCKED:
		if (v->flags & VM_PFNMAP)
			return -EINVAL;
		return dont_need(m, start, end);
	case MADV_FREE:
		if (v->ops || (v->flags & (VM_LOCKED | VM_PFNMAP)))
			return -EINVAL;
		return dont_need(m, start, end);
	case MADV_REMOVE:
		return remove(m, v, start, end);
	case MADV_WILLNEED:
		return will_need(v, start, end);
	case MADV_COLD:
	case MADV_PAGEOUT:
		return v->flags & (VM_LOCKED | VM_PFNMAP) ? -EINVAL : 0;
	case MADV_POPULATE_READ:
		return populate(m, v, start, end, false);
	case MADV_POPULATE_WRITE:
		return populate(m, v, start, end, true);
	}
	return -EINVAL;
}

static bool
advice_known(int advice)
{
	unsigned long s, c;

	if (advice_flags(advice, &s, &c))
		return true;
	switch (advice) {
	case MADV_DONTNEED: case MADV_DONTNEED_LOCKED: case MADV_FREE:
	case MADV_REMOVE: case MADV_WILLNEED: case MADV_COLD:
	case MADV_PAGEOUT: case MADV_POPULATE_READ: case MADV_POPULATE_WRITE:
		return true;
	}
	return false;
}

int
mm_madvise(struct mm *m, vaddr_t addr, size_t len, int advice)
{
	unsigned long s, c;
	bool write = advice_flags(advice, &s, &c);
	vaddr_t end, at;
	struct vma *v;
	int err = 0, hole = 0;

	if (!advice_known(advice) || !IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	end = ALIGN_UP(len, PAGE_SIZE);
	if (end < len || add_overflow(end, addr, &end))
		return -EINVAL;
	if (end == addr)
		return 0;
	if (write)
		rwsem_write_lock(&m->mmap_lock);
	else
		rwsem_read_lock(&m->mmap_lock);
	for (at = addr, v = vma_find(m, at); at < end && !err;) {
		vaddr_t stop;

		if (!v || v->start >= end) {
			hole = -ENOMEM;
			break;
		}
		if (v->start > at) {
			hole = -ENOMEM;
			at = v->start;
			if (advice == MADV_POPULATE_READ ||
			    advice == MADV_POPULATE_WRITE)
				break;
		}
		stop = min(v->end, end);
		err = advise_vma(m, &v, at, stop, advice);
		at = stop;
		if (advice == MADV_REMOVE)
			v = vma_find(m, at);	/* v may be gone */
		else if (v->end <= at)
			v = vma_next(v);
	}
	if (write)
		rwsem_write_unlock(&m->mmap_lock);
	else
		rwsem_read_unlock(&m->mmap_lock);
	return err ? err : hole;
}

int
mm_reap(struct mm *m)
{
	struct vma *v;
	int err = 0;

	rwsem_read_lock(&m->mmap_lock);
	mm_for_each_vma(m, v) {
		if ((v->flags & VM_PFNMAP) ||
		    (v->ops && (v->flags & VM_SHARED)))
			continue;
		err = dont_need(m, v->start, v->end);
		if (!err && fatal_signal_pending_current())
			err = -EINTR;
		if (err)
			break;
		cond_resched();
	}
	rwsem_read_unlock(&m->mmap_lock);
	return err;
}
