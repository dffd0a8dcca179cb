/* SPDX-License-Identifier: MIT */
/*
 * kmalloc: size classes over slabs, whole frames above 2 KiB.
 *
 * Powers of two are aligned to themselves (outside CONFIG_DEBUG, which puts a
 * mark behind each object), the classes between (48, 96, 192) to 16 bytes. A
 * large block is 2^n frames from the buddy, marked PG_HEAD; what the rounding
 * to a power of two wastes is why kvmalloc exists.
 */
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/vmap.h>

#include "slab.h"

#define SLAB_MAX	2048		/* largest size served by slabs */
#define SMALL_MAX	192		/* classes below by table */

static const struct { u16 size; const char *name; } classes[] = {
	{ 8, "kmalloc-8" }, { 16, "kmalloc-16" }, { 32, "kmalloc-32" },
	{ 48, "kmalloc-48" }, { 64, "kmalloc-64" }, { 96, "kmalloc-96" },
	{ 128, "kmalloc-128" }, { 192, "kmalloc-192" }, { 256, "kmalloc-256" },
	{ 512, "kmalloc-512" }, { 1024, "kmalloc-1k" }, { 2048, "kmalloc-2k" },
};

static struct slab_cache *small[SMALL_MAX / 8 + 1] __ro_after_init;
static struct slab_cache *big[4] __ro_after_init;	/* 256, 512, 1k, 2k */

void
kmalloc_init(void)
{
	unsigned int at = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++) {
		size_t size = classes[i].size;
		struct slab_cache *c = slab_create(classes[i].name, size,
			is_pow2(size) && !CONFIG_DEBUG ? size : 8, 0);

		if (!c)
			panic("no memory for %s", classes[i].name);
		for (; at <= SMALL_MAX / 8 && at * 8 <= size; at++)
			small[at] = c;
		if (size > SMALL_MAX)
			big[ilog2(size) - 8] = c;
	}
}

static __always_inline struct slab_cache *
class_of(size_t size)
{
	if (size <= SMALL_MAX)
		return small[(size + 7) / 8];
	return big[fls64(size - 1) <= 8 ? 0 : fls64(size - 1) - 8];
}

static __noinline void *
kmalloc_large(size_t size, gfp_t gfp)
{
	unsigned int order;
	struct page *p;

	if (size > PAGE_SIZE << PAGE_MAX_ORDER)
		return NULL;
	order = fls64((size - 1) >> PAGE_SHIFT);
	p = page_alloc(order, gfp);
	if (!p)
		return NULL;
	p->flags |= BIT(PG_HEAD);
	mem_count(MC_SLAB, 1L << order);
	return page_to_virt(p);
}

void *
kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(size > SLAB_MAX))
		return kmalloc_large(size, gfp);
	return slab_alloc(class_of(size), gfp);
}

void *
kzalloc(size_t size, gfp_t gfp)
{
	void *p;

	if (unlikely(size > SLAB_MAX))
		return kmalloc_large(size, gfp | GFP_ZERO);
	p = slab_alloc(class_of(size), gfp & ~(gfp_t)GFP_ZERO);
	if (likely(p))
		memset(p, 0, size);
	return p;
}

void *
kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (unlikely(mul_overflow(n, size, &bytes)))
		return NULL;
	return kzalloc(bytes, gfp);
}

void
kfree(const void *obj)
{
	struct page *p;

	if (!obj)
		return;
	p = slab_page(obj);
	if (likely(page_test(p, PG_SLAB))) {
		slab_free(p->cache, (void *)obj);
		return;
	}
	DEBUG_ASSERT(page_test(p, PG_HEAD));

	unsigned int order = page_order(p);

	mem_count(MC_SLAB, -(1L << order));
	p->flags &= ~BIT(PG_HEAD);
	page_free(p, order);
}

size_t
ksize(const void *obj)
{
	const struct page *p;

	if (!obj)
		return 0;
	p = slab_page(obj);
	return page_test(p, PG_SLAB) ? p->cache->size :
		PAGE_SIZE << page_order(p);
}

void *
krealloc(void *obj, size_t size, gfp_t gfp)
{
	size_t have = ksize(obj);
	void *n;

	if (obj && size <= have && (have <= 64 || size > have / 4))
		return obj;
	n = kmalloc(size, gfp);
	if (n && obj) {
		memcpy(n, obj, min(size, have));
		kfree(obj);
	}
	return n;
}

void *
kmemdup(const void *src, size_t n, gfp_t gfp)
{
	void *p = kmalloc(n, gfp);

	if (p)
		memcpy(p, src, n);
	return p;
}

char *
kstrdup(const char *s, gfp_t gfp)
{
	return kmemdup(s, strlen(s) + 1, gfp);
}

void *
kvmalloc(size_t size, gfp_t gfp)
{
	void *p = NULL;

	if (size <= 8 * PAGE_SIZE)
		p = kmalloc(size, size > PAGE_SIZE ?
			    gfp | GFP_NORETRY | GFP_NOWARN : gfp);
	if (!p && size > PAGE_SIZE)
		p = vmalloc(size);
	return p;
}

void
kvfree(void *p)
{
	if ((unsigned long)p >= VMAP_BASE && (unsigned long)p < VMAP_END)
		vfree(p);
	else
		kfree(p);
}
