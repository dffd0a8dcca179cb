/* SPDX-License-Identifier: MIT */
/*
 * kmalloc and slabs over the host's malloc, so that the sanitizer knows each
 * object's bounds and life. New memory is filled with a pattern unless zeroed
 * memory is asked for; any allocation may be the one that has to fail. The
 * bytes before an object (its length, a mark) and the slack behind are
 * poisoned.
 */
#include <core/assert.h>
#include <core/irq.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include "unit.h"

#define MARK	0x6b6d616c6c6f6321UL

struct head {
	u64 mark;
	size_t size;
	void *raw;
	const struct slab_cache *cache;
};

struct slab_cache {
	const char *name;
	size_t size, align;
	u32 flags;
	long live;
};

static void *
get(size_t size, size_t align, gfp_t gfp, struct slab_cache *c)
{
	unsigned long raw, p;
	struct head *h;

	if (!(gfp & GFP_ATOMIC))
		assert_can_sleep();
	if (unit_alloc_fails())
		return NULL;
	align = max(align, 16UL);
	raw = (unsigned long)host_malloc(sizeof(*h) + align + size);
	p = ALIGN_UP(raw + sizeof(*h), align);
	h = (struct head *)p - 1;
	*h = (struct head){ MARK, size, (void *)raw, c };
	memset((void *)p, gfp & GFP_ZERO ? 0 : 0xa5, size);
	host_poison((void *)raw, p - raw);
	host_poison((void *)(p + size), raw + sizeof(*h) + align - p);
	unit_live++;
	return (void *)p;
}

static struct head *
head_of(const void *p)
{
	struct head *h = (struct head *)p - 1;

	host_unpoison(h, sizeof(*h));
	if (h->mark != MARK)
		panic("free of %px, which is no object", p);
	return h;
}

static void
put(const void *p, const struct slab_cache *c)
{
	struct head *h = head_of(p);

	if (c && h->cache != c)
		panic("object %px is not of cache %s", p, c->name);
	h->mark = 0;
	unit_live--;
	host_free(h->raw);
}

void *
kmalloc(size_t size, gfp_t gfp)
{
	return size > 4 << 20 ? NULL : get(size, size >= PAGE_SIZE ? PAGE_SIZE :
		16, gfp, NULL);
}

void *
kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | GFP_ZERO);
}

void *
kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return mul_overflow(n, size, &bytes) ? NULL : kzalloc(bytes, gfp);
}

size_t
ksize(const void *p)
{
	struct head *h;
	size_t n;

	if (!p)
		return 0;
	h = head_of(p);
	n = h->size;
	host_poison(h, sizeof(*h));
	return n;
}

void *
krealloc(void *p, size_t size, gfp_t gfp)
{
	void *n = kmalloc(size, gfp);

	if (n && p) {
		memcpy(n, p, min(size, ksize(p)));
		kfree(p);
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

void
kfree(const void *p)
{
	if (p)
		put(p, NULL);
}

void *
kvmalloc(size_t size, gfp_t gfp)
{
	return size > 1UL << 30 ? NULL : get(size, PAGE_SIZE, gfp, NULL);
}

void
kvfree(void *p)
{
	kfree(p);
}

void *
vmalloc(size_t len)
{
	return kvmalloc(len, GFP_KERNEL | GFP_ZERO);
}

void
vfree(void *p)
{
	kfree(p);
}

u8 *
kstack_alloc(void)
{
	return get(KSTACK_SIZE, PAGE_SIZE, GFP_KERNEL, NULL);
}

void
kstack_free(u8 *stack)
{
	kfree(stack);
}

/* Caches are made at boot and their lack panics: they do not fail here. */
struct slab_cache *
slab_create(const char *name, size_t size, size_t align, u32 flags)
{
	struct slab_cache *c = host_malloc(sizeof(*c));

	*c = (struct slab_cache){ name, size, align, flags, 0 };
	return c;
}

void
slab_destroy(struct slab_cache *c)
{
	if (c->live)
		panic("cache %s is not empty", c->name);
	host_free(c);
}

void *
slab_alloc(struct slab_cache *c, gfp_t gfp)
{
	void *p = get(c->size, c->align, c->flags & SLAB_ZERO ?
		      gfp | GFP_ZERO : gfp, c);

	c->live += !!p;
	return p;
}

void
slab_free(struct slab_cache *c, void *obj)
{
	put(obj, c);
	c->live--;
}

void
shrinker_register(struct shrinker *s)
{
}
