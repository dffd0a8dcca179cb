/* SPDX-License-Identifier: MIT */
/*
 * Kernel object allocation. kmalloc serves 8 bytes .. 4 MiB (large ones are
 * whole pages); hot types have caches. Each CPU has an array of free objects
 * per cache, so alloc and free as a rule are a few instructions with no lock.
 * Any context with GFP_ATOMIC; kfree in any context but NMI.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include <mm/page.h>

struct slab_cache;

#define SLAB_RECLAIM	BIT(0)	/* counted as reclaimable (dentries, inodes) */
#define SLAB_ZERO	BIT(1)	/* objects come zeroed */

void slab_init(void);		/* E: and the caches of mm/ */
/* slab_create - cache of objects of size bytes aligned to align (0: 8). T, E. */
struct slab_cache *slab_create(const char *name, size_t size, size_t align,
			       u32 flags);
void slab_destroy(struct slab_cache *c);
void *slab_alloc(struct slab_cache *c, gfp_t gfp) __must_check;
void slab_free(struct slab_cache *c, void *obj);

void *kmalloc(size_t size, gfp_t gfp) __must_check
	__attribute__((malloc, alloc_size(1)));
void *kzalloc(size_t size, gfp_t gfp) __must_check
	__attribute__((malloc, alloc_size(1)));
void *kcalloc(size_t n, size_t size, gfp_t gfp) __must_check;	/* overflow: NULL */
void *krealloc(void *p, size_t size, gfp_t gfp) __must_check;
char *kstrdup(const char *s, gfp_t gfp) __must_check;
void *kmemdup(const void *p, size_t n, gfp_t gfp) __must_check;
void kfree(const void *p);		/* NULL is fine */
size_t ksize(const void *p);

/* kvmalloc - like kmalloc, from vmap when large. Context: T. */
void *kvmalloc(size_t size, gfp_t gfp) __must_check;
void kvfree(void *p);

/* A shrinker gives memory back: frees up to nr objects, returns how many. */
struct shrinker {
	const char *name;
	unsigned long (*count)(void);
	unsigned long (*scan)(unsigned long nr);	/* T, must not allocate */
	struct list_head link;
};
void shrinker_register(struct shrinker *s);

/* for /proc/slabinfo: iterate i until false */
struct slab_stat { const char *name; u64 active, total; u32 size, per_slab, pages; };
bool slab_stat_get(unsigned int i, struct slab_stat *out);

#endif
