/* SPDX-License-Identifier: MIT */
/*
 * mremap(2): shrink, grow in place, or move. A move makes the new VMA, takes
 * the page-table entries over (whole tables where both ends allow), and then
 * unmaps the old place. If a table cannot be had half way, the entries go
 * back, for which the tables are still there.
 */
#include <abi/errno.h>
#include <abi/mman.h>

#include "internal.h"

struct remap {
	struct mm *m;
	vaddr_t old;
	size_t old_len, new_len;	/* whole pages */
	int flags;
	struct list_head dead;
	bool populate;			/* [from, from + grown) when locked */
	vaddr_t grown_at;
};

/* the VMA, if it allows the change; else NULL and *err */
static struct vma *
check(struct remap *r, int *err)
{
	struct mm *m = r->m;
	struct vma *v = vma_find(m, r->old);
	u64 more, pgoff;

	*err = -EFAULT;
	if (!v || v->start > r->old)
		return NULL;
	*err = -EINVAL;
	if (!r->old_len && !(v->flags & (VM_SHARED | VM_MAYSHARE)))
		return NULL;
	if ((r->flags & MREMAP_DONTUNMAP) &&
	    (v->flags & (VM_DONTEXPAND | VM_PFNMAP)))
		return NULL;
	*err = -EFAULT;
	if (r->old_len > v->end - r->old)
		return NULL;
	if (r->new_len == r->old_len)
		return v;
	*err = -EINVAL;
	pgoff = v->pgoff + ((r->old - v->start) >> PAGE_SHIFT);
	if (v->file && pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return NULL;
	*err = -EFAULT;
	if (v->flags & (VM_DONTEXPAND | VM_PFNMAP))
		return NULL;
	more = (r->new_len - r->old_len) >> PAGE_SHIFT;
	if ((v->flags & VM_LOCKED) && !may_mlock(m, more, err)) {
		*err = -EAGAIN;
		return NULL;
	}
	*err = -ENOMEM;
	return may_expand(m, v->flags, more) ? v : NULL;
}

static int
move(struct remap *r, struct vma *v, vaddr_t to)
{
	u64 nr = r->new_len >> PAGE_SHIFT;
	size_t take = min(r->old_len, r->new_len), moved;
	struct mm *m = r->m;
	struct vma *n, *prev;
	int err = -ENOMEM;

	if ((int)m->nr_vmas >= max_map_count - 3)
		return -ENOMEM;
	if ((v->flags & VM_ACCOUNT) && commit_charge(m, nr))
		return -ENOMEM;
	n = slab_alloc(vma_cache_slab, GFP_KERNEL);
	if (!n)
		goto out_commit;
	*n = *v;
	list_init(&n->map_link);
	n->start = to;
	n->end = to + r->new_len;
	n->pgoff = v->file ? v->pgoff + ((r->old - v->start) >> PAGE_SHIFT) :
		to >> PAGE_SHIFT;
	if (n->ops && n->ops->open)
		n->ops->open(n);
	vma_find_prev(m, to, &prev);
	vma_insert(m, n, prev);
	err = move_tables(v, r->old, to, take, &moved);
	if (err) {
		ASSERT(!move_tables(n, to, r->old, moved, &moved));
		vma_erase(m, n);
		list_add_tail(&n->map_link, &r->dead);
		goto out_commit;
	}
	vm_account(m, n->flags, nr);
	if (!(r->flags & MREMAP_DONTUNMAP) && r->old_len)
		err = munmap_locked(m, r->old, r->old_len, &r->dead);
	n = vma_find(m, to);
	r->populate = (n->flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;
	r->grown_at = to + take;
	vma_merge_around(n);
	return err;

out_commit:
	if (v->flags & VM_ACCOUNT)
		commit_uncharge(nr);
	return err;
}

/* MREMAP_FIXED or DONTUNMAP: to a place of the caller's or of our choice */
static int
remap_to(struct remap *r, vaddr_t to, vaddr_t *out)
{
	struct mm *m = r->m;
	struct vma *v;
	int err;

	if (r->flags & MREMAP_FIXED) {
		if (!IS_ALIGNED(to, PAGE_SIZE) || r->new_len > USER_MAX ||
		    to > USER_MAX - r->new_len)
			return -EINVAL;
		if (to < r->old + r->old_len && r->old < to + r->new_len)
			return -EINVAL;
		if ((int)m->nr_vmas + 2 >= max_map_count - 3)
			return -ENOMEM;
		if (to < mmap_min_addr)
			return -EPERM;
		err = munmap_locked(m, to, r->new_len, &r->dead);
		if (err)
			return err;
	}
	if (r->old_len > r->new_len) {
		err = munmap_locked(m, r->old + r->new_len,
				    r->old_len - r->new_len, &r->dead);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	v = check(r, &err);
	if (!v)
		return err;
	if (!(r->flags & MREMAP_FIXED)) {
		err = get_unmapped(m, to, r->new_len, 0, &to);
		if (err)
			return err;
	}
	err = move(r, v, to);
	*out = to;
	return err;
}

/* can v grow by `more` bytes where it ends? */
static bool
grow_in_place(struct mm *m, struct vma *v, size_t more)
{
	struct vma *next = vma_next(v);
	vaddr_t end;
	u64 nr = more >> PAGE_SHIFT;

	if (add_overflow(v->end, more, &end) || end > USER_MAX)
		return false;
	if (next && next->start - v->end < more)
		return false;
	if (next && (next->flags & VM_GROWSDOWN) && next->hole < more)
		return false;
	if ((v->flags & VM_ACCOUNT) && commit_charge(m, nr))
		return false;
	vma_resize(v, v->start, end);
	vm_account(m, v->flags, nr);
	return true;
}

static int
remap_here(struct remap *r, vaddr_t *out)
{
	struct mm *m = r->m;
	struct vma *v;
	int err;

	*out = r->old;
	if (r->old_len >= r->new_len) {
		v = vma_find(m, r->old);
		if (!v || v->start > r->old)
			return -EFAULT;
		if (r->old_len == r->new_len)
			return r->old_len > v->end - r->old ? -EFAULT : 0;
		return munmap_locked(m, r->old + r->new_len,
				     r->old_len - r->new_len, &r->dead);
	}
	v = check(r, &err);
	if (!v)
		return err;
	if (r->old_len && r->old_len == v->end - r->old &&
	    grow_in_place(m, v, r->new_len - r->old_len)) {
		r->populate = (v->flags & (VM_LOCKED | VM_LOCKONFAULT)) ==
			VM_LOCKED;
		r->grown_at = r->old + r->old_len;
		vma_merge_around(v);
		return 0;
	}
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	err = get_unmapped(m, 0, r->new_len, 0, out);
	return err ? err : move(r, v, *out);
}

int
mm_mremap(struct mm *m, vaddr_t old, size_t old_len, size_t new_len,
	  int flags, vaddr_t new_addr, vaddr_t *out)
{
	struct remap r = {
		.m = m, .old = old, .flags = flags,
		.old_len = ALIGN_UP(old_len, PAGE_SIZE),
		.new_len = ALIGN_UP(new_len, PAGE_SIZE),
	};
	int err;

	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) &&
	    !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (!IS_ALIGNED(old, PAGE_SIZE) || !r.new_len ||
	    (r.old_len < old_len) ||
	    ((flags & MREMAP_DONTUNMAP) && r.old_len != r.new_len))
		return -EINVAL;
	if (old > USER_MAX || r.old_len > USER_MAX - old)
		return -EFAULT;
	list_init(&r.dead);
	rwsem_write_lock(&m->mmap_lock);
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		err = remap_to(&r, new_addr, out);
	else
		err = remap_here(&r, out);
	rwsem_write_unlock(&m->mmap_lock);
	vmas_release(&r.dead);
	if (!err && r.populate && r.grown_at < *out + r.new_len)
		mm_populate(m, r.grown_at, *out + r.new_len - r.grown_at, true);
	return err;
}
