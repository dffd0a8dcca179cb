/* SPDX-License-Identifier: MIT */
/*
 * The page cache of one file (Linux: address_space). Pages are found by index
 * in a radix tree: lookups lock-free under RCU, changes under tree_lock.
 *
 * A page in the tree holds one reference for the tree. PG_LOCKED covers
 * filling, truncation and write-out; PG_UPTODATE says contents are valid.
 */
#ifndef MM_PAGECACHE_H
#define MM_PAGECACHE_H

#include <core/spinlock.h>
#include <lib/radix.h>
#include <mm/page.h>

struct inode;
struct file;
struct aspace;

/* All: T; page locked on entry where a page is given unless said. */
struct aspace_ops {
	/* fill a locked page; unlocks it in any case (maybe later). 0, -errno */
	int (*readpage)(struct aspace *a, struct page *p);
	/*
	 * start write-out of a locked page whose PG_WRITEBACK is set and dirty
	 * mark taken off; the end of the I/O (maybe before it returns) calls
	 * page_end_writeback(). The caller unlocks. -errno: nothing started.
	 */
	int (*writepage)(struct aspace *a, struct page *p);
	/*
	 * before/after copying [pos, pos+len) into one page: begin returns the
	 * locked, referenced page; end unlocks, puts it and updates i_size;
	 * returns bytes accepted.
	 */
	int (*write_begin)(struct aspace *a, loff_t pos, unsigned int len,
			   struct page **out);
	int (*write_end)(struct aspace *a, loff_t pos, unsigned int len,
			 unsigned int copied, struct page *p);
	/* page leaves the cache: drop page->private */
	void (*releasepage)(struct page *p);
	u32 flags;			/* AS_* */
};
#define AS_NO_RECLAIM	BIT(0)		/* the cache is the only copy: tmpfs */

struct aspace {
	struct radix_root tree;		/* t; lookups RCU */
	struct spinlock tree_lock;	/* rank pagetree */
	u64 nr_pages;			/* t */
	const struct aspace_ops *ops;	/* I */
	struct inode *host;		/* borrowed: contains us */
	struct spinlock mmap_lock;	/* rank pagetree: i_mmap */
	struct list_head i_mmap;	/* VMAs that map it, by map_link */
	u32 wb_err;			/* write-back errors, sequence-counted */
	s32 writers_denied;		/* a: deny-write count (exec) */
};

void aspace_init(struct aspace *a, const struct aspace_ops *ops,
		 struct inode *host);
/* aspace_destroy - tree must be truncated. */
void aspace_destroy(struct aspace *a);

/* page_find - referenced page at index, or NULL. Any but I; no lock. */
struct page *page_find(struct aspace *a, u64 index);
/*
 * page_find_range - up to n present pages at or after index, in order, no
 * holes (look at page->index), referenced.
 */
unsigned int page_find_range(struct aspace *a, u64 index, unsigned int n,
			     struct page **pages);
/*
 * page_find_around - for vm_ops.map_around: pages[i] = page index + i when it
 * is cached, uptodate and unlocked, referenced, else NULL. Returns how many
 * entries were filled in; 0 when there is none. n <= 64.
 */
unsigned int page_find_around(struct aspace *a, u64 index, unsigned int n,
			      struct page **pages);
/*
 * page_find_or_create - locked, referenced page; new ones are not uptodate.
 * NULL: no memory. Context: T.
 */
struct page *page_find_or_create(struct aspace *a, u64 index, gfp_t gfp);
/* page_add - insert a locked page: 0, -EEXIST, -ENOMEM. */
int page_add(struct aspace *a, struct page *p, u64 index, gfp_t gfp);
/*
 * page_read - uptodate referenced page at index through readpage, waiting.
 * 0 or -EIO/-ENOMEM. Context: T.
 */
int page_read(struct aspace *a, u64 index, struct page **out);
void page_lock(struct page *p);			/* T */
int __must_check page_lock_killable(struct page *p);
bool page_trylock(struct page *p);
void page_unlock(struct page *p);		/* any */
void page_wait_writeback(struct page *p);
void page_end_writeback(struct page *p);	/* any */
void page_mark_accessed(struct page *p);
bool page_set_dirty(struct page *p);		/* true when newly dirty */
/*
 * aspace_truncate - drop whole pages from `from` bytes on, zero the tail of
 * the partial one; unmaps them from every VMA first. Inode lock held. T.
 */
void aspace_truncate(struct aspace *a, loff_t from);
/* aspace_punch - the same for [from, to). */
void aspace_punch(struct aspace *a, loff_t from, loff_t to);
/* aspace_unmap - remove user mappings of pages [first, first+n). T. */
void aspace_unmap(struct aspace *a, u64 first, u64 n);
/* aspace_writeback - write dirty pages of the range; wait if asked. */
int aspace_writeback(struct aspace *a, loff_t from, loff_t to, bool wait);
/* aspace_invalidate - drop clean unmapped pages. Returns how many. */
unsigned long aspace_invalidate(struct aspace *a);
/* lru_add - page becomes reclaimable; page_add does it for normal caches. */
void lru_add(struct page *p);
/* drop_caches, reclaim: free up to nr clean cache pages. T. */
unsigned long reclaim_pages(unsigned long nr);

#endif
