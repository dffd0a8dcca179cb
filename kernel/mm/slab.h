/* SPDX-License-Identifier: MIT */
/* What slab.c and kmalloc.c share. */
#ifndef MM_SLAB_PRIVATE_H
#define MM_SLAB_PRIVATE_H

#include "internal.h"

/* Legend: I immutable after creation, l lock. */
struct slab_cache {
	u32 index;		/* I: into caches[], slab_mags[] */
	u32 flags;		/* I: SLAB_* */
	u32 size;		/* I: what the user asked for */
	u32 stride;		/* I: from one object to the next */
	u16 mag_cap;		/* I: objects in a magazine */
	u8 order, min_order;	/* I: of a slab; when memory is short */
	struct spinlock lock;	/* rank slab */
	struct list_head partial, empty;	/* l */
	u32 nr_empty;		/* l: slabs */
	u64 active, total;	/* l: objects; active counts magazines' too */
	u64 pages;		/* l */
	const char *name;	/* I: borrowed, static */
};

static __always_inline struct page *
slab_page(const void *o)
{
	return pfn_to_page(((unsigned long)o - PAGE_OFFSET) >> PAGE_SHIFT);
}

static __always_inline struct page *
slab_head(const void *o)
{
	struct page *p = slab_page(o);

	return page_test(p, PG_TAIL) ? (struct page *)p->slab_link.next : p;
}

void kmalloc_init(void);

#endif
