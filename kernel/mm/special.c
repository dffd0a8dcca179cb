/* SPDX-License-Identifier: MIT */
/*
 * Mappings of given frames (vDSO, vvar). The frames are put in on first
 * touch, so a program that never calls the vDSO pays nothing for it, nor does
 * fork.
 */
#include <abi/errno.h>
#include <lib/string.h>

#include "internal.h"

struct special {
	struct refcount count;		/* VMAs */
	const char *name;		/* I: static */
	unsigned int n;			/* I */
	paddr_t frames[];		/* I */
};

static void
special_open(struct vma *v)
{
	struct special *s = v->private;

	refcount_get(&s->count);
}

static void
special_close(struct vma *v)
{
	struct special *s = v->private;

	if (refcount_put(&s->count))
		kfree(s);
}

static int
special_frame(struct vma *v, u64 pgoff, paddr_t *pa, u64 *cache)
{
	const struct special *s = v->private;

	if (pgoff >= s->n)
		return -EFAULT;
	*pa = s->frames[pgoff];
	*cache = PTE_CACHE_WB;
	return 0;
}

static const char *
special_name(struct vma *v)
{
	const struct special *s = v->private;

	return s->name;
}

const struct vm_ops special_vm_ops = {
	.open = special_open, .close = special_close, .frame = special_frame,
	.name = special_name,
};

int
mm_special_map(struct mm *m, vaddr_t addr, const paddr_t *frames,
	       unsigned int n, unsigned long vm_flags, const char *name)
{
	vaddr_t end = addr + n * PAGE_SIZE;
	struct vma *v, *prev, *next;
	struct special *s;
	int err = -ENOMEM;

	if (!n || n > 64 || !IS_ALIGNED(addr, PAGE_SIZE) || end <= addr ||
	    end > USER_MAX)
		return -EINVAL;
	s = kmalloc(sizeof(*s) + n * sizeof(paddr_t), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	refcount_set(&s->count, 1);
	s->name = name;
	s->n = n;
	memcpy(s->frames, frames, n * sizeof(paddr_t));
	v = vma_alloc(m);
	if (!v)
		goto out_special;
	v->start = addr;
	v->end = end;
	v->flags = vm_flags | VM_SPECIAL | VM_PFNMAP | VM_DONTEXPAND;
	v->ops = &special_vm_ops;
	v->private = s;
	vma_set_prot(v);
	rwsem_write_lock(&m->mmap_lock);
	next = vma_find_prev(m, addr, &prev);
	if (next && next->start < end) {
		rwsem_write_unlock(&m->mmap_lock);
		goto out_vma;
	}
	vma_insert(m, v, prev);
	vm_account(m, v->flags, n);
	rwsem_write_unlock(&m->mmap_lock);
	return 0;

out_vma:
	vma_free(v);
out_special:
	kfree(s);
	return err;
}
