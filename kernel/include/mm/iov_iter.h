/* SPDX-License-Identifier: MIT */
/*
 * One cursor over the memory of a read or write: user vectors or kernel
 * memory. Copying advances it. Lengths were checked when it was made.
 */
#ifndef MM_IOV_ITER_H
#define MM_IOV_ITER_H

#include <lib/types.h>

struct page;
struct iovec { void __user *base; size_t len; };
struct kvec { void *base; size_t len; };

enum iter_kind { ITER_UBUF, ITER_IOVEC, ITER_KVEC };

struct iov_iter {
	u8 kind;			/* enum iter_kind */
	u8 dir;				/* 0: data goes to the iter, 1: comes from it */
	size_t off;			/* into the current segment */
	size_t count;			/* bytes left */
	union {
		void __user *ubuf;
		const struct iovec *iov;
		const struct kvec *kvec;
	};
	size_t nr_segs;
};
#define ITER_DEST	0
#define ITER_SOURCE	1

static inline void
iter_ubuf(struct iov_iter *i, int dir, void __user *p, size_t len)
{
	*i = (struct iov_iter){ .kind = ITER_UBUF, .dir = dir, .ubuf = p,
		.count = len, .nr_segs = 1 };
}

static inline void
iter_kvec(struct iov_iter *i, int dir, const struct kvec *k, size_t n,
	  size_t count)
{
	*i = (struct iov_iter){ .kind = ITER_KVEC, .dir = dir, .kvec = k,
		.count = count, .nr_segs = n };
}

/*
 * iter_import - copy a user iovec array in and check it (readv(2)): at most
 * IOV_MAX, lengths sum to no more than MAX_RW_COUNT (cut), bases in range.
 * @fast: caller's array of nr_fast; *alloc gets what must be kfree'd or NULL.
 * Returns bytes in all or -EINVAL/-EFAULT/-ENOMEM.
 */
ssize_t iter_import(struct iov_iter *i, int dir, const void __user *uvec,
		    size_t nr, struct iovec *fast, size_t nr_fast,
		    struct iovec **alloc);

/* Both return bytes copied, short on a fault; advance by it. Context: T. */
size_t copy_to_iter(const void *src, size_t len, struct iov_iter *i);
size_t copy_from_iter(void *dst, size_t len, struct iov_iter *i);
size_t zero_to_iter(size_t len, struct iov_iter *i);
/* whole or nothing: 0 or -EFAULT */
int copy_from_iter_full(void *dst, size_t len, struct iov_iter *i);
/* for copies under a page lock: never faults a page in */
size_t copy_from_iter_nofault(void *dst, size_t len, struct iov_iter *i);
/* make the next len bytes of a source (or dest) present: bytes not reachable */
size_t iter_fault_in(const struct iov_iter *i, size_t len);
void iter_advance(struct iov_iter *i, size_t len);
void iter_revert(struct iov_iter *i, size_t len);
/* copy helpers for a page's contents */
size_t copy_page_to_iter(struct page *p, size_t off, size_t len,
			 struct iov_iter *i);

#endif
