/* SPDX-License-Identifier: MIT */
/*
 * Write-back of dirty cache pages.
 *
 * Dirty pages are found by their tag. Each is locked, made read only in every
 * mapping (so that the next write faults and marks it dirty again), turned
 * from dirty to under write-out, and given to the file system. Waiting is for
 * the pages of the range that are under write-out once all were started.
 *
 * wb_err: the last error in the low 12 bits, a count above; who remembers an
 * old value sees that something failed since.
 */
#include <abi/errno.h>
#include <sched/sched.h>

#include "internal.h"

#define WB_ERR_BITS	12

static void
note_error(struct aspace *a, int err)
{
	u32 seq = (a->wb_err >> WB_ERR_BITS) + 1;

	WRITE_ONCE(a->wb_err, seq << WB_ERR_BITS | (u32)-err);
}

/* next page with the tag at or after *index and up to last, referenced */
static struct page *
next_tagged(struct aspace *a, u64 *index, u64 last, enum radix_tag tag)
{
	struct page *p;
	unsigned long f;

	if (!radix_tagged(&a->tree, tag))
		return NULL;
	f = spin_lock_irqsave(&a->tree_lock);
	p = radix_next_tagged(&a->tree, index, tag);
	if (p && *index > last)
		p = NULL;
	if (p)
		page_get(p);
	spin_unlock_irqrestore(&a->tree_lock, f);
	return p;
}

/* p locked, in a, dirty */
static int
write_page(struct aspace *a, struct page *p)
{
	unsigned long f;
	int err;

	page_mkclean(p);
	page_wait_writeback(p);
	f = spin_lock_irqsave(&a->tree_lock);
	radix_tag_clear(&a->tree, p->index, RADIX_TAG_DIRTY);
	radix_tag_set(&a->tree, p->index, RADIX_TAG_WRITEBACK);
	page_clear(p, PG_DIRTY);
	page_set(p, PG_WRITEBACK);
	spin_unlock_irqrestore(&a->tree_lock, f);
	mem_count(MC_DIRTY, -1);
	mem_count(MC_WRITEBACK, 1);
	err = a->ops->writepage(a, p);
	if (err) {
		page_set_dirty(p);
		page_end_writeback(p);
		note_error(a, err);
	}
	return err;
}

int
aspace_writeback(struct aspace *a, loff_t from, loff_t to, bool wait)
{
	u64 first = (u64)from >> PAGE_SHIFT, index;
	u64 last = to > 0 ? (u64)(to - 1) >> PAGE_SHIFT : 0;
	int err = 0, e;
	struct page *p;

	if (to <= from || !a->ops->writepage ||
	    (a->ops->flags & AS_NO_RECLAIM))
		return 0;
	for (index = first;
	     (p = next_tagged(a, &index, last, RADIX_TAG_DIRTY)); index++) {
		page_lock(p);
		if (p->mapping == a && page_test(p, PG_DIRTY)) {
			e = write_page(a, p);
			if (e && !err)
				err = e;
		}
		page_unlock(p);
		page_put(p);
		cond_resched();
		if (index == U64_MAX)
			break;
	}
	if (!wait)
		return err;
	for (index = first;
	     (p = next_tagged(a, &index, last, RADIX_TAG_WRITEBACK)); index++) {
		page_wait_writeback(p);
		if (page_test(p, PG_ERROR) && !err)
			err = -EIO;
		page_put(p);
		if (index == U64_MAX)
			break;
	}
	if (err == -EIO)
		note_error(a, err);
	return err;
}

unsigned long
aspace_invalidate(struct aspace *a)
{
	struct page *pages[16];
	unsigned long done = 0;
	unsigned int n;
	u64 index = 0;

	if (a->ops->flags & AS_NO_RECLAIM)
		return 0;
	while ((n = page_find_range(a, index, ARRAY_SIZE(pages), pages))) {
		for (unsigned int i = 0; i < n; i++) {
			struct page *p = pages[i];

			index = p->index + 1;
			if (!page_trylock(p)) {
				page_put(p);
				continue;
			}
			if (p->mapping == a && !atomic_read(&p->mapcount) &&
			    !page_test(p, PG_WRITEBACK) &&
			    page_remove_frozen(p)) {
				page_clear(p, PG_LOCKED);
				page_put_last(p);
				done++;
				continue;
			}
			page_unlock(p);
			page_put(p);
		}
		cond_resched();
		if (!index)
			break;
	}
	return done;
}
