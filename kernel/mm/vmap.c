/* SPDX-License-Identifier: MIT */
/*
 * The vmap area: virtual addresses for what has no place in the direct map.
 *
 * Free address ranges are nodes of a red-black tree by address in which each
 * node knows the longest range of its subtree, so the lowest fit is found in
 * one descent. Each area is followed by one page that is never mapped, which
 * also guards the bottom of the area above it (a kernel stack).
 *
 * vmalloc remembers its areas in a second tree, as vfree is not told lengths.
 *
 * If there is no memory for a node when an area is freed, its addresses are
 * lost; there are 512 GiB of them.
 *
 * Locking: vmap_lock (rank vmap) for both trees. Mapping itself is arch's.
 */
#include <lib/rbtree.h>
#include <lib/string.h>
#include <mm/vmap.h>
#include <sched/sched.h>

#include "internal.h"

struct free_range {
	struct rb_node node;
	vaddr_t start, len;
	vaddr_t longest;		/* in the subtree */
};

struct vm_area {
	struct rb_node node;
	vaddr_t start;
	size_t len;
};

/* paging_init() made one top-level entry's table that every mm has */
#define AREA_END	(VMAP_BASE + (1UL << PT_SHIFT(3)))

static struct spinlock vmap_lock = SPINLOCK_INIT(RANK_VMAP);
static struct rb_root free_root, area_root;
static struct free_range whole = {
	.start = VMAP_BASE + PAGE_SIZE,
	.len = AREA_END - VMAP_BASE - PAGE_SIZE,
};
static bool ready;

#define fr(n)	rb_entry(n, struct free_range, node)

static vaddr_t
longest_of(struct free_range *r)
{
	vaddr_t m = r->len;

	if (r->node.left)
		m = max(m, fr(r->node.left)->longest);
	if (r->node.right)
		m = max(m, fr(r->node.right)->longest);
	return m;
}

static void
free_propagate(struct rb_node *n, struct rb_node *stop)
{
	while (n != stop) {
		vaddr_t m = longest_of(fr(n));

		if (fr(n)->longest == m)
			break;
		fr(n)->longest = m;
		n = rb_parent(n);
	}
}

static void
free_copy(struct rb_node *from, struct rb_node *to)
{
	fr(to)->longest = fr(from)->longest;
}

static void
free_rotate(struct rb_node *from, struct rb_node *to)
{
	fr(to)->longest = fr(from)->longest;
	fr(from)->longest = longest_of(fr(from));
}

static const struct rb_augment_ops free_aug = {
	.propagate = free_propagate, .copy = free_copy, .rotate = free_rotate,
};

static void
free_insert(struct free_range *r)
{
	struct rb_node **link = &free_root.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = r->start < fr(parent)->start ? &parent->left :
			&parent->right;
	}
	r->longest = r->len;
	rb_link_node(&r->node, parent, link);
	if (parent)
		free_propagate(parent, NULL);
	rb_insert_augmented(&r->node, &free_root, &free_aug);
}

static void
free_changed(struct free_range *r)
{
	free_propagate(&r->node, NULL);
}

/* room for len at align in r: the start, or 0 */
static vaddr_t
fit(const struct free_range *r, size_t len, size_t align)
{
	vaddr_t at = ALIGN_UP(r->start, align);

	return at + len <= r->start + r->len ? at : 0;
}

/* lowest range that surely fits: len plus what alignment may cost */
static struct free_range *
find_fit(size_t need)
{
	struct rb_node *n = free_root.node;

	if (!n || fr(n)->longest < need)
		return NULL;
	for (;;) {
		if (n->left && fr(n->left)->longest >= need)
			n = n->left;
		else if (fr(n)->len >= need)
			return fr(n);
		else
			n = n->right;
	}
}

vaddr_t
vmap_alloc(size_t len, size_t align)
{
	struct free_range *spare, *r, *dead = NULL;
	vaddr_t at = 0, end;

	if (!len || len > AREA_END - VMAP_BASE)
		return 0;
	len = ALIGN_UP(len, PAGE_SIZE) + PAGE_SIZE;
	align = max(align, PAGE_SIZE);
	spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	spin_lock(&vmap_lock);
	if (!ready) {
		free_insert(&whole);
		ready = true;
	}
	r = find_fit(len + (align - PAGE_SIZE));
	if (!r)
		goto out;
	at = fit(r, len, align);
	end = r->start + r->len;
	if (at == r->start) {
		r->start += len;
		r->len -= len;
		if (!r->len && r != &whole) {
			rb_erase_augmented(&r->node, &free_root, &free_aug);
			dead = r;
		} else {
			free_changed(r);
		}
		goto out;
	}
	if (at + len < end) {
		if (!spare) {
			at = 0;
			goto out;
		}
		spare->start = at + len;
		spare->len = end - spare->start;
	}
	r->len = at - r->start;
	free_changed(r);
	if (at + len < end) {
		free_insert(spare);
		spare = NULL;
	}
out:
	spin_unlock(&vmap_lock);
	kfree(spare);
	kfree(dead);
	return at;
}

