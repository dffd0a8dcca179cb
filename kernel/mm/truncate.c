/* SPDX-License-Identifier: MIT */
/*
 * Cutting files: pages leave every mapping, then the cache.
 *
 * The inode lock keeps writers out and i_size has been lowered before, so no
 * new page beyond it appears by write(2); a page fault that was already past
 * its own size check may still bring one, which is why each page is looked at
 * again for mappings after it has left the tree (page_remove).
 */
#include <lib/string.h>
#include <sched/sched.h>

#include "internal.h"

#define BATCH	16

/* rmap.c */
void aspace_unmap_cows(struct aspace *a, u64 first, u64 n);

/* zero bytes [off, end) of the cached page at index, if there is one */
static void
zero_part(struct aspace *a, u64 index, size_t off, size_t end)
{
	struct page *p = page_find(a, index);

	if (!p)
		return;
	page_lock(p);
	if (p->mapping == a && page_test(p, PG_UPTODATE)) {
		page_wait_writeback(p);
		memset((char *)page_to_virt(p) + off, 0, end - off);
		page_set_dirty(p);
	}
	page_unlock(p);
	page_put(p);
}

/* pages [first, end) leave the cache */
static void
drop_pages(struct aspace *a, u64 first, u64 end)
{
	struct page *pages[BATCH];
	unsigned int n;

	while (first < end && a->nr_pages &&
	       (n = page_find_range(a, first, BATCH, pages))) {
		for (unsigned int i = 0; i < n; i++) {
			struct page *p = pages[i];

			first = p->index + 1;
			if (p->index < end) {
				page_lock(p);
				if (likely(p->mapping == a)) {
					page_wait_writeback(p);
					page_remove(p);
				}
				page_unlock(p);
			} else {
				first = end;
			}
			page_put(p);
		}
		cond_resched();
		if (!first)
			break;
	}
}

void
aspace_truncate(struct aspace *a, loff_t from)
{
	u64 first = ((u64)from + PAGE_SIZE - 1) >> PAGE_SHIFT;
	size_t off = from & ~PAGE_MASK;

	if (!list_empty(&a->i_mmap))
		aspace_unmap_cows(a, first, U64_MAX - first);
	if (!READ_ONCE(a->nr_pages))
		return;
	if (off)
		zero_part(a, (u64)from >> PAGE_SHIFT, off, PAGE_SIZE);
	drop_pages(a, first, U64_MAX);
}

void
aspace_punch(struct aspace *a, loff_t from, loff_t to)
{
	u64 first = ((u64)from + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 end = (u64)to >> PAGE_SHIFT;
	size_t off = from & ~PAGE_MASK, rest = to & ~PAGE_MASK;

	if (to <= from)
		return;
	if ((u64)from >> PAGE_SHIFT == end) {
		zero_part(a, end, off, rest);
		return;
	}
	if (off)
		zero_part(a, (u64)from >> PAGE_SHIFT, off, PAGE_SIZE);
	if (rest)
		zero_part(a, end, 0, rest);
	if (first >= end)
		return;
	aspace_unmap(a, first, end - first);
	drop_pages(a, first, end);
}
