/* SPDX-License-Identifier: MIT */
/*
 * The set of VMAs of an address space: a red-black tree by address.
 *
 * Each VMA knows the free bytes before it (hole) and the largest hole in its
 * subtree (gap), so the highest fitting hole is found without looking at every
 * VMA. The hole before a stack leaves out the guard gap.
 *
 * Changes need mmap_lock held for writing; one exception: a stack grows with
 * the lock held for reading, under page_table_lock, which is safe as it only
 * lowers start and changes hole and gap, which readers do not use.
 *
 * start, end and pgoff of a file's VMA change under its i_mmap lock too, as
 * rmap.c computes addresses from them. A page that is mapped must be in some
 * VMA on i_mmap at all times, or a truncation meanwhile leaves it mapped: so
 * in a split or a merge both VMAs have the range for a moment.
 */
#include <abi/errno.h>
#include <abi/mman.h>

#include "internal.h"

#define vm(n)	rb_entry(n, struct vma, node)

struct slab_cache *vma_cache_slab;

/* ---- the augmented tree ---- */

static inline vaddr_t
gap_of(const struct vma *v)
{
	vaddr_t g = v->hole;

	if (v->node.left)
		g = max(g, vm(v->node.left)->gap);
	if (v->node.right)
		g = max(g, vm(v->node.right)->gap);
	return g;
}

static void
gap_propagate(struct rb_node *n, struct rb_node *stop)
{
	while (n != stop) {
		vaddr_t g = gap_of(vm(n));

		if (vm(n)->gap == g)
			break;
		vm(n)->gap = g;
		n = rb_parent(n);
	}
}

static void
gap_copy(struct rb_node *from, struct rb_node *to)
{
	vm(to)->gap = vm(from)->gap;
}

static void
gap_rotate(struct rb_node *from, struct rb_node *to)
{
	vm(to)->gap = vm(from)->gap;
	vm(from)->gap = gap_of(vm(from));
}

static const struct rb_augment_ops gap_ops = {
	.propagate = gap_propagate, .copy = gap_copy, .rotate = gap_rotate,
};

static inline vaddr_t
start_with_guard(const struct vma *v)
{
	if (!(v->flags & VM_GROWSDOWN))
		return v->start;
	return v->start > STACK_GAP ? v->start - STACK_GAP : 0;
}

static inline vaddr_t
hole_of(const struct vma *v, const struct vma *prev)
{
	vaddr_t from = prev ? prev->end : 0, to = start_with_guard(v);

	return to > from ? to - from : 0;
}

static inline void
set_hole(struct vma *v, const struct vma *prev)
{
	v->hole = hole_of(v, prev);
	gap_propagate(&v->node, NULL);
}

/* ---- lookup ---- */