void
vmap_free(vaddr_t va, size_t len)
{
	/* reclaim comes here: no reclaim from here */
	struct free_range *spare = kmalloc(sizeof(*spare),
					   GFP_ATOMIC | GFP_NOWARN);
	struct free_range *below = NULL, *above = NULL, *dead = NULL;
	struct rb_node *n;

	len = ALIGN_UP(len, PAGE_SIZE) + PAGE_SIZE;
	spin_lock(&vmap_lock);
	for (n = free_root.node; n;) {
		if (fr(n)->start < va) {
			below = fr(n);
			n = n->right;
		} else {
			above = fr(n);
			n = n->left;
		}
	}
	if (below && below->start + below->len == va) {
		below->len += len;
		if (above && va + len == above->start && above != &whole) {
			below->len += above->len;
			rb_erase_augmented(&above->node, &free_root, &free_aug);
			dead = above;
		}
		free_changed(below);
	} else if (above && va + len == above->start) {
		above->start = va;
		above->len += len;
		free_changed(above);
	} else if (spare) {
		spare->start = va;
		spare->len = len;
		free_insert(spare);
		spare = NULL;
	}
	spin_unlock(&vmap_lock);
	kfree(spare);
	kfree(dead);
}

/* ---- vmalloc ---- */

static void
unmap_and_free(vaddr_t va, size_t len)
{
	struct page *chain = NULL;
	long n = 0;

	/* frames first: they cannot be found once unmapped */
	for (vaddr_t a = va; a < va + len; a += PAGE_SIZE) {
		struct page *p = phys_to_page(kpage_phys(a));

		atomic_set(&p->refcount, 0);
		page_chain_push(&chain, p);
		n++;
	}
	if (n)
		kunmap_range(va, len);
	page_free_chain(chain);
	mem_count(MC_VMAP, -n);
}

void *
vmalloc(size_t len)
{
	struct rb_node **link, *parent = NULL;
	struct vm_area *a;
	vaddr_t va;
	size_t done;

	if (!len || len > AREA_END - VMAP_BASE ||
	    len >> PAGE_SHIFT > page_total())
		return NULL;
	len = ALIGN_UP(len, PAGE_SIZE);
	a = kmalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return NULL;
	va = vmap_alloc(len, PAGE_SIZE);
	if (!va)
		goto out_area;
	for (done = 0; done < len; done += PAGE_SIZE) {
		struct page *p = page_alloc1(GFP_KERNEL | GFP_ZERO);

		if (!p)
			goto out_pages;
		if (kmap_page(va + done, page_to_phys(p), PTE_W | pte_nx)) {
			page_put(p);
			goto out_pages;
		}
		mem_count(MC_VMAP, 1);
		cond_resched();
	}
	a->start = va;
	a->len = len;
	spin_lock(&vmap_lock);
	for (link = &area_root.node; *link;) {
		parent = *link;
		link = va < rb_entry(parent, struct vm_area, node)->start ?
			&parent->left : &parent->right;
	}
	rb_link_node(&a->node, parent, link);
	rb_insert_color(&a->node, &area_root);
	spin_unlock(&vmap_lock);
	return (void *)va;

out_pages:
	unmap_and_free(va, done);
	vmap_free(va, len);
out_area:
	kfree(a);
	return NULL;
}

void
vfree(void *p)
{
	vaddr_t va = (vaddr_t)p;
	struct vm_area *a = NULL;
	struct rb_node *n;

	if (!p)
		return;
	spin_lock(&vmap_lock);
	for (n = area_root.node; n;) {
		a = rb_entry(n, struct vm_area, node);
		if (a->start == va)
			break;
		n = va < a->start ? n->left : n->right;
	}
	ASSERT(n);
	rb_erase(n, &area_root);
	spin_unlock(&vmap_lock);
	unmap_and_free(va, a->len);
	vmap_free(va, a->len);
	kfree(a);
}

void *
vmap_mmio(paddr_t pa, size_t len, u64 cache)
{
	size_t off = pa & ~PAGE_MASK, all;
	vaddr_t va;

	if (!len || add_overflow(len, off + PAGE_SIZE, &all))
		return NULL;
	all = ALIGN_UP(len + off, PAGE_SIZE);
	va = vmap_alloc(all, all >= LARGE_PAGE_SIZE ? LARGE_PAGE_SIZE :
			PAGE_SIZE);
	if (!va)
		return NULL;
	if (kmap_range(va, pa - off, all, PTE_W | pte_nx | cache)) {
		vmap_free(va, all);
		return NULL;
	}
	return (char *)va + off;
}

void
vunmap_mmio(void *p, size_t len)
{
	vaddr_t va = (vaddr_t)p & PAGE_MASK;
	size_t all = ALIGN_UP(len + ((vaddr_t)p & ~PAGE_MASK), PAGE_SIZE);

	kunmap_range(va, all);
	vmap_free(va, all);
}
