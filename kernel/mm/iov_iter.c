/* SPDX-License-Identifier: MIT */
/*
 * The cursor over read's and write's memory. Three kinds (one user buffer, a
 * user vector, a kernel vector); `off` is where the cursor stands in the
 * current segment, `iov`/`kvec` point at it, `count` is what is left in all.
 *
 * For ITER_UBUF, off counts from ubuf, so it can be wound back at will; for
 * vectors iter_revert walks back over segments, which are still there as the
 * vector belongs to the caller.
 */
#include <abi/limits.h>
#include <lib/string.h>
#include <mm/iov_iter.h>
#include <mm/uaccess.h>

#include "internal.h"

ssize_t
iter_import(struct iov_iter *i, int dir, const void __user *uvec, size_t nr,
	    struct iovec *fast, size_t nr_fast, struct iovec **alloc)
{
	struct iovec *v = fast;
	size_t total = 0;
	ssize_t err;

	*alloc = NULL;
	if (nr > IOV_MAX)
		return -EINVAL;
	if (nr > nr_fast) {
		v = kmalloc(nr * sizeof(*v), GFP_KERNEL);
		if (!v)
			return -ENOMEM;
		*alloc = v;
	}
	err = -EFAULT;
	if (nr && copyin(v, uvec, nr * sizeof(*v)))
		goto out;
	for (size_t n = 0; n < nr; n++) {
		err = -EINVAL;
		if ((ssize_t)v[n].len < 0)
			goto out;
		err = -EFAULT;
		if (!access_ok(v[n].base, v[n].len))
			goto out;
		v[n].len = min(v[n].len, MAX_RW_COUNT - total);
		total += v[n].len;
	}
	if (nr == 1)
		iter_ubuf(i, dir, v[0].base, v[0].len);
	else
		*i = (struct iov_iter){ .kind = ITER_IOVEC, .dir = dir,
			.iov = v, .count = total, .nr_segs = nr };
	return total;
out:
	kfree(*alloc);
	*alloc = NULL;
	return err;
}

/* moves over one piece; returns bytes not done */
typedef size_t (*piece_fn)(char *mem, void __user *u, size_t n);

static size_t
piece_out(char *mem, void __user *u, size_t n)
{
	return raw_copyout(u, mem, n);
}

static size_t
piece_in(char *mem, void __user *u, size_t n)
{
	return raw_copyin(mem, u, n);
}

static size_t
piece_in_nofault(char *mem, void __user *u, size_t n)
{
	return raw_copyin_nofault(mem, u, n);
}

static size_t
piece_zero(char *mem, void __user *u, size_t n)
{
	(void)mem;
	return clear_user(u, n);
}

/* the user half for vectors; mem advances unless it is NULL */
static __noinline size_t
walk_iovec(struct iov_iter *i, char *mem, size_t len, piece_fn fn)
{
	size_t done = 0;

	while (done < len) {
		size_t room = i->iov->len - i->off, n = min(room, len - done);
		size_t left;

		if (!room) {
			i->iov++;
			i->nr_segs--;
			i->off = 0;
			continue;
		}
		left = fn(mem ? mem + done : NULL,
			  (char __user *)i->iov->base + i->off, n);
		done += n - left;
		i->off += n - left;
		if (left)
			break;
	}
	i->count -= done;
	return done;
}

/* to or from kernel memory: way 0 to the iter, 1 from it; mem NULL: zeroes */
static __noinline size_t
walk_kvec(struct iov_iter *i, char *mem, size_t len, int way)
{
	size_t done = 0;

	while (done < len) {
		size_t room = i->kvec->len - i->off, n = min(room, len - done);
		char *k = (char *)i->kvec->base + i->off;

		if (!room) {
			i->kvec++;
			i->nr_segs--;
			i->off = 0;
			continue;
		}
		if (!mem)
			memset(k, 0, n);
		else if (way)
			memcpy(mem + done, k, n);
		else
			memcpy(k, mem + done, n);
		done += n;
		i->off += n;
	}
	i->count -= done;
	return done;
}

static __always_inline size_t
walk(struct iov_iter *i, char *mem, size_t len, piece_fn fn, int way)
{
	size_t done;

	if (len > i->count)
		len = i->count;
	if (likely(i->kind == ITER_UBUF)) {
		done = len - fn(mem, (char __user *)i->ubuf + i->off, len);
		i->off += done;
		i->count -= done;
		return done;
	}
	if (i->kind == ITER_IOVEC)
		return walk_iovec(i, mem, len, fn);
	return walk_kvec(i, mem, len, way);
}

size_t
copy_to_iter(const void *src, size_t len, struct iov_iter *i)
{
	return walk(i, (char *)src, len, piece_out, 0);
}

size_t
copy_from_iter(void *dst, size_t len, struct iov_iter *i)
{
	return walk(i, dst, len, piece_in, 1);
}

size_t
copy_from_iter_nofault(void *dst, size_t len, struct iov_iter *i)
{
	return walk(i, dst, len, piece_in_nofault, 1);
}

size_t
zero_to_iter(size_t len, struct iov_iter *i)
{
	return walk(i, NULL, len, piece_zero, 0);
}

int
copy_from_iter_full(void *dst, size_t len, struct iov_iter *i)
{
	size_t n;

	if (i->count < len)
		return -EFAULT;
	n = copy_from_iter(dst, len, i);
	if (n == len)
		return 0;
	iter_revert(i, n);
	return -EFAULT;
}

size_t
copy_page_to_iter(struct page *p, size_t off, size_t len, struct iov_iter *i)
{
	return copy_to_iter((char *)page_to_virt(p) + off, len, i);
}

static size_t
fault_in_piece(const struct iov_iter *i, void __user *u, size_t n)
{
	return i->dir == ITER_SOURCE ? fault_in_readable(u, n) :
		fault_in_writeable(u, n);
}

size_t
iter_fault_in(const struct iov_iter *i, size_t len)
{
	const struct iovec *v;
	size_t off = i->off;

	len = min(len, i->count);
	if (i->kind == ITER_KVEC || !len)
		return 0;
	if (i->kind == ITER_UBUF)
		return fault_in_piece(i, (char __user *)i->ubuf + off, len);
	for (v = i->iov; len; v++, off = 0) {
		size_t n = min(v->len - off, len), left;

		if (!n)
			continue;
		left = fault_in_piece(i, (char __user *)v->base + off, n);
		len -= n - left;
		if (left)
			break;
	}
	return len;
}

void
iter_advance(struct iov_iter *i, size_t len)
{
	len = min(len, i->count);
	i->count -= len;
	if (i->kind == ITER_UBUF) {
		i->off += len;
		return;
	}
	/* iovec and kvec have one layout */
	static_assert(sizeof(struct iovec) == sizeof(struct kvec) &&
		      offsetof(struct iovec, len) == offsetof(struct kvec, len),
		      "iter");
	len += i->off;
	while (len && len >= i->kvec->len && i->nr_segs) {
		if (len == i->kvec->len && i->nr_segs == 1)
			break;
		len -= i->kvec->len;
		i->kvec++;
		i->nr_segs--;
	}
	i->off = len;
}

void
iter_revert(struct iov_iter *i, size_t len)
{
	i->count += len;
	if (i->kind == ITER_UBUF) {
		i->off -= len;
		return;
	}
	while (len > i->off) {
		len -= i->off;
		i->kvec--;
		i->nr_segs++;
		i->off = i->kvec->len;
	}
	i->off -= len;
}
