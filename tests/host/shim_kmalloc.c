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
#include <core/log.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include "unit.h"

extern const char __executable_start[];	/* the linker's */

#define MARK	0x6b6d616c6c6f6321UL

struct head {
	u64 mark;
	size_t size;
	void *raw;
	const struct slab_cache *cache;
	const char *site;		/* who allocated it */
	struct head *next, **link;	/* all that live */
};

static struct head *all;
static const char *site_now;	/* set by the outermost entry */
#define SITE()	(site_now = __builtin_return_address(0))

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
	*h = (struct head){ MARK, size, (void *)raw, c, site_now, all, &all };
	if (all) {
		host_unpoison(all, sizeof(*all));
		all->link = &h->next;
		host_poison(all, sizeof(*all));
	}
	all = h;
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
	host_unpoison(h->link, sizeof(*h->link));
	*h->link = h->next;
	if (h->link != &all)
		host_poison(h->link, sizeof(*h->link));
	if (h->next) {
		host_unpoison(h->next, sizeof(*h));
		h->next->link = h->link;
		host_poison(h->next, sizeof(*h));
	}
	host_free(h->raw);
}

static void *
any(size_t size, gfp_t gfp)
{
	return size > 4 << 20 ? NULL : get(size, size >= PAGE_SIZE ? PAGE_SIZE :
		16, gfp, NULL);
}

void *
kmalloc(size_t size, gfp_t gfp)
{
	SITE();
	return any(size, gfp);
}

void *
kzalloc(size_t size, gfp_t gfp)
{
	SITE();
	return any(size, gfp | GFP_ZERO);
}

void *
kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	SITE();
	return mul_overflow(n, size, &bytes) ? NULL :
		any(bytes, gfp | GFP_ZERO);
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
	void *n;

	SITE();
	n = any(size, gfp);
	if (n && p) {
		memcpy(n, p, min(size, ksize(p)));
		kfree(p);
	}
	return n;
}

void *
kmemdup(const void *src, size_t n, gfp_t gfp)
{
	void *p;

	SITE();
	p = any(n, gfp);
	if (p)
		memcpy(p, src, n);
	return p;
}

char *
kstrdup(const char *s, gfp_t gfp)
{
	size_t n = strlen(s) + 1;
	void *p;

	SITE();
	p = any(n, gfp);
	if (p)
		memcpy(p, s, n);
	return p;
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
	SITE();
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
	SITE();
	return len > 1UL << 30 ? NULL :
		get(len, PAGE_SIZE, GFP_KERNEL | GFP_ZERO, NULL);
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

/* The youngest objects, by offset of the call in the program: addr2line -e. */
void
shim_show_live(long n)
{
	for (struct head *h = all, *next; h && n-- > 0; h = next) {
		host_unpoison(h, sizeof(*h));
		next = h->next;
		kprintf("%lu bytes%s%s allocated by %lx", h->size,
			h->cache ? " of " : "", h->cache ? h->cache->name : "",
			(unsigned long)(h->site - __executable_start));
		host_poison(h, sizeof(*h));
	}
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
	void *p;

	SITE();
	p = get(c->size, c->align, c->flags & SLAB_ZERO ?
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
