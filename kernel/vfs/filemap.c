/* SPDX-License-Identifier: MIT */
/*
 * Regular files on the page cache: generic read, write and mmap.
 *
 * Reading takes no lock: the size is read once, pages are found under RCU and
 * referenced while they are copied. A page that is not there is a hole when
 * the cache is the file (AS_NO_RECLAIM: tmpfs), else it is read, with
 * read-ahead growing from 4 to 32 pages as long as reading is sequential.
 *
 * Writing holds i_rwsem. Each page is locked by write_begin() while user
 * memory is copied into it, so that copy must not fault: it stops short at an
 * absent page, which is then brought in with nothing locked.
 */
#include <abi/mman.h>
#include <mm/mm.h>
#include <task/cred.h>
#include "internal.h"

#define RA_MIN	4U
#define RA_MAX	32U

/* start reading up to n pages from index on; errors show when they are used */
static void
ra_submit(struct aspace *a, u64 index, u32 n, u64 last)
{
	for (; n && index <= last; n--, index++) {
		struct page *p = page_find_or_create(a, index, GFP_KERNEL);

		if (!p)
			return;
		if (page_test(p, PG_UPTODATE))
			page_unlock(p);
		else
			(void)a->ops->readpage(a, p);	/* unlocks */
		page_put(p);
	}
}

/* index is not cached */
static void
readahead(struct file *f, struct aspace *a, u64 index, loff_t size)
{
	u64 last = (size - 1) >> PAGE_SHIFT;
	u32 n = f->ra.size;

	if (index == f->ra.start + f->ra.size && n)
		n = min(n * 2, RA_MAX);
	else
		n = RA_MIN;
	f->ra.start = index;
	f->ra.size = n;
	ra_submit(a, index, n, last);
}

/*
 * The page for index: referenced and uptodate, or NULL for a hole, or -errno.
 */
static int
read_slow(struct file *f, struct aspace *a, u64 index, struct page **out)
{
	struct page *p = page_find(a, index);
	bool memory = a->ops->flags & AS_NO_RECLAIM;

	if (p && memory) {		/* being made: wait for it */
		page_lock(p);
		page_unlock(p);
		if (!page_test(p, PG_UPTODATE)) {
			page_put(p);
			p = NULL;
		}
		*out = p;
		return 0;
	}
	if (memory) {
		*out = NULL;
		return 0;
	}
	if (p)
		page_put(p);
	else
		readahead(f, a, index, inode_size(a->host));
	return page_read(a, index, out);
}

ssize_t
filemap_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct aspace *a = f->mapping;
	loff_t p = *pos, size = inode_size(a->host), start = p;
	int err = 0;

	(void)flags;
	while (to->count && p < size) {
		size_t off = p & (PAGE_SIZE - 1), n = PAGE_SIZE - off, c;
		struct page *pg = page_find(a, p >> PAGE_SHIFT);

		n = min(n, to->count);
		n = min_t(size_t, n, size - p);
		if (unlikely(!pg || !page_test(pg, PG_UPTODATE))) {
			if (pg)
				page_put(pg);
			err = read_slow(f, a, p >> PAGE_SHIFT, &pg);
			if (err)
				break;
			size = inode_size(a->host);
			if (p >= size) {	/* cut meanwhile */
				if (pg)
					page_put(pg);
				break;
			}
			n = min_t(size_t, n, size - p);
		}
		if (likely(pg)) {
			c = copy_page_to_iter(pg, off, n, to);
			if (!(pg->flags & BIT(PG_SWAPBACKED)))
				page_mark_accessed(pg);
			page_put(pg);
		} else {
			c = zero_to_iter(n, to);
		}
		p += c;
		if (unlikely(c < n)) {
			err = -EFAULT;
			break;
		}
		cond_resched();
	}
	file_update_atime(f);
	*pos = p;
	return p != start ? p - start : err;
}

/* a write by anybody but a privileged one takes set-id bits away */
static void
remove_privs(struct inode *i)
{
	mode_t kill = 0;

	if (i->mode & S_ISUID)
		kill |= S_ISUID;
	if (i->mode & S_ISGID &&
	    (i->mode & S_IXGRP || !cred_in_group(current_cred(), i->gid)))
		kill |= S_ISGID;
	if (kill && S_ISREG(i->mode) && !capable(CAP_FSETID)) {
		i->mode &= ~kill;
		inode_mark_dirty(i);
	}
}

void
file_write_begin_times(struct inode *i)
{
	struct timespec64 now = inode_now(i);

	if (unlikely(i->mode & (S_ISUID | S_ISGID)))
		remove_privs(i);
	if (timespec_cmp(&i->mtime, &now) || timespec_cmp(&i->ctime, &now)) {
		i->mtime = now;
		i->ctime = now;
		inode_mark_dirty(i);
	}
}

static ssize_t
write_pages(struct file *f, struct iov_iter *from, loff_t pos)
{
	struct aspace *a = f->mapping;
	const struct aspace_ops *ops = a->ops;
	loff_t start = pos;
	int err = 0;

	while (from->count) {
		size_t off = pos & (PAGE_SIZE - 1), c;
		size_t n = min(PAGE_SIZE - off, from->count);
		struct page *pg;

		err = ops->write_begin(a, pos, n, &pg);
		if (unlikely(err))
			break;
		c = copy_from_iter_nofault((u8 *)page_to_virt(pg) + off, n,
					   from);
		err = ops->write_end(a, pos, n, c, pg);
		if (unlikely(err < 0))
			break;
		if (unlikely((size_t)err < c))
			iter_revert(from, c - err);
		pos += err;
		if (unlikely((size_t)err < n)) {
			n = min(PAGE_SIZE - (pos & (PAGE_SIZE - 1)),
				from->count);
			if (iter_fault_in(from, n) == n) {
				err = -EFAULT;
				break;
			}
			if (fatal_signal_pending_current()) {
				err = -EINTR;
				break;
			}
		}
		err = 0;
		cond_resched();
	}
	return pos != start ? pos - start : err;
}