struct vma *
vma_find(struct mm *m, vaddr_t addr)
{
	struct vma *v = READ_ONCE(m->vma_cache), *best = NULL;
	struct rb_node *n;

	if (v && v->start <= addr && addr < v->end)
		return v;
	for (n = m->vmas.node; n;) {
		v = vm(n);
		if (v->end > addr) {
			best = v;
			if (v->start <= addr) {
				WRITE_ONCE(m->vma_cache, v);
				break;
			}
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

struct vma *
vma_next(struct vma *v)
{
	return rb_entry_safe(rb_next(&v->node), struct vma, node);
}

struct vma *
vma_prev(struct vma *v)
{
	return rb_entry_safe(rb_prev(&v->node), struct vma, node);
}

struct vma *
vma_find_prev(struct mm *m, vaddr_t addr, struct vma **prev)
{
	struct vma *best = NULL, *before = NULL;
	struct rb_node *n = m->vmas.node;

	while (n) {
		struct vma *v = vm(n);

		if (v->end > addr) {
			best = v;
			n = n->left;
		} else {
			before = v;
			n = n->right;
		}
	}
	*prev = before;
	return best;
}

/* ---- change ---- */

struct vma *
vma_alloc(struct mm *m)
{
	struct vma *v = slab_alloc(vma_cache_slab, GFP_KERNEL | GFP_ZERO);

	if (v) {
		v->mm = m;
		list_init(&v->map_link);
	}
	return v;
}

void
vma_free(struct vma *v)
{
	slab_free(vma_cache_slab, v);
}

void
vma_set_prot(struct vma *v)
{
	u64 bits = PTE_U | PTE_A;

	if (v->flags & (VM_READ | VM_WRITE | VM_EXEC))
		bits |= PTE_P;
	else
		bits |= PTE_NOACC;
	if (!(v->flags & VM_EXEC))
		bits |= pte_nx;
	v->prot_bits = bits;
}

void
vma_link_file(struct vma *v)
{
	struct aspace *a = v->mapping;

	if (!a)
		return;
	spin_lock(&a->mmap_lock);
	list_add_tail(&v->map_link, &a->i_mmap);
	spin_unlock(&a->mmap_lock);
}

void
vma_unlink_file(struct vma *v)
{
	struct aspace *a = v->mapping;

	if (!a)
		return;
	spin_lock(&a->mmap_lock);
	list_del_init(&v->map_link);
	spin_unlock(&a->mmap_lock);
}

void
vma_insert(struct mm *m, struct vma *v, struct vma *prev)
{
	struct rb_node **link, *parent;
	struct vma *next;

	if (!prev) {
		parent = NULL;
		link = &m->vmas.node;
	} else {
		parent = &prev->node;
		link = &parent->right;
	}
	while (*link) {
		parent = *link;
		link = &parent->left;
	}
	v->hole = hole_of(v, prev);
	v->gap = v->hole;
	rb_link_node(&v->node, parent, link);
	if (parent)
		gap_propagate(parent, NULL);
	rb_insert_augmented(&v->node, &m->vmas, &gap_ops);
	m->nr_vmas++;
	next = vma_next(v);
	if (next)
		set_hole(next, v);
	vma_link_file(v);
}

void
vma_erase(struct mm *m, struct vma *v)
{
	struct vma *prev = vma_prev(v), *next = vma_next(v);

	vma_unlink_file(v);
	m->vma_cache = NULL;
	rb_erase_augmented(&v->node, &m->vmas, &gap_ops);
	m->nr_vmas--;
	if (next)
		set_hole(next, prev);
}

void
vma_resize(struct vma *v, vaddr_t start, vaddr_t end)
{
	struct aspace *a = v->mapping;
	struct vma *n;

	if (a)
		spin_lock(&a->mmap_lock);
	if (v->file)
		v->pgoff += (s64)(start - v->start) >> PAGE_SHIFT;
	if (v->start != start) {
		v->start = start;
		set_hole(v, vma_prev(v));
	}
	if (v->end != end) {
		v->end = end;
		n = vma_next(v);
		if (n)
			set_hole(n, v);
	}
	if (a)
		spin_unlock(&a->mmap_lock);
}

int
vma_split(struct vma *v, vaddr_t addr)
{
	struct mm *m = v->mm;
	struct vma *n;

	if ((int)m->nr_vmas >= max_map_count)
		return -ENOMEM;
	if (v->end - v->start >= PT_SPAN && !v->ops && v->has_anon &&
	    thp_split_at(m, addr))
		return -ENOMEM;
	n = slab_alloc(vma_cache_slab, GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	*n = *v;
	list_init(&n->map_link);
	n->start = addr;
	if (v->file)
		n->pgoff += (addr - v->start) >> PAGE_SHIFT;
	if (n->ops && n->ops->open)
		n->ops->open(n);
	vma_insert(m, n, v);
	if (v->mapping)
		spin_lock(&v->mapping->mmap_lock);
	v->end = addr;
	if (v->mapping)
		spin_unlock(&v->mapping->mmap_lock);
	return 0;
}

/* ---- merging ---- */

static bool
attr_match(const struct vma *v, const struct vma_attr *a)
{
	if (v->flags != a->flags || v->file != a->file || v->ops != a->ops ||
	    v->mapping != a->mapping || v->private != a->private)
		return false;
	if (a->ops && a->ops->no_merge)
		return false;
	return !(a->flags & (VM_GROWSDOWN | VM_SPECIAL | VM_PFNMAP));
}

static inline bool
can_append(const struct vma *prev, vaddr_t start, const struct vma_attr *a)
{
	return prev && prev->end == start && attr_match(prev, a) &&
		(!a->file || prev->pgoff +
		 ((start - prev->start) >> PAGE_SHIFT) == a->pgoff);
}

static inline bool
can_prepend(const struct vma *next, vaddr_t start, vaddr_t end,
	    const struct vma_attr *a)
{
	return next && next->start == end && attr_match(next, a) &&
		(!a->file || next->pgoff ==
		 a->pgoff + ((end - start) >> PAGE_SHIFT));
}

/* v's range is now its neighbour's too, which has a file reference of its own */
static void
absorb(struct mm *m, struct vma *v, struct vma *by)
{
	by->has_anon |= v->has_anon;
	vma_erase(m, v);
	if (v->ops && v->ops->close)
		v->ops->close(v);
	vma_free(v);
}

struct vma *
vma_merge_new(struct mm *m, struct vma *prev, struct vma *next, vaddr_t start,
	      vaddr_t end, const struct vma_attr *a)
{
	if (can_append(prev, start, a)) {
		if (can_prepend(next, start, end, a)) {
			vma_resize(prev, prev->start, next->end);
			absorb(m, next, prev);
			return prev;
		}
		vma_resize(prev, prev->start, end);
		return prev;
	}
	if (can_prepend(next, start, end, a)) {
		vma_resize(next, start, next->end);
		return next;
	}
	return NULL;
}

struct vma *
vma_merge_around(struct vma *v)
{
	struct vma_attr a = {
		.flags = v->flags, .file = v->file, .mapping = v->mapping,
		.ops = v->ops, .private = v->private, .pgoff = v->pgoff,
	};
	struct mm *m = v->mm;
	struct vma *prev = vma_prev(v), *next = vma_next(v);

	if (can_prepend(next, v->start, v->end, &a)) {
		vma_resize(v, v->start, next->end);
		absorb(m, next, v);
	}
	if (can_append(prev, v->start, &a)) {
		vma_resize(prev, prev->start, v->end);
		absorb(m, v, prev);
		return prev;
	}
	return v;
}

/* ---- finding room ---- */

/* nearest VMA before n (in order) whose hole is at least len */
static struct vma *
prev_with_hole(struct rb_node *n, vaddr_t len)
{
	struct rb_node *p;

	if (n->left && vm(n->left)->gap >= len) {
		n = n->left;
		goto descend;
	}
	for (;;) {
		for (p = rb_parent(n); p && p->left == n; p = rb_parent(n))
			n = p;
		if (!p)
			return NULL;
		n = p;
		if (vm(n)->hole >= len)
			return vm(n);
		if (n->left && vm(n->left)->gap >= len) {
			n = n->left;
			break;
		}
	}
descend:
	for (;;) {
		if (n->right && vm(n->right)->gap >= len)
			n = n->right;
		else if (vm(n)->hole >= len)
			return vm(n);
		else
			n = n->left;
	}
}

/* place of len bytes at the top of [from, to) cut to [low, high), or 0 */
static inline vaddr_t
place(vaddr_t from, vaddr_t to, vaddr_t low, vaddr_t high, vaddr_t len)
{
	from = max(from, low);
	to = min(to, high);
	return to > from && to - from >= len ? to - len : 0;
}

static vaddr_t
find_top_down(struct mm *m, vaddr_t len, vaddr_t low, vaddr_t high)
{
	struct rb_node *last;
	struct vma *v = NULL, *prev;
	vaddr_t at;

	v = vma_find_prev(m, high, &prev);
	at = place(prev ? prev->end : 0, v ? start_with_guard(v) : USER_MAX,
		   low, high, len);
	if (at)
		return at;
	if (v) {
		v = prev_with_hole(&v->node, len);
	} else {
		last = prev ? &prev->node : NULL;
		if (!last)
			return 0;
		v = prev->hole >= len ? prev : prev_with_hole(last, len);
	}
	if (!v)
		return 0;
	at = start_with_guard(v);
	return place(at - v->hole, at, low, high, len);
}

static vaddr_t
find_bottom_up(struct mm *m, vaddr_t len, vaddr_t low, vaddr_t high)
{
	vaddr_t at = low;

	for (struct vma *v = vma_find(m, low); v; v = vma_next(v)) {
		vaddr_t to = start_with_guard(v);

		if (to > at && to - at >= len)
			break;
		at = max(at, v->end);
	}
	return at <= high && high - at >= len ? at : 0;
}

int
get_unmapped(struct mm *m, vaddr_t hint, size_t len, int flags, vaddr_t *out)
{
	vaddr_t low = max(mmap_min_addr, USER_MIN), at;
	struct vma *v, *prev;

	if (len > USER_MAX - low)
		return -ENOMEM;
	if (hint && !(flags & MAP_32BIT)) {
		at = hint & PAGE_MASK;
		if (hint != at && at < USER_MAX)
			at += PAGE_SIZE;
		at = max(at, low);
		if (at <= USER_MAX - len) {
			v = vma_find_prev(m, at, &prev);
			if (!v || at + len <= start_with_guard(v)) {
				*out = at;
				return 0;
			}
		}
	}
	if (flags & MAP_32BIT) {
		at = find_bottom_up(m, len, 0x40000000, 0x80000000);
	} else {
		at = find_top_down(m, len, low, m->mmap_base);
		if (!at)
			at = find_bottom_up(m, len, m->mmap_base, USER_MAX);
	}
	if (!at)
		return -ENOMEM;
	*out = at;
	return 0;
}

/* ---- stacks ---- */

int
vma_expand_stack(struct vma *v, vaddr_t addr)
{
	struct mm *m = v->mm;
	struct mm_limits lim;
	struct vma *prev;
	u64 grow;
	int err;

	if (addr < max(mmap_min_addr, USER_MIN))
		return -ENOMEM;
	prev = vma_prev(v);
	if (prev && !(prev->flags & VM_GROWSDOWN) &&
	    (prev->flags & (VM_READ | VM_WRITE | VM_EXEC)) &&
	    addr - prev->end < STACK_GAP)
		return -ENOMEM;
	if (prev && addr < prev->end)
		return -ENOMEM;
	task_mm_limits(&lim);
	if (v->end - addr > lim.stack)
		return -ENOMEM;
	grow = (v->start - addr) >> PAGE_SHIFT;
	if (!may_expand(m, v->flags, grow))
		return -ENOMEM;
	if ((v->flags & VM_LOCKED) && !may_mlock(m, grow, &err))
		return -ENOMEM;
	if ((v->flags & VM_ACCOUNT) && commit_charge(m, grow))
		return -ENOMEM;
	spin_lock(&m->page_table_lock);
	if (addr < v->start) {
		/* another thread may have grown it meanwhile: count the rest */
		u64 left = (v->start - addr) >> PAGE_SHIFT;

		if (v->flags & VM_ACCOUNT)
			commit_uncharge(grow - left);
		vm_account(m, v->flags, left);
		v->start = addr;
		set_hole(v, prev);
	} else if (v->flags & VM_ACCOUNT) {
		commit_uncharge(grow);
	}
	spin_unlock(&m->page_table_lock);
	return 0;
}