ssize_t
filemap_write_iter(struct file *f, struct iov_iter *from, loff_t *pos,
		   u32 flags)
{
	struct inode *i = f->inode;
	ssize_t n;

	rwsem_write_lock(&i->rwsem);
	n = write_checks(f, from, pos, flags);
	if (likely(n > 0)) {
		file_write_begin_times(i);
		if (unlikely(i->flags & S_FILECAPS_F))
			xattr_drop_caps(f->path.dentry);
		n = write_pages(f, from, *pos);
		if (n > 0)
			*pos += n;
	}
	rwsem_write_unlock(&i->rwsem);
	if (unlikely(flags & IO_DSYNC) && n > 0 && f->op->fsync) {
		int err = f->op->fsync(f, *pos - n, *pos - 1,
				       !(f->flags & O_SYNC_BIT));

		if (err)
			return err;
	}
	return n;
}

/* -- mmap ---------------------------------------------------------------- */

void
filemap_vm_open(struct vma *v)
{
	file_get(v->file);
}

void
filemap_vm_close(struct vma *v)
{
	file_put(v->file);
}

static int
filemap_fault(struct vm_fault *vf)
{
	struct file *f = vf->vma->file;
	struct aspace *a = f->mapping;
	u64 pages = DIV_ROUND_UP((u64)inode_size(a->host), PAGE_SIZE);
	struct page *p;

	if (vf->pgoff >= pages)
		return -EFAULT;
	p = page_find(a, vf->pgoff);
	if (p && page_test(p, PG_UPTODATE)) {
		vf->page = p;
		return 0;
	}
	if (p)
		page_put(p);
	else if (!(a->ops->flags & AS_NO_RECLAIM) &&
		 !(vf->vma->flags & VM_RAND_READ))
		readahead(f, a, vf->pgoff, inode_size(a->host));
	return page_read(a, vf->pgoff, &vf->page);
}

unsigned int
filemap_map_around(struct vma *v, u64 pgoff, unsigned int n,
		   struct page **pages)
{
	struct aspace *a = v->file->mapping;
	u64 end = DIV_ROUND_UP((u64)inode_size(a->host), PAGE_SIZE);

	if (pgoff >= end)
		return 0;
	n = min_t(u64, n, end - pgoff);
	return page_find_around(a, pgoff, n, pages);
}

int
filemap_page_mkwrite(struct vm_fault *vf)
{
	struct file *f = vf->vma->file;
	struct page *p = vf->page;

	file_write_begin_times(f->inode);
	if (!(f->mapping->ops->flags & AS_NO_RECLAIM)) {
		page_lock(p);
		if (p->mapping != f->mapping) {
			page_unlock(p);
			return -EFAULT;
		}
		page_set_dirty(p);
		page_unlock(p);
	}
	return 0;
}

int
filemap_vm_punch(struct vma *v, u64 off, u64 len)
{
	return vfs_fallocate(v->file, FALLOC_FL_PUNCH_HOLE |
			     FALLOC_FL_KEEP_SIZE, off, len);
}

const struct vm_ops filemap_vm_ops = {
	.open = filemap_vm_open,
	.close = filemap_vm_close,
	.fault = filemap_fault,
	.map_around = filemap_map_around,
	.page_mkwrite = filemap_page_mkwrite,
	.punch = filemap_vm_punch,
};

int
filemap_mmap(struct file *f, struct vma *v)
{
	if (!f->mapping->ops || !f->mapping->ops->readpage)
		return -ENOEXEC;
	v->file = f;
	v->mapping = f->mapping;
	v->ops = &filemap_vm_ops;
	file_get(f);
	file_update_atime(f);
	return 0;
}

bool
vfs_mmap_fits(const struct file *f, u64 off, size_t len)
{
	u64 max = f->inode->sb->maxbytes;

	return !S_ISREG(f->inode->mode) || (len <= max && off <= max - len);
}

int
vfs_mmap_backing(struct file *f, int prot, int flags, struct vm_backing *out)
{
	unsigned long may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

	if ((flags & MAP_TYPE) != MAP_PRIVATE) {
		if (prot & PROT_WRITE && !(f->mode & FMODE_WRITE))
			return -EACCES;
		if (f->inode->flags & S_APPEND_F && f->mode & FMODE_WRITE)
			return -EACCES;
		if (!(f->mode & FMODE_WRITE))
			may &= ~VM_MAYWRITE;
	}
	if (!(f->mode & FMODE_READ))
		return -EACCES;
	if (f->path.mnt->flags & MNT_NOEXEC ||
	    f->inode->sb->flags & SB_NOEXEC) {
		if (prot & PROT_EXEC)
			return -EPERM;
		may &= ~VM_MAYEXEC;
	}
	if (!f->op->mmap)
		return -ENODEV;
	out->file = f;
	out->mmap = f->op->mmap;
	out->may = may;
	return 0;
}
